//! Numbers by the names of parameters, as files hold them: weights that are given, gradients that somebody worked out.

use super::Network;
use crate::delimiter;
use crate::error::{Error, Result};
use crate::file;
use serde_json::Value as Json;
use std::path::Path;
use toml::Value as Toml;

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Written {
    pub(crate) value: f64,
    /// Half a unit of the last decimal place that was written: so far rounding may have moved it.
    pub(crate) rounding: f64,
}

impl Written {
    /// From its digits, if they are those of a finite number.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let value = text.parse().ok().filter(|value: &f64| value.is_finite())?;
        Some(Self { value, rounding: rounding(text) })
    }

    /// Of which every bit is given.
    fn exact(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self { value, rounding: 0.0 })
    }
}

/// Half a unit of the last place: 0.005 of `1.25`, 0.0005 of `1.5e-2`.
fn rounding(text: &str) -> f64 {
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    let power: i32 = power.parse().unwrap_or(0);
    // A whole number is exact: nobody rounds a gradient to units.
    if decimals == 0 && power == 0 { 0.0 } else { 0.5 * 10f64.powi(power - decimals) }
}

/// What stands beside a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    One(Written),
    List(Vec<Self>),
    /// No finite number: what it is instead.
    Other(String),
}

impl Values {
    fn new(number: Option<Written>, shown: impl FnOnce() -> String) -> Self {
        number.map_or_else(|| Self::Other(format!("`{}`", shown())), Self::One)
    }

    fn of_json(value: &Json) -> Self {
        match value {
            Json::Array(list) => Self::List(list.iter().map(Self::of_json).collect()),
            Json::Number(number) => Self::new(Written::new(&number.to_string()), || number.to_string()),
            other => Self::Other(format!("`{other}`")),
        }
    }

    pub(crate) fn of_toml(value: &Toml) -> Self {
        match value {
            Toml::Array(list) => Self::List(list.iter().map(Self::of_toml).collect()),
            Toml::Float(number) => Self::new(Written::new(&format!("{number:?}")), || number.to_string()),
            Toml::Integer(number) => Self::new(Written::new(&number.to_string()), || number.to_string()),
            Toml::Table(_) => Self::Other("a table (a name with a dot in it stands in quotes)".into()),
            other => Self::Other(format!("`{other}`")),
        }
    }

    /// The same as it stands in an experiment file, if all are numbers.
    pub(crate) fn to_toml(&self) -> Option<Toml> {
        match self {
            Self::One(number) => Some(Toml::Float(number.value)),
            Self::List(list) => list.iter().map(Self::to_toml).collect::<Option<_>>().map(Toml::Array),
            Self::Other(_) => None,
        }
    }

    /// All numbers in their order, and their shape, if all are numbers and all lists of a depth are as long.
    fn flatten(&self, numbers: &mut Vec<Written>) -> Option<Vec<usize>> {
        let list = match self {
            Self::One(number) => {
                numbers.push(*number);
                return Some(vec![]);
            }
            Self::List(list) => list,
            Self::Other(_) => return None,
        };
        let shapes: Vec<Vec<usize>> = list.iter().map(|one| one.flatten(numbers)).collect::<Option<_>>()?;
        let first = shapes.first()?;
        shapes.iter().all(|shape| shape == first).then(|| [&[list.len()], &first[..]].concat())
    }

    /// What they are, in words.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::One(number) => format!("`{}`", number.value),
            Self::Other(words) => words.clone(),
            Self::List(_) => match self.flatten(&mut vec![]) {
                Some(shape) => format!("numbers of shape {shape:?}"),
                None => "lists of different lengths, or of other things than numbers".into(),
            },
        }
    }
}

/// Why numbers can't be those of a name.
#[derive(Debug)]
pub(crate) struct Misfit {
    /// Whether the network has no such name.
    pub(crate) unknown: bool,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) hint: Option<String>,
}

