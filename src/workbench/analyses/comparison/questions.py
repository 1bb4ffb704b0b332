"""What can be asked of the records, as text that fits in a link, and what it means.

received mental health support              started by the landmark day; `by day 28`: another
gender: Female                              against every other recorded value
gender: Female or Non-binary against Male   these against those
started after 2024-09-02                    that day or later; also the words of a logged change
first contact within 7 days                 the first kept contact
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from workbench import exposures, groups, words
from workbench.definitions import NOT_RECORDED
from workbench.errors import DataError
from workbench.settings import nearest
from workbench.store import Workspace, once

EVERYONE = "everyone"
CASEWORKER = "caseworker"
STARTED = "started"  # the year in which the stay began
Who = str | Mapping[str, str]
Kind = Literal["support", "attribute", "change", "first contact"]
_EXAMPLES = (
    "Ask such as 'received <a support>', 'gender: Female', 'gender: Female against Male', "
    "'started after 2024-09-02' or 'first contact within 7 days'."
)


@dataclass(frozen=True)
class Question:
    """Which clients are set against which. `text` can be asked again.

    `name`: the support, attribute or change; `values` against `others` of an attribute (none:
    every other recorded value); `day`: of a change; `by_day`: the day of the stay that decides.
    """

    kind: Kind
    text: str
    name: str = ""
    values: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    day: date | None = None
    by_day: int | None = None

    @classmethod
    def parse(cls, text: str, data: Workspace) -> "Question":
        """What a text asks. Raises DataError, with the nearest question, where it asks nothing."""
        asked = " ".join(str(text).split())
        if found := re.fullmatch(r"received (.+?)(?: by day (\d+))?", asked, re.IGNORECASE):
            return _of_support(found[1], found[2], data)
        if found := re.fullmatch(r"first contact within (\d+) days?", asked, re.IGNORECASE):
            return cls("first contact", asked.lower(), by_day=int(found[1]))
        if found := re.fullmatch(r"started after (.+)", asked, re.IGNORECASE):
            return _of_change(found[1].strip("'\""), data)
        if found := re.fullmatch(r"([^:]+): ?(.+)", asked):
            return _of_attribute(found[1], found[2], data)
        can = questions(data)
        known = can.loc[can["part"] == "group", "question"].tolist()
        raise DataError(f"group: {asked!r} is no question{nearest(asked, known)} {_EXAMPLES}")

    @property
    def labels(self) -> tuple[str, str]:
        """What the clients of both groups are called in a sentence."""
        return words.comparison.labels(
            self.kind, self.name, self.values, self.others, self.day, self.by_day
        )

    @property
    def groups(self) -> tuple[str, str]:
        """What both groups are called in a table."""
        return words.comparison.groups(self.kind, self.values, self.others, self.day, self.by_day)

    @property
    def topic(self) -> str:
        """What the groups differ in, for a title."""
        return words.comparison.topic(self.kind, self.name)


def clients_of(who: Who, data: Workspace) -> dict[str, str]:
    """Which clients are asked about: {attribute: value}, empty for everyone.

    Raises DataError, with the nearest, for an attribute or value that there is not.
    """
    if isinstance(who, Mapping):
        asked = [(str(name), str(value)) for name, value in who.items()]
    elif who.strip().lower() in ("", EVERYONE):
        asked = []
    else:
        name, _, value = who.partition(":")
        asked = [(name, value)]
    found = {}
    for name, value in asked:
        attribute = _attribute("who", name, (*groups.attributes(data), CASEWORKER, STARTED))
        found[attribute] = _value("who", attribute, value.strip(), values_of(data, attribute))
    return found


@once
def questions(data: Workspace) -> pd.DataFrame:
    """What can be asked on these records: part ("who", "group", "outcome"), question, meaning.

    One row a question. Facts about the records, not about people; caseworkers are not listed.
    """
    rows = [("who", EVERYONE, words.comparison.EVERYONE)]
    pairs = [
        (name, value)
        for name in groups.attributes(data)
        for value in values_of(data, name)
        if value != NOT_RECORDED
    ]
    rows += [
        ("who", f"{STARTED}: {year}", words.comparison.who({STARTED: year}))
        for year in values_of(data, STARTED)
    ]
    rows += [
        ("who", f"{name}: {value}", words.comparison.who({name: value})) for name, value in pairs
    ]
    for support in _supports(data):
        question = Question("support", f"received {support}", support)
        rows.append(("group", question.text, words.comparison.against(question.labels)))
    for name, value in pairs:
        question = Question("attribute", f"{name}: {value}", name, (value,))
        rows.append(("group", question.text, words.comparison.against(question.labels)))
    for day, description in _changes(data):
        text = f"started after {day}"
        question = Question("change", text, description, day=day)
        rows.append(("group", text, f"{words.comparison.against(question.labels)} ({description})"))
    rows += [("outcome", name, "") for name in _outcomes(data)]
    return pd.DataFrame(rows, columns=["part", "question", "meaning"], dtype="str")


def _of_support(name: str, day: str | None, data: Workspace) -> Question:
    data.needs("supports")
    support = _value("group", "support", name, _supports(data))
    by_day = int(day) if day else None
    text = f"received {support}" + (f" by day {by_day}" if day else "")
    return Question("support", text, support, by_day=by_day)


def _of_change(when: str, data: Workspace) -> Question:
    logged = _changes(data)
    for day, description in logged:
        if when.casefold() in (description.casefold(), str(day)):
            return Question("change", f"started after {day}", description, day=day)
    try:
        day = date.fromisoformat(when)
    except ValueError:
        known = [description for _, description in logged]
        raise DataError(
            f"group: {when!r} is no day such as 2024-09-02 and no logged change"
            f"{nearest(when, known)}"
        ) from None
    return Question("change", f"started after {day}", "", day=day)


def _of_attribute(name: str, said: str, data: Workspace) -> Question:
    attribute = _attribute("group", name, groups.attributes(data))
    known = [each for each in values_of(data, attribute) if each != NOT_RECORDED]
    sides = [said]
    if said.casefold() not in (each.casefold() for each in known):
        sides = re.split(r" against ", said, maxsplit=1, flags=re.IGNORECASE)
    values, *others = [_several("group", attribute, side, known) for side in sides]
    both = set(values) & set(*others) if others else set()
    if both:
        raise DataError(f"group: {sorted(both)[0]!r} is on both sides. Set it against another.")
    text = f"{attribute}: {' or '.join(values)}"
    text += f" against {' or '.join(others[0])}" if others else ""
    return Question("attribute", text, attribute, values, others[0] if others else ())


def _several(part: str, attribute: str, said: str, known: Sequence[str]) -> tuple[str, ...]:
    """One value, or several with "or" between them; a value may hold an "or" of its own."""
    any_of = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
    if any_of and re.fullmatch(f"({any_of})( or ({any_of}))*", said, re.IGNORECASE):
        found = re.findall(f"({any_of})(?: or |$)", said, re.IGNORECASE)
    else:
        found = said.split(" or ") if len(said.split(" or ")) > 1 else [said]
    return tuple(dict.fromkeys(_value(part, attribute, each, known) for each in found))


def _attribute(part: str, name: str, known: Sequence[str]) -> str:
    wanted = name.strip().casefold().replace(" ", "_")
    for each in known:
        if wanted == each.casefold():
            return each
    raise DataError(
        f"{part}: clients cannot be told apart by {name.strip()!r}{nearest(wanted, known)}"
    )


def _value(part: str, attribute: str, value: str, known: Sequence[str]) -> str:
    for each in known:
        if value.strip().casefold() == each.casefold():
            return each
    if attribute == CASEWORKER:  # one of them is not told of another
        raise DataError(f"{part}: there is no caseworker {value.strip()!r}. Check how it is spelt.")
    raise DataError(f"{part}: there is no {attribute} {value.strip()!r}{nearest(value, known)}")


@once
def values_of(data: Workspace, attribute: str) -> list[str]:
    """The values that clients who started have of an attribute, in order."""
    if attribute == CASEWORKER:
        data.needs("assignments")
        return sorted(map(str, data.values("assignments.caseworker_id")))
    stays = exposures.stays(data)
    if attribute == STARTED:
        return years(stays["start_date"]).drop_duplicates().sort_values().tolist()
    return sorted(groups.labelled(data, stays, attribute)["group"].astype(str).unique())


def years(starts: "pd.Series[Any]") -> "pd.Series[str]":
    """The calendar year of each start, as text."""
    return pd.to_datetime(starts).dt.year.astype(str)


def _supports(data: Workspace) -> list[str]:
    return sorted(map(str, data.values("supports.support"))) if "supports" in data else []


def _outcomes(data: Workspace) -> list[str]:
    return sorted(map(str, data.values("outcomes.outcome"))) if "outcomes" in data else []


@once
def _changes(data: Workspace) -> list[tuple[date, str]]:
    if "changes" not in data:
        return []
    logged = data.tables.changes.select("change_date", "description").to_pandas()
    logged = logged.assign(change_date=pd.to_datetime(logged["change_date"]))
    found = logged.dropna(subset=["change_date"]).sort_values("change_date")
    return [
        (each.change_date.date(), "" if pd.isna(each.description) else str(each.description))
        for each in found.itertuples()
    ]
