//! The learned slopes of PReLU: against PyTorch 2.15.0 and against differences, and in everything that names parameters.

use crate::common::{assert_close, golden, number, numbers};
use neuronlab::explain::{Check, Explanation, Moment, Neuron, Timeline, operations};
use neuronlab::nn::{BatchNorm, Linear};
use neuronlab::random::TorchReal;
use neuronlab::scalar::Real;
use neuronlab::{Activation, Experiment, History, Loss, Model, Network, Trainer};
use serde_json::Value;

fn xor(settings: &[&str]) -> neuronlab::Result<Experiment> {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    Experiment::built_in("xor").unwrap().with(&settings)
}

/// PReLU with a slope for each of `neurons`, or one for all.
fn prelu(num_parameters: usize) -> Activation {
    let set = format!(
        "network.layers.0={{ out_features = {num_parameters}, activation = {{ name = 'prelu', num_parameters = {num_parameters} }} }}"
    );
    xor(&[&set]).unwrap().network.layers[0].activation
}

/// The layers of `scripts/torch_prelu.py`.
fn layers(network: &str) -> &'static str {
    match network {
        "one" => {
            "{ out_features = 4, activation = 'prelu' }, \
             { out_features = 3, activation = { name = 'prelu', init = 0.5 } }, { out_features = 1 }"
        }
        "each" => {
            "{ out_features = 4, activation = { name = 'prelu', num_parameters = 4 } }, \
             { out_features = 3, bias = false, activation = { name = 'prelu', num_parameters = 3, init = -0.1 } }, \
             { out_features = 1 }"
        }
        _ => {
            "{ out_features = 4, batch_norm = {}, activation = { name = 'prelu', num_parameters = 4 } }, \
             { out_features = 1, activation = 'prelu' }"
        }
    }
}

/// The start, the gradients of the first step, every loss of sixty steps, and where they lead to.
fn compare<T: Real + TorchReal>(case: &Value, experiment: &Experiment, tolerance: f64) {
    let wide = |values: &[T]| values.iter().map(|v| v.to_f64()).collect::<Vec<f64>>();
    let what = format!("{} {} {} {}", case["network"], case["dtype"], case["optimizer"], case["alone"]);
    let mut trainer = Trainer::<T>::new(experiment).unwrap();
    assert_eq!(wide(trainer.model().parameters()), numbers(&case["start"]), "{what}");
    let mut losses = vec![];
    for step in 0..60 {
        losses.push(trainer.step().unwrap().loss.to_f64());
        if step == 0 {
            assert_close(&what, &wide(trainer.model().gradients()), &numbers(&case["gradients"]), tolerance / 10.0);
        }
    }
    assert_close(&what, &losses, &numbers(&case["losses"]), tolerance);
    assert_close(&what, &wide(trainer.model().parameters()), &numbers(&case["end"]), tolerance);
}

#[test]
fn trainings_are_pytorchs() {
    let golden = golden("torch_prelu.json");
    let row = |(x, y): (&Value, &Value)| format!("{},{},{}\n", number(&x[0]), number(&x[1]), number(&y[0]));
    let rows = golden["x"].as_array().unwrap().iter().zip(golden["y"].as_array().unwrap()).map(row);
    let file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    std::fs::write(file.path(), format!("a,b,y\n{}", rows.collect::<String>())).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let alone = case["alone"].as_bool().unwrap();
        let experiment = xor(&[
            &format!("data={{ name = 'csv', path = {:?}, targets = ['y'] }}", file.path().display().to_string()),
            &format!("network.layers=[{}]", layers(text("network"))),
            &format!("dtype={}", text("dtype")),
            if text("optimizer") == "sgd" {
                "optimizer={ name = 'sgd', lr = 0.01, momentum = 0.9 }"
            } else {
                "optimizer={ name = 'adam', lr = 0.02, weight_decay = 0.01 }"
            },
            if alone { "batch={ name = 'in_order', size = 1 }" } else { "batch=full" },
            "seed.torch=3",
            "seed.discard=0",
            "init=default",
            "loss=mse",
            "stop.epochs=60",
        ])
        .unwrap();
        // Roundings of sixty steps, which a kink may widen.
        match text("dtype") {
            "float32" => compare::<f32>(case, &experiment, 2e-5),
            _ => compare::<f64>(case, &experiment, 1e-13),
        }
    }
    assert_eq!(cases.len(), 20);
}

