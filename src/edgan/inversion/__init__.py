"""From images to latents: batched optimisation, and the connection network for any generator a person brings."""

from edgan.inversion.custom_generator import Inversion, connect, invert
from edgan.inversion.fitting import Fit, fit
from edgan.inversion.lbfgs import Minimum, minimise

__all__ = ["Fit", "Inversion", "Minimum", "connect", "fit", "invert", "minimise"]
