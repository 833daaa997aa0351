//! Columns of a sweep: NumPy arrays, and the Arrow C stream that pandas, polars and pyarrow read.

use crate::error::value_error;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, RecordBatchIterator, StringArray, UInt64Array};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyList};
use std::sync::Arc;

/// A column: an array of Arrow, which others share without a copy.
pub(crate) enum Column {
    Counts(UInt64Array),
    MaybeCounts(UInt64Array),
    Numbers(Float64Array),
    Flags(BooleanArray),
    Words(StringArray),
}

impl From<Vec<u64>> for Column {
    fn from(values: Vec<u64>) -> Self {
        Self::Counts(values.into())
    }
}

impl From<Vec<Option<u64>>> for Column {
    fn from(values: Vec<Option<u64>>) -> Self {
        Self::MaybeCounts(values.into())
    }
}

impl From<Vec<f64>> for Column {
    fn from(values: Vec<f64>) -> Self {
        Self::Numbers(values.into())
    }
}

impl From<Vec<Option<f64>>> for Column {
    fn from(values: Vec<Option<f64>>) -> Self {
        Self::Numbers(values.into())
    }
}

impl From<Vec<bool>> for Column {
    fn from(values: Vec<bool>) -> Self {
        Self::Flags(values.into())
    }
}

impl Column {
    /// Values of an axis: numbers, if all are.
    pub(crate) fn of_texts(texts: Vec<String>) -> Self {
        let numbers: Option<Vec<f64>> = texts.iter().map(|text| text.parse().ok()).collect();
        numbers.map_or_else(|| Self::Words(texts.into()), Self::from)
    }

    /// What may be missing is NaN where it is.
    fn numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Self::Counts(values) => PyArray1::from_slice(py, values.values()).into_any(),
            Self::MaybeCounts(values) => {
                PyArray1::from_iter(py, values.iter().map(|v| v.map_or(f64::NAN, |v| v as f64))).into_any()
            }
            Self::Numbers(values) => PyArray1::from_iter(py, values.iter().map(|v| v.unwrap_or(f64::NAN))).into_any(),
            Self::Flags(values) => PyArray1::from_iter(py, values.iter().map(|v| v == Some(true))).into_any(),
            Self::Words(values) => {
                let list = PyList::new(py, values.iter().flatten())?;
                py.import("numpy")?.call_method1("array", (list,))?
            }
        })
    }

    /// The same array again, not a copy of it.
    fn arrow(&self) -> ArrayRef {
        match self {
            Self::Counts(values) | Self::MaybeCounts(values) => Arc::new(values.clone()),
            Self::Numbers(values) => Arc::new(values.clone()),
            Self::Flags(values) => Arc::new(values.clone()),
            Self::Words(values) => Arc::new(values.clone()),
        }
    }
}

/// Columns of one length, with their names.
#[pyclass(frozen, module = "neuronlab._neuronlab")]
pub(crate) struct Columns(pub(crate) Vec<(String, Column)>);

#[pymethods]
impl Columns {
    /// Names of the columns.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// A column as a NumPy array; what is not there is NaN.
    fn numpy<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        let found = self.0.iter().find(|(column, _)| column == name);
        found.ok_or_else(|| value_error(format!("no column `{name}`")))?.1.numpy(py)
    }

    /// The table as a stream of the Arrow C interface, in a capsule.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer pass over what it was asked for.
        let _ = requested_schema;
        let columns = self.0.iter().map(|(name, column)| (name, column.arrow()));
        let batch = RecordBatch::try_from_iter(columns).map_err(|e| value_error(e.to_string()))?;
        let schema = batch.schema();
        let reader = RecordBatchIterator::new([Ok(batch)], schema);
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}
