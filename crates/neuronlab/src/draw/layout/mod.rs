//! Where things stand: neurons in columns, and labels that avoid one another.

mod columns;
mod labels;

pub(super) use columns::Columns;
pub(super) use labels::Labels;
