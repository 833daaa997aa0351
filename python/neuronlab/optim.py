"""Optimizers, ``torch.optim``, with PyTorch's names, defaults and formulas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from neuronlab import _neuronlab, lr_scheduler
from neuronlab._toml import document
from neuronlab._values import Parameter

__all__ = [
    "ASGD", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "Optimizer", "RAdam", "RMSprop", "Rprop",
    "lr_scheduler",
]  # fmt: skip


class Optimizer:
    """A rule by which parameters w follow their gradients g. η is the learning rate, t counts steps from 1.

    Parameters
    ----------
    params
        All parameters of one network, ``net.parameters()``.
    **settings
        Of the rule, under PyTorch's names.

    Raises
    ------
    TypeError, ValueError
        No parameters, or not all of one network; a setting that does not fit.

    Examples
    --------
    >>> import neuronlab as nl
    >>> net = nl.Linear(2, 1)
    >>> optimizer = nl.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    >>> nl.MSELoss()(net([[0.0, 1.0]]), [[1.0]]).backward()
    >>> optimizer.step()
    >>> optimizer.lr
    0.1
    """

    _name = ""

    def __init__(self, params: Iterable[Parameter], **settings: Any) -> None:
        parameters = list(params)
        if not parameters or not all(isinstance(p, Parameter) for p in parameters):
            raise TypeError("params: expected net.parameters(), all parameters of one network")
        module = parameters[0]._module
        whole = module is not None and len(parameters) == len(module._bound()) and all(p._module is module for p in parameters)
        if module is None or not whole:
            raise ValueError(
                "params: expected all parameters of one network, net.parameters(); groups of parameters are not supported"
            )
        self._module = module
        self._rule = _neuronlab.Optimizer(document(self._name, settings), module._engine())

    def step(self) -> None:
        """One update of all parameters by their gradients. Without gradients nothing is done."""
        self._rule.step(self._module._engine())
        self._module._changed()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, so that those of the next step are not added to them.

        Parameters
        ----------
        set_to_none
            ``False`` makes them 0 instead.
        """
        self._module.zero_grad(set_to_none)

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return self._rule.lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._rule.lr = lr

    @property
    def param_groups(self) -> list[_Group]:
        """One group, whose ``lr`` can be read and set."""
        return [_Group(self)]

    def __repr__(self) -> str:
        return self._rule.describe()


class _Group(dict[str, Any]):
    def __init__(self, optimizer: Optimizer) -> None:
        super().__init__(lr=optimizer.lr, params=optimizer._module._bound())
        self._optimizer = optimizer

    def __setitem__(self, key: str, value: Any) -> None:
        if key != "lr":
            raise KeyError(f"`{key}` can't be set here, only `lr`")
        self._optimizer.lr = value
        super().__setitem__(key, value)


class SGD(Optimizer):
    """v ← momentum·v + (1 − dampening)·g; w ← w − η·v. Without momentum v = g. ``torch.optim.SGD``

    Robbins and Monro (1951), Polyak (1964); the first v is g.

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    momentum
        From 0 on, below 1.
    dampening
        From 0 on.
    weight_decay
        weight_decay·w is added to g.
    nesterov
        Whether w ← w − η·(g + momentum·v); Nesterov (1983). Needs momentum, and no dampening.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "sgd"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-3, momentum: float = 0.0, dampening: float = 0.0,
        weight_decay: float = 0.0, nesterov: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov,
            maximize=maximize,
        )  # fmt: skip


class Adam(Optimizer):
    """w ← w − η·m̂/(√v̂ + ε), ``torch.optim.Adam``; Kingma and Ba (2015).

    m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    betas
        β₁ and β₂.
    eps
        ε, against a division by 0.
    weight_decay
        weight_decay·w is added to g.
    amsgrad
        Whether the largest v so far stands for v; Reddi et al. (2018).
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "adam"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, amsgrad: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize
        )


class AdamW(Optimizer):
    """:class:`Adam` with weights that decay beside the gradient, ``torch.optim.AdamW``; Loshchilov and Hutter (2019).

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    betas
        β₁ and β₂.
    eps
        ε, against a division by 0.
    weight_decay
        First w ← w − η·weight_decay·w.
    amsgrad
        Whether the largest v so far stands for v; Reddi et al. (2018).
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "adamw"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize
        )


class Adamax(Optimizer):
    """w ← w − η·m̂/u, ``torch.optim.Adamax``; Kingma and Ba (2015).

    m̂ as in :class:`Adam`; u ← max(β₂·u, |g| + ε): the largest gradient of late.

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    betas
        β₁ and β₂.
    eps
        ε, against a division by 0.
    weight_decay
        weight_decay·w is added to g.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "adamax"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay, maximize=maximize)


