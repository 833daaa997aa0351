//! What is the chain rule in gradient flow?

use super::card::{Card, Part, cells};
use super::depth::{WIDTH, schemes, signals, spread};
use super::evidence::Lab;
use crate::Failure;
use neuronlab::explain::{Check, Explanation, Moment, Timeline, significant};
use neuronlab::{Experiment, draw};

/// The weight and the step that are looked at.
const WEIGHT: &str = "lin2.weight[1,3]";
const STEP: u64 = 400;

pub(super) fn card(lab: &Lab<'_>) -> Result<Card, Failure> {
    Ok(Card {
        question: "What is the chain rule in gradient flow?",
        answer: "A weight acts on the loss through a chain: it makes a sum, the sum an activation, that makes the next sum, and so on. How much the loss \
                 changes with the weight is the product of how much each link changes with the one before: ∂L/∂w = ∂L/∂o · ∂o/∂i · ∂i/∂w, and the last \
                 factor is the weight's input. Where several paths lead to the loss their products are added. The gradient ∇L points where the loss grows \
                 fastest, so w ← w − η·∂L/∂w goes down."
            .into(),
        parts: vec![one_weight()?, all_weights()?, by_depth(lab)?],
        not_shown: "How frameworks do it: they walk backwards once and add up at each neuron what comes back, which gives the same sum without listing a \
                    path. What happens at kinks, where there is no derivative and a convention is used.",
    })
}

fn one_weight() -> Result<Part, Failure> {
    let mut run = Timeline::<f32>::new(&Experiment::built_in("xor")?)?;
    let moment = Moment::new(run.at(STEP)?, None)?;
    let why = Explanation::new(&moment, WEIGHT)?;
    let mut rows: Vec<Vec<String>> = why
        .paths
        .iter()
        .map(|path| {
            vec![
                path.neurons.join(" → "),
                significant(path.product, 9),
                format!("{:.1} %", 100.0 * path.product / why.sum),
            ]
        })
        .collect();
    rows.push(vec!["sum of all paths".into(), significant(why.sum, 9), String::new()]);
    rows.push(vec!["the backward pass".into(), significant(why.backward, 9), String::new()]);
    rows.push(vec!["a small change of the weight".into(), significant(why.difference.value, 9), String::new()]);
    Ok(Part {
        title: "Every path of one weight",
        words: format!(
            "{WEIGHT} of the exercise in step {STEP}: four paths lead from it to the loss, each through one neuron of the last hidden layer. The sum of their \
             products is what the backward pass gives, and what a small change of the weight does to the loss, to rounding."
        ),
        head: cells(["path", "∂L/∂w", "share"]),
        rows,
        pictures: vec![("chain-rule".into(), draw::explanation(&why))],
        command: format!("neuronlab explain xor --weight '{WEIGHT}' --step {STEP}"),
    })
}

fn all_weights() -> Result<Part, Failure> {
    let mut run = Timeline::<f32>::new(&Experiment::built_in("xor-mse")?)?;
    let mut rows = vec![];
    for step in [0, STEP, 8004] {
        let check = Check::new(run.at(step)?, None, Check::TOLERANCE, |_| {})?;
        let worst = check.worst.iter().map(|c| (c.backward - c.difference).abs()).fold(0.0, f64::max);
        rows.push(vec![step.to_string(), check.compared.to_string(), check.wrong.to_string(), format!("{worst:.0e}")]);
    }
    Ok(Part {
        title: "All weights, checked",
        words: "44 weights on four samples: the backward pass against difference quotients (L(w + h) − L(w − h))/2h, in double precision.".into(),
        head: cells(["step", "gradients", "wrong", "largest difference"]),
        rows,
        pictures: vec![],
        command: "neuronlab check xor-mse".into(),
    })
}

fn by_depth(lab: &Lab<'_>) -> Result<Part, Failure> {
    let seeds = if lab.quick { 10 } else { 200 };
    let mut rows = vec![];
    for scheme in schemes() {
        let mut row = vec![scheme.name.to_string()];
        for depth in [2, 8, 32] {
            let all = (0..seeds).map(|seed| signals(&scheme, depth, seed)).collect::<Result<Vec<_>, _>>()?;
            row.push(spread(all.iter().map(|s| (s.da[0] / s.da[1]).sqrt()).collect()));
        }
        rows.push(row);
    }
    Ok(Part {
        title: "Products that vanish and explode",
        words: format!(
            "Each layer adds a factor w·f′(z) to every path. The size of the first layer's gradient over that of the last, in networks of {WIDTH} neurons a \
             layer: median of {seeds} seeds, with 90 % of them."
        ),
        head: cells(["weights", "2 layers", "8 layers", "32 layers"]),
        rows,
        pictures: vec![],
        command: "cargo run --release -p neuronlab --example 06-initialisation".into(),
    })
}
