"""Against PyTorch, where it is installed: the same start, and losses to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neuronlab as nl

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed, so nothing is compared with it (see NEURONLAB_CI_PYTORCH in .ci/run)"
)
pytestmark = pytest.mark.torch

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
Y = [[0.0], [1.0], [1.0], [0.0]]


def theirs() -> Any:
    nn = torch.nn
    return nn.Sequential(
        nn.Linear(2, 4, bias=False), nn.Tanh(), nn.Linear(4, 4, bias=False), nn.Tanh(), nn.Linear(4, 4, bias=False), nn.Tanh(),
        nn.Linear(4, 1, bias=False),
    )  # fmt: skip


def ours() -> nl.Sequential:
    return nl.Sequential(
        nl.Linear(2, 4, bias=False), nl.Tanh(), nl.Linear(4, 4, bias=False), nl.Tanh(), nl.Linear(4, 4, bias=False), nl.Tanh(),
        nl.Linear(4, 1, bias=False),
    )  # fmt: skip


def train(lib: Any, net: Any, tensor: Any) -> list[float]:
    """The exercise's loop, the same lines for both."""
    x, y = tensor(X), tensor(Y)
    loss_fn, optimizer = lib.nn.L1Loss(), lib.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    np.random.seed(0)
    losses = []
    for _ in range(100):
        k = np.random.randint(4)
        loss = loss_fn(net(x[k]), y[k])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("seed", [0, 2, 42])
def test_the_same_seed_gives_the_same_weights_and_the_same_losses(seed: int) -> None:
    torch.manual_seed(seed)
    nl.manual_seed(seed)
    a, b = theirs(), ours()
    for module in (a, b):
        for layer in module:
            if hasattr(layer, "weight"):
                layer.weight.data.normal_(0, 1)
    for name, value in a.state_dict().items():
        assert np.array_equal(value.numpy(), b.state_dict()[name]), name
    # Their tanh differs from the correctly rounded one by 1 ULP in about a hundredth of all arguments; over 100 steps of this
    # loop that has moved a loss by at most 7.4e-6.
    assert train(torch, a, torch.tensor) == pytest.approx(train(nl, b, nl.tensor), abs=7.4e-6)


def test_modules_travel_both_ways() -> None:
    nn = torch.nn
    torch.manual_seed(1)
    module = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.LeakyReLU(0.2), nn.Dropout(0.25), nn.Linear(8, 4), nn.PReLU(4), nn.Linear(4, 2),
        nn.LogSoftmax(dim=1),
    )  # fmt: skip
    module(torch.randn(16, 3))
    module.eval()
    net = nl.from_torch(module)
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    expected = module(torch.from_numpy(x)).detach().numpy()
    assert net(x).numpy() == pytest.approx(expected, abs=1e-6)
    back = net.to_torch()
    assert back(torch.from_numpy(x)).detach().numpy() == pytest.approx(expected, abs=1e-6)
    wide = nl.from_torch(module.double())
    assert wide(x).numpy() == pytest.approx(module(torch.from_numpy(x).double()).detach().numpy(), abs=1e-13)


def test_what_can_not_be_translated_is_named() -> None:
    nn = torch.nn
    with pytest.raises(ValueError, match=r"1: Conv2d"):
        nl.from_torch(nn.Sequential(nn.Linear(2, 2), nn.Conv2d(1, 1, 3)))
    with pytest.raises(TypeError, match="expected a torch.nn.Module"):
        nl.from_torch("net")
    with pytest.raises(TypeError, match="float32 or float64"):
        nl.from_torch(nn.Sequential(nn.Linear(2, 2).half()))


