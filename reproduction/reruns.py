"""The changes of the code that made older results void, by the claim's id."""

from __future__ import annotations

from collections.abc import Mapping

from reproduction.framework.reruns import Rerun

DAY = "2026-11-26T"
XCOV = Rerun(f"{DAY}16:40Z", "models", "Preset small trains with the unbiased XCov, as it did with the unbiased dCov.")
TWIN = Rerun(
    f"{DAY}16:49Z",
    "models",
    "CAAE// ran away: its clone now has the generator's norm, and its encoder-decoder feels no loss of the residual.",
)
LENGTHS = Rerun(
    f"{DAY}16:43Z", "models", "An optimisation of the latent now keeps the better of its start and its end."
)
DFM = Rerun(
    f"{DAY}16:40Z", "models", "DFM's denoiser now reads samples with the statistics that it has of real images."
)
RFGAN = Rerun(f"{DAY}16:40Z", "models", "RFGAN's autoencoder now trains before the game's steps, not within them.")
STYLE = Rerun(
    f"{DAY}17:29Z", "models", "GRIT's discriminator now judges styles drawn from the prior, and its style is regressed."
)
KL = Rerun(f"{DAY}17:05Z", "models", "The KL terms are now sums, as in Eq. 3; as means they could not matter.")
ADAM = Rerun(
    f"{DAY}17:05Z",
    "models",
    "A linked half now has an optimiser state for each phase, and links can be cut phase by phase.",
)
SCORES = Rerun(f"{DAY}16:28Z", "yardstick", "MS-SSIM of samples and the classifier score were revised.")

RERUNS: Mapping[str, tuple[Rerun, ...]] = {
    "1.9": (TWIN,),
    **dict.fromkeys(("2.1", "2.2", "2.3", "2.5", "2.6", "2.7", "2.8", "2.9", "2.11"), (XCOV,)),
    "3.2": (LENGTHS,),
    "3.4": (DFM, RFGAN),
    "3.5": (DFM, RFGAN),
    "3.6": (DFM, RFGAN),
    "3.10": (DFM, RFGAN),
    "3.13+": (LENGTHS,),
    **dict.fromkeys(("4.1", "4.2", "4.3", "4.4+"), (STYLE,)),
    **dict.fromkeys(("5.1", "5.2", "5.3", "5.4", "5.7", "5.8"), (KL, ADAM)),
    **dict.fromkeys(("5.5", "5.6"), (ADAM,)),
}
