//! Laws that hold for any network: gradients agree with differences, batches are means, resuming is exact.

use neuronlab::experiment::Batch;
use neuronlab::nn::{BatchNorm, Init, LayerConfig};
use neuronlab::optim::{Clip, Optimizer};
use neuronlab::random::TorchRng;
use neuronlab::train::{Ended, Epoch, History, Listener, Step, Trainer};
use neuronlab::{Activation, Loss, Model, Network};
use proptest::prelude::*;
use std::ops::ControlFlow;
use std::path::Path;

fn activation() -> impl Strategy<Value = Activation> {
    prop::sample::select(Activation::all())
}

/// Up to four layers of up to six neurons.
fn layers() -> impl Strategy<Value = Vec<(usize, bool, Activation)>> {
    prop::collection::vec((1..=6usize, any::<bool>(), activation()), 1..=4)
}

fn layer(out_features: usize, bias: bool, activation: Activation) -> LayerConfig {
    LayerConfig {
        out_features,
        bias,
        batch_norm: None,
        activation,
        dropout: 0.0,
        init: None,
        init_bias: None,
        frozen: vec![],
    }
}

proptest! {
    #![proptest_config(crate::common::cases(200))]

    /// Every parameter of every network, activation and loss, to 1e-6 of the largest gradient.
    #[test]
    fn gradients_agree_with_central_differences(
        layers in layers(),
        inputs in 1..=4usize,
        rows in 1..=5usize,
        normalised in any::<bool>(),
        outputs_after_norm in 1..=3usize,
        loss in prop::sample::select(Loss::all()),
        seed in 0..1000u64,
    ) {
        let mut network = layers.iter().fold(Network::new(inputs), |n, &(out, bias, f)| n.linear(out, bias, f));
        if normalised && rows > 1 {
            network = network.linear(3, true, Activation::TANH).batch_norm(BatchNorm::default());
            network = network.linear(outputs_after_norm, false, Activation::IDENTITY);
        }
        if loss == Loss::BCE_LOSS {
            network = network.linear(2, true, Activation::SIGMOID);
        }
        let outputs = network.out_features();
        let mut rng = TorchRng::new(seed);
        let uniform = Init::Uniform { low: -1.0, high: 1.0 };
        let parameters: Vec<f64> = network.initialise(&uniform, &uniform, &mut rng);
        let mut x = vec![0.0; rows * inputs];
        let mut y = vec![0.0; rows * outputs];
        rng.uniform(&mut x, -2.0, 2.0);
        if loss.wants_classes() {
            y.chunks_exact_mut(outputs).enumerate().for_each(|(b, row)| row[b % outputs] = 1.0);
        } else {
            rng.uniform(&mut y, 0.0, 1.0);
            crate::common::fit_targets(&loss, &mut y);
        }

        let mut model = Model::new(network, parameters.clone()).unwrap();
        model.forward(&x);
        model.backward(&loss, &y);
        let gradients = model.gradients().to_vec();
        let scale = gradients.iter().fold(1e-3f64, |m, g| m.max(g.abs()));
        let mut value = |parameters: &[f64]| {
            model.parameters_mut().copy_from_slice(parameters);
            let output = model.forward(&x).to_vec();
            let kinks: Vec<bool> = (0..model.network().layers().len())
                .flat_map(|l| model.layer(l).z.iter().flat_map(|z| crate::common::KINKS.map(|kink| *z > kink)).collect::<Vec<_>>())
                .chain(output.iter().zip(&y).flat_map(|(o, t)| [o > t, *o > t + 1.0, *o < t - 1.0, *o > 1.0]))
                .collect();
            (loss.value(&output, &y, outputs), kinks)
        };
        for (i, gradient) in gradients.iter().enumerate() {
            let h = 1e-6;
            let at = |w: f64| { let mut p = parameters.clone(); p[i] = w; p };
            let (above, kinks_above) = value(&at(parameters[i] + h));
            let (below, kinks_below) = value(&at(parameters[i] - h));
            // A difference across a kink (of ReLU at 0, hardtanh at ±1, L1 at the target) is no judge of the slope on one side.
            if kinks_above == kinks_below {
                let difference = (above - below) / (2.0 * h);
                // 1e-6, and the rounding of the difference itself: 2⁻⁵² of the loss over h.
                let tolerance = 1e-6 * scale + 1e-9 * above.abs().max(1.0);
                prop_assert!((gradient - difference).abs() <= tolerance, "parameter {i}: {gradient} against {difference}");
            }
        }
    }

    /// Random combinations of everything an experiment can name: no panic, and interrupted anywhere and resumed, a run ends
    /// with the bits of one that was not, be it by all epochs or by divergence.
    #[test]
    fn resuming_is_exact(
        layers in layers(),
        batch in prop::sample::select(vec![
            Batch::WithReplacement { size: 3, steps: 4 },
            Batch::Shuffle { size: 3 },
            Batch::InOrder { size: 2 },
            Batch::Full,
            Batch::List { samples: vec![0, 3, 3, 1, 2], size: 2 },
        ]),
        loss in prop::sample::select(Loss::all()),
        optimizer in prop::sample::select(Optimizer::all()),
        schedule in prop::sample::select(SCHEDULES.to_vec()),
        clip in prop::sample::select(vec![None, Some(Clip::Norm { max: 0.5 }), Some(Clip::Value { max: 0.1 })]),
        seed in 0..100u64,
        interrupted_after in 1..20u64,
    ) {
        let last = match loss.key() {
            "bce" => "{ out_features = 1, activation = 'sigmoid' }",
            "nll" | "kl_div" | "cross_entropy" => "{ out_features = 2, activation = 'log_softmax' }",
            _ => "{ out_features = 1 }",
        };
        let mut settings = vec![format!("network.layers=[{last}]"), format!("loss={}", loss.key())];
        settings.push(format!("optimizer={}", optimizer.key()));
        settings.extend((!schedule.is_empty()).then(|| format!("schedule={schedule}")));
        let mut experiment = match crate::common::xor_for(&loss).with(&settings) {
            Ok(experiment) => experiment,
            // Momentum can't be cycled where there is none: said before training.
            Err(error) => {
                prop_assert!(error.to_string().contains("cycle_momentum"), "{error}");
                return Ok(());
            }
        };
        let hidden = layers.into_iter().map(|(out_features, bias, activation)| layer(out_features, bias, activation));
        experiment.network.layers.splice(0..0, hidden);
        (experiment.batch, experiment.clip) = (batch, clip);
        experiment.seed.torch = seed;
        experiment.stop.epochs = 20;
        experiment.init = Init::Default;
        // Batch normalisation wants at least two samples in each step.
        let smallest = match experiment.batch {
            Batch::WithReplacement { .. } | Batch::InOrder { .. } | Batch::Full => 2,
            _ => 1,
        };
        if seed % 2 == 0 && smallest == 2 {
            experiment.network.layers[0].batch_norm = Some(BatchNorm::default());
        }
        if seed % 3 == 0 {
            experiment.network.layers[0].dropout = 0.3;
        }

        let mut whole = Trainer::<f32>::new(&experiment).unwrap();
        let mut history = History::new(&whole);
        let outcome = whole.run(&mut history);
        if outcome.is_err() {
            return Ok(());
        }
        prop_assert_eq!(outcome.unwrap(), Ended::Epochs);

        let mut first = Trainer::<f32>::new(&experiment).unwrap();
        let mut part = BreakAfter { steps: interrupted_after, history: History::new(&first) };
        first.run(&mut part).unwrap();
        let bytes = first.checkpoint();
        let mut second = Trainer::<f32>::resume(&experiment, &bytes, Path::new("checkpoint")).unwrap();
        prop_assert_eq!(second.steps(), interrupted_after);
        second.run(&mut part.history).unwrap();

        prop_assert_eq!(part.history, history);
        prop_assert_eq!(second.model().parameters(), whole.model().parameters());
        prop_assert_eq!(second.checkpoint(), whole.checkpoint());
    }
}

