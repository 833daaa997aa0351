//! Curvature of the loss: the Hessian and its eigenvalues, at one moment of a run or along all of it.

use super::eigen::{Eigen, eigen, largest, norm};
use super::{LossSurface, Stability, Timeline};
use crate::error::{Error, Result};
use crate::nn::Network;
use crate::random::TorchReal;
use crate::scalar::Real;
use crate::train::Trainer;

/// How the loss bends around the parameters that a run has at one moment.
///
/// The Hessian is H = ∂²L/∂wᵢ∂wⱼ, `[n,n]` for n parameters, of the experiment's loss (its penalty with it) over all training samples as one
/// batch (or over chosen ones; with dropout, with the masks that a step on them would draw), in `f64` and exact to rounding: see [`LossSurface`]. Its largest eigenvalue λ, the "sharpness",
/// says how large a learning rate may be: see [`Stability`].
///
/// ```
/// use neuronlab::explain::{Curvature, Stability};
/// use neuronlab::{Experiment, Trainer};
///
/// let trainer = Trainer::<f32>::new(&Experiment::built_in("xor-mse")?)?;
/// let curvature = Curvature::new(&trainer, None)?;
/// let stability = Stability::of(&trainer)?;
/// assert_eq!(stability.formula(), "2(1+0.9)/0.02");
/// println!("{:.3} against {:.0}", curvature.sharpness(), stability.threshold());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Curvature {
    /// Number of rows of the batch.
    pub rows: usize,
    /// L
    pub loss: f64,
    /// Names of the parameters, n, such as `lin1.weight[0,1]`.
    pub names: Vec<String>,
    /// ∂L/∂w, n.
    pub gradient: Vec<f64>,
    /// H, `[n,n]`, row by row; the mean of the computed one and its transpose.
    pub hessian: Vec<f64>,
    /// The largest |Hᵢⱼ − Hⱼᵢ| as computed, as a share of the largest |Hᵢⱼ|: rounding.
    pub asymmetry: f64,
    /// Eigenvalues of H, n, largest first.
    pub eigenvalues: Vec<f64>,
    /// The direction of the largest eigenvalue: n numbers whose squares sum to 1, the largest of them above 0.
    pub direction: Vec<f64>,
    /// Activations, the loss and the L1 penalty, where their slope jumps: what bends in the jump itself is not in H.
    pub kinks: Vec<&'static str>,
}

impl Curvature {
    /// Parameters of the largest network of which all eigenvalues are computed.
    pub const MOST_PARAMETERS: usize = 1000;

    /// Whether all eigenvalues of a network's Hessian over so many rows can be computed.
    ///
    /// # Errors
    /// It has more than [`MOST_PARAMETERS`](Self::MOST_PARAMETERS), or that would take hours.
    pub fn check_size(network: &Network, rows: usize) -> Result<()> {
        let passes = network.parameters();
        if network.parameters() <= Self::MOST_PARAMETERS {
            return LossSurface::passes_end(network, rows, passes);
        }
        let expected = format!("at most {} parameters, for all eigenvalues", Self::MOST_PARAMETERS);
        Err(Error::field("network", expected, network.parameters())
            .with_hint("fewer or smaller layers, for example --set network.layers.0.out_features=8"))
    }

