"""The health of a training in words."""

from __future__ import annotations

from collections.abc import Mapping


def diagnose(held: Mapping[str, float], has_residual: bool) -> list[str]:
    """Findings about a training; an empty list means that no known problem was found.

    Args:
        held: the held-out figures of `edgan.models.evaluation.held_out`.
        has_residual: whether the method adds a residual.

    Returns:
        One text per finding: what it is and what to try.
    """
    findings = []
    real, fake = held.get("d_real"), held.get("d_fake")
    if real is not None and fake is not None:
        if real - fake > 0.9:
            findings.append(
                f"D wins: it gives real images {real:.2f} and outputs {fake:.2f}, so the generator learns little. "
                "Lower optimisers.discriminator.lr or raise penalty.weight."
            )
        elif fake - real > 0.2:
            findings.append(
                f"D has lost: it gives outputs {fake:.2f} and real images {real:.2f}. "
                "Raise discriminator.width or optimisers.discriminator.lr."
            )
    if held.get("spread", 1.0) < 0.25:
        findings.append(
            f"Collapse: the outputs differ from each other {held['spread']:.2f} times as much as the images do. "
            "Train longer, or lower the learning rate."
        )
    if has_residual and held.get("residual", 1.0) < 0.002:
        findings.append("The residual is off: the generator adds nothing yet.")
    elif has_residual and held.get("variety", 1.0) < 0.2:
        findings.append(
            f"The residual is nearly the same for every image (only {held['variety']:.0%} differs): the generator "
            "has only begun, or has collapsed. Train on; then raise optimisers.discriminator.lr or lower "
            "penalty.weight."
        )
    energy = held.get("energy_output")
    if energy is not None and energy > 2.0:
        findings.append(
            f"Too much detail: the output's high-frequency energy is {energy:.1f} times that of real images. "
            "Raise penalty.weight, or train on."
        )
    return findings
