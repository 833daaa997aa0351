//! Dual numbers: a value, and its derivative in one direction (Clifford 1873; Wengert 1964).
//!
//! Each operation carries the derivative along by its own rule, so a backward pass over dual numbers gives gradients whose
//! slopes are second derivatives: with the parameters' slopes v, those of the gradients are H·v (Pearlmutter 1994).
//! Values are those of `f64`, bit for bit.

use super::{Scalar, Work, sealed::Sealed};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number and how fast it changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dual {
    pub(crate) value: f64,
    pub(crate) slope: f64,
}

impl Dual {
    /// A number that stays what it is.
    #[inline(always)]
    pub(crate) fn fixed(value: f64) -> Self {
        Self { value, slope: 0.0 }
    }

    /// f of this number, from f's value and derivative there.
    #[inline(always)]
    fn through(self, value: f64, derivative: f64) -> Self {
        Self { value, slope: derivative * self.slope }
    }
}

impl Sealed for Dual {}

impl Add for Dual {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, slope: self.slope + other.slope }
    }
}

impl Sub for Dual {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, slope: self.slope - other.slope }
    }
}

impl Mul for Dual {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self { value: self.value * other.value, slope: self.slope * other.value + self.value * other.slope }
    }
}

impl Div for Dual {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Self { value, slope: (self.slope - value * other.slope) / other.value }
    }
}

impl Neg for Dual {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { value: -self.value, slope: -self.slope }
    }
}

/// The sign of x; 0 at 0, where |x| has no derivative.
#[inline(always)]
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { 1f64.copysign(x) }
}

impl Scalar for Dual {
    type Element = f64;
    type Mask = bool;
    const LANES: usize = 1;
    const APART: bool = true;

    #[inline(always)]
    fn call<W: Work>(work: W) -> W::Output {
        f64::call(work)
    }
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self::fixed(value)
    }
    #[inline(always)]
    fn load(values: &[f64]) -> Self {
        Self::fixed(values[0])
    }
    #[inline(always)]
    fn store(self, values: &mut [f64]) {
        values[0] = self.value;
    }
    #[inline(always)]
    fn pick(table: &[f64], index: &[u32]) -> Self {
        Self::fixed(f64::pick(table, index))
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        let slope = self.slope.mul_add(factor.value, self.value.mul_add(factor.slope, addend.slope));
        Self { value: self.value.mul_add(factor.value, addend.value), slope }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.through(self.value.abs(), sign(self.value))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.through(root, 0.5 / root)
    }
    #[inline(always)]
    fn copysign(self, by: Self) -> Self {
        self.through(self.value.copysign(by.value), sign(self.value) * 1f64.copysign(by.value))
    }
    #[inline(always)]
    fn lt(self, other: Self) -> bool {
        self.value < other.value
    }
    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
    #[inline(always)]
    fn round_pow2(self, factor: f64) -> (Self, Self) {
        let (n, power) = self.value.round_pow2(factor);
        (Self::fixed(n), Self::fixed(power))
    }
    #[inline(always)]
    fn split_exponent(self) -> (Self, Self) {
        let (m, e) = self.value.split_exponent();
        (self.through(m, m / self.value), Self::fixed(e))
    }

    /// Where eˣ is ∞, a sigmoid that is made of it has become flat: the slope is 0 then, not ∞.
    #[inline(always)]
    fn exp(self) -> Self {
        let e = Scalar::exp(self.value);
        self.through(e, if e < f64::INFINITY { e } else { 0.0 })
    }
    #[inline(always)]
    fn exp_m1(self) -> Self {
        self.through(Scalar::exp_m1(self.value), Scalar::exp(self.value))
    }
    #[inline(always)]
    fn erf(self) -> Self {
        self.through(Scalar::erf(self.value), std::f64::consts::FRAC_2_SQRT_PI * Scalar::exp(-self.value * self.value))
    }
    #[inline(always)]
    fn ln_1p(self) -> Self {
        self.through(Scalar::ln_1p(self.value), 1.0 / (1.0 + self.value))
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.through(Scalar::ln(self.value), 1.0 / self.value)
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        let t = Scalar::tanh(self.value);
        self.through(t, 1.0 - t * t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A function over dual numbers and the same over plain ones, at several places.
    fn check(name: &str, dual: impl Fn(Dual) -> Dual, plain: impl Fn(f64) -> f64, places: &[f64]) {
        for &x in places {
            let got = dual(Dual { value: x, slope: 3.0 });
            assert_eq!(got.value.to_bits(), plain(x).to_bits(), "{name}({x})");
            let h = 1e-5 * x.abs().max(1e-3);
            let difference = 3.0 * (plain(x + h) - plain(x - h)) / (2.0 * h);
            // Truncation of the difference, h² = 1e-10, and its rounding, 1e-16 / h, with some room.
            let tolerance = 1e-7 * difference.abs().max(1.0);
            assert!((got.slope - difference).abs() < tolerance, "{name}′({x}): {} against {difference}", got.slope);
        }
    }

    #[test]
    fn every_function_carries_its_derivative() {
        let all = [-3.7, -0.9, -0.04, 0.03, 0.6, 1.3, 5.1];
        let above = [0.02, 0.5, 1.7, 40.0];
        macro_rules! functions {
            ($($f:ident over $places:ident),*) => { $(check(stringify!($f), Dual::$f, |x| Scalar::$f(x), &$places);)* };
        }
        functions!(exp over all, exp_m1 over all, erf over all, tanh over all, abs over all);
        functions!(ln over above, ln_1p over above, sqrt over above);
    }

    #[test]
    fn every_operation_carries_its_derivative() {
        let all = [-3.7, -0.9, -0.04, 0.03, 0.6, 1.3, 5.1];
        check("x·(x + 2)", |x| x * (x + Dual::fixed(2.0)), |x| x * (x + 2.0), &all);
        check("(1 − x)/(x − 7)", |x| (Dual::fixed(1.0) - x) / (x - Dual::fixed(7.0)), |x| (1.0 - x) / (x - 7.0), &all);
        check("fused", |x| x.mul_add(-x, x), |x| x.mul_add(-x, x), &all);
        check("copysign", |x| x.copysign(Dual::fixed(-1.0)), |x| x.copysign(-1.0), &all);
        check("max", |x| x.max(Dual::fixed(0.5) * x), |x| Scalar::max(x, 0.5 * x), &all);
        check("m of m·2ᵉ", |x| x.split_exponent().0, |x| x.split_exponent().0, &[0.8, 3.3, 5.0]);
    }

    /// A sigmoid so far out that eˣ overflows is flat; it is not NaN.
    #[test]
    fn a_saturated_sigmoid_is_flat() {
        let one = Dual::fixed(1.0);
        let far = Dual { value: -800.0, slope: 2.0 };
        assert_eq!(one / (one + (-far).exp()), Dual::fixed(0.0));
    }
}
