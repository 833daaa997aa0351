//! The linear layer of a wide network: the same sums as in `linear`, with the processor's vectors full.
//!
//! Letters as there: B rows, I inputs, O outputs; `x[B,I]`, `w[O,I]`, `z[B,O]`. Which sums are made at once differs, the order of
//! none, so that every bit is that of the plain loops: they are the judge, in the tests below.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::linear::{BackwardInput, BackwardParameters, LayerForward};
use super::product::{Matrix, Product};
use crate::scalar::packet::{MOST, transpose};
use crate::scalar::{Packet, PacketWork, Scalar};

/// Up to so many rows, to copy the weights into another order would cost more than the sums.
const FEW: usize = 2;

impl<S: Scalar> PacketWork<S> for LayerForward<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        let Self { x, w, bias, z, inputs, outputs, scratch } = self;
        let rows = x.len() / inputs;
        if rows > FEW {
            let (a, b, shape) = (Matrix::Rows(x), Matrix::Columns(w), [rows, outputs, inputs]);
            return Product { a, b, c: z, bias, shape, scratch }.run::<V>();
        }
        for b in 0..rows {
            let z = &mut z[b * outputs..][..outputs];
            weighted_sums::<S, V>(&x[b * inputs..][..inputs], w, z);
            let Some(bias) = bias else { continue };
            for o in 0..outputs {
                z[o] = z[o] + bias[o];
            }
        }
    }
}

/// z of one row, by squares of weights: of a packet of neurons those of a packet of inputs. Turned around, each packet holds the
/// weights of one input, and the neurons' sums run beside one another.
#[inline(always)]
fn weighted_sums<S: Scalar, V: Packet<S>>(x: &[S], w: &[S], z: &mut [S]) {
    let (inputs, last) = (x.len(), z.len() - 1);
    let mut o = 0;
    while o < z.len() {
        let (mut sums, mut i) = (V::constant(-0.0), 0);
        while i < inputs {
            let some = V::WIDTH.min(inputs - i);
            let mut square = [V::constant(0.0); MOST];
            for j in 0..V::WIDTH {
                // The last neuron stands for those that a packet lacks.
                square[j] = V::take(&w[(o + j).min(last) * inputs + i..][..some], 0);
            }
            transpose::<S, V>(&mut square);
            let x = &x[i..][..some];
            // A number of inputs that the compiler knows, where it can be: it unrolls that loop.
            if some == V::WIDTH {
                for j in 0..V::WIDTH {
                    sums = square[j].mul_add(V::spread(x[j]), sums);
                }
            } else {
                for j in 0..some {
                    sums = square[j].mul_add(V::spread(x[j]), sums);
                }
            }
            i += V::WIDTH;
        }
        sums.put(z, o);
        o += V::WIDTH;
    }
}

impl<S: Scalar> PacketWork<S> for BackwardInput<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        let Self { w, dz, dx, inputs, outputs, scratch } = self;
        let rows = dx.len() / inputs;
        if rows <= FEW {
            for b in 0..rows {
                sum_of_rows::<S, V>(w, &dz[b * outputs..][..outputs], &mut dx[b * inputs..][..inputs]);
            }
        } else {
            let (a, b) = (Matrix::Rows(dz), Matrix::Rows(w));
            Product { a, b, c: dx, bias: None, shape: [rows, inputs, outputs], scratch }.run::<V>();
        }
    }
}

/// dx of one row: the rows of w, four at a time, each times its dz.
#[inline(always)]
fn sum_of_rows<S: Scalar, V: Packet<S>>(w: &[S], dz: &[S], dx: &mut [S]) {
    const AT_A_TIME: usize = 4;
    let inputs = dx.len();
    for i in 0..inputs {
        dx[i] = S::constant(-0.0);
    }
    let mut o = 0;
    while o < dz.len() {
        let some = AT_A_TIME.min(dz.len() - o);
        let mut rows = [w; AT_A_TIME];
        let mut factors = [V::constant(0.0); AT_A_TIME];
        for j in 0..some {
            rows[j] = &w[(o + j) * inputs..][..inputs];
            factors[j] = V::spread(dz[o + j]);
        }
        let mut i = 0;
        while i < inputs {
            let mut sum = V::take(dx, i);
            // A number of rows that the compiler knows, where it can be: it unrolls that loop.
            if some == AT_A_TIME {
                for j in 0..AT_A_TIME {
                    sum = V::take(rows[j], i).mul_add(factors[j], sum);
                }
            } else {
                for j in 0..some {
                    sum = V::take(rows[j], i).mul_add(factors[j], sum);
                }
            }
            sum.put(dx, i);
            i += V::WIDTH;
        }
        o += AT_A_TIME;
    }
}

impl<S: Scalar> PacketWork<S> for BackwardParameters<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        let Self { x, dz, dw, dbias, inputs, outputs, scratch } = self;
        let rows = x.len() / inputs;
        let (a, b) = (Matrix::Columns(dz), Matrix::Rows(x));
        Product { a, b, c: dw, bias: None, shape: [outputs, inputs, rows], scratch }.run::<V>();
        if let Some(dbias) = dbias {
            sum_of_columns::<S, V>(dz, dbias);
        }
    }
}

