//! Where the engine meets the instruction set: the only file with `unsafe`.
//!
//! Work is compiled once for each set of instructions, and the processor at hand decides which is run. All give the same
//! bits: a vector's operations are the IEEE operations of its numbers, and a fused multiply-add, one instruction on the
//! processors of the last ten years, is a call into a library elsewhere.
#![allow(unsafe_code)]
#![allow(unreachable_pub, reason = "vector types are named by public associated types, and by nobody outside")]

use super::{Lanes, Real, Scalar, sealed::Sealed};
use crate::kernels::Kernels;
use std::ops::{Add, Div, Mul, Neg, Sub};

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
    if Simd::Avx2.is_available() {
        // SAFETY: the processor was just asked for the features.
        return unsafe { with_avx2(work) };
    }
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<W: Work>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
fn with_avx512<W: Work>(work: W) -> W::Output {
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

    /// The widest that this processor has.
    pub fn best() -> Self {
        *Self::ALL.iter().rfind(|simd| simd.is_available()).expect("plain numbers are always there")
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
}

/// A vector of the processor as a [`Scalar`]. Every operation is one or a few instructions.
///
/// SAFETY of all its `unsafe`: values of the type are made nowhere but in work that [`Simd::run`] runs, which has asked the
/// processor for the instructions. Pointers are those of slices that were just cut to the vector's length.
#[allow(unused_macros, reason = "used on the architectures that have vectors")]
macro_rules! vector {
    (
        $Name:ident($Raw:ident), $lanes:literal of $Element:ident, mask $Mask:ident;
        splat($x:ident) = $splat:expr;
        load($from:ident) = $load:expr;
        store($to:ident, $stored:ident) = $store:expr;
        pick($table:ident, $index:ident) = $pick:expr;
        operators: $($Trait:ident $method:ident $operation:ident),*;
        mul_add($f:ident, $g:ident, $h:ident) = $mul_add:expr;
        sqrt = $sqrt:ident;
        smaller = $smaller:ident, larger = $larger:ident;
        call($work:ident) = $call:expr;
        bits: and $and:ident, or $or:ident, and_not $and_not:ident;
        lt($l:ident, $r:ident) = $lt:expr;
        select($mask:ident, $yes:ident, $no:ident) = $select:expr;
        pow2($shifted:ident) = $pow2:expr;
        split($whole:ident) = $split:expr;
    ) => {
        #[doc(hidden)]
        #[derive(Debug, Clone, Copy)]
        #[repr(transparent)]
        pub struct $Name($Raw);

        impl Sealed for $Name {}
        impl Kernels for $Name {}

        $(impl $Trait for $Name {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(unsafe { $operation(self.0, other.0) })
            }
        })*

        impl Neg for $Name {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // The sign turned, of zeros and NaNs as well, as of a plain number.
                let sign = Self::constant(-0.0).0;
                Self(unsafe { $or($and_not(self.0, sign), $and_not(sign, self.0)) })
            }
        }

        impl Scalar for $Name {
            type Element = $Element;
            type Mask = $Mask;
            const LANES: usize = $lanes;

            #[inline(always)]
            #[allow(unused_unsafe, reason = "NEON needs no permission")]
            fn call<W: Work>($work: W) -> W::Output {
                unsafe { $call }
            }
            #[inline(always)]
            fn constant(value: f64) -> Self {
                let $x = value as $Element;
                Self(unsafe { $splat })
            }
            #[inline(always)]
            fn load(values: &[$Element]) -> Self {
                let $from = values[..$lanes].as_ptr();
                Self(unsafe { $load })
            }
            #[inline(always)]
            fn store(self, values: &mut [$Element]) {
                let ($to, $stored) = (values[..$lanes].as_mut_ptr(), self.0);
                unsafe { $store }
            }
            #[inline(always)]
            fn pick(table: &[$Element], index: &[u32]) -> Self {
                let ($table, $index) = (table, &index[..$lanes]);
                $pick
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self) -> Self {
                let ($f, $g, $h) = (self.0, factor.0, addend.0);
                Self(unsafe { $mul_add })
            }
            #[inline(always)]
            fn abs(self) -> Self {
                Self(unsafe { $and_not(Self::constant(-0.0).0, self.0) })
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(unsafe { $sqrt(self.0) })
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                Self(unsafe { $smaller(other.0, self.0) })
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                Self(unsafe { $larger(other.0, self.0) })
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                let bit = Self::constant(-0.0).0;
                Self(unsafe { $or($and_not(bit, self.0), $and(bit, sign.0)) })
            }
            #[inline(always)]
            fn lt(self, other: Self) -> $Mask {
                let ($l, $r) = (self.0, other.0);
                unsafe { $lt }
            }
            #[inline(always)]
            fn select($mask: $Mask, yes: Self, no: Self) -> Self {
                let ($yes, $no) = (yes.0, no.0);
                Self(unsafe { $select })
            }
            #[inline(always)]
            fn round_pow2(self, factor: f64) -> (Self, Self) {
                // As of a plain number, in `real`.
                let bias = $Element::MAX_EXP as u64;
                let magic = Self::constant(((3u64 << ($Element::MANTISSA_DIGITS - 1) >> 1) + bias) as f64);
                let shifted = self.mul_add(Self::constant(factor), magic);
                let $shifted = shifted.0;
                (shifted - magic, Self(unsafe { $pow2 }))
            }
            #[inline(always)]
            fn split_exponent(self) -> (Self, Self) {
                let $whole = self;
                $split
            }
        }
    };
}

