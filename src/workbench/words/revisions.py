"""Why a number is not what the last report said: late entry, edits, definitions, what happened."""

from collections.abc import Mapping, Sequence
from datetime import date

from workbench.words.plain import day, listing, number, signed

FIRST = "This is the first report of this export on record, so nothing can have changed since."
FIRST_SHORT = "this is the first report of this export on record"
NOT_KEPT = (
    "The settings of the last report were not kept, so what a changed definition did is not told "
    "apart."
)
FORGOTTEN = (
    "Clients have asked to be forgotten since: the last report's figures are worked out again "
    "without them, and can differ from those printed."
)
PARTS = {
    "late_entry": "from records entered late",
    "edited": "from records edited, removed or put back",
    "definition": "from changed settings",
    "happened": "from what happened since",
}
RESTATED = {"late_entry": "late entry", "edited": "edits", "definition": "changed settings"}
LABELS = {
    "then": "Last report",
    "interval_then": "It spoke of",
    "late_entry": "Late entry",
    "edited": "Edited or removed",
    "definition": "Changed settings",
    "happened": "What happened since",
    "now": "Now",
    "interval_now": "Now speaks of",
}
SECTIONS = {
    "outcomes": "which outcomes count as success and in what time",
    "contacts": "what counts as contact",
    "exits": "what exit reasons mean",
    "measures": "the definition of {names}",
    "year": "when the year begins",
    "reporting": "the intervals and time limits of measures",
    "reading": "how the files are read (what that changes is among the edits)",
    "disclosure": "how small numbers are protected (both figures are shown under today's rule)",
}
WHY = {
    "hidden": "too small to show in one of its versions, so its change is not split.",
    "new": "not in the last report.",
    "length": "by month in one report and by quarter in the other, so they are not compared.",
    "nobody": "there was nobody of whom it could be asked, then or now.",
    "not yet": "not complete in one of the two reports, so there is nothing to compare.",
}
READ = (
    "**How to read it.** *Last report* is the figure given then; *now* is the figure given today. "
    "The four parts between add up to the difference. *Late entry*: records that came in since, "
    "and blanks filled in, about the time the last report spoke of. *Edited or removed*: records "
    "that said something else then, were taken out, or were put back. *Changed settings*: the "
    "same records, counted by another rule. *What happened since*: the rest, from the time of the "
    "last report to now.\n\n"
    "**What to do about it.** Where late entry is large, wait longer before a figure is called "
    "complete, or ask what keeps records from being typed in. Where edits are large, ask who "
    "corrected what. A changed rule is to be told with the figure.\n\n"
    "**What it cannot tell you.** Why something happened. Nor what a newer version of the "
    "workbench counts otherwise: both reports are worked out by today's."
)


def measure(
    name: str,
    then: float,
    now: float,
    when: tuple[str, str],
    parts: Mapping[str, float],
    unit: str = "",
) -> str:
    """One measure: what the last report said, what is said now, and what lies between.

    `when`: the intervals that the two figures are of. `parts`: by keys of `PARTS`.
    """
    title = name[:1].upper() + name[1:]
    told = [
        f"{signed(parts[each], unit)} {said}" for each, said in PARTS.items() if counts(parts[each])
    ]
    if not told:
        both = when[0] if when[0] == when[1] else f"{when[0]} and in {when[1]}"
        return f"{title}: {number(then, unit)} in {both}, no change."
    if when[0] == when[1]:
        said = f"{number(then, unit)} was said of {when[0]}, now it is {number(now, unit)}"
    else:
        said = f"{number(then, unit)} in {when[0]}, {number(now, unit)} in {when[1]}"
    return f"{title}: {said}: {listing(told)}."


def not_split(name: str, why: str) -> str:
    """A measure whose change is not taken apart; `why`: a key of `WHY`."""
    return f"{name[:1].upper()}{name[1:]}: {WHY[why]}"


def counts(part: float) -> bool:
    """Whether a part is more than nothing."""
    return abs(part) > 1e-9


def differs(then: float, again: float, unit: str) -> bool:
    """Whether two figures are written otherwise: what rounding swallows is no revision."""
    return number(then, unit) != number(again, unit)


def restated(name: str, by: float, part: str, unit: str) -> str:
    """A measure whose figure of the last report is another by now; `part` did most of it."""
    return f"{name} ({signed(by, unit)}, mostly {RESTATED[part]})"


def since(period: str, again: bool, changed: Sequence[str], more: int) -> str:
    """Which figures of the last report are others by now; `changed` from `restated`."""
    last = (
        f"since this report was last made ({period})"
        if again
        else f"since the last report ({period})"
    )
    if not changed:
        return f"no figure has been revised {last}"
    others = [f"{more} other{'s' * (more > 1)}"] if more else []
    return f"revised {last}: {listing([*changed, *others])}"


def first_line(complete_to: date, not_known: str, changed: str) -> str:
    """The board's first line: until when, how much is not known, what was revised."""
    said = "; ".join(each for each in (not_known, changed) if each)
    return f"Complete to {day(complete_to)}; {said}."


def not_known(share: float | None) -> str:
    """How much of the outcomes nobody knows."""
    if share is None:
        return "the share of outcomes not known cannot be shown"
    return f"{number(share, '%')} of outcomes not known"


def settings_changed(sections: Mapping[str, Sequence[str]]) -> str:
    """Which rules are others since the last report; empty where none is."""
    said = [SECTIONS[each].format(names=listing(names)) for each, names in sections.items()]
    return f"Changed in the settings since: {listing(said)}." if said else ""


def overall(period: str, again: bool, revised: int, split: int) -> str:
    """What became of the last report's figures, in a sentence."""
    which = "when this report was last made" if again else f"in the last report ({period})"
    if not split:
        return f"No figure given {which} can be compared with today's."
    if not revised:
        return f"All {split} figures given {which} that can be compared would be given the same."
    return (
        f"Of {split} figures given {which} that can be compared, {revised} would be given "
        "differently today."
    )
