use crate::place::Place;

const FLOWERS: &str = "\
Id;length;width;place;kind
1;5,1;3,5;wood;oak
2;4,9;?;wood;ash
3;6,2;2,8;field;oak
4;5,0;3,1;field;ash
5;5,4;3,9;wood;oak
6;4,4;2,9;field;ash
";

/// A place with the table, and the settings that read it.
fn flowers() -> (Place, Vec<&'static str>) {
    let place = Place::new();
    place.write("flowers.csv", FLOWERS);
    let data = "data={name='csv',path='flowers.csv',targets=['kind'],exclude=['Id'],decimal=',',missing='mean',one_hot=['place'],standardize=true}";
    let settings = vec![
        "train",
        "--set",
        data,
        "--set",
        "loss=bce_with_logits",
        "--set",
        "network=4-3-1",
        "--set",
        "stop.epochs=20",
    ];
    (place, settings)
}

/// The hints lead from the table as it is to one that is read.
#[test]
fn every_refusal_says_what_to_write() {
    let (place, _) = flowers();
    let mut data = vec!["targets=['kind']".to_string()];
    for (message, field) in [
        ("line 2, column length: expected a finite number, got `5,1`\n  hint: data.decimal=\",\"", "decimal=','"),
        (
            "line 2, column place: expected a finite number, got `wood`\n  hint: data.one_hot=[\"place\"]",
            "one_hot=['place']",
        ),
        (
            "line 3, column width: expected a value, got `?`, a missing value\n  hint: data.missing=\"drop\"",
            "missing='mean'",
        ),
        ("got `Id`, which counts the rows\n  hint: data.exclude=[\"Id\"]", "exclude=['Id']"),
    ] {
        let setting = format!("data={{name='csv',path='flowers.csv',{}}}", data.join(","));
        let error = place.error(if field.starts_with("exclude") { 2 } else { 1 }, &["train", "--set", &setting]);
        assert!(error.contains(message), "{error}");
        data.push(field.into());
    }
    let setting = format!("data={{name='csv',path='flowers.csv',{}}}", data.join(","));
    place.stdout(&["train", "--set", &setting, "--set", "loss=bce_with_logits", "--set", "stop.epochs=2"]);
}

#[test]
fn a_run_on_a_table_says_what_became_of_it() {
    let (place, settings) = flowers();
    let printed = place.stdout(&settings);
    for line in [
        "Missing, and filled with the mean: 1 of width.",
        "place: an input for each of field, wood.",
        "kind: 1 is oak, 0 is ash.",
        "6 samples (training) by class, and what was answered:",
    ] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
    let explained = place.stdout(&["explain", "runs/xor", "--weight", "lin1.weight[0,0]", "--sample", "0"]);
    assert!(explained.contains("In the data: length 5.1, width 3.5, place=field 0, place=wood 1."), "{explained}");
    let picture = place.stdout(&["draw", "network", "runs/xor", "--sample", "0"]);
    assert!(picture.contains("In the data: length 5.1"), "{picture}");
    let report = String::from_utf8(place.read("runs/xor/report.html")).unwrap();
    assert!(report.contains("In the data: length ") && report.contains("kind: 1 is oak, 0 is ash."));
    let step = place.stdout(&["step", "runs/xor"]);
    assert!(step.contains("In the data: length "), "{step}");

    // New samples in the user's words and units, with a value missing; a header alone has the same head.
    place.write("new.csv", "kind;width;length;place\n;3,5;5,1;wood\n;;4,9;wood\n");
    let new = place.stdout(&["predict", "runs/xor", "--csv", "new.csv"]);
    let head = "length,width,place,kind prediction,class\n";
    assert!(new.starts_with(head) && new.lines().count() == 3, "{new}");
    assert!(new.contains("\n4.9,3.2399999999999998,wood,"), "the mean over the training samples: {new}");
    place.write("none.csv", "length;width;place\n");
    assert_eq!(place.stdout(&["predict", "runs/xor", "--csv", "none.csv"]), head);
    let typed = place.stdout(&["predict", "runs/xor", "--input", "5.1,3.5,wood"]);
    assert!(typed.lines().nth(2).unwrap().contains("5.1"), "{typed}");
    let error = place.error(2, &["predict", "runs/xor", "--input", "5.1,3.5,woood"]);
    assert!(
        error.contains("for `place` one of `field`, `wood`, got `woood`") && error.contains("did you mean `wood`?"),
        "{error}"
    );
    place.write("other.csv", "length;width;place\n5,1;3,5;sea\n");
    let error = place.error(1, &["predict", "runs/xor", "--csv", "other.csv"]);
    assert!(
        error.contains("line 2, column place: expected a word that training knew: `field`, `wood`, got `sea`"),
        "{error}"
    );
}

