"""The five questions: an answer for every measure, another for every reading and assurance."""

import re

import pandas as pd
import pytest

from workbench import disclosure
from workbench.analyses import signals
from workbench.words import READINGS
from workbench.words import questions as say

MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")


@pytest.fixture
def data(workspace):
    rows = [
        {"enrolment_id": f"{month:%y%m}{i}", "start_date": f"{month:%Y-%m}-{1 + i % 28:02}"}
        for place, month in enumerate(MONTHS)
        for i in range(120 if place == 23 else 40 + 5 * (place % 3))
    ]
    return workspace(
        as_of="2024-12-31",
        complete_from="2023-01-01",
        enrolments=rows,
        contacts=[{"enrolment_id": "23010", "contact_date": "2023-01-02"}],
        settings={
            "measures": {"starts": {"target": 60.0}, "caseload": {"target": 900.0}},
            "reporting": {"measures": ["starts", "caseload"]},
        },
    )


def test_every_measure_answers_five_questions_in_its_own_unit(data):
    found = signals.overview(data)
    table = signals.five_questions(found, data)
    assert disclosure.is_protected(table)
    assert list(table) == ["measure", "now", "start", "going", "known", "do"]
    assert list(table["measure"]) == ["starts", "caseload"]
    first, stock = table.to_dict("records")
    assert first["now"] == "120 in December 2024: better than usual."
    assert first["start"].endswith("on average in the time from January 2023.")
    assert "Target 60: as things are" in first["going"]
    assert "How many enrolments began. A signal: a month outside" in first["known"]
    assert first["do"].startswith("Find out what was different, keep it")
    assert stock["going"].startswith("Target 900; the latest figure is above it. One figure")
    assert "no usual range" in stock["known"]


def test_the_blocks_say_the_same_one_under_the_other(data):
    found = signals.overview(data)
    text = signals.five_blocks(found, data)
    for row in signals.five_questions(found, data).to_dict("records"):
        assert f"### {row['measure'].capitalize()}" in text
        assert f"- **Where are we now?** {row['now']}" in text
        assert f"- **What do we need to do?** {row['do']}" in text


def test_what_to_do_differs_by_reading_and_by_assurance():
    said = {
        (reading, assurance): say.to_do(reading, assurance, "month")
        for reading in ("improvement", "concern", "common cause")
        for assurance in (None, "pass", "fail", "hit or miss")
    }
    assert len(set(said.values())) == len(said)
    assert len({say.to_do(reading, None, "month") for reading in READINGS}) == len(READINGS)
    assert set(say.DO) == set(READINGS)
    assert "leave this month's figure alone" in said["common cause", "fail"]
    assert "out of reach" in said["common cause", "fail"]


def test_a_concern_asks_the_group_that_moved_most():
    assert say.to_do("concern", None, "month", "*North*", "site") == (
        "Check that the records are all in, then ask '\\*North\\*' (site), which moved most, what "
        "was different."
    )
    assert "those who do the work" in say.to_do("concern", None, "month")


def test_a_hidden_month_asks_for_quarters_and_a_hidden_quarter_for_years():
    assert "look at quarters" in say.to_do("too few", None, "month")
    assert "look at years" in say.to_do("too few", None, "quarter")


def test_what_is_not_known_is_said():
    assert say.now(None, "", "not yet", "%") == "No complete figure yet."
    assert say.now(None, "May 2025", "too few", "%") == "Too few people to show (May 2025)."
    assert say.start(None, "", False, "%") == "No figure can be shown of the start."
    assert say.going(None, None, "", "%", "month") == "No target is set."
    assert "cannot be told yet" in say.going(0.5, None, "", "%", "month")
    assert "too few complete months" in say.known("A share.", "none", "month", "%")


def test_nothing_is_forecast_and_no_sentence_is_long():
    texts = [*say.GOING.values(), *say.DO.values(), *say.FIRM.values(), *say.KNOWN.values()]
    for text in texts:
        assert not re.search(r"\bwill\b|because|caused|due to", text)
        assert all(len(each.split()) <= 26 for each in text.split("."))
