use crate::place::Place;

#[test]
fn the_summary_is_what_torchinfo_shows() {
    insta::assert_snapshot!("summary", Place::new().stdout(&["summary"]));
    let value: serde_json::Value = serde_json::from_str(&Place::new().stdout(&["summary", "moons", "--json"])).unwrap();
    assert_eq!(value["parameters"], 2 * 8 + 8 + 8 * 8 + 8 + 8 * 2 + 2);
}

#[test]
fn help_has_examples() {
    let place = Place::new();
    insta::assert_snapshot!("help", place.stdout(&["--help"]));
    for verb in [
        "train",
        "predict",
        "data",
        "experiment",
        "bench",
        "list",
        "init",
        "schedule",
        "curvature",
        "methods",
        "sweep",
        "replay",
        "merge",
        "explain",
        "step",
        "check",
        "curvature",
        "completions",
        "man",
    ] {
        assert!(place.stdout(&[verb, "--help"]).contains("Example"), "{verb}");
    }
}

#[test]
fn data_sets_print_as_csv() {
    let place = Place::new();
    assert_eq!(place.stdout(&["data", "xor"]), "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    assert_eq!(place.stdout(&["data", "parity", "--set", "bits=3"]).lines().count(), 9);
    let moons = place.stdout(&["data", "moons", "--set", "samples=10", "--set", "noise=0.1", "--set", "seed=3"]);
    assert_eq!(moons.lines().count(), 11);
    assert!(place.error(2, &["data", "mons"]).contains("SOURCE"));
}

/// What `data` prints can be trained on, and gives the run of the built-in set.
#[test]
fn a_printed_set_can_be_trained_on() {
    let place = Place::new();
    place.write("mine.csv", place.stdout(&["data", "xor"]));
    place.stdout(&["train", "--quiet"]);
    let data = "data={ name = 'csv', path = 'mine.csv', targets = ['y'] }";
    place.stdout(&["train", "--quiet", "--set", data, "--out", "mine"]);
    assert!(place.read("mine/history.csv") == place.read("runs/xor/history.csv"));
}

/// A path in an experiment file starts from the file's folder.
#[test]
fn data_is_found_beside_its_experiment() {
    let place = Place::new();
    std::fs::create_dir(place.path("folder")).unwrap();
    place.write("folder/mine.csv", place.stdout(&["data", "xor"]));
    let file = place.stdout(&["experiment", "xor"]);
    let file = file.replace("data = \"xor\"", "data = { name = \"csv\", path = \"mine.csv\", targets = [\"y\"] }");
    place.write("folder/mine.toml", file);
    place.stdout(&["train", "folder/mine.toml", "--out", "mine"]);
    place.stdout(&["train", "mine", "--out", "again"]);
    assert!(place.read("mine/history.csv") == place.read("again/history.csv"));
}

#[test]
fn predictions_come_as_table_csv_and_json() {
    let place = Place::new();
    place.stdout(&["train", "--quiet"]);
    insta::assert_snapshot!("predict", place.stdout(&["predict", "runs/xor", "--input", "0,1", "--input", "1, 1"]));
    place.write("points.csv", "name,x2,x1\nfirst,1,0\nsecond,1,1\n");
    let csv = place.stdout(&["predict", "runs/xor", "--csv", "points.csv"]);
    assert_eq!(csv.lines().next(), Some("x1,x2,y prediction,class"));
    assert!(csv.lines().nth(1).unwrap().starts_with("0,1,1.03"), "{csv}");
    let value: serde_json::Value =
        serde_json::from_str(&place.stdout(&["predict", "runs/xor", "--input", "0,1", "--json"])).unwrap();
    assert_eq!(value["predictions"][0]["class"], "1");
}

/// Two numeric targets, word classes and standardised inputs, each from a table to predictions.
#[test]
fn own_tables_are_trained_on_and_answered() {
    let place = Place::new();
    place.write("sums.csv", "a,b,sum,difference\n1,2,3,-1\n4,1,5,3\n2,2,4,0\n0,3,3,-3\n5,5,10,0\n");
    let data = "data={ name = 'csv', path = 'sums.csv', targets = ['sum', 'difference'], standardize = true }";
    let linear = "network.layers=[{ out_features = 2 }]";
    let set =
        ["--set", data, "--set", linear, "--set", "loss=mse", "--set", "init=default", "--set", "stop.epochs=3000"];
    place.stdout(&[&["train", "--quiet", "--out", "sums"], &set[..]].concat());
    let csv = place.stdout(&["predict", "sums", "--csv", "sums.csv"]);
    let row: Vec<f64> = csv.lines().nth(2).unwrap().split(',').map(|cell| cell.parse().unwrap()).collect();
    assert!((row[2] - 5.0).abs() < 1e-3 && (row[3] - 3.0).abs() < 1e-3, "{csv}");
    // The page shows the user's numbers, not the standardised ones.
    assert!(String::from_utf8(place.read("sums/report.html")).unwrap().contains("<td>4</td><td>1</td><td>5</td>"));

    place.write("trees.csv", "0;'x, y';oak\n1;0;ash\n0.1;1;oak\n0.9;0.1;ash\n".replace("'x, y'", "0.8"));
    let data = "data={ name = 'csv', path = 'trees.csv', header = false, targets = ['3'] }";
    let layers = "network.layers=[{ out_features = 2 }]";
    let set = ["--set", data, "--set", layers, "--set", "loss=cross_entropy", "--set", "optimizer.lr=0.1"];
    place.stdout(&[&["train", "--quiet", "--out", "trees"], &set[..]].concat());
    let csv = place.stdout(&["predict", "trees", "--csv", "trees.csv"]);
    assert!(csv.starts_with("1,2,P(ash),P(oak),class\n") && csv.lines().nth(1).unwrap().ends_with(",oak"), "{csv}");
}

#[test]
fn class_probabilities_sum_to_one() {
    let place = Place::new();
    place.stdout(&["train", "moons", "--quiet"]);
    let value: serde_json::Value =
        serde_json::from_str(&place.stdout(&["predict", "runs/moons", "--input", "-1,0.5", "--json"])).unwrap();
    let sum: f64 = value["predictions"][0]["answer"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-6, "{value}");
    assert_eq!(value["predictions"][0]["class"], "0");
}

#[test]
fn an_experiment_prints_as_its_file_or_complete() {
    let place = Place::new();
    let file = include_str!("../../../../experiments/xor.toml");
    assert_eq!(place.stdout(&["experiment", "xor"]), file);
    let both = place.stdout(&[
        "experiment",
        "xor",
        "--set",
        "init=normal",
        "--set",
        "init.std=0.5",
        "--set",
        "batch=shuffle",
        "--set",
        "batch.size=3",
    ]);
    assert!(both.contains("std = 0.5") && both.contains("size = 3"), "{both}");
    let complete = place.stdout(&["experiment", "xor", "--set", "optimizer.lr=0.05"]);
    assert!(complete.contains("lr = 0.05") && complete.contains("init_bias"), "{complete}");
    let list = place.stdout(&["experiment", "--list"]);
    for name in list.lines() {
        assert!(place.stdout(&["experiment", name]).contains(&format!("name = \"{name}\"")), "{name}");
        place.stdout(&["summary", name]);
    }
    let schema: serde_json::Value = serde_json::from_str(&place.stdout(&["experiment", "--schema"])).unwrap();
    assert!(schema["properties"]["optimizer"].is_object());
}

/// Each kind of thing that an experiment can name is listed, and what is listed can be named.
#[test]
fn what_can_be_named_is_listed() {
    let place = Place::new();
    insta::assert_snapshot!("list-losses", place.stdout(&["list", "losses"]));
    for (kind, field, count) in [
        ("activations", "network.layers.0.activation", 24),
        ("losses", "loss", 13),
        ("inits", "init", 13),
        ("optimizers", "optimizer", 11),
        ("schedules", "schedule", 14),
        ("datasets", "data", 13),
    ] {
        let value: serde_json::Value = serde_json::from_str(&place.stdout(&["list", kind, "--json"])).unwrap();
        let all = value.as_array().unwrap();
        assert_eq!(all.len(), count, "{kind}");
        for one in all {
            let name = one["name"].as_str().unwrap();
            assert!(!one["description"].as_str().unwrap().is_empty(), "{name}");
            // Named in capitals, it is what was meant.
            let error = place.error(2, &["summary", "--set", &format!("{field}={}", name.to_uppercase())]);
            assert!(error.contains(&format!("did you mean `{name}`?")), "{error}");
        }
    }
}

/// torch.manual_seed(0); torch.nn.init.normal_(torch.empty(1, 4)): 1.5410, -0.2934, -2.1788, 0.5684
#[test]
fn one_tensor_is_drawn_and_described() {
    let place = Place::new();
    let printed = place.stdout(&["init", "normal", "--shape", "1x4"]);
    assert!(printed.contains("1.540996  -0.293429  -2.178789   0.568431"), "{printed}");
    let value: serde_json::Value = serde_json::from_str(&place.stdout(&[
        "init",
        "kaiming_normal",
        "--shape",
        "512x512",
        "--set",
        "nonlinearity=relu",
        "--json",
        "--out",
        "bars.svg",
    ]))
    .unwrap();
    let std = value["std"].as_f64().unwrap();
    assert!((std - (2.0f64 / 512.0).sqrt()).abs() < 5e-4, "{std}");
    assert!(String::from_utf8(place.read("bars.svg")).unwrap().starts_with("<svg"));
    for (arguments, message) in [
        (&["init", "kaiming_norml"][..], "did you mean `kaiming_normal`?"),
        (&["init", "normal", "--shape", "4"], "--shape: expected OUTxIN"),
        (&["init", "normal", "--shape", "0x4"], "--shape: expected OUTxIN"),
        (&["init", "normal", "--shape", "1000000x1000000"], "at most 100000000 elements"),
        (&["init", "kaiming_normal", "--set", "nonlinearity=tahn"], "did you mean `tanh`?"),
        (&["init", "trunc_normal", "--set", "a=3"], "init.b: expected more than `a`"),
    ] {
        let error = place.error(2, arguments);
        assert!(error.contains(message), "{arguments:?}: {error}");
    }
}

#[test]
fn a_schedule_is_printed_and_drawn() {
    let place = Place::new();
    let schedule = "schedule={ name = 'step_lr', step_size = 500, gamma = 0.5 }";
    let value: serde_json::Value =
        serde_json::from_str(&place.stdout(&["schedule", "xor", "--set", schedule, "--json"])).unwrap();
    let lr = value["lr"].as_array().unwrap();
    assert_eq!((lr.len(), lr[499].as_f64(), lr[500].as_f64()), (2001, Some(0.02), Some(0.01)));
    let printed = place.stdout(&["schedule", "xor", "--set", schedule, "--out", "lr.svg"]);
    assert!(printed.contains("StepLR over 2001 epochs"), "{printed}");
    // As readable as any other file.
    place.write("other", "");
    let permissions = |file: &str| std::fs::metadata(place.path(file)).unwrap().permissions();
    assert_eq!(permissions("lr.svg"), permissions("other"));
    // The run uses it: with a learning rate of 0 from epoch 1 on, nothing moves any more.
    let still = "schedule={ name = 'piecewise', starts = [1], factors = [0] }";
    place.stdout(&["train", "--set", still, "--set", "stop.epochs=1", "--out", "one"]);
    place.stdout(&["train", "--set", still, "--set", "stop.epochs=50", "--out", "many"]);
    assert!(place.read("one/weights.safetensors") == place.read("many/weights.safetensors"));
    for (settings, message) in [
        (&[][..], "schedule: expected one, to be shown"),
        (&["schedule=step_lr"], "schedule.step_size: expected a whole number"),
        (&["schedule={ name = 'step_lr', step_size = 0 }"], "schedule.step_size: expected at least 1"),
        (
            &["schedule={ name = 'multi_step_lr', milestones = [5, 3] }"],
            "schedule.milestones: expected epochs in rising order",
        ),
        (&["schedule={ name = 'exponential_lr', gamma = -1 }"], "schedule.gamma: expected more than 0"),
        (
            &["schedule={ name = 'cyclic_lr', base_lr = 0.1, max_lr = 0.01 }"],
            "schedule.max_lr: expected more than base_lr",
        ),
        (
            &["optimizer=adagrad", "schedule={ name = 'cyclic_lr', base_lr = 0.1, max_lr = 1 }"],
            "schedule.cycle_momentum",
        ),
        (
            &["optimizer={ name = 'adam', betas = [0.9, 1.0] }"],
            "optimizer.betas.1: expected at least 0 and less than 1",
        ),
        (&["optimizer={ name = 'sgd', nesterov = true }"], "optimizer.nesterov"),
        (&["clip={ name = 'norm', max = 0 }"], "clip.max: expected more than 0"),
        (&["loss=bce"], "add activation = \"sigmoid\" to the last layer"),
        (&["loss=nll"], "add activation = \"log_softmax\" to the last layer"),
        (&["init_bias=orthogonal"], "init_bias: expected a scheme for vectors"),
    ] {
        let settings: Vec<&str> = settings.iter().flat_map(|s| ["--set", s]).collect();
        let error = place.error(2, &[&["schedule", "xor"], &settings[..]].concat());
        assert!(error.contains(message), "{settings:?}: {error}");
    }
    let short = "schedule={ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 100 }";
    assert!(place.error(2, &["train", "--set", short]).contains("schedule.total_steps: expected at least 8004"));
}

#[test]
fn the_bench_measures_steps_of_wide_networks() {
    let place = Place::new();
    let measured = ["bench", "--width", "4,24", "--batch", "8,all"];
    let json: serde_json::Value = serde_json::from_str(&place.stdout(&[&measured[..], &["--json"]].concat())).unwrap();
    let steps = json["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2 * 2 * 2, "widths, batches and optimizers");
    // 2-24-24-2 on 1000 rows: 672 weights forward and for their own gradients, all but the first 48 for the inputs.
    let last = &steps[7];
    assert_eq!((&last["width"], &last["batch"], &last["optimizer"]), (&24.into(), &1000.into(), &"adam".into()));
    assert_eq!(last["operations_in_products"], 2.0 * 1000.0 * (3.0 * 672.0 - 48.0));
    assert!(last["seconds_per_step"]["best"].as_f64().unwrap() > 0.0);
    let text = place.stdout(&["bench", "--width", "4"]);
    assert!(text.contains("W  batch  optimizer") && text.contains("of peak"), "{text}");
    for (wrong, said) in [
        (&["--width", "0"][..], "expected 1 to 4096 neurons"),
        (&["--width", "8", "--batch", "1001"], "expected 1 to 1000, or `all`"),
        (&["--batch", "8"], "--width"),
    ] {
        let message = place.error(2, &[&["bench"], wrong].concat());
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn the_bench_measures() {
    let value: serde_json::Value =
        serde_json::from_str(&Place::new().stdout(&["bench", "--runs", "2", "--many", "64", "--json"])).unwrap();
    assert!(value["times"]["training loop"]["best"].as_f64().unwrap() > 0.0);
    assert!(value["side_by_side"][0]["runs_per_second"].as_f64().unwrap() > 0.0);
    assert!((0.0..1.0).contains(&value["share_of_peak"].as_f64().unwrap()));
}

/// Steps of all four samples: a learning rate above 2 over the largest eigenvalue, and one below.
#[test]
fn curvature_says_whether_the_learning_rate_is_too_large() {
    let place = Place::new();
    let full = ["curvature", "xor-mse", "--set", "batch=full", "--set", "optimizer.momentum=0"];
    let too_large = place.stdout(&[&full[..], &["--set", "optimizer.lr=0.5"]].concat());
    assert!(too_large.contains("Largest 6.665 > 4 = 2/0.5: the learning rate is too large here."), "{too_large}");
    assert!(too_large.contains("22 eigenvalues above 0, 2 at 0, 20 below"), "{too_large}");
    let fine = place.stdout(&[&full[..], &["--set", "optimizer.lr=0.2"]].concat());
    assert!(fine.contains("Largest 6.665 < 10 = 2/0.2: steps along it shrink."), "{fine}");
    assert!(place.stdout(&["curvature", "xor"]).contains("The slope of L1Loss jumps"));
    assert!(place.stdout(&["curvature", "xor", "--set", "optimizer=adam"]).contains("is for SGD"));
}

#[test]
fn curvature_of_a_results_folder_is_that_of_its_end() {
    let place = Place::new();
    place.stdout(&["train", "xor-mse", "--quiet", "--set", "stop.epochs=50"]);
    let json = place.stdout(&["curvature", "runs/xor-mse", "--out", "sharpness.svg", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((value["step"].as_u64(), value["epoch"].as_u64()), (Some(200), Some(50)));
    assert_eq!(value["hessian"].as_array().unwrap().len(), 44);
    assert_eq!(value["along"].as_array().unwrap().len(), 61);
    assert!((value["threshold"].as_f64().unwrap() - 190.0).abs() < 1e-9);
    assert!(String::from_utf8(place.read("sharpness.svg")).unwrap().contains("above 190, steps grow"));
}

#[test]
fn curvature_refuses_what_it_cannot_show() {
    let place = Place::new();
    assert!(place.error(2, &["curvature", "xor", "--sample", "4"]).contains("sample: expected 0 to 3"));
    assert!(place.error(2, &["curvature", "xor", "--step", "9000"]).contains("step: expected 0 to 8004"));
    assert!(place.error(2, &["curvature", "nosuch"]).contains("SOURCE"));
    let wide = ["curvature", "xor", "--set", "network.layers.1.out_features=500"];
    assert!(place.error(2, &wide).contains("at most 1000 parameters"));
    let diverged = ["curvature", "xor-mse", "--epoch", "300", "--set", "optimizer.lr=0.5"];
    assert!(place.error(2, &diverged).contains("diverged in step 72"));
}

/// A picture is written in the format that was asked for, by a program that can; another says what is missing.
#[test]
fn pictures_in_pixels_and_for_papers() {
    let place = Place::new();
    let run = |arguments: &[&str]| place.stdout(&[&["init", "normal"], arguments].concat());
    if cfg!(feature = "pictures") {
        run(&["--format=png", "--out=a.png"]);
        run(&["--format=png", "--width=300", "--out=b.png"]);
        run(&["--format=pdf", "--out=c.pdf"]);
        place.stdout(&["explain", "xor", "--weight=lin2.weight[1,3]", "--format=pdf", "--out=d.pdf"]);
        place.stdout(&["draw", "animation", "--set=stop.epochs=20", "--frames=3", "--format=gif", "--out=e.gif"]);
        assert!(place.read("e.gif").starts_with(b"GIF89a"));
        let width = |file: &str| u32::from_be_bytes(place.read(file)[16..20].try_into().unwrap());
        assert_eq!((width("a.png"), width("b.png")), (960, 300));
        assert!(["c.pdf", "d.pdf"].iter().all(|file| place.read(file).starts_with(b"%PDF-")));
        let error = place.error(2, &["init", "normal", "--format=png", "--scale=0", "--out=no.png"]);
        assert!(error.contains("--scale: expected a size of 1 to 16384 pixels a side"), "{error}");
    } else {
        let error = place.error(2, &["init", "normal", "--format=png", "--out=a.png"]);
        assert!(
            error.contains("built without the feature `pictures`, got png") && error.contains("--features pictures")
        );
    }
    for (arguments, message) in [
        (
            &["init", "normal", "--format=png"][..],
            "--format: expected a file to write the picture to, got png without --out",
        ),
        (
            &["init", "normal", "--out=a.pdf"],
            "--out: expected a name that ends with .svg, since --format is svg, got `a.pdf`",
        ),
        (&["draw", "network", "--out=a.gif"], "hint: draw animation --format gif writes GIF"),
        (
            &["draw", "animation", "--format=gif"],
            "--format: expected a file to write the picture to, got gif without --out",
        ),
        (&["draw", "graph", "--format=dot", "--scale=2"], "--scale: expected a format with pixels"),
        (
            &["init", "normal", "--width=90", "--out=a.svg"],
            "--width: expected a format with pixels, such as --format png",
        ),
        (&["explain", "xor", "--weight=lin1.weight[0,0]", "--scale=3"], "--scale: expected a format with pixels"),
    ] {
        let error = place.error(2, arguments);
        assert!(error.contains(message) || !cfg!(feature = "pictures") && error.contains("`pictures`"), "{error}");
    }
    assert!(!place.path("no.png").exists());
}

/// The diagram of a run has the run's numbers: on the lines, in the neurons, and where one is pointed at.
#[test]
fn the_network_is_drawn_with_the_numbers_of_the_run() {
    let place = Place::new();
    let draw = |arguments: &[&str]| place.stdout(&[&["draw", "network"], arguments].concat());
    let plain = draw(&["xor", "--plain"]);
    for words in [">X#1<", ">H#3_3<", ">Y#0<", ">[2 x 4]<", ">[4 x 4]<", ">[4 x 1]<", ">Tanh<"] {
        assert!(plain.contains(words), "{words}: {plain}");
    }
    assert!(!plain.contains("weight[0,0] = "));

    place.stdout(&["train", "xor", "--set=stop.epochs=20", "--out=run"]);
    let explained = place.stdout(&["explain", "run", "--weight=lin2.weight[1,3]", "--step=40", "--sample=2", "--json"]);
    let explained: serde_json::Value = serde_json::from_str(&explained).unwrap();
    let shown = draw(&["run", "--step=40", "--sample=2", "--values"]);
    let value = explained["value"].as_f64().unwrap();
    assert!(shown.contains(&format!("lin2.weight[1,3] = {value}<")), "{value}: {shown}");
    let digits = |value: f64| neuronlab::explain::significant(value, 3);
    assert!(shown.contains(&format!(">{}<", digits(value))), "{value}");
    for pass in explained["forward"].as_array().unwrap() {
        let output = pass["a"].as_f64().unwrap();
        assert!(shown.contains(&format!(">{}<", digits(output))), "{output}: {shown}");
    }
    for (arguments, message) in [
        (&["draw", "network", "xor", "--plain", "--values"][..], "cannot be used with"),
        (&["draw", "network", "xor", "--sample=4"], "sample: expected 0 to 3, got 4"),
        (&["draw", "network", "xor", "--step=9999"], "step: expected"),
        (&["draw", "netwrok", "xor"], "'network'"),
    ] {
        let error = place.error(2, arguments);
        assert!(error.contains(message), "{arguments:?}: {error}");
    }
}

/// A number behind `before`, up to the next mark.
fn number_behind(text: &str, before: &str) -> f64 {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no `{before}`: {text}"));
    rest.split(['<', ' ', ',', ';']).next().unwrap().parse().unwrap_or_else(|_| panic!("no number behind `{before}`"))
}

/// What `draw` writes into pictures is what `explain` and the history say.
#[test]
fn pictures_of_a_run_have_its_numbers() {
    let place = Place::new();
    place.stdout(&["train", "xor", "--set=stop.epochs=20", "--out=run"]);
    let at = ["run", "--weight=lin2.weight[1,3]", "--step=40", "--sample=2"];
    let why: serde_json::Value =
        serde_json::from_str(&place.stdout(&[&["explain"], &at[..], &["--json"]].concat())).unwrap();
    let (sum, size) = (why["sum"].as_f64().unwrap(), why["size"].as_f64().unwrap());
    let chain = place.stdout(&[&["draw", "chain"], &at[..]].concat());
    assert_eq!(number_behind(&chain, "∂L/∂Y#0 = ∂L/∂Y#0 = "), why["outputs"][0]["slope"].as_f64().unwrap());
    let tree = place.stdout(&[&["draw", "chain", "--unroll"], &at[..]].concat());
    let products: f64 =
        tree.split(">product ").skip(1).map(|p| p.split('<').next().unwrap().parse::<f64>().unwrap()).sum();
    assert!((products - sum).abs() <= 1e-3 * size, "{products} {sum}");
    let neuron = place.stdout(&["draw", "neuron", "run", "--neuron=H#1_2", "--step=40", "--sample=2", "--biology"]);
    let pass = why["forward"].as_array().unwrap().iter().find(|pass| pass["neuron"] == "H#1_2").unwrap();
    let digits = |value: f64| neuronlab::explain::significant(value, 4).parse::<f64>().unwrap();
    assert_eq!(number_behind(&neuron, ">z = "), digits(pass["z"].as_f64().unwrap()));
    assert_eq!(number_behind(&neuron, ">output H#1_2 = "), digits(pass["a"].as_f64().unwrap()));
    let weights = place.stdout(&["draw", "weights", "run", "--step=40"]);
    assert_eq!(number_behind(&weights, "lin2.weight[1,3], at last "), why["value"].as_f64().unwrap());
    for (arguments, message) in [
        (&["draw", "chain", "xor", "--weight=lin9.weight[0,0]"][..], "did you mean"),
        (&["draw", "neuron", "xor", "--neuron=X#0"], "an input"),
        (&["draw", "neuron", "xor", "--neuron=H#1_9"], "did you mean `H#1_3`?"),
        (&["draw", "landscape", "xor", "--along=lin1.weight[0,0]"], "two parameters"),
        (&["draw", "surface", "xor", "--set=data={name='parity',bits=3}"], "two inputs"),
        (&["draw", "weights", "run", "--step=999"], "step: expected"),
    ] {
        let error = place.error(2, arguments);
        assert!(error.contains(message), "{arguments:?}: {error}");
    }
}

/// The set, once; what is there is not overwritten unasked. A folder without a history is drawn, and that is said.
#[test]
fn all_pictures_are_written() {
    let place = Place::new();
    place.stdout(&["train", "xor", "--set=stop.epochs=20", "--out=run"]);
    place.stdout(&["draw", "all", "run", "--out=pictures"]);
    for name in [
        "network",
        "graph",
        "graph-neurons",
        "chain",
        "chain-unrolled",
        "neuron",
        "surface",
        "neurons",
        "weights",
        "gradients",
        "loss",
        "landscape",
        "animation",
    ] {
        assert!(place.path(&format!("pictures/{name}.svg")).exists(), "{name}");
    }
    place.error(2, &["draw", "all", "run", "--out=pictures"]);
    std::fs::remove_file(place.path("run/history.csv")).unwrap();
    let picture = place.stdout(&["draw", "loss", "run"]);
    assert!(picture.contains(">loss<"), "{picture}");
}

/// The graph has the numbers that `explain` prints, as a picture and for Graphviz; networks that are too wide are said.
#[test]
fn the_computation_graph_is_drawn_and_written() {
    let place = Place::new();
    place.stdout(&["train", "xor", "--set=stop.epochs=20", "--out=run"]);
    let why = place.stdout(&["explain", "run", "--weight=lin2.weight[1,3]", "--step=40", "--sample=2", "--json"]);
    let why: serde_json::Value = serde_json::from_str(&why).unwrap();
    let digits = |value: &serde_json::Value, digits| neuronlab::explain::significant(value.as_f64().unwrap(), digits);
    let graph = |more: &[&str]| place.stdout(&[&["draw", "graph", "run", "--step=40", "--sample=2"], more].concat());
    let picture = graph(&[]);
    assert!(picture.contains(&format!("L = {}<", digits(&why["loss"][2], 6))), "{}", why["loss"]);
    let neurons = graph(&["--neurons"]);
    let weight = format!("lin2.weight[1,3] = {}, ∂L/∂ = {}<", digits(&why["value"], 6), digits(&why["backward"], 4));
    assert!(neurons.contains(&weight), "{weight}: {neurons}");
    let pass = why["forward"].as_array().unwrap().iter().find(|pass| pass["neuron"] == "H#1_2").unwrap();
    assert!(neurons.contains(&format!(">a = tanh(z) = {}<", digits(&pass["a"], 4))), "{pass}");
    let dot = graph(&["--format=dot"]);
    assert!(dot.starts_with("digraph ") && dot.contains("lin2.weight  [4 × 4]") && dot.trim_end().ends_with('}'));
    let wide = place.error(2, &["draw", "graph", "xor", "--neurons", "--set=network.layers=[20,1]"]);
    assert!(
        wide.contains("got 20") && wide.contains("without --neurons the graph is drawn tensor by tensor"),
        "{wide}"
    );
    let early = place.stdout(&["draw", "loss", "run", "--epoch=5"]);
    assert!(early.contains("<desc>20 steps, "), "{early}");
    let error = place.error(2, &["draw", "loss", "run", "--step=81"]);
    assert!(error.contains("--step: expected 1 to 80, the steps of run, got 81"), "{error}");
}
