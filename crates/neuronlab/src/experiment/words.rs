//! What others call a field, and where a field of a name stands.

use super::reference::types;
use super::shape::elsewhere;

/// Words from other programs, and the field that is meant.
const OTHER_WORDS: [(&str, &str); 36] = [
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
    ("units", "network.layers.0.out_features"),
    ("num_units", "network.layers.0.out_features"),
    ("stratified", "split.stratify"),
    ("restore_best_weights", "stop.restore_best"),
    ("validation_split", "split.test"),
];

/// Words from other programs that are values, and what they are called here, the most likely first.
const OTHER_VALUES: [(&str, &[&str]); 45] = [
    ("binary_cross_entropy", &["bce_with_logits", "bce"]),
    ("binary_crossentropy", &["bce_with_logits", "bce"]),
    ("log_loss", &["bce_with_logits"]),
    ("categorical_crossentropy", &["cross_entropy"]),
    ("sparse_categorical_crossentropy", &["cross_entropy"]),
    ("softmax_cross_entropy", &["cross_entropy"]),
    ("ce", &["cross_entropy"]),
    ("negative_log_likelihood", &["nll"]),
    ("mean_squared_error", &["mse"]),
    ("squared_error", &["mse"]),
    ("l2", &["mse"]),
    ("mean_absolute_error", &["l1"]),
    ("mae", &["l1"]),
    ("absolute_error", &["l1"]),
    ("kld", &["kl_div"]),
    ("kullback_leibler", &["kl_div"]),
    ("hinge", &["hinge_embedding"]),
    ("swish", &["silu"]),
    ("linear", &["identity", "linear_lr"]),
    ("none", &["identity"]),
    ("no", &["identity"]),
    ("logistic", &["sigmoid", "bce_with_logits"]),
    ("hard_sigmoid", &["hardsigmoid"]),
    ("hard_swish", &["hardswish"]),
    ("relu_6", &["relu6"]),
    ("he", &["kaiming_normal"]),
    ("he_normal", &["kaiming_normal"]),
    ("he_uniform", &["kaiming_uniform"]),
    ("glorot", &["xavier_uniform"]),
    ("glorot_normal", &["xavier_normal"]),
    ("glorot_uniform", &["xavier_uniform"]),
    ("gaussian", &["normal"]),
    ("randn", &["normal"]),
    ("random_normal", &["normal"]),
    ("random_uniform", &["uniform"]),
    ("rand", &["uniform"]),
    ("truncated_normal", &["trunc_normal"]),
    ("gradient_descent", &["sgd"]),
    ("momentum", &["sgd"]),
    ("nesterov", &["sgd"]),
    ("cosine", &["cosine_annealing_lr"]),
    ("plateau", &["reduce_lr_on_plateau"]),
    ("warmup", &["linear_lr"]),
    ("minibatch", &["shuffle"]),
    ("full_batch", &["full"]),
];

/// What is meant by a word that is none of `names`, if other programs have a word of their own for one of them.
pub(super) fn value_called<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let word = word.to_lowercase().replace(['-', ' '], "_");
    let (_, meant) = OTHER_VALUES.iter().find(|(other, _)| *other == word)?;
    meant.iter().find_map(|meant| names.iter().find(|name| *name == meant).copied())
}

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

    /// Each value that is meant is one, and the word itself is none.
    #[test]
    fn every_other_word_leads_to_a_value() {
        let xor = Experiment::built_in("xor").unwrap();
        let fields = ["loss", "network.layers.0.activation", "init", "optimizer", "schedule", "batch"];
        for (word, meant) in OTHER_VALUES {
            let hinted = |field: &&str| {
                let error = xor.with(&[format!("{field}={word}")]).expect_err(word).to_string();
                let hint = error.split_once("did you mean `")?.1.split_once('`')?.0.to_string();
                meant.contains(&hint.as_str()).then_some((field.to_string(), hint))
            };
            let found: Vec<(String, String)> = fields.iter().filter_map(hinted).collect();
            assert!(!found.is_empty(), "{word}");
            for (field, hint) in found {
                // What it still lacks are fields of its own.
                let error = xor.with(&[format!("{field}={hint}")]).err().map_or(String::new(), |e| e.to_string());
                assert!(!error.contains("one of"), "{word}: {error}");
            }
        }
        let error = xor.with(&["loss=binary_cross_entropy".into()]).unwrap_err().to_string();
        assert!(error.ends_with("hint: did you mean `bce_with_logits`?"), "{error}");
        let error = xor.with(&["network.layers.1.units=3".into()]).unwrap_err().to_string();
        assert!(error.ends_with("hint: did you mean `network.layers.1.out_features`?"), "{error}");
    }

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
