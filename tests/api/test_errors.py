"""Errors of the package: what a Python caller can catch, and what it reads."""

from __future__ import annotations

import pytest

import edgan


def test_a_wrong_argument_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="no method 'ed-slash-gn'"):
        edgan.explain("ed-slash-gn")
    assert issubclass(edgan.UsageError, edgan.EdganError)


def test_an_error_of_one_parameter_starts_with_its_name() -> None:
    error = edgan.UsageError("must be at least 1 (got 0).", parameter="steps")
    assert str(error) == "steps must be at least 1 (got 0)."
    assert (error.message, error.parameter) == ("must be at least 1 (got 0).", "steps")


def test_a_failure_of_the_work_is_no_value_error() -> None:
    assert not issubclass(edgan.EdganError, ValueError)


def test_the_package_lists_everything_it_offers() -> None:
    assert set(edgan.__all__) <= set(dir(edgan))
    assert all(getattr(edgan, name) is not None for name in edgan.__all__)
