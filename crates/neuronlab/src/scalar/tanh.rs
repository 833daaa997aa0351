//! The hyperbolic tangent.
//!
//! Near 0, tanh x = x + x·x²·R(x²) with R a polynomial: nothing cancels, and the last addition is all that rounds
//! visibly. Farther out, tanh |x| = 1 − 2 / (e²ˣ + 1), which is exactly 1 where it rounds to 1 and never beyond. The two
//! meet at 0.7. Both are computed and one is selected, so that a bundle of numbers needs no branch.
//!
//! A rational function of degree 13 over 6 takes half of the operations but is off by up to 5 ULP, and with the one tried
//! the notebook's first printed loss did not come out to its ten digits.

use super::exp::{Pieces, pieces_of_square};
use super::{Real, Scalar, polynomial};

#[inline(always)]
pub(super) fn tanh<S: Scalar>(x: S) -> S {
    let tables = S::Element::TABLES;
    let (one, two) = (S::constant(1.0), S::constant(2.0));

    let square = x * x;
    let near = (x * square).mul_add(polynomial(square, tables.tanh), x);

    let size = x.abs().min(S::constant(tables.tanh_one));
    let Pieces { double, p, .. } = pieces_of_square(size);
    let far = one - two / double.mul_add(p, double.mul_add(S::constant(0.5), one));

    // The sign is put on at the end: near −0 the polynomial would give +0.
    S::select(x.abs().lt(S::constant(0.7)), near, far).copysign(x)
}
