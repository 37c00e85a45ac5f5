"""Inverting generators: batched optimisation of latents, and connection networks for any generator of your own."""

from edgan.inversion.custom_generator import Inversion, connect, invert
from edgan.inversion.fitting import Fit, fit
from edgan.inversion.lbfgs import Minimum, minimise

__all__ = ["Fit", "Inversion", "Minimum", "connect", "fit", "invert", "minimise"]
