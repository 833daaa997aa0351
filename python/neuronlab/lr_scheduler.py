"""Schedules of the learning rate, ``torch.optim.lr_scheduler``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuronlab.optim import Optimizer


class LRScheduler:
    """Changes an optimizer's learning rate with each call of :meth:`step`."""

    _name = ""

    def __init__(self, optimizer: Optimizer, **settings: Any) -> None:
        self.optimizer = optimizer
        document = {"name": self._name, **{key: value for key, value in settings.items() if value is not None}}
        optimizer._rule.follow(json.dumps(document))

    def step(self) -> None:
        """One epoch (or, for CyclicLR and OneCycleLR, one step) more."""
        self.optimizer._rule.advance(0.0)

    def get_last_lr(self) -> list[float]:
        """The learning rate of the next step."""
        return [self.optimizer.lr]


class StepLR(LRScheduler):
    """Times gamma every step_size epochs."""

    _name = "step_lr"

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer, step_size=step_size, gamma=gamma)


class MultiStepLR(LRScheduler):
    """Times gamma at each milestone."""

    _name = "multi_step_lr"

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1) -> None:
        super().__init__(optimizer, milestones=list(milestones), gamma=gamma)


class ExponentialLR(LRScheduler):
    """Times gamma every epoch."""

    _name = "exponential_lr"

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        super().__init__(optimizer, gamma=gamma)


class CosineAnnealingLR(LRScheduler):
    """Along half a wave of the cosine; Loshchilov and Hutter (2017)."""

    _name = "cosine_annealing_lr"

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer, t_max=T_max, eta_min=eta_min)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Along the cosine, again and again; Loshchilov and Hutter (2017)."""

    _name = "cosine_annealing_warm_restarts"

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:
        super().__init__(optimizer, t_0=T_0, t_mult=T_mult, eta_min=eta_min)


class ConstantLR(LRScheduler):
    """Times a factor for the first epochs."""

    _name = "constant_lr"

    def __init__(self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5) -> None:
        super().__init__(optimizer, factor=factor, total_iters=total_iters)


class LinearLR(LRScheduler):
    """From start_factor to end_factor on a line."""

    _name = "linear_lr"

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        super().__init__(optimizer, start_factor=start_factor, end_factor=end_factor, total_iters=total_iters)


class PolynomialLR(LRScheduler):
    """To 0 along a power."""

    _name = "polynomial_lr"

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        super().__init__(optimizer, total_iters=total_iters, power=power)


class CyclicLR(LRScheduler):
    """Up and down between two rates; Smith (2017). Call :meth:`step` after each batch."""

    _name = "cyclic_lr"

    def __init__(
        self, optimizer: Optimizer, base_lr: float, max_lr: float, step_size_up: int = 2000,
        step_size_down: int | None = None, mode: str = "triangular", gamma: float = 1.0, cycle_momentum: bool = True,
        base_momentum: float = 0.8, max_momentum: float = 0.9,
    ) -> None:  # fmt: skip
        super().__init__(
            optimizer, base_lr=base_lr, max_lr=max_lr, step_size_up=step_size_up, step_size_down=step_size_down,
            mode=mode, gamma=gamma, cycle_momentum=cycle_momentum, base_momentum=base_momentum,
            max_momentum=max_momentum,
        )  # fmt: skip


class OneCycleLR(LRScheduler):
    """Up once and down once; Smith and Topin (2018). Call :meth:`step` after each batch."""

    _name = "one_cycle_lr"

    def __init__(
        self, optimizer: Optimizer, max_lr: float, total_steps: int, pct_start: float = 0.3, anneal_strategy: str = "cos",
        cycle_momentum: bool = True, base_momentum: float = 0.85, max_momentum: float = 0.95, div_factor: float = 25.0,
        final_div_factor: float = 1e4, three_phase: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            optimizer, max_lr=max_lr, total_steps=total_steps, pct_start=pct_start, anneal_strategy=anneal_strategy,
            cycle_momentum=cycle_momentum, base_momentum=base_momentum, max_momentum=max_momentum,
            div_factor=div_factor, final_div_factor=final_div_factor, three_phase=three_phase,
        )  # fmt: skip


class ReduceLROnPlateau(LRScheduler):
    """Times a factor where the loss got no better for some epochs. :meth:`step` takes the epoch's loss."""

    _name = "reduce_lr_on_plateau"

    def __init__(
        self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10, threshold: float = 1e-4,
        threshold_mode: str = "rel", cooldown: int = 0, min_lr: float = 0.0, eps: float = 1e-8,
    ) -> None:  # fmt: skip
        super().__init__(
            optimizer, mode=mode, factor=factor, patience=patience, threshold=threshold, threshold_mode=threshold_mode,
            cooldown=cooldown, min_lr=min_lr, eps=eps,
        )  # fmt: skip

    def step(self, metrics: float) -> None:  # type: ignore[override]
        """One epoch more, with its loss."""
        self.optimizer._rule.advance(float(metrics))
