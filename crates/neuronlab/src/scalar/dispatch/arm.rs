//! Vectors of 64-bit ARM: NEON.
#![allow(clippy::wildcard_imports, reason = "a few dozen instructions")]

use super::vector::{one_by_one, vector};
use super::{Packet, Scalar, Sealed, Work, with_neon};
use crate::kernels::Kernels;
use std::arch::aarch64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

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
    F32x4(float32x4_t), 4 of f32, mask uint32x4_t, tile 8 x 2;
    splat(x) = vdupq_n_f32(x);
    load(from) = vld1q_f32(from);
    store(to, v) = vst1q_f32(to, v);
    load_some(some) = one_by_one::take(some);
    store_some(room, value) = one_by_one::put(value, room);
    pick(table, index) = one_by_one::pick(table, index);
    operators: Add add vaddq_f32, Sub sub vsubq_f32, Mul mul vmulq_f32, Div div vdivq_f32;
    mul_add(f, g, h) = vfmaq_f32(h, f, g);
    sqrt = vsqrtq_f32;
    smaller = smaller_f32, larger = larger_f32;
    call(work) = with_neon(work);
    bits: and and_f32, or or_f32, and_not and_not_f32;
    lt(l, r) = vcltq_f32(l, r);
    select(mask, yes, no) = vbslq_f32(mask, yes, no);
    pow2(shifted) = vreinterpretq_f32_u32(vshlq_n_u32::<23>(vreinterpretq_u32_f32(shifted)));
    split(x) = one_by_one::split_exponent(x);
    zip(a, b) = (vzip1q_f32(a, b), vzip2q_f32(a, b));
}

vector! {
    F64x2(float64x2_t), 2 of f64, mask uint64x2_t, tile 8 x 2;
    splat(x) = vdupq_n_f64(x);
    load(from) = vld1q_f64(from);
    store(to, v) = vst1q_f64(to, v);
    load_some(some) = one_by_one::take(some);
    store_some(room, value) = one_by_one::put(value, room);
    pick(table, index) = one_by_one::pick(table, index);
    operators: Add add vaddq_f64, Sub sub vsubq_f64, Mul mul vmulq_f64, Div div vdivq_f64;
    mul_add(f, g, h) = vfmaq_f64(h, f, g);
    sqrt = vsqrtq_f64;
    smaller = smaller_f64, larger = larger_f64;
    call(work) = with_neon(work);
    bits: and and_f64, or or_f64, and_not and_not_f64;
    lt(l, r) = vcltq_f64(l, r);
    select(mask, yes, no) = vbslq_f64(mask, yes, no);
    pow2(shifted) = vreinterpretq_f64_u64(vshlq_n_u64::<52>(vreinterpretq_u64_f64(shifted)));
    split(x) = one_by_one::split_exponent(x);
    zip(a, b) = (vzip1q_f64(a, b), vzip2q_f64(a, b));
}
