"""What is said of who is drifting away: the verdict, a person's reasons, what must not be done."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from workbench.words.plain import between, listing, number, verbatim
from workbench.words.plain import day as write_day

SUBJECTS = {
    "days_since_contact": "gap",
    "gap_in_usual_gaps": "gap",
    "usual_gap": "gap",
    "contacts_2_weeks": "contact",
    "contacts_4_weeks": "contact",
    "contacts_8_weeks": "contact",
    "contacts_in_all": "contact",
    "contact_trend": "contact",
    "attendance": "attendance",
    "attendance_for_weekday": "attendance",
    "missed_in_a_row": "attendance",
    "caseworker_changes": "caseworker",
    "days_in_programme": "time",
    "supports": "supports",
    "supports_open": "supports",
    "overdue_actions": "actions",
}
"""What a feature speaks of: those of one subject are one reason."""

FEATURES = {
    "days_since_contact": "days since the last contact",
    "contacts_2_weeks": "contacts in the last 2 weeks",
    "contacts_4_weeks": "contacts in the last 4 weeks",
    "contacts_8_weeks": "contacts in the last 8 weeks",
    "contacts_in_all": "contacts in all",
    "contact_trend": "contacts, last 4 weeks less 4 before",
    "usual_gap": "own usual days between contacts",
    "gap_in_usual_gaps": "days since contact, in usual gaps",
    "attendance": "share of appointments kept",
    "attendance_for_weekday": "share kept, against those weekdays",
    "missed_in_a_row": "appointments missed in a row",
    "caseworker_changes": "changes of caseworker",
    "days_in_programme": "days since the start",
    "supports": "supports started",
    "supports_open": "supports going on",
    "overdue_actions": "overdue actions",
}
"""Features as they stand in a table; `exposures.ACTIVITY` says exactly what they are."""

IN_WORDS = {
    "gap": "time since the last contact, against the client's own usual",
    "contact": "how often seen lately",
    "attendance": "missed appointments",
    "caseworker": "changes of caseworker",
    "time": "time in the programme",
    "supports": "supports",
    "actions": "overdue actions",
}
BANDS = ("call first", "keep an eye on", "as usual", "check: still with us?")
NO_CONTACTS = "These records hold no contacts, so nobody can be seen drifting away."
NOT_NAMED = (
    "The settings name no exit reason as disengagement, and no number of days without contact, so "
    "nobody can be said to have drifted away. Name reasons under [exits], or set no_contact_days "
    "under [disengagement]."
)
RANKINGS = {
    "rule": "longest without contact",
    "model": "the model",
    "boosted trees": "boosted trees, a rival",
}
FIFTHS = ("least risk", "second fifth", "middle fifth", "fourth fifth", "most risk")
FEWEST_EVENTS = 100
MUST_NOT = (
    "No sanction, no warning and no end of support follows from a place on this list.",
    "Nobody is refused a service because of it, or given a worse one.",
    "Staff are not ranked or judged by it: caseloads differ, and so do those who leave.",
    "A place on the list is a reason to ask how somebody is, and no fact about that person.",
)


def feature(name: str, word: str = "") -> str:
    """A feature, or one of its words, as it stands in a table."""
    said = FEATURES.get(name, name.replace("_", " "))
    return f"{said}: {word}" if word else said


def subject(feature: str) -> str:
    """What a feature speaks of; one that is not known here speaks of itself."""
    return SUBJECTS.get(feature, feature)


def subject_in_words(subject: str) -> str:
    """A subject as it stands in a table."""
    return IN_WORDS.get(subject, subject.replace("_", " "))


# --- the verdict --------------------------------------------------------------------------------


def verdict(
    verdict: str,
    *,
    extra: float,
    interval: tuple[float, float],
    k: int,
    training_events: int,
    events: int,
    stayed: int = FEWEST_EVENTS,
) -> str:
    """Which ranking a list should use, and what it rests on."""
    if verdict == "cannot tell":
        learnt, left = number(training_events, "count"), number(events, "count")
        few = f"{learnt} who left to learn from and {left} who left to test on are too few "
        few += f"(about {FEWEST_EVENTS} are needed to learn from)"
        if training_events >= FEWEST_EVENTS <= events:
            who = "who stayed" if stayed < FEWEST_EVENTS else "different clients"
            few = f"there are too few {who} to test on"
        return f"Cannot tell: {few}. Use the rule: call those longest without contact."
    found = f"on lists of {number(k, 'count')} people in all"
    likely = f"(95% range {between(round(interval[0], 1), round(interval[1], 1))})"
    if verdict == "use the model":
        return (
            f"Use the model: {found} it found {_count(extra)} more of those who left than the rule "
            f"'longest without contact' {likely}."
        )
    more = "more" if extra >= 0 else "fewer"
    chance = ", which chance alone can do" if interval[1] >= 0 else ""
    return (
        f"Use the rule: {found} the model found {_count(abs(extra))} {more} of those who left than "
        f"'longest without contact' {likely}{chance}. Call those longest without contact."
    )


def told(
    verdict: str,
    *,
    shares: tuple[float | None, float | None],
    interval: tuple[float | None, float | None],
    listed: float | None,
    learnt: float | None,
    left: float | None,
) -> str:
    """The verdict for a page: which ranking the lists use and why, from released numbers.

    `shares`: of leavers, found by the rule and by the model; `interval`: of the difference.
    """
    if verdict == "cannot tell":
        few = (
            f"{number(learnt, 'count')} who left to learn from and {number(left, 'count')} to test "
            "on"
            if learnt is not None and left is not None
            else "those who left to learn from or to test on"
        )
        return (
            f"Cannot tell whether a model would do better: {few} are too few (about "
            f"{FEWEST_EVENTS} are needed to learn from). The lists use the rule: those longest "
            "without contact first."
        )
    use = {
        "use the model": "The lists use the model",
        "use the rule": "The lists use the rule: those longest without contact first",
    }[verdict]
    if None in shares or None in interval or listed is None:
        return f"{use}. The numbers behind it are too small to be shown."
    rule, model = (number(share, "%") for share in shares)
    low, high = (value or 0.0 for value in interval)
    found = (
        f"Of those who left, {model} were on the model's lists and {rule} on lists of the same "
        f"length by the rule 'longest without contact' ({number(listed, 'count')} places in all)"
    )
    if verdict == "use the model":
        return f"{use}. {found}: {between(low, high, 'points')} more, 95% range."
    return (
        f"{use}. {found}: by chance alone, the model may find anything from {_more(low)} to "
        f"{_more(high)}, and that is not enough to use it."
    )


def verdict_only(verdict: str) -> str:
    """The verdict of a model read from a file, without what it rested on."""
    return {
        "use the model": "Use the model: it was tested against the rule when it was made.",
        "use the rule": "Use the rule: call those longest without contact.",
        "cannot tell": "Cannot tell, so use the rule: call those longest without contact.",
    }[verdict]


def stayed_anyway(share: float | None) -> str:
    """How many of those on the list did not leave."""
    if share is None:
        return (
            "How many of those on the list would have stayed anyway cannot be told: too few people."
        )
    return (
        f"Of those on the list {number(share, '%')} stayed within the horizon, whatever was done. "
        "A place on the list is no forecast for any one of them."
    )


def must_not(stayed_anyway: str) -> str:
    """What must not be done with a list, as Markdown; with the share who would have stayed."""
    points = "\n".join(f"- {each}" for each in MUST_NOT)
    return f"{points}\n\n{stayed_anyway}".strip()


def card(
    *,
    horizon: int,
    no_contact_days: int,
    dates: tuple[str, str, int],
    people: int | None,
    left: int | None,
    features: Sequence[str],
    left_out: Mapping[str, str],
    rule: str,
    verdict: str,
    later: bool,
    data: str,
) -> list[tuple[str, str]]:
    """The model card: an item and what is said of it, a row each; `later`: tested on later days."""
    tested = (
        "On the last third of the days, each time made from earlier ones."
        if later
        else "On a fifth of the clients at a time, made from the others: there is no later day."
    )
    first, last = (write_day(date.fromisoformat(day)) for day in dates[:2])
    what = (
        f"no kept contact for {number(no_contact_days, 'days')}, dated at the last kept contact"
        if no_contact_days
        else "an exit for a reason that settings call disengagement"
    )
    missing = [f"{name} ({why})" for name, why in left_out.items()]
    return [
        ("What it is for", "Each caseworker's list of whom to call first in the week."),
        ("What it is not for", " ".join(MUST_NOT)),
        ("What it says", f"The chance of leaving within {number(horizon, 'days')}."),
        ("What leaving means", what.capitalize() + "."),
        (
            "What it was made from",
            f"{number(people, 'count')} clients, {number(left, 'count')} of whom left, as of "
            f"{number(dates[2], 'count')} days from {first} to {last}.",
        ),
        ("What it knows", "; ".join(features).capitalize() + "."),
        ("What it could not use", (listing(missing) or "Nothing was left out") + "."),
        ("The rule it has to beat", f"Those with the most {rule} first."),
        ("What the test said", verdict.capitalize() + "."),
        ("How it was tested", tested),
        ("How it is kept", f"As numbers in JSON with a hash; the data begin with {data}."),
    ]


def no_days(last: date) -> str:
    """Why nothing can be learnt: no as-of date can be used."""
    return (
        "as_of_dates: there is none that can be used: the records are too short, or it is not "
        f"known yet who left after it. The last that could be used is {write_day(last)}. Set "
        "as_of_dates or horizon_days under [disengagement], or ask later."
    )


def nobody(days: int) -> str:
    """Why nothing can be learnt: nobody was there."""
    return (
        f"as_of_dates: nobody was with the service at the close of {number(days, 'count')} "
        f"day{'' if days == 1 else 's'}. Choose other days."
    )


# --- one person's reasons -----------------------------------------------------------------------


def reason(subject: str, row: Mapping[str, Any], typical: Mapping[str, float]) -> str:
    """One reason in words, from what is on record of the person and what is typical of all."""
    if subject in _REASONS and (said := _REASONS[subject](row, typical)):
        return said
    value = row.get(subject)
    name = subject.replace("_", " ")
    if value is None or value != value:
        return f"{name} is not recorded"
    if isinstance(value, str | bool):
        return f"{name}: {verbatim(value) if isinstance(value, str) else ('no', 'yes')[value]}"
    usual = f" (typical: {number(typical[subject])})" if subject in typical else ""
    return f"{name}: {number(float(value))}{usual}"


def standing_out(row: Mapping[str, Any]) -> list[str]:
    """What stands out on record of a person, the time since the last contact first."""
    said = [_gap(row, {})]
    if (row.get("missed_in_a_row") or 0) >= 1:
        said.append(_attendance(row, {}))
    if (row.get("overdue_actions") or 0) >= 1:
        said.append(_actions(row, {}))
    trend = row.get("contact_trend")
    if trend is not None and trend < 0:
        said.append(_contact(row, {}))
    if (row.get("caseworker_changes") or 0) >= 1:
        said.append(_caseworker(row, {}))
    return [each for each in said if each]


def check(band: str, row: Mapping[str, Any]) -> str:
    """What to look at before the call; empty where nothing is on record."""
    if band == BANDS[3]:
        return "Is this person still with us? If not, record the exit and the day."
    if (row.get("missed_in_a_row") or 0) >= 2:
        return "Do the day, the place or the way of meeting still suit?"
    if (row.get("overdue_actions") or 0) >= 1:
        return "Is what was planned still right? It is overdue."
    if row.get("no_contact") is True:
        return "Does the address or telephone number work?"
    if (row.get("caseworker_changes") or 0) >= 1:
        return "Do they know who their caseworker is now?"
    return ""


def _gap(row: Mapping[str, Any], _typical: Mapping[str, float]) -> str:
    days, usual = row.get("days_since_contact"), row.get("usual_gap")
    if days is None or days != days:
        return ""
    if row.get("no_contact") is True:
        return f"not seen yet, {number(float(days), 'days')} after the start"
    said = f"no kept appointment for {number(float(days), 'days')}"
    if usual is None or usual != usual:
        return said
    every = "day" if round(usual) <= 1 else f"{number(float(round(usual)), 'count')} days"
    if days <= usual:
        return f"usually seen every {every}, last {_ago(days)}"
    return f"{said}; usually seen every {every.removesuffix(' days')}"


def _ago(days: float) -> str:
    return {0: "today", 1: "yesterday"}.get(int(days), f"{number(float(days), 'days')} ago")


def _contact(row: Mapping[str, Any], typical: Mapping[str, float]) -> str:
    now, both = row.get("contacts_4_weeks"), row.get("contacts_8_weeks")
    if now is None or now != now:
        whole = row.get("contacts_in_all")
        return "" if whole is None or whole != whole else f"seen {_times(whole)} in all"
    said = f"seen {_times(now)} in the last 4 weeks"
    trend = row.get("contact_trend")
    if trend is not None and trend == trend and both is not None and trend < 0:
        return f"{said}, {_times(both - now)} in the 4 weeks before"
    usual = typical.get("contacts_4_weeks")
    return said if usual is None else f"{said} ({number(round(usual), 'count')} is typical)"


def _attendance(row: Mapping[str, Any], _typical: Mapping[str, float]) -> str:
    missed, kept = row.get("missed_in_a_row"), row.get("attendance")
    if missed is not None and missed >= 1:
        many = "" if missed == 1 else f"{number(float(missed), 'count')} "
        return f"missed the last {many}appointment{'' if missed == 1 else 's'}"
    if kept is not None and kept == kept:
        return f"kept {number(float(kept), '%')} of the appointments of the last 8 weeks"
    return ""


def _caseworker(row: Mapping[str, Any], _typical: Mapping[str, float]) -> str:
    changes = row.get("caseworker_changes") or 0
    return f"has had {number(changes + 1, 'count')} caseworkers" if changes else "one caseworker"


def _time(row: Mapping[str, Any], _typical: Mapping[str, float]) -> str:
    days = row.get("days_in_programme")
    return "" if days is None or days != days else f"with us for {number(float(days), 'days')}"


def _supports(row: Mapping[str, Any], _typical: Mapping[str, float]) -> str:
    had, open_ = row.get("supports") or 0, row.get("supports_open") or 0
    if not had:
        return "no support started yet"
    return f"{number(had, 'count')} support{'' if had == 1 else 's'} started, {open_:g} going on"


def _actions(row: Mapping[str, Any], _typical: Mapping[str, float]) -> str:
    late = row.get("overdue_actions") or 0
    if not late:
        return "no action of the plan is overdue"
    return f"{number(late, 'count')} action{'' if late == 1 else 's'} of the plan overdue"


_REASONS = {
    "gap": _gap, "contact": _contact, "attendance": _attendance, "caseworker": _caseworker,
    "time": _time, "supports": _supports, "actions": _actions,
}  # fmt: skip


def _times(count: float) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(
        int(count), f"{number(float(count), 'count')} times"
    )


def _more(value: float) -> str:
    return f"{number(abs(value), 'points')} {'fewer' if value < 0 else 'more'}"


def _count(value: float) -> str:
    return number(round(value, 1))
