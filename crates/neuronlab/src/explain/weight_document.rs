//! The explanation of a weight as a page.

use super::Math;
use super::document::{Block, Document, Table};
use super::explanation::Explanation;
use super::number::{exact, nine, percent, significant};
use super::pass_document::{LEGEND, NEURONS, forward};
use super::weight::paths_in_words;

/// Inputs as the user knows them.
pub(super) fn in_data(given: &[(String, f64)]) -> String {
    // What was scaled and is scaled back has a few digits less than it is stored with.
    let named: Vec<String> = given.iter().map(|(name, x)| format!("{name} {}", significant(*x, 6))).collect();
    format!("In the data: {}. The network is given (x − mean) / standard deviation.", shortened(named, NEURONS))
}

impl Explanation {
    /// The explanation as a page.
    pub fn document(&self) -> Document {
        let title = match (&self.experiment, self.step, self.epoch) {
            (Some(experiment), Some(step), Some(epoch)) => {
                format!("{} in {experiment}: step {step} (epoch {epoch})", self.parameter)
            }
            _ => format!("The gradient of {}", self.parameter),
        };
        let mut page = Document { title, blocks: vec![] };
        page.words(self.setting());
        page.heading("Forward");
        page.words(format!("Sample {}: {}.", self.sample, self.named_inputs()));
        if let Some(words) = self.in_data() {
            page.words(words);
        }
        page.blocks.push(Block::Legend(LEGEND.into()));
        forward(&mut page, &self.forward, self.dtype);
        self.loss_block(&mut page);
        page.blocks.extend(self.chain_rule());
        self.update_block(&mut page);
        page
    }

    /// The inputs as the user knows them, in words; none where the network is given just these.
    pub fn in_data(&self) -> Option<String> {
        (!self.given.is_empty()).then(|| in_data(&self.given))
    }

    /// Its middle part: the formula, the paths, and the three ways to the same number.
    pub fn chain_rule(&self) -> Vec<Block> {
        let mut page = Document { title: String::new(), blocks: vec![] };
        self.gradient_block(&mut page);
        self.paths_block(&mut page);
        self.through_block(&mut page);
        self.agreement_block(&mut page);
        page.blocks
    }

    fn setting(&self) -> String {
        let dtype = self.dtype.name();
        let (samples, n) = (listed(&self.samples), self.samples.len());
        let what = if n == 1 { format!("sample {samples}") } else { format!("the batch of samples {samples}") };
        let own = match (self.own, n) {
            _ if self.step.is_none() => String::new(),
            (true, 1) => format!("The run makes this step on {what}."),
            (true, _) => format!("The run makes this step on {what}; the loss is that of all of them."),
            (false, _) => format!("What the step would be on {what}, which is not what the run takes here."),
        };
        let own = if own.is_empty() { own } else { own + " " };
        format!("{} = {} {}. {own}Numbers are {dtype}.", self.parameter, self.number(self.value), self.role)
    }

    pub(super) fn number(&self, value: f64) -> String {
        exact(value, self.dtype)
    }

    fn named_inputs(&self) -> String {
        let named: Vec<String> = self.inputs.iter().map(|(name, x)| format!("{name} = {}", self.number(*x))).collect();
        shortened(named, NEURONS)
    }

    fn loss_block(&self, page: &mut Document) {
        page.heading("Loss");
        let (name, text, value) = &self.loss;
        page.words(format!("{name}: {text} = {}", self.number(*value)));
        let row = |o: &super::explanation::Output| {
            vec![o.neuron.clone(), self.number(o.output), self.number(o.target), self.number(o.slope)]
        };
        let head = words(["neuron", "output", "target", "∂L/∂output"]);
        page.blocks.push(Block::Table(Table {
            head,
            rows: self.outputs.iter().take(NEURONS).map(row).collect(),
            left: vec![0],
        }));
        let more = self.outputs.len().saturating_sub(NEURONS);
        if more > 0 {
            page.words(format!("… and {more} more outputs"));
        }
        page.blocks.extend(self.penalty.as_ref().map(|penalty| penalty.of_loss(self.dtype)));
    }

