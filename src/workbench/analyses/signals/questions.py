"""The five questions of every measure: now, start, going, known, do; from released numbers."""

import pandas as pd

from workbench import disclosure
from workbench.analyses.signals.finding import FLAGS, Finding
from workbench.analyses.signals.overview import Overview
from workbench.periods import Period
from workbench.store import Workspace
from workbench.words import questions as say

MONTHS = {"month": 1, "quarter": 3, "year": 12}
IN_WORDS = {"percent": "%", "number": ""}


def five_questions(found: Overview, data: Workspace) -> pd.DataFrame:
    """What every measure in a report answers: now, start, going, how will we know, what to do.

    One row a measure, all text: measure, now, start, going, known, do. Nothing is forecast: whether
    a target can be relied on is what the chart's limits say. Protected.
    """
    starts = data.settings.organisation.year_starts
    rows = [{"measure": each.definition.name} | _answers(each, starts) for each in found.findings]
    return disclosure.protect(pd.DataFrame(rows, columns=[*say.LABELS])).drop(columns="note")


def five_blocks(found: Overview, data: Workspace) -> str:
    """The same as a small block a measure, in Markdown, for `display.Text`."""
    table = five_questions(found, data)
    return "\n\n".join(
        say.block(row["measure"], {str(key): str(said) for key, said in row.items()})
        for row in table.to_dict("records")
    )


def _answers(finding: Finding, year_starts: int) -> dict[str, str]:
    about, complete = finding.definition, finding.complete
    unit = IN_WORDS.get(finding.unit, finding.unit)
    latest = complete.iloc[-1] if len(complete) else None
    value = None if latest is None else _number(latest["value"])
    assurance = finding.chart.assurance if finding.chart and not finding.seasonal else None
    by, split = next(iter(finding.explanations.items()), ("", None))
    flagged = finding.reading in FLAGS and split is not None
    group = str(split.table[by].iloc[0]) if flagged and split is not None else ""
    when = "" if latest is None else _title(finding, latest["interval"], year_starts)
    return {
        "now": say.now(value, when, finding.reading, unit),
        "start": _start(finding, year_starts, unit),
        "going": say.going(
            about.target, assurance, _side(value, about.target), unit, finding.interval
        ),
        "known": _known(finding, unit),
        "do": say.to_do(finding.reading, assurance, finding.interval, group, by),
    }


def _start(finding: Finding, year_starts: int, unit: str) -> str:
    """The mean of the first limits; the first figure where there are none, or a season."""
    complete = finding.complete
    average = not finding.seasonal and bool(complete["mean"].notna().any())
    shown = complete.dropna(subset=["mean" if average else "value"])
    if shown.empty:
        return say.start(None, "", False, unit)
    first = shown.iloc[0]
    value = float(first["mean"] if average else first["value"])
    return say.start(value, _title(finding, first["interval"], year_starts), average, unit)


def _known(finding: Finding, unit: str) -> str:
    about = finding.definition
    if about.kind == "stock":
        return say.known(about.meaning, "stock", finding.interval, unit)
    limits = finding.complete.dropna(subset=["lower", "upper"])
    if limits.empty:
        return say.known(about.meaning, "none", finding.interval, unit)
    last = limits.iloc[-1]
    usual = (float(last["lower"]), float(last["upper"]))
    kind = "season" if finding.seasonal else "limits"
    return say.known(about.meaning, kind, finding.interval, unit, usual, float(last["mean"]))


def _side(value: float | None, target: float | None) -> str:
    if value is None or target is None:
        return ""
    return "at" if value == target else "above" if value > target else "below"


def _title(finding: Finding, interval: pd.Timestamp, year_starts: int) -> str:
    return Period.containing(interval.date(), MONTHS[finding.interval], year_starts).title


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]
