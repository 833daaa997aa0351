//! Slips that are a factor on every gradient.

use super::moment::Moment;
use crate::nn::{Loss, Model, Reduction};
use serde::Serialize;

/// A factor on everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The sign is wrong.
    Sign,
    /// A factor 2 is missing, such as that of a square.
    Half,
    /// The sum over all rows and outputs, where the loss is a mean.
    NotDivided,
    /// The sum over the rows, where the loss is a mean.
    NotDividedByRows,
    /// The sum over the outputs, where the loss is a mean.
    NotDividedByOutputs,
    /// The sum over the rows, where the mean divides by the sum of the weights of their classes.
    NotDividedByWeights,
    /// Divided by the number of rows, where the mean divides by the sum of the weights of their classes.
    DividedByRowsForWeights,
    /// The gradient is multiplied with the learning rate already.
    LearningRate,
    /// It is the step, −lr·gradient.
    Step,
    /// There is a factor 2 too many.
    Double,
    /// Divided by the number of rows once more.
    DividedByRows,
    /// Divided by the number of outputs once more.
    DividedByOutputs,
    /// Divided by rows and outputs once more.
    DividedByAll,
    /// Divided by the sum of the weights of the rows' classes once more.
    DividedByWeights,
    /// The learning rate is applied twice.
    LearningRateTwice,
}

impl Scale {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Sign => "the sign is wrong",
            Self::Half => {
                "it is half of the gradient: a factor 2 is missing, such as that of the derivative of a square"
            }
            Self::NotDivided => {
                "the sum over rows and outputs stands for the mean: it is not divided by the number of terms"
            }
            Self::NotDividedByRows => {
                "the sum over the rows stands for the mean: it is not divided by the number of rows"
            }
            Self::NotDividedByOutputs => {
                "the sum over the outputs stands for the mean: it is not divided by the number of outputs"
            }
            Self::NotDividedByWeights => {
                "the sum over the rows stands for the mean: it is not divided by the sum of the rows' weights (that of the class; 1 where none is given, 0 of a row that is ignored)"
            }
            Self::DividedByRowsForWeights => {
                "it is divided by the number of rows; the mean divides by the sum of their weights (that of the class; 1 where none is given, 0 of a row that is ignored)"
            }
            Self::LearningRate => "it is multiplied with the learning rate, which comes in only with the update",
            Self::Step => "it is the step −lr·gradient rather than the gradient",
            Self::Double => "it is twice the gradient: there is a factor 2 too many",
            Self::DividedByRows => "it is divided by the number of rows once too often",
            Self::DividedByOutputs => "it is divided by the number of outputs once too often",
            Self::DividedByAll => "it is divided by the number of rows and by that of outputs once too often",
            Self::DividedByWeights => "it is divided by the sum of the rows' weights once too often",
            Self::LearningRateTwice => "the learning rate is in it twice",
        }
    }

    /// Those that are possible, with their factors; the most common first.
    pub(super) fn all(moment: &Moment, model: &Model<f64>) -> Vec<(Self, f64)> {
        let square = moment.loss_function.key() == "mse";
        let (missing, twice) = divisions(moment, divisor(moment, model));
        let mut all = vec![(Self::Sign, -1.0)];
        all.extend(square.then_some((Self::Half, 0.5)));
        all.extend(missing);
        let lr = moment.origin.as_ref().map(|origin| origin.update.lr);
        all.extend(lr.map(|lr| (Self::LearningRate, lr)));
        all.extend(lr.map(|lr| (Self::Step, -lr)));
        all.push((Self::Double, 2.0));
        all.extend(twice);
        all.extend((!square).then_some((Self::Half, 0.5)));
        all.extend(lr.map(|lr| (Self::LearningRateTwice, lr * lr)));
        all
    }
}

type Scales = Vec<(Scale, f64)>;

/// What is taken in place of the mean of a loss that divides by `divisor`, and what divides by it once more.
fn divisions(moment: &Moment, divisor: f64) -> (Scales, Scales) {
    let (rows, outputs) = (moment.samples.len() as f64, moment.network().out_features() as f64);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * b;
    let only = |is: bool, scale: (Scale, f64)| is.then_some(scale);
    let by_outputs = only(outputs > 1.0, (Scale::DividedByOutputs, 1.0 / outputs));
    // Only these count rows by the weights of their classes, whatever number that comes to.
    let of_rows = matches!(moment.loss_function, Loss::CrossEntropy(_) | Loss::Nll(_));
    let is_sum = moment.loss_function.reduction() == Reduction::Sum;
    if of_rows && !is_sum && !near(divisor, rows) {
        let missing = only(!near(divisor, 1.0), (Scale::NotDividedByWeights, divisor));
        let other = only(rows > 1.0, (Scale::DividedByRowsForWeights, divisor / rows));
        let twice = only(!near(divisor, 1.0), (Scale::DividedByWeights, 1.0 / divisor));
        return (missing.into_iter().chain(other).collect(), twice.into_iter().chain(by_outputs).collect());
    }
    let missing = match (rows > 1.0, outputs > 1.0) {
        _ if near(divisor, 1.0) => vec![],
        (true, true) if near(divisor, rows * outputs) => {
            vec![(Scale::NotDivided, divisor), (Scale::NotDividedByRows, rows), (Scale::NotDividedByOutputs, outputs)]
        }
        (false, true) if near(divisor, outputs) => vec![(Scale::NotDividedByOutputs, divisor)],
        // Of a cross entropy only the rows are divided by.
        _ => vec![(Scale::NotDividedByRows, divisor)],
    };
    let by_rows = only(rows > 1.0, (Scale::DividedByRows, 1.0 / rows));
    let by_all = only(rows > 1.0 && outputs > 1.0, (Scale::DividedByAll, 1.0 / (rows * outputs)));
    (missing, by_rows.into_iter().chain(by_outputs).chain(by_all).collect())
}

/// What the loss divides the sum of its terms by.
fn divisor(moment: &Moment, model: &Model<f64>) -> f64 {
    let last = model.layer(model.network().layers().len() - 1);
    let mut summed = vec![0.0; last.da.len()];
    moment.loss_function.summed().gradient(&last.a, &moment.target, moment.network().out_features(), &mut summed);
    let at = (0..summed.len()).fold(0, |best, at| if last.da[at].abs() > last.da[best].abs() { at } else { best });
    if last.da[at] == 0.0 { 1.0 } else { summed[at] / last.da[at] }
}