/// The place of each number in the network's list of parameters: of a tensor's, or of the one of a single parameter.
pub(crate) fn places(network: &Network, name: &str, values: &Values) -> Result<Vec<(usize, Written)>, Misfit> {
    let misfit = |expected: String| Misfit { unknown: false, expected, got: values.described(), hint: None };
    if let Some(tensor) = network.tensors().find(|tensor| tensor.name == name) {
        let mut flat = Vec::new();
        if values.flatten(&mut flat).as_ref() != Some(&tensor.shape) {
            return Err(misfit(format!("numbers of shape {:?}", tensor.shape)));
        }
        return Ok(tensor.range.zip(flat).collect());
    }
    let place = network.parameter(name).map_err(|error| match error {
        Error::Field { expected, got, hint, .. } => Misfit { unknown: true, expected, got, hint },
        other => Misfit { unknown: true, expected: other.to_string(), got: format!("`{name}`"), hint: None },
    })?;
    match values {
        Values::One(number) => Ok(vec![(place, *number)]),
        _ => Err(misfit("a finite number".into())),
    }
}

/// The name of the first parameter that has a second number, if there is one.
pub(crate) fn twice(network: &Network, places: impl IntoIterator<Item = usize>) -> Option<String> {
    let mut seen = vec![false; network.parameters()];
    let again = places.into_iter().find(|&place| std::mem::replace(&mut seen[place], true));
    again.map(|place| network.parameter_name(place))
}

/// A name of a file, with what stands beside it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) values: Values,
    /// The line, and the head of the column, of a name that stands in a table.
    pub(crate) cell: Option<(u64, String)>,
}

/// What the numbers of a file are called.
pub(crate) struct Kind {
    /// Heads of the column of numbers.
    pub(crate) columns: &'static [&'static str],
    /// A JSON object may hold them under this name.
    pub(crate) within: &'static str,
}

/// What a network has that is no parameter, and that files of its numbers have as well.
pub(crate) const NOT_LEARNED: [&str; 3] = [".running_mean", ".running_var", ".num_batches_tracked"];

/// Reads a file of at most `most` bytes: TOML and safetensors by the end of its name, else JSON if it begins like an object, or
/// CSV.
pub(crate) fn read(path: &Path, most: u64, kind: &Kind) -> Result<Vec<Entry>> {
    let bytes = file::read(path, most)?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if extension == "safetensors" {
        return of_safetensors(path, &bytes);
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::file(path, "text, as UTF-8", "other bytes"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match extension {
        "toml" => of_toml(path, text),
        "json" => of_json(path, text, kind),
        _ if text.trim_start().starts_with('{') => of_json(path, text, kind),
        _ => of_csv(path, text, kind),
    }
}

fn of_toml(path: &Path, text: &str) -> Result<Vec<Entry>> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| Error::Syntax {
        place: path.display().to_string(),
        message: e.to_string().trim_end().into(),
    })?;
    Ok(table.iter().map(|(name, value)| entry(name, Values::of_toml(value))).collect())
}

fn of_json(path: &Path, text: &str, kind: &Kind) -> Result<Vec<Entry>> {
    let value: Json = serde_json::from_str(text).map_err(|e| {
        no_number(path, text, &e).unwrap_or_else(|| Error::file(path, "JSON: an object of names and numbers", e))
    })?;
    match value.get(kind.within).unwrap_or(&value).as_object() {
        Some(named) => Ok(named.iter().map(|(name, value)| entry(name, Values::of_json(value))).collect()),
        None => Err(Error::file(path, "an object of names and numbers", &value)),
    }
}

fn entry(name: &str, values: Values) -> Entry {
    Entry { name: name.into(), values, cell: None }
}

/// What to do about a number that is none.
const NOT_FINITE: &str =
    "what is no number was not finite where it was computed: a loss or a weight went out of bounds before";

/// Whether a text is what programs write for what is no finite number: `NaN`, `-inf`, `1e999`.
fn is_not_finite(text: &str) -> bool {
    text.trim().parse().is_ok_and(|number: f64| !number.is_finite())
}

