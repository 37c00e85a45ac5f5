"""Pictures are recognised by features that were trained without labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from edgan.errors import UsageError
from edgan.metrics import recognition
from edgan.metrics.pairs.recogniser import embedding, recogniser_network, train_recogniser
from edgan.synthetic import render_face, sample_face


def test_everybody_is_known_by_their_own_features_and_nobody_by_one_for_all() -> None:
    real = torch.randn(20, 5, generator=torch.Generator().manual_seed(0))
    same = recognition(3 * real, real)
    assert (same.known, same.ahead) == (1, 1)
    alike = recognition(torch.ones(20, 5), torch.ones(20, 5))
    assert (alike.known, alike.ahead) == (0, 0.5)


def test_it_counts_who_is_nearer_than_the_original() -> None:
    real = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    made = torch.tensor([[0.9, 0.1], [1.0, 0.2], [-1.0, 0.1]])
    result = recognition(made, real)
    assert result.known == pytest.approx(2 / 3)
    assert result.ahead == pytest.approx((1 + 0.5 + 1) / 3)


def test_every_picture_needs_its_original() -> None:
    with pytest.raises(UsageError, match="N at least 2"):
        recognition(torch.ones(3, 2), torch.ones(4, 2))


def faces(first: int, count: int) -> np.ndarray:
    return np.stack([render_face(sample_face(0, index), 32) for index in range(first, first + count)])


def test_a_trained_recogniser_knows_unseen_blurred_faces_better_than_an_untrained_one() -> None:
    state = torch.random.get_rng_state()
    network = train_recogniser(faces(0, 96), steps=30)
    assert torch.equal(torch.random.get_rng_state(), state)
    real = torch.from_numpy(faces(500, 40)).permute(0, 3, 1, 2).float() / 127.5 - 1
    blurred = F.interpolate(F.avg_pool2d(real, 4), size=32, mode="bilinear").roll(2, 3) * 0.8
    torch.manual_seed(0)
    shares = [
        recognition(embedding(recogniser)(blurred), embedding(recogniser)(real)).known
        for recogniser in (network, recogniser_network(3).eval())
    ]
    assert shares[0] > shares[1]
