//! A tile of sums: as many as the processor's registers hold, all under way at a time.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::Packet;

/// The left factor of a tile, R rows of K numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Left<'a, S> {
    /// Row by row: from one row to the next it is `stride` numbers. Where there are fewer rows than the tile has, the last one
    /// stands for the rest.
    Rows { numbers: &'a [S], stride: usize, rows: usize },
    /// Column by column, R numbers each.
    Columns(&'a [S]),
}

/// R rows of C packets: `tile[r][c]`.
///
/// Sums depend on themselves only, so R·C of them are under way at a time: more than the latency of a multiply-add times the
/// number that begin in one cycle. For R·C multiply-adds, R + C packets are fetched.
pub(crate) trait Tile<S, V>: Copy {
    /// R
    const ROWS: usize;
    /// C
    const PACKETS: usize;
    /// Sums of no products: −0, to which a product is added as it is, to the sign of a zero.
    fn empty() -> Self;
    /// What the rows of `c` hold from `column` on; they lie `stride` apart.
    fn read(c: &[S], stride: usize, column: usize, rows: usize) -> Self;
    /// Adds aᵣₖ·bₖ in the order of k, each product fused into its sum; `b[k]` is C packets.
    fn add_products(&mut self, a: Left<'_, S>, b: &[V]);
    /// Adds the numbers of `row` from `column` on to each row.
    fn add_to_rows(&mut self, row: &[S], column: usize);
    /// The way back, for so many rows and columns.
    fn write(&self, c: &mut [S], stride: usize, column: usize, rows: usize);
}

impl<S: Copy, V: Packet<S>, const R: usize, const C: usize> Tile<S, V> for [[V; C]; R] {
    const ROWS: usize = R;
    const PACKETS: usize = C;

    #[inline(always)]
    fn empty() -> Self {
        [[V::constant(-0.0); C]; R]
    }

    #[inline(always)]
    fn read(c: &[S], stride: usize, column: usize, rows: usize) -> Self {
        let mut tile = Self::empty();
        for r in 0..rows.min(R) {
            let row = &c[r * stride..][..stride];
            for p in 0..C {
                if column + p * V::WIDTH < stride {
                    tile[r][p] = V::take(row, column + p * V::WIDTH);
                }
            }
        }
        tile
    }

    #[inline(always)]
    fn add_products(&mut self, a: Left<'_, S>, b: &[V]) {
        // A copy of its own, which lives in registers.
        let (mut sums, b) = (*self, b.as_chunks::<C>().0);
        match a {
            Left::Rows { numbers, stride, rows } => {
                let mut a = [numbers; R];
                for r in 0..R {
                    a[r] = &numbers[r.min(rows - 1) * stride..][..b.len()];
                }
                for k in 0..b.len() {
                    for r in 0..R {
                        let factor = V::spread(a[r][k]);
                        for p in 0..C {
                            sums[r][p] = factor.mul_add(b[k][p], sums[r][p]);
                        }
                    }
                }
            }
            Left::Columns(numbers) => {
                let a = &numbers.as_chunks::<R>().0[..b.len()];
                for k in 0..b.len() {
                    for r in 0..R {
                        let factor = V::spread(a[k][r]);
                        for p in 0..C {
                            sums[r][p] = factor.mul_add(b[k][p], sums[r][p]);
                        }
                    }
                }
            }
        }
        *self = sums;
    }

    #[inline(always)]
    fn add_to_rows(&mut self, row: &[S], column: usize) {
        for p in 0..C {
            if column + p * V::WIDTH < row.len() {
                let numbers = V::take(row, column + p * V::WIDTH);
                for r in 0..R {
                    self[r][p] = self[r][p] + numbers;
                }
            }
        }
    }

    #[inline(always)]
    fn write(&self, c: &mut [S], stride: usize, column: usize, rows: usize) {
        for r in 0..rows.min(R) {
            let row = &mut c[r * stride..][..stride];
            for p in 0..C {
                if column + p * V::WIDTH < stride {
                    self[r][p].put(row, column + p * V::WIDTH);
                }
            }
        }
    }
}
