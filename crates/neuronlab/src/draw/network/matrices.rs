//! A network that is too wide for lines, as Hinton diagrams (Hinton and Shallice 1991): a square for each weight, as large as it is.

use super::diagram::{MOST, caption, description, shape, shown};
use crate::draw::svg::{Anchor, Colour, Font, Stroke, Svg, fit, short, width, wrap};
use crate::explain::significant;
use crate::nn::{Layer, Network};
use std::fmt::Write;

/// Width of the picture.
const WIDTH: f64 = 720.0;
/// Left and right of everything, and between two matrices.
const MARGIN: f64 = 14.0;
const GAP: f64 = 26.0;
/// Rows and columns of squares that are drawn; of larger matrices each square stands for several weights.
const CELLS: usize = 64;
/// Side of a matrix, about, and of a cell, at most.
const SIDE: f64 = 260.0;
const CELL: f64 = 14.0;
/// From one line of words to the next.
const LINE: f64 = 16.0;

/// One layer's weights, as they are drawn.
struct Matrix {
    rows: usize,
    columns: usize,
    /// `[rows, columns]`: of the weights of a cell the one that is largest in size.
    values: Vec<f64>,
    /// A square stands for more than one weight.
    pooled: bool,
    cell: f64,
    words: [String; 3],
}

/// The weights of every layer that is drawn, side by side and in rows; `note` stands below.
pub(super) fn matrices(network: &Network, parameters: &[f64], title: &str, note: Option<&String>) -> String {
    let layers = shown(network);
    let all: Vec<Matrix> = (0..layers.len()).map(|l| matrix(layers, l, parameters)).collect();
    let mut places = vec![];
    let (mut x, mut y, mut deepest) = (MARGIN, 44.0, 0.0f64);
    for matrix in &all {
        let (wide, high) = matrix.size();
        if x > MARGIN && x + wide > WIDTH - MARGIN {
            (x, y, deepest) = (MARGIN, y + deepest + GAP, 0.0);
        }
        places.push((x, y));
        x += wide + GAP;
        deepest = deepest.max(high);
    }
    let bottom = y + deepest;
    let notes: Vec<String> = notes(network, &all, parameters).into_iter().chain(note.cloned()).collect();
    let notes: Vec<String> = notes.iter().flat_map(|note| wrap(note, Font::SMALL, WIDTH - 2.0 * MARGIN)).collect();
    let height = bottom + 12.0 + LINE * notes.len() as f64 + 6.0;
    let mut svg = Svg::new(WIDTH, height, title, &description(network));
    svg.text(Font::STRONG, Anchor::Start, (MARGIN, 22.0), &fit(title, Font::STRONG, WIDTH - 2.0 * MARGIN));
    for (matrix, at) in all.iter().zip(places) {
        matrix.draw(&mut svg, at);
    }
    for (line, words) in notes.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, bottom + 8.0 + LINE * (line + 1) as f64), words);
    }
    svg.finish()
}

fn matrix(layers: &[Layer], l: usize, parameters: &[f64]) -> Matrix {
    let layer = &layers[l];
    let weights = &parameters[layer.weight.clone()];
    let (outputs, inputs) = (layer.out_features, layer.in_features);
    let (rows, columns) = (outputs.min(CELLS), inputs.min(CELLS));
    let mut values = vec![0.0f64; rows * columns];
    for (o, row) in weights.chunks_exact(inputs).enumerate() {
        for (i, &w) in row.iter().enumerate() {
            let cell = &mut values[o * rows / outputs * columns + i * columns / inputs];
            // What is not finite is larger than all.
            if !w.is_finite() || w.abs() > cell.abs() {
                *cell = w;
            }
        }
    }
    let largest = weights.iter().fold(0.0f64, |largest, w| if w.is_finite() { largest.max(w.abs()) } else { largest });
    let [name, activation] = caption(layers, l + 1, 0);
    let activation = if activation.is_empty() { activation } else { format!(", {activation}") };
    let words = [format!("{name}{activation}"), shape(layer), format!("largest: {}", significant(largest, 3))];
    let cell = (SIDE / rows.max(columns) as f64).min(CELL);
    Matrix { rows, columns, values, pooled: rows < outputs || columns < inputs, cell, words }
}

impl Matrix {
    /// Width and height, with the words above.
    fn size(&self) -> (f64, f64) {
        let words = self.words.iter().map(|words| width(words, Font::SMALL)).fold(0.0, f64::max);
        ((self.columns as f64 * self.cell).max(words), 3.0 * LINE + 6.0 + self.rows as f64 * self.cell)
    }

