"""Snapshots: the loaded export as Parquet files in a private folder, named by their hash.

An export is loaded once per state of its files and settings, and written to `home()` (mode 0700).
People who gave no consent to analysis, or asked to be forgotten, are left out as the snapshot is
written, so nothing later can meet them.
"""

import hashlib
import hmac
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd

from workbench import sources
from workbench.errors import DataError
from workbench.settings import Settings
from workbench.snapshots.days import (
    DATED,
    LAG_QUANTILE,
    OLD_ENOUGH_DAYS,
    days_of,
    entry_lags,
)
from workbench.snapshots.folders import digest, folders, home, lineage, meta, write_private
from workbench.snapshots.register import (
    Run,
    last_reported,
    last_run,
    record_run,
    runs_recorded,
    settings_hash,
)
from workbench.sources.archive import sweep
from workbench.tables import PARENTS, REQUIRED_TABLES, with_attributes

__all__ = [
    "DATED",
    "LAG_QUANTILE",
    "OLD_ENOUGH_DAYS",
    "PINNED",
    "Forgotten",
    "Run",
    "entry_lags",
    "forget",
    "home",
    "last_run",
    "lineage",
    "meta",
    "record_run",
    "runs_recorded",
    "settings_hash",
    "take",
    "with_parents",
]

PURPOSE = "analysis"
SNAPSHOTS_KEPT = 13
PINNED = "WORKBENCH_SNAPSHOT"  # the snapshot that all reports of a release are made from
FULL = 1 << 20  # bytes left on a disk on which nothing can be written any more
PART = ".part-"  # how the folder of a load under way begins


def take(settings: Settings) -> Path:
    """The folder of the snapshot for these inputs and settings, written if it is not there.

    Raises DataError with every problem that keeps the export from being loaded.
    """
    shape = settings.model_dump_json(
        include={"data": True, "sources": True, "attributes": True, "reporting": {"complete_from"}}
    )
    loading = digest(_reading_code(), shape)
    if pinned := _pinned(loading):
        return pinned
    inputs = {name: _file_digest(path) for name, path in _inputs(settings.data_path)}
    gone = _forgotten()
    name = digest(_reading_code(), shape, *inputs.values(), *gone)
    folder = home() / "snapshots" / name
    if (folder / "meta.json").exists():
        return folder
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    sweep(folder.parent, f"{PART}*")
    aside = Path(tempfile.mkdtemp(prefix=PART, dir=folder.parent))
    try:
        facts = _write_tables(settings, aside)
        facts |= {
            "lineage": digest(settings.data.reader, str(settings.data_path.parent)),
            "inputs": inputs,
            "loading": loading,
            "created": datetime.now(UTC).isoformat(),
        }
        write_private(aside / "meta.json", json.dumps(facts, indent=1))
        for file in aside.iterdir():
            file.chmod(0o600)
        _put(aside, folder)
    except (OSError, duckdb.IOException) as problem:
        if shutil.disk_usage(folder.parent).free > FULL:
            raise
        raise DataError(
            f"snapshot: {folder.parent} is full. Make room there, or set WORKBENCH_HOME to a "
            "folder on a larger disk."
        ) from problem
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if _forgotten() != gone:  # somebody was forgotten meanwhile, and may be in it
        shutil.rmtree(folder, ignore_errors=True)
        return take(settings)
    all_of_it = lineage(facts["lineage"])
    spared = last_reported({each.name for each in all_of_it})
    for old in all_of_it[:-SNAPSHOTS_KEPT]:
        if old.name not in spared:
            shutil.rmtree(old)
    return folder


def _pinned(loading: str) -> Path | None:
    """The snapshot that this process was told to use, if it was loaded by the same settings."""
    name = os.environ.get(PINNED)
    folder = home() / "snapshots" / str(name)
    there = bool(name) and (folder / "meta.json").exists()
    return folder if there and meta(folder).get("loading") == loading else None


@cache
def _reading_code() -> str:
    """A name for the code that loads: a snapshot of other code is not used again."""
    here = Path(__file__).parent
    reading = (here.parent / "sources").glob("*.py")
    files = [*sorted(here.glob("*.py")), here.parent / "tables.py", *sorted(reading)]
    return digest(*(_file_digest(file) for file in files))


def _put(aside: Path, folder: Path) -> None:
    """Move a whole snapshot into place, unless another run was faster."""
    try:
        aside.rename(folder)
    except OSError:
        if not (folder / "meta.json").exists():
            raise