/// Lane by lane, as of plain numbers: for what a set of instructions lacks.
#[allow(unused, reason = "used on the architectures that have vectors")]
mod one_by_one {
    use super::{Real, Scalar};

    /// Lanes of the widest vector.
    const MOST: usize = 16;

    #[inline(always)]
    pub(super) fn pick<V: Scalar>(table: &[V::Element], index: &[u32]) -> V {
        let mut lanes = [V::Element::default(); MOST];
        for (lane, &index) in lanes.iter_mut().zip(index) {
            *lane = table[(index as usize).min(table.len() - 1)];
        }
        V::load(&lanes)
    }

    #[inline(always)]
    pub(super) fn split_exponent<V: Scalar>(value: V) -> (V, V) {
        let (mut m, mut e) = ([V::Element::default(); MOST], [V::Element::default(); MOST]);
        value.store(&mut m);
        for (m, e) in m.iter_mut().zip(&mut e).take(V::LANES) {
            (*m, *e) = m.split_exponent();
        }
        (V::load(&m), V::load(&e))
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{F32x8, F32x16, F64x4, F64x8};

#[cfg(target_arch = "x86_64")]
mod x86 {
    #![allow(clippy::wildcard_imports, reason = "a few dozen instructions")]
    use super::*;
    use std::arch::x86_64::*;

    vector! {
        F32x16(__m512), 16 of f32, mask __mmask16;
        splat(x) = _mm512_set1_ps(x);
        load(from) = _mm512_loadu_ps(from);
        store(to, v) = _mm512_storeu_ps(to, v);
        pick(table, index) = {
            // SAFETY: the index has 16 places; of the table as many numbers are read as it has, or each place is below its end.
            unsafe {
                let last = _mm512_set1_epi32(table.len() as i32 - 1);
                let index = _mm512_min_epu32(_mm512_loadu_epi32(index.as_ptr().cast()), last);
                Self(if table.len() <= 16 {
                    let table = _mm512_maskz_loadu_ps((0xffff_u32 >> (16 - table.len())) as u16, table.as_ptr());
                    _mm512_permutexvar_ps(index, table)
                } else {
                    _mm512_i32gather_ps::<4>(index, table.as_ptr())
                })
            }
        };
        operators: Add add _mm512_add_ps, Sub sub _mm512_sub_ps, Mul mul _mm512_mul_ps, Div div _mm512_div_ps;
        mul_add(f, g, h) = _mm512_fmadd_ps(f, g, h);
        sqrt = _mm512_sqrt_ps;
        smaller = _mm512_min_ps, larger = _mm512_max_ps;
        call(work) = with_avx512(work);
        bits: and _mm512_and_ps, or _mm512_or_ps, and_not _mm512_andnot_ps;
        lt(l, r) = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(l, r);
        select(mask, yes, no) = _mm512_mask_blend_ps(mask, no, yes);
        pow2(shifted) = _mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_castps_si512(shifted)));
        split(x) = {
            // SAFETY: as of all operations.
            unsafe {
                let from = _mm512_set1_epi32(std::f32::consts::FRAC_1_SQRT_2.to_bits() as i32);
                let above = _mm512_sub_epi32(_mm512_castps_si512(x.0), from);
                let e = _mm512_cvtepi32_ps(_mm512_srai_epi32::<23>(above));
                let m = _mm512_add_epi32(_mm512_and_si512(above, _mm512_set1_epi32((1 << 23) - 1)), from);
                (Self(_mm512_castsi512_ps(m)), Self(e))
            }
        };
    }

