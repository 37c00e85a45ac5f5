"""Names of devices, and why one cannot be used here."""

from __future__ import annotations

import pytest
import torch

from edgan.errors import UsageError
from edgan.models.device import check_precision, resolve_device, resolve_precision


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gpu", "cannot be 'gpu'. Did you mean 'cuda'?"),
        ("metal", "cannot be 'metal'. Did you mean 'mps'?"),
        ("cudda", "cannot be 'cudda'. Did you mean 'cuda'?"),
        ("", "There are: auto, cpu, cuda, mps, xpu."),
        ("cuda:x", "cannot be 'cuda:x': write 'cuda', or 'cuda:0' for the first one."),
        ("cpu:3", "there is one CPU, 'cpu'"),
    ],
)
def test_a_name_that_is_no_device_is_refused_with_what_was_meant(name: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_device(name)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["mps", "xpu", "cuda"])
def test_a_device_that_is_not_here_is_refused_in_one_short_sentence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_built", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.xpu, "_is_compiled", lambda: True)
    monkeypatch.setattr(torch.xpu, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(UsageError) as caught:
        resolve_device(name)
    assert str(caught.value) == (
        f"device cannot be '{name}' here: PyTorch finds no {name.upper()} device. Use 'cpu' or 'auto'."
    )


def test_a_build_without_a_backend_is_said_and_so_is_a_number_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match="there are 2 CUDA devices"):
        resolve_device("cuda:2")
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: False)
    with pytest.raises(UsageError, match="this PyTorch is built without CUDA"):
        resolve_device("cuda")


def test_a_backend_that_fails_is_quoted_without_its_list(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("Could not run 'aten::empty'. It is only available for: [CPU, Meta].")

    monkeypatch.setattr(torch, "empty", fail)
    with pytest.raises(UsageError) as caught:
        resolve_device("cpu")
    assert "[CPU" not in str(caught.value)


@pytest.mark.parametrize(
    ("device", "supported", "expected"),
    [("cuda", True, "bfloat16"), ("cuda", False, "float32"), ("cpu", True, "float32")],
)
def test_auto_is_bfloat16_on_a_gpu_that_computes_with_it(monkeypatch, device, supported, expected):
    monkeypatch.setattr(
        "torch.cuda.is_bf16_supported", lambda including_emulation: supported and not including_emulation
    )
    assert resolve_precision("auto", torch.device(device)) == expected
    assert resolve_precision("float64", torch.device(device)) == "float64"


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu"), (True, False, "cuda")],
)
def test_auto_is_the_gpu_of_cuda_then_of_apple_then_the_cpu(
    cuda: bool, mps: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert resolve_device("auto").type == chosen


def test_float64_is_refused_on_mps_alone() -> None:
    with pytest.raises(UsageError, match="precision cannot be 'float64' on an MPS device"):
        check_precision(torch.device("mps"), "float64")
    check_precision(torch.device("mps"), "float32")
    check_precision(torch.device("cpu"), "float64")
