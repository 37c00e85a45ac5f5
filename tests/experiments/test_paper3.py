"""Paper 3's rows: a tiny one from drawn digits to its result, and the judges at hand-made figures."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgan.experiments import reproduce
from edgan.experiments.paper3 import inverters, table1
from edgan.experiments.spec import Unit
from edgan.experiments.verdicts import FAILS, HOLDS, verdict_of


def idx(path: Path, values: np.ndarray) -> None:
    """Write an IDX file, as MNIST is published."""
    head = bytes([0, 0, 8, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape)
    path.write_bytes(gzip.compress(head + values.astype(np.uint8).tobytes()))


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DATA/fashion-mnist with blurred noise in the place of garments."""
    folder = tmp_path_factory.mktemp("sets") / "fashion-mnist"
    folder.mkdir()
    noise = np.random.default_rng(0)
    for name, count in (("train", 160), ("t10k", 24)):
        idx(folder / f"{name}-images-idx3-ubyte.gz", noise.integers(0, 256, (count, 28, 28)))
        idx(folder / f"{name}-labels-idx1-ubyte.gz", np.arange(count) % 10)
    return folder.parent


@pytest.mark.parametrize("name", ["3.1", "3.4"])
def test_a_tiny_row_runs_to_its_figures(name: str, sets: Path, tmp_path: Path) -> None:
    (result,) = reproduce(name, scale="toy", data=sets, out=tmp_path, workers=1)
    assert result.done == result.of
    assert all(np.isfinite(one.mean) for one in result.figures.values())


def result(psnr: float, end: float) -> dict[str, Any]:
    limits = {str(k): {"psnr": end, "ssim": end / 30, "ms": 1.0} for k in inverters.SCALES["small"].limits}
    counts = {"1000": psnr, "10000": psnr}
    return {
        "psnr": psnr,
        "ssim": psnr / 30,
        "ms": 0.1,
        "parameters": 10,
        "counts": counts,
        "limits": limits,
        "adam": limits,
    }


FINALS = [Unit(f"one-{seed}", print, seed=seed) for seed in range(3)]


def found(cn: float, encoder: float, hybrid: float, igan: float) -> dict[str, dict[str, Any]]:
    """Figures of three seeds that differ by little."""
    return {
        unit.key: {
            "connection": result(cn + 0.01 * unit.seed, hybrid + 0.01 * unit.seed),
            "encoder": result(encoder - 0.01 * unit.seed, igan - 0.01 * unit.seed),
        }
        for unit in FINALS
    }


def verdict(judge: Any, figures: dict[str, Any]) -> str:
    return verdict_of(judge(inverters.SCALES["small"], FINALS, figures).checks, 1, 1)


def test_the_connection_network_must_beat_the_encoder() -> None:
    assert verdict(inverters.judge_encoder, found(17, 15, 20, 19)) == HOLDS
    assert verdict(inverters.judge_encoder, found(15, 17, 20, 19)) == FAILS


def test_hybrid_must_beat_igan_and_igan_both_alone() -> None:
    assert verdict(inverters.judge_hybrid, found(17, 15, 20, 19)) == HOLDS
    assert verdict(inverters.judge_hybrid, found(17, 15, 18, 19)) == FAILS
    assert verdict(inverters.judge_hybrid, found(17, 15, 17, 16)) == FAILS


def test_every_gan_must_beat_vae_and_ali() -> None:
    def scores(vae: float) -> dict[str, Any]:
        models = dict.fromkeys(table1.GANS, 16.0) | {"vae": vae, "ali": 12.0}
        return {
            u.key: {
                name: {"psnr": x + 0.01 * u.seed * (x > 15), "ssim": x / 30 + 0.001 * u.seed * (x > 15)}
                for name, x in models.items()
            }
            for u in FINALS
        }

    assert verdict(table1.judge, scores(12)) == HOLDS
    assert verdict(table1.judge, scores(20)) == FAILS
