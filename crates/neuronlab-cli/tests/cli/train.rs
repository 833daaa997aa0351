use crate::place::Place;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

/// Everything that the main job prints; only the time is left out.
#[test]
fn the_main_job_prints_summary_losses_truth_table_and_place() {
    let place = Place::new();
    let printed = place.stdout(&["train"]);
    let time =
        printed.lines().find(|line| line.starts_with("Finished")).unwrap().split(", in ").last().unwrap().to_string();
    insta::assert_snapshot!("train", printed.replace(&time, "[time]"));
    for file in ["experiment.toml", "history.csv", "weights.safetensors", "checkpoint", "report.html"] {
        assert!(place.path("runs/xor").join(file).is_file(), "{file}");
    }
    let history = String::from_utf8(place.read("runs/xor/history.csv")).unwrap();
    assert_eq!(history.lines().count(), 8005);
    assert!(
        history.starts_with("epoch,step,sample,loss,lr\n0,0,0,0,0.02\n0,1,3,0.21774332,0.02\n"),
        "{}",
        &history[..80]
    );
}

#[test]
fn the_complete_experiment_gives_the_same_run_again() {
    let place = Place::new();
    place.stdout(&["train", "--set", "seed.torch=5", "--set", "init=default"]);
    place.stdout(&["train", "runs/xor/experiment.toml", "--out", "again"]);
    place.stdout(&["train", "runs/xor", "--out", "once-more"]);
    for file in ["experiment.toml", "history.csv", "weights.safetensors", "checkpoint", "report.html"] {
        let first = place.read(&format!("runs/xor/{file}"));
        assert!(first == place.read(&format!("again/{file}")), "{file}");
        assert!(first == place.read(&format!("once-more/{file}")), "{file}");
    }
}

#[test]
fn json_is_for_machines() {
    let place = Place::new();
    let value: serde_json::Value = serde_json::from_str(&place.stdout(&["train", "--json"])).unwrap();
    assert_eq!(value["steps"], 8004);
    assert_eq!(value["samples"].as_array().unwrap().len(), 4);
    assert_eq!(place.stdout(&["train", "--quiet", "--force"]), "");
}

#[test]
fn output_to_a_pipe_is_plain() {
    let place = Place::new();
    assert!(!place.stdout(&["train"]).contains('\u{1b}'));
    let error = place.error(2, &["train", "xro"]);
    assert!(!error.contains('\u{1b}'), "{error}");
}

/// `neuronlab train | head -1`: the reader goes, the results are written all the same.
#[test]
fn a_closed_pipe_loses_nothing() {
    let place = Place::new();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("neuronlab"))
        .args(["train", "--every", "1"])
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(place.path("runs/xor/report.html").is_file());
}

#[test]
fn stop_rules_stop() {
    let place = Place::new();
    let printed = place.stdout(&["train", "xor-mse", "--set", "stop.loss_below=1e-6"]);
    assert!(printed.contains("the mean loss is below the bound"), "{printed}");
    let epochs: u64 = printed.split("Stopped after ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(printed.contains(&format!("Epoch: {}\t", epochs - 1)), "the last epoch is printed: {printed}");
    let printed =
        place.stdout(&["train", "--set", "init=zeros", "--set", "stop.patience=500", "--set", "batch=in_order"]);
    assert!(printed.contains("Stopped after 501 epochs"), "{printed}");
}

#[test]
fn a_finished_run_goes_on_when_it_may() {
    let place = Place::new();
    place.stdout(&["train", "--set", "stop.epochs=100"]);
    place.stdout(&["train", "--resume", "runs/xor", "--set", "stop.epochs=300"]);
    place.stdout(&["train", "--set", "stop.epochs=300", "--out", "whole"]);
    assert!(
        place
            .error(2, &["train", "--resume", "whole", "--set", "stop.epochs=10"])
            .contains("stop.epochs: expected at least 300")
    );
    for file in ["experiment.toml", "history.csv", "weights.safetensors", "checkpoint", "report.html"] {
        assert!(place.read(&format!("runs/xor/{file}")) == place.read(&format!("whole/{file}")), "{file}");
    }
}

/// Ctrl-C writes a checkpoint and says how to go on; gone on with, the run ends with the same bytes.
#[cfg(unix)]
#[test]
fn interrupted_and_resumed_is_the_same_run() {
    let place = Place::new();
    let long = ["train", "--set", "stop.epochs=400000", "--quiet", "--out"];
    let child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("neuronlab"))
        .args(long)
        .arg("run")
        .current_dir(place.path(""))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(150));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{message}");
    // Where the report takes longer than anybody waits, "Go on from what was saved with".
    assert!(message.contains("with: neuronlab train --resume run"), "{message}");

    place.stdout(&["train", "--resume", "run"]);
    place.stdout(&[&long[..], &["whole"]].concat());
    for file in ["experiment.toml", "history.csv", "weights.safetensors", "checkpoint", "report.html"] {
        assert!(place.read(&format!("run/{file}")) == place.read(&format!("whole/{file}")), "{file}");
    }
}

