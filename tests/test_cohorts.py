import itertools
from datetime import date

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from workbench.analyses import cohorts
from workbench.disclosure import require_protected
from workbench.errors import DataError

EXACT = {"disclosure": {"profile": "public", "basis": "drawn in a test"}}
EXITS = {"exits": {"disengagement": ["Lost"], "completion": ["Completed"]}}
SUCCESS = {"outcomes": {"success": ["home"], "horizon_days": 90}}


def stay(number, start="2025-01-01", end=None, reason=None, **more):
    return {
        "enrolment_id": f"E{number}",
        "client_id": f"C{number}",
        "referral_date": start,
        "start_date": start,
        "end_date": end,
        "exit_reason": reason,
        **more,
    }


def day(number):
    return (pd.Timestamp("2025-01-01") + pd.Timedelta(days=number)).date().isoformat()


# --- survival on plain columns ------------------------------------------------------------------


def test_survival_says_when_something_happened_and_how_many_were_left():
    found = cohorts.survival([1, 2, 2, 3, 5], [1, 1, 0, 0, 1])
    assert found.table.columns.tolist() == [
        *("time", "at_risk", "events", "survival", "lower", "upper")
    ]
    assert found.table["time"].tolist() == [1, 2, 5]
    assert found.table["at_risk"].tolist() == [5, 4, 1]
    np.testing.assert_allclose(found.table["survival"], [0.8, 0.6, 0.0])
    assert found.logrank is None


def test_one_group_has_a_curve_and_no_test():
    found = cohorts.survival([1, 2], [1, 1], by=["a", "a"])
    assert found.table["by"].tolist() == ["a", "a"]
    assert found.logrank is None


def test_who_has_no_group_is_a_group():
    found = cohorts.survival([1, 2, 3], [1, 1, 1], by=["a", None, "a"])
    assert set(found.table["by"]) == {"a", "not recorded"}


def test_what_cannot_be_a_duration_is_refused_all_at_once():
    with pytest.raises(DataError) as refused:
        cohorts.survival([1, None, -3], [1, 0, 2])
    assert list(refused.value.problems) == [
        "duration: 1 of 3 are missing or not numbers, first at row 2. "
        "Leave those out, and say how many they are.",
        "duration: 1 of 3 are below 0, first at row 3. The event must not come before the start.",
        "event: 1 of 3 are neither 1 (it happened) nor 0 (it had not), first at row 3.",
    ]


# --- who counts, and how often ------------------------------------------------------------------


def test_a_client_counts_once_with_the_first_enrolment_that_started(workspace):
    data = workspace(
        enrolments=[
            stay(1, start=None, referral_date="2025-01-01"),
            stay(2, start="2025-03-01") | {"client_id": "C1"},
            stay(3, start="2025-02-01") | {"client_id": "C1"},
        ]
    )
    assert cohorts.members(data)["enrolment_id"].tolist() == ["E3"]


def test_a_client_of_two_programmes_counts_once_in_each(workspace):
    both = [stay(1, programme="A"), stay(2, programme="B") | {"client_id": "C1"}]
    found = cohorts.members(workspace(enrolments=both), by="programme")
    assert sorted(found["group"]) == ["A", "B"]


def test_what_comes_after_the_as_of_date_is_not_known(workspace):
    rows = [stay(1, end="2025-06-02", reason="Lost"), stay(2, start="2025-06-02")]
    found = cohorts.members(workspace(enrolments=rows, as_of="2025-06-01"))
    assert found["enrolment_id"].tolist() == ["E1"]
    assert found["end_date"].isna().all()


def test_who_came_before_records_are_complete_is_left_out(workspace):
    rows = [stay(1, start="2020-01-01"), stay(2)]
    data = workspace(enrolments=rows, complete_from="2024-01-01")
    assert cohorts.members(data)["enrolment_id"].tolist() == ["E2"]


