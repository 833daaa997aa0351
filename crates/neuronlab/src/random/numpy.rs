//! NumPy's legacy stream: `np.random.seed(s)` and what is drawn after it. NumPy promises never to change it.

use super::Mt19937;

/// The generator that `np.random.seed(seed)` sets, also known as `np.random.RandomState(seed)`.
#[derive(Debug, Clone, PartialEq)]
pub struct NumpyRng {
    mt: Mt19937,
    /// The polar method makes two numbers; the second waits here for the next draw.
    cached_normal: Option<f64>,
}

impl NumpyRng {
    /// `np.random.seed(seed)`.
    ///
    /// ```
    /// let mut rng = neuronlab::random::NumpyRng::new(0);
    /// let draws: Vec<u32> = (0..6).map(|_| rng.integer(4)).collect();
    /// assert_eq!(draws, [0, 3, 1, 0, 3, 3]); // np.random.randint(4), six times
    /// ```
    pub fn new(seed: u32) -> Self {
        Self { mt: Mt19937::new(seed), cached_normal: None }
    }

    /// `np.random.randint(n)`: a whole number from 0 to n − 1, n ≥ 1.
    ///
    /// The low bits of a word under the smallest all-ones mask that holds n − 1, drawn again while above it. Nothing
    /// is drawn for n = 1.
    #[inline]
    pub fn integer(&mut self, n: u32) -> u32 {
        let most = n - 1;
        if most == 0 {
            return 0;
        }
        let mask = u32::MAX >> most.leading_zeros();
        loop {
            let value = self.mt.next_u32() & mask;
            if value <= most {
                return value;
            }
        }
    }

    /// The same, to count with: an index into `n` things.
    ///
    /// ```
    /// let colours = ["red", "green", "blue"];
    /// let mut rng = neuronlab::random::NumpyRng::new(0);
    /// assert_eq!(colours[rng.randint(colours.len())], "red"); // np.random.randint(3)
    /// ```
    ///
    /// # Panics
    /// If there is nothing to choose from, or more than 4294967295 things.
    #[track_caller]
    pub fn randint(&mut self, n: usize) -> usize {
        let n = u32::try_from(n).ok().filter(|&n| n > 0);
        self.integer(n.expect("randint chooses from at least one thing, and at most 4294967295")) as usize
    }

    /// `np.random.permutation(n)`.
    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            let j = self.integer(i as u32 + 1) as usize;
            order.swap(i, j);
        }
        order
    }

    /// `np.random.random()`: uniform in [0, 1), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        let high = u64::from(self.mt.next_u32() >> 5);
        let low = u64::from(self.mt.next_u32() >> 6);
        (high << 26 | low) as f64 / (1u64 << 53) as f64
    }

    /// `np.random.normal()`: standard normal, by the polar method of Marsaglia.
    pub fn normal(&mut self) -> f64 {
        if let Some(value) = self.cached_normal.take() {
            return value;
        }
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let factor = (-2.0 * libm::log(square) / square).sqrt();
                self.cached_normal = Some(factor * x);
                return factor * y;
            }
        }
    }

    /// What a checkpoint holds. Training draws whole numbers only, so no normal number waits there.
    pub(crate) fn words(&self) -> Vec<u32> {
        self.mt.words()
    }

    /// From [`words`](Self::words); `None` where they are no state.
    pub(crate) fn from_words(words: &[u32]) -> Option<Self> {
        Some(Self { mt: Mt19937::from_words(words)?, cached_normal: None })
    }
}
