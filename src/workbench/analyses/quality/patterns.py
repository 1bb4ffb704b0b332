"""Patterns that no check of single rows can see, each with how surprising it is by chance.

Every pattern is tested with an exact distribution, and its chance is multiplied by the number of
days, fields or teams that were looked at (Bonferroni), so that a thousand looks find nothing.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from workbench import definitions, disclosure
from workbench.analyses.quality.fixes import unit
from workbench.store import Workspace
from workbench.tables import TABLES, kind

SURPRISING = 0.001
FEWEST = 8
SILENT_SHARE, SILENT_DAYS, OTHERS_GO_ON = 0.05, 5, 0.5
WEEKS_OF_RHYTHM = 13
FIRST_OF_MONTH = 12 / 365.25
NEAR_DAYS = 62  # teams that begin so close together follow the same change of form
HEAPS = 1.5
RECORDED = {"contacts": "contact_date", "outcomes": "outcome_date", "enrolments": "start_date"}
DATES = {
    **RECORDED,
    "assessments": "assessment_date",
    "supports": "start_date",
    "needs": "identified_date",
}
COLUMNS = ["pattern", "where", "when", "people", "found", "expected", "unit", "surprise", "advice"]
EMPTY_FOR_GOOD_REASON = ("end_date", "exit_reason", "end_recorded_at", "decline_reason", "value")
REUSED = "other content"  # how the loss report names an id that came again for something else


def patterns_table(data: Workspace) -> pd.DataFrame:
    """What looks odd in the records as a whole, and what to do about it; no rows: nothing does.

    One row a pattern found: pattern, where, when, people (behind it), found, expected (by chance),
    unit (what is counted), surprise (how often chance does as much), advice, note. Patterns: cases
    closed in bulk on one date, ids used again for another person, a field first used by one team,
    dates heaped on the first of the month, a team whose recording stops. Protected.
    Source: exact Poisson, binomial and hypergeometric tails, with Bonferroni's correction.
    """
    found = [
        *_recording_stops(data),
        *_closed_in_bulk(data),
        *_ids_used_again(data),
        *_first_used_by_one(data),
        *_heaped(data),
    ]
    table = pd.DataFrame(found, columns=COLUMNS)
    counts = ["people", "found", "expected"]
    return disclosure.protect(
        table.astype(dict.fromkeys(counts, "Int64")),
        people=["people"],
        events={"found": "people"},
        plain=["expected"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def _recording_stops(data: Workspace) -> Iterator[dict[str, object]]:
    """A team without contacts for five working days or more, while the others go on."""
    by = unit(data)
    daily, people = _daily(data, by)
    at_work = _at_work(data, by, daily)
    usual = _rhythm(daily).where(at_work, 0)
    looks = int((usual >= 1).sum().sum())
    for team in daily.columns:
        quiet = (daily[team] <= SILENT_SHARE * usual[team]) | (usual[team] < 1)
        quiet &= at_work[team]
        for days in _runs(quiet):
            expected, found = usual.loc[days, team].sum(), daily.loc[days, team].sum()
            others = daily.columns.drop(team)
            theirs = usual.loc[days, others].sum().sum()
            going_on = daily.loc[days, others].sum().sum() >= OTHERS_GO_ON * theirs
            chance = stats.poisson.cdf(found, expected) * looks
            working = usual.loc[days, team] >= 1
            if working.sum() < SILENT_DAYS or chance >= SURPRISING or not going_on:
                continue
            first, last = days[working.to_numpy()][[0, -1]]
            yield _row(
                "recording stops", f"{by} {team}", _span(first, last), people[team], found,
                expected, "contacts", chance, "Ask the team: were contacts made and not recorded? "
                "Enter them late, or leave these days out of comparisons.",
            )  # fmt: skip


def _daily(data: Workspace, by: str) -> tuple[pd.DataFrame, "pd.Series[int]"]:
    """Contacts by day (rows) and team (columns), and the people behind each team's."""
    contacts = definitions.contacts(data)
    until = min(data.as_of, data.complete_to)
    contacts = contacts.filter(contacts.contact_date <= until)
    events = contacts.select("enrolment_id", day=contacts.contact_date)
    rows = definitions.with_group(data, events, by)
    rows = rows.filter(rows[by].notin([definitions.NOT_ASSIGNED, definitions.NOT_RECORDED]))
    counts = rows.group_by("day", by).aggregate(n=rows.count()).to_pandas()
    people = rows.group_by(by).aggregate(n=rows.client_id.nunique()).to_pandas()
    counts["day"] = pd.to_datetime(counts["day"])
    daily = counts.pivot_table(index="day", columns=by, values="n", fill_value=0)
    if len(daily):
        daily = daily.reindex(pd.date_range(daily.index.min(), until), fill_value=0)
    return daily, people.set_index(by)["n"]


