use crate::place::Place;
use std::process::Stdio;
use std::time::Duration;

fn csv(place: &Place, file: &str) -> Vec<Vec<String>> {
    let text = String::from_utf8(place.read(file)).unwrap();
    text.lines().map(|line| line.split(',').map(String::from).collect()).collect()
}

#[track_caller]
fn same_files(place: &Place, a: &str, b: &str) {
    for file in ["sweep.toml", "cells.csv", "runs.csv", "tallies.json", "report.html", "plot.svg"] {
        assert!(place.read(&format!("{a}/{file}")) == place.read(&format!("{b}/{file}")), "{file} of {a} and {b}");
    }
    assert!(!place.path(a).join("parts").exists() && !place.path(b).join("parts").exists());
}

const GRID: [&str; 7] =
    ["sweep", "xor", "--runs", "40", "--set", "stop.epochs=100", "--vary=optimizer.lr=0.001,0.02,1"];

/// Everything that a sweep prints; only the time and the machine are left out.
#[test]
fn a_sweep_prints_a_row_a_cell() {
    let place = Place::new();
    let printed = place.stdout(&GRID);
    let lines: Vec<&str> = printed.lines().collect();
    assert!(lines[0].starts_with("xor: 3 cells of 40 runs = 120 runs, "), "{printed}");
    assert!(lines[1].starts_with("120 runs in "), "{printed}");
    insta::assert_snapshot!("sweep", lines[2..].join("\n"));
    assert!(place.stdout(&GRID).starts_with("Done before; nothing was trained."));
}

/// Arguments, and of each cell both shares in percent.
type Case<'a> = (&'a [&'a str], &'a [(f64, f64)]);

/// Success rates measured independently (JAX 0.10, 4096 seeds each): right and close, in percent. Theirs have a standard error of up
/// to 0.75, ours of as much; allowed are three of the difference, and 0.2 for what was rounded.
#[test]
fn success_rates_are_those_measured_with_jax() {
    let place = Place::new();
    let runs = ["--runs", "4096", "--json", "--no-runs"];
    let cases: [Case<'_>; 4] = [
        (&["xor", "--vary=optimizer.lr=0.001,0.02,0.05"], &[(97.8, 97.7), (97.5, 65.0), (13.0, 1.3)]),
        (&["xor", "--set=init=default", "--out=default"], &[(99.1, 77.0)]),
        (&["xor", "--set=init=zeros", "--out=zeros"], &[(0.0, 0.0)]),
        (&["xor-mse"], &[(98.0, 98.0)]),
    ];
    for (arguments, expected) in cases {
        let printed = place.stdout(&[&["sweep"], arguments, &runs].concat());
        let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
        for (cell, &(right, close)) in value["cells"].as_array().unwrap().iter().zip(expected) {
            for (name, share) in [("right", right), ("close", close)] {
                let ours = cell[name]["share"].as_f64().unwrap() * 100.0;
                let allowed = 3.0 * (2.0 * share * (100.0 - share) / 4096.0).sqrt() + 0.2;
                assert!((ours - share).abs() < allowed, "{arguments:?}: {name} {ours} %, by JAX {share} %");
            }
        }
    }
}

#[test]
fn the_cells_file_has_a_row_a_cell_named_by_the_axes() {
    let place = Place::new();
    let axes = ["--vary=init=zeros,normal", "--vary=network.layers.0.out_features=lin:2:4:2"];
    place.stdout(&[&["sweep", "xor", "--runs=16", "--set=stop.epochs=30", "--out=s"][..], &axes].concat());
    let cells = csv(&place, "s/cells.csv");
    let head = "init,network.layers.0.out_features,runs,right,right_low,right_high,close,close_low,close_high,diverged,\
                error_05,error_25,error_50,error_75,error_95,epochs_25,epochs_50,epochs_75";
    assert_eq!(cells[0].join(","), head);
    let values: Vec<String> = cells[1..].iter().map(|row| row[..3].join(" ")).collect();
    assert_eq!(values, ["zeros 2 16", "zeros 4 16", "normal 2 16", "normal 4 16"]);
    // With all weights zero every gradient is zero: f = 0 everywhere, half of the samples are right.
    assert_eq!(&cells[1][3], "0");
    assert_eq!(&cells[1][12], "0.5");
    assert_eq!(csv(&place, "s/runs.csv").len(), 1 + 4 * 16);
}

