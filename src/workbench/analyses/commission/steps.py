"""From referral to start: how many were passed on, found eligible, and began."""

import pandas as pd

from workbench import definitions, disclosure
from workbench.analyses.commission.window import by_programme, window
from workbench.store import Workspace
from workbench.words import commission as said


def why_no_steps(data: Workspace) -> str:
    """Why referrals cannot be counted, in words; empty where they can."""
    if not data.filled("enrolments.referral_date"):
        return said.NO_REFERRALS
    wait = data.settings.reporting.start_within_days
    return "" if window(data, wait) else said.NOT_COMPLETE


def steps_table(data: Workspace) -> pd.DataFrame:
    """Referrals of the last 12 complete months, and what became of them.

    One row a programme, in the order of settings, then all of them: programme, referrals, eligible,
    not_eligible, not_said (eligibility not recorded; all three left out where it never is), started
    (within the days that settings allow), share (started of referrals), note. A client counts each
    time. Only months whose referrals have had those days. Protected.
    """
    wait = data.settings.reporting.start_within_days
    rows = _referred(data)
    told = data.filled("enrolments.eligible")
    kinds = ["eligible", "not_eligible", "not_said"] if told else []
    started = (rows["start_date"] - rows["referral_date"]).dt.days <= wait
    rows = rows.assign(
        referrals=1,
        started=started,
        eligible=rows["eligible"].eq(True).fillna(False),
        not_eligible=rows["eligible"].eq(False).fillna(False),
        not_said=rows["eligible"].isna(),
    )
    counts = ["referrals", *kinds, "started"]
    table = disclosure.protect(
        by_programme(data, rows, counts),
        people=["clients"],
        events=dict.fromkeys(counts, "clients"),
        ratios={"share": ("started", "referrals")},
        within=["line"],
        parts=[kinds] if told else [],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    return table[["programme", *counts, "share", "note"]]


def stages(table: pd.DataFrame) -> pd.DataFrame:
    """The last row of a `steps_table` as stages to be drawn, each a share of the referrals.

    One row a stage: stage, people (referrals that came so far), share, note. Protected.
    """
    row = table.iloc[-1]
    steps = [name for name in ("referrals", "eligible", "started") if name in table]
    people = [row[name] for name in steps]
    whole = None if pd.isna(row["referrals"]) or pd.isna(row["share"]) else float(row["referrals"])
    shares = [float(n) / whole if whole and not pd.isna(n) else None for n in people]
    drawn = pd.DataFrame({"stage": pd.Series([said.STAGES[name] for name in steps], dtype="str")})
    drawn["people"] = pd.Series(people, dtype="Int64")
    drawn["share"] = pd.Series([None, *shares[1:]], dtype="Float64")
    hidden = drawn["people"].isna()
    rules = {name: table.attrs[name] for name in ("disclosure", "basis")}
    shown = disclosure.protect(
        drawn, plain=["people", "share"], profile=rules["disclosure"], basis=rules["basis"]
    )
    shown["note"] = pd.Series([disclosure.HIDDEN if each else "" for each in hidden], dtype="str")
    return shown


def steps_sentence(data: Workspace, table: pd.DataFrame) -> str:
    """A `steps_table` in a sentence: how many came, were eligible, and started."""
    wait = data.settings.reporting.start_within_days
    covered = window(data, wait)
    if covered is None:
        return said.NOT_COMPLETE
    row = table.iloc[-1]
    eligible = row["eligible"] if "eligible" in table else None
    return said.steps(covered.title, row["referrals"], eligible, row["started"], row["share"], wait)


def _referred(data: Workspace) -> pd.DataFrame:
    """The referrals of the window. One row a referral; not to publish."""
    covered = window(data, data.settings.reporting.start_within_days)
    rows = definitions.enrolments(data)
    if covered is None:
        rows = rows.filter(False)
    else:
        rows = rows.filter(rows.referral_date.between(covered.first, covered.last))
    frame = rows.select(
        "enrolment_id", "client_id", "programme", "referral_date", "start_date", "eligible"
    ).to_pandas()
    dates = ["referral_date", "start_date"]
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in dates}).astype(
        {"eligible": "boolean"}
    )
