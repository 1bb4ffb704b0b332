"""What is said of segments of clients: who they are, who is reached, for whom it works.

No sentence says that belonging to a segment is why; none is about one person.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from workbench.words.plain import between, listing, number, verbatim
from workbench.words.plain import day as write_day

Pair = tuple[float, float]

HIGHER, LOWER = "higher than for others", "lower than for others"
NO_DIFFERENCE, TOO_FEW = "no clear difference", "too few to tell"
MUCH_NOT_KNOWN = "too much is not known"
COMPARED = (HIGHER, LOWER, NO_DIFFERENCE)
UNDER_REACHED, REACHED_MORE = "under-reached", "reached more than the others"
MORE_THAN_THERE_ARE = "more clients than people"
FEWER_THAN_PLANNED, MORE_THAN_PLANNED = "fewer than planned", "more than planned"
NOT_PLANNED = "nothing planned"
ABOVE, BELOW, NO_TARGET = "above the target", "below the target", "no target"
WORKING_LABELS = {
    "as_counted": "As counted",
    "less_others": "Less the rest",
    "less_others_lower": "From",
    "less_others_upper": "To",
    "known": "Outcome known",
    "achieved": "Outcome reached",
    "not_known": "Not known",
    "if_failed": "If all of them failed",
    "if_achieved": "If all succeeded",
}
SIZE_LABELS = {
    "here": "Still here",
    "contacts_per_week": "Contacts a week",
    "success": "Reached the outcome",
    "success_lower": "From",
    "success_upper": "To",
}
TARGET_GROUP = "the target group"
REST = "others"  # what those are called whom no segment fits
OTHERS = "everyone whom none of the others fits"

NOBODY = "Nobody started while these records are complete, so there are no clients to tell apart."
NOT_DECLARED = (
    "The settings declare no segments. Name those that matter to you under [[segments.declared]]: "
    "by attributes at the start, by age, by needs."
)
NOTHING_TO_PLAN = "The settings declare no segments, so nothing can be set against a plan."
NOTHING_TO_COMPARE = "The settings declare no segments, so there are none to compare."
NOT_SAID_FOR_WHOM = (
    "The settings do not say for which segments the service is meant (`meant_for` under "
    "[segments]), so there is no telling whether they make up enough of its clients."
)
NO_POPULATIONS = (
    "This export has no table of populations, so there is no telling how many people could have "
    "been reached. Give one with a count of people for each group, from a census or a register: "
    "a section [sources.populations] in the settings."
)
NO_REFERENCE = (
    "There is a table of populations, but the settings do not say which attribute of clients its "
    "groups belong to. Set `reference` under [segments]."
)
NO_SCORECARD = (
    "The settings hold no scorecard. Where there is a published one for your target group (points "
    "for answers, and a table from points to likelihood), write it under [segments.scorecard]."
)
NO_OUTCOMES = (
    "These records hold no outcomes, or the settings name none as success, so nobody can say for "
    "whom it works. Name an outcome under [outcomes]."
)
NOBODY_JUDGED = (
    "Of nobody it can be known yet how it came out after the first weeks, so nobody can say for "
    "whom it works."
)
NO_NEEDS = "This export has no table of needs, so needs are in no segment."
CONTACT_NOT_KNOWN = (
    "For more than half of the people no contact is recorded in the first weeks, so there is no "
    "telling who was seen how often: contact is left out."
)
NO_LAST_PERIOD = (
    "There are no segments of the period before to match these with, so nobody can say how many "
    "moved between them."
)


def rules(
    where: Mapping[str, Sequence[str]],
    at_least: Mapping[str, float],
    at_most: Mapping[str, float],
    needs: Sequence[str],
) -> str:
    """Who is in a declared segment: "housing at intake: rough sleeping; age 18 to 24"."""
    said = [f"{_plain(name)}: {_or(values)}" for name, values in where.items()]
    for name in dict.fromkeys([*at_least, *at_most]):
        low, high = at_least.get(name), at_most.get(name)
        if low is not None and high is not None:
            said.append(f"{_plain(name)} {between(low, high)}")
        elif low is not None:
            said.append(f"{_plain(name)} {number(low)} or more")
        elif high is not None:
            said.append(f"{_plain(name)} up to {number(high)}")
    said += [f"needs: {_or(needs)}"] if needs else []
    return "; ".join(said)


def counted_in(weeks: int, clients: int | None, *, about: bool) -> str:
    """Who is counted, and what describes them; `about`: the number is rounded."""
    who = (
        "A few clients" if clients is None else f"{_about(about)}{number(clients, 'count')} clients"
    )
    who = f"{who[0].upper()}{who[1:]}"
    return (
        f"{who} started while these records are complete. Each is counted once, with the first "
        f"stay, and described by what was on record at its start and in its first {weeks} weeks. "
        "Outcomes count after those."
    )


def meant_for(
    names: Sequence[str],
    share: float,
    interval: Pair,
    clients: int,
    plan: float | None,
    *,
    about: bool,
) -> str:
    """How many clients are of the segments that the service is meant for.

    `plan`: the share planned; `about`: the number is rounded.
    """
    low, high = interval
    said = (
        f"Of every 100 clients, {_of_100(share)} are of the segments that the service is meant for "
        f"({listing([verbatim(each) for each in names])}): {number(share, '%')} of "
        f"{_about(about)}{number(clients, 'count')} clients, probably {between(low, high, '%')}."
    )
    if plan is None:
        return said
    against = (
        "more than" if low > plan else "fewer than" if high < plan else "not clearly other than"
    )
    return f"{said} That is {against} the {number(plan, '%')} planned."


def meant_for_hidden(names: Sequence[str]) -> str:
    """The same where there are too few to be shown."""
    return f"Too few clients to show how many are of {listing([verbatim(e) for e in names])}."


def population(period: str, source: str, months: int, outside: int | None, *, about: bool) -> str:
    """Which population figures are used, and who is in none of its groups."""
    of = f" of {verbatim(period)}" if period else ""
    by = f", from {verbatim(source)}" if source else ""
    who = (
        "a few clients" if outside is None else f"{_about(about)}{number(outside, 'count')} clients"
    )
    said = (
        f"Population figures{of}{by}. Reached: with us on some day of the {months} months before "
        "the as-of date."
    )
    return said if outside == 0 else f"{said} In none of these groups: {who}."


def reach(group: str, share: float, index: float, reading: str) -> str:
    """The reach of a group in a sentence: "of every 100 people in Westway, 21 were reached"."""
    said = f"Of every 100 people in {verbatim(group)}, {_of_100(share)} were reached"
    if reading == UNDER_REACHED:
        return f"{said}: under-reached, at {number(index)} where the whole is 100."
    if reading == REACHED_MORE:
        return f"{said}: more than elsewhere, at {number(index)} where the whole is 100."
    return f"{said}."


def reached_alike(groups: int) -> str:
    """That no group is clearly under-reached."""
    return (
        f"None of the {groups} groups of the population is clearly reached less or more than the "
        "others."
    )


def points(low: float, high: float) -> str:
    """A band of points."""
    if low == high:
        return f"{number(low)} point{'s' * (low != 1)}"
    return f"{number(low)} to {number(high)} points"


def score(
    group: str,
    expected: float,
    interval: Pair,
    scored: int,
    not_scored: int | None,
    target: float | None,
    reading: str,
    *,
    about: bool,
) -> str:
    """What share of clients is expected to be in the target group."""
    round_ = _about(about)
    missing = "a few" if not_scored is None else f"{round_}{number(not_scored, 'count')}"
    said = (
        f"By the scorecard, {number(expected, '%')} of {round_}{number(scored, 'count')} clients "
        f"can be expected to be in {verbatim(group)}, probably {between(*interval, '%')}."
    )
    if target is not None:
        clear = {ABOVE: "above", BELOW: "below"}.get(reading, "not clearly other than")
        said = f"{said} That is {clear} the target of {number(target, '%')}."
    if not_scored == 0:
        return said
    return f"{said} Not scored, as an answer is missing: {missing}."


def score_hidden(group: str) -> str:
    """The same where there are too few."""
    return f"Too few clients have all answers to say what share is in {verbatim(group)}."


def working(higher: Sequence[str], lower: Sequence[str], others: Mapping[str, int]) -> str:
    """For whom the outcome is reached more or less often; `others`: segments by their reading."""
    if not (higher or lower or others):
        return NOBODY_JUDGED
    said = []
    if higher:
        said.append(
            f"The outcome was reached more often than among all the rest: {_names(higher)}."
        )
    if lower:
        said.append(f"It was reached less often than among all the rest: {_names(lower)}.")
    if not said and set(others) == {NO_DIFFERENCE}:
        said.append("No segment came out clearly better or worse than all the rest.")
    elif not said:
        said.append("Of no segment can it be said that it came out better or worse than the rest.")
    if set(others) - {NO_DIFFERENCE} or higher or lower:
        rest = [f"{text} ({count})" for text, count in others.items()]
        what = "Otherwise" if higher or lower else "Readings"
        said += [f"{what}: {listing(rest)}."] if rest else []
    return " ".join([*said, ADJUSTED_FOR_NOTHING])


ADJUSTED_FOR_NOTHING = "This is adjusted for nothing."


def numbered(at: int) -> str:
    """What a found segment is called."""
    return f"Segment {at}"


def trait(column: str, value: str) -> str:
    """A trait in a table: "housing: sofa surfing", "age (mean)"."""
    name = column.replace("_", " ")
    return f"{name}: {value}" if value else f"{name} (mean)"


def made_of(columns: Sequence[str], left_out: Mapping[str, str]) -> str:
    """What found segments are made of, and which columns were left out, and why."""
    said = f"Looked at: {listing([_plain(each) for each in columns]) or 'nothing'}."
    why = [f"{_plain(name)} ({reason})" for name, reason in left_out.items()]
    return f"{said} Left out: {listing(why)}." if why else said


def since(day: date, told: str, *, few: bool) -> str:
    """What became of the segments of the period before; `few`: too few moved to say how many."""
    moved = " A few changed segment." if few else ""
    return f"Set against what was known on {write_day(day)}: {told[:1].lower()}{told[1:]}{moved}"


def none_before(day: date) -> str:
    """That there were no clear segments the period before."""
    return f"On {write_day(day)} there were no clear segments, so nobody can have moved."


def _about(about: bool) -> str:
    return "about " if about else ""


def _of_100(share: float) -> str:
    return "fewer than 1" if 0 < share < 0.005 else number(round(100 * share))


def _names(names: Sequence[str]) -> str:
    written = [f"*{verbatim(each)}*" for each in names if each != REST]
    return listing([*written, *(["those whom no segment fits"] if REST in names else [])])


def _or(values: Sequence[str]) -> str:
    return listing([verbatim(each) for each in values], "or")


def _plain(name: str) -> str:
    return verbatim(name.replace("_", " "))
