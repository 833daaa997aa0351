//! A pass through all layers of a model, forward and backward.

use super::batch_norm::{NormBack, NormForward};
use super::linear::{BackwardInput, BackwardParameters, Follow, Keep, LayerForward};
use super::numbers::Numbers;
use super::{Layer, Loss, Model, Network, product};
use crate::scalar::{Scalar, Simd, Work};

/// From so many multiply-adds a pass on, the processor's vectors are worth their way.
const WIDE: usize = 1024;

/// Whether batches of so many rows are computed by packets.
pub(super) fn is_wide(network: &Network, rows: usize) -> bool {
    rows * network.layers().iter().map(|layer| layer.weight.len()).sum::<usize>() >= WIDE
}

/// Numbers of working memory for the products of batches of so many rows.
pub(super) fn scratch(network: &Network, rows: usize) -> usize {
    let of_layer = |layer: &Layer| {
        let (i, o) = (layer.in_features, layer.out_features);
        [[rows, o, i], [rows, i, o], [o, i, rows]].map(product::scratch).into_iter().max()
    };
    network.layers().iter().filter_map(of_layer).max().unwrap_or(0)
}

/// All layers of a model, forward.
pub struct Forward<'a, S>(pub(super) &'a mut Model<S>);

impl<S: Scalar> Forward<'_, S> {
    /// The same, each layer by packets.
    pub(crate) fn wide(self, simd: Simd) {
        self.0.all_layers_forward(Some(simd));
    }
}

impl<S: Scalar> Work for Forward<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.0.all_layers_forward(None);
    }
}

/// All layers of a model, backward.
pub struct Backward<'a, S, F>(
    pub(super) &'a mut Model<S>,
    pub(super) &'a Loss,
    pub(super) &'a Numbers<S>,
    pub(super) &'a [S],
    pub(super) F,
);

impl<S: Scalar> Backward<'_, S, Keep> {
    /// The same, each layer by packets.
    pub(crate) fn wide(self, simd: Simd) {
        let Self(model, loss, numbers, target, mut keep) = self;
        model.all_layers_backward(Some(simd), loss, numbers, target, &mut keep);
    }
}

impl<S: Scalar, F: Follow<S>> Work for Backward<'_, S, F> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Self(model, loss, numbers, target, mut follow) = self;
        model.all_layers_backward(None, loss, numbers, target, &mut follow);
    }
}

impl<S: Scalar> Model<S> {
    /// `packets`: the instructions whose vectors the numbers of a layer fill, if they do.
    #[inline(always)]
    fn all_layers_forward(&mut self, packets: Option<Simd>) {
        let (parameters, scratch) = (&self.parameters[..], &mut self.scratch[..]);
        for (l, layer) in self.network.layers().iter().enumerate() {
            let (before, from_here) = self.layers.split_at_mut(l);
            let x = before.last().map_or(&self.input[..], |previous| &previous.a);
            let (values, running, numbers) = (&mut from_here[0], &mut self.running[l], &self.numbers[l]);
            let (inputs, width) = (layer.in_features, layer.out_features);
            let (w, z) = (&parameters[layer.weight.clone()], &mut values.z[..]);
            let bias = layer.bias.clone().map(|range| &parameters[range]);
            let work = LayerForward { x, w, bias, z, inputs, outputs: width, scratch: &mut *scratch };
            match packets {
                Some(simd) => S::wide_forward(simd, work),
                None => work.run(),
            }

            let mut sums = &values.z;
            if let (Some(norm), Some(running), Some(normed)) = (&layer.batch_norm, running, &mut values.norm) {
                let affine = norm.affine.clone();
                let affine = affine.map(|(weight, bias)| (&parameters[weight], &parameters[bias]));
                let (z, training) = (&values.z[..], self.training);
                let work = NormForward { numbers: &numbers.norm, z, affine, training, running, values: &mut *normed };
                match packets {
                    Some(simd) => S::wide_norm(simd, work),
                    None => work.run(),
                }
                sums = &normed.y;
            }

            match &mut values.dropout {
                Some(dropped) if self.training => {
                    layer.activate(packets, parameters, &numbers.activation, sums, &mut dropped.f);
                    dropped.forward(&mut values.a);
                }
                _ => layer.activate(packets, parameters, &numbers.activation, sums, &mut values.a),
            }
        }
    }

