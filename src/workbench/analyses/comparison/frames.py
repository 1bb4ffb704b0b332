"""The people of a comparison: checked, each counted once, with what is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.errors import DataError
from workbench.settings import nearest
from workbench.statistics import Floats

NO_MARK = "not known whether they have the group's mark"
AGAIN = "a further row of a client who is counted"
Clusters = str | ArrayLike | None


@dataclass(frozen=True, eq=False)
class Compared:
    """Two groups of people, one row each.

    `marked`: who has the group's mark; `outcome`: 1, 0, or NaN where it is not known; `traits`:
    the case mix asked for; `cluster`: codes from 0, if any; `left_out`: people by reason.
    """

    marked: NDArray[np.bool_]
    outcome: Floats
    traits: pd.DataFrame
    cluster: NDArray[np.intp] | None
    left_out: Mapping[str, int]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whose outcome is known."""
        return ~np.isnan(self.outcome)


def compared(
    frame: pd.DataFrame,
    group: str,
    outcome: str,
    case_mix: Sequence[str] | None,
    cluster: Clusters,
    client: Clusters,
) -> Compared:
    """The people of a comparison. Raises DataError with every problem of the frame."""
    case_mix = [case_mix] if isinstance(case_mix, str) else [] if case_mix is None else case_mix
    names = list(dict.fromkeys(case_mix))
    problems = _column_problems(frame, group, outcome, names, cluster, client)
    if problems:
        raise DataError(*problems)
    mark, result = _marks(frame[group]), _marks(frame[outcome])
    problems = [
        f"{name}: {wrong} of {len(frame)} are neither 1 nor 0 nor empty, first at row {first}. "
        f"{what}"
        for name, (_, wrong, first), what in (
            (group, mark, "Give 1 for those in the group and 0 for the others."),
            (outcome, result, "Give 1 for achieved, 0 for not achieved, empty for not known."),
        )
        if wrong
    ]
    if problems:
        raise DataError(*problems)
    keep = ~np.isnan(mark[0])
    left_out = {NO_MARK: int((~keep).sum())}
    if client is not None:
        people = pd.Series(_column(frame, client)).reset_index(drop=True)
        again = people[keep].duplicated() & people[keep].notna()
        left_out[AGAIN] = int(again.sum())
        keep[np.flatnonzero(keep)[again.to_numpy()]] = False
    codes = None
    if cluster is not None:
        codes = pd.factorize(pd.Series(_column(frame, cluster))[keep], use_na_sentinel=False)[0]
    return Compared(
        mark[0][keep].astype(bool),
        result[0][keep],
        frame.loc[keep, names].reset_index(drop=True),
        codes,
        left_out,
    )


def _column_problems(
    frame: pd.DataFrame,
    group: str,
    outcome: str,
    names: Sequence[str],
    cluster: Clusters,
    client: Clusters,
) -> list[str]:
    asked = {"group": [group], "outcome": [outcome], "case_mix": list(names)}
    asked |= {
        role: [each]
        for role, each in (("cluster", cluster), ("client", client))
        if isinstance(each, str)
    }
    there = list(frame.columns)
    problems = [
        f"{role}: the frame has no column {name!r}{nearest(str(name), map(str, there))}"
        for role, columns in asked.items()
        for name in columns
        if name not in there
    ]
    problems += [
        f"{role}: {there.count(name)} columns are called {name!r}. Name each column once."
        for role, columns in asked.items()
        for name in columns
        if there.count(name) > 1
    ]
    if group == outcome:
        problems.append(f"outcome: {outcome!r} is the group too. Ask about another column.")
    problems += [
        f"case_mix: {name!r} is the {role}. Leave it out of the case mix."
        for role, name in (("group", group), ("outcome", outcome))
        if name in names
    ]
    problems += [
        f"case_mix: {name!r} holds dates. Give a number, such as an age, or a word."
        for name in names
        if there.count(name) == 1 and pd.api.types.is_datetime64_any_dtype(frame[name])
    ]
    return problems + [
        f"{role}: {given.size} values for {len(frame)} rows. Give one for each row."
        for role, each in (("cluster", cluster), ("client", client))
        if not isinstance(each, str) and each is not None
        for given in [np.asarray(each)]
        if given.shape != (len(frame),)
    ]


def _marks(column: "pd.Series[Any]") -> tuple[Floats, int, int]:
    """A column as 1, 0 and NaN, how many of its values are none of these, and the first of them."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    empty = column.isna().to_numpy(dtype=bool)
    values = pd.to_numeric(column.astype("object").where(~empty, np.nan), errors="coerce")
    marks = values.to_numpy(dtype=float, na_value=np.nan)
    wrong = np.flatnonzero(~empty & ~np.isin(marks, (0, 1)))
    return marks, len(wrong), int(wrong[0]) + 1 if len(wrong) else 0


def _column(frame: pd.DataFrame, given: Clusters) -> Any:
    """A column by its name, or as it was given, a value for each row."""
    values = frame[given] if isinstance(given, str) else np.asarray(given)
    return pd.Series(values).reset_index(drop=True)
