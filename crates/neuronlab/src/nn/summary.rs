//! The model summary, as torchsummary and torchinfo show it.

use super::{Activation, Layer, Network};
use std::fmt::{self, Display, Formatter};

/// A table of layers, output shapes, parameters and multiply-adds. It is displayed as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The inputs, then a row a module, then the total; the columns are those of [`HEAD`](Self::HEAD).
    pub rows: Vec<[String; 4]>,
}

impl Summary {
    /// What the columns are.
    pub const HEAD: [&str; 4] = ["Layer (type)", "Output shape", "Param #", "Mult-adds"];
}

impl Network {
    /// The summary for batches of `batch` samples.
    ///
    /// ```
    /// use neuronlab::nn::{Linear, Network};
    ///
    /// let network = Network::sequential([Linear::new(2, 4).bias(false).tanh(), Linear::new(4, 1).bias(false)])?;
    /// println!("{}", network.summary(1));
    /// # assert_eq!(network.summary(1).to_string().lines().last().unwrap(), " Total                                      12         12");
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    pub fn summary(&self, batch: usize) -> Summary {
        let input = ["input".to_string(), shape(batch, self.in_features()), String::new(), String::new()];
        let total = (self.mult_adds() * batch).to_string();
        let total = ["Total".into(), String::new(), self.parameters().to_string(), total];
        let layers = self.layers().iter().flat_map(|layer| rows(layer, batch));
        Summary { rows: std::iter::once(input).chain(layers).chain([total]).collect() }
    }
}

fn shape(batch: usize, features: usize) -> String {
    format!("[{batch}, {features}]")
}

/// A row for each module of a layer.
fn rows(layer: &Layer, batch: usize) -> Vec<[String; 4]> {
    let row = |name: String, parameters: usize, multiply_adds: usize| {
        [name, shape(batch, layer.out_features), parameters.to_string(), multiply_adds.to_string()]
    };
    let bias = if layer.bias.is_some() { "" } else { ", no bias" };
    let own = layer.weight.len() + layer.bias.as_ref().map_or(0, ExactSizeIterator::len);
    let mut rows = vec![row(format!("{} (Linear{bias})", layer.name), own, layer.weight.len() * batch)];
    if let Some(norm) = &layer.batch_norm {
        let parameters = if norm.affine.is_some() { 2 * layer.out_features } else { 0 };
        rows.push(row(format!("  {} (BatchNorm1d)", norm.name), parameters, 0));
    }
    if let Some(slope) = &layer.slope {
        rows.push(row(format!("  {} ({})", slope.name, layer.activation.name()), slope.weight.len(), 0));
    } else if layer.activation != Activation::IDENTITY {
        rows.push(row(format!("  {}", layer.activation.name()), 0, 0));
    }
    if layer.dropout > 0.0 {
        rows.push(row(format!("  Dropout(p={})", layer.dropout), 0, 0));
    }
    rows
}

impl Display for Summary {
    /// Names to the left, numbers to the right, a line under the head.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let width = |c: usize| self.rows.iter().map(|row| row[c].len()).fold(Self::HEAD[c].len(), usize::max);
        let widths: [usize; 4] = std::array::from_fn(width);
        let line = |row: [&str; 4]| {
            let [name, shape, parameters, mult_adds] = row;
            let [a, b, c, d] = widths;
            format!(" {name:<a$}  {shape:>b$}  {parameters:>c$}  {mult_adds:>d$}").trim_end().to_string()
        };
        writeln!(f, "{}", line(Self::HEAD))?;
        write!(f, " {}", "─".repeat(widths.iter().sum::<usize>() + 6))?;
        for row in &self.rows {
            write!(f, "\n{}", line(row.each_ref().map(String::as_str)))?;
        }
        Ok(())
    }
}
