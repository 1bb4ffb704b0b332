"""From those who could be reached to those who succeeded: stages, change on scales, no-starts."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import stats

from workbench import disclosure
from workbench.analyses.cohorts.members import (
    Engaged,
    listed,
    members,
    observed_for,
    until,
)
from workbench.errors import DataError
from workbench.store import Workspace

RESULTS = ("succeeded", "did not succeed", "not known")
SMALLEST_GROUP = disclosure.PROFILES["rounded7"].smallest_group


def stages_table(
    data: Workspace,
    by: str | None = None,
    engaged: Engaged = Engaged(),
    since: date | None = None,
) -> pd.DataFrame:
    """How many came how far: could be reached, referred, eligible, started, engaged, still here,
    succeeded or not or not known.

    One row a group and stage: [`by`,] stage, of (what it is a share of), clients, base, share,
    note; clients counted once (see `members`). "engaged" is asked of those who started long
    enough ago, the results of those whose horizon (settings) is over: they are "due". Stages that
    the export cannot tell are left out. Protected.
    Raises DataError where clients cannot be grouped by `by`.
    """
    frame = members(data, by, engaged, since)
    if frame.empty:
        raise DataError(
            f"cohorts: nobody was referred up to {data.as_of}. Give a later as-of date."
        )
    counts = [
        frame.assign(_stage=stage, _of=of, _line=line, _in=part & whole, _base=whole)
        .groupby("group", sort=True)
        .agg(stage=("_stage", "first"), of=("_of", "first"), line=("_line", "first"),
             clients=("_in", "sum"), base=("_base", "sum"))
        .reset_index()
        for stage, of, line, part, whole in _steps(data, frame, engaged)
    ]  # fmt: skip
    table = pd.concat(counts, ignore_index=True)
    first = table["stage"] == "referred"
    table.loc[first, "base"] = len(frame)
    table = _with_reachable(data, table, by)
    table["order"] = table.groupby("stage", sort=False).ngroup()
    table = table.sort_values(["group", "order"], kind="stable", ignore_index=True)
    protected = disclosure.protect(
        table.drop(columns="order"),
        people=["clients", "base"],
        ratios={"share": ("clients", "base")},
        plain=("group",),
        within=(("group", "line"), *((("stage",),) if by else ())),
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    return _named(_chained(protected).drop(columns="line"), by)


def never_started_table(
    data: Workspace, by: str | Sequence[str] | None = None, since: date | None = None
) -> pd.DataFrame:
    """Who never took the service up: by any attribute, all that can be compared unless named.

    One row an attribute and group: attribute, group, clients (eligible, or eligibility not
    recorded, and referred long enough ago to have started: settings, `start_within_days`),
    never_started, share, lower, upper (95 %, Wilson 1927), note. Clients counted once; one who
    started later, or in another programme, has started. Protected.
    """
    latest = pd.Timestamp(
        until(data) - timedelta(days=data.settings.reporting.start_within_days)
    )
    rows = []
    for attribute in listed(by, data):
        frame = members(data, attribute, since=since)
        waited = frame["eligible"].fillna(value=True) & (frame["entry"] <= latest)
        asked = frame[waited.to_numpy(dtype=bool)]
        none = asked["start_date"].isna()
        counts = none.groupby(asked["group"]).agg(clients="size", never_started="sum")
        rows.append(counts.reset_index().assign(attribute=attribute))
    columns = ["attribute", "group", "clients", "never_started"]
    table = pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)
    return disclosure.protect(
        table.astype({"clients": int, "never_started": int}),
        people=["clients", "never_started"],
        ratios={"share": ("never_started", "clients")},
        intervals={("lower", "upper"): ("never_started", "clients")},
        plain=("group",),
        within=("attribute",),
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def scales_table(data: Workspace, by: str | None = None) -> pd.DataFrame:
    """How far people moved on each assessment scale, from their first to their last reading.

    One row a group and scale: [`by`,] scale, twice (clients with two readings on different
    days), once (no second reading, so no change can be told), without (their share),
    first, last, change (means over `twice`), lower, upper (95 % of the change, Student's t),
    note. Means only for 20 clients or more. Change among those who came back is not the change
    of all: read it beside `without`. Protected.
    """
    data.needs("assessments")
    readings = _readings(data, members(data, by))
    keys = ["group", "scale"]
    table = readings.groupby(keys).agg(
        twice=("both", "sum"), once=("both", lambda both: int((~both).sum()))
    )
    changes = readings[readings["both"]].groupby(keys)
    large = table["twice"] >= SMALLEST_GROUP
    means = changes[["first", "last", "change"]].mean().reindex(table.index)
    half = changes["change"].std().reindex(table.index) / np.sqrt(table["twice"].where(large))
    half = half * stats.t.isf(0.025, (table["twice"] - 1).where(large))
    table = table.join(means.where(large))
    table["lower"], table["upper"] = table["change"] - half, table["change"] + half
    protected = disclosure.protect(
        table.reset_index(),
        people=["twice", "once"],
        means=dict.fromkeys(("first", "last", "change", "lower", "upper"), "twice"),
        plain=("group",),
        within=("scale",) if by else (),
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    asked = protected["once"] + protected["twice"]
    without = (protected["once"] / asked).where(asked >= SMALLEST_GROUP)
    return _named(disclosure.extend(protected, {"without": without}), by)


def _steps(
    data: Workspace, frame: pd.DataFrame, engaged: Engaged
) -> list[tuple[str, str, str, "pd.Series[bool]", "pd.Series[bool]"]]:
    """Stage, what it is a share of, the line that adds up, who is in it, who could be."""
    everyone = pd.Series(data=True, index=frame.index)
    started = frame["start_date"].notna()
    eligible = frame["eligible"].fillna(value=False).astype(bool) | started
    steps = []
    start_of = "referred"
    if frame["referral_date"].notna().any():
        steps.append(("referred", "everyone referred", "referred", everyone, everyone))
        if frame["eligible"].notna().any():
            steps.append(("eligible", "referred", "eligible", eligible, everyone))
            start_of = "eligible"
    base = eligible if start_of == "eligible" else everyone
    steps.append(("started", start_of, "started", started, base))
    long_enough = observed_for(frame, engaged.days, data)
    is_engaged = frame["early_contacts"] >= engaged.contacts
    of = f"started {engaged.days} days ago or earlier"
    steps.append(("engaged", of, "engaged", is_engaged, long_enough))
    open_still = started & frame["end_date"].isna()
    steps.append(("still here", "started", "still here", open_still, started))
    if "outcomes" in data and data.settings.outcomes.success:
        due = observed_for(frame, data.settings.outcomes.horizon_days, data)
        steps.append(("due", "started", "due", due, started))
        steps += [(each, "due", "result", frame["result"] == each, due) for each in RESULTS]
    return steps


def _with_reachable(data: Workspace, table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """With a stage before the first: how many could be reached, where `populations` says so."""
    if "populations" not in data:
        return table
    counted = data.tables.populations.to_pandas()
    counted = counted[counted["period"].fillna("") == counted["period"].fillna("").max()]
    if by is None:
        reach = pd.Series({"everyone": counted["count"].sum()})
    else:
        reach = counted.groupby("group")["count"].sum()
        if not set(table["group"]) & set(reach.index):
            return table
    reach = reach.round().astype("Int64").reindex(table["group"].unique())
    first = table["stage"] == table["stage"].iloc[0]
    table = table.astype({"base": "Int64"})
    known = first & table["group"].map(reach).notna()
    table.loc[known, "base"] = table["group"].map(reach)[known]
    table.loc[known, "of"] = "could be reached"
    row = pd.DataFrame(
        {"group": reach.index, "stage": "could be reached", "of": "", "line": "could be reached"}
    ).assign(clients=reach.to_numpy(), base=reach.to_numpy())
    return pd.concat([row.dropna(), table], ignore_index=True)


def _chained(table: pd.DataFrame) -> pd.DataFrame:
    """Without a base, and a share of it, where that stage's own count is hidden."""
    chained = table.copy()
    count = {
        (group, stage): clients
        for group, stage, clients in zip(
            table["group"], table["stage"], table["clients"], strict=True
        )
    }
    hidden = [
        (group, of) in count and pd.isna(count[group, of])
        for group, of in zip(table["group"], table["of"], strict=True)
    ]
    chained.loc[hidden, ["base", "share"]] = pd.NA
    chained.loc[hidden, "note"] = disclosure.HIDDEN
    return chained


def _readings(data: Workspace, frame: pd.DataFrame) -> pd.DataFrame:
    """One row a client (in a group) and scale: first, last, change, both."""
    assessments = data.tables.assessments
    known = assessments.filter(assessments.assessment_date <= data.as_of)
    day, score = known.assessment_date, known.score
    found = known.group_by("enrolment_id", "scale").aggregate(
        first=score.argmin(day), last=score.argmax(day), both=day.max() > day.min()
    )
    readings = frame[["enrolment_id", "group"]].merge(found.to_pandas(), on="enrolment_id")
    return readings.assign(change=readings["last"] - readings["first"])


def _named(table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """The group column under its own name, or away where there is one group only."""
    if by is None:
        return table.drop(columns="group")
    renamed = table.rename(columns={"group": by})
    renamed.attrs = {**table.attrs, "declared": table.attrs["declared"] | {by: "plain"}}
    return renamed[[by, *(column for column in renamed.columns if column != by)]]
