"""RMSProp with one second moment for all weights: its step is parallel to the gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
        lr: learning rate; a () tensor on the parameters' device lets a CUDA graph read it.
        beta2: decay of the second moment.
        eps: keeps the division finite where all gradients have been 0.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], lr: float | Tensor, beta2: float = 0.99, eps: float = 1e-8
    ) -> None:
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
                rate = group["lr"] / (self._update_moment(stepped, group["beta2"]).sqrt() + group["eps"])
                for parameter in stepped:
                    parameter.sub_(rate * parameter.grad)
        return loss

    def _update_moment(self, stepped: list[nn.Parameter], beta2: float) -> Tensor:
        """The second moment of these parameters' gradients, this step's included; ().

        Each parameter holds the moment of its own sum of squares, because torch keeps state by parameter. The network's
        is their sum. Steps are counted on the parameter's device, so that the host waits for nothing.
        """
        squares = [parameter.grad.square().sum() for parameter in stepped if parameter.grad is not None]
        for parameter, square in zip(stepped, squares, strict=True):
            if not self.state[parameter]:
                self.state[parameter] = {"square": torch.zeros_like(square), "steps": torch.zeros_like(square)}
        moments = [self.state[parameter]["square"] for parameter in stepped]
        steps = [self.state[parameter]["steps"] for parameter in stepped]
        torch._foreach_lerp_(moments, squares, 1 - beta2)
        torch._foreach_add_(steps, 1)
        corrected = torch.stack(moments) / (1 - beta2 ** torch.stack(steps))
        return corrected.sum() / sum(parameter.numel() for parameter in stepped)
