//! An optimizer with its memory: what `torch.optim.SGD(model.parameters(), …)` is.

use super::{Hyper, Optimizer, State};
use crate::error::{Error, Result};
use crate::nn::Model;
use crate::scalar::Scalar;
use std::fmt::{self, Display, Formatter};

/// A rule and what it remembers of one model's parameters between steps.
///
/// ```
/// use neuronlab::nn::{Linear, Loss, Model, Network};
/// use neuronlab::optim::Sgd;
///
/// let network = Network::sequential([Linear::new(1, 1).bias(false)])?;
/// let mut model = Model::new(network, vec![0.5f32])?;
/// let mut optimizer = Sgd::new(0.1).momentum(0.9).build(&model)?; // optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
///
/// model.forward(&[1.0]);
/// model.backward(&Loss::MSE_LOSS, &[1.0]);
/// optimizer.step(&mut model); // w = 0.5 - 0.1 * 2 * (0.5 - 1)
/// assert_eq!(model.parameters(), [0.6]);
/// assert_eq!(optimizer.to_string(), "SGD(lr=0.1, momentum=0.9)");
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Stepper<S> {
    rule: Optimizer,
    hyper: Hyper,
    state: State<S>,
    parameters: usize,
}

impl<S: Scalar> Stepper<S> {
    /// A rule for a model's parameters, before its first step.
    ///
    /// # Errors
    /// A setting means nothing, such as a learning rate below 0.
    pub fn new(rule: impl Into<Optimizer>, model: &Model<S>) -> Result<Self> {
        let (rule, parameters) = (rule.into(), model.parameters().len());
        let hyper = rule.hyper();
        number("lr", hyper.lr)?;
        number("momentum", hyper.momentum.unwrap_or(0.0))?;
        rule.validate()?;
        Ok(Self { rule, hyper, state: rule.state(parameters), parameters })
    }

    /// One update of the model's parameters by the gradients of its last backward pass.
    ///
    /// # Panics
    /// If the model has another number of parameters than the one that this was made for.
    #[track_caller]
    pub fn step(&mut self, model: &mut Model<S>) {
        model.hold_frozen();
        let (parameters, gradients) = model.parameters_and_gradients();
        assert!(
            parameters.len() == self.parameters,
            "step: this optimizer was made for a model of {} parameters, got one of {}",
            self.parameters,
            parameters.len()
        );
        self.rule.step(self.hyper, parameters, gradients, &mut self.state);
        model.release_frozen();
    }

    /// Whether it was made for a model with as many parameters.
    pub fn fits(&self, model: &Model<S>) -> bool {
        model.parameters().len() == self.parameters
    }

    /// Learning rate and momentum of the steps to come, as a schedule says them.
    pub fn set_hyper(&mut self, hyper: Hyper) {
        self.hyper = hyper;
    }

    /// The learning rate of the next step.
    pub fn lr(&self) -> f64 {
        self.hyper.lr
    }

    /// Sets the learning rate of the steps to come; what is remembered stays.
    ///
    /// # Errors
    /// It is no number of at least 0.
    pub fn set_lr(&mut self, lr: f64) -> Result<()> {
        number("lr", lr)?;
        super::at_least_zero("lr", lr)?;
        self.hyper.lr = lr;
        Ok(())
    }
}

/// Refuses what is no finite number.
fn number(field: &str, value: f64) -> Result<()> {
    if value.is_finite() { Ok(()) } else { Err(Error::field(format!("optimizer.{field}"), "a finite number", value)) }
}

impl<S> Display for Stepper<S> {
    /// The class in `torch.optim` with its settings, as it was made.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule.describe())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sgd;
    use super::*;
    use crate::nn::{Linear, Network};

    fn model(outputs: usize) -> Model<f32> {
        let network = Network::sequential([Linear::new(1, outputs).bias(false)]).unwrap();
        Model::new(network, vec![0.5; outputs]).unwrap()
    }

    #[test]
    fn settings_that_mean_nothing_are_refused() {
        let message = |rule: Sgd| rule.build(&model(1)).unwrap_err().to_string();
        assert_eq!(message(Sgd::new(-1.0)), "optimizer.lr: expected at least 0, got -1");
        assert_eq!(message(Sgd::new(f64::NAN)), "optimizer.lr: expected a finite number, got NaN");
        let wrong = message(Sgd::new(0.1).momentum(f64::INFINITY));
        assert_eq!(wrong, "optimizer.momentum: expected a finite number, got inf");
        let mut optimizer = Sgd::new(0.1).build(&model(1)).unwrap();
        assert!(optimizer.set_lr(-0.1).is_err() && optimizer.lr() == 0.1);
    }

    #[test]
    #[should_panic(expected = "made for a model of 2 parameters, got one of 1")]
    fn another_models_optimizer_is_refused() {
        Sgd::new(0.1).build(&model(2)).unwrap().step(&mut model(1));
    }
}
