"""What was on record about everyone open at the close of a day, and nothing of what came later."""

import dataclasses
import shutil
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import exposures, settings
from workbench.errors import DataError
from workbench.store import Tables

ROOT = Path(__file__).parents[1]
START = pd.Timestamp("2025-01-06")  # a Monday
DAY = 100  # the as-of date of these tests, counted from START: 16 April 2025


def on(day):
    return str(START + pd.Timedelta(days=day))[:10]


def stay(name, start=0, **own):
    return {"enrolment_id": name, "start_date": on(start), **own}


def contact(day, name="e1", attended=True, **own):
    return {"enrolment_id": name, "contact_date": on(day), "attended": attended, **own}


def seen(*days, name="e1"):
    return [contact(day, name) for day in days]


@pytest.fixture
def row(workspace):
    """What was on record of the one enrolment, at the close of a day."""

    def find(day=DAY, *, enrolments=(), **tables):
        data = workspace(enrolments=list(enrolments) or [stay("e1")], **tables)
        frame = exposures.activity(data, [on(day)])
        assert len(frame) == 1
        return frame.iloc[0]

    return find


@pytest.fixture
def rows(workspace):
    """What was on record at the close of a day, by enrolment."""

    def find(enrolments, day=DAY, **tables):
        data = workspace(enrolments=enrolments, **tables)
        return exposures.activity(data, [on(day)]).set_index("enrolment_id")

    return find


# --- who is there ---------------------------------------------------------------------------------


def test_a_row_is_an_as_of_date_and_an_enrolment_open_on_record_on_that_day(workspace):
    data = workspace(
        enrolments=[
            stay("later", start=DAY + 1),
            stay("b", client_id="ann", programme="Homes"),
            stay("a", start=10),
            stay("referred", start_date=None, referral_date=on(0)),
        ]
    )
    found = exposures.activity(data, [on(DAY + 1), on(DAY), on(9), on(DAY)])
    assert list(zip(found["as_of_date"].dt.strftime("%F"), found["enrolment_id"], strict=True)) == [
        (on(9), "b"),
        (on(DAY), "a"),
        (on(DAY), "b"),
        (on(DAY + 1), "a"),
        (on(DAY + 1), "b"),
        (on(DAY + 1), "later"),
    ]
    first = found.iloc[0]
    assert (first["client_id"], first["programme"]) == ("ann", "Homes")
    assert first["start_date"] == START
    assert found["days_in_programme"].tolist() == [9, 90, 100, 91, 101, 0]


def test_the_day_of_an_exit_that_is_typed_in_by_its_close_is_a_day_of_having_left(rows):
    found = rows(
        [
            stay("left", end_date=on(DAY)),
            stay("left, typed in", end_date=on(DAY - 9), end_recorded_at=f"{on(DAY)} 23:59"),
            stay("leaves", end_date=on(DAY + 1)),
            stay("leaves, known before", end_date=on(DAY + 1), end_recorded_at=on(DAY - 9)),
        ]
    )
    assert found["gone"].to_dict() == {"leaves": False, "leaves, known before": False}


def test_who_had_left_but_was_open_on_record_is_there_and_marked(rows):
    found = rows(
        [
            stay("gone", end_date=on(DAY - 9), end_recorded_at=f"{on(DAY + 1)} 00:00"),
            stay("gone today", end_date=on(DAY), end_recorded_at=on(DAY + 30)),
            stay("there"),
        ]
    )
    assert found["gone"].to_dict() == {"gone": True, "gone today": True, "there": False}


def test_a_start_that_was_typed_in_later_was_not_on_record(rows):
    found = rows([stay("late", recorded_at=on(DAY + 1)), stay("in time", recorded_at=on(DAY))])
    assert found.index.tolist() == ["in time"]


def test_enrolments_of_one_client_that_overlap_are_rows_of_their_own(rows):
    found = rows(
        [stay("e1", client_id="ann"), stay("e2", start=50, client_id="ann")],
        contacts=[*seen(90, 95), *seen(80, name="e2")],
    )
    assert found["client_id"].tolist() == ["ann", "ann"]
    assert found["contacts_in_all"].to_dict() == {"e1": 2, "e2": 1}
    assert found["days_since_contact"].to_dict() == {"e1": 5, "e2": 20}


# --- contacts -------------------------------------------------------------------------------------