def test_age_bands_come_from_the_date_of_birth(workspace):
    data = workspace(
        enrolments=[stay(1), stay(2), stay(3)],
        clients=[
            {"client_id": "C1", "birth_date": "2006-12-01"},
            {"client_id": "C2", "birth_date": "1950-01-01"},
            {"client_id": "C3", "birth_date": None},
        ],
    )
    found = cohorts.members(data, by="age_band").set_index("enrolment_id")["group"]
    assert found.to_dict() == {"E1": "18 to 24", "E2": "65 and over", "E3": "not recorded"}


def test_an_unknown_attribute_is_refused_with_the_nearest(workspace):
    rows = [stay(1, programme="A"), stay(2, programme="B")]
    with pytest.raises(DataError, match=r"by 'programe'. Did you mean 'programme'\?"):
        cohorts.stages_table(workspace(enrolments=rows), by="programe")


def test_an_attribute_with_a_value_for_everyone_is_no_group(workspace):
    rows = [stay(number, site=f"site {number}") for number in range(31)]
    with pytest.raises(DataError, match="site has 31 different values"):
        cohorts.stages_table(workspace(enrolments=rows), by="site")


# --- stages -------------------------------------------------------------------------------------


def charity(workspace, profile=EXACT):
    """100 referred, 90 eligible, 80 started (60 of them engaged, 30 gone), 50 with a result."""
    rows = [
        stay(n, start=day(0) if n < 80 else None, end=day(100) if n < 30 else None, reason="Lost")
        | {"eligible": n < 90, "referral_date": day(0)}
        for n in range(100)
    ]
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day(d), "attended": True}
        for n, d in itertools.product(range(60), (3, 10))
    ]
    outcomes = [
        {"enrolment_id": f"E{n}", "outcome": "home", "outcome_date": day(80)}
        | {"status": "achieved" if n < 35 else "not achieved"}
        for n in range(50)
    ]
    return workspace(
        enrolments=rows, contacts=contacts, outcomes=outcomes, as_of="2025-06-30",
        populations=[{"group": "town", "count": 1000, "period": "2025"}],
        settings=profile | EXITS | SUCCESS,
    )  # fmt: skip


def test_stages_lead_from_who_could_be_reached_to_who_succeeded(workspace):
    found = cohorts.stages_table(charity(workspace), since=date(2025, 1, 1))
    assert list(zip(found["stage"], found["people"], found["of"], strict=True)) == [
        ("could be reached", 1000, ""),
        ("referred", 100, "could be reached"),
        ("eligible", 90, "referred"),
        ("started", 80, "eligible"),
        ("engaged", 60, "started 28 days ago or earlier"),
        ("still here", 50, "started"),
        ("due", 80, "started"),
        ("succeeded", 35, "due"),
        ("did not succeed", 15, "due"),
        ("not known", 30, "due"),
    ]
    assert found["share"].tolist()[1:5] == pytest.approx([0.1, 0.9, 80 / 90, 0.75])
    assert pd.isna(found["share"].iloc[0])
    require_protected(found)


def test_referrals_of_many_years_are_no_share_of_a_years_population(workspace):
    found = cohorts.stages_table(charity(workspace)).set_index("stage")
    assert found.loc["referred", "of"] == ""
    assert pd.isna(found.loc["referred", "share"])


def test_results_are_asked_of_those_whose_horizon_is_over(workspace):
    rows = [stay(n, start="2025-01-01" if n < 40 else "2025-05-20") for n in range(100)]
    outcomes = [{"enrolment_id": "E99", "outcome": "home", "outcome_date": "2025-05-25",
                 "status": "achieved"}]  # fmt: skip
    data = workspace(
        enrolments=rows, outcomes=outcomes, settings=EXACT | SUCCESS, as_of="2025-06-30"
    )
    found = cohorts.stages_table(data).set_index("stage")["people"]
    assert found[["due", "succeeded", "not known"]].tolist() == [40, 0, 40]


