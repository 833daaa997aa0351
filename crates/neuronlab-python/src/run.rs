//! `Run`: one training, as far as it is.

use crate::error::{DivergedError, OrRaise, value_error};
use crate::experiment::Experiment;
use crate::net::array;
use neuronlab::draw::ComputationGraph;
use neuronlab::explain::{Landscape, Moment, Plane, Timeline, Trace};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::sweep::Outcome;
use neuronlab::train::{Ended, Epoch};
use neuronlab::{Divergence, History, Listener, Results, Step, Trainer, draw};
use numpy::{Element, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Between two looks at Ctrl-C and the progress bar.
const LOOK: Duration = Duration::from_millis(50);
/// Moments of a run that are looked at for a picture of all of it, and those of a film.
const MOMENTS: u64 = 300;
const FRAMES: u64 = 24;
/// Steps between two looks at the clock.
const STEPS: u64 = 64;

/// Name, shape and numbers.
type Tensor<'py> = (String, Vec<usize>, Bound<'py, PyAny>);

/// A run, in its precision.
#[pyclass(module = "neuronlab._neuronlab")]
pub(crate) struct Run(pub(crate) Any);

pub(crate) enum Any {
    Single(Learned<f32>),
    Double(Learned<f64>),
}

/// A run, what each of its steps lost, and the way back through it.
pub(crate) struct Learned<T> {
    pub(crate) trainer: Trainer<T>,
    pub(crate) history: History<T>,
    pub(crate) diverged: Option<Box<Divergence>>,
    timeline: Option<Timeline<T>>,
}

#[macro_export]
#[doc(hidden)]
macro_rules! of_run {
    ($run:expr, $learned:ident => $do:expr) => {
        match $run {
            $crate::run::Any::Single($learned) => $do,
            $crate::run::Any::Double($learned) => $do,
        }
    };
}

#[pymethods]
impl Run {
    /// A run that has not begun.
    #[new]
    fn new(py: Python<'_>, experiment: &Experiment) -> PyResult<Self> {
        let experiment = &experiment.0;
        Ok(Self(match experiment.dtype {
            Dtype::Float32 => Any::Single(py.detach(|| Learned::new(experiment)).or_raise()?),
            Dtype::Float64 => Any::Double(py.detach(|| Learned::new(experiment)).or_raise()?),
        }))
    }

    /// The run in a results folder, ready to go on if it can.
    #[staticmethod]
    fn open(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        py.detach(|| {
            let experiment = Results::open(&folder)?.experiment(&[])?;
            Ok(Self(match experiment.dtype {
                Dtype::Float32 => Any::Single(Learned::open(&folder, &experiment)?),
                Dtype::Float64 => Any::Double(Learned::open(&folder, &experiment)?),
            }))
        })
        .or_raise()
    }

    /// Trains on to the end. `progress` is called with the epochs done some twenty times a second; what it raises, and Ctrl-C, end
    /// the training between two steps, and the run can go on.
    fn train(&mut self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<String> {
        of_run!(&mut self.0, learned => learned.train(py, progress.as_ref()))
    }

    /// All there is to it.
    #[getter]
    fn experiment(&self) -> Experiment {
        of_run!(&self.0, learned => Experiment(learned.trainer.experiment().clone()))
    }

    /// Steps and whole epochs done.
    #[getter]
    fn done(&self) -> (u64, u64) {
        of_run!(&self.0, learned => (learned.trainer.steps(), learned.trainer.epochs()))
    }

    /// Steps of an epoch.
    #[getter]
    fn steps_per_epoch(&self) -> usize {
        of_run!(&self.0, learned => learned.history.steps_per_epoch())
    }

    /// `epochs`, `loss_below`, `patience`, or none if it can go on.
    #[getter]
    fn ended(&self) -> Option<&'static str> {
        of_run!(&self.0, learned => learned.ended())
    }

