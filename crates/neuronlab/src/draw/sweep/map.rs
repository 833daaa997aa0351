//! Maps of a sweep: a cell a rectangle, its shade the share of successful runs.

use super::measures::{MEASURES, title};
use super::places::Places;
use crate::draw::svg::{Anchor, Font, Svg, fit, width};
use crate::sweep::{Share, Tally};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Most cells of a map that bear their number.
const MOST_NUMBERS: usize = 400;
/// Most pairs of maps, or axes beside each other.
pub(super) const MOST_PANELS: usize = 24;
/// Most width of a value's name.
const LONGEST: f64 = 360.0;
/// From one line of words to the next.
const LINE: f64 = 15.0;

/// The colours of shares, from none to all: light grey to blue, so that they can be told apart without colour.
pub(super) fn shade(share: f64) -> String {
    const STEPS: f64 = 50.0;
    let share = if share.is_nan() { 0.0 } else { (share * STEPS).round() / STEPS };
    let between = |from: f64, to: f64| (from + (to - from) * share).round() as u8;
    format!("#{:02x}{:02x}{:02x}", between(240.0, 16.0), between(243.0, 72.0), between(246.0, 132.0))
}

/// What the colours of a map mean.
pub(super) fn colour_bar(svg: &mut Svg, left: f64, top: f64, height: f64) {
    let (steps, height) = (20, height.max(44.0));
    for i in 0..steps {
        let share = 1.0 - i as f64 / f64::from(steps - 1);
        let (y, step) = (top + height * f64::from(i) / f64::from(steps), height / f64::from(steps));
        svg.area(&shade(share), &format!("M{left:.2} {y:.2}h10v{step:.2}h-10z"));
    }
    svg.text(Font::SMALL, Anchor::Start, (left + 14.0, top + 8.0), "100 %");
    svg.text(Font::SMALL, Anchor::Start, (left + 14.0, top + height), "0 %");
}

/// Where the cells of a map are: columns are the values of one axis, rows those of another.
struct Grid<'p> {
    x: &'p Places,
    y: &'p Places,
    /// Of a cell.
    wide: f64,
    high: f64,
}

impl<'p> Grid<'p> {
    /// As large as fits, and no cell larger than it need be.
    fn new(x: &'p Places, y: &'p Places, most: (f64, f64), highest: f64) -> Self {
        let wide = (most.0 / x.count() as f64).min(Self::widest(x).max(46.0));
        Self { x, y, wide, high: (most.1 / y.count() as f64).min(highest) }
    }

    fn longest(names: &[String]) -> f64 {
        names.iter().map(|name| width(name, Font::PLAIN)).fold(0.0, f64::max).min(LONGEST)
    }

    /// What the name of a column takes.
    fn widest(x: &Places) -> f64 {
        Self::longest(&x.names) + 10.0
    }

    /// Room for the names of rows.
    fn left(&self) -> f64 {
        34.0 + Self::longest(&self.y.names)
    }

    fn width(&self) -> f64 {
        self.wide * self.x.count() as f64
    }

    fn height(&self) -> f64 {
        self.high * self.y.count() as f64
    }

    /// From the top; a number grows upwards.
    fn row(&self, row: usize) -> f64 {
        (if self.y.numeric { self.y.count() - 1 - row } else { row }) as f64
    }

    /// The shaded cells, with their numbers where there is room.
    fn cells(&self, svg: &mut Svg, (left, top): (f64, f64), tallies: &[&Tally], share: fn(&Tally) -> Share) {
        let (wide, high) = (self.wide, self.high);
        let corner = |i: usize| (left + (i % self.x.count()) as f64 * wide, top + self.row(i / self.x.count()) * high);
        let mut areas: BTreeMap<String, String> = BTreeMap::new();
        for (i, tally) in tallies.iter().enumerate() {
            let path = areas.entry(shade(share(tally).share)).or_default();
            let (a, b) = corner(i);
            let _ = write!(path, "M{a:.2} {b:.2}h{wide:.2}v{high:.2}h-{wide:.2}z");
        }
        for (colour, path) in &areas {
            svg.area(colour, path);
        }
        if tallies.len() <= MOST_NUMBERS && wide >= 26.0 && high >= 13.0 {
            for (i, tally) in tallies.iter().enumerate() {
                let ((a, b), value) = (corner(i), share(tally).share);
                let font = Font::on(&shade(value));
                svg.text(
                    font,
                    Anchor::Middle,
                    (a + wide / 2.0, b + high / 2.0 + 4.0),
                    &format!("{:.0}", value * 100.0),
                );
            }
        }
    }

