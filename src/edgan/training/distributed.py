"""Several processes, one run: torchrun starts them, and every rank computes its part of the one global batch.

Parameters are not wrapped: a phase's gradients are averaged by one flat all-reduce after its backwards. Every function
but `start` does nothing, or the obvious, in a world of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist

# Before any process group: its functions have the group of the moment they are imported as a default. An optimiser's
# first step imports it, and the group would outlive `stop` by that: its threads still hold tensors when the interpreter
# goes, and now and then a process that is done ends with SIGABRT.
import torch.distributed.nn.functional
from torch import Tensor

from edgan.errors import EdganError, UsageError

_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK")


@dataclass(frozen=True)
class World:
    """The processes of a run, as one of them sees them.

    Attributes:
        rank: 0 to size - 1.
        size: how many processes there are.
        device: where this one computes.
    """

    rank: int
    size: int
    device: torch.device

    @property
    def is_main(self) -> bool:
        """Whether this process writes the run's folder."""
        return self.rank == 0


def start(device: str | torch.device = "cpu") -> World:
    """Join the processes that torchrun started; without torchrun, a world of one and no process group.

    Args:
        device: "cpu", or "cuda" for one GPU per process: the local rank says which. In a world of one it is kept as
            it is.

    Raises:
        UsageError: torchrun's variables are not whole, or there are more processes than GPUs.
        EdganError: the processes cannot find each other.
    """
    device = torch.device(device)
    if "WORLD_SIZE" not in os.environ:
        return World(0, 1, device)
    rank, size, local = _environment()
    if size == 1:
        return World(0, 1, device)
    if device.type == "cuda":
        # By how many there are and not by its own place, so that every process of the machine finds the same.
        processes = int(os.environ.get("LOCAL_WORLD_SIZE", local + 1))
        if processes > torch.cuda.device_count():
            raise UsageError(
                f"There are {processes} processes on this machine, and it has {torch.cuda.device_count()} GPUs. "
                "Start as many processes as there are GPUs (torchrun --nproc-per-node), or use --device cpu."
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    with _talking("finding each other"):
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", rank=rank, world_size=size)
    return World(rank, size, device)


def stop() -> None:
    """Leave the process group, if there is one. Called at the end of a run, also of one that failed."""
    if dist.is_initialized():
        dist.destroy_process_group()


def average_gradients(gradients: Sequence[Tensor | None]) -> None:
    """Replace every gradient by its mean over the processes, in place, with one all-reduce.

    The sum is computed in float32, in float64 when a gradient is of that type; all processes get the same bits.

    Args:
        gradients: of one phase's parameters, any shapes; None where a parameter has none. Every process gives the same
            shapes and None in the same places.

    Raises:
        EdganError: another process has gone.
    """
    present = [gradient for gradient in gradients if gradient is not None]
    if not dist.is_initialized() or not present:
        return
    kind = torch.float64 if any(gradient.dtype == torch.float64 for gradient in present) else torch.float32
    flat = torch.cat([gradient.reshape(-1).to(kind) for gradient in present])
    with _talking("averaging gradients"):
        dist.all_reduce(flat)
    flat /= dist.get_world_size()
    _spread(flat, present)


def broadcast_from_main(tensors: Iterable[Tensor]) -> None:
    """Give every process the main process's values, in place and bit for bit, with one broadcast.

    Args:
        tensors: any shapes and dtypes, on any device, the same on every process.

    Raises:
        EdganError: another process has gone.
    """
    tensors = list(tensors)
    if not dist.is_initialized() or not tensors:
        return
    flat = torch.cat([_bytes(tensor).to(_device()) for tensor in tensors])
    with _talking("broadcasting"):
        dist.broadcast(flat, src=0)
    with torch.no_grad():
        sizes = [tensor.numel() * tensor.element_size() for tensor in tensors]
        for tensor, part in zip(tensors, flat.split(sizes), strict=True):
            tensor.copy_(part.clone().view(tensor.dtype).view(tensor.shape))  # a clone: a view needs aligned memory


def barrier() -> None:
    """Wait until every process is here.

    Raises:
        EdganError: another process has gone.
    """
    if dist.is_initialized():
        with _talking("waiting for each other"):
            dist.barrier()


def any_true(flag: bool) -> bool:
    """Whether the flag is set in any process: a signal, a loss that is not finite.

    Raises:
        EdganError: another process has gone.
    """
    if not dist.is_initialized():
        return flag
    votes = torch.tensor([int(flag)], device=_device())
    with _talking("agreeing"):
        dist.all_reduce(votes, op=dist.ReduceOp.MAX)
    return bool(votes.item())


def _environment() -> tuple[int, int, int]:
    try:
        rank, size, local = (int(os.environ[name]) for name in _VARIABLES)
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"WORLD_SIZE is set, and torchrun's variables {', '.join(_VARIABLES)} are not all whole numbers ({error}). "
            "Start with torchrun, or unset WORLD_SIZE."
        ) from error
    return rank, size, local


def _device() -> torch.device:
    """Where the process group's tensors lie."""
    return torch.device("cuda", torch.cuda.current_device()) if dist.get_backend() == "nccl" else torch.device("cpu")


def _bytes(tensor: Tensor) -> Tensor:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)


def _spread(flat: Tensor, tensors: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(part.view(tensor.shape))


@contextmanager
def _talking(doing: str) -> Iterator[None]:
    """A failed exchange as a sentence: nearly always the cause is in another process's output."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise EdganError(
            f"The processes of this run lost each other while {doing}: {str(error).splitlines()[0]}. "
            "Look at what the other processes said, then go on with --resume."
        ) from error
