//! The frame of a plot: where numbers stand, the grid, and the title above.

use super::ticks::{Mark, below, beside, ticks, whole_ticks};
use crate::draw::svg::{Anchor, Font, Stroke, Svg, fit, width};

pub(super) const WIDTH: f64 = 480.0;
pub(super) const HEIGHT: f64 = 300.0;
pub(super) const LEFT: f64 = 58.0;
pub(super) const RIGHT: f64 = 26.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 42.0;

/// Where numbers stand in the picture.
pub(super) struct Frame {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    /// How ticks are found.
    pub(super) x_ticks: Ticks,
    pub(super) y_ticks: Ticks,
}

pub(super) type Ticks = fn(f64, f64, usize) -> Vec<Mark>;

impl Frame {
    /// Around all points, 0 included on the vertical axis, with some air.
    pub(super) fn around(points: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)))
        };
        let (low, high) = range(&mut points.clone().map(|p| p.1).chain([0.0]));
        let air = if high > low { (high - low) * 0.06 } else { 1.0 };
        // Between whole numbers, such as epochs, there is nothing.
        let x_ticks = if points.clone().all(|p| p.0.fract() == 0.0) { whole_ticks } else { ticks };
        let x = range(&mut points.map(|p| p.0));
        let x = if x.1 > x.0 { x } else { (x.0, x.0 + 1.0) };
        Self { x, y: (if low < 0.0 { low - air } else { 0.0 }, high + air), x_ticks, y_ticks: ticks }
    }

    pub(super) fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let share = |v: f64, (low, high): (f64, f64)| ((v - low) / (high - low)).clamp(0.0, 1.0);
        let down = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(y, self.y);
        (LEFT + (WIDTH - LEFT - RIGHT) * share(x, self.x), down)
    }

    pub(super) fn grid(&self, svg: &mut Svg, x_name: &str) {
        let marks = (self.y_ticks)(self.y.0, self.y.1, 5);
        let marks = marks.into_iter().map(|(value, text)| (self.place((0.0, value)).1, text));
        let zero = self.place((0.0, 0.0)).1;
        beside(svg, LEFT - 8.0, marks, |svg, y| {
            svg.line(if y == zero { Stroke::AXIS } else { Stroke::GRID }, (LEFT, y), (WIDTH - RIGHT, y));
        });
        let marks = (self.x_ticks)(self.x.0, self.x.1, 6);
        let marks = marks.into_iter().map(|(value, text)| (self.place((value, 0.0)).0, text));
        below(svg, HEIGHT - BOTTOM + 18.0, marks, |svg, x| svg.line(Stroke::GRID, (x, TOP), (x, HEIGHT - BOTTOM)));
        svg.text(Font::PLAIN, Anchor::Middle, (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 6.0), x_name);
    }
}

/// The title above a picture: a long one begins farther left, and of a very long one the beginning is there.
pub(super) fn heading(svg: &mut Svg, title: &str) {
    let left = (WIDTH - 4.0 - width(title, Font::STRONG)).clamp(8.0, LEFT);
    svg.text(Font::STRONG, Anchor::Start, (left, 17.0), &fit(title, Font::STRONG, WIDTH - 4.0 - left));
}
