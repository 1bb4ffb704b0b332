"""What a notebook opens: the snapshot's tables on the one Ibis connection, within a scope.

What a person may see (`Scope`) is applied to every table here, as it is handed out; consent was
applied when the snapshot was taken.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, partial, wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import ibis
import pandas as pd

from workbench import completing, disclosure, marks, snapshots
from workbench import settings as settings_room
from workbench.errors import DataError
from workbench.periods import Period
from workbench.settings import Settings, nearest
from workbench.tables import PARENTS, TABLES


@dataclass(frozen=True)
class Scope:
    """Whose clients may be seen: everyone's, or those of some caseworkers or one organisation.

    `ever`: those that the caseworkers ever held, instead of those held on the as-of date.
    `others`: the clients of all organisations but that one. `own`: what is made is for the eyes of
    the one caseworker whose clients they are, so that single cases may be shown. `on`: those held
    on this day, whatever the as-of date.
    """

    name: str
    caseworkers: frozenset[str] | None = None
    organisation: str | None = None
    ever: bool = False
    others: bool = False
    own: bool = False
    on: date | None = None

    @property
    def whole(self) -> bool:
        """Whether every client may be seen."""
        return self.caseworkers is None and self.organisation is None

    @classmethod
    def of_caseworkers(cls, name: str, *caseworkers: str) -> "Scope":
        """The clients held by these caseworkers on the as-of date; of nobody when none is given."""
        return cls(name, frozenset(caseworkers))


EVERYONE = Scope("everyone")
MOST_KNOWN = 256  # what is kept of a workspace at once, of all that was worked out once
_guards: list[Callable[[Settings, Scope], None]] = []  # asked before anything is handed out


class MissingTableError(DataError, AttributeError):
    """A question needs a table that this export does not have."""

    def __init__(self, *names: str) -> None:
        super().__init__(
            *(
                f"{name}: this export has no such table, and the question needs it. "
                f"Add a section [sources.{name}] to the settings."
                for name in names
            )
        )


class Tables(Mapping[str, ibis.Table]):
    """The tables of a workspace, each an Ibis table: `data.tables.contacts`.

    One that is given as a function is made when it is first asked for, and kept.
    """

    def __init__(self, tables: "Mapping[str, ibis.Table | Callable[[], ibis.Table]]") -> None:
        self._tables = dict(tables)

    def __getattr__(self, name: str) -> ibis.Table:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._tables:
            return self[name]
        if name in TABLES:
            raise MissingTableError(name)
        raise AttributeError(f"tables: there is no table {name!r}{nearest(name, TABLES)}")

    def __getitem__(self, name: str) -> ibis.Table:
        found = self._tables[name]
        if not isinstance(found, ibis.Table):
            found = self._tables[name] = found()
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._tables  # without making it

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __dir__(self) -> list[str]:
        return [*self._tables]

    def _ipython_key_completions_(self) -> list[str]:
        return [*self._tables]


@dataclass(frozen=True)
class Workspace:
    """All that a notebook needs: the tables, the settings, and how far the records can be trusted.

    `as_of` is the last day that counts as known; records can be taken as complete from
    `complete_from` to `complete_to` (ends to `ends_complete_to`), and stop on `last_day`; `issues`
    is the loss report (one row a table, file, kind and problem; it and the rows set aside quote
    records of everybody, so a part of the clients and a server have neither); `left_out` the
    clients not loaded, by reason (None: a few); `snapshot` the hash that names the data, `inputs`
    those of the files.
    """

    settings: Settings
    as_of: date
    scope: Scope
    tables: Tables
    issues: pd.DataFrame
    complete_from: date
    complete_to: date
    last_day: date
    left_out: Mapping[str, int | None]
    snapshot: str
    inputs: Mapping[str, str]
    folder: Path = field(repr=False)
    exported_on: date | None = None
    ends_complete_to: date | None = None

    def __contains__(self, table: str) -> bool:
        return table in self.tables

    def needs(self, *tables: str) -> None:
        """Raise DataError when a table that a question cannot do without is not in the export."""
        if missing := [name for name in tables if name not in self.tables]:
            raise MissingTableError(*missing)

    @cached_property
    def known(self) -> OrderedDict[tuple[Any, ...], Any]:
        """What `once` keeps."""
        return OrderedDict()

    def filled(self, source: str) -> bool:
        """Whether a column, named as "table.column", holds something in at least one row."""
        name, column = source.split(".")
        return name in self.tables and column in _filled(self, name)

    def values(self, source: str) -> frozenset[Any]:
        """The different values in a column of few values, named as "table.column"."""
        return _values(self, *source.split("."))

    @cached_property
    def explain(self) -> Any:
        """`data.explain("success rate")`: what a measure, table, column, outcome or setting is."""
        return import_module("workbench.explaining").Explainer(self)  # by name: a later room

    @cached_property
    def set_aside(self) -> ibis.Table:
        """The rows that were set aside: table, source, row number, column, problem."""
        rows = ibis.duckdb.connect().read_parquet(self.folder / "set_aside.parquet")
        return rows if len(self.issues) else rows.limit(0)

    def within(self, scope: Scope, settings: Settings) -> "Workspace":
        """The same snapshot as another scope may see it, under these settings."""
        return _workspace(settings, self.folder, self.as_of, scope)

    @cached_property
    def before(self) -> "Workspace | None":
        """The same data as of the snapshot before this one; None when this is the first."""
        earlier = list(snapshots.lineage(snapshots.meta(self.folder)["lineage"]))
        names = [each.name for each in earlier]
        place = names.index(self.folder.name) if self.folder.name in names else 0
        if place == 0:
            return None
        return _workspace(self.settings, earlier[place - 1], self.as_of, self.scope)


_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def once(
    make: Callable[Concatenate[Workspace, _Given], _Made],
) -> Callable[Concatenate[Workspace, _Given], _Made]:
    """Work out what a function makes of a workspace once for the same arguments.

    For functions of the records alone: those of a workspace never change. Whoever asks gets a
    frame, list or dict of their own; anything else is shared, and to be left as it is.
    """

    @wraps(make)
    def asked(data: Workspace, *given: _Given.args, **named: _Given.kwargs) -> _Made:
        parts = (*given, *(each for pair in sorted(named.items()) for each in pair))
        key = (make, *(tuple(each) if isinstance(each, list) else each for each in parts))
        if key in data.known:
            found = data.known[key]
        else:
            found = data.known[key] = make(data, *given, **named)
            while len(data.known) > MOST_KNOWN:
                data.known.popitem(last=False)
        own = isinstance(found, pd.DataFrame | pd.Series | list | dict)
        return cast(_Made, copy(found) if own else found)

    return asked


@once
def _filled(data: Workspace, name: str) -> frozenset[str]:
    """The columns of a table that hold something."""
    table = data.tables[name]
    counts = table.aggregate(**{each: table[each].count() for each in table.columns})
    row = counts.to_pandas().iloc[0]
    return frozenset(each for each in table.columns if row[each])


@once
def _values(data: Workspace, name: str, column: str) -> frozenset[Any]:
    found = data.tables[name].select(column).distinct().to_pandas()[column]
    return frozenset(found.dropna())


def open(
    settings: str | Path | Settings,
    *,
    as_of: str | date | None = None,
    scope: Scope,
    source: str | Path = "",
) -> Workspace:
    """Open an export as a workspace, loading it only when inputs or settings have changed.

    `as_of`: the last day that counts as known, or the period it closes ("2025-11", "2025-Q4"); by
    default `complete_to`. `scope`: whose clients
    may be seen. `source`: another export than the settings name; empty: theirs.
    Raises SettingsError, or DataError with every problem that keeps the export from being read.
    """
    if not isinstance(settings, Settings):
        settings = settings_room.read(settings)
    if source:
        settings = settings.with_path(source)
    return of_snapshot(settings, snapshots.take(settings), as_of=as_of, scope=scope)


def of_snapshot(
    settings: Settings, folder: Path, *, as_of: str | date | None = None, scope: Scope
) -> Workspace:
    """A snapshot that was taken before as a workspace; the rest as in `open`."""
    day = _day(as_of, settings.organisation.year_starts)
    return _workspace(settings, folder, day, scope)


def guard(refuse: Callable[[Settings, Scope], None]) -> None:
    """Ask `refuse` before any workspace of this process is made; it raises where one may not be.

    It is given the settings and the scope. There is no way back.
    """
    _guards.append(refuse)


def staff(folder: Path) -> pd.DataFrame:
    """Who works here, one row per worker, from a snapshot's folder; no row about a client."""
    if not (file := folder / "staff.parquet").is_file():
        return pd.DataFrame(columns=[*TABLES["staff"].columns])
    return ibis.duckdb.connect().read_parquet(file).to_pandas()


