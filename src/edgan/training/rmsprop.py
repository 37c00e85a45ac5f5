"""RMSProp that works block by block on a CPU, and that a flag on the device can keep from stepping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from edgan.routing.packed import Packed

BLOCK = 1 << 17
"""Numbers of a block. Its weights, gradients, moments and divisors are 2 MiB in float32 and stay in a core's cache."""


class RMSProp(torch.optim.RMSprop):
    """torch's RMSProp without momentum, which reads the flag by which `torch.amp.GradScaler` skips a step.

    torch's own does not read it. Keeping its weights and state and putting them back took a sixth of CDNet's step on
    digits (H200). On a CPU, torch reads and writes whole tensors in memory for each of its five operations, which took
    a quarter of CDNet's step at 64 px; here all five are done to a block before the next. A step that is taken gives
    the same bits as torch's.
    """

    _step_supports_amp_scaling = True
    found_inf: Tensor | None = None
    """() float on the parameters' device: 1 where the next step is to change nothing. Set for one step at a time."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step; a parameter without a gradient stays.

        Args:
            closure: as torch's; neither with the flag nor on a CPU.
        """
        on_cpu = all(
            parameter.is_cpu and not isinstance(group["lr"], Tensor)
            for group in self.param_groups
            for parameter in group["params"]
        )
        if closure is not None or (self.found_inf is None and not on_cpu):
            return super().step(closure)
        for group in self.param_groups:
            stepped: list[Tensor] = []
            gradients: list[Tensor] = []
            moments: list[Tensor] = []
            counts: list[Tensor] = []
            self._init_group(group, stepped, gradients, moments, [], [], counts)
            if not stepped:
                continue
            if not on_cpu:
                assert self.found_inf is not None
                self._step_unless(self.found_inf > 0, group, stepped, gradients, moments, counts)
            elif self.found_inf is None or not bool(self.found_inf > 0):
                torch._foreach_add_(counts, 1)
                for tensors in zip(stepped, gradients, moments, strict=True):
                    _step_in_blocks(group, *tensors)
        return None

    def _step_unless(
        self,
        skips: Tensor,
        group: dict[str, Any],
        stepped: list[Tensor],
        gradients: list[Tensor],
        moments: list[Tensor],
        counts: list[Tensor],
    ) -> None:
        """Where it skips, moments are multiplied by 1 and gradients are 0: nothing changes."""
        alpha, rate, eps = group["alpha"], group["lr"], group["eps"]
        packed = Packed(gradients)
        packed.memory.masked_fill_(skips, 0.0)  # whatever they were: NaN times 0 would be NaN
        # A list, because a single tensor would be taken for a number and read by the host.
        torch._foreach_add_(counts, [(~skips).to(counts[0])] * len(counts))
        kept = torch.full_like(packed.memory[0], alpha).masked_fill_(skips, 1.0)
        torch._foreach_mul_(moments, kept)
        torch._foreach_addcmul_(moments, packed.views, packed.views, value=1 - alpha)
        divisors = torch._foreach_sqrt(moments)
        torch._foreach_add_(divisors, eps)
        if isinstance(rate, Tensor):
            torch._foreach_div_(divisors, -rate)
            torch._foreach_addcdiv_(stepped, packed.views, divisors)
        else:
            torch._foreach_addcdiv_(stepped, packed.views, divisors, value=-rate)


def _step_in_blocks(group: dict[str, Any], *tensors: Tensor) -> None:
    """One step of a parameter, its gradient and its moment, with torch's operations in torch's order."""
    alpha = group["alpha"]
    for weights, slopes, moments in zip(*_blocks(*tensors), strict=True):
        moments.mul_(alpha).addcmul_(slopes, slopes, value=1 - alpha)
        weights.addcdiv_(slopes, moments.sqrt().add_(group["eps"]), value=-group["lr"])


def _blocks(*tensors: Tensor) -> list[Sequence[Tensor]]:
    """The same blocks of each, in the order of memory; each as a whole where they do not lie there alike."""
    first = tensors[0]
    dense = first.is_contiguous() or first.is_contiguous(memory_format=torch.channels_last)
    if not dense or any(tensor.stride() != first.stride() for tensor in tensors):
        return [(tensor,) for tensor in tensors]
    return [tensor.as_strided((tensor.numel(),), (1,)).split(BLOCK) for tensor in tensors]
