//! Dropout, `torch.nn.Dropout` (Hinton, Srivastava, Krizhevsky, Sutskever and Salakhutdinov 2012; Srivastava et al. 2014).
//!
//! In training a = f(z)·mask. The mask of a neuron in a row is 0 with probability p, and 1/(1 − p) else, so that on average
//! nothing changes. Evaluation has no masks. The chain rule takes the same factor: ∂L/∂f = ∂L/∂a·mask.
//!
//! Masks are drawn before the pass, into the model, so that a pass knows nothing of randomness and can be made again.
//! Letters: B rows, O neurons; all buffers are `[B,O]`, row by row.
#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::Model;
use crate::error::{Error, Result};
use crate::random::TorchRng;
use crate::scalar::{Aligned, Real, Scalar};

/// What a layer with dropout has beside its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Dropped<S> {
    /// Factors of this pass: 0 where a neuron is left out, 1/(1 − p) where it is not.
    pub mask: Aligned<S>,
    /// f(z), before the mask.
    pub f: Aligned<S>,
    /// ∂L/∂f
    pub df: Aligned<S>,
}

/// Refuses a p that is no probability.
pub(crate) fn validate(p: f64, field: &str) -> Result<()> {
    if (0.0..=1.0).contains(&p) { Ok(()) } else { Err(Error::field(field, "a probability, from 0 to 1", p)) }
}

/// Draws a mask as PyTorch 2.15 does on a processor: a number of 53 bits for each element, which is kept if that is below
/// 1 − p. With p = 0 and p = 1 nothing is drawn. (On Intel's processors older ones drew with MKL: other masks.)
pub(crate) fn draw<S: Scalar>(rng: &mut TorchRng, p: f64, mask: &mut [S]) {
    let (zero, one) = (S::constant(0.0), S::constant(1.0));
    if p <= 0.0 || p >= 1.0 {
        mask.fill(if p <= 0.0 { one } else { zero });
        return;
    }
    // 1 − p is rounded to the precision of the run before the division.
    let kept = one / S::constant(1.0 - p);
    for factor in mask {
        *factor = if rng.bernoulli(1.0 - p) { kept } else { zero };
    }
}

impl<S: Scalar> Dropped<S> {
    pub(super) fn new() -> Self {
        Self { mask: Aligned::default(), f: Aligned::default(), df: Aligned::default() }
    }

    /// Makes room for so many numbers. Until masks are drawn nothing is left out.
    pub(super) fn resize(&mut self, numbers: usize) {
        self.mask.resize(numbers, S::constant(1.0));
        self.mask.fill(S::constant(1.0));
        self.f.resize(numbers, S::constant(0.0));
        self.df.resize(numbers, S::constant(0.0));
    }

    /// a = f·mask
    #[inline(always)]
    pub(super) fn forward(&self, a: &mut [S]) {
        let n = a.len();
        let (f, mask) = (&self.f[..n], &self.mask[..n]);
        for i in 0..n {
            a[i] = f[i] * mask[i];
        }
    }

    /// ∂L/∂f = ∂L/∂a·mask
    #[inline(always)]
    pub(super) fn backward(&mut self, da: &[S]) {
        let n = da.len();
        let (df, mask) = (&mut self.df[..n], &self.mask[..n]);
        for i in 0..n {
            df[i] = da[i] * mask[i];
        }
    }
}

impl<S: Scalar> Model<S> {
    /// Draws which neurons the next passes of `rows` rows in training mode leave out, layer by layer, as PyTorch's forward pass
    /// does. The masks stay until others are drawn, or a batch has another number of rows; then nothing is left out.
    ///
    /// ```
    /// use neuronlab::nn::{Linear, Model, Network};
    /// use neuronlab::random::TorchRng;
    ///
    /// let network = Network::sequential([Linear::new(1, 4).bias(false).dropout(0.5)])?;
    /// let mut model = Model::new(network, vec![1.0f32, 2.0, 3.0, 4.0])?;
    /// model.draw_masks(1, &mut TorchRng::new(0)); // torch.manual_seed(0)
    /// assert_eq!(model.forward(&[1.0]), [0.0, 0.0, 6.0, 0.0]);
    /// model.eval();
    /// assert_eq!(model.forward(&[1.0]), [1.0, 2.0, 3.0, 4.0]);
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    pub fn draw_masks(&mut self, rows: usize, rng: &mut TorchRng) {
        self.rows(rows);
        let (layers, values) = self.layers_mut();
        for (layer, values) in layers.iter().zip(values) {
            if let Some(dropped) = &mut values.dropout {
                draw(rng, layer.dropout, &mut dropped.mask);
            }
        }
    }

    /// The masks of another model of the same network, in this one's precision.
    pub(crate) fn take_masks<T: Real>(&mut self, of: &Model<T>, rows: usize) {
        self.rows(rows);
        for (l, values) in self.layers_mut().1.iter_mut().enumerate() {
            if let (Some(to), Some(from)) = (&mut values.dropout, &of.layer(l).dropout) {
                to.mask = from.mask.iter().map(|factor| S::constant(factor.to_f64())).collect();
            }
        }
    }
}
