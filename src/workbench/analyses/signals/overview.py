"""How every measure did: headlines, charts, sentences, and the parts of what is flagged.

Everything here is worked out from released numbers (`measures.measures_table`), so whatever it
returns may be published.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from workbench import disclosure, measures, words
from workbench.analyses.signals import telling
from workbench.analyses.signals.chance import expected_by_chance
from workbench.analyses.signals.finding import Finding, find
from workbench.store import Workspace

SMALLEST_PART = 6  # decimals of a part of a change: less is the noise of adding up


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
    found = tuple(find(data, name) for name in measures.names(data))
    history = data.settings.reporting.history
    table = pd.concat([finding.table.tail(history) for finding in found], ignore_index=True)
    disclosure.require_protected(table)
    judged = [finding.table for finding in found if finding.table["lower"].notna().any()]
    points = sum(int(each["lower"].tail(history).notna().sum()) for each in judged)
    return Overview(
        findings=found,
        headlines=_headlines(found, data.settings.organisation.year_starts),
        table=table,
        explained=_explained(found),
        definitions=measures.dictionary(data),
        changes=changes,
        as_known=words.known(data.as_of, data.complete_to, data.left_out),
        chance=words.chance(expected_by_chance(points), len(judged)),
        units={finding.definition.name: finding.unit for finding in found},
        sentences={
            finding.definition.name: telling.text(
                finding, data.settings.organisation.year_starts, changes
            )
            for finding in found
        },
    )


def _explained(found: Sequence[Finding]) -> pd.DataFrame:
    parts = ["volume", "mix", "rate", "change"]
    rows = [
        table.assign(measure=finding.definition.name, by=by, group=table[by].astype(str))[
            ["measure", "by", "group", *parts]
        ].round(SMALLEST_PART)
        for finding in found
        for by, explanation in finding.explanations.items()
        for table in [explanation.table]
    ]
    empty = pd.DataFrame(columns=["measure", "by", "group", *parts], dtype="str")
    empty = empty.astype(dict.fromkeys(parts, "float64"))
    return disclosure.protect(pd.concat(rows) if rows else empty, plain=["group", *parts])


def _changes(data: Workspace) -> pd.DataFrame | None:
    """The logged changes known by the as-of date."""
    if "changes" not in data:
        return None
    rows = data.tables.changes
    rows = rows.filter(rows.change_date <= data.as_of).order_by("change_date")
    return rows.select("change_date", "description").to_pandas()


def _headlines(found: Sequence[Finding], year_starts: int) -> pd.DataFrame:
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
                "sentence": telling.headline(finding, year_starts),
                "unit": finding.unit,
            }
        )
    columns = ["measure", "now", "start", "target", "reading", "sentence", "unit"]
    frame = pd.DataFrame(rows, columns=columns)
    numbers = ["now", "start", "target"]
    frame[numbers] = frame[numbers].astype("Float64")
    return disclosure.protect(frame, plain=numbers)
