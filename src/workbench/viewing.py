"""Who is looking, and so whose records may be seen: on the staff page the login alone decides.

On an analyst's desk nobody is asked. Once `serving` was called, every workspace of the process is
refused unless it is exactly that of the person who signed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pandas as pd

from workbench import snapshots, store
from workbench.audiences import OWN
from workbench.errors import AccessError, WorkbenchError
from workbench.profiles import named
from workbench.settings import Disclosure, Settings
from workbench.store import EVERYONE, Scope, Workspace
from workbench.words import staff as words

FEWEST = 10  # clients in each group of an answer that counts some who are not held any more
OTHERS = Disclosure(profile="ons10")  # what a team or the service sees is protected at least so
Kind = Literal["caseworker", "team", "service"]


@dataclass(frozen=True)
class Viewer:
    """Who is looking: their login, what kind of reader they are, and whose records they see.

    `whom`: the caseworker's id, the name of the team (or teams), "" for the service. `workers`:
    the caseworkers whose clients they see; empty for the service, which sees everyone's.
    """

    login: str
    kind: Kind
    whom: str = ""
    workers: frozenset[str] = frozenset()

    @property
    def own(self) -> bool:
        """True for a caseworker, who sees their own clients and exact numbers."""
        return self.kind == "caseworker"


@dataclass
class _Served:
    """What a server gives out: one export, to whoever the provider says is looking."""

    login: Callable[[], str]
    settings: Settings
    folder: Path


_served: list[_Served] = []


def today() -> date:
    """The day on which a case must be held, and a worker be at work, to be seen."""
    return date.today()


def viewer_of(login: str, staff: pd.DataFrame, roles: Mapping[str, str], day: date) -> Viewer:
    """Who a login is on a day. `staff`: the table of that name; `roles`: [staff.roles].

    A role makes a service viewer; a manager of somebody at work sees the teams of these; everybody
    else the clients they hold. Raises AccessError, in the same words, for a login that nobody
    has, that two workers have, or whose worker has left or not yet come.
    """
    name = _same(login)
    rows = staff[staff["login"].map(_same) == name] if name else staff.iloc[:0]
    here = _at_work(rows, day)
    if len(here) > 1 or (len(rows) and not len(here)):
        raise AccessError(words.NO_ACCESS)
    if name and name in {_same(each) for each in roles}:
        return Viewer(name, "service")
    if not len(here):
        raise AccessError(words.NO_ACCESS)
    worker = str(here["caseworker_id"].iloc[0])
    managed = _at_work(staff[staff["manager_id"].astype(object) == worker], day)
    managed = managed[managed["caseworker_id"].astype(object) != worker]
    if teams := sorted({str(each) for each in managed["team"].dropna()}):
        members = staff.loc[staff["team"].astype(object).isin(teams), "caseworker_id"]
        return Viewer(name, "team", ", ".join(teams), frozenset(map(str, members)))
    if len(managed):
        return Viewer(name, "team", worker, frozenset(map(str, managed["caseworker_id"])))
    return Viewer(name, "caseworker", worker, frozenset([worker]))


def scope_of(viewer: Viewer, day: date, ever: bool = False) -> Scope:
    """Whose clients a viewer may see: those held on the day, for a service everyone's.

    `ever`: a caseworker's, and those that they held before. Not `own`, so that nothing shows a
    single case of it; numbers are given from `FEWEST` clients in each group on.
    """
    if viewer.kind == "service":
        return EVERYONE
    if ever and viewer.own:
        return Scope(viewer.whom, viewer.workers, ever=True, on=day)
    return Scope(viewer.whom, viewer.workers, own=viewer.own, on=day)


def rules_of(viewer: Viewer, settings: Settings) -> Disclosure:
    """How a viewer's numbers are protected: exact for one's own, else at 10 clients at least."""
    if viewer.own:
        return OWN
    usual = named(settings.disclosure.profile)
    return settings.disclosure if usual.threshold >= named(OTHERS.profile).threshold else OTHERS


def serving(login: Callable[[], str], settings: Settings) -> None:
    """From now on this process shows one export, and only to the person whom `login` names.

    `login` gives the login of the present session, "" where nobody is signed in. There is no way
    back. Raises WorkbenchError when called twice, DataError where the export cannot be read.
    """
    if _served:
        raise WorkbenchError("serving: this process serves already.")
    _served.append(_Served(login, settings, snapshots.take(settings)))
    store.guard(_refuse)


def refresh() -> None:
    """Load the export again if it has changed; those who look go on with what there was.

    Raises DataError where it cannot be read any more; what there was is served on.
    """
    _served[0].folder = snapshots.take(settings())


def served() -> bool:
    """True in a server, where somebody has to be signed in; False on an analyst's desk."""
    return bool(_served)


def settings() -> Settings:
    """The settings that are served. Raises AccessError on a desk, where nothing is."""
    return _now().settings


def present() -> Viewer:
    """Who is looking in the present session. Raises AccessError where nobody may."""
    login = _now().login()
    if not login:
        raise AccessError(words.NOT_SIGNED_IN)
    return _viewer(login)


def admitted(login: str) -> bool:
    """Whether a login may see anything at all today, whatever its password."""
    try:
        _viewer(login)
    except AccessError:
        return False
    return True


def open_mine(
    settings: str | Path | Settings,
    *,
    as_of: str | date | None = None,
    source: str | Path = "",
    ever: bool = False,
) -> Workspace:
    """Open what the person who is looking may see; on an analyst's desk everyone's.

    In a server the login alone decides: its settings and export are those that are served, and
    `settings` and `source` are not read. `as_of` as in `open`; whatever it is, clients are those
    held today, and with `ever` also those whom a caseworker held before: to be counted, not listed.
    Raises AccessError where nobody is signed in or the login has no access.
    """
    if not _served:
        return store.open(settings, as_of=as_of, scope=EVERYONE, source=source)
    own = _served[0].settings
    viewer = present()
    limited = own.model_copy(update={"disclosure": rules_of(viewer, own)})
    scope = scope_of(viewer, today(), ever)
    return store.of_snapshot(limited, _served[0].folder, as_of=as_of, scope=scope)


def _refuse(settings: Settings, scope: Scope) -> None:
    """The guard of a server: what is asked for must be just what the login may see."""
    own, viewer = _served[0].settings, present()
    may_see = [scope_of(viewer, today(), ever) for ever in (False, True)]
    seen = settings.data_path == own.data_path and scope in may_see
    if not seen or settings.disclosure != rules_of(viewer, own):
        raise AccessError(words.NOT_YOURS)


def _now() -> _Served:
    if not _served:
        raise AccessError(words.NOT_SIGNED_IN)
    return _served[0]


def _viewer(login: str) -> Viewer:
    now = _now()
    return _viewer_on(login, now.folder, tuple(now.settings.staff.roles.items()), today())


@lru_cache(maxsize=1024)
def _viewer_on(login: str, folder: Path, roles: tuple[tuple[str, str], ...], day: date) -> Viewer:
    return viewer_of(login, _staff(folder), dict(roles), day)


@lru_cache(maxsize=4)
def _staff(folder: Path) -> pd.DataFrame:
    return store.staff(folder)


def _at_work(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    start, end = (pd.to_datetime(rows[each]) for each in ("start_date", "end_date"))
    now = pd.Timestamp(day)
    return rows[(start.isna() | (start <= now)) & (end.isna() | (end >= now))]


def _same(login: object) -> str:
    """A login as it is compared: small letters, no space around it; "" for none."""
    return login.strip().casefold() if isinstance(login, str) else ""
