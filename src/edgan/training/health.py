"""The health of a training in words. It names problems and never says that there is none."""

from __future__ import annotations

from collections.abc import Collection, Mapping

MEMORISED = 0.5
"""Share of D's margin between training images and outputs that is lost on held-out images."""
WORSE_THAN_BASE = 4.0
"""dB. A perfect sampler lies 3 dB below the mean picture, so a loss about as large need not be a fault."""
OVERFITTED = 4.0
"""dB by which training images are redrawn better than held-out ones. See docs/reproduction/notes-presets.md."""
_D_RATE = "optimisers.discriminator.lr"


def diagnose(held: Mapping[str, float], has_residual: bool, settings: Collection[str]) -> list[str]:
    """Findings about a training; an empty list means that no known problem was found, not that there is none.

    Args:
        held: the held-out figures of `edgan.models.evaluation.held_out`, and of training images "d_train" or
            "critic_train", D's mean verdict, and "psnr_base_train".
        has_residual: whether the method adds a residual.
        settings: names of the settings that the method has; no other is recommended.

    Returns:
        One text per finding: what it is and what to try.
    """
    advice = _Advice(settings)
    findings = [_memorised(held, advice) or _balance(held, advice), _overfitted(held)]
    if held.get("spread", 1.0) < 0.25:
        findings.append(
            f"Collapse: the outputs differ from each other {held['spread']:.2f} times as much as the images do. "
            "Train longer, or lower the learning rate."
        )
    if has_residual:
        findings += [_residual(held, advice), _worse_than_base(held, advice)]
    energy = held.get("energy_output")
    if energy is not None and energy > 2.0:
        findings.append(
            f"Too much detail: the output's high-frequency energy is {energy:.1f} times that of real images. "
            + advice.to(("raise", "penalty.weight"), ("train", "longer"))
        )
    return [finding for finding in findings if finding]


class _Advice:
    """Sentences that recommend only settings that the method has."""

    def __init__(self, settings: Collection[str]) -> None:
        self.settings = settings

    def to(self, *ways: tuple[str, str]) -> str:
        """ "Raise penalty.weight or lower optimiser.lr.", of those of the (verb, setting) that the method has.

        A "setting" with a space or without a dot is no name and always stays: ("train", "longer").
        """
        known = [f"{verb} {what}" for verb, what in ways if "." not in what or what in self.settings]
        sentence = " or ".join(words for words in (", ".join(known[:-1]), known[-1]) if words)
        return f"{sentence[:1].upper()}{sentence[1:]}."


def _memorised(held: Mapping[str, float], advice: _Advice) -> str | None:
    """D tells training images from held-out ones as it tells them from outputs: it knows the images by heart."""
    for name, floor in (("d", 0.2), ("critic", 0.0)):
        train, real, fake = (held.get(f"{name}_{which}") for which in ("train", "real", "fake"))
        if train is None or real is None or fake is None:
            continue
        # Held-out images below the outputs are as foreign to D as an image can be.
        margin = train - min(real, fake)
        if margin > floor and train - real > MEMORISED * margin:
            title = "D" if name == "d" else "The critic"
            ways = advice.to(("stop", "earlier"), ("lower", "discriminator.width"))
            return (
                f"{title} has memorised the training images: it gives them {train:.2f}, held-out images {real:.2f} and "
                f"outputs {fake:.2f}. Train on more images, or vary them with augment.flip=true and "
                f"augment.enlarge=1.1. {ways}"
            )
    return None


def _overfitted(held: Mapping[str, float]) -> str | None:
    """Training images are redrawn much better than held-out ones: the networks know the images by heart."""
    train, unseen = held.get("psnr_base_train"), held.get("psnr_base")
    if train is None or unseen is None or train - unseen <= OVERFITTED:
        return None
    return (
        f"Training images are redrawn at {train:.1f} dB and held-out images at {unseen:.1f} dB: the model has "
        "memorised the training images. Train on more images, vary them with augment.flip=true and "
        "augment.enlarge=1.1, or stop earlier."
    )


def _balance(held: Mapping[str, float], advice: _Advice) -> str | None:
    real, fake = held.get("d_real"), held.get("d_fake")
    if real is None or fake is None:
        return None
    if real - fake > 0.9:
        ways = advice.to(("lower", _D_RATE), ("raise", "penalty.weight"), ("use", "more images"))
        return f"D wins: it gives real images {real:.2f} and outputs {fake:.2f}, so the generator learns little. {ways}"
    if fake - real > 0.2:
        ways = advice.to(("raise", "discriminator.width"), ("raise", _D_RATE), ("train", "longer"))
        return f"D has lost: it gives outputs {fake:.2f} and real images {real:.2f}. {ways}"
    return None


def _residual(held: Mapping[str, float], advice: _Advice) -> str | None:
    if held.get("residual", 1.0) < 0.002:
        return "The residual is off: the generator adds nothing yet."
    if held.get("variety", 1.0) < 0.2:
        ways = advice.to(("train", "longer"), ("raise", _D_RATE), ("lower", "penalty.weight"))
        return (
            f"The residual is nearly the same for every image (only {held['variety']:.0%} differs): the generator has "
            f"only begun, or has collapsed. {ways}"
        )
    return None


def _worse_than_base(held: Mapping[str, float], advice: _Advice) -> str | None:
    base, output = held.get("psnr_base"), held.get("psnr_output")
    if base is None or output is None or base - output <= WORSE_THAN_BASE:
        return None
    ways = advice.to(("lower", "optimisers.generator.lr"), ("raise", "penalty.weight"), ("train", "longer"))
    return (
        f"The output is {base - output:.1f} dB worse than its base, and detail that fits costs about 3 dB. "
        f"Look at the previews. If they are torn: {ways[0].lower()}{ways[1:]}"
    )
