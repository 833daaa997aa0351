//! The command line of neuronlab, as a function: the program calls it, and so does the command that comes with the Python package.

mod answer;
mod args;
mod commands;
mod hints;
mod moment;
mod printer;
mod source;
mod tables;

use args::{Args, Command};
use clap::Parser;
use neuronlab::scalar::Simd;
use printer::Printer;
use std::ffi::OsString;
use std::sync::OnceLock;

/// Why a command failed; the exit code says which kind it was.
enum Failure {
    /// The library's word.
    Error(neuronlab::Error),
    /// Training left the finite numbers.
    Diverged(String),
    /// A check found something wrong; the message says what.
    Wrong(String),
    /// Ctrl-C; the message says how to go on.
    Interrupted(String),
}

impl From<neuronlab::Error> for Failure {
    fn from(error: neuronlab::Error) -> Self {
        Self::Error(error)
    }
}

/// Uses no wider vector instructions than those that the environment variable names. Results have the same bits.
fn limit_simd() -> Result<(), neuronlab::Error> {
    const VARIABLE: &str = "NEURONLAB_SIMD";
    let Some(word) = std::env::var_os(VARIABLE).filter(|word| !word.is_empty()) else { return Ok(()) };
    let plain = |name: &str| name.to_lowercase().replace('-', "");
    let available = || Simd::ALL.into_iter().filter(|simd| simd.is_available());
    let named = available().find(|simd| word.to_str().is_some_and(|word| plain(word) == plain(simd.name())));
    named.map(Simd::limit).ok_or_else(|| {
        let names: Vec<String> = available().map(|simd| format!("`{}`", plain(simd.name()))).collect();
        let (expected, got) = (format!("one of {}", names.join(", ")), format!("`{}`", word.to_string_lossy()));
        let hint = Some("these are what this processor has; unset, it is the last".into());
        neuronlab::Error::Field { field: VARIABLE.into(), expected, got, hint }
    })
}

/// What clap says, with its colours where it quotes nothing that a terminal would obey.
fn not_understood(error: &clap::Error) -> u8 {
    let plain = error.render().to_string();
    if neuronlab::text::printable(&plain) == plain {
        // Nobody is left to be told that it can't be printed.
        let _ = error.print();
    } else {
        printer::note(plain.trim_end());
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

/// The program's name as it was called, to call it again.
static PROGRAM: OnceLock<OsString> = OnceLock::new();

/// Does what a command line says, of which the first word is the program's name; gives the exit code.
///
/// A first Ctrl-C ends training and sweeps in order; it is listened to for the rest of the process.
pub fn run(words: &[OsString]) -> u8 {
    PROGRAM.get_or_init(|| words.first().cloned().unwrap_or_else(|| "neuronlab".into()));
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(error) => {
            let words: Vec<String> = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            return not_understood(&hints::with_field(error, &words));
        }
    };
    let mut printer = Printer::new(args.quiet, args.json);
    let outcome = limit_simd().map_err(Failure::from).and_then(|()| command(&args.command, &mut printer));
    exit_code(outcome.and(printer.finish()))
}

/// Does what is asked for.
fn command(command: &Command, printer: &mut Printer) -> Result<(), Failure> {
    match command {
        Command::Train(train) => commands::train::run(train, printer),
        Command::Sweep(sweep) => commands::sweep::run(sweep, printer),
        Command::Replay(replay) => commands::replay::run(replay, printer),
        Command::Merge(merge) => commands::merge::run(merge, printer),
        Command::Predict(predict) => commands::predict::run(predict, printer),
        Command::Summary(summary) => commands::summary::run(summary, printer),
        Command::Draw(draw) => commands::draw::run(draw, printer),
        Command::Explain(explain) => commands::explain::run(explain, printer),
        Command::Step(step) => commands::step::run(step, printer),
        Command::Answer(answer) => commands::answer::run(answer, printer),
        Command::Check(check) => commands::check::run(check, printer),
        Command::Curvature(curvature) => commands::curvature::run(curvature, printer),
        Command::Data(data) => commands::data::run(data, printer),
        Command::Experiment(experiment) => commands::experiment::run(experiment, printer),
        Command::List(list) => {
            commands::list::run(list, printer);
            Ok(())
        }
        Command::Init(init) => commands::init::run(init, printer),
        Command::Schedule(schedule) => commands::schedule::run(schedule, printer),
        Command::Methods(methods) => commands::methods::run(methods, printer),
        Command::Bench(bench) => commands::bench::run(bench, printer),
        Command::Completions(completions) => {
            commands::completions::completions(completions, printer);
            Ok(())
        }
        Command::Man(man) => commands::completions::man(man, printer),
    }
}

/// Says how it ended, if that is not well.
fn exit_code(outcome: Result<(), Failure>) -> u8 {
    match outcome {
        Ok(()) => 0,
        Err(Failure::Error(error)) => {
            printer::error(&error.to_string());
            if error.is_usage() { 2 } else { 1 }
        }
        Err(Failure::Diverged(message) | Failure::Wrong(message)) => {
            printer::error(&message);
            1
        }
        Err(Failure::Interrupted(message)) => {
            printer::note(&message);
            // As shells report a program that SIGINT ended.
            130
        }
    }
}
