//! Batch normalisation over the rows of a batch, `torch.nn.BatchNorm1d` (Ioffe and Szegedy 2015): forward and backward.
//!
//! Letters: B rows, O neurons; `z`, `x_hat`, `y` are `[B, O]`, row by row. A gradient bears a `d` in front.
//!
//! The mean over the batch is subtracted, so a bias in front of it has no effect: its gradient, the sum of dz over the rows,
//! is zero to rounding. It stays what it was; it does not become zero.

use crate::error::{Error, Result};
use crate::nn::numbers::{Numbers, spread};
use crate::scalar::{Aligned, Packet, PacketWork, Scalar, Work};
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
    pub x_hat: Aligned<S>,
    /// What the activation is given.
    pub y: Aligned<S>,
    /// ∂L/∂y
    pub dy: Aligned<S>,
    /// 1/√(var + eps) of each neuron.
    pub inv_std: Vec<S>,
}

impl<S> NormValues<S> {
    /// Before the first pass.
    pub(super) fn new() -> Self {
        Self { x_hat: Aligned::default(), y: Aligned::default(), dy: Aligned::default(), inv_std: vec![] }
    }
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

    /// Sizes of the terms of ∂y/∂z = scale·((own row) − (1 + x̂·x̂′)/n) together, between two of n rows. Where they cancel,
    /// they are what is rounded.
    pub(crate) fn terms(scale: f64, x_hat: (f64, f64), n: usize, own: bool) -> f64 {
        scale.abs() * (f64::from(own) + (1.0 + (x_hat.0 * x_hat.1).abs()) / n as f64)
    }
}

/// y from z.
pub struct NormForward<'a, S> {
    pub(super) numbers: &'a Numbers<S>,
    pub(super) z: &'a [S],
    /// Weight and bias, if they are learned.
    pub(super) affine: Option<(&'a [S], &'a [S])>,
    /// By the batch, whose statistics go into the running ones; else by the running ones.
    pub(super) training: bool,
    pub(super) running: &'a mut Running<S>,
    pub(super) values: &'a mut NormValues<S>,
}

impl<S: Scalar> Work for NormForward<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        PacketWork::run::<S>(self);
    }
}

impl<S: Scalar> PacketWork<S> for NormForward<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        let Self { numbers, z, affine, training, running, values } = self;
        let (outputs, [eps, take, keep]) = (running.mean.len(), spread::<S, V>(numbers));
        let rows = z.len() / outputs;
        let (zero, n, less) = (V::constant(0.0), V::constant(rows as f64), V::constant(rows as f64 - 1.0));
        let mut o = 0;
        while o < outputs {
            let (mut mean, mut var) = (V::take(&running.mean, o), V::take(&running.var, o));
            if training {
                let (mut sum, mut squares) = (zero, zero);
                for b in 0..rows {
                    sum = sum + V::take(&z[b * outputs..][..outputs], o);
                }
                let of_batch = sum / n;
                for b in 0..rows {
                    let apart = V::take(&z[b * outputs..][..outputs], o) - of_batch;
                    squares = apart.mul_add(apart, squares);
                }
                (keep * mean + take * of_batch).put(&mut running.mean, o);
                (keep * var + take * (squares / less)).put(&mut running.var, o);
                (mean, var) = (of_batch, squares / n);
            }
            let inv_std = V::constant(1.0) / (var + eps).sqrt();
            inv_std.put(&mut values.inv_std, o);
            for b in 0..rows {
                let row = b * outputs..(b + 1) * outputs;
                let x_hat = (V::take(&z[row.clone()], o) - mean) * inv_std;
                x_hat.put(&mut values.x_hat[row.clone()], o);
                let y = match affine {
                    Some((weight, bias)) => x_hat.mul_add(V::take(weight, o), V::take(bias, o)),
                    None => x_hat,
                };
                y.put(&mut values.y[row], o);
            }
            o += V::WIDTH;
        }
    }
}

/// dz, and the gradients of weight and bias, from dy: in training the batch's own mean and variance depend on z.
pub struct NormBack<'a, S> {
    pub(crate) weight: Option<&'a [S]>,
    pub(crate) training: bool,
    pub(crate) values: &'a NormValues<S>,
    pub(crate) dz: &'a mut [S],
    /// Of weight and bias.
    pub(crate) gradients: Option<(&'a mut [S], &'a mut [S])>,
}

impl<S: Scalar> Work for NormBack<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        PacketWork::run::<S>(self);
    }
}

impl<S: Scalar> PacketWork<S> for NormBack<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        let Self { weight, training, values, dz, mut gradients } = self;
        let outputs = values.inv_std.len();
        let rows = dz.len() / outputs;
        let (zero, n) = (V::constant(0.0), V::constant(rows as f64));
        let mut o = 0;
        while o < outputs {
            let (mut dbias, mut dweight) = (zero, zero);
            for b in 0..rows {
                let row = b * outputs..(b + 1) * outputs;
                let dy = V::take(&values.dy[row.clone()], o);
                dbias = dbias + dy;
                dweight = dy.mul_add(V::take(&values.x_hat[row], o), dweight);
            }
            let inv_std = V::take(&values.inv_std, o);
            let scale = if let Some(weight) = weight { V::take(weight, o) * inv_std } else { inv_std };
            for b in 0..rows {
                let row = b * outputs..(b + 1) * outputs;
                let dy = V::take(&values.dy[row.clone()], o);
                let through_batch = (dbias + V::take(&values.x_hat[row.clone()], o) * dweight) / n;
                (scale * if training { dy - through_batch } else { dy }).put(&mut dz[row], o);
            }
            if let Some((weights, biases)) = &mut gradients {
                dweight.put(weights, o);
                dbias.put(biases, o);
            }
            o += V::WIDTH;
        }
    }
}
