"""The CTN-0094 reader: days become dates, courses supports, and each trap of the trials is told."""

import os
from datetime import date
from pathlib import Path

import ibis
import pandas as pd
import pytest

import workbench as wb
from workbench import settings
from workbench.analyses import signals
from workbench.errors import DataError
from workbench.sources import check, ctn0094, detect
from workbench.sources.ctn0094_files import FILES, FIRST_DAYS
from workbench.sources.ctn0094_notes import FLAGS
from workbench.tables import with_attributes

DATA = os.environ.get("WORKBENCH_DATA")
real = pytest.mark.skipif(not DATA, reason="WORKBENCH_DATA is not set: no real data here")
HMM, BUP, NTX = "Methadone", "Outpatient BUP", "Inpatient NR-NTX"
EMM, SMM = "Outpatient BUP + EMM", "Outpatient BUP + SMM"
LENGTHS = [  # project, treatment, phase, stage, weeks, description
    ("27", HMM, "1", "1", "24.0", "Treatment"),
    ("27", BUP, "1", "1", "24.0", "Treatment"),
    *(
        ("30", arm, phase, stage, weeks, description)
        for arm in (EMM, SMM)
        for phase, stage, weeks, description in (
            ("1", "1", "2.0", "Buprenorphine-naloxone stabilization"),
            ("1", "2", "2.0", "Taper"),
            ("1", "3", "8.0", "Post-medication follow-up"),
            ("2", "1", "12.0", "Buprenorphine-naloxone treatment"),
            ("2", "2", "4.0", "Taper"),
            ("2", "3", "8.0", "Post-medication follow-up"),
        )
    ),
    ("51", NTX, "1", "1", "24.0", "Treatment"),
]


class Loaded:
    """The data set read and checked: tables as frames, and the loss report."""

    def __init__(self, path):
        con = ibis.duckdb.connect()
        chosen = settings.build({"base": "ctn0094", "data": {"path": str(path)}})
        staged, self.says = ctn0094.stage(chosen, con)
        export = check(staged, with_attributes(chosen.attributes), con, self.says.exported_on)
        self.tables, self.issues, self.set_aside = export.tables, export.issues, export.set_aside

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

    @property
    def stay(self):
        """The only enrolment, its dates as text."""
        stays = self.frame("enrolments")
        days = stays.select_dtypes("datetime").apply(lambda each: each.dt.strftime("%Y-%m-%d"))
        return stays.assign(**days).iloc[0]


def write(folder, people, visits=(), **files):
    """Write the data set. A participant: who, project, arm, start, again, doses, asked."""
    arms = [(p["who"], p["arm"], "1", p["start"]) for p in people if "arm" in p]
    arms += [(p["who"], *p["again"][:1], "2", p["again"][1]) for p in people if "again" in p]
    doses = [(p["who"], "8.0", f"{day}.0") for p in people for day in p.get("doses", ())]
    asked = [{"who": p["who"], **p.get("asked", {})} for p in people]
    tables = {
        "everybody": pd.DataFrame([(p["who"], p["project"]) for p in people]),
        "site_masked": pd.DataFrame([(p["who"], p.get("site", "7")) for p in people]),
        "demographics": pd.DataFrame(asked, columns=FILES["demographics"]),
        "psychiatric": pd.DataFrame(asked, columns=FILES["psychiatric"]),
        "qol": pd.DataFrame(
            [each for each in asked if "is_homeless" in each], columns=FILES["qol"]
        ),
        "randomization": pd.DataFrame(arms, columns=FILES["randomization"]),
        "meta_study_length": pd.DataFrame(
            LENGTHS, columns=["project", "treatment", "phase", "stage", "weeks", "description"]
        ),
        "treatment": pd.DataFrame(doses, columns=["who", "amount", "when"]),
        "visit": pd.DataFrame(visits, columns=["who", "visit", "what", "when", *FLAGS]),
    }
    tables["everybody"].columns = FILES["everybody"]
    tables["site_masked"].columns = FILES["site_masked"]
    for name, table in (tables | files).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def on(project, day):
    """A day of a trial, as the date that it becomes."""
    return str(pd.Timestamp(FIRST_DAYS[project]) + pd.Timedelta(days=day))[:10]


