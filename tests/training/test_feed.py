"""What a step sees is a pure function of seed and step, and the ranks share one global batch and one global noise."""

from __future__ import annotations

import pytest
import torch

from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.models.inputs import fixed_inputs
from edgan.models.noise import draw_noise
from edgan.settings import AugmentSettings
from edgan.training.distributed import World
from edgan.training.feed import Feed

CPU = torch.device("cpu")
ALONE = World(0, 1, CPU)


@pytest.fixture(scope="module")
def dataset(faces):
    return open_dataset(faces, size=32)


def seen(feed: Feed, steps: range, monkeypatch, **options) -> list[list[int]]:
    """The positions in the data set that these steps read."""
    read: list[list[int]] = []
    real = type(feed.dataset).batch

    def batch(dataset, where, device):
        read.append(list(where))
        return real(dataset, where, device)

    with monkeypatch.context() as patch:
        patch.setattr(type(feed.dataset), "batch", batch)
        for step in steps:
            feed.inputs(step, **options)
    return read


def test_a_step_sees_the_same_however_it_was_reached(dataset):
    forwards, once = Feed(dataset, 4, 3, ALONE), Feed(dataset, 4, 3, ALONE)
    for step in range(6):
        last = forwards.inputs(step)
    again = once.inputs(5)
    assert torch.equal(last.fields["image"], again.fields["image"])
    assert torch.equal(last.noise("unit", "uniform", (7,)), again.noise("unit", "uniform", (7,)))
    assert torch.equal(last.noise("unit", "uniform", (7,)), last.noise("unit", "uniform", (7,)))


def test_the_global_random_state_is_neither_read_nor_moved(dataset):
    feed = Feed(dataset, 4, 0, ALONE)
    torch.manual_seed(1)
    first, before = feed.inputs(2).noise("e", "normal", (5,)), torch.get_rng_state()
    torch.manual_seed(2)
    other = feed.inputs(2).noise("e", "normal", (5,))
    assert torch.equal(first, other)
    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), before)


def test_steps_names_seeds_and_draws_have_noise_of_their_own(dataset):
    feed, other = Feed(dataset, 4, 0, ALONE, draws=2), Feed(dataset, 4, 1, ALONE, draws=2)
    inputs = [feed.inputs(0), feed.inputs(1), feed.inputs(0, draw=1), feed.inputs(0, shuffle=1), other.inputs(0)]
    noises = [made.noise("e", "normal", (64,)) for made in inputs] + [inputs[0].noise("f", "normal", (64,))]
    correlations = torch.corrcoef(torch.stack([noise.flatten() for noise in noises]))
    assert (correlations - torch.eye(len(noises))).abs().max() < 0.3


def test_noise_has_the_law_that_its_kind_says():
    normal = draw_noise((0, 5, "e"), "normal", (200_000,))
    uniform = draw_noise((0, 5, "e"), "uniform", (200_000,))
    assert normal.mean().abs() < 0.01
    assert (normal.std() - 1).abs() < 0.01
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert (uniform.mean() - 0.5).abs() < 0.01
    with pytest.raises(ValueError, match="cauchy"):
        draw_noise((0, 0, "e"), "cauchy", (1,))


@pytest.mark.parametrize("size", [2, 4])
def test_the_ranks_end_to_end_are_the_one_global_batch(dataset, size):
    whole = Feed(dataset, 8, 5, ALONE).inputs(3)
    parts = [Feed(dataset, 8, 5, World(rank, size, CPU)).inputs(3) for rank in range(size)]
    for name, value in whole.fields.items():
        assert torch.equal(torch.cat([part.fields[name] for part in parts]), value)
    noise = torch.cat([part.noise("unit", "uniform", (3,)) for part in parts])
    assert torch.equal(noise, whole.noise("unit", "uniform", (3,)))


def test_a_batch_that_does_not_divide_is_a_wrong_call(dataset):
    with pytest.raises(UsageError, match="batch must be a multiple of 2"):
        Feed(dataset, 9, 0, World(0, 2, CPU))


