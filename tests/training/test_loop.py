"""The loop goes back where a loss is not finite, and whoever looks at a training does not change it."""

from __future__ import annotations

import math

import pytest
import torch
from training_toys import PowerCutError, assert_same_run, assert_same_tensors, last, log_without_time, train_tiny

from edgan.api.training import train
from edgan.errors import EdganError
from edgan.models.loading import load
from edgan.routing import Forward, Inputs, Term
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.training import observation
from edgan.training.ending import DivergedTrainingError
from edgan.training.feed import Feed
from edgan.training.loop import Trainer
from edgan.training.progress import Progress

STEPS = 11


@pytest.fixture
def spoil(monkeypatch):
    """`spoil(term, step, orders)`: the term is NaN at that step (from 0), in the first so many sample orders."""

    def install(term: str, step: int, orders: int) -> list[int]:
        spoilt: list[int] = []
        real_inputs, real_loss = Feed.inputs, Forward.loss

        def inputs(feed: Feed, at: int, draw: int = 0, shuffle: int = 0) -> Inputs:
            made = real_inputs(feed, at, draw, shuffle)
            if at == step and shuffle < orders:
                spoilt.append(id(made))
                keep_alive.append(made)
            return made

        def loss(forward: Forward, term_of_step: Term) -> torch.Tensor:
            value = real_loss(forward, term_of_step)
            return value * math.nan if term_of_step.name == term and id(forward.inputs) in spoilt else value

        keep_alive: list[Inputs] = []
        monkeypatch.setattr(Feed, "inputs", inputs)
        monkeypatch.setattr(Forward, "loss", loss)
        return spoilt

    return install


def weights_of(trainer: Trainer, *names: str) -> dict[str, torch.Tensor]:
    return {
        f"{name}/{key}": value.clone() for name in names for key, value in trainer.networks[name].named_parameters()
    }


@pytest.mark.parametrize(
    ("term", "untouched"),
    [
        ("discrimination", ("encoder", "decoder", "generator", "discriminator", "prior_discriminator")),
        ("penalty", ("encoder", "decoder", "generator", "discriminator", "prior_discriminator")),
        ("reconstruction", ("encoder", "decoder", "generator")),
        ("adversarial", ("encoder", "decoder", "generator")),
    ],
)
def test_a_loss_that_is_not_finite_is_named_and_its_pass_changes_no_weight(
    faces, tmp_path, monkeypatch, spoil, term, untouched
):
    spoil(term, 3, 1)
    before: dict[str, torch.Tensor] = {}
    after: dict[str, torch.Tensor] = {}
    real_advance, real_back = Trainer.advance, Trainer._roll_back

    def advance(trainer: Trainer):
        before.update(weights_of(trainer, *untouched))
        return real_advance(trainer)

    def roll_back(trainer: Trainer, trouble: str, at: int | None) -> None:
        after.update(weights_of(trainer, *untouched))
        assert trouble == f"the loss {term!r} is nan"
        real_back(trainer, trouble, at)
        raise PowerCutError

    monkeypatch.setattr(Trainer, "advance", advance)
    monkeypatch.setattr(Trainer, "_roll_back", roll_back)
    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "run", 5)
    assert before
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_rollback_goes_to_the_last_checkpoint_and_on_with_another_order(faces, tmp_path, spoil, monkeypatch):
    spoil("reconstruction", 7, 1)
    asked: list[tuple[int, int]] = []
    real = Feed.inputs

    def inputs(feed: Feed, step: int, draw: int = 0, shuffle: int = 0) -> Inputs:
        asked.append((step, shuffle))
        return real(feed, step, draw, shuffle)

    monkeypatch.setattr(Feed, "inputs", inputs)
    said: list[str] = []
    train_tiny(faces, tmp_path / "run", STEPS, warn=said.append)
    assert said == [
        "At step 7 the loss 'reconstruction' is nan. Training went back to step 6 and continues in another order."
    ]
    assert asked[-6:] == [(7, 0), (6, 1), (7, 1), (8, 1), (9, 1), (10, 1)]
    saved = last(tmp_path / "run")
    assert (saved.step, saved.state["rollbacks"]) == (STEPS, 1)
    steps = [line["step"] for line in log_without_time(tmp_path / "run") if "losses" in line]
    assert steps == list(range(1, STEPS + 1))


def test_the_weights_after_a_rollback_are_the_checkpoints(faces, tmp_path, spoil, monkeypatch):
    spoil("reconstruction", 7, 1)
    real = Trainer._roll_back

    def roll_back(trainer: Trainer, trouble: str, at: int | None) -> None:
        real(trainer, trouble, at)
        restored = trainer.state.snapshot(trainer.method.plan.table, trainer.dataset.key)
        assert_same_tensors(checkpoint.load(tmp_path / "run" / "checkpoints" / "step-00000006"), restored)
        raise PowerCutError

    monkeypatch.setattr(Trainer, "_roll_back", roll_back)
    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "run", STEPS)