    /// Where it left the finite numbers, if it did: step, epoch, parameter and a sentence.
    #[getter]
    fn diverged(&self) -> Option<(u64, u64, String, String)> {
        let diverged = of_run!(&self.0, learned => learned.diverged.as_deref());
        diverged.map(|d| (d.step, d.epoch, d.parameter.clone(), d.to_string()))
    }

    /// Loss, learning rate and momentum of every step.
    fn history<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        of_run!(&self.0, learned => learned.history(py))
    }

    /// The samples of a step; none where every step takes all.
    fn samples(&self, step: usize) -> PyResult<Vec<u32>> {
        let done = self.done().0;
        if step as u64 >= done {
            return Err(value_error(format!("step: expected 0 to {}, got {step}", done.saturating_sub(1))));
        }
        Ok(of_run!(&self.0, learned => learned.history.samples(step).to_vec()))
    }

    /// Name, shape and numbers of each tensor, at a step.
    fn state<'py>(&mut self, py: Python<'py>, step: Option<u64>) -> PyResult<Vec<Tensor<'py>>> {
        of_run!(&mut self.0, learned => learned.state(py, step))
    }

    /// The network's outputs for rows of inputs, in the user's units.
    fn predict<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        of_run!(&self.0, learned => learned.predict(py, x))
    }

    /// Loss, mean absolute error and share of right answers: on the training samples, and on those held back.
    fn quality(&self) -> [Option<(f64, f64, f64)>; 2] {
        of_run!(&self.0, learned => learned.quality())
    }

    /// Names of the classes; none where the answers are numbers.
    #[getter]
    fn classes(&self) -> Vec<String> {
        of_run!(&self.0, learned => learned.trainer.task().classes.clone())
    }

    /// Numbers of inputs and of outputs.
    #[getter]
    fn width(&self) -> (usize, usize) {
        of_run!(&self.0, learned => {
            let network = learned.trainer.model().network();
            (network.in_features(), network.out_features())
        })
    }

    /// What is unusual about the experiment and its data.
    fn notes(&self) -> Vec<String> {
        of_run!(&self.0, learned => learned.trainer.notes().iter().map(ToString::to_string).collect())
    }

    /// A hash of the bits of what was learned, as sweeps have it.
    #[getter]
    fn weights_hash(&self) -> u64 {
        of_run!(&self.0, learned => Outcome::weights_of(&learned.trainer))
    }

    /// The table of the layers.
    fn summary(&self) -> String {
        of_run!(&self.0, learned => learned.trainer.model().summary(learned.trainer.sampler().size()).to_string())
    }

    /// The page for people.
    fn report(&self, py: Python<'_>) -> String {
        of_run!(&self.0, learned => py.detach(|| learned.report()))
    }

    /// The losses, the network or the answers over the plane, as a picture.
    fn picture(&self, py: Python<'_>, what: &str) -> PyResult<String> {
        of_run!(&self.0, learned => py.detach(|| learned.picture(what)))
    }

    /// Writes a results folder, as `neuronlab train` does.
    fn save(&self, py: Python<'_>, folder: PathBuf, force: bool) -> PyResult<()> {
        of_run!(&self.0, learned => py.detach(|| learned.save(&folder, force)).or_raise())
    }
}

/// Follows a run, and breaks in from time to time.
struct Follower<'h, T> {
    history: &'h mut History<T>,
    steps: u64,
    since: Instant,
}

