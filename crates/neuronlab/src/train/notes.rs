//! What is unusual about an experiment and its data, and what is usually meant.
//!
//! All of it can be trained, so nothing here is an error; but most of it is a slip, and the loss alone would not say so.

use super::task::constant_columns;
use super::{Scaling, Task};
use crate::data::Data;
use crate::experiment::Experiment;
use crate::nn::{Activation, Init, LayerConfig, Loss};
use crate::optim::Optimizer;
use crate::scalar::Real;
use serde::Serialize;
use std::fmt;

/// A thing that is unusual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The field that it is about.
    pub field: String,
    /// What is unusual.
    pub unusual: String,
    /// What is usually meant.
    pub usual: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, unusual, usual } = self;
        write!(f, "{field}: {unusual}. Usual: {usual}.")
    }
}

impl Note {
    /// The field that puts columns on one scale.
    pub const STANDARDIZE: &'static str = "data.standardize";

    pub(super) fn new(field: impl Into<String>, unusual: impl Into<String>, usual: impl Into<String>) -> Self {
        Self { field: field.into(), unusual: unusual.into(), usual: usual.into() }
    }
}

/// A column is far from the usual if its mean or its standard deviation is above this, or all of it below one part of it.
const FAR: f64 = 10.0;

/// All that is unusual, in the order of the experiment's fields.
pub(super) fn notes<T: Real>(experiment: &Experiment, task: &Task<T>) -> Vec<Note> {
    let mut notes = vec![];
    if let Data::Csv(_) | Data::Inline(_) = experiment.data {
        notes.extend(row_numbers(task));
        notes.extend(unscaled_inputs(task));
        notes.extend(unscaled_targets(experiment, task));
    }
    notes.extend(linear(experiment));
    notes.extend(softmax_of_one(experiment));
    notes.extend(before_logits(experiment));
    notes.extend(out_of_reach(experiment, task));
    notes.extend(normalised_output(experiment));
    notes.extend(dropout(experiment));
    notes.extend(alike(experiment));
    notes.extend(optimizer(experiment));
    notes
}

/// The last layer's field of this name, and its activation.
fn last(experiment: &Experiment) -> (String, Activation) {
    let last = experiment.network.layers.len() - 1;
    (format!("network.layers.{last}.activation"), experiment.network.layers[last].activation)
}

/// Means and standard deviations of the columns that are far from 0 and 1, by their names.
fn far_columns<T: Real>(values: &[T], names: &[String]) -> Vec<String> {
    let Scaling { mean, std } = Scaling::of(values, names.len());
    let constant = constant_columns(values, names.len());
    let mut largest: Vec<f64> = vec![0.0; names.len()];
    for row in values.chunks_exact(names.len()) {
        for (largest, v) in largest.iter_mut().zip(row) {
            *largest = largest.max(v.to_f64().abs());
        }
    }
    let mut far = vec![];
    for (i, name) in names.iter().enumerate() {
        let tiny = largest[i] > 0.0 && largest[i] < 1.0 / FAR && !constant[i];
        if mean[i].abs() > FAR || std[i] > FAR || tiny {
            let std = if constant[i] { 0.0 } else { std[i] };
            far.push(format!("`{name}` (mean {}, standard deviation {})", brief(mean[i]), brief(std)));
        }
    }
    far
}

/// Columns that tell rows apart, and nothing of a new sample.
fn row_numbers<T: Real>(task: &Task<T>) -> Option<Note> {
    let columns = &task.reading.row_numbers;
    let names: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    let unusual =
        format!("inputs that look like numbers of the rows, which a network can learn by heart: {}", some(&names));
    let usual = format!("data.exclude=[\"{}\"], which leaves them out", columns.join("\", \""));
    (!columns.is_empty()).then(|| Note::new("data.inputs", unusual, usual))
}

/// Some of them with commas, the rest counted.
fn some(columns: &[String]) -> String {
    const MOST: usize = 3;
    let shown = columns[..columns.len().min(MOST)].join(", ");
    if columns.len() > MOST { format!("{shown} and {} more", columns.len() - MOST) } else { shown }
}

