"""What a chart says about itself to the analyst: every note in one place."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

FIRM = 13  # points; fewer make limits provisional
USEFUL = 10  # points off the median; fewer make a run chart blind

CONSTANT = "The values do not vary, so there are no limits."
FLAT_BASELINE = (
    "The baseline does not vary though later values do, so there are no limits. "
    "Choose a longer baseline."
)
ONE_POINT = "There is one point to compute limits from, so there are none yet."
NO_POINTS = "There is no point to compute limits from: all are missing or left out."
NO_NEIGHBOURS = (
    "No two neighbouring points are recorded, so there is no moving range and there are no limits."
)
STOCK = (
    "A stock (for example a caseload) carries over from one month to the next, so limits would "
    "raise false alarms. It is shown plain; chart what flows in and what flows out."
)


def provisional(points: int) -> str:
    """Limits that more points will move."""
    return f"The limits are provisional: they rest on {points} points, and {FIRM} make them firm."


def missing(count: int, total: int) -> str:
    """Missing points."""
    return f"{count} of {total} points {are(count)} missing; missing is not 0."


def last_missing(last: Any, read: Any) -> str:
    """The last month has no value yet."""
    return f"The last point, {label(last)}, is missing; the reading is of {label(read)}."


def empty_denominator(count: int, total: int) -> str:
    """Nobody to be a share of."""
    return f"{count} of {total} points {have(count)} a denominator of 0, so no value."


def left_out(labels: Iterable[Any]) -> str:
    """Points excluded on purpose."""
    names = ", ".join(map(label, labels))
    return f"Left out of the mean, the limits and the runs: {names}."


def exact(count: int, total: int) -> str:
    """Small numbers on a p chart."""
    return (
        f"{count} of {total} points {are(count)} expected to have fewer than 5 in the numerator or "
        "its complement: limits there are exact binomial, and runs are counted from the exact "
        "median. Quarters instead of months would show more."
    )


def sparse(count: int, total: int) -> str:
    """Small numbers on a c or u chart."""
    return (
        f"{count} of {total} points {are(count)} expected to count fewer than 5: limits there are "
        "rough, and runs are counted from the exact median. Quarters instead of months would "
        "show more."
    )


def widened(factors: Sequence[float]) -> str:
    """Laney's factor of each phase."""
    return "Limits are Laney's: sigma z is " + ", ".join(f"{z:.3g}" for z in factors) + "."


def short_years(months: int, years: int) -> str:
    """Too short for a season."""
    return (
        "A season can be tested from 24 recorded months, in two years or more of which six months "
        f"are recorded. Recorded months: {months}; such years: {years}."
    )


def few_useful(count: int) -> str:
    """Too short for a run chart."""
    return (
        f"{count} points are off the median; with fewer than {USEFUL} a run chart can hardly give "
        "a signal."
    )


def label(given: Any) -> str:
    """An index label as a person writes it."""
    if isinstance(given, datetime) and given == datetime.combine(given.date(), datetime.min.time()):
        return given.date().isoformat()
    if isinstance(given, date):
        return given.isoformat()
    return str(given)


def are(count: int) -> str:
    """One is, two are."""
    return "is" if count == 1 else "are"


def have(count: int) -> str:
    """One has, two have."""
    return "has" if count == 1 else "have"
