//! Tables as people have them: each quirk is read as it is meant, or refused with the reason and the way out.

use crate::common::{assert_close, golden, numbers};
use neuronlab::data::{Column, CsvFile, Data, Dataset, Decimal, Missing, Targets};
use neuronlab::train::{Evaluation, Scores};
use neuronlab::{Experiment, Result, Trainer};
use std::io::Write;

pub(crate) fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// The table, of which `y` is the target.
fn read(text: &str, change: impl Fn(&mut CsvFile)) -> Result<Dataset> {
    let file = file(text);
    let mut table = CsvFile::new(file.path(), vec!["y".into()]);
    change(&mut table);
    Data::Csv(table).load()
}

fn error(text: &str, change: impl Fn(&mut CsvFile)) -> String {
    read(text, change).expect_err(text).to_string()
}

fn words(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// UCI's wine: the first sample would become the names.
#[test]
fn a_sample_is_not_a_header() {
    let wine = "1,14.23,1.71\n1,13.2,1.78\n2,12.37,.94\n";
    let message = error(wine, |_| ());
    assert!(message.contains("names of the columns in the first line, got numbers: `1`, `14.23`, `1.71`"), "{message}");
    assert!(message.contains("hint: data.header=false"), "{message}");
    let set = read(wine, |t| (t.header, t.targets) = (false, words(&["1"]))).unwrap();
    assert_eq!((set.len(), set.inputs[0]), (3, 14.23));
    // Iris: numbers with decimals, and a word. Years are names, and have none.
    let message = error("5.1,3.5,1.4,0.2,setosa\n4.9,3,1.4,0.2,setosa\n", |_| ());
    assert!(message.contains("got numbers and words: `5.1`") && message.contains("data.header=false"), "{message}");
    let years = read("country,1990,1991,y\n1,2,3,4\n", |_| ()).unwrap();
    assert_eq!(years.input_names, ["country", "1990", "1991"]);
    // What NumPy and pandas write over columns without names is a header.
    let set = read("0,1,2\n5,6,7\n", |t| t.targets = words(&["2"])).unwrap();
    assert_eq!(set.inputs, [5.0, 6.0]);
}

#[test]
fn delimiters_and_decimals() {
    let comma = |t: &mut CsvFile| t.decimal = Decimal::Comma;
    let set = read("x;y\n1,5;a\n2,5;b\n", comma).unwrap();
    assert_eq!(
        (&set.inputs[..], set.targets),
        (&[1.5, 2.5][..], Targets::Classes { labels: vec![0, 1], names: words(&["a", "b"]) })
    );
    let message = error("x;y\n1,5;a\n2,5;b\n", |_| ());
    assert!(
        message.contains("line 2, column x: expected a finite number, got `1,5`\n  hint: data.decimal=\",\""),
        "{message}"
    );
    // Names with commas in quotes.
    let set = read("\"width, mm\";\"height, mm\";y\n1;2;3\n", |_| ()).unwrap();
    assert_eq!(set.input_names, ["width, mm", "height, mm"]);
    // A second fault in the same file: line and column of it.
    let message = error("x;y\n1,5;1\n1,x5;2\n", comma);
    assert!(message.contains("line 3, column x: expected a finite number, got `1,x5`"), "{message}");
    let both = "data.delimiter: expected another character than the decimal comma, got `,`";
    let file = file("x,y\n1,2\n");
    let data = format!("data={{name='csv',path='{}',targets=['y'],decimal=',',delimiter=','}}", file.path().display());
    assert_eq!(Experiment::built_in("xor").unwrap().with(&[data]).unwrap_err().to_string(), both);
}

/// UCI's housing and seeds.
#[test]
fn spaces_between_cells() {
    let housing = "x w  y\n 0.00632  18.00   2.310\n 0.02731   0.00\t7.070\r\n";
    let message = error(housing, |_| ());
    assert!(message.contains("with spaces between the cells") && message.contains("data.delimiter=\" \""), "{message}");
    let set = read(housing, |t| t.delimiter = " ".into()).unwrap();
    assert_eq!(set.inputs, [0.00632, 18.0, 0.02731, 0.0]);
    // Where a tab stands twice cells are shifted.
    let seeds = "a\tb\ty\n1\t2\t3\n4\t\t5\t6\n";
    let message = error(seeds, |_| ());
    assert!(
        message.contains("3 cells in every row, got 4 in line 3") && message.contains("data.delimiter=\" \""),
        "{message}"
    );
    assert_eq!(read(seeds, |t| t.delimiter = " ".into()).unwrap().inputs, [1.0, 2.0, 4.0, 5.0]);
    // Of commas that is another fault.
    let message = error("a,y\n1,2,\n", |_| ());
    assert!(message.contains("2 cells in every row, got 3 in line 2") && !message.contains("hint"), "{message}");
    let message = error("a b y\n1 2 3\n\n4  x 6\n", |t| t.delimiter = " ".into());
    assert!(message.contains("line 4, column b"), "{message}");
}

#[test]
fn numbers_of_rows_are_no_inputs() {
    for (head, shown) in
        [("Id", "`Id`, which"), ("", "the first one, which has no name and"), ("Unnamed: 0", "`Unnamed: 0`, which")]
    {
        let text = format!("{head},x,y\n0,3,1\n1,5,0\n2,4,1\n");
        let message = error(&text, |_| ());
        let expected =
            format!("data.inputs: expected columns that say something about a sample, got {shown} counts the rows");
        assert!(message.starts_with(&expected), "{message}");
        assert!(message.contains(&format!("hint: data.exclude=[\"{head}\"]")), "{message}");
        assert_eq!(read(&text, |t| t.exclude = words(&[head])).unwrap().input_names, ["x"]);
        assert_eq!(read(&text, |t| t.inputs = words(&[head, "x"])).unwrap().inputs.len(), 6, "asked for");
    }
    // By its name only, or by its values only, it is noted; alone it is what there is.
    let noted = |text: &str| read(text, |_| ()).unwrap().reading.row_numbers;
    assert_eq!(noted("PassengerId,x,y\n7,3,1\n3,5,0\n9,4,1\n"), ["PassengerId"]);
    assert_eq!(noted("t,x,y\n1,3,1\n2,5,0\n3,4,1\n"), ["t"]);
    assert_eq!(noted("t,y\n1,3\n2,5\n3,4\n"), [""; 0]);
    let message = error("x,y\n1,2\n", |t| t.exclude = words(&["Idd"]));
    assert!(message.starts_with("data.exclude: expected one of `x`, `y`, got `Idd`"), "{message}");
}

/// UCI's air quality: every line ends with `;;`, and the last ones hold nothing else.
#[test]
fn only_columns_that_are_used_need_names() {
    let air = "x;y;;\n2,6;1;;\n2;2;;\n;;;\n;;;\n";
    let set = read(air, |t| t.decimal = Decimal::Comma).unwrap();
    assert_eq!((&set.inputs[..], set.reading.without_value), (&[2.6, 2.0][..], 2));
    assert_eq!(read(air, |t| (t.decimal, t.inputs) = (Decimal::Comma, words(&["x"]))).unwrap().len(), 2);
    let message = error("x;y;;\n2;1;;\n3;2;;7\n", |_| ());
    assert!(
        message.contains("line 3, column 4 (which has no name): expected nothing, got `7`\n  hint: a name"),
        "{message}"
    );
    // A name that stands twice matters only where it is used.
    assert_eq!(read("x,z,z,y\n1,2,3,4\n", |t| t.inputs = words(&["x"])).unwrap().inputs, [1.0]);
    assert!(error("x,z,z,y\n1,2,3,4\n", |_| ()).contains("got `z` again as column 3"));
}

const HEART: &str = "age,ca,thal,y\n63,0,fixed,0\n67,?,normal,1\n?,2,normal,1\n41,0,?,0\n56,1,normal,?\n";

#[test]
fn missing_values_are_refused_dropped_or_filled() {
    let one_hot = |t: &mut CsvFile| t.one_hot = words(&["thal"]);
    let message = error(HEART, one_hot);
    assert!(
        message
            .contains("line 3, column ca: expected a value, got `?`, a missing value\n  hint: data.missing=\"drop\""),
        "{message}"
    );

    let set = read(HEART, |t| (t.missing, t.one_hot) = (Missing::Drop, words(&["thal"]))).unwrap();
    assert_eq!((set.len(), set.reading.left_out), (1, 4));
    let set = read(HEART, |t| (t.missing, t.one_hot) = (Missing::Mean, words(&["thal"]))).unwrap();
    assert_eq!(set.input_names, ["age", "ca", "thal=fixed", "thal=normal"]);
    assert_eq!((set.len(), set.reading.left_out), (4, 1), "a row without a target");
    assert_eq!(set.inputs.iter().filter(|x| x.is_nan()).count(), 4);
    // Every row has a value that is missing.
    let message = error("x,y\n?,1\n?,2\n", |t| t.missing = Missing::Drop);
    assert!(
        message.contains("at least one row of data, got none") && message.contains("each of its 2 rows"),
        "{message}"
    );
    // In the words of the table.
    let set = read("x,y\n-200,1\n3,2\n", |t| (t.missing, t.na_values) = (Missing::Drop, words(&["-200"]))).unwrap();
    assert_eq!(set.inputs, [3.0]);
    // A second fault: a word among numbers is none that is missing.
    let message = error("x,y\n?,1\nmany,2\n", |t| t.missing = Missing::Drop);
    assert!(message.contains("line 3, column x: expected a finite number, got `many`"), "{message}");
}

/// The mean of what is there; of a word, the share of each.
#[test]
fn means_are_those_of_the_training_samples() {
    let file = file(HEART);
    let data = format!(
        "data={{name='csv',path='{}',targets=['y'],missing='mean',one_hot=['thal'],standardize=true}}",
        file.path().display()
    );
    let settings = [data, "dtype=float64".into(), "loss=bce_with_logits".into()];
    let trainer = Trainer::<f64>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
    let task = trainer.task();
    assert_eq!(task.means, [57.0, 2.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0]);
    assert_eq!(task.missing, [1, 1, 1, 1]);
    let scaling = task.scaling.as_ref().unwrap();
    assert_eq!((&scaling.mean[2..], &scaling.std[2..]), (&[0.0, 0.0][..], &[1.0, 1.0][..]), "words stay 0 and 1");
    assert_eq!(task.train.x[2 * 4], 0.0, "the mean is 0 once it is scaled");
    assert_eq!(task.reading.columns[2], Column { name: "thal".into(), words: words(&["fixed", "normal"]) });
}

/// UCI's student performance: words in many columns, all of them named at once.
#[test]
fn words_become_inputs() {
    let student = "school;sex;age;y\nGP;F;18;6\nMS;M;17;5\nGP;M;15;8\n";
    let message = error(student, |_| ());
    assert!(
        message.contains(
            "line 2, column school: expected a finite number, got `GP`\n  hint: data.one_hot=[\"school\", \"sex\"]"
        ),
        "{message}"
    );
    let message = error(student, |t| t.one_hot = words(&["school"]));
    assert!(message.contains("column sex") && message.contains("data.one_hot=[\"school\", \"sex\"]"), "{message}");
    let set = read(student, |t| t.one_hot = words(&["school", "sex"])).unwrap();
    assert_eq!(set.input_names, ["school=GP", "school=MS", "sex=F", "sex=M", "age"]);
    assert_eq!(set.inputs[..10], [1., 0., 1., 0., 18., 0., 1., 0., 1., 17.]);
    for (list, expected) in
        [(["y"], "data.one_hot: expected columns that are not targets"), (["town"], "data.one_hot: expected one of")]
    {
        let file = file(student);
        let data =
            format!("data={{name='csv',path='{}',targets=['y'],one_hot=['{}']}}", file.path().display(), list[0]);
        let message =
            Experiment::built_in("xor").unwrap().with(&[data]).and_then(|e| e.data.load().map(|_| ())).unwrap_err();
        assert!(message.to_string().starts_with(expected), "{message}");
    }
    let message = error("a=b,a,y\n1,b,1\n2,c,2\n", |t| t.one_hot = words(&["a"]));
    assert!(message.contains("inputs of different names, got `a=b` as a column, and as a word"), "{message}");
}

#[test]
fn another_table_under_the_same_name_is_refused() {
    let text = "x,y\n1,2\n";
    let sum = neuronlab::train::sha256(text.as_bytes());
    assert_eq!(read(text, |_| ()).unwrap().reading.sha256, Some(sum.clone()));
    assert!(read(text, |t| t.sha256 = Some(sum.clone())).is_ok());
    let message = error("x,y\n1,3\n", |t| t.sha256 = Some(sum.clone()));
    assert!(message.contains("the table that the run was made with"), "{message}");
}

/// Split, means that are filled in, scaling and words: scikit-learn's, input by input. (Means and standard deviations are sums in another
/// order than NumPy's, hence 1e-12.)
#[test]
fn splits_and_inputs_are_scikit_learns() {
    for (name, theirs) in golden("sklearn_tables.json")["tables"].as_object().unwrap() {
        let file = file(theirs["table"].as_str().unwrap());
        let mut settings: toml::Table = toml::from_str(&toml::to_string(&theirs["settings"]).unwrap()).unwrap();
        settings.insert("name".into(), "csv".into());
        settings.insert("standardize".into(), true.into());
        settings.insert("path".into(), file.path().display().to_string().into());
        let classes = numbers(&theirs["train_y"]).iter().fold(0.0f64, |most, &y| most.max(y)) as usize + 1;
        let of_classes = !["air", "student"].contains(&name.as_str());
        let (loss, outputs) = if of_classes { ("cross_entropy", classes) } else { ("mse", 1) };
        let settings = [
            format!("data={}", toml::Value::Table(settings)),
            format!("split={{test=0.3,seed=3,stratify={}}}", theirs["stratify"]),
            format!("network.layers=[{outputs}]"),
            format!("loss={loss}"),
            "dtype=float64".into(),
        ];
        let experiment = Experiment::built_in("xor").unwrap().with(&settings).unwrap();
        let trainer = Trainer::<f64>::new(&experiment).unwrap();
        let task = trainer.task();
        let names: Vec<&str> = theirs["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(task.input_names.len(), names.len(), "{name}");
        let width = names.len();
        for (side, ours) in [("train", &task.train), ("test", &task.test)] {
            let x = numbers(&theirs[side]);
            assert_eq!(ours.x.len(), x.len(), "{name} {side}");
            for (place, input) in names.iter().enumerate() {
                let here = task.input_names.iter().position(|name| name == input).expect(input);
                let column = |x: &[f64], at: usize| x.iter().skip(at).step_by(width).copied().collect::<Vec<f64>>();
                assert_close(&format!("{name} {side} {input}"), &column(&ours.x, here), &column(&x, place), 1e-12);
            }
            let y = numbers(&theirs[&format!("{side}_y")]);
            let label =
                |row: &[f64]| if of_classes { row.iter().position(|&v| v == 1.0).unwrap() as f64 } else { row[0] };
            assert_eq!(ours.y.chunks_exact(outputs).map(label).collect::<Vec<_>>(), y, "{name} {side}");
        }
    }
}

/// `train_test_split(…, stratify=labels)` where classes are unequal, and remainders equal.
#[test]
fn stratified_splits_are_scikit_learns() {
    let golden = golden("sklearn_tables.json");
    let labels = numbers(&golden["labels"]);
    let rows: Vec<String> = labels.iter().enumerate().map(|(i, label)| format!("{i}.5,c{label}")).collect();
    let file = file(&format!("x,y\n{}", rows.join("\n")));
    for split in golden["splits"].as_array().unwrap() {
        let settings = [
            format!("data={{name='csv',path='{}',targets=['y']}}", file.path().display()),
            format!("split={{test={},seed={},stratify=true}}", split["test"], split["seed"]),
            "network.layers=[4]".into(),
            "loss=cross_entropy".into(),
        ];
        let trainer = Trainer::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        let places = |x: &[f32]| x.iter().map(|&x| f64::from(x.floor())).collect::<Vec<_>>();
        assert_eq!(places(&trainer.task().train.x), numbers(&split["train_places"]), "{split}");
        assert_eq!(places(&trainer.task().test.x), numbers(&split["test_places"]), "{split}");
    }
    let message = |text: &str, stratified: &str, loss: &str| {
        let file = self::file(text);
        let settings = [
            format!("data={{name='csv',path='{}',targets=['y']}}", file.path().display()),
            format!("split={{test=0.5,stratify={stratified}}}"),
            "network.layers=[1]".into(),
            format!("loss={loss}"),
        ];
        let trained = Experiment::built_in("xor").unwrap().with(&settings).and_then(|e| Trainer::<f32>::new(&e));
        trained.expect_err(text).to_string()
    };
    let rare = message("x,y\n1,a\n2,a\n3,b\n", "true", "bce_with_logits");
    assert!(rare.starts_with("split.stratify: expected at least two samples of each class"), "{rare}");
    let none = message("x,y\n1,0.5\n2,1.5\n3,1\n", "true", "mse");
    assert_eq!(
        none,
        "split.stratify: expected false where there are no classes, got true, and targets that are numbers"
    );
}

#[test]
fn scores_are_scikit_learns() {
    let golden = golden("sklearn_tables.json");
    let scores = &golden["scores"];
    let rows = "x,y\n1.5,a\n2,b\n3,c\n";
    let of_classes = |rows: &str, layers: &str, loss: &str| {
        let file = file(rows);
        let data = format!("data={{name='csv',path='{}',targets=['y']}}", file.path().display());
        let settings = [data, format!("network.layers=[{layers}]"), format!("loss={loss}"), "dtype=float64".into()];
        Trainer::<f64>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap()
    };
    let evaluation = |answers: Vec<f64>| Evaluation { answers, loss: 0.0, mean_absolute_error: 0.0, right: 0.0 };
    let confusion =
        |of: &serde_json::Value| -> Vec<Vec<u64>> { serde_json::from_value(of["confusion"].clone()).unwrap() };

    let three = &scores["classes"];
    let trainer = of_classes(rows, "3", "cross_entropy");
    let y: Vec<f64> =
        numbers(&three["y"]).iter().flat_map(|&y| (0..3).map(move |k| f64::from(u8::from(k as f64 == y)))).collect();
    let ours = Scores::new(&trainer, &evaluation(numbers(&three["answers"])), &y);
    assert_eq!(ours, Scores::Classes { confusion: confusion(three) });

    let two = &scores["two"];
    let trainer = of_classes("x,y\n1.5,a\n2,b\n", "1", "bce_with_logits");
    let ours = Scores::new(&trainer, &evaluation(numbers(&two["answers"])), &numbers(&two["y"]));
    assert_eq!(ours, Scores::Classes { confusion: confusion(two) });

    let of_numbers = &scores["numbers"];
    let trainer = of_classes("x,y\n1.5,1\n2,2.5\n", "1", "mse");
    let y = numbers(&of_numbers["y"]);
    let Scores::Numbers { rmse, r2: Some(r2) } =
        Scores::new(&trainer, &evaluation(numbers(&of_numbers["answers"])), &y)
    else {
        panic!("numbers");
    };
    let theirs = ["rmse", "r2"].map(|score| of_numbers[score].as_f64().unwrap());
    assert_close("scores", &[rmse, r2], &theirs, 1e-12);
}
