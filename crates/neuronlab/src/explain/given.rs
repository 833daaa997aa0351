//! Gradients that a user worked out by hand or with another program, read from CSV or JSON.

use crate::error::{Error, Result};
use crate::file;
use crate::nn::Network;
use serde_json::Value;
use std::path::Path;

/// Significant digits that only a program writes.
const MANY: i32 = 8;

/// A gradient that somebody gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The parameter's place in the list of parameters.
    pub place: usize,
    /// Its gradient.
    pub gradient: f64,
    /// Half a unit of the last decimal place that was written: so far rounding may have moved it.
    pub rounding: f64,
}

impl Given {
    /// Reads gradients: CSV with the columns `parameter` and `gradient`, or JSON as `{"lin1.weight[0,0]": 0.25}` or
    /// `{"lin1.weight": [[0.25, …], …]}` (such as `{name: p.grad.tolist() …}` of PyTorch's `named_parameters`).
    ///
    /// # Errors
    /// A file that is neither; a name or a shape that the network has not; what is not a finite number; a parameter given twice.
    pub fn read(path: &Path, network: &Network) -> Result<Vec<Self>> {
        let text = file::read_text(path, file::MOST)?;
        let is_json = text.trim_start().starts_with('{');
        let mut given = if is_json { from_json(path, &text, network)? } else { from_csv(path, &text, network)? };
        if given.is_empty() {
            return Err(Error::file(path, "gradients of parameters", "none"));
        }
        let mut seen = vec![false; network.parameters()];
        for one in &given {
            if std::mem::replace(&mut seen[one.place], true) {
                let got = format!("{} twice", network.parameter_name(one.place));
                return Err(Error::file(path, "each parameter once", got));
            }
        }
        believe(&mut given);
        Ok(given)
    }

    fn new(place: usize, text: &str) -> Option<Self> {
        let gradient: f64 = text.trim().parse().ok().filter(|g: &f64| g.is_finite())?;
        Some(Self { place, gradient, rounding: rounding(text.trim()) })
    }
}

/// Half a unit of the last place: 0.005 of `1.25`, 0.5 of `3`, 0.0005 of `1.5e-2`.
fn rounding(text: &str) -> f64 {
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    let power: i32 = power.parse().unwrap_or(0);
    // A whole number is exact: nobody rounds a gradient to units.
    if decimals == 0 && power == 0 { 0.0 } else { 0.5 * 10f64.powi(power - decimals) }
}

/// How far the numbers of a file may be rounded, seen together.
///
/// Where one has the many digits of a program, nobody rounded by hand: the program left out zeros at the end, and 0.5 is no
/// rounded 0.46. Where all are 0, none says how many decimals were meant.
fn believe(given: &mut [Given]) {
    let written = || given.iter().filter(|g| g.gradient != 0.0 && g.rounding > 0.0);
    let digits = |g: &Given| (g.gradient.abs() / (2.0 * g.rounding)).log10().floor() as i32 + 1;
    let finest = match written().map(digits).max() {
        None => 0.0,
        Some(most) if most >= MANY => written().fold(f64::INFINITY, |least, g| least.min(g.rounding)),
        Some(_) => f64::INFINITY,
    };
    for g in given {
        g.rounding = g.rounding.min(finest);
    }
}

fn from_csv(path: &Path, text: &str, network: &Network) -> Result<Vec<Given>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let unreadable = |e: csv::Error| Error::file(path, "a table with commas", e);
    let head = reader.headers().map_err(unreadable)?.clone();
    let column = |names: &[&str]| head.iter().position(|head| names.contains(&head.to_lowercase().as_str()));
    let (Some(name), Some(gradient)) = (column(&["parameter", "name"]), column(&["gradient", "grad"])) else {
        let got = format!("the columns `{}`", head.iter().collect::<Vec<_>>().join("`, `"));
        return Err(Error::file(path, "the columns `parameter` and `gradient`, or JSON", got));
    };
    let mut given = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: usize, expected: &str, got: &str| Error::Cell {
            path: path.into(),
            line,
            column: head[column].to_string(),
            expected: expected.into(),
            got: got.into(),
        };
        // `lin1.weight[0,1]` without quotes falls apart at its comma.
        let mut cells: Vec<String> = record.iter().map(str::to_string).collect();
        if cells.len() == head.len() + 1 && cells[name].contains('[') && !cells[name].contains(']') {
            let rest = cells.remove(name + 1);
            cells[name] = format!("{},{rest}", cells[name]);
        }
        if cells.len() != head.len() {
            let got = format!("{} cells in line {line}", cells.len());
            return Err(Error::file(path, format!("{} cells in every line", head.len()), got));
        }
        let place = network.parameter(&cells[name]).map_err(|e| cell(name, &expected_of(&e), &cells[name]))?;
        let one = Given::new(place, &cells[gradient]);
        given.push(one.ok_or_else(|| cell(gradient, "a finite number", &format!("`{}`", cells[gradient])))?);
    }
    Ok(given)
}