@pytest.mark.parametrize("options", [{}, {"draw": 1}, {"shuffle": 2}])
def test_only_training_images_are_ever_seen(dataset, monkeypatch, options):
    read = seen(Feed(dataset, 8, 0, ALONE, draws=2), range(40), monkeypatch, **options)
    everything = {position for batch in read for position in batch}
    assert everything == set(dataset.indices("train").tolist())
    assert not everything & {*dataset.indices("val").tolist(), *dataset.indices("test").tolist()}
    assert len(dataset.indices("val")) > 0
    assert len(dataset.indices("test")) > 0


def test_an_epoch_drops_and_repeats_nothing(dataset, monkeypatch):
    n = len(dataset.indices("train"))
    read = [position for batch in seen(Feed(dataset, 4, 0, ALONE), range(n), monkeypatch) for position in batch]
    for epoch in range(4):
        assert len(set(read[epoch * n : (epoch + 1) * n])) == n


def test_another_order_after_a_rollback(dataset, monkeypatch):
    feed = Feed(dataset, 8, 0, ALONE)
    orders = [seen(feed, range(3), monkeypatch, shuffle=shuffle) for shuffle in range(3)]
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_fixed_inputs_are_the_same_at_every_call(dataset):
    first = fixed_inputs(dataset, "train", 6, CPU, seed=4)
    noise = first.noise("e", "normal", (3,))
    first.noise("f", "normal", (3,))
    second = fixed_inputs(dataset, "train", 6, CPU, seed=4)
    assert torch.equal(second.noise("e", "normal", (3,)), noise)
    assert torch.equal(first.noise("e", "normal", (3,)), noise)
    assert torch.equal(first.fields["image"], second.fields["image"])
    assert noise.shape == (6, 3)


def test_fixed_inputs_of_a_small_part_are_as_many_as_there_are(dataset):
    inputs = fixed_inputs(dataset, "val", 1000, CPU)
    count = len(dataset.indices("val"))
    assert len(inputs.fields["image"]) == count
    assert inputs.noise("e", "normal", (2,)).shape == (count, 2)


VARIED = AugmentSettings(enlarge=1.25, flip=True)


def test_augmentation_is_a_pure_function_of_seed_and_step(dataset):
    first, other = Feed(dataset, 8, 3, ALONE, augment=VARIED), Feed(dataset, 8, 3, ALONE, augment=VARIED)
    for step in range(4):
        last = first.inputs(step)
    assert torch.equal(last.fields["image"], other.inputs(3).fields["image"])
    assert not torch.equal(last.fields["image"], Feed(dataset, 8, 3, ALONE).inputs(3).fields["image"])


def test_the_ranks_share_one_global_augmentation(dataset):
    whole = Feed(dataset, 8, 5, ALONE, augment=VARIED).inputs(3).fields["image"]
    parts = [Feed(dataset, 8, 5, World(rank, 2, CPU), augment=VARIED).inputs(3).fields["image"] for rank in range(2)]
    torch.testing.assert_close(torch.cat(parts), whole)


def test_nothing_is_kept_of_images_that_look_different_every_time(dataset):
    assert Feed(dataset, 4, 0, ALONE).source() is not None
    assert Feed(dataset, 4, 0, ALONE, augment=VARIED).source() is None


def test_what_is_held_out_is_never_augmented(dataset):
    fixed = fixed_inputs(dataset, "val", 2, CPU).fields["image"]
    assert torch.equal(fixed, dataset.batch(dataset.indices("val")[:2]).image)


@pytest.mark.parametrize(
    ("batch", "size", "least", "words"),
    [
        (2, 1, 100, "a step needs at least 100: add images"),
        (4, 2, 4, "must be at least 8, 4 for each of 2 processes"),
    ],
)
def test_too_few_images_for_a_step_are_refused(dataset, batch: int, size: int, least: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Feed(dataset, batch, 0, World(0, size, CPU), least=least)
