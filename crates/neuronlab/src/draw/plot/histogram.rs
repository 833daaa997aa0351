//! How many values are where, as bars.

use super::frame::{Frame, HEIGHT, WIDTH, heading};
use super::ticks::{ticks, whole_ticks};
use crate::draw::svg::{Colour, Svg};

/// One bar of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Its lower end.
    pub from: f64,
    /// Its upper end, not included but in the last bar.
    pub to: f64,
    /// Values in it.
    pub count: usize,
}

/// How many values are where: `bars` bars of one width from the lowest to the highest value.
///
/// # Panics
/// If `bars` is 0.
pub fn histogram(values: &[f64], bars: usize) -> Vec<Bar> {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
    let edge = |i: usize| low + (high - low) * i as f64 / bars as f64;
    let mut all: Vec<Bar> = (0..bars).map(|i| Bar { from: edge(i), to: edge(i + 1), count: 0 }).collect();
    for value in values {
        let i = ((value - low) / (high - low) * bars as f64) as usize;
        all[i.min(bars - 1)].count += 1;
    }
    all
}

/// A histogram.
pub fn bars(bars: &[Bar], title: &str) -> String {
    let values: usize = bars.iter().map(|bar| bar.count).sum();
    let description = format!("A histogram of {values} values in {} bars.", bars.len());
    let mut svg = Svg::new(WIDTH, HEIGHT, title, &description);
    heading(&mut svg, title);
    let corners = bars.iter().flat_map(|bar| [(bar.from, bar.count as f64), (bar.to, 0.0)]);
    // A bar counts.
    let frame = Frame { x_ticks: ticks, y_ticks: whole_ticks, ..Frame::around(corners) };
    frame.grid(&mut svg, "value");
    for bar in bars {
        let (left, top) = frame.place((bar.from, bar.count as f64));
        let (right, bottom) = frame.place((bar.to, 0.0));
        svg.bar(Colour::BLUE, (left + 0.5, top), (right - 0.5, bottom));
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_every_value_once() {
        let bars = histogram(&[0.0, 0.1, 0.9, 1.0, 1.0], 2);
        assert_eq!(bars.iter().map(|bar| bar.count).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(histogram(&[3.0; 4], 3).iter().map(|bar| bar.count).sum::<usize>(), 4);
    }
}
