use crate::microscope::SLIP;
use crate::place::Place;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The pages that people read, README first. (The evidence cards have a test of their own.)
const PAGES: [&str; 12] = [
    "README.md",
    "docs/tour.md",
    "docs/tables.md",
    "docs/microscope.md",
    "docs/sweeps.md",
    "docs/pytorch.md",
    "docs/speed.md",
    "docs/answers/neuron.md",
    "docs/answers/learning-rate.md",
    "docs/answers/initialization.md",
    "docs/answers/loss.md",
    "docs/answers/chain-rule.md",
];

/// All of them, one after the other.
fn pages() -> String {
    PAGES.map(document).join("\n").replace("\r\n", "\n")
}

/// Lines of their `sh` blocks, without comments; those that go on are one.
fn commands() -> Vec<String> {
    let pages = pages().replace("\\\n", " ");
    let blocks = pages.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap().trim().to_string());
    lines.filter(|line| !line.is_empty()).collect()
}

/// The words of a command: at spaces outside of quotes, which are left out, as a shell does it.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Every `neuronlab` command of the pages, in their order, in a folder with the experiments.
/// (`cargo run --release --locked --` is the program as built by this test; `cargo test` is this test.)
#[test]
fn every_command_of_the_readme_runs() {
    let place = Place::new();
    std::fs::create_dir(place.path("experiments")).unwrap();
    for file in std::fs::read_dir(root().join("experiments")).unwrap() {
        let file = file.unwrap();
        if file.path().is_file() {
            std::fs::copy(file.path(), place.path("experiments").join(file.file_name())).unwrap();
        }
    }
    let mut ran = 0;
    for line in commands() {
        let line = line.replace("cargo run --release --locked --", "neuronlab");
        let (line, to) = line.split_once(" > ").map_or((line.as_str(), None), |(line, to)| (line, Some(to)));
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[0] {
            "neuronlab" => {
                // Not to overwrite what an earlier command wrote, users choose folders; this test forces.
                let fresh = words[1] == "train" && !words.contains(&"--resume");
                let arguments = [&words[1..], if fresh { &["--force"] } else { &[] }].concat();
                let printed = place.stdout(&arguments);
                if let Some(file) = to {
                    place.write(file, printed);
                }
                ran += 1;
            }
            // Lessons are run by the next test, `cargo test` is this one, `install` builds what is built here.
            "cargo" => assert!(words.contains(&"--example") || matches!(words[1], "test" | "install"), "{line}"),
            // CI installs the package and runs its tests.
            "git" | "cd" | "pip" => {}
            other => panic!("a command that no test runs: {other}"),
        }
    }
    assert!(ran >= 5, "only {ran} commands were found");
}

/// The README counts what `list` lists.
#[test]
fn the_readme_counts_the_methods() {
    let readme = pages().replace('\n', " ");
    let place = Place::new();
    for (kind, word) in [
        ("activations", "activations"),
        ("losses", "losses"),
        ("schedules", "schedules"),
        ("inits", "initialisations"),
        ("optimizers", "optimizers"),
    ] {
        let list: serde_json::Value = serde_json::from_str(&place.stdout(&["list", kind, "--json"])).unwrap();
        let counted = format!("{} {word}", list.as_array().unwrap().len());
        assert!(readme.contains(&counted), "no page says {counted}");
    }
}

/// What a lesson prints. `cargo test` has built it just now; where only this crate is tested, cargo builds it.
fn lesson(name: &str) -> String {
    let built = std::env::current_exe()
        .unwrap()
        .with_file_name("")
        .join("../examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut command = if built.exists() {
        std::process::Command::new(built)
    } else {
        let mut cargo = std::process::Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "-p", "neuronlab", "--example", name]);
        cargo
    };
    let output = command.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{name}");
    String::from_utf8(output.stdout).unwrap()
}

/// The README shows what the lessons print; of the sixth the table.
#[test]
fn lessons_are_shown() {
    let readme = pages();
    let chain = lesson("03-chain-rule");
    assert!(readme.contains(chain.trim_end()), "{chain}");
    let table = lesson("06-initialisation");
    assert!(readme.contains(table.split("\n\n").next().unwrap().trim_end()), "{table}");
}

/// The run that the README shows is the one that the program makes.
#[test]
fn the_readmes_output_is_the_programs() {
    let readme = document("README.md").replace("\r\n", "\n");
    let place = Place::new();
    let printed = place.stdout(&["train"]);
    let shown = readme.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    for line in shown.lines().filter(|line| !line.contains('…') && !line.starts_with("Finished")) {
        assert!(
            printed.lines().any(|p| p.replace('\t', "    ").trim_end() == line.replace('\t', "    ").trim_end()),
            "not printed: {line}"
        );
    }
    assert!(shown.lines().count() > 20);
}

