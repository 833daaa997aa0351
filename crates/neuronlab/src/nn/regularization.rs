//! Penalties on large weights: L2, also known as ridge (Hoerl and Kennard 1970), and L1, the lasso (Tibshirani 1996).

use super::Layer;
use super::numbers::Numbers;
use crate::error::{Error, Result};
use crate::scalar::{Scalar, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A penalty on the weights w of all linear layers, l1·Σ|w| + l2·Σw², which is added to the loss of every step.
///
/// Biases, and what batch normalisation and PReLU learn, are left out. The gradient of a weight gets l1·sign(w) + 2·l2·w; at w = 0 the
/// slope of |w| is taken as 0, as PyTorch takes it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Regularization {
    /// Factor of Σ|w|, at least 0. It makes weights exactly 0, or nearly so.
    pub l1: f64,
    /// Factor of Σw², at least 0. It makes large weights smaller.
    pub l2: f64,
}

impl Regularization {
    pub(crate) fn validate(&self) -> Result<()> {
        for (field, value) in [("l1", self.l1), ("l2", self.l2)] {
            if value < 0.0 {
                return Err(Error::field(format!("regularization.{field}"), "at least 0", value));
            }
        }
        Ok(())
    }

    /// l1, l2, 2·l2.
    pub(crate) fn numbers(&self) -> Numbers<f64> {
        [self.l1, self.l2, 2.0 * self.l2]
    }
}

/// The penalty of parameters; with `gradients`, what it adds to them is added.
pub struct Penalise<'a, S> {
    pub(super) numbers: &'a Numbers<S>,
    pub(super) layers: &'a [Layer],
    pub(super) parameters: &'a [S],
    pub(super) gradients: Option<&'a mut [S]>,
}

impl<S: Scalar> Work for Penalise<'_, S> {
    type Output = S;

    #[inline(always)]
    fn run(self) -> S {
        let (zero, [l1, l2, _]) = (S::constant(0.0), *self.numbers);
        let (mut sizes, mut squares) = (zero, zero);
        for layer in self.layers {
            for &w in &self.parameters[layer.weight.clone()] {
                sizes = sizes + w.abs();
                squares = w.mul_add(w, squares);
            }
        }
        if let Some(gradients) = self.gradients {
            for layer in self.layers {
                let (w, g) = (&self.parameters[layer.weight.clone()], &mut gradients[layer.weight.clone()]);
                add_slopes(self.numbers, w, g);
            }
        }
        // 0 · ∞ would be NaN: of a factor of 0 no square is too large.
        S::select(zero.lt(l1), l1 * sizes, zero) + S::select(zero.lt(l2), l2 * squares, zero)
    }
}

/// g + l1·sign(w) + 2·l2·w
#[inline(always)]
fn add_slopes<S: Scalar>(numbers: &Numbers<S>, w: &[S], g: &mut [S]) {
    let (zero, [l1, _, twice_l2], g) = (S::constant(0.0), *numbers, &mut g[..w.len()]);
    for i in 0..w.len() {
        let below = S::select(w[i].lt(zero), -l1, zero);
        g[i] = twice_l2.mul_add(w[i], g[i] + S::select(zero.lt(w[i]), l1, below));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{Activation, BatchNorm, Model, Network};

    #[test]
    fn weights_of_linear_layers_alone_are_penalised() {
        let network = Network::new(2).linear(1, true, Activation::TANH).batch_norm(BatchNorm::default());
        // Two weights, a bias, and weight and bias of the normalisation.
        let mut model = Model::new(network, vec![-2.0, 0.0, 5.0, 1.0, 7.0]).unwrap();
        let penalty = Regularization { l1: 0.5, l2: 0.25 };
        assert_eq!(model.penalise(&penalty), 0.5 * 2.0 + 0.25 * 4.0);
        assert_eq!(model.gradients(), [-0.5 - 2.0 * 0.25 * 2.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn what_is_not_penalised_may_be_large() {
        let mut model = Model::new(Network::new(1).linear(1, false, Activation::TANH), vec![1e30f32]).unwrap();
        assert_eq!(model.penalise(&Regularization { l1: 1e-30, l2: 0.0 }), 1.0);
    }
}
