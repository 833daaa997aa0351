//! Cells of a sweep that were drawn at random, as dots.

use super::map::{colour_bar, shade};
use super::measures::{BOTTOM, LEFT, RIGHT, TOP, WIDTH, down, title};
use super::places::Places;
use crate::draw::plot::ticks::{below, beside};
use crate::draw::svg::{Anchor, Colour, Font, Stroke, Svg, fit, width};
use crate::sweep::Tally;

/// From one line of words to the next.
const LINE: f64 = 15.0;

/// In the plane of their two values; the shade is the share of right runs.
pub(super) fn dots(names: [&str; 2], [x, y]: [&Places; 2], tallies: &[Tally]) -> String {
    let height = 520.0;
    let words = format!("Share of right runs against {} and {}", names[0], names[1]);
    let mut svg = Svg::new(WIDTH + 60.0, height, &words, &format!("A dot for each of {} cells.", tallies.len()));
    title(&mut svg, LEFT, WIDTH + 60.0, &words);
    let across = |place: f64| LEFT + (WIDTH - LEFT - RIGHT) * place;
    let marks = x.marks.iter().map(|(place, text)| (across(*place), text.clone()));
    below(&mut svg, height - BOTTOM + 18.0, marks, |svg, x| svg.line(Stroke::GRID, (x, TOP), (x, height - BOTTOM)));
    let marks = y.marks.iter().map(|(place, text)| (down(height, *place), text.clone()));
    beside(&mut svg, LEFT - 8.0, marks, |svg, y| svg.line(Stroke::GRID, (LEFT, y), (WIDTH - RIGHT, y)));
    svg.text(Font::PLAIN, Anchor::Middle, (f64::midpoint(LEFT, WIDTH - RIGHT), height - 8.0), names[0]);
    svg.text(Font::PLAIN, Anchor::Start, (8.0, 38.0), names[1]);
    let radius = if tallies.len() > 400 { 3.5 } else { 6.0 };
    for (i, tally) in tallies.iter().enumerate() {
        svg.marker(0, &shade(tally.right_share().share), "#808b96", (across(x.at[i]), down(height, y.at[i])), radius);
    }
    colour_bar(&mut svg, WIDTH, TOP, height - TOP - BOTTOM);
    svg.finish()
}

/// A panel for each axis: the share of right runs of every cell against its value there, whatever the other axes have drawn.
pub(super) fn dots_by_axis(names: &[&str], places: &[Places], tallies: &[Tally]) -> String {
    const PANEL: (f64, f64) = (310.0, 180.0);
    const STEP: (f64, f64) = (PANEL.0 + 66.0, PANEL.1 + 84.0);
    const FIRST: f64 = 44.0;
    let columns = places.len().min(2);
    let words = "Share of right runs against each of what was varied";
    let width = (LEFT + STEP.0 * columns as f64 - 40.0).max(16.0 + width(words, Font::STRONG)).ceil();
    let height = FIRST + STEP.1 * places.len().div_ceil(columns) as f64 - 8.0;
    let mut svg = Svg::new(
        width,
        height,
        words,
        &format!("{} panels, with a dot for each of {} cells.", places.len(), tallies.len()),
    );
    title(&mut svg, 8.0, width, words);
    for (panel, (name, places)) in names.iter().zip(places).enumerate() {
        let left = LEFT + STEP.0 * (panel % columns) as f64;
        let bottom = FIRST + PANEL.1 + STEP.1 * (panel / columns) as f64;
        for share in [0.0, 0.5, 1.0] {
            let y = bottom - PANEL.1 * share;
            svg.line(if share == 0.0 { Stroke::AXIS } else { Stroke::GRID }, (left, y), (left + PANEL.0, y));
            svg.text(Font::PLAIN, Anchor::End, (left - 8.0, y + 4.0), &format!("{:.0} %", share * 100.0));
        }
        let words = axis(&mut svg, (left, bottom), PANEL, places);
        svg.text(Font::PLAIN, Anchor::Middle, (left + PANEL.0 / 2.0, words + 20.0), &fit(name, Font::PLAIN, PANEL.0));
        let radius = if tallies.len() > 400 { 2.0 } else { 3.0 };
        for (i, tally) in tallies.iter().enumerate() {
            let place = places.at[i] + if places.numeric { 0.0 } else { aside(i) * slot(places) };
            let at = (left + PANEL.0 * place, bottom - PANEL.1 * tally.right_share().share);
            svg.mark(0, Colour::BLUE, at, radius);
        }
    }
    svg.finish()
}

/// Marks of one panel's values: of numbers those that there is room for; words that are long stand by turns on two lines. How
/// far down they reach.
fn axis(svg: &mut Svg, (left, bottom): (f64, f64), panel: (f64, f64), places: &Places) -> f64 {
    let longest = places.marks.iter().map(|(_, text)| width(text, Font::PLAIN)).fold(0.0, f64::max);
    let room = slot(places) * panel.0;
    let (every, lines) = if places.numeric {
        (((longest + 12.0) / room).ceil().max(1.0) as usize, 1)
    } else {
        (1, if longest > room { 2 } else { 1 })
    };
    for (i, (place, text)) in places.marks.iter().enumerate().step_by(every) {
        let x = left + panel.0 * place;
        svg.line(Stroke::GRID, (x, bottom - panel.1), (x, bottom));
        let outermost = i == 0 || i + 1 == places.marks.len();
        let room = (2.0 * room - 12.0).min(if outermost { room + 44.0 } else { f64::INFINITY });
        let words = if lines == 1 { text.clone() } else { fit(text, Font::PLAIN, room) };
        svg.text(Font::PLAIN, Anchor::Middle, (x, bottom + 18.0 + LINE * (i % lines) as f64), &words);
    }
    bottom + 18.0 + LINE * (lines - 1) as f64
}

/// The width of a category, or the distance of marks, as a share of the panel's.
fn slot(places: &Places) -> f64 {
    1.0 / places.marks.len().max(1) as f64
}

/// How far beside the middle of its slot a cell's dot is drawn, so that dots of equal shares can be told apart.
fn aside(cell: usize) -> f64 {
    // Multiples of the golden ratio are spread evenly however many there are.
    0.7 * ((cell as f64 * 0.618_033_988_749_895).fract() - 0.5)
}
