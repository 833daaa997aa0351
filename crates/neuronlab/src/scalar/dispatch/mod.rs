//! Where the engine meets the instruction set: the only folder with `unsafe`.
//!
//! Work is compiled once for each set of instructions, and the processor at hand decides which is run. All give the same
//! bits: a vector's operations are the IEEE operations of its numbers, and a fused multiply-add, one instruction on the
//! processors of the last ten years, is a call into a library elsewhere.
#![allow(unsafe_code)]
#![allow(unreachable_pub, reason = "vector types are named by public associated types, and by nobody outside")]

mod vector;

#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(unused_imports, reason = "for vectors")
)]
use super::packet::{By, Packet, PacketWork};
use super::{Lanes, Real, Scalar, sealed::Sealed};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A piece of work; `run` must be `#[inline(always)]`, and everything in it that computes.
pub trait Work {
    /// What it gives.
    type Output;
    /// Does it.
    fn run(self) -> Self::Output;
}

/// Runs `work` on plain numbers with fused multiply-add instructions where the processor has them.
#[inline]
pub(super) fn fused<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if matches!(Simd::best(), Simd::Avx2 | Simd::Avx512) {
        // SAFETY: the best is one that the processor has, and AVX-512 is only had with AVX2 and FMA.
        return unsafe { with_avx2(work) };
    }
    work.run()
}

/// The instructions that are used, as their place in [`Simd::ALL`] and one more; 0 until somebody asks.
static BEST: AtomicUsize = AtomicUsize::new(0);

// Not inlined into one another: a piece of work within another, such as one of many activations, stays a function of its own.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline(never)]
fn with_avx2<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
#[inline(never)]
fn with_avx512<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "aarch64")]
#[inline(never)]
fn with_neon<W: Work>(work: W) -> W::Output {
    work.run()
}

/// Work on lanes of `T`, whatever they are made of. Only what it hands to [`Scalar::call`] is compiled for their instructions.
pub(crate) trait LaneWork<T: Real> {
    type Output;
    fn run<S: Scalar<Element = T>>(self) -> Self::Output;
}

/// Vectors a bundle of lanes is made of: as many operations are under way at a time.
const VECTORS: usize = 4;

/// A set of vector instructions. Whichever is used, results have the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simd {
    /// Plain numbers: one network at a time.
    Portable,
    /// 128 bits, on every 64-bit ARM processor.
    Neon,
    /// 256 bits and fused multiply-add: Intel since Haswell (2013), AMD since Excavator (2015).
    Avx2,
    /// 512 bits (F and DQ): Intel servers since Skylake (2017), AMD since Zen 4 (2022).
    Avx512,
}

impl Simd {
    /// All of them, widest last.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Neon, Self::Avx2, Self::Avx512];

    /// The widest that this processor has, or that [`limit`](Self::limit) allows.
    #[inline]
    pub fn best() -> Self {
        match BEST.load(Ordering::Relaxed) {
            0 => Self::look(),
            known => Self::ALL[known - 1],
        }
    }

    /// Asks the processor.
    #[cold]
    fn look() -> Self {
        let widest = Self::ALL.iter().rposition(|simd| simd.is_available()).expect("plain numbers are always there");
        // Somebody else may have found the same, or set a limit.
        let _ = BEST.compare_exchange(0, widest + 1, Ordering::Relaxed, Ordering::Relaxed);
        Self::ALL[BEST.load(Ordering::Relaxed) - 1]
    }

    /// From now on nothing in this process uses wider instructions than these: to see that results have the same bits. (Work that was begun
    /// goes on as it was.)
    ///
    /// # Panics
    /// Where the processor lacks them.
    pub fn limit(self) {
        assert!(self.is_available(), "this processor has no {}", self.name());
        let place = Self::ALL.iter().position(|&simd| simd == self).expect("one of all");
        BEST.store(place + 1, Ordering::Relaxed);
    }

    /// Whether this processor has it.
    #[inline]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Neon => cfg!(target_arch = "aarch64"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// The usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "NEON",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        }
    }

    /// Networks that are trained side by side, in numbers of type `T`.
    pub fn lanes<T: Real>(self) -> usize {
        match self {
            Self::Portable => 1,
            Self::Neon => VECTORS * T::Neon::LANES,
            Self::Avx2 => VECTORS * T::Avx2::LANES,
            Self::Avx512 => VECTORS * T::Avx512::LANES,
        }
    }

    /// Runs `work` with these instructions, or portably where the processor lacks them.
    pub(crate) fn run<T: Real, W: LaneWork<T>>(self, work: W) -> W::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => work.run::<Lanes<T::Avx512, VECTORS>>(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => work.run::<Lanes<T::Avx2, VECTORS>>(),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => work.run::<Lanes<T::Neon, VECTORS>>(),
            _ => work.run::<T>(),
        }
    }

    /// Runs `work` on plain numbers by packets of these instructions.
    ///
    /// # Panics
    /// Where the processor lacks them, or they are none: nobody asks for packets of one number.
    #[cfg_attr(
        not(any(target_arch = "x86_64", target_arch = "aarch64")),
        allow(unused_variables, reason = "for vectors")
    )]
    pub(crate) fn by_packets<T: Real, W: PacketWork<T>>(self, work: W) -> W::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => T::Avx512::call(By::<T, T::Avx512, W>::new(work)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => T::Avx2::call(By::<T, T::Avx2, W>::new(work)),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => T::Neon::call(By::<T, T::Neon, W>::new(work)),
            _ => unreachable!("packets are for vectors, and {} has none", self.name()),
        }
    }
}

#[cfg(target_arch = "aarch64")]
pub use arm::{F32x4, F64x2};
#[cfg(target_arch = "x86_64")]
pub use x86::{F32x8, F32x16, F64x4, F64x8};

