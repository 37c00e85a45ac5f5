"""What an earlier stage froze is computed once per image, and nothing changes by it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgan.losses import l2
from edgan.routing import Executor, Inputs, Phase, Plan, Source, Stage, Table, Tap, Term, kept_taps, row

IMAGES = torch.randn(150, 1, 1, 4, generator=torch.Generator().manual_seed(0))


class Counted(nn.Module):
    """A linear map of the pixels that counts the images it has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.map = nn.Linear(4, 4)
        self.seen = 0

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.seen += len(image)
        return self.map(image.flatten(1)).view_as(image)


def plan(frozen: str = "running") -> Plan:
    taps = (
        Tap("code", ("image",), network="first"),
        Tap("noise", noise=("normal", (1, 1, 4))),
        Tap("noisy", ("code", "noise"), function=torch.add),
        Tap("out", ("noisy",), network="second"),
    )
    table = Table(
        ("first", "second"),
        (row(Term("a", l2, ("code", "image"), "L2"), first=1.0), row(Term("b", l2, ("out", "code"), "L2"), second=1.0)),
    )
    stages = (
        Stage("one", (Phase("first", ("first",)),), simultaneous=False, steps=2),
        Stage("two", (Phase("second", ("second",)),), simultaneous=False, frozen=frozen),
    )
    return Plan(table, taps, stages)


def trained(source: Source | None, steps: int = 12) -> tuple[dict[str, Counted], list[float]]:
    torch.manual_seed(1)
    networks = {"first": Counted(), "second": Counted()}
    optimisers = {name: torch.optim.SGD(net.parameters(), 0.1) for name, net in networks.items()}
    executor = Executor(plan(), networks, optimisers, source=source)
    losses = []
    for step in range(steps):
        index = torch.randperm(150, generator=torch.Generator().manual_seed(step))[:10]
        noise = torch.randn(10, 1, 1, 4, generator=torch.Generator().manual_seed(step))
        inputs = Inputs({"image": IMAGES[index]}, lambda *_, noise=noise: noise, index)
        result = executor.step(min(step // 2, 1), step, lambda _, inputs=inputs: inputs)
        losses += list(result.losses.values())
    return networks, losses


def test_only_what_is_frozen_and_free_of_noise_is_kept() -> None:
    assert kept_taps(plan(), 0) == ()
    assert kept_taps(plan(), 1) == ("code",)


def test_nothing_is_kept_where_frozen_networks_run_on_batch_statistics() -> None:
    assert kept_taps(plan("batch"), 1) == ()


def test_a_frozen_network_sees_each_image_once() -> None:
    source = Source(150, lambda where: {"image": IMAGES[where]})
    kept, _ = trained(source, steps=40)
    plain, _ = trained(None, steps=40)
    assert kept["first"].seen == 2 * 10 + 150
    assert plain["first"].seen == 40 * 10


def test_keeping_changes_no_loss_and_no_weight() -> None:
    kept, losses = trained(Source(150, lambda where: {"image": IMAGES[where]}))
    plain, expected = trained(None)
    torch.testing.assert_close(losses, expected, rtol=1e-6, atol=0)
    for name in kept:
        torch.testing.assert_close(kept[name].state_dict(), plain[name].state_dict(), rtol=1e-6, atol=1e-7)


def test_what_is_kept_does_not_depend_on_the_batch_that_asked_first() -> None:
    source = Source(150, lambda where: {"image": IMAGES[where]})
    torch.manual_seed(1)
    networks = {"first": Counted(), "second": Counted()}
    optimisers = {name: torch.optim.SGD(net.parameters(), 0.0) for name, net in networks.items()}

    def code(order: list[int]) -> torch.Tensor:
        executor = Executor(plan(), networks, optimisers, source=source)
        values = {}
        for first in order:
            index = torch.arange(first, first + 10)
            inputs = Inputs({"image": IMAGES[index]}, lambda *_: torch.zeros(10, 1, 1, 4), index)
            values[first] = executor.step(1, 0, lambda _, inputs=inputs: inputs).forward["code"]
        return torch.cat([values[first] for first in sorted(values)])

    assert torch.equal(code([0, 60, 120]), code([120, 0, 60]))


def test_what_would_take_too_much_memory_is_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgan.routing.kept.LIMIT", 100)
    kept, losses = trained(Source(150, lambda where: {"image": IMAGES[where]}))
    plain, expected = trained(None)
    torch.testing.assert_close(losses, expected, rtol=1e-6, atol=0)
    assert kept["first"].seen == plain["first"].seen + 64  # the first chunk, which showed how large a row is
