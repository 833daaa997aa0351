//! Shares of successful runs against a number.

use super::measures::{BOTTOM, LEFT, MEASURES, Measure, RIGHT, TOP, WIDTH, down, head, percent_grid};
use super::places::Places;
use crate::draw::plot::ticks::below;
use crate::draw::svg::{Anchor, Font, Stroke, Svg, fit};
use crate::sweep::Tally;

/// Values up to which each has a mark.
const MOST_MARKS: usize = 60;

/// Shares against a number.
pub(super) fn line(name: &str, places: &Places, tallies: &[Tally], measures: &[String; 2]) -> String {
    let height = 360.0;
    let title = format!("Share of successful runs against {name}");
    let description = format!("{} and {}, of {} values.", measures[0], measures[1], places.count());
    let mut svg = Svg::new(WIDTH, height, &title, &description);
    head(&mut svg, &title, height, measures);
    percent_grid(&mut svg, height);
    let across = |place: f64| LEFT + (WIDTH - LEFT - RIGHT) * place;
    let marks = places.marks.iter().map(|(place, text)| (across(*place), text.clone()));
    below(&mut svg, height - BOTTOM + 18.0, marks, |svg, x| svg.line(Stroke::GRID, (x, TOP), (x, height - BOTTOM)));
    svg.text(
        Font::PLAIN,
        Anchor::Middle,
        (f64::midpoint(LEFT, WIDTH - RIGHT), height - 8.0),
        &fit(name, Font::PLAIN, 340.0),
    );
    let mut order: Vec<usize> = (0..places.count()).collect();
    order.sort_by(|&a, &b| places.at[a].total_cmp(&places.at[b]));
    for Measure { stroke, form, share } in MEASURES {
        let point = |i: usize, value: f64| (across(places.at[i]), down(height, value));
        let low = order.iter().map(|&i| point(i, share(&tallies[i]).low));
        let high = order.iter().rev().map(|&i| point(i, share(&tallies[i]).high));
        svg.region(stroke.colour, &low.chain(high).collect::<Vec<_>>());
        let middle: Vec<(f64, f64)> = order.iter().map(|&i| point(i, share(&tallies[i]).share)).collect();
        svg.polyline(stroke, &middle);
        if order.len() <= MOST_MARKS {
            for &at in &middle {
                svg.mark(form, stroke.colour, at, 3.0);
            }
        }
    }
    svg.finish()
}
