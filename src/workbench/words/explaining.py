"""What `data.explain` says of measures, tables, columns, outcomes, settings and words."""

from collections.abc import Mapping, Sequence

from workbench.words.plain import listing, number, verbatim

KINDS = {
    "measure": "a measure",
    "table": "a table",
    "column": "a column",
    "outcome": "an outcome",
    "setting": "a setting",
    "word": "a word of the workbench",
}
BETTER = {
    "up": "More of it is better.",
    "down": "Less of it is better.",
    None: "Neither more nor less of it is better by itself.",
}
METHODS = {
    "measure": 'docs/methods.md, "1. Which records count" and "2. Signals"',
    "outcome": 'docs/methods.md, "1. Which records count"',
    "word": 'docs/methods.md, "1. Which records count"',
}
WORDS: Mapping[str, tuple[str, tuple[str, ...]]] = {  # what it means, settings that decide it
    "contact": (
        "A contact that was offered, kept or missed, through a channel that counts as contact.",
        ("contacts.channels", "contacts.group_sessions", "contacts.administrative"),
    ),
    "success": (
        "An outcome that counts as success, achieved within the horizon after the start. Not known "
        "is neither success nor failure.",
        ("outcomes.success", "outcomes.horizon_days"),
    ),
    "disengagement": (
        "A client drifted away: the stay ended for a reason that settings call disengagement.",
        ("exits.disengagement",),
    ),
    "completion": (
        "A stay that ended as it should: for a reason that settings call completion.",
        ("exits.completion",),
    ),
    "as-of date": (
        "The last day that counts as known. What is dated later is left out; an end dated later is "
        "not known yet.",
        (),
    ),
    "complete to": (
        "The day up to which records can be taken as complete: the last day with records, less the "
        "time that entries usually take.",
        ("reporting.complete_from",),
    ),
    "enrolment": ("A client's time with a programme. A client can have several.", ()),
    "landmark": (
        "The day of the stay by which something counts as received or early; what comes out of it "
        "is counted from that day on.",
        ("comparison.landmark_days", "journeys.landmark_days"),
    ),
}
EMPTY = (
    'Ask for a word: `data.explain("success rate")`. It knows measures, tables, columns, outcomes, '
    'settings and words; `data.explain["` and the Tab key list them.'
)


def heading(name: str, kind: str) -> str:
    """What is explained, and what kind of thing it is."""
    return f"**{_code(name)}**, {KINDS[kind]}"


def unknown(asked: str, close: Sequence[str]) -> str:
    """That there is nothing of a name, and what is nearest."""
    if close:
        names = listing([_code(each) for each in close], "or")
        return f"There is nothing called {_code(asked)} here. Did you mean {names}?"
    return f"There is nothing called {_code(asked)} here. {EMPTY}"


def _code(name: str) -> str:
    """A name as it is typed; one with a mark in it that would end that is written out instead."""
    return verbatim(name) if "`" in name else f"`{name}`"


def measure(meaning: str, numerator: str, denominator: str, unit: str) -> list[str]:
    """What a measure is, counted from what, in which unit."""
    lines = [verbatim(meaning), f"Counted: {verbatim(numerator)}."]
    lines += [f"Out of: {verbatim(denominator)}."] if denominator else []
    return [*lines, f"Unit: {verbatim(unit)}."]


def judged(better: str | None, target: float | None, unit: str, source: str) -> list[str]:
    """Which way is good, and the target with its source."""
    said = [BETTER[better]]
    if target is None:
        return [*said, "No target is set."]
    return [*said, f"Target: {number(target, unit)}, from {source}."]


FROM_SETTINGS = "the settings"
FROM_TABLE = "the table of targets, in force on the as-of date"


def not_allowed(reason: str) -> str:
    """That an export does not allow a measure."""
    return f"This export does not allow it: {verbatim(reason)}"


def counts(values: Mapping[str, str]) -> list[str]:
    """What counts by these settings: a line for each setting and its value."""
    return [f"By the settings, `{name}` = {verbatim(value)}." for name, value in values.items()]


def value(found: object) -> str:
    """A setting's value as it is read."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, (tuple, list)):
        return listing([str(each) for each in found]) or "(empty)"
    if isinstance(found, Mapping):
        return listing([str(each) for each in found]) or "(empty)"
    return "(empty)" if found in (None, "") else str(found)


def table(grain: str, required: Sequence[str], other: Sequence[str], there: bool) -> list[str]:
    """What a table holds: one row of what, which columns, and whether this export has it."""
    said = [f"It has {verbatim(grain)}."]
    if required:
        said.append(f"Columns it cannot do without: {listing([*map(_code, required)])}.")
    if other:
        said.append(f"Further columns: {listing([*map(_code, other)])}.")
    return [*said, "This export has it." if there else "This export does not have it."]


def column(table: str, meaning: str, kind: str, allowed: str, filled: bool) -> list[str]:
    """What a column of a table means, and whether it holds anything here."""
    said = [f"In the table `{table}`: {verbatim(meaning)}; {kind}."]
    said += [f"Allowed: {verbatim(allowed)}."] if allowed else []
    return said if filled else [*said, "It is empty in this export."]


def outcome(success: bool, horizon: int, recorded: bool) -> list[str]:
    """What an outcome is here: whether it counts as success, and by when."""
    said = [
        f"It counts as success when it is achieved within {horizon} days of the start."
        if success
        else "It is recorded, and does not count as success."
    ]
    return said if recorded else [*said, "No row of this export has it."]


def setting(meaning: str, value: str) -> list[str]:
    """What a setting decides, and its value."""
    said = [f"{verbatim(meaning[:1].upper())}{verbatim(meaning[1:])}."] if meaning else []
    return [*said, f"Here: {verbatim(value)}."]


def stands_in(notebooks: Sequence[str]) -> str:
    """In which notebooks it stands."""
    return f"Stands in the notebooks: {listing([f'`{each}`' for each in notebooks])}."


def section(place: str) -> str:
    """Where the method is written down."""
    return f"Method: {place}."
