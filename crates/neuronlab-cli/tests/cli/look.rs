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
    for verb in ["train", "predict", "data", "experiment", "bench"] {
        assert!(place.stdout(&[verb, "--help"]).contains("Examples:"), "{verb}");
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
    assert!(csv.lines().nth(1).unwrap().starts_with("0,1,0.83"), "{csv}");
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

#[test]
fn the_bench_measures() {
    let value: serde_json::Value =
        serde_json::from_str(&Place::new().stdout(&["bench", "--runs", "2", "--json"])).unwrap();
    assert!(value["times"]["training loop"]["best"].as_f64().unwrap() > 0.0);
}
