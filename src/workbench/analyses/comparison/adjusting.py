"""What the difference would be between people who were alike when they came.

Those without the group's mark are weighed so that they are like those with it, and what is still
uneven between them is taken out by what the outcome itself says of people like them. One of the
two suffices to be right (doubly robust).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analyses.comparison.clustering import FEWEST, spread
from workbench.analyses.comparison.fitting import Design, chances, design, fit, fit_draws
from workbench.statistics import Floats

DRAWS = 1000
CELLS_AT_ONCE, NARROW = 100_000, 5  # draws times rows worked on at a time; more where wider
MANY_ALIKE = 500  # people a row from which rows are drawn, not people
FURTHEST_APART = 0.1  # standardised difference after weighing
SMALLEST_SAMPLE, SMALLEST_SHARE = 30, 0.5  # of those without the mark, after weighing
UNLIKE = (0.05, 0.95)  # chances of having the mark, were both groups of one size
MOST_UNLIKE = 0.1
ROUNDING = 1e-9  # of a standard deviation: less is none
FURTHEST = 30.0  # log odds: a chance of 1e-13

Marks = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Weighing:
    """How alike the groups are, before and after those without the mark are weighed.

    `balance`: covariate, before, after (standardised mean differences, 0 or more).
    `effective`: what those without the mark are worth after weighing, in people, of `others`;
    `unlike`: the share of all who have no counterpart.
    """

    weights: Floats
    balance: pd.DataFrame
    effective: float
    others: int
    unlike: float

    @property
    def apart(self) -> list[str]:
        """The covariates that are still further apart than they may be."""
        far = self.balance["after"] > FURTHEST_APART
        return self.balance.loc[far, "covariate"].tolist()

    @property
    def too_few_alike(self) -> bool:
        """Whether too few of those without the mark are like those with it."""
        return self.effective < max(SMALLEST_SAMPLE, SMALLEST_SHARE * self.others)

    @property
    def too_unlike(self) -> bool:
        """Whether too many have no counterpart in the other group."""
        return self.unlike > MOST_UNLIKE

    @property
    def comparable(self) -> bool:
        """Whether the groups are alike enough to be compared."""
        return not (self.apart or self.too_few_alike or self.too_unlike)


def weigh(x: Floats, traits: pd.DataFrame, marked: Marks) -> Weighing:
    """Weigh those without the mark so that they are like those with it.

    `x`: design with a constant, a row a person; `traits`: what balance is looked at in.
    Source: weights e/(1 − e), Hirano and Imbens (2001); standardised differences, Austin (2009);
    effective sample, Kish (1965).
    """
    rows, _, times = _alike(x, marked, np.zeros(len(x)))
    coefficients = fit(design(x[rows], marked[rows]), times)[0]
    log_odds = np.clip(x @ coefficients, -FURTHEST, FURTHEST)
    weights = np.where(marked, 1.0, np.exp(log_odds - log_odds.max()))
    others = weights[~marked]
    sizes = np.log((~marked).sum() / marked.sum())
    chance = chances(log_odds + sizes)
    unlike = (chance < UNLIKE[0]) | (chance > UNLIKE[1])
    return Weighing(
        weights,
        balance(traits, marked, weights),
        float(others.sum() ** 2 / (others @ others)),
        len(others),
        float(unlike.mean()),
    )


def balance(traits: pd.DataFrame, marked: Marks, weights: Floats | None = None) -> pd.DataFrame:
    """How far apart the groups are, a row a trait: covariate, before, after (NaN unweighed).

    In standard deviations, 0 or more; of everyone, where nobody differs within either group.
    Further `having`, `having_not_marked`: how many people of each group have a trait that one has
    or has not (NaN for numbers). Source: Austin (2009), eq. 1 and 2.
    """
    values = traits.to_numpy(dtype=float)
    first, second = values[marked], values[~marked]
    scale = np.sqrt((first.var(0) + second.var(0)) / 2)
    scale = np.where(scale > ROUNDING, scale, values.std(0))
    scale = np.where(scale > ROUNDING, scale, np.inf)
    before = np.abs(first.mean(0) - second.mean(0)) / scale
    after = np.full(len(scale), np.nan)
    if weights is not None:
        others = weights[~marked]
        after = np.abs(first.mean(0) - others @ second / others.sum()) / scale
    has_or_not = np.isin(values, (0, 1)).all(axis=0)
    having = [np.where(has_or_not, side.sum(0), np.nan) for side in (first, second)]
    return pd.DataFrame(
        {
            "covariate": traits.columns, "before": before, "after": after,
            "having": having[0], "having_not_marked": having[1],
        }
    )  # fmt: skip


def adjusted(
    x: Floats,
    marked: Marks,
    y: Floats,
    weighing: Weighing,
    cluster: NDArray[np.intp] | None,
    seed: int,
) -> tuple[float, tuple[float, float]]:
    """The difference for those with the mark, adjusted for the columns of `x`, and its interval.

    The interval is of 1,000 draws of people, whose order does not matter; with clusters it is never
    narrower than what their spread says. Source: augmented inverse-probability weighting for the
    treated, Robins, Rotnitzky and Zhao (1994), normalised as in Mercatanti and Li (2014);
    percentiles, Efron (1979).
    """
    rows, of_row, times = _alike(x, marked, y)
    models = _models(x[rows], marked[rows], y[rows])
    everyone = fit(models.mark, times), fit(models.outcome, times)
    found = float(_differences(models, times[None, :], *everyone)[0])
    draws = [
        _differences(
            models,
            counts,
            fit_draws(models.mark, counts, everyone[0]),
            fit_draws(models.outcome, counts, everyone[1]),
        )
        for counts in _drawn(np.sort(of_row), times, x.shape[1], seed)
    ]
    low, high = np.nanquantile(np.concatenate(draws), [0.025, 0.975])
    if cluster is not None:
        residual = _residuals(models, everyone[1])[0][of_row]
        off = spread(residual, weighing.weights, marked, cluster)
        wider = off.effect > 1 and off.fewest >= FEWEST
        half = off.quantile * np.sqrt(off.variance) if wider else 0.0
        low, high = min(low, found - half), max(high, found + half)
    return found, (float(low), float(high))


@dataclass(frozen=True, eq=False)
class _Models:
    """Rows of people alike, and what two models of them need: of the mark, and of the outcome."""

    marked: Marks
    mark: Design
    outcome: Design
    others: Floats


def _models(x: Floats, marked: Marks, y: Floats) -> _Models:
    with_mark = np.column_stack([x, marked])
    others = np.ascontiguousarray(x[~marked].T)
    return _Models(marked, design(x, marked), design(with_mark, y), others)


def _residuals(models: _Models, outcome: Floats) -> Floats:
    """The outcome less its chance for people like each row, had they not had the mark."""
    return models.outcome.y - chances(outcome[:, :-1] @ models.mark.across)


def _differences(models: _Models, counts: Floats, mark: Floats, outcome: Floats) -> Floats:
    """The adjusted difference in each draw of people, from the coefficients of both models."""
    residual, marked = _residuals(models, outcome), models.marked
    odds = np.exp(np.clip(mark @ models.others, -FURTHEST, FURTHEST))
    first, second = counts[:, marked], odds * counts[:, ~marked]
    means = (first * residual[:, marked]).sum(1), (second * residual[:, ~marked]).sum(1)
    return means[0] / first.sum(1) - means[1] / second.sum(1)


def _alike(x: Floats, marked: Marks, y: Floats) -> tuple[Places, Places, Floats]:
    """One row for people alike in everything: where it is, who is in it, how many they are."""
    everything = np.column_stack([x, marked, y])
    _, rows, of_row, times = np.unique(
        everything, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    return rows, of_row.reshape(-1), times.astype(float)


def _drawn(of_row: Places, times: Floats, columns: int, seed: int) -> Iterator[Floats]:
    """Draws of people, with repeats: how often each row is in them, some draws at a time.

    `times`: the people of each row. As many draws at a time as a cache holds; in a wide design
    more, which then share one reading of its products. Where hundreds are alike, how often a row
    is drawn is drawn itself (multinomial): the same chances, without drawing each of the people.
    """
    dice, people, rows = np.random.default_rng(seed), len(of_row), len(times)
    alike = rows * MANY_ALIKE <= people
    cells = CELLS_AT_ONCE * max(1, columns // NARROW) ** 2
    at_once = max(1, cells // (rows if alike else people))
    for first in range(0, DRAWS, at_once):
        draws = min(at_once, DRAWS - first)
        if alike:
            yield dice.multinomial(people, times / people, draws).astype(float)
            continue
        chosen = of_row[dice.integers(0, people, (draws, people))]
        chosen += rows * np.arange(draws)[:, None]
        counts = np.bincount(chosen.reshape(-1), minlength=draws * rows)
        yield counts.reshape(draws, rows).astype(float)