/// Run r of a sweep is the run that `train` makes with the seeds base + r, and replay finds it to be so.
#[test]
fn a_run_of_the_sweep_is_replayed_to_the_bit() {
    let place = Place::new();
    place.stdout(&GRID);
    let printed = place.stdout(&["replay", "runs/xor-sweep", "--run", "57"]);
    assert!(printed.contains("Same bits as in the sweep"), "{printed}");
    let set = ["--set=optimizer.lr=0.02", "--set=seed.torch=19", "--set=seed.numpy=17", "--set=stop.epochs=100"];
    place.stdout(&[&["train", "xor", "--out", "alone"][..], &set].concat());
    for file in ["history.csv", "weights.safetensors"] {
        assert!(place.read(&format!("runs/xor-sweep-57/{file}")) == place.read(&format!("alone/{file}")), "{file}");
    }
    place.stdout(&["predict", "runs/xor-sweep-57", "--input", "0,1"]);

    // Where runs were not kept, and where one diverged.
    let diverging = ["sweep", "xor-mse", "--runs=70", "--set=stop.epochs=50", "--set=optimizer.lr=3", "--out=d"];
    place.stdout(&[&diverging[..], &["--no-runs"]].concat());
    assert!(!place.path("d/runs.csv").exists());
    let printed = place.stdout(&["replay", "d", "--run", "3"]);
    assert!(printed.contains("Same bits as in the sweep"), "{printed}");
    place.stdout(&[&diverging[..], &["--force"]].concat());
    let listed = place.stdout(&[&diverging[..], &["--list", "diverged"]].concat());
    assert_eq!(listed.lines().filter(|line| line.contains("  no  ")).count(), 10, "{listed}");
    let listed = place.stdout(&["sweep", "runs/xor-sweep", "--list", "best", "--json"]);
    let best: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let (run, lr) = (best[0]["run"].as_u64().unwrap(), best[0]["values"]["optimizer.lr"].as_str().unwrap());
    let row = &csv(&place, "runs/xor-sweep/runs.csv")[run as usize + 1];
    assert_eq!((row[0].parse(), row[3].as_str()), (Ok(run), lr), "{row:?}");
}

#[test]
fn shards_merged_are_the_same_files() {
    let place = Place::new();
    let sweep = ["sweep", "xor", "--runs=300", "--set=stop.epochs=20", "--vary=optimizer.lr=log:1e-3:1:4"];
    place.stdout(&[&sweep[..], &["--out=whole", "--threads=1"]].concat());
    for shard in ["1/3", "2/3", "3/3"] {
        let out = format!("--out=part-{}", &shard[..1]);
        let printed = place.stdout(&[&sweep[..], &["--shard", shard, &out]].concat());
        assert!(printed.contains("is done"), "{printed}");
    }
    let missing = place.error(1, &["merge", "part-1", "part-3", "--out", "merged"]);
    assert!(missing.contains("expected shards that hold all parts of the sweep together"), "{missing}");
    assert!(!place.path("merged").exists());
    // A shard is not emptied by being where the whole is to go.
    let error = place.error(2, &["merge", "part-1", "part-2", "part-3", "--out", "part-1", "--force"]);
    assert!(error.contains("--out: expected another folder than those of the shards"), "{error}");
    place.stdout(&["merge", "part-1", "part-2", "part-3", "--out", "merged"]);
    same_files(&place, "whole", "merged");

    let other = ["sweep", "xor", "--runs=300", "--set=stop.epochs=21", "--shard=1/2", "--out=other"];
    place.stdout(&other);
    let error = place.error(1, &["merge", "part-1", "other", "--out", "mixed"]);
    assert!(error.contains("expected the same sweep, with `"), "{error}");
    let error = place.error(1, &["merge", "part-1", "other", "--out", "merged"]);
    assert!(error.contains("expected the same sweep, with `"), "{error}");
    place.stdout(&["merge", "part-2", "part-3", "--out", "part-1"]);
    same_files(&place, "whole", "part-1");
}