def person(**own):
    return {"who": "1", "project": "27", "arm": HMM, "start": "5.0", **own}


def visit(label, what, when, *flags):
    return {"who": "1", "visit": label, "what": what, "when": when, **dict.fromkeys(flags, "1")}


# --- enrolments and the outcome -------------------------------------------------------------------


def test_consent_is_the_referral_and_the_first_randomisation_the_start(tmp_path):
    loaded = Loaded(write(tmp_path, [person(doses=(5, 6, 170))]))
    stay = loaded.stay
    assert (stay.enrolment_id, stay.client_id) == ("CTN-0027-1", "1")
    assert (stay.programme, stay.site, stay.treatment) == ("CTN-0027", "site 7", HMM)
    assert (stay.referral_date, stay.start_date) == ("2001-01-01", "2001-01-06")
    assert (stay.end_date, stay.exit_reason) == (on("27", 170), "completed")
    days = (loaded.says.complete_from, loaded.says.complete_to)
    assert days == (date(2001, 1, 1), date(2001, 12, 31))


def test_each_trial_has_an_invented_first_day_of_its_own(tmp_path):
    people = [
        person(),
        person(who="2", project="30", arm=EMM, start="0"),
        person(who="3", project="51", arm=NTX, start="1"),
    ]
    loaded = Loaded(write(tmp_path, people))
    starts = loaded.frame("enrolments").set_index("programme").start_date.astype(str).str[:10]
    assert starts.to_dict() == {
        "CTN-0027": "2001-01-06",
        "CTN-0030": "2002-05-01",
        "CTN-0051": "2003-08-02",
    }
    assert loaded.says.complete_to == date(2004, 7, 30)
    assert len(loaded.issues[loaded.issues.problem.str.contains("invented day", na=False)]) == 1


def test_who_was_never_randomised_was_referred_and_never_started(tmp_path):
    loaded = Loaded(write(tmp_path, [{"who": "1", "project": "27"}]))
    stay = loaded.stay
    assert pd.isna(stay.start_date)
    assert pd.isna(stay.end_date)
    assert stay.decline_reason == "not randomised"
    assert loaded.frame("outcomes").empty
    assert loaded.rows("is missing: never started") == 1


@pytest.mark.parametrize(("last", "status"), [(160, "not achieved"), (161, "achieved")])
def test_in_the_first_trial_completed_means_a_dose_on_day_161_from_consent(tmp_path, last, status):
    loaded = Loaded(write(tmp_path, [person(start="20", doses=(20, last))]))
    outcome = loaded.frame("outcomes").iloc[0]
    assert (outcome.outcome, outcome.status) == ("completed treatment", status)
    assert str(outcome.outcome_date)[:10] == on("27", 161)
    assert loaded.stay.exit_reason == {"achieved": "completed"}.get(status, "stopped early")


@pytest.mark.parametrize(("last", "status"), [(24, "not achieved"), (25, "achieved")])
def test_in_the_second_trial_weeks_count_from_the_randomisation(tmp_path, last, status):
    emm = person(project="30", arm=EMM, start="4", doses=(4, last))
    loaded = Loaded(write(tmp_path, [emm]))  # four weeks with the taper: day 4 + 21
    assert loaded.frame("outcomes").status.tolist() == [status]
    assert str(loaded.frame("outcomes").outcome_date[0])[:10] == on("30", 25)


@pytest.mark.parametrize(("last", "status"), [(144, "not achieved"), (145, "achieved")])
def test_a_second_course_decides_and_counts_from_its_own_beginning(tmp_path, last, status):
    twice = person(project="30", arm=EMM, start="4", again=(SMM, "40"), doses=(4, 30, 40, last))
    loaded = Loaded(write(tmp_path, [twice]))  # sixteen weeks: day 40 + 105
    assert loaded.frame("outcomes").status.tolist() == [status]
    assert loaded.stay.treatment == EMM
    assert loaded.rows("begins a second course") == 1
    assert loaded.rows("another arm than the first") == 1
    supports = loaded.frame("supports").sort_values("start_date")
    assert supports.support.tolist() == ["buprenorphine", "buprenorphine"]
    days = supports[["start_date", "end_date"]].astype(str).map(lambda each: each[:10])
    assert days.iloc[0].tolist() == [on("30", 4), on("30", 30)]
    assert days.iloc[1, 0] == on("30", 40)


