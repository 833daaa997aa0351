use crate::place::Place;

/// What would swamp the machine, or never end, is refused with its numbers before it begins.
#[test]
fn what_is_too_large_is_refused_by_every_verb() {
    let place = Place::new();
    let batch = |size: &str| format!("--set=batch={{name='with_replacement',size={size},steps=1}}");
    let (million, ten) = (batch("1000000"), batch("10000000"));
    place.write("all.json", "{\"lin1.weight\": [[0, 0], [0, 0], [0, 0], [0, 0]]}");
    let wide = ["--set=network.layers.0.out_features=1000", "--set=network.layers.1.out_features=1000"];
    let seven = ["--set=network.layers.0.out_features=100", "--set=network.layers.1.out_features=7"];
    let moons = "--set=data={name='moons',samples=20000}";
    let once = "--set=stop.epochs=1";
    let deep = ["--set=network.layers.0.out_features=10000", "--set=network.layers.1.out_features=10000"];
    let step_lr = "--set=schedule={name='step_lr',step_size=5}";
    let cyclic = "--set=schedule={name='cyclic_lr',base_lr=0.01,max_lr=0.1}";
    let cases: [(&[&str], &str); 10] = [
        (
            &["schedule", "xor", step_lr, "--set=stop.epochs=10000001"],
            "stop.epochs: expected at most 10000000 epochs to be shown, got 10000001\n  hint: ",
        ),
        (
            &["schedule", "xor", cyclic, "--set=stop.epochs=3000000", "--json"],
            "stop.epochs: expected at most 10000000 steps to be shown, got 12000000, 4 an epoch\n  hint: ",
        ),
        (
            &["step", "xor", once, &ten],
            "sample: expected a look at one step of at most 8 GiB, got a look at one step that needs 11 GiB",
        ),
        (
            &["explain", "xor", "--weight=lin1.weight[0,0]", once, &million],
            "sample: expected an explanation of at most 8 GiB",
        ),
        (&["check", "xor", "--gradients=all.json", once, &million], "sample: expected an explanation of at most 8 GiB"),
        (&["check", "xor", "--sample=0", wide[0], wide[1]], "sample: expected a check of at most 1e11 multiplications"),
        (
            &["curvature", "xor", moons, seven[0], seven[1]],
            "sample: expected the curvature of at most 1e11 multiplications",
        ),
        (
            &["init", "orthogonal", "--shape=10000x10000"],
            "init: expected an orthogonal weight of at most 1e11 multiplications, got an orthogonal weight that takes 2.0e12",
        ),
        (&["train", "xor", "--set=init=orthogonal", deep[0], deep[1]], "init: expected an orthogonal weight"),
        (
            &["sweep", "xor", "--runs=4000000000", "--vary=optimizer.lr=lin:0.01:0.1:100"],
            "--runs: expected at most 104857600000 runs in all",
        ),
    ];
    for (arguments, message) in cases {
        let error = place.error(2, arguments);
        assert!(error.contains(message), "{arguments:?}:\n{error}");
    }
    assert!(!place.path("runs").exists());
}

/// Long lists are printed as they are made, and are whole.
#[test]
fn lists_in_json_are_whole() {
    let place = Place::new();
    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&place.stdout(&[arguments, &["--json"]].concat())).unwrap()
    };
    assert_eq!(json(&["data", "moons", "--set=samples=300"])["samples"].as_array().unwrap().len(), 300);
    let steps = json(&["step", "xor", "--set=stop.epochs=2", "--count=20"]);
    let numbers: Vec<_> = steps.as_array().unwrap().iter().map(|step| step["step"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(json(&["init", "normal", "--shape=20x30"])["values"].as_array().unwrap().len(), 600);
    let trained = json(&["train", "--set=stop.epochs=2"]);
    assert_eq!(trained["samples"].as_array().unwrap().len(), 4);
    assert_eq!(json(&["predict", "runs/xor", "--input=0,1"])["predictions"][0]["input"], serde_json::json!([0.0, 1.0]));
    assert_eq!(
        json(&["methods", "--plot=figures"]).as_array().unwrap().len(),
        std::fs::read_dir(place.path("figures")).unwrap().count()
    );
}

/// A learning rate over ten million epochs is a picture of some kilobytes.
#[test]
fn a_long_schedule_is_a_small_picture() {
    let place = Place::new();
    let schedule = "--set=schedule={name='step_lr',step_size=500000}";
    place.stdout(&["schedule", "xor", "--set=stop.epochs=1000000", schedule, "--out=lr.svg"]);
    assert!(place.read("lr.svg").len() < 100_000);
}
