//! The statistics of a cell, as counts: they can be added up in any order, and need no more memory for more runs.

use super::outcome::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts over the runs of a cell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Runs.
    pub runs: u64,
    /// Runs whose samples are right.
    pub right: u64,
    /// Runs whose mean absolute error is below the bound.
    pub close: u64,
    /// Runs that left the finite numbers.
    pub diverged: u64,
    /// Mean absolute errors.
    errors: Sketch,
    /// Runs by the epochs after which they were first seen right.
    solved: BTreeMap<u64, u64>,
}

/// A share and its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// The ends of the 95 % interval.
    pub low: f64,
    /// The ends of the 95 % interval.
    pub high: f64,
}

impl Tally {
    /// Counts one more run.
    pub fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        self.right += u64::from(outcome.right);
        self.close += u64::from(outcome.close);
        self.diverged += u64::from(outcome.diverged.is_some());
        if let Some(error) = outcome.error {
            self.errors.add(error);
        }
        if let Some(epochs) = outcome.solved {
            *self.solved.entry(epochs).or_default() += 1;
        }
    }

    /// Counts the runs of another tally, too.
    pub fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.right += other.right;
        self.close += other.close;
        self.diverged += other.diverged;
        self.errors.merge(&other.errors);
        for (epochs, runs) in &other.solved {
            *self.solved.entry(*epochs).or_default() += runs;
        }
    }

    /// Whether so many runs can have left these counts: those of a file may be made up.
    pub(super) fn can_be_of(&self, runs: u64) -> bool {
        fn sum<'c>(mut counts: impl Iterator<Item = &'c u64>) -> Option<u64> {
            counts.try_fold(0u64, |sum, &n| sum.checked_add(n))
        }
        let finished = runs.checked_sub(self.diverged);
        let solved = sum(self.solved.values());
        let none_empty = self.solved.values().chain(self.errors.bins.values()).all(|&n| n > 0);
        self.runs == runs
            && finished.is_some_and(|most| self.right.max(self.close) <= most)
            && sum(self.errors.bins.values()) == finished
            && solved.is_some_and(|solved| Some(solved) <= finished)
            && none_empty
            && self.errors.ends_fit()
    }

    /// The share of right runs with its 95 % interval.
    pub fn right_share(&self) -> Share {
        wilson(self.right, self.runs)
    }

    /// The share of close runs with its 95 % interval.
    pub fn close_share(&self) -> Share {
        wilson(self.close, self.runs)
    }

    /// Quantile of the mean absolute errors of the runs that did not diverge, to within 0.4 %; `None` where all did.
    pub fn error_quantile(&self, q: f64) -> Option<f64> {
        self.errors.quantile(q)
    }

    /// Quantile of the epochs after which a run was first seen right, over the runs that were.
    pub fn epochs_quantile(&self, q: f64) -> Option<u64> {
        let total = self.solved.values().sum();
        quantile(&self.solved, total, q).copied()
    }

    /// Lower end and number of runs of each bin of the errors that holds any, by rising error.
    pub fn errors(&self) -> impl Iterator<Item = (f64, u64)> {
        self.errors.bins.iter().map(|(&bin, &count)| (Sketch::lower(bin), count))
    }
}

/// The score interval of Wilson (1927) at 95 %: unlike p ± 1.96·√(p(1 − p)/n) it stays within 0 and 1 and has a width when all
/// runs agree.
pub fn wilson(successes: u64, runs: u64) -> Share {
    /// The quantile 0.975 of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if runs == 0 {
        return Share { share: f64::NAN, low: 0.0, high: 1.0 };
    }
    let n = runs as f64;
    let share = successes as f64 / n;
    let center = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    // At the ends the formula gives the end itself, up to rounding.
    let low = if successes == 0 { 0.0 } else { (center - half) / scale };
    let high = if successes == runs { 1.0 } else { (center + half) / scale };
    Share { share, low, high }
}

/// How often numbers from 0 on fell into bins of 1/128 of their power of two, and the exact ends.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Sketch {
    bins: BTreeMap<u32, u64>,
    /// Bits of the least and the largest.
    ends: Option<(u64, u64)>,
}

/// Bits of a double that a bin leaves out: 52 of the mantissa but 7.
const LEFT_OUT: u32 = 45;

impl Sketch {
    fn add(&mut self, value: f64) {
        let bits = value.abs().to_bits();
        *self.bins.entry((bits >> LEFT_OUT) as u32).or_default() += 1;
        let (least, most) = self.ends.unwrap_or((bits, bits));
        self.ends = Some((least.min(bits), most.max(bits)));
    }

    fn merge(&mut self, other: &Self) {
        for (bin, count) in &other.bins {
            *self.bins.entry(*bin).or_default() += count;
        }
        self.ends = match (self.ends, other.ends) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }

    /// Whether the ends are finite numbers from 0 on, in the first and the last of the bins.
    fn ends_fit(&self) -> bool {
        let bins = self.bins.first_key_value().zip(self.bins.last_key_value()).map(|(a, b)| (*a.0, *b.0));
        match (self.ends, bins) {
            (Some((least, most)), Some(bins)) => {
                let finite = f64::from_bits(most).is_finite() && most >> 63 == 0;
                finite && least <= most && bins == ((least >> LEFT_OUT) as u32, (most >> LEFT_OUT) as u32)
            }
            (ends, bins) => ends.is_none() && bins.is_none(),
        }
    }

