"""A training that starts from another run: what it takes, what is new, and that it resumes exactly."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from PIL import Image
from training_toys import PowerCutError, assert_same_run, cut_at, last, train_tiny
from tuning_toys import BRIEF, CDNET, GAN, SHORT, first, record, tune

import edgan
from edgan.api.training import train
from edgan.errors import EdganError, UsageError


class TestTheSameMethod:
    def test_it_begins_with_the_averages_and_the_discriminator_of_the_other_run(self, old, others, tmp_path):
        run, said = tune(old, others, tmp_path / "run", set={"frozen": "none"})
        begun, theirs = first(run), last(old.path).tensors
        assert theirs["ema"]
        for name, value in begun["networks"].items():
            assert torch.equal(value, theirs["ema"].get(name, theirs["networks"][name])), name
        assert all(torch.equal(value, theirs["ema"][name]) for name, value in begun["ema"].items())
        assert f"Started from {old.path} (ed-slash-gan, step 4)" in said
        assert "Taken: encoder (" in said
        assert "New:" not in said

    def test_its_networks_are_built_as_the_other_runs_and_trained_as_the_preset_says(self, old, others, tmp_path):
        run, _ = tune(old, others, tmp_path / "run")
        ours, theirs = run.configuration, old.configuration
        assert ours.settings["network"] == theirs.settings["network"]
        assert ours.settings["latent"] == theirs.settings["latent"]
        assert ours.size == theirs.size == 32
        assert ours.optimisers["encoder"].lr == 1e-3 != theirs.optimiser.lr
        assert ours.settings["penalty"]["weight"] == 0.1 != theirs.settings["penalty"]["weight"]

    def test_a_generator_that_was_taken_does_not_begin_again_as_the_decoder(self, old, others, tmp_path):
        run, _ = tune(old, others, tmp_path / "run", set={"ed_first": 1, "generator_as_decoder": True})
        assert run.configuration.settings["ed_first"] == 1
        assert run.configuration.settings["generator_as_decoder"] is False

    def test_run_json_counts_what_was_taken_and_names_the_runs_before(self, old, others, tmp_path):
        middle, _ = tune(old, others, tmp_path / "middle")
        run, _ = tune(middle, others, tmp_path / "run")
        assert record(run)["run"] == str(middle.path)
        assert record(run)["step"] == middle.checkpoint().step
        assert record(run)["started_from"]["run"] == str(old.path)
        encoder = record(run)["networks"]["encoder"]
        assert encoder["taken"] == encoder["of"] > 0
        assert encoder["new_layers"] == []

    def test_it_resumes_bit_for_bit_when_the_other_run_is_gone(self, old, others, tmp_path):
        shutil.copytree(old.path, tmp_path / "other")
        options = {"steps": 7, "set": {"checkpoint_every": 2, "log_every": 1}}
        whole, _ = tune(tmp_path / "other", others, tmp_path / "whole", **options)
        with pytest.raises(PowerCutError):
            tune(tmp_path / "other", others, tmp_path / "cut", watch=cut_at(5), **options)
        shutil.rmtree(tmp_path / "other")
        resumed = train("ed-slash-gan", others, tmp_path / "cut", resume=True)
        assert_same_run(whole.path, resumed.path)
        assert record(resumed) == record(whole)
        assert resumed.configuration == whole.configuration

    def test_a_file_that_names_the_other_run_resumes_without_it(self, old, others, tmp_path):
        shutil.copytree(old.path, tmp_path / "other")
        file = tmp_path / "run.toml"
        run, _ = tune(tmp_path / "other", others, tmp_path / "run", save_config=file)
        shutil.rmtree(tmp_path / "other")
        assert "other" in file.read_text()
        resumed = train(config=file, out=run.path, resume=True, steps=4)
        assert last(resumed.path).step == 4

    def test_a_model_of_the_zoo_lacks_a_discriminator_which_is_then_new(self, others, tmp_path):
        changes = {**BRIEF, "discriminator.kind": "paper", "attributes": "Smiling,Male", "evaluate_every": 99}
        run, said = tune("zoo:faces", others, tmp_path / "run", "cdnet", size=64, steps=2, set=changes)
        networks = record(run)["networks"]
        assert networks["encoder"]["taken"] == networks["encoder"]["of"] > 100_000
        assert networks["discriminator"]["taken"] == 0
        assert "Started from zoo:faces" in said
        assert "Kept by name: Smiling, Male; new names: none." in said
        assert "this one is new" in said
        assert run.configuration.settings["network"]["latent_norm"] == "batch"

    def test_it_begins_with_the_weights_of_a_zoo_model_that_are_stored_in_eight_bits(self, others, tmp_path):
        """They were once taken as integers up to 127."""
        rate = {f"optimisers.{name}.lr": 1e-12 for name in ("encoder", "decoder", "attribute_encoder", "discriminator")}
        changes = {**BRIEF, **rate, "discriminator.kind": "paper", "attributes": "Smiling,Male", "optimiser.lr": 1e-12}
        run, _ = tune("zoo:faces", others, tmp_path / "run", "cdnet", size=64, steps=2, set=changes)
        zoo, tuned = edgan.load("zoo:faces", "cpu"), edgan.load(run.path, "cpu", "newest")
        for name in ("encoder", "decoder", "attribute_encoder"):
            weights = dict(tuned.networks[name].named_parameters())
            for key, weight in zoo.networks[name].named_parameters():
                if weight.shape == weights[key].shape:
                    torch.testing.assert_close(weights[key], weight, atol=1e-5, rtol=0)


class TestOtherNetworks:
    def test_another_method_takes_the_networks_that_fit(self, faces, others, tmp_path):
        coupled = train_tiny(faces, tmp_path / "coupled", 2, method="ed-plus-gan")
        run, said = tune(coupled, others, tmp_path / "run", set={"frozen": "none"})
        networks = record(run)["networks"]
        assert networks["encoder"]["taken"] == networks["encoder"]["of"]
        assert networks["decoder"]["taken"] == networks["decoder"]["of"]
        assert networks["generator"]["taken"] == 0
        assert "New: generator (" in said

    def test_attributes_are_kept_by_name(self, old_cdnet, others, tmp_path):
        run, said = tune(
            old_cdnet, others, tmp_path / "run", "cdnet", set={**BRIEF, "attributes": "Male,Bangs,Smiling"}
        )
        begun, theirs = first(run)["networks"], last(old_cdnet.path).tensors["ema"]
        rows = begun["attribute_encoder/vector.3.weight"]
        kept = theirs["attribute_encoder/vector.3.weight"]
        assert rows.shape == kept.shape == (3, 8)
        assert torch.equal(rows[0], kept[1])
        assert torch.equal(rows[2], kept[0])
        assert not torch.equal(rows[1], kept[2])
        assert "Kept by name: Male, Smiling; new names: Bangs." in said

    def test_another_size_takes_what_fits_and_says_what_is_new(self, old, others, tmp_path):
        run, said = tune(old, others, tmp_path / "run", size=64)
        networks = record(run)["networks"]
        assert run.configuration.size == 64
        assert 0 < networks["encoder"]["taken"] < networks["encoder"]["of"]
        assert "Taken in part: encoder (" in said
        assert networks["encoder"]["new_layers"][0] in said

    def test_a_method_that_needs_a_run_takes_it_by_from_too(self, faces, others, tmp_path):
        gan = train("dcgan", faces, tmp_path / "gan", size=32, set=GAN, **SHORT)
        by_setting = train("connection", others, tmp_path / "a", set={"gan": str(gan.path), "hidden": 8}, **SHORT)
        by_from, _ = tune(gan, others, tmp_path / "b", "connection", set={"hidden": 8})
        assert_same_run(by_setting.path, by_from.path)
        assert record(by_from)["setting"] == record(by_setting)["setting"] == "gan"
        again, said = tune(by_from, others, tmp_path / "c", "connection")
        assert record(again)["setting"] is None
        assert again.configuration.settings["gan"] == by_from.configuration.settings["gan"]
        assert "Taken: generator (" in said
        assert "connection (" in said


class TestBadCalls:
    def test_not_a_run(self, others, tmp_path):
        with pytest.raises(EdganError, match=r"is not a run: run\.json is missing"):
            tune(others, others, tmp_path / "run")

    def test_an_unknown_zoo_name(self, others, tmp_path):
        with pytest.raises(UsageError, match=r"The zoo has no model 'face'\. Did you mean 'faces'"):
            tune("zoo:face", others, tmp_path / "run", "cdnet")

    def test_a_run_without_a_checkpoint(self, old, others, tmp_path):
        shutil.copytree(old.path, tmp_path / "old")
        shutil.rmtree(tmp_path / "old" / "checkpoints")
        with pytest.raises(EdganError, match="holds no checkpoint yet"):
            tune(tmp_path / "old", others, tmp_path / "run")

    def test_other_channels(self, old, others, tmp_path):
        grey = tmp_path / "grey"
        grey.mkdir()
        for index, path in enumerate(sorted((others / "images").iterdir())[:8]):
            Image.open(path).convert("L").save(grey / f"{index}.png")
        with pytest.raises(
            UsageError, match=r"images of 32 px with 3 channels, and this data has 32 px with 1 channel"
        ):
            tune(old, grey, tmp_path / "run")

    def test_nothing_that_fits(self, faces, old, others, tmp_path):
        with pytest.raises(
            UsageError, match=r"has no layer of the same name and shape as a layer of this ed-slash-gan"
        ):
            tune(old, others, tmp_path / "run", "cdnet", set={**CDNET, **BRIEF})

    def test_with_resume(self, old, others, tmp_path):
        with pytest.raises(UsageError, match="start_from cannot be given when resuming"):
            train("ed-slash-gan", others, tmp_path / "run", start_from=old.path, resume=True)

    def test_a_setting_that_names_another_run(self, old, others, tmp_path):
        with pytest.raises(UsageError, match="start_from names a second run: gan names one already"):
            tune(old, others, tmp_path / "run", "connection", set={"gan": str(old.path)})


def test_a_run_from_nothing_says_nothing_of_another(old):
    assert "started_from" not in json.loads((old.path / "run.json").read_text())
