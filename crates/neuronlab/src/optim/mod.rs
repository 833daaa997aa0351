//! Optimizers: from gradients to new parameters. Each has its file; the list below is the only other place that names it.

mod clip;
mod following;
mod schedule;
mod stepper;

pub use clip::Clip;
pub(crate) use clip::Clipping;
pub use schedule::{Per, Progress, Schedule};
pub use stepper::Stepper;

use crate::error::{Error, Result};
use crate::nn::Model;
use crate::scalar::{Aligned, Packet, PacketWork, Real, Scalar, Work};
use following::SgdFollowing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a schedule may change from step to step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hyper {
    /// Learning rate.
    pub lr: f64,
    /// Momentum, or β₁; `None` where the rule knows none.
    pub momentum: Option<f64>,
}

/// What an optimizer remembers between steps.
#[derive(Debug, Clone, PartialEq)]
pub struct State<S> {
    /// Numbers in the order of the parameters, one list for each of PyTorch's names.
    pub(crate) buffers: Vec<Aligned<S>>,
    pub(crate) clock: Clock,
}

impl<S> State<S> {
    /// One list for each name of [`Optimizer::buffers`], in the order of the parameters.
    pub fn buffers(&self) -> &[Aligned<S>] {
        &self.buffers
    }
}

/// What an optimizer remembers of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Clock {
    /// Steps begun.
    pub(crate) step: u64,
    /// A number that the rule itself makes anew in each step: NAdam's product of momenta, the learning rate of ASGD's next step,
    /// and of SGD whether there is a velocity, 1 or 0 (from the first step on).
    pub(crate) carried: f64,
}

impl Clock {
    /// Before the first step.
    pub(crate) const START: Self = Self { step: 0, carried: 1.0 };
}

/// The numbers of one update that are the same for all parameters: settings, schedule and time have gone into them. Each rule
/// says what its places mean; the rest are 0.
pub(crate) type Factors<S> = [S; 8];

/// No rule remembers more of a parameter.
const MOST_BUFFERS: usize = 3;

/// A rule by which parameters follow their gradients. B numbers are remembered of each parameter.
///
/// A step is in two parts: [`factors`](Rule::factors), in double precision, and [`update`](Rule::update), of one
/// parameter at a time. So networks with different settings can be updated side by side.
trait Rule<const B: usize>: Copy + Default {
    /// The class in `torch.optim`.
    const MODULE: &'static str;
    /// The formula in one line.
    const FORMULA: &'static str;
    /// PyTorch's names of what is remembered, one number a parameter each.
    const STATE: &'static [&'static str];
    fn hyper(&self) -> Hyper;
    /// The settings worth a word beside the learning rate.
    fn settings(&self) -> String;
    /// What the buffers hold at the start.
    fn initial(&self) -> f64 {
        0.0
    }
    fn validate(&self) -> Result<()>;
    /// The same with all numbers but those that decide what is computed at their defaults. (`maximize` is not asked for here.)
    fn structure(&self) -> Self;
    /// The factors of a step; `clock` counts it already.
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64>;
    /// A parameter and what is remembered of it, after a step by its gradient.
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, remembered: [S; B]) -> (S, [S; B]);

    #[inline(always)]
    fn update_all<S: Scalar, V: Packet<S>>(
        &self,
        maximize: bool,
        factors: &Factors<S>,
        w: &mut [S],
        g: &[S],
        buffers: &mut [Aligned<S>],
    ) {
        // Copies of its own: the compiler can't know that writing parameters leaves rule and factors as they are.
        let (rule, mut everywhere) = (*self, [V::constant(0.0); 8]);
        for f in 0..8 {
            everywhere[f] = V::spread(factors[f]);
        }
        let (n, g) = (w.len(), &g[..w.len()]);
        let mut lists: [&mut [S]; MOST_BUFFERS] = [&mut [], &mut [], &mut []];
        for (b, buffer) in buffers.iter_mut().enumerate() {
            lists[b] = &mut buffer[..n];
        }
        // The last numbers, which may fill no packet, on their own: the loop knows that its packets are full.
        let (whole, mut i) = (n - n % V::WIDTH, 0);
        while i < whole {
            rule.update_some(maximize, &everywhere, w, g, &mut lists, [i, V::WIDTH]);
            i += V::WIDTH;
        }
        if i < n {
            rule.update_some(maximize, &everywhere, w, g, &mut lists, [i, n - i]);
        }
    }

    /// So many parameters from one on, at most a packet.
    #[inline(always)]
    fn update_some<S: Scalar, V: Packet<S>>(
        &self,
        maximize: bool,
        factors: &Factors<V>,
        w: &mut [S],
        g: &[S],
        lists: &mut [&mut [S]; MOST_BUFFERS],
        [from, some]: [usize; 2],
    ) {
        let w = &mut w[from..][..some];
        let g = V::take(&g[from..][..some], 0);
        let g = if maximize { -g } else { g };
        let mut remembered = [g; B];
        for b in 0..B {
            remembered[b] = V::take(&lists[b][from..][..some], 0);
        }
        let (moved, remembered) = self.update(factors, V::take(w, 0), g, remembered);
        moved.put(w, 0);
        for b in 0..B {
            remembered[b].put(&mut lists[b][from..][..some], 0);
        }
    }
}

