use crate::place::Place;

/// Verbs that write one file.
const WRITING: [&[&str]; 4] = [
    &["explain", "xor", "--weight=lin2.weight[1,3]", "--format=svg"],
    &["init", "normal"],
    &["schedule", "xor", "--set=schedule={name='step_lr',step_size=500}"],
    &["curvature", "xor-mse", "--set=stop.epochs=3"],
];

/// A device is written to and stays what it is; where a folder is wanted it is refused.
#[cfg(target_os = "linux")]
#[test]
fn devices_are_no_files_to_replace() {
    use std::os::unix::fs::FileTypeExt;
    let device = |path: &str| std::fs::symlink_metadata(path).is_ok_and(|there| there.file_type().is_char_device());
    if !device("/dev/full") || !device("/dev/null") {
        return;
    }
    let place = Place::new();
    for verb in WRITING {
        let error = place.error(1, &[verb, &["--out", "/dev/full"]].concat());
        assert_eq!(error.trim(), "error: can't write /dev/full: No space left on device (os error 28)", "{verb:?}");
        place.stdout(&[verb, &["--out", "/dev/null"]].concat());
    }
    for verb in ["train", "sweep"] {
        let error = place.error(1, &[verb, "--out=/dev/full"]);
        assert!(error.contains("/dev/full: expected a folder, to write into, got something else"), "{error}");
    }
    assert!(place.error(1, &["methods", "--plot=/dev/full"]).contains("can't create /dev/full"));
    assert!(device("/dev/full") && device("/dev/null"));
}

/// `--out` follows a link, and a named pipe gets the text.
#[cfg(unix)]
#[test]
fn links_and_pipes_are_written_through() {
    let place = Place::new();
    std::os::unix::fs::symlink("there.svg", place.path("link.svg")).unwrap();
    place.write("there.svg", "old");
    place.stdout(&["init", "normal", "--out=plain.svg"]);
    place.stdout(&["init", "normal", "--out=link.svg", "--force"]);
    assert!(place.path("link.svg").is_symlink() && place.read("there.svg") == place.read("plain.svg"));

    let pipe = place.path("pipe");
    if std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        let from = pipe.clone();
        let reader = std::thread::spawn(move || std::fs::read(from).unwrap());
        place.stdout(&["init", "normal", "--out=pipe"]);
        assert!(reader.join().unwrap() == place.read("plain.svg"));
    }
}

/// What has no end, or is larger than memory, is not read to its end.
#[test]
fn files_that_are_too_large_are_refused() {
    let place = Place::new();
    place.stdout(&["train", "--quiet", "--set=stop.epochs=2"]);
    for huge in ["huge.csv", "huge.toml"] {
        std::fs::File::create(place.path(huge)).unwrap().set_len(3 << 40).unwrap();
    }
    let data = "--set=data={name='csv',path='huge.csv',targets=['y']}";
    for (arguments, most) in [
        (&["train", "huge.toml"][..], "64 MiB"),
        (&["train", "--force", data], "1024 MiB"),
        (&["predict", "runs/xor", "--csv=huge.csv"], "128 MiB"),
        (&["check", "xor", "--gradients=huge.csv"], "1024 MiB"),
    ] {
        let error = place.error(1, arguments);
        let expected = format!("expected a file of at most {most}, got one of 3145728 MiB");
        assert!(error.contains(&expected), "{arguments:?}: {error}");
    }
}

/// What belongs to somebody alone stays so, and a run's own files are not overwritten unasked.
#[cfg(unix)]
#[test]
fn a_private_file_stays_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    for verb in WRITING {
        place.write("a.svg", "old");
        std::fs::set_permissions(place.path("a.svg"), std::fs::Permissions::from_mode(0o600)).unwrap();
        place.stdout(&[verb, &["--out=a.svg", "--force"]].concat());
        let mode = std::fs::metadata(place.path("a.svg")).unwrap().permissions().mode();
        assert!(mode & 0o777 == 0o600 && place.read("a.svg") != b"old", "{verb:?}: {mode:o}");
    }
    place.stdout(&["train", "--quiet", "--set=stop.epochs=2"]);
    for verb in WRITING {
        let error = place.error(2, &[verb, &["--out=runs/xor/experiment.toml"]].concat());
        assert!(error.contains("runs/xor/experiment.toml exists"), "{error}");
    }
}

