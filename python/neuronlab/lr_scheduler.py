"""Schedules of the learning rate, ``torch.optim.lr_scheduler``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neuronlab._toml import document

if TYPE_CHECKING:
    from neuronlab.optim import Optimizer


class LRScheduler:
    """Changes an optimizer's learning rate η with each call of :meth:`step`.

    t counts the calls; η₀ is the optimizer's rate at first.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    **settings
        Of the schedule, under PyTorch's names.

    Examples
    --------
    >>> import neuronlab as nl
    >>> optimizer = nl.optim.SGD(nl.Linear(2, 1).parameters(), lr=0.1)
    >>> schedule = nl.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.05]
    """

    _name = ""

    def __init__(self, optimizer: Optimizer, **settings: Any) -> None:
        self.optimizer = optimizer
        given = {key: value for key, value in settings.items() if value is not None}
        optimizer._rule.follow(document(self._name, given))

    def step(self) -> None:
        """One epoch (or, for CyclicLR and OneCycleLR, one step) more."""
        self.optimizer._rule.advance(0.0)

    def get_last_lr(self) -> list[float]:
        """The learning rate of the next step.

        Returns
        -------
        list of float
            One number, for the one group of parameters.
        """
        return [self.optimizer.lr]


class StepLR(LRScheduler):
    """η = η₀·gamma^⌊t/step_size⌋, ``torch.optim.lr_scheduler.StepLR``.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    step_size
        Epochs between two changes.
    gamma
        The factor.
    """

    _name = "step_lr"

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer, step_size=step_size, gamma=gamma)


class MultiStepLR(LRScheduler):
    """η = η₀·gamma^(milestones reached by t), ``torch.optim.lr_scheduler.MultiStepLR``.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    milestones
        Epochs at which the rate changes.
    gamma
        The factor.
    """

    _name = "multi_step_lr"

    def __init__(self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1) -> None:
        super().__init__(optimizer, milestones=list(milestones), gamma=gamma)


class ExponentialLR(LRScheduler):
    """η = η₀·gammaᵗ, ``torch.optim.lr_scheduler.ExponentialLR``.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    gamma
        The factor of an epoch.
    """

    _name = "exponential_lr"

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        super().__init__(optimizer, gamma=gamma)


class CosineAnnealingLR(LRScheduler):
    """η = eta_min + (η₀ − eta_min)·(1 + cos(π·t/T_max))/2, ``torch.optim.lr_scheduler.CosineAnnealingLR``.

    Loshchilov and Hutter (2017), without restarts.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    T_max
        Epochs of half a wave.
    eta_min
        The lowest rate.
    """

    _name = "cosine_annealing_lr"

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        super().__init__(optimizer, t_max=T_max, eta_min=eta_min)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Along half a wave of the cosine, again and again, ``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts``.

    Loshchilov and Hutter (2017): η = eta_min + (η₀ − eta_min)·(1 + cos(π·T/Tᵢ))/2, T epochs after a restart.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    T_0
        Epochs until the first restart.
    T_mult
        How many times longer each wave is than the one before.
    eta_min
        The lowest rate.
    """

    _name = "cosine_annealing_warm_restarts"

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> None:
        super().__init__(optimizer, t_0=T_0, t_mult=T_mult, eta_min=eta_min)


class ConstantLR(LRScheduler):
    """η = η₀·factor for the first epochs, then η₀, ``torch.optim.lr_scheduler.ConstantLR``.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    factor
        From 0 to 1.
    total_iters
        Epochs with the factor.
    """

    _name = "constant_lr"

    def __init__(self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5) -> None:
        super().__init__(optimizer, factor=factor, total_iters=total_iters)


class LinearLR(LRScheduler):
    """η₀ times a factor that goes from one number to another on a line, ``torch.optim.lr_scheduler.LinearLR``.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    start_factor, end_factor
        The ends.
    total_iters
        Epochs from one to the other.
    """

    _name = "linear_lr"

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        super().__init__(optimizer, start_factor=start_factor, end_factor=end_factor, total_iters=total_iters)


class PolynomialLR(LRScheduler):
    """η = η₀·(1 − t/total_iters)^power, then 0, ``torch.optim.lr_scheduler.PolynomialLR``.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    total_iters
        Epochs until 0.
    power
        1: on a line.
    """

    _name = "polynomial_lr"

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0) -> None:
        super().__init__(optimizer, total_iters=total_iters, power=power)


class CyclicLR(LRScheduler):
    """Up and down between two rates, ``torch.optim.lr_scheduler.CyclicLR``; Smith (2017).

    Call :meth:`step` after each batch.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    base_lr, max_lr
        The rates.
    step_size_up, step_size_down
        Steps up and steps down; as many by default.
    mode
        ``"triangular"``; ``"triangular2"``: half as high each time; ``"exp_range"``: times gamma^step.
    gamma
        The factor of a step in ``"exp_range"``.
    cycle_momentum
        Whether momentum moves, too, against the rate.
    base_momentum, max_momentum
        Its ends.
    """

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
    """Up once and down once, ``torch.optim.lr_scheduler.OneCycleLR``; Smith and Topin (2018).

    Call :meth:`step` after each batch.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    max_lr
        The highest rate; the first is max_lr/div_factor.
    total_steps
        Steps in all.
    pct_start
        The share of steps that go up.
    anneal_strategy
        ``"cos"`` or ``"linear"``.
    cycle_momentum
        Whether momentum moves, too, against the rate.
    base_momentum, max_momentum
        Its ends.
    div_factor
        The highest rate over the first.
    final_div_factor
        The first rate over the last.
    three_phase
        Whether it goes down as it went up, and then on to the last rate.
    """

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
    """η·factor where the loss got no better for some epochs, ``torch.optim.lr_scheduler.ReduceLROnPlateau``.

    Parameters
    ----------
    optimizer
        Whose rate is changed.
    mode
        Whether smaller is better, ``"min"``, or larger, ``"max"``.
    factor
        Below 1.
    patience
        Epochs without progress that are borne.
    threshold, threshold_mode
        How much better counts: a share of the best (``"rel"``), or so much (``"abs"``).
    cooldown
        Epochs after a change that do not count.
    min_lr
        The lowest rate.
    eps
        Smaller changes are not made.
    """

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
        """One epoch more.

        Parameters
        ----------
        metrics
            The epoch's loss, or what else is watched.
        """
        self.optimizer._rule.advance(float(metrics))
