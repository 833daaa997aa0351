//! Neurons in columns, a column a layer, each in the middle of the height.

use crate::draw::svg::Point;

/// Neurons in columns.
pub(in crate::draw) struct Columns {
    /// Neurons of each column.
    pub(in crate::draw) counts: Vec<usize>,
    /// The middle of the first column, and that of the last.
    pub(in crate::draw) across: (f64, f64),
    /// Where the rows begin.
    pub(in crate::draw) top: f64,
    /// From one neuron to the next.
    pub(in crate::draw) step: f64,
}

impl Columns {
    /// Height of the highest column.
    pub(in crate::draw) fn height(&self) -> f64 {
        self.step * self.counts.iter().copied().max().unwrap_or(0).max(1) as f64
    }

    /// The middle of a column.
    pub(in crate::draw) fn x(&self, column: usize) -> f64 {
        let gaps = self.counts.len().saturating_sub(1).max(1) as f64;
        self.across.0 + (self.across.1 - self.across.0) * column as f64 / gaps
    }

    /// The centre of a neuron.
    pub(in crate::draw) fn place(&self, column: usize, neuron: usize) -> Point {
        let middle = self.top + self.height() / 2.0;
        (self.x(column), middle + self.step * (neuron as f64 - (self.counts[column] as f64 - 1.0) / 2.0))
    }
}
