//! What a trained network answers, and how well.

use super::Trainer;
use crate::scalar::Real;

/// How well the network does on some samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation<T> {
    /// Answers `[N, O]`: the outputs, or the probabilities of the classes.
    pub answers: Vec<T>,
    /// The loss over all samples.
    pub loss: f64,
    /// Mean of |answer − target| over outputs and the samples that count.
    pub mean_absolute_error: f64,
    /// Share of the samples that count (which is all, but for `ignore_index`) whose answer is right: the largest at the class, on the right side of 0.5 for two classes in one
    /// output, each less than `success.within` from its target for numbers.
    pub right: f64,
}

impl<T: Real> Trainer<T> {
    /// The network's outputs for rows of inputs, `[N, I]` to `[N, O]`; the model keeps what its last step left.
    ///
    /// # Panics
    /// If `x` is not a whole number of rows.
    pub fn predict(&self, x: &[T]) -> Vec<T> {
        let mut model = self.model.to_evaluate();
        let rows = 256 * model.network().in_features();
        x.chunks(rows).flat_map(|x| model.forward(x).to_vec()).collect()
    }

    /// How well the network does on `x[N, I]` with the targets `y[N, O]`.
    ///
    /// # Panics
    /// If there are not as many targets as outputs.
    pub fn evaluate(&self, x: &[T], y: &[T]) -> Evaluation<T> {
        let outputs = self.model.network().out_features();
        let loss = self.loss();
        let mut answers = self.predict(x);
        assert_eq!(answers.len(), y.len(), "a target for each output");
        let wide = |numbers: &[T]| numbers.iter().map(|v| v.to_f64()).collect::<Vec<f64>>();
        let loss_value = if y.is_empty() { 0.0 } else { loss.value(&wide(&answers), &wide(y), outputs) };
        let (classes, within) = (!self.task.classes.is_empty(), self.experiment.success.within);
        let (mut errors, mut right, mut counted) = (0.0, 0usize, 0usize);
        loss.answers(&mut answers, outputs);
        for (o, y) in answers.chunks_exact(outputs).zip(y.chunks_exact(outputs)) {
            if loss.ignores(y) {
                continue;
            }
            counted += 1;
            right += usize::from(is_right(o, y, classes, within));
            errors += o.iter().zip(y).map(|(o, y)| (o.to_f64() - y.to_f64()).abs()).sum::<f64>();
        }
        let n = counted.max(1) as f64;
        Evaluation {
            answers,
            loss: loss_value,
            mean_absolute_error: errors / (n * outputs as f64),
            right: right as f64 / n,
        }
    }
}

/// Whether an answer is right: the largest at the class, on the right side of 0.5 for two classes in one output, each number
/// less than `within` from its target, in the precision of the run. What is not finite is wrong.
#[inline(always)]
pub(crate) fn is_right<T: Real>(answer: &[T], target: &[T], classes: bool, within: f64) -> bool {
    if !answer.iter().fold(true, |all, o| all & o.is_finite()) {
        return false;
    }
    if !classes {
        answer.iter().zip(target).all(|(&o, &y)| (o - y).abs() < T::constant(within))
    } else if answer.len() > 1 {
        largest(answer) == largest(target)
    } else {
        (answer[0].to_f64() >= 0.5) == (target[0].to_f64() >= 0.5)
    }
}

/// The place of the largest number, the first of equal ones.
pub(crate) fn largest<T: PartialOrd>(row: &[T]) -> usize {
    (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

#[cfg(test)]
mod tests {
    use super::largest;

    #[test]
    fn the_first_of_equal_numbers_is_the_largest() {
        assert_eq!(largest(&[0.5, 0.5]), 0);
        assert_eq!(largest(&[-1.0, 3.0, 2.0, 3.0]), 1);
    }
}
