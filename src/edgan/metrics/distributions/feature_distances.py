"""KID and FID on pretrained features: `kid_features` and `fid_features`. They are not the Inception KID and FID."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from edgan.metrics.distributions.fid import cautions as fid_cautions
from edgan.metrics.distributions.fid import fid
from edgan.metrics.distributions.kid import SUBSET, SUBSETS, kid, paired_kid
from edgan.metrics.metric import FeatureMetric
from edgan.metrics.pretrained_maps import WORDS, pooled_features, unavailable

FEW = 50
FLATTERS = (
    "KID and FID on pretrained features flatter a model whose discriminator was trained on the same features "
    "(discriminator.kind=projected). Read NRDS beside them: it trains networks of its own."
)


def kid_features(pictures: Tensor, images: Tensor, *, paired: bool = False, seed: int = 0) -> tuple[float, float]:
    """KID on pretrained features: squared MMD of a cubic kernel, unbiased (Bińkowski et al. 2018).

    Args:
        pictures, images: a model's and real ones, (N, 1 or 3, H, W) and (M, 1 or 3, H, W) in [-1, 1]; at least 2 each.
        paired: whether picture i was made from image i, as a reconstruction is; see `paired_kid`.
        seed: of the subsets.

    Returns:
        Mean and standard deviation over subsets of 100. Not comparable with values on Inception features.

    Raises:
        UsageError: for other shapes.
        EdganError: the package with the weights is missing or damaged.
    """
    return (paired_kid if paired else kid)(pooled_features(images), pooled_features(pictures), seed)


def fid_features(pictures: Tensor, images: Tensor) -> float:
    """FID on pretrained features (Heusel et al. 2017, Eq. 6).

    Args, raises: as `kid_features`.

    Returns:
        0 or more. Not comparable with values on Inception features, nor between sets of different sizes.
    """
    return fid(pooled_features(images), pooled_features(pictures))


def _of_kid(_size: int, counts: Mapping[str, int]) -> list[str]:
    short = [f"{name!r} ({count})" for name, count in counts.items() if count < FEW]
    varies = f"KID of fewer than {FEW} pictures varies much by chance: {', '.join(short)}."
    return [*([varies] if short else []), FLATTERS]


def _of_fid(size: int, counts: Mapping[str, int]) -> list[str]:
    return [*fid_cautions(size, counts), FLATTERS]


KID = FeatureMetric(
    name="kid_features",
    title="KID (features)",
    form="{:.4f}",
    better="lower",
    protocol=(
        f"KID (features): {WORDS}; cubic kernel, unbiased, mean over subsets of {SUBSET}; a reconstruction is not "
        "compared with its own original; flatters a model whose discriminator was trained on the same features"
    ),
    uses=("evaluate", "rank", "training"),
    least_images=2,
    unavailable=unavailable,
    pretrained=True,
    measure=lambda real, made, seed: _named(kid(real, made, seed)),
    paired=lambda real, made, seed: _named(paired_kid(real, made, seed)),
    describe=lambda features, real, fewest: (
        f"KID (features): {features}; cubic kernel, unbiased, mean and standard deviation over {SUBSETS} subsets of "
        f"{min(SUBSET, real, fewest)}"
    ),
    cautions=_of_kid,
)

FID = FeatureMetric(
    name="fid_features",
    title="FID (features)",
    form="{:.2f}",
    better="lower",
    protocol=f"FID (features): {WORDS}; all pictures against all real ones",
    uses=("evaluate", "rank"),
    least_images=2,
    unavailable=unavailable,
    pretrained=True,
    measure=lambda real, made, _seed: {"fid_features": fid(real, made)},
    describe=lambda features, real, fewest: f"FID (features): {features}; {fewest} pictures against {real} real ones",
    cautions=_of_fid,
)


def _named(values: tuple[float, float]) -> dict[str, float]:
    return dict(zip(("kid_features", "kid_features_std"), values, strict=True))
