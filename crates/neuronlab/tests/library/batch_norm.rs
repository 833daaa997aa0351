//! Batch normalisation against PyTorch 2.15.0, and what is true of a bias in front of it.

use crate::common::{assert_close, golden, number, numbers};
use neuronlab::nn::{BatchNorm, Init};
use neuronlab::random::TorchRng;
use neuronlab::{Activation, Experiment, Loss, Model, Network, Trainer};

fn network() -> Network {
    Network::new(2).linear(3, true, Activation::TANH).batch_norm(BatchNorm::default()).linear(
        1,
        true,
        Activation::IDENTITY,
    )
}

/// Two batches in training mode, gradients of the second, running statistics after both, then evaluation mode.
#[test]
fn forward_backward_and_running_statistics_are_pytorchs() {
    let entry = &golden("torch_gradients.json")["batch_norm"];
    let mut model = Model::new(network(), numbers(&entry["parameters"])).unwrap();
    let (x, y) = (numbers(&entry["x"]), numbers(&entry["y"]));
    let (first, second) = x.split_at(x.len() / 2);
    model.forward(first);
    model.forward(second);
    let value = model.backward(&Loss::MSE_LOSS, &y);
    assert_close("loss", &[value], &[number(&entry["loss_value"])], 5e-16);
    assert_close("gradients", model.gradients(), &numbers(&entry["gradients"]), 2e-15);
    let running = model.running(0).unwrap().clone();
    assert_close("running mean", &running.mean, &numbers(&entry["running_mean"]), 2e-16);
    assert_close("running variance", &running.var, &numbers(&entry["running_var"]), 3e-16);

    model.eval();
    assert_close("evaluation", model.forward(first), &numbers(&entry["evaluation"]), 1e-15);
    assert_eq!(*model.running(0).unwrap(), running, "evaluation leaves the statistics alone");
}

/// The gradient of a bias in front of batch normalisation is zero, so it stays what it was and has no effect. It does not
/// become zero.
#[test]
fn a_bias_in_front_of_batch_normalisation_is_redundant_not_zero() {
    let parameters: Vec<f64> = network().initialise(&Init::Default, &Init::Default, &mut TorchRng::new(3));
    let mut model = Model::new(network(), parameters).unwrap();
    let (x, y) = ([0.1, 0.9, -0.4, 0.3, 0.8, -0.7, 0.2, 0.5], [1.0, 0.0, 0.5, 0.25]);
    let before = model.forward(&x).to_vec();
    model.backward(&Loss::MSE_LOSS, &y);
    let bias = model.network().layers()[0].bias.clone().unwrap();
    assert!(model.gradients()[bias.clone()].iter().all(|g| g.abs() < 1e-15), "{:?}", &model.gradients()[bias.clone()]);
    assert!(model.gradients().iter().any(|g| g.abs() > 1e-2));
    for place in bias {
        model.parameters_mut()[place] += 100.0;
    }
    assert_close("with the bias moved by 100", model.forward(&x), &before, 1e-12);

    // Over a whole training run it stays where the initialisation put it, to rounding.
    let settings = [
        "network.layers.0.batch_norm={}".into(),
        "network.layers.0.bias=true".into(),
        "batch=full".into(),
        "loss=mse".into(),
        "stop.epochs=200".into(),
        "dtype=float64".into(),
    ];
    let mut trainer = Trainer::<f64>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
    let bias = trainer.model().network().layers()[0].bias.clone().unwrap();
    let start = trainer.model().parameters()[bias.clone()].to_vec();
    trainer.run(&mut ()).unwrap();
    let end = &trainer.model().parameters()[bias];
    assert_close("the bias after 200 epochs", end, &start, 1e-12);
    assert!(end.iter().all(|b| b.abs() > 1e-3), "and it is not zero: {end:?}");
}

#[test]
fn a_batch_of_one_sample_can_not_be_normalised() {
    let with = |settings: &[&str]| {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        Experiment::built_in("xor").unwrap().with(&settings).and_then(|e| Trainer::<f32>::new(&e))
    };
    let norm = "network.layers.1.batch_norm={ momentum = 0.2 }";
    for batch in ["batch.size=1", "batch={ name = 'in_order', size = 3 }"] {
        let error = with(&[norm, batch]).unwrap_err().to_string();
        assert!(error.contains("batch.size: expected at least 2 samples in every step"), "{error}");
    }
    with(&[norm, "batch=full"]).unwrap();
    let error = with(&["network.layers.1.batch_norm={ momentum = 2 }"]).unwrap_err().to_string();
    assert!(error.contains("network.layers.1.batch_norm.momentum: expected 0 to 1, got 2"), "{error}");
}
