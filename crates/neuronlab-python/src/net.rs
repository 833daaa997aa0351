//! A network in a loop that the user writes: forward, loss, backward, step.

use crate::error::{OrRaise, value_error};
use neuronlab::nn;
use neuronlab::optim::{self, Progress, Schedule, Stepper};
use neuronlab::random::{TorchReal, TorchRng};
use neuronlab::scalar::{Dtype, Real};
use numpy::{Element, PyArray1, PyReadonlyArrayDyn};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// From so many numbers a pass takes long enough to let other threads of Python work.
const LONG: usize = 1 << 16;

/// PyTorch's stream of random numbers.
#[pyclass(module = "neuronlab._neuronlab")]
pub(crate) struct Generator(TorchRng);

#[pymethods]
impl Generator {
    #[new]
    fn new(seed: u64) -> Self {
        Self(TorchRng::new(seed))
    }

    /// Skips so many words of the stream.
    fn discard(&mut self, words: u64) {
        self.0.discard(words);
    }

    /// Draws a tensor as `init` says, given as in an experiment file, in float32 or float64.
    fn fill<'py>(
        &mut self,
        py: Python<'py>,
        init: &str,
        shape: Vec<usize>,
        bias_of: Option<usize>,
        double: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        if double {
            Ok(PyArray1::from_vec(py, self.draw::<f64>(init, &shape, bias_of)?).into_any())
        } else {
            Ok(PyArray1::from_vec(py, self.draw::<f32>(init, &shape, bias_of)?).into_any())
        }
    }
}

impl Generator {
    /// A weight of a shape, or the bias of a layer of `bias_of` inputs.
    fn draw<T: Real + TorchReal>(&mut self, init: &str, shape: &[usize], bias_of: Option<usize>) -> PyResult<Vec<T>> {
        let set = |field: &str| format!("{field}={init}");
        let xor = neuronlab::Experiment::built_in("xor").or_raise()?;
        let field = if bias_of.is_some() { "init_bias" } else { "init" };
        let experiment = xor.with(&[set(field)]).or_raise()?;
        let mut values = vec![T::default(); shape.iter().product()];
        match bias_of {
            Some(inputs) => experiment.init_bias.fill_bias(&mut self.0, &mut values, &[shape[0], inputs]),
            None => experiment.init.fill_weight(&mut self.0, &mut values, shape),
        }
        Ok(values)
    }
}

/// A loss with its settings.
#[pyclass(frozen, module = "neuronlab._neuronlab")]
pub(crate) struct Loss(nn::Loss);

#[pymethods]
impl Loss {
    /// From JSON, as in an experiment file; for networks of so many outputs.
    #[new]
    fn new(json: &str, outputs: usize) -> PyResult<Self> {
        let loss: nn::Loss = serde_json::from_str(json).map_err(|e| value_error(format!("loss: {e}")))?;
        loss.validate(outputs).or_raise()?;
        Ok(Self(loss))
    }
}

/// A network and what its last passes left.
#[pyclass(module = "neuronlab._neuronlab")]
pub(crate) struct Net(Any);

enum Any {
    Single(Passes<f32>),
    Double(Passes<f64>),
}

struct Passes<T> {
    model: nn::Model<T>,
    /// What `backward` has added up since the gradients were last cleared.
    sums: Option<Vec<T>>,
}

macro_rules! each {
    ($any:expr, $passes:ident => $do:expr) => {
        match $any {
            Any::Single($passes) => $do,
            Any::Double($passes) => $do,
        }
    };
}

#[pymethods]
impl Net {
    /// `layers` as in an experiment file's `network.layers`; `parameters` in the order of `tensors`.
    #[new]
    fn new(layers: &str, in_features: usize, parameters: &Bound<'_, PyAny>, double: bool) -> PyResult<Self> {
        let setting = format!("network={{in_features={in_features},layers={layers}}}");
        let experiment = neuronlab::Experiment::built_in("xor-mse").and_then(|xor| xor.with(&[setting])).or_raise()?;
        let network = experiment.network(in_features).or_raise()?;
        Ok(Self(if double {
            Any::Double(Passes::new(network, parameters)?)
        } else {
            Any::Single(Passes::new(network, parameters)?)
        }))
    }

