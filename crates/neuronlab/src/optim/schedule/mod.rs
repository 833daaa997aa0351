//! Learning-rate schedules. Each has its file; the list below is the only other place that names it.

use crate::error::{Error, Result};
use crate::optim::{Hyper, Optimizer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// What a schedule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Epochs.
    Epoch,
    /// Steps, that is batches.
    Step,
}

/// How far a schedule is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Epochs or steps done.
    pub(crate) t: u64,
    /// What the next step takes.
    pub(crate) hyper: Hyper,
    /// The best loss so far (in `max` mode with the other sign), epochs without a better one, epochs of rest left: for
    /// `reduce_lr_on_plateau`.
    pub(crate) best: f64,
    pub(crate) bad: u64,
    pub(crate) rest: u64,
}

impl Progress {
    /// Learning rate and momentum of the next step.
    pub fn hyper(&self) -> Hyper {
        self.hyper
    }
}

/// A learning rate as a function of time.
trait Curve {
    /// The class in `torch.optim.lr_scheduler`.
    const MODULE: &'static str;
    /// The formula in one line.
    const FORMULA: &'static str;
    const PER: Per;
    /// Refuses settings that mean nothing; `base` is what the optimizer says.
    fn validate(&self, base: Hyper) -> Result<()>;
    /// The most epochs or steps that it is made for.
    fn longest(&self) -> Option<u64> {
        None
    }
    /// Whether it changes the momentum, too.
    fn cycles_momentum(&self) -> bool {
        false
    }
    /// Learning rate and momentum after t epochs or steps.
    fn at(&self, t: u64, base: Hyper) -> Hyper;
    /// Learning rate and momentum t epochs after the schedule took over from another one.
    fn at_after_start(&self, t: u64, base: Hyper) -> Hyper {
        self.at(t, base)
    }
    /// What the start (t = 0), or epoch t, makes of a learning rate that other schedules may have changed; `base` is the
    /// optimizer's own. None of a schedule that puts one in its place.
    fn applied(&self, t: u64, lr: f64, base: f64) -> Option<f64> {
        let _ = (t, lr, base);
        None
    }
    /// After one more.
    fn advance(&self, progress: &mut Progress, base: Hyper, mean_loss: f64) {
        let _ = mean_loss;
        progress.t += 1;
        progress.hyper = self.at(progress.t, base);
    }
}

macro_rules! schedules {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $key:literal;)*) => {
        $(mod $module;)*
        $(use $module::$Name;)*

        /// How the learning rate changes during the run.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name")]
        pub enum Schedule {
            $($(#[$doc])* #[serde(rename = $key)] $Name($Name),)*
        }

        impl Schedule {
            /// The name in experiment files, such as `step_lr`.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$Name(_) => $key,)* }
            }

            /// The class in `torch.optim.lr_scheduler`, such as `StepLR`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::MODULE,)* }
            }

            /// What it counts.
            pub fn per(&self) -> Per {
                match self { $(Self::$Name(_) => $Name::PER,)* }
            }

            /// The start, for an optimizer with `base`.
            pub fn start(&self, base: Hyper) -> Progress {
                Progress { t: 0, hyper: self.at(0, base), best: f64::INFINITY, bad: 0, rest: 0 }
            }

            /// After one more epoch or step; `mean_loss` is that of the epoch.
            pub fn advance(&self, progress: &mut Progress, base: Hyper, mean_loss: f64) {
                match self { $(Self::$Name(curve) => curve.advance(progress, base, mean_loss),)* }
            }

            fn at(&self, t: u64, base: Hyper) -> Hyper {
                match self { $(Self::$Name(curve) => curve.at(t, base),)* }
            }

            fn at_after_start(&self, t: u64, base: Hyper) -> Hyper {
                match self { $(Self::$Name(curve) => curve.at_after_start(t, base),)* }
            }

            fn applied(&self, t: u64, lr: f64, base: f64) -> Option<f64> {
                match self { $(Self::$Name(curve) => curve.applied(t, lr, base),)* }
            }

            /// Whether it goes by the losses, so that it differs from run to run.
            pub(crate) fn watches_loss(&self) -> bool {
                matches!(self, Self::ReduceLrOnPlateau(_))
            }

            /// Whether it changes the momentum, too.
            pub fn cycles_momentum(&self) -> bool {
                match self { $(Self::$Name(curve) => curve.cycles_momentum(),)* }
            }

            /// The most epochs or steps that it is made for.
            pub(crate) fn longest(&self) -> Option<u64> {
                match self { $(Self::$Name(curve) => curve.longest(),)* }
            }

            /// Refuses settings that mean nothing.
            pub fn validate(&self, optimizer: &Optimizer) -> Result<()> {
                self.validate_for(optimizer.hyper())
            }

            fn validate_for(&self, base: Hyper) -> Result<()> {
                match self { $(Self::$Name(curve) => curve.validate(base),)* }
            }

            /// Name, PyTorch's class and formula of every schedule.
            pub const ALL: &'static [(&'static str, &'static str, &'static str)] =
                &[$(($key, <$Name as Curve>::MODULE, <$Name as Curve>::FORMULA),)*];
        }
    };
}

