"""Gradients and steps. The only `backward` and the only `step` of the project are here."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from edgan.routing.packed import Packed, by_type


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
    """Whether the optimiser reads a flag that makes it do nothing, as torch's fused ones do."""
    return bool(getattr(optimiser, "_step_supports_amp_scaling", False))


def _step_unless_told(optimiser: torch.optim.Optimizer, opens: Tensor) -> None:
    """A step with the flag by which `torch.amp.GradScaler` makes an optimiser skip it on the device."""
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
    groups = by_type(held)
    before = [Packed(values) for values in groups]
    optimiser.step()
    for values, earlier in zip(groups, before, strict=True):
        now = Packed(values)
        torch.where(opens, now.memory, earlier.memory, out=now.memory)
        torch._foreach_copy_(values, now.views)
    known = {id(value) for value in held}
    for value in (value for value in _held(optimiser, stepped) if id(value) not in known):
        value.copy_(torch.where(opens, value, torch.zeros_like(value)))


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