def test_a_second_randomisation_that_repeats_the_first_changes_nothing(tmp_path):
    loaded = Loaded(write(tmp_path, [person(again=(HMM, "5.0"), doses=(5, 170))]))
    assert loaded.rows("repeats the first randomization") == 1
    assert loaded.rows("begins a second course") == 0
    assert len(loaded.frame("supports")) == 1
    assert loaded.counted("outcomes") == 2


@pytest.mark.parametrize(("last", "status"), [(135, "not achieved"), (136, "achieved")])
def test_an_injection_lasts_four_weeks(tmp_path, last, status):
    injected = person(project="51", arm=NTX, start="2", doses=(10, last))
    loaded = Loaded(write(tmp_path, [injected]))  # day 136 + 27 = day 2 + 161
    assert loaded.frame("outcomes").status.tolist() == [status]
    support = loaded.frame("supports").iloc[0]
    assert support.support == "naltrexone injection"
    assert (support.end_date - pd.Timestamp(FIRST_DAYS["51"])).days == last + 27
    assert loaded.stay.end_date == str(support.end_date)[:10]


def test_the_end_is_the_last_day_of_medication_whatever_visits_followed(tmp_path):
    later = [visit("WK24", "visit", "173"), visit("WK32", "visit", "224")]
    loaded = Loaded(write(tmp_path, [person(doses=(5, 30))], later))
    assert (loaded.stay.end_date, loaded.stay.exit_reason) == (on("27", 30), "stopped early")


def test_who_took_no_dose_ended_on_the_day_of_the_randomisation(tmp_path):
    loaded = Loaded(write(tmp_path, [person()]))
    assert (loaded.stay.end_date, loaded.stay.exit_reason) == (on("27", 5), "no dose taken")
    assert loaded.frame("outcomes").status.tolist() == ["not achieved"]
    assert loaded.rows("has no dose of somebody randomised") == 1


def test_who_died_did_not_drift_off(tmp_path):
    died = [visit("WK12", "no visit", "", "is_dead")]
    loaded = Loaded(write(tmp_path, [person(doses=(5, 60))], died))
    assert loaded.stay.exit_reason == "died"
    assert loaded.stay.exit_reason in settings.built_in("ctn0094").exits.neither


def test_every_exit_reason_has_a_meaning():
    exits = settings.built_in("ctn0094").exits
    assert {*exits.disengagement, *exits.completion, *exits.neither} == {
        "completed",
        "stopped early",
        "no dose taken",
        "died",
    }


# --- contacts -------------------------------------------------------------------------------------


def test_the_visits_of_a_day_are_one_contact_and_every_row_is_counted(tmp_path):
    visits = [
        visit("BASELINE", "", "0"),
        visit("Cross Active Study", "", "0"),
        visit("P1Wk1A", "visit", "0"),
        visit("P1Unsc", "", "9"),
        visit("P1Wk2", "no visit", "16"),
        visit("P2Wk20", "visit", "30"),
        visit("P1Finl", "visit", "31"),
    ]
    loaded = Loaded(write(tmp_path, [person(project="30", arm=EMM)], visits))
    contacts = loaded.frame("contacts").sort_values("contact_date")
    assert contacts[["channel", "attended"]].astype(object).values.tolist() == [
        ["weekly visit", True],
        ["unscheduled visit", None],
        ["weekly visit", False],
        ["follow-up visit", True],
        ["final visit", True],
    ]
    assert loaded.counted("contacts") == 7
    assert loaded.rows("is a further row of a participant's day", kind="loaded") == 2
    assert loaded.rows("whether they came is not recorded") == 3


def test_a_form_for_the_whole_trial_is_no_visit(tmp_path):
    loaded = Loaded(write(tmp_path, [person()], [visit("Cross Active Study", "", "0")]))
    assert loaded.frame("contacts").channel.tolist() == ["study form"]
    assert "study form" in settings.built_in("ctn0094").contacts.administrative


