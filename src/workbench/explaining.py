"""`data.explain("success rate")`: definitions in words, from where each thing is declared."""

import difflib
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any

from pydantic import BaseModel

from workbench import measures
from workbench.desk.needs import MORE_WITH, NEEDS
from workbench.display import Text
from workbench.settings import Settings
from workbench.store import Workspace
from workbench.tables import dictionary, with_attributes
from workbench.words import explaining as said

MOST_NAMED = 3
PLACES = {"folder", "data.path"}  # where files lie is nobody else's business
Lines = Callable[[], list[str]]


class Explainer:
    """Says what something is: `data.explain("success rate")`, or `data.explain["success rate"]`."""

    def __init__(self, data: Workspace) -> None:
        self._data = data

    def __call__(self, name: str = "") -> Text:
        """What a measure, table, column, outcome, setting or word means, as text.

        A column is named alone or as "table.column", a setting as "part.key". What is unknown is
        answered with the nearest names.
        """
        known, wanted = self._known, _plain(name)
        if not wanted:
            return Text(said.EMPTY)
        found = [(title, kind, lines) for title, kind, lines in known if wanted in _names(title)]
        if not found:
            return Text(said.unknown(name, _nearest(wanted, [title for title, *_ in known])))
        parts = [
            "\n".join([said.heading(title, kind), "", *(f"- {each}" for each in lines())])
            for title, kind, lines in found
        ]
        return Text("\n\n".join(parts))

    __getitem__ = __call__

    def _ipython_key_completions_(self) -> list[str]:
        return self.names

    @property
    def names(self) -> list[str]:
        """Everything that can be explained, by its name; each name once."""
        return list(dict.fromkeys(title for title, *_ in self._known))

    @property
    def measures(self) -> list[str]:
        """The names of the measures."""
        return [title for title, kind, _ in self._known if kind == "measure"]

    @cached_property
    def _known(self) -> list[tuple[str, str, Lines]]:
        return list(_known(self._data))


def _known(data: Workspace) -> Iterator[tuple[str, str, Lines]]:
    """All that can be explained: its name, its kind, and what gives the lines about it."""
    settings = data.settings
    for row in measures.dictionary(data).to_dict("records"):
        if row["meaning"]:
            yield row["measure"], "measure", partial(_measure, data, row)
    for name in said.WORDS:
        yield name, "word", partial(_word, data, name)
    outcomes = set(settings.outcomes.success)
    outcomes |= set(data.values("outcomes.outcome")) if "outcomes" in data else set()
    for name in sorted(outcomes):
        yield name, "outcome", partial(_outcome, data, name)
    rows = dictionary(with_attributes(settings.attributes)).to_dict("records")
    for table in dict.fromkeys(row["table"] for row in rows):
        own = [row for row in rows if row["table"] == table]
        yield table, "table", partial(_table, data, table, own)
    for row in rows:
        place = f"{row['table']}.{row['column']}"
        yield place, "column", partial(_column, row, data.filled(place))
    for place, meaning, value in _settings(settings):
        yield place, "setting", partial(said.setting, meaning, said.value(value))


def _column(row: dict[Any, Any], filled: bool) -> list[str]:
    return said.column(row["table"], row["meaning"], row["kind"], row["allowed"], filled)


def _measure(data: Workspace, row: dict[Any, Any]) -> list[str]:
    name = row["measure"]
    own = data.settings.measures.get(name)
    unit = "%" if row["kind"] == "proportion" or "share" in row["unit"] else ""
    target = measures.definition(data, name).target
    source = said.FROM_SETTINGS if own and own.target is not None else said.FROM_TABLE
    lines = said.measure(row["meaning"], row["numerator"], row["denominator"], row["unit"])
    lines += said.counts(_values(data.settings, _DECIDED_BY.get(name, ())))
    lines += said.judged(row["better"] or None, target, unit, source)
    lines += [said.not_allowed(row["why_not"])] if row["why_not"] else []
    return [*lines, said.stands_in(_notebooks(data, name)), said.section(said.METHODS["measure"])]


_CONTACTS = ("contacts.channels", "contacts.group_sessions", "contacts.administrative")
_SUCCESS = ("outcomes.success", "outcomes.horizon_days")
_DECIDED_BY = {
    "start rate": ("reporting.start_within_days",),
    "contacts per client-week": _CONTACTS,
    "attendance rate": _CONTACTS,
    "disengagement rate": ("exits.disengagement",),
    "success rate": _SUCCESS,
    "outcome not known": _SUCCESS,
    "entered in time": ("reporting.entry_within_days",),
}


def _notebooks(data: Workspace, measure: str) -> list[str]:
    """The notebooks that show a measure: that of all measures, and those of its readers."""
    readers = [
        each.notebook
        for each in data.settings.audiences.values()
        if not each.measures or measure in each.measures
    ]
    return list(dict.fromkeys(["performance", *readers]))


def _word(data: Workspace, name: str) -> list[str]:
    meaning, places = said.WORDS[name]
    lines = [meaning, *said.counts(_values(data.settings, places))]
    if name == "as-of date":
        lines.append(said.setting("", str(data.as_of))[0])
    if name == "complete to":
        lines.append(said.setting("", str(data.complete_to))[0])
    return [*lines, said.section(said.METHODS["word"])]


def _outcome(data: Workspace, name: str) -> list[str]:
    settings = data.settings.outcomes
    recorded = "outcomes" in data and name in data.values("outcomes.outcome")
    lines = said.outcome(name in settings.success, settings.horizon_days, recorded)
    return [*lines, said.section(said.METHODS["outcome"])]


def _table(data: Workspace, table: str, rows: list[dict[Any, Any]]) -> list[str]:
    required = [row["column"] for row in rows if row["required"]]
    other = [row["column"] for row in rows if not row["required"]]
    lines = said.table(rows[0]["grain"], required, other, table in data)
    uses = [name for name in NEEDS if table in (*NEEDS[name], *MORE_WITH.get(name, ()))]
    return [*lines, *([said.stands_in(uses)] if uses else [])]


def _settings(part: BaseModel, place: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every setting: its place as "part.key", what it means, its value. Not where files lie."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        if f"{place}{name}" in PLACES:
            continue
        if isinstance(value, BaseModel):
            yield from _settings(value, f"{place}{name}.")
        else:
            yield f"{place}{name}", field.description or "", value


def _values(settings: Settings, places: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in places:
        at: Any = settings
        for part in place.split("."):
            at = getattr(at, part)
        found[place] = said.value(at)
    return found


def _names(title: str) -> set[str]:
    """What something may be called: its name, and for "table.column" the column alone."""
    return {_plain(title), _plain(title.rpartition(".")[2])}


def _plain(name: str) -> str:
    return " ".join(str(name).replace("_", " ").lower().split())


def _nearest(wanted: str, titles: list[str]) -> list[str]:
    """The nearest names: those that hold what was asked, then those written alike."""
    names = {plain: title for title in reversed(titles) for plain in _names(title)}
    inside = [title for plain, title in names.items() if len(wanted) > 2 and wanted in plain]
    close = difflib.get_close_matches(wanted, names, n=MOST_NAMED, cutoff=0.7)
    return list(dict.fromkeys([*(names[each] for each in close), *inside]))[:MOST_NAMED]
