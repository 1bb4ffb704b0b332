"""What is said of a measure and its signal, of the records behind it, and of what was forgotten."""

from collections.abc import Mapping, Sequence
from datetime import date

from workbench.words.plain import between, day, listing, number, signed, verbatim

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
    "nobody": "nobody to ask it of",
    "not yet": "not complete yet",
}
ASSURANCE = {
    "pass": "If nothing changes, the target of {target} will be met nearly every time.",
    "fail": "If nothing changes, the target of {target} will be missed nearly every time.",
    "hit or miss": "The target of {target} will be met some {interval}s and missed in others by "
    "chance alone.",
}

TO_DO = {
    "improvement": "Find out what went well, tell those who did it, and watch whether it lasts.",
    "concern": "Check first that the records are all in; then ask those who do the work what was "
    "different, before deciding anything.",
    "high": "Find out what lies behind it: more than usual is neither good nor bad by itself.",
    "low": "Find out what lies behind it: less than usual is neither good nor bad by itself.",
    "common cause": "Nothing about this one figure. To move it, change the service; reacting to "
    "ordinary ups and downs only adds to them.",
    "does not vary": "Check that it is really counted anew each time.",
    "stock": "Look at what goes in and what comes out, which make it rise and fall.",
    "too few": "Look at a longer period, or at several programmes together.",
    "nobody": "Nothing: there was nobody of whom it could be asked.",
    "not yet": "Wait for more complete months.",
}
CANNOT_TELL = {
    "count": "Whether those who came are those the service is meant for.",
    "proportion": "Why: the people behind the figure differ from month to month.",
    "rate": "Who is behind it: a few people can make up most of it.",
    "mean": "How it was for any one person: a few long cases move an average.",
    "stock": "How much work it means: one case is not like another.",
}
NOTHING_COMPLETE = "No interval of it is complete yet, so there is nothing to read."
NOT_SPLIT = "The groups behind it are too small, or too alike, to say where the change came from."


def under_chart(meaning: str, told: Sequence[str], to_do: str, cannot: Sequence[str]) -> str:
    """What stands under a chart, in Markdown: what it shows, what to do, what it cannot tell."""
    return (
        f"**What it shows.** {meaning} {' '.join(told)}\n\n"
        f"**What to do about it.** {to_do}\n\n"
        f"**What it cannot tell you.** {' '.join(cannot)}"
    )


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
    if reading == "nobody":
        return f"{name}: there was nobody in {interval} of whom it could be asked."
    said = f"{name} stood at {number(value, unit)} in {interval}"
    if reading == "stock":
        return (
            f"{said}. A number that carries over from month to month has no usual range; "
            "what comes in and what goes out is judged instead."
        )
    if reading == "does not vary":
        return f"{said}, as in every interval before. It does not vary."
    if reading == "not yet" or usual is None:
        return f"{said}. There is no usual range to judge it by yet."
    range_of = f"its usual range of {between(*usual, unit)}"
    if reading == "common cause":
        return f"{said}, within {range_of}. Nothing unusual happened."
    if rule == "outside limits":
        above = value is not None and value > usual[1]
        near = number(value, unit) == number(usual[above], unit)  # alike once they are rounded
        side = f"{'just ' if near else ''}{'above' if above else 'below'}"
        return f"{said}, {side} {range_of}: {READINGS[reading]}."
    return f"{said}, {RULES.get(str(rule), 'unusual')}: {READINGS[reading]}."


def assurance(
    kind: str | None, target: float | None, unit: str = "", interval: str = "month"
) -> str:
    """Whether a target can be relied on; empty where there is none."""
    if kind is None or target is None:
        return ""
    return ASSURANCE[kind].format(target=number(target, unit), interval=interval)


def known(as_of: date, complete_to: date, left_out: Mapping[str, int | None]) -> str:
    """What a report rests on: until when, how complete, and who is not in it."""
    said = f"This is what was known on {day(as_of)}."
    if complete_to < as_of:
        said += (
            f" Records can be relied on up to {day(complete_to)}; later ones are still coming in."
        )
    missing = [
        f"{'a few' if count is None else count} ({reason})"
        for reason, count in left_out.items()
        if count != 0
    ]
    if missing:
        said += f" Clients left out: {listing(missing)}."
    return said


def provisional(points: int) -> str:
    """That limits rest on few points."""
    return f"The usual range rests on {points} points only and may still move."


def rebase(measure: str, change: str, when: date) -> str:
    """That a shift began at a logged change, and how a person confirms new limits from there."""
    return (
        f"A lasting shift begins at a logged change ({verbatim(change)}, {day(when)}). If it is "
        "here to stay, confirm new limits from then on in the settings, under "
        f'[measures."{measure}"] rebase_at.'
    )


def incomplete(last_complete: str) -> str:
    """That late entries are still to come."""
    return (
        f"What came after {last_complete}: late entries, or the time that has to pass, are still "
        "to come, so those points are hollow and not judged."
    )


def seasonal(measure: str) -> str:
    """That a measure is judged against the year before."""
    return (
        f"{measure[:1].upper()}{measure[1:]} has a season, so each month is judged against the "
        "same month a year before."
    )


def explained(
    measure: str,
    up: bool,
    volume: float,
    mix: float,
    rate: float,
    largest: str,
    by: str,
    unit: str,
) -> str:
    """Where a flagged change came from: more or fewer people, other people, or other results."""
    parts = {
        "more or fewer people": volume,
        "a different mix of people": mix,
        "different results for the same kind of people": rate,
    }
    way, by = ("rise" if up else "fall"), by.replace("_", " ")
    biggest = max(parts, key=lambda name: abs(parts[name]))
    if abs(parts[biggest]) < 1e-9:
        return f"By {by}, the {way} in {measure} cannot be traced to any group."
    return (
        f"By {by}, most of the {way} goes with {biggest} ({signed(parts[biggest], unit)}); "
        f"of its groups, '{verbatim(largest)}' counts most."
    )


def not_explained() -> str:
    """Why ordinary months get no story."""
    return "Nothing unusual; we do not explain ordinary variation."


def chance(expected: float, measures: int) -> str:
    """How many flags chance alone would raise."""
    about = "fewer than one" if expected < 1 else f"about {round(expected)}"
    return (
        f"{measures} measures have a usual range. Chance alone would flag {about} of the points "
        "judged on their charts: a single flag is a reason to ask, not a finding."
    )


def to_mend(source: str, column: str, problem: str, advice: str) -> str:
    """What to do about rows that were repaired or set aside."""
    place = ": ".join(each for each in (source, column) if each)
    end = "" if problem.endswith("?") else "."
    return f"{place} {problem}{end} {advice}".strip()


def forgotten(snapshots: int, runs: int) -> str:
    """What forgetting a client came to."""
    if not snapshots:
        return (
            "No snapshot holds this id, so nothing was erased: check how it is spelt. It is left "
            "out of every load to come."
        )
    reports = "No report was made of them." if not runs else f"Reports made of them: {runs}."
    return (
        f"Erased from {snapshots} snapshot{'s' * (snapshots > 1)}, and left out of every load to "
        f"come. Their rows in the export itself are yours to remove. {reports}"
    )


def nearby(changes: Sequence[tuple[date, str]]) -> str:
    """Logged changes near a flagged point, without claiming that they are the reason."""
    if not changes:
        return "No change to the service was logged around this time."
    said = listing([f"{verbatim(text)} ({day(when)})" for when, text in changes])
    return (
        f"Logged nearby: {said}. That they fall together does not show that one led to the other."
    )
