//! Colours, each for white paper and for a dark page, and what lines and words look like.

use std::fmt::Write;

/// A colour with a role: what it is on white paper, and what takes its place on a dark page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::draw) struct Colour {
    /// Of its classes, `s-…` for strokes and `f-…` for fills; none for a colour that is the same everywhere.
    pub(super) name: &'static str,
    /// On white paper.
    pub(in crate::draw) light: &'static str,
    /// On a dark page.
    pub(in crate::draw) dark: &'static str,
}

impl Colour {
    /// Words and rims.
    pub(in crate::draw) const INK: Self = Self { name: "ink", light: "#1f2933", dark: "#e4e7eb" };
    /// Words of less weight, and axes.
    pub(in crate::draw) const FAINT: Self = Self { name: "faint", light: "#56636f", dark: "#a7b1bc" };
    /// Lines behind a plot.
    pub(in crate::draw) const GRID: Self = Self { name: "grid", light: "#dde1e6", dark: "#39444f" };
    /// What adds, and the first of two.
    pub(in crate::draw) const BLUE: Self = Self { name: "blue", light: "#2166ac", dark: "#6ea8dc" };
    /// What takes away, and the second of two.
    pub(in crate::draw) const ORANGE: Self = Self { name: "orange", light: "#c65f00", dark: "#f0a050" };
    /// What all stands on.
    pub(in crate::draw) const PAPER: Self = Self { name: "paper", light: "#ffffff", dark: "#17191c" };

    /// Those that a dark page replaces.
    pub(in crate::draw) const ALL: [Self; 6] =
        [Self::INK, Self::FAINT, Self::GRID, Self::BLUE, Self::ORANGE, Self::PAPER];

    /// A colour that is the same on every page, such as that of a line on a coloured map.
    pub(in crate::draw) const fn fixed(colour: &'static str) -> Self {
        Self { name: "", light: colour, dark: colour }
    }
}

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::draw) struct Stroke {
    pub(in crate::draw) colour: Colour,
    pub(in crate::draw) width: f64,
    pub(in crate::draw) opacity: f64,
    /// Lengths of a dash and of the gap behind it; none for a whole line.
    pub(in crate::draw) dashes: Option<(f64, f64)>,
}

impl Stroke {
    const fn new(colour: Colour, width: f64) -> Self {
        Self { colour, width, opacity: 1.0, dashes: None }
    }

    /// The same as wide as a number; the dashes of a wide line are longer.
    pub(in crate::draw) fn wide(self, width: f64) -> Self {
        let longer = |(dash, gap)| (dash + 1.5 * width, gap + 0.3 * width);
        Self { width, dashes: self.dashes.map(longer), ..self }
    }

    /// Behind a plot.
    pub(in crate::draw) const GRID: Self = Self::new(Colour::GRID, 1.0);
    /// Where a value is 0.
    pub(in crate::draw) const AXIS: Self = Self::new(Colour::FAINT, 1.0);
    /// The first of two series.
    pub(in crate::draw) const FIRST: Self = Self::new(Colour::BLUE, 2.0);
    /// The second of two series, dashed, so that no eye depends on colour.
    pub(in crate::draw) const SECOND: Self = Self { dashes: Some((6.0, 4.0)), ..Self::new(Colour::ORANGE, 2.0) };
    /// Of more series.
    pub(in crate::draw) const THIRD: Self = Self { dashes: Some((1.5, 3.0)), ..Self::new(Colour::INK, 2.0) };
    /// Of more series.
    pub(in crate::draw) const FOURTH: Self = Self { dashes: Some((12.0, 3.0)), ..Self::new(Colour::BLUE, 2.0) };
    /// Of more series.
    pub(in crate::draw) const FIFTH: Self = Self { dashes: Some((1.5, 3.0)), ..Self::new(Colour::ORANGE, 2.0) };
    /// Of more series.
    pub(in crate::draw) const SIXTH: Self = Self { dashes: Some((12.0, 3.0)), ..Self::new(Colour::INK, 2.0) };
    /// Values that are many and noisy.
    pub(in crate::draw) const RAW: Self = Self { opacity: 0.45, ..Self::new(Colour::BLUE, 1.0) };
    /// Their mean.
    pub(in crate::draw) const MEAN: Self = Self::new(Colour::ORANGE, 2.0);
    /// A weight above 0.
    pub(in crate::draw) const PLUS: Self = Self::new(Colour::BLUE, 1.0);
    /// A weight below 0, dashed.
    pub(in crate::draw) const MINUS: Self = Self { dashes: Some((6.0, 3.0)), ..Self::new(Colour::ORANGE, 1.0) };
    /// Of a hollow square, for a weight below 0.
    pub(in crate::draw) const HOLLOW: Self = Self::new(Colour::ORANGE, 0.8);
    /// On a coloured map, on which it is dark in every theme.
    pub(in crate::draw) const BOUNDARY: Self = Self::new(Colour::fixed("#1f2933"), 1.4);
    /// Between neurons, where no number is known.
    pub(in crate::draw) const PLAIN: Self = Self::new(Colour::FAINT, 1.0);
    /// Around a neuron.
    pub(in crate::draw) const RIM: Self = Self::new(Colour::INK, 1.2);
}

