//! The network as neurons and weights: blue adds, orange and dashed takes away, width is size.

use crate::draw::layout::Columns;
use crate::draw::svg::{Anchor, Font, Point, Stroke, Svg, width};
use crate::nn::{Activation, Layer, Network};

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
pub(in crate::draw) fn picture(
    network: &Network,
    parameters: &[f64],
    title: &str,
    words: impl Fn(usize, usize) -> Vec<String>,
) -> String {
    let layers = &network.layers()[..network.layers().len().min(LAYERS)];
    let widths: Vec<usize> =
        std::iter::once(network.in_features()).chain(layers.iter().map(|layer| layer.out_features)).collect();
    let captions: Vec<[String; 2]> = widths.iter().enumerate().map(|(l, &width)| caption(layers, l, width)).collect();
    let left_out = left_out(network, &widths);
    let more = if left_out.is_empty() { 0.0 } else { 17.0 };
    let has_words = widths.iter().enumerate().any(|(l, &width)| (0..width.min(MOST)).any(|n| !words(l, n).is_empty()));
    let crowded = !has_words && widths.iter().any(|&width| width > 6);
    let (radius, step) = if crowded { (18.0, 42.0) } else { (23.0, 56.0) };

    // Captions of neighbours stand beside each other.
    let widest = captions.iter().flatten().map(|words| width(words, Font::SMALL)).fold(0.0, f64::max);
    let margin = 36f64.max(widest / 2.0 + 6.0);
    let across = WIDTH.max(2.0 * margin + (widest + 14.0) * (widths.len() - 1) as f64).ceil();
    let counts = widths.iter().map(|&width| width.min(MOST)).collect();
    let columns = Columns { counts, across: (margin, across - margin), top: 10.0, step };
    let height = columns.height() + 66.0 + more;

    let mut svg = Svg::new(across, height, title, &description(network));
    edges(&mut svg, layers, parameters, &columns);
    for (l, &count) in columns.counts.iter().enumerate() {
        for neuron in 0..count {
            let mut lines = words(l, neuron);
            lines.insert(0, network.neuron_name(l, neuron));
            let at = columns.place(l, neuron);
            svg.node(Stroke::RIM, at, radius);
            inside(&mut svg, at, radius, &lines);
        }
        let [name, activation] = &captions[l];
        svg.text(Font::SMALL, Anchor::Middle, (columns.x(l), height - 26.0 - more), name);
        svg.text(Font::SMALL, Anchor::Middle, (columns.x(l), height - 11.0 - more), activation);
    }
    svg.text(Font::SMALL, Anchor::Start, (4.0, height - 9.0), &left_out);
    svg.finish()
}

/// Every weight between neurons that are drawn.
fn edges(svg: &mut Svg, layers: &[Layer], parameters: &[f64], columns: &Columns) {
    let largest = parameters.iter().filter(|w| w.is_finite()).fold(1e-300f64, |m, w| m.max(w.abs()));
    for (l, layer) in layers.iter().enumerate() {
        for o in 0..columns.counts[l + 1] {
            for i in 0..columns.counts[l] {
                let w = parameters[layer.weight.start + o * layer.in_features + i];
                let stroke = if w < 0.0 { Stroke::MINUS } else { Stroke::PLUS };
                // One that is no number, or infinite, is as wide as the largest.
                let share = if w.is_finite() { w.abs() / largest } else { 1.0 };
                let words = format!("{}.weight[{o},{i}] = {w}", layer.name);
                svg.edge(stroke.wide(0.5 + 5.0 * share), columns.place(l, i), columns.place(l + 1, o), &words);
            }
        }
    }
}

/// Lines in the middle of a neuron, each as large as has room where it stands.
fn inside(svg: &mut Svg, (x, y): Point, radius: f64, lines: &[String]) {
    let font = if lines.len() > 1 { Font::TINY } else { Font::LABEL };
    for (i, line) in lines.iter().enumerate() {
        let down = 11.0 * (i as f64 - (lines.len() as f64 - 1.0) / 2.0);
        let chord = 2.0 * (radius * radius - down * down).max(0.0).sqrt() - 4.0;
        let size = font.size * (chord / width(line, font)).min(1.0);
        svg.text(Font { size, ..font }, Anchor::Middle, (x, y + 0.33 * size + down), line);
    }
}

/// What stands below a column: the layer's name, and its activation.
fn caption(layers: &[Layer], column: usize, width: usize) -> [String; 2] {
    let layer = column.checked_sub(1).map(|l| &layers[l]);
    let name = layer.map_or("input", |layer| &layer.name);
    let name = if width > MOST { format!("{name}: {MOST} of {width}") } else { name.to_string() };
    let activation = layer.filter(|layer| layer.activation != Activation::IDENTITY);
    [name, activation.map_or(String::new(), |layer| layer.activation.name().to_string())]
}

/// In words, for who can't see it.
fn description(network: &Network) -> String {
    let layers = network.layers().iter().map(|layer| format!("{} neurons ({})", layer.out_features, layer.name));
    format!("{} inputs, then {}.", network.in_features(), layers.collect::<Vec<_>>().join(", "))
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
