//! MT19937 over lanes: as many generators as networks are trained side by side, in step with one another.
//!
//! State is a structure of arrays, `[word][lane]`, so that plain loops over lanes become vector instructions. Words are made
//! one row at a time, when they are asked for: the twist of word i needs words i, i + 1 and i + 397 only.

use super::mt19937::{M, Mt19937, N, temper, twisted};
use crate::scalar::{Scalar, Work};

/// Generators side by side, each with a seed of its own.
#[derive(Debug, Clone)]
pub(crate) struct Mt19937Lanes {
    /// `[N][lanes]`
    state: Vec<u32>,
    lanes: usize,
    next: usize,
}

impl Mt19937Lanes {
    /// The states that `init_genrand` gives to each of `seeds`, in `memory`, whatever it holds.
    #[inline(always)]
    pub(crate) fn new(seeds: &[u32], memory: Vec<u32>) -> Self {
        let (lanes, mut state) = (seeds.len(), memory);
        state.resize(N * lanes, 0);
        state[..lanes].copy_from_slice(seeds);
        for i in 1..N {
            let (before, here) = state.split_at_mut(i * lanes);
            let (here, before) = (&mut here[..lanes], &before[(i - 1) * lanes..][..lanes]);
            for k in 0..lanes {
                here[k] = 1_812_433_253u32.wrapping_mul(before[k] ^ (before[k] >> 30)).wrapping_add(i as u32);
            }
        }
        Self { state, lanes, next: N }
    }

    /// The same, as a function that is compiled for the vectors of `S`.
    pub(crate) fn seeded<S: Scalar>(seeds: &[u32], memory: Vec<u32>) -> Self {
        S::call(Seeding(seeds, memory))
    }

    /// Each generator by itself.
    #[inline(always)]
    fn apart(mut self) -> Vec<Mt19937> {
        for i in 0..N {
            self.twist_row(i);
        }
        let mut apart = vec![Mt19937::EMPTY; self.lanes];
        // A few rows at a time, which stay in the first cache.
        for (c, rows) in self.state.chunks(ROWS * self.lanes).enumerate() {
            for (k, mt) in apart.iter_mut().enumerate() {
                mt.give(c * ROWS, rows[k..].iter().step_by(self.lanes));
            }
        }
        apart
    }

    /// The next 32 random bits of each lane.
    #[inline(always)]
    pub(crate) fn next_row(&mut self, row: &mut [u32]) {
        self.next_masked(u32::MAX, row);
    }

    /// The same, of which the bits of `mask` are kept.
    #[inline(always)]
    fn next_masked(&mut self, mask: u32, row: &mut [u32]) {
        let i = if self.next == N { 0 } else { self.next };
        let words = self.twist_row(i);
        let row = &mut row[..words.len()];
        for k in 0..words.len() {
            row[k] = temper(words[k]) & mask;
        }
        self.next = i + 1;
    }

    /// Word i of the next state, in all lanes; words are to be made in their order.
    #[inline(always)]
    fn twist_row(&mut self, i: usize) -> &mut [u32] {
        let lanes = self.lanes;
        let (before, rest) = self.state.split_at_mut(i * lanes);
        let (here, after) = rest.split_at_mut(lanes);
        let next = if i + 1 < N { &after[..lanes] } else { &before[..lanes] };
        let far = if i + M < N { &after[(M - 1) * lanes..][..lanes] } else { &before[(i + M - N) * lanes..][..lanes] };
        for k in 0..lanes {
            here[k] = twisted(here[k], next[k], far[k]);
        }
        here
    }
}

struct Seeding<'a>(&'a [u32], Vec<u32>);

impl Work for Seeding<'_> {
    type Output = Mt19937Lanes;
    #[inline(always)]
    fn run(self) -> Mt19937Lanes {
        Mt19937Lanes::new(self.0, self.1)
    }
}

/// Single generators, seeded side by side: of one by itself each word waits for the one before.
pub(crate) struct SeedingApart<'a>(pub(crate) &'a [u32]);

impl Work for SeedingApart<'_> {
    type Output = Vec<Mt19937>;
    #[inline(always)]
    fn run(self) -> Vec<Mt19937> {
        Mt19937Lanes::new(self.0, vec![]).apart()
    }
}

