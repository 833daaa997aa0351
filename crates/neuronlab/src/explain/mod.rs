//! The microscope: any moment of a run, and every derivative in it, factor by factor, in numbers.
//!
//! It reads what training computes and never trains differently: a [`Timeline`] makes the run again, bit for bit, up to the
//! moment that is looked at.

mod timeline;

pub use timeline::Timeline;
