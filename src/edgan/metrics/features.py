"""Feature networks for FID and KID: one of the caller's own, Inception, or a small one taught on the real set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import EdganError, UsageError
from edgan.routing.execute import descend

WIDTH, SIZE = 16, 64
STEPS, BATCH, LR = 400, 32, 1e-3
HELD_OUT = 0.2
TURNS = 4
AT_ONCE = 64
OWN = ("classifier", "inception")
MISSING = (
    "Inception features need torch-fidelity, which is not installed: pip install 'edgan[inception]'. Or take the real "
    'set\'s own ("classifier"), or a network of yours.'
)


@dataclass(frozen=True)
class Features:
    """A feature network.

    Attributes:
        network: images float (n, C, H, W) in [-1, 1] to (n, D).
        words: what it is, for a protocol.
        warning: why it should not be trusted, or an empty string.
    """

    network: Callable[[Tensor], Tensor]
    words: str
    warning: str = ""

    @torch.inference_mode()
    def of(self, images: np.ndarray) -> Tensor:
        """The features of (N, H, W, C) uint8 images, (N, D) double.

        Raises:
            UsageError: the network does not give (n, D) finite numbers.
        """
        parts = []
        for start in range(0, len(images), AT_ONCE):
            batch = floats(images[start : start + AT_ONCE])
            output = self.network(batch)
            if not isinstance(output, Tensor) or output.ndim < 2 or len(output) != len(batch):
                got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
                raise UsageError(f"A feature network gives ({len(batch)}, D) for as many images; this gave {got}.")
            parts.append(output.flatten(1).double().cpu())
        features = torch.cat(parts)
        if not torch.isfinite(features).all():
            raise UsageError("The feature network gave NaN or infinite features.")
        return features


def floats(images: np.ndarray) -> Tensor:
    """(N, H, W, C) uint8 as (N, C, H, W) float in [-1, 1]."""
    return torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def find(features: Any, real: np.ndarray, label: np.ndarray | None) -> Features:
    """The network that was asked for.

    Args:
        features: "classifier", "inception", the path of a TorchScript file, or a function or module of the caller's own
            from (n, C, H, W) float in [-1, 1] to (n, D).
        real: the real images, (N, H, W, C) uint8, which teach the classifier.
        label: their classes, (N,) int64, or None.

    Raises:
        UsageError: none of these.
        EdganError: the file, or the extra, is missing or does not load.
    """
    if callable(features):
        if isinstance(features, nn.Module):
            features = features.eval()
        return Features(features, "the caller's network")
    if features == "classifier":
        return taught(real, label)
    if features == "inception":
        return inception()
    return from_file(Path(features))


def from_file(path: Path) -> Features:
    """A TorchScript file. It runs the code that it holds: load only files that you trust."""
    if not path.is_file():
        raise UsageError(
            f"There are no features {str(path)!r}: it is neither {' nor '.join(OWN)} nor a TorchScript file."
        )
    try:
        network = torch.jit.load(str(path), map_location="cpu")
    except (RuntimeError, ValueError, OSError) as error:
        first = str(error).strip().splitlines()[0]
        raise EdganError(f"{path} is no TorchScript file that loads: {first.rstrip('.')}.") from error
    return Features(network.eval(), f"the network in {path.name}")


def inception() -> Features:
    """torchmetrics' Inception v3 (2,048 pooled features), resized to 299x299 by it; weights are downloaded once."""
    from torchmetrics.image.fid import NoTrainInceptionV3

    try:
        network = NoTrainInceptionV3(name="inception-v3-compat", features_list=["2048"])
    except ModuleNotFoundError as error:
        raise EdganError(MISSING) from error
    except OSError as error:
        raise EdganError(f"Inception's weights could not be fetched: {error}.") from error

    def run(images: Tensor) -> Tensor:
        stored = images.add(1).mul(127.5).round().to(torch.uint8)
        return network(stored.expand(-1, 3, -1, -1))

    return Features(run, "Inception v3 pool features (torch-fidelity's weights)")


