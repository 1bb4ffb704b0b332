from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workbench import Scope
from workbench.analyses import quality
from workbench.disclosure import require_protected
from workbench.errors import AccessError, DataError

EXACT = {"disclosure": {"profile": "public", "basis": "drawn in a test"}}
STAFF = [{"caseworker_id": f"W{n}", "team": "North" if n < 2 else "South"} for n in range(4)]
ISSUES = ["table", "source", "column", "kind", "problem", "rows", "first_row", "example", "advice"]


def stay(number, start="2025-01-02", **more):
    return {"enrolment_id": f"E{number}", "client_id": f"C{number}", "start_date": start, **more}


def held(number, worker):
    return {"enrolment_id": f"E{number}", "caseworker_id": worker, "start_date": "2025-01-02"}


def told(data, **what):
    """The same workspace with another loss report, or another snapshot before it."""
    issues = what.get("issues", [])
    told = replace(data, issues=pd.DataFrame(issues, columns=ISSUES))
    told.__dict__["before"] = what.get("before")
    return told


def days(first, last):
    return [day.date().isoformat() for day in pd.bdate_range(first, last)]


# --- what came in -------------------------------------------------------------------------------


def fate(table, source, kind, rows, problem=None, column=None):
    fate = {"table": table, "source": source, "kind": kind, "rows": rows}
    return fate | {"problem": problem, "column": column}


LOSSES = [
    fate("contacts", "activity.csv", "loaded", 90),
    fate("contacts", "activity.csv", "set aside", 3, "is not a date", "contact_date"),
    fate("contacts", "activity.csv", "set aside", 5, "is not in enrolments", "enrolment_id"),
    fate("contacts", "activity.csv", "repaired", 2, "had spaces", "enrolment_id"),
    fate("contacts", "activity.csv", "also", 1, "had spaces", "channel"),
    fate("clients", "clients.csv", "loaded", 12),
]


def test_every_row_of_every_file_is_accounted_for(workspace):
    found = quality.loss_table(told(workspace(), issues=LOSSES))
    columns = ["table", "rows", "loaded", "repaired", "set_aside", "lost"]
    assert found[columns].to_numpy().tolist() == [
        ["clients", 12, 12, 0, 0, 0.0],
        ["contacts", 100, 90, 2, 8, 0.08],
    ]
    require_protected(found)


def test_details_name_what_was_set_aside_first(workspace):
    found = quality.loss_details_table(told(workspace(), issues=LOSSES))
    assert found["kind"].tolist() == ["set aside", "set aside", "repaired", "also"]
    assert found["rows"].tolist() == [5, 3, 2, 1]
    require_protected(found)


# --- how complete -------------------------------------------------------------------------------


def test_a_field_is_asked_for_where_it_is_expected(workspace):
    rows = [
        stay(n, end_date="2025-06-01" if n < 40 else None, exit_reason="Done" if n < 30 else None)
        | {"site": "here" if n < 75 else None}
        for n in range(100)
    ]
    found = quality.completeness_table(workspace(enrolments=rows, settings=EXACT))
    fields = found.set_index("field")
    assert fields.loc["enrolments: exit_reason", ["rows", "missing"]].tolist() == [40, 10]
    assert fields.loc["enrolments: exit_reason", "complete"] == 0.75
    assert fields.loc["enrolments: site", "complete"] == 0.75
    assert fields.loc["enrolments: decision", "state"] == "never filled"
    assert not {"enrolments: end_date", "enrolments: client_id"} & set(fields.index)


def test_few_empty_cells_are_hidden(workspace):
    rows = [stay(n, site="here" if n < 97 else None) for n in range(100)]
    found = quality.completeness_table(workspace(enrolments=rows)).set_index("field")
    assert found.loc["enrolments: site", ["missing", "complete"]].isna().all()
    assert found.loc["enrolments: site", "note"] == "[c]"


# --- how late -----------------------------------------------------------------------------------


def entries(lags, date="2025-01-10", worker=None):
    return [
        {
            "enrolment_id": f"E{n}",
            "contact_date": date,
            "caseworker_id": worker,
            "recorded_at": (pd.Timestamp(date) + pd.Timedelta(days=lag)).isoformat(),
        }
        for n, lag in enumerate(lags)
    ]


