//! A weight's gradient as a picture: the network with its numbers, and how much of the gradient flows through each connection.

use super::graph::{Flow, Graph};
use crate::draw::layout::{Columns, Labels};
use crate::draw::svg::{Anchor, Font, Point, Stroke, Svg, fit, label_size, width, wrap};
use crate::explain::{Explanation, significant};

const WIDTH: f64 = 760.0;
/// Connections between two layers whose weights are written beside them.
const LABELLED: usize = 6;
/// Where on a line its weight may stand, the best place first.
const PLACES: [f64; 5] = [0.68, 0.55, 0.42, 0.8, 0.3];

/// From one line of words to the next.
const LINE: f64 = 17.0;
/// Of a neuron.
const RADIUS: f64 = 22.0;

/// A picture of an explanation: neurons with their outputs, the connections on the paths from the weight to the loss as wide as
/// the part of the gradient that goes through them (of the paths that are listed), blue for weights above 0 and orange and dashed below.
pub fn explanation(explanation: &Explanation) -> String {
    let graph = Graph::new(explanation);
    let counts: Vec<usize> = graph.columns.iter().map(Vec::len).collect();
    let most = counts.iter().copied().max().unwrap_or(1);
    // Columns need room for a neuron and a number between two; what stands behind the outputs, for the arcs before it.
    let behind = graph.behind();
    let right = behind + graph.loss_width() + 12.0;
    let width = WIDTH.max(48.0 + right + 130.0 * (counts.len() - 1) as f64);

    let title = format!("Gradient of {} = {}", explanation.parameter, significant(explanation.sum, 6));
    let when = match (&explanation.experiment, explanation.step) {
        (Some(experiment), Some(step)) => format!("{experiment}, step {step}, sample {}: ", explanation.sample),
        _ => String::new(),
    };
    let words = wrap(&format!("{when}{} {}", explanation.parameter, explanation.role), Font::SMALL, width - 32.0);
    let legend: Vec<String> = graph.legend().iter().flat_map(|words| wrap(words, Font::SMALL, width - 32.0)).collect();

    let columns = Columns {
        counts,
        across: (48.0, width - right),
        top: 44.0 + LINE * words.len() as f64,
        step: if most > 6 { 60.0 } else { 70.0 },
    };
    let first = columns.top + columns.height() + 38.0;
    let height = first + LINE * (legend.len() as f64 - 1.0) + 11.0;
    let mut svg = Svg::new(width, height, &title, &words.join(" "));
    svg.text(Font::STRONG, Anchor::Start, (16.0, 24.0), &fit(&title, Font::STRONG, width - 32.0));
    for (line, words) in words.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (16.0, 44.0 + LINE * line as f64), words);
    }
    graph.lines(&mut svg, &columns);
    graph.neurons(&mut svg, &columns);
    graph.labels(&mut svg, &columns);
    graph.loss(&mut svg, &columns, behind);
    for (line, words) in legend.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (16.0, first + LINE * line as f64), words);
    }
    svg.finish()
}

