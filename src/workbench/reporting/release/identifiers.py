"""Ids that a report may not hold: of clients, enrolments, contacts and workers outside its scope.

An id is looked for as a word. One of digits alone is an ordinary number where it is short, so up to
four digits it is only looked for where it stands alone, in a cell of words or a string of a
workbook; longer ones anywhere in text, but never in a column of numbers. So is an id that is also
an ordinary word of ours ("blue"). Nothing can find an id that was cut up or written another way.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
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

    @cached_property
    def spaced(self) -> Mapping[str, list[str]]:
        """The ids of several words, by the first of them."""
        found: dict[str, list[str]] = {}
        for each in self.clients | self.workers:
            if " " in each:
                found.setdefault(each.split(" ", 1)[0], []).append(each)
        return found


@dataclass(frozen=True)
class _Forbidden:
    """All ids but a reader's own."""

    ids: Ids
    own: frozenset[str]

    def __contains__(self, word: str) -> bool:
        known = word in self.ids.clients or word in self.ids.workers
        return known and word not in self.own


def _all(data: Workspace, keys: Iterable[tuple[str, str]]) -> frozenset[str]:
    found: set[str] = set()
    for table, column in keys:
        if table in data:
            values = data.tables[table].select(column).distinct().to_pandas()[column]
            found |= {_plain(each) for each in values.dropna()}
    return frozenset(found - {""})


@dataclass(frozen=True, eq=False)
class Allowed:
    """The ids that each reader's report may hold.

    Their own and those of the cases they hold on the as-of date or held last, with their contacts,
    for a caseworker; those of its workers for a team; none for everybody else.
    """

    _ids: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, data: Workspace, audience: Audience) -> "Allowed":
        """What the readers of an audience may see of a workspace."""
        if audience.one_for == "caseworker":
            return cls(_of_each(_of_cases(data), "caseworker_id", "id"))
        if audience.one_for == "team":
            staff = data.tables.staff.select("team", "caseworker_id").to_pandas()
            return cls(_of_each(staff, "team", "caseworker_id"))
        return cls({})

    def to(self, whom: str, one_for: str) -> frozenset[str]:
        """The ids that one reader may see."""
        own = {_plain(whom)} if one_for == "caseworker" else set()
        return self._ids.get(whom, frozenset()) | own


def _of_each(rows: pd.DataFrame, reader: str, column: str) -> dict[str, frozenset[str]]:
    told = rows.dropna()
    return {str(whom): frozenset(map(_plain, ids)) for whom, ids in told.groupby(reader)[column]}


def _of_cases(data: Workspace) -> pd.DataFrame:
    """Each caseworker with the ids of their cases: caseworker_id, id."""
    held = _held_last(data).select("caseworker_id", "enrolment_id").distinct()
    parts = [held.select("caseworker_id", id="enrolment_id")]
    for table, column in (("enrolments", "client_id"), ("contacts", "contact_id")):
        there = data.tables[table].select("enrolment_id", id=column)
        parts.append(held.inner_join(there, "enrolment_id").select("caseworker_id", "id"))
    return pd.concat([each.to_pandas() for each in parts], ignore_index=True)


def _held_last(data: Workspace) -> ibis.Table:
    """The cases that a worker holds on the as-of date, or held last of all: theirs to put right."""
    rows = data.tables.assignments
    rows = rows.filter(rows.start_date <= data.as_of)
    ends = ibis.least(rows.end_date.fill_null(data.as_of), data.as_of)
    last = ends.max().over(ibis.window(group_by="enrolment_id"))
    return rows.mutate(theirs=ends == last).filter(ibis._.theirs)


def found(texts: Iterable[Text], ids: Ids, own: frozenset[str]) -> Iterator[str]:
    """The places of a report in which an id stands that is not its reader's to see."""
    forbidden = _Forbidden(ids, own)
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
        if any(_named(each, forbidden, parts) for each in words) or _holds(lower, forbidden):
            yield text.where


def naming(texts: Iterable[Text], names: Iterable[str]) -> Iterator[str]:
    """The places of a report in which one of these names stands, alone or in a sentence.

    A name that is one ordinary word of ours ("North", "Support") is looked for where it stands
    alone; one of a few digits, as for ids, where it is all of a cell.
    """
    plain = {_plain(each) for each in names} - {""}
    numbers = {each for each in plain if _is_short_number(each)}
    alone = plain - numbers
    phrases = _by_first_run(each for each in alone if not (each.isalpha() and each in _ordinary()))
    for text in texts:
        lower = _plain(text.text)
        if text.cell:
            if lower in plain:
                yield text.where
            continue
        begun = {*_WORD.findall(lower), ""} & phrases.keys()
        if lower in alone or any(_stands(each, lower) for run in begun for each in phrases[run]):
            yield text.where


def _by_first_run(names: Iterable[str]) -> dict[str, list[str]]:
    """Names by their first run of letters and digits; "" where there is none."""
    found: dict[str, list[str]] = {}
    for each in names:
        run = _WORD.search(each)
        found.setdefault(run.group() if run else "", []).append(each)
    return found


def _stands(name: str, text: str) -> bool:
    """Whether a name stands in a text, not as a part of a longer word."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _holds(text: str, forbidden: _Forbidden) -> bool:
    """Whether an id of several words stands in a text."""
    spaced = forbidden.ids.spaced
    if not spaced:
        return False
    begun = {word.strip(_MARKS) for word in text.split()} | set(_WORD.findall(text))
    here = (each for first in begun & spaced.keys() for each in spaced[first])
    return any(each in text for each in here if each in forbidden)


def _named(word: str, forbidden: _Forbidden, parts: "re.Pattern[str] | None") -> bool:
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


def _is(word: str, forbidden: _Forbidden) -> bool:
    if word not in forbidden or _is_short_number(word):
        return False
    return not word.isalpha() or word not in _ordinary()


def _is_short_number(word: str) -> bool:
    return word.isdigit() and len(word) <= SHORT


@cache
def _ordinary() -> frozenset[str]:
    """The words that pages are written in, whatever the records hold."""
    package = Path(workbench.__file__).parent
    files = [each for each in package.rglob("*") if each.suffix in {".py", ".html", ".css"}]
    texts = (each.read_text(encoding="utf-8").lower() for each in files)
    return frozenset(word for text in texts for word in re.findall(r"[^\W\d_]+", text))


def _plain(value: object) -> str:
    return str(value).strip().lower()


__all__ = ["Allowed", "Ids", "found", "naming"]
