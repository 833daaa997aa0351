//! The network as neurons and weights: blue adds, orange and dashed takes away, width is size.

use super::matrices::matrices;
use crate::draw::layout::{Columns, Labels};
use crate::draw::svg::{Anchor, Font, Point, Stroke, Svg, label_size, width, wrap};
use crate::explain::significant;
use crate::nn::{Activation, Layer, Network};

/// Width of a diagram, at least.
const WIDTH: f64 = 560.0;
/// Neurons of a layer that are drawn; of a wider one the first of them.
pub(super) const MOST: usize = 12;
/// Layers that are drawn.
const LAYERS: usize = 8;
/// Lines between two layers up to which each bears its number.
const MOST_NUMBERS: usize = 36;
/// From one line of words to the next.
const LINE: f64 = 16.0;

/// A picture of a network with its parameters, in the order of [`Network::tensors`].
///
/// Neurons are called `X#0` (inputs), `H#1_2` (hidden layer 1, neuron 2) and `Y#0` (outputs); each weight shows its name and
/// value when it is pointed at.
pub fn network(network: &Network, parameters: &[f64]) -> String {
    Diagram::new(network).title("The network: neurons and weights").weights(parameters).draw()
}

/// A network as textbooks draw it: neurons in columns, lines between them, and the shapes of the weights.
///
/// ```
/// use neuronlab::draw::Diagram;
/// use neuronlab::nn::{Linear, Network};
///
/// let network = Network::sequential([Linear::new(2, 4).tanh(), Linear::new(4, 1)])?;
/// let empty = Diagram::new(&network).draw();
/// let weights = vec![0.5; network.parameters()];
/// let full = Diagram::new(&network).weights(&weights).with_values().draw();
/// # assert!(empty.contains(">[2 x 4] + [4]<") && full.contains(">0.5<"));
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Diagram<'n> {
    network: &'n Network,
    title: String,
    parameters: Option<&'n [f64]>,
    values: bool,
    inside: Vec<Vec<Vec<String>>>,
    note: Option<String>,
}

impl<'n> Diagram<'n> {
    /// Nothing but neurons, lines, names and shapes.
    pub fn new(network: &'n Network) -> Self {
        Self { network, title: "The network".into(), parameters: None, values: false, inside: vec![], note: None }
    }

    /// What a screen reader says, and a browser shows.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Lines as wide as the weights are large, blue above 0, orange and dashed below. All parameters, in the order of
    /// [`Network::tensors`].
    pub fn weights(self, parameters: &'n [f64]) -> Self {
        Self { parameters: Some(parameters), ..self }
    }

    /// Each weight written on its line; those that there is no room for stand below.
    pub fn with_values(self) -> Self {
        Self { values: true, ..self }
    }

    /// Lines of words in each neuron, below its name: those of a layer (0 for the inputs) and a neuron.
    pub fn inside(self, words: impl Fn(usize, usize) -> Vec<String>) -> Self {
        let widths = widths(self.network);
        let of = |(layer, &count): (usize, &usize)| (0..count.min(MOST)).map(|n| words(layer, n)).collect();
        let inside = widths.iter().enumerate().map(of).collect();
        Self { inside, ..self }
    }

    /// A sentence below.
    pub fn note(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }

    /// The picture. A network that is too wide for lines is drawn as matrices, unless words stand in its neurons or on its lines.
    pub fn draw(&self) -> String {
        let lines = self.values || !self.inside.is_empty();
        if let (Some(parameters), false) = (self.parameters, lines)
            && is_wide(self.network)
        {
            return matrices(self.network, parameters, &self.title, self.note.as_ref());
        }
        let layers = shown(self.network);
        let (columns, across) = self.columns();
        let labels = self.labels(&columns);
        let notes = self.notes(&columns, &labels);
        let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, Font::SMALL, across - 16.0)).collect();
        let bottom = columns.top + columns.height();
        let height = bottom + 66.0 + LINE * notes.len() as f64;

        let mut svg = Svg::new(across, height, &self.title, &description(self.network));
        self.edges(&mut svg, &columns);
        for (l, &count) in columns.counts.iter().enumerate() {
            for neuron in 0..count {
                let mut lines = vec![self.network.neuron_name(l, neuron)];
                lines.extend_from_slice(self.words(l, neuron));
                svg.node(Stroke::RIM, columns.place(l, neuron), self.radius());
                inside(&mut svg, columns.place(l, neuron), self.radius(), &lines);
            }
            let [name, activation] = caption(layers, l, self.width_of(l));
            svg.text(Font::SMALL, Anchor::Middle, (columns.x(l), bottom + 40.0), &name);
            svg.text(Font::SMALL, Anchor::Middle, (columns.x(l), bottom + 40.0 + LINE), &activation);
        }
        for (l, layer) in layers.iter().enumerate() {
            svg.boxed((f64::midpoint(columns.x(l), columns.x(l + 1)), bottom + 14.0), &shape(layer));
        }
        for (_, words, at) in labels {
            if let Some(at) = at {
                svg.label(at, &words);
            }
        }
        for (line, words) in notes.iter().enumerate() {
            svg.text(Font::SMALL, Anchor::Start, (8.0, bottom + 58.0 + LINE * (line + 1) as f64), words);
        }
        svg.finish()
    }

    /// Neurons of a layer, drawn or not.
    fn width_of(&self, layer: usize) -> usize {
        widths(self.network)[layer]
    }

    fn words(&self, layer: usize, neuron: usize) -> &[String] {
        self.inside.get(layer).and_then(|layer| layer.get(neuron)).map_or(&[], |words| words)
    }

    /// Small neurons where there are many and nothing stands in them.
    fn radius(&self) -> f64 {
        let crowded = self.inside.is_empty() && !self.values && widths(self.network).iter().any(|&width| width > 6);
        if crowded { 18.0 } else { 24.0 }
    }

    /// Where neurons stand, and how wide the picture is: what stands below neighbours has room beside each other.
    fn columns(&self) -> (Columns, f64) {
        let (layers, widths) = (shown(self.network), widths(self.network));
        let captions = widths.iter().enumerate().flat_map(|(l, &width)| caption(layers, l, width));
        let widest = captions.map(|words| width(&words, Font::SMALL)).fold(0.0, f64::max);
        let shapes = layers.iter().map(|layer| width(&shape(layer), Font::LABEL) + 12.0).fold(0.0, f64::max);
        let gap: f64 = if self.values { 170.0 } else { 60.0 };
        let margin = 36f64.max(widest / 2.0 + 6.0);
        let gaps = layers.len().max(1) as f64;
        let across = WIDTH.max(2.0 * margin + gaps * gap.max(widest + 14.0).max(shapes + 8.0)).ceil();
        let counts = widths.iter().map(|&width| width.min(MOST)).collect();
        let step = 2.0 * self.radius() + if self.values { 26.0 } else { 8.0 };
        (Columns { counts, across: (margin, across - margin), top: 10.0, step }, across)
    }

    /// A line between each two neurons that are drawn.
    fn edges(&self, svg: &mut Svg, columns: &Columns) {
        let finite = self.parameters.unwrap_or_default().iter().filter(|w| w.is_finite());
        let largest = finite.fold(1e-300f64, |m, w| m.max(w.abs()));
        each_edge(shown(self.network), columns, |name, place, from, to| {
            let Some(parameters) = self.parameters else {
                return svg.edge(Stroke::PLAIN, from, to, &name);
            };
            let w = parameters[place];
            let stroke = if w < 0.0 { Stroke::MINUS } else { Stroke::PLUS };
            // One that is no number, or infinite, is as wide as the largest.
            let share = if w.is_finite() { w.abs() / largest } else { 1.0 };
            svg.edge(stroke.wide(0.5 + 5.0 * share), from, to, &format!("{name} = {w}"));
        });
    }

    /// The numbers that are to be written: the name of each weight, its value, and where it has room.
    fn labels(&self, columns: &Columns) -> Vec<(String, String, Option<Point>)> {
        let (Some(parameters), true) = (self.parameters, self.values) else { return vec![] };
        let mut labels = Labels::default();
        for (l, &count) in columns.counts.iter().enumerate() {
            for n in 0..count {
                labels.take(columns.place(l, n), (2.0 * self.radius() + 4.0, 2.0 * self.radius() + 4.0));
            }
        }
        let mut all = Vec::new();
        each_edge(shown(self.network), columns, |name, place, from, to| {
            let words = significant(parameters[place], 3);
            let beside = columns.counts.windows(2).zip(0..).find(|(_, l)| columns.x(*l) == from.0);
            let crowded = beside.is_none_or(|(pair, _)| pair[0] * pair[1] > MOST_NUMBERS);
            // Near its end first, where lines are apart.
            let parts = (2..=21).map(|i| 1.0 - 0.04 * f64::from(i)).filter(|_| !crowded);
            let places = parts.map(|part| (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1)));
            let at = labels.put(places, label_size(&words));
            all.push((name, words, at));
        });
        all
    }

    /// What stands below: weights that are no numbers, those that had no room, and what is left out.
    fn notes(&self, columns: &Columns, labels: &[(String, String, Option<Point>)]) -> Vec<String> {
        const MOST_NAMED: usize = 24;
        let mut notes = Vec::from_iter(self.note.clone());
        let mut odd = Vec::new();
        if let Some(parameters) = self.parameters {
            each_edge(shown(self.network), columns, |name, place, _, _| {
                odd.extend((!parameters[place].is_finite()).then(|| format!("{name} = {}", parameters[place])));
            });
        }
        let without: Vec<String> = labels
            .iter()
            .filter(|label| label.2.is_none())
            .map(|(name, words, _)| format!("{name} = {words}"))
            .collect();
        for (head, names) in [("Not finite", odd), ("No room on their lines", without)] {
            let more = names.len().saturating_sub(MOST_NAMED);
            let named = names[..names.len() - more].join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            notes.extend((!named.is_empty()).then(|| format!("{head}: {named}{more}.")));
        }
        let left_out = left_out(self.network, &widths(self.network));
        notes.extend((!left_out.is_empty()).then_some(left_out));
        notes
    }
}

