use crate::place::Place;

/// Words from other programs, and things left out: the message names what is meant.
#[test]
fn hints_lead_to_the_right_word() {
    let place = Place::new();
    place.write("no-seed.toml", "format = 1\nname = \"a\"\ndata = \"xor\"\nloss = \"mse\"\n");
    place.write("empty.toml", "");
    let cases: [(&[&str], &str); 16] = [
        (
            &["train", "--lr", "0.1"],
            "unexpected argument '--lr' found\n\n  tip: it is a field of the experiment: --set optimizer.lr=0.1",
        ),
        (&["train", "xor", "--epochs=10"], "--set stop.epochs=10"),
        (&["train", "--seed", "3"], "--set seed.torch=3"),
        (&["sweep", "--learning-rate", "0.1"], "--set optimizer.lr=0.1"),
        (
            &["train", "--set", "optimizer.learning_rate=0.1"],
            "got `learning_rate`\n  hint: did you mean `optimizer.lr`?",
        ),
        (&["train", "--set", "learning_rate=0.1"], "hint: did you mean `optimizer.lr`?"),
        (&["train", "--set", "batch_size=4"], "hint: did you mean `batch.size`?"),
        (
            &["train", "--set", "seed=3"],
            "seed: expected a table of fields, such as `seed = { torch = 0, numpy = 0 }`, got 3\n  hint: did you mean `seed.torch`?",
        ),
        (
            &["sweep", "--vary", "lr=0.1:0.2"],
            "expected a range as log:FROM:TO:COUNT or lin:FROM:TO:COUNT, got `lr=0.1:0.2`\n  hint: did you mean `optimizer.lr=lin:0.1:0.2:5`?",
        ),
        (
            &["train", "no-seed.toml"],
            "seed: expected a table of fields, such as `seed = { torch = 0, numpy = 0 }`, got nothing",
        ),
        (
            &["train", "no-seed.toml", "--set", "seed={ torch = 0, numpy = 0 }"],
            "seed: expected a table of fields, such as `seed = { torch = 0, numpy = 0 }`, got nothing",
        ),
        (
            &["train", "empty.toml"],
            "format: expected a whole number from 0 to 4294967295, such as `format = 1`, got nothing",
        ),
        (&["train", "--set", "network=2-8-x-1"], "network: expected a table with layers, or the number of inputs"),
        (&["train", "--set", "network=3-8-1"], "network.in_features: expected 2, the inputs of the data, got 3"),
        (
            &["train", "--set", "network.layers=[8, 8]"],
            "expected 2, one output for each class of the data, got 8\n  hint: the last of network.layers gives the answers",
        ),
        (&["completions", "bsh"], "invalid value 'bsh'"),
    ];
    for (arguments, message) in cases {
        let error = place.error(2, arguments);
        assert!(error.contains(message), "{arguments:?}:\n{error}");
    }
}

/// Every verb that writes a file where the user says refuses to overwrite one, does nothing before it says so, and takes --force.
#[test]
fn no_file_is_overwritten_unasked() {
    let place = Place::new();
    let schedule = "schedule={ name = 'step_lr', step_size = 5 }";
    let cases: [&[&str]; 5] = [
        &["explain", "xor", "--weight", "lin1.weight[0,0]", "--format", "svg", "--out", "file"],
        &["explain", "xor", "--neuron", "H#1_2", "--format", "html", "--out", "file"],
        &["curvature", "xor-mse", "--set", "stop.epochs=5", "--out", "file"],
        &["init", "zeros", "--out", "file"],
        &["schedule", "xor", "--set", schedule, "--set", "stop.epochs=9", "--out", "file"],
    ];
    for words in cases {
        place.write("file", "mine");
        let error = place.error(2, words);
        assert_eq!(
            error, "error: file exists; choose another place with --out, or overwrite it with --force\n",
            "{words:?}"
        );
        assert_eq!(place.read("file"), b"mine", "{words:?}");
        let printed = place.stdout(&[words, &["--force"]].concat());
        assert!(printed.contains("Written: file\n"), "{printed}");
        assert!(place.read("file") != b"mine", "{words:?}");
        std::fs::remove_file(place.path("file")).unwrap();
        place.stdout(words);
    }
    for words in [["methods", "--plot", "folder"], ["man", "--out", "folder"]] {
        place.stdout(&words);
        assert!(place.error(2, &words).contains("exists; choose another place"), "{words:?}");
        place.stdout(&[&words[..], &["--force"]].concat());
    }
}

