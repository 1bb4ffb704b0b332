"""The five questions that every measure in a report answers, in sentences read in ten seconds."""

from collections.abc import Mapping

from workbench.words.plain import between, number, verbatim
from workbench.words.signals import READINGS

TITLE = "Five questions for each measure"
LABELS: Mapping[str, str] = {
    "measure": "Measure",
    "now": "Where are we now?",
    "start": "Where did we start?",
    "going": "Where are we going?",
    "known": "How will we know?",
    "do": "What do we need to do?",
}
GOING = {
    "pass": "Target {target}: as things are, met nearly every {interval}.",
    "fail": "Target {target}: as things are, missed nearly every {interval}.",
    "hit or miss": "Target {target}: as things are, met in some {interval}s and missed in others "
    "by chance.",
}
NO_TARGET = "No target is set."
CANNOT_TELL = "Target {target}: whether it can be relied on cannot be told yet."
NOT_RELIED = "Target {target}; the latest figure is {side} it. One figure does not say whether it "
NOT_RELIED += "can be relied on."
KNOWN = {
    "limits": "A signal: a {interval} outside {usual}, seven in a row on one side of {mean}, "
    "or seven in a row rising or falling.",
    "season": "A signal: a {interval} outside {usual}, which is the year before and its ups and "
    "downs.",
    "stock": "It has no usual range: watch what comes in and what goes out.",
    "none": "There is no usual range yet: too few complete {interval}s.",
}
FIRM = {
    "pass": "The target is met: ask whether it is still the right one.",
    "fail": "The target is out of reach as the work is done now: change how it is done, or the "
    "target.",
    "hit or miss": "To meet the target every {interval}, change how the work is done.",
}
DO = {
    "improvement": "Find out what was different, keep it, and tell those who did it.",
    "concern": "Check that the records are all in, then ask {whom} what was different.",
    "high": "Ask {whom} what lies behind it: higher is neither good nor bad by itself.",
    "low": "Ask {whom} what lies behind it: lower is neither good nor bad by itself.",
    "common cause": "Nothing unusual: leave this {interval}'s figure alone.",
    "does not vary": "Check that it is counted anew each {interval}.",
    "stock": "If it is too much or too little, look at what comes in and what goes out.",
    "too few": "Too few people to show: look at {longer}, or at several programmes together.",
    "nobody": "Nothing: there was nobody of whom it could be asked.",
    "not yet": "Wait: more {interval}s have to be complete first.",
}
LONGER = {"month": "quarters", "quarter": "years", "year": "several years"}
THEM = "those who do the work"


def now(value: float | None, when: str, reading: str, unit: str) -> str:
    """Where are we now?"""
    if not when:
        return "No complete figure yet."
    if value is None:
        return f"{READINGS[reading][:1].upper()}{READINGS[reading][1:]} ({when})."
    judged = "" if reading in {"stock", "not yet"} else f": {READINGS[reading]}"
    return f"{number(value, unit)} in {when}{judged}."


def start(value: float | None, when: str, average: bool, unit: str) -> str:
    """Where did we start? `average`: the mean of the first stretch, not one figure."""
    if value is None:
        return "No figure can be shown of the start."
    if average:
        return f"{number(value, unit)} on average in the time from {when}."
    return f"{number(value, unit)} in {when}."


def going(target: float | None, assurance: str | None, side: str, unit: str, interval: str) -> str:
    """Where are we going? `side` of the target that the latest figure is on; empty: not known."""
    if target is None:
        return NO_TARGET
    written = number(target, unit)
    if assurance is not None:
        return GOING[assurance].format(target=written, interval=interval)
    if side:
        return NOT_RELIED.format(target=written, side=side)
    return CANNOT_TELL.format(target=written)


def known(
    meaning: str,
    kind: str,
    interval: str,
    unit: str,
    usual: tuple[float, float] | None = None,
    mean: float | None = None,
) -> str:
    """How will we know? What is counted, and what would be a signal; `kind`: a key of `KNOWN`."""
    said = KNOWN[kind].format(
        interval=interval,
        usual=between(*usual, unit) if usual else "",
        mean=number(mean, unit),
    )
    return f"{meaning} {said}"


def to_do(reading: str, assurance: str | None, interval: str, group: str = "", by: str = "") -> str:
    """What do we need to do? `group`, `by`: the group that moved most, and what it is a group of.

    A target that is out of reach, or met by chance, is a matter of how the work is done; a signal
    is asked about first.
    """
    whom = f"'{verbatim(group)}' ({by.replace('_', ' ')}), which moved most," if group else THEM
    said = DO[reading].format(whom=whom, interval=interval, longer=LONGER[interval])
    settled = reading in {"common cause", "does not vary", "improvement", "concern"}
    if assurance is None or not settled:
        return said
    return f"{said} {FIRM[assurance].format(interval=interval)}"


def block(name: str, answers: Mapping[str, str]) -> str:
    """One measure's answers as a small block, in Markdown: what a narrow screen can show."""
    lines = [f"- **{LABELS[each]}** {answers[each]}" for each in LABELS if each != "measure"]
    title = f"{name[:1].upper()}{name[1:]}"
    return f"### {title}\n\n" + "\n".join(lines)