/// What an error expected, with its hint.
fn expected_of(error: &Error) -> String {
    match error {
        Error::Field { expected, hint: Some(hint), .. } => format!("{expected} ({hint})"),
        Error::Field { expected, .. } => expected.clone(),
        other => other.to_string(),
    }
}

fn from_json(path: &Path, text: &str, network: &Network) -> Result<Vec<Given>> {
    let value: Value = serde_json::from_str(text).map_err(|e| Error::file(path, "JSON", e))?;
    let value = value.get("gradients").unwrap_or(&value);
    let Some(named) = value.as_object() else {
        return Err(Error::file(path, "an object of names and gradients", value));
    };
    let mut given = Vec::new();
    for (name, value) in named {
        if let Some(tensor) = network.tensors().find(|tensor| tensor.name == *name) {
            let mut numbers = Vec::new();
            let shape = flatten(value, &mut numbers);
            if shape.as_ref() != Some(&tensor.shape) {
                let got = shape.map_or("other things".to_string(), |shape| format!("{shape:?}"));
                return Err(Error::file(path, format!("{name} as numbers of shape {:?}", tensor.shape), got));
            }
            for (i, text) in numbers.iter().enumerate() {
                let one = Given::new(tensor.range.start + i, text);
                given.push(one.ok_or_else(|| Error::file(path, format!("finite numbers in {name}"), text))?);
            }
        } else {
            let place = network.parameter(name).map_err(|e| {
                Error::file(path, format!("names of parameters: {}", expected_of(&e)), format!("`{name}`"))
            })?;
            let one = value.as_number().and_then(|number| Given::new(place, &number.to_string()));
            given.push(one.ok_or_else(|| Error::file(path, format!("a finite number for {name}"), value))?);
        }
    }
    Ok(given)
}

/// The numbers of nested lists as they are written, and their shape, if all are numbers and all lists of a depth are as long.
fn flatten(value: &Value, numbers: &mut Vec<String>) -> Option<Vec<usize>> {
    match value {
        Value::Number(number) => {
            numbers.push(number.to_string());
            Some(vec![])
        }
        Value::Array(list) => {
            let shapes: Option<Vec<Vec<usize>>> = list.iter().map(|value| flatten(value, numbers)).collect();
            let shapes = shapes?;
            let first = shapes.first()?.clone();
            shapes.iter().all(|shape| *shape == first).then(|| [vec![list.len()], first].concat())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_half_of_the_last_place() {
        for (text, half) in [("1.25", 0.005), ("3", 0.0), ("-0.1", 0.05), ("1.5e-2", 0.000_5), ("2e-3", 0.000_5)] {
            assert!((rounding(text) - half).abs() < 1e-15, "{text}");
        }
    }

    #[test]
    fn a_file_says_how_far_its_numbers_are_rounded() {
        let roundings = |texts: &[&str]| {
            let mut given: Vec<Given> = texts.iter().map(|text| Given::new(0, text).unwrap()).collect();
            believe(&mut given);
            given.iter().map(|g| format!("{:.0e}", g.rounding)).collect::<Vec<_>>()
        };
        // By hand, with digits as they come; four decimals, as PyTorch prints.
        assert_eq!(roundings(&["-0.7355", "0.24705", "0.0"]), ["5e-5", "5e-6", "5e-2"]);
        assert_eq!(roundings(&["0.0463", "0.0000", "-1.2000e-05"]), ["5e-5", "5e-5", "5e-10"]);
        // A program's numbers: a short one is exact. All zeros: no rounding excuses them.
        assert_eq!(roundings(&["0.04632811248302460", "0.5", "0.0"]), ["5e-18"; 3]);
        assert_eq!(roundings(&["0.0", "0.000", "0"]), ["0e0"; 3]);
    }
}
