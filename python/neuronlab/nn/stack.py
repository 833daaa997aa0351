"""Layers in a row, as the engine wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from neuronlab._values import Parameter
from neuronlab.nn.activations import Activation, PReLU
from neuronlab.nn.layers import BatchNorm1d, Dropout, Identity, Layer, Linear


class Stack:
    """Layers in a row, as the engine wants them: linear layers, and what follows each."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers: list[dict[str, Any]] = []
        self.parameters: list[Parameter] = []
        self.norms: list[tuple[int, BatchNorm1d]] = []
        self.in_features = 0
        self.out_features = 0
        self.has_dropout = False
        pending: list[Parameter] = []
        seen: set[int] = set()
        stage = ""
        for place, layer in enumerate(layers):
            if id(layer) in seen and any(True for _ in layer.named_parameters()):
                raise ValueError(f"{layer!r} stands twice in the network: shared weights are not supported")
            seen.add(id(layer))
            where = f"layer {place}, {layer!r}"
            if isinstance(layer, Linear):
                if self.layers and layer.in_features != self.out_features:
                    raise ValueError(f"{where}: expected {self.out_features} inputs, as many as there are before it")
                self.in_features = self.in_features or layer.in_features
                self.out_features = layer.out_features
                self.parameters += pending
                pending = []
                self.layers.append({"out_features": layer.out_features, "bias": layer.bias is not None})
                self.parameters += [p for p in (layer.weight, layer.bias) if p is not None]
                stage = "linear"
                continue
            if isinstance(layer, Identity):
                continue
            if not self.layers:
                raise ValueError(f"{where}: a network here begins with a Linear layer")
            config = self.layers[-1]
            if isinstance(layer, BatchNorm1d):
                if stage != "linear":
                    raise ValueError(f"{where}: batch normalisation stands between a Linear layer and its activation here")
                if layer.num_features != self.out_features:
                    raise ValueError(f"{where}: expected {self.out_features} features, as many as the layer before has")
                config["batch_norm"] = {"eps": layer.eps, "momentum": layer.momentum, "affine": layer.affine}
                self.norms.append((len(self.layers) - 1, layer))
                self.parameters += [p for p in (layer.weight, layer.bias) if p is not None]
                stage = "norm"
            elif isinstance(layer, Dropout):
                if "dropout" in config:
                    raise ValueError(f"{where}: one Dropout behind a layer, not two")
                config["dropout"] = layer.p
                self.has_dropout = self.has_dropout or layer.p > 0
                stage = "dropout"
            elif isinstance(layer, Activation):
                if stage not in ("linear", "norm"):
                    raise ValueError(
                        f"{where}: an activation stands behind a Linear layer or its batch normalisation here, "
                        "not behind another activation or Dropout"
                    )
                config["activation"] = layer._document()
                if isinstance(layer, PReLU):
                    self.parameters.append(layer.weight)
                stage = "activation"
            else:
                raise ValueError(f"{where}: this layer can't be part of a network here")
        if not self.layers:
            raise ValueError("expected a network of at least one Linear layer")
        for config in self.layers:
            config.setdefault("activation", "identity")
        kinds = {parameter.dtype for parameter in self.parameters}
        if len(kinds) > 1:
            raise ValueError(
                "expected all layers in one precision, float32 or float64; net.double() or net.float() makes them so"
            )
        self.double = kinds == {np.dtype(np.float64)}
