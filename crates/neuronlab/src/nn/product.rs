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
//! Where M is no multiple of R, or N none of C packets, tiles at the edges compute some numbers for nobody. Of a c of few
//! columns, as a layer of two outputs or inputs has it, that would be most of them where tiles are much wider than high (`f32` on
//! x86): then the product is **turned**, `cᵀ = bᵀ·aᵀ`, which has the same sums.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use crate::scalar::packet::{MOST, transpose};
use crate::scalar::{Left, Packet, PacketWork, Scalar, Tile, copy};
use std::ops::Range;

/// Numbers of a block along k.
const DEPTH: usize = 256;
/// Columns of c of which b is copied at a time (512 KiB of `f32`, in the second cache). For each of these blocks a passes by anew,
/// and is copied anew where it has to be.
const COLUMNS: usize = 512;
/// Rows of a that stay in the second cache; a multiple of every R.
const ROWS: usize = 96;

/// A c of more columns than so many is not turned, nor one whose sums are shorter.
const MOST_TURNED: usize = 8;
const LEAST_TURNED: usize = 32;

/// Numbers of working memory for a product `[M,N,K]`: a block of a, a block of b, a packet for b to begin where it suits it, and
/// c where it may be turned.
pub(super) fn scratch([m, n, k]: [usize; 3]) -> usize {
    let blocks = |m: usize, n: usize| k.min(DEPTH) * (most_rows(m) + most_columns(n)) + MOST;
    if n > MOST_TURNED { blocks(m, n) } else { blocks(m, n).max(blocks(n, m) + m * n) }
}

/// Rows of a block of a, with those that fill the last tile, whether tiles have 4, 6 or 8.
fn most_rows(m: usize) -> usize {
    m.next_multiple_of(24).min(ROWS)
}

/// Columns of a block of b, with those that fill the last tile.
fn most_columns(n: usize) -> usize {
    n.next_multiple_of(2 * MOST).min(COLUMNS)
}

/// How a matrix is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Matrix<'a, S> {
    /// Row by row.
    Rows(&'a [S]),
    /// Column by column: the transpose of a matrix that is stored row by row.
    Columns(&'a [S]),
}

impl<S> Matrix<'_, S> {
    fn transposed(self) -> Self {
        match self {
            Self::Rows(numbers) => Self::Columns(numbers),
            Self::Columns(numbers) => Self::Rows(numbers),
        }
    }
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
        // To turn a costs as much as some sums do: it pays, measured, where tiles then compute less than two fifths.
        let few = n <= MOST_TURNED && k >= LEAST_TURNED;
        if few && 5 * with_edges::<S, V>(n, m) <= 2 * with_edges::<S, V>(m, n) {
            Turned(Product { a, b, c, bias, shape: [m, n, k], scratch }).apart::<V>();
        } else {
            multiply::<S, V>(a, b, c, bias, [m, n, k], scratch);
        }
    }
}

/// Numbers that tiles of `c[M,N]` compute.
#[inline(always)]
fn with_edges<S: Scalar, V: Packet<S>>(m: usize, n: usize) -> usize {
    m.next_multiple_of(<V::Tile as Tile<S, V>>::ROWS) * n.next_multiple_of(<V::Tile as Tile<S, V>>::PACKETS * V::WIDTH)
}

/// Block by block.
#[inline(always)]
fn multiply<S: Scalar, V: Packet<S>>(
    a: Matrix<'_, S>,
    b: Matrix<'_, S>,
    c: &mut [S],
    bias: Option<&[S]>,
    [m, n, k]: [usize; 3],
    scratch: &mut [S],
) {
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

/// A product that is computed as `cᵀ = bᵀ·aᵀ`.
struct Turned<'a, S>(Product<'a, S>);

impl<S: Scalar> PacketWork<S> for Turned<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        let Product { a, b, c, bias, shape: [m, n, k], scratch } = self.0;
        let (sums, scratch) = scratch.split_at_mut(m * n);
        multiply::<S, V>(b.transposed(), a.transposed(), sums, None, [n, m, k], scratch);
        for i in 0..m {
            for j in 0..n {
                let sum = sums[j * m + i];
                c[i * n + j] = if let Some(bias) = bias { sum + bias[j] } else { sum };
            }
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
    rows: Range<usize>,
    columns: Range<usize>,
    depth: Range<usize>,
}

