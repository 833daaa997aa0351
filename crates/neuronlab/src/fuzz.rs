//! What the fuzzer tries (`fuzz/README.md`): each function reads bytes as a user's file or argument of one kind would be read,
//! and goes on with what was accepted. None of them may panic, whatever the bytes. They say whether the bytes were accepted.
//!
//! Checksums are corrected: they are against accidents, and somebody who damages a file by hand corrects them, too.

use crate::data::{CsvFile, Data, Decimal, Missing};
use crate::draw;
use crate::experiment::Experiment;
use crate::explain::Given;
use crate::sweep::{self, Sweep, SweepFolder};
use crate::train::{self, Results, Task, Trainer};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// What reads the bytes of one kind of input.
pub type Target = fn(&[u8]) -> bool;

/// Every target with its name, which is that of its folder in `fuzz/corpus`.
pub const TARGETS: [(&str, Target); 9] = [
    ("experiment", experiment),
    ("set", set),
    ("csv", csv),
    ("gradients", gradients),
    ("checkpoint", checkpoint),
    ("weights", weights),
    ("part", part),
    ("tallies", tallies),
    ("history", history),
];

static XOR: LazyLock<Experiment> = LazyLock::new(|| Experiment::built_in("xor").expect("built in"));

/// Calls `read` with a file of these bytes.
fn with_file(name: &str, bytes: &[u8], read: impl FnOnce(&Path) -> bool) -> bool {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file in it");
    read(&path)
}

/// An experiment file. Written out and read again, it is the same experiment.
pub fn experiment(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(experiment) = Experiment::from_toml(text, "fuzz.toml") else { return false };
    let again = Experiment::from_toml(&experiment.to_toml(), "again.toml");
    assert!(again.is_ok_and(|again| again == experiment), "written out and read again it is another: {experiment:?}");
    let _ = experiment.network(2).map(|network| network.summary(1));
    true
}

/// Values of `--set`, one a line.
pub fn set(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let settings: Vec<String> = text.lines().map(String::from).collect();
    XOR.with(&settings).is_ok_and(|changed| experiment(changed.to_toml().as_bytes()))
}

/// A table of samples. The first byte says how it is read: with a header or without, with which delimiter, whether standardised.
pub fn csv(bytes: &[u8]) -> bool {
    let Some((how, table)) = bytes.split_first() else { return false };
    with_file("fuzz.csv", table, |path| {
        let header = how & 1 == 0;
        let data = Data::Csv(CsvFile {
            header,
            delimiter: ["", ",", ";", " "][usize::from(how >> 1 & 3)].into(),
            standardize: how & 8 != 0,
            missing: [Missing::Refuse, Missing::Drop, Missing::Mean, Missing::Refuse][usize::from(how >> 4 & 3)],
            decimal: if how & 64 == 0 { Decimal::Point } else { Decimal::Comma },
            one_hot: if how & 128 == 0 { vec![] } else { vec![if header { "w" } else { "2" }.into()] },
            ..CsvFile::new(path, vec![if header { "y" } else { "1" }.into()])
        });
        let Ok(samples) = data.load() else { return false };
        let _ = samples.to_csv();
        Task::<f32>::new(&Experiment { data, ..XOR.clone() }, samples).is_ok()
    })
}

/// Gradients that somebody worked out.
pub fn gradients(bytes: &[u8]) -> bool {
    let network = XOR.network(2).expect("a small network");
    with_file("fuzz", bytes, |path| Given::read(path, &network).is_ok())
}

/// A checkpoint of the exercise; a run that goes on from it makes a step.
pub fn checkpoint(bytes: &[u8]) -> bool {
    let go_on = |bytes: &[u8]| {
        let Ok(mut trainer) = Trainer::<f32>::resume(&XOR, bytes, Path::new("checkpoint")) else { return false };
        while trainer.ended().is_none() && trainer.step().is_ok() && !trainer.at_epoch() {}
        true
    };
    go_on(bytes) | train::signed_checkpoint(bytes).is_some_and(|bytes| go_on(&bytes))
}