#[test]
fn the_report_is_one_page_without_references() {
    let place = Place::new();
    place.stdout(&["train"]);
    let page = String::from_utf8(place.read("runs/xor/report.html")).unwrap();
    for needed in
        ["<svg", "Decision surface", "lin4.weight", "prefers-color-scheme: dark", "width=device-width", "</html>"]
    {
        assert!(page.contains(needed), "{needed}");
    }
    let outside = page.replace("http://www.w3.org/2000/svg", "");
    for forbidden in ["fetch(", "import(", "http:", "https:", "src=", "@import", "url("] {
        assert!(!outside.contains(forbidden), "{forbidden}");
    }
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}

/// Every moment of the slider and every weight of the list is there; what a script shows is hidden without it.
#[test]
fn the_report_has_moments_and_weights_to_choose() {
    let place = Place::new();
    place.stdout(&["train"]);
    let page = String::from_utf8(place.read("runs/xor/report.html")).unwrap();
    let slider = page.split("<input type=\"range\" min=\"0\" max=\"").nth(1).unwrap();
    let last: usize = slider.split('"').next().unwrap().parse().unwrap();
    for moment in 0..=last {
        let hidden = if moment < last { " visibility=\"hidden\"" } else { "" };
        let group = format!("<g data-moment=\"{moment}\"{hidden}>");
        assert_eq!(page.matches(&group).count(), 3, "{group}");
    }
    assert!(page.contains(">step 0: loss ") && page.contains(">step 8004: loss "));
    assert_eq!((page.matches("<option ").count(), page.matches("<template data-place=").count()), (44, 43));
    for value in 0..44 {
        let chosen = page.contains(&format!("<option value=\"{value}\" selected>"));
        assert!(chosen != page.contains(&format!("<template data-place=\"{value}\">")), "{value}");
    }
    assert_eq!(page.matches("class=\"control\" hidden").count(), 2);
    // What is frozen does not move, and can't be chosen.
    place.stdout(&[
        "train",
        "--set",
        "network.layers.1.frozen=['weight']",
        "--set",
        "stop.epochs=3",
        "--out",
        "frozen",
    ]);
    let frozen = String::from_utf8(place.read("frozen/report.html")).unwrap();
    assert!(frozen.contains(">lin1.weight[0,0]: gradient ") && !frozen.contains(">lin2.weight[0,0]: gradient "));
    // Three inputs have no plane, and a run that diverged no weights to explain.
    place.stdout(&["train", "--set", "data={name='parity',bits=3}", "--set", "stop.epochs=3", "--out", "three"]);
    let page = String::from_utf8(place.read("three/report.html")).unwrap();
    assert!(!page.contains("data-moment=\"0\"") && page.contains("<select>"));
}

/// A schedule that goes by the loss can't be known beforehand: the history and the report say what it did, whole or resumed.
#[test]
fn the_learning_rate_of_every_step_is_kept() {
    let place = Place::new();
    let plateau = "schedule={ name = 'reduce_lr_on_plateau', patience = 20, factor = 0.5 }";
    place.stdout(&["train", "--quiet", "--set", plateau, "--set", "stop.epochs=100", "--out", "part"]);
    place.stdout(&["train", "--quiet", "--resume", "part", "--set", "stop.epochs=200"]);
    place.stdout(&["train", "--quiet", "--set", plateau, "--set", "stop.epochs=200", "--out", "whole"]);
    let history = String::from_utf8(place.read("whole/history.csv")).unwrap();
    assert!(
        history.starts_with("epoch,step,sample,loss,lr\n") && history.lines().last().unwrap().ends_with(",0.00015625")
    );
    let page = String::from_utf8(place.read("whole/report.html")).unwrap();
    assert!(page.contains("learning rate of every step") && !page.contains("momentum of every step"));
    for file in ["history.csv", "report.html", "checkpoint"] {
        assert!(place.read(&format!("part/{file}")) == place.read(&format!("whole/{file}")), "{file}");
    }

    // A folder of an older version goes on, too; without a schedule all is known.
    place.stdout(&["train", "--quiet", "--set", "stop.epochs=100", "--out", "old"]);
    let history = String::from_utf8(place.read("old/history.csv")).unwrap();
    std::fs::remove_file(place.path("old/SHA256SUMS")).unwrap();
    place.write("old/history.csv", history.replace(",0.02\n", "\n").replace(",lr\n", "\n"));
    place.stdout(&["explain", "old", "--weight", "lin1.weight[0,0]"]);
    place.stdout(&["train", "--quiet", "--resume", "old", "--set", "stop.epochs=200"]);
    place.stdout(&["train", "--quiet", "--set", "stop.epochs=200", "--out", "new"]);
    assert!(place.read("old/history.csv") == place.read("new/history.csv"));
}

