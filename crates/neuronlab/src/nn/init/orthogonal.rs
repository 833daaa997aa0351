//! `torch.nn.init.orthogonal_`: the orthogonal factor of a normal matrix, with the signs that make it unique.

use crate::random::{TorchReal, TorchRng};
use crate::scalar::Real;

/// Draws N(0, 1), and makes the longer side's vectors orthonormal, times `gain`.
///
/// PyTorch factors the matrix into Q·R and multiplies Q's columns with the signs of R's diagonal. That Q is unique, and
/// Gram and Schmidt find it as well; here in double precision and twice, so that it is orthogonal to rounding.
pub(super) fn fill<T: Real + TorchReal>(rng: &mut TorchRng, values: &mut [T], rows: usize, gain: f64) {
    rng.normal(values, 0.0, 1.0);
    let columns = values.len() / rows;
    // The vectors to be made orthonormal: columns of a tall matrix, rows of a wide one.
    let (count, length) = (rows.min(columns), rows.max(columns));
    let place = |vector: usize, i: usize| if rows < columns { vector * columns + i } else { i * columns + vector };
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    for vector in 0..count {
        let mut v: Vec<f64> = (0..length).map(|i| values[place(vector, i)].to_f64()).collect();
        for _ in 0..2 {
            for q in &basis {
                let along = dot(&v, q);
                v.iter_mut().zip(q).for_each(|(v, q)| *v -= along * q);
            }
        }
        let norm = dot(&v, &v).sqrt();
        basis.push(v.into_iter().map(|v| v / norm).collect());
    }
    for (vector, v) in basis.iter().enumerate() {
        for (i, &element) in v.iter().enumerate() {
            values[place(vector, i)] = T::constant(element * gain);
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
