//! Vectors of x86-64: AVX-512 and AVX2.
#![allow(clippy::wildcard_imports, reason = "a few dozen instructions")]

use super::vector::{one_by_one, vector};
use super::{Packet, Scalar, Sealed, Work, with_avx2, with_avx512};
use crate::kernels::Kernels;
use std::arch::x86_64::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A mask of the first so many numbers of a vector, at most as many as it holds: nothing behind them is read or written.
#[inline(always)]
fn first(some: usize) -> u32 {
    (1 << some) - 1
}

/// The same as AVX2 has it, of eight numbers.
#[inline(always)]
fn first_of_8(some: usize) -> __m256i {
    // SAFETY: asked of in work that `Simd` runs, which has asked the processor for AVX2.
    unsafe { _mm256_cmpgt_epi32(_mm256_set1_epi32(some as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)) }
}

/// Of four.
#[inline(always)]
fn first_of_4(some: usize) -> __m256i {
    // SAFETY: as above.
    unsafe { _mm256_cmpgt_epi64(_mm256_set1_epi64x(some as i64), _mm256_setr_epi64x(0, 1, 2, 3)) }
}

vector! {
    F32x16(__m512), 16 of f32, mask __mmask16, tile 8 x 2;
    splat(x) = _mm512_set1_ps(x);
    load(from) = _mm512_loadu_ps(from);
    store(to, v) = _mm512_storeu_ps(to, v);
    load_some(some) = Self(unsafe { _mm512_maskz_loadu_ps(first(some.len()) as u16, some.as_ptr()) });
    store_some(room, value) = unsafe { _mm512_mask_storeu_ps(room.as_mut_ptr(), first(room.len()) as u16, value.0) };
    pick(table, index) = {
        // SAFETY: the index has 16 places; of the table as many numbers are read as it has, or each place is below its end.
        unsafe {
            let last = _mm512_set1_epi32(table.len() as i32 - 1);
            let index = _mm512_min_epu32(_mm512_loadu_epi32(index.as_ptr().cast()), last);
            Self(if table.len() <= 16 {
                let table = _mm512_maskz_loadu_ps(first(table.len()) as u16, table.as_ptr());
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
        zip(a, b) = {
            let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
            (_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b))
        };
}

vector! {
    F64x8(__m512d), 8 of f64, mask __mmask8, tile 8 x 2;
    splat(x) = _mm512_set1_pd(x);
    load(from) = _mm512_loadu_pd(from);
    store(to, v) = _mm512_storeu_pd(to, v);
    load_some(some) = Self(unsafe { _mm512_maskz_loadu_pd(first(some.len()) as u8, some.as_ptr()) });
    store_some(room, value) = unsafe { _mm512_mask_storeu_pd(room.as_mut_ptr(), first(room.len()) as u8, value.0) };
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
        zip(a, b) = {
            let (low, high) = (_mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11), _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15));
            (_mm512_permutex2var_pd(a, low, b), _mm512_permutex2var_pd(a, high, b))
        };
}

vector! {
    F32x8(__m256), 8 of f32, mask __m256, tile 6 x 2;
    splat(x) = _mm256_set1_ps(x);
    load(from) = _mm256_loadu_ps(from);
    store(to, v) = _mm256_storeu_ps(to, v);
    load_some(some) = Self(unsafe { _mm256_maskload_ps(some.as_ptr(), first_of_8(some.len())) });
    store_some(room, value) = unsafe { _mm256_maskstore_ps(room.as_mut_ptr(), first_of_8(room.len()), value.0) };
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
        zip(a, b) = {
            let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
            (_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high))
        };
}

vector! {
    F64x4(__m256d), 4 of f64, mask __m256d, tile 6 x 2;
    splat(x) = _mm256_set1_pd(x);
    load(from) = _mm256_loadu_pd(from);
    store(to, v) = _mm256_storeu_pd(to, v);
    load_some(some) = Self(unsafe { _mm256_maskload_pd(some.as_ptr(), first_of_4(some.len())) });
    store_some(room, value) = unsafe { _mm256_maskstore_pd(room.as_mut_ptr(), first_of_4(room.len()), value.0) };
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
        zip(a, b) = {
            let (low, high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            (_mm256_permute2f128_pd::<0x20>(low, high), _mm256_permute2f128_pd::<0x31>(low, high))
        };
}
