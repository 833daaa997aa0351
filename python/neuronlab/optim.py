"""Optimizers, ``torch.optim``, with PyTorch's names, defaults and formulas."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from neuronlab import _neuronlab, lr_scheduler
from neuronlab._values import Parameter

__all__ = [
    "ASGD", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "Optimizer", "RAdam", "RMSprop", "Rprop",
    "lr_scheduler",
]  # fmt: skip


class Optimizer:
    """A rule by which parameters follow their gradients. Made for all parameters of one network."""

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
        document = {"name": self._name, **settings}
        self._rule = _neuronlab.Optimizer(json.dumps(document), module._engine())

    def step(self) -> None:
        """One update of all parameters by their gradients. Without gradients nothing is done."""
        self._rule.step(self._module._engine())
        self._module._changed()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, so that those of the next step are not added to them."""
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
    """v ← μ·v + g; w ← w − η·v. Without momentum: w ← w − η·g. ``torch.optim.SGD``."""

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
    """Kingma and Ba (2015). ``torch.optim.Adam``."""

    _name = "adam"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, amsgrad: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize
        )


class AdamW(Optimizer):
    """Loshchilov and Hutter (2019): weights decay beside the gradient. ``torch.optim.AdamW``."""

    _name = "adamw"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize
        )


class Adamax(Optimizer):
    """Kingma and Ba (2015), by the largest gradient. ``torch.optim.Adamax``."""

    _name = "adamax"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, betas=list(betas), eps=eps, weight_decay=weight_decay, maximize=maximize)


class NAdam(Optimizer):
    """Dozat (2016): Adam with Nesterov's momentum. ``torch.optim.NAdam``."""

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
    """Liu et al. (2020): Adam with a rectified variance. ``torch.optim.RAdam``."""

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
    """Hinton (2012): steps over the root of a mean of squared gradients. ``torch.optim.RMSprop``."""

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
    """Duchi, Hazan and Singer (2011). ``torch.optim.Adagrad``."""

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
    """Zeiler (2012). ``torch.optim.Adadelta``."""

    _name = "adadelta"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6,
        weight_decay: float = 0.0, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)


class ASGD(Optimizer):
    """Polyak and Juditsky (1992). ``torch.optim.ASGD``."""

    _name = "asgd"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
        weight_decay: float = 0.0, *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, lambd=lambd, alpha=alpha, t0=float(t0), weight_decay=weight_decay, maximize=maximize)


class Rprop(Optimizer):
    """Riedmiller and Braun (1993): steps by the sign of the gradient alone. ``torch.optim.Rprop``."""

    _name = "rprop"

    def __init__(
        self, params: Iterable[Parameter], lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0), *, maximize: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(params, lr=lr, etas=list(etas), step_sizes=list(step_sizes), maximize=maximize)
