//! Pictures of a sweep: shares of successful runs against what was varied, with their intervals.

use super::categories::{MOST_CATEGORIES, categories};
use super::dots::{dots, dots_by_axis};
use super::errors::errors;
use super::line::line;
use super::map::{MOST_PANELS, map, maps};
use super::places::Places;
use super::words::measures_in_words;
use crate::sweep::{Axis, Sweep, Tally};

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
