"""The ledger: signals are kept from run to run, and what people note on them stays."""

from datetime import date

import pandas as pd
import pytest

from workbench import ledger
from workbench.errors import ReportError


def found(*signals, state="new"):
    rows = [
        {
            "signal": signal, "measure": signal.rsplit("-", 2)[0] or "starts",
            "began": pd.Timestamp("2025-01-01"), "interval": pd.Timestamp("2025-01-01"),
            "reading": "concern", "rule": "shift", "value": 0.5, "mean": 0.6, "lower": 0.4,
            "upper": pd.NA, "state": state,
        }
        for signal in signals
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=ledger.FOUND)


def kept(path, *signals, period="2025-01", as_of=date(2025, 1, 31), state="new"):
    ledger.record(path, found(*signals, state=state), period, as_of, "snap", "hash")


def test_there_is_nothing_before_the_first_run(tmp_path):
    rows = ledger.read(tmp_path / "ledger.parquet")
    assert (len(rows), list(rows)) == (0, list(ledger.TYPES))
    assert ledger.read("").empty
    assert ledger.before(rows, date(2025, 1, 1)).empty


def test_a_run_of_the_same_period_takes_the_place_of_the_one_before_and_notes_stay(tmp_path):
    path = tmp_path / "reports" / "ledger.parquet"
    kept(path, "starts-2025-01", "exits-2025-01")
    assert ledger.note(path, "starts-2025-01", " A move of house. ", "A. Manager") == "starts"
    kept(path, "starts-2025-01")
    rows = ledger.read(path)
    assert list(rows["signal"]) == ["starts-2025-01"]
    assert rows["note"].iloc[0] == "A move of house."
    assert ledger.notes(rows).loc["starts-2025-01", "noted_by"] == "A. Manager"
    kept(path, "starts-2025-01", period="2025-02", as_of=date(2025, 2, 28), state="continuing")
    rows = ledger.read(path)
    assert list(rows["period"]) == ["2025-01", "2025-02"]
    assert list(ledger.before(rows, date(2025, 2, 28))["period"]) == ["2025-01"]
    ledger.note(path, "starts-2025-01", "It goes on.", "B. Manager")
    assert ledger.notes(ledger.read(path)).loc["starts-2025-01", "note"] == "It goes on."
    assert {each.name for each in path.parent.iterdir()} == {
        "ledger.parquet", ".ledger.parquet.lock",
    }  # fmt: skip


def test_a_note_outlives_a_run_that_no_longer_finds_its_signal(tmp_path):
    path = tmp_path / "ledger.parquet"
    kept(path, "starts-2025-01")
    ledger.note(path, "starts-2025-01", "A move of house.", "A. Manager")
    kept(path)
    assert list(ledger.read(path)["state"]) == ["resolved"]
    kept(path, "starts-2025-01")
    rows = ledger.read(path)
    assert list(rows["state"]) == ["new"]
    assert ledger.notes(rows).loc["starts-2025-01", "note"] == "A move of house."


def test_what_cannot_be_noted_is_refused_in_words(tmp_path):
    path = tmp_path / "ledger.parquet"
    with pytest.raises(ReportError, match="signals are kept there by `workbench run`"):
        ledger.note(path, "starts-2025-01", "text", "me")
    kept(path, "starts-2025-01", "")
    with pytest.raises(ReportError, match=r"no signal 'start-2025-01'. Did you mean 'starts-"):
        ledger.note(path, "start-2025-01", "text", "me")
    with pytest.raises(ReportError, match="note: it is empty"):
        ledger.note(path, "starts-2025-01", "  ", "me")


@pytest.mark.parametrize("content", [b"", b"PAR1 broken", b"signal,measure\n"])
def test_a_file_that_is_no_ledger_is_refused_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "ledger.parquet"
    path.write_bytes(content)
    with pytest.raises(ReportError, match="not a ledger that can be read"):
        kept(path, "starts-2025-01")
    assert path.read_bytes() == content


def test_hostile_text_is_kept_as_text(tmp_path):
    path = tmp_path / "ledger.parquet"
    kept(path, "starts-2025-01")
    ledger.note(path, "starts-2025-01", "=cmd() <script>", "'; drop")
    said = ledger.notes(ledger.read(path)).iloc[0]
    assert (said["note"], said["noted_by"]) == ("=cmd() <script>", "'; drop")
