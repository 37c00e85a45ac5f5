"""Every verb: its options, and what it prints. The work is in `edgan.api`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import is_follower, note, show
from edgan.cli.assignments import parse_assignments
from edgan.cli.editing import edit
from edgan.cli.inverting import invert
from edgan.cli.ranking import rank
from edgan.cli.translating import translate

app = typer.Typer(
    help="Image models that join an encoder-decoder with a GAN. A table says which loss teaches which network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
data_app = typer.Typer(help="Look at a data set, or write a built-in one.", no_args_is_help=True, rich_markup_mode=None)

ROUTE_FORM, SET_FORM = "--route TERM.NETWORK=WEIGHT", "--set NAME=VALUE"

RunArgument = Annotated[Path, typer.Argument(help="the run's folder", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")]
Size = Annotated[int | None, typer.Option(help="side of the square images in pixels", show_default="64")]
Preset = Annotated[str | None, typer.Option(help="small (two CPU cores) or paper", show_default="small")]
Set = Annotated[list[str], typer.Option("--set", help="a setting: optimiser.lr=1e-4 (repeatable)", show_default=False)]
Routes = Annotated[
    list[str], typer.Option("--route", help="a cell of the table: TERM.NETWORK=WEIGHT (repeatable)", show_default=False)
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, ...")]
Seed = Annotated[int, typer.Option(help="of the random streams")]
DataOption = Annotated[Path, typer.Option("--data", help="a folder or .zip of images", show_default=False)]


@app.callback(invoke_without_command=True)
def version(
    show_version: Annotated[bool, typer.Option("--version", help="print the version", is_eager=True)] = False,
) -> None:
    """Image models that join an encoder-decoder with a GAN. A table says which loss teaches which network."""
    if show_version:
        from edgan._version import __version__

        print(__version__)
        raise typer.Exit()


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="a new folder for data, runs and report")] = Path("demo"),
    seed: Seed = 0,
) -> None:
    """Built-in faces: ED//GAN beside ED+GAN, ranked, one HTML report."""
    from edgan.api.demo import demo as run_demo

    with show.training_bar(quiet=False) as watch:
        report = run_demo(out, seed=seed, say=note, watch=watch)
    print(report)


@app.command()
def methods(json: Json = False) -> None:
    """What there is, what each can do, its paper."""
    from edgan import api

    found = api.methods()
    if json:
        show.as_json({"methods": found})
        return
    for one in found:
        print(f"{one['name']}\n    {one['summary']}")
        print(f"    can {', '.join(one['capabilities'])}; presets {', '.join(one['presets'])}")
        print(f"    {one['paper']}")
    print("NAME// is the decoupled twin of a coupled method, as in ed-plus-gan//")


@app.command()
def explain(
    method: Annotated[str, typer.Argument(help="a name that edgan methods lists", show_default=False)],
    route: Routes = [],  # noqa: B006
    set: Set = [],  # noqa: B006
    preset: Preset = None,
    size: Size = None,
    data: Annotated[Path | None, typer.Option(help="a folder or .zip of images", show_default=False)] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="measure every cell's gradient on a batch of --data")
    ] = False,
    json: Json = False,
) -> None:
    """A method's table, phases and plan; with --measure the gradient norm of every cell. Nothing is trained."""
    from edgan import api

    explanation = api.explain(
        method,
        route=parse_assignments(route, ROUTE_FORM),
        set=parse_assignments(set, SET_FORM),
        preset=preset,
        size=size,
        data=data,
        measure=measure,
    )
    if json:
        show.as_json(explanation.as_dict())
    else:
        print(explanation)


@app.command()
def train(
    method: Annotated[str, typer.Argument(help="a name that edgan methods lists", show_default=False)],
    data: DataOption,
    out: Annotated[Path, typer.Option(help="the run's folder, new unless --resume", show_default=False)],
    size: Size = None,
    steps: Annotated[int | None, typer.Option(help="in all", show_default="20000")] = None,
    batch: Annotated[int | None, typer.Option(help="images a step", show_default="the preset's")] = None,
    preset: Preset = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, ...", show_default="auto")] = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16 or float64", show_default="float32")] = None,
    seed: Annotated[int | None, typer.Option(help="of weights, order and noise", show_default="0")] = None,
    set: Set = [],  # noqa: B006
    route: Routes = [],  # noqa: B006
    resume: Annotated[bool, typer.Option("--resume", help="go on from the newest whole checkpoint")] = False,
    json: Json = False,
) -> None:
    """Train a method on a folder of images. Ctrl-C saves; --resume goes on bit for bit."""
    from edgan import api

    with show.bar("decoding") as decoding, show.training_bar(quiet=json) as watch:
        run = api.train(
            method,
            data,
            out,
            size=size,
            steps=steps,
            batch=batch,
            preset=preset,
            device=device,
            precision=precision,
            seed=seed,
            set=parse_assignments(set, SET_FORM),
            route=parse_assignments(route, ROUTE_FORM),
            resume=resume,
            watch=watch,
            warn=note,
            decoding=decoding,
        )
    if is_follower():
        return
    held = next((line["held_out"] for line in reversed(run.log()) if "held_out" in line), None)
    if json:
        show.as_json({"run": str(run.path), "steps": run.configuration.steps, "held_out": held})
    else:
        print(f"{run.path}: {run.configuration.steps} steps done; look at {run.path / 'report.html'}")


