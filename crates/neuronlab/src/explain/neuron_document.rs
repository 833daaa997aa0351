//! What is known of a neuron, as a page.

use super::Math;
use super::document::{Block, Document, Table};
use super::neuron::{Boundary, Neuron, Saturation, Seen};
use super::number::{exact, nine, significant};
use super::symbols::Named;
use crate::nn::is_flat_somewhere;

/// Samples and inputs that the page lists.
const ROWS: usize = 16;

impl Neuron {
    /// As a page.
    pub fn document(&self) -> Document {
        let title = format!("{} in {}: after step {} (epoch {})", self.name, self.experiment, self.step, self.epoch);
        let mut page = Document { title, blocks: vec![] };
        page.heading("What it computes");
        let normed = if self.normalised { ", normalised," } else { "" };
        page.words(match self.activation {
            "identity" => format!("{} ({}): a weighted sum{normed} and nothing after it.", self.name, self.layer),
            f => format!("{} ({}): a weighted sum{normed} and {f} of that.", self.name, self.layer),
        });
        page.blocks.push(Block::Legend(super::pass_document::LEGEND.into()));
        page.blocks.push(Block::Formulas(self.formulas()));
        page.heading("Where it changes its mind");
        self.mind(&mut page);
        page.heading("What it saturates on");
        self.saturation(&mut page);
        page
    }

    fn formulas(&self) -> Vec<Math> {
        let number = |value: f64| Math::Number(exact(value, self.dtype));
        let named = Named { layer: self.place.0, index: self.place.1, neuron: &self.name };
        let mut terms: Vec<Math> = Vec::new();
        for (i, (from, w)) in self.weights.iter().enumerate().take(ROWS) {
            let from = match self.place.0 {
                1 => Math::words(self.inputs[i].clone()),
                l => Math::Symbol { name: from.clone(), letter: "a", layer: (l - 1).to_string(), index: i.to_string() },
            };
            terms.push(Math::Product(vec![number(*w), from]));
        }
        let more = self.weights.len().saturating_sub(ROWS);
        if more > 0 {
            terms.push(Math::words(format!("… ({more} more)")));
        }
        terms.extend(self.bias.map(number));
        let mut formulas = vec![Math::Equal(vec![named.symbol("z"), Math::Sum(terms)])];
        let of = if self.normalised {
            formulas.push(Math::Equal(vec![named.symbol("y"), Math::words("z, normalised")]));
            named.symbol("y")
        } else {
            named.symbol("z")
        };
        let after = if self.activation == "identity" { of } else { Math::apply(self.activation, of) };
        formulas.push(Math::Equal(vec![named.symbol("a"), after]));
        formulas
    }

    fn mind(&self, page: &mut Document) {
        let (above, below) =
            (self.samples.iter().filter(|s| s.z > 0.0).count(), self.samples.iter().filter(|s| s.z < 0.0).count());
        match &self.boundary {
            Some(boundary) => {
                let steepness = boundary.normal.iter().map(|n| n * n).sum::<f64>().sqrt();
                if steepness == 0.0 {
                    page.words("All its weights are 0: it says the same whatever its inputs are.");
                } else {
                    page.blocks.push(Block::Formulas(boundary.formulas(&self.inputs)));
                    let what = match self.inputs.len() {
                        1 => "a point",
                        2 => "a straight line",
                        3 => "a plane",
                        _ => "a hyperplane",
                    };
                    let where_it_is = match boundary.offset.abs() / steepness {
                        0.0 => "through the origin".to_string(),
                        away => format!("{} away from the origin", significant(away, 4)),
                    };
                    page.words(format!(
                        "The weighted sum is 0 on {what} in the space of the inputs, {where_it_is}; on one side of it the sum is above 0, on the other below."
                    ));
                }
            }
            None => page.words(format!(
                "The weighted sum is 0 on a straight boundary in the space of the {} numbers that it is given; over the inputs of the network that is a curve.",
                self.weights.len()
            )),
        }
        let on = self.samples.len() - above - below;
        let on = if on > 0 { format!(", exactly 0 on {on}") } else { String::new() };
        let seen = self.samples.len();
        let samples = if seen < self.of {
            format!("first {seen} of {} training samples", self.of)
        } else {
            format!("{seen} training samples")
        };
        page.words(format!("Of the {samples} the sum is above 0 on {above}, below 0 on {below}{on}."));
    }

