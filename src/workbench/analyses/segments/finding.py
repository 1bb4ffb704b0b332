"""Segments found in the data: people alike in several things at once, or none to speak of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.analyses.segments import describing, mixed, stability
from workbench.analyses.segments.inputs import FEWEST, SMALLEST, People, people
from workbench.statistics import Floats
from workbench.words import found_segments as said

SEGMENTS, NONE = "segments", "no clear segments"
ENOUGH = 500  # people among whom the number of segments is chosen; of more, so many are drawn


@dataclass(frozen=True, eq=False)
class Found:
    """Segments found in the data, or that there are no clear ones; see `find`.

    `verdict`: "segments" or "no clear segments". `labels`: the segment of each person, 1 the
    largest (Int64, index of the frame; missing for whom nothing is recorded, and for everyone where
    there are no clear segments). `sureness`: how sure each membership is, 0 to 1. `descriptions`:
    what each segment is like, in words (index: segment). `traits`: one row a segment and number, or
    value of a category: segment, column, value ("" for a number), unit ("mean" or "share"), people
    (who have the value), known (of whom the column says something), in_segment, the same three for
    everyone (people_in_all, known_in_all, in_all) and difference (from all others, in standard
    deviations or as Cohen's h), the largest first; counts as they are, to be protected.
    `stability`: one row a number of segments tried: segments, agreement of two halves of the people
    (adjusted Rand index), weakest (of the segment least found again in the other half, the people
    in both of those in either), expected and highest_expected (agreement in data without segments),
    gain and expected_gain (of fit for people left out, a person), stable, clearer, chosen. `sizes`:
    people in each segment (index: segment). `left_out`: why a column was not used, by column.
    `people`: rows of whom something is recorded; `reason`: why there are no clear segments, ""
    where there are; `sentence`: the verdict.
    """

    verdict: str
    labels: "pd.Series[Any]"
    sureness: "pd.Series[Any]"
    descriptions: "pd.Series[Any]"
    traits: pd.DataFrame
    stability: pd.DataFrame
    sizes: "pd.Series[Any]"
    left_out: Mapping[str, str]
    people: int
    reason: str
    sentence: str


def find(frame: pd.DataFrame, seed: int = 0) -> Found:
    """Whether people fall into segments, which ones, and what those are like.

    `frame`: one row a person; numbers, and words or truth values as categories; missing values
    (NaN, empty, "not recorded") are left out of the sum, not guessed. Ids, dates, columns that
    hardly vary and those that say the same as another are left out and listed. The same seed gives
    the same answer, whatever the order of rows and columns.

    2 to 8 segments are tried. They count when both halves of the people give the same ones
    (adjusted Rand index of .75 on average, the weakest segment found again to .6), and when they
    are more alike, and fit people left out better, than in clouds without segments that keep each
    column's values and how columns go together. Of more than 500 people, 500 are drawn to settle
    the number; everyone is placed.
    Raises DataError for what is no frame, columns of one name, people who come twice, and numbers
    that are infinite; with fewer than 50 people or 2 columns there are no clear segments.
    Source: latent class cluster analysis (Vermunt and Magidson 2002); the number by stability
    (Lange and others 2004; Hennig 2007) against data without segments (Hennig and Lin 2015); error
    rates: docs/methods.md, `make simulate`.
    """
    given = people(frame)
    if given.reason:
        return _without(given, given.reason)
    dice = np.random.default_rng(seed)
    numbers, codes = given.standard, given.codes.to_numpy(dtype=np.int64)
    some = np.arange(len(given))
    if len(given) > ENOUGH:
        some = np.sort(dice.choice(len(given), ENOUGH, replace=False))
    tried = stability.tried(numbers[some], codes[some], given.levels, dice)
    everyone = mixed.columns(numbers, codes, given.levels)
    for segments in tried.in_order:
        chances = _chances(everyone, everyone.of(some), segments, dice)
        if np.bincount(chances.argmax(axis=1), minlength=segments).min() >= SMALLEST:
            return _with(given, chances, tried.table)
    stable = bool(tried.table["stable"].any())
    reason = "no more than expected" if stable else "not stable"
    reason = "too small" if tried.in_order else reason
    return _without(given, reason, tried.table)


def _chances(
    everyone: mixed.Columns, some: mixed.Columns, segments: int, dice: np.random.Generator
) -> Floats:
    """How likely each person belongs to each segment, the segment with most people first."""
    fitted = mixed.fit_to_all(everyone, some, segments, dice)
    chances = mixed.membership(fitted, everyone)[0][:, 0].T
    sizes = np.bincount(chances.argmax(axis=1), minlength=segments)
    return chances[:, np.argsort(-sizes, kind="stable")]


def _with(given: People, chances: Floats, table: pd.DataFrame) -> Found:
    segments = chances.shape[1]
    labels = chances.argmax(axis=1) + 1
    traits = describing.traits(given, labels)
    agreement = float(table.loc[table["segments"] == segments, "agreement"].iloc[0])
    index = pd.RangeIndex(1, segments + 1, name="segment")
    return Found(
        verdict=SEGMENTS,
        labels=_series(given, labels, "segment", "Int64"),
        sureness=_series(given, chances.max(axis=1), "sureness", "float64"),
        descriptions=describing.descriptions(traits),
        traits=traits,
        stability=table.assign(chosen=table["segments"] == segments),
        sizes=pd.Series(np.bincount(labels)[1:], index, name="people"),
        left_out=given.left_out,
        people=len(given),
        reason="",
        sentence=said.found(segments, len(given), agreement),
    )


def _without(given: People, reason: str, table: pd.DataFrame | None = None) -> Found:
    nobody = np.zeros(0, dtype=int)
    traits = describing.traits(given, nobody)
    stability_table = stability.NOTHING if table is None else table
    return Found(
        verdict=NONE,
        labels=_series(given, None, "segment", "Int64"),
        sureness=_series(given, None, "sureness", "float64"),
        descriptions=describing.descriptions(traits),
        traits=traits,
        stability=stability_table.assign(chosen=False),
        sizes=pd.Series(nobody, pd.RangeIndex(1, 1, name="segment"), name="people"),
        left_out=given.left_out,
        people=len(given),
        reason=reason,
        sentence=said.not_found(reason, FEWEST),
    )


def _series(given: People, values: Any, name: str, kind: str) -> "pd.Series[Any]":
    """Values of the people in the rows of the frame, missing for the others."""
    result = pd.Series(pd.NA if kind == "Int64" else np.nan, given.index, name=name, dtype=kind)
    if values is not None:
        result.iloc[given.places] = values
    return result
