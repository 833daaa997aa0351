//! The training loop: draw samples, forward, loss, backward, update; one after the other.

use super::divergence::{Cause, Divergence};
use super::{Note, Sampler, Task, memory, notes};
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Monitor};
use crate::nn::{Learned, Loss, Model, by_inputs, everywhere};
use crate::optim::{Hyper, Per, Progress, State};
use crate::random::{NumpyRng, TorchReal, TorchRng};
use crate::scalar::{Aligned, Real, copy};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<'a, T> {
    /// Epoch, from 0.
    pub epoch: u64,
    /// Step over the whole run, from 0.
    pub step: u64,
    /// The samples of the batch, from 0.
    pub samples: &'a [u32],
    /// Their loss, before the update; with the penalty of the weights, if there is one.
    pub loss: T,
    /// Learning rate and momentum of the update.
    pub hyper: Hyper,
}

/// What one epoch did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch<T> {
    /// Epoch, from 0.
    pub epoch: u64,
    /// Mean of the losses of its steps.
    pub mean_loss: f64,
    /// Loss of its last step: what the notebook prints.
    pub last_loss: T,
    /// How the samples that are held back fare after it, if there are some.
    pub held_back: Option<HeldBack>,
}

/// How the samples that are held back fare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldBack {
    /// Their loss.
    pub loss: f64,
    /// Share of them whose answer is right.
    pub right: f64,
}

/// The steps of a run, compiled once for each number type, as [`kernels`](crate::kernels) are.
#[doc(hidden)]
pub trait Steps: Sized {
    /// One step; its loss.
    fn one_step(trainer: &mut Trainer<Self>) -> Result<Self, Box<Divergence>>;
    /// Steps to the end, or until the listener breaks in.
    fn run(trainer: &mut Trainer<Self>, listener: &mut dyn Listener<Self>) -> Result<Ended, Box<Divergence>>;
}

macro_rules! steps {
    ($($Number:ty),*) => {
        $(impl Steps for $Number {
            fn one_step(trainer: &mut Trainer<Self>) -> Result<Self, Box<Divergence>> {
                trainer.one_step()
            }

            fn run(trainer: &mut Trainer<Self>, listener: &mut dyn Listener<Self>) -> Result<Ended, Box<Divergence>> {
                trainer.run_with(listener)
            }
        })*
    };
}

steps!(f32, f64);

/// The best so far, of a run that keeps it.
#[derive(Debug, Clone)]
pub(super) struct Best<T> {
    /// Whole epochs after which it was.
    pub(super) epochs: u64,
    pub(super) learned: Learned<T>,
}

/// Somebody who follows training. `Break` interrupts the run after the step.
pub trait Listener<T> {
    /// After each step.
    fn step(&mut self, step: &Step<'_, T>) -> ControlFlow<()> {
        let _ = step;
        ControlFlow::Continue(())
    }
    /// After each epoch.
    fn epoch(&mut self, epoch: &Epoch<T>) -> ControlFlow<()> {
        let _ = epoch;
        ControlFlow::Continue(())
    }
}

/// Nobody.
impl<T> Listener<T> for () {}

/// Why training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// All epochs are done.
    Epochs,
    /// The mean loss of the last epoch was below `stop.loss_below`.
    LossBelow,
    /// The mean loss did not become lower for `stop.patience` epochs.
    Patience,
    /// A listener said `Break`; the run can go on.
    Interrupted,
}

/// How far training is; the part of its state that is not parameters or streams.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    pub(super) epoch: u64,
    pub(super) step_in_epoch: usize,
    pub(super) step: u64,
    /// Sum of the losses of this epoch's steps.
    pub(super) loss_sum: f64,
    /// Mean loss of the last whole epoch; the loss that stop rules watch, the lowest one of all, and epochs since that.
    pub(super) mean_loss: f64,
    pub(super) watched: f64,
    pub(super) lowest: f64,
    pub(super) waited: u64,
}

