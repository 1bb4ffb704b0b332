"""How far people moved on assessment scales, from their first to their last reading."""

import numpy as np
import pandas as pd
from scipy import stats

from workbench import disclosure
from workbench.analyses.cohorts.members import members
from workbench.analyses.cohorts.stages import named
from workbench.store import Workspace

MEANS = ("first", "last", "change", "lower", "upper")


def scales_table(data: Workspace, by: str | None = None) -> pd.DataFrame:
    """How far people moved on each assessment scale, and how many have no second reading.

    One row a group and scale: [`by`,] scale, people (with readings on two days or more),
    no_second_reading (one day only: no change can be told), first, last, change (means of
    `people`), lower, upper (95 % of the mean change, Student's t), note, without (share of those
    with a reading who have no second one). Clients count once, with the readings of their counted
    enrolment (`members`). Means only from 20 people. The change of those who came back for a
    second reading is not that of everyone: read it beside `without`. Protected.
    Raises DataError where the export has no assessments.
    """
    data.needs("assessments")
    smallest = max(disclosure.PROFILES[data.settings.disclosure.profile].smallest_group, 2)
    readings = _readings(data, by)
    table = readings.groupby(["group", "scale"]).agg(
        people=("both", "sum"), asked=("both", "size"), spread=("change", "std"),
        first=("first", "mean"), last=("last", "mean"), change=("change", "mean"),
    ).reset_index()  # fmt: skip
    table["no_second_reading"] = table.pop("asked") - table["people"]
    large = table["people"] >= smallest
    n = table["people"].where(large)
    half = stats.t.isf(0.025, n - 1) * table.pop("spread") / np.sqrt(n)
    table["lower"], table["upper"] = table["change"] - half, table["change"] + half
    table[list(MEANS)] = table[list(MEANS)].where(large)
    protected = disclosure.protect(
        table[["group", "scale", "people", "no_second_reading", *MEANS]],
        people=["people", "no_second_reading"],
        means=dict.fromkeys(MEANS, "people"),
        plain=["group"],
        within=["scale"] if by else [],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    asked = protected["no_second_reading"] + protected["people"]
    without = (protected["no_second_reading"] / asked).where(asked >= smallest)
    return named(disclosure.extend(protected, {"without": without}), by)


def _readings(data: Workspace, by: str | None) -> pd.DataFrame:
    """One row a client (in a group) and scale; first, last and change of those with `both`."""
    rows = data.tables.assessments
    known = rows.filter(rows.assessment_date <= data.as_of)
    day, score = known.assessment_date, known.score
    found = known.group_by("enrolment_id", "scale").aggregate(
        both=day.max() > day.min(), first=score.argmin(day), last=score.argmax(day)
    )
    people = members(data, by)[["enrolment_id", "group"]]
    readings = people.merge(found.to_pandas(), on="enrolment_id")
    readings[["first", "last"]] = readings[["first", "last"]].where(readings["both"])
    return readings.assign(change=readings["last"] - readings["first"])
