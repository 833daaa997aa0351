//! eˣ and eˣ − 1.
//!
//! x = n·ln 2 + r with n whole and |r| ≤ ln 2 / 2; then eˣ = 2ⁿ·eʳ, and eʳ − 1 = r + r²·q(r) with q a polynomial
//! fitted to minimal largest error (Chebyshev; `scripts/elementary.py` makes the coefficients again).

use super::{Real, Scalar, polynomial};

/// The pieces of an exponential: eˣ − 1 = 2ⁿ·p + (2ⁿ − 1).
pub(super) struct Pieces<S> {
    /// The whole number of halvings or doublings.
    pub(super) n: S,
    /// 2ⁿ⁺¹
    pub(super) double: S,
    /// eʳ − 1, with no cancellation.
    pub(super) p: S,
}

/// Argument reduction and polynomial; x must be within the range of normal exponents.
#[inline(always)]
pub(super) fn pieces<S: Scalar>(x: S) -> Pieces<S> {
    let tables = S::Element::TABLES;
    let (hi, lo) = tables.ln2;
    let (n, double) = x.round_pow2(std::f64::consts::LOG2_E);
    let r = n.mul_add(S::constant(-lo), n.mul_add(S::constant(-hi), x));
    let p = (r * r).mul_add(polynomial(r, tables.expm1), r);
    Pieces { n, double, p }
}

/// e²ˣ + 1 for x ≥ 0, to the last bits: what tanh asks for.
#[inline(always)]
pub(super) fn square_of_exp_and_one<S: Scalar>(x: S) -> S {
    let tables = S::Element::TABLES;
    let (n, double) = x.round_pow2(2.0 * std::f64::consts::LOG2_E);
    // ½·ln 2 in one number: what it lacks, times n, is far less than an ULP of e²ˣ (`f32`) for every n in question.
    let r = n.mul_add(S::constant(-0.5 * std::f64::consts::LN_2), x);
    polynomial(r, tables.half_exp).mul_add(double, S::constant(1.0))
}

/// eˣ. The power of two is applied in two halves, so that results below the normal numbers are rounded once.
#[inline(always)]
pub(super) fn exp<S: Scalar>(x: S) -> S {
    let (high, low) = S::Element::TABLES.exp_range;
    let inside = x.min(S::constant(high)).max(S::constant(low));
    let Pieces { n, p, .. } = pieces(inside);
    let (half, pow_half) = n.round_pow2(0.5);
    let (_, pow_rest) = (n - half).round_pow2(1.0);
    p.mul_add(pow_half, pow_half) * (pow_rest * S::constant(0.25))
}

/// eˣ − 1.
#[inline(always)]
pub(super) fn exp_m1<S: Scalar>(x: S) -> S {
    let (high, low) = S::Element::TABLES.exp_range;
    // Below, the answer is −1; above, eˣ, whose power of two must be applied in halves.
    let inside = x.min(S::constant(high * 0.5)).max(S::constant(low * 0.5));
    let Pieces { double, p, .. } = pieces(inside);
    let pow2 = double * S::constant(0.5);
    let near = pow2.mul_add(p, pow2 - S::constant(1.0));
    S::select(S::constant(high * 0.5).lt(x), exp(x), near)
}
