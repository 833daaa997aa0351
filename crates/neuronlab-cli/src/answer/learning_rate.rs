//! What is the learning rate for?

use super::card::{Card, Part, cells, error, percent};
use super::evidence::{Evidence, Lab};
use crate::Failure;
use neuronlab::explain::{Curvature, Stability};
use neuronlab::sweep::{Tally, brief};
use neuronlab::{Experiment, Trainer};

pub(super) fn card(lab: &Lab<'_>) -> Result<Card, Failure> {
    let rates = lab.evidence("learning-rate")?;
    let best = rates.cells().max_by(|a, b| a.1.right_share().low.total_cmp(&b.1.right_share().low)).expect("cells");
    let [share, interval] = percent(best.1.right_share());
    let answer = format!(
        "The gradient says in which direction the loss grows, and how steeply, at this point; the learning rate turns that slope into \
         a step, down. It scales the step and is not the step, which also depends on the slope and, with momentum, on the steps before. \
         Too small, and training does not arrive; too large, and it jumps about or flies apart. Of {} runs of the exercise the most \
         succeed at {}: {share} (95 % interval {interval}).",
        rates.runs(),
        brief(&best.0[0]),
    );
    Ok(Card {
        question: "What is the learning rate for?",
        answer,
        parts: vec![over_rates(rates), momentum(lab)?, limit()?, schedules(lab)?],
        not_shown: "Which learning rate your problem needs: it depends on the network, the loss, the data and their scale. That a rate \
                    above 2/λ must fail: on a curved surface the run can be thrown into a flatter place, where it is stable.",
    })
}

/// Right, close, error: the columns of a cell.
fn outcome(tally: &Tally) -> Vec<String> {
    let [right, right_interval] = percent(tally.right_share());
    let between = format!("{} … {}", error(tally.error_quantile(0.25)), error(tally.error_quantile(0.75)));
    vec![right, right_interval, error(tally.error_quantile(0.5)), between, tally.diverged.to_string()]
}

fn over_rates(rates: Evidence) -> Part {
    let rows = rates.cells().map(|(values, tally)| [vec![brief(&values[0])], outcome(tally)].concat()).collect();
    Part {
        title: "Too small, right, too large",
        words: format!(
            "The exercise (L1, momentum 0.9, 2001 epochs), {} runs at each rate, each with its own seed. `error` is the median of the mean \
             absolute errors, with the middle half of the runs.",
            rates.sweep.runs()
        ),
        head: cells(["learning rate", "right", "95 %", "error", "25-75 %", "diverged"]),
        rows,
        pictures: rates.picture().map(|svg| ("learning-rate".into(), svg)).into_iter().collect(),
        command: rates.command,
    }
}

/// The largest rate of each momentum at which at least half of the runs are right.
fn momentum(lab: &Lab<'_>) -> Result<Part, Failure> {
    let evidence = lab.evidence("learning-rate-momentum")?;
    let mut rows: Vec<Vec<String>> = vec![];
    let mut momenta: Vec<String> = evidence.cells().map(|(values, _)| values[0].clone()).collect();
    momenta.dedup();
    for momentum in momenta {
        let works = |(_, tally): &(Vec<String>, &Tally)| tally.right_share().share >= 0.5;
        let of_it = evidence.cells().filter(|(values, _)| values[0] == momentum).filter(works);
        let (rate, share) = of_it.last().map_or(("none".into(), vec!["-".into(), "-".into()]), |(values, tally)| {
            (brief(&values[1]), percent(tally.right_share()).to_vec())
        });
        let mu: f64 = momentum.parse().unwrap_or(0.0);
        rows.push([vec![momentum, rate], share, vec![format!("{:.0}", 1.0 / (1.0 - mu))]].concat());
    }
    Ok(Part {
        title: "What momentum does to the limit",
        words: format!(
            "With momentum μ a gradient that stays the same makes steps that grow towards lr/(1 − μ). So the largest rate at which at least \
             half of {} runs learn XOR (mean squared error) is the smaller, the larger the momentum.",
            evidence.sweep.runs()
        ),
        head: cells(["momentum", "largest rate that works", "right there", "95 %", "1/(1 − μ)"]),
        rows,
        pictures: evidence.picture().map(|svg| ("learning-rate-momentum".into(), svg)).into_iter().collect(),
        command: evidence.command,
    })
}

/// Sharpness after training against what the rate allows.
fn limit() -> Result<Part, Failure> {
    let mut rows = vec![];
    for lr in ["0.1", "0.3", "0.5", "0.65", "1.0"] {
        let settings = ["batch=full", "optimizer.momentum=0", "stop.epochs=5000"].map(String::from);
        let rate = format!("optimizer.lr={lr}");
        let experiment = Experiment::built_in("xor-mse")?.with(&[&settings[..], &[rate]].concat())?;
        let mut trainer = Trainer::<f32>::new(&experiment)?;
        let start = Curvature::new(&trainer, None)?.sharpness();
        let threshold = Stability::of(&trainer).map_or(f64::NAN, |s| s.threshold());
        let end = match trainer.run(&mut ()) {
            Ok(_) => format!("{:.2}", Curvature::new(&trainer, None)?.sharpness()),
            Err(divergence) => format!("diverged in step {}", divergence.step),
        };
        rows.push(vec![lr.into(), format!("{threshold:.2}"), format!("{start:.2}"), end]);
    }
    Ok(Part {
        title: "The limit that curvature sets",
        words: "Plain steps on all four samples at once. Where the loss bends with λ, a step multiplies the distance from the bottom with \
                1 − lr·λ: above λ = 2/lr it grows. Runs end below the line, wherever they begin, or they fly apart."
            .into(),
        head: cells(["learning rate", "2/lr", "sharpness λ at the start", "after 5000 steps"]),
        rows,
        pictures: vec![],
        command: "neuronlab curvature xor-mse --set batch=full --set optimizer.momentum=0 --set optimizer.lr=0.5".into(),
    })
}

fn schedules(lab: &Lab<'_>) -> Result<Part, Failure> {
    let evidence = lab.evidence("learning-rate-schedules")?;
    let name = |text: &str| {
        let after = text.split("name").nth(1).unwrap_or(text);
        let word = after.split(['\'', '"']).nth(1).unwrap_or(text).to_string();
        if word == "constant_lr" { "constant".to_string() } else { word }
    };
    let rows = evidence.cells().map(|(values, tally)| [vec![name(&values[0])], outcome(tally)].concat()).collect();
    Ok(Part {
        title: "A constant rate never settles; a schedule lets it",
        words: format!(
            "The slope of L1 is the same however small the error is, so at a constant rate the steps stay as large. A rate that falls lets the \
             run come to rest. {} runs each, the exercise's rate of 0.02 at its highest.",
            evidence.sweep.runs()
        ),
        head: cells(["schedule", "right", "95 %", "error", "25-75 %", "diverged"]),
        rows,
        pictures: vec![],
        command: evidence.command,
    })
}
