//! Activation functions: what a neuron does with its weighted sum.
//!
//! Each has its file, value and derivative side by side; the list below is the only other place that names it.

mod reach;
mod work;

use crate::error::{Error, Result};
use crate::nn::columns::{MOST_COLUMNS, put_columns, take_columns};
use crate::nn::numbers::{Numbers, everywhere, spread};
use crate::scalar::{Packet, Scalar, Work};
pub(super) use prelu::{PreluBackward, PreluForward};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub(crate) use work::{Activate, ActivateBack};

/// An elementwise function and its derivative.
trait Elementwise: Copy {
    /// With PyTorch's default settings.
    const DEFAULT: Self;
    /// The class in `torch.nn`.
    const MODULE: &'static str;
    /// The formula in one line.
    const FORMULA: &'static str;
    /// Its numeric settings.
    fn numbers(&self) -> Numbers<f64> {
        [0.0; 3]
    }
    /// The same with its numeric settings at their defaults.
    fn structure(&self) -> Self {
        *self
    }
    /// a = f(z)
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S;
    /// f′(z), which may be expressed through a = f(z).
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, a: S) -> S;
    /// Whether f′ jumps somewhere.
    fn has_kinks(&self) -> bool {
        false
    }

    #[inline(always)]
    fn forward<S: Scalar, V: Packet<S>>(&self, numbers: &Numbers<S>, z: &[S], a: &mut [S], _width: usize) {
        let (numbers, n, mut i) = (spread::<S, V>(numbers), z.len(), 0);
        let a = &mut a[..n];
        while i < n {
            self.value(&numbers, V::take(z, i)).put(a, i);
            i += V::WIDTH;
        }
    }
    #[inline(always)]
    fn backward<S: Scalar, V: Packet<S>>(
        &self,
        numbers: &Numbers<S>,
        z: &[S],
        a: &[S],
        da: &[S],
        dz: &mut [S],
        _width: usize,
    ) {
        let (numbers, n, mut i) = (spread::<S, V>(numbers), z.len(), 0);
        let (a, da, dz) = (&a[..n], &da[..n], &mut dz[..n]);
        while i < n {
            let slope = self.derivative(&numbers, V::take(z, i), V::take(a, i));
            (V::take(da, i) * slope).put(dz, i);
            i += V::WIDTH;
        }
    }
}

/// A function of all neurons of a layer together.
trait Rowwise: Copy {
    const DEFAULT: Self;
    const MODULE: &'static str;
    const FORMULA: &'static str;
    fn numbers(&self) -> Numbers<f64> {
        [0.0; 3]
    }
    fn structure(&self) -> Self {
        *self
    }
    /// a = f(z), of one row.
    fn row<S: Scalar>(&self, z: &[S], a: &mut [S]);
    /// ∂L/∂z of one row, from a and ∂L/∂a.
    fn row_backward<S: Scalar>(&self, a: &[S], da: &[S], dz: &mut [S]);
    /// Sizes of the terms of ∂aⱼ/∂zᵢ together, from aᵢ and aⱼ; `own`: i is j. Where they cancel, they are what is rounded.
    fn terms(&self, a_i: f64, a_j: f64, own: bool) -> f64;
    fn has_kinks(&self) -> bool {
        false
    }

    #[inline(always)]
    fn forward<S: Scalar, V: Packet<S>>(&self, _numbers: &Numbers<S>, z: &[S], a: &mut [S], width: usize) {
        let (rows, mut b) = (z.len() / width, 0);
        while V::WIDTH > 1 && width <= MOST_COLUMNS && b < rows {
            let (z, mut columns) = (take_columns::<S, V>(z, width, b), [V::constant(0.0); MOST_COLUMNS]);
            self.row(&z[..width], &mut columns[..width]);
            put_columns::<S, V>(&columns, a, width, b);
            b += V::WIDTH;
        }
        while b < rows {
            self.row(&z[b * width..][..width], &mut a[b * width..][..width]);
            b += 1;
        }
    }
    #[inline(always)]
    fn backward<S: Scalar, V: Packet<S>>(
        &self,
        _numbers: &Numbers<S>,
        _z: &[S],
        a: &[S],
        da: &[S],
        dz: &mut [S],
        width: usize,
    ) {
        let (rows, mut b) = (a.len() / width, 0);
        while V::WIDTH > 1 && width <= MOST_COLUMNS && b < rows {
            let (a, da) = (take_columns::<S, V>(a, width, b), take_columns::<S, V>(da, width, b));
            let mut columns = [V::constant(0.0); MOST_COLUMNS];
            self.row_backward(&a[..width], &da[..width], &mut columns[..width]);
            put_columns::<S, V>(&columns, dz, width, b);
            b += V::WIDTH;
        }
        while b < rows {
            let (a, da) = (&a[b * width..][..width], &da[b * width..][..width]);
            self.row_backward(a, da, &mut dz[b * width..][..width]);
            b += 1;
        }
    }
}

