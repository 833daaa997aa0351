use crate::common::{golden, number, numbers};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::{Experiment, Trainer};
use serde_json::Value;

/// 500 random experiments, which hold every method and every setting at least three times, against the losses of every step that
/// PyTorch has, its learning rates, and the loss when training is over. `scripts/torch_differential.py` made them, says how far
/// two programs' roundings may go apart in each, and makes more.
#[test]
fn random_experiments_have_pytorchs_losses() {
    let golden = golden("torch_differential.json");
    let cases = golden["cases"].as_array().unwrap();
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("experiment.toml");
    for case in cases {
        std::fs::write(place.path().join("data.csv"), case["csv"].as_str().unwrap()).unwrap();
        std::fs::write(&file, case["toml"].as_str().unwrap()).unwrap();
        let experiment = Experiment::read(&file).unwrap_or_else(|error| panic!("{}: {error}", case["what"]));
        match experiment.dtype {
            Dtype::Float32 => compare::<f32>(case, &experiment),
            Dtype::Float64 => compare::<f64>(case, &experiment),
        }
    }
    assert_eq!(cases.len(), 500);
}

#[track_caller]
fn compare<T: Real + TorchReal>(case: &Value, experiment: &Experiment) {
    let what = format!("case {}: {}", case["number"], case["what"]);
    let losses = numbers(&case["losses"]);
    let rates = case["rates"].as_array().map(|rates| rates.iter().map(number).collect::<Vec<_>>());
    let (tolerance, largest) =
        (number(&case["tolerance"]), losses.iter().fold(0f64, |most, loss| most.max(loss.abs())));
    let close = |which: &str, ours: f64, theirs: f64| {
        let allowed = tolerance * theirs.abs().max(largest / 100.0).max(1e-4);
        assert!(
            (ours - theirs).abs() <= allowed,
            "{what}: {which}: ours {ours}, PyTorch's {theirs}, allowed {allowed:e}"
        );
    };
    let mut trainer = Trainer::<T>::new(experiment).unwrap_or_else(|error| panic!("{what}: {error}"));
    for (step, &theirs) in losses.iter().enumerate() {
        if let Some(rates) = &rates {
            let lr = trainer.hyper().lr;
            assert!((lr - rates[step]).abs() <= 1e-9 * rates[step].abs(), "{what}: learning rate of step {step}: {lr}");
        }
        let ours = trainer.step().unwrap_or_else(|divergence| panic!("{what}: {divergence}")).loss.to_f64();
        close(&format!("loss of step {step}"), ours, theirs);
    }
    assert!(trainer.ended().is_some(), "{what}: the run goes on");
    if !case["after"].is_null() {
        let train = &trainer.task().train;
        close("loss after training", trainer.evaluate(&train.x, &train.y).loss, number(&case["after"]));
    }
}
