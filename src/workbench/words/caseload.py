"""What is said to a caseworker of their own cases, and to a team manager of the team's."""

from collections.abc import Mapping, Sequence
from datetime import date

from workbench.words.plain import listing, number

REVIEW = "review (assessment)"
NEVER = "no contact yet"
MISSED = "missed {days} ago"
STEPS = {"next_contact": "contact", "next_due": "action", "review_due": "review"}
AS_USUAL = "as usual"
NOTHING_PLANNED = "nothing planned"
NEAR = 300  # days from today within which a day needs no year

NO_CASES = "You hold no open case on this day, so there is nothing to list."
NOTHING_LATE = "No action and no review is overdue. There is nothing to do here."
NOTHING_TO_FIX = "Nothing that we check is missing from the records of your cases."
NOT_THERE = {
    "actions": "This export holds no action plans, so no action can be listed as due or overdue.",
    "assessments": "This export holds no assessments, so no review can be listed as due.",
    "absences": "This export holds no absences, so nobody can be seen to be away.",
}

MISSING = {  # checks of the quality report that the holder of a case can put right, for a phone
    "result not recorded": "result",
    "ended without a known reason": "reason for leaving",
    "contact neither kept nor missed": "attendance",
}

LIST = (
    "**How to read it.** *Days*: since the last kept contact; a missed one is named when it came "
    "later. *Call first* stands with those whom you have not seen for longest, as many as a week "
    "has calls; *keep an eye on* with those who are silent for twice as long as is usual for them. "
    "*Check: still with us?* is for cases that look closed, or silent for so long that the record "
    "may be wrong. An action or a review that is late says so.\n\n"
    "**What to do about it.** Begin with *call first*. If you know why somebody is silent, you "
    "know more than this list.\n\n"
    "**What it cannot tell you.** How anybody is. A contact that is not typed in looks like "
    "silence, and the list goes by days alone, not by need."
)
LATE = (
    "**How to read it.** An action counts with its new day where it was put off. A review is due "
    "{review_days} days after the last assessment, or after the start.\n\n"
    "**What to do about it.** Done already: mark it done. No longer right: agree a new day with "
    "the client.\n\n"
    "**What it cannot tell you.** Whether the action still matters to the client."
)
FIX = (
    "**How to read it.** Only what you can put right: records of cases that you hold, or held "
    "last, from the last year. *Missing* is what the record lacks, *oldest* the day of the "
    "earliest.\n\n"
    "**What it cannot tell you.** Whether something was not done or only not written down."
)
OWN_ONLY = (
    "**What it shows.** Only what happened while you held the case: before you took it, or after "
    "you gave it away, is not in these figures. What a colleague did for your client meanwhile is. "
    "Nobody else's figures are on this page, and nobody is ranked."
)
NO_TREND = "None of the measures that are followed here can be worked out from this export."


def summary(
    *,
    clients: int,
    quiet: int,
    quiet_days: int,
    actions: int | None,
    reviews: int | None,
    fix: int,
) -> str:
    """How many clients, and what wants doing; None: the export does not say."""
    if not clients:
        tail = f" {_count(fix, 'record')} of earlier cases can still be put right." if fix else ""
        return NO_CASES + tail
    parts = [f"{quiet or 'none'} of them not seen for more than {quiet_days} days"]
    if actions is not None:
        parts.append(f"{_count(actions, 'action')} overdue")
    if reviews is not None:
        parts.append(f"{_count(reviews, 'review')} overdue")
    parts.append(f"{_count(fix, 'record')} to fix")
    return f"You hold the cases of {_count(clients, 'client')}: {listing(parts)}."


def to_do(
    band: str,
    offered: int | None,
    seen: int | None,
    days: Mapping[str, date | None],
    today: date,
) -> str:
    """What to do with a client: the flag, an appointment missed since, and what is due when.

    `offered`, `seen`: days since the last contact offered, and kept. `days`: by keys of `STEPS`.
    """
    first = [] if band in ("", AS_USUAL) else [band]
    if seen is None:
        first.append(NEVER)
    if offered is not None and (seen is None or offered < seen):
        first.append(MISSED.format(days=_count(offered, "day")))
    there = sorted((day, STEPS[name]) for name, day in days.items() if day is not None)
    steps = [f"{name} {short(day, today)}{' (late)' if day < today else ''}" for day, name in there]
    said = [", ".join(each) for each in (first, steps) if each]
    return "; ".join(said) or NOTHING_PLANNED


