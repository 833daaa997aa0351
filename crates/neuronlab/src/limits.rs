//! Will it fit, and will it end? Asked before anything is allocated, so that a slip of a digit is an error and not a swamped
//! machine.

use crate::error::{Error, Result};

/// The most that one run, or one look at it, may hold in memory, in bytes.
pub(crate) const MEMORY_LIMIT: u128 = 8 << 30;
/// Multiplications that a look at a run may take: some minutes.
const MOST_WORK: u128 = 100_000_000_000;

/// What takes memory: the field that says how much, the bytes, and what would make it less.
pub(crate) type Need<'n> = (&'n str, u128, &'n str);

/// Refuses what together takes more than a run may; the largest of its parts is named.
pub(crate) fn fits(what: &str, parts: &[Need<'_>]) -> Result<()> {
    let together = parts.iter().fold(0u128, |sum, part| sum.saturating_add(part.1));
    match parts.iter().max_by_key(|part| part.1) {
        Some((field, _, hint)) if together > MEMORY_LIMIT => {
            let expected = format!("{what} of at most {} GiB", MEMORY_LIMIT >> 30);
            let got = format!("{what} that needs {} GiB", together >> 30);
            Err(Error::field(*field, expected, got).with_hint(*hint))
        }
        _ => Ok(()),
    }
}

/// Refuses what takes hours; so many multiplications.
pub(crate) fn ends((field, multiplications, hint): Need<'_>, what: &str) -> Result<()> {
    if multiplications <= MOST_WORK {
        return Ok(());
    }
    let expected = format!("{what} of at most {:.0e} multiplications", MOST_WORK as f64);
    let got = format!("{what} that takes {:.1e}", multiplications as f64);
    Err(Error::field(field, expected, got).with_hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused_with_its_numbers() {
        let gib = 1u128 << 30;
        assert!(fits("a look", &[("a", 4 * gib, "x"), ("b", 4 * gib, "y")]).is_ok());
        let error = fits("a look", &[("a", 3 * gib, "x"), ("b", 7 * gib, "y")]).unwrap_err().to_string();
        assert_eq!(error, "b: expected a look of at most 8 GiB, got a look that needs 10 GiB\n  hint: y");
        assert!(fits("a look", &[("a", u128::MAX, "x"), ("b", u128::MAX, "y")]).is_err());
        let error = ends(("a", 3 * MOST_WORK, "less"), "a look").unwrap_err().to_string();
        assert_eq!(
            error,
            "a: expected a look of at most 1e11 multiplications, got a look that takes 3.0e11\n  hint: less"
        );
    }
}