/// Slopes of a shared and of separate PReLU, with a normalisation before and without, by central differences.
#[test]
fn gradients_of_slopes_agree_with_differences() {
    let network = Network::new(2)
        .linear(3, true, prelu(3))
        .batch_norm(BatchNorm::default())
        .linear(2, true, prelu(1))
        .linear(4, false, prelu(4))
        .linear(1, true, prelu(1));
    let names: Vec<String> = network.tensors().map(|tensor| tensor.name).collect();
    let first = ["lin1.weight", "lin1.bias", "bn1.weight", "bn1.bias", "prelu1.weight", "lin2.weight"];
    assert_eq!(names[..6], first);
    let parameters: Vec<f64> = (0..network.parameters()).map(|i| (f64::from(i as u32) * 1.7).sin()).collect();
    let (x, y) = ([0.3, -1.0, 0.7, 0.2, -0.6, 1.1, 0.9, 0.4], [0.1, -0.4, 0.6, 0.2]);
    let mut model = Model::new(network, parameters.clone()).unwrap();
    model.forward(&x);
    model.backward(&Loss::MSE_LOSS, &y);
    let gradients = model.gradients().to_vec();
    assert!(gradients.iter().filter(|g| **g != 0.0).count() > 40);
    for (i, gradient) in gradients.iter().enumerate() {
        let h = 1e-6;
        let mut at = |w: f64| {
            model.parameters_mut().copy_from_slice(&parameters);
            model.parameters_mut()[i] = w;
            let output = model.forward(&x).to_vec();
            Loss::MSE_LOSS.value(&output, &y, 1)
        };
        let difference = (at(parameters[i] + h) - at(parameters[i] - h)) / (2.0 * h);
        // h² of a third derivative, and 1e-16/h of rounding.
        assert!((gradient - difference).abs() < 1e-8, "{i}: {gradient} against {difference}");
    }
}

const EACH: &str = "network.layers.1.activation={ name = 'prelu', num_parameters = 4 }";
const ONE: &str = "network.layers.1.activation=prelu";

/// Sum over paths, backward pass and difference of slopes, of one sample and of a batch; and the whole step in operations.
#[test]
fn slopes_are_explained() {
    for set in [EACH, ONE] {
        for batch in ["batch.size=1", "batch=full"] {
            for norm in ["dtype=float64", "network.layers.1.batch_norm={}"] {
                if norm.contains("norm") && batch.contains('1') {
                    continue;
                }
                let experiment = xor(&[set, batch, "loss=mse", "dtype=float64", norm]).unwrap();
                let mut run = Timeline::<f64>::new(&experiment).unwrap();
                // A step in which one of the slopes acts, and that one.
                let acting = (30..60).find_map(|step| {
                    let moment = Moment::new(run.at(step).unwrap(), None).unwrap();
                    let slopes = moment.network().layers()[1].slope.clone().unwrap().weight;
                    let place = slopes.into_iter().find(|&place| moment.gradients[place] != 0.0)?;
                    Some((moment, place))
                });
                let (moment, place) = acting.unwrap();
                let why = Explanation::new(&moment, &moment.network().parameter_name(place)).unwrap();
                let sizes = why.terms.max(1e-3);
                assert!((why.sum - why.backward).abs() < 1e-14 * sizes, "{set} {batch}: {why:?}");
                assert!((why.sum - why.difference.value).abs() < 1e-8 * sizes.max(1.0), "{set} {batch}: {why:?}");
                assert!((why.by_sample.iter().map(|part| part.1).sum::<f64>() - why.sum).abs() < 1e-14 * sizes);
                assert_eq!(why.by_sample.len(), moment.samples.len());
                let page = why.document().to_string();
                assert!(page.contains("the slope below 0 of") && page.contains("slope goes"), "{page}");
                assert!(operations(&moment).iter().any(|operation| operation.title == "prelu2.weight: update"));
                for name in ["lin1.weight[0,1]", "lin3.weight[2,2]"] {
                    let why = Explanation::new(&moment, name).unwrap();
                    assert!((why.sum - why.backward).abs() < 1e-14 * why.terms.max(1e-3), "{set} {name}");
                }
            }
        }
    }
    let sample = xor(&[ONE, "dtype=float64"]).unwrap();
    let moment = Moment::new(Timeline::<f64>::new(&sample).unwrap().at(3).unwrap(), Some(&[1])).unwrap();
    let formula = Explanation::new(&moment, "prelu2.weight[0]").unwrap().formula.text();
    assert!(formula.starts_with("∂L/∂prelu2.weight[0] = Σ_k min(0, z(H#2_k)) · Σ_j lin3.weight[j,k]"), "{formula}");
}

