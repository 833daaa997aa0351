//! `cells.csv`: one row a cell, its axes and its statistics.

use super::{Sweep, Tally};

/// Quantiles of the error, and of the epochs until a run was right.
pub(crate) const ERRORS: [(&str, f64); 5] =
    [("error_05", 0.05), ("error_25", 0.25), ("error_50", 0.5), ("error_75", 0.75), ("error_95", 0.95)];
const EPOCHS: [(&str, f64); 3] = [("epochs_25", 0.25), ("epochs_50", 0.5), ("epochs_75", 0.75)];

/// The whole table.
pub(super) fn to_csv(sweep: &Sweep, tallies: &[Tally]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fixed = ["runs", "right", "right_low", "right_high", "close", "close_low", "close_high", "diverged"];
    let axes = sweep.axes().iter().map(super::Axis::field);
    let head = axes.chain(fixed).chain(ERRORS.map(|(name, _)| name)).chain(EPOCHS.map(|(name, _)| name));
    writer.write_record(head).expect("into memory");
    for (cell, tally) in tallies.iter().enumerate() {
        let (right, close) = (tally.right_share(), tally.close_share());
        let mut row = sweep.cell(cell);
        row.push(tally.runs.to_string());
        row.extend([right.share, right.low, right.high, close.share, close.low, close.high].map(|v| v.to_string()));
        row.push((tally.diverged as f64 / tally.runs as f64).to_string());
        let maybe = |value: Option<String>| value.unwrap_or_default();
        row.extend(ERRORS.map(|(_, q)| maybe(tally.error_quantile(q).map(|v| v.to_string()))));
        row.extend(EPOCHS.map(|(_, q)| maybe(tally.epochs_quantile(q).map(|v| v.to_string()))));
        writer.write_record(&row).expect("rows of one length, into memory");
    }
    String::from_utf8(writer.into_inner().expect("memory")).expect("made of strings")
}
