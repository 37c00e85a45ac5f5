"""Jitter and flip: pure functions of their draws, alike for both of a pair."""

from __future__ import annotations

import pytest
import torch

from edgan.data.augment import DRAWS, augment


def pair(count: int = 3, size: int = 32) -> dict[str, torch.Tensor]:
    image = torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return {"image": image, "source": image.clone(), "attributes": torch.arange(count)[:, None].float()}


def test_both_of_a_pair_change_alike_and_the_rest_not_at_all():
    fields = pair()
    made = augment(fields, torch.rand(3, DRAWS), 286 / 256, True)
    assert torch.equal(made["image"], made["source"])
    assert not torch.equal(made["image"], fields["image"])
    assert made["attributes"] is fields["attributes"]


def test_samples_have_a_place_and_a_coin_of_their_own():
    twice = pair(1)["image"].expand(2, -1, -1, -1)
    same = augment({"image": twice}, torch.tensor([[0.1, 0.2, 0.3]] * 2), 1.25, True)["image"]
    assert torch.equal(same[0], same[1])
    apart = augment({"image": twice}, torch.tensor([[0.1, 0.2, 0.3], [0.9, 0.2, 0.3]]), 1.25, True)["image"]
    assert not torch.equal(apart[0], apart[1])


def test_the_crop_is_a_window_of_the_enlarged_picture():
    image = pair(1)["image"]
    whole = torch.nn.functional.interpolate(image, 40, mode="bicubic").clamp(-1, 1)
    made = augment({"image": image}, torch.tensor([[0.5, 0.999, 0.9]]), 1.25, False)["image"]
    assert torch.equal(made, whole[:, :, 4:36, 8:40])


@pytest.mark.parametrize(("coin", "mirrored"), [(0.49, True), (0.51, False)])
def test_the_coin_mirrors_half_of_the_time(coin, mirrored):
    image = pair(1)["image"]
    made = augment({"image": image}, torch.tensor([[0.0, 0.0, coin]]), 1.0, True)["image"]
    assert torch.equal(made, image.flip(3) if mirrored else image)


def test_nothing_asked_for_is_nothing_changed():
    image = pair()["image"]
    assert torch.equal(augment({"image": image}, torch.rand(3, DRAWS), 1.0, False)["image"], image)


def test_pictures_keep_their_range_and_size():
    made = augment(pair(), torch.rand(3, DRAWS), 286 / 256, True)["image"]
    assert made.shape == (3, 3, 32, 32)
    assert made.abs().max() <= 1
