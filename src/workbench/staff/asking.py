"""Asking about one's clients: what can be chosen, what a link may ask, and the answer as it is set.

The answer is that of `comparison.compare_clients`, the function of the notebook and of the batch.
Whose clients it is about was decided when the data were opened, and nothing here can change it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from workbench import snapshots, viewing
from workbench.analyses import comparison
from workbench.analyses.comparison.questions import EVERYONE
from workbench.disclosure import require_protected
from workbench.errors import DataError
from workbench.grid import MISSING, Grid, records, write
from workbench.reporting.prose import Prose
from workbench.store import Workspace, once
from workbench.words import asking as said

LONGEST = 200  # letters of one part of a question in a link
ONE_DAY = timedelta(days=1)
Choices = Mapping[str, Mapping[str, str]]  # heading -> what a person reads -> what is asked
Link = Mapping[str, Sequence[bytes]]  # as a browser sends it: name -> values


@dataclass(frozen=True)
class Asked:
    """A question as it stands in a link: which clients, what to compare, which outcome.

    An outcome of "" is what settings call success.

    `understood`: False where the link asked for something else, which was left out.
    """

    who: str
    group: str
    outcome: str
    understood: bool = True

    @property
    def parts(self) -> dict[str, str]:
        """The question as a link and the analyst's list hold it."""
        return {"who": self.who, "group": self.group, "outcome": self.outcome}


@dataclass(frozen=True)
class Shown:
    """What a page shows of a question: `html`, and `sentence` as it is read out."""

    html: str
    sentence: str


@dataclass(frozen=True)
class Bar:
    """One group's share as a page draws it: written, and how far along a line from 0 to 100 %.

    What is not shown has no place.
    """

    group: str
    written: str
    share: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, eq=False)
class Offer:
    """What can be chosen from the records of a viewer: three lists, and what is asked at first."""

    who: Choices
    group: Choices
    outcome: Choices
    usual: Asked


def page(data: Workspace, who: str = "", group: str = "", outcome: str = "") -> Any:
    """Serve the page on which staff ask about their clients; None on a desk, where nobody signs in.

    `data`: what the viewer may see (`wb.open_mine`). `who`, `group`, `outcome`: what is asked
    before anybody has chosen, as in `comparison.compare_clients`.
    """
    if not viewing.served():
        return None
    return import_module("workbench.staff.panels").ask(data, Asked(who, group, outcome))


def day(period: str) -> str | date:
    """The last day that counts: on a desk that of the period, on the page that of the reports.

    That is the last day of the last month of which the records are complete.
    """
    if not viewing.served():
        return period
    settings = viewing.settings()
    complete = date.fromisoformat(snapshots.meta(snapshots.take(settings))["complete_to"])
    return (complete + ONE_DAY).replace(day=1) - ONE_DAY


@once
def offer(data: Workspace, first: Asked) -> Offer:
    """What these records can be asked. `first`: asked at first; its empty parts are filled in.

    Raises DataError where nothing can be asked.
    """
    can = comparison.questions(data)
    questions = list(zip(can["part"].astype(str), can["question"].astype(str), strict=True))
    asked = comparison.to_ask(data, first.group, first.outcome)
    if asked.why_not:
        raise DataError(asked.why_not)
    kind = kind_of(data)
    who: dict[str, dict[str, str]] = {said.WHOLE: {said.ALL[kind]: EVERYONE}}
    group: dict[str, dict[str, str]] = {}
    for part, text in questions:
        if part == "who" and text != EVERYONE:
            name, _, value = text.partition(": ")
            _put(who, said.kind_of(name), value, text)
        elif part == "group":
            heading, choice = _choice(text, data)
            _put(group, heading, choice, text)
    first_contacts = {
        said.first_contact(days): f"first contact within {days} days" for days in said.WITHIN_DAYS
    }
    group[said.KINDS["first contact"]] = first_contacts
    named = {text: text for part, text in questions if part == "outcome"}
    success = data.settings.outcomes.success
    outcome = {said.success(success): "", **named} if success else named
    usual = Asked(first.who or EVERYONE, asked.group, asked.outcome)
    varied = {head: each for head, each in who.items() if head == said.WHOLE or len(each) > 1}
    return Offer(varied, _with(group, asked.group), {said.WHOLE: outcome}, usual)


def read(link: Link, data: Workspace, can: Offer) -> Asked:
    """What a link asks; whatever is not exactly a question of this page is left out of it.

    Only `who`, `group` and `outcome`, each once and short; clients and outcomes from the lists, a
    group that `Question.parse` reads. A link never says whose clients may be seen.
    """
    usual, found, understood = can.usual, can.usual.parts, True
    for name, values in link.items():
        text = one(values)
        if name not in found or text is None:
            understood = False
        elif name == "group":
            try:
                found[name] = comparison.Question.parse(text, data).text
            except DataError:
                understood = False
        elif text in offered(can.who if name == "who" else can.outcome):
            found[name] = text
        else:
            understood = False
    if "group" in link and "outcome" not in link and found["group"] != usual.group:
        found["outcome"] = "" if "" in offered(can.outcome) else found["outcome"]
    return Asked(**found, understood=understood)


def offered(choices: Choices) -> list[str]:
    """Everything that a list offers, as it is asked."""
    return [text for under in choices.values() for text in under.values()]


def answered(data: Workspace, asked: Asked) -> comparison.Answer:
    """The answer to a question of the page, as the notebook and the batch give it.

    Raises DataError where these records cannot be asked so.
    """
    return comparison.compare_clients(data, asked.who, asked.group, asked.outcome or None)


