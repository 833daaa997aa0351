//! Simple plots: lines against a number, and bars of a histogram.

use super::svg::Svg;
use super::sweep::{WIDE, cut};
use super::ticks::{Mark, below, beside, ticks, whole_ticks};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 26.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 42.0;
/// Colours of lines, in order, and how they are dashed, so that no eye depends on colour.
const CLASSES: [&str; 2] = ["first", "second"];

/// A named line through points.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

impl Line {
    /// A line through points in the order of their x.
    pub fn new(name: &str, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points }
    }

    /// The same of values that hold, each from its x up to the next; the last for as long as the one before.
    pub fn held(name: &str, points: &[(f64, f64)]) -> Self {
        let mut corners: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
        for pair in points.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
            corners.extend([(pair[1].0, pair[0].1), pair[1]]);
        }
        if let Some(&(x, y)) = points.last() {
            let before = points.len().checked_sub(2).map_or(x - 1.0, |i| points[i].0);
            corners.push((2.0 * x - before, y));
        }
        Self::new(name, corners)
    }
}

/// Where numbers stand in the picture.
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
    /// How ticks are found.
    x_ticks: Ticks,
    y_ticks: Ticks,
}

type Ticks = fn(f64, f64, usize) -> Vec<Mark>;

impl Frame {
    /// Around all points, 0 included on the vertical axis, with some air.
    fn around(points: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
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

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let share = |v: f64, (low, high): (f64, f64)| ((v - low) / (high - low)).clamp(0.0, 1.0);
        let down = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share(y, self.y);
        (LEFT + (WIDTH - LEFT - RIGHT) * share(x, self.x), down)
    }

    fn grid(&self, svg: &mut Svg, x_name: &str) {
        let marks = (self.y_ticks)(self.y.0, self.y.1, 5);
        let marks = marks.into_iter().map(|(value, text)| (self.place((0.0, value)).1, text));
        let zero = self.place((0.0, 0.0)).1;
        beside(svg, LEFT - 8.0, marks, |svg, y| {
            svg.line(if y == zero { "axis" } else { "grid" }, (LEFT, y), (WIDTH - RIGHT, y));
        });
        let marks = (self.x_ticks)(self.x.0, self.x.1, 6);
        let marks = marks.into_iter().map(|(value, text)| (self.place((value, 0.0)).0, text));
        below(svg, HEIGHT - BOTTOM + 18.0, marks, |svg, x| svg.line("grid", (x, TOP), (x, HEIGHT - BOTTOM)));
        svg.text("", "middle", (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 6.0), x_name);
    }
}

/// The title above a picture: a long one begins farther left, and of a very long one the beginning is there.
fn heading(svg: &mut Svg, title: &str) {
    let left = (WIDTH - 1.0 - WIDE * title.chars().count() as f64).clamp(8.0, LEFT);
    svg.text("strong", "start", (left, 17.0), &cut(title, ((WIDTH - left) / WIDE) as usize));
}

/// Up to two lines in one frame.
pub fn lines(title: &str, x_name: &str, lines: &[Line]) -> String {
    let mut svg = Svg::new(WIDTH, HEIGHT, title);
    heading(&mut svg, title);
    let frame = Frame::around(lines.iter().flat_map(|line| line.points.iter().copied()));
    frame.grid(&mut svg, x_name);
    let mut at = LEFT;
    for (line, class) in lines.iter().zip(CLASSES) {
        let points: Vec<(f64, f64)> = thinned(&line.points).into_iter().map(|p| frame.place(p)).collect();
        svg.polyline(class, &points);
        svg.line(class, (at, 32.0), (at + 24.0, 32.0));
        svg.text("small", "start", (at + 30.0, 36.0), &line.name);
        at += 46.0 + 8.0 * line.name.chars().count() as f64;
    }
    svg.finish()
}

/// Of more points than can be told apart the lowest and the highest of each few that fall on one place, and the last.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const PLACES: usize = 2000;
    if points.len() <= 2 * PLACES {
        return points.to_vec();
    }
    let mut kept = Vec::with_capacity(2 * PLACES + 1);
    for few in points.chunks(points.len().div_ceil(PLACES)) {
        let low = few.iter().fold(few[0], |low, p| if p.1 < low.1 { *p } else { low });
        let high = few.iter().fold(few[0], |high, p| if p.1 > high.1 { *p } else { high });
        kept.extend(if low.0 <= high.0 { [low, high] } else { [high, low] });
    }
    kept.extend(points.last());
    kept
}

/// One bar of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Its lower end.
    pub from: f64,
    /// Its upper end, not included but in the last bar.
    pub to: f64,
    /// Values in it.
    pub count: usize,
}

/// How many values are where: `bars` bars of one width from the lowest to the highest value.
///
/// # Panics
/// If `bars` is 0.
pub fn histogram(values: &[f64], bars: usize) -> Vec<Bar> {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
    let edge = |i: usize| low + (high - low) * i as f64 / bars as f64;
    let mut all: Vec<Bar> = (0..bars).map(|i| Bar { from: edge(i), to: edge(i + 1), count: 0 }).collect();
    for value in values {
        let i = ((value - low) / (high - low) * bars as f64) as usize;
        all[i.min(bars - 1)].count += 1;
    }
    all
}

/// A histogram.
pub fn bars(bars: &[Bar], title: &str) -> String {
    let mut svg = Svg::new(WIDTH, HEIGHT, title);
    heading(&mut svg, title);
    let corners = bars.iter().flat_map(|bar| [(bar.from, bar.count as f64), (bar.to, 0.0)]);
    // A bar counts.
    let frame = Frame { x_ticks: ticks, y_ticks: whole_ticks, ..Frame::around(corners) };
    frame.grid(&mut svg, "value");
    for bar in bars {
        let (left, top) = frame.place((bar.from, bar.count as f64));
        let (right, bottom) = frame.place((bar.to, 0.0));
        svg.bar((left + 0.5, top), (right - 0.5, bottom));
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_is_a_staircase() {
        let line = Line::held("lr", &[(0.0, 3.0), (1.0, 3.0), (2.0, 1.0)]);
        assert_eq!(line.points, [(0.0, 3.0), (2.0, 3.0), (2.0, 1.0), (3.0, 1.0)]);
        assert_eq!(Line::held("lr", &[(0.0, 3.0)]).points, [(0.0, 3.0), (1.0, 3.0)]);
        assert_eq!(Line::held("lr", &[]).points, []);
    }

    #[test]
    fn a_line_of_very_many_points_keeps_its_extremes() {
        let mut points: Vec<(f64, f64)> = (0..1_000_000).map(|i| (f64::from(i), 1.0)).collect();
        (points[123_456].1, points[654_321].1) = (7.0, -3.0);
        let thin = thinned(&points);
        assert!(thin.len() <= 4001 && thin.contains(&points[123_456]) && thin.contains(&points[654_321]));
        assert!(thin.is_sorted_by(|a, b| a.0 <= b.0) && thin.last() == points.last());
        assert_eq!(thinned(&points[..4000]), points[..4000]);
    }

    #[test]
    fn a_histogram_counts_every_value_once() {
        let bars = histogram(&[0.0, 0.1, 0.9, 1.0, 1.0], 2);
        assert_eq!(bars.iter().map(|bar| bar.count).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(histogram(&[3.0; 4], 3).iter().map(|bar| bar.count).sum::<usize>(), 4);
    }
}
