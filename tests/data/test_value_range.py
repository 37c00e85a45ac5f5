"""Pictures in [0, 1] are told from bright ones in [-1, 1], and one picture from many."""

from __future__ import annotations

import pytest
import torch

from edgan.data.value_range import holds_one_picture, looks_like_unit_range

BYTES = torch.randint(0, 256, (4, 3, 16, 16), generator=torch.Generator().manual_seed(0))
BRIGHT = BYTES.clamp(min=128)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16])
def test_only_pictures_in_the_unit_range_look_like_them(dtype: torch.dtype) -> None:
    assert looks_like_unit_range((BYTES / 255).to(dtype))
    assert looks_like_unit_range((BRIGHT / 255).to(dtype))
    assert not looks_like_unit_range((BYTES / 127.5 - 1).to(dtype))
    assert not looks_like_unit_range((BRIGHT / 127.5 - 1).to(dtype))


def test_what_says_nothing_of_its_range_does_not_look_like_it() -> None:
    assert not looks_like_unit_range(BYTES)
    assert not looks_like_unit_range(torch.zeros(2, 3, 4, 4))
    assert not looks_like_unit_range(torch.full((2, 3, 4, 4), 0.3))
    assert not looks_like_unit_range(BYTES / 1000)
    assert not looks_like_unit_range(torch.zeros(0, 3, 4, 4))
    assert not looks_like_unit_range(BYTES / 255 * 2)


def test_floats_that_never_were_bytes_are_told_by_their_sign() -> None:
    values = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    assert looks_like_unit_range(values)
    assert not looks_like_unit_range(2 * values - 1)


@pytest.mark.parametrize(
    ("shape", "channels_last", "is_one"),
    [
        ((32, 32, 3), True, True),
        ((32, 48, 4), True, True),
        ((3, 32, 32), False, True),
        ((10, 32, 32), True, False),
        ((10, 32, 32), False, False),
        ((3, 32, 32), True, False),
        ((2, 32, 32, 3), True, False),
    ],
)
def test_one_picture_is_told_from_many(shape: tuple[int, ...], channels_last: bool, is_one: bool) -> None:
    assert holds_one_picture(shape, channels_last) == is_one
