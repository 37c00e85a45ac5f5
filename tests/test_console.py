"""Long work says how far it is: step, rate and time left, on a terminal of 80 columns and off one."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

import edgan
from edgan import console
from edgan.console import Bar
from edgan.synthetic import write_folder
from edgan.training.display import training_bar
from edgan.training.progress import Progress

LOSSES = dict.fromkeys(("reconstruction", "adversarial", "discrimination", "penalty", "prior", "fooling"), 0.1234)
TINY = {
    "network.width": 4,
    "network.max_width": 8,
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "latent.size": 4,
    "latent.prior": "vae",
}


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, as the bar reads them."""
    now = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("first", [0, 9_000])
def test_a_bar_of_80_columns_shows_step_rate_and_time_left(clock, monkeypatch, first):
    stderr = Terminal()
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stderr)
    with training_bar(quiet=False) as watch:
        for step in range(first + 1, first + 200):
            clock[0] += 0.5
            watch(Progress(step, 10_000, LOSSES, 64.0))
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stderr.getvalue())
    last = [line for line in re.split(r"[\r\n]", shown) if "images/s" in line][-1]
    assert len(last) <= 80
    assert re.search(r"\d+/10000", last)
    assert "64 images/s" in last
    left = re.search(r"(\d):(\d\d):(\d\d)", last)
    assert left is not None
    seconds = int(left[1]) * 3600 + int(left[2]) * 60 + int(left[3])
    done = int(re.search(r"(\d+)/10000", last)[1])
    assert seconds == pytest.approx((10_000 - done) * 0.5, rel=0.2)


def test_off_a_terminal_a_line_has_step_rate_and_time_left(clock, capsys):
    with training_bar(quiet=False) as watch:
        for step in range(101, 151):
            clock[0] += 0.25
            watch(Progress(step, 1000, {"reconstruction": 0.5}, 16.0))
    assert capsys.readouterr().err == "edgan: step 150/1000  16 images/s  0:03:32 left  reconstruction 0.500\n"


def test_slow_work_says_something_every_half_minute(clock, capsys):
    with Bar("inverting") as bar:
        for done in range(1, 9):
            clock[0] += 20
            bar(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "edgan: inverting 3/100  0:32:20 left"
    assert len(lines) == 3


def test_the_time_left_of_a_second_training_does_not_count_the_first(clock, capsys):
    with Bar("step", every=50) as bar:
        for _ in range(2):
            for done in range(1, 101):
                clock[0] += 1.0
                bar(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if " 50/100" in line] == ["edgan: step 50/100  0:00:50 left"] * 2


def test_quiet_work_says_nothing(clock, capsys):
    with Bar("inverting", quiet=True) as bar:
        clock[0] += 3600
        bar(1, 100)
    assert capsys.readouterr().err == ""


class TestPythonCalls:
    """A call from Python shows its work unless it is asked not to."""

    @pytest.fixture(scope="class")
    def faces(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", 12, 32)

    @pytest.fixture(scope="class")
    def trained(self, faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        out = tmp_path_factory.mktemp("trained") / "run"
        self.train(faces, out, quiet=True)
        return out

    def train(self, faces: Path, out: Path, **options) -> None:
        call = {"preset": "small", "size": 32, "batch": 4, "device": "cpu", "set": TINY, "report": False}
        edgan.train("ed-slash-gan", faces, out, steps=50, **call, **options)

    def test_train(self, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.train(faces, tmp_path / "run", resume=True)
        said = capsys.readouterr().err
        assert "There is no run in" in said
        assert "edgan: step 50/50  " in said
        assert "step 50: held-out PSNR" in said

    def test_quiet(self, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.train(faces, tmp_path / "run", resume=True, quiet=True)
        assert capsys.readouterr().err == ""

    def test_a_caller_who_watches_prints_for_himself(self, faces: Path, tmp_path: Path, capsys) -> None:
        steps: list[int] = []
        self.train(faces, tmp_path / "run", watch=lambda progress: steps.append(progress.step))
        assert steps == list(range(1, 51))
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize("verb", ["sample", "reconstruct", "invert"])
    def test_the_other_verbs(self, verb: str, trained: Path, faces: Path, tmp_path: Path, capsys, monkeypatch) -> None:
        monkeypatch.setattr(console, "SECONDS_PER_LINE", 0.0)
        place = (trained,) if verb == "sample" else (trained, faces)
        options = {"how": "encoder"} if verb == "invert" else {}
        getattr(edgan, verb)(*place, tmp_path / "out", **options)
        assert re.search(r"edgan: \w+ing \d+/\d+", capsys.readouterr().err)
        getattr(edgan, verb)(*place, tmp_path / "quiet", quiet=True, **options)
        assert capsys.readouterr().err == ""
