//! Frames below one another with one axis of epochs, each with lines whose names and last values stand at their right ends.

use crate::draw::plot::ticks::{Mark, below, beside, ticks};
use crate::draw::svg::{Anchor, Colour, Font, Point, Stroke, Svg, fit, width, wrap};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 58.0;
const MARGIN: f64 = 10.0;
/// Height of a frame, at least.
const HEIGHT: f64 = 130.0;
/// From the name of one line to the next.
const LINE: f64 = 12.5;
/// Below a frame: numbers of the axis.
const BELOW: f64 = 30.0;
/// Above a frame: its title.
const ABOVE: f64 = 26.0;
/// Between the end of a line and its name.
const LEAD: f64 = 22.0;

/// A line with the words at its end.
pub(super) struct Path {
    /// What is shown where it is pointed at.
    pub(super) name: String,
    /// What stands at its end.
    pub(super) label: String,
    /// In the order of their x.
    pub(super) points: Vec<(f64, f64)>,
}

/// A frame.
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) paths: Vec<Path>,
    /// Whether its vertical axis is one of powers of ten; what is 0 or less is then left out.
    pub(super) logarithmic: bool,
}

/// How lines differ without colour: whole, dashed, dotted, and long-dashed.
fn stroke(number: usize) -> Stroke {
    let base = [Stroke::FIRST, Stroke::SECOND, Stroke::PLAIN, Stroke::FIRST, Stroke::PLAIN][number % 5].wide(1.5);
    let dashes = [None, Some((6.0, 4.0)), None, Some((2.0, 3.0)), Some((10.0, 4.0))][number % 5];
    let colour = [Colour::BLUE, Colour::ORANGE, Colour::FAINT, Colour::BLUE, Colour::INK][number % 5];
    Stroke { colour, dashes, ..base }
}

/// The picture: `from` and `to` are the ends of the common axis, `notes` stand below.
pub(super) fn panels(title: &str, about: &str, x_name: &str, panels: &[Panel], notes: &[String]) -> String {
    let names = panels.iter().flat_map(|panel| &panel.paths).map(|path| width(&path.label, Font::LABEL));
    let room = names.fold(40.0, f64::max).min(190.0);
    let right = WIDTH - MARGIN - room - LEAD;
    let heights: Vec<f64> = panels.iter().map(|panel| HEIGHT.max(LINE * panel.paths.len() as f64 + 8.0)).collect();
    let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, Font::SMALL, WIDTH - 2.0 * MARGIN)).collect();
    let about = wrap(about, Font::SMALL, WIDTH - 2.0 * MARGIN);
    let top = 30.0 + 16.0 * about.len() as f64;
    let tall: f64 = heights.iter().map(|height| height + ABOVE + BELOW).sum();
    let height = top + tall + 16.0 + 16.0 * notes.len() as f64 + 8.0;
    let mut svg = Svg::new(WIDTH, height, title, &about.join(" "));
    svg.text(Font::STRONG, Anchor::Start, (MARGIN, 20.0), &fit(title, Font::STRONG, WIDTH - 2.0 * MARGIN));
    for (line, words) in about.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, 38.0 + 16.0 * line as f64), words);
    }
    let all = || panels.iter().flat_map(|panel| &panel.paths).flat_map(|path| path.points.iter().map(|p| p.0));
    let x = all().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
    let x = if x.1 > x.0 { x } else { (x.0.min(0.0), x.0.clamp(0.0, 1e300) + 1.0) };
    let mut at = top;
    for (panel, height) in panels.iter().zip(heights) {
        at += ABOVE;
        let title = fit(&panel.title, Font::SMALL, WIDTH - LEFT - MARGIN);
        svg.text(Font::SMALL, Anchor::Start, (LEFT, at - 7.0), &title);
        Frame { x, y: Scale::of(panel), across: (LEFT, right), down: (at, at + height) }.draw(&mut svg, panel);
        at += height + BELOW;
    }
    svg.text(Font::PLAIN, Anchor::Middle, (f64::midpoint(LEFT, right), at + 8.0), x_name);
    for (line, words) in notes.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, at + 28.0 + 16.0 * line as f64), words);
    }
    svg.finish()
}

