//! What the programs `steps` for candle and burn share: the grid, the data, the clock, the check; steps.py in Rust.

use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::json;
use std::f64::consts::{PI, TAU};
use std::time::Instant;

pub const SAMPLES: usize = 1000;
pub const LR: f64 = 0.001;
pub const MOMENTUM: f64 = 0.9;

#[derive(Clone, Copy)]
pub enum Rule {
    Sgd,
    Adam,
}

/// A network in training.
pub trait Peer {
    const WHAT: &str;

    /// With these inputs and classes.
    fn new(width: usize, rule: Rule, inputs: &[[f32; 2]], classes: &[u32]) -> Self;

    /// Trains on the samples of these numbers, or on all of them.
    fn step(&mut self, rows: Option<&[u32]>);

    /// Mean loss of all samples.
    fn loss(&self) -> f64;
}

/// Measures the grid, and prints one line of JSON.
pub fn measure<P: Peer>() {
    let options = Options::read();
    let (inputs, classes) = moons();
    let mut steps = Vec::new();
    for &width in &options.widths {
        for &batch in &options.batches {
            for (optimizer, rule) in [("sgd", Rule::Sgd), ("adam", Rule::Adam)] {
                let mut peer = P::new(width, rule, &inputs, &classes);
                let before = peer.loss();
                let mut rng = StdRng::seed_from_u64(0);
                let mut order: Vec<u32> = (0..SAMPLES as u32).collect();
                let mut start = 0;
                let times = time_steps(options.seconds, || {
                    if batch == SAMPLES {
                        return peer.step(None);
                    }
                    if start == 0 {
                        order.shuffle(&mut rng);
                    }
                    let end = (start + batch).min(SAMPLES);
                    peer.step(Some(&order[start..end]));
                    start = end % SAMPLES;
                });
                let after = peer.loss();
                if !(after.is_finite() && after < before) {
                    eprintln!("width {width}, batch {batch}, {optimizer}: the loss went from {before} to {after}");
                    std::process::exit(1);
                }
                steps.push(json!({
                    "what": P::WHAT,
                    "threads": options.threads,
                    "width": width,
                    "batch": batch,
                    "optimizer": optimizer,
                    "seconds_per_step": times,
                    "loss_before": before,
                    "loss_after": after,
                }));
            }
            eprintln!("{width} x {batch}");
        }
    }
    println!("{}", json!({ "steps": steps }));
}

/// Seconds of a step: median, best and worst of five times over many steps.
fn time_steps(seconds: f64, mut step: impl FnMut()) -> serde_json::Value {
    step();
    let (mut count, start) = (0, Instant::now());
    while start.elapsed().as_secs_f64() < seconds || count < 2 {
        step();
        count += 1;
    }
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            (0..count).for_each(|_| step());
            start.elapsed().as_secs_f64() / f64::from(count)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    json!({ "median": times[2], "best": times[0], "worst": times[4] })
}

/// Two half circles that reach into each other, as scikit-learn's make_moons has them, with noise.
fn moons() -> (Vec<[f32; 2]>, Vec<u32>) {
    let mut rng = StdRng::seed_from_u64(0);
    let half = SAMPLES / 2;
    let sample = |i| {
        let (sin, cos) = (PI * (i % half) as f64 / (half - 1) as f64).sin_cos();
        let point = if i < half { [cos, sin] } else { [1.0 - cos, 0.5 - sin] };
        let input = point.map(|x| (x + 0.15 * normal(&mut rng)) as f32);
        (input, (i / half) as u32)
    };
    (0..SAMPLES).map(sample).unzip()
}

/// By Box and Muller.
fn normal(rng: &mut StdRng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (TAU * v).cos()
}

struct Options {
    widths: Vec<usize>,
    batches: Vec<usize>,
    threads: usize,
    seconds: f64,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            widths: vec![8, 32, 64, 128, 256, 512],
            batches: vec![1, 32, 256, SAMPLES],
            threads: 1,
            seconds: 0.1,
        };
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        for pair in arguments.chunks(2) {
            let known = match pair {
                [name, value] => options.set(name, value),
                _ => None,
            };
            if known.is_none() {
                eprintln!("usage: [--widths W,...] [--batches B,...] [--threads N] [--seconds S]");
                std::process::exit(2);
            }
        }
        options
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "--widths" => self.widths = numbers(value, usize::MAX)?,
            "--batches" => self.batches = numbers(value, SAMPLES)?,
            "--threads" => self.threads = *numbers(value, usize::MAX)?.first()?,
            "--seconds" => self.seconds = value.parse().ok().filter(|&s: &f64| s > 0.0 && s.is_finite())?,
            _ => return None,
        }
        Some(())
    }
}

/// Whole numbers with commas, each from 1 to `most`.
fn numbers(text: &str, most: usize) -> Option<Vec<usize>> {
    text.split(',').map(|number| number.parse().ok().filter(|number| (1..=most).contains(number))).collect()
}
