//! The loss of every step, the samples it was made on, and the learning rate that it took.

use super::Trainer;
use super::trainer::{Epoch, HeldBack, Listener, Step};
use crate::error::{Error, Result};
use crate::file;
use crate::optim::Hyper;
use crate::scalar::Real;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;

/// One row a step.
#[derive(Debug, Clone, PartialEq)]
pub struct History<T> {
    /// The loss of each step, before its update.
    pub losses: Vec<T>,
    /// The samples of all steps, one after the other; empty where every step takes all.
    samples: Vec<u32>,
    /// Samples a step, steps an epoch, samples an epoch.
    size: usize,
    steps: usize,
    per_epoch: usize,
    /// Whether every step takes all samples, so that they are not listed.
    all: bool,
    rates: Rates,
    /// How the samples that are held back fare after each epoch; none where there are no such samples.
    held_back: Option<Vec<Option<HeldBack>>>,
}

/// Learning rate and momentum of every step.
#[derive(Debug, Clone, PartialEq)]
struct Rates {
    /// What the optimizer says, and the steps take where there is no schedule.
    base: Hyper,
    scheduled: bool,
    /// Whether the schedule changes the momentum, too.
    momentum: bool,
    /// Where there is a schedule: steps from which others hold.
    changes: Vec<(usize, Hyper)>,
}

/// The columns of every `history.csv`; those of older versions had no others.
const COLUMNS: &str = "epoch,step,sample,loss";
/// The last columns where samples are held back.
const HELD_BACK: &str = ",held_back_loss,held_back_right";

impl<T: Real> History<T> {
    /// An empty history for the run of `trainer`.
    pub fn new(trainer: &Trainer<T>) -> Self {
        let (sampler, experiment) = (trainer.sampler(), trainer.experiment());
        let (size, steps, per_epoch) = (sampler.size(), sampler.steps(), sampler.samples_per_epoch());
        let schedule = experiment.schedule.as_ref();
        let rates = Rates {
            base: experiment.optimizer.hyper(),
            scheduled: schedule.is_some(),
            momentum: schedule.is_some_and(crate::optim::Schedule::cycles_momentum),
            changes: vec![],
        };
        let held_back = (!trainer.task().test.x.is_empty()).then(Vec::new);
        Self { losses: vec![], samples: vec![], size, steps, per_epoch, all: sampler.takes_all(), rates, held_back }
    }

    /// The epoch of a step.
    pub fn epoch(&self, step: usize) -> usize {
        step / self.steps
    }

