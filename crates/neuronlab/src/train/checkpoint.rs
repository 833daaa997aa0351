//! All that a run needs to go on, in one file: parameters, optimizer, both random streams, position.
//!
//! The file is a safetensors file; positions and sums are in its metadata, floating-point numbers there as their bits.

use super::Trainer;
use super::task::fnv1a;
use super::trainer::{Best, Position};
use crate::data::Data;
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Monitor, Stop};
use crate::nn::{Model, Tensor};
use crate::optim::{Hyper, Progress};
use crate::random::TorchReal;
use crate::scalar::{Dtype, Real};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// The key of our metadata. There is only this one, so that the order in the file is always the same.
pub(super) const METADATA: &str = "neuronlab";

/// What the names of the parameters begin with that are kept as the best.
pub(super) const BEST: &str = "best.";

/// Version of the checkpoint's format.
const FORMAT: u32 = 2;
/// The version before, whose checksum is over the tensors alone.
const WITHOUT_POSITION: u32 = 1;

#[derive(Clone, Serialize, Deserialize)]
struct Metadata {
    format: u32,
    experiment: String,
    /// Of the samples.
    fingerprint: u64,
    /// Of the tensors and of all that stands here but itself.
    checksum: u64,
    epoch: u64,
    step_in_epoch: usize,
    step: u64,
    loss_sum: u64,
    mean_loss: u64,
    lowest: u64,
    waited: u64,
    /// What the optimizer's clock carries, such as NAdam's product of momenta.
    product: u64,
    /// Of the schedule.
    schedule_t: u64,
    lr: u64,
    momentum: Option<u64>,
    best: u64,
    bad: u64,
    rest: u64,
    /// The loss of the held-back samples after the last whole epoch, where stop rules watch it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watched: Option<u64>,
    /// Whole epochs after which the parameters were that are kept as the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    best_epochs: Option<u64>,
}

impl Metadata {
    /// The checksum that a checkpoint with these tensors has.
    fn checksum<'a>(&self, tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> u64 {
        let tensors = checksum(tensors);
        if self.format == WITHOUT_POSITION {
            return tensors;
        }
        let rest = serde_json::to_vec(&Self { checksum: 0, ..self.clone() }).expect("plain numbers and text");
        fnv1a(rest.into_iter().chain(tensors.to_le_bytes()))
    }

    /// Whether these numbers can be those of a run: a checksum is against accidents, and can be made by hand.
    fn is_of_a_run(&self) -> bool {
        let numbers = [self.loss_sum, self.mean_loss, self.lowest, self.best, self.product, self.lr];
        numbers.into_iter().chain(self.momentum).chain(self.watched).all(|bits| !f64::from_bits(bits).is_nan())
            && self.schedule_t <= self.step
            && self.bad <= self.step
            && self.waited <= self.epoch
            && self.best_epochs.is_none_or(|epochs| epochs <= self.epoch)
    }
}

/// A named list of numbers on its way into a file.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) dtype: safetensors::Dtype,
    pub(super) shape: Vec<usize>,
    pub(super) bytes: Vec<u8>,
}

impl Entry {
    /// The elements of a parameter tensor, or of something shaped like it.
    pub(super) fn of<T: Real>(name: String, tensor: &Tensor, values: &[T]) -> Self {
        let bytes = values[tensor.range.clone()].iter().flat_map(|v| v.to_bytes()).collect();
        Self { name, dtype: stored_type::<T>(), shape: tensor.shape.clone(), bytes }
    }

    /// As it stands in a file.
    fn stored((name, view): (&str, TensorView<'_>)) -> Self {
        Self { name: name.into(), dtype: view.dtype(), shape: view.shape().into(), bytes: view.data().into() }
    }

    /// A number of things, as PyTorch keeps them.
    pub(super) fn count(name: String, count: u64) -> Self {
        Self { name, dtype: safetensors::Dtype::I64, shape: vec![], bytes: count.to_le_bytes().to_vec() }
    }

    fn words(name: &str, words: &[u32]) -> Self {
        let bytes = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        Self { name: name.into(), dtype: safetensors::Dtype::U32, shape: vec![words.len()], bytes }
    }
}

pub(super) fn stored_type<T: Real>() -> safetensors::Dtype {
    match T::DTYPE {
        Dtype::Float32 => safetensors::Dtype::F32,
        Dtype::Float64 => safetensors::Dtype::F64,
    }
}

/// A safetensors file with `metadata` under our key.
pub(super) fn to_safetensors(entries: &[Entry], metadata: String) -> Vec<u8> {
    let views = entries.iter().map(|e| {
        let view = TensorView::new(e.dtype, e.shape.clone(), &e.bytes).expect("as many bytes as the shape says");
        (e.name.as_str(), view)
    });
    let metadata = HashMap::from([(METADATA.to_string(), metadata)]);
    safetensors::serialize(views, Some(metadata)).expect("named tensors of known size")
}

/// Opens a safetensors file with our metadata.
pub(super) fn from_safetensors<'b>(path: &Path, what: &str, bytes: &'b [u8]) -> Result<(SafeTensors<'b>, String)> {
    let foreign = |got: String| Error::file(path, format!("{what} written by neuronlab"), got);
    let damaged = |e| foreign(format!("a damaged or foreign file ({e})"));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let metadata = header.metadata().as_ref().and_then(|m| m.get(METADATA)).cloned();
    let metadata = metadata.ok_or_else(|| foreign("a safetensors file of another program".into()))?;
    Ok((SafeTensors::deserialize(bytes).map_err(damaged)?, metadata))
}

