"""The OULAD reader: days become dates, and each trap of the data set is told."""

import os
from datetime import date
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pytest

from workbench import settings
from workbench.errors import DataError
from workbench.sources import check, oulad
from workbench.tables import with_attributes

DATA = os.environ.get("WORKBENCH_DATA")
real = pytest.mark.skipif(not DATA, reason="WORKBENCH_DATA is not set: no real data here")

STUDENT = {
    "code_module": "AAA",
    "code_presentation": "2013J",
    "id_student": "1",
    "gender": "F",
    "region": "Wales",
    "highest_education": "HE Qualification",
    "imd_band": "20-30%",
    "age_band": "0-35",
    "num_of_prev_attempts": "0",
    "studied_credits": "60",
    "disability": "N",
    "final_result": "Pass",
}
COURSES = [
    {"code_module": "AAA", "code_presentation": "2013J", "module_presentation_length": "268"},
    {"code_module": "BBB", "code_presentation": "2014B", "module_presentation_length": "240"},
]
CLICKS = pd.DataFrame(
    {
        "code_module": "AAA",
        "code_presentation": "2013J",
        "id_student": [1, 1, 1],
        "id_site": [10, 11, 10],
        "date": [-5, -5, 3],
        "sum_click": [1, 4, 2],
    }
)


class Loaded:
    """The data set read and checked: tables as frames, and the loss report."""

    def __init__(self, path):
        con = ibis.duckdb.connect()
        chosen = settings.build({"base": "oulad", "data": {"path": str(path)}})
        staged, self.says = oulad.stage(chosen, con)
        export = check(staged, with_attributes(chosen.attributes), con, self.says.exported_on)
        self.tables, self.issues = export.tables, export.issues

    def frame(self, name):
        return self.tables[name].execute()

    def rows(self, problem, **where):
        """How many rows the loss report has for a problem."""
        found = self.issues[self.issues.problem.str.contains(problem, regex=False, na=False)]
        for column, value in where.items():
            found = found[found[column] == value]
        return int(found.rows.sum())

    def counted(self, table):
        """Rows of a file that ended as loaded, repaired or set aside, for a table."""
        kinds = self.issues.kind.isin(["loaded", "repaired", "set aside"])
        return int(self.issues[kinds & (self.issues.table == table)].rows.sum())


def write(folder, students, clicks=CLICKS, courses=COURSES):
    """Write the data set: a student's dict also holds `registered` and `left`, days or empty."""
    info = pd.DataFrame([{**STUDENT, **each} for each in students]).fillna("")
    for column in ("registered", "left"):
        info[column] = info.get(column, "")
    key = ["code_module", "code_presentation", "id_student"]
    days = info[[*key, "registered", "left"]]
    days.columns = [*key, "date_registration", "date_unregistration"]
    days.to_csv(folder / "studentRegistration.csv", index=False)
    info[[*STUDENT]].to_csv(folder / "studentInfo.csv.gz", index=False)
    pd.DataFrame(courses).to_csv(folder / "courses.csv", index=False)
    clicks.to_parquet(folder / "studentVle.parquet", index=False)
    return folder


def test_days_become_dates_from_the_presentations_first_day(tmp_path):
    loaded = Loaded(write(tmp_path, [{"registered": "-30"}]))
    stay = loaded.frame("enrolments").iloc[0]
    assert (stay.enrolment_id, stay.client_id) == ("AAA-2013J-1", "1")
    assert (stay.programme, stay.exit_reason) == ("AAA 2013J", "pass")
    days = [str(each)[:10] for each in (stay.referral_date, stay.start_date, stay.end_date)]
    assert days == ["2013-09-01", "2013-10-01", "2014-06-26"]
    outcome = loaded.frame("outcomes").iloc[0]
    assert (outcome.outcome, outcome.status) == ("pass", "achieved")
    assert str(outcome.outcome_date)[:10] == "2014-06-26"
    assert (loaded.says.exported_on, loaded.says.complete_to) == (None, date(2014, 6, 26))


def test_the_clicks_of_a_day_are_one_contact_and_every_row_is_counted(tmp_path):
    loaded = Loaded(write(tmp_path, [{}]))
    contacts = loaded.frame("contacts").sort_values("contact_date")
    assert [str(each)[:10] for each in contacts.contact_date] == ["2013-09-26", "2013-10-04"]
    assert contacts.attended.all()
    assert set(contacts.channel) == {"online"}
    assert loaded.counted("contacts") == 3


