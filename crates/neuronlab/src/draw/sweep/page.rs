//! `report.html` of a sweep: its picture, its cells, and how to make it again.

use super::plot::sweep_plot;
use super::words::{close_means, right_means, right_share_means};
use crate::draw::page::{begin, table};
use crate::draw::svg::escape;
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

fn page(sweep: &Sweep, tallies: &[Tally], picture: Option<&str>) -> String {
    let experiment = sweep.experiment();
    let mut page = begin(&format!("{}: {} runs", experiment.name, sweep.total()));
    let _ = writeln!(page, "<p class=\"headline\">{}</p>", escape(&headline(sweep, tallies)));
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
            let _ = writeln!(page, "<div class=\"wide\">{picture}</div>");
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

/// What was found, in a sentence: the cell of which the most runs are right, even if chance was kind to it.
fn headline(sweep: &Sweep, tallies: &[Tally]) -> String {
    let best = (0..tallies.len()).max_by(|&a, &b| {
        let low = |cell: usize| tallies[cell].right_share().low;
        low(a).total_cmp(&low(b)).then(b.cmp(&a))
    });
    let Some(best) = best else { return String::new() };
    let (share, axes) = (tallies[best].right_share(), sweep.axes());
    let (low, high) = (share.low * 100.0, share.high * 100.0);
    let right = format!(
        "{:.1} % of {} runs are right (95 % interval {low:.1} to {high:.1} %)",
        share.share * 100.0,
        sweep.runs()
    );
    if axes.is_empty() {
        return format!("{right}.");
    }
    let settings: Vec<String> = axes
        .iter()
        .zip(sweep.cell(best))
        .map(|(axis, value)| format!("{} = {}", axis.field(), brief(&value)))
        .collect();
    format!("Best of {} cells: with {}, {right}.", sweep.cells(), settings.join(", "))
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
