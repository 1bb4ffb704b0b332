"""What is said of a comparison between two groups of clients.

No sentence says that the group is why: two groups differ in more than their name.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from workbench.words.plain import day as write_day
from workbench.words.plain import listing, number, verbatim

Pair = tuple[float, float]

NO_OUTCOMES = (
    "These records hold no outcomes, or the settings name none as success, so nobody can be "
    "compared by how it came out. Name an outcome under [outcomes]."
)
NOTHING_TO_ASK = (
    "These records hold no supports, no attributes that tell clients apart and no logged changes, "
    "so there are no two groups to compare."
)
NOT_ADJUSTED = "The groups may differ in other ways: this is not adjusted."
ADJUSTED_STILL = "The groups may still differ in what nobody recorded."
TOO_FEW = "Too few to tell."
HIDDEN = "Too few to tell: a number behind it is too small to be shown."
TOO_FEW_AMONG = "Too few among these clients."
TOO_WIDE = "Too few to tell: the true difference may lie more than 20 points to either side."
ONE_WORKER = "Too few to tell: all clients of one of the groups had the same worker."
TOO_DIFFERENT = "Too different to compare"
SAID = (
    "Too different to compare: what people were like when they came already says how it came out, "
    "so nothing is left to compare."
)
ALL_THE_SAME = "Not adjusted for case mix: within each group everyone alike came out the same."
MUCH_NOT_KNOWN = "Too much is not known to compare"
HAPPENS = (
    "The outcome is only ever written down when it happens. Where nothing is written it is counted "
    "as not having happened, also for those who had left."
)
AS_COUNTED, ADJUSTED = "as counted", "adjusted for case mix"
WHATEVER_IS_MISSING = "whatever the missing ones are"
WHILE_HERE = (
    "What happened after people had left: nobody heard of it, so if one group stayed for a shorter "
    "time, less of it is on record."
)
BY_THEN = "the outcome was on record by then"
ONE_CLUSTER = "All have the same worker, so how much workers differ is not in the range."
READINGS = {
    "higher": "higher",
    "lower": "lower",
    "no clear difference": "no clear difference",
    "too few to tell": "too few to tell",
    "too different to compare": "too different to compare",
    "too much not known": "too much is not known",
}
OTHER_HALF = {
    "support": (
        "What was it like for those who had it? Did they want it, and was it what they needed?",
        "Why did the others not have it: not offered, not wanted, no place, or had elsewhere?",
    ),
    "first contact": (
        "What did the first contact feel like, and was it when they needed it?",
        "Why did it take longer with the others: nobody free, no answer, or as they asked?",
    ),
    "change": (
        "Which other things were different before: staff, places, referrals, the time of year?",
        "What did the clients who were there at the time notice of it?",
    ),
    "attribute": (
        "What is it like to come here for clients of each group?",
        "Who of each group never came, and what kept them away?",
    ),
}
OF_EVERYONE = (
    "What else changed in their lives in the same months?",
    "Does this outcome matter to them? What would they have counted as a good result?",
)


def other_half(kind: str) -> tuple[str, ...]:
    """What the records cannot answer, as questions to people, by the kind of question."""
    return (*OTHER_HALF[kind], *OF_EVERYONE)


CANNOT_TELL = {
    "support": (
        "Whether the support is why: those who had it were chosen, or chose it.",
        "Those who had left by the day that counts, or whose outcome came before it, are in "
        "neither group.",
    ),
    "first contact": (
        "Whether being seen early is why: those who are easy to reach are seen early.",
        "Those who had left by the day that counts, or whose outcome came before it, are in "
        "neither group.",
    ),
    "change": ("Whether the change is why: whatever else was different from then on counts too.",),
    "attribute": (
        "Why the groups differ: what a person is told apart by stands for a great deal else.",
    ),
}


def cannot_tell(kind: str, happens: bool) -> tuple[str, ...]:
    """What a comparison leaves open, by the kind of question; `happens`: as `HAPPENS` says."""
    return (*CANNOT_TELL[kind], *([WHILE_HERE] if happens else []))


EVERYONE = "all clients"
ONE_CASEWORKER = "the clients of one caseworker"


def who(asked: Mapping[str, str]) -> str:
    """Which clients are asked about: "clients whose programme is Fresh Start"."""
    if not asked:
        return EVERYONE
    named = {name: value for name, value in asked.items() if name != "caseworker"}
    people = ONE_CASEWORKER if len(named) < len(asked) else "clients"
    whose = [
        f"who started in {verbatim(value)}"
        if name == "started"
        else f"whose {_plain(name)} is {verbatim(value)}"
        for name, value in named.items()
    ]
    return f"{people} {listing(whose)}".strip()


def labels(
    kind: str,
    name: str,
    values: Sequence[str] = (),
    others: Sequence[str] = (),
    day: date | None = None,
    by_day: int | None = None,
) -> tuple[str, str]:
    """What the clients of both groups are called in a sentence, by the kind of question."""
    if kind == "support":
        until = f"by day {by_day}" if by_day is not None else "by the day that settings say"
        return f"clients who had received {verbatim(name)} {until}", "clients who had not"
    if kind == "first contact":
        return f"clients who were seen within {by_day} days", "clients who were not"
    if kind == "change" and day is not None:
        return f"clients who started from {write_day(day)} on", "clients who started before"
    whose = f"clients whose {_plain(name)} is"
    second = listing([verbatim(each) for each in others], "or") if others else "another"
    return f"{whose} {listing([verbatim(each) for each in values], 'or')}", f"{whose} {second}"


def groups(
    kind: str,
    values: Sequence[str] = (),
    others: Sequence[str] = (),
    day: date | None = None,
    by_day: int | None = None,
) -> tuple[str, str]:
    """What both groups are called in a table or chart."""
    if kind == "support":
        return f"had it by day {by_day}", f"not by day {by_day}"
    if kind == "first contact":
        return f"seen within {by_day} days", f"not seen within {by_day} days"
    if kind == "change" and day is not None:
        return f"started from {write_day(day)} on", "started before"
    return listing(list(values), "or"), listing(list(others), "or") if others else "any other"


def topic(kind: str, name: str) -> str:
    """What the groups of a question differ in, for a title: "by mental health support"."""
    if kind == "support":
        return f"by {name}"
    fixed = {"first contact": "by first contact", "change": "before and after the change"}
    return fixed.get(kind, f"by {name.replace('_', ' ')}")


def against(of: tuple[str, str]) -> str:
    """A question: which clients are set against which."""
    return f"{of[0]}, against {of[1]}"


def question(outcome: str, of: tuple[str, str], among: Mapping[str, str], logged: str = "") -> str:
    """The question of a comparison, as it is asked; `logged`: the change between the groups."""
    people = f" Among {who(among)}." if among else ""
    change = f" Logged on that day: {verbatim(logged)}." if logged else ""
    return f"Is {outcome} more or less frequent for {of[0]} than for {of[1]}?{people}{change}"


def counted(
    outcome: str, labels: tuple[str, str], recorded: Pair, known: Pair, *, about: bool = False
) -> str:
    """How many of each group have the outcome on record; as shares where there are enough people.

    `labels`: ("people with 'x'", "without"); `about`: the numbers are rounded.
    """
    whole, n = "about " if about else "", [number(each, "count") for each in known]
    shares = [
        number(count / size, "%") if size else "none"
        for count, size in zip(recorded, known, strict=True)
    ]
    return (
        f"{_capital(outcome)} is recorded for {shares[0]} of {whole}{n[0]} {labels[0]}, and for "
        f"{shares[1]} of {whole}{n[1]} {labels[1]}."
    )


def counted_out(
    outcome: str, labels: tuple[str, str], recorded: Pair, known: Pair, *, about: bool = False
) -> str:
    """The same for few people: counts, and no shares."""
    whole = "about " if about else ""
    said = [
        f"{whole}{number(count, 'count')} of {number(size, 'count')} {label}"
        for count, size, label in zip(recorded, known, labels, strict=True)
    ]
    return f"{_capital(outcome)} is recorded for {said[0]}, and for {said[1]}."


def among(asked: Mapping[str, str], said: str) -> str:
    """A sentence that is about some clients only."""
    return f"Among {who(asked)}: {said[:1].lower()}{said[1:]}" if asked else said


def how_many(comparisons: int) -> str:
    """How many comparisons were made for one question, and what that was allowed for."""
    if not comparisons:
        return "No comparison could be made."
    if comparisons == 1:
        return "One comparison could be made."
    return f"{comparisons} comparisons were made, and the readings allow for that."


def too_few_in(few: int, parts: int) -> str:
    """In how many parts of the clients there are too few; empty where in none."""
    if not few:
        return ""
    which = "The one part" if parts == 1 else f"All {parts} parts" if few == parts else ""
    which = which or f"Of {parts} parts, {few}"
    return f"{which} {'has' if few == 1 else 'have'} too few clients to tell, or to be shown."


def wider(said: str, people: int | None, everyone: str) -> str:
    """The same question for everyone, after there were too few for these clients."""
    across = f"about {number(people, 'count')} similar clients" if people else EVERYONE
    return f"{said} Across {across}: {everyone[:1].lower()}{everyone[1:]}"


def difference(found: float, interval: Pair, adjusted_for: Sequence[str] = ()) -> str:
    """How far apart the groups are, and how far off that may be."""
    low, high = interval
    names = [_plain(each) for each in adjusted_for]
    alike = f"Between people alike in {listing(names)}" if names else ""
    if low <= 0 <= high:
        between = f" b{alike[1:]}" if alike else ""
        return f"No clear difference{between}: it may be anything from {_range(low, high)}."
    said = f"{alike} it is" if alike else "That is"
    return f"{said} {_way(found)}, probably {_range(low, high)}."


def too_different(apart: Sequence[str], few_alike: bool, unlike: bool) -> str:
    """Why two groups cannot be compared, even adjusted; `apart`: covariates or values of them."""
    named = list(dict.fromkeys(_plain(each.split(":")[0]) for each in apart))
    reasons = [f"they are not alike in {listing(named)}"] if apart else []
    reasons += ["too few of those without it are like those with it"] if few_alike else []
    reasons += ["for more than one in ten hardly anybody in the other group is like them"] * unlike
    said = f"{', '.join(reasons[:-1])}, and {reasons[-1]}" if len(reasons) > 1 else "".join(reasons)
    return f"{TOO_DIFFERENT}: {said or 'the groups have no one in common'}."


def much_not_known(bounds: Pair | None, shares: Pair | None = None) -> str:
    """That too many outcomes are not known, and what those could make of the difference."""
    said = MUCH_NOT_KNOWN
    if shares:
        said += f": {number(shares[0], '%')} and {number(shares[1], '%')} of the outcomes"
    if bounds is None:
        return f"{said}."
    return f"{said}. Whatever the missing ones are, the difference lies from {_range(*bounds)}."


def not_enough_outcomes(columns: int) -> str:
    """Why case mix could not be adjusted for."""
    return (
        f"Not adjusted for case mix: that takes {columns} column{'s' * (columns > 1)}, and so at "
        f"least {10 * (columns + 1)} people with the rarer result; there are fewer."
    )


NO_CASE_MIX = "There is nothing on record to adjust for."


def with_and_without(group: str) -> tuple[str, str]:
    """What people with a mark, and those without it, are called."""
    return f"people with '{_plain(group)}'", "without"


def quoted(names: Sequence[str]) -> str:
    """Outcomes by their names."""
    return listing([f"'{_plain(each)}'" for each in names], "or")


def outcomes_not_known(first: int, second: int) -> str:
    """How many outcomes of each group are not in the shares."""
    if not first and not second:
        return ""
    return f"Not known, and in none of the shares: {first} and {second} outcomes."


def no_variation(names: Sequence[str]) -> str:
    """That some case mix is the same for everyone."""
    return f"Not adjusted for {listing([_plain(each) for each in names])}: alike for everyone here."


def said_already(names: Sequence[str]) -> str:
    """That some case mix is said by other columns already."""
    return f"Left out, as other columns say the same: {listing([_plain(each) for each in names])}."


def left_out(reasons: Mapping[str, int]) -> str:
    """Who is not in a comparison, and why."""
    said = [f"{number(count, 'count')} ({reason})" for reason, count in reasons.items() if count]
    return f"Left out: {listing(said)}." if said else ""


CLUSTERED = "The range allows for differences between workers."


def to_explain(e_value: float) -> str:
    """How strong something unrecorded would have to be to account for a difference."""
    times = number(e_value)
    return (
        f"To account for all of it, something that was not recorded would have to be about {times} "
        f"times as common in one group as in the other, and the outcome {times} times as frequent "
        "among those who have it."
    )


def _way(value: float) -> str:
    size = number(abs(value), "points")
    return size if round(abs(value), 6) == 0 else f"{size} {'higher' if value > 0 else 'lower'}"


def _range(low: float, high: float) -> str:
    if low >= 0 or high <= 0:
        near, far = sorted((abs(low), abs(high)))
        bare = number(near, "points").rsplit(" ", 1)[0]
        return f"{bare} to {number(far, 'points')} {'higher' if low >= 0 else 'lower'}"
    return f"{_way(low)} to {_way(high)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(name: str) -> str:
    return verbatim(name.replace("_", " "))
