"""What is written down of the use of the staff page: who, when, which page, which question.

Never a value and never a client: a log that others may read must not tell what the pages told.
What a worker asks the analyst goes to a file of its own. On an analyst's desk nothing is written.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from workbench import viewing
from workbench.disclosure import HIDDEN, release
from workbench.settings import Settings
from workbench.staff import folder
from workbench.store import Workspace, once

FILE, QUESTIONS = "audit.jsonl", "questions.jsonl"
LONGEST = 200  # letters of one part of a question
LONGEST_WORDS = 2000
Question = Mapping[str, str]  # parameter of the page = what was chosen, in the page's own words


def signed(settings: Settings, login: str, what: str) -> None:
    """Note that somebody signed in or out, or was refused. `login`: "" unless it has an account."""
    folder.add_line(folder.private(settings) / FILE, login=login, what=what)


def opened(page: str) -> None:
    """Note that whoever is signed in opened a page. Raises AccessError where nobody may."""
    viewer = viewing.present()
    _note(viewer.login, "opened", page, scope=viewer.kind)


def asked(data: Workspace, page: str, question: Question) -> None:
    """Note a question that was answered; `data` is what it was answered from."""
    if not viewing.served():
        return
    viewer = viewing.present()
    _note(
        viewer.login,
        "asked",
        page,
        question=_without_clients(data, question),
        scope=viewer.kind,
        n=about(len(_clients(data))),
    )


def ask_analyst(data: Workspace, page: str, question: Question, said: str) -> bool:
    """Pass a question on to the analyst, with the words typed to it; False on a desk."""
    if not viewing.served():
        return False
    viewer = viewing.present()
    folder.add_line(
        folder.private(viewing.settings()) / QUESTIONS,
        login=viewer.login,
        page=page,
        question=_without_clients(data, question),
        words=said.strip()[:LONGEST_WORDS],
    )
    _note(viewer.login, "asked the analyst", page, scope=viewer.kind)
    return True


def entries(settings: Settings) -> Iterator[dict[str, Any]]:
    """The audit log of a staff page, the oldest entry first."""
    return folder.lines(folder.private(settings) / FILE)


def questions(settings: Settings) -> Iterator[dict[str, Any]]:
    """The questions passed on to the analyst, the oldest first."""
    return folder.lines(folder.private(settings) / QUESTIONS)


def about(n: int) -> str:
    """A number of clients as the log may hold it: hidden below 10, else to the nearest 5."""
    shown = release([n], viewing.OTHERS.profile).iloc[0]
    return HIDDEN if pd.isna(shown) else str(shown)


def _note(login: str, what: str, page: str, **rest: Any) -> None:
    file = folder.private(viewing.settings()) / FILE
    folder.add_line(file, login=login, what=what, page=page, **rest)


def _without_clients(data: Workspace, question: Question) -> dict[str, str]:
    """A question as it may be kept: short, and without the id of a client or an enrolment."""
    parts = {str(key)[:LONGEST]: str(value)[:LONGEST] for key, value in question.items()}
    ids = (_clients(data), _enrolments(data))
    return {
        key: HIDDEN if any(value in each for each in ids) else value for key, value in parts.items()
    }


@once
def _clients(data: Workspace) -> frozenset[str]:
    return frozenset(data.tables.clients.select("client_id").to_pandas()["client_id"])


@once
def _enrolments(data: Workspace) -> frozenset[str]:
    return frozenset(data.tables.enrolments.select("enrolment_id").to_pandas()["enrolment_id"])
