//! Weights of classes (King and Zeng 2001), and a class that does not count: `weight` and `ignore_index` of the losses of classes.
//!
//! A row of targets is 1 at its class and 0 elsewhere. One that is marked as not to be counted is 0 everywhere.

use crate::scalar::Scalar;

/// How much each class counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClassWeights<'a> {
    weight: Option<&'a [f64]>,
    ignored: Option<usize>,
}

impl<'a> ClassWeights<'a> {
    /// None where every row counts alike.
    #[inline(always)]
    pub(super) fn new(weight: Option<&'a Vec<f64>>, ignore_index: Option<i64>) -> Option<Self> {
        if weight.is_none() && ignore_index.is_none() {
            return None;
        }
        // A number that is no class marks rows that are 0 everywhere.
        let ignored = ignore_index.and_then(|class| usize::try_from(class).ok());
        Some(Self { weight: weight.map(Vec::as_slice), ignored })
    }

    /// The weight of a class, ignored or not.
    #[inline(always)]
    pub(super) fn of_class<S: Scalar>(self, class: usize) -> S {
        S::constant(if let Some(weight) = self.weight { weight[class] } else { 1.0 })
    }

    /// What a row of targets has at a class: 0 where that is ignored.
    #[inline(always)]
    pub(super) fn counted<S: Scalar>(self, t: &[S], class: usize) -> S {
        if self.ignored == Some(class) { S::constant(0.0) } else { t[class] }
    }

    /// 1, or 0 of a row that does not count.
    #[inline(always)]
    pub(super) fn counts<S: Scalar>(self, t: &[S]) -> S {
        let mut sum = S::constant(0.0);
        for class in 0..t.len() {
            sum = sum + self.counted(t, class);
        }
        sum
    }

    /// The weight of a row: that of its class, or 0.
    #[inline(always)]
    pub(super) fn of_row<S: Scalar>(self, t: &[S]) -> S {
        let mut sum = S::constant(0.0);
        for class in 0..t.len() {
            sum = sum + self.counted(t, class) * self.of_class(class);
        }
        sum
    }
}
