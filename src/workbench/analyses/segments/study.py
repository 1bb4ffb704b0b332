"""All that a page asks about segments, answered from the records: declared, found, and moved."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from workbench import disclosure
from workbench.analyses.segments.declared import declared
from workbench.analyses.segments.finding import NONE, Found, find
from workbench.analyses.segments.matching import Matched, match
from workbench.analyses.segments.people import CONTACT, People, frame, judgeable, people
from workbench.analyses.segments.tables import named
from workbench.periods import Period
from workbench.profiles import named as profile_of
from workbench.store import Workspace
from workbench.words import comparison
from workbench.words import found_segments as of_found
from workbench.words import segments as said

COULD_NOT_LOOK = ("too few people", "too few columns")
MONTHS = {"month": 1, "quarter": 3}


@dataclass(frozen=True, eq=False)
class Study:
    """Who the clients are: `people`, their `declared` segment ("others" where none fits; empty
    without declared segments), and what was `found`. `made_of`: the columns of that.
    """

    people: People
    declared: "pd.Series[str]"
    found: Found
    made_of: tuple[str, ...]

    @property
    def found_names(self) -> "pd.Series[Any]":
        """What the found segment of each of the people is called, in their order (NA: none)."""
        labels = self.found.labels.reset_index(drop=True).map(named(self.found))
        return labels.set_axis(self.people.rows.index)


@dataclass(frozen=True, eq=False)
class Moved:
    """What became of the found segments of the period before.

    `before`: its labels (index: client; empty where there were none), under the numbers that they
    have now; `sentence`: how many moved.
    """

    before: "pd.Series[Any]"
    sentence: str


def possible(data: Workspace) -> str:
    """Why nothing can be said of segments, in words; empty where something can."""
    return "" if len(people(data, ()).rows) else said.NOBODY


def study(data: Workspace, seed: int = 0) -> Study:
    """Declared and found segments of everyone who started while the records are complete.

    Raises as `people`, `declared.check` and `find`.
    """
    asked = people(data)
    labels = declared(data, asked)
    if not data.settings.segments.declared:
        labels = labels[:0]
    columns = frame(data, asked)
    return Study(asked, labels, find(columns, seed), tuple(map(str, columns.columns)))


def with_last_period(data: Workspace, now: Study, seed: int = 0) -> tuple[Study, Moved]:
    """The study with found segments numbered as in the period before, and how many moved.

    The period before ends where the month or quarter of the as-of date begins; what was known on
    that day is what is looked at. Source: `match`.
    """
    interval = data.settings.reporting.interval
    period = Period.containing(data.as_of, MONTHS[interval], data.settings.organisation.year_starts)
    day = period.previous().end
    if now.found.verdict == NONE or day < data.complete_from:
        return now, Moved(now.found.labels[:0], said.NO_LAST_PERIOD)
    then = replace(data, as_of=day)
    before = find(frame(then, people(then, ())), seed)
    if before.verdict == NONE:
        return now, Moved(before.labels[:0], said.none_before(day))
    matched = match(before, now.found)
    return replace(now, found=matched.found), Moved(before.labels, _told(data, matched, day))


def sentence(data: Workspace, found: Found) -> str:
    """The verdict on found segments, with the number of people as it may be told."""
    if found.verdict == NONE:
        return found.sentence
    shown = disclosure.release([found.people], data.settings.disclosure.profile).iloc[0]
    chosen = found.stability.loc[found.stability["chosen"].astype(bool), "agreement"]
    return of_found.found(
        len(found.descriptions), None if pd.isna(shown) else int(shown), float(chosen.iloc[0])
    )


def counted_in(data: Workspace, asked: Study) -> str:
    """Who is counted, and what they are described by."""
    shown = disclosure.release([len(asked.people.rows)], data.settings.disclosure.profile).iloc[0]
    weeks = data.settings.segments.weeks
    about = profile_of(data.settings.disclosure.profile).base > 1
    return said.counted_in(weeks, None if pd.isna(shown) else int(shown), about=about)


def reading_key(found: Found) -> str:
    """Which of the texts on how to read it fits: "found", "not found" or "cannot look"."""
    if found.verdict != NONE:
        return "found"
    return "cannot look" if found.reason in COULD_NOT_LOOK else "not found"


def remarks(data: Workspace, asked: Study) -> str:
    """What found segments are made of, what was left out, and what is not on record."""
    used = [name for name in asked.made_of if name not in asked.found.left_out]
    parts = [said.made_of(used, asked.found.left_out)]
    parts += [said.CONTACT_NOT_KNOWN] if CONTACT not in asked.made_of else []
    return " ".join([*parts, *([said.NO_NEEDS] if "needs" not in data else [])])


def working_note(asked: People) -> str:
    """What else to know of the outcome: that only its happening is recorded; else empty."""
    return comparison.HAPPENS if asked.happens else ""


def why_not_working(data: Workspace, asked: People) -> str:
    """Why nobody can say for whom it works; empty where somebody can."""
    if not judgeable(data):
        return said.NO_OUTCOMES
    return "" if asked.judged.any() else said.NOBODY_JUDGED


def _told(data: Workspace, matched: Matched, day: date) -> str:
    """How many moved, in numbers that may be told."""
    shown = disclosure.release([matched.both, matched.moved], data.settings.disclosure.profile)
    both, changed = (None if pd.isna(each) else int(each) for each in shown)
    told = of_found.matched(matched.same, matched.new, matched.gone, both, changed)
    return said.since(day, told, few=changed is None and both is not None)
