"""What a training measures and draws while it runs. Looking at a training does not change it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from edgan.config import Configuration, dotted_names
from edgan.data import Dataset
from edgan.methods import find
from edgan.metrics.metric import FeatureMetric
from edgan.metrics.pairs.psnr import psnr
from edgan.models.evaluation import LIMIT, held_out, redrawn
from edgan.models.feature_figures import HeldOutFeatures
from edgan.models.game import balance
from edgan.models.inputs import fixed_inputs, split_inputs, watched_split
from edgan.models.model import Model
from edgan.models.preview import rows
from edgan.models.sheet import preview_png
from edgan.processes import ALONE, Processes
from edgan.routing.inspect import measure
from edgan.storage.run_folder import RunFolder
from edgan.training import health
from edgan.training.scoring import Score

PREVIEWED = 8
REDRAWN = 32
"""Training images whose reconstructions are compared with those of held-out images."""
MEASURED = 16
"""Maximum images per gradient measurement (one pass per term); a smaller batch bounds it too."""


class Observer:
    """Measures a training on held-out and training images, and draws its previews.

    Args:
        configuration: the training's.
        networks: all networks in training.
        model: its verbs, with the weights that inference uses.
        dataset: the training's.
        folder: the run's, where the log and the previews go.
        dtype: of images and noise.
        score: what judges the checkpoints.
        processes: that share the held-out images; the main one measures the gradients and writes.
    """

    def __init__(
        self,
        configuration: Configuration,
        networks: Mapping[str, nn.Module],
        model: Model,
        dataset: Dataset,
        folder: RunFolder,
        dtype: torch.dtype,
        score: Score,
        processes: Processes = ALONE,
    ) -> None:
        self.configuration, self.networks, self.model = configuration, networks, model
        self.dataset, self.folder, self.dtype = dataset, folder, dtype
        self.method, self.score, self.processes = model.method, score, processes
        judges = isinstance(score.metric, FeatureMetric)
        # Only where they judge: KID costs more than all other held-out figures of small images.
        self._features = HeldOutFeatures(model, dataset, processes) if judges else None

    def trouble(self) -> str | None:
        """Why the model's pictures cannot be looked at: "the pictures are not finite"; None if they can."""
        pictures = rows(self.model, self._watched()).values()
        return None if all(picture.isfinite().all() for picture in pictures) else "the pictures are not finite"

    def evaluate(self, step: int) -> tuple[dict[str, float], list[str]]:
        """Held-out figures and health; both go to the log, with the gradient norm of each cell.

        All processes call this, and get the same.

        Args:
            step: how many were done.
        """
        held = held_out(self.model, self.networks, self.dataset, processes=self.processes)
        held |= self._of_training_images()
        held |= {} if self._features is None else self._features.figures()
        rates = (f"optimisers.{network}.lr" for network in self.networks)
        settings = {*dotted_names(find(self.configuration.method).settings), *rates}
        findings = health.diagnose(held, "residual" in self.method.plan.tap, settings)
        if self.processes.is_main:
            gradients = self._gradients(step)
            self.folder.append_log(
                step, {"held_out": held, "score": self.score.name, "gradients": gradients, "health": findings}
            )
        return held, findings

    def _gradients(self, step: int) -> dict[str, float]:
        """The norm of each cell's gradient on training images, by "term.network"; without those that are 0."""
        count = min(MEASURED, self.configuration.batch)
        device, seed = self.model.device, self.configuration.seed
        inputs = fixed_inputs(self.dataset, "train", count, device, seed, self.dtype)
        stage, within = self.method.plan.stage_at(step - 1)
        norms = measure(self.method.plan, self.networks, lambda _: inputs, stage, self._all_due(stage, within))
        return {f"{term}.{network}": norm for (term, network), norm in norms.items() if norm}

    def preview(self, step: int) -> None:
        """Draw held-out pictures into the run's folder."""
        self.folder.write_preview(step, preview_png(rows(self.model, self._watched())))

    def _watched(self) -> Mapping[str, Tensor]:
        return split_inputs(self.dataset, watched_split(self.dataset), PREVIEWED, self.model.device).fields

    def _of_training_images(self) -> dict[str, float]:
        """What tells memory, to be compared with held-out images; nothing where no image is held out.

        Returns:
            "d_train" or "critic_train", D's verdict; and of a model that redraws "psnr_base_train".
        """
        if watched_split(self.dataset) == "train":
            return {}
        inputs = split_inputs(self.dataset, "train", LIMIT, self.model.device)
        verdicts = balance(self.method, self.networks, inputs, self.processes, of=["d_real"])
        known = {name.replace("_real", "_train"): value for name, value in verdicts.items()}
        if self.model.redraws:
            fields = {name: values[:REDRAWN] for name, values in inputs.fields.items()}
            made = redrawn(self.model, fields, self.processes).base.clamp(-1, 1)
            known["psnr_base_train"] = float(psnr(made, fields["image"].cpu()))
        return known

    def _all_due(self, stage: int, within: int) -> int:
        """The latest step up to this one at which every lazy term and every phase of the stage is due."""
        plan = self.method.plan
        periods = [term.every for term in plan.table.terms] + [phase.every for phase in plan.stages[stage].phases]
        return within - within % math.lcm(*periods)
