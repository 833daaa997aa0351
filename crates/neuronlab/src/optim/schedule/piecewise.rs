//! Given factors of the learning rate from given epochs on, as a list for `LambdaLR`. So He, Zhang, Ren and Sun (2015)
//! trained a network of 110 layers: by a tenth to warm up, then 1, then a tenth again.

use super::{Curve, Per, at_least_zero};
use crate::error::{Error, Result};
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr = base · the factor of the last start that t, the epochs done, has reached; base before the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Piecewise {
    /// Epochs, in rising order.
    pub starts: Vec<u64>,
    /// A factor for each, at least 0.
    pub factors: Vec<f64>,
}

impl Curve for Piecewise {
    const MODULE: &'static str = "LambdaLR";
    const FORMULA: &'static str = "base * factors[last start <= t]";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        if self.starts.len() != self.factors.len() {
            let expected = format!("{}, one for each of the starts", self.starts.len());
            return Err(Error::field("schedule.factors", expected, self.factors.len()));
        }
        if let Some(i) = self.starts.windows(2).position(|pair| pair[0] >= pair[1]) {
            let got = format!("{} after {}", self.starts[i + 1], self.starts[i]);
            return Err(Error::field("schedule.starts", "epochs in rising order", got));
        }
        self.factors.iter().try_for_each(|&factor| at_least_zero("factors", factor))
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        let reached = self.starts.iter().rposition(|&start| start <= t);
        base.scaled(reached.map_or(1.0, |i| self.factors[i]))
    }
}