/// Four digits.
fn brief(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

fn unscaled_inputs<T: Real>(task: &Task<T>) -> Option<Note> {
    let far = far_columns(&task.train.x, &task.input_names);
    let unusual = format!("inputs that are not around 0 or do not spread by about 1: {}", some(&far));
    (!far.is_empty()).then(|| Note::new(Note::STANDARDIZE, unusual, "true, which puts each column on that scale"))
}

fn unscaled_targets<T: Real>(experiment: &Experiment, task: &Task<T>) -> Option<Note> {
    if !compares(&experiment.loss) || !task.classes.is_empty() {
        return None;
    }
    let far = far_columns(&task.train.y, &task.target_names);
    let unusual = format!("targets that are not around 0 or do not spread by about 1: {}", some(&far));
    let usual = "targets in a unit in which they are about 1, such as thousands";
    (!far.is_empty()).then(|| Note::new("data.targets", unusual, usual))
}

/// Layers with nothing between them are one layer.
fn linear(experiment: &Experiment) -> Option<Note> {
    let hidden = &experiment.network.layers[..experiment.network.layers.len() - 1];
    let bare: Vec<usize> = (0..hidden.len()).filter(|&i| hidden[i].activation == Activation::IDENTITY).collect();
    let first = bare.first()?;
    let unusual = if bare.len() == hidden.len() {
        "no activation between the layers, so that all of them together are one linear layer".to_string()
    } else {
        let names: Vec<String> = bare.iter().map(|i| format!("lin{}", i + 1)).collect();
        format!("no activation after {}, which makes one linear layer with the next", names.join(", "))
    };
    let usual = "an activation such as tanh or relu after every layer but the last";
    Some(Note::new(format!("network.layers.{first}.activation"), unusual, usual))
}

fn softmax_of_one(experiment: &Experiment) -> Option<Note> {
    let of_one = |layer: &LayerConfig| layer.out_features == 1 && !layer.activation.is_elementwise();
    let layer = experiment.network.layers.iter().position(of_one)?;
    let activation = experiment.network.layers[layer].activation;
    let always = activation.value(0.0f64);
    let unusual = format!(
        "`{}` of one neuron, which is {always} whatever the input, so that nothing is learned",
        activation.key()
    );
    let usual = "sigmoid for one output, softmax for one output a class";
    Some(Note::new(format!("network.layers.{layer}.activation"), unusual, usual))
}

/// A loss that makes probabilities itself wants numbers without bounds.
fn before_logits(experiment: &Experiment) -> Option<Note> {
    let ((field, activation), loss) = (last(experiment), experiment.loss.key());
    let (own, instead) = match &experiment.loss {
        Loss::BceWithLogits(_) => ("sigmoid", "sigmoid with the loss bce"),
        Loss::CrossEntropy(_) => ("softmax", "log_softmax with the loss nll"),
        _ => return None,
    };
    let (key, reach) = (activation.key(), activation.reach());
    let unusual = match activation {
        Activation::LogSoftmax(_) if own == "softmax" => {
            format!("`{key}` before the loss {loss}, which takes it itself: the second one changes nothing")
        }
        _ if activation.gives_probabilities() => {
            format!(
                "`{key}` before the loss {loss}, which takes the {own} itself: the gradient passes both, and is small"
            )
        }
        _ if !reach.is_everywhere() => {
            format!("`{key}`, which gives only {reach}, before the loss {loss}, which takes the {own} itself")
        }
        _ => return None,
    };
    Some(Note::new(field, unusual, format!("no activation after the last layer, or {instead}")))
}

/// Targets that the last activation never gives.
fn out_of_reach<T: Real>(experiment: &Experiment, task: &Task<T>) -> Option<Note> {
    let (field, activation) = last(experiment);
    let reach = activation.reach();
    if !compares(&experiment.loss) || reach.is_everywhere() {
        return None;
    }
    let targets: Vec<f64> = task.train.y.iter().map(|y| y.to_f64()).collect();
    let outside = targets.iter().filter(|y| !reach.holds(**y)).count();
    let (low, high) = targets.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &y| (l.min(y), h.max(y)));
    let unusual = format!(
        "`{}` gives only {}, and {outside} of {} targets lie outside: they go from {} to {}",
        activation.key(),
        reach,
        targets.len(),
        brief(low),
        brief(high)
    );
    (outside > 0)
        .then(|| Note::new(field, unusual, "no activation after the last layer, for targets that are any numbers"))
}

/// Whether the loss measures how far outputs are from targets.
fn compares(loss: &Loss) -> bool {
    matches!(loss, Loss::L1(_) | Loss::Mse(_) | Loss::SmoothL1(_) | Loss::Huber(_))
}

