"""Splits, scaling and scores of scikit-learn on small tables with the quirks of public ones:
crates/neuronlab/tests/golden/sklearn_tables.json.

The tables are made up; their quirks are those of UCI's iris (no header), wine (no header, the class first), banknote, heart
disease (`?`), air quality (`;`, decimal commas, `;;` at the end of lines, -200) and student performance (`;`, words).

    pip install scikit-learn pandas
    python3 scripts/sklearn_tables.py
"""

import io
import json
import pathlib

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.RandomState(7)


def lines(rows, delimiter=",", end=""):
    return "".join(delimiter.join(str(cell) for cell in row) + end + "\n" for row in rows)


def measured(n, width, digits=1):
    return np.round(rng.normal(5, 2, (n, width)), digits).tolist()


def iris():
    names = ["setosa", "versicolor", "virginica"]
    rows = [[*row, names[rng.randint(3)]] for row in measured(41, 4)]
    return lines(rows), dict(header=None), dict(header=False, targets=["5"]), [0, 1, 2, 3], [], 4, "mean"


def wine():
    rows = [[1 + rng.randint(3), *row] for row in measured(50, 5, 2)]
    return lines(rows), dict(header=None), dict(header=False, targets=["1"]), [1, 2, 3, 4, 5], [], 0, "mean"


def banknote():
    rows = [["variance", "skewness", "class"], *([*row, rng.randint(2)] for row in measured(30, 2, 4))]
    return lines(rows), {}, dict(targets=["class"]), ["variance", "skewness"], [], "class", "mean"


def heart():
    rows = [["age", "sex", "ca", "thal", "num"]]
    for age, ca in measured(45, 2, 0):
        ca = "?" if rng.rand() < 0.2 else abs(ca)
        thal = "?" if rng.rand() < 0.1 else ["fixed", "normal", "reversable"][rng.randint(3)]
        rows.append(["?" if rng.rand() < 0.1 else age, ["F", "M"][rng.randint(2)], ca, thal, rng.randint(2)])
    ours = dict(targets=["num"], one_hot=["sex", "thal"], missing="drop")
    return lines(rows), dict(na_values="?"), ours, ["age", "ca"], ["sex", "thal"], "num", "drop"


def air():
    rows = [["CO(GT)", "T", "RH", ""]]
    for row in measured(40, 3):
        cells = ["-200" if rng.rand() < 0.2 else str(x).replace(".", ",") for x in row[:2]]
        rows.append([*cells, str(row[2]).replace(".", ","), ""])
    text = lines(rows, ";", ";") + ";;;;\n" * 3
    ours = dict(targets=["RH"], decimal=",", na_values=["-200"], missing="mean")
    return text, dict(sep=";", decimal=",", na_values=[-200]), ours, ["CO(GT)", "T"], [], "RH", "mean"


def student():
    rows = [["school", "sex", "age", "absences", "G3"]]
    for a, b, c in measured(60, 3, 0):
        school, sex = ["GP", "MS"][rng.randint(2)], ["F", "M"][rng.randint(2)]
        rows.append([f'"{school}"', f'"{sex}"', int(abs(a)) + 15, int(abs(b)), int(c)])
    ours = dict(targets=["G3"], one_hot=["school", "sex"])
    return lines(rows, ";"), dict(sep=";"), ours, ["age", "absences"], ["school", "sex"], "G3", "mean"


def prepared(text, read, ours, numbers, words, target, missing, stratify):
    frame = pd.read_csv(io.StringIO(text), **read)
    frame = frame[[*numbers, *words, target]]
    # Names that are numbers would be taken for places.
    frame.columns, target, numbers = map(str, frame.columns), str(target), [*map(str, numbers)]
    frame = frame.dropna() if missing == "drop" else frame.dropna(subset=[target])
    classes = stratify is not None
    split = dict(test_size=0.3, random_state=3, stratify=frame[target] if stratify else None)
    train, test = train_test_split(frame, **split)
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    made = ColumnTransformer([("numbers", numeric, numbers), ("words", OneHotEncoder(sparse_output=False), words)])
    made.fit(train)
    if words:
        categories = made.named_transformers_["words"].categories_
        known = [f"{word}={value}" for word, values in zip(words, categories, strict=True) for value in values]
        names = [*numbers, *known]
    else:
        # Ours count from 1.
        names = [str(int(number) + 1) if number.isdecimal() else number for number in numbers]

    def y(part):
        if not classes:
            return part[target]
        return pd.factorize(frame[target], sort=True)[0][frame.index.get_indexer(part.index)]

    return dict(
        table=text,
        settings=ours,
        stratify=bool(stratify),
        names=names,
        train=made.transform(train).ravel().tolist(),
        test=made.transform(test).ravel().tolist(),
        train_y=np.asarray(y(train), float).tolist(),
        test_y=np.asarray(y(test), float).tolist(),
    )


def scores():
    """Of made-up answers to three classes, two classes, and numbers."""
    y = rng.randint(3, size=25)
    p = rng.dirichlet(np.ones(3), 25)
    z = rng.rand(25)
    two = rng.randint(2, size=25)
    numbers, answers = rng.normal(size=25), rng.normal(size=25)
    return dict(
        classes=dict(
            y=y.tolist(),
            answers=p.ravel().tolist(),
            confusion=confusion_matrix(y, p.argmax(1)).tolist(),
            accuracy=accuracy_score(y, p.argmax(1)),
            log_loss=log_loss(y, p),
        ),
        two=dict(y=two.tolist(), answers=z.tolist(), confusion=confusion_matrix(two, z >= 0.5).tolist()),
        numbers=dict(
            y=numbers.tolist(),
            answers=answers.tolist(),
            rmse=root_mean_squared_error(numbers, answers),
            r2=r2_score(numbers, answers),
            mae=mean_absolute_error(numbers, answers),
        ),
    )


tables = {}
of_classes = [(iris, True), (wine, True), (banknote, True), (heart, True)]
for make, stratify in [*of_classes, (air, None), (student, None), (iris, False)]:
    name = make.__name__ + (" not stratified" if stratify is False else "")
    tables[name] = prepared(*make(), stratify)
# Four unequal classes: remainders that are equal are drawn.
labels = [0] * 7 + [1] * 7 + [2] * 14 + [3] * 5
splits = []
for seed in range(6):
    for test in [0.2, 0.35, 0.5]:
        train, held_back = train_test_split(np.arange(len(labels)), test_size=test, random_state=seed, stratify=labels)
        splits.append(dict(seed=seed, test=test, train_places=train.tolist(), test_places=held_back.tolist()))
golden = dict(tables=tables, scores=scores(), labels=labels, splits=splits)
place = pathlib.Path(__file__).parent.parent / "crates/neuronlab/tests/golden/sklearn_tables.json"
place.write_text(json.dumps(golden) + "\n")
