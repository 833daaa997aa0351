"""A training loop that the user writes: its numbers are those of the command line, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuronlab as nl

X = nl.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = nl.tensor([[0.0], [1.0], [1.0], [0.0]])


class XOR(nl.nn.Module):
    """The exercise's network, as the notebook writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.lin1 = nl.nn.Linear(2, 4, bias=False)
        self.lin2 = nl.nn.Linear(4, 4, bias=False)
        self.lin3 = nl.nn.Linear(4, 4, bias=False)
        self.lin4 = nl.nn.Linear(4, 1, bias=False)

    def forward(self, x: Any) -> Any:
        x = nl.tanh(self.lin1(x))
        x = nl.tanh(self.lin2(x))
        x = nl.tanh(self.lin3(x))
        return self.lin4(x)


def exercise() -> XOR:
    """The exercise's network with the exercise's weights."""
    torch = nl.manual_seed(2)
    net = XOR()
    torch.discard(8)  # what the notebook's summary draws
    for layer in net.modules():
        if isinstance(layer, nl.nn.Linear):
            layer.weight.data.normal_(0, 1)
    return net


def test_the_notebooks_loop_gives_the_bits_of_the_experiment(xor_run: nl.Run) -> None:
    net = exercise()
    loss_fn = nl.L1Loss()
    optimizer = nl.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    np.random.seed(0)
    losses = []
    for _ in range(2001):
        for _ in range(4):
            k = np.random.randint(4)
            loss = loss_fn(net(X[k]), Y[k])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert np.array_equal(np.array(losses, np.float32), xor_run.losses)
    state, end = net.state_dict(), xor_run.state_dict()
    assert list(state) == list(end)
    assert all(np.array_equal(state[name], end[name]) for name in state)


def test_gradients_add_up_until_they_are_cleared() -> None:
    net = nl.Sequential(nl.Linear(2, 3), nl.Tanh(), nl.Linear(3, 1))
    loss_fn = nl.MSELoss()
    parameter = next(iter(net.parameters()))
    assert parameter.grad is None
    loss_fn(net(X), Y).backward()
    once = np.asarray(parameter.grad)
    loss_fn(net(X), Y).backward()
    assert parameter.grad == pytest.approx(2 * once)
    (loss_fn(net(X), Y) / 2).backward()
    assert parameter.grad == pytest.approx(2.5 * once)
    net.zero_grad(set_to_none=False)
    assert np.array_equal(np.asarray(parameter.grad), np.zeros_like(once))
    net.zero_grad()
    assert parameter.grad is None


def test_a_loss_may_lie_some_passes_back() -> None:
    net = nl.Sequential(nl.Linear(2, 3), nl.Tanh(), nl.Linear(3, 1))
    loss_fn = nl.MSELoss()
    early = loss_fn(net(X[:2]), Y[:2])
    loss_fn(net(X[2:]), Y[2:]).backward()
    net.zero_grad()
    early.backward()
    late = [np.asarray(p.grad) for p in net.parameters()]
    net.zero_grad()
    loss_fn(net(X[:2]), Y[:2]).backward()
    assert all(np.array_equal(a, np.asarray(p.grad)) for a, p in zip(late, net.parameters(), strict=True))
    with pytest.raises(RuntimeError, match="a second time"):
        early.backward()
    stale = loss_fn(net(X), Y)
    net(X[0])
    nl.optim.SGD(net.parameters(), lr=0.1).step()
    with pytest.raises(RuntimeError, match="has been changed"):
        stale.backward()


