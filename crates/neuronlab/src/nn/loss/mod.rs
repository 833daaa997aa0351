//! Losses: how wrong the outputs are, as one number to go down.
//!
//! Each has its file, value and slope side by side; the list below is the only other place that names it.
//!
//! Shapes: B rows of the batch, O outputs; `output` and `target` are `[B, O]`, row by row. A class is a row with 1 at its
//! place and 0 elsewhere, so that nothing branches on it.
//!
//! Kernels are loops over indices: a closure, or an adapter of an iterator, is a function of its own, and may be compiled for a
//! processor without the vectors.

mod class_weights;
mod per_output;
mod settings;
mod work;

pub use per_output::PerOutput;
pub(crate) use work::{Answers, LossBack, LossValue};

use crate::nn::columns::{MOST_COLUMNS, add_in_order, put_columns, take_columns};
use crate::nn::numbers::{Numbers, everywhere, spread};
use crate::scalar::{Packet, Real, Scalar, Work};
use class_weights::ClassWeights;
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
    /// 1 or −1.
    Signs,
    /// Numbers of at least 0.
    Counts,
    Classes,
    /// Rows of probabilities that sum to 1, or their logarithms.
    Distributions,
    ClassesOrDistributions,
}

/// A loss of outputs one by one.
trait Elementwise: Clone {
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
        self.clone()
    }
    /// Whether an output has settings of its own.
    fn has_lists(&self) -> bool {
        false
    }
    /// The numeric settings of one output, and the weight of its terms.
    #[inline(always)]
    fn of_output<S: Scalar>(&self, numbers: &Numbers<S>, output: usize) -> (Numbers<S>, S) {
        let _ = output;
        (*numbers, S::constant(1.0))
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
    fn answer<S: Scalar>(&self, numbers: &Numbers<S>, row: &mut [S]) {
        let _ = (numbers, row);
    }

    /// Terms over which the reduction divides.
    #[inline(always)]
    fn divisor(&self, terms: usize, outputs: usize) -> f64 {
        match self.reduction() {
            Reduction::Mean => terms as f64,
            Reduction::Sum => 1.0,
            Reduction::Batchmean => (terms / outputs) as f64,
        }
    }

    #[inline(always)]
    fn value<S: Scalar, V: Packet<S>>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
        let (mut sum, divisor) = (S::constant(0.0), self.divisor(output.len(), outputs));
        let (n, target) = (output.len(), &target[..output.len()]);
        if self.has_lists() {
            for i in 0..n {
                let (numbers, weight) = self.of_output(numbers, i % outputs);
                sum = sum + self.term(&numbers, output[i], target[i]) * weight;
            }
        } else if V::WIDTH > 1 {
            let (numbers, mut i) = (spread::<S, V>(numbers), 0);
            while i < n {
                sum = add_in_order(sum, self.term(&numbers, V::take(output, i), V::take(target, i)), n - i);
                i += V::WIDTH;
            }
        } else {
            for i in 0..n {
                sum = sum + self.term(numbers, output[i], target[i]);
            }
        }
        if divisor == 1.0 { sum } else { sum / S::constant(divisor) }
    }

    #[inline(always)]
    fn gradient<S: Scalar, V: Packet<S>>(
        &self,
        numbers: &Numbers<S>,
        output: &[S],
        target: &[S],
        outputs: usize,
        d: &mut [S],
    ) {
        // One division for all lanes.
        let divisor = S::Element::constant(self.divisor(output.len(), outputs));
        let each = S::constant((S::Element::constant(1.0) / divisor).to_f64());
        let n = output.len();
        let (target, d) = (&target[..n], &mut d[..n]);
        if self.has_lists() {
            for i in 0..n {
                let (numbers, weight) = self.of_output(numbers, i % outputs);
                d[i] = self.slope(&numbers, output[i], target[i], each * weight);
            }
        } else {
            let (numbers, each, mut i) = (spread::<S, V>(numbers), V::spread(each), 0);
            while i < n {
                self.slope(&numbers, V::take(output, i), V::take(target, i), each).put(d, i);
                i += V::WIDTH;
            }
        }
    }
}

