//! Numbers side by side: N networks trained by the code that trains one.
#![allow(
    clippy::needless_range_loop,
    reason = "the compiler unrolls these; a closure would not be compiled for the vectors"
)]

use super::{Scalar, Work, sealed::Sealed};
use crate::kernels::Kernels;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// N numbers of type `S`, each operation applied to all of them.
///
/// Plain numbers make portable lanes, `Lanes<f32, 16>`. Vectors of the processor make fast ones: `Lanes<V, 4>`, with V of
/// 16 numbers, is 64 lanes, and four independent operations are under way at a time. Lane k has the bits that the same
/// operations give one number.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(transparent)]
pub struct Lanes<S, const N: usize>([S; N]);

impl<S: Sealed, const N: usize> Sealed for Lanes<S, N> {}
impl<S: Scalar, const N: usize> Kernels for Lanes<S, N> {}

macro_rules! operators {
    ($($Trait:ident $method:ident),*) => {
        $(impl<S: Scalar, const N: usize> $Trait for Lanes<S, N> {
            type Output = Self;
            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                for i in 0..N {
                    self.0[i] = $Trait::$method(self.0[i], other.0[i]);
                }
                self
            }
        })*
    };
}

operators!(Add add, Sub sub, Mul mul, Div div);

impl<S: Scalar, const N: usize> Neg for Lanes<S, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(mut self) -> Self {
        for i in 0..N {
            self.0[i] = -self.0[i];
        }
        self
    }
}

impl<S: Scalar, const N: usize> Scalar for Lanes<S, N> {
    type Element = S::Element;
    type Mask = [S::Mask; N];
    const LANES: usize = N * S::LANES;

    #[inline(always)]
    fn call<W: Work>(work: W) -> W::Output {
        S::call(work)
    }
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self([S::constant(value); N])
    }
    #[inline(always)]
    fn load(values: &[S::Element]) -> Self {
        let mut lanes = Self::constant(0.0);
        for i in 0..N {
            lanes.0[i] = S::load(&values[i * S::LANES..]);
        }
        lanes
    }
    #[inline(always)]
    fn store(self, values: &mut [S::Element]) {
        for i in 0..N {
            self.0[i].store(&mut values[i * S::LANES..]);
        }
    }
    #[inline(always)]
    fn pick(table: &[S::Element], index: &[u32]) -> Self {
        let mut lanes = Self::constant(0.0);
        for i in 0..N {
            lanes.0[i] = S::pick(table, &index[i * S::LANES..]);
        }
        lanes
    }
    #[inline(always)]
    fn mul_add(mut self, factor: Self, addend: Self) -> Self {
        for i in 0..N {
            self.0[i] = self.0[i].mul_add(factor.0[i], addend.0[i]);
        }
        self
    }
    #[inline(always)]
    fn abs(mut self) -> Self {
        for i in 0..N {
            self.0[i] = self.0[i].abs();
        }
        self
    }
    #[inline(always)]
    fn sqrt(mut self) -> Self {
        for i in 0..N {
            self.0[i] = self.0[i].sqrt();
        }
        self
    }
    #[inline(always)]
    fn min(mut self, other: Self) -> Self {
        for i in 0..N {
            self.0[i] = self.0[i].min(other.0[i]);
        }
        self
    }
    #[inline(always)]
    fn max(mut self, other: Self) -> Self {
        for i in 0..N {
            self.0[i] = self.0[i].max(other.0[i]);
        }
        self
    }
    #[inline(always)]
    fn copysign(mut self, sign: Self) -> Self {
        for i in 0..N {
            self.0[i] = self.0[i].copysign(sign.0[i]);
        }
        self
    }
    #[inline(always)]
    fn lt(self, other: Self) -> Self::Mask {
        let mut mask = [self.0[0].lt(other.0[0]); N];
        for i in 1..N {
            mask[i] = self.0[i].lt(other.0[i]);
        }
        mask
    }
    #[inline(always)]
    fn select(mask: Self::Mask, mut yes: Self, no: Self) -> Self {
        for i in 0..N {
            yes.0[i] = S::select(mask[i], yes.0[i], no.0[i]);
        }
        yes
    }
    #[inline(always)]
    fn round_pow2(mut self, factor: f64) -> (Self, Self) {
        let mut power = self;
        for i in 0..N {
            (self.0[i], power.0[i]) = self.0[i].round_pow2(factor);
        }
        (self, power)
    }
    #[inline(always)]
    fn split_exponent(mut self) -> (Self, Self) {
        let mut exponent = self;
        for i in 0..N {
            (self.0[i], exponent.0[i]) = self.0[i].split_exponent();
        }
        (self, exponent)
    }
}
