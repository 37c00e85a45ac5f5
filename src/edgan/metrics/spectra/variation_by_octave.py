"""How the variants of one input differ from each other, by octave of frequency."""

from __future__ import annotations

from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.spectra.octave_bands import octave_bands

VARIATION_PROTOCOL = (
    "variation by octave: power of each variant less the mean of its input's variants, times K/(K-1), mean "
    "over variants and inputs; grey, Hann window, finest octave first"
)


def variation_by_octave(variants: Tensor) -> Tensor:
    """The variance between variants of one input, by octave of radial frequency.

    Args:
        variants: (K, N, C, H, W): K variants of N inputs, K at least 2, sides of at least 8 pixels.

    Returns:
        (B,), the finest octave first, in squared units of the pictures; see `octave_bands` for the bands.

    Raises:
        UsageError: for another shape, fewer than two variants, or values that are not finite.
    """
    if variants.dim() != 5 or len(variants) < 2:
        raise UsageError(f"variants must be (K, N, C, H, W) with K at least 2 (got {tuple(variants.shape)}).")
    deviations = variants - variants.mean(0, keepdim=True)
    count = len(variants)
    return octave_bands(deviations.flatten(0, 1)).mean(0) * count / (count - 1)
