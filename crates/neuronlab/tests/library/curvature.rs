//! Second derivatives against PyTorch's and against differences of the engine's own gradients.

use crate::common::{assert_close, golden, number, numbers};
use neuronlab::explain::{Curvature, LossSurface, Sharpness, Stability, Timeline};
use neuronlab::nn::{BatchNorm, Init};
use neuronlab::random::TorchRng;
use neuronlab::{Activation, Experiment, Loss, Model, Network, Trainer};
use proptest::prelude::*;

/// The same formulas in another order of operations, in float64: some roundings of the largest second derivative.
const TOLERANCE: f64 = 1e-12;

/// A built-in experiment with fields replaced.
fn experiment(name: &str, set: &[&str]) -> Experiment {
    let set: Vec<String> = set.iter().map(ToString::to_string).collect();
    Experiment::built_in(name).unwrap().with(&set).unwrap()
}

/// `Linear(in_features=2, out_features=4, bias=False)` and what follows it, as PyTorch prints them.
fn network(layers: &[&str]) -> Network {
    let field = |text: &str, name: &str| {
        let rest = text.split_once(&format!("{name}=")).unwrap().1;
        rest[..rest.find([',', ')']).unwrap()].to_string()
    };
    let mut network: Option<Network> = None;
    let mut at = 0;
    while at < layers.len() {
        let linear = layers[at];
        let norm = layers.get(at + 1).is_some_and(|l| l.starts_with("BatchNorm1d"));
        at += if norm { 2 } else { 1 };
        let named = |f: &Activation| layers.get(at).is_some_and(|l| l.starts_with(&format!("{}(", f.name())));
        let activation = Activation::all().into_iter().find(named);
        at += usize::from(activation.is_some());
        let before = network.unwrap_or_else(|| Network::new(field(linear, "in_features").parse().unwrap()));
        let out = field(linear, "out_features").parse().unwrap();
        let after = before.linear(out, field(linear, "bias") == "True", activation.unwrap_or_default());
        network = Some(if norm { after.batch_norm(BatchNorm::default()) } else { after });
    }
    network.unwrap()
}

#[test]
fn hessians_are_pytorchs() {
    for (name, theirs) in golden("hessian.json")["networks"].as_object().unwrap() {
        let layers: Vec<&str> = theirs["layers"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
        let loss = Loss::all().into_iter().find(|loss| theirs["loss"] == loss.name()).unwrap();
        let parameters = numbers(&theirs["parameters"]);
        let (x, y) = (numbers(&theirs["x"]), numbers(&theirs["y"]));
        let mut surface = LossSurface::new(network(&layers), &parameters, loss.clone(), &x, &y).unwrap();
        let (value, gradient) = surface.gradient();
        assert_close(name, &[value], &[number(&theirs["loss_value"])], TOLERANCE);
        assert_close(name, &gradient, &numbers(&theirs["gradient"]), TOLERANCE);
        let hessian = numbers(&theirs["hessian"]);
        let size = hessian.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        // PyTorch adds 1e-12 to o and 1 - o in the second derivative of its binary cross-entropy: that much of 1/o.
        let tolerance = if loss == Loss::BCE_LOSS { 10.0 * TOLERANCE } else { TOLERANCE };
        assert_close(name, &surface.hessian(), &hessian, tolerance * size.max(1.0));
    }
}

/// The eigenvalues of PyTorch's LAPACK, of the exercise's network with these weights in a trainer.
#[test]
fn eigenvalues_are_pytorchs() {
    let theirs = &golden("hessian.json")["networks"]["the exercise's"];
    let sides = numbers(&theirs["x"]);
    let rows = sides.chunks(2).zip(numbers(&theirs["y"]));
    let lines: Vec<String> = rows.map(|(x, y)| format!("{},{},{y}", x[0], x[1])).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, format!("a,b,y\n{}\n", lines.join("\n"))).unwrap();
    let data = format!("data={{ name = 'csv', path = '{}', targets = ['y'] }}", path.display());
    let mut trainer = Trainer::<f64>::new(&experiment("xor-mse", &[&data, "dtype=float64"])).unwrap();
    trainer.parameters_mut().copy_from_slice(&numbers(&theirs["parameters"]));

    let curvature = Curvature::new(&trainer, None).unwrap();
    assert_close("eigenvalues", &curvature.eigenvalues, &numbers(&theirs["eigenvalues"]), TOLERANCE);
    assert!(curvature.asymmetry < 1e-14, "{:e}", curvature.asymmetry);
    let sharpness = Sharpness::new(&trainer, None).unwrap();
    assert_close("Lanczos", &[sharpness.largest], &curvature.eigenvalues[..1], 1e-10 * curvature.sharpness());
    assert_close("trace", &[curvature.trace()], &[curvature.eigenvalues.iter().sum()], TOLERANCE);
    assert_eq!(curvature.counts().iter().sum::<usize>(), 44);
    assert!((curvature.shares().iter().map(|s| s.1).sum::<f64>() - 1.0).abs() < 1e-12);
}

