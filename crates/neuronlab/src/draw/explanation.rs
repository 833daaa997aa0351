//! A weight's gradient as a picture: the network with its numbers, and how much of the gradient flows through each connection.

use super::explanation_graph::{Flow, Graph};
use super::svg::{Svg, label_size};
use crate::explain::{Explanation, significant};

const WIDTH: f64 = 760.0;
/// Connections between two layers whose weights are written beside them.
const LABELLED: usize = 6;
/// Where on a line its weight may stand, the best place first.
const PLACES: [f64; 5] = [0.68, 0.55, 0.42, 0.8, 0.3];

/// A place in the picture.
type Point = (f64, f64);

/// A picture of an explanation: neurons with their outputs, the connections on the paths from the weight to the loss as wide as
/// the part of the gradient that goes through them (of the paths that are listed), blue for weights above 0 and orange below.
pub fn explanation(explanation: &Explanation) -> String {
    let graph = Graph::new(explanation);
    let most = graph.columns.iter().map(Vec::len).max().unwrap_or(1);
    let step = if most > 6 { 60.0 } else { 70.0 };
    let legend = graph.legend();
    let height = 74.0 + step * most as f64 + 24.0 + 17.0 * legend.len() as f64;
    let title = format!("Gradient of {} = {}", explanation.parameter, significant(explanation.sum, 6));
    // Columns need room for a neuron and a number between two; what stands behind the outputs, for the arcs before it.
    let right = if graph.arcs.is_empty() { 122.0 } else { 152.0 };
    let width = (WIDTH - 122.0 + right).max(48.0 + right + 130.0 * (graph.columns.len() - 1) as f64);
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
        let x = 48.0 + (width - 48.0 - right) * column as f64 / (graph.columns.len() - 1).max(1) as f64;
        (x, 62.0 + step * most as f64 / 2.0 + step * (neuron as f64 - (shown - 1.0) / 2.0))
    };
    graph.lines(&mut svg, place);
    graph.neurons(&mut svg, place);
    graph.labels(&mut svg, place);
    graph.loss(&mut svg, place);
    for (line, words) in legend.iter().enumerate() {
        svg.text("small", "start", (16.0, height - 11.0 - 17.0 * (legend.len() - 1 - line) as f64), words);
    }
    svg.finish()
}

impl Graph<'_> {
    fn legend(&self) -> Vec<String> {
        let too = if self.arcs.is_empty() { "" } else { " and arcs" };
        let mut lines = vec![
            "In each neuron its output, below it the slope of its activation; beside lines, where there is room, weights."
                .to_string(),
            format!("Wide lines carry much of the gradient. Blue weights{too} are above 0, orange ones below."),
        ];
        let last = self
            .arcs
            .keys()
            .next()
            .and_then(|(from, _)| self.explanation.forward.iter().find(|pass| pass.neuron == *from));
        lines.extend(last.map(|pass| {
            format!(
                "Arcs lead through {}, from the weighted sum of one neuron to the output of another.",
                pass.activation
            )
        }));
        let (shown, count) = (self.explanation.paths.len(), self.explanation.count);
        if (shown as u128) < count {
            lines.push(format!("Drawn are the {shown} largest of {count} paths."));
        }
        lines
    }

    /// Every connection between two columns that are drawn, with its ends.
    fn connections(&self, place: impl Fn(usize, usize) -> Point) -> Vec<(Option<&Flow>, usize, Point, Point)> {
        let mut all = Vec::new();
        for column in 1..self.columns.len() {
            for (o, (to, _)) in self.columns[column].iter().enumerate() {
                for (i, (from, _)) in self.columns[column - 1].iter().enumerate() {
                    let flow = self.flows.get(&(from.clone(), to.clone()));
                    all.push((flow, column, place(column - 1, i), place(column, o)));
                }
            }
        }
        all
    }

    /// All connections, those of paths on top.
    fn lines(&self, svg: &mut Svg, place: impl Fn(usize, usize) -> Point) {
        let connections = self.connections(&place);
        for (_, _, start, end) in connections.iter().filter(|connection| connection.0.is_none()) {
            svg.line("grid", *start, *end);
        }
        for (flow, _, start, end) in connections {
            if let Some(flow) = flow {
                svg.weighted(flow.class(), start, end, flow.width(), &format!("weight {}", flow.factor));
            }
        }
        for ((from, to), flow) in &self.arcs {
            let drawn = |name: &String| {
                let column = self.find(name)?.0;
                Some(place(column, self.columns[column].iter().position(|(neuron, _)| neuron == name)?))
            };
            let (Some(start), Some(end)) = (drawn(from), drawn(to)) else { continue };
            let word = format!("∂{to}/∂z({from}) = {}", flow.factor);
            // From edge to edge of the circles, on their right.
            let down = 8.0 * (end.1 - start.1).signum();
            let out = (24.0 + 0.1 * (end.1 - start.1).abs()).min(60.0);
            let (start, end) = ((start.0 + 19.0, start.1 + down), (end.0 + 19.0, end.1 - down));
            svg.arc(flow.class(), start, end, out, flow.width(), &word);
        }
    }

    fn neurons(&self, svg: &mut Svg, place: impl Fn(usize, usize) -> Point) {
        for (c, column) in self.columns.iter().enumerate() {
            for (n, (name, output)) in column.iter().enumerate() {
                let (x, y) = place(c, n);
                svg.circle(if self.on_path(name) { "node-on" } else { "node" }, (x, y), 21.0);
                svg.text("tiny", "middle", (x, y - 4.0), name);
                svg.text("small-ink", "middle", (x, y + 9.0), &brief(*output));
            }
            if column.len() < self.widths[c] {
                let (x, y) = place(c, column.len() - 1);
                let words = format!("{} of {} shown", column.len(), self.widths[c]);
                svg.text("small", "middle", (x, y + 50.0), &words);
            }
        }
    }

    /// Numbers over the lines: slopes below neurons, then weights where there is room.
    fn labels(&self, svg: &mut Svg, place: impl Fn(usize, usize) -> Point) {
        let mut taken: Vec<(Point, Point)> = Vec::new();
        for (c, column) in self.columns.iter().enumerate() {
            for (n, (name, _)) in column.iter().enumerate() {
                let (x, y) = place(c, n);
                taken.push(((x, y), (42.0, 42.0)));
                let Some(slope) = self.slopes.get(name) else { continue };
                let words = format!("× {}", significant(*slope, 3));
                svg.label((x, y + 29.0), &words);
                taken.push(((x, y + 29.0), label_size(&words)));
            }
        }
        let connections = self.connections(&place);
        for (flow, column, start, end) in &connections {
            let beside = connections.iter().filter(|other| other.0.is_some() && other.1 == *column).count();
            let Some(flow) = flow.filter(|_| beside <= LABELLED) else { continue };
            let words = significant(flow.factor, 3);
            let size = label_size(&words);
            let free = |at: &Point| {
                !taken.iter().any(|(other, room)| {
                    (at.0 - other.0).abs() < 0.5 * (size.0 + room.0) && (at.1 - other.1).abs() < 0.5 * (size.1 + room.1)
                })
            };
            let along = |part: f64| (start.0 + part * (end.0 - start.0), start.1 + part * (end.1 - start.1));
            // Near the end where lines are apart.
            let apart = |part: f64| if self.columns[*column].len() > 1 { part } else { 1.0 - part };
            let places: Vec<Point> = PLACES.map(|part| along(apart(part))).to_vec();
            let at = places.iter().copied().find(|at| free(at)).unwrap_or(places[0]);
            svg.label(at, &words);
            taken.push((at, size));
        }
    }

    /// Target, slope and loss behind the outputs.
    fn loss(&self, svg: &mut Svg, place: impl Fn(usize, usize) -> Point) {
        let last = self.columns.len() - 1;
        let behind = if self.arcs.is_empty() { 28.0 } else { 58.0 };
        for (n, (name, _)) in self.columns[last].iter().enumerate() {
            let Some(output) = self.explanation.outputs.iter().find(|output| output.neuron == *name) else { continue };
            let (x, y) = place(last, n);
            svg.text("small", "start", (x + behind, y - 3.0), &format!("target {}", significant(output.target, 4)));
            svg.text("small", "start", (x + behind, y + 12.0), &format!("slope {}", significant(output.slope, 4)));
        }
    }
}

