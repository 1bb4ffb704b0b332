"""The client's own summary: whose it is, by the link and within the scope, and how it is set."""

from importlib import import_module
from typing import Any

from markupsafe import Markup

from workbench import viewing, words
from workbench.analyses import client_summary
from workbench.errors import AccessError
from workbench.staff import asking
from workbench.staff.asking import Link
from workbench.store import Workspace
from workbench.words import client_summary as said

NUMBERS = frozenset(client_summary.COUNTS)


def page(data: Workspace) -> Any:
    """Serve the summary of the client that the link names; None on a desk, where nobody signs in.

    `data`: what the viewer may see (`wb.open_mine`).
    """
    if not viewing.served():
        return None
    return import_module("workbench.staff.panels").print_out(data)


def shown(data: Workspace, link: Link) -> tuple[str, bool]:
    """The page of a link as HTML, and whether it is a summary: else a list to choose from.

    A client outside the viewer's scope, a forged or an unknown part of the link: a sentence.
    """
    client = asking.one(link.get("client", ())) if set(link) <= {"client"} else None
    problem = ""
    try:
        if client:
            return sheet(client_summary.summary(data, client, viewing.today())), True
        if link:
            problem = said.NOT_YOURS.partition(": ")[2]
        known = client_summary.clients(data)
    except AccessError as refused:
        known = client_summary.clients(data) if data.scope.own else []
        problem = str(refused).partition(": ")[2] or str(refused)
    return asking.fill(
        "choose.html", words=said, clients=known, problem=asking.sentence(problem)
    ), False


def sheet(found: client_summary.Summary) -> Markup:
    """A summary on one sheet of paper, as HTML; every cell of it is escaped."""
    attendance = found.attendance
    if len(attendance) and not attendance["not_recorded"].sum():
        attendance = attendance.drop(columns="not_recorded")
    return Markup(  # noqa: S704 - filled by a template that escapes
        asking.fill(
            "summary.html",
            words=said,
            found=found,
            attendance=attendance,
            numbers=NUMBERS,
            made=words.day(found.made),
            known_to=words.day(found.known_to),
        )
    )
