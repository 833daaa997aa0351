//! `torch.nn.init.orthogonal_` (Saxe, McClelland and Ganguli 2013): the orthogonal factor of a normal matrix, with the signs
//! that make it unique.

use super::householder;
use crate::random::{TorchReal, TorchRng};
use crate::scalar::{Dtype, Real};

/// Draws N(0, 1), and makes the longer side's vectors orthonormal, times `gain`.
///
/// PyTorch factors the matrix into Q·R and multiplies Q's columns with the signs of R's diagonal. That Q is unique, but its
/// roundings are not: small float32 matrices take PyTorch's own way to it, all others the most exact.
pub(super) fn fill<T: Real + TorchReal>(rng: &mut TorchRng, values: &mut [T], rows: usize, gain: f64) {
    rng.normal(values, 0.0, 1.0);
    let columns = values.len() / rows;
    // The vectors to be made orthonormal: columns of a tall matrix, rows of a wide one.
    let (count, length) = (rows.min(columns), rows.max(columns));
    let place = |vector: usize, i: usize| if rows < columns { vector * columns + i } else { i * columns + vector };
    let drawn = |vector: usize| (0..length).map(|i| values[place(vector, i)].to_f64()).collect();
    let vectors: Vec<Vec<f64>> = (0..count).map(drawn).collect();
    let exact = T::DTYPE == Dtype::Float32 && length <= householder::LARGEST;
    let basis = if exact { householder::orthonormal(&vectors) } else { gram_schmidt(vectors) };
    for (vector, v) in basis.iter().enumerate() {
        for (i, &element) in v.iter().enumerate() {
            values[place(vector, i)] = T::constant(element) * T::constant(gain);
        }
    }
}

/// Each vector without its shares along those before, of length 1; twice, so that they are orthogonal to rounding.
fn gram_schmidt(vectors: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(vectors.len());
    for mut v in vectors {
        for _ in 0..2 {
            for q in &basis {
                let along = dot(&v, q);
                v.iter_mut().zip(q).for_each(|(v, q)| *v -= along * q);
            }
        }
        let norm = dot(&v, &v).sqrt();
        basis.push(v.into_iter().map(|v| v / norm).collect());
    }
    basis
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