macro_rules! activations {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $KEY:ident, $key:literal;)*) => {
        $(mod $module;)*
        $(use $module::$Name;)*

        /// The activation of a layer, on its weighted sums.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name")]
        pub enum Activation {
            $($(#[$doc])* #[serde(rename = $key)] $Name($Name),)*
        }

        /// Whether the slope of the activation of this name is 0 over a whole range, not only nearly so.
pub(crate) fn is_flat_somewhere(key: &str) -> bool {
    ["relu", "relu6", "hardtanh", "hardsigmoid", "hardswish", "softshrink", "hardshrink"].contains(&key)
}

impl Activation {
            $($(#[$doc])* pub const $KEY: Self = Self::$Name($Name::DEFAULT);)*

            #[inline(always)]
            fn forward_here<S: Scalar, V: Packet<S>>(&self, numbers: &Numbers<S>, z: &[S], a: &mut [S], width: usize) {
                match self { $(Self::$Name(f) => if const { S::APART } {
                    S::call(Activate { f, numbers, z, a, width });
                } else {
                    f.forward::<S, V>(numbers, z, a, width);
                },)* }
            }

            #[inline(always)]
            fn backward_here<S: Scalar, V: Packet<S>>(&self, numbers: &Numbers<S>, z: &[S], a: &[S], da: &[S], dz: &mut [S], width: usize) {
                match self { $(Self::$Name(f) => if const { S::APART } {
                    S::call(ActivateBack { f, numbers, z, a, da, dz, width });
                } else {
                    f.backward::<S, V>(numbers, z, a, da, dz, width);
                },)* }
            }

            /// Its numeric settings, of which networks side by side may have their own.
            pub(crate) fn numbers(&self) -> Numbers<f64> {
                match self { $(Self::$Name(f) => f.numbers(),)* }
            }

            /// What decides which operations it consists of: itself, with its numeric settings at their defaults.
            pub(crate) fn structure(&self) -> Self {
                match self { $(Self::$Name(f) => Self::$Name(f.structure()),)* }
            }

            /// The name in experiment files, such as `leaky_relu`.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$Name(_) => $key,)* }
            }

            /// The class in `torch.nn`, such as `ReLU`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::MODULE,)* }
            }

            /// The formula, such as `tanh(z)`.
            pub fn formula(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::FORMULA,)* }
            }

            /// Whether f′ jumps somewhere, as that of ReLU at 0.
            pub fn has_kinks(&self) -> bool {
                match self { $(Self::$Name(f) => f.has_kinks(),)* }
            }

            /// Every activation with its default settings.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$KEY,)*]
            }
        }

        $(impl<S: Scalar> Work for Activate<'_, S, $Name> {
            type Output = ();
            #[inline(always)]
            fn run(self) {
                self.f.forward::<S, S>(self.numbers, self.z, self.a, self.width);
            }
        }

        impl<S: Scalar> Work for ActivateBack<'_, S, $Name> {
            type Output = ();
            #[inline(always)]
            fn run(self) {
                self.f.backward::<S, S>(self.numbers, self.z, self.a, self.da, self.dz, self.width);
            }
        })*
    };
}

activations! {
    /// f(z) = z: no activation.
    Identity = identity, IDENTITY, "identity";
    /// f(z) = 1 / (1 + e⁻ᶻ), between 0 and 1.
    Sigmoid = sigmoid, SIGMOID, "sigmoid";
    /// f(z) = tanh z, between −1 and 1.
    Tanh = tanh, TANH, "tanh";
    /// f(z) = max(0, z).
    Relu = relu, RELU, "relu";
    /// f(z) = z above 0, a small slope below.
    LeakyRelu = leaky_relu, LEAKY_RELU, "leaky_relu";
    /// f(z) = z above 0, a slope below that is learned.
    Prelu = prelu, PRELU, "prelu";
    /// f(z) = z above 0, α·(eᶻ − 1) below.
    Elu = elu, ELU, "elu";
    /// ELU with the two numbers that keep mean 0 and variance 1.
    Selu = selu, SELU, "selu";
    /// f(z) = z·Φ(z), Φ the distribution of the normal.
    Gelu = gelu, GELU, "gelu";
    /// f(z) = z·σ(z), also known as swish.
    Silu = silu, SILU, "silu";
    /// f(z) = ln(1 + eᶻ), a smooth ReLU.
    Softplus = softplus, SOFTPLUS, "softplus";
    /// f(z) = z / (1 + |z|), between −1 and 1.
    Softsign = softsign, SOFTSIGN, "softsign";
    /// f(z) = z between −1 and 1, and these beyond.
    Hardtanh = hardtanh, HARDTANH, "hardtanh";
    /// f(z) = z·tanh(ln(1 + eᶻ)).
    Mish = mish, MISH, "mish";
    /// ELU whose slope does not jump, whatever α is.
    Celu = celu, CELU, "celu";
    /// f(z) = z between 0 and 6, and these beyond.
    Relu6 = relu6, RELU6, "relu6";
    /// f(z) = z·hardsigmoid(z): SiLU of straight walls.
    Hardswish = hardswish, HARDSWISH, "hardswish";
    /// f(z) = (z + 3)/6 between 0 and 1, and these beyond.
    Hardsigmoid = hardsigmoid, HARDSIGMOID, "hardsigmoid";
    /// f(z) = z − tanh z.
    Tanhshrink = tanhshrink, TANHSHRINK, "tanhshrink";
    /// f(z) = 0 near 0, and beyond it z, nearer to 0 by λ.
    Softshrink = softshrink, SOFTSHRINK, "softshrink";
    /// f(z) = 0 near 0, and beyond it z.
    Hardshrink = hardshrink, HARDSHRINK, "hardshrink";
    /// f(z) = ln σ(z), below 0.
    LogSigmoid = log_sigmoid, LOG_SIGMOID, "log_sigmoid";
    /// Probabilities: all neurons of the layer together, between 0 and 1 with sum 1.
    Softmax = softmax, SOFTMAX, "softmax";
    /// Logarithms of probabilities, for the losses `nll` and `kl_div`.
    LogSoftmax = log_softmax, LOG_SOFTMAX, "log_softmax";
}