    fn gradient_block(&self, page: &mut Document) {
        page.heading("Gradient: the chain rule");
        page.blocks.push(Block::Formulas(vec![self.formula.clone()]));
        for note in &self.notes {
            page.words(note.clone());
        }
    }

    fn paths_block(&self, page: &mut Document) {
        page.heading(format!("{} from {} to the loss", paths_in_words(self.count), self.parameter));
        let several = self.samples.len() > 1;
        if let [only] = &self.paths[..] {
            // One path has room for the names of its factors.
            let row = |(name, value): &(Math, f64)| vec![name.text(), self.number(*value)];
            let mut rows: Vec<Vec<String>> = only.factors.iter().map(row).collect();
            rows.push(vec!["product".into(), nine(only.product)]);
            page.blocks.push(Block::Table(Table { head: words(["factor", "value"]), rows, left: vec![0] }));
            return;
        }
        let (begin, end) = self.common_factors();
        page.words(self.common_in_words(begin, end));
        let rows = self.paths.iter().map(|path| {
            let between = &path.factors[begin..path.factors.len() - end];
            let factors: Vec<String> = between.iter().map(|(_, value)| self.number(*value)).collect();
            let path_cells =
                [path.neurons.join(" → "), factors.join("·"), nine(path.product), self.share(path.product)];
            several.then(|| path.sample.to_string()).into_iter().chain(path_cells).collect()
        });
        let head = several.then(|| "sample".to_string()).into_iter();
        let head = head.chain(words(["path", "factors", "product of all", "share"])).collect();
        let left = if several { vec![1, 2] } else { vec![0, 1] };
        page.blocks.push(Block::Table(Table { head, rows: rows.collect(), left }));
        let shown: f64 = self.paths.iter().map(|path| path.product).sum();
        let more = self.count - self.paths.len() as u128;
        if more > 0 {
            page.words(format!(
                "These are the largest. The other {} add up to {} (--all-paths lists them).",
                paths_in_words(more),
                nine(self.sum - shown)
            ));
        }
    }

    /// Factors at the beginning and at the end that all listed paths have alike.
    fn common_factors(&self) -> (usize, usize) {
        let first = &self.paths[0].factors;
        let alike = |from_end: bool, i: usize| {
            let at = |factors: &[(Math, f64)]| {
                let place = if from_end { factors.len() - 1 - i } else { i };
                (factors[place].0.clone(), factors[place].1.to_bits())
            };
            self.paths.iter().all(|path| at(&path.factors) == at(first))
        };
        let begin = (0..first.len() - 1).take_while(|&i| alike(false, i)).count();
        let end = (0..first.len() - 1 - begin).take_while(|&i| alike(true, i)).count();
        (begin, end)
    }

    fn common_in_words(&self, begin: usize, end: usize) -> String {
        let factors = &self.paths[0].factors;
        let list = |factors: &[(Math, f64)]| {
            let named = factors.iter().map(|(name, value)| format!("{} = {}", name.text(), self.number(*value)));
            named.collect::<Vec<_>>().join(" and ")
        };
        let (front, back) = (list(&factors[..begin]), list(&factors[factors.len() - end..]));
        match (begin, end) {
            (0, 0) => "Each path has a product of its own:".into(),
            (_, 0) => format!("Every product begins with {front}; the other factors are:"),
            (0, _) => format!("Every product ends with {back}; the other factors are:"),
            _ => format!("Every product begins with {front} and ends with {back}; the factors between are:"),
        }
    }

