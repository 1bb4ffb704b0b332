"""Reading what an analyst passes in: all problems are collected and told at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.analyses.signals.notes import are, label
from workbench.errors import DataError

Better = Literal["up", "down"] | None


@dataclass(frozen=True)
class Plan:
    """How a chart is to be read: what is good, and what its limits rest on."""

    better: Better
    target: float | None
    baseline: int | None
    starts: tuple[int, ...]  # first row of each phase
    kept: NDArray[np.bool_]  # False: left out of mean, limits and runs


def read_values(given: Any, name: str, problems: list[str], *, count: bool = False) -> pd.Series:
    """The given numbers as floats, in their order; what is wrong with them is added to problems.

    A count may also not be negative.
    """
    series = given if isinstance(given, pd.Series) else pd.Series(given)
    problems += _index_problems(series.index, name)
    if not len(series):
        problems.append(f"{name}: empty, there is nothing to chart. Give at least one month.")
        return series.astype(float)

    numeric = pd.api.types.is_numeric_dtype(series)
    numbers = series if numeric else pd.to_numeric(series.astype(object), errors="coerce")
    numbers = numbers.astype(float)
    checks: list[tuple[pd.Series, str, str]] = [
        (series.notna() & numbers.isna(), "not numeric", "Give NA for a month without a value."),
        (
            numbers.abs() == np.inf,
            "infinite",
            "A ratio of something to nothing is missing: give NA.",
        ),
    ]
    if count:
        checks.append((numbers < 0, "negative", "A count starts at 0."))
    for wrong, what, remedy in checks:
        _tell(problems, name, wrong, what, remedy)
    if series.isna().all():
        problems.append(
            f"{name}: all {len(series)} points are missing, there is nothing to chart. "
            "Check where this measure is recorded."
        )
    return numbers


def read_share(
    numerator: Any, denominator: Any, problems: list[str], *, people: bool
) -> tuple[pd.Series, pd.Series]:
    """A numerator and what it is a part of, month by month.

    `people`: both count people, so they are whole and the part is no more than the whole.
    """
    names = ("numerator", "denominator") if people else ("count", "exposure")
    part = read_values(numerator, names[0], problems, count=True)
    whole = read_values(denominator, names[1], problems, count=True)
    if not part.index.equals(whole.index):
        odd = part.index.symmetric_difference(whole.index)
        first = f", first {label(odd[0])}" if len(odd) else ", in another order"
        problems.append(
            f"{names[0]} and {names[1]}: not the same months{first}. Give both for every month."
        )
        return part, whole
    if people:
        whole_numbers = "A proportion counts people; chart a mean with xmr."
        for series, name in zip((part, whole), names, strict=True):
            broken = np.isfinite(series) & (series % 1 != 0)
            _tell(problems, name, broken, "not whole", whole_numbers)
        too_many, what = part > whole, f"larger than the {names[1]}"
    else:
        too_many, what = (part > 0) & (whole == 0), f"above 0 where the {names[1]} is 0"
    _tell(problems, names[0], too_many, what, "Check how the measure counts.")
    if not problems and not (part.notna() & (whole > 0)).any():
        problems.append(
            f"{names[0]} and {names[1]}: in no month are both recorded and the {names[1]} above 0. "
            "Check where they come from."
        )
    return part, whole


def read_plan(
    index: pd.Index,
    better: Better,
    target: float | None,
    baseline: int | None,
    rebase_at: Any,
    exclude: Any,
    problems: list[str],
) -> Plan:
    """The arguments that all charts share, as rows of the index."""
    if better not in ("up", "down", None):
        problems.append(f"better: {better!r} is no direction. Give 'up', 'down' or None.")
    if target is not None and not np.isfinite(target):
        problems.append(f"target: {target} is not a number. Leave it out where there is no target.")
    if baseline is not None and baseline < 2:
        problems.append(f"baseline: {baseline} points give no limits. Give at least 2, better 13.")
    starts = _rows(index, rebase_at, "rebase_at", problems)
    kept = np.ones(len(index), dtype=bool)
    kept[_rows(index, exclude, "exclude", problems)] = False
    return Plan(better, target, baseline, tuple(sorted({0, *starts})), kept)


def stop_on(problems: list[str]) -> None:
    """Raise DataError when anything is wrong."""
    if problems:
        raise DataError(*problems)


def _index_problems(index: pd.Index, name: str) -> list[str]:
    problems = []
    repeated = index[index.duplicated()].unique()
    if len(repeated):
        labels = "label occurs" if len(repeated) == 1 else "labels occur"
        problems.append(
            f"{name}: {len(repeated)} index {labels} more than once, "
            f"first {label(repeated[0])}. Give each month one row."
        )
    dated = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)
    in_time = dated or pd.api.types.is_numeric_dtype(index)
    if index.hasnans:
        problems.append(
            f"{name}: {int(np.sum(index.isna()))} index labels are missing. Name every month."
        )
    elif in_time and not index.is_monotonic_increasing:
        late = next(i for i in range(1, len(index)) if index[i] < index[i - 1])
        problems.append(
            f"{name}: not in time order, {label(index[late])} comes after "
            f"{label(index[late - 1])}. Sort by the index."
        )
    return problems


def _tell(problems: list[str], name: str, wrong: pd.Series, what: str, remedy: str) -> None:
    if (count := int(wrong.sum())) > 0:
        points = "1 point" if count == 1 else f"{count} points"
        problems.append(
            f"{name}: {points} {are(count)} {what}, first at {label(wrong.idxmax())}. {remedy}"
        )


def _rows(index: pd.Index, labels: Any, name: str, problems: list[str]) -> list[int]:
    wanted: Iterable[Any] = (labels,) if pd.api.types.is_scalar(labels) else labels
    rows = []
    for one in wanted:
        row = _row(index, one)
        if row is None:
            reach = f"{label(index[0])} to {label(index[-1])}" if len(index) else "empty"
            problems.append(
                f"{name}: {label(one)} is not in the index ({reach}). Give a label of the index."
            )
        else:
            rows.append(row)
    return rows


def _row(index: pd.Index, wanted: Any) -> int | None:
    if isinstance(wanted, date):  # settings give dates, pandas looks for timestamps
        wanted = pd.Timestamp(wanted)
    try:
        place = index.get_loc(wanted)
    except (KeyError, TypeError, ValueError):
        return None
    if isinstance(place, slice):  # a month of a DatetimeIndex, named "2025-03"
        return place.start if place.stop - place.start == 1 else None
    return int(place) if isinstance(place, int | np.integer) else None
