//! What a penalty of the weights adds to a step: to its loss, and to each gradient.

use super::document::Block;
use super::number::{exact, nine};
use crate::nn::{Model, Regularization};
use crate::scalar::{Dtype, Real};
use serde::Serialize;

/// The penalty of one step, which is no part of what the paths from a weight to the loss add up to.
#[derive(Debug, Clone)]
pub struct Penalty {
    /// Its factors.
    pub regularization: Regularization,
    /// The penalty of all weights.
    pub value: f64,
    /// The loss of the step with it: what the run records.
    pub loss: f64,
    /// What it adds to each gradient, in the order of the parameters.
    pub parts: Vec<f64>,
    /// The gradients with it.
    pub gradients: Vec<f64>,
}

/// What a penalty adds to the gradient of one parameter.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PenaltyPart {
    /// Factor of Σ|w|.
    pub l1: f64,
    /// Factor of Σw².
    pub l2: f64,
    /// The penalty of all weights.
    pub penalty: f64,
    /// The loss of the step with it: what the run records.
    pub loss: f64,
    /// What it adds to this gradient: l1·sign(w) + 2·l2·w of a weight, 0 of any other parameter.
    pub part: f64,
    /// The gradient with it.
    pub gradient: f64,
}

impl Penalty {
    /// Adds it to the gradients of a model's last backward pass, whose loss was `loss`.
    pub(super) fn of<T: Real>(regularization: Regularization, model: &mut Model<T>, loss: f64) -> Self {
        let wide = |values: &[T]| values.iter().map(|v| v.to_f64()).collect::<Vec<f64>>();
        let mut alone = model.clone();
        alone.gradients_mut().fill(T::default());
        alone.penalise(&regularization);
        let value = model.penalise(&regularization);
        Self {
            regularization,
            value: value.to_f64(),
            loss: (T::constant(loss) + value).to_f64(),
            parts: wide(alone.gradients()),
            gradients: wide(model.gradients()),
        }
    }

    pub(super) fn part(&self, place: usize) -> PenaltyPart {
        let Regularization { l1, l2 } = self.regularization;
        let (part, gradient) = (self.parts[place], self.gradients[place]);
        PenaltyPart { l1, l2, penalty: self.value, loss: self.loss, part, gradient }
    }
}

impl PenaltyPart {
    /// Below the loss of the batch.
    pub(super) fn of_loss(&self, dtype: Dtype) -> Block {
        let Self { l1, l2, penalty, loss, .. } = *self;
        Block::Words(format!(
            "The weights of the linear layers add a penalty, l1·Σ|w| + l2·Σw² with l1 = {l1} and l2 = {l2}: {}. The run records the two together: {}.",
            exact(penalty, dtype),
            exact(loss, dtype)
        ))
    }

    /// Below the gradient of the loss.
    pub(super) fn of_gradient(&self, dtype: Dtype) -> Block {
        let Self { part, gradient, .. } = *self;
        let (part, gradient) = (nine(part), exact(gradient, dtype));
        Block::Words(format!(
            "All of this is the gradient of the loss without the penalty. That adds l1·sign(w) + 2·l2·w = {part} (0 if this is no weight of a linear layer), so the step is made with {gradient}."
        ))
    }
}