    /// Name, shape and place of each tensor.
    fn tensors(&self) -> Vec<(String, Vec<usize>, usize)> {
        each!(&self.0, passes => passes.tensors())
    }

    /// The outputs for rows of inputs. With a generator in training mode: dropout draws from it.
    fn forward<'py>(
        &mut self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        training: Option<PyRefMut<'py, Generator>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        each!(&mut self.0, passes => passes.forward(py, x, training))
    }

    /// The loss of the last outputs; its gradients are there for `accumulate`.
    fn loss(&mut self, py: Python<'_>, loss: &Loss, target: &Bound<'_, PyAny>) -> PyResult<f64> {
        each!(&mut self.0, passes => passes.loss(py, loss, target))
    }

    /// Adds the gradients of the last loss to those that are there, times a factor.
    fn accumulate(&mut self, factor: f64) {
        each!(&mut self.0, passes => passes.accumulate(factor));
    }

    /// Forgets the gradients, or makes them 0.
    fn zero_grad(&mut self, to_none: bool) {
        each!(&mut self.0, passes => passes.zero_grad(to_none));
    }

    /// The gradients of some parameters, `None` where there are none.
    fn gradient<'py>(&self, py: Python<'py>, start: usize, count: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        each!(&self.0, passes => passes.gradient(py, start, count))
    }

    /// Some parameters.
    fn values<'py>(&self, py: Python<'py>, start: usize, count: usize) -> PyResult<Bound<'py, PyAny>> {
        each!(&self.0, passes => passes.values(py, start, count))
    }

    /// Puts others in their place.
    fn set_values(&mut self, start: usize, values: &Bound<'_, PyAny>) -> PyResult<()> {
        each!(&mut self.0, passes => passes.set_values(start, values))
    }

    /// Layer, mean and variance of each batch normalisation.
    fn running<'py>(&self, py: Python<'py>) -> Vec<(usize, Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        each!(&self.0, passes => passes.running(py))
    }

    /// Puts other running statistics in a layer's place.
    fn set_running(&mut self, layer: usize, mean: &Bound<'_, PyAny>, var: &Bound<'_, PyAny>) -> PyResult<()> {
        each!(&mut self.0, passes => passes.set_running(layer, mean, var))
    }

    /// The network as a picture.
    fn svg(&self) -> String {
        each!(&self.0, passes => neuronlab::draw::Picture::network(&passes.model).to_string())
    }

    /// The table of its layers.
    fn summary(&self) -> String {
        each!(&self.0, passes => passes.model.summary(1).to_string())
    }
}

impl<T: Real + TorchReal + Element> Passes<T> {
    fn new(network: nn::Network, parameters: &Bound<'_, PyAny>) -> PyResult<Self> {
        let parameters = array::<T>(parameters)?.as_slice()?.to_vec();
        Ok(Self { model: nn::Model::new(network, parameters).or_raise()?, sums: None })
    }

    fn tensors(&self) -> Vec<(String, Vec<usize>, usize)> {
        self.model.network().tensors().map(|t| (t.name.clone(), t.shape.clone(), t.range.start)).collect()
    }

