//! Data sets: those that scikit-learn draws too, splits, and the user's own tables, good and bad.

use crate::common::{assert_close, golden, numbers};
use neuronlab::data::{CsvFile, Data, Dataset, Generated, Targets};
use neuronlab::{Error, Experiment, Result, Trainer};
use std::io::Write;

#[test]
fn moons_and_circle_are_scikit_learns() {
    let golden = golden("sklearn.json");
    for (samples, noise, seed) in [(7, 0.0, 3), (20, 0.1, 0)] {
        let settings = Generated { samples, noise, seed };
        for (name, data) in [("moons", Data::Moons(settings)), ("circle", Data::Circle(settings))] {
            let key = format!("{name} {samples} {noise} {seed}");
            let ours = data.load().unwrap();
            // sin, cos and log come from different libraries, within 1 ULP of each other.
            assert_close(&key, &ours.inputs, &numbers(&golden[&key]["x"]), 1e-15);
            let Targets::Classes { labels, .. } = ours.targets else { unreachable!("classes") };
            assert_eq!(labels.into_iter().map(f64::from).collect::<Vec<_>>(), numbers(&golden[&key]["y"]));
        }
    }
}

#[test]
fn generated_sets_have_the_size_and_classes_asked_for() {
    let settings = Generated { samples: 101, noise: 0.0, seed: 1 };
    for data in [Data::Spiral(settings), Data::Gaussians(settings), Data::Moons(settings), Data::Circle(settings)] {
        let set = data.load().unwrap();
        assert_eq!(set.len(), 101);
        let Targets::Classes { labels, .. } = set.targets else { unreachable!("classes") };
        assert_eq!(labels.iter().filter(|&&l| l == 1).count(), 51, "{data:?}");
    }
    let gaussians = Data::Gaussians(settings).load().unwrap();
    assert!(gaussians.inputs.iter().all(|x| x.abs() == 1.0), "without noise a cloud is its centre");
}