/// A run over another one: all files are the new one's, and what it has none of goes.
#[test]
fn a_results_folder_is_replaced_whole() {
    let place = Place::new();
    place.stdout(&["train", "--quiet", "--set=stop.epochs=3", "--out=a"]);
    let names = |folder: &str| {
        let entries = std::fs::read_dir(place.path(folder)).unwrap().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let all = ["SHA256SUMS", "checkpoint", "experiment.toml", "history.csv", "report.html", "weights.safetensors"];
    assert_eq!(names("a"), all);
    let diverges = ["train", "--quiet", "--set=optimizer.lr=3e38", "--out=a", "--force"];
    place.error(1, &diverges);
    place.error(1, &[&diverges[..3], &["--out=b"]].concat());
    assert_eq!(names("a"), names("b"));
    for file in names("b") {
        assert!(place.read(&format!("a/{file}")) == place.read(&format!("b/{file}")), "{file}");
    }
    assert!(!names("a").contains(&"checkpoint".to_string()));
}

/// A single bit of what decides an answer is named: in weights, in what is said about them, in the experiment.
#[test]
fn changed_results_are_not_believed() {
    let place = Place::new();
    place.stdout(&["train", "--quiet", "--set=stop.epochs=3"]);
    let ask = || place.command(&["predict", "runs/xor", "--input=0,1"]).output().unwrap();
    assert!(ask().stderr.is_empty());
    for (file, from, to) in [("experiment.toml", "tanh", "relu"), ("weights.safetensors", "\\\"x1\\\"", "\\\"x9\\\"")] {
        let file = format!("runs/xor/{file}");
        let good = place.read(&file);
        let at = good.windows(from.len()).position(|bytes| bytes == from.as_bytes()).unwrap();
        let mut changed = good.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        place.write(&file, changed);
        let noted = !ask().stderr.is_empty();
        place.write(&file, good);
        assert!(noted, "{file}");
    }
}

/// Names that some system can't give to a folder, or that read as options.
#[test]
fn a_name_is_that_of_a_folder_everywhere() {
    let place = Place::new();
    for name in ["CON", "nul.txt", "Com1", "--force", "x..", " ", "x ", ".x"] {
        let error = place.error(2, &["train", &format!("--set=name='{name}'")]);
        assert!(error.starts_with("error: name: expected "), "{name}: {error}");
    }
    for name in ["console", "com", "COM12", "a.b", "x-1 y"] {
        place.stdout(&["summary", "xor", &format!("--set=name='{name}'")]);
    }
}

/// Whatever instructions are used, the files are the same; what the processor lacks is refused.
#[test]
fn instructions_can_be_chosen_from_outside() {
    let place = Place::new();
    let sweep = |simd: &str, out: &str| {
        let mut command = place.command(&["sweep", "xor", "--runs=70", "--set=stop.epochs=5", "--out", out]);
        command.env("NEURONLAB_SIMD", simd).output().unwrap()
    };
    let (portable, refused) = (sweep("portable", "a"), sweep("mmx", "b"));
    assert!(String::from_utf8(portable.stdout).unwrap().contains("portable, "));
    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("NEURONLAB_SIMD: expected one of `portable`") && error.contains("got `mmx`"), "{error}");
    place.stdout(&["sweep", "xor", "--runs=70", "--set=stop.epochs=5", "--out", "c"]);
    for file in ["runs.csv", "tallies.json", "cells.csv", "SHA256SUMS"] {
        assert!(place.read(&format!("a/{file}")) == place.read(&format!("c/{file}")), "{file}");
    }
}

/// A run alone, too: wide layers go by vectors, and without instructions for fused multiply-adds by a library.
#[test]
fn a_run_has_the_same_bits_whatever_the_instructions() {
    let place = Place::new();
    let settings =
        ["train", "moons", "--quiet", "--set=stop.epochs=2", "--set=network=2-40-24-2", "--set=optimizer=adam"];
    place.stdout(&[&settings[..], &["--out=best"]].concat());
    for simd in ["portable", "avx2", "neon"] {
        let out = format!("--out={simd}");
        let mut command = place.command(&[&settings[..], &[out.as_str()]].concat());
        let done = command.env("NEURONLAB_SIMD", simd).output().unwrap();
        // What this processor lacks is refused.
        if done.status.code() == Some(2) && simd != "portable" {
            continue;
        }
        assert!(done.status.success(), "{simd}: {}", String::from_utf8_lossy(&done.stderr));
        for file in ["history.csv", "weights.safetensors", "checkpoint", "SHA256SUMS"] {
            assert!(place.read(&format!("best/{file}")) == place.read(&format!("{simd}/{file}")), "{simd}: {file}");
        }
    }
}

/// Small slips with large numbers, and cells that are longer than a screen.
#[test]
fn odd_numbers_and_long_cells_are_refused_shortly() {
    let place = Place::new();
    place.write("long.csv", format!("a,y\n{},1\n", "x".repeat(3_000_000)));
    let long = "--set=data={name='csv',path='long.csv',targets=['y']}";
    for (arguments, says) in [
        (&["train", long][..], "xxx… (3000002 bytes)"),
        (&["init", "normal", "--set=std=3e38"], "init: expected numbers that float32 holds"),
        (&["train", "--set=optimizer.lr=1e-60"], "got 1e-60, which rounds to 0"),
        (&["train", "--set=optimizer={name='adam',betas=[0.9]}"], "optimizer.betas: expected a list of 2 numbers"),
        (&["sweep", "--runs=1000000000", "--vary=optimizer.lr=lin:0.01:0.1:1000000"], "--runs: expected at most"),
    ] {
        let output = place.command(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(says) && error.len() < 4000, "{arguments:?}: {}", &error[..error.len().min(500)]);
        assert!(matches!(output.status.code(), Some(1 | 2)));
    }
}
