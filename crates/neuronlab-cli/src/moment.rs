//! A moment of a run: SOURCE with `--step` or `--epoch`.

use crate::args::MomentArgs;
use crate::printer;
use indicatif::{ProgressBar, ProgressStyle};
use neuronlab::explain::{self, Timeline};
use neuronlab::random::TorchReal;
use neuronlab::scalar::Real;
use neuronlab::{Error, Experiment, Result, Results, Trainer};
use std::path::Path;

/// The moment of a run that is meant where none is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Default {
    /// Of a results folder the last step that was made, of an experiment the first.
    LastStep,
    /// Of a results folder its end, of an experiment the start.
    End,
}

/// A run and the moment of it that was asked for.
pub(crate) struct Moment<T> {
    pub(crate) run: Timeline<T>,
    pub(crate) step: u64,
    epoch: Option<u64>,
}

/// Steps that take long enough to be watched.
const MANY: u64 = 200_000;

impl MomentArgs {
    pub(crate) fn experiment(&self) -> Result<Experiment> {
        self.source.experiment()
    }

    /// The run, and the step that is meant. With `--set` a results folder is its experiment, changed.
    pub(crate) fn moment<T: Real + TorchReal>(&self, default: Default) -> Result<Moment<T>> {
        let path = Path::new(&self.source.source);
        let built_in = Experiment::built_in_names().any(|name| name == self.source.source);
        let trained = !built_in && path.is_dir() && self.source.set.is_empty();
        let mut run =
            if trained { Timeline::<T>::of(&Results::open(path)?)? } else { Timeline::<T>::new(&self.experiment()?)? };
        let steps = run.at(0)?.sampler().steps() as u64;
        let step = match (self.step, self.epoch) {
            (Some(step), _) => step,
            (None, Some(epoch)) => epoch.saturating_mul(steps),
            (None, None) => {
                let made = match run.recorded() {
                    Some(made) => made,
                    None if trained => {
                        printer::note(
                            "no history.csv there: the run is made again by its experiment.toml, and not compared",
                        );
                        run.end()?
                    }
                    None => 0,
                };
                made.saturating_sub(u64::from(default == Default::LastStep))
            }
        };
        Ok(Moment { run, step, epoch: self.epoch })
    }
}

/// Where somebody watches and the steps are many, how far they are.
pub(crate) fn bar(steps: u64) -> ProgressBar {
    let watched = steps > MANY && printer::watched();
    let bar = if watched { ProgressBar::new(steps) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{wide_bar} step {pos}/{len}  {eta} left");
    bar.set_style(style.expect("a fixed template"));
    bar
}

impl<T: Real + TorchReal> Moment<T> {
    /// Whether the paths of so many parameters can be followed, said before a long run is made again.
    pub(crate) fn check_paths(&mut self, samples: Option<&[u32]>, parameters: usize) -> Result<()> {
        let start = self.run.at(0)?;
        let rows = samples.map_or(start.sampler().size(), <[u32]>::len);
        explain::Moment::check_paths(start.model().network(), rows, parameters)
    }

    /// The run as it is then.
    pub(crate) fn trainer(&mut self) -> Result<&Trainer<T>> {
        let bar = bar(self.step);
        let (step, epoch) = (self.step, self.epoch);
        let trainer = self.run.at_with(step, |at| {
            if at.is_multiple_of(1024) {
                bar.set_position(at);
            }
        });
        bar.finish_and_clear();
        trainer.map_err(|error| match (error, epoch) {
            (Error::Field { field, expected, got, hint }, Some(epoch)) if field == "step" => {
                let begins = format!("epoch {epoch} begins with step {step}");
                let hint = Some(hint.map_or(begins.clone(), |hint| format!("{begins}; {hint}")));
                Error::Field { field, expected, got, hint }
            }
            (error, _) => error,
        })
    }
}