def test_a_small_stage_is_hidden_and_so_is_what_stands_on_it(workspace):
    rows = [stay(n, start=day(0), eligible=True) for n in range(50)]
    rows += [stay(n, start=None, referral_date=day(0), eligible=True) for n in range(50, 70)]
    rows += [stay(n, start=None, referral_date=day(0), eligible=False) for n in range(70, 73)]
    found = cohorts.stages_table(workspace(enrolments=rows)).set_index("stage")
    assert pd.isna(found.loc["eligible", "people"])  # three were not
    assert pd.isna(found.loc["started", "base"])
    assert pd.isna(found.loc["started", "share"])
    assert found.loc["started", "people"] == 50
    assert found.loc["started", "note"] == "[c]"


def test_an_export_without_referrals_begins_with_starts(workspace):
    rows = [stay(n, referral_date=None) for n in range(40)]
    found = cohorts.stages_table(workspace(enrolments=rows))
    assert found["stage"].tolist() == ["started", "engaged", "still here"]


def test_nobody_in_the_time_asked_about_is_said(workspace):
    with pytest.raises(DataError, match="nobody was referred or started from 2030-01-01"):
        cohorts.stages_table(charity(workspace), since=date(2030, 1, 1))


# --- never started ------------------------------------------------------------------------------


def test_never_started_compares_groups_that_had_the_time_to_start(workspace):
    rows = [stay(n, gender="a") | {"start_date": None if n < 10 else day(5)} for n in range(40)]
    rows += [stay(n) | {"start_date": None if n < 60 else day(5)} for n in range(40, 80)]
    rows += [stay(n) | {"start_date": None, "eligible": False} for n in range(80, 90)]
    rows += [stay(n, start=None, referral_date="2025-12-20") for n in range(90, 99)]
    clients = [{"client_id": f"C{n}", "gender": "a" if n < 40 else "b"} for n in range(99)]
    rows = [{key: each[key] for key in each if key != "gender"} for each in rows]
    data = workspace(enrolments=rows, clients=clients, settings=EXACT)
    found = cohorts.never_started_table(data, by="gender")
    assert found[["group", "people", "never_started"]].to_numpy().tolist() == [
        ["a", 40, 10],
        ["b", 40, 20],
    ]
    assert found["share"].tolist() == [0.25, 0.5]
    every = cohorts.never_started_table(data)
    assert every["attribute"].unique().tolist() == ["gender"]


def test_without_referrals_nobody_can_be_said_not_to_have_started(workspace):
    rows = [stay(n, referral_date=None) for n in range(40)]
    assert cohorts.never_started_table(workspace(enrolments=rows), by="programme").empty


# --- scales -------------------------------------------------------------------------------------


def test_change_is_from_the_first_to_the_last_reading_of_those_with_two(workspace):
    readings = [
        {"enrolment_id": f"E{n}", "scale": "wellbeing", "assessment_date": day(d), "score": s}
        for n in range(40)
        for d, s in ((1, 20 + n % 2), (30, 99), (60, 23 + n % 2))[: 3 if n < 30 else 1]
    ]
    data = workspace(enrolments=[stay(n) for n in range(40)], assessments=readings, settings=EXACT)
    found = cohorts.scales_table(data).iloc[0]
    assert (found["people"], found["no_second_reading"]) == (30, 10)
    assert (found["first"], found["last"], found["change"]) == (20.5, 23.5, 3.0)
    assert found["without"] == 0.25
    assert found["lower"] == found["upper"] == 3.0  # all changed by three


def test_few_readings_show_counts_and_no_means(workspace):
    readings = [
        {"enrolment_id": f"E{n}", "scale": "w", "assessment_date": day(d), "score": n + d}
        for n, d in itertools.product(range(15), (1, 60))
    ]
    data = workspace(enrolments=[stay(n) for n in range(15)], assessments=readings)
    found = cohorts.scales_table(data).iloc[0]
    assert found["people"] == 15
    assert found[["first", "last", "change", "lower", "upper"]].isna().all()


# --- who stays ----------------------------------------------------------------------------------


