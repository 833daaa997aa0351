//! How sharp a valley may be before steps no longer come to rest in it.

use crate::optim::Optimizer;
use crate::scalar::Real;
use crate::train::Trainer;

/// Steps of SGD with momentum in a valley L = λw²/2.
///
/// With learning rate lr and momentum μ, steps shrink w as long as lr·λ is below 2·(1 + μ): 2/lr without momentum (Polyak 1964;
/// Cohen, Kaur, Li, Kolter and Talwalkar 2021, "Gradient descent on neural networks typically occurs at the edge of
/// stability"). Nesterov's momentum allows 2·(1 + μ)/(1 + 2μ). Dampening τ makes gradients 1 − τ of what they are; weight
/// decay adds to each λ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stability {
    /// Learning rate of the next step.
    pub lr: f64,
    /// Momentum μ of the next step.
    pub momentum: f64,
    /// Share of the gradient in the velocity, 1 − dampening.
    pub share: f64,
    /// Whether momentum is Nesterov's.
    pub nesterov: bool,
    /// What is added to every curvature.
    pub weight_decay: f64,
}

impl Stability {
    /// Of the next step of a run.
    ///
    /// # Errors
    /// A sentence that says why there is no such limit: it is one of SGD whose gradients are not clipped.
    pub fn of<T: Real>(trainer: &Trainer<T>) -> Result<Self, &'static str> {
        let (experiment, hyper) = (trainer.experiment(), trainer.hyper());
        let Optimizer::Sgd(sgd) = experiment.optimizer else {
            return Err("the comparison with the learning rate is for SGD; this optimizer scales its steps itself");
        };
        let momentum = hyper.momentum.unwrap_or(sgd.momentum);
        let share = if momentum == 0.0 { 1.0 } else { 1.0 - sgd.dampening };
        if sgd.maximize {
            Err("the optimizer makes the loss large: its steps leave every valley")
        } else if experiment.clip.is_some() {
            Err("gradients are clipped: there is no fixed limit to compare with")
        } else if hyper.lr == 0.0 {
            Err("the learning rate is 0 here: nothing moves")
        } else if momentum >= 1.0 {
            Err("with a momentum of 1 or more no steps come to rest")
        } else if share <= 0.0 {
            Err("with a dampening of 1 or more no steps go downhill")
        } else {
            let (nesterov, weight_decay) = (sgd.nesterov, sgd.weight_decay);
            Ok(Self { lr: hyper.lr, momentum, share, nesterov, weight_decay })
        }
    }

    /// The largest stable lr·(λ + weight decay).
    fn largest_product(&self) -> f64 {
        let plain = 2.0 * (1.0 + self.momentum);
        if self.nesterov { plain / (1.0 + 2.0 * self.momentum) } else { plain / self.share }
    }

    /// The curvature λ above which steps grow: 2/lr for plain SGD.
    pub fn threshold(&self) -> f64 {
        self.largest_product() / self.lr - self.weight_decay
    }

    /// The learning rate above which steps along curvature `lambda` grow; ∞ where nothing bends upward.
    pub fn largest_lr(&self, lambda: f64) -> f64 {
        let lambda = lambda + self.weight_decay;
        if lambda > 0.0 { self.largest_product() / lambda } else { f64::INFINITY }
    }

    /// How [`threshold`](Self::threshold) is computed, such as `2(1+0.9)/0.02`.
    pub fn formula(&self) -> String {
        let Self { lr, momentum, share, nesterov, weight_decay } = *self;
        let text = match (momentum == 0.0, nesterov) {
            (true, _) => format!("2/{lr}"),
            (_, true) => format!("2(1+{momentum})/(1+2*{momentum})/{lr}"),
            (_, false) => format!("2(1+{momentum})/{lr}"),
        };
        let share = if share == 1.0 { String::new() } else { format!("/{share}") };
        let decay = if weight_decay == 0.0 { String::new() } else { format!(" - {weight_decay}") };
        text + &share + &decay
    }

    /// |1 − lr·λ|: what a step of plain SGD (without momentum) makes of an error along curvature `lambda`.
    pub fn plain_factor(&self, lambda: f64) -> f64 {
        (1.0 - self.lr * (lambda + self.weight_decay)).abs()
    }

    /// What a step makes of an error along curvature `lambda` in the long run, momentum included: the larger size of the roots
    /// of z² − b·z + c, by which w goes from step to step.
    pub fn factor(&self, lambda: f64) -> f64 {
        let (mu, pull) = (self.momentum, self.lr * (lambda + self.weight_decay));
        let (b, c) = if self.nesterov {
            ((1.0 + mu) * (1.0 - pull), mu * (1.0 - pull))
        } else {
            (1.0 + mu - self.share * pull, mu)
        };
        let discriminant = b * b - 4.0 * c;
        if discriminant < 0.0 { c.sqrt() } else { f64::midpoint(b.abs(), discriminant.sqrt()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    /// The size of w after steps of the engine's own optimizer in the valley L = λw²/2, from 1.
    fn rolled(experiment: &Experiment, lambda: f64, steps: usize) -> f64 {
        let (optimizer, mut w) = (experiment.optimizer, [1.0f64]);
        let mut state = optimizer.state(1);
        // The largest of the last ones, since w swings through 0.
        let mut sizes = vec![];
        for _ in 0..steps {
            let gradient = [lambda * w[0]];
            optimizer.step(optimizer.hyper(), &mut w, &gradient, &mut state);
            sizes.push(w[0].abs());
            if w[0].abs() > 1e100 {
                return f64::INFINITY;
            }
        }
        sizes[steps - 20..].iter().fold(0.0, |m, &s| f64::max(m, s))
    }

    #[test]
    fn steps_shrink_below_the_threshold_and_grow_above() {
        for settings in
            ["", "momentum=0.9", "momentum=0.5,nesterov=true", "momentum=0.8,dampening=0.3", "weight_decay=0.4"]
        {
            let set = format!(
                "optimizer={{name='sgd',lr=0.1{}}}",
                if settings.is_empty() { String::new() } else { format!(",{settings}") }
            );
            let experiment = Experiment::built_in("xor").unwrap().with(&[set]).unwrap();
            let stability = Stability::of(&Trainer::<f64>::new(&experiment).unwrap()).unwrap();
            let threshold = stability.threshold();
            assert!(rolled(&experiment, 0.98 * threshold, 4000) < 1e-6, "{settings}");
            assert!(rolled(&experiment, 1.02 * threshold, 4000) > 1e3, "{settings}");
            assert!((stability.largest_lr(threshold) - 0.1).abs() < 1e-15);
            for lambda in [0.3, 0.98, 1.02, -0.1].map(|share| share * threshold) {
                let long = rolled(&experiment, lambda, 220) / rolled(&experiment, lambda, 200);
                // Complex roots turn as they shrink, so a window sees their size to some per cent.
                assert!((long.powf(0.05) / stability.factor(lambda) - 1.0).abs() < 0.05, "{settings} {lambda}");
            }
        }
    }

    #[test]
    fn where_there_is_no_threshold_a_sentence_says_why() {
        let why = |settings: &str| {
            let experiment = Experiment::built_in("xor").unwrap().with(&[settings.to_string()]).unwrap();
            Stability::of(&Trainer::<f32>::new(&experiment).unwrap()).unwrap_err()
        };
        assert!(why("optimizer=adam").contains("for SGD"));
        assert!(why("optimizer.maximize=true").contains("valley"));
        assert!(why("clip={name='value',max=0.1}").contains("clipped"));
        assert!(why("optimizer.lr=0").contains("0 here"));
        assert!(why("optimizer.momentum=1").contains("rest"));
    }
}
