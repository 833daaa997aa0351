//! What a loss wants, of its settings, its targets and the last layer.

use super::{Bce, BceWithLogits, CrossEntropy, Loss, PerOutput, Reduction, Rowwise, Targets};
use crate::error::{Error, Result};
use crate::scalar::Real;

impl Loss {
    /// Whether targets are rows of probabilities, of which a class is one.
    pub fn wants_classes(&self) -> bool {
        use Targets::{Counts, Numbers, Signs, UnitNumbers};
        !matches!(self.targets(), Numbers | UnitNumbers | Signs | Counts)
    }

    /// The class whose samples do not count, or the number that marks them.
    pub(crate) fn ignore_index(&self) -> Option<i64> {
        match self {
            Self::Nll(f) => f.ignore_index,
            Self::CrossEntropy(f) => f.ignore_index,
            _ => None,
        }
    }

    /// Whether a sample with this row of targets does not count, since it is marked so or its class has the weight 0.
    pub(crate) fn ignores<T: Real>(&self, target: &[T]) -> bool {
        let weights = match self {
            Self::Nll(f) => f.row_weights(),
            Self::CrossEntropy(f) => f.row_weights(),
            _ => None,
        };
        weights.is_some_and(|weights| weights.of_row(target) == T::constant(0.0))
    }

    /// The same for targets that are rows of probabilities, which count alike whatever the weights of their classes are.
    pub(crate) fn of_distributions(&self) -> Self {
        match self {
            Self::CrossEntropy(f) => Self::CrossEntropy(CrossEntropy { distributions: true, ..f.clone() }),
            other => other.clone(),
        }
    }

    /// Its lists, each of a number for every output, with their names.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&'static str, &[f64])> {
        let (weight, pos_weight) = match self {
            Self::Bce(f) => (f.weight.as_deref(), None),
            Self::BceWithLogits(f) => (f.weight.as_deref(), f.pos_weight.list()),
            Self::Nll(f) => (f.weight.as_deref(), None),
            Self::CrossEntropy(f) => (f.weight.as_deref(), None),
            _ => (None, None),
        };
        weight.map(|list| ("weight", list)).into_iter().chain(pos_weight.map(|list| ("pos_weight", list)))
    }

    /// The formula, and the settings that are not at their defaults, such as `mean |output - target|, reduction = "sum"`.
    pub fn formula_with_settings(&self) -> String {
        let table = |loss: &Self| toml::Table::try_from(loss).unwrap_or_default();
        let default = Self::all().into_iter().find(|default| default.key() == self.key());
        let default = default.map_or_else(toml::Table::new, |default| table(&default));
        let settings = table(self).into_iter().filter(|(key, value)| default.get(key) != Some(value));
        let settings = settings.map(|(key, value)| format!(", {key} = {value}"));
        std::iter::once(self.formula().to_string()).chain(settings).collect()
    }

    /// What the last layer's activation must give, if not any numbers, and what to do about it.
    pub(crate) fn needs(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Bce(_) => Some((
                "outputs between 0 and 1",
                "add activation = \"sigmoid\" to the last layer, or use the loss bce_with_logits",
            )),
            Self::Nll(_) => Some((
                "logarithms of probabilities",
                "add activation = \"log_softmax\" to the last layer, or use the loss cross_entropy",
            )),
            Self::KlDiv(_) => {
                Some(("logarithms of probabilities", "add activation = \"log_softmax\" to the last layer"))
            }
            _ => None,
        }
    }

    /// Whether PyTorch's limits act at an output, which keep the logarithm and the slope of `bce` finite. There the gradient is
    /// not the slope of the loss.
    pub(crate) fn clamps(&self, output: f64) -> bool {
        matches!(self, Self::Bce(_)) && Bce::clamps(output)
    }

    /// Refuses settings that mean nothing, of a network of so many outputs.
    pub fn validate(&self, outputs: usize) -> Result<()> {
        let refused =
            |field: &str, expected: &str, value: f64| Err(Error::field(format!("loss.{field}"), expected, value));
        if self.reduction() == Reduction::Batchmean && !matches!(self, Self::KlDiv(_)) {
            return Err(Error::field("loss.reduction", "`mean` or `sum`; `batchmean` is for kl_div", "`batchmean`"));
        }
        for (field, list) in self.lists() {
            check_list(&format!("loss.{field}"), list, outputs, self.wants_classes())?;
        }
        match self {
            Self::SmoothL1(f) if f.beta <= 0.0 => refused("beta", "more than 0", f.beta),
            Self::Huber(f) if f.delta <= 0.0 => refused("delta", "more than 0", f.delta),
            Self::BceWithLogits(BceWithLogits { pos_weight: PerOutput::All(one), .. }) if *one < 0.0 => {
                refused("pos_weight", "at least 0", *one)
            }
            Self::CrossEntropy(f) if !(0.0..=1.0).contains(&f.label_smoothing) => {
                refused("label_smoothing", "0 to 1", f.label_smoothing)
            }
            Self::GaussianNll(f) if f.var < 0.0 => refused("var", "at least 0", f.var),
            _ => Ok(()),
        }
    }
}

/// Refuses a list that is not of one weight for each output, or for each class.
fn check_list(field: &str, list: &[f64], outputs: usize, classes: bool) -> Result<()> {
    if list.len() != outputs {
        let each = if classes { "class" } else { "output" };
        let expected = format!("{outputs} numbers, one for each {each}");
        return Err(Error::field(field, expected, format!("{}", list.len())));
    }
    if let Some(at) = list.iter().position(|&w| w < 0.0) {
        return Err(Error::field(format!("{field}.{at}"), "at least 0", list[at]));
    }
    // Weights of targets 1 may all be 0: targets 0 still count.
    if field.ends_with(".weight") && list.iter().all(|&w| w == 0.0) {
        return Err(Error::field(field, "a number that is not 0", "only zeros"));
    }
    Ok(())
}
