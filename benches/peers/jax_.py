"""The exercise's run on JAX: one network, and many at once; the whole training is one compiled scan."""

import os
import time

# Read when jax is imported.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["NPROC"] = "1"  # size of XLA's thread pool

import jax
import jax.numpy as jnp

from measure import INPUTS, LR, MOMENTUM, SHAPES, STEPS, TARGETS, measure, options, report

X = jnp.array(INPUTS)
Y = jnp.array(TARGETS)


def forward(weights, x):
    """One network: weights [out, in], input [in]."""
    for w in weights[:-1]:
        x = jnp.tanh(w @ x)
    return (weights[-1] @ x)[0]


def forward_last(weights, x):
    """Many networks, by hand: weights [out, in, networks], inputs [in, networks]. Each operation runs along memory."""
    for w in weights[:-1]:
        x = jnp.tanh((w * x).sum(1))
    return (weights[-1] * x).sum(1)[0]


def value_and_grad(weights, i):
    """Loss on sample i, and its gradient."""
    return jax.value_and_grad(lambda w: jnp.abs(forward(w, X[i]) - Y[i]))(weights)


def value_and_grad_last(weights, i):
    """The losses are summed: no network sees another's."""
    return jax.value_and_grad(lambda w: jnp.abs(forward_last(w, X.T[:, i]) - Y[i]).sum())(weights)


def training(shapes, draw, value_and_grad, steps):
    """A function from a random key to trained weights."""

    def step(state, _):
        weights, velocities, key = state
        key, now = jax.random.split(key)
        _, grads = value_and_grad(weights, draw(now))
        velocities = [MOMENTUM * v + g for v, g in zip(velocities, grads)]
        weights = [w - LR * v for w, v in zip(weights, velocities)]
        return (weights, velocities, key), None

    def train(key):
        key, *keys = jax.random.split(key, 1 + len(shapes))
        weights = [jax.random.normal(k, shape) for k, shape in zip(keys, shapes)]
        velocities = [jnp.zeros_like(w) for w in weights]
        (weights, _, _), _ = jax.lax.scan(step, (weights, velocities, key), length=steps)
        return weights

    return train


def measure_training(what, networks, train, forward, args, impl=None):
    """Compiles, which is timed apart, and then measures; impl: the random generator, None for JAX's own."""
    start = time.perf_counter()
    compiled = jax.jit(train).lower(jax.random.key(0, impl=impl)).compile()
    compile_seconds = time.perf_counter() - start
    return measure(
        what,
        networks,
        lambda seed: jax.block_until_ready(compiled(jax.random.key(seed, impl=impl))),
        lambda weights: jnp.stack([forward(weights, x) for x in X]).reshape(len(X), networks).T.tolist(),
        args,
        compile_seconds,
    )


def main():
    args = options(__doc__)
    steps = args.epochs * STEPS

    one = training(SHAPES, lambda key: jax.random.randint(key, (), 0, len(X)), value_and_grad, steps)

    n = args.networks or 1024
    mapped = training(
        [(n, *shape) for shape in SHAPES],
        lambda key: jax.random.randint(key, (n,), 0, len(X)),
        jax.vmap(value_and_grad),
        steps,
    )

    # As fast as we could get it: the networks last, and a cheaper generator, of which two bits are a sample.
    what_last = "many runs, by hand, rbg generator"
    n_last = args.networks or 128
    last = training(
        [(*shape, n_last) for shape in SHAPES],
        lambda key: jax.random.bits(key, (n_last,), jnp.uint8) & 3,
        value_and_grad_last,
        steps,
    )

    report(
        {"jax": jax.__version__, "jaxlib": jax.lib.__version__},
        [
            measure_training("one run, jit and scan", 1, one, forward, args),
            measure_training("many runs, vmap and scan", n, mapped, jax.vmap(forward, (0, None)), args),
            measure_training(what_last, n_last, last, lambda w, x: forward_last(w, x[:, None]), args, impl="rbg"),
        ],
    )


if __name__ == "__main__":
    main()
