"""Coefficients and golden values of the elementary functions; needs mpmath.

    python3 scripts/elementary.py coefficients     prints what stands in crates/neuronlab/src/scalar/real.rs
    python3 scripts/elementary.py golden           prints crates/neuronlab/tests/golden/elementary.json
"""

import json
import random
import sys

import mpmath as mp

mp.mp.dps = 60


def expm1_rest(r):
    """q in expm1(r) = r + r^2 q(r)."""
    if abs(r) < mp.mpf("1e-12"):
        return mp.mpf(1) / 2 + r / 6 + r * r / 24
    return (mp.expm1(r) - r) / r**2


def ln_rest(w):
    """R in ln((1+s)/(1-s)) = 2s + s w R(w), w = s^2."""
    if w < mp.mpf("1e-20"):
        return mp.mpf(2) / 3 + w * 2 / 5
    s = mp.sqrt(w)
    return (mp.log((1 + s) / (1 - s)) - 2 * s) / (s * w)


def tanh_rest(u):
    """Q in tanh(x) = x - x u / Q(u), u = x^2."""
    if u < mp.mpf("1e-12"):
        return 3 + u * 6 / 5 - u * u / 175
    x = mp.sqrt(u)
    return x * u / (x - mp.tanh(x))


def half_exp(r):
    """exp(2r) / 2."""
    return mp.exp(2 * r) / 2


def erf_near(u):
    """P in erf(x) = x + x P(u), u = x^2, for |x| <= 1."""
    if u < mp.mpf("1e-20"):
        return 2 / mp.sqrt(mp.pi) - 1 - u * 2 / (3 * mp.sqrt(mp.pi))
    x = mp.sqrt(u)
    return mp.erf(x) / x - 1


def erf_far(t):
    """Q in erfc(x) = exp(-x^2) Q(t), t = (x - 2) / (x + 2), for 1 <= x <= 6."""
    x = 2 * (1 + t) / (1 - t)
    return mp.erfc(x) * mp.exp(x * x)


def coefficients():
    u = mp.mpf("0.9") ** 2 * mp.mpf("1.001")
    r = mp.log(2) / 2 * mp.mpf("1.0005")
    w = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.001")
    for name, f, interval, scale, sizes in [
        ("expm1", expm1_rest, [-r, r], r, {"float32": 6, "float64": 11}),
        ("ln", ln_rest, [0, w], w / 2, {"float32": 4, "float64": 8}),
        ("erf near", erf_near, [0, mp.mpf("1.001")], 1, {"float32": 7, "float64": 13}),
        ("erf far", erf_far, [-mp.mpf(1) / 3, mp.mpf(1) / 2], 1, {"float32": 8, "float64": 17}),
        ("half exp", half_exp, [-r / 2, r / 2], 2, {"float32": 7, "float64": 12}),
        ("tanh", tanh_rest, [0, u], u / 9, {"float32": 4, "float64": 9}),
    ]:
        for dtype, terms in sizes.items():
            values, error = mp.chebyfit(f, interval, terms, error=True)
            print(f"{name}, {dtype}: relative error 2^{mp.nstr(mp.log(error * scale, 2), 4)}")
            for value in reversed(values):
                print("   ", mp.nstr(value, 17))


def golden():
    random.seed(0)
    small = [random.choice((-1, 1)) * 2.0 ** random.uniform(-40, 5) for _ in range(600)]
    middle = [random.uniform(-2, 2) for _ in range(900)]
    wide = [random.uniform(-700, 700) for _ in range(300)]
    positive = [2.0 ** random.uniform(-1000, 1000) for _ in range(300)] + [random.uniform(0.5, 2) for _ in range(900)]
    tables = {
        "erf": (mp.erf, [x for x in small + middle + [random.uniform(-6, 6) for _ in range(300)] if abs(x) < 8]),
        "exp_m1": (mp.expm1, small + middle),
        "ln_1p": (mp.log1p, [abs(x) for x in small + middle + wide]),
        "tanh": (mp.tanh, small + middle),
        "exp": (mp.exp, small + middle + wide),
        "ln": (mp.log, positive),
    }
    out = {"source": "scripts/elementary.py golden (mpmath, 60 digits); x and the correctly rounded value, float.hex()"}
    for name, (f, points) in tables.items():
        out[name] = [[x.hex(), float(f(mp.mpf(x))).hex()] for x in points]
    print(json.dumps(out, indent=0))


{"coefficients": coefficients, "golden": golden}[sys.argv[1]]()
