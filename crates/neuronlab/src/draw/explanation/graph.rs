//! The network of an explanation as a picture has it: neurons in columns, and what the listed paths carry between them.

use crate::draw::svg::Stroke;
use crate::explain::{Explanation, PathPart};
use std::collections::BTreeMap;

/// Neurons of a layer that are drawn.
const MOST: usize = 12;

/// Neurons in their columns, and the paths between them.
pub(super) struct Graph<'e> {
    pub(super) explanation: &'e Explanation,
    /// Names and outputs of the neurons of each column that are drawn, inputs first.
    pub(super) columns: Vec<Vec<(String, f64)>>,
    /// Neurons of each column, drawn or not.
    pub(super) widths: Vec<usize>,
    /// Each connection of the listed paths between two columns.
    pub(super) flows: BTreeMap<(String, String), Flow>,
    /// Each connection within a column: a softmax makes an output of all sums of its layer.
    pub(super) arcs: BTreeMap<(String, String), Flow>,
    /// Slope of each neuron on a path.
    pub(super) slopes: BTreeMap<String, f64>,
}

/// What goes through a connection.
pub(super) struct Flow {
    /// Sum of the sizes of the products of its paths, of that of all listed paths.
    pub(super) share: f64,
    /// Its weight, or the derivative of an output by another neuron's sum.
    pub(super) factor: f64,
}

impl Flow {
    pub(super) fn stroke(&self) -> Stroke {
        let stroke = if self.factor < 0.0 { Stroke::MINUS } else { Stroke::PLUS };
        stroke.wide(1.0 + 7.0 * self.share)
    }
}

impl<'e> Graph<'e> {
    pub(super) fn new(explanation: &'e Explanation) -> Self {
        let layers = explanation.forward.iter().map(|pass| pass.place.0).max().unwrap_or(0);
        let mut columns = vec![explanation.inputs.clone()];
        for layer in 1..=layers {
            let passes = explanation.forward.iter().filter(|pass| pass.place.0 == layer);
            columns.push(passes.map(|pass| (pass.neuron.clone(), pass.a)).collect());
        }
        let widths = columns.iter().map(Vec::len).collect();
        let (flows, arcs, slopes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut graph = Self { explanation, columns, widths, flows, arcs, slopes };
        graph.follow_paths();
        graph.narrow();
        graph
    }

    /// Column of a neuron, and its number there.
    pub(super) fn find(&self, name: &str) -> Option<(usize, usize)> {
        let input = self.explanation.inputs.iter().position(|(input, _)| input == name).map(|i| (0, i));
        let pass = || self.explanation.forward.iter().find(|pass| pass.neuron == name);
        input.or_else(|| pass().map(|pass| pass.place))
    }

    /// What the listed paths carry through each connection.
    fn follow_paths(&mut self) {
        let explanation = self.explanation;
        let all = explanation.paths.iter().map(|path| path.product.abs()).sum::<f64>().max(f64::MIN_POSITIVE);
        for path in &explanation.paths {
            let share = path.product.abs() / all;
            // The weight itself, if it comes from a neuron.
            let first = path.factors[0].0.text();
            if self.find(&first).is_some() {
                self.add(&first, &path.neurons[0], share, path);
            }
            for pair in path.neurons.windows(2) {
                self.add(&pair[0], &pair[1], share, path);
            }
            for (name, value) in &path.factors {
                let text = name.text();
                let slope = text.split_once("′(").and_then(|(_, at)| at.strip_suffix("))")?.split_once('('));
                self.slopes.extend(slope.map(|(_, neuron)| (neuron.to_string(), *value)));
            }
        }
    }

    /// A share of the gradient goes from one neuron to another.
    fn add(&mut self, from: &str, to: &str, share: f64, path: &PathPart) {
        let (Some(before), Some(here)) = (self.find(from), self.find(to)) else { return };
        let key = (from.to_string(), to.to_string());
        let (connections, factor) = if before.0 == here.0 {
            // With dropout what leaves the activation is not yet the output: f.
            let named = |name: &str| {
                let above = [to.to_string(), format!("f({to})")];
                above.iter().any(|to| name == format!("∂{to}/∂z({from})") || name == format!("∂{to}/∂y({from})"))
            };
            let factor = path.factors.iter().find(|(name, _)| named(&name.text()));
            (&mut self.arcs, factor.map_or(0.0, |(_, value)| *value))
        } else {
            let pass = self.explanation.forward.iter().find(|pass| pass.place == here);
            (&mut self.flows, pass.and_then(|pass| pass.terms.get(before.1)).map_or(0.0, |term| term.0))
        };
        connections.entry(key).or_insert(Flow { share: 0.0, factor }).share += share;
    }

    pub(super) fn on_path(&self, name: &str) -> bool {
        self.flows.keys().chain(self.arcs.keys()).any(|(from, to)| from == name || to == name)
    }

    /// Leaves out neurons of wide layers, those on no path first.
    fn narrow(&mut self) {
        for c in 0..self.columns.len() {
            let column = &self.columns[c];
            let mut order: Vec<usize> = (0..column.len()).collect();
            order.sort_by_key(|&n| (!self.on_path(&column[n].0), n));
            order.truncate(MOST);
            order.sort_unstable();
            self.columns[c] = order.into_iter().map(|n| column[n].clone()).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::explanation::classes;
    use crate::explain::Moment;
    use crate::nn::{Activation, Loss, Model, Network};

    #[test]
    fn connections_carry_their_own_weights_and_arcs_their_derivatives() {
        let why = Explanation::new(&classes(), "lin1.weight[0,0]").unwrap();
        let graph = Graph::new(&why);
        let flow = |from: &str, to: &str| &graph.flows[&(from.to_string(), to.to_string())];
        assert_eq!((flow("X#0", "Y#0").factor, flow("X#0", "Y#0").share), (0.5, 1.0));
        assert_eq!(graph.flows.len(), 1);
        // ∂ log-softmax₁ / ∂z₀ is minus the probability of class 0, and the whole gradient goes that way.
        let arc = &graph.arcs[&("Y#0".to_string(), "Y#1".to_string())];
        let probability = 1.0 / (1.0 + (-0.75f64 * 0.8).exp());
        assert!((arc.factor + probability).abs() < 1e-12 && arc.share == 1.0, "{} {}", arc.factor, arc.share);
    }

    /// Nothing flows: no line is wider than another.
    #[test]
    fn a_gradient_of_zero_has_no_wide_line() {
        let network = Network::new(2).linear(2, false, Activation::TANH).linear(1, false, Activation::IDENTITY);
        let model = Model::<f64>::new(network, vec![0.5, -0.25, 1.0, 2.0, 0.75, -1.5]).unwrap();
        let moment = Moment::of_model(&model, &Loss::MSE_LOSS, &[0.0, 1.0], &[0.5]).unwrap();
        let why = Explanation::new(&moment, "lin1.weight[0,0]").unwrap();
        assert_eq!(why.sum, 0.0);
        assert!(Graph::new(&why).flows.values().all(|flow| flow.share == 0.0));
    }
}
