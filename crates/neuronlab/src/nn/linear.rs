//! The linear layer: forward and backward, mirror images of each other.
//!
//! Letters: B rows of the batch, I inputs, O outputs. Matrices are row by row: `x[B,I]`, `w[O,I]`, `z[B,O]`. A
//! gradient bears the name of its variable with a `d` in front: `dw = ∂L/∂w`.
//!
//! Sums run in the order of their index, each product fused into the sum, so that the result has the same bits
//! everywhere.

use crate::scalar::Scalar;

/// `z[b,o] = Σᵢ w[o,i]·x[b,i] (+ bias[o])`
#[inline(always)]
pub(super) fn forward<S: Scalar>(x: &[S], w: &[S], bias: Option<&[S]>, z: &mut [S], inputs: usize, outputs: usize) {
    for (x, z) in x.chunks_exact(inputs).zip(z.chunks_exact_mut(outputs)) {
        for (z, w) in z.iter_mut().zip(w.chunks_exact(inputs)) {
            let first = w[0] * x[0];
            *z = w[1..].iter().zip(&x[1..]).fold(first, |sum, (&w, &x)| w.mul_add(x, sum));
        }
        if let Some(bias) = bias {
            for (z, &bias) in z.iter_mut().zip(bias) {
                *z = *z + bias;
            }
        }
    }
}

/// `dw[o,i] = Σ_b dz[b,o]·x[b,i]` and `dbias[o] = Σ_b dz[b,o]`; what was in `dw` and `dbias` is overwritten.
#[inline(always)]
pub(super) fn backward_parameters<S: Scalar>(
    x: &[S],
    dz: &[S],
    dw: &mut [S],
    dbias: Option<&mut [S]>,
    inputs: usize,
    outputs: usize,
) {
    for (b, (x, dz)) in x.chunks_exact(inputs).zip(dz.chunks_exact(outputs)).enumerate() {
        for (dw, &dz) in dw.chunks_exact_mut(inputs).zip(dz) {
            for (dw, &x) in dw.iter_mut().zip(x) {
                *dw = if b == 0 { dz * x } else { dz.mul_add(x, *dw) };
            }
        }
    }
    if let Some(dbias) = dbias {
        for (b, dz) in dz.chunks_exact(outputs).enumerate() {
            for (dbias, &dz) in dbias.iter_mut().zip(dz) {
                *dbias = if b == 0 { dz } else { *dbias + dz };
            }
        }
    }
}

/// `dx[b,i] = Σₒ w[o,i]·dz[b,o]`
#[inline(always)]
pub(super) fn backward_input<S: Scalar>(w: &[S], dz: &[S], dx: &mut [S], inputs: usize, outputs: usize) {
    for (dx, dz) in dx.chunks_exact_mut(inputs).zip(dz.chunks_exact(outputs)) {
        for (o, (w, &dz)) in w.chunks_exact(inputs).zip(dz).enumerate() {
            for (dx, &w) in dx.iter_mut().zip(w) {
                *dx = if o == 0 { w * dz } else { w.mul_add(dz, *dx) };
            }
        }
    }
}
