"""The order of samples is a pure function, and an epoch is every sample once."""

import numpy as np
import pytest

from edgan.data import batch_indices, order, rank_slice
from edgan.errors import UsageError


def test_an_order_is_a_permutation_that_depends_on_seed_and_epoch():
    assert sorted(order(0, 0, 50)) == list(range(50))
    assert not np.array_equal(order(0, 0, 50), order(0, 1, 50))
    assert not np.array_equal(order(0, 0, 50), order(1, 0, 50))


def test_the_order_of_seed_0_is_fixed():
    assert order(0, 0, 8).tolist() == [2, 4, 3, 6, 5, 0, 1, 7]


def test_changing_a_returned_order_changes_no_later_one():
    first = order(3, 0, 10)
    expected = first.copy()
    first[:] = 0
    assert np.array_equal(order(3, 0, 10), expected)


@pytest.mark.parametrize(("batch", "n"), [(4, 10), (10, 10), (7, 3), (1, 5)])
def test_batches_laid_end_to_end_are_the_epochs_laid_end_to_end(batch, n):
    steps = np.concatenate([batch_indices(5, step, batch, n) for step in range(2 * n)])
    epochs = np.concatenate([order(5, epoch, n) for epoch in range(2 * batch)])
    assert np.array_equal(steps, epochs)


def test_samples_are_drawn_from_the_given_positions():
    positions = np.array([3, 5, 8])
    drawn = np.concatenate([batch_indices(0, step, 1, 3, positions) for step in range(3)])
    assert sorted(drawn) == [3, 5, 8]


@pytest.mark.parametrize("world", [1, 2, 3, 5])
def test_the_ranks_slices_end_to_end_are_the_step(world):
    step = batch_indices(0, 4, 7, 100)
    assert np.array_equal(np.concatenate([rank_slice(step, rank, world) for rank in range(world)]), step)


def test_nothing_to_draw_from_is_a_wrong_call():
    with pytest.raises(UsageError, match=r"got n=0, batch=4, step=0"):
        batch_indices(0, 0, 4, 0)
    with pytest.raises(UsageError, match="positions must have length n"):
        batch_indices(0, 0, 4, 5, np.arange(3))
    with pytest.raises(UsageError, match=r"rank must be between 0 and 1 \(got 2\)"):
        rank_slice(np.arange(4), 2, 2)