def test_lag_is_measured_on_old_events_that_were_typed_in_afterwards(workspace):
    contacts = entries([2] * 90 + [40] * 10) + entries([-5] * 9) + entries([0] * 50, "2025-11-01")
    data = workspace(enrolments=[stay(n) for n in range(100)], contacts=contacts, settings=EXACT)
    found = quality.lag_table(data).iloc[0]
    assert found["records_of"] == "contacts"
    assert (found["records"], found["too_early"]) == (100, 9)
    assert (found["median_days"], found["p95_days"]) == (2, 40)
    assert found["share_in_time"] == 0.9


def test_a_slow_team_does_not_hide_in_the_whole(workspace):
    data = workspace(
        enrolments=[stay(n) for n in range(100)],
        contacts=entries([1] * 80 + [30] * 20),
        assignments=[held(n, "W0" if n < 80 else "W2") for n in range(100)],
        staff=STAFF,
        settings=EXACT,
    )
    found = quality.lag_table(data, by="team").set_index("team")
    assert found["median_days"].to_dict() == {"North": 1, "South": 30}
    curve = quality.lag_curve_table(data, by="team").set_index(["team", "days"])["share"]
    assert curve["North", 1] == 1
    assert (curve["South", 28], curve["South", 42]) == (0, 1)


def test_without_a_day_of_entry_there_is_no_lag(workspace):
    data = workspace(
        enrolments=[stay(1)], contacts=[{"enrolment_id": "E1", "contact_date": "2025-01-02"}]
    )
    assert quality.lag_table(data).empty
    assert quality.lag_curve_table(data).empty
    with pytest.raises(DataError, match=r"no 'contact'. Did you mean 'contacts'\?"):
        quality.lag_curve_table(data, records_of="contact")


# --- what to fix first --------------------------------------------------------------------------


def to_fix(workspace, **more):
    """Sixty open cases in two teams, of which forty had a contact in the last month."""
    contacts = [
        {"enrolment_id": f"E{n}", "attended": None if n < 10 else True}
        | {"contact_date": "2025-12-20" if n < 40 else "2025-10-01"}
        for n in range(60)
    ]
    actions = [
        {"enrolment_id": f"E{n}", "action": "call", "due_date": "2025-12-01"}
        | {"revised_date": "2026-02-01" if n < 15 else None}
        | {"done_date": "2025-11-30" if n < 5 else None}
        for n in range(30)
    ]
    return workspace(
        enrolments=[stay(n, referral_date="2024-12-20") for n in range(60)],
        contacts=contacts,
        actions=actions,
        assignments=[held(n, "W0" if n < 30 else "W2") for n in range(60)],
        staff=STAFF,
        settings=EXACT | {"outcomes": {"success": ["home"], "horizon_days": 90}},
        **({"outcomes": []} | more),
    )


def test_what_to_fix_is_counted_by_team(workspace):
    found = quality.fix_first_table(to_fix(workspace)).set_index(["check", "team"])["people"]
    assert found["open, no contact for 30 days", "North"] == 0
    assert found["open, no contact for 30 days", "South"] == 20
    assert found["action overdue", "North"] == 15  # neither done nor put off
    assert found["contact neither kept nor missed", "North"] == 10
    assert found["result not recorded", "North"] == 30
    assert found["open without a caseworker", "South"] == 0


def test_an_outcome_that_was_not_achieved_is_recorded(workspace):
    outcomes = [
        {"enrolment_id": f"E{n}", "outcome": "home", "outcome_date": "2025-03-01"}
        | {"status": "not achieved" if n < 20 else "not known"}
        for n in range(30)
    ]
    found = quality.fix_first_table(to_fix(workspace, outcomes=outcomes))
    found = found.set_index(["check", "team"])["people"]
    assert found["result not recorded", "North"] == 10


def test_ends_and_referrals_without_a_word(workspace):
    rows = [
        stay(n, end_date="2025-06-01", exit_reason="Gone" if n < 25 else None) for n in range(50)
    ]
    rows += [
        stay(n, start=None, referral_date="2025-06-01", decline_reason="full" if n < 70 else None)
        for n in range(50, 90)
    ]
    settings = EXACT | {"exits": {"neither": ["Gone"]}}
    found = quality.fix_first_table(workspace(enrolments=rows, settings=settings))
    assert "programme" in found.columns  # no teams here
    found = found.set_index("check")["people"]
    assert found["ended without a known reason"] == 25
    assert found["referral without start or reason"] == 20