def test_visits_without_a_day_are_set_aside_with_what_is_said_of_them(tmp_path):
    visits = [
        visit("WK1", "no visit", "", "is_in_jail"),
        visit("WK2", "no visit", "", "is_no_show", "is_left_study"),
        visit("WK3", "no visit", ""),
        visit("WK4", "MISSING", "", "is_no_show"),
        visit("WK5", "visit", "soon"),
    ]
    loaded = Loaded(write(tmp_path, [person()], visits))
    aside = loaded.set_aside.execute().sort_values("row")
    assert aside["row"].tolist() == [2, 3, 4, 5, 6]
    assert set(aside.column) == {"when"}
    assert aside.problem.tolist() == [
        "is empty: missed, ill, in hospital, in jail or otherwise unable to come",
        "is empty: missed, left the study, dropped from it or died",
        "is empty: missed, no reason given",
        "is empty: nothing is recorded of the visit",
        "is not a number of days",
    ]
    assert loaded.frame("contacts").empty


def test_visits_that_contradict_themselves_are_told(tmp_path):
    visits = [
        visit("WK1", "visit", "7", "is_no_show"),
        visit("WK2", "no visit", "7"),
        visit("WK3", "MISSING", "20"),
        visit("WK4", "visit", "-3"),
        visit("WK24", "visit", "1117"),
    ]
    loaded = Loaded(write(tmp_path, [person()], visits))
    contacts = loaded.frame("contacts").set_index("contact_date").attended
    assert contacts.loc[on("27", 7)]
    assert loaded.rows("is both visit and no visit on a day: counted as kept") == 1
    assert loaded.rows("says why a visit was missed that took place") == 1
    assert loaded.rows("is neither visit nor no visit") == 1
    assert loaded.rows("is before consent: kept") == 1
    assert loaded.rows("more than 300 days after consent, when the trial was over") == 1


# --- supports -------------------------------------------------------------------------------------


def test_the_doses_of_a_course_are_one_support_and_every_row_is_counted(tmp_path):
    loaded = Loaded(write(tmp_path, [person(doses=(4, 5, 5, 60))]))
    support = loaded.frame("supports").iloc[0]
    assert support.support == "methadone"
    assert [str(support[each])[:10] for each in ("start_date", "end_date")] == [
        on("27", 4),
        on("27", 60),
    ]
    assert loaded.counted("supports") == 4
    assert loaded.rows("is a further dose of a participant's day") == 1
    assert loaded.rows("is before the randomization: kept") == 1
    assert loaded.rows("more than 28 days without a dose") == 1


def test_doses_of_somebody_never_randomised_are_set_aside(tmp_path):
    loaded = Loaded(write(tmp_path, [{"who": "1", "project": "27", "doses": (441, 444)}]))
    assert loaded.frame("supports").empty
    assert loaded.rows("which medicine is not known", kind="set aside") == 2


# --- clients --------------------------------------------------------------------------------------


def test_what_was_asked_at_the_start_describes_the_client(tmp_path):
    asked = {
        "age": "34.0",
        "is_hispanic": "No",
        "race": "Black",
        "is_male": "No",
        "job": "Full Time",
        "has_major_dep": "Yes",
        "is_homeless": "No",
    }
    people = [
        person(asked=asked),
        person(who="2", asked={"is_hispanic": "Yes", "race": "White", "age": "65.0"}),
        person(who="3", asked={"is_hispanic": "No", "race": "Refused/missing"}),
    ]
    loaded = Loaded(write(tmp_path, people))
    clients = loaded.frame("clients").set_index("client_id")
    first = clients.loc["1"]
    assert (first.age_band, first.age, first.gender) == ("25 to 34", 34, "Female")
    assert (first.employment, first.depression, first.homeless) == ("Full Time", True, False)
    assert clients.ethnicity.fillna("").tolist() == ["Black", "Hispanic", ""]
    assert clients.age_band.fillna("").tolist() == ["25 to 34", "65 and over", ""]
    assert clients.homeless.isna().tolist() == [False, True, True]
    assert loaded.rows("is refused or missing: not known") == 1
    assert loaded.rows("was not asked: not known", column="is_homeless") == 2


