"""Networks with scikit-learn's conventions: pipelines, cross-validation and grid searches take them as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from neuronlab import _neuronlab
from neuronlab.experiment import Experiment, inline
from neuronlab.run import Run

__all__ = ["MLPClassifier", "MLPRegressor"]


class _MLP(BaseEstimator):  # type: ignore[misc]
    """What both have in common. ``run_`` is the run, with all that a run can be asked."""

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] = (8, 8),
        activation: Any = "tanh",
        optimizer: Any = "adam",
        learning_rate_init: float | None = None,
        batch_size: int | None = 32,
        max_iter: int = 200,
        standardize: bool = True,
        init: Any = "default",
        random_state: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.standardize = standardize
        self.init = init
        self.random_state = random_state

    def _train(self, data: dict[str, Any], samples: int, outputs: int, loss: str) -> None:
        random = (
            np.random.RandomState(self.random_state)
            if not isinstance(self.random_state, np.random.RandomState)
            else self.random_state
        )
        seed = (
            int(random.randint(2**31 - 1)) if not isinstance(self.random_state, (int, np.integer)) else int(self.random_state)
        )
        layers = [{"out_features": int(n), "activation": self.activation} for n in self.hidden_layer_sizes]
        layers.append({"out_features": outputs, "activation": "identity"})
        whole = self.batch_size is None or self.batch_size >= samples
        optimizer = {"name": self.optimizer} if isinstance(self.optimizer, str) else dict(self.optimizer)
        if self.learning_rate_init is not None:
            optimizer["lr"] = float(self.learning_rate_init)
        experiment = Experiment(
            "xor-mse",
            name="mlp",
            data=data,
            network={"layers": layers},
            loss=loss,
            optimizer=optimizer,
            init=self.init,
            batch={"name": "full"} if whole else {"name": "shuffle", "size": int(self.batch_size or 0)},
            seed={"torch": seed, "numpy": seed % 2**32, "discard": 0},
            stop={"epochs": int(self.max_iter)},
        )
        self.run_ = Run(experiment)
        try:
            self.run_._engine.train(None)
        except _neuronlab.DivergedError as error:
            raise ValueError(f"training left the finite numbers ({error}); a smaller learning_rate_init may help") from None
        self.n_iter_ = self.run_.epochs

    def _outputs(self, X: Any) -> Any:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return self.run_.predict(X).astype(np.float64)


class MLPClassifier(ClassifierMixin, _MLP):  # type: ignore[misc]
    """A network that tells classes apart, trained with cross entropy.

    Parameters
    ----------
    hidden_layer_sizes
        Neurons of each hidden layer.
    activation, optimizer
        As in an experiment: names, or dicts with settings, ``{"name": "sgd", "momentum": 0.9}``.
    learning_rate_init
        The learning rate; by default the optimizer's own.
    batch_size
        Samples a step; ``None``: all.
    max_iter
        Epochs.
    standardize
        Whether inputs are shifted and scaled to mean 0 and standard deviation 1 first.
    init
        How weights are drawn, as in an experiment.
    random_state
        The seed of both streams.

    Examples
    --------
    >>> from neuronlab.sklearn import MLPClassifier
    >>> network = MLPClassifier(hidden_layer_sizes=(4,), learning_rate_init=0.1, max_iter=100, random_state=0)
    >>> network.fit([[0, 0], [0, 1], [1, 0], [1, 1]], ["no", "yes", "yes", "no"]).classes_.tolist()
    ['no', 'yes']
    """

    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Train the network.

        Parameters
        ----------
        X
            Samples ``[N, I]``.
        y
            The class of each, ``[N]``: numbers or words.

        Returns
        -------
        MLPClassifier
            Itself, with ``run_``, ``classes_`` and ``n_iter_``.

        Raises
        ------
        ValueError
            Another shape; NaN; fewer than two classes; training left the finite numbers.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_ = unique_labels(y)
        labels = np.searchsorted(self.classes_, y)
        if len(self.classes_) < 2:
            raise ValueError("Classifier can't train when only one class is present.")
        data = inline(X, labels.astype(float), standardize=bool(self.standardize))
        self._train(data, len(X), len(self.classes_), "cross_entropy")
        return self

    def predict_proba(self, X: Any) -> Any:
        """How probable each class is.

        Parameters
        ----------
        X
            Samples ``[N, I]``.

        Returns
        -------
        ndarray
            ``[N, C]``, in the order of ``classes_``; each row's sum is 1.
        """
        z = self._outputs(X)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> Any:
        """The most probable class of each sample.

        Parameters
        ----------
        X
            Samples ``[N, I]``.

        Returns
        -------
        ndarray
            ``[N]``, of ``classes_``.
        """
        places = self._outputs(X).argmax(axis=1)
        return self.classes_[places]


class MLPRegressor(RegressorMixin, _MLP):  # type: ignore[misc]
    """A network that gives numbers, trained with the mean squared error. Targets are scaled to mean 0 and deviation 1 inside.

    Parameters
    ----------
    hidden_layer_sizes, activation, optimizer, learning_rate_init, batch_size, max_iter, standardize, init, random_state
        As of :class:`MLPClassifier`.
    """

    def fit(self, X: Any, y: Any) -> MLPRegressor:
        """Train the network.

        Parameters
        ----------
        X
            Samples ``[N, I]``.
        y
            Numbers ``[N]`` or ``[N, O]``.

        Returns
        -------
        MLPRegressor
            Itself, with ``run_`` and ``n_iter_``.

        Raises
        ------
        ValueError
            Another shape; NaN; training left the finite numbers.
        """
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        y = np.asarray(y, np.float64)
        self._flat = y.ndim == 1
        rows = y.reshape(len(y), -1)
        self._mean = rows.mean(axis=0)
        spread = rows.std(axis=0)
        self._std = np.where(spread > 0, spread, 1.0)
        data = inline(X, (rows - self._mean) / self._std, standardize=bool(self.standardize))
        self._train(data, len(X), rows.shape[1], "mse")
        return self

    def predict(self, X: Any) -> Any:
        """The numbers for each sample.

        Parameters
        ----------
        X
            Samples ``[N, I]``.

        Returns
        -------
        ndarray
            ``[N]`` or ``[N, O]``, as the targets were.
        """
        rows = self._outputs(X) * self._std + self._mean
        return rows[:, 0] if self._flat else rows

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.regressor_tags.poor_score = False
        return tags
