"""What a board is told: one sentence a measure, and what it is asked to decide."""

from collections.abc import Sequence

from workbench.words.plain import between, listing, number, verbatim
from workbench.words.signals import READINGS

TARGETS = {
    "pass": "the target of {target} will be met nearly every time if nothing changes",
    "fail": "the target of {target} will be missed nearly every time unless something changes",
    "hit or miss": "the target of {target} is met in some {interval}s and missed in others by "
    "chance alone",
}
NO_DECISION = "No decision is asked for: no target is being missed for good."
SIGNAL_LABELS = {"sentence": "Since the last report", "noted": "What is known", "by": "Noted by"}
CHANGE_LABELS = {"change_date": "Date", "description": "Change", "sentence": "What followed"}


def sentence(
    name: str,
    value: float | None,
    interval: str,
    reading: str,
    *,
    unit: str = "",
    usual: tuple[float, float] | None = None,
    target: float | None = None,
    assurance: str | None = None,
    length: str = "month",
) -> str:
    """One measure in one sentence: where it is, whether that is unusual, and its target.

    `reading`: a key of `words.READINGS`; `assurance`: "pass", "fail", "hit or miss" or None.
    """
    title = name[:1].upper() + name[1:]
    if value is None:
        why = {
            "nobody": f"nobody was there in {interval} of whom it could be asked",
            "too few": f"too few people in {interval} to show a figure",
        }.get(reading, "no complete figure yet")
        return f"{title}: {why}."
    said = f"{title}: {number(value, unit)} in {interval}"
    if reading == "stock":
        said += " (on its last day), which is shown and not judged"
    elif reading == "does not vary":
        said += f", {READINGS[reading]}"
    elif usual is None:
        said += ", with no usual range to judge it by yet"
    elif reading == "common cause":
        said += f", within its usual range ({between(*usual, unit)})"
    else:
        said += f", {READINGS[reading]} (which is {between(*usual, unit)})"
    return f"{said}{_target(target, assurance, unit, length)}."


def decide(name: str, value: float | None, target: float, unit: str, worse: bool) -> str:
    """What a measure asks the board to decide: its target will be missed as things are."""
    now = "" if value is None else f" (now {number(value, unit)}{', worse than usual' * worse})"
    return (
        f"What to change about the {name}{now}, which will miss its target of "
        f"{number(target, unit)} nearly every time unless something changes"
    )


def decisions(asked: Sequence[str]) -> str:
    """The decisions as a list, in Markdown."""
    if not asked:
        return NO_DECISION
    return "\n".join(f"{at}. {text.rstrip('.')}." for at, text in enumerate(asked, start=1))


def attention(worse: Sequence[str], better: Sequence[str], other: Sequence[str], of: int) -> str:
    """Which measures are out of the ordinary, in a sentence; good news as well as bad."""
    parts = [
        f"{what} than usual: {listing([verbatim(name) for name in names])}."
        for names, what in ((worse, "Worse"), (better, "Better"), (other, "Higher or lower"))
        if names
    ]
    left = of - len(worse) - len(better) - len(other)
    if not parts:
        return f"None of the {of} measures is out of the ordinary."
    if left:
        parts.append(f"The other {left} are as usual or cannot be judged.")
    return " ".join(parts)


def _target(target: float | None, assurance: str | None, unit: str, length: str) -> str:
    if target is None:
        return ""
    if assurance is None:
        return f"; the target is {number(target, unit)}"
    return f"; {TARGETS[assurance].format(target=number(target, unit), interval=length)}"
