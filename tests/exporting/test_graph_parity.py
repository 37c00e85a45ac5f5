"""Every method's graphs give in ONNX Runtime what the model's verbs give in torch."""

from __future__ import annotations

import pytest
import torch
from small_models import ATTRIBUTES, far, given, images, run, small_model

from edgan.errors import EdganError
from edgan.exporting.graphs import graphs_of
from edgan.exporting.onnx_file import to_onnx
from edgan.methods import PAGES, Shape
from edgan.models.directions import Directions
from edgan.models.edit_session import EditSession
from edgan.models.model import Model

LIMIT = 1e-4
COUNT = 3
TWINS = ("ed-plus-gan//", "caae//", "pix2pix//", "cdnet//", "vae-gan//")
NEEDS_TORCHVISION = {"vgg-connection"}
CLASSES = Shape(32, 3, classes=("cat", "dog", "fox", "owl"))
OTHERS = {
    "a translator without noise": ("grit", {"objective": "l1"}),
    "a variational latent": ("ed-slash-gan", {"latent.prior": "vae"}),
    "group norm": ("ed-slash-gan", {"network.norm": "group"}),
    "transposed convolutions": ("ed-slash-gan", {"network.upsample": "transposed"}),
}


def far_from_verbs(model: Model) -> dict[str, float]:
    """The largest difference of each output of each graph from the verb's."""
    graphs = {graph.name: graph for graph in graphs_of(model)}
    checks = {"encode": _encode, "decode": _decode, "reconstruct": _reconstruct, "edit": _edit, "translate": _translate}
    found: dict[str, float] = {}
    for name, graph in graphs.items():
        made, expected = checks[name](model, graph)
        assert set(expected) <= set(made)
        assert all(float(value.std()) > 0.01 for key, value in expected.items() if key != "attributes")
        found |= {f"{name}.{key}": far(made[key], value) for key, value in expected.items()}
    return found


def _encode(model, graph):
    pictures = images(COUNT)
    made = run(graph, {"image": pictures})
    expected = {"style" if model.has_style else "z": model.encode(pictures)}
    if "attributes" in made:
        read = [list(EditSession(model, picture[None]).encoded().values()) for picture in pictures]
        expected["attributes"] = torch.tensor(read)
    return made, expected


def _decode(model, graph):
    """Of what was encoded, it is the reconstruction; else it is a sample."""
    z = torch.randn(COUNT, model.method.latent.size, generator=torch.Generator().manual_seed(3))
    if "attributes" not in [port.name for port in graph.inputs]:
        return run(graph, {"z": z}), {"output": model.decode(z)}
    attributes = torch.rand(COUNT, len(model.controls.names)) * torch.tensor([list(_units(model).values())])
    if "attributes" in model.method.conditioning and model.method.edit.tap != "traits":
        return run(graph, {"z": z, "attributes": attributes}), {"output": model.decode(z, attributes=attributes)}
    pictures = images(COUNT)
    expected = []
    if model.needs_all(("image",)):
        for picture, row in zip(pictures, attributes, strict=True):
            expected.append(model.edit(picture[None], dict(zip(model.controls.names, row.tolist(), strict=True))))
        return run(graph, {"z": model.encode(pictures), "attributes": attributes}), {"output": torch.cat(expected)}
    read = run(next(g for g in graphs_of(model) if g.name == "encode"), {"image": pictures})
    return run(graph, read), {"output": model.reconstruct(pictures).output}


def _reconstruct(model, graph):
    pictures = images(COUNT)
    made = run(graph, {"image": pictures})
    expected = model.reconstruct(pictures)._asdict()
    return made, {name: value for name, value in expected.items() if name in made}


def _edit(model, graph):
    """One attribute is set and the others stay; all of them for a model that cannot read them."""
    pictures, names = images(COUNT), model.controls.names
    changes = {names[1]: 0.7}
    if model.needs_all(("image",)):
        changes = {name: 0.7 * unit for name, unit in _units(model).items()}
    intensities = torch.tensor([[changes.get(name, 0.0) for name in names]]).expand(COUNT, -1)
    values = {"image": pictures, "intensities": intensities}
    if "chosen" in [port.name for port in graph.inputs]:
        values["chosen"] = torch.tensor([[float(name in changes) for name in names]]).expand(COUNT, -1)
    return run(graph, values), {"output": model.edit(pictures, changes)}


def _translate(model, graph):
    source = images(COUNT)
    noise = {port.name: given(port, COUNT) for port in graph.inputs if port.name not in ("source", "style")}
    style = {"style": torch.randn(COUNT, model.method.latent.size)} if model.has_style else {}
    scales = {name: model.method.plan.tap[name].scale for name in noise}
    scaled = {name: scales[name] * value for name, value in noise.items()}
    expected = model.translate(source, 0, style.get("style"), scaled)._asdict()
    made = run(graph, {"source": source, **style, **noise})
    return made, {name: value for name, value in expected.items() if name in made}


def _units(model):
    return {name: model.controls.units.get(name, 1.0) for name in model.controls.names}


@pytest.mark.parametrize("name", [name for name in (*PAGES, *TWINS) if name not in NEEDS_TORCHVISION])
def test_the_graphs_of_a_method_give_what_its_verbs_give(name: str) -> None:
    differences = far_from_verbs(small_model(name))
    assert differences
    assert max(differences.values()) < LIMIT, differences


@pytest.mark.parametrize("case", OTHERS)
def test_the_graphs_of_other_settings_give_what_the_verbs_give(case: str) -> None:
    name, settings = OTHERS[case]
    differences = far_from_verbs(small_model(name, **settings))
    assert max(differences.values()) < LIMIT, differences


@pytest.mark.parametrize("name", ["cdnet", "editable-gan"])
def test_an_editor_of_classes_gives_what_its_verbs_give(name: str) -> None:
    model = small_model(name, CLASSES)
    differences = {
        graph.name: far(made["output"], expected["output"])
        for graph in graphs_of(model)
        if graph.name in ("edit", "reconstruct")
        for made, expected in [(_edit if graph.name == "edit" else _reconstruct)(model, graph)]
    }
    assert set(differences) == {"edit", "reconstruct"}
    assert max(differences.values()) < LIMIT


@pytest.mark.parametrize("kind", ["multilabel", "multiclass"])
def test_a_latent_with_directions_is_edited_as_in_torch(kind: str) -> None:
    generator = torch.Generator().manual_seed(1)
    vectors = {name: torch.randn(12, generator=generator) for name in ATTRIBUTES}
    differences = far_from_verbs(small_model("ed-slash-gan", directions=Directions(kind, vectors)))
    assert "edit.output" in differences
    assert max(differences.values()) < LIMIT, differences


def test_a_layer_that_onnx_does_not_have_is_named() -> None:
    model = small_model("editable-gan", **{"discriminator.kind": "projected"})
    encode = next(graph for graph in graphs_of(model) if graph.name == "encode")
    with pytest.raises(EdganError, match=r"graph encode cannot be written as ONNX: .*adaptive_avg_pool2d"):
        to_onnx(encode, {})


def test_a_norm_over_the_batch_is_refused_with_the_reason() -> None:
    graphs = graphs_of(small_model("pix2pix", **{"network.norm": "batch"}))
    with pytest.raises(EdganError, match="unet normalises with the statistics of each batch"):
        to_onnx(graphs[0], {})
