"""Large folders: several processes share one, a stopped call goes on, and memory does not grow with the folder."""

from __future__ import annotations

import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edgan
from edgan.api import Run, writing
from edgan.api.folder_pipeline import Chunk, Drawn, Folder, process_folder
from edgan.api.shard import Shard, parse_shard
from edgan.errors import EdganError, UsageError


def png(stem: str) -> list[str]:
    return [f"{stem}.png"]


def levels(out: Path) -> dict[str, np.ndarray]:
    return {path.name: np.asarray(Image.open(path)).astype(int) for path in out.iterdir()}


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "1/-2", "", "1/2/3"])
def test_a_shard_is_i_of_n(text: str) -> None:
    with pytest.raises(UsageError, match="shard must be I/N with I from 1 to N"):
        parse_shard(text)


def test_shards_take_turns_and_together_take_each_picture_once() -> None:
    assert list(parse_shard("2/3").positions(8)) == [1, 4, 7]
    assert sorted(place for number in (1, 2, 3) for place in Shard(number, 3).positions(8)) == list(range(8))


def test_a_shard_without_a_picture_is_refused() -> None:
    with pytest.raises(UsageError, match="shard cannot be 4/4: the input has 3 pictures, so N must be at most 3"):
        parse_shard("4/4").positions(3)


def test_the_shards_write_what_one_call_writes(run: Run, faces: Path, tmp_path: Path) -> None:
    edgan.reconstruct(run.path, faces, tmp_path / "whole", quiet=True)
    counts = [
        len(edgan.reconstruct(run.path, faces, tmp_path / "shared", shard=f"{number}/5", quiet=True).files)
        for number in range(1, 6)
    ]
    assert counts == [3, 3, 2, 2, 2]
    whole, shared = levels(tmp_path / "whole"), levels(tmp_path / "shared")
    assert whole.keys() == shared.keys()
    # Batches of other sizes round otherwise.
    assert max(np.abs(whole[name] - shared[name]).max() for name in whole) <= 1


def test_a_shard_of_invert_has_the_latents_of_its_pictures(run: Run, faces: Path, tmp_path: Path) -> None:
    edgan.invert(run.path, faces, tmp_path / "whole", how="encoder", quiet=True)
    edgan.invert(run.path, faces, tmp_path / "shared", how="encoder", shard="2/5", quiet=True)
    latents = np.load(tmp_path / "shared" / "latents-2-of-5.npy")
    np.testing.assert_allclose(latents, np.load(tmp_path / "whole" / "latents.npy")[1::5], atol=1e-5)


def test_pictures_of_a_shard_keep_their_places_in_the_whole_folder(tmp_path: Path) -> None:
    """The noise of `translate` is drawn by them, so it does not depend on the number of shards."""
    places: list[int] = []

    def draw(chunk: Chunk) -> Drawn:
        places.extend(chunk.positions)
        yield [f"{stem}.png" for stem in chunk.stems], chunk.pixels

    folder = grey_folder(10).shard(Shard(2, 3))
    (tmp_path / "p4.png").touch()
    written = process_folder(
        folder, tmp_path, png, draw, count=2, overlap=False, progress=lambda *_: None, skip_existing=True
    )
    assert places == [1, 7]
    assert [path.name for path in written.files] == ["p1.png", "p7.png"]
    assert written.existing == 1


def test_a_stopped_call_goes_on_with_the_pictures_that_are_missing(run: Run, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = edgan.reconstruct(run.path, faces, out, what="all", quiet=True).files
    kept, missing = out / "base" / first[0].name, out / "residual" / first[0].name
    before, others = kept.read_bytes(), {path: path.stat().st_mtime_ns for path in first if path.name != missing.name}
    missing.unlink()
    kept.write_bytes(b"of another call")
    again = edgan.reconstruct(run.path, faces, out, what="all", skip_existing=True, quiet=True)
    assert {path.name for path in again.files} == {missing.name}
    assert len(again.files) == 3
    assert again.existing == 11
    assert kept.read_bytes() == before
    assert {path: path.stat().st_mtime_ns for path in others} == others


def test_with_nothing_left_to_do_nothing_is_written_and_no_sheet(run: Run, faces: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    edgan.reconstruct(run.path, faces, tmp_path / "out", quiet=True)
    again = edgan.reconstruct(run.path, faces, tmp_path / "out", sheet=sheet, skip_existing=True, quiet=True)
    assert (again.files, again.failed, again.existing) == ([], [], 12)
    assert not sheet.exists()


def test_going_on_where_only_unreadable_pictures_are_left_reports_them(tmp_path: Path) -> None:
    def broken(size: int, channels: int) -> np.ndarray:
        raise EdganError("broken.")

    folder = Folder(
        "in", [("a", lambda size, channels: np.zeros((size, size, channels), np.uint8)), ("b", broken)], 4, 3
    )

    def draw(chunk: Chunk) -> Drawn:
        yield [f"{stem}.png" for stem in chunk.stems], chunk.pixels

    for existing in (0, 1):
        written = process_folder(
            folder, tmp_path, png, draw, count=2, overlap=False, progress=lambda *_: None, skip_existing=True
        )
        assert written.failed == [("b", "broken.")]
        assert written.existing == existing


class Alive:
    """Counts decoded pictures while they are referenced, and remembers the most at once."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def load(self, size: int, channels: int) -> np.ndarray:
        picture = np.zeros((size, size, channels), np.uint8)
        self.now += 1
        self.most = max(self.most, self.now)
        weakref.finalize(picture, self._drop)
        return picture

    def _drop(self) -> None:
        self.now -= 1


def grey_folder(count: int, alive: Alive | None = None) -> Folder:
    alive = alive or Alive()
    return Folder("in", [(f"p{number}", alive.load) for number in range(count)], 4, 3)


def test_no_more_pictures_are_held_of_thousands_than_of_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "save_picture", lambda _picture, path: path)

    def draw(chunk: Chunk) -> Drawn:
        yield [f"{stem}.png" for stem in chunk.stems], chunk.pixels

    reached = {}
    for count in (40, 4000):
        alive = Alive()
        folder = grey_folder(count, alive)
        process_folder(folder, tmp_path, png, draw, count=8, overlap=False, progress=lambda *_: None)
        reached[count] = alive.most
    assert 8 <= reached[4000] <= reached[40] + 8 < 40