/// What the README shows of `explain` and `check` is what they print.
#[test]
fn the_readmes_microscope_is_the_programs() {
    let readme = pages();
    let shown: Vec<&str> = readme.split("```text\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let place = Place::new();
    place.stdout(&["train", "--quiet"]);
    let weight = ["explain", "runs/xor", "--weight", "lin2.weight[1,3]", "--sample", "2", "--epoch", "100"];
    let gradient = shown.iter().find(|text| text.starts_with("Gradient: the chain rule")).unwrap();
    assert!(place.stdout(&weight).contains(gradient));

    let lr = ["optimizer.momentum=0", "optimizer.lr=0.5", "batch=full"].iter().flat_map(|set| ["--set", set]);
    let curvature: Vec<&str> = ["curvature", "xor-mse"].into_iter().chain(lr).collect();
    let printed = place.stdout(&curvature);
    assert!(shown.contains(&&printed[..]), "{printed}");

    assert!(shown.contains(&SLIP));
    place.write("mine.csv", SLIP);
    let check = place.command(&["check", "xor", "--sample", "1", "--gradients", "mine.csv"]).assert().code(1);
    let printed = String::from_utf8(check.get_output().stdout.clone()).unwrap();
    assert!(shown.contains(&&printed[..]), "{printed}");
}

/// The table of success rates in the README is the one that the program prints.
#[test]
fn the_readmes_success_rates_are_the_programs() {
    let readme = pages();
    let shown = readme.split("```text\n optimizer.lr ").nth(1).unwrap().split("```").next().unwrap();
    let printed = Place::new().stdout(&["sweep", "xor", "--runs", "2000", "--vary", "optimizer.lr=log:1e-3:0.1:9"]);
    assert!(printed.contains(&format!(" optimizer.lr {shown}")), "{printed}");
}

#[test]
fn the_experiment_reference_is_up_to_date() {
    let made = Place::new().stdout(&["experiment", "--markdown"]);
    assert!(
        made == document("docs/experiment.md"),
        "make it again: neuronlab experiment --markdown > docs/experiment.md"
    );
}

#[test]
fn the_page_and_pictures_of_methods_are_up_to_date() {
    let place = Place::new();
    place.stdout(&["methods", "--plot", "methods"]);
    for file in std::fs::read_dir(place.path("methods")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let made = String::from_utf8(place.read(&format!("methods/{name}"))).unwrap();
        assert!(made == document(&format!("docs/methods/{name}")), "{name}: neuronlab methods --plot docs/methods");
    }
}

/// The numbers that the README's answers quote are made by the commands beside them.
#[test]
fn the_numbers_in_the_answers_are_of_this_program() {
    let readme = pages();
    let quality = |settings: &[&str]| {
        let place = Place::new();
        let set: Vec<&str> = settings.iter().flat_map(|s| ["--set", s]).collect();
        let value = place.stdout(&[&["train", "--json"], &set[..]].concat());
        serde_json::from_str::<serde_json::Value>(&value).unwrap()["training"]["mean_absolute_error"].as_f64().unwrap()
    };
    for settings in [
        &["optimizer.lr=0.00001"][..],
        &["optimizer.lr=0.001"],
        &["optimizer.lr=0.02"],
        &["optimizer.lr=0.1"],
        &["init=zeros"],
        &["init=default", "seed.discard=0"],
    ] {
        let number = format!("{:.3}", quality(settings));
        let row = readme.lines().find(|line| settings.iter().all(|s| line.contains(s)) && line.contains(&number));
        assert!(row.is_some(), "no page has a line with {settings:?} and {number}");
    }
}

/// Shares and intervals that the answers quote stand on the evidence cards, which `neuronlab answer` makes.
#[test]
fn the_shares_in_the_answers_stand_on_the_cards() {
    let keys = ["neuron", "learning-rate", "initialization", "loss", "chain-rule"];
    let cards: String = keys.map(|key| document(&format!("docs/answers/{key}-evidence.md"))).concat();
    let answers = keys.map(|key| document(&format!("docs/answers/{key}.md"))).join("\n");
    let readme = document("README.md");
    let five = readme.split("# Five questions").nth(1).unwrap();
    let mut found = 0;
    for text in [answers.as_str(), five] {
        for (end, _) in text.match_indices(" %") {
            let number = text[..end].rsplit(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).next().unwrap();
            if number.contains('.') {
                assert!(cards.contains(number), "{number} % stands on no card");
                found += 1;
            }
        }
    }
    assert!(found >= 6, "only {found} shares were found");
}

/// A card is what `neuronlab answer` writes, and an edited one is not replaced unasked.
#[test]
fn cards_are_written_and_not_overwritten() {
    let place = Place::new();
    let answer = ["answer", "chain-rule", "--quick", "--out", "answers"];
    place.stdout(&answer);
    let card = String::from_utf8(place.read("answers/chain-rule-evidence.md")).unwrap();
    assert!(card.contains("| sum of all paths | 0.197337439 |") && place.path("answers/chain-rule.svg").exists());
    place.stdout(&answer);
    place.write("answers/chain-rule-evidence.md", card.replace("0.197337439", "0.2"));
    let refused = place.command(&answer).assert().code(2);
    let message = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(message.contains("was edited by hand") && message.contains("--force"), "{message}");
    place.stdout(&[&answer[..], &["--force"]].concat());
    assert_eq!(String::from_utf8(place.read("answers/chain-rule-evidence.md")).unwrap(), card);
    let unknown = place.command(&["answer", "learning-rat"]).assert().code(2);
    assert!(String::from_utf8_lossy(&unknown.get_output().stderr).contains("learning-rate"));
}

/// Rates of each quick card lie within what chance allows of those of the full one.
#[test]
fn quick_cards_agree_with_the_full_ones() {
    let place = Place::new();
    let ends = |text: &str| -> (f64, f64) {
        let (low, high) = text.split_once('-').unwrap();
        (low.parse().unwrap(), high.parse().unwrap())
    };
    let cards: Vec<serde_json::Value> =
        serde_json::from_str(&place.stdout(&["answer", "all", "--quick", "--json"])).unwrap();
    let mut compared = 0;
    for (quick, key) in cards.iter().zip(["neuron", "learning-rate", "initialization", "loss", "chain-rule"]) {
        let full = document(&format!("docs/answers/{key}-evidence.md"));
        assert!(full.starts_with(&format!("# {}\n", quick["question"].as_str().unwrap())), "{key}");
        for part in quick["parts"].as_array().unwrap() {
            let title = part["title"].as_str().unwrap();
            let head: Vec<&str> = part["head"].as_array().unwrap().iter().map(|cell| cell.as_str().unwrap()).collect();
            let of_part = full.split(&format!("\n## {title}\n")).nth(1).unwrap_or_else(|| panic!("{key}: no {title}"));
            assert!(of_part.contains(&format!("| {} |", head.join(" | "))), "{key}, {title}: {head:?}");
            let Some(column) = head.iter().position(|name| *name == "95 %") else { continue };
            for row in part["rows"].as_array().unwrap() {
                let (name, interval) = (row[0].as_str().unwrap(), row[column].as_str().unwrap());
                let line = of_part.lines().find(|line| line.starts_with(&format!("| {name} |")));
                let line = line.unwrap_or_else(|| panic!("{key}, {title}: no {name}"));
                let there = line.split('|').map(str::trim).nth(column + 1).unwrap();
                let ((low, high), (full_low, full_high)) = (ends(interval), ends(there));
                // The same seeds to begin with: intervals overlap, but for one in a million.
                assert!(low <= full_high + 5.0 && full_low <= high + 5.0, "{key}, {name}: {interval} against {there}");
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared} rates were compared");
}

/// The book has every page, once.
#[test]
fn the_book_has_every_page() {
    let summary = document("docs/SUMMARY.md");
    let mut pages = vec![];
    for folder in ["docs", "docs/answers", "docs/methods"] {
        let names = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.into_string().unwrap()).filter(|name| name.contains(".md"));
        pages.extend(names.map(|name| format!("{folder}/{name}").trim_start_matches("docs/").to_string()));
    }
    for page in pages.iter().filter(|page| *page != "SUMMARY.md") {
        assert_eq!(summary.matches(&format!("]({page})")).count(), 1, "{page}");
    }
    assert_eq!(summary.matches("](").count(), pages.len() - 1);
}

/// Links of the pages lead somewhere.
#[test]
fn links_lead_somewhere() {
    let others = [
        "docs/README.md",
        "docs/SUMMARY.md",
        "docs/python.md",
        "docs/glossary.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
    ];
    for page in PAGES.into_iter().chain(others) {
        let text = document(page);
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !link.starts_with("http") {
                let path = root().join(page).parent().unwrap().join(file);
                assert!(path.exists(), "{page} links to {link}");
            }
        }
    }
}
