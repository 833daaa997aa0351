//! `torch.nn.init.trunc_normal_`, as PyTorch 2.15 draws it: by rejection (von Neumann 1951). (Older versions used the inverse
//! of the normal distribution.)

use crate::random::{TorchReal, TorchRng};
use crate::scalar::Real;
use std::f64::consts::SQRT_2;

/// Rounds of rejection after which what is left is put at the nearer end; reached only by ends absurdly far out.
const ROUNDS: usize = 100_000;

/// N(mean, std²) between `ends`.
pub(super) fn fill<T: Real + TorchReal>(rng: &mut TorchRng, values: &mut [T], mean: f64, std: f64, ends: (f64, f64)) {
    let distribution = |x: f64| f64::midpoint(1.0, libm::erf((x - mean) / std / SQRT_2));
    if distribution(ends.1) - distribution(ends.0) > 0.3 {
        reject_normal(rng, values, mean, std, ends);
    } else {
        reject_uniform(rng, values, mean, std, ends);
    }
}

/// Normal numbers; while one is outside, as many are drawn again, and take the places of those outside.
fn reject_normal<T: Real + TorchReal>(rng: &mut TorchRng, values: &mut [T], mean: f64, std: f64, ends: (f64, f64)) {
    let (low, high) = (T::constant(ends.0), T::constant(ends.1));
    let outside = |value: T| value < low || value > high;
    rng.normal(values, mean, std);
    let mut again = vec![T::default(); values.len()];
    for _ in 0..ROUNDS {
        if !values.iter().any(|&value| outside(value)) {
            return;
        }
        rng.normal(&mut again, mean, std);
        for (value, &other) in values.iter_mut().zip(&again) {
            *value = if outside(*value) { other } else { *value };
        }
    }
    for value in values {
        *value = value.max(low).min(high);
    }
}

/// Uniform numbers, each accepted with the probability that the density there has of the highest.
fn reject_uniform<T: Real + TorchReal>(rng: &mut TorchRng, values: &mut [T], mean: f64, std: f64, ends: (f64, f64)) {
    let peak = (mean.clamp(ends.0, ends.1) - mean) / std;
    let ln_peak = T::constant(-0.5 * peak * peak);
    let ln_density = |x: T| {
        let distance = (x - T::constant(mean)) / T::constant(std);
        distance * distance * T::constant(-0.5) - ln_peak
    };
    let mut candidates = vec![T::default(); values.len()];
    let mut chances = candidates.clone();
    let mut pending = vec![true; values.len()];
    for _ in 0..ROUNDS {
        rng.uniform(&mut candidates, ends.0, ends.1);
        rng.uniform(&mut chances, 0.0, 1.0);
        for i in 0..values.len() {
            if pending[i] {
                values[i] = candidates[i];
                pending[i] = chances[i].ln() > ln_density(candidates[i]);
            }
        }
        if !pending.contains(&true) {
            return;
        }
    }
}
