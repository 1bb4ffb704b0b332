"""Files by mapping: csv, xlsx and parquet, in folders and zips, on their way to our tables."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
import ibis
from ibis import _
from ibis.expr.types import Table

from workbench.errors import DataError
from workbench.settings import Settings, Source, nearest
from workbench.sources import cells, headers, sheets, text
from workbench.sources.archive import Archive, opened
from workbench.sources.rows import Note, Staged
from workbench.sources.text import normal

KINDS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "text"),
    **dict.fromkeys((".xlsx", ".xlsm"), "sheet"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
}
NO_TABLE = "is none of the values that a section of [sources] takes"
NO_ROWS = "holds a header and no rows"


@dataclass(frozen=True)
class File:
    """A file that feeds one or more tables: `sections` of [sources], of which the first is main."""

    path: Path
    name: str
    sections: Mapping[str, Source]
    kind: str
    headers: tuple[str, ...]
    head: Any

    @property
    def main(self) -> str:
        """The section under which rows for no table are counted."""
        return next(iter(self.sections))


def stage(
    settings: Settings, declared: Mapping[str, Any], con: ibis.BaseBackend, within: ExitStack
) -> list[Staged]:
    """The rows of every file that the settings name, by mapping; table by table, file by file.

    Without [sources], the file that is named after a table feeds it. Files taken out of a zip are
    there until `within` is closed. Raises DataError with the problems of all files at once.
    """
    export = within.enter_context(opened(settings.data_path))
    sections = dict(settings.sources) or _by_name(export, declared)
    if not sections:
        raise DataError(
            f"{export.name}: no file here is named after a table (clients.csv ...), and the "
            "settings name none. Say under [sources] which file feeds which table."
        )
    staged: list[Staged] = []
    problems: list[str] = []
    for (path, name, _sheet), own in _files(sections, settings, export, problems).items():
        try:
            staged += _staged(_open(path, name, own), declared, con)
        except DataError as problem:
            problems += problem.problems
    if problems:
        raise DataError(*problems)
    return staged


def _by_name(export: Archive, declared: Mapping[str, Any]) -> dict[str, Source]:
    """The files named after a table; DataError where several are named after the same one."""
    found: dict[str, list[str]] = {}
    for name in export.files:
        place = PurePosixPath(name)
        table = next((each for each in declared if normal(each) == normal(place.stem)), None)
        if table and place.suffix.lower() in KINDS:
            found.setdefault(table, []).append(name)
    if problems := [
        f"{export.name}: {len(names)} files are named after {table}: {', '.join(sorted(names))}. "
        f"Say under [sources.{table}] which is meant."
        for table, names in found.items()
        if len(names) > 1
    ]:
        raise DataError(*problems)
    return {table: Source(file=names[0]) for table, names in found.items()}


def _files(
    sections: Mapping[str, Source], settings: Settings, export: Archive, problems: list[str]
) -> dict[tuple[Path, str, str], dict[str, Source]]:
    """Each file (and sheet) with the sections it feeds; what cannot be found joins `problems`."""
    feeding: dict[tuple[Path, str, str], dict[str, Source]] = {}
    for section, source in sections.items():
        for pattern in [source.file] if isinstance(source.file, str) else source.file:
            try:
                found = [(export.path(each), each) for each in export.matching(pattern)]
            except DataError as problem:
                found = _beside(pattern, settings)
                if not found:
                    problems += problem.problems
            for path, name in found:
                file = (path, PurePosixPath(name).name, source.sheet)
                feeding.setdefault(file, {})[section] = source
    return feeding


def _beside(pattern: str, settings: Settings) -> list[tuple[Path, str]]:
    """Files next to the settings or to the export: what the export itself does not hold."""
    if Path(pattern).is_absolute():
        return []
    for folder in (settings.folder, settings.data_path.parent):
        if found := sorted(each for each in folder.glob(pattern) if each.is_file()):
            return [(each, each.name) for each in found]
    return []


def _open(path: Path, name: str, sections: Mapping[str, Source]) -> File:
    """Find out what a file is and what its headers are."""
    main = next(iter(sections.values()))
    kind = KINDS.get(Path(name).suffix.lower())
    if kind == "text":
        head: Any = text.head(path, main.encoding, main.delimiter, name)
    elif kind == "sheet":
        head = sheets.head(path, main.sheet, name)
    elif kind == "parquet":
        head = _parquet(path, name)
    else:
        raise DataError(
            f"{name}: files of this kind are not read. Export it as csv, xlsx or parquet."
        )
    found = tuple(head) if kind == "parquet" else head.headers
    return File(path, name, sections, kind, found, head)


def _parquet(path: Path, name: str) -> list[str]:
    try:
        with duckdb.connect() as own:
            found = own.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    except duckdb.Error:
        raise DataError(
            f"{name}: this is no parquet file, or only a part of one. Export it again."
        ) from None
    return [row[0] for row in found]


def _staged(file: File, declared: Mapping[str, Any], con: ibis.BaseBackend) -> list[Staged]:
    """The parts that a file feeds. Its rows that no section takes are set aside in the first."""
    columns = _columns(file, declared)
    used = {header for each in columns.values() for header in each.values()}
    used |= {_header(file, each) for source in file.sections.values() for each in source.where}
    place = {header: f"h{i}" for i, header in enumerate(sorted(used))}
    rows, notes = _rows(file, {name: header for header, name in place.items()}, con)
    taken = {each: _taken(file, source, rows, place) for each, source in file.sections.items()}
    parts = []
    for section, source in file.sections.items():
        own = _own_rows(rows, section, file, taken)
        marks = [each for each in ("_row", "_aside", "_aside_column") if each in own.columns]
        own = own.select(
            *marks,
            **{column: own[place[header]] for column, header in columns[section].items()},
            **{column: ibis.literal(value) for column, value in source.constants.items()},
        )
        told = [*notes, *_told(file, columns, rows)] if section == file.main else []
        if file.kind == "sheet":
            told += sheets.notes(file.head, columns[section])
        parts.append(
            Staged(
                source.table or section,
                file.name,
                own,
                _formats(source, file.kind),
                source.decimal,
                source.values,
                tuple(told),
                section,
            )
        )
    return parts


def _columns(file: File, declared: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """For each section, our column -> header in the file; DataError for what does not match."""
    columns: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for section, source in file.sections.items():
        schema = declared[source.table or section]
        columns[section], wrong = headers.match(source, file.headers, schema, file.name)
        problems += (*wrong, *_wrong_where(file, source))
    if problems:
        raise DataError(*problems)
    return columns


def _rows(file: File, wanted: Mapping[str, str], con: ibis.BaseBackend) -> tuple[Table, list[Note]]:
    """The wanted columns (name = header) of all rows of a file, and what is to be told of it."""
    if file.kind == "sheet":
        main = file.sections[file.main]
        return sheets.read(file.head, wanted, con, main.decimal), []
    if file.kind == "text":
        rows, head = text.read(file.path, file.head, wanted, con, file.name)
        return rows, list(_written(head, file))
    name = ibis.util.gen_name("parquet")
    place = str(file.path).replace("'", "''")
    con.raw_sql(
        f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet('{place}', file_row_number = true)"
    )
    rows = con.table(name, database=("temp", "main"))
    return rows.select(
        **{each: rows[header] for each, header in wanted.items()}, _row=rows.file_row_number + 2
    ), []


def _written(head: text.Head, file: File) -> Iterator[Note]:
    """How a text file turned out to be written, where that is not plain UTF-8 with commas."""
    source = file.sections[file.main]
    if not source.encoding and head.encoding.startswith("utf-16"):
        yield Note("", "noted", "text read as UTF-16")
    elif not source.encoding and not head.encoding.startswith("utf-8"):
        advice = f"If letters look wrong, set encoding under [sources.{file.main}]."
        yield Note("", "noted", f"text read as {head.encoding}", advice=advice)
    if not source.delimiter and head.delimiter != ",":
        signs = text.DELIMITERS[head.delimiter]
        yield Note("", "noted", f"columns are separated by {signs}")


def _told(file: File, columns: Mapping[str, Mapping[str, str]], rows: Table) -> Iterator[Note]:
    used = {header: column for each in columns.values() for column, header in each.items()}
    ignored = [header for source in file.sections.values() for header in source.ignore]
    ignored += [header for source in file.sections.values() for header in source.where]
    yield from headers.notes(file.headers, used, ignored, file.main)
    if not rows.count().execute():
        yield Note("", "noted", NO_ROWS, advice="Export it again if there should be some.")


def _header(file: File, header: str) -> str:
    """A header as it stands in the file."""
    return next((each for each in file.headers if normal(each) == normal(header)), header)


def _wrong_where(file: File, source: Source) -> Iterator[str]:
    for header in source.where:
        if _header(file, header) not in file.headers:
            yield (
                f"{file.name}: where: there is no column {header!r}{nearest(header, file.headers)}"
            )


def _taken(file: File, source: Source, rows: Table, place: Mapping[str, str]) -> Any:
    """Whether a row is one that the section takes."""
    tests = [
        cells.plain(rows[place[_header(file, header)]])
        .isin([values] if isinstance(values, str) else list(values))
        .fill_null(False)
        for header, values in source.where.items()
    ]
    return ibis.and_(*tests) if tests else ibis.literal(True)


def _own_rows(rows: Table, section: str, file: File, taken: Mapping[str, Any]) -> Table:
    """The rows of a section; the main one also has those that no section takes, set aside."""
    whole = "_aside" not in rows.columns
    mine = taken[section]
    if section != file.main:
        return rows.filter(mine if whole else mine & rows._aside.isnull())
    if not file.sections[section].where:
        return rows
    aside = ibis.null("string") if whole else rows._aside
    if all(source.where for source in file.sections.values()):
        nobody = ~ibis.or_(*taken.values())
        where = _header(file, next(iter(file.sections[section].where)))
        column = ibis.ifelse(aside.isnull() & nobody, where, ibis.null("string"))
        aside = ibis.coalesce(aside, ibis.ifelse(nobody, NO_TABLE, ibis.null("string")))
        rows = rows.mutate(_aside=aside, _aside_column=column)
    elif whole:
        return rows.filter(mine)
    return rows.filter(mine | _._aside.notnull())


def _formats(source: Source, kind: str) -> tuple[str, ...]:
    said = [source.date_format] if isinstance(source.date_format, str) else source.date_format
    stated = tuple(each for each in said if each)
    return (*stated, "%Y-%m-%d") if stated and kind == "sheet" else stated