proptest! {
    #![proptest_config(crate::common::cases(150))]

    /// Any network: column i of H is how the gradients of the plain engine differ between two sides of parameter i. With
    /// h = 1e-5 a central difference is off by h²/6 of a third derivative and by 1e-16/h of rounding: 1e-6 is room for both.
    #[test]
    fn hessians_agree_with_differences_of_gradients(
        layers in prop::collection::vec((1..=5usize, any::<bool>(), prop::sample::select(Activation::all())), 1..=3),
        inputs in 1..=3usize,
        rows in 2..=5usize,
        normalised in any::<bool>(),
        loss in prop::sample::select(Loss::all()),
        seed in 0..1000u64,
    ) {
        let mut network = layers.iter().fold(Network::new(inputs), |n, &(out, bias, f)| n.linear(out, bias, f));
        if normalised {
            // Far from constant columns, around which the normalisation has poles.
            network = network.linear(3, true, Activation::TANH).batch_norm(BatchNorm { eps: 0.1, ..BatchNorm::default() });
            network = network.linear(2, false, Activation::IDENTITY);
        }
        if loss == Loss::BCE_LOSS {
            network = network.linear(2, true, Activation::SIGMOID);
        }
        let outputs = network.out_features();
        let mut rng = TorchRng::new(seed);
        let uniform = Init::Uniform { low: -1.0, high: 1.0 };
        let parameters: Vec<f64> = network.initialise(&uniform, &uniform, &mut rng);
        let (mut x, mut y) = (vec![0.0; rows * inputs], vec![0.0; rows * outputs]);
        rng.uniform(&mut x, -2.0, 2.0);
        if loss.wants_classes() {
            y.chunks_exact_mut(outputs).enumerate().for_each(|(b, row)| row[b % outputs] = 1.0);
        } else {
            rng.uniform(&mut y, 0.0, 1.0);
            crate::common::fit_targets(&loss, &mut y);
        }

        let mut surface = LossSurface::new(network.clone(), &parameters, loss.clone(), &x, &y).unwrap();
        let hessian = surface.hessian();
        let n = parameters.len();
        // PyTorch's slope of hardsigmoid, 1/6 in float32, is not quite that of its value.
        let exact = layers.iter().all(|(_, _, f)| *f != Activation::HARDSIGMOID);
        let rounding = if exact { 1e-12 } else { 1e-7 };
        let size = hessian.iter().fold(1e-2f64, |m, v| m.max(v.abs()));
        let mut model = Model::new(network, parameters.clone()).unwrap();
        let mut gradients = |i: usize, w: f64| {
            model.parameters_mut().copy_from_slice(&parameters);
            model.parameters_mut()[i] = w;
            let output = model.forward(&x).to_vec();
            model.backward(&loss, &y);
            // Where a slope jumps, or bends differently (ELU at 0, Huber at its delta), a difference across is no judge.
            let kinks: Vec<bool> = (0..model.network().layers().len())
                .flat_map(|l| {
                    let values = model.layer(l);
                    let sums = values.norm.as_ref().map_or(&values.z, |norm| &norm.y);
                    sums.iter().flat_map(|z| crate::common::KINKS.map(|kink| *z > kink)).collect::<Vec<_>>()
                })
                .chain(output.iter().zip(&y).flat_map(|(o, t)| [o > t, *o > t + 1.0, *o < t - 1.0, *o > 1.0]))
                .collect();
            (model.gradients().to_vec(), kinks)
        };
        for (i, column) in hessian.chunks_exact(n).enumerate() {
            let h = 1e-5;
            let (above, kinks_above) = gradients(i, parameters[i] + h);
            let (below, kinks_below) = gradients(i, parameters[i] - h);
            if kinks_above == kinks_below {
                for j in 0..n {
                    let difference = (above[j] - below[j]) / (2.0 * h);
                    prop_assert!(
                        (column[j] - difference).abs() <= 1e-6 * size,
                        "H[{i},{j}] = {} against {difference}, largest {size}", column[j]
                    );
                    prop_assert!((column[j] - hessian[j * n + i]).abs() <= rounding * size, "H[{i},{j}] is not H[{j},{i}]");
                }
            }
        }
    }
}