# --- what is refused ------------------------------------------------------------------------------


def test_what_is_missing_or_not_known_is_refused(tmp_path):
    with pytest.raises(DataError) as problem:
        Loaded(tmp_path)
    assert len(problem.value.problems) == len(FILES) == 9
    assert problem.value.problems[0] == (
        "everybody: there is no everybody.csv in the folder of the data. Write each table of the "
        "data set there as a CSV file, or set path under [data]."
    )
    write(tmp_path, [person(project="97")])
    with pytest.raises(DataError) as problem:
        Loaded(tmp_path)
    assert problem.value.problems == (
        "everybody: project: 97 is not a trial that is known, 1 in all. Known are 27, 30, 51.",
        "meta_study_length: weeks: no length of treatment for CTN-0097 Methadone, 1 in all. "
        "Take the file as it is published.",
    )
    write(tmp_path, [person()], visit=pd.DataFrame({"who": ["1"], "what": ["visit"]}))
    with pytest.raises(DataError, match=r"visit.csv: there is no column visit, when, is_dead, "):
        Loaded(tmp_path)
    write(tmp_path, [person()], everybody=pd.DataFrame(columns=["who", "project"]))
    with pytest.raises(DataError, match="everybody: there are no participants in it"):
        Loaded(tmp_path)


def test_the_reader_is_told_by_the_names_of_the_files(tmp_path):
    assert detect(write(tmp_path, [person()])) == "ctn0094"


# --- the trials themselves ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trials():
    return Loaded(Path(DATA) / "ctn0094")


@real
def test_every_row_of_the_trials_is_accounted_for(trials):
    assert {table: trials.counted(table) for table in trials.tables} == {
        "clients": 3_560,
        "enrolments": 3_560,
        "contacts": 53_899,
        "supports": 216_242,
        "outcomes": 4_691,
    }
    stays = trials.frame("enrolments")
    assert stays.start_date.notna().groupby(stays.programme).agg(["sum", "size"]).to_dict() == {
        "sum": {"CTN-0027": 1_269, "CTN-0030": 653, "CTN-0051": 570},
        "size": {"CTN-0027": 1_920, "CTN-0030": 868, "CTN-0051": 772},
    }


@real
def test_visits_without_a_day_or_a_status_are_told(trials):
    undated = trials.issues.query("table == 'contacts' and kind == 'set aside'")
    assert undated.rows.sum() == 10_818
    assert trials.rows("is empty: missed") == 5_366
    assert trials.rows("nothing is recorded of the visit") == 5_452
    assert trials.rows("is empty: whether they came is not recorded") == 1_921


@real
def test_every_further_trap_of_the_trials_is_in_their_loss_report(trials):
    assert trials.rows("is a further row of a participant's day") == 1_360
    assert trials.rows("is both visit and no visit on a day") == 30
    assert trials.rows("says why a visit was missed that took place") == 1_894
    assert trials.rows("is before consent: kept") == 13
    assert trials.rows("when the trial was over") == 34
    assert trials.rows("repeats the first randomization") == 1_839
    assert trials.rows("begins a second course") == 360
    assert trials.rows("has no dose of somebody randomised") == 120
    assert trials.rows("which medicine is not known", kind="set aside") == 4
    assert trials.rows("is a further dose of a participant's day") == 89
    assert trials.rows("is missing: never started") == 1_068


@real
def test_the_worked_example_finds_its_data():
    example = settings.read(Path(__file__).parents[1] / "settings" / "ctn0094.toml")
    assert (example.data.reader, example.data_path.name) == ("ctn0094", "ctn0094")
    assert example.disclosure.profile == "public"
    assert "attendance rate" not in example.reporting.measures


@real
def test_months_without_anybody_in_some_trial_can_be_explained(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    chosen = settings.build({"base": "ctn0094", "data": {"path": f"{DATA}/ctn0094"}})
    data = wb.open(chosen, as_of="2003-10", scope=wb.EVERYONE)
    assert signals.overview(data).findings
