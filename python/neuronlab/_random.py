"""The one stream of random numbers from which layers, initialisers and dropout draw, as in PyTorch."""

from __future__ import annotations

from neuronlab import _neuronlab


class Generator:
    """PyTorch's stream (MT19937): the same seed gives the same numbers as ``torch.Generator`` on the CPU."""

    def __init__(self, seed: int = 0) -> None:
        self.manual_seed(seed)

    def manual_seed(self, seed: int) -> Generator:
        """Begin anew."""
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise TypeError(f"seed: expected a whole number, got {seed!r}")
        if not 0 <= seed < 2**63:
            raise ValueError(f"seed: expected 0 to 2^63 - 1, got {seed}")
        self._stream = _neuronlab.Generator(seed)
        return self

    def discard(self, words: int) -> Generator:
        """Skip so many words of the stream: what another program drew in between."""
        if words < 0:
            raise ValueError(f"words: expected at least 0, got {words}")
        self._stream.discard(words)
        return self


default_generator = Generator(0)


def manual_seed(seed: int) -> Generator:
    """Begin the stream anew from a seed, ``torch.manual_seed``. (Without it the seed is 0.)"""
    return default_generator.manual_seed(seed)
