//! Gradient check: every parameter, on every sample, against difference quotients in double precision.

use crate::error::{Error, Result};
use crate::limits::ends;
use crate::nn::{Loss, Model, Regularization};
use crate::scalar::Real;
use crate::train::Trainer;
use serde::Serialize;

/// Pairs of parameter and sample that one check looks at.
const MOST: usize = 20_000_000;
/// Pairs that are kept, the worst ones.
const KEPT: usize = 10;

/// What a gradient check found.
///
/// ```
/// use neuronlab::explain::Check;
/// use neuronlab::{Experiment, Trainer};
///
/// let trainer = Trainer::<f32>::new(&Experiment::built_in("xor")?)?;
/// let check = Check::new(&trainer, None, Check::TOLERANCE, |_| {})?;
/// assert_eq!((check.compared, check.wrong), (44 * 4, 0));
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Pairs of a parameter and a sample.
    pub compared: usize,
    /// Pairs that differ by more than the tolerance.
    pub wrong: usize,
    /// Pairs where the loss has a kink, and the gradient is between the slopes on its two sides.
    pub kinks: usize,
    /// Pairs where the limits of the loss `bce` act, and the gradient is PyTorch's, not the slope of the loss.
    pub clamped: usize,
    /// The largest relative difference that is allowed.
    pub tolerance: f64,
    /// The pairs that differ most, against what is allowed.
    pub worst: Vec<Checked>,
}

/// A gradient and the difference quotient of the same.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// Name of the parameter.
    pub parameter: String,
    /// The sample; none where all are one batch, for batch normalisation.
    pub sample: Option<u32>,
    /// What the backward pass computes.
    pub backward: f64,
    /// The difference quotient.
    pub difference: f64,
    /// Their difference over what is allowed: above 1 is too much.
    pub ratio: f64,
    /// How they compare.
    pub verdict: Verdict,
}

/// How a gradient compares with a difference quotient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They agree within the tolerance.
    Agrees,
    /// The loss has a kink there: the slopes on both sides differ, and the gradient is between them.
    Kink,
    /// The limits of the loss `bce` act: the gradient is meant not to be the slope of the loss.
    Clamped,
    /// They differ by more.
    Wrong,
}

impl Check {
    /// Relative difference that is allowed where nothing else is asked for.
    pub const TOLERANCE: f64 = 1e-6;

