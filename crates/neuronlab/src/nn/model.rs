//! A network with its numbers: parameters, and all that one forward and backward pass leaves behind.

use super::linear::{Follow, Keep};
use super::numbers::{Numbers, everywhere};
use super::pass::{self, Backward, Forward};
use super::regularization::Penalise;
use super::{Dropped, Init, Layer, Loss, Network, NormValues, Regularization, Running, Summary};
use crate::error::{Error, Result};
use crate::random::{TorchReal, TorchRng};
use crate::scalar::packet::MOST;
use crate::scalar::{Aligned, Packet, PacketWork, Real, Scalar, Simd};
use std::fmt::{self, Display, Formatter};
use std::ops::Range;

/// Everything one layer computed in the last pass. B rows, O neurons; each buffer is `[B, O]`, row by row.
///
/// A gradient bears the name of its variable with a `d` in front: `dz = ∂L/∂z`.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerValues<S> {
    /// Weighted sums, before the activation.
    pub z: Aligned<S>,
    /// Activations, f(z): what the layer passes on. In training, dropout leaves some of them out.
    pub a: Aligned<S>,
    /// ∂L/∂a
    pub da: Aligned<S>,
    /// ∂L/∂z
    pub dz: Aligned<S>,
    /// What batch normalisation made of z, if there is any.
    pub norm: Option<NormValues<S>>,
    /// What dropout left out in training, if there is any.
    pub dropout: Option<Dropped<S>>,
}

/// A network and its numbers.
///
/// ```
/// use neuronlab::nn::{Activation, Loss, Model, Network};
///
/// // One neuron: tanh(0.5·1 − 0.25·2) = tanh 0 = 0.
/// let network = Network::new(2).linear(1, false, Activation::TANH);
/// let mut model = Model::new(network, vec![0.5, -0.25])?;
/// assert_eq!(model.forward(&[1.0, 2.0]), [0.0]);
///
/// // L = (0 − 1)², ∂L/∂a = −2, tanh′(0) = 1, and the last factor is the weight's input.
/// model.backward(&Loss::MSE_LOSS, &[1.0]);
/// assert_eq!(model.gradients(), [-2.0, -4.0]);
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Model<S> {
    pub(super) network: Network,
    pub(super) parameters: Aligned<S>,
    pub(super) gradients: Aligned<S>,
    /// Rows of the last batch.
    pub(super) rows: usize,
    pub(super) input: Aligned<S>,
    pub(super) layers: Vec<LayerValues<S>>,
    /// Of layers with batch normalisation.
    pub(super) running: Vec<Option<Running<S>>>,
    pub(super) training: bool,
    /// Of each layer.
    pub(super) numbers: Vec<LayerNumbers<S>>,
    /// Places of the parameters that an update leaves as they are, and what they hold.
    frozen: Vec<Range<usize>>,
    held: Vec<S>,
    /// The instructions whose vectors it fills, if it is wide enough, and working memory for them.
    pub(super) simd: Option<Simd>,
    pub(super) scratch: Aligned<S>,
}

/// Numeric settings of a layer: of its activation, and of its normalisation, if it has one.
#[derive(Debug, Clone)]
pub(crate) struct LayerNumbers<S> {
    pub(crate) activation: Numbers<S>,
    pub(crate) norm: Numbers<S>,
}

/// Parameters and running statistics, apart from a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Learned<S> {
    parameters: Aligned<S>,
    running: Vec<Option<Running<S>>>,
}

impl<S: Real + TorchReal> Model<S> {
    /// A network with parameters drawn as PyTorch draws them when layers are made; a layer's own scheme goes before.
    ///
    /// ```
    /// use neuronlab::nn::{Init, Linear, Model, Network};
    /// use neuronlab::random::TorchRng;
    ///
    /// let mut torch = TorchRng::new(0); // torch.manual_seed(0)
    /// let network = Network::sequential([Linear::new(2, 1)])?; // nn.Linear(2, 1)
    /// let mut model: Model<f32> = Model::init(network, &mut torch)?;
    /// assert_eq!(model.parameters(), [-0.005293981, 0.3793229, -0.58198076]); // the numbers that PyTorch 2.15 draws
    ///
    /// model.init_weights(Init::Normal { mean: 0.0, std: 1.0 }, &mut torch); // lin1.weight.data.normal_(0, 1)
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    pub fn init(network: Network, rng: &mut TorchRng) -> Result<Self> {
        let parameters = network.initialise(&Init::Default, &Init::Default, rng);
        Self::new(network, parameters)
    }

