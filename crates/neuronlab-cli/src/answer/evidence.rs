//! An experiment that is evidence for an answer: a file in `experiments/answers`, and what its runs left.

use crate::Failure;
use crate::commands::{INTERRUPTED, listen_to_ctrl_c, noticed};
use crate::printer;
use indicatif::ProgressBar;
use neuronlab::sweep::{Options, Sweep, SweepFolder, Tally};
use neuronlab::{Error, Experiment, draw};
use serde::Deserialize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Said after Ctrl-C.
const AGAIN: &str = "Interrupted. Go on with the same command.";

/// What a file of `experiments/answers` holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    source: String,
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    vary: Vec<String>,
    /// Runs a cell at full size, and with `--quick`.
    runs: u64,
    quick: u64,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../../../experiments/answers/", $name, ".toml")))),*];
    };
}

files![
    "neuron-identity",
    "neuron-tanh",
    "learning-rate",
    "learning-rate-momentum",
    "learning-rate-schedules",
    "initialization",
    "loss-best-rate",
    "loss-best-rate-classes",
    "loss-outlier",
];

/// How large, and where what was trained is kept until the answer is there.
pub(crate) struct Lab<'l> {
    pub(crate) quick: bool,
    pub(crate) work: &'l Path,
}

/// An experiment with its runs.
pub(crate) struct Evidence {
    pub(crate) sweep: Sweep,
    pub(crate) tallies: Vec<Tally>,
    pub(crate) command: String,
}

impl Lab<'_> {
    /// The runs of a file's experiment: trained now, or found where an earlier call left them.
    pub(crate) fn evidence(&self, name: &str) -> Result<Evidence, Failure> {
        let document = read(name)?;
        let runs = if self.quick { document.quick } else { document.runs };
        let experiment = Experiment::built_in(&document.source)?.with(&document.set)?;
        let sweep = Sweep::new(experiment, &document.vary, runs, None, false)?;
        let folder = SweepFolder::create(&self.work.join(format!("{name}-{runs}")), sweep, false)?;
        let tallies = if folder.is_complete() { folder.tallies()? } else { train(name, &folder)? };
        let command = format!("{} --runs {runs}", document.command("sweep"));
        Ok(Evidence { sweep: folder.sweep().clone(), tallies, command })
    }
}

/// The experiment of a file, without its runs.
pub(crate) fn experiment(name: &str) -> Result<Experiment, Failure> {
    let document = read(name)?;
    Ok(Experiment::built_in(&document.source)?.with(&document.set)?)
}

/// The command that does something with a file's experiment.
pub(crate) fn command(name: &str, verb: &str) -> Result<String, Failure> {
    Ok(read(name)?.command(verb))
}

impl Document {
    /// The command line that says the same.
    fn command(&self, verb: &str) -> String {
        let quote = |text: &str| {
            if text.contains(['\'', '{', '[', ' ']) { format!("\"{text}\"") } else { text.to_string() }
        };
        let mut line = format!("neuronlab {verb} {}", self.source);
        for (option, values) in [("--set", &self.set), ("--vary", &self.vary)] {
            for value in values {
                line = format!("{line} {option} {}", quote(value));
            }
        }
        line
    }
}

impl Evidence {
    /// Runs in all.
    pub(crate) fn runs(&self) -> u64 {
        self.sweep.total()
    }

    /// Its picture, if something was varied.
    pub(crate) fn picture(&self) -> Option<String> {
        draw::sweep_plot(&self.sweep, &self.tallies)
    }

    /// Cells with the values of their axes.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (Vec<String>, &Tally)> {
        self.tallies.iter().enumerate().map(|(cell, tally)| (self.sweep.cell(cell), tally))
    }
}

fn read(name: &str) -> Result<Document, Failure> {
    let (_, text) = FILES.iter().find(|(file, _)| *file == name).expect("a file of the list");
    let bad = |e: toml::de::Error| Error::Syntax {
        place: format!("experiments/answers/{name}.toml"),
        message: e.to_string(),
    };
    Ok(toml::from_str(text).map_err(bad)?)
}

fn train(name: &str, folder: &SweepFolder) -> Result<Vec<Tally>, Failure> {
    let options = Options::default();
    let missing = folder.missing(&options)?;
    listen_to_ctrl_c(|| AGAIN.into());
    let bar = if printer::watched() { ProgressBar::new(folder.runs_in(&missing)) } else { ProgressBar::hidden() };
    bar.set_style(printer::bar_style("{msg} {wide_bar} run {human_pos}/{human_len}  {eta} left"));
    bar.set_message(name.to_string());
    let watch = |runs: u64| {
        bar.inc(runs);
        if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let whole = folder.train(&missing, &options, &watch)?;
    bar.finish_and_clear();
    if !whole {
        noticed();
        return Err(Failure::Interrupted(AGAIN.into()));
    }
    Ok(folder.finish(|_| vec![])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file of the folder is one of the list, and an experiment.
    #[test]
    fn every_file_is_an_experiment() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../experiments/answers");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        files.sort();
        let mut names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert_eq!(files, names);
        for name in names {
            let document = read(name).unwrap_or_else(|_| panic!("{name}"));
            let experiment = Experiment::built_in(&document.source).unwrap().with(&document.set).unwrap();
            Sweep::new(experiment, &document.vary, document.runs, None, false).unwrap();
            assert!(document.quick <= document.runs);
        }
    }
}