#[test]
fn slopes_are_checked_and_known_to_neurons() {
    let experiment = xor(&[EACH, "network.layers.2.activation=prelu", "loss=mse"]).unwrap();
    let mut run = Timeline::<f32>::new(&experiment).unwrap();
    let trainer = run.at(200).unwrap();
    let check = Check::new(trainer, None, Check::TOLERANCE, |_| {}).unwrap();
    assert_eq!((check.compared, check.wrong), (49 * 4, 0), "{:?}", check.worst);
    // The neuron's slope below 0 is the one that it has learned by now.
    let learned = f64::from(trainer.model().parameter("prelu2.weight[1]").unwrap());
    let neuron = Neuron::new(trainer, "H#2_1").unwrap();
    let below: Vec<f64> = neuron.samples.iter().filter(|seen| seen.z <= 0.0).map(|seen| seen.slope).collect();
    assert!(!below.is_empty() && below.iter().all(|slope| *slope == learned) && learned != 0.25, "{neuron:?}");
}

/// Its names and numbers, its slopes trained, frozen and given; resumed, the same bits.
#[test]
fn slopes_are_parameters_like_others() {
    let network = Network::sequential([Linear::new(2, 4).activation(prelu(4)), Linear::new(4, 1)]).unwrap();
    assert_eq!(network.parameters(), 12 + 4 + 5);
    assert_eq!(network.parameter_name(12), "prelu1.weight[0]");
    assert!(network.to_string().contains("\n  (prelu1): PReLU(num_parameters=4)\n"), "{network}");
    assert!(network.summary(1).to_string().contains("prelu1 (PReLU)"));

    let slopes = |settings: &[&str]| {
        let experiment = xor(&[&[EACH, "stop.epochs=20"], settings].concat()).unwrap();
        let mut trainer = Trainer::<f32>::new(&experiment).unwrap();
        let mut history = History::new(&trainer);
        let range = trainer.model().network().layers()[1].slope.clone().unwrap().weight;
        let start = trainer.model().parameters()[range.clone()].to_vec();
        for _ in 0..31 {
            trainer.step().unwrap();
        }
        let bytes = trainer.checkpoint();
        let mut again = Trainer::<f32>::resume(&experiment, &bytes, "checkpoint".as_ref()).unwrap();
        trainer.run(&mut history).unwrap();
        again.run(&mut ()).unwrap();
        assert_eq!(trainer.model().parameters(), again.model().parameters());
        (start, trainer.model().parameters()[range].to_vec())
    };
    let (start, end) = slopes(&[]);
    assert!(start == [0.25; 4] && end.iter().filter(|slope| **slope != 0.25).count() > 1, "{end:?}");
    let (_, frozen) = slopes(&["network.layers.1.frozen=['prelu']", "optimizer={ name = 'adam', weight_decay = 0.1 }"]);
    assert_eq!(frozen, [0.25; 4]);
    let (given, _) = slopes(&["init={ name = 'given', values = { 'prelu2.weight' = [0.5, -1, 0, 2] } }"]);
    assert_eq!(given, [0.5, -1.0, 0.0, 2.0]);
}

#[test]
fn what_is_no_prelu_is_said() {
    let error = |set: &str| xor(&[set]).unwrap_err().to_string();
    assert_eq!(
        error("network.layers.1.activation={ name = 'prelu', num_parameters = 3 }"),
        "network.layers.1.activation.num_parameters: expected 1, or 4, one for each neuron of the layer, got 3"
    );
    assert!(error("network.layers.1.activation={ name = 'prelu', num_parameters = 0 }").contains("expected 1, or 4"));
    assert_eq!(
        error("network.layers.1.frozen=['prelu']"),
        "network.layers.1.frozen: expected `prelu` where the activation is `prelu` only, whose slopes it freezes, got it with `tanh`"
    );
}