def _at_work(data: Workspace, by: str, daily: pd.DataFrame) -> pd.DataFrame:
    """Whether each team (columns) had begun to record by a day (rows), and still had open cases."""
    spells = definitions.spells(data, by)
    ends = spells.group_by(by).aggregate(last=spells.end_date.max()).to_pandas().set_index(by)
    last = pd.to_datetime(ends["last"]).reindex(daily.columns)
    day = pd.Series(daily.index, daily.index)
    return pd.DataFrame(
        {team: (daily[team].cumsum() > 0) & (day <= last[team]) for team in daily.columns},
        index=daily.index,
    )


def _rhythm(daily: pd.DataFrame) -> pd.DataFrame:
    """What is usual on a day: the median of the same weekday in the 13 weeks around it."""
    if daily.empty:
        return daily
    weekdays = [
        days.rolling(WEEKS_OF_RHYTHM, center=True, min_periods=WEEKS_OF_RHYTHM // 2 + 1).median()
        for _, days in daily.groupby(pd.DatetimeIndex(daily.index).day_of_week)
    ]
    return pd.concat(weekdays).sort_index().fillna(0)


def _runs(quiet: "pd.Series[bool]") -> Iterator[pd.DatetimeIndex]:
    for _, run in quiet[quiet].groupby((~quiet).cumsum()[quiet]):
        yield pd.DatetimeIndex(run.index)


def _closed_in_bulk(data: Workspace) -> Iterator[dict[str, object]]:
    """The day on which more cases of a programme were closed than that weekday usually sees."""
    ends = definitions.ends(data)
    counts = ends.group_by("programme", "end_date").aggregate(
        found=ends.count(), people=ends.client_id.nunique()
    )
    frame = counts.order_by("programme", "end_date").to_pandas()
    frame["end_date"] = pd.to_datetime(frame["end_date"])
    for programme, days in frame.groupby("programme"):
        weeks = max((days["end_date"].max() - days["end_date"].min()).days / 7, 1)
        weekday = days["end_date"].dt.day_of_week
        others = days.groupby(weekday)["found"].transform("sum") - days["found"]
        expected = (others / weeks).clip(lower=1 / weeks)
        chance = stats.poisson.sf(days["found"] - 1, expected) * len(frame)
        odd = days[(chance < SURPRISING) & (days["found"] >= FEWEST)]
        if len(odd):
            worst = int(np.argmin(chance))
            day, others = days.iloc[worst], len(odd) - 1
            yield _row(
                "closed in bulk", f"programme {programme}",
                _day(day["end_date"]) + (f" and on {others} more" if others else ""),
                day["people"], day["found"], expected.iloc[worst], "closures", chance[worst],
                "Ask who closed them: the real last days may lie earlier. Correct the end dates, "
                "or read lengths of stay around such days with care.",
            )  # fmt: skip


def _ids_used_again(data: Workspace) -> Iterator[dict[str, object]]:
    """A client's or enrolment's id that now stands for somebody else."""
    advice = "Give each person an id of their own, for good; histories are mixed until then."
    for table, key in (("clients", "client_id"), ("enrolments", "enrolment_id")):
        issues = data.issues
        again = issues[(issues["table"] == table) & (issues["kind"] == "set aside")]
        again = again[again["problem"].fillna("").str.contains(REUSED)]
        if found := int(again["rows"].sum()):
            yield _row("id used again", f"{table}.{key}", "in this export", found, found, 0,
                       "rows", 0.0, advice)  # fmt: skip
        before = data.before
        identity = "birth_date" if table == "clients" else "client_id"
        if before is not None and (found := _others(before, data, table, key, identity)):
            yield _row("id used again", f"{table}.{key}", "since the snapshot before", found,
                       found, 0, "ids", 0.0, advice)  # fmt: skip


def _others(before: Workspace, now: Workspace, table: str, key: str, identity: str) -> int:
    """How many keys stand for another identity than in the snapshot before."""
    first, second = (
        each.tables[table].select(key, identity).to_pandas().dropna().set_index(key)[identity]
        for each in (before, now)
    )
    shared = first.index.intersection(second.index)
    return int((first[shared].astype(str) != second[shared].astype(str)).sum())


def _first_used_by_one(data: Workspace) -> Iterator[dict[str, object]]:
    """A field that one team began to fill on some date, and no other team at that time."""
    by = unit(data)
    for table, day in RECORDED.items():
        if table not in data:
            continue
        monthly, fields = _monthly(data, table, day, by)
        teams = monthly[by].nunique()
        looks = len(fields) * teams
        for field in fields:
            used = monthly[monthly[field] > 0].groupby(by)["month"].min()
            for team, first in used.items():
                near = (used.drop(team) - first).abs() < pd.Timedelta(days=NEAR_DAYS)
                months = monthly[monthly[by] == team]
                n, filled = int(months["n"].sum()), int(months[field].sum())
                before = int(months.loc[months["month"] < first, "n"].sum())
                chance = stats.hypergeom.pmf(0, n, filled, before) * looks
                few = min(before, filled) < FEWEST
                if near.any() or teams < 2 or few or chance >= SURPRISING:
                    continue
                yield _row(
                    "field first used by one", f"{table}.{field}, {by} {team}",
                    f"from {first:%B %Y}", months["people"].max(), filled,
                    0, "records with it", chance, "Ask what changed: a new way of recording, not "
                    "a new kind of client. Agree on it for all teams, or leave the field out.",
                )  # fmt: skip


def _monthly(data: Workspace, table: str, day: str, by: str) -> tuple[pd.DataFrame, list[str]]:
    """Rows and filled cells of each field by month and team, and the fields that were used."""
    rows = data.tables[table]
    rows = rows.filter(rows[day] <= data.as_of)
    skipped = {"enrolment_id", "client_id", by, day, *EMPTY_FOR_GOOD_REASON}
    fields = [
        each for each in TABLES[table].columns
        if each not in skipped and kind(TABLES[table], each) != "key"
    ]  # fmt: skip
    filled = {each: rows[each].count() for each in fields}
    whole = rows.aggregate(rows=rows.count(), **filled).to_pandas().iloc[0]
    fields = [each for each in fields if 0 < whole[each] < whole["rows"]]
    events = rows.select("enrolment_id", *fields, day=rows[day])
    grouped = definitions.with_group(data, events, by)
    grouped = grouped.mutate(month=grouped.day.truncate("M"))
    counts = grouped.group_by("month", by).aggregate(
        n=grouped.count(), people=grouped.client_id.nunique(),
        **{each: grouped[each].count() for each in fields},
    )  # fmt: skip
    monthly = counts.order_by(by, "month").to_pandas()
    return monthly.assign(month=pd.to_datetime(monthly["month"])), fields


def _heaped(data: Workspace) -> Iterator[dict[str, object]]:
    """Dates that fall on the first of a month (births: on 1 January) far too often."""
    asked = [(table, day) for table, day in DATES.items() if table in data]
    asked += [
        ("clients", "birth_date"),
        ("enrolments", "referral_date"),
        ("enrolments", "end_date"),
    ]
    for table, day in asked:
        rows = data.tables[table]
        heap = rows[day].day() == 1
        share = FIRST_OF_MONTH
        if day == "birth_date":
            heap, share = heap & (rows[day].month() == 1), share / 12
        person = "client_id" if "client_id" in rows.columns else "enrolment_id"
        counts = rows.aggregate(
            n=rows[day].count(), found=heap.sum(), people=rows[person].nunique(where=heap)
        )
        n, found, people = (int(each) for each in counts.to_pandas().fillna(0).iloc[0])
        chance = float(stats.binom.sf(found - 1, n, share)) * len(asked)
        if found < FEWEST or chance >= SURPRISING or found < HEAPS * share * n:
            continue
        heap_name = "1 January" if day == "birth_date" else "the first of a month"
        yield _row(
            "heaped on one day", f"{table}.{day}", f"on {heap_name}", people, found, share * n,
            "dates", chance, "Some are guesses. Record unknown days as unknown, and do not count "
            "in days with this field.",
        )  # fmt: skip


def _row(
    pattern: str, where: str, when: str, people: float, found: float, expected: float,
    unit: str, chance: float, advice: str,
) -> dict[str, object]:  # fmt: skip
    values = (round(people), round(found), round(expected), unit, _surprise(chance), advice)
    return dict(zip(COLUMNS, (pattern, where, when, *values), strict=True))


def _surprise(chance: float) -> str:
    if chance == 0:
        return "never by chance"
    if chance < 1e-6:
        return "less than once in a million"
    return f"less than once in {10 ** int(-np.log10(chance)):,}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _span(first: date, last: date) -> str:
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same_month else _day(first)} to {_day(last)}"