    vector! {
        F64x8(__m512d), 8 of f64, mask __mmask8;
        splat(x) = _mm512_set1_pd(x);
        load(from) = _mm512_loadu_pd(from);
        store(to, v) = _mm512_storeu_pd(to, v);
        pick(table, index) = one_by_one::pick(table, index);
        operators: Add add _mm512_add_pd, Sub sub _mm512_sub_pd, Mul mul _mm512_mul_pd, Div div _mm512_div_pd;
        mul_add(f, g, h) = _mm512_fmadd_pd(f, g, h);
        sqrt = _mm512_sqrt_pd;
        smaller = _mm512_min_pd, larger = _mm512_max_pd;
        call(work) = with_avx512(work);
        bits: and _mm512_and_pd, or _mm512_or_pd, and_not _mm512_andnot_pd;
        lt(l, r) = _mm512_cmp_pd_mask::<_CMP_LT_OQ>(l, r);
        select(mask, yes, no) = _mm512_mask_blend_pd(mask, no, yes);
        pow2(shifted) = _mm512_castsi512_pd(_mm512_slli_epi64::<52>(_mm512_castpd_si512(shifted)));
        split(x) = {
            // SAFETY: as of all operations.
            unsafe {
                let from = _mm512_set1_epi64(std::f64::consts::FRAC_1_SQRT_2.to_bits() as i64);
                let above = _mm512_sub_epi64(_mm512_castpd_si512(x.0), from);
                let e = _mm512_cvtepi64_pd(_mm512_srai_epi64::<52>(above));
                let m = _mm512_add_epi64(_mm512_and_si512(above, _mm512_set1_epi64((1 << 52) - 1)), from);
                (Self(_mm512_castsi512_pd(m)), Self(e))
            }
        };
    }

    vector! {
        F32x8(__m256), 8 of f32, mask __m256;
        splat(x) = _mm256_set1_ps(x);
        load(from) = _mm256_loadu_ps(from);
        store(to, v) = _mm256_storeu_ps(to, v);
        pick(table, index) = one_by_one::pick(table, index);
        operators: Add add _mm256_add_ps, Sub sub _mm256_sub_ps, Mul mul _mm256_mul_ps, Div div _mm256_div_ps;
        mul_add(f, g, h) = _mm256_fmadd_ps(f, g, h);
        sqrt = _mm256_sqrt_ps;
        smaller = _mm256_min_ps, larger = _mm256_max_ps;
        call(work) = with_avx2(work);
        bits: and _mm256_and_ps, or _mm256_or_ps, and_not _mm256_andnot_ps;
        lt(l, r) = _mm256_cmp_ps::<_CMP_LT_OQ>(l, r);
        select(mask, yes, no) = _mm256_blendv_ps(no, yes, mask);
        pow2(shifted) = _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_castps_si256(shifted)));
        split(x) = one_by_one::split_exponent(x);
    }

    vector! {
        F64x4(__m256d), 4 of f64, mask __m256d;
        splat(x) = _mm256_set1_pd(x);
        load(from) = _mm256_loadu_pd(from);
        store(to, v) = _mm256_storeu_pd(to, v);
        pick(table, index) = one_by_one::pick(table, index);
        operators: Add add _mm256_add_pd, Sub sub _mm256_sub_pd, Mul mul _mm256_mul_pd, Div div _mm256_div_pd;
        mul_add(f, g, h) = _mm256_fmadd_pd(f, g, h);
        sqrt = _mm256_sqrt_pd;
        smaller = _mm256_min_pd, larger = _mm256_max_pd;
        call(work) = with_avx2(work);
        bits: and _mm256_and_pd, or _mm256_or_pd, and_not _mm256_andnot_pd;
        lt(l, r) = _mm256_cmp_pd::<_CMP_LT_OQ>(l, r);
        select(mask, yes, no) = _mm256_blendv_pd(no, yes, mask);
        pow2(shifted) = _mm256_castsi256_pd(_mm256_slli_epi64::<52>(_mm256_castpd_si256(shifted)));
        split(x) = one_by_one::split_exponent(x);
    }
}

#[cfg(target_arch = "aarch64")]
pub use arm::{F32x4, F64x2};

#[cfg(target_arch = "aarch64")]
mod arm {
    #![allow(clippy::wildcard_imports, reason = "a few dozen instructions")]
    use super::*;
    use std::arch::aarch64::*;

