"""Several processes, one run: torchrun starts them, and every rank computes its share of the global batch.

Parameters are not wrapped: a phase's gradients are averaged by one flat all-reduce after its backwards. In a world of
one, the functions of this file do nothing or return their argument; only `start` does more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist

# Imported before any process group exists, because its functions keep the current group as a default. An optimiser's
# first step imports it too, and the group would then outlive `stop`: its threads would hold tensors when the
# interpreter exits, and a finished process would sometimes end with SIGABRT.
import torch.distributed.nn.functional
from torch import Tensor

from edgan.errors import EdganError, UsageError

_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK")


class LostProcessError(EdganError):
    """An exchange failed because another process has ended."""

    consequence = True


@dataclass(frozen=True)
class World:
    """The processes of a run, as one of them sees them.

    Attributes:
        rank: 0 to size - 1.
        size: number of processes.
        device: the device of this process.
    """

    rank: int
    size: int
    device: torch.device

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes the run's folder."""
        return self.rank == 0


def start(device: str | torch.device = "cpu") -> World:
    """Join the processes that torchrun started; without torchrun, a world of one and no process group.

    Args:
        device: "cpu", or "cuda" for one GPU per process, chosen by the local rank. A world of one keeps it as given.

    Raises:
        UsageError: torchrun's variables are missing or not integers, there are more processes than GPUs, or the device
            is for a single process only.
        EdganError: the processes cannot connect.
    """
    device = torch.device(device)
    if "WORLD_SIZE" not in os.environ:
        return World(0, 1, device)
    rank, size, local = _environment()
    if size == 1:
        return World(0, 1, device)
    if device.type not in ("cpu", "cuda"):
        raise UsageError(
            f'Several processes train on CPUs or CUDA GPUs, not on {device.type}. Choose the device "cpu".'
        )
    if device.type == "cuda":
        # Compared by the number of processes, not by this one's rank, so that all processes of a machine agree.
        processes = int(os.environ.get("LOCAL_WORLD_SIZE", local + 1))
        if processes > torch.cuda.device_count():
            raise UsageError(
                f"This machine has {torch.cuda.device_count()} GPUs for {processes} processes. Start one process per "
                'GPU (torchrun --nproc-per-node), or choose the device "cpu".'
            )
        device = torch.device("cuda", local)
        torch.cuda.set_device(device)
    restart = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    with _exchange("connecting"):
        # torchrun restarts a job with the store of its former life, where processes that are gone have addresses.
        store = dist.PrefixStore(f"restart-{restart}", next(iter(dist.rendezvous("env://", rank, size)))[0])
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", store=store, rank=rank, world_size=size)
    return World(rank, size, device)


def stop() -> None:
    """Leave the process group, if there is one. Called at the end of every run, failed ones included."""
    if dist.is_initialized():
        dist.destroy_process_group()


def average_gradients(gradients: Sequence[Tensor | None]) -> None:
    """Replace every gradient by its mean over the processes, in place, with one all-reduce.

    The sum is computed in float32, or in float64 if a gradient has that type. All processes get the same bits.

    Args:
        gradients: of one phase's parameters, any shapes; None for a parameter without one. Shapes and the places of
            None are the same in every process.

    Raises:
        EdganError: another process has ended.
    """
    present = [gradient for gradient in gradients if gradient is not None]
    if not dist.is_initialized() or not present:
        return
    kind = torch.float64 if any(gradient.dtype == torch.float64 for gradient in present) else torch.float32
    flat = torch.cat([gradient.reshape(-1).to(kind) for gradient in present])
    with _exchange("averaging gradients"):
        dist.all_reduce(flat)
    flat /= dist.get_world_size()
    _spread(flat, present)


def size() -> int:
    """The number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def all_sum(values: Tensor) -> Tensor:
    """The sum over the processes, which can be differentiated: the gradient of a sum is summed too.

    Args:
        values: of equal shapes; in a world of one they come back as they are.

    Raises:
        EdganError: another process has ended.
    """
    return values if size() == 1 else _AllSum.apply(values)


class _AllSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone(memory_format=torch.contiguous_format)
        with _exchange("adding up batch statistics"):
            dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _AllSum.apply(gradient)


def broadcast_from_main(tensors: Iterable[Tensor]) -> None:
    """Give every process the main process's values, in place and bit for bit, with one broadcast.

    Args:
        tensors: any shapes and dtypes, on any device, the same on every process.

    Raises:
        EdganError: another process has ended.
    """
    tensors = list(tensors)
    if not dist.is_initialized() or not tensors:
        return
    flat = torch.cat([_bytes(tensor).to(_device()) for tensor in tensors])
    with _exchange("broadcasting"):
        dist.broadcast(flat, src=0)
    with torch.no_grad():
        sizes = [tensor.numel() * tensor.element_size() for tensor in tensors]
        for tensor, values in zip(tensors, flat.split(sizes), strict=True):
            tensor.copy_(values.clone().view(tensor.dtype).view(tensor.shape))  # a clone: a view needs aligned memory


def barrier() -> None:
    """Wait for all processes.

    Raises:
        EdganError: another process has ended.
    """
    if dist.is_initialized():
        with _exchange("waiting for each other"):
            dist.barrier()


def any_true(flag: bool) -> bool:
    """Whether the flag (a signal, a loss that is not finite) is set in any process.

    Raises:
        EdganError: another process has ended.
    """
    if not dist.is_initialized():
        return flag
    votes = torch.tensor([int(flag)], device=_device())
    with _exchange("agreeing"):
        dist.all_reduce(votes, op=dist.ReduceOp.MAX)
    return bool(votes.item())


def _environment() -> tuple[int, int, int]:
    try:
        rank, size, local = (int(os.environ[name]) for name in _VARIABLES)
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"WORLD_SIZE is set, but torchrun's variables {', '.join(_VARIABLES)} are not all integers ({error}). "
            "Start with torchrun, or unset WORLD_SIZE."
        ) from error
    return rank, size, local


def _device() -> torch.device:
    """The device of the process group's tensors."""
    return torch.device("cuda", torch.cuda.current_device()) if dist.get_backend() == "nccl" else torch.device("cpu")


def _bytes(tensor: Tensor) -> Tensor:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)


def _spread(flat: Tensor, tensors: Sequence[Tensor]) -> None:
    with torch.no_grad():
        for tensor, values in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(values.view(tensor.shape))


@contextmanager
def _exchange(doing: str) -> Iterator[None]:
    """Turns a failed exchange into a sentence. The cause is nearly always in another process's output."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise LostProcessError(
            f"The processes of this run lost each other while {doing}: {str(error).splitlines()[0]}. "
            "Read the output of the other processes, then resume the run."
        ) from error
