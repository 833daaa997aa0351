//! Numbers that lie beside one another and are computed with at once.

use super::{Scalar, Tile, Work};
use std::marker::PhantomData;

/// Some numbers of type `S`: a vector of the processor (of plain numbers), or one number of any type.
///
/// What is written over packets is written once for the numbers of one wide network, which fill vectors, and for a number
/// that is a network's lane of its own. What is said of a vector is said of each of its numbers.
#[doc(hidden)]
pub trait Packet<S>: Scalar {
    /// How many numbers.
    const WIDTH: usize;
    /// Sums that registers hold.
    #[allow(private_bounds, reason = "of the engine alone")]
    type Tile: Tile<S, Self>;
    /// The numbers from `at` on; 0 for what would lie behind the end.
    fn take(numbers: &[S], at: usize) -> Self;
    /// Writes the numbers from `at` on, as many as there is room for.
    fn put(self, numbers: &mut [S], at: usize);
    /// The same number everywhere.
    fn spread(number: S) -> Self;
    /// `(a₀, b₀, a₁, b₁, …)`, in two halves.
    fn zip(self, other: Self) -> (Self, Self);
    /// Memory for numbers as memory for packets: as many as lie within it, in the place that suits them.
    fn packets(numbers: &mut [S]) -> &mut [Self];
}

impl<S: Scalar> Packet<S> for S {
    const WIDTH: usize = 1;
    type Tile = [[S; 1]; 4];
    #[inline(always)]
    fn take(numbers: &[S], at: usize) -> Self {
        numbers[at]
    }
    #[inline(always)]
    fn put(self, numbers: &mut [S], at: usize) {
        numbers[at] = self;
    }
    #[inline(always)]
    fn spread(number: S) -> Self {
        number
    }
    #[inline(always)]
    fn zip(self, other: Self) -> (Self, Self) {
        (self, other)
    }
    #[inline(always)]
    fn packets(numbers: &mut [S]) -> &mut [Self] {
        numbers
    }
}

/// The most numbers that a packet holds.
pub(crate) const MOST: usize = 16;

/// Work on numbers of type `S` by packets, whatever they are; `run` must be `#[inline(always)]`, and everything in it that
/// computes.
#[doc(hidden)]
pub trait PacketWork<S> {
    /// What it gives.
    type Output;
    /// Does it.
    fn run<V: Packet<S>>(self) -> Self::Output;
    /// Does it as a function of its own: compiled once, however much other work it is a part of.
    #[inline(always)]
    fn apart<V: Packet<S>>(self) -> Self::Output
    where
        Self: Sized,
    {
        V::call(By::<S, V, Self>::new(self))
    }
}

/// Packet work with its packets chosen.
pub(super) struct By<S, V, W>(W, PhantomData<(S, V)>);

impl<S, V: Packet<S>, W: PacketWork<S>> By<S, V, W> {
    #[inline(always)]
    pub(super) fn new(work: W) -> Self {
        Self(work, PhantomData)
    }
}

impl<S, V: Packet<S>, W: PacketWork<S>> Work for By<S, V, W> {
    type Output = W::Output;
    #[inline(always)]
    fn run(self) -> W::Output {
        self.0.run::<V>()
    }
}

/// Turns `rows`, as many as a packet holds, into columns: by as many rounds of zips as there are halvings of their number.
#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "the compiler unrolls these")]
pub(crate) fn transpose<S, V: Packet<S>>(rows: &mut [V; MOST]) {
    let mut rounds = V::WIDTH;
    while rounds > 1 {
        let before = *rows;
        for i in 0..V::WIDTH / 2 {
            (rows[2 * i], rows[2 * i + 1]) = before[i].zip(before[i + V::WIDTH / 2]);
        }
        rounds /= 2;
    }
}
