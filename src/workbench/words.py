"""Every sentence about a finding that a person reads, in one place: British English, no jargon.

Each function takes plain values and returns a sentence; none looks at data.
"""

from collections.abc import Sequence
from datetime import date

RULES = {
    "outside limits": "outside its usual range",
    "trend": "the seventh month or more in a row moving the same way",
    "two of three": "one of two months out of three close to the edge of the usual range",
    "shift": "one of seven months or more in a row on the same side of the average",
}
READINGS = {
    "improvement": "better than usual",
    "concern": "worse than usual",
    "high": "higher than usual",
    "low": "lower than usual",
    "common cause": "as usual",
    "does not vary": "always the same",
    "stock": "counted, not judged",
    "too few": "too few people to show",
    "not yet": "not complete yet",
}
ASSURANCE = {
    "pass": "If nothing changes, the target of {target} will be met nearly every time.",
    "fail": "If nothing changes, the target of {target} will be missed nearly every time.",
    "hit or miss": "The target of {target} will be met some {interval}s and missed in others by "
    "chance alone.",
}


def number(value: float | None, unit: str = "", decimals: int | None = None) -> str:
    """A number as it is read: 61%, 1,234, 12.3 days; "not shown" for a missing one."""
    if value is None or value != value:
        return "not shown"
    if unit == "%":
        return f"{100 * value:.{0 if decimals is None else decimals}f}%"
    if decimals is None:
        decimals = 0 if float(value).is_integer() or abs(value) >= 100 else 1
    return f"{value:,.{decimals}f}{f' {unit}' if unit else ''}"


def day(value: date) -> str:
    """A day as it is read: 30 November 2025."""
    return f"{value.day} {value:%B %Y}"


def listing(names: Sequence[str], last: str = "and") -> str:
    """Names in a row: "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def signal(
    measure: str,
    value: float | None,
    interval: str,
    reading: str,
    *,
    unit: str = "",
    rule: str | None = None,
    usual: tuple[float, float] | None = None,
) -> str:
    """What one point of a chart tells: is it different, or is it noise?

    `reading`: a key of `READINGS`; `usual`: the limits in force, as released.
    """
    name = measure[:1].upper() + measure[1:]
    if reading == "too few":
        return f"{name}: too few people in {interval} to show a figure."
    said = f"{name} was {number(value, unit)} in {interval}"
    if reading == "stock":
        return (
            f"{said}. A number that carries over from month to month has no usual range; "
            "what comes in and what goes out is judged instead."
        )
    if reading == "does not vary":
        return f"{said}, as in every interval before. It does not vary."
    if reading == "not yet" or usual is None:
        return f"{said}. There is no usual range to judge it by yet."
    between = f"{number(usual[0], unit)} to {number(usual[1], unit)}"
    if reading == "common cause":
        return f"{said}, within its usual range of {between}. Nothing unusual happened."
    if rule == "outside limits":
        side = "above" if value is not None and value > usual[1] else "below"
        return f"{said}, {side} its usual range of {between}: {READINGS[reading]}."
    return f"{said}, {RULES.get(str(rule), 'unusual')}: {READINGS[reading]}."


def assurance(
    kind: str | None, target: float | None, unit: str = "", interval: str = "month"
) -> str:
    """Whether a target can be relied on; empty where there is none."""
    if kind is None or target is None:
        return ""
    return ASSURANCE[kind].format(target=number(target, unit), interval=interval)


def provisional(points: int) -> str:
    """That limits rest on few points."""
    return f"The usual range rests on {points} points only and may still move."


def incomplete(interval: str, complete_to: date) -> str:
    """That late entries for an interval are still to come."""
    return (
        f"{interval} is not complete yet: records can be relied on up to {day(complete_to)}. "
        "It is shown hollow and not judged."
    )


def seasonal(measure: str) -> str:
    """That a measure is judged against the year before."""
    return (
        f"{measure[:1].upper()}{measure[1:]} has a season, so each month is judged against the "
        "same month a year before."
    )


def explained(
    measure: str, up: bool, volume: float, mix: float, rate: float, largest: str, unit: str
) -> str:
    """Where a flagged change came from: more or fewer people, other people, or other results."""
    parts = {
        "more or fewer people": volume,
        "a different mix of people": mix,
        "different results for the same kind of people": rate,
    }
    moved = {name: part for name, part in parts.items() if abs(part) > 1e-9}
    way = "rise" if up else "fall"
    if not moved:
        return f"The {way} in {measure} cannot be traced to any group."
    biggest = max(moved, key=lambda name: abs(moved[name]))
    said = f"Most of the {way} goes with {biggest} ({_signed(parts[biggest], unit)})"
    return f"{said}; the group that counts most is {largest}." if largest else f"{said}."


def not_explained() -> str:
    """Why ordinary months get no story."""
    return "Nothing unusual; we do not explain ordinary variation."


def chance(expected: float, measures: int) -> str:
    """How many flags chance alone would raise."""
    about = "fewer than one" if expected < 1 else f"about {round(expected)}"
    return (
        f"With {measures} measures, chance alone would flag {about} of the points shown on these "
        "charts. A single flag is a reason to ask, not a finding."
    )


def nearby(changes: Sequence[tuple[date, str]]) -> str:
    """Logged changes near a flagged point, without claiming that they are the reason."""
    if not changes:
        return "No logged change to the service is near it."
    said = listing([f"{text} ({day(when)})" for when, text in changes])
    return (
        f"Logged nearby: {said}. That they fall together does not show that one led to the other."
    )


def _signed(value: float, unit: str) -> str:
    if unit == "%":
        return f"{100 * value:+.0f} points"
    return f"{value:+,.1f}{f' {unit}' if unit else ''}"