/// A tensor of the wanted type and shape.
pub(super) fn tensor<'b>(
    file: &SafeTensors<'b>,
    path: &Path,
    name: &str,
    dtype: safetensors::Dtype,
    shape: &[usize],
) -> Result<&'b [u8]> {
    let expected = || format!("`{name}` of type {dtype:?} and shape {shape:?}");
    let view = file.tensor(name).map_err(|_| Error::file(path, expected(), "no such tensor"))?;
    if view.dtype() != dtype || view.shape() != shape {
        return Err(Error::file(path, expected(), format!("type {:?} and shape {:?}", view.dtype(), view.shape())));
    }
    Ok(view.data())
}

impl<T: Real + TorchReal> Trainer<T> {
    /// The bytes of a checkpoint.
    pub fn checkpoint(&self) -> Vec<u8> {
        let at = &self.position;
        let mut entries = Vec::new();
        // A run that has ended with its best parameters goes on from its last ones.
        let mut last = self.model.clone();
        self.last.iter().for_each(|learned| last.put_back(learned));
        for tensor in self.model.network().tensors() {
            entries.push(Entry::of(tensor.name.clone(), &tensor, last.parameters()));
            for (buffer, values) in self.experiment.optimizer.buffers().iter().zip(&self.state.buffers) {
                entries.push(Entry::of(format!("{buffer}.{}", tensor.name), &tensor, values));
            }
        }
        entries.extend(running(&last));
        if let Some(best) = &self.best {
            last.put_back(&best.learned);
            let tensors = last.network().tensors().map(|t| Entry::of(t.name.clone(), &t, last.parameters()));
            let named = |entry: Entry| Entry { name: format!("{BEST}{}", entry.name), ..entry };
            entries.extend(tensors.chain(running(&last)).map(named));
        }
        let [torch, numpy, order] = self.sampler.state();
        entries.push(Entry::words("rng.torch", &torch));
        entries.push(Entry::words("rng.numpy", &numpy));
        entries.push(Entry::words("order", &order));
        let mut metadata = Metadata {
            checksum: 0,
            format: FORMAT,
            experiment: self.experiment.to_toml(),
            fingerprint: self.task.fingerprint(),
            epoch: at.epoch,
            step_in_epoch: at.step_in_epoch,
            step: at.step,
            loss_sum: at.loss_sum.to_bits(),
            mean_loss: at.mean_loss.to_bits(),
            lowest: at.lowest.to_bits(),
            waited: at.waited,
            product: self.state.clock.carried.to_bits(),
            schedule_t: self.progress.t,
            lr: self.progress.hyper.lr.to_bits(),
            momentum: self.progress.hyper.momentum.map(f64::to_bits),
            best: self.progress.best.to_bits(),
            bad: self.progress.bad,
            rest: self.progress.rest,
            watched: (self.experiment.stop.monitor == Monitor::HeldBack).then(|| at.watched.to_bits()),
            best_epochs: self.best.as_ref().map(|best| best.epochs),
        };
        metadata.checksum = metadata.checksum(entries.iter().map(|e| (e.name.as_str(), &e.bytes[..])));
        to_safetensors(&entries, serde_json::to_string(&metadata).expect("plain numbers and text"))
    }

