//! Lanes in training, side by side: the loop over epochs and steps.
//!
//! The arithmetic of a step is the engine's own, over a bundle of lanes instead of one number.

use super::block::{Common, Run};
use super::draws::Draws;
use super::masks::Masks;
use super::outcome::Outcome;
use crate::error::Result;
use crate::experiment::{Batch, Experiment, Seed};
use crate::nn::{LayerNumbers, Model, Network, Numbers, of_lanes};
use crate::optim::{Clock, Factors, Per, Progress, Schedule, State};
use crate::random::{TorchReal, TorchRng};
use crate::scalar::{Real, Scalar, Work};
use crate::train::{Sampler, start};

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
pub(super) struct Side<'a, S: Scalar> {
    pub(super) common: &'a Common<S::Element>,
    pub(super) experiments: Vec<&'a Experiment>,
    pub(super) model: Model<S>,
    state: State<S>,
    draws: Draws,
    /// Of dropout, if there is any.
    masks: Option<Masks<S::Element>>,
    target: Vec<S>,
    /// Numeric settings of the loss.
    pub(super) loss: Numbers<S>,
    /// Numbers of the penalty, if there is one.
    penalty: Option<Numbers<S>>,
    groups: Vec<Group<'a>>,
    /// The group of each lane.
    group_of: Vec<usize>,
    factors: Factors<S>,
    clip: S,
    /// How near a number must be to its target to be right.
    pub(super) within: S,
    /// 0, and NaN from the step on in which the loss was not finite.
    pub(super) finite: S,
    pub(super) watch: Option<Watch>,
    /// Epochs between two looks at each lane, its next look, and the next epoch at which one is looked at or ends at the latest.
    pub(super) looks_every: Vec<u64>,
    pub(super) next_looks: Vec<u64>,
    pub(super) next_look: u64,
    pub(super) solved: Vec<Option<u64>>,
    pub(super) ended: Vec<Ended>,
}

/// Torch streams that are seeded at a time; so few that they stay in the caches.
const STREAMS: usize = 16;

/// How far a lane is.
#[derive(Debug, Clone)]
pub(super) enum Ended {
    Not,
    /// It left the finite numbers.
    Diverged,
    With(Outcome),
}

impl Ended {
    pub(super) fn is_not(&self) -> bool {
        matches!(self, Self::Not)
    }
}

/// The losses of each lane, where something goes by them.
pub(super) struct Watch {
    sum: Vec<f64>,
    pub(super) mean: Vec<f64>,
    lowest: Vec<f64>,
    pub(super) waited: Vec<u64>,
}

