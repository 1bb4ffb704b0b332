"""Signals from report to report, and whether a logged change moved its measure."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import disclosure, ledger, sample
from workbench.analyses import learning, signals
from workbench.analyses.learning import logged
from workbench.errors import DataError
from workbench.words import learning as said

ROOT = Path(__file__).parents[1]


def table(readings, measure="attendance rate"):
    """A measure's complete intervals with these readings, and one that is not complete."""
    n = len(readings) + 1
    return pd.DataFrame(
        {
            "measure": measure,
            "interval": pd.date_range("2025-01-01", periods=n, freq="MS"),
            "value": pd.array([0.5] * n, "Float64"),
            "mean": pd.array([0.6] * n, "Float64"),
            "lower": pd.array([0.4] * n, "Float64"),
            "upper": pd.array([0.8] * n, "Float64"),
            "rule": pd.array([*(r and "shift" for r in readings), None], "string"),
            "reading": pd.array([*readings, None], "string"),
            "complete": [True] * (n - 1) + [False],
        }
    )


def run(path, readings, period):
    day = pd.Period(period).end_time.date()
    now = learning.signals_now(table(readings), ledger.read(path), day)
    ledger.record(path, now, period, day, "snap", "hash")
    return now.iloc[0]


def test_a_signal_keeps_its_name_while_it_lasts_and_is_resolved_once(tmp_path):
    path = tmp_path / "ledger.parquet"
    first = run(path, [None, "concern", "concern"], "2025-03")
    assert (first["signal"], first["state"]) == ("attendance-rate-2025-02", "new")
    second = run(path, ["concern", "concern", "concern", "concern"], "2025-04")
    assert (second["signal"], second["state"]) == ("attendance-rate-2025-02", "continuing")
    third = run(path, [None] * 5, "2025-05")
    assert (third["signal"], third["state"]) == ("attendance-rate-2025-02", "resolved")
    fourth = run(path, [None] * 6, "2025-06")
    assert (fourth["signal"], fourth["state"]) == ("", "as usual")
    turned = run(path, [None] * 6 + ["improvement"], "2025-07")
    assert (turned["signal"], turned["state"]) == ("attendance-rate-2025-07", "new")
    other = run(path, [None] * 7 + ["concern"], "2025-08")
    assert (other["signal"], other["state"]) == ("attendance-rate-2025-08", "new")


def test_a_hidden_month_does_not_end_a_signal(tmp_path):
    path = tmp_path / "ledger.parquet"
    run(path, [None, "concern"], "2025-02")
    hidden = table([None, "concern", None])
    hidden.loc[2, "value"] = pd.NA
    now = learning.signals_now(hidden, ledger.read(path), date(2025, 3, 31)).iloc[0]
    assert (now["signal"], now["state"]) == ("attendance-rate-2025-02", "continuing")


def test_a_report_made_again_reads_the_same(tmp_path):
    path = tmp_path / "ledger.parquet"
    run(path, ["concern"], "2025-01")
    first = run(path, ["concern", "concern"], "2025-02")
    again = run(path, ["concern", "concern"], "2025-02")
    pd.testing.assert_series_equal(first, again)


def test_the_table_of_signals_says_what_was_noted_and_by_whom(tmp_path, workspace):
    data = workspace(as_of="2025-02-28")
    path = tmp_path / "ledger.parquet"
    run(path, ["concern"], "2025-01")
    ledger.note(path, "attendance-rate-2025-01", "The bus stopped running.", "A. Manager")
    shown = learning.signals_table(data, table(["concern", "concern"]), path)
    assert disclosure.is_protected(shown)
    row = shown.iloc[0]
    assert row["sentence"] == "In the last report too: worse than usual."
    assert (row["noted"], row["by"]) == ("The bus stopped running.", "A. Manager")
    moved = table(["concern", "concern"]).assign(mean=pd.array([0.7] * 3, "Float64"))
    assert said.LIMITS_MOVED in learning.signals_table(data, moved, path)["sentence"].iloc[0]
    assert learning.signals_table(data, table([None]), "").empty


# --- before and after -----------------------------------------------------------------------------


def test_a_step_is_measured_beyond_its_trend():
    dice = np.random.default_rng(0)
    time = np.arange(40)
    values = pd.Series(0.01 * time + 0.5 * (time >= 25) + dice.normal(0, 0.05, 40))
    found = learning.effect(values, 25)
    assert found.lower < 0.5 < found.upper
    assert found.difference == pytest.approx(0.5, abs=0.1)
    assert (found.before, found.after) == (23, 15)


