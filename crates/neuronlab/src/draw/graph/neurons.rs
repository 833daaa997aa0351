//! The graph neuron by neuron, for one sample: sum, output and gradient of each, and a weight on each edge.

use super::{ComputationGraph, Edge, Kind, about};
use crate::error::{Error, Result};
use crate::explain::{Moment, significant};
use crate::nn::{Activation, Layer, LayerValues};

/// Neurons of a layer that are drawn.
const MOST: usize = 12;

impl ComputationGraph {
    /// Neuron by neuron, for one row of the batch: of each neuron its weighted sum z, its output a, and the loss's derivatives by both; on
    /// each edge ∂z/∂a, which is the weight.
    ///
    /// # Errors
    /// A layer of more than twelve neurons; a row that the moment has not.
    pub fn of_neurons(moment: &Moment, row: usize) -> Result<Self> {
        let network = moment.network();
        if row >= moment.samples.len() {
            return Err(Error::field("row", format!("0 to {}", moment.samples.len() - 1), row));
        }
        let layers = network.layers();
        let widths: Vec<usize> =
            std::iter::once(network.in_features()).chain(layers.iter().map(|layer| layer.out_features)).collect();
        let widest = widths.iter().copied().max().unwrap_or_default();
        if widest > MOST {
            let expected = format!("at most {MOST} neurons in a layer, to be drawn one by one");
            return Err(Error::field("network", expected, widest).with_hint("the graph of tensors has no such limit"));
        }
        let mut graph = Self {
            title: format!("Computation graph, neuron by neuron: L = {}", significant(moment.loss, 6)),
            about: about(moment, &moment.samples[row..=row]),
            notes: notes(moment),
            heads: vec![],
            nodes: vec![],
            edges: vec![],
        };
        if moment.samples.len() > 1 {
            graph.notes.push(format!(
                "The loss is that of the {} samples together; the numbers are of this one.",
                moment.samples.len()
            ));
        }
        let middle = (widest as f64 - 1.0) / 2.0;
        let at = |column: usize, k: usize, n: usize| (column, middle + k as f64 - (n as f64 - 1.0) / 2.0);
        let mut before: Vec<usize> = (0..widths[0])
            .map(|i| {
                let value = significant(moment.input[row * widths[0] + i], 4);
                graph.node(Kind::Given, at(0, i, widths[0]), vec![network.neuron_name(0, i), format!("x = {value}")])
            })
            .collect();
        for l in 0..layers.len() {
            let neurons: Vec<usize> = (0..widths[l + 1])
                .map(|o| {
                    graph.node(
                        Kind::Forward,
                        at(l + 1, o, widths[l + 1]),
                        neuron(moment, l, row * widths[l + 1] + o, o),
                    )
                })
                .collect();
            graph.weights(moment, l, &before, &neurons);
            before = neurons;
        }
        graph.loss_of_neurons(moment, row, &before, at(widths.len(), 0, 1));
        Ok(graph)
    }

    /// The edges into a layer.
    fn weights(&mut self, moment: &Moment, l: usize, from: &[usize], to: &[usize]) {
        let layer = &moment.network().layers()[l];
        let weights = &moment.parameters[layer.weight.clone()];
        let largest = weights.iter().filter(|w| w.is_finite()).fold(0.0f64, |largest, w| largest.max(w.abs()));
        for (o, &to) in to.iter().enumerate() {
            for (i, &from) in from.iter().enumerate() {
                let place = o * layer.in_features + i;
                let weight = weights[place];
                let name = moment.network().parameter_name(layer.weight.start + place);
                let gradient = significant(moment.gradients[layer.weight.start + place], 4);
                self.edges.push(Edge {
                    from,
                    to,
                    backward: false,
                    label: significant(weight, 3),
                    words: format!("{name} = {}, ∂L/∂ = {gradient}", significant(weight, 6)),
                    minus: weight < 0.0,
                    share: if weight.is_finite() && largest > 0.0 { weight.abs() / largest } else { 1.0 },
                });
            }
        }
    }

    fn loss_of_neurons(&mut self, moment: &Moment, row: usize, outputs: &[usize], at: (usize, f64)) {
        let last = &moment.layers[moment.layers.len() - 1];
        let width = outputs.len();
        let name = moment.loss_function.name();
        let targets: Vec<String> =
            moment.target[row * width..(row + 1) * width].iter().map(|&t| significant(t, 4)).collect();
        let lines = vec![
            "L".to_string(),
            name.to_string(),
            format!("target {}", targets.join(" ")),
            significant(moment.loss, 6),
        ];
        let loss = self.node(Kind::Forward, at, lines);
        for (o, &output) in outputs.iter().enumerate() {
            let slope = last.da[row * width + o];
            let of = moment.network().neuron_name(moment.layers.len(), o);
            self.edges.push(Edge {
                from: output,
                to: loss,
                backward: false,
                label: significant(slope, 3),
                words: format!("∂L/∂{of} = {}", significant(slope, 6)),
                minus: slope < 0.0,
                share: 0.5,
            });
        }
    }
}

/// What the lines and numbers are, as far as it holds for these layers.
fn notes(moment: &Moment) -> Vec<String> {
    let layers = moment.network().layers().iter().zip(&moment.layers);
    let plain = |(layer, values): (&Layer, &LayerValues<f64>)| {
        layer.activation.is_elementwise() && values.norm.is_none() && values.dropout.is_none()
    };
    let back = if layers.into_iter().all(plain) {
        "∂L/∂z = ∂L/∂a times the slope"
    } else {
        "∂L/∂z is what comes back of ∂L/∂a through dropout, activation and batch normalisation"
    };
    vec![format!(
        "On each line ∂z/∂a, the weight, and on those into L ∂L/∂a: blue above 0, orange and dashed below. {back}; ∂L/∂a adds up ∂L/∂z times the weight over all lines that go on from there."
    )]
}

/// The lines of a neuron: its name, forward, backward.
fn neuron(moment: &Moment, l: usize, at: usize, o: usize) -> Vec<String> {
    let (layer, values) = (&moment.network().layers()[l], &moment.layers[l]);
    let number = |v: f64| significant(v, 4);
    let mut lines = vec![moment.network().neuron_name(l + 1, o), format!("z = {}", number(values.z[at]))];
    if let Some(norm) = &values.norm {
        lines.push(format!("y = {}, normalised", number(norm.y[at])));
    }
    let given = if values.norm.is_some() { "y" } else { "z" };
    let all = if layer.activation.is_elementwise() { "" } else { " of all" };
    let applied = format!("{}({given}{all})", layer.activation.key());
    if let Some(dropped) = &values.dropout {
        let f = if layer.activation == Activation::IDENTITY { given.to_string() } else { applied };
        lines.push(format!("f = {f} = {}", number(dropped.f[at])));
        lines.push(format!("a = f times mask {} = {}", number(dropped.mask[at]), number(values.a[at])));
    } else if layer.activation != Activation::IDENTITY {
        lines.push(format!("a = {applied} = {}", number(values.a[at])));
    }
    if layer.activation != Activation::IDENTITY && layer.activation.is_elementwise() {
        let slope = moment.slope(at / layer.out_features, (l + 1, o));
        lines.push(format!("{}′({given}) = {}", layer.activation.key(), number(slope)));
    }
    if layer.activation != Activation::IDENTITY || values.dropout.is_some() {
        lines.push(format!("∂L/∂a = {}", number(values.da[at])));
    }
    lines.push(format!("∂L/∂z = {}", number(values.dz[at])));
    lines
}