/// Each kind once, and none.
const SCHEDULES: &[&str] = &[
    "",
    "{ name = 'step_lr', step_size = 3 }",
    "{ name = 'multi_step_lr', milestones = [2, 9] }",
    "{ name = 'exponential_lr', gamma = 0.9 }",
    "{ name = 'cosine_annealing_lr', t_max = 20 }",
    "{ name = 'cosine_annealing_warm_restarts', t_0 = 4, t_mult = 2 }",
    "linear_lr",
    "polynomial_lr",
    "{ name = 'cyclic_lr', base_lr = 0.001, max_lr = 0.1, step_size_up = 3 }",
    "{ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 80 }",
    "{ name = 'reduce_lr_on_plateau', patience = 1, cooldown = 1 }",
    "{ name = 'piecewise', starts = [0, 5], factors = [1, 0.5] }",
    "{ name = 'cyclic_lr', base_lr = 0.001, max_lr = 0.1, step_size_up = 2, base_momentum = 0 }",
    "constant_lr",
    "{ name = 'sequential', schedules = ['linear_lr', { name = 'cosine_annealing_lr', t_max = 15 }], milestones = [5] }",
    "{ name = 'chained', schedules = ['linear_lr', { name = 'cosine_annealing_lr', t_max = 4 }] }",
];

struct BreakAfter {
    steps: u64,
    history: History<f32>,
}

impl Listener<f32> for BreakAfter {
    fn step(&mut self, step: &Step<'_, f32>) -> ControlFlow<()> {
        let _ = self.history.step(step);
        if step.step + 1 == self.steps { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn epoch(&mut self, epoch: &Epoch<f32>) -> ControlFlow<()> {
        assert!(epoch.mean_loss.is_finite());
        ControlFlow::Continue(())
    }
}

/// The gradient of a batch is the mean of the gradients of its rows, and so is the loss.
#[test]
fn a_batch_is_the_mean_of_its_rows() {
    let network = Network::new(2).linear(3, true, Activation::TANH).linear(2, true, Activation::SIGMOID);
    let parameters: Vec<f64> = network.initialise(&Init::Default, &Init::Default, &mut TorchRng::new(1));
    let x = [0.5, -1.0, 2.0, 0.25, -0.75, 1.5];
    for loss in Loss::all() {
        let mut y = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0];
        crate::common::fit_targets(&loss, &mut y);
        let mut model = Model::new(network.clone(), parameters.clone()).unwrap();
        model.forward(&x);
        let value = model.backward(&loss, &y);
        let together = model.gradients().to_vec();
        let mut sums = vec![0.0; together.len()];
        let mut values = 0.0;
        for (x, y) in x.chunks(2).zip(y.chunks(2)) {
            model.forward(x);
            values += model.backward(&loss, y) / 3.0;
            sums.iter_mut().zip(model.gradients()).for_each(|(sum, g)| *sum += g / 3.0);
        }
        assert!((value - values).abs() < 2e-15, "{loss:?}");
        assert!(together.iter().zip(&sums).all(|(a, b)| (a - b).abs() < 1e-15), "{loss:?}");
    }
}
