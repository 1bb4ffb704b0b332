"""The README that lies beside the export: the truths planted in it, its files and its flaws."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from workbench.sample import plan
from workbench.sample.export import CODES, CONTACT_HEADERS, FILES, SUPPORT_HEADERS
from workbench.sample.people import staff
from workbench.sample.plan import Effects

ABOUT = """\
# A synthetic charity

Nobody in these files exists. They are drawn by `workbench.sample` ({arguments})
in the form in which a case-management system exports its records; `make sample` writes them again,
byte for byte, and `settings/sample.toml` says what they mean. Names are invented, e-mail addresses
end in example.org, telephone numbers come from the range kept free for fiction (01632 960000 to
960999), and national insurance numbers begin with QQ, which is never issued.

The export was taken on {export}; the records begin on {first}; the last whole period is {period}.
"""

WITHOUT = """
## Truths

This charity was written without effects: contact, support, gaps, the logged changes and the day of
the week make no difference to anything. The need score at intake still drives both contact and
outcome. Team {silent_team} recorded no contacts from {silent_from} to {silent_to}.
"""

PLANTED = """
## Planted truths

A report that finds these is right; `tests/test_sample.py` recovers each of them from these files.

1. **Contact has a sweet spot.** Contacts offered per week in weeks 1 to {weeks} (kept or missed,
   groups included, administrative notes not) drive "settled home", which is looked at {review}
   days after the start. The best is {peak} a week. Chance of success at a need score of 3, with
   straight lines between: {success}.
   The need score at intake (1 to 5) is a common cause: it multiplies contacts by {contact_by_need}
   and adds {success_by_need} to the chance.
2. **Early mental-health support lowers arrests.** {early} of stays are meant to get it by day
   {early_by}, {late} later, the others never, whatever else happens. Arrests come at {arrests} a
   year at a need score of 3 (times {arrests_by_need} by need score); from the start of early
   support, at {arrest_ratio} times that. Support that starts later changes nothing.
3. **Gaps in contact come before disengagement.** The chance per working day of being lost follows
   the time since the last kept contact, in multiples of the client's own usual time between kept
   contacts: {lost}, and no more beyond.
   Such exits are "Lost contact" or "Declined further support".
4. **One logged change works, the other does not.** From {change} attendance in {programme} is
   {attendance_step} points higher than the {attendance} of a usual day elsewhere. The shorter
   referral form of {no_effect} changes nothing.
5. **One team stops recording.** Team {silent_team} has no contacts on record from {silent_from} to
   {silent_to}; they took place.
6. **Fridays are worse.** Attendance is {friday} points lower on Fridays.

Not about the service, but planted too: caseworker {slow} types contacts in late (half of them
after {slow_lag} days or more), and {leaver}'s caseload passed to {successor} on {left}.
"""

CONTENT = """
## Files

Dates are day/month/year. `clients.csv` is in Windows-1252 with semicolons, `outcomes.csv` in UTF-8
with a byte order mark, the others in UTF-8 with commas. `activity.csv` feeds two tables: rows of
Type "Contact" are contacts, rows of Type "Service" are supports.

{files}

Codes: {codes}; Y and N for yes and no.

Columns that name or describe a person and that no table has room for: {private}.

## Flaws

No row has two of them.