def programmes(names: Sequence[str], shared: bool) -> str:
    """The programmes of a client, and whether somebody else holds a case too."""
    return f"{listing(names)}{' (with a colleague)' if shared else ''}"


def action(what: str | None, need: str | None) -> str:
    """A line of an action plan: review (housing)."""
    return f"{what} ({need})" if isinstance(need, str) and need else str(what)


def short(day: date, today: date) -> str:
    """A day for a phone: 12 May; with its year where it is far from today."""
    near = abs((day - today).days) <= NEAR
    return f"{day.day} {day:%b}" if near else f"{day.day} {day:%b} {day.year}"


def _count(count: int, thing: str) -> str:
    return f"{count or 'no'} {thing}{'' if count == 1 else 's'}"


# --- how it goes --------------------------------------------------------------------------------

TOO_FEW = "too few to tell"
TO_DO = {
    "improvement": "Keep what went well in mind, and watch whether it lasts.",
    "concern": "Check first that your records are all in. Then think what was different, and talk "
    "it over in supervision if you like.",
    "high": "Look what lies behind it: more than usual is neither good nor bad by itself.",
    "low": "Look what lies behind it: less than usual is neither good nor bad by itself.",
    "common cause": "Nothing about this one month: it is an ordinary up or down.",
    "does not vary": "Check that it is really recorded anew each time.",
    "stock": "Nothing: it is here for orientation.",
    "too few": "Nothing: there is no figure.",
    "nobody": "Nothing: there was nothing to count.",
    "not yet": "Nothing yet: no month is complete.",
    TOO_FEW: "Nothing: go by what you know of each client.",
}
CANNOT_TELL = (
    "How good your work is. These are few people, whose lives differ, and a figure of yours says "
    "nothing beside anybody else's."
)
CANNOT_TELL_FLOW = (
    "How much work it means: one case is not like another. A case that nobody held for some days "
    "counts as gone and taken over."
)
NOT_JUDGED = (
    "No measure of yours has a usual range yet, so nothing can be flagged, by chance or otherwise."
)
TAKEN_ON, GONE, OPEN = "clients taken on", "clients gone", "clients with the team"
FLOWS = {
    TAKEN_ON: "How many clients started with the team or were taken over from elsewhere.",
    GONE: "How many clients ended with the team or were passed on to elsewhere.",
    OPEN: "How many clients the team had on the last day of the month.",
}
WAYS = ("within the team", "from another team", "to another team")
OFTEN = "clients handed over twice or more"


def too_few(
    measure: str,
    value: float | None,
    stood_in: str,
    unit: str,
    had: int,
    wanted: int | None,
    change: float | None,
    interval: str = "month",
) -> str:
    """Why a measure is not judged, and how large a change could have been seen.

    `had`, `wanted`: complete intervals that there are, and that it takes; wanted None: it is the
    clients who are too few. `change`: None where none could be seen, NaN where it is not known.
    """
    name = measure[:1].upper() + measure[1:]
    stood = f"{name} stood at {number(value, unit)} in {stood_in}. " if value is not None else ""
    why = (
        "Too few clients to tell a change from chance."
        if wanted is None
        else f"Too few {interval}s to tell: {had} of the {wanted} that a usual range takes."
    )
    if change is None:
        seen = f" With these numbers, no difference in one {interval} could be told from chance."
    elif change != change:
        seen = ""
    else:
        seen = (
            f" With these numbers, a {interval} has to differ by about {_points(change, unit)} "
            "from the average before it means anything."
        )
    return f"{stood}{why}{seen}"


def to_stand_out(change: float | None, unit: str, interval: str = "month") -> str:
    """How large a change in one interval would show; empty where it is not known."""
    if change is None or change != change:
        return ""
    return f"A single {interval} has to differ by about {_points(change, unit)} to show."


def _points(change: float, unit: str) -> str:
    return number(change, "points" if unit == "%" else unit)


# --- a team -------------------------------------------------------------------------------------

