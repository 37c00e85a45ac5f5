"""The pages of ED+GAN and ED//GAN, with their real networks, against a plain PyTorch loop."""

from __future__ import annotations

import copy
from functools import partial
from typing import Any

import pytest
import torch
from reconstruction_loops import Options, PlainLoop
from torch import Tensor, nn

from edgan.methods import Method, Shape, find
from edgan.routing import Executor, Inputs
from edgan.routing.inspect import check_reach, meta_inputs, on_meta

LATENT, COUNT, STEPS = 5, 4, 3
ADAM = partial(torch.optim.Adam, lr=2e-4, betas=(0.5, 0.999))
SGD = partial(torch.optim.SGD, lr=0.05)


def bound(name: str, norm: str = "none", **changes: Any) -> Method:
    page = find(name)
    settings = {
        "network": {"width": 4, "norm": norm, "init": "he"},
        "discriminator": {"width": 4, "norm": "none", "activation": "leaky", "init": "he"},
        "latent": {"size": LATENT, "prior": changes.pop("prior", "none"), "weight": 0.1},
        **changes,
    }
    return page.bind(settings, Shape(32, 3))


def built(method: Method) -> dict[str, nn.Module]:
    torch.manual_seed(3)
    return {name: network.double() for name, network in method.build().items()}


def batch(step: int) -> tuple[Tensor, Tensor]:
    """(image, noise) of a step; the noise is normal or uniform, as asked for."""
    generator = torch.Generator().manual_seed(step)
    return (
        torch.rand(COUNT, 3, 32, 32, generator=generator, dtype=torch.float64) * 2 - 1,
        torch.rand(COUNT, LATENT, generator=generator, dtype=torch.float64),
    )


def inputs_of(step: int) -> Inputs:
    image, noise = batch(step)
    return Inputs({"image": image}, lambda *_: noise)


def both(method: Method, options: Options, optimiser: Any) -> tuple[dict[str, nn.Module], ...]:
    """(ours, the plain loop's, as both began)."""
    ours = built(method)
    truth, before = copy.deepcopy(ours), copy.deepcopy(ours)
    executor = Executor(method.plan, ours, {name: optimiser(n.parameters()) for name, n in ours.items()})
    loop = PlainLoop(truth, options, optimiser)
    for step in range(STEPS):
        executor.step(0, step, lambda _, step=step: inputs_of(step))
        loop.step(step, *batch(step))
    return ours, truth, before


def apart(ours: dict[str, nn.Module], truth: dict[str, nn.Module], before: dict[str, nn.Module]) -> float:
    """The largest difference of a network's weights, relative to how far they went."""

    def flat(network: nn.Module) -> Tensor:
        return torch.cat([p.detach().flatten() for p in network.parameters()])

    return max(float((flat(ours[n]) - flat(t)).norm() / (flat(t) - flat(before[n])).norm()) for n, t in truth.items())


@pytest.mark.parametrize("optimiser", [ADAM, SGD], ids=["Adam", "SGD"])
@pytest.mark.parametrize("prior", ["none", "vae", "aae"])
@pytest.mark.parametrize("norm", ["none", "batch"])
@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan", "ed-plus-gan//"])
def test_three_steps_are_those_of_the_plain_loop(
    name: str, norm: str, prior: str, optimiser: Any, record_property: pytest.RecordProperty
) -> None:
    coupled: dict[str, Any] = {"adversarial_weight": 0.3} if name == "ed-plus-gan" else {}
    method = bound(name, norm, prior=prior, penalty={"weight": 0.5, "every": 2}, **coupled)
    options = Options(prior, prior_weight=0.1, penalty=0.5, penalty_every=2, **coupled)

    ours, truth, before = both(method, options, optimiser)

    difference = apart(ours, truth, before)
    record_property("relative_deviation", difference)
    assert difference < 1e-6
    for network, expected in truth.items():
        buffers = dict(ours[network].named_buffers())
        for key, value in expected.named_buffers():
            torch.testing.assert_close(buffers[key], value, rtol=1e-6, atol=1e-9)
            if key.endswith("num_batches_tracked"):
                assert int(value) == STEPS


def test_a_discriminator_with_batch_norm_sees_real_and_fake_apart() -> None:
    """Each is normed by its own statistics, and none are kept."""
    discriminator = {"width": 4, "norm": "batch", "init": "he"}
    method = bound("ed-slash-gan", discriminator=discriminator)
    ours, truth, before = both(method, Options(), SGD)
    assert apart(ours, truth, before) < 1e-6
    assert not [name for name, _ in ours["discriminator"].named_buffers() if "running" in name]


@pytest.mark.parametrize("change", ["penalty", "prior", "lambda", "lazy"])
def test_the_plain_loop_would_notice(change: str) -> None:
    """A loop that leaves one ingredient out, or takes it at the wrong steps, ends elsewhere."""
    method = bound("ed-plus-gan", prior="vae", penalty={"weight": 0.5, "every": 2}, adversarial_weight=0.3)
    options = Options("vae", 0.3, 0.1, 0.5, 2)
    wrong = {"penalty": ("penalty", 0.0), "prior": ("prior_weight", 0.2), "lambda": ("adversarial_weight", 0.0)}
    setattr(options, *wrong.get(change, ("penalty_every", 1)))
    assert apart(*both(method, options, SGD)) > 1e-3


@pytest.mark.parametrize("prior", ["none", "vae", "aae"])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
@pytest.mark.parametrize("name", ["ed-slash-gan", "ed-plus-gan", "ed-plus-gan//"])
def test_every_cell_of_a_page_is_reached(name: str, penalty: float, prior: str) -> None:
    method = bound(name, prior=prior, penalty={"weight": penalty})
    check_reach(method.plan, on_meta(built(method)), meta_inputs({"image": batch(0)[0]}))


def test_ed_plus_gans_lambda_is_a_dial_that_ends_at_the_blocked_cell() -> None:
    """With lambda 0 the adversarial row is blank, and the decoder trains on reconstruction alone."""
    blank = bound("ed-plus-gan", adversarial_weight=0.0).plan.table
    assert [cell for row in blank.rows if row.term.name == "adversarial" for cell in row.cells] == []
    changed = bound("ed-plus-gan").with_routes({"adversarial.encoder": 0, "adversarial.decoder": 0}).plan.table
    assert changed == blank


def test_a_prior_makes_a_method_that_samples() -> None:
    assert "sample" not in bound("ed-slash-gan").capabilities
    assert "sample" in bound("ed-slash-gan", prior="vae").capabilities
    assert bound("ed-slash-gan", prior="aae").latent.prior == "symmetric-uniform"
