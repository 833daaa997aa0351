//! The exercise written down naively, number by number, as the judge of the engine. Equality is exact.
#![allow(clippy::needless_range_loop, reason = "indices as in the formulas")]

use neuronlab::random::NumpyRng;
use neuronlab::scalar::Scalar;
use neuronlab::{Experiment, History, Trainer};

const SIZES: [usize; 5] = [2, 4, 4, 4, 1];
/// Where each layer's weight begins.
const START: [usize; 4] = [0, 8, 24, 40];

struct Naive {
    w: Vec<f32>,
    v: Vec<f32>,
    steps: u32,
}

impl Naive {
    /// Activations of every layer, the input first.
    fn forward(&self, x: [f32; 2]) -> Vec<Vec<f32>> {
        let mut a = vec![x.to_vec()];
        for l in 0..4 {
            let mut out = Vec::new();
            for o in 0..SIZES[l + 1] {
                let mut z = 0.0f32;
                for i in 0..SIZES[l] {
                    let w = self.w[START[l] + o * SIZES[l] + i];
                    z = if i == 0 { w * a[l][i] } else { w.mul_add(a[l][i], z) };
                }
                out.push(if l < 3 { Scalar::tanh(z) } else { z });
            }
            a.push(out);
        }
        a
    }

    /// One step on a sample; returns the L1 loss before it.
    fn step(&mut self, x: [f32; 2], y: f32) -> f32 {
        let a = self.forward(x);
        let e = a[4][0] - y;
        let mut gradient = [0.0f32; 44];
        let mut dz = vec![if e > 0.0 {
            1.0
        } else if e < 0.0 {
            -1.0
        } else {
            0.0f32
        }];
        for l in (0..4).rev() {
            let mut da = vec![0.0f32; SIZES[l]];
            for o in 0..SIZES[l + 1] {
                for i in 0..SIZES[l] {
                    let place = START[l] + o * SIZES[l] + i;
                    gradient[place] = dz[o] * a[l][i];
                    da[i] = if o == 0 { self.w[place] * dz[o] } else { self.w[place].mul_add(dz[o], da[i]) };
                }
            }
            dz = da.iter().zip(&a[l]).map(|(da, a)| da * (1.0 - a * a)).collect();
        }
        for (i, g) in gradient.iter().enumerate() {
            self.v[i] = 0.9 * self.v[i] + g;
            self.w[i] = (-0.02f32).mul_add(self.v[i], self.w[i]);
        }
        self.steps += 1;
        if self.steps.is_multiple_of(16) {
            // Too small to move anything.
            self.v.iter_mut().filter(|v| v.abs() < f32::MIN_POSITIVE * 67_108_864.0).for_each(|v| *v = 0.0);
        }
        e.abs()
    }
}

#[test]
fn the_engine_does_what_the_naive_program_does() {
    for seed in [2, 0, 7] {
        let settings = [format!("seed.torch={seed}"), format!("seed.numpy={seed}")];
        let mut trainer = Trainer::<f32>::new(&Experiment::built_in("xor").unwrap().with(&settings).unwrap()).unwrap();
        let mut naive = Naive { w: trainer.model().parameters().to_vec(), v: vec![0.0; 44], steps: 0 };
        let mut history = History::new(&trainer);
        trainer.run(&mut history).unwrap();

        let mut numpy = NumpyRng::new(seed);
        for (step, &loss) in history.losses.iter().enumerate() {
            let k = numpy.integer(4);
            let (first, second) = (k / 2, k % 2);
            let x = [first as f32, second as f32];
            assert_eq!(naive.step(x, f32::from(u8::from(first != second))), loss, "seed {seed}, step {step}");
        }
        assert_eq!(naive.w, trainer.model().parameters(), "seed {seed}");
    }
}
