"""MNIST's IDX files and CIFAR-10's pickled batches."""

import gzip
import pickle
import struct

import numpy as np
import pytest

from edgan.data import open_dataset
from edgan.errors import EdganError


def idx(array: np.ndarray) -> bytes:
    return struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_mnist(folder, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    labels = np.arange(40, dtype=np.uint8) % 10
    for prefix, rows in (("train", slice(0, 30)), ("t10k", slice(30, 40))):
        arrays = {f"{prefix}-images-idx3-ubyte": pixels[rows], f"{prefix}-labels-idx1-ubyte": labels[rows]}
        for name, array in arrays.items():
            data = idx(array)
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    return pixels, labels


@pytest.mark.parametrize("packed", [True, False])
def test_mnist_opens_grey_with_its_own_test_part(tmp_path, packed):
    pixels, labels = write_mnist(tmp_path, packed)
    data = open_dataset(tmp_path, size=28)
    assert data.kind == "idx"
    assert data.channels == 1
    assert np.array_equal(data.images[..., 0], pixels)
    assert np.array_equal(data.label, labels)
    assert data.indices("test").tolist() == list(range(30, 40))
    assert len(data.indices("val")) >= 1


def test_fashion_mnist_is_told_by_its_folder(tmp_path):
    write_mnist(tmp_path / "fashion-mnist")
    write_mnist(tmp_path / "mnist")
    assert open_dataset(tmp_path / "fashion-mnist", size=28).label_names[9] == "Ankle boot"
    assert open_dataset(tmp_path / "mnist", size=28).label_names[9] == "9"


def test_mnist_is_resized_to_the_size_asked_for(tmp_path):
    write_mnist(tmp_path)
    assert open_dataset(tmp_path, size=32, channels=3).images.shape == (40, 32, 32, 3)


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("train-images-idx3-ubyte", lambda data: data[:500], "cut short"),
        ("train-images-idx3-ubyte", lambda data: b"\0\0\x0d\3" + data[4:], "not an IDX file of unsigned bytes"),
        ("train-labels-idx1-ubyte", lambda data: idx(np.zeros(7, np.uint8)), "30 images but .* 7 labels"),
        ("train-images-idx3-ubyte", lambda data: data[:4] + b"\xff" * 12, "files above 2 GiB"),
    ],
)
def test_a_damaged_idx_file_is_named(tmp_path, name, change, sentence):
    write_mnist(tmp_path, packed=False)
    (tmp_path / name).write_bytes(change((tmp_path / name).read_bytes()))
    with pytest.raises(EdganError, match=sentence):
        open_dataset(tmp_path, size=28)


def test_images_without_their_labels_are_refused(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(EdganError, match="no t10k-labels"):
        open_dataset(tmp_path, size=28)


def write_batch(path, count=4):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = np.random.default_rng(1).integers(0, 256, (count, 3072), dtype=np.uint8)
    names = [f"{path.name}_{n}.png".encode() for n in range(count)]
    path.write_bytes(pickle.dumps({b"data": data, b"labels": list(range(count)), b"filenames": names}, protocol=2))
    return data


def test_cifar_batches_open_as_published(tmp_path):
    first = write_batch(tmp_path / "cifar-10-batches-py" / "data_batch_1")
    write_batch(tmp_path / "cifar-10-batches-py" / "test_batch")
    data = open_dataset(tmp_path, size=32)
    assert data.kind == "cifar10-batches"
    assert np.array_equal(data.images[0], first[0].reshape(3, 32, 32).transpose(1, 2, 0))
    assert data.label.tolist() == [0, 1, 2, 3] * 2
    assert data.label_names[0] == "airplane"
    assert data.indices("test").tolist() == [4, 5, 6, 7]


class Attack:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_that_would_run_code_is_refused_unrun(tmp_path):
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(Attack(tmp_path / "touched"), protocol=2))
    with pytest.raises(EdganError, match=r"data_batch_1 is not a CIFAR-10 batch: it asks for .*open"):
        open_dataset(tmp_path, size=32)
    assert not (tmp_path / "touched").exists()
