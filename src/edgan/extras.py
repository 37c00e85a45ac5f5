"""Optional packages: how to install them without replacing the torch that is there."""

from __future__ import annotations

from importlib import metadata

WHEELS = "https://download.pytorch.org/whl"


def install_command(extra: str) -> str:
    """The command that adds an extra and keeps the installed build of torch.

    Some extras need torchvision, and the package index has it for CUDA only. Without torch's own version and index, pip
    would replace a torch for the CPU by one of gigabytes.

    Args:
        extra: "inception", "torchvision", "studio" or "faces".
    """
    version = metadata.version("torch")
    _, _, build = version.partition("+")
    index = f" --extra-index-url {WHEELS}/{build}" if build else ""
    return f"pip install 'edgan[{extra}]' 'torch=={version}'{index}"