/// What words look like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::draw) struct Font {
    pub(in crate::draw) size: f64,
    pub(in crate::draw) bold: bool,
    pub(in crate::draw) colour: Colour,
}

impl Font {
    const fn new(size: f64, colour: Colour) -> Self {
        Self { size, bold: false, colour }
    }

    /// Along axes.
    pub(in crate::draw) const PLAIN: Self = Self::new(13.0, Colour::INK);
    /// A title.
    pub(in crate::draw) const STRONG: Self = Self { bold: true, ..Self::PLAIN };
    /// Legends and notes.
    pub(in crate::draw) const SMALL: Self = Self::new(12.0, Colour::FAINT);
    /// A number on a line or in a neuron.
    pub(in crate::draw) const LABEL: Self = Self::new(11.0, Colour::INK);
    /// The name of what has numbers below it.
    pub(in crate::draw) const NAME: Self = Self { bold: true, ..Self::LABEL };
    /// A neuron's name above its numbers.
    pub(in crate::draw) const TINY: Self = Self::new(9.0, Colour::INK);

    /// On a cell of a map: black or white, what is read better. One of them always has 4.5 : 1.
    pub(in crate::draw) fn on(fill: &str) -> Self {
        let [dark, light] = ["#040404", "#ffffff"].map(Colour::fixed);
        let better = contrast(dark.light, fill) > contrast(light.light, fill);
        Self::new(11.5, if better { dark } else { light })
    }
}

/// Where words begin, or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::draw) enum Anchor {
    /// At the place.
    Start,
    /// In the middle of the place.
    Middle,
    /// They end there.
    End,
}

impl Anchor {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// The colours of a dark page, as a style sheet that browsers follow, and that is nothing to all others.
///
/// A style sheet wins over the attributes of shapes in a browser. Some programs read rules and know no media queries; those
/// know no `:is` either, and stay with the attributes, which are right on white paper. Printing is on paper, too.
pub(in crate::draw) fn dark_style() -> String {
    let mut rules = String::new();
    for Colour { name, dark, .. } in Colour::ALL {
        let _ = write!(rules, ":is(.nl) .s-{name}{{stroke:{dark}}}:is(.nl) .f-{name}{{fill:{dark}}}");
    }
    format!("@media screen and (prefers-color-scheme:dark){{{rules}}}")
}

/// How well one colour can be told from another, from 1 to 21, as the Web Content Accessibility Guidelines define it.
pub(in crate::draw) fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |i: usize| {
            let v = f64::from(u8::from_str_radix(&colour[i..i + 2], 16).unwrap_or(0)) / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text has 4.5 : 1, lines that say something 3 : 1, on white paper and on a dark page.
    #[test]
    fn colours_can_be_read() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        for (colour, least) in [(Colour::INK, 4.5), (Colour::FAINT, 4.5), (Colour::BLUE, 3.0), (Colour::ORANGE, 3.0)] {
            let (light, dark) =
                (contrast(colour.light, Colour::PAPER.light), contrast(colour.dark, Colour::PAPER.dark));
            assert!(light >= least && dark >= least, "{colour:?}: {light} {dark}");
        }
        for grey in 0..=255 {
            let fill = format!("#{grey:02x}{grey:02x}{grey:02x}");
            assert!(contrast(Font::on(&fill).colour.light, &fill) >= 4.5, "{fill}");
        }
    }
}
