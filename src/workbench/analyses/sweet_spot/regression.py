"""Least squares with errors that hold whatever the spread: what every test here rests on."""

from dataclasses import dataclass

import numpy as np

from workbench.case_mix import apart, independent
from workbench.statistics import Floats


@dataclass(frozen=True)
class Fit:
    """Coefficients and their covariance (HC3); NaN for a column that says nothing of its own."""

    beta: Floats
    covariance: Floats

    @property
    def errors(self) -> Floats:
        """The standard error of each coefficient."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0))

    def contrast(self, weights: Floats) -> tuple[Floats, Floats]:
        """Sums of coefficients, one a row of weights, and their standard errors."""
        used = (weights != 0).any(axis=0)
        weights, covariance = weights[:, used], self.covariance[np.ix_(used, used)]
        spread = np.einsum("ij,jk,ik->i", weights, covariance, weights)
        return weights @ self.beta[used], np.sqrt(np.maximum(spread, 0))


def fit(design: Floats, y: Floats) -> Fit:
    """Least squares of y on the columns of design; columns that repeat earlier ones are passed by.

    Source of the covariance: MacKinnon and White (1985), HC3.
    """
    n, k = design.shape
    beta, covariance = np.full(k, np.nan), np.full((k, k), np.nan)
    q, r = np.linalg.qr(design)
    kept = apart(r, design)
    if not kept.all():
        kept = independent(design)
        q, r = np.linalg.qr(design[:, kept])
    if n <= kept.sum():
        return Fit(beta, covariance)
    inverse = np.linalg.inv(r)
    beta[kept] = inverse @ (q.T @ y)
    leverage = np.minimum(np.einsum("ij,ij->i", q, q), 1 - 1e-8)
    weighted = q * ((y - q @ (q.T @ y)) / (1 - leverage))[:, None]
    covariance[np.ix_(kept, kept)] = inverse @ (weighted.T @ weighted) @ inverse.T
    return Fit(beta, covariance)
