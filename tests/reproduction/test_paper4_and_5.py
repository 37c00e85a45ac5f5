"""Papers 4 and 5's rows: a tiny training of drawn facades and what is read off it; the judges at hand-made figures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from edgan.config import configure
from edgan.methods import Shape
from reproduction.framework.schedule import with_needs
from reproduction.framework.schema import BudgetSpentError, Place, Unit
from reproduction.framework.verdict import FAILS, HOLDS
from reproduction.paper4 import rendered_variation
from reproduction.paper4.objectives import FEATURES, READINGS
from reproduction.paper4.rendered_variation import train_on_rendered
from reproduction.paper5 import kl_course
from reproduction.paper5.loss_curves import stretch
from reproduction.paper5.stability import unsteady, unsteady_error
from reproduction.paper5.variants import BEST, PLAIN
from reproduction.rows import ROWS
from reproduction.units.pictures import load_pictures
from reproduction.units.ranking import rank_models
from reproduction.units.translators import losses_of, train_translator
from tests.reproduction.judged_rows import drift, final_units, unit_keys, verdict

IDS = ("4.1", "4.2", "4.3", "4.4+", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8")


@pytest.fixture(scope="module")
def sets(rendered: Callable[..., Path]) -> Path:
    """DATA/facades with rendered facades."""
    return rendered("facades", "facades", 170)


def test_a_translator_is_trained_and_drawn_in_variants(sets: Path, tmp_path: Path) -> None:
    unit = final_units("4.3", "toy")[0].needs[-1]
    result = train_translator(unit, Place(tmp_path, {"facades": sets / "facades"}, "cpu"))
    assert len(result["losses"]["reconstruction"]) == unit.options["training"]["steps"]
    assert len(result["bands"]["output"]) == len(result["variants"]["octaves"]) == 4
    assert result["variants"]["base"] == result["untrained"]["base"] == 0
    assert result["untrained"]["octaves"] != result["variants"]["octaves"]
    assert result["train"]["mse_output"] != result["figures"]["mse_output"]
    assert load_pictures(tmp_path, unit)["output"].shape == (17, 3, 32, 32)


def test_steps_are_timed_in_turn(sets: Path, tmp_path: Path) -> None:
    whole = final_units("5.8", "toy")[-1]
    unit = Unit(whole.name, whole.work, {name: whole.options[name] for name in ("pix2pix", "v4")}, seed=1)
    result = unit.work(unit, Place(tmp_path, {"facades": sets / "facades"}, "cpu"))
    assert result["seconds"].keys() == {"pix2pix", "v4"}
    assert min(result["seconds"].values()) > 0
    assert not list(tmp_path.iterdir()), "nothing is saved"


def test_rows_share_their_trainings() -> None:
    def trainings(*names: str) -> set[str]:
        return unit_keys(*names, work=train_translator)

    seeds = ROWS["4.1"].scales["small"].seeds
    assert trainings("4.1") == trainings("4.2") == trainings("4.3")
    assert len(trainings("4.4+") - trainings("5.1")) == 5 * seeds
    assert trainings("5.1") == trainings("5.2") > trainings("5.3", "5.4")
    assert len(trainings(*IDS)) == (4 + 5 + 13 + len(["unlinked", "v4 with tail", "uuvae-gan-kls"])) * seeds


def test_a_followed_training_is_measured_at_each_tenth_and_goes_on_where_it_stopped(sets: Path, tmp_path: Path) -> None:
    unit = final_units("5.11", "toy")[0]
    whole = kl_course.follow(unit, Place(tmp_path / "whole", {"facades": sets / "facades"}, "cpu"))
    assert len(whole["fake"]) == len(whole["real"]) == kl_course.TENTHS
    assert len(set(whole["fake"])) == kl_course.TENTHS
    ticks = iter(range(1000))

    class Interrupted(Place):
        def tick(self, *_: Any) -> None:
            if next(ticks) % 7 == 6:
                raise BudgetSpentError("The budget is spent.")

    again = None
    while again is None:
        with contextlib.suppress(BudgetSpentError):
            again = kl_course.follow(unit, Interrupted(tmp_path / "parts", {"facades": sets / "facades"}, "cpu"))
    assert again == whole


def test_the_plain_unet_is_the_generator_without_its_game() -> None:
    (unet,) = (unit for unit in final_units("5.9") if unit.options["model"] == "U-Net" and unit.seed == 0)
    configuration = configure("uu-net", "small", unet.options["set"], unet.options["route"], size=64)
    plan = configuration.build(Shape(64, 3, source_channels=3)).plan
    assert {term.name for term, _ in plan.table.column("decoder")} == {"reconstruction"}
    assert {term.name for term, _ in plan.table.column("encoder")} == {"reconstruction"}


Made = Callable[[str, int], Mapping[str, Any]]


def result(**differing: Any) -> dict[str, Any]:
    """The output of a training, as `train_translator` returns it."""
    figures = {"psnr_output": 12.0, "ssim_output": 0.1, "mse_output": 0.2, **differing.pop("figures", {})}
    return {
        "figures": figures,
        "train": {**figures, **differing.pop("train", {})},
        "losses": {name: [1.0, 1.1] * 50 for name in ("reconstruction", "discrimination")},
        "bands": {"output": [0.1, 0.5, 1.0, 1.0]},
        "peak": 1.0,
        "variants": {"octaves": [1e-2, 1e-3, 1e-4], "grey_levels": 5.0, "base": 0.0},
        "untrained": {"octaves": [1e-3, 1e-3, 1e-4], "grey_levels": 1.0, "base": 0.0},
        "true": [1e-2, 1e-2, 1e-2],
        **differing,
    }


def judged(name: str, made: Made, scores: Callable[[str, int], float] = lambda _name, _seed: 0.25) -> str:
    """The verdict of a row on trainings (model, seed) -> output, and rankings (model, seed) -> score."""
    outputs: dict[str, Any] = {}
    for unit in with_needs(final_units(name)):
        if unit.work in (train_translator, train_on_rendered):
            outputs[unit.key] = made(unit.options["model"], unit.seed)
        elif unit.work is rank_models:
            values = {model: scores(model, unit.seed) for model in unit.options["models"]}
            pairs = {a: {b: float(values[a] > values[b]) for b in values} for a in values}
            areas = {model: 3 * value for model, value in values.items()}
            outputs[unit.key] = {"scores": values, "pair_probabilities": pairs, "areas": areas, "real_area": 5.0}
        else:
            outputs[unit.key] = {"seconds": {model: seconds(model, unit) for model in unit.options}}
    return verdict(name, outputs)


def seconds(model: str, unit: Unit) -> float:
    return {"pix2pix": 1.0, "v4": 3.0}.get(model, 2.0) + 0.01 * unit.seed


def scored(best: str) -> Callable[[str, int], float]:
    return lambda name, seed: 0.2 + drift(seed) + 0.1 * (name == best)


def sharpened(model: str, seed: int) -> dict[str, Any]:
    """L1 blurred, the perceptual loss sharp with a grid."""
    share = 0.1 if model == "L1" else 0.7
    return result(bands={"output": [share + drift(seed), 1.0]}, peak=20.0 if model == "perceptual" else 1.0)


def test_blur_grid_and_artefacts_are_three_findings() -> None:
    with_gan = scored("perceptual-GAN")
    assert judged("4.1", sharpened, with_gan) == HOLDS
    assert judged("4.1", lambda model, seed: {**sharpened(model, seed), "peak": 1.0}, with_gan) == FAILS
    assert judged("4.1", sharpened, scored("perceptual")) == FAILS


def test_grit_must_rank_above_all_three() -> None:
    assert judged("4.2", lambda *_: result(), scored("GRIT")) == HOLDS
    assert judged("4.2", lambda *_: result(), scored("perceptual-GAN")) == FAILS


@pytest.mark.parametrize(
    "other",
    [
        {"octaves": [1e-4, 1e-4, 1e-4], "grey_levels": 5.0, "base": 0.0},
        {"octaves": [1e-12, 1e-12, 1e-12], "grey_levels": 5.0, "base": 0.0},
        {"octaves": [1e-2, 1e-3, 1e-4], "grey_levels": 0.1, "base": 0.0},
        {"octaves": [1e-2, 1e-3, 1e-4], "grey_levels": 5.0, "base": 0.1},
    ],
)
def test_variants_must_differ_finely_visibly_and_above_a_base_that_stays(other: Mapping[str, Any]) -> None:
    assert judged("4.3", lambda *_: result(), scored("GRIT")) == HOLDS
    assert judged("4.3", lambda *_: result(variants=other), scored("GRIT")) == FAILS


@pytest.mark.parametrize(("finest", "found"), [(1e-1, FAILS), (1e-3, FAILS), (2e-2, HOLDS)])
def test_variants_differ_about_as_much_as_renderings_of_one_map(finest: float, found: str) -> None:
    assert judged("4.3", lambda *_: result(true=[finest, 1e-2, 1e-2]), scored("GRIT")) == found


def test_renderings_of_one_map_differ_in_every_octave() -> None:
    few, more = (rendered_variation.true_variation(32, 0, count) for count in (2, 4))
    assert len(few) == 4
    assert min(few) > 0
    assert few != more


def test_grit_is_trained_on_rendered_facades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered_variation, "COUNT", 170)
    unit = final_units("4.3", "toy")[1]
    result = train_on_rendered(unit, Place(tmp_path, {}, "cpu"))
    assert len(result["true"]) == len(result["variants"]["octaves"])
    assert len(list((tmp_path / "sets").glob("*/test/*.png"))) == 17


def test_variants_of_an_untrained_model_do_not_pass() -> None:
    def made(_model: str, seed: int) -> dict[str, Any]:
        fine = {"octaves": [1e-2 * (1 + drift(seed)), 1e-3, 1e-4], "grey_levels": 5.0, "base": 0.0}
        return result(variants=fine, untrained={**fine, "octaves": [2e-2, 1e-3, 1e-4]})

    assert judged("4.3", made, scored("GRIT")) == FAILS


def test_no_weight_needs_tuning_where_grit_is_flat_and_pix2pix_is_not() -> None:
    def moves(method: str) -> Callable[[str, int], float]:
        return lambda name, seed: 0.15 + drift(seed) + (0.2 if name == f"{method} x 10" else 0.0)

    assert judged("4.4+", lambda *_: result(), moves("Pix2Pix")) == HOLDS
    assert judged("4.4+", lambda *_: result(), moves("GRIT")) == FAILS


def measured(**best: str) -> Made:
    """Figures in which one model each has the best MSE and PSNR, or the best SSIM."""

    def made(model: str, seed: int) -> dict[str, Any]:
        near, alike = model == best.get("near"), model == best.get("alike")
        figures = {"mse_output": 0.2 - 0.1 * near, "psnr_output": 12.0 + near, "ssim_output": 0.1 + 0.1 * alike}
        return result(figures={name: value + drift(seed) for name, value in figures.items()})

    return made


def test_the_best_row_must_be_ahead_of_pix2pix_and_of_the_best_other() -> None:
    assert judged("5.1", measured(near="uuvae-gan-kl0.65")) == HOLDS
    assert judged("5.1", measured(near="v2")) == FAILS
    assert judged("5.2", measured(alike="uuvae-gan-ckl")) == HOLDS
    assert judged("5.2", measured(alike="pix2pix")) == FAILS


def test_more_of_the_kl_must_be_better_each_time() -> None:
    def sweep(order: Sequence[str]) -> Made:
        def made(model: str, seed: int) -> dict[str, Any]:
            place = order.index(model)
            return result(figures={"mse_output": 0.3 - 0.05 * place + drift(seed), "psnr_output": 10.0 + place})

        return made

    rising = ["uuvae-gan", "uuvae-gan-kl0.4", "uuvae-gan-kl0.65"]
    assert judged("5.3", sweep(rising)) == HOLDS
    assert judged("5.3", sweep([rising[0], rising[2], rising[1]])) == FAILS


def test_overfitting_is_a_gap_between_training_and_test_pairs() -> None:
    def gap(models: Sequence[str]) -> Made:
        return lambda model, seed: result(train={"mse_output": 0.1 + drift(seed) if model in models else 0.19})

    assert judged("5.4", gap(PLAIN)) == HOLDS
    assert judged("5.4", gap(["pix2pix", "uuvae-gan-kl0.65"])) == FAILS


def run(term: str, low: Sequence[str], values: Sequence[float]) -> Made:
    """Losses that alternate between 1 and 1.1, except these values for some models."""

    def made(model: str, seed: int) -> dict[str, Any]:
        output = result()
        if model in low:
            output["losses"][term] = [value + drift(seed) for value in values]
        return output

    return made


def test_v4_must_learn_to_reconstruct_fastest_early_on() -> None:
    quick = [0.5] * 50 + [1.1] * 50
    assert judged("5.5", run("reconstruction", ["v4"], quick)) == HOLDS
    assert judged("5.5", run("reconstruction", ["v2"], quick)) == FAILS
    assert stretch(range(100), (0.1, 0.5)) == 29.5


def test_a_linked_discriminator_is_weaker_only_if_the_links_are_why() -> None:
    assert judged("5.6", run("discrimination", PLAIN, [1.3] * 100)) == HOLDS
    assert judged("5.6", run("discrimination", [*PLAIN, "unlinked"], [1.3] * 100)) != HOLDS


def calm(models: Sequence[str]) -> Made:
    """Both losses steady in some models, jumping in the others."""

    def made(model: str, seed: int) -> dict[str, Any]:
        height = 0.01 if model in models else 0.4 + drift(seed)
        return result(losses=dict.fromkeys(("reconstruction", "discrimination"), [1.0, 1.0 + height] * 50))

    return made


def test_the_tail_calms_where_losses_jump_less_with_it() -> None:
    assert judged("5.7", calm(["uuvae-gan-tail-kl", "v4 with tail"])) == HOLDS
    assert judged("5.7", calm(["uuvae-gan-kl0.65", "v4"])) == FAILS


def test_an_l1_and_a_squared_error_of_one_error_are_equally_steady() -> None:
    error = [0.5 + 0.1 * (step % 2) for step in range(100)]
    squared = [value**2 for value in error]
    own, theirs = ({"losses": {"reconstruction": losses}} for losses in (error, squared))
    assert unsteady_error("v4", [theirs]) == pytest.approx(unsteady_error("pix2pix", [own]))
    assert unsteady([theirs], "reconstruction")[0] > 1.5 * unsteady([own], "reconstruction")[0]


def test_the_tail_is_not_judged_by_the_discriminators_loss() -> None:
    def jumping(model: str, seed: int) -> dict[str, Any]:
        steady = "tail" in model
        heights = {"reconstruction": 0.01 if steady else 0.4 + drift(seed), "discrimination": 0.4 if steady else 0.01}
        return result(losses={term: [1.0, 1.0 + height] * 50 for term, height in heights.items()})

    assert judged("5.7", jumping) == HOLDS


def test_table_2_wants_steadier_and_slower_linked_networks() -> None:
    assert judged("5.8", calm(["v1", "v4"])) == HOLDS
    assert judged("5.8", calm(["pix2pix"])) == FAILS


def test_losses_are_read_off_the_log_without_what_a_lazy_term_leaves_out() -> None:
    log = [{"losses": {"a": 1.0, "b": None}}, {"held_out": {}}, {"losses": {"a": 2.0, "b": 3.0}}]
    assert losses_of(log) == {"a": [1.0, 2.0], "b": [3.0]}


@pytest.mark.parametrize(
    ("name", "reads"), [("GRIT", False), ("GRIT, one trunk", False), ("perceptual, pretrained", True)]
)
def test_a_reading_of_grit_is_one_that_the_method_takes(name: str, reads: bool) -> None:
    configuration = configure("grit", "small", READINGS[name], size=64)
    plan = configuration.build(Shape(64, 3, source_channels=3)).plan
    assert ("residual_trunk" in plan.table.networks) == (name == "GRIT")
    assert any(tap.method == "pretrained_maps" for tap in plan.taps) == (name == FEATURES)


def test_both_readings_of_grit_must_rank_above_pretrained_features() -> None:
    assert judged("4.5+", lambda *_: result(), lambda n, seed: 0.2 + drift(seed) + 0.2 * n.startswith("GRIT")) == HOLDS
    assert judged("4.5+", lambda *_: result(), scored("GRIT")) != HOLDS
    assert judged("4.5+", lambda *_: result(), scored("perceptual, pretrained")) == FAILS


def better(*models: str) -> Made:
    """These models have a smaller error than all others."""

    def made(model: str, seed: int) -> dict[str, Any]:
        ahead = model in models
        return result(figures={"mse_output": 0.2 - 0.05 * ahead + drift(seed), "psnr_output": 12 + ahead + drift(seed)})

    return made


def test_the_best_variant_must_beat_the_plain_unet_and_pix2pix() -> None:
    assert judged("5.9", better(BEST)) == HOLDS
    assert judged("5.9", better("U-Net")) == FAILS
    assert judged("5.9", better("pix2pix", BEST)) != HOLDS


def test_a_larger_share_of_real_pictures_must_be_better() -> None:
    assert judged("5.12", better("real share 0.65")) == HOLDS
    assert judged("5.12", better("real share 0.4")) == FAILS


def linked(early: Mapping[str, float], late: Mapping[str, float]) -> Made:
    """Trainings whose reconstruction loss has one mean in the first half and another in the second."""

    def made(model: str, seed: int) -> dict[str, Any]:
        first, last = early.get(model, 1.0) + drift(seed), late.get(model, 0.5) + drift(seed)
        return result(losses={"reconstruction": [first] * 50 + [last] * 50})

    return made


def test_single_links_are_worse_better_worse_and_catch_up() -> None:
    early = {"v1": 1.2, "v2": 0.8, "v3": 1.1}
    assert judged("5.10", linked(early, {})) == HOLDS
    assert judged("5.10", linked({**early, "v2": 1.2}, {})) == FAILS
    assert judged("5.10", linked(early, {"v3": 0.6})) == FAILS


@pytest.mark.parametrize(("growth", "expected"), [(1.0, HOLDS), (-1.0, FAILS)])
def test_the_kl_at_translated_pictures_must_grow(growth: float, expected: str) -> None:
    outputs = {
        unit.key: {kind: [10 + growth * tenth + drift(unit.seed) for tenth in range(10)] for kind in ("real", "fake")}
        for unit in final_units("5.11")
    }
    assert verdict("5.11", outputs) == expected