    fn lower(bin: u32) -> f64 {
        f64::from_bits(u64::from(bin) << LEFT_OUT)
    }

    fn quantile(&self, q: f64) -> Option<f64> {
        let (least, most) = self.ends?;
        let bin = *quantile(&self.bins, self.bins.values().sum(), q)?;
        // The first bin holds 0, and numbers that are as good as 0.
        let middle = if bin == 0 { 0.0 } else { f64::midpoint(Self::lower(bin), Self::lower(bin + 1)) };
        Some(middle.max(f64::from_bits(least)).min(f64::from_bits(most)))
    }
}

/// The least key that a share `q` of all counts does not exceed (the inverse of the empirical distribution).
fn quantile<K>(counts: &BTreeMap<K, u64>, total: u64, q: f64) -> Option<&K> {
    let rank = ((total as f64 * q).ceil() as u64).max(1);
    let mut sum = 0;
    counts.iter().find_map(|(key, count)| {
        sum += count;
        (sum >= rank).then_some(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::NumpyRng;

    fn outcome(error: f64) -> Outcome {
        Outcome {
            right: error < 0.5,
            close: error < 0.1,
            error: Some(error),
            epochs: 1,
            solved: None,
            diverged: None,
            weights: 0,
        }
    }

    /// Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81/263, 15/148, 0/20, 1/29.
    #[test]
    fn wilson_intervals_of_newcombe() {
        for (successes, runs, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let share = wilson(successes, runs);
            assert!(
                (share.low - low).abs() < 5e-5 && (share.high - high).abs() < 5e-5,
                "{successes}/{runs}: {share:?}"
            );
        }
        assert_eq!(wilson(7, 7).high, 1.0);
    }

    /// The probability that an interval made of n runs holds the true share, summed over all that n runs can give; the numbers are
    /// those of a program in Python with exact binomial coefficients.
    #[test]
    fn intervals_hold_the_share_as_often_as_they_say() {
        for (runs, p, expected) in [
            (50u32, 0.3f64, 0.956_659_611_576_412),
            (60, 0.3, 0.934_287_236_961_261_9),
            (100, 0.2, 0.940_519_617_139_533_2),
            (200, 0.1, 0.956_118_236_711_421_4),
            (64, 0.65, 0.950_152_241_077_107_9),
        ] {
            let mut probability = (1.0 - p).powi(runs as i32);
            let mut covered = 0.0;
            for successes in 0..=runs {
                let Share { low, high, .. } = wilson(successes.into(), runs.into());
                covered += if (low..=high).contains(&p) { probability } else { 0.0 };
                probability *= f64::from(runs - successes) / f64::from(successes + 1) * p / (1.0 - p);
            }
            assert!((covered - expected).abs() < 1e-12, "{runs} {p}: {covered}");
        }
    }

    /// Errors of a known distribution, e^N: its quantiles are e^(normal quantile). 40,000 draws are off by 1.3 % (one standard
    /// error of the median's logarithm is 0.0063) and the bins by 0.4 %.
    #[test]
    fn quantiles_of_a_known_distribution() {
        let mut rng = NumpyRng::new(2);
        let (mut all, mut halves) = (Tally::default(), [Tally::default(), Tally::default()]);
        for i in 0..40_000 {
            let outcome = outcome(rng.normal().exp());
            all.add(&outcome);
            halves[i % 2].add(&outcome);
        }
        for (q, z) in [(0.05f64, -1.644_854f64), (0.25, -0.674_490), (0.5, 0.0), (0.75, 0.674_490), (0.95, 1.644_854)] {
            let value = all.error_quantile(q).unwrap();
            assert!((value.ln() - z).abs() < 0.045, "{q}: {value}");
        }
        let [mut merged, other] = halves;
        merged.merge(&other);
        assert_eq!(merged, all);
    }

    #[test]
    fn made_up_counts_are_noticed() {
        let mut good = Tally::default();
        for error in [0.0, 0.25, 7.0] {
            good.add(&outcome(error));
        }
        assert!(good.can_be_of(3) && !good.can_be_of(2) && Tally::default().can_be_of(0));
        let changes: [fn(&mut Tally); 8] = [
            |t| t.right = 4,
            |t| t.diverged = 1,
            |t| t.errors.ends = None,
            |t| t.errors.ends = Some((0, f64::NAN.to_bits())),
            |t| t.errors.ends = Some((0, f64::INFINITY.to_bits())),
            |t| t.errors.bins.extend([(u32::MAX, u64::MAX)]),
            |t| t.solved.extend([(1, u64::MAX)]),
            |t| t.errors.bins.clear(),
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut tally = good.clone();
            change(&mut tally);
            assert!(!tally.can_be_of(3), "{i}");
        }
    }

    #[test]
    fn quantiles_are_exact_to_the_bin() {
        let mut tally = Tally::default();
        assert_eq!(tally.error_quantile(0.5), None);
        for error in [0.0, 0.0, 1e-3, 0.25, 7.0] {
            tally.add(&outcome(error));
        }
        assert_eq!(tally.error_quantile(0.4), Some(0.0));
        assert_eq!(tally.error_quantile(1.0), Some(7.0));
        assert!((tally.error_quantile(0.6).unwrap() / 1e-3 - 1.0).abs() < 0.004);
    }
}
