//! The parts of an experiment that belong to no other module: seeds, split, batches, stop rules.

use crate::error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Seeds of the two random streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// As in `torch.manual_seed`: parameters, the order of shuffled epochs, and what dropout leaves out.
    pub torch: u64,
    /// As in `np.random.seed`: samples drawn with replacement.
    pub numpy: u32,
    /// How many 32-bit words of the torch stream are skipped before the parameters are drawn.
    #[serde(default)]
    pub discard: u64,
}

/// When a run counts as a success, for `neuronlab sweep`. What counts are the samples it was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Success {
    /// A number is right if it is less than this from its target; more than 0. (Classes are right or wrong.)
    pub within: f64,
    /// A run is right if this share of its samples is, more than 0 and at most 1.
    pub share: f64,
    /// A run is close if its mean absolute error is below this; more than 0.
    pub error: f64,
    /// Epochs between two looks at whether the run is right already. None: a hundredth of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
}

impl Default for Success {
    fn default() -> Self {
        Self { within: 0.5, share: 1.0, error: 0.1, every: None }
    }
}

impl Success {
    pub(super) fn validate(self) -> Result<()> {
        for (field, value) in [("within", self.within), ("error", self.error), ("share", self.share)] {
            if value <= 0.0 {
                return Err(Error::field(format!("success.{field}"), "more than 0", value));
            }
        }
        if self.share > 1.0 {
            return Err(Error::field("success.share", "at most 1", self.share));
        }
        if self.every == Some(0) { Err(Error::field("success.every", "at least 1", 0)) } else { Ok(()) }
    }

    /// Epochs between two looks, in a run of `epochs`.
    pub fn looks_every(self, epochs: u64) -> u64 {
        self.every.unwrap_or((epochs / 100).max(1))
    }
}

/// Samples to hold back for testing, chosen as scikit-learn's `train_test_split(test_size=test, random_state=seed)` does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Share of the samples that is held back, between 0 and 1.
    pub test: f64,
    /// Seed of the NumPy stream that chooses them.
    #[serde(default)]
    pub seed: u32,
    /// Whether each class has the same share on both sides, as with scikit-learn's `stratify=y`.
    #[serde(default)]
    pub stratify: bool,
}

impl Seed {
    /// The seeds of run `r` of a sweep: both streams' `base + r`.
    pub(crate) fn run(self, r: u64) -> Self {
        Self { torch: self.torch + r, numpy: self.numpy + r as u32, discard: self.discard }
    }

    pub(super) fn validate(self) -> Result<()> {
        if self.discard > MOST_DISCARDED {
            return Err(Error::field("seed.discard", format!("at most {MOST_DISCARDED}"), self.discard));
        }
        // TOML's whole numbers end there.
        if self.torch > i64::MAX as u64 {
            return Err(Error::field("seed.torch", format!("at most {}", i64::MAX), self.torch));
        }
        Ok(())
    }
}

/// So many words take a few seconds.
const MOST_DISCARDED: u64 = 1_000_000_000;

impl Split {
    pub(super) fn validate(self) -> Result<()> {
        if self.test > 0.0 && self.test < 1.0 {
            return Ok(());
        }
        Err(Error::field("split.test", "a share between 0 and 1", self.test))
    }
}