{flaws}
"""


def describe(
    frames: Mapping[str, pd.DataFrame], counts: pd.DataFrame, seed: int, effects: bool, clients: int
) -> str:
    """The text of the README for these files and the flaws that were put into them."""
    arguments = f"seed {seed}, {clients:,} clients" + ("" if effects else ", without effects")
    truths = PLANTED.format(**_sizes(plan.PLANTED)) if effects else WITHOUT.format(**_silence())
    about = ABOUT.format(
        arguments=arguments,
        export=_day(plan.EXPORT_DAY),
        first=_day(plan.FIRST_DAY),
        period=plan.LAST_PERIOD,
    )
    content = CONTENT.format(
        files=_files(frames),
        codes="; ".join(_codes()),
        private=", ".join(_private(frames)),
        flaws=_flaws(counts),
    )
    return about + truths + content


def _sizes(effects: Effects) -> dict[str, object]:
    workers = staff()["caseworker_id"]
    return {
        "weeks": plan.EXPOSURE_WEEKS,
        "review": "{} to {}".format(*plan.REVIEW_DAYS),
        "success": _points(effects.success_by_contact, "{:g} a week", "{:.0%}"),
        "peak": plan.PEAK,
        "contact_by_need": _list(plan.CONTACT_BY_NEED),
        "success_by_need": _list(plan.SUCCESS_BY_NEED, "{:+g}"),
        "early": f"{plan.EARLY_SUPPORT:.0%}",
        "early_by": plan.EARLY_BY_DAY,
        "late": f"{plan.LATE_SUPPORT:.0%}",
        "arrests": plan.ARRESTS_PER_YEAR,
        "arrests_by_need": _list(plan.ARRESTS_BY_NEED),
        "arrest_ratio": effects.arrest_ratio,
        "lost": _points(dict(list(effects.lost_by_gap.items())[:-1]), "{:g} times", "{:.2%}"),
        "change": _day(plan.CHANGE_DAY),
        "programme": plan.CHANGED_PROGRAMME,
        "attendance": f"{plan.ATTENDANCE:.0%}",
        "attendance_step": f"{100 * effects.attendance_step:g}",
        "no_effect": _day(plan.NO_EFFECT_CHANGE_DAY),
        "friday": f"{-100 * effects.friday_step:g}",
        "slow": workers[plan.SLOW_WORKER],
        "slow_lag": plan.SLOW_LAG[0.5],
        "leaver": workers[plan.LEAVER],
        "successor": workers[plan.SUCCESSOR],
        "left": _day(plan.HANDOVER),
        **_silence(),
    }


def _silence() -> dict[str, str]:
    return {
        "silent_team": plan.SILENT_TEAM,
        "silent_from": _day(plan.SILENT_FROM),
        "silent_to": _day(plan.SILENT_TO),
    }


def _files(frames: Mapping[str, pd.DataFrame]) -> str:
    rows = []
    for name, file in FILES.items():
        parts = [(name, file.headers, frames[name])]
        if name == "activity":
            service = frames[name]["Type"] == "Service"
            parts = [
                ("contacts", CONTACT_HEADERS, frames[name][~service]),
                ("supports", SUPPORT_HEADERS, frames[name][service]),
            ]
        for table, headers, frame in parts:
            columns = (f"{header} → {column}" for column, header in headers.items())
            rows.append((f"`{file.name}`", f"{len(frame):,}", table, ", ".join(columns)))
    return _table(("file", "rows", "table", "header → column"), rows)


def _codes() -> Iterable[str]:
    for column, codebook in CODES.items():
        yield f"{column} " + ", ".join(f"{code} = {word}" for word, code in codebook.items())


def _private(frames: Mapping[str, pd.DataFrame]) -> Iterable[str]:
    for name, file in FILES.items():
        for column in frames[name].columns:
            if column not in file.headers.values():
                yield f"{column} in `{file.name}`"


def _flaws(counts: pd.DataFrame) -> str:
    rows = [(f"`{FILES[f].name}`", kind, f"{n:,}") for f, kind, n in counts.to_numpy()]
    return _table(("file", "flaw", "rows"), rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _points(points: Mapping[float, float], at: str, value: str) -> str:
    return ", ".join(f"{value.format(y)} at {at.format(x)}" for x, y in points.items())


def _list(numbers: Sequence[float], form: str = "{:g}") -> str:
    return ", ".join(form.format(each) for each in numbers)


def _day(date: object) -> str:
    day = pd.Timestamp(str(date))
    return f"{day.day}/{day.month}/{day.year}"
