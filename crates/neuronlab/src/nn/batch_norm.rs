//! Batch normalisation over the rows of a batch, `torch.nn.BatchNorm1d` (Ioffe and Szegedy 2015): forward and backward.
//!
//! Letters: B rows, O neurons; `z`, `x_hat`, `y` are `[B, O]`, row by row. A gradient bears a `d` in front.
//!
//! The mean over the batch is subtracted, so a bias in front of it has no effect: its gradient, the sum of dz over the rows,
//! is zero to rounding. It stays what it was; it does not become zero.

use crate::error::{Error, Result};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// y = x̂·weight + bias with x̂ = (z − mean) / √(var + eps), neuron by neuron.
///
/// In training, mean and variance (over n) are those of the batch, and running ones follow them; afterwards the running ones
/// are used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BatchNorm {
    /// Added to the variance, against division by zero; more than 0.
    pub eps: f64,
    /// Share of the batch in the running mean and variance, 0 to 1.
    pub momentum: f64,
    /// Whether weight (from 1) and bias (from 0) are learned; else they stay.
    pub affine: bool,
}

impl Default for BatchNorm {
    fn default() -> Self {
        Self { eps: 1e-5, momentum: 0.1, affine: true }
    }
}

/// What a normalised layer remembers between batches.
#[derive(Debug, Clone, PartialEq)]
pub struct Running<S> {
    /// Running mean of each neuron, from 0.
    pub mean: Vec<S>,
    /// Running variance (over n − 1) of each neuron, from 1.
    pub var: Vec<S>,
}

impl<S: Scalar> Running<S> {
    pub(super) fn new(outputs: usize) -> Self {
        Self { mean: vec![S::constant(0.0); outputs], var: vec![S::constant(1.0); outputs] }
    }
}

/// What one pass leaves; empty where there is no normalisation.
#[derive(Debug, Clone, PartialEq)]
pub struct NormValues<S> {
    /// Normalised sums.
    pub x_hat: Vec<S>,
    /// What the activation is given.
    pub y: Vec<S>,
    /// ∂L/∂y
    pub dy: Vec<S>,
    /// 1/√(var + eps) of each neuron.
    pub inv_std: Vec<S>,
}

impl BatchNorm {
    pub(crate) fn validate(&self, field: &str) -> Result<()> {
        if self.eps <= 0.0 {
            return Err(Error::field(format!("{field}.eps"), "more than 0", self.eps));
        }
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(Error::field(format!("{field}.momentum"), "0 to 1", self.momentum));
        }
        Ok(())
    }

    /// eps, momentum, and what the momentum leaves.
    pub(crate) fn numbers(&self) -> Numbers<f64> {
        [self.eps, self.momentum, 1.0 - self.momentum]
    }

    /// The same with its numeric settings at their defaults.
    pub(crate) fn structure(&self) -> Self {
        Self { affine: self.affine, ..Self::default() }
    }

    /// y from z. `training`: by the batch, whose statistics go into the running ones; else by the running ones.
    #[inline(always)]
    pub(super) fn forward<S: Scalar>(
        numbers: &Numbers<S>,
        z: &[S],
        affine: Option<(&[S], &[S])>,
        training: bool,
        running: &mut Running<S>,
        values: &mut NormValues<S>,
    ) {
        let outputs = running.mean.len();
        let rows = z.len() / outputs;
        let (zero, n, [eps, take, keep]) = (S::constant(0.0), S::constant(rows as f64), *numbers);
        for o in 0..outputs {
            let (mean, var) = if training {
                let (mut sum, mut squares) = (zero, zero);
                for &z in z[o..].iter().step_by(outputs) {
                    sum = sum + z;
                }
                let mean = sum / n;
                for &z in z[o..].iter().step_by(outputs) {
                    squares = (z - mean).mul_add(z - mean, squares);
                }
                running.mean[o] = keep * running.mean[o] + take * mean;
                running.var[o] = keep * running.var[o] + take * (squares / S::constant(rows as f64 - 1.0));
                (mean, squares / n)
            } else {
                (running.mean[o], running.var[o])
            };
            let inv_std = S::constant(1.0) / (var + eps).sqrt();
            values.inv_std[o] = inv_std;
            for at in (o..z.len()).step_by(outputs) {
                let x_hat = (z[at] - mean) * inv_std;
                values.x_hat[at] = x_hat;
                values.y[at] =
                    if let Some((weight, bias)) = affine { x_hat.mul_add(weight[o], bias[o]) } else { x_hat };
            }
        }
    }

    /// dz, and the gradients of weight and bias, from dy: in training the batch's own mean and variance depend on z.
    #[inline(always)]
    pub(crate) fn backward<S: Scalar>(
        weight: Option<&[S]>,
        training: bool,
        values: &NormValues<S>,
        dz: &mut [S],
        mut gradients: Option<(&mut [S], &mut [S])>,
    ) {
        let outputs = values.inv_std.len();
        let (zero, n) = (S::constant(0.0), S::constant((dz.len() / outputs) as f64));
        for o in 0..outputs {
            let column = (o..values.dy.len()).step_by(outputs);
            let (mut dbias, mut dweight) = (zero, zero);
            for at in column.clone() {
                dbias = dbias + values.dy[at];
                dweight = values.dy[at].mul_add(values.x_hat[at], dweight);
            }
            let scale = if let Some(weight) = weight { weight[o] * values.inv_std[o] } else { values.inv_std[o] };
            for at in column {
                let through_batch = (dbias + values.x_hat[at] * dweight) / n;
                dz[at] = scale * if training { values.dy[at] - through_batch } else { values.dy[at] };
            }
            if let Some((weights, biases)) = &mut gradients {
                (weights[o], biases[o]) = (dweight, dbias);
            }
        }
    }

    /// Sizes of the terms of ∂y/∂z = scale·((own row) − (1 + x̂·x̂′)/n) together, between two of n rows. Where they cancel,
    /// they are what is rounded.
    pub(crate) fn terms(scale: f64, x_hat: (f64, f64), n: usize, own: bool) -> f64 {
        scale.abs() * (f64::from(own) + (1.0 + (x_hat.0 * x_hat.1).abs()) / n as f64)
    }
}
