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
                "the loss became {loss}. The largest parameter was {parameter} = {}, its gradient in the step before {}",
                short(*value),
                short(*gradient)
            ),
            Cause::Parameter(new) => write!(
                f,
                "{parameter} became {new}. Its last finite value was {}, its gradient {}, the loss {}",
                short(*value),
                short(*gradient),
                short(*loss)
            ),
        }
    }
}

/// Six digits, with a power of ten where zeros would have to be counted: float32 has no more than eight that say something.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    let plain = rounded == 0.0 || !rounded.is_finite() || (1e-4..1e6).contains(&rounded.abs());
    if plain { rounded.to_string() } else { format!("{rounded:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_they_have() {
        let value = f64::from(5.187_332e19_f32);
        assert_eq!([value, -0.25, 0.0, 1e-7, f64::NAN].map(short), ["5.18733e19", "-0.25", "0", "1e-7", "NaN"]);
    }
}