@pytest.mark.parametrize("rollbacks", [0, 2])
def test_after_so_many_rollbacks_the_training_fails_with_a_sentence(faces, tmp_path, spoil, rollbacks):
    spoil("discrimination", 4, 100)
    said: list[str] = []
    with pytest.raises(
        EdganError, match=f"stopped at step 4: the loss 'discrimination' is nan, after {rollbacks}"
    ) as e:
        train_tiny(faces, tmp_path / "run", STEPS, set={"rollbacks": rollbacks}, warn=said.append)
    assert e.value.exit_status == 1
    assert "optimiser.lr" in str(e.value)
    assert len(said) == rollbacks
    assert last(tmp_path / "run").step == 3


# After step 7 the run has rolled back from 8 to 6 already; at 10 the rollback is in a checkpoint.
@pytest.mark.parametrize("step", [7, 10])
def test_a_run_that_rolled_back_is_resumed_exactly(faces, tmp_path, spoil, step):
    spoil("adversarial", 8, 1)
    train_tiny(faces, tmp_path / "whole", STEPS)
    times = 2 if step == 7 else 1

    def cut(progress: Progress) -> None:
        nonlocal times
        times -= progress.step == step
        if times == 0:
            times = -1
            raise PowerCutError

    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "cut", STEPS, watch=cut)
    train_tiny(faces, tmp_path / "cut", STEPS, resume=True)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")


def test_a_learning_rate_out_of_all_measure_ends_in_a_sentence(faces, tmp_path):
    with pytest.raises(EdganError, match=r"stopped at step \d+: the loss '\w+' is (nan|inf), after 3 rollbacks"):
        train_tiny(faces, tmp_path / "run", STEPS, set={"optimiser.lr": 1e38})
    assert all(value.isfinite().all() for value in last(tmp_path / "run").tensors["networks"].values())


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize(("method", "rate"), [("ed-slash-gan", 1e6), ("dcgan", 1e20)])
def test_looking_first_at_a_training_that_has_diverged_ends_in_the_same_sentence(faces, tmp_path, rate, every, method):
    often = {"optimiser.lr": rate, "evaluate_every": every, "preview_every": every, "checkpoint_every": 50}
    said: list[str] = []
    settings = often if method == "ed-slash-gan" else {**often, "network.width": 4}
    call = train_tiny if method == "ed-slash-gan" else train_dcgan
    with pytest.raises(DivergedTrainingError, match="after 3 rollbacks"):
        call(faces, tmp_path / "run", 40, set=settings, warn=said.append)
    assert len(said) == 3
    assert all(value.isfinite().all() for value in last(tmp_path / "run").tensors["networks"].values())


@pytest.mark.parametrize("what", ["weights", "pictures"])
def test_a_look_at_what_is_not_finite_goes_back(faces, tmp_path, monkeypatch, what):
    real_advance, real_rows = Trainer.advance, observation.rows
    looks: list[int] = []

    def advance(trainer: Trainer):
        losses = real_advance(trainer)
        if what == "weights" and trainer.step == 5 and trainer.rollbacks == 0:
            with torch.no_grad():
                next(trainer.networks["generator"].parameters()).fill_(math.inf)
        return losses

    def rows(*given):
        looks.append(1)
        pictures = real_rows(*given)
        spoilt = {"output": pictures["output"] * math.nan} if what == "pictures" and len(looks) == 1 else {}
        return {**pictures, **spoilt}

    monkeypatch.setattr(Trainer, "advance", advance)
    monkeypatch.setattr(observation, "rows", rows)
    said: list[str] = []
    train_tiny(faces, tmp_path / "run", 6, set={"evaluate_every": 5, "ema": 0.0}, warn=said.append)
    assert len(said) == 1
    assert said[0].startswith(f"At step 5 the {what}")
    assert "are not finite. Training went back to step 3" in said[0]


def test_a_method_that_only_samples_has_a_best_checkpoint(faces, tmp_path):
    train_dcgan(faces, tmp_path / "run", 6, set={"network.width": 4, "evaluate_every": 2, "checkpoint_every": 2})
    held = [line for line in RunFolder(tmp_path / "run").read_log() if "held_out" in line]
    assert all("energy_distance" in line["held_out"] for line in held)
    best = min(held, key=lambda line: line["held_out"]["energy_distance"])["step"]
    kept_best = checkpoint.best(tmp_path / "run" / "checkpoints")
    assert kept_best is not None
    assert kept_best.name == f"step-{best:08d}"


