use crate::common::assert_close;
use neuronlab::nn::Model;
use neuronlab::train::Task;
use neuronlab::{Experiment, Results, Trainer};
use std::path::Path;

/// The experiment file of the worked example, with changes.
fn worked_example(settings: &[&str]) -> Experiment {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments/worked-example.toml");
    Experiment::read_with(&path, &settings.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
}

fn outputs(trainer: &Trainer<f64>) -> Vec<f64> {
    trainer.predict(&[0.05, 0.10])
}

fn gradients(trainer: &Trainer<f64>) -> Vec<f64> {
    let (task, mut model): (&Task<f64>, Model<f64>) = (trainer.task(), trainer.model().clone());
    model.forward(&task.train.x);
    model.backward(&trainer.experiment().loss, &task.train.y);
    model.gradients().to_vec()
}

/// Every number that the text of Mazur's "A Step by Step Backpropagation Example" derives by hand, with its nine digits.
#[test]
fn the_worked_example_has_the_numbers_of_its_text() {
    let close = |what: &str, ours: &[f64], theirs: &[f64]| assert_close(what, ours, theirs, 0.6e-9);
    let mut trainer = Trainer::<f64>::new(&worked_example(&[])).unwrap();
    let mut model = trainer.model().clone();
    model.forward(&[0.05, 0.10]);
    close("net of h1", &model.layer(0).z[..1], &[0.3775]);
    close("out of h1, h2", &model.layer(0).a, &[0.593_269_992, 0.596_884_378]);
    close("net of o1", &model.layer(1).z[..1], &[1.105_905_967]);
    close("out of o1, o2", &outputs(&trainer), &[0.751_365_070, 0.772_928_465]);

    let g = gradients(&trainer);
    close("gradients of w5, w1", &[g[6], g[0]], &[0.082_167_041, 0.000_438_568]);
    let first = trainer.step().unwrap().loss;
    close("total error", &[first], &[0.298_371_109]);
    let w = trainer.model().parameters();
    // The text has eight digits of some of these.
    assert_close("w1 to w4", &w[..4], &[0.149_780_716, 0.199_561_43, 0.249_751_14, 0.299_502_29], 0.6e-8);
    assert_close("w5 to w8", &w[6..10], &[0.358_916_48, 0.408_666_186, 0.511_301_270, 0.561_370_121], 0.6e-8);
    assert_eq!((&w[4..6], &w[10..12]), (&[0.35, 0.35][..], &[0.6, 0.6][..]), "biases stay as they are");
}

/// The text's summary (error 0.291027924 after one step, outputs 0.015912196 and 0.984065734 after 10,000) comes from a loop that
/// takes the hidden neurons' gradients through output weights that have been moved already. Ours are the ones of its formulas.
#[test]
fn ten_thousand_steps_of_the_worked_example() {
    let mut trainer = Trainer::<f64>::new(&worked_example(&[])).unwrap();
    let mut losses = neuronlab::History::new(&trainer);
    trainer.run(&mut losses).unwrap();
    assert_close("after one step", &losses.losses[1..2], &[0.291_027_774], 0.6e-9);
    assert_close("step 10,000", &losses.losses[9999..], &[0.000_035_108_5], 0.6e-10);
    assert_close("outputs", &outputs(&trainer), &[0.015_913_620, 0.984_064_274], 0.6e-9);

    let [error, o1, o2] = moved_too_early(1);
    assert!((error - 0.291_027_924).abs() < 0.6e-9, "{error} {o1} {o2}");
    let [_, o1, o2] = moved_too_early(10_000);
    assert_close("the text's outputs", &[o1, o2], &[0.015_912_196, 0.984_065_734], 1e-9);
}

/// The loop that made the text's summary: error and outputs after so many steps.
fn moved_too_early(steps: usize) -> [f64; 3] {
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let (x, t, mut w) = ([0.05, 0.10], [0.01, 0.99], [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]);
    let mut made = 0;
    loop {
        let h = [0, 2].map(|i| sigmoid(w[i] * x[0] + w[i + 1] * x[1] + 0.35));
        let o = [4, 6].map(|i| sigmoid(w[i] * h[0] + w[i + 1] * h[1] + 0.60));
        if made == steps {
            return [[0, 1].map(|k: usize| (o[k] - t[k]).powi(2) / 2.0).iter().sum(), o[0], o[1]];
        }
        made += 1;
        let d = [0, 1].map(|k| (o[k] - t[k]) * o[k] * (1.0 - o[k]));
        for (i, (d, h)) in [(d[0], h[0]), (d[0], h[1]), (d[1], h[0]), (d[1], h[1])].into_iter().enumerate() {
            w[4 + i] -= 0.5 * d * h;
        }
        let back = [0, 1].map(|k| (d[0] * w[4 + k] + d[1] * w[6 + k]) * h[k] * (1.0 - h[k]));
        for (i, step) in [(0, back[0] * x[0]), (1, back[0] * x[1]), (2, back[1] * x[0]), (3, back[1] * x[1])] {
            w[i] -= 0.5 * step;
        }
    }
}

/// The same weights in every kind of file, and in the complete experiment that a run leaves.
#[test]
fn weights_come_from_files_of_four_kinds() {
    let place = tempfile::tempdir().unwrap();
    let toml = "\"lin1.weight\" = [[0.5, -1], [0.25, 2]]\n\"lin1.bias[1]\" = 0.125\n";
    let json = r#"{"lin1.weight": [[0.5, -1], [0.25, 2]], "lin1.bias[1]": 0.125}"#;
    let csv = "parameter,value\n\"lin1.weight[0,0]\",0.5\n\"lin1.weight[0,1]\",-1\n\"lin1.weight[1,0]\",0.25\n\
               \"lin1.weight[1,1]\",2\nlin1.bias[1],0.125\n";
    let parameters = |path: &Path| {
        let given = format!("init={{name=\"given\",path=\"{}\"}}", path.display());
        let experiment = Experiment::built_in("xor").unwrap();
        let layers = "network.layers=[{out_features=2,activation=\"tanh\"},{out_features=1}]".to_string();
        let experiment = experiment.with(&[layers, given]).unwrap();
        let again = Experiment::from_toml(&experiment.to_toml(), "the complete experiment").unwrap();
        assert_eq!(again, experiment, "the complete experiment needs no file");
        Trainer::<f32>::new(&again).unwrap()
    };
    let mut all = vec![];
    // What reads gradients reads weights: names without quotes, capital letters, no end of the name that says anything.
    let careless = csv.replace('"', "").replace("parameter,value", "Name,Value");
    for (name, text) in [("w.toml", toml), ("w.json", json), ("w.csv", csv), ("w", &careless), ("w.txt", json)] {
        std::fs::write(place.path().join(name), text).unwrap();
        all.push(parameters(&place.path().join(name)).model().parameters().to_vec());
    }
    assert!(all.iter().all(|parameters| *parameters == all[0]));
    assert_eq!(all[0][..4], [0.5, -1.0, 0.25, 2.0]);
    assert_eq!(all[0][5], 0.125);
    // What is not given is drawn as it would have been.
    let drawn = Experiment::built_in("xor").unwrap();
    let layers = "network.layers=[{out_features=2,activation=\"tanh\"},{out_features=1}]".to_string();
    let drawn = Trainer::<f32>::new(&drawn.with(&[layers, "init=default".into()]).unwrap()).unwrap();
    assert_eq!((all[0][4], &all[0][6..]), (drawn.model().parameters()[4], &drawn.model().parameters()[6..]));

    // And the weights that a run left, batch normalisation and all.
    let folder = place.path().join("run");
    let experiment = Experiment::built_in("moons").unwrap();
    let settings = ["stop.epochs=2", "network.layers.0.batch_norm={}"].map(String::from);
    let mut trainer = Trainer::<f32>::new(&experiment.with(&settings).unwrap()).unwrap();
    let mut history = neuronlab::History::new(&trainer);
    trainer.run(&mut history).unwrap();
    Results::create(&folder, false).unwrap().save(&trainer, &history, true, None).unwrap();
    let given = format!("init={{name=\"given\",path=\"{}\"}}", folder.join(Results::WEIGHTS).display());
    let next = Trainer::<f32>::new(&experiment.with(&[settings[1].clone(), given]).unwrap()).unwrap();
    assert_eq!(next.model().parameters(), trainer.model().parameters());
}

#[test]
fn what_is_given_must_fit_the_network() {
    let message = |values: &str| {
        let set = [format!("init={{name=\"given\",values={{{values}}}}}")];
        let experiment = Experiment::built_in("xor").unwrap().with(&set);
        experiment.and_then(|experiment| Trainer::<f32>::new(&experiment)).unwrap_err().to_string()
    };
    for (values, says) in [
        (
            "\"lin1.weight\"=[[1,2]]",
            "init.values.\"lin1.weight\": expected numbers of shape [4, 2], got numbers of shape [1, 2]",
        ),
        ("\"lin1.weight\"=[[1,2],[3]]", "expected numbers of shape [4, 2], got lists of different lengths"),
        ("\"lin1.weight[0,0]\"=\"a\"", "init.values.\"lin1.weight[0,0]\": expected a finite number, got `\"a\"`"),
        ("\"lin9.weight\"=[1]", "init.values: expected"),
        ("lin1={weight=[1]}", "got `lin1`"),
        (
            "\"lin4.weight[0,0]\"=1,\"lin4.weight\"=[[1,2,3,4]]",
            "expected each parameter once, got lin4.weight[0,0] twice",
        ),
        ("\"lin1.weight[0,0]\"=1e300", "float32"),
        ("", "init: expected a path, or values, got neither"),
    ] {
        let message = message(values);
        assert!(message.contains(says), "{values}: {message}");
    }
    let xor = Experiment::built_in("xor").unwrap();
    let wrong = xor.with(&["init_bias={name=\"given\",values={\"lin1.bias\"=[1]}}".into()]).unwrap_err().to_string();
    assert!(wrong.contains("`init` names weights and biases alike"), "{wrong}");
    let wrong = xor.with(&["network.layers.0.init={name=\"given\",values={x=1}}".into()]).unwrap_err().to_string();
    assert!(wrong.contains("network.layers.0.init: expected a scheme for one tensor"), "{wrong}");
}

/// Clipping by the norm counts what is trained only, as `clip_grad_norm_` does.
#[test]
fn frozen_parameters_count_for_nothing() {
    let settings = ["stop.epochs=3", "clip={name=\"norm\",max=0.05}", "optimizer={name=\"adam\",weight_decay=0.1}"];
    let mut trainer = Trainer::<f64>::new(&worked_example(&settings)).unwrap();
    let g = gradients(&trainer);
    let trained: Vec<f64> = g[..4].iter().chain(&g[6..10]).copied().collect();
    assert!(trained.iter().map(|g| g * g).sum::<f64>().sqrt() < g.iter().map(|g| g * g).sum::<f64>().sqrt());
    trainer.step().unwrap();
    let norm = trainer.model().gradients().iter().map(|g| g * g).sum::<f64>().sqrt();
    assert!((norm - 0.05).abs() < 1e-6, "{norm}");
    trainer.run(&mut ()).unwrap();
    let w = trainer.model().parameters();
    assert_eq!((&w[4..6], &w[10..12]), (&[0.35, 0.35][..], &[0.6, 0.6][..]));
}
