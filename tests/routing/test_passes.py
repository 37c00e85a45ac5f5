"""How few passes a step takes, and that fewer passes change nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import torch
from gan_plan import plan_of
from routing_toys import clone, dense, same, sgd, toy_inputs, toy_networks
from torch import Tensor, nn

from edgan.losses import discrimination, l2, minimax
from edgan.methods import Shape, find
from edgan.routing import Cut, Executor, Forward, Inputs, Pass, Phase, Plan, Stage, Table, Tap, Term, row


def first(pair: tuple[Tensor, Tensor]) -> Tensor:
    return pair[0]


def second(pair: tuple[Tensor, Tensor]) -> Tensor:
    return pair[1]


def joined(z: Tensor, y: Tensor) -> Tensor:
    return torch.cat([z, y], 1)


def correlation(y: Tensor, z: Tensor) -> Tensor:
    """Stands for the distance covariance: some value of the batch that needs y and z."""
    return ((y - y.mean(0)).T @ (z - z.mean(0))).square().sum()


class TwoHeaded(nn.Module):
    """A discriminator that gives its last features and its logit."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.logit = dense(6, 4), dense(4, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        features = self.trunk(image)
        return features, self.logit(features).squeeze(1)


def cdnet() -> Plan:
    """Algorithm 1 of CDNet in small: Enc_y frozen; pixel, feature, decorrelation and adversarial losses."""
    taps = (
        Tap("y", ("image",), network="enc_y"),
        Tap("z", ("image",), network="enc_z"),
        Tap("code", ("z", "y"), function=joined),
        Tap("output", ("code",), network="dec"),
        Tap("real", ("image",), network="dis"),
        Tap("fake", ("output",), network="dis"),
        *(Tap(f"h_{side}", (side,), function=first) for side in ("real", "fake")),
        *(Tap(f"d_{side}", (side,), function=second) for side in ("real", "fake")),
    )
    rows = (
        row(Term("pixel", l2, ("output", "image"), "L2"), enc_z=1.0, dec=1.0),
        row(Term("feature", l2, ("h_fake", "h_real"), "L2"), enc_z=1.0, dec=1.0),
        row(Term("decorrelation", correlation, ("y", "z"), "dCov"), enc_z=0.05),
        row(Term("adversarial", minimax, ("d_fake",), "minimax"), dec=0.01),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE"), dis=1.0),
    )
    stage = Stage("main", (Phase("all", ("enc_z", "dec", "dis")),), simultaneous=True)
    return Plan(Table(("enc_y", "enc_z", "dec", "dis"), rows), taps, (stage,))


def cdnet_networks() -> dict[str, nn.Module]:
    torch.manual_seed(1)
    return {"enc_y": dense(6, 2), "enc_z": dense(6, 3), "dec": dense(5, 6), "dis": TwoHeaded()}


def cdnet_by_hand(n: dict[str, nn.Module], image: Tensor) -> dict[str, tuple[Tensor, ...]]:
    """As the authors' code has it: a forward of its own for Dis, for Dec (z detached) and for Enc_z."""

    def gradients(name: str, loss: Tensor) -> tuple[Tensor, ...]:
        return torch.autograd.grad(loss, list(n[name].parameters()))

    y = n["enc_y"](image).detach()
    fake = n["dec"](torch.cat([n["enc_z"](image), y], 1)).detach()
    log_d = nn.functional.logsigmoid
    by_network = {"dis": gradients("dis", -(log_d(n["dis"](image)[1]) + log_d(-n["dis"](fake)[1])).mean())}

    output = n["dec"](torch.cat([n["enc_z"](image).detach(), y], 1))
    features, logit = n["dis"](output)
    distance = (output - image).square().mean() + (features - n["dis"](image)[0]).square().mean()
    by_network["dec"] = gradients("dec", distance + 0.01 * log_d(-logit).mean())

    z = n["enc_z"](image)
    output = n["dec"](torch.cat([z, y], 1))
    distance = (output - image).square().mean() + (n["dis"](output)[0] - n["dis"](image)[0]).square().mean()
    by_network["enc_z"] = gradients("enc_z", distance + 0.05 * correlation(y, z))
    return by_network