/// The sum of each column of `dz[B,O]`, row by row: of a few packets of columns at a time, whose sums stay in registers.
#[inline(always)]
fn sum_of_columns<S: Scalar, V: Packet<S>>(dz: &[S], dbias: &mut [S]) {
    const AT_A_TIME: usize = 4;
    let outputs = dbias.len();
    let rows = dz.len() / outputs;
    let (many, mut o) = (AT_A_TIME * V::WIDTH, 0);
    while o + many <= outputs {
        let mut sums = [V::constant(-0.0); AT_A_TIME];
        for b in 0..rows {
            let dz = &dz[b * outputs + o..][..many];
            for p in 0..AT_A_TIME {
                sums[p] = sums[p] + V::take(dz, p * V::WIDTH);
            }
        }
        for p in 0..AT_A_TIME {
            sums[p].put(dbias, o + p * V::WIDTH);
        }
        o += many;
    }
    while o < outputs {
        let mut sum = V::constant(-0.0);
        for b in 0..rows {
            sum = sum + V::take(&dz[b * outputs..][..outputs], o);
        }
        sum.put(dbias, o);
        o += V::WIDTH;
    }
}

#[cfg(test)]
mod tests {
    use super::super::product;
    use super::*;
    use crate::random::Mt19937;
    use crate::scalar::{Real, Simd, Work};

    /// Numbers of all sizes and both signs, zeros of both among them.
    fn numbers<T: Real>(rng: &mut Mt19937, n: usize) -> Vec<T> {
        let kinds = [0.0, -0.0, 1e-30, 1.0, 1.0, 1.0, 1.0, 1e10];
        let half = f64::from(u32::MAX) / 2.0;
        (0..n)
            .map(|_| T::constant((f64::from(rng.next_u32()) / half - 1.0) * kinds[rng.next_u32() as usize % 8]))
            .collect()
    }

    fn bits<T: Real>(numbers: &[T]) -> Vec<u64> {
        numbers.iter().map(|x| x.to_f64().to_bits()).collect()
    }

    /// The layer forward and backward by packets of `simd` and by the plain loops.
    fn assert_same<T: Real>(simd: Simd, rng: &mut Mt19937, [rows, inputs, outputs]: [usize; 3]) {
        let (x, w, dz) = (numbers(rng, rows * inputs), numbers(rng, outputs * inputs), numbers(rng, rows * outputs));
        let bias: Vec<T> = numbers(rng, outputs);
        let n = T::constant(f64::NAN);
        let shapes = [[rows, outputs, inputs], [rows, inputs, outputs], [outputs, inputs, rows]];
        let most = shapes.into_iter().map(product::scratch).max().unwrap();
        let scratch = &mut vec![n; most][..];
        let what = format!("{} {} rows {rows} inputs {inputs} outputs {outputs}", simd.name(), T::DTYPE.name());

        let (mut z, mut judge) = (vec![n; rows * outputs], vec![n; rows * outputs]);
        let bias = Some(&bias[..]);
        simd.by_packets(LayerForward { x: &x, w: &w, bias, z: &mut z, inputs, outputs, scratch: &mut *scratch });
        Work::run(LayerForward { x: &x, w: &w, bias, z: &mut judge, inputs, outputs, scratch: &mut [] });
        assert_eq!(bits(&z), bits(&judge), "z: {what}");

        let (mut dx, mut judge) = (vec![n; rows * inputs], vec![n; rows * inputs]);
        let (w, dz) = (&w[..], &dz[..]);
        simd.by_packets(BackwardInput { w, dz, dx: &mut dx, inputs, outputs, scratch: &mut *scratch });
        Work::run(BackwardInput { w, dz, dx: &mut judge, inputs, outputs, scratch: &mut [] });
        assert_eq!(bits(&dx), bits(&judge), "dx: {what}");

        let (mut dw, mut judge) = (vec![n; outputs * inputs], vec![n; outputs * inputs]);
        let (mut dbias, mut judge_bias) = (vec![n; outputs], vec![n; outputs]);
        let (x, bias) = (&x[..], Some(&mut dbias[..]));
        simd.by_packets(BackwardParameters { x, dz, dw: &mut dw, dbias: bias, inputs, outputs, scratch });
        let bias = Some(&mut judge_bias[..]);
        Work::run(BackwardParameters { x, dz, dw: &mut judge, dbias: bias, inputs, outputs, scratch: &mut [] });
        assert_eq!(bits(&dw), bits(&judge), "dw: {what}");
        assert_eq!(bits(&dbias), bits(&judge_bias), "dbias: {what}");
    }

    #[test]
    fn every_bit_is_that_of_the_plain_loops() {
        let mut rng = Mt19937::new(14);
        // The edges of tiles, packets, blocks along each letter, and any shapes up to 70.
        let edges = [[1, 1, 1], [3, 257, 5], [97, 7, 33], [300, 5, 3], [2, 70, 300], [5, 300, 70], [100, 17, 260]];
        // Products that are turned, on processors with wide vectors.
        let turned = [[300, 40, 2], [300, 2, 300], [304, 300, 6]];
        let any = |rng: &mut Mt19937| [0; 3].map(|_| 1 + rng.next_u32() as usize % 70);
        let shapes: Vec<[usize; 3]> = edges.into_iter().chain(turned).chain((0..120).map(|_| any(&mut rng))).collect();
        for simd in Simd::ALL.into_iter().filter(|&simd| simd != Simd::Portable && simd.is_available()) {
            for &shape in &shapes {
                assert_same::<f32>(simd, &mut rng, shape);
                assert_same::<f64>(simd, &mut rng, shape);
            }
        }
    }
}
