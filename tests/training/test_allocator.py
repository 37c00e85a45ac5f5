"""Memory that a step frees stays in the process, so that the next step finds its pages ready."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys, torch
from edgan.training.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def step():
    return [torch.zeros(int(sys.argv[2])) for _ in range(8)]
step(), step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults_of_four_steps(how: str, values: int) -> int:
    command = [sys.executable, "-c", FAULTS, how, str(values)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library keeps memory in its own way")
@pytest.mark.parametrize("mebibytes", [4, 48])
def test_steps_find_the_pages_of_the_steps_before_them(mebibytes):
    values = mebibytes * 2**18
    assert faults_of_four_steps("keep", values) < 0.1 * faults_of_four_steps("leave", values)
