//! Losses: how wrong the outputs are, as one number to go down.
//!
//! Each has its file, value and slope side by side; the list below is the only other place that names it.
//!
//! Shapes: B rows of the batch, O outputs; `output` and `target` are `[B, O]`, row by row. A class is a row with 1 at its
//! place and 0 elsewhere, so that nothing branches on it.
//!
//! Kernels are loops over indices: a closure, or an adapter of an iterator, is a function of its own, and may be compiled for a
//! processor without the vectors.

use crate::error::{Error, Result};
use crate::nn::numbers::{Numbers, everywhere};
use crate::scalar::{Real, Scalar, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the terms of a batch become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Their mean: over rows and outputs, or over rows where a row is one term.
    Mean,
    /// Their sum.
    Sum,
    /// Their sum over the number of rows; for `kl_div` only.
    Batchmean,
}

/// What a loss wants its targets to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Targets {
    Numbers,
    /// Numbers from 0 to 1.
    UnitNumbers,
    Classes,
    /// Rows of probabilities that sum to 1, or their logarithms.
    Distributions,
    ClassesOrDistributions,
}

/// A loss of outputs one by one.
trait Elementwise: Copy {
    /// With PyTorch's default settings.
    const DEFAULT: Self;
    /// The class in `torch.nn`.
    const MODULE: &'static str;
    /// The formula in one line.
    const FORMULA: &'static str;
    const TARGETS: Targets;
    fn reduction(&self) -> Reduction;
    /// Its numeric settings, for rows of so many outputs.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        [0.0; 3]
    }
    /// The same with its numeric settings at their defaults.
    fn structure(&self) -> Self {
        *self
    }
    /// The loss of one output.
    fn term<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S) -> S;
    /// ∂term/∂o · each, where `each` is the weight of a term in the reduction.
    fn slope<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S, each: S) -> S;
    /// Whether the slope jumps somewhere.
    fn has_kinks(&self) -> bool {
        false
    }
    /// What a row of outputs says in the terms of its target.
    #[inline(always)]
    fn answer<S: Scalar>(&self, row: &mut [S]) {
        let _ = row;
    }

    /// Terms over which the reduction divides.
    fn divisor(&self, terms: usize, outputs: usize) -> f64 {
        match self.reduction() {
            Reduction::Mean => terms as f64,
            Reduction::Sum => 1.0,
            Reduction::Batchmean => (terms / outputs) as f64,
        }
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
        let (mut sum, divisor) = (S::constant(0.0), self.divisor(output.len(), outputs));
        let target = &target[..output.len()];
        for i in 0..output.len() {
            sum = sum + self.term(numbers, output[i], target[i]);
        }
        if divisor == 1.0 { sum } else { sum / S::constant(divisor) }
    }

    #[inline(always)]
    fn gradient<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
        // One division for all lanes.
        let divisor = S::Element::constant(self.divisor(output.len(), outputs));
        let each = S::constant((S::Element::constant(1.0) / divisor).to_f64());
        let n = output.len();
        let (target, d) = (&target[..n], &mut d[..n]);
        for i in 0..n {
            d[i] = self.slope(numbers, output[i], target[i], each);
        }
    }
}

/// A loss of all outputs of a row together.
trait Rowwise: Copy {
    const DEFAULT: Self;
    const MODULE: &'static str;
    const FORMULA: &'static str;
    const TARGETS: Targets;
    fn reduction(&self) -> Reduction;
    /// Its numeric settings, for rows of so many outputs.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        [0.0; 3]
    }
    /// The same with its numeric settings at their defaults.
    fn structure(&self) -> Self {
        *self
    }
    /// The loss of one row.
    fn row<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S]) -> S;
    /// d = ∂row/∂o over the number of rows that the reduction divides by.
    fn row_gradient<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S], rows: S, d: &mut [S]);
    fn has_kinks(&self) -> bool {
        false
    }
    fn answer<S: Scalar>(&self, row: &mut [S]);

    fn divisor(&self, rows: usize) -> f64 {
        if self.reduction() == Reduction::Sum { 1.0 } else { rows as f64 }
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
        let rows = output.len() / outputs;
        let (mut sum, divisor) = (S::constant(0.0), self.divisor(rows));
        for b in 0..rows {
            sum = sum + self.row(numbers, &output[b * outputs..][..outputs], &target[b * outputs..][..outputs]);
        }
        if divisor == 1.0 { sum } else { sum / S::constant(divisor) }
    }

    #[inline(always)]
    fn gradient<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
        let rows = output.len() / outputs;
        let divisor = S::constant(self.divisor(rows));
        for b in 0..rows {
            let (o, t) = (&output[b * outputs..][..outputs], &target[b * outputs..][..outputs]);
            self.row_gradient(numbers, o, t, divisor, &mut d[b * outputs..][..outputs]);
        }
    }
}

