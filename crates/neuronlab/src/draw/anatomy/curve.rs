//! The activation as a curve, with the point that the neuron stands on, and the slope there.

use super::sum::{MARGIN, WIDTH};
use crate::draw::plot::ticks::{below, beside, ticks};
use crate::draw::svg::{Anchor, Colour, Font, Point, Stroke, Svg};
use crate::explain::{Moment, Pass, significant};

const LEFT: f64 = 62.0;
const HEIGHT: f64 = 170.0;
/// Points of the curve.
const POINTS: usize = 240;

/// The activation around what a neuron gives it.
pub(super) struct Curve {
    activation: &'static str,
    neuron: String,
    points: Vec<(f64, f64)>,
    x: (f64, f64),
    y: (f64, f64),
    /// What it was given, what it made of it, and the slope there.
    at: (f64, f64, f64),
    /// What is written below.
    words: Vec<String>,
}

impl Curve {
    pub(super) fn new(moment: &Moment, row: usize, pass: &Pass) -> Self {
        let given = pass.normalised.unwrap_or(pass.z);
        let slope = moment.slope(row, pass.place);
        // What dropout does comes after the curve.
        let made = moment.activated(row, pass.place, given);
        let reach = if given.is_finite() { (1.4 * given.abs()).max(3.0) } else { 3.0 };
        let at = |i: usize| -reach + 2.0 * reach * i as f64 / POINTS as f64;
        let points: Vec<(f64, f64)> = (0..=POINTS).map(|i| (at(i), moment.activated(row, pass.place, at(i)))).collect();
        let values = points.iter().map(|p| p.1).chain([made, 0.0]).filter(|y| y.is_finite());
        let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), y| (low.min(y), high.max(y)));
        let air = 0.1 * (high - low).max(f64::MIN_POSITIVE);
        let letter = if pass.normalised.is_some() { "y" } else { "z" };
        let mut words = vec![
            format!("output {} = {}", pass.neuron, significant(pass.a, 4)),
            format!("derivative there: {}′({letter}) = {}", pass.activation, significant(slope, 4)),
        ];
        words.extend(pass.mask.map(|mask| format!("dropout multiplies the activation by {}", significant(mask, 4))));
        if !given.is_finite() {
            words.push(format!("{letter} = {given} is not finite, so that it has no point on the curve"));
        }
        let neuron = pass.neuron.clone();
        let (x, y) = ((-reach, reach), (low - air, high + air));
        Self { activation: pass.activation, neuron, points, x, y, at: (given, made, slope), words }
    }

    pub(super) fn height(&self) -> f64 {
        HEIGHT + 44.0 + 17.0 * self.words.len() as f64
    }

    fn place(&self, top: f64, (x, y): (f64, f64)) -> Point {
        let share = |v: f64, (low, high): (f64, f64)| ((v - low) / (high - low)).clamp(0.0, 1.0);
        (LEFT + (WIDTH - LEFT - MARGIN) * share(x, self.x), top + HEIGHT * (1.0 - share(y, self.y)))
    }

    pub(super) fn draw(&self, svg: &mut Svg, top: f64) {
        let (right, bottom) = (WIDTH - MARGIN, top + HEIGHT);
        let marks = ticks(self.y.0, self.y.1, 4).into_iter().map(|(v, text)| (self.place(top, (0.0, v)).1, text));
        let zero = self.place(top, (0.0, 0.0));
        beside(svg, LEFT - 8.0, marks, |svg, y| {
            svg.line(if (y - zero.1).abs() < 0.01 { Stroke::AXIS } else { Stroke::GRID }, (LEFT, y), (right, y));
        });
        let marks = ticks(self.x.0, self.x.1, 6).into_iter().map(|(v, text)| (self.place(top, (v, 0.0)).0, text));
        below(svg, bottom + 17.0, marks, |svg, x| {
            svg.line(if (x - zero.0).abs() < 0.01 { Stroke::AXIS } else { Stroke::GRID }, (x, top), (x, bottom));
        });
        svg.text(Font::SMALL, Anchor::Start, (LEFT, top - 8.0), &format!("activation: {}", self.activation));
        let curve: Vec<Point> = self.points.iter().filter(|p| p.1.is_finite()).map(|&p| self.place(top, p)).collect();
        svg.polyline(Stroke::FIRST, &curve);
        let (given, made, slope) = self.at;
        if given.is_finite() && made.is_finite() {
            self.tangent(svg, top, slope);
            svg.mark(0, Colour::ORANGE, self.place(top, (given, made)), 5.0);
        }
        for (line, words) in self.words.iter().enumerate() {
            svg.text(Font::SMALL, Anchor::Start, (LEFT, bottom + 36.0 + 17.0 * line as f64), words);
        }
    }

    /// A short line that touches the curve at the point.
    fn tangent(&self, svg: &mut Svg, top: f64, slope: f64) {
        let (given, made, _) = self.at;
        let (wide, high) = (self.x.1 - self.x.0, self.y.1 - self.y.0);
        // As long as it stays inside of the frame.
        let reach = if slope == 0.0 { 0.2 * wide } else { (0.2 * wide).min(0.3 * high / slope.abs()) };
        let inside = |dx: f64| {
            let x = (given + dx).clamp(self.x.0, self.x.1);
            let y = made + slope * (x - given);
            if slope == 0.0 {
                return (x, y);
            }
            let held = y.clamp(self.y.0, self.y.1);
            (given + (held - made) / slope, held)
        };
        let (from, to) = (self.place(top, inside(-reach)), self.place(top, inside(reach)));
        let words = format!("the slope at {}: {slope}", self.neuron);
        svg.edge(Stroke::SECOND, from, to, &words);
    }
}