/// The error for `NaN`, `Infinity` and `1e999`, which programs write into JSON although it knows no such numbers.
fn no_number(path: &Path, text: &str, error: &serde_json::Error) -> Option<Error> {
    let lines: usize = text.split_inclusive('\n').take(error.line().checked_sub(1)?).map(str::len).sum();
    let (before, _) = text.split_at_checked(lines + error.column().checked_sub(1)?)?;
    let of_a_number = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let behind_key = text.get(before.trim_end_matches(of_a_number).len()..)?;
    let word = &behind_key[..behind_key.find(|c| !of_a_number(c)).unwrap_or(behind_key.len())];
    if !is_not_finite(word) {
        return None;
    }
    let name = before.rsplit_once(':').and_then(|(names, _)| names.trim_end().strip_suffix('"')?.rsplit('"').next());
    let of = name.map_or(String::new(), |name| format!(" of {name}"));
    let got = format!("`{word}`{of} in line {}", error.line());
    Some(Error::file(path, "finite numbers, as JSON has them", got).with_hint(NOT_FINITE))
}

fn of_csv(path: &Path, text: &str, kind: &Kind) -> Result<Vec<Entry>> {
    let delimiter = delimiter::guess(text.as_bytes(), true);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let unreadable = |e: csv::Error| Error::file(path, "a table with commas; names with a comma in quotes", e);
    let head = reader.headers().map_err(unreadable)?.clone();
    let column = |names: &[&str]| head.iter().position(|head| names.contains(&head.to_lowercase().as_str()));
    let (Some(name), Some(value)) = (column(&["parameter", "name"]), column(kind.columns)) else {
        let expected = format!(
            "the columns `parameter` and `{}`, or JSON, or a name that ends in .toml or .safetensors",
            kind.columns[0]
        );
        let got = format!("the columns `{}`", head.iter().collect::<Vec<_>>().join("`, `"));
        return Err(Error::file(path, expected, got));
    };
    let mut entries = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut cells: Vec<String> = record.iter().map(str::to_string).collect();
        // `lin1.weight[0,1]` without quotes falls apart at its comma.
        if cells.len() == head.len() + 1 && cells[name].contains('[') && !cells[name].contains(']') {
            let rest = cells.remove(name + 1);
            cells[name] = format!("{},{rest}", cells[name]);
        }
        if cells.len() != head.len() {
            let got = format!("{} cells in line {line}", cells.len());
            return Err(Error::file(path, format!("{} cells in every line", head.len()), got));
        }
        let number = Written::new(&cells[value]).ok_or_else(|| {
            let got = format!("`{}` of {}", cells[value], cells[name]);
            let error = Error::cell(path, line, &head[value], "a finite number", got);
            if is_not_finite(&cells[value]) {
                return error.with_hint(NOT_FINITE);
            }
            let comma = Written::new(&cells[value].replacen(',', ".", 1)).is_some();
            if comma { error.with_hint("decimals stand behind a point, not a comma") } else { error }
        })?;
        let cell = Some((line, head[name].to_string()));
        entries.push(Entry { name: cells.swap_remove(name), values: Values::One(number), cell });
    }
    Ok(entries)
}

fn of_safetensors(path: &Path, bytes: &[u8]) -> Result<Vec<Entry>> {
    let damaged = |e| Error::file(path, "a safetensors file", format!("a damaged or foreign file ({e})"));
    let file = safetensors::SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut tensors = file.tensors();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let mut entries = Vec::new();
    for (name, view) in tensors {
        let numbers: Vec<f64> = match view.dtype() {
            safetensors::Dtype::F32 => {
                view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().expect("4 bytes")).into()).collect()
            }
            safetensors::Dtype::F64 => {
                view.data().chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("8 bytes"))).collect()
            }
            _ if NOT_LEARNED.iter().any(|end| name.ends_with(end)) => continue,
            other => return Err(Error::file(path, format!("`{name}` as F32 or F64"), format!("{other:?}"))),
        };
        let number = |value: f64| Values::new(Written::exact(value), || value.to_string());
        let mut values: Vec<Values> = numbers.into_iter().map(number).collect();
        for &size in view.shape().iter().skip(1).rev() {
            values = values.chunks(size.max(1)).map(|row| Values::List(row.to_vec())).collect();
        }
        let scalar = view.shape().is_empty().then(|| values.pop()).flatten();
        entries.push(entry(&name, scalar.unwrap_or(Values::List(values))));
    }
    Ok(entries)
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
}
