"""Two processes average, broadcast and agree; one process alone needs no process group."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from edgan.errors import EdganError, UsageError
from edgan.training import distributed
from forked_edgan import forked_ranks, forking, free_port


def gloo_threads() -> list[str]:
    """The names of this process's threads that talk to other processes."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return [name for name in names if "gloo" in name]


def see(folder: str) -> None:
    """One process of two: average, broadcast and agree, and write what it saw."""
    world = distributed.start("cpu")
    rank = world.rank
    gradients = [
        torch.full((2, 3), float(rank + 1)),
        None,
        torch.arange(2 * 3 * 4 * 4.0).view(2, 3, 4, 4).mul(rank + 1).to(memory_format=torch.channels_last),
        torch.full((2,), float(rank), dtype=torch.bfloat16),
    ]
    distributed.average_gradients(gradients)
    torch.manual_seed(rank)
    tensors = [
        torch.randn(3, 2, 2, 2).to(memory_format=torch.channels_last),
        torch.tensor(rank == 0),
        torch.tensor(2**60 + rank),
        torch.full((3,), float("nan") if rank == 0 else 0.0, dtype=torch.float64),
        torch.get_rng_state(),
    ]
    distributed.broadcast_from_main(tensors)
    votes = [distributed.any_true(False), distributed.any_true(rank == 1), distributed.any_true(True)]
    distributed.barrier()
    weight = torch.nn.Parameter(torch.ones(3))
    weight.sum().backward()
    torch.optim.Adam([weight]).step()
    talking = gloo_threads()
    distributed.stop()
    result = {"world": (rank, world.size, world.is_main, str(world.device)), "gradients": gradients, "tensors": tensors}
    torch.save(result | {"votes": votes, "threads": (talking, gloo_threads())}, f"{folder}/{rank}.pt")


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> list[dict]:
    """What each of two processes saw."""
    folder = tmp_path_factory.mktemp("two")
    ranks = forked_ranks(folder, see, [str(folder)])
    heard = [rank.communicate(timeout=120) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], heard
    return [torch.load(folder / f"{rank}.pt") for rank in (0, 1)]


def test_every_process_knows_its_place(results):
    assert [result["world"] for result in results] == [(0, 2, True, "cpu"), (1, 2, False, "cpu")]


def test_gradients_become_their_mean(results):
    for result in results:
        first, none, second, half = result["gradients"]
        assert torch.equal(first, torch.full((2, 3), 1.5))
        assert none is None
        assert torch.equal(second, torch.arange(2 * 3 * 4 * 4.0).view(2, 3, 4, 4) * 1.5)
        assert torch.equal(half, torch.full((2,), 0.5, dtype=torch.bfloat16))


def test_everybody_gets_the_main_process_values_bit_for_bit(results):
    torch.manual_seed(0)
    drawn, state = torch.randn(3, 2, 2, 2), torch.get_rng_state()
    for result in results:
        weights, flag, count, nans, generator = result["tensors"]
        assert torch.equal(weights, drawn)
        assert flag.item() is True
        assert count.item() == 2**60
        assert nans.isnan().all()
        assert torch.equal(generator, state)


def test_a_flag_set_in_one_process_is_seen_by_all(results):
    assert [result["votes"] for result in results] == [[False, True, True]] * 2


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux to name its threads")
def test_no_thread_of_the_process_group_outlives_it(results):
    """One that did would now and then end a process that is done with SIGABRT."""
    for result in results:
        talking, left = result["threads"]
        assert talking != []
        assert left == []


def test_a_world_of_one_has_no_process_group_and_changes_nothing(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    world = distributed.start("cpu")
    gradient = torch.ones(3)
    distributed.average_gradients([gradient, None])
    distributed.broadcast_from_main([gradient])
    distributed.barrier()
    distributed.stop()
    assert world == distributed.World(0, 1, torch.device("cpu"))
    assert world.is_main
    assert not dist.is_initialized()
    assert torch.equal(gradient, torch.ones(3))
    assert [distributed.any_true(flag) for flag in (False, True)] == [False, True]


def test_half_of_torchruns_variables_is_a_wrong_call(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(UsageError, match="torchrun"):
        distributed.start("cpu")


def leave_or_wait(rank: int, port: int, said) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    distributed.start("cpu")
    if rank == 1:
        os._exit(1)
    try:
        distributed.average_gradients([torch.ones(4)])
    except EdganError as error:
        said.put(str(error))


def test_a_process_whose_partner_died_says_so():
    context, port = forking(), int(free_port())
    said = context.Queue()
    processes = [context.Process(target=leave_or_wait, args=(rank, port, said)) for rank in (0, 1)]
    for process in processes:
        process.start()
    message = said.get(timeout=60)
    for process in processes:
        process.join()
    assert "lost each other while averaging gradients" in message
    assert "resume the run" in message


def test_several_processes_are_refused_on_a_device_for_one(monkeypatch):
    for name, value in {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match="CPUs or CUDA GPUs, not on mps"):
        distributed.start("mps")
