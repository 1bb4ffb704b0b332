"""How many segments: as many as both halves of the people give, and clearer than chance would.

Everything that is asked of the people is asked of clouds without segments too.
Source: half-splits and the number that is stable: Lange, Roth, Braun and Buhmann (2004), Ben-Hur,
Elisseeff and Guyon (2002); agreement: Hubert and Arabie (1985); against data without segments:
Tibshirani, Walther and Hastie (2001), Hennig and Lin (2015); the fewest within one standard error:
Breiman, Friedman, Olshen and Stone (1984).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analyses.segments import cloud, mixed
from workbench.analyses.segments.mixed import Columns
from workbench.statistics import Floats

NUMBERS = range(2, 9)  # of segments
SPLITS = 6  # of the people into halves
CLOUDS = 20  # drawn without segments
STABLE = 0.75  # agreement of two halves from which segments may be spoken of
FOUND_AGAIN = 0.6  # of its people, in the other half: from which the weakest segment is one
CLEARER = 3.0  # standard deviations of what clouds give


@dataclass(frozen=True, eq=False)
class Tried:
    """Every number of segments tried.

    `table`: one row each: segments, agreement of two halves, expected and highest_expected (the
    same in clouds), gain (fit of people left out over that of one segment, a person) and
    expected_gain, stable and clearer (whether it holds). `gains`: of each person, by number.
    """

    table: pd.DataFrame
    gains: Floats

    @property
    def in_order(self) -> list[int]:
        """The numbers that hold, the one to take first: the fewest not clearly behind the best."""
        holds = np.flatnonzero(self.table["stable"] & self.table["clearer"])
        if not len(holds):
            return []
        best = holds[self.gains[:, holds].mean(axis=0).argmax()]
        behind = self.gains[:, [best]] - self.gains[:, holds]
        error = behind.std(axis=0, ddof=1) / np.sqrt(len(behind))
        first = holds[behind.mean(axis=0) <= error].min()
        fewer = holds[holds < first][::-1]
        return [int(self.table["segments"].iloc[at]) for at in (first, *fewer)]


def tried(
    numbers: Floats, codes: NDArray[np.int64], levels: tuple[int, ...], dice: np.random.Generator
) -> Tried:
    """Look for 2 to 8 segments in these people (NaN and -1 missing), and in clouds like them."""
    agreement, weakest, gains = _halves(
        mixed.columns(numbers, codes, levels, np.float32), SPLITS, dice
    )
    without = cloud.cloud(numbers, codes, levels)
    expected, expected_gains = [], []
    for _ in range(CLOUDS):
        of_cloud = cloud.draw(without, numbers, codes, dice)
        drawn = mixed.columns(*of_cloud, levels, np.float32)
        agreed, _, gained = _halves(drawn, 1, dice)
        expected.append(agreed)
        expected_gains.append(gained.mean(axis=0))
    gain = gains.mean(axis=0)
    usual, spread = np.mean(expected_gains, axis=0), np.std(expected_gains, axis=0, ddof=1)
    highest = np.max(expected, axis=0)
    clearer = (gain > np.max(expected_gains, axis=0)) & (gain > usual + CLEARER * spread)
    clearer &= agreement > np.mean(expected, axis=0)
    table = {
        "segments": list(NUMBERS),
        "agreement": agreement,
        "weakest": weakest,
        "expected": np.mean(expected, axis=0),
        "highest_expected": highest,
        "gain": gain,
        "expected_gain": usual,
        "stable": (agreement >= STABLE) & (weakest >= FOUND_AGAIN),
        "clearer": clearer,
    }
    return Tried(pd.DataFrame(table), gains)


def _halves(
    people: Columns, splits: int, dice: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Agreement of two halves and the weakest segment, by number; gain of each person left out."""
    agreement, weakest = np.empty((2, splits, len(NUMBERS)))
    gains = np.zeros((len(people.matrix), len(NUMBERS)))
    for split in range(splits):
        shuffled = dice.permutation(len(gains))
        halves = np.array_split(shuffled, 2)
        fitted = [people.of(half) for half in halves]
        alone = [_fits(mixed.fit(half, 1, dice), people)[1] for half in fitted]
        for at, segments in enumerate(NUMBERS):
            pair = [_fits(mixed.fit(half, segments, dice), people) for half in fitted]
            labels = pair[0][0], pair[1][0]
            agreement[split, at] = agree(*labels, segments)
            weakest[split, at] = found_again(*labels, segments).min()
            for mine, other in ((0, 1), (1, 0)):
                left_out = halves[other]
                gains[left_out, at] += (pair[mine][1] - alone[mine])[left_out] / splits
    return agreement.mean(axis=0), np.median(weakest, axis=0), gains


def _fits(mixture: mixed.Mixture, people: Columns) -> tuple[NDArray[np.int64], Floats]:
    """The segment of each person, and how well each fits."""
    chances, fits = mixed.membership(mixture, people)
    return chances[:, 0].argmax(axis=0), fits[0]


def agree(first: NDArray[np.int64], second: NDArray[np.int64], segments: int) -> float:
    """How alike two groupings are: 1 the same, 0 as alike as by chance (Hubert and Arabie 1985)."""
    table = _crossed(first, second, segments)
    same, in_first, in_second, everyone = (
        float((sizes * (sizes - 1) / 2).sum())
        for sizes in (table, table.sum(axis=1), table.sum(axis=0), table.sum(keepdims=True))
    )
    chance = in_first * in_second / everyone
    most = (in_first + in_second) / 2
    return (same - chance) / (most - chance) if most > chance else 0.0


def found_again(first: NDArray[np.int64], second: NDArray[np.int64], segments: int) -> Floats:
    """How far each segment of a grouping is in another: people in both, of those in either (best).

    Source: Hennig (2007), the Jaccard coefficient of each cluster.
    """
    both = _crossed(first, second, segments)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return (both / np.maximum(either, 1)).max(axis=1)


def _crossed(first: NDArray[np.int64], second: NDArray[np.int64], segments: int) -> Floats:
    counts = np.bincount(first * segments + second, minlength=segments**2)
    return counts.reshape(segments, segments).astype(float)


NOTHING = pd.DataFrame(
    {
        "segments": pd.Series(dtype="int64"),
        **{
            name: pd.Series(dtype="float64")
            for name in (
                "agreement",
                "weakest",
                "expected",
                "highest_expected",
                "gain",
                "expected_gain",
            )
        },
        "stable": pd.Series(dtype="bool"),
        "clearer": pd.Series(dtype="bool"),
    }
)
"""The table of what was tried, where nothing could be."""
