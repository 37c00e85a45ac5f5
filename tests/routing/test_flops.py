"""FLOPs by network, against torch's own counter on a hand-written step and against arithmetic.

Torch's counter hooks the inputs of every module and cannot do so for a leaf, hence the views of `point`.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods import Shape, find
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.routing.inspect import Cost, cost_of_step, meta_inputs, on_meta

COUNT = 2
SETTINGS = {
    "network": {"width": 4, "norm": "batch"},
    "discriminator": {"width": 4, "norm": "none"},
    "latent": {"size": 5},
    "penalty": {"weight": 1.0, "every": 2},
}


def page_cost(name: str, step: int) -> tuple[Cost, dict[str, nn.Module]]:
    page = find(name)
    method = page.bind(SETTINGS, Shape(32, 3))
    networks = on_meta(method.build())
    inputs = meta_inputs({"image": torch.empty(COUNT, 3, 32, 32)})
    return cost_of_step(method.plan, networks, inputs, step=step), networks


def gradient(loss: Tensor, *networks: nn.Module) -> None:
    torch.autograd.grad(loss, [p for network in networks for p in network.parameters()])


def step_by_hand(n: dict[str, nn.Module], image: Tensor, penalised: bool) -> None:
    """One alternating step as a careful person writes it: the image is drawn once, unneeded gradients are off."""
    for network in n.values():
        network.requires_grad_(True)
    z = n["encoder"](image)
    base = n["decoder"](z)
    output = base + n["generator"](z) if "generator" in n else base
    d = n["discriminator"]
    loss = discrimination(d(image), d(output.detach())).mean()
    if penalised:
        point = image.clone().requires_grad_()
        slope = torch.autograd.grad(d(point.view_as(point)).sum(), point, create_graph=True)[0]
        loss = loss + slope.square().sum()
    gradient(loss, d)
    d.requires_grad_(False)
    adversarial = non_saturating(d(output)).mean()
    if "generator" in n:
        gradient(l1(base, image).mean(), n["encoder"], n["decoder"])
        gradient(adversarial, n["generator"])
    else:
        gradient(l1(base, image).mean() + adversarial, n["encoder"], n["decoder"])


@pytest.mark.parametrize("penalised", [False, True], ids=["usual step", "step with penalty"])
@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan"])
def test_the_total_is_what_torch_counts_on_a_hand_written_step(name: str, penalised: bool) -> None:
    cost, networks = page_cost(name, step=0 if penalised else 1)
    with FlopCounterMode(display=False) as counter:
        step_by_hand(networks, torch.empty(COUNT, 3, 32, 32, device="meta"), penalised)
    assert sum(cost.flops.values()) == counter.get_total_flops()
    assert set(cost.flops) == set(networks)


@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan"])
def test_a_penaltys_double_backward_is_the_discriminators(name: str) -> None:
    (usual, _), (full, networks) = page_cost(name, step=1), page_cost(name, step=0)
    with FlopCounterMode(display=False) as counter:
        point = torch.empty(COUNT, 3, 32, 32, device="meta", requires_grad=True)
        d = networks["discriminator"].requires_grad_(True)
        slope = torch.autograd.grad(d(point.view_as(point)).sum(), point, create_graph=True)[0]
        torch.autograd.grad(slope.square().sum(), list(d.parameters()), allow_unused=True)
    more = {network: full.flops[network] - usual.flops[network] for network in networks}
    assert more == {n: counter.get_total_flops() if n == "discriminator" else 0 for n in networks}


def test_a_convolution_costs_what_arithmetic_says() -> None:
    """Two layers: the first needs no gradient by its input, the second does."""
    net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 2, 1))
    head = nn.Conv2d(2, 1, 4)
    taps = (Tap("maps", ("image",), network="net"), Tap("value", ("maps",), network="head"))
    term = Term("size", lambda value: value.square().flatten(1).mean(1), ("value",), "")
    stage = Stage("s", (Phase("p", ("net",)),), simultaneous=False)
    plan = Plan(Table(("net", "head"), (row(term, net=1.0),)), taps, (stage,))
    inputs = meta_inputs({"image": torch.empty(5, 3, 8, 8)})

    cost = cost_of_step(plan, on_meta({"net": net, "head": head}), inputs)

    first = 2 * 5 * (4 * 4) * 8 * (3 * 3 * 3)
    second = 2 * 5 * (4 * 4) * 2 * 8
    last = 2 * 5 * 1 * (2 * 4 * 4)
    assert cost.forwards == {"net": 1, "head": 1}
    assert cost.backwards == 1
    # forward + by weights, + by inputs where something lies before; the head is not trained: by inputs alone.
    assert cost.flops == {"net": 2 * first + 3 * second, "head": 2 * last}


def test_counting_computes_nothing_and_leaves_the_networks_alone() -> None:
    page = find("ed-slash-gan")
    networks = page.bind(SETTINGS, Shape(32, 3)).build()
    copies = on_meta(networks)
    assert {p.device.type for network in copies.values() for p in network.parameters()} == {"meta"}
    assert {p.device.type for network in networks.values() for p in network.parameters()} == {"cpu"}
