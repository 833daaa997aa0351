//! What a network of two inputs answers all over the plane.

use super::colours::{CLASSES, mixed};
use super::key::Key;
use crate::draw::plot::ticks::{Mark, below, beside, ticks};
use crate::draw::svg::{Anchor, Font, Stroke, Svg, fit, short, width};
use std::fmt::Write;

const SIDE: f64 = 400.0;
/// Left of the plane, at least.
const LEFT: f64 = 52.0;
const TOP: f64 = 14.0;
/// Height of a line of words.
const LINE: f64 = 12.0;
/// Cells a side; each shows the answer at its centre.
const CELLS: usize = 100;
/// What the picture of [`surface`] is called.
pub(in crate::draw) const TITLE: &str = "The network's answer over the plane of its inputs";

/// The answer of `network` to every point of a square around `points`.
///
/// `network` takes rows of two inputs and gives rows of `outputs` numbers. One output is coloured from blue (0) over grey
/// (one half) to orange (1), with a line where it is one half; several by the largest, the paler the nearer the second.
/// `points` are the samples and their classes, `names` the axes, `classes` the names of the classes in the key below the
/// picture.
pub fn surface(
    network: impl Fn(&[[f64; 2]]) -> Vec<f64>,
    outputs: usize,
    points: &[([f64; 2], usize)],
    names: [&str; 2],
    classes: &[String],
) -> String {
    plane(TITLE, network, outputs, points, names, &Key { dots: classes.to_vec(), ..Key::default() })
}

/// The same of anything over a plane, with a title.
pub(in crate::draw) fn plane(
    title: &str,
    network: impl Fn(&[[f64; 2]]) -> Vec<f64>,
    outputs: usize,
    points: &[([f64; 2], usize)],
    names: [&str; 2],
    key: &Key,
) -> String {
    let (x, y) = (Axis::around(points.iter().map(|p| p.0[0])), Axis::around(points.iter().map(|p| p.0[1])));
    let centres: Vec<[f64; 2]> = (0..CELLS * CELLS)
        .map(|cell| [x.value((cell % CELLS) as f64 + 0.5), y.value((CELLS - cell / CELLS) as f64 - 0.5)])
        .collect();
    let answers = network(&centres);
    let colours: Vec<String> = answers.chunks_exact(outputs).map(colour).collect();

    let (below_it, beside_it) = (x.ticks(), y.ticks());
    let longest = beside_it.iter().map(|(_, text)| width(text, Font::PLAIN)).fold(0.0, f64::max);
    let left = LEFT.max((12.0 + longest).ceil());
    // The vertical axis has its name beside the topmost label, or above, where there is no room for both.
    let name = fit(names[1], Font::PLAIN, left + SIDE);
    let top = if 12.0 + width(&name, Font::PLAIN) + longest > left { TOP + LINE } else { TOP };
    let room = SIDE + 16.0;
    let description = format!("{} across, {} upwards, with {} samples.", names[0], names[1], points.len());
    let mut svg = Svg::new(left + room, top + SIDE + 40.0 + key.height(room), title, &description);
    for (colour, path) in areas(&colours, CELLS, SIDE, (left, top)) {
        svg.area(&colour, &path);
    }
    if outputs == 1 {
        boundary(&mut svg, &answers, (left, top));
    }
    let marks = below_it.into_iter().map(|(value, text)| (left + x.place(value), text));
    below(&mut svg, top + SIDE + 16.0, marks, |_, _| {});
    let marks = beside_it.into_iter().map(|(value, text)| (top + SIDE - y.place(value), text));
    beside(&mut svg, left - 6.0, marks, |_, _| {});
    svg.text(Font::PLAIN, Anchor::Middle, (left + SIDE / 2.0, top + SIDE + 34.0), &fit(names[0], Font::PLAIN, SIDE));
    svg.text(Font::PLAIN, Anchor::Start, (4.0, TOP + 2.0), &name);
    key.draw(&mut svg, (left, top + SIDE + 54.0), room);
    let radius = if points.len() > 60 { 3.5 } else { 7.0 };
    for &(at, class) in points {
        let place = (left + x.place(at[0]), top + SIDE - y.place(at[1]));
        svg.marker(class, CLASSES[class % CLASSES.len()], "#ffffff", place, radius);
    }
    svg.finish()
}

/// A range of values along one side of the square.
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Axis {
    /// All values and a quarter of their range on both sides.
    pub(super) fn around(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let margin = if high > low { (high - low) / 4.0 } else { high.abs().max(1.0) };
        Self { low: low - margin, high: high + margin }
    }

    fn value(&self, cell: f64) -> f64 {
        self.low + (self.high - self.low) * cell / CELLS as f64
    }

    fn place(&self, value: f64) -> f64 {
        self.across(value, SIDE)
    }

    /// How far a value is from the low end of a side of so many units.
    pub(super) fn across(&self, value: f64, side: f64) -> f64 {
        side * (value - self.low) / (self.high - self.low)
    }

    fn ticks(&self) -> Vec<Mark> {
        ticks(self.low, self.high, 6)
    }
}

