//! Tables that align: numbers to the right, names to the left.

use comfy_table::{CellAlignment, Table, presets};
use neuronlab::text::in_line;

/// Words in lines of at most `width`, each behind `indent`.
pub(crate) fn indented(text: &str, indent: &str, width: usize) -> String {
    let mut lines = vec![indent.to_string()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("a line");
        let empty = line.len() == indent.len();
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("{indent}{word}"));
        } else {
            line.push_str(if empty { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// Rows as CSV, cells quoted where they must be.
pub(crate) fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("rows of one length, into memory");
    }
    let text = String::from_utf8(writer.into_inner().expect("memory")).expect("made of strings");
    text.trim_end().to_string()
}

/// A table with a line under its head; the columns named in `left` are aligned to the left.
pub(crate) fn table<C: ToString>(head: &[&str], rows: impl IntoIterator<Item = Vec<C>>, left: &[usize]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(head.iter().map(|name| in_line(name)));
    for row in rows {
        table.add_row(row.iter().map(|cell| in_line(&cell.to_string()).into_owned()));
    }
    for (i, column) in table.column_iter_mut().enumerate() {
        let side = if left.contains(&i) { CellAlignment::Left } else { CellAlignment::Right };
        column.set_cell_alignment(side);
    }
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let rule = format!(" {}", "─".repeat(width.saturating_sub(1)));
    let mut out = vec![lines[0], &rule];
    out.extend(&lines[1..]);
    out.join("\n")
}