impl<'a, S: Scalar> Side<'a, S>
where
    S::Element: Real + TorchReal,
{
    pub(super) fn new(common: &'a Common<S::Element>, runs: &'a [Run], memory: Vec<u32>) -> Result<Self> {
        // Lanes without a run repeat the last one.
        let run_of = |k: usize| &runs[k.min(runs.len() - 1)];
        let experiments: Vec<&Experiment> = (0..S::LANES).map(|k| &*run_of(k).experiment).collect();
        // One network an experiment, which lanes beside one another share.
        let mut networks: Vec<(&Experiment, Network)> = vec![];
        let (mut of_layers, mut of_loss) = (Vec::with_capacity(S::LANES), Vec::with_capacity(S::LANES));
        let seeds: Vec<Seed> = (0..S::LANES).map(|k| experiments[k].seed.run(run_of(k).offset)).collect();
        let (mut torch, mut of_some) = (vec![], vec![]);
        let shuffled = matches!(common.structure.batch, Batch::Shuffle { .. });
        let numpy: Vec<u32> = seeds.iter().map(|seed| seed.numpy).collect();
        let mut drawn: Vec<Vec<S::Element>> = Vec::with_capacity(S::LANES);
        for (k, &experiment) in experiments.iter().enumerate() {
            if networks.last().is_none_or(|(of, _)| !std::ptr::eq(*of, experiment)) {
                networks.push((experiment, experiment.network(common.inputs.len())?));
            }
            let (_, network) = networks.last().expect("one was just pushed");
            of_layers.push(network.numbers());
            of_loss.push(experiment.loss.numbers(network.out_features()));
            if k % STREAMS == 0 {
                let some: Vec<u64> = seeds[k..].iter().take(STREAMS).map(|seed| seed.torch).collect();
                of_some = TorchRng::side_by_side::<S>(&some);
            }
            let stream = &mut of_some[k % STREAMS];
            stream.discard(seeds[k].discard);
            drawn.push(network.initialise(&experiment.init, &experiment.init_bias, stream));
            if shuffled || network.has_dropout() {
                torch.push(stream.clone());
            }
        }
        let column = |p: usize| drawn.iter().map(|of_lane| of_lane[p]).collect::<Vec<_>>();
        let parameters: Vec<S> = (0..drawn[0].len()).map(|p| S::load(&column(p))).collect();
        let (_, network) = networks.swap_remove(0);
        let (groups, group_of) = groups(&experiments, &common.sampler)?;

        let n = common.inputs[0].len();
        // One stream decides the order of samples and the masks of dropout.
        let (of_order, of_masks) = if shuffled { (torch, vec![]) } else { (vec![], torch) };
        let masks = Masks::new(&experiments, &common.structure.batch, of_masks, common.sampler.size());
        let draws = Draws::new::<S>(&common.structure.batch, n, &common.sampler, of_order, &numpy, memory);
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
        let mut model = Model::new(network, parameters)?;
        for (l, numbers) in model.numbers_mut().iter_mut().enumerate() {
            let of_layer = |which: usize| of_layers.iter().map(|layers| layers[l][which]).collect::<Vec<_>>();
            *numbers = LayerNumbers { activation: of_lanes(&of_layer(0)), norm: of_lanes(&of_layer(1)) };
        }
        let looks_every: Vec<u64> = experiments.iter().map(|e| e.success.looks_every(e.stop.epochs)).collect();
        Ok(Self {
            state: experiments[0].optimizer.state(model.parameters().len()),
            target: vec![S::constant(0.0); common.sampler.size() * common.targets.len()],
            model,
            loss: of_lanes(&of_loss),
            penalty: common.structure.regularization.map(|_| penalties(&experiments)),
            draws,
            masks,
            groups,
            group_of,
            factors: [S::constant(0.0); 8],
            clip: S::load(&clip),
            within: S::load(&within),
            finite: S::constant(0.0),
            watch,
            next_looks: looks_every.clone(),
            looks_every,
            next_look: 0,
            solved: vec![None; S::LANES],
            ended: vec![Ended::Not; S::LANES],
            common,
            experiments,
        })
    }

    pub(super) fn train(&mut self) {
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
            for i in 0..inputs {
                x[b * inputs + i] = pick(&common.inputs[i], samples);
            }
            for o in 0..outputs {
                target[b * outputs + o] = pick(&common.targets[o], samples);
            }
        }

        if let Some(masks) = &mut self.masks {
            masks.draw(step, &mut self.draws, &mut self.model);
        }

        let structure = &common.structure;
        self.model.run_forward();
        self.draws.make_ahead();
        let mut loss = self.model.loss_with(&structure.loss, &self.loss, target);
        if let Some(penalty) = &self.penalty {
            loss = loss + self.model.penalty_with(penalty);
        }
        self.finite = loss.mul_add(S::constant(0.0), self.finite);
        refresh(&mut self.groups, &self.group_of, &mut self.factors);
        // What follows each gradient at once leaves none to which a penalty could be added.
        let following = match &self.groups[..] {
            [group] if !self.model.has_frozen() && self.penalty.is_none() => {
                structure.optimizer.following(&group.factors, &mut self.state.buffers)
            }
            _ => None,
        };
        if let (None, Some(following)) = (&structure.clip, following) {
            self.model.backward_following(&structure.loss, &self.loss, target, following);
        } else {
            self.model.run_backward(&structure.loss, &self.loss, target);
            if let Some(penalty) = &self.penalty {
                self.model.penalise_with(penalty);
            }
            self.model.hold_frozen();
            if let Some(clip) = &structure.clip {
                clip.apply_with(self.clip, self.model.gradients_mut());
            }
            let rests = self.groups.iter().any(|group| structure.optimizer.rests(&group.factors));
            let (parameters, gradients) = self.model.parameters_and_gradients();
            structure.optimizer.update(&self.factors, rests, parameters, gradients, &mut self.state.buffers);
            self.model.release_frozen();
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

    pub(super) fn end_epoch(&mut self) {
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

    /// What each lane left, `None` of one that left the finite numbers; and memory that can be used again.
    pub(super) fn outcomes(self) -> (impl Iterator<Item = Option<Outcome>>, Vec<u32>) {
        let outcomes = self.ended.into_iter().map(|ended| match ended {
            Ended::With(outcome) => Some(outcome),
            _ => None,
        });
        (outcomes, self.draws.into_memory())
    }
}

/// The parts that compute with lanes, compiled for their instructions.
macro_rules! works {
    ($($Name:ident($($field:ident: $Type:ty),*) -> $Output:ty = $method:ident;)*) => {
        $(pub(super) struct $Name<'s, 'a, S: Scalar>(pub(super) &'s mut Side<'a, S> $(, pub(super) $Type)*);

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
pub(super) use works;

works! {
    Step(step: usize) -> () = step;
}

/// The numbers of each lane's penalty.
fn penalties<S: Scalar>(experiments: &[&Experiment]) -> Numbers<S> {
    let numbers = experiments.iter().map(|e| e.regularization.unwrap_or_default().numbers());
    of_lanes(&numbers.collect::<Vec<_>>())
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
        if group.experiment.schedule.is_none() && group.experiment.optimizer.is_steady(&group.clock) {
            group.clock.step += 1;
            continue;
        }
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
        // Each experiment is asked: the number of epochs, too, must suit the schedule.
        let progress = start(experiment, sampler)?;
        if found.is_none() {
            groups.push(Group { experiment, progress, clock: Clock::START, factors: [0.0; 8], lane });
        }
    }
    Ok((groups, group_of))
}
