"""Who was called from the list, and whether they were reached: one click, one line.

The service reads it, because a list that is acted on changes who leaves, and the honesty of the
model that made the list hangs on knowing that (`analyses.disengagement`).
"""

from typing import Literal, get_args

import pandas as pd

from workbench import viewing
from workbench.errors import AccessError, DataError
from workbench.settings import Settings
from workbench.staff import folder
from workbench.store import Workspace
from workbench.words import staff as words

FILE = "calls.jsonl"
COLUMNS = ["when", "login", "caseworker_id", "enrolment_id", "client_id", "result"]
Result = Literal["reached", "not reached"]


def note(data: Workspace, enrolment_id: str, result: Result) -> None:
    """Write down that a client of one's own list was called; `data` is the caller's own workspace.

    Raises AccessError off the staff page, for who holds no cases, and for a case that is not the
    caller's today (in the same words whether or not there is such a case); DataError for another
    result.
    """
    if not viewing.served():
        raise AccessError(words.ONLY_SERVED)
    if result not in get_args(Result):
        raise DataError(words.NOT_A_RESULT)
    viewer = viewing.present()
    rows = data.tables.enrolments
    held = rows.filter(rows.enrolment_id == str(enrolment_id)).client_id.to_pandas()
    mine = viewer.own and data.scope == viewing.scope_of(viewer, viewing.today())
    if not mine or not len(held):
        raise AccessError(words.NOT_ON_YOUR_LIST)
    folder.add_line(
        folder.private(viewing.settings()) / FILE,
        login=viewer.login,
        caseworker_id=viewer.whom,
        enrolment_id=str(enrolment_id),
        client_id=str(held.iloc[0]),
        result=result,
    )


def own(data: Workspace) -> pd.DataFrame:
    """The calls noted of the clients in a workspace, one row a call; none on a desk.

    Columns: when (UTC), login, caseworker_id, enrolment_id, client_id, result.
    """
    if not viewing.served():
        return pd.DataFrame(columns=COLUMNS)
    noted = _read(viewing.settings())
    seen = data.tables.enrolments.select("enrolment_id").to_pandas()["enrolment_id"]
    return noted[noted["enrolment_id"].isin(seen)].reset_index(drop=True)


def all_noted(settings: Settings) -> pd.DataFrame:
    """Every call noted, one row a call, for whoever may read the files, or a service's login.

    Raises AccessError on the staff page for everybody else.
    """
    if viewing.served() and viewing.present().kind != "service":
        raise AccessError(words.ONLY_SERVICE)
    return _read(settings)


def _read(settings: Settings) -> pd.DataFrame:
    rows = list(folder.lines(folder.private(settings) / FILE))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.assign(when=pd.to_datetime(table["when"], utc=True))
