//! The forward pass of a page, in formulas with numbers put in.

use super::Math;
use super::document::{Block, Document};
use super::explanation::Pass;
use super::number::{exact, nine};
use super::symbols::Named;
use crate::scalar::Dtype;

/// Terms of a weighted sum that are shown; of more the largest.
const TERMS: usize = 8;
/// What letters mean.
pub(super) const LEGEND: &str = "In formulas x is an input, w a weight, z a weighted sum and a an output; above stands the layer, below the neuron, for weights first the one that they go to.";
/// Neurons of a layer that are shown.
pub(super) const NEURONS: usize = 12;

/// The forward pass: for each layer the formula, then its neurons with numbers.
pub(super) fn forward(page: &mut Document, passes: &[Pass], dtype: Dtype) {
    let layers = passes.iter().map(|pass| pass.place.0).max().unwrap_or(0);
    for layer in 1..=layers {
        let neurons: Vec<&Pass> = passes.iter().filter(|pass| pass.place.0 == layer).collect();
        let mut formulas = Vec::new();
        for pass in neurons.iter().take(NEURONS) {
            formulas.extend(neuron(pass, dtype));
        }
        if neurons.len() > NEURONS {
            formulas.push(Math::words(format!("… and {} more neurons of layer {layer}", neurons.len() - NEURONS)));
        }
        page.blocks.push(Block::Formulas(formulas));
    }
}

/// The weighted sum of a neuron and what its activation makes of it.
pub(super) fn neuron(pass: &Pass, dtype: Dtype) -> Vec<Math> {
    let number = |value: f64| Math::Number(exact(value, dtype));
    let named = Named { layer: pass.place.0, index: pass.place.1, neuron: &pass.neuron };
    let name = |letter| named.symbol(letter);
    let mut sum = terms(pass, &number);
    sum.extend(pass.bias.map(number));
    let mut formulas = vec![Math::Equal(vec![name("z"), Math::Sum(sum), number(pass.z)])];
    if let Some(y) = pass.normalised {
        formulas.push(Math::Equal(vec![name("y"), Math::words("normalised"), number(y)]));
    }
    let identity = pass.activation == "identity";
    let applied = if identity {
        name(if pass.normalised.is_some() { "y" } else { "z" })
    } else {
        Math::apply(pass.activation, number(pass.normalised.unwrap_or(pass.z)))
    };
    formulas.push(Math::Equal(match pass.mask {
        Some(mask) => vec![name("a"), Math::Product(vec![applied, number(mask)]), number(pass.a)],
        None if identity => vec![name("a"), applied],
        None => vec![name("a"), applied, number(pass.a)],
    }));
    formulas
}

/// Products of weights and inputs; of many the largest, and the sum of the rest.
fn terms(pass: &Pass, number: &impl Fn(f64) -> Math) -> Vec<Math> {
    let product = |(w, x): &(f64, f64)| Math::Product(vec![number(*w), number(*x)]);
    if pass.terms.len() <= TERMS {
        return pass.terms.iter().map(product).collect();
    }
    let mut sorted: Vec<(f64, f64)> = pass.terms.clone();
    sorted.sort_by(|a, b| (b.0 * b.1).abs().total_cmp(&(a.0 * a.1).abs()));
    let rest: f64 = sorted[TERMS..].iter().map(|(w, x)| w * x).sum();
    let mut all: Vec<Math> = sorted[..TERMS].iter().map(product).collect();
    all.push(Math::Number(nine(rest)));
    all.push(Math::words(format!("[the last: {} terms]", sorted.len() - TERMS)));
    all
}
