"""The one stream of random numbers from which layers, initialisers and dropout draw, as in PyTorch."""

from __future__ import annotations

from neuronlab import _neuronlab


class Generator:
    """PyTorch's stream of random numbers, ``torch.Generator`` on the CPU: the same seed gives the same numbers.

    MT19937, Matsumoto and Nishimura (1998), and what PyTorch makes of its words.

    Parameters
    ----------
    seed
        From 0 to 2⁶³ − 1.
    """

    def __init__(self, seed: int = 0) -> None:
        self.manual_seed(seed)

    def manual_seed(self, seed: int) -> Generator:
        """Begin anew.

        Parameters
        ----------
        seed
            From 0 to 2⁶³ − 1.

        Returns
        -------
        Generator
            Itself.

        Raises
        ------
        TypeError, ValueError
            The seed is no whole number, or too small or large.
        """
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise TypeError(f"seed: expected a whole number, got {seed!r}")
        if not 0 <= seed < 2**63:
            raise ValueError(f"seed: expected 0 to 2^63 - 1, got {seed}")
        self._stream = _neuronlab.Generator(seed)
        return self

    def discard(self, words: int) -> Generator:
        """Skip words of the stream: what another program drew in between.

        Parameters
        ----------
        words
            How many; a float32 takes one, a float64 two.

        Returns
        -------
        Generator
            Itself.

        Raises
        ------
        ValueError
            There are fewer than 0.
        """
        if words < 0:
            raise ValueError(f"words: expected at least 0, got {words}")
        self._stream.discard(words)
        return self


default_generator = Generator(0)


def manual_seed(seed: int) -> Generator:
    """Begin the stream that layers, initialisers and dropout draw from anew, ``torch.manual_seed``.

    Without it the seed is 0.

    Parameters
    ----------
    seed
        From 0 to 2⁶³ − 1.

    Returns
    -------
    Generator
        The stream.

    Examples
    --------
    >>> import neuronlab as nl
    >>> _ = nl.manual_seed(2)
    >>> layer = nl.Linear(2, 1, bias=False)
    >>> print(*(f"{weight:.4f}" for weight in layer.weight.tolist()[0]))
    0.1622 -0.1683
    """
    return default_generator.manual_seed(seed)
