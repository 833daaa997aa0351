//! Points of the plane in two classes, drawn from NumPy's stream.

use super::Dataset;
use crate::error::{Error, Result};
use crate::random::NumpyRng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::{PI, TAU};

/// How many points, how far they scatter, and from which seed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Generated {
    /// Number of points, 2 to 10,000,000; one more of class 1 than of class 0 if it is odd.
    #[serde(default = "hundred")]
    pub samples: usize,
    /// Standard deviation of the normal noise on both coordinates, at least 0.
    #[serde(default)]
    pub noise: f64,
    /// Seed of NumPy's stream, as in `random_state=seed`.
    #[serde(default)]
    pub seed: u32,
}

fn hundred() -> usize {
    100
}

impl Generated {
    /// Refuses settings that mean nothing.
    pub(super) fn validate(&self) -> Result<()> {
        if !(2..=10_000_000).contains(&self.samples) {
            return Err(Error::field("data.samples", "2 to 10,000,000", self.samples));
        }
        if self.noise < 0.0 {
            return Err(Error::field("data.noise", "at least 0", self.noise));
        }
        Ok(())
    }

    /// `sklearn.datasets.make_circles(samples, noise=noise, random_state=seed, factor=0.5)`
    pub(super) fn circle(&self) -> Dataset {
        let on_circle = |i: usize, n: usize, radius: f64| {
            let angle = i as f64 * (TAU / n as f64);
            [radius * libm::cos(angle), radius * libm::sin(angle)]
        };
        self.shuffled_with_noise(|i, n| on_circle(i, n, 1.0), |i, n| on_circle(i, n, 0.5))
    }

    /// `sklearn.datasets.make_moons(samples, noise=noise, random_state=seed)`
    pub(super) fn moons(&self) -> Dataset {
        let angle = |i: usize, n: usize| if n > 1 { i as f64 * (PI / (n - 1) as f64) } else { 0.0 };
        let outer = |i, n| [libm::cos(angle(i, n)), libm::sin(angle(i, n))];
        let inner = |i, n| [1.0 - libm::cos(angle(i, n)), 1.0 - libm::sin(angle(i, n)) - 0.5];
        self.shuffled_with_noise(outer, inner)
    }

    pub(super) fn gaussians(&self) -> Dataset {
        self.shuffled_with_noise(|_, _| [-1.0, -1.0], |_, _| [1.0, 1.0])
    }

    pub(super) fn spiral(&self) -> Dataset {
        let arm = |i: usize, n: usize, start: f64| {
            let radius = (i + 1) as f64 / n as f64;
            let angle = start + 1.75 * TAU * radius;
            [radius * libm::sin(angle), radius * libm::cos(angle)]
        };
        self.shuffled_with_noise(|i, n| arm(i, n, 0.0), |i, n| arm(i, n, PI))
    }

    /// The points of class 0 and 1, each from its place in its class and the size of that; then, as scikit-learn
    /// does it, the order is shuffled and noise is added.
    fn shuffled_with_noise(
        &self,
        class0: impl Fn(usize, usize) -> [f64; 2],
        class1: impl Fn(usize, usize) -> [f64; 2],
    ) -> Dataset {
        let n0 = self.samples / 2;
        let n1 = self.samples - n0;
        let points: Vec<[f64; 2]> = (0..n0).map(|i| class0(i, n0)).chain((0..n1).map(|i| class1(i, n1))).collect();

        let mut rng = NumpyRng::new(self.seed);
        let order = rng.permutation(self.samples);
        let mut shuffled: Vec<[f64; 2]> = order.iter().map(|&i| points[i as usize]).collect();
        if self.noise > 0.0 {
            for coordinate in shuffled.as_flattened_mut() {
                *coordinate += self.noise * rng.normal();
            }
        }
        let labels = order.iter().map(|&i| u32::from(i as usize >= n0)).collect();
        Dataset::two_classes(shuffled, labels)
    }
}