    /// The run of `experiment` as a checkpoint left it. Its stop rules may differ from those of the checkpoint's run.
    ///
    /// `path` names the checkpoint in errors.
    pub fn resume(experiment: &Experiment, bytes: &[u8], path: &Path) -> Result<Self> {
        let (file, metadata) = from_safetensors(path, "a checkpoint", bytes)?;
        let damaged = |got: String| Error::file(path, "a checkpoint of this version", got);
        let metadata: Metadata = serde_json::from_str(&metadata).map_err(|e| damaged(e.to_string()))?;
        if ![FORMAT, WITHOUT_POSITION].contains(&metadata.format) {
            return Err(damaged(format!("format {}", metadata.format)));
        }
        if metadata.checksum(file.iter().map(|(name, view)| (name, view.data()))) != metadata.checksum {
            return Err(damaged("damaged numbers: the checksum is wrong".into()));
        }
        same_experiment(experiment, &metadata.experiment, path)?;

        if metadata.epoch > experiment.stop.epochs {
            let expected = format!("at least {}, the epochs that are done", metadata.epoch);
            return Err(Error::field("stop.epochs", expected, experiment.stop.epochs));
        }
        let mut trainer = Self::new(experiment)?;
        if trainer.task.fingerprint() != metadata.fingerprint {
            return Err(Error::file(
                path,
                "the samples that the run was started with",
                "other samples: the data has changed",
            ));
        }
        if let Some(epochs) = metadata.best_epochs {
            read_learned(&file, path, BEST, &mut trainer.model)?;
            trainer.best = Some(Best { epochs, learned: trainer.model.learned() });
        }
        read_learned(&file, path, "", &mut trainer.model)?;
        for tensor in trainer.model.network().tensors().collect::<Vec<_>>() {
            for (buffer, values) in experiment.optimizer.buffers().iter().zip(&mut trainer.state.buffers) {
                read_into(
                    &file,
                    path,
                    &format!("{buffer}.{}", tensor.name),
                    &tensor,
                    &mut values[tensor.range.clone()],
                )?;
            }
        }
        let words = |name: &str, count: usize| -> Result<Vec<u32>> {
            let bytes = tensor(&file, path, name, safetensors::Dtype::U32, &[count])?;
            Ok(bytes.as_chunks().0.iter().map(|b| u32::from_le_bytes(*b)).collect())
        };
        let state = trainer.sampler.state();
        let [torch, numpy, order] =
            [words("rng.torch", state[0].len())?, words("rng.numpy", state[1].len())?, words("order", state[2].len())?];
        let steps = trainer.sampler.steps();
        let consistent = metadata.step_in_epoch < steps
            && metadata.epoch.checked_mul(steps as u64).and_then(|s| s.checked_add(metadata.step_in_epoch as u64))
                == Some(metadata.step);
        let consistent = consistent && metadata.is_of_a_run();
        let restored = trainer.sampler.restore(&torch, &numpy, &order);
        restored.filter(|()| consistent).ok_or_else(|| damaged("a state that no run has".into()))?;
        trainer.progress = Progress {
            t: metadata.schedule_t,
            hyper: Hyper { lr: f64::from_bits(metadata.lr), momentum: metadata.momentum.map(f64::from_bits) },
            best: f64::from_bits(metadata.best),
            bad: metadata.bad,
            rest: metadata.rest,
        };
        trainer.state.clock.step = metadata.step;
        trainer.state.clock.carried = f64::from_bits(metadata.product);
        trainer.position = Position {
            epoch: metadata.epoch,
            step_in_epoch: metadata.step_in_epoch,
            step: metadata.step,
            loss_sum: f64::from_bits(metadata.loss_sum),
            mean_loss: f64::from_bits(metadata.mean_loss),
            watched: f64::from_bits(metadata.watched.unwrap_or(metadata.mean_loss)),
            lowest: f64::from_bits(metadata.lowest),
            waited: metadata.waited,
        };
        trainer.end_with_best();
        Ok(trainer)
    }
}

/// The same checkpoint with the checksum that it should have, if it is one: the fuzzer's way in.
pub(crate) fn signed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (file, metadata) = from_safetensors(Path::new(""), "", bytes).ok()?;
    let mut metadata: Metadata = serde_json::from_str(&metadata).ok()?;
    metadata.checksum = metadata.checksum(file.iter().map(|(name, view)| (name, view.data())));
    let entries: Vec<Entry> = file.iter().map(Entry::stored).collect();
    Some(to_safetensors(&entries, serde_json::to_string(&metadata).ok()?))
}

/// A checkpoint whose numbers are those that were written.
pub(super) fn whole<'b>(path: &Path, bytes: &'b [u8]) -> Option<SafeTensors<'b>> {
    let (file, metadata) = from_safetensors(path, "a checkpoint", bytes).ok()?;
    let metadata: Metadata = serde_json::from_str(&metadata).ok()?;
    (metadata.checksum(file.iter().map(|(name, view)| (name, view.data()))) == metadata.checksum).then_some(file)
}

/// Of named bytes, whatever their order.
fn checksum<'a>(tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> u64 {
    tensors.map(|(name, bytes)| fnv1a(name.bytes().chain(bytes.iter().copied()))).fold(0, u64::wrapping_add)
}

