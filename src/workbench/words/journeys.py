"""What is said of the order and timing of supports, of where people are, and of missed contacts."""

from collections.abc import Mapping, Sequence

from workbench.words.plain import between, listing, number, verbatim

Pair = tuple[float, float]
NOT_WHY = (
    "Those who started early may differ from the others in ways that nobody wrote down, so this "
    "does not say why."
)
NOT_PROOF = "That is not proof that there is none."
VERDICTS = {
    "lower": "rarer among those who had started",
    "higher": "more frequent among those who had started",
    "no clear difference": "no clear difference",
    "too few to tell": "too few to tell",
}
IN_CONTACT = "in contact"
QUIET = "with us, no contact for 4 weeks"
HERE = "with us"
COMPLETED = "completed"
LOST = "lost contact"
LEFT = "left otherwise"
STILL_HERE = "still with us"
OTHER_PATHS = "other paths"
NO_SUPPORT = "no support"
NO_SECOND = "no second support"
STEPS = ("Programme", "First support", "Second support", "How it ended")


LABELS = {
    "landmark": "Day",
    "compared": "Compared",
    "with_it": "With it by then",
    "gone": "Gone by then",
    "difference": "Difference",
    "weeks": "Weeks after it",
    "verdict": "Among those started",
    "group": "The support",
    "with_event": "With it later",
    "incidence": "Share with it",
    "client_years": "Client-years",
    "a_year": "Events a client-year",
    "kind": "Compared by",
    "when": "When",
    "offered": "Contacts",
    "share": "Share missed",
    "reading": "Beside the others",
}
POINTS = dict.fromkeys(("difference", "lower", "upper"), "points")
SHARES = dict.fromkeys(("incidence", "lower", "upper"), "percent")
READ = {
    "timing": (
        "**What it shows.** Of the clients who were still with us at the close of that day and had "
        "not had it yet, how many had it by so many weeks after: those who had the support by then "
        "and those who had not (some of them had it later, some never).\n\n"
        "**How to read it.** Both curves begin at nobody and step up as it is recorded; the shaded "
        "bands are where they probably lie (95%). The numbers under the chart say how many could "
        "still be followed: where they are small, the end of a curve means little. Steps of few "
        "people wait for the next.\n\n"
        "**What to do about it.** Where the curves part, ask who gets the support early, and what "
        "stands in the way of it for the others. Where they do not, leave the timing as it is "
        "until there is more to go by.\n\n"
        "**What it cannot tell you.** Why. Nobody drew lots: whoever started early may have been "
        "more settled, or known to more services, from the beginning."
    ),
    "timing table": (
        "**How to read the table.** The first day was fixed in the settings before anybody looked, "
        "and is the answer; the others show how much hangs on the choice. *With it by then* and "
        "*gone* are left out: for the first it came before the groups were formed, of the second "
        "nothing later can be seen. *Share with it* allows for those who left on the way, so it is "
        "more than *with it later* out of *people*. Shares and differences are rounded each by "
        "itself, so they may not fit to a point."
    ),
    "rates": (
        "**What it shows.** How often it came, each time counted, for each year that a client was "
        "with us after that day.\n\n"
        "**How to read it.** A client with many events counts many times, so a few people can make "
        "up most of a rate; the range in the sentence allows for that.\n\n"
        "**What to do about it.** Read it beside the curves: when the share of people differs and "
        "the rate does not, a few of them have most of the events.\n\n"
        "**What it cannot tell you.** What happened after people left: events are on record only "
        "while they are with us."
    ),
    "missed": (
        "**What it shows.** Of the contacts whose attendance was recorded, how many were missed, "
        "by day of the week and by the hour they were planned for.\n\n"
        "**How to read it.** In the map, a darker cell means more missed. Cells differ by chance "
        "alone, so go by the sentence above and the table below, in which whole days and hours are "
        "compared with those that do not stand out, and the bar is raised for the number of "
        "looks.\n\n"
        "**What to do about it.** Where a day or an hour stands out, try moving some of its "
        "contacts, or a reminder the day before, and log the change so that it can be seen.\n\n"
        "**What it cannot tell you.** Whether the time is the reason: the clients who are seen "
        "then, and what they are seen for, may be others."
    ),
}


# --- early, or not by then ----------------------------------------------------------------------


