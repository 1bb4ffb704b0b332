"""People as they would be without segments: one cloud, with each column's own values.

Each column keeps its values and gaps, and columns go together in pairs about as they do; nothing
more. So a bell, a lopsided or lumpy column and traits that rise together are no segments.
Source: the Gaussian copula (Nelsen 2006, section 2.3.6) fitted to normal scores, those of ties and
categories corrected for grouping (Olsson, Drasgow and Dorans 1982, for polyserial correlation).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from workbench.statistics import Floats

CLOSEST = 0.98  # correlation of two columns

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cloud:
    """A cloud to draw from. `root` of its correlations; `values` of each column, smallest first.

    The values of a category stand in the order in which they go with the other columns.
    """

    root: Floats
    numbers: tuple[Floats, ...]
    categories: tuple[Codes, ...]


def cloud(numbers: Floats, codes: Codes, levels: tuple[int, ...]) -> Cloud:
    """The cloud that is most like these people (NaN and -1 missing)."""
    orders = _orders(numbers, codes, levels)
    places = [
        np.where(codes[:, at] >= 0, np.argsort(order)[codes[:, at]], np.nan)
        for at, order in enumerate(orders)
    ]
    columns = [*numbers.T, *places]
    scores = np.column_stack([_normal_scores(each) for each in columns])
    values, vectors = np.linalg.eigh(_correlations(scores))
    root = vectors * np.sqrt(np.maximum(values, 0))
    root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
    known = [np.sort(each[~np.isnan(each)]) for each in columns]
    in_words = [
        order[each.astype(int)]
        for order, each in zip(orders, known[numbers.shape[1] :], strict=True)
    ]
    return Cloud(root, tuple(known[: numbers.shape[1]]), tuple(in_words))


def draw(
    of: Cloud, numbers: Floats, codes: Codes, dice: np.random.Generator
) -> tuple[Floats, Codes]:
    """As many people from a cloud as there are, with the same gaps."""
    normal = dice.standard_normal((len(numbers), len(of.root))) @ of.root.T
    share = stats.norm.cdf(normal)
    drawn = [
        values[np.minimum((share[:, at] * len(values)).astype(int), len(values) - 1)]
        for at, values in enumerate([*of.numbers, *of.categories])
    ]
    split = len(of.numbers)
    new_numbers, new_codes = np.full(numbers.shape, np.nan), np.full(codes.shape, -1)
    for at in range(split):
        new_numbers[:, at] = np.where(np.isnan(numbers[:, at]), np.nan, drawn[at])
    for at in range(codes.shape[1]):
        new_codes[:, at] = np.where(codes[:, at] < 0, -1, drawn[split + at])
    return new_numbers, new_codes


def _correlations(scores: Floats) -> Floats:
    """Correlations of what lies behind the scores, from the people who have both."""
    known = ~np.isnan(scores)
    filled = np.where(known, scores, 0.0)
    both = np.maximum(known.T.astype(float) @ known, 1)
    behind = np.maximum(np.sum(filled**2, axis=0) / known.sum(axis=0), 1e-9)
    found = np.clip(filled.T @ filled / both / np.outer(behind, behind), -CLOSEST, CLOSEST)
    np.fill_diagonal(found, 1.0)
    return found


def _normal_scores(values: Floats) -> Floats:
    """Values by their rank on a normal curve; a tie gets the mean of its part of the curve."""
    known = ~np.isnan(values)
    _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
    shares = counts / counts.sum()
    heights = stats.norm.pdf(stats.norm.ppf(np.cumsum(shares)[:-1]))
    scores = np.full(len(values), np.nan)
    scores[known] = (-np.diff([0.0, *heights, 0.0]) / shares)[place]
    return scores


def _orders(numbers: Floats, codes: Codes, levels: tuple[int, ...]) -> list[Codes]:
    """The values of each category along the direction in which all columns vary together most.

    Source: the first dimension of factor analysis of mixed data (Escofier 1979; Pages 2004).
    """
    parts = [np.nan_to_num(_normal_scores(each))[:, None] for each in numbers.T]
    marks = [codes[:, [at]] == np.arange(count) for at, count in enumerate(levels)]
    for at, mark in enumerate(marks):
        share = mark.mean(axis=0)
        centred = mark - share * (codes[:, [at]] >= 0)
        parts.append(centred / np.sqrt(np.maximum(share, 1e-9)))
    matrix = np.hstack(parts)
    _, vectors = np.linalg.eigh(matrix.T @ matrix)
    along = matrix @ vectors[:, -1]
    means = [mark.T @ along / np.maximum(mark.sum(axis=0), 1) for mark in marks]
    return [np.argsort(each, kind="stable") for each in means]
