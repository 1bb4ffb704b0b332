"""What is said of units side by side: teams, sites, organisations, programmes."""

from collections.abc import Mapping, Sequence
from datetime import date

from workbench.words.plain import day, listing, number, verbatim

WITHIN = "within limits"
OUTSIDE = {"95": "beyond 95%", "99.8": "beyond 99.8%"}
MOST_NAMED = 4  # units named one by one where nothing more is said of them
CANNOT_TELL = "cannot tell"
TOO_FEW = "too few to show"

LABELS = {
    "by": "Units",
    "unit": "Unit",
    "cases": "Could have it",
    "observed": "Had it",
    "expected": "Expected by case mix",
    "share": "Share",
    "ratio": "Had it, over expected",
    "adjusted": "Share, adjusted",
    "reading": "Against chance",
    "value": "Value",
    "size": "Size",
}
SIZE = {
    True: "Expected by case mix",
    False: "Could have it",
}
NO_GROUPINGS = (
    "This export does not name two teams, sites, organisations or programmes, so there are no "
    "units to set side by side."
)
NOTHING_DRAWN = (
    "No chart is drawn: there are fewer than three units of a kind that can be shown. What can be "
    "shown is in the table below."
)
NO_TABLE = "There is nothing to put into a table."
READ = {
    "funnel": (
        "**What it shows.** Each point is a unit: the further right, the more people are behind "
        "it. The lines are the limits within which chance alone keeps 95 in 100, and 998 in 1,000, "
        "of units that are all alike; they open to the left, because few people scatter more. "
        "Where a chart says *over expected*, 100% means: as many as people of the same case mix "
        "came to in all units together.\n\n"
        "**How to read it.** Inside the lines: nothing to tell the unit from the others. Outside "
        "the outer lines: more than chance does. Between the lines: look again next time. Hollow "
        "points are too small to tell. With ten units or more, the lines also allow for units that "
        "differ anyway (over-dispersion), which nobody can measure among fewer. With few units, "
        "one that differs moves the middle, and the others then seem to lie on the other side. "
        "There is no first and no last in this picture.\n\n"
        "**What to do about it.** Ask what is different: first how the unit records, then who its "
        "clients are, then how it works. A unit that stands out for the better deserves the same "
        "question. Inside the lines, do nothing about the unit: ask about the whole service.\n\n"
        "**What it cannot tell you.** Why. Case mix that nobody recorded stays in the difference: "
        "hope, family, the local housing market. Programmes that do different things are bound to "
        "differ: only like is to be set beside like."
    ),
    "adjusted": (
        "**How to read it.** *Share* is as counted. *Expected by case mix* is what as many people "
        "with the same recorded attributes came to in all units together; *share, adjusted* is the "
        "share of all units, times what the unit had over what was expected of it. Where these are "
        "empty, there are too few of the outcome to adjust for anything, and the unit is set "
        "against the share of all units. *Too few to show*: a number behind it is small enough to "
        "point at somebody.\n\n"
        "**What to do about it.** Compare *share* with *share, adjusted*: a gap between units that "
        "closes was about who the clients are.\n\n"
        "**What it cannot tell you.** Which unit is best. Two units within the limits are not in "
        "an order, whatever their numbers."
    ),
}


def title(measure: str, by: str, ratio: bool) -> str:
    """What a funnel is called."""
    name = measure[:1].upper() + measure[1:]
    return f"{name} by {by}{', over expected by case mix' if ratio else ', as counted'}"