    fn forward<'py>(
        &mut self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        training: Option<PyRefMut<'py, Generator>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let x = array::<T>(x)?;
        let (x, inputs) = (x.as_slice()?, self.model.network().in_features());
        if x.is_empty() || !x.len().is_multiple_of(inputs) {
            return Err(value_error(format!("forward: expected rows of {inputs} numbers, got {} numbers", x.len())));
        }
        match training {
            None => self.model.eval(),
            Some(mut generator) => {
                self.model.train();
                self.model.draw_masks(x.len() / inputs, &mut generator.0);
            }
        }
        let model = &mut self.model;
        let out = if x.len() < LONG { model.forward(x) } else { py.detach(|| model.forward(x)) };
        Ok(PyArray1::from_slice(py, out).into_any())
    }

    fn loss(&mut self, py: Python<'_>, loss: &Loss, target: &Bound<'_, PyAny>) -> PyResult<f64> {
        let target = array::<T>(target)?;
        let (target, outputs) = (target.as_slice()?, self.model.output().len());
        if outputs == 0 {
            return Err(PyRuntimeError::new_err("loss: the network has computed nothing yet"));
        }
        if target.len() != outputs {
            return Err(value_error(format!(
                "loss: expected {outputs} targets, one for each output, got {}",
                target.len()
            )));
        }
        let model = &mut self.model;
        let value = if outputs < LONG {
            model.backward(&loss.0, target)
        } else {
            py.detach(|| model.backward(&loss.0, target))
        };
        Ok(value.to_f64())
    }

    fn zero_grad(&mut self, to_none: bool) {
        self.sums = (!to_none).then(|| vec![T::default(); self.model.parameters().len()]);
    }

    fn accumulate(&mut self, factor: f64) {
        let (gradients, factor) = (self.model.gradients(), T::constant(factor));
        match &mut self.sums {
            None => self.sums = Some(gradients.iter().map(|&g| g * factor).collect()),
            Some(sums) => sums.iter_mut().zip(gradients).for_each(|(sum, &g)| *sum = *sum + g * factor),
        }
    }

    fn gradient<'py>(&self, py: Python<'py>, start: usize, count: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(sums) = &self.sums else { return Ok(None) };
        let some = sums.get(start..start + count).ok_or_else(|| value_error("no such parameters"))?;
        Ok(Some(PyArray1::from_slice(py, some).into_any()))
    }

    fn values<'py>(&self, py: Python<'py>, start: usize, count: usize) -> PyResult<Bound<'py, PyAny>> {
        let some =
            self.model.parameters().get(start..start + count).ok_or_else(|| value_error("no such parameters"))?;
        Ok(PyArray1::from_slice(py, some).into_any())
    }

    fn set_values(&mut self, start: usize, values: &Bound<'_, PyAny>) -> PyResult<()> {
        let values = array::<T>(values)?;
        let values = values.as_slice()?;
        let some = self.model.parameters_mut().get_mut(start..start + values.len());
        some.ok_or_else(|| value_error("no such parameters"))?.copy_from_slice(values);
        Ok(())
    }

    fn running<'py>(&self, py: Python<'py>) -> Vec<(usize, Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let layers = 0..self.model.network().layers().len();
        let list = |values: &[T]| PyArray1::from_slice(py, values).into_any();
        layers.filter_map(|l| self.model.running(l).map(|r| (l, list(&r.mean), list(&r.var)))).collect()
    }

    fn set_running(&mut self, layer: usize, mean: &Bound<'_, PyAny>, var: &Bound<'_, PyAny>) -> PyResult<()> {
        let (mean, var) = (array::<T>(mean)?, array::<T>(var)?);
        let layers = self.model.network().layers().len();
        let running = if layer < layers { self.model.running_mut(layer) } else { None };
        let running = running.ok_or_else(|| value_error(format!("layer {layer} has no batch normalisation")))?;
        for (to, from) in [(&mut running.mean, mean.as_slice()?), (&mut running.var, var.as_slice()?)] {
            if to.len() != from.len() {
                return Err(value_error(format!("expected {} running numbers, got {}", to.len(), from.len())));
            }
            to.copy_from_slice(from);
        }
        Ok(())
    }
}