def _workspace(settings: Settings, folder: Path, as_of: date | None, scope: Scope) -> Workspace:
    for refuse in _guards:
        refuse(settings, scope)
    meta = snapshots.meta(folder)
    con = ibis.duckdb.connect()
    tables = Tables(
        {
            name: partial(con.read_parquet, folder / f"{name}.parquet", table_name=name)
            for name in meta["tables"]
        }
    )
    marks.opened(meta["inputs"])
    completing.offer()
    complete_to = date.fromisoformat(meta["complete_to"])
    day = as_of or complete_to
    exported = meta["exported_on"]
    issues = pd.read_parquet(folder / "issues.parquet")
    return Workspace(
        settings=settings,
        as_of=day,
        scope=scope,
        tables=_scoped(tables, scope, day),
        issues=issues if scope.whole and not _guards else issues.iloc[:0],
        complete_from=date.fromisoformat(meta["complete_from"]),
        complete_to=complete_to,
        last_day=date.fromisoformat(meta["last_day"]),
        left_out=_released(meta["left_out"], settings),
        snapshot=folder.name,
        inputs=meta["inputs"],
        folder=folder,
        exported_on=date.fromisoformat(exported) if exported else None,
        ends_complete_to=date.fromisoformat(meta["ends_complete_to"]),
    )