    fn saturation(&self, page: &mut Document) {
        page.words(self.saturates.words(self.activation));
        let most = self.inputs.len().min(4);
        let mut head = vec!["sample".to_string()];
        head.extend(self.inputs[..most].iter().cloned());
        if self.inputs.len() > most {
            head.push("…".into());
        }
        head.extend(["z", "output", "slope", ""].map(String::from));
        let row = |seen: &Seen| {
            let mut row = vec![seen.sample.to_string()];
            row.extend(seen.inputs[..most].iter().map(|&x| significant(x, 5)));
            row.extend((self.inputs.len() > most).then(String::new));
            row.extend([exact(seen.z, self.dtype), exact(seen.a, self.dtype), nine(seen.slope)]);
            row.push(if seen.saturated { "saturated".into() } else { String::new() });
            row
        };
        let rows: Vec<Vec<String>> = self.samples.iter().take(ROWS).map(row).collect();
        let last = head.len() - 1;
        page.blocks.push(Block::Table(Table { head, rows, left: vec![last] }));
        let more = self.samples.len().saturating_sub(ROWS);
        let more = if more > 0 { format!("… and {more} more samples. ") } else { String::new() };
        page.words(format!("{more}Saturated on {} of {}.", self.saturated(), self.samples.len()));
        if self.samples.iter().all(|seen| seen.slope == 0.0) {
            let words = if is_flat_somewhere(self.activation) {
                "Its slope is 0 on all of them: the neuron is dead. No gradient reaches its weights, so training does not move them any more. \
                 A smaller learning rate, another initialisation, or an activation such as leaky_relu avoids it."
            } else {
                "Its slope is too small for a number on all of them, and so 0: the neuron is saturated. No gradient reaches its weights, so training \
                 does not move them any more. Smaller weights to begin with, standardised inputs, or a smaller learning rate avoid it."
            };
            page.words(words.to_string());
        }
    }
}

impl Boundary {
    /// Σ normalᵢ·xᵢ + offset = 0, and for two inputs the second as a function of the first.
    fn formulas(&self, names: &[String]) -> Vec<Math> {
        let number = |value: f64| Math::Number(significant(value, 6));
        let input = |i: usize| Math::words(names[i].clone());
        let mut terms: Vec<Math> =
            (0..self.normal.len()).take(ROWS).map(|i| Math::Product(vec![number(self.normal[i]), input(i)])).collect();
        if self.normal.len() > ROWS {
            terms.push(Math::words(format!("… ({} more)", self.normal.len() - ROWS)));
        }
        if self.offset != 0.0 {
            terms.push(number(self.offset));
        }
        let mut formulas = vec![Math::Equal(vec![Math::Sum(terms), Math::Number("0".into())])];
        if let [first, second] = self.normal[..]
            && second != 0.0
        {
            let mut terms = vec![Math::Product(vec![number(-first / second), input(0)])];
            terms.extend((self.offset != 0.0).then(|| number(-self.offset / second)));
            formulas.push(Math::Equal(vec![input(1), Math::Sum(terms)]));
        }
        formulas
    }
}

impl Saturation {
    fn words(self, activation: &str) -> String {
        let limit = |z: f64| significant(z, 4);
        let flat =
            "the slope is less than a twentieth of its largest, and little or nothing of a gradient gets through";
        match (self.below, self.above) {
            (None, None) => format!("{activation} is nowhere flat to its ends: it does not saturate."),
            (Some(below), None) => format!("For z below {} {flat}.", limit(below)),
            (None, Some(above)) => format!("For z above {} {flat}.", limit(above)),
            (Some(below), Some(above)) => format!("For z below {} and above {} {flat}.", limit(below), limit(above)),
        }
    }
}
