//! The five questions of the exercise, each answered with evidence.

mod card;
mod chain_rule;
mod depth;
mod evidence;
mod initialization;
mod learning_rate;
mod loss;
mod neuron;

pub(crate) use card::Card;
pub(crate) use evidence::Lab;

use crate::Failure;
use clap::ValueEnum;

/// What can be asked.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Question {
    /// What is a neuron?
    Neuron,
    /// What is the learning rate for?
    LearningRate,
    /// How are weights initialised?
    Initialization,
    /// What is loss?
    Loss,
    /// What is the chain rule in gradient flow?
    ChainRule,
    /// All five
    All,
}

impl Question {
    /// The questions that it stands for.
    pub(crate) fn each(self) -> Vec<Self> {
        match self {
            Self::All => vec![Self::Neuron, Self::LearningRate, Self::Initialization, Self::Loss, Self::ChainRule],
            one => vec![one],
        }
    }

    /// The name on the command line and of the card's file.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Neuron => "neuron",
            Self::LearningRate => "learning-rate",
            Self::Initialization => "initialization",
            Self::Loss => "loss",
            Self::ChainRule => "chain-rule",
            Self::All => "all",
        }
    }

    /// Runs the experiments, or finds their runs, and makes the card.
    pub(crate) fn card(self, lab: &Lab<'_>) -> Result<Card, Failure> {
        match self {
            Self::Neuron => neuron::card(lab),
            Self::LearningRate => learning_rate::card(lab),
            Self::Initialization => initialization::card(lab),
            Self::Loss => loss::card(lab),
            Self::ChainRule => chain_rule::card(lab),
            Self::All => unreachable!("`all` is each of the others"),
        }
    }
}
