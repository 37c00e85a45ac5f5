"""RMSProp with one second moment for all weights: its step is parallel to the gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn


class RMSPropNorm(torch.optim.Optimizer):
    """Divides the gradient of a whole network by the running root mean square of all its elements.

    RMSProp and Adam divide each element by a moment of its own, which turns the step away from the gradient.
    AdaGrad-Norm (Ward, Wu, Bottou, ICML 2019) keeps one moment for all weights, and NovoGrad (Ginsburg et al. 2019) one
    for each layer. Here each parameter group has one:

        v = beta2 v + (1 - beta2) mean(g^2),  step = -lr g / (sqrt(v / (1 - beta2^t)) + eps)

    The correction of the bias is Adam's. A step moves a weight by about lr in the root mean square, as a step of Adam
    does. A factor on the gradient changes nothing.

    Args:
        parameters: of a network.
        lr: learning rate.
        beta2: decay of the second moment.
        eps: keeps the division finite where all gradients have been 0.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, beta2: float = 0.99, eps: float = 1e-8) -> None:
        super().__init__(parameters, {"lr": lr, "beta2": beta2, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step with the gradients that the parameters hold; a parameter without one stays.

        Args:
            closure: evaluated first, with gradients enabled; its value is returned.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            stepped = [parameter for parameter in group["params"] if parameter.grad is not None]
            if stepped:
                rate = group["lr"] / (self._update_scale(group, stepped) + group["eps"])
                for parameter in stepped:
                    parameter.sub_(rate * parameter.grad)
        return loss

    def _update_scale(self, group: dict[str, Any], stepped: list[nn.Parameter]) -> Tensor:
        """The running root mean square of a group's gradient, this step's included; a scalar."""
        mean_square = _mean_square([parameter.grad for parameter in stepped if parameter.grad is not None])
        # The optimiser's state belongs to parameters, so a group's first one holds what belongs to the group.
        state = self.state[group["params"][0]]
        if not state:
            state["step"] = 0
            state["mean_square"] = torch.zeros_like(mean_square)
        state["step"] += 1
        state["mean_square"].lerp_(mean_square, 1 - group["beta2"])
        return (state["mean_square"] / (1 - group["beta2"] ** state["step"])).sqrt()


def _mean_square(tensors: list[Tensor]) -> Tensor:
    """The mean over all elements of all tensors; a scalar."""
    return torch.stack([tensor.square().sum() for tensor in tensors]).sum() / sum(tensor.numel() for tensor in tensors)
