use crate::place::Place;
use serde_json::Value;

/// A results folder `run` of the exercise.
fn trained() -> Place {
    let place = Place::new();
    place.stdout(&["train", "--quiet", "--out", "run"]);
    place
}

const WEIGHT: [&str; 4] = ["explain", "run", "--weight", "lin2.weight[1,3]"];

#[test]
fn a_weight_is_explained() {
    let place = trained();
    insta::assert_snapshot!(
        "explain-weight",
        place.stdout(&[&WEIGHT[..], &["--sample", "2", "--epoch", "100"]].concat())
    );
    // Many paths: by layer, too.
    let first = ["explain", "run", "--weight", "lin1.weight[1,0]", "--step", "400"];
    insta::assert_snapshot!("explain-many-paths", place.stdout(&first));
}

#[test]
fn a_neuron_is_explained() {
    let place = trained();
    insta::assert_snapshot!("explain-neuron", place.stdout(&["explain", "run", "--neuron", "H#1_2"]));
    let deeper = place.stdout(&["explain", "run", "--neuron", "H#2_1"]);
    assert!(deeper.contains("inputs of the network that is a curve") && deeper.contains("Saturated on 1 of 4."));
}

/// Without --sample and --step it is the last step that the run made, and the new value is the one it ended with.
#[test]
fn the_last_step_of_a_results_folder_is_explained() {
    let place = trained();
    let value: Value = serde_json::from_str(&place.stdout(&[&WEIGHT[..], &["--json"]].concat())).unwrap();
    assert_eq!((&value["step"], &value["own"], &value["samples"]), (&8003.into(), &true.into(), &vec![1].into()));
    let same: Value = serde_json::from_str(&place.stdout(&[&WEIGHT[..], &["--format", "json"]].concat())).unwrap();
    assert_eq!(value, same);
    let sum = value["paths"].as_array().unwrap().iter().map(|path| path["product"].as_f64().unwrap()).sum::<f64>();
    assert!((sum - value["sum"].as_f64().unwrap()).abs() < 1e-15);
}

#[test]
fn every_form_is_written() {
    let place = trained();
    for (format, begins) in [
        ("latex", "\\documentclass"),
        ("markdown", "## lin2.weight"),
        ("html", "<!doctype html>"),
        ("svg", "<svg"),
        ("json", "{"),
        ("text", "lin2.weight[1,3] in xor"),
    ] {
        let printed = place.stdout(&[&WEIGHT[..], &["--format", format]].concat());
        assert!(printed.starts_with(begins), "{format}: {printed}");
        place.stdout(&[&WEIGHT[..], &["--format", format, "--out", "file", "--force"]].concat());
        assert_eq!(String::from_utf8(place.read("file")).unwrap().trim_end(), printed.trim_end(), "{format}");
        assert!(!printed.contains("http://") || printed.contains("xmlns"), "{format} asks the network for something");
    }
    let neuron = place.stdout(&["explain", "run", "--neuron", "H#1_2", "--format", "html"]);
    assert!(neuron.contains("<svg") && neuron.contains("<math"));
}

/// The report of a run explains a weight.
#[test]
fn the_report_explains_a_weight() {
    let report = String::from_utf8(trained().read("run/report.html")).unwrap();
    assert!(report.contains("Why a weight would move") && report.contains("Three ways to the same number"));
}

#[test]
fn steps_are_printed_whole() {
    let place = trained();
    insta::assert_snapshot!("step", place.stdout(&["step", "run", "--at", "400"]));
    let steps: Value =
        serde_json::from_str(&place.stdout(&["step", "xor", "--at", "4", "--count", "2", "--json"])).unwrap();
    assert_eq!((&steps[0]["step"], &steps[1]["step"]), (&4.into(), &5.into()));
    assert_eq!(steps[1]["operations"].as_array().unwrap().len(), 69);
    // More steps than are left: those that are.
    let last = ["step", "xor", "--set", "stop.epochs=2", "--at", "6", "--count", "9", "--json"];
    let steps: Value = serde_json::from_str(&place.stdout(&last)).unwrap();
    assert_eq!(steps.as_array().unwrap().len(), 2);
}