/// A folder that is given to somebody else.
#[test]
fn a_folder_holds_its_table() {
    let (place, settings) = flowers();
    place.stdout(&settings);
    let explained = place.stdout(&["explain", "runs/xor", "--weight", "lin1.weight[0,0]"]);
    std::fs::rename(place.path("runs/xor"), place.path("shared")).unwrap();
    std::fs::remove_file(place.path("flowers.csv")).unwrap();
    assert_eq!(place.stdout(&["explain", "shared", "--weight", "lin1.weight[0,0]"]), explained);
    place.stdout(&["train", "--resume", "shared", "--set", "stop.epochs=30"]);
    place.stdout(&["train", "shared", "--out", "again", "--set", "stop.epochs=30"]);
    for file in ["history.csv", "weights.safetensors", "data.csv", "experiment.toml"] {
        assert!(place.read(&format!("shared/{file}")) == place.read(&format!("again/{file}")), "{file}");
    }
    place.write("shared/data.csv", FLOWERS.replace("3,9", "3,8"));
    let error = place.error(1, &["explain", "shared", "--weight", "lin1.weight[0,0]"]);
    assert!(error.contains("the table that the run was made with"), "{error}");
}

/// Early stopping says what it did, and the report shows it.
#[test]
fn the_best_weights_are_named() {
    let place = Place::new();
    let settings =
        ["stop.epochs=60", "stop.monitor=held_back", "stop.patience=3", "stop.restore_best=true", "optimizer.lr=0.3"];
    let mut arguments = vec!["train", "moons"];
    for setting in settings {
        arguments.extend(["--set", setting]);
    }
    let printed = place.stdout(&arguments);
    assert!(printed.contains("\tHeld back: ") && printed.contains("the weights are those after"), "{printed}");
    let report = String::from_utf8(place.read("runs/moons/report.html")).unwrap();
    assert!(report.contains("<h2>Held back</h2>") && report.contains("Classes, and what was answered"));
    let value: serde_json::Value =
        serde_json::from_str(&place.stdout(&[&arguments[..], &["--json", "--force"]].concat())).unwrap();
    assert!(value["restored"].as_u64().unwrap() < value["epochs"].as_u64().unwrap());
    assert_eq!(value["held_back"]["confusion"].as_array().unwrap().len(), 2);
    assert!(report.contains("the run took back its best weights, those after "));
    place.stdout(&["predict", "runs/moons", "--input", "0.5,0.5"]);
}

