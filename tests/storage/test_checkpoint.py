"""A checkpoint comes back bit for bit, and damage is seen, told and survived."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from edgan.errors import EdganError
from edgan.storage.checkpoint import Snapshot, best, list_checkpoints, load, newest, save

EVERY_FILE = ["networks.safetensors", "ema.safetensors", "optimisers.safetensors", "state.json", "manifest.json"]


def snapshot(step: int) -> Snapshot:
    """Contents that say their step: a snapshot that mixes two steps shows."""
    generator = torch.Generator().manual_seed(step)
    return Snapshot(
        step,
        {
            "networks": {"encoder.weight": torch.randn(40, 30, generator=generator)},
            "ema": {"encoder.weight": torch.randn(40, 30, generator=generator)},
            "optimisers": {"random.cpu": generator.get_state()},
        },
        {"step": step, "rate": 0.1 * step},
    )


def equal(a: Snapshot, b: Snapshot) -> bool:
    names = {group: a.tensors[group].keys() for group in a.tensors}
    return (
        a.step == b.step
        and a.state == b.state
        and names == {group: b.tensors[group].keys() for group in b.tensors}
        and all(torch.equal(a.tensors[g][n], b.tensors[g][n]) for g in names for n in names[g])
    )


def steps(folder: Path) -> list[int]:
    return [int(path.name.removeprefix("step-")) for path in list_checkpoints(folder)]


def flip_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def test_what_was_saved_is_loaded(tmp_path):
    path = save(tmp_path / "checkpoints", snapshot(1000))
    assert path.name == "step-00001000"
    assert sorted(file.name for file in path.iterdir()) == sorted(EVERY_FILE)
    assert equal(load(path), snapshot(1000))


@pytest.mark.parametrize(
    "dtype",
    [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8, torch.bool],
)
def test_every_dtype_keeps_its_bits(tmp_path, dtype):
    bits = torch.randint(0, 2, (64,), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    if dtype.is_floating_point:  # any pattern of bits, NaN with payload and negative zero among them
        bits = torch.randint(0, 256, (64,), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    saved = bits.view(dtype)
    read = load(save(tmp_path, Snapshot(1, {"networks": {"x": saved}}, {}))).tensors["networks"]["x"]
    assert read.dtype == dtype
    assert torch.equal(read.view(torch.uint8), bits)


def test_scalars_empty_tied_and_channels_last_tensors_are_kept(tmp_path):
    weight = torch.randn(4, 3, 2, 2).to(memory_format=torch.channels_last)
    networks = {"a": weight, "tied": weight, "step": torch.tensor(7.0), "none": torch.zeros(0, 3), "part": weight[1:]}
    read = load(save(tmp_path, Snapshot(1, {"networks": networks}, {}))).tensors
    assert all(torch.equal(read["networks"][name], value) for name, value in networks.items())
    assert read["networks"].keys() == networks.keys()
    assert read["ema"] == {}


def test_a_loaded_tensor_can_be_written_to(tmp_path):
    read = load(save(tmp_path, snapshot(1))).tensors["networks"]["encoder.weight"]
    read.zero_()
    assert read.abs().sum() == 0


def test_floats_of_the_state_are_exact(tmp_path):
    state = {"best": float("-inf"), "rate": 0.1 + 0.2, "count": 2**60}
    assert load(save(tmp_path, Snapshot(1, {}, state))).state == state


def test_a_folder_without_checkpoints_has_no_newest(tmp_path):
    assert newest(tmp_path / "nowhere") is None
    assert newest(tmp_path) is None
    assert best(tmp_path) is None


@pytest.mark.parametrize("harm", [flip_byte, halve, Path.unlink])
@pytest.mark.parametrize("name", EVERY_FILE)
def test_a_damaged_newest_is_reported_and_the_one_before_is_used(tmp_path, name, harm):
    save(tmp_path, snapshot(1))
    path = save(tmp_path, snapshot(2))
    harm(path / name)
    with pytest.raises(EdganError, match=name.replace(".", r"\.")):
        load(path)
    saved, reports = newest(tmp_path)
    assert equal(saved, snapshot(1))
    assert len(reports) == 1
    assert name in reports[0]
    assert "step-00000001, is used" in reports[0]


@pytest.mark.parametrize("harm", [flip_byte, halve, Path.unlink])
def test_what_is_not_asked_for_is_not_read(tmp_path, harm):
    path = save(tmp_path, snapshot(2))
    harm(path / "optimisers.safetensors")
    saved, reports = newest(tmp_path, ("ema",))
    whole = snapshot(2)
    expected = Snapshot(2, {"networks": {}, "ema": whole.tensors["ema"], "optimisers": {}}, whole.state)
    assert equal(saved, expected)
    assert not reports


def test_every_flipped_bit_of_a_manifest_is_seen_or_changes_nothing_that_is_read(tmp_path):
    path = save(tmp_path, snapshot(3))
    manifest = path / "manifest.json"
    whole = manifest.read_bytes()
    for position in range(len(whole)):
        spoilt = bytearray(whole)
        spoilt[position] ^= 1
        manifest.write_bytes(spoilt)
        try:
            read = load(path)
        except EdganError:
            continue
        assert equal(read, snapshot(3))


def test_when_all_are_damaged_that_is_an_error(tmp_path):
    for step in (1, 2):
        flip_byte(save(tmp_path, snapshot(step)) / "ema.safetensors")
    with pytest.raises(EdganError, match="Every checkpoint"):
        newest(tmp_path)


def test_a_checkpoint_that_is_not_there_is_an_error_that_names_it(tmp_path):
    with pytest.raises(EdganError, match="step-00000009"):
        load(tmp_path / "step-00000009")


def test_a_checkpoint_of_a_newer_format_asks_for_a_newer_edgan(tmp_path):
    path = save(tmp_path, snapshot(1))
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps(manifest | {"format": 99, "edgan": "9.0"}))
    with pytest.raises(EdganError, match=r"edgan 9\.0.*Update"):
        load(path)


def test_a_copy_under_another_name_loads(tmp_path):
    copy = save(tmp_path, snapshot(1)).rename(tmp_path / "my favourite")
    assert equal(load(copy), snapshot(1))


def test_the_last_two_and_the_best_are_kept(tmp_path):
    for step in range(1, 7):
        save(tmp_path, snapshot(step), best=step == 2)
    assert steps(tmp_path) == [2, 5, 6]
    assert best(tmp_path) == tmp_path / "step-00000002"


def test_a_new_best_lets_the_old_best_go(tmp_path):
    for step in range(1, 7):
        save(tmp_path, snapshot(step), best=step in (1, 4))
    assert steps(tmp_path) == [4, 5, 6]
    assert best(tmp_path) == tmp_path / "step-00000004"


def test_damaged_checkpoints_do_not_push_out_whole_ones(tmp_path):
    for step in (1, 2, 3):
        save(tmp_path, snapshot(step), keep=3)
    for step in (2, 3):
        halve(tmp_path / f"step-{step:08d}" / "networks.safetensors")
    save(tmp_path, snapshot(4), keep=2)
    assert steps(tmp_path) == [1, 4]


def test_a_save_before_a_damaged_newer_one_is_kept_and_used(tmp_path):
    save(tmp_path, snapshot(10))
    flip_byte(save(tmp_path, snapshot(20)) / "state.json")
    save(tmp_path, snapshot(15), keep=1)
    saved, _ = newest(tmp_path)
    assert equal(saved, snapshot(15))


def test_saving_a_step_again_replaces_it(tmp_path):
    flip_byte(save(tmp_path, snapshot(1)) / "networks.safetensors")
    save(tmp_path, snapshot(1))
    assert equal(load(tmp_path / "step-00000001"), snapshot(1))
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]


def test_state_that_is_no_json_is_refused_before_the_disk_is_touched(tmp_path):
    with pytest.raises(TypeError):
        save(tmp_path / "checkpoints", Snapshot(1, {}, {"x": object()}))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_permission_is_an_error_that_says_so(tmp_path, read_only):
    save(tmp_path, snapshot(1))
    read_only(tmp_path)
    with pytest.raises(EdganError, match="Allow this user to write"):
        save(tmp_path, snapshot(2))
    assert equal(load(tmp_path / "step-00000001"), snapshot(1))
