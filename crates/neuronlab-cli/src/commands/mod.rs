//! The verbs, one file each.

pub(crate) mod bench;
pub(crate) mod data;
pub(crate) mod experiment;
pub(crate) mod predict;
pub(crate) mod summary;
pub(crate) mod train;
