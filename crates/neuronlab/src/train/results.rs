//! The results folder of a run: its files, written whole or not at all, and read again.

use super::checkpoint::{self, Entry};
use super::evaluation::largest;
use super::folder::{Batch, Folder};
use super::sums::Sums;
use super::{History, Scaling, Trainer};
use crate::data::{Column, Data, Format, Table};
use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::file;
use crate::nn::Model;
use crate::random::TorchReal;
use crate::scalar::{Dtype, Real};
use crate::sha256::{sum_of, sum_of_file};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A results folder. `docs/results-folder.md` describes its files.
#[derive(Debug)]
pub struct Results {
    folder: Folder,
}

/// What a user of the weights must know about inputs and outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Signature {
    inputs: Vec<String>,
    targets: Vec<String>,
    classes: Vec<String>,
    /// Whether answers are probabilities.
    probabilities: bool,
    scaling: Option<Scaling>,
    /// How the table of the training samples was written, so that one like it can be read.
    #[serde(default)]
    table: Option<Format>,
    /// The columns that inputs are made of; none if each input is a column of its own.
    #[serde(default)]
    columns: Vec<Column>,
    /// What is put in the place of a missing value, an input each; empty where a missing one is an error.
    #[serde(default)]
    means: Vec<f64>,
}

/// Bytes of the largest table that is copied into the folder.
const MOST_COPIED: u64 = 8 << 20;

/// Bytes of the largest table of samples that is answered: rows and answers are in memory.
const MOST_ASKED: u64 = 128 << 20;

impl Results {
    /// The complete experiment.
    pub const EXPERIMENT: &'static str = "experiment.toml";
    /// One row a step.
    pub const HISTORY: &'static str = "history.csv";
    /// The final parameters.
    pub const WEIGHTS: &'static str = "weights.safetensors";
    /// All that the run needs to go on.
    pub const CHECKPOINT: &'static str = "checkpoint";
    /// The user's table, copied.
    pub const TABLE: &'static str = "data.csv";
    /// The page for people.
    pub const REPORT: &'static str = "report.html";

    /// A new folder for a run; one that holds something already is refused unless `force`.
    ///
    /// The folder is locked as long as this value lives, so that two runs don't write into one.
    ///
    /// # Errors
    /// The folder holds something else, somebody is writing into it, or it can't be written to.
    pub fn create(folder: &Path, force: bool) -> Result<Self> {
        Ok(Self { folder: Folder::create(folder, force, ("sweep.toml", "the folder of a sweep"))? })
    }

    /// The folder of an earlier run.
    pub fn open(folder: &Path) -> Result<Self> {
        // What a killed run began and did not finish is no result yet.
        Folder::tidy(folder);
        let results = Self { folder: Folder::open(folder) };
        if !results.path(Self::EXPERIMENT).is_file() {
            let got = if folder.is_dir() { "a folder without experiment.toml" } else { "no such folder" };
            return Err(Error::file(folder, "a results folder", got));
        }
        Ok(results)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.root()
    }

