//! The fuzzer's corpus: whatever it found, and seeds that are accepted, go through the same functions again.

use crate::common::cases;
use neuronlab::fuzz::{TARGETS, Target};
use neuronlab::random::NumpyRng;
use proptest::test_runner::RngSeed;
use std::path::{Path, PathBuf};

fn corpus(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(name: &str, target: Target) {
    let files = corpus(name);
    assert!(files.len() >= 3, "{name}: only {} files", files.len());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let accepted = std::panic::catch_unwind(|| target(&bytes));
        let accepted = accepted.unwrap_or_else(|_| panic!("{} panics", file.display()));
        // A seed that is no longer understood leads the fuzzer nowhere.
        let good = file.file_name().unwrap().to_string_lossy().starts_with("good-");
        assert!(accepted || !good, "{} is not accepted", file.display());
    }
}

#[test]
fn nothing_in_the_corpus_panics() {
    for (name, target) in TARGETS {
        replay(name, target);
    }
}

/// Damage of all kinds, and pieces of one file in another: a thousand, the same every time; `PROPTEST_CASES` tries more.
#[test]
fn damaged_files_do_not_panic() {
    let config = cases(150);
    let seed = if let RngSeed::Fixed(seed) = config.rng_seed { seed as u32 } else { 0 };
    let mut random = NumpyRng::new(seed);
    for (name, target) in TARGETS {
        let seeds: Vec<Vec<u8>> = corpus(name).iter().map(|file| std::fs::read(file).unwrap()).collect();
        for _ in 0..config.cases {
            let mut bytes = seeds[random.integer(seeds.len() as u32) as usize].clone();
            let other = &seeds[random.integer(seeds.len() as u32) as usize];
            for _ in 0..=random.integer(4) {
                let at = random.integer(bytes.len().max(1) as u32) as usize;
                let end = (at + random.integer(9) as usize).min(bytes.len());
                let from = random.integer(other.len().max(1) as u32) as usize;
                let piece = &other[from.min(other.len())..(from + random.integer(40) as usize).min(other.len())];
                match random.integer(4) {
                    0 if at < bytes.len() => bytes[at] ^= 1 << random.integer(8),
                    1 => drop(bytes.drain(at.min(end)..end)),
                    2 => drop(bytes.splice(at.min(end)..end, piece.iter().copied())),
                    _ => drop(bytes.splice(at.min(end)..end, *b"-9e999")),
                }
            }
            let result = std::panic::catch_unwind(|| target(&bytes));
            assert!(result.is_ok(), "{name} panics on {:?}", String::from_utf8_lossy(&bytes));
        }
    }
}
