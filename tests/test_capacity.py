"""Hours, leave, turnover and caseload of a service, counted by hand and protected."""

import pandas as pd
import pytest

from workbench.analyses import capacity
from workbench.analyses.capacity import hours
from workbench.disclosure import require_protected
from workbench.errors import DataError
from workbench.words import capacity as said

EXACT = {"disclosure": {"profile": "public", "basis": "drawn in a test"}}
TEAMS = ["North"] * 4 + ["South"] * 4


def staff(teams=TEAMS, **more):
    return [
        {"caseworker_id": f"W{n}", "team": team, "hours_per_week": 37.5, "start_date": "2023-01-02"}
        | more.get(f"W{n}", {})
        for n, team in enumerate(teams)
    ]


def held(stays, workers=8, **more):
    return [
        {"enrolment_id": f"E{n}", "caseworker_id": f"W{n % workers}", "start_date": "2025-01-06"}
        for n in range(stays)
    ] + more.get("later", [])


def service(workspace, stays=80, settings=EXACT, as_of="2025-11-30", **more):
    given = {"staff": staff(), "assignments": held(stays)} | more
    cases = [{"enrolment_id": f"E{n}", "start_date": "2025-01-06"} for n in range(stays)]
    return workspace(
        settings=settings, as_of=as_of, complete_from="2024-06-01", enrolments=cases, **given
    )


def away(worker, first, last, kind="leave"):
    return {"caseworker_id": worker, "start_date": first, "end_date": last, "kind": kind}


def month(table, interval, team="all"):
    rows = table[(table["interval"] == pd.Timestamp(interval)) & (table["team"] == team)]
    return rows.iloc[0]


# --- hours --------------------------------------------------------------------------------------


def test_contracted_hours_follow_the_days_that_somebody_was_there(workspace):
    """November 2025 has 20 working days, from the 10th on 15 of them."""
    people = staff(W0={"start_date": "2025-11-10"}, W1={"end_date": "2025-11-07"})
    data = service(workspace, staff=people)
    table = capacity.months_table(data)
    north, south = (month(table, "2025-11-01", team) for team in ("North", "South"))
    assert south["contracted"] == 4 * 20 * 7.5 and south["posts"] == 4.0
    assert north["contracted"] == 2 * 20 * 7.5 + 15 * 7.5 + 5 * 7.5 and north["posts"] == 3.0
    assert north["workers"] == 4
    assert month(table, "2025-11-01")["contracted"] == 600 + 450
    assert month(table, "2025-10-01", "North")["workers"] == 3


def test_a_day_away_counts_once_on_working_days_only_and_while_employed(workspace):
    """Friday 7 to Monday 10 November is two working days; the second entry lies within."""
    people = staff(W1={"end_date": "2025-11-05"})
    absences = [
        away("W0", "2025-11-07", "2025-11-10"),
        away("W0", "2025-11-10", "2025-11-10", "sickness"),
        away("W1", "2025-11-03", "2025-11-28"),
        away("W2", "2025-10-30", "2025-11-03"),
        away("W3", "2025-11-27", "2025-12-12"),
    ]
    table = capacity.months_table(service(workspace, staff=people, absences=absences))
    now = month(table, "2025-11-01")
    assert now["away"] == 7.5 * (2 + 3 + 1 + 2)
    assert now["available"] == now["contracted"] - now["away"]
    assert month(table, "2025-10-01")["away"] == 7.5 * 2


def test_only_those_who_hold_cases_are_posts(workspace):
    people = [*staff(), {"caseworker_id": "M1", "team": "North", "hours_per_week": 37.5}]
    data = service(workspace, staff=people)
    assert month(capacity.months_table(data), "2025-11-01")["posts"] == 8.0
    year = capacity.year_table(data).set_index("team")
    assert year.loc["all", ["workers", "average"]].tolist() == [9, 9.0]
    nobody_says = service(workspace, staff=people)
    without = nobody_says.tables._tables
    without.pop("assignments")
    table = capacity.months_table(nobody_says)
    assert set(table["team"]) == {"all"} and month(table, "2025-11-01")["posts"] == 9.0


def test_clients_for_each_post_against_a_full_caseload(workspace):
    table = capacity.months_table(service(workspace, 200))
    now = month(table, "2025-11-01")
    assert now["clients"] == 200 and now["clients_per_post"] == 25 and now["stretch"] == 1.25
    assert now["open_cases"] == 200
    assert month(table, "2025-01-01")["open_cases"] == pytest.approx(200 * 26 / 31)
    assert capacity.stretch_table(table)["value"].tolist()[-1] == 1.25


def test_part_time_is_part_of_a_post(workspace):
    half = service(workspace, staff=staff(W0={"hours_per_week": 22.5}))
    assert month(capacity.months_table(half), "2025-11-01", "North")["posts"] == 3.6


def test_hours_nobody_wrote_down_are_in_no_post_and_it_says_so(workspace):
    data = service(workspace, staff=staff(W0={"hours_per_week": None}))
    table = capacity.months_table(data)
    assert month(table, "2025-11-01")["posts"] == 7.0
    assert capacity.stretch_sentence(data, table).endswith(said.WITHOUT_HOURS)


# --- turnover, and cases that move --------------------------------------------------------------