def test_contacts_are_counted_over_the_last_weeks_the_as_of_date_among_them(row):
    found = row(contacts=seen(100, 87, 86, 73, 72, 45, 44, 3))
    assert found["contacts_2_weeks"] == 2
    assert found["contacts_4_weeks"] == 4
    assert found["contacts_8_weeks"] == 6
    assert found["contacts_in_all"] == 8
    assert found["contact_trend"] == 4 - 2
    assert found["days_since_contact"] == 0
    assert not found["no_contact"]


def test_only_kept_contacts_count_and_one_without_a_word_on_attendance_is_kept(row):
    contacts = [contact(90), contact(95, attended=None), contact(98, attended=False)]
    found = row(contacts=contacts)
    assert found["contacts_in_all"] == 2
    assert found["days_since_contact"] == 5


def test_there_is_no_trend_before_eight_weeks(rows):
    found = rows([stay("new", start=DAY - 55), stay("old", start=DAY - 56)])
    assert np.isnan(found["contact_trend"]["new"])
    assert found["contact_trend"]["old"] == 0


def test_who_was_never_seen_has_waited_since_the_start(row):
    found = row(day=30, contacts=[contact(10, attended=False)])
    assert found["no_contact"]
    assert found["days_since_contact"] == 30
    assert found["contacts_in_all"] == 0
    assert np.isnan(found["usual_gap"]) and np.isnan(found["gap_in_usual_gaps"])


def test_a_contact_before_the_start_is_on_record_and_counts(row):
    found = row(day=5, contacts=seen(-20, -3))
    assert found["contacts_in_all"] == 2
    assert found["days_since_contact"] == 8


def test_contacts_of_kinds_that_settings_call_notes_do_not_count(row):
    contacts = [contact(90, channel="phone"), contact(99, channel="note")]
    own = {"contacts": {"administrative": ["note"]}}
    assert row(contacts=contacts, settings=own)["days_since_contact"] == 10


@pytest.mark.parametrize("others", [(), ({"recorded_at": on(0)},)])
def test_the_usual_gap_is_the_median_of_at_least_three(row, others):
    extra = [contact(10, attended=False, **other) for other in others]
    assert np.isnan(row(contacts=[*seen(10, 20, 40), *extra])["usual_gap"])
    found = row(contacts=[*seen(80, 10, 40, 20), *extra])  # 10, 20, 40
    assert found["usual_gap"] == 20
    assert found["gap_in_usual_gaps"] == 1
    assert row(contacts=[*seen(10, 20, 40, 70, 75), *extra])["usual_gap"] == 15  # 5, 10, 20, 30


def test_several_contacts_on_a_day_are_no_gap_between_contacts(row):
    found = row(contacts=seen(10, 10, 20, 20, 20, 40, 80))
    assert found["usual_gap"] == 20
    assert found["contacts_in_all"] == 7
    assert np.isnan(row(contacts=seen(10, 10, 20, 20, 40))["usual_gap"])


def test_a_missed_contact_parts_no_gap(row):
    found = row(contacts=[*seen(10, 20, 40, 80), contact(60, attended=False)])
    assert found["usual_gap"] == 20


def test_gaps_of_one_enrolment_are_not_those_of_another(rows):
    people = [stay("e1"), stay("e2")]
    found = rows(people, contacts=[*seen(10, 20, 30, 40), *seen(15, 45, 75, 99, name="e2")])
    assert found["usual_gap"].to_dict() == {"e1": 10, "e2": 30}


# --- what was typed in, and when ------------------------------------------------------------------


def test_a_contact_typed_in_after_the_day_is_not_known_that_day(row):
    contacts = [
        contact(60, recorded_at=on(61)),
        contact(90, recorded_at=f"{on(DAY)} 23:59"),
        contact(95, recorded_at=f"{on(DAY + 1)} 00:00"),
        contact(80),
    ]
    found = row(contacts=contacts)
    assert found["contacts_in_all"] == 3
    assert found["days_since_contact"] == 10
    later = row(day=DAY + 1, contacts=contacts)
    assert later["contacts_in_all"] == 4
    assert later["days_since_contact"] == 6


def test_a_contact_that_came_in_late_parts_a_gap_only_from_then_on(row):
    contacts = [*seen(0, 10, 40, 70), contact(60, recorded_at=on(DAY + 1))]
    assert row(contacts=contacts)["usual_gap"] == 30  # 10, 30, 30
    assert row(day=DAY + 1, contacts=contacts)["usual_gap"] == 15  # 10, 30, 20, 10


