//! A run under the microscope: `explain`, `neuron`, `check`, `curvature`.

use crate::error::OrRaise;
use crate::of_run;
use crate::page::Page;
use crate::run::{Learned, Run};
use neuronlab::draw;
use neuronlab::explain::{Check, Curvature, Diagnosis, Explanation, Given, Moment, Neuron, Stability, operations};
use neuronlab::nn::Network;
use neuronlab::random::TorchReal;
use neuronlab::scalar::Real;
use numpy::Element;
use pyo3::prelude::*;
use serde_json::json;
use std::path::PathBuf;

#[pymethods]
impl Run {
    /// Why a weight changes as it does at a step: its gradient by the chain rule.
    fn explain(
        &mut self,
        py: Python<'_>,
        weight: &str,
        step: Option<u64>,
        samples: Option<Vec<u32>>,
        all_paths: bool,
    ) -> PyResult<Page> {
        of_run!(&mut self.0, learned => py.detach(|| explain(learned, weight, step, samples.as_deref(), all_paths)).or_raise())
    }

    /// What a neuron does over the data.
    fn neuron(&mut self, py: Python<'_>, name: &str, step: Option<u64>) -> PyResult<Page> {
        of_run!(&mut self.0, learned => py.detach(|| neuron(learned, name, step)).or_raise())
    }

    /// The backward pass against difference quotients, as JSON.
    fn check(
        &mut self,
        py: Python<'_>,
        step: Option<u64>,
        samples: Option<Vec<u32>>,
        tolerance: Option<f64>,
    ) -> PyResult<String> {
        let tolerance = tolerance.unwrap_or(Check::TOLERANCE);
        of_run!(&mut self.0, learned => py.detach(|| {
            let check = Check::new(learned.at(step)?, samples.as_deref(), tolerance, |_| {})?;
            Ok(serde_json::to_string(&check).expect("plain values"))
        }).or_raise())
    }

    /// A user's own gradients, in a file, against the right ones, as JSON; with a sentence for each slip that fits.
    fn diagnose(
        &mut self,
        py: Python<'_>,
        gradients: PathBuf,
        step: Option<u64>,
        samples: Option<Vec<u32>>,
    ) -> PyResult<String> {
        of_run!(&mut self.0, learned => py.detach(|| diagnose(learned, &gradients, step, samples.as_deref())).or_raise())
    }

    /// The Hessian of the loss and what it says of stability, as JSON.
    fn curvature(&mut self, py: Python<'_>, step: Option<u64>, samples: Option<Vec<u32>>) -> PyResult<String> {
        of_run!(&mut self.0, learned => py.detach(|| curvature(learned, step, samples.as_deref())).or_raise())
    }

    /// Every operation of a step with its numbers, as JSON.
    fn operations(&mut self, py: Python<'_>, step: Option<u64>, samples: Option<Vec<u32>>) -> PyResult<String> {
        of_run!(&mut self.0, learned => py.detach(|| {
            let trainer = at_step(learned, step)?;
            let rows = samples.as_ref().map_or(trainer.sampler().size(), Vec::len);
            Moment::check_paths(trainer.model().network(), rows, 1)?;
            let moment = Moment::new(trainer, samples.as_deref())?;
            Ok(serde_json::to_string(&listed(&moment)).expect("plain values"))
        }).or_raise())
    }
}

fn listed(moment: &Moment) -> serde_json::Value {
    let of = |operation: &neuronlab::explain::Operation| json!({ "phase": operation.phase.name(), "title": operation.title, "text": operation.blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n") });
    operations(moment).iter().map(of).collect()
}

/// The run before a step; of a run that has made some, and where none is named, before its last.
fn at_step<T: Real + TorchReal + Element>(
    learned: &mut Learned<T>,
    step: Option<u64>,
) -> neuronlab::Result<&neuronlab::Trainer<T>> {
    let last = learned.trainer.steps().saturating_sub(1);
    learned.at(Some(step.unwrap_or(last)))
}

fn explain<T: Real + TorchReal + Element>(
    learned: &mut Learned<T>,
    weight: &str,
    step: Option<u64>,
    samples: Option<&[u32]>,
    all_paths: bool,
) -> neuronlab::Result<Page> {
    let trainer = at_step(learned, step)?;
    let rows = samples.map_or(trainer.sampler().size(), <[u32]>::len);
    Moment::check_paths(trainer.model().network(), rows, 1)?;
    let moment = Moment::new(trainer, samples)?;
    let why =
        if all_paths { Explanation::with_all_paths(&moment, weight)? } else { Explanation::new(&moment, weight)? };
    Ok(Page::new(&why.document(), &why, Some(draw::explanation(&why)), ""))
}

fn neuron<T: Real + TorchReal + Element>(
    learned: &mut Learned<T>,
    name: &str,
    step: Option<u64>,
) -> neuronlab::Result<Page> {
    let trainer = learned.at(step)?;
    let neuron = Neuron::new(trainer, name)?;
    let picture = (trainer.task().input_names.len() == 2).then(|| draw::neuron(trainer, &neuron));
    let caption = if picture.is_some() { draw::NEURON_CAPTION } else { "" };
    Ok(Page::new(&neuron.document(), &neuron, picture, caption))
}

fn diagnose<T: Real + TorchReal + Element>(
    learned: &mut Learned<T>,
    gradients: &std::path::Path,
    step: Option<u64>,
    samples: Option<&[u32]>,
) -> neuronlab::Result<String> {
    let trainer = learned.at(step)?;
    let network: &Network = trainer.model().network();
    let given = Given::read(gradients, network)?;
    let rows = samples.map_or(trainer.sampler().size(), <[u32]>::len);
    Moment::check_paths(network, rows, given.len())?;
    let diagnosis = Diagnosis::new(&Moment::new(trainer, samples)?, &given);
    let slips: Vec<_> = diagnosis.suspicions().iter().map(|(suspicions, count)| {
        json!({ "wrong": count, "may be": suspicions.iter().map(neuronlab::explain::Suspicion::words).collect::<Vec<_>>() })
    }).collect();
    let mut value = serde_json::to_value(&diagnosis).expect("plain values");
    value["slips"] = slips.into();
    Ok(value.to_string())
}

fn curvature<T: Real + TorchReal + Element>(
    learned: &mut Learned<T>,
    step: Option<u64>,
    samples: Option<&[u32]>,
) -> neuronlab::Result<String> {
    let trainer = learned.at(step)?;
    let curvature = Curvature::new(trainer, samples)?;
    let stability = Stability::of(trainer).ok();
    let value = json!({
        "rows": curvature.rows, "loss": curvature.loss, "names": curvature.names, "gradient": curvature.gradient,
        "hessian": curvature.hessian, "eigenvalues": curvature.eigenvalues, "sharpness": curvature.sharpness(),
        "trace": curvature.trace(), "direction": curvature.direction, "kinks": curvature.kinks,
        "threshold": stability.as_ref().map(Stability::threshold),
        "formula": stability.as_ref().map(Stability::formula),
        "largest_lr": stability.as_ref().map(|s| s.largest_lr(curvature.sharpness())),
    });
    Ok(value.to_string())
}