/// What is no file has nothing to lose.
#[cfg(unix)]
#[test]
fn a_device_needs_no_force() {
    let error = Place::new().command(&["init", "zeros", "--out", "/dev/null/nothing"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&error.stderr).contains("--force"));
}

/// A network in short trains, and the complete file has it in full.
#[test]
fn a_network_can_be_said_in_short() {
    let place = Place::new();
    let short = ["--set", "network=2-8-8-1", "--set", "init=default", "--set", "stop.epochs=5"];
    place.stdout(&[&["train", "--quiet", "--out", "run"], &short[..]].concat());
    let file = String::from_utf8(place.read("run/experiment.toml")).unwrap();
    assert_eq!(file.matches("activation = \"tanh\"").count(), 2, "{file}");
    assert!(file.contains("in_features = 2") && file.contains("bias = true"), "{file}");
    place.stdout(&["train", "run", "--quiet", "--out", "again"]);
    assert!(place.read("run/history.csv") == place.read("again/history.csv"));
    let list = [&short[2..], &["--set", "network.layers=[8, 8, 1]"]].concat();
    place.stdout(&[&["train", "--quiet", "--out", "list"], &list[..]].concat());
    assert!(place.read("run/history.csv") == place.read("list/history.csv"));

    let swept = place.stdout(&["sweep", "--runs=2", "--set=stop.epochs=5", "--vary=network=2-4-1,2-8-8-1", "--out=s"]);
    assert!(swept.contains("2-8-8-1"), "{swept}");
    let prompt = place.stdout(&["replay", "s", "--run", "3"]);
    assert!(prompt.contains("Same bits as in the sweep"), "{prompt}");
}

/// Every shell gets every verb; bash understands its script, and completes with it.
#[test]
fn shells_complete_verbs_and_options() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.stdout(&["completions", shell]);
        for word in ["train", "curvature", "completions", "resume"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        place.write(&format!("script.{shell}"), script);
    }
    #[cfg(unix)]
    {
        let complete = |words: &str, last: usize| {
            let script = format!(
                "source script.bash; COMP_WORDS=({words}); COMP_CWORD={last}; _neuronlab neuronlab \"${{COMP_WORDS[{last}]}}\" x; \
                 echo \"${{COMPREPLY[@]}}\""
            );
            let output = std::process::Command::new("bash").args(["-c", &script]).current_dir(place.path("")).output();
            // Where there is no bash there is nobody to complete for.
            output.ok().map(|output| String::from_utf8(output.stdout).unwrap())
        };
        if let Some(verbs) = complete("neuronlab s", 1) {
            assert_eq!(verbs.split_whitespace().collect::<Vec<_>>(), ["sweep", "summary", "step", "schedule"]);
            assert_eq!(complete("neuronlab train --re", 2).unwrap().trim(), "--resume");
        }
    }
}

/// A page for the program and one for each verb, with its options.
#[test]
fn there_are_manual_pages() {
    let place = Place::new();
    let files = place.stdout(&["man", "--out", "man1"]);
    assert!(files.lines().count() > 15 && files.starts_with("man1/neuronlab.1\n"), "{files}");
    let page = |name: &str| String::from_utf8(place.read(&format!("man1/{name}.1"))).unwrap();
    assert!(page("neuronlab").contains(".SH SUBCOMMANDS") || page("neuronlab").contains(".SH \"SUBCOMMANDS\""));
    let train = page("neuronlab-train");
    assert!(
        train.contains(".TH neuronlab-train 1") && train.contains("resume") && train.contains("Results folder"),
        "{train}"
    );
}
