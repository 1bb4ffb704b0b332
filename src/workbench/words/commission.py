"""What a funder and a partner organisation are told: referrals, claims, costs, what to expect."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.words.plain import between, listing, number, verbatim

ALL = "all programmes"
STARTS = "starts"
OUTCOMES = "outcomes claimed"
SNAPSHOT = "the snapshot, which is all files as they were loaded"
MOST_DRAWN = 12  # programmes in a chart
FIRM_SCATTER = 1.25  # from here on, a sentence says that months differ by more than chance

NO_REFERRALS = "This export has no referral dates, so how many were passed on is not known."
NOT_COMPLETE = "No month is complete yet, so nothing can be counted."
NO_OUTCOMES = "This export has no table of outcomes, so none can be claimed."
NO_SUCCESS = (
    "The settings name no outcome that is in these records as success, so none can be claimed. "
    "Name it under [outcomes] success."
)
NOT_EVIDENCED = "This export does not say which outcomes are evidenced."
NO_COSTS = (
    "The settings give no costs, so what an outcome costs is not known. Give what a month of each "
    "programme costs under [commission] costs."
)
NO_SUCH_PROGRAMME = (
    "The settings give costs for programmes that are not in these records, so no outcome can be "
    "costed. Check the names under [commission] costs."
)
NO_PLAN = (
    "The settings plan no share of clients for any group ([segments] profile), so starts are not "
    "set against a plan."
)
NO_TARGETS = "No target is set for a measure that this export allows."
TOO_SHORT = "fewer than 12 months are complete."
TOO_FEW = "too few people are behind it."
STAGES = {"referrals": "referred", "eligible": "found eligible", "started": "started in time"}
STEP_LABELS = {
    "programme": "Programme",
    "not_eligible": "Not eligible",
    "not_said": "Not recorded",
    "share": "Started, of referrals",
}
CLAIM_LABELS = {
    "programme": "Programme",
    "claimed": "Claimed",
    "share": "Evidenced, of claimed",
    "lower": "From",
    "upper": "to",
}
COST_LABELS = {
    "programme": "Programme",
    "cost": "Cost of the months",
    "claimed": "Outcomes claimed",
    "cost_per_outcome": "Cost of an outcome",
    "lower": "From",
    "upper": "to",
}
FORECAST_LABELS = {
    "interval": "Period",
    "value": "Counted",
    "expected": "Expected",
    "lower": "At least",
    "upper": "At most",
    "rests_on": "Rests on",
}
BESIDE_LABELS = {
    "interval": "Latest complete period",
    "own": "Yours",
    "rest": "The rest",
    "own_year": "Yours, 12 months",
    "rest_year": "The rest, 12 months",
}

READ: Mapping[str, str] = {
    "steps": "**How to read it.** Each bar is a part of the one above it. Referrals are counted by "
    "the day they came in, and only months are taken whose referrals have had their time to "
    "start.\n\n**What to do about it.** Where many are found not eligible, talk to those who "
    "refer; where many are eligible and do not start, look at the waiting time.\n\n**What it "
    "cannot tell you.** Why somebody did not start, or whether they were helped elsewhere.",
    "profile": "**How to read it.** The share of all clients in each group, with its 95% "
    "interval, beside the share that was planned. A reading other than 'no clear difference' "
    "stands only where the plan lies outside the interval.\n\n**What it cannot tell you.** "
    "Whether those who were planned for are there to be reached.",
    "claims": "**How to read it.** Claimed is every outcome on record as achieved; evidenced are "
    "those of which the records say that proof was seen; of the others it was not, or nothing is "
    "said. An enrolment counts once for each kind of outcome.\n\n"
    "**What to do about it.** Ask for the proof that is missing before the claim is paid."
    "\n\n**What it cannot tell you.** Whether the outcome would have come without the service.",
    "costs": "**How to read it.** The cost of the months, divided by the outcomes claimed in them. "
    "The interval is what chance alone in the number of outcomes allows.\n\n**What to do about "
    "it.** Compare a year with a year; a programme that has just begun pays before it succeeds."
    "\n\n**What it cannot tell you.** What one person cost, or whether a cheaper outcome is as "
    "good: programmes work with different people.",
    "forecast": "**How to read it.** Dots are what was counted, the open marks what is to be "
    "expected if things go on as they were; 19 of 20 future counts should lie within the bars."
    "\n\n**What to do about it.** Plan for the whole bar, not for its middle.\n\n**What it "
    "cannot tell you.** What a change of the service, of funding or of referrers will do: none "
    "of that is in it.",
    "frozen": "**What it is for.** Whoever holds the files can work out these hashes and check "
    "that this report was made from them and nothing else.",
    "beside": "**How to read it.** Your figures and those of the rest, counted alike and protected "
    "alike. The 12 months are counted as one stretch: a share is of all that fell in them, so it "
    "moves less than that of a month.\n\n**What to "
    "do about it.** Where you differ for a year, ask what each does differently; where only "
    "the latest month differs, wait.\n\n**What it cannot tell you.** Who does better work: the "
    "figures are not adjusted for whom each works with.",
    "signals": "**How to read the charts.** The grey band is the usual range of your own figures. "
    "A marked point lies outside what chance does; all others are ordinary ups and downs.",
}


def months(first: date, last: date) -> str:
    """A stretch of whole months: "December 2024 to November 2025"."""
    return (
        f"{first:%B %Y} to {last:%B %Y}"
        if first.replace(day=1) != last.replace(day=1)
        else (f"{first:%B %Y}")
    )


def steps(
    covered: str, referrals: Any, eligible: Any, started: Any, share: Any, within: int
) -> str:
    """How many were referred, found eligible and started."""
    if pd.isna(referrals):
        return f"Too few referrals {_in(covered)} to say more."
    said = f"{_count(referrals)} referrals came {_in(covered)}"
    if eligible is not None and not pd.isna(eligible):
        said += f"; {_count(eligible)} were found eligible"
    if pd.isna(started):
        return f"{said}; how many started cannot be shown."
    rate = "" if pd.isna(share) else f" ({number(float(share), '%')} of referrals)"
    return f"{said}; {_count(started)} started within {within} days{rate}."


def claimed(
    names: Sequence[str], covered: str, count: Any, evidenced: tuple[Any, Any, Any] | None = None
) -> str:
    """How many outcomes are claimed, and of what share proof was seen."""
    kinds = listing([f"'{verbatim(name)}'" for name in names])
    if pd.isna(count):
        return f"Too few outcomes ({kinds}) came {_in(covered)} to show how many."
    said = f"{_count(count)} outcomes ({kinds}) are claimed {_in(covered)}."
    if evidenced is None:
        return said
    share, low, high = evidenced
    if pd.isna(share):
        return f"{said} Of how many proof was seen cannot be shown."
    limits = between(float(low), float(high), "%")
    return f"{said} Proof was seen of {number(float(share), '%')} of them ({limits})."


def cost(covered: str, each: Any, low: Any, high: Any, currency: str) -> str:
    """What an outcome cost, and how uncertain that is."""
    if pd.isna(each):
        return f"Too few people had an outcome {_in(covered)} to say what one cost."
    limits = f"{money(low, currency)} to {money(high, currency)}"
    return (
        f"An outcome claimed {_in(covered)} cost {money(each, currency)}; chance alone in the "
        f"number of outcomes allows anything from {limits}."
    )


def money(amount: Any, currency: str) -> str:
    """An amount of money, in whole units: £1,250."""
    return f"{currency}{number(float(amount), 'count')}"


def forecast(name: str, interval: str, table: pd.DataFrame, seasonal: bool, scatter: float) -> str:
    """What to expect of the next intervals: the first in numbers, and what it rests on."""
    row = table.iloc[0]
    limits = between(float(row["lower"]), float(row["upper"]), "count")
    resting = "the same months of the years before" if seasonal else "the last 12 complete months"
    when = f"{pd.Timestamp(row['interval']):%B %Y}"
    when = when if interval == "month" else f"the quarter from {when}"
    said = (
        f"If things go on as in {resting}, {when} should see about "
        f"{number(float(row['expected']), 'count')} {name} (95% interval {limits})."
    )
    if scatter >= FIRM_SCATTER:
        said += " Months have differed by more than chance, so the interval is wider for it."
    return said


def too_wide(low: float, high: float) -> str:
    """Why a forecast is not given although it could be worked out."""
    return (
        f"months have differed so much that anything from {between(low, high, 'count')} would have "
        "to be expected."
    )


def no_forecast(name: str, reason: str) -> str:
    """Why there is no forecast."""
    why = reason[:1].lower() + reason[1:]
    return f"No forecast of {name}: {why}"


def rest(own: str, others: int) -> str:
    """Who the rest is; no other organisation is named."""
    if others == 0:
        return (
            "These records hold no other organisation, so there is nothing to set your figures "
            "beside."
        )
    if others == 1:
        return (
            f"The rest is exactly one other organisation. Its figures are protected as yours are, "
            f"and no more is shown of it than the figures of the whole service less those of "
            f"{verbatim(own)} would give."
        )
    return f"The rest is {others} other organisations, taken together."


def quality(entered: float | None, unknown: float | None) -> str:
    """How good an organisation's records are, in one sentence."""
    parts = []
    if entered is not None:
        parts.append(f"{number(entered, '%')} of your contacts were typed in on time")
    if unknown is not None:
        parts.append(f"{number(unknown, '%')} of your outcomes that were due are not known")
    if not parts:
        return "How complete your records are cannot be said from this export."
    return f"Over the last 12 complete months, {listing(parts)}."


def _in(covered: str) -> str:
    return f"in {covered}" if " to " not in covered else f"from {covered}"


def _count(value: Any) -> str:
    return number(float(value), "count")