    /// Steps an epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.steps
    }

    /// The samples of a step; empty where every step takes all.
    pub fn samples(&self, step: usize) -> &[u32] {
        if self.all {
            return &[];
        }
        let start = step % self.steps * self.size;
        let end = (start + self.size).min(self.per_epoch);
        let epoch = self.epoch(step) * self.per_epoch;
        &self.samples[epoch + start..epoch + end]
    }

    /// Learning rate and momentum of a step; none where an older version of the program, which did not keep them, made it.
    pub fn hyper(&self, step: usize) -> Option<Hyper> {
        self.rates.of(step)
    }

    /// Whether a schedule changes the learning rate, and whether it changes the momentum.
    pub fn scheduled(&self) -> (bool, bool) {
        (self.rates.scheduled, self.rates.momentum)
    }

    /// How the samples that are held back fare after an epoch, if there are some and it was looked at.
    pub fn held_back(&self, epoch: usize) -> Option<HeldBack> {
        self.held_back.as_ref()?.get(epoch).copied().flatten()
    }

    /// Whether there are samples that are held back.
    pub fn holds_back(&self) -> bool {
        self.held_back.is_some()
    }

    /// `history.csv`: epoch, step, sample, loss, lr, and momentum where a schedule changes it. Several samples stand in one cell
    /// with spaces, all are `all`. Where samples are held back, their loss and the share of right answers stand beside the last
    /// step of each epoch.
    pub fn to_csv(&self) -> String {
        let mut csv = String::with_capacity(32 * (self.losses.len() + 1));
        let _ = writeln!(csv, "{COLUMNS}{}", self.more_columns());
        for (step, loss) in self.losses.iter().enumerate() {
            let _ = write!(csv, "{},{step},", self.epoch(step));
            for (i, sample) in self.samples(step).iter().enumerate() {
                let _ = write!(csv, "{}{sample}", if i == 0 { "" } else { " " });
            }
            let _ = write!(csv, "{},{loss},", if self.all { "all" } else { "" });
            self.rates.write(&mut csv, step);
            if self.holds_back() {
                let last = (step + 1).is_multiple_of(self.steps);
                match self.held_back(self.epoch(step)).filter(|_| last) {
                    Some(HeldBack { loss, right }) => _ = write!(csv, ",{loss},{right}"),
                    None => csv.push_str(",,"),
                }
            }
            csv.push('\n');
        }
        csv
    }

    /// The columns behind those of every history.
    fn more_columns(&self) -> String {
        let held_back = if self.holds_back() { HELD_BACK } else { "" };
        format!("{}{held_back}", self.rates.columns())
    }

    /// The losses in a `history.csv`.
    pub(super) fn losses_in(path: &Path) -> Result<Vec<T>> {
        let text = file::read_text(path, file::MOST_NUMBERS)?;
        let rows = text.lines().enumerate().skip(1);
        rows.map(|(i, line)| {
            let loss = line.split(',').nth(3).and_then(|loss| loss.parse().ok());
            let expected = format!("rows that begin with `{COLUMNS}`");
            loss.ok_or_else(|| Error::file(path, expected, format!("`{line}` in line {}", i + 1)))
        })
        .collect()
    }

    /// The first `steps` rows of a `history.csv`; `empty` is a history of the same run.
    pub(super) fn read(path: &Path, mut empty: Self, steps: usize) -> Result<Self> {
        let text = file::read_text(path, file::MOST_NUMBERS)?;
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let with_rates = head != COLUMNS;
        let columns = if with_rates { empty.more_columns() } else { String::new() };
        // Older versions did not look at samples that are held back.
        let with_held_back = head.ends_with(HELD_BACK);
        let bad = |got: String| Error::file(path, format!("{steps} rows `{COLUMNS}{columns}`"), got);
        for (step, line) in lines.take(steps).enumerate() {
            let read = empty.read_row(step, line, with_rates, with_held_back);
            read.ok_or_else(|| bad(format!("`{line}` in line {}", step + 2)))?;
        }
        if empty.losses.len() < steps {
            return Err(bad(empty.losses.len().to_string()));
        }
        Ok(empty)
    }

    /// Takes the row of the next step; none if it is not that.
    fn read_row(&mut self, step: usize, line: &str, with_rates: bool, with_held_back: bool) -> Option<()> {
        let mut cells = line.split(',');
        let epoch: usize = cells.next()?.parse().ok()?;
        let at: usize = cells.next()?.parse().ok()?;
        let samples: Vec<u32> = match cells.next()? {
            "all" => vec![],
            list => list.split(' ').map(|sample| sample.parse().ok()).collect::<Option<_>>()?,
        };
        let loss: T = cells.next()?.parse().ok()?;
        let expected = if self.all { 0 } else { self.size.min(self.per_epoch - step % self.steps * self.size) };
        if (epoch, at, samples.len()) != (step / self.steps, step, expected) || !loss.is_finite() {
            return None;
        }
        if with_rates {
            self.rates.read(step, &mut cells)?;
        }
        if with_held_back {
            self.read_held_back(step, cells.next()?, cells.next()?)?;
        }
        if cells.next().is_some() {
            return None;
        }
        self.samples.extend(samples);
        self.losses.push(loss);
        Some(())
    }

    /// Takes what stands beside a step; none if it is not that.
    fn read_held_back(&mut self, step: usize, loss: &str, right: &str) -> Option<()> {
        let known = self.held_back.as_mut()?;
        if !(step + 1).is_multiple_of(self.steps) {
            return (loss.is_empty() && right.is_empty()).then_some(());
        }
        let number = |cell: &str| cell.parse().ok().filter(|v: &f64| !v.is_nan());
        let looked = !loss.is_empty() || !right.is_empty();
        known.push(if looked { Some(HeldBack { loss: number(loss)?, right: number(right)? }) } else { None });
        Some(())
    }
}

impl Rates {
    fn columns(&self) -> &'static str {
        if self.momentum { ",lr,momentum" } else { ",lr" }
    }

    fn of(&self, step: usize) -> Option<Hyper> {
        if !self.scheduled {
            return Some(self.base);
        }
        let known = self.changes.partition_point(|(from, _)| *from <= step);
        self.changes[..known].last().map(|(_, hyper)| *hyper)
    }

    #[inline]
    fn push(&mut self, step: usize, hyper: Hyper) {
        if self.scheduled && self.changes.last().is_none_or(|(_, last)| *last != hyper) {
            self.changes.push((step, hyper));
        }
    }

    /// The cells of a step; empty ones where nothing is known.
    fn write(&self, csv: &mut String, step: usize) {
        let hyper = self.of(step);
        if let Some(hyper) = hyper {
            let _ = write!(csv, "{}", hyper.lr);
        }
        if self.momentum {
            let _ = write!(csv, ",{}", hyper.and_then(|h| h.momentum).map_or(String::new(), |m| m.to_string()));
        }
    }

    /// Reads them; none if they are not what [`write`](Self::write) writes.
    fn read<'a>(&mut self, step: usize, cells: &mut impl Iterator<Item = &'a str>) -> Option<()> {
        let lr = cells.next()?;
        let momentum = if self.momentum { Some(cells.next()?) } else { None };
        let number = |cell: &str| cell.parse().ok().filter(|v: &f64| v.is_finite());
        if lr.is_empty() && momentum.unwrap_or_default().is_empty() && self.changes.is_empty() {
            return Some(());
        }
        let momentum = match momentum {
            Some(cell) => Some(number(cell)?),
            None => self.base.momentum,
        };
        self.push(step, Hyper { lr: number(lr)?, momentum });
        Some(())
    }
}

