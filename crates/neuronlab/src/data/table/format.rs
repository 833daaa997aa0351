//! How a table is written.

use crate::error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What stands before the decimals of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Decimal {
    /// A point, as in 1.5.
    #[default]
    #[serde(rename = ".")]
    Point,
    /// A comma, as in 1,5.
    #[serde(rename = ",")]
    Comma,
}

/// How a table is written: what one needs to know to read another like it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Format {
    pub(crate) header: bool,
    /// One character; a space stands for any number of spaces and tabs; empty: guessed.
    pub(crate) delimiter: String,
    #[serde(default)]
    pub(crate) decimal: Decimal,
    /// What means a missing value besides the usual.
    #[serde(default)]
    pub(crate) na_values: Vec<String>,
}

impl Default for Format {
    fn default() -> Self {
        Self { header: true, delimiter: String::new(), decimal: Decimal::Point, na_values: vec![] }
    }
}

impl Format {
    pub(super) fn delimiter(&self) -> Option<u8> {
        self.delimiter.bytes().next()
    }

    /// Refuses what can't stand between cells; `field` names the delimiter in errors.
    pub(crate) fn validate(&self, field: &str) -> Result<()> {
        let got = || format!("`{}`", self.delimiter);
        if self.delimiter.chars().count() > 1
            || !self.delimiter.is_ascii()
            || self.delimiter.contains(['"', '\n', '\r'])
        {
            let hint = "a space stands for any number of spaces and tabs";
            return Err(Error::field(field, "one ASCII character", got()).with_hint(hint));
        }
        if self.decimal == Decimal::Comma && self.delimiter == "," {
            return Err(Error::field(field, "another character than the decimal comma", got()));
        }
        Ok(())
    }

    /// Whether a cell means that the value is missing.
    pub(super) fn is_missing(&self, cell: &str) -> bool {
        const USUAL: [&str; 7] = ["", "na", "n/a", "#n/a", "nan", "null", "?"];
        cell.len() <= 4 && USUAL.iter().any(|missing| cell.eq_ignore_ascii_case(missing))
            || self.na_values.iter().any(|missing| missing == cell || self.same_number(missing, cell))
    }

    fn same_number(&self, a: &str, b: &str) -> bool {
        self.number(a).is_some_and(|number| self.number(b) == Some(number))
    }

    /// The number in a cell, if it is one.
    pub(crate) fn number(&self, cell: &str) -> Option<f64> {
        let number = match self.decimal {
            Decimal::Comma if cell.contains('.') => return None,
            Decimal::Comma if cell.contains(',') => cell.replacen(',', ".", 1).parse(),
            _ => cell.parse(),
        };
        number.ok().filter(|number: &f64| number.is_finite())
    }

    /// Whether it is a date or a time, written with digits.
    pub(super) fn is_date(&self, cell: &str) -> bool {
        cell.starts_with(|c: char| c.is_ascii_digit())
            && cell.chars().all(|c| c.is_ascii_digit() || "-/.:+ TZ".contains(c))
            && self.number(cell).is_none()
            && !in_thousands(cell)
    }

    /// What to do about a cell that should be a number, if that is easily said.
    pub(super) fn hint(&self, cell: &str) -> Option<String> {
        let digits =
            |text: &str| text.strip_prefix(['-', '+']).unwrap_or(text).starts_with(|c: char| c.is_ascii_digit());
        let other = Self {
            decimal: if self.decimal == Decimal::Point { Decimal::Comma } else { Decimal::Point },
            ..self.clone()
        };
        if other.number(cell).is_some() {
            let sign = if other.decimal == Decimal::Comma { "," } else { "." };
            return Some(format!("data.decimal=\"{sign}\", if that stands before the decimals of numbers"));
        }
        if cell.parse().is_ok_and(f64::is_infinite) && cell.contains(|c: char| c.is_ascii_digit()) {
            return Some("the largest number is about 1.8e308".into());
        }
        if in_thousands(cell) {
            return Some("numbers are written without signs or spaces between thousands".into());
        }
        if self.is_date(cell) {
            return Some("a date or a time is no number: write it as one, such as days since the first".into());
        }
        digits(cell.trim_start_matches(|c: char| !c.is_ascii() || "$ ".contains(c)))
            .then(|| "numbers stand alone: units and signs such as % belong into the name of the column".into())
    }
}

/// Whether a cell is a number with signs between thousands: between its first and its last signs stand three digits each.
fn in_thousands(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let groups: Vec<&str> = digits.split(['.', ',', ' ', '\'', '\u{a0}', '\u{202f}']).collect();
    let of_digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    of_digits && groups.len() > 1 && groups[1..groups.len() - 1].iter().all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_decimals() {
        let (point, comma) = (Format::default(), Format { decimal: Decimal::Comma, ..Format::default() });
        for (cell, with_point, with_comma) in [
            ("1.5", Some(1.5), None),
            ("1,5", None, Some(1.5)),
            ("-3", Some(-3.0), Some(-3.0)),
            ("1e-3", Some(1e-3), Some(1e-3)),
            ("-0,25e1", None, Some(-2.5)),
            ("1,234,5", None, None),
            ("inf", None, None),
        ] {
            assert_eq!((point.number(cell), comma.number(cell)), (with_point, with_comma), "{cell}");
        }
    }

    #[test]
    fn what_is_no_number_has_a_hint() {
        let (point, comma) = (Format::default(), Format { decimal: Decimal::Comma, ..Format::default() });
        assert!(point.hint("1,5").unwrap().starts_with("data.decimal=\",\""));
        assert!(comma.hint("1.5").unwrap().starts_with("data.decimal=\".\""));
        assert!(
            point.hint("1,234.5").unwrap().contains("thousands")
                && comma.hint("1.234,5").unwrap().contains("thousands")
        );
        assert!(point.hint("12 %").unwrap().contains("units") && point.hint("$3").unwrap().contains("units"));
        assert!(point.hint("1 234").unwrap().contains("thousands") && !point.is_date("1 234"));
        for date in ["2024-01-05", "5/1/2024", "5.1.2024", "2024-01-05 12:30+01:00", "12:30", "2024-01-05T12:30:00Z"] {
            assert!(point.hint(date).unwrap().contains("a date or a time"), "{date}");
        }
        assert_eq!(point.hint("red"), None);
    }

    #[test]
    fn missing_values_have_many_names() {
        let format = Format { na_values: vec!["-200".into()], ..Format::default() };
        for missing in ["", "NA", "n/a", "NaN", "?", "null", "#N/A", "-200", "-200.0"] {
            assert!(format.is_missing(missing), "{missing}");
        }
        for present in ["0", "none", "200", "no"] {
            assert!(!format.is_missing(present), "{present}");
        }
    }
}
