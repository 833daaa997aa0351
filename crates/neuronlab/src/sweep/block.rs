//! Runs side by side: the loop of training, over lanes.
//!
//! The arithmetic of a step is the engine's own, over a bundle of lanes instead of one number. What differs between runs are
//! their parameters, samples and numeric settings; structure and data are common. A lane that leaves the finite numbers is
//! trained again alone, which finds the step.

use super::draws::Draws;
use super::outcome::{Outcome, hash};
use crate::error::Result;
use crate::experiment::{Experiment, Seed};
use crate::nn::{Model, Network};
use crate::optim::{Clock, Factors, Per, Progress, Schedule, State};
use crate::random::{TorchReal, TorchRng};
use crate::scalar::{LaneWork, Real, Scalar, Simd, Work};
use crate::train::{Sampler, Task, Trainer, is_right, start};
use std::sync::Arc;

/// What runs side by side have in common.
#[derive(Debug)]
pub(super) struct Common<T> {
    pub(super) structure: Experiment,
    task: Task<T>,
    sampler: Sampler,
    /// Inputs and targets of the training samples, one list a column.
    inputs: Vec<Vec<T>>,
    targets: Vec<Vec<T>>,
}

impl<T: Real + TorchReal> Common<T> {
    pub(super) fn new(experiment: &Experiment) -> Result<Self> {
        let trainer = Trainer::<T>::new(experiment)?;
        let (task, network) = (trainer.task().clone(), trainer.model().network());
        let columns = |values: &[T], width: usize| -> Vec<Vec<T>> {
            (0..width).map(|i| values.iter().skip(i).step_by(width).copied().collect()).collect()
        };
        Ok(Self {
            structure: experiment.structure(),
            inputs: columns(&task.train.x, network.in_features()),
            targets: columns(&task.train.y, network.out_features()),
            sampler: trainer.sampler().clone(),
            task,
        })
    }

    /// Numbers that training one run holds in memory at a time.
    pub(super) fn numbers_a_run(&self) -> usize {
        let (parameters, neurons) = self.structure.network.sizes(self.inputs.len());
        let buffers = self.structure.optimizer.buffers().len() as u128;
        let numbers = parameters * (3 + buffers) + neurons * 4 * self.sampler.size() as u128;
        usize::try_from(numbers).unwrap_or(usize::MAX)
    }

    /// Multiplications of one run, roughly.
    pub(super) fn work_a_run(&self, epochs: u64) -> u128 {
        let (parameters, _) = self.structure.network.sizes(self.inputs.len());
        parameters * u128::from(epochs) * (self.sampler.samples_per_epoch() as u128 + self.sampler.steps() as u128)
    }
}

/// One run: its experiment but for the seeds, which are `base + offset`.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) experiment: Arc<Experiment>,
    pub(super) offset: u64,
}

impl Run {
    /// The experiment with the run's own seeds: one that can be trained alone.
    pub(super) fn complete(&self) -> Experiment {
        let mut experiment = Experiment::clone(&self.experiment);
        experiment.seed = experiment.seed.run(self.offset);
        experiment
    }
}

/// As many runs as there are lanes, or fewer.
pub(super) struct Block<'a, T> {
    pub(super) common: &'a Common<T>,
    pub(super) runs: &'a [Run],
}

impl<T: Real + TorchReal> Block<'_, T> {
    /// What the runs left, in their order.
    pub(super) fn train(&self, simd: Simd) -> Result<Vec<Outcome>> {
        let outcomes = simd.run::<T, _>(self)?;
        let alone =
            |(outcome, run): (Option<Outcome>, &Run)| outcome.map_or_else(|| Outcome::alone(&run.complete()), Ok);
        outcomes.into_iter().zip(self.runs).map(alone).collect()
    }
}