def test_losses_and_their_gradients_are_pytorchs() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(6, 3))
    numbers, flags, signs = (
        rng.normal(size=(6, 4)),
        rng.integers(0, 2, (6, 4)).astype(float),
        rng.choice([-1.0, 1.0], (6, 4)),
    )
    labels = rng.integers(0, 4, 6)
    cases: list[tuple[str, dict[str, Any], Any]] = [
        ("L1Loss", {}, numbers), ("MSELoss", {"reduction": "sum"}, numbers), ("SmoothL1Loss", {"beta": 0.5}, numbers),
        ("HuberLoss", {"delta": 0.7}, numbers), ("BCEWithLogitsLoss", {}, flags), ("SoftMarginLoss", {}, signs),
        ("HingeEmbeddingLoss", {}, signs), ("PoissonNLLLoss", {}, np.abs(numbers)),
        ("CrossEntropyLoss", {"label_smoothing": 0.1}, labels), ("CrossEntropyLoss", {}, np.where(labels == 1, -100, labels)),
        ("CrossEntropyLoss", {}, np.abs(numbers) / np.abs(numbers).sum(axis=1, keepdims=True)),
        ("CrossEntropyLoss", {"ignore_index": 2}, labels),
        ("CrossEntropyLoss", {"weight": [1.0, 2.0, 0.5, 3.0]}, labels),
    ]  # fmt: skip
    for name, settings, target in cases:
        torch.manual_seed(0)
        module = torch.nn.Sequential(torch.nn.Linear(3, 4)).double()
        net = nl.from_torch(module)
        theirs_settings = {k: torch.tensor(v, dtype=torch.float64) if k == "weight" else v for k, v in settings.items()}
        right = getattr(torch.nn, name)(**theirs_settings)(module(torch.from_numpy(x)), torch.from_numpy(target))
        right.backward()
        loss = getattr(nl, name)(**settings)(net(x), target)
        loss.backward()
        assert loss.item() == pytest.approx(right.item(), rel=1e-12), name
        for a, b in zip(net.parameters(), module.parameters(), strict=True):
            assert a.grad == pytest.approx(b.grad.numpy(), rel=1e-10, abs=1e-12), name


def test_pytorchs_own_gradients_are_checked() -> None:
    run = nl.Experiment("xor-mse").start()
    module = theirs()
    with torch.no_grad():
        for parameter, values in zip(module.parameters(), run.state_dict().values(), strict=True):
            parameter.copy_(torch.from_numpy(values))
    torch.nn.MSELoss()(module(torch.tensor(X[1])), torch.tensor(Y[1])).backward()
    assert run.check(module.named_parameters(), sample=1)
    next(module.parameters()).grad.mul_(-1)
    assert not run.check(module.named_parameters(), sample=1)
    with pytest.raises(ValueError, match=r"call backward\(\) first"):
        run.check(theirs().named_parameters())


def test_tensors_that_hold_no_plain_numbers_are_refused_by_name() -> None:
    net = nl.Linear(2, 1)
    strange = [
        (torch.zeros(1, 2, device="meta"), "a tensor on the CPU"),
        (torch.zeros(1, 2).to_sparse(), "Sparse"),
        (torch.zeros(1, 2, dtype=torch.bfloat16), "BFloat16"),
    ]
    for tensor, words in strange:
        with pytest.raises(TypeError, match=f"inputs: .*{words}"):
            net(tensor)
    with pytest.raises(TypeError, match="weight: expected a tensor with numbers, got one on meta"):
        nl.from_torch(torch.nn.Linear(2, 1, device="meta"))


def test_gradients_are_checked_as_tensors_too() -> None:
    run = nl.Experiment("xor-mse").start()
    right = {name: torch.zeros(value.shape) for name, value in run.state_dict().items()}
    assert not run.check(right, sample=1)
    name = next(iter(right))
    with pytest.raises(ValueError, match=f"{name}: expected finite gradients"):
        run.check({**right, name: right[name] * float("nan")})
    with pytest.raises(TypeError, match=f"{name}: expected a tensor on the CPU"):
        run.check({**right, name: right[name].to("meta")})
    with pytest.raises(ValueError, match=f"{name}: no gradient; call backward"):
        run.check({**right, name: right[name].clone().requires_grad_()})
    with pytest.raises(TypeError, match="data: targets: expected a tensor on the CPU"):
        nl.Experiment("xor-mse", data=(torch.zeros(4, 2), torch.zeros(4, device="meta")), network="2-8-1")