def test_cdnet_needs_one_forward_where_the_authors_code_does_three() -> None:
    networks = cdnet_networks()
    inputs = toy_inputs(0)
    calls: Counter[str] = Counter()
    for name, network in networks.items():
        network.register_forward_hook(lambda *_, name=name: calls.update([name]))

    cdnet_by_hand(networks, inputs.fields["image"])
    assert (calls["enc_z"], calls["dec"]) == (3, 3)
    calls.clear()
    result = Executor(cdnet(), networks, sgd(networks)).step(0, 0, lambda _: inputs)

    assert len(cdnet().passes(0)) == 1
    assert calls == result.forwards == {"enc_y": 1, "enc_z": 1, "dec": 1, "dis": 2}  # dis: the real and the fake image
    assert result.backwards == 3


def test_cdnets_one_forward_gives_the_gradients_of_the_three() -> None:
    networks, inputs = cdnet_networks(), toy_inputs(0)
    truth = cdnet_by_hand(networks, inputs.fields["image"])
    ours = Executor(cdnet(), networks).gradients(0, 0, lambda _: inputs)
    assert set(ours) == set(truth)
    for name, expected in truth.items():
        torch.testing.assert_close(ours[name], list(expected), rtol=1e-10, atol=1e-14)


def test_ed_plus_gan_needs_one_backward_for_encoder_and_decoder() -> None:
    page = find("ed-plus-gan")
    method = page.bind({}, Shape(32, 3))
    discriminate, make = method.plan.passes(0)
    assert [column.networks for column in discriminate.columns] == [("discriminator",)]
    assert [column.networks for column in make.columns] == [("encoder", "decoder")]
    assert make.carried == {"z", "base", "output"}
    assert make.computed == ("d_fake",)


def test_a_cut_lets_networks_share_a_backward_and_changes_no_gradient() -> None:
    # What judges the output ends at the base and at the code, so that it adds nothing to encoder and decoder.
    open_, inputs = plan_of(decoupled=True, simultaneous=True), toy_inputs(0)
    closed = replace(open_, cuts=(*open_.cuts, Cut("base", "base", into="output"), Cut("code", "z", into="residual")))
    one_is_open = replace(open_, cuts=(*open_.cuts, Cut("base", "base", into="output")))
    columns = [column.networks for column in closed.passes(0)[0].columns]
    assert columns == [("discriminator", "encoder", "decoder"), ("generator",)]
    # Without the cut at the code it still reaches the encoder, though no longer the decoder.
    assert [len(plan.passes(0)[0].columns) for plan in (one_is_open, open_)] == [3, 3]
    networks = toy_networks(*open_.table.networks)
    apart, together = (Executor(plan, networks).gradients(0, 0, lambda _: inputs) for plan in (open_, closed))
    for name in open_.table.networks:
        torch.testing.assert_close(together[name], apart[name], rtol=0, atol=0)


def test_the_executor_makes_the_passes_that_are_planned() -> None:
    plan = plan_of(decoupled=False, simultaneous=False)
    networks = toy_networks(*plan.table.networks)
    result = Executor(plan, networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0))
    assert result.backwards == sum(len(planned.columns) for planned in plan.passes(0)) == 2
    assert result.forwards == {"encoder": 1, "decoder": 1, "discriminator": 4}


def three_networks(*rows_: tuple[str, tuple[str, ...], dict[str, float]]) -> Plan:
    """first and second feed third; rows are (name, taps, routes)."""
    taps = (
        Tap("one", ("image",), network="first"),
        Tap("two", ("image",), network="second"),
        Tap("sum", ("one", "two"), function=torch.add),
        Tap("three", ("sum",), network="third"),
    )

    def size(*values: Tensor) -> Tensor:
        return torch.stack([v.square().mean(1) for v in values]).sum(0)

    rows = tuple(row(Term(name, size, reads, ""), **routes) for name, reads, routes in rows_)
    stage = Stage("s", (Phase("p", ("first", "second", "third")),), simultaneous=True)
    return Plan(Table(("first", "second", "third"), rows), taps, (stage,))


def columns_of(plan: Plan) -> list[tuple[str, ...]]:
    return [column.networks for column in plan.passes(0)[0].columns]


