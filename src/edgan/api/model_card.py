"""The model card of a run: the README of its repository on the hub, written from the run itself."""

from __future__ import annotations

import json
from typing import Any

from edgan.api.model_zoo import training_command
from edgan.errors import counted, listed
from edgan.methods import Page, find
from edgan.methods.registry import OWN
from edgan.models.model import Model
from edgan.models.stored_run import stored_configuration
from edgan.models.used_checkpoint import score_title
from edgan.storage.run_folder import RunFolder

FEW = 1000
"""Training images below which a model is likely to repeat what it has seen."""
SHOWN = 40
VERBS = ("reconstruct", "translate", "edit", "encode", "sample")


def model_card(
    folder: RunFolder, model: Model, repo: str, license: str, *, whole: bool = False, preview: str | None = None
) -> str:
    """A README with front matter in YAML.

    Args:
        folder: the run's.
        model: as it is uploaded.
        repo: "user/name".
        license: of the weights; "other": none was stated.
        whole: whether the repository holds what resuming needs.
        preview: the file of a picture to show; None: no picture.

    Raises:
        EdganError: run.json or the log is damaged.
    """
    contents = folder.read_run()
    parts = [
        _front_matter(model, license),
        f"# {repo.partition('/')[2]}",
        _lead(model),
        "" if preview is None else f"![pictures of the training]({preview})",
        "## How to use",
        _usage(model, repo, whole),
        "## Method",
        _method(model),
        "## Data",
        _data(contents, model),
        "## Training",
        _training(folder, contents, model),
        "## Figures",
        _figures(folder, model),
        "## Limits",
        _limits(contents, model),
        "## Licence",
        f"{license}" if license != "other" else "No licence was stated. Ask the author before you use the weights.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(model: Model, license: str) -> str:
    """YAML; JSON's strings are YAML's."""
    generates = not (model.redraws or model.can("edit"))
    task = "unconditional-image-generation" if generates else "image-to-image"
    tags = ["edgan", "gan", model.method.name, *(verb for verb in VERBS if model.can(verb))]
    values = {"license": license, "library_name": "edgan", "pipeline_tag": task, "tags": tags}
    return "\n".join(["---", *(f"{key}: {json.dumps(value)}" for key, value in values.items()), "---"])


def _lead(model: Model) -> str:
    page = find(model.method.name)
    able = ", ".join(verb for verb in VERBS if model.can(verb))
    colours = "grey" if model.channels == 1 else "colour"
    return (
        f"A model of edgan for {colours} images of {model.size} x {model.size} "
        f"pixels, with {model.parameters:,} weights. Method `{page.name}`: {_plain(page.summary)}. It can {able}."
    )


def _usage(model: Model, repo: str, whole: bool) -> str:
    name = f"hub:{repo}"
    lines = ["import edgan", "", f'model = edgan.load("{name}")']
    if model.can("edit"):
        assert model.controls is not None
        lines.append(
            f'(edited,) = model.edit("photo.jpg", {{{json.dumps(model.controls.names[0])}: 1.0}}, as_pil=True)'
        )
    elif model.can("translate"):
        lines.append('base, residual, output = model.translate("source.png", as_pil=True)')
    elif model.can("reconstruct"):
        lines.append('base, residual, output = model.reconstruct("photo.jpg", as_pil=True)')
    if model.can("sample"):
        lines.append("pictures = model.sample(4, as_pil=True)")
    shown = "\n".join(["```python", *lines, "```"])
    then = " It can be resumed with `edgan train ... --resume`." if whole else ""
    return _where_defined(find(model.method.name)) + (
        f"`pip install 'edgan[hub]'`, then\n\n{shown}\n\n"
        f"or `edgan pull {repo} runs/{repo.partition('/')[2]}`, which copies the run.{then} `{name}` works wherever "
        "edgan takes a run. Weights are safetensors; nothing of the repository is executed."
    )


def _where_defined(page: Page[Any]) -> str:
    """What a method from outside edgan takes; empty for edgan's own."""
    if page.module.startswith(OWN):
        return ""
    if page.base:
        return (
            f"Trained with a term added to `{page.base}`; without that term it is loaded as a model of `{page.base}`. "
        )
    return (
        f"The method `{page.name}` is not part of edgan: the module `{page.module}` defines it and must be imported "
        "first. "
    )


def _method(model: Model) -> str:
    """The paper, the table of losses and networks, and what can be edited."""
    page = find(model.method.name)
    lines = [f"{_plain(page.paper)}. Which loss teaches which network:", f"```\n{model.method.plan.table}\n```"]
    if model.controls is not None:
        controls = model.controls
        what = "Classes" if controls.kind == "multiclass" else f"Attributes, from {controls.low:g} to {controls.high:g}"
        lines.append(f"{what}: {_plain(listed(controls.names, SHOWN))}.")
    return "\n\n".join(lines)


def _data(contents: dict[str, Any], model: Model) -> str:
    data, shape = contents["data"], model.shape
    sentences = [
        f"{counted(data['images'], 'image')}, {data.get('training_images') or data['images']:,} of them for training, "
        f"in the layout `{_plain(str(data.get('kind', 'images')))}`, each cropped by `{model.crop.text}`."
    ]
    if shape.source_channels:
        kind = f"class-index maps of {shape.source_classes} classes" if shape.source_classes else "pictures"
        sentences.append(f"Pairs: the sources are {kind}.")
    names = shape.attributes or shape.classes
    if names:
        shares = [f" ({share:.0%})" for share in shape.frequencies] or [""] * len(names)
        labelled = [f"{name}{share}" for name, share in zip(names, shares, strict=False)]
        what = "Attributes" if shape.attributes else "Classes"
        sentences.append(f"{what}, with their share of the training images: {_plain(listed(labelled, SHOWN))}.")
    return " ".join([*sentences, "The images are not part of this repository."])


def _training(folder: RunFolder, contents: dict[str, Any], model: Model) -> str:
    configuration, made = stored_configuration(contents, folder), contents.get("made_with", {})
    used = "" if model.checkpoint is None else f"The weights are those of {model.checkpoint}. "
    machine = ", ".join(f"{key} {_plain(str(made[key]))}" for key in ("edgan", "torch", "device") if key in made)
    seconds = folder.seconds()
    spent = f" in {seconds / 60:.0f} minutes" if seconds >= 90 else f" in {seconds:.0f} s" if seconds else ""
    return f"{used}Trained{spent} ({machine}) by\n\n    {training_command(configuration, 'data', 'data')}"


def _figures(folder: RunFolder, model: Model) -> str:
    """The held-out figures of the log at the checkpoint's step, or at the last one before it."""
    step = None if model.checkpoint is None else model.checkpoint.step
    lines = [line for line in folder.read_log() if "held_out" in line and (step is None or line["step"] <= step)]
    if not lines:
        return "The run's log holds none."
    figures = {name: value for name, value in lines[-1]["held_out"].items() if isinstance(value, int | float)}
    judged = lines[-1].get("score")
    rows = [f"| `{_plain(name)}` | {value:.4g} |" for name, value in figures.items()]
    note = f"The best checkpoint is chosen by {score_title(judged)}. " if isinstance(judged, str) else ""
    return "\n".join(
        [
            f"On held-out images of the same data, at step {lines[-1]['step']:,}. {note}".rstrip(),
            "",
            "| figure | value |",
            "|---|---|",
            *rows,
        ]
    )


def _limits(contents: dict[str, Any], model: Model) -> str:
    count = contents["data"].get("training_images") or contents["data"]["images"]
    limits = [
        f"It knows images like those that it was trained on, at {model.size} x {model.size} pixels; others come out "
        "worse."
    ]
    if count < FEW:
        limits.append(f"It has seen {counted(count, 'image')} only, and may repeat them.")
    if model.can("edit"):
        limits.append("An edit may change more than its attribute, as far as attributes go together in the data.")
    if model.can("edit") or model.can("sample") or model.can("reconstruct"):
        limits.append("Its pictures are not evidence of what a person or a thing looks like.")
    return "\n".join(f"- {limit}" for limit in limits)


def _plain(text: str) -> str:
    """Text of a run as Markdown shows it: one line, without characters that would start anything."""
    return "".join(f"\\{c}" if c in "\\`|<>[]*#" else c for c in " ".join(text.split()))