    /// Draws the weights of all linear layers anew, layer by layer. Biases stay.
    #[allow(clippy::needless_pass_by_value, reason = "a scheme is written down where it is used")]
    pub fn init_weights(&mut self, init: Init, rng: &mut TorchRng) {
        for layer in self.network.layers() {
            let shape = [layer.out_features, layer.in_features];
            init.fill_weight(rng, &mut self.parameters[layer.weight.clone()], &shape);
        }
    }
}

impl<S: Scalar> Model<S> {
    /// A network with the given parameters, in the order of [`Network::tensors`].
    pub fn new(network: Network, parameters: Vec<S>) -> Result<Self> {
        Self::with_parameters(network, parameters.into())
    }

    fn with_parameters(network: Network, parameters: Aligned<S>) -> Result<Self> {
        if parameters.len() != network.parameters() {
            let expected = format!("{} numbers, one for each of the network's parameters", network.parameters());
            return Err(Error::field("parameters", expected, parameters.len()));
        }
        if network.layers().is_empty() {
            return Err(Error::field("network.layers", "at least one layer", "none"));
        }
        let layers = network.layers().iter().map(|layer| {
            let norm = layer.batch_norm.as_ref().map(|_| NormValues::new());
            let dropout = (layer.dropout > 0.0).then(Dropped::new);
            let [z, a, da, dz] = std::array::from_fn(|_| Aligned::default());
            LayerValues { z, a, da, dz, norm, dropout }
        });
        let layers = layers.collect();
        let running = network.layers().iter().map(|l| l.batch_norm.as_ref().map(|_| Running::new(l.out_features)));
        let running = running.collect();
        let gradients = Aligned::filled(S::constant(0.0), parameters.len());
        let of_layer = |[activation, norm]: [Numbers<f64>; 2]| LayerNumbers {
            activation: everywhere(activation),
            norm: everywhere(norm),
        };
        let numbers = network.numbers().into_iter().map(of_layer).collect();
        let frozen = network.frozen();
        let held = vec![S::constant(0.0); frozen.iter().map(Range::len).sum()];
        let (rows, input, training, simd, scratch) = (0, Aligned::default(), true, None, Aligned::default());
        Ok(Self {
            network,
            parameters,
            gradients,
            rows,
            input,
            layers,
            running,
            training,
            numbers,
            frozen,
            held,
            simd,
            scratch,
        })
    }

    /// The same network with the same numbers, in evaluation mode; of the last pass it keeps nothing.
    pub(crate) fn to_evaluate(&self) -> Self {
        let network = self.network.clone();
        let mut model = Self::with_parameters(network, self.parameters.clone()).expect("it was a model before");
        model.running.clone_from(&self.running);
        model.numbers.clone_from(&self.numbers);
        model.training = false;
        model
    }

    /// What it has learned: parameters and running statistics.
    pub(crate) fn learned(&self) -> Learned<S> {
        Learned { parameters: self.parameters.clone(), running: self.running.clone() }
    }

    /// Puts back what a model of the same network had learned.
    pub(crate) fn put_back(&mut self, learned: &Learned<S>) {
        self.parameters.clone_from(&learned.parameters);
        self.running.clone_from(&learned.running);
    }

    /// Training mode (as a model is made): batch normalisation goes by the batch, and its running statistics follow; dropout
    /// leaves out what [`draw_masks`](Self::draw_masks) says.
    pub fn train(&mut self) {
        self.training = true;
    }

    /// Evaluation mode: batch normalisation goes by its running statistics, and dropout leaves nothing out.
    pub fn eval(&mut self) {
        self.training = false;
    }

    /// Whether it is in training mode.
    pub(crate) fn is_training(&self) -> bool {
        self.training
    }

    /// The layers, and what each computed, to put masks there.
    pub(crate) fn layers_mut(&mut self) -> (&[Layer], &mut [LayerValues<S>]) {
        (self.network.layers(), &mut self.layers)
    }

