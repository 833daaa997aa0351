use crate::place::Place;
use neuronlab::text::is_hidden;

/// A colour, a title of the window, a control character of eight bits, and a line of somebody else.
const EVIL: &str = "\u{1b}[31m\u{1b}]0;x\u{7}\u{9b}1m\u{202e}";

#[track_caller]
fn harmless(text: &str, what: &str) {
    let hidden = text.chars().find(|&c| is_hidden(c) && c != '\n' && c != '\t');
    assert_eq!(hidden, None, "{what}:\n{text:?}");
}

/// Names, cells, classes, fields, paths and arguments reach the terminal written out; files stay what their formats want.
#[test]
fn control_characters_are_written_out() {
    let place = Place::new();
    let rows = format!("{EVIL}a,b,y\n0,0,{EVIL}no\n0,1,\"{EVIL}\nyes\"\n1,0,{EVIL}no\n1,1,\"{EVIL}\nyes\"\n");
    place.write("evil.csv", &rows);
    place.write("bad.csv", format!("{EVIL}a,b,y\n0,{EVIL},0\n"));
    place.write("evil.toml", format!("name = \"x\" {EVIL}\n"));
    place.write("evil.json", format!("{{\"{}\": 1}}", "\\u001b[31mname"));
    let data = |file: &str| format!("--set=data={{name='csv',path='{file}',targets=['y']}}");
    let (good, bad) = (data("evil.csv"), data("bad.csv"));
    let (set, runs) = (format!("--set=optimizer.lr={EVIL}"), format!("--runs={EVIL}"));
    let escape = format!("--set=na{EVIL}me=1");
    let cases: [&[&str]; 16] = [
        &["train", &good, "--set=stop.epochs=3"],
        &["data", "xor", "--set=name=csv", "--set=path=evil.csv", "--set=targets=['y']"],
        &["predict", "runs/xor", "--input=0,1"],
        &["predict", "runs/xor", "--csv=evil.csv"],
        &["predict", "runs/xor", "--csv=evil.csv", "--json"],
        &["predict", "runs/xor", "--csv=bad.csv"],
        &["predict", "runs/xor", "--input=0"],
        &["explain", "runs/xor", "--neuron=H#1_0"],
        &["explain", "runs/xor", "--neuron=X#0"],
        &["explain", "runs/xor", "--neuron=H#1_0", "--format=json"],
        &["check", "xor", "--gradients=evil.json"],
        &["train", &bad],
        &["train", "evil.toml"],
        &["train", EVIL],
        &["train", &set, &escape],
        &["sweep", &runs],
    ];
    for arguments in cases {
        let output = place.command(arguments).output().unwrap();
        for text in [output.stdout, output.stderr] {
            harmless(&String::from_utf8(text).unwrap(), &format!("{arguments:?}"));
        }
    }
    // JSON reads as what it was.
    let answers = place.stdout(&["predict", "runs/xor", "--csv=evil.csv", "--json"]);
    let answers: serde_json::Value = serde_json::from_str(&answers).unwrap();
    assert_eq!(answers["inputs"][0], format!("{EVIL}a"));
    // A name in several lines is a cell of one.
    let table = place.stdout(&["predict", "runs/xor", "--input=0,0", "--input=1,1"]);
    assert_eq!(table.lines().count(), 4, "{table}");
    // XML knows none of these characters.
    for arguments in [
        &["--format=html", "--out=why.html"],
        &["--format=svg", "--out=why.svg"],
        &["--format=latex", "--out=why.tex"],
        &["--format=markdown", "--out=why.md"],
    ] {
        place.stdout(&[&["explain", "runs/xor", "--neuron=H#1_0"][..], arguments].concat());
    }
    for file in ["runs/xor/report.html", "why.html", "why.svg", "why.tex", "why.md"] {
        let text = String::from_utf8(place.read(file)).unwrap();
        assert!(text.contains("[31m"), "{file} does not show the name");
        harmless(&text, file);
    }
}