def test_the_largest_problem_comes_first(workspace):
    found = quality.fix_first_table(to_fix(workspace))
    totals = found.groupby("check", sort=False)["people"].sum()
    assert totals.is_monotonic_decreasing


def test_caseworkers_are_not_shown_to_everyone(workspace):
    data = to_fix(workspace)
    with pytest.raises(AccessError, match="caseworkers are not compared"):
        quality.fix_first_table(data, by="caseworker")
    with pytest.raises(AccessError, match="for that caseworker and their manager"):
        quality.fix_first_caseload(data)


def test_a_caseworker_sees_their_own_list(workspace):
    data = replace(to_fix(workspace), scope=Scope.of_caseworkers("me", "W2"))
    found = quality.fix_first_caseload(data)
    assert set(found["caseworker_id"]) == {"W2"}
    assert found.set_index("check").loc["open, no contact for 30 days", "records"] == 20


# --- patterns -----------------------------------------------------------------------------------


def two_teams(workspace, silent=(), rest=(), **more):
    """Forty cases; each team makes ten contacts a working day, one team not on `silent` days."""
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day}
        for day in days("2025-01-02", "2025-12-31")
        for n in range(40)
        if n % 2 == 0 and day not in rest and not (n < 20 and day in silent)
    ]
    return told(
        workspace(
            **{
                "enrolments": [stay(n) for n in range(40)],
                "contacts": pd.DataFrame(contacts),
                "assignments": [held(n, "W0" if n < 20 else "W2") for n in range(40)],
                "staff": STAFF,
            }
            | more
        )
    )


def test_nothing_odd_finds_nothing(workspace):
    found = quality.patterns_table(two_teams(workspace))
    assert found.empty
    require_protected(found)


def test_a_team_that_stops_recording_for_two_weeks_is_found(workspace):
    silent = days("2025-03-10", "2025-03-21")
    found = quality.patterns_table(two_teams(workspace, silent=silent, settings=EXACT))
    assert found["pattern"].tolist() == ["recording stops"]
    row = found.iloc[0]
    assert (row["where"], row["when"]) == ("team North", "10 to 21 March 2025")
    assert (row["found"], row["expected"]) == (0, 100)
    assert row["surprise"] == "less than once in a million"


def test_a_holiday_of_everyone_is_no_gap(workspace):
    assert quality.patterns_table(two_teams(workspace, rest=days("2025-03-10", "2025-03-21"))).empty


def test_a_team_that_has_closed_has_not_stopped_recording(workspace):
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day}
        for day in days("2025-01-02", "2025-12-31")
        for n in range(0, 40, 2)
        if n >= 20 or day <= "2025-06-30"
    ]
    ended = two_teams(
        workspace,
        contacts=pd.DataFrame(contacts),
        enrolments=[stay(n, end_date="2025-06-30" if n < 20 else None) for n in range(40)],
    )
    assert "recording stops" not in quality.patterns_table(ended)["pattern"].tolist()


def test_a_quiet_week_of_small_numbers_is_no_gap(workspace):
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day}
        for place, day in enumerate(days("2025-01-02", "2025-12-31"))
        for n in (0, 20)
        if place % 5 == 0
    ]
    assert quality.patterns_table(two_teams(workspace, contacts=pd.DataFrame(contacts))).empty


def test_closures_in_bulk_on_one_day_are_found(workspace):
    calendar = days("2025-01-06", "2025-06-30")
    rows = [stay(n, end_date=calendar[n % len(calendar)]) for n in range(100)]
    rows += [stay(n, end_date="2025-03-31") for n in range(100, 130)]
    found = quality.patterns_table(told(workspace(enrolments=rows)))
    row = found[found["pattern"] == "closed in bulk"].iloc[0]
    assert (row["where"], row["when"]) == ("programme Support", "31 March 2025")
    assert row["found"] == 30


def test_closures_spread_over_days_are_not(workspace):
    calendar = days("2025-01-06", "2025-06-30")
    rows = [stay(n, end_date=calendar[n % len(calendar)]) for n in range(300)]
    assert quality.patterns_table(told(workspace(enrolments=rows))).empty


