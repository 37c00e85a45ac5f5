"""One picture, or one latent, under edit: encoded once, then drawn again for each set of changes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.models.editing import edited_taps
from edgan.models.inference import in_use, is_known
from edgan.models.model import SAME_NOISE, Model
from edgan.models.reconstruction import Reconstruction
from edgan.routing import Forward


class EditSession:
    """A picture under edit. `draw` gives the pictures that `Model.edit` gives, without encoding again.

    Args:
        model: any with controls.
        image: (1, C, size, size) in [-1, 1].
        latent: (1, Z), in place of the image, for a model that edits by directions of its latent.
        attributes: (1, A) in [0, 1], those of the image, where they are known; only a model that takes attributes as
            input reads them.

    Attributes:
        needs_all: whether `draw` needs a value for each attribute, since the model cannot infer them.

    Raises:
        UsageError: the model cannot edit, the image has another shape or range, or the model needs the image itself.
    """

    @torch.no_grad()
    def __init__(
        self,
        model: Model,
        image: Tensor | None = None,
        *,
        latent: Tensor | None = None,
        attributes: Tensor | None = None,
    ) -> None:
        model.check_can("edit")
        self.model, self._latent, self.needs_all = model, latent, False
        self._forward: Forward | None = None
        if latent is not None:
            self._check_latent(latent)
            return
        if image is None:
            raise ValueError("an image or a latent is needed.")
        fields = {"image": model.prepare(image)}
        if attributes is not None and "attributes" in model.method.fields:
            fields["attributes"] = attributes.to(fields["image"])
        self.needs_all = model.needs_all(fields)
        self._forward = in_use(model.method, model.networks, fields, {}, SAME_NOISE, model.size)

    @torch.no_grad()
    def encoded(self) -> dict[str, float]:
        """The value of each control as the model reads it from the picture, in the caller's units.

        0 for a direction that is added; for classes the model's share of each. Empty where the model cannot infer it.
        """
        controls, edit = self.model.controls, self.model.method.edit
        assert controls is not None
        if edit is None:
            return dict.fromkeys(controls.names, 0.0) if controls.kind == "multilabel" else {}
        if self.needs_all or self._forward is None:
            return {}
        values = self._forward[edit.tap][0].float().cpu().tolist()
        return {name: value * controls.units.get(name, 1.0) for name, value in zip(controls.names, values, strict=True)}

    @torch.no_grad()
    def draw(self, changes: Mapping[str, float]) -> Reconstruction:
        """The picture with these changes; without any, its reconstruction.

        Args:
            changes: name to intensity, as for `Model.edit`.

        Returns:
            base, residual and output, each (1, C, size, size) float32 on the CPU. output = base + residual, not
            clipped.

        Raises:
            UsageError: a name is unknown, a number is not finite, or the model needs a value for each attribute.
        """
        model, controls = self.model, self.model.controls
        assert controls is not None
        values = controls.checked(changes) if changes or self.needs_all else {}
        if self._latent is not None:
            assert model.directions is not None
            moved = model.directions.move(self._latent, values) if values else self._latent
            output = model.decode(moved).float().cpu()
            return Reconstruction(output, torch.zeros_like(output), output)
        assert self._forward is not None
        given = controls.all_given(values).to(self._forward["image"]) if self.needs_all else None
        known = edited_taps(self._forward, model.method, controls, model.directions, values, given) if values else {}
        if not values and model.method.latent is not None:
            known = {model.method.latent.z: self._forward[model.method.latent.z]}
        forward = Forward(model.method.plan, model.networks, self._forward.inputs, known={**self._kept(), **known})
        return _pictures(forward)

    def _kept(self) -> dict[str, Tensor]:
        """What replaces noise and data of the training; the changes are written over it."""
        assert self._forward is not None
        stand_ins = self.model.method.stand_ins
        return {tap: self._forward[tap] for tap, code in stand_ins.items() if self._is_read(code)}

    def _is_read(self, code: str) -> bool:
        assert self._forward is not None
        return is_known(self.model.method.plan, code, self._forward.inputs.fields)

    def _check_latent(self, latent: Tensor) -> None:
        model = self.model
        if model.method.edit is not None or model.directions is None:
            raise UsageError(f"This {model.method.name} edits a picture and not a latent alone: give the picture.")
        size = model.method.latent.size if model.method.latent else 0
        if tuple(latent.shape) != (1, size):
            raise UsageError(f"must have shape (1, {size}) (got {tuple(latent.shape)}).", parameter="latent")
        if not bool(torch.isfinite(latent).all()):
            raise UsageError("must hold finite numbers.", parameter="latent")


def _pictures(forward: Forward) -> Reconstruction:
    taps = forward.plan.tap
    output = forward["output"].float().cpu()
    base = forward["base"].float().cpu() if "base" in taps else output
    residual = forward["residual"].float().cpu() if "residual" in taps else torch.zeros_like(base)
    return Reconstruction(base, residual, output)
