"""The loss report: what became of every row, in words, without anyone's data."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

COLUMNS = "table source column kind problem rows first_row example advice".split()
BITS = 60
_PLAIN_DATE = re.compile(r"[0-9/:.\-T +Z]{1,30}")
_OFTEN = 8
_SHORT = 40


@dataclass(frozen=True)
class Problem:
    """Something that a row may have; `test` says of which rows it is true.

    `shows` says what of the column `example` may be told: "date" (as it stands), "category" (when
    it occurs often), "shape" (9 for digits, a for letters) or nothing.
    """

    kind: str
    column: str
    sentence: str
    advice: str
    test: ibis.Deferred
    example: str = ""
    shows: str = ""


def mark(problems: Sequence[Problem]) -> ibis.Deferred:
    """A number for each row in which bit i is set where problem i is there (at most BITS)."""
    total = ibis.literal(0, "int64")
    for place, each in enumerate(problems):
        total = total + ibis.ifelse(each.test, 1 << place, 0)
    return total


def marked(number: int, problems: Sequence[Problem]) -> list[Problem]:
    """The problems that a number from `mark` stands for, the most severe first."""
    return [each for place, each in enumerate(problems) if number >> place & 1]


def example(problem: Problem, rows: Table) -> str | None:
    """What may be told of a value that has this problem; None for keys, births and rare values."""
    if not problem.shows:
        return None
    found = rows.filter(problem.test).select("_row", value=_[problem.example].cast("string"))
    if problem.shows == "category":
        value, count = found.group_by("value").agg(count=_.count()).order_by(
            ibis.desc("count"), "value"
        ).limit(1).execute().iloc[0]
        return value if count >= _OFTEN and len(value) <= _SHORT else None
    value = found.order_by("_row").limit(1).value.execute().iloc[0]
    if pd.isna(value):
        return None
    if problem.shows == "date" and _PLAIN_DATE.fullmatch(value):
        return value
    return shape(value)


def shape(value: str) -> str:
    """The outline of a value: "31 Feb" becomes "99 aaa"."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", value))[:20]


def issues(lines: Iterable[dict[str, object]]) -> pd.DataFrame:
    """The loss report: lines alike added up, in the order of tables, files and severity."""
    report = pd.DataFrame(list(lines), columns=COLUMNS)
    report = report.astype({"rows": "Int64", "first_row": "Int64"})
    text = [each for each in COLUMNS if each not in ("rows", "first_row")]
    report[text] = report[text].astype("string").replace("", pd.NA)
    alike = ["table", "source", "column", "kind", "problem"]
    rules = {"rows": "sum", "first_row": "min", "example": "first", "advice": "first"}
    summed = report.groupby(alike, sort=False, dropna=False, as_index=False).agg(
        {**rules, "rows": lambda each: each.sum(min_count=1)}
    )
    return summed[COLUMNS]
