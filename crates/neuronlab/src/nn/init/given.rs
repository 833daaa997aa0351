//! Weights that are given: those of a worked example, of another program, of an earlier run.

use crate::error::{Error, Result};
use crate::file;
use crate::nn::Network;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Numbers of parameters, by the parameters' names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Given {
    /// A file of names and numbers: TOML, JSON, CSV with the columns `parameter` and `value`, or safetensors. A relative path
    /// starts from the folder of the experiment file; with `--set`, from the working directory. The file is read once: in the
    /// complete experiment its numbers stand in `values`.
    #[serde(skip_serializing_if = "is_empty")]
    pub path: PathBuf,
    /// Names and numbers: tensors as lists, `"lin1.weight" = [[0.15, 0.2], [0.25, 0.3]]`, or single parameters,
    /// `"lin1.bias[0]" = 0.35`.
    #[schemars(with = "serde_json::Map<String, serde_json::Value>")]
    pub values: Table,
}

fn is_empty(path: &Path) -> bool {
    path.as_os_str().is_empty()
}

/// What an experiment's network has that is no parameter, and that files of weights have as well.
const NOT_LEARNED: [&str; 3] = [".running_mean", ".running_var", ".num_batches_tracked"];

impl Given {
    /// Reads the file, if one is named; then its numbers are among the values.
    pub(crate) fn read(&mut self) -> Result<()> {
        if is_empty(&self.path) {
            return Ok(());
        }
        let path = std::mem::take(&mut self.path);
        for (name, value) in table(&path)? {
            if self.values.contains_key(&name) {
                let error =
                    Error::field("init.values", "each parameter once", format!("`{name}`, which the file has too"));
                return Err(error.with_hint("--set 'init={name=\"given\",path=\"…\"}' replaces all values"));
            }
            self.values.insert(name, value);
        }
        Ok(())
    }

    /// The place of each given parameter in the network's list, and its number.
    ///
    /// # Errors
    /// A name or a shape that the network has not; what is not a number; a parameter given twice.
    pub(crate) fn places(&self, network: &Network) -> Result<Vec<(usize, f64)>> {
        let mut places = Vec::new();
        for (name, value) in &self.values {
            let field = || format!("init.values.\"{name}\"");
            if let Some(tensor) = network.tensors().find(|tensor| tensor.name == *name) {
                let mut numbers = Vec::new();
                if shape(value, &mut numbers).as_ref() != Some(&tensor.shape) {
                    let expected = format!("numbers of shape {:?}", tensor.shape);
                    return Err(Error::field(field(), expected, described(value)));
                }
                places.extend(tensor.range.zip(numbers));
            } else if NOT_LEARNED.iter().any(|end| name.strip_suffix(end).is_some_and(|norm| has_norm(network, norm))) {
                // They follow training from its first step on.
            } else {
                let place = network.parameter(name).map_err(|error| match error {
                    Error::Field { expected, got, hint, .. } => {
                        Error::Field { field: "init.values".into(), expected, got, hint }
                    }
                    other => other,
                })?;
                let number = number(value).ok_or_else(|| Error::field(field(), "a number", described(value)))?;
                places.push((place, number));
            }
        }
        let mut seen = vec![false; network.parameters()];
        for &(place, _) in &places {
            if std::mem::replace(&mut seen[place], true) {
                let got = format!("{} twice", network.parameter_name(place));
                return Err(Error::field("init.values", "each parameter once", got));
            }
        }
        Ok(places)
    }

    /// Refuses what names nothing.
    pub(crate) fn validate(&self) -> Result<()> {
        if self.values.is_empty() && is_empty(&self.path) {
            let hint =
                "init = { name = \"given\", path = \"weights.toml\" }, or values = { \"lin1.weight\" = [[…], …] }";
            return Err(Error::field("init", "a path, or values", "neither").with_hint(hint));
        }
        Ok(())
    }
}

fn has_norm(network: &Network, name: &str) -> bool {
    network.layers().iter().any(|layer| layer.batch_norm.as_ref().is_some_and(|norm| norm.name == name))
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|i| i as f64)).filter(|number| number.is_finite())
}

/// The numbers of nested lists, and their shape, if all are numbers and all lists of a depth are as long.
fn shape(value: &Value, numbers: &mut Vec<f64>) -> Option<Vec<usize>> {
    let Value::Array(list) = value else {
        numbers.push(number(value)?);
        return Some(vec![]);
    };
    let shapes: Vec<Vec<usize>> = list.iter().map(|value| shape(value, numbers)).collect::<Option<_>>()?;
    let first = shapes.first()?;
    shapes.iter().all(|shape| shape == first).then(|| [&[list.len()], &first[..]].concat())
}

fn described(value: &Value) -> String {
    match value {
        Value::Array(_) => match shape(value, &mut vec![]) {
            Some(shape) => format!("numbers of shape {shape:?}"),
            None => "lists of different lengths, or of other things than numbers".into(),
        },
        Value::Table(_) => "a table (a name with a dot in it stands in quotes)".into(),
        other => format!("`{other}`"),
    }
}

/// What a file of weights holds, by name.
fn table(path: &Path) -> Result<Table> {
    let bytes = file::read(path, file::MOST_NUMBERS)?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if extension == "safetensors" {
        return of_safetensors(path, &bytes);
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::file(path, "text, as UTF-8", "other bytes"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match extension {
        "toml" => text.parse().map_err(|e: toml::de::Error| Error::Syntax {
            place: path.display().to_string(),
            message: e.to_string().trim_end().into(),
        }),
        "json" => serde_json::from_str(text).map_err(|e| Error::file(path, "JSON: an object of names and numbers", e)),
        "csv" => of_csv(path, text),
        _ => Err(Error::file(path, "a name that ends in .toml, .json, .csv or .safetensors", "another one")),
    }
}

fn of_csv(path: &Path, text: &str) -> Result<Table> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let unreadable = |e: csv::Error| Error::file(path, "a table with commas; names with a comma in quotes", e);
    let head = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &str| head.iter().position(|head| head == name);
    let (Some(name), Some(value)) = (column("parameter"), column("value")) else {
        let got = format!("the columns `{}`", head.iter().collect::<Vec<_>>().join("`, `"));
        return Err(Error::file(path, "the columns `parameter` and `value`", got));
    };
    let mut table = Table::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let number: Option<f64> = record[value].parse().ok().filter(|number: &f64| number.is_finite());
        let number = number.ok_or_else(|| Error::Cell {
            path: path.into(),
            line: record.position().map_or(0, csv::Position::line),
            column: "value".into(),
            expected: "a finite number".into(),
            got: format!("`{}`", &record[value]),
        })?;
        if table.insert(record[name].into(), Value::Float(number)).is_some() {
            return Err(Error::file(path, "each parameter once", format!("`{}` twice", &record[name])));
        }
    }
    Ok(table)
}

fn of_safetensors(path: &Path, bytes: &[u8]) -> Result<Table> {
    let damaged = |e| Error::file(path, "a safetensors file", format!("a damaged or foreign file ({e})"));
    let file = safetensors::SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut table = Table::new();
    let mut tensors = file.tensors();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
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
        let mut values: Vec<Value> = numbers.into_iter().map(Value::Float).collect();
        for &size in view.shape().iter().skip(1).rev() {
            values = values.chunks(size.max(1)).map(|row| Value::Array(row.to_vec())).collect();
        }
        let value =
            if view.shape().is_empty() { values.pop().unwrap_or(Value::Float(f64::NAN)) } else { Value::Array(values) };
        table.insert(name, value);
    }
    Ok(table)
}