def test_missing_intervals_take_no_part_and_too_few_are_refused():
    values = pd.Series([0.5, np.nan] * 12 + [0.7] * 6)
    with pytest.raises(DataError, match="11 intervals before and 6 after are too few; 12 and 6"):
        learning.effect(values, 24)
    assert learning.effect(values, 24, left_out=0).before == 12


def test_a_series_that_never_varies_is_no_error():
    found = learning.effect(pd.Series([0.5] * 30), 20)
    assert found.difference == pytest.approx(0, abs=1e-9)
    assert found.lower <= 0 <= found.upper


def test_a_month_counts_as_after_a_change_when_nearly_all_of_it_is():
    series = pd.Series(range(4), pd.date_range("2025-01-01", periods=4, freq="MS"), dtype=float)
    same, at = logged._divided(series, pd.Timestamp("2025-03-02"))
    assert (at, same.notna().all()) == (2, True)
    divided, at = logged._divided(series, pd.Timestamp("2025-03-15"))
    assert (at, list(divided.notna())) == (2, [True, True, False, True])
    _, at = logged._divided(series, pd.Timestamp("2024-06-01"))
    assert at == 0


def test_a_group_is_named_by_whole_words():
    assert logged._names("Reminders (fresh start)", "Fresh Start")
    assert not logged._names("Phone calls", "One")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def read(settings, **further):
    data = wb.open(settings, as_of="2025-11", scope=wb.EVERYONE, **further)
    found = signals.overview(data).table
    return {each.measure: each for each in learning.changes(data, found)}, data, found


def test_the_sample_holds_one_change_that_worked(home):
    changes, data, found = read(ROOT / "settings" / "sample.toml")
    worked = changes["attendance rate"]
    assert (worked.verdict, worked.about) == ("moved as expected", "Fresh Start")
    assert worked.effect.lower < 0.12 < worked.effect.upper  # 12 points were planted
    assert changes["start rate"].verdict in ("no clear change", "too few months before")
    shown = learning.changes_table(data, found)
    assert disclosure.is_protected(shown)
    assert "moved as expected in Fresh Start, against all others: +13" in shown["sentence"].iloc[0]


def test_without_effects_nothing_worked(home, tmp_path):
    sample.write(tmp_path / "plain", effects=False)
    changes, *_ = read(ROOT / "settings" / "sample.toml", source=tmp_path / "plain")
    assert all(not each.verdict.startswith("moved") for each in changes.values())


def test_an_export_without_changes_has_none(workspace):
    data = workspace(as_of="2025-02-28")
    assert learning.changes(data, table([None])) == ()
    assert learning.changes_table(data, table([None])).empty


def test_changes_that_cannot_be_read_say_why(workspace):
    data = workspace(
        as_of="2025-02-28",
        enrolments=[{"enrolment_id": "e", "start_date": "2025-01-02"}],
        changes=[
            {"change_date": "2025-01-15", "description": "x", "measure": "no such measure"},
            {"change_date": "2025-01-15", "description": "y", "measure": "starts"},
            {"change_date": "2025-06-15", "description": "later", "measure": "starts"},
        ],
    )
    found = learning.changes(data, table([None, None], "starts"))
    assert [each.verdict for each in found] == ["not there", "too early to tell"]
    assert found[0].sentence == "Cannot tell: the measure is hidden or not there."


@pytest.mark.parametrize(
    ("verdict", "about", "found", "sentence"),
    [
        ("moved as expected", "Fresh Start", (0.12, 0.07, 0.17),
         "The measure moved as expected in Fresh Start, against all others: +12 points "
         "(95% interval 7 to 17 points)."),
        ("moved the other way", "", (-0.05, -0.08, -0.02),
         "The measure moved the other way: −5 points (95% interval −8 to −2 points)."),
        ("no clear change", "", (0.01, -0.02, 0.04),
         "No clear change: +1 point (95% interval −2 to 4 points)."),
        ("too early to tell", "", None, "Too early to tell: six months after it are needed."),
    ],
)  # fmt: skip
def test_sentences_of_changes(verdict, about, found, sentence):
    assert said.change(verdict, about, "points", found) == sentence
