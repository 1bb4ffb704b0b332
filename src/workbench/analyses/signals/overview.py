"""How every measure did in a period: its chart, its signal, and where a flagged change came from.

Everything here is worked out from released numbers (`measures.measures_table`), so whatever it
returns may be published.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from workbench import disclosure, measures, words
from workbench.analyses.signals.chance import expected_by_chance
from workbench.analyses.signals.changes import changes_proposed
from workbench.analyses.signals.charts import Chart, plain, xmr
from workbench.analyses.signals.counts import p_chart
from workbench.analyses.signals.explanation import Explanation, explain
from workbench.analyses.signals.notes import FIRM
from workbench.analyses.signals.seasons import season, year_on_year
from workbench.definitions import groupings
from workbench.measures import Definition
from workbench.periods import Period
from workbench.store import Workspace

LIMITS = ["mean", "lower", "upper"]
SPLIT_BY = ("programme", "organisation", "site", "team")
REFERENCE = 12  # unflagged intervals before a flagged one that it is compared with
MOST_UNTRACED = 1 / 3  # of a change: what its groups may miss, or add, through protection
NEARBY_DAYS = 92
TOO_MANY_HIDDEN = 1 / 3  # of the months: then quarters are charted
FLAGS = ("improvement", "concern", "high", "low")
_UNITS = {"proportion": "percent", "count": "count", "rate": "number"}


@dataclass(frozen=True)
class Finding:
    """One measure in a period.

    `table`: protected, one row an interval: value, mean, lower, upper, rule, reading, target,
    provisional. `reading`: of the latest complete interval, a key of `words.READINGS`.
    `explanations`: by grouping, the parts of a flagged change. `headline`: the finding in one
    sentence; `text`: all that stands under its chart.
    """

    definition: Definition
    interval: str
    table: pd.DataFrame
    reading: str
    explanations: dict[str, Explanation]
    headline: str = ""
    text: str = ""


@dataclass(frozen=True)
class Overview:
    """How every measure did; tables are protected.

    `headlines`: one row a measure, for cards. `table`: one row a measure and interval, for charts.
    `explained`: one row a flagged measure, grouping and group: volume, mix, rate, change.
    `changes`: the logged changes to the service. `as_known`: up to when records are known, and who
    was left out. `chance`: how many flags chance would raise.
    """

    findings: tuple[Finding, ...]
    headlines: pd.DataFrame
    table: pd.DataFrame
    explained: pd.DataFrame
    definitions: pd.DataFrame
    changes: pd.DataFrame | None
    as_known: str
    chance: str
    units: dict[str, str]
    sentences: dict[str, str]


def overview(data: Workspace) -> Overview:
    """Where every measure stands on the as-of date, and what is out of the ordinary.

    Grain: one `Finding` a measure that the export allows. Shares are from 0 to 1. Limits rest on
    the first 13 complete intervals of each phase, or as settings say. Intervals that are not
    complete yet are shown and not judged.
    Raises SettingsError for measures that settings name and that do not exist.
    """
    changes = _changes(data)
    found = tuple(_finding(data, name, changes) for name in measures.names(data))
    history = data.settings.reporting.history
    table = pd.concat([finding.table.tail(history) for finding in found], ignore_index=True)
    disclosure.require_protected(table)
    judged = [finding.table for finding in found if finding.table["lower"].notna().any()]
    points = sum(int(each["lower"].tail(history).notna().sum()) for each in judged)
    return Overview(
        findings=found,
        headlines=_headlines(found),
        table=table,
        explained=_explained(found),
        definitions=measures.dictionary(data),
        changes=changes,
        as_known=words.known(data.as_of, data.complete_to, data.left_out),
        chance=words.chance(expected_by_chance(points), len(judged)),
        units={finding.definition.name: _unit(finding.definition) for finding in found},
        sentences={finding.definition.name: finding.text for finding in found},
    )


def _finding(data: Workspace, name: str, changes: pd.DataFrame | None) -> Finding:
    definition = measures.definition(data, name)
    interval = data.settings.reporting.interval
    table = measures.measures_table(data, [name], interval=interval)
    if interval == "month" and _hidden(table) > TOO_MANY_HIDDEN:
        interval = "quarter"
        table = measures.measures_table(data, [name], interval=interval)
    complete = table[table["complete"]].set_index("interval")
    chart, seasonal = _chart(data, definition, complete, interval)
    table = _with_limits(table, complete, chart, definition.target, seasonal)
    latest = table[table["complete"]].tail(1)
    reading = _reading(definition, latest, chart)
    explanations = {}
    if reading in FLAGS:
        explanations = _explanations(data, definition, table, latest["interval"].iloc[0], interval)
    finding = Finding(definition, interval, table, reading, explanations)
    told = _told(finding, chart, data, seasonal, changes)
    cannot = [words.CANNOT_TELL[definition.kind]]
    if len(latest) and not table["complete"].iloc[-1]:
        cannot.append(words.incomplete(_title(latest["interval"].iloc[0], interval, data)))
    text = words.under_chart(
        definition.meaning, [*told, *_reasons(finding, changes)], words.TO_DO[reading], cannot
    )
    return replace(finding, headline=told[0], text=text)


def _hidden(table: pd.DataFrame) -> float:
    """The share of complete intervals whose figure is confidential."""
    complete = table[table["complete"]]
    return (
        float((complete["value"].isna() & (complete["note"] != "")).mean()) if len(complete) else 0
    )


def _chart(
    data: Workspace, definition: Definition, complete: pd.DataFrame, interval: str
) -> tuple[Chart | None, bool]:
    """The chart that suits the measure, on its complete intervals, and whether it has a season."""
    values = complete["value"].astype("float64")
    if values.notna().sum() < 2:
        return None, False
    if definition.kind == "stock":
        return plain(values), False
    own = data.settings.measures.get(definition.name)
    dates = [each.date for each in own.rebase_at] if own else []
    rebase_at = [label for day in dates if (label := _label(day, complete.index)) is not None]
    baseline = _enough(own.baseline if own and own.baseline else FIRM, values)
    better, target = definition.better, definition.target
    monthly = interval == "month" and not rebase_at
    if monthly and season(values).verdict == "season":
        apart = year_on_year(values)
        return xmr(apart, better, baseline=_enough(FIRM, apart)), True
    if definition.kind == "proportion":
        part, whole = (complete[name].astype("float64") for name in ("numerator", "denominator"))
        return p_chart(part, whole, better, target, baseline, rebase_at), False
    return xmr(values, better, target, baseline, rebase_at), False


def _enough(baseline: int, values: pd.Series) -> int | None:
    """The baseline, where there are points beyond it; else all points."""
    return baseline if values.notna().sum() > baseline else None


def _label(day: date, intervals: pd.Index) -> pd.Timestamp | None:
    """The first interval that begins on a day or after it; None before or beyond the data."""
    later = intervals[intervals >= pd.Timestamp(day)]
    return later[0] if len(later) and later[0] != intervals[0] else None


def _with_limits(
    table: pd.DataFrame,
    complete: pd.DataFrame,
    chart: Chart | None,
    target: float | None,
    seasonal: bool,
) -> pd.DataFrame:
    """The table with limits and readings on its complete intervals, and what is provisional."""
    columns = [*LIMITS, "rule", "reading"]
    judged = pd.DataFrame(index=complete.index, columns=columns)
    if chart is not None and chart.kind != "plain":
        judged = chart.table[columns].copy()
        if seasonal:  # back from differences between years to the measure itself
            values = complete["value"].astype("float64")
            year_before = values.reindex(judged.index.map(_year_before)).to_numpy()
            judged[LIMITS] = judged[LIMITS].add(year_before, axis=0)
    on = judged.reindex(table["interval"]).set_axis(table.index)
    added: dict[str, object] = {name: on[name].astype("Float64") for name in LIMITS}
    added |= {name: on[name].astype("string") for name in ("rule", "reading")}
    added["target"] = pd.Series(target, table.index, dtype="Float64")
    added["provisional"] = ~table["complete"]
    return disclosure.extend(table, added)


def _year_before(month: pd.Timestamp) -> pd.Timestamp:
    return month - pd.DateOffset(years=1)


def _reading(definition: Definition, latest: pd.DataFrame, chart: Chart | None) -> str:
    if latest.empty:
        return "not yet"
    if latest["value"].isna().iloc[0]:
        return "too few"
    if definition.kind == "stock":
        return "stock"
    return (chart.variation if chart else None) or "not yet"


# --- where a flagged change came from -----------------------------------------------------------


def _explanations(
    data: Workspace, definition: Definition, table: pd.DataFrame, flagged: pd.Timestamp, unit: str
) -> dict[str, Explanation]:
    """By each grouping that can tell: the flagged interval against the ordinary ones before it.

    The most telling comes first: the one whose largest group holds most of the movement. A grouping
    whose released groups do not add up to the change (too much of it hidden or rounded) is out.
    """
    usual = table[(table["interval"] < flagged) & table["reading"].isna() & table["complete"]]
    usual = usual.dropna(subset=["value"]).tail(REFERENCE)
    change = float(table.loc[table["interval"] == flagged, "value"].iloc[0] - usual["value"].mean())
    compared = [name for name, each in data.settings.attributes.items() if each.compare]
    found = {}
    for by in (*SPLIT_BY, *compared) if len(usual) else ():
        if by not in groupings(data):
            continue
        rows = measures.measures_table(data, [definition.name], interval=unit, by=by)
        now, before = _groups(rows, by, flagged, list(usual["interval"]), definition)
        if len(now) > 1:
            split = explain(now, before, [by])
            if abs(split.total - change) <= MOST_UNTRACED * abs(change):
                found[by] = split
    return dict(sorted(found.items(), key=lambda item: _concentration(item[1]), reverse=True))


def _concentration(split: Explanation) -> float:
    """The largest group's part in all the movement there was, beyond an equal part."""
    moved = split.table["change"].abs()
    return float(moved.iloc[0] / moved.sum() - 1 / len(moved)) if moved.sum() else 0.0


