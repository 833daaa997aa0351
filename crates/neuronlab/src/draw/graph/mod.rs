//! The computation graph of one step: what autograd records, with the values on the way forward, the gradients on the way back, and the
//! derivative between each two.

mod dot;
mod neurons;
mod picture;
mod tensors;

/// What a step computes and in which order: tensor by tensor, or neuron by neuron.
///
/// ```
/// use neuronlab::draw::ComputationGraph;
/// use neuronlab::explain::Moment;
/// use neuronlab::{Experiment, Trainer};
///
/// let trainer = Trainer::<f32>::new(&Experiment::built_in("xor")?)?;
/// let moment = Moment::new(&trainer, Some(&[1]))?;
/// let graph = ComputationGraph::of_tensors(&moment);
/// assert!(graph.svg().starts_with("<svg ") && graph.dot().starts_with("digraph "));
/// assert!(ComputationGraph::of_neurons(&moment, 0)?.dot().contains("H#1_0"));
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ComputationGraph {
    title: String,
    /// Which step, of which run, on which samples.
    about: String,
    /// What a reader needs to know.
    notes: Vec<String>,
    /// Words above the columns; none where the first node says enough.
    heads: Vec<&'static str>,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

/// A tensor, or a neuron.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    kind: Kind,
    /// Its name, then what is known of it, a line each.
    lines: Vec<String>,
    column: usize,
    /// Counted from the top, in rows; between two of them for the middle of a column.
    row: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Inputs, targets and parameters: nobody computes them.
    Given,
    /// Computed on the way forward.
    Forward,
    /// A gradient.
    Backward,
}

/// From what is used to what is made of it.
#[derive(Debug, Clone, PartialEq)]
struct Edge {
    from: usize,
    to: usize,
    backward: bool,
    /// What stands beside it, if there is room.
    label: String,
    /// The same in full.
    words: String,
    /// Below 0: drawn dashed.
    minus: bool,
    /// How much it carries, from 0 to 1.
    share: f64,
}

impl ComputationGraph {
    /// Adds a node and says which it is.
    fn node(&mut self, kind: Kind, (column, row): (usize, f64), lines: Vec<String>) -> usize {
        self.nodes.push(Node { kind, lines, column, row });
        self.nodes.len() - 1
    }
}