def gradients_agree(plan: Plan) -> bool:
    """The plan's gradients are those of one backward a network."""
    torch.manual_seed(0)
    networks = {name: dense(6, 6) for name in plan.table.networks}
    inputs = toy_inputs(0)
    gradients = Executor(plan, networks).gradients(0, 0, lambda _: inputs)
    for name, network in networks.items():
        forward = Forward(plan, networks, inputs)
        total = sum(forward.loss(term) * route for term, route in plan.table.column(name))
        expected = torch.autograd.grad(total, list(network.parameters()))
        for ours, truth in zip(gradients[name], expected, strict=True):
            torch.testing.assert_close(ours, truth, rtol=1e-12, atol=1e-15)
    return True


def test_columns_that_differ_only_in_terms_without_a_path_share_a_backward() -> None:
    plan = three_networks(
        ("whole", ("three",), {"first": 1, "second": 1, "third": 1}),
        ("left", ("one",), {"first": 0.5}),
        ("right", ("two",), {"second": 0.25}),
    )
    assert columns_of(plan) == [("first", "second", "third")]
    assert gradients_agree(plan)


@pytest.mark.parametrize(
    "routes",
    [
        {"first": 1.0, "second": 2.0, "third": 1.0},
        {"first": 1.0, "third": 1.0},
    ],
    ids=["another weight", "a blocked cell"],
)
def test_columns_that_really_differ_are_not_merged(routes: dict[str, float]) -> None:
    plan = three_networks(("whole", ("three",), routes), ("sides", ("one", "two"), {"first": 1, "second": 1}))
    assert columns_of(plan) == [("first", "third"), ("second",)]
    assert gradients_agree(plan)


class Recomputing(Plan):
    """A plan that takes no tap over from one pass to the next."""

    def passes(self, stage: int, step: int = 0) -> tuple[Pass, ...]:
        return tuple(replace(planned, carried=frozenset()) for planned in super().passes(stage, step))


@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan"])
def test_taps_taken_over_give_bit_for_bit_what_recomputing_gives(name: str) -> None:
    page = find(name)
    values: dict[str, dict] = {"network": {"width": 4, "norm": "none"}, "discriminator": {"width": 4}}
    values["latent"] = {"size": 5}
    if name == "ed-slash-gan":
        values["generator"] = {"norm": "none"}  # a batch norm would count the images twice
    method = page.bind(values, Shape(32, 3))
    plan = method.plan
    torch.manual_seed(0)
    ours = method.build()
    again = clone(ours)
    images = torch.rand(4, 3, 32, 32) * 2 - 1
    inputs = Inputs({"image": images}, lambda *_: torch.empty(0))
    calls = []
    for p, networks in ((plan, ours), (Recomputing(plan.table, plan.taps, plan.stages, plan.cuts), again)):
        executor = Executor(p, networks, sgd(networks, 0.01))
        calls.append(sum((executor.step(0, step, lambda _: inputs).forwards for step in range(3)), Counter()))
    assert calls[1]["encoder"] == 2 * calls[0]["encoder"]
    assert all(same(ours[n], again[n]) for n in ours)


def test_a_tap_computed_under_other_cuts_is_not_mistaken_for_the_uncut_one() -> None:
    """Phase two computes x again behind a cut; phase three takes y over and needs no x; phase four needs x uncut."""
    taps = (
        Tap("one", ("image",), network="w"),
        Tap("x", ("one",), network="v"),
        Tap("y", ("x",), network="v"),
    )

    def size(value: Tensor) -> Tensor:
        return value.square().mean(1)

    rows = (
        row(Term("on_y", size, ("y",), ""), p=1.0, r=1.0),
        row(Term("on_x", size, ("x",), ""), q=1.0, w=1.0),
    )
    phases = tuple(Phase(network, (network,)) for network in ("p", "q", "r", "w"))
    stages = (Stage("s", phases, simultaneous=False),)
    plan = Plan(Table(("w", "v", "p", "q", "r"), rows), taps, stages, (Cut("stop", "one", into="x", phases=("q",)),))
    networks = {name: dense(6, 6) for name in plan.table.networks}
    inputs = toy_inputs(0)

    gradients = Executor(plan, networks).gradients(0, 0, lambda _: inputs)["w"]

    parameters = [p.requires_grad_() for p in networks["w"].parameters()]
    loss = networks["v"](networks["w"](inputs.fields["image"])).square().mean()
    torch.testing.assert_close(gradients, list(torch.autograd.grad(loss, parameters)), rtol=1e-12, atol=1e-15)