TEAM = {
    "exceptions": (
        "**How to read it.** The most pressing stands first. A client can be in several rows.\n\n"
        "**What to do about it.** Begin at the top, with the holder of the case; each caseworker's "
        "own report lists their clients one by one.\n\n"
        "**What it cannot tell you.** Whether somebody is badly off, or only badly recorded."
    ),
    "flow": (
        "**How to read it.** Started and ended are the clients' own; taken over and passed on are "
        "cases that came from, or went to, somebody outside the team. The last month may still "
        "change.\n\n"
        "**What to do about it.** When more come than go for months, the caseload rises whatever "
        "anybody does: say so early.\n\n"
        "**What it cannot tell you.** Why they came or went."
    ),
    "handovers": (
        "**How to read it.** The last 365 days. Each change of holder counts once; a client can "
        "have several.\n\n"
        "**What to do about it.** A client with several holders in a year has had to begin anew "
        "with each: is it known why?\n\n"
        "**What it cannot tell you.** Whether a handover was good for the client. Many are."
    ),
    "signals": (
        "Only what happened while somebody of the team held the case. Referrals, starts and "
        "exits are under the flow of cases; outcomes hang on a whole stay, often with several "
        "holders, and stand in the service manager's report."
    ),
}


def workers(full: float, hours: float) -> str:
    """How to read the caseloads of a team."""
    return (
        "**How to read it.** Workers stand by their ids, not by a figure. A full caseload is "
        f"{number(full)} clients at {number(hours)} hours a week, and less for fewer hours. A "
        "client whom two hold counts with both, so the column can add up to more than the team "
        "has.\n\n"
        "**What to do about it.** Look at who is away, or about to be, with many cases: who looks "
        "after them? Give new cases where there is room.\n\n"
        "**What it cannot tell you.** How heavy a caseload is: one client can take a day a week."
    )


def timeliness(days: int, wait: int, entry: int) -> str:
    """How to read what is late in a team."""
    return (
        "**How to read it.** *Started*, *waited*, *contacts* and *late entries* are of the last "
        f"{days} days, with whoever held the case on that day; what is overdue is as of the day "
        f"of this report. Waited: more than {wait} days from referral to start. Late entries: "
        f"more than {entry} days after the contact.\n\n"
        "**What to do about it.** Ask what keeps people, before you ask people to be quicker.\n\n"
        "**What it cannot tell you.** Who works well. With so few clients each, differences "
        "between workers are mostly chance, and cases differ: this is no league table."
    )


def team_summary(clients: float | None, looked_at: Mapping[str, float | None]) -> str:
    """How many clients a team has, and how many of them want looking at; None: hidden."""
    if clients == 0:
        return "The team holds no open case on this day."
    if clients is None:
        return "How many clients the team has is too small to show."
    known = {what: n for what, n in looked_at.items() if n is not None}
    parts = [f"{number(n, 'count')} {what}" for what, n in known.items() if n > 0]
    hidden = " What is too small to show is left out." if len(known) < len(looked_at) else ""
    tail = f": {'; '.join(parts)}" if parts else ""
    return f"The team has {number(clients, 'count')} clients with an open case{tail}.{hidden}"


def late_review(days: int) -> str:
    """How to read a caseworker's overdue actions and reviews."""
    return LATE.format(review_days=days)


def exceptions(quiet_days: int) -> dict[str, tuple[str, str]]:
    """Kinds of cases to look at: what they are, and what to look at first."""
    return {
        "nobody": ("with an open case that nobody holds", "Who takes it over, and from which day?"),
        "left": ("held only by somebody who has left", "Hand it over, and close the old time."),
        "quiet": (
            f"not seen for more than {quiet_days} days",
            "Call, or close the case with its reason.",
        ),
        "plan": ("without an action on a plan", "Agree a first action with the client."),
        "review": ("never assessed, though it was due", "Do the first assessment."),
    }


def away(left: date | None, absence: tuple[date, date, bool] | None) -> str:
    """Whether a worker has left, is away, or will be: away until 4 December."""
    if left is not None and left == left:
        return f"left on {left.day} {left:%B %Y}"
    if absence is None:
        return "no"
    first, last, now = absence
    if now:
        return f"away until {last.day} {last:%B}"
    if first == last:
        return f"away on {first.day} {first:%B}"
    return f"away from {first.day} {first:%B} to {last.day} {last:%B}"
