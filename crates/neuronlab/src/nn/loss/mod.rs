//! Losses: how wrong the outputs are, as one number to go down.
//!
//! Each has its file, value and gradient side by side; the list below is the only other place that names it.
//! All are means, PyTorch's default reduction.
//!
//! Shapes: B rows of the batch, O outputs; `output` and `target` are `[B, O]`, row by row.

use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A loss and its gradient.
trait Criterion {
    /// The class in `torch.nn`.
    const MODULE: &'static str;
    /// The formula in one line.
    const FORMULA: &'static str;
    /// Whether a target is a class, given as a row with 1 at the class and 0 elsewhere.
    const CLASSES: bool;
    /// L(output, target)
    fn value<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize) -> S;
    /// d = ∂L/∂output
    fn gradient<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize, d: &mut [S]);
    /// What a row of outputs says in the terms of its target.
    fn answer<S: Scalar>(&self, row: &mut [S]) {
        let _ = row;
    }
}

macro_rules! losses {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $KEY:ident, $key:literal;)*) => {
        $(mod $module;)*
        $(use $module::$Name;)*

        /// The loss that training makes small.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name")]
        pub enum Loss {
            $($(#[$doc])* #[serde(rename = $key)] $Name($Name),)*
        }

        impl Loss {
            $($(#[$doc])* pub const $KEY: Self = Self::$Name($Name {});)*

            /// L(output, target) of a batch; both are `[B, O]`, row by row, with O = `outputs`.
            #[inline(always)]
            pub fn value<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize) -> S {
                match self { $(Self::$Name(f) => f.value(output, target, outputs),)* }
            }

            /// d = ∂L/∂output, shaped as `output`.
            #[inline(always)]
            pub fn gradient<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
                match self { $(Self::$Name(f) => f.gradient(output, target, outputs, d),)* }
            }

            /// Turns a row of outputs into an answer that can be compared with its target: itself, or probabilities.
            pub fn answer<S: Scalar>(&self, row: &mut [S]) {
                match self { $(Self::$Name(f) => f.answer(row),)* }
            }

            /// Whether targets are classes rather than numbers.
            pub fn wants_classes(&self) -> bool {
                match self { $(Self::$Name(_) => <$Name as Criterion>::CLASSES,)* }
            }

            /// The name in experiment files, such as `l1`.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$Name(_) => $key,)* }
            }

            /// The class in `torch.nn`, such as `L1Loss`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => <$Name as Criterion>::MODULE,)* }
            }

            /// The formula, such as `mean |output − target|`.
            pub fn formula(&self) -> &'static str {
                match self { $(Self::$Name(_) => <$Name as Criterion>::FORMULA,)* }
            }

            /// Every loss with its default settings.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$KEY,)*]
            }
        }
    };
}

losses! {
    /// Mean absolute error.
    L1 = l1, L1_LOSS, "l1";
    /// Mean squared error.
    Mse = mse, MSE_LOSS, "mse";
    /// Softmax and negative log-likelihood of the right class; one output a class.
    CrossEntropy = cross_entropy, CROSS_ENTROPY_LOSS, "cross_entropy";
}

/// Σ f(output, target), in order, over the number of terms.
#[inline(always)]
fn mean<S: Scalar>(output: &[S], target: &[S], f: impl Fn(S, S) -> S) -> S {
    let sum = output.iter().zip(target).fold(S::constant(0.0), |sum, (&o, &t)| sum + f(o, t));
    sum / S::constant(output.len() as f64)
}
