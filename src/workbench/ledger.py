"""The ledger: which signals each run found, the limits then in force, and what people know of them.

One Parquet file beside the reports, `reports/ledger.parquet`, made of released numbers alone.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from filelock import FileLock

from workbench.errors import ReportError
from workbench.settings import nearest

TYPES = {
    "signal": "str",
    "measure": "str",
    "began": "datetime64[us]",
    "period": "str",
    "as_of": "datetime64[us]",
    "interval": "datetime64[us]",
    "reading": "str",
    "rule": "str",
    "value": "Float64",
    "mean": "Float64",
    "lower": "Float64",
    "upper": "Float64",
    "state": "str",
    "snapshot": "str",
    "settings": "str",
    "note": "str",
    "noted_by": "str",
    "noted_at": "datetime64[us]",
}
FOUND = ["signal", "measure", "began", "interval", "reading", "rule", "value", "mean", "lower"]
FOUND += ["upper", "state"]
NOTES = ["note", "noted_by", "noted_at"]


def read(path: str | Path) -> pd.DataFrame:
    """All that was recorded: one row a measure and run, the earliest first; none without a file.

    `signal` is empty where the measure did as usual; its limits are kept all the same. A signal
    keeps its name ("attendance-rate-2025-09": where it began) while it lasts. `state`: "new",
    "continuing", "resolved", "as usual". Raises ReportError for a file that is no ledger.
    """
    path = Path(path)
    if not str(path) or not path.is_file():
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TYPES.items()})
    try:
        rows = pd.read_parquet(path)
        return rows[list(TYPES)].astype(TYPES).sort_values(["as_of", "measure"], ignore_index=True)
    except (OSError, ValueError, KeyError):
        raise ReportError(
            f"{path.name}: this is not a ledger that can be read. Put it back from a copy, or move "
            "it away: a new one is begun, without what was noted."
        ) from None


def before(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What the last run before a day recorded; no rows where there was none."""
    earlier = rows[rows["as_of"] < pd.Timestamp(as_of)]
    return earlier[earlier["as_of"] == earlier["as_of"].max()]


def record(
    path: str | Path, found: pd.DataFrame, period: str, as_of: date, snapshot: str, settings: str
) -> None:
    """Keep what a run found, one row a measure (`FOUND`), over an earlier run's of the period.

    What was noted on a signal stays, also where it is no longer found: then it is "resolved".
    Raises ReportError for a file that is no ledger.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(_lock(path)):
        rows = read(path)
        told = rows[(rows["period"] == period) & rows["note"].notna()]
        gone = told[~told["signal"].isin(found["signal"])].assign(state="resolved")
        noted = told.set_index("signal")[NOTES]
        made = found[FOUND].assign(
            period=period, as_of=pd.Timestamp(as_of), snapshot=snapshot, settings=settings
        )
        made = made.join(noted[~noted.index.duplicated(keep="last")], on="signal")
        kept = rows[rows["period"] != period]
        _write(path, pd.concat([kept, gone, made.astype(TYPES)[list(TYPES)]], ignore_index=True))


def note(path: str | Path, signal: str, text: str, by: str) -> str:
    """Acknowledge a signal: what is known of it, and who says so. Returns its measure.

    Raises ReportError for a signal that there is not, with the nearest, and for an empty note.
    """
    path = Path(path)
    if not text.strip():
        raise ReportError("note: it is empty. Say in a sentence what is known of the signal.")
    if not path.is_file():
        raise ReportError(f"note: there is no {path}: signals are kept there by `workbench run`.")
    with FileLock(_lock(path)):
        rows = read(path)
        known = rows["signal"].dropna()
        known = known[known != ""]
        if signal not in set(known):
            names = list(dict.fromkeys(known[::-1]))
            raise ReportError(f"note: there is no signal {signal!r}{nearest(signal, names)}")
        last = known[known == signal].index[-1]
        at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        here = rows.index == last
        for name, value in zip(NOTES, (text.strip(), by, at), strict=True):
            rows[name] = rows[name].mask(here, value)
        _write(path, rows)
        return str(rows.loc[last, "measure"])


def notes(rows: pd.DataFrame) -> pd.DataFrame:
    """The last note on each signal: note, noted_by, noted_at, by signal."""
    said = rows[rows["note"].notna() & (rows["note"] != "")]
    return said.drop_duplicates("signal", keep="last").set_index("signal")[NOTES]


def _lock(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _write(path: Path, rows: pd.DataFrame) -> None:
    part = path.with_name(f".{path.name}.part")
    rows.astype(TYPES).to_parquet(part, index=False)
    part.replace(path)