    /// The path of one of its files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path(file)
    }

    /// Writes history, weights, the checkpoint of a run that may go on, the report of one that has ended, and the experiment: all
    /// of them, or none. What an earlier run left goes with them.
    pub fn save<T: Real + TorchReal>(
        &self,
        trainer: &Trainer<T>,
        history: &History<T>,
        resumable: bool,
        report: Option<&str>,
    ) -> Result<()> {
        let (history, weights) = (history.to_csv(), weights(trainer));
        let checkpoint = if resumable { trainer.checkpoint() } else { vec![] };
        let mut batch = self.folder.batch();
        let (experiment, has_table) = self.add_table(trainer, &mut batch)?;
        batch.add(Self::HISTORY, history.as_bytes())?;
        batch.add(Self::WEIGHTS, &weights)?;
        if resumable {
            batch.add(Self::CHECKPOINT, &checkpoint)?;
        }
        if let Some(page) = report {
            batch.add(Self::REPORT, page.as_bytes())?;
        }
        // The last, since it makes the folder a results folder.
        batch.add(Self::EXPERIMENT, experiment.as_bytes())?;
        let gone = [(Self::CHECKPOINT, resumable), (Self::REPORT, report.is_some()), (Self::TABLE, has_table)];
        let gone: Vec<&str> = gone.iter().filter(|(_, there)| !there).map(|(file, _)| *file).collect();
        batch.commit(&gone)
    }

    /// The experiment file, and whether the folder holds a copy of the user's table, so that it can be shared. A table that is too
    /// large for that, or that is another one by now, stays where it is; its sum is kept.
    fn add_table<T: Real>(&self, trainer: &Trainer<T>, batch: &mut Batch<'_>) -> Result<(String, bool)> {
        let mut experiment = trainer.experiment().clone();
        let (Data::Csv(file), Some(sum)) = (&mut experiment.data, &trainer.task().reading.sha256) else {
            return Ok((experiment.to_toml(), false));
        };
        file.sha256 = Some(sum.clone());
        let here = self.path(Self::TABLE);
        let there = here.is_file() && sum_of_file(&here).is_ok_and(|of_copy| of_copy == *sum);
        let small = || std::fs::metadata(&file.path).is_ok_and(|there| there.is_file() && there.len() <= MOST_COPIED);
        let copied = there || {
            let bytes = if small() { file::read(&file.path, MOST_COPIED).ok() } else { None };
            let bytes = bytes.filter(|bytes| sum_of(bytes) == *sum);
            if let Some(bytes) = &bytes {
                batch.add(Self::TABLE, bytes)?;
            }
            bytes.is_some()
        };
        if copied {
            file.path = Self::TABLE.into();
        }
        Ok((experiment.to_toml(), copied))
    }

    /// The experiment, with `settings` as in [`Experiment::with`].
    pub fn experiment(&self, settings: &[String]) -> Result<Experiment> {
        Experiment::read_with(&self.path(Self::EXPERIMENT), settings)
    }

    /// The run as it was left, ready to go on, and its history; the folder is locked. Of the settings only stop rules may
    /// differ.
    pub fn resume<T: Real + TorchReal>(self, experiment: &Experiment) -> Result<(Self, Trainer<T>, History<T>)> {
        // Nobody changes what is read here.
        let results = Self { folder: self.folder.locked()? };
        let path = results.path(Self::CHECKPOINT);
        if !path.exists() && results.path(Self::WEIGHTS).exists() {
            let got = "none: the run diverged, and can't go on";
            return Err(Error::file(results.folder(), "a checkpoint to go on from", got));
        }
        let bytes = file::read(&path, file::MOST_NUMBERS)?;
        let trainer = Trainer::resume(experiment, &bytes, &path)?;
        results.weights_are_as_left()?;
        let history = results.path(Self::HISTORY);
        Sums::read(results.folder())?.check(&history, &sum_of_file(&history).unwrap_or_default())?;
        let history = History::read(&history, History::new(&trainer), trainer.steps() as usize)?;
        Ok((results, trainer, history))
    }

    /// Refuses weights that are not those that the run left: an edited file is a start, not a result.
    ///
    /// # Errors
    /// `weights.safetensors` and the checkpoint hold different numbers, or the file has another sum than was written. (Of a run that
    /// diverged, and was made by an earlier version, nothing is known.)
    pub fn weights_are_as_left(&self) -> Result<()> {
        let (weights, left) = (self.path(Self::WEIGHTS), self.path(Self::CHECKPOINT));
        if !weights.exists() {
            return Ok(());
        }
        let bytes = file::read(&weights, file::MOST_NUMBERS)?;
        if left.exists() {
            self.weights_are_those_of_checkpoint(&bytes)?;
        }
        Sums::read(self.folder())?.check(&weights, &sum_of(&bytes))
    }

    /// Refuses a folder from which no answers come that the run would have given: its weights or its experiment were changed.
    ///
    /// # Errors
    /// One of them is not as the run left it.
    pub fn answers_are_as_left(&self) -> Result<()> {
        self.folder.read(Self::EXPERIMENT, file::MOST_TOML)?;
        self.weights_are_as_left()
    }

    /// Names the first tensor that is another.
    fn weights_are_those_of_checkpoint(&self, now: &[u8]) -> Result<()> {
        let (weights, left) = (self.path(Self::WEIGHTS), self.path(Self::CHECKPOINT));
        let then = file::read(&left, file::MOST_NUMBERS)?;
        let (now, _) = checkpoint::from_safetensors(&weights, "weights", now)?;
        // A damaged checkpoint says nothing of the weights; who needs it will say so.
        let Some(then) = checkpoint::whole(&left, &then) else { return Ok(()) };
        for (name, tensor) in now.iter() {
            let is_other = |left: &str| then.tensor(left).is_ok_and(|left| left.data() != tensor.data());
            // A run may end with its best parameters, and keep its last ones to go on from.
            let kept = format!("{}{name}", checkpoint::BEST);
            if is_other(name) && (is_other(&kept) || then.tensor(&kept).is_err()) {
                let start = format!("init={{name=\"given\",path=\"{}\"}}", weights.display());
                let got = format!("others in `{name}` (to begin with them: --set '{start}')");
                return Err(Error::file(&weights, "the weights that the run left, as in its checkpoint", got));
            }
        }
        Ok(())
    }

    /// The loss of every step that was made.
    pub fn losses<T: Real>(&self) -> Result<Vec<T>> {
        History::losses_in(&self.path(Self::HISTORY))
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
        let bytes = file::read(&path, file::MOST_NUMBERS)?;
        let (file, metadata) = checkpoint::from_safetensors(&path, "weights", &bytes)?;
        let mut signature: Signature =
            serde_json::from_str(&metadata).map_err(|e| Error::file(&path, "weights of this version", e))?;
        let inputs = signature.inputs.len();
        let scaled = signature.scaling.as_ref().is_none_or(|s| s.fits(inputs));
        let wide: usize = signature.columns.iter().map(Column::width).sum();
        let made = signature.columns.is_empty() || wide == inputs;
        let filled = signature.means.is_empty() || signature.means.len() == inputs;
        if inputs == 0 || !scaled || !made || !filled || signature.means.iter().any(|mean| !mean.is_finite()) {
            return Err(Error::file(
                &path,
                "weights that name their inputs and how they are scaled",
                "damaged metadata",
            ));
        }
        if signature.columns.is_empty() {
            let column = |name: &String| Column { name: name.clone(), words: vec![] };
            signature.columns = signature.inputs.iter().map(column).collect();
        }
        let network = experiment.network(inputs)?;
        let parameters = vec![T::default(); network.parameters()];
        let mut model = Model::new(network, parameters)?;
        checkpoint::read_learned(&file, &path, "", &mut model)?;
        model.eval();
        let (loss, outputs) = (experiment.loss.clone(), model.network().out_features());
        let answer = move |x: &[f64]| {
            let x: Vec<T> = x.iter().map(|&v| T::constant(v)).collect();
            if let Some(far) = x.iter().position(|v| !v.is_finite()) {
                return Err(far);
            }
            let mut row = model.forward(&x).to_vec();
            loss.answer(&mut row);
            Ok(row.into_iter().map(Real::to_f64).collect())
        };
        Ok(Predictor { dtype: experiment.dtype, outputs, signature, answer: Box::new(answer) })
    }
}