def timing(
    verdict: str,
    support: str,
    event: str,
    landmark_days: int,
    *,
    people: tuple[float | None, float | None] = (None, None),
    shares: tuple[float | None, float | None] = (None, None),
    difference: float | None = None,
    interval: Pair | None = None,
    weeks: int | None = None,
) -> str:
    """What became of those who had a support by the landmark, beside those who had not.

    `people`, `shares`, `difference`, `interval`: as released; None where they are not.
    """
    had, what = verbatim(support), _quoted(event)
    if verdict == "too few to tell":
        return (
            f"Too few to tell whether {what} after day {landmark_days} is rarer or more frequent "
            f"among clients who had started {had} by then: fewer than 10 of them, fewer than 10 "
            f"others, or {what} on record for fewer than 5 in all."
        )
    first, second = (_about(each) for each in people)
    whole = "" if None in people else f"{_about(sum(x or 0 for x in people))} "
    said = (
        f"Of {whole}clients who were still with us on day {landmark_days} and for whom {what} was "
        f"not on record until then, {first} had started {had} by that day and {second} had not. "
    )
    said += f"In about {weeks} weeks after it, "
    alike = verdict == "no clear difference"
    if None in shares or difference is None or interval is None:
        said += f"there was {VERDICTS[verdict]} in {what}" if alike else f"{what} was "
        said += "" if alike else VERDICTS[verdict]
        small = "the numbers are too small to show percentages"
        return f"{said}; {small}. {NOT_PROOF if alike else NOT_WHY}"
    said += (
        f"{what} was recorded for about {number(shares[0], '%')} of the first and "
        f"{number(shares[1], '%')} of the second"
    )
    if alike:
        return f"{said}: no clear difference ({_range(interval)}). {NOT_PROOF}"
    size, low, high = abs(difference), *sorted(map(abs, interval))
    return f"{said}: {number(size, 'points')} {verdict} ({between(low, high, 'points')}). {NOT_WHY}"


def timing_title(verdict: str, support: str, event: str, landmark_days: int) -> str:
    """The headline over the curves."""
    had = f"among those who had started {support} by day {landmark_days}"
    beside = f"with or without {support} by day {landmark_days}"
    return {
        "lower": f"'{event}' was rarer {had}",
        "higher": f"'{event}' was more frequent {had}",
        "no clear difference": f"'{event}': no clear difference, {beside}",
        "too few to tell": f"'{event}': too few to tell, {beside}",
    }[verdict]


def landmarks(primary: int, verdicts: Mapping[int, str]) -> str:
    """Whether the days shown beside the primary one say the same."""
    others = [day for day in verdicts if day != primary]
    if not others:
        return ""
    said = f"Day {primary} was chosen beforehand and is the answer. "
    same = [day for day in others if verdicts[day] == verdicts[primary]]
    if len(same) == len(others):
        days = listing([str(day) for day in others], "or")
        return f"{said}Taken on day {days} instead, the answer would have been the same."
    told = listing([f"day {day}: {verdicts[day]}" for day in others if day not in same])
    return (
        f"{said}Another day would have given another ({told}), so lean on it less: of "
        f"{len(verdicts)} looks, one can stand out by chance."
    )


def rates(
    verdict: str,
    support: str,
    event: str,
    landmark_days: int,
    *,
    per_year: tuple[float | None, float | None] = (None, None),
    ratio: float | None = None,
    interval: Pair | None = None,
) -> str:
    """How often something came again and again after the landmark, a client-year."""
    had, what = verbatim(support), _quoted(event)
    if verdict == "too few to tell":
        return (
            f"Too few to tell how often {what} came after day {landmark_days}: fewer than 10 "
            "clients, or fewer than 5 events, in one of the two groups."
        )
    said = f"Counting {what} each time that it came after day {landmark_days}"
    end = NOT_PROOF if verdict == "no clear difference" else NOT_WHY
    if None in per_year or ratio is None or interval is None:
        small = "the numbers are too small to show"
        return f"{said}, with or without {had} by then: {VERDICTS[verdict]}; {small}. {end}"
    size = "about as high as" if _two(ratio) == "1" else f"{_two(ratio)} times"
    return (
        f"{said}: {number(per_year[0])} a client-year among those who had started {had} by then, "
        f"{number(per_year[1])} among the others. The first is {size} the second "
        f"({_two(interval[0])} to {_two(interval[1])}): {VERDICTS[verdict]}. {end}"
    )


def dropped(landmark_days: int, event: str, outcome: float | None, gone: float | None) -> str:
    """Who is not in a comparison at a landmark."""
    return (
        f"Not in it: {_count(outcome)} with {_quoted(event)} by day {landmark_days}, and "
        f"{_count(gone)} who had left by then or had come too recently to be seen after it."
    )


# --- what is not possible -----------------------------------------------------------------------


def no_table(table: str, question: str) -> str:
    """That a table is missing for a question."""
    return f"This export has no {table}, so {question} cannot be told."


