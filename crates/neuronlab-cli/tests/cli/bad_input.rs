use crate::place::Place;

/// Arguments, exit code, and what the message must say.
#[test]
fn what_is_not_understood_is_said_clearly() {
    let place = Place::new();
    place.write("twice.toml", "format = 1\nname = \"a\"\nname = \"b\"\n");
    place.write("empty.toml", "");
    place.write("below.toml", "format = 1\nname = \"a\"\n[seed]\ntorch = 1\nloss = \"mse\"\n");
    let cases: [(&[&str], &str); 35] = [
        (&["train", "xro"], "did you mean `xor`?"),
        (&["train", "nothing.toml"], "`nothing.toml`, which does not exist"),
        (&["train", "twice.toml"], "twice.toml: TOML parse error at line 3"),
        (&["train", "empty.toml"], "format: expected a whole number"),
        (
            &["train", "--set", "optimizer.lrr=1"],
            "optimizer: expected only the fields `name`, `lr`, `momentum`, `dampening`, `nesterov`, `weight_decay`, `maximize`, got `lrr`\n  hint: did you mean `lr`?",
        ),
        (&["train", "--set", "optmizer.lr=1"], "did you mean `optimizer`?"),
        (&["train", "--set", "lr=1"], "hint: did you mean `optimizer.lr`?"),
        (&["sweep", "--vary", "momentum=0,0.9"], "hint: did you mean `optimizer.momentum`?"),
        (
            &["train", "--set", "optimizer.betas=[0.9,0.99]"],
            "optimizer.betas: expected a field of `sgd`, got `betas`\n  hint: it is one of `adam`, `adamw`, `nadam`, `radam`",
        ),
        (&["train", "--set", "patience=5"], "hint: did you mean `stop.patience`?"),
        (&["train", "--set", "std=5"], "hint: did you mean `init.std`?"),
        (&["train", "--set", "network.activation=relu"], "hint: did you mean `network.layers.0.activation`?"),
        (
            &["train", "below.toml"],
            "got `loss`\n  hint: `loss` is a field of the experiment, not of `seed`; in a file it stands above the first [table]",
        ),
        (&["train", "--set", "optimizer.lr=fast"], "optimizer.lr: expected a finite number, got the word `fast`"),
        (&["train", "--set", "optimizer.lr=nan"], "optimizer.lr: expected a finite number, got nan"),
        (&["train", "--set", "optimizer.lr=inf"], "optimizer.lr: expected a finite number, got inf"),
        (&["train", "--set", "optimizer.lr=1e39"], "optimizer.lr: expected a number that float32 holds"),
        (&["train", "--set", "init.std=3e38"], "init: expected parameters that float32 holds"),
        (&["train", "--set", "seed.discard=9000000000000000000"], "seed.discard: expected at most"),
        (
            &["summary", "--set", "network.layers.0.out_features=9000000000000000000"],
            "network.layers: expected a network of at most",
        ),
        (&["train", "--set", "optimizer.lr=-0.1"], "optimizer.lr: expected at least 0"),
        (&["train", "--set", "stop.epochs=0"], "stop.epochs: expected at least 1, got 0"),
        (&["train", "--set", "network.layers.0.out_features=0"], "network.layers.0.out_features: expected at least 1"),
        (
            &["train", "--set", "network.layers.0.out_features=4000000000"],
            "network.layers: expected a run of at most 8 GiB",
        ),
        (&["train", "--set", "stop.epochs=9000000000000000000"], "stop.epochs: expected a run of at most 8 GiB"),
        (&["train", "--set", "network.layers.1.activation=tahn"], "did you mean `tanh`?"),
        (&["train", "--set", "network.layers.7.bias=true"], "network.layers: expected a place from 0 to 3, got 7"),
        (
            &["train", "--set", "loss=cross_entropy"],
            "network.layers.3.out_features: expected 2, one output for each class",
        ),
        (
            &["train", "--set", "batch={name='list',samples=[0,4]}"],
            "batch.samples.1: expected a sample from 0 to 3, got 4",
        ),
        (&["train", "--set", "seed.numpy=-1"], "seed.numpy: expected a whole number from 0 to 4294967295, got -1"),
        (&["train", "--set", "split={test=1.5}"], "split.test: expected a share between 0 and 1, got 1.5"),
        (&["train", "--set", "name=../up"], "name: expected letters"),
        (&["train", "--set", "nothing"], "--set: expected field=value, got `nothing`"),
        (&["train", "--set", "data.name=parity"], "data.bits: expected a whole number"),
        (&["train", "--frob"], "unexpected argument '--frob'"),
    ];
    for (arguments, message) in cases {
        let error = place.error(2, arguments);
        assert!(error.contains(message), "{arguments:?}:\n{error}");
        assert!(!place.path("runs").exists(), "{arguments:?} left something behind");
    }
}

