//! The loss of every step, and its moving average.

use crate::draw::plot::ticks::{Mark, below, beside, ticks, whole_ticks};
use crate::draw::svg::{Anchor, Font, Stroke, Svg};

pub(super) const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 280.0;
pub(super) const LEFT: f64 = 58.0;
pub(super) const RIGHT: f64 = 22.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 40.0;

/// The losses of a run against the epoch, and their mean over the steps of a window around each.
///
/// The scale is logarithmic where the average changes by more than a factor of a hundred; there a loss of 0, which has no
/// logarithm, stands at the bottom.
pub fn loss_curve(losses: &[f64], steps_per_epoch: usize) -> String {
    curve(losses, steps_per_epoch, false)
}

/// The same on a logarithmic scale, however little the average changes.
pub fn loss_curve_log(losses: &[f64], steps_per_epoch: usize) -> String {
    curve(losses, steps_per_epoch, true)
}

fn curve(losses: &[f64], steps_per_epoch: usize, logarithmic: bool) -> String {
    let mut svg = Svg::new(WIDTH, HEIGHT, "Loss of every step and its moving average", &description(losses));
    if losses.is_empty() {
        svg.text(Font::PLAIN, Anchor::Middle, (WIDTH / 2.0, HEIGHT / 2.0), "no step was made");
        return svg.finish();
    }
    let window = (losses.len() / 40).max(1);
    let average = moving_average(losses, window);
    let scale = Scale::new(range(losses), &average.iter().map(|a| a.1).collect::<Vec<_>>(), logarithmic);
    let marks = scale.ticks().into_iter().map(|(value, text)| (scale.y(value), text));
    beside(&mut svg, LEFT - 8.0, marks, |svg, y| svg.line(Stroke::GRID, (LEFT, y), (WIDTH - RIGHT, y)));
    epochs(&mut svg, (TOP, HEIGHT - BOTTOM), losses.len(), steps_per_epoch);
    svg.text(Font::PLAIN, Anchor::Start, (LEFT, 16.0), "loss");

    let place = |values: Vec<(usize, f64)>| -> Vec<(f64, f64)> {
        let finite = values.into_iter().filter(|(_, value)| value.is_finite());
        finite.map(|(step, value)| (across(step, losses.len()), scale.y(value))).collect()
    };
    svg.polyline(Stroke::RAW, &place(thinned(losses)));
    svg.polyline(Stroke::MEAN, &place(average));
    let mut note = match window {
        1 => "each step".to_string(),
        _ => format!("thin and blue: each step; thick and orange: mean of {window} steps"),
    };
    if scale.logarithmic && losses.contains(&0.0) {
        note += "; 0 stands at the bottom";
    }
    svg.text(Font::SMALL, Anchor::End, (WIDTH - RIGHT, 16.0), &note);
    svg.finish()
}

/// What there is to be seen, for who can't see it.
fn description(losses: &[f64]) -> String {
    let number = |loss: &f64| if loss.is_finite() { format!("{loss:.4e}") } else { "no finite number".into() };
    match (losses.first(), losses.last()) {
        (Some(first), Some(last)) => format!("{} steps, from {} to {}.", losses.len(), number(first), number(last)),
        _ => "No step was made.".into(),
    }
}

/// Where a step of so many stands.
pub(super) fn across(step: usize, steps: usize) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * step as f64 / (steps as f64 - 1.0).max(1.0)
}

/// The axis of epochs below a picture from `top` to `bottom`: a mark stands at the first step of its epoch, which the run has made.
pub(super) fn epochs(svg: &mut Svg, (top, bottom): (f64, f64), steps: usize, steps_per_epoch: usize) {
    let last = steps.saturating_sub(1) / steps_per_epoch;
    let place = |epoch: f64| across(epoch as usize * steps_per_epoch, steps);
    let marks = whole_ticks(0.0, last as f64, 6).into_iter().map(|(epoch, text)| (place(epoch), text));
    below(svg, bottom + 18.0, marks, |svg, x| svg.line(Stroke::GRID, (x, top), (x, bottom)));
    svg.text(Font::PLAIN, Anchor::Middle, (f64::midpoint(LEFT, WIDTH - RIGHT), bottom + 34.0), "epoch");
}

