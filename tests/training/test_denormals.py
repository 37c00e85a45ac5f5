"""Denormal numbers are 0 while a training runs, and nowhere else; weights do not feel it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import edgan
from edgan.training.denormals import DENORMAL, denormals_flushed


def is_flushed() -> bool:
    return bool((torch.full((1,), DENORMAL) * 1.0).item() == 0.0)


@pytest.fixture
def _flushing():
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush denormal numbers")
    torch.set_flush_denormal(False)


@pytest.mark.usefixtures("_flushing")
def test_the_block_flushes_and_puts_back_what_was_set():
    with denormals_flushed():
        assert is_flushed()
        with denormals_flushed():
            pass
        assert is_flushed()
    assert not is_flushed()


@pytest.mark.usefixtures("_flushing")
def test_a_training_flushes_and_leaves_the_caller_as_it_was(faces, tmp_path):
    seen = []
    settings = {"preset": "small", "size": 16, "steps": 2, "batch": 2, "report": False}
    edgan.train("dcgan", faces, tmp_path / "run", watch=lambda _: seen.append(is_flushed()), **settings)
    assert seen == [True, True]
    assert not is_flushed()


def trained_by_a_sure_discriminator() -> torch.Tensor:
    """The weights after steps in which the gradients are denormal."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 36, 1))
    adam = torch.optim.Adam(net.parameters(), 2e-4, betas=(0.5, 0.999))
    image = torch.randn(4, 3, 8, 8)
    for logit in (0.0, 60.0, 95.0, 0.0):
        adam.zero_grad()
        F.softplus(-net(image) - logit).mean().backward()
        adam.step()
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()])


@pytest.mark.usefixtures("_flushing")
def test_weights_are_the_same_bit_for_bit():
    kept = trained_by_a_sure_discriminator()
    with denormals_flushed():
        assert torch.equal(trained_by_a_sure_discriminator(), kept)
