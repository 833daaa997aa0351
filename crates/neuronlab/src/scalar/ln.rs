//! The natural logarithm.
//!
//! x = m·2ᵉ with √½ ≤ m < √2; with f = m − 1 and s = f/(2 + f), ln m = 2s + s³·R(s²). Written as
//! f − (f²/2 − s·(f²/2 + s²·R)), the leading part f is exact, as in the classical implementations of FDLIBM.

use super::{Real, Scalar, polynomial};

#[inline(always)]
pub(super) fn ln<S: Scalar>(x: S) -> S {
    let tables = S::Element::TABLES;
    let (hi, lo) = tables.ln2;
    let (least_normal, lift, lift_exponent) = tables.subnormal;
    let zero = S::constant(0.0);

    let small = x.lt(S::constant(least_normal));
    let lifted = S::select(small, x * S::constant(lift), x);
    let (m, e) = lifted.split_exponent();
    let e = S::select(small, e - S::constant(lift_exponent), e);

    let f = m - S::constant(1.0);
    let s = f / (f + S::constant(2.0));
    let w = s * s;
    let half_square = S::constant(0.5) * f * f;
    let tail = s * w.mul_add(polynomial(w, tables.ln), half_square);
    let value = e.mul_add(S::constant(hi), f - (half_square - e.mul_add(S::constant(lo), tail)));

    let value = S::select(x.lt(S::constant(f64::INFINITY)), value, x);
    // Below the least positive number lie 0 and the negative ones; a comparison with NaN is false, so NaN stays.
    let outside = S::select(x.lt(zero), S::constant(f64::NAN), S::constant(f64::NEG_INFINITY));
    S::select(x.lt(S::constant(tables.least)), outside, value)
}

/// ln(1 + x) for x ≥ 0: the logarithm of the rounded sum, and what the rounding lost.
#[inline(always)]
pub(super) fn ln_1p<S: Scalar>(x: S) -> S {
    let sum = x + S::constant(1.0);
    let lost = x - (sum - S::constant(1.0));
    let value = ln(sum) + lost / sum;
    S::select(sum.lt(S::constant(f64::INFINITY)), value, sum)
}
