//! The loss over a plane of parameters: heights as shades and contour lines, and the run's path.

use crate::draw::layout::Labels;
use crate::draw::plot::ticks::{below, beside, ticks};
use crate::draw::surface::{CLASSES, areas, level, mixed};
use crate::draw::svg::{Anchor, Colour, Font, Point, Stroke, Svg, fit, label_size, wrap};
use crate::explain::{Landscape, significant};

const SIDE: f64 = 400.0;
const LEFT: f64 = 58.0;
const MARGIN: f64 = 14.0;
/// Contour lines.
const LEVELS: usize = 9;

/// Heights of the loss over a plane, the darker the lower, with contour lines, and the run's path from its start (a square) to
/// its end (a circle).
pub fn landscape(landscape: &Landscape) -> String {
    let title = format!("The loss of {} around its last parameters", landscape.experiment);
    let width = LEFT + SIDE + MARGIN;
    let room = width - 2.0 * MARGIN;
    let notes: Vec<String> = notes(landscape).iter().flat_map(|note| wrap(note, Font::SMALL, room)).collect();
    let top = 52.0;
    let height = top + SIDE + 60.0 + 17.0 * notes.len() as f64;
    let mut svg = Svg::new(width, height, &title, &notes.join(" "));
    svg.text(Font::STRONG, Anchor::Start, (MARGIN, 20.0), &fit(&title, Font::STRONG, room));
    svg.text(Font::PLAIN, Anchor::Start, (MARGIN, 42.0), &fit(&landscape.names[1], Font::PLAIN, room));
    heights(&mut svg, landscape, top);
    path(&mut svg, landscape, top);
    let across = |v: f64| LEFT + SIDE * (v - landscape.x.0) / (landscape.x.1 - landscape.x.0);
    let marks = ticks(landscape.x.0, landscape.x.1, 6).into_iter().map(|(v, text)| (across(v), text));
    below(&mut svg, top + SIDE + 17.0, marks, |_, _| {});
    let up = |v: f64| top + SIDE - SIDE * (v - landscape.y.0) / (landscape.y.1 - landscape.y.0);
    let marks = ticks(landscape.y.0, landscape.y.1, 6).into_iter().map(|(v, text)| (up(v), text));
    beside(&mut svg, LEFT - 6.0, marks, |_, _| {});
    let name = fit(&landscape.names[0], Font::PLAIN, SIDE);
    svg.text(Font::PLAIN, Anchor::Middle, (LEFT + SIDE / 2.0, top + SIDE + 36.0), &name);
    for (line, words) in notes.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, top + SIDE + 58.0 + 17.0 * line as f64), words);
    }
    svg.finish()
}

/// What is said below.
fn notes(landscape: &Landscape) -> Vec<String> {
    let last = significant(landscape.last, 4);
    let mut notes = vec![
        format!(
            "Loss of all training samples, without a penalty; dark is low. The run ends (circle) at {last}; it starts at the square."
        ),
        format!(
            "{:.0} % of the path's squared distance from its end lies in this plane; the rest is not seen.",
            100.0 * landscape.inside
        ),
    ];
    let odd = landscape.losses.iter().filter(|loss| !loss.is_finite()).count();
    notes.extend((odd > 0).then(|| format!("Grey: {odd} places whose loss is not finite.")));
    notes
}

/// Shades and contour lines, with the loss on each.
fn heights(svg: &mut Svg, landscape: &Landscape, top: f64) {
    let mut sorted: Vec<f64> = landscape.losses.iter().copied().filter(|loss| loss.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    // By rank, so that a steep wall does not hide the valley.
    let shade = |loss: &f64| {
        if !loss.is_finite() {
            return mixed(CLASSES[7], 0.3);
        }
        let rank = sorted.partition_point(|other| other < loss) as f64 / sorted.len() as f64;
        mixed(CLASSES[0], 1.0 - rank)
    };
    let colours: Vec<String> = landscape.losses.iter().map(shade).collect();
    let corner = (LEFT, top);
    for (colour, path) in areas(&colours, landscape.side, SIDE, corner) {
        svg.area(&colour, &path);
    }
    let mut labels = Labels::default();
    let mut levels: Vec<f64> =
        (1..=LEVELS).filter_map(|i| sorted.get(sorted.len() * i / (LEVELS + 1)).copied()).collect();
    levels.dedup_by(|a, b| significant(*a, 3) == significant(*b, 3));
    for height in levels {
        let segments = level(&landscape.losses, landscape.side, SIDE, corner, height);
        svg.segments(Stroke { width: 1.0, ..Stroke::BOUNDARY }, &segments);
        let words = significant(height, 3);
        let size = label_size(&words);
        let inside = |at: &Point| {
            at.0 - size.0 / 2.0 > LEFT
                && at.0 + size.0 / 2.0 < LEFT + SIDE
                && at.1 - 8.0 > top
                && at.1 + 8.0 < top + SIDE
        };
        // Where most of the line is first: its middle.
        let middle = segments.len() / 2;
        let places = segments[middle..].iter().chain(&segments[..middle]).map(|segment| segment[0]).filter(inside);
        if let Some(at) = labels.put(places, size) {
            svg.label(at, &words);
        }
    }
}

/// The run, from a square to a circle.
fn path(svg: &mut Svg, landscape: &Landscape, top: f64) {
    let ((x0, x1), (y0, y1)) = (landscape.x, landscape.y);
    let place = |&(x, y): &(f64, f64)| (LEFT + SIDE * (x - x0) / (x1 - x0), top + SIDE - SIDE * (y - y0) / (y1 - y0));
    let points: Vec<Point> = landscape.path.iter().map(place).collect();
    let run = Colour::fixed("#b34700");
    svg.polyline(Stroke { colour: run, ..Stroke::FIRST }, &points);
    if let (Some(&first), Some(&last)) = (points.first(), points.last()) {
        svg.marker(1, run.light, "#ffffff", first, 6.0);
        svg.marker(0, run.light, "#ffffff", last, 6.0);
    }
}
