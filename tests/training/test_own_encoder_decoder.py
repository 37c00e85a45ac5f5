"""ED//GAN and GRIT on an encoder-decoder that a person already has: another run's, or torch modules of their own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn
from training_toys import PowerCutError, assert_same_run, cut_at, last, train_tiny
from tuning_toys import GAN, SHORT, first, record, tune

import edgan
from edgan.api.training import Run, train
from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.models.inputs import split_inputs
from edgan.storage.run_folder import RunFolder
from edgan.synthetic import write_folder

OURS = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8}
GRIT = {**OURS, "network.residual_blocks": 1}
BASE_OF_GRIT = "content_encoder,style_encoder,trunk,base_head"


def pictures(data: Path) -> Tensor:
    return split_inputs(open_dataset(data, size=32), "val", 4).fields["image"]


def networks_of(run: Run) -> dict[str, set[str]]:
    """The networks whose weights changed in a training, and those that stayed bit for bit."""
    begun, ended = first(run)["networks"], last(run.path).tensors["networks"]
    changed = {name.partition("/")[0] for name, value in begun.items() if not torch.equal(value, ended[name])}
    return {"changed": changed, "same": {name.partition("/")[0] for name in begun} - changed}


@pytest.fixture(scope="module")
def facades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder("facades", tmp_path_factory.mktemp("facades") / "set", 12, 32)


class TestAnotherRun:
    def test_a_frozen_encoder_decoder_draws_the_base_bit_for_bit(self, old_cdnet, others, tmp_path):
        run, said = tune(old_cdnet, others, tmp_path / "run", set={**OURS, "frozen": "encoder,decoder"})
        assert record(run)["setting"] == "encoder_decoder"
        assert "Taken: attribute_encoder (" in said
        assert "New: generator (" in said
        assert networks_of(run) == {
            "changed": {"generator", "discriminator"},
            "same": {"attribute_encoder", "encoder", "decoder"},
        }
        images = pictures(others)
        before, after = (model.reconstruct(images) for model in (old_cdnet.load("cpu"), run.load("cpu")))
        assert torch.equal(after.base, before.output)
        assert not torch.equal(after.output, after.base)
        assert torch.equal(after.output, after.base + after.residual)

    def test_what_encodes_and_what_draws_learns_where_it_is_not_frozen(self, old_cdnet, others, tmp_path):
        run, _ = tune(old_cdnet, others, tmp_path / "run", set=OURS)
        assert networks_of(run)["same"] == {"attribute_encoder"}
        rows = {row["term"]: row["routes"] for row in RunFolder(run.path).read_run()["table"]["rows"]}
        assert rows["reconstruction"] == {"encoder": 1.0, "decoder": 1.0}
        assert rows["adversarial"] == {"generator": 1.0}

    def test_it_resumes_bit_for_bit_when_the_other_run_is_gone(self, old_cdnet, others, tmp_path):
        shutil.copytree(old_cdnet.path, tmp_path / "other")
        options = {"steps": 6, "set": {**OURS, "checkpoint_every": 2, "log_every": 1}}
        whole, _ = tune(tmp_path / "other", others, tmp_path / "whole", **options)
        with pytest.raises(PowerCutError):
            tune(tmp_path / "other", others, tmp_path / "cut", watch=cut_at(5), **options)
        shutil.rmtree(tmp_path / "other")
        assert_same_run(whole.path, train("ed-slash-gan", others, tmp_path / "cut", resume=True).path)

    def test_it_goes_on_from_such_a_run(self, old_cdnet, others, tmp_path):
        middle, _ = tune(old_cdnet, others, tmp_path / "middle", set=OURS)
        run, said = tune(middle, others, tmp_path / "run")
        assert record(run)["setting"] is None
        assert run.configuration.settings["encoder_decoder"] == middle.configuration.settings["encoder_decoder"]
        assert "New:" not in said

    def test_a_vae_draws_a_base_too(self, faces, others, tmp_path):
        vae = train("vae", faces, tmp_path / "vae", size=32, set=GAN, **SHORT)
        run, _ = tune(vae, others, tmp_path / "run", set={**OURS, "frozen": "encoder,decoder"})
        images = pictures(others)
        assert torch.equal(run.load("cpu").reconstruct(images).base, vae.load("cpu").reconstruct(images).output)

    def test_what_cannot_draw_a_base_is_refused(self, faces, facades, old_cdnet, others, tmp_path):
        gan = train("dcgan", faces, tmp_path / "gan", size=32, set=GAN, **SHORT)
        with pytest.raises(UsageError, match=r"dcgan\) has no encoder-decoder: it does not encode an image"):
            train("ed-slash-gan", others, tmp_path / "a", set={**OURS, "encoder_decoder": str(gan.path)}, **SHORT)
        inverter = train("connection", faces, tmp_path / "i", set={"gan": str(gan.path), "hidden": 8}, **SHORT)
        with pytest.raises(UsageError, match=r"\(connection\) cannot draw the base: its pictures are not drawn by"):
            tune(inverter, others, tmp_path / "b", set=OURS)
        translator = train("grit", facades, tmp_path / "t", size=32, set=GRIT, **SHORT)
        with pytest.raises(UsageError, match="has no layer of the same name and shape as a layer of this grit"):
            tune(translator, others, tmp_path / "e", set=OURS)
        with pytest.raises(UsageError, match=r"latent\.prior must be none: z comes from the encoder of"):
            tune(old_cdnet, others, tmp_path / "c", set={**OURS, "latent.prior": "aae"})
        with pytest.raises(UsageError, match=r"images of 32 px .* and this data has 64 px .* with size 32"):
            tune(old_cdnet, others, tmp_path / "d", size=64, set=OURS)


def test_grit_adds_a_residual_to_the_base_of_another_run(facades, tmp_path):
    base = train("grit", facades, tmp_path / "base", size=32, set={**GRIT, "objective": "l1"}, **SHORT)
    settings = {"frozen": BASE_OF_GRIT, "discriminator.width": 4, "discriminator.max_width": 8}
    run, said = tune(base, facades, tmp_path / "run", "grit", set=settings)
    assert networks_of(run)["same"] == set(BASE_OF_GRIT.split(","))
    assert networks_of(run)["changed"] == {"residual_trunk", "residual_head", "discriminator"}
    assert "Taken: content_encoder (" in said
    source = torch.rand(2, 3, 32, 32) * 2 - 1
    before, after = (model.translate(source) for model in (base.load("cpu"), run.load("cpu")))
    assert torch.equal(after.base, before.output)


class Encode(nn.Module):
    """A small encoder of a person's own."""

    def __init__(self, latent: int = 6) -> None:
        super().__init__()
        self.down = nn.Conv2d(3, 4, 8, 8)
        self.vector = nn.Linear(64, latent)

    def forward(self, image: Tensor) -> Tensor:
        return self.vector(self.down(image).flatten(1))