/// At about 600 places the mean over the `window` values around; less at the ends.
///
/// Each sum is made anew: differences of running sums would lose small losses behind large ones.
pub(super) fn moving_average(values: &[f64], window: usize) -> Vec<(usize, f64)> {
    let mean = |i: usize| {
        let around = &values[i.saturating_sub(window / 2)..(i + window - window / 2).min(values.len())];
        (i, around.iter().sum::<f64>() / around.len() as f64)
    };
    (0..values.len()).step_by((values.len() / 600).max(1)).map(mean).collect()
}

/// The least and the largest of those that are finite.
fn range(values: &[f64]) -> (f64, f64) {
    let finite = values.iter().filter(|v| v.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

/// At most two points a pixel: the lowest and the highest of the values that fall on it, in their order.
fn thinned(values: &[f64]) -> Vec<(usize, f64)> {
    let bucket = (values.len() as f64 / 600.0).ceil() as usize;
    if bucket < 3 {
        return values.iter().copied().enumerate().collect();
    }
    let mut points = Vec::new();
    for (b, chunk) in values.chunks(bucket).enumerate() {
        let at = |pick: fn(f64, f64) -> bool| {
            (0..chunk.len()).fold(0, |best, i| if pick(chunk[i], chunk[best]) { i } else { best })
        };
        let (low, high) = (at(|a, b| a < b), at(|a, b| a > b));
        for i in [low.min(high), low.max(high)] {
            points.push((b * bucket + i, chunk[i]));
        }
    }
    points
}

/// From losses to places on the vertical axis.
struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    /// For losses from `least` to `highest` with this average. Losses below 0 have no logarithm, whether one is wanted or not.
    fn new((least, highest): (f64, f64), average: &[f64], logarithmic: bool) -> Self {
        let (low, high) = range(&average.iter().copied().filter(|&v| v > 0.0).collect::<Vec<_>>());
        if least >= 0.0 && (high / low > 100.0 || logarithmic && high >= low) {
            return Self {
                low: low.log10().floor(),
                high: highest.log10().ceil().max(low.log10().floor() + 1.0),
                logarithmic: true,
            };
        }
        // Some losses, such as that of a likelihood, go below 0.
        let air = 0.05 * (highest - least.min(0.0));
        let low = if least < 0.0 { least - air } else { 0.0 };
        Self { low, high: if highest > low { highest + air } else { low + 1.0 }, logarithmic: false }
    }

    fn y(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.max(f64::MIN_POSITIVE).log10() } else { value };
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share
    }

    fn ticks(&self) -> Vec<Mark> {
        if !self.logarithmic {
            return ticks(self.low, self.high, 5);
        }
        let every = ((self.high - self.low) / 6.0).ceil().max(1.0) as i64;
        (self.low as i64..=self.high as i64)
            .filter(|power| power % every == 0)
            .map(|power| (10f64.powi(power as i32), format!("1e{power}")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_is_the_mean_around_each_place() {
        let means =
            |values: &[f64], window| moving_average(values, window).into_iter().map(|a| a.1).collect::<Vec<_>>();
        assert_eq!(means(&[1.0, 2.0, 3.0, 4.0], 1), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(means(&[0.0, 4.0, 0.0, 4.0], 2), [0.0, 2.0, 2.0, 2.0]);
        assert_eq!(means(&[1e20, 1e-20, 1e-20, 1e-20], 2)[3], 1e-20);
    }

    /// The losses of a run that diverged, one of them exactly 0: a tick a few powers of ten, none cut off.
    #[test]
    fn losses_that_explode_have_powers_of_ten_at_their_axis() {
        let losses = [0.0, 0.047, 8.1, 1040.2, 2.2e7, 6.6e16, 1.4e23, 0.0, 2.97e37];
        let scale = Scale::new(range(&losses), &losses, false);
        assert!(scale.logarithmic);
        let texts: Vec<String> = scale.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["1e0", "1e7", "1e14", "1e21", "1e28", "1e35"]);
        assert_eq!(scale.y(0.0), HEIGHT - BOTTOM);
    }

    #[test]
    fn losses_below_zero_and_losses_that_are_none_are_drawn() {
        let losses = [0.5, -1.5, f64::INFINITY, f64::NAN];
        let scale = Scale::new(range(&losses), &losses, false);
        assert!(scale.low < -1.5 && scale.high > 0.5 && !scale.logarithmic);
        let picture = loss_curve(&losses, 1);
        assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let mut values = vec![1.0; 60_000];
        values[12_345] = 7.0;
        values[54_321] = -3.0;
        let thin = thinned(&values);
        assert!(thin.len() <= 1200);
        assert!(thin.contains(&(12_345, 7.0)) && thin.contains(&(54_321, -3.0)));
    }
}
