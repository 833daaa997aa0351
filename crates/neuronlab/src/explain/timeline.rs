//! Any moment of a run: it is made again, bit for bit, from its experiment.

use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::random::TorchReal;
use crate::scalar::Real;
use crate::train::{Results, Trainer};

/// Moments that are kept, so that a walk back need not begin at the beginning; of large runs fewer.
const KEPT: usize = 32;
/// Bytes that they take together, if not already the start and one more take more.
const KEPT_BYTES: u128 = 1 << 30;

/// A run, at any of its steps.
///
/// ```
/// use neuronlab::{Experiment, explain::Timeline};
///
/// let mut run = Timeline::<f32>::new(&Experiment::built_in("xor")?)?;
/// assert_eq!(run.at(8000)?.epochs(), 2000);
/// assert_eq!(run.at(2)?.steps(), 2); // back in time
/// assert_eq!(run.at(9000).unwrap_err().to_string(), "step: expected 0 to 8004, got 9000\n  hint: the run has 8004 steps");
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Timeline<T> {
    /// By their steps; the first is the start of the run.
    kept: Vec<Trainer<T>>,
    /// Losses that the run had when it was trained, and the file that says so.
    recorded: Option<(Vec<T>, std::path::PathBuf)>,
}

impl<T: Real + TorchReal> Timeline<T> {
    /// The run of an experiment.
    pub fn new(experiment: &Experiment) -> Result<Self> {
        Ok(Self { kept: vec![Trainer::new(experiment)?], recorded: None })
    }

    /// The run that a trainer has made, or is making, from its start; the data are shared.
    ///
    /// # Errors
    /// None that the trainer had not.
    pub fn again(trainer: &Trainer<T>) -> Result<Self> {
        Ok(Self { kept: vec![Trainer::on(trainer.experiment(), trainer.shared_task())?], recorded: None })
    }

    /// The run in a results folder. Every step that is made again must have the loss that it had then, bit for bit; where no
    /// history is stored, nothing is compared.
    ///
    /// # Errors
    /// It is no folder of a run, or its weights are not those that the run left.
    pub fn of(results: &Results) -> Result<Self> {
        results.weights_are_as_left()?;
        let mut run = Self::new(&results.experiment(&[])?)?;
        let path = results.path(Results::HISTORY);
        run.recorded = if path.exists() { Some((results.losses()?, path)) } else { None };
        Ok(run)
    }

    /// Steps of the whole run; of one that diverges, those before it does.
    ///
    /// # Errors
    /// It is not the run in the results folder.
    pub fn end(&mut self) -> Result<u64> {
        let mut trainer = self.kept[self.kept.len() - 1].clone();
        while trainer.ended().is_none() {
            let made = trainer.steps();
            match self.advance(&mut trainer, u64::MAX) {
                Err(Error::Field { .. }) => return Ok(made),
                other => other?,
            }
        }
        Ok(trainer.steps())
    }

    /// Steps that the results folder's run has made, where there is one.
    pub fn recorded(&self) -> Option<u64> {
        self.recorded.as_ref().map(|(losses, _)| losses.len() as u64)
    }

    /// The run before it makes step `step`, counted from 0; the number of all steps is the end of the run.
    ///
    /// # Errors
    /// The run ends or diverges before that step, or it is not the run in the results folder.
    pub fn at(&mut self, step: u64) -> Result<&Trainer<T>> {
        self.at_with(step, |_| {})
    }

    /// The same; `progress` is told each step that is made on the way.
    pub fn at_with(&mut self, step: u64, mut progress: impl FnMut(u64)) -> Result<&Trainer<T>> {
        let nearest = self.kept.partition_point(|trainer| trainer.steps() <= step) - 1;
        if self.kept[nearest].steps() == step {
            return Ok(&self.kept[nearest]);
        }
        let mut trainer = self.kept[nearest].clone();
        while trainer.steps() < step {
            self.advance(&mut trainer, step)?;
            progress(trainer.steps());
        }
        while self.kept.len() > 1 && self.kept.len() >= most_kept(&trainer) {
            self.kept.remove(if nearest == 1 && self.kept.len() > 2 { 2 } else { 1 });
        }
        let place = self.kept.partition_point(|kept| kept.steps() < step);
        self.kept.insert(place, trainer);
        Ok(&self.kept[place])
    }

    fn advance(&self, trainer: &mut Trainer<T>, wanted: u64) -> Result<()> {
        let at = trainer.steps();
        let beyond = |what: &str| Error::field("step", format!("0 to {at}"), wanted).with_hint(what);
        if trainer.ended().is_some() {
            return Err(beyond(&format!("the run has {at} steps")));
        }
        let loss = trainer.step().map_err(|d| beyond(&d.to_string()))?.loss;
        match &self.recorded {
            Some((losses, path)) => match losses.get(at as usize) {
                None => Err(beyond(&format!("the run in {} has {at} steps", path.display()))),
                Some(&then) if then != loss => {
                    let expected = format!("the run that its experiment.toml describes: loss {loss} in step {at}");
                    let got = format!("{then}: made by another version of the program, or changed");
                    Err(Error::file(path, expected, got))
                }
                Some(_) => Ok(()),
            },
            None => Ok(()),
        }
    }
}

fn most_kept<T: Real>(trainer: &Trainer<T>) -> usize {
    (KEPT_BYTES / trainer.bytes().max(1)).clamp(2, KEPT as u128) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_diverges_has_an_end() {
        let experiment = Experiment::built_in("xor").unwrap().with(&["optimizer.lr=1e38".into()]).unwrap();
        let mut run = Timeline::<f32>::new(&experiment).unwrap();
        let end = run.end().unwrap();
        assert!((1..100).contains(&end) && run.at(end).is_ok() && run.at(end + 1).is_err(), "{end}");
    }

    /// Of a run of a gigabyte, no more than the start and the moment.
    #[test]
    fn few_moments_of_a_large_run_are_kept() {
        let settings = ["data={name='moons',samples=1000}".to_string(), "batch=full".into()];
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let trainer = Trainer::<f32>::new(&experiment).unwrap();
        // Value, gradient, velocity, value before; two inputs and a target.
        assert_eq!(trainer.bytes(), 4 * (44 * 4 + 1000 * 3));
        assert_eq!(most_kept(&trainer), KEPT);
        let mut run = Timeline::<f32>::new(&experiment).unwrap();
        for step in [3, 9, 1, 40, 9, 80, 7] {
            assert_eq!(run.at(step).unwrap().steps(), step);
        }
    }
}
