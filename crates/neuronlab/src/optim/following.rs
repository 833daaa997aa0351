//! An update that takes each gradient as soon as it is there: SGD, which does so little with one that fetching it again would be
//! a good part of the work.

use super::{Factors, Rule, Sgd};
use crate::nn::{Follow, MOST_IN_REGISTERS, backward_row, by_inputs};
use crate::scalar::{Scalar, copy};

/// SGD that follows each gradient.
pub(crate) struct SgdFollowing<'a, S> {
    /// Borrowed: a copy of numbers that were just written one by one has to wait for the last of them.
    pub(super) factors: &'a Factors<f64>,
    pub(super) velocity: &'a mut [S],
}

impl<S: Scalar> SgdFollowing<'_, S> {
    /// The same factors in all lanes, spread where the compiler sees that they are: one register each.
    #[inline(always)]
    #[allow(clippy::needless_range_loop, reason = "an iterator's closures would be compiled without the vectors")]
    fn spread(&self) -> Factors<S> {
        let mut factors = [S::constant(0.0); 8];
        for i in 0..factors.len() {
            factors[i] = S::constant(self.factors[i]);
        }
        factors
    }
}

impl<S: Scalar> Follow<S> for SgdFollowing<'_, S> {
    #[inline(always)]
    fn follow(&mut self, start: usize, w: &mut [S], gradients: &[S]) {
        let factors = self.spread();
        let velocity = &mut self.velocity[start..start + w.len()];
        let gradients = &gradients[..w.len()];
        for i in 0..w.len() {
            (w[i], [velocity[i]]) = Sgd::default().update(&factors, w[i], gradients[i], [velocity[i]]);
        }
    }

    #[inline(always)]
    fn follow_product(&mut self, start: usize, w: &mut [S], x: &[S], dz: &[S], dx: Option<&mut [S]>) {
        let factors = self.spread();
        let (velocity, inputs) = (&mut self.velocity[start..start + w.len()], x.len());
        let Some(dx) = dx else {
            by_inputs!(inputs, follow_product(&factors, w, velocity, x, dz));
            return;
        };
        if inputs <= MOST_IN_REGISTERS {
            by_inputs!(inputs, follow_product_and_pass_on(&factors, w, velocity, x, dz, dx));
        } else {
            backward_row(w, dz, dx, inputs);
            follow_product(&factors, w, velocity, x, dz, inputs);
        }
    }
}

#[inline(always)]
fn follow_product<S: Scalar>(factors: &Factors<S>, w: &mut [S], v: &mut [S], x: &[S], dz: &[S], inputs: usize) {
    let (factors, x) = (*factors, &x[..inputs]);
    for o in 0..dz.len() {
        let (dz, w, v) = (dz[o], &mut w[o * inputs..][..inputs], &mut v[o * inputs..][..inputs]);
        for i in 0..inputs {
            (w[i], [v[i]]) = Sgd::default().update(&factors, w[i], dz * x[i], [v[i]]);
        }
    }
}

/// [`follow_product`] and [`backward_row`] at once, so that each weight is fetched once.
#[inline(always)]
fn follow_product_and_pass_on<S: Scalar>(
    factors: &Factors<S>,
    w: &mut [S],
    v: &mut [S],
    x: &[S],
    dz: &[S],
    dx: &mut [S],
    inputs: usize,
) {
    let (factors, x) = (*factors, &x[..inputs]);
    let mut sums = [x[0]; MOST_IN_REGISTERS];
    // The first row, which begins the sums, by itself: a loop without a question in it.
    for i in 0..inputs {
        sums[i] = w[i] * dz[0];
        (w[i], [v[i]]) = Sgd::default().update(&factors, w[i], dz[0] * x[i], [v[i]]);
    }
    for o in 1..dz.len() {
        let (dz, w, v) = (dz[o], &mut w[o * inputs..][..inputs], &mut v[o * inputs..][..inputs]);
        for i in 0..inputs {
            sums[i] = w[i].mul_add(dz, sums[i]);
            (w[i], [v[i]]) = Sgd::default().update(&factors, w[i], dz * x[i], [v[i]]);
        }
    }
    copy(&sums, &mut dx[..inputs]);
}
