"""The table as data: how it prints, hashes, changes and refuses."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.methods import Shape, find
from edgan.routing import Cut, Linear, Phase, Plan, Row, Stage, Table, Tap, Term, row


def ed_slash_gan() -> Table:
    page = find("ed-slash-gan")
    return page.bind({}, Shape(32, 3)).plan.table


def test_ed_slash_gans_table_prints_as_the_design_has_it() -> None:
    expected = """\
        term            loss             encoder  decoder  generator  discriminator  source
        reconstruction  L1(base, image)     1        1         .            .        Eq. 4-6
        adversarial     non-saturating      .        .         1            .        Eq. 8
        discrimination  BCE                 .        .         .            1        Eq. 7"""
    assert str(ed_slash_gan()) == dedent(expected)


def test_lazy_terms_and_schedules_print_with_their_numbers() -> None:
    term = Term("penalty", torch.sum, ("d",), "R1", every=16)
    line = str(Table(("discriminator",), (row(term, discriminator=Linear(0, 10, 100)),))).splitlines()[1]
    assert line.split() == ["penalty", "R1", "every", "16", "linear(0,10,100)"]


def test_the_digest_is_the_same_on_every_machine() -> None:
    """A checkpoint of another machine is compared by it, so the value itself is part of the format."""
    term = Term("t", torch.sum, ("image",), "sum", "Eq. 1", every=2)
    assert Table(("a", "b"), (row(term, a=1, b=Linear(0, 0.1, 5)),)).digest() == "2f20e45b82ba01cd"
    assert ed_slash_gan().with_route("adversarial.decoder", 0).digest() == ed_slash_gan().digest()


@pytest.mark.parametrize(
    ("cell", "route"),
    [
        ("adversarial.decoder", 0.01),
        ("adversarial.generator", 1.0 + 1e-12),
        ("adversarial.generator", 0),
        ("adversarial.generator", Linear(0, 1, 10)),
    ],
)
def test_the_digest_changes_with_any_cell(cell: str, route: float | Linear) -> None:
    assert ed_slash_gan().with_route(cell, route).digest() != ed_slash_gan().digest()


def test_the_digest_does_not_depend_on_the_order_in_which_cells_are_written() -> None:
    term = Term("t", torch.sum, ("image",), "sum")
    first, second = row(term, a=1.0, b=2.0), row(term, b=2.0, a=1.0)
    assert Table(("a", "b"), (first,)).digest() == Table(("a", "b"), (second,)).digest()


def test_a_changed_cell_leaves_the_others_and_the_old_table_alone() -> None:
    old = ed_slash_gan()
    new = old.with_route("adversarial.decoder", 0.5)
    changed = [
        (r.term.name, n)
        for r, s in zip(old.rows, new.rows, strict=True)
        for n in old.networks
        if r.route(n) != s.route(n)
    ]
    assert changed == [("adversarial", "decoder")]
    assert new.with_route("adversarial.decoder", 0) == old


def test_a_weight_of_zero_is_a_blank_cell() -> None:
    term = Term("t", torch.sum, ("image",), "sum")
    assert row(term, a=0, b=1) == Row(term, (("b", 1),))


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("adversarial", "no dot"),
        ("adverserial.decoder", "Did you mean 'adversarial'"),
        ("adversarial.decodre", "Did you mean 'decoder'"),
        ("adversarial.xyzzy", "There are: decoder, discriminator, encoder, generator"),
    ],
)
def test_a_wrong_cell_is_refused_with_the_near_miss(cell: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        ed_slash_gan().with_route(cell, 1.0)


def loss(value: Tensor) -> Tensor:
    return value.flatten(1).mean(1)


PLAN = Plan(
    Table(("a", "b"), (row(Term("t", loss, ("x",), ""), a=1.0, b=1.0),)),
    (Tap("x", ("image",), network="a"), Tap("y", ("x",), network="b")),
    (Stage("s", (Phase("p", ("a",)), Phase("q", ("b",))), simultaneous=True),),
)


def stages(*phases: Phase, simultaneous: bool = True, **others: str | int) -> dict[str, tuple[Stage, ...]]:
    return {"stages": (Stage("s", phases, simultaneous, **others),)}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": Table(("a", "b"), (row(Term("t", loss, ("w",), ""), a=1.0),))}, "'t' reads the tap 'w'"),
        ({"taps": (Tap("x", ("imgae",), network="a"),)}, "'x' reads 'imgae'.*Did you mean 'image'"),
        ({"taps": (Tap("x", ("image",), network="c"),)}, "'x' comes from 'c'"),
        ({"taps": (*PLAN.taps, Tap("x", ("y",), network="a"))}, "two taps have one name"),
        ({"taps": (Tap("image", ("x",), network="a"), PLAN.taps[0])}, "batch field"),
        ({"cuts": (Cut("c", "xx"),)}, "'c' scales the gradient into 'xx'"),
        ({"cuts": (Cut("c", "x", into="z"),)}, "from 'z'"),
        ({"cuts": (Cut("c", "x", phases=("p",)),)}, "share a forward"),
        (stages(Phase("p", ("aa",))), "'s' steps 'aa'"),
        (stages(Phase("p", ("a",)), Phase("q", ("a",))), "in two phases at once"),
        (stages(Phase("p", ("a",), repeat=2)), "none of its phases can repeat"),
        (stages(Phase("p", ("a",)), frozen="batches"), "not 'batches'"),
        ({"stages": (PLAN.stages[0], replace(PLAN.stages[0], name="t"))}, "'s' never ends"),
    ],
)
def test_a_plan_whose_parts_do_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PLAN, **change)  # type: ignore[arg-type]


def test_a_table_refuses_two_rows_of_one_name_and_cells_beyond_its_columns() -> None:
    only = row(Term("t", loss, ("x",), ""), a=1.0)
    with pytest.raises(ValueError, match="one name"):
        Table(("a",), (only, only))
    with pytest.raises(ValueError, match="not a column"):
        Table(("b",), (only,))


def test_a_tap_comes_about_in_exactly_one_way() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Tap("x", ("image",))
    with pytest.raises(ValueError, match="exactly one"):
        Tap("x", ("image",), network="a", function=loss)
