"""What every measure's change since the last report is made of.

Everything here is worked out from released numbers (`measures.measures_table`), so whatever it
returns may be published.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from workbench import disclosure, measures, snapshots
from workbench.analyses.revisions.mixing import with_late_entry
from workbench.analyses.revisions.rules import changed, counts_otherwise, under
from workbench.periods import Period
from workbench.store import Workspace
from workbench.words import revisions as say

PARTS = ["late_entry", "edited", "definition", "happened"]
REVISED = PARTS[:3]
NUMBERS = ["then", *PARTS, "now"]
COLUMNS = ["measure", "interval_then", "then", *PARTS, "now", "interval_now", "unit", "sentence"]
TOO_MANY_HIDDEN = 1 / 3  # of the months: then quarters are shown, as in charts
MONTHS = {"month": 1, "quarter": 3, "year": 12}
UNITS = {"proportion": "percent", "count": "count", "rate": "number"}
IN_WORDS = {"percent": "%", "number": ""}
DECIMALS = 6


@dataclass(frozen=True)
class Revisions:
    """Why numbers are not what the last report said.

    `table`: protected, one row a measure: interval_then, then (the last report's figure),
    late_entry, edited, definition, happened (they add up to the change; missing where one of the
    figures is), now, interval_now, unit ("percent": shares from 0 to 1), sentence, note.
    `sentence`: what became of all figures. `settings_changed`: which rules are others, in words,
    or empty. `period`: the last report's title. `again`: it was this very period's.
    """

    table: pd.DataFrame
    sentence: str
    settings_changed: str
    period: str
    again: bool


@dataclass(frozen=True)
class Figure:
    """What a report shows of a measure: its latest complete interval, and the value there."""

    length: str
    interval: pd.Timestamp | None
    value: float | None
    hidden: bool


def since_last(data: Workspace, audience: str = "", *, again: bool = False) -> Revisions | None:
    """Why every measure's number changed since the last report; None where there was none.

    The last report is that of the latest earlier period, made for this audience (or, where it has
    none, for anybody) from this export, as it was last made: what its readers had in hand. `again`:
    the last one of this same period instead.
    Raises SettingsError for measures that settings name and that do not exist.
    """
    run = snapshots.last_run(
        snapshots.meta(data.folder)["lineage"],
        data.as_of,
        audience=audience,
        year_starts=data.settings.organisation.year_starts,
        again=again,
    )
    if run is None:
        return None
    then = replace(data, folder=run.folder, as_of=run.period.end)
    before = then.within(data.scope, under(run.settings, data.settings))
    same_day = replace(then, folder=data.folder).within(data.scope, data.settings)
    found = between(before, data, same_day, title=run.period.title, again=again)
    notes = [] if run.settings else [say.NOT_KEPT]
    if snapshots.meta(run.folder).get("erased"):
        notes.append(say.FORGOTTEN)
    rules = changed(run.settings, data.settings) if run.settings else {}
    return replace(
        found,
        sentence=" ".join([found.sentence, *notes]),
        settings_changed=say.settings_changed(rules),
    )


def between(
    before: Workspace,
    now: Workspace,
    same_day: Workspace | None = None,
    *,
    title: str = "",
    again: bool = False,
) -> Revisions:
    """The same for two workspaces; `same_day`: the later one as seen on the earlier's as-of date.

    In order: the figure given then; with late entry; with edits (all on the earlier as-of date and
    under the earlier settings); under today's settings; then the latest complete figure today. What
    is dated after the earlier as-of date is what happened.
    """
    same_day = same_day or replace(now, as_of=before.as_of)
    names = measures.names(now)
    given, today = figures(before, names), figures(now, names)
    known = {name: figure for name, figure in given.items() if figure.interval is not None}
    steps = [{name: figure.value for name, figure in known.items()}] * 3
    if before.snapshot != now.snapshot or before.tables is not same_day.tables:
        steps[1] = _values(with_late_entry(before, same_day), known)
        steps[2] = _values(replace(same_day, settings=before.settings), known)
    steps.append(steps[2])
    if counts_otherwise(before.settings, now.settings):
        steps[3] = _values(same_day, known)
    rows = [
        _row(now, name, given.get(name), today.get(name), [step.get(name) for step in steps])
        for name in names
    ]
    table = _protected(rows)
    said = say.overall(
        title, again, len(revised(table)), int(table[PARTS].notna().all(axis=1).sum())
    )
    return Revisions(table, said, "", title, again)


def revised(table: pd.DataFrame) -> pd.DataFrame:
    """The rows whose figure of the last report would be written otherwise today."""
    split = table.dropna(subset=PARTS)
    others = [
        say.differs(row["then"], row["then"] + sum(row[REVISED]), in_words(row["unit"]))
        for _, row in split.iterrows()
    ]
    return split[pd.Series(others, split.index, dtype=bool)]


def in_words(unit: str) -> str:
    """A unit as sentences write it."""
    return IN_WORDS.get(unit, unit)


def figures(data: Workspace, names: Sequence[str]) -> dict[str, Figure]:
    """What a report made from a workspace shows of the measures that it knows."""
    length = data.settings.reporting.interval
    rows = _tables(data, names, length)
    coarse: list[str] = []
    if length == "month":
        coarse = [name for name, table in rows.items() if _hidden(table) > TOO_MANY_HIDDEN]
    lengths = dict.fromkeys(rows, length) | dict.fromkeys(coarse, "quarter")
    rows |= _tables(data, coarse, "quarter")
    return {name: _latest(rows[name], lengths[name]) for name in rows}


def _tables(data: Workspace, names: Sequence[str], length: str) -> dict[str, pd.DataFrame]:
    """The released figures of those measures that the workspace allows, complete or not."""
    reporting = data.settings.reporting.model_copy(update={"measures": ()})
    every = data.settings.model_copy(update={"reporting": reporting})
    allowed = set(measures.names(replace(data, settings=every)))
    if not (wanted := [name for name in names if name in allowed]):
        return {}
    table = measures.measures_table(data, wanted, interval=length)
    return {str(name): rows for name, rows in table.groupby("measure", sort=False)}


def _hidden(table: pd.DataFrame) -> float:
    """The share of complete intervals whose figure is confidential."""
    rows = table[table["complete"]]
    return float((rows["value"].isna() & (rows["note"] != "")).mean()) if len(rows) else 0.0


def _latest(table: pd.DataFrame, length: str) -> Figure:
    rows = table[table["complete"]]
    if rows.empty:
        return Figure(length, None, None, False)
    latest = rows.iloc[-1]
    return Figure(length, latest["interval"], _number(latest["value"]), latest["note"] != "")


def _values(data: Workspace, known: dict[str, Figure]) -> dict[str, float | None]:
    """What a version says of the intervals that the last report spoke of."""
    found: dict[str, float | None] = {}
    for length in sorted({figure.length for figure in known.values()}):
        names = [name for name, figure in known.items() if figure.length == length]
        for name, rows in _tables(data, names, length).items():
            there = rows.loc[rows["interval"] == known[name].interval, "value"]
            found[name] = _number(there.iloc[0]) if len(there) else None
    return found


def _row(
    now: Workspace,
    name: str,
    given: Figure | None,
    today: Figure | None,
    steps: Sequence[float | None],
) -> dict[str, Any]:
    about = measures.definition(now, name)
    unit = UNITS.get(about.kind, about.unit)
    if about.kind == "stock":
        unit = "percent" if about.denominator else "count"
    row: dict[str, Any] = {"measure": name, "unit": unit}
    row |= {"interval_then": given and given.interval, "then": given and given.value}
    row |= {"interval_now": today and today.interval, "now": today and today.value}
    if why := _why_not(given, today, steps):
        hidden = why == "hidden"
        return row | {"sentence": say.not_split(name, why), "note": "[c]" if hidden else ""}
    assert given is not None and today is not None and today.value is not None
    values = [each for each in (*steps, today.value) if each is not None]
    parts = {
        part: round(later - earlier, DECIMALS)
        for part, earlier, later in zip(PARTS, values[:-1], values[1:], strict=True)
    }
    when = (_title(now, given), _title(now, today))
    said = say.measure(name, values[0], values[-1], when, parts, in_words(unit))
    return row | parts | {"sentence": said, "note": ""}


def _why_not(given: Figure | None, today: Figure | None, steps: Sequence[float | None]) -> str:
    """Why a change is not split, as a key of `words.revisions.WHY`; empty where it is."""
    if given is None:
        return "new"
    if today is None or given.interval is None or today.interval is None:
        return "not yet"
    if given.length != today.length:
        return "length"
    if given.hidden or today.hidden:
        return "hidden"
    if given.value is None or today.value is None:
        return "nobody"
    return "hidden" if any(each is None for each in steps) else ""


def _protected(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "note"])
    frame[NUMBERS] = frame[NUMBERS].astype("Float64").round(DECIMALS)
    days = ["interval_then", "interval_now"]
    frame[days] = frame[days].astype("datetime64[s]")
    table = disclosure.protect(frame.drop(columns="note"), plain=NUMBERS)
    table["note"] = frame["note"].astype("str")
    return table


def _title(data: Workspace, figure: Figure) -> str:
    assert figure.interval is not None
    starts = data.settings.organisation.year_starts
    return Period.containing(figure.interval.date(), MONTHS[figure.length], starts).title


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