def test_an_id_that_now_stands_for_another_person_is_found(workspace):
    before, now = (
        workspace(
            enrolments=[stay(n) for n in range(40)],
            clients=[{"client_id": f"C{n}", "birth_date": f"{year}-03-05"} for n in range(40)],
        )
        for year in (1980, 1990)
    )
    found = quality.patterns_table(told(now, before=before))
    assert found[["pattern", "where", "found"]].to_numpy().tolist() == [
        ["id used again", "clients.client_id", 40]
    ]
    assert quality.patterns_table(told(now, before=now)).empty


def test_an_id_that_came_twice_in_the_export_is_found(workspace):
    problem = "stands in an earlier row with other content; the first is kept"
    issues = [fate("clients", "clients.csv", "set aside", 12, problem, "client_id")]
    found = quality.patterns_table(told(workspace(enrolments=[stay(1)]), issues=issues))
    assert found["when"].tolist() == ["in this export"]


def test_a_field_that_one_team_began_to_fill_is_found(workspace):
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day}
        | {"minutes": 30 if n < 20 and day >= "2025-06-02" else None}
        for day in days("2025-01-02", "2025-12-31")
        for n in range(40)
        if n % 2 == 0
    ]
    found = quality.patterns_table(two_teams(workspace, contacts=pd.DataFrame(contacts)))
    row = found[found["pattern"] == "field first used by one"].iloc[0]
    assert (row["where"], row["when"]) == ("contacts.minutes, team North", "from June 2025")


def test_a_field_that_every_team_began_to_fill_is_a_change_of_form(workspace):
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day}
        | {"minutes": 30 if day >= "2025-06-02" else None}
        for day in days("2025-01-02", "2025-12-31")
        for n in range(40)
        if n % 2 == 0
    ]
    assert quality.patterns_table(two_teams(workspace, contacts=pd.DataFrame(contacts))).empty


def test_heaping_on_the_first_of_the_month_is_found(workspace):
    dice = np.random.default_rng(0)
    calendar = pd.date_range("2023-01-01", "2025-12-31").astype(str)
    rows = [stay(n, str(dice.choice(calendar))) for n in range(300)]
    assert quality.patterns_table(told(workspace(enrolments=rows))).empty
    rows += [stay(n, "2024-05-01") for n in range(300, 360)]
    found = quality.patterns_table(told(workspace(enrolments=rows)))
    assert found[["pattern", "where"]].to_numpy().tolist() == [
        ["heaped on one day", "enrolments.start_date"]
    ]


# --- what changed since -------------------------------------------------------------------------


def test_new_changed_and_vanished_rows_are_counted(workspace):
    before = workspace(
        enrolments=[stay(n, end_date="2025-06-01" if n < 20 else None) for n in range(100)]
    )
    now = workspace(
        enrolments=[
            stay(n, end_date="2025-05-01" if n < 20 else "2025-07-01" if n < 30 else None)
            for n in range(10, 130)
        ],
        settings=EXACT,
    )
    found = quality.changes_since_table(told(now, before=before)).set_index("table")
    counts = ["rows_before", "rows_now", "new", "changed", "vanished", "ends_edited"]
    assert found.loc["enrolments", counts].tolist() == [100, 120, 30, 20, 10, 10]
    assert pd.isna(found.loc["clients", "ends_edited"])


def test_rows_without_ids_are_known_by_what_they_say(workspace):
    rows = [{"enrolment_id": "E1", "contact_date": day} for day in days("2025-01-01", "2025-03-01")]
    before = workspace(enrolments=[stay(1)], contacts=pd.DataFrame(rows[:-10]))
    minutes = [each | {"minutes": 20 if n < 15 else None} for n, each in enumerate(rows)]
    now = workspace(enrolments=[stay(1)], contacts=pd.DataFrame(minutes), settings=EXACT)
    found = quality.changes_since_table(told(now, before=before)).set_index("table")
    assert found.loc["contacts", ["new", "changed", "vanished"]].tolist() == [10, 15, 0]


def test_the_first_snapshot_has_nothing_before_it(workspace):
    assert quality.changes_since_table(told(workspace(enrolments=[stay(1)]))).empty


def test_every_table_may_be_published(workspace):
    data = told(to_fix(workspace), before=to_fix(workspace), issues=LOSSES)
    for table in (
        quality.loss_table, quality.loss_details_table, quality.completeness_table,
        quality.lag_table, quality.fix_first_table, quality.patterns_table,
        quality.changes_since_table,
    ):  # fmt: skip
        require_protected(table(data))