def test_turnover_is_of_the_workers_of_an_average_day(workspace):
    people = staff(
        W0={"end_date": "2025-05-31"},
        W1={"start_date": "2025-06-01"},
        W2={"end_date": "2024-10-01"},
    )
    year = capacity.year_table(service(workspace, staff=people)).set_index("team")
    assert year.loc["all", ["workers", "came", "left"]].tolist() == [7, 1, 1]
    assert year.loc["all", "average"] == pytest.approx(6.0, abs=0.01)
    assert year.loc["all", "turnover"] == pytest.approx(1 / 6, abs=0.001)
    told = capacity.turnover_sentence(year.reset_index())
    assert told == (
        "In the last 12 months 1 left and 1 came, of 6 workers on an average day: a turnover of "
        "17%."
    )


def test_a_case_that_another_worker_takes_over_has_moved(workspace):
    later = [
        {"enrolment_id": "E0", "caseworker_id": "W5", "start_date": "2025-06-02"},
        {"enrolment_id": "E1", "caseworker_id": "W1", "start_date": "2025-07-01"},
        {"enrolment_id": "E2", "caseworker_id": "W3", "start_date": "2025-01-06"},
        {"enrolment_id": "E3", "caseworker_id": "W2", "start_date": "2025-12-02"},
    ]
    data = service(workspace, assignments=held(80, later=later))
    year = capacity.year_table(data).set_index("team")
    assert year["cases_moved"].to_dict() == {"all": 1, "North": 0, "South": 1}
    assert capacity.moved_sentence(data, year.reset_index()) == "1 case moved to another worker."


# --- who may be seen in it ----------------------------------------------------------------------


def test_absence_is_protected_as_clients_are_and_never_told_by_its_kind(workspace):
    absences = [away(f"W{n}", "2025-11-03", "2025-11-07", "sickness") for n in range(8)]
    rounded = {"disclosure": {"profile": "rounded7"}}
    data = service(workspace, settings=rounded, absences=absences)
    table = capacity.months_table(data)
    require_protected(table)
    assert month(table, "2025-11-01")["away"] == 300  # all 8 were away
    north = month(table, "2025-11-01", "North")
    assert pd.isna(north["away"]) and pd.isna(north["available"]) and north["note"] == "[c]"
    assert north["posts"] == 4.0  # the establishment is no secret
    year = capacity.year_table(data)
    require_protected(year)
    assert "kind" not in year and "sickness" not in year.to_string()
    few = service(workspace, settings=rounded, absences=absences[:3])
    assert pd.isna(month(capacity.months_table(few), "2025-11-01")["away"])
    assert "too few workers" in capacity.absence_sentence(few, capacity.year_table(few))


def test_hours_of_two_workers_do_not_follow_by_subtraction(workspace):
    teams = ["North"] * 4 + ["South"] * 2 + ["West"] * 3
    data = service(workspace, staff=staff(teams), assignments=held(80, 9))
    table = capacity.months_table(data)
    shown = {team: month(table, "2025-11-01", team)["posts"] for team in ("North", "South", "West")}
    assert shown["North"] == 4.0
    assert pd.isna(shown["South"]) and pd.isna(shown["West"])
    assert month(table, "2025-11-01")["posts"] == 9.0
    year = capacity.year_table(data).set_index("team")
    assert (
        year.loc[["South", "West"], ["workers", "came", "left", "contracted"]].isna().all(axis=None)
    )


# --- exports that do not say --------------------------------------------------------------------


def test_why_there_is_nothing_to_tell(workspace):
    assert capacity.why_not(workspace()) == said.NO_STAFF
    assert capacity.why_not(service(workspace)) is None
    bare = service(workspace, staff=[{"caseworker_id": "W0", "team": "North"}])
    assert capacity.why_not(bare) == said.NO_HOURS
    with pytest.raises(DataError, match="staff"):
        hours.workers(workspace())


def test_without_absences_no_hours_are_lost(workspace):
    data = service(workspace)
    assert month(capacity.months_table(data), "2025-11-01")["away"] == 0
    assert capacity.absence_sentence(data, capacity.year_table(data)) == said.NO_ABSENCES


def test_staff_who_never_held_a_case_leave_no_posts(workspace):
    data = service(
        workspace,
        assignments=[{"enrolment_id": "E0", "caseworker_id": "X", "start_date": "2025-02-03"}],
    )
    now = month(capacity.months_table(data), "2025-11-01")
    assert now["posts"] == 0 and pd.isna(now["stretch"])
    assert "cannot be shown" in capacity.stretch_sentence(data, capacity.months_table(data))


# --- words --------------------------------------------------------------------------------------


def test_sentences(workspace):
    data = service(workspace, 200)
    table = capacity.months_table(data)
    assert capacity.stretch_sentence(data, table) == (
        "On 30 November 2025 there were 25 clients for each full-time post, 125% of a full "
        "caseload of 20. More than a full caseload: North and South."
    )
    calm = service(workspace, 80)
    told = capacity.stretch_sentence(calm, capacity.months_table(calm))
    assert told.endswith("No team that can be shown has more than a full caseload.")
    assert said.away(1635, 0.089) == (
        "1,635 hours were lost to absence of any kind, 8.9% of those contracted."
    )
    assert said.moved(0) == "No case moved to another worker."
    assert said.turnover(0, 14, 0) == (
        "In the last 12 months nobody left and nobody came, of 14 workers on an average day."
    )
    assert "Vacancies" in said.READ["year"] and "Bank holidays" in said.READ["stretch"]
