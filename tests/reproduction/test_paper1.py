"""Paper 1's rows: a tiny one from rendered faces to its result, and the judges at hand-made scores."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from reproduction import reproduce
from reproduction.claims import BY_ID
from reproduction.framework.gates import BeatsMeanPicture
from reproduction.framework.results import SCALES
from reproduction.framework.schedule import with_needs
from reproduction.framework.schema import TRAINED_SECONDS, BudgetSpentError, Place, Row, Unit
from reproduction.paper1 import adaptations, boost, coupling, lambda_study
from reproduction.requirements import REQUIREMENTS
from reproduction.rows import ROWS
from reproduction.units import ranking
from reproduction.units.pictures import load_pictures
from reproduction.units.training import train_model
from tests.reproduction.judged_rows import DATA_KEYS, drift, final_units, unit_keys, verdict


@pytest.fixture(scope="module")
def sets(rendered: Callable[..., Path]) -> Path:
    """DATA/utkface with rendered faces."""
    return rendered("utkface", "faces", 120)


@pytest.mark.parametrize(("name", "scale"), [(name, scale) for name, row in ROWS.items() for scale in row.scales])
def test_a_row_has_units_and_a_protocol_at_every_scale(name: str, scale: str) -> None:
    row = ROWS[name]
    assert {"toy", "small", "paper"} <= set(row.scales) <= set(SCALES)
    finals = row.units(row.scales[scale], DATA_KEYS)
    assert len({unit.seed for unit in finals}) >= 2, "an interval needs two seeds"
    assert len({unit.key for unit in with_needs(finals)}) == len(with_needs(finals))
    assert row.protocol(row.scales[scale]).endswith(".")
    assert set(BY_ID[name].data) <= set(DATA_KEYS)


def test_rows_share_their_trainings() -> None:
    def trainings(*names: str) -> set[str]:
        return unit_keys(*names, work=train_model)

    tables = trainings("1.2", "1.3")
    assert trainings("1.4") == tables
    assert trainings("1.7") <= tables
    assert trainings("1.6") <= tables
    assert len(trainings("1.5+") - tables) == 4 * ROWS["1.5+"].scales["small"].seeds


def test_ed_alone_is_ranked_as_the_base_of_ed_slash_gan(tmp_path: Path) -> None:
    (final, *_) = ROWS["1.3"].units(ROWS["1.3"].scales["toy"], {"utkface": "k"})
    layers = {"output": 1.0, "base": -1.0, "residual": 0.0}
    ranked: dict[str, torch.Tensor] = {}

    def kept(_real: torch.Tensor, pictures: Mapping[str, torch.Tensor], *_: Any) -> dict[str, Any]:
        ranked.update(pictures)
        return {}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ranking, "real_of", lambda *_: torch.zeros(1))
        patched.setattr(ranking, "load_pictures", lambda *_: {name: torch.tensor(x) for name, x in layers.items()})
        patched.setattr(ranking, "ranked", kept)
        ranking.rank_models(final, Place(tmp_path, {}))
    assert len(ranked) == 9
    assert ranked["ED alone"] == layers["base"]
    assert ranked["ED//GAN 1"] == layers["output"]


def test_the_toy_example_runs(tmp_path: Path) -> None:
    (result,) = reproduce("1.1", scale="toy", out=tmp_path, workers=1)
    assert (result.done, result.of) == (3, 3)
    assert 0 < result.figures["NRDS of the closer set, n = 20"].mean < 1
    assert (tmp_path / "1.1-toy.json").exists()


def test_the_boost_runs_from_faces_to_a_result(sets: Path, tmp_path: Path) -> None:
    (result,) = reproduce("1.6", scale="toy", data=sets, out=tmp_path, workers=1, device="cpu")
    assert (result.done, result.of) == (4, 4)
    assert sum(result.data[0].images.values()) == 120
    (gate,) = (gate for gate in REQUIREMENTS["1.6"] if isinstance(gate, BeatsMeanPicture))
    assert [name for name in result.figures if re.fullmatch(gate.figures, name)] == ["PSNR of the base, dB"]
    assert len(list((tmp_path / "work" / "figures").glob("*.png"))) == 4
    assert not list((tmp_path / "work" / "runs").glob("*/checkpoints"))


def test_a_training_stopped_by_the_budget_resumes_from_its_checkpoint(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scale = ROWS["1.3"].scales["toy"]
    sized = lambda_study.Scale(scale.seeds, {**scale.training, "steps": 8}, scale.set, scale.ranking)
    unit = lambda_study.model_unit(sized, "a key", "ED//GAN", "none", 1.0, seed=0)
    place = Place(tmp_path / "resumed", {"utkface": sets / "utkface"}, "cpu")
    seen: list[int] = []

    def tick(_self: Place, *progress: Any) -> None:
        seen.append(progress[0].step)
        if len(seen) == 5:
            raise BudgetSpentError("The budget is spent.")

    with monkeypatch.context() as patched:
        patched.setattr(Place, "tick", tick)
        with pytest.raises(BudgetSpentError):
            train_model(unit, place)
        resumed = train_model(unit, place)
    assert seen == [1, 2, 3, 4, 5, 5, 6, 7, 8], "it resumed from the checkpoint of step 4"
    whole = train_model(unit, Place(tmp_path / "whole", place.data, "cpu"))
    assert min(resumed.pop(TRAINED_SECONDS), whole.pop(TRAINED_SECONDS)) > 0
    assert resumed == whole
    pictures = [load_pictures(folder, unit)["output"] for folder in (place.folder, tmp_path / "whole")]
    assert torch.equal(*pictures)
    # Its checkpoints are discarded by now. A unit that is stopped before its output is stored is trained again.
    again = train_model(unit, place)
    assert again.pop(TRAINED_SECONDS) > 0
    assert again == whole


Scores = Callable[[str, int], float]


def same_residual(_unit: Unit) -> float:
    return 0.1


def judged(
    row: Row,
    scores: Scores,
    trained: Mapping[str, Any] | None = None,
    residual: Callable[[Unit], float] = same_residual,
) -> str:
    """The verdict of a row on rankings with these scores, (model, seed) -> NRDS."""
    figures = {"psnr_output": 20.0, "psnr_base": 20.0, "spread": 1.0}
    outputs: dict[str, Any] = {}
    for unit in final_units(row.id):
        values = {name: scores(name, unit.seed) for name in unit.options["models"]}
        pairs = {a: {b: float(values[a] > values[b]) for b in values} for a in values}
        outputs[unit.key] = {"scores": values, "pair_probabilities": pairs}
        for need in unit.needs:
            measured = {**figures, "residual": residual(need)}
            outputs[need.key] = {"figures": measured, "non_finite": 0, **(trained or {})}
    return verdict(row, outputs)


def noise(seed: int) -> float:
    return drift(seed, 0.0005)


def weight(name: str) -> float:
    return float(name.split()[-1])


def moves(method: str, size: float) -> Scores:
    """Scores that one method's weight moves by a size, and the other's does not."""

    def scores(name: str, seed: int) -> float:
        return 0.125 + (size * weight(name) * (1 + noise(seed)) if name.startswith(method) else noise(seed))

    return scores


def test_the_spread_holds_only_if_the_coupled_method_is_the_one_that_moves() -> None:
    assert judged(ROWS["1.2"], moves("ED+GAN", 0.05)) == "holds"
    assert judged(ROWS["1.3"], moves("ED//GAN", 0.05)) == "does not hold"


def test_adam_is_the_reason_if_plain_sgd_moves_with_the_weight_and_adam_does_not() -> None:
    def grows(unit: Unit) -> float:
        return 0.1 * float(unit.options["route"]["adversarial.generator"]) if "-sgd-" in unit.name else 0.1

    assert judged(ROWS["1.5+"], moves("SGD", 0.05), residual=grows) == "holds"
    assert judged(ROWS["1.5+"], moves("Adam", 0.05), residual=grows) == "does not hold"


def test_tables_show_the_psnr_that_the_gate_of_the_mean_picture_reads() -> None:
    row = ROWS["1.2"]
    finals = final_units("1.2")
    outputs: dict[str, Any] = {
        unit.key: {"scores": {name: 0.1 + 0.01 * i for i, name in enumerate(unit.options["models"])}} for unit in finals
    }
    measured = {"psnr_output": 15.0, "psnr_base": 16.0}
    trained = {
        need.key: {"figures": {name: value + need.seed for name, value in measured.items()}}
        for unit in finals
        for need in unit.needs
    }
    figures = row.judge(row.scales["small"], finals, outputs | trained).figures
    (gate,) = (gate for gate in REQUIREMENTS["1.2"] if isinstance(gate, BeatsMeanPicture))
    assert len([name for name in figures if re.fullmatch(gate.figures, name)]) == 8, "all but ED+GAN at weight 1"
    assert figures["PSNR ED alone, dB"].values == (16.0, 17.0, 18.0, 19.0, 20.0)
    assert figures["PSNR ED//GAN 0.1, dB"].values == (15.0, 16.0, 17.0, 18.0, 19.0)


def test_the_order_must_hold_at_every_weight() -> None:
    def above(name: str, seed: int) -> float:
        return 0.13 + noise(seed) if name.startswith("ED//") else 0.1

    def except_at_one_weight(name: str, seed: int) -> float:
        return 0.14 + noise(seed) if name == "ED+GAN 0.1" else above(name, seed)

    assert judged(ROWS["1.4"], above) == "holds"
    assert judged(ROWS["1.4"], except_at_one_weight) == "does not hold"


def test_a_single_non_finite_step_of_ed_slash_gan_refutes_its_stability() -> None:
    def unsteady(name: str, seed: int) -> float:
        return 0.125 + (0.01 * seed * (1 + weight(name)) if name.startswith("ED+") else noise(seed))

    assert judged(ROWS["1.7"], unsteady) == "holds"
    assert judged(ROWS["1.7"], unsteady, {"non_finite": 1}) == "does not hold"


def test_a_dial_that_turns_back_is_not_monotone() -> None:
    def falls(name: str, seed: int) -> float:
        return 0.3 - 0.05 * coupling.COUPLINGS.index(float(name)) + noise(seed)

    def turns(name: str, seed: int) -> float:
        return falls(name, seed) + (0.15 if name == "0.1" else 0.0)

    assert judged(ROWS["1.10+"], falls) == "holds"
    assert judged(ROWS["1.10+"], turns) == "does not hold"


def test_keeping_up_allows_a_margin_and_first_does_not() -> None:
    def second(name: str, seed: int) -> float:
        return {"1": 0.2, "100": 0.27, "1000": 0.26}.get(name, 0.26) + noise(seed) * (name == adaptations.TWIN)

    def first(name: str, seed: int) -> float:
        return (0.28 if name == adaptations.TWIN else 0.24) + noise(seed)

    assert judged(ROWS["1.8"], second) == "holds"
    assert judged(ROWS["1.9"], first) == "holds"
    assert judged(ROWS["1.9"], lambda name, seed: first(name, seed) + 0.1 * (name == "0.01")) == "does not hold"


def test_the_gradient_is_large_on_an_edge_and_correlation_is_pearsons() -> None:
    step = torch.zeros(1, 3, 8, 8)
    step[..., 4:] = 1.0
    gradient = boost.gradient_magnitude(step)
    assert gradient[0, 1:-1, 3:5].min() == 0.5
    assert gradient[0, :, :3].max() == 0
    generator = torch.Generator().manual_seed(0)
    first, second = torch.rand(2, 5, 6, 6, generator=generator)
    expected = [
        torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1] for a, b in zip(first, second, strict=True)
    ]
    torch.testing.assert_close(boost.correlation(first, second), torch.stack(expected))


def test_units_of_a_training_depend_on_the_data() -> None:
    def key(data: str) -> str:
        unit: Unit = lambda_study.model_unit(ROWS["1.2"].scales["toy"], data, "ED+GAN", "batch", 0.1, 0)
        return unit.key

    assert key("first") != key("second")
