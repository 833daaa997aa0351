"""Losses: how wrong a network's outputs are, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from neuronlab import _neuronlab
from neuronlab._arrays import array, plain
from neuronlab._toml import document
from neuronlab._values import Array, Output
from neuronlab.nn.module import Module


class Loss(Module):
    """How wrong outputs z are, by targets y: a function that knows the way back.

    Calling it with a network's output ``[B, O]`` and targets gives a :class:`~neuronlab.LossValue`. Targets have the output's
    shape, or, of losses of classes, are indices ``[B]``.

    Parameters
    ----------
    **settings
        Of the loss, under PyTorch's names.

    Examples
    --------
    >>> import neuronlab as nl
    >>> net = nl.Linear(2, 1)
    >>> loss = nl.MSELoss()(net([[0.0, 1.0], [1.0, 0.0]]), [[1.0], [0.0]])
    >>> loss.backward()
    >>> net.weight.grad.shape
    (1, 2)
    """

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
            self._made[outputs] = _neuronlab.Loss(document(self._name, self._settings), outputs)
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
    """|z − y|, ``torch.nn.L1Loss``.

    Parameters
    ----------
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    """

    _name = "l1"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class MSELoss(Loss):
    """(z − y)², ``torch.nn.MSELoss``.

    Parameters
    ----------
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    """

    _name = "mse"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class SmoothL1Loss(Loss):
    """(z − y)²/(2·beta) where |z − y| < beta, else |z − y| − beta/2, ``torch.nn.SmoothL1Loss``; Girshick (2015).

    Parameters
    ----------
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    beta
        Where the line begins; above 0.
    """

    _name = "smooth_l1"

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction=reduction, beta=float(beta))


class HuberLoss(Loss):
    """(z − y)²/2 where |z − y| ≤ delta, else delta·(|z − y| − delta/2), ``torch.nn.HuberLoss``; Huber (1964).

    Parameters
    ----------
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    delta
        Where the line begins; above 0.
    """

    _name = "huber"

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction, delta=float(delta))


class BCELoss(Loss):
    """−weight·(y·ln z + (1 − y)·ln(1 − z)) of probabilities z, ``torch.nn.BCELoss``. Logarithms are at least −100.

    Parameters
    ----------
    weight
        One for each output ``[O]``.
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    """

    _name = "bce"

    def __init__(self, weight: Sequence[float] | None = None, reduction: str = "mean") -> None:
        super().__init__(weight=_list(weight), reduction=reduction)


class BCEWithLogitsLoss(Loss):
    """:class:`BCELoss` of 1/(1 + e^−z): the sigmoid is in the loss, ``torch.nn.BCEWithLogitsLoss``.

    Parameters
    ----------
    weight
        One for each output ``[O]``.
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    pos_weight
        What the term of targets 1 is multiplied with: one number, or one for each output ``[O]``.
    """

    _name = "bce_with_logits"

    def __init__(
        self,
        weight: Sequence[float] | None = None,
        reduction: str = "mean",
        pos_weight: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__(weight=_list(weight), reduction=reduction, pos_weight=_list(pos_weight))


class CrossEntropyLoss(Loss):
    """−weight·ln softmax(z) at the right class: the softmax is in the loss, ``torch.nn.CrossEntropyLoss``.

    Targets are class indices ``[B]``, or probabilities ``[B, O]``.

    Parameters
    ----------
    weight
        One for each class ``[O]``; ``"mean"`` divides by the sum of those of the targets.
    ignore_index
        Targets of this index do not count.
    reduction
        ``"mean"`` over the rows, or ``"sum"``.
    label_smoothing
        The share of the target that is spread evenly over all classes; Szegedy et al. (2016).
    """

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
    """−weight·z at the right class, of logarithms of probabilities z, ``torch.nn.NLLLoss``. Targets are class indices ``[B]``.

    Parameters
    ----------
    weight
        One for each class ``[O]``; ``"mean"`` divides by the sum of those of the targets.
    ignore_index
        Targets of this index do not count.
    reduction
        ``"mean"`` over the rows, or ``"sum"``.
    """

    _name = "nll"
    _classes = True

    def __init__(self, weight: Sequence[float] | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(weight=_list(weight), ignore_index=ignore_index, reduction=reduction)


class KLDivLoss(Loss):
    """y·(ln y − z) of logarithms of probabilities z, ``torch.nn.KLDivLoss``; Kullback and Leibler (1951).

    Parameters
    ----------
    reduction
        ``"mean"`` over all numbers, ``"batchmean"`` over the rows, or ``"sum"``.
    log_target
        Whether targets are logarithms, too.
    """

    _name = "kl_div"

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction=reduction, log_target=log_target)


class SoftMarginLoss(Loss):
    """ln(1 + e^(−y·z)), targets −1 and 1, ``torch.nn.SoftMarginLoss``.

    Parameters
    ----------
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    """

    _name = "soft_margin"

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class HingeEmbeddingLoss(Loss):
    """z at target 1, max(0, margin − z) at target −1, ``torch.nn.HingeEmbeddingLoss``.

    Parameters
    ----------
    margin
        From where on an output at target −1 costs nothing.
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    """

    _name = "hinge_embedding"

    def __init__(self, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(margin=float(margin), reduction=reduction)


class PoissonNLLLoss(Loss):
    """e^z − y·z of the logarithm z of a rate and a count y, ``torch.nn.PoissonNLLLoss``.

    Parameters
    ----------
    log_input
        ``False``: z is the rate itself, and the loss z − y·ln(z + eps).
    full
        Whether y·ln y − y + ln(2π·y)/2, Stirling's formula, is added where y is above 1.
    eps
        Against the logarithm of 0.
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    """

    _name = "poisson_nll"

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean") -> None:
        super().__init__(log_input=log_input, full=full, eps=float(eps), reduction=reduction)


class GaussianNLLLoss(Loss):
    """(ln var + (z − y)²/var)/2, with one variance for all, ``torch.nn.GaussianNLLLoss``; Nix and Weigend (1994).

    Parameters
    ----------
    var
        The variance.
    full
        Whether ln(2π)/2 is added.
    eps
        The least variance.
    reduction
        ``"mean"`` over all numbers, or ``"sum"``.
    """

    _name = "gaussian_nll"

    def __init__(self, var: float = 1.0, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(var=float(var), full=full, eps=float(eps), reduction=reduction)


def _list(weight: Any) -> Any:
    return weight if weight is None or isinstance(weight, (int, float)) else np.asarray(weight, float).tolist()
