//! The samples as training sees them: split, scaled, encoded for the loss, in the precision of the run.

use super::evaluation::largest;
use super::stratified::stratified;
use crate::data::{Dataset, Reading, Targets};
use crate::error::{Error, Result, listed};
use crate::experiment::Experiment;
use crate::nn::{Loss, Wanted};
use crate::random::NumpyRng;
use crate::scalar::{Dtype, Real};
use serde::{Deserialize, Serialize};

/// Samples, N of them: inputs `[N, I]` and targets `[N, O]`, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples<T> {
    /// Inputs.
    pub x: Vec<T>,
    /// Targets; a class is a row with 1 at its place, or one number 0 or 1.
    pub y: Vec<T>,
}

/// Shift and scale of the inputs: what a network is given is (x − mean) / std.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// Mean of each input over the training samples.
    pub mean: Vec<f64>,
    /// Standard deviation of each input over the training samples; 1 for a constant input.
    pub std: Vec<f64>,
}

impl Scaling {
    /// Of rows of `width` inputs. The standard deviation is that of the population, as in scikit-learn's `StandardScaler`.
    pub(super) fn of<T: Real>(inputs: &[T], width: usize) -> Self {
        let rows = (inputs.len() / width) as f64;
        // Row by row, as they lie in memory; each column's sums are in the order of the rows.
        let sums = |term: &dyn Fn(usize, f64) -> f64| {
            let mut sums = vec![-0.0; width];
            for row in inputs.chunks_exact(width) {
                for (i, (sum, x)) in sums.iter_mut().zip(row).enumerate() {
                    *sum += term(i, x.to_f64());
                }
            }
            sums
        };
        let mean: Vec<f64> = sums(&|_, x| x).into_iter().map(|sum| sum / rows).collect();
        let squares = sums(&|i, x| (x - mean[i]) * (x - mean[i]));
        // A mean that is rounded leaves a trace of variance in a constant column.
        let constant = constant_columns(inputs, width);
        let std = squares.iter().zip(constant).map(|(sum, constant)| if constant { 1.0 } else { (sum / rows).sqrt() });
        let std = std.collect();
        Self { mean, std }
    }

    /// Leaves inputs as they are.
    fn leave(&mut self, inputs: impl Iterator<Item = usize>) {
        for input in inputs {
            (self.mean[input], self.std[input]) = (0.0, 1.0);
        }
    }

    /// Whether it is one of `inputs` inputs.
    pub(super) fn fits(&self, inputs: usize) -> bool {
        let finite = |values: &[f64]| values.len() == inputs && values.iter().all(|v| v.is_finite());
        finite(&self.mean) && finite(&self.std) && self.std.iter().all(|&s| s > 0.0)
    }

    /// One input before it was shifted and scaled.
    pub fn undo(&self, input: usize, x: f64) -> f64 {
        x * self.std[input] + self.mean[input]
    }

    /// Shifts and scales rows of inputs.
    pub fn apply(&self, inputs: &mut [f64]) {
        for row in inputs.chunks_exact_mut(self.mean.len()) {
            for ((x, mean), std) in row.iter_mut().zip(&self.mean).zip(&self.std) {
                *x = (*x - mean) / std;
            }
        }
    }
}

/// Which columns hold one number throughout.
pub(super) fn constant_columns<T: Real>(values: &[T], width: usize) -> Vec<bool> {
    let mut constant = vec![true; width];
    for row in values.chunks_exact(width) {
        for ((constant, x), first) in constant.iter_mut().zip(row).zip(values) {
            *constant &= x == first;
        }
    }
    constant
}

/// What a network of an experiment is to learn.
#[derive(Debug, Clone, PartialEq)]
pub struct Task<T> {
    /// Samples to learn from.
    pub train: Samples<T>,
    /// Samples held back, maybe none.
    pub test: Samples<T>,
    /// Names of the inputs.
    pub input_names: Vec<String>,
    /// Names of the targets.
    pub target_names: Vec<String>,
    /// Names of the classes, empty where targets are numbers.
    pub classes: Vec<String>,
    /// What was done to the inputs.
    pub scaling: Option<Scaling>,
    /// What was put in the place of missing values: the mean of each input over the training samples, in the user's units; empty
    /// where none is missing.
    pub means: Vec<f64>,
    /// How many values were missing of each input, in all samples; empty where none is.
    pub missing: Vec<usize>,
    /// How the samples were read, if they come from a table.
    pub reading: Reading,
}

