//! Colours of classes, and their shades over a plane. They are the same on white paper and on a dark page: a map is light on both.

/// Colours of classes, told apart by most colour-blind people (Okabe and Ito 2008).
pub(in crate::draw) const CLASSES: [&str; 8] =
    ["#2166ac", "#d9730d", "#1b9e77", "#cc79a7", "#8c6d1f", "#56b4e9", "#d7301f", "#555555"];

/// Shades of one colour.
const SHADES: usize = 24;

/// A colour mixed into light grey, in steps; never in full, so that samples stand out.
pub(in crate::draw) fn mixed(colour: &str, share: f64) -> String {
    let share = (share * SHADES as f64).round() / SHADES as f64 * 0.75;
    let channel = |i: usize| {
        let full = f64::from(u8::from_str_radix(&colour[i..i + 2], 16).unwrap_or(0));
        (238.0 + (full - 238.0) * share).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(1), channel(3), channel(5))
}
