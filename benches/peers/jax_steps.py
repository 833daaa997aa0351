"""A step of a wide network on JAX: compiled, and an epoch's steps in one scan."""

import os
import sys

from steps import LR, MOMENTUM, SAMPLES, moons, options, report, time_steps

ARGS = options(__doc__)
# Read when jax is imported.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["NPROC"] = str(ARGS.threads)  # size of XLA's thread pool

import jax
import jax.numpy as jnp

X, Y = (jnp.array(array) for array in moons())


def forward(parameters, x):
    for w, b in parameters[:-1]:
        x = jnp.tanh(x @ w.T + b)
    w, b = parameters[-1]
    return x @ w.T + b


def loss(parameters, x, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(forward(parameters, x)), y[:, None], 1).mean()


def sgd(parameters, memory, gradients, t):
    memory = jax.tree.map(lambda v, g: MOMENTUM * v + g, memory, gradients)
    return jax.tree.map(lambda w, v: w - LR * v, parameters, memory), memory


def adam(parameters, memory, gradients, t):
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, memory[0], gradients)
    second = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, memory[1], gradients)
    a, b = 1 - 0.9**t, 1 - 0.999**t
    moved = jax.tree.map(lambda w, m, s: w - LR * (m / a) / (jnp.sqrt(s / b) + 1e-8), parameters, first, second)
    return moved, (first, second)


def measure(width, batch, optimizer):
    keys = jax.random.split(jax.random.key(0), 3)
    shapes = [(width, 2), (width, width), (2, width)]
    parameters = [
        (jax.random.uniform(key, shape, minval=-1, maxval=1) / shape[1] ** 0.5, jnp.zeros(shape[0]))
        for key, shape in zip(keys, shapes)
    ]
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    memory, update = (zeros, sgd) if optimizer == "sgd" else ((zeros, zeros), adam)
    steps = SAMPLES // batch

    def step(state, rows):
        parameters, memory, t = state
        x, y = (X, Y) if batch == SAMPLES else (X[rows], Y[rows])
        gradients = jax.grad(loss)(parameters, x, y)
        parameters, memory = update(parameters, memory, gradients, t)
        return (parameters, memory, t + 1.0), None

    @jax.jit
    def epoch(state, key):
        order = jax.random.permutation(key, SAMPLES)[: steps * batch].reshape(steps, batch)
        return jax.lax.scan(step, state, order)[0]

    state, key = (parameters, memory, 1.0), jax.random.key(1)

    def one_epoch():
        nonlocal state, key
        key, now = jax.random.split(key)
        state = jax.block_until_ready(epoch(state, now))

    return time_steps(one_epoch, ARGS.seconds, steps)


def main():
    measured = []
    for width in ARGS.widths:
        for batch in ARGS.batches:
            for optimizer in ["sgd", "adam"]:
                times = measure(width, batch, optimizer)
                measured.append({"what": "jit and scan", "threads": ARGS.threads, "width": width, "batch": batch,
                                 "optimizer": optimizer, "seconds_per_step": times})
            print(f"jax {width} x {batch}", file=sys.stderr, flush=True)
    report({"jax": jax.__version__, "jaxlib": jax.lib.__version__}, measured)


if __name__ == "__main__":
    main()