/// A run in progress.
///
/// ```
/// use neuronlab::{Experiment, Trainer};
///
/// let xor = Experiment::built_in("notebook-first-epoch")?;
/// let mut trainer = Trainer::<f32>::new(&xor)?;
/// for _ in 0..4 {
///     let loss = trainer.step()?.loss;
///     println!("{loss:.10}"); // 0.2177433819, 1.3432037830, 1.2662559748, 1.0377969742
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trainer<T> {
    pub(super) experiment: Experiment,
    pub(super) task: Arc<Task<T>>,
    pub(super) model: Model<T>,
    pub(super) state: State<T>,
    pub(super) sampler: Sampler,
    pub(super) position: Position,
    /// How the held-back samples fared after the last epoch, where that is watched, or the best parameters are put back before anybody asks.
    looked: Option<HeldBack>,
    /// Where the best parameters are kept.
    pub(super) best: Option<Best<T>>,
    /// What a run had learned last that has ended with the best instead: it goes on from there.
    pub(super) last: Option<Learned<T>>,
    /// The experiment's, for targets such as these.
    loss: Loss,
    /// Learning rate and momentum, and how a schedule changes them.
    pub(super) progress: Progress,
    /// The targets of the batch.
    target: Vec<T>,
    /// The parameters before the last update, for the report of a divergence.
    previous: Aligned<T>,
}

impl<T: Real + TorchReal> Trainer<T> {
    /// Reads the data, draws the parameters, makes everything ready for the first step.
    pub fn new(experiment: &Experiment) -> Result<Self> {
        experiment.validate()?;
        let data = experiment.data.load()?;
        memory::check(experiment, data.input_names.len(), data.len(), size_of::<T>())?;
        experiment.network(data.input_names.len())?;
        let task = Task::<T>::new(experiment, data)?;
        Self::on(experiment, Arc::new(task))
    }

    /// The same for a task that is there already: that of the experiment's data.
    pub(crate) fn on(experiment: &Experiment, task: Arc<Task<T>>) -> Result<Self> {
        let network = experiment.network(task.input_names.len())?;
        let mut torch = TorchRng::new(experiment.seed.torch);
        torch.discard(experiment.seed.discard);
        let parameters = network.initialise(&experiment.init, &experiment.init_bias, &mut torch);
        if let Some(far) = parameters.iter().position(|w: &T| !w.is_finite()) {
            let expected = format!("parameters that {} holds", T::DTYPE.name());
            return Err(Error::field(
                "init",
                expected,
                format!("{} = {}", network.parameter_name(far), parameters[far]),
            ));
        }
        let n = task.train.x.len() / network.in_features();
        let sampler = Sampler::new(&experiment.batch, n, torch, NumpyRng::new(experiment.seed.numpy))?;
        if sampler.smallest() < 2 && network.layers().iter().any(|layer| layer.batch_norm.is_some()) {
            let expected = "at least 2 samples in every step, the last of an epoch too, for batch normalisation";
            return Err(Error::field("batch.size", expected, sampler.smallest()));
        }

        let infinity = f64::INFINITY;
        let position = Position {
            epoch: 0,
            step_in_epoch: 0,
            step: 0,
            loss_sum: 0.0,
            mean_loss: infinity,
            watched: infinity,
            lowest: infinity,
            waited: 0,
        };
        Ok(Self {
            experiment: experiment.clone(),
            progress: start(experiment, &sampler)?,
            state: experiment.optimizer.state(parameters.len()),
            previous: Aligned::from(&parameters[..]),
            target: Vec::with_capacity(sampler.size() * network.out_features()),
            model: Model::new(network, parameters)?,
            loss: if task.classes.is_empty() { experiment.loss.of_distributions() } else { experiment.loss.clone() },
            task,
            sampler,
            position,
            looked: None,
            best: None,
            last: None,
        })
    }
}

