"""What a published table may consist of: every number declared, none that points at a person.

The other half of `disclosure`, which says what of those numbers may be shown.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import DataError

# fmt: off
PERSON_COLUMNS = frozenset([
    "client_id", "enrolment_id", "contact_id", "caseworker_id", "manager_id", "personal_id",
    "staff_id", "user_id", "client", "caseworker", "login", "user", "name", "first_name",
    "middle_name", "last_name", "surname", "full_name", "client_name", "caseworker_name",
    "birth_date", "date_of_birth", "dob", "email", "phone", "address", "postcode", "ssn",
    "social_security_number", "nhs_number", "national_insurance_number",
])
# fmt: on
"""Columns that point at one person: never in a published table, under any profile."""

PEOPLE_COLUMNS = frozenset(
    ["people", "clients", "persons", "individuals", "enrolments", "stays", "cases", "contacts",
     "achieved", "not_achieved", "known", "not_known", "started", "left", "lost", "at_risk"]
)  # fmt: skip
"""Columns that count people or what they did: never in a table of facts."""

_NUMBER_IN_TEXT = r"\s*[<>~]?\s*[-+]?\d[\d.,]*\s*%?\s*"
_YEAR = r"(?:19|20)\d\d"


@dataclass(frozen=True)
class Roles:
    """What each column was declared to be."""

    people: Sequence[str]
    events: Mapping[str, str]
    amounts: Mapping[str, str]
    ratios: Mapping[str, tuple[str, str]]
    intervals: Mapping[tuple[str, str], tuple[str, str]]
    means: Mapping[str, str]
    estimates: Mapping[str, str]
    plain: Sequence[str]
    within: Sequence[tuple[str, ...]]
    parts: Sequence[Sequence[str]]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Every (column, role); twice what was declared twice."""
        limits = [limit for pair in self.intervals for limit in pair]
        roles = {"people": self.people, "events": self.events, "amounts": self.amounts}
        roles |= {"ratios": self.ratios, "intervals": limits, "means": self.means}
        roles |= {"estimates": self.estimates, "plain": self.plain}
        return [(column, role) for role, columns in roles.items() for column in columns]

    @property
    def counts(self) -> dict[str, str]:
        """Each counted column and what it counts."""
        return {c: role for c, role in self.columns if role in {"people", "events", "amounts"}}

    @property
    def behind(self) -> dict[str, str]:
        """Each counted column and the column of the people behind it."""
        return {column: column for column in self.people} | {**self.events, **self.amounts}

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every (numerator, denominator) that something is computed from."""
        return list(dict.fromkeys([*self.ratios.values(), *self.intervals.values()]))

    @property
    def labels(self) -> list[str]:
        """Columns that mark off lines."""
        return list(dict.fromkeys(column for line in self.within for column in line))


def numbers(column: "pd.Series[Any]") -> np.ndarray:
    """A column of numbers as floats, NaN where missing."""
    return column.to_numpy(dtype=float, na_value=np.nan)


def refuse(problems: Iterable[str]) -> None:
    """Raise DataError with all the problems, if there are any."""
    found = tuple(problems)
    if found:
        raise DataError(*found)


def listed(columns: Iterable[Any]) -> str:
    """Columns as they are named in a message."""
    return ", ".join(f"'{column}'" for column in columns)


def problem(columns: Iterable[Any], what: str) -> str:
    """A sentence about columns of a table that is to be published."""
    return f"published table: {listed(columns)}: {what}"


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """A hint at the nearest word, if one is near."""
    near = get_close_matches(word, list(words), n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def shape_problems(table: pd.DataFrame, roles: Roles) -> list[str]:
    """What is wrong with the table's columns and with what was declared about them."""
    if "disclosure" in table.attrs:
        again = f"published table: protected before, as '{table.attrs['disclosure']}'."
        return [f"{again} Protect raw counts, once; add what is worked out from them by extend()."]
    odd = [column for column in table.columns if not isinstance(column, str)]
    odd += [column for column, times in Counter(table.columns).items() if times > 1]
    if odd:
        return [problem(odd, "each column needs a name of its own, in text.")]
    people, counts, used = set(roles.people), roles.counts, [*roles.pairs, *roles.parts]
    groups = {**roles.events, **roles.amounts, **roles.means, **roles.estimates}
    computed = {*roles.ratios, *(limit for limits in roles.intervals for limit in limits)}
    times = Counter(column for column, _ in roles.columns)
    extreme = {"min", "max", "minimum", "maximum"}
    absent = [c for c in [*times, *roles.labels] if c not in computed and c not in table.columns]
    found = {
        "is filled in by protect(). Rename the column.": [c for c in table.columns if c == "note"],
        "declared twice. Declare it once.": [c for c in times if times[c] > 1],
        "people behind other numbers. Add to people.": [
            c for c in dict.fromkeys(groups.values()) if c not in people
        ],
        "used as a count, and not declared. Add to people, events or amounts.": [
            c for c in dict.fromkeys(c for group in used for c in group) if c not in counts
        ],
        "a minimum or maximum is one person's. Show quartiles.": [
            c for c in roles.means if extreme & set(c.lower().split("_"))
        ],
        "numbers that nobody declared. Say what they are (people, events, amounts, ratios, "
        "intervals, means, estimates; plain when they are not about people), or leave them out.": (
            undeclared(table, {*times, *roles.labels, "note"})
        ),
    }
    missing = [problem([c], f"is not there.{did_you_mean(c, table.columns)}") for c in absent]
    wrong = [problem(columns, what) for what, columns in found.items() if columns]
    return [*person_problems(table), *missing, *wrong]


