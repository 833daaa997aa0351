//! PyTorch's CPU stream: `torch.manual_seed(s)` and what is drawn after it.
//!
//! Bit for bit what PyTorch 2.15 draws on a processor with AVX2 or AVX-512 (on older ones PyTorch itself draws other
//! last bits). PyTorch does not promise its stream across releases; it has stood since 2017.

use super::lanes::SeedingApart;
use super::{Mt19937, vector_math};
use crate::scalar::{Scalar, Work};

/// The generator that `torch.manual_seed(seed)` sets.
#[derive(Debug, Clone, PartialEq)]
pub struct TorchRng {
    mt: Mt19937,
    /// Box-Muller makes two numbers; the second waits here for the next draw.
    cached_normal: Option<f64>,
}

impl TorchRng {
    /// `torch.manual_seed(seed)`: MT19937 seeded with the low 32 bits.
    ///
    /// ```
    /// let mut rng = neuronlab::random::TorchRng::new(7);
    /// assert_eq!(rng.permutation(10), [5, 0, 3, 4, 1, 7, 9, 6, 8, 2]); // torch.randperm(10)
    /// ```
    pub fn new(seed: u64) -> Self {
        Self { mt: Mt19937::new(seed as u32), cached_normal: None }
    }

    /// Streams of several seeds.
    pub(crate) fn side_by_side<S: Scalar>(seeds: &[u64]) -> Vec<Self> {
        let low: Vec<u32> = seeds.iter().map(|&seed| seed as u32).collect();
        S::call(SeedingApart(&low)).into_iter().map(|mt| Self { mt, cached_normal: None }).collect()
    }

    /// Skips `words` 32-bit words of the stream.
    pub fn discard(&mut self, words: u64) {
        for _ in 0..words {
            self.mt.next_u32();
        }
    }

    /// `tensor.uniform_(low, high)`.
    pub fn uniform<T: TorchReal>(&mut self, values: &mut [T], low: f64, high: f64) {
        T::uniform(self, values, low, high);
    }

    /// `tensor.normal_(mean, std)`.
    ///
    /// PyTorch has two methods, and which one is used depends on the size: fewer than 16 elements are drawn one by
    /// one in double precision, 16 or more in blocks of 16 from uniform numbers (an incomplete last block is drawn
    /// again as the last 16).
    pub fn normal<T: TorchReal>(&mut self, values: &mut [T], mean: f64, std: f64) {
        const BLOCK: usize = 16;
        if values.len() < BLOCK {
            for value in values {
                *value = T::round(self.next_normal().mul_add(std, mean));
            }
            return;
        }
        self.uniform(values, 0.0, 1.0);
        let whole = values.len() / BLOCK * BLOCK;
        for block in values.chunks_exact_mut(BLOCK) {
            T::normal_block(block, mean, std);
        }
        if whole != values.len() {
            let start = values.len() - BLOCK;
            self.uniform(&mut values[start..], 0.0, 1.0);
            T::normal_block(&mut values[start..], mean, std);
        }
    }

