"""What a method asks of the data, and what it then tells the verbs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgan.errors import UsageError
from edgan.methods import Method, Shape, find

SETTINGS = {"network": {"width": 4}, "discriminator": {"width": 4}, "latent": {"size": 5}}
PLAIN = Shape(32, 3)


def bound(**latent: object) -> Method:
    return find("ed-slash-gan").bind({**SETTINGS, "latent": {"size": 5, **latent}}, PLAIN)


@pytest.mark.parametrize(
    ("field", "shape"),
    [
        ("source", Shape(32, 3, source_channels=3)),
        ("attributes", Shape(32, 3, attributes=("Smiling",))),
        ("label", Shape(32, 3, classes=("cat", "dog"))),
    ],
)
def test_data_without_what_a_method_needs_is_refused_and_data_with_it_taken(field: str, shape: Shape) -> None:
    page = replace(find("ed-slash-gan"), needs=(field,))
    with pytest.raises(UsageError, match="this data has none"):
        page.bind(SETTINGS, PLAIN)
    assert page.bind(SETTINGS, shape).name == "ed-slash-gan"


def test_inference_takes_the_networks_behind_the_output_and_no_discriminator() -> None:
    assert bound().inference == ("encoder", "decoder", "generator")
    assert bound(prior="aae").inference == ("encoder", "decoder", "generator")


def test_the_twin_of_a_method_needs_what_the_method_needs() -> None:
    page, twin = find("ed-plus-gan"), find("ed-plus-gan//")
    assert (twin.needs, twin.example) == (page.needs, page.example)


def test_a_reconstruction_reads_the_image_alone() -> None:
    assert bound().fields == ("image",)


def test_a_conditional_method_says_that_it_reads_attributes() -> None:
    method = bound()
    taps = tuple(replace(tap, inputs=("z", "attributes")) if tap.name == "base" else tap for tap in method.plan.taps)
    conditional = replace(method, plan=replace(method.plan, taps=taps))
    assert conditional.fields == ("image", "attributes")
