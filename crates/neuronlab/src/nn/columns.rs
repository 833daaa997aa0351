//! Rows side by side, for functions of a whole row: as many rows as a packet holds, one packet a column.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use crate::scalar::packet::MOST;
use crate::scalar::{Packet, Scalar};

/// Rows of more columns fill no packets: they go one by one.
pub(super) const MOST_COLUMNS: usize = 16;

/// One packet a column.
pub(super) type Columns<V> = [V; MOST_COLUMNS];

/// The columns of the rows of `matrix[B,width]` from row `b` on; 0 for rows behind the last.
#[inline(always)]
pub(super) fn take_columns<S: Scalar, V: Packet<S>>(matrix: &[S], width: usize, b: usize) -> Columns<V> {
    let (mut columns, rows) = ([V::constant(0.0); MOST_COLUMNS], matrix.len() / width - b);
    let mut column = [S::constant(0.0); MOST];
    for j in 0..width {
        for k in 0..V::WIDTH.min(rows) {
            column[k] = matrix[(b + k) * width + j];
        }
        columns[j] = V::take(&column, 0);
    }
    columns
}

/// The way back, for as many rows as there are.
#[inline(always)]
pub(super) fn put_columns<S: Scalar, V: Packet<S>>(columns: &Columns<V>, matrix: &mut [S], width: usize, b: usize) {
    let rows = matrix.len() / width - b;
    let mut column = [S::constant(0.0); MOST];
    for j in 0..width {
        columns[j].put(&mut column, 0);
        for k in 0..V::WIDTH.min(rows) {
            matrix[(b + k) * width + j] = column[k];
        }
    }
}

/// The numbers of a packet added to a sum, in their order, as many as there are.
#[inline(always)]
pub(super) fn add_in_order<S: Scalar, V: Packet<S>>(mut sum: S, terms: V, count: usize) -> S {
    let mut numbers = [S::constant(0.0); MOST];
    terms.put(&mut numbers, 0);
    for k in 0..V::WIDTH.min(count) {
        sum = sum + numbers[k];
    }
    sum
}
