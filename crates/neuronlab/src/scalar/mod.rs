//! The number type of the engine.
//!
//! Forward pass, backward pass and update are written once, over [`Scalar`]. A plain `f32` or `f64` trains one
//! network. Every operation is an IEEE 754 operation in a fixed order, or one of our own elementary functions
//! (`exp`, `ln`, `tanh`) built from such operations, so results do not depend on the platform's `libm`.

mod aligned;
pub(crate) mod dispatch;
mod dual;
mod erf;
mod exp;
mod lanes;
mod ln;
pub(crate) mod packet;
mod peak;
mod real;
mod tanh;
mod tile;

pub use aligned::Aligned;
pub(crate) use dispatch::LaneWork;
pub use dispatch::Simd;
#[doc(hidden)]
pub use dispatch::Work;
pub(crate) use dual::Dual;
pub use lanes::Lanes;
#[doc(hidden)]
pub use packet::{Packet, PacketWork};
pub use peak::multiply_adds;
pub(crate) use tile::{Left, Tile};

use crate::kernels::Kernels;
use crate::train::Steps;
use std::fmt::{Debug, Display, LowerExp};
use std::ops::{Add, Div, Mul, Neg, Sub};

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// A number the engine computes with: `f32`, `f64`.
///
/// The trait is sealed. It holds the operations that forward, backward and update need and no more; a choice that
/// depends on data is a [`select`](Scalar::select), never a branch, so that the same code can run on a bundle of
/// numbers.
pub trait Scalar:
    sealed::Sealed
    + Kernels
    + Copy
    + Debug
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The plain number inside: `f32` or `f64`.
    type Element: Real;
    /// The answer to a comparison.
    type Mask: Copy;
    /// How many plain numbers this is: 1, or the number of networks that are trained side by side.
    const LANES: usize;
    /// Whether each activation and each loss is compiled on its own. Where a number is many operations, a pass with all of them
    /// inside it would be one function of so many loops that compiling it took as long as all the rest.
    #[doc(hidden)]
    const APART: bool = Self::LANES > 1;

    /// Runs work that computes with this type, as a function that is compiled for the type's instructions. What is called
    /// from it inline is compiled so, too.
    #[doc(hidden)]
    fn call<W: Work>(work: W) -> W::Output;
    /// `value`, rounded to the number type; the same in all lanes.
    fn constant(value: f64) -> Self;
    /// From one number a lane, the first ones of `values`.
    fn load(values: &[Self::Element]) -> Self;
    /// To one number a lane, the first ones of `values`.
    fn store(self, values: &mut [Self::Element]);
    /// `table[index[k]]` in lane k; an index beyond the end takes the last.
    fn pick(table: &[Self::Element], index: &[u32]) -> Self;
    /// `self · factor + addend`, rounded once, on every machine.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// |self|
    fn abs(self) -> Self;
    /// √self, correctly rounded.
    fn sqrt(self) -> Self;
    /// |self| with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// `self < other`; false where either is NaN.
    fn lt(self, other: Self) -> Self::Mask;
    /// `yes` where the mask holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// `(n, 2ⁿ⁺¹)` with n the whole number nearest to self · factor (ties to even).
    ///
    /// For −127 ≤ n ≤ 126 (`f64`: −1023 ≤ n ≤ 1022); outside of that the power is meaningless. It is twice 2ⁿ because that is
    /// one operation less: an even number can be added before rounding, and ties go where they went.
    fn round_pow2(self, factor: f64) -> (Self, Self);
    /// `(m, e)` with self = m · 2ᵉ and √½ ≤ m < √2, for a positive normal number.
    fn split_exponent(self) -> (Self, Self);

    /// eˢᵉˡᶠ. At most 1 ULP in `f32` and in `f64` from the correctly rounded value, 0 and ∞ at the ends.
    #[inline(always)]
    fn exp(self) -> Self {
        exp::exp(self)
    }
    /// eˢᵉˡᶠ − 1, without cancellation near 0. At most 2 ULP in `f32` and `f64`.
    #[inline(always)]
    fn exp_m1(self) -> Self {
        exp::exp_m1(self)
    }
    /// Error function, 2/√π·∫₀ˢᵉˡᶠ e^(−t²) dt. At most 2 ULP in `f32` and 3 ULP in `f64`.
    #[inline(always)]
    fn erf(self) -> Self {
        erf::erf(self)
    }
    /// ln(1 + self) for self ≥ 0, without loss near 0. At most 2 ULP in `f32` and `f64`.
    #[inline(always)]
    fn ln_1p(self) -> Self {
        ln::ln_1p(self)
    }
    /// Natural logarithm. At most 1 ULP in `f32` and `f64`; −∞ at 0, NaN below.
    #[inline(always)]
    fn ln(self) -> Self {
        ln::ln(self)
    }
    /// Hyperbolic tangent. At most 1 ULP in `f32` (between 2⁻¹² and 9, 1.6 % of the values are not the nearest) and 2 ULP in
    /// `f64`; never outside [−1, 1].
    #[inline(always)]
    fn tanh(self) -> Self {
        tanh::tanh(self)
    }
    /// The larger of the two; `self` where `other` is NaN.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self::select(self.lt(other), other, self)
    }
    /// The smaller of the two; `self` where `other` is NaN.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::select(other.lt(self), other, self)
    }
}

