"""Several processes, one run: torchrun starts them, and every rank computes its share of the global batch.

Parameters are not wrapped: a phase's gradients are averaged by one flat all-reduce after its backwards. In a world of
one, the functions of this file do nothing or return their argument; only `start` does more.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

# Imported before any process group exists, because its functions keep the current group as a default. An optimiser's
# first step imports it too, and the group would then outlive `stop`: its threads would hold tensors when the
# interpreter exits, and a finished process would sometimes end with SIGABRT.
import torch.distributed.nn.functional
from torch import Tensor

from edgan.errors import UsageError
from edgan.processes import Processes, Value, exchange

_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
_groups = itertools.count()

PATIENCE = timedelta(days=7)
"""How long processes that share an evaluation or a folder wait for each other: the pictures of one may take longer."""


@dataclass(frozen=True)
class World(Processes):
    """The processes of a run, as one of them sees them.

    Attributes:
        device: the device of this process.
    """

    device: torch.device


def start(device: str | torch.device = "cpu", patience: timedelta | None = None) -> World:
    """Join the processes that torchrun started; without torchrun, a world of one and no process group.

    Args:
        device: "cpu", or "cuda" for one GPU per process, chosen by the local rank. A world of one keeps it as given.
        patience: how long a process waits for the others at an exchange. With it only results are exchanged, on the
            CPU; None: gradients, where the device has them, for as long as torch waits.

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
            f'Several processes compute on CPUs or CUDA GPUs, not on {device.type}. Choose the device "cpu".'
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
    # The store outlives the group, so the addresses of a former one are in it: of another call of this process, or of
    # processes that torchrun has restarted.
    group = f"restart-{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}-group-{next(_groups)}"
    backend = "nccl" if device.type == "cuda" and patience is None else "gloo"
    with exchange("connecting"):
        store = _store(rank, size, os.environ.get("MASTER_ADDR"), os.environ.get("MASTER_PORT"))
        prefixed = dist.PrefixStore(group, store)
        dist.init_process_group(backend, store=prefixed, rank=rank, world_size=size, timeout=patience)
    return World(rank, size, device)


@contextmanager
def joined(device: str | torch.device) -> Iterator[World]:
    """The processes that torchrun started, which share the work of the block; a world of one without torchrun.

    A world of one too in a program that has a process group of its own: its processes may do other things.

    Args, raises: as `start`.
    """
    if dist.is_initialized():
        yield World(0, 1, torch.device(device))
        return
    try:
        yield start(device, PATIENCE)
    finally:
        stop()


def main_first(world: World, make: Callable[[], Value]) -> Value:
    """What a function returns, in every process; the others call it when the first is done and has filled the cache."""
    if not world.is_main:
        barrier()
        return make()
    made = make()
    barrier()
    return made


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
    with exchange("averaging gradients"):
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
        with exchange("adding up batch statistics"):
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
    with exchange("broadcasting"):
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
        with exchange("waiting for each other"):
            dist.barrier()


def any_true(flag: bool) -> bool:
    """Whether the flag (a signal, a loss that is not finite) is set in any process.

    Raises:
        EdganError: another process has ended.
    """
    if not dist.is_initialized():
        return flag
    votes = torch.tensor([int(flag)], device=_device())
    with exchange("agreeing"):
        dist.all_reduce(votes, op=dist.ReduceOp.MAX)
    return bool(votes.item())


@functools.cache
def _store(rank: int, size: int, _address: str | None, _port: str | None) -> dist.Store:
    """Where the processes find each other's addresses: one for all groups of a process.

    Without torchrun, the first process serves it. A second one at the same port would take over from the first while
    other processes still connect to that.
    """
    store: dist.Store = next(iter(dist.rendezvous("env://", rank, size)))[0]
    return store


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