/// `train_test_split(range(11), test_size=0.25, random_state=5)`
#[test]
fn splits_are_scikit_learns() {
    let table = (0..11).fold(String::new(), |table, i| table + &format!("{i},{i}\n"));
    let file = file(&format!("x,y\n{table}"));
    let experiment = on_table(&file, &["split.test=0.25", "split.seed=5"]).unwrap();
    let trainer = Trainer::<f32>::new(&experiment).unwrap();
    let theirs = &golden("sklearn.json")["train_test_split(range(11), test_size=0.25, random_state=5)"];
    let wide = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    assert_eq!(wide(&trainer.task().train.x), numbers(&theirs["train"]));
    assert_eq!(wide(&trainer.task().test.x), numbers(&theirs["test"]));
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// The experiment xor on a table whose column y is the target.
fn on_table(file: &tempfile::NamedTempFile, settings: &[&str]) -> Result<Experiment> {
    let data = format!("data={{ name = \"csv\", path = '{}', targets = [\"y\"] }}", file.path().display());
    let mut all = vec![data];
    all.extend(settings.iter().map(ToString::to_string));
    Experiment::built_in("xor").unwrap().with(&all)
}

fn read(text: &str, change: impl Fn(&mut CsvFile)) -> Result<Dataset> {
    let file = file(text);
    let mut table = CsvFile::new(file.path(), vec!["y".into()]);
    change(&mut table);
    Data::Csv(table).load()
}

#[test]
fn tables_are_read_with_their_marks_and_delimiters() {
    for text in [
        "a,b,y\n1,2,3\n4,5,6\n",
        "\u{feff}a;b;y\r\n1;2;3\r\n4;5;6\r\n",
        "a\tb\ty\n1\t 2\t3\n4\t5\t6",
        "a,b,y\n\n1,2,\"3\"\n4,5,6\n",
    ] {
        let set = read(text, |_| ()).unwrap();
        assert_eq!(set.input_names, ["a", "b"], "{text:?}");
        assert_eq!(set.inputs, [1., 2., 4., 5.], "{text:?}");
        assert_eq!(set.targets, Targets::Numbers(vec![3., 6.]), "{text:?}");
    }
    let set = read("1,2,3\n4,5,6\n", |t| (t.header, t.targets) = (false, vec!["1".into()])).unwrap();
    assert_eq!((set.inputs, set.targets), (vec![2., 3., 5., 6.], Targets::Numbers(vec![1., 4.])));
}

#[test]
fn words_are_classes_in_alphabetical_order() {
    let set = read("x,y\n1,oak\n2,ash\n3,oak\n4,elm\n", |_| ()).unwrap();
    let names = ["ash", "elm", "oak"].map(String::from).to_vec();
    assert_eq!(set.targets, Targets::Classes { labels: vec![2, 0, 2, 1], names });
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    // (A quoted line break in front of the row counts, as it does in an editor.)
    for (text, line) in [
        ("x,y\r\n1,2\r\n3,4\r\nred,6\r\n", 4),
        ("x,y\n\n1,2\n\nred,4\n", 5),
        ("\u{feff}x,y\r\n\r\n1,2\r\n3\r\n", 4),
        ("x,y\n\"1\n\",2\nred,4\n", 4),
    ] {
        let error = read(text, |_| ()).unwrap_err().to_string();
        assert!(error.contains(&format!("line {line}")), "{text:?}: {error}");
    }
}

#[test]
fn minus_zero_is_zero_and_a_constant_column_stays_constant() {
    let file = file("x,y\n1,-0\n2,0\n3,-1\n");
    let settings = ["loss=cross_entropy", "network.layers.3.out_features=2", "dtype=float64"];
    let trainer = Trainer::<f64>::new(&on_table(&file, &settings).unwrap()).unwrap();
    assert_eq!(trainer.task().train.y, [0., 1., 0., 1., 1., 0.]);
    let constant = self::file("x,y\n0.1,0\n0.1,1\n0.1,0\n");
    let trainer =
        Trainer::<f64>::new(&on_table(&constant, &["data.standardize=true", "dtype=float64"]).unwrap()).unwrap();
    assert_eq!(trainer.task().scaling.as_ref().unwrap().std, [1.0]);
}

#[test]
fn targets_of_probabilities_are_checked() {
    let log_softmax = "network.layers.3={ out_features = 2, activation = 'log_softmax' }";
    let data = |file: &tempfile::NamedTempFile| {
        format!("data={{ name = \"csv\", path = '{}', targets = [\"p\", \"q\"] }}", file.path().display())
    };
    for (text, loss, message) in [
        ("x,p,q\n1,0.3,0.7\n2,0.5,0.4\n", "kl_div", "probabilities that sum to 1"),
        ("x,p,q\n1,0.3,0.7\n2,1.5,-0.5\n", "cross_entropy", "probabilities that sum to 1"),
        ("x,p,q\n1,0.3,0.7\n2,0.5,0.5\n", "cross_entropy", ""),
    ] {
        let file = file(text);
        let settings = [log_softmax.to_string(), data(&file), format!("loss={loss}")];
        let result = Experiment::built_in("xor").unwrap().with(&settings).and_then(|e| Trainer::<f64>::new(&e));
        match result {
            Ok(_) => assert!(message.is_empty(), "{text:?}"),
            Err(error) => assert!(!message.is_empty() && error.to_string().contains(message), "{error}"),
        }
    }
    let indices = file("x,y\n1,0\n2,1\n3,7\n");
    let settings = ["loss=cross_entropy", "network.layers.3.out_features=4"];
    let error = on_table(&indices, &settings).and_then(|e| Trainer::<f32>::new(&e)).unwrap_err().to_string();
    assert!(error.contains("class indices from 0 to 3") && error.contains("7 in sample 2"), "{error}");
}

/// Each bad table and what the message must say.
#[test]
fn bad_tables_are_refused_with_their_place() {
    let cases = [
        ("", "an empty file"),
        ("x,y\n", "at least one row"),
        ("x,y\n1,2\n3\n", "2 cells in every row, got 1 in line 3"),
        ("x,y\n1,2\n,4\n", "line 3, column x: expected a value, got nothing"),
        ("x,y\n1,2\nNA,4\n", "line 3, column x: expected a value, got `NA`, a missing value"),
        ("x,y\n1,2\n3,inf\n", "line 3, column y: expected a finite number, got `inf`"),
        ("x,y\n1,2\nnan,4\n", "line 3, column x"),
        ("x,y\n1,2\nred,4\n", "line 3, column x: expected a finite number, got `red`"),
        ("x,y\n1,2\n3,two\n", "line 3, column y: expected a finite number, got `two`"),
        ("x,z\n1,2\n", "data.targets: expected one of `x`, `z`, got `y`"),
        ("y\n1\n", "at least one column of inputs"),
        ("x,x,y\n1,2,3\n", "a different name for each column that is used, got `x` again"),
    ];
    for (text, message) in cases {
        let error = read(text, |_| ()).unwrap_err().to_string();
        assert!(error.contains(message), "{text:?}: {error}");
    }
    let binary = read("x,y\n1,2\n", |t| t.path = "/nowhere/at/all.csv".into()).unwrap_err();
    assert!(matches!(binary, Error::Io { .. }));
}

/// Labels that don't fit the loss or the network.
#[test]
fn targets_must_fit_loss_and_network() {
    let classes = file("x,y\n1,a\n2,b\n3,c\n");
    let fractions = file("x,y\n1,0.5\n2,1\n");
    let cases = [
        (&classes, vec![], "network.layers.3.out_features: expected 3, one output for each class of the data, got 1"),
        (&classes, vec!["loss=cross_entropy"], "expected 3, one output for each class"),
        (&fractions, vec!["loss=cross_entropy"], "data.targets: expected classes (words or whole numbers)"),
        (
            &fractions,
            vec!["network.layers.3.out_features=2"],
            "expected 1, one output for each of the data's targets, got 2",
        ),
    ];
    for (file, settings, message) in cases {
        let error = on_table(file, &settings).and_then(|e| Trainer::<f32>::new(&e)).unwrap_err().to_string();
        assert!(error.contains(message), "{settings:?}: {error}");
    }
    let large = file("x,y\n1e300,0\n2,1\n");
    let error = on_table(&large, &[]).and_then(|e| Trainer::<f32>::new(&e)).unwrap_err().to_string();
    assert!(error.contains("dtype: expected float64"), "{error}");
}

#[test]
fn inputs_are_standardised_by_the_training_samples() {
    let table = file("a,b,y\n1,5,0\n3,5,1\n5,5,0\n");
    let experiment = on_table(&table, &["data.standardize=true", "dtype=float64"]).unwrap();
    let trainer = Trainer::<f64>::new(&experiment).unwrap();
    let s = 1.5f64.sqrt();
    assert_close("standardised", &trainer.task().train.x, &[-s, 0., 0., 0., s, 0.], 1e-15);
    assert_eq!(trainer.task().scaling.as_ref().unwrap().std[1], 1.0);
}