def test_gaps_are_the_same_whether_or_not_there_is_a_day_of_entry(workspace):
    dice = np.random.default_rng(1)
    people = [stay(f"e{n}") for n in range(20)]
    contacts = [
        contact(int(day), f"e{n}", attended=bool(dice.random() < 0.8))
        for n in range(20)
        for day in dice.integers(0, 150, 12)
    ]
    days = [on(day) for day in (40, 80, 120)]
    typed = [each | {"recorded_at": each["contact_date"]} for each in contacts]
    with_entry = exposures.activity(workspace(enrolments=people, contacts=typed), days)
    without = exposures.activity(workspace(enrolments=people, contacts=contacts), days)
    pd.testing.assert_frame_equal(with_entry, without)
    assert without["usual_gap"].notna().sum() > 20


def test_a_contact_booked_ahead_is_not_known_before_its_day(row):
    assert row(contacts=[contact(DAY + 1, recorded_at=on(50))])["no_contact"]
    assert not row(day=DAY + 1, contacts=[contact(DAY + 1, recorded_at=on(50))])["no_contact"]


# --- attendance -----------------------------------------------------------------------------------


def test_attendance_is_of_the_last_eight_weeks_and_of_what_was_recorded(row):
    contacts = [
        contact(44, attended=False),
        contact(45, attended=False),
        contact(60),
        contact(70),
        contact(80, attended=None),
        contact(90),
    ]
    assert row(contacts=contacts)["attendance"] == 3 / 4


def test_attendance_for_the_weekday_is_what_was_kept_less_what_is_usual_on_those_days(rows):
    monday, friday = 84, 88
    contacts = [
        *seen(monday, friday),
        contact(friday, "e2", attended=False),
        contact(monday, "e2"),
        contact(friday, "e3", attended=False),
    ]
    found = rows([stay("e1"), stay("e2"), stay("e3")], contacts=contacts)
    assert found["attendance"].to_dict() == {"e1": 1, "e2": 0.5, "e3": 0}
    assert found["attendance_for_weekday"].to_dict() == pytest.approx(
        {"e1": (0 + 2 / 3) / 2, "e2": (0 - 1 / 3) / 2, "e3": -1 / 3}
    )


def test_misses_in_a_row_are_those_since_the_last_kept_contact(rows):
    people = [stay(name) for name in ("two", "none", "never kept", "same day")]
    contacts = [
        *(contact(day, "two", attended=day == 70) for day in (60, 70, 80, 90)),
        *(contact(day, "none", attended=day == 90) for day in (70, 80, 90)),
        *(contact(day, "never kept", attended=False) for day in (10, 20, 30)),
        *(contact(90, "same day", attended=kept) for kept in (True, False)),
    ]
    found = rows(people, contacts=contacts)["missed_in_a_row"]
    assert found.to_dict() == {"two": 2, "none": 0, "never kept": 3, "same day": 0}


def test_where_nobody_was_recorded_to_miss_anything_attendance_is_left_out(row):
    told = {"attendance", "attendance_for_weekday", "missed_in_a_row"}
    assert not told & set(row(contacts=seen(90)).index)
    later = [contact(90), contact(DAY + 1, attended=False)]
    assert not told & set(row(contacts=later).index)


def test_attendance_is_missing_on_the_days_by_which_nobody_had_missed_anything(workspace):
    contacts = [contact(20), contact(35, attended=False), contact(95)]
    data = workspace(enrolments=[stay("e1")], contacts=contacts)
    found = exposures.activity(data, [on(30), on(40), on(DAY)])
    assert found["attendance"].fillna(-1).tolist() == [-1, 0.5, -1]  # on day 100 none of 8 weeks
    assert found["missed_in_a_row"].fillna(-1).tolist() == [-1, 1, 0]


# --- caseworkers, supports, actions ---------------------------------------------------------------


def held(worker, start, end=None, name="e1"):
    dates = {"start_date": on(start), "end_date": None if end is None else on(end)}
    return {"enrolment_id": name, "caseworker_id": worker, **dates}


def test_the_caseworker_is_who_held_the_case_that_day_of_several_the_first_by_name(rows):
    assignments = [
        held("bob", 0, 50),
        held("zoe", 51),
        held("amy", 60, DAY),
        held("abe", DAY + 1),
        held("bob", 0, DAY - 1, name="nobody"),
    ]
    people = [stay("e1"), stay("nobody"), stay("never")]
    found = rows(people, assignments=assignments)
    assert found["caseworker_id"]["e1"] == "amy"
    assert found["caseworker_id"][["nobody", "never"]].isna().all()
    assert found["caseworker_changes"].to_dict() == {"e1": 2, "nobody": 0, "never": 0}
    assert rows(people, day=DAY + 1, assignments=assignments)["caseworker_id"]["e1"] == "abe"


