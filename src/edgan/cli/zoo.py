"""`edgan zoo`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from edgan.cli import show
from edgan.cli.options import Json

if TYPE_CHECKING:
    from edgan.api import Card

MEGABYTE = 1_000_000


def zoo(
    name: Annotated[str | None, typer.Argument(help="prints this model's card", show_default=False)] = None,
    json: Json = False,
) -> None:
    """List the trained models that ship, or print one's card. zoo:NAME works wherever a RUN does."""
    from edgan.api.model_zoo import read_card
    from edgan.api.model_zoo import zoo as cards

    if name is not None:
        card = read_card(name)
        if json:
            show.as_json(card.to_dict())
        else:
            _print_card(card)
    elif json:
        show.as_json({"models": [card.to_dict() for card in cards()]})
    else:
        for card in cards():
            _print_entry(card)
        show.say("edgan zoo NAME prints a card; zoo:NAME works wherever a RUN does")


def _print_entry(card: Card) -> None:
    show.say(card.name)
    show.say(f"    {card.title}")
    show.say(f"    {card.method}, {_form(card)}, {card.bytes / MEGABYTE:.1f} MB; can {', '.join(card.can)}")
    show.say(f"    on {card.evaluation['images']} held-out pictures: {_figures(card)}")


def _print_card(card: Card) -> None:
    training, evaluation = card.training, card.evaluation
    show.say(f"{card.name}: {card.title}")
    show.say(card.summary)
    commands = (*training.get("first", ()), card.training_command())
    lines: list[tuple[str, Any]] = [
        ("method", f"{card.method}; can {', '.join(card.can)}"),
        ("edits", ", ".join(card.controls)),
        ("images", _form(card)),
        ("size", f"{card.bytes / MEGABYTE:.1f} MB, {card.parameters:,} weights"),
        ("trained on", card.data["what"]),
        ("", card.data["command"]),
        *(("trained by" if number == 0 else "", command) for number, command in enumerate(commands)),
        ("", f"{training['steps']:,} of {training['asked']:,} steps in {training['seconds']:.0f} s, seed "
             f"{training['seed']}, {training['machine']}, {training['date']}, edgan {training['edgan']}, "
             f"torch {training['torch']}"),
        ("", training["note"]),
        ("measured by", evaluation["data"]),
        ("", evaluation["command"]),
        ("figures", f"{evaluation['images']} held-out pictures: {_figures(card)}"),
        ("licence", card.licence),
        ("preview", card.preview),
    ]  # fmt: skip
    for label, text in lines:
        if text:
            show.say(f"{label:12}{text}")
    show.say("limits")
    for limit in card.limits:
        show.say(f"  - {limit}")
    show.say("try")
    for example in card.examples:
        show.say(f"  {example}")


def _form(card: Card) -> str:
    return f"{card.size} x {card.size} px, {'grey' if card.channels == 1 else 'colour'}"


def _figures(card: Card) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in card.figures.items())
