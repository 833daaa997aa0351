//! The Gaussian error linear unit, `torch.nn.GELU` (Hendrycks and Gimpel 2016).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, SQRT_2};

/// `f(z) = z·Φ(z)` with Φ the distribution of the normal, `f′(z) = Φ(z) + z·φ(z)` with φ its density.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Gelu {
    /// How Φ is computed.
    pub approximate: Approximate,
}

/// How GELU computes the distribution of the normal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Approximate {
    /// `Φ(z) = (1 + erf(z/√2)) / 2`
    None,
    /// `Φ(z) ≈ (1 + tanh(√(2/π)·(z + 0.044715·z³))) / 2`
    Tanh,
}

impl Default for Gelu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// √(2/π)
const SLOPE: f64 = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const CUBIC: f64 = 0.044_715;

/// tanh(√(2/π)·(z + 0.044715·z³))
#[inline(always)]
fn approximate_erf<S: Scalar>(z: S) -> S {
    (S::constant(SLOPE) * (z + S::constant(CUBIC) * z * z * z)).tanh()
}

impl Elementwise for Gelu {
    const DEFAULT: Self = Self { approximate: Approximate::None };
    const MODULE: &'static str = "GELU";
    const FORMULA: &'static str = "z * (1 + erf(z / sqrt(2))) / 2";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        let erf = match self.approximate {
            Approximate::None => (z * S::constant(FRAC_1_SQRT_2)).erf(),
            Approximate::Tanh => approximate_erf(z),
        };
        S::constant(0.5) * z * (S::constant(1.0) + erf)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let (half, one) = (S::constant(0.5), S::constant(1.0));
        match self.approximate {
            Approximate::None => {
                let density = S::constant(FRAC_2_SQRT_PI / (2.0 * SQRT_2)) * (-(z * z * half)).exp();
                half * (one + (z * S::constant(FRAC_1_SQRT_2)).erf()) + z * density
            }
            Approximate::Tanh => {
                let t = approximate_erf(z);
                let inner = S::constant(SLOPE) * (one + S::constant(3.0 * CUBIC) * z * z);
                half * (one + t) + half * z * (one - t * t) * inner
            }
        }
    }
}