#[test]
fn results_are_not_overwritten_unasked() {
    let place = Place::new();
    place.stdout(&["train", "--quiet"]);
    let before = place.read("runs/xor/history.csv");
    let error = place.error(2, &["train", "--set", "seed.torch=3"]);
    assert!(error.contains("--force"), "{error}");
    assert!(place.read("runs/xor/history.csv") == before);
    place.stdout(&["train", "--set", "seed.torch=3", "--force"]);
    assert!(place.read("runs/xor/history.csv") != before);
}

#[test]
fn a_file_is_no_results_folder() {
    let place = Place::new();
    place.write("file", "x");
    assert!(place.error(1, &["train", "--out", "file"]).contains("file: expected a folder, to write into, got a file"));
    assert!(place.error(1, &["predict", "file", "--input", "0,1"]).contains("expected a results folder"));
    assert!(
        place
            .error(1, &["train", "--resume", "nowhere"])
            .contains("nowhere: expected a results folder, got no such folder")
    );
}

#[test]
fn divergence_is_explained_and_results_are_kept() {
    let place = Place::new();
    let relu = (0..3).flat_map(|i| ["--set".to_string(), format!("network.layers.{i}.activation=relu")]);
    let arguments: Vec<String> =
        ["train", "xor-mse", "--set", "optimizer.lr=1e12"].map(String::from).into_iter().chain(relu).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let error = place.error(1, &arguments);
    for part in ["training diverged in step", " became ", "lin", "its gradient", "hint: a smaller optimizer.lr"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let history = String::from_utf8(place.read("runs/xor-mse/history.csv")).unwrap();
    assert!(history.lines().count() > 1 && !history.contains("NaN") && !history.contains("inf"), "{history}");
    assert!(String::from_utf8(place.read("runs/xor-mse/report.html")).unwrap().contains("training diverged in step"));
    assert!(!place.path("runs/xor-mse/checkpoint").exists(), "a diverged run can't go on");
}

#[test]
fn a_parameter_that_overflows_is_named() {
    let place = Place::new();
    let error = place.error(1, &["train", "xor", "--set", "optimizer.lr=3e38", "--set", "optimizer.momentum=0.9"]);
    assert!(error.contains("training diverged in step"), "{error}");
    assert!(error.contains(" became "), "{error}");
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let place = Place::new();
    place.stdout(&["train", "--quiet", "--set", "stop.epochs=20"]);
    place.stdout(&["train", "xor-mse", "--quiet", "--set", "stop.epochs=20"]);
    let good = place.read("runs/xor/checkpoint");

    place.write("runs/xor/checkpoint", &good[..good.len() / 2]);
    assert!(place.error(1, &["train", "--resume", "runs/xor"]).contains("a damaged or foreign file"));
    place.write("runs/xor/checkpoint", b"not a checkpoint");
    assert!(place.error(1, &["train", "--resume", "runs/xor"]).contains("expected a checkpoint written by neuronlab"));
    place.write("runs/xor/checkpoint", place.read("runs/xor-mse/checkpoint"));
    let error = place.error(1, &["train", "--resume", "runs/xor"]);
    assert!(error.contains("a checkpoint of this experiment, with `name = \"xor\"`"), "{error}");
    place.write("runs/xor/checkpoint", &good);
    let error = place.error(1, &["train", "--resume", "runs/xor", "--set", "optimizer.lr=0.5"]);
    assert!(error.contains("with `lr = 0.5`, got one with `lr = 0.02`"), "{error}");

    let history = String::from_utf8(place.read("runs/xor/history.csv")).unwrap();
    place.write("runs/xor/history.csv", history.replacen("0,1,3,", "0,1,2,", 1));
    let error = place.error(1, &["train", "--resume", "runs/xor"]);
    assert!(error.contains("history.csv: expected the file that was written"), "{error}");
    // In a folder of an earlier version nothing says what was written.
    std::fs::remove_file(place.path("runs/xor/SHA256SUMS")).unwrap();
    place.write("runs/xor/history.csv", &history[..history.len() / 2]);
    assert!(place.error(1, &["train", "--resume", "runs/xor"]).contains("history.csv: expected 80 rows"));

    place.write("runs/xor/history.csv", history.replacen("0,1,3,", "0,1,all,", 1));
    assert!(place.error(1, &["train", "--resume", "runs/xor"]).contains("got `0,1,all,"));

    let weights = place.read("runs/xor/weights.safetensors");
    place.write("runs/xor/weights.safetensors", &weights[..weights.len() - 4]);
    assert!(place.error(1, &["predict", "runs/xor", "--input", "0,1"]).contains("a damaged or foreign file"));
    place.write("runs/xor/weights.safetensors", &good);
    assert!(place.error(1, &["predict", "runs/xor", "--input", "0,1"]).contains("weights"));
}

/// A bit that flipped anywhere in a checkpoint's numbers is noticed.
#[test]
fn a_flipped_bit_is_noticed() {
    let place = Place::new();
    place.stdout(&["train", "--quiet", "--set", "stop.epochs=20"]);
    let good = place.read("runs/xor/checkpoint");
    for from_the_end in [3, 500, 3000, 5200] {
        let mut bytes = good.clone();
        let at = bytes.len() - from_the_end;
        bytes[at] ^= 4;
        place.write("runs/xor/checkpoint", bytes);
        let error = place.error(1, &["train", "--resume", "runs/xor", "--set", "stop.epochs=30"]);
        assert!(error.contains("checksum"), "{from_the_end}: {error}");
    }
}

/// A full disk leaves what was there before, and a folder with nothing but left-over parts is free.
#[test]
fn parts_of_files_are_no_results() {
    let place = Place::new();
    std::fs::create_dir(place.path("run")).unwrap();
    place.write("run/history.csvAbC123.part", "half");
    place.stdout(&["train", "--quiet", "--out", "run"]);
    let lock = std::fs::File::create(place.path("run/.lock")).unwrap();
    lock.try_lock().unwrap();
    assert!(place.error(1, &["train", "--force", "--out", "run"]).contains("another run has locked"));
    assert!(place.error(1, &["train", "--resume", "run"]).contains("another run has locked"));
}

#[test]
fn data_that_changed_is_noticed_when_a_run_goes_on() {
    let place = Place::new();
    place.write("points.csv", "a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    let data = format!("data={{ name = 'csv', path = '{}', targets = ['y'] }}", place.path("points.csv").display());
    place.stdout(&["train", "--quiet", "--set", &data, "--set", "stop.epochs=10"]);
    place.stdout(&["train", "--quiet", "--resume", "runs/xor", "--set", "stop.epochs=20"]);
    // The folder has its own copy.
    let changed = "a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n";
    place.write("points.csv", changed);
    place.stdout(&["train", "--quiet", "--resume", "runs/xor", "--set", "stop.epochs=30"]);
    place.write("runs/xor/data.csv", changed);
    let error = place.error(1, &["train", "--resume", "runs/xor", "--set", "stop.epochs=40"]);
    assert!(error.contains("the table that the run was made with"), "{error}");
}

#[test]
fn predictions_need_as_many_numbers_as_inputs() {
    let place = Place::new();
    place.stdout(&["train", "--quiet"]);
    for (input, got) in [("0", "got 1 in `0`"), ("0,1,2", "got 3"), ("a,b", "got `a,b`"), ("0,nan", "got `0,nan`")] {
        assert!(place.error(2, &["predict", "runs/xor", "--input", input]).contains(got), "{input}");
    }
    place.write("points.csv", "x1,z\n0,1\n");
    assert!(
        place
            .error(2, &["predict", "runs/xor", "--csv", "points.csv"])
            .contains("--csv: expected one of `x1`, `z`, got `x2`")
    );
}