fn normalised_output(experiment: &Experiment) -> Option<Note> {
    let last = experiment.network.layers.len() - 1;
    experiment.network.layers[last].batch_norm.as_ref()?;
    let unusual = "batch normalisation of the outputs, whose mean and spread are then learned apart from the inputs";
    Some(Note::new(format!("network.layers.{last}.batch_norm"), unusual, "none after the last layer"))
}

/// Outputs that training leaves out, or a layer of which it leaves all out.
fn dropout(experiment: &Experiment) -> Option<Note> {
    let layers = &experiment.network.layers;
    let field = |layer: usize| format!("network.layers.{layer}.dropout");
    if let Some(all) = layers.iter().position(|layer| layer.dropout >= 1.0) {
        let unusual = "a dropout of 1, which leaves out every neuron, so that nothing before it is learned";
        return Some(Note::new(field(all), unusual, "0.1 to 0.5"));
    }
    let last = layers.len() - 1;
    let unusual = "dropout behind the last layer, which makes answers 0 at random";
    (layers[last].dropout > 0.0).then(|| Note::new(field(last), unusual, "dropout behind hidden layers only"))
}

/// Neurons that begin alike have the same gradients, and stay alike.
fn alike(experiment: &Experiment) -> Option<Note> {
    let constant = |init: &Init| match init {
        Init::Zeros | Init::Ones | Init::Constant { .. } => true,
        Init::Uniform { low, high } => low == high,
        Init::Normal { std, .. } => *std == 0.0,
        _ => false,
    };
    let weights = |layer: &LayerConfig| constant(layer.init.as_ref().unwrap_or(&experiment.init));
    let biases =
        |layer: &LayerConfig| !layer.bias || constant(layer.init_bias.as_ref().unwrap_or(&experiment.init_bias));
    let layers = &experiment.network.layers;
    let stuck = |i: &usize| {
        layers[*i].out_features > 1 && weights(&layers[*i]) && biases(&layers[*i]) && weights(&layers[i + 1])
    };
    let layer = (0..layers.len() - 1).find(stuck)?;
    let own = if layers[layer].init.is_some() { format!("network.layers.{layer}.init") } else { "init".into() };
    let name = format!("lin{}", layer + 1);
    let unusual =
        format!("all weights of {name} and the next layer begin alike, so that the neurons of {name} stay alike");
    Some(Note::new(own, unusual, "weights that are drawn, such as init = \"default\""))
}

