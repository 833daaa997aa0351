//! The two measures of success, and what their pictures share: title, legend and the scale of per cent.

use crate::draw::plot::ticks::ticks;
use crate::draw::svg::{Anchor, Colour, Font, Stroke, Svg, fit, width};
use crate::sweep::{Share, Tally};

pub(super) const WIDTH: f64 = 640.0;
pub(super) const LEFT: f64 = 62.0;
pub(super) const RIGHT: f64 = 30.0;
pub(super) const TOP: f64 = 52.0;
pub(super) const BOTTOM: f64 = 46.0;

/// A measure of success, and what it looks like.
pub(super) struct Measure {
    /// Of its line.
    pub(super) stroke: Stroke,
    /// Of its marks.
    pub(super) form: usize,
    /// What it is of a cell.
    pub(super) share: fn(&Tally) -> Share,
}

impl Measure {
    /// Its colour.
    pub(super) fn colour(&self) -> Colour {
        self.stroke.colour
    }
}

/// Right and close.
pub(super) const MEASURES: [Measure; 2] = [
    Measure { stroke: Stroke::FIRST, form: 0, share: Tally::right_share },
    Measure { stroke: Stroke::SECOND, form: 3, share: Tally::close_share },
];

/// The title, as much of it as a width holds.
pub(super) fn title(svg: &mut Svg, left: f64, width: f64, text: &str) {
    svg.text(Font::STRONG, Anchor::Start, (left, 18.0), &fit(text, Font::STRONG, width - 4.0 - left));
}

/// Title and legend of the two measures.
pub(super) fn head(svg: &mut Svg, words: &str, height: f64, measures: &[String; 2]) {
    title(svg, LEFT, WIDTH, words);
    let mut at = LEFT;
    for (measure, words) in MEASURES.iter().zip(measures) {
        svg.line(measure.stroke, (at, 36.0), (at + 24.0, 36.0));
        svg.mark(measure.form, measure.colour(), (at + 12.0, 36.0), 4.0);
        svg.text(Font::SMALL, Anchor::Start, (at + 30.0, 40.0), words);
        at += 190f64.max(46.0 + width(words, Font::SMALL));
    }
    svg.text(Font::SMALL, Anchor::End, (WIDTH - 8.0, height - 8.0), "with 95 % intervals");
}

pub(super) fn percent_grid(svg: &mut Svg, height: f64) {
    for (share, text) in ticks(0.0, 1.0, 5).into_iter().map(|(v, _)| (v, format!("{:.0} %", v * 100.0))) {
        let y = down(height, share);
        svg.line(if share == 0.0 { Stroke::AXIS } else { Stroke::GRID }, (LEFT, y), (WIDTH - RIGHT, y));
        svg.text(Font::PLAIN, Anchor::End, (LEFT - 8.0, y + 4.0), &text);
    }
}

pub(super) fn down(height: f64, share: f64) -> f64 {
    height - BOTTOM - (height - TOP - BOTTOM) * share
}
