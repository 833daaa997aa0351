//! Slips that are a factor on every gradient.

use super::moment::Moment;
use crate::nn::Model;
use serde::Serialize;

/// A factor on everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The sign is wrong.
    Sign,
    /// A factor 2 is missing, such as that of a square.
    Half,
    /// The sum over all rows and outputs, where the loss is a mean.
    NotDivided,
    /// The sum over the rows, where the loss is a mean.
    NotDividedByRows,
    /// The sum over the outputs, where the loss is a mean.
    NotDividedByOutputs,
    /// The gradient is multiplied with the learning rate already.
    LearningRate,
    /// It is the step, −lr·gradient.
    Step,
    /// There is a factor 2 too many.
    Double,
    /// Divided by the number of rows once more.
    DividedByRows,
    /// Divided by the number of outputs once more.
    DividedByOutputs,
    /// Divided by both once more.
    DividedByAll,
    /// The learning rate is applied twice.
    LearningRateTwice,
}

impl Scale {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Sign => "the sign is wrong",
            Self::Half => {
                "it is half of the gradient: a factor 2 is missing, such as that of the derivative of a square"
            }
            Self::NotDivided => {
                "the sum over rows and outputs stands for the mean: it is not divided by the number of terms"
            }
            Self::NotDividedByRows => {
                "the sum over the rows stands for the mean: it is not divided by the number of rows"
            }
            Self::NotDividedByOutputs => {
                "the sum over the outputs stands for the mean: it is not divided by the number of outputs"
            }
            Self::LearningRate => "it is multiplied with the learning rate, which comes in only with the update",
            Self::Step => "it is the step −lr·gradient rather than the gradient",
            Self::Double => "it is twice the gradient: there is a factor 2 too many",
            Self::DividedByRows => "it is divided by the number of rows once too often",
            Self::DividedByOutputs => "it is divided by the number of outputs once too often",
            Self::DividedByAll => "it is divided by the number of rows and by that of outputs once too often",
            Self::LearningRateTwice => "the learning rate is in it twice",
        }
    }

    /// Those that are possible, with their factors; the most common first.
    pub(super) fn all(moment: &Moment, model: &Model<f64>) -> Vec<(Self, f64)> {
        let (rows, outputs) = (moment.samples.len() as f64, moment.network().out_features() as f64);
        let square = moment.loss_function.key() == "mse";
        let mut all = vec![(Self::Sign, -1.0)];
        all.extend(square.then_some((Self::Half, 0.5)));
        all.extend(sums(rows, outputs, divisor(moment, model)));
        let lr = moment.origin.as_ref().map(|origin| origin.update.lr);
        all.extend(lr.map(|lr| (Self::LearningRate, lr)));
        all.extend(lr.map(|lr| (Self::Step, -lr)));
        all.push((Self::Double, 2.0));
        all.extend((rows > 1.0).then_some((Self::DividedByRows, 1.0 / rows)));
        all.extend((outputs > 1.0).then_some((Self::DividedByOutputs, 1.0 / outputs)));
        all.extend((rows > 1.0 && outputs > 1.0).then_some((Self::DividedByAll, 1.0 / (rows * outputs))));
        all.extend((!square).then_some((Self::Half, 0.5)));
        all.extend(lr.map(|lr| (Self::LearningRateTwice, lr * lr)));
        all
    }
}

/// Sums in place of the mean of a loss that divides by `divisor`.
fn sums(rows: f64, outputs: f64, divisor: f64) -> Vec<(Scale, f64)> {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * b;
    match (rows > 1.0, outputs > 1.0) {
        _ if near(divisor, 1.0) => vec![],
        (true, true) if near(divisor, rows * outputs) => {
            vec![(Scale::NotDivided, divisor), (Scale::NotDividedByRows, rows), (Scale::NotDividedByOutputs, outputs)]
        }
        (false, true) if near(divisor, outputs) => vec![(Scale::NotDividedByOutputs, divisor)],
        // Of a cross entropy only the rows are divided by, or the weights of their classes together.
        _ => vec![(Scale::NotDividedByRows, divisor)],
    }
}

/// What the loss divides the sum of its terms by.
fn divisor(moment: &Moment, model: &Model<f64>) -> f64 {
    let last = model.layer(model.network().layers().len() - 1);
    let mut summed = vec![0.0; last.da.len()];
    moment.loss_function.summed().gradient(&last.a, &moment.target, moment.network().out_features(), &mut summed);
    let at = (0..summed.len()).fold(0, |best, at| if last.da[at].abs() > last.da[best].abs() { at } else { best });
    if last.da[at] == 0.0 { 1.0 } else { summed[at] / last.da[at] }
}
