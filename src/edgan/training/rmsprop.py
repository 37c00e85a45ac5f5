"""RMSProp that can be told on the device not to step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from edgan.routing.packed import Packed


class RMSProp(torch.optim.RMSprop):
    """torch's RMSProp without momentum, which reads the flag by which `torch.amp.GradScaler` skips a step.

    torch's own does not read it. Keeping its weights and state and putting them back took a sixth of CDNet's step on
    digits (H200). A step that is taken gives the same bits as torch's.
    """

    _step_supports_amp_scaling = True
    found_inf: Tensor | None = None
    """() float on the parameters' device: 1 where the next step is to change nothing. Set for one step at a time."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step; a parameter without a gradient stays.

        Args:
            closure: as torch's; not together with the flag.
        """
        if self.found_inf is None:
            return super().step(closure)
        for group in self.param_groups:
            stepped: list[Tensor] = []
            gradients: list[Tensor] = []
            moments: list[Tensor] = []
            counts: list[Tensor] = []
            self._init_group(group, stepped, gradients, moments, [], [], counts)
            if stepped:
                self._step_unless(self.found_inf > 0, group, stepped, gradients, moments, counts)
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
        torch._foreach_add_(counts, (~skips).to(counts[0]))
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
