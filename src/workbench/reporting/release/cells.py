"""Numbers of two releases that, set against each other, tell about a few people.

A released number stands for a range: rounded to 5, a 20 is 18 to 22. Two releases of the same cell
tell about a few where the ranges leave only differences of 1 up to the threshold, or where one
shows what the other hides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from workbench.profiles import PROFILES, Profile
from workbench.reporting.release.figures import COUNTED, Figure

Key = tuple[str, str, str, tuple[str, ...]]  # whose, of which table, which column, which row


@dataclass(frozen=True)
class Shown:
    """A cell as a release shows it: `value` None where it is hidden; `report` and `where` it is."""

    value: float | None
    rule: Profile
    report: str
    where: str

    @property
    def range(self) -> tuple[float, float]:
        """The counts that it may stand for."""
        if self.value is None:
            return 1, self.rule.threshold
        if self.rule.base == 1 or self.value == 0:
            return self.value, self.value
        half = self.rule.base / 2
        low = max(ceil(self.value - half), self.rule.threshold + 1)
        return low, ceil(self.value + half) - 1


def of(reports: Mapping[str, list[Figure]], apart: bool) -> dict[Key, Shown]:
    """Every count of people or events in the reports of a release, by what it counts.

    `apart`: each report is about other people than the others.
    """
    found: dict[Key, Shown] = {}
    for report, figures in reports.items():
        for figure in figures:
            rule = PROFILES.get(figure.grid.profile)
            if rule is not None:
                for key, value in _cells(figure, report if apart else ""):
                    found.setdefault(key, Shown(value, rule, report, figure.where))
    return found


def _cells(figure: Figure, whose: str) -> Iterator[tuple[Key, float | None]]:
    grid = figure.grid
    counted = [(i, each) for i, each in enumerate(grid.columns) if each.role in COUNTED]
    named = [i for i, each in enumerate(grid.columns) if each.role in ("", "label")]
    for row in grid.rows:
        labels = tuple(str(row[i]) for i in named)
        for place, column in counted:
            cell = row[place]
            if isinstance(cell, int | float):
                yield (whose, grid.title, column.name, labels), float(cell)
            elif cell == "[c]":
                yield (whose, grid.title, column.name, labels), None


def telling(
    now: Mapping[Key, Shown], other: Mapping[Key, Shown], same_data: bool
) -> Iterator[Shown]:
    """The cells of a release that, set against another one, tell about a few.

    `same_data`: both were made from one snapshot, so that the same cell is the same people.
    """
    for key in now.keys() & other.keys():
        here, there = now[key], other[key]
        if same_data:
            if (here.value is None) != (there.value is None) and 0 not in (here.value, there.value):
                yield here
        else:
            few = max(here.rule.threshold, there.rule.threshold)
            low = there.range[0] - here.range[1]
            high = there.range[1] - here.range[0]
            if 1 <= low <= high <= few or 1 <= -high <= -low <= few:
                yield here


__all__ = ["Key", "Shown", "of", "telling"]