impl Default for Activation {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl Activation {
    /// a = f(z), for rows of `width` neurons.
    #[inline(always)]
    pub(crate) fn forward<S: Scalar>(&self, numbers: &Numbers<S>, z: &[S], a: &mut [S], width: usize) {
        S::activate(Activate { f: self, numbers, z, a, width });
    }

    /// dz from da, for rows of `width` neurons: the chain rule through the activation.
    #[inline(always)]
    pub(crate) fn backward<S: Scalar>(
        &self,
        numbers: &Numbers<S>,
        z: &[S],
        a: &[S],
        da: &[S],
        dz: &mut [S],
        width: usize,
    ) {
        S::activate_back(ActivateBack { f: self, numbers, z, a, da, dz, width });
    }

    /// f(z) of a layer of one neuron.
    pub fn value<S: Scalar>(&self, z: S) -> S {
        let mut a = [z];
        self.forward(&everywhere(self.numbers()), &[z], &mut a, 1);
        a[0]
    }

    /// f′(z) of a layer of one neuron.
    pub fn derivative<S: Scalar>(&self, z: S) -> S {
        let mut dz = [z];
        self.backward(&everywhere(self.numbers()), &[z], &[self.value(z)], &[S::constant(1.0)], &mut dz, 1);
        dz[0]
    }

    /// Whether each output follows from one weighted sum, rather than from all of its layer.
    pub(crate) fn is_elementwise(&self) -> bool {
        !matches!(self, Self::Softmax(_) | Self::LogSoftmax(_))
    }

    /// Sizes of the terms of ∂aⱼ/∂zᵢ together, of an activation of all neurons of a layer; `own`: i is j.
    pub(crate) fn terms(&self, a_i: f64, a_j: f64, own: bool) -> f64 {
        match self {
            Self::Softmax(f) => f.terms(a_i, a_j, own),
            Self::LogSoftmax(f) => f.terms(a_i, a_j, own),
            _ => unreachable!("an activation of one neuron"),
        }
    }

    /// Whether outputs are between 0 and 1.
    pub(crate) fn gives_probabilities(&self) -> bool {
        match self {
            Self::Sigmoid(_) | Self::Hardsigmoid(_) | Self::Softmax(_) => true,
            Self::Hardtanh(walls) => walls.min_val >= 0.0 && walls.max_val <= 1.0,
            _ => false,
        }
    }

    /// Whether outputs are logarithms of probabilities that sum to 1.
    pub(crate) fn gives_log_probabilities(&self) -> bool {
        matches!(self, Self::LogSoftmax(_))
    }

    /// Refuses settings that mean nothing for a layer of `width` neurons; `field` names the place in the experiment.
    pub(crate) fn validate(&self, field: &str, width: usize) -> Result<()> {
        match self {
            Self::Celu(f) if f.alpha == 0.0 => Err(Error::field(format!("{field}.alpha"), "a number other than 0", 0)),
            Self::Softshrink(f) if f.lambd < 0.0 => Err(Error::field(format!("{field}.lambd"), "at least 0", f.lambd)),
            Self::Prelu(f) => f.validate(field, width),
            Self::Softplus(f) if f.beta == 0.0 => {
                Err(Error::field(format!("{field}.beta"), "a number other than 0", 0))
            }
            Self::Hardtanh(f) if f.min_val >= f.max_val => {
                let expected = format!("more than `min_val`, which is {}", f.min_val);
                Err(Error::field(format!("{field}.max_val"), expected, f.max_val))
            }
            _ => Ok(()),
        }
    }
}
