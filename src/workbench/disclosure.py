"""Small numbers out, the rest rounded: the one way from a table of counts to a published table.

Every table passes `protect` before it leaves an analysis; charts, pages and workbooks call
`require_protected` and refuse anything else. Nothing is published by forgetting: each column of
numbers has to be declared as what it is.

The rule (that of NHS hospital statistics: 1 to 7 hidden, the rest to the nearest 5):

1. A count of 1 to 7 people is hidden, and so is a part that leaves 1 to 7 out (48 of 50 tells
   about 2). None and all are shown only for groups of 20 or more.
2. What is left is rounded *after* hiding: hiding up to 5 and rounding to 5 leaks, because a "5"
   is then 6 or 7.
3. Rates and intervals come from the released counts: a Wilson interval of the raw ones, printed
   to three decimals, gives back the raw pair in 93 % of cases.
4. Where one cell alone of a line that adds up is hidden, the next smallest goes too.

What it cannot do: it sees one table. Two tables subtracted from each other are for `differenced`.
A line whose hidden cells are all as large (7, 7, 7, 7) or as small (twelve 1s) as they can be is
given away by its total, if that is published elsewhere.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from workbench.errors import DataError, SettingsError
from workbench.profiles import HIDDEN, PROFILES, Profile, named
from workbench.published import (
    PERSON_COLUMNS,
    Roles,
    count_problems,
    listed,
    mark_problems,
    numbers,
    problem,
    refuse,
    rows_problem,
    shape_problems,
    value_problems,
)
from workbench.statistics import wilson_interval

__all__ = [
    "HIDDEN",
    "PERSON_COLUMNS",
    "PROFILES",
    "Profile",
    "differenced",
    "extend",
    "is_protected",
    "protect",
    "release",
    "require_protected",
]

SUMS_PER_MEAN = 3  # a published mean must fit at least this many sums

_NONE: Mapping[Any, Any] = MappingProxyType({})
_Cells = dict[str, np.ndarray]


def protect(
    table: pd.DataFrame,
    *,
    people: Sequence[str] = (),
    events: Mapping[str, str] = _NONE,
    amounts: Mapping[str, str] = _NONE,
    ratios: Mapping[str, tuple[str, str]] = _NONE,
    intervals: Mapping[tuple[str, str], tuple[str, str]] = _NONE,
    means: Mapping[str, str] = _NONE,
    estimates: Mapping[str, str] = _NONE,
    plain: Sequence[str] = (),
    within: Sequence[str | tuple[str, ...]] = (),
    parts: Sequence[Sequence[str]] = (),
    profile: str | Profile = "rounded7",
    basis: str | None = None,
) -> pd.DataFrame:
    """Make a table of counts fit to be published: small numbers out, the rest rounded.

    One row per cell in, the same rows out, as a copy. Every column of numbers is declared:

    - `people`: counts of people.
    - `events`: {"contacts": "clients"}, counts of something else and the people behind them.
    - `amounts`: {"client_weeks": "clients"}, time or money; as events, fractions allowed.
    - `ratios`: {"rate": ("succeeded", "clients")}, computed here, per one (a share is 0 to 1).
    - `intervals`: {("lower", "upper"): ("succeeded", "clients")}, 95 % for a share (Wilson 1927).
    - `means`: {"mean_days": "clients"}, hidden with their count and rounded until three sums of
      whole units fit: no decimals under 30 people, one under 300, two under 3,000.
    - `estimates`: {"fitted": "clients"}, shares and differences of shares that a model gives for
      all those people together, in steps that three counts of people fit in (1 point from 300).
    - `plain`: numbers that are not about people (a target, a year, an index).
    - `within`: what marks off lines that add up to a published total: ["month", "site"] for both
      totals of a two-way table, a tuple for columns taken together, () for all rows.
    - `parts`: [("succeeded", "did_not", "not_known")], columns that add up in each row.

    Where numerator and denominator are of one kind, few left out count as few. A missing count
    stays missing; what stands on a missing group is hidden. Among cells that go because one is
    alone, zeros go last.

    Adds `note` ("[c]" where something in the row is hidden, else ""). Hidden values are pd.NA in
    Int64 and Float64 columns; `attrs` keep `disclosure` (the profile), `basis` and `declared`.

    Raises SettingsError for a profile weaker than the default without a `basis`, DataError with
    every problem of the table: undeclared numbers, columns that point at a person, counts that
    are not counts, a table protected before.
    """
    rule = named(profile)
    if rule.needs_basis and not (basis or "").strip():
        raise SettingsError(
            f"disclosure profile '{rule.name}' shows small numbers and no basis is stated. State "
            "who may see them and on what legal basis, or why the records are open, as basis; or "
            "use 'rounded7'."
        )
    lines = [(line,) if isinstance(line, str) else tuple(line) for line in within]
    roles = Roles(people, events, amounts, ratios, intervals, means, estimates, plain, lines, parts)
    refuse(shape_problems(table, roles) or value_problems(table, roles))
    raw = {column: numbers(table[column]) for column in roles.counts}
    hidden = _hidden(table, raw, roles, rule)
    protected = _released(table, raw, hidden, roles, rule)
    declared = dict.fromkeys(roles.labels, "label") | dict(roles.columns)
    mark: dict[str, Any] = {"disclosure": rule.name, "basis": basis or None, "declared": declared}
    protected.attrs = dict(table.attrs) | mark
    return protected


def extend(
    table: pd.DataFrame, columns: Mapping[str, Any], counts: Sequence[str] = ()
) -> pd.DataFrame:
    """Add numbers worked out from released ones (chart limits, a mean line) to a protected table.

    The same rows, as a copy that carries the mark on. `counts`: those of the new columns that hold
    released counts as they are, put together from several columns. Raises DataError when the table
    was never protected or has a column of that name.
    """
    require_protected(table)
    taken = [column for column in columns if column in table.columns]
    if taken:
        raise DataError(problem(taken, "there already. Released numbers are not written over."))
    extended = table.assign(**columns)
    declared = table.attrs["declared"] | dict.fromkeys(columns, "plain")
    declared |= dict.fromkeys(counts, "events")
    extended.attrs = {**table.attrs, "declared": declared}
    require_protected(extended)
    return extended


def release(
    counts: "pd.Series[Any] | np.ndarray | Sequence[int]", profile: str | Profile = "rounded7"
) -> "pd.Series[Any]":
    """Counts of people as they may be shown: missing where hidden, else rounded (Int64).

    For numbers at risk and totals, from which curves and limits are then computed. It marks
    nothing: only `protect` does. Raises DataError for anything that is not a count.
    """
    series = counts if isinstance(counts, pd.Series) else pd.Series(np.asarray(counts))
    refuse(count_problems(series, "counts" if series.name is None else str(series.name)))
    raw, rule = numbers(series), named(profile)
    shown = np.where(_few(raw, rule), np.nan, _rounded(raw, rule))
    return pd.Series(shown, series.index, name=series.name).astype("Int64")


def is_protected(table: pd.DataFrame) -> bool:
    """True when a table may be published as it stands."""
    return not _unpublishable(table)


def require_protected(table: pd.DataFrame) -> None:
    """Refuse a table that did not come from `protect`, or was changed since.

    Raises DataError: no mark, a column that points at a person, numbers added after protection,
    counts that the profile would not have released.
    """
    refuse(_unpublishable(table))


def differenced(
    release_a: pd.DataFrame,
    release_b: pd.DataFrame,
    keys: Sequence[str],
    people: Sequence[str],
    profile: str | Profile = "rounded7",
) -> pd.DataFrame:
    """Find where two releases, subtracted, tell about few people.

    For this month and last, all and men, a team and one of its workers: the same cells counted
    twice. One row per cell and count that differ, either way, by 1 up to the threshold: `keys`,
    `count` (which column), `first`, `second`, `difference`. Cells that either release hides or
    lacks cannot be subtracted and are left out. Raises DataError when a cell comes twice.
    """
    rule, cell = named(profile), list(keys)
    releases = {"first": release_a[[*cell, *people]], "second": release_b[[*cell, *people]]}
    repeats = {name: int(table.duplicated(cell).sum()) for name, table in releases.items()}
    refuse(
        f"{name} release: {rows} rows repeat a cell of {listed(cell)}. Name all keys."
        for name, rows in repeats.items()
        if rows
    )
    long = [table.melt(cell, None, "count", name) for name, table in releases.items()]
    both = long[0].merge(long[1], on=[*cell, "count"])
    both["difference"] = both["second"] - both["first"]
    return both[_few(np.abs(numbers(both["difference"])), rule)].reset_index(drop=True)


def _few(counts: np.ndarray, rule: Profile) -> np.ndarray:
    return (counts > 0) & (counts <= rule.threshold)


def _rounded(counts: np.ndarray, rule: Profile) -> np.ndarray:
    return counts if rule.base == 1 else np.floor(counts / rule.base + 0.5) * rule.base


def _none_of_few(counts: np.ndarray, group: np.ndarray, rule: Profile) -> np.ndarray:
    """Nobody out of a small or unknown group: that tells about each of them."""
    return (counts == 0) & (group != 0) & ~(group >= rule.smallest_group)


def _hidden(table: pd.DataFrame, raw: _Cells, roles: Roles, rule: Profile) -> _Cells:
    """Which cells are hidden: first the small ones, then those that would give them away."""
    hidden = {column: _few(values, rule) for column, values in raw.items()}
    if rule.threshold == 0:
        return hidden
    resting_on = [*roles.events.items(), *roles.amounts.items(), *roles.pairs]
    for column, base in resting_on:
        group = raw[roles.behind[base]]
        hidden[column] |= np.isnan(raw[base]) | _none_of_few(raw[column], group, rule)
        of_one_kind = roles.counts[column] == roles.counts[base]
        if of_one_kind or (column, base) in roles.intervals.values():
            left_out = raw[base] - raw[column]
            hidden[column] |= _few(left_out, rule) | _none_of_few(left_out, group, rule)
    known = {column: ~np.isnan(values) for column, values in raw.items()}
    hidden = {column: cells & known[column] for column, cells in hidden.items()}
    lines = _lines(table, roles)
    before = -1
    while before != (now := sum(int(cells.sum()) for cells in hidden.values())):
        before = now
        for column, base in resting_on:
            hidden[column] |= hidden[base] & known[column]
        for columns, codes in lines:
            counts, gone = (np.concatenate([cells[c] for c in columns]) for cells in (raw, hidden))
            further = np.split(_next_smallest(counts, gone, codes), len(columns))
            hidden |= {c: hidden[c] | cells for c, cells in zip(columns, further, strict=True)}
    return hidden


def _lines(table: pd.DataFrame, roles: Roles) -> list[tuple[Sequence[str], np.ndarray]]:
    """What adds up: columns, and for their cells, one column after the other, which line."""
    rows = np.arange(len(table))
    lines: list[tuple[Sequence[str], np.ndarray]] = []
    lines += [(part, np.tile(rows, len(part))) for part in roles.parts if part]
    for line in roles.within:
        by = list(line) or np.zeros(len(table))
        codes = table.groupby(by, dropna=False, sort=False, observed=True).ngroup().to_numpy()
        lines += [([column], codes) for column in roles.counts]
    return lines


def _next_smallest(counts: np.ndarray, hidden: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """The cell that goes too in each line where one alone is hidden."""
    alone = np.bincount(lines, weights=hidden)[lines] == 1 if len(lines) else hidden
    candidates = np.flatnonzero(alone & ~hidden & ~np.isnan(counts))
    size = np.where(counts[candidates] == 0, np.inf, counts[candidates])
    ordered = candidates[np.lexsort((size, lines[candidates]))]
    _, first = np.unique(lines[ordered], return_index=True)
    further = np.zeros(len(counts), dtype=bool)
    further[ordered[first]] = True
    return further


def _released(
    table: pd.DataFrame, raw: _Cells, hidden: _Cells, roles: Roles, rule: Profile
) -> pd.DataFrame:
    """The table with every declared column as it may be shown, and its notes."""
    released = table.copy()
    confidential = np.any([*hidden.values(), np.zeros(len(table), dtype=bool)], axis=0)

    def write(
        column: str, values: np.ndarray, dtype: Literal["Int64", "Float64"] = "Float64"
    ) -> None:
        released[column] = pd.Series(values, table.index).astype(dtype)

    def pair(part: str, whole: str) -> tuple[np.ndarray, np.ndarray]:
        nonlocal confidential
        exists = ~np.isnan(raw[part]) & (raw[whole] > 0)
        few = raw[roles.behind[whole]] < rule.smallest_group
        shown = exists & ~few & ~hidden[part] & ~hidden[whole]
        confidential = confidential | (exists & ~shown)
        n = np.where(shown, _rounded(raw[whole], rule), np.nan)
        return _rounded(raw[part], rule), n

    for column, kind in roles.counts.items():
        values = np.where(hidden[column], np.nan, _rounded(raw[column], rule))
        write(column, values, "Float64" if kind == "amounts" else "Int64")
    for column, (part, whole) in roles.ratios.items():
        successes, n = pair(part, whole)
        write(column, successes / n)
    for (lower, upper), (part, whole) in roles.intervals.items():
        limits = wilson_interval(*pair(part, whole))
        write(lower, limits[0])
        write(upper, limits[1])
    for column, group in roles.means.items():
        means, unknown = numbers(table[column]), np.isnan(raw[group]) & (rule.threshold > 0)
        exists = ~np.isnan(means) & (raw[group] != 0)
        shown = exists & ~hidden[group] & ~unknown
        confidential = confidential | (exists & ~shown)
        write(column, _coarse(np.where(shown, means, np.nan), _rounded(raw[group], rule), rule))
    for column, group in roles.estimates.items():
        estimated = numbers(table[column])
        exists = ~np.isnan(estimated)
        shown = exists & ~hidden[group] & (raw[group] >= rule.smallest_group)
        confidential = confidential | (exists & ~shown)
        step = _step(_rounded(raw[group], rule), rule)
        write(column, np.where(shown, _in_steps(estimated, step), np.nan))
    released["note"] = pd.Series(np.where(confidential, HIDDEN, ""), table.index, dtype="str")
    return released


def _coarse(means: np.ndarray, n: np.ndarray, rule: Profile) -> np.ndarray:
    """Means to as many decimals as leave SUMS_PER_MEAN whole sums possible among n people."""
    if rule.base == 1:
        return means
    decimals = np.floor(np.log10(np.fmax(n, SUMS_PER_MEAN) / SUMS_PER_MEAN))
    coarse = means.copy()
    for places in np.unique(decimals):
        coarse[decimals == places] = np.round(means[decimals == places], int(places))
    return coarse + 0.0  # no "-0"


def _step(n: np.ndarray, rule: Profile) -> np.ndarray:
    """What an estimated share is rounded to, so that SUMS_PER_MEAN counts of people fit in."""
    if rule.base == 1:
        return np.zeros(len(n))
    steps = np.array([0.01, 0.02, 0.05, 0.1, 0.2])
    wanted = np.searchsorted(steps, SUMS_PER_MEAN / np.fmax(n, 1) - 1e-9)
    return steps[np.minimum(wanted, len(steps) - 1)]


def _in_steps(values: np.ndarray, step: np.ndarray) -> np.ndarray:
    width = np.where(step > 0, step, 1)
    return np.where(step > 0, np.round(np.round(values / width) * width, 10), values) + 0.0


def _unpublishable(table: pd.DataFrame) -> list[str]:
    """Why a table may not be published; empty when it may."""
    problems = mark_problems(table)
    rule = PROFILES.get(table.attrs.get("disclosure", ""))
    if problems or rule is None:  # None: a profile of somebody's own, whose rule is not known
        return problems
    declared = table.attrs["declared"]
    what = f"counts that '{rule.name}' does not release. Do not write over released numbers."
    for column in [c for c in table.columns if declared.get(c) in {"people", "events"}]:
        wrong = count_problems(table[column], column)
        if not wrong:
            counts = numbers(table[column])
            raw = _few(counts, rule) | (_rounded(counts, rule) != counts) & ~np.isnan(counts)
            wrong = rows_problem(counts, raw, column, what)
        problems += wrong
    return problems
