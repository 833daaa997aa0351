//! Resilient backpropagation, `torch.optim.Rprop`.

use super::{Clock, Factors, Hyper, Rule, at_least_zero};
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// w ← w − d·sign(g). Each weight has its own step size d: it grows by the factor η⁺ while the gradient keeps its sign, and
/// shrinks by η⁻ where the sign changes; then there is no step, and the next gradient counts as a new beginning. The first d
/// is lr; later steps do not use the learning rate, so that a schedule changes nothing after the first. (Riedmiller and Braun
/// 1993; without going back, after Igel and Hüsken 2000.) It is made for whole batches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rprop {
    /// The first step size, at least 0.
    pub lr: f64,
    /// η⁻ between 0 and 1, and η⁺ above 1.
    pub etas: [f64; 2],
    /// The smallest and the largest step size.
    pub step_sizes: [f64; 2],
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for Rprop {
    fn default() -> Self {
        Self { lr: 1e-2, etas: [0.5, 1.2], step_sizes: [1e-6, 50.0], maximize: false }
    }
}

impl Rule<2> for Rprop {
    const MODULE: &'static str = "Rprop";
    const FORMULA: &'static str = "d *= etas[1] or etas[0], as g keeps or changes its sign;  w -= d sign(g)";
    const STATE: &'static [&'static str] = &["prev", "step_size"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: None }
    }

    fn settings(&self) -> String {
        let ([shrink, grow], [least, most]) = (self.etas, self.step_sizes);
        format!("etas=({shrink}, {grow}), step_sizes=({least}, {most})")
    }

    fn validate(&self) -> Result<()> {
        let ([shrink, grow], [least, most]) = (self.etas, self.step_sizes);
        if !(0.0 < shrink && shrink < 1.0) {
            return Err(Error::field("optimizer.etas.0", "more than 0 and less than 1", shrink));
        }
        if grow <= 1.0 {
            return Err(Error::field("optimizer.etas.1", "more than 1", grow));
        }
        at_least_zero("step_sizes.0", least)?;
        if most < least {
            let expected = format!("at least {least}, the smallest step size");
            return Err(Error::field("optimizer.step_sizes.1", expected, most));
        }
        Ok(())
    }

    fn structure(&self) -> Self {
        Self::default()
    }

    /// η⁻, η⁺, the smallest and the largest step size, the first one, and 1 in the first step.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let ([shrink, grow], [least, most]) = (self.etas, self.step_sizes);
        let first = f64::from(u8::from(clock.step == 1));
        [shrink, grow, least, most, hyper.lr, first, 0.0, 0.0]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [before, size]: [S; 2]) -> (S, [S; 2]) {
        let [shrink, grow, least, most, lr, first, ..] = *factors;
        let (zero, one) = (S::constant(0.0), S::constant(1.0));
        let size = S::select(zero.lt(first), lr, size);
        // As in PyTorch the product decides, so that one too small for the number type counts as 0.
        let agreement = g * before;
        let turned = agreement.lt(zero);
        let factor = S::select(zero.lt(agreement), grow, S::select(turned, shrink, one));
        let size = (size * factor).max(least).min(most);
        let g = S::select(turned, zero, g);
        let step = S::select(zero.lt(g), size, S::select(g.lt(zero), -size, zero));
        (w - step, [g, size])
    }
}
