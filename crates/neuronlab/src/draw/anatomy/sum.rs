//! Inputs, weights, products, sum, activation, output.

use super::{biology, curve};
use crate::draw::svg::{Anchor, Font, Stroke, Svg, fit, width, wrap};
use crate::error::{Error, Result};
use crate::explain::{Moment, Pass, significant};

/// Width of the picture: readable on a phone.
pub(super) const WIDTH: f64 = 480.0;
/// Left and right of everything.
pub(super) const MARGIN: f64 = 14.0;
/// From one input to the next.
const ROW: f64 = 30.0;
/// From one line of words to the next.
const LINE: f64 = 17.0;
/// Inputs that are drawn; what is more is added up.
const MOST: usize = 8;
/// The middles of inputs, weights, products, and sum.
const AT: [f64; 4] = [80.0, 178.0, 276.0, 420.0];
/// Of the sum.
const RADIUS: f64 = 26.0;

/// A row of the sum: what is multiplied, with what, and the product.
struct Term {
    input: String,
    weight: String,
    product: f64,
}

/// A picture of one neuron in one row of a moment: each input times its weight, the sum, the activation with the point that it
/// stands on, the output, and the derivative there. `biology` sets a living neuron below it.
///
/// # Errors
/// A neuron that the network has not, or an input, which computes nothing.
///
/// # Panics
/// If there is no such row.
pub fn anatomy(moment: &Moment, row: usize, neuron: &str, biology: bool) -> Result<String> {
    let place = moment.network().neuron(neuron)?;
    if place.0 == 0 {
        let got = format!("`{neuron}`, an input");
        return Err(Error::field("neuron", "a neuron that computes something, such as Y#0", got));
    }
    let passes = moment.passes(row);
    let pass = passes.iter().find(|pass| pass.place == place).expect("every neuron has a pass");
    let terms = terms(moment, pass);
    let title = format!("{}: the anatomy of a weighted sum", pass.neuron);
    let about = wrap(&about(moment, row, pass), Font::SMALL, WIDTH - 2.0 * MARGIN);
    let top = 34.0 + LINE * about.len() as f64 + 22.0;
    let under = top + ROW * (terms.len() as f64).max(3.0);
    let curve = curve::Curve::new(moment, row, pass);
    let bottom = under + 30.0 + curve.height();
    let height = if biology { bottom + biology::HEIGHT } else { bottom };

    let description = format!(
        "{} terms add up to {}; {} makes {} of it.",
        terms.len(),
        significant(pass.z, 4),
        pass.activation,
        significant(pass.a, 4)
    );
    let mut svg = Svg::new(WIDTH, height, &title, &description);
    svg.text(Font::STRONG, Anchor::Start, (MARGIN, 22.0), &fit(&title, Font::STRONG, WIDTH - 2.0 * MARGIN));
    for (line, words) in about.iter().enumerate() {
        svg.text(Font::SMALL, Anchor::Start, (MARGIN, 40.0 + LINE * line as f64), words);
    }
    for (x, words) in AT.iter().zip(["input", "weight", "product", "sum"]) {
        svg.text(Font::SMALL, Anchor::Middle, (*x, top - 14.0), words);
    }
    sum(&mut svg, top, &terms, pass);
    curve.draw(&mut svg, under + 30.0);
    if biology {
        biology::draw(&mut svg, bottom);
    }
    Ok(svg.finish())
}

/// Which run, when, which sample, and the formula.
fn about(moment: &Moment, row: usize, pass: &Pass) -> String {
    let sample = moment.samples[row];
    let when =
        moment.origin.as_ref().map(|origin| format!("{}, step {}, sample {sample}: ", origin.experiment, origin.step));
    let bias = if pass.bias.is_some() { " + bias" } else { "" };
    let norm = if pass.normalised.is_some() { ", which the batch normalises" } else { "" };
    let output = match pass.activation {
        "identity" => "the output is that sum".to_string(),
        activation => format!("the output is {activation} of it"),
    };
    format!("{}z = Σ weight · input{bias}{norm}; {output}.", when.unwrap_or_default())
}

/// One row an input, and one for the bias; inputs that there is no room for are added up.
fn terms(moment: &Moment, pass: &Pass) -> Vec<Term> {
    let name = |i: usize| moment.network().neuron_name(pass.place.0 - 1, i);
    let shown = if pass.terms.len() > MOST { MOST - 1 } else { pass.terms.len() };
    let mut terms: Vec<Term> = pass.terms[..shown]
        .iter()
        .enumerate()
        .map(|(i, &(weight, input))| Term {
            input: format!("{} = {}", name(i), significant(input, 4)),
            weight: significant(weight, 4),
            product: weight * input,
        })
        .collect();
    if shown < pass.terms.len() {
        let rest = &pass.terms[shown..];
        let product = rest.iter().map(|(weight, input)| weight * input).sum();
        terms.push(Term { input: format!("{} more inputs", rest.len()), weight: "each its own".into(), product });
    }
    terms.extend(pass.bias.map(|bias| Term {
        input: "1".into(),
        weight: format!("bias {}", significant(bias, 4)),
        product: bias,
    }));
    terms
}

/// Lines from the inputs over the products to the sum, as wide as the products are large.
fn sum(svg: &mut Svg, top: f64, terms: &[Term], pass: &Pass) {
    let rows = (terms.len() as f64).max(3.0);
    let first = top + ROW * (rows - terms.len() as f64) / 2.0 + ROW / 2.0;
    let middle = (AT[3], top + ROW * rows / 2.0);
    let finite = terms.iter().map(|term| term.product.abs()).filter(|size| size.is_finite());
    let largest = finite.fold(f64::MIN_POSITIVE, f64::max);
    for (i, term) in terms.iter().enumerate() {
        let y = first + ROW * i as f64;
        let stroke = if term.product < 0.0 { Stroke::MINUS } else { Stroke::PLUS };
        let share = if term.product.is_finite() { term.product.abs() / largest } else { 1.0 };
        let words = format!("{}, times {}: {}", term.input, term.weight, significant(term.product, 9));
        svg.edge(stroke.wide(1.0 + 4.0 * share), (AT[0], y), (AT[2], y), &words);
        svg.edge(stroke.wide(1.0 + 4.0 * share), (AT[2], y), middle, &words);
        svg.boxed((AT[0], y), &fit(&term.input, Font::LABEL, 116.0));
        svg.label((AT[1], y), &fit(&format!("× {}", term.weight), Font::LABEL, 92.0));
        svg.boxed((AT[2], y), &significant(term.product, 4));
    }
    svg.node(Stroke::RIM, middle, RADIUS);
    let value = format!("z = {}", significant(pass.z, 4));
    svg.text(Font::STRONG, Anchor::Middle, (middle.0, middle.1 + 5.0), "Σ");
    svg.label((middle.0, middle.1 + RADIUS + 10.0), &value);
    if let Some(normalised) = pass.normalised {
        let words = format!("normalised: {}", significant(normalised, 4));
        let x = middle.0.min(WIDTH - MARGIN - width(&words, Font::LABEL) / 2.0);
        svg.label((x, middle.1 + RADIUS + 25.0), &words);
    }
}