impl<T: Real> Listener<T> for History<T> {
    #[inline]
    fn step(&mut self, step: &Step<'_, T>) -> ControlFlow<()> {
        self.rates.push(self.losses.len(), step.hyper);
        self.losses.push(step.loss);
        if !self.all {
            self.samples.extend_from_slice(step.samples);
        }
        ControlFlow::Continue(())
    }

    fn epoch(&mut self, epoch: &Epoch<T>) -> ControlFlow<()> {
        if let Some(known) = &mut self.held_back {
            known.resize(epoch.epoch as usize, None);
            known.push(epoch.held_back);
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    const ONE_CYCLE: &str = "schedule={ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 40 }";
    const PLATEAU: &str = "schedule={ name = 'reduce_lr_on_plateau', patience = 1, factor = 0.5 }";

    fn trained(settings: &[&str]) -> (Trainer<f32>, History<f32>, Vec<Hyper>) {
        let settings: Vec<String> = ["stop.epochs=10"].iter().chain(settings).map(ToString::to_string).collect();
        let mut trainer = Trainer::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        let (mut history, mut taken) = (History::new(&trainer), vec![]);
        while trainer.ended().is_none() {
            taken.push(trainer.hyper());
            let _ = history.step(&trainer.step().unwrap());
        }
        (trainer, history, taken)
    }

    fn read(csv: &str, trainer: &Trainer<f32>) -> Result<History<f32>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), csv).unwrap();
        History::read(file.path(), History::new(trainer), 40)
    }

    #[test]
    fn every_step_has_the_rate_that_it_took() {
        for settings in [&[][..], &[ONE_CYCLE], &[PLATEAU]] {
            let (trainer, history, taken) = trained(settings);
            assert_eq!((0..40).map(|step| history.hyper(step).unwrap()).collect::<Vec<_>>(), taken);
            let csv = history.to_csv();
            let momentum = settings == [ONE_CYCLE];
            assert_eq!(csv.lines().next().unwrap().ends_with(",lr,momentum"), momentum, "{csv}");
            for (row, hyper) in csv.lines().skip(1).zip(&taken) {
                let mut cells = row.split(',').skip(4).map(|cell| cell.parse().unwrap());
                assert_eq!((cells.next(), cells.next()), (Some(hyper.lr), hyper.momentum.filter(|_| momentum)));
            }
            assert_eq!(read(&csv, &trainer).unwrap(), history);
        }
        let different = trained(&[PLATEAU]).2;
        assert!(different.iter().any(|hyper| hyper.lr < 0.02), "the loss of xor goes up and down");
    }

    /// Histories of older versions have four columns.
    #[test]
    fn what_was_not_kept_is_not_made_up() {
        let old = |csv: &str| {
            let rows = csv.lines().map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",") + "\n");
            rows.collect::<String>()
        };
        let (trainer, history, _) = trained(&[]);
        assert_eq!(read(&old(&history.to_csv()), &trainer).unwrap(), history);

        let (trainer, history, _) = trained(&[ONE_CYCLE]);
        let read_again = read(&old(&history.to_csv()), &trainer).unwrap();
        assert_eq!((read_again.losses.len(), read_again.hyper(39)), (40, None));
        let csv = read_again.to_csv();
        assert!(csv.lines().nth(1).unwrap().ends_with(",,"), "{csv}");
        assert_eq!(read(&csv, &trainer).unwrap(), read_again);
    }

    #[test]
    fn damaged_rates_are_refused() {
        let (trainer, history, _) = trained(&[ONE_CYCLE]);
        let csv = history.to_csv();
        let last = csv.lines().last().unwrap();
        let cells: Vec<&str> = last.split(',').collect();
        for damaged in [cells[..5].join(","), format!("{last},1"), [&cells[..4], &["nan", "0.9"]].concat().join(",")] {
            let error = read(&csv.replace(last, &damaged), &trainer).unwrap_err().to_string();
            assert!(error.contains("rows `epoch,step,sample,loss,lr,momentum`, got `9,39,"), "{error}");
        }
    }
}
