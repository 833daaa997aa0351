//! What can go wrong, said once: the field or place, what was expected, what was got.

use crate::text::{in_line, quoted, quoted_lines};
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

/// The result of everything fallible in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done.
///
/// It is debugged as it is displayed: a program whose `main` returns it, an `unwrap`, and the cell of a notebook show the message,
/// not its parts.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field of an experiment, or an argument, holds what it must not.
    #[error("{}: expected {}, got {}{}", quoted(.field), quoted(.expected), quoted(.got), hint_line(.hint.as_deref()))]
    Field {
        /// The path of the field, such as `network.layers.0.activation`.
        field: String,
        /// What would have been right.
        expected: String,
        /// What was there.
        got: String,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// A text that is not TOML.
    #[error("{}: {}", quoted(.place), quoted_lines(.message))]
    Syntax {
        /// The file, or `--set …`.
        place: String,
        /// The parser's message, with line and column.
        message: String,
    },
    /// A file that could not be read or written.
    #[error("can't {action} {}: {source}", shown(.path))]
    Io {
        /// What was being done: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("{}: expected {}, got {}{}", shown(.path), quoted(.expected), quoted(.got), hint_line(.hint.as_deref()))]
    File {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: String,
        /// What it holds.
        got: String,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// A cell of a table that can't be used.
    #[error(
        "{}: line {line}, column {}: expected {}, got {}{}",
        shown(.path),
        quoted(.column),
        quoted(.expected),
        quoted(.got),
        hint_line(.hint.as_deref())
    )]
    Cell {
        /// The table's file.
        path: PathBuf,
        /// Line of the file, from 1.
        line: u64,
        /// The column's name or number.
        column: Box<str>,
        /// What would have been right.
        expected: String,
        /// What was there.
        got: String,
        /// What may have been meant.
        hint: Option<String>,
    },
    /// A file or folder that would be overwritten.
    #[error("{} {}; choose another place with --out, or overwrite it with --force", shown(.path), quoted(.holds))]
    Exists {
        /// The file or folder.
        path: PathBuf,
        /// What is there.
        holds: String,
    },
}

fn hint_line(hint: Option<&str>) -> String {
    hint.map(|hint| format!("\n  hint: {}", quoted(hint))).unwrap_or_default()
}

fn shown(path: &Path) -> String {
    in_line(&path.display().to_string()).into_owned()
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Error {
    /// A field that holds what it must not.
    pub(crate) fn field(field: impl Into<String>, expected: impl Display, got: impl Display) -> Self {
        Self::Field { field: field.into(), expected: expected.to_string(), got: got.to_string(), hint: None }
    }

    /// The same error with a hint to the user.
    pub(crate) fn with_hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Field { hint, .. } | Self::File { hint, .. } | Self::Cell { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    /// The same error without its hint, where what it says can't be done.
    pub(crate) fn without_hint(mut self) -> Self {
        if let Self::Field { hint, .. } | Self::File { hint, .. } | Self::Cell { hint, .. } = &mut self {
            *hint = None;
        }
        self
    }

    /// The same error of a field that lies under `place`, not under `from`.
    pub(crate) fn under(mut self, from: &str, place: &str) -> Self {
        if let Self::Field { field, .. } = &mut self
            && let Some(rest) = field.strip_prefix(from)
        {
            *field = format!("{place}{rest}");
        }
        self
    }

    /// A file that is not what it should be.
    pub(crate) fn file(path: &Path, expected: impl Display, got: impl Display) -> Self {
        Self::File { path: path.into(), expected: expected.to_string(), got: got.to_string(), hint: None }
    }

    /// A cell of a table that can't be used.
    pub(crate) fn cell(path: &Path, line: u64, column: &str, expected: impl Display, got: impl Display) -> Self {
        let (expected, got) = (expected.to_string(), got.to_string());
        Self::Cell { path: path.into(), line, column: column.into(), expected, got, hint: None }
    }

    /// For `map_err` on operations of the file system.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    /// Whether the request itself was wrong (exit code 2), rather than its execution (exit code 1).
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Field { .. } | Self::Syntax { .. } | Self::Exists { .. })
    }
}

/// The candidate that `word` was probably meant to be, as a hint.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let word = word.to_lowercase();
    let likeness = |candidate: &str| {
        strsim::normalized_damerau_levenshtein(&word, candidate).max(strsim::jaro_winkler(&word, candidate) - 0.2)
    };
    candidates
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.55)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// Names with commas; of very many the first.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 24;
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown}, and {more} more") } else { shown }
}

/// An error for a name that is none of `candidates`, with the nearest as a hint.
pub(crate) fn unknown<'a>(
    field: impl Into<String>,
    word: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Error {
    let error = Error::field(field, format!("one of {}", listed(candidates.clone())), format!("`{word}`"));
    match did_you_mean(word, candidates) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::printable;

    #[test]
    fn an_error_is_debugged_as_its_message() {
        let error = Error::field("optimizer.lr", "at least 0", -1.0).with_hint("leave it out");
        assert_eq!(format!("{error:?}"), "optimizer.lr: expected at least 0, got -1\n  hint: leave it out");
    }

    #[test]
    fn what_was_got_is_quoted_in_one_line_without_control_characters() {
        let red = "\u{1b}[31m\nerror: x";
        let path = PathBuf::from(red);
        let errors = [
            Error::field(red, red, red).with_hint(red),
            Error::Syntax { place: red.into(), message: "\u{7}".into() },
            Error::io("read", &path)(std::io::ErrorKind::NotFound.into()),
            Error::file(&path, red, red),
            Error::cell(&path, 1, red, red, red),
            Error::Exists { path, holds: red.into() },
        ];
        for error in errors {
            let text = error.to_string();
            assert!(text.contains("\\u{1b}[31m\\nerror"), "{text}");
            let lines = if text.contains("hint") { 2 } else { 1 };
            assert!(text.lines().count() == lines && printable(&text) == text, "{text}");
        }
    }
}