impl<T: Real> Task<T> {
    /// An input as it stands in the user's data: of the numbers that scaling makes `x`, as it is rounded, the one with the fewest decimals.
    pub fn original(&self, input: usize, x: T) -> T {
        let Some(scaling) = &self.scaling else { return x };
        let epsilon = if T::DTYPE == Dtype::Float32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let scaled = (x.to_f64() * scaling.std[input]).abs();
        let rounding = epsilon * scaled + 4.0 * f64::EPSILON * (scaling.mean[input].abs() + scaled);
        T::constant(fewest_decimals(scaling.undo(input, x.to_f64()), rounding))
    }

    /// Splits, scales and encodes the experiment's data.
    pub fn new(experiment: &Experiment, mut data: Dataset) -> Result<Self> {
        let width = data.input_names.len();
        let (y, classes) = encode(experiment, &data)?;
        let outputs = y.len() / data.len();
        let (train, test) = split(experiment, &y, outputs, !classes.is_empty())?;
        let (means, missing) = fill(&mut data, &train)?;

        let mut scaling = None;
        if experiment.data.standardizes() {
            let mut s = Scaling::of(&rows(&data.inputs, width, &train), width);
            s.leave(words(&data.reading));
            if let Some(i) = (0..width).find(|&i| !s.mean[i].is_finite() || !s.std[i].is_finite()) {
                let got = format!("`{}`, whose numbers are too large for that", data.input_names[i]);
                return Err(Error::field("data.standardize", "columns with a finite standard deviation", got));
            }
            s.apply(&mut data.inputs);
            scaling = Some(s);
        }
        let samples = |places: &[u32]| Samples {
            x: rows(&data.inputs, width, places).into_iter().map(T::constant).collect(),
            y: rows(&y, outputs, places).into_iter().map(T::constant).collect(),
        };
        let task = Self {
            train: samples(&train),
            test: samples(&test),
            input_names: data.input_names,
            target_names: data.target_names,
            classes,
            scaling,
            means,
            missing,
            reading: data.reading,
        };
        let finite = |samples: &Samples<T>| samples.x.iter().chain(&samples.y).all(|v| v.is_finite());
        if finite(&task.train) && finite(&task.test) {
            return Ok(task);
        }
        Err(match T::DTYPE {
            Dtype::Float64 => {
                Error::field("data.standardize", "numbers that stay finite when they are standardised", "larger ones")
            }
            Dtype::Float32 => {
                Error::field("dtype", "float64, since a number of the data is beyond float32", T::DTYPE.name())
            }
        })
    }

    /// A number that changes when a sample or a name does.
    pub(super) fn fingerprint(&self) -> u64 {
        let values = [&self.train, &self.test].into_iter().flat_map(|s| s.x.iter().chain(&s.y));
        let names = [&self.input_names, &self.target_names, &self.classes].into_iter().flatten();
        let names = names.flat_map(|name| name.bytes().chain([0]));
        fnv1a(values.flat_map(|v| v.to_f64().to_bits().to_le_bytes()).chain(names))
    }
}

/// The number with the fewest decimals that is no farther from `value` than `rounding`.
fn fewest_decimals(value: f64, rounding: f64) -> f64 {
    let with = |decimals: i32| {
        let power = 10f64.powi(decimals);
        // Not -0.
        (value * power).round() / power + 0.0
    };
    (0..=15).map(with).find(|number| (number - value).abs() <= rounding).unwrap_or(value)
}

/// The hash of Fowler, Noll and Vo, 64 bits: against accidents, not against intent.
pub(crate) fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(FNV1A_OF_NOTHING, fnv1a_and)
}

