//! Lines against a number.

use super::frame::{Frame, HEIGHT, LEFT, WIDTH, heading};
use crate::draw::svg::{Anchor, Font, Stroke, Svg, fit, width};

/// What lines look like, in order: no eye depends on colour.
const STROKES: [Stroke; 2] = [Stroke::FIRST, Stroke::SECOND];

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

/// Up to two lines in one frame.
pub fn lines(title: &str, x_name: &str, lines: &[Line]) -> String {
    let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
    let mut svg = Svg::new(WIDTH, HEIGHT, title, &format!("Against {x_name}: {}.", names.join(", ")));
    heading(&mut svg, title);
    let frame = Frame::around(lines.iter().flat_map(|line| line.points.iter().copied()));
    frame.grid(&mut svg, x_name);
    let mut at = LEFT;
    for (line, stroke) in lines.iter().zip(STROKES) {
        let points: Vec<(f64, f64)> = thinned(&line.points).into_iter().map(|p| frame.place(p)).collect();
        svg.polyline(stroke, &points);
        svg.line(stroke, (at, 32.0), (at + 24.0, 32.0));
        let name = fit(&line.name, Font::SMALL, WIDTH - 4.0 - at - 30.0);
        svg.text(Font::SMALL, Anchor::Start, (at + 30.0, 36.0), &name);
        at += 46.0 + width(&name, Font::SMALL);
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
}