/// What a shard says to a program; and a part made by hand, with the right checksum, is not merged.
#[test]
fn a_shard_speaks_json_and_a_forged_part_is_refused() {
    let place = Place::new();
    let sweep = ["sweep", "xor", "--runs=100", "--set=stop.epochs=5", "--json"];
    let said = |shard: &str, out: &str| -> serde_json::Value {
        serde_json::from_str(&place.stdout(&[&sweep[..], &["--shard", shard, "--out", out]].concat())).unwrap()
    };
    let first = said("1/2", "one");
    assert_eq!((&first["shard"], &first["of"], &first["done"]), (&1.into(), &2.into(), &64.into()));
    // What killed programs left goes when the next one begins.
    for left in ["two/.lock", "two/parts/000001.partXk3a9Q.part", "two/sweep.tomlXk3a9Q.part"] {
        if left.ends_with("lock") {
            said("2/2", "two");
        }
        place.write(left, "half");
    }
    assert_eq!(said("2/2", "two")["done"], 36);
    assert!(!place.path("two/.lock").exists());
    assert_eq!(std::fs::read_dir(place.path("two")).unwrap().count(), 2, "sweep.toml and parts");
    assert_eq!(std::fs::read_dir(place.path("two/parts")).unwrap().count(), 1);

    let text = String::from_utf8(place.read("two/parts/000001.part")).unwrap();
    let (head, rows) = text.split_once('\n').unwrap();
    let (before, rest) = head.split_once("\"tallies\":").unwrap();
    let (tallies, _) = rest.split_once(",\"checksum\":").unwrap();
    let error = rows.split(',').nth(5).unwrap();
    let rows = rows.replacen(error, "NaN", 1);
    let hash = tallies
        .bytes()
        .chain(rows.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    place.write("two/parts/000001.part", format!("{before}\"tallies\":{tallies},\"checksum\":{hash}}}\n{rows}"));
    let error = place.error(1, &["merge", "one", "two", "--out", "whole"]);
    assert!(error.contains("000001.part: expected what runs of this sweep can leave, got `64,0,64,"), "{error}");
    assert!(!place.path("whole").exists());
}

/// What lies in the folder that is to be filled is looked at like the rest, before anything is changed.
#[test]
fn a_damaged_part_in_the_folder_to_fill_is_refused() {
    let place = Place::new();
    let sweep = ["sweep", "xor", "--runs=100", "--set=stop.epochs=2", "--quiet"];
    place.stdout(&[&sweep[..], &["--shard=1/2", "--out=one"]].concat());
    place.stdout(&[&sweep[..], &["--shard=2/2", "--out=whole"]].concat());
    let part = place.read("whole/parts/000001.part");
    place.write("whole/parts/000001.part", &part[..part.len() / 2]);
    let error = place.error(1, &["merge", "one", "--out=whole"]);
    assert!(error.contains("whole/parts/000001.part: expected a part of a sweep, whole"), "{error}");
    assert!(!place.path("whole/parts/000000.part").exists());
    place.write("whole/parts/000001.part", part);
    place.stdout(&["merge", "one", "--out=whole"]);
    place.stdout(&[&sweep[..], &["--out=plain"]].concat());
    assert!(place.read("whole/SHA256SUMS") == place.read("plain/SHA256SUMS"));
}

/// Killed at any moment, the same command goes on; the files are those of a sweep that was not.
#[test]
fn a_killed_sweep_goes_on() {
    let place = Place::new();
    let sweep = ["sweep", "xor", "--runs=3000", "--vary=optimizer.lr=0.01,0.02"];
    place.stdout(&[&sweep[..], &["--out=whole"]].concat());
    for wait in [50, 150, 250] {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("neuronlab"))
            .args(sweep)
            .arg("--out=killed")
            .current_dir(place.path(""))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    place.stdout(&[&sweep[..], &["--out=killed"]].concat());
    same_files(&place, "whole", "killed");
}

#[test]
fn a_damaged_part_is_named_and_made_again_on_request() {
    let place = Place::new();
    let sweep = ["sweep", "xor", "--runs=200", "--set=stop.epochs=20", "--shard=1/2", "--out=s"];
    place.stdout(&sweep);
    let mut bytes = place.read("s/parts/000000.part");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    place.write("s/parts/000000.part", &bytes);
    let error = place.error(1, &sweep);
    assert!(
        error.contains("000000.part: expected a part of a sweep, whole (`neuronlab sweep … --recompute`"),
        "{error}"
    );
    place.stdout(&[&sweep[..], &["--recompute"]].concat());
    bytes[middle] ^= 1;
    assert!(place.read("s/parts/000000.part") == bytes);
}

#[test]
fn bad_sweeps_are_refused_before_they_begin() {
    let place = Place::new();
    place.stdout(&["sweep", "xor", "--runs=64", "--set=stop.epochs=5"]);
    let cases: [(&[&str], &str); 22] = [
        (&["--runs=0"], "--runs: expected at least 1, got 0"),
        (&["--vary=optimizer.lrr=1,2"], "did you mean `lr`?"),
        (&["--vary=optimizer.lr=1,fast"], "optimizer.lr: expected a finite number, got the word `fast`"),
        (&["--vary=init=zeros,nromal"], "did you mean `normal`?"),
        (&["--vary=optimizer.lr=log:0:1:5"], "--vary: expected a logarithmic range between numbers above 0"),
        (&["--vary=optimizer.lr"], "--vary: expected field=values"),
        (&["--vary=optimizer.lr=1,2", "--vary=optimizer.lr=3"], "each field once, got `optimizer.lr` twice"),
        (
            &["--vary=optimizer.lr=log:1e-3:1:2000", "--vary=optimizer.momentum=lin:0:0.9:2000"],
            "a grid of at most 1000000 cells, got 4000000",
        ),
        (&["--random=5"], "--random: expected ranges to draw from"),
        (&["--vary=optimizer.lr=log:1e-3:1:5", "--random=5"], "--vary: expected log:FROM:TO or lin"),
        (&["--shard=4/3"], "expected I/N with I from 1 to N"),
        (&["--runs=5000000000"], "--runs: expected at most"),
        (&["--runs=65", "--set=stop.epochs=5"], "holds another sweep, with `runs = 64` instead of `runs = 65`"),
        (&["--runs", "-1"], "invalid value '-1' for '--runs <N>'"),
        (&["--vary=optimizer.lr=0.1,1e-1"], "each value of `optimizer.lr` once, got `1e-1` twice"),
        (&["--vary=optimizer.lr=lin:0:1:2000000000"], "a range of 2 to 1000000 values"),
        (&["--vary=stop.epochs=lin:1:3:9"], "each value of `stop.epochs` once"),
        (
            &["--vary=optimizer.lr=1,2", "--vary=optimizer=sgd,adam"],
            "`optimizer.lr` before `optimizer`, which replaces it",
        ),
        (&["--set=optimizer.lr=1", "--vary=optimizer=sgd,adam"], "--set: expected no field that --vary replaces"),
        (&["--list=best", "--shard=1/2"], "cannot be used with"),
        (&["--runs=30", "--vary=seed.numpy=0,4294967290", "--out=seeds"], "seed.numpy: expected at most 4294967266"),
        (&["--set=success.within=0"], "success.within: expected more than 0, got 0"),
    ];
    for (arguments, message) in cases {
        let error = place.error(2, &[&["sweep", "xor"], arguments].concat());
        assert!(error.contains(message), "{arguments:?} gave\n{error}");
    }
    let error = place.error(2, &["replay", "runs/xor-sweep", "--run", "64"]);
    assert!(error.contains("--run: expected a run from 0 to 63, got 64"), "{error}");
    let error = place.error(1, &["replay", "nowhere", "--run", "0"]);
    assert!(error.contains("nowhere: expected the folder of a sweep, got no such folder"), "{error}");
}

/// What does not go together shows when its cell's turn comes, and the cell is named, whichever shares its block.
#[test]
fn a_cell_that_can_not_be_trained_is_named() {
    let place = Place::new();
    let schedule = "--set=schedule={name=\"one_cycle_lr\",max_lr=0.1,total_steps=80}";
    let epochs = "--vary=stop.epochs=20,21";
    let error = place.error(2, &["sweep", "xor", "--runs=4", schedule, epochs, "--out=s"]);
    assert!(
        error.contains("schedule.total_steps: expected at least 84") && error.contains("in cell 1: stop.epochs=21"),
        "{error}"
    );
}

/// A sweep's folder is that sweep, and nothing else; a results folder is not overwritten by one, nor the other way round.
#[test]
fn folders_are_what_they_are() {
    let place = Place::new();
    let first =
        place.stdout(&["sweep", "xor", "--runs=64", "--set=stop.epochs=5", "--vary=optimizer.lr=0.1,0.2", "--out=s"]);
    let again = place.stdout(&["sweep", "s"]);
    assert!(again.contains("Done before") && again.lines().last() == first.lines().last(), "{again}");
    let error = place.error(2, &["sweep", "s", "--runs=5"]);
    assert!(error.contains("--runs: expected an experiment as SOURCE, not an earlier sweep"), "{error}");
    let error = place.error(1, &["train", "xor", "--out=s", "--force"]);
    assert!(error.contains("got the folder of a sweep"), "{error}");
    place.stdout(&["train", "xor", "--set=stop.epochs=5", "--out=r"]);
    let error = place.error(1, &["sweep", "xor", "--out=r", "--force"]);
    assert!(error.contains("got a results folder"), "{error}");

    // More words than a picture holds: there is none, and an earlier one does not stay; nor does what a killed program was writing.
    place.write("s/runs.csvXk3a9Q.part", b"half");
    place.write("s/film.mp4.part", b"somebody else's");
    let names: Vec<String> = (0..61).map(|i| format!("n{i}")).collect();
    let axis = format!("--vary=name={}", names.join(","));
    place.stdout(&["sweep", "xor", "--runs=1", "--set=stop.epochs=5", "--out=s", "--force", &axis]);
    assert!(!place.path("s/plot.svg").exists() && !place.path("s/runs.csvXk3a9Q.part").exists());
    assert!(place.path("s/film.mp4.part").exists());
}

/// For each number and kind of axes the picture shows every cell; removed, it is made again.
#[test]
fn every_sweep_has_its_picture() {
    let place = Place::new();
    let three = ["--vary=init=zeros,normal", "--vary=optimizer.momentum=0,0.9", "--vary=optimizer.lr=0.001,0.02,1"];
    let sweep = |out: &str, more: &[&str]| {
        let base = ["sweep", "xor", "--runs=2", "--set=stop.epochs=10", "--out", out];
        place.stdout(&[&base[..], more].concat());
        String::from_utf8(place.read(&format!("{out}/plot.svg"))).unwrap()
    };
    let grid = sweep("grid", &three);
    // Two measures of 2·2·3 cells, each with its number.
    assert_eq!(grid.matches("font-size=\"11.5\"").count(), 24, "{grid}");
    assert!(
        grid.contains("init = normal") && grid.contains("in each map optimizer.lr across, optimizer.momentum down")
    );
    assert!(String::from_utf8(place.read("grid/report.html")).unwrap().contains(&grid));

    let random =
        ["--random=9", "--vary=optimizer.lr=log:0.001:1", "--vary=init=zeros,normal", "--vary=seed.torch=1,2,3"];
    let random = sweep("random", &random);
    assert_eq!(random.matches("<circle").count(), 27, "{random}");

    std::fs::remove_file(place.path("grid/plot.svg")).unwrap();
    assert!(place.stdout(&["sweep", "grid"]).starts_with("Done before; nothing was trained."));
    assert!(place.read("grid/plot.svg") == grid.as_bytes());

    // Of seeds that were varied, those of the run are listed.
    let listed = place.stdout(&["sweep", "random", "--list", "best"]);
    let head = listed.lines().find(|line| line.contains("error")).unwrap();
    assert_eq!(head.matches("seed.torch").count(), 1, "{head}");
}

/// Ranges of whole numbers, in a grid and drawn.
#[test]
fn whole_numbers_are_swept_as_whole_numbers() {
    let place = Place::new();
    let printed = place.stdout(&["sweep", "xor", "--runs=2", "--vary=stop.epochs=log:1:100:3", "--out=grid"]);
    assert_eq!(
        csv(&place, "grid/cells.csv").iter().skip(1).map(|row| row[0].clone()).collect::<Vec<_>>(),
        ["1", "10", "100"],
        "{printed}"
    );
    place.stdout(&["sweep", "xor", "--runs=2", "--vary=stop.epochs=lin:1:100", "--random=4", "--out=drawn"]);
    assert!(csv(&place, "drawn/cells.csv").iter().skip(1).all(|row| row[0].parse::<u64>().is_ok()));
}

/// The flag is understood, and says what is missing.
#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_needs_its_feature() {
    let error = Place::new().error(2, &["sweep", "xor", "--runs", "1", "--parquet"]);
    assert!(error.contains("--features parquet"), "{error}");
}