macro_rules! optimizers {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $key:literal;)*) => {
        $(mod $module;)*
        $(pub use $module::$Name;)*

        $(impl $Name {
            /// This rule with a learning rate, and PyTorch's defaults for the rest.
            pub fn new(lr: f64) -> Self {
                Self { lr, ..Self::default() }
            }

            /// The optimizer of a model's parameters: this rule, and what it remembers.
            ///
            /// # Errors
            /// A setting means nothing, such as a learning rate below 0.
            pub fn build<S: Scalar>(self, model: &Model<S>) -> Result<Stepper<S>> {
                Stepper::new(self, model)
            }
        })*

        $(impl From<$Name> for Optimizer {
            fn from(rule: $Name) -> Self {
                Self::$Name(rule)
            }
        })*

        /// The rule by which parameters follow their gradients.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name")]
        pub enum Optimizer {
            $($(#[$doc])* #[serde(rename = $key)] $Name($Name),)*
        }

        impl Optimizer {
            /// The name in experiment files, such as `sgd`.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$Name(_) => $key,)* }
            }

            /// The class in `torch.optim`, such as `SGD`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::MODULE,)* }
            }

            /// The update in one line.
            pub fn formula(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::FORMULA,)* }
            }

            /// Learning rate and momentum (or β₁) where no schedule changes them.
            pub fn hyper(&self) -> Hyper {
                match self { $(Self::$Name(rule) => rule.hyper(),)* }
            }

            /// The class in `torch.optim` with its settings, such as `SGD(lr=0.02, momentum=0.9)`.
            pub fn describe(&self) -> String {
                match self { $(Self::$Name(rule) => {
                    let maximize = if rule.maximize { ", maximize=True" } else { "" };
                    format!("{}(lr={}, {}{maximize})", $Name::MODULE, rule.lr, rule.settings())
                })* }
            }

            /// Whether it makes the loss large: it follows the gradients with the other sign.
            pub fn maximizes(&self) -> bool {
                match self { $(Self::$Name(rule) => rule.maximize,)* }
            }

            /// PyTorch's names of what is remembered between steps, one number a parameter each.
            pub fn buffers(&self) -> &'static [&'static str] {
                match self { $(Self::$Name(_) => $Name::STATE,)* }
            }

            /// What is remembered, before the first step.
            pub fn state<S: Scalar>(&self, parameters: usize) -> State<S> {
                let initial = match self { $(Self::$Name(rule) => S::constant(rule.initial()),)* };
                let buffers = self.buffers().iter().map(|_| Aligned::filled(initial, parameters)).collect();
                State { buffers, clock: Clock::START }
            }

            /// One update of all parameters; `hyper` is [`hyper`](Self::hyper) or what a schedule makes of it.
            #[inline(always)]
            pub fn step<S: Scalar>(&self, hyper: Hyper, parameters: &mut [S], gradients: &[S], state: &mut State<S>) {
                let factors = self.factors(hyper, &mut state.clock);
                let mut everywhere = [S::constant(0.0); 8];
                for i in 0..factors.len() {
                    everywhere[i] = S::constant(factors[i]);
                }
                self.update(&everywhere, self.rests(&factors), parameters, gradients, &mut state.buffers);
                self.flush(state.clock.step, &mut state.buffers);
            }

            /// Makes velocities 0 that have become too small to move anything, every few steps.
            #[inline(always)]
            pub(crate) fn flush<S: Scalar>(&self, step: u64, buffers: &mut [Aligned<S>]) {
                if let (Self::Sgd(_), [velocity]) = (self, buffers)
                    && step.is_multiple_of(FLUSH_EVERY)
                {
                    S::flush(Flush(velocity));
                }
            }

            /// The factors of the next step, which depend on settings, schedule and time.
            #[inline(always)]
            pub(crate) fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
                clock.step += 1;
                match self { $(Self::$Name(rule) => rule.factors(hyper, clock),)* }
            }

            /// Whether the next step has the factors of the last one, if no schedule changes them.
            #[inline(always)]
            pub(crate) fn is_steady(&self, clock: &Clock) -> bool {
                matches!(self, Self::Sgd(_)) && clock.step > 1
            }

            /// Whether a step by these factors leaves a velocity as it is.
            #[inline(always)]
            pub(crate) fn rests(&self, factors: &Factors<f64>) -> bool {
                matches!(self, Self::Sgd(_)) && factors[sgd::RESTS] != 0.0
            }

            /// One update of all parameters by given factors; `rests` says whether velocities [rest](Self::rests) in some lane.
            #[inline(always)]
            pub(crate) fn update<S: Scalar>(
                &self,
                factors: &Factors<S>,
                rests: bool,
                w: &mut [S],
                g: &[S],
                buffers: &mut [Aligned<S>],
            ) {
                let (packets, work) = (S::vectors_for(w.len()), Update { rule: self, factors, rests, w, g, buffers });
                match packets {
                    Some(simd) => S::wide_update(simd, work),
                    None => S::update(work),
                }
            }

            /// The update as something that follows each gradient at once, with the same factors in all lanes, where there is
            /// such a form: for SGD, plain or with momentum, which does so little with a gradient that fetching it again is a good
            /// part of the work. Of lanes alone: what trains one run keeps its gradients.
            #[inline(always)]
            pub(crate) fn following<'a, S: Scalar>(&self, factors: &'a Factors<f64>, buffers: &'a mut [Aligned<S>]) -> Option<SgdFollowing<'a, S>> {
                match (self, buffers) {
                    (Self::Sgd(rule), [velocity])
                        if S::LANES > 1 && !rule.maximize && rule.structure() == Sgd::default() && !self.rests(factors) =>
                    {
                        Some(SgdFollowing { factors, velocity })
                    }
                    _ => None,
                }
            }

            #[inline(always)]
            fn update_all<S: Scalar, V: Packet<S>>(
                &self,
                factors: &Factors<S>,
                rests: bool,
                w: &mut [S],
                g: &[S],
                buffers: &mut [Aligned<S>],
            ) {
                match self {
                    Self::Sgd(rule) if rests => rule.update_resting(factors, w, g, &mut buffers[0]),
                    $(Self::$Name(rule) => rule.update_all::<S, V>(rule.maximize, factors, w, g, buffers),)*
                }
            }

            /// What decides which operations an update consists of; the numbers may differ between networks side by side.
            pub(crate) fn structure(&self) -> Self {
                match self { $(Self::$Name(rule) => Self::$Name($Name { maximize: rule.maximize, ..rule.structure() }),)* }
            }

            /// Refuses settings that mean nothing.
            pub(crate) fn validate(&self) -> Result<()> {
                at_least_zero("lr", self.hyper().lr)?;
                match self { $(Self::$Name(rule) => rule.validate(),)* }
            }

            /// Every optimizer with PyTorch's default settings.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$Name($Name::default()),)*]
            }
        }
    };
}

