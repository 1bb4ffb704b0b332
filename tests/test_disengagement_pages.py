"""What the page and the lists show: tables that may be told, and one caseworker's own list."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import disclosure, words
from workbench.analyses import disengagement
from workbench.analyses.disengagement.caseload import listed
from workbench.analyses.disengagement.evaluating import RULE
from workbench.errors import DataError

TABLES = [
    "dates_table", "found_table", "calibration_table", "fairness_table", "reached_table",
    "terms_table", "ages_table", "drift_table", "bands_table",
]  # fmt: skip
CALL, WATCH, USUAL, CHECK = words.disengagement.BANDS


@pytest.fixture(scope="module")
def data():
    return wb.open("settings/sample.toml", as_of="2025-11", scope=wb.EVERYONE)


@pytest.fixture(scope="module")
def study(data):
    return disengagement.study(data)


@pytest.fixture(scope="module")
def mine(data, study):
    return disengagement.caseload(data, "W01", model=study.model)


# --- what may be told ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_table_may_be_published(study, name):
    table = getattr(disengagement, name)(study)
    disclosure.require_protected(table)
    assert len(table)
    assert not any(str(each).startswith("C0") for column in table for each in table[column])


def test_the_tables_agree_with_the_people_behind_them(study):
    found = disengagement.found_table(study).set_index("ranking")
    rows = study.rows
    left = rows["label"] == 1
    rule = found.loc[words.disengagement.RANKINGS[RULE]]
    assert rule["left"] == disclosure.release([int(left.sum())])[0]
    assert rule["found"] == disclosure.release([int((left & rows["listed_by_rule"]).sum())])[0]
    assert rule["recall"] == rule["found"] / rule["left"]
    dates = disengagement.dates_table(study).set_index("use")
    assert list(dates.index) == ["to learn from", "to test on"]
    assert dates["as_of_dates"].sum() == len(study.learnt_from) + len(study.tested_on) == 26


def test_everybody_tested_is_in_one_fifth_and_the_chance_rises(study):
    table = disengagement.calibration_table(study)
    assert list(table["fifth"]) == list(words.disengagement.FIFTHS)
    assert abs(table["people_days"].sum() - len(study.rows)) <= 5 * 2.5
    assert table["expected"].is_monotonic_increasing
    assert table["expected"].iloc[-1] > table["expected"].iloc[0]


def test_a_group_with_few_leavers_is_too_few_to_say(study):
    table = disengagement.fairness_table(study)
    assert set(table["attribute"]) == {"gender", "ethnicity", "age band"}
    few = table["left"].isna() | (table["left"] < 20)
    assert few.any()
    assert (table.loc[few, "reading"] == "too few to say").all()


def test_a_group_that_is_found_less_often_is_named(study, data):
    """A rule that never lists one gender: the reading says so."""
    rows = pd.concat([study.rows] * 4, ignore_index=True)
    clients = data.tables.clients.select("client_id", "gender").to_pandas()
    gender = rows["client_id"].map(clients.set_index("client_id")["gender"])
    rows["listed_by_rule"] = (gender == "Male") & (rows["label"] == 1)
    asked = study.asked.model_copy(update={"fair_to": ("gender",)})
    table = disengagement.fairness_table(replace(study, rows=rows, asked=asked))
    read = table.set_index("group")["reading"]
    assert read["Female"] == "found less often"
    assert read["Male"] == "found more often"


def test_an_input_that_moved_is_named(study):
    calm = disengagement.drift_table(study).set_index("what")
    people = study.people.rows.assign(contacts_in_all=study.people.rows["contacts_in_all"] + 200)
    moved = disengagement.drift_table(
        replace(study, people=replace(study.people, rows=people))
    ).set_index("what")
    assert calm.loc["contacts in all", "reading"] == "as before"
    assert moved.loc["contacts in all", "reading"] == "moved"


def test_the_bands_count_each_client_once(study, data):
    table = disengagement.bands_table(study)
    assert list(table["band"]) == [CALL, WATCH, USUAL, CHECK]
    rows = listed(data, study.model)
    assert table["clients"].sum() <= rows["client_id"].nunique() + 5


def test_the_verdict_is_told_from_released_numbers(study):
    said = disengagement.told(study)
    assert said.startswith("The lists use the rule: those longest without contact first. ")
    assert "not enough to use it" in said
    assert "of those on the list" in disengagement.stayed_anyway(study).lower()


def test_the_card_says_what_it_is_for_and_not_for(study):
    card = disengagement.card_table(study).set_index("item")["what"]
    assert "No sanction" in card["What it is not for"]
    assert card["What the test said"] == "Use the rule."
    assert "exit for a reason that settings call disengagement" in card["What leaving means"]


# --- one caseworker's list ----------------------------------------------------------------------


def test_a_list_is_of_that_workers_own_clients_each_once(data, mine):
    held = data.tables.assignments.to_pandas()
    own = held[(held["caseworker_id"] == "W01") & (held["end_date"].isna())]
    assert set(mine["enrolment_id"]) <= set(
        held.loc[held["caseworker_id"] == "W01", "enrolment_id"]
    )
    assert mine["client_id"].is_unique
    assert len(mine) >= 0.5 * own["enrolment_id"].nunique()


def test_the_first_on_the_list_are_those_longest_without_contact(data, mine):
    first = mine[mine["band"] == CALL]
    assert len(first) == data.settings.disengagement.calls_a_week
    assert first["days_since_contact"].is_monotonic_decreasing
    others = mine[mine["band"].isin([WATCH, USUAL])]
    assert first["days_since_contact"].min() >= others["days_since_contact"].max()
    said = "no kept appointment|usually seen every|not seen yet"
    assert first["reason_1"].str.contains(said).all()
    assert mine["chance"].isna().all()  # the verdict is the rule: no chance is shown


def test_a_list_by_the_model_shows_chances_and_its_reasons(data, study):
    used = replace(study.model, verdict="use the model")
    mine = disengagement.caseload(data, "W01", model=used)
    first = mine[mine["band"] == CALL]
    assert first["chance"].is_monotonic_decreasing
    assert first["chance"].min() >= mine.loc[mine["band"] == USUAL, "chance"].max()
    assert (first["reason_1"] != "").all()


def test_who_is_silent_for_long_is_to_be_checked_and_takes_no_place(data, study):
    asked = data.settings.disengagement.model_copy(update={"check_after_days": 20})
    settings = data.settings.model_copy(update={"disengagement": asked})
    mine = disengagement.caseload(replace(data, settings=settings), "W01", model=study.model)
    check = mine[mine["band"] == CHECK]
    assert len(check) and (check["days_since_contact"] > 20).all()
    assert (mine["band"] == CALL).sum() == 5
    assert (mine["band"].iloc[-len(check) :] == CHECK).all()
    assert (check["check"].str.startswith("Is this person still with us?")).all()


def test_a_day_before_and_a_worker_who_is_not_there(data, study):
    before = disengagement.caseload(data, "W01", date(2025, 6, 30), model=study.model)
    assert set(before["client_id"]) != set()
    with pytest.raises(DataError, match=r"caseworker: nobody called 'W0l' holds a case. Did you"):
        disengagement.caseload(data, "W0l", model=study.model)
    with pytest.raises(DataError, match="as_of: 2031-01-01 lies outside the records"):
        disengagement.caseload(data, "W01", date(2031, 1, 1), model=study.model)


def test_a_list_of_an_earlier_day_knows_nothing_later(data):
    """Made as of a day: what was typed in later changes nothing, except the model's own test."""
    mine = disengagement.caseload(data, "W05", date(2025, 6, 30))
    tables = dict(data.tables)
    contacts = tables["contacts"]
    tables["contacts"] = contacts.filter(contacts.contact_date <= date(2025, 6, 30))
    cut = replace(data, tables=type(data.tables)(tables))
    again = disengagement.caseload(cut, "W05", date(2025, 6, 30))
    columns = ["client_id", "days_since_contact", "band", "reason_1"]
    pd.testing.assert_frame_equal(mine[columns], again[columns])