/// A vertical axis.
struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    fn of(panel: &Panel) -> Self {
        let logarithmic = panel.logarithmic;
        let values = panel.paths.iter().flat_map(|path| &path.points).map(|p| p.1);
        let values = values.filter(|v| v.is_finite() && (!logarithmic || *v > 0.0));
        let values = values.map(|v| if logarithmic { v.log10() } else { v });
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return Self { low: 0.0, high: 1.0, logarithmic };
        }
        if logarithmic {
            return Self { low: low.floor(), high: high.ceil().max(low.floor() + 1.0), logarithmic };
        }
        let air = if high > low { 0.06 * (high - low) } else { low.abs().max(1.0) * 0.1 };
        Self { low: low - air, high: high + air, logarithmic }
    }

    /// From 0 at the bottom to 1; none of what has no place on it.
    fn share(&self, value: f64) -> Option<f64> {
        let value = if self.logarithmic { if value > 0.0 { value.log10() } else { return None } } else { value };
        value.is_finite().then(|| ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0))
    }

    fn ticks(&self) -> Vec<Mark> {
        if !self.logarithmic {
            return ticks(self.low, self.high, 4);
        }
        let every = ((self.high - self.low) / 4.0).ceil().max(1.0) as i64;
        let powers = (self.low as i64..=self.high as i64).filter(|power| power % every == 0);
        powers.map(|power| (10f64.powi(power as i32), format!("1e{power}"))).collect()
    }
}

/// Where a panel stands.
struct Frame {
    x: (f64, f64),
    y: Scale,
    across: (f64, f64),
    down: (f64, f64),
}

impl Frame {
    fn place(&self, (x, y): (f64, f64)) -> Option<Point> {
        let share = (x - self.x.0) / (self.x.1 - self.x.0);
        let y = self.down.1 - (self.down.1 - self.down.0) * self.y.share(y)?;
        Some((self.across.0 + (self.across.1 - self.across.0) * share, y))
    }

    fn draw(&self, svg: &mut Svg, panel: &Panel) {
        let (left, right) = self.across;
        let marks = self.y.ticks().into_iter().filter_map(|(v, text)| Some((self.place((self.x.0, v))?.1, text)));
        let zero = self.place((self.x.0, 0.0)).map(|place| place.1);
        beside(svg, left - 8.0, marks, |svg, y| {
            svg.line(if Some(y) == zero { Stroke::AXIS } else { Stroke::GRID }, (left, y), (right, y));
        });
        let across = |x: f64| left + (right - left) * (x - self.x.0) / (self.x.1 - self.x.0);
        let marks = ticks(self.x.0, self.x.1, 5).into_iter().map(|(x, text)| (across(x), text));
        let (top, bottom) = self.down;
        below(svg, bottom + 16.0, marks, |svg, x| svg.line(Stroke::GRID, (x, top), (x, bottom)));
        for (number, path) in panel.paths.iter().enumerate() {
            let points: Vec<Point> = path.points.iter().filter_map(|&p| self.place(p)).collect();
            svg.traced(stroke(number), &points, &path.name);
        }
        self.names(svg, panel);
    }

    /// Names at the ends of lines, apart from one another, with a lead to each.
    fn names(&self, svg: &mut Svg, panel: &Panel) {
        let last = |path: &Path| path.points.iter().rev().find_map(|&p| self.place(p));
        let mut ends: Vec<(usize, Point)> =
            panel.paths.iter().enumerate().filter_map(|(number, path)| Some((number, last(path)?))).collect();
        ends.sort_by(|a, b| a.1.1.total_cmp(&b.1.1));
        // From above each at least a line below the one before, and then from below as much up as is needed.
        let mut at: Vec<f64> = Vec::with_capacity(ends.len());
        for (_, (_, y)) in &ends {
            let free = at.last().map_or(self.down.0 + 4.0, |above| above + LINE);
            at.push(y.max(free));
        }
        let mut free = self.down.1 - 2.0;
        for y in at.iter_mut().rev() {
            *y = y.min(free);
            free = *y - LINE;
        }
        for ((number, end), y) in ends.into_iter().zip(at) {
            let right = self.across.1 + LEAD;
            svg.line(Stroke::AXIS, end, (right - 3.0, y));
            let words = fit(&panel.paths[number].label, Font::LABEL, WIDTH - MARGIN - right);
            svg.text(Font::LABEL, Anchor::Start, (right, y + 4.0), &words);
        }
    }
}
