//! The Mersenne Twister MT19937, the generator behind `torch.manual_seed` and `np.random.seed`.
//!
//! Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
//! generator", ACM TOMACS 8 (1998), with the seeding `init_genrand` of 2002.

/// Words of state.
pub(super) const N: usize = 624;
pub(super) const M: usize = 397;

/// A word of the next state, from its own, the next one's, and the one M places on.
#[inline(always)]
pub(super) fn twisted(word: u32, next: u32, far: u32) -> u32 {
    let y = (word & 0x8000_0000) | (next & 0x7fff_ffff);
    far ^ (y >> 1) ^ (0x9908_b0df & (y & 1).wrapping_neg())
}

/// The random bits of a word of the state.
#[inline(always)]
pub(super) fn temper(mut y: u32) -> u32 {
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    y ^ (y >> 18)
}

/// The generator: 624 words of state and the place of the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mt19937 {
    state: [u32; N],
    next: usize,
}

impl Mt19937 {
    /// The state that `init_genrand(seed)` gives.
    pub fn new(seed: u32) -> Self {
        let mut state = [seed; N];
        for i in 1..N {
            let previous = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(previous ^ (previous >> 30)).wrapping_add(i as u32);
        }
        Self { state, next: N }
    }

    /// To be given the words of a state that has just been made, and of which none has been taken.
    pub(super) const EMPTY: Self = Self { state: [0; N], next: 0 };

    /// Words of the state from `start` on.
    #[inline(always)]
    pub(super) fn give<'a>(&mut self, start: usize, words: impl Iterator<Item = &'a u32>) {
        for (place, word) in self.state[start..].iter_mut().zip(words) {
            *place = *word;
        }
    }

    /// The next 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        if self.next == N {
            self.twist();
        }
        self.next += 1;
        temper(self.state[self.next - 1])
    }

    fn twist(&mut self) {
        for i in 0..N {
            self.state[i] = twisted(self.state[i], self.state[(i + 1) % N], self.state[(i + M) % N]);
        }
        self.next = 0;
    }

    /// The state as 625 words, the place last: what a checkpoint holds.
    pub(crate) fn words(&self) -> Vec<u32> {
        let mut words = self.state.to_vec();
        words.push(self.next as u32);
        words
    }

    /// From [`words`](Self::words); `None` where they are no state.
    pub(crate) fn from_words(words: &[u32]) -> Option<Self> {
        let (&next, state) = words.split_last()?;
        let state = state.try_into().ok()?;
        (next as usize <= N).then_some(Self { state, next: next as usize })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The C++ standard, [rand.predef]: the 10,000th number of `mt19937` seeded with 5489 is 4123659995.
    #[test]
    fn ten_thousandth_number_of_the_standard() {
        let mut mt = Mt19937::new(5489);
        let last = (0..10_000).map(|_| mt.next_u32()).last();
        assert_eq!(last, Some(4_123_659_995));
    }

    #[test]
    fn words_restore_the_state() {
        let mut mt = Mt19937::new(7);
        for _ in 0..1000 {
            mt.next_u32();
        }
        let mut again = Mt19937::from_words(&mt.words()).unwrap();
        assert!((0..1000).all(|_| mt.next_u32() == again.next_u32()));
        assert_eq!(Mt19937::from_words(&[1, 2, 3]), None);
        assert_eq!(Mt19937::from_words(&[9; 625]).map(|m| m.next), Some(9));
        assert_eq!(Mt19937::from_words(&[700; 625]), None);
    }
}
