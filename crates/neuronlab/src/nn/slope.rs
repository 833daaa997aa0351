//! The learned slopes of the activation `prelu`, in their place among a network's parameters.

use super::activation::{Activate, ActivateBack, PreluBackward, PreluForward};
use super::{Activation, Layer, Model, Numbers, everywhere};
use crate::scalar::{Real, Scalar, Simd, Work};
use std::ops::Range;

/// The slopes of a layer's PReLU in their place.
#[derive(Debug, Clone, PartialEq)]
pub struct Slope {
    /// `prelu1`, `prelu2`, …, after the layer's number.
    pub name: String,
    /// Place of `weight[1]`, or of `weight[O]`, a slope for each neuron.
    pub weight: Range<usize>,
}

impl Slope {
    /// The place of a neuron's slope.
    pub fn of(&self, neuron: usize) -> usize {
        self.weight.start + if self.weight.len() == 1 { 0 } else { neuron }
    }

    /// The slopes of layer `number`, of `width` neurons, behind the parameters that end at `start`; of any activation but
    /// PReLU none.
    ///
    /// # Panics
    /// If there is neither one slope nor one for each neuron.
    pub(super) fn place(activation: &Activation, number: usize, start: usize, width: usize) -> Option<Self> {
        let Activation::Prelu(prelu) = activation else { return None };
        assert!(
            [1, width].contains(&prelu.num_parameters),
            "PReLU has one slope, or one for each of its {width} neurons"
        );
        Some(Self { name: format!("prelu{number}"), weight: start..start + prelu.num_parameters })
    }
}

impl Layer {
    /// The activation of a neuron as it is now: of PReLU that with the neuron's own slope among `parameters`.
    pub(crate) fn activation_of<T: Real>(&self, neuron: usize, parameters: &[T]) -> Activation {
        let mut activation = self.activation;
        if let (Activation::Prelu(prelu), Some(slope)) = (&mut activation, &self.slope) {
            prelu.init = parameters[slope.of(neuron)].to_f64();
        }
        activation
    }

    /// a = f(z) of all rows, by packets if there are instructions for them; `numbers` are the settings of what is not learned.
    #[inline(always)]
    pub(super) fn activate<S: Scalar>(
        &self,
        packets: Option<Simd>,
        parameters: &[S],
        numbers: &Numbers<S>,
        z: &[S],
        a: &mut [S],
    ) {
        if let Some(slope) = &self.slope {
            return S::call(PreluForward { slopes: &parameters[slope.weight.clone()], z, a });
        }
        let work = Activate { f: &self.activation, numbers, z, a, width: self.out_features };
        match packets {
            Some(simd) => S::wide_activate(simd, work),
            None => work.run(),
        }
    }

    /// dz of all rows from da, and the gradients of the slopes, if there are any.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "the buffers of one layer")]
    pub(super) fn activate_back<S: Scalar>(
        &self,
        packets: Option<Simd>,
        parameters: &[S],
        gradients: &mut [S],
        numbers: &Numbers<S>,
        z: &[S],
        a: &[S],
        da: &[S],
        dz: &mut [S],
    ) {
        let Some(slope) = &self.slope else {
            let work = ActivateBack { f: &self.activation, numbers, z, a, da, dz, width: self.out_features };
            return match packets {
                Some(simd) => S::wide_activate_back(simd, work),
                None => work.run(),
            };
        };
        let (slopes, dslopes) = (&parameters[slope.weight.clone()], &mut gradients[slope.weight.clone()]);
        S::call(PreluBackward { slopes, z, da, dz, dslopes });
    }
}

impl<S: Scalar> Model<S> {
    /// dz from any ∂L/∂f, by what a layer (counted from 0) computed in the last pass: the chain rule through its activation f
    /// alone, without dropout.
    pub(crate) fn slopes(&self, layer: usize, df: &[S], dz: &mut [S]) {
        let (values, layer) = (self.layer(layer), &self.network().layers()[layer]);
        let dropped = values.dropout.as_ref().filter(|_| self.is_training());
        let f = dropped.map_or(&values.a, |dropped| &dropped.f);
        let z = values.norm.as_ref().map_or(&values.z, |norm| &norm.y);
        let mut gradients = vec![S::constant(0.0); if layer.slope.is_some() { self.parameters().len() } else { 0 }];
        let numbers = everywhere(layer.activation.numbers());
        layer.activate_back(None, self.parameters(), &mut gradients, &numbers, z, f, df, dz);
    }
}
