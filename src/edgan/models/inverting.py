"""From images to latents with a trained model: what its network finds, or that as the start of an optimisation."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from edgan.errors import UsageError, near_miss
from edgan.inversion import Inversion, fit
from edgan.models.model import Model
from edgan.routing import Forward, Inputs

WAYS = {
    "connection": ("connection", False),
    "encoder": ("encoder", False),
    "optimise": ("encoder", True),
    "hybrid": ("connection", True),
}
"""Way -> the network that finds the latent or the start, and whether L-BFGS refines it (Paper 3, Fig. 1)."""


def ways_of(model: Model) -> tuple[str, ...]:
    """The ways that a model can go, its plain one first; a model that only samples starts from its prior's mean."""
    networks = model.method.plan.table.networks
    if model.method.latent is None or model.method.latent.prior is None or model.method.conditioning:
        return ()
    found = tuple(way for way, (network, _) in WAYS.items() if network in networks)
    return found or (("optimise",) if model.can("sample") else ())


def invert_images(
    model: Model,
    images: Tensor,
    how: str | None = None,
    *,
    steps: int = 200,
    start: Tensor | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Inversion:
    """Find the latents of images.

    Args:
        model: whose latent has a prior.
        images: (N, C, size, size) in [-1, 1].
        how: one of `WAYS`; None is the model's own network.
        steps: of L-BFGS an image, at most.
        start: (N, Z), latents to optimise from in place of the network's.
        progress: called with (images done, N).

    Returns:
        latents (N, Z) and the images that the model draws from them, (N, C, size, size).

    Raises:
        UsageError: the model cannot go this way, or images or start have another shape.
    """
    possible = ways_of(model)
    if not possible:
        raise UsageError(_nothing_to_invert(model))
    how = how or possible[0]
    if how not in possible:
        raise UsageError(_cannot(model, how, possible))
    latent, refined = model.method.latent, WAYS[how][1]
    assert latent is not None
    here = model.prepare(images)
    if start is None:
        start = model.encode(images) if model.can("encode") else images.new_zeros(len(images), latent.size)
    elif tuple(start.shape) != (len(images), latent.size):
        raise UsageError(
            f"This model's latents are ({len(images)}, {latent.size}) for these images; {tuple(start.shape)} was given."
        )
    if refined:
        bounded = latent.prior == "symmetric-uniform"
        start = fit(
            here,
            generator_of(model),
            start.to(here),
            features=features_of(model),
            bounded=bounded,
            steps=steps,
            progress=progress,
        ).z.to(images)
    made = model.decode(start)
    progress(len(images), len(images))
    return Inversion(start, made)


def _nothing_to_invert(model: Model) -> str:
    if model.method.conditioning:
        return (
            f"This {model.method.name} draws from a latent and {' and '.join(model.method.conditioning)} "
            "together, and finds both in a picture by itself: edgan reconstruct shows what it finds, "
            "edgan edit changes it."
        )
    return f"This {model.method.name} has no latent with a prior, so there is nothing to invert."


def _cannot(model: Model, how: str, possible: tuple[str, ...]) -> str:
    if how not in WAYS:
        return f"There is no way {how!r} to invert. {near_miss(how, WAYS)}"
    needed = WAYS[how][0]
    return (
        f"A {model.method.name} cannot be inverted by {how!r}, which needs a network {needed!r}: "
        f"edgan train {needed} --set gan=RUN makes a run that has one. This one goes by {', '.join(possible)}."
    )


def generator_of(model: Model) -> Callable[[Tensor], Tensor]:
    """z (n, Z) -> images (n, C, H, W), with gradients; where the model computes, its networks in evaluation mode."""
    latent = model.method.latent
    assert latent is not None

    def draw(z: Tensor) -> Tensor:
        return Forward(model.method.plan, model.networks, Inputs({}, _no_noise), known={latent.z: z})["output"]

    return draw


def features_of(model: Model) -> Callable[[Tensor], Tensor] | None:
    """D's last features, where the model has them at hand."""
    plan = model.method.plan
    if "features" not in plan.tap or not plan.networks_behind("features") <= set(model.networks):
        return None
    return lambda images: Forward(plan, model.networks, Inputs({"image": images}, _no_noise))["features"]


def _no_noise(name: str, _kind: str, _shape: tuple[int, ...]) -> Tensor:
    raise UsageError(f"This model draws the noise {name!r} beside its latent, so its images cannot be optimised.")
