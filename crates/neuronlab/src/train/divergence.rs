//! The moment at which a run left the finite numbers.

use std::fmt;

/// Where and how training left the finite numbers. The parameters of the run are those before this step.
#[derive(Debug, Clone, PartialEq)]
pub struct Divergence {
    /// Epoch, from 0.
    pub epoch: u64,
    /// Step over the whole run, from 0.
    pub step: u64,
    /// The samples of the step, from 0.
    pub samples: Vec<u32>,
    /// The loss of the step.
    pub loss: f64,
    /// What left first: the loss, or a parameter on its update.
    pub cause: Cause,
    /// The parameter's name: the one that left, or the largest where the loss left.
    pub parameter: String,
    /// Its last finite value.
    pub value: f64,
    /// Its gradient: of this step if it left itself, else of the step before.
    pub gradient: f64,
}

/// What left the finite numbers first.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Cause {
    /// The loss.
    Loss,
    /// A parameter, which became this.
    Parameter(f64),
}

impl std::error::Error for Divergence {}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, step, samples, loss, parameter, value, gradient, .. } = self;
        write!(f, "training diverged in step {step} (epoch {epoch}, ")?;
        match samples[..] {
            [one] => write!(f, "sample {one}): ")?,
            _ => write!(f, "{} samples): ", samples.len())?,
        }
        match self.cause {
            Cause::Loss => write!(
                f,
                "the loss became {loss}. The largest parameter was {parameter} = {value:e}, its gradient in the step before {gradient:e}"
            ),
            Cause::Parameter(new) => write!(
                f,
                "{parameter} became {new}. Its last finite value was {value:e}, its gradient {gradient:e}, the loss {loss:e}"
            ),
        }
    }
}
