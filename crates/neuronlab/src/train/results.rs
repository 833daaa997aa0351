//! The results folder of a run: its files, written whole or not at all, and read again.

use super::checkpoint::{self, Entry};
use super::trainer::largest;
use super::{History, Scaling, Trainer};
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::nn::Model;
use crate::random::TorchReal;
use crate::scalar::{Dtype, Real};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A results folder. `docs/results-folder.md` describes its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    folder: PathBuf,
}

/// What a user of the weights must know about inputs and outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Signature {
    inputs: Vec<String>,
    targets: Vec<String>,
    classes: Vec<String>,
    scaling: Option<Scaling>,
}

impl Results {
    /// The complete experiment.
    pub const EXPERIMENT: &'static str = "experiment.toml";
    /// One row a step.
    pub const HISTORY: &'static str = "history.csv";
    /// The final parameters.
    pub const WEIGHTS: &'static str = "weights.safetensors";
    /// All that the run needs to go on.
    pub const CHECKPOINT: &'static str = "checkpoint";
    /// The page for people.
    pub const REPORT: &'static str = "report.html";

    /// A new folder for a run; one that holds something already is refused unless `force`.
    ///
    /// A file is written and removed again, so that a folder that can't be written to is an error before training.
    pub fn create(folder: &Path, force: bool) -> Result<Self> {
        let used = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if used && !force {
            return Err(Error::Exists { path: folder.into() });
        }
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        tempfile::tempfile_in(folder).map_err(Error::io("write to", folder))?;
        Ok(Self { folder: folder.into() })
    }

    /// The folder of an earlier run.
    pub fn open(folder: &Path) -> Result<Self> {
        let results = Self { folder: folder.into() };
        if !results.path(Self::EXPERIMENT).is_file() {
            let got = if folder.is_dir() { "a folder without experiment.toml" } else { "no such folder" };
            return Err(Error::file(folder, "a results folder", got));
        }
        Ok(results)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of one of its files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Writes a file under a temporary name and renames it, so that it is there whole or not at all.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path(file);
        let written =
            tempfile::Builder::new().prefix(file).suffix(".part").tempfile_in(&self.folder).and_then(|mut part| {
                part.write_all(bytes)?;
                open_to_others(part.as_file())?;
                part.persist(&path)?;
                Ok(())
            });
        written.map_err(Error::io("write", &path))
    }

    /// Removes a file that an earlier run left and this one has none of.
    pub fn remove(&self, file: &str) -> Result<()> {
        match fs::remove_file(self.path(file)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", &self.path(file))(e)),
            _ => Ok(()),
        }
    }

    /// Writes experiment, history, weights and, for a run that may go on, the checkpoint, in this order.
    pub fn save<T: Real + TorchReal>(&self, trainer: &Trainer<T>, history: &History<T>, resumable: bool) -> Result<()> {
        self.write(Self::EXPERIMENT, trainer.experiment().to_toml().as_bytes())?;
        self.write(Self::HISTORY, history.to_csv().as_bytes())?;
        self.write(Self::WEIGHTS, &weights(trainer))?;
        if resumable { self.write(Self::CHECKPOINT, &trainer.checkpoint()) } else { self.remove(Self::CHECKPOINT) }
    }

    /// The experiment, with `settings` as in [`Experiment::with`].
    pub fn experiment(&self, settings: &[String]) -> Result<Experiment> {
        Experiment::read_with(&self.path(Self::EXPERIMENT), settings)
    }

    /// The run as it was left, ready to go on, and its history. Of the settings only stop rules may differ.
    pub fn resume<T: Real + TorchReal>(&self, experiment: &Experiment) -> Result<(Trainer<T>, History<T>)> {
        let path = self.path(Self::CHECKPOINT);
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        let trainer = Trainer::resume(experiment, &bytes, &path)?;
        let history = History::read(&self.path(Self::HISTORY), History::new(&trainer), trainer.steps() as usize)?;
        Ok((trainer, history))
    }

