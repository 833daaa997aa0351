//! The single-precision ln, sin and cos with which PyTorch's AVX2 and AVX-512 paths fill normal tensors of 16 or more
//! elements: the Cephes polynomials (S. Moshier, `logf.c`, `sinf.c`) evaluated by fused steps. They are part of the
//! stream, hence kept here apart from the engine's own functions.

/// c₀xⁿ + c₁xⁿ⁻¹ + …, fused.
#[inline(always)]
fn horner(x: f32, coefficients: &[f32]) -> f32 {
    let mut sum = coefficients[0];
    for &c in &coefficients[1..] {
        sum = sum.mul_add(x, c);
    }
    sum
}

/// Natural logarithm of a number in (0, 1].
#[allow(clippy::excessive_precision, reason = "the coefficients as Cephes prints them")]
#[inline(always)]
pub(super) fn ln(x: f32) -> f32 {
    const P: [f32; 9] = [
        7.037_683_629_2e-2,
        -1.151_461_031_0e-1,
        1.167_699_874_0e-1,
        -1.242_014_084_6e-1,
        1.424_932_278_7e-1,
        -1.666_805_766_5e-1,
        2.000_071_476_5e-1,
        -2.499_999_399_3e-1,
        3.333_333_117_4e-1,
    ];
    let x = x.max(f32::MIN_POSITIVE);
    let exponent = (x.to_bits() >> 23) as i32 - 126;
    let mantissa = f32::from_bits((x.to_bits() & 0x007f_ffff) | 0x3f00_0000);
    let low = mantissa < std::f32::consts::FRAC_1_SQRT_2;
    let e = (exponent - i32::from(low)) as f32;
    let x = mantissa - 1.0 + if low { mantissa } else { 0.0 };
    let z = x * x;
    let y = horner(x, &P) * x;
    let y = y.mul_add(z, e * -2.121_944_40e-4);
    let y = (-z).mul_add(0.5, y);
    e.mul_add(0.693_359_375, x + y)
}

/// `(sin x, cos x)` for 0 ≤ x ≤ 2π.
#[allow(clippy::excessive_precision, reason = "the coefficients as Cephes prints them")]
#[inline(always)]
pub(super) fn sin_cos(x: f32) -> (f32, f32) {
    const SIN: [f32; 3] = [-1.951_529_589_1e-4, 8.332_160_873_6e-3, -1.666_665_461_1e-1];
    const COS: [f32; 3] = [2.443_315_711_809_948e-5, -1.388_731_625_493_765e-3, 4.166_664_568_298_827e-2];
    let octant = ((x * 1.273_239_544_735_16) as i32 + 1) & !1;
    let y = octant as f32;
    let r = y.mul_add(-0.785_156_25, x);
    let r = y.mul_add(-2.418_756_484_985_351_562_5e-4, r);
    let r = y.mul_add(-3.774_894_977_445_941_08e-8, r);
    let z = r * r;
    let cos = (horner(z, &COS) * z).mul_add(z, -0.5 * z) + 1.0;
    let sin = (horner(z, &SIN) * z).mul_add(r, r);
    let (sin, cos) = if octant & 2 == 0 { (sin, cos) } else { (cos, sin) };
    let sin = if octant & 4 == 0 { sin } else { -sin };
    let cos = if (octant - 2) & 4 == 0 { -cos } else { cos };
    (sin, cos)
}
