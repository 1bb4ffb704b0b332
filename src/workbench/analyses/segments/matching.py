"""Segments of this period under the numbers of the last, so that segment 2 stays segment 2."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from workbench.analyses.segments.finding import Found
from workbench.errors import DataError
from workbench.words import found_segments as said

ALIKE = 0.5  # of the people in either, in both: from above it two segments are the same one


@dataclass(frozen=True, eq=False)
class Matched:
    """Segments of now under the numbers of last period; see `match`.

    `found`: this period's, with numbers changed. `numbers`: this period's own number to the one
    that it has now. `same`, `new`, `gone`: segments in both periods, only now, only before.
    `overlap`: one row a pair that shares people: previous, now (its number in `found`), people (in
    both), likeness (people in both of those in either); counts as they are, to be protected.
    `both`: people with a segment in both periods; `moved`: how many of them are in another one now.
    """

    found: Found
    numbers: Mapping[int, int]
    same: tuple[int, ...]
    new: tuple[int, ...]
    gone: tuple[int, ...]
    overlap: pd.DataFrame
    both: int
    moved: int
    sentence: str

    @property
    def labels(self) -> "pd.Series[Any]":
        """The segment of each person, under the numbers of last period."""
        return self.found.labels


def match(previous: Found, now: Found) -> Matched:
    """Segments of now matched to last period's by the people who are in both.

    People are told by the index of the frames that segments were found in. Two segments are the
    same when more than half of the people in either are in both; a segment that has no counterpart
    gets a number that was not in use. `previous` may be the `found` of an earlier match.
    Raises DataError where either was not made by `find`.
    Source: the assignment of Kuhn (1955) on Jaccard's coefficient; a cluster below one half is
    dissolved: Hennig (2007).
    """
    if wrong := [type(e).__name__ for e in (previous, now) if not isinstance(e, Found)]:
        raise DataError(said.not_found_before(wrong[0]))
    shared = pd.DataFrame({"previous": previous.labels.dropna(), "now": now.labels.dropna()})
    shared = shared.dropna().astype("int64")
    before, own = [int(e) for e in previous.sizes.index], [int(e) for e in now.sizes.index]
    people = pd.crosstab(shared["previous"], shared["now"]).reindex(
        index=before, columns=own, fill_value=0
    )
    table = people.to_numpy(dtype=float)
    either = table.sum(axis=1, keepdims=True) + table.sum(axis=0) - table
    likeness = table / np.maximum(either, 1)
    pairs = zip(*linear_sum_assignment(-likeness), strict=True)
    kept = {own[b]: before[a] for a, b in pairs if likeness[a, b] > ALIKE}
    numbers = _numbered(own, kept, max(before, default=0))
    new = tuple(sorted(numbers[each] for each in own if each not in kept))
    gone = tuple(each for each in before if each not in kept.values())
    moved = int((shared["now"].map(numbers) != shared["previous"]).sum())
    places = np.argwhere(table > 0)
    overlap = pd.DataFrame(
        {
            "previous": [before[a] for a, _ in places],
            "now": [numbers[own[b]] for _, b in places],
            "people": table[table > 0].astype(int),
            "likeness": likeness[table > 0],
        }
    )
    same = tuple(sorted(kept.values()))
    sentence = said.matched(same, new, gone, len(shared), moved)
    return Matched(
        _under(now, numbers), numbers, same, new, gone, overlap, len(shared), moved, sentence
    )


def _numbered(own: list[int], kept: Mapping[int, int], last: int) -> dict[int, int]:
    """The number of each segment now: of its counterpart, or the next that is free."""
    new = [each for each in own if each not in kept]
    return dict(kept) | {each: last + place for place, each in enumerate(new, start=1)}


def _under(found: Found, numbers: Mapping[int, int]) -> Found:
    """The same segments under other numbers."""

    def renamed(series: "pd.Series[Any]") -> "pd.Series[Any]":
        index = pd.Index([numbers[int(e)] for e in series.index], name="segment", dtype="int64")
        return series.set_axis(index).sort_index()

    traits = found.traits.assign(segment=found.traits["segment"].map(numbers).astype("int64"))
    return replace(
        found,
        labels=found.labels.map(numbers, na_action="ignore").astype("Int64"),
        descriptions=renamed(found.descriptions),
        sizes=renamed(found.sizes),
        traits=traits.sort_values("segment", kind="stable", ignore_index=True),
    )
