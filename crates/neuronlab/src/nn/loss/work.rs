//! Losses at work: value and slope of a batch, number by number or by packets.

use super::Loss;
use crate::nn::numbers::{Numbers, everywhere};
use crate::scalar::{Packet, PacketWork, Scalar, Work};

/// [`Loss::value`] as a piece of work.
pub struct LossValue<'a, S, F = Loss> {
    pub(super) f: &'a F,
    pub(super) numbers: &'a Numbers<S>,
    pub(super) output: &'a [S],
    pub(super) target: &'a [S],
    pub(super) outputs: usize,
}

impl<S: Scalar> Work for LossValue<'_, S> {
    type Output = S;
    #[inline(always)]
    fn run(self) -> S {
        self.f.value_here::<S, S>(self.numbers, self.output, self.target, self.outputs)
    }
}

impl<S: Scalar> PacketWork<S> for LossValue<'_, S> {
    type Output = S;
    #[inline(always)]
    fn run<V: Packet<S>>(self) -> S {
        self.f.value_here::<S, V>(self.numbers, self.output, self.target, self.outputs)
    }
}

/// [`Loss::gradient`] as a piece of work.
pub struct LossBack<'a, S, F = Loss> {
    pub(super) f: &'a F,
    pub(super) numbers: &'a Numbers<S>,
    pub(super) output: &'a [S],
    pub(super) target: &'a [S],
    pub(super) outputs: usize,
    pub(super) d: &'a mut [S],
}

impl<S: Scalar> Work for LossBack<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.f.gradient_here::<S, S>(self.numbers, self.output, self.target, self.outputs, self.d);
    }
}

impl<S: Scalar> PacketWork<S> for LossBack<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        self.f.gradient_here::<S, V>(self.numbers, self.output, self.target, self.outputs, self.d);
    }
}

/// [`Loss::answer`] of each row, as a piece of work.
pub struct Answers<'a, S> {
    f: &'a Loss,
    outputs: usize,
    rows: &'a mut [S],
}

impl<S: Scalar> Work for Answers<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let numbers = everywhere(self.f.numbers(self.outputs));
        for b in 0..self.rows.len() / self.outputs {
            self.f.answer_with(&numbers, &mut self.rows[b * self.outputs..][..self.outputs]);
        }
    }
}

impl Loss {
    /// [`answer`](Self::answer) of each row of `rows[B,O]`, with O = `outputs`.
    pub(crate) fn answers<S: Scalar>(&self, rows: &mut [S], outputs: usize) {
        S::answers(Answers { f: self, outputs, rows });
    }

    /// L(output, target) of a batch; both are `[B, O]`, row by row, with O = `outputs`.
    pub fn value<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize) -> S {
        self.value_with(&everywhere(self.numbers(outputs)), output, target, outputs)
    }

    /// The same with numeric settings of its own for each lane.
    #[inline(always)]
    pub(crate) fn value_with<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
        let work = LossValue { f: self, numbers, output, target, outputs };
        match S::vectors_for(output.len()) {
            Some(simd) => S::wide_loss(simd, work),
            None => S::loss(work),
        }
    }

    /// d = ∂L/∂output, shaped as `output`.
    pub fn gradient<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
        self.gradient_with(&everywhere(self.numbers(outputs)), output, target, outputs, d);
    }

    /// The same with numeric settings of its own for each lane.
    #[inline(always)]
    pub(crate) fn gradient_with<S: Scalar>(
        &self,
        numbers: &Numbers<S>,
        output: &[S],
        target: &[S],
        outputs: usize,
        d: &mut [S],
    ) {
        let work = LossBack { f: self, numbers, output, target, outputs, d };
        match S::vectors_for(output.len()) {
            Some(simd) => S::wide_loss_back(simd, work),
            None => S::loss_back(work),
        }
    }
}