impl Graph<'_> {
    fn legend(&self) -> Vec<String> {
        let too = if self.arcs.is_empty() { "" } else { " and arcs" };
        let mut lines = vec![
            "In each neuron its output, below it the slope of its activation; beside lines, where there is room, weights."
                .to_string(),
            format!("Wide lines carry much of the gradient. Blue weights{too} are above 0, orange and dashed ones below."),
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
    fn connections(&self, columns: &Columns) -> Vec<(Option<&Flow>, usize, Point, Point)> {
        let mut all = Vec::new();
        for column in 1..self.columns.len() {
            for (o, (to, _)) in self.columns[column].iter().enumerate() {
                for (i, (from, _)) in self.columns[column - 1].iter().enumerate() {
                    let flow = self.flows.get(&(from.clone(), to.clone()));
                    all.push((flow, column, columns.place(column - 1, i), columns.place(column, o)));
                }
            }
        }
        all
    }

    /// All connections, those of paths on top.
    fn lines(&self, svg: &mut Svg, columns: &Columns) {
        let connections = self.connections(columns);
        for (_, _, start, end) in connections.iter().filter(|connection| connection.0.is_none()) {
            svg.line(Stroke::GRID, *start, *end);
        }
        for (flow, _, start, end) in connections {
            if let Some(flow) = flow {
                svg.edge(flow.stroke(), start, end, &format!("weight {}", flow.factor));
            }
        }
        for ((from, to), flow) in &self.arcs {
            let drawn = |name: &String| {
                let column = self.find(name)?.0;
                Some(columns.place(column, self.columns[column].iter().position(|(neuron, _)| neuron == name)?))
            };
            let (Some(start), Some(end)) = (drawn(from), drawn(to)) else { continue };
            let words = format!("∂{to}/∂z({from}) = {}", flow.factor);
            // From edge to edge of the circles, on their right.
            let down = 8.0 * (end.1 - start.1).signum();
            let out = (24.0 + 0.1 * (end.1 - start.1).abs()).min(60.0);
            let (start, end) = ((start.0 + 21.0, start.1 + down), (end.0 + 21.0, end.1 - down));
            svg.arc(flow.stroke(), start, end, out, &words);
        }
    }

    fn neurons(&self, svg: &mut Svg, columns: &Columns) {
        for (c, column) in self.columns.iter().enumerate() {
            for (n, (name, output)) in column.iter().enumerate() {
                let (x, y) = columns.place(c, n);
                let rim = if self.on_path(name) { Stroke::RIM.wide(2.4) } else { Stroke::RIM };
                svg.node(rim, (x, y), RADIUS);
                svg.text(Font::TINY, Anchor::Middle, (x, y - 4.0), name);
                svg.text(Font::LABEL, Anchor::Middle, (x, y + 9.0), &brief(*output));
            }
            if column.len() < self.widths[c] {
                let (x, y) = columns.place(c, column.len() - 1);
                let words = format!("{} of {} shown", column.len(), self.widths[c]);
                svg.text(Font::SMALL, Anchor::Middle, (x, y + 50.0), &words);
            }
        }
    }

    /// Numbers over the lines: slopes below neurons, then weights where there is room.
    fn labels(&self, svg: &mut Svg, columns: &Columns) {
        let mut labels = Labels::default();
        for (c, column) in self.columns.iter().enumerate() {
            for (n, (name, _)) in column.iter().enumerate() {
                let (x, y) = columns.place(c, n);
                labels.take((x, y), (2.0 * RADIUS, 2.0 * RADIUS));
                let Some(slope) = self.slopes.get(name) else { continue };
                let words = format!("× {}", significant(*slope, 3));
                svg.label((x, y + 31.0), &words);
                labels.take((x, y + 31.0), label_size(&words));
            }
        }
        let connections = self.connections(columns);
        for (flow, column, start, end) in &connections {
            let beside = connections.iter().filter(|other| other.0.is_some() && other.1 == *column).count();
            let Some(flow) = flow.filter(|_| beside <= LABELLED) else { continue };
            let words = significant(flow.factor, 3);
            let along = |part: f64| (start.0 + part * (end.0 - start.0), start.1 + part * (end.1 - start.1));
            // Near the end where lines are apart.
            let apart = |part: f64| if self.columns[*column].len() > 1 { part } else { 1.0 - part };
            if let Some(at) = labels.put(PLACES.map(|part| along(apart(part))), label_size(&words)) {
                svg.label(at, &words);
            }
        }
    }

    /// Target and slope of the loss of each output.
    fn behind_outputs(&self) -> impl Iterator<Item = (usize, [String; 2])> {
        let last = self.columns.last().map_or(&[][..], |column| &column[..]);
        last.iter().enumerate().filter_map(|(n, (name, _))| {
            let output = self.explanation.outputs.iter().find(|output| output.neuron == *name)?;
            let target = format!("target {}", significant(output.target, 4));
            Some((n, [target, format!("slope {}", significant(output.slope, 4))]))
        })
    }

    /// From the middle of an output to the words behind it.
    fn behind(&self) -> f64 {
        if self.arcs.is_empty() { 28.0 } else { 58.0 }
    }

    fn loss_width(&self) -> f64 {
        self.behind_outputs().flat_map(|(_, lines)| lines).map(|words| width(&words, Font::SMALL)).fold(0.0, f64::max)
    }

    fn loss(&self, svg: &mut Svg, columns: &Columns, behind: f64) {
        for (n, [target, slope]) in self.behind_outputs() {
            let (x, y) = columns.place(self.columns.len() - 1, n);
            svg.text(Font::SMALL, Anchor::Start, (x + behind, y - 3.0), &target);
            svg.text(Font::SMALL, Anchor::Start, (x + behind, y + 12.0), &slope);
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
    use crate::draw::explanation::classes;
    use crate::explain::Moment;
    use crate::nn::{Activation, Loss, Model, Network};

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
        let (last_line, first_box) =
            (picture.rfind("<path").unwrap(), picture.find("<rect class=\"f-paper\"").unwrap());
        assert!(last_line < first_box && picture.contains(">12 of 16 shown<"), "{picture}");
    }
}
