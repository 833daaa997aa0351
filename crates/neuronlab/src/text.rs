//! Text that is shown: names and cells come from files, and may hold characters that a terminal obeys instead of showing them.

use std::borrow::Cow;

/// Whether a character does something instead of being seen: a control character, one that turns the direction in which text is
/// read, a separator of lines, or one that XML knows none of. (Marks that languages need to be written rightly are not among them.)
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Text of several lines with such characters written out, as in `\u{1b}[31m`; ends of lines and tabs stay.
///
/// ```
/// use neuronlab::text::{in_line, printable};
///
/// assert_eq!(printable("\u{1b}[31mred\nx\ty"), "\\u{1b}[31mred\nx\ty");
/// assert_eq!(in_line("a\nb"), "a\\nb");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    written_out(text, |c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

/// The same within a line: ends of lines and tabs are written out, too.
pub fn in_line(text: &str) -> Cow<'_, str> {
    written_out(text, is_hidden)
}

/// Characters of a quoted cell or name that are shown.
const MOST_QUOTED: usize = 1000;

/// What was got, within a line; of something very long, such as a cell of a megabyte, the beginning and the length.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_QUOTED) {
        None => in_line(text),
        Some((end, _)) => Cow::Owned(format!("{}… ({} bytes)", in_line(&text[..end]), text.len())),
    }
}

/// Lines of a message, each as long as [`quoted`] lets it be.
pub(crate) fn quoted_lines(text: &str) -> String {
    text.lines().map(|line| printable(&quoted(line)).into_owned()).collect::<Vec<_>>().join("\n")
}

fn written_out(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_harmless_stays_and_nothing_else() {
        for text in ["", "H#1_2 ∂L/∂w · 0.5\tx̂", "näive Größe 日本 👩‍🔬", "می‌خواهم"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        for (text, kept) in [(printable(&all), 2), (in_line(&all), 0)] {
            assert_eq!(text.chars().filter(|c| is_hidden(*c)).count(), kept);
        }
        let long = "é".repeat(3_000_000);
        assert_eq!(quoted(&long), format!("{}… (6000000 bytes)", "é".repeat(MOST_QUOTED)));
        assert_eq!(quoted_lines(&format!("a\tb\n{long}")).len(), "a\tb\n… (6000000 bytes)".len() + 2 * MOST_QUOTED + 1);
        assert_eq!(in_line("\u{9b}1m\r\u{202e}"), "\\u{9b}1m\\r\\u{202e}");
    }
}
