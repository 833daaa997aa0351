//! How lanes in training fare: which have ended, and how they answer.

use super::outcome::{Outcome, hashes};
use super::side::{Ended, Side, works};
use crate::random::TorchReal;
use crate::scalar::{Real, Scalar, Work, copy};
use crate::train::is_right;

impl<S: Scalar> Side<'_, S>
where
    S::Element: Real + TorchReal,
{
    /// Whether lane k ends after `epoch` epochs.
    fn ends(&self, k: usize, epoch: u64) -> bool {
        let stop = &self.experiments[k].stop;
        let by_loss = self.watch.as_ref().is_some_and(|watch| {
            stop.loss_below.is_some_and(|bound| watch.mean[k] < bound)
                || stop.patience.is_some_and(|epochs| watch.waited[k] >= epochs)
        });
        epoch >= stop.epochs || by_loss
    }

    /// Looks at the lanes that are to be looked at after `epoch` epochs, and lets those go that have ended.
    pub(super) fn look(&mut self, epoch: u64) {
        if self.watch.is_none() && epoch < self.next_look {
            return;
        }
        let ending: Vec<usize> = (0..S::LANES).filter(|&k| self.ended[k].is_not() && self.ends(k, epoch)).collect();
        // When a lane was right for the first time is asked, so that one that was is looked at no more until it ends.
        let at_look = |k: usize| epoch == self.next_looks[k] && self.solved[k].is_none();
        let looked: Vec<bool> = (0..S::LANES).map(|k| at_look(k) || ending.contains(&k)).collect();
        for (next, every) in self.next_looks.iter_mut().zip(&self.looks_every) {
            *next += if *next == epoch { *every } else { 0 };
        }
        let stops = self.experiments.iter().map(|e| e.stop.epochs).filter(|&end| end > epoch);
        self.next_look = self.next_looks.iter().copied().chain(stops).min().unwrap_or(epoch);
        if !looked.contains(&true) {
            return;
        }
        let finite = S::call(Finite(self));
        let (right, errors) = S::call(Judge(self, !ending.is_empty()));
        for k in 0..S::LANES {
            if looked[k] && finite[k] && right[k] && self.solved[k].is_none() {
                self.solved[k] = Some(epoch);
            }
            if self.ended[k].is_not() && !finite[k] {
                self.ended[k] = Ended::Diverged;
            }
        }
        let learned = if ending.is_empty() { vec![] } else { S::call(Learned(self)) };
        let hashes = hashes(&learned, S::LANES, &ending);
        for (k, weights) in ending.into_iter().zip(hashes) {
            if finite[k] {
                let error = errors[k];
                if !error.is_finite() {
                    let steps = epoch * self.common.sampler.steps() as u64;
                    self.ended[k] = Ended::With(Outcome::diverged(steps, epoch, weights));
                    continue;
                }
                self.ended[k] = Ended::With(Outcome {
                    right: right[k],
                    close: error < self.experiments[k].success.error,
                    error: Some(error),
                    epochs: epoch,
                    solved: self.solved[k],
                    diverged: None,
                    weights,
                });
            }
        }
    }

    /// Whether losses and parameters of each lane were finite up to here. (A parameter that is not stays so.)
    #[inline(always)]
    fn finite_lanes(&self) -> Vec<bool> {
        let (zero, mut all) = (S::constant(0.0), self.finite);
        for &w in self.model.parameters() {
            all = w.mul_add(zero, all);
        }
        let mut lanes = vec![S::Element::default(); S::LANES];
        all.store(&mut lanes);
        lanes.iter().map(|v| v.is_finite()).collect()
    }

    /// Whether enough samples are right in each lane, and the mean absolute errors, if they are wanted.
    #[inline(always)]
    fn judge(&mut self, with_errors: bool) -> (Vec<bool>, Vec<f64>) {
        let (common, outputs) = (self.common, self.common.targets.len());
        // What the last step left in the model is not needed any more.
        self.model.eval();
        self.model.rows(1);
        let n = common.inputs[0].len();
        let one_by_one = outputs > 1 && !common.task.classes.is_empty();
        let (mut wrong, mut row) = (S::constant(0.0), vec![S::constant(0.0); outputs]);
        let (mut right, mut errors) = (vec![0.0; S::LANES], vec![0.0; S::LANES]);
        let mut answers = vec![S::Element::default(); outputs * S::LANES];
        let mut counted = 0;
        for sample in 0..n {
            if self.ignores(sample) {
                continue;
            }
            counted += 1;
            for (i, x) in self.model.input_mut().iter_mut().enumerate() {
                *x = S::constant(common.inputs[i][sample].to_f64());
            }
            self.model.run_forward();
            copy(self.model.output(), &mut row);
            common.structure.loss.answer_with(&self.loss, &mut row);
            if with_errors || one_by_one {
                for (o, answers) in row.iter().zip(answers.chunks_exact_mut(S::LANES)) {
                    o.store(answers);
                }
                self.add_errors(sample, &answers, &mut errors);
            }
            if one_by_one {
                self.count_right(sample, &answers, &mut right);
            } else {
                wrong = wrong + self.wrong(sample, &row);
            }
        }
        self.model.train();
        let samples = f64::from(counted.max(1));
        if !one_by_one {
            let mut counts = vec![S::Element::default(); S::LANES];
            wrong.store(&mut counts);
            right = counts.iter().map(|count| f64::from(counted) - count.to_f64()).collect();
        }
        let enough = |k: usize| right[k] / samples >= self.experiments[k].success.share;
        let right = (0..S::LANES).map(enough).collect();
        (right, errors.into_iter().map(|sum| sum / (samples * outputs as f64)).collect())
    }

    /// Whether a sample does not count in the loss.
    fn ignores(&self, sample: usize) -> bool {
        let target: Vec<S::Element> = self.common.targets.iter().map(|column| column[sample]).collect();
        self.common.structure.loss.ignores(&target)
    }

    /// 1 where the answer to a sample is wrong, 0 where it is right, as [`is_right`] tells of one lane: a number that is not
    /// near its target, or of two classes the other one, or what is not finite.
    #[inline(always)]
    fn wrong(&self, sample: usize, row: &[S]) -> S {
        let (zero, one) = (S::constant(0.0), S::constant(1.0));
        let mut wrong = zero;
        for (o, &answer) in row.iter().enumerate() {
            let target = self.common.targets[o][sample].to_f64();
            let wrong_here = if self.common.task.classes.is_empty() {
                S::select((answer - S::constant(target)).abs().lt(self.within), zero, one)
            } else {
                let first = answer.lt(S::constant(0.5));
                let wrong = if target >= 0.5 { S::select(first, one, zero) } else { S::select(first, zero, one) };
                S::select(answer.abs().lt(S::constant(f64::INFINITY)), wrong, one)
            };
            wrong = wrong.max(wrong_here);
        }
        wrong
    }

    /// Adds up how far the answers `[output][lane]` to one sample are from its target.
    #[inline(always)]
    fn add_errors(&self, sample: usize, answers: &[S::Element], errors: &mut [f64]) {
        let mut apart = vec![0.0; S::LANES];
        for (answers, column) in answers.chunks_exact(S::LANES).zip(&self.common.targets) {
            let target = column[sample].to_f64();
            for (apart, answer) in apart.iter_mut().zip(answers) {
                *apart += (answer.to_f64() - target).abs();
            }
        }
        for (error, apart) in errors.iter_mut().zip(apart) {
            *error += apart;
        }
    }

    /// Counts the lanes whose answers `[output][lane]` to one sample are the right one of several classes.
    fn count_right(&self, sample: usize, answers: &[S::Element], right: &mut [f64]) {
        let target: Vec<S::Element> = self.common.targets.iter().map(|column| column[sample]).collect();
        let mut answer = target.clone();
        for k in 0..S::LANES {
            for (o, answer) in answer.iter_mut().enumerate() {
                *answer = answers[o * S::LANES + k];
            }
            right[k] += f64::from(u8::from(is_right(&answer, &target, true, self.experiments[k].success.within)));
        }
    }

    /// What all lanes have learned, `[number][lane]`.
    #[inline(always)]
    fn learned(&self) -> Vec<S::Element> {
        let running = (0..self.model.network().layers().len()).filter_map(|l| self.model.running(l));
        let running = running.flat_map(|r| r.mean.iter().chain(&r.var));
        let numbers: Vec<&S> = self.model.parameters().iter().chain(running).collect();
        let mut learned = vec![S::Element::default(); numbers.len() * S::LANES];
        for (values, row) in numbers.into_iter().zip(learned.chunks_exact_mut(S::LANES)) {
            values.store(row);
        }
        learned
    }
}

works! {
    Finite() -> Vec<bool> = finite_lanes;
    Learned() -> Vec<S::Element> = learned;
    Judge(errors: bool) -> (Vec<bool>, Vec<f64>) = judge;
}