def test_a_cell_waits_until_everyone_in_it_could_be_followed(workspace):
    rows = [stay(n, start="2025-01-02") for n in range(40)]
    data = workspace(enrolments=rows, as_of="2025-07-31", complete_to="2025-06-15", settings=EXACT)
    found = cohorts.retention_table(data, months=4)
    assert found["cohort"].unique().tolist() == ["Jan to Mar 2025"]
    assert found["state"].tolist() == ["known", "known", "not yet known", "not yet known"]
    assert found["retained"].isna().tolist() == [False, False, True, True]


def test_who_finished_was_not_lost(workspace):
    rows = [stay(n, end=day(20), reason="Lost") for n in range(10)]
    rows += [stay(n, end=day(25), reason="Completed") for n in range(10, 20)]
    rows += [stay(n, end=day(40), reason="Lost") for n in range(20, 30)]
    rows += [stay(n) for n in range(30, 50)]
    data = workspace(enrolments=rows, settings=EXACT | EXITS)
    found = cohorts.retention_table(data, months=2)
    assert found["not_lost"].tolist() == [40, 30]
    assert found["retained"].tolist() == [0.8, 0.6]


def test_without_reasons_that_mean_loss_every_end_does(workspace):
    rows = [stay(n, end=day(20) if n < 10 else None, reason="Completed") for n in range(50)]
    found = cohorts.retention_table(workspace(enrolments=rows, settings=EXACT), months=1)
    assert found["not_lost"].tolist() == [40]


def test_months_instead_of_quarters(workspace):
    rows = [stay(n, start="2025-01-15" if n < 25 else "2025-03-01") for n in range(50)]
    found = cohorts.retention_table(workspace(enrolments=rows), by_quarter=False, months=1)
    assert found["cohort"].tolist() == ["Jan 2025", "Mar 2025"]


def test_a_quarter_that_is_not_all_there_is_left_out(workspace):
    rows = [stay(n, start="2025-03-15" if n < 30 else "2025-05-01") for n in range(60)]
    data = workspace(enrolments=rows, complete_from="2025-02-01")
    assert cohorts.retention_table(data)["cohort"].unique().tolist() == ["Apr to Jun 2025"]


def leavers(seed=1, people=400):
    """Clients who start over half a year; some are lost, some finish."""
    dice = np.random.default_rng(seed)
    rows = []
    for n in range(people):
        start, lost, done = dice.integers(0, 180), dice.exponential(300), dice.exponential(250)
        end = int(start + 1 + min(lost, done))
        reason = "Lost" if lost < done else "Completed"
        rows.append(stay(n, start=day(int(start)), end=day(end), reason=reason))
    return rows


def test_the_curve_is_one_minus_the_cumulative_incidence_of_being_lost(workspace):
    rows = leavers()
    data = workspace(enrolments=rows, as_of="2025-12-31", settings=EXACT | EXITS)
    found = cohorts.survival_table(data, weeks=40, step=1).set_index("time")
    frame = pd.DataFrame(rows)
    start, end = pd.to_datetime(frame["start_date"]), pd.to_datetime(frame["end_date"])
    known = end <= pd.Timestamp("2025-12-31")
    days = (end.where(known, pd.Timestamp("2025-12-31")) - start).dt.days
    cause = np.where(known, frame["exit_reason"].map({"Lost": 1, "Completed": 2}), 0)
    published = CumIncidenceRight(days.to_numpy(), cause)
    for week in (8, 20, 36):
        at = np.searchsorted(published.times, 7 * week) - 1
        assert found.loc[week, "survival"] == pytest.approx(1 - published.cinc[0][at], abs=0.01)
        assert found.loc[week, "lower"] < found.loc[week, "survival"] < found.loc[week, "upper"]