class NAdam(Optimizer):
    """:class:`Adam` with Nesterov's momentum, ``torch.optim.NAdam``; Dozat (2016).

    m̂ = μ'·m/(1 − μ₁·…·μₜ·μ') + (1 − μₜ)·g/(1 − μ₁·…·μₜ), μₜ = β₁·(1 − 0.96^(t·momentum_decay)/2), μ' = μₜ₊₁.

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    betas
        β₁ and β₂.
    eps
        ε, against a division by 0.
    weight_decay
        weight_decay·w is added to g.
    momentum_decay
        How fast the momentum rises to β₁.
    decoupled_weight_decay
        Whether η·weight_decay·w is taken from w instead, as in AdamW.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "nadam"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *,
        maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay, maximize=maximize,
        )  # fmt: skip


class RAdam(Optimizer):
    """:class:`Adam` with a rectified variance, ``torch.optim.RAdam``; Liu et al. (2020).

    ρ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ), ρ∞ = 2/(1 − β₂) − 1. While ρ ≤ 5, w ← w − η·m̂; then Adam's step times
    √((ρ − 4)(ρ − 2)·ρ∞/((ρ∞ − 4)(ρ∞ − 2)·ρ)).

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    betas
        β₁ and β₂.
    eps
        ε, against a division by 0.
    weight_decay
        weight_decay·w is added to g.
    decoupled_weight_decay
        Whether η·weight_decay·w is taken from w instead, as in AdamW.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "radam"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, decoupled_weight_decay: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay, maximize=maximize,
        )  # fmt: skip


class RMSprop(Optimizer):
    """v ← alpha·v + (1 − alpha)·g²; w ← w − η·g/(√v + ε), ``torch.optim.RMSprop``; Hinton (2012).

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    alpha
        How long v remembers.
    eps
        ε, against a division by 0.
    weight_decay
        weight_decay·w is added to g.
    momentum
        Of the steps g/(√v + ε).
    centered
        Whether the square of the mean gradient is taken from v; Graves (2013).
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "rmsprop"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0.0, momentum: float = 0.0, centered: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered,
            maximize=maximize,
        )  # fmt: skip


class Adagrad(Optimizer):
    """s ← s + g²; w ← w − η/(1 + (t − 1)·lr_decay)·g/(√s + ε), ``torch.optim.Adagrad``.

    Duchi, Hazan and Singer (2011).

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    lr_decay
        How fast η falls.
    weight_decay
        weight_decay·w is added to g.
    initial_accumulator_value
        s at first.
    eps
        ε, against a division by 0.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "adagrad"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-2, lr_decay: float = 0.0, weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0, eps: float = 1e-10, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, eps=eps, maximize=maximize,
        )  # fmt: skip


class Adadelta(Optimizer):
    """w ← w − η·d, d = √(u + ε)/√(v + ε)·g, ``torch.optim.Adadelta``; Zeiler (2012).

    v ← rho·v + (1 − rho)·g², u ← rho·u + (1 − rho)·d².

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    rho
        How long v and u remember.
    eps
        ε, against a division by 0.
    weight_decay
        weight_decay·w is added to g.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "adadelta"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6,
        weight_decay: float = 0.0, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)


class ASGD(Optimizer):
    """w ← (1 − lambd·ηₜ)·w − ηₜ·g, ``torch.optim.ASGD``; Polyak and Juditsky (1992).

    ηₜ = η/(1 + lambd·η·t)^alpha. As in PyTorch, the mean of the weights is not put into the network.

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        The learning rate η.
    lambd
        Decay.
    alpha
        How fast η falls.
    t0
        The step from which on the mean is taken.
    weight_decay
        weight_decay·w is added to g.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "asgd"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
        weight_decay: float = 0.0, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, lambd=lambd, alpha=alpha, t0=float(t0), weight_decay=weight_decay, maximize=maximize)


class Rprop(Optimizer):
    """Steps by the sign of the gradient alone, ``torch.optim.Rprop``; Riedmiller and Braun (1993).

    w ← w − s·sign(g). s grows by etas[1] where the sign stays; where it turns, s shrinks by etas[0] and w stays.

    Parameters
    ----------
    params
        All parameters of one network.
    lr
        s at first.
    etas
        Factors below and above 1.
    step_sizes
        The least and the largest s.
    maximize
        Whether the loss is to rise: −g instead of g.
    """

    _name = "rprop"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0), *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, etas=list(etas), step_sizes=list(step_sizes), maximize=maximize)
