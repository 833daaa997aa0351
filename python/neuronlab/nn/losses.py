"""Losses: how wrong a network's outputs are, and the way back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from neuronlab import _neuronlab
from neuronlab._arrays import array, plain
from neuronlab._values import Array, Output
from neuronlab.nn.module import Module


class Loss(Module):
    """How wrong outputs are: a function of outputs and targets, that knows the way back."""

    _name = ""
    _classes = False
    _probabilities = False

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        reduction = settings.get("reduction", "mean")
        if reduction not in ("mean", "sum", "batchmean"):
            raise ValueError(f"reduction: expected `mean` or `sum`, got {reduction!r}")
        self._settings = {key: value for key, value in settings.items() if value is not None}
        self._made: dict[int, _neuronlab.Loss] = {}

    def _for(self, outputs: int) -> _neuronlab.Loss:
        if outputs not in self._made:
            document = {"name": self._name, **self._settings}
            self._made[outputs] = _neuronlab.Loss(json.dumps(document), outputs)
        return self._made[outputs]

    def __call__(self, output: Any, target: Any = None) -> Any:
        """The loss of a network's output ``[B, O]``; targets have its shape, or are class indices ``[B]``."""
        if not isinstance(output, Output):
            raise TypeError(f"expected the output of a network, got {type(output).__name__}")
        module = output._module
        wanted = self._target(target, output, module._double)
        loss = module._loss(output, self, wanted)
        return loss

    def _target(self, target: Any, output: Output, double: bool) -> Array:
        if self._classes:
            return self._rows(target, output, double)
        y = array(target, "targets", double)
        if y.shape != output.shape:
            if y.size == output._values.size and y.ndim != 0 and 1 in (*output.shape, *y.shape):
                raise ValueError(
                    f"expected targets of shape {output.shape}, as the outputs have, got {y.shape}: "
                    "PyTorch would pair each output with each target here; reshape the targets"
                )
            raise ValueError(f"expected targets of shape {output.shape}, as the outputs have, got {y.shape}")
        if not np.isfinite(y).all():
            raise ValueError("expected finite targets, got NaN or infinity")
        return y

    def _rows(self, target: Any, output: Output, double: bool) -> Array:
        """Class indices as rows with a 1; of an index that does not count, a row of zeros. Probabilities as they are."""
        labels = plain("targets", target)
        kind = np.float64 if double else np.float32
        if labels.dtype.kind == "f":
            if not self._probabilities or "weight" in self._settings or labels.shape != output.shape:
                raise TypeError(
                    "targets: expected class indices (whole numbers), one a row"
                    + (", or, without weights, probabilities of the outputs' shape" if self._probabilities else "")
                )
            return np.ascontiguousarray(labels, kind)
        classes, ignored = output.shape[-1], self._settings["ignore_index"]
        if labels.shape != output.shape[:-1]:
            raise ValueError(f"expected class indices of shape {output.shape[:-1]}, one a row, got {labels.shape}")
        wrong = (labels != ignored) & ((labels < 0) | (labels >= classes))
        if wrong.any():
            raise ValueError(f"expected class indices from 0 to {classes - 1}, got {labels[wrong].ravel()[0]}")
        return np.ascontiguousarray((np.arange(classes) == labels[..., None]) & (labels != ignored)[..., None], kind)

    def extra_repr(self) -> str:
        return ", ".join(f"{key}={value!r}" for key, value in self._settings.items() if (key, value) != ("reduction", "mean"))


class L1Loss(Loss):
    """Mean of |output − target|"""

    _name = "l1"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class MSELoss(Loss):
    """Mean of (output − target)²"""

    _name = "mse"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class SmoothL1Loss(Loss):
    """Quadratic near 0, linear from beta on"""

    _name = "smooth_l1"

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction, beta=float(beta))


class HuberLoss(Loss):
    """Quadratic near 0, linear from delta on; Huber (1964)"""

    _name = "huber"

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction, delta=float(delta))


class BCELoss(Loss):
    """Binary cross entropy of probabilities"""

    _name = "bce"

    def __init__(self, weight: Sequence[float] | None = None, reduction: str = "mean") -> None:
        super().__init__(weight=_list(weight), reduction=reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross entropy of weighted sums: the sigmoid is in the loss"""

    _name = "bce_with_logits"

    def __init__(
        self,
        weight: Sequence[float] | None = None,
        reduction: str = "mean",
        pos_weight: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__(weight=_list(weight), reduction=reduction, pos_weight=_list(pos_weight))


class CrossEntropyLoss(Loss):
    """Cross entropy of class indices: the softmax is in the loss"""

    _name = "cross_entropy"
    _classes = True
    _probabilities = True

    def __init__(
        self, weight: Sequence[float] | None = None, ignore_index: int = -100, reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(
            weight=_list(weight), ignore_index=ignore_index, reduction=reduction, label_smoothing=float(label_smoothing)
        )


class NLLLoss(Loss):
    """Minus the log probability of the right class"""

    _name = "nll"
    _classes = True

    def __init__(self, weight: Sequence[float] | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(weight=_list(weight), ignore_index=ignore_index, reduction=reduction)


class KLDivLoss(Loss):
    """Kullback and Leibler (1951): how far a distribution is from another"""

    _name = "kl_div"

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction, log_target=log_target)


class SoftMarginLoss(Loss):
    """ln(1 + e^(−target·output)), targets −1 and 1"""

    _name = "soft_margin"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class HingeEmbeddingLoss(Loss):
    """The output at target 1, max(0, margin − output) at −1"""

    _name = "hinge_embedding"

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(margin=float(margin), reduction=reduction)


class PoissonNLLLoss(Loss):
    """Of counts that are Poisson distributed"""

    _name = "poisson_nll"

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> None:
        super().__init__(log_input=log_input, full=full, eps=float(eps), reduction=reduction)


class GaussianNLLLoss(Loss):
    """Of numbers that are normally distributed, with one variance for all"""

    _name = "gaussian_nll"

    def __init__(self, var: float = 1.0, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(var=float(var), full=full, eps=float(eps), reduction=reduction)


def _list(weight: Any) -> Any:
    return weight if weight is None or isinstance(weight, (int, float)) else np.asarray(weight, float).tolist()