def sentence(
    measure: str,
    by: str,
    readings: Mapping[str, str],
    shares: Mapping[str, float],
    overall: float,
    *,
    adjusted: bool,
) -> str:
    """What one funnel tells.

    `readings`, `shares` (`adjusted` for case mix or not): by unit, in alphabetical order;
    `overall`: the share of all units together.
    """
    name = f"{measure[:1].upper()}{measure[1:]} by {by}"
    outside = [unit for unit, reading in readings.items() if reading in OUTSIDE.values()]
    judged = len(outside) + sum(reading == WITHIN for reading in readings.values())
    told = [_beyond(unit, readings[unit], shares[unit], overall, adjusted) for unit in outside]
    if not judged:
        told = ["too few people in every unit to tell"]
    elif not outside and judged > 1:
        told = [f"the differences between the {judged} that can be judged are ordinary"]
    elif not outside:
        told = ["the one unit that can be judged is within the limits"]
    ends = {
        "Too small to tell": [u for u, reading in readings.items() if reading == CANNOT_TELL],
        "Too few to show": [u for u, reading in readings.items() if reading == TOO_FEW],
    }
    more = [f" {what}: {_names(units)}." for what, units in ends.items() if units and judged]
    return f"{name}: {'; '.join(told)}.{''.join(more)}"


def _beyond(unit: str, reading: str, share: float, overall: float, adjusted: bool) -> str:
    side = "higher" if share > overall else "lower"
    than = "than its case mix would lead one to expect" if adjusted else "than all units together"
    once = " once adjusted" if adjusted else ""
    return (
        f"{verbatim(unit)} is {side} {than} ({number(share, '%')}{once}, against "
        f"{number(overall, '%')} in all; {reading} limits)"
    )


def _names(units: Sequence[str]) -> str:
    """Names where they are few, else their number."""
    if len(units) > MOST_NAMED:
        return f"{len(units)} of them"
    return listing([verbatim(each) for each in units])


def headline(kinds: Sequence[str], judged: int, outside: int) -> str:
    """All funnels in a sentence. `kinds`: of units ("team", "site")."""
    if not kinds:
        return "There are no units that can be set side by side."
    of_units = listing([f"{kind}s" for kind in kinds])
    if not judged:
        return "Units have too few people to be set side by side."
    if not outside:
        return (
            f"Of {judged} figures of {of_units}, none lies outside what chance does: the "
            "differences between them are ordinary."
        )
    lie = "lies" if outside == 1 else "lie"
    return (
        f"Of {judged} figures of {of_units}, {outside} {lie} outside what chance would do in 95 of "
        "100: ask what is different there."
    )


def chance(judged: int, rate: float) -> str:
    """How many flags to expect where no unit differs."""
    if not judged:
        return ""
    expected = judged * rate
    about = "fewer than one" if expected < 1 else f"about {round(expected)}"
    return (
        f"{judged} figures were judged. If no unit differed from the others, {about} of them would "
        "lie outside the 95% limits by chance. The same people count in units of several kinds, so "
        "flags come together."
    )


def counted_on(
    measure: str, first: date, last: date, names: Sequence[str], adjusted: bool, needed: int
) -> str:
    """Over which days a measure is counted, and what it is adjusted for, or why it is not."""
    days = f"{measure[:1].upper()}{measure[1:]}, {day(first)} to {day(last)}"
    if adjusted:
        return f"{days}: adjusted for {listing([each.replace('_', ' ') for each in names])}."
    if not names:
        return f"{days}: not adjusted, because settings name no case mix that varies."
    return (
        f"{days}: not adjusted, because its case mix would take {needed:,} with the rarer outcome, "
        "and there are fewer."
    )


def ordinary(funnels: Sequence[str]) -> str:
    """Which funnels show nothing out of the ordinary."""
    return f"Ordinary differences, or none that can be told: {listing(funnels)}."


def no_measure(measure: str, reason: str | None) -> str:
    """Why a measure is not set side by side."""
    return f"{measure[:1].upper()}{measure[1:]} is left out: {reason or 'it is not in the export.'}"


def no_units(measure: str, by: str) -> str:
    """Why there is no funnel of one kind of unit."""
    return (
        f"{measure[:1].upper()}{measure[1:]} by {by} is left out: what it counts belongs to fewer "
        f"than two of them on record."
    )


def small_teams(teams: Sequence[str]) -> str:
    """Which teams are left out because they are one or two workers."""
    return (
        f"Not set beside others, because fewer than three workers are behind them: {_names(teams)}."
    )