    #[inline(always)]
    fn all_layers_backward<F: Follow<S>>(
        &mut self,
        packets: Option<Simd>,
        loss: &Loss,
        numbers: &Numbers<S>,
        target: &[S],
        follow: &mut F,
    ) {
        let outputs = self.network.out_features();
        let last = self.layers.last_mut().expect("a model has a layer");
        loss.gradient_with(numbers, &last.a, target, outputs, &mut last.da);
        for (l, layer) in self.network.layers().iter().enumerate().rev() {
            let (before, from_here) = self.layers.split_at_mut(l);
            let (values, numbers) = (&mut from_here[0], &self.numbers[l].activation);
            let width = layer.out_features;
            let (f, df) = match &mut values.dropout {
                Some(dropped) if self.training => {
                    dropped.backward(&values.da);
                    (&dropped.f, &dropped.df)
                }
                _ => (&values.a, &values.da),
            };
            let (w, g) = (&self.parameters, &mut self.gradients);
            if let (Some(norm), Some(normed)) = (&layer.batch_norm, &mut values.norm) {
                layer.activate_back(packets, w, g, numbers, &normed.y, f, df, &mut normed.dy);
                let affine = norm.affine.as_ref();
                let weight = affine.map(|(weight, _)| &self.parameters[weight.clone()]);
                // Weight and bias of the normalisation lie one behind the other.
                let gradients = affine.map(|(weight, bias)| self.gradients[weight.start..bias.end].split_at_mut(width));
                let (training, dz) = (self.training, &mut values.dz[..]);
                let work = NormBack { weight, training, values: normed, dz, gradients };
                match packets {
                    Some(simd) => S::wide_norm_back(simd, work),
                    None => work.run(),
                }
            } else {
                layer.activate_back(packets, w, g, numbers, &values.z, f, df, &mut values.dz);
            }

            let (x, dx) = match before.last_mut() {
                Some(previous) => (&previous.a[..], Some(&mut previous.da[..])),
                None => (&self.input[..], None),
            };
            let (inputs, outputs, dz) = (layer.in_features, width, &values.dz[..]);
            let (start, scratch) = (layer.weight.start, &mut self.scratch[..]);
            let weight = &mut self.parameters[layer.weight.clone()];
            if F::FOLLOWS && self.rows == 1 {
                follow.follow_product(start, weight, x, dz, dx);
            } else if let Some(dx) = dx {
                let work = BackwardInput { w: weight, dz, dx, inputs, outputs, scratch: &mut *scratch };
                match packets {
                    Some(simd) => S::wide_backward_input(simd, work),
                    None => work.run(),
                }
            }
            if !(F::FOLLOWS && self.rows == 1 && layer.bias.is_none()) {
                let (dw, rest) = self.gradients[start..].split_at_mut(layer.weight.len());
                let dbias = layer.bias.as_ref().map(|range| &mut rest[..range.len()]);
                let work = BackwardParameters { x, dz, dw, dbias, inputs, outputs, scratch };
                match packets {
                    Some(simd) => S::wide_backward_parameters(simd, work),
                    None => work.run(),
                }
            }
            if F::FOLLOWS {
                // What has not been followed yet: of several rows the sums; always biases, slopes and the normalisation's own.
                let from = if self.rows == 1 { layer.weight.end } else { start };
                let end = layer.weight.start + layer.parameters();
                follow.follow(from, &mut self.parameters[from..end], &self.gradients[from..end]);
            }
        }
    }
}