def _scoped(tables: Tables, scope: Scope, day: date) -> Tables:
    """The tables as this scope may see them: only what hangs on clients within it.

    They are worked out once, beside the snapshot's, so that no question has to do it again.
    """
    if scope.whole:
        return tables
    rows = tables["enrolments"].semi_join(tables["clients"], "client_id")
    if scope.organisation is not None:
        theirs = rows.organisation.fill_null("") == scope.organisation
        rows = rows.filter(~theirs if scope.others else theirs)
    workers = None if scope.caseworkers is None else sorted(scope.caseworkers) or [""]
    if workers is not None:
        rows = rows.semi_join(_held(tables, workers, scope.on or day, scope.ever), "enrolment_id")
    seen = {"enrolments": _copied(rows)}

    def own(name: str) -> ibis.Table:
        if name in seen:
            return seen[name]
        key, parent = PARENTS.get(name, ("", ""))
        rows = tables[name]
        if name == "clients":
            rows = rows.semi_join(seen["enrolments"], "client_id")
        elif name == "staff" and workers is not None:
            rows = rows.filter(rows.caseworker_id.isin(workers))
        elif parent in tables:
            rows = rows.semi_join(own(parent), key)
        else:
            return rows
        seen[name] = _copied(rows)
        return seen[name]

    return Tables({name: partial(own, name) for name in tables})


def _copied(rows: ibis.Table) -> ibis.Table:
    """Rows worked out and kept while the connection lasts."""
    return rows.get_backend().create_table(ibis.util.gen_name("own"), rows, temp=True)


def _held(tables: Tables, workers: list[str], day: date, ever: bool) -> ibis.Table:
    """The assignments of these workers that stand on a day, or ever began by it."""
    if "assignments" not in tables:
        raise DataError(
            "assignments: this export does not say who holds which case, so nobody's own clients "
            "can be told apart. Add a section [sources.assignments] to the settings."
        )
    rows = tables["assignments"]
    rows = rows.filter(rows.caseworker_id.isin(workers), rows.start_date <= day)
    return rows if ever else rows.filter(rows.end_date.isnull() | (rows.end_date >= day))


def _released(left_out: Mapping[str, int], settings: Settings) -> dict[str, int | None]:
    """How many clients were left out, as it may be told: None where it is a few."""
    counts = pd.Series(left_out, dtype="int64")
    shown = disclosure.release(counts, settings.disclosure.profile)
    return {str(reason): None if pd.isna(n) else int(n) for reason, n in shown.items()}


def _day(as_of: str | date | None, year_starts: int) -> date | None:
    if isinstance(as_of, datetime):
        return as_of.date()
    if as_of is None or isinstance(as_of, date):
        return as_of
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        return Period.parse(as_of, year_starts).end
