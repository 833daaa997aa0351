//! The matrix product in which wide networks spend their time, near the processor's limit, with the bits of the plain loop.
//!
//! Letters: `c[M,N] = a[M,K]·b[K,N]`, each stored row by row or column by column.
//!
//! **The order of a sum** is what fixes its bits: `c[m,n]` adds `a[m,k]·b[k,n]` in the order of k, each product fused into the
//! sum, as the loops of `linear` do. In which order different sums are made is free, and that is all that is chosen here
//! (Goto and van de Geijn 2008, Van Zee and van de Geijn 2015):
//!
//! - a **tile** of c, R rows of C packets, is in registers while k runs. Each number of a that is fetched serves C packets, each
//!   packet of b serves R rows. R·C is 12 to 16: a multiply-add takes 4 cycles, and 2 begin in each;
//! - k is cut into blocks of [`DEPTH`], so that what a tile needs of b (DEPTH · C packets, 16 to 32 KiB) stays in the first cache.
//!   The next block goes on with the sums where this one left them;
//! - [`ROWS`] rows of a, of one block (96 KiB of `f32`), stay in the second cache while all of b passes by;
//! - b is copied into the order in which tiles read it, and a, too, where it is stored column by column: rows that lie a
//!   power of two apart would drive one another out of the caches.
//!
//! Where M is no multiple of R, or N none of C packets, tiles at the edges compute some numbers for nobody.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use crate::scalar::packet::{MOST, transpose};
use crate::scalar::{Left, Packet, PacketWork, Scalar, Tile, copy};

/// Numbers of a block along k.
const DEPTH: usize = 256;
/// Columns of c of which b is copied at a time.
const COLUMNS: usize = 256;
/// Rows of a that stay in the second cache; a multiple of every R.
const ROWS: usize = 96;

/// Numbers of working memory for a product `[M,N,K]`: a block of a, a block of b, and a packet for b to begin where it suits it.
pub(super) fn scratch([m, n, k]: [usize; 3]) -> usize {
    k.min(DEPTH) * (most_rows(m) + n.next_multiple_of(2 * MOST).min(COLUMNS)) + MOST
}

/// Rows of a block of a, with those that fill the last tile, whether tiles have 4, 6 or 8.
fn most_rows(m: usize) -> usize {
    m.next_multiple_of(24).min(ROWS)
}

/// How a matrix is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Matrix<'a, S> {
    /// Row by row.
    Rows(&'a [S]),
    /// Column by column: the transpose of a matrix that is stored row by row.
    Columns(&'a [S]),
}

/// `c[M,N] = a[M,K]·b[K,N]`; c is stored row by row.
pub(crate) struct Product<'a, S> {
    pub(super) a: Matrix<'a, S>,
    pub(super) b: Matrix<'a, S>,
    pub(super) c: &'a mut [S],
    /// Added to each row of c when the sums are whole, if there is one.
    pub(super) bias: Option<&'a [S]>,
    /// [M, N, K]
    pub(super) shape: [usize; 3],
    /// As many numbers as [`scratch`] says, or more.
    pub(super) scratch: &'a mut [S],
}

impl<S: Scalar> PacketWork<S> for Product<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        let Self { a, b, c, bias, shape: [m, n, k], scratch } = self;
        let (of_a, of_b) = scratch.split_at_mut(k.min(DEPTH) * most_rows(m));
        let of_b = V::packets(of_b);
        let mut block = Block { a, b, c, bias, of_a, shape: [m, n, k], rows: 0..0, columns: 0..0, depth: 0..0 };
        let mut column = 0;
        while column < n {
            block.columns = column..(column + COLUMNS).min(n);
            let mut start = 0;
            while start < k {
                block.depth = start..(start + DEPTH).min(k);
                block.pack_b::<V>(of_b);
                let mut row = 0;
                while row < m {
                    block.rows = row..(row + ROWS).min(m);
                    block.pack_a::<V>();
                    block.multiply::<V>(of_b);
                    row += ROWS;
                }
                start += DEPTH;
            }
            column += COLUMNS;
        }
    }
}

/// Some rows and columns of c, and what some k add to them.
struct Block<'a, S> {
    a: Matrix<'a, S>,
    b: Matrix<'a, S>,
    c: &'a mut [S],
    bias: Option<&'a [S]>,
    /// Tiles of a, one behind the other, column by column, where a is stored so.
    of_a: &'a mut [S],
    shape: [usize; 3],
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    depth: std::ops::Range<usize>,
}

