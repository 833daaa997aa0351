//! Weights of classes and outputs, samples that do not count, targets that fit, and penalties of the weights.

use crate::common::{assert_close, golden, numbers};
use neuronlab::explain::{
    Check, Curvature, Diagnosis, Explanation, Given, LossSurface, Moment, Slip, Timeline, operations,
};
use neuronlab::nn::{Loss, Model, Network, Regularization};
use neuronlab::optim::{Clip, Sgd};
use neuronlab::scalar::{Real, Scalar};
use neuronlab::{Activation, Experiment, Trainer};
use serde_json::Value;
use std::io::Write;

fn flat(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().flat_map(numbers).collect()
}

/// Rows of targets as the library has them: a class is a row with 1 at its place, one that is ignored a row of zeros.
fn rows(target: &Value, outputs: usize) -> Vec<f64> {
    if target[0].is_array() {
        return flat(target);
    }
    let row = |class: f64| (0..outputs).map(move |k| f64::from(u8::from(k as f64 == class)));
    numbers(target).into_iter().flat_map(row).collect()
}

/// The loss as a run has it, and the network's outputs before it.
fn trainer<T: Real + neuronlab::random::TorchReal>(settings: &str, last: &str, csv: &str) -> Trainer<T> {
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    file.write_all(csv.as_bytes()).unwrap();
    let targets = csv.lines().next().unwrap().split(',').skip(1).map(|name| format!("'{name}'")).collect::<Vec<_>>();
    let path = file.path().display();
    let data = format!("data={{ name='csv', path='{path}', targets=[{}] }}", targets.join(", "));
    let layer = format!("network.layers=[{{ out_features = 3, activation = '{last}' }}]");
    let settings = [
        data,
        layer,
        "batch=full".into(),
        "init=default".into(),
        format!("loss={{ {settings} }}"),
        format!("dtype={}", T::DTYPE.name()),
    ];
    Trainer::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap()
}

/// Targets as a table: of classes one column, else one each output.
fn csv(target: &Value) -> String {
    let rows = target.as_array().unwrap().iter().enumerate();
    let head = if target[0].is_array() { "x,a,b,c\n" } else { "x,class\n" };
    let cells = |row: &Value| match row.as_array() {
        Some(cells) => cells.iter().map(Value::to_string).collect::<Vec<_>>().join(","),
        None => row.to_string(),
    };
    rows.fold(head.to_string(), |table, (i, row)| table + &format!("{i},{}\n", cells(row)))
}

fn value_and_gradient<S: Scalar>(loss: &Loss, output: &[f64], target: &[f64]) -> (S, Vec<S>) {
    let narrow = |values: &[f64]| values.iter().map(|&v| S::constant(v)).collect::<Vec<S>>();
    let (output, target) = (narrow(output), narrow(target));
    let mut gradient = output.clone();
    loss.gradient(&output, &target, 3, &mut gradient);
    (loss.value(&output, &target, 3), gradient)
}

/// Values and gradients by the outputs, with the loss and the targets that a run of this data has.
#[test]
fn later_losses_and_their_lists_are_pytorchs() {
    for entry in golden("torch_activations_losses.json")["losses"].as_array().unwrap() {
        let settings = entry["settings"].as_str().unwrap();
        let last = match settings.split('\'').nth(1).unwrap() {
            "bce" => "sigmoid",
            "nll" => "log_softmax",
            _ => "identity",
        };
        let (output, target) = (flat(&entry["output"]), rows(&entry["target"], 3));
        for reduction in ["mean", "sum"] {
            let settings = format!("{settings}, reduction = '{reduction}'");
            let wide = trainer::<f64>(&settings, last, &csv(&entry["target"]));
            assert_eq!(wide.task().train.y, target, "{settings}");
            let theirs = |dtype: &str| &entry[format!("{reduction}/{dtype}")];
            let (value, gradient) = value_and_gradient::<f64>(wide.loss(), &output, &target);
            // A few roundings of sums of twelve terms.
            let size = theirs("float64")["value"].as_f64().unwrap().abs().max(1.0);
            assert_close(&settings, &[value], &[theirs("float64")["value"].as_f64().unwrap()], 1e-15 * size);
            assert_close(&settings, &gradient, &flat(&theirs("float64")["gradient"]), 1e-15 * size);
            let (value, gradient) = value_and_gradient::<f32>(wide.loss(), &output, &target);
            let gradient: Vec<f64> = gradient.into_iter().map(f64::from).collect();
            assert_close(&settings, &[f64::from(value)], &[theirs("float32")["value"].as_f64().unwrap()], 4e-7 * size);
            assert_close(&settings, &gradient, &flat(&theirs("float32")["gradient"]), 4e-7 * size);
        }
    }
}

