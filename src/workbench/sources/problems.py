"""What may be wrong with a row: found by an expression, told without anyone's data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

BITS = 58
_PLAIN_DATE = re.compile(r"[0-9/:.\-T +Z]{1,30}")
_OFTEN = 8
_SHORT = 40


@dataclass(frozen=True)
class Problem:
    """Something that a row may have; `test` says of which rows it is true.

    `kind` is "set aside", "repaired" or "noted". `shows` says what may be told of the column
    `example`: "date" (as it stands), "category" (when it occurs often), "shape" (9 for digits, a
    for letters) or nothing.
    """

    kind: str
    column: str
    sentence: str
    advice: str
    test: Any = field(compare=False)
    example: str = ""
    shows: str = ""


def mark(problems: Sequence[Problem]) -> Any:
    """A number for each row in which bit i is set where problem i is there (at most BITS)."""
    marks = [
        ibis.ifelse(each.test, ibis.literal(1 << place, "int64"), 0)
        for place, each in enumerate(problems)
    ]
    return reduce(add, marks) if marks else ibis.literal(0, "int64")


def marked(number: int, problems: Sequence[Problem]) -> list[Problem]:
    """The problems that a number from `mark` stands for, the most severe first."""
    return [each for place, each in enumerate(problems) if number >> place & 1]


def chunks(problems: Sequence[Problem]) -> list[Sequence[Problem]]:
    """As many problems together as one number can mark."""
    return [problems[first : first + BITS] for first in range(0, len(problems), BITS)]


def example(problem: Problem, rows: Table) -> str | None:
    """What may be told of a value that has this problem; None for keys, births and rare values."""
    if not problem.shows:
        return None
    found = rows.filter(problem.test).select("_row", value=_[problem.example].cast("string"))
    if problem.shows == "category":
        often = found.group_by("value").aggregate(often=_.count())
        often = often.filter(_.often >= _OFTEN, _.value.length() <= _SHORT)
        values = often.order_by(ibis.desc("often"), "value").limit(1).value.execute()
        return None if values.empty else str(values.iloc[0])
    value = found.order_by("_row").limit(1).value.execute().iloc[0]
    if pd.isna(value):
        return None
    if problem.shows == "date" and _PLAIN_DATE.fullmatch(value):
        return value
    return shape(value)


def shape(value: str) -> str:
    """The outline of a value: "31 Feb" becomes "99 aaa"."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", value[:20]))
