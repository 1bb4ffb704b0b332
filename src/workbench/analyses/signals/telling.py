"""What a finding says to a reader: its headline, and all that stands under its chart."""

from datetime import date

import pandas as pd

from workbench import words
from workbench.analyses.signals.changes import changes_proposed
from workbench.analyses.signals.explanation import Explanation
from workbench.analyses.signals.finding import FLAGS, Finding
from workbench.periods import Period

NEARBY_DAYS = 92  # a logged change so close to a flagged interval is named
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def headline(finding: Finding, year_starts: int) -> str:
    """The finding in one sentence."""
    if finding.complete.empty:
        return words.NOTHING_COMPLETE
    row = finding.complete.iloc[-1]
    return words.signal(
        finding.definition.name,
        None if pd.isna(row["value"]) else float(row["value"]),
        _title(finding, year_starts),
        finding.reading,
        unit=_unit(finding),
        rule=None if pd.isna(row["rule"]) else str(row["rule"]),
        usual=None if pd.isna(row["lower"]) else (float(row["lower"]), float(row["upper"])),
    )


def text(finding: Finding, year_starts: int, changes: pd.DataFrame | None) -> str:
    """What the chart shows, what to do about it, and what it cannot tell; in Markdown.

    `changes`: the logged changes to the service (change_date, description), if there are any.
    """
    told = [headline(finding, year_starts), *_about_limits(finding, changes)]
    cannot = [words.CANNOT_TELL[finding.definition.kind]]
    if len(finding.complete) and not finding.table["complete"].iloc[-1]:
        cannot.append(words.incomplete(_title(finding, year_starts)))
    return words.under_chart(
        finding.definition.meaning,
        [*told, *_reasons(finding, changes)],
        words.TO_DO[finding.reading],
        cannot,
    )


def _about_limits(finding: Finding, changes: pd.DataFrame | None) -> list[str]:
    """What the usual range rests on, whether the target can be relied on, new limits proposed."""
    chart, about = finding.chart, finding.definition
    if chart is None or chart.kind == "plain":
        return []
    told = (
        [words.provisional(int(finding.complete["value"].notna().sum()))]
        if chart.provisional
        else []
    )
    if finding.seasonal:
        return [*told, words.seasonal(about.name)]
    if about.target is not None and chart.assurance is not None:
        told.append(
            words.assurance(chart.assurance, about.target, _unit(finding), finding.interval)
        )
    if changes is not None:
        for _, proposal in changes_proposed(chart, changes).iterrows():
            when = pd.Timestamp(proposal["change_date"]).date()
            told.append(words.rebase(about.name, str(proposal["description"]), when))
    return told


def _reasons(finding: Finding, changes: pd.DataFrame | None) -> list[str]:
    """Where a flagged change came from, and what was logged near it."""
    if finding.reading not in FLAGS:
        return []
    splits = list(finding.explanations.items())[:1]
    traced = [_traced(finding, by, split) for by, split in splits]
    near = _nearby(changes, finding.complete["interval"].iloc[-1])
    return [*(traced or [words.NOT_SPLIT]), words.nearby(near)]


def _traced(finding: Finding, by: str, split: Explanation) -> str:
    parts = (split.volume, split.mix, split.rate)
    largest = str(split.table[by].iloc[0])
    return words.explained(
        finding.definition.name, split.total > 0, *parts, largest, by, _unit(finding)
    )


def _nearby(changes: pd.DataFrame | None, interval: pd.Timestamp) -> list[tuple[date, str]]:
    if changes is None:
        return []
    apart = (pd.to_datetime(changes["change_date"]) - interval).dt.days.abs()
    near = changes[apart <= NEARBY_DAYS]
    days = pd.to_datetime(near["change_date"]).dt.date
    return list(zip(days, near["description"].astype(str), strict=True))


def _title(finding: Finding, year_starts: int) -> str:
    """The latest complete interval in words."""
    day = finding.complete["interval"].iloc[-1].date()
    return Period.containing(day, MONTHS[finding.interval], year_starts).title


def _unit(finding: Finding) -> str:
    """The unit as sentences write it."""
    return {"percent": "%", "number": ""}.get(finding.unit, finding.unit)