impl<S: Scalar> Block<'_, S> {
    /// b as tiles read it: for C packets of columns at a time, for each k, the packets.
    #[inline(always)]
    fn pack_b<V: Packet<S>>(&self, packed: &mut [V]) {
        let width = <V::Tile as Tile<S, V>>::PACKETS;
        let mut column = self.columns.start;
        for panel in packed.chunks_mut(self.depth.len() * width) {
            if column >= self.columns.end {
                break;
            }
            match self.b {
                Matrix::Rows(b) => self.pack_rows(b, column, panel),
                Matrix::Columns(b) => {
                    for p in 0..width {
                        self.pack_columns(b, column + p * V::WIDTH, &mut panel[p..]);
                    }
                }
            }
            column += width * V::WIDTH;
        }
    }

    /// C packets of columns for each k; 0 behind the last column.
    #[inline(always)]
    fn pack_rows<V: Packet<S>>(&self, b: &[S], column: usize, panel: &mut [V]) {
        let ([_, n, _], width) = (self.shape, <V::Tile as Tile<S, V>>::PACKETS);
        for i in 0..self.depth.len() {
            let row = &b[(self.depth.start + i) * n..][column..n];
            let packets = &mut panel[i * width..][..width];
            for p in 0..width {
                packets[p] = V::take(row, (p * V::WIDTH).min(row.len()));
            }
        }
    }

    /// One packet of columns for each k, by squares that are turned; packets lie C apart.
    #[inline(always)]
    fn pack_columns<V: Packet<S>>(&self, b: &[S], column: usize, packed: &mut [V]) {
        let ([_, n, k], width) = (self.shape, <V::Tile as Tile<S, V>>::PACKETS);
        let columns = V::WIDTH.min(n.saturating_sub(column));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Real, Simd};

    /// Numbers of which every sum has to be rounded.
    fn numbers<T: Real>(n: usize) -> Vec<T> {
        (0..n).map(|i| T::constant(((i * 7919 % 1009) as f64 - 500.0) / 317.0)).collect()
    }

    /// Turned with every set of vectors, for either number, and with a and b stored either way.
    fn assert_turned<T: Real>([m, n, k]: [usize; 3]) {
        let (a, b, bias) = (numbers::<T>(m * k), numbers::<T>(k * n), numbers::<T>(n));
        for (by_rows_a, by_rows_b) in [(true, true), (true, false), (false, true), (false, false)] {
            let of_a = |i: usize, l: usize| a[if by_rows_a { i * k + l } else { l * m + i }];
            let of_b = |l: usize, j: usize| b[if by_rows_b { l * n + j } else { j * k + l }];
            let sum = |i: usize, j: usize| (0..k).fold(T::constant(-0.0), |sum, l| of_a(i, l).mul_add(of_b(l, j), sum));
            let judge: Vec<T> = (0..m * n).map(|at| sum(at / n, at % n) + bias[at % n]).collect();
            for simd in Simd::ALL.into_iter().filter(|&simd| simd != Simd::Portable && simd.is_available()) {
                let stored = |by_rows, numbers| if by_rows { Matrix::Rows(numbers) } else { Matrix::Columns(numbers) };
                let (mut c, mut scratch) = (vec![T::default(); m * n], vec![T::default(); scratch([m, n, k])]);
                let (a, b, bias) = (stored(by_rows_a, &a[..]), stored(by_rows_b, &b[..]), Some(&bias[..]));
                let product = Product { a, b, c: &mut c, bias, shape: [m, n, k], scratch: &mut scratch };
                simd.by_packets(Turned(product));
                assert!(c == judge, "[{m}, {n}, {k}] {} {}", T::DTYPE.name(), simd.name());
            }
        }
    }

    #[test]
    fn a_turned_product_has_the_bits_of_the_plain_loop() {
        for shape in [[1, 1, 1], [3, 8, 5], [40, 2, 300], [300, 1, 70], [301, 7, 33]] {
            assert_turned::<f32>(shape);
            assert_turned::<f64>(shape);
        }
    }
}
