//! Pictures of a sweep: shares of successful runs against what was varied, with their intervals.

use super::svg::{CHARACTER, Svg};
use super::sweep_dots::{dots, dots_by_axis};
use super::sweep_map::{map, maps};
use super::sweep_report::measures_in_words;
use super::ticks::{Mark, below, beside, ticks, whole_ticks};
use crate::sweep::{Axis, Share, Sweep, Tally, brief};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const WIDTH: f64 = 640.0;
pub(super) const LEFT: f64 = 62.0;
pub(super) const RIGHT: f64 = 30.0;
pub(super) const TOP: f64 = 52.0;
pub(super) const BOTTOM: f64 = 46.0;
/// Most categories.
const MOST_CATEGORIES: usize = 60;
/// Most pairs of maps, or axes beside each other.
pub(super) const MOST_PANELS: usize = 24;

/// The two measures of success, right and close, with the class of their lines.
type Measure = (&'static str, fn(&Tally) -> Share);
pub(super) const MEASURES: [Measure; 2] = [("first", Tally::right_share), ("second", Tally::close_share)];

/// The picture made for the number and the kind of axes: a line with its band, a row a category, a map for two, maps for each
/// value of further ones; of cells drawn at random, dots; the errors where nothing was varied. `None` for more than 60 categories
/// or 24 pairs of maps.
pub fn sweep_plot(sweep: &Sweep, tallies: &[Tally]) -> Option<String> {
    let places: Vec<Places> = sweep.axes().iter().map(|axis| Places::of(sweep, axis)).collect();
    let words = measures_in_words(sweep);
    let names: Vec<&str> = sweep.axes().iter().map(Axis::field).collect();
    match (&names[..], &places[..]) {
        ([], _) => Some(errors(tallies.first()?)),
        ([name], [places]) if places.numeric => Some(line(name, places, tallies, &words)),
        ([x, y], [of_x, of_y]) if sweep.is_random() && of_x.numeric && of_y.numeric => {
            Some(dots([x, y], [of_x, of_y], tallies))
        }
        _ if sweep.is_random() => (places.len() <= MOST_PANELS).then(|| dots_by_axis(&names, &places, tallies)),
        ([name], [places]) => (places.count() <= MOST_CATEGORIES).then(|| categories(name, places, tallies, &words)),
        ([y, x], [of_y, of_x]) => Some(map([x, y], [of_x, of_y], tallies, &words)),
        _ => maps(&names, &places, tallies, &words),
    }
}

/// Where the values of an axis stand, from 0 to 1.
pub(super) struct Places {
    /// Of each cell's value, in the order of the axis; of random cells, of each cell.
    pub(super) at: Vec<f64>,
    pub(super) names: Vec<String>,
    pub(super) numeric: bool,
    pub(super) marks: Vec<Mark>,
}

impl Places {
    fn of(sweep: &Sweep, axis: &Axis) -> Self {
        let names = if sweep.is_random() {
            let which = sweep.axes().iter().position(|other| other == axis).unwrap_or(0);
            (0..sweep.cells()).map(|cell| sweep.cell(cell)[which].clone()).collect()
        } else {
            axis.values().to_vec()
        };
        let numbers = |names: &[String]| names.iter().map(|name| name.parse().ok()).collect::<Option<Vec<f64>>>();
        // Shortened, unless different values would have one name.
        let short: BTreeSet<String> = axis.values().iter().map(|value| brief(value)).collect();
        let brief = |value: &String| if short.len() < axis.values().len() { value.clone() } else { brief(value) };
        let brief_names: Vec<String> = names.iter().map(brief).collect();
        match (numbers(&names), numbers(axis.values())) {
            (Some(numbers), Some(all)) if all.len() > 1 => {
                Self::numeric(&numbers, &all, brief_names, axis.is_logarithmic())
            }
            _ => {
                let slot = |i: usize| (i as f64 + 0.5) / axis.values().len() as f64;
                let index: BTreeMap<&String, usize> = axis.values().iter().enumerate().map(|(i, v)| (v, i)).collect();
                let place = |name: &String| slot(index.get(name).copied().unwrap_or(0));
                let marks = axis.values().iter().enumerate().map(|(i, value)| (slot(i), brief(value)));
                Self {
                    at: names.iter().map(place).collect(),
                    names: brief_names,
                    numeric: false,
                    marks: marks.collect(),
                }
            }
        }
    }

    /// Of `numbers`, among `all` that there can be, or their ends.
    fn numeric(numbers: &[f64], all: &[f64], names: Vec<String>, logarithmic: Option<bool>) -> Self {
        let (low, high) = all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        let logarithmic = low > 0.0 && logarithmic.unwrap_or(high / low > 50.0);
        let scale = |v: f64| if logarithmic { v.log10() } else { v };
        let span = if high > low { scale(high) - scale(low) } else { 1.0 };
        let place = |v: f64| (scale(v) - scale(low)) / span;
        let marks = if logarithmic { decades(low, high) } else { ticks(low, high, 6) };
        Self {
            at: numbers.iter().map(|&v| place(v)).collect(),
            names,
            numeric: true,
            marks: marks.into_iter().map(|(v, text)| (place(v), text)).collect(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.names.len()
    }
}

/// At most `most` characters of a text; what is missing is marked.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The title, as much of it as a width holds.
pub(super) fn title(svg: &mut Svg, left: f64, width: f64, text: &str) {
    svg.text("strong", "start", (left, 18.0), &cut(text, ((width - left) / WIDE) as usize));
}

/// Width of a bold character, on average.
pub(super) const WIDE: f64 = 7.6;

/// Powers of ten within a range; with 2 and 5 between them where there are few, or round numbers where even these are too few.
fn decades(low: f64, high: f64) -> Vec<Mark> {
    let steps: &[u8] = if high / low < 300.0 { &[1, 2, 5] } else { &[1] };
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let every = ((last - first) / 10 + 1) as usize;
    let powers = (first..=last).step_by(every);
    // A product with a power of ten may miss the number that is meant.
    let all = powers.flat_map(|power| steps.iter().filter_map(move |step| format!("{step}e{power}").parse().ok()));
    let inside: Vec<f64> = all.filter(|v: &f64| (low * 0.999..=high * 1.001).contains(v)).collect();
    if inside.len() < 2 {
        return ticks(low, high, 5);
    }
    let text = |v: f64| if (1e-4..1e5).contains(&v) { v.to_string() } else { format!("{v:e}") };
    inside.into_iter().map(|v| (v, text(v))).collect()
}

/// Title and legend of the two measures.
fn head(svg: &mut Svg, words: &str, height: f64, measures: &[String; 2]) {
    title(svg, LEFT, WIDTH, words);
    let mut at = LEFT;
    for ((class, _), words) in MEASURES.iter().zip(measures) {
        svg.line(class, (at, 36.0), (at + 24.0, 36.0));
        svg.text("small", "start", (at + 30.0, 40.0), words);
        at += 190f64.max(38.0 + 6.0 * words.chars().count() as f64);
    }
    svg.text("small", "end", (WIDTH - 8.0, height - 8.0), "with 95 % intervals");
}

fn percent_grid(svg: &mut Svg, height: f64) {
    for (share, text) in ticks(0.0, 1.0, 5).into_iter().map(|(v, _)| (v, format!("{:.0} %", v * 100.0))) {
        let y = down(height, share);
        svg.line(if share == 0.0 { "axis" } else { "grid" }, (LEFT, y), (WIDTH - RIGHT, y));
        svg.text("", "end", (LEFT - 8.0, y + 4.0), &text);
    }
}

pub(super) fn down(height: f64, share: f64) -> f64 {
    height - BOTTOM - (height - TOP - BOTTOM) * share
}

/// Shares against a number.
fn line(name: &str, places: &Places, tallies: &[Tally], measures: &[String; 2]) -> String {
    let height = 360.0;
    let mut svg = Svg::new(WIDTH, height, &format!("Share of successful runs against {name}"));
    head(&mut svg, &format!("Share of successful runs against {name}"), height, measures);
    percent_grid(&mut svg, height);
    let across = |place: f64| LEFT + (WIDTH - LEFT - RIGHT) * place;
    let marks = places.marks.iter().map(|(place, text)| (across(*place), text.clone()));
    below(&mut svg, height - BOTTOM + 18.0, marks, |svg, x| svg.line("grid", (x, TOP), (x, height - BOTTOM)));
    svg.text("", "middle", (f64::midpoint(LEFT, WIDTH - RIGHT), height - 8.0), &cut(name, 44));
    let mut order: Vec<usize> = (0..places.count()).collect();
    order.sort_by(|&a, &b| places.at[a].total_cmp(&places.at[b]));
    for (class, share) in MEASURES {
        let point = |i: usize, value: f64| (across(places.at[i]), down(height, value));
        let low = order.iter().map(|&i| point(i, share(&tallies[i]).low));
        let high = order.iter().rev().map(|&i| point(i, share(&tallies[i]).high));
        svg.region(class, &low.chain(high).collect::<Vec<_>>());
        let middle: Vec<(f64, f64)> = order.iter().map(|&i| point(i, share(&tallies[i]).share)).collect();
        svg.polyline(class, &middle);
        if order.len() <= MOST_CATEGORIES {
            for &at in &middle {
                svg.circle(&format!("mark-{class}"), at, 3.0);
            }
        }
    }
    svg.finish()
}

/// A row a category: the share of each measure and its interval.
fn categories(name: &str, places: &Places, tallies: &[Tally], measures: &[String; 2]) -> String {
    const ROW: f64 = 40.0;
    const LONGEST: usize = 40;
    let longest = places.names.iter().map(|n| n.chars().count()).max().unwrap_or(0).min(LONGEST);
    let left = LEFT.max(20.0 + CHARACTER * longest as f64);
    let height = TOP + ROW * places.count() as f64 + BOTTOM;
    let mut svg = Svg::new(WIDTH, height, &format!("Share of successful runs by {name}"));
    head(&mut svg, &format!("Share of successful runs by {name}"), height, measures);
    let across = |share: f64| left + (WIDTH - left - RIGHT - 6.0) * share;
    for (share, _) in ticks(0.0, 1.0, 5) {
        svg.line(if share == 0.0 { "axis" } else { "grid" }, (across(share), TOP), (across(share), height - BOTTOM));
        svg.text("", "middle", (across(share), height - BOTTOM + 18.0), &format!("{:.0} %", share * 100.0));
    }
    for (row, (category, tally)) in places.names.iter().zip(tallies).enumerate() {
        let middle = TOP + ROW * (row as f64 + 0.5);
        svg.text("", "end", (left - 10.0, middle + 4.0), &cut(category, LONGEST));
        for ((class, share), offset) in MEASURES.iter().zip([-6.0, 6.0]) {
            let (share, y) = (share(tally), middle + offset);
            svg.line(&format!("whisker-{class}"), (across(share.low), y), (across(share.high), y));
            svg.circle(&format!("mark-{class}"), (across(share.share), y), 4.0);
        }
    }
    svg.text("", "middle", (f64::midpoint(left, WIDTH - RIGHT), height - 8.0), "share of runs");
    svg.finish()
}

/// How the final errors are spread, where nothing was varied: bars of a tenth of a power of ten.
fn errors(tally: &Tally) -> String {
    let height = 320.0;
    let words = "Final mean absolute error of the runs";
    let mut svg = Svg::new(WIDTH, height, words);
    title(&mut svg, LEFT, WIDTH, words);
    let bin = |error: f64| (error.max(1e-12).log10() * 10.0).floor() as i64;
    let mut bins: BTreeMap<i64, u64> = BTreeMap::new();
    for (error, count) in tally.errors() {
        *bins.entry(bin(error)).or_default() += count;
    }
    let (Some((&first, _)), Some((&last, _))) = (bins.first_key_value(), bins.last_key_value()) else {
        svg.text("", "middle", (WIDTH / 2.0, height / 2.0), "every run diverged");
        return svg.finish();
    };
    let (first, last) = (first.min(last - 4), last + 1);
    let most = *bins.values().max().unwrap_or(&1) as f64;
    let across = |bin: f64| LEFT + (WIDTH - LEFT - RIGHT) * (bin - first as f64) / (last - first) as f64;
    let marks = whole_ticks(0.0, most, 5).into_iter().map(|(count, text)| (down(height, count / most), text));
    let zero = down(height, 0.0);
    beside(&mut svg, LEFT - 8.0, marks, |svg, y| {
        svg.line(if y == zero { "axis" } else { "grid" }, (LEFT, y), (WIDTH - RIGHT, y));
    });
    for (bin, count) in &bins {
        let top = down(height, *count as f64 / most);
        svg.bar((across(*bin as f64) + 0.5, top), (across((bin + 1) as f64) - 0.5, height - BOTTOM));
    }
    let marks = decades(10f64.powf(first as f64 / 10.0), 10f64.powf(last as f64 / 10.0));
    let marks = marks.into_iter().map(|(value, text)| (across(value.log10() * 10.0), text));
    below(&mut svg, height - BOTTOM + 20.0, marks, |svg, x| {
        svg.line("axis", (x, height - BOTTOM), (x, height - BOTTOM + 5.0));
    });
    svg.text("", "middle", (f64::midpoint(LEFT, WIDTH - RIGHT), height - 6.0), "mean absolute error");
    svg.text("small", "start", (LEFT, 40.0), "runs");
    svg.finish()
}
