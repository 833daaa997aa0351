//! What the programs for candle and burn share: the task, the clock and the check; measure.py in Rust.

use serde_json::json;
use std::time::Instant;

pub const EPOCHS: usize = 2001;
pub const STEPS: usize = 4;
pub const LR: f64 = 0.02;
pub const MOMENTUM: f64 = 0.9;

/// Input and target of each sample.
pub const SAMPLES: [([f32; 2], f32); 4] = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)];

/// Times `train(seed)`, checks the four `outputs` of what it returned, and prints one line of JSON.
pub fn measure<T>(what: &str, train: impl Fn(u64) -> T, outputs: impl Fn(&T) -> Vec<f32>) {
    let repeats = repeats();
    let (mut seconds, mut errors, mut right) = (Vec::new(), Vec::new(), 0);
    for seed in 0..repeats {
        let start = Instant::now();
        let trained = train(seed);
        seconds.push(start.elapsed().as_secs_f64());

        let outputs = outputs(&trained);
        let pairs = || outputs.iter().zip(&SAMPLES).map(|(&y, &(_, target))| (y, target));
        errors.push(pairs().map(|(y, target)| f64::from((y - target).abs())).sum::<f64>() / SAMPLES.len() as f64);
        right += u64::from(pairs().all(|(y, target)| (y > 0.5) == (target > 0.5)));
    }
    seconds.sort_by(f64::total_cmp);
    errors.sort_by(f64::total_cmp);
    let measurement = json!({
        "what": what,
        "networks": 1,
        "runs_per_second": 1.0 / median(&seconds),
        "seconds_per_run": { "median": median(&seconds), "best": seconds[0], "worst": seconds[seconds.len() - 1] },
        "repeats": repeats,
        "compile_seconds": null,
        "epochs": EPOCHS,
        "extrapolated": false,
        "right": right as f64 / repeats as f64,
        "mean_abs_error": median(&errors),
    });
    println!("{}", json!({ "measurements": [measurement] }));
}

fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { (sorted[half - 1] + sorted[half]) / 2.0 }
}

/// The argument of `--repeats`, at least 1.
fn repeats() -> u64 {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let number = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Some(5),
        ["--repeats", number] => number.parse().ok().filter(|&number| number > 0),
        _ => None,
    };
    number.unwrap_or_else(|| {
        eprintln!("usage: --repeats K, the times to measure, at least 1 [default: 5]");
        std::process::exit(2)
    })
}
