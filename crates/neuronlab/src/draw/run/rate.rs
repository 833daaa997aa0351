//! What a schedule made of the learning rate, or of the momentum, step by step; it stands below the loss, on the same axis.

use super::loss::{LEFT, RIGHT, WIDTH, across, epochs};
use crate::draw::plot::ticks::{beside, ticks};
use crate::draw::svg::{Anchor, Font, Stroke, Svg};

const HEIGHT: f64 = 150.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 40.0;

/// The values of `what` that were taken in the steps of a run; steps of which nothing is known are left out.
pub fn rate_curve(what: &str, values: &[Option<f64>], steps_per_epoch: usize) -> String {
    let (lowest, highest) =
        values.iter().flatten().fold((0.0f64, 0.0f64), |(low, high), &value| (low.min(value), high.max(value)));
    let description = format!("{} steps, from {lowest} to {highest}.", values.len());
    let mut svg = Svg::new(WIDTH, HEIGHT, &format!("{what} of every step"), &description);
    svg.text(Font::PLAIN, Anchor::Start, (LEFT, 16.0), what);
    let high = if highest > lowest { highest } else { lowest + 1.0 };
    let y = |value: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - lowest) / (high - lowest);

    let marks = ticks(lowest, high, 3).into_iter().map(|(value, text)| (y(value), text));
    beside(&mut svg, LEFT - 8.0, marks, |svg, y| svg.line(Stroke::GRID, (LEFT, y), (WIDTH - RIGHT, y)));
    epochs(&mut svg, (TOP, HEIGHT - BOTTOM), values.len(), steps_per_epoch);
    let points: Vec<_> =
        corners(values).into_iter().map(|(step, value)| (across(step, values.len()), y(value))).collect();
    svg.polyline(Stroke::FIRST, &points);
    svg.finish()
}

/// The corners of a line that holds each value up to the next; of more than two thousand every so many.
fn corners(values: &[Option<f64>]) -> Vec<(usize, f64)> {
    let known: Vec<(usize, f64)> =
        values.iter().enumerate().filter_map(|(step, value)| Some((step, (*value)?))).collect();
    let mut all: Vec<(usize, f64)> = known.first().copied().into_iter().collect();
    for pair in known.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
        all.extend([(pair[1].0, pair[0].1), pair[1]]);
    }
    all.extend(known.last().filter(|last| all.last() != Some(last)));
    let every = all.len().div_ceil(2000).max(1);
    let last = all.last().copied().filter(|_| all.len() % every != 1 && every > 1);
    all.into_iter().step_by(every).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_up_to_the_next() {
        let values = [None, Some(0.1), Some(0.1), Some(0.1), Some(0.01), Some(0.01)];
        assert_eq!(corners(&values), [(1, 0.1), (4, 0.1), (4, 0.01), (5, 0.01)]);
        assert_eq!(corners(&[Some(0.1)]), [(0, 0.1)]);
        let falling: Vec<_> = (0..10_001).map(|step| Some(1.0 / f64::from(step + 1))).collect();
        let thin = corners(&falling);
        assert!(thin.len() <= 2001 && thin[0] == (0, 1.0) && thin.last() == Some(&(10_000, 1.0 / 10_001.0)));
    }

    #[test]
    fn small_rates_keep_their_digits() {
        let picture = rate_curve("learning rate", &[Some(3e-9), Some(1e-9)], 1);
        assert!(picture.contains(">2e-9<"), "{picture}");
    }
}
