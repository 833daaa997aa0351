use crate::place::Place;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands between the outputs of two cells.
const NEXT: &str = "\u{1}next cell";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn file() -> PathBuf {
    root().join("notebooks/very-basics.ipynb")
}

/// A text of a notebook: one string, or a list of lines.
fn text(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().map(|line| line.as_str().unwrap()).collect(),
        text => text.as_str().unwrap_or_default().to_string(),
    }
}

/// A code cell: its name, its code, what it printed, and what its last expression showed, by media type.
struct Cell {
    name: String,
    code: String,
    printed: String,
    shown: Vec<(String, String)>,
}

fn cells() -> Vec<Cell> {
    let notebook: Value = serde_json::from_slice(&std::fs::read(file()).unwrap()).unwrap();
    let cells = notebook["cells"].as_array().unwrap().iter().filter(|cell| cell["cell_type"] == "code");
    cells.map(Cell::new).collect()
}

impl Cell {
    fn new(cell: &Value) -> Self {
        let (name, code) = (text(&cell["id"]), text(&cell["source"]));
        let (mut printed, mut shown) = (String::new(), Vec::new());
        for output in cell["outputs"].as_array().unwrap() {
            assert!(output["output_type"] != "error" && output["name"] != "stderr", "{name}: a failure is stored");
            printed += &text(&output["text"]);
            for (media_type, content) in output["data"].as_object().into_iter().flatten() {
                shown.push((media_type.clone(), text(content).trim_end().to_string()));
            }
        }
        // What the kernel's own commands, such as `:dep`, show is the kernel's.
        if code.starts_with(':') {
            shown.clear();
        }
        shown.sort();
        Self { name, code, printed, shown }
    }

    /// As a piece of a program. Where the cell showed something, its last line is an expression, which is shown as the kernel
    /// shows it.
    fn statements(&self) -> String {
        let code: Vec<&str> = self.code.lines().filter(|line| !line.starts_with(':')).collect();
        match code.split_last() {
            Some((expression, before)) if !self.shown.is_empty() => {
                assert!(!expression.ends_with([';', '}']), "{}: its last line is an expression", self.name);
                format!("{}\n({expression}).evcxr_display();\n", before.join("\n"))
            }
            _ => code.join("\n") + "\n",
        }
    }
}

/// All cells, one behind the other.
fn program(cells: &[Cell]) -> String {
    let pieces = cells.iter().map(|cell| format!("// {}\n{}println!(\"{NEXT}\");\n", cell.name, cell.statements()));
    let body: String = pieces.collect();
    format!("fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{body}Ok(())\n}}\n")
}

/// Builds and runs a program that uses the library with its feature `notebook`, without the network: in a folder of its own, with
/// the workspace's versions and profile, so that what these tests are built of is not built again; but the library is not
/// optimised, as in the notebook.
fn run(program: &str) -> String {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = temporary.join("notebook-cells");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("Cargo.toml"), manifest().to_string()).unwrap();
    std::fs::write(folder.join("src/main.rs"), program).unwrap();
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", temporary.parent().unwrap())
        .output()
        .unwrap();
    let failure = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the notebook's cells, as a program, fail:\n{failure}");
    String::from_utf8(output.stdout).unwrap()
}

fn manifest() -> toml::Table {
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut dev = toml::from_str::<toml::Table>(&workspace).unwrap()["profile"]["dev"].clone();
    dev["package"] = toml::Value::from(toml::toml! { neuronlab = { opt-level = 0 } });
    let mut manifest = toml::toml! {
        [package]
        name = "notebook-cells"
        edition = "2024"
        [workspace]
        [dependencies.neuronlab]
        features = ["notebook"]
        [profile]
    };
    manifest["dependencies"]["neuronlab"]
        .as_table_mut()
        .unwrap()
        .insert("path".into(), root().join("crates/neuronlab").to_str().unwrap().into());
    manifest["profile"].as_table_mut().unwrap().insert("dev".into(), dev);
    manifest
}

/// What one cell's piece of the program printed, apart from what it showed.
fn parted(output: &str) -> (String, Vec<(String, String)>) {
    let (mut printed, mut shown) = (String::new(), Vec::new());
    let mut lines = output.split_inclusive('\n');
    while let Some(line) = lines.next() {
        match line.strip_prefix("EVCXR_BEGIN_CONTENT ") {
            Some(media_type) => {
                let content: String =
                    lines.by_ref().take_while(|line| line.trim_end() != "EVCXR_END_CONTENT").collect();
                shown.push((media_type.trim_end().to_string(), content.trim_end().to_string()));
            }
            None => printed.push_str(line),
        }
    }
    shown.sort();
    (printed, shown)
}

/// The code of the cells, as one program on the library as it is, prints and shows what is stored in the notebook.
#[test]
fn its_cells_show_what_is_stored() {
    let cells = cells();
    let output = run(&program(&cells));
    let outputs: Vec<&str> = output.split(&format!("{NEXT}\n")).collect();
    assert_eq!(outputs.len(), cells.len() + 1);
    let advice = "if that is as it should be: scripts/run-notebook --update";
    for (cell, output) in cells.iter().zip(outputs) {
        let (printed, shown) = parted(output);
        for (ours, stored) in printed.lines().zip(cell.printed.lines()) {
            assert_eq!(ours, stored, "{}: {advice}", cell.name);
        }
        assert_eq!(printed.lines().count(), cell.printed.lines().count(), "lines of {}: {advice}", cell.name);
        let types = |shown: &[(String, String)]| shown.iter().map(|(kind, _)| kind.clone()).collect::<Vec<_>>();
        assert_eq!(types(&shown), types(&cell.shown), "{}: {advice}", cell.name);
        for ((kind, ours), (_, stored)) in shown.iter().zip(&cell.shown) {
            assert!(ours == stored || !kind.starts_with("text/"), "{}: {advice}\n{ours}\n{stored}", cell.name);
            assert!(ours == stored, "{}: another picture than the stored one; {advice}", cell.name);
        }
    }
    assert!(cells.iter().any(|cell| cell.shown.iter().any(|(kind, _)| kind == "image/svg+xml")));
}

/// The loop written out in the notebook makes the numbers that the program makes.
#[test]
fn its_losses_are_those_of_train() {
    let epochs =
        |text: &str| text.lines().filter(|line| line.starts_with("Epoch: ")).map(String::from).collect::<Vec<_>>();
    let stored: Vec<String> = cells().iter().flat_map(|cell| epochs(&cell.printed)).collect();
    assert_eq!(stored.len(), 41);
    assert_eq!(stored, epochs(&Place::new().stdout(&["train"])));
}
