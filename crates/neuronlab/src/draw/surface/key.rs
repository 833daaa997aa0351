//! What the colours of a surface mean, in words below it.

use super::colours::{CLASSES, mixed};
use crate::draw::svg::{Anchor, Font, Svg, fit, short, width};

/// Height of a line.
const LINE: f64 = 18.0;
/// Entries that are shown.
const MOST: usize = 24;
/// Width of a name.
const LONGEST: f64 = 200.0;

/// What colours mean, in words below the picture.
#[derive(Default)]
pub(in crate::draw) struct Key {
    /// What the plane's colours mean, in their order, where that is another thing than the class of a sample.
    pub(in crate::draw) areas: Vec<String>,
    /// The class of each colour of a sample, in their order.
    pub(in crate::draw) dots: Vec<String>,
    /// What else is to be said.
    pub(in crate::draw) note: Option<String>,
}

/// What stands before an entry of a key.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Area(usize),
    Dot(usize),
    None,
}

impl Key {
    /// Height of all lines, in a width.
    pub(in crate::draw) fn height(&self, room: f64) -> f64 {
        LINE * self.places(room).last().map_or(0.0, |last| last.2.1 + 1.0)
    }

    /// At a place, that of the first words, in a width.
    pub(in crate::draw) fn draw(&self, svg: &mut Svg, (left, top): (f64, f64), room: f64) {
        for (mark, words, (x, line)) in self.places(room) {
            let (x, y) = (left + x, top + LINE * line);
            match mark {
                Mark::Area(colour) => {
                    let square = format!("M{} {}h10v10h-10z", short(x), short(y - 9.0));
                    svg.area(&mixed(CLASSES[colour], 1.0), &square);
                }
                Mark::Dot(colour) => svg.marker(colour, CLASSES[colour], "#ffffff", (x + 5.0, y - 4.0), 5.0),
                Mark::None => {}
            }
            svg.text(Font::SMALL, Anchor::Start, (if mark == Mark::None { x } else { x + 15.0 }, y), &words);
        }
    }

    /// Marks and words, each with its place: how far to the right, and in which line.
    fn places(&self, room: f64) -> Vec<(Mark, String, (f64, f64))> {
        let of = |names: &[String], mark: fn(usize) -> Mark| -> Vec<(Mark, String)> {
            let named = |(i, name): (usize, &String)| (mark(i % CLASSES.len()), fit(name, Font::SMALL, LONGEST));
            let mut entries: Vec<_> = names.iter().enumerate().take(MOST).map(named).collect();
            let more = names.len().saturating_sub(MOST);
            entries.extend((more > 0).then(|| (Mark::None, format!("and {more} more"))));
            entries
        };
        let note = self.note.iter().map(|note| (Mark::None, note.clone())).collect();
        let (mut placed, mut x, mut line) = (Vec::new(), 0.0, 0.0);
        for entries in [of(&self.areas, Mark::Area), of(&self.dots, Mark::Dot), note] {
            // Each kind begins a line of its own.
            (x, line) = if placed.is_empty() || entries.is_empty() { (x, line) } else { (0.0, line + 1.0) };
            for (mark, words) in entries {
                let width = 32.0 + width(&words, Font::SMALL);
                (x, line) = if x > 0.0 && x + width > room { (0.0, line + 1.0) } else { (x, line) };
                placed.push((mark, words, (x, line)));
                x += width;
            }
        }
        placed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_inside_its_picture() {
        let names: Vec<String> = (0..30).map(|i| format!("the class with the number {i}")).collect();
        let key = Key { areas: vec!["sum below 0".into()], dots: names, note: None };
        let places = key.places(416.0);
        assert_eq!(places.last().map(|last| last.1.as_str()), Some("and 6 more"));
        assert!(places.iter().all(|(_, words, (x, _))| x + 15.0 + width(words, Font::SMALL) <= 416.0));
        assert_eq!((places[0].2.1, places[1].2), (0.0, (0.0, 1.0)));
    }
}
