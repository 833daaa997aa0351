//! Logarithms of the probabilities of classes, `torch.nn.LogSoftmax` over the neurons of a layer: those of softmax (Bridle
//! 1990).
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::Rowwise;
use crate::nn::loss::sum_of_exponentials;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `aᵢ = zᵢ − ln Σⱼ e^(zⱼ)` over the neurons of the layer; `∂L/∂zᵢ = ∂L/∂aᵢ − e^(aᵢ)·Σⱼ ∂L/∂aⱼ`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogSoftmax {}

impl Rowwise for LogSoftmax {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "LogSoftmax";
    const FORMULA: &'static str = "ln softmax(z)_i";

    #[inline(always)]
    fn row<S: Scalar>(&self, z: &[S], a: &mut [S]) {
        let (m, sum) = sum_of_exponentials(z);
        let ln_sum = sum.ln();
        for i in 0..z.len() {
            a[i] = (z[i] - m) - ln_sum;
        }
    }

    #[inline(always)]
    fn row_backward<S: Scalar>(&self, a: &[S], da: &[S], dz: &mut [S]) {
        let mut sum = S::constant(0.0);
        for i in 0..da.len() {
            sum = sum + da[i];
        }
        for i in 0..a.len() {
            dz[i] = da[i] - a[i].exp() * sum;
        }
    }

    /// ∂aⱼ/∂zᵢ = (i is j) − e^(aᵢ)
    fn terms(&self, a_i: f64, _: f64, own: bool) -> f64 {
        f64::from(own) + a_i.exp()
    }
}
