//! Activation functions: what a neuron does with its weighted sum.
//!
//! Each has its file, value and derivative side by side; the list below is the only other place that names it.

use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An elementwise function and its derivative.
trait Elementwise {
    /// The class in `torch.nn`.
    const MODULE: &'static str;
    /// The formula in one line.
    const FORMULA: &'static str;
    /// a = f(z)
    fn value<S: Scalar>(&self, z: S) -> S;
    /// f′(z), which may be expressed through a = f(z).
    fn derivative<S: Scalar>(&self, z: S, a: S) -> S;
}

macro_rules! activations {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $KEY:ident;)*) => {
        $(mod $module;)*
        $(use $module::$Name;)*

        /// The activation of a layer, elementwise on its weighted sums.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name", rename_all = "snake_case")]
        pub enum Activation {
            $($(#[$doc])* $Name($Name),)*
        }

        impl Activation {
            $($(#[$doc])* pub const $KEY: Self = Self::$Name($Name {});)*

            /// a = f(z), element by element.
            #[inline(always)]
            pub(crate) fn forward<S: Scalar>(&self, z: &[S], a: &mut [S]) {
                match self {
                    $(Self::$Name(f) => for (a, &z) in a.iter_mut().zip(z) { *a = f.value(z) },)*
                }
            }

            /// dz = da · f′(z), element by element: the chain rule through the activation.
            #[inline(always)]
            pub(crate) fn backward<S: Scalar>(&self, z: &[S], a: &[S], da: &[S], dz: &mut [S]) {
                match self {
                    $(Self::$Name(f) => for (((dz, &z), &a), &da) in dz.iter_mut().zip(z).zip(a).zip(da) {
                        *dz = da * f.derivative(z, a);
                    },)*
                }
            }

            /// f(z) of one number.
            pub fn value<S: Scalar>(&self, z: S) -> S {
                match self { $(Self::$Name(f) => f.value(z),)* }
            }

            /// f′(z) of one number.
            pub fn derivative<S: Scalar>(&self, z: S) -> S {
                match self { $(Self::$Name(f) => f.derivative(z, f.value(z)),)* }
            }

            /// The class in `torch.nn`, such as `ReLU`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => <$Name as Elementwise>::MODULE,)* }
            }

            /// The formula, such as `tanh(z)`.
            pub fn formula(&self) -> &'static str {
                match self { $(Self::$Name(_) => <$Name as Elementwise>::FORMULA,)* }
            }

            /// Every activation with its default settings.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$KEY,)*]
            }
        }
    };
}

activations! {
    /// f(z) = z: no activation.
    Identity = identity, IDENTITY;
    /// f(z) = 1 / (1 + e⁻ᶻ), between 0 and 1.
    Sigmoid = sigmoid, SIGMOID;
    /// f(z) = tanh z, between −1 and 1.
    Tanh = tanh, TANH;
    /// f(z) = max(0, z).
    Relu = relu, RELU;
}

impl Default for Activation {
    fn default() -> Self {
        Self::IDENTITY
    }
}
