//! A weight's gradient as a picture: the network with its numbers, and how much of the gradient flows through each connection.

use super::svg::Svg;
use super::svg::escape;
use crate::explain::{Block, Document, Explanation, significant};
use std::collections::BTreeMap;
use std::fmt::Write;

const WIDTH: f64 = 760.0;
/// Neurons of a layer that are drawn.
const MOST: usize = 12;
/// Connections between two layers whose weights are written beside them.
const LABELLED: usize = 6;

/// Neurons in their columns, and the paths between them.
struct Graph<'e> {
    explanation: &'e Explanation,
    /// Names and outputs of the neurons of each column that are drawn, inputs first.
    columns: Vec<Vec<(String, f64)>>,
    /// How many of each column are not.
    left_out: Vec<usize>,
    /// Sum of the sizes of the listed paths' products through each connection, and its weight.
    flows: BTreeMap<(String, String), (f64, f64)>,
    /// Slope of each neuron on a path.
    slopes: BTreeMap<String, f64>,
}

/// A picture of an explanation: neurons with their outputs, the connections on the paths from the weight to the loss as wide as
/// the part of the gradient that goes through them (of the paths that are listed), blue for weights above 0 and orange below.
pub fn explanation(explanation: &Explanation) -> String {
    let graph = Graph::new(explanation);
    let most = graph.columns.iter().map(Vec::len).max().unwrap_or(1);
    let step = if most > 6 { 60.0 } else { 70.0 };
    let height = 74.0 + step * most as f64 + 58.0;
    let title = format!("Gradient of {} = {}", explanation.parameter, significant(explanation.sum, 6));
    // Columns need room for a neuron and a number between two.
    let width = WIDTH.max(170.0 + 130.0 * (graph.columns.len() - 1) as f64);
    let mut svg = Svg::new(width, height, &title);
    svg.text("strong", "start", (16.0, 24.0), &title);
    let when = match (&explanation.experiment, explanation.step) {
        (Some(experiment), Some(step)) => format!("{experiment}, step {step}, sample {}: ", explanation.sample),
        _ => String::new(),
    };
    let words = format!("{when}{} {}", explanation.parameter, explanation.role);
    svg.text("small", "start", (16.0, 44.0), &words);
    let place = |column: usize, neuron: usize| {
        let shown = graph.columns[column].len() as f64;
        let x = 48.0 + (width - 170.0) * column as f64 / (graph.columns.len() - 1).max(1) as f64;
        (x, 62.0 + step * most as f64 / 2.0 + step * (neuron as f64 - (shown - 1.0) / 2.0))
    };
    graph.connections(&mut svg, place);
    graph.neurons(&mut svg, place);
    graph.loss(&mut svg, place);
    let legend = [
        "In each neuron its output, below it the slope of its activation; beside the lines weights.",
        "Wide lines carry much of the gradient. Blue weights are above 0, orange ones below.",
    ];
    for (line, words) in legend.into_iter().enumerate() {
        svg.text("small", "start", (16.0, height - 28.0 + 17.0 * line as f64), words);
    }
    svg.finish()
}

impl<'e> Graph<'e> {
    fn new(explanation: &'e Explanation) -> Self {
        let layers = explanation.forward.iter().map(|pass| pass.place.0).max().unwrap_or(0);
        let mut columns = vec![explanation.inputs.clone()];
        for layer in 1..=layers {
            let passes = explanation.forward.iter().filter(|pass| pass.place.0 == layer);
            columns.push(passes.map(|pass| (pass.neuron.clone(), pass.a)).collect());
        }
        let (mut flows, mut slopes) = (BTreeMap::new(), BTreeMap::new());
        let largest = explanation.paths.iter().map(|path| path.product.abs()).sum::<f64>().max(f64::MIN_POSITIVE);
        for path in &explanation.paths {
            for pair in path.neurons.windows(2) {
                let flow = flows.entry((pair[0].clone(), pair[1].clone())).or_insert((0.0, 0.0));
                flow.0 += path.product.abs() / largest;
            }
            for (name, value) in &path.factors {
                let text = name.text();
                if let Some(neuron) = text.split_once("′(").and_then(|(_, at)| at.strip_suffix("))")?.split_once('('))
                {
                    slopes.insert(neuron.1.to_string(), *value);
                }
            }
        }
        // The weight itself, if it comes from a neuron.
        let first = explanation.paths.first().map(|path| path.factors[0].0.text());
        if let (Some(from), Some(path)) = (first, explanation.paths.first())
            && columns.iter().flatten().any(|(name, _)| *name == from)
        {
            flows.insert((from, path.neurons[0].clone()), (1.0, explanation.value));
        }
        let left_out = vec![0; columns.len()];
        let mut graph = Self { explanation, columns, left_out, flows, slopes };
        graph.weigh();
        graph.narrow();
        graph
    }

    /// Leaves out neurons of wide layers, those on no path first.
    fn narrow(&mut self) {
        for (column, left_out) in self.columns.iter_mut().zip(&mut self.left_out) {
            let on_path = |name: &str| self.flows.keys().any(|(from, to)| from == name || to == name);
            let mut order: Vec<usize> = (0..column.len()).collect();
            order.sort_by_key(|&n| (!on_path(&column[n].0), n));
            order.truncate(MOST);
            order.sort_unstable();
            *left_out = column.len() - order.len();
            *column = order.into_iter().map(|n| column[n].clone()).collect();
        }
    }

