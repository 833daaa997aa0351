//! The microscope: any moment of a run, and every derivative in it, factor by factor, in numbers.
//!
//! It reads what training computes and never trains differently: a [`Timeline`] makes the run again, bit for bit, up to the
//! moment that is looked at.

mod anatomy;
mod check;
mod curvature;
mod diagnosis;
mod document;
mod eigen;
mod explanation;
mod formula;
mod given;
mod landscape;
mod loss_surface;
mod math;
mod moment;
mod neuron;
mod neuron_document;
mod notes;
mod number;
mod operation;
mod pass_document;
mod paths;
mod penalty;
mod scale;
mod size;
mod slip;
mod stability;
mod symbols;
mod timeline;
mod trace;
mod update_document;
mod weight;
mod weight_document;

pub use check::{Check, Checked, Verdict};
pub use curvature::{Curvature, Sharpness};
pub use diagnosis::{Diagnosis, Wrong};
pub use document::{Block, Document, Table};
pub use explanation::{Difference, Explanation, Output, ParameterUpdate, Pass, PathPart, Quantity, Through};
pub use given::Given;
pub use landscape::{Landscape, Plane};
pub use loss_surface::LossSurface;
pub use math::Math;
pub use moment::{Moment, Origin, Update};
pub(crate) use neuron::sums;
pub use neuron::{Boundary, Neuron, Saturation, Seen};
pub use number::{exact, nine, significant};
pub use operation::{Operation, Phase, operations};
pub use penalty::{Penalty, PenaltyPart};
pub use scale::Scale;
pub use slip::{Slip, Suspicion};
pub use stability::Stability;
pub use timeline::Timeline;
pub use trace::{Trace, Traced};
