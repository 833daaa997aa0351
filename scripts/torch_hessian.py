"""Prints crates/neuronlab/tests/golden/hessian.json: losses, gradients, Hessians and their eigenvalues of PyTorch, in float64.

    python3 scripts/torch_hessian.py > crates/neuronlab/tests/golden/hessian.json
"""

import json

import torch
from torch import nn
from torch.func import functional_call, hessian

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def hexes(tensor):
    return [float(v).hex() for v in tensor.detach().flatten().tolist()]


def network(layers, loss, rows, seed):
    """`layers`: what stands in nn.Sequential; weights and data are drawn from PyTorch's stream."""
    torch.manual_seed(seed)
    model = nn.Sequential(*layers)
    linear = [module for module in model if isinstance(module, nn.Linear)]
    inputs, outputs = linear[0].in_features, linear[-1].out_features
    x = torch.rand(rows, inputs) * 2 - 1
    labels = torch.arange(rows) % outputs
    one_hot = torch.nn.functional.one_hot(labels, outputs).to(x.dtype)
    classes = isinstance(loss, (nn.CrossEntropyLoss, nn.NLLLoss))
    y = torch.rand(rows, outputs)
    flat = torch.nn.utils.parameters_to_vector(model.parameters()).detach()

    def value(w):
        named, at = {}, 0
        for name, p in model.named_parameters():
            named[name] = w[at:at + p.numel()].view_as(p)
            at += p.numel()
        # Running statistics are changed in place, which torch.func does not like: each call has its own.
        named |= {name: buffer.clone() for name, buffer in model.named_buffers()}
        return loss(functional_call(model, named, x), labels if classes else y)

    w = flat.clone().requires_grad_()
    l = value(w)
    (gradient,) = torch.autograd.grad(l, w)
    h = torch.autograd.functional.hessian(value, flat)
    if not any(isinstance(module, nn.BatchNorm1d) for module in model):
        # Reverse over reverse above, forward over reverse here.
        assert torch.allclose(hessian(value)(flat), h, rtol=1e-10, atol=1e-12)
    return {
        "layers": [str(module) for module in model], "loss": type(loss).__name__, "rows": rows,
        "parameters": hexes(flat), "x": hexes(x), "y": hexes(one_hot if classes else y),
        "loss_value": float(l.detach()).hex(), "gradient": hexes(gradient), "hessian": hexes(h),
        "eigenvalues": hexes(torch.linalg.eigvalsh(h).flip(0)),
    }


print(json.dumps({
    "source": f"scripts/torch_hessian.py, PyTorch {torch.__version__}",
    "networks": {
        "the exercise's": network(
            [nn.Linear(2, 4, bias=False), nn.Tanh(), nn.Linear(4, 4, bias=False), nn.Tanh(),
             nn.Linear(4, 4, bias=False), nn.Tanh(), nn.Linear(4, 1, bias=False)], nn.MSELoss(), 4, 2),
        "softplus, cross-entropy": network(
            [nn.Linear(2, 5), nn.Softplus(), nn.Linear(5, 3)], nn.CrossEntropyLoss(), 7, 3),
        "gelu, smooth L1": network(
            [nn.Linear(3, 4), nn.GELU(), nn.Linear(4, 2), nn.SiLU()], nn.SmoothL1Loss(), 5, 4),
        "batch norm": network(
            [nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1), nn.Sigmoid()], nn.BCELoss(), 6, 5),
        "relu and softmax, L1": network(
            [nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 3), nn.Softmax(dim=1)], nn.L1Loss(), 6, 6),
        "mish, binary cross-entropy with logits": network(
            [nn.Linear(2, 4), nn.Mish(), nn.Linear(4, 1)], nn.BCEWithLogitsLoss(), 5, 7),
    },
}, indent=0))