# --- small and odd exports ----------------------------------------------------------------------


def _small(workspace, **settings):
    starts = pd.date_range("2025-01-01", periods=8, freq="7D")
    return workspace(
        as_of="2025-12-31",
        complete_from="2025-01-01",
        enrolments=[
            {"enrolment_id": f"E{i}", "start_date": day.date()} for i, day in enumerate(starts)
        ],
        contacts=[
            {"contact_id": f"K{i}", "enrolment_id": f"E{i}", "contact_date": day}
            for i, day in enumerate(starts + pd.Timedelta(days=9))
        ],
        assignments=[
            {"enrolment_id": f"E{i}", "caseworker_id": "W1", "start_date": day.date()}
            for i, day in enumerate(starts)
        ],
        settings={"exits": {"disengagement": ["lost"]}, **settings},
    )  # fmt: skip


def test_eight_people_of_whom_nobody_left_still_make_a_list(workspace):
    data = _small(workspace)
    assert disengagement.possible(data) == ""
    study = disengagement.study(data)
    assert study.verdict == "cannot tell"
    assert disengagement.told(study).startswith("Cannot tell whether a model would do better")
    for name in TABLES:
        disclosure.require_protected(getattr(disengagement, name)(study))
    mine = disengagement.caseload(data, "W1")
    assert len(mine) == 8
    assert set(mine["band"]) == {CHECK}


def test_why_nothing_can_be_learnt_is_said_and_a_list_is_made_all_the_same(workspace):
    data = _small(workspace, exits={})
    assert disengagement.possible(data) == words.disengagement.NOT_NAMED
    asked = {"check_after_days": 400}
    data = _small(workspace, exits={}, disengagement=asked)
    mine = disengagement.caseload(data, "W1")
    assert np.array_equal(mine["days_since_contact"], sorted(mine["days_since_contact"])[::-1])
    data = workspace(enrolments=[{"enrolment_id": "E1", "start_date": "2025-01-01"}])
    assert disengagement.possible(data) == words.disengagement.NO_CONTACTS


def test_nobody_was_there_is_said(workspace):
    data = workspace(
        complete_from="2020-01-01",
        enrolments=[
            {"enrolment_id": "E1", "start_date": "2025-12-20"},
        ],
        contacts=[{"contact_id": "K1", "enrolment_id": "E1", "contact_date": "2025-12-24"}],
        settings={"exits": {"disengagement": ["lost"]}},
    )
    assert disengagement.possible(data).startswith("as_of_dates: nobody was with the service at")
    short = replace(data, complete_from=date(2025, 12, 1))
    assert "the records are too short" in disengagement.possible(short)