def person_problems(table: pd.DataFrame) -> list[str]:
    """Columns, or levels of the index, that point at one person."""
    names = [name for name in [*table.columns, *table.index.names] if name is not None]
    plain = {name: "_".join(str(name).lower().replace("-", " ").split()) for name in names}
    pointing = [name for name in plain if plain[name] in PERSON_COLUMNS]
    what = "points at single people. Count the people per group and leave it out."
    return [problem(pointing, what)] if pointing else []


def mark_problems(table: pd.DataFrame) -> list[str]:
    """A mark that is not there or does not cover every column of numbers."""
    declared = table.attrs.get("declared")
    if "disclosure" not in table.attrs or not isinstance(declared, dict):
        lost = "published table: not protected, or joined with another since."
        last = f"{lost} Pass it through disclosure.protect() as the last step."
        return [*person_problems(table), last]
    added = undeclared(table, {*declared, "note"})
    what = (
        "numbers added or renamed after protection. Declare them in protect(), or add them by "
        "extend() when they are worked out from released ones."
    )
    return [*person_problems(table), *([problem(added, what)] if added else [])]


def undeclared(table: pd.DataFrame, known: Container[str]) -> list[str]:
    """Columns that are neither known nor plainly labels: text, dates, true/false."""
    return [
        column for column in table.columns if column not in known and _holds_numbers(table[column])
    ]


def _holds_numbers(column: "pd.Series[Any]") -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.categories.to_series()
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred == "empty":
        return pd.api.types.is_numeric_dtype(column.dtype)
    if inferred != "string":
        return inferred not in {"boolean", "date", "datetime", "datetime64", "period"}
    words = pd.Series(column.dropna().unique(), dtype="str").str
    return bool((words.fullmatch(_NUMBER_IN_TEXT) & ~words.fullmatch(_YEAR)).any())


def value_problems(table: pd.DataFrame, roles: Roles) -> list[str]:
    """What is wrong with the numbers themselves."""
    problems = []
    for column, kind in roles.counts.items():
        problems += count_problems(table[column], column, whole=kind != "amounts")
    for column in [*roles.means, *roles.estimates]:
        problems += count_problems(table[column], column, whole=False, signed=True)
    for part, whole in dict.fromkeys(roles.intervals.values()) if not problems else []:
        above = numbers(table[part]) > numbers(table[whole])
        what = f"above '{whole}'; an interval needs a part of a whole."
        problems += rows_problem(numbers(table[part]), above, part, what)
    return problems


def count_problems(
    column: "pd.Series[Any]", name: str, whole: bool = True, signed: bool = False
) -> list[str]:
    """What keeps a column from being counts: not numbers, infinite, below 0, not whole."""
    types = pd.api.types
    numeric = types.is_numeric_dtype(column.dtype) and not types.is_complex_dtype(column.dtype)
    if not numeric or types.is_bool_dtype(column.dtype):
        return [problem([name], f"holds {column.dtype}, not numbers. Convert it before.")]
    values = numbers(column)
    finite = np.where(np.isinf(values), np.nan, values)
    checks: list[tuple[bool, np.ndarray, str]] = [
        (True, np.isinf(values), "infinite. Leave empty what cannot be said."),
        (not signed, finite < 0, "below 0. A count starts at 0; look for a code such as -1."),
        (whole, finite % 1 > 0, "not whole. Declare averages as means, time as amounts."),
    ]
    return [
        found
        for wanted, wrong, what in checks
        if wanted
        for found in rows_problem(values, wrong, name, what)
    ]


def rows_problem(values: np.ndarray, wrong: np.ndarray, name: str, what: str) -> list[str]:
    """How many values are wrong, and the first of them; nothing when none is."""
    if not wrong.any():
        return []
    first = int(wrong.argmax())
    where = f"{int(wrong.sum())} of {len(values)}, first at row {first + 1} ({values[first]:g}), "
    return [problem([name], f"{where}{what}")]