def test_supports_are_those_started_and_open_those_not_ended_by_the_close_of_the_day(row):
    def support(start, end=None):
        dates = {"start_date": on(start), "end_date": None if end is None else on(end)}
        return {"enrolment_id": "e1", "support": "advice", **dates}

    supports = [support(0, 50), support(9, DAY), support(20, DAY + 1), support(30), support(101)]
    found = row(supports=supports)
    assert (found["supports"], found["supports_open"]) == (4, 2)


def action(due, done=None, created=0, **own):
    days = {"due_date": due, "done_date": done, "created_date": created}
    dates = {name: None if day is None else on(day) for name, day in days.items()}
    return {"enrolment_id": "e1", "action": "call", **dates, **own}


@pytest.mark.parametrize(
    ("line", "overdue"),
    [
        (action(DAY - 1), 1),
        (action(DAY), 0),
        (action(50, done=DAY), 0),
        (action(50, done=DAY + 1), 1),
        (action(50, created=DAY + 1), 0),
        (action(50, created=None), 1),
        (action(None), 0),
        (action(50, revised_date=on(DAY + 40)), 1),
        (action(DAY + 40, revised_date=on(50)), 0),
    ],
)
def test_an_action_is_overdue_past_the_day_first_set_however_often_it_was_put_off(
    row, line, overdue
):
    assert row(actions=[line])["overdue_actions"] == overdue


def test_an_export_without_further_tables_has_no_columns_of_them(row):
    found = row(contacts=seen(90))
    assert pd.isna(found["caseworker_id"])
    further = {"caseworker_changes", "supports", "supports_open", "overdue_actions"}
    assert not further & set(found.index)
    assert {*found.index[8:]} == {*exposures.ACTIVITY} - further - {
        "attendance",
        "attendance_for_weekday",
        "missed_in_a_row",
    }


def test_tables_without_rows_say_nothing_and_fail_nothing(rows, workspace):
    empty = {"assignments": [], "supports": [], "actions": []}
    found = rows([stay("e1")], contacts=[], **empty)
    counts = ["contacts_in_all", "supports", "supports_open", "overdue_actions"]
    assert found.loc["e1", [*counts, "caseworker_changes"]].tolist() == [0, 0, 0, 0, 0]
    nobody = exposures.activity(workspace(enrolments=[], **empty), [on(DAY)])
    assert nobody.empty
    assert [*nobody.columns[:3]] == ["as_of_date", "enrolment_id", "client_id"]


def test_features_are_numbers_and_their_columns_those_that_are_described(rows):
    contacts = [contact(90), contact(95, attended=False)]
    tables = {"assignments": [held("amy", 0)], "supports": [], "actions": []}
    found = rows([stay("e1")], contacts=contacts, **tables)
    assert found.columns[-len(exposures.ACTIVITY) :].tolist() == [*exposures.ACTIVITY]
    assert [*found[[*exposures.ACTIVITY]].select_dtypes(float)] == [*exposures.ACTIVITY]


# --- days -----------------------------------------------------------------------------------------


def test_a_day_outside_the_records_is_refused_in_words(workspace):
    data = workspace(enrolments=[stay("e1")], complete_from="2025-01-06", last_day="2025-06-30")
    assert len(exposures.activity(data, [date(2025, 1, 6), date(2025, 6, 30)])) == 2
    with pytest.raises(DataError) as problem:
        exposures.activity(data, [date(2025, 7, 1), date(2025, 3, 1), date(2025, 1, 5)])
    assert str(problem.value) == (
        "as_of_dates: 2 of 3 lie outside the records, which reach from 2025-01-06 to 2025-06-30, "
        "the first of them 2025-01-05. Ask about days within."
    )
    known = workspace(enrolments=[stay("e1")], as_of="2025-03-31")
    with pytest.raises(DataError, match="to 2025-03-31, the first of them 2025-04-01"):
        exposures.activity(known, [date(2025, 4, 1)])