    /// At the parameters that the run has now; `samples` are training samples from 0, `None` all of them.
    ///
    /// # Errors
    /// The network is too large, there is no such sample, or the second derivatives are not finite.
    pub fn new<T: Real>(trainer: &Trainer<T>, samples: Option<&[u32]>) -> Result<Self> {
        let mut surface = LossSurface::of(trainer, samples)?;
        Self::check_size(surface.network(), surface.rows())?;
        let n = surface.network().parameters();
        let (loss, gradient) = surface.gradient();
        let computed = surface.hessian();
        finite(loss, computed.iter().chain(&gradient))?;

        let transposed = |i: usize| computed[i % n * n + i / n];
        let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, |m: f64, v| m.max(v.abs()));
        let off = largest(&mut (0..n * n).map(|i| computed[i] - transposed(i)));
        let size = largest(&mut computed.iter().copied());
        let hessian: Vec<f64> = (0..n * n).map(|i| f64::midpoint(computed[i], transposed(i))).collect();
        let Eigen { values, mut vectors } = eigen(hessian.clone(), n);
        let mut direction = vectors.swap_remove(0);
        let main = direction.iter().fold(0.0, |main: f64, &v| if v.abs() > main.abs() { v } else { main });
        for v in &mut direction {
            *v *= main.signum();
        }
        Ok(Self {
            rows: surface.rows(),
            loss,
            names: (0..n).map(|i| surface.network().parameter_name(i)).collect(),
            gradient,
            hessian,
            asymmetry: if off == 0.0 { 0.0 } else { off / size },
            eigenvalues: values,
            direction,
            kinks: kinks(trainer),
        })
    }

    /// λ, the largest eigenvalue.
    pub fn sharpness(&self) -> f64 {
        self.eigenvalues[0]
    }

    /// The sum of all eigenvalues, which is that of the diagonal.
    pub fn trace(&self) -> f64 {
        self.hessian.iter().step_by(self.names.len() + 1).sum()
    }

    /// Length of the gradient.
    pub fn gradient_norm(&self) -> f64 {
        norm(&self.gradient)
    }

    /// How many eigenvalues are above 0, 0, and below; 0 is what is less than 10⁻⁹ of the largest in size.
    pub fn counts(&self) -> [usize; 3] {
        let size = self.eigenvalues.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        let flat = |v: f64| v.abs() < 1e-9 * size || v == 0.0;
        let zero = self.eigenvalues.iter().filter(|&&v| flat(v)).count();
        let above = self.eigenvalues.iter().filter(|&&v| v > 0.0 && !flat(v)).count();
        [above, zero, self.eigenvalues.len() - zero - above]
    }

    /// Which parameters the sharpest direction is made of: names and shares, largest first. The shares sum to 1.
    pub fn shares(&self) -> Vec<(&str, f64)> {
        let mut shares: Vec<_> =
            self.names.iter().map(String::as_str).zip(self.direction.iter().map(|v| v * v)).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        shares
    }
}

/// Passes that the largest eigenvalue takes, about.
const PASSES: usize = 40;

/// The sharpness at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sharpness {
    /// Steps done.
    pub step: u64,
    /// The largest eigenvalue of the Hessian.
    pub largest: f64,
    /// The curvature above which steps grow, where there is such a limit.
    pub threshold: Option<f64>,
}

impl Sharpness {
    /// At the parameters that the run has now; some tens of passes, for networks of any size.
    pub fn new<T: Real>(trainer: &Trainer<T>, samples: Option<&[u32]>) -> Result<Self> {
        let mut surface = LossSurface::of(trainer, samples)?;
        let largest = largest(surface.network().parameters(), |v| surface.product(v));
        finite(surface.gradient().0, [&largest].into_iter())?;
        let threshold = Stability::of(trainer).ok().map(|stability| stability.threshold());
        Ok(Self { step: trainer.steps(), largest, threshold })
    }

    /// At the given steps of a run; `progress` is told each step that is made on the way.
    ///
    /// # Errors
    /// The run has no such step, or what [`new`](Self::new) can say.
    pub fn along<T: Real + TorchReal>(
        run: &mut Timeline<T>,
        steps: &[u64],
        samples: Option<&[u32]>,
        mut progress: impl FnMut(u64),
    ) -> Result<Vec<Self>> {
        let start = run.at(0)?;
        let rows = samples.map_or(start.task().train.x.len() / start.model().network().in_features(), <[u32]>::len);
        LossSurface::passes_end(start.model().network(), rows, steps.len() * PASSES)?;
        steps.iter().map(|&step| Self::new(run.at_with(step, &mut progress)?, samples)).collect()
    }
}

fn kinks<T: Real>(trainer: &Trainer<T>) -> Vec<&'static str> {
    let layers = trainer.model().network().layers();
    let kinked = layers.iter().filter(|layer| layer.activation.has_kinks());
    let mut kinks: Vec<_> = kinked.map(|layer| layer.activation.name()).collect();
    let loss = trainer.loss();
    kinks.extend(loss.has_kinks().then(|| loss.name()));
    kinks.extend(trainer.experiment().regularization.filter(|penalty| penalty.l1 > 0.0).map(|_| "the L1 penalty"));
    kinks.sort_unstable();
    kinks.dedup();
    kinks
}

fn finite<'a>(loss: f64, mut derivatives: impl Iterator<Item = &'a f64>) -> Result<()> {
    if loss.is_finite() && derivatives.all(|v| v.is_finite()) {
        return Ok(());
    }
    let got = format!("loss {loss}, and numbers beyond float64 in its derivatives");
    Err(Error::field("step", "a moment at which the loss and its second derivatives are finite", got))
}
