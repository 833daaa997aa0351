//! The truth table: samples, targets, answers.

use crate::tables::table;
use neuronlab::scalar::Real;
use neuronlab::train::Evaluation;
use neuronlab::Trainer;
use serde_json::{Value, json};

/// Samples that are listed; the rest is counted.
const MOST: usize = 16;

/// Inputs, target, prediction, rounded prediction and error of each training sample.
pub(super) fn truth_table<T: Real>(trainer: &Trainer<T>, evaluation: &Evaluation<T>) -> String {
    let task = trainer.task();
    let outputs = trainer.model().network().out_features();
    let several = outputs > 1;
    let names = if several && task.classes.len() == outputs { &task.classes } else { &task.target_names };

    let mut head: Vec<String> = task.input_names.clone();
    for name in names.iter().take(outputs) {
        let of = |word: &str| if several { format!("{name} {word}") } else { word.to_string() };
        head.extend([if several { format!("{name} target") } else { name.clone() }, of("prediction")]);
        head.extend((!several).then(|| of("rounded")));
        head.push(of("error"));
    }
    let rows = task.train.x.chunks_exact(task.input_names.len());
    let answers = task.train.y.chunks_exact(outputs).zip(evaluation.outputs.chunks_exact(outputs));
    let body = rows.zip(answers).take(MOST).map(|(x, (y, o))| {
        let mut row: Vec<String> = x.iter().map(|x| short(*x)).collect();
        for (&y, &o) in y.iter().zip(o) {
            row.extend([short(y), decimals(o)]);
            row.extend((!several).then(|| decimals_none(o)));
            row.push(decimals(o - y));
        }
        row
    });
    let mut text = table(&head.iter().map(String::as_str).collect::<Vec<_>>(), body, &[]);
    let n = task.train.x.len() / task.input_names.len();
    if n > MOST {
        text += &format!("\n … and {} more samples", n - MOST);
    }
    text
}

/// The same for machines, every sample.
pub(super) fn truth_json<T: Real>(trainer: &Trainer<T>, evaluation: &Evaluation<T>) -> Value {
    let task = trainer.task();
    let outputs = trainer.model().network().out_features();
    let wide = |row: &[T]| row.iter().map(|v| v.to_f64()).collect::<Vec<_>>();
    let rows = task.train.x.chunks_exact(task.input_names.len());
    let answers = task.train.y.chunks_exact(outputs).zip(evaluation.outputs.chunks_exact(outputs));
    rows.zip(answers)
        .map(|(x, (y, o))| json!({ "input": wide(x), "target": wide(y), "prediction": wide(o) }))
        .collect()
}

/// A number as it was given, at most four decimals.
fn short<T: Real>(value: T) -> String {
    let (exact, rounded) = (value.to_string(), format!("{:.4}", value.to_f64()));
    if exact.len() < rounded.len() { exact } else { rounded }
}

/// Six decimals; powers of ten where these would say nothing.
fn decimals<T: Real>(value: T) -> String {
    let size = value.to_f64().abs();
    if size != 0.0 && !(1e-6..1e6).contains(&size) { format!("{:.3e}", value.to_f64()) } else { positive(format!("{:.6}", value.to_f64())) }
}

/// The nearest whole number.
fn decimals_none<T: Real>(value: T) -> String {
    positive(format!("{:.0}", value.to_f64()))
}

/// Without the sign of a zero.
fn positive(text: String) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_string(),
        _ => text,
    }
}
