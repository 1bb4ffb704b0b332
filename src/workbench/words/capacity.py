"""What is said of capacity: hours there are, hours lost, and the clients that share them."""

from collections.abc import Mapping
from datetime import date

from workbench.words.plain import day, listing, number, verbatim

ALL = "all"
NO_STAFF = (
    "This export has no table of staff, so hours, leave and turnover cannot be told. Add a section "
    "[sources.staff] to the settings, and [sources.absences] for leave."
)
NO_HOURS = (
    "The table of staff does not say how many hours a week anybody is contracted for, so there is "
    "nothing to set clients against."
)
WORKFORCE = (
    "Posts and contracted hours are the establishment and tell nothing of how anybody is: shown "
    "from three workers on, and never so that those of one or two follow."
)
NO_ABSENCES = "This export has no table of absences, so no hours are counted as lost."
WITHOUT_HOURS = "Workers without hours on record count in no post."
LABELS = {
    "interval": "Month",
    "team": "Team",
    "clients": "Clients on the last day",
    "open_cases": "Open cases, average day",
    "workers": "Workers",
    "posts": "Full-time posts",
    "contracted": "Hours contracted",
    "away": "Hours away",
    "available": "Hours available",
    "clients_per_post": "Clients a full-time post",
    "stretch": "Of a full caseload",
    "average": "Staff, average day",
    "came": "Came",
    "left": "Left",
    "turnover": "Turnover",
    "share_away": "Share of hours away",
    "cases_moved": "Cases moved to another worker",
    "value": "Of a full caseload",
}
READ = {
    "stretch": (
        "**What it shows.** Clients on the last day of each month for each full-time post, as a "
        "share of a full caseload: 100% is full. Posts are the contracted hours of the workers "
        "who hold cases, on working days from Monday to Friday.\n\n"
        "**How to read it.** A caseload carries over from month to month, so no point is judged "
        "by itself: look at the direction over half a year, and at what came in and went out.\n\n"
        "**What to do about it.** Above 100% for months: decide what is not done, or whom else to "
        "ask, before the workers decide it one by one. Well below: see whether fewer are referred, "
        "or fewer start.\n\n"
        "**What it cannot tell you.** How much work it is: one client is not like another. Bank "
        "holidays, overtime and agency workers are not in these records."
    ),
    "months": (
        "**How to read it.** Each worker counts in the team now on record, for all the time. "
        "Clients held by workers of two teams count in both, and those whom nobody holds in "
        "neither, so that teams need not add up to all."
    ),
    "year": (
        "**How to read it.** *Turnover* is those who left over the workers of an average day; "
        "everybody on record as staff counts, also those who hold no cases. A case has moved when "
        "another worker took it over; it is counted with the team that took it. *Hours away* are "
        "of all kinds of absence together, and hidden where few workers were away: an absence is "
        "about somebody's health or family.\n\n"
        "**What to do about it.** Ask those who leave, and those who stay. Each case that moved is "
        "a client who had to begin anew with somebody.\n\n"
        "**What it cannot tell you.** Why people left. Vacancies: a post that nobody holds is not "
        "in a table of staff, so turnover shows who went, and not how long the place was empty."
    ),
}


def stretch(when: date, per_post: float | None, share: float | None, full: float) -> str:
    """How stretched all teams together are on a day."""
    if per_post is None or share is None:
        return f"On {day(when)} the clients for each full-time post cannot be shown."
    return (
        f"On {day(when)} there were {number(per_post)} clients for each full-time post, "
        f"{number(share, '%')} of a full caseload of {number(full)}."
    )


def teams(shares: Mapping[str, float | None]) -> str:
    """Which teams have more than a full caseload, in alphabetical order."""
    known = {team: share for team, share in shares.items() if share is not None}
    over = [verbatim(team) for team, share in known.items() if share > 1]
    if not known:
        return ""
    if not over:
        return "No team that can be shown has more than a full caseload."
    return f"More than a full caseload: {listing(over)}."


def turnover(left: int | None, average: float | None, came: int | None) -> str:
    """How many workers left and came in the last 12 months."""
    if left is None or average is None or came is None:
        return "Too few workers to tell how many came and left."
    share = f": a turnover of {number(left / average, '%')}" if left and average > 0 else ""
    return (
        f"In the last 12 months {left or 'nobody'} left and {came or 'nobody'} came, of "
        f"{number(average)} workers on an average day{share}."
    )


def away(hours: float | None, share: float | None) -> str:
    """How many hours were lost to absence."""
    if hours is None or share is None:
        return "Hours lost to absence are of too few workers to be shown."
    lost = f"{number(hours, 'hours')} were lost to absence of any kind"
    return f"{lost}, {number(share, '%')} of those contracted."


def moved(cases: int | None) -> str:
    """How many cases changed hands."""
    if cases is None:
        return "How many cases moved to another worker is too few to be shown."
    if not cases:
        return "No case moved to another worker."
    return f"{number(cases, 'cases')} moved to another worker."
