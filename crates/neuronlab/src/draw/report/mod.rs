//! `report.html`: one page of what a run left, which asks nothing of the network. Its script moves what is there; all is said without.

mod moments;
mod weights;

use super::network::is_wide;
use super::page::{begin, table};
use super::svg::escape;
use super::{
    Answers, answer_surface, answers, confusion, decimals, held_back, loss_curve, network, neuron_surfaces, rate_curve,
    reading, summary,
};
use crate::explain::{Timeline, Trace};
use crate::random::TorchReal;
use crate::scalar::Real;
use crate::train::{History, Samples, Scores, Trainer};
use std::fmt::Write;

/// Rows of a table of samples or weights; the rest is counted.
const MOST_ROWS: usize = 16;
/// Parameters of a network whose weights are listed.
const MOST_WEIGHTS: usize = 300;

/// The page; `ended` says in words how the run ended, `diverged` is set if it did.
///
/// The same run gives the same bytes: the page holds no time.
pub fn report<T: Real + TorchReal>(trainer: &Trainer<T>, history: &History<T>, ended: &str, diverged: bool) -> String {
    let experiment = trainer.experiment();
    let mut page = begin(&experiment.name);
    if !diverged {
        let _ = writeln!(page, "<p class=\"headline\">{}</p>", headline(trainer));
    }
    let class = if diverged { "diverged" } else { "soft" };
    let _ = writeln!(page, "<p class=\"{class}\">{}</p>", escape(ended));
    let _ = writeln!(
        page,
        "<p>{} parameters, {}; loss: {}, {}; optimizer: {}.</p>",
        trainer.model().network().parameters(),
        experiment.dtype.name(),
        experiment.loss.name(),
        escape(&experiment.loss.formula_with_settings()),
        escape(&experiment.optimizer.describe())
    );
    for line in reading(trainer.task()) {
        let _ = writeln!(page, "<p class=\"soft\">{}</p>", escape(&line));
    }
    for note in [trainer.notes(), trainer.stuck()].concat() {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escape(&note.to_string()));
    }
    page.push_str("<main class=\"board\">\n");
    section(&mut page, |page| diagram(page, trainer));
    section(&mut page, |page| {
        if !diverged {
            moments::moments(page, trainer);
        }
    });
    section(&mut page, |page| {
        let losses: Vec<f64> = history.losses.iter().map(|l| l.to_f64()).collect();
        let curve = loss_curve(&losses, history.steps_per_epoch());
        let _ = writeln!(page, "<h2>Loss</h2>\n<div class=\"wide\">{curve}</div>");
        rates(page, history);
    });
    section(&mut page, |page| {
        if let Some(picture) = held_back(history) {
            let _ = writeln!(page, "<h2>Held back</h2>\n<div class=\"wide\">{picture}</div>");
        }
    });
    section(&mut page, |page| confused(page, trainer));
    section(&mut page, |page| results(page, trainer));
    section(&mut page, |page| plane(page, trainer));
    section(&mut page, |page| {
        if let (Ok(picture), false) = (neuron_surfaces(trainer), diverged) {
            let _ = writeln!(page, "<h2>Every neuron</h2>\n<div class=\"wide\">{picture}</div>");
        }
    });
    section(&mut page, |page| {
        if let (Some(trace), false) = (way(trainer), diverged) {
            let _ =
                writeln!(page, "<h2>Weights over the run</h2>\n<div class=\"wide\">{}</div>", super::weights(&trace));
            moments::restored(page, trainer);
        }
    });
    section(&mut page, |page| {
        if !diverged {
            weights::weights(page, trainer);
        }
    });
    section(&mut page, |page| structure(page, trainer));
    section(&mut page, |page| {
        let _ = writeln!(page, "<h2>The experiment</h2>\n<pre>{}</pre>", escape(&experiment.to_toml()));
    });
    let _ = write!(page, "</main>\n<script>\n{}</script>\n</body></html>\n", include_str!("report.js"));
    page
}

