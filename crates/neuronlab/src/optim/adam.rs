//! Adam, `torch.optim.Adam`.

use super::{Hyper, Rule, State, at_least_zero, unit_betas};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// m ← β₁·m + (1 − β₁)·g, s ← β₂·s + (1 − β₂)·g², w ← w − lr·m̂ / (√ŝ + ε), with m̂ = m / (1 − β₁ᵗ) and ŝ = s / (1 − β₂ᵗ)
/// (Kingma and Ba 2014). Weight decay is added to the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the mean of gradients, and of their squares, kept from step to step; both in [0, 1).
    pub betas: [f64; 2],
    /// Added to the root, against division by zero.
    pub eps: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Whether to divide by the largest root so far (Reddi, Kale and Kumar 2018).
    pub amsgrad: bool,
}

impl Default for Adam {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0, amsgrad: false }
    }
}

impl Rule for Adam {
    const MODULE: &'static str = "Adam";
    const FORMULA: &'static str = "w -= lr m_hat / (sqrt(s_hat) + eps)";
    const STATE: &'static [&'static str] = &["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: Some(self.betas[0]) }
    }

    fn settings(&self) -> String {
        format!("betas=({}, {})", self.betas[0], self.betas[1])
    }

    fn validate(&self) -> Result<()> {
        unit_betas(self.betas)?;
        at_least_zero("eps", self.eps)?;
        at_least_zero("weight_decay", self.weight_decay)
    }

    #[inline(always)]
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>) {
        let decay = |w: S, g: S| (w, if self.weight_decay == 0.0 { g } else { S::constant(self.weight_decay).mul_add(w, g) });
        let betas = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        adaptive_step(hyper.lr, betas, self.eps, self.amsgrad, decay, w, g, state);
    }
}

/// The step of Adam; `decay` makes of a weight and its gradient what the step goes by.
#[allow(clippy::too_many_arguments, reason = "the settings of Adam, and what a step works on")]
#[inline(always)]
pub(super) fn adaptive_step<S: Scalar>(
    lr: f64,
    [beta1, beta2]: [f64; 2],
    eps: f64,
    amsgrad: bool,
    decay: impl Fn(S, S) -> (S, S),
    w: &mut [S],
    g: &[S],
    state: &mut State<S>,
) {
    let step = state.step as f64;
    let minus_step = S::constant(-lr / (1.0 - libm::pow(beta1, step)));
    let root = S::constant((1.0 - libm::pow(beta2, step)).sqrt());
    let take1 = S::constant(1.0 - beta1);
    let (keep2, take2, eps) = (S::constant(beta2), S::constant(1.0 - beta2), S::constant(eps));
    let [m, s, largest] = &mut state.buffers[..] else { unreachable!("three buffers") };
    for ((((w, &g), m), s), largest) in w.iter_mut().zip(g).zip(m).zip(s).zip(largest) {
        let (kept, g) = decay(*w, g);
        *m = take1.mul_add(g - *m, *m);
        *s = (take2 * g).mul_add(g, keep2 * *s);
        *largest = largest.max(*s);
        let spread = if amsgrad { *largest } else { *s };
        let denominator = spread.sqrt() / root + eps;
        *w = minus_step.mul_add(*m / denominator, kept);
    }
}
