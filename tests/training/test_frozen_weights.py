"""Networks and layers that a training leaves as they are, chosen by a person or, with few images, by Freeze-D."""

from __future__ import annotations

import pytest
import torch
from training_toys import TINY, last, train_tiny
from tuning_toys import first, tune

import edgan
from edgan.api.freeze_d import frozen_layers
from edgan.api.training import Run
from edgan.config import configure
from edgan.errors import UsageError
from edgan.methods import Shape
from edgan.models.weight_transfer import transfer
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import flat_networks


class TestFreezeD:
    def layers(self, run: Run) -> tuple[set[str], set[str]]:
        """The discriminator's weights that changed in a training, and those that did not."""
        begun, ended = first(run)["networks"], last(run.path).tensors["networks"]
        names = {name for name in begun if name.startswith("discriminator/")}
        changed = {name for name in names if not torch.equal(begun[name], ended[name])}
        return changed, names - changed

    def test_with_few_images_the_lower_layers_of_the_discriminator_stay_bit_for_bit(self, old, others, tmp_path):
        run, said = tune(old, others, tmp_path / "run")
        changed, same = self.layers(run)
        frozen = {name.replace(".", "/", 1) for name in run.configuration.frozen}
        assert (
            {name.rpartition(".")[0] for name in same}
            == frozen
            == {"discriminator/layers.0.0", "discriminator/layers.0.1"}
        )
        assert not {name.rpartition(".")[0] for name in changed} & frozen
        images = RunFolder(run.path).read_run()["data"]["training_images"]
        assert (
            f"With {images} training images, the lower layers of the discriminator stay as they are (Freeze-D)" in said
        )

    def test_it_can_be_turned_off(self, old, others, tmp_path):
        run, said = tune(old, others, tmp_path / "run", set={"frozen": "none"})
        _, same = self.layers(run)
        assert not same
        assert "Freeze-D" not in said

    def test_with_more_images_nothing_is_frozen(self, old, others, tmp_path, monkeypatch):
        monkeypatch.setattr("edgan.api.freeze_d.FEW", 10)
        run, said = tune(old, others, tmp_path / "run")
        assert run.configuration.frozen == ()
        assert "Freeze-D" not in said

    def test_pretrained_features_are_frozen_already(self):
        projected = {"discriminator.kind": "projected", "discriminator.heads": 8}
        method = configure("ed-slash-gan", "small", {**TINY, **projected}).build(Shape(32, 3))
        taken = transfer(flat_networks(method.build()), method)
        layers, sentence = frozen_layers(method, taken, 24)
        assert layers == ()
        assert "they are pretrained features, which no training changes, and its heads learn" in sentence
        assert frozen_layers(method, taken, 300) == ((), "")


class TestFrozen:
    def test_frozen_networks_do_not_change_by_a_bit(self, old, others, tmp_path):
        run, _ = tune(old, others, tmp_path / "run", steps=5, set={"frozen": "encoder,decoder", "ema": 0.9})
        begun, ended = first(run), last(run.path).tensors
        for group in ("networks", "ema"):
            frozen = [name for name in begun[group] if name.partition("/")[0] in ("encoder", "decoder")]
            assert any("running_mean" in name for name in frozen)
            assert all(torch.equal(begun[group][name], ended[group][name]) for name in frozen)
        assert any(
            not torch.equal(value, ended["networks"][name])
            for name, value in begun["networks"].items()
            if name.startswith("generator/")
        )
        table = RunFolder(run.path).read_run()["table"]
        cells = {network for row in table["rows"] for network in row["routes"]}
        assert not cells & {"encoder", "decoder"}
        assert cells >= {"generator", "discriminator"}

    def test_a_frozen_stage_is_gone(self, old_cdnet, others, tmp_path):
        settings = {"attributes": "Smiling,Male,Eyeglasses", "frozen": "attribute_encoder", "classifier_steps": 100}
        run, _ = tune(old_cdnet, others, tmp_path / "run", "cdnet", set=settings)
        assert [stage.name for stage in run.load("cpu").method.plan.stages] == ["together"]
        assert last(run.path).step == 3

    def test_explain_shows_blank_columns_and_gradients_of_the_taken_weights(self, old, others):
        options = {"start_from": old.path, "data": others, "preset": "small", "measure": True}
        explained = edgan.explain("ed-slash-gan", set={"frozen": "encoder,decoder"}, **options)
        gradients = explained.as_dict()["gradients"]
        assert all(row["encoder"] == row["decoder"] == 0 for row in gradients.values())
        assert gradients["adversarial"]["generator"] > 0
        assert f"starts from {old.path} (ed-slash-gan, step 4)" in str(explained)
        assert "reconstruction" in str(explained)
        free = edgan.explain("ed-slash-gan", set={"frozen": "none"}, **options).as_dict()["gradients"]
        assert free["reconstruction"]["encoder"] > 0

    @pytest.mark.parametrize(
        ("frozen", "told"),
        [
            ("encodr", r"frozen names a network that ed-slash-gan does not have: 'encodr'\. Did you mean 'encoder'"),
            ("encoder,decoder,generator,discriminator", "frozen leaves no network of ed-slash-gan to train"),
            ("encoder.nothing", "frozen names a layer that the encoder does not have: 'nothing'"),
        ],
    )
    def test_what_cannot_be_frozen_is_refused_before_the_first_step(self, frozen, told, faces, tmp_path):
        with pytest.raises(UsageError, match=told):
            train_tiny(faces, tmp_path / "run", 2, set={"frozen": frozen, "latent.prior": "none"})
        assert not (tmp_path / "run" / "run.json").exists()
