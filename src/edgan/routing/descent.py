"""Gradients and steps. The only `backward` and the only `step` of the project are here."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_ALIGNED = 8
"""Packed tensors begin at multiples of this many elements, so that kernels may read several elements at once."""


def descend(loss: Tensor, parameters: Sequence[Tensor], optimiser: torch.optim.Optimizer) -> None:
    """One plain step on these parameters with the gradient of a scalar loss.

    For models outside a plan, such as the classifier of a metric.
    """
    take_step(optimiser, parameters, gradients_of(loss, parameters, keep=False))


def gradients_of(loss: Tensor, parameters: Sequence[Tensor], keep: bool) -> list[Tensor | None]:
    """The gradient of a scalar loss for each parameter, None where the loss does not reach it.

    Args:
        loss: ().
        parameters: any.
        keep: whether another backward follows through the same graph.
    """
    if not loss.requires_grad:
        return [None] * len(parameters)
    return list(torch.autograd.grad(loss, list(parameters), retain_graph=keep, allow_unused=True))


def take_step(
    optimiser: torch.optim.Optimizer,
    parameters: Sequence[Tensor],
    gradients: Sequence[Tensor | None],
    opens: Tensor | None = None,
) -> None:
    """One step of an optimiser on these of its parameters; the others keep their values and their state.

    Args:
        optimiser: one that was made over these parameters, and perhaps more.
        parameters: those to step.
        gradients: one for each parameter; None leaves it out.
        opens: () bool on the parameters' device: where it is false, parameters and optimiser state keep every bit. The
            host does not read it, so it can be the result of work that the device has still to do. None always steps.
    """
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = None if gradient is None else _laid_out_as(parameter, gradient)
    if opens is None:
        optimiser.step()
    elif _skips_by_itself(optimiser):
        _step_unless_told(optimiser, opens)
    else:
        _step_or_put_back(optimiser, parameters, opens)
    optimiser.zero_grad(set_to_none=True)


def _skips_by_itself(optimiser: torch.optim.Optimizer) -> bool:
    """Whether the fused kernel takes a flag that makes it do nothing."""
    return isinstance(optimiser, torch.optim.Adam) and all(group["fused"] for group in optimiser.param_groups)


def _step_unless_told(optimiser: torch.optim.Optimizer, opens: Tensor) -> None:
    """A step with the flag by which `torch.amp.GradScaler` makes a fused optimiser skip it on the device."""
    flagged: dict[str, object] = vars(optimiser)
    flagged["found_inf"] = (~opens).float()
    try:
        optimiser.step()
    finally:
        del flagged["found_inf"]


@torch.no_grad()
def _step_or_put_back(optimiser: torch.optim.Optimizer, parameters: Sequence[Tensor], opens: Tensor) -> None:
    """A step, then the earlier values again where the flag is false.

    State that the step made for the first time becomes 0 there, which is what every optimiser of torch starts with.
    """
    stepped = [parameter for parameter in parameters if parameter.grad is not None]
    held = _held(optimiser, stepped)
    before = [_Packed(values) for values in _by_type(held)]
    optimiser.step()
    for packed in before:
        packed.put_back(opens)
    known = {id(value) for value in held}
    for value in (value for value in _held(optimiser, stepped) if id(value) not in known):
        value.copy_(torch.where(opens, value, torch.zeros_like(value)))


class _Packed:
    """Copies of tensors of one type in one piece of memory, so that a GPU takes them in a few kernels.

    A kernel for each tensor took a sixth of CDNet's step on digits (H200, RMSProp).

    Args:
        values: dense tensors of one type and device.
    """

    def __init__(self, values: Sequence[Tensor]) -> None:
        self._values = values
        self._earlier, views = self._pack()
        torch._foreach_copy_(views, list(values))

    def put_back(self, opens: Tensor) -> None:
        """Give the tensors their earlier values again where the flag () is false."""
        now, views = self._pack()
        torch._foreach_copy_(views, list(self._values))
        torch.where(opens, now, self._earlier, out=now)
        torch._foreach_copy_(list(self._values), views)

    def _pack(self) -> tuple[Tensor, list[Tensor]]:
        """Memory for all of them, and a place in it for each, in the tensor's own layout."""
        first, starts, end = self._values[0], [], 0
        for value in self._values:
            starts.append(end)
            end += -(-value.numel() // _ALIGNED) * _ALIGNED
        memory = torch.empty(end, dtype=first.dtype, device=first.device)
        places = zip(self._values, starts, strict=True)
        return memory, [memory.as_strided(value.shape, value.stride(), start) for value, start in places]


def _by_type(values: Sequence[Tensor]) -> list[list[Tensor]]:
    """The tensors grouped by type and device."""
    groups: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
    for value in values:
        groups.setdefault((value.dtype, value.device), []).append(value)
    return list(groups.values())


def _held(optimiser: torch.optim.Optimizer, parameters: Sequence[Tensor]) -> list[Tensor]:
    """The parameters and the tensors of their state."""
    states = [value for p in parameters for value in optimiser.state.get(p, {}).values() if isinstance(value, Tensor)]
    return [*parameters, *states]


def _laid_out_as(parameter: Tensor, gradient: Tensor) -> Tensor:
    """The gradient in the parameter's memory layout.

    Fused Adam on a CPU (torch 2.13) reads both in memory order and ignores strides. A double backward can give a
    channels_last weight a gradient in another layout, whose values would then step the wrong weights.
    """
    if gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter, dtype=gradient.dtype, requires_grad=False).copy_(gradient)
