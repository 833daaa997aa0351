"""A step of a wide network on JAX: an epoch's steps are one compiled scan; with --many, whole runs of many networks."""

import os
import statistics
import sys
import time

from steps import LR, MOMENTUM, SAMPLES, measure, moons, numbers, parser_of, positive, report


def options():
    parser = parser_of(__doc__)
    parser.add_argument("--many", type=numbers, metavar="N,...",
                        help="train so many networks at once, as the sweeps of sweep.toml do, instead of timing steps")
    parser.add_argument("--repeats", type=positive, default=3, metavar="K",
                        help="times to measure each thing of --many [default: 3]")
    return parser.parse_args()


ARGS = options()
# Read when jax is imported.
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["NPROC"] = str(ARGS.threads)  # size of XLA's thread pool

import jax
import jax.numpy as jnp

# Of --many, as in sweep.toml.
MANY_SAMPLES, MANY_EPOCHS, MANY_LR, MANY_SUCCESS = 320, 100, 0.05, 0.97


def draw(key, width):
    """Weights and biases of the layers of a network 2-W-W-2."""
    parameters = []
    for key, shape in zip(jax.random.split(key, 3), [(width, 2), (width, width), (2, width)]):
        bound = shape[1] ** -0.5
        weight = jax.random.uniform(key, shape, minval=-bound, maxval=bound)
        parameters.append((weight, jnp.zeros(shape[0])))
    return parameters


def forward(parameters, x):
    for w, b in parameters[:-1]:
        x = jnp.tanh(x @ w.T + b)
    w, b = parameters[-1]
    return x @ w.T + b


def loss(parameters, x, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(forward(parameters, x)), y[:, None], 1).mean()


def no_memory(parameters, optimizer):
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return zeros if optimizer == "sgd" else (zeros, zeros)


def sgd(parameters, velocities, gradients, t, lr=LR):
    velocities = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocities, gradients)
    return jax.tree.map(lambda w, v: w - lr * v, parameters, velocities), velocities


def adam(parameters, moments, gradients, t):
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, moments[0], gradients)
    second = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, moments[1], gradients)
    a, b = 1 - 0.9**t, 1 - 0.999**t
    parameters = jax.tree.map(lambda w, m, s: w - LR * (m / a) / (jnp.sqrt(s / b) + 1e-8), parameters, first, second)
    return parameters, (first, second)


def epoch_of(x, y, batch, update):
    """A function that trains for an epoch, on batches of samples in a given order; the last may be smaller."""

    def step(state, rows):
        parameters, memory, t = state
        inputs, targets = (x, y) if batch == len(x) else (x[rows], y[rows])
        gradients = jax.grad(loss)(parameters, inputs, targets)
        return (*update(parameters, memory, gradients, t), t + 1.0), None

    def epoch(state, order):
        whole = len(x) // batch * batch
        state, _ = jax.lax.scan(step, state, order[:whole].reshape(-1, batch))
        if whole < len(x):
            state, _ = step(state, order[whole:])
        return state

    return epoch


def measure_steps(width, batch, optimizer):
    x, y = (jnp.array(array) for array in moons())
    epoch = epoch_of(x, y, batch, sgd if optimizer == "sgd" else adam)

    @jax.jit
    def shuffled_epoch(state, key):
        key, now = jax.random.split(key)
        order = jnp.arange(SAMPLES) if batch == SAMPLES else jax.random.permutation(now, SAMPLES)
        return epoch(state, order), key

    parameters = draw(jax.random.key(0), width)
    state, key = (parameters, no_memory(parameters, optimizer), 1.0), jax.random.key(1)

    def one_epoch():
        nonlocal state, key
        state, key = jax.block_until_ready(shuffled_epoch(state, key))

    return measure(one_epoch, lambda: loss(state[0], x, y).item(), ARGS.seconds, -(-SAMPLES // batch))


def measure_many(width, batch, networks, own_order):
    """Whole runs of many networks by vmap; with orders of the samples of their own, or one order for all of them."""
    x, y = (jnp.array(array) for array in moons(MANY_SAMPLES))
    epoch = epoch_of(x, y, batch, lambda *state: sgd(*state, lr=MANY_LR))

    def train(key, key_of_order):
        def shuffled_epoch(state, key):
            return epoch(state, jax.random.permutation(key, MANY_SAMPLES)), None

        parameters = draw(key, width)
        state = (parameters, no_memory(parameters, "sgd"), 1.0)
        (parameters, _, _), _ = jax.lax.scan(shuffled_epoch, state, jax.random.split(key_of_order, MANY_EPOCHS))
        return (forward(parameters, x).argmax(1) == y).mean()

    def keys(seed):
        draws, orders = jax.random.split(jax.random.key(seed))
        return jax.random.split(draws, networks), jax.random.split(orders, networks) if own_order else orders

    start = time.perf_counter()
    compiled = jax.jit(jax.vmap(train, (0, 0 if own_order else None))).lower(*keys(0)).compile()
    compile_seconds = time.perf_counter() - start
    times, right = [], []
    for seed in range(ARGS.repeats):
        drawn = jax.block_until_ready(keys(seed))
        start = time.perf_counter()
        shares = jax.block_until_ready(compiled(*drawn))
        times.append((time.perf_counter() - start) / networks)
        right.append((shares >= MANY_SUCCESS).mean().item())
    if statistics.mean(right) < 0.5:
        raise RuntimeError(f"it does not learn: {statistics.mean(right):.0%} of the networks are right")
    return {
        "what": "vmap, each network with its own order of samples" if own_order else "vmap, one order of samples",
        "width": width,
        "batch": batch,
        "networks": networks,
        "runs_per_second": 1 / statistics.median(times),
        "seconds_per_run": {"median": statistics.median(times), "best": min(times), "worst": max(times)},
        "repeats": ARGS.repeats,
        "compile_seconds": compile_seconds,
        "right": statistics.mean(right),
    }


def all_steps():
    for width in ARGS.widths:
        for batch in ARGS.batches:
            for optimizer in ["sgd", "adam"]:
                of = {"what": "jit and scan", "threads": ARGS.threads, "width": width, "batch": batch}
                yield of | {"optimizer": optimizer} | measure_steps(width, batch, optimizer)
            print(f"jit and scan: {width} x {batch}", file=sys.stderr, flush=True)


def all_many():
    for width in ARGS.widths:
        for batch in ARGS.batches:
            for networks in ARGS.many:
                for own_order in [True, False]:
                    yield measure_many(width, batch, networks, own_order)
                print(f"vmap: {width} x {batch}, {networks} networks", file=sys.stderr, flush=True)


def main():
    versions = {"jax": jax.__version__, "jaxlib": jax.lib.__version__}
    if ARGS.many:
        report(versions, sweeps=list(all_many()))
    else:
        report(versions, steps=list(all_steps()))


if __name__ == "__main__":
    main()
