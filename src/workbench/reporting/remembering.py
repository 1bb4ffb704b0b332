"""Keeping the signals of a report in the ledger beside the reports, for the next one."""

from pathlib import Path

from workbench import ledger, snapshots
from workbench.analyses import learning, signals
from workbench.periods import Period
from workbench.store import Workspace

FILE = "ledger.parquet"


def path(folder: Path) -> Path:
    """Where the ledger of the reports lies that a folder is one of."""
    return folder.resolve().parent / FILE


def remember(data: Workspace, period: Period, folder: Path) -> None:
    """Keep the signals of everybody's records for a period, unless the same were kept before."""
    settings = snapshots.settings_hash(data.settings)
    rows = ledger.read(path(folder))
    known = rows[rows["period"] == period.name]
    if len(known) and set(known["snapshot"]) | set(known["settings"]) == {data.snapshot, settings}:
        return
    found = signals.overview(data).table
    now = learning.signals_now(found, rows, data.as_of)
    ledger.record(path(folder), now, period.name, data.as_of, data.snapshot, settings)
