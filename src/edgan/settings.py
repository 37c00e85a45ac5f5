"""Settings: the strict base class, and the settings of a training whatever its method."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator


class Strict(BaseModel):
    """Frozen settings; an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def _listed(value: Any) -> Any:
    """Split the command line's "10,20" at its commas; return any other value unchanged."""
    return tuple(item.strip() for item in value.split(",") if item.strip()) if isinstance(value, str) else value


Integers = Annotated[tuple[int, ...], BeforeValidator(_listed)]
"""Integers as a setting: 4000,2000 on the command line, a list in Python."""


def _named(value: Any) -> Any:
    """Names as `_listed` splits them; "none" is no name."""
    return () if value == "none" else _listed(value)


Names = Annotated[tuple[str, ...], BeforeValidator(_named)]
"""Names as a setting: a,b on the command line, a list in Python; none for no name."""


class OptimiserSettings(Strict):
    """The optimiser of a network. The defaults are Adam with Paper 1's released settings."""

    name: Literal["adam", "rmsprop", "rmsprop-norm", "sgd"] = Field(
        "adam", description="rmsprop-norm: one second moment for the whole network, so that a step follows the gradient"
    )
    lr: float = Field(2e-4, gt=0, description="learning rate")
    beta1: float = Field(0.5, ge=0, lt=1, description="Adam's first moment, SGD's momentum")
    beta2: float = Field(0.999, ge=0, lt=1, description="Adam's second moment, RMSProp's")
    decay: float = Field(0.75, gt=0, le=1, description="factor on the learning rate at each step of decay_at")
    decay_at: Integers = Field((), description="steps of a stage, as in 10000,20000")
    linear_from: float = Field(
        1.0, ge=0, le=1, description="share of the last stage after which the learning rate falls linearly to 0"
    )

    @property
    def scale_free(self) -> bool:
        """Whether a constant factor on the gradient changes nothing."""
        return self.name != "sgd"


class AugmentSettings(Strict):
    """Random variation of training images, the same for both images of a pair. Held-out images are never varied."""

    enlarge: float = Field(1.0, ge=1, le=4, description="enlarge by this factor, then crop at random; Pix2Pix: 286/256")
    flip: bool = Field(False, description="mirror with probability 1/2")

    @property
    def varies(self) -> bool:
        """Whether an image looks different each time it is read."""
        return self.flip or self.enlarge > 1


class PairSettings(Strict):
    """How the two sides of a pair are read."""

    direction: Literal["BtoA", "AtoB"] = Field(
        "BtoA", description="BtoA: the left half, A/ or images/ is the image, the other side its source; AtoB: reverse"
    )


class TrainingSettings(Strict):
    """The settings that a training has whatever its method."""

    size: int = Field(64, description="side of the square images in pixels")
    crop: str = Field(
        "square", description="part of each picture: square, face, celeba-148, celeba-128, 108, 50:178,25:153"
    )
    attributes: tuple[str, ...] | None = Field(
        None, description="which of the data's attributes, A,B; all unless given"
    )
    exclusive: Names = Field(
        (), description="attributes of which a picture has at most one: Black_Hair+Blond_Hair; groups apart by commas"
    )
    layout: str | None = Field(None, description="how the data is read, as docs/data.md lists; recognised unless given")
    pairs: PairSettings = PairSettings()
    source_classes: int = Field(
        0, ge=0, le=256, description="number of classes; loads source maps one-hot. 0 loads colours"
    )
    steps: int = Field(20_000, ge=1, description="number of steps")
    batch: int = Field(32, ge=1, description="images per step, over all processes")
    seed: int = Field(0, ge=0)
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps")
    precision: Literal["auto", "float32", "bfloat16", "float64"] = Field(
        "auto", description="auto: bfloat16 (autocast) on CUDA, float32 elsewhere; a run keeps what it began with"
    )
    cuda_graphs: bool = Field(
        True, description="on one GPU, record each kind of step once and start it with a single call"
    )
    compile: bool = Field(
        False, description="compile networks with torch.compile, which takes a minute; for long trainings on a GPU"
    )
    optimiser: OptimiserSettings = OptimiserSettings()
    optimisers: dict[str, OptimiserSettings] = Field({}, description="by network or PHASE.NETWORK, where one differs")
    augment: AugmentSettings = AugmentSettings()
    frozen: Names = Field(
        (), description="networks, or layers as NETWORK.LAYER, whose weights stay as they are: encoder,decoder"
    )
    ema: float = Field(0.0, ge=0, lt=1, description="decay of averaged weights that inference uses; 0 is none")
    checkpoint_every: int = Field(500, ge=1, description="steps")
    preview_every: int = Field(500, ge=1, description="steps")
    evaluate_every: int = Field(250, ge=1, description="steps; held-out PSNR and SSIM, gradient norms, health")
    log_every: int = Field(10, ge=1, description="steps")
    patience: int = Field(0, ge=0, description="stop after this many evaluations without a better score; 0 never does")
    rollbacks: int = Field(3, ge=0, description="how often a non-finite loss goes back to the last checkpoint")

    @field_validator("attributes", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """The command line writes A,B."""
        return tuple(name.strip() for name in value.split(",")) if isinstance(value, str) else value