/// Which run, which step, which samples.
fn about(moment: &crate::explain::Moment, rows: &[u32]) -> String {
    let many = rows.len() > 1;
    let listed: Vec<String> = rows.iter().take(6).map(u32::to_string).collect();
    let more = if rows.len() > 6 { format!(" and {} more", rows.len() - 6) } else { String::new() };
    let samples = format!("sample{} {}{more}", if many { "s" } else { "" }, listed.join(", "));
    match &moment.origin {
        Some(origin) => format!("{}, step {} (epoch {}), {samples}.", origin.experiment, origin.step, origin.epoch),
        None => format!("A pass on {samples}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Moment, significant};
    use crate::{Experiment, Trainer};

    fn moment(settings: &[&str], samples: &[u32]) -> Moment {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let trainer = Trainer::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        Moment::new(&trainer, Some(samples)).unwrap()
    }

    fn node<'g>(graph: &'g ComputationGraph, name: &str) -> (usize, &'g [String]) {
        let found = graph.nodes.iter().position(|node| node.lines[0].split("  [").next() == Some(name));
        let found = found.unwrap_or_else(|| panic!("no {name}"));
        (found, &graph.nodes[found].lines)
    }

    /// The numbers are those of the moment, and edges go from what is used to what is made.
    #[test]
    fn the_graph_of_tensors_has_the_numbers_of_the_step() {
        let moment = moment(&[], &[1]);
        let graph = ComputationGraph::of_tensors(&moment);
        let numbers = |values: &[f64]| values.iter().map(|&v| significant(v, 3)).collect::<Vec<_>>().join("  ");
        assert_eq!(node(&graph, "z1").1[1..], ["= X · lin1.weightᵀ".to_string(), numbers(&moment.layers[0].z)]);
        assert_eq!(node(&graph, "∂L/∂z1").1[1..], [numbers(&moment.layers[0].dz)]);
        let slopes: Vec<f64> = (0..4).map(|o| moment.slope(0, (3, o))).collect();
        let a3 =
            ["= tanh(z3)".to_string(), numbers(&moment.layers[2].a), "tanh′(z3)  [1 × 4]".into(), numbers(&slopes)];
        assert_eq!(node(&graph, "a3").1[1..], a3);
        assert_eq!(node(&graph, "Y").1[1..], ["= a3 · lin4.weightᵀ".to_string(), numbers(&moment.layers[3].a)]);
        let gradients = &node(&graph, "∂L/∂lin1.weight").1[2..];
        assert_eq!(gradients, moment.gradients[..8].chunks(2).map(numbers).collect::<Vec<_>>());
        let goes = |from: &str, to: &str| {
            let (from, to) = (node(&graph, from).0, node(&graph, to).0);
            graph.edges.iter().any(|edge| (edge.from, edge.to) == (from, to))
        };
        for (from, to) in [("X", "z1"), ("lin1.weight", "z1"), ("z1", "a1"), ("Y", "L"), ("T", "L"), ("L", "∂L/∂L")]
        {
            assert!(goes(from, to), "{from} → {to}");
        }
        for (from, to) in [("∂L/∂L", "∂L/∂Y"), ("∂L/∂a1", "∂L/∂z1"), ("∂L/∂z1", "∂L/∂lin1.weight")]
        {
            assert!(goes(from, to), "{from} → {to}");
        }
        // Every tensor but the inputs has a gradient, and none is by the inputs.
        assert_eq!(graph.nodes.len(), 2 + 4 * 2 + 7 * 2 + 2);
    }

    #[test]
    fn every_operation_is_a_node() {
        let layers = "network.layers=[{out_features=6,batch_norm={},activation='prelu',dropout=0.5},{out_features=1}]";
        let graph = ComputationGraph::of_tensors(&moment(&[layers, "batch=full"], &[0, 1, 2, 3]));
        let made = |name: &str| node(&graph, name).1[1].clone();
        assert_eq!(made("y1"), "= BatchNorm1d(z1), bn1");
        assert_eq!((made("f1"), made("a1")), ("= prelu(y1)".into(), "= f1 ⊙ mask".into()));
        assert_eq!(made("Y"), "= a1 · lin2.weightᵀ + lin2.bias");
        node(&graph, "bn1.weight");
        assert!(graph.nodes.iter().any(|node| node.lines[0].starts_with("∂L/∂prelu1.weight")), "{graph:?}");
    }

    #[test]
    fn the_graph_of_neurons_has_every_weight() {
        let moment = moment(&[], &[2]);
        let graph = ComputationGraph::of_neurons(&moment, 0).unwrap();
        assert_eq!((graph.nodes.len(), graph.edges.len()), (2 + 4 + 4 + 4 + 1 + 1, 44 + 1));
        let dz = significant(moment.layers[1].dz[2], 4);
        assert_eq!(node(&graph, "H#2_2").1[5], format!("∂L/∂z = {dz}"));
        assert!(graph.edges.iter().any(|edge| edge.words.starts_with("lin3.weight[3,1] = ")));
        let wide = self::moment(&["network.layers=[{out_features=13},{out_features=1}]"], &[0]);
        let error = ComputationGraph::of_neurons(&wide, 0).unwrap_err().to_string();
        assert!(error.contains("at most 12 neurons in a layer, to be drawn one by one, got 13"), "{error}");
    }

    #[test]
    fn dot_quotes_what_it_must() {
        let mut graph = ComputationGraph::of_tensors(&moment(&[], &[1]));
        graph.title = "a \"b\" \\ c".into();
        let text = graph.dot();
        assert!(text.starts_with("digraph \"a \\\"b\\\" \\\\ c\" {\n"), "{text}");
        assert_eq!(text.matches(" -> ").count(), graph.edges.len());
    }
}
