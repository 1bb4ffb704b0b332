"""Outcomes claimed, and of these the ones of which proof was seen."""

import pandas as pd

from workbench import definitions, disclosure
from workbench.analyses.commission.window import Window, by_programme, window
from workbench.store import Workspace
from workbench.words import commission as said


def why_no_claims(data: Workspace) -> str:
    """Why no outcome can be claimed, in words; empty where some can."""
    if "outcomes" not in data:
        return said.NO_OUTCOMES
    if not set(data.settings.outcomes.success) & data.values("outcomes.outcome"):
        return said.NO_SUCCESS
    return "" if window(data) else said.NOT_COMPLETE


def achieved(data: Workspace) -> pd.DataFrame:
    """Outcomes that settings call success, achieved by the as-of date. Not to publish.

    One row an enrolment and outcome: enrolment_id, outcome, client_id, programme, day (the first on
    which it was achieved, from the start on), evidenced (proof was seen of it on any record).
    """
    rows, begun = data.tables.outcomes, definitions.starts(data)
    rows = rows.inner_join(
        begun.select("enrolment_id", "client_id", "programme", "start_date"), "enrolment_id"
    )
    rows = rows.filter(
        rows.outcome.isin(list(data.settings.outcomes.success)),
        rows.status == "achieved",
        rows.outcome_date >= rows.start_date,
        rows.outcome_date <= data.as_of,
    )
    keys = ["enrolment_id", "outcome", "client_id", "programme"]
    frame = (
        rows.group_by(keys)
        .aggregate(day=rows.outcome_date.min(), evidenced=rows.evidenced.any())
        .order_by(keys)
        .to_pandas()
    )
    return frame.assign(day=pd.to_datetime(frame["day"])).astype({"evidenced": "boolean"})


def claimed(data: Workspace, covered: Window | None) -> pd.DataFrame:
    """The rows of `achieved` within a window. Not to publish."""
    rows = achieved(data)
    if covered is None:
        return rows.iloc[:0]
    return rows[rows["day"].between(pd.Timestamp(covered.first), pd.Timestamp(covered.last))]


def claims_table(data: Workspace) -> pd.DataFrame:
    """Outcomes achieved in the last 12 complete months, and of how many proof was seen.

    One row a programme, in the order of settings, then all of them: programme, claimed, evidenced,
    share (evidenced of claimed), lower, upper (95 %, Wilson 1927), note; the columns on proof only
    where the export says anything of it. What is not recorded as evidenced is not. An enrolment
    counts once for each kind of outcome. Protected.
    """
    rows = claimed(data, window(data))
    told = data.filled("outcomes.evidenced")
    rows = rows.assign(
        claimed=1,
        evidenced=rows["evidenced"].fillna(False),
    )
    proof = ["evidenced"] if told else []
    table = disclosure.protect(
        by_programme(data, rows, ["claimed", *proof]),
        people=["clients"],
        events=dict.fromkeys(["claimed", *proof], "clients"),
        ratios={"share": ("evidenced", "claimed")} if told else {},
        intervals={("lower", "upper"): ("evidenced", "claimed")} if told else {},
        within=["line"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    shares = ["share", "lower", "upper"] if told else []
    return table[["programme", "claimed", *proof, *shares, "note"]]


def claims_sentence(data: Workspace, table: pd.DataFrame) -> str:
    """A `claims_table` in a sentence."""
    covered, row = window(data), table.iloc[-1]
    if covered is None:
        return said.NOT_COMPLETE
    names = data.settings.outcomes.success
    if "evidenced" not in table:
        return f"{said.claimed(names, covered.title, row['claimed'])} {said.NOT_EVIDENCED}"
    share = (row["share"], row["lower"], row["upper"])
    return said.claimed(names, covered.title, row["claimed"], share)
