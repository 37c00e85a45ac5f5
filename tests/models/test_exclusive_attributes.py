"""Groups of attributes that exclude each other: raising one lowers the others, kept with the run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import edgan
from edgan.config import configure
from edgan.errors import UsageError
from edgan.methods import Shape
from edgan.models.edit_session import EditSession
from edgan.models.editing import EditControls, write_changes
from edgan.synthetic import write_folder

HAIR = ("Black_Hair", "Blond_Hair", "Brown_Hair")
CONTROLS = EditControls((*HAIR, "Smiling"), "multilabel", -2, 5, exclusive=(HAIR,))
VALUES = torch.tensor([[0.9, 0.05, 0.2, 0.6]])
SETTINGS = {
    "attributes": "Black_Hair,Blond_Hair,Smiling",
    "exclusive": "Black_Hair+Blond_Hair",
    "network.width": 4,
    "network.hidden": "8",
    "network.latent": 5,
    "discriminator.width": 4,
    "discriminator.max_width": 4,
    "classifier_steps": 1,
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Blond_Hair": 1.0}, [0.0, 1.0, 0.0, 0.6]),
        ({"Blond_Hair": 0.5}, [0.45, 0.5, 0.1, 0.6]),
        ({"Blond_Hair": 3.0}, [0.0, 3.0, 0.0, 0.6]),
        ({"Blond_Hair": -2.0}, [0.9, -2.0, 0.2, 0.6]),
        ({"Blond_Hair": 1.0, "Black_Hair": 0.7}, [0.7, 1.0, 0.0, 0.6]),
        ({"Smiling": 5.0}, [0.9, 0.05, 0.2, 5.0]),
    ],
)
def test_raising_one_lowers_the_others_that_are_not_set(changes: dict[str, float], expected: list[float]) -> None:
    assert torch.allclose(write_changes(VALUES, CONTROLS, changes), torch.tensor([expected]))


def test_the_group_is_kept_with_the_run_and_holds_in_every_edit(tmp_path: Path) -> None:
    faces = write_folder("faces", tmp_path / "faces", 40, 32)
    options = {"preset": "small", "size": 32, "batch": 4, "steps": 2, "device": "cpu", "report": False, "quiet": True}
    edgan.train("cdnet", faces, tmp_path / "run", set=SETTINGS, **options)
    model = edgan.load(tmp_path / "run", "cpu")
    assert model.controls.exclusive == (("Black_Hair", "Blond_Hair"),)
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    blond = model.edit(image, {"Blond_Hair": 1.0})
    assert torch.equal(blond, model.edit(image, {"Blond_Hair": 1.0, "Black_Hair": 0.0}))
    read = EditSession(model, image)
    assert torch.allclose(read.draw({"Blond_Hair": 1.0}).output, blond, atol=1e-6)
    kept = model.edit(image, {"Blond_Hair": 1.0, "Black_Hair": read.encoded()["Black_Hair"]})
    assert not torch.allclose(blond, kept, atol=1e-6)
    edgan.train("cdnet", faces, tmp_path / "run", resume=True, set={"exclusive": "none"}, report=False, quiet=True)
    assert edgan.load(tmp_path / "run", "cpu").controls.exclusive == ()


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ("Black_Hair", r"exclusive must name two attributes or more in a group"),
        ("Black_Hair+Blonde_Hair", r"names an attribute that the data does not have: 'Blonde_Hair'\. Did you mean"),
        ("Black_Hair+Blond_Hair,Smiling+Blond_Hair", "exclusive names Blond_Hair twice"),
    ],
)
def test_a_wrong_group_is_refused(groups: str, told: str) -> None:
    shape = Shape(32, 3, attributes=("Black_Hair", "Blond_Hair", "Smiling"))
    with pytest.raises(UsageError, match=told):
        configure("cdnet", "small", {"exclusive": groups, "size": 32}).build(shape)


def test_a_method_without_attributes_refuses_groups() -> None:
    with pytest.raises(UsageError, match="ed-slash-gan does not edit several attributes here"):
        configure("ed-slash-gan", "small", {"exclusive": "A+B"}).build(Shape(32, 3))