    /// `torch.randperm(n)`: the numbers 0 … n − 1 in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let mut order = vec![0; n];
        self.permute(&mut order);
        order
    }

    fn permute(&mut self, order: &mut [u32]) {
        let n = order.len();
        for (i, place) in order.iter_mut().enumerate() {
            *place = i as u32;
        }
        for i in 0..n.saturating_sub(1) {
            let z = self.mt.next_u32() as usize % (n - i);
            order.swap(i, i + z);
        }
    }

    /// The order of one epoch of `DataLoader(…, shuffle=True)` over as many samples as `order` holds.
    ///
    /// The loader draws two 64-bit numbers from the global stream: a seed for worker processes, which nobody uses
    /// here, and the seed of a generator of its own, from which the permutation comes.
    pub fn loader_permutation(&mut self, order: &mut [u32]) {
        Self::new(self.loader_seed()).permute(order);
    }

    /// The number that the loader takes for worker processes at the beginning of an epoch, also of one in the data's order.
    pub(crate) fn loader_base(&mut self) {
        self.next_u64();
    }

    /// An element of `tensor.bernoulli_(p)`: whether it is 1.
    pub(crate) fn bernoulli(&mut self, p: f64) -> bool {
        self.next_f64() < p
    }

    /// The seed of the loader's own generator, for one epoch.
    pub(crate) fn loader_seed(&mut self) -> u64 {
        self.loader_base();
        self.next_u64() & (u64::MAX >> 1)
    }

    fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.mt.next_u32());
        high << 32 | u64::from(self.mt.next_u32())
    }

    /// Uniform in [0, 1), 53 bits.
    fn next_f64(&mut self) -> f64 {
        (self.next_u64() & ((1 << 53) - 1)) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [0, 1), 24 bits.
    fn next_f32(&mut self) -> f32 {
        (self.mt.next_u32() & 0x00ff_ffff) as f32 / (1 << 24) as f32
    }

    /// Standard normal, by Box and Muller in double precision.
    fn next_normal(&mut self) -> f64 {
        if let Some(value) = self.cached_normal.take() {
            return value;
        }
        let (u1, u2) = (self.next_f64(), self.next_f64());
        let radius = (-2.0 * libm::log1p(-u2)).sqrt();
        let angle = 2.0 * std::f64::consts::PI * u1;
        self.cached_normal = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }

    /// What a checkpoint holds: the generator's words and the waiting number, if any, as two words behind a flag.
    pub(crate) fn words(&self) -> Vec<u32> {
        let mut words = self.mt.words();
        let bits = self.cached_normal.unwrap_or(0.0).to_bits();
        words.extend([u32::from(self.cached_normal.is_some()), (bits >> 32) as u32, bits as u32]);
        words
    }

    /// From [`words`](Self::words); `None` where they are no state.
    pub(crate) fn from_words(words: &[u32]) -> Option<Self> {
        let (mt, cached) = words.split_at_checked(words.len().checked_sub(3)?)?;
        let bits = u64::from(cached[1]) << 32 | u64::from(cached[2]);
        Some(Self { mt: Mt19937::from_words(mt)?, cached_normal: (cached[0] == 1).then(|| f64::from_bits(bits)) })
    }
}

/// A number type that PyTorch draws: float32 and float64 take different words of the stream.
pub trait TorchReal: Copy {
    #[doc(hidden)]
    fn round(value: f64) -> Self;
    #[doc(hidden)]
    fn uniform(rng: &mut TorchRng, values: &mut [Self], low: f64, high: f64);
    #[doc(hidden)]
    fn normal_block(block: &mut [Self], mean: f64, std: f64);
}

impl TorchReal for f32 {
    fn round(value: f64) -> Self {
        value as f32
    }
    fn uniform(rng: &mut TorchRng, values: &mut [Self], low: f64, high: f64) {
        let (low, high) = (low as f32, high as f32);
        for value in &mut *values {
            *value = rng.next_f32();
        }
        f32::call(Stretch(values, low, high));
    }
    fn normal_block(block: &mut [Self], mean: f64, std: f64) {
        f32::call(NormalBlock(block, mean as f32, std as f32));
    }
}

/// Uniform numbers in [0, 1) to uniform numbers in [low, high).
struct Stretch<'a>(&'a mut [f32], f32, f32);

impl Work for Stretch<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self(values, low, high) = self;
        for value in values {
            *value = value.mul_add(high - low, low);
        }
    }
}

/// Sixteen uniform numbers to normal ones, by Box and Muller.
struct NormalBlock<'a>(&'a mut [f32], f32, f32);

impl Work for NormalBlock<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self(block, mean, std) = self;
        let (first, second) = block.split_at_mut(8);
        for (a, b) in first.iter_mut().zip(second) {
            let radius = (-2.0 * vector_math::ln(1.0 - *a)).sqrt();
            let (sin, cos) = vector_math::sin_cos(std::f32::consts::TAU * *b);
            *a = (radius * cos).mul_add(std, mean);
            *b = (radius * sin).mul_add(std, mean);
        }
    }
}

impl TorchReal for f64 {
    fn round(value: f64) -> Self {
        value
    }
    fn uniform(rng: &mut TorchRng, values: &mut [Self], low: f64, high: f64) {
        for value in values {
            *value = rng.next_f64().mul_add(high - low, low);
        }
    }
    fn normal_block(block: &mut [Self], mean: f64, std: f64) {
        let (first, second) = block.split_at_mut(8);
        for (a, b) in first.iter_mut().zip(second) {
            let radius = (-2.0 * libm::log(1.0 - *a)).sqrt();
            let (sin, cos) = libm::sincos(std::f64::consts::TAU * *b);
            *a = (radius * cos).mul_add(std, mean);
            *b = (radius * sin).mul_add(std, mean);
        }
    }
}