    /// Looks up the weight of each connection on a path.
    fn weigh(&mut self) {
        for ((from, to), (_, weight)) in &mut self.flows {
            let pass = self.explanation.forward.iter().find(|pass| pass.neuron == *to);
            let column = self.columns.iter().find(|column| column.iter().any(|(name, _)| name == from));
            let index = column.and_then(|column| column.iter().position(|(name, _)| name == from));
            if let (Some(pass), Some(index)) = (pass, index) {
                *weight = pass.terms[index].0;
            }
        }
    }

    /// All connections, those of paths on top.
    fn connections(&self, svg: &mut Svg, place: impl Fn(usize, usize) -> (f64, f64)) {
        for on_path in [false, true] {
            for column in 1..self.columns.len() {
                let on_paths =
                    self.flows.keys().filter(|(_, to)| self.columns[column].iter().any(|(n, _)| n == to)).count();
                for (o, (to, _)) in self.columns[column].iter().enumerate() {
                    for (i, (from, _)) in self.columns[column - 1].iter().enumerate() {
                        let (start, end) = (place(column - 1, i), place(column, o));
                        match self.flows.get(&(from.clone(), to.clone())) {
                            None if !on_path => svg.line("grid", start, end),
                            Some(&(flow, weight)) if on_path => {
                                let class = if weight < 0.0 { "minus" } else { "plus" };
                                let word = format!("weight {weight}");
                                svg.weighted(class, start, end, 1.0 + 7.0 * flow, &word);
                                if on_paths <= LABELLED {
                                    // Near the end where lines are apart.
                                    let apart = if self.columns[column].len() > 1 { 0.68 } else { 0.32 };
                                    let at = |a: f64, b: f64| a + apart * (b - a);
                                    let text = significant(weight, 3);
                                    svg.label((at(start.0, end.0), at(start.1, end.1) + 4.0), &text);
                                }
                            }
                            _ => {}
                        }
                    }
                }
            }
        }
    }

    fn neurons(&self, svg: &mut Svg, place: impl Fn(usize, usize) -> (f64, f64)) {
        for (c, column) in self.columns.iter().enumerate() {
            for (n, (name, output)) in column.iter().enumerate() {
                let (x, y) = place(c, n);
                let on_path = self.flows.keys().any(|(from, to)| from == name || to == name);
                svg.circle(if on_path { "node-on" } else { "node" }, (x, y), 21.0);
                svg.text("tiny", "middle", (x, y - 4.0), name);
                svg.text("small-ink", "middle", (x, y + 9.0), &brief(*output));
                if let Some(slope) = self.slopes.get(name) {
                    svg.label((x, y + 33.0), &format!("× {}", significant(*slope, 3)));
                }
            }
            if self.left_out[c] > 0 {
                let (x, y) = place(c, column.len() - 1);
                svg.text("small", "middle", (x, y + 46.0), &format!("and {} more", self.left_out[c]));
            }
        }
    }

    /// Target, slope and loss behind the outputs.
    fn loss(&self, svg: &mut Svg, place: impl Fn(usize, usize) -> (f64, f64)) {
        let last = self.columns.len() - 1;
        for (n, (name, _)) in self.columns[last].iter().enumerate() {
            let Some(output) = self.explanation.outputs.iter().find(|output| output.neuron == *name) else { continue };
            let (x, y) = place(last, n);
            svg.text("small", "start", (x + 28.0, y - 3.0), &format!("target {}", significant(output.target, 4)));
            svg.text("small", "start", (x + 28.0, y + 12.0), &format!("slope {}", significant(output.slope, 4)));
        }
    }
}

/// A number that fits into a neuron.
fn brief(value: f64) -> String {
    let text = significant(value, 3);
    if text.chars().count() > 6 { format!("{value:.0e}") } else { text }
}

/// The page of an explanation, for a browser: its picture with a caption and its text, formulas in MathML; without scripts and the network.
pub fn explanation_page(document: &Document, picture: &str, caption: &str) -> String {
    let mut page = super::report::begin(&document.title);
    let _ = writeln!(page, "<div class=\"wide\">{picture}</div>\n<p class=\"soft\">{}</p>", escape(caption));
    blocks(&mut page, &document.blocks);
    page.push_str("</body></html>\n");
    page
}

/// The picture and the chain rule of an explanation as a piece of HTML, for a notebook: the picture on a paper of its own, words
/// in the colours of the page.
pub fn explanation_notes(why: &Explanation) -> String {
    let picture = explanation(why).replacen("<svg ", "<svg style=\"background:#fff;max-width:100%;height:auto\" ", 1);
    let mut piece = format!(
        "<div style=\"overflow-x:auto\">\n{picture}\n<p>{} = {} {}.</p>\n",
        escape(&why.parameter),
        significant(why.value, 9),
        escape(&why.role)
    );
    blocks(&mut piece, &why.chain_rule());
    piece.push_str("</div>\n");
    piece
}

/// The parts of a page.
pub(super) fn blocks(page: &mut String, blocks: &[Block]) {
    for block in blocks {
        let _ = match block {
            Block::Heading(words) => writeln!(page, "<h2>{}</h2>", escape(words)),
            Block::Words(words) => writeln!(page, "<p>{}</p>", escape(words)),
            Block::Legend(words) => writeln!(page, "<p class=\"soft\">{}</p>", escape(words)),
            Block::Formulas(_) => writeln!(page, "<div class=\"wide\">{}</div>", block.mathml()),
            Block::Table(table) => {
                super::report::words_table(page, &table.head, &table.rows, &table.left);
                Ok(())
            }
        };
    }
}
