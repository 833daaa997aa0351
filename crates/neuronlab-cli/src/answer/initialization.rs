//! How are weights initialised?

use super::card::{Card, Part, cells, error, percent};
use super::depth::{WIDTH, schemes, signals, spread};
use super::evidence::{Evidence, Lab};
use crate::Failure;
use neuronlab::sweep::brief;
use neuronlab::{Experiment, Trainer, draw};

pub(super) fn card(lab: &Lab<'_>) -> Result<Card, Failure> {
    let evidence = lab.evidence("initialization")?;
    let zeros = &evidence.tallies[0];
    Ok(Card {
        question: "How are weights initialised?",
        answer: format!(
            "With random numbers of the right size. Random, because neurons that start equal stay equal; of the right size, because every \
             layer multiplies: too small, and signals and gradients die out on their way; too large, and neurons saturate or gradients \
             explode. All weights 0 is the worst choice here: of {} runs {} learned XOR (95 % interval {} %).",
            zeros.runs,
            zeros.right,
            percent(zeros.right_share())[1],
        ),
        parts: vec![schemes_of_the_exercise(&evidence), equal_weights()?, by_depth(lab)?, before_batch_norm()?],
        not_shown: "That one scheme is best everywhere: in a network as shallow as the exercise's all random ones work. That normal \
                    numbers are better because many things in nature are normally distributed: what counts is the variance.",
    })
}

fn schemes_of_the_exercise(evidence: &Evidence) -> Part {
    let rows = evidence.cells().map(|(values, tally)| {
        let [right, interval] = percent(tally.right_share());
        let epochs = tally.epochs_quantile(0.5).map_or("-".into(), |epochs| epochs.to_string());
        vec![brief(&values[0]), right, interval, error(tally.error_quantile(0.5)), epochs]
    });
    Part {
        title: "Nine ways to draw 44 weights",
        words: format!(
            "The exercise, {} runs with each scheme. `epochs` is the median of the epochs until a run was right, of those that were.",
            evidence.sweep.runs()
        ),
        head: cells(["init", "right", "95 %", "error", "epochs"]),
        rows: rows.collect(),
        pictures: evidence.picture().map(|svg| ("initialization".into(), svg)).into_iter().collect(),
        command: evidence.command.clone(),
    }
}

/// Steps of which the paths of two weights are drawn.
const STEPS: usize = 2000;

/// Zeros never move; equal constants move together.
fn equal_weights() -> Result<Part, Failure> {
    let (mut rows, mut paths) = (vec![], vec![]);
    for (name, init) in
        [("zeros", "init=zeros"), ("constant(0.5)", "init={name='constant',value=0.5}"), ("normal", "init=normal")]
    {
        let experiment = Experiment::built_in("xor-mse")?.with(&[init.to_string()])?;
        let mut trainer = Trainer::<f32>::new(&experiment)?;
        let (mut steps, mut largest) = (0, 0f32);
        let second = trainer.model().network().parameter("lin2.weight[1,0]")?;
        let two = [trainer.model().network().parameter("lin2.weight[0,0]")?, second];
        let mut path = two.map(|_| vec![]);
        while trainer.ended().is_none() {
            if steps <= STEPS {
                for (path, &place) in path.iter_mut().zip(&two) {
                    path.push((steps as f64, f64::from(trainer.model().parameters()[place])));
                }
            }
            if trainer.step().is_err() {
                break;
            }
            steps += 1;
            largest = trainer.model().gradients().iter().fold(largest, |most, g| most.max(g.abs()));
        }
        let model = trainer.model();
        let first = &model.parameters()[model.network().layers()[0].weight.clone()];
        let apart = first.chunks(2).flat_map(|row| row.iter().zip(&first[..2])).map(|(a, b)| (a - b).abs());
        let apart = apart.fold(0f32, f32::max);
        rows.push(vec![name.into(), steps.to_string(), format!("{largest:.3}"), format!("{apart:.3}")]);
        if name != "zeros" {
            let named = path.into_iter().zip(["lin2.weight[0,0]", "lin2.weight[1,0]"]);
            paths.extend(named.map(|(path, weight)| draw::Line::new(&format!("{name}: {weight}"), path)));
        }
    }
    Ok(Part {
        title: "Weights that start equal",
        words: "Zeros: every product of the chain rule has a factor that is 0, so every gradient is exactly 0, for ever. Equal constants: the \
                neurons of a layer get equal gradients, so they stay one neuron, four times. One run each, mean squared error. In the picture the paths of two weights: after a constant start one lies on the other, to the last bit."
            .into(),
        head: cells(["init", "steps", "largest gradient of all steps", "how far the first layer's neurons are apart at the end"]),
        rows,
        pictures: vec![("equal-weights".into(), draw::lines("Two weights that start equal, and two that do not", "step", &paths))],
        command: "neuronlab train xor-mse --set init=zeros --out runs/zeros".into(),
    })
}