/// A run whose history was not kept is made again all the same.
#[test]
fn a_run_without_history_is_made_again() {
    let place = trained();
    let whole = place.stdout(&WEIGHT);
    std::fs::remove_file(place.path("run/history.csv")).unwrap();
    assert_eq!(place.stdout(&WEIGHT), whole);
}

#[test]
fn gradients_are_checked() {
    let place = Place::new();
    let printed = place.stdout(&["check", "xor"]);
    assert!(printed.contains("176 gradients") && printed.contains("All agree within 1e-6"), "{printed}");
    let value: Value = serde_json::from_str(&place.stdout(&["check", "moons", "--sample", "3", "--json"])).unwrap();
    assert_eq!((&value["compared"], &value["wrong"]), (&114.into(), &0.into()));
}

/// What the README shows: gradients with the derivative of tanh taken at the wrong place.
pub(crate) const SLIP: &str = "\
parameter,gradient
lin4.weight[0,0],-0.7355
lin3.weight[0,0],0.24705
lin3.weight[1,0],0.09786
lin3.weight[2,0],0.05479
";

#[test]
fn a_slip_is_named() {
    let place = Place::new();
    place.write("mine.csv", SLIP);
    let output = place.command(&["check", "xor", "--sample", "1", "--gradients", "mine.csv"]).assert().code(1);
    insta::assert_snapshot!("check-slip", String::from_utf8(output.get_output().stdout.clone()).unwrap());
    let right = "{\"lin4.weight\": [[0.0, 0.0, 0.0, 0.0]]}";
    place.write("right.json", right);
    let zero = place.stdout(&["check", "xor", "--sample", "0", "--gradients", "right.json"]);
    assert!(zero.contains("All are right."), "{zero}");
}

