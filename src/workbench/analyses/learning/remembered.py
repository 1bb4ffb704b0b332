"""Signals from report to report: new, continuing, resolved, and what was noted on them."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from workbench import disclosure, ledger
from workbench.store import Workspace
from workbench.words import learning as said

OPEN = ("new", "continuing")
SAME = 1e-6  # of an average: less is the noise of adding up
NUMBERS = ["value", "mean", "lower", "upper"]


def signals_now(table: pd.DataFrame, rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """What is flagged now, set beside what the last report recorded.

    `table`: the measures with their readings (`signals.overview(data).table`); `rows`: the ledger.
    One row a measure with a complete interval that can be shown, the latest of which counts: the
    columns `ledger.FOUND`. A signal goes on while its measure is flagged the same way in the next
    report, and keeps the name it began with; one that is no longer flagged is "resolved" once.
    """
    last = ledger.before(rows, as_of)
    still = last[last["state"].isin(OPEN)].drop_duplicates("measure")
    was: dict[str, Any] = {str(each["measure"]): each for each in still.to_dict("records")}
    found = []
    for measure, each in table.groupby("measure", sort=False):
        known = each[each["complete"] & each["value"].notna()]  # hidden is not as usual
        if len(known):
            found.append(_now(str(measure), known, was.get(str(measure))))
    frame = pd.DataFrame(found, columns=ledger.FOUND)
    return frame.astype({name: ledger.TYPES[name] for name in ledger.FOUND})


def _now(measure: str, known: pd.DataFrame, was: Mapping[str, Any] | None) -> dict[str, object]:
    latest = known.iloc[-1]
    row = {name: latest[name] for name in ("interval", *NUMBERS)} | {"measure": measure}
    flagged = not pd.isna(latest["reading"])
    if flagged and was is not None and was["reading"] == latest["reading"]:
        kept = {"signal": was["signal"], "began": was["began"], "state": "continuing"}
        return row | kept | {"reading": latest["reading"], "rule": latest["rule"]}
    if flagged:
        began = _began(known)
        named = {"signal": _name(measure, began), "began": began, "state": "new"}
        return row | named | {"reading": latest["reading"], "rule": latest["rule"]}
    if was is not None:
        kept = {name: was[name] for name in ("signal", "began", "reading", "rule")}
        return row | kept | {"state": "resolved"}
    nothing = dict.fromkeys(("signal", "reading", "rule"), "")
    return row | nothing | {"began": pd.NaT, "state": "as usual"}


def _began(known: pd.DataFrame) -> pd.Timestamp:
    """The first interval of those flagged the same way without a break, up to the latest."""
    same = (known["reading"] == known["reading"].iloc[-1]).fillna(False).to_numpy()
    back = same[::-1].argmin() if not same.all() else len(same)
    return pd.Timestamp(known["interval"].iloc[len(known) - back])


def _name(measure: str, began: pd.Timestamp) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", measure.lower()).strip("-")
    return f"{plain}-{began:%Y-%m}"


def signals_table(data: Workspace, table: pd.DataFrame, path: str | Path = "") -> pd.DataFrame:
    """The signals of a report, with what people noted on them.

    One row a signal: signal, measure, state, since (its first interval), reading, sentence, note,
    by. `path`: of the ledger; without one every signal is new. Protected.
    """
    rows = ledger.read(path)
    now = signals_now(table, rows, data.as_of)
    now = now[now["state"] != "as usual"]
    notes = ledger.notes(rows).reindex(now["signal"])
    changed = limits_moved(now, rows, data.as_of)
    records = now.to_dict("records")
    frame = pd.DataFrame(
        {
            "signal": now["signal"].to_numpy(),
            "measure": now["measure"].to_numpy(),
            "state": now["state"].to_numpy(),
            "since": [each["began"] for each in records],
            "sentence": [
                said.signal(each["state"], each["reading"], each["measure"] in changed)
                for each in records
            ],
            "noted": notes["note"].fillna("").to_numpy(),
            "by": notes["noted_by"].fillna("").to_numpy(),
        }
    )
    words = ["signal", "measure", "state", "sentence", "noted", "by"]
    return disclosure.protect(
        frame.astype({**dict.fromkeys(words, "str"), "since": "datetime64[us]"}),
        plain=["measure", "noted", "by"],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def limits_moved(now: pd.DataFrame, rows: pd.DataFrame, as_of: date) -> frozenset[str]:
    """The measures whose limits rest on another average than the last report recorded."""
    both = ledger.before(rows, as_of).merge(now, on="measure", suffixes=("_then", ""))
    moved = (both["mean_then"] - both["mean"]).abs() > SAME * both["mean"].abs()
    return frozenset(both.loc[moved.fillna(False).astype(bool), "measure"])