impl<T: Real + TorchReal> LaneWork<T> for &Block<'_, T> {
    /// `None` for a run that left the finite numbers.
    type Output = Result<Vec<Option<Outcome>>>;

    fn run<S: Scalar<Element = T>>(self) -> Self::Output {
        let mut lanes = Side::<S>::new(self)?;
        lanes.train();
        let outcome = |ended| match ended {
            Ended::With(outcome) => Some(outcome),
            _ => None,
        };
        Ok(lanes.ended.into_iter().take(self.runs.len()).map(outcome).collect())
    }
}

/// Lanes whose settings are the same, and whose learning rate therefore is.
struct Group<'a> {
    experiment: &'a Experiment,
    progress: Progress,
    clock: Clock,
    factors: Factors<f64>,
    /// Its lane, where each has a group of its own.
    lane: usize,
}

/// The state of a block in training.
struct Side<'a, S: Scalar> {
    common: &'a Common<S::Element>,
    experiments: Vec<&'a Experiment>,
    model: Model<S>,
    state: State<S>,
    draws: Draws,
    target: Vec<S>,
    groups: Vec<Group<'a>>,
    /// The group of each lane.
    group_of: Vec<usize>,
    factors: Factors<S>,
    clip: S,
    /// How near a number must be to its target to be right.
    within: S,
    /// 0, and NaN from the step on in which the loss was not finite.
    finite: S,
    watch: Option<Watch>,
    /// Epochs between two looks at each lane, and the next at which one is looked at or ends at the latest.
    looks_every: Vec<u64>,
    next_look: u64,
    solved: Vec<Option<u64>>,
    ended: Vec<Ended>,
}

/// How far a lane is.
#[derive(Debug, Clone)]
enum Ended {
    Not,
    /// It left the finite numbers.
    Diverged,
    With(Outcome),
}

impl Ended {
    fn is_not(&self) -> bool {
        matches!(self, Self::Not)
    }
}

/// The losses of each lane, where something goes by them.
struct Watch {
    sum: Vec<f64>,
    mean: Vec<f64>,
    lowest: Vec<f64>,
    waited: Vec<u64>,
}