/// Reads a parameter-shaped tensor into its place.
pub(super) fn read_into<T: Real>(
    file: &SafeTensors<'_>,
    path: &Path,
    name: &str,
    shaped: &Tensor,
    values: &mut [T],
) -> Result<()> {
    let bytes = tensor(file, path, name, stored_type::<T>(), &shaped.shape)?;
    for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(size_of::<T>())) {
        *value = T::from_bytes(bytes);
        if !value.is_finite() {
            return Err(Error::file(path, format!("finite numbers in `{name}`"), *value));
        }
    }
    Ok(())
}

/// The running statistics of batch normalisation, by PyTorch's names.
pub(super) fn running<T: Real>(model: &Model<T>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (l, layer) in model.network().layers().iter().enumerate() {
        if let (Some(norm), Some(running)) = (&layer.batch_norm, model.running(l)) {
            for (what, values) in [("running_mean", &running.mean), ("running_var", &running.var)] {
                let tensor = Tensor { name: String::new(), shape: vec![values.len()], range: 0..values.len() };
                entries.push(Entry::of(format!("{}.{what}", norm.name), &tensor, values));
            }
        }
    }
    entries
}

/// Reads parameters and running statistics, whose names begin with `prefix`, into a model.
pub(super) fn read_learned<T: Real>(
    file: &SafeTensors<'_>,
    path: &Path,
    prefix: &str,
    model: &mut Model<T>,
) -> Result<()> {
    for tensor in model.network().tensors().collect::<Vec<_>>() {
        let parameters = &mut model.parameters_mut()[tensor.range.clone()];
        read_into(file, path, &format!("{prefix}{}", tensor.name), &tensor, parameters)?;
    }
    let layers = model.network().layers().iter().enumerate();
    let named = layers.filter_map(|(l, layer)| Some((l, layer.batch_norm.as_ref()?.name.clone())));
    for (l, name) in named.collect::<Vec<_>>() {
        let Some(running) = model.running_mut(l) else { continue };
        for (what, values) in [("running_mean", &mut running.mean), ("running_var", &mut running.var)] {
            let tensor = Tensor { name: String::new(), shape: vec![values.len()], range: 0..values.len() };
            read_into(file, path, &format!("{prefix}{name}.{what}"), &tensor, values)?;
        }
    }
    Ok(())
}

/// Refuses a checkpoint of another experiment, naming the first line of the experiment file that differs.
fn same_experiment(experiment: &Experiment, other: &str, path: &Path) -> Result<()> {
    let mut other = Experiment::from_toml(other, &path.display().to_string())?;
    let Stop { monitor, restore_best, .. } = other.stop;
    other.stop = Stop { monitor, restore_best, ..experiment.stop };
    // Where the table lies does not matter; the samples are compared by themselves.
    if let (Data::Csv(then), Data::Csv(now)) = (&mut other.data, &experiment.data) {
        then.path.clone_from(&now.path);
        then.sha256.clone_from(&now.sha256);
    }
    if other == *experiment {
        return Ok(());
    }
    let (ours, theirs) = (experiment.to_toml(), other.to_toml());
    let line = ours.lines().zip(theirs.lines()).find(|(a, b)| a != b);
    let (ours, theirs) = line.unwrap_or(("an experiment", "another one"));
    Err(Error::file(path, format!("a checkpoint of this experiment, with `{ours}`"), format!("one with `{theirs}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field that says where the run stands, changed by one.
    #[test]
    fn a_changed_position_is_refused() {
        let xor = Experiment::built_in("xor").unwrap();
        let mut trainer = Trainer::<f32>::new(&xor).unwrap();
        for _ in 0..10 {
            trainer.step().unwrap();
        }
        let good = trainer.checkpoint();
        assert!(Trainer::<f32>::resume(&xor, &good, Path::new("c")).is_ok());
        let (file, metadata) = from_safetensors(Path::new("c"), "a checkpoint", &good).unwrap();
        let entries: Vec<Entry> = file.iter().map(Entry::stored).collect();
        let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&metadata).unwrap();
        let numbers: Vec<&String> = fields.keys().filter(|key| fields[*key].is_u64()).collect();
        assert!(numbers.len() > 14, "{numbers:?}");
        for key in numbers {
            let mut changed = fields.clone();
            changed[key] = (fields[key].as_u64().unwrap() ^ 1).into();
            let bytes = to_safetensors(&entries, serde_json::to_string(&changed).unwrap());
            assert!(Trainer::<f32>::resume(&xor, &bytes, Path::new("c")).is_err(), "{key}");
        }
    }
}
