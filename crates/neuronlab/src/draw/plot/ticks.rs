//! Round numbers along an axis, and their labels, of which no two are equal or touch.

use crate::draw::svg::{Anchor, Font, Svg, width};

/// Characters beside an axis that there is room for.
const LONG: usize = 6;
/// Between labels below an axis, at least.
const GAP: f64 = 6.0;
/// From the base of one line of words to that of the next, at least.
const LINE: f64 = 13.0;

/// A number's place, or the number itself, and the text of its label.
pub(in crate::draw) type Mark = (f64, String);

/// Round numbers that divide a range into about `count` parts, and the text of each: with a power of ten where it would be long.
pub(in crate::draw) fn ticks(low: f64, high: f64, count: usize) -> Vec<Mark> {
    match step(low, high, count) {
        Some(step) => multiples(low, high, step),
        None => vec![(low, only(low))],
    }
}

/// The same of whole numbers, such as epochs, of which there are no halves.
pub(in crate::draw) fn whole_ticks(low: f64, high: f64, count: usize) -> Vec<Mark> {
    match step(low, high, count) {
        Some(step) => multiples(low, high, step.max(1.0)),
        None => vec![(low, only(low))],
    }
}

/// 1, 2 or 5 times a power of ten.
fn step(low: f64, high: f64, count: usize) -> Option<f64> {
    let span = high - low;
    // What is nearer to 0 has no power of ten that can be divided by.
    if !(span > 1e-300 && span.is_finite()) {
        return None;
    }
    let raw = span / count as f64;
    let power = 10f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= raw).or(Some(raw))
}

fn multiples(low: f64, high: f64, step: f64) -> Vec<Mark> {
    let decimals = (-step.log10().floor()).clamp(0.0, 400.0) as usize;
    let first = (low / step).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let all: Vec<f64> = (first..=last).map(|i| i as f64 * step).collect();
    let plain: Vec<String> = all.iter().map(|t| format!("{t:.decimals$}")).collect();
    let texts = if plain.iter().all(|text| text.len() <= LONG) {
        plain
    } else {
        // As many digits as tell neighbours apart.
        let largest = all.iter().fold(step, |m, t| m.max(t.abs()));
        let digits = (largest.log10().floor() - step.log10().floor()).clamp(0.0, 16.0) as usize;
        let text = |t: &f64| if *t == 0.0 { "0".to_string() } else { format!("{t:.digits$e}").replace(".0e", "e") };
        all.iter().map(text).collect()
    };
    let mut marks: Vec<Mark> = all.into_iter().zip(texts).collect();
    // Where a step is smaller than what numbers of this size differ by, neighbours are the same number.
    marks.dedup_by(|a, b| a.1 == b.1);
    marks
}

fn only(value: f64) -> String {
    let plain = format!("{value}");
    if plain.len() > LONG { format!("{value:e}") } else { plain }
}

/// Marks of a horizontal axis from left to right: `line` draws what stands at a place, and labels are written at the height of
/// `base`; of some that would touch the first.
pub(in crate::draw) fn below(
    svg: &mut Svg,
    base: f64,
    marks: impl IntoIterator<Item = Mark>,
    line: impl Fn(&mut Svg, f64),
) {
    let mut free = f64::NEG_INFINITY;
    for (x, text) in marks {
        line(svg, x);
        let half = width(&text, Font::PLAIN) / 2.0;
        // A long one at the end stays inside.
        let x = x.min(svg.width() - half - 4.0).max(half + 4.0);
        if x - half >= free {
            svg.text(Font::PLAIN, Anchor::Middle, (x, base), &text);
            free = x + half + GAP;
        }
    }
}

/// Marks of a vertical axis from below upwards, with labels that end at `right`.
pub(in crate::draw) fn beside(
    svg: &mut Svg,
    right: f64,
    marks: impl IntoIterator<Item = Mark>,
    line: impl Fn(&mut Svg, f64),
) {
    let mut free = f64::INFINITY;
    for (y, text) in marks {
        line(svg, y);
        if y <= free {
            svg.text(Font::PLAIN, Anchor::End, (right, y + 4.0), &text);
            free = y - LINE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(marks: Vec<Mark>) -> Vec<String> {
        marks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let texts = |low, high| texts(ticks(low, high, 5));
        assert_eq!(texts(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(0.0, 2001.0), ["0", "500", "1000", "1500", "2000"]);
        assert_eq!(texts(3.0, 3.0), ["3"]);
        assert_eq!(texts(0.0, 100_000.0), ["0", "20000", "40000", "60000", "80000", "100000"]);
    }

    /// Thirty-seven digits do not fit beside an axis, nor do thirty-seven decimals.
    #[test]
    fn long_ticks_are_powers_of_ten() {
        let texts = |low, high| texts(ticks(low, high, 5));
        assert_eq!(texts(0.0, 2.97e37), ["0", "1e37", "2e37"]);
        assert_eq!(texts(0.0, 1.2e7), ["0", "5e6", "1e7"]);
        assert_eq!(texts(0.0, 3e-7), ["0", "1e-7", "2e-7", "3e-7"]);
        assert_eq!(texts(-1e-5, 1e-5), ["-1e-5", "-5e-6", "0", "5e-6", "1e-5"]);
        assert_eq!(texts(3e37, 3e37), ["3e37"]);
    }

    #[test]
    fn whole_numbers_have_no_halves() {
        let texts = |high| texts(whole_ticks(0.0, high, 6));
        assert_eq!(texts(0.0), ["0"]);
        assert_eq!(texts(1.0), ["0", "1"]);
        assert_eq!(texts(2.0), ["0", "1", "2"]);
        assert_eq!(texts(2000.0), ["0", "500", "1000", "1500", "2000"]);
    }

    /// Numbers of every size, nearer together than their precision, too.
    #[test]
    fn no_two_ticks_have_one_label() {
        for power in [-320, -30, -5, 0, 3, 9, 20, 300] {
            let size = 10f64.powi(power);
            for share in [0.0, 1e-17, 1e-15, 1e-9, 1e-3, 0.3, 7.0] {
                for (low, high) in [(size, size + share * size), (-share * size, size), (-size, -size + share * size)] {
                    for marks in [ticks(low, high, 6), whole_ticks(low.round(), high.round(), 6)] {
                        let texts = texts(marks);
                        let different: std::collections::BTreeSet<&String> = texts.iter().collect();
                        assert!(texts.len() <= 20 && different.len() == texts.len(), "{low:e} {high:e}: {texts:?}");
                    }
                }
            }
        }
    }
}
