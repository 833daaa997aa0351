//! The one file that knows SVG: elements as text, numbers short, words escaped.

use crate::text::printable;
use std::fmt::{Display, Write};

/// Width of a character of a label, on average.
pub(super) const CHARACTER: f64 = 7.9;

/// A picture that grows.
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

/// Default colours; a page overrides them by setting the variables.
const STYLE: &str = "\
.nl{--ink:#1f2933;--faint:#616e7c;--grid:#e4e7eb;--blue:#2166ac;--orange:#d9730d;--paper:#fff}\
.nl text{font:13px system-ui,sans-serif;fill:var(--ink)}\
.nl .small{font-size:12px;fill:var(--faint)}.nl .small-ink{font-size:11px}\
.nl .grid{stroke:var(--grid);stroke-width:1;fill:none}\
.nl .raw{stroke:var(--blue);stroke-width:1;fill:none;opacity:.28}\
.nl .line{stroke:var(--orange);stroke-width:2;fill:none;stroke-linejoin:round}\
.nl .plus{stroke:var(--blue);fill:none}.nl .minus{stroke:var(--orange);fill:none}\
.nl .strong{font-weight:600}\
.nl .axis{stroke:var(--faint);stroke-width:1;fill:none}\
.nl .first{stroke:var(--blue);stroke-width:2;fill:none;stroke-linejoin:round}\
.nl .second{stroke:var(--orange);stroke-width:2;fill:none;stroke-dasharray:6 4}\
.nl .bar{fill:var(--blue)}\
.nl .region-first{fill:var(--blue);opacity:.18}.nl .region-second{fill:var(--orange);opacity:.18}\
.nl .mark-first{fill:var(--blue)}.nl .mark-second{fill:var(--orange)}\
.nl .whisker-first{stroke:var(--blue);stroke-width:2}.nl .whisker-second{stroke:var(--orange);stroke-width:2}\
.nl .cell-light{font-size:11.5px;fill:#fff}.nl .cell-dark{font-size:11.5px;fill:#1f2933}\
.nl .tiny{font-size:8.5px}\
.nl .boundary{stroke:#1f2933;stroke-width:1.4;fill:none;stroke-linecap:round}\
.nl .node-on{fill:var(--paper);stroke:var(--ink);stroke-width:2.4}\
.nl .label{font-size:11px}.nl .box{fill:var(--paper)}\
.nl .node{fill:var(--paper);stroke:var(--ink);stroke-width:1.2}";

