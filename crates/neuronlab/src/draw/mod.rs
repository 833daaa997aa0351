//! Pictures and pages of what training left: they read, and never train.
//!
//! Every picture is an SVG text without scripts or outside references. Colours are CSS variables with defaults, so that a
//! page can set its own, such as for a dark background.

mod answers;
mod curve;
mod explanation;
mod explanation_graph;
mod explanation_page;
mod network;
mod neuron;
mod picture;
mod plot;
mod rate;
#[cfg(test)]
mod readable;
mod report;
mod sharpness;
mod summary;
mod surface;
mod surface_key;
mod svg;
mod sweep;
mod sweep_dots;
mod sweep_map;
mod sweep_report;
mod ticks;

pub use answers::{Answers, answers, decimals};
pub use curve::loss_curve;
pub use explanation::explanation;
pub use explanation_page::{explanation_notes, explanation_page};
pub use network::network;
pub use neuron::{NEURON_CAPTION, neuron};
pub use picture::Picture;
pub use plot::{Bar, Line, bars, histogram, lines};
pub use rate::rate_curve;
pub use report::report;
pub use sharpness::sharpness;
pub use summary::summary;
pub use surface::surface;
pub use sweep::sweep_plot;
pub use sweep_report::{close_means, right_means, right_share_means, sweep_files};
