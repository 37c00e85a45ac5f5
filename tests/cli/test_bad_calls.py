"""A wrong call ends with status 2 and a sentence that names the mistake; no run folder is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from calling import Said, call, done, refused, train


@pytest.fixture
def attempt(faces: Path, tmp_path: Path):
    """`attempt(status, (option, ...), words)`: the training is refused with these words, and leaves no folder."""

    def check(given: tuple[str, ...], *words: str, method: str = "ed-slash-gan") -> None:
        refused(train(faces, tmp_path / "run", *given, method=method), 2, *words)
        assert not (tmp_path / "run").exists()

    return check


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("optimizer.lr=1", ["'optimizer.lr'", "'optimiser.lr'"]),
        ("optimiser=1", ["'optimiser'", "'optimiser.lr'"]),
        ("optimisers=1", ["'optimisers'", "'optimiser.lr'"]),
        ("optimisers.encoder=1", ["'optimisers.encoder'", "'optimisers.encoder.lr'"]),
        ("optimisers.encoder.momentum=1", ["'optimisers.encoder.momentum'", "optimisers.encoder."]),
        ("optimisers.encodr.lr=1e-3", ["encodr", "'encoder'"]),
        ("optimisers.discriminat.encoder.lr=1e-3", ["discriminat.encoder", "'discriminate.encoder'"]),
        ("lr", ["'lr'", "--set NAME=VALUE"]),
        ("ema=", ["'ema='", "--set NAME=VALUE"]),
        ("routes=1", ["'routes'"]),
        ("optimiser.lr=fast", ["optimiser.lr", "'fast'", "number"]),
        ("optimiser.lr=-1", ["optimiser.lr", "'-1'", "greater than 0"]),
        ("optimiser.lr=nan", ["optimiser.lr", "'nan'"]),
        ("optimiser.beta1=1.5", ["optimiser.beta1", "less than 1"]),
        ("batch=1", ["batch must be at least 2", "(got 1)"]),
        ("batch=2.5", ["batch", "'2.5'"]),
        ("steps=0", ["steps", "'0'"]),
        ("latent.prior=vea", ["latent.prior", "'vea'", "'vae'"]),
        ("network.width=2", ["width=2", "at least 4"]),
        ("network.kernel=4", ["kernel", "4", "odd"]),
    ],
)
def test_a_wrong_setting(given: str, words: list[str], attempt) -> None:
    attempt(("--set", given), *words)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("adversarial.decoderr=1", ["'adversarial.decoderr'", "'decoder'"]),
        ("adversrial.decoder=1", ["'adversrial.decoder'", "'adversarial'"]),
        ("adversarial=1", ["'adversarial'", "TERM.NETWORK=WEIGHT"]),
        ("adversarial.decoder", ["'adversarial.decoder'", "--route TERM.NETWORK=WEIGHT"]),
        ("adversarial.decoder=high", ["adversarial.decoder", "'high'", "linear(0,1,5000)"]),
        ("adversarial.decoder=linear(0,1)", ["'linear(0,1)'", "linear(0,1,5000)"]),
        ("adversarial.decoder=inf", ["'inf'"]),
        ("reconstruction.discriminator=1", ["reconstruction.discriminator", "no path"]),
    ],
)
def test_a_wrong_route(given: str, words: list[str], attempt) -> None:
    attempt(("--route", given), *words)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--size", "48"), ["32, 64, 128", "48"]),
        (("--size", "28"), ["32, 64, 128", "28"]),
        (("--size", "0"), ["size", "0"]),
        (("--size", "big"), ["--size", "integer", "edgan train --help"]),
        (("--steps", "0"), ["steps", "0"]),
        (("--seed", "-1"), ["seed", "-1"]),
        (("--preset", "papr"), ["'papr'", "'paper'"]),
        (("--precision", "fp16"), ["precision", "'fp16'", "'bfloat16'"]),
        (("--device", "cdua"), ["'cdua'", "'cuda'"]),
        (("--device", "meta"), ["'meta'"]),
        (("--device", "cpu:x"), ["'cpu:x'", "--device", "'cpu'"]),
        (("--resum",), ["--resum", "--resume"]),
    ],
)
def test_a_wrong_option(given: tuple[str, ...], words: list[str], attempt) -> None:
    attempt(given, *words)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("ed-slash-gn", ["'ed-slash-gn'", "'ed-slash-gan'"]),
        ("ed-slash-gan//", ["'ed-slash-gan//'", "has a generator already"]),
        ("//", ["'//'"]),
    ],
)
def test_an_unknown_method(method: str, words: list[str], attempt) -> None:
    attempt((), *words, method=method)


def test_too_little_memory(faces: Path, tmp_path: Path) -> None:
    refused(train(faces, tmp_path / "run", "--set", f"latent.size={10**12}"), 1, "not enough memory", "--batch")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("trian",), ["'trian'", "'train'"]),
        (("train",), ["METHOD", "edgan train --help"]),
        (("train", "ed-slash-gan"), ["--data", "edgan train --help"]),
        (("explain", "ed-slash-gn"), ["'ed-slash-gan'"]),
        (("explain", "ed-slash-gan", "--measure"), ["--measure", "no data was given"]),
        (("explain", "ed-slash-gan", "--route", "reconstruction.discriminator=1"), ["reconstruction.discriminator"]),
        (("data", "synth", "face", "new"), ["'face'", "'faces'"]),
        (("data", "synth", "faces", "new", "--count", "0"), ["0"]),
        (("data", "synth", "faces", "new", "--size", "3"), ["--size must be at least 16 pixels (got 3)"]),
    ],
)
def test_a_verb_called_wrongly(
    words: tuple[str, ...], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused(call(*words), 2, *expected)
    assert list(tmp_path.iterdir()) == []


class TestRank:
    """Wrong calls of `rank`."""

    def rank(self, faces: Path, *words: str | Path) -> Said:
        return call("rank", "--real", faces, "--size", "16", *words)

    def test_no_model(self, faces: Path) -> None:
        refused(self.rank(faces), 2, "--fake")

    @pytest.mark.parametrize("given", ["a", "a=", "=a"])
    def test_a_model_without_name_or_folder(self, given: str, faces: Path) -> None:
        refused(self.rank(faces, "--fake", given), 2, repr(given), "--fake NAME=DIR")

    def test_two_models_of_one_name(self, faces: Path) -> None:
        refused(self.rank(faces, "--fake", f"a={faces}", "--fake", f"a={faces}"), 2, "one name", "NAME=DIR")

    def test_an_unknown_protocol(self, faces: Path) -> None:
        refused(self.rank(faces, "--fake", f"a={faces}", "--protocol", "papr"), 2, "'papr'", "'paper'")

    def test_a_missing_folder(self, faces: Path, tmp_path: Path) -> None:
        refused(self.rank(faces, "--fake", f"a={tmp_path / 'none'}"), 1, str(tmp_path / "none"))

    def test_a_folder_without_images(self, faces: Path, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_text("hello")
        refused(self.rank(faces, "--fake", f"a={tmp_path}"), 1, str(tmp_path))

    def test_a_folder_with_one_image(self, faces: Path, tmp_path: Path, draw) -> None:
        refused(self.rank(faces, "--fake", f"one={draw(tmp_path / 'one', count=1)}"), 2, "'one'")

    def test_a_report_in_a_missing_folder(self, faces: Path, tmp_path: Path) -> None:
        said = self.rank(faces, "--fake", f"a={faces}", "--report", tmp_path / "none" / "report.html")
        refused(said, 2, str(tmp_path / "none"), "--report")

    def test_an_array_with_nan(self, faces: Path, tmp_path: Path) -> None:
        np.save(tmp_path / "a.npy", np.full((4, 3, 16, 16), np.nan))
        refused(self.rank(faces, "--fake", f"a={tmp_path / 'a.npy'}"), 2, "'a'", "NaN")

    def test_a_file_that_holds_no_array(self, faces: Path, tmp_path: Path) -> None:
        (tmp_path / "a.npy").write_text("hello")
        refused(self.rank(faces, "--fake", f"a={tmp_path / 'a.npy'}"), 1, "a.npy", "array of numbers")

    def test_several_arrays_without_the_expected_name(self, faces: Path, tmp_path: Path) -> None:
        np.savez(tmp_path / "a.npz", x=np.zeros(3), y=np.zeros(3))
        refused(self.rank(faces, "--fake", f"a={tmp_path / 'a.npz'}"), 1, "x, y", '"images"')

    def test_an_array_of_two_channels(self, faces: Path, tmp_path: Path) -> None:
        np.save(tmp_path / "a.npy", np.zeros((4, 16, 16, 2), np.uint8))
        refused(self.rank(faces, "--fake", f"a={tmp_path / 'a.npy'}"), 2, "'a'", "channels (got 2 ")

    def test_another_measure_or_feature_network(self, faces: Path) -> None:
        refused(self.rank(faces, "--fake", f"a={faces}", "--also", "fdi"), 2, "'fdi'", "'fid'")
        said = self.rank(faces, "--fake", f"a={faces}", "--also", "fid", "--features", "classifer")
        refused(said, 2, "'classifer'", "TorchScript")

    def test_fewer_images_than_a_batch_are_ranked_with_a_warning(self, faces: Path, tmp_path: Path, draw) -> None:
        said = done(self.rank(faces, "--fake", f"few={draw(tmp_path / 'few', count=3)}"))
        assert "'few' (3)" in said.err
        assert "few: " in said.out

    @pytest.mark.parametrize("given", [("--size", "0"), ("--seed", "-1")])
    def test_a_number_out_of_range(self, given: tuple[str, str], faces: Path) -> None:
        refused(self.rank(faces, "--fake", f"a={faces}", *given), 2, given[1])


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    said = call("evaluate", tmp_path / "none", "--data", tmp_path, "--debug")
    assert said.status == 1
    assert "Traceback" in said.err
    assert said.err.splitlines()[-1].startswith("edgan: error: There is no run at")


def test_no_verb_shows_the_help_with_status_2() -> None:
    said = call()
    assert (said.status, said.out) == (2, "")
    assert "reconstruct" in said.err


def test_a_defect_is_reported_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgan.api.methods", lambda: 1 / 0)
    said = call("methods")
    assert said.status == 1
    assert said.err.startswith("edgan: error: ZeroDivisionError")
    assert "Traceback" not in said.err


def test_a_right_call_with_equal_words_still_works(faces: Path) -> None:
    done(call("explain", "ed-slash-gan", "--size", "32", "--route", "adversarial.decoder=linear(0,1,5000)"))


def test_an_error_of_one_parameter_names_its_flag(trained: Path, faces: Path, tmp_path: Path) -> None:
    said = call("invert", trained, faces, tmp_path / "out", "--steps", "0")
    refused(said, 2, "--steps must be at least 1 (got 0).")


def test_a_value_error_that_is_no_usage_error_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ValueError("deep inside")

    monkeypatch.setattr("edgan.api.methods", fail)
    said = call("methods")
    assert said.status == 1
    assert said.err.startswith("edgan: error: ValueError: deep inside. This is a defect")
