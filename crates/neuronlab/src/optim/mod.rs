//! Optimizers: from gradients to new parameters.

mod sgd;

pub use sgd::Sgd;

use crate::error::{Error, Result};
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rule by which parameters follow their gradients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Optimizer {
    /// Stochastic gradient descent, `torch.optim.SGD`.
    Sgd(Sgd),
}

impl Optimizer {
    /// The class in `torch.optim` with its settings, such as `SGD(lr=0.02, momentum=0.9)`.
    pub fn describe(&self) -> String {
        match self {
            Self::Sgd(sgd) => format!("SGD(lr={}, momentum={})", sgd.lr, sgd.momentum),
        }
    }

    /// Refuses settings that mean nothing.
    pub(crate) fn validate(&self) -> Result<()> {
        match self {
            Self::Sgd(sgd) => sgd.validate(),
        }
    }

    /// Numbers that it remembers for each parameter.
    pub(crate) fn buffers(&self) -> usize {
        match self {
            Self::Sgd(_) => Sgd::STATE.len(),
        }
    }

    /// What the optimizer remembers between steps, at the start: one number a parameter for each name.
    pub fn state<S: Scalar>(&self, parameters: usize) -> OptimizerState<S> {
        let names = match self {
            Self::Sgd(_) => Sgd::STATE,
        };
        OptimizerState { buffers: names.iter().map(|name| (*name, vec![S::constant(0.0); parameters])).collect() }
    }

    /// One update of all parameters.
    #[inline(always)]
    pub fn step<S: Scalar>(&self, parameters: &mut [S], gradients: &[S], state: &mut OptimizerState<S>) {
        match self {
            Self::Sgd(sgd) => sgd.step(parameters, gradients, &mut state.buffers[0].1),
        }
    }
}

/// What an optimizer remembers between steps.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerState<S> {
    /// PyTorch's name of each buffer, and its numbers in the order of the parameters.
    pub buffers: Vec<(&'static str, Vec<S>)>,
}

/// Refuses a number below 0.
fn at_least_zero(field: &str, value: f64) -> Result<()> {
    if value < 0.0 { Err(Error::field(field, "at least 0", value)) } else { Ok(()) }
}
