//! The loss as a function of the parameters: height, slope, and how the slope changes.

use crate::error::{Error, Result};
use crate::limits::{ends, fits};
use crate::nn::{Loss, Model, Network, Regularization};
use crate::scalar::{Dual, Real};
use crate::train::Trainer;

/// The loss of one batch as a function of the parameters, at one place, in `f64`.
///
/// Letters: n parameters; B rows of the batch, I inputs, O outputs. Second derivatives are exact to rounding: the backward pass
/// is run over dual numbers, "reverse over forward" (Pearlmutter 1994, "Fast exact multiplication by the Hessian"). Batch
/// normalisation is in training mode, by this batch. Dropout leaves nothing out, but for a surface [`of`](Self::of) a run.
///
/// ```
/// use neuronlab::explain::LossSurface;
/// use neuronlab::nn::{Activation, Loss, Network};
///
/// // One linear neuron, L = (w·x − y)²: ∂²L/∂w² = 2x².
/// let neuron = Network::new(1).linear(1, false, Activation::IDENTITY);
/// let mut surface = LossSurface::new(neuron, &[0.5], Loss::MSE_LOSS, &[3.0], &[1.0])?;
/// assert_eq!(surface.gradient(), (0.25, vec![3.0]));
/// assert_eq!(surface.product(&[1.0]), [18.0]);
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LossSurface {
    model: Model<Dual>,
    loss: Loss,
    x: Vec<Dual>,
    y: Vec<Dual>,
    regularization: Option<Regularization>,
}

impl LossSurface {
    /// Of a network at `parameters[n]`, for a batch of inputs `x[B,I]` and targets `y[B,O]`, row by row.
    ///
    /// # Errors
    /// Numbers are missing, or batch normalisation would be by one row alone.
    pub fn new(network: Network, parameters: &[f64], loss: Loss, x: &[f64], y: &[f64]) -> Result<Self> {
        let (inputs, outputs) = (network.in_features(), network.out_features());
        let rows = y.len() / outputs.max(1);
        if rows == 0 || (x.len(), y.len()) != (rows * inputs, rows * outputs) {
            let expected = format!("rows of {inputs} inputs and {outputs} targets, at least one");
            return Err(Error::field("samples", expected, format!("{} inputs, {} targets", x.len(), y.len())));
        }
        if rows < 2 && network.layers().iter().any(|layer| layer.batch_norm.is_some()) {
            return Err(Error::field("samples", "at least 2, for batch normalisation", rows));
        }
        Self::check_size(&network, rows)?;
        let fixed = |values: &[f64]| values.iter().map(|&v| Dual::fixed(v)).collect::<Vec<_>>();
        Ok(Self {
            model: Model::new(network, fixed(parameters))?,
            loss,
            x: fixed(x),
            y: fixed(y),
            regularization: None,
        })
    }

    /// At the parameters that a run has now, with the penalty of its weights, of all its training samples as one batch, or of the given ones.
    /// Dropout has the masks that a step on this batch would draw now: of the step's own samples they are its own.
    ///
    /// # Errors
    /// There is no such sample.
    pub fn of<T: Real>(trainer: &Trainer<T>, samples: Option<&[u32]>) -> Result<Self> {
        let (model, train) = (trainer.model(), &trainer.task().train);
        let (inputs, outputs) = (model.network().in_features(), model.network().out_features());
        let count = (train.x.len() / inputs) as u32;
        let all: Vec<u32> = (0..count).collect();
        let samples = samples.unwrap_or(&all);
        if let Some(beyond) = samples.iter().find(|&&sample| sample >= count) {
            let expected = format!("0 to {}, a training sample", count - 1);
            return Err(Error::field("sample", expected, beyond));
        }
        Self::check_size(model.network(), samples.len())?;
        let rows = |values: &[T], width: usize| -> Vec<f64> {
            let row = |&sample: &u32| &values[sample as usize * width..(sample as usize + 1) * width];
            samples.iter().flat_map(row).map(|v| v.to_f64()).collect()
        };
        let parameters: Vec<f64> = model.parameters().iter().map(|w| w.to_f64()).collect();
        let (x, y) = (rows(&train.x, inputs), rows(&train.y, outputs));
        let mut surface = Self::new(model.network().clone(), &parameters, trainer.loss().clone(), &x, &y)?;
        surface.model.draw_masks(samples.len(), &mut trainer.mask_stream());
        Ok(surface.penalised(trainer.experiment().regularization))
    }

    /// The same with a penalty of the weights added to the loss.
    pub fn penalised(mut self, regularization: Option<Regularization>) -> Self {
        self.regularization = regularization;
        self
    }

    /// Refuses rows whose numbers, each with its derivative, do not fit into memory.
    fn check_size(network: &Network, rows: usize) -> Result<()> {
        let number = size_of::<Dual>() as u128;
        let neurons: usize =
            network.layers().iter().map(|l| l.out_features * if l.batch_norm.is_some() { 8 } else { 4 }).sum();
        let row = number * (neurons + 2 * (network.in_features() + network.out_features())) as u128;
        let parts = [
            ("sample", (rows as u128).saturating_mul(row), "some samples with --sample"),
            ("network.layers", 2 * number * network.parameters() as u128, "fewer or narrower layers"),
        ];
        fits("the curvature", &parts)
    }

    /// Refuses passes forward and backward that would take hours together.
    pub(super) fn passes_end(network: &Network, rows: usize, passes: usize) -> Result<()> {
        // Three products of two numbers with their derivatives.
        let one = (rows as u128).saturating_mul(9 * network.parameters() as u128);
        ends(("sample", one.saturating_mul(passes as u128), "some samples with --sample"), "the curvature")
    }

    /// The structure that the parameters belong to.
    pub fn network(&self) -> &Network {
        self.model.network()
    }

    /// Number of rows, B.
    pub fn rows(&self) -> usize {
        self.y.len() / self.network().out_features()
    }

    /// L and ∂L/∂w, n numbers in the order of the parameters.
    pub fn gradient(&mut self) -> (f64, Vec<f64>) {
        let loss = self.pass();
        (loss, self.model.gradients().iter().map(|g| g.value).collect())
    }

    /// H·v, with H the matrix of the second derivatives ∂²L/∂wᵢ∂wⱼ: how the gradient changes along v. One pass.
    ///
    /// # Panics
    /// If `v` is not of n numbers.
    pub fn product(&mut self, v: &[f64]) -> Vec<f64> {
        assert_eq!(v.len(), self.model.parameters().len(), "a number for each parameter");
        for (w, &v) in self.model.parameters_mut().iter_mut().zip(v) {
            w.slope = v;
        }
        self.pass();
        self.model.gradients().iter().map(|g| g.slope).collect()
    }

    /// H as it is computed, `[n,n]`, row by row: n passes. It is symmetric to rounding.
    pub fn hessian(&mut self) -> Vec<f64> {
        let n = self.model.parameters().len();
        let mut direction = vec![0.0; n];
        let mut hessian = Vec::with_capacity(n * n);
        for i in 0..n {
            direction[i] = 1.0;
            hessian.extend(self.product(&direction));
            direction[i] = 0.0;
        }
        hessian
    }

    fn pass(&mut self) -> f64 {
        self.model.forward(&self.x);
        let loss = self.model.backward(&self.loss, &self.y).value;
        let penalty = self.regularization.map(|penalty| self.model.penalise(&penalty).value);
        penalty.map_or(loss, |penalty| loss + penalty)
    }
}
