//! Gradient clipping: against single steps that are far too long.

use crate::error::{Error, Result};
use crate::scalar::{Scalar, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is done to gradients before the update.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Clip {
    /// Each element is put back to −max … max, `torch.nn.utils.clip_grad_value_`.
    Value {
        /// The largest size, more than 0.
        max: f64,
    },
    /// All gradients are scaled by max / (norm + 10⁻⁶) if their norm is larger, `torch.nn.utils.clip_grad_norm_`.
    Norm {
        /// The largest norm (root of the sum of squares over all parameters), more than 0.
        max: f64,
    },
}

impl Clip {
    pub(crate) fn validate(&self) -> Result<()> {
        if self.max() > 0.0 { Ok(()) } else { Err(Error::field("clip.max", "more than 0", self.max())) }
    }

    /// The largest size, or the largest norm.
    pub fn max(&self) -> f64 {
        let (Self::Value { max } | Self::Norm { max }) = *self;
        max
    }

    /// Clips gradients in place.
    #[inline(always)]
    pub fn apply<S: Scalar>(&self, gradients: &mut [S]) {
        self.apply_with(S::constant(self.max()), gradients);
    }

    /// The same with a largest size or norm of its own for each lane.
    #[inline(always)]
    pub(crate) fn apply_with<S: Scalar>(&self, max: S, gradients: &mut [S]) {
        S::clip(Clipping(self, max, gradients));
    }

    #[inline(always)]
    fn clip<S: Scalar>(&self, max: S, gradients: &mut [S]) {
        match *self {
            Self::Value { .. } => {
                for g in gradients {
                    *g = g.max(-max).min(max);
                }
            }
            Self::Norm { .. } => {
                let mut squares = S::constant(0.0);
                for &g in &*gradients {
                    squares = g.mul_add(g, squares);
                }
                let factor = (max / (squares.sqrt() + S::constant(1e-6))).min(S::constant(1.0));
                for g in gradients {
                    *g = *g * factor;
                }
            }
        }
    }

    /// What decides which operations it consists of.
    pub(crate) fn structure(&self) -> Self {
        match self {
            Self::Value { .. } => Self::Value { max: 1.0 },
            Self::Norm { .. } => Self::Norm { max: 1.0 },
        }
    }
}

/// [`Clip::apply`] as a piece of work.
pub struct Clipping<'a, S>(&'a Clip, S, &'a mut [S]);

impl<S: Scalar> Work for Clipping<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.0.clip(self.1, self.2);
    }
}
