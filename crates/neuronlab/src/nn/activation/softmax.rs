//! Probabilities of classes, `torch.nn.Softmax` over the neurons of a layer (Bridle 1990).
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::Rowwise;
use crate::nn::loss::sum_of_exponentials;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `aᵢ = e^(zᵢ) / Σⱼ e^(zⱼ)` over the neurons of the layer; `∂L/∂zᵢ = aᵢ·(∂L/∂aᵢ − Σⱼ ∂L/∂aⱼ·aⱼ)`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Softmax {}

impl Rowwise for Softmax {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Softmax";
    const FORMULA: &'static str = "exp(z_i) / sum_j exp(z_j)";

    #[inline(always)]
    fn row<S: Scalar>(&self, z: &[S], a: &mut [S]) {
        let (m, sum) = sum_of_exponentials(z);
        for i in 0..z.len() {
            a[i] = (z[i] - m).exp() / sum;
        }
    }

    #[inline(always)]
    fn row_backward<S: Scalar>(&self, a: &[S], da: &[S], dz: &mut [S]) {
        let mut sum = S::constant(0.0);
        for i in 0..a.len() {
            sum = a[i].mul_add(da[i], sum);
        }
        for i in 0..a.len() {
            dz[i] = a[i] * (da[i] - sum);
        }
    }

    /// ∂aⱼ/∂zᵢ = aᵢ·((i is j) − aⱼ)
    fn terms(&self, a_i: f64, a_j: f64, own: bool) -> f64 {
        a_i * (f64::from(own) + a_j)
    }
}
