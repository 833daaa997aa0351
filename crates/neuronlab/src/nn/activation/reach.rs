//! Between which numbers the values of an activation lie.

use super::Activation;
use std::fmt;

/// From the lowest to the highest value; infinite where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    low: f64,
    high: f64,
}

impl Activation {
    /// Found by trying, so that it holds for any settings. (Neurons of a layer together give probabilities, or their logarithms.)
    pub(crate) fn reach(&self) -> Reach {
        // A slope that is learned may become any.
        if let Self::Prelu(_) = self {
            return Reach { low: f64::NEG_INFINITY, high: f64::INFINITY };
        }
        if !self.is_elementwise() {
            let (low, high) = if self.gives_probabilities() { (0.0, 1.0) } else { (f64::NEG_INFINITY, 0.0) };
            return Reach { low, high };
        }
        let near = (-2000..=2000).map(|i| f64::from(i) / 100.0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for z in near.chain([-1e3, 1e3]) {
            let a = self.value(z);
            (low, high) = (low.min(a), high.max(a));
        }
        for far in [-1e9, 1e9] {
            let a = self.value(far);
            // What still grows there grows for ever.
            low = if a < low - 1.0 { f64::NEG_INFINITY } else { low.min(a) };
            high = if a > high + 1.0 { f64::INFINITY } else { high.max(a) };
        }
        Reach { low, high }
    }
}

impl Reach {
    /// Whether any number can be reached.
    pub(crate) fn is_everywhere(self) -> bool {
        self.low.is_infinite() && self.high.is_infinite()
    }

    /// Whether a number can be reached, or as good as reached.
    pub(crate) fn holds(self, number: f64) -> bool {
        number >= self.low - 1e-3 && number <= self.high + 1e-3
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |bound: f64| (bound * 1e3).round() / 1e3 + 0.0;
        let (low, high) = (short(self.low), short(self.high));
        match (low.is_finite(), high.is_finite()) {
            (true, true) => write!(f, "numbers from {low} to {high}"),
            (true, false) => write!(f, "numbers from {low} up"),
            (false, true) => write!(f, "numbers up to {high}"),
            (false, false) => f.write_str("any numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_reach_what_they_reach() {
        let cases = [
            (Activation::SIGMOID, "numbers from 0 to 1"),
            (Activation::TANH, "numbers from -1 to 1"),
            (Activation::SOFTSIGN, "numbers from -1 to 1"),
            (Activation::RELU, "numbers from 0 up"),
            (Activation::SOFTPLUS, "numbers from 0 up"),
            (Activation::ELU, "numbers from -1 up"),
            (Activation::SELU, "numbers from -1.758 up"),
            (Activation::GELU, "numbers from -0.17 up"),
            (Activation::SILU, "numbers from -0.278 up"),
            (Activation::LOG_SOFTMAX, "numbers up to 0"),
            (Activation::LEAKY_RELU, "any numbers"),
            (Activation::PRELU, "any numbers"),
            (Activation::IDENTITY, "any numbers"),
        ];
        for (activation, words) in cases {
            assert_eq!(activation.reach().to_string(), words, "{activation:?}");
        }
        assert!(Activation::SIGMOID.reach().holds(1.0) && !Activation::SIGMOID.reach().holds(1.01));
    }
}
