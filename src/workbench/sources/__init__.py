"""The only readers of outside data: an export's files become tidy tables and a loss report."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePosixPath

import ibis
import pandas as pd

from workbench.errors import DataError
from workbench.settings import Settings
from workbench.sources import ctn0094, files, hmis, oulad
from workbench.sources.archive import opened
from workbench.sources.rows import Coverage, Export, Note, Staged, check
from workbench.tables import REQUIRED_TABLES, with_attributes

__all__ = ["Coverage", "Export", "Note", "Staged", "check", "detect", "read"]

_SIGNS = {
    "hmis": ("export", "client", "enrollment", "exit", "project"),
    "oulad": ("studentinfo", "studentregistration", "studentvle"),
    "ctn0094": ("everybody", "randomization", "treatment", "visit"),
}


def read(settings: Settings, con: ibis.BaseBackend) -> Export:
    """Read the export that the settings name: typed tables, rows set aside, the loss report.

    The tables are temporary ones of `con`. Files under [sources] come on top of what readers other
    than "files" find themselves. Raises DataError, with all problems of all files at once,
    for files that cannot be read and when a required table has no row that can be used.
    """
    declared = with_attributes(settings.attributes)
    with ExitStack() as within:
        staged: list[Staged] = []
        says = Coverage()
        if settings.data.reader == "hmis":
            staged, says = hmis.stage(settings, con)
        elif settings.data.reader == "oulad":
            staged, says = oulad.stage(settings, con)
        elif settings.data.reader == "ctn0094":
            staged, says = ctn0094.stage(settings, con)
        if settings.data.reader == "files" or settings.sources:
            staged += files.stage(settings, declared, con, within)
        if problems := [_no_source(table) for table in REQUIRED_TABLES if not _has(staged, table)]:
            raise DataError(*problems)
        export = check(staged, declared, con, settings.data.exported_on or says.exported_on)
    if problems := [line for table in REQUIRED_TABLES for line in _nothing(table, export, staged)]:
        raise DataError(*problems)
    return replace(export, complete_from=says.complete_from, complete_to=says.complete_to)


def detect(path: str | Path) -> str:
    """Which reader an export is for ("files" for any that is not known), by its files' names."""
    with opened(Path(path)) as export:
        stems = {PurePosixPath(each).name.split(".")[0].casefold() for each in export.files}
    for reader, signs in _SIGNS.items():
        if stems.issuperset(signs):
            return reader
    return "files"


def _has(staged: Sequence[Staged], table: str) -> bool:
    return any(part.table == table for part in staged)


def _no_source(table: str) -> str:
    return (
        f"{table}: no file feeds this table, and no report can do without. "
        f"Name its file under [sources.{table}]."
    )


def _nothing(table: str, export: Export, staged: Sequence[Staged]) -> list[str]:
    """What is to be said when no row of a required table can be used."""
    if export.tables[table].limit(1).count().execute():
        return []
    names = ", ".join(dict.fromkeys(part.file for part in staged if part.table == table))
    lost = export.issues.query("table == @table and kind == 'set aside'")
    if lost.empty:
        return [f"{names}: it holds no rows for {table}, which are needed. Export it again."]
    worst = lost.sort_values("rows", ascending=False).iloc[0]
    column = "" if pd.isna(worst["column"]) else f"{worst['column']}: "
    first = f"first at row {worst['first_row']:,}"
    advice = "" if pd.isna(worst["advice"]) else f" {worst['advice']}"
    return [
        f"{names}: {column}none of the {lost['rows'].sum():,} rows can be used; {worst['rows']:,} "
        f"of them: {worst['problem']}, {first}.{advice}"
    ]
