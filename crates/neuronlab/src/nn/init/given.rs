//! Weights that are given: those of a worked example, of another program, of an earlier run.

use crate::error::{Error, Result};
use crate::file;
use crate::nn::Network;
use crate::nn::by_name::{self, Kind, NOT_LEARNED, Values};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::Table;

/// How files call them.
const WEIGHTS: Kind = Kind { columns: &["value"], within: "values" };

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

impl Given {
    /// Reads the file, if one is named; then its numbers are among the values.
    pub(crate) fn read(&mut self) -> Result<()> {
        if is_empty(&self.path) {
            return Ok(());
        }
        let path = std::mem::take(&mut self.path);
        let mut read = Table::new();
        for entry in by_name::read(&path, file::MOST_NUMBERS, &WEIGHTS)? {
            let name = entry.name;
            if self.values.contains_key(&name) {
                let error =
                    Error::field("init.values", "each parameter once", format!("`{name}`, which the file has too"));
                return Err(error.with_hint("--set 'init={name=\"given\",path=\"…\"}' replaces all values"));
            }
            let value = entry.values.to_toml();
            let value =
                value.ok_or_else(|| Error::file(&path, format!("numbers for `{name}`"), entry.values.described()))?;
            if read.insert(name.clone(), value).is_some() {
                return Err(Error::file(&path, "each parameter once", format!("`{name}` twice")));
            }
        }
        self.values.extend(read);
        Ok(())
    }

    /// The place of each given parameter in the network's list, and its number.
    ///
    /// # Errors
    /// A name or a shape that the network has not; what is not a number; a parameter given twice.
    pub(crate) fn places(&self, network: &Network) -> Result<Vec<(usize, f64)>> {
        let mut places = Vec::new();
        for (name, value) in &self.values {
            // They follow training from its first step on.
            if NOT_LEARNED.iter().any(|end| name.strip_suffix(end).is_some_and(|norm| has_norm(network, norm))) {
                continue;
            }
            let found = by_name::places(network, name, &Values::of_toml(value)).map_err(|misfit| Error::Field {
                field: if misfit.unknown { "init.values".into() } else { format!("init.values.\"{name}\"") },
                expected: misfit.expected,
                got: misfit.got,
                hint: misfit.hint,
            })?;
            places.extend(found.into_iter().map(|(place, number)| (place, number.value)));
        }
        match by_name::twice(network, places.iter().map(|(place, _)| *place)) {
            Some(name) => Err(Error::field("init.values", "each parameter once", format!("{name} twice"))),
            None => Ok(places),
        }
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