macro_rules! losses {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $KEY:ident, $key:literal;)*) => {
        $(mod $module;)*
        $(use $module::$Name;)*

        /// The loss that training makes small.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name")]
        pub enum Loss {
            $($(#[$doc])* #[serde(rename = $key)] $Name($Name),)*
        }

        impl Loss {
            $($(#[$doc])* pub const $KEY: Self = Self::$Name($Name::DEFAULT);)*

            #[inline(always)]
            fn value_here<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
                match self { $(Self::$Name(f) => f.value(numbers, output, target, outputs),)* }
            }

            #[inline(always)]
            fn gradient_here<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
                match self { $(Self::$Name(f) => f.gradient(numbers, output, target, outputs, d),)* }
            }

            /// Its numeric settings for rows of so many outputs, of which networks side by side may have their own.
            pub(crate) fn numbers(&self, outputs: usize) -> Numbers<f64> {
                match self { $(Self::$Name(f) => f.numbers(outputs),)* }
            }

            /// What decides which operations it consists of: itself, with its numeric settings at their defaults.
            pub(crate) fn structure(&self) -> Self {
                match self { $(Self::$Name(f) => Self::$Name(f.structure()),)* }
            }

            /// Turns a row of outputs into an answer that can be compared with its target: itself, or probabilities.
            #[inline(always)]
            pub fn answer<S: Scalar>(&self, row: &mut [S]) {
                match self { $(Self::$Name(f) => f.answer(row),)* }
            }

            /// What targets must be.
            pub(crate) fn targets(&self) -> Targets {
                match self { $(Self::$Name(_) => $Name::TARGETS,)* }
            }

            /// How terms become one number.
            pub fn reduction(&self) -> Reduction {
                match self { $(Self::$Name(f) => f.reduction(),)* }
            }

            /// The same, but the terms are added up.
            pub(crate) fn summed(&self) -> Self {
                let mut summed = *self;
                match &mut summed { $(Self::$Name(f) => f.reduction = Reduction::Sum,)* }
                summed
            }

            /// The name in experiment files, such as `l1`.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$Name(_) => $key,)* }
            }

            /// The class in `torch.nn`, such as `L1Loss`.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::MODULE,)* }
            }

            /// The formula with the default reduction, such as `mean |output - target|`.
            pub fn formula(&self) -> &'static str {
                match self { $(Self::$Name(_) => $Name::FORMULA,)* }
            }

            /// Whether its slope jumps somewhere, as that of L1 at the target.
            pub fn has_kinks(&self) -> bool {
                match self { $(Self::$Name(f) => f.has_kinks(),)* }
            }

            /// Every loss with its default settings.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$KEY,)*]
            }
        }
    };
}

losses! {
    /// Mean absolute error.
    L1 = l1, L1_LOSS, "l1";
    /// Mean squared error.
    Mse = mse, MSE_LOSS, "mse";
    /// Squared near the target, absolute farther out; slope at most 1.
    SmoothL1 = smooth_l1, SMOOTH_L1_LOSS, "smooth_l1";
    /// Squared near the target, absolute farther out; slope at most δ.
    Huber = huber, HUBER_LOSS, "huber";
    /// Binary cross-entropy; outputs between 0 and 1.
    Bce = bce, BCE_LOSS, "bce";
    /// Binary cross-entropy; outputs any numbers.
    BceWithLogits = bce_with_logits, BCE_WITH_LOGITS_LOSS, "bce_with_logits";
    /// Negative log-likelihood of the right class; outputs from `log_softmax`, one a class.
    Nll = nll, NLL_LOSS, "nll";
    /// Softmax and negative log-likelihood of the right class; outputs any numbers, one a class.
    CrossEntropy = cross_entropy, CROSS_ENTROPY_LOSS, "cross_entropy";
    /// Kullback-Leibler divergence; outputs from `log_softmax`, targets probabilities.
    KlDiv = kl_div, KL_DIV_LOSS, "kl_div";
}