/// What can't be trained is not drawn, for the same reason.
#[test]
fn schedule_refuses_what_train_refuses() {
    let place = Place::new();
    let short = ["--set", "schedule={ name = 'one_cycle_lr', max_lr = 0.1, total_steps = 80 }", "--set"];
    let with = |verb: &'static str, last: &'static str| [&[verb, "xor"], &short[..], &[last]].concat();
    for refused in ["stop.epochs=21", "network.layers.3.out_features=2"] {
        let error = place.error(2, &with("train", refused));
        assert!(error.contains(": expected ") && error == place.error(2, &with("schedule", refused)), "{error}");
    }
    assert!(place.stdout(&with("schedule", "stop.epochs=20")).contains("OneCycleLR over 80 steps"));
    // Of a sample that is held back no step is made.
    let split =
        [&with("schedule", "stop.epochs=20")[..], &["--set", "split={ test = 0.25 }", "--set", "batch.steps=0"]];
    assert!(place.stdout(&split.concat()).contains("OneCycleLR over 60 steps"));
}

/// What is unusual is said once, below the summary, and in the report and the JSON; nothing is said of the usual.
#[test]
fn what_is_unusual_is_said() {
    let place = Place::new();
    let unusual = ["train", "--set", "loss=bce_with_logits", "--set", "network.layers.3.activation=sigmoid", "--force"];
    let printed = place.stdout(&unusual);
    let (summary, rest) =
        printed.split_once("Unusual: network.layers.3.activation: `sigmoid` before the loss").unwrap();
    assert!(summary.contains("Total") && rest.contains("Epoch: 0") && !rest.contains("Unusual"), "{printed}");
    let page = String::from_utf8(place.read("runs/xor/report.html")).unwrap();
    assert_eq!(page.matches("class=\"note\"").count(), 1);
    let value = place.stdout(&[&unusual[..], &["--json"]].concat());
    let value: serde_json::Value = serde_json::from_str(&value).unwrap();
    assert_eq!(value["notes"][0]["field"], "network.layers.3.activation");
    assert!(place.command(&[&unusual[..], &["--quiet"]].concat()).output().unwrap().stdout.is_empty());
    let value: serde_json::Value =
        serde_json::from_str(&place.stdout(&["train", "--json", "--force", "--set", "stop.epochs=5"])).unwrap();
    assert_eq!(value["notes"], serde_json::json!([]));
}

/// House sizes as they are: the hint is the field that helps.
#[test]
fn divergence_on_unscaled_columns_names_standardize() {
    let place = Place::new();
    let row = |i: u32| format!("{},{},{}\n", 800 + 67 * i, 1 + i % 5, 100 + 9 * i);
    place.write("houses.csv", format!("size,rooms,price\n{}", (0..40).map(row).collect::<String>()));
    let data = |more: &str| format!("data={{ name = 'csv', path = 'houses.csv', targets = ['price']{more} }}");
    let train = |data: &str| {
        let set = ["network.layers=[{ out_features = 1 }]", "loss=mse", "stop.epochs=200", data];
        let set: Vec<&str> = set.iter().flat_map(|set| ["--set", set]).collect();
        [&["train", "--out", "run", "--force"], &set[..]].concat().into_iter().map(String::from).collect::<Vec<_>>()
    };
    let words = train(&data(""));
    let error = place.error(1, &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(error.contains("hint: data.standardize=true, since columns are large"), "{error}");
    let words = train(&data(", standardize = true"));
    let printed = place.stdout(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(printed.contains("Finished") && printed.contains("Unusual: data.targets"), "{printed}");
}
