"""VGG16's features, with a stranger's weights in torchvision's place."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest
import torch
from torch import nn

from edgan.errors import EdganError
from edgan.methods import Shape, find
from edgan.nets.published_weights import PublishedWeights
from edgan.nets.vgg import Vgg16Features
from edgan.routing.inspect import check_reach, meta_inputs, on_meta


class Vgg16(nn.Module):
    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features


def stand_in(monkeypatch: pytest.MonkeyPatch, features: nn.Module) -> None:
    """torchvision with a network of these features, and the same network's weights as the published ones."""
    module = types.ModuleType("torchvision.models")
    network = Vgg16(features)
    module.vgg16 = lambda weights, init_weights: network  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", types.ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.models", module)
    monkeypatch.setattr(PublishedWeights, "tensors", lambda _: network.state_dict())


def test_grey_images_are_enlarged_and_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, nn.Identity())
    seen = Vgg16Features()(torch.ones(2, 1, 28, 28))
    assert seen.shape == (2, 3, 64, 64)
    torch.testing.assert_close(
        seen[0, :, 0, 0], (1 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    )


def test_a_connection_network_learns_on_it_and_it_stays_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, nn.Sequential(nn.Conv2d(3, 512, 32, stride=32)))
    page = find("vgg-connection")
    gan = {"run": "", "method": "dcgan", "settings": {"network": {"width": 4}, "latent": {"size": 5}}}
    method = page.bind({"gan": gan, "hidden": 8}, Shape(28, 1))
    assert method.plan.table.column("vgg") == ()
    check_reach(method.plan, on_meta(method.build()), meta_inputs({"image": torch.zeros(4, 1, 28, 28)}))


def test_without_torchvision_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(EdganError, match=r"pip install 'torchvision>=[\d.]+' 'torch=="):
        Vgg16Features()


def test_without_the_weights_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = PublishedWeights.tensors
    stand_in(monkeypatch, nn.Identity())
    monkeypatch.setattr(PublishedWeights, "tensors", real)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("EDGAN_DOWNLOAD", raising=False)
    with pytest.raises(EdganError, match=r"VGG16's weights .* downloads nothing unless asked"):
        Vgg16Features()
