"""The device that a name stands for, and why it cannot be used here."""

from __future__ import annotations

import torch

from edgan.errors import UsageError, near_miss

DEVICES = ("cpu", "cuda", "mps", "xpu")
ALIASES = {"gpu": "cuda", "nvidia": "cuda", "rocm": "cuda", "amd": "cuda", "metal": "mps", "apple": "mps"}
"""Names that people write for a device that torch calls otherwise. ROCm's GPUs are "cuda" too."""


def resolve_device(name: str) -> torch.device:
    """The device of a name; "auto" is a GPU of CUDA or of Apple (MPS) where there is one, and the CPU otherwise.

    Raises:
        UsageError: there is no such device here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind, colon, number = name.partition(":")
    if kind not in DEVICES:
        meant = ALIASES.get(kind.lower())
        hint = f"Did you mean {meant!r}?" if meant else near_miss(kind, (*DEVICES, "auto"))
        raise UsageError(f"cannot be {name!r}. {hint}", parameter="device")
    if colon and not (number.isascii() and number.isdecimal()):
        raise UsageError(
            f"cannot be {name!r}: write {kind!r}, or {kind + ':0'!r} for the first one.", parameter="device"
        )
    reason = _missing(kind, int(number or 0))
    if reason is None:
        try:
            device = torch.device(name)
            torch.empty(1, device=device)
            return device
        except (RuntimeError, AssertionError) as error:
            reason = str(error).strip().splitlines()[0].partition(". ")[0].rstrip(".")
    raise UsageError(f"cannot be {name!r} here: {reason}. Use 'cpu' or 'auto'.", parameter="device")


def resolve_precision(name: str, device: torch.device) -> str:
    """The precision of a name; "auto" is bfloat16 on a CUDA GPU that computes with it, and float32 elsewhere."""
    if name != "auto":
        return name
    supported = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return "bfloat16" if supported else "float32"


def check_precision(device: torch.device, precision: str) -> None:
    """Refuse a precision that a device does not have.

    Raises:
        UsageError: it is float64 on MPS.
    """
    if device.type == "mps" and precision == "float64":
        raise UsageError("cannot be 'float64' on an MPS device. Choose the device 'cpu'.", parameter="precision")


def _missing(kind: str, number: int) -> str | None:
    """Why there is no such device; None if there is one."""
    if kind == "cpu":
        return "there is one CPU, 'cpu'" if number else None
    if kind == "mps":
        built, count = torch.backends.mps.is_built(), int(torch.backends.mps.is_available())
    elif kind == "xpu":
        built, count = torch.xpu._is_compiled(), torch.xpu.device_count()
    else:
        built, count = torch.backends.cuda.is_built(), torch.cuda.device_count()
    if not built:
        return f"this PyTorch is built without {kind.upper()}"
    if count == 0:
        return f"PyTorch finds no {kind.upper()} device"
    if number < count:
        return None
    return f"there is 1 {kind.upper()} device" if count == 1 else f"there are {count} {kind.upper()} devices"