    /// Checks the gradients of an experiment in double precision, at the parameters that a run has now: of each training sample
    /// by itself (or of `samples`); with batch normalisation of all of them as one batch. `progress` is told the pairs that are done.
    /// Dropout has masks as a step on these batches, one after the other, would draw them now.
    ///
    /// # Errors
    /// A sample that is none; too many pairs.
    pub fn new<T: Real>(
        trainer: &Trainer<T>,
        samples: Option<&[u32]>,
        tolerance: f64,
        mut progress: impl FnMut(usize),
    ) -> Result<Self> {
        let network = trainer.model().network();
        let (train, inputs, outputs) = (&trainer.task().train, network.in_features(), network.out_features());
        let n = train.x.len() / inputs;
        let samples = samples.map_or_else(|| (0..n as u32).collect(), <[u32]>::to_vec);
        if let Some(far) = samples.iter().find(|&&s| s as usize >= n) {
            return Err(Error::field("sample", format!("0 to {}", n - 1), far));
        }
        let pairs = samples.len().saturating_mul(network.parameters());
        if pairs > MOST {
            let got = format!("{} parameters on {} samples", network.parameters(), samples.len());
            let error = Error::field("sample", format!("at most {MOST} pairs of a parameter and a sample"), got);
            return Err(error.with_hint("choose some samples with --sample"));
        }
        // A gradient is compared by some eight passes through all parameters.
        let work = (pairs as u128).saturating_mul(8 * network.parameters() as u128);
        ends(("sample", work, "some samples with --sample, or fewer parameters"), "a check")?;
        let wide = |values: &[T]| values.iter().map(|v| v.to_f64()).collect::<Vec<f64>>();
        let row = |s: u32| {
            let s = s as usize;
            (wide(&train.x[s * inputs..(s + 1) * inputs]), wide(&train.y[s * outputs..(s + 1) * outputs]))
        };
        let loss = trainer.loss();
        // Of a sample that does not count, a mean by itself is a mean of nothing.
        let samples: Vec<u32> = samples.into_iter().filter(|&s| !loss.ignores(&row(s).1)).collect();
        if samples.is_empty() {
            let expected = "at least one that counts in the loss";
            return Err(Error::field("sample", expected, "only samples with ignore_index, or of weight 0"));
        }
        let mut model = Model::new(network.clone(), wide(trainer.model().parameters()))?;
        let objective = (loss, trainer.experiment().regularization);
        let mut masks = trainer.mask_stream();
        let mut check = Self { compared: 0, wrong: 0, kinks: 0, clamped: 0, tolerance, worst: vec![] };
        if network.layers().iter().any(|layer| layer.batch_norm.is_some()) {
            let (x, y): (Vec<_>, Vec<_>) = samples.iter().map(|&s| row(s)).unzip();
            model.draw_masks(samples.len(), &mut masks);
            check.batch(&mut model, objective, (&x.concat(), &y.concat()), None);
            return Ok(check);
        }
        for &sample in &samples {
            let (x, y) = row(sample);
            model.draw_masks(1, &mut masks);
            check.batch(&mut model, objective, (&x, &y), Some(sample));
            progress(check.compared);
        }
        Ok(check)
    }

    /// Every parameter on one batch. The penalty of the weights, if there is one, is part of the loss.
    fn batch(
        &mut self,
        model: &mut Model<f64>,
        (loss, penalty): (&Loss, Option<Regularization>),
        (x, y): (&[f64], &[f64]),
        sample: Option<u32>,
    ) {
        model.forward(x);
        let mut value = model.backward(loss, y);
        value += penalty.map_or(0.0, |penalty| model.penalise(&penalty));
        let penalty = penalty.map(|penalty| penalty.numbers());
        let gradients = model.gradients().to_vec();
        let last = model.layer(model.network().layers().len() - 1);
        let clamped = last.a.iter().any(|&output| loss.clamps(output));
        // The loss is as exact as its outputs are, times its slopes there.
        let sensitive = last.a.iter().zip(&last.da).map(|(a, da)| (a * da).abs()).sum::<f64>();
        let noise = 8.0 * f64::EPSILON * (value.abs().max(1.0) + sensitive);
        for (place, &backward) in gradients.iter().enumerate() {
            let w = model.parameters()[place];
            let mut at = |w: f64| {
                model.parameters_mut()[place] = w;
                model.forward(x);
                model.loss(loss, y) + penalty.as_ref().map_or(0.0, |numbers| model.penalty_with(numbers))
            };
            let (difference, ratio, mut verdict) = judge(&mut at, w, (value, noise), backward, self.tolerance);
            let close = (backward - difference).abs() <= self.tolerance * backward.abs().max(difference.abs());
            if clamped && !close {
                verdict = Verdict::Clamped;
            }
            model.parameters_mut()[place] = w;
            let parameter = model.network().parameter_name(place);
            self.add(Checked { parameter, sample, backward, difference, ratio, verdict });
        }
    }

    fn add(&mut self, checked: Checked) {
        self.compared += 1;
        self.wrong += usize::from(checked.verdict == Verdict::Wrong);
        self.kinks += usize::from(checked.verdict == Verdict::Kink);
        self.clamped += usize::from(checked.verdict == Verdict::Clamped);
        let known = |c: &Checked| matches!(c.verdict, Verdict::Kink | Verdict::Clamped);
        let badness = |c: &Checked| if known(c) { 0.0 } else { c.ratio };
        let place = self.worst.partition_point(|worse| badness(worse) >= badness(&checked));
        if place < KEPT {
            self.worst.insert(place, checked);
            self.worst.truncate(KEPT);
        }
    }
}