def prepare(data: Workspace, can: Offer) -> None:
    """Work out what the first question of each kind rests on, so that nobody waits for it."""
    prepared = set()
    for under in can.group.values():
        with suppress(DataError):  # where it cannot be asked, its own answer will say so
            text = next(iter(under.values()))
            kind = comparison.Question.parse(text, data).kind
            if kind not in prepared:
                answered(data, Asked(can.usual.who, text, can.usual.outcome))
            prepared.add(kind)


@once
def shown(data: Workspace, asked: Asked) -> Shown:
    """A question's answer, as the page shows it: the sentence first.

    Where the records cannot be asked so, a sentence that says it.
    """
    try:
        answer = answered(data, asked)
    except DataError as problem:
        return Shown(fill("sorry.html", asked=asked.group, reason=str(problem)), said.CANNOT)
    prose = Prose()
    what = prose.html(answer.asked)
    counts = comparison.answer_table(answer)
    if data.scope.ever and min(answer.comparison.known) < viewing.FEWEST:
        why = said.too_few(viewing.FEWEST)
        return Shown(fill("sorry.html", asked=what, reason=why), said.CANNOT)
    known = bool(counts["share"].notna().any())
    told = prose.html(answer.sentence)
    html = fill(
        "answer.html",
        asked=what,
        sentence=told,
        bars=_bars(counts) if known else (),
        counts=_counts(counts),
        apart=_apart(comparison.difference_table(answer, data)) if known else "",
        notes=[prose.html(each) for each in answer.notes],
        cannot_tell=comparison.cannot_tell(answer),
        other_half=comparison.other_half(answer),
        as_known=said.as_known(min(data.as_of, data.complete_to)),
    )
    return Shown(html, str(told.striptags()))


def heading(data: Workspace, asked: Asked) -> str:
    """What stands above the choices: whose clients these are, and how to choose."""
    return fill("heading.html", kind=kind_of(data), understood=asked.understood)


def sentence(text: str) -> str:
    """A message as a page says it: beginning with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"


def kind_of(data: Workspace) -> str:
    """What kind of viewer a workspace was opened for: a caseworker, a team, the service."""
    if data.scope.own or data.scope.ever:
        return "caseworker"
    return "service" if data.scope.caseworkers is None else "team"


def _choice(text: str, data: Workspace) -> tuple[str, str]:
    """A question among the choices of its kind, in words that fit a phone: heading, choice."""
    if text.startswith("received "):
        return said.KINDS["support"], said.support(text.removeprefix("received "))
    if text.startswith("started after "):
        asked = comparison.Question.parse(text, data)
        return said.KINDS["change"], said.change(asked.day or data.as_of, asked.name)
    name, _, value = text.partition(": ")
    return said.kind_of(name), said.against_others(value)


def _put(choices: dict[str, dict[str, str]], heading: str, choice: str, text: str) -> None:
    """Add a choice; a list tells its choices apart by their words, so no two have the same."""
    taken = {each for under in choices.values() for each in under}
    named = choice if choice not in taken else said.of_kind(choice, heading)
    choices.setdefault(heading, {})[named] = text


def _with(choices: dict[str, dict[str, str]], text: str) -> Choices:
    """The choices with one that came from elsewhere, as it was asked."""
    if text in offered(choices):
        return choices
    return {said.WHOLE: {text: text}, **choices}


def with_asked(can: Offer, asked: Asked) -> Choices:
    """What can be compared, and what a link asked for besides."""
    return _with({head: dict(under) for head, under in can.group.items()}, asked.group)


def one(values: Sequence[bytes]) -> str | None:
    """The one short value of a part of a link; None for anything else."""
    if len(values) != 1 or len(values[0]) > LONGEST:
        return None
    try:
        text = values[0].decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _bars(counts: pd.DataFrame) -> list[Bar]:
    """The shares of both groups with their intervals, of counts that are protected.

    A page draws them itself: the drawing of a chart takes four times as long as the answer.
    """
    require_protected(counts)
    made = []
    for row in records(counts):
        share, *ends = (row[name] for name in ("share", "lower", "upper"))
        if share is None:
            made.append(Bar(str(row["group"]), str(row.get("note") or MISSING)))
            continue
        written = [write(each, "percent") for each in (share, *ends)]
        places = [None if each is None else round(100 * float(each), 2) for each in (share, *ends)]
        made.append(Bar(str(row["group"]), said.with_ends(*written), *places))
    return made


def _counts(table: pd.DataFrame) -> Markup:
    labels = {
        "group": said.GROUP_HEAD, "known": said.KNOWN, "recorded": said.RECORDED,
        "not_known": said.NOT_KNOWN,
    }  # fmt: skip
    columns = [name for name in [*labels, "note"] if name in table]
    return _table(Grid.of(table[columns], said.COUNTS, (), labels))


def _apart(table: pd.DataFrame) -> Markup:
    labels = {"counted": said.HIGHER_FIRST, "lower": "From", "upper": "To"}
    kinds = dict.fromkeys(["difference", "lower", "upper"], "unit")
    columns = ["counted", "unit", "difference", "lower", "upper", "note"]
    return _table(Grid.of(table[[c for c in columns if c in table]], said.APART, (), labels, kinds))


def _table(grid: Grid) -> Markup:
    """A table with the sentences under it; its cells are escaped where they are written."""
    return Markup(grid.html)  # noqa: S704


@lru_cache(maxsize=1)
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["said"] = said
    found.filters["sentence"] = sentence
    return found


def fill(template: str, **parts: Any) -> str:
    """A part of a page from its template, which escapes whatever is put into it."""
    return _templates().get_template(template).render(**parts)