def test_verdicts_on_training_images_stand_beside_the_held_out_ones(faces, tmp_path):
    train_tiny(faces, tmp_path / "run", 2)
    (held,) = [line["held_out"] for line in RunFolder(tmp_path / "run").read_log() if "held_out" in line]
    assert {"d_train", "d_real", "d_fake"} <= held.keys()


def train_dcgan(faces, out, steps, *, set, **options):
    return train("dcgan", faces, out, size=32, batch=4, preset="small", steps=steps, device="cpu", set=set, **options)


def test_weights_that_are_not_finite_are_never_saved(faces, tmp_path, monkeypatch):
    real = Trainer.advance

    def advance(trainer: Trainer):
        losses = real(trainer)
        if trainer.step == 6 and trainer.rollbacks == 0:
            with torch.no_grad():
                next(trainer.networks["decoder"].parameters())[0] = math.inf
        return losses

    monkeypatch.setattr(Trainer, "advance", advance)
    said: list[str] = []
    train_tiny(faces, tmp_path / "run", STEPS, warn=said.append)
    assert said == [
        "At step 6 the weights decoder/fully_connected.weight are not finite. "
        "Training went back to step 3 and continues in another order."
    ]
    assert last(tmp_path / "run").state["rollbacks"] == 1


@pytest.mark.parametrize("ema", [0.9, 0.0])
@pytest.mark.parametrize("method", ["ed-slash-gan", "ed-plus-gan"])
def test_looking_at_a_training_does_not_change_it(faces, tmp_path, ema, method):
    often, never = (
        {f"{what}_every": every for what in ("evaluate", "preview", "checkpoint", "log")} for every in (1, 1000)
    )
    for name, settings in (("often", often), ("never", never)):
        train_tiny(faces, tmp_path / name, STEPS, method=method, set={**settings, "ema": ema})
    assert_same_tensors(last(tmp_path / "often"), last(tmp_path / "never"))


def test_the_gradients_in_the_log_are_those_of_the_schedule_at_that_step(faces, tmp_path):
    route = {"adversarial.generator": "linear(0,1,1000)"}
    train_tiny(faces, tmp_path / "run", 9, set={"evaluate_every": 3}, route=route)
    measured = [line["gradients"] for line in RunFolder(tmp_path / "run").read_log() if "gradients" in line]
    assert [("adversarial.generator" in cells, "penalty.discriminator" in cells) for cells in measured] == [
        (False, True),  # measured as of step 0, the last at which the lazy penalty was due: the warm-up is at 0 there
        (True, True),
        (True, True),
    ]


def test_the_log_holds_losses_and_held_out_figures_at_their_steps(faces, tmp_path):
    train_tiny(faces, tmp_path / "run", 7, set={"log_every": 2, "evaluate_every": 3, "preview_every": 4})
    lines = RunFolder(tmp_path / "run").read_log()
    assert [line["step"] for line in lines if "losses" in line] == [2, 4, 6, 7]
    assert [line["step"] for line in lines if "held_out" in line] == [3, 6, 7]
    assert set(lines[0]["losses"]) >= {"reconstruction", "adversarial", "discrimination", "prior"}
    pictures = sorted(path.name for path in (tmp_path / "run" / "previews").iterdir())
    assert pictures == ["step-00000004.png", "step-00000007.png"]


def test_the_checkpoints_kept_are_the_last_two_and_the_best(faces, tmp_path):
    train_tiny(faces, tmp_path / "run", STEPS, set={"checkpoint_every": 1, "evaluate_every": 1})
    held = [line for line in RunFolder(tmp_path / "run").read_log() if "held_out" in line]
    best = max(held, key=lambda line: line["held_out"]["ssim_output"])["step"]
    kept = [path.name for path in checkpoint.list_checkpoints(tmp_path / "run" / "checkpoints")]
    assert kept == [f"step-{step:08d}" for step in sorted({best, STEPS - 1, STEPS})]
    kept_best = checkpoint.best(tmp_path / "run" / "checkpoints")
    assert kept_best is not None
    assert kept_best.name == f"step-{best:08d}"


def test_the_averaged_weights_are_those_that_inference_loads(faces, tmp_path):
    run = train_tiny(faces, tmp_path / "run", 5)
    model, saved = load(run.path, "cpu"), last(run.path)
    name, weight = next(iter(model.networks["decoder"].named_parameters()))
    assert torch.equal(weight, saved.tensors["ema"][f"decoder/{name}"])
    assert not torch.equal(weight, saved.tensors["networks"][f"decoder/{name}"])