def _write_tables(settings: Settings, folder: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        con = ibis.duckdb.connect(temp_directory=scratch)
        export = sources.read(settings, con)
        missing = [name for name in REQUIRED_TABLES if name not in export.tables]
        if missing:
            raise DataError(
                *(
                    f"{name}: this table is needed and no source feeds it. "
                    f"Add a section [sources.{name}] to the settings."
                    for name in missing
                )
            )
        declared = with_attributes(settings.attributes)
        whole = {name: _whole(table, declared[name]) for name, table in export.tables.items()}
        tables, left_out = _permitted(whole)
        for name, table in tables.items():
            table.to_parquet(folder / f"{name}.parquet", compression="zstd")
        export.set_aside.to_parquet(folder / "set_aside.parquet")
        export.issues.to_parquet(folder / "issues.parquet")
        days = days_of(tables, export, settings.reporting.complete_from)
        con.disconnect()
    return {"tables": list(tables), "left_out": left_out, **days}


def _whole(table: ibis.Table, schema: Any) -> ibis.Table:
    """A table with every declared column: those the export does not hold are empty."""
    columns = {
        name: table[name] if name in table.columns else ibis.null(each.dtype.type)
        for name, each in schema.columns.items()
    }
    return table.select(**columns)


def _permitted(
    tables: Mapping[str, ibis.Table],
) -> tuple[dict[str, ibis.Table], dict[str, int]]:
    """The tables without those who gave no consent to analysis or asked to be forgotten."""
    clients, enrolments = tables["clients"], tables["enrolments"]
    left_out: dict[str, int] = {}
    if "consents" in tables:
        consents = tables["consents"]
        standing = consents.filter(
            consents.purpose.lower() == PURPOSE, consents.withdrawn_date.isnull()
        )
        clients = clients.semi_join(standing, "client_id")
        anywhere = standing.filter(standing.organisation.isnull())
        enrolments = enrolments.filter(
            enrolments.client_id.isin(anywhere.client_id)
            | (enrolments.client_id + "\0" + enrolments.organisation.fill_null("")).isin(
                (standing.client_id + "\0" + standing.organisation).name("key")
            )
        )
        left_out["no consent to analysis"] = _rows(tables["clients"]) - _rows(clients)
    if forgotten := _forgotten():
        tokens = {each: _token(each) for each in clients.client_id.to_pandas()}
        gone = [each for each, token in tokens.items() if token in forgotten]
        clients = clients.filter(clients.client_id.notin(gone))
        left_out["asked to be forgotten"] = len(gone)
    kept = {**tables, "clients": clients, "enrolments": enrolments}
    return with_parents(kept), left_out


def with_parents(tables: Mapping[str, ibis.Table]) -> dict[str, ibis.Table]:
    """Every table without the rows whose client, enrolment or worker is not there."""
    kept = dict(tables)
    order = ["enrolments", *(name for name in tables if name != "enrolments")]
    for name in order:
        key, parent = PARENTS.get(name, ("", ""))
        if parent in kept and name in kept:
            kept[name] = kept[name].semi_join(kept[parent], key)
    return kept


@dataclass(frozen=True)
class Forgotten:
    """What forgetting a client came to: how many snapshots held them, and reports made of those.

    `runs`: one row a report run: time, period, folder, snapshot. The reports hold protected figures
    only; the list is for whoever must judge them.
    """

    snapshots: int
    runs: pd.DataFrame


def forget(client_id: str) -> Forgotten:
    """Erase a client from every snapshot, keep them out of later loads, and list what was made.

    Raises DataError for an empty id.
    """
    client_id = client_id.strip()
    if not client_id:
        raise DataError("forget: the client's id is empty. Give it as it stands in the export.")
    sweep(home() / "snapshots", f"{PART}*")
    token = _token(client_id)
    forgotten = _forgotten()
    if token not in forgotten:
        write_private(home() / "forgotten.json", json.dumps(sorted({*forgotten, token})))
    held = [folder for folder in folders() if _erase(folder, client_id)]
    names = {folder.name for folder in held}
    runs = [each for each in runs_recorded() if each["snapshot"] in names]
    columns = ["time", "period", "folder", "snapshot"]
    return Forgotten(len(held), pd.DataFrame(runs, columns=columns))


def _inputs(path: Path) -> Iterator[tuple[str, Path]]:
    if not path.exists():
        raise DataError(
            f"data: there is nothing at {str(path)!r}. Set `path` under [data], or give --source."
        )
    if path.is_file():
        yield path.name, path
        return
    for each in sorted(path.rglob("*")):
        if each.is_file() and not each.name.startswith((".", "~$")):
            yield each.relative_to(path).as_posix(), each


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(table: ibis.Table) -> int:
    return int(table.count().execute())


def _key() -> bytes:
    path = home() / "key"
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_bytes()


def _token(client_id: str) -> str:
    """A client's id as it may be kept on the list of the forgotten: keyed, not to be read back."""
    return hmac.new(_key(), client_id.encode(), "sha256").hexdigest()


def _forgotten() -> list[str]:
    path = home() / "forgotten.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def _erase(folder: Path, client_id: str) -> bool:
    """Take a client out of one snapshot; True when they were in it."""
    con = ibis.duckdb.connect()
    files = {name: folder / f"{name}.parquet" for name in meta(folder)["tables"]}
    tables = {name: con.read_parquet(path, table_name=name) for name, path in files.items()}
    clients = tables["clients"]
    if not _rows(clients.filter(clients.client_id == client_id)):
        return False
    kept = with_parents({**tables, "clients": clients.filter(clients.client_id != client_id)})
    for name in sorted(kept, key=lambda name: name == "clients"):  # last: until then, not erased
        part = files[name].with_suffix(".part")
        kept[name].to_parquet(part, compression="zstd")
        part.chmod(0o600)
        part.replace(files[name])
    con.disconnect()
    write_private(folder / "meta.json", json.dumps(meta(folder) | {"erased": True}, indent=1))
    return True
