"""Trains random experiments with neuronlab and with PyTorch, and compares every loss of every step.

    python3 scripts/torch_differential.py --cases 1000 --seed 1
    python3 scripts/torch_differential.py --cases 200 --only optimizer.sgd.dampening
    python3 scripts/torch_differential.py --start 123 --cases 1 --keep /tmp/case
    python3 scripts/torch_differential.py --self-test
    python3 scripts/torch_differential.py --golden 500 > crates/neuronlab/tests/golden/torch_differential.json

A case is drawn from the seed and its number alone. A setting is left out half of the time, on both sides: so the defaults
are compared, too. Some cases hold a value at the edge of what is allowed, or beyond it: what PyTorch refuses, neuronlab is to
refuse, and the other way round, but for DEPARTURES. A new method is a row in a table of `differential/methods.py`.

The two programs add and multiply in different orders, so their losses differ by roundings. How far roundings take two runs
apart depends on the run: a kink (|x| at 0), or a gradient that is nothing but roundings and that Adam makes a whole step of.
A case is therefore measured against PyTorch itself:

- A difference below FLOOR, relative to the loss, always passes. (Relative to a hundredth of the run's largest loss where the
  loss is smaller than that: a loss near 0 is a difference of larger numbers.)
- Else PyTorch trains again a few times, and every number is disturbed by an ULP: the start weights, the outputs of every
  module in every step, and the gradients (by an ULP of the largest gradient, since a small one can be a difference of large
  terms; in every second run those within it are 0). How far the losses go apart up to a step, times FACTOR, is added to what
  may differ there.
- From the step on at which that is more than a hundredth of the loss, nothing can be said, and the rest of the run is not
  compared. The same holds from where a disturbed run diverges and the other does not. The tally counts such steps.

`--self-test` shows that this is tight enough: it changes one setting after the other on one side, and counts how often that
is noticed.
"""

import argparse
import collections
import functools
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import torch

from differential.cases import (
    DTYPES, all_features, csv_file, describe, draw_case, features, is_in, parts_of, steps_of, toml_file,
)
from differential.compare import FLOOR, allowances, compare, sizes_of
from differential.methods import PARTS, Sizes, TABLES, UNSEEN, number
from differential.runs import train_neuronlab, train_torch


def matches(case, only):
    return not only or any(is_in(only, feature) for feature in features(case.experiment))


def check(number, args):
    """Draws and compares one case; the folder of its files is kept where there is a mismatch, or all are."""
    case = draw_case(number, args.seed, args.dtypes)
    folder = args.folder / f"{number}"
    verdict = compare(case, train_torch(case), train_neuronlab(case, args.program, folder))
    if not args.keep and verdict.kind != "mismatch":
        shutil.rmtree(folder)
    return case, verdict, folder / "case.toml"


def run_cases(args):
    chosen = (i for i in range(args.start, sys.maxsize) if matches(draw_case(i, args.seed, args.dtypes), args.only))
    numbers = [next(chosen) for _ in range(args.cases)]
    counts = collections.Counter()
    with multiprocessing.Pool(args.jobs) as pool:
        for case, verdict, path in pool.imap(functools.partial(check, args=args), numbers, chunksize=8):
            counts[verdict.kind] += 1
            counts["compared"] += verdict.compared
            counts["left out"] += verdict.left_out
            if verdict.kind == "mismatch":
                print(f"case {case.number}: {describe(case)}\n  {verdict.why}\n  {path}", flush=True)
    if not args.keep and not counts["mismatch"]:
        shutil.rmtree(args.folder)
    if args.unknown:
        print("not known to the program: " + ", ".join(args.unknown))
    print(f"{args.cases} cases, {counts['mismatch']} mismatches, {counts['same']} the same, {counts['diverged']} diverged in "
          f"both, {counts['refused']} refused by both, {counts['departure']} documented departures; {counts['compared']} steps "
          f"compared, {counts['left out']} left out as chaotic")
    return 1 if counts["mismatch"] else 0