    /// Running statistics of a layer's batch normalisation, counted from 0; `None` where there is none.
    pub fn running(&self, layer: usize) -> Option<&Running<S>> {
        self.running[layer].as_ref()
    }

    /// The same, to set them.
    pub fn running_mut(&mut self, layer: usize) -> Option<&mut Running<S>> {
        self.running[layer].as_mut()
    }

    /// The numeric settings of each layer, to give each lane its own.
    pub(crate) fn numbers_mut(&mut self) -> &mut [LayerNumbers<S>] {
        &mut self.numbers
    }

    /// The structure.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The network's [`summary`](Network::summary) for batches of `batch` samples.
    pub fn summary(&self, batch: usize) -> Summary {
        self.network.summary(batch)
    }

    /// All parameters, in the order of [`Network::tensors`].
    pub fn parameters(&self) -> &[S] {
        &self.parameters
    }

    /// All parameters, to change.
    pub fn parameters_mut(&mut self) -> &mut [S] {
        &mut self.parameters
    }

    /// ∂L/∂parameter of the last backward pass, in the order of the parameters.
    pub fn gradients(&self) -> &[S] {
        &self.gradients
    }

    /// The gradients, to clip them.
    pub fn gradients_mut(&mut self) -> &mut [S] {
        &mut self.gradients
    }

    /// Parameters and their gradients, for an update.
    pub fn parameters_and_gradients(&mut self) -> (&mut [S], &[S]) {
        (&mut self.parameters, &self.gradients)
    }

    /// Whether all parameters are.
    pub(crate) fn is_finite(&self) -> bool
    where
        S: Real,
    {
        if let Some(simd) = S::vectors_for(self.parameters.len()) {
            return S::wide_finite(simd, Finite(&self.parameters));
        }
        let mut all = true;
        for w in &self.parameters {
            all &= w.is_finite();
        }
        all
    }

    /// Whether an update leaves some parameters as they are.
    pub(crate) fn has_frozen(&self) -> bool {
        !self.frozen.is_empty()
    }

    /// Before an update: frozen parameters are remembered, and their gradients count for nothing, also not in a norm.
    pub(crate) fn hold_frozen(&mut self) {
        let mut at = 0;
        for range in &self.frozen {
            self.held[at..at + range.len()].copy_from_slice(&self.parameters[range.clone()]);
            self.gradients[range.clone()].fill(S::constant(0.0));
            at += range.len();
        }
    }

    /// After an update: frozen parameters are what they were.
    pub(crate) fn release_frozen(&mut self) {
        let mut at = 0;
        for range in &self.frozen {
            self.parameters[range.clone()].copy_from_slice(&self.held[at..at + range.len()]);
            at += range.len();
        }
    }

    /// One parameter by its name, such as `lin2.weight[1,3]`.
    pub fn parameter(&self, name: &str) -> Result<S> {
        Ok(self.parameters[self.network.parameter(name)?])
    }

    /// What a layer, counted from 0, computed in the last pass. (The gradients are those of the last *backward* pass.)
    pub fn layer(&self, index: usize) -> &LayerValues<S> {
        &self.layers[index]
    }

    /// The inputs of the last pass, `[B, I]`.
    pub fn input(&self) -> &[S] {
        &self.input
    }

    /// The outputs of the last pass, `[B, O]`.
    pub fn output(&self) -> &[S] {
        &self.layers.last().expect("a model has a layer").a
    }

    /// The network's answer to each row of `x[B, I]`: `[B, O]`.
    ///
    /// # Panics
    /// If `x` is empty or not a whole number of rows.
    #[track_caller]
    pub fn forward(&mut self, x: &[S]) -> &[S] {
        let inputs = self.network.in_features();
        assert!(
            !x.is_empty() && x.len().is_multiple_of(inputs),
            "forward: expected rows of {inputs} numbers, as many as the network has inputs, got {} numbers",
            x.len()
        );
        self.rows(x.len() / inputs);
        self.input.copy_from_slice(x);
        self.run_forward();
        self.output()
    }

