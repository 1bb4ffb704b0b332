"""Write a table once, each row with what is wrong with it; then owners and duplicates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _
from ibis.expr.types import Table

from workbench import tables
from workbench.sources import cells, parts
from workbench.sources.problems import BITS, Problem, chunks, mark, marked

if TYPE_CHECKING:
    from workbench.sources.rows import Staged

_EXACT, _CHANGED = 1 << BITS, 1 << (BITS + 1)


@dataclass(frozen=True)
class Judged:
    """A table with, for every row, `_part`, `_row` and its problems: `_aside`, `_other0` ...

    `_aside` is 0 for a row that can be used. Rows that a reader set aside itself are not in it.
    """

    staged: tuple["Staged", ...]
    read: tuple[parts.Read, ...]
    rows: Table
    columns: tuple[str, ...]
    key: str | None

    @property
    def clean(self) -> Table:
        """The rows that can be used."""
        return self.rows.filter(_._aside == 0).select(*self.columns)

    def asides(self, part: int) -> tuple[Problem, ...]:
        """What rows of a part may be set aside for, in the order of the bits of `_aside`."""
        own = self.read[part].aside
        unused = (None,) * (BITS - len(own))
        return (*own, *unused, *_duplicate(self.key or ""))  # type: ignore[arg-type]

    def reasons(self, part: int, aside: int) -> list[Problem]:
        """Why a row with this mark was set aside, the first reason first."""
        return marked(aside, self.asides(part))


def _duplicate(key: str) -> tuple[Problem, Problem]:
    never = ibis.literal(False)
    return (
        Problem(
            "set aside",
            key,
            "is an exact duplicate of an earlier row",
            "Nothing is lost; remove it where it was recorded.",
            never,
        ),
        Problem(
            "set aside",
            key,
            "stands in an earlier row with other content; the first is kept",
            "Keep the row that is right, or give the other a key of its own.",
            never,
        ),
    )


def judge(
    staged: Sequence["Staged"],
    read: Sequence[parts.Read],
    schema: Any,
    judged: Mapping[str, Judged],
    con: ibis.BaseBackend,
) -> Judged:
    """Write a table with its problems, one pass over the rows of each part.

    `judged` holds the tables that are done: a row whose owner is not there is an orphan.
    """
    read = [_with_orphans(each, schema.name, judged) for each in read]
    columns = tuple(name for name in schema.columns if any(name in each.columns for each in read))
    width = max(len(chunks(each.others)) for each in read)
    name = ibis.util.gen_name(schema.name)
    for number, each in enumerate(read):
        marks = [mark(chunk) for chunk in chunks(each.others)]
        marks += [ibis.literal(0, "int64")] * (width - len(marks))
        rows = each.rows.select(
            **{
                column: _[column] if column in each.columns else _nothing(schema, column)
                for column in columns
            },
            _part=ibis.literal(number, "int64"),
            _row=_._row.cast("int64"),
            _aside=mark(each.aside),
            **{f"_other{i}": each for i, each in enumerate(marks)},
        )
        if number:
            con.insert(name, rows, database=("temp", "main"))
        else:
            con.create_table(name, rows, temp=True)
    table = con.table(name, database=("temp", "main"))
    key = schema.metadata["key"]
    if key in columns:
        table = _without_duplicates(table, key, columns, con)
    return Judged(tuple(staged), tuple(read), table, columns, key)


def _nothing(schema: Any, column: str) -> Any:
    return ibis.null(schema.columns[column].dtype.type)


def _with_orphans(read: parts.Read, table: str, judged: Mapping[str, Judged]) -> parts.Read:
    """The same part, with the problem that a row's owner is not there."""
    key, owner = tables.PARENTS.get(table, ("", ""))
    if owner not in judged or key not in read.columns:
        return read
    there = judged[owner].clean
    lost = _[key].notnull() & ~_[key].isin(there.filter(_[key].notnull())[key])
    aside = _keys_set_aside(judged[owner], key)
    if not aside.count().execute():
        return replace(read, aside=(*read.aside, _orphan(key, owner, lost)))
    known = _[key].isin(aside)
    orphans = (
        Problem(
            "set aside",
            key,
            f"belongs to a row of {owner} that was set aside",
            f"Put that row of {owner} right.",
            lost & known,
        ),
        _orphan(key, owner, lost & ~known),
    )
    return replace(read, aside=(*read.aside, *orphans))


def _orphan(key: str, owner: str, test: Any) -> Problem:
    advice = f"Export {owner} whole, or correct it where it was recorded."
    return Problem("set aside", key, f"is not in {owner}", advice, test)


def _keys_set_aside(owners: Judged, key: str) -> Any:
    keys = owners.rows.filter((_._aside != 0) & _[key].notnull()).select(key)
    for part in owners.staged:
        if "_aside" in part.rows.columns and key in part.rows.columns:
            own = part.rows.filter(_._aside.notnull())
            own = own.select(**{key: cells.plain(own[key])})
            keys = keys.union(own.filter(_[key].notnull()))
    return keys[key]


def _without_duplicates(
    table: Table, key: str, columns: Sequence[str], con: ibis.BaseBackend
) -> Table:
    """The table with later rows of a key that was seen before marked as set aside."""
    usable = table.filter((_._aside == 0) & _[key].notnull())
    twice = usable.group_by(key).having(_.count() > 1).aggregate()
    twice = con.create_table(ibis.util.gen_name("twice"), twice, temp=True)
    if not twice.count().execute():
        return table
    first = ibis.window(group_by=key, order_by=("_part", "_row"))
    same = [_[each].identical_to(_[each].first(include_null=True).over(first)) for each in columns]
    again = (
        usable.filter(_[key].isin(twice[key]))
        .mutate(_place=ibis.row_number().over(first), _same=ibis.and_(*same))
        .filter(_._place > 0)
        .select("_same", _at=_at(_))
    )
    again = con.create_table(ibis.util.gen_name("again"), again, temp=True)
    exact, changed = again.filter(_._same)._at, again.filter(~_._same)._at
    return table.mutate(
        _aside=ibis.cases(
            (_at(_).isin(exact), ibis.literal(_EXACT, "int64")),
            (_at(_).isin(changed), ibis.literal(_CHANGED, "int64")),
            else_=_._aside,
        )
    )


def _at(rows: Any) -> Any:
    """One number for a part and a row."""
    return rows._part * 2**40 + rows._row
