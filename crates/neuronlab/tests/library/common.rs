//! What several tests need: cases of laws, the golden files and comparisons that name the largest difference.

use neuronlab::{Experiment, Loss};
use proptest::test_runner::{Config, RngSeed};
use serde_json::Value;

/// So many cases of a law, the same ones every time: a test passes or fails by what is in the repository. `PROPTEST_CASES` and
/// `PROPTEST_RNG_SEED` try more and others.
pub(crate) fn cases(cases: u32) -> Config {
    let given = |name| std::env::var_os(name).is_some();
    let default = Config::default();
    Config {
        cases: if given("PROPTEST_CASES") { default.cases } else { cases },
        rng_seed: if given("PROPTEST_RNG_SEED") { default.rng_seed } else { RngSeed::Fixed(44) },
        failure_persistence: None,
        ..default
    }
}

/// Where slopes of activations with default settings jump.
pub(crate) const KINKS: [f64; 8] = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0];

/// Targets that a loss takes: of numbers from 0 to 1, or 1 and −1 for losses of these.
pub(crate) fn fit_targets(loss: &Loss, targets: &mut [f64]) {
    if matches!(loss.key(), "soft_margin" | "hinge_embedding") {
        for t in targets {
            *t = if *t < 0.5 { -1.0 } else { 1.0 };
        }
    }
}

/// XOR's data for a loss: with targets 1 and −1 for losses of these.
pub(crate) fn xor_for(loss: &Loss) -> Experiment {
    let xor = Experiment::built_in("xor").unwrap();
    let path = format!("{}/tests/library/xor_signs.csv", env!("CARGO_MANIFEST_DIR"));
    match loss.key() {
        "soft_margin" | "hinge_embedding" => {
            xor.with(&[format!("data={{ name = 'csv', path = {path:?}, targets = ['y'] }}")]).unwrap()
        }
        _ => xor,
    }
}

/// A file of numbers that PyTorch and NumPy printed; `tests/golden/README.md` says where each comes from.
pub(crate) fn golden(name: &str) -> Value {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A list of numbers, plain or as hexadecimal floats.
pub(crate) fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(number).collect()
}

/// A number, plain or as a hexadecimal float.
pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| {
        let text = value.as_str().unwrap();
        if text.contains("0x") { hexadecimal(text) } else { text.parse().unwrap() }
    })
}

/// Python's `float.hex()` back to the number: `-0x1.8p-3` is −1.5 · 2⁻³.
fn hexadecimal(text: &str) -> f64 {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let (mantissa, exponent) = digits.strip_prefix("0x").unwrap().split_once('p').unwrap();
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let bits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    sign * (bits as f64 * 2f64.powi(-4 * fraction.len() as i32)) * 2f64.powi(exponent)
}

/// Fails with the place and size of the largest difference if that is above `tolerance`.
#[track_caller]
pub(crate) fn assert_close(what: &str, ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len(), "{what}: number of values");
    let differences = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    let (at, largest) = differences.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert!(
        largest <= tolerance,
        "{what}: largest difference {largest:e} at {at} (ours {}, theirs {}), tolerance {tolerance:e}",
        ours[at],
        theirs[at]
    );
}