/// Whether it has more neurons side by side than are drawn with lines: then its weights are drawn as matrices.
pub(in crate::draw) fn is_wide(network: &Network) -> bool {
    widths(network).iter().any(|&width| width > MOST)
}

/// The layers that are drawn.
pub(super) fn shown(network: &Network) -> &[Layer] {
    &network.layers()[..network.layers().len().min(LAYERS)]
}

/// Neurons of each column, inputs first, drawn or not.
fn widths(network: &Network) -> Vec<usize> {
    std::iter::once(network.in_features()).chain(shown(network).iter().map(|layer| layer.out_features)).collect()
}

/// The name, the place among the parameters, and the ends of every weight between neurons that are drawn.
fn each_edge(layers: &[Layer], columns: &Columns, mut edge: impl FnMut(String, usize, Point, Point)) {
    for (l, layer) in layers.iter().enumerate() {
        for o in 0..columns.counts[l + 1] {
            for i in 0..columns.counts[l] {
                let place = layer.weight.start + o * layer.in_features + i;
                let name = format!("{}.weight[{o},{i}]", layer.name);
                edge(name, place, columns.place(l, i), columns.place(l + 1, o));
            }
        }
    }
}

/// The shape of a layer's weights, from its inputs to its outputs, and that of its bias.
pub(super) fn shape(layer: &Layer) -> String {
    let weights = format!("[{} x {}]", layer.in_features, layer.out_features);
    if layer.bias.is_some() { format!("{weights} + [{}]", layer.out_features) } else { weights }
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
pub(super) fn caption(layers: &[Layer], column: usize, width: usize) -> [String; 2] {
    let layer = column.checked_sub(1).map(|l| &layers[l]);
    let name = layer.map_or("input", |layer| &layer.name);
    let name = if width > MOST { format!("{name}: {MOST} of {width}") } else { name.to_string() };
    let activation = layer.filter(|layer| layer.activation != Activation::IDENTITY);
    [name, activation.map_or(String::new(), |layer| layer.activation.name().to_string())]
}

/// In words, for who can't see it.
pub(super) fn description(network: &Network) -> String {
    let layers = network.layers().iter().map(|layer| {
        let s = if layer.out_features == 1 { "" } else { "s" };
        format!("{} neuron{s} ({})", layer.out_features, layer.name)
    });
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
        let of = |net: &Network| Diagram::new(net).draw();
        let picture = of(&wide(9));
        assert!(picture.contains(">lin1: 12 of 16<"), "{picture}");
        assert!(picture.contains(">Shown: 8 of 9 layers, at most 12 neurons of a layer.<"), "{picture}");
        assert!(!of(&Network::new(2).linear(12, false, Activation::TANH)).contains("Shown"));
    }
}
