//! Networks and their parts in words: as PyTorch prints a `Module`.

use super::{Activation, Layer, Loss, Network, Reduction};
use std::fmt::{self, Display, Formatter};

impl Display for Network {
    /// Layer by layer, as PyTorch prints a `Module` whose layers have these names.
    ///
    /// ```
    /// use neuronlab::nn::{Linear, Network};
    ///
    /// let network = Network::sequential([Linear::new(2, 4).bias(false).tanh(), Linear::new(4, 1)])?;
    /// assert_eq!(network.to_string(), "\
    /// Network(
    ///   (lin1): Linear(in_features=2, out_features=4, bias=False)
    ///   (act1): Tanh()
    ///   (lin2): Linear(in_features=4, out_features=1, bias=True)
    /// )");
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "Network(")?;
        for (l, layer) in self.layers().iter().enumerate() {
            modules(f, l + 1, layer)?;
        }
        write!(f, ")")
    }
}

/// A line for each module of a layer.
fn modules(f: &mut Formatter<'_>, number: usize, layer: &Layer) -> fmt::Result {
    let Layer { name, in_features, out_features, activation, .. } = layer;
    let bias = boolean(layer.bias.is_some());
    writeln!(f, "  ({name}): Linear(in_features={in_features}, out_features={out_features}, bias={bias})")?;
    if let Some(norm) = &layer.batch_norm {
        let (eps, momentum, affine) = (norm.config.eps, norm.config.momentum, boolean(norm.config.affine));
        let settings = format!("eps={}, momentum={}, affine={affine}, bias={affine}", float(eps), float(momentum));
        writeln!(f, "  ({}): BatchNorm1d({out_features}, {settings}, track_running_stats=True)", norm.name)?;
    }
    if let Some(slope) = &layer.slope {
        writeln!(f, "  ({}): {activation}", slope.name)?;
    } else if *activation != Activation::IDENTITY {
        writeln!(f, "  (act{number}): {activation}")?;
    }
    if layer.dropout > 0.0 {
        writeln!(f, "  (drop{number}): Dropout(p={}, inplace=False)", float(layer.dropout))?;
    }
    Ok(())
}

impl Display for Activation {
    /// The module as PyTorch prints it, such as `LeakyReLU(negative_slope=0.01)`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let table = toml::Table::try_from(self).map_err(|_| fmt::Error)?;
        // PyTorch does not print what a PReLU started from.
        let shown = |key: &str| key != "name" && !(key == "init" && matches!(self, Self::Prelu(_)));
        let mut settings: Vec<String> = table.iter().filter(|(key, _)| shown(key)).map(setting).collect();
        if matches!(self, Self::Softmax(_) | Self::LogSoftmax(_)) {
            settings.push("dim=1".into());
        }
        write!(f, "{}({})", self.name(), settings.join(", "))
    }
}

impl Display for Loss {
    /// The module as PyTorch prints it, such as `L1Loss()`; with its reduction, if that is another than the mean.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let reduction = match self.reduction() {
            Reduction::Mean => "",
            Reduction::Sum => "reduction='sum'",
            Reduction::Batchmean => "reduction='batchmean'",
        };
        write!(f, "{}({reduction})", self.name())
    }
}

fn setting((key, value): (&String, &toml::Value)) -> String {
    let value = match value {
        toml::Value::Float(number) => float(*number),
        toml::Value::String(word) => format!("'{word}'"),
        toml::Value::Boolean(yes) => boolean(*yes).into(),
        other => other.to_string(),
    };
    format!("{key}={value}")
}

fn boolean(yes: bool) -> &'static str {
    if yes { "True" } else { "False" }
}

/// A number as Python writes it: exponents have two digits.
fn float(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once("e-") {
        Some((digits, power)) => format!("{digits}e-{power:0>2}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BatchNorm, Linear};
    use super::*;

    /// `print(nn.LeakyReLU())` and so on, by PyTorch 2.15.
    #[test]
    fn activations_are_printed_as_pytorch_prints_them() {
        for (activation, text) in [
            (Activation::TANH, "Tanh()"),
            (Activation::SELU, "SELU()"),
            (Activation::LEAKY_RELU, "LeakyReLU(negative_slope=0.01)"),
            (Activation::PRELU, "PReLU(num_parameters=1)"),
            (Activation::ELU, "ELU(alpha=1.0)"),
            (Activation::GELU, "GELU(approximate='none')"),
            (Activation::SOFTPLUS, "Softplus(beta=1.0, threshold=20.0)"),
            (Activation::HARDTANH, "Hardtanh(min_val=-1.0, max_val=1.0)"),
            (Activation::SOFTMAX, "Softmax(dim=1)"),
        ] {
            assert_eq!(activation.to_string(), text);
        }
    }

    /// `print(nn.BatchNorm1d(3))`, by PyTorch 2.15.
    #[test]
    fn normalisation_stands_between_sum_and_activation() {
        let network = Network::sequential([Linear::new(2, 3).batch_norm(BatchNorm::default()).relu()]).unwrap();
        let lines: Vec<String> = network.to_string().lines().map(String::from).collect();
        assert_eq!(
            lines[2],
            "  (bn1): BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"
        );
        assert_eq!(lines[3], "  (act1): ReLU()");
    }

    /// `print(nn.Dropout(0.2))`, by PyTorch 2.15.
    #[test]
    fn dropout_stands_behind_the_activation() {
        let network = Network::sequential([Linear::new(2, 3).relu().dropout(0.2)]).unwrap();
        assert!(network.to_string().ends_with("  (act1): ReLU()\n  (drop1): Dropout(p=0.2, inplace=False)\n)"));
    }

    #[test]
    fn losses_are_printed_as_modules() {
        assert_eq!(Loss::L1_LOSS.to_string(), "L1Loss()");
        let sum: Loss = toml::from_str("name = 'mse'\nreduction = 'sum'").unwrap();
        assert_eq!(sum.to_string(), "MSELoss(reduction='sum')");
    }
}
