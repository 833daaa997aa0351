//! The gradient of a parameter as a formula: in symbols, and with the numbers put in.

use super::Math;
use super::moment::{Derivative, Moment};
use super::number::{exact, nine};
use super::paths::{Graph, Path, Stage};
use super::symbols::{Symbols, letter};

/// Paths up to which the formula with numbers lists all of them.
const FEW: u128 = 8;
/// Neurons of a layer up to which the formula lists all of them.
const NARROW: usize = 12;
/// Stages up to which sums stand inside sums.
const SHALLOW: usize = 12;
/// Letters of the sums, from the outer to the inner.
const LETTERS: [&str; 8] = ["k", "j", "m", "n", "p", "q", "r", "s"];

/// ∂L/∂parameter = symbols = numbers = value.
pub(super) fn gradient(moment: &Moment, place: usize, graph: &Graph<'_>, paths: &[Path]) -> Math {
    let mut sides = vec![Math::partial(letter("L"), Symbols(moment).parameter(place))];
    let simple = is_simple(moment, graph);
    if simple && graph.stages.len() <= SHALLOW {
        // A slope that all neurons share is a sum over them from the beginning.
        let several = graph.starts.len() > 1;
        let (neuron, depth) = if several { (LETTERS[0].into(), 1) } else { (graph.starts[0].0.to_string(), 0) };
        let mut factors = vec![first_factor(moment, place, &neuron)];
        factors.extend(rest(Symbols(moment), graph, 0, &neuron, depth));
        let product = Math::Product(factors);
        sides.push(if several { Math::SumOver(neuron, Box::new(product)) } else { product });
    } else {
        let local = |above, below| Math::partial(letter(above), letter(below));
        let chain = vec![local("z", "w"), local("a", "z"), Math::words("…"), local("L", "a")];
        sides.push(Math::SumOver("paths".into(), Box::new(Math::Product(chain))));
    }
    sides.extend(numbers(moment, graph, paths, simple && graph.starts.len() == 1));
    sides.push(Math::Number(nine(graph.total().sum)));
    Math::Equal(sides)
}

/// The derivative of what a parameter goes into, by the parameter; a slope goes into neurons of which `neuron` is one.
pub(super) fn first_factor(moment: &Moment, place: usize, neuron: &str) -> Math {
    let symbols = Symbols(moment);
    for (l, layer) in moment.network().layers().iter().enumerate() {
        if layer.weight.contains(&place) {
            return symbols.output(l, &((place - layer.weight.start) % layer.in_features).to_string());
        }
        let scale = layer.batch_norm.as_ref().and_then(|norm| norm.affine.as_ref()).map(|(weight, _)| weight);
        if let Some(scale) = scale.filter(|scale| scale.contains(&place)) {
            let index = (place - scale.start).to_string();
            let name = format!("x̂({})", symbols.output(l + 1, &index).text());
            return Math::Symbol { name, letter: "x̂", layer: (l + 1).to_string(), index };
        }
        if layer.slope.as_ref().is_some_and(|slope| slope.weight.contains(&place)) {
            let given = Math::List(vec![Math::Number("0".into()), symbols.given(l + 1, neuron)]);
            return Math::apply("min", given);
        }
    }
    Math::Number("1".into())
}

/// Whether every quantity follows from one of the stage before it, but for the weighted sums.
fn is_simple(moment: &Moment, graph: &Graph<'_>) -> bool {
    let each = |d: &Derivative| matches!(d, Derivative::Each(_));
    let locals = &moment.locals[graph.stages[0].layer()..];
    moment.samples.len() == 1 && locals.iter().all(|l| each(&l.activation) && l.norm.as_ref().is_none_or(each))
}

/// The factors behind a quantity, sums inside sums.
fn rest(symbols: Symbols<'_>, graph: &Graph<'_>, stage: usize, neuron: &str, depth: usize) -> Vec<Math> {
    let Some(&next) = graph.stages.get(stage + 1) else {
        return vec![symbols.loss_slope(neuron)];
    };
    let layer = next.layer() + 1;
    match next {
        Stage::Norm(_) => {
            let norm = Math::partial(symbols.given(layer, neuron), symbols.sum(layer, neuron));
            [vec![norm], rest(symbols, graph, stage + 1, neuron, depth)].concat()
        }
        Stage::Activation(_) => {
            [vec![symbols.slope(layer, neuron)], rest(symbols, graph, stage + 1, neuron, depth)].concat()
        }
        Stage::Dropout(_) => {
            [vec![symbols.mask(layer, neuron)], rest(symbols, graph, stage + 1, neuron, depth)].concat()
        }
        Stage::Sum(_) if graph.width(stage + 1) == 1 => {
            [vec![symbols.weight(layer, "0", neuron)], rest(symbols, graph, stage + 1, "0", depth)].concat()
        }
        Stage::Sum(_) => {
            let k = LETTERS[depth.min(LETTERS.len() - 1)];
            let inner =
                [vec![symbols.weight(layer, k, neuron)], rest(symbols, graph, stage + 1, k, depth + 1)].concat();
            vec![Math::SumOver(k.into(), Box::new(Math::Product(inner)))]
        }
    }
}

/// The same with numbers: of few paths all of them; of more, what the backward pass does: weights of the next layer times the
/// derivatives that come back to it.
fn numbers(moment: &Moment, graph: &Graph<'_>, paths: &[Path], simple: bool) -> Option<Math> {
    let number = |&factor: &f64| Math::Number(exact(factor, moment.dtype));
    let product = |factors: &[f64]| Math::Product(factors.iter().map(number).collect());
    let mut paths: Vec<&Path> = paths.iter().collect();
    paths.sort_by(|a, b| a.nodes.cmp(&b.nodes));
    let first = paths.first()?;
    let branch = graph.stages.iter().skip(1).position(|stage| matches!(stage, Stage::Sum(_)));
    let common = branch.map_or(first.factors.len(), |before| before + 1);
    if graph.total().count > FEW {
        let sum = branch.filter(|_| simple)? + 1;
        let weights = (graph.width(sum) <= NARROW).then(|| weights(moment, graph, sum))?;
        let terms = weights.into_iter().zip(&graph.totals[sum]);
        let terms = terms.map(|(w, next)| Math::Product(vec![number(&w), Math::Number(nine(next.sum))])).collect();
        return Some(Math::Product(
            [first.factors[..common].iter().map(number).collect(), vec![Math::Sum(terms)]].concat(),
        ));
    }
    if !simple {
        return Some(Math::Sum(paths.iter().map(|path| product(&path.factors)).collect()));
    }
    if paths.len() == 1 {
        return Some(product(&first.factors));
    }
    let sum = Math::Sum(paths.iter().map(|path| product(&path.factors[common..])).collect());
    Some(Math::Product([first.factors[..common].iter().map(number).collect(), vec![sum]].concat()))
}

/// The weights from the neuron that the parameter goes into, to the neurons of a stage of sums.
fn weights(moment: &Moment, graph: &Graph<'_>, stage: usize) -> Vec<f64> {
    let layer = &moment.network().layers()[graph.stages[stage].layer()];
    let from = graph.starts[0].0;
    (0..layer.out_features).map(|o| moment.parameters[layer.weight.start + o * layer.in_features + from]).collect()
}
