//! What is surprising about a gradient, said in words: why it is exactly 0, or so small.

use super::Explanation;
use super::moment::Moment;
use super::paths::{Graph, Stage};
use crate::nn::{Activation, Layer};

/// Slope of an activation, against its largest, below which a neuron is called saturated.
pub(super) const SATURATED: f64 = 0.05;

pub(super) fn about(moment: &Moment, place: usize, graph: &Graph<'_>, explanation: &Explanation) -> Vec<String> {
    let mut notes = Vec::new();
    if moment.parameters.iter().all(|&w| w == 0.0) && moment.gradients.iter().all(|&g| g == 0.0) {
        notes.push(
            "All parameters are 0, and every gradient is exactly 0: each product has a factor that is 0. So nothing will ever move."
                .into(),
        );
    } else if explanation.size == 0.0 {
        notes.push(zero(moment, graph, explanation));
    } else if explanation.sum.abs() < 1e-3 * explanation.size {
        let share = explanation.sum.abs() / explanation.size;
        notes.push(format!("The paths almost cancel: their sum is {share:.1e} of the sum of their sizes."));
    } else if let Some(note) = saturated(moment, explanation) {
        notes.push(note);
    }
    if is_odd(moment) && moment.input.iter().all(|&x| x == 0.0) {
        notes.push(
            "This network has no biases and only odd activations, so it is an odd function: its output for inputs of 0 is 0 whatever its weights."
                .into(),
        );
    }
    let layers = moment.network().layers();
    if layers.iter().any(|l| l.batch_norm.is_some() && l.bias.as_ref().is_some_and(|b| b.contains(&place)))
        && moment.training
    {
        notes.push(
            "Batch normalisation subtracts this bias again with the mean: its gradient is 0, to rounding.".into(),
        );
    }
    if !moment.training && layers.iter().any(|l| l.batch_norm.is_some()) {
        notes.push(
            "Batch normalisation goes by its running statistics here; in training each sample also acts through mean and variance of its batch (leave out --sample to see that)."
                .into(),
        );
    }
    if moment.training && moment.network().has_dropout() {
        let n = if moment.samples.len() == 1 { "this step's own mask" } else { "this step's own masks" };
        notes.push(format!(
            "Dropout: {n}, drawn from the run's stream. A factor 0 is a neuron that is left out; the others are divided by the share that is kept."
        ));
    } else if moment.network().has_dropout() {
        notes.push(
            "Dropout leaves nothing out here; in training it does, by masks of each step (leave out --sample to see that)."
                .into(),
        );
    }
    notes.extend(clamp(moment));
    notes
}

/// That the limits of `bce` act, if they do.
pub(super) fn clamp(moment: &Moment) -> Option<String> {
    let (at, width) = (moment.clamped().next()?, moment.network().out_features());
    let last = moment.layers.len();
    let (name, output) = (moment.network().neuron_name(last, at % width), moment.layers[last - 1].a[at]);
    let near = u8::from(output >= 0.5);
    Some(format!(
        "{name} is so near {near} that the limits of PyTorch's BCELoss act: no logarithm below -100, and in the slope no output·(1 - output) below 1e-12. What comes back from it is too small, or 0, and not the slope of the loss. The loss bce_with_logits has no such limits."
    ))
}

/// Why every product is 0.
fn zero(moment: &Moment, graph: &Graph<'_>, explanation: &Explanation) -> String {
    let last = moment.layers.last().expect("a model has a layer");
    let (first, layer) = (graph.stages[0], graph.stages[0].layer());
    if last.da.iter().all(|&d| d == 0.0) {
        let exact = last.a == moment.target;
        let why = if exact {
            "the output is exactly the target, where the slope of the loss is 0"
        } else {
            "the slope of the loss is 0"
        };
        return format!("The gradient is exactly 0, and so is every other of this step: {why}.");
    }
    if graph.starts.iter().all(|&(_, factor)| factor == 0.0) && matches!(first, Stage::Activation(_)) {
        return "The gradient is exactly 0 because no sum that the slope is for is below 0: above 0 it does not act."
            .into();
    }
    if graph.starts.iter().all(|&(_, factor)| factor == 0.0) {
        let name = explanation.paths.first().map_or(String::new(), |path| path.factors[0].0.text());
        return format!(
            "The gradient is exactly 0 because the weight's input {name} is 0: a weight that multiplies 0 does not matter."
        );
    }
    let own =
        graph.stages.get(1).filter(|stage| matches!(stage, Stage::Activation(_)) && matches!(first, Stage::Sum(_)));
    if own.is_some() && graph.starts.iter().all(|&(node, _)| slope(moment, layer, node) == 0.0) {
        let name = moment.network().neuron_name(layer + 1, graph.starts[0].0 % graph.width(0));
        return format!(
            "The gradient is exactly 0 because the slope of {name}'s activation is 0 there: nothing gets through this neuron."
        );
    }
    let dropped = moment.layers[layer].dropout.as_ref();
    if dropped.is_some_and(|dropped| graph.starts.iter().all(|&(node, _)| dropped.mask[node] == 0.0)) {
        let name = moment.network().neuron_name(layer + 1, graph.starts[0].0 % graph.width(0));
        return format!("The gradient is exactly 0 because dropout leaves {name} out in this step.");
    }
    "The gradient is exactly 0: every path to the loss has a factor that is 0.".into()
}

fn slope(moment: &Moment, layer: usize, node: usize) -> f64 {
    match &moment.locals[layer].activation {
        super::moment::Derivative::Each(d) => d[node],
        _ => f64::NAN,
    }
}

/// The neuron on the largest path that lets least through, if that is little.
fn saturated(moment: &Moment, explanation: &Explanation) -> Option<String> {
    let path = explanation.paths.first()?;
    // The first factor is no slope: it is what the parameter multiplies.
    let slopes = path.factors.iter().skip(1).filter(|(name, _)| matches!(name, super::Math::Apply(..)));
    let (name, least) = slopes.min_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    let largest = activations(moment).map(|f| steepest(&f)).fold(0.0, f64::max);
    (least.abs() < SATURATED * largest).then(|| {
        format!("{} is {least:.1e}: the neuron is saturated, and lets little of the gradient through.", name.text())
    })
}

/// The activations of all layers; one that learns its slopes by neuron.
fn activations(moment: &Moment) -> impl Iterator<Item = Activation> {
    let of_layer = |layer: &Layer| {
        let neurons = layer.slope.as_ref().map_or(1, |slope| slope.weight.len());
        (0..neurons).map(|neuron| layer.activation_of(neuron, &moment.parameters)).collect::<Vec<_>>()
    };
    moment.network().layers().iter().flat_map(of_layer)
}

/// The largest slope of an activation, near 0.
pub(super) fn steepest(activation: &Activation) -> f64 {
    if !activation.is_elementwise() {
        return 1.0;
    }
    (-400..=400).map(|z| activation.derivative(f64::from(z) / 50.0).abs()).fold(0.0, f64::max)
}

/// Whether f(−x) = −f(x) whatever the parameters.
pub(super) fn is_odd(moment: &Moment) -> bool {
    let odd = |f: &Activation| {
        f.is_elementwise()
            && (1..=40).all(|z| f.value(f64::from(z) / 10.0) == -f.value(-f64::from(z) / 10.0))
            && f.value(0.0) == 0.0
    };
    let unshifted = |layer: &Layer| layer.bias.is_none() && layer.batch_norm.is_none();
    moment.network().layers().iter().all(unshifted) && activations(moment).all(|f| odd(&f))
}