def _groups(
    rows: pd.DataFrame,
    by: str,
    flagged: pd.Timestamp,
    reference: Sequence[pd.Timestamp],
    definition: Definition,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups shown in the flagged interval and before it: numerator [and denominator] each."""
    numbers = ["numerator", "denominator"]
    if definition.kind == "count":
        numbers, rows = ["numerator"], rows.assign(numerator=rows["value"])
    shown = rows.dropna(subset=numbers)
    now = shown[shown["interval"] == flagged]
    before = shown[shown["interval"].isin(reference)].groupby(by, as_index=False)[numbers].mean()
    both = set(now[by]) & set(before[by])
    keep = [by, *numbers]
    return (
        pd.DataFrame(now.loc[now[by].isin(both), keep]).astype(dict.fromkeys(numbers, "float64")),
        pd.DataFrame(before.loc[before[by].isin(both), keep]),
    )


def _explained(found: Sequence[Finding]) -> pd.DataFrame:
    parts = ["volume", "mix", "rate", "change"]
    rows = [
        table.assign(measure=finding.definition.name, by=by, group=table[by].astype(str))[
            ["measure", "by", "group", *parts]
        ]
        for finding in found
        for by, explanation in finding.explanations.items()
        for table in [explanation.table]
    ]
    empty = pd.DataFrame(columns=["measure", "by", "group", *parts], dtype="str")
    empty = empty.astype(dict.fromkeys(parts, "float64"))
    return disclosure.protect(pd.concat(rows) if rows else empty, plain=["group", *parts])


# --- words --------------------------------------------------------------------------------------


def _told(
    finding: Finding,
    chart: Chart | None,
    data: Workspace,
    seasonal: bool,
    changes: pd.DataFrame | None,
) -> list[str]:
    """What the chart shows, in sentences."""
    about, unit = finding.definition, _word_unit(finding.definition)
    complete = finding.table[finding.table["complete"]]
    if complete.empty:
        return [words.NOTHING_COMPLETE]
    row = complete.iloc[-1]
    usual = None if pd.isna(row["lower"]) else (float(row["lower"]), float(row["upper"]))
    value = None if pd.isna(row["value"]) else float(row["value"])
    rule = None if pd.isna(row["rule"]) else str(row["rule"])
    when = _title(row["interval"], finding.interval, data)
    told = [
        words.signal(about.name, value, when, finding.reading, unit=unit, rule=rule, usual=usual)
    ]
    if seasonal:
        told.append(words.seasonal(about.name))
    if chart is not None and chart.provisional:
        told.append(words.provisional(len(complete)))
    if chart is not None and about.target is not None and not seasonal:
        told.append(words.assurance(chart.assurance, about.target, unit, finding.interval))
    if chart is not None and chart.kind != "plain" and changes is not None and not seasonal:
        for _, proposal in changes_proposed(chart, changes).iterrows():
            when = pd.Timestamp(proposal["change_date"]).date()
            told.append(words.rebase(about.name, str(proposal["description"]), when))
    return [each for each in told if each]


def _reasons(finding: Finding, changes: pd.DataFrame | None) -> list[str]:
    """Where a flagged change came from, and what was logged near it."""
    if finding.reading not in FLAGS:
        return []
    latest = finding.table.loc[finding.table["complete"], "interval"].iloc[-1]
    unit = _word_unit(finding.definition)
    splits = list(finding.explanations.items())[:1]
    traced = [_traced(finding.definition, by, split, unit) for by, split in splits]
    return [*(traced or [words.NOT_SPLIT]), words.nearby(_nearby(changes, latest))]


def _title(interval: pd.Timestamp, kind: str, data: Workspace) -> str:
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    return Period.containing(interval.date(), months, data.settings.organisation.year_starts).title


def _traced(definition: Definition, by: str, explanation: Explanation, unit: str) -> str:
    largest = str(explanation.table[by].iloc[0])
    return words.explained(
        definition.name,
        explanation.total > 0,
        explanation.volume,
        explanation.mix,
        explanation.rate,
        largest,
        by,
        unit,
    )


def _nearby(changes: pd.DataFrame | None, interval: pd.Timestamp) -> list[tuple[date, str]]:
    if changes is None:
        return []
    apart = (pd.to_datetime(changes["change_date"]) - interval).dt.days.abs()
    near = changes[apart <= NEARBY_DAYS]
    days = pd.to_datetime(near["change_date"]).dt.date
    return list(zip(days, near["description"].astype(str), strict=True))


def _unit(definition: Definition) -> str:
    if definition.kind == "stock":
        return "percent" if definition.denominator else "count"
    return _UNITS.get(definition.kind, definition.unit)


def _word_unit(definition: Definition) -> str:
    unit = _unit(definition)
    return {"percent": "%", "number": ""}.get(unit, unit)


# --- tables -------------------------------------------------------------------------------------


def _changes(data: Workspace) -> pd.DataFrame | None:
    """The logged changes known by the as-of date."""
    if "changes" not in data:
        return None
    rows = data.tables.changes
    rows = rows.filter(rows.change_date <= data.as_of).order_by("change_date")
    return rows.select("change_date", "description").to_pandas()


def _headlines(found: Sequence[Finding]) -> pd.DataFrame:
    rows = []
    for finding in found:
        judged = finding.table[finding.table["complete"]]
        latest = judged.iloc[-1] if len(judged) else None
        begun = judged["mean"] if "mean" in judged else judged["value"]
        begun = begun.dropna()
        rows.append(
            {
                "measure": finding.definition.name,
                "now": None if latest is None else latest["value"],
                "start": begun.iloc[0] if len(begun) else None,
                "target": finding.definition.target,
                "reading": finding.reading,
                "sentence": finding.headline,
                "unit": _unit(finding.definition),
            }
        )
    columns = ["measure", "now", "start", "target", "reading", "sentence", "unit"]
    frame = pd.DataFrame(rows, columns=columns)
    numbers = ["now", "start", "target"]
    frame[numbers] = frame[numbers].astype("Float64")
    return disclosure.protect(frame, plain=numbers)
