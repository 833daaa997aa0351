//! Where the values of an axis of a sweep stand, and the marks along it.

use crate::draw::plot::ticks::{Mark, ticks};
use crate::sweep::{Axis, Sweep, brief};
use std::collections::{BTreeMap, BTreeSet};

/// Where the values of an axis stand, from 0 to 1.
pub(super) struct Places {
    /// Of each cell's value, in the order of the axis; of random cells, of each cell.
    pub(super) at: Vec<f64>,
    pub(super) names: Vec<String>,
    pub(super) numeric: bool,
    pub(super) marks: Vec<Mark>,
}

impl Places {
    pub(super) fn of(sweep: &Sweep, axis: &Axis) -> Self {
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

/// Powers of ten within a range; with 2 and 5 between them where there are few, or round numbers where even these are too few.
pub(super) fn decades(low: f64, high: f64) -> Vec<Mark> {
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