fn weights<T: Real>(trainer: &Trainer<T>) -> Vec<u8> {
    let model = trainer.model();
    let mut entries: Vec<Entry> =
        model.network().tensors().map(|t| Entry::of(t.name.clone(), &t, model.parameters())).collect();
    for entry in checkpoint::running(model) {
        if let Some(norm) = entry.name.strip_suffix(".running_mean") {
            entries.push(Entry::count(format!("{norm}.num_batches_tracked"), trainer.steps()));
        }
        entries.push(entry);
    }
    let task = trainer.task();
    let signature = Signature {
        inputs: task.input_names.clone(),
        targets: task.target_names.clone(),
        classes: task.classes.clone(),
        probabilities: trainer.experiment().loss.wants_classes(),
        scaling: task.scaling.clone(),
        table: match &trainer.experiment().data {
            Data::Csv(file) => Some(file.format()),
            _ => None,
        },
        columns: task.reading.columns.clone(),
        means: task.means.clone(),
    };
    checkpoint::to_safetensors(&entries, serde_json::to_string(&signature).expect("plain numbers and text"))
}

/// Inputs of one sample to answers, or the place of an input that the precision does not hold.
type Answer = Box<dyn FnMut(&[f64]) -> Result<Vec<f64>, usize>>;

/// A trained network that answers.
pub struct Predictor {
    dtype: Dtype,
    outputs: usize,
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

    /// Names of the answers: `P(class)` if they are probabilities of classes, else `target prediction`.
    pub fn outputs(&self) -> Vec<String> {
        let Signature { classes, targets, probabilities, .. } = &self.signature;
        let names = if classes.len() == self.outputs { classes } else { targets };
        let of_classes = *probabilities && classes.len() == self.outputs;
        let name = |name: &String| if of_classes { format!("P({name})") } else { format!("{name} prediction") };
        names.iter().map(name).collect()
    }