/// A table is no experiment; one is made of it.
#[test]
fn a_table_becomes_an_experiment() {
    let (place, _) = flowers();
    let error = place.error(2, &["train", "flowers.csv"]);
    assert!(error.contains("neuronlab experiment --from 'flowers.csv' --target COLUMN > mine.toml"), "{error}");
    let error = place.error(2, &["experiment", "--from", "flowers.csv"]);
    assert!(
        error.contains("--target: expected the column to learn, one of `Id`") && error.contains("--target \"kind\""),
        "{error}"
    );
    let error = place.error(2, &["experiment", "--from", "flowers.csv", "--target", "kin"]);
    assert!(error.contains("did you mean `kind`?"), "{error}");
    let text = place.stdout(&["experiment", "--from", "flowers.csv", "--target", "kind"]);
    for part in [
        "decimal = \",\"",
        "exclude = [\"Id\"]",
        "missing = \"mean\"",
        "one_hot = [\"place\"]",
        "path = \"flowers.csv\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    place.write("mine.toml", &text);
    let printed = place.stdout(&["train", "mine.toml", "--set", "stop.epochs=3"]);
    assert!(printed.contains("Results in runs/flowers"), "{printed}");
    let changed =
        place.stdout(&["experiment", "--from", "flowers.csv", "--target", "kind", "--set", "optimizer.lr=0.5"]);
    assert!(changed.contains("lr = 0.5"));
}

/// A table without a header, as it can be downloaded from the UCI repository: columns go by number.
#[test]
fn a_table_without_a_header_becomes_an_experiment() {
    let place = Place::new();
    let row = |i: usize| format!("5.{},3.{},{}\n", i % 10, i * 7 % 10, ["setosa", "virginica"][i % 2]);
    place.write("iris.dat", (0..40).map(row).collect::<String>());
    let error = place.error(2, &["train", "iris.dat"]);
    assert!(error.contains("--from 'iris.dat'"), "{error}");
    let error = place.error(2, &["experiment", "--from", "iris.dat"]);
    assert!(error.contains("one of `1`, `2`, `3`") && error.contains("--target \"3\""), "{error}");
    let text = place.stdout(&["experiment", "--from", "iris.dat", "--target", "3"]);
    assert!(text.contains("header = false") && text.contains("layers = [16, 16, 2]"), "{text}");
    place.write("mine.toml", &text);
    place.stdout(&["train", "mine.toml", "--set", "stop.epochs=3"]);
}

/// Dates, a column without values, and a target that is always the same or never: what can be used is, the rest is said.
#[test]
fn a_column_that_says_nothing_is_left_out() {
    let place = Place::new();
    let row = |i: usize| format!("{}.03.2024,{}.5,?,flat,name {i},{}\n", 1 + i % 28, i * i % 17, i % 2);
    let rows: String = (0..40).map(row).collect();
    place.write("it's.csv", format!("day,x,none,same,who,y\n{rows}"));
    let error = place.error(2, &["train", "it's.csv"]);
    assert!(error.contains(r"--from 'it'\''s.csv' --target"), "{error}");
    let from = |target| ["experiment", "--from", "it's.csv", "--target", target];
    let text = place.stdout(&from("y"));
    for name in ["day", "none", "who"] {
        assert!(text.split("exclude").nth(1).unwrap().contains(&format!("\"{name}\"")), "{text}");
    }
    place.write("mine.toml", &text);
    place.stdout(&["train", "mine.toml", "--set", "stop.epochs=3"]);
    let error = place.error(2, &from("same"));
    assert!(error.contains("at least two classes to tell apart, got `flat` in every row"), "{error}");
    let error = place.error(2, &from("who"));
    assert!(error.contains("got `who`, with 40 words in 40 rows"), "{error}");
    // Classes by number, of which there is one.
    let data = "data={name='csv',path='one.csv',targets=['y']}";
    place.write("one.csv", "x,y\n1,0\n2,0\n");
    place.stdout(&[
        "train",
        "--set",
        data,
        "--set",
        "network=1-1",
        "--set",
        "loss=cross_entropy",
        "--set",
        "stop.epochs=1",
    ]);
}

#[test]
fn a_path_from_another_folder_has_a_hint() {
    let (place, _) = flowers();
    std::fs::create_dir(place.path("d")).unwrap();
    place.write("d/mine.toml", place.stdout(&["experiment", "--from", "flowers.csv", "--target", "kind"]));
    let error = place.error(1, &["train", "d/mine.toml"]);
    assert!(
        error.contains("a relative path starts from its folder, got none\n  hint: `flowers.csv` is there"),
        "{error}"
    );
    let error = place.error(2, &["experiment", "xor", "--from", "flowers.csv", "--target", "kind"]);
    assert!(error.contains("cannot be used with"), "{error}");
    let error = place.error(2, &["train", "FLOWERS.CSV"]);
    assert!(error.contains("`FLOWERS.CSV`, which does not exist"), "{error}");
}
