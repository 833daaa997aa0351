//! Short forms of a network: `network = "2-4-4-1"`, and numbers in the place of layers, `layers = [4, 4, 1]`.
//!
//! A number is a layer of so many neurons with PyTorch's defaults, and tanh after each but the last. The complete experiment
//! file has the long form.

use super::shape::describe;
use crate::error::{Error, Result};
use toml::{Table, Value};

/// Writes the short forms of a document out.
pub(super) fn write_out(document: &mut Table) -> Result<()> {
    let Some(network) = document.get_mut("network") else { return Ok(()) };
    match network {
        Value::Table(_) => {}
        Value::String(sizes) => *network = by_sizes(sizes)?,
        // `2024-10-10` is a date to TOML.
        Value::Datetime(sizes) => *network = by_sizes(&sizes.to_string())?,
        other => return Err(no_network(&describe(other))),
    }
    let Some(layers) = network.get_mut("layers").and_then(Value::as_array_mut) else { return Ok(()) };
    let count = layers.len();
    for (i, layer) in layers.iter_mut().enumerate() {
        if let Value::Integer(neurons) = *layer {
            let mut table = Table::from_iter([("out_features".to_string(), Value::Integer(neurons))]);
            if i + 1 < count {
                table.insert("activation".into(), Value::String("tanh".into()));
            }
            *layer = Value::Table(table);
        }
    }
    Ok(())
}

/// `2-4-4-1`: inputs, then the neurons of each layer.
fn by_sizes(text: &str) -> Result<Value> {
    let sizes: Option<Vec<i64>> = text.split('-').map(|n| n.trim().parse().ok().filter(|&n| n > 0)).collect();
    match sizes.as_deref() {
        Some([inputs, layers @ ..]) if !layers.is_empty() => Ok(Value::Table(Table::from_iter([
            ("in_features".to_string(), Value::Integer(*inputs)),
            ("layers".to_string(), Value::Array(layers.iter().map(|&n| Value::Integer(n)).collect())),
        ]))),
        _ => Err(no_network(&format!("`{text}`"))),
    }
}

fn no_network(got: &str) -> Error {
    let expected = "a table with layers, or the number of inputs and of the neurons of each layer with hyphens";
    Error::field("network", expected, got).with_hint("for example network=2-4-4-1")
}

#[cfg(test)]
mod tests {
    use crate::nn::{Activation, LayerConfig};
    use crate::{Activation as A, Experiment, Trainer};

    fn xor(settings: &[&str]) -> crate::Result<Experiment> {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        Experiment::built_in("xor")?.with(&settings)
    }

    fn layer(out_features: usize, activation: Activation) -> LayerConfig {
        LayerConfig {
            out_features,
            bias: true,
            batch_norm: None,
            activation,
            dropout: 0.0,
            init: None,
            init_bias: None,
            frozen: vec![],
        }
    }

    #[test]
    fn short_forms_are_written_out() {
        let long = [layer(8, A::TANH), layer(5, A::TANH), layer(1, A::IDENTITY)];
        for (short, inputs) in [("network=2-8-5-1", Some(2)), ("network.layers=[8, 5, 1]", None)] {
            let network = xor(&[short]).unwrap().network;
            assert_eq!((&network.layers[..], network.in_features), (&long[..], inputs), "{short}");
        }
        let mixed = xor(&["network.layers=[8, { out_features = 1, bias = false }]", "network.layers.0.bias=false"]);
        let [first, last] = &mixed.unwrap().network.layers[..] else { panic!("two layers") };
        assert!(!first.bias && first.activation == A::TANH && !last.bias && last.activation == A::IDENTITY);

        let file = Experiment::built_in_file("xor").unwrap();
        let (head, rest) = file.split_once("[[network.layers]]").unwrap();
        let tail = rest.split_once("[optimizer]").unwrap().1;
        let text = format!("network = \"2-8-5-1\"\n{head}[optimizer]{tail}");
        let read = Experiment::from_toml(&text, "short").unwrap();
        assert_eq!(read.network, xor(&["network=2-8-5-1"]).unwrap().network);
        let complete = read.to_toml();
        assert!(complete.contains("in_features = 2") && complete.contains("[[network.layers]]\nout_features = 8"));
        assert_eq!(Experiment::from_toml(&complete, "long").unwrap(), read);
    }

    #[test]
    fn inputs_are_those_of_the_data() {
        let three = xor(&["network=3-4-1"]).unwrap();
        let error = Trainer::<f32>::new(&three).unwrap_err().to_string();
        assert_eq!(error, "network.in_features: expected 2, the inputs of the data, got 3");
        assert!(Trainer::<f32>::new(&xor(&["network=1000-10-10", "data={name='parity',bits=3}"]).unwrap()).is_err());
        assert!(Trainer::<f32>::new(&xor(&["network=2-4-1"]).unwrap()).is_ok());
    }

    #[test]
    fn what_is_no_network_is_said() {
        for wrong in ["network=2", "network=2-", "network=2-4-x", "network=2--1", "network=0-4-1", "network=[2, 4, 1]"]
        {
            let error = xor(&[wrong]).unwrap_err().to_string();
            assert!(
                error.starts_with("network: expected a table with layers, or the number of inputs"),
                "{wrong}: {error}"
            );
        }
        let error = xor(&["network.layers=[-4, 1]"]).unwrap_err().to_string();
        assert!(error.starts_with("network.layers.0.out_features: expected a whole number from 0"), "{error}");
    }
}
