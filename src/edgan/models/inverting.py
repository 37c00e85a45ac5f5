"""Inversion with a trained model: the latents that its network predicts, or those refined by optimisation."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from edgan.errors import UsageError, near_miss
from edgan.inversion import Inversion, fit
from edgan.methods import Method
from edgan.models.model import Model
from edgan.routing import Forward, Inputs

WAYS = {
    "connection": ("connection", False),
    "encoder": ("encoder", False),
    "optimise": ("encoder", True),
    "hybrid": ("connection", True),
}
"""Name to the network that predicts the latent, and whether L-BFGS refines it (Paper 3, Fig. 1)."""


def ways_of(model: Model) -> tuple[str, ...]:
    """The ways in which a model can be inverted, its default first.

    A model that only samples can only optimise, from its prior's mean; one without a prior cannot be inverted.
    """
    return ways_of_method(model.method)


def ways_of_method(method: Method) -> tuple[str, ...]:
    """`ways_of` the models of a method, without a trained model."""
    networks = method.plan.table.networks
    if method.latent is None or method.latent.prior is None or method.conditioning:
        return ()
    ways = tuple(way for way, (network, _) in WAYS.items() if network in networks)
    return ways or (("optimise",) if "sample" in method.capabilities else ())


def checked_way(model: Model, how: str | None) -> str:
    """The way in which a model is inverted; None is the first of `ways_of(model)`.

    Raises:
        UsageError: the model cannot be inverted, or not in this way.
    """
    possible = ways_of(model)
    if not possible:
        raise UsageError(_nothing_to_invert(model))
    how = possible[0] if how is None else how
    if how not in possible:
        raise UsageError(_cannot(model, how, possible))
    return how


def bounded_prior(model: Model) -> bool:
    """Whether the prior of its latent is uniform on a cube, so that latents have a bound to stop at."""
    return model.method.latent is not None and model.method.latent.prior == "symmetric-uniform"


def invert_images(
    model: Model,
    images: Tensor,
    how: str | None = None,
    *,
    steps: int = 200,
    start: Tensor | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Inversion:
    """Infer the latents of images.

    Args:
        model: its latent must have a prior.
        images: (N, C, size, size) in [-1, 1].
        how: one of `WAYS`; None is the first of `ways_of(model)`.
        steps: L-BFGS steps for each image, at most; at least 1.
        start: (N, Z), latents to optimise from in place of the network's prediction.
        progress: called with (images done, N).

    Returns:
        latents (N, Z) and the images that the model draws from them, (N, C, size, size).

    Raises:
        UsageError: the model cannot be inverted in this way, steps is below 1, or images or start have another shape.
    """
    if steps < 1:
        raise UsageError(f"must be at least 1 (got {steps}).", parameter="steps")
    latent, refined = model.method.latent, WAYS[checked_way(model, how)][1]
    assert latent is not None
    prepared = model.prepare(images)
    if start is None:
        start = model.encode(images) if model.can("encode") else images.new_zeros(len(images), latent.size)
    elif tuple(start.shape) != (len(images), latent.size):
        raise UsageError(
            f"must have shape ({len(images)}, {latent.size}) for these images (got {tuple(start.shape)}).",
            parameter="start",
        )
    if refined:
        start = fit(
            prepared,
            generator_of(model),
            start.to(prepared),
            features=features_of(model),
            bounded=bounded_prior(model),
            steps=steps,
            progress=progress,
        ).z.to(images)
    made = model.decode(start)
    progress(len(images), len(images))
    return Inversion(start, made)


def _nothing_to_invert(model: Model) -> str:
    if model.method.conditioning:
        return (
            f"This {model.method.name} generates from a latent together with "
            f"{' and '.join(model.method.conditioning)}, and infers both from an image by itself: reconstruct "
            "shows the result, and edit changes it."
        )
    return f"This {model.method.name} has no latent with a prior, so there is nothing to invert."


def _cannot(model: Model, how: str, possible: tuple[str, ...]) -> str:
    if how not in WAYS:
        return f"There is no inversion {how!r}. {near_miss(how, WAYS)}"
    needed = WAYS[how][0]
    return (
        f"This {model.method.name} cannot be inverted by {how!r}, which needs a network {needed!r}: train the method "
        f"{needed!r} with gan=RUN to get one. It can be inverted by {', '.join(possible)}."
    )


def generator_of(model: Model) -> Callable[[Tensor], Tensor]:
    """The generator of a model: z (n, Z) to images (n, C, H, W), differentiable. Call `Model.prepare` first."""
    latent = model.method.latent
    assert latent is not None

    def draw(z: Tensor) -> Tensor:
        return Forward(model.method.plan, model.networks, Inputs({}, _no_noise), known={latent.z: z})["output"]

    return draw


def features_of(model: Model) -> Callable[[Tensor], Tensor] | None:
    """The last features of D, images to (n, ...); None where the model was loaded without D."""
    plan = model.method.plan
    if "features" not in plan.tap or not plan.networks_behind("features") <= set(model.networks):
        return None
    return lambda images: Forward(plan, model.networks, Inputs({"image": images}, _no_noise))["features"]


def _no_noise(name: str, _kind: str, _shape: tuple[int, ...]) -> Tensor:
    raise UsageError(f"This model also draws the noise {name!r}, so its latent alone cannot be optimised.")
