//! The network as neurons and weights: blue adds, orange takes away, width is size.

use super::svg::Svg;
use crate::nn::{Activation, Network};

const WIDTH: f64 = 560.0;
/// Neurons of a layer that are drawn; of a wider one the first of them.
const MOST: usize = 12;
/// Layers that are drawn.
const LAYERS: usize = 8;

/// A picture of a network with its parameters, in the order of [`Network::tensors`].
///
/// Neurons are called `X#0` (inputs), `H#1_2` (hidden layer 1, neuron 2) and `Y#0` (outputs); each weight shows its name and
/// value when it is pointed at.
pub fn network(network: &Network, parameters: &[f64]) -> String {
    picture(network, parameters, "The network: neurons and weights", |_, _| vec![])
}

/// The same with lines of words in each neuron, below its name; `words` is given layer (0 for the inputs) and neuron.
pub(super) fn picture(
    network: &Network,
    parameters: &[f64],
    title: &str,
    words: impl Fn(usize, usize) -> Vec<String>,
) -> String {
    let layers = &network.layers()[..network.layers().len().min(LAYERS)];
    let widths: Vec<usize> =
        std::iter::once(network.in_features()).chain(layers.iter().map(|layer| layer.out_features)).collect();
    let most = widths.iter().copied().max().unwrap_or(1).min(MOST);
    let step = if most > 6 { 34.0 } else { 56.0 };
    let left_out = left_out(network, &widths);
    let more = if left_out.is_empty() { 0.0 } else { 17.0 };
    let height = step * most as f64 + 66.0 + more;
    let place = |layer: usize, neuron: usize| {
        let shown = widths[layer].min(MOST) as f64;
        let x = 36.0 + (WIDTH - 72.0) * layer as f64 / (widths.len() - 1).max(1) as f64;
        (x, 10.0 + step * most as f64 / 2.0 + step * (neuron as f64 - (shown - 1.0) / 2.0))
    };

    let mut svg = Svg::new(WIDTH, height, title);
    let largest = parameters.iter().fold(1e-300f64, |m, w| m.max(w.abs()));
    for (l, layer) in layers.iter().enumerate() {
        for o in 0..layer.out_features.min(MOST) {
            for i in 0..layer.in_features.min(MOST) {
                let index = layer.weight.start + o * layer.in_features + i;
                let w = parameters[index];
                let class = if w < 0.0 { "minus" } else { "plus" };
                let word = format!("{}.weight[{o},{i}] = {w}", layer.name);
                svg.weighted(class, place(l, i), place(l + 1, o), 0.4 + 5.0 * w.abs() / largest, &word);
            }
        }
    }
    for (l, &width) in widths.iter().enumerate() {
        for neuron in 0..width.min(MOST) {
            let (x, y) = place(l, neuron);
            let mut lines = words(l, neuron);
            lines.insert(0, network.neuron_name(l, neuron));
            let small = most > 6 || lines.len() > 1;
            svg.circle("node", (x, y), if most > 6 { 15.0 } else { 22.0 });
            for (i, line) in lines.iter().enumerate() {
                let below = 10.0 * (i as f64 - (lines.len() as f64 - 1.0) / 2.0);
                svg.text(if small { "tiny" } else { "small-ink" }, "middle", (x, y + 3.5 + below), line);
            }
        }
        let (x, _) = place(l, 0);
        let layer = l.checked_sub(1).map(|l| &layers[l]);
        let name = layer.map_or("input", |layer| &layer.name);
        let name = if width > MOST { format!("{name}: {MOST} of {width}") } else { name.to_string() };
        svg.text("small", "middle", (x, height - 26.0 - more), &name);
        let activation = layer.filter(|layer| layer.activation != Activation::IDENTITY);
        svg.text("small", "middle", (x, height - 11.0 - more), activation.map_or("", |layer| layer.activation.name()));
    }
    if !left_out.is_empty() {
        svg.text("small", "start", (4.0, height - 9.0), &left_out);
    }
    svg.finish()
}

/// Says what is not in the picture, if anything is not.
fn left_out(network: &Network, widths: &[usize]) -> String {
    let layers = network.layers().len();
    let neurons = widths.iter().any(|&width| width > MOST).then(|| format!("at most {MOST} neurons of a layer"));
    let layers = (layers > LAYERS).then(|| format!("{LAYERS} of {layers} layers"));
    let shown: Vec<String> = layers.into_iter().chain(neurons).collect();
    if shown.is_empty() { String::new() } else { format!("Shown: {}.", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let wide = |layers: usize| (0..layers).fold(Network::new(2), |n, _| n.linear(16, false, Activation::TANH));
        let of = |net: &Network| network(net, &vec![0.5; net.parameters()]);
        let picture = of(&wide(9));
        assert!(picture.contains(">lin1: 12 of 16<"), "{picture}");
        assert!(picture.contains(">Shown: 8 of 9 layers, at most 12 neurons of a layer.<"), "{picture}");
        assert!(!of(&Network::new(2).linear(12, false, Activation::TANH)).contains("Shown"));
    }
}
