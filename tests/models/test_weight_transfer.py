"""Which weights one method's networks take from another's, and that they then compute the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from edgan.config import configure
from edgan.methods import Method, Shape
from edgan.models.weight_transfer import Attributes, Transfer, shapes, transfer
from edgan.storage.weights import flat_networks

SHAPE = Shape(32, 3)
BEFORE, AFTER = ("Hat", "Smile", "Beard"), ("Beard", "Glasses", "Hat")
SMALL: dict[str, dict[str, Any]] = {
    "cdnet": {"network.width": 4, "network.hidden": (8, 6), "network.latent": 5},
    "cdnet//": {"network.width": 4, "network.hidden": (8,), "network.latent": 5},
    "icgan": {"network.width": 4, "network.hidden": (8,), "network.latent": 5},
    "ae-xcov": {"network.width": 4, "network.hidden": (8,), "network.latent": 5},
    "modified-cgan": {"network.width": 8, "network.discriminator": 8, "latent.size": 5},
    "editable-gan": {"network.width": 8, "network.discriminator": 8, "latent.size": 5},
}
READS_A_TARGET = {"decoder", "generator"}


def method_for(name: str, attributes: tuple[str, ...], **settings: Any) -> Method:
    shape = replace(SHAPE, attributes=attributes)
    return configure(name, "small", {"size": 32, **SMALL[name], **settings}).build(shape)


def taken(name: str, **settings: Any) -> tuple[Method, dict[str, nn.Module], dict[str, nn.Module], Transfer]:
    """A method for other attributes, the old networks, the new ones with the old ones' weights, and the transfer."""
    torch.manual_seed(0)
    old = method_for(name, BEFORE, **settings).build()
    method = method_for(name, AFTER, **settings)
    attributes = Attributes(BEFORE, AFTER, method_for(name, (*AFTER, "Wig"), **settings))
    result = transfer(flat_networks(old), method, attributes)
    new = method.build()
    result.apply(new)
    for network in (*old.values(), *new.values()):
        network.eval()
    return method, old, new, result


def target(names: tuple[str, ...], **values: float) -> Tensor:
    return torch.tensor([[values.get(name, 0.0) for name in names]] * 2)


@pytest.mark.parametrize("name", SMALL)
def test_a_network_that_reads_attributes_draws_the_same_for_those_that_both_have(name: str) -> None:
    method, old, new, _ = taken(name)
    drawn = READS_A_TARGET & set(method.attributes_last)
    assert drawn
    for network in drawn:
        z = torch.randn(2, 5)
        theirs = old[network](z, target(BEFORE, Hat=0.7, Beard=-2.0))
        assert torch.allclose(new[network](z, target(AFTER, Hat=0.7, Beard=-2.0)), theirs, atol=1e-6)
        assert not torch.allclose(new[network](z, target(AFTER, Hat=0.1, Beard=-2.0)), theirs, atol=1e-6)


@pytest.mark.parametrize("name", ["cdnet", "icgan"])
def test_a_classifier_says_the_same_of_attributes_that_both_have(name: str) -> None:
    _, old, new, _ = taken(name)
    images = torch.rand(2, 3, 32, 32) * 2 - 1
    theirs, ours = (networks["attribute_encoder"](images) for networks in (old, new))
    for attribute in ("Hat", "Beard"):
        assert torch.equal(ours[:, AFTER.index(attribute)], theirs[:, BEFORE.index(attribute)])
    assert not torch.allclose(ours[:, AFTER.index("Glasses")], theirs[:, BEFORE.index("Smile")])


def test_the_connection_network_finds_the_same_latent_and_the_same_attributes() -> None:
    _, old, new, result = taken("modified-cgan")
    maps = old["discriminator"].features(torch.rand(2, 3, 32, 32) * 2 - 1)
    theirs, ours = (networks["connection"](maps) for networks in (old, new))
    assert torch.allclose(ours[:, :5], theirs[:, :5], atol=1e-6)
    assert torch.allclose(ours[:, 5 + AFTER.index("Hat")], theirs[:, 5 + BEFORE.index("Hat")], atol=1e-6)
    assert result.networks["connection"].new_layers == ()


@pytest.mark.parametrize("kind", ["paper", "projected"])
def test_a_conditional_discriminator_judges_the_same(kind: str) -> None:
    _, old, new, _ = taken("icgan", **{"discriminator.kind": kind})
    images = torch.rand(2, 3, 32, 32) * 2 - 1
    theirs = old["discriminator"](images, target(BEFORE, Hat=1.0))
    ours = new["discriminator"](images, target(AFTER, Hat=1.0))
    if kind == "paper":
        assert torch.allclose(ours.logits, theirs.logits, atol=1e-5)
    else:  # the spectral norm of the attributes' rows is that of the new ones too, so only their direction stays
        change, old_change = (
            ours - new["discriminator"](images, target(AFTER)),
            theirs - old["discriminator"](images, target(BEFORE)),
        )
        assert torch.nn.functional.cosine_similarity(change.flatten(), old_change.flatten(), 0) > 0.999
        assert torch.allclose(new["discriminator"](images, target(AFTER)), theirs - old_change, atol=1e-5)


def test_a_layer_that_has_attributes_at_an_unknown_place_is_new() -> None:
    *_, result = taken("editable-gan")
    connection = result.networks["connection"]
    assert connection.held
    assert connection.new_layers
    assert 0 < connection.taken < connection.weights
    assert not any(place.startswith("connection/") for place in result.pieces)


def test_equal_methods_take_every_tensor_bit_for_bit() -> None:
    torch.manual_seed(1)
    method = method_for("cdnet", BEFORE)
    old, new = method.build(), method.build()
    result = transfer(flat_networks(old), method)
    result.apply(new)
    theirs = flat_networks(old)
    assert result.whole.keys() == theirs.keys()
    assert all(torch.equal(value, theirs[name]) for name, value in flat_networks(new).items())
    assert all(part.taken == part.weights > 0 for part in result.networks.values())


def test_at_another_size_layers_of_other_shapes_are_new_and_the_rest_is_taken() -> None:
    torch.manual_seed(1)
    settings = {**SMALL["cdnet"], "network.last_side": 4}
    old = configure("cdnet", "small", settings).build(replace(SHAPE, attributes=BEFORE)).build()
    method = configure("cdnet", "small", {**settings, "size": 64}).build(replace(SHAPE, size=64, attributes=BEFORE))
    result = transfer(flat_networks(old), method)
    encoder = result.networks["encoder"]
    assert "convolutions.0.0" not in encoder.new_layers
    assert "vector.0" in encoder.new_layers
    new = method.build()
    result.apply(new)
    assert torch.equal(
        new["encoder"].state_dict()["convolutions.0.0.weight"], flat_networks(old)["encoder/convolutions.0.0.weight"]
    )


def test_a_layer_is_taken_whole_or_not_at_all() -> None:
    method = method_for("cdnet", BEFORE)
    tensors = flat_networks(method.build())
    del tensors["encoder/convolutions.0.1.running_mean"]
    result = transfer(tensors, method)
    assert result.networks["encoder"].new_layers == ("convolutions.0.1",)
    assert not any(place.startswith("encoder/convolutions.0.1.") for place in result.whole)


def test_shapes_are_found_without_moving_the_callers_random_numbers() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    assert shapes(method_for("cdnet", BEFORE))["decoder"][1]
    assert torch.equal(torch.rand(1), expected)