    /// Names of the rows, those that there is room for, left of a map.
    fn rows(&self, svg: &mut Svg, (left, top): (f64, f64)) {
        let every = (14.0 / self.high).ceil().max(1.0) as usize;
        for (row, name) in self.y.names.iter().enumerate().step_by(every) {
            let at = (left - 8.0, top + (self.row(row) + 0.5) * self.high + 4.0);
            svg.text(Font::PLAIN, Anchor::End, at, &fit(name, Font::PLAIN, LONGEST));
        }
    }

    /// Columns that the name of one is as wide as.
    fn columns_a_name(&self) -> usize {
        ((Self::widest(self.x) - 2.0) / self.wide).ceil().max(1.0) as usize
    }

    /// Lines that the names of the columns take: all words are written, by turns on so many lines.
    fn lines(&self) -> usize {
        if self.x.numeric { 1 } else { self.columns_a_name().min(self.x.count()) }
    }

    /// Names of the columns below a map; of numbers those that there is room for.
    fn columns(&self, svg: &mut Svg, left: f64, bottom: f64) {
        let (every, lines) = (if self.x.numeric { self.columns_a_name() } else { 1 }, self.lines());
        for (column, name) in self.x.names.iter().enumerate().step_by(every) {
            let at = (left + (column as f64 + 0.5) * self.wide, bottom + 18.0 + LINE * (column % lines) as f64);
            svg.text(Font::PLAIN, Anchor::Middle, at, &fit(name, Font::PLAIN, LONGEST));
        }
    }
}

/// Two maps, one a measure: the second axis across, the first one down.
pub(super) fn map(
    [x_name, y_name]: [&str; 2],
    [x, y]: [&Places; 2],
    tallies: &[Tally],
    titles: &[String; 2],
) -> String {
    // Below the title and the name of the axis that goes down.
    const FIRST: f64 = 72.0;
    let grid = Grid::new(x, y, (620.0, 620.0), 34.0);
    let (left, panel) = (grid.left(), grid.height());
    let lines = LINE * (grid.lines() - 1) as f64;
    let height = FIRST + 2.0 * (panel + 40.0) + 38.0 + lines;
    let words = format!("Share of successful runs against {x_name} and {y_name}");
    let width = (left + grid.width() + 90.0).max(520.0).max(16.0 + width(&words, Font::STRONG));
    let tallies: Vec<&Tally> = tallies.iter().collect();
    let mut svg = Svg::new(width, height, &words, &format!("{} cells, darker where more runs succeed.", tallies.len()));
    title(&mut svg, 8.0, width, &words);
    for (number, (measure, title)) in MEASURES.iter().zip(titles).enumerate() {
        let top = FIRST + number as f64 * (panel + 40.0);
        svg.text(Font::SMALL, Anchor::Start, (left, top - 8.0), title);
        grid.cells(&mut svg, (left, top), &tallies, measure.share);
        grid.rows(&mut svg, (left, top));
        colour_bar(&mut svg, left + grid.width() + 16.0, top, panel);
    }
    let bottom = FIRST + 2.0 * panel + 40.0;
    grid.columns(&mut svg, left, bottom);
    svg.text(Font::PLAIN, Anchor::Middle, (left + grid.width() / 2.0, bottom + 40.0 + lines), x_name);
    svg.text(Font::PLAIN, Anchor::Start, (8.0, 42.0), y_name);
    svg.finish()
}

