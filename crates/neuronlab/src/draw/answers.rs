//! The truth table: samples, targets and what the network answers.

use crate::scalar::Real;
use crate::train::{Evaluation, Trainer};

/// A table as text: heads, rows, and how many samples are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Names of the columns.
    pub head: Vec<String>,
    /// A row a sample, as many cells as heads.
    pub rows: Vec<Vec<String>>,
    /// Samples left out.
    pub more: usize,
}

/// The first `most` training samples with the answers of `evaluation`.
///
/// For numbers: target, prediction, rounded prediction, error. For classes with an output each: class, predicted class and
/// what the network gives to the right one: its probability, or the output where the loss knows of none.
pub fn answers<T: Real>(trainer: &Trainer<T>, evaluation: &Evaluation<T>, most: usize) -> Answers {
    let task = trainer.task();
    let outputs = trainer.model().network().out_features();
    let classes = &task.classes;
    let by_class = outputs > 1 && classes.len() == outputs;
    let probabilities = trainer.experiment().loss.wants_classes();

    let mut head: Vec<String> = task.input_names.clone();
    if by_class {
        let value = if probabilities { "probability of class" } else { "output of class" };
        head.extend(["class", "predicted", value].map(String::from));
    } else {
        for name in &task.target_names {
            let of = |word: &str| if outputs > 1 { format!("{name} {word}") } else { word.into() };
            head.extend([name.clone(), of("prediction"), of("rounded"), of("error")]);
        }
    }
    let samples = task.train.x.chunks_exact(task.input_names.len());
    let pairs = task.train.y.chunks_exact(outputs).zip(evaluation.answers.chunks_exact(outputs));
    let more = samples.len().saturating_sub(most);
    let rows = samples.zip(pairs).take(most).map(|(x, (y, o))| {
        let mut row: Vec<String> = x.iter().enumerate().map(|(i, &x)| short(task.original(i, x))).collect();
        if by_class {
            // A sample that is marked as not to be counted is of no class.
            let class = y.iter().position(|&v| v == T::constant(1.0));
            let (named, value) =
                class.map_or(("none".into(), "-".into()), |k| (classes[k].clone(), decimals(o[k].to_f64())));
            row.extend([named, classes[largest(o)].clone(), value]);
        } else {
            for (&y, &o) in y.iter().zip(o) {
                row.extend([short(y), decimals(o.to_f64()), whole(o.to_f64()), decimals((o - y).to_f64())]);
            }
        }
        row
    });
    Answers { head, rows: rows.collect(), more }
}

fn largest<T: Real>(row: &[T]) -> usize {
    crate::train::largest(&row.iter().map(|v| v.to_f64()).collect::<Vec<_>>())
}

/// Six decimals; powers of ten where these would say nothing.
pub fn decimals(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        format!("{value:.3e}")
    } else {
        unsigned_zero(format!("{value:.6}"))
    }
}

/// Rounded to a whole number; a power of ten where its digits would be more than it has.
fn whole(value: f64) -> String {
    if value.abs() < 1e9 { unsigned_zero(format!("{value:.0}")) } else { decimals(value) }
}

/// A number as it was given, but at most four decimals.
fn short<T: Real>(value: T) -> String {
    let (exact, rounded) = (value.to_string(), format!("{:.4}", value.to_f64()));
    // What was scaled and is scaled back differs from what was given in its last digits.
    let rounded = if rounded.contains("0000") { rounded } else { rounded.trim_end_matches('0').into() };
    if exact.len() < rounded.len() { exact } else { rounded }
}

/// Without the sign of a zero.
fn unsigned_zero(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_string(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_something_at_every_size() {
        assert_eq!(
            ["0.000000", "0.831144", "-5.960e-8", "1.000e300"].map(String::from),
            [0.0, 0.831_144, -5.96e-8, 1e300].map(decimals)
        );
        assert_eq!([short(0.5f32), short(1.0f32), short(0.123_456f32)], ["0.5", "1", "0.1235"]);
        assert_eq!([short(5.1f32 / 3.0), short(0.000_012f32)], ["1.7", "0.0000"]);
        assert_eq!(unsigned_zero("-0.000".into()), "0.000");
        assert_eq!(
            ["-0.4", "0.6", "-1234567.2", "-207493272508492152832", "NaN", "inf"]
                .map(|text| whole(text.parse().unwrap())),
            ["0", "1", "-1234567", "-2.075e20", "NaN", "inf"]
        );
    }
}
