//! Words and numbers as SVG wants them, and how wide words are.

use super::theme::Font;
use crate::text::printable;
use std::fmt::Display;

/// Fonts with like widths, the last of them the one that PNG and PDF are made with.
pub(super) const FAMILY: &str = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans Condensed', sans-serif";

/// Widths of the characters from space to tilde, in thousandths of the font's size: of each the wider one of Liberation Sans
/// (which is as wide as Helvetica and Arial) and DejaVu Sans Condensed.
const WIDTHS: [u16; 95] = [
    286, 360, 414, 754, 572, 889, 702, 247, 351, 351, 450, 754, 286, 333, 286, 303, 572, 572, 572, 572, 572, 572, 572,
    572, 572, 572, 303, 303, 754, 754, 754, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 616, 351, 303, 351, 754, 556, 450, 556, 571, 500, 571,
    556, 316, 571, 570, 250, 250, 521, 250, 876, 570, 556, 571, 571, 370, 500, 353, 570, 532, 736, 532, 532, 500, 572,
    303, 572, 754,
];

/// How wide words are, about, and rather too much than too little.
pub(in crate::draw) fn width(words: &str, font: Font) -> f64 {
    let one = |c: char| match c {
        ' '..='~' => f64::from(WIDTHS[c as usize - ' ' as usize]),
        '×' | '−' | '≤' | '⊙' => 754.0,
        // The last of scripts whose characters are squares.
        '…' | '→' | '\u{1100}'..='\u{11ff}' | '\u{2e80}'.. => 1000.0,
        _ => 640.0,
    };
    let bold = if font.bold { 1.1 } else { 1.0 };
    words.chars().map(one).sum::<f64>() / 1000.0 * font.size * bold
}

/// As many words as a width holds; what is missing is marked.
pub(in crate::draw) fn fit(words: &str, font: Font, room: f64) -> String {
    // A room that was made for these very words may be an ULP narrower.
    if width(words, font) <= room + 0.01 {
        return words.into();
    }
    let mut kept: String = words.into();
    while kept.pop().is_some() && width(&kept, font) + font.size > room {}
    kept.trim_end().to_string() + "…"
}

/// Words on lines, none of them wider than `room` unless it is one word.
pub(in crate::draw) fn wrap(words: &str, font: Font, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line, font) + width(" ", font) + width(word, font) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

/// At most two decimals.
pub(in crate::draw) fn short(value: f64) -> impl Display {
    let hundreds = value * 100.0;
    let whole = hundreds.round();
    // A picture has tens of thousands of numbers: those that are plainly nearer to one hundredth than to the next are written as integers.
    if hundreds.abs() < 1e12 && (hundreds - whole).abs() < 0.499 { hundredths(whole as i64) } else { exactly(value) }
}

fn hundredths(count: i64) -> String {
    let (units, rest) = (count.unsigned_abs() / 100, count.unsigned_abs() % 100);
    let sign = if count < 0 { "-" } else { "" };
    match (rest / 10, rest % 10) {
        (0, 0) => format!("{sign}{units}"),
        (tenths, 0) => format!("{sign}{units}.{tenths}"),
        (tenths, last) => format!("{sign}{units}.{tenths}{last}"),
    }
}

fn exactly(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

/// Words as XML and HTML want them; most control characters may not stand in XML at all.
pub(in crate::draw) fn escape(words: &str) -> String {
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

    /// The quick way writes what the exact one does.
    #[test]
    fn short_numbers_are_the_exact_ones() {
        let mut value = 1e-4;
        for i in 0..40_000 {
            value = if i % 400 == 0 { 1e-4 } else { value * 1.07 };
            let near = f64::from(i) / 800.0;
            for v in [value, -value, near, -near, near + 1e-9, near - 1e-9, f64::from(i) * 0.125] {
                assert_eq!(short(v).to_string(), exactly(v), "{v:?}");
            }
        }
        for odd in [f64::NAN, f64::INFINITY, -0.0, 1e300] {
            assert_eq!(short(odd).to_string(), exactly(odd));
        }
    }

    #[test]
    fn words_are_cut_and_broken_to_fit() {
        assert_eq!(fit("short", Font::PLAIN, 100.0), "short");
        // A room that is what is left of a picture by the words' own width.
        let words = "[10,9] 0.0877";
        assert_eq!(fit(words, Font::PLAIN, 560.0 - (560.0 - width(words, Font::PLAIN))), words);
        assert_eq!(fit(words, Font::PLAIN, width(words, Font::PLAIN) - 1e-9), words);
        let cut = fit("the length of a petal", Font::PLAIN, 60.0);
        assert!(cut.ends_with('…') && width(&cut, Font::PLAIN) <= 60.0, "{cut}");
        let lines = wrap("the length of a petal and its width", Font::SMALL, 80.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| width(line, Font::SMALL) <= 80.0), "{lines:?}");
        assert_eq!(lines.join(" "), "the length of a petal and its width");
    }
}