class Decode(nn.Module):
    """And its decoder."""

    def __init__(self, latent: int = 6) -> None:
        super().__init__()
        self.vector = nn.Linear(latent, 64)
        self.up = nn.ConvTranspose2d(4, 3, 8, 8)

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.up(self.vector(z).view(-1, 4, 4, 4)))


class TestOwnModules:
    SETTINGS: ClassVar = {**OURS, "latent.size": 6, "log_every": 1}

    def train(self, data: Path, out: Path, networks: dict[str, nn.Module], **options) -> Run:
        settings = {**self.SETTINGS, **options.pop("set", {})}
        return train("ed-slash-gan", data, out, networks=networks, set=settings, **{"size": 32, **SHORT, **options})

    def test_they_draw_the_base_and_stay_as_they_are_where_frozen(self, others, tmp_path):
        torch.manual_seed(5)
        own = {"encoder": Encode(), "decoder": Decode()}
        run = self.train(others, tmp_path / "run", own, set={"frozen": "encoder,decoder"})
        images = pictures(others)
        with torch.no_grad():
            expected = own["decoder"](own["encoder"](images))
        result = run.load("cpu").reconstruct(images)
        assert torch.allclose(result.base, expected, atol=1e-6)
        assert networks_of(run)["changed"] == {"generator", "discriminator"}
        again = edgan.load(run.path, "cpu", networks={"encoder": Encode(), "decoder": Decode()})
        assert torch.equal(again.reconstruct(images).output, result.output)

    def test_they_learn_where_they_are_not_frozen_and_the_persons_own_stay(self, others, tmp_path):
        own = {"encoder": Encode(), "decoder": Decode()}
        before = {name: value.clone() for name, value in own["encoder"].state_dict().items()}
        run = self.train(others, tmp_path / "run", own)
        assert networks_of(run)["same"] == set()
        assert all(torch.equal(value, before[name]) for name, value in own["encoder"].state_dict().items())

    def test_such_a_run_resumes_bit_for_bit_with_modules_of_the_same_classes(self, others, tmp_path):
        torch.manual_seed(5)
        own = {"encoder": Encode(), "decoder": Decode()}
        options = {"steps": 5, "set": {"checkpoint_every": 2}}
        whole = self.train(others, tmp_path / "whole", own, **options)
        with pytest.raises(PowerCutError):
            self.train(others, tmp_path / "cut", own, watch=cut_at(3), **options)
        with pytest.raises(UsageError, match=r"trained with your own modules as decoder and encoder"):
            train("ed-slash-gan", others, tmp_path / "cut", resume=True)
        fresh = {"encoder": Encode(), "decoder": Decode()}
        resumed = train("ed-slash-gan", others, tmp_path / "cut", resume=True, networks=fresh)
        assert_same_run(whole.path, resumed.path)

    def test_a_run_says_which_modules_it_needs(self, old, others, tmp_path):
        run = self.train(others, tmp_path / "run", {"encoder": Encode()})
        with pytest.raises(UsageError, match=r"edgan\.load\(run, networks=\{'encoder': \.\.\.\}\)"):
            edgan.load(run.path)
        with pytest.raises(UsageError, match="was trained without modules of your own"):
            edgan.load(old.path, networks={"encoder": Encode()})

    @pytest.mark.parametrize(
        ("networks", "told"),
        [
            ({"encodr": Encode()}, r"networks names a network that ed-slash-gan does not have: 'encodr'"),
            ({"encoder": len}, r"networks must hold torch modules; 'encoder' is of type builtin_function"),
            ({"encoder": Encode(7)}, r"networks do not fit ed-slash-gan: .*docs/fine-tuning\.md says"),
        ],
    )
    def test_modules_that_do_not_fit_are_refused_before_the_first_step(self, networks, told, others, tmp_path):
        with pytest.raises(UsageError, match=rf"(?s){told}"):
            self.train(others, tmp_path / "run", networks)
        assert not (tmp_path / "run" / "run.json").exists()


def test_a_run_on_its_own_networks_is_as_before(faces, tmp_path):
    run = train_tiny(faces, tmp_path / "run", 1)
    contents = RunFolder(run.path).read_run()
    assert contents["table"]["networks"][:4] == ["encoder", "decoder", "generator", "discriminator"]
    assert contents["configuration"]["settings"]["encoder_decoder"] is None
    assert "own_networks" not in contents
