"""A mixture of segments over numbers and categories; what is missing is left out of it.

Within a segment columns go their own ways: a number is spread about the segment's mean, a category
takes its values with the segment's chances. While segments are looked for, their spread is common
to all, so that a cloud with a dense middle is not cut into a middle and a rim; once their number is
settled each has its own.
Source: latent class cluster analysis (Vermunt and Magidson 2002), fitted by EM (Dempster, Laird and
Rubin 1977) from the best of several short runs (Biernacki, Celeux and Govaert 2003).
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from workbench.statistics import Floats

STARTS = 8  # places to begin from; the best after the first steps goes on
TIMES = 5  # the mixture that people are placed by is looked for so often
FIRST_STEPS, MOST_STEPS = 5, 40
CLOSE = 1e-4  # of log-likelihood a person: a step of less is no progress
CLOSER, FURTHER = 1e-6, 500  # the same, and the steps, for the mixture that people are placed by
PRIOR_PEOPLE = 1.0  # people like everyone, added to each segment so that no chance is 0
COMMON, OF_ITS_OWN = 1e6, 20.0  # people with the spread common to all, added to each segment
LEAST_SPREAD = 0.2  # of a segment, in standard deviations of everyone

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of both kinds as one matrix, which the log-density of a segment is linear in.

    `matrix`: a row a person; for each number (mean 0, spread 1) the columns known, value and
    square, then a column for each value of each category; all of them 0 where missing. `numbers`:
    how many there are; `levels`: how many values each category has.
    """

    matrix: Floats
    numbers: int
    levels: tuple[int, ...]

    @cached_property
    def across(self) -> Floats:
        """The matrix with a column a person."""
        return np.ascontiguousarray(self.matrix.T)

    @cached_property
    def shares(self) -> Floats:
        """The share of each value among those known."""
        return _shares(self.matrix[:, 3 * self.numbers :].sum(axis=0) + 1e-9, self.levels)

    @cached_property
    def positions(self) -> Floats:
        """Where each person stands: the numbers, and 1 for the values that they have."""
        values = range(1, 3 * self.numbers, 3)
        return self.matrix[:, [*values, *range(3 * self.numbers, self.matrix.shape[1])]]

    def of(self, people: Codes) -> "Columns":
        """The same columns for some of the people."""
        return Columns(self.matrix[people], self.numbers, self.levels)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Mixtures: `weights` (segments, mixtures, columns), `log_sizes` (segments, mixtures)."""

    weights: Floats
    log_sizes: Floats

    def only(self, which: int) -> "Mixture":
        """One of the mixtures."""
        return Mixture(self.weights[:, [which]], self.log_sizes[:, [which]])


def columns(
    numbers: Floats, codes: Codes, levels: tuple[int, ...], precision: type = np.float64
) -> Columns:
    """Standardised numbers (NaN missing) and codes of categories (-1 missing) as one matrix.

    `precision`: numpy's float32 is a few times as fast, and enough to compare halves.
    """
    known = ~np.isnan(numbers)
    values = np.where(known, numbers, 0.0)
    parts = [np.stack([known, values, values**2], axis=2).reshape(len(numbers), -1)]
    parts += [codes[:, [at]] == np.arange(count) for at, count in enumerate(levels)]
    return Columns(np.hstack(parts).astype(precision), numbers.shape[1], levels)


def membership(mixture: Mixture, people: Columns) -> tuple[Floats, Floats]:
    """The chance of each segment for each person, and how well each person fits.

    By (segments,) mixtures and people; the fit is a log-likelihood.
    """
    segments, mixtures, width = mixture.weights.shape
    logs = mixture.weights.reshape(-1, width) @ people.across
    logs = logs.reshape(segments, mixtures, -1)
    logs += mixture.log_sizes[:, :, None]
    top = logs.max(axis=0)
    logs -= top
    chances = np.exp(logs, out=logs)
    total = chances.sum(axis=0)
    chances /= total
    return chances, top + np.log(total)


def fit(people: Columns, segments: int, dice: np.random.Generator) -> Mixture:
    """The mixture of so many segments that fits these people best."""
    if segments == 1:
        return _from_chances(people, np.ones((1, 1, len(people.matrix)), people.matrix.dtype))
    begun = _begin(people, segments, dice)
    climbed, fits = _climb(people, begun, FIRST_STEPS, CLOSE)
    return _climb(people, climbed.only(int(fits.argmax())), MOST_STEPS, CLOSE)[0]


def fit_to_all(
    everyone: Columns, some: Columns, segments: int, dice: np.random.Generator
) -> Mixture:
    """One mixture for everyone, sought among some of them first."""
    sought = [fit(some, segments, dice) for _ in range(TIMES)]
    best = max(sought, key=lambda each: float(membership(each, some)[1].mean()))
    return _climb(everyone, best, FURTHER, CLOSER, OF_ITS_OWN)[0]


def _climb(
    people: Columns, mixture: Mixture, steps: int, close: float, common: float = COMMON
) -> tuple[Mixture, Floats]:
    """Mixtures after so many steps, or when there is no more progress; and the fit before that."""
    before = np.full(mixture.log_sizes.shape[1], -np.inf)
    for _ in range(steps):
        chances, fits = membership(mixture, people)
        reached = fits.mean(axis=1)
        if (reached - before < close).all():
            break
        before = reached
        mixture = _from_chances(people, chances, common)
    return mixture, before


def _from_chances(people: Columns, chances: Floats, common: float = COMMON) -> Mixture:
    segments, mixtures, count = chances.shape
    sums = chances.reshape(-1, count) @ people.matrix
    sums = sums.reshape(segments, mixtures, -1)
    sizes = chances.sum(axis=2) + PRIOR_PEOPLE
    split = 3 * people.numbers
    of_numbers = _bells(sums[:, :, :split].reshape(segments, mixtures, -1, 3), common)
    of_values = np.log(_shares(sums[:, :, split:] + PRIOR_PEOPLE * people.shares, people.levels))
    weights = np.concatenate([of_numbers.reshape(segments, mixtures, split), of_values], axis=2)
    return Mixture(weights, np.log(sizes / sizes.sum(axis=0)))


def _bells(sums: Floats, common: float) -> Floats:
    """Weights of known, value and square from their sums (segments, mixtures, numbers, 3)."""
    known, total, squares = sums[..., 0], sums[..., 1], sums[..., 2]
    mean = total / (known + PRIOR_PEOPLE)
    rest = squares - (2 * total - mean * known) * mean
    of_all = rest.sum(axis=0) / np.maximum(known.sum(axis=0), 1.0)
    spread = np.maximum((rest + common * of_all) / (known + common), LEAST_SPREAD**2)
    weights = np.empty_like(sums)
    weights[..., 1] = mean / spread
    weights[..., 2] = -0.5 / spread
    weights[..., 0] = -0.5 * (np.log(2 * np.pi * spread) + mean * weights[..., 1])
    return weights


def _begin(people: Columns, segments: int, dice: np.random.Generator) -> Mixture:
    """Everyone with the nearest of some people far apart (Arthur and Vassilvitskii 2007)."""
    positions = people.positions
    count, squares = len(positions), (positions**2).sum(axis=1)
    distances = np.empty((segments, STARTS, count), positions.dtype)
    nearest = np.ones((STARTS, count), positions.dtype)
    for segment in range(segments):
        reach = np.cumsum(nearest, axis=1)
        drawn = (reach < dice.random((STARTS, 1)) * reach[:, -1:]).sum(axis=1)
        first = np.minimum(drawn, count - 1)
        apart = squares + squares[first, None] - 2 * positions[first] @ positions.T
        distances[segment] = np.maximum(apart, 0)
        nearest = np.minimum(nearest, distances[segment]) if segment else distances[0]
    places = np.arange(segments)[:, None, None]
    return _from_chances(people, (distances.argmin(axis=0) == places).astype(positions.dtype))


def _shares(counts: Floats, levels: tuple[int, ...]) -> Floats:
    """Counts of values (the last axis) as shares within each category."""
    if not levels:
        return counts
    starts = [0, *accumulate(levels[:-1])]
    return counts / np.repeat(np.add.reduceat(counts, starts, axis=-1), levels, axis=-1)