/// Elsewhere the names stand for plain numbers; they are never run.
#[cfg(not(target_arch = "x86_64"))]
mod no_x86 {
    pub use {f32 as F32x8, f32 as F32x16, f64 as F64x4, f64 as F64x8};
}
#[cfg(not(target_arch = "x86_64"))]
pub use no_x86::*;

#[cfg(not(target_arch = "aarch64"))]
mod no_arm {
    pub use {f32 as F32x4, f64 as F64x2};
}
#[cfg(not(target_arch = "aarch64"))]
pub use no_arm::*;

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every kind: zeros, subnormal and huge ones, infinities, none at all.
    const NUMBERS: [f64; 16] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.3,
        -2.7,
        1e-40,
        -3e-39,
        1e30,
        -7e37,
        0.5,
        100.0,
        f64::NAN,
        1e-7,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];

    /// Every operation on `S`, lane by lane, as bits.
    fn results<S: Scalar>() -> Vec<Vec<u64>> {
        let element = |i: usize| <S::Element as Scalar>::constant(NUMBERS[i % 16]);
        let rows = |shift: usize| (0..S::LANES).map(|k| element(k * 3 + shift)).collect::<Vec<_>>();
        let [a, b, c] = [0, 5, 9].map(|shift| S::load(&rows(shift)));
        let index: Vec<u32> = (0..S::LANES as u32).map(|k| k * 7 % 20).collect();
        let tables = [4, 16, 40].map(|n| (0..n).map(element).collect::<Vec<_>>());
        let mut rising = 0.2;
        let mut next = || {
            rising *= 1.9;
            <S::Element as Scalar>::constant(rising)
        };
        let normal = S::load(&(0..S::LANES).map(|_| next()).collect::<Vec<_>>());
        // Without NaN, whose sign is nowhere promised.
        let small = S::select(a.abs().lt(S::constant(100.0)), a, S::constant(3.3));
        let (n, power) = small.round_pow2(1.1);
        let (m, e) = normal.split_exponent();
        let mut all = vec![a + b, a - b, a * b, a / b, -a, a.mul_add(b, c), a.abs(), a.abs().sqrt(), a.copysign(small)];
        all.extend([
            S::select(a.lt(b), a, c),
            n,
            power,
            m,
            e,
            a.min(b),
            a.max(b),
            S::constant(1.5),
            small.tanh(),
            normal.ln(),
        ]);
        all.extend(tables.iter().map(|table| S::pick(table, &index)));
        let mut lanes = vec![<S::Element as Default>::default(); S::LANES];
        let bits = |value: &<S::Element as Scalar>::Element| {
            let wide = value.to_f64();
            if wide.is_nan() { u64::MAX } else { wide.to_bits() }
        };
        all.into_iter()
            .map(|value| {
                value.store(&mut lanes);
                lanes.iter().map(bits).collect()
            })
            .collect()
    }

    struct Results;

    impl<T: Real> LaneWork<T> for Results {
        type Output = Vec<Vec<u64>>;
        fn run<S: Scalar<Element = T>>(self) -> Self::Output {
            results::<S>()
        }
    }

    /// What the lanes of plain numbers give.
    fn plain<T: Real>(lanes: usize) -> Vec<Vec<u64>> {
        match lanes {
            1 => results::<T>(),
            4 => results::<Lanes<T, 4>>(),
            8 => results::<Lanes<T, 8>>(),
            16 => results::<Lanes<T, 16>>(),
            32 => results::<Lanes<T, 32>>(),
            _ => results::<Lanes<T, 64>>(),
        }
    }

    #[test]
    fn vectors_do_what_numbers_do() {
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            assert_eq!(simd.run::<f32, _>(Results), plain::<f32>(simd.lanes::<f32>()), "{} f32", simd.name());
            assert_eq!(simd.run::<f64, _>(Results), plain::<f64>(simd.lanes::<f64>()), "{} f64", simd.name());
        }
    }

    /// Parts of packets, between numbers that must be neither read nor written.
    struct Edges;

    impl<T: Real> PacketWork<T> for Edges {
        type Output = ();
        #[inline(always)]
        fn run<V: Packet<T>>(self) {
            let count = |i: usize| T::constant(i as f64 + 1.0);
            for some in 0..=V::WIDTH {
                let mut numbers = vec![T::constant(f64::NAN); V::WIDTH + 2];
                for i in 0..some {
                    numbers[1 + i] = count(i);
                }
                let mut taken = vec![T::constant(f64::NAN); V::WIDTH];
                V::take(&numbers[1..=some], 0).put(&mut taken, 0);
                let mut written = vec![T::constant(-7.0); V::WIDTH + 2];
                V::spread(T::constant(5.0)).put(&mut written[1..=some], 0);
                for (i, number) in taken.into_iter().enumerate() {
                    let expected = if i < some { count(i) } else { T::constant(0.0) };
                    assert_eq!(number.to_f64().to_bits(), expected.to_f64().to_bits(), "{some} of {}", V::WIDTH);
                }
                for (i, number) in written.into_iter().enumerate() {
                    let expected = if (1..=some).contains(&i) { 5.0 } else { -7.0 };
                    assert_eq!(number.to_f64(), expected, "{some} of {}, place {i}", V::WIDTH);
                }
            }
        }
    }

    #[test]
    fn parts_of_packets_keep_within_their_bounds() {
        for simd in Simd::ALL.into_iter().filter(|&simd| simd != Simd::Portable && simd.is_available()) {
            simd.by_packets::<f32, _>(Edges);
            simd.by_packets::<f64, _>(Edges);
        }
    }
}
