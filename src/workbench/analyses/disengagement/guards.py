"""What a model of the future must not know: each guard refuses, and says what and how many.

Published models of drop-out look good because they leak: they know the exit of people who had left,
or a record made after the day on which the list would have been written.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import DataError
from workbench.statistics import Floats, wilson_interval

TOO_GOOD = 0.9  # area under the curve that one feature alone cannot have
SURE = 0.8  # share of leavers, among those longest without contact, that says they had left
FEWEST_AT_THE_TOP = 50
SHARE_AT_THE_TOP = 0.05
COLLAPSE = (0.8, 0.55)  # telling well today, and next to nothing a period before
FEWEST_EVENTS = 20
AS_OF = ("as_of_date", "as_of")


class LeakageError(DataError):
    """The features know more than could be known on the day."""


def area(score: Floats, label: Floats) -> float:
    """The chance that somebody who leaves ranks above somebody who stays; NaN for one kind only.

    Source: Hanley and McNeil (1982): the Mann-Whitney statistic, ties count half.
    """
    there = ~np.isnan(score)
    score, label = score[there], label[there]
    events = label.sum()
    others = len(label) - events
    if not events or not others:
        return float("nan")
    ranks = pd.Series(score).rank().to_numpy()
    return float((ranks[label == 1].sum() - events * (events + 1) / 2) / (events * others))


def refuse_later_dates(features: pd.DataFrame, known_until: Any) -> None:
    """Refuse features that carry a day after the one on which they should have been known.

    `known_until`: the as-of date of all rows, a Series of one for each row, or the last day that
    each feature uses, by its name (then the column as_of_date says which day it was). A number
    where days are numbers.
    """
    own = next((name for name in AS_OF if name in features), None)
    by_name = isinstance(known_until, Mapping) or (
        isinstance(known_until, pd.Series)
        and len(known_until) > 0
        and set(known_until.index) <= set(features.columns)
    )
    if by_name:
        if own is None:
            raise DataError(
                "known_until: says for each feature how far it looks, and the features have no "
                "column as_of_date to hold it against. Add one."
            )
        latest = {str(name): pd.Series(day, features.index) for name, day in known_until.items()}
        limit: Any = features[own]
    else:
        limit = known_until if known_until is not None else features[own] if own else None
        latest = {name: features[name] for name in _days(features, limit) if name != own}
    if limit is None:
        return
    if not isinstance(limit, pd.Series) and pd.api.types.is_list_like(limit):
        if len(limit) != len(features):
            raise DataError(
                f"known_until: has {len(limit)} rows, the features {len(features)}. "
                "Give one day, or one for each row."
            )
        limit = pd.Series(limit, features.index)
    if isinstance(limit, pd.Series) and not limit.index.equals(features.index):
        raise DataError(
            f"known_until: has {len(limit)} rows, the features {len(features)}, or another index. "
            "Give one day, or one for each row with the same index."
        )
    late = {name: int(_after(days, limit).sum()) for name, days in latest.items()}
    if any(late.values()):
        said = ", ".join(f"{name} in {n} rows" for name, n in late.items() if n)
        raise LeakageError(
            f"features: {said} of {len(features)}: dated after the as-of date, so nobody could "
            "have known it then. Build features from what was on record by the as-of date."
        )


def _days(features: pd.DataFrame, limit: Any) -> list[str]:
    """The columns that hold days: dates, or numbers called a day where days are numbers."""
    if limit is not None and pd.api.types.is_number(limit):
        words = {name: set(str(name).lower().split("_")) for name in features}
        return [
            str(name)
            for name, parts in words.items()
            if parts & {"day", "date"} and pd.api.types.is_numeric_dtype(features[name])
        ]
    return [str(name) for name in features if holds_days(features[name])]


def holds_days(values: "pd.Series[Any]") -> bool:
    """Whether a column holds days, or moments."""
    kind = pd.api.types.infer_dtype(values, skipna=True)
    return pd.api.types.is_datetime64_any_dtype(values) or kind in ("date", "datetime")


def _after(days: "pd.Series[Any]", limit: Any) -> "pd.Series[bool]":
    if pd.api.types.is_numeric_dtype(days):
        return days > limit
    last = limit if isinstance(limit, pd.Series) else pd.Series(limit, days.index)
    return _as_days(days) > _as_days(last)


def _as_days(moments: "pd.Series[Any]") -> "pd.Series[Any]":
    """The day of each moment, as the clock on the wall says."""
    try:
        found = pd.to_datetime(moments)
    except (ValueError, TypeError):
        raise DataError(
            "known_until: holds what is no day. Give dates, such as 2025-10-01, or numbers where "
            "days are numbers."
        ) from None
    return found.dt.tz_localize(None).dt.normalize()


def refuse_gone(rule: Floats, label: Floats) -> None:
    """Refuse a cohort in which people are who had left by then: silent, and all of them "leave".

    Of those longest without contact, the first twentieth, four in five leaving is beyond what any
    service sees in people who are still there. (OULAD on day 70: 92 % of them with those who had
    unregistered before, 20 % without.)
    """
    top = round(SHARE_AT_THE_TOP * len(label))
    if top < FEWEST_AT_THE_TOP or label.mean() >= 0.5:
        return
    first = np.argsort(-rule, kind="stable")[:top]
    lower, _ = wilson_interval(label[first].sum(), top)
    if lower > SURE:
        raise LeakageError(
            f"features: of the {top} longest without contact {label[first].mean():.0%} leave, "
            f"against {label.mean():.0%} of all: most of them had left before. Keep only those "
            "who were still there at the close of the as-of date."
        )


def refuse_too_good(features: Mapping[str, Floats], label: Floats) -> None:
    """Refuse a single feature that all but says who leaves."""
    if label.sum() < FEWEST_EVENTS:
        return
    areas = {name: area(values, label) for name, values in features.items()}
    good = {name: max(a, 1 - a) for name, a in areas.items() if max(a, 1 - a) > TOO_GOOD}
    if good:
        said = ", ".join(f"{name} ({a:.2f})" for name, a in good.items())
        raise LeakageError(
            f"features: {said}: alone tells leavers from the others better than {TOO_GOOD} (area "
            "under the curve). It was probably written down after they left. Leave it out, or "
            "build it from what was on record by the as-of date."
        )


def refuse_collapse(
    now: Mapping[str, Floats], before: Mapping[str, Floats], label: Floats
) -> pd.DataFrame:
    """Refuse features that tell well today and nothing from data a period older.

    Returns how well each tells, now and a period before: feature, now, before.
    Raises DataError where the older data are not of the same people.
    """
    older = {len(values) for values in before.values()} - {len(label)}
    if older:
        raise DataError(
            f"before: has {older.pop()} rows, the features {len(label)}. "
            "Give the same people in the same order."
        )
    rows = [
        {"feature": name, "now": area(now[name], label), "before": area(before[name], label)}
        for name in now
        if name in before
    ]
    table = pd.DataFrame(rows, columns=["feature", "now", "before"])
    told = np.maximum(table["now"], 1 - table["now"])
    still = np.where(table["now"] >= 0.5, table["before"], 1 - table["before"])
    gone = table[(told > COLLAPSE[0]) & (still < COLLAPSE[1])]
    if len(gone) and label.sum() >= FEWEST_EVENTS:
        raise LeakageError(
            f"features: {', '.join(gone['feature'])}: tells leavers well on the as-of date and not "
            "at all from data a period older. It was probably written down because they left."
        )
    return table


def refuse_left(day_left: "pd.Series[Any]", known_until: Any) -> None:
    """Refuse people whose last day came by the as-of date (label given as the day they left)."""
    if known_until is None:
        raise DataError(
            "label: holds dates, and no as-of date says which of them lie ahead. "
            "Give known_until, or a label of 1 and 0."
        )
    gone = int(_after_or_on(known_until, day_left).sum())
    if gone:
        raise LeakageError(
            f"label: {gone} of {len(day_left)} people had left by the as-of date. Keep only those "
            "who were still there at its close."
        )


def _after_or_on(limit: Any, days: "pd.Series[Any]") -> "pd.Series[bool]":
    return days.notna() & ~_after(days, limit)