    /// The columns of the user's table that inputs are made of: a number each, or words, of which each is an input.
    pub fn columns(&self) -> &[Column] {
        &self.signature.columns
    }

    /// The rows of inputs of a table that is written as that of the training samples was, or with a header. Where training filled
    /// in means for missing values, they are filled in here, too.
    pub fn read_table(&self, path: &Path) -> Result<Vec<Vec<f64>>> {
        // What an experiment's field would change can't be changed here.
        self.rows_of(path).map_err(Error::without_hint)
    }

    fn rows_of(&self, path: &Path) -> Result<Vec<Vec<f64>>> {
        let Signature { columns, means, table, inputs, .. } = &self.signature;
        let mut table = Table::open(path, &table.clone().unwrap_or_default(), MOST_ASKED)?;
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let places = table.columns("--csv", &names)?;
        let (mut rows, mut row) = (vec![], csv::StringRecord::new());
        while table.next_row(&mut row)? {
            let mut values = Vec::with_capacity(inputs.len());
            for (column, &place) in columns.iter().zip(&places) {
                column.read(&table, &row, place, !means.is_empty(), &mut values)?;
            }
            values.iter_mut().zip(means).filter(|(x, _)| x.is_nan()).for_each(|(x, mean)| *x = *mean);
            rows.push(values);
        }
        Ok(rows)
    }

    /// The inputs of values that somebody typed, one for each of [`columns`](Self::columns), with commas between them.
    ///
    /// # Errors
    /// There are more or fewer; one is no finite number, or a word that training did not know.
    pub fn parse(&self, text: &str) -> Result<Vec<f64>> {
        let columns = &self.signature.columns;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let cells: Vec<&str> = text.split(',').map(str::trim).collect();
        let what = if columns.iter().all(|column| column.words.is_empty()) { "finite numbers" } else { "values" };
        let expected = || format!("{} {what} with commas, for {}", columns.len(), names.join(", "));
        if cells.len() != columns.len() {
            return Err(Error::field("--input", expected(), format!("{} in `{text}`", cells.len())));
        }
        let mut inputs = Vec::with_capacity(self.signature.inputs.len());
        for (column, cell) in columns.iter().zip(cells) {
            column.parse(cell, &mut inputs).map_err(|error| match error {
                Error::Field { field, expected, got, hint } if !column.words.is_empty() => {
                    Error::Field { field: "--input".into(), expected: format!("for `{field}` {expected}"), got, hint }
                }
                _ => Error::field("--input", expected(), format!("`{text}`")),
            })?;
        }
        Ok(inputs)
    }

    /// A row of inputs as the user's table has it, a value for each of [`columns`](Self::columns): a number, or a word; nothing in the
    /// place of a word that was missing.
    ///
    /// # Panics
    /// If there are not as many inputs as names of inputs.
    pub fn in_columns(&self, inputs: &[f64]) -> Vec<String> {
        assert_eq!(inputs.len(), self.signature.inputs.len(), "a number for each input");
        let mut rest = inputs;
        let value = |column: &Column| {
            let (own, behind) = rest.split_at(column.width());
            rest = behind;
            match &column.words[..] {
                [] => own[0].to_string(),
                words => own.iter().position(|&x| x == 1.0).map_or(String::new(), |place| words[place].clone()),
            }
        };
        self.signature.columns.iter().map(value).collect()
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
    ///
    /// # Errors
    /// An input is larger than the precision holds, or an answer is.
    pub fn predict(&mut self, mut inputs: Vec<f64>) -> Result<Vec<f64>> {
        assert_eq!(inputs.len(), self.signature.inputs.len(), "a number for each input");
        if let Some(scaling) = &self.signature.scaling {
            scaling.apply(&mut inputs);
        }
        let answers = (self.answer)(&inputs).map_err(|far| {
            let expected = format!("a number that {} holds", self.dtype.name());
            Error::field(&self.signature.inputs[far], expected, inputs[far])
        })?;
        match answers.iter().find(|answer| !answer.is_finite()) {
            Some(answer) => {
                Err(Error::field("--input", "a finite answer", answer).with_hint("the weights are too large"))
            }
            None => Ok(answers),
        }
    }
}