/// Weights of the exercise; they answer.
pub fn weights(bytes: &[u8]) -> bool {
    with_file(Results::WEIGHTS, bytes, |path| {
        let folder = path.parent().expect("a file in a folder");
        fs::write(folder.join(Results::EXPERIMENT), XOR.to_toml()).expect("a file in it");
        let Ok(mut predictor) = Results::open(folder).and_then(|results| results.predictor()) else { return false };
        let inputs = predictor.inputs().len();
        if let Ok(answers) = predictor.predict(vec![0.5; inputs]) {
            let _ = (predictor.outputs(), predictor.class(&answers));
        }
        true
    })
}

/// A small sweep that keeps its runs, and the same that keeps none.
static SWEEPS: LazyLock<[Sweep; 2]> = LazyLock::new(|| {
    let vary = ["optimizer.lr=0.02,3e38".to_string(), "init=zeros,normal".to_string()];
    let short = XOR.with(&["stop.epochs=20".into()]).expect("a short run");
    [true, false].map(|keep| Sweep::new(short.clone(), &vary, 20, None, keep).expect("a small sweep"))
});

/// A part of a sweep that keeps its runs, or, where the first byte is odd, of one that keeps none.
pub fn part(bytes: &[u8]) -> bool {
    let Some((which, part)) = bytes.split_first() else { return false };
    let sweep = &SWEEPS[usize::from(which & 1)];
    let read = |bytes: &[u8]| with_file("000000.part", bytes, |path| sweep::reads_part(sweep, path));
    read(part) | sweep::signed_part(sweep, part).is_some_and(|part| read(&part))
}

/// The tallies of a whole sweep, which are drawn.
pub fn tallies(bytes: &[u8]) -> bool {
    with_file(SweepFolder::TALLIES, bytes, |path| {
        let folder = path.parent().expect("a file in a folder");
        fs::write(folder.join(SweepFolder::SWEEP), SWEEPS[1].to_toml()).expect("a file in it");
        let Ok(tallies) = SweepFolder::open(folder).and_then(|folder| folder.tallies()) else { return false };
        let _ = (draw::sweep_files(&SWEEPS[1], &tallies), draw::sweep_plot(&SWEEPS[1], &tallies));
        true
    })
}

/// `history.csv` of a run of ten epochs whose learning rate changes, read where the run goes on.
pub fn history(bytes: &[u8]) -> bool {
    static RUN: LazyLock<(Experiment, Vec<u8>)> = LazyLock::new(|| {
        let plateau = "schedule={ name = 'reduce_lr_on_plateau', patience = 1, factor = 0.5 }";
        let settings = ["stop.epochs=10", "split={test=0.25,seed=1}", plateau].map(String::from);
        let experiment = XOR.with(&settings).expect("a short run");
        let mut trainer = Trainer::<f32>::new(&experiment).expect("a small run");
        while trainer.ended().is_none() {
            trainer.step().expect("a step of xor");
        }
        (experiment, trainer.checkpoint())
    });
    with_file(Results::HISTORY, bytes, |path| {
        let folder = path.parent().expect("a file in a folder");
        fs::write(folder.join(Results::EXPERIMENT), RUN.0.to_toml()).expect("a file in it");
        fs::write(folder.join(Results::CHECKPOINT), &RUN.1).expect("a file in it");
        let Ok(results) = Results::open(folder) else { return false };
        let _ = results.losses::<f32>();
        let Ok((results, trainer, history)) = results.resume::<f32>(&RUN.0) else { return false };
        let read_again = |csv: String| fs::write(path, csv).is_ok() && results.losses::<f32>().is_ok();
        assert!(read_again(history.to_csv()), "what was read is not what is written");
        let _ = draw::report(&trainer, &history, "ended", false);
        true
    })
}
