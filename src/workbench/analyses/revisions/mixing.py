"""Two exports in one: what the earlier one said, and what came in since."""

from dataclasses import replace
from typing import Any

import ibis
import pandas as pd

from workbench.store import Tables, Workspace
from workbench.tables import KEYS, row_key

TYPED = "recorded_at"


def with_late_entry(before: Workspace, after: Workspace) -> Workspace:
    """The earlier workspace with the records that were entered since, and nothing edited.

    A row is late entry when its key is in the later export only, unless it was typed in before the
    earlier one was taken (before the last row that it has of the table, and before that day): then
    it was there, as another row or before it was taken out and put back, which is an edit. A cell
    that was empty, or an outcome that was not known, and is filled in since, is late entry too.
    Rows of one key are paired in their order.
    """
    con = ibis.duckdb.connect()
    taken = pd.Timestamp(before.exported_on or before.last_day)
    tables = {}
    for name, old in before.tables.items():
        if name in KEYS and name in after:
            tables[name] = _mixed(con, name, old, after.tables[name], taken)
        else:
            tables[name] = con.create_table(name, old.to_pyarrow())
    for name in set(after.tables) - set(tables):
        tables[name] = con.create_table(name, after.tables[name].to_pyarrow())
    return replace(before, tables=Tables(tables))


def _mixed(
    con: Any, name: str, old: ibis.Table, new: ibis.Table, taken: pd.Timestamp
) -> ibis.Table:
    key = row_key(name, old, new)
    columns = [each for each in old.columns if each in new.columns]
    first = _numbered(con.create_table(f"{name} before", old.to_pyarrow()), key)
    second = _numbered(con.create_table(f"{name} after", new.to_pyarrow()), key)
    second = second.rename({f"new {each}": each for each in second.columns})
    both = first.outer_join(second, [first["key"] == second["new key"]])
    typed_to = old[TYPED].max().execute() if TYPED in columns else pd.NaT
    if not pd.isna(typed_to):
        typed, since = both[f"new {TYPED}"], min(typed_to, taken).to_pydatetime()
        both = both.filter(both["key"].notnull() | typed.isnull() | (typed >= since))
    said = {each: _first(both, each, columns) for each in old.columns}
    return con.create_table(name, both.select(**said))


def _first(both: ibis.Table, column: str, columns: list[str]) -> Any:
    """What was said before, or else what is said since."""
    said = both[column]
    if column not in columns:
        return said
    if column == "status":
        said = said.nullif("not known")
        return said.fill_null(both[f"new {column}"]).fill_null(both[column])
    return said.fill_null(both[f"new {column}"])


def _numbered(table: ibis.Table, key: tuple[str, ...]) -> ibis.Table:
    """The rows with a key of text each, and a number where several rows have the same."""
    named = [table[each].cast("string").fill_null("\1") for each in key]
    order = [each for each in table.columns if each not in key]
    keyed = table.mutate(key=ibis.literal("\0").join(named))
    if len(key) == 1:
        return keyed
    place = ibis.row_number().over(ibis.window(group_by="key", order_by=order))
    numbered = keyed.mutate(place=place)
    both = [numbered["key"], numbered["place"].cast("string")]
    return numbered.mutate(key=ibis.literal("\0").join(both)).drop("place")