/// Which samples make a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Batch {
    /// Each sample drawn by itself from all, `np.random.randint(n)`, from the NumPy stream.
    WithReplacement {
        /// Samples a step, at least 1.
        #[serde(default = "one")]
        size: usize,
        /// Steps an epoch. 0: as many as it takes to draw n samples.
        #[serde(default)]
        steps: usize,
    },
    /// Every sample once an epoch, in the order of PyTorch's `DataLoader(…, shuffle=True)`, from the torch stream.
    ///
    /// The stream goes on where the initialisation left it. Each epoch takes two 64-bit numbers from it (high word first): the
    /// first, PyTorch's seed for worker processes, is not used; the second, without its highest bit, seeds a generator of
    /// its own (with its low 32 bits), whose `randperm(n)` is the order.
    Shuffle {
        /// Samples a step, at least 1; the last step of an epoch takes what is left.
        #[serde(default = "one")]
        size: usize,
    },
    /// Every sample once an epoch, in the order of the data. (Where dropout draws from the torch stream, too, each epoch takes
    /// PyTorch's one 64-bit number for worker processes from it first; so does `list`.)
    InOrder {
        /// Samples a step, at least 1; the last step of an epoch takes what is left.
        #[serde(default = "one")]
        size: usize,
    },
    /// All samples in one step.
    Full,
    /// The samples listed, each epoch again.
    List {
        /// Places of samples in the training data, from 0.
        samples: Vec<u32>,
        /// Samples a step, at least 1; the last step of an epoch takes what is left.
        #[serde(default = "one")]
        size: usize,
    },
}

fn one() -> usize {
    1
}

impl Batch {
    pub(super) fn validate(&self) -> Result<()> {
        match self {
            Self::WithReplacement { size: 0, .. }
            | Self::Shuffle { size: 0 }
            | Self::InOrder { size: 0 }
            | Self::List { size: 0, .. } => Err(Error::field("batch.size", "at least 1", 0)),
            Self::List { samples, .. } if samples.is_empty() => {
                Err(Error::field("batch.samples", "at least one sample", "none"))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is what PyTorch's `DataLoader` does without shuffling.
    pub(crate) fn loads_in_order(&self) -> bool {
        matches!(self, Self::InOrder { .. } | Self::List { .. })
    }

    /// Samples a step and steps an epoch, for `n` samples.
    pub fn size_and_steps(&self, n: usize) -> (usize, usize) {
        match self {
            Self::WithReplacement { size, steps: 0 } => (*size, n.div_ceil(*size)),
            Self::Shuffle { size } | Self::InOrder { size } => (*size.min(&n.max(1)), n.div_ceil(*size)),
            Self::WithReplacement { size, steps } => (*size, *steps),
            Self::Full => (n, 1),
            Self::List { samples, size } => (*size.min(&samples.len()), samples.len().div_ceil(*size)),
        }
    }
}

/// When training ends: at the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// After so many epochs, at least 1.
    #[schemars(example = 100)]
    pub epochs: u64,
    /// After an epoch whose loss is below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_below: Option<f64>,
    /// After so many epochs in a row without a lower loss than the lowest before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<u64>,
    /// Of which samples the loss is watched.
    #[serde(default)]
    pub monitor: Monitor,
    /// Whether the run ends with the parameters of the epoch with the lowest loss, not with those of the last one.
    #[serde(default)]
    pub restore_best: bool,
}

/// Whose loss the stop rules watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Monitor {
    /// The mean of the losses of an epoch's steps.
    #[default]
    Training,
    /// The loss on the samples that `split` holds back, after the epoch.
    HeldBack,
}

impl Stop {
    /// The same with no rule, where only what changes the work of a step matters.
    pub(super) fn structure(self) -> Self {
        Self { epochs: 1, loss_below: None, patience: None, ..self }
    }

    /// Whether a run must be followed by its epochs, in a way that only one trained alone is.
    pub(crate) fn follows_epochs(self) -> bool {
        self.restore_best || self.monitor == Monitor::HeldBack
    }

    pub(super) fn validate(self) -> Result<()> {
        if self.loss_below.is_some_and(|bound| bound <= 0.0) {
            return Err(Error::field("stop.loss_below", "more than 0", self.loss_below.unwrap_or_default()));
        }
        if self.epochs == 0 {
            return Err(Error::field("stop.epochs", "at least 1", 0));
        }
        if self.patience == Some(0) {
            return Err(Error::field("stop.patience", "at least 1", 0));
        }
        Ok(())
    }
}