    /// The trained network, ready to answer.
    pub fn predictor(&self) -> Result<Predictor> {
        let experiment = self.experiment(&[])?;
        match experiment.dtype {
            Dtype::Float32 => self.predictor_of::<f32>(&experiment),
            Dtype::Float64 => self.predictor_of::<f64>(&experiment),
        }
    }

    fn predictor_of<T: Real>(&self, experiment: &Experiment) -> Result<Predictor> {
        let path = self.path(Self::WEIGHTS);
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        let (file, metadata) = checkpoint::from_safetensors(&path, "weights", &bytes)?;
        let signature: Signature =
            serde_json::from_str(&metadata).map_err(|e| Error::file(&path, "weights of this version", e))?;
        if signature.inputs.is_empty() {
            return Err(Error::file(&path, "weights of a network with inputs", "none"));
        }
        let network = experiment.network(signature.inputs.len());
        let mut parameters = vec![T::default(); network.parameters()];
        for tensor in network.tensors() {
            checkpoint::read_into(&file, &path, &tensor.name, &tensor, &mut parameters[tensor.range.clone()])?;
        }
        let mut model = Model::new(network, parameters)?;
        let loss = experiment.loss;
        let answer = move |x: &[f64]| {
            let x: Vec<T> = x.iter().map(|&v| T::constant(v)).collect();
            let mut row = model.forward(&x).to_vec();
            loss.answer(&mut row);
            row.into_iter().map(Real::to_f64).collect()
        };
        Ok(Predictor { dtype: experiment.dtype, signature, answer: Box::new(answer) })
    }
}

/// Temporary files are readable by their owner alone; results are as readable as any new file.
#[cfg(unix)]
fn open_to_others(file: &fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_others(_: &fs::File) -> std::io::Result<()> {
    Ok(())
}

fn weights<T: Real>(trainer: &Trainer<T>) -> Vec<u8> {
    let model = trainer.model();
    let entries: Vec<Entry> =
        model.network().tensors().map(|t| Entry::of(t.name.clone(), &t, model.parameters())).collect();
    let task = trainer.task();
    let signature = Signature {
        inputs: task.input_names.clone(),
        targets: task.target_names.clone(),
        classes: task.classes.clone(),
        scaling: task.scaling.clone(),
    };
    checkpoint::to_safetensors(&entries, serde_json::to_string(&signature).expect("plain numbers and text"))
}

/// Inputs of one sample to answers.
type Answer = Box<dyn FnMut(&[f64]) -> Vec<f64>>;

/// A trained network that answers.
pub struct Predictor {
    dtype: Dtype,
    signature: Signature,
    answer: Answer,
}

impl Predictor {
    /// The precision in which it computes.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Names of the inputs, in order.
    pub fn inputs(&self) -> &[String] {
        &self.signature.inputs
    }

    /// Names of `count` answers: `P(class)` if there is one for each class, else `target prediction`.
    pub fn outputs(&self, count: usize) -> Vec<String> {
        let Signature { classes, targets, .. } = &self.signature;
        if classes.len() == count {
            classes.iter().map(|c| format!("P({c})")).collect()
        } else {
            targets.iter().map(|t| format!("{t} prediction")).collect()
        }
    }

    /// The class that a row of answers means, if targets are classes.
    pub fn class(&self, answers: &[f64]) -> Option<&str> {
        let classes = &self.signature.classes;
        let place = match answers {
            [one] if classes.len() == 2 => usize::from(*one >= 0.5),
            several => largest(several),
        };
        classes.get(place).map(String::as_str)
    }

    /// The answers (outputs, or probabilities of classes) for one row of inputs, which are scaled as those of the training were.
    ///
    /// # Panics
    /// If there are not as many inputs as names of inputs.
    pub fn predict(&mut self, mut inputs: Vec<f64>) -> Vec<f64> {
        assert_eq!(inputs.len(), self.signature.inputs.len(), "a number for each input");
        if let Some(scaling) = &self.signature.scaling {
            scaling.apply(&mut inputs);
        }
        (self.answer)(&inputs)
    }
}
