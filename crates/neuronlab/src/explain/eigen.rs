//! Eigenvalues of symmetric matrices.
//!
//! Our own code, though well-kept crates have it: theirs choose fused or other instructions by the processor, or call the
//! platform's `hypot`, and a result here must not depend on the machine. Jacobi's method is short, exact to rounding and
//! needs nothing but IEEE operations.

use crate::random::TorchRng;

/// Eigenvalues, largest first, and their eigenvectors of length 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Eigen {
    pub(super) values: Vec<f64>,
    /// By eigenvalue.
    pub(super) vectors: Vec<Vec<f64>>,
}

/// Sweeps after which it gives up; ten are usual.
const SWEEPS: usize = 60;

/// Of the symmetric matrix `a[n,n]`, row by row: plane rotations that make off-diagonal elements 0, one after the other, until
/// none is left (Jacobi 1846; cyclic as in Golub and Van Loan, Matrix Computations, 8.5).
pub(super) fn eigen(mut a: Vec<f64>, n: usize) -> Eigen {
    let mut vectors = vec![0.0; n * n];
    vectors.iter_mut().step_by(n + 1).for_each(|v| *v = 1.0);
    // All that is left together is then below the rounding of the largest eigenvalue.
    let negligible = norm(&a) * f64::EPSILON / (2.0 * n as f64);
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                if a[p * n + q].abs() > negligible {
                    rotate(&mut a, &mut vectors, n, p, q);
                    rotated = true;
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| a[j * n + j].total_cmp(&a[i * n + i]));
    let vector = |&i: &usize| vectors[i * n..(i + 1) * n].to_vec();
    Eigen { values: order.iter().map(|&i| a[i * n + i]).collect(), vectors: order.iter().map(vector).collect() }
}

/// The rotation of the plane (p, q), p < q, that makes `a[p,q]` 0.
fn rotate(a: &mut [f64], vectors: &mut [f64], n: usize, p: usize, q: usize) {
    let (app, aqq, apq) = (a[p * n + p], a[q * n + q], a[p * n + q]);
    let theta = (aqq - app) / (2.0 * apq);
    let t = 1f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    rotate_rows(a, n, (p, q), (c, t * c));
    rotate_rows(vectors, n, (p, q), (c, t * c));
    (a[p * n + p], a[q * n + q]) = (app - t * apq, aqq + t * apq);
    (a[p * n + q], a[q * n + p]) = (0.0, 0.0);
    // The columns are the rows; what stands where they cross is done.
    for k in (0..n).filter(|&k| k != p && k != q) {
        (a[k * n + p], a[k * n + q]) = (a[p * n + k], a[q * n + k]);
    }
}