    /// Gradients of `loss` for the last batch, whose targets are `target[B, O]`; returns the loss.
    ///
    /// What the last call left in the gradients is overwritten, not added to: there is no `zero_grad` to forget.
    ///
    /// # Panics
    /// If `target` is not shaped as the output, or nothing went forward before.
    #[track_caller]
    pub fn backward(&mut self, loss: &Loss, target: &[S]) -> S {
        let outputs = self.output().len();
        assert!(outputs > 0, "backward: a forward pass comes before it");
        assert!(
            target.len() == outputs,
            "backward: expected {outputs} numbers, a target for each output of the forward pass, got {}",
            target.len()
        );
        let numbers = everywhere(loss.numbers(self.network.out_features()));
        let value = self.loss_with(loss, &numbers, target);
        self.run_backward(loss, &numbers, target);
        value
    }

    /// Adds a penalty's gradient to the gradients of the last backward pass, and returns the penalty.
    ///
    /// ```
    /// use neuronlab::nn::{Activation, Loss, Model, Network, Regularization};
    ///
    /// let mut model = Model::new(Network::new(1).linear(1, false, Activation::IDENTITY), vec![2.0])?;
    /// model.forward(&[1.0]);
    /// let loss = model.backward(&Loss::MSE_LOSS, &[1.0]);
    /// let penalty = model.penalise(&Regularization { l1: 0.0, l2: 0.125 });
    /// assert_eq!((loss + penalty, model.gradients()), (1.5, &[2.5][..]));
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    pub fn penalise(&mut self, regularization: &Regularization) -> S {
        self.penalise_with(&everywhere(regularization.numbers()))
    }

    /// The same with numbers of its own for each lane.
    #[inline(always)]
    pub(crate) fn penalise_with(&mut self, numbers: &Numbers<S>) -> S {
        let (layers, parameters) = (self.network.layers(), &self.parameters[..]);
        S::penalise(Penalise { numbers, layers, parameters, gradients: Some(&mut self.gradients) })
    }

    /// The penalty alone.
    #[inline(always)]
    pub(crate) fn penalty_with(&self, numbers: &Numbers<S>) -> S {
        let (layers, parameters) = (self.network.layers(), &self.parameters[..]);
        S::penalise(Penalise { numbers, layers, parameters, gradients: None })
    }

    /// Makes room for batches of `rows` rows. Allocates only when the number grows.
    pub(crate) fn rows(&mut self, rows: usize) {
        if self.rows == rows {
            return;
        }
        self.rows = rows;
        let zero = S::constant(0.0);
        self.input.resize(rows * self.network.in_features(), zero);
        for (layer, values) in self.network.layers().iter().zip(&mut self.layers) {
            for buffer in [&mut values.z, &mut values.a, &mut values.da, &mut values.dz] {
                buffer.resize(rows * layer.out_features, zero);
            }
            if let Some(norm) = &mut values.norm {
                for buffer in [&mut norm.x_hat, &mut norm.y, &mut norm.dy] {
                    buffer.resize(rows * layer.out_features, zero);
                }
                norm.inv_std.resize(layer.out_features, zero);
            }
            if let Some(dropped) = &mut values.dropout {
                dropped.resize(rows * layer.out_features);
            }
        }
        self.simd = S::vectors_for(usize::MAX).filter(|_| pass::is_wide(&self.network, rows));
        if self.simd.is_some() {
            self.scratch.resize(pass::scratch(&self.network, rows), zero);
        }
    }

    /// Where the next batch's inputs are written, `[B, I]`.
    pub(crate) fn input_mut(&mut self) -> &mut [S] {
        &mut self.input
    }

    /// Forward, of the inputs that [`input_mut`](Self::input_mut) was given.
    #[inline(always)]
    pub(crate) fn run_forward(&mut self) {
        match self.simd {
            Some(simd) => Forward(self).wide(simd),
            None => S::forward(Forward(self)),
        }
    }

    /// `loss` of the last outputs.
    pub(crate) fn loss(&self, loss: &Loss, target: &[S]) -> S {
        self.loss_with(loss, &everywhere(loss.numbers(self.network.out_features())), target)
    }

    /// `loss` with given numeric settings.
    #[inline(always)]
    pub(crate) fn loss_with(&self, loss: &Loss, numbers: &Numbers<S>, target: &[S]) -> S {
        loss.value_with(numbers, self.output(), target, self.network.out_features())
    }