def test_clicks_as_csv_are_read_too_and_clicks_without_a_student_are_set_aside(tmp_path):
    clicks = pd.concat([CLICKS, CLICKS.assign(id_student=99), CLICKS.head(1).assign(date="x")])
    write(tmp_path, [{}])
    (tmp_path / "studentVle.parquet").unlink()
    clicks.to_csv(tmp_path / "studentVle.csv", index=False)
    loaded = Loaded(tmp_path)
    assert len(loaded.frame("contacts")) == 2
    assert loaded.rows("is not in enrolments", kind="set aside") == 2
    assert loaded.rows("is empty", column="contact_date", kind="set aside") == 1
    assert loaded.counted("contacts") == 7


def test_a_withdrawal_ends_on_its_day(tmp_path):
    loaded = Loaded(write(tmp_path, [{"final_result": "Withdrawn", "left": "10"}]))
    stay = loaded.frame("enrolments").iloc[0]
    assert (str(stay.end_date)[:10], stay.exit_reason) == ("2013-10-11", "withdrawn")
    assert loaded.frame("outcomes").status[0] == "not achieved"


def test_a_withdrawal_without_a_day_is_neither_end_and_is_told(tmp_path):
    loaded = Loaded(write(tmp_path, [{"final_result": "Withdrawn"}]))
    stay = loaded.frame("enrolments").iloc[0]
    assert (str(stay.end_date)[:10], stay.exit_reason) == ("2014-06-26", "withdrawn, day not known")
    assert loaded.rows("is empty although the student withdrew", kind="repaired") == 1
    assert stay.exit_reason in settings.built_in("oulad").exits.neither


def test_a_day_of_leaving_counts_even_where_the_result_is_not_withdrawn(tmp_path):
    loaded = Loaded(write(tmp_path, [{"final_result": "Fail", "left": "166"}]))
    stay = loaded.frame("enrolments").iloc[0]
    assert stay.exit_reason == "fail, unregistered"
    assert str(stay.end_date)[:10] == "2014-03-16"
    assert loaded.rows("although the student did not withdraw", kind="repaired") == 1
    assert stay.exit_reason in settings.built_in("oulad").exits.disengagement


def test_who_left_by_the_first_day_never_started(tmp_path):
    gone = {"final_result": "Withdrawn", "registered": "-40"}
    students = [{**gone, "id_student": str(i), "left": str(i - 2)} for i in range(1, 5)]
    loaded = Loaded(write(tmp_path, students))
    stays = loaded.frame("enrolments").set_index("client_id")
    assert stays.start_date.isna().to_dict() == {"1": True, "2": True, "3": False, "4": False}
    assert stays.decline_reason["1"] == "withdrew before the start"
    assert pd.isna(stays.decline_reason["3"])
    assert loaded.rows("referred, never started") == 2
    assert loaded.counted("enrolments") == 4


def test_who_registered_late_started_late(tmp_path):
    students = [{"registered": "5"}, {"id_student": "2"}, {"id_student": "3", "left": "300"}]
    loaded = Loaded(write(tmp_path, students))
    stays = loaded.frame("enrolments").set_index("client_id")
    assert str(stays.start_date["1"])[:10] == "2013-10-06"
    assert pd.isna(stays.referral_date["2"])
    assert str(stays.start_date["2"])[:10] == "2013-10-01"
    assert loaded.rows("started on the day of registration") == 1
    assert loaded.rows("day of referral not known") == 2
    assert loaded.rows("is after the presentation's end: kept") == 1


def test_deprivation_is_blank_or_lacks_its_percent_sign(tmp_path):
    bands = ["10-20", "", "30-40%"]
    students = [{"id_student": str(i), "imd_band": band} for i, band in enumerate(bands)]
    loaded = Loaded(write(tmp_path, students))
    clients = loaded.frame("clients").set_index("client_id")
    assert clients.imd_band.fillna("").to_dict() == {"0": "10-20%", "1": "", "2": "30-40%"}
    assert loaded.rows("lacks its %", kind="repaired") == 1
    assert loaded.rows("is blank in registrations") == 1


def test_a_student_with_several_registrations_is_one_client(tmp_path):
    again = {"code_module": "BBB", "code_presentation": "2014B", "age_band": "35-55"}
    loaded = Loaded(write(tmp_path, [{"gender": "M", "disability": "Y"}, again]))
    clients = loaded.frame("clients")
    assert clients[["client_id", "gender", "age_band", "disability"]].values.tolist() == [
        ["1", "Male", "0-35", True]
    ]
    assert len(loaded.frame("enrolments")) == 2
    assert loaded.counted("clients") == 2
    assert loaded.rows("is a further registration", kind="loaded") == 1
    assert loaded.rows("differs between a student's registrations") == 1