optimizers! {
    /// Stochastic gradient descent, with momentum, Nesterov's or not.
    Sgd = sgd, "sgd";
    /// Steps along the mean of gradients over the root of their mean square.
    Adam = adam, "adam";
    /// Adam with decoupled weight decay.
    AdamW = adamw, "adamw";
    /// Gradients over the root of their mean square.
    RmsProp = rmsprop, "rmsprop";
    /// Gradients over the root of the sum of all their squares.
    Adagrad = adagrad, "adagrad";
    /// Steps in the unit of the parameters: no learning rate needed.
    Adadelta = adadelta, "adadelta";
    /// Adam with Nesterov's momentum.
    NAdam = nadam, "nadam";
    /// Adam that trusts its root only when it has seen enough.
    RAdam = radam, "radam";
    /// Adam with the largest gradient of late in place of the root.
    Adamax = adamax, "adamax";
    /// Gradient descent whose learning rate falls; it averages the weights beside it.
    Asgd = asgd, "asgd";
    /// Steps that know only the sign of a gradient, each weight with a size of its own.
    Rprop = rprop, "rprop";
}

/// An update, as a piece of work.
pub struct Update<'a, S> {
    rule: &'a Optimizer,
    factors: &'a Factors<S>,
    rests: bool,
    w: &'a mut [S],
    g: &'a [S],
    buffers: &'a mut [Aligned<S>],
}

