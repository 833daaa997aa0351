//! The microscope: any moment of a run, and every derivative in it, factor by factor, in numbers.
//!
//! It reads what training computes and never trains differently: a [`Timeline`] makes the run again, bit for bit, up to the
//! moment that is looked at.

mod curvature;
mod eigen;
mod loss_surface;
mod stability;
mod timeline;

pub use curvature::{Curvature, Sharpness};
pub use loss_surface::LossSurface;
pub use stability::Stability;
pub use timeline::Timeline;
