//! Orthonormal vectors from a small float32 matrix by Householder's reflections (1958), bit for bit as PyTorch makes them.
//!
//! LAPACK's `geqrf` turns A into R by reflections I − τ·v·vᵀ, one a column, each of which puts zeros below the diagonal;
//! v lies where the zeros would be. `orgqr` multiplies the reflections out to Q, so that A = Q·R.
//!
//! Single precision shows the order of every sum. It is that of PyTorch 2.15's wheel for x86-64 on a processor with
//! AVX-512, where `geqrf` sums one by one and `orgqr` in 16 lanes. With AVX2 PyTorch itself gives other last bits: 4 to 16 ULP
//! on elements of 1/16 or more, and from 8x8 up thousands on elements near 0. So beyond this no bound in ULP holds.
//!
//! Letters: A is m x n with m ≥ n, and a list of its n columns; τ has n numbers, v a 1 (not kept) and what is below it.

/// The largest m; from the next on PyTorch's LAPACK sums in other orders.
pub(super) const LARGEST: usize = 20;

/// Q's columns, each with the sign of its number on R's diagonal. The columns of A are float32 numbers.
pub(super) fn orthonormal(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut a: Vec<Vec<f32>> = columns.iter().map(|column| column.iter().map(|&x| x as f32).collect()).collect();
    let tau = geqrf(&mut a);
    let signs: Vec<f32> = a.iter().enumerate().map(|(j, column)| column[j].signum()).collect();
    orgqr(&mut a, &tau);
    let signed = |(column, sign): (Vec<f32>, f32)| column.into_iter().map(|x| f64::from(x * sign)).collect();
    a.into_iter().zip(signs).map(signed).collect()
}

/// R on and above the diagonal, the v below it; returns τ.
fn geqrf(a: &mut [Vec<f32>]) -> Vec<f32> {
    let mut tau = Vec::with_capacity(a.len());
    for j in 0..a.len() {
        let (done, rest) = a.split_at_mut(j + 1);
        tau.push(larfg(&mut done[j][j..]));
        let v = &done[j][j + 1..];
        for column in rest {
            let (head, tail) = column[j..].split_first_mut().expect("m is at least n");
            let sum = v.iter().zip(&*tail).fold(*head, |sum, (v, c)| sum + v * c);
            let scaled = tau[j] * sum;
            *head -= scaled;
            tail.iter_mut().zip(v).for_each(|(c, v)| *c -= v * scaled);
        }
    }
    tau
}

/// Puts the reflection's v in place of x, and what becomes of x, ∓|x|, in the first place; returns τ.
fn larfg(x: &mut [f32]) -> f32 {
    let (first, tail) = x.split_first_mut().expect("m is at least n");
    let norm = nrm2(tail);
    if norm == 0.0 {
        return 0.0;
    }
    let (alpha, beta) = (*first, lapy2(*first, norm).copysign(-*first));
    for x in tail {
        *x /= alpha - beta;
    }
    *first = beta;
    (beta - alpha) / beta
}

/// |x|, as scale·√sum with the largest number so far as the scale, so that no square overflows.
fn nrm2(x: &[f32]) -> f32 {
    let (mut scale, mut sum) = (0f32, 1f32);
    for x in x.iter().map(|x| x.abs()).filter(|&x| x != 0.0) {
        if scale < x {
            let ratio = scale / x;
            sum = 1.0 + sum * ratio * ratio;
            scale = x;
        } else {
            let ratio = x / scale;
            sum += ratio * ratio;
        }
    }
    scale * sum.sqrt()
}

/// √(a² + b²), for a b that is not 0.
fn lapy2(a: f32, b: f32) -> f32 {
    let (large, small) = (a.abs().max(b.abs()), a.abs().min(b.abs()));
    let ratio = small / large;
    large * (1.0 + ratio * ratio).sqrt()
}

/// Q in place of the v, from the last reflection to the first.
fn orgqr(a: &mut [Vec<f32>], tau: &[f32]) {
    for j in (0..a.len()).rev() {
        let (done, rest) = a.split_at_mut(j + 1);
        let v = &done[j][j + 1..];
        let in_fours = rest.len() / 4 * 4;
        for (k, column) in rest.iter_mut().enumerate() {
            let (head, tail) = column[j..].split_first_mut().expect("m is at least n");
            // Columns go four at a time, and a block of 16 rows at a time; those left over in one sweep.
            let block = if k < in_fours { tail.len() / 16 * 16 } else { 0 };
            let scaled = tau[j] * dot(dot(0.0, &v[..block], &tail[..block]), &v[block..], &tail[block..]);
            *head = -scaled;
            tail.iter_mut().zip(v).for_each(|(c, v)| *c = (-v).mul_add(scaled, *c));
        }
        let column = &mut done[j];
        column[..j].fill(0.0);
        column[j] = 1.0 - tau[j];
        for x in &mut column[j + 1..] {
            *x *= -tau[j];
        }
    }
}

/// start + a·b in 16 lanes: number i goes to lane i mod 16, fused; then the upper half is added to the lower, four times.
fn dot(start: f32, a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 16];
    lanes[0] = start;
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        lanes[i % 16] = a.mul_add(*b, lanes[i % 16]);
    }
    for half in [8, 4, 2, 1] {
        for l in 0..half {
            lanes[l] += lanes[l + half];
        }
    }
    lanes[0]
}
