"""How many flags to expect where nothing has happened."""

from typing import Final

import numpy as np

from workbench.analyses.signals.inputs import stop_on
from workbench.analyses.signals.notes import FIRM

#: Share of latest points that break a rule though nothing has changed, by the number of points that
#: the frozen limits rest on: measured on 30,000 series of independent normal values each.
FALSE_ALARMS: Final = {8: 0.085, 13: 0.058, 18: 0.046, 24: 0.039, 36: 0.033, 2000: 0.021}
FALSE_ALARMS_UNFROZEN: Final = 0.018  # limits from all 36 points, the judged one among them


def expected_by_chance(charts: int, months: int = 1, baseline: int | None = FIRM) -> float:
    """How many flags on the latest month to expect if nothing at all had changed.

    charts: how many are looked at, for example workers x measures. months: how many times each was
    looked at, month by month. baseline: the points that limits rest on; None: on all, anew each
    month.
    Returns a number of flags, to print beside the flags found. Raises DataError for counts below 0
    and baselines below 8.

    Source: simulation of the four rules on independent normal values, repeated in
    tests/test_signals.py (each rule's share in theory, with known limits: Champ and Woodall 1987).
    Between simulated baselines the rate is interpolated over 1 / baseline. Skewed or autocorrelated
    measures give more.
    """
    shortest = min(FALSE_ALARMS)
    problems = [
        f"{name}: {count} is below 0. Give how many were looked at."
        for name, count in (("charts", charts), ("months", months))
        if count < 0
    ]
    if baseline is not None and baseline < shortest:
        problems.append(
            f"baseline: {baseline} points are too few to say; limits rest on {shortest} or more."
        )
    stop_on(problems)
    return charts * months * _rate(baseline)


def _rate(baseline: int | None) -> float:
    if baseline is None:
        return FALSE_ALARMS_UNFROZEN
    per_point = sorted((1 / points, share) for points, share in FALSE_ALARMS.items())
    inverse, shares = zip(*per_point, strict=True)
    return float(np.interp(1 / baseline, inverse, shares))
