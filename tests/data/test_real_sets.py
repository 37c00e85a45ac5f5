"""Real data sets in their publishers' layouts, where they are available. CIFAR-10's 60,000 files take too long."""

import pytest

from edgan.data import open_dataset
from edgan.data.readers import read_layout
from edgan.data.tree import Tree

SETS = {
    "mnist": ("idx", 70_000, 1, 10_000),
    "celeba": ("celeba", 10_000, 3, 1_000),
    "utkface": ("utkface", 6_000, 3, None),
    "facades": ("side-by-side", 606, 3, 106),
    "camvid": ("images-labels", 701, 3, 233),
}


@pytest.mark.parametrize("name", SETS)
def test_every_image_of_a_real_set_opens(unpacked, name):
    kind, count, channels, test = SETS[name]
    data = open_dataset(unpacked(name), size=28)
    assert (data.kind, len(data), data.channels, data.skipped) == (kind, count, channels, [])
    assert len(data.indices("val")) > 0
    assert test is None or len(data.indices("test")) == test
    batch = data.batch(data.indices("train")[:16])
    assert batch.image.shape == (16, channels, 28, 28)
    assert batch.image.std() > 0.1
    if kind in ("side-by-side", "images-labels"):
        assert batch.source.shape == (16, 3, 28, 28)
        assert batch.source.std() > 0.1
    if kind in ("celeba", "utkface"):
        assert 0.3 < data.attributes[:, data.attribute_names.index("Male")].mean() < 0.6


def test_fashion_mnist_has_the_classes_of_its_own(unpacked):
    listing = read_layout(Tree(unpacked("fashion-mnist")))
    assert (listing.kind, len(listing.names)) == ("idx", 70_000)
    assert listing.label_names[0] == "T-shirt/top"