def taught(real: np.ndarray, label: np.ndarray | None) -> Features:
    """A small network taught on the real images alone: to tell their classes, or where none are known, by how many
    quarter turns an image was turned (Gidaris, Singh, Komodakis, "Unsupervised representation learning by predicting
    image rotations", 2018). Its last hidden layer of 64 is the features.

    A fifth of the images is held out to say how well it learned. Not Inception: its figures compare within one call.
    """
    target = None if label is None else torch.from_numpy(np.unique(label, return_inverse=True)[1])
    if target is not None and not target.any():
        target = None
    outputs = int(target.max()) + 1 if target is not None else TURNS
    body, _, right, order, held = _learned(floats(real), target, outputs)
    task = (
        f"the {outputs} classes of the real images"
        if target is not None
        else "by how many quarter turns real images are turned"
    )
    words = (
        f"{SIZE} features of a small network taught on {len(order) - len(held)} real images to tell {task} "
        f"({100 * right:.0f} % right on {len(held)} others), centred and scaled to a mean variance of 1; not Inception"
    )
    weak = right < 2 / outputs
    warning = (
        f"The network behind FID and KID learned little ({100 * right:.0f} % right, chance {100 / outputs:.0f} %)."
        if weak
        else ""
    )
    own = Features(body, words).of(real)
    # KID's kernel depends on where the features lie and how far they reach.
    centre, scale = own.mean(0), own.var(0).mean().sqrt().clamp(min=1e-12)
    return Features(lambda images: (body(images).double() - centre) / scale, words, warning)


def classifier(real: np.ndarray, label: np.ndarray) -> tuple[nn.Module, float]:
    """A small network taught on the real images to tell their classes.

    Args:
        real: (N, H, W, C) uint8.
        label: (N,) int64, classes from 0 on, at least two of them.

    Returns:
        images (n, C, H, W) in [-1, 1] -> logits (n, K), and the share of a held-out fifth that it gets right.
    """
    target = torch.from_numpy(np.asarray(label, dtype=np.int64))
    body, head, right, _, _ = _learned(floats(real), target, int(target.max()) + 1)
    return nn.Sequential(body, head).eval(), right


def _learned(
    images: Tensor, target: Tensor | None, outputs: int
) -> tuple[nn.Sequential, nn.Linear, float, Tensor, Tensor]:
    """(body, head, share right on what is held out, order of the images, those held out)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        body, head = _body(images.shape[1]), nn.Linear(SIZE, outputs)
        order = torch.randperm(len(images))
        held = order[: max(1, round(HELD_OUT * len(images)))]
        _teach(body, head, images, target, order[len(held) :])
    right = _right(body, head, images[held], None if target is None else target[held])
    return body, head, right, order, held


def _body(channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for factor in (1, 2, 4):
        layers += [
            nn.Conv2d(channels, factor * WIDTH, 3, stride=2, padding=1),
            nn.GroupNorm(4, factor * WIDTH),
            nn.ReLU(),
        ]
        channels = factor * WIDTH
    body = nn.Sequential(
        *layers,
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(16 * channels, SIZE),
        nn.ReLU(),
    )
    return body.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _teach(body: nn.Module, head: nn.Module, images: Tensor, target: Tensor | None, train: Tensor) -> None:
    parameters = [*body.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=LR)
    for _ in range(STEPS):
        chosen = train[torch.randint(len(train), (BATCH,))]
        batch, wanted = _task(images[chosen], None if target is None else target[chosen])
        descend(F.cross_entropy(head(body(batch)), wanted), parameters, optimiser)
    body.eval()


def _task(images: Tensor, target: Tensor | None) -> tuple[Tensor, Tensor]:
    """The images with their classes; without classes, in quarters, each quarter turned further."""
    if target is not None:
        return images, target
    quarters = [images[turn::TURNS] for turn in range(TURNS)]
    turned = torch.cat([torch.rot90(quarter, turn, (2, 3)) for turn, quarter in enumerate(quarters)])
    return turned, torch.cat([torch.full((len(quarter),), turn) for turn, quarter in enumerate(quarters)])


@torch.inference_mode()
def _right(body: nn.Module, head: nn.Module, images: Tensor, target: Tensor | None) -> float:
    """The share of held-out images that it gets right."""
    batch, wanted = _task(images, target)
    return float((head(body(batch)).argmax(1) == wanted).double().mean())
