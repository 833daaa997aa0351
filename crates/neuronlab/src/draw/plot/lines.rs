//! Lines against a number.

use super::frame::{Frame, HEIGHT, LEFT, WIDTH, heading};
use crate::draw::svg::{Anchor, Font, Stroke, Svg, fit, width};

/// What lines look like, in order and then again: no eye depends on colour.
const STROKES: [Stroke; 6] =
    [Stroke::FIRST, Stroke::SECOND, Stroke::THIRD, Stroke::FOURTH, Stroke::FIFTH, Stroke::SIXTH];
/// From one row of names to the next.
const NAME_ROW: f64 = 18.0;

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

/// Lines in one frame, each with its name: above it those that have room in a row, the others below.
pub fn lines(title: &str, x_name: &str, lines: &[Line]) -> String {
    let all: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    let names = names(&all);
    let rows = names.last().map_or(0, |name| name.row);
    let height = HEIGHT + NAME_ROW * rows as f64;
    let mut svg = Svg::new(WIDTH, height, title, &format!("Against {x_name}: {}.", all.join(", ")));
    heading(&mut svg, title);
    let frame = Frame::around(lines.iter().flat_map(|line| line.points.iter().copied()));
    frame.grid(&mut svg, x_name);
    for ((line, name), stroke) in lines.iter().zip(names).zip(STROKES.into_iter().cycle()) {
        let points: Vec<(f64, f64)> = thinned(&line.points).into_iter().map(|p| frame.place(p)).collect();
        svg.polyline(stroke, &points);
        let y = if name.row == 0 { 32.0 } else { HEIGHT - 12.0 + NAME_ROW * name.row as f64 };
        svg.line(stroke, (name.at, y), (name.at + 24.0, y));
        svg.text(Font::SMALL, Anchor::Start, (name.at + 30.0, y + 4.0), &name.words);
    }
    svg.finish()
}

/// The name of a line in the legend.
struct Name {
    words: String,
    row: usize,
    at: f64,
}

/// Names one after the other, on as many rows as they need.
fn names(all: &[&str]) -> Vec<Name> {
    let (mut row, mut at, mut names) = (0, LEFT, Vec::with_capacity(all.len()));
    for name in all {
        let room = |at: f64| WIDTH - 4.0 - at - 30.0;
        if at > LEFT && width(name, Font::SMALL) > room(at) {
            (row, at) = (row + 1, LEFT);
        }
        let words = fit(name, Font::SMALL, room(at));
        let wide = 46.0 + width(&words, Font::SMALL);
        names.push(Name { words, row, at });
        at += wide;
    }
    names
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
    fn every_line_is_drawn_and_named() {
        let all: Vec<Line> =
            (0..9).map(|i| Line::new(&format!("run number {i}"), vec![(0.0, 1.0), (1.0, f64::from(i))])).collect();
        let picture = lines("Nine runs", "epoch", &all);
        for i in 0..9 {
            assert!(picture.contains(&format!(">run number {i}</text>")), "{picture}");
        }
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
}