impl<S: Scalar> Block<'_, S> {
    /// b as tiles read it: for C packets of columns at a time, for each k, the packets.
    #[inline(always)]
    fn pack_b<V: Packet<S>>(&self, packed: &mut [V]) {
        let width = <V::Tile as Tile<S, V>>::PACKETS;
        let depth = self.depth.len();
        let packets = self.columns.len().div_ceil(V::WIDTH).next_multiple_of(width);
        for packet in 0..packets {
            let panel = &mut packed[(packet / width) * depth * width..][..depth * width];
            self.pack_packet(self.columns.start + packet * V::WIDTH, &mut panel[packet % width..], width);
        }
    }

    /// One packet of columns for each k; packets lie `width` apart.
    #[inline(always)]
    fn pack_packet<V: Packet<S>>(&self, column: usize, packed: &mut [V], width: usize) {
        let [_, n, k] = self.shape;
        match self.b {
            _ if column >= n => {
                for i in 0..self.depth.len() {
                    packed[i * width] = V::constant(0.0);
                }
            }
            Matrix::Rows(b) => {
                for i in 0..self.depth.len() {
                    let row = &b[(self.depth.start + i) * n..][..n];
                    packed[i * width] = V::take(row, column);
                }
            }
            Matrix::Columns(b) => {
                let columns = (self.columns.end - column).min(V::WIDTH);
                let mut at = self.depth.start;
                while at < self.depth.end {
                    let mut square = [V::constant(0.0); MOST];
                    for j in 0..columns {
                        square[j] = V::take(&b[(column + j) * k..][..k], at);
                    }
                    transpose::<S, V>(&mut square);
                    for j in 0..V::WIDTH.min(self.depth.end - at) {
                        packed[(at - self.depth.start + j) * width] = square[j];
                    }
                    at += V::WIDTH;
                }
            }
        }
    }

    /// The rows of a, tile by tile; for each k the numbers of a tile's rows.
    #[inline(always)]
    fn pack_a<V: Packet<S>>(&mut self) {
        let Matrix::Columns(a) = self.a else { return };
        let ([m, _, _], height) = (self.shape, <V::Tile as Tile<S, V>>::ROWS);
        let mut row = self.rows.start;
        while row < self.rows.end {
            let rows = height.min(self.rows.end - row);
            let tile = &mut self.of_a[(row - self.rows.start) * self.depth.len()..];
            for i in 0..self.depth.len() {
                let from = &a[(self.depth.start + i) * m + row..][..rows];
                let to = &mut tile[i * height..][..height];
                if rows == height {
                    copy(from, to);
                } else {
                    for r in 0..height {
                        to[r] = if r < rows { from[r] } else { S::constant(0.0) };
                    }
                }
            }
            row += height;
        }
    }

    /// All tiles, column by column of tiles.
    #[inline(always)]
    fn multiply<V: Packet<S>>(&mut self, packed: &[V]) {
        let ([_, n, k], depth) = (self.shape, self.depth.len());
        let (height, width) = (<V::Tile as Tile<S, V>>::ROWS, <V::Tile as Tile<S, V>>::PACKETS);
        let mut column = self.columns.start;
        let mut panels = packed.chunks(depth * width);
        while column < self.columns.end {
            let b = panels.next().expect("a panel for each column of tiles");
            let mut row = self.rows.start;
            while row < self.rows.end {
                let rows = height.min(self.rows.end - row);
                let a = match self.a {
                    Matrix::Rows(a) => Left::Rows { numbers: &a[row * k + self.depth.start..], stride: k, rows },
                    Matrix::Columns(_) => {
                        Left::Columns(&self.of_a[(row - self.rows.start) * depth..][..depth * height])
                    }
                };
                let c = &mut self.c[row * n..];
                let mut tile = if self.depth.start == 0 { V::Tile::empty() } else { V::Tile::read(c, n, column, rows) };
                tile.add_products(a, &b[..depth * width]);
                if let (Some(bias), true) = (self.bias, self.depth.end == k) {
                    tile.add_to_rows(bias, column);
                }
                tile.write(c, n, column, rows);
                row += height;
            }
            column += width * V::WIDTH;
        }
    }
}