/// Also where PyTorch's exponential overflows.
#[test]
fn soft_margin_stays_finite() {
    let mut d = [0.0f32];
    Loss::SOFT_MARGIN_LOSS.gradient(&[-800.0], &[1.0], 1, &mut d);
    assert_eq!((Loss::SOFT_MARGIN_LOSS.value(&[-800.0f32], &[1.0], 1), d), (800.0, [-1.0]));
}

#[test]
fn answers_are_in_the_terms_of_the_targets() {
    let answer = |settings: &str, outputs: [f64; 2]| {
        let mut row = outputs;
        toml::from_str::<Loss>(settings).unwrap().answer(&mut row);
        row
    };
    assert_eq!(answer("name = 'hinge_embedding'\nmargin = 2", [0.9, 1.1]), [1.0, -1.0]);
    assert_eq!(answer("name = 'poisson_nll'", [0.0, 2f64.ln()]).map(f64::round), [1.0, 2.0]);
    assert_eq!(answer("name = 'poisson_nll'\nlog_input = false", [3.0, 0.5]), [3.0, 0.5]);
    let [near, far] = answer("name = 'soft_margin'", [0.0, -40.0]);
    assert!(near == 0.0 && far == -1.0);
}

/// A sample that does not count: no step goes by it, it is neither right nor wrong, and nothing is explained by it alone.
#[test]
fn ignored_samples_count_nowhere() {
    let ignored = "x,class\n0,0\n1,-1\n2,1\n3,2\n4,-1\n";
    let left_out = "x,class\n0,0\n2,1\n3,2\n";
    let settings = "name = 'cross_entropy', ignore_index = -1";
    let (mut with, mut without) =
        (trainer::<f64>(settings, "identity", ignored), trainer::<f64>(settings, "identity", left_out));
    assert_eq!(with.task().classes, ["0", "1", "2"]);
    assert_eq!(with.task().train.y[3..6], [0.0; 3]);
    let quality = |trainer: &Trainer<f64>| {
        let train = &trainer.task().train;
        let e = trainer.evaluate(&train.x, &train.y);
        (e.loss, e.mean_absolute_error, e.right)
    };
    assert_eq!(quality(&with), quality(&without));
    let table = neuronlab::draw::answers(&with, &with.evaluate(&with.task().train.x, &with.task().train.y), 5);
    assert_eq!((&table.rows[1][1][..], &table.rows[1][3][..]), ("none", "-"));
    assert_eq!(Check::new(&with, None, 1e-6, |_| {}).unwrap().compared, 6 * 3);
    let alone = Moment::new(&with, Some(&[1, 4])).unwrap_err().to_string();
    assert!(alone.contains("at least one that counts in the loss"), "{alone}");
    // A mean of nothing is no number, as in PyTorch.
    assert!(with.loss().value(&[1.0, 2.0, 3.0f64], &[0.0; 3], 3).is_nan());
    // One step of all samples: those that are ignored change nothing.
    for trainer in [&mut with, &mut without] {
        trainer.step().unwrap();
    }
    assert_close("parameters", with.model().parameters(), without.model().parameters(), 1e-15);
}

