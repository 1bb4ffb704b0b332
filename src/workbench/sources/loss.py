"""The loss report: what became of every row of every file, and which rows were set aside."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from workbench.sources.judge import Judged
from workbench.sources.problems import Problem, chunks, examples, marked

if TYPE_CHECKING:
    from workbench.sources.rows import Staged

COLUMNS = [
    *("table", "source", "column", "kind", "problem"),
    *("rows", "first_row", "example", "advice"),
]
KINDS = ("loaded", "set aside", "repaired", "also", "noted")
SET_ASIDE = {
    "table": "string",
    "source": "string",
    "row": "int64",
    "column": "string",
    "problem": "string",
}


def report(judged: Iterable[Judged]) -> pd.DataFrame:
    """One line for each thing that became of rows, per table and file; lines alike added up.

    "loaded", "repaired" and "set aside" count every row once, by its first reason; "also" are
    further problems of rows already counted, "noted" facts about a file or column.
    """
    lines = pd.DataFrame([line for each in judged for line in _lines(each)], columns=COLUMNS)
    lines = lines.astype({"rows": "Int64", "first_row": "Int64"})
    text = [each for each in COLUMNS if each not in ("rows", "first_row")]
    lines[text] = lines[text].astype("string").replace("", pd.NA)
    alike = ["table", "source", "column", "kind", "problem"]
    summed = lines.groupby(alike, sort=False, dropna=False, as_index=False).agg(
        rows=("rows", lambda each: each.sum(min_count=1)),
        first_row=("first_row", "min"),
        example=("example", "first"),
        advice=("advice", "first"),
    )
    return summed[COLUMNS]


def set_aside(judged: Sequence[Judged], con: ibis.BaseBackend) -> Table:
    """Which rows were set aside: table, source, row (number in the file), column, problem."""
    found = [each for table in judged for each in _rows_set_aside(table)]
    name = ibis.util.gen_name("set_aside")
    if not found:
        return con.create_table(name, schema=ibis.schema(SET_ASIDE), temp=True)
    rows = ibis.union(*found) if len(found) > 1 else found[0]
    return con.create_table(name, rows.order_by("table", "source", "row"), temp=True)


def _lines(judged: Judged) -> Iterator[dict[str, Any]]:
    others = [each for each in judged.rows.columns if each.startswith("_other")]
    groups = (
        judged.rows.group_by("_part", "_aside", *others)
        .aggregate(rows=_.count(), first_row=_._row.min())
        .execute()
        .to_dict("records")
    )
    for number, (part, read) in enumerate(zip(judged.staged, judged.read, strict=True)):
        place = {"table": part.table, "source": part.file}
        own = [each for each in groups if each["_part"] == number]
        for line in (*_counted(own, judged, number), *_reader_set_aside(part)):
            yield {**place, **line}
        for note in part.notes:
            yield {**place, **asdict(note)}
        for column, remarks in read.remarks.items():
            for remark in remarks:
                yield {**place, "column": column, "kind": "noted", "problem": remark}


def _counted(groups: list[dict[str, Any]], judged: Judged, part: int) -> Iterator[dict[str, Any]]:
    """Each row once, by its first reason; what else it has as "also" or "noted"."""
    read = judged.read[part]
    tally: dict[tuple[str, Problem], tuple[int, int]] = {}
    loaded = 0
    for group in groups:
        found = judged.reasons(part, group["_aside"])
        for i, chunk in enumerate(chunks(read.others)):
            found += marked(group[f"_other{i}"], chunk)
        counted = [each for each in found if each.kind != "noted"]
        loaded += 0 if counted else group["rows"]
        for each in found:
            kind = "also" if each in counted[1:] else each.kind
            rows, first = tally.get((kind, each), (0, group["first_row"]))
            tally[kind, each] = (rows + group["rows"], min(first, group["first_row"]))
    yield {"kind": "loaded", "rows": loaded}
    order = [each for each in (*judged.asides(part), *read.others) if each]
    shown = examples(tally, read.rows)
    for kind, problem in sorted(tally, key=lambda key: (KINDS.index(key[0]), order.index(key[1]))):
        rows, first = tally[kind, problem]
        yield {
            "column": problem.column,
            "kind": kind,
            "problem": problem.sentence,
            "rows": rows,
            "first_row": first,
            "example": shown.get((kind, problem)),
            "advice": problem.advice,
        }


def _reader_set_aside(part: "Staged") -> Iterator[dict[str, Any]]:
    """What the reader itself set aside, as it says."""
    if "_aside" not in part.rows.columns:
        return
    said = _said(part).group_by("column", "problem")
    counts = said.aggregate(rows=_.count(), first_row=_.row.min()).order_by("first_row")
    yield from ({"kind": "set aside", **each} for each in counts.execute().to_dict("records"))


def _said(part: "Staged") -> Table:
    rows = part.rows.filter(_._aside.notnull())
    named = "_aside_column" in rows.columns
    column = _._aside_column.cast("string") if named else ibis.null("string")
    return rows.select(
        table=ibis.literal(part.table),
        source=ibis.literal(part.file),
        row=_._row.cast("int64"),
        column=column,
        problem=_._aside,
    )


def _rows_set_aside(judged: Judged) -> Iterator[Table]:
    """The rows set aside, by their first reason: the lowest bit of the mark."""
    aside = judged.rows.filter(_._aside != 0).mutate(first=_._aside & -_._aside)
    firsts = aside.select(part="_part", first="first").distinct().execute()
    for part, staged in enumerate(judged.staged):
        own = [int(each) for each in firsts.loc[firsts.part == part, "first"]]
        reasons = {each: judged.reasons(part, each)[0] for each in own}
        if reasons:
            sentence = {each: problem.sentence for each, problem in reasons.items()}
            column = {each: problem.column for each, problem in reasons.items()}
            yield aside.filter(_._part == part).select(
                table=ibis.literal(staged.table),
                source=ibis.literal(staged.file),
                row=_._row,
                column=_.first.cases(*column.items()),
                problem=_.first.cases(*sentence.items()),
            )
        if "_aside" in staged.rows.columns:
            yield _said(staged)
