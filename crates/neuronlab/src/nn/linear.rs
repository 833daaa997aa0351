//! The linear layer: forward and backward, mirror images of each other.
//!
//! Letters: B rows of the batch, I inputs, O outputs. Matrices are row by row: `x[B,I]`, `w[O,I]`, `z[B,O]`. A
//! gradient bears the name of its variable with a `d` in front: `dw = ∂L/∂w`.
//!
//! Sums run in the order of their index, each product fused into the sum, so that the result has the same bits
//! everywhere.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use crate::scalar::{Scalar, Work, copy};

/// Calls a kernel with the number of inputs as a constant where it is small, so that the compiler unrolls its loops.
macro_rules! by_inputs {
    ($inputs:ident, $kernel:ident($($argument:expr),*)) => {
        match $inputs {
            1 => $kernel($($argument,)* 1),
            2 => $kernel($($argument,)* 2),
            3 => $kernel($($argument,)* 3),
            4 => $kernel($($argument,)* 4),
            8 => $kernel($($argument,)* 8),
            _ => $kernel($($argument,)* $inputs),
        }
    };
}
pub(crate) use by_inputs;

/// Rows of `x[B,I]`; one row, the most frequent case, costs no division.
#[inline(always)]
fn rows<S>(x: &[S], inputs: usize) -> usize {
    if x.len() == inputs { 1 } else { x.len() / inputs }
}

/// `z[b,o] = Σᵢ w[o,i]·x[b,i] (+ bias[o])`
pub struct LayerForward<'a, S> {
    pub(super) x: &'a [S],
    pub(super) w: &'a [S],
    pub(super) bias: Option<&'a [S]>,
    pub(super) z: &'a mut [S],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// For products of matrices; these loops need none.
    pub(super) scratch: &'a mut [S],
}

impl<S: Scalar> Work for LayerForward<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self { x, w, bias, z, inputs, outputs, .. } = self;
        // One question, before the loop: of a question within, the compiler would prepare every answer first.
        by_inputs!(inputs, forward_rows(x, w, bias, z, outputs));
    }
}

#[inline(always)]
fn forward_rows<S: Scalar>(x: &[S], w: &[S], bias: Option<&[S]>, z: &mut [S], outputs: usize, inputs: usize) {
    for b in 0..rows(x, inputs) {
        let (x, z) = (&x[b * inputs..][..inputs], &mut z[b * outputs..][..outputs]);
        forward_row(x, w, z, inputs);
        if let Some(bias) = bias {
            let bias = &bias[..outputs];
            for o in 0..outputs {
                z[o] = z[o] + bias[o];
            }
        }
    }
}

#[inline(always)]
fn forward_row<S: Scalar>(x: &[S], w: &[S], z: &mut [S], inputs: usize) {
    for o in 0..z.len() {
        let w = &w[o * inputs..][..inputs];
        let mut sum = w[0] * x[0];
        for i in 1..inputs {
            sum = w[i].mul_add(x[i], sum);
        }
        z[o] = sum;
    }
}

/// `dw[o,i] = Σ_b dz[b,o]·x[b,i]` and `dbias[o] = Σ_b dz[b,o]`; what was in `dw` and `dbias` is overwritten.
pub struct BackwardParameters<'a, S> {
    pub(super) x: &'a [S],
    pub(super) dz: &'a [S],
    pub(super) dw: &'a mut [S],
    pub(super) dbias: Option<&'a mut [S]>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) scratch: &'a mut [S],
}

impl<S: Scalar> Work for BackwardParameters<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self { x, dz, dw, dbias, inputs, outputs, .. } = self;
        by_inputs!(inputs, sum_of_outer_products(x, dz, dw, outputs));
        if let Some(dbias) = dbias {
            for b in 0..rows(x, inputs) {
                let dz = &dz[b * outputs..][..outputs];
                for o in 0..outputs {
                    dbias[o] = if b == 0 { dz[o] } else { dbias[o] + dz[o] };
                }
            }
        }
    }
}