/// All slips that give the same numbers, and zeros that nobody computed.
#[test]
fn slips_that_fit_alike_are_all_named() {
    let place = Place::new();
    let xor = ["xor-mse", "--sample", "1", "--set", "optimizer.lr=0.5"];
    let json: Value = serde_json::from_str(&place.stdout(&[
        "explain",
        "xor-mse",
        "--step",
        "0",
        "--weight",
        "lin4.weight[0,0]",
        "--sample",
        "1",
        "--json",
    ]))
    .unwrap();
    let half = json["sum"].as_f64().unwrap() / 2.0;
    place.write("half.csv", format!("parameter,gradient\n\"lin4.weight[0,0]\",{half}\n"));
    let printed = |file| {
        let output = place.command(&[&["check"], &xor[..], &["--gradients", file]].concat()).assert().code(1);
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let both = printed("half.csv");
    let half = both.find("- it is half of the gradient").expect("the first");
    let lr = both.find("- it is multiplied with the learning rate").expect("the other");
    assert!(half < lr && both.contains("Each of these gives 1 of the 1, the most common first:"), "{both}");
    place.write("zeros.json", "{\"lin4.weight\": [[0.0, 0.0, 0.0, 0.0]]}");
    let zeros = printed("zeros.json");
    assert!(zeros.contains("Gives 4 of the 4: all are 0, as if nothing had been computed"), "{zeros}");
}

/// One input and two classes: a softmax makes each output of all sums, so that the picture has more paths than weights.
#[test]
fn every_weight_before_a_softmax_has_a_picture() {
    let place = Place::new();
    for (last, loss) in [("log_softmax", "loss=nll"), ("softmax", "loss=mse")] {
        let layers = format!("network.layers=[{{out_features=1}},{{out_features=2,activation='{last}'}}]");
        for weight in ["lin1.weight[0,0]", "lin2.weight[0,0]", "lin2.weight[1,0]", "lin2.bias[1]"] {
            let of = ["explain", "moons", "--set", &layers, "--set", "network.layers.1.bias=true", "--set", loss];
            let how = ["--step", "3", "--weight", weight, "--format", "svg"];
            let picture = place.stdout(&[&of[..], &how].concat());
            assert!(picture.contains("Arcs lead through") && picture.contains("∂Y#"), "{last} {weight}: {picture}");
        }
    }
}

#[test]
fn what_is_not_there_is_named() {
    let place = trained();
    let layer = "{out_features=64,activation='tanh'}";
    let deep = format!("network.layers=[{layer},{layer},{layer},{layer},{{out_features=1}}]");
    for (arguments, message) in [
        (&["explain", "run", "--weight", "lin2.wieght[1,3]"][..], "did you mean `lin2.weight`?"),
        (&["explain", "run", "--weight", "lin2.weight[4,0]"], "expected lin2.weight[0-3,0-3]"),
        (&["explain", "run", "--neuron", "H#4_0"], "H#3_0 to H#3_3, Y#0, got `H#4_0`"),
        (&["explain", "run", "--neuron", "X#1"], "it passes on `x2`"),
        (&["explain", "run", "--weight", "lin1.weight[0,0]", "--sample", "4"], "sample: expected 0 to 3, got 4"),
        (&["explain", "run", "--weight", "lin1.weight[0,0]", "--step", "8005"], "step: expected 0 to 8004, got 8005"),
        (&["explain", "run", "--weight", "lin1.weight[0,0]", "--epoch", "2002"], "epoch 2002 begins with step 8008"),
        (&["explain", "run", "--weight", "lin1.weight[0,0]", "--step", "8004"], "the run is at its end"),
        (&["explain", "run"], "--weight"),
        (&["step", "run", "--at", "8004"], "expected 0 to 8003, got 8004"),
        (&["check", "xor", "--tolerance", "0"], "a number above 0"),
    ] {
        let error = place.error(2, arguments);
        assert!(error.contains(message), "{arguments:?}: {error}");
    }
    let arguments = ["explain", "xor", "--weight", "lin1.weight[0,0]", "--sample", "1", "--all-paths", "--set", &deep];
    let error = place.error(2, &arguments);
    assert!(error.contains("got 262144 paths") && error.contains("the largest paths are listed"), "{error}");
    assert!(place.stdout(&[&arguments[..6], &arguments[7..]].concat()).contains("These are the largest."));
}

#[test]
fn gradients_that_cannot_be_read_are_refused() {
    let place = Place::new();
    for (text, message) in [
        ("a,b\n", "`gradient`, or JSON, or a name that ends in .toml or .safetensors, got the columns `a`, `b`"),
        ("parameter,gradient\n", "expected gradients of parameters, got none"),
        ("parameter,gradient\nlin1.wieght[0,0],1\n", "line 2, column parameter"),
        ("parameter,gradient\nlin1.weight[0,0],one\n", "expected a finite number, got `one`"),
        ("parameter,gradient\nlin1.weight[0,0],1\nlin1.weight[0,0],2\n", "lin1.weight[0,0] twice"),
        ("parameter,gradient\n\"lin1.weight[0,0]\"\n", "2 cells in every line, got 1 cells in line 2"),
        ("{\"lin1.weight\": [[1, 2]]}", "numbers of shape [4, 2] for lin1.weight, got numbers of shape [1, 2]"),
        ("{\"lin1.weight[0,0]\": \"1\"}", "a finite number for lin1.weight[0,0]"),
        ("{\"lin1.weight[0,0]\": ", "expected JSON"),
    ] {
        place.write("mine", text);
        let error = place.error(1, &["check", "xor", "--gradients", "mine"]);
        assert!(error.contains(message) && error.contains("mine"), "{text}: {error}");
    }
}

/// Weights that somebody edited are a start, not what the run left: no verb shows one for the other.
#[test]
fn edited_weights_are_not_taken_for_the_runs() {
    let place = trained();
    let mut bytes = place.read("run/weights.safetensors");
    // The last number of the file: a float32 of lin4.weight.
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&0.5f32.to_le_bytes());
    place.write("run/weights.safetensors", bytes);
    let says = "expected the weights that the run left, as in its checkpoint, got others in `lin4.weight`";
    for arguments in [
        &["explain", "run", "--neuron", "H#1_2"][..],
        &["check", "run"],
        &["step", "run", "--at", "3"],
        &["curvature", "run"],
        &["train", "--resume", "run", "--set", "stop.epochs=2002"],
    ] {
        let error = place.error(1, arguments);
        assert!(error.contains(says) && error.contains("(to begin with them: --set 'init="), "{arguments:?}: {error}");
    }
    let output = place.command(&["predict", "run", "--input", "0,1"]).assert().success().get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("the answers are those of the edited weights"));
    // What the hint says works, for every verb.
    let given = "init={name=\"given\",path=\"run/weights.safetensors\"}";
    let summary = place.stdout(&["explain", "xor", "--set", given, "--weight", "lin4.weight[0,3]", "--step", "0"]);
    assert!(summary.contains("0.5"), "{summary}");
}