/// A part of the page, if there is anything in it.
fn section(page: &mut String, fill: impl FnOnce(&mut String)) {
    let before = page.len();
    page.push_str("<section>\n");
    let empty = page.len();
    fill(page);
    if page.len() == empty {
        page.truncate(before);
    } else {
        page.push_str("</section>\n");
    }
}

/// What was learned, in a sentence.
fn headline<T: Real>(trainer: &Trainer<T>) -> String {
    let task = trainer.task();
    let of = |samples: &Samples<T>| {
        let n = samples.x.len() / task.input_names.len();
        let evaluation = trainer.evaluate(&samples.x, &samples.y);
        let all = evaluation.right >= 1.0;
        let share = if all { format!("all {n}") } else { format!("{:.1} % of {n}", 100.0 * evaluation.right) };
        (share, evaluation.mean_absolute_error)
    };
    let (share, error) = of(&task.train);
    let held_back =
        if task.test.x.is_empty() { String::new() } else { format!(", and {} that it never saw", of(&task.test).0) };
    let error = decimals(error);
    format!("It answers {share} training samples rightly{held_back}; the mean absolute error is {error}.")
}

/// Multiplications, about, that a report may take to make the run again.
const MOST_AGAIN: u128 = 50_000_000;

/// The run once more, where it takes no more than a moment to make it again.
fn again<T: Real + TorchReal>(trainer: &Trainer<T>) -> Option<Timeline<T>> {
    let a_step = (trainer.model().network().parameters() * trainer.sampler().size()) as u128;
    let cheap = u128::from(trainer.steps()).saturating_mul(a_step) <= MOST_AGAIN;
    if cheap { Timeline::again(trainer).ok() } else { None }
}

/// The way of the parameters.
fn way<T: Real + TorchReal>(trainer: &Trainer<T>) -> Option<Trace> {
    Trace::along(&mut again(trainer)?, &Trace::steps(trainer.steps(), 200), |_| {}).ok()
}

/// Classes that the confusion matrix may have.
const MOST_CLASSES: usize = 12;

/// Which classes were answered for which: of samples that were held back, if there are some.
fn confused<T: Real>(page: &mut String, trainer: &Trainer<T>) {
    let task = trainer.task();
    let (title, samples) = if task.test.x.is_empty() { ("training", &task.train) } else { ("held-back", &task.test) };
    // A table of two rows says no more than the truth table above it.
    if task.reading.sha256.is_none() && task.test.x.is_empty() || task.classes.len() > MOST_CLASSES {
        return;
    }
    let scores = Scores::new(trainer, &trainer.evaluate(&samples.x, &samples.y), &samples.y);
    if let Scores::Classes { confusion: counts } = scores {
        let _ = writeln!(page, "<h2>Classes, and what was answered</h2>\n<p>Counts of the {title} samples.</p>");
        let (head, rows) = confusion(&task.classes, &counts);
        table(page, &head, rows.into_iter());
    }
}

/// Answers to the samples, and how good they are.
fn results<T: Real>(page: &mut String, trainer: &Trainer<T>) {
    let task = trainer.task();
    page.push_str("<h2>Answers</h2>\n");
    let without = if trainer.experiment().regularization.is_some() { " (without the penalty)" } else { "" };
    for (title, samples) in [("training", &task.train), ("held back", &task.test)] {
        if samples.x.is_empty() {
            continue;
        }
        let evaluation = trainer.evaluate(&samples.x, &samples.y);
        let n = samples.x.len() / task.input_names.len();
        let _ = writeln!(
            page,
            "<p>{n} samples ({title}): loss {}{without}, mean absolute error {}{}, right {:.1} %</p>",
            decimals(evaluation.loss),
            decimals(evaluation.mean_absolute_error),
            match Scores::new(trainer, &evaluation, &samples.y) {
                Scores::Numbers { rmse, r2: Some(r2) } => {
                    format!(", root mean squared error {}, R² {}", decimals(rmse), decimals(r2))
                }
                _ => String::new(),
            },
            100.0 * evaluation.right
        );
    }
    let evaluation = trainer.evaluate(&task.train.x, &task.train.y);
    let Answers { head, rows, more } = answers(trainer, &evaluation, MOST_ROWS);
    table(page, &head, rows.into_iter());
    if more > 0 {
        let _ = writeln!(page, "<p class=\"soft\">and {more} more training samples</p>");
    }
}

