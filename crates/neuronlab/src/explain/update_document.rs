//! The update of a weight, in numbers and in words.

use super::Math;
use super::document::{Block, Document, Table};
use super::explanation::{Explanation, ParameterUpdate};
use super::number::{exact, nine};
use super::symbols::letter;
use super::weight_document::words;
use crate::scalar::Dtype;

impl Explanation {
    pub(super) fn update_block(&self, page: &mut Document) {
        let Some(update) = &self.update else { return };
        page.heading("Update");
        if update.frozen {
            page.words(format!("{} is frozen: training leaves it as it is.", self.parameter));
            return;
        }
        page.words(format!("{}: {}", update.rule.0, update.rule.1));
        page.blocks.extend(self.sgd().map(Block::Formulas));
        let (mut rows, mut gradient) = (vec![], self.backward);
        if let Some(penalty) = &self.penalty {
            let with = "gradient with penalty".to_string();
            rows.push(vec![with, self.number(gradient), self.number(penalty.gradient)]);
            gradient = penalty.gradient;
        }
        if update.gradient != gradient {
            let after = "gradient after clipping".to_string();
            rows.push(vec![after, self.number(gradient), self.number(update.gradient)]);
        } else if rows.is_empty() {
            rows.push(vec!["gradient".to_string(), String::new(), self.number(gradient)]);
        }
        for (name, before, after) in &update.remembered {
            rows.push(vec![name.clone(), self.number(*before), self.number(*after)]);
        }
        rows.push(vec!["step taken".into(), String::new(), nine(update.change)]);
        rows.push(vec![self.parameter.clone(), self.number(self.value), self.number(update.value)]);
        let head = words(["", "before", "after"]);
        page.blocks.push(Block::Table(Table { head, rows, left: vec![0] }));
        page.words(in_words(self.kind(), update));
    }

    /// What kind of parameter it is.
    fn kind(&self) -> &'static str {
        if self.parameter.contains(".bias") {
            "bias"
        } else if self.parameter.starts_with("prelu") {
            "slope"
        } else {
            "weight"
        }
    }

    /// The update of SGD with numbers put in, where it has this form.
    fn sgd(&self) -> Option<Vec<Math>> {
        let update = self.update.as_ref()?;
        let ([(_, before, after)], Some(momentum), true) = (&update.remembered[..], update.momentum, update.plain)
        else {
            return None;
        };
        // Where a schedule has made the momentum 0, or does no longer, v is not that: it rests, or begins anew.
        let epsilon = if self.dtype == Dtype::Float32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let (kept, new) = (momentum * before, update.gradient);
        if (kept + new - after).abs() > 2.0 * epsilon * (kept.abs() + new.abs()) {
            return None;
        }
        let number = |value: f64| Math::Number(exact(value, self.dtype));
        let (v, w) = (letter("v"), letter("w"));
        let kept = Math::Product(vec![number(momentum), number(*before)]);
        let step = Math::Product(vec![number(-update.lr), number(*after)]);
        Some(vec![
            Math::Equal(vec![v, Math::Sum(vec![kept, number(update.gradient)]), number(*after)]),
            Math::Equal(vec![w, Math::Sum(vec![number(self.value), step]), number(update.value)]),
        ])
    }
}

/// Which way a weight or a bias goes, and why. Up and down, as its number does: one below 0 that goes down grows in size.
fn in_words(what: &str, update: &ParameterUpdate) -> String {
    let (g, change) = (update.gradient, update.change);
    if change == 0.0 {
        return format!("The {what} stays as it is.");
    }
    let goal = if update.maximize { "The optimizer makes the loss large. " } else { "" };
    let follows = if update.maximize { g * change > 0.0 } else { g * change < 0.0 };
    let direction = if change > 0.0 { "goes up" } else { "goes down" };
    let loss = if g > 0.0 { "larger" } else { "smaller" };
    let earlier = update.remembered.iter().any(|(_, before, _)| *before != 0.0);
    let more = "the rule does not follow the gradient alone (weight decay, for example)";
    if g == 0.0 {
        let why = if earlier { "the optimizer remembers earlier ones" } else { more };
        return format!("The gradient is 0, and yet the {what} {direction}: {why}.");
    }
    let slope = format!("{goal}The gradient says that a larger {what} makes the loss {loss}");
    if follows {
        return format!("{slope}; so the {what} {direction}.");
    }
    let why = if earlier { "earlier gradients weigh more" } else { more };
    format!("{slope}; and yet the {what} {direction}, since {why}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(gradient: f64, change: f64, before: f64) -> ParameterUpdate {
        let (rule, remembered) = ((String::new(), String::new()), vec![("momentum_buffer".to_string(), before, 1.0)]);
        ParameterUpdate {
            rule,
            plain: true,
            maximize: false,
            frozen: false,
            lr: 0.1,
            momentum: None,
            gradient,
            remembered,
            change,
            value: -1.0 + change,
        }
    }

    #[test]
    fn words_are_true_of_the_number() {
        let words = |gradient, change, before| in_words("weight", &update(gradient, change, before));
        // From −1.2779 to −1.2889, which is larger in size.
        assert!(words(0.55, -0.011, 0.0).ends_with("makes the loss larger; so the weight goes down."));
        assert!(words(-0.55, 0.011, 0.0).ends_with("makes the loss smaller; so the weight goes up."));
        assert!(words(0.55, 0.011, -2.0).ends_with("yet the weight goes up, since earlier gradients weigh more."));
        // Without memory it is not earlier gradients.
        assert!(words(0.55, 0.011, 0.0).contains("weight decay, for example"));
        assert!(words(0.0, 0.011, 0.0).contains("weight decay, for example"));
        assert!(words(0.0, 0.011, 0.5).ends_with("the optimizer remembers earlier ones."));
        assert_eq!(in_words("bias", &update(0.1, 0.0, 0.0)), "The bias stays as it is.");
    }
}
