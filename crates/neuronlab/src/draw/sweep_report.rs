//! `report.html` of a sweep: its picture, its cells, and how to make it again.

use super::report::{begin, table};
use super::svg::escape;
use super::sweep_plot;
use crate::sweep::{Share, Sweep, Tally, brief};
use std::fmt::Write;

/// Cells that the page lists.
const MOST_ROWS: usize = 200;

/// The files for people that are made of a sweep: the picture, if there is one for its axes, and the page.
pub fn sweep_files(sweep: &Sweep, tallies: &[Tally]) -> Vec<(&'static str, String)> {
    let picture = sweep_plot(sweep, tallies);
    let page = page(sweep, tallies, picture.as_deref());
    let mut files = vec![("report.html", page)];
    files.extend(picture.map(|picture| ("plot.svg", picture)));
    files
}

/// What makes an answer right, in words that end a sentence about samples.
pub fn right_means(sweep: &Sweep) -> String {
    match sweep.class_outputs() {
        Some(1) => "on the right side of 0.5".into(),
        Some(_) => "put into their class".into(),
        None if varies(sweep, "within") => "within the cell's success.within of their targets".into(),
        None => format!("within {} of their targets", sweep.experiment().success.within),
    }
}

/// Whether a setting of success, such as `share`, differs between cells.
fn varies(sweep: &Sweep, setting: &str) -> bool {
    sweep.axes().iter().any(|axis| axis.field() == "success" || axis.field().strip_prefix("success.") == Some(setting))
}

/// How many samples a right run has right, in words that `samples` or `of the samples` follows.
pub fn right_share_means(sweep: &Sweep) -> String {
    match sweep.experiment().success.share {
        _ if varies(sweep, "share") => "the cell's success.share of the".into(),
        share if share < 1.0 => format!("{share} of the"),
        _ => "all".into(),
    }
}

/// The bound below which the error of a close run is.
pub fn close_means(sweep: &Sweep) -> String {
    if varies(sweep, "error") {
        "the cell's success.error".into()
    } else {
        sweep.experiment().success.error.to_string()
    }
}

/// The two measures, as pictures name them.
pub(super) fn measures_in_words(sweep: &Sweep) -> [String; 2] {
    let right = if right_share_means(sweep) == "all" {
        "every sample".into()
    } else {
        format!("{} samples", right_share_means(sweep))
    };
    [format!("right: {right} right"), "close: mean absolute error below the bound".into()]
}

fn page(sweep: &Sweep, tallies: &[Tally], picture: Option<&str>) -> String {
    let experiment = sweep.experiment();
    let mut page = begin(&format!("{}: {} runs", experiment.name, sweep.total()));
    let seed = |field: &str, value: u64| {
        let varied = sweep.axes().iter().any(|axis| axis.field() == field || axis.field() == "seed");
        if varied { format!("the cell's {field} + r") } else { format!("{field} {value} + r") }
    };
    let _ = writeln!(
        page,
        "<p class=\"soft\">{} cells of {} runs; run r of each has {} and {}.</p>",
        sweep.cells(),
        sweep.runs(),
        seed("seed.torch", experiment.seed.torch),
        seed("seed.numpy", experiment.seed.numpy.into())
    );
    match picture {
        Some(picture) => {
            let _ = writeln!(page, "{picture}");
        }
        None => page.push_str("<p>There is no picture of so many values; the table holds all cells.</p>\n"),
    }
    let _ = writeln!(
        page,
        "<p class=\"soft\">Right: {} samples {}. Close: mean absolute error below {}. \
         Intervals are Wilson's, 95 %. Error: median of the final mean absolute error, to within 0.4 %. Epochs: median until a run was \
         first seen right, of those that were.</p>",
        right_share_means(sweep),
        right_means(sweep),
        close_means(sweep)
    );
    page.push_str("<h2>Cells</h2>\n");
    let words = ["right", "95 %", "close", "95 %", "error", "epochs", "diverged"];
    let axes = sweep.axes().iter().map(|axis| axis.field().to_string());
    let first = if sweep.axes().is_empty() { vec!["runs".to_string()] } else { vec![] };
    let head: Vec<String> = first.into_iter().chain(axes).chain(words.map(String::from)).collect();
    let rows = tallies.iter().enumerate().take(MOST_ROWS).map(|(cell, tally)| row(sweep, cell, tally));
    table(&mut page, &head, rows);
    if tallies.len() > MOST_ROWS {
        let _ = writeln!(page, "<p class=\"soft\">and {} more in cells.csv</p>", tallies.len() - MOST_ROWS);
    }
    let _ = writeln!(page, "<h2>The sweep</h2>\n<pre>{}</pre>\n</body></html>", escape(&sweep.to_toml()));
    page
}

fn row(sweep: &Sweep, cell: usize, tally: &Tally) -> Vec<String> {
    let percent = |s: Share| format!("{:.1} %", s.share * 100.0);
    let interval = |s: Share| format!("{:.1}–{:.1}", s.low * 100.0, s.high * 100.0);
    let mut row: Vec<String> = sweep.cell(cell).iter().map(|value| brief(value)).collect();
    if row.is_empty() {
        row.push(tally.runs.to_string());
    }
    let (right, close) = (tally.right_share(), tally.close_share());
    row.extend([
        percent(right),
        interval(right),
        percent(close),
        interval(close),
        tally.error_quantile(0.5).map_or_else(|| "–".into(), |error| format!("{error:.2e}")),
        tally.epochs_quantile(0.5).map_or_else(|| "–".into(), |epochs| epochs.to_string()),
        tally.diverged.to_string(),
    ]);
    row
}