#[test]
fn lists_and_targets_that_do_not_fit_are_refused() {
    let says = |settings: &str| {
        let layer = "network.layers=[{ out_features = 2, activation = 'log_softmax' }]".to_string();
        Experiment::built_in("xor").unwrap().with(&[layer, format!("loss={settings}")]).unwrap_err().to_string()
    };
    assert_eq!(says("{ name = 'nll', weight = [1] }"), "loss.weight: expected 2 numbers, one for each class, got 1");
    assert_eq!(
        says("{ name = 'bce_with_logits', pos_weight = [1, 2, 3] }"),
        "loss.pos_weight: expected 2 numbers, one for each output, got 3"
    );
    assert_eq!(says("{ name = 'cross_entropy', weight = [1, -2] }"), "loss.weight.1: expected at least 0, got -2");
    assert_eq!(
        says("{ name = 'cross_entropy', weight = [0, 0] }"),
        "loss.weight: expected a number that is not 0, got only zeros"
    );
    assert_eq!(says("{ name = 'bce_with_logits', pos_weight = -1 }"), "loss.pos_weight: expected at least 0, got -1");
    assert_eq!(
        says("{ name = 'bce_with_logits', pos_weight = 'many' }"),
        "loss.pos_weight: expected a finite number, or a list of them, got the word `many`"
    );
    assert_eq!(
        says("{ name = 'bce_with_logits', pos_weight = [1, 'many'] }"),
        "loss.pos_weight.1: expected a finite number, got the word `many`"
    );
    assert_eq!(says("{ name = 'gaussian_nll', var = -1 }"), "loss.var: expected at least 0, got -1");
    let penalty = Experiment::built_in("xor").unwrap().with(&["regularization.l1=-1".into()]).unwrap_err();
    assert_eq!(penalty.to_string(), "regularization.l1: expected at least 0, got -1");

    let trains = |settings: &[&str]| {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        Trainer::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap_err().to_string()
    };
    assert_eq!(
        trains(&["loss=soft_margin"]),
        "data.targets: expected numbers, 1 or -1, for the loss soft_margin, got the classes `0`, `1`\n  hint: of two classes, or targets 0 and 1, the loss bce_with_logits is the same"
    );
    let classes = trains(&["data=moons", "loss=hinge_embedding"]);
    assert!(classes.starts_with("data.targets: expected numbers, 1 or -1, for the loss hinge_embedding"), "{classes}");
    let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
    file.write_all(b"x,p,q\n0,0.5,0.5\n1,1,0\n").unwrap();
    let data = format!("data={{ name='csv', path='{}', targets=['p','q'] }}", file.path().display());
    let layer = "network.layers=[{ out_features = 2 }]";
    assert_eq!(
        trains(&[&data, layer, "loss=hinge_embedding"]),
        "data.targets: expected 1 or -1, for the loss hinge_embedding, got 0.5 in sample 0"
    );
    assert_eq!(
        trains(&[&data, layer, "loss={ name = 'cross_entropy', ignore_index = 0 }"]),
        "loss.ignore_index: expected none, or a number below 0, since targets are probabilities, got 0"
    );
}

fn network() -> Network {
    Network::new(2).linear(3, true, Activation::TANH).linear(1, true, Activation::IDENTITY)
}

/// Ten steps of the engine by hand, and of a run, against PyTorch's losses and last parameters.
#[test]
fn penalties_are_pytorchs() {
    let (x, y) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [[0.0], [1.0], [1.0], [0.0]]);
    for theirs in golden("torch_activations_losses.json")["penalised"].as_array().unwrap() {
        let number = |key: &str| theirs[key].as_f64();
        let penalty = Regularization { l1: number("l1").unwrap(), l2: number("l2").unwrap() };
        let mut model = Model::new(network(), numbers(&theirs["start"])).unwrap();
        let mut optimizer = Sgd::new(0.1).momentum(0.5).build(&model).unwrap();
        let mut losses = vec![];
        for step in 0..10 {
            model.forward(&x[step % 4]);
            let loss = model.backward(&Loss::MSE_LOSS, &y[step % 4]);
            losses.push(loss + model.penalise(&penalty));
            if let Some(max) = number("clip") {
                Clip::Norm { max }.apply(model.gradients_mut());
            }
            optimizer.step(&mut model);
        }
        assert_close("losses by hand", &losses, &numbers(&theirs["losses"]), 1e-15);
        assert_close("parameters", model.parameters(), &numbers(&theirs["parameters"]), 1e-15);

        let mut settings = vec![
            "dtype=float64".to_string(),
            "network.layers=[{ out_features = 3, activation = 'tanh' }, { out_features = 1 }]".into(),
            "loss=mse".into(),
            "optimizer={ name = 'sgd', lr = 0.1, momentum = 0.5 }".into(),
            "batch=in_order".into(),
            format!("regularization={{ l1 = {}, l2 = {} }}", penalty.l1, penalty.l2),
        ];
        settings.extend(number("clip").map(|max| format!("clip={{ name = 'norm', max = {max} }}")));
        let mut run = Trainer::<f64>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        run.parameters_mut().copy_from_slice(&numbers(&theirs["start"]));
        let losses: Vec<f64> = (0..10).map(|_| run.step().unwrap().loss).collect();
        assert_close("losses of a run", &losses, &numbers(&theirs["losses"]), 1e-15);
        assert_eq!(run.model().parameters(), model.parameters());
    }
}

