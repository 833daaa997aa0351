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
    std::fs::File::create(place.path("huge.csv")).unwrap().set_len(3 << 40).unwrap();
    let data = "--set=data={name='csv',path='huge.csv',targets=['y']}";
    for (arguments, most) in [
        (&["train", "huge.csv"][..], "64 MiB"),
        (&["train", "--force", data], "1024 MiB"),
        (&["predict", "runs/xor", "--csv=huge.csv"], "128 MiB"),
        (&["check", "xor", "--gradients=huge.csv"], "1024 MiB"),
    ] {
        let error = place.error(1, arguments);
        let expected = format!("huge.csv: expected a file of at most {most}, got one of 3145728 MiB");
        assert!(error.contains(&expected), "{arguments:?}: {error}");
    }
}
