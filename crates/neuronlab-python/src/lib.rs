//! neuronlab's engine in Python: the private module `neuronlab._neuronlab`. What users see is in `python/neuronlab`.

#![allow(clippy::needless_pass_by_value, reason = "PyO3 gives functions values of their own")]

mod error;
mod experiment;
mod net;
mod page;
mod run;
mod seen;
mod sweep;
mod table;

use pyo3::prelude::*;
use std::ffi::OsString;

/// Runs the command line; `words` begins with the program's name. Gives the exit code.
#[pyfunction]
fn command_line(py: Python<'_>, words: Vec<OsString>) -> u8 {
    py.detach(|| neuronlab_cli::run(&words))
}

#[pymodule]
fn _neuronlab(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("NeuronlabError", module.py().get_type::<error::NeuronlabError>())?;
    module.add("DivergedError", module.py().get_type::<error::DivergedError>())?;
    module.add_class::<experiment::Experiment>()?;
    module.add_class::<net::Generator>()?;
    module.add_class::<net::Loss>()?;
    module.add_class::<net::Net>()?;
    module.add_class::<net::Optimizer>()?;
    module.add_class::<page::Page>()?;
    module.add_class::<run::Run>()?;
    module.add_class::<sweep::Sweep>()?;
    module.add_class::<sweep::Folder>()?;
    module.add_class::<sweep::Memory>()?;
    module.add_class::<table::Columns>()?;
    module.add_function(wrap_pyfunction!(command_line, module)?)?;
    module.add_function(wrap_pyfunction!(experiment::names, module)?)?;
    module.add_function(wrap_pyfunction!(sweep::wilson, module)?)?;
    Ok(())
}
