"""Feature networks for FID and KID: the caller's own, Inception, or a small one trained on the real set."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import EdganError, UsageError
from edgan.extras import install_command
from edgan.nets.caller_state import evaluation_mode, seeded
from edgan.nets.published_weights import INCEPTION
from edgan.paths import expand
from edgan.processes import ALONE, Processes
from edgan.routing.descent import descend

WIDTH, SIZE = 16, 64
STEPS, BATCH, LR = 400, 32, 1e-3
HELD_OUT = 0.2
TURNS = 4
CHUNK = 64
NAMED = ("classifier", "inception")
ALIKE = 1e-5
"""Features that differ by less than this share of their size differ by rounding."""
NOTHING_TO_LEARN = (
    "FID and KID are left out: the real pictures are all the same to the network behind them, so there is nothing to "
    "compare with."
)
MISSING = (
    f"Inception features need torch-fidelity, which is not installed: {install_command('inception')}. Or use "
    '"classifier", which trains a small network on the real set, or a network of your own.'
)


@dataclass(frozen=True)
class Features:
    """A feature network.

    Attributes:
        network: images float (n, C, H, W) in [-1, 1] to (n, D).
        words: what it is, for a protocol.
        warning: why not to trust it, or an empty string.
        useless: whether distances between its features mean nothing; then they are not measured.
    """

    network: Callable[[Tensor], Tensor]
    words: str
    warning: str = ""
    useless: bool = False

    @torch.inference_mode()
    def of(self, images: np.ndarray, processes: Processes = ALONE) -> Tensor:
        """The features of (N, H, W, C) uint8 images, (N, D) double; the network is in evaluation mode meanwhile.

        Args:
            images: N of them.
            processes: that share the images. All get all features.

        Raises:
            UsageError: the network does not return finite numbers (n, D).
        """
        (features,) = processes.rows(-(-len(images) // CHUNK), lambda chunks: (self._of_chunks(images, chunks),))
        if not torch.isfinite(features).all():
            raise UsageError("The feature network returned NaN or infinite features.")
        return features

    def _of_chunks(self, images: np.ndarray, some: slice) -> Tensor:
        chunks = []
        for start in range(some.start * CHUNK, min(some.stop * CHUNK, len(images)), CHUNK):
            batch = to_float(images[start : start + CHUNK])
            with evaluation_mode(self.network):
                output = self.network(batch)
            if not isinstance(output, Tensor) or output.ndim < 2 or len(output) != len(batch):
                got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
                raise UsageError(
                    f"A feature network must map {len(batch)} images to ({len(batch)}, D); yours returned {got}."
                )
            chunks.append(output.flatten(1).cpu().double())
        return torch.cat(chunks)


def to_float(images: np.ndarray) -> Tensor:
    """(N, H, W, C) uint8 to (N, C, H, W) float in [-1, 1]."""
    return torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def feature_network(features: Any, real: np.ndarray, label: np.ndarray | None) -> Features:
    """The requested feature network.

    Args:
        features: "classifier", "inception", the path of a TorchScript file, or a function or module
            from (n, C, H, W) float in [-1, 1] to (n, D).
        real: the real images, (N, H, W, C) uint8, which train the classifier.
        label: their classes, (N,) int64, or None.

    Raises:
        UsageError: `features` is none of these.
        EdganError: the file or the optional package cannot be loaded.
    """
    check_request(features)
    if callable(features):
        return Features(features, "the caller's network")
    if features == "classifier":
        return trained_features(real, label)
    if features == "inception":
        return inception_features()
    return features_from_file(expand(features))


def check_request(features: Any) -> None:
    """Refuse features that are not there before any work.

    Raises:
        UsageError: they are neither a function, nor a known name, nor a file.
        EdganError: Inception is asked for, and its package is not installed or its weights are missing.
    """
    if features == "inception":
        if importlib.util.find_spec("torch_fidelity") is None:
            raise EdganError(MISSING)
        INCEPTION.path()
    if not callable(features) and features not in NAMED and not expand(features).is_file():
        raise UsageError(
            f"There are no features {str(features)!r}: this is neither {' nor '.join(NAMED)} nor a TorchScript file."
        )


def features_from_file(path: Path) -> Features:
    """The network in a TorchScript file, which can run any code: load only files that you trust.

    Raises:
        EdganError: it is not TorchScript.
    """
    try:
        network = torch.jit.load(str(path), map_location="cpu")
    except (RuntimeError, ValueError, OSError) as error:
        first = str(error).strip().splitlines()[0]
        raise EdganError(f"{path} cannot be loaded as TorchScript: {first.rstrip('.')}.") from error
    return Features(network.eval(), f"the network in {path.name}")


def inception_features() -> Features:
    """torchmetrics' Inception v3 (2,048 pooled features), which resizes images to 299x299.

    Raises:
        EdganError: torch-fidelity is not installed; or its weights are missing, and no download was asked for.
    """
    from torchmetrics.image.fid import NoTrainInceptionV3

    try:
        network = NoTrainInceptionV3("inception-v3-compat", ["2048"], str(INCEPTION.path()))
    except ModuleNotFoundError as error:
        raise EdganError(MISSING) from error

    def run(images: Tensor) -> Tensor:
        stored = images.add(1).mul(127.5).round().to(torch.uint8)
        return network(stored.expand(-1, 3, -1, -1))

    return Features(run, "Inception v3 pool features (torch-fidelity's weights)")


def trained_features(real: np.ndarray, label: np.ndarray | None) -> Features:
    """Features of a small network trained on the real images alone: its last hidden layer, of 64.

    It learns to classify the images, or without classes to predict by how many quarter turns an image was rotated
    (Gidaris, Singh, Komodakis, "Unsupervised representation learning by predicting image rotations", 2018). A fifth of
    the images is held out to report its accuracy. FID and KID on these features are comparable within one call only.
    """
    target = None if label is None else torch.from_numpy(np.unique(label, return_inverse=True)[1])
    if target is not None and not target.any():
        target = None
    outputs = int(target.max()) + 1 if target is not None else TURNS
    body, _, accuracy, order, held = _trained(to_float(real), target, outputs)
    task = (
        f"to tell the {outputs} classes of the real images"
        if target is not None
        else "to tell by how many quarter turns real images are rotated"
    )
    words = (
        f"{SIZE} features of a small network trained on {len(order) - len(held)} real images {task} "
        f"({100 * accuracy:.0f} % right on {len(held)} others), centred and scaled to a mean variance of 1; "
        "not Inception"
    )
    of_real = Features(body, words).of(real)
    # KID's kernel depends on where the features lie and how far they reach.
    centre, scale = of_real.mean(0), of_real.var(0).mean().sqrt()
    if scale < ALIKE * of_real.abs().max().clamp_min(ALIKE):
        return Features(body, words, NOTHING_TO_LEARN, useless=True)
    warning, useless = _doubt(accuracy, 1 / outputs, len(held))
    return Features(lambda images: (body(images).double() - centre) / scale, words, warning, useless)


def _doubt(accuracy: float, chance: float, count: int) -> tuple[str, bool]:
    """Why a network with this accuracy on `count` others is doubtful, and whether its features are useless.

    They are where the accuracy lies within a standard error of chance: then nothing shows that it learned anything.
    """
    right = f"({100 * accuracy:.0f} % right on {count} others, chance {100 * chance:.0f} %)"
    if accuracy <= chance + (chance * (1 - chance) / count) ** 0.5:
        return (
            f"FID and KID are left out: the network behind them did not learn to see anything in the real pictures "
            f"{right}. "
            'Use more real pictures, or the features of another network, such as "inception".'
        ), True
    if accuracy < min(2 * chance, (1 + chance) / 2):
        return f"The network behind FID and KID learned little {right}.", False
    return "", False


def classifier(real: np.ndarray, label: np.ndarray) -> tuple[nn.Module, float]:
    """A small classifier trained on the real images.

    Args:
        real: (N, H, W, C) uint8.
        label: (N,) int64, classes from 0; at least two.

    Returns:
        Images (n, C, H, W) in [-1, 1] to logits (n, K), and its accuracy on a held-out fifth.
    """
    target = torch.from_numpy(np.asarray(label, dtype=np.int64))
    body, head, accuracy, _, _ = _trained(to_float(real), target, int(target.max()) + 1)
    return nn.Sequential(body, head).eval(), accuracy


def _trained(
    images: Tensor, target: Tensor | None, outputs: int
) -> tuple[nn.Sequential, nn.Linear, float, Tensor, Tensor]:
    """(body, head, held-out accuracy, order of the images, those held out)."""
    with seeded(0):
        body, head = _body(images.shape[1]), nn.Linear(SIZE, outputs)
        order = torch.randperm(len(images))
        held = order[: max(1, round(HELD_OUT * len(images)))]
        _train(body, head, images, target, order[len(held) :])
    accuracy = _accuracy(body, head, images[held], None if target is None else target[held])
    return body, head, accuracy, order, held


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


def _train(body: nn.Module, head: nn.Module, images: Tensor, target: Tensor | None, train: Tensor) -> None:
    parameters = [*body.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=LR)
    for _ in range(STEPS):
        chosen = train[torch.randint(len(train), (BATCH,))]
        batch, wanted = _task(images[chosen], None if target is None else target[chosen])
        descend(F.cross_entropy(head(body(batch)), wanted), parameters, optimiser)
    body.eval()


def _task(images: Tensor, target: Tensor | None) -> tuple[Tensor, Tensor]:
    """The images with their classes; without classes, four groups rotated by 0 to 3 quarter turns, with the turns."""
    if target is not None:
        return images, target
    groups = [images[turn::TURNS] for turn in range(TURNS)]
    rotated = torch.cat([torch.rot90(group, turn, (2, 3)) for turn, group in enumerate(groups)])
    return rotated, torch.cat([torch.full((len(group),), turn) for turn, group in enumerate(groups)])


@torch.inference_mode()
def _accuracy(body: nn.Module, head: nn.Module, images: Tensor, target: Tensor | None) -> float:
    """The share of images that it classifies correctly."""
    batch, wanted = _task(images, target)
    return float((head(body(batch)).argmax(1) == wanted).double().mean())
