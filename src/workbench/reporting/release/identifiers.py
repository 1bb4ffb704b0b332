"""Ids that a report may not hold: of clients, enrolments, contacts and workers outside its scope.

An id is looked for as a word. One of digits alone is an ordinary number where it is short, so up to
four digits it is only looked for where it stands alone, in a cell of words or a string of a
workbook; longer ones anywhere in text, but never in a column of numbers. So is an id that is also
an ordinary word of ours ("blue"). Nothing can find an id that was cut up or written another way.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ibis
import pandas as pd

import workbench
from workbench.reporting.release.texts import Text
from workbench.settings import Audience
from workbench.store import Workspace

CLIENT_KEYS = (
    ("clients", "client_id"),
    ("enrolments", "enrolment_id"),
    ("contacts", "contact_id"),
)
WORKER_KEYS = (
    ("assignments", "caseworker_id"),
    ("contacts", "caseworker_id"),
    ("staff", "caseworker_id"),
    ("staff", "manager_id"),
    ("staff", "login"),
)
SHORT = 4  # digits up to which a number is no id where it stands among words
MOST_PARTS = 8  # of an id with hyphens and the like
_WORD = re.compile(r"\w+")
_MARKS = ".,;:!?()[]'\""


@dataclass(frozen=True)
class Ids:
    """All ids of an export, in small letters; `marks`: what else than letters is in them."""

    clients: frozenset[str]
    workers: frozenset[str]
    marks: str

    @classmethod
    def of(cls, data: Workspace) -> "Ids":
        """The ids of a workspace."""
        clients, workers = (_all(data, keys) for keys in (CLIENT_KEYS, WORKER_KEYS))
        found = {each for text in clients | workers for each in text if not each.isalnum()}
        return cls(clients, workers, "".join(sorted(found - {" "})))


def _all(data: Workspace, keys: Iterable[tuple[str, str]]) -> frozenset[str]:
    found: set[str] = set()
    for table, column in keys:
        if table in data:
            values = data.tables[table].select(column).distinct().to_pandas()[column]
            found |= {_plain(each) for each in values.dropna()}
    return frozenset(found - {""})


def allowed(data: Workspace, audience: Audience, whom: str) -> frozenset[str]:
    """The ids that a reader's report may hold.

    Their own and those of the cases they hold on the as-of date or held last, with their contacts,
    for a caseworker; those of its workers for a team; none for everybody else.
    """
    if audience.one_for == "caseworker":
        held = _held_last(data, whom)
        stays = data.tables.enrolments.semi_join(held, "enrolment_id")
        own = [stays.enrolment_id, stays.client_id]
        own += [data.tables.contacts.semi_join(held, "enrolment_id").contact_id]
        ids = pd.concat([each.to_pandas() for each in own]).dropna()
        return frozenset({_plain(whom), *map(_plain, ids)})
    if audience.one_for == "team":
        staff = data.tables.staff
        members = staff.filter(staff.team == whom).caseworker_id.to_pandas()
        return frozenset(map(_plain, members))
    return frozenset()


def _held_last(data: Workspace, whom: str) -> ibis.Table:
    """The cases that a worker holds on the as-of date, or held last of all: theirs to put right."""
    rows = data.tables.assignments
    rows = rows.filter(rows.start_date <= data.as_of)
    ends = ibis.least(rows.end_date.fill_null(data.as_of), data.as_of)
    last = ends.max().over(ibis.window(group_by="enrolment_id"))
    rows = rows.mutate(theirs=ends == last)
    return rows.filter(rows.theirs, rows.caseworker_id == whom)


def found(texts: Iterable[Text], ids: Ids, own: frozenset[str]) -> Iterator[str]:
    """The places of a report in which an id stands that is not its reader's to see."""
    forbidden = (ids.clients | ids.workers) - own
    spaced = _by_first_word(each for each in forbidden if " " in each)
    inside = re.escape(ids.marks)
    word = re.compile(rf"[^\W_]+(?:[{inside}]+[^\W_]+)*" if ids.marks else r"[^\W_]+")
    parts = re.compile(rf"([{inside}]+)") if ids.marks else None
    for text in texts:
        if text.cell:
            if _plain(text.text) in forbidden:
                yield text.where
            continue
        lower = text.text.lower()
        words = set(word.findall(lower))
        if any(_named(each, forbidden, parts) for each in words) or _holds(lower, spaced):
            yield text.where


def naming(texts: Iterable[Text], names: Iterable[str]) -> Iterator[str]:
    """The places of a report in which one of these names stands, alone or in a sentence.

    A name that is one ordinary word of ours ("North", "Support") is looked for where it stands
    alone.
    """
    plain = {_plain(each) for each in names} - {""}
    told = [each for each in plain if not (each.isalpha() and each in _ordinary())]
    phrases = [re.compile(rf"(?<!\w){re.escape(each)}(?!\w)") for each in told]
    for text in texts:
        lower = _plain(text.text)
        if lower in plain or any(each.search(lower) for each in phrases if not text.cell):
            yield text.where


def _by_first_word(spaced: Iterable[str]) -> dict[str, list[str]]:
    """Ids of several words, by the first of them."""
    found: dict[str, list[str]] = {}
    for each in spaced:
        found.setdefault(each.split(" ", 1)[0], []).append(each)
    return found


def _holds(text: str, spaced: Mapping[str, list[str]]) -> bool:
    """Whether an id of several words stands in a text."""
    if not spaced:
        return False
    begun = {word.strip(_MARKS) for word in text.split()} | set(_WORD.findall(text))
    return any(each in text for first in begun & spaced.keys() for each in spaced[first])


def _named(word: str, forbidden: frozenset[str], parts: "re.Pattern[str] | None") -> bool:
    """Whether a word is an id, or holds one between its hyphens."""
    if _is(word, forbidden):
        return True
    if parts is None or not parts.search(word):
        return False
    pieces = parts.split(word)
    ends = range(0, len(pieces), 2)
    return any(
        _is("".join(pieces[first : last + 1]), forbidden)
        for first in ends
        for last in ends
        if first <= last <= first + 2 * MOST_PARTS
    )


def _is(word: str, forbidden: frozenset[str]) -> bool:
    if word not in forbidden or (word.isdigit() and len(word) <= SHORT):
        return False
    return not word.isalpha() or word not in _ordinary()


@cache
def _ordinary() -> frozenset[str]:
    """The words that pages are written in, whatever the records hold."""
    package = Path(workbench.__file__).parent
    files = [each for each in package.rglob("*") if each.suffix in {".py", ".html", ".css"}]
    texts = (each.read_text(encoding="utf-8").lower() for each in files)
    return frozenset(word for text in texts for word in re.findall(r"[^\W\d_]+", text))


def _plain(value: object) -> str:
    return str(value).strip().lower()


__all__ = ["Ids", "allowed", "found", "naming"]
