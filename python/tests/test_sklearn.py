"""scikit-learn's own checks of what an estimator must be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from neuronlab.sklearn import MLPClassifier, MLPRegressor


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([MLPClassifier(random_state=0), MLPRegressor(random_state=0)])  # type: ignore[untyped-decorator]
def test_scikit_learns_checks(estimator: Any, check: Any) -> None:
    check(estimator)


def test_in_a_pipeline() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    y = (x[:, 0] * x[:, 1] > 0).astype(int)
    network = MLPClassifier(hidden_layer_sizes=(8, 8), learning_rate_init=0.02, max_iter=60, random_state=0)
    assert cross_val_score(make_pipeline(StandardScaler(), network), x, y, cv=3).mean() > 0.9
    fitted = network.fit(x, y)
    assert fitted.predict_proba(x).sum(axis=1) == pytest.approx(np.ones(200))
    assert "lin1.weight" in repr(fitted.run_.explain("lin1.weight[0,0]", sample=0))