impl<T: Real> Trainer<T> {
    /// The experiment.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// What is learned.
    pub fn task(&self) -> &Task<T> {
        &self.task
    }

    /// The same, to be shared with other runs.
    pub(crate) fn shared_task(&self) -> Arc<Task<T>> {
        Arc::clone(&self.task)
    }

    /// What is unusual about the experiment and its data, and what is usually meant.
    pub fn notes(&self) -> Vec<Note> {
        notes::notes(&self.experiment, &self.task)
    }

    /// The loss: the experiment's, with what the data say about its targets.
    pub fn loss(&self) -> &Loss {
        &self.loss
    }

    /// The network and its numbers as they are now.
    pub fn model(&self) -> &Model<T> {
        &self.model
    }

    /// The parameters, to start from other ones or to try something out.
    pub fn parameters_mut(&mut self) -> &mut [T] {
        self.model.parameters_mut()
    }

    /// What the optimizer remembers.
    pub fn optimizer_state(&self) -> &State<T> {
        &self.state
    }

    /// Learning rate and momentum of the next step.
    pub fn hyper(&self) -> Hyper {
        self.progress.hyper()
    }

    /// What draws the samples.
    pub fn sampler(&self) -> &Sampler {
        &self.sampler
    }

    /// The samples of the next step.
    pub fn upcoming(&self) -> Vec<u32> {
        self.sampler.clone().next(self.position.step_in_epoch).to_vec()
    }

    /// The torch stream as the next step finds it, from which it draws the masks of dropout.
    pub(crate) fn mask_stream(&self) -> TorchRng {
        let (mut sampler, step) = (self.sampler.clone(), self.position.step_in_epoch);
        sampler.next(step);
        sampler.mask_stream(step).clone()
    }

    /// Bytes that it holds, about.
    pub(crate) fn bytes(&self) -> u128 {
        let parameters = self.previous.len() * (3 + self.state.buffers.len());
        let task = &self.task;
        let samples = [&task.train, &task.test].map(|s| s.x.len() + s.y.len()).iter().sum::<usize>();
        ((parameters + samples) * size_of::<T>()) as u128
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.position.step
    }

    /// Whole epochs done.
    pub fn epochs(&self) -> u64 {
        self.position.epoch
    }

    /// Whether it stands between two epochs.
    pub fn at_epoch(&self) -> bool {
        self.position.step_in_epoch == 0
    }

    /// Why training is over, if it is.
    pub fn ended(&self) -> Option<Ended> {
        let (stop, at) = (&self.experiment.stop, &self.position);
        if at.step_in_epoch > 0 || at.epoch == 0 {
            None
        } else if stop.loss_below.is_some_and(|bound| at.watched < bound) {
            Some(Ended::LossBelow)
        } else if stop.patience.is_some_and(|epochs| at.waited >= epochs) {
            Some(Ended::Patience)
        } else {
            (at.epoch >= stop.epochs).then_some(Ended::Epochs)
        }
    }

