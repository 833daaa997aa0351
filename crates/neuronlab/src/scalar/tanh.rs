//! The hyperbolic tangent.
//!
//! Both formulas have the form w − p/q, so that one division does for both, and what is subtracted is the smaller part of w.
//! Near 0, tanh x = x − x³ / Q(x²): by the continued fraction of tanh, Q(u) = 3 + 6u/5 − u²/175 + …, which is almost a line,
//! so that a few terms do. Farther out, tanh |x| = 1 − 2 / (e²ˣ + 1), which is exactly 1 where it rounds to 1 and never
//! beyond. The two meet at 0.9. Terms are computed of both and one is selected, so that a bundle of numbers needs no branch.

use super::exp::square_of_exp_and_one;
use super::{Real, Scalar, polynomial};

#[inline(always)]
pub(super) fn tanh<S: Scalar>(x: S) -> S {
    let tables = S::Element::TABLES;
    let (one, two) = (S::constant(1.0), S::constant(2.0));
    let size = x.abs().min(S::constant(tables.tanh_one));
    let square = size * size;

    let near = size.lt(S::constant(0.9));
    let w = S::select(near, size, one);
    let p = S::select(near, size * square, two);
    let q = S::select(near, polynomial(square, tables.tanh), square_of_exp_and_one(size));
    // The sign is put on at the end: a difference never gives −0.
    (w - p / q).copysign(x)
}
