//! What is loss?

use super::card::{Card, Part, cells, error, percent};
use super::evidence::{Evidence, Lab, command, experiment};
use crate::Failure;
use neuronlab::sweep::{Tally, brief};
use neuronlab::{Loss, Trainer, draw};

pub(super) fn card(lab: &Lab<'_>) -> Result<Card, Failure> {
    Ok(Card {
        question: "What is loss?",
        answer: "One number that says how wrong the network is on some samples; smaller is better. It must be one number, so that better can be \
                 decided, and it must have a slope, because training goes down that slope. The share of wrong answers has none. Which loss is chosen \
                 says what is punished: L1 each error alike, the squared error large ones more, cross entropy being sure and wrong."
            .into(),
        parts: vec![values_and_slopes(), at_its_best(lab)?, outlier()?],
        not_shown: "Which loss is right for your task: mean squared error is usual for numbers, L1 or Huber where some are far off, cross entropy for \
                    classes, its binary form for yes and no, KL for distributions. How losses compare on other data than these four samples.",
    })
}

/// Value and slope of each at some errors.
fn values_and_slopes() -> Part {
    let at = |loss: &Loss, output: f64| {
        let mut slope = [0.0];
        loss.gradient(&[output], &[0.0], 1, &mut slope);
        format!("{:.4}, {:.3}", loss.value(&[output], &[0.0], 1), slope[0])
    };
    let losses = ["l1", "mse", "smooth_l1", "huber", "bce_with_logits"];
    let of =
        |name: &str| serde_json::from_value::<Loss>(serde_json::json!({ "name": name })).expect("a loss of the list");
    let outputs = [0.01, 0.1, 1.0, 4.0];
    let rows = losses.iter().map(|name| {
        let loss = of(name);
        [vec![loss.name().to_string()], outputs.iter().map(|&o| at(&loss, o)).collect()].concat()
    });
    let curves = |y: &dyn Fn(&Loss, f64) -> f64| -> Vec<draw::Line> {
        let curve = |name: &&str| {
            let loss = of(name);
            let points = (-150..=150).map(|i| f64::from(i) / 50.0);
            draw::Line::new(loss.name(), points.map(|o| (o, y(&loss, o))).collect())
        };
        losses.iter().map(curve).collect()
    };
    let values = curves(&|loss, o| loss.value(&[o], &[0.0], 1));
    let slopes = curves(&|loss, o| {
        let mut slope = [0.0];
        loss.gradient(&[o], &[0.0], 1, &mut slope);
        slope[0]
    });
    Part {
        title: "What each punishes",
        words: "Value and slope at the target 0, for outputs nearer and farther (for BCEWithLogitsLoss the output goes through the sigmoid first). The \
                slope is the force that pulls: of L1 it is always 1, of the squared error it grows with the error, Huber's grows up to 1 and stays. (SmoothL1Loss and HuberLoss are the same at beta = delta = 1, and their lines lie on each other.)"
            .into(),
        head: [vec!["loss".to_string()], outputs.iter().map(|o| format!("output {o}")).collect()].concat(),
        rows: rows.collect(),
        pictures: vec![
            ("loss-values".into(), draw::lines("Losses of an output, where the target is 0", "output", &values)),
            ("loss-slopes".into(), draw::lines("Their slopes", "output", &slopes)),
        ],
        command: "neuronlab methods --plot docs/methods --force".into(),
    }
}

/// Each at the learning rate at which it learns most often.
fn at_its_best(lab: &Lab<'_>) -> Result<Part, Failure> {
    let (numbers, classes) = (lab.evidence("loss-best-rate")?, lab.evidence("loss-best-rate-classes")?);
    let mut names: Vec<String> = numbers.cells().map(|(values, _)| values[0].clone()).collect();
    names.dedup();
    let better = |a: &(String, &Tally), b: &(String, &Tally)| {
        let key = |t: &Tally| (t.right_share().share, -t.error_quantile(0.5).unwrap_or(f64::INFINITY));
        key(a.1).partial_cmp(&key(b.1)).unwrap_or(std::cmp::Ordering::Equal)
    };
    let mut rows = vec![];
    let mut add = |name: String, cells: Vec<(String, &Tally)>| {
        let Some((rate, tally)) = cells.into_iter().max_by(better) else { return };
        let [right, interval] = percent(tally.right_share());
        let epochs = tally.epochs_quantile(0.5).map_or("-".into(), |epochs| epochs.to_string());
        rows.push(vec![name, brief(&rate), right, interval, error(tally.error_quantile(0.5)), epochs]);
    };
    let of = |evidence: &Evidence, axis: usize| evidence.sweep.axes()[axis].field().to_string();
    debug_assert_eq!((of(&numbers, 1), of(&classes, 0)), ("optimizer.lr".into(), "optimizer.lr".into()));
    for name in names {
        let cells =
            numbers.cells().filter(|(values, _)| values[0] == name).map(|(values, tally)| (values[1].clone(), tally));
        let cells: Vec<_> = cells.collect();
        add(name, cells);
    }
    add(
        "cross_entropy (two outputs)".into(),
        classes.cells().map(|(values, tally)| (values[0].clone(), tally)).collect(),
    );
    Ok(Part {
        title: "Six losses, each at its own best learning rate",
        words: format!(
            "The exercise with each loss, {} runs at each of nine learning rates; shown is the rate at which the most runs are right. At one rate for all \
             the comparison would be of rates. `error` is of the answers, for cross entropy of probabilities. The binary cross entropy \
             can't be right here: without biases the output at (0, 0) is 0, whose probability is one half, whatever the weights.",
            numbers.sweep.runs()
        ),
        head: cells(["loss", "its best rate", "right", "95 %", "error", "epochs until right"]),
        rows,
        pictures: numbers.picture().map(|svg| ("loss-best-rate".into(), svg)).into_iter().collect(),
        command: numbers.command,
    })
}

/// A line through points of which one is far off.
fn outlier() -> Result<Part, Failure> {
    let line = experiment("loss-outlier")?;
    let mut rows = vec![vec!["the ten others".into(), "2.000".into(), "1.000".into(), "10.000".into()]];
    for (name, loss) in [("L1", "l1"), ("Huber (delta 0.5)", "{name='huber',delta=0.5}"), ("MSE", "mse")] {
        let mut trainer = Trainer::<f64>::new(&line.with(&[format!("loss={loss}")])?)?;
        trainer.run(&mut ()).map_err(|divergence| Failure::Diverged(divergence.to_string()))?;
        let [slope, intercept] = trainer.model().parameters() else { unreachable!("a line has two numbers") };
        let off = (slope + intercept + 7.0).abs();
        rows.push(vec![name.into(), format!("{slope:.3}"), format!("{intercept:.3}"), format!("{off:.3}")]);
    }
    Ok(Part {
        title: "One point that is far off",
        words: "Ten points on the line y = 2x + 1, and one at (1, −7). L1 follows the ten, the squared error is pulled towards the one, and Huber lies \
                between: its pull stops growing at delta."
            .into(),
        head: cells(["loss", "slope", "intercept", "distance from the outlier"]),
        rows,
        pictures: vec![],
        command: command("loss-outlier", "train")?,
    })
}
