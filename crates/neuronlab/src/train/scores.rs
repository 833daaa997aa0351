//! What is said of a trained network beside its loss: which classes it confuses, or how far its numbers are from the right ones.

use super::evaluation::largest;
use super::{Evaluation, Trainer};
use crate::scalar::Real;
use serde::Serialize;

/// Scores of answers, by what the targets are.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scores {
    /// Of classes.
    Classes {
        /// Rows of `confusion[right][answered]`: samples of a class by the class that was answered, as scikit-learn's
        /// `confusion_matrix`.
        confusion: Vec<Vec<u64>>,
    },
    /// Of numbers, the mean over targets.
    Numbers {
        /// Root of the mean squared error, as scikit-learn's `root_mean_squared_error`, in the unit of the target.
        rmse: f64,
        /// Coefficient of determination, 1 − Σ(y − o)² / Σ(y − ȳ)², as scikit-learn's `r2_score`: 1 if all is explained, 0 if no more
        /// than by the mean. None of fewer than two samples.
        r2: Option<f64>,
    },
}

impl Scores {
    /// Of the answers that `evaluation` holds for samples with targets `y[N, O]`.
    pub fn new<T: Real>(trainer: &Trainer<T>, evaluation: &Evaluation<T>, y: &[T]) -> Self {
        let outputs = trainer.model().network().out_features();
        let classes = trainer.task().classes.len();
        let loss = trainer.loss();
        let rows = evaluation.answers.chunks_exact(outputs).zip(y.chunks_exact(outputs));
        let rows = rows.filter(|(_, y)| !loss.ignores(y));
        if classes == 0 {
            return numbers(&rows.collect::<Vec<_>>(), outputs);
        }
        let class =
            |row: &[T]| if outputs > 1 || classes == 1 { largest(row) } else { usize::from(row[0].to_f64() >= 0.5) };
        let mut confusion = vec![vec![0; classes]; classes];
        for (o, y) in rows {
            confusion[class(y)][class(o)] += 1;
        }
        Self::Classes { confusion }
    }
}

fn numbers<T: Real>(rows: &[(&[T], &[T])], outputs: usize) -> Scores {
    let n = rows.len() as f64;
    let (mut rmse, mut r2) = (0.0, 0.0);
    for k in 0..outputs {
        let mean = rows.iter().map(|(_, y)| y[k].to_f64()).sum::<f64>() / n;
        let residual: f64 = rows.iter().map(|(o, y)| (y[k].to_f64() - o[k].to_f64()).powi(2)).sum();
        let total: f64 = rows.iter().map(|(_, y)| (y[k].to_f64() - mean).powi(2)).sum();
        rmse += (residual / n).sqrt() / outputs as f64;
        // As scikit-learn has it where the targets are all alike.
        let score = match (residual == 0.0, total == 0.0) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            _ => 1.0 - residual / total,
        };
        r2 += score / outputs as f64;
    }
    Scores::Numbers { rmse, r2: (rows.len() > 1).then_some(r2) }
}
