//! How the final errors of runs are spread.

use super::measures::{BOTTOM, LEFT, RIGHT, WIDTH, down, title};
use super::places::decades;
use crate::draw::plot::ticks::{below, beside, whole_ticks};
use crate::draw::svg::{Anchor, Colour, Font, Stroke, Svg};
use crate::sweep::Tally;
use std::collections::BTreeMap;

/// How the final errors are spread, where nothing was varied: bars of a tenth of a power of ten.
pub(super) fn errors(tally: &Tally) -> String {
    let height = 320.0;
    let words = "Final mean absolute error of the runs";
    let mut svg = Svg::new(WIDTH, height, words, "How many runs ended with which error.");
    title(&mut svg, LEFT, WIDTH, words);
    let bin = |error: f64| (error.max(1e-12).log10() * 10.0).floor() as i64;
    let mut bins: BTreeMap<i64, u64> = BTreeMap::new();
    for (error, count) in tally.errors() {
        *bins.entry(bin(error)).or_default() += count;
    }
    let (Some((&first, _)), Some((&last, _))) = (bins.first_key_value(), bins.last_key_value()) else {
        svg.text(Font::PLAIN, Anchor::Middle, (WIDTH / 2.0, height / 2.0), "every run diverged");
        return svg.finish();
    };
    let (first, last) = (first.min(last - 4), last + 1);
    let most = *bins.values().max().unwrap_or(&1) as f64;
    let across = |bin: f64| LEFT + (WIDTH - LEFT - RIGHT) * (bin - first as f64) / (last - first) as f64;
    let marks = whole_ticks(0.0, most, 5).into_iter().map(|(count, text)| (down(height, count / most), text));
    let zero = down(height, 0.0);
    beside(&mut svg, LEFT - 8.0, marks, |svg, y| {
        svg.line(if y == zero { Stroke::AXIS } else { Stroke::GRID }, (LEFT, y), (WIDTH - RIGHT, y));
    });
    for (bin, count) in &bins {
        let top = down(height, *count as f64 / most);
        svg.bar(Colour::BLUE, (across(*bin as f64) + 0.5, top), (across((bin + 1) as f64) - 0.5, height - BOTTOM));
    }
    let marks = decades(10f64.powf(first as f64 / 10.0), 10f64.powf(last as f64 / 10.0));
    let marks = marks.into_iter().map(|(value, text)| (across(value.log10() * 10.0), text));
    below(&mut svg, height - BOTTOM + 20.0, marks, |svg, x| {
        svg.line(Stroke::AXIS, (x, height - BOTTOM), (x, height - BOTTOM + 5.0));
    });
    svg.text(Font::PLAIN, Anchor::Middle, (f64::midpoint(LEFT, WIDTH - RIGHT), height - 6.0), "mean absolute error");
    svg.text(Font::SMALL, Anchor::Start, (LEFT, 40.0), "runs");
    svg.finish()
}