fn penalised() -> Experiment {
    let settings = ["dtype=float64", "loss=mse", "regularization={ l1 = 0.01, l2 = 0.02 }", "stop.epochs=50"];
    Experiment::built_in("xor").unwrap().with(&settings.map(String::from)).unwrap()
}

/// Every view has the penalty, or says that it has not.
#[test]
fn what_is_said_of_a_penalised_run_is_true() {
    let mut run = Timeline::<f64>::new(&penalised()).unwrap();
    let trainer = run.at(100).unwrap();
    assert_eq!(Check::new(trainer, None, 1e-6, |_| {}).unwrap().wrong, 0);

    let moment = Moment::new(trainer, None).unwrap();
    let mut next = trainer.clone();
    let recorded = next.step().unwrap().loss;
    let penalty = moment.penalty.as_ref().unwrap();
    assert_eq!(penalty.loss, recorded);
    assert_eq!(moment.origin.as_ref().unwrap().update.gradients, moment.all_gradients());
    assert_eq!(moment.origin.as_ref().unwrap().update.parameters, next.model().parameters());

    let why = Explanation::new(&moment, "lin2.weight[1,3]").unwrap();
    let place = moment.network().parameter("lin2.weight[1,3]").unwrap();
    let w = moment.parameters[place];
    let part = why.penalty.unwrap();
    assert!((part.part - (0.01 * w.signum() + 0.04 * w)).abs() < 1e-17);
    assert!((why.sum + part.part - part.gradient).abs() < 1e-15);
    let page = why.document().to_string();
    assert!(page.contains("without the penalty") && page.contains("gradient with penalty"), "{page}");
    assert!(!page.contains("after clipping"), "{page}");
    let all = operations(&moment);
    assert!(all.iter().any(|o| o.title == "penalty of the weights"));
    assert!(all.iter().any(|o| o.title == "lin2.weight: slope of the penalty"));

    // The gradients that PyTorch would show have the penalty; without it they are a slip that has a name.
    let given = |gradients: &[f64]| -> Vec<Given> {
        let all = gradients.iter().enumerate();
        all.map(|(place, &gradient)| Given { place, gradient, rounding: 0.0 }).collect()
    };
    assert!(Diagnosis::new(&moment, &given(moment.all_gradients())).wrong.is_empty());
    let missing = Diagnosis::new(&moment, &given(&moment.gradients));
    assert_eq!(missing.suspicions()[0].0[0].slip, Some(Slip::PenaltyMissing));
}

/// H with a penalty is H without it, and 2·l2 on the diagonal at the weights.
#[test]
fn a_penalty_bends_the_loss() {
    let (with, without) = (penalised(), penalised().with(&["regularization.l2=0".into()]).unwrap());
    let curvature = |e: &Experiment| Curvature::new(&Trainer::<f64>::new(e).unwrap(), None).unwrap();
    let (bent, flat) = (curvature(&with), curvature(&without));
    let n = bent.names.len();
    for i in 0..n * n {
        let expected = if i % (n + 1) == 0 { 0.04 } else { 0.0 };
        assert!((bent.hessian[i] - flat.hessian[i] - expected).abs() < 1e-12, "{}", bent.names[i / n]);
    }
    assert_eq!(bent.kinks, ["the L1 penalty"]);
    let trainer = Trainer::<f64>::new(&with).unwrap();
    let (loss, gradient) = LossSurface::of(&trainer, None).unwrap().gradient();
    assert_eq!((loss, &gradient), (bent.loss, &bent.gradient));
}
