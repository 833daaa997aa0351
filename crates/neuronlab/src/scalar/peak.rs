//! As many multiply-adds as the processor can do: what a benchmark is compared with. (Who calls it has the clock.)

use super::{LaneWork, Scalar, Simd, Work};

/// Bundles of lanes, each of four vectors, under way at a time: more than latency times width of any processor today.
const BUNDLES: usize = 3;

/// Does `rounds` rounds of independent fused multiply-adds in `f32`; returns how many floating-point operations that were (two
/// each), and a number that depends on all of them, so that none is left out.
pub fn multiply_adds(simd: Simd, rounds: u64) -> (u64, f32) {
    simd.run::<f32, _>(Rounds(rounds))
}

struct Rounds(u64);

impl LaneWork<f32> for Rounds {
    type Output = (u64, f32);
    fn run<S: Scalar<Element = f32>>(self) -> (u64, f32) {
        let mut lanes = vec![0f32; S::LANES];
        S::call(Chains::<S>(self.0, std::marker::PhantomData)).store(&mut lanes);
        (self.0 * (2 * BUNDLES * S::LANES) as u64, lanes.iter().sum())
    }
}

struct Chains<S>(u64, std::marker::PhantomData<S>);

impl<S: Scalar> Work for Chains<S> {
    type Output = S;
    #[inline(always)]
    fn run(self) -> S {
        // Not constants to the compiler; the chains converge to a finite number.
        let (factor, addend) = (S::constant(std::hint::black_box(0.5)), S::constant(std::hint::black_box(0.25)));
        let (mut a, mut b, mut c) = (S::constant(1.0), S::constant(2.0), S::constant(3.0));
        for _ in 0..self.0 {
            a = a.mul_add(factor, addend);
            b = b.mul_add(factor, addend);
            c = c.mul_add(factor, addend);
        }
        a + b + c
    }
}
