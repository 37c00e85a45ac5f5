"""Optional packages: how to install them without replacing the torch that is there."""

from __future__ import annotations

from importlib import metadata

WHEELS = "https://download.pytorch.org/whl"
NEED_TORCHVISION = {"inception": "torch-fidelity>=0.3", "torchvision": "torchvision>=0.25"}
"""What needs torchvision. These are no extras of the package, so that no extra can bring another torch."""


def install_command(what: str) -> str:
    """The command that adds optional packages and keeps the installed build of torch.

    The package index has torchvision for CUDA only, and each of its versions needs one version of torch. Without
    torch's own version and index, pip would replace a torch for the CPU by one of gigabytes.

    Args:
        what: an extra ("studio", "faces", ...), "inception" or "torchvision".
    """
    version = metadata.version("torch")
    _, _, build = version.partition("+")
    index = f" --extra-index-url {WHEELS}/{build}" if build else ""
    return f"pip install '{NEED_TORCHVISION.get(what, f'edgan[{what}]')}' 'torch=={version}'{index}"
