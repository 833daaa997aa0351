//! The graph in matrix form: a node for each tensor, forward on the left and backward on the right.

use super::{ComputationGraph, Edge, Kind, about};
use crate::explain::{Moment, significant};
use crate::nn::Activation;

/// Rows and columns of numbers that are written out.
const MOST: usize = 4;

/// The columns of the picture.
const PARAMETERS: usize = 0;
const FORWARD: usize = 1;
const BACKWARD: usize = 2;
const GRADIENTS: usize = 3;

/// One operation: what it makes, how, and the derivative of the loss by that.
struct Operation<'m> {
    name: String,
    formula: String,
    values: &'m [f64],
    gradient: &'m [f64],
    /// How the gradient of what it is given follows from its own.
    back: String,
    /// The activation whose derivatives stand below the numbers, each from its own.
    slope: Option<&'static str>,
    /// What the names of its parameters begin with; none if it has none.
    owner: Option<&'m str>,
}

impl ComputationGraph {
    /// Tensor by tensor: `X`, and of each layer its parameters, its weighted sums `z`, what batch normalisation makes of them (`y`), and
    /// its outputs `a`; at the end the loss. The gradient of each stands beside it, computed from below upwards.
    pub fn of_tensors(moment: &Moment) -> Self {
        let rows = moment.samples.len();
        let mut graph = Self {
            title: format!("Computation graph: L = {}", significant(moment.loss, 6)),
            about: about(moment, &moment.samples),
            notes: vec![
                "Forward runs down, backward up; a shape is [samples × neurons]. ⊙ multiplies number by number, · multiplies matrices.".into(),
            ],
            heads: vec!["parameters", "forward", "backward", "gradients of parameters"],
            nodes: vec![],
            edges: vec![],
        };
        graph.notes.extend(moment.penalty.as_ref().map(|_| {
            "Loss and gradients are without the penalty of the weights, which is added before the update.".to_string()
        }));
        let mut input = Source { name: "X".into(), forward: 0, backward: None };
        input.forward = graph.node(
            Kind::Given,
            (FORWARD, 0.0),
            tensor("X", "the inputs", &moment.input, rows, moment.network().in_features()),
        );
        let mut row = 1.0;
        for l in 0..moment.layers.len() {
            for operation in &operations(moment, l, &input.name) {
                input = graph.operation(moment, l, operation, &input, row);
                row += 1.0;
            }
        }
        graph.loss(moment, &input, row);
        graph
    }

    /// Adds what an operation makes, its gradient, and its parameters.
    fn operation(&mut self, moment: &Moment, l: usize, made: &Operation<'_>, from: &Source, row: f64) -> Source {
        let (width, rows) = (moment.network().layers()[l].out_features, moment.samples.len());
        let mut lines = tensor(&made.name, &made.formula, made.values, rows, width);
        if let Some(key) = made.slope {
            let slope = |at: usize| moment.slope(at / width, (l + 1, at % width));
            let slopes: Vec<f64> = (0..rows * width).map(slope).collect();
            lines.extend(tensor(&format!("{key}′({})", from.name), "", &slopes, rows, width));
        }
        let forward = self.node(Kind::Forward, (FORWARD, row), lines);
        let name = format!("∂L/∂{}", made.name);
        let backward = self.node(Kind::Backward, (BACKWARD, row), tensor(&name, "", made.gradient, rows, width));
        self.edge((from.forward, forward), false, "", &format!("{} = {}", made.name, made.formula));
        if let Some(below) = from.backward {
            self.edge((backward, below), true, &made.back, &format!("∂L/∂{} = {name} {}", from.name, made.back));
        }
        if let Some(owner) = made.owner {
            self.parameters(moment, owner, (forward, backward), (&from.name, &made.name), row);
        }
        Source { name: made.name.clone(), forward, backward: Some(backward) }
    }

    /// Adds the parameters that an operation uses, one node for all, and their gradients.
    fn parameters(
        &mut self,
        moment: &Moment,
        owner: &str,
        (forward, backward): (usize, usize),
        (input, output): (&str, &str),
        row: f64,
    ) {
        let own = |name: &str| name.strip_prefix(owner).is_some_and(|rest| rest.starts_with('.'));
        let (mut values, mut gradients) = (vec![], vec![]);
        for of in moment.network().tensors().filter(|of| own(&of.name)) {
            let (rows, columns, how) = match of.shape[..] {
                [rows, columns] => (rows, columns, format!("(∂L/∂{output})ᵀ · {input}")),
                _ if of.name.rsplit('.').next() == Some("bias") => {
                    (1, of.range.len(), format!("∂L/∂{output}, added up over samples"))
                }
                _ => (1, of.range.len(), String::new()),
            };
            values.extend(tensor(&of.name, "", &moment.parameters[of.range.clone()], rows, columns));
            let name = format!("∂L/∂{}", of.name);
            gradients.extend(tensor(&name, &how, &moment.gradients[of.range.clone()], rows, columns));
        }
        if values.is_empty() {
            return;
        }
        let given = self.node(Kind::Given, (PARAMETERS, row), values);
        let wanted = self.node(Kind::Backward, (GRADIENTS, row), gradients);
        self.edge((given, forward), false, "", &format!("parameters of {output}"));
        self.edge((backward, wanted), true, "", &format!("from ∂L/∂{output} to the gradients of its parameters"));
    }