/// An array of the network's precision, as the Python half has made it.
pub(crate) fn array<'py, T: Element + Real>(values: &Bound<'py, PyAny>) -> PyResult<PyReadonlyArrayDyn<'py, T>> {
    let name = match T::DTYPE {
        Dtype::Float32 => "float32",
        Dtype::Float64 => "float64",
    };
    values.extract().map_err(|_| value_error(format!("expected a {name} array, got {}", values.get_type())))
}

/// An optimizer and what it remembers of a network; the learning rate may follow a schedule.
#[pyclass(module = "neuronlab._neuronlab")]
pub(crate) struct Optimizer {
    rule: optim::Optimizer,
    stepper: Either,
    schedule: Option<(Schedule, Progress)>,
}

enum Either {
    Single(Stepper<f32>),
    Double(Stepper<f64>),
}

#[pymethods]
impl Optimizer {
    /// From JSON, as in an experiment file, for a network.
    #[new]
    fn new(json: &str, net: &Net) -> PyResult<Self> {
        let rule: optim::Optimizer = serde_json::from_str(json).map_err(|e| value_error(format!("optimizer: {e}")))?;
        let stepper = match &net.0 {
            Any::Single(passes) => Either::Single(Stepper::new(rule, &passes.model).or_raise()?),
            Any::Double(passes) => Either::Double(Stepper::new(rule, &passes.model).or_raise()?),
        };
        Ok(Self { rule, stepper, schedule: None })
    }

    /// One update by the gradients that are there; without any, nothing is done, as in PyTorch.
    fn step(&mut self, net: &mut Net) -> PyResult<()> {
        match (&mut self.stepper, &mut net.0) {
            (Either::Single(stepper), Any::Single(passes)) => update(stepper, passes),
            (Either::Double(stepper), Any::Double(passes)) => update(stepper, passes),
            _ => Err(value_error("step: the optimizer was made for a network of another precision")),
        }
    }

    /// The learning rate of the next step.
    #[getter]
    fn lr(&self) -> f64 {
        match &self.stepper {
            Either::Single(stepper) => stepper.lr(),
            Either::Double(stepper) => stepper.lr(),
        }
    }

    #[setter]
    fn set_lr(&mut self, lr: f64) -> PyResult<()> {
        match &mut self.stepper {
            Either::Single(stepper) => stepper.set_lr(lr).or_raise(),
            Either::Double(stepper) => stepper.set_lr(lr).or_raise(),
        }
    }

    /// Learning rate and momentum follow a schedule from here on, given as JSON.
    fn follow(&mut self, json: &str) -> PyResult<()> {
        let schedule: Schedule = serde_json::from_str(json).map_err(|e| value_error(format!("schedule: {e}")))?;
        schedule.validate(&self.rule).or_raise()?;
        let progress = schedule.start(self.rule.hyper());
        self.set_hyper(progress.hyper());
        self.schedule = Some((schedule, progress));
        Ok(())
    }

    /// One more epoch or step of the schedule; `loss` is for one that goes by it.
    fn advance(&mut self, loss: f64) {
        if let Some((schedule, progress)) = &mut self.schedule {
            schedule.advance(progress, self.rule.hyper(), loss);
            let hyper = progress.hyper();
            self.set_hyper(hyper);
        }
    }

    /// Its name and settings, as PyTorch prints them.
    fn describe(&self) -> String {
        self.rule.describe()
    }
}

impl Optimizer {
    fn set_hyper(&mut self, hyper: optim::Hyper) {
        match &mut self.stepper {
            Either::Single(stepper) => stepper.set_hyper(hyper),
            Either::Double(stepper) => stepper.set_hyper(hyper),
        }
    }
}

fn update<T: Real + Element>(stepper: &mut Stepper<T>, passes: &mut Passes<T>) -> PyResult<()> {
    let Some(sums) = &passes.sums else { return Ok(()) };
    passes.model.gradients_mut().copy_from_slice(sums);
    if !stepper.fits(&passes.model) {
        return Err(value_error("step: the optimizer was made for another network"));
    }
    stepper.step(&mut passes.model);
    Ok(())
}
