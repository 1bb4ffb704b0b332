"""What `find` is given, checked: whom it can use, whom it cannot, why nothing can be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from workbench import case_mix
from workbench.analyses.sweet_spot.bands import Band
from workbench.analyses.sweet_spot.curve import knots_of
from workbench.errors import DataError
from workbench.statistics import Floats

FEWEST = 30  # people, and how many more than there are columns
LARGEST, SMALLEST_RANGE = 1e6, 1e-6  # beyond them exposures and outcomes are something else
FEWEST_EXPOSURES = 5  # different ones
FEWEST_KNOTS = 3  # of the curve that do not fall together
MOST_NONE = 0.5  # of the people without any contact
NO_EXPOSURE = "contacts not recorded"
NOT_KNOWN = "outcome not known"
AGAIN = "a further row of the same client"
WORKER = "(caseworker)"


@dataclass(frozen=True)
class Inputs:
    """Exposure, outcome and further centred columns of those who count, one row a person.

    `reason`: why nothing can be said, or empty. `unknown`: the share whose outcome is not known;
    `everyone`: (x, y with NaN, others) with them, for asking what they could change.
    """

    x: Floats
    y: Floats
    others: Floats
    binary: bool
    bands: tuple[Band, ...]
    dropped: Mapping[str, int]
    adjusted_for: tuple[str, ...]
    workers: int
    unknown: float
    reason: str
    everyone: tuple[Floats, Floats, Floats]

    @property
    def n(self) -> int:
        """How many people count."""
        return len(self.x)

    def with_unknown(self, value: float | Floats) -> "Inputs":
        """The same, had the unknown outcomes come out so; one value, or one each."""
        x, y, others = self.everyone
        return replace(self, x=x, y=np.where(np.isnan(y), value, y), others=others)


def checked(
    exposure: Any,
    outcome: Any,
    covariates: pd.DataFrame | None,
    cluster: Any,
    client: Any,
    bands: Sequence[Sequence[float | None]] | None,
    margin: Any = 0.0,
) -> Inputs:
    """What can be used of it. Raises DataError with everything that is wrong."""
    x, y = _numbers(exposure), _numbers(outcome)
    given = {"outcome": y, "covariates": covariates, "cluster": cluster, "client": client}
    problems = [
        f"{name}: {len(values)} for {len(x)} exposures. Give one for each person."
        for name, values in given.items()
        if values is not None and len(values) != len(x)
    ]
    if negative := int((x < 0).sum()):
        first = int((x < 0).argmax()) + 1
        problems.append(
            f"exposure: {negative} of {len(x)} are below 0, first at row {first}. "
            "Contacts a week start at 0; look for an end before its start."
        )
    for name, values in (("exposure", x), ("outcome", y)):
        if infinite := int(np.isinf(values).sum()):
            problems.append(f"{name}: {infinite} of {len(values)} are infinite.")
        elif (np.abs(values) > LARGEST).any():
            problems.append(
                f"{name}: {int((np.abs(values) > LARGEST).sum())} of {len(values)} are beyond "
                f"{LARGEST:,.0f}. Give contacts a week, and outcomes as 1, 0 or empty."
            )
    if not _is_share(margin):
        problems.append(f"margin: {margin!r} is no share of people. Give such as 0.02.")
    edges, wrong = _bands(bands)
    problems += wrong
    if problems:
        raise DataError(*problems)
    again = np.zeros(len(x), dtype=bool) if client is None else _repeated(client)
    dropped = {AGAIN: int(again.sum())}
    counted = ~again & ~np.isnan(x)
    dropped[NO_EXPOSURE] = int((~again & np.isnan(x)).sum())
    known = counted & ~np.isnan(y)
    dropped[NOT_KNOWN] = int((counted & ~known).sum())
    return _inputs(x, y, counted, covariates, cluster, edges, dropped)


def _inputs(
    x: Floats,
    y: Floats,
    counted: "np.ndarray[Any, np.dtype[np.bool_]]",
    covariates: pd.DataFrame | None,
    cluster: Any,
    bands: tuple[Band, ...],
    dropped: dict[str, int],
) -> Inputs:
    x, y = x[counted], y[counted]
    mix = pd.DataFrame(index=range(len(x)))
    if covariates is not None:
        mix = pd.DataFrame(covariates).loc[counted].reset_index(drop=True)
    workers = 0
    if cluster is not None:
        held = pd.Series(np.asarray(cluster, dtype=object)[counted], dtype=object)
        workers = int(held.nunique())
        if workers > 1:
            mix = mix.assign(**{WORKER: held.to_numpy()})
    known = ~np.isnan(y)
    columns = case_mix.columns(mix[known], whole=(WORKER,))
    values = y[known]
    binary = bool(np.isin(values, (0, 1)).all())
    return Inputs(
        x=x[known],
        y=values,
        others=columns.centred,
        binary=binary,
        bands=bands,
        dropped=dropped,
        adjusted_for=tuple(name for name in columns.names if name != WORKER),
        workers=workers if workers > 1 else 0,
        unknown=float((~known).mean()) if len(known) else 0.0,
        reason=_reason(x[known], values, columns.centred),
        everyone=(x, y, case_mix.columns(mix, whole=(WORKER,)).centred),
    )


def _reason(x: Floats, y: Floats, others: Floats) -> str:
    """Why nothing can be said, or empty."""
    if len(x) < FEWEST + others.shape[1]:
        return "too few people"
    if len(np.unique(y)) < 2:
        return "always the same outcome"
    if np.ptp(x) < SMALLEST_RANGE:
        return "always the same contact"
    if (x == 0).mean() > MOST_NONE:
        return "mostly no contact"
    if len(np.unique(x)) < FEWEST_EXPOSURES or len(knots_of(x)) < FEWEST_KNOTS:
        return "too few different contacts"
    fixed = np.column_stack([np.ones(len(x)), others])
    for values in (x, y):
        rest = values - fixed @ np.linalg.lstsq(fixed, values, rcond=None)[0]
        if rest.var() < 1e-9 * values.var():
            return "said by the case mix"
    return ""


def _numbers(values: Any) -> Floats:
    if np.ndim(values) > 1:
        raise DataError("sweet spot: give one exposure and one outcome a person, not a table.")
    series = pd.Series(values)
    if series.dtype.kind in "Mmc":  # dates, times and complex numbers would become numbers
        series = series.astype("object").map(str, na_action="ignore")
    numbers = pd.to_numeric(series, errors="coerce")
    wrong = series.notna() & numbers.isna()
    if wrong.any():
        raise DataError(
            f"sweet spot: {int(wrong.sum())} of {len(series)} values are not numbers, first at row "
            f"{int(wrong.to_numpy().argmax()) + 1}. Give contacts a week, and outcomes as 1, 0 or "
            "empty."
        )
    return numbers.to_numpy(dtype=float, na_value=np.nan)


def _repeated(client: Any) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    series = pd.Series(np.asarray(client, dtype=object))
    return (series.duplicated() & series.notna()).to_numpy()


def _bands(bands: Sequence[Sequence[float | None]] | None) -> tuple[tuple[Band, ...], list[str]]:
    if bands is None or not len(bands):
        return (), []
    wrong = f"bands: {bands!r} are not a low, a middle and a high band, in this order."
    refused = [f"{wrong} Give ((0, 1.25), (2, 3), (5, None))."]
    try:
        edges = [[float("inf") if e is None else float(e) for e in band] for band in bands]
    except (TypeError, ValueError):
        return (), refused
    if len(edges) != 3 or not all(1 <= len(each) <= 2 for each in edges):
        return (), refused
    pairs = [(each[0], each[1] if len(each) > 1 else float("inf")) for each in edges]
    flat = [edge for pair in pairs for edge in pair]
    if any(edge != edge for edge in flat) or flat != sorted(flat):
        return (), refused
    return tuple(pairs), []


def _is_share(margin: Any) -> bool:
    return isinstance(margin, int | float | np.number) and 0 <= float(margin) <= 1