/// A plain number, `f32` or `f64`: what is stored, printed and compared.
pub trait Real:
    Scalar<Element = Self, Mask = bool> + Steps + PartialOrd + Default + Display + LowerExp + std::str::FromStr
{
    /// PyTorch's name of the type: `float32` or `float64`.
    const DTYPE: Dtype;
    /// The coefficients of this precision's elementary functions.
    #[doc(hidden)]
    const TABLES: Tables;
    /// Vectors of this type.
    #[doc(hidden)]
    type Avx512: Scalar<Element = Self> + Packet<Self>;
    #[doc(hidden)]
    type Avx2: Scalar<Element = Self> + Packet<Self>;
    #[doc(hidden)]
    type Neon: Scalar<Element = Self> + Packet<Self>;

    /// Exact.
    fn to_f64(self) -> f64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Little-endian bytes.
    fn to_bytes(self) -> Vec<u8>;
    /// From little-endian bytes, of which there must be 4 (`f32`) or 8 (`f64`).
    fn from_bytes(bytes: &[u8]) -> Self;
}

/// Constants of the elementary functions for one precision.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Tables {
    /// ln 2 to so few bits that n·LN2_HI is exact, and the rest.
    ln2: (f64, f64),
    /// q in expm1(r) = r + r²·q(r) for |r| ≤ ln 2 / 2, lowest power first.
    expm1: &'static [f64],
    /// R in ln((1+s)/(1−s)) = 2s + s·s²·R(s²), lowest power first.
    ln: &'static [f64],
    /// e²ʳ/2 for |r| ≤ ¼·ln 2, lowest power first.
    half_exp: &'static [f64],
    /// Q in tanh x = x − x³/Q(x²) for |x| ≤ 0.9, lowest power first.
    tanh: &'static [f64],
    /// P in erf x = x + x·P(x²) for |x| ≤ 1, lowest power first.
    erf_near: &'static [f64],
    /// Q in erfc x = e^(−x²)·Q((x − 2)/(x + 2)) for 1 ≤ x ≤ 6, lowest power first.
    erf_far: &'static [f64],
    /// Where exp overflows and where it rounds to 0.
    exp_range: (f64, f64),
    /// From here on tanh rounds to 1.
    tanh_one: f64,
    /// The smallest positive number.
    least: f64,
    /// The smallest normal number, and the power of two (with its exponent) that lifts subnormal ones above it.
    subnormal: (f64, f64, f64),
}

impl Tables {
    /// 2²⁶ times the smallest normal number.
    pub(crate) const fn least_remembered(&self) -> f64 {
        self.subnormal.0 * 67_108_864.0
    }
}

/// The precision of a run, by PyTorch's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dtype {
    /// IEEE 754 single precision, `f32`.
    #[default]
    Float32,
    /// IEEE 754 double precision, `f64`.
    Float64,
}

/// `to` becomes `from`. (In a kernel the standard library's `copy_from_slice` may be a call, for a few numbers.)
#[inline(always)]
#[allow(clippy::manual_memcpy, reason = "said above")]
pub(crate) fn copy<S: Copy>(from: &[S], to: &mut [S]) {
    let from = &from[..to.len()];
    for i in 0..to.len() {
        to[i] = from[i];
    }
}

/// c₀ + c₁x + c₂x² + …, by Horner's rule with fused steps.
#[inline(always)]
fn polynomial<S: Scalar>(x: S, coefficients: &'static [f64]) -> S {
    let (last, rest) = coefficients.split_last().expect("a polynomial has a coefficient");
    rest.iter().rev().fold(S::constant(*last), |sum, &c| sum.mul_add(x, S::constant(c)))
}

impl Dtype {
    /// PyTorch's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float64 => "float64",
        }
    }
}
