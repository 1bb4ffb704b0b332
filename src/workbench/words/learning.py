"""What is said of signals from report to report, and of changes that were made."""

from workbench.words.plain import between, signed
from workbench.words.signals import READINGS

STATES = {
    "new": "New in this report",
    "continuing": "In the last report too",
    "resolved": "In the last report, and no longer now",
}
LIMITS_MOVED = "Its usual range is not the one of the last report."
NO_SIGNALS = "No measure is out of the ordinary, and none was in the last report."
HOW_TO_NOTE = (
    "Whoever knows what is behind a signal can say so, for the next report: "
    '`workbench note SIGNAL "what we know"`.'
)
NO_CHANGES = "No change to the service is on record with the measure that it was to move."
READ_CHANGES = (
    "Each change is read against the course that the measure was on: one trend, and a step at the "
    "change. The two months before a change take no part, because changes tend to follow bad "
    "months, and the next would be better anyway. With 24 months or more a season is allowed "
    "for; with fewer it can pass for a move. What changes little by little is no step, and is "
    "mostly not seen. Where the change was made in one place, its "
    "measure is set against all others. It says whether the measure moved then, not that the "
    "change moved it: whatever else began in those weeks looks the same."
)


def signal(state: str, reading: str, limits_moved: bool = False) -> str:
    """What became of a signal since the last report."""
    what = "" if state == "resolved" else f": {READINGS.get(reading, reading)}"
    sentence = f"{STATES[state]}{what}."
    return f"{sentence} {LIMITS_MOVED}" if limits_moved else sentence


def change(
    verdict: str,
    about: str,
    unit: str,
    found: tuple[float, float, float] | None,
    shift: bool = False,
) -> str:
    """What became of a logged change. `found`: the difference and its interval.

    `unit`: "points" for a share, else the measure's word, or "".
    """
    if found is None:
        return {
            "too early to tell": "Too early to tell: six months after it are needed.",
            "too few months before": "Cannot tell: fewer than twelve months before it can be "
            "shown, and it needs these to compare with.",
            "not there": "Cannot tell: the measure is hidden or not there.",
        }[verdict]
    middle, low, high = found
    size = f"{signed(middle, unit)} (95% interval {between(low, high, unit)})"
    where = f" in {about}, against all others" if about else ""
    told = {
        "moved as expected": f"The measure moved as expected{where}: {size}.",
        "moved the other way": f"The measure moved the other way{where}: {size}.",
        "moved": f"The measure moved{where}: {size}.",
        "no clear change": f"No clear change{where}: {size}.",
    }[verdict]
    return f"{told} A run on one side of its average begins with it." if shift else told