    /// Where there are many paths, what goes through each neuron.
    fn through_block(&self, page: &mut Document) {
        if self.by_sample.len() > 1 {
            page.heading("By sample");
            let mut parts = self.by_sample.clone();
            parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            let row = |(sample, part): &(u32, f64)| vec![sample.to_string(), nine(*part), self.share(*part)];
            let head = words(["sample", "part of the gradient", "share"]);
            page.blocks.push(Block::Table(Table {
                head,
                rows: parts.iter().take(NEURONS).map(row).collect(),
                left: vec![],
            }));
            if parts.len() > NEURONS {
                page.words(format!("… and {} more samples", parts.len() - NEURONS));
            }
        }
        let layers: Vec<_> = self.through.iter().filter(|t| t.neurons.len() > 1).collect();
        if self.count <= 4 || layers.is_empty() || self.size == 0.0 {
            return;
        }
        page.heading("The same by layer");
        page.words("The paths through each neuron of a layer together; every layer adds up to the gradient.");
        let mut rows = Vec::new();
        for through in layers {
            let mut neurons: Vec<_> = through.neurons.iter().collect();
            neurons.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            for (i, (neuron, part)) in neurons.iter().take(NEURONS).enumerate() {
                let layer = if i == 0 { through.layer.clone() } else { String::new() };
                rows.push(vec![layer, neuron.clone(), nine(*part), self.share(*part)]);
            }
            if neurons.len() > NEURONS {
                let rest: f64 = neurons[NEURONS..].iter().map(|(_, part)| part).sum();
                let others = format!("{} others", neurons.len() - NEURONS);
                rows.push(vec![String::new(), others, nine(rest), self.share(rest)]);
            }
        }
        let head = words(["layer", "through", "sum of its paths", "share"]);
        page.blocks.push(Block::Table(Table { head, rows, left: vec![0, 1] }));
    }

    fn share(&self, part: f64) -> String {
        if self.sum == 0.0 { String::new() } else { percent(part / self.sum) }
    }

    fn agreement_block(&self, page: &mut Document) {
        page.heading("Three ways to the same number");
        let away = |value: f64| {
            let difference = (value - self.sum).abs();
            if difference == 0.0 { "0".into() } else { significant(difference, 2) }
        };
        let h = significant(self.difference.h, 2);
        let rows = vec![
            vec![
                "sum over paths".into(),
                "of the factors above, added in float64".into(),
                nine(self.sum),
                String::new(),
            ],
            vec![
                "backward pass".into(),
                format!("the run's own, {}", self.dtype.name()),
                self.number(self.backward),
                away(self.backward),
            ],
            vec![
                "central difference".into(),
                format!("(L(w + h) - L(w - h)) / 2h, float64, h = {h}"),
                nine(self.difference.value),
                away(self.difference.value),
            ],
        ];
        let head = words(["", "how", "∂L/∂w", "differs by"]);
        page.blocks.push(Block::Table(Table { head, rows, left: vec![0, 1] }));
        let roundings = self.roundings();
        page.words(if roundings == 0.0 {
            "Sum and backward pass are the same number.".to_string()
        } else {
            let all = if self.terms > 2.0 * self.size {
                "all terms of all paths together: derivatives here are small differences of larger numbers"
            } else {
                "all paths together"
            };
            format!(
                "Sum and backward pass agree to rounding: they differ by {} times what {} rounds off a number as large as {all}.",
                significant(roundings, 2),
                self.dtype.name()
            )
        });
        page.blocks.extend(self.penalty.as_ref().map(|penalty| penalty.of_gradient(self.dtype)));
    }
}

/// The head of a table.
pub(super) fn words<const N: usize>(heads: [&str; N]) -> Vec<String> {
    heads.map(String::from).to_vec()
}

/// Samples with commas, the first of many.
fn listed(samples: &[u32]) -> String {
    shortened(samples.iter().map(u32::to_string).collect(), NEURONS)
}

fn shortened(mut words: Vec<String>, most: usize) -> String {
    let more = words.len().saturating_sub(most);
    words.truncate(most);
    let list = words.join(", ");
    if more > 0 { format!("{list}, … ({more} more)") } else { list }
}
