"""push, pull and hub:USER/NAME against a stand-in of the hub."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
import yaml
from hub_stand_in import StandIn

import edgan
from edgan.api import Run
from edgan.cli import main
from edgan.errors import EdganError, UsageError
from edgan.methods import PAGES
from edgan.storage.hub import hub_folder
from edgan.storage.run_folder import RunFolder

REPO = "ada/faces"


def pictures(model: Any) -> torch.Tensor:
    return model.reconstruct(torch.zeros(2, 3, 32, 32)).output


def files_of(hub: StandIn) -> dict[str, bytes]:
    return dict(hub.repos[REPO]["files"])


def test_a_pushed_run_is_loaded_from_its_name_and_pulled_with_equal_pictures(
    run: Run, hub: StandIn, tmp_path: Path
) -> None:
    assert edgan.push(run.path, REPO, license="cc-by-4.0") == f"{hub.url}/{REPO}"
    expected = pictures(run.load())
    assert torch.equal(pictures(edgan.load(f"hub:{REPO}")), expected)
    pulled = edgan.pull(REPO, tmp_path / "pulled")
    assert torch.equal(pictures(pulled.load()), expected)
    original, copied = run.load(), pulled.load()
    assert str(copied.checkpoint) == str(original.checkpoint)
    changes = {"Smiling": 1.0}
    zeros = torch.zeros(1, 3, 32, 32)
    assert torch.equal(copied.edit(zeros, changes), original.edit(zeros, changes))


def test_only_what_inference_needs_is_uploaded_and_no_picture_or_place(run: Run, hub: StandIn, faces: Path) -> None:
    edgan.push(run.path, REPO)
    files = files_of(hub)
    folder = next(name.rpartition("/")[0] for name in files if name.endswith("manifest.json"))
    kept = {".gitattributes", "README.md", "run.json", "directions.safetensors"}
    assert {name for name in files if not name.startswith("checkpoints/")} - {"pictures.safetensors"} == kept
    assert {name for name in files if name.startswith("checkpoints/")} == {
        f"{folder}/{name}"
        for name in ("manifest.json", "state.json", *(f"{g}.safetensors" for g in ("networks", "ema", "optimisers")))
    }
    assert not any(name.endswith((".png", ".html")) for name in files)
    for name, data in files.items():
        assert str(faces.parent).encode() not in data, name
        assert str(run.path.parent).encode() not in data, name
    weights = sum(
        len(data) for name, data in files.items() if name.endswith(("networks.safetensors", "ema.safetensors"))
    )
    whole = sum(path.stat().st_size for path in run.path.rglob("*.safetensors"))
    assert weights < 0.5 * whole
    model = edgan.load(f"hub:{REPO}")
    assert set(model.networks) == {"encoder", "decoder", "generator"}


def test_the_verbs_take_a_name_on_the_hub(run: Run, hub: StandIn, faces: Path, tmp_path: Path) -> None:
    edgan.push(run.path, REPO)
    name = f"hub:{REPO}"
    assert len(edgan.reconstruct(name, faces, tmp_path / "a", quiet=True).files) == 16
    assert len(edgan.sample(name, tmp_path / "b", count=2, quiet=True).files) == 2
    assert edgan.evaluate(name, faces, split="train")["method"] == "ed-slash-gan"
    fetched = [path for verb, path in hub.calls if verb == "GET" and "/resolve/" in path]
    assert len(fetched) == len(set(fetched))  # each file once, however many verbs
    with pytest.raises(UsageError, match="a run on the hub is not trained in place"):
        edgan.train("ed-slash-gan", faces, name)


def test_the_commands(run: Run, hub: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def call(*words: object) -> tuple[int, str, str]:
        """The exit status, and what was written to stdout and stderr."""
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, words)))
        return int(str(ended.value.code)), *capsys.readouterr()

    status, said, _ = call("push", run.path, REPO, "--license", "apache-2.0", "--json")
    assert (status, json.loads(said)) == (0, {"address": f"{hub.url}/{REPO}"})
    status, said, _ = call("pull", REPO, tmp_path / "pulled")
    assert (status, said.split(":")[0]) == (0, str(tmp_path / "pulled"))
    for words, expected, sentence in [
        (("pull", REPO, tmp_path / "pulled"), 2, "already holds a run"),
        (("pull", "ada", tmp_path / "new"), 2, "NAME must be USER/NAME or USER/NAME@REVISION (got 'ada')."),
        (("push", run.path, "a/b/c"), 2, "NAME must be USER/NAME"),
        (("push", run.path, REPO, "--license", "my own"), 2, "--license must be a name such as 'apache-2.0'"),
        (("pull", "ada/nothing", tmp_path / "new"), 1, "There is no repository hub:ada/nothing, or it is private."),
    ]:
        status, _, said = call(*words)
        assert (status, sentence in said) == (expected, True), said
        assert "Traceback" not in said


def test_a_whole_run_is_resumed_bit_for_bit(run: Run, hub: StandIn, faces: Path, tmp_path: Path) -> None:
    edgan.push(run.path, REPO, whole=True)
    pulled = edgan.pull(REPO, tmp_path / "pulled")
    assert pulled.log() == run.log()
    copied = tmp_path / "copied"
    edgan.train("ed-slash-gan", faces, pulled.path, steps=6, resume=True, quiet=True)
    shutil.copytree(run.path, copied)
    edgan.train("ed-slash-gan", faces, copied, steps=6, resume=True, quiet=True)
    assert torch.equal(pictures(pulled.load(checkpoint="newest")), pictures(edgan.load(copied, checkpoint="newest")))


def test_pushing_again_replaces_the_checkpoint(run: Run, hub: StandIn) -> None:
    edgan.push(run.path, REPO, checkpoint=2)
    assert edgan.load(f"hub:{REPO}").checkpoint.step == 2  # type: ignore[union-attr]
    edgan.push(run.path, REPO, checkpoint=4)
    hub_folder.cache_clear()
    assert edgan.load(f"hub:{REPO}").checkpoint.step == 4  # type: ignore[union-attr]
    assert len([name for name in files_of(hub) if name.endswith("manifest.json")]) == 1


def test_a_commit_can_be_asked_for(run: Run, hub: StandIn) -> None:
    edgan.push(run.path, REPO)
    sha = hub.repos[REPO]["sha"]
    assert edgan.load(f"hub:{REPO}@{sha}").size == 32
    with pytest.raises(EdganError, match="has no revision 'other'"):
        edgan.load(f"hub:{REPO}@other")


def test_the_card_says_what_the_model_is(run: Run, hub: StandIn) -> None:
    edgan.push(run.path, REPO, license="cc-by-4.0", preview=True)
    card = files_of(hub)["README.md"].decode()
    _, front, body = card.split("---\n", 2)
    values = yaml.safe_load(front)
    assert values["license"] == "cc-by-4.0"
    assert values["library_name"] == "edgan"
    assert values["pipeline_tag"] == "image-to-image"
    assert {"edgan", "ed-slash-gan", "edit", "sample"} <= set(values["tags"])
    assert str(run.load().method.plan.table) in body
    for words in (f'edgan.load("hub:{REPO}")', "16 images", "Smiling (", "psnr_output", "32 x 32", "may repeat them"):
        assert words in body, words
    assert "edgan train ed-slash-gan --data data/" in body
    assert "![pictures of the training](preview.png)" in body
    assert files_of(hub)["preview.png"].startswith(b"\x89PNG")


def test_the_code_of_the_card_runs(run: Run, hub: StandIn, faces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edgan.push(run.path, REPO)
    code = files_of(hub)["README.md"].decode().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(faces / "images")
    Path("000000.png").rename("photo.jpg")
    names: dict[str, Any] = {}
    try:
        exec(code, names)
    finally:
        Path("photo.jpg").rename("000000.png")
    assert names["edited"].size == (32, 32)
    assert len(names["pictures"]) == 4


def test_without_a_token_nothing_is_uploaded(run: Run, hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(huggingface_hub, "get_token", lambda: None)
    with pytest.raises(EdganError, match=r"You are not logged in.*hf auth login"):
        edgan.push(run.path, REPO)
    assert hub.calls == []


def test_a_token_that_may_not_write_is_told(run: Run, hub: StandIn) -> None:
    hub.read_only = True
    with pytest.raises(EdganError, match=r"does not allow this for hub:ada/faces \(status 403\)"):
        edgan.push(run.path, REPO)


def test_a_private_repository_is_read_with_a_token_only(
    run: Run, hub: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edgan.push(run.path, REPO, private=True)
    assert hub.repos[REPO]["private"]
    assert edgan.pull(REPO, tmp_path / "with").load().size == 32
    hub_folder.cache_clear()
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(EdganError, match=r"no repository hub:ada/faces, or it is private\. Log in"):
        edgan.load(f"hub:{REPO}")


def test_a_repository_with_other_things_is_neither_read_nor_overwritten(run: Run, hub: StandIn) -> None:
    hub.add(REPO, {"pytorch_model.bin": b"\x80\x04", "README.md": b"mine"})
    with pytest.raises(EdganError, match=r"hub:ada/faces is not a run of edgan: run\.json is missing"):
        edgan.load(f"hub:{REPO}")
    with pytest.raises(UsageError, match=r"hub:ada/faces holds pytorch_model\.bin"):
        edgan.push(run.path, REPO)
    assert files_of(hub)["README.md"] == b"mine"


def test_without_network_the_copy_in_the_cache_is_used(run: Run, hub: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    edgan.push(run.path, REPO)
    expected = pictures(edgan.load(f"hub:{REPO}"))
    hub_folder.cache_clear()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # where nobody listens
    with pytest.warns(UserWarning, match=r"The hub cannot be reached for hub:ada/faces .* The copy of .* is used"):
        assert torch.equal(pictures(edgan.load(f"hub:{REPO}")), expected)
    with pytest.raises(EdganError, match="The hub cannot be reached for hub:ada/other"):
        edgan.load("hub:ada/other")


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"run.json": 2**30}, "run.json has 1,073,741,824 bytes, and 67,108,864 bytes is the limit"),
        ({"directions.safetensors": 2**33}, "directions.safetensors has 8,589,934,592 bytes"),
    ],
)
def test_what_is_too_large_is_not_fetched(sizes: dict[str, int], words: str, run: Run, hub: StandIn) -> None:
    edgan.push(run.path, REPO)
    hub.sizes = sizes
    with pytest.raises(EdganError, match=f"hub:ada/faces is not fetched: {words}"):
        edgan.load(f"hub:{REPO}")
    assert not [path for _, path in hub.calls if "/resolve/" in path]


def test_too_many_files_are_not_fetched(run: Run, hub: StandIn) -> None:
    edgan.push(run.path, REPO)
    files = hub.repos[REPO]["files"]
    files |= {f"checkpoints/step-{step:08d}/state.json": b"{}" for step in range(200)}
    with pytest.raises(EdganError, match=r"it has 2.. files of a run, and 100 is the limit"):
        edgan.load(f"hub:{REPO}")


def test_a_strangers_files_are_data_only(run: Run, hub: StandIn, tmp_path: Path) -> None:
    """Code, pickles and odd names are left where they are, and a module that run.json names is not imported."""
    edgan.push(run.path, REPO)
    files = hub.repos[REPO]["files"]
    odd = dict.fromkeys(("evil.py", "model.pkl", "../up.json", "checkpoints/step-00000004/x.py"), b"import os")
    files |= odd

    def name_code(contents: dict[str, Any]) -> None:
        contents["configuration"]["method"] = "strange"
        contents["method_from"] = {"module": "evil", "base": ""}

    rewritten(files, tmp_path / "strange", name_code)
    hub.seal(REPO)
    with pytest.raises(EdganError, match="defined in the module evil, which is not imported"):
        edgan.load(f"hub:{REPO}")
    fetched = {
        path.rpartition(f"/{REPO}/resolve/")[2].partition("/")[2] for _, path in hub.calls if "/resolve/" in path
    }
    assert "run.json" in fetched
    assert not fetched & set(odd)
    assert "evil" not in sys.modules


def rewritten(files: dict[str, bytes], folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a run.json as a stranger could, with a checksum that fits."""
    contents, made = json.loads(files["run.json"]), RunFolder(folder)
    change(contents)
    made.path.mkdir()
    made.write_run({key: value for key, value in contents.items() if key not in ("format", "edgan", "sha256")})
    files["run.json"] = made.run_json.read_bytes()