def not_named(key: str, question: str) -> str:
    """That settings do not say what is asked about."""
    return (
        f"The settings name no {key} whose timing is asked about, so {question} cannot be told. "
        f'Set {key} = "..." under [journeys].'
    )


def not_there(key: str, name: str, question: str, hint: str = "") -> str:
    """That what settings name does not occur in the records; `hint`: as `settings.nearest` ends."""
    return (
        f"The records hold no {key} called '{verbatim(name)}', so {question} cannot be told. "
        f"Check its spelling under [journeys]{verbatim(hint) or '.'}"
    )


def nobody(question: str) -> str:
    """That there is nobody to follow."""
    return f"Nobody could be followed for long enough, so {question} cannot be told."


# --- where people are ---------------------------------------------------------------------------


def states(people: float | None, weeks: int, shares: Mapping[str, float | None]) -> str:
    """Where those who could be followed for so many weeks are at the end of them."""
    if people is None or not any(share is not None for share in shares.values()):
        return f"Too few clients could be followed for {weeks} weeks to say where they were."
    known = [f"{number(share, '%')} {name}" for name, share in shares.items() if share is not None]
    hidden = [name for name, share in shares.items() if share is None]
    said = f"Of {_about(people)} clients, {weeks} weeks after their start: {listing(known)}."
    if hidden:
        said += f" Too few to show: {listing(hidden)}."
    return said


def paths(shown: int, people: float | None, covered: float | None, fewest: int) -> str:
    """How much of all there is the most frequent paths stand for."""
    if not shown:
        return f"No path was taken by {fewest} clients or more, so none is shown."
    which = "The most frequent path" if shown == 1 else f"The {shown} most frequent paths"
    said = f"{which}, {'' if shown == 1 else 'each '}taken by {fewest} clients or more"
    if people is None or covered is None or not people:
        return f"{said}, cannot be set against everyone: some numbers are too small to be shown."
    stands = "stands" if shown == 1 else "stand"
    return (
        f"{said}, {stands} for about {number(covered / people, '%')} of {_about(people)} clients. "
        "The others went ways of their own."
    )


# --- missed contacts ----------------------------------------------------------------------------


def missed(
    found: Sequence[tuple[str, str, float | None, float | None, Pair | None]],
    days: int,
    hours: int,
) -> str:
    """When contacts are missed more, or less, than at other times.

    `found`: (when, reading, share missed then, difference to the other times, its interval).
    """
    looked = listing(
        [f"{n} {word}" for n, word in ((days, "days of the week"), (hours, "hours")) if n]
    )
    count = days + hours
    if not count:
        return "There are too few contacts on record to compare days or hours."
    told = [_stands_out(*each) for each in found if each[1] in ("more", "fewer")]
    allowed = (
        f"{count} comparisons were made ({looked}), and the bar for standing out was raised for "
        "that many looks."
    )
    if not told:
        return f"No day or hour stands out. {allowed}"
    return f"{' '.join(told)} {'Nothing else stands out. ' if told else ''}{allowed}"


def _stands_out(
    when: str, reading: str, share: float | None, difference: float | None, interval: Pair | None
) -> str:
    way = "more" if reading == "more" else "fewer"
    if share is None or difference is None or interval is None:
        return f"{when}: {way} contacts are missed than at other times."
    low, high = sorted(map(abs, interval))
    return (
        f"{when}: {number(share, '%')} of contacts are missed, {number(abs(difference), 'points')} "
        f"{way} than at other times ({between(low, high, 'points')})."
    )


NEVER_MISSED = (
    "Missed contacts are never recorded in this export, so nobody can say when they are missed."
)
SELDOM_MISSED = (
    "Fewer than one in a hundred contacts is recorded as missed. Most likely missed contacts are "
    "seldom written down in this export, so nobody can say when they are missed."
)
NO_HOURS = "Times of day are not recorded, so hours are not compared."


def _quoted(event: str) -> str:
    return event if event == "the outcome" else f"'{verbatim(event)}'"


def _about(value: float | None) -> str:
    return "some" if value is None else f"about {number(value, 'count')}"


def _count(value: float | None) -> str:
    return "a few" if value is None else "nobody" if value == 0 else _about(value)


def _range(interval: Pair) -> str:
    low, high = (f"{'+' if x > 0 else ''}{number(x, 'points').rsplit(' ', 1)[0]}" for x in interval)
    return f"the first less the second: {low} to {high} points"


def _two(value: float) -> str:
    """Two digits that matter, as it is read."""
    return f"{value:.2g}" if value < 10 else number(value)
