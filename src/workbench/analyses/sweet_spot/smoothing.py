"""A smooth curve whose bendiness the data choose: the first step of the two-lines test."""

from dataclasses import dataclass

import numpy as np

from workbench.statistics import Floats

BASIS = 10  # functions at the most
PENALTIES = 10.0 ** np.linspace(-9, 9, 181)  # searched, in units of the data's own weight


@dataclass(frozen=True)
class Smooth:
    """The curve at each x (covariates at their means), its standard error, and its bendiness."""

    fitted: Floats
    error: Floats
    degrees: float


def smooth(x: Floats, y: Floats, others: Floats) -> Smooth:
    """A penalised cubic regression spline of y on x, least squares also for 0/1.

    `others`: further columns, centred, not penalised. Knots lie at quantiles of the different
    values of x; the penalty is that with the least generalised cross-validation score.
    Source: Wood (2017), Generalized additive models, sections 5.3.1 and 6.2 (mgcv's basis "cr",
    GCV.Cp), as used by Simonsohn (2018).
    """
    values = np.unique(x)
    knots = np.quantile(values, np.linspace(0, 1, min(BASIS, len(values))))
    basis, penalty = _natural(x, knots)
    centre = basis.mean(axis=0)
    null = np.linalg.svd(centre[None, :])[2][1:].T  # the curve sums to 0; the mean is apart
    curve, penalty = (basis - centre) @ null, null.T @ penalty @ null
    fixed = np.column_stack([np.ones(len(x)), others])
    design = np.column_stack([fixed, curve])
    k = fixed.shape[1]
    full = np.zeros((design.shape[1], design.shape[1]))
    full[k:, k:] = penalty
    q, r = np.linalg.qr(design)
    inverse = np.linalg.pinv(r)
    weight, vectors = np.linalg.eigh(inverse.T @ full @ inverse)
    weight = np.maximum(weight, 0)
    score = vectors.T @ (q.T @ y)
    rest = float(y @ y - score @ score)
    strength = PENALTIES[:, None] / max(weight.max(), 1e-300) * 1e3
    kept = 1 / (1 + strength * weight)
    residual = rest + (((1 - kept) * score) ** 2).sum(axis=1)
    degrees = kept.sum(axis=1)
    gcv = len(y) * residual / (len(y) - degrees) ** 2
    best = int(np.argmin(gcv))
    shrunk = kept[best]
    at = np.column_stack([np.ones(len(x)), np.zeros_like(others), curve]) @ inverse @ vectors
    spread = residual[best] / (len(y) - degrees[best])
    fitted = at @ (shrunk * score)
    error = np.sqrt(spread * (at**2 @ shrunk))
    return Smooth(fitted, error, float(degrees[best]))


def _natural(x: Floats, knots: Floats) -> tuple[Floats, Floats]:
    """A natural cubic spline by its values at the knots: the basis at x, and the bending matrix."""
    h = np.diff(knots)
    k = len(knots)
    second = np.zeros((k - 2, k))
    inner = np.zeros((k - 2, k - 2))
    row = np.arange(k - 2)
    second[row, row] = 1 / h[:-1]
    second[row, row + 1] = -1 / h[:-1] - 1 / h[1:]
    second[row, row + 2] = 1 / h[1:]
    inner[row, row] = (h[:-1] + h[1:]) / 3
    inner[row[:-1], row[1:]] = inner[row[1:], row[:-1]] = h[1:-1] / 6
    bend = np.linalg.solve(inner, second)
    curvature = np.vstack([np.zeros(k), bend, np.zeros(k)])
    place = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, k - 2)
    width, left, right = h[place], knots[place + 1] - x, x - knots[place]
    basis = np.zeros((len(x), k))
    at = np.arange(len(x))
    basis[at, place] += left / width
    basis[at, place + 1] += right / width
    basis += ((left**3 / width - width * left) / 6)[:, None] * curvature[place]
    basis += ((right**3 / width - width * right) / 6)[:, None] * curvature[place + 1]
    return basis, second.T @ bend
