"""How far two representations of a batch depend on each other. Each is a function of the whole batch."""

from __future__ import annotations

import torch
from torch import Tensor


def distance_covariance(y: Tensor, z: Tensor, *, unbiased: bool = False) -> Tensor:
    """The squared sample distance covariance, which tends to 0 only for independent y and z.

    The mean over all pairs of A B, with A and B the doubly centred matrices of Euclidean distances within y and within
    z. Only one of the two is centred here: the mean is the same, since the centred one's rows and columns sum to 0.
    Time and memory grow with N^2. Where two rows coincide, their distance has gradient 0.

    Args:
        y: (N, A), or (N,) for a single variable.
        z: (N, Z), or (N,).
        unbiased: by Székely and Rizzo's centring, of N at least 4. Eq. 1 is larger than 0 for independent y and z too,
            by about the product of their mean distances over N, and so it also draws all samples together.

    Returns:
        A scalar, 0 or more (up to rounding); of any sign where unbiased. Source: Paper 2 (CDNet), Eq. 1; Székely et
        al. 2007; unbiased: Székely and Rizzo 2014, Partial distance correlation, Eq. 3.2.

    Raises:
        ValueError: y and z have different numbers of rows, or too few for the unbiased one.
    """
    _check_rows(y, z)
    a, b = _distances(y), _distances(z)
    if not unbiased:
        centred = a - a.mean(0, keepdim=True) - a.mean(1, keepdim=True) + a.mean()
        return (centred * b).mean()
    n = len(y)
    if n < 4:
        raise ValueError(f"The unbiased distance covariance needs 4 samples or more, not {n}")
    centred = a - (a.sum(0, keepdim=True) + a.sum(1, keepdim=True)) / (n - 2) + a.sum() / ((n - 1) * (n - 2))
    # b is 0 on the diagonal, so the diagonal of the other matrix, which is to be left out, does not count.
    return (centred * b).sum() / (n * (n - 3))


def cross_covariance(y: Tensor, z: Tensor) -> Tensor:
    """Half the sum of the squared covariances between each part of y and each part of z.

    Args:
        y: (N, A), or (N,) for a single variable.
        z: (N, Z), or (N,).

    Returns:
        A scalar, 0 or more. Source: Paper 2 (CDNet), Eq. 2; Cheung et al. 2015.

    Raises:
        ValueError: y and z have different numbers of rows.
    """
    _check_rows(y, z)
    y, z = _rows(y), _rows(z)
    covariance = (y - y.mean(0)).T @ (z - z.mean(0)) / len(y)
    return 0.5 * covariance.square().sum()


def _distances(values: Tensor) -> Tensor:
    rows = _rows(values)
    # The matrix product's way, |a|^2 + |b|^2 - 2ab, loses half of the digits where rows are close.
    return torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")


def _rows(values: Tensor) -> Tensor:
    return values.reshape(len(values), -1).to(torch.promote_types(values.dtype, torch.float32))


def _check_rows(y: Tensor, z: Tensor) -> None:
    if len(y) != len(z):
        raise ValueError(f"y has {len(y)} rows and z has {len(z)}: they are of the same samples, so equal in number")
