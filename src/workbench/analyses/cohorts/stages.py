"""From those who could be reached to those who succeeded, and who never took the service up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from workbench import definitions, disclosure
from workbench.analyses.cohorts.members import (
    ENGAGED,
    EVERYONE,
    NOT_KNOWN,
    Engaged,
    grouped,
    listed,
    long_enough,
    members,
    stays,
)
from workbench.errors import DataError
from workbench.periods import Period
from workbench.store import Workspace

REACHABLE = "could be reached"
RESULTS = ("succeeded", "did not succeed", NOT_KNOWN)
LONGEST_YEAR = 366


def stages_table(
    data: Workspace,
    by: str | None = None,
    engaged: Engaged = ENGAGED,
    since: date | None = None,
) -> pd.DataFrame:
    """How many came how far, from those who could be reached to those who succeeded.

    One row a group and stage, in order: [`by`,] stage, people, of (the stage or group that it is a
    share of; empty: of none), base (how many those are), share, note. Stages: could be reached
    (`populations`, a year's figure: a share of it is given where `since` is within a year of the
    as-of date), referred, eligible, started, engaged, still here, due (the horizon of settings is
    over), succeeded, did not succeed, not known. Those that the export cannot tell are left out.
    Clients count once, see `members`, which also says what `since` is by default. Protected.
    Raises DataError where nobody was referred, or clients cannot be grouped by `by`.
    """
    frame = members(data, by, engaged, since)
    if frame.empty:
        raise DataError(
            f"cohorts: nobody was referred or started from {since or data.complete_from} to "
            f"{data.as_of}. Give an earlier `since` or a later as-of date."
        )
    reach = _reachable(data, by, frame["group"])
    within_a_year = (data.as_of - (since or data.complete_from)).days <= LONGEST_YEAR
    first = REACHABLE if len(reach) and within_a_year else ""
    rows = [_stage(reach, reach, REACHABLE, "", REACHABLE)] if len(reach) else []
    for step in _steps(data, frame, engaged, first):
        people = step.inside.groupby(frame["group"]).sum()
        base = reach if step.of == REACHABLE else step.asked.groupby(frame["group"]).sum()
        rows.append(_stage(people, base, step.name, step.of, step.line))
    table = pd.concat(rows)
    table = table.sort_values("group", kind="stable", ignore_index=True)
    protected = disclosure.protect(
        table,
        people=["people", "base"],
        ratios={"share": ("people", "base")},
        plain=["group"],
        within=[("group", "line"), *(["stage"] if by else [])],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    return named(_with_known_bases(protected).drop(columns="line"), by)


def never_started_table(
    data: Workspace, by: str | Sequence[str] | None = None, since: date | None = None
) -> pd.DataFrame:
    """Who never took the service up: by any attribute, or by all that can be compared.

    Teams are compared only when asked for: who never started was often never given to one.

    One row an attribute and group: attribute, group, people (eligible or not said not to be, and
    referred long enough ago to have started: `start_within_days` of settings), never_started,
    share, lower, upper (95 %, Wilson 1927), note. Clients count once, and one who started after
    all, later or with another referral, has started. Empty where there are no referrals. Protected.
    """
    wait = timedelta(days=data.settings.reporting.start_within_days)
    counted, everyone = [], stays(data, since=since)
    wanted = listed(by, data)
    for attribute in wanted if by else [name for name in wanted if name != "team"]:
        frame = grouped(data, everyone, attribute)
        waited = frame["referral_date"] <= pd.Timestamp(definitions.followed_to(data) - wait)
        asked = frame[waited & frame["eligible"].fillna(value=True).astype(bool)]
        none = asked["start_date"].isna().groupby(asked["group"])
        counts = none.agg(people="size", never_started="sum").reset_index()
        counted.append(counts.assign(attribute=attribute))
    columns = ["attribute", "group", "people", "never_started"]
    table = pd.concat([pd.DataFrame(columns=columns), *counted], ignore_index=True)[columns]
    return disclosure.protect(
        table.astype({"people": int, "never_started": int}),
        people=["people", "never_started"],
        ratios={"share": ("never_started", "people")},
        intervals={("lower", "upper"): ("never_started", "people")},
        plain=["group"],
        within=["attribute"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def named(table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """A protected table with its column `group` called as asked for, or away for one group."""
    if by is None:
        return table.drop(columns="group")
    renamed = table.rename(columns={"group": by})
    renamed.attrs["declared"] = {**table.attrs["declared"], by: "plain"}
    return renamed[[by, *(column for column in renamed.columns if column != by)]]


@dataclass(frozen=True)
class _Step:
    """A stage: who is in it, of whom, and the stages with which it adds up (`line`)."""

    name: str
    of: str
    inside: "pd.Series[bool]"
    asked: "pd.Series[bool]"
    line: str


def _steps(data: Workspace, frame: pd.DataFrame, engaged: Engaged, first: str) -> list[_Step]:
    everyone = frame["group"].notna()
    started = frame["start_date"].notna()
    eligible = started | frame["eligible"].fillna(value=False).astype(bool)
    steps, before, base = [], first, everyone
    if frame["referral_date"].notna().any():
        steps.append(_Step("referred", before, everyone, everyone, "referred"))
        before = "referred"
    if frame["eligible"].notna().any():
        steps.append(_Step("eligible", before, eligible, base, "eligible"))
        before, base = "eligible", eligible
    steps.append(_Step("started", before, started, base, "started"))
    asked = long_enough(frame, engaged.days, data)
    of = f"started {engaged.days} days ago or earlier"
    steps.append(_Step("engaged", of, asked & frame["engaged"], asked, "engaged"))
    here = started & frame["end_date"].isna()
    steps.append(_Step("still here", "started", here, started, "still here"))
    if "outcomes" in data and data.settings.outcomes.success:
        due = frame["due"]
        steps.append(_Step("due", "started", due, started, "due"))
        steps += [_Step(each, "due", due & (frame["result"] == each), due, "") for each in RESULTS]
    return steps


def _stage(
    people: "pd.Series[Any]", base: "pd.Series[Any]", name: str, of: str, line: str
) -> pd.DataFrame:
    """The rows of a stage; without a base, `base` is the total (and goes after protection)."""
    whole = base.reindex(people.index) if of else pd.Series(people.sum(), people.index)
    counts = pd.DataFrame({"people": people, "base": whole.fillna(people.sum())}).astype(int)
    stage = counts.rename_axis("group").reset_index().assign(stage=name, of=of, line=line)
    return stage[["group", "stage", "people", "of", "base", "line"]]


def _reachable(data: Workspace, by: str | None, groups: "pd.Series[str]") -> "pd.Series[Any]":
    """How many could be reached by group, in the year of the as-of date or the last counted."""
    if "populations" not in data:
        return pd.Series(dtype=int)
    counts = data.tables.populations.to_pandas()
    year = Period.containing(data.as_of, 12, data.settings.organisation.year_starts).name
    periods = counts["period"].fillna("")
    counts = counts[periods == (year if (periods == year).any() else periods.max())]
    if by is None:
        return pd.Series({EVERYONE: round(counts["count"].sum())})
    reach = counts.groupby("group")["count"].sum().round().astype(int)
    return reach[reach.index.isin(groups)]


def _with_known_bases(table: pd.DataFrame) -> pd.DataFrame:
    """Without base and share where there is no base, or it is a stage that is itself hidden."""
    people = table.set_index(["group", "stage"])["people"]
    keys = pd.MultiIndex.from_frame(table[["group", "of"]])
    hidden = keys.isin(people[people.isna()].index)
    absent = table["of"].isin(table["stage"]) & ~keys.isin(people.index)
    known = table.copy()
    known.loc[hidden | absent | (table["of"] == ""), ["base", "share"]] = pd.NA
    known.loc[hidden, "note"] = disclosure.HIDDEN
    return known
