"""What a client may name as a picture, and the tensors that it stands for."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor

from edgan.data import Dataset, from_uint8
from edgan.data.crops import Crop
from edgan.data.decode import pixels
from edgan.errors import UsageError
from edgan.models.inputs import fields_of
from edgan.models.model import Model
from edgan.models.pixels import to_uint8
from edgan.models.seeded_samples import sample_seeds
from edgan.studio.server.photos import Photos
from edgan.studio.server.run_list import StoredRun
from edgan.studio.server.shelf import Shelf

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Split = Literal["train", "val", "test"]


class Box(BaseModel):
    """A square of a photo, in pixels of the photo as `POST /photos` describes it."""

    model_config = ConfigDict(extra="forbid")
    left: Annotated[int, Field(ge=0)]
    top: Annotated[int, Field(ge=0)]
    side: Annotated[int, Field(ge=1)]

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """(left, top, right, bottom)."""
        return self.left, self.top, self.left + self.side, self.top + self.side


class Picture(BaseModel):
    """A picture, by exactly one of: a photo, a picture of the run's data set, a sample's seed, a latent."""

    model_config = ConfigDict(extra="forbid")
    photo: Annotated[str | None, Field(description="the id that POST /photos returned")] = None
    box: Annotated[Box | None, Field(description="what of the photo is used; the run's own crop unless given")] = None
    split: Annotated[Split | None, Field(description="of the run's data set, together with index")] = None
    index: Annotated[int | None, Field(ge=0, description="position in the split")] = None
    seed: Annotated[Seed | None, Field(description="a sample of the run's model")] = None
    truncation: Annotated[float, Field(ge=0, le=2, description="of the sample")] = 1.0
    latent: Annotated[list[float] | None, Field(max_length=65536, description="from POST /runs/RUN/invert")] = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Picture:
        given = [self.photo is not None, self.index is not None, self.seed is not None, self.latent is not None]
        if sum(given) != 1 or (self.split is None) != (self.index is None) or (self.box and self.photo is None):
            raise ValueError("a picture is one of: photo (and box), split and index, seed, or latent")
        return self


class Read(NamedTuple):
    """A picture as a model reads it: an image (1, C, size, size), its attributes where they are known, or a latent."""

    image: Tensor | None = None
    attributes: Tensor | None = None
    latent: Tensor | None = None


def read_picture(picture: Picture, run: StoredRun, model: Model, shelf: Shelf, photos: Photos) -> Read:
    """The tensors of a picture that a client names.

    Raises:
        UsageError: there is no such picture.
        EdganError: the photo is no longer held, or the data set is not there.
    """
    if picture.latent is not None:
        return Read(latent=torch.tensor([picture.latent], dtype=torch.float32))
    if picture.photo is not None:
        photo, box = photos.get(picture.photo), picture.box
        if box is not None and (box.left + box.side > photo.picture.width or box.top + box.side > photo.picture.height):
            raise UsageError("The square does not lie inside the photo.")
        crop = photo.crop(model.crop) if box is None else Crop("box", box.edges)
        values = pixels(photo.picture, model.size, model.channels, crop)
        return Read(from_uint8(torch.from_numpy(values.copy())[None]))
    if picture.seed is not None:
        made = to_uint8(sample_seeds(model, [picture.seed], picture.truncation))
        return Read(from_uint8(made))
    assert picture.split is not None
    assert picture.index is not None
    fields = stored_fields(shelf.dataset(run), picture.split, picture.index)
    return Read(fields["image"], fields.get("attributes"))


def stored_fields(dataset: Dataset, split: str, index: int) -> dict[str, Tensor]:
    """The fields of a picture of a data set, each (1, ...).

    Raises:
        UsageError: the split has no such position.
    """
    where = dataset.indices(split)
    if index >= len(where):
        raise UsageError(f"The split {split} has {len(where)} pictures, and there is none at position {index}.")
    return dict(fields_of(dataset.batch(where[index : index + 1])))
