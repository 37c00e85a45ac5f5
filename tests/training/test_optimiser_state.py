"""A restored optimiser makes the step that the uninterrupted one would have made, bit for bit."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from edgan.errors import EdganError
from edgan.storage.checkpoint import Snapshot, load, save
from edgan.training.optimiser_state import flatten_optimiser, join_states, restore_optimiser, split_state
from edgan.training.random_state import capture_random_state, restore_random_state
from edgan.training.rmsprop_norm import RMSPropNorm

OPTIMISERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=1e-2, betas=(0.5, 0.999)),
    "adam-fused": lambda p: torch.optim.Adam(p, lr=1e-2, fused=True),
    "adam-amsgrad": lambda p: torch.optim.Adam(p, lr=1e-2, amsgrad=True),
    "adam-tensor-rate": lambda p: torch.optim.Adam(p, lr=torch.tensor(1e-2), foreach=False),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-2),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=1e-3),
    "rmsprop-centred-momentum": lambda p: torch.optim.RMSprop(p, lr=1e-3, momentum=0.9, centered=True),
    "rmsprop-norm": lambda p: RMSPropNorm(p, lr=1e-3),
    "sgd": lambda p: torch.optim.SGD(p, lr=1e-2),
    "sgd-momentum": lambda p: torch.optim.SGD(p, lr=1e-2, momentum=0.9, nesterov=True),
}


def make_net(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Dropout(), nn.Linear(80, 2))
    return net.to(memory_format=torch.channels_last)


def train(net: nn.Module, optimiser: torch.optim.Optimizer, steps: int) -> None:
    for _ in range(steps):
        net.zero_grad(set_to_none=True)
        net(torch.randn(4, 3, 6, 6)).square().mean().backward()
        optimiser.step()


def groups_of(net: nn.Module) -> list[dict]:
    return [{"params": list(net[0].parameters())}, {"params": list(net[1:].parameters()), "weight_decay": 0.01}]


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_resumed_training_ends_with_the_weights_of_the_uninterrupted_one(tmp_path, name):
    net = make_net(0)
    optimiser = OPTIMISERS[name](groups_of(net))
    train(net, optimiser, 3)
    tensors, rest = flatten_optimiser(optimiser)
    path = save(
        tmp_path,
        Snapshot(
            3, {"networks": net.state_dict(), "optimisers": tensors | capture_random_state()}, {"optimiser": rest}
        ),
    )
    train(net, optimiser, 3)

    other = make_net(1)
    resumed = OPTIMISERS[name](groups_of(other))
    train(other, resumed, 1)  # a resumed optimiser may have a state already: it must give way
    read = load(path)
    other.load_state_dict(read.tensors["networks"])
    held = {key: value for key, value in read.tensors["optimisers"].items() if not key.startswith("random.")}
    restore_optimiser(resumed, held, read.state["optimiser"])
    restore_random_state(read.tensors["optimisers"])
    train(other, resumed, 3)

    for key, value in net.state_dict().items():
        assert torch.equal(value, other.state_dict()[key]), key


def test_the_restored_state_has_the_strides_of_its_parameter():
    net = make_net(0)
    optimiser = OPTIMISERS["adam-fused"](groups_of(net))
    train(net, optimiser, 1)
    tensors, rest = flatten_optimiser(optimiser)
    contiguous = {key: value.contiguous() for key, value in tensors.items()}
    restore_optimiser(optimiser, contiguous, rest)
    weight = net[0].weight
    assert not weight.is_contiguous()
    assert optimiser.state[weight]["exp_avg"].stride() == weight.stride()


def test_going_on_leaves_the_saved_tensors_alone():
    net = make_net(0)
    optimiser = OPTIMISERS["adam"](groups_of(net))
    train(net, optimiser, 1)
    tensors, rest = flatten_optimiser(optimiser)
    saved = {key: value.clone() for key, value in tensors.items()}
    given = {key: value.clone() for key, value in tensors.items()}
    restore_optimiser(optimiser, given, rest)
    train(net, optimiser, 2)
    assert all(torch.equal(given[key], saved[key]) for key in saved)


def test_a_changed_learning_rate_is_restored():
    net = make_net(0)
    optimiser = OPTIMISERS["sgd"](groups_of(net))
    optimiser.param_groups[1]["lr"] = 0.1 + 0.2
    tensors, rest = flatten_optimiser(optimiser)
    other = OPTIMISERS["sgd"](groups_of(net))
    restore_optimiser(other, tensors, json.loads(json.dumps(rest)))
    assert [group["lr"] for group in other.param_groups] == [1e-2, 0.1 + 0.2]


def test_how_a_step_is_computed_stays_the_machines():
    net = make_net(0)
    fused = OPTIMISERS["adam-fused"](groups_of(net))
    train(net, fused, 1)
    plain = OPTIMISERS["adam"](groups_of(net))
    restore_optimiser(plain, *flatten_optimiser(fused))
    assert not plain.param_groups[0]["fused"]


def test_another_number_of_parameters_is_refused():
    net = make_net(0)
    tensors, rest = flatten_optimiser(OPTIMISERS["adam"](groups_of(net)))
    with pytest.raises(EdganError, match=r"\[2, 4\].*\[6\]"):
        restore_optimiser(OPTIMISERS["adam"](net.parameters()), tensors, rest)


def test_another_shape_is_refused_and_names_the_parameter():
    first, second = nn.Linear(3, 2, bias=False), nn.Linear(4, 2, bias=False)
    optimiser = OPTIMISERS["adam"](first.parameters())
    first(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    with pytest.raises(EdganError, match=r"parameter 0 has the shape \(2, 3\), but the parameter \(2, 4\)"):
        restore_optimiser(OPTIMISERS["adam"](second.parameters()), *flatten_optimiser(optimiser))


def test_a_restored_generator_draws_the_same_numbers():
    torch.manual_seed(0)
    state = capture_random_state()
    drawn = torch.randn(5)
    restore_random_state(state)
    assert torch.equal(torch.randn(5), drawn)


@pytest.mark.parametrize("name", [name for name in OPTIMISERS if "groups" not in name and name != "rmsprop-norm"])
def test_a_shared_optimisers_state_splits_into_those_of_optimisers_for_each_network(name):
    """What one optimiser over two networks saves is what two would save, and is read back from either."""
    shared, apart = [make_net(0), make_net(1)], [make_net(0), make_net(1)]
    one = OPTIMISERS[name]([p for net in shared for p in net.parameters()])
    two = [OPTIMISERS[name](net.parameters()) for net in apart]
    torch.manual_seed(2)
    for _ in range(3):
        pictures = torch.randn(4, 3, 6, 6)
        for nets, optimisers in ((shared, [one]), (apart, two)):
            for net in nets:
                net[4].p = 0.0
                net.zero_grad(set_to_none=True)
                net(pictures).square().mean().backward()
            for optimiser in optimisers:
                optimiser.step()
    counts = [len(list(net.parameters())) for net in shared]
    shares = split_state(flatten_optimiser(one), counts)
    expected = [flatten_optimiser(optimiser) for optimiser in two]
    for (tensors, rest), (own, alone) in zip(shares, expected, strict=True):
        assert rest == alone
        torch.testing.assert_close(tensors, own, rtol=0, atol=0)
    fresh = OPTIMISERS[name]([p for net in shared for p in net.parameters()])
    restore_optimiser(fresh, *join_states(expected))
    torch.testing.assert_close(flatten_optimiser(fresh)[0], flatten_optimiser(one)[0], rtol=0, atol=0)
    assert flatten_optimiser(fresh)[1] == flatten_optimiser(one)[1]
