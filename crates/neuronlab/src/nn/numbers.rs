//! Numeric settings on their way into the kernels.

use crate::scalar::{Packet, Scalar};

/// The numeric settings of an activation, a loss or a normalisation as its kernels use them: those of each network by itself,
/// where networks are trained side by side. Each function says what its places mean; the rest are 0.
pub(crate) type Numbers<S> = [S; 3];

/// The same in all lanes.
#[inline(always)]
pub(crate) fn everywhere<S: Scalar>(numbers: Numbers<f64>) -> Numbers<S> {
    let mut lanes = [S::constant(0.0); 3];
    for i in 0..3 {
        lanes[i] = S::constant(numbers[i]);
    }
    lanes
}

/// The same for each number of a packet.
#[inline(always)]
pub(crate) fn spread<S: Scalar, V: Packet<S>>(numbers: &Numbers<S>) -> Numbers<V> {
    [V::spread(numbers[0]), V::spread(numbers[1]), V::spread(numbers[2])]
}

/// What lane k of each place holds comes from the k-th of `of_lanes`.
pub(crate) fn of_lanes<S: Scalar>(of_lanes: &[Numbers<f64>]) -> Numbers<S> {
    std::array::from_fn(|i| {
        S::load(&of_lanes.iter().map(|numbers| <S::Element as Scalar>::constant(numbers[i])).collect::<Vec<_>>())
    })
}