def test_days_that_are_no_numbers_are_told(tmp_path):
    loaded = Loaded(write(tmp_path, [{"registered": "soon", "left": "3 days"}]))
    assert loaded.rows("is not a number of days", column="date_registration") == 1
    assert loaded.rows("is not a number of days", column="date_unregistration") == 1


def test_what_is_missing_or_not_known_is_refused(tmp_path):
    with pytest.raises(DataError) as problem:
        Loaded(tmp_path)
    assert len(problem.value.problems) == 4
    assert problem.value.problems[0] == (
        "courses: there is no courses.csv (or .csv.gz, .parquet) in the folder of the data. "
        "Unpack the data set there, or set path under [data]."
    )
    write(tmp_path, [{"code_presentation": "2015B"}])
    with pytest.raises(DataError, match=r"first day or length of AAA 2015B is not known, 1 in all"):
        Loaded(tmp_path)
    write(tmp_path, [{}], clicks=CLICKS.drop(columns="date"))
    with pytest.raises(DataError, match=r"studentVle.parquet: there is no column date\."):
        Loaded(tmp_path)
    (tmp_path / "studentVle.parquet").write_bytes(b"PAR1 cut off")
    with pytest.raises(DataError, match=r"studentVle.parquet: this cannot be read as parquet"):
        Loaded(tmp_path)


def test_every_exit_reason_has_a_meaning():
    exits = settings.built_in("oulad").exits
    assert {*exits.disengagement, *exits.completion, *exits.neither} == {
        "withdrawn",
        "fail, unregistered",
        "withdrawn, day not known",
        "pass",
        "distinction",
        "fail",
    }


@pytest.fixture(scope="module")
def data_set():
    return Loaded(Path(DATA) / "oulad")


@real
def test_the_published_counts_come_out(data_set):
    stays = data_set.frame("enrolments")
    assert len(stays) == 32_593
    assert data_set.tables["clients"].count().execute() == 28_785
    results = stays.exit_reason.str.split(",").str[0].value_counts().to_dict()
    assert results == {"pass": 12_361, "withdrawn": 10_156, "fail": 7_052, "distinction": 3_024}
    achieved = data_set.frame("outcomes").status.value_counts().to_dict()
    assert achieved == {"achieved": 15_385, "not achieved": 17_208}
    assert data_set.says.complete_to == date(2015, 6, 27)


@real
def test_the_cohort_of_the_published_survival_comes_out(data_set):
    stays = data_set.frame("enrolments")
    started = stays[stays.start_date.notna()]
    left = started.exit_reason.isin(settings.built_in("oulad").exits.disengagement)
    assert (len(started), int(left.sum())) == (29_496, 6_975)


@real
def test_every_trap_of_the_data_set_is_in_its_loss_report(data_set):
    assert data_set.rows("is empty although the student withdrew", kind="repaired") == 93
    assert data_set.rows("although the student did not withdraw", kind="repaired") == 9
    assert data_set.rows("referred, never started") == 3_097
    assert data_set.rows("is blank in registrations", column="imd_band") == 1_111
    assert data_set.rows("lacks its % in registrations", column="imd_band") == 3_516
    for table in ("clients", "enrolments", "outcomes"):
        assert data_set.counted(table) == 32_593


@real
def test_all_clicks_are_counted_and_make_the_same_contacts_as_by_hand(data_set):
    assert data_set.counted("contacts") == 10_655_280
    clicks = Path(DATA) / "oulad" / "studentVle.parquet"
    by_hand = duckdb.sql(
        "select count(*), count(distinct (code_module, code_presentation, id_student)) "
        "from (select distinct code_module, code_presentation, id_student, date "
        f"from '{clicks}')"
    ).fetchall()[0]
    contacts = data_set.tables["contacts"]
    assert by_hand == (
        contacts.count().execute(),
        contacts.enrolment_id.nunique().execute(),
    )


@real
def test_the_worked_example_finds_its_data():
    example = settings.read(Path(__file__).parents[1] / "settings" / "oulad.toml")
    assert (example.data.reader, example.data_path.name) == ("oulad", "oulad")
    assert example.disclosure.profile == "public"
