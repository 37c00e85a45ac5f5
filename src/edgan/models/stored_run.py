"""What a run.json says: the configuration of a training, and the data that it was trained on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from edgan._version import __version__
from edgan.config import Configuration
from edgan.errors import EdganError, UsageError
from edgan.methods import Shape, find
from edgan.methods.outside import not_loaded
from edgan.methods.registry import OWN, is_known
from edgan.storage.run_folder import RunFolder


class _Data(BaseModel):
    key: str
    images: Annotated[int, Field(ge=1)]
    channels: Literal[1, 3]
    source_channels: Annotated[int, Field(ge=0)] = 0
    attributes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    frequencies: tuple[float, ...] = ()
    training_images: int = 0
    partly_labelled: bool = False


class _MethodFrom(BaseModel):
    module: str = ""
    base: str = ""


class _Contents(BaseModel):
    """The sections of run.json that are read; a run of an older edgan has no checksum that would vouch for them."""

    configuration: dict[str, Any]
    digest: str
    data: _Data
    made_with: dict[str, Any] = {}
    method_from: _MethodFrom = _MethodFrom()


def stored_configuration(contents: Mapping[str, Any], folder: RunFolder) -> Configuration:
    """The configuration that a run.json holds.

    The module that the method is defined in is not imported: a run's folder may come from anybody. Where a method that
    `Page.with_term` made is not there, the configuration is that of the method that it was made of, whose networks are
    the same.

    Raises:
        EdganError: it is damaged, or of another version of edgan, or of a method that is not there; which, it names.
    """
    try:
        stored = _Contents.model_validate(contents)
    except ValidationError as error:
        raise EdganError(
            f"{folder.run_json} is damaged: it does not say what the run was trained with ({_first(error)})."
        ) from None
    try:
        configuration = _of_known_method(Configuration.model_validate(stored.configuration), stored, folder)
        find(configuration.method).settings.model_validate(configuration.settings)
        return configuration
    except (ValidationError, UsageError) as error:
        what = _first(error) if isinstance(error, ValidationError) else str(error).rstrip(".")
        raise EdganError(
            f"{folder.run_json} holds settings that this edgan {__version__} does not read: {what}. Use edgan "
            f"{stored.made_with.get('edgan', 'of the version that it was trained with')}, which trained the run."
        ) from None


def _of_known_method(configuration: Configuration, stored: _Contents, folder: RunFolder) -> Configuration:
    """The configuration, or that of the method that its own was made of, where only that one is there."""
    defined = stored.method_from
    if not defined.module or (defined.module.startswith(OWN) and not defined.base) or is_known(configuration.method):
        return configuration
    if defined.base and is_known(defined.base):
        return configuration.model_copy(update={"method": defined.base, "routes": {}})
    raise EdganError(f"{folder.path} cannot be used. {not_loaded(configuration.method, defined.module)}.")


def stored_shape(contents: Mapping[str, Any], configuration: Configuration) -> Shape:
    """The shape of the data that a run was trained on, from a run.json that `stored_configuration` has read."""
    data = _Data.model_validate(contents["data"])
    return Shape(
        configuration.size,
        data.channels,
        data.source_channels,
        data.attributes,
        data.classes,
        configuration.source_classes,
        data.frequencies,
        data.training_images,
        data.partly_labelled,
    )


def check_own_networks(contents: Mapping[str, Any], given: Collection[str], folder: RunFolder) -> None:
    """Check that a person gives the modules that a run was trained with, of which it holds only the weights.

    Args:
        contents: of run.json.
        given: the columns for which modules are given.
        folder: the run's.

    Raises:
        UsageError: some are missing, or some are not the run's.
    """
    own = contents.get("own_networks", [])
    if set(own) != set(given):
        needed = f"networks={{{', '.join(f'{name!r}: ...' for name in own)}}}"
        raise UsageError(
            f"{folder.path} was trained with your own modules as {' and '.join(own)}. Give modules of the same "
            f"classes in Python: edgan.load(run, {needed})."
            if own
            else f"{folder.path} was trained without modules of your own. Leave out networks."
        )


def _first(error: ValidationError) -> str:
    """The first complaint: "data.channels: input should be 1 or 3"."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