/// Difference quotient of `loss` at `w`, where it is `value`, give or take its `noise`; the gradient's distance from it over what is allowed, and the verdict.
///
/// The quotients of h and h/2 are extrapolated; how far they are apart says how good they are. Where that is not good enough,
/// because a kink is near, h is made smaller; at a kink itself the slopes of both sides are looked at.
fn judge(
    loss: &mut impl FnMut(f64) -> f64,
    w: f64,
    (value, noise): (f64, f64),
    gradient: f64,
    tolerance: f64,
) -> (f64, f64, Verdict) {
    let mut best = (0.0, f64::INFINITY);
    for h in [1e-4, 1e-5, 1e-6, 1e-7].map(|h| h * w.abs().max(1.0)) {
        let mut slope = |h: f64| (loss(w + h) - loss(w - h)) / ((w + h) - (w - h));
        let (coarse, fine) = (slope(h), slope(h / 2.0));
        let difference = (4.0 * fine - coarse) / 3.0;
        let uncertain = (fine - coarse).abs() + noise / h;
        let allowed = tolerance * gradient.abs().max(difference.abs()) + uncertain;
        let ratio = (gradient - difference).abs() / allowed;
        if ratio < best.1 {
            best = (difference, ratio);
        }
        if ratio <= 1.0 && uncertain <= 1e-3 * (gradient.abs() + 1.0) {
            return (difference, ratio, Verdict::Agrees);
        }
    }
    if best.1 <= 1.0 {
        return (best.0, best.1, Verdict::Agrees);
    }
    let h = 1e-6 * w.abs().max(1.0);
    let (right, left) = ((loss(w + h) - value) / h, (value - loss(w - h)) / h);
    let margin = 1e-4 * (right.abs() + left.abs()) + 1e-8 + noise / h;
    let kink = (right - left).abs() > 4.0 * margin;
    let between = gradient >= right.min(left) - margin && gradient <= right.max(left) + margin;
    let verdict = if kink && between { Verdict::Kink } else { Verdict::Wrong };
    (best.0, best.1, verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOISE: f64 = 8.0 * f64::EPSILON;

    #[test]
    fn a_wrong_slope_is_found_and_a_right_one_is_not() {
        let mut cube = |w: f64| w * w * w;
        assert_eq!(judge(&mut cube, 2.0, (8.0, NOISE), 12.0, 1e-6).2, Verdict::Agrees);
        assert_eq!(judge(&mut cube, 2.0, (8.0, NOISE), 12.000_05, 1e-6).2, Verdict::Wrong);
        assert_eq!(judge(&mut cube, 2.0, (8.0, NOISE), 12.000_05, 1e-4).2, Verdict::Agrees);
        assert_eq!(judge(&mut cube, 0.0, (0.0, NOISE), 0.0, 1e-6).2, Verdict::Agrees);
    }

    #[test]
    fn at_a_kink_any_slope_between_is_right() {
        let mut size = |w: f64| w.abs();
        for slope in [-1.0, 0.0, 0.5, 1.0] {
            assert_eq!(
                judge(&mut size, 0.0, (0.0, NOISE), slope, 1e-6).2,
                if slope == 0.0 { Verdict::Agrees } else { Verdict::Kink }
            );
        }
        assert_eq!(judge(&mut size, 0.0, (0.0, NOISE), 1.1, 1e-6).2, Verdict::Wrong);
        // Near it, a smaller h finds the right side.
        assert_eq!(judge(&mut size, 1e-5, (1e-5, NOISE), 1.0, 1e-6).2, Verdict::Agrees);
        assert_eq!(judge(&mut size, 1e-5, (1e-5, NOISE), 0.5, 1e-6).2, Verdict::Wrong);
    }
}
