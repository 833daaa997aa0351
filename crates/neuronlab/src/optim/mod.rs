//! Optimizers: from gradients to new parameters. Each has its file; the list below is the only other place that names it.

mod clip;
mod schedule;

pub use clip::Clip;
pub use schedule::{Per, Progress, Schedule};

use crate::error::{Error, Result};
use crate::scalar::Scalar;
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
    pub(crate) buffers: Vec<Vec<S>>,
    /// Steps begun.
    pub(crate) step: u64,
    /// NAdam's product of momenta.
    pub(crate) product: f64,
}

/// A rule by which parameters follow their gradients.
trait Rule {
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
    /// One update; `state.step` counts it already.
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>);
}

macro_rules! optimizers {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $key:literal;)*) => {
        $(mod $module;)*
        $(pub use $module::$Name;)*

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
                match self { $(Self::$Name(rule) => format!("{}(lr={}, {})", $Name::MODULE, rule.lr, rule.settings()),)* }
            }

            /// PyTorch's names of what is remembered between steps, one number a parameter each.
            pub fn buffers(&self) -> &'static [&'static str] {
                match self { $(Self::$Name(_) => $Name::STATE,)* }
            }

            /// What is remembered, before the first step.
            pub fn state<S: Scalar>(&self, parameters: usize) -> State<S> {
                let initial = match self { $(Self::$Name(rule) => S::constant(rule.initial()),)* };
                let buffers = self.buffers().iter().map(|_| vec![initial; parameters]).collect();
                State { buffers, step: 0, product: 1.0 }
            }

            /// One update of all parameters; `hyper` is [`hyper`](Self::hyper) or what a schedule makes of it.
            #[inline(always)]
            pub fn step<S: Scalar>(&self, hyper: Hyper, parameters: &mut [S], gradients: &[S], state: &mut State<S>) {
                state.step += 1;
                match self { $(Self::$Name(rule) => rule.step(hyper, parameters, gradients, state),)* }
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

fn unit_betas(betas: [f64; 2]) -> Result<()> {
    unit("betas.0", betas[0])?;
    unit("betas.1", betas[1])
}
