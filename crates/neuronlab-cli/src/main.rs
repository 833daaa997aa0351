//! The program `neuronlab`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    ExitCode::from(neuronlab_cli::run(&words))
}
