"""What is said of how often people are seen, and how they come out."""

from collections.abc import Sequence
from datetime import date

from workbench.words.plain import between, day, listing, number, verbatim

CONTACTS = "contacts a week"
NOT_ADJUSTED = (
    "How much help people needed when they came is not recorded, so this may be about need and not "
    "about contact."
)
WHY_NOT = {
    "too few people": "There are too few people to tell ({n}).",
    "always the same outcome": "Everyone came out the same, so nothing can be compared.",
    "always the same contact": "Everyone was seen equally often, so nothing can be compared.",
    "too few different contacts": "People were seen in too few different ways to draw a curve: put "
    "the groups side by side instead.",
    "mostly no contact": "For more than half of the people no contact is recorded in those weeks, "
    "so there is no telling how often they were seen.",
    "too much not known": "Too many outcomes are not known: the answer would depend on how those "
    "came out.",
    "no clear link": "Among {n} people there is no clear link between how often they were seen and "
    "how they came out.",
    "said by the case mix": "What people were like when they came already says how they came out, "
    "or how often they were seen, so nothing is left to compare.",
    "no clear shape": "How often people were seen and how they came out go together in no clear "
    "shape.",
}
TO_DO = {
    "sweet spot": "Compare the range with what people are offered now, and ask the team what "
    "stands in the way of it. For one person, the caseworker's judgement comes first.",
    "more is better": "Look at those who are seen least: could they be offered more?",
    "less is better": "Ask first who is seen most: people in trouble are seen more often. This is "
    "a question about need before it is one about contact.",
    "levels off": "Beyond that range, time may be better spent on those who are seen less.",
    "cannot tell": "Nothing yet. Do not set a rule on contact from these records; look again on "
    "the next analysis date.",
}


def found(
    verdict: str,
    reason: str = "",
    *,
    best: tuple[float, float | None] | None = None,
    shares: tuple[float, float, float] | None = None,
    rising_on: bool = False,
    weeks: int | None = None,
    adjusted: bool = False,
    n: int | None = 0,
) -> str:
    """What the data tell about contact frequency, in one to three sentences.

    `best`: the range as good as the best; `shares`: success at the fewest contacts, at best, at the
    most; `rising_on`: whether it was still rising at the top; `n`: people, as it may be told.
    """
    if verdict == "cannot tell" or best is None:
        why = WHY_NOT.get(reason, reason).format(n="a few" if n is None else number(n, "count"))
        return f"These data cannot tell how often it is best to see people. {why}"
    low = _weekly(best[0])
    who = f"Those with {range_of(best)} {CONTACTS}"
    if verdict == "sweet spot":
        said = f"{who} came out best{_against(shares, both=True)}."
    elif verdict == "levels off":
        said = (
            f"People who were seen more came out better, up to about {low}"
            f"{_against(shares)}; beyond that there is no difference to speak of."
        )
    elif verdict == "less is better":
        said = f"People who were seen less came out better{_falling(shares)}."
    elif rising_on:
        said = "People who were seen more came out better, as far as these data go"
        said += f"{_against(shares)}."
    else:
        said = (
            f"People who were seen more came out better, up to about {low}"
            f"{_against(shares)}; beyond that these data cannot tell."
        )
    warned = "" if adjusted else f" {NOT_ADJUSTED}"
    return f"{said}{warned} {scope(weeks)}"


def scope(weeks: int | None) -> str:
    """Whom a finding is about."""
    when = "when contacts had been counted" if weeks is None else f"at week {weeks}"
    return f"This holds for clients still with us {when}; it is not a rule for any one person."


def contacts(value: float) -> str:
    """A contact frequency as it is read: to the nearest quarter."""
    written = f"{round(value * 4) / 4:.2f}".rstrip("0")
    return written.removesuffix(".")


def not_a_new_look(verdict_of: date, following: date | None) -> str:
    """That a verdict stands between the days registered for it."""
    until = f" The next look is on {day(following)}." if following else ""
    return (
        f"This is not a new look: the verdict of {day(verdict_of)} stands. A question asked again "
        f"every month finds something by chance in the end.{until}"
    )


def new_look(verdict_of: date, following: date | None) -> str:
    """That this is the day of a verdict."""
    until = f" It stands until {day(following)}." if following else ""
    return f"This is the verdict of {day(verdict_of)}, a day registered for it beforehand.{until}"


def not_registered() -> str:
    """That no day was registered on which to look."""
    return (
        "No analysis dates are registered in the settings, so this is a look and not a verdict: "
        "asked again every month, a question like this finds something by chance in the end."
    )


def before_the_first(first: date) -> str:
    """That the first registered day is still to come."""
    return f"The first verdict is due on {day(first)}; until then there is none."


def how_asked(outcomes: Sequence[str], weeks: int, days: int, kept_only: bool) -> str:
    """What is counted, for whom, and what reaching the outcome means."""
    what = listing([f"'{verbatim(each)}'" for each in outcomes], "or") or "the outcome"
    counted = "Contacts that were kept" if kept_only else "Contacts, kept or missed,"
    return (
        f"**How the question is asked.** To reach the outcome is to have {what} on record after "
        f"the first {weeks} weeks of a stay and within {days} days of its start. {counted} are "
        "counted in those weeks, for everyone who was still with us at the end of them. So nobody "
        "is counted as seen often because they stayed long. People of the same case mix are set "
        "side by side where it is recorded, and each with the others of the same caseworker where "
        "caseworkers are recorded, because some workers see everyone often."
    )