/// [`Loss::value`] as a piece of work.
pub struct LossValue<'a, S> {
    f: &'a Loss,
    numbers: &'a Numbers<S>,
    output: &'a [S],
    target: &'a [S],
    outputs: usize,
}

impl<S: Scalar> Work for LossValue<'_, S> {
    type Output = S;
    #[inline(always)]
    fn run(self) -> S {
        self.f.value_here(self.numbers, self.output, self.target, self.outputs)
    }
}

/// [`Loss::gradient`] as a piece of work.
pub struct LossBack<'a, S> {
    f: &'a Loss,
    numbers: &'a Numbers<S>,
    output: &'a [S],
    target: &'a [S],
    outputs: usize,
    d: &'a mut [S],
}

impl<S: Scalar> Work for LossBack<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.f.gradient_here(self.numbers, self.output, self.target, self.outputs, self.d);
    }
}

impl Loss {
    /// L(output, target) of a batch; both are `[B, O]`, row by row, with O = `outputs`.
    pub fn value<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize) -> S {
        self.value_with(&everywhere(self.numbers(outputs)), output, target, outputs)
    }

    /// The same with numeric settings of its own for each lane.
    #[inline(always)]
    pub(crate) fn value_with<S: Scalar>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
        S::loss(LossValue { f: self, numbers, output, target, outputs })
    }

    /// d = ∂L/∂output, shaped as `output`.
    pub fn gradient<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
        self.gradient_with(&everywhere(self.numbers(outputs)), output, target, outputs, d);
    }

    /// The same with numeric settings of its own for each lane.
    #[inline(always)]
    pub(crate) fn gradient_with<S: Scalar>(
        &self,
        numbers: &Numbers<S>,
        output: &[S],
        target: &[S],
        outputs: usize,
        d: &mut [S],
    ) {
        S::loss_back(LossBack { f: self, numbers, output, target, outputs, d });
    }

    /// Whether targets are rows of probabilities, of which a class is one.
    pub fn wants_classes(&self) -> bool {
        !matches!(self.targets(), Targets::Numbers | Targets::UnitNumbers)
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

    /// Refuses settings that mean nothing.
    pub(crate) fn validate(&self) -> Result<()> {
        let positive = |field: &str, value: f64| {
            if value > 0.0 { Ok(()) } else { Err(Error::field(format!("loss.{field}"), "more than 0", value)) }
        };
        if self.reduction() == Reduction::Batchmean && !matches!(self, Self::KlDiv(_)) {
            return Err(Error::field("loss.reduction", "`mean` or `sum`; `batchmean` is for kl_div", "`batchmean`"));
        }
        match self {
            Self::SmoothL1(f) => positive("beta", f.beta),
            Self::Huber(f) => positive("delta", f.delta),
            Self::BceWithLogits(f) if f.pos_weight < 0.0 => {
                Err(Error::field("loss.pos_weight", "at least 0", f.pos_weight))
            }
            Self::CrossEntropy(f) if !(0.0..=1.0).contains(&f.label_smoothing) => {
                Err(Error::field("loss.label_smoothing", "0 to 1", f.label_smoothing))
            }
            _ => Ok(()),
        }
    }
}

/// `(m, Σ eᶻ⁻ᵐ)` with m the largest of a row.
#[inline(always)]
pub(crate) fn sum_of_exponentials<S: Scalar>(z: &[S]) -> (S, S) {
    let (mut m, mut sum) = (z[0], S::constant(0.0));
    for &z in &z[1..] {
        m = m.max(z);
    }
    for &z in z {
        sum = sum + (z - m).exp();
    }
    (m, sum)
}

/// Logarithms of probabilities to probabilities.
#[inline(always)]
fn exponentials<S: Scalar>(row: &mut [S]) {
    for o in row {
        *o = o.exp();
    }
}