/// Plain steps of all four samples, with a learning rate below and above 2 over the sharpness in a minimum: from beside it the
/// run comes back, or leaves.
#[test]
fn above_the_threshold_a_minimum_does_not_hold() {
    let full = ["batch=full", "optimizer.momentum=0", "dtype=float64", "optimizer.lr=0.05", "stop.epochs=100000"];
    let start = experiment("xor-mse", &full);
    let mut trainer = Trainer::<f64>::new(&start).unwrap();
    while trainer.steps() < 50_000 {
        trainer.step().unwrap();
    }
    let curvature = Curvature::new(&trainer, None).unwrap();
    assert!(curvature.loss < 1e-12, "{}", curvature.loss);
    let minimum = trainer.model().parameters().to_vec();
    for (share, holds) in [(0.95, true), (1.05, false)] {
        let lr = format!("optimizer.lr={}", share * Stability::of(&trainer).unwrap().largest_lr(curvature.sharpness()));
        let mut beside = Trainer::<f64>::new(&start.with(&[lr]).unwrap()).unwrap();
        for ((w, at), along) in beside.parameters_mut().iter_mut().zip(&minimum).zip(&curvature.direction) {
            *w = at + 1e-5 * along;
        }
        let before = beside.step().unwrap().loss;
        for _ in 0..100 {
            beside.step().unwrap();
        }
        let after = beside.step().unwrap().loss;
        assert_eq!(after < before, holds, "{share}: {before:e} to {after:e}");
    }
}

#[test]
fn the_sharpness_along_a_run_is_that_of_its_moments() {
    let mut run = Timeline::<f32>::new(&Experiment::built_in("xor-mse").unwrap()).unwrap();
    let along = Sharpness::along(&mut run, &[0, 400, 4000], None, |_| {}).unwrap();
    for at in along {
        let curvature = Curvature::new(run.at(at.step).unwrap(), None).unwrap();
        assert!((at.largest - curvature.sharpness()).abs() < 1e-9 * at.largest, "{at:?}");
        assert!((at.threshold.unwrap() - 190.0).abs() < 1e-12);
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let trainer = |set: &[&str]| Trainer::<f32>::new(&experiment("xor", set)).unwrap();
    let says = |set: &[&str], samples: &[u32]| Curvature::new(&trainer(set), Some(samples)).unwrap_err().to_string();
    assert_eq!(says(&[], &[0, 4]), "sample: expected 0 to 3, a training sample, got 4");
    assert!(says(&[], &[]).contains("at least one"));
    assert!(says(&["network.layers.1.out_features=300"], &[0]).contains("at most 1000 parameters"));
    let norm = ["network.layers.0.batch_norm={}", "batch.size=2"];
    assert!(says(&norm, &[1]).contains("at least 2, for batch normalisation"));
    assert_eq!(Curvature::new(&trainer(&[]), None).unwrap().kinks, ["L1Loss"]);
    assert_eq!(
        Curvature::new(&trainer(&["network.layers.0.activation=relu", "loss=mse"]), None).unwrap().kinks,
        ["ReLU"]
    );
}

/// The slope to both sides of every place where one could jump, against what each method says of itself.
#[test]
fn what_has_kinks_says_so() {
    for activation in Activation::all() {
        let jumps = crate::common::KINKS
            .iter()
            .any(|z: &f64| (activation.derivative(z + 1e-9) - activation.derivative(z - 1e-9)).abs() > 1e-3);
        assert_eq!(activation.has_kinks(), jumps, "{}", activation.name());
    }
    for loss in Loss::all() {
        let target = if loss == Loss::HINGE_EMBEDDING_LOSS { -1.0 } else { 0.5 };
        let slope = |o: f64| {
            let mut d = [0.0];
            loss.gradient(&[o], &[target], 1, &mut d);
            d[0]
        };
        // Binary cross-entropy is one of probabilities.
        let places: &[f64] = if loss == Loss::BCE_LOSS { &[0.5] } else { &[-0.5, 0.5, 1.0, 1.5] };
        let jumps = places.iter().any(|o| (slope(o + 1e-9) - slope(o - 1e-9)).abs() > 1e-3);
        assert_eq!(loss.has_kinks(), jumps, "{}", loss.name());
    }
}