/// `np.random.randint(n)` in each lane, one after the other.
///
/// Where n is no power of two a lane may draw a word again that another keeps. So every lane keeps what it accepts, and rows are
/// handed out as far as all lanes have come.
#[derive(Debug, Clone)]
pub(crate) struct IntegerLanes {
    mt: Mt19937Lanes,
    most: u32,
    mask: u32,
    /// Accepted draws `[row][lane]`, of which lane k has `filled[k]`. Where every word is a draw: one row.
    rows: Vec<u32>,
    filled: Vec<usize>,
    /// Rows handed out, and rows that all lanes have.
    taken: usize,
    complete: usize,
    words: Vec<u32>,
}

/// Rows taken together: few enough to stay in the first cache.
const ROWS: usize = 16;

impl IntegerLanes {
    /// Draws from 0 to n − 1, from lanes seeded as by `np.random.seed`.
    pub(crate) fn new(mt: Mt19937Lanes, n: u32) -> Self {
        let (most, lanes) = (n - 1, mt.lanes);
        Self {
            mt,
            most,
            mask: if most == 0 { 0 } else { u32::MAX >> most.leading_zeros() },
            rows: vec![0; ROWS * lanes],
            filled: vec![0; lanes],
            taken: 0,
            complete: if most == 0 { usize::MAX } else { 0 },
            words: vec![0; lanes],
        }
    }

    /// The memory that the generators took.
    pub(crate) fn into_memory(self) -> Vec<u32> {
        self.mt.state
    }

    /// The next draw of each lane.
    #[inline(always)]
    pub(crate) fn next_row(&mut self) -> &[u32] {
        let lanes = self.words.len();
        if self.most == 0 {
            return &self.rows[..lanes];
        }
        self.make_ahead();
        self.taken += 1;
        &self.rows[(self.taken - 1) * lanes..self.taken * lanes]
    }

    /// Makes the next draws, if there are none: to be called where the processor would otherwise wait for something else.
    #[inline(always)]
    pub(crate) fn make_ahead(&mut self) {
        if self.taken < self.complete {
            return;
        }
        if self.most == self.mask {
            self.mt.next_masked(self.mask, &mut self.rows[..self.words.len()]);
            (self.taken, self.complete) = (0, 1);
        } else {
            self.make_accepted();
        }
    }

    /// Words above the largest draw are passed over, lane by lane.
    #[inline(always)]
    fn make_accepted(&mut self) {
        let lanes = self.words.len();
        // What some lanes are ahead of the others moves to the front.
        let most_filled = self.filled.iter().copied().max().unwrap_or(0);
        self.rows.copy_within(self.taken * lanes..most_filled * lanes, 0);
        self.filled.iter_mut().for_each(|filled| *filled -= self.taken);
        self.taken = 0;
        while self.filled.contains(&0) || self.filled.iter().all(|&filled| filled < ROWS / 2) {
            self.mt.next_row(&mut self.words);
            for (k, &word) in self.words.iter().enumerate() {
                let draw = word & self.mask;
                if draw <= self.most {
                    let place = self.filled[k] * lanes + k;
                    if place >= self.rows.len() {
                        self.rows.resize(self.rows.len() + ROWS * lanes, 0);
                    }
                    self.rows[place] = draw;
                    self.filled[k] += 1;
                }
            }
        }
        self.complete = self.filled.iter().copied().min().unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::NumpyRng;

    const SEEDS: [u32; 5] = [0, 1, 2, 5489, u32::MAX];

    #[test]
    fn lanes_have_the_words_of_single_generators() {
        let mut lanes = Mt19937Lanes::new(&SEEDS, vec![7; 5000]);
        let mut single = SEEDS.map(Mt19937::new);
        let mut row = [0; 5];
        for _ in 0..2000 {
            lanes.next_row(&mut row);
            assert_eq!(row, single.each_mut().map(Mt19937::next_u32));
        }
    }

    #[test]
    fn generators_seeded_side_by_side_are_the_single_ones() {
        for (mut apart, seed) in SeedingApart(&SEEDS).run().into_iter().zip(SEEDS) {
            let mut single = Mt19937::new(seed);
            assert!((0..2000).all(|_| apart.next_u32() == single.next_u32()));
        }
    }

    #[test]
    fn lanes_have_the_draws_of_numpy() {
        for n in [1, 2, 3, 4, 5, 7, 100, 129, 1 << 20] {
            let mut lanes = IntegerLanes::new(Mt19937Lanes::new(&SEEDS, vec![]), n);
            let mut single = SEEDS.map(NumpyRng::new);
            for step in 0..3000 {
                let expected = single.each_mut().map(|rng| rng.integer(n));
                assert_eq!(lanes.next_row(), expected, "n {n}, step {step}");
            }
        }
    }
}