def test_settings_that_ask_for_huge_networks_are_refused_before_memory_is_taken(
    run: Run, hub: StandIn, tmp_path: Path
) -> None:
    edgan.push(run.path, REPO)

    def widen(contents: dict[str, Any]) -> None:
        contents["configuration"]["settings"]["network"] |= {"width": 100_000, "max_width": 400_000}

    rewritten(hub.repos[REPO]["files"], tmp_path / "wide", widen)
    hub.seal(REPO)
    with pytest.raises(EdganError, match=r"describes a network 'encoder' of .* numbers, and the checkpoint holds"):
        edgan.load(f"hub:{REPO}")


def test_the_card_of_a_method_from_outside_says_what_it_takes(hub: StandIn, faces: Path, tmp_path: Path) -> None:
    def shade(output: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
        return (output - image).mean((1, 2, 3)).abs()

    page = edgan.method("ed-plus-gan").with_term("shade", shade, {"decoder": 0.1})
    options = {"size": 32, "steps": 1, "batch": 4, "device": "cpu", "preset": "small", "quiet": True}
    small = {"network.width": 4, "network.max_width": 8, "discriminator.kind": "paper", "discriminator.width": 4}
    try:
        edgan.push(edgan.train(page, faces, tmp_path / "run", set=small, **options).path, REPO)
    finally:
        PAGES.pop(page.name, None)
    assert "Trained with a term added to `ed-plus-gan`" in files_of(hub)["README.md"].decode()
    assert edgan.load(f"hub:{REPO}").method.name == "ed-plus-gan"


@pytest.mark.parametrize("file", ["run.json", "networks.safetensors", "manifest.json"])
def test_a_damaged_run_is_not_pulled(file: str, run: Run, hub: StandIn, tmp_path: Path) -> None:
    edgan.push(run.path, REPO, checkpoint=4)
    files = hub.repos[REPO]["files"]
    file = next(name for name in files if name.endswith(file))
    damaged = bytearray(files[file])
    damaged[len(damaged) // 2] ^= 4
    files[file] = bytes(damaged)
    hub.seal(REPO)
    with pytest.raises(EdganError, match="damaged"):
        edgan.pull(REPO, tmp_path / "out")
    assert not (tmp_path / "out" / "run.json").exists()


@pytest.mark.parametrize("name", ["ada", "a/b/c", "../x", "ada/..", "ada/fa ces", "", "hub:", "ada/faces@"])
def test_a_wrong_name_is_a_usage_error(name: str, run: Run, hub: StandIn, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must be USER/NAME"):
        edgan.pull(name, tmp_path / "out")
    with pytest.raises(UsageError, match="must be USER/NAME"):
        edgan.push(run.path, name)
    assert hub.calls == []


def test_without_the_package_the_command_that_installs_it_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    hub_folder.cache_clear()
    with pytest.raises(EdganError, match=r"needs the package huggingface_hub: pip install 'edgan\[hub\]'"):
        edgan.load(f"hub:{REPO}")
