//! What became of a table, in words.

use crate::scalar::Real;
use crate::train::Task;

/// What became of a table's rows and columns, and which class is which number: a line each.
pub fn reading<T: Real>(task: &Task<T>) -> Vec<String> {
    let mut lines = vec![];
    let reading = &task.reading;
    let rows = |count: usize| if count == 1 { "1 row".to_string() } else { format!("{count} rows") };
    let counts = [(reading.left_out, "in which a value is missing"), (reading.without_value, "without any value")];
    for (count, why) in counts.into_iter().filter(|(count, _)| *count > 0) {
        lines.push(format!("Left out: {} {why}.", rows(count)));
    }
    let missing = task.input_names.iter().zip(&task.missing).filter(|(_, count)| **count > 0);
    let missing: Vec<String> = missing.map(|(name, count)| format!("{count} of {name}")).collect();
    if !missing.is_empty() {
        lines.push(format!("Missing, and filled with the mean: {}.", missing.join(", ")));
    }
    for column in reading.columns.iter().filter(|column| !column.words.is_empty()) {
        lines.push(format!("{}: an input for each of {}.", column.name, column.words.join(", ")));
    }
    let one_output = task.train.y.len() * task.input_names.len() == task.train.x.len();
    if let ([zero, one], [target]) = (&task.classes[..], &task.target_names[..])
        && one_output
        && (zero, one) != (&"0".to_string(), &"1".to_string())
    {
        lines.push(format!("{target}: 1 is {one}, 0 is {zero}."));
    }
    lines
}
