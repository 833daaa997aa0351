//! ReLU with a learned slope below 0, `torch.nn.PReLU` (He, Zhang, Ren and Sun 2015).
//!
//! Letters: B rows, O neurons; z, a, da, dz are `[B,O]`, row by row. `slopes` is the one slope of the whole layer, or
//! one for each neuron, `[O]`; `dslopes` = ∂L/∂slopes. Where the slopes lie among the parameters, `nn/slope.rs` says.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::Elementwise;
use crate::error::{Error, Result};
use crate::nn::numbers::Numbers;
use crate::scalar::{Scalar, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z` above 0 and `s·z` below, where training learns the slope s; `f′(z)` is 1 above 0, and s at 0 and below, as in
/// PyTorch. The tensor of the slopes is called `prelu1.weight`, after the layer's number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Prelu {
    /// Number of slopes: 1 for the whole layer, or `out_features` for one each neuron.
    pub num_parameters: usize,
    /// What every slope starts from.
    pub init: f64,
}

impl Default for Prelu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Prelu {
    /// Refuses a number of slopes that fits no layer of `width` neurons.
    pub(super) fn validate(&self, field: &str, width: usize) -> Result<()> {
        if self.num_parameters == 1 || self.num_parameters == width {
            return Ok(());
        }
        let expected = format!("1, or {width}, one for each neuron of the layer");
        Err(Error::field(format!("{field}.num_parameters"), expected, self.num_parameters))
    }
}

/// The function for a slope that does not move: the one it starts from.
impl Elementwise for Prelu {
    const DEFAULT: Self = Self { num_parameters: 1, init: 0.25 };
    const MODULE: &'static str = "PReLU";
    const FORMULA: &'static str = "max(0, z) + weight * min(0, z)";

    fn has_kinks(&self) -> bool {
        true
    }

    /// The slope at the start.
    fn numbers(&self) -> Numbers<f64> {
        [self.init, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self { init: Self::DEFAULT.init, ..*self }
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        value(numbers[0], z)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        derivative(numbers[0], z)
    }
}

#[inline(always)]
fn value<S: Scalar>(slope: S, z: S) -> S {
    S::select(S::constant(0.0).lt(z), z, z * slope)
}

#[inline(always)]
fn derivative<S: Scalar>(slope: S, z: S) -> S {
    S::select(S::constant(0.0).lt(z), S::constant(1.0), slope)
}

/// `sum + da·∂a/∂slope`, where ∂a/∂slope = min(0, z). Above 0 nothing is added, also where da is not finite.
#[inline(always)]
fn add_slope<S: Scalar>(sum: S, z: S, da: S) -> S {
    S::select(S::constant(0.0).lt(z), sum, z.mul_add(da, sum))
}

/// a = f(z), with the slopes as they are.
pub(crate) struct PreluForward<'a, S> {
    pub(crate) slopes: &'a [S],
    pub(crate) z: &'a [S],
    pub(crate) a: &'a mut [S],
}

impl<S: Scalar> Work for PreluForward<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self { slopes, z, a } = self;
        if let [slope] = *slopes {
            let a = &mut a[..z.len()];
            for i in 0..z.len() {
                a[i] = value(slope, z[i]);
            }
            return;
        }
        let width = slopes.len();
        for b in 0..z.len() / width {
            let (z, a) = (&z[b * width..][..width], &mut a[b * width..][..width]);
            for o in 0..width {
                a[o] = value(slopes[o], z[o]);
            }
        }
    }
}

/// dz and dslopes from da. A slope's gradient is the sum over all places it acts on, in the order of `[B,O]`: row by row, in
/// each row neuron by neuron, each product fused into the sum. What was in `dslopes` is overwritten.
pub(crate) struct PreluBackward<'a, S> {
    pub(crate) slopes: &'a [S],
    pub(crate) z: &'a [S],
    pub(crate) da: &'a [S],
    pub(crate) dz: &'a mut [S],
    pub(crate) dslopes: &'a mut [S],
}

impl<S: Scalar> Work for PreluBackward<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self { slopes, z, da, dz, dslopes } = self;
        let zero = S::constant(0.0);
        if let [slope] = *slopes {
            let (n, mut sum) = (z.len(), zero);
            let (da, dz) = (&da[..n], &mut dz[..n]);
            for i in 0..n {
                dz[i] = da[i] * derivative(slope, z[i]);
                sum = add_slope(sum, z[i], da[i]);
            }
            dslopes[0] = sum;
            return;
        }
        let width = slopes.len();
        let dslopes = &mut dslopes[..width];
        dslopes.fill(zero);
        for b in 0..z.len() / width {
            let (z, da) = (&z[b * width..][..width], &da[b * width..][..width]);
            let dz = &mut dz[b * width..][..width];
            for o in 0..width {
                dz[o] = da[o] * derivative(slopes[o], z[o]);
                dslopes[o] = add_slope(dslopes[o], z[o], da[o]);
            }
        }
    }
}