/// Numbers of an optimizer with which nothing is learned.
fn optimizer(experiment: &Experiment) -> Vec<Note> {
    let mut notes = vec![];
    if experiment.optimizer.hyper().lr == 0.0 && experiment.schedule.is_none() {
        notes.push(Note::new("optimizer.lr", "a learning rate of 0, with which no parameter moves", "0.001 to 0.1"));
    }
    if let Optimizer::Sgd(sgd) = &experiment.optimizer {
        if sgd.momentum >= 1.0 {
            let unusual = format!("a momentum of {}, with which the velocity grows without end", sgd.momentum);
            notes.push(Note::new("optimizer.momentum", unusual, "less than 1, such as 0.9"));
        }
        if sgd.dampening != 0.0 && sgd.momentum == 0.0 {
            let unusual = "dampening without momentum, on which alone it acts";
            notes.push(Note::new("optimizer.dampening", unusual, "0, or a momentum such as 0.9"));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Trainer;

    fn of(name: &str, settings: &[&str]) -> Vec<Note> {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let experiment = Experiment::built_in(name).unwrap().with(&settings).unwrap();
        Trainer::<f64>::new(&experiment).unwrap().notes()
    }

    /// Of `xor` with settings the only field that has a note, and the note.
    #[track_caller]
    fn only(settings: &[&str]) -> (String, String) {
        let notes = of("xor", settings);
        let [note] = &notes[..] else { panic!("{settings:?}: {notes:#?}") };
        (note.field.clone(), note.to_string())
    }

    #[test]
    fn the_built_in_experiments_are_usual() {
        for name in Experiment::built_in_names() {
            assert_eq!(of(name, &[]), [], "{name}");
        }
    }

    #[test]
    fn each_slip_is_named_with_what_is_meant() {
        let last = "network.layers.3.activation";
        let cases: [(&[&str], &str, &str); 18] = [
            (&["network.layers.3.dropout=0.1"], "network.layers.3.dropout", "makes answers 0 at random"),
            (&["network.layers.1.dropout=1"], "network.layers.1.dropout", "leaves out every neuron"),
            (&["loss=bce_with_logits", "network.layers.3.activation=sigmoid"], last, "takes the sigmoid itself"),
            (&["loss=bce_with_logits", "network.layers.3.activation=relu"], last, "only numbers from 0 up, before"),
            (
                &["loss=cross_entropy", "network.layers.3={ out_features = 2, activation = 'softmax' }"],
                last,
                "takes the softmax itself",
            ),
            (
                &["loss=cross_entropy", "network.layers.3={ out_features = 2, activation = 'log_softmax' }"],
                last,
                "changes nothing",
            ),
            (&["network.layers.3.activation=softmax"], last, "which is 1 whatever the input"),
            (
                &["network.layers=[{ out_features = 4 }, { out_features = 1 }]"],
                "network.layers.0.activation",
                "all of them together are one linear layer",
            ),
            (&["network.layers.1.activation=identity"], "network.layers.1.activation", "no activation after lin2"),
            (&["network.layers.3.batch_norm={}", "batch=full"], "network.layers.3.batch_norm", "none after the last"),
            (&["init=zeros"], "init", "the neurons of lin1 stay alike"),
            (&["init={ name = 'normal', std = 0 }"], "init", "stay alike"),
            (
                &["network.layers.1.init=ones", "network.layers.2.init=ones"],
                "network.layers.1.init",
                "the neurons of lin2 stay alike",
            ),
            (&["optimizer.lr=0"], "optimizer.lr", "no parameter moves"),
            (&["optimizer.momentum=1"], "optimizer.momentum", "grows without end"),
            (&["optimizer.momentum=0", "optimizer.dampening=0.5"], "optimizer.dampening", "on which alone it acts"),
            (&["network.layers.3.activation={ name = 'hardtanh', max_val = 0.5 }"], last, "2 of 4 targets lie outside"),
            (&["network.layers.3.activation={ name = 'hardtanh', min_val = 0.2 }"], last, "from 0.2 to 1, and 2 of 4"),
        ];
        for (settings, field, words) in cases {
            let (about, text) = only(settings);
            assert!(about == field && text.contains(words), "{settings:?}: {text}");
        }
    }

    /// What breaks the symmetry, and what sets a learning rate of its own.
    #[test]
    fn what_is_right_after_all_has_no_note() {
        let cases: [&[&str]; 5] = [
            &["network.layers.3.init=zeros"],
            &["network.layers.0.activation=sigmoid", "network.layers.3.activation=sigmoid"],
            &["loss=bce_with_logits", "network.layers.3.activation=leaky_relu"],
            &["loss=bce", "network.layers.3.activation=sigmoid"],
            &["optimizer.lr=0", "schedule={ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 9000 }"],
        ];
        for settings in cases {
            assert_eq!(of("xor", settings), [], "{settings:?}");
        }
        let zeros =
            ["init=zeros", "network.layers.0.bias=true", "network.layers.1.bias=true", "network.layers.2.bias=true"];
        assert_eq!(of("xor", &zeros), [], "biases are drawn");
    }

    #[test]
    fn unscaled_columns_are_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "size,rooms,share,price\n2104,3,0.01,400\n1600,3,0.02,330\n2400,4,0.03,369\n")
            .unwrap();
        let data = |more: &str| {
            format!("data={{ name = 'csv', path = '{}', targets = ['price']{more} }}", file.path().display())
        };
        let notes = of("xor-mse", &[&data(", standardize = true")]);
        assert_eq!(notes.iter().map(|note| &note.field[..]).collect::<Vec<_>>(), ["data.targets"]);
        assert!(notes[0].unusual.contains("`price` (mean 366.3, standard deviation 28.64)"), "{}", notes[0]);
        let notes = of("xor-mse", &[&data("")]);
        assert_eq!((notes.len(), &notes[0].field[..]), (2, Note::STANDARDIZE));
        let named = ["`size` (mean 2035, standard deviation 330.3)", "`share` (mean 0.02, "];
        assert!(named.iter().all(|name| notes[0].unusual.contains(name)), "{}", notes[0]);
        assert!(!notes[0].unusual.contains("rooms"));
    }
}
