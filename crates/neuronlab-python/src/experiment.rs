//! `Experiment`: all there is to a run.

use crate::error::OrRaise;
use neuronlab::experiment::choices;
use pyo3::prelude::*;
use std::path::PathBuf;

/// All there is to a run, as the library reads it; the Python half makes the text.
#[pyclass(frozen, module = "neuronlab._neuronlab")]
#[derive(Clone)]
pub(crate) struct Experiment(pub(crate) neuronlab::Experiment);

#[pymethods]
impl Experiment {
    /// A built-in one by its name.
    #[staticmethod]
    fn built_in(name: &str) -> PyResult<Self> {
        neuronlab::Experiment::built_in(name).or_raise().map(Self)
    }

    /// Names of the built-in ones.
    #[staticmethod]
    fn built_in_names() -> Vec<&'static str> {
        neuronlab::Experiment::built_in_names().collect()
    }

    /// From TOML; `place` names the text in errors.
    #[staticmethod]
    fn from_toml(py: Python<'_>, text: &str, place: &str) -> PyResult<Self> {
        py.detach(|| neuronlab::Experiment::from_toml(text, place)).or_raise().map(Self)
    }

    /// From its file.
    #[staticmethod]
    fn read(path: PathBuf) -> PyResult<Self> {
        neuronlab::Experiment::read(&path).or_raise().map(Self)
    }

    /// The same with some fields replaced, each `path=value` with a value of TOML.
    fn with_settings(&self, py: Python<'_>, settings: Vec<String>) -> PyResult<Self> {
        py.detach(|| self.0.with(&settings)).or_raise().map(Self)
    }

    /// The complete file.
    fn to_toml(&self) -> String {
        self.0.to_toml()
    }

    /// Every field with its value, as JSON.
    fn to_json(&self) -> String {
        serde_json::to_string(&self.0).expect("plain values")
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// `float32` or `float64`.
    #[getter]
    fn dtype(&self) -> &'static str {
        self.0.dtype.name()
    }

    /// How many it is to have at most.
    #[getter]
    fn epochs(&self) -> u64 {
        self.0.stop.epochs
    }

    /// Whether it counts as the same.
    fn same(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

/// Names and descriptions of what a field of the experiment can name.
#[pyfunction]
pub(crate) fn names(field: &str) -> Vec<(String, String)> {
    choices(field).into_iter().map(|choice| (choice.name, choice.description)).collect()
}