schedules! {
    /// Falls by a factor every so many epochs.
    StepLr = step_lr, "step_lr";
    /// Falls by a factor at given epochs.
    MultiStepLr = multi_step_lr, "multi_step_lr";
    /// Falls by a factor every epoch.
    ExponentialLr = exponential_lr, "exponential_lr";
    /// Half a cosine down.
    CosineAnnealingLr = cosine_annealing_lr, "cosine_annealing_lr";
    /// Half cosines down, each from the start again.
    CosineAnnealingWarmRestarts = cosine_annealing_warm_restarts, "cosine_annealing_warm_restarts";
    /// A line between two factors: a warm-up.
    LinearLr = linear_lr, "linear_lr";
    /// Falls to 0 as a power.
    PolynomialLr = polynomial_lr, "polynomial_lr";
    /// Triangles between two learning rates, every step.
    CyclicLr = cyclic_lr, "cyclic_lr";
    /// Once up and far down, every step.
    OneCycleLr = one_cycle_lr, "one_cycle_lr";
    /// Falls when the loss does not.
    ReduceLrOnPlateau = reduce_lr_on_plateau, "reduce_lr_on_plateau";
    /// Given factors from given epochs on.
    Piecewise = piecewise, "piecewise";
    /// A factor for the first epochs.
    ConstantLr = constant_lr, "constant_lr";
    /// One schedule after the other, such as a warm-up and then half a cosine.
    Sequential = sequential, "sequential";
    /// Several schedules at once: each changes what the ones before it left.
    Chained = chained, "chained";
}

impl Hyper {
    /// The learning rate times a factor.
    fn scaled(self, factor: f64) -> Self {
        Self { lr: self.lr * factor, ..self }
    }
}

/// Refuses parts of a schedule, by their place.
fn validate_parts(parts: &[Schedule], base: Hyper, validate: impl Fn(&Schedule) -> Result<()>) -> Result<()> {
    if parts.is_empty() {
        return Err(Error::field("schedule.schedules", "at least one schedule", "none"));
    }
    let each = |part| validate(part).and_then(|()| part.validate_for(base));
    parts.iter().enumerate().try_for_each(|(i, part)| {
        each(part).map_err(|error| error.under("schedule", &format!("schedule.schedules.{i}")))
    })
}

/// From a to b by half a cosine.
fn cosine(a: f64, b: f64, share: f64) -> f64 {
    b + (a - b) * (1.0 + libm::cos(PI * share)) / 2.0
}

fn at_least_one(field: &str, value: u64) -> Result<()> {
    if value == 0 { Err(Error::field(format!("schedule.{field}"), "at least 1", 0)) } else { Ok(()) }
}

fn at_least_zero(field: &str, value: f64) -> Result<()> {
    if value < 0.0 { Err(Error::field(format!("schedule.{field}"), "at least 0", value)) } else { Ok(()) }
}

fn at_most_one(field: &str, value: f64) -> Result<()> {
    if value > 1.0 { Err(Error::field(format!("schedule.{field}"), "at most 1", value)) } else { Ok(()) }
}

fn positive(field: &str, value: f64) -> Result<()> {
    if value > 0.0 { Ok(()) } else { Err(Error::field(format!("schedule.{field}"), "more than 0", value)) }
}

/// Momentum can be cycled only where there is one, and stays in [0, 1).
fn has_momentum(base: Hyper, momenta: [f64; 2]) -> Result<()> {
    if base.momentum.is_none() {
        let error = Error::field("schedule.cycle_momentum", "false, for an optimizer without momentum", true);
        return Err(error);
    }
    match momenta.iter().find(|m| !(0.0..1.0).contains(*m)) {
        Some(m) => Err(Error::field("schedule.base_momentum or max_momentum", "at least 0 and less than 1", m)),
        None => Ok(()),
    }
}
