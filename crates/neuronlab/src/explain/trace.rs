//! A run's way: its parameters and gradients at some of its steps.

use super::moment::Moment;
use super::timeline::Timeline;
use crate::error::Result;
use crate::nn::Tensor;
use crate::random::TorchReal;
use crate::scalar::Real;

/// Parameters and gradients at some steps of a run.
///
/// ```
/// use neuronlab::explain::{Timeline, Trace};
/// use neuronlab::Experiment;
///
/// let mut run = Timeline::<f32>::new(&Experiment::built_in("xor")?)?;
/// let trace = Trace::along(&mut run, &Trace::steps(40, 10), |_| {})?;
/// assert_eq!(trace.moments.len(), 11);
/// assert_eq!(trace.moments[10].step, 40);
/// assert_eq!(trace.moments[0].parameters.len(), 44);
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trace {
    /// Name of the experiment.
    pub experiment: String,
    /// Steps an epoch.
    pub steps_per_epoch: u64,
    /// The tensors that the parameters belong to, in their order.
    pub tensors: Vec<Tensor>,
    /// The name of each parameter.
    pub names: Vec<String>,
    /// In the order of steps.
    pub moments: Vec<Traced>,
}

/// One step of a [`Trace`].
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// The step, counted from 0.
    pub step: u64,
    /// The parameters before its update.
    pub parameters: Vec<f64>,
    /// The gradients of the step, penalty included; none at the end of the run, where no step is made.
    pub gradients: Option<Vec<f64>>,
}

impl Trace {
    /// About `count` steps at equal distances, from the start up to `end`, both included.
    pub fn steps(end: u64, count: u64) -> Vec<u64> {
        let count = count.clamp(1, end.max(1));
        let mut steps: Vec<u64> =
            (0..=count).map(|i| (u128::from(end) * u128::from(i) / u128::from(count)) as u64).collect();
        steps.dedup();
        steps
    }

    /// Of a run, at some of its steps in ascending order; `progress` is told each step that is made on the way.
    ///
    /// # Errors
    /// The run ends or diverges before the last of them.
    pub fn along<T: Real + TorchReal>(
        run: &mut Timeline<T>,
        steps: &[u64],
        mut progress: impl FnMut(u64),
    ) -> Result<Self> {
        let start = run.at(0)?;
        let network = start.model().network();
        let mut trace = Self {
            experiment: start.experiment().name.clone(),
            steps_per_epoch: start.sampler().steps() as u64,
            tensors: network.tensors().collect(),
            names: (0..network.parameters()).map(|place| network.parameter_name(place)).collect(),
            moments: vec![],
        };
        for &step in steps {
            let trainer = run.at_with(step, &mut progress)?;
            let gradients = match trainer.ended() {
                Some(_) => None,
                None => Some(Moment::new(trainer, None)?.all_gradients().to_vec()),
            };
            let parameters = trainer.model().parameters().iter().map(|w| w.to_f64()).collect();
            trace.moments.push(Traced { step, parameters, gradients });
        }
        Ok(trace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_spread_from_start_to_end() {
        assert_eq!(Trace::steps(8004, 4), [0, 2001, 4002, 6003, 8004]);
        assert_eq!(Trace::steps(3, 300), [0, 1, 2, 3]);
        assert_eq!(Trace::steps(0, 300), [0]);
    }
}