fn by_depth(lab: &Lab<'_>) -> Result<Part, Failure> {
    let (depth, seeds) = (20, if lab.quick { 10 } else { 200 });
    let mut rows = vec![];
    for scheme in schemes() {
        let all = (0..seeds).map(|seed| signals(&scheme, depth, seed)).collect::<Result<Vec<_>, _>>()?;
        let forward = spread(all.iter().map(|s| s.a[1] / s.a[0]).collect());
        let backward = spread(all.iter().map(|s| s.da[0] / s.da[1]).collect());
        rows.push(vec![scheme.name.into(), forward, backward]);
    }
    Ok(Part {
        title: "Why the size matters: variances through twenty layers",
        words: format!(
            "Twenty layers of {WIDTH} neurons, normal inputs: the mean square of the last layer's activations over that of the first, and of the \
             first layer's gradients over that of the last. Median of {seeds} seeds, with 90 % of them. Near 1 is what Xavier and Kaiming are for: \
             Var(w) = 2/(fan_in + fan_out), and 2/fan_in for ReLU, which drops half of the signal."
        ),
        head: cells(["weights", "activations, last / first", "gradients, first / last"]),
        rows,
        pictures: vec![],
        command: "cargo run --release -p neuronlab --example 06-initialisation".into(),
    })
}

/// The mean is subtracted, and the bias with it.
fn before_batch_norm() -> Result<Part, Failure> {
    let settings = |norm: bool| -> Vec<String> {
        let layers = if norm { "[{out_features=8,bias=true,batch_norm={},activation='tanh'},1]" } else { "[8,1]" };
        vec![
            format!("network={{layers={layers}}}"),
            "batch=full".into(),
            "init_bias={name='constant',value=0.7}".into(),
            "stop.epochs=500".into(),
            "init=default".into(),
        ]
    };
    let mut rows = vec![];
    for (name, norm) in [("with batch normalisation", true), ("without", false)] {
        let experiment = Experiment::built_in("xor-mse")?.with(&settings(norm))?;
        let mut trainer = Trainer::<f64>::new(&experiment.with(&["dtype=float64".into()])?)?;
        let mut largest = 0f64;
        while trainer.ended().is_none() && trainer.step().is_ok() {
            let bias = trainer.model().network().layers()[0].bias.clone().unwrap_or_default();
            largest = trainer.model().gradients()[bias].iter().fold(largest, |most, g| most.max(g.abs()));
        }
        let bias = trainer.model().network().layers()[0].bias.clone().unwrap_or_default();
        let moved = trainer.model().parameters()[bias].iter().fold(0f64, |most, b| most.max((b - 0.7).abs()));
        rows.push(vec![name.into(), format!("{largest:.0e}"), format!("{moved:.0e}")]);
    }
    Ok(Part {
        title: "A bias before batch normalisation is redundant, not zero",
        words: "Biases of the first layer that begin at 0.7, over 500 steps. Batch normalisation subtracts the mean of the batch, and every bias \
                with it: its gradient is 0 up to rounding, so it stays what it was."
            .into(),
        head: cells(["first layer", "largest gradient of a bias", "farthest that one has moved"]),
        rows,
        pictures: vec![],
        command: "cargo test -p neuronlab --test library batch_norm".into(),
    })
}