    /// One step: samples, forward, loss, backward, update.
    ///
    /// # Errors
    /// The loss or a parameter left the finite numbers. The parameters are then those before the step.
    pub fn step(&mut self) -> Result<Step<'_, T>, Box<Divergence>> {
        let (at, hyper) = (self.position, self.progress.hyper());
        let loss = T::one_step(self)?;
        let samples = self.sampler.last(at.step_in_epoch);
        Ok(Step { epoch: at.epoch, step: at.step, samples, loss, hyper })
    }

    /// Trains to the end, or until a listener breaks in.
    ///
    /// # Errors
    /// The loss or a parameter left the finite numbers.
    pub fn run(&mut self, listener: &mut impl Listener<T>) -> Result<Ended, Box<Divergence>> {
        T::run(self, listener)
    }

    fn run_with(&mut self, listener: &mut dyn Listener<T>) -> Result<Ended, Box<Divergence>> {
        loop {
            if let Some(ended) = self.ended() {
                return Ok(ended);
            }
            let (at, hyper) = (self.position, self.progress.hyper());
            let loss = self.one_step()?;
            let samples = self.sampler.last(at.step_in_epoch);
            let mut flow = listener.step(&Step { epoch: at.epoch, step: at.step, samples, loss, hyper });
            if self.position.step_in_epoch == 0 {
                let mean_loss = self.position.mean_loss;
                let held_back = self.looked.or_else(|| self.held_back());
                if listener.epoch(&Epoch { epoch: at.epoch, mean_loss, last_loss: loss, held_back }).is_break() {
                    flow = ControlFlow::Break(());
                }
            }
            if flow.is_break() {
                return Ok(self.ended().unwrap_or(Ended::Interrupted));
            }
        }
    }

    #[inline(always)]
    fn one_step(&mut self) -> Result<T, Box<Divergence>> {
        if let Some(last) = self.last.take() {
            self.model.put_back(&last);
        }
        let network = self.model.network();
        let (inputs, outputs) = (network.in_features(), network.out_features());
        let samples = self.sampler.next(self.position.step_in_epoch);

        self.model.rows(samples.len());
        self.target.resize(samples.len() * outputs, T::default());
        gather(&self.task.train.x, samples, self.model.input_mut(), inputs);
        gather(&self.task.train.y, samples, &mut self.target, outputs);

        if self.model.network().has_dropout() {
            let rows = samples.len();
            self.model.draw_masks(rows, self.sampler.mask_stream(self.position.step_in_epoch));
        }
        self.model.run_forward();
        let numbers = everywhere(self.loss.numbers(self.model.network().out_features()));
        let mut loss = self.model.loss_with(&self.loss, &numbers, &self.target);
        let penalty = self.experiment.regularization.map(|penalty| everywhere(penalty.numbers()));
        if let Some(penalty) = &penalty {
            loss = loss + self.model.penalty_with(penalty);
        }
        if !loss.is_finite() {
            return Err(Box::new(self.loss_diverged(loss)));
        }
        self.model.run_backward(&self.loss, &numbers, &self.target);
        if let Some(penalty) = &penalty {
            self.model.penalise_with(penalty);
        }

        self.previous.copy_from_slice(self.model.parameters());
        self.model.hold_frozen();
        if let Some(clip) = &self.experiment.clip {
            clip.apply(self.model.gradients_mut());
        }
        let hyper = self.progress.hyper();
        let (parameters, gradients) = self.model.parameters_and_gradients();
        self.experiment.optimizer.step(hyper, parameters, gradients, &mut self.state);
        self.model.release_frozen();
        if !self.model.is_finite() {
            return Err(Box::new(self.parameter_diverged(loss)));
        }
        self.advance(loss);
        Ok(loss)
    }

    fn advance(&mut self, loss: T) {
        let steps = self.sampler.steps();
        let at = &mut self.position;
        at.step += 1;
        at.step_in_epoch += 1;
        at.loss_sum += loss.to_f64();
        if at.step_in_epoch == steps {
            at.mean_loss = at.loss_sum / steps as f64;
            at.loss_sum = 0.0;
            at.step_in_epoch = 0;
            at.epoch += 1;
            self.end_epoch();
        }
        if let Some(schedule) = &self.experiment.schedule
            && (schedule.per() == Per::Step || self.position.step_in_epoch == 0)
        {
            schedule.advance(&mut self.progress, self.experiment.optimizer.hyper(), self.position.mean_loss);
        }
        self.end_with_best();
    }

    /// Looks at the loss that stop rules watch.
    fn end_epoch(&mut self) {
        let stop = self.experiment.stop;
        self.looked = if stop.follows_epochs() { self.held_back() } else { None };
        let watched = match stop.monitor {
            Monitor::Training => self.position.mean_loss,
            Monitor::HeldBack => self.looked.map_or(f64::INFINITY, |held_back| held_back.loss),
        };
        let at = &mut self.position;
        let lower = watched < at.lowest;
        at.watched = watched;
        at.waited = if lower { 0 } else { at.waited + 1 };
        at.lowest = at.lowest.min(watched);
        if lower && stop.restore_best {
            self.best = Some(Best { epochs: at.epoch, learned: self.model.learned() });
        }
    }

    /// Puts the best parameters back, if the run has ended and keeps them.
    pub(super) fn end_with_best(&mut self) {
        if let Some(best) = &self.best
            && self.ended().is_some()
            && best.epochs < self.position.epoch
        {
            self.last = Some(self.model.learned());
            self.model.put_back(&best.learned);
        }
    }

    /// How the samples that are held back fare now, if there are some.
    pub fn held_back(&self) -> Option<HeldBack> {
        let test = &self.task.test;
        (!test.x.is_empty()).then(|| {
            let evaluation = self.evaluate(&test.x, &test.y);
            HeldBack { loss: evaluation.loss, right: evaluation.right }
        })
    }

    /// Whole epochs after which the parameters were as they are now, where the run has ended with the best and not with the last.
    pub fn restored(&self) -> Option<u64> {
        self.last.as_ref().and(self.best.as_ref()).map(|best| best.epochs)
    }

    #[cold]
    fn loss_diverged(&self, loss: T) -> Divergence {
        let sizes = self.model.parameters().iter().map(|w| w.to_f64().abs()).enumerate();
        let largest = sizes.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(i, _)| i);
        self.divergence(loss, Cause::Loss, largest)
    }

    /// Puts the parameters back to what they were before the update.
    #[cold]
    fn parameter_diverged(&mut self, loss: T) -> Divergence {
        let left = self.model.parameters().iter().position(|w| !w.is_finite()).unwrap_or(0);
        let became = self.model.parameters()[left].to_f64();
        self.model.parameters_mut().copy_from_slice(&self.previous);
        self.divergence(loss, Cause::Parameter(became), left)
    }

    fn divergence(&self, loss: T, cause: Cause, parameter: usize) -> Divergence {
        Divergence {
            epoch: self.position.epoch,
            step: self.position.step,
            samples: self.sampler.last(self.position.step_in_epoch).to_vec(),
            loss: loss.to_f64(),
            cause,
            parameter: self.model.network().parameter_name(parameter),
            value: self.model.parameters()[parameter].to_f64(),
            gradient: self.model.gradients()[parameter].to_f64(),
        }
    }
}

