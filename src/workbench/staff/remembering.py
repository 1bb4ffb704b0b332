"""The records of one viewer, held in memory for the questions of a session, each asked once.

Most of the time of a small question goes into writing its SQL, not into running it. Within one
process the same query of the same records has the same answer, so it is kept.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from workbench.store import Tables, Workspace

MOST_SCOPES = 32  # how many viewers' records are held at once in a process
MOST_CELLS = 2_000_000  # results larger than this are asked again

Key = tuple[Any, ...]
_all: "OrderedDict[Key, Workspace]" = OrderedDict()
_lock = threading.Lock()


class Remembering(Backend):
    """DuckDB on tables that never change: what was asked once is answered from memory."""

    def execute(self, expr: ir.Expr, /, **options: Any) -> Any:
        """The result of an expression, a copy of its own for each who asks."""
        if options.get("params") or set(options) - {"params", "limit", "chunk_size"}:
            return super().execute(expr, **options)
        key = (expr.op(), options.get("limit"))
        with self._turn:
            if key not in self._known:
                found = super().execute(expr, **options)
                if getattr(found, "size", 1) > MOST_CELLS:
                    return found
                self._known[key] = found
            known = self._known[key]
        return known.copy() if isinstance(known, pd.DataFrame | pd.Series) else known

    @classmethod
    def of(cls, data: Workspace) -> "Remembering":
        """A database in memory with the tables of a workspace, as its scope sees them."""
        made: Remembering = cls().connect()
        made._known, made._turn = {}, threading.RLock()
        scoped = data.scope.caseworkers is not None or data.scope.organisation is not None
        for name, table in data.tables.items():
            file = data.folder / f"{name}.parquet"
            if scoped or not file.is_file():
                made.create_table(name, table.to_pyarrow())
            else:  # everyone's may be too many to hold
                made.read_parquet(file, table_name=name)
        return made


def held(data: Workspace) -> Workspace:
    """The same workspace, its tables in memory, shared by the sessions that may see just this.

    What may be seen was decided when `data` was opened; the same snapshot, scope, days and rules
    are the same records.
    """
    key = (data.snapshot, data.folder, data.scope, data.as_of, data.settings.model_dump_json())
    with _lock:
        if key not in _all:
            made = Remembering.of(data)
            tables: Mapping[str, ir.Table] = {name: made.table(name) for name in data.tables}
            _all[key] = replace(data, tables=Tables(tables))
        _all.move_to_end(key)
        while len(_all) > MOST_SCOPES:
            _all.popitem(last=False)
        return _all[key]