    fn draw(&self, svg: &mut Svg, (x, y): (f64, f64)) {
        for (line, words) in self.words.iter().enumerate() {
            svg.text(Font::SMALL, Anchor::Start, (x, y + LINE * line as f64 + 10.0), words);
        }
        let top = y + 3.0 * LINE + 4.0;
        let largest =
            self.values.iter().fold(1e-300f64, |largest, w| if w.is_finite() { largest.max(w.abs()) } else { largest });
        let (mut above, mut below) = (String::new(), String::new());
        for (k, &w) in self.values.iter().enumerate() {
            let share = if w.is_finite() { (w.abs() / largest).sqrt() } else { 1.0 };
            let (negative, side) = (w < 0.0, share * (self.cell - 1.0));
            if side < 0.3 {
                continue;
            }
            // The rim of a hollow square lies half outside; of the smallest nothing but the rim is left.
            let side = if negative { (side - 0.8).max(0.1) } else { side };
            let middle = |at: usize| (at as f64 + 0.5) * self.cell - side / 2.0;
            let (left, up) = (x + middle(k % self.columns), top + middle(k / self.columns));
            let to = if negative { &mut below } else { &mut above };
            let side = short(side).to_string();
            let _ = write!(to, "M{} {}h{side}v{side}h-{side}z", short(left), short(up));
        }
        svg.shapes(Colour::BLUE, &above);
        svg.outlines(Stroke::HOLLOW, &below);
        let corner = (x + self.columns as f64 * self.cell, top + self.rows as f64 * self.cell);
        svg.polyline(Stroke::GRID, &[(x, top), (corner.0, top), corner, (x, corner.1), (x, top)]);
    }
}

/// What a reader needs to know.
fn notes(network: &Network, all: &[Matrix], parameters: &[f64]) -> Vec<String> {
    let layers = network.layers().len();
    let mut notes = vec![format!(
        "A layer has more than {MOST} neurons, so weights are drawn as matrices: a row for each output, a column for each input. Full and blue above 0, hollow and orange below; the area is the size, in each matrix by itself."
    )];
    if all.iter().any(|matrix| matrix.pooled) {
        notes.push(format!(
            "At most {CELLS} rows and columns: in larger matrices a square is the largest of the weights that it stands for."
        ));
    }
    if all.len() < layers {
        notes.push(format!("Shown: {} of {layers} layers.", all.len()));
    }
    let odd = parameters.iter().filter(|w| !w.is_finite()).count();
    if odd > 0 {
        let words = if odd == 1 { "parameter is" } else { "parameters are" };
        notes.push(format!("{odd} {words} not finite."));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::network;
    use crate::nn::Activation;

    fn wide(outputs: usize) -> Network {
        Network::new(2).linear(outputs, true, Activation::TANH).linear(1, false, Activation::IDENTITY)
    }

    /// As many squares as weights, full ones above 0 and hollow ones below; 0 has none.
    #[test]
    fn every_weight_is_a_square() {
        let net = wide(13);
        let mut weights = vec![0.5; net.parameters()];
        (weights[0], weights[1], weights[2]) = (-0.25, 0.0, -1.0);
        let picture = network(&net, &weights);
        let squares = |class: &str| {
            let paths = picture.split("<path").filter(|path| path.contains(class));
            paths.map(|path| path.matches('z').count()).sum::<usize>()
        };
        assert_eq!((squares("f-blue"), squares("s-orange")), (26 - 3 + 13, 2), "{picture}");
        assert!(picture.contains(">lin1, Tanh<") && picture.contains(">[2 x 13] + [13]<"));
        assert!(picture.contains(">largest: 1<"));
    }

    /// Signs are drawn alike, however small the squares are.
    #[test]
    fn no_sign_is_preferred() {
        let net = Network::new(2).linear(64, false, Activation::TANH).linear(64, false, Activation::IDENTITY);
        let size = |i: usize| (1.0 + (i / 2 % 97) as f64) / 100.0;
        let weights: Vec<f64> = (0..net.parameters()).map(|i| if i % 2 == 0 { size(i) } else { -size(i) }).collect();
        let picture = network(&net, &weights);
        let squares = |class: &str| {
            let paths = picture.split("<path").filter(|path| path.contains(class));
            paths.map(|path| path.matches('z').count()).sum::<usize>()
        };
        assert_eq!(squares("f-blue"), squares("s-orange"));
    }

    #[test]
    fn larger_matrices_are_pooled_and_that_is_said() {
        let net = wide(200);
        let mut weights = vec![0.01; net.parameters()];
        weights[2 * 150] = f64::NAN;
        let picture = network(&net, &weights);
        assert!(picture.contains("a square is the largest of the weights"), "{picture}");
        assert!(picture.contains(">1 parameter is not finite.<") && !picture.contains("NaN"));
    }
}