/// What a schedule made of learning rate and momentum.
fn rates<T: Real>(page: &mut String, history: &History<T>) {
    let (scheduled, momentum) = history.scheduled();
    let hypers: Vec<_> = (0..history.losses.len()).map(|step| history.hyper(step)).collect();
    let curve = |what, values: Vec<Option<f64>>| {
        format!("<div class=\"wide\">{}</div>\n", rate_curve(what, &values, history.steps_per_epoch()))
    };
    if scheduled {
        page.push_str(&curve("learning rate", hypers.iter().map(|h| h.map(|h| h.lr)).collect()));
    }
    if momentum {
        page.push_str(&curve("momentum", hypers.iter().map(|h| h.and_then(|h| h.momentum)).collect()));
    }
}

/// The decision surface of a network of two inputs.
fn plane<T: Real>(page: &mut String, trainer: &Trainer<T>) {
    // Of other inputs and targets there is none that would be true.
    let Ok(picture) = answer_surface(trainer) else { return };
    let legend = match trainer.model().network().out_features() {
        1 => {
            "Blue where the answer is 0 or below, orange where it is 1 or above; the line is at 0.5. Dots are training samples."
        }
        _ => "The colour of the largest output, paler where another is near. Dots are training samples.",
    };
    let _ = writeln!(
        page,
        "<h2>Decision surface</h2>\n<div class=\"surface\">{picture}</div>\n<p class=\"soft\">{legend}</p>"
    );
}

/// The network with its weights.
fn diagram<T: Real>(page: &mut String, trainer: &Trainer<T>) {
    let model = trainer.model();
    let parameters: Vec<f64> = model.parameters().iter().map(|w| w.to_f64()).collect();
    let _ = writeln!(page, "<h2>The network</h2>\n<div class=\"wide\">{}</div>", network(model.network(), &parameters));
    if is_wide(model.network()) {
        return;
    }
    page.push_str("<p class=\"soft\">Blue weights are positive, orange and dashed ones negative; width is size. Point at one for its value.</p>\n");
}

/// Its layers and weights, as tables.
fn structure<T: Real>(page: &mut String, trainer: &Trainer<T>) {
    let model = trainer.model();
    page.push_str("<h2>Layers</h2>\n");
    let head = ["layer", "output shape", "parameters", "multiply-adds"].map(String::from);
    table(page, &head, summary(model.network(), 1).into_iter().map(Vec::from));
    if model.parameters().len() > MOST_WEIGHTS {
        return;
    }
    page.push_str("<h2>Weights</h2>\n");
    for tensor in model.network().tensors() {
        let _ = writeln!(page, "<p>{}</p>", tensor.name);
        // A number for each neuron is a column; a weight has its inputs side by side.
        let (columns, kind) = match tensor.shape[..] {
            [_, columns] => (columns, None),
            _ => (1, tensor.name.rsplit('.').next()),
        };
        let corner = if kind.is_some() { "out" } else { "out \\ in" };
        let inputs = (0..columns).map(|i| kind.map_or_else(|| i.to_string(), String::from));
        let head: Vec<String> = std::iter::once(corner.into()).chain(inputs).collect();
        let values = &model.parameters()[tensor.range];
        let rows = values.chunks_exact(columns).enumerate();
        table(
            page,
            &head,
            rows.map(|(o, row)| {
                std::iter::once(o.to_string()).chain(row.iter().map(|&w| decimals(w.to_f64()))).collect()
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    /// A bias is a number for each neuron, and has no inputs.
    #[test]
    fn a_bias_is_a_column() {
        let settings = ["network.layers=[{out_features=2,bias=true},{out_features=1}]".to_string()];
        let trainer = Trainer::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        let mut page = String::new();
        structure(&mut page, &trainer);
        let bias = &page[page.find("<p>lin1.bias</p>").unwrap()..page.find("<p>lin2.weight</p>").unwrap()];
        assert!(bias.contains("<th>out</th><th>bias</th>") && bias.matches("<tr>").count() == 3, "{bias}");
    }
}