impl<'a, S: Scalar> Side<'a, S>
where
    S::Element: Real + TorchReal,
{
    fn new(block: &'a Block<'_, S::Element>) -> Result<Self> {
        let (common, runs) = (block.common, block.runs);
        // Lanes without a run repeat the last one.
        let run_of = |k: usize| &runs[k.min(runs.len() - 1)];
        let experiments: Vec<&Experiment> = (0..S::LANES).map(|k| &*run_of(k).experiment).collect();
        let mut networks: Vec<(&Experiment, Network)> = vec![];
        let seeds: Vec<Seed> = (0..S::LANES).map(|k| experiments[k].seed.run(run_of(k).offset)).collect();
        let mut torch = TorchRng::side_by_side::<S>(&seeds.iter().map(|seed| seed.torch).collect::<Vec<_>>());
        let numpy: Vec<u32> = seeds.iter().map(|seed| seed.numpy).collect();
        let mut drawn: Vec<Vec<S::Element>> = Vec::with_capacity(S::LANES);
        for (k, &experiment) in experiments.iter().enumerate() {
            if networks.last().is_none_or(|(of, _)| !std::ptr::eq(*of, experiment)) {
                networks.push((experiment, experiment.network(common.inputs.len())?));
            }
            let (_, network) = networks.last().expect("one was just pushed");
            torch[k].discard(seeds[k].discard);
            drawn.push(network.initialise(experiment.init, experiment.init_bias, &mut torch[k]));
        }
        let column = |p: usize| drawn.iter().map(|of_lane| of_lane[p]).collect::<Vec<_>>();
        let parameters: Vec<S> = (0..drawn[0].len()).map(|p| S::load(&column(p))).collect();
        let (_, network) = networks.swap_remove(0);
        let (groups, group_of) = groups(&experiments, &common.sampler)?;

        let n = common.inputs[0].len();
        let draws = Draws::new::<S>(&common.structure.batch, n, &common.sampler, torch, &numpy);
        let clip: Vec<S::Element> =
            experiments.iter().map(|e| S::Element::constant(e.clip.map_or(1.0, |clip| clip.max()))).collect();
        let within: Vec<S::Element> = experiments.iter().map(|e| S::Element::constant(e.success.within)).collect();
        let watched = |e: &&Experiment| {
            e.stop.loss_below.is_some()
                || e.stop.patience.is_some()
                || e.schedule.as_ref().is_some_and(Schedule::watches_loss)
        };
        let infinities = || vec![f64::INFINITY; S::LANES];
        let watch = experiments.iter().any(watched).then(|| Watch {
            sum: vec![0.0; S::LANES],
            mean: infinities(),
            lowest: infinities(),
            waited: vec![0; S::LANES],
        });
        Ok(Self {
            state: experiments[0].optimizer.state(parameters.len()),
            target: vec![S::constant(0.0); common.sampler.size() * network.out_features()],
            model: Model::new(network, parameters)?,
            draws,
            groups,
            group_of,
            factors: [S::constant(0.0); 8],
            clip: S::load(&clip),
            within: S::load(&within),
            finite: S::constant(0.0),
            watch,
            looks_every: experiments.iter().map(|e| e.success.looks_every(e.stop.epochs)).collect(),
            next_look: 0,
            solved: vec![None; S::LANES],
            ended: vec![Ended::Not; S::LANES],
            common,
            experiments,
        })
    }

    fn train(&mut self) {
        let most = self.experiments.iter().map(|e| e.stop.epochs).max().unwrap_or(0);
        for epoch in 1..=most {
            for step in 0..self.common.sampler.steps() {
                S::call(Step(self, step));
            }
            self.end_epoch();
            self.look(epoch);
            if !self.ended.iter().any(Ended::is_not) {
                break;
            }
        }
    }

    #[inline(always)]
    fn step(&mut self, step: usize) {
        let (inputs, outputs) = (self.common.inputs.len(), self.common.targets.len());
        let rows = self.draws.rows(step);
        self.model.rows(rows);
        let (x, target) = (self.model.input_mut(), &mut self.target[..rows * outputs]);
        let common = self.common;
        // A closure would be compiled for a processor without the vectors.
        for b in 0..rows {
            let samples = self.draws.next(step, b);
            for (x, column) in x[b * inputs..(b + 1) * inputs].iter_mut().zip(&common.inputs) {
                *x = pick(column, samples);
            }
            for (y, column) in target[b * outputs..(b + 1) * outputs].iter_mut().zip(&common.targets) {
                *y = pick(column, samples);
            }
        }

        let structure = &common.structure;
        self.model.run_forward();
        let loss = self.model.loss(&structure.loss, target);
        self.finite = loss.mul_add(S::constant(0.0), self.finite);
        refresh(&mut self.groups, &self.group_of, &mut self.factors);
        let following = match &self.groups[..] {
            [group] => structure.optimizer.following(group.factors, &mut self.state.buffers),
            _ => None,
        };
        if let (None, Some(following)) = (&structure.clip, following) {
            self.model.backward_following(&structure.loss, target, following);
        } else {
            self.model.run_backward(&structure.loss, target);
            if let Some(clip) = &structure.clip {
                clip.apply_with(self.clip, self.model.gradients_mut());
            }
            let (parameters, gradients) = self.model.parameters_and_gradients();
            structure.optimizer.update(&self.factors, parameters, gradients, &mut self.state.buffers);
        }
        structure.optimizer.flush(self.groups[0].clock.step, &mut self.state.buffers);

        if let Some(watch) = &mut self.watch {
            let mut losses = vec![S::Element::default(); S::LANES];
            loss.store(&mut losses);
            for (sum, loss) in watch.sum.iter_mut().zip(&losses) {
                *sum += loss.to_f64();
            }
        }
        self.advance(Per::Step);
    }

    /// Schedules that count what has just been done.
    fn advance(&mut self, done: Per) {
        for group in &mut self.groups {
            if let Some(schedule) = &group.experiment.schedule
                && schedule.per() == done
            {
                let mean = self.watch.as_ref().map_or(0.0, |watch| watch.mean[group.lane]);
                schedule.advance(&mut group.progress, group.experiment.optimizer.hyper(), mean);
            }
        }
    }

    fn end_epoch(&mut self) {
        let steps = self.common.sampler.steps() as f64;
        if let Some(watch) = &mut self.watch {
            for k in 0..S::LANES {
                let mean = watch.sum[k] / steps;
                watch.waited[k] = if mean < watch.lowest[k] { 0 } else { watch.waited[k] + 1 };
                watch.lowest[k] = watch.lowest[k].min(mean);
                (watch.mean[k], watch.sum[k]) = (mean, 0.0);
            }
        }
        self.advance(Per::Epoch);
    }

    /// Whether lane k ends after `epoch` epochs.
    fn ends(&self, k: usize, epoch: u64) -> bool {
        let stop = &self.experiments[k].stop;
        let by_loss = self.watch.as_ref().is_some_and(|watch| {
            stop.loss_below.is_some_and(|bound| watch.mean[k] < bound)
                || stop.patience.is_some_and(|epochs| watch.waited[k] >= epochs)
        });
        epoch >= stop.epochs || by_loss
    }

    /// Looks at the lanes that are to be looked at after `epoch` epochs, and lets those go that have ended.
    fn look(&mut self, epoch: u64) {
        if self.watch.is_none() && epoch < self.next_look {
            return;
        }
        let ending: Vec<usize> = (0..S::LANES).filter(|&k| self.ended[k].is_not() && self.ends(k, epoch)).collect();
        let at_look = |k: usize| epoch.is_multiple_of(self.looks_every[k]);
        if ending.is_empty() && !(0..S::LANES).any(at_look) {
            return;
        }
        let looked: Vec<bool> = (0..S::LANES).map(|k| at_look(k) || ending.contains(&k)).collect();
        let next = |k: usize| (epoch / self.looks_every[k] + 1) * self.looks_every[k];
        let stops = self.experiments.iter().map(|e| e.stop.epochs).filter(|&end| end > epoch);
        self.next_look = (0..S::LANES).map(next).chain(stops).min().unwrap_or(epoch);
        let finite = S::call(Finite(self));
        let (right, errors) = S::call(Judge(self, !ending.is_empty()));
        for k in 0..S::LANES {
            if looked[k] && finite[k] && right[k] && self.solved[k].is_none() {
                self.solved[k] = Some(epoch);
            }
            if self.ended[k].is_not() && !finite[k] {
                self.ended[k] = Ended::Diverged;
            }
        }
        let learned = if ending.is_empty() { vec![] } else { S::call(Learned(self)) };
        for k in ending {
            if finite[k] {
                let error = errors[k];
                self.ended[k] = Ended::With(Outcome {
                    right: right[k],
                    close: error < self.experiments[k].success.error,
                    error: Some(error),
                    epochs: epoch,
                    solved: self.solved[k],
                    diverged: None,
                    weights: hash(learned[k..].iter().step_by(S::LANES).copied()),
                });
            }
        }
    }

    /// Whether losses and parameters of each lane were finite up to here. (A parameter that is not stays so.)
    #[inline(always)]
    fn finite_lanes(&self) -> Vec<bool> {
        let (zero, mut all) = (S::constant(0.0), self.finite);
        for &w in self.model.parameters() {
            all = w.mul_add(zero, all);
        }
        let mut lanes = vec![S::Element::default(); S::LANES];
        all.store(&mut lanes);
        lanes.iter().map(|v| v.is_finite()).collect()
    }

    /// Whether enough samples are right in each lane, and the mean absolute errors, if they are wanted.
    #[inline(always)]
    fn judge(&mut self, with_errors: bool) -> (Vec<bool>, Vec<f64>) {
        let (common, outputs) = (self.common, self.common.targets.len());
        // What the last step left in the model is not needed any more.
        self.model.eval();
        self.model.rows(1);
        let n = common.inputs[0].len();
        let one_by_one = outputs > 1 && !common.task.classes.is_empty();
        let (mut wrong, mut row) = (S::constant(0.0), vec![S::constant(0.0); outputs]);
        let (mut right, mut errors) = (vec![0.0; S::LANES], vec![0.0; S::LANES]);
        let mut answers = vec![S::Element::default(); outputs * S::LANES];
        for sample in 0..n {
            for (x, column) in self.model.input_mut().iter_mut().zip(&common.inputs) {
                *x = S::constant(column[sample].to_f64());
            }
            self.model.run_forward();
            row.copy_from_slice(self.model.output());
            common.structure.loss.answer(&mut row);
            if with_errors || one_by_one {
                for (o, answers) in row.iter().zip(answers.chunks_exact_mut(S::LANES)) {
                    o.store(answers);
                }
                self.add_errors(sample, &answers, &mut errors);
            }
            if one_by_one {
                self.count_right(sample, &answers, &mut right);
            } else {
                wrong = wrong + self.wrong(sample, &row);
            }
        }
        self.model.train();
        let samples = n as f64;
        if !one_by_one {
            let mut counts = vec![S::Element::default(); S::LANES];
            wrong.store(&mut counts);
            right = counts.iter().map(|count| samples - count.to_f64()).collect();
        }
        let enough = |k: usize| right[k] / samples >= self.experiments[k].success.share;
        let right = (0..S::LANES).map(enough).collect();
        (right, errors.into_iter().map(|sum| sum / (samples * outputs as f64)).collect())
    }

    /// 1 where the answer to a sample is wrong, 0 where it is right, as [`is_right`] tells of one lane: a number that is not
    /// near its target, or of two classes the other one.
    #[inline(always)]
    fn wrong(&self, sample: usize, row: &[S]) -> S {
        let (zero, one) = (S::constant(0.0), S::constant(1.0));
        let mut wrong = zero;
        for (&o, column) in row.iter().zip(&self.common.targets) {
            let target = column[sample].to_f64();
            let wrong_here = if self.common.task.classes.is_empty() {
                S::select((o - S::constant(target)).abs().lt(self.within), zero, one)
            } else {
                // What is no number counts as the first class.
                let first = zero.max(o).lt(S::constant(0.5));
                if target >= 0.5 { S::select(first, one, zero) } else { S::select(first, zero, one) }
            };
            wrong = wrong.max(wrong_here);
        }
        wrong
    }

    /// Adds up how far the answers `[output][lane]` to one sample are from its target.
    #[inline(always)]
    fn add_errors(&self, sample: usize, answers: &[S::Element], errors: &mut [f64]) {
        let mut apart = vec![0.0; S::LANES];
        for (answers, column) in answers.chunks_exact(S::LANES).zip(&self.common.targets) {
            let target = column[sample].to_f64();
            for (apart, answer) in apart.iter_mut().zip(answers) {
                *apart += (answer.to_f64() - target).abs();
            }
        }
        for (error, apart) in errors.iter_mut().zip(apart) {
            *error += apart;
        }
    }

    /// Counts the lanes whose answers `[output][lane]` to one sample are the right one of several classes.
    fn count_right(&self, sample: usize, answers: &[S::Element], right: &mut [f64]) {
        let target: Vec<S::Element> = self.common.targets.iter().map(|column| column[sample]).collect();
        let mut answer = target.clone();
        for k in 0..S::LANES {
            for (o, answer) in answer.iter_mut().enumerate() {
                *answer = answers[o * S::LANES + k];
            }
            right[k] += f64::from(u8::from(is_right(&answer, &target, true, self.experiments[k].success.within)));
        }
    }

    /// What all lanes have learned, `[number][lane]`.
    #[inline(always)]
    fn learned(&self) -> Vec<S::Element> {
        let running = (0..self.model.network().layers().len()).filter_map(|l| self.model.running(l));
        let running = running.flat_map(|r| r.mean.iter().chain(&r.var));
        let numbers: Vec<&S> = self.model.parameters().iter().chain(running).collect();
        let mut learned = vec![S::Element::default(); numbers.len() * S::LANES];
        for (values, row) in numbers.into_iter().zip(learned.chunks_exact_mut(S::LANES)) {
            values.store(row);
        }
        learned
    }
}

