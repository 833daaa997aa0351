//! Shares of successful runs by category.

use super::measures::{BOTTOM, LEFT, MEASURES, RIGHT, TOP, WIDTH, head};
use super::places::Places;
use crate::draw::plot::ticks::ticks;
use crate::draw::svg::{Anchor, Font, Stroke, Svg, fit, width};
use crate::sweep::Tally;

/// Most categories.
pub(super) const MOST_CATEGORIES: usize = 60;
/// A row a category: the share of each measure and its interval.
pub(super) fn categories(name: &str, places: &Places, tallies: &[Tally], measures: &[String; 2]) -> String {
    const ROW: f64 = 40.0;
    const LONGEST: f64 = 300.0;
    let longest = places.names.iter().map(|name| width(name, Font::PLAIN)).fold(0.0, f64::max).min(LONGEST);
    let left = LEFT.max(20.0 + longest);
    let height = TOP + ROW * places.count() as f64 + BOTTOM;
    let title = format!("Share of successful runs by {name}");
    let description = format!("{} and {}, of {} values.", measures[0], measures[1], places.count());
    let mut svg = Svg::new(WIDTH, height, &title, &description);
    head(&mut svg, &title, height, measures);
    let across = |share: f64| left + (WIDTH - left - RIGHT - 6.0) * share;
    for (share, _) in ticks(0.0, 1.0, 5) {
        svg.line(
            if share == 0.0 { Stroke::AXIS } else { Stroke::GRID },
            (across(share), TOP),
            (across(share), height - BOTTOM),
        );
        svg.text(
            Font::PLAIN,
            Anchor::Middle,
            (across(share), height - BOTTOM + 18.0),
            &format!("{:.0} %", share * 100.0),
        );
    }
    for (row, (category, tally)) in places.names.iter().zip(tallies).enumerate() {
        let middle = TOP + ROW * (row as f64 + 0.5);
        svg.text(Font::PLAIN, Anchor::End, (left - 10.0, middle + 4.0), &fit(category, Font::PLAIN, LONGEST));
        for (measure, offset) in MEASURES.iter().zip([-6.0, 6.0]) {
            let (share, y) = ((measure.share)(tally), middle + offset);
            svg.line(measure.stroke, (across(share.low), y), (across(share.high), y));
            svg.mark(measure.form, measure.colour(), (across(share.share), y), 4.0);
        }
    }
    svg.text(Font::PLAIN, Anchor::Middle, (f64::midpoint(left, WIDTH - RIGHT), height - 8.0), "share of runs");
    svg.finish()
}
