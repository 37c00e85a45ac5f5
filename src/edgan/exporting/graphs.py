"""The graphs of a trained model: each verb as a function of tensors, with nothing that a seed would draw."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from torch import Tensor

from edgan.errors import UsageError
from edgan.exporting.edits import along_directions, towards_class, units_of, with_intensities
from edgan.exporting.graph import Compute, Graph, Port
from edgan.models.inference import is_known, noise_taps
from edgan.models.model import Model
from edgan.routing import Forward, Inputs
from edgan.routing.term import BATCH_FIELDS

Tensors = Mapping[str, Tensor]
Ports = tuple[Port, ...]
PICTURE = "[-1, 1]"


def graphs_of(model: Model) -> tuple[Graph, ...]:
    """The graphs that a model has, in the order in which they are written.

    A translator has "translate", and "encode" where a picture gives a style. Any other model has "encode", "decode",
    "reconstruct" and "edit", as far as it has the verbs; "decode" is what `sample` draws its pictures with.

    Raises:
        UsageError: it has none.
    """
    verbs = Verbs(model)
    if model.can("translate"):
        graphs = (verbs.translate(), *((verbs.encode(),) if model.has_style else ()))
    else:
        graphs = (
            *((verbs.encode(),) if model.can("encode") else ()),
            *((verbs.decode(),) if verbs.can_decode else ()),
            *((verbs.reconstruct(),) if model.can("reconstruct") and not verbs.needs_all else ()),
            *((verbs.edit(),) if model.can("edit") else ()),
        )
    if not graphs:
        raise UsageError(f"This {model.method.name} has no verb that can be exported.")
    return graphs


@dataclass(frozen=True)
class Verbs:
    """The verbs of a model as graphs.

    Attributes:
        model: on the CPU.
    """

    model: Model

    @property
    def needs_all(self) -> bool:
        """Whether the model takes attributes and cannot infer them from an image."""
        return self.model.method.edit is not None and self.model.needs_all(("image",))

    @property
    def reads_attributes(self) -> bool:
        """Whether the model infers the attributes that it edits from an image."""
        return self.model.method.edit is not None and not self.needs_all

    @property
    def can_decode(self) -> bool:
        """Whether the output depends on the latent and the attributes alone."""
        if self.model.method.latent is None:
            return False
        return not self._behind(["output"], self._drawn_from)[1]

    def encode(self) -> Graph:
        """An image to its latent, and to the attributes that the model reads; of a translator, to its style."""
        latent, edit = self.model.method.latent, self.model.method.edit
        assert latent is not None
        code = Port("style" if self.model.has_style else "z", (latent.size,), "any number", _of_latent(self.model))
        outputs = (code, *((self._attributes("as the model reads them"),) if self.reads_attributes else ()))

        def compute(given: Tensors) -> Tensors:
            forward = self._forward({"image": given["image"]})
            return {code.name: forward[latent.code], **self._read_attributes(forward)}

        taps = [latent.code, *((edit.tap,) if edit is not None and self.reads_attributes else ())]
        return self._graph("encode", ((self._image(),), outputs), (taps, ()), compute)

    def decode(self) -> Graph:
        """A latent, and attributes where the model takes them, to a picture."""
        inputs = (self._latent(), *((self._attributes("to draw", asked=True),) if self._takes_attributes else ()))
        taps = ["output"], self._drawn_from
        return self._graph("decode", (inputs, self._pictures()), taps, lambda given: self._drawn(self._known(given)))

    def reconstruct(self) -> Graph:
        """An image to its reconstruction."""

        def compute(given: Tensors) -> Tensors:
            return self._pictures_of(self._forward({"image": given["image"]}))

        return self._graph("reconstruct", ((self._image(),), self._pictures()), (["output"], ()), compute)

    def edit(self) -> Graph:
        """An image and the intensities of an edit to the edited picture."""

        def compute(given: Tensors) -> Tensors:
            latent = self.model.method.latent
            forward = self._forward({"image": given["image"]})
            read = {"z": forward[latent.z], **self._read_attributes(forward)} if latent else {}
            fields = {} if self.can_decode else {"image": given["image"]}
            return self._drawn(self._edited({**given, **read}), fields)

        taps = ["output"], self._drawn_from[1:] if self.needs_all else ()
        return self._graph("edit", ((self._image(), *self._changes()), self._pictures()), taps, compute)

    def redraw(self) -> Graph:
        """The second half of `edit`: what `encode` gives and the intensities to the edited picture.

        Raises:
            UsageError: the picture depends on more of the image than the latent.
        """
        if not self.can_decode:
            raise UsageError(
                f"must end in .onnx: {self.model.method.name} draws from more of an image than its latent, and the "
                "page keeps only that.",
                parameter="out",
            )
        read = (self._attributes("as `encode` gave them"),) if self.reads_attributes else ()
        inputs = (self._latent(), *read, *self._changes())
        taps = ["output"], self._drawn_from
        return self._graph("redraw", (inputs, self._pictures()), taps, lambda given: self._drawn(self._edited(given)))

    def translate(self) -> Graph:
        """A source, a style and noise, where the model has them, to its translation."""
        model, latent = self.model, self.model.method.latent
        size, styled = model.size, model.has_style
        source = Port("source", (model.shape.source_channels, size, size), _source_values(model), "the source")
        style: tuple[Port, ...] = ()
        if styled and latent is not None:
            style = (Port("style", (latent.size,), "N(0, 1)", "0 is the mean style; `encode` gives a picture's own"),)
        noise = self._noise(latent.z if styled and latent is not None else None)

        def compute(given: Tensors) -> Tensors:
            known = {latent.z: given["style"]} if styled and latent is not None else {}
            drawn = {port.name: given[port.name] for port in noise}
            return self._pictures_of(self._forward({"source": given["source"]}, known, drawn))

        taps = ["output"], (latent.z,) if styled and latent is not None else ()
        return self._graph("translate", ((source, *style, *noise), self._pictures()), taps, compute)

    @property
    def _drawn_from(self) -> tuple[str, ...]:
        """The taps that `decode` and `redraw` are given."""
        latent, edit = self.model.method.latent, self.model.method.edit
        return (*((latent.z,) if latent else ()), *((edit.tap,) if edit else ()))

    @property
    def _takes_attributes(self) -> bool:
        edit = self.model.method.edit
        return edit is not None and edit.tap in {*self.model.method.plan.needed(["output"]), *BATCH_FIELDS}

    def _noise(self, known: str | None) -> tuple[Port, ...]:
        """The noise that a translation draws."""
        ports = []
        for name in noise_taps(self.model.method):
            kind, shape = self.model.method.plan.tap[name].noise or ("", ())
            values = "N(0, 1)" if kind == "normal" else "U(0, 1)"
            if name != known:
                ports.append(Port(name, shape, values, "noise; 0 draws none" if kind == "normal" else "noise"))
        return tuple(ports)

    def _changes(self) -> tuple[Port, ...]:
        """The inputs that say what an edit changes."""
        controls = self.model.controls
        assert controls is not None
        names, count = ", ".join(controls.names), (len(controls.names),)
        if controls.kind == "multiclass":
            return (Port("intensities", count, "[0, 1]", f"how far to go to one class, 0 for the others: {names}"),)
        values = f"[{controls.low:g}, {controls.high:g}]" + _times(controls.units)
        intensities = Port("intensities", count, values, names)
        if not self.reads_attributes:
            return (intensities,)
        return intensities, Port("chosen", count, "0 or 1", "1 where an intensity replaces the attribute that was read")

    def _edited(self, given: Tensors) -> dict[str, Tensor]:
        """The taps that an edit sets, from "z", "attributes" as they were read, and the changes."""
        latent, edit, controls = self.model.method.latent, self.model.method.edit, self.model.controls
        assert controls is not None
        known = {latent.z: given["z"]} if latent else {}
        if edit is None:
            assert self.model.directions is not None
            assert latent is not None
            return {latent.z: along_directions(given["z"], self.model.directions, given["intensities"])}
        units = units_of(controls)
        if not self.reads_attributes:
            return {**known, edit.tap: given["intensities"] / units}
        if controls.kind == "multiclass":
            return {**known, edit.tap: towards_class(given["attributes"], given["intensities"])}
        wanted = with_intensities(given["attributes"], given["intensities"], given["chosen"])
        return {**known, edit.tap: wanted / units}

    def _known(self, given: Tensors) -> dict[str, Tensor]:
        """The taps that `decode` sets."""
        latent, edit, controls = self.model.method.latent, self.model.method.edit, self.model.controls
        assert latent is not None
        known = {latent.z: given["z"]}
        if self._takes_attributes and edit is not None and controls is not None:
            known[edit.tap] = given["attributes"] / units_of(controls)
        return known

    def _read_attributes(self, forward: Forward) -> dict[str, Tensor]:
        edit, controls = self.model.method.edit, self.model.controls
        if not self.reads_attributes or edit is None or controls is None:
            return {}
        return {"attributes": forward[edit.tap] * units_of(controls)}

    def _forward(self, fields: Tensors, known: Tensors = {}, noise: Tensors = {}) -> Forward:  # noqa: B006
        """A forward as `models.inference.in_use` gives it, with the noise given."""
        method = self.model.method
        inputs = Inputs(fields, lambda name, *_: noise[name])
        forward = Forward(method.plan, self.model.networks, inputs, known=known)
        filled = {
            tap: forward[code]
            for tap, code in method.stand_ins.items()
            if tap not in known and is_known(method.plan, code, fields)
        }
        return Forward(method.plan, self.model.networks, inputs, known={**forward.values, **filled})

    def _drawn(self, known: Tensors, fields: Tensors = {}) -> Tensors:  # noqa: B006
        return self._pictures_of(self._forward(fields, known))

    def _pictures_of(self, forward: Forward) -> Tensors:
        return {port.name: forward[port.name] for port in self._pictures()}

    def _pictures(self) -> tuple[Port, ...]:
        """The output, and where it is their sum, base and residual."""
        shape = (self.model.channels, self.model.size, self.model.size)
        output = Port("output", shape, f"{PICTURE}, not clipped", "the picture")
        if "residual" not in self.model.method.plan.needed(["output"]):
            return (output,)
        base, residual = (Port(name, shape, "any number", "output = base + residual") for name in ("base", "residual"))
        return output, base, residual

    def _image(self) -> Port:
        side = self.model.size
        return Port("image", (self.model.channels, side, side), PICTURE, f"cropped: {self.model.crop.text}")

    def _latent(self) -> Port:
        latent = self.model.method.latent
        assert latent is not None
        priors = {"normal": "N(0, 1)", "symmetric-uniform": "U(-1, 1)"}
        return Port("z", (latent.size,), priors.get(latent.prior or "", "any number"), "the latent")

    def _attributes(self, what: str, asked: bool = False) -> Port:
        """Attributes as the model reads them, or as a person asks for them, in the range of an edit."""
        controls = self.model.controls
        assert controls is not None
        values = (f"[{controls.low:g}, {controls.high:g}]" if asked else "[0, 1]") + _times(controls.units)
        return Port("attributes", (len(controls.names),), values, f"{', '.join(controls.names)}, {what}")

    def _behind(self, names: Collection[str], given: Collection[str] = ()) -> tuple[set[str], set[str]]:
        """The networks and the batch fields that taps are computed from at inference, where some taps are given."""
        plan, stand_ins = self.model.method.plan, self.model.method.stand_ins
        seen, networks, fields = set(given), set(), set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            tap = plan.tap.get(stand_ins.get(name, name))
            if tap is None:
                fields.add(name)
                continue
            waiting += tap.inputs
            networks |= {tap.network} if tap.network else set()
        return networks, fields

    def _graph(
        self, name: str, ports: tuple[Ports, Ports], taps: tuple[Collection[str], Collection[str]], compute: Compute
    ) -> Graph:
        """A graph with these inputs and outputs, and the networks that compute its taps from the given ones."""
        used, _ = self._behind(*taps)
        return Graph(name, *ports, {key: self.model.networks[key] for key in sorted(used)}, compute)


def _of_latent(model: Model) -> str:
    return "the style of the image" if model.has_style else "the latent of the image"


def _source_values(model: Model) -> str:
    return f"one-hot, 1 and -1, of {model.shape.source_classes} classes" if model.shape.source_classes else PICTURE


def _times(units: Mapping[str, float]) -> str:
    """ ", Age times 116" for units that differ from the tap's."""
    return "".join(f", {name} times {unit:g}" for name, unit in units.items())
