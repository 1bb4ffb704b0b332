"""The board's pages: one sentence a measure, decisions asked for, small charts."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import workbench as wb
from workbench import charts, disclosure, display
from workbench.analyses import board, signals
from workbench.errors import DataError
from workbench.words import board as said

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield wb.open_for("board", settings=ROOT / "settings/sample.toml", as_of="2025-11")


@pytest.fixture(scope="module")
def found(data):
    return signals.overview(data)


def a_finding(name, *, reading="common cause", assurance=None, target=None, seasonal=False):
    """What a finding of the signals looks like to the board."""
    complete = pd.DataFrame({"interval": [pd.Timestamp("2025-11-01")], "value": [0.6]})
    return SimpleNamespace(
        definition=SimpleNamespace(name=name, target=target),
        reading=reading,
        unit="percent",
        interval="month",
        complete=complete.assign(lower=0.5, upper=0.7),
        chart=SimpleNamespace(assurance=assurance),
        seasonal=seasonal,
    )


def series(**columns):
    """A protected table of five months."""
    month = pd.date_range("2025-07-01", periods=5, freq="MS")
    table = pd.DataFrame({"interval": month, "value": [0.6, 0.62, 0.58, 0.61, 0.7], **columns})
    numbers = [name for name in table if name not in ("interval", "provisional", "reading")]
    return disclosure.protect(table, plain=numbers)


# --- words --------------------------------------------------------------------------------------


def test_a_measure_is_said_in_one_sentence():
    assert said.sentence(
        "start rate", 0.67, "October 2025", "common cause", unit="%", usual=(0.38, 0.91),
        target=0.75, assurance="hit or miss",
    ) == (
        "Start rate: 67% in October 2025, within its usual range (38% to 91%); the target of 75% "
        "is met in some months and missed in others by chance alone."
    )  # fmt: skip
    assert said.sentence("arrests", 0.3, "May 2025", "concern", usual=(0.1, 0.2)) == (
        "Arrests: 0.3 in May 2025, worse than usual (which is 0.1 to 0.2)."
    )
    assert said.sentence("caseload", 175, "May 2025", "stock", unit="count", target=180) == (
        "Caseload: 175 in May 2025 (on its last day), which is shown and not judged; the target is "
        "180."
    )


def test_what_cannot_be_shown_is_said_too():
    assert said.sentence("success rate", None, "May 2025", "too few") == (
        "Success rate: too few people in May 2025 to show a figure."
    )
    assert said.sentence("success rate", None, "May 2025", "nobody") == (
        "Success rate: nobody was there in May 2025 of whom it could be asked."
    )
    assert said.sentence("success rate", None, "", "not yet") == (
        "Success rate: no complete figure yet."
    )
    assert said.sentence("success rate", 0.5, "May 2025", "not yet", unit="%") == (
        "Success rate: 50% in May 2025, with no usual range to judge it by yet."
    )
    assert said.sentence("success rate", 0.5, "May 2025", "does not vary", unit="%") == (
        "Success rate: 50% in May 2025, always the same."
    )


def test_every_reading_makes_one_sentence():
    from workbench.words import READINGS

    for reading in READINGS:
        text = said.sentence("start rate", 0.5, "May 2025", reading, unit="%", usual=(0.4, 0.6))
        assert text.count(". ") == 0
        assert text.endswith(".")


def test_a_target_that_will_be_missed_asks_for_a_decision():
    assert said.decide("start rate", 0.6, 0.75, "%", worse=True) == (
        "What to change about the start rate (now 60%, worse than usual), which will miss its "
        "target of 75% nearly every time unless something changes"
    )
    assert said.decisions(["Whether we go on.", "What to stop"]) == (
        "1. Whether we go on.\n2. What to stop."
    )
    assert said.decisions([]) == said.NO_DECISION


def test_good_news_is_told_as_well_as_bad():
    assert said.attention(["start rate"], ["attendance rate"], [], 8) == (
        "Worse than usual: start rate. Better than usual: attendance rate. The other 6 are as "
        "usual or cannot be judged."
    )
    assert said.attention([], [], [], 8) == "None of the 8 measures is out of the ordinary."
    assert said.attention([], [], ["exits"], 1) == "Higher or lower than usual: exits."


# --- findings -----------------------------------------------------------------------------------


def test_the_sample_has_a_sentence_for_each_of_its_measures(data, found):
    told = board.sentences(data, found.findings)
    assert list(told) == list(data.settings.audiences["board"].measures)
    assert len(told) == 8
    for name, sentence in told.items():
        assert sentence.lower().startswith(name), sentence
        assert sentence.count(".") - sentence.count("0.") <= 3


def test_decisions_are_those_of_settings_and_of_targets_that_fail(data):
    findings = [
        a_finding("start rate", assurance="fail", target=0.75),
        a_finding("attendance rate", assurance="hit or miss", target=0.7),
        a_finding("exits", reading="concern"),
        a_finding("referrals", assurance="fail", target=0.8, seasonal=True),
    ]
    lines = board.decisions(data, findings, "board").splitlines()
    assert lines[0].startswith("1. Whether the shorter referral form stays")
    assert lines[1].startswith("2. What to change about the start rate (now 60%)")
    assert len(lines) == 2


def test_a_target_is_not_judged_by_limits_that_stand_on_the_year_before(data):
    finding = a_finding("start rate", assurance="fail", target=0.75, seasonal=True)
    assert board.sentences(data, [finding])["start rate"].endswith("; the target is 75%.")


# --- small charts -------------------------------------------------------------------------------


def test_a_small_chart_shows_range_target_and_latest_value():
    table = series(lower=0.5, upper=0.7, target=0.75, reading=[None] * 4 + ["improvement"])
    spec = charts.small(table, "Start rate", unit="percent").to_dict()
    ends = spec["datasets"]["ends"]
    assert [end["words"] for end in ends] == ["70%", "Target 75%"]
    assert ends[1]["place"] >= 0.75
    assert "better than usual" in spec["description"]
    assert "target" not in [end["what"] for end in _ends(series())]


def test_the_value_at_the_end_is_the_latest_complete_one():
    table = series(provisional=[False, False, False, False, True])
    assert [end["words"] for end in _ends(table)] == ["0.61"]
    hidden = series().assign(value=lambda each: each["value"].where(each.index < 4))
    assert _ends(hidden) == []


def _ends(table):
    return charts.small(table, "Start rate").to_dict()["datasets"]["ends"]


def test_a_small_chart_of_nothing_says_so():
    empty = series().assign(value=pd.NA).astype({"value": "Float64"})
    assert isinstance(charts.small(empty, "Start rate"), display.Text)


def test_small_charts_refuse_what_is_not_protected():
    with pytest.raises(DataError):
        charts.small(pd.DataFrame({"interval": [], "value": []}))


def test_each_small_chart_has_its_name_and_its_sentence(data, found):
    stack = charts.smalls(
        found.table, units=found.units, sentences=board.sentences(data, found.findings)
    )
    names = [each.markdown for each in stack.items if isinstance(each, display.Text)]
    assert names[0] == "### Referrals"
    assert len(stack.items) == 8 * 3


def test_a_forecast_is_drawn_with_its_interval():
    month = pd.date_range("2025-07-01", periods=5, freq="MS")
    table = disclosure.protect(
        pd.DataFrame(
            {
                "interval": month,
                "value": [30, 35, 30, None, None],
                "expected": [None, None, None, 31.0, 31.0],
                "lower": [None, None, None, 20, 20],
                "upper": [None, None, None, 42, 42],
            }
        ).astype(dict.fromkeys(["value", "expected", "lower", "upper"], "Float64")),
        plain=["value", "expected", "lower", "upper"],
    )
    said_of = charts.forecast(table, "Starts").to_dict()["description"]
    assert said_of == (
        "Line chart of Starts. Counted last, September 2025: 30. "
        "Expected, October 2025: 31 (20 to 42). Expected, November 2025: 31 (20 to 42)."
    )


def test_the_five_questions_are_shown_in_their_shortest_form(data, found):
    whole = signals.five_questions(found, data)
    table = board.shortest(whole, found.findings).set_index("measure")
    disclosure.require_protected(table.reset_index())
    assert table.loc["start rate", "known"].startswith("A signal: a month outside 38% to 91%")
    assert whole.set_index("measure").loc["start rate", "known"].startswith("Of the referrals")
    assert table["now"].tolist() == whole["now"].tolist()