    /// Adds target and loss.
    fn loss(&mut self, moment: &Moment, output: &Source, row: f64) {
        let (rows, width) = (moment.samples.len(), moment.network().out_features());
        let name = moment.loss_function.name();
        let target = self.node(Kind::Given, (PARAMETERS, row), tensor("T", "the targets", &moment.target, rows, width));
        let formula = format!("{name}({}, T)", output.name);
        let lines = vec!["L".to_string(), format!("= {formula}"), significant(moment.loss, 6)];
        let loss = self.node(Kind::Forward, (FORWARD, row), lines);
        let one = self.node(Kind::Backward, (BACKWARD, row), vec!["∂L/∂L".into(), "1".into()]);
        self.edge((output.forward, loss), false, "", &format!("L = {formula}"));
        self.edge((target, loss), false, "", "the targets");
        self.edge((loss, one), true, "", "here backward begins");
        if let Some(below) = output.backward {
            let words = format!("∂L/∂{}, the slope of {name}", output.name);
            self.edge((one, below), true, &format!("slope of {name}"), &words);
        }
    }

    fn edge(&mut self, (from, to): (usize, usize), backward: bool, label: &str, words: &str) {
        let (label, words) = (label.to_string(), words.to_string());
        self.edges.push(Edge { from, to, backward, label, words, minus: false, share: 0.2 });
    }
}

/// What the next operation is given.
struct Source {
    name: String,
    forward: usize,
    /// Its gradient; none of the inputs, by which nobody derives.
    backward: Option<usize>,
}

/// The operations of a layer, in their order; the last one makes its outputs.
fn operations<'m>(moment: &'m Moment, l: usize, input: &str) -> Vec<Operation<'m>> {
    let (layer, values, n) = (&moment.network().layers()[l], &moment.layers[l], l + 1);
    let bias = if layer.bias.is_some() { format!(" + {}.bias", layer.name) } else { String::new() };
    let mut all = vec![Operation {
        name: format!("z{n}"),
        formula: format!("{input} · {}.weightᵀ{bias}", layer.name),
        values: &values.z,
        gradient: &values.dz,
        back: format!("· {}.weight", layer.name),
        owner: Some(&layer.name),
        slope: None,
    }];
    if let (Some(norm), Some(of)) = (&values.norm, &layer.batch_norm) {
        all.push(Operation {
            name: format!("y{n}"),
            formula: format!("BatchNorm1d(z{n}), {}", of.name),
            values: &norm.y,
            gradient: &norm.dy,
            back: "through the batch's mean and variance".into(),
            owner: Some(&of.name),
            slope: None,
        });
    }
    let dropped = values.dropout.as_ref();
    if layer.activation != Activation::IDENTITY {
        let (given, key) = (all[all.len() - 1].name.clone(), layer.activation.key());
        let elementwise = layer.activation.is_elementwise();
        all.push(Operation {
            name: format!("f{n}"),
            formula: format!("{key}({given})"),
            values: dropped.map_or(&values.a, |dropped| &dropped.f),
            gradient: dropped.map_or(&values.da, |dropped| &dropped.df),
            slope: elementwise.then_some(key),
            owner: layer.slope.as_ref().map(|slope| &*slope.name),
            back: if elementwise { format!("⊙ {key}′({given})") } else { format!("· Jacobian of {key}") },
        });
    }
    if dropped.is_some() {
        let given = all[all.len() - 1].name.clone();
        all.push(Operation {
            name: String::new(),
            formula: format!("{given} ⊙ mask"),
            values: &values.a,
            gradient: &values.da,
            back: "⊙ mask".into(),
            owner: None,
            slope: None,
        });
    }
    let last = all.len() - 1;
    all[last].name = if n == moment.layers.len() { "Y".into() } else { format!("a{n}") };
    all
}

/// The lines of a tensor: name with shape, how it is made, and its numbers, or their range where they are many.
fn tensor(name: &str, formula: &str, values: &[f64], rows: usize, columns: usize) -> Vec<String> {
    let mut lines = vec![format!("{name}  [{rows} × {columns}]")];
    if !formula.is_empty() {
        lines.push(format!("= {formula}"));
    }
    if rows <= MOST && columns <= MOST {
        let row = |row: &[f64]| row.iter().map(|&v| significant(v, 3)).collect::<Vec<_>>().join("  ");
        lines.extend(values.chunks(columns.max(1)).map(row));
        return lines;
    }
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
    let strange = values.len() - finite().count();
    if low == high {
        lines.push(format!("all {}", significant(low, 3)));
    } else if low < high {
        lines.push(format!("{} to {}", significant(low, 3), significant(high, 3)));
    }
    if strange > 0 {
        lines.push(format!("{strange} not finite"));
    }
    lines
}