def test_the_curve_follows_from_released_numbers_alone(workspace):
    """Data that differ by less than what is rounded away give the same table."""
    rows = leavers()
    one_less = [each for each in rows if each["enrolment_id"] != "E7"]
    tables = [
        cohorts.survival_table(workspace(enrolments=each, settings=EXITS), step=12)
        for each in (rows, one_less)
    ]
    released = [table[["at_risk", "lost"]] for table in tables]
    same = (released[0].fillna(-1) == released[1].fillna(-1)).all(axis=1).cummin()
    assert same.sum() >= 2
    pd.testing.assert_series_equal(tables[0].loc[same, "survival"], tables[1].loc[same, "survival"])
    counts = pd.concat(released).stack().dropna()
    assert (counts % 5 == 0).all()


def test_a_curve_starts_whole_and_stops_where_few_are_left(workspace):
    rows = [stay(n, end=day(40 if n < 30 else 100), reason="Lost") for n in range(60)]
    found = cohorts.survival_table(workspace(enrolments=rows, settings=EXITS), weeks=20)
    curve = found.set_index("time")["survival"]
    assert curve[0] == 1
    assert curve[8] == 0.5
    assert curve[[16, 20]].isna().all()  # nobody is left


def test_a_hidden_first_loss_is_taken_in_by_the_next_point(workspace):
    rows = [stay(n, end=day(10 if n < 3 else 40), reason="Lost") for n in range(20)]
    rows += [stay(n) for n in range(20, 100)]
    curve = cohorts.survival_table(workspace(enrolments=rows, settings=EXITS), weeks=8)
    assert curve["lost"].isna().tolist() == [False, True, False]
    assert curve["survival"].isna().tolist() == [False, True, False]
    assert curve["survival"].iloc[2] == 0.8


def test_curves_by_group_and_whether_they_differ(workspace):
    rows = [
        stay(n, end=day(30) if n % 10 < 8 and n < 50 else None, reason="Lost")
        | {"programme": "A" if n < 50 else "B", "site": "near" if n % 2 else "far"}
        for n in range(100)
    ]
    rows += [stay(n, programme="tiny") for n in range(100, 105)]
    data = workspace(enrolments=rows, settings=EXITS)
    assert cohorts.survival_table(data, by="programme")["programme"].unique().tolist() == [
        *("A", "B", "tiny")
    ]
    found = cohorts.logrank_table(data, by=["programme", "site"]).set_index("attribute")
    assert found.loc["programme", "groups"] == "A, B"
    assert found.loc["programme", "p"] == "p < 0.001"
    assert found["reading"].tolist() == ["differ", "no clear difference"]


def test_only_the_largest_groups_are_drawn(workspace):
    rows = [stay(n, programme="A" if n < 50 else "B" if n < 90 else "C") for n in range(120)]
    found = cohorts.survival_table(workspace(enrolments=rows), by="programme", most=2)
    assert found["programme"].unique().tolist() == ["A", "B"]


def test_several_questions_are_corrected_for_and_few_people_are_not_asked(workspace):
    rows = [
        stay(n, end=day(30) if n % 3 == (n < 60) else None, reason="Lost")
        | {"programme": "A" if n < 60 else "B", "site": f"s{n % 10}"}
        for n in range(120)
    ]
    data = workspace(enrolments=rows, settings=EXITS)
    found = cohorts.logrank_table(data, by=["programme", "site"]).set_index("attribute")
    assert found.loc["site", "reading"] == "too few to tell"
    assert found.loc["site", "p"] == ""


def test_every_table_may_be_published(workspace):
    data = charity(workspace, profile={})
    tables = [
        cohorts.stages_table(data), cohorts.stages_table(data, by="programme"),
        cohorts.never_started_table(data), cohorts.retention_table(data),
        cohorts.survival_table(data), cohorts.survival_table(data, by="programme"),
        cohorts.logrank_table(data, by="programme"),
    ]  # fmt: skip
    for table in tables:
        require_protected(table)
        assert table.attrs["disclosure"] == "rounded7"


def test_nobody_started_gives_empty_tables(workspace):
    data = workspace(enrolments=[stay(1, start=None, referral_date=day(0))])
    assert cohorts.retention_table(data).empty
    assert cohorts.survival_table(data).empty
