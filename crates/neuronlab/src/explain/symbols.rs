//! The names of quantities in formulas.

use super::Math;
use super::moment::Moment;
use super::paths::Stage;

/// A quantity that has a letter alone.
pub(super) fn letter(letter: &'static str) -> Math {
    Math::Symbol { name: letter.into(), letter, layer: String::new(), index: String::new() }
}

/// The quantities of one neuron.
#[derive(Clone, Copy)]
pub(super) struct Named<'n> {
    pub(super) layer: usize,
    pub(super) index: usize,
    pub(super) neuron: &'n str,
}

impl Named<'_> {
    /// Its sum `z`, that sum normalised `y`, or its output `a`.
    pub(super) fn symbol(self, letter: &'static str) -> Math {
        Math::Symbol {
            name: if letter == "a" { self.neuron.into() } else { format!("{letter}({})", self.neuron) },
            letter,
            layer: self.layer.to_string(),
            index: self.index.to_string(),
        }
    }
}

/// Names quantities of one network.
#[derive(Clone, Copy)]
pub(super) struct Symbols<'m>(pub(super) &'m Moment);

impl Symbols<'_> {
    /// The output of a neuron; layer 0 are the inputs. `index` is a number or a letter.
    pub(super) fn output(self, layer: usize, index: &str) -> Math {
        let last = self.0.layers.len();
        let name = match layer {
            0 => format!("X#{index}"),
            l if l == last => format!("Y#{index}"),
            l => format!("H#{l}_{index}"),
        };
        let (letter, layer) = if layer == 0 { ("x", String::new()) } else { ("a", layer.to_string()) };
        Math::Symbol { name, letter, layer, index: index.into() }
    }

    /// The weighted sum of a neuron.
    pub(super) fn sum(self, layer: usize, index: &str) -> Math {
        self.before("z", layer, index)
    }

    /// What the activation of a neuron is given: its weighted sum, normalised or not.
    pub(super) fn given(self, layer: usize, index: &str) -> Math {
        let norm = self.0.network().layers()[layer - 1].batch_norm.is_some();
        self.before(if norm { "y" } else { "z" }, layer, index)
    }

    fn before(self, letter: &'static str, layer: usize, index: &str) -> Math {
        let name = format!("{letter}({})", self.output(layer, index).text());
        Math::Symbol { name, letter, layer: layer.to_string(), index: index.into() }
    }

    /// A quantity on a path: the output of its neuron, or what comes before that.
    pub(super) fn quantity(self, stage: Stage, neuron: usize) -> Math {
        let (layer, index) = (stage.layer() + 1, neuron.to_string());
        let of = &self.0.network().layers()[stage.layer()];
        let dropped = self.0.layers[stage.layer()].dropout.is_some();
        // What is passed on as it is, is the output already.
        let passed = of.activation == crate::nn::Activation::IDENTITY && !dropped;
        match stage {
            Stage::Sum(_) if of.batch_norm.is_some() || !passed => self.sum(layer, &index),
            Stage::Norm(_) if !passed => self.given(layer, &index),
            Stage::Activation(_) if dropped => self.before("f", layer, &index),
            _ => self.output(layer, &index),
        }
    }

    /// The weight from a neuron to one of the layer after it, counted from 1.
    pub(super) fn weight(self, layer: usize, to: &str, from: &str) -> Math {
        let name = format!("{}.weight[{to},{from}]", self.0.network().layers()[layer - 1].name);
        Math::Symbol { name, letter: "w", layer: layer.to_string(), index: format!("{to},{from}") }
    }

    /// A parameter by its place.
    pub(super) fn parameter(self, place: usize) -> Math {
        let network = self.0.network();
        for (l, layer) in network.layers().iter().enumerate() {
            if layer.weight.contains(&place) {
                let at = place - layer.weight.start;
                let (to, from) = (at / layer.in_features, at % layer.in_features);
                return self.weight(l + 1, &to.to_string(), &from.to_string());
            }
            let affine = layer.batch_norm.as_ref().and_then(|norm| norm.affine.clone());
            let named = [
                (layer.bias.clone(), "b"),
                (affine.clone().map(|(weight, _)| weight), "γ"),
                (affine.map(|(_, bias)| bias), "β"),
                (layer.slope.as_ref().map(|slope| slope.weight.clone()), "α"),
            ];
            for (range, letter) in named {
                if let Some(range) = range.filter(|range| range.contains(&place)) {
                    let index = (place - range.start).to_string();
                    return Math::Symbol {
                        name: network.parameter_name(place),
                        letter,
                        layer: (l + 1).to_string(),
                        index,
                    };
                }
            }
        }
        unreachable!("every parameter is in a layer")
    }

    /// The derivative of an activation, at a neuron.
    pub(super) fn slope(self, layer: usize, index: &str) -> Math {
        let activation = self.0.network().layers()[layer - 1].activation;
        Math::apply(format!("{}′", activation.key()), self.given(layer, index))
    }

    /// The factor of dropout, at a neuron.
    pub(super) fn mask(self, layer: usize, index: &str) -> Math {
        let name = format!("mask({})", self.output(layer, index).text());
        Math::Symbol { name, letter: "m", layer: layer.to_string(), index: index.into() }
    }

    /// ∂L/∂output
    pub(super) fn loss_slope(self, index: &str) -> Math {
        Math::partial(letter("L"), self.output(self.0.layers.len(), index))
    }

    /// The derivative between neighbours of a path: to neuron `to` of `stage`, from neuron `from` of what is before it.
    pub(super) fn step(self, stage: Stage, from: usize, to: usize) -> Math {
        let layer = stage.layer() + 1;
        let (from, to) = (from.to_string(), to.to_string());
        match stage {
            Stage::Sum(_) => self.weight(layer, &to, &from),
            Stage::Norm(_) => Math::partial(self.given(layer, &to), self.sum(layer, &from)),
            Stage::Activation(l) if self.0.network().layers()[l].activation.is_elementwise() => self.slope(layer, &to),
            Stage::Activation(l) if self.0.layers[l].dropout.is_some() => {
                Math::partial(self.before("f", layer, &to), self.given(layer, &from))
            }
            Stage::Activation(_) => Math::partial(self.output(layer, &to), self.given(layer, &from)),
            Stage::Dropout(_) => self.mask(layer, &to),
        }
    }
}
