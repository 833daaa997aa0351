//! What is a neuron?

use super::card::{Card, Part, cells, percent};
use super::evidence::Lab;
use crate::Failure;
use neuronlab::sweep::wilson;
use neuronlab::{Experiment, Trainer};

pub(super) fn card(lab: &Lab<'_>) -> Result<Card, Failure> {
    Ok(Card {
        question: "What is a neuron?",
        answer: "A neuron multiplies each of its inputs with a weight, adds the products and its bias, if it has one, and passes the \
                 sum through a fixed function, its activation. What it knows is in its weights. Without activations many layers are \
                 no more than one: they never learn XOR."
            .into(),
        parts: vec![without_activations(lab)?, one_matrix()?, nothing_at_zero(lab)?],
        not_shown: "That a neuron of the brain works like this. It has dendrites that collect, a soma that sums, and an axon that \
                    passes on; but it fires in time, by chemistry, and changes in ways that no gradient describes. The likeness is \
                    the weighted sum, and it ends there.",
    })
}

fn without_activations(lab: &Lab<'_>) -> Result<Part, Failure> {
    let mut rows = vec![];
    let mut command = String::new();
    for (name, file) in [("identity (none)", "neuron-identity"), ("tanh", "neuron-tanh")] {
        let evidence = lab.evidence(file)?;
        let tally = &evidence.tallies[0];
        let [share, interval] = percent(tally.right_share());
        rows.push(vec![name.into(), tally.runs.to_string(), tally.right.to_string(), share, interval]);
        command = if command.is_empty() { evidence.command } else { command };
    }
    Ok(Part {
        title: "Why an activation is needed at all",
        words: "The network of the exercise on XOR, with the mean squared error, trained with and without activations. A run is \
                right if all four answers are on the right side of one half."
            .into(),
        head: cells(["activation", "runs", "right", "share", "95 %"]),
        rows,
        pictures: vec![],
        command,
    })
}

/// Four linear layers, multiplied out.
fn one_matrix() -> Result<Part, Failure> {
    let identity = |l: usize| format!("network.layers.{l}.activation=identity");
    let settings = [0, 1, 2].map(identity);
    let experiment = Experiment::built_in("xor")?.with(&settings)?.with(&["dtype=float64".into()])?;
    let trainer = Trainer::<f64>::new(&experiment)?;
    let (network, w) = (trainer.model().network(), trainer.model().parameters());
    let mut product: Vec<Vec<f64>> = (0..2).map(|i| (0..2).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for layer in network.layers() {
        let weights = &w[layer.weight.clone()];
        let row = |o: usize| &weights[o * layer.in_features..(o + 1) * layer.in_features];
        let times = |o: usize, j: usize| row(o).iter().zip(&product).map(|(w, from)| w * from[j]).sum::<f64>();
        product = (0..layer.out_features).map(|o| (0..2).map(|j| times(o, j)).collect()).collect();
    }
    let inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let rows = inputs.iter().map(|x| {
        let by_layers = trainer.predict(x)[0];
        let by_matrix = product[0][0] * x[0] + product[0][1] * x[1];
        vec![format!("({}, {})", x[0], x[1]), format!("{by_layers:.9}"), format!("{by_matrix:.9}")]
    });
    Ok(Part {
        title: "Four layers that are one",
        words: format!(
            "Without activations, W4·W3·W2·W1 is one matrix of two numbers, here ({:.6}, {:.6}): its answer is that of the four \
             layers. The answer at (1, 1) is always the sum of those at (0, 1) and (1, 0), and XOR is not.",
            product[0][0], product[0][1]
        ),
        head: cells(["input", "four layers", "their product"]),
        rows: rows.collect(),
        pictures: vec![],
        command: "neuronlab explain xor --set network.layers.0.activation=identity --set network.layers.1.activation=identity \
                  --set network.layers.2.activation=identity --weight 'lin1.weight[0,0]' --sample 3"
            .into(),
    })
}

/// A network of tanh without biases is odd.
fn nothing_at_zero(lab: &Lab<'_>) -> Result<Part, Failure> {
    let seeds = if lab.quick { 200u64 } else { 5000 };
    let biases = (0..4).map(|l| format!("network.layers.{l}.bias=true")).collect::<Vec<_>>();
    let xor = Experiment::built_in("xor")?;
    let mut rows = vec![];
    for (name, experiment) in [("without biases (the exercise)", xor.clone()), ("with biases", xor.with(&biases)?)] {
        let (mut zero, mut largest) = (0, 0f32);
        for seed in 0..seeds {
            let mut of_seed = experiment.clone();
            of_seed.seed.torch = seed;
            let answer = Trainer::<f32>::new(&of_seed)?.predict(&[0.0, 0.0])[0];
            zero += u64::from(answer == 0.0);
            largest = largest.max(answer.abs());
        }
        let [share, interval] = percent(wilson(zero, seeds));
        rows.push(vec![name.into(), seeds.to_string(), share, interval, format!("{largest:.3}")]);
    }
    Ok(Part {
        title: "The row that is right before training begins",
        words: "tanh is odd, and so is a network of tanh without biases: f(−x) = −f(x). So its answer at (0, 0) is exactly 0, whatever \
                its weights. Untrained networks, each with its own seed:"
            .into(),
        head: cells(["network", "seeds", "answer exactly 0", "95 %", "largest answer"]),
        rows,
        pictures: vec![],
        command: "neuronlab predict runs/xor --input 0,0".into(),
    })
}