impl<T: Real> Listener<T> for Follower<'_, T> {
    fn step(&mut self, step: &Step<'_, T>) -> ControlFlow<()> {
        let _ = self.history.step(step);
        self.steps += 1;
        if self.steps.is_multiple_of(STEPS) && self.since.elapsed() >= LOOK {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn epoch(&mut self, epoch: &Epoch<T>) -> ControlFlow<()> {
        self.history.epoch(epoch)
    }
}

impl<T: Real + TorchReal + Element> Learned<T> {
    fn new(experiment: &neuronlab::Experiment) -> neuronlab::Result<Self> {
        let trainer = Trainer::new(experiment)?;
        let history = History::new(&trainer);
        Ok(Self { trainer, history, diverged: None, timeline: None })
    }

    fn open(folder: &std::path::Path, experiment: &neuronlab::Experiment) -> neuronlab::Result<Self> {
        let (_, trainer, history) = Results::open(folder)?.resume(experiment)?;
        Ok(Self { trainer, history, diverged: None, timeline: None })
    }

    fn train(&mut self, py: Python<'_>, progress: Option<&Py<PyAny>>) -> PyResult<String> {
        loop {
            let outcome = py.detach(|| {
                let mut follower = Follower { history: &mut self.history, steps: 0, since: Instant::now() };
                self.trainer.run(&mut follower)
            });
            if let Some(progress) = progress {
                progress.call1(py, (self.trainer.epochs(),))?;
            }
            match outcome {
                Ok(Ended::Interrupted) => py.check_signals()?,
                Ok(_) => return Ok(self.ended().unwrap_or_default().into()),
                Err(divergence) => {
                    let message = divergence.to_string();
                    self.diverged = Some(divergence);
                    return Err(DivergedError::new_err(message));
                }
            }
        }
    }

    fn ended(&self) -> Option<&'static str> {
        self.trainer.ended().map(|ended| match ended {
            Ended::Epochs => "epochs",
            Ended::LossBelow => "loss_below",
            Ended::Patience => "patience",
            Ended::Interrupted => "interrupted",
        })
    }

    fn history<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (history, steps) = (&self.history, self.history.losses.len());
        let columns = PyDict::new(py);
        let epochs: Vec<u64> = (0..steps).map(|step| history.epoch(step) as u64).collect();
        columns.set_item("epoch", PyArray1::from_vec(py, epochs))?;
        columns.set_item("step", PyArray1::from_vec(py, (0..steps as u64).collect()))?;
        columns.set_item("loss", PyArray1::from_slice(py, &history.losses))?;
        let rates = (0..steps).map(|step| history.hyper(step).map_or(f64::NAN, |hyper| hyper.lr));
        columns.set_item("lr", PyArray1::from_vec(py, rates.collect()))?;
        if history.scheduled().1 {
            let momenta = (0..steps).map(|step| history.hyper(step).and_then(|h| h.momentum).unwrap_or(f64::NAN));
            columns.set_item("momentum", PyArray1::from_vec(py, momenta.collect()))?;
        }
        if history.holds_back() {
            // Beside the last step of an epoch, as in `history.csv`.
            let per_epoch = history.steps_per_epoch();
            let last = |step: usize| (step + 1).is_multiple_of(per_epoch);
            let of = |step: usize| history.held_back(history.epoch(step)).filter(|_| last(step));
            let losses = (0..steps).map(|step| of(step).map_or(f64::NAN, |held_back| held_back.loss));
            columns.set_item("held_back_loss", PyArray1::from_vec(py, losses.collect()))?;
            let right = (0..steps).map(|step| of(step).map_or(f64::NAN, |held_back| held_back.right));
            columns.set_item("held_back_right", PyArray1::from_vec(py, right.collect()))?;
        }
        Ok(columns)
    }

    /// The run as it was before a step; at its end, if none is named.
    pub(crate) fn at(&mut self, step: Option<u64>) -> neuronlab::Result<&Trainer<T>> {
        match step {
            None => Ok(&self.trainer),
            Some(step) if step == self.trainer.steps() => Ok(&self.trainer),
            Some(step) => {
                let timeline = match self.timeline.take() {
                    Some(timeline) => timeline,
                    None => Timeline::again(&self.trainer)?,
                };
                self.timeline.insert(timeline).at(step)
            }
        }
    }

    fn state<'py>(&mut self, py: Python<'py>, step: Option<u64>) -> PyResult<Vec<Tensor<'py>>> {
        let trainer = py.detach(|| self.at(step)).or_raise()?;
        let model = trainer.model();
        let list = |values: &[T]| PyArray1::from_slice(py, values).into_any();
        let tensor = |t: neuronlab::nn::Tensor| (t.name, t.shape, list(&model.parameters()[t.range]));
        let mut tensors: Vec<_> = model.network().tensors().map(tensor).collect();
        for (l, running) in (0..model.network().layers().len()).filter_map(|l| Some((l, model.running(l)?))) {
            for (what, values) in [("mean", &running.mean), ("var", &running.var)] {
                tensors.push((format!("bn{}.running_{what}", l + 1), vec![values.len()], list(values)));
            }
        }
        Ok(tensors)
    }

    fn predict<'py>(&self, py: Python<'py>, x: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let x = array::<f64>(x)?;
        let (x, inputs) = (x.as_slice()?, self.trainer.model().network().in_features());
        if !x.len().is_multiple_of(inputs) {
            return Err(value_error(format!("predict: expected rows of {inputs} numbers, got {} numbers", x.len())));
        }
        let answers = py.detach(|| {
            let mut x = x.to_vec();
            if let Some(scaling) = &self.trainer.task().scaling {
                scaling.apply(&mut x);
            }
            let x: Vec<T> = x.into_iter().map(T::constant).collect();
            self.trainer.predict(&x)
        });
        Ok(PyArray1::from_vec(py, answers).into_any())
    }

    fn quality(&self) -> [Option<(f64, f64, f64)>; 2] {
        let task = self.trainer.task();
        [&task.train, &task.test].map(|samples| {
            let of = |e: neuronlab::train::Evaluation<T>| (e.loss, e.mean_absolute_error, e.right);
            (!samples.x.is_empty()).then(|| of(self.trainer.evaluate(&samples.x, &samples.y)))
        })
    }

    fn in_words(&self) -> String {
        let (steps, epochs) = (self.trainer.steps(), self.trainer.epochs());
        match (&self.diverged, self.trainer.ended()) {
            (Some(divergence), _) => divergence.to_string(),
            (None, Some(_)) => format!("Finished: {epochs} epochs, {steps} steps"),
            (None, None) => format!("Not finished: {steps} steps (epoch {epochs})"),
        }
    }

    fn report(&self) -> String {
        draw::report(&self.trainer, &self.history, &self.in_words(), self.diverged.is_some())
    }

    fn picture(&self, what: &str) -> PyResult<String> {
        let trainer = &self.trainer;
        let again = || Timeline::again(trainer);
        let trace = || Trace::along(&mut again()?, &Trace::steps(trainer.steps(), MOMENTS), |_| {});
        match what {
            "network" => Ok(draw::Picture::network(trainer.model()).to_string()),
            "loss" => Ok(draw::Picture::loss_curve(&self.history.losses, self.history.steps_per_epoch()).to_string()),
            "surface" => draw::answer_surface(trainer),
            "neurons" => draw::neuron_surfaces(trainer),
            "weights" => trace().map(|trace| draw::weights(&trace)),
            "gradients" => trace().map(|trace| draw::gradients(&trace)),
            "landscape" => {
                trace().and_then(|trace| Ok(draw::landscape(&Landscape::new(trainer, &trace, Plane::Principal)?)))
            }
            "animation" => again()
                .and_then(|mut run| draw::animation(&mut run, &draw::animation_steps(trainer.steps(), FRAMES), |_| {})),
            "graph" => again().and_then(|mut run| {
                let last = run.at(trainer.steps().saturating_sub(1))?;
                Ok(ComputationGraph::of_tensors(&Moment::new(last, None)?).svg())
            }),
            other => {
                let expected = "loss, network, surface, neurons, weights, gradients, landscape, graph or animation";
                return Err(value_error(format!("picture: expected {expected}, got {other}")));
            }
        }
        .or_raise()
    }

    fn save(&self, folder: &std::path::Path, force: bool) -> neuronlab::Result<()> {
        let report = self.report();
        Results::create(folder, force)?.save(&self.trainer, &self.history, self.diverged.is_none(), Some(&report))
    }
}