fn rotate_rows(a: &mut [f64], n: usize, (p, q): (usize, usize), (c, s): (f64, f64)) {
    let (above, below) = a.split_at_mut(q * n);
    for (x, y) in above[p * n..(p + 1) * n].iter_mut().zip(&mut below[..n]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

/// How near to an eigenvalue [`largest`] comes: this share of it.
const RESIDUAL: f64 = 1e-10;

/// The largest eigenvalue of a symmetric matrix of which only the products with vectors are known (Lanczos 1950, with full
/// reorthogonalisation). Some tens of products do where the matrix itself would cost n.
pub(super) fn largest(n: usize, mut product: impl FnMut(&[f64]) -> Vec<f64>) -> f64 {
    // Any direction that is not perpendicular to the eigenvector will do, and is the same in each run.
    let mut v = vec![0.0; n];
    TorchRng::new(0).uniform(&mut v, -1.0, 1.0);
    let length = norm(&v);
    scale(&mut v, 1.0 / length);
    let (mut basis, mut diagonal, mut beside) = (vec![], vec![], vec![]);
    loop {
        let mut next = product(&v);
        diagonal.push(dot(&next, &v));
        basis.push(v);
        for u in basis.iter().chain(&basis) {
            let along = dot(&next, u);
            next.iter_mut().zip(u).for_each(|(x, u)| *x -= along * u);
        }
        let (k, rest) = (basis.len(), norm(&next));
        let size = diagonal.iter().chain(&beside).fold(0.0, |m: f64, x: &f64| m.max(x.abs()));
        let complete = k == n || rest.is_nan() || rest <= size * 1e-13;
        if complete || k.is_multiple_of(8) {
            let Eigen { values, vectors } = eigen(tridiagonal(&diagonal, &beside), k);
            if complete || rest * vectors[0][k - 1].abs() <= RESIDUAL * values[0].abs() {
                return values[0];
            }
        }
        scale(&mut next, 1.0 / rest);
        beside.push(rest);
        v = next;
    }
}

fn tridiagonal(diagonal: &[f64], beside: &[f64]) -> Vec<f64> {
    let n = diagonal.len();
    let mut a = vec![0.0; n * n];
    for (i, &d) in diagonal.iter().enumerate() {
        a[i * n + i] = d;
    }
    for (i, &b) in beside.iter().enumerate() {
        (a[i * n + i + 1], a[(i + 1) * n + i]) = (b, b);
    }
    a
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).fold(0.0, |sum, (x, y)| sum + x * y)
}

/// Euclidean length.
pub(super) fn norm(x: &[f64]) -> f64 {
    dot(x, x).sqrt()
}

fn scale(x: &mut [f64], factor: f64) {
    for x in x {
        *x *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second difference matrix: 2 on the diagonal, −1 beside it; λₖ = 2 − 2·cos(kπ/(n + 1)).
    fn second_differences(n: usize) -> (Vec<f64>, Vec<f64>) {
        let values = (1..=n).rev().map(|k| 2.0 - 2.0 * (k as f64 * std::f64::consts::PI / (n + 1) as f64).cos());
        (tridiagonal(&vec![2.0; n], &vec![-1.0; n - 1]), values.collect())
    }

    fn times(a: &[f64], v: &[f64]) -> Vec<f64> {
        a.chunks_exact(v.len()).map(|row| dot(row, v)).collect()
    }

    #[test]
    fn a_known_spectrum_comes_out() {
        for n in [1, 2, 3, 10, 60] {
            let (a, expected) = second_differences(n);
            let Eigen { values, vectors } = eigen(a.clone(), n);
            for ((value, vector), expected) in values.iter().zip(&vectors).zip(&expected) {
                assert!((value - expected).abs() < 1e-13, "{value} against {expected} of {n}");
                assert!((norm(vector) - 1.0).abs() < 1e-13);
                let image = times(&a, vector);
                assert!(image.iter().zip(vector).all(|(x, v)| (x - value * v).abs() < 1e-13));
            }
            let top = largest(n, |v| times(&a, v));
            assert!((top - expected[0]).abs() < 1e-12, "{top} against {} of {n}", expected[0]);
        }
    }

    /// H = I − 2uuᵀ turns one direction around and leaves all others: equal eigenvalues, and one of −1.
    #[test]
    fn equal_eigenvalues_and_zeros_are_no_trouble() {
        let n = 12;
        let u = vec![1.0 / (n as f64).sqrt(); n];
        let mirror: Vec<f64> =
            (0..n * n).map(|i| f64::from(u8::from(i % (n + 1) == 0)) - 2.0 * u[i / n] * u[i % n]).collect();
        let values = eigen(mirror.clone(), n).values;
        assert!(values[..n - 1].iter().all(|v| (v - 1.0).abs() < 1e-14) && (values[n - 1] + 1.0).abs() < 1e-14);
        assert!((largest(n, |v| times(&mirror, v)) - 1.0).abs() < 1e-13);
        assert_eq!(eigen(vec![0.0; n * n], n).values, vec![0.0; n]);
        assert_eq!(largest(n, |_| vec![0.0; n]), 0.0);
        // Only negative ones: the largest is the one nearest to 0.
        assert_eq!(largest(2, |v| vec![-3.0 * v[0], -5.0 * v[1]]), eigen(vec![-3.0, 0.0, 0.0, -5.0], 2).values[0]);
    }

    /// 18 s on one core of a small server; `cargo test -p neuronlab --lib a_thousand -- --ignored --nocapture`.
    #[test]
    #[ignore = "half a minute"]
    fn a_thousand_parameters_take_less_than_a_minute() {
        let n = 1000;
        let mut x = vec![0.0; n * n];
        TorchRng::new(1).uniform(&mut x, -1.0, 1.0);
        let a: Vec<f64> = (0..n * n).map(|i| x[i] + x[i % n * n + i / n]).collect();
        let start = std::time::Instant::now();
        let Eigen { values, vectors } = eigen(a.clone(), n);
        println!("{:?}", start.elapsed());
        assert!((largest(n, |v| times(&a, v)) - values[0]).abs() < 1e-8 * values[0]);
        let image = times(&a, &vectors[0]);
        assert!(image.iter().zip(&vectors[0]).all(|(x, v)| (x - values[0] * v).abs() < 1e-11 * values[0]));
    }
}