/// The parts that compute with lanes, compiled for their instructions.
macro_rules! works {
    ($($Name:ident($($field:ident: $Type:ty),*) -> $Output:ty = $method:ident;)*) => {
        $(struct $Name<'s, 'a, S: Scalar>(&'s mut Side<'a, S>, $($Type),*);

        impl<S: Scalar> Work for $Name<'_, '_, S>
        where
            S::Element: Real + TorchReal,
        {
            type Output = $Output;
            #[inline(always)]
            fn run(self) -> $Output {
                let Self(side, $($field),*) = self;
                side.$method($($field),*)
            }
        })*
    };
}

works! {
    Step(step: usize) -> () = step;
    Finite() -> Vec<bool> = finite_lanes;
    Learned() -> Vec<S::Element> = learned;
    Judge(errors: bool) -> (Vec<bool>, Vec<f64>) = judge;
}

/// The number of each lane's sample, or of the one sample of all.
#[inline(always)]
fn pick<S: Scalar>(column: &[S::Element], samples: &[u32]) -> S {
    match samples {
        [one] => S::constant(column[*one as usize].to_f64()),
        each => S::pick(column, each),
    }
}

/// Brings the factors of the update up to date, where a setting, the schedule or time changed one.
fn refresh<S: Scalar>(groups: &mut [Group<'_>], group_of: &[usize], of_lanes: &mut Factors<S>) {
    let mut changed = false;
    for group in groups.iter_mut() {
        let factors = group.experiment.optimizer.factors(group.progress.hyper(), &mut group.clock);
        changed |= group.clock.step == 1 || factors != group.factors;
        group.factors = factors;
    }
    if !changed {
        return;
    }
    for (f, factor) in of_lanes.iter_mut().enumerate() {
        if let [group] = groups {
            *factor = S::constant(group.factors[f]);
        } else {
            let of_lane = |&g: &usize| S::Element::constant(groups[g].factors[f]);
            *factor = S::load(&group_of.iter().map(of_lane).collect::<Vec<_>>());
        }
    }
}

/// Lanes that follow the same settings together. Where a schedule goes by the losses, each lane goes by itself.
fn groups<'a>(experiments: &[&'a Experiment], sampler: &Sampler) -> Result<(Vec<Group<'a>>, Vec<usize>)> {
    let mut groups: Vec<Group<'a>> = vec![];
    let mut group_of = Vec::with_capacity(experiments.len());
    for (lane, &experiment) in experiments.iter().enumerate() {
        let alone = experiment.schedule.as_ref().is_some_and(Schedule::watches_loss);
        let alike = |group: &Group<'_>| {
            let of = group.experiment;
            std::ptr::eq(of, experiment) || (of.optimizer == experiment.optimizer && of.schedule == experiment.schedule)
        };
        let found = if alone { None } else { groups.iter().rposition(alike) };
        group_of.push(found.unwrap_or(groups.len()));
        if found.is_none() {
            let progress = start(experiment, sampler)?;
            groups.push(Group { experiment, progress, clock: Clock::START, factors: [0.0; 8], lane });
        }
    }
    Ok((groups, group_of))
}