def test_no_day_and_what_is_no_day_are_refused_in_words(workspace):
    data = workspace(enrolments=[stay("e1")])
    with pytest.raises(DataError, match=r"^as_of_dates: there is none\. Give at least one day\.$"):
        exposures.activity(data, [])
    for wrong in ("2025-02-31", "31/03/2025", pd.NaT):
        with pytest.raises(DataError) as problem:
            exposures.activity(data, [on(DAY), wrong])
        assert str(problem.value) == (
            "as_of_dates: not all of 2 are days. Write them as 2025-11-30."
        )


def test_days_may_be_dates_text_or_timestamps(workspace):
    data = workspace(enrolments=[stay("e1")], contacts=seen(90))
    asked = date(2025, 4, 16), "2025-04-16", pd.Timestamp("2025-04-16 15:00")
    first, *others = (exposures.activity(data, [day]) for day in asked)
    for other in others:
        pd.testing.assert_frame_equal(other, first)


def test_several_days_at_once_say_what_each_says_alone(workspace):
    contacts = [*seen(10, 20, 40, 80, 110), contact(90, attended=False, recorded_at=on(95))]
    data = workspace(enrolments=[stay("e1"), stay("e2", start=50)], contacts=contacts)
    days = [on(day) for day in (92, DAY, 120)]
    alone = [exposures.activity(data, [day]) for day in days]
    pd.testing.assert_frame_equal(
        exposures.activity(data, days), pd.concat(alone, ignore_index=True), check_like=True
    )


# --- nothing of what came later -------------------------------------------------------------------

SAMPLE = settings.read(ROOT / "settings" / "sample.toml")
ONE_DAY = pd.Timedelta(days=1)
DATED = {  # each table: the day of a row, when it was typed in, and the day on which it ended
    "contacts": ("contact_date", "recorded_at", None),
    "enrolments": ("start_date", "recorded_at", "end_date"),
    "supports": ("start_date", None, "end_date"),
    "assignments": ("start_date", None, "end_date"),
    "actions": ("created_date", None, "done_date"),
    "outcomes": ("outcome_date", "recorded_at", None),
    "assessments": ("assessment_date", "recorded_at", None),
    "needs": ("identified_date", None, "resolved_date"),
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        return wb.open(SAMPLE, scope=wb.EVERYONE)


@pytest.fixture(scope="module")
def frames(sample):
    """The tables that carry days, each as a frame."""
    found = {name: sample.tables[name].to_pandas() for name in DATED}
    for frame in found.values():
        days = frame.select_dtypes("datetime").columns
        frame[days] = frame[days].astype("datetime64[us]")
    return found


def with_tables(data, changed):
    """The workspace with other rows in some tables."""
    con = data.tables.contacts.get_backend()
    tables = {}
    for name, frame in changed.items():
        rows = ibis.memtable(frame).cast(data.tables[name].schema())
        tables[name] = con.create_table(f"other_{name}", rows, overwrite=True)
    return dataclasses.replace(data, tables=Tables({**data.tables, **tables}))


def features(data, day):
    """What was on record; `gone` is known only later, by what it says."""
    return exposures.activity(data, [day]).drop(columns="gone")


def after(frame, name, day):
    """The rows that are dated after a day, or were typed in after it."""
    own, typed, _ = DATED[name]
    late = frame[own] > day
    return late | (frame[typed] >= day + ONE_DAY) if typed else late


def tampered(frame, name, day, dice):
    """A table in which every row of after the day is another one, or gone; some are new."""
    own, typed, end = DATED[name]
    late = after(frame, name, day)
    rows = frame[late].sample(frac=0.8, replace=True, random_state=int(dice.integers(2**31)))
    for column in rows.columns.difference([own, "enrolment_id", "end_date", "end_recorded_at"]):
        rows[column] = dice.permutation(rows[column].to_numpy())
    rows[own] = day + ONE_DAY * dice.integers(1, 60, len(rows))
    if typed:  # some happened by the day, and are typed in after it
        back = dice.random(len(rows)) < 0.3
        rows[own] = rows[own].mask(back, day - ONE_DAY * dice.integers(0, 90, len(rows)))
        rows[typed] = rows[typed].mask(back, day + 1.5 * ONE_DAY)
    if name == "enrolments":
        rows = rows.drop_duplicates("enrolment_id")
    else:
        rows["enrolment_id"] = dice.choice(frame["enrolment_id"], len(rows))
    whole = pd.concat([frame[~late], rows], ignore_index=True)
    return whole if end is None else ended_otherwise(whole, name, day, dice)


def ended_otherwise(frame, name, day, dice):
    """Ends that were not known by the day: on another day after it, or none."""
    end = DATED[name][2]
    unknown = frame[end].isna() | (frame[end] > day)
    new = pd.Series(day + ONE_DAY * dice.integers(1, 60, len(frame)), frame.index)
    if name == "enrolments":  # some had left by the day, which is typed in after it
        unknown |= frame["end_recorded_at"] >= day + ONE_DAY
        back = dice.random(len(frame)) < 0.3
        new = new.mask(back, day - ONE_DAY * dice.integers(0, 60, len(frame)))
        typed = frame["end_recorded_at"].where(~unknown, day + 2 * ONE_DAY)
        frame = frame.assign(end_recorded_at=typed)
    new = new.mask(dice.random(len(frame)) < 0.4)
    return frame.assign(**{end: frame[end].where(~unknown, new)})


@pytest.mark.parametrize("seed", range(8))
def test_changing_any_record_of_after_the_as_of_date_changes_no_feature(sample, frames, seed):
    dice = np.random.default_rng(seed)
    day = pd.Timestamp("2023-12-01") + ONE_DAY * int(dice.integers(0, 700))
    changed = {name: tampered(frame, name, day, dice) for name, frame in frames.items()}
    told, again = features(sample, day), features(with_tables(sample, changed), day)
    assert len(told) > 50
    assert {*told.columns} > {*exposures.ACTIVITY}
    pd.testing.assert_frame_equal(again, told)
    later = day + 45 * ONE_DAY  # by then the changes are on record
    if later < pd.Timestamp(sample.as_of):
        assert not features(with_tables(sample, changed), later).equals(features(sample, later))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("contacts", {"days_since_contact", "contacts_in_all", "usual_gap", "attendance"}),
        ("supports", {"supports", "supports_open"}),
        ("assignments", {"caseworker_id", "caseworker_changes"}),
        ("actions", {"overdue_actions"}),
    ],
)
def test_losing_records_of_before_the_as_of_date_does_change_features(
    sample, frames, name, columns
):
    day = pd.Timestamp("2025-06-30")
    frame = frames[name]
    fewer = frame[after(frame, name, day) | (np.arange(len(frame)) % 2 == 0)]
    told, again = features(sample, day), features(with_tables(sample, {name: fewer}), day)
    assert told.columns.equals(again.columns) and len(told) == len(again)
    differ = {each for each in told if not told[each].equals(again[each])}
    assert columns <= differ


