"""Segments that an organisation declares in its settings, and who is in each."""

from collections.abc import Iterator

import pandas as pd

from workbench import groups
from workbench.analyses.segments.people import People, kinds
from workbench.definitions import NOT_RECORDED
from workbench.errors import DataError, SettingsError
from workbench.settings import nearest
from workbench.settings.segmenting import NEEDS, OTHERS, Declared
from workbench.store import Workspace
from workbench.words import segments as said


def declared(data: Workspace, asked: People) -> "pd.Series[str]":
    """The declared segment of each of the people, in their order; "others" where none fits.

    A client is in the first segment of settings of which every rule holds; what is not recorded
    fits no rule. An attribute marked so is a number; needs are those identified by the close of
    `asked.day`. Raises as `check`.
    Source: analyst-declared segments, as in the bridges-to-health model (Lynn et al. 2007).
    """
    check(data)
    labels = pd.Series(OTHERS, asked.rows.index, dtype="str")
    free = pd.Series(True, asked.rows.index)
    for each in data.settings.segments.declared:
        fits = free & _fits(each, asked)
        labels, free = labels.mask(fits, each.name), free & ~fits
    return labels


def names(data: Workspace) -> list[str]:
    """The declared segments in their order, and "others"."""
    return [*(each.name for each in data.settings.segments.declared), OTHERS]


def rules_table(data: Workspace) -> pd.DataFrame:
    """The declared segments in words: segment, who is in it, meant_for ("yes" or "no").

    One row a segment, in the order in which they are tried. Facts of the settings, not of people.
    """
    chosen = data.settings.segments
    rows = [
        (
            each.name,
            said.rules(
                {name: each.values(name) for name in each.where},
                each.at_least,
                each.at_most,
                each.needs,
            ),
            "yes" if each.name in chosen.meant_for else "no",
        )
        for each in chosen.declared
    ]
    rows += [(OTHERS, said.OTHERS, "no")] if rows else []
    return pd.DataFrame(rows, columns=["segment", "who", "meant_for"], dtype="str")


def check(data: Workspace) -> None:
    """Refuse rules and points that these records cannot answer.

    Raises SettingsError for an attribute or need that there is not, or of the wrong kind, and
    DataError for a value that never occurs; each with all problems, and the nearest name.
    """
    chosen, known = data.settings.segments, kinds(data)
    problems: list[str] = []
    values: list[tuple[str, str, list[str]]] = []
    for each in chosen.declared:
        place = f"segments.declared: {each.name!r}"
        problems += _wrong_kind(place, [*each.where], "words", known)
        problems += _wrong_kind(place, [*each.at_least, *each.at_most], "number", known)
        values += [(place, name, each.values(name)) for name in each.where]
        values += [(place, NEEDS, list(each.needs))] if each.needs else []
    for name, points in chosen.scorecard.points.items():
        place = "segments.scorecard.points"
        problems += [] if name == NEEDS else _wrong_kind(place, [name], "words", known)
        values.append((place, name, list(points)))
    if problems:
        raise SettingsError(*dict.fromkeys(problems))
    if never := [problem for each in values for problem in _never(data, *each)]:
        raise DataError(*dict.fromkeys(never))


def values_of(data: Workspace, attribute: str) -> list[str]:
    """The values of an attribute among all clients on record; needs by their names."""
    if attribute == NEEDS:
        return sorted(map(str, data.values("needs.need"))) if "needs" in data else []
    if attribute == "age_band" and not data.filled("clients.age_band"):
        return [*groups.AGES, groups.OLDEST]
    own = "enrolments" if attribute in data.tables.enrolments.columns else "clients"
    found = data.values(f"{own}.{attribute}")
    yes_or_no = {True: "yes", False: "no"}
    named = {yes_or_no[each] if isinstance(each, bool) else str(each) for each in found}
    return [*sorted(named), NOT_RECORDED]


def _fits(rule: Declared, asked: People) -> "pd.Series[bool]":
    """Of whom every rule of a segment holds."""
    fits = pd.Series(True, asked.rows.index)
    for name in rule.where:
        fits &= asked.traits[name].isin(rule.values(name))
    for name, low in rule.at_least.items():
        fits &= asked.traits[name] >= low
    for name, high in rule.at_most.items():
        fits &= asked.traits[name] <= high
    if rule.needs:
        fits &= asked.needs[list(rule.needs)].any(axis=1)
    return fits


def _wrong_kind(place: str, used: list[str], kind: str, known: dict[str, str]) -> Iterator[str]:
    for name in used:
        if name not in known:
            yield f"{place}: there is no attribute {name!r}{nearest(name, known)}"
        elif known[name] != kind == "number":
            yield (
                f"{place}: {name!r} is kept as words, not as a number. Name its values under "
                '`where`, or give it kind = "number" under [attributes].'
            )
        elif known[name] != kind:
            yield f"{place}: {name!r} is a number. Give it under `at_least` or `at_most`."


def _never(data: Workspace, place: str, attribute: str, given: list[str]) -> Iterator[str]:
    if attribute == NEEDS and "needs" not in data:
        yield (
            f"{place}: needs: this export has no table of needs. Add a section [sources.needs] to "
            "the settings, or leave the rule out."
        )
        return
    known = values_of(data, attribute)
    for value in given:
        if value not in known:
            what = "need" if attribute == NEEDS else attribute
            yield f"{place}: no client has the {what} {value!r}{nearest(value, known)}"