/// The hash of no bytes.
pub(crate) const FNV1A_OF_NOTHING: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash with one byte more.
#[inline(always)]
pub(crate) fn fnv1a_and(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// The rows at `places` of a matrix of `width` columns.
fn rows(matrix: &[f64], width: usize, places: &[u32]) -> Vec<f64> {
    places.iter().flat_map(|&i| &matrix[i as usize * width..(i as usize + 1) * width]).copied().collect()
}

/// The inputs that stand for a word of a column.
fn words(reading: &Reading) -> impl Iterator<Item = usize> {
    let mut at = 0;
    reading.columns.iter().flat_map(move |column| {
        let inputs = at..at + column.width();
        at = inputs.end;
        if column.words.is_empty() { 0..0 } else { inputs }
    })
}

/// Puts the mean over the training samples in the place of what is missing; the means, and how many values were missing of each input.
fn fill(data: &mut Dataset, train: &[u32]) -> Result<(Vec<f64>, Vec<usize>)> {
    let width = data.input_names.len();
    let mut missing = vec![0; width];
    for row in data.inputs.chunks_exact(width) {
        missing.iter_mut().zip(row).for_each(|(count, x)| *count += usize::from(x.is_nan()));
    }
    if missing.iter().all(|&count| count == 0) {
        return Ok((vec![], vec![]));
    }
    let mut means = Vec::with_capacity(width);
    for input in 0..width {
        let values = train.iter().map(|&row| data.inputs[row as usize * width + input]).filter(|x| !x.is_nan());
        let (sum, count) = values.fold((0.0, 0usize), |(sum, count), x| (sum + x, count + 1));
        if count == 0 {
            let name = &data.input_names[input];
            let got = format!("`{name}`, of which the training samples have none");
            let error = Error::field("data.missing", "columns with some values, whose mean is filled in", got);
            let column = data.reading.columns.iter().find(|column| column.input_names().any(|own| own == *name));
            let column = column.map_or(name, |column| &column.name);
            return Err(error.with_hint(format!("data.exclude=[\"{column}\"] leaves the column out")));
        }
        means.push(sum / count as f64);
    }
    for row in data.inputs.chunks_exact_mut(width) {
        row.iter_mut().zip(&means).filter(|(x, _)| x.is_nan()).for_each(|(x, mean)| *x = *mean);
    }
    Ok((means, missing))
}

/// Places of the training and the test samples, for encoded targets `[N, O]`.
fn split(experiment: &Experiment, y: &[f64], outputs: usize, classes: bool) -> Result<(Vec<u32>, Vec<u32>)> {
    let n = y.len() / outputs;
    let Some(split) = experiment.split else {
        return Ok(((0..n as u32).collect(), vec![]));
    };
    let tests = (split.test * n as f64).ceil() as usize;
    if tests >= n {
        let expected = format!("a share that leaves one of {n} samples for training");
        return Err(Error::field("split.test", expected, split.test));
    }
    let mut random = NumpyRng::new(split.seed);
    if split.stratify {
        if !classes {
            let got = "true, and targets that are numbers";
            return Err(Error::field("split.stratify", "false where there are no classes", got));
        }
        let label = |row: &[f64]| if outputs > 1 { largest(row) } else { usize::from(row[0] >= 0.5) };
        let labels: Vec<usize> = y.chunks_exact(outputs).map(label).collect();
        return stratified(&labels, outputs.max(2), n - tests, &mut random);
    }
    let order = random.permutation(n);
    Ok((order[tests..].to_vec(), order[..tests].to_vec()))
}

/// Of a network whose last layer was left out, as in `network.layers=[8, 8]`.
const LAST_LAYER: &str = "the last of network.layers gives the answers; the hidden layers stand before it";

/// Targets `[N, O]` as the loss wants them, and the names of the classes, if any.
fn encode(experiment: &Experiment, data: &Dataset) -> Result<(Vec<f64>, Vec<String>)> {
    let last = experiment.network.layers.len() - 1;
    let outputs = experiment.network.layers[last].out_features;
    let field = format!("network.layers.{last}.out_features");
    let (loss, wants) = (&experiment.loss, experiment.loss.targets());
    match &data.targets {
        Targets::Numbers(numbers) => {
            let columns = data.target_names.len();
            let distributions = match wants {
                Wanted::Distributions => true,
                Wanted::ClassesOrDistributions => columns > 1,
                _ => false,
            };
            if loss.wants_classes() && !distributions {
                let (labels, names) = whole_numbers_as_classes(numbers, data, outputs, loss)?;
                return one_hot(&labels, names, outputs, &field);
            }
            if outputs != columns {
                let expected = format!("{columns}, one output for each of the data's targets");
                return Err(Error::field(field, expected, outputs).with_hint(LAST_LAYER));
            }
            if distributions {
                check_distributions(numbers, outputs, loss)?;
                if let Some(index) = loss.ignore_index().filter(|&index| index >= 0) {
                    let expected = "none, or a number below 0, since targets are probabilities";
                    return Err(Error::field("loss.ignore_index", expected, index));
                }
            } else {
                check_numbers(numbers, outputs, loss)?;
            }
            Ok((numbers.clone(), vec![]))
        }
        Targets::Classes { names, .. } if wants == Wanted::Signs => {
            let got = format!("the classes {}", listed(names.iter().map(String::as_str)));
            let error = Error::field("data.targets", format!("numbers, 1 or -1, for the loss {}", loss.key()), got);
            Err(with_other_loss(error, loss))
        }
        Targets::Classes { labels, names } if !loss.wants_classes() && outputs == 1 && names.len() == 2 => {
            Ok((labels.iter().map(|&l| f64::from(l)).collect(), names.clone()))
        }
        Targets::Classes { labels, names } => one_hot(labels, names.clone(), outputs, &field),
    }
}

/// Refuses targets that are not the numbers that the loss is of.
fn check_numbers(numbers: &[f64], outputs: usize, loss: &Loss) -> Result<()> {
    let (fits, what): (fn(f64) -> bool, _) = match loss.targets() {
        Wanted::UnitNumbers => (|v| (0.0..=1.0).contains(&v), "numbers from 0 to 1"),
        Wanted::Signs => (|v| v == 1.0 || v == -1.0, "1 or -1"),
        Wanted::Counts => (|v| v >= 0.0, "numbers of at least 0"),
        _ => return Ok(()),
    };
    let Some(at) = numbers.iter().position(|&v| !fits(v)) else { return Ok(()) };
    let got = format!("{} in sample {}", numbers[at], at / outputs);
    Err(with_other_loss(Error::field("data.targets", format!("{what}, for the loss {}", loss.key()), got), loss))
}

/// The hint to the loss that is the same for other targets.
fn with_other_loss(error: Error, loss: &Loss) -> Error {
    match loss {
        Loss::SoftMargin(_) => {
            error.with_hint("of two classes, or targets 0 and 1, the loss bce_with_logits is the same")
        }
        _ => error,
    }
}

/// Refuses rows that are no probabilities, or do not sum to 1 to a millionth.
fn check_distributions(numbers: &[f64], outputs: usize, loss: &Loss) -> Result<()> {
    let logarithms = matches!(loss, Loss::KlDiv(kl) if kl.log_target);
    for (sample, row) in numbers.chunks_exact(outputs).enumerate() {
        let row: Vec<f64> = row.iter().map(|&v| if logarithms { v.exp() } else { v }).collect();
        let sum: f64 = row.iter().sum();
        if row.iter().any(|v| !(0.0..=1.0).contains(v)) || (sum - 1.0).abs() > 1e-6 {
            let expected = format!("probabilities that sum to 1, for the loss {}", loss.key());
            return Err(Error::field("data.targets", expected, format!("{row:?} with sum {sum} in sample {sample}")));
        }
    }
    Ok(())
}

/// The label of samples that do not count in the loss, and are of no class.
const IGNORED: u32 = u32::MAX;

/// A row for each label, 1 at its place.
fn one_hot(labels: &[u32], names: Vec<String>, outputs: usize, field: &str) -> Result<(Vec<f64>, Vec<String>)> {
    if outputs != names.len() {
        let expected = format!("{}, one output for each class of the data", names.len());
        return Err(Error::field(field, expected, outputs).with_hint(LAST_LAYER));
    }
    let row = |&label: &u32| (0..outputs as u32).map(move |i| f64::from(u8::from(i == label)));
    Ok((labels.iter().flat_map(row).collect(), names))
}

/// Whole numbers as classes: as many distinct ones as outputs are the classes in their order; else they are PyTorch's
/// class indices, from 0 to one less than the outputs. A number that is none of these and the loss's `ignore_index` marks a
/// sample that does not count.
fn whole_numbers_as_classes(
    numbers: &[f64],
    data: &Dataset,
    outputs: usize,
    loss: &Loss,
) -> Result<(Vec<u32>, Vec<String>)> {
    let (ignored, loss) = (loss.ignore_index(), loss.key());
    if data.target_names.len() != 1 {
        let got = format!("{} columns", data.target_names.len());
        return Err(Error::field("data.targets", format!("one column of classes, for the loss {loss}"), got));
    }
    if let Some(fraction) = numbers.iter().find(|v| v.fract() != 0.0) {
        let expected = format!("classes (words or whole numbers), for the loss {loss}");
        return Err(Error::field("data.targets", expected, fraction).with_hint("for numbers use the loss l1 or mse"));
    }
    // −0 is 0.
    let numbers: Vec<f64> = numbers.iter().map(|v| v + 0.0).collect();
    let is_ignored = |v: f64| !(0.0..outputs as f64).contains(&v) && ignored.is_some_and(|index| v == index as f64);
    let mut distinct: Vec<f64> = numbers.iter().copied().filter(|&v| !is_ignored(v)).collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    if distinct.len() == outputs {
        // What is not one of them is ignored.
        let label = |v: &f64| distinct.binary_search_by(|d| d.total_cmp(v)).map_or(IGNORED, |place| place as u32);
        return Ok((numbers.iter().map(label).collect(), distinct.iter().map(f64::to_string).collect()));
    }
    let is_class = |v: f64| (0.0..outputs as f64).contains(&v);
    if let Some(sample) = numbers.iter().position(|&v| !is_class(v) && !is_ignored(v)) {
        let expected = format!("class indices from 0 to {}, one less than the network's outputs", outputs - 1);
        return Err(Error::field("data.targets", expected, format!("{} in sample {sample}", numbers[sample])));
    }
    let label = |&v: &f64| if is_ignored(v) { IGNORED } else { v as u32 };
    Ok((numbers.iter().map(label).collect(), (0..outputs).map(|class| class.to_string()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    fn shown<T: Real>(experiment: &Experiment, data: &Data) -> Vec<f64> {
        let task = Task::<T>::new(experiment, data.load().unwrap()).unwrap();
        let original = |(i, &x): (usize, &T)| task.original(i % 2, x).to_f64();
        task.train.x.iter().enumerate().map(original).collect()
    }

    /// What is shown is what stands in the table, in both precisions.
    #[test]
    fn scaled_inputs_are_scaled_back_to_what_was_written() {
        let cells: Vec<f64> =
            (0..400).map(|i| f64::from(i * i % 997 - 300) / [1.0, 10.0, 100.0][i as usize % 3]).collect();
        let row = |(i, row): (usize, &[f64])| format!("{},{},{}\n", row[0], row[1], i % 2);
        let rows: Vec<String> = cells.chunks(2).enumerate().map(row).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("a,b,y\n{}", rows.concat())).unwrap();
        let data = format!("data={{name='csv',path='{}',targets=['y'],standardize=true}}", file.path().display());
        let experiment = Experiment::built_in("xor").unwrap().with(&[data, "loss=bce_with_logits".into()]).unwrap();
        let narrow: Vec<f64> = cells.iter().map(|&cell| f64::from(cell as f32)).collect();
        assert_eq!(shown::<f32>(&experiment, &experiment.data), narrow);
        assert_eq!(shown::<f64>(&experiment, &experiment.data), cells);
        assert!(fewest_decimals(-1e-9, 1e-7).is_sign_positive());
    }
}
