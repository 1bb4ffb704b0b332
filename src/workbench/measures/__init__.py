"""Measures: a numerator, a denominator and their ratio, per interval and group.

`build` gives raw figures for analyses; `measures_table` the same, protected, for whoever reads.
What counts as contact, end or success is said in `definitions`; here it is only counted.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pandas as pd

from workbench import disclosure
from workbench.errors import DataError, SettingsError
from workbench.measures import counting, own
from workbench.measures.catalogue import Definition, Recipe
from workbench.settings import Measure, nearest
from workbench.store import Workspace

__all__ = ["Definition", "build", "definition", "dictionary", "measures_table", "names"]

FIGURES = ["interval", "numerator", "denominator", "value", "complete"]


def names(data: Workspace) -> list[str]:
    """The measures that this export allows, in the order to show them.

    Those listed under [reporting] measures, or every built-in one and the settings' own.
    Raises SettingsError for a name that is no measure.
    """
    return _allowed(data)


def definition(data: Workspace, name: str) -> Definition:
    """What a measure is, by what it is judged, and why this export does not allow it, if so.

    The target is the settings' own, or the one of the table `targets` in force on the as-of date.
    Raises SettingsError for a name that is no measure.
    """
    recipe = _recipe(data, name)
    judged = data.settings.measures.get(name, Measure())
    return replace(
        recipe.definition,
        better=judged.better or recipe.definition.better,
        target=_promised(data, name) if judged.target is None else judged.target,
        why_not=_why_not(data, recipe),
    )


def build(
    data: Workspace,
    name: str,
    *,
    interval: str | None = None,
    by: str | None = None,
    until: date | None = None,
    history: int | None = None,
) -> pd.DataFrame:
    """A measure's raw figures: one row an interval and, where asked for, a group. Not to publish.

    Columns: [by,] interval (its first day), numerator, denominator (NA for counts), value (NA
    where the denominator is 0), complete (it began on or after `complete_from`; its days and its
    waiting time were over by `complete_to` and the as-of date), clients (people behind the row).
    A mean's numerator is the sum.

    `interval`: "month", "quarter" or "year", by default as settings say. `by`: an attribute of
    clients or enrolments, "team" or "caseworker_id" (whoever held the case that day). `until`: the
    last interval is the one with this day. `history`: only the latest so many, by default all.
    A group begins with its first row; from there an interval without rows counts 0.
    Raises SettingsError for an unknown measure or interval, DataError for a measure that this
    export does not allow or a group that is not there.
    """
    recipe = _recipe(data, name)
    if reason := _why_not(data, recipe):
        raise DataError(f"{name}: this export does not allow the measure: {reason}")
    times = counting.calendar(data, interval)
    rows = counting.every_interval(recipe.rows(data, times, by), times, by)
    rows = rows.astype({"numerator": "Float64", "denominator": "Float64", "clients": "Int64"})
    if recipe.definition.denominator:
        rows["value"] = rows["numerator"] / rows["denominator"].where(rows["denominator"] > 0)
    else:
        rows["value"], rows["denominator"] = rows["numerator"], pd.Series(dtype="Float64")
    complete_to = (recipe.of_ends and data.ends_complete_to) or data.complete_to
    known_to = pd.Timestamp(min(complete_to, data.as_of))
    over = rows["end"] <= known_to - pd.Timedelta(days=recipe.definition.wait_days)
    rows["complete"] = over & (rows["interval"] >= pd.Timestamp(data.complete_from))
    if until is not None:
        rows = rows[rows["interval"] <= pd.Timestamp(until)]
    if history is not None:
        rows = rows[rows["interval"].isin(rows["interval"].drop_duplicates().nlargest(history))]
    columns = [*([by] if by else []), *FIGURES, "clients"]
    return rows[columns].reset_index(drop=True)


def measures_table(
    data: Workspace,
    names: Iterable[str] | None = None,
    *,
    interval: str | None = None,
    by: str | None = None,
    until: date | None = None,
    history: int | None = None,
) -> pd.DataFrame:
    """Measures as they may be published: one row a measure, interval and, where asked, a group.

    Columns: measure, [by,] interval, numerator, denominator, value, complete, note ("[c]" where
    something is hidden). Small numbers are hidden, the rest rounded, and values worked out from
    what is left (`disclosure.protect`); a mean shows no numerator. `names`: by default all that
    the export allows. The other arguments and the errors are those of `build`.
    """
    tables = []
    for name in _allowed(data) if names is None else names:
        about = _recipe(data, name).definition
        rows = build(data, name, interval=interval, by=by, until=until, history=history)
        counted = "count" if not about.denominator else about.kind
        tables.append(rows.assign(measure=name, counted=counted))
    if not tables:
        raise DataError("measures: this export allows none. `measures.dictionary` says why.")
    return _protected(pd.concat(tables, ignore_index=True), data, by)


def dictionary(data: Workspace) -> pd.DataFrame:
    """The measures in words, also those that this export does not allow, and why.

    One row a measure: measure, meaning, numerator, denominator, kind, unit, better, target,
    why_not; text is empty where there is nothing to say. A target that is set for something that
    is no measure gets a row too.
    """
    known = own.recipes(data.settings)
    table = pd.DataFrame([vars(definition(data, name)) for name in known])
    table = table.drop(columns=["people", "wait_days"]).rename(columns={"name": "measure"})
    stray = [name for name in _targets(data)["measure"].unique() if name not in known]
    said = [f"a target is set for it, but it is no measure{nearest(name, known)}" for name in stray]
    said_of_stray = pd.DataFrame({"measure": stray, "why_not": said})
    table = pd.concat([table.astype({"target": "Float64"}), said_of_stray], ignore_index=True)
    return table.fillna(dict.fromkeys(table.columns.drop("target"), ""))


def _allowed(data: Workspace) -> list[str]:
    known = own.recipes(data.settings)
    wanted = data.settings.reporting.measures or tuple(known)
    problems = [
        f"reporting.measures: there is no measure {name!r}{nearest(name, known)}"
        for name in wanted
        if name not in known
    ]
    if problems:
        raise SettingsError(*problems)
    return [name for name in wanted if _why_not(data, known[name]) is None]


def _recipe(data: Workspace, name: str) -> Recipe:
    known = own.recipes(data.settings)
    if name not in known:
        raise SettingsError(f"measures: there is no measure {name!r}{nearest(name, known)}")
    return known[name]


def _why_not(data: Workspace, recipe: Recipe) -> str | None:
    """Why an export does not allow a measure, in one sentence; None when it does."""
    for source in recipe.needs:
        table = source.split(".")[0]
        if table not in data:
            return f"it has no table {table}."
        if not data.filled(source):
            return f"{source} is empty in every row."
    for source in recipe.both:
        if False not in data.values(source):
            return f"{source} is never false: only what was kept seems to be recorded."
    for place, wanted, source in recipe.named:
        if not wanted:
            return f"{place} in the settings is empty."
        table, column = source.split(".")
        if data.tables[table][column].type().is_string():
            found = data.values(source)
            if found.isdisjoint(wanted):
                missed = " or ".join(repr(each) for each in wanted)
                return f"{place} names {missed}, and {source} never is{nearest(wanted[0], found)}"
    return None


def _targets(data: Workspace) -> pd.DataFrame:
    """The promises in force on the as-of date, the latest last."""
    if "targets" not in data:
        return pd.DataFrame(columns=["measure", "value"])
    rows = data.tables.targets
    rows = rows.filter(
        rows.start_date.isnull() | (rows.start_date <= data.as_of),
        rows.end_date.isnull() | (rows.end_date >= data.as_of),
    )
    return rows.order_by(rows.start_date.asc(nulls_first=True)).to_pandas()


def _promised(data: Workspace, name: str) -> float | None:
    targets = _targets(data)
    values = targets.loc[targets["measure"] == name, "value"]
    return float(values.iloc[-1]) if len(values) else None


def _protected(rows: pd.DataFrame, data: Workspace, by: str | None) -> pd.DataFrame:
    """Measures of all kinds protected at once, each by what its figures are.

    Counts, shares and rates have their own columns while they are protected: what a share leaves
    out is small or not, what a rate leaves out is nothing.
    """
    is_a = {kind: rows["counted"] == kind for kind in ("count", "rate", "mean")}
    share = ~(is_a["count"] | is_a["rate"] | is_a["mean"])
    numerator, denominator = rows["numerator"], rows["denominator"]
    table = rows[["measure", *([by] if by else []), "interval", "complete", "clients"]].assign(
        count=numerator.where(is_a["count"]),
        part=numerator.where(share),
        whole=denominator.where(share),
        occurred=numerator.where(is_a["rate"]),
        time=denominator.where(is_a["rate"]),
        mean=rows["value"].where(is_a["mean"]),
        meant=denominator.where(is_a["mean"]),
    )
    safe = disclosure.protect(
        table,
        people=["clients"],
        events=dict.fromkeys(("count", "part", "whole", "occurred", "meant"), "clients"),
        amounts={"time": "clients"},
        ratios={"share": ("part", "whole"), "rate": ("occurred", "time")},
        means={"mean": "clients"},
        plain=[by] if by else (),
        within=[("measure", "interval")] if by else (),
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    safe = disclosure.extend(
        safe,
        {
            "numerator": _first(safe, "count", "part", "occurred"),
            "denominator": _first(safe, "whole", "time", "meant"),
            "value": _first(safe, "count", "share", "rate", "mean"),
        },
        counts=["numerator"],
    )
    return safe[["measure", *([by] if by else []), *FIGURES, "note"]]


def _first(table: pd.DataFrame, *columns: str) -> pd.Series:
    """In each row the one of these columns that says something."""
    first, *others = (table[column].astype("Float64") for column in columns)
    for other in others:
        first = first.fillna(other)
    return first