/// A number that fits into a neuron, with up to three digits.
fn brief(value: f64) -> String {
    let texts = [3, 2, 1].map(|digits| significant(value, digits));
    texts.into_iter().find(|text| text.chars().count() <= 6).unwrap_or_else(|| format!("{value:.0e}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Moment;
    use crate::nn::{Activation, Loss, Model, Network};

    /// One input, two classes: a path enters log-softmax at one neuron and leaves it at another.
    fn classes() -> Moment {
        let network = Network::new(1).linear(2, false, Activation::LOG_SOFTMAX);
        let model = Model::<f64>::new(network, vec![0.5, -0.25]).unwrap();
        Moment::of_model(&model, &Loss::NLL_LOSS, &[0.8], &[0.0, 1.0]).unwrap()
    }

    #[test]
    fn numbers_in_neurons_are_short() {
        assert_eq!([-0.123_4, -0.0984, 1.0, 2.04e-7, -123_456.0].map(brief), ["-0.123", "-0.098", "1", "2e-7", "-1e5"]);
    }

    #[test]
    fn the_way_through_a_softmax_is_an_arc() {
        let why = Explanation::new(&classes(), "lin1.weight[0,0]").unwrap();
        let picture = explanation(&why);
        assert!(picture.contains("<title>∂Y#1/∂z(Y#0) = -0.64") && picture.contains("Arcs lead through log_softmax"));
    }

    /// Lines first, then boxes with numbers: no line shines through a number. What is left out is counted.
    #[test]
    fn numbers_stand_on_boxes_above_all_lines() {
        let network = Network::new(1).linear(16, false, Activation::TANH).linear(2, false, Activation::IDENTITY);
        let weights = (0..48).map(|i| f64::from(i % 7) / 10.0 - 0.3).collect();
        let model = Model::<f64>::new(network, weights).unwrap();
        let moment = Moment::of_model(&model, &Loss::MSE_LOSS, &[1.0], &[0.5, 1.0]).unwrap();
        let picture = explanation(&Explanation::new(&moment, "lin1.weight[3,0]").unwrap());
        let (last_line, first_box) = (picture.rfind("<path").unwrap(), picture.find("class=\"box\"").unwrap());
        assert!(last_line < first_box && picture.contains(">12 of 16 shown<"), "{picture}");
    }
}