impl Svg {
    /// A picture of `width` by `height` units; `title` is what a screen reader says.
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        let mut svg = Self { width, height, body: String::new() };
        let _ = write!(svg.body, "<title>{}</title><style>{STYLE}</style>", escape(title));
        svg
    }

    /// In units.
    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        let Self { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"nl\" role=\"img\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">{body}</svg>\n"
        )
    }

    /// A line of a class.
    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (a, b) = (point(from), point(to));
        let _ = write!(self.body, "<path class=\"{class}\" d=\"M{a}L{b}\"/>");
    }

    /// A line whose width says something, with a word to show when it is pointed at.
    pub(super) fn weighted(&mut self, class: &str, from: (f64, f64), to: (f64, f64), width: f64, word: &str) {
        let (a, b) = (point(from), point(to));
        let _ = write!(
            self.body,
            "<path class=\"{class}\" stroke-width=\"{}\" d=\"M{a}L{b}\"><title>{}</title></path>",
            short(width),
            escape(word)
        );
    }

    /// The same bent to the right: at its middle half of `out` units.
    pub(super) fn arc(&mut self, class: &str, from: (f64, f64), to: (f64, f64), out: f64, width: f64, word: &str) {
        let (a, b) = (point(from), point(to));
        let bend = point((f64::midpoint(from.0, to.0) + out, f64::midpoint(from.1, to.1)));
        let _ = write!(
            self.body,
            "<path class=\"{class}\" stroke-width=\"{}\" d=\"M{a}Q{bend} {b}\"><title>{}</title></path>",
            short(width),
            escape(word)
        );
    }

    /// A line through points; one alone is a short line, to be seen.
    pub(super) fn polyline(&mut self, class: &str, points: &[(f64, f64)]) {
        if let [(x, y)] = points {
            return self.line(class, (x - 3.0, *y), (x + 3.0, *y));
        }
        let path: Vec<String> = points.iter().map(|&p| point(p)).collect();
        if !path.is_empty() {
            let _ = write!(self.body, "<path class=\"{class}\" d=\"M{}\"/>", path.join("L"));
        }
    }

    /// A filled region with `points` around it.
    pub(super) fn region(&mut self, class: &str, points: &[(f64, f64)]) {
        let path: Vec<String> = points.iter().map(|&p| point(p)).collect();
        let _ = write!(self.body, "<path class=\"region-{class}\" d=\"M{}z\"/>", path.join("L"));
    }

    /// A bar between two corners.
    pub(super) fn bar(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (x, y) = (short(from.0), short(from.1));
        let (width, height) = (short((to.0 - from.0).max(0.5)), short(to.1 - from.1));
        let _ = write!(self.body, "<rect class=\"bar\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
    }

    /// A path of a fill, as SVG writes it.
    pub(super) fn area(&mut self, fill: &str, path: &str) {
        let _ = write!(self.body, "<path fill=\"{fill}\" shape-rendering=\"crispEdges\" d=\"{path}\"/>");
    }

    /// A circle of a class.
    pub(super) fn circle(&mut self, class: &str, centre: (f64, f64), radius: f64) {
        let (x, y) = (short(centre.0), short(centre.1));
        let _ = write!(self.body, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{}\"/>", short(radius));
    }

    /// A dot with a fill and a rim.
    pub(super) fn dot(&mut self, fill: &str, rim: &str, centre: (f64, f64), radius: f64) {
        let (x, y) = (short(centre.0), short(centre.1));
        let _ = write!(
            self.body,
            "<circle fill=\"{fill}\" stroke=\"{rim}\" stroke-width=\"1.5\" cx=\"{x}\" cy=\"{y}\" r=\"{}\"/>",
            short(radius)
        );
    }

    /// A number in the middle of a place, on a box of paper, so that nothing below it shines through.
    pub(super) fn label(&mut self, at: (f64, f64), words: &str) {
        let (width, height) = label_size(words);
        let (x, y) = (short(at.0 - width / 2.0), short(at.1 - height / 2.0));
        let _ = write!(
            self.body,
            "<rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"/>",
            short(width),
            short(height)
        );
        self.text("label", "middle", (at.0, at.1 + 4.0), words);
    }

    /// Words at a place; `anchor` is `start`, `middle` or `end`.
    pub(super) fn text(&mut self, class: &str, anchor: &str, at: (f64, f64), words: &str) {
        let (x, y) = (short(at.0), short(at.1));
        let words = escape(words);
        let _ =
            write!(self.body, "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x}\" y=\"{y}\">{words}</text>");
    }
}

/// Width and height of the box of a label.
pub(super) fn label_size(words: &str) -> (f64, f64) {
    (6.4 * words.chars().count() as f64 + 4.0, 14.0)
}

/// `x y`
fn point((x, y): (f64, f64)) -> String {
    format!("{} {}", short(x), short(y))
}

/// At most two decimals.
pub(super) fn short(value: f64) -> impl Display {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// Words as XML and HTML want them; most control characters may not stand in XML at all.
pub(super) fn escape(words: &str) -> String {
    printable(words).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_words_escaped() {
        assert_eq!(short(1.0).to_string(), "1");
        assert_eq!(short(-0.001).to_string(), "0");
        assert_eq!(short(2.345).to_string(), "2.35");
        assert_eq!(escape("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;&gt;");
        assert_eq!(escape("\u{1b}<\u{ffff}"), "\\u{1b}&lt;\\u{ffff}");
    }
}
