//! A setting of a loss that is one number for all outputs, or one for each, as `pos_weight` (King and Zeng 2001).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number for all outputs, or a list of one for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PerOutput {
    /// The same for all.
    All(f64),
    /// One for each.
    Each(Vec<f64>),
}

impl PerOutput {
    /// The list, if it is one.
    pub(super) fn list(&self) -> Option<&[f64]> {
        match self {
            Self::All(_) => None,
            Self::Each(list) => Some(list),
        }
    }
}