/// A ReLU neuron that no sample moves: in the run's last words, the report and under the microscope.
#[test]
fn a_dead_neuron_is_called_dead() {
    let place = Place::new();
    let weights =
        "{ name = 'given', values = { 'lin1.weight' = [[1.0, 1.0], [-1.0, -1.0]], 'lin1.bias' = [0.5, -0.5] } }";
    let init = format!("init={weights}");
    let layers = "network.layers=[{out_features=2,activation='relu'},{out_features=1}]";
    let printed = place.stdout(&["train", "--set", layers, "--set", &init, "--set", "stop.epochs=5"]);
    assert!(printed.contains("Stuck: network.layers.0.activation: dead: `H#1_1`."), "{printed}");
    let report = String::from_utf8(place.read("runs/xor/report.html")).unwrap();
    assert!(report.contains("dead: `H#1_1`"));
    let neuron = place.stdout(&["explain", "runs/xor", "--neuron", "H#1_1"]);
    assert!(neuron.contains("the neuron is dead"), "{neuron}");
    assert!(!place.stdout(&["explain", "runs/xor", "--neuron", "H#1_0"]).contains("dead"));
}

/// At its end a run takes no more samples.
#[test]
fn at_the_end_a_sample_is_asked_for() {
    let place = Place::new();
    place.stdout(&["train", "--set", "stop.epochs=2"]);
    let error = place.error(2, &["explain", "runs/xor", "--weight", "lin1.weight[0,0]", "--step", "8"]);
    assert!(error.contains("the run is at its end\n  hint: with --sample N"), "{error}");
    place.stdout(&["explain", "runs/xor", "--weight", "lin1.weight[0,0]", "--step", "8", "--sample", "1"]);
}

/// `grad = …` in a loop over samples, where `grad += …` belongs.
#[test]
fn the_gradients_of_one_sample_are_known() {
    let place = Place::new();
    let dump = |sample: &str| {
        let arguments = ["explain", "xor-mse", "--sample", sample, "--set", "dtype=float64", "--weight"];
        ["lin1.weight[0,0]", "lin2.weight[1,2]", "lin4.weight[0,1]"].map(|weight| {
            let json = place.stdout(&[&arguments[..], &[weight, "--json"]].concat());
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            format!("\"{weight}\",{}\n", value["backward"])
        })
    };
    for (sample, words) in
        [("3", "only the last sample of the batch counts"), ("1", "only the first sample of the batch counts")]
    {
        place.write("mine.csv", format!("parameter,gradient\n{}", dump(sample).concat()));
        let check = [
            "check",
            "xor-mse",
            "--set",
            "dtype=float64",
            "--sample",
            "1",
            "--sample",
            "2",
            "--sample",
            "3",
            "--gradients",
            "mine.csv",
        ];
        let text = place.command(&check).output().unwrap();
        let text = String::from_utf8_lossy(&text.stdout).into_owned() + &String::from_utf8_lossy(&text.stderr);
        assert!(text.contains(words), "{text}");
    }
}
