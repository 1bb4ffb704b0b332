"""A workspace drawn in the test: `workspace(enrolments=[{...}], settings={...})`."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from workbench import EVERYONE, Workspace
from workbench import settings as settings_room
from workbench.store import Tables
from workbench.tables import REQUIRED_TABLES, with_attributes


@pytest.fixture(scope="session")
def workspace() -> Callable[..., Workspace]:
    """Builds a Workspace from rows (lists of dicts or frames) per table; dates may be text.

    Columns that a table does not give are there and empty. An enrolment without client or
    programme gets its own id as client and "Support"; clients not given are those enrolled.
    `settings` is what the TOML file would say; `complete_to` and `last_day` are `as_of` unless
    given.
    """

    def build(
        *,
        settings: Mapping[str, Any] | None = None,
        as_of: str = "2025-12-31",
        complete_from: str = "1900-01-01",
        complete_to: str | None = None,
        last_day: str | None = None,
        **tables: pd.DataFrame | list[dict[str, Any]],
    ) -> Workspace:
        chosen = settings_room.build(dict(settings or {}))
        declared = with_attributes(chosen.attributes)
        given = {name: pd.DataFrame(rows) for name, rows in tables.items()}
        given = {name: given.get(name, pd.DataFrame()) for name in (*REQUIRED_TABLES, *given)}
        given["enrolments"] = _enrolments(given["enrolments"])
        if "clients" not in tables:
            ids = given["enrolments"].get("client_id", pd.Series(dtype=str))
            given["clients"] = pd.DataFrame({"client_id": ids.unique()})
        con = ibis.duckdb.connect()
        loaded = {name: _table(con, name, rows, declared[name]) for name, rows in given.items()}
        return Workspace(
            settings=chosen,
            as_of=date.fromisoformat(as_of),
            scope=EVERYONE,
            tables=Tables(loaded),
            issues=pd.DataFrame(columns=["table", "column", "kind", "rows"]),
            complete_from=date.fromisoformat(complete_from),
            complete_to=date.fromisoformat(complete_to or as_of),
            last_day=date.fromisoformat(last_day or as_of),
            left_out={},
            snapshot="drawn in a test",
            inputs={},
            folder=Path(),
        )

    return build


def _enrolments(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.copy()
    if len(rows) and "client_id" not in rows:
        rows["client_id"] = rows["enrolment_id"]
    if len(rows) and "programme" not in rows:
        rows["programme"] = "Support"
    return rows


def _table(con: Any, name: str, rows: pd.DataFrame, schema: Any) -> ibis.Table:
    unknown = set(rows.columns) - set(schema.columns)
    assert not unknown, f"{name} has no column {sorted(unknown)}"
    types = ibis.schema({column: each.dtype.type for column, each in schema.columns.items()})
    if not len(rows):
        return con.create_table(name, schema=types)
    drawn = ibis.memtable(rows)
    columns = {
        column: drawn[column].cast(kind) if column in rows else ibis.null(kind)
        for column, kind in types.items()
    }
    return con.create_table(name, drawn.select(**columns))
