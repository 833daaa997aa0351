//! The library's errors as Python's exceptions.

use neuronlab::Error;
use pyo3::exceptions::{PyFileExistsError, PyFileNotFoundError, PyOSError, PyPermissionError, PyValueError};
use pyo3::{PyErr, PyResult, create_exception};
use std::io::ErrorKind;

create_exception!(
    neuronlab,
    NeuronlabError,
    PyValueError,
    "A value that can't be meant: which field, what was expected, what was got."
);

create_exception!(
    neuronlab,
    DivergedError,
    pyo3::exceptions::PyArithmeticError,
    "Training left the finite numbers: the step, the parameter, its gradient."
);

/// The exception of a library's error, with its message.
pub(crate) fn exception(error: &Error) -> PyErr {
    let message = in_python(&error.to_string());
    match error {
        Error::Io { source, .. } => match source.kind() {
            ErrorKind::NotFound => PyFileNotFoundError::new_err(message),
            ErrorKind::PermissionDenied => PyPermissionError::new_err(message),
            _ => PyOSError::new_err(message),
        },
        Error::Exists { .. } => PyFileExistsError::new_err(message),
        _ => NeuronlabError::new_err(message),
    }
}

/// What an option of the command line is in Python: an argument, which its name and `=` stand for; at the beginning the name alone.
fn in_python(message: &str) -> String {
    // A name that begins with another one comes before it.
    const OPTIONS: [&str; 11] = [
        "--sample",
        "--step",
        "--epoch",
        "--runs",
        "--run",
        "--threads",
        "--vary",
        "--out",
        "--weight",
        "--neuron",
        "--along",
    ];
    // A whole command is one for a terminal.
    if message.contains("neuronlab ") {
        return message.into();
    }
    let message = message.strip_prefix("--").unwrap_or(message).replace("--force", "force=True");
    OPTIONS.iter().fold(message, |message, option| {
        let name = &option[2..];
        message.replace(&format!("{option} N"), &format!("{name}=N")).replace(option, &format!("{name}="))
    })
}

/// For the end of what the library does.
pub(crate) trait OrRaise<T> {
    /// The value, or the exception.
    fn or_raise(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for neuronlab::Result<T> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(|error| exception(&error))
    }
}

/// A shape or a name that does not fit.
pub(crate) fn value_error(message: impl Into<String>) -> PyErr {
    NeuronlabError::new_err(message.into())
}
