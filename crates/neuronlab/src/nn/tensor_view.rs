//! The numbers of one tensor of a model, with the shape in which they are shown.

use super::Model;
use crate::scalar::Scalar;
use std::fmt::{self, Display, Formatter};

/// A tensor's numbers, row by row. It is displayed as PyTorch prints a tensor, without its `tensor( )`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TensorView<'a, S> {
    /// The numbers.
    pub values: &'a [S],
    /// Numbers in a row: all of them, if the tensor has one dimension.
    pub columns: usize,
    /// Whether it is a matrix.
    pub matrix: bool,
}

impl<S: Scalar> Model<S> {
    /// The tensors by their names, in the order of their parameters.
    ///
    /// ```
    /// use neuronlab::nn::{Linear, Model, Network};
    ///
    /// let network = Network::sequential([Linear::new(2, 2)])?;
    /// let model = Model::new(network, vec![0.5, -1.25, 2.0, 0.0, 1.0, -1.0])?;
    /// for (name, tensor) in model.named_parameters() {
    ///     println!("{name}\n{tensor}");
    /// }
    /// # let shown: Vec<String> = model.named_parameters().map(|(name, tensor)| format!("{name}\n{tensor}")).collect();
    /// # assert_eq!(shown[0], "lin1.weight\n[[ 0.5000, -1.2500],\n [ 2.0000,  0.0000]]");
    /// # assert_eq!(shown[1], "lin1.bias\n[ 1.0000, -1.0000]");
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    pub fn named_parameters(&self) -> impl Iterator<Item = (String, TensorView<'_, S>)> {
        self.network().tensors().map(|tensor| {
            let (values, matrix) = (&self.parameters()[tensor.range], tensor.shape.len() == 2);
            (tensor.name, TensorView { values, columns: *tensor.shape.last().unwrap_or(&1), matrix })
        })
    }
}

impl<S: Display> Display for TensorView<'_, S> {
    /// Four decimals, all numbers of one width.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.values.iter().map(|value| format!("{value:.4}")).collect();
        let width = numbers.iter().map(String::len).max().unwrap_or(0);
        let row = |row: &[String]| row.iter().map(|n| format!("{n:>width$}")).collect::<Vec<_>>().join(", ");
        let rows: Vec<String> = numbers.chunks(self.columns).map(|r| format!("[{}]", row(r))).collect();
        if self.matrix { write!(f, "[{}]", rows.join(",\n ")) } else { f.write_str(&rows.join("")) }
    }
}
