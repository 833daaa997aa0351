//! The error function.
//!
//! erf x = x + x·P(x²) for |x| ≤ 1, and 1 − e^(−x²)·Q((x − 2)/(x + 2)) farther out; from 6 on it is 1.

use super::{Real, Scalar, polynomial};

#[inline(always)]
pub(super) fn erf<S: Scalar>(x: S) -> S {
    let tables = S::Element::TABLES;
    let (one, two) = (S::constant(1.0), S::constant(2.0));
    let square = x * x;
    let near = x.mul_add(polynomial(square, tables.erf_near), x);

    let size = x.abs().min(S::constant(6.0)).max(one);
    let t = (size - two) / (size + two);
    let far = one - (-(size * size)).exp() * polynomial(t, tables.erf_far);

    S::select(x.abs().lt(one), near, far).copysign(x)
}