/// The colour of an answer.
pub(super) fn colour(answer: &[f64]) -> String {
    if let [one] = answer {
        let share = if one.is_nan() { 0.5 } else { one.clamp(0.0, 1.0) };
        let ends = [CLASSES[0], CLASSES[1]];
        return mixed(ends[usize::from(share >= 0.5)], (share - 0.5).abs() * 2.0);
    }
    let largest = answer.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let winner = answer.iter().position(|&a| a == largest).unwrap_or(0);
    // The share of the softmax: from 1/K, where all are equal, to 1.
    let share = 1.0 / answer.iter().map(|a| (a - largest).exp()).sum::<f64>();
    let least = 1.0 / answer.len() as f64;
    mixed(CLASSES[winner % CLASSES.len()], (share - least) / (1.0 - least))
}

/// One path for each colour of a square of `count` by `count` cells: runs of equal cells, row by row.
pub(in crate::draw) fn areas(
    colours: &[String],
    count: usize,
    side: f64,
    (left, top): (f64, f64),
) -> Vec<(String, String)> {
    let mut areas: Vec<(String, String)> = Vec::new();
    let side = side / count as f64;
    for (row, cells) in colours.chunks_exact(count).enumerate() {
        let mut start = 0;
        while start < count {
            let length = cells[start..].iter().take_while(|c| **c == cells[start]).count();
            let known = areas.iter().position(|(colour, _)| *colour == cells[start]);
            let place = known.unwrap_or_else(|| {
                areas.push((cells[start].clone(), String::new()));
                areas.len() - 1
            });
            let (x, y) = (left + start as f64 * side, top + row as f64 * side);
            let (width, side) = (short(length as f64 * side), short(side));
            let _ = write!(areas[place].1, "M{} {}h{width}v{side}h-{width}z", short(x), short(y));
            start += length;
        }
    }
    areas
}

/// The line where the answer is one half.
fn boundary(svg: &mut Svg, answers: &[f64], corner: (f64, f64)) {
    svg.segments(Stroke::BOUNDARY, &level(answers, CELLS, SIDE, corner, 0.5));
}

/// The line where values have a level, by marching through the squares between the centres of `count` by `count` cells.
pub(in crate::draw) fn level(
    values: &[f64],
    count: usize,
    side: f64,
    (left, top): (f64, f64),
    level: f64,
) -> Vec<[(f64, f64); 2]> {
    let side = side / count as f64;
    let at = |row: usize, column: usize| values[row * count + column] - level;
    let place = |row: f64, column: f64| (left + (column + 0.5) * side, top + (row + 0.5) * side);
    let mut segments = Vec::new();
    for row in 0..count - 1 {
        for column in 0..count - 1 {
            let (r, c) = (row as f64, column as f64);
            let corners = [(0, 0), (0, 1), (1, 1), (1, 0)];
            let mut cuts = Vec::new();
            for k in 0..4 {
                let ((ar, ac), (br, bc)) = (corners[k], corners[(k + 1) % 4]);
                let (a, b) = (at(row + ar, column + ac), at(row + br, column + bc));
                // Towards what is no number there is no place between.
                if (a < 0.0) != (b < 0.0) && (a - b).is_finite() {
                    let t = a / (a - b);
                    let between = |a: usize, b: usize| a as f64 + (b as f64 - a as f64) * t;
                    cuts.push(place(r + between(ar, br), c + between(ac, bc)));
                }
            }
            segments.extend(cuts.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three classes: the key has a mark of each colour and form, with the name of its class.
    #[test]
    fn the_key_says_which_colour_is_which() {
        let names = ["setosa", "versicolor", "virginica"].map(String::from);
        let points = [([0.0, 0.0], 0), ([1.0, 0.0], 1), ([0.0, 1.0], 2)];
        let picture = surface(|rows| vec![0.0; 3 * rows.len()], 3, &points, ["x1", "x2"], &names);
        for (name, colour) in names.iter().zip(CLASSES) {
            assert!(picture.contains(&format!(">{name}<")), "{name}");
            // In the key and in the plane, in the same form.
            let marks: Vec<&str> =
                picture.split('<').filter(|element| element.contains(&format!("fill=\"{colour}\""))).collect();
            let forms: Vec<bool> = marks.iter().map(|mark| mark.starts_with("circle")).collect();
            assert_eq!(forms, [colour == CLASSES[0]; 2], "{name}: {marks:?}");
        }
    }
}