/// Copies rows of `width` numbers.
fn gather<T: Copy>(from: &[T], rows: &[u32], to: &mut [T], width: usize) {
    by_inputs!(width, gather_rows(from, rows, to));
}

#[inline(always)]
fn gather_rows<T: Copy>(from: &[T], rows: &[u32], to: &mut [T], width: usize) {
    for (i, &row) in rows.iter().enumerate() {
        copy(&from[row as usize * width..][..width], &mut to[i * width..][..width]);
    }
}

/// The schedule before the first step, or what the optimizer says for good.
pub(crate) fn start(experiment: &Experiment, sampler: &Sampler) -> Result<Progress> {
    let steps = sampler.steps();
    let base = experiment.optimizer.hyper();
    let Some(schedule) = &experiment.schedule else {
        return Ok(Progress { t: 0, hyper: base, best: f64::INFINITY, bad: 0, rest: 0 });
    };
    let needed = match schedule.per() {
        Per::Step => experiment.stop.epochs.saturating_mul(steps as u64),
        Per::Epoch => experiment.stop.epochs,
    };
    match schedule.longest() {
        Some(longest) if longest < needed => {
            let expected = format!("at least {needed}, the steps of the run");
            Err(Error::field("schedule.total_steps", expected, longest))
        }
        _ => Ok(schedule.start(base)),
    }
}
