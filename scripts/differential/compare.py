"""Whether a run is the reference run, but for roundings: how far these take it is measured on PyTorch's own runs."""

import math
from typing import NamedTuple

from differential.methods import ACCIDENTS, DEPARTURES
from differential.runs import train_torch

FLOOR = {"float32": 1e-5, "float64": 1e-9}
FACTOR = 30
DISTURBED = 12
USELESS = 0.01


class Verdict(NamedTuple):
    kind: str  # same, mismatch, refused, departure, diverged
    why: str = ""
    compared: int = 0
    left_out: int = 0


def numbers_of(run):
    return run.losses + ([] if run.after is None else [run.after])


def sizes_of(reference):
    """What a difference of each loss is relative to."""
    losses = [abs(loss) for loss in numbers_of(reference)]
    return [max(loss, 0.01 * max(losses), 1e-4) for loss in losses]


def allowances(case, reference):
    """How far from the reference each loss may be, by what roundings do to PyTorch's own runs; infinite where it diverges."""
    expected, spread, allowed = numbers_of(reference), 0.0, []
    others = [numbers_of(train_torch(case, seed)) for seed in range(DISTURBED)]
    for step, size in enumerate(sizes_of(reference)):
        for other in others:
            spread = max(spread, abs(other[step] - expected[step]) if step < len(other) else math.inf)
        allowed.append(FLOOR[case.experiment["dtype"]] * size + FACTOR * spread)
    return allowed + [math.inf] * (max(map(len, others)) - len(expected))


def compare(case, reference, found):
    """Whether a run is the reference run."""
    if found.crashed:
        return Verdict("mismatch", found.crashed)
    if reference.refused or found.refused:
        who = f"PyTorch: {reference.refused or 'trains'}; neuronlab: {found.refused or 'trains'}"
        if reference.refused and found.refused:
            return Verdict("refused", who)
        departs = reference.refused in ACCIDENTS or found.refused and case.edge in DEPARTURES
        return Verdict("departure" if departs else "mismatch", who)
    expected, got, sizes = numbers_of(reference), numbers_of(found), sizes_of(reference)
    departs = reference.overflowed and len(got) > len(expected)
    if departs:
        got = got[:len(expected)]
    allowed = [FLOOR[case.experiment["dtype"]] * size for size in sizes]

    def differs(i):
        return i >= min(len(expected), len(got)) or not abs(got[i] - expected[i]) <= allowed[i]

    def at(losses, i):
        return repr(losses[i]) if i < len(losses) else "no more"

    steps = range(max(len(expected), len(got)))
    if any(map(differs, steps)):
        allowed = allowances(case, reference)
    # Beyond the reference's end, an allowance is infinite where a disturbed run goes on.
    useless = (i for i, allowance in enumerate(allowed) if i >= len(sizes) or allowance > USELESS * sizes[i])
    steps = range(next(useless, len(steps)))
    for i in filter(differs, steps):
        place = f"step {i}" if i < len(reference.losses) else "the loss after training"
        limit = f"{allowed[i]:.1e}" if i < len(allowed) else "nothing"
        return Verdict("mismatch", f"{place}: PyTorch {at(expected, i)}, neuronlab {at(got, i)}, allowed {limit}")
    # A schedule computes in float64, but may be shown in the precision of the run.
    limit = max(reference.rates, default=0) * (1e-12 if case.experiment["dtype"] == "float64" else 1e-6)
    for i, (rate, other) in enumerate(zip(reference.rates, found.rates)):
        if not abs(rate - other) <= limit and i in steps:
            return Verdict("mismatch", f"step {i}: learning rate {rate!r} in PyTorch, {other!r} in neuronlab")
    kind = "departure" if departs else "diverged" if reference.diverged else "same"
    return Verdict(kind, "", len(steps), max(len(expected) - len(steps), 0))