def self_test(args, enough=3, tries=40):
    """Changes one setting at a time in a PyTorch run, and counts how often the comparison notices."""
    settings = [feature for feature in all_features() if feature.count(".") == 2]
    settings = [feature for feature in settings if not args.only or is_in(args.only, feature)]
    seen, noticed, number = collections.Counter(), collections.Counter(), args.start
    open_ones = set(settings)
    while number < args.start + 100_000 and open_ones:
        case = draw_case(number, args.seed, args.dtypes)
        number += 1
        wanted = open_ones & features(case.experiment)
        if not wanted or case.edge or (reference := train_torch(case)).refused:
            continue
        for feature in wanted:
            if (changed := train_torch(mutated(case, feature))).refused:
                continue
            seen[feature] += 1
            noticed[feature] += compare(case, reference, changed).kind == "mismatch"
            if noticed[feature] >= enough or seen[feature] >= tries:
                open_ones.remove(feature)
    for feature in settings:
        remark = "" if noticed[feature] else "  " + UNSEEN.get(feature, "NEVER NOTICED")
        print(f"{feature}: {noticed[feature]} of {seen[feature]}{remark}")
    missed = [feature for feature in settings if not noticed[feature] and feature not in UNSEEN]
    print(f"{len(settings)} settings, {len(missed)} of them changed without being noticed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def mutated(case, feature):
    """The case with another value of a setting, or without it."""
    rng = random.Random(f"{feature} {case.number}")
    experiment = json.loads(json.dumps(case.experiment))
    kind, name, key = feature.split(".")
    settings = next(s for k, n, s in parts_of(experiment) if (k, n) == (kind, name) and key in s)
    setting, old = TABLES[kind][name].settings[key], settings[key]
    outputs, epochs = experiment["network"]["layers"][-1]["out_features"], experiment["stop"]["epochs"]
    width = next((layer["out_features"] for layer in experiment["network"]["layers"] if layer.get("activation") is settings), 1)
    run = Sizes(outputs, epochs, epochs * steps_of(experiment["batch"], len(case.inputs)), 1, width)
    if setting.share < 1 and rng.random() < 0.4:
        del settings[key]
    else:
        # Of a layer of one neuron there is but one number of slopes.
        values = (setting.draw(rng, run) for _ in range(1000))
        settings[key] = next((value for value in values if value != old), old)
    return case._replace(experiment=experiment)


def golden(args, least=3):
    """Cases that hold every setting a few times, each with PyTorch's losses and how far others may be from them."""
    counts, cases = collections.Counter(), []
    every, number = set(all_features()), args.start
    while len(cases) < args.golden:
        case = draw_case(number, args.seed, args.dtypes)
        number += 1
        held = features(case.experiment)
        rare = [feature for feature in held & every if counts[feature] < least]
        complete = number > 50 * args.golden or all(counts[feature] >= least for feature in every)
        if case.edge or not (rare or complete):
            continue
        reference = train_torch(case)
        if reference.refused or reference.diverged or not 8 <= len(reference.losses) <= 24:
            continue
        tolerance = max(a / size for a, size in zip(allowances(case, reference), sizes_of(reference)))
        if tolerance > 20 * FLOOR[case.experiment["dtype"]]:
            continue
        counts.update(held)
        cases.append(golden_case(case, reference, tolerance))
    head = {"source": f"scripts/torch_differential.py --golden {args.golden} --seed {args.seed}",
            "torch": torch.__version__, "numpy": np.__version__, "seed": args.seed,
            "rule": "a loss differs by at most tolerance * max(|loss|, largest |loss| / 100, 0.0001)"}
    print("{" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()) + ',\n"cases": [')
    print(",\n".join(json.dumps(case, ensure_ascii=False) for case in cases) + "\n]}")
    thin = sorted(feature for feature in every if counts[feature] < least)
    print("held fewer than", least, "times:", ", ".join(thin) or "nothing", file=sys.stderr)
    return 0


def golden_case(case, reference, tolerance):
    """Losses with as many digits as their precision has."""
    def short(value):
        return float(str(np.float32(value))) if case.experiment["dtype"] == "float32" else value

    return {"number": case.number, "what": describe(case), "toml": toml_file(case.experiment), "csv": csv_file(case),
            "tolerance": float(f"{tolerance:.2g}"), "losses": [short(loss) for loss in reference.losses],
            "rates": [float(f"{rate:.12g}") for rate in reference.rates] if "schedule" in case.experiment else None,
            "after": reference.after if reference.after is None else short(reference.after)}


def leave_out_unknown(program):
    """Takes out of the tables what the program does not know; their names."""
    schema = json.loads(subprocess.run([program, "experiment", "--schema"], capture_output=True, check=True).stdout)
    types, unknown = schema["$defs"], []
    for kind, table in TABLES.items():
        if kind == "part":
            known = {name: part.settings for name, part in PARTS.items()}
            if "regularization" not in schema["properties"]:
                del known["regularization"]
        else:
            shapes = [shape["properties"] for shape in types[kind.capitalize()]["oneOf"] if "properties" in shape]
            known = {shape["name"]["const"]: shape for shape in shapes}
        for name in list(table):
            if name not in known:
                unknown.append(name)
                del table[name]
            else:
                for key in [key for key in table[name].settings if key not in known[name]]:
                    unknown.append(f"{name}.{key}")
                    del table[name].settings[key]
                if known[name].get("pos_weight", {}).get("type") == "number":
                    unknown.append(f"{name}.pos_weight as a list")
                    table[name].settings["pos_weight"] = number(0.2, 4, 0.0, -1.0)
    return unknown


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="how many [default: 1000]")
    parser.add_argument("--seed", type=int, default=1, help="of the cases [default: 1]")
    parser.add_argument("--start", type=int, default=0, help="number of the first case [default: 0]")
    parser.add_argument("--program", default="target/release/neuronlab", help="[default: target/release/neuronlab]")
    parser.add_argument("--dtype", choices=[*DTYPES, "both"], default="both")
    parser.add_argument("--only", metavar="FEATURE", help="cases with it, such as sgd, sgd.dampening, batch_norm, clip.norm")
    parser.add_argument("--keep", type=pathlib.Path, metavar="DIR", help="where the files of the cases stay")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes [default: one for each core]")
    parser.add_argument("--self-test", action="store_true", help="whether a changed setting is noticed")
    parser.add_argument("--golden", type=int, metavar="N", help="print N cases as JSON for `cargo test`")
    args = parser.parse_args()
    if args.only and not any(is_in(args.only, feature) for feature in all_features()):
        parser.error(f"no method or setting is called {args.only}")
    args.dtypes = tuple(DTYPES) if args.dtype == "both" else (args.dtype,)
    if args.self_test:
        return self_test(args)
    args.program = pathlib.Path(args.program).resolve()
    if not args.program.exists():
        parser.error(f"there is no {args.program}: build it with `cargo build --release`, or say --program")
    args.unknown = leave_out_unknown(args.program)
    if args.golden:
        return golden(args)
    args.folder = args.keep or pathlib.Path(tempfile.mkdtemp(prefix="torch_differential."))
    return run_cases(args)


if __name__ == "__main__":
    sys.exit(main())
