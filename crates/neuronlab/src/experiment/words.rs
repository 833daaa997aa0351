//! What others call a field, and where a field of a name stands.

use super::reference::types;
use super::shape::elsewhere;

/// Words from other programs, and the field that is meant.
const OTHER_WORDS: [(&str, &str); 31] = [
    ("learning_rate", "optimizer.lr"),
    ("step_size", "optimizer.lr"),
    ("optim", "optimizer"),
    ("solver", "optimizer"),
    ("l2", "optimizer.weight_decay"),
    ("epoch", "stop.epochs"),
    ("max_epochs", "stop.epochs"),
    ("n_epochs", "stop.epochs"),
    ("num_epochs", "stop.epochs"),
    ("iterations", "stop.epochs"),
    ("max_iter", "stop.epochs"),
    ("early_stopping", "stop.patience"),
    ("seed", "seed.torch"),
    ("manual_seed", "seed.torch"),
    ("random_seed", "seed.torch"),
    ("random_state", "seed.torch"),
    ("batch_size", "batch.size"),
    ("minibatch", "batch.size"),
    ("hidden", "network.layers"),
    ("hidden_layers", "network.layers"),
    ("hidden_layer_sizes", "network.layers"),
    ("hidden_sizes", "network.layers"),
    ("neurons", "network.layers.0.out_features"),
    ("criterion", "loss"),
    ("loss_fn", "loss"),
    ("loss_function", "loss"),
    ("scheduler", "schedule"),
    ("lr_scheduler", "schedule"),
    ("dataset", "data"),
    ("test_size", "split.test"),
    ("precision", "dtype"),
];

/// The path of the field that goes by a name, here or in other programs: `optimizer.lr` for `lr` and `learning-rate`.
///
/// ```
/// use neuronlab::experiment::field_called;
///
/// assert_eq!(field_called("learning-rate").as_deref(), Some("optimizer.lr"));
/// assert_eq!(field_called("epochs").as_deref(), Some("stop.epochs"));
/// assert_eq!(field_called("frobnicate"), None);
/// ```
pub fn field_called(name: &str) -> Option<String> {
    let name = name.to_lowercase().replace('-', "_");
    elsewhere_called(&name).map(String::from).or_else(|| elsewhere(types(), &name))
}

/// The path of the field that other programs call `name`.
pub(super) fn elsewhere_called(name: &str) -> Option<&'static str> {
    OTHER_WORDS.iter().find(|(word, _)| *word == name).map(|(_, field)| *field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    /// Each path can be replaced, so that a hint never leads astray.
    #[test]
    fn every_word_leads_to_a_field() {
        for (word, field) in OTHER_WORDS {
            let error = Experiment::built_in("xor").unwrap().with(&[format!("{field}=?")]);
            let error = error.unwrap_err().to_string();
            assert!(!error.contains("expected only the fields"), "{word}: {error}");
        }
        for (name, field) in
            [("lr", "optimizer.lr"), ("momentum", "optimizer.momentum"), ("loss", "loss"), ("init", "init")]
        {
            assert_eq!(field_called(name).as_deref(), Some(field));
        }
    }
}
