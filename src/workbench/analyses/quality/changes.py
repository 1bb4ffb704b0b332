"""What changed since the snapshot before: rows new, changed and vanished, end dates edited."""

import ibis
import pandas as pd

from workbench import disclosure
from workbench.store import Workspace
from workbench.tables import KEYS, row_key

COUNTS = ["rows_before", "rows_now", "new", "changed", "vanished", "ends_edited"]


def changes_since_table(data: Workspace) -> pd.DataFrame:
    """What became different since the snapshot before this one; no rows when this is the first.

    One row a table: table, rows_before, rows_now, new, changed, vanished, ends_edited (an end date
    that was there before and is another, or gone, now; missing where a table has none), note. A
    row is the same row when its key is; without ids, a contact is known by its enrolment, moment
    and channel, an outcome by its enrolment, name and day, and so on. Protected.
    """
    before = data.before
    names = [name for name in KEYS if before is not None and name in data and name in before]
    rows = [_compared(name, before.tables[name], data.tables[name]) for name in names if before]
    table = pd.DataFrame(rows, columns=["table", *COUNTS]).astype(dict.fromkeys(COUNTS, "Int64"))
    return disclosure.protect(
        table,
        people=COUNTS,
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def _compared(name: str, before: ibis.Table, now: ibis.Table) -> dict[str, object]:
    key = row_key(name, before, now)
    columns = [each for each in now.columns if each in before.columns]
    con = ibis.duckdb.connect()
    first = con.create_table("first", _marked(before, key, columns).to_pyarrow())
    second = con.create_table("second", _marked(now, key, columns).to_pyarrow())
    joined = first.outer_join(second, "key")
    here, gone = joined.key.isnull(), joined.key_right.isnull()
    both = ~here & ~gone
    ended = both & joined.ends.notnull() & ~joined.ends.identical_to(joined.ends_right)
    counts = joined.aggregate(
        rows_before=joined.n.sum(),
        rows_now=joined.n_right.sum(),
        new=joined.n_right.sum(where=here),
        changed=(both & (joined["mark"] != joined["mark_right"])).sum(),
        vanished=joined.n.sum(where=gone),
        ends_edited=ended.sum(),
    )
    found = {each: int(value) for each, value in counts.to_pandas().fillna(0).iloc[0].items()}
    con.disconnect()
    if "end_date" not in columns:
        found["ends_edited"] = pd.NA  # type: ignore[assignment]
    return {"table": name, **found}


def _marked(table: ibis.Table, key: tuple[str, ...], columns: list[str]) -> ibis.Table:
    """One row a key: how many rows have it, and a mark that changes when any of them does."""
    text = [table[each].cast("string").fill_null("\1") for each in columns]
    named = [table[each].cast("string").fill_null("\1") for each in key]
    ends = table.end_date if "end_date" in columns else ibis.null("date")
    rows = table.select(
        key=ibis.literal("\0").join(named),
        mark=ibis.literal("\0").join(text).hash().cast("decimal(38, 0)"),
        ends=ends,
    )
    return rows.group_by("key").aggregate(
        n=rows.count(), mark=rows["mark"].sum().cast("string"), ends=rows.ends.max()
    )
