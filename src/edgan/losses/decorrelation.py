"""Dependence between two representations. Each loss is a function of the whole batch."""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_UNBIASED = 4
"""Samples that an unbiased estimate needs."""


def distance_covariance(y: Tensor, z: Tensor, *, unbiased: bool = False) -> Tensor:
    """The squared sample distance covariance. Its limit for large N is 0 only if y and z are independent.

    The mean of the elementwise product A B, where A and B are the doubly centred matrices of Euclidean distances within
    y and within z. Only A is centred here; the mean is the same, since the rows and columns of A sum to 0. Time and
    memory grow with N^2. The distance of two equal rows has gradient 0.

    Args:
        y: (N, A), or (N,) for a single variable.
        z: (N, Z), or (N,).
        unbiased: use Székely and Rizzo's centring; needs N >= 4. Without it the value is positive for independent y and
            z too, by about the product of their mean distances divided by N, so that it also pulls all samples
            together.

    Returns:
        A scalar, 0 or more (up to rounding); of either sign if unbiased. Source: Paper 2 (CDNet), Eq. 1; Székely et
        al. 2007; unbiased: Székely and Rizzo 2014, Partial distance correlation, Eq. 3.2.

    Raises:
        ValueError: y and z have different numbers of rows, or fewer than 4 if unbiased.
    """
    _check_rows(y, z)
    a, b = _distances(y), _distances(z)
    if not unbiased:
        centred = a - a.mean(0, keepdim=True) - a.mean(1, keepdim=True) + a.mean()
        return (centred * b).mean()
    if len(y) < LEAST_UNBIASED:
        raise ValueError(f"The unbiased distance covariance needs at least {LEAST_UNBIASED} samples (got {len(y)}).")
    return _u_centred_product(a, b)


def cross_covariance(y: Tensor, z: Tensor, *, unbiased: bool = False) -> Tensor:
    """Half the sum of the squared covariances between each component of y and each component of z.

    Args:
        y: (N, A), or (N,) for a single variable.
        z: (N, Z), or (N,).
        unbiased: use the U-statistic; needs N >= 4. Without it the value is positive for independent y and z too, by
            about the product of their total variances divided by 2 N, so that it also pulls all samples together.

    Returns:
        A scalar, 0 or more; of either sign if unbiased. Source: Paper 2 (CDNet), Eq. 2; Cheung et al. 2015; unbiased:
        Song et al. 2012, Feature selection via dependence maximization, Eq. 5, with linear kernels.

    Raises:
        ValueError: y and z have different numbers of rows, or fewer than 4 if unbiased.
    """
    _check_rows(y, z)
    y, z = _rows(y), _rows(z)
    y, z = y - y.mean(0), z - z.mean(0)
    if not unbiased:
        return 0.5 * (y.T @ z / len(y)).square().sum()
    if len(y) < LEAST_UNBIASED:
        raise ValueError(f"The unbiased cross-covariance needs at least {LEAST_UNBIASED} samples (got {len(y)}).")
    return 0.5 * _u_centred_product(_products(y), _products(z))


def _u_centred_product(a: Tensor, b: Tensor) -> Tensor:
    """The inner product of two U-centred matrices (Székely and Rizzo 2014), (N, N) with 0 on the diagonal.

    Only `a` is centred: the rows of a U-centred matrix sum to 0 without its diagonal, where `b` is 0.
    """
    n = len(a)
    centred = a - (a.sum(0, keepdim=True) + a.sum(1, keepdim=True)) / (n - 2) + a.sum() / ((n - 1) * (n - 2))
    return (centred * b).sum() / (n * (n - 3))


def _products(rows: Tensor) -> Tensor:
    """The products of different rows, (N, N), with 0 on the diagonal."""
    products = rows @ rows.T
    return products - torch.diag(products.diagonal())


def _distances(values: Tensor) -> Tensor:
    rows = _rows(values)
    # As a matrix product, |a|^2 + |b|^2 - 2ab, the distance of close rows loses half of its digits.
    return torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")


def _rows(values: Tensor) -> Tensor:
    return values.reshape(len(values), -1).to(torch.promote_types(values.dtype, torch.float32))


def _check_rows(y: Tensor, z: Tensor) -> None:
    if len(y) != len(z):
        raise ValueError(f"y and z must have one row per sample each (got {len(y)} and {len(z)} rows).")
