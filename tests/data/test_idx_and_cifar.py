"""MNIST's IDX files and CIFAR-10's pickled batches."""

import gzip
import pickle
import struct
import subprocess
import sys
import tracemalloc

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
        ("train-images-idx3-ubyte", lambda data: data[:4] + b"\xff" * 12, "files above 1 GiB"),
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
    with pytest.raises(EdganError, match=r"data_batch_1 is not a CIFAR-10 batch: it asks for .*open'"):
        open_dataset(tmp_path, size=32)
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_a_batch_of_any_usual_protocol_opens(tmp_path, protocol):
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3072), dtype=np.uint8)
    batch = {b"data": pixels, b"labels": [3, 4], b"filenames": [b"a.png", b"b.png"]}
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps(batch, protocol=protocol))
    data = open_dataset(tmp_path, size=32)
    assert np.array_equal(data.images.transpose(0, 3, 1, 2).reshape(2, 3072), pixels)
    assert data.label.tolist() == [3, 4]


def array_of_pointers(raw: bytes) -> bytes:
    """A batch whose array has the data type object, made only of names that numpy's own pickles hold."""
    text = lambda word: b"X" + struct.pack("<I", len(word)) + word  # noqa: E731
    raw = b"B" + struct.pack("<I", len(raw)) + raw
    dtype = b"cnumpy\ndtype\n(" + text(b"O8") + b"\x89\x88tR(K\x03" + text(b"|") + b"NNNK\x08K\x08K\x00tb"
    count = struct.pack("<i", 3072)
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R"
    array += b"(K\x01J" + count + b"\x85" + dtype + b"\x89" + raw + b"tb"
    return b"\x80\x03}(C\x04data" + array + b"C\x06labels]K\x00au."


def test_a_pickle_cannot_make_pointers_of_its_bytes(tmp_path):
    """In a process of its own: with numpy's own functions this is a segmentation fault."""
    (tmp_path / "data_batch_1").write_bytes(array_of_pointers(b"A" * 8 * 3072))
    code = f"from edgan.data import open_dataset; open_dataset({str(tmp_path)!r}, size=32)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "it holds an array of 'O8', not of unsigned bytes" in done.stderr


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02]r\xff\xff\xff\xff.",  # a memo of 2**32 entries
        b"\x80\x05\x96\xff\xff\xff\xff\x0f\x00\x00\x00.",  # a bytearray of 64 GiB
        b"\x80\x02}" + b")" + b"q\x00h\x00\x86" * 60 + b"K\x01s.",  # a key that takes 2**60 steps to hash
        b"\x80\x02cnumpy\ndtype\n}X\x08\x00\x00\x00__call__K\x01sb.",  # changes a function
        b"\x80\x02(cos\nsystem\no.",
        b"I9\n.",
        b"",
    ],
)
def test_any_other_pickle_is_refused_in_a_sentence(tmp_path, data):
    (tmp_path / "data_batch_1").write_bytes(data)
    with pytest.raises(EdganError, match=r"data_batch_1 is not a CIFAR-10 batch: .*\. Copy or download it again\."):
        open_dataset(tmp_path, size=32)


def test_emnist_is_turned_upright_with_letters_as_classes(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (26, 28, 28), dtype=np.uint8)
    for prefix in ("train", "test"):
        for what, array in (("images-idx3", pixels), ("labels-idx1", np.arange(1, 27, dtype=np.uint8))):
            (tmp_path / f"emnist-letters-{prefix}-{what}-ubyte.gz").write_bytes(gzip.compress(idx(array)))
    data = open_dataset(tmp_path, size=28)
    assert np.array_equal(data.images[3, ..., 0], pixels[3].T)
    assert data.label_names[:2] == ("A", "B")
    assert data.label[:2].tolist() == [0, 1]
    assert len(data.indices("test")) == 26


def test_a_header_that_claims_more_than_the_file_holds_takes_no_memory(tmp_path):
    header = struct.pack(">HBBIII", 0, 8, 3, 1_000_000, 28, 28)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(header + bytes(1000)))
    labels = idx(np.zeros(1_000_000, dtype=np.uint8))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    tracemalloc.start()
    try:
        with pytest.raises(EdganError, match=r"cut short: it cannot hold \(1000000, 28, 28\)"):
            open_dataset(tmp_path, size=28)
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()