/// Maps of the two axes with the most values, numbers first; a pair for each choice of values of the others: one measure left,
/// the other right. `None` for too many choices.
pub(super) fn maps(names: &[&str], places: &[Places], tallies: &[Tally], titles: &[String; 2]) -> Option<String> {
    const FIRST: f64 = 112.0;
    const GAP: f64 = 36.0;
    let ([y, x], others) = largest_two(places);
    let panels: usize = others.iter().map(|&axis| places[axis].count()).product();
    if panels > MOST_PANELS {
        return None;
    }
    let grid = Grid::new(&places[x], &places[y], (300.0, 260.0), 26.0);
    let (left, head) = (grid.left(), LINE * (others.len() - 1) as f64);
    let step = grid.height() + 62.0 + head + LINE * (grid.lines() - 1) as f64;
    // Each measure's words need their room, too.
    let second = left + grid.width().max(width(&titles[0], Font::SMALL)) + GAP;
    let other_names: Vec<&str> = others.iter().map(|&axis| names[axis]).collect();
    let words = format!("Share of successful runs by {}", other_names.join(" and "));
    let wide = (second + grid.width() + 90.0).max(second + width(&titles[1], Font::SMALL) + 8.0);
    let description = format!("{panels} pairs of maps, darker where more runs succeed.");
    let width = wide.max(16.0 + width(&words, Font::STRONG)).ceil();
    let mut svg = Svg::new(width, (FIRST + step * panels as f64).ceil(), &words, &description);
    title(&mut svg, 8.0, width, &words);
    svg.text(Font::SMALL, Anchor::Start, (8.0, 40.0), &format!("in each map {} across, {} down", names[x], names[y]));
    for (at, title) in [left, second].into_iter().zip(titles) {
        svg.text(Font::SMALL, Anchor::Start, (at, 68.0), title);
    }
    for (panel, choice) in choices(places, &others).iter().enumerate() {
        let top = FIRST + head + step * panel as f64;
        for (line, &axis) in others.iter().enumerate() {
            let words = format!("{} = {}", names[axis], places[axis].names[choice[axis]]);
            let at = (left, top - 10.0 - head + LINE * line as f64);
            svg.text(Font::STRONG, Anchor::Start, at, &fit(&words, Font::STRONG, width - 4.0 - left));
        }
        let tallies = of_choice(choice, [y, x], places, tallies);
        for (at, measure) in [left, second].into_iter().zip(MEASURES) {
            grid.cells(&mut svg, (at, top), &tallies, measure.share);
            grid.columns(&mut svg, at, top + grid.height());
        }
        grid.rows(&mut svg, (left, top));
        if panel == 0 {
            colour_bar(&mut svg, second + grid.width() + 16.0, top, grid.height());
        }
    }
    Some(svg.finish())
}

/// The two axes that are drawn as maps, in their order, and the others.
fn largest_two(places: &[Places]) -> ([usize; 2], Vec<usize>) {
    let mut axes: Vec<usize> = (0..places.len()).collect();
    // Of equal ones the last, which change fastest.
    axes.sort_by_key(|&axis| (places[axis].numeric, places[axis].count(), axis));
    let mut two = [axes[axes.len() - 2], axes[axes.len() - 1]];
    two.sort_unstable();
    let others = (0..places.len()).filter(|axis| !two.contains(axis)).collect();
    (two, others)
}

/// Every choice of values of some axes, the last changing fastest; 0 for all others.
fn choices(places: &[Places], of: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![0; places.len()]];
    for &axis in of {
        let with = |choice: Vec<usize>, value: usize| {
            let mut choice = choice;
            choice[axis] = value;
            choice
        };
        all = all.into_iter().flat_map(|c| (0..places[axis].count()).map(move |v| with(c.clone(), v))).collect();
    }
    all
}

/// The cells of a choice, row by row.
fn of_choice<'t>(choice: &[usize], map: [usize; 2], places: &[Places], tallies: &'t [Tally]) -> Vec<&'t Tally> {
    let cell = |chosen: &Vec<usize>| {
        let values = choice.iter().zip(chosen).zip(places);
        &tallies[values.fold(0, |cell, ((a, b), places)| cell * places.count() + a + b)]
    };
    choices(places, &map).iter().map(cell).collect()
}