@pytest.mark.parametrize(
    "name", ["SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "ASGD", "Rprop"]
)
def test_every_optimizer_moves_the_parameters(name: str) -> None:
    net = nl.Sequential(nl.Linear(2, 3), nl.Tanh(), nl.Linear(3, 1))
    before = net.state_dict()
    optimizer = getattr(nl.optim, name)(net.parameters())
    optimizer.step()  # without gradients nothing moves
    assert all(np.array_equal(before[k], v) for k, v in net.state_dict().items())
    nl.MSELoss()(net(X), Y).backward()
    optimizer.step()
    assert not any(np.array_equal(before[k], v) for k, v in net.state_dict().items())


def test_a_schedule_changes_the_rate() -> None:
    net = nl.Sequential(nl.Linear(2, 1))
    optimizer = nl.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    schedule = nl.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    rates = []
    for _ in range(5):
        rates.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    assert rates == [0.1, 0.1, 0.05, 0.05, 0.025]
    optimizer.param_groups[0]["lr"] = 0.3
    assert optimizer.lr == 0.3


def test_layers_that_can_not_be_a_stack_are_refused() -> None:
    cases: list[tuple[list[nl.nn.Module], str]] = [
        ([nl.Tanh()], "begins with a Linear"),
        ([nl.Linear(2, 3), nl.Tanh(), nl.ReLU()], "not behind another activation"),
        ([nl.Linear(2, 3), nl.Linear(4, 1)], "expected 3 inputs"),
        ([nl.Linear(2, 3), nl.Tanh(), nl.BatchNorm1d(3)], "between a Linear layer and its activation"),
        ([nl.Linear(2, 3), nl.BatchNorm1d(4)], "expected 3 features"),
    ]
    for layers, words in cases:
        with pytest.raises(ValueError, match=words):
            nl.Sequential(*layers)(X)
    shared = nl.Linear(2, 2)
    with pytest.raises(ValueError, match="shared weights"):
        nl.Sequential(shared, shared)(X)
    with pytest.raises(TypeError, match="expected a layer"):
        nl.Sequential(nl.Linear(2, 2), np.tanh)  # type: ignore[arg-type]

    class Skip(nl.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lin = nl.Linear(2, 2)

        def forward(self, x: Any) -> Any:
            return self.lin(x) + x

    with pytest.raises(TypeError, match="arithmetic between layers"):
        Skip()(X)


def test_wrong_values_are_refused() -> None:
    net, loss_fn = nl.Sequential(nl.Linear(2, 1)), nl.MSELoss()
    with pytest.raises(ValueError, match=r"expected inputs of shape \(2,\) or \(rows, 2\), got \(4, 3\)"):
        net(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="NaN or infinity"):
        net([np.nan, 1.0])
    with pytest.raises(TypeError, match="expected numbers"):
        net(["a", "b"])
    with pytest.raises(ValueError, match="PyTorch would pair each output with each target"):
        loss_fn(net(X), Y.ravel())
    with pytest.raises(TypeError, match="expected the output of a network"):
        loss_fn(X, Y)
    with pytest.raises(TypeError, match="is not recorded here"):
        (net(X) - Y)
    with pytest.raises(TypeError, match="losses can't be added"):
        loss_fn(net(X), Y) + loss_fn(net(X), Y)
    with pytest.raises(ValueError, match="reduction"):
        nl.L1Loss(reduction="none")
    with pytest.raises(nl.NeuronlabError, match="at least 0"):
        nl.optim.SGD(net.parameters(), lr=-1.0)
    with pytest.raises(ValueError, match="all parameters of one network"):
        nl.optim.SGD(list(net.parameters())[:1], lr=0.1)
    with pytest.raises(ValueError, match="class indices from 0 to 2, got 3"):
        nl.CrossEntropyLoss()(nl.Sequential(nl.Linear(2, 3))(X), np.array([0, 1, 2, 3]))
    with pytest.raises(KeyError, match="missing"):
        net.load_state_dict({"0.weight": np.zeros((1, 2))})
    with pytest.raises(ValueError, match=r"0.bias: expected an array of shape \(1,\)"):
        net.load_state_dict({"0.weight": np.zeros((1, 2)), "0.bias": np.zeros(2)})
    with pytest.raises(ValueError):
        net.state_dict()["0.weight"].flags.writeable = True
        next(iter(net.parameters())).numpy()[0] = 1.0


def test_batch_normalisation_and_dropout_follow_the_mode() -> None:
    net = nl.Sequential(nl.Linear(2, 8), nl.BatchNorm1d(8), nl.ReLU(), nl.Dropout(0.5), nl.Linear(8, 1))
    drawn = [net(X).numpy() for _ in range(2)]
    assert not np.array_equal(*drawn)
    assert np.any(net.state_dict()["1.running_mean"] != 0)
    net.eval()
    assert np.array_equal(net(X).numpy(), net(X).numpy())


def test_float64_and_arrays_of_any_order() -> None:
    net = nl.Sequential(nl.Linear(2, 3), nl.Tanh(), nl.Linear(3, 1)).double()
    wide = np.asfortranarray(X.astype(np.float64))
    assert net(wide).dtype == np.float64
    assert np.array_equal(net(wide).numpy(), net(X[::1]).numpy())
    assert np.array_equal(net(X[::2]).numpy(), net(np.ascontiguousarray(X[::2])).numpy())


def test_safetensors_go_both_ways(tmp_path: Path) -> None:
    files = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    net = nl.Sequential(nl.Linear(2, 3), nl.BatchNorm1d(3), nl.Tanh(), nl.Linear(3, 1))
    net(X)
    net.save_safetensors(str(tmp_path / "net.safetensors"))
    stored = files.load_file(str(tmp_path / "net.safetensors"))
    assert all(np.array_equal(stored[name], value) for name, value in net.state_dict().items())
    other = nl.Sequential(nl.Linear(2, 3), nl.BatchNorm1d(3), nl.Tanh(), nl.Linear(3, 1))
    other.load_safetensors(str(tmp_path / "net.safetensors"))
    assert np.array_equal(other.eval()(X).numpy(), net.eval()(X).numpy())
    with pytest.raises(KeyError, match="missing"):
        nl.Sequential(nl.Linear(2, 4)).load_safetensors(str(tmp_path / "net.safetensors"))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float32("nan")])
def test_settings_that_are_no_numbers_are_named(number: float) -> None:
    net = nl.Linear(2, 1)
    with pytest.raises(ValueError, match="lr: expected a finite number, got"):
        nl.optim.SGD(net.parameters(), lr=number)
    optimizer = nl.optim.SGD(net.parameters())
    with pytest.raises(ValueError, match="gamma: expected a finite number, got"):
        nl.lr_scheduler.ExponentialLR(optimizer, gamma=number)
    with pytest.raises(ValueError, match="delta: expected a finite number, got"):
        nl.HuberLoss(delta=number)(net([[0.0, 1.0]]), [[0.0]])
