"""A table as readers meet it: labelled columns, a cell per row, written the same everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import zip_longest
from math import isfinite
from typing import Any

import pandas as pd

from workbench import words

FACTS = "facts"
HIDDEN = "[c]"
MISSING = "[x]"
DOES_NOT_APPLY = "[z]"
MARKS = {
    HIDDEN: "confidential: hidden so that nobody can be recognised",
    MISSING: "not available",
    DOES_NOT_APPLY: "does not apply",
}
DATES = {"date": "", "month": "", "quarter": "quarter from ", "year": "year from "}
NUMERIC = frozenset({"count", "number", "percent", "unit"})
LONG, WIDE = 40, ' class="long"'  # characters from which a text needs a wide column
UNITS = {
    "percent": "%",
    "number": "",
    "amount": "",
    "text": "",
    "name": "",
}  # kinds that are no word of a unit
_DIGITS = 10  # significant: the last ones differ between machines

Cell = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """A column: its name in the data, what readers call it, how its cells are written.

    `role`: what it was declared to be when the table was protected ("people", "plain" ...).
    """

    name: str
    label: str
    kind: str
    role: str = ""


@dataclass(frozen=True)
class Grid:
    """A table ready to be written: `rows` hold a cell per column, a mark where there is none.

    `profile`: how it was protected, FACTS where it is not about people; empty where nobody said.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    profile: str = ""

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        title: str,
        notes: Sequence[str] = (),
        labels: Mapping[str, str] | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> "Grid":
        """Lay out a frame; `note` goes into the cells it explains. Kinds of no column: unused."""
        known = dict(kinds or {})
        guessed = {str(name): known.get(str(name), guess_kind(frame[name])) for name in frame}
        found = cls.from_records(records(frame), title, notes, labels or {}, guessed)
        return found.protected(protection(frame))

    @classmethod
    def from_records(
        cls,
        rows: Sequence[Mapping[str, Any]],
        title: str,
        notes: Sequence[str],
        labels: Mapping[str, str],
        kinds: Mapping[str, str],
    ) -> "Grid":
        """Lay out rows of named values; the columns are those that `kinds` names."""
        columns = tuple(
            Column(name, _label(labels.get(name, name)), kind)
            for name, kind in kinds.items()
            if name != "note"
        )
        cells = tuple(tuple(_cell(row, column) for column in columns) for row in rows)
        return cls(title, columns, cells, tuple(notes))

    @classmethod
    def behind(cls, spec: Mapping[str, Any]) -> "Grid":
        """The table behind a chart, from its spec alone."""
        about = spec["usermeta"]["workbench"]
        rows = spec["datasets"]["table"]
        kinds = {name: about["kinds"][name] for name in about["columns"]}
        found = cls.from_records(rows, about["title"], about["notes"], about["labels"], kinds)
        return found.protected(about.get("protection", {}))

    def protected(self, by: Mapping[str, Any]) -> "Grid":
        """The table with the profile it was protected by, and the role of each column."""
        roles = by.get("roles", {})
        columns = (replace(each, role=str(roles.get(each.name, ""))) for each in self.columns)
        return replace(self, columns=tuple(columns), profile=str(by.get("profile", "")))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Grid":
        """Read back what `json` wrote."""
        columns = tuple(Column(**column) for column in data["columns"])
        rows = tuple(tuple(row) for row in data["rows"])
        profile = data.get("profile", "")
        return cls(data["title"], columns, rows, tuple(data["notes"]), profile)

    @property
    def json(self) -> dict[str, Any]:
        """The table as it is kept in a notebook."""
        columns = [vars(column) for column in self.columns]
        rows = [list(row) for row in self.rows]
        found = {"title": self.title, "columns": columns, "rows": rows, "notes": list(self.notes)}
        return found | ({"profile": self.profile} if self.profile else {})

    @property
    def written(self) -> list[list[str]]:
        """The cells as text, row by row."""
        return [
            [
                write(cell, self.kind_of(column, row))
                for column, cell in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        ]

    @property
    def marks(self) -> list[str]:
        """What the marks in this table mean, one sentence each."""
        used = {cell for row in self.rows for cell in row if isinstance(cell, str)}
        return [f"{mark} {meaning}." for mark, meaning in MARKS.items() if mark in used]

    @property
    def text(self) -> str:
        """The table in plain text, columns aligned."""
        lines = [[column.label for column in self.columns], *self.written]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        body = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return "\n".join([self.title, *body, *self.below])

    @property
    def below(self) -> list[str]:
        """The sentences under the table: its notes, then what its marks mean."""
        return [*self.notes, *self.marks]

    @property
    def table(self) -> str:
        """The table in accessible HTML: a caption, one header row, a header for each row."""
        if any(column.kind == "unit" for column in self.columns):
            return self.without("unit").table  # each number is written with its own
        lines = self.written
        longest = [max(map(len, texts)) for texts in zip(*lines, strict=True)]
        head = "".join(
            f'<th scope="col"{_align(column)}{WIDE if (length or 0) > LONG else ""}>'
            f"{escape(column.label)}</th>"
            for column, length in zip_longest(self.columns, longest)
        )
        body = "".join(f"<tr>{self._row(line)}</tr>" for line in lines)
        return (
            f"<table><caption><span>{escape(self.title)}</span></caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )

    @property
    def html(self) -> str:
        """The table and the sentences under it, in HTML."""
        return self.table + "".join(f"<p>{escape(sentence)}</p>" for sentence in self.below)

    def without(self, *names: str) -> "Grid":
        """The table without some columns; without `unit`, numbers in it become text first."""
        kept = [i for i, column in enumerate(self.columns) if column.name not in names]
        as_text = ["unit" in names and column.kind == "unit" for column in self.columns]
        rows = (
            tuple(text[i] if as_text[i] else row[i] for i in kept)
            for row, text in zip(self.rows, self.written, strict=True)
        )
        columns = (
            replace(self.columns[i], kind="amount") if as_text[i] else self.columns[i] for i in kept
        )
        return replace(self, columns=tuple(columns), rows=tuple(rows))

    def as_dicts(self) -> list[dict[str, Cell]]:
        """One mapping of column name to cell per row."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def kind_of(self, column: Column, row: tuple[Cell, ...]) -> str:
        """How a cell is written: as its column, or as the row's own column `unit` says."""
        if column.kind != "unit":
            return column.kind
        units = [
            cell for cell, other in zip(row, self.columns, strict=True) if other.name == "unit"
        ]
        return str(units[0]) if units else "number"

    def _row(self, line: list[str]) -> str:
        first, *others = (
            f"{_align(column)}>{escape(text)}"
            for column, text in zip(self.columns, line, strict=True)
        )
        return f'<th scope="row"{first}</th>' + "".join(f"<td{cell}</td>" for cell in others)


def protection(frame: pd.DataFrame) -> dict[str, Any]:
    """How a protected frame was protected: its profile, and the role of each column of numbers."""
    roles = frame.attrs.get("declared", {})
    if "disclosure" not in frame.attrs:
        return {}
    return {
        "profile": frame.attrs["disclosure"],
        "roles": {name: role for name, role in roles.items() if name in frame.columns},
    }


def records(frame: pd.DataFrame) -> list[dict[str, Cell]]:
    """One mapping per row of a frame: plain values, dates as ISO text, None where missing."""
    columns = {str(name): [_plain(value) for value in frame[name]] for name in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def guess_kind(values: "pd.Series[Any]") -> str:
    """How a column is written, from its type: a date, a month, a count, a number or text."""
    if pd.api.types.is_bool_dtype(values):
        return "text"
    if pd.api.types.is_integer_dtype(values):
        return "count"
    if pd.api.types.is_numeric_dtype(values):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(values) or _dates(values.dropna()):
        return _interval(pd.to_datetime(values.dropna()))
    return "text"


def write(cell: Cell, kind: str) -> str:
    """A cell as readers see it: 1,234, 62%, November 2025, 3.5 days, yes."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        cell = cell.replace("_", " ") if kind == "name" else cell
        return cell if cell in MARKS or kind not in DATES else _day(cell, kind)
    return words.number(cell, UNITS.get(kind, kind))


def _day(cell: str, kind: str) -> str:
    day = pd.Timestamp(cell)
    return f"{day.day} {day:%B %Y}" if kind == "date" else f"{DATES[kind]}{day:%B %Y}"


def _interval(days: "pd.Series[Any]") -> str:
    """What a column of dates stands for: days, or the months, quarters or years they begin."""
    if len(days) < 2 or not (days.dt.day == 1).all():
        return "date"
    apart = days.drop_duplicates().sort_values().diff().dt.days.min()
    return "year" if apart >= 365 else "quarter" if apart >= 90 else "month"


def _label(name: str) -> str:
    name = name.replace("_", " ").strip()
    return name[:1].upper() + name[1:]


def _cell(row: Mapping[str, Any], column: Column) -> Cell:
    value = row.get(column.name)
    if value is None or value == "":
        if column.kind not in NUMERIC:
            return DOES_NOT_APPLY
        return HIDDEN if HIDDEN in str(row.get("note")) else MISSING
    return value


def _plain(value: Any) -> Cell:
    if value is None or value is pd.NaT or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if isfinite(value) else None
    return value if isinstance(value, bool | int) else str(value)


def _dates(values: "Iterable[Any]") -> bool:
    found = list(values)
    return bool(found) and all(hasattr(value, "isoformat") for value in found)


def _align(column: Column) -> str:
    side = "right" if column.kind in NUMERIC | {"amount"} else "left"
    return f' style="text-align:{side}"'