def power(chance: float | None) -> str:
    """How likely a weak peak would have been found."""
    if chance is None:
        return ""
    return (
        "Had there been a weak best range (10 points better for each weekly contact up to it, 5 "
        f"points worse for each beyond), data like these would have shown it {_of_ten(chance)}."
    )


def strength(e_value: float | None) -> str:
    """How strong something unrecorded would have to be."""
    if e_value is None or e_value == float("inf"):
        return ""
    times = number(e_value)
    return (
        "Something that is not recorded could lie behind this. It would have to be at least "
        f"{times} times as common among those seen that often, and to go with {times} times the "
        "share that came out well."
    )


def adjusted(names: Sequence[str], workers: bool) -> str:
    """What is taken into account."""
    known = [verbatim(each.replace("_", " ")) for each in names]
    if not known and not workers:
        return "Nothing about the people is taken into account."
    said = f"People are compared at the same {listing(known)}" if known else "People are compared"
    return said + (", each with the others of the same caseworker." if workers else ".")


def registered(
    bands: Sequence[Sequence[float]],
    written: date,
    agree: bool | None,
    fewest: int,
    shares: Sequence[float | None] = (None, None, None),
) -> str:
    """What the bands that were fixed beforehand say; `agree` None: too few people in one."""
    named = [_band(each) for each in bands]
    low, middle, high = (
        name if share is None else f"{name} ({number(share, '%')} reached the outcome)"
        for name, share in zip(named, shares, strict=True)
    )
    began = (
        f"On {day(written)}, before outcomes were looked at, {named[1]} {CONTACTS} was set down as "
        "likely best."
    )
    if agree is None:
        return f"{began} One of the bands has fewer than {fewest} people, so it cannot be tested."
    said = f"Set side by side: {low}, {middle}, {high}."
    return f"{began} {said} The data {'agree' if agree else 'do not bear it out'}."


def quadratic(vertex: float, claimed: bool) -> str:
    """What the usual shortcut would have said."""
    if not claimed:
        return (
            "A quadratic, the usual shortcut, would have claimed no best frequency here. Where "
            "outcomes level off it nearly always claims one, because it has to bend back."
        )
    return (
        f"A quadratic, the usual shortcut, would have claimed a best of {contacts(vertex)} "
        f"{CONTACTS}. It has to bend back, and so claims a best in nearly every service where "
        "outcomes only level off."
    )


def turns_between(interval: tuple[float, float], kind: str) -> str:
    """Where a quadratic may turn: between two places, below or above them, or anywhere."""
    low, high = (number(each) for each in interval)
    if kind == "interval":
        return f"{low} to {high}"
    return "anywhere" if kind == "whole line" else f"below {low} or above {high}"


def shapes_differ(p: float | None, by: str, verdicts: int) -> str:
    """Whether groups differ in the shape of their curve."""
    by = verbatim(by.replace("_", " "))
    if p is None:
        return (
            f"By {by}, no two groups have enough people, and enough difference in how often they "
            "were seen, to be set side by side."
        )
    if p < 0.05:
        return (
            f"The curves differ by {by} more than chance alone would make them. {verdicts} groups "
            "were looked at, and the verdicts allow for that."
        )
    return (
        f"There is no clear difference between the curves by {by}: use the one for everyone. "
        "That is not proof that they are the same."
    )


def range_of(best: tuple[float, float | None]) -> str:
    """A range of contact frequencies as it is read: 2 to 3.25; 2 or more."""
    low, high = contacts(best[0]), None if best[1] is None else contacts(best[1])
    return f"{low} or more" if high is None else f"{low} to {high}"


def _weekly(value: float) -> str:
    written = contacts(value)
    return f"{written} contact{'' if written == '1' else 's'} a week"


def _band(band: Sequence[float]) -> str:
    if len(band) < 2 or band[1] == float("inf"):
        return f"{contacts(band[0])} or more"
    return f"{contacts(band[0])} to {contacts(band[1])}"


def _against(shares: tuple[float, float, float] | None, both: bool = False) -> str:
    if shares is None:
        return ""
    low, best, high = (number(each, "%") for each in shares)
    ends = (
        f"{low} of those seen least and {high} of those seen most"
        if both
        else (f"{low} of those seen least")
    )
    return f" (about {best} reached the outcome, against {ends})"


def _falling(shares: tuple[float, float, float] | None) -> str:
    if shares is None:
        return ""
    low, _, high = (number(each, "%") for each in shares)
    return f" (about {low} of those seen least reached the outcome, {high} of those seen most)"


def _of_ten(chance: float) -> str:
    times = round(10 * chance)
    if times == 0:
        return "less than one time in ten"
    if times == 10:
        return "nearly every time"
    return f"about {times} {'time' if times == 1 else 'times'} in ten"


__all__ = [
    "NOT_ADJUSTED",
    "TO_DO",
    "WHY_NOT",
    "adjusted",
    "before_the_first",
    "between",
    "contacts",
    "found",
    "how_asked",
    "new_look",
    "not_a_new_look",
    "not_registered",
    "power",
    "quadratic",
    "range_of",
    "registered",
    "scope",
    "shapes_differ",
    "strength",
]