/// A loss of all outputs of a row together.
trait Rowwise: Clone {
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
        self.clone()
    }
    /// The loss of one row.
    fn row<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S]) -> S;
    /// d = ∂row/∂o over what the reduction divides by.
    fn row_gradient<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S], divisor: S, d: &mut [S]);
    fn has_kinks(&self) -> bool {
        false
    }
    fn answer<S: Scalar>(&self, numbers: &Numbers<S>, row: &mut [S]);
    /// How much a row counts in the mean, where not each counts alike.
    fn row_weights(&self) -> Option<ClassWeights<'_>>;

    /// Over what the reduction divides: the number of rows, or the sum of their weights.
    #[inline(always)]
    fn divisor<S: Scalar>(&self, target: &[S], outputs: usize) -> S {
        let rows = target.len() / outputs;
        match (self.reduction(), self.row_weights()) {
            (Reduction::Sum, _) => S::constant(1.0),
            (_, None) => S::constant(rows as f64),
            (_, Some(weights)) => {
                let mut sum = S::constant(0.0);
                for b in 0..rows {
                    sum = sum + weights.of_row(&target[b * outputs..][..outputs]);
                }
                sum
            }
        }
    }

    #[inline(always)]
    fn value<S: Scalar, V: Packet<S>>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
        let (mut sum, rows, mut b) = (S::constant(0.0), output.len() / outputs, 0);
        while V::WIDTH > 1 && outputs <= MOST_COLUMNS && b < rows {
            let (o, t) = (take_columns::<S, V>(output, outputs, b), take_columns::<S, V>(target, outputs, b));
            let losses = self.row(&spread::<S, V>(numbers), &o[..outputs], &t[..outputs]);
            sum = add_in_order(sum, losses, rows - b);
            b += V::WIDTH;
        }
        while b < rows {
            sum = sum + self.row(numbers, &output[b * outputs..][..outputs], &target[b * outputs..][..outputs]);
            b += 1;
        }
        sum / self.divisor(target, outputs)
    }

    #[inline(always)]
    fn gradient<S: Scalar, V: Packet<S>>(
        &self,
        numbers: &Numbers<S>,
        output: &[S],
        target: &[S],
        outputs: usize,
        d: &mut [S],
    ) {
        let (divisor, rows, mut b) = (self.divisor(target, outputs), output.len() / outputs, 0);
        while V::WIDTH > 1 && outputs <= MOST_COLUMNS && b < rows {
            let (o, t) = (take_columns::<S, V>(output, outputs, b), take_columns::<S, V>(target, outputs, b));
            let mut columns = [V::constant(0.0); MOST_COLUMNS];
            let (numbers, divisor) = (spread::<S, V>(numbers), V::spread(divisor));
            self.row_gradient(&numbers, &o[..outputs], &t[..outputs], divisor, &mut columns[..outputs]);
            put_columns::<S, V>(&columns, d, outputs, b);
            b += V::WIDTH;
        }
        while b < rows {
            let (o, t) = (&output[b * outputs..][..outputs], &target[b * outputs..][..outputs]);
            self.row_gradient(numbers, o, t, divisor, &mut d[b * outputs..][..outputs]);
            b += 1;
        }
    }
}

macro_rules! losses {
    ($($(#[$doc:meta])* $Name:ident = $module:ident, $KEY:ident, $key:literal;)*) => {
        $(mod $module;)*
        $(use $module::$Name;)*

        /// The loss that training makes small.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "name")]
        pub enum Loss {
            $($(#[$doc])* #[serde(rename = $key)] $Name($Name),)*
        }

        impl Loss {
            $($(#[$doc])* pub const $KEY: Self = Self::$Name($Name::DEFAULT);)*

            #[inline(always)]
            fn value_here<S: Scalar, V: Packet<S>>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize) -> S {
                match self { $(Self::$Name(f) => if const { S::APART } {
                    S::call(LossValue { f, numbers, output, target, outputs })
                } else {
                    f.value::<S, V>(numbers, output, target, outputs)
                },)* }
            }

            #[inline(always)]
            fn gradient_here<S: Scalar, V: Packet<S>>(&self, numbers: &Numbers<S>, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
                match self { $(Self::$Name(f) => if const { S::APART } {
                    S::call(LossBack { f, numbers, output, target, outputs, d });
                } else {
                    f.gradient::<S, V>(numbers, output, target, outputs, d);
                },)* }
            }

            /// Its numeric settings for rows of so many outputs, of which networks side by side may have their own.
            ///
            /// # Panics
            /// If it has a list that is not of so many numbers.
            #[track_caller]
            pub(crate) fn numbers(&self, outputs: usize) -> Numbers<f64> {
                for (field, list) in self.lists() {
                    assert!(list.len() == outputs, "loss.{field}: expected {outputs} numbers, one for each output, got {}", list.len());
                }
                match self { $(Self::$Name(f) => f.numbers(outputs),)* }
            }

            /// What decides which operations it consists of: itself, with its numeric settings at their defaults.
            pub(crate) fn structure(&self) -> Self {
                match self { $(Self::$Name(f) => Self::$Name(f.structure()),)* }
            }

            /// Turns a row of outputs into an answer that can be compared with its target: itself, or probabilities.
            #[inline(always)]
            pub fn answer<S: Scalar>(&self, row: &mut [S]) {
                self.answer_with(&everywhere(self.numbers(row.len())), row);
            }

            /// The same with numeric settings of its own for each lane.
            #[inline(always)]
            pub(crate) fn answer_with<S: Scalar>(&self, numbers: &Numbers<S>, row: &mut [S]) {
                match self { $(Self::$Name(f) => f.answer(numbers, row),)* }
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
                let mut summed = self.clone();
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

        $(impl<S: Scalar> Work for LossValue<'_, S, $Name> {
            type Output = S;
            #[inline(always)]
            fn run(self) -> S {
                self.f.value::<S, S>(self.numbers, self.output, self.target, self.outputs)
            }
        }

        impl<S: Scalar> Work for LossBack<'_, S, $Name> {
            type Output = ();
            #[inline(always)]
            fn run(self) {
                self.f.gradient::<S, S>(self.numbers, self.output, self.target, self.outputs, self.d);
            }
        })*
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
    /// ln(1 + e⁻ᵗᵒ) of targets t that are 1 or −1; outputs any numbers.
    SoftMargin = soft_margin, SOFT_MARGIN_LOSS, "soft_margin";
    /// Distances: small where the target is 1, at least the margin where it is −1.
    HingeEmbedding = hinge_embedding, HINGE_EMBEDDING_LOSS, "hinge_embedding";
    /// Counts that are distributed as Poisson says; outputs are logarithms of their means.
    PoissonNll = poisson_nll, POISSON_NLL_LOSS, "poisson_nll";
    /// Numbers around the output, normally distributed with a given variance.
    GaussianNll = gaussian_nll, GAUSSIAN_NLL_LOSS, "gaussian_nll";
    /// Kullback-Leibler divergence; outputs from `log_softmax`, targets probabilities.
    KlDiv = kl_div, KL_DIV_LOSS, "kl_div";
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