    /// Bitwise operations on floating-point vectors, which NEON has for whole numbers only.
    macro_rules! bitwise {
        ($($name:ident = $operation:ident, $Raw:ident, $bits:ident, $float:ident;)*) => {
            $(#[inline(always)]
            unsafe fn $name(a: $Raw, b: $Raw) -> $Raw {
                unsafe { $float($operation($bits(a), $bits(b))) }
            })*
        };
    }

    bitwise! {
        and_f32 = vandq_u32, float32x4_t, vreinterpretq_u32_f32, vreinterpretq_f32_u32;
        or_f32 = vorrq_u32, float32x4_t, vreinterpretq_u32_f32, vreinterpretq_f32_u32;
        bic_f32 = vbicq_u32, float32x4_t, vreinterpretq_u32_f32, vreinterpretq_f32_u32;
        and_f64 = vandq_u64, float64x2_t, vreinterpretq_u64_f64, vreinterpretq_f64_u64;
        or_f64 = vorrq_u64, float64x2_t, vreinterpretq_u64_f64, vreinterpretq_f64_u64;
        bic_f64 = vbicq_u64, float64x2_t, vreinterpretq_u64_f64, vreinterpretq_f64_u64;
    }

    /// The smaller and the larger number as x86 has them, which gives the second where one is NaN.
    macro_rules! extremes {
        ($($smaller:ident, $larger:ident = $Raw:ident, $select:ident, $less:ident;)*) => {
            $(#[inline(always)]
            unsafe fn $smaller(a: $Raw, b: $Raw) -> $Raw {
                unsafe { $select($less(a, b), a, b) }
            }
            #[inline(always)]
            unsafe fn $larger(a: $Raw, b: $Raw) -> $Raw {
                unsafe { $select($less(b, a), a, b) }
            })*
        };
    }

    extremes! {
        smaller_f32, larger_f32 = float32x4_t, vbslq_f32, vcltq_f32;
        smaller_f64, larger_f64 = float64x2_t, vbslq_f64, vcltq_f64;
    }

    /// !a & b, in the order of arguments that x86 has.
    #[inline(always)]
    unsafe fn and_not_f32(a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { bic_f32(b, a) }
    }

    /// !a & b, in the order of arguments that x86 has.
    #[inline(always)]
    unsafe fn and_not_f64(a: float64x2_t, b: float64x2_t) -> float64x2_t {
        unsafe { bic_f64(b, a) }
    }

    vector! {
        F32x4(float32x4_t), 4 of f32, mask uint32x4_t;
        splat(x) = vdupq_n_f32(x);
        load(from) = vld1q_f32(from);
        store(to, v) = vst1q_f32(to, v);
        pick(table, index) = one_by_one::pick(table, index);
        operators: Add add vaddq_f32, Sub sub vsubq_f32, Mul mul vmulq_f32, Div div vdivq_f32;
        mul_add(f, g, h) = vfmaq_f32(h, f, g);
        sqrt = vsqrtq_f32;
        smaller = smaller_f32, larger = larger_f32;
        call(work) = work.run();
        bits: and and_f32, or or_f32, and_not and_not_f32;
        lt(l, r) = vcltq_f32(l, r);
        select(mask, yes, no) = vbslq_f32(mask, yes, no);
        pow2(shifted) = vreinterpretq_f32_u32(vshlq_n_u32::<23>(vreinterpretq_u32_f32(shifted)));
        split(x) = one_by_one::split_exponent(x);
    }

    vector! {
        F64x2(float64x2_t), 2 of f64, mask uint64x2_t;
        splat(x) = vdupq_n_f64(x);
        load(from) = vld1q_f64(from);
        store(to, v) = vst1q_f64(to, v);
        pick(table, index) = one_by_one::pick(table, index);
        operators: Add add vaddq_f64, Sub sub vsubq_f64, Mul mul vmulq_f64, Div div vdivq_f64;
        mul_add(f, g, h) = vfmaq_f64(h, f, g);
        sqrt = vsqrtq_f64;
        smaller = smaller_f64, larger = larger_f64;
        call(work) = work.run();
        bits: and and_f64, or or_f64, and_not and_not_f64;
        lt(l, r) = vcltq_f64(l, r);
        select(mask, yes, no) = vbslq_f64(mask, yes, no);
        pow2(shifted) = vreinterpretq_f64_u64(vshlq_n_u64::<52>(vreinterpretq_u64_f64(shifted)));
        split(x) = one_by_one::split_exponent(x);
    }
}

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
}