@app.command()
def reconstruct(
    run: RunArgument,
    input: Annotated[Path, typer.Argument(help="an image, a folder or a .zip", show_default=False)],
    out: Annotated[Path, typer.Argument(help="a folder", show_default=False)],
    what: Annotated[str, typer.Option(help="output, base, residual, or all of them in folders")] = "output",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Reconstruct images: base, residual or output as OUT/STEM.png."""
    from edgan import api

    with show.bar("reconstructing") as progress:
        written = api.reconstruct(run, input, out, what=what, device=device, progress=progress)
    show.tell_written(written, json)


@app.command()
def sample(
    run: RunArgument,
    out: Annotated[Path, typer.Argument(help="a folder", show_default=False)],
    count: Annotated[int, typer.Option(help="how many images")] = 16,
    seed: Seed = 0,
    interpolate: Annotated[
        int, typer.Option(help="images on the way between two samples, COUNT ways on one sheet")
    ] = 0,
    device: Device = "auto",
    json: Json = False,
) -> None:
    """New images from a model whose latent has a prior."""
    from edgan import api

    show.tell_written(api.sample(run, out, count=count, seed=seed, interpolate=interpolate, device=device), json)


# Help lists the verbs in the order in which they are told of here.
app.command()(edit)
app.command()(invert)
app.command()(translate)


@app.command()
def evaluate(
    run: RunArgument,
    data: DataOption,
    split: Annotated[str, typer.Option(help="test, val or train")] = "test",
    metric: Annotated[str, typer.Option(help="figures, or inversion: what the model cannot draw")] = "figures",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Held-out figures of a trained model, each with its protocol."""
    from edgan import api

    found = api.evaluate(run, data, split=split, metric=metric, device=device)
    if json:
        show.as_json(found)
        return
    print(
        f"{found['method']} in {found['run']} on the {found['split']} split of {found['data']}, "
        f"{found['images']} images"
    )
    for name, value in found["figures"].items():
        print(f"  {name:22} {value:.4g}")
    for name, protocol in found["protocol"].items():
        print(f"  {name}: {protocol}")


app.command()(rank)


@app.command()
def doctor(json: Json = False) -> None:
    """What this machine has, and what would go wrong on it."""
    from edgan import api

    findings = api.doctor()
    if json:
        show.as_json({one.name: {"found": one.found, "well": one.well} for one in findings})
    else:
        for one in findings:
            print(f"{'ok ' if one.well else 'NOT'} {one.name:15} {one.found}")
    if not all(one.well for one in findings):
        raise typer.Exit(1)


app.add_typer(data_app, name="data")


@data_app.command("check")
def data_check(
    path: Annotated[Path, typer.Argument(help="a folder or .zip of images", show_default=False)],
    attributes: Annotated[str | None, typer.Option(help="those a training would use: A,B", show_default="all")] = None,
    json: Json = False,
) -> None:
    """What is there, what is wrong, file by file."""
    from edgan.data import check_folder

    wanted = None if attributes is None else [name.strip() for name in attributes.split(",") if name.strip()]
    with show.bar("checking") as progress:
        report = check_folder(path, wanted, progress=progress)
    found = report.to_dict()
    if json:
        show.as_json(found)
    else:
        show.data_check(found)


@data_app.command("synth")
def data_synth(
    kind: Annotated[str, typer.Argument(help="faces or facades", show_default=False)],
    dest: Annotated[Path, typer.Argument(help="a new folder", show_default=False)],
    count: Annotated[int, typer.Option(help="how many images")] = 2000,
    size: Annotated[int, typer.Option(help="side in pixels")] = 64,
    seed: Seed = 0,
    independent: Annotated[bool, typer.Option("--independent", help="of faces: no factor goes with another")] = False,
) -> None:
    """Write a built-in rendered set as an ordinary folder."""
    from edgan.synthetic import write_folder

    with show.bar("rendering") as progress:
        print(write_folder(kind, dest, count, size, seed, progress, independent))