#[inline(always)]
fn sum_of_outer_products<S: Scalar>(x: &[S], dz: &[S], dw: &mut [S], outputs: usize, inputs: usize) {
    for b in 0..rows(x, inputs) {
        let (x, dz) = (&x[b * inputs..][..inputs], &dz[b * outputs..][..outputs]);
        if b == 0 {
            outer_product(x, dz, dw, inputs);
        } else {
            add_outer_product(x, dz, dw, inputs);
        }
    }
}

#[inline(always)]
fn outer_product<S: Scalar>(x: &[S], dz: &[S], dw: &mut [S], inputs: usize) {
    for o in 0..dz.len() {
        let (dz, dw) = (dz[o], &mut dw[o * inputs..][..inputs]);
        for i in 0..inputs {
            dw[i] = dz * x[i];
        }
    }
}

#[inline(always)]
fn add_outer_product<S: Scalar>(x: &[S], dz: &[S], dw: &mut [S], inputs: usize) {
    for o in 0..dz.len() {
        let (dz, dw) = (dz[o], &mut dw[o * inputs..][..inputs]);
        for i in 0..inputs {
            dw[i] = dz.mul_add(x[i], dw[i]);
        }
    }
}

/// An update that takes each parameter's gradient as soon as it is there, so that it need not go through memory.
pub(crate) trait Follow<S> {
    /// Whether it does anything.
    const FOLLOWS: bool = true;
    /// Moves parameters that begin at `start` by their gradients.
    fn follow(&mut self, start: usize, w: &mut [S], gradients: &[S]);
    /// Moves the weights `w[O,I]` that begin at `start` by their gradients `dz[o]·x[i]`, of a batch of one row. Before it
    /// moves, each weight hands its part of the gradient on to `dx`, if that is wanted.
    fn follow_product(&mut self, start: usize, w: &mut [S], x: &[S], dz: &[S], dx: Option<&mut [S]>);
}

/// Gradients are kept, and nothing else is done with them.
pub struct Keep;

impl<S> Follow<S> for Keep {
    const FOLLOWS: bool = false;
    fn follow(&mut self, _start: usize, _w: &mut [S], _gradients: &[S]) {}
    fn follow_product(&mut self, _start: usize, _w: &mut [S], _x: &[S], _dz: &[S], _dx: Option<&mut [S]>) {}
}

/// `dx[b,i] = Σₒ w[o,i]·dz[b,o]`
pub struct BackwardInput<'a, S> {
    pub(super) w: &'a [S],
    pub(super) dz: &'a [S],
    pub(super) dx: &'a mut [S],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) scratch: &'a mut [S],
}

impl<S: Scalar> Work for BackwardInput<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self { w, dz, dx, inputs, outputs, .. } = self;
        by_inputs!(inputs, backward_rows(w, dz, dx, outputs));
    }
}

#[inline(always)]
fn backward_rows<S: Scalar>(w: &[S], dz: &[S], dx: &mut [S], outputs: usize, inputs: usize) {
    for b in 0..rows(dx, inputs) {
        let (dx, dz) = (&mut dx[b * inputs..][..inputs], &dz[b * outputs..][..outputs]);
        backward_row(w, dz, dx, inputs);
    }
}

/// Inputs whose sums fit into registers.
pub(crate) const MOST_IN_REGISTERS: usize = 8;

/// Of one row.
#[inline(always)]
pub(crate) fn backward_row<S: Scalar>(w: &[S], dz: &[S], dx: &mut [S], inputs: usize) {
    let dx = &mut dx[..inputs];
    if inputs <= MOST_IN_REGISTERS {
        let mut sums = [dz[0]; MOST_IN_REGISTERS];
        for i in 0..inputs {
            sums[i] = w[i] * dz[0];
        }
        for o in 1..dz.len() {
            let (dz, w) = (dz[o], &w[o * inputs..][..inputs]);
            for i in 0..inputs {
                sums[i] = w[i].mul_add(dz, sums[i]);
            }
        }
        copy(&sums, dx);
    } else {
        for o in 0..dz.len() {
            let (dz, w) = (dz[o], &w[o * inputs..][..inputs]);
            for i in 0..inputs {
                dx[i] = if o == 0 { w[i] * dz } else { w[i].mul_add(dz, dx[i]) };
            }
        }
    }
}