impl<S: Scalar> Work for Update<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.rule.update_all::<S, S>(self.factors, self.rests, self.w, self.g, self.buffers);
    }
}

impl<S: Scalar> PacketWork<S> for Update<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<V: Packet<S>>(self) {
        self.rule.update_all::<S, V>(self.factors, self.rests, self.w, self.g, self.buffers);
    }
}

/// Refuses a number below 0.
fn at_least_zero(field: &str, value: f64) -> Result<()> {
    if value < 0.0 { Err(Error::field(format!("optimizer.{field}"), "at least 0", value)) } else { Ok(()) }
}

/// Refuses a share outside of [0, 1).
fn unit(field: &str, value: f64) -> Result<()> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::field(format!("optimizer.{field}"), "at least 0 and less than 1", value))
    }
}

/// 1 where weights decay, so that the structure tells; without decay a gradient stays as it is, to the sign of a zero.
fn decays(weight_decay: f64) -> f64 {
    f64::from(u8::from(weight_decay != 0.0))
}

/// A factor for weights that decay by themselves, 1 − lr·weight_decay, or what a gradient is pulled by.
#[inline(always)]
fn decay_factor(decoupled: bool, lr: f64, weight_decay: f64) -> f64 {
    if decoupled { 1.0 - lr * weight_decay } else { weight_decay }
}

/// Weight and gradient after weight decay, which is for one of the two; `decay` is a [`decay_factor`].
#[inline(always)]
fn decayed_either<S: Scalar>(decoupled: bool, weight_decay: f64, decay: S, w: S, g: S) -> (S, S) {
    match (weight_decay == 0.0, decoupled) {
        (true, _) => (w, g),
        (_, true) => (w * decay, g),
        (_, false) => (w, decay.mul_add(w, g)),
    }
}

/// The gradient with the pull of weight decay, `g + decay·w`.
#[inline(always)]
fn decayed<S: Scalar>(weight_decay: f64, decay: S, w: S, g: S) -> S {
    if weight_decay == 0.0 { g } else { decay.mul_add(w, g) }
}

/// Steps after which velocities that have become too small to move anything are made 0.
///
/// Where a gradient stays 0, as behind a saturated tanh, a velocity decays for ever, and as a denormal number it would cost the
/// processor a hundred times as much as another. From 2²⁶ times the smallest normal number a velocity needs many more steps
/// than these to become one.
const FLUSH_EVERY: u64 = 32;

/// Small velocities made 0, as a piece of work.
pub struct Flush<'a, S>(&'a mut [S]);

impl<S: Scalar> Work for Flush<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let (zero, least) = (S::constant(0.0), S::constant(S::Element::TABLES.least_remembered()));
        for v in self.0 {
            *v = S::select(v.abs().lt(least), zero, *v);
        }
    }
}

/// A running mean: m + (1 − β)·(g − m).
#[inline(always)]
fn mean<S: Scalar>(take: S, m: S, g: S) -> S {
    take.mul_add(g - m, m)
}

/// A running mean of squares: β·s + (1 − β)·g².
#[inline(always)]
fn mean_square<S: Scalar>(keep: S, take: S, s: S, g: S) -> S {
    (take * g).mul_add(g, keep * s)
}

fn unit_betas(betas: [f64; 2]) -> Result<()> {
    unit("betas.0", betas[0])?;
    unit("betas.1", betas[1])
}
