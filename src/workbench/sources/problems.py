"""What may be wrong with a row: found by an expression, told without anyone's data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import ibis
from ibis import _
from ibis.expr.types import Table

BITS = 58
_PLAIN_DATE = re.compile(r"[0-9/:.\-T +Z]{1,30}")
_OFTEN = 8
_SHORT = 40
Key = tuple[str, "Problem"]


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


def examples(found: Mapping[Key, tuple[int, int]], rows: Table) -> dict[Key, str | None]:
    """What may be told of the values with problems; nothing of keys, births and rare values.

    `found` gives, for each kind of line and problem, how many of `rows` have it, and the first. An
    example is the value of that first row; of categories, the most frequent one.
    """
    single = [each for each in found if each[1].shows in ("date", "shape")]
    queries = {
        f"e{place}": _[key[1].example].cast("string").max(where=_._row == found[key][1])
        for place, key in enumerate(single)
    }
    values = rows.aggregate(**queries).to_pyarrow().to_pylist()[0].values() if single else ()
    told = {
        key: value if key[1].shows == "date" and _PLAIN_DATE.fullmatch(value) else shape(value)
        for key, value in zip(single, values, strict=True)
        if value is not None
    }
    often = [each for each in found if each[1].shows == "category" and found[each][0] >= _OFTEN]
    return {**told, **{key: _most_frequent(key[1], rows) for key in often}}


def _most_frequent(problem: Problem, rows: Table) -> str | None:
    values = rows.filter(problem.test).group_by(value=_[problem.example]).agg(often=_.count())
    values = values.filter(_.often >= _OFTEN, _.value.length() <= _SHORT)
    value = values.order_by(ibis.desc("often"), "value").limit(1).value.to_pyarrow()
    return value[0].as_py() if len(value) else None


def shape(value: str) -> str:
    """The outline of a value: "31 Feb" becomes "99 aaa"."""
    return re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", value[:20]))
