//! What success means, in words.

use crate::sweep::Sweep;

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
