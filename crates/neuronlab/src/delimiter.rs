//! What stands between the cells of a table, where nobody says it: whatever splits every line into as many cells.

/// Candidates, the rarest in text first: a comma may also stand before decimals.
const CANDIDATES: [u8; 4] = [b'\t', b'|', b';', b','];
/// Lines that are looked at.
const LINES: usize = 1000;

/// The delimiter of a table that begins with `start`; its last line is looked at only if it is `whole`.
///
/// The first candidate that splits every line into the same number of cells, two or more, is taken; cells in quotes hold what they
/// want. Where there is none, it is the one of which the first line has most, and the line that does not fit will be an error.
pub(crate) fn guess(start: &[u8], whole: bool) -> u8 {
    let counts = CANDIDATES.map(|delimiter| cells(start, delimiter, whole));
    let fits =
        |counts: &&Vec<usize>| counts.first().is_some_and(|&first| first > 1 && counts.iter().all(|&c| c == first));
    let most = |counts: &Vec<usize>| counts.first().copied().unwrap_or(0);
    let place = counts.iter().position(|counts| fits(&counts));
    let place = place.or_else(|| (0..counts.len()).max_by_key(|&i| most(&counts[i])));
    CANDIDATES[place.unwrap_or(CANDIDATES.len() - 1)]
}

/// Cells of each line that is not empty, as a reader with this delimiter counts them.
fn cells(start: &[u8], delimiter: u8, whole: bool) -> Vec<usize> {
    let (mut counts, mut count) = (vec![], 1);
    // Whether the cell began with a quote, whether what stands here is within quotes, whether a cell begins here.
    let (mut in_quotes, mut quoted, mut at_start, mut empty) = (false, false, true, true);
    for &byte in start {
        if counts.len() == LINES {
            break;
        }
        match byte {
            b'"' if at_start => (in_quotes, quoted) = (true, true),
            b'"' if in_quotes => quoted = !quoted,
            b'\n' if !quoted => {
                counts.extend((!empty).then_some(count));
                (count, empty) = (1, true);
            }
            b'\r' => continue,
            _ if byte == delimiter && !quoted => count += 1,
            _ => {}
        }
        at_start = !quoted && (byte == delimiter || byte == b'\n');
        in_quotes &= !at_start;
        empty &= byte == b'\n';
    }
    counts.extend((whole && !empty && counts.len() < LINES).then_some(count));
    counts
}

/// Whether the lines are numbers with spaces between them, as many in each: two or more.
pub(crate) fn is_of_spaces(start: &[u8], whole: bool) -> bool {
    let mut lines: Vec<&[u8]> = start.split(|&byte| byte == b'\n').collect();
    if !whole {
        lines.pop();
    }
    let words = |line: &&[u8]| line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    let counts: Vec<usize> = lines.iter().map(words).filter(|&count| count > 0).take(LINES).collect();
    counts.first().is_some_and(|&first| first > 1 && counts.iter().all(|&count| count == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_splits_every_line_alike() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", b','),
            // Decimal commas, with a header and without one.
            ("x;y\n1,5;a\n2,5;b\n", b';'),
            ("1,5;2,5;3,5\n1,5;2,5;3,5\n", b';'),
            ("1,5\ta\n2,5\tb", b'\t'),
            // Commas in quotes, of heads and of cells.
            ("\"width, in mm\";\"height, in mm\";y\n1;2;3\n", b';'),
            ("\"a;b\",c\n\"1;2\",3\n", b','),
            ("a|b, in mm|y\n1|2,5|0\n", b'|'),
            // A semicolon in some cells only.
            ("text,y\na;b,1\nc,2\n", b','),
            // Quotes within a cell, and line breaks within quotes.
            ("size,y\n5\" pipe,1\n6\" pipe,2\n", b','),
            ("text;y\n\"two\nlines, \"\"and; more\";1\n", b';'),
            // One column: anything will do.
            ("y\n1\n", b','),
        ] {
            assert_eq!(guess(text.as_bytes(), true), delimiter, "{text:?}");
        }
        // A line that was cut off is not looked at.
        assert_eq!(guess(b"a,b;c,d\n1,2;3,4\n5,6", false), b';');
    }

    #[test]
    fn numbers_with_spaces_between_them() {
        assert!(is_of_spaces(b"1 2  3\n4\t5 6\r\n", true));
        assert!(is_of_spaces(b"1 2\n3 4\n5", false) && !is_of_spaces(b"1 2\n3 4\n5", true));
        assert!(!is_of_spaces(b"sepal width\n1\n2\n", true), "a head of two words");
    }
}