    /// Backward, without the loss itself.
    #[inline(always)]
    pub(crate) fn run_backward(&mut self, loss: &Loss, numbers: &Numbers<S>, target: &[S]) {
        let simd = self.simd;
        let work = Backward(self, loss, numbers, target, Keep);
        match simd {
            Some(simd) => work.wide(simd),
            None => S::backward(work),
        }
    }

    /// Backward, with an update that follows the gradients at once. The gradients are not kept.
    #[inline(always)]
    pub(crate) fn backward_following(
        &mut self,
        loss: &Loss,
        numbers: &Numbers<S>,
        target: &[S],
        follow: impl Follow<S>,
    ) {
        // Of one number the branch is not even compiled.
        if const { S::LANES > 1 } {
            S::call(Backward(self, loss, numbers, target, follow));
        } else {
            unreachable!("only lanes are followed");
        }
    }
}

/// Whether all numbers are finite.
pub struct Finite<'a, S>(&'a [S]);

impl<S: Real> PacketWork<S> for Finite<'_, S> {
    type Output = bool;
    #[inline(always)]
    #[allow(clippy::needless_range_loop, reason = "an iterator's adapters may be compiled without the vectors")]
    fn run<V: Packet<S>>(self) -> bool {
        // 0 · w is 0 of a finite number and NaN of any other, and NaN stays. Of several sums at once none waits for another.
        const SUMS: usize = 4;
        let (zero, mut sums, mut i) = (V::constant(0.0), [V::constant(0.0); SUMS], 0);
        while i + SUMS * V::WIDTH <= self.0.len() {
            let some = &self.0[i..][..SUMS * V::WIDTH];
            for s in 0..SUMS {
                sums[s] = V::take(some, s * V::WIDTH).mul_add(zero, sums[s]);
            }
            i += SUMS * V::WIDTH;
        }
        while i < self.0.len() {
            sums[0] = V::take(self.0, i).mul_add(zero, sums[0]);
            i += V::WIDTH;
        }
        let mut numbers = [S::constant(0.0); MOST];
        ((sums[0] + sums[1]) + (sums[2] + sums[3])).put(&mut numbers, 0);
        let mut all = true;
        for sum in numbers {
            all &= sum.is_finite();
        }
        all
    }
}

impl<S> Display for Model<S> {
    /// Its network.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.network.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::kernels::Kernels;
    use crate::random::TorchRng;
    use crate::scalar::Work;

    /// A pass with the processor's fused instructions, and one where a fused operation is a call into a library.
    #[test]
    fn fused_instructions_change_no_bit() {
        let experiment = Experiment::built_in("xor").unwrap();
        let network = experiment.network(2).unwrap();
        for seed in 0..50 {
            let parameters =
                network.initialise::<f32>(&experiment.init, &experiment.init_bias, &mut TorchRng::new(seed));
            let mut fast = Model::new(network.clone(), parameters).unwrap();
            let mut slow = fast.clone();
            fast.forward(&[1.0, 0.25]);
            fast.backward(&Loss::MSE_LOSS, &[0.5]);
            slow.rows(1);
            slow.input_mut().copy_from_slice(&[1.0, 0.25]);
            Forward(&mut slow).run();
            Backward(&mut slow, &Loss::MSE_LOSS, &[0.0; 3], &[0.5], Keep).run();
            assert_eq!(fast.output(), slow.output());
            assert_eq!(fast.gradients(), slow.gradients());
        }
    }

    #[test]
    fn one_number_that_is_not_finite_is_found_wherever_it_is() {
        let all = |numbers: &[f32]| f32::vectors_for(numbers.len()).map(|simd| f32::wide_finite(simd, Finite(numbers)));
        for n in [48, 64, 65, 127, 128, 143] {
            let mut numbers: Vec<f32> = (0..n).map(|i| [f32::MAX, -0.0, 1e-42, -3.0][i % 4]).collect();
            assert_ne!(all(&numbers), Some(false), "{n}");
            for at in 0..n {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    let before = std::mem::replace(&mut numbers[at], bad);
                    assert_ne!(all(&numbers), Some(true), "{bad} at {at} of {n}");
                    numbers[at] = before;
                }
            }
        }
    }
}
