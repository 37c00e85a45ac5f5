"""A model in a server: batches, threads, seeds and devices never change an answer."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest
import torch
from test_tiles import UNET, scene, translator
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Shape, find
from edgan.models.device import resolve_device
from edgan.models.model import Model
from edgan.models.shared_norms import SharedNorms
from edgan.models.tiles import translate_in_tiles

CLOSE = {"rtol": 0.0, "atol": 2e-5}
"""Float32 sums differ with the number of images that a convolution takes at once."""


def model_of(name: str, settings: dict[str, Any], **shape: Any) -> Model:
    """An untrained model with batch norms that have seen something."""
    data = Shape(**{"size": 32, "channels": 3, **shape})
    method = find(name).bind(settings, data)
    torch.manual_seed(0)
    networks = {network: method.networks[network]() for network in method.inference}
    return Model(method, networks, data, torch.device("cpu"))


@pytest.fixture(scope="module")
def editor() -> Model:
    return model_of("cdnet", {"network": {"width": 4}}, attributes=("Smiling", "Male"), frequencies=(0.5, 0.5))


@pytest.fixture(scope="module")
def gan() -> Model:
    return model_of("icgan", {}, attributes=("Smiling", "Male"), frequencies=(0.5, 0.5))


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.rand(5, 3, 32, 32, generator=torch.Generator().manual_seed(1)) * 2 - 1


def alone(verb: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """What a verb gives for each image by itself."""
    return torch.cat([verb(images[i : i + 1]) for i in range(len(images))])


def test_five_together_are_five_alone(editor: Model, images: Tensor) -> None:
    verbs: list[Callable[[Tensor], Tensor]] = [
        lambda batch: editor.reconstruct(batch).output,
        editor.encode,
        lambda batch: editor.edit(batch, {"Smiling": 2.0}),
    ]
    for verb in verbs:
        torch.testing.assert_close(verb(images), alone(verb, images), **CLOSE)


@pytest.mark.parametrize(("method", "settings"), [("pix2pix", UNET), ("grit", None)])
def test_with_a_seed_each_translations_do_not_depend_on_the_batch(method: str, settings: dict[str, Any] | None) -> None:
    model = translator(method, settings) if settings else translator()
    source, seeds = scene(64, 64).repeat(5, 1, 1, 1), [7, 1, 7, 2, 3]
    assert model.draws_noise
    together = model.translate(source, seed=seeds).output
    single = torch.cat([model.translate(source[:1], seed=seed).output for seed in seeds])
    torch.testing.assert_close(together, single, **CLOSE)
    torch.testing.assert_close(together[0], together[2], **CLOSE)
    assert (together[0] - together[1]).abs().max() > 0.01


def test_with_a_seed_each_samples_do_not_depend_on_the_batch(gan: Model) -> None:
    seeds = [4, 9, 4, 0, 1]
    together = gan.sample(seed=seeds)
    torch.testing.assert_close(together, torch.cat([gan.sample(1, seed) for seed in seeds]), **CLOSE)
    assert torch.equal(together[0], together[2])
    assert (together[0] - together[1]).abs().max() > 0.01
    assert torch.equal(gan.sample(1, np.int64(4)), gan.sample(1, 4))


def test_styles_are_one_or_as_many_as_sources() -> None:
    model = translator()
    assert model.method.latent is not None
    styles = torch.zeros(3, model.method.latent.size)
    with pytest.raises(UsageError, match=r"style must be one, or one for each of 2 \(got 3\)"):
        model.translate(scene(64, 64).repeat(2, 1, 1, 1), style=styles)


@pytest.mark.parametrize(("count", "seed"), [(3, [1, 2]), (None, []), (0, 0), (-1, 0)])
def test_a_wrong_number_of_seeds_or_samples_is_refused(count: int | None, seed: Any, gan: Model) -> None:
    with pytest.raises(UsageError, match="must be"):
        gan.sample(count, seed)


def test_ten_threads_give_what_one_gives(editor: Model, gan: Model, images: Tensor) -> None:
    work: list[Callable[[], Tensor]] = []
    for index in range(5):
        work.append(lambda i=index: editor.reconstruct(images[i : i + 1]).output)  # type: ignore[misc]
        work.append(lambda i=index: editor.edit(images[i : i + 1], {"Male": i / 2}))  # type: ignore[misc]
        work.append(lambda i=index: gan.sample(2, seed=i))  # type: ignore[misc]
    expected = [job() for job in work]
    state = torch.get_rng_state()
    with ThreadPoolExecutor(10) as threads:
        for _ in range(3):
            for made, job in zip(expected, list(threads.map(lambda job: job(), work)), strict=True):
                assert torch.equal(made, job)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_picture_drawn_between_two_tiles_is_what_it_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles share the statistics of norms through hooks, which must not fire in another thread's forward."""
    model = translator(norm="instance")
    large, small = scene(64, 1024), scene(64, 64)
    tiled, whole = translate_in_tiles(model, large, seed=1).output, model.translate(small, seed=2).output
    between: list[Tensor] = []
    batch = SharedNorms.batch

    def interrupted(norms: SharedNorms, which: slice) -> AbstractContextManager[None]:
        between.append(model.translate(small, seed=2).output)
        return batch(norms, which)

    monkeypatch.setattr(SharedNorms, "batch", interrupted)
    assert torch.equal(translate_in_tiles(model, large, seed=1).output, tiled)
    assert len(between) > 1
    assert all(torch.equal(picture, whole) for picture in between)


def test_a_call_leaves_the_callers_random_state_and_gradients_alone(editor: Model, images: Tensor) -> None:
    state = torch.get_rng_state()
    made = editor.reconstruct(images.clone().requires_grad_()).output
    assert not made.requires_grad
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled()


def test_repr_says_what_the_model_is(editor: Model) -> None:
    text = repr(editor)
    assert "cdnet, 32 x 32 px, colour; can reconstruct, edit, encode; edits Smiling, Male" in text
    assert f"{sum(p.numel() for n in editor.networks.values() for p in n.parameters()):,} weights on cpu" in text


def test_to_moves_the_model_and_returns_it(editor: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = copy.deepcopy(editor)
    monkeypatch.setattr("edgan.models.trained_networks.resolve_device", lambda name: torch.device(name))
    assert moved.to("meta") is moved
    assert moved.device.type == "meta"
    assert {p.device.type for n in moved.networks.values() for p in n.parameters()} == {"meta"}
    monkeypatch.setattr("edgan.models.trained_networks.resolve_device", resolve_device)
    with pytest.raises(UsageError, match=r"cannot be 'gpu'\. Did you mean 'cuda'"):
        moved.to("gpu")
