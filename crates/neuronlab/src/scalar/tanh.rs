//! tanh x = (e²ˣ − 1) / (e²ˣ + 1).
//!
//! The numerator is built as e²ˣ − 1 from the start (the `expm1` form), so nothing cancels near 0, and the value is
//! exactly ±1 where it rounds to ±1, never beyond.

use super::exp::{Pieces, pieces};
use super::{Real, Scalar};

#[inline(always)]
pub(super) fn tanh<S: Scalar>(x: S) -> S {
    let one = S::constant(1.0);
    let size = x.abs().min(S::constant(S::Element::TABLES.tanh_one));
    let Pieces { pow2, p, .. } = pieces(size + size);
    let minus_one = pow2.mul_add(p, pow2 - one);
    let plus_one = pow2.mul_add(p, pow2 + one);
    (minus_one / plus_one).copysign(x)
}
