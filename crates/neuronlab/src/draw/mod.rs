//! Pictures and pages of what training left: they read, and never train.
//!
//! Every picture is an SVG text without scripts or outside references, right on white paper in any program that knows SVG. In a
//! browser that prefers dark pages it is dark.
//!
//! # How to add a picture
//!
//! One file in the room of what it shows (`network/`, `chain/`, `anatomy/`, `explanation/`, `graph/`, `surface/`, `landscape/`, `run/`, `sweep/`), or in a
//! new room; one line in the list below; one line in `tests/pictures/every.rs`, whose tests render it and check its layout. Imports go
//! one way: `svg` ← `layout`, `plot` ←
//! rooms of pictures ← `page` and reports.
//!
//! - `svg`: `Svg::new(width, height, title, description)`, then shapes in any order: areas lie below lines, lines below shapes, words on top.
//!   Looks are constants: `Stroke::PLUS.wide(3.0)`, `Font::SMALL`, `Colour::BLUE`. A new look is a new constant in `svg/theme`; no shape
//!   has a style of its own. What differs by colour differs in another way, too: `Stroke::MINUS` and `Stroke::SECOND` are dashed, and
//!   `Svg::marker` has a form for each class.
//! - `svg::width` says how wide words are, `fit` cuts them, `wrap` breaks them. Never count characters.
//! - `svg.label` writes a number on a box of paper; `layout::Labels` finds a place for it that is free.
//! - `layout::Columns` places neurons; `plot::ticks` finds round numbers and writes them along an axis.
//! - Everything that can be pointed at gets words (`Svg::edge`).

mod anatomy;
mod answers;
mod chain;
mod confusion;
mod explanation;
mod graph;
mod landscape;
mod layout;
mod network;
mod page;
mod picture;
mod plot;
mod reading;
#[cfg(feature = "pictures")]
mod render;
mod report;
mod run;
mod summary;
mod surface;
mod svg;
mod sweep;
#[cfg(test)]
mod tests;

pub use anatomy::anatomy;
pub use answers::{Answers, answers, decimals};
pub use chain::{chain, chain_unrolled};
pub use confusion::confusion;
pub use explanation::{explanation, explanation_notes, explanation_page};
pub use graph::ComputationGraph;
pub use landscape::landscape;
pub use network::{Diagram, network};
pub use picture::Picture;
pub use plot::{Bar, Line, bars, histogram, lines};
pub use reading::reading;
#[cfg(feature = "pictures")]
pub use render::{PngSize, gif, pdf, png};
pub use report::report;
pub use run::{gradients, held_back, loss_curve, loss_curve_log, losses, rate_curve, sharpness, weights};
pub use summary::summary;
pub use surface::{
    NEURON_CAPTION, animation, animation_frames, animation_steps, answer_surface, neuron, neuron_surfaces, surface,
};
pub use sweep::{close_means, right_means, right_share_means, sweep_files, sweep_plot};
