"""A training's configuration as a TOML file, in and out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from training_toys import TINY, assert_same_tensors, last, train_tiny

from edgan.api.training import train
from edgan.api.training_file import NAMED, asked_for, write_training_file
from edgan.config import configure
from edgan.errors import EdganError, UsageError
from edgan.methods import PAGES

NOTHING = {
    "method": None,
    "data": None,
    "out": None,
    "preset": None,
    "given": {},
    "set": {},
    "route": {},
    "start_from": None,
}
METHODS = [(name, preset) for name, page in PAGES.items() if not page.takes_over for preset in page.presets]


def asked(path: Path, **options: object):
    """What a call with this file asks for."""
    return asked_for(path, **{**NOTHING, **options})  # type: ignore[arg-type]


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize(("method", "preset"), METHODS)
def test_every_preset_comes_back_from_its_file(method: str, preset: str, tmp_path: Path) -> None:
    configuration = configure(method, preset, {"seed": 3})
    read = asked(write_training_file(tmp_path / "run.toml", configuration, "data", "out", None))
    assert (read.method, read.preset, read.data, read.out) == (method, preset, "data", "out")
    assert configure(read.method, read.preset, read.set, read.route, **read.given) == configuration


def test_the_file_repeats_a_training_bit_for_bit(faces: Path, tmp_path: Path) -> None:
    train_tiny(
        faces, tmp_path / "first", 3, route={"adversarial.decoder": 0.1}, save_config=tmp_path / "new" / "run.toml",
        quiet=True,
    )  # fmt: skip
    run = train(config=tmp_path / "new" / "run.toml", out=tmp_path / "second", quiet=True)
    assert run.configuration.routes == {"adversarial.decoder": "0.1"}
    assert_same_tensors(last(tmp_path / "first"), last(tmp_path / "second"))


def test_the_call_wins_over_the_file_setting_by_setting(tmp_path: Path) -> None:
    file = write(
        tmp_path / "run.toml",
        'method = "vae"\ndata = "faces"\nout = "runs/a"\nsteps = 100\nseed = 4\n'
        '[set]\nsize = 128\nlatent.size = 9\noptimiser.lr = 1e-3\n[route]\n"prior.encoder" = 0.5\n',
    )
    read = asked(file, out="runs/b", given={"steps": 7, "size": 32}, set={"optimiser.lr": "1e-4"})
    assert (read.method, read.data, read.out) == ("vae", "faces", "runs/b")
    assert read.set == {"latent.size": 9, "optimiser.lr": "1e-4"}
    assert {name: read.given[name] for name in ("steps", "seed", "size", "batch")} == {
        "steps": 7, "seed": 4, "size": 32, "batch": None
    }  # fmt: skip
    assert read.route == {"prior.encoder": 0.5}
    configuration = configure(read.method, read.preset, read.set, None, **read.given)
    assert (configuration.size, configuration.steps, configuration.optimiser.lr) == (32, 7, 1e-4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("stepz = 3", r"has the key 'stepz'.*Did you mean 'steps'\?"),
        ("[sets]", "has the key 'sets'.*Did you mean 'set' or 'steps'"),
        ("set = 3", "The key 'set' of .* must be a table"),
        ("method = 3", "The key 'method' of .* must be a text"),
        ('method = "vea"\nout = "o"', r"There is no method 'vea'. Did you mean 'vae'\?"),
        ('method = "vae"', r"out must be given, and .*run.toml does not"),
        (
            'method = "vae"\nout = "o"\n[set]\nlatent.sise = 3',
            r"There is no setting 'latent.sise'. Did you mean 'latent.size'",
        ),
    ],
)
def test_what_a_file_cannot_say_is_refused_with_the_near_name(text: str, why: str, faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=why):
        train(data=faces, config=write(tmp_path / "run.toml", text))


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdganError, match=r"gone\.toml cannot be read"):
        train(config=tmp_path / "gone.toml")
    with pytest.raises(EdganError, match=r"run\.toml is not a TOML file: .*line 1"):
        train(config=write(tmp_path / "run.toml", "steps: 3"))


def test_only_a_toml_file_is_written(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"save_config must be a file that ends in \.toml"):
        train_tiny(faces, tmp_path / "run", 1, save_config=tmp_path / "run.json")
    assert not (tmp_path / "run").exists()


def test_the_file_has_no_nulls_and_its_own_options_at_the_top(tmp_path: Path) -> None:
    path = write_training_file(
        tmp_path / "a.toml", configure("ed-slash-gan", "small", dict(TINY)), "d", "o", "zoo:faces"
    )
    contents = tomllib.loads(path.read_text())
    assert contents.keys() == {"method", "preset", "data", "out", "from", *NAMED, "set", "route"}
    assert contents["from"] == "zoo:faces"
    assert contents["set"]["network"]["width"] == 4
