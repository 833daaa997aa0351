//! Stochastic gradient descent with momentum, `torch.optim.SGD`.

use super::at_least_zero;
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// v ← momentum·v + g, then w ← w − lr·v, in PyTorch's form: the learning rate scales the step when it is taken, not
/// what is remembered of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// Learning rate: how far to go along −v, at least 0.
    pub lr: f64,
    /// Share of the velocity that is kept from step to step, at least 0.
    #[serde(default)]
    pub momentum: f64,
}

impl Sgd {
    /// PyTorch's names of what is remembered.
    pub(super) const STATE: &'static [&'static str] = &["momentum_buffer"];

    pub(super) fn validate(&self) -> Result<()> {
        at_least_zero("optimizer.lr", self.lr)?;
        at_least_zero("optimizer.momentum", self.momentum)
    }

    /// The product with the momentum is rounded before the gradient is added, and the step is fused, as in PyTorch.
    #[inline(always)]
    pub(super) fn step<S: Scalar>(&self, parameters: &mut [S], gradients: &[S], velocity: &mut [S]) {
        let (minus_lr, momentum) = (S::constant(-self.lr), S::constant(self.momentum));
        for ((w, &g), v) in parameters.iter_mut().zip(gradients).zip(velocity) {
            *v = momentum * *v + g;
            *w = minus_lr.mul_add(*v, *w);
        }
    }
}
