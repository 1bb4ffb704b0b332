"""The four rules that tell a real change from noise, and which way it points.

Source: NHS England, Making Data Count; the same rules as NHSRplotthedots (`ptd_spc`). A run may
pass over a missing point, for that is not a point.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RUN = 7  # points in a row on one side of the mean, or rising, or falling
SAME = 1e-12  # values closer than this, relative to the largest, differ by rounding only


class Limits(NamedTuple):
    """The lines of a chart at each of its points.

    `near_*` lie two thirds of the way to the limits. A point counts in a run when it is strictly
    above or below `centre`: the mean, or the exact median where counts are small.
    """

    mean: Floats
    lower: Floats
    upper: Floats
    near_lower: Floats
    near_upper: Floats
    centre: Floats

    def at(self, rows: NDArray[np.intp] | slice) -> "Limits":
        """The same lines at some of the points."""
        return Limits(*(line[rows] for line in self))


def mean_only(mean: float, points: int) -> Limits:
    """The lines where there can be no limits."""
    line, none = np.full(points, mean), np.full(points, np.nan)
    return Limits(line, none, none, none, none, line)


def flat(values: Floats) -> bool:
    """Whether all values are the same, but for rounding."""
    return values.size > 0 and bool(np.ptp(values) <= SAME * np.max(np.abs(values)))


def judge(value: Floats, limits: Limits, in_runs: Flags) -> tuple[NDArray[np.object_], Floats]:
    """Which rule each point breaks (None: no rule) and which way: 1 high, -1 low, 0 neither.

    The first match wins: outside limits, trend, two of three, shift. Points that are missing break
    none; points that are not `in_runs` (left out on purpose) can only be outside limits.
    """
    rule = np.full(value.size, None, dtype=object)
    direction = np.zeros(value.size)
    outside = np.where(value > limits.upper, 1.0, np.where(value < limits.lower, -1.0, 0.0))

    rows = np.flatnonzero(in_runs & ~np.isnan(value))
    seen, lines = value[rows], limits.at(rows)
    side = sign(seen - lines.centre, seen)
    weakest_first = {
        "shift": side * in_run(side, RUN),
        "two of three": two_of_three(seen, lines, side),
        "trend": trend(seen),
    }
    for name, way in weakest_first.items():
        rule[rows[way != 0]] = name
        direction[rows[way != 0]] = way[way != 0]

    rule[outside != 0] = "outside limits"
    return rule, np.where(outside != 0, outside, direction)


def sign(difference: Floats, scale: Floats) -> Floats:
    """-1, 0 or 1; differences that are only rounding (or unknown) are 0."""
    tolerance = SAME * np.max(np.abs(scale), initial=0.0)
    return np.where(np.abs(difference) > tolerance, np.sign(difference), 0.0)


def in_run(signs: Floats, at_least: int) -> Flags:
    """Whether each point belongs to a run of so many points of the same sign, 0 never."""
    lengths = run_lengths(signs)
    return np.repeat(lengths >= at_least, lengths) & (signs != 0)


def run_lengths(signs: Floats) -> NDArray[np.intp]:
    """How long each run of equal signs is, in order."""
    if not signs.size:
        return np.zeros(0, dtype=np.intp)
    starts = np.flatnonzero(np.r_[True, signs[1:] != signs[:-1]])
    return np.diff(np.append(starts, signs.size))


def trend(value: Floats) -> Floats:
    """1 or -1 for every point of seven that rise, or fall, one after the other.

    A peak that ends one trend and starts another belongs to the later one.
    """
    step = sign(np.diff(value), value)
    step = step * in_run(step, RUN - 1)
    before, after = np.insert(step, 0, 0.0), np.append(step, 0.0)
    return np.where(after != 0, after, before)[: value.size]


def two_of_three(value: Floats, limits: Limits, side: Floats) -> Floats:
    """1 or -1 for two beyond the near limit among three in a row on one side of the mean."""
    far = np.where(value > limits.near_upper, 1.0, np.where(value < limits.near_lower, -1.0, 0.0))
    flagged = np.zeros(value.size, dtype=bool)
    if value.size < 3:
        return flagged * far
    same_side = in_run(side, 3)
    for first in range(value.size - 2):
        three = slice(first, first + 3)
        one_side = same_side[three].all() and abs(side[three].sum()) == 3
        if one_side and np.count_nonzero(far[three]) >= 2:
            flagged[three] = True
    return flagged * far