def test_an_exit_that_was_on_record_decides_who_is_there(sample, frames):
    day = pd.Timestamp("2025-06-30")
    people = frames["enrolments"]
    open_still = people.assign(end_date=pd.NaT, end_recorded_at=pd.NaT)
    again = features(with_tables(sample, {"enrolments": open_still}), day)
    assert len(again) == (people["start_date"] <= day).sum() > 2 * len(features(sample, day))


def test_an_export_with_other_records_of_later_tells_the_same(sample, tmp_path, monkeypatch):
    """The same once more from the files, through the reader and all its checks."""
    day = pd.Timestamp("2025-06-30")
    folder = tmp_path / "export"
    shutil.copytree(ROOT / "data" / "sample", folder)

    def days(column):
        return pd.to_datetime(column, format="%d/%m/%Y", exact=False, errors="coerce")

    def rewrite(file, change):
        change(pd.read_csv(folder / file, dtype=str)).to_csv(folder / file, index=False)

    def other_activity(frame):
        late = (days(frame["Date"]) > day) | (days(frame["Recorded at"]) > day)
        other = frame["Attended"].map({"Y": "N", "N": "Y"}).where(late, frame["Attended"])
        return frame.assign(Attended=other)[~late | (np.arange(len(frame)) % 3 > 0)]

    def other_exits(frame):
        ended = days(frame["End date"])
        late = (ended > day) | (days(frame["Closed on system"]) > day)
        late &= ended >= days(frame["Start date"])  # else the reader sets the row aside for it
        empty = ["End date", "Exit reason", "Closed on system"]
        return frame.assign(**{name: frame[name].mask(late) for name in empty})

    rewrite("activity.csv", other_activity)
    rewrite("enrolments.csv", other_exits)
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    other = wb.open(SAMPLE, scope=wb.EVERYONE, source=folder)
    assert other.snapshot != sample.snapshot
    pd.testing.assert_frame_equal(features(other, day), features(sample, day))
    assert not features(other, "2025-09-30").equals(features(sample, "2025-09-30"))
