"""Measures: each one by hand on a few rows, then all of them against a count day by day."""

import datetime

import numpy as np
import pandas as pd
import pytest

from workbench import measures
from workbench.disclosure import is_protected
from workbench.errors import DataError, SettingsError

DAY = datetime.timedelta(days=1)


def enrolled(name, start=None, end=None, **more):
    return {"enrolment_id": name, "start_date": start, "end_date": end, **more}


def contact(enrolment, day, attended=None, **more):
    return {"enrolment_id": enrolment, "contact_date": day, "attended": attended, **more}


def figures(table, *columns):
    """{month: (numerator, denominator)} or other columns, None where missing."""
    columns = columns or ("numerator", "denominator")
    rows = table[list(columns)].astype(object).where(table[list(columns)].notna(), None)
    keys = table["interval"].dt.strftime("%Y-%m")
    values = [each[0] if len(columns) == 1 else tuple(each) for each in rows.to_numpy()]
    return dict(zip(keys, values, strict=True))


# --- each measure by hand


@pytest.fixture
def referred(workspace):
    rows = [
        enrolled("e1", "2025-01-11", referral_date="2025-01-01", client_id="c1"),
        enrolled("e2", "2025-02-05", referral_date="2025-01-08", client_id="c2"),
        enrolled("e3", "2025-02-06", referral_date="2025-01-08", client_id="c3"),
        enrolled("e4", None, referral_date="2025-01-20", client_id="c1"),
        enrolled("e5", "2025-04-02", client_id="c4"),
    ]
    return workspace(enrolments=rows, as_of="2025-04-30")


def test_referrals_and_starts_count_enrolments_with_nought_for_an_empty_month(referred):
    assert figures(measures.build(referred, "referrals"), "numerator", "clients") == {
        "2025-01": (4, 3),
        "2025-02": (0, 0),
        "2025-03": (0, 0),
        "2025-04": (0, 0),
    }
    starts = measures.build(referred, "starts")
    assert figures(starts, "value") == {"2025-01": 1, "2025-02": 2, "2025-03": 0, "2025-04": 1}
    assert starts["denominator"].isna().all()


def test_the_start_rate_gives_a_referral_28_days_and_no_ratio_to_no_referrals(referred):
    table = measures.build(referred, "start rate")
    assert figures(table)["2025-01"] == (2, 4)
    assert figures(table, "value") == {
        "2025-01": 0.5,
        "2025-02": None,
        "2025-03": None,
        "2025-04": None,
    }
    complete = {"2025-01": True, "2025-02": True, "2025-03": True, "2025-04": False}
    assert figures(table, "complete") == complete


def test_days_from_referral_to_start_leave_out_starts_without_referral(referred):
    table = measures.build(referred, "days from referral to start")
    assert figures(table, "numerator", "denominator", "value") == {
        "2025-01": (10, 1, 10),
        "2025-02": (28 + 29, 2, 28.5),
        "2025-03": (0, 0, None),
        "2025-04": (0, 0, None),
    }


@pytest.fixture
def served(workspace):
    rows = [
        enrolled("e1", "2025-01-25", "2025-02-10", exit_reason="Lost contact", client_id="c1"),
        enrolled("e2", "2025-02-01", "2025-02-28", exit_reason="Completed", client_id="c2"),
        enrolled("e3", "2025-02-10", client_id="c2"),
        enrolled("e4", "2025-03-31", client_id="c3"),
    ]
    contacts = [
        contact("e1", "2025-01-24"),  # before the start
        contact("e1", "2025-02-01", True),
        contact("e1", "2025-02-02", False),
        contact("e1", "2025-02-10"),
        contact("e1", "2025-02-11"),  # after the end
        contact("e3", "2025-03-05", True),
    ]
    settings = {"exits": {"disengagement": ["Lost contact"]}}
    return workspace(enrolments=rows, contacts=contacts, settings=settings, as_of="2025-04-10")


def test_a_caseload_counts_clients_open_on_the_last_day_both_ends_inside(served):
    table = measures.build(served, "caseload")
    assert figures(table, "numerator") == {"2025-01": 1, "2025-02": 1, "2025-03": 2, "2025-04": 2}


def test_client_weeks_are_exact_to_the_day_and_end_with_the_as_of_date(served):
    table = measures.build(served, "contacts per client-week")
    days = {"2025-02": 10 + 28 + 19, "2025-03": 31 + 1, "2025-04": 2 * 10}
    numerators = {"2025-02": 2, "2025-03": 1, "2025-04": 0}
    assert figures(table, "numerator") == numerators
    assert figures(table, "denominator") == {month: n / 7 for month, n in days.items()}
    assert figures(table, "clients") == {"2025-02": 2, "2025-03": 2, "2025-04": 2}
    assert not table["complete"].iloc[-1]


def test_before_contacts_were_recorded_there_is_no_rate_rather_than_none(served):
    assert "2025-01" in figures(measures.build(served, "caseload"))
    assert "2025-01" not in figures(measures.build(served, "contacts per client-week"))


def test_attendance_is_of_those_recorded(served):
    table = measures.build(served, "attendance rate")
    assert figures(table) == {"2025-02": (1, 2), "2025-03": (1, 1), "2025-04": (0, 0)}


def test_exits_begin_with_the_first_who_could_leave_and_disengagement_is_of_those_served(served):
    exits = measures.build(served, "exits")
    assert figures(exits, "value") == {"2025-01": 0, "2025-02": 2, "2025-03": 0, "2025-04": 0}
    lost = measures.build(served, "disengagement rate")
    assert figures(lost) == {
        "2025-01": (0, 1),
        "2025-02": (1, 3),
        "2025-03": (0, 2),
        "2025-04": (0, 2),
    }


@pytest.fixture
def judged(workspace):
    statuses = {"e1": "achieved", "e2": "not achieved", "e3": "not known"}
    rows = [enrolled(name, "2025-01-01") for name in ("e1", "e2", "e3", "e4")]
    rows += [enrolled("e5", "2025-02-15")]
    outcomes = [
        {"enrolment_id": e, "outcome": "housed", "outcome_date": "2025-01-20", "status": status}
        for e, status in statuses.items()
    ]
    settings = {"outcomes": {"success": ["housed"], "horizon_days": 31}}
    return workspace(enrolments=rows, outcomes=outcomes, settings=settings, as_of="2025-02-28")


def test_success_is_of_those_whose_outcome_is_known_and_the_unknown_have_their_own(judged):
    assert figures(measures.build(judged, "success rate")) == {"2025-02": (1, 2)}
    assert figures(measures.build(judged, "outcome not known")) == {"2025-02": (2, 4)}


def test_actions_are_overdue_after_their_latest_due_date_while_open(workspace):
    plan = {"enrolment_id": "e1", "action": "call", "created_date": "2025-01-05"}
    data = workspace(
        enrolments=[enrolled("e1", "2025-01-01"), enrolled("gone", "2025-01-01", "2025-01-20")],
        actions=[
            plan | {"due_date": "2025-01-30"},
            plan | {"due_date": "2025-01-31"},
            plan | {"due_date": "2025-01-10", "revised_date": "2025-03-10"},
            plan | {"due_date": "2025-01-10", "done_date": "2025-01-31"},
            plan | {"due_date": "2025-01-10", "done_date": "2025-02-01"},
            plan | {"due_date": None},
            plan | {"due_date": "2025-01-10", "enrolment_id": "gone"},
            plan | {"due_date": "2025-02-10", "created_date": "2025-02-01"},
        ],
        as_of="2025-02-28",
    )
    table = measures.build(data, "actions overdue")
    assert figures(table) == {"2025-01": (2, 4), "2025-02": (3, 4)}
    assert measures.definition(data, "actions overdue").kind == "stock"


def test_entries_are_in_time_within_seven_days_and_those_booked_ahead_say_nothing(workspace):
    data = workspace(
        enrolments=[enrolled("e1", "2025-01-01")],
        contacts=[
            contact("e1", "2025-01-10", recorded_at="2025-01-17 23:00"),
            contact("e1", "2025-01-10", recorded_at="2025-01-18 00:00"),
            contact("e1", "2025-01-10", recorded_at="2025-01-09 12:00"),
            contact("e1", "2025-01-10", recorded_at="2025-02-07 12:00"),
            contact("e1", "2025-01-10"),
        ],
        as_of="2025-02-06",
    )
    table = measures.build(data, "entered in time")
    assert figures(table) == {"2025-01": (1, 2), "2025-02": (0, 0)}
    assert not table["complete"].iloc[0]


# --- intervals, groups, completeness


def test_quarters_and_years_begin_with_the_organisations_year(workspace):
    days = ["2024-01-31", "2024-02-01", "2024-04-30", "2024-05-01", "2025-01-31", "2025-02-01"]
    rows = [enrolled(day, day) for day in days]
    data = workspace(
        enrolments=rows, settings={"organisation": {"year_starts": 2}}, as_of="2025-02-28"
    )
    by_year = figures(measures.build(data, "starts", interval="year"), "numerator")
    assert by_year == {"2023-02": 1, "2024-02": 4, "2025-02": 1}
    by_quarter = figures(measures.build(data, "starts", interval="quarter"), "numerator")
    expected = {"2023-11": 1, "2024-02": 2, "2024-05": 1, "2024-08": 0, "2024-11": 1, "2025-02": 1}
    assert by_quarter == expected


def test_intervals_are_complete_between_two_days_and_can_be_cut(referred, workspace):
    rows = [enrolled(f"e{month}", f"2025-0{month}-10") for month in range(1, 7)]
    data = workspace(
        enrolments=rows, as_of="2025-06-20", complete_from="2025-01-10", complete_to="2025-04-30"
    )
    complete = measures.build(data, "starts")["complete"].tolist()
    assert complete == [False, True, True, True, False, False]
    cut = measures.build(data, "starts", until=datetime.date(2025, 5, 1), history=2)
    assert figures(cut, "numerator") == {"2025-04": 1, "2025-05": 1}


def test_nothing_appears_after_the_last_day_of_the_data(workspace):
    data = workspace(
        enrolments=[enrolled("e1", "2025-01-10")], as_of="2025-06-20", last_day="2025-02-03"
    )
    assert figures(measures.build(data, "starts"), "numerator") == {"2025-01": 1, "2025-02": 0}


def test_a_group_begins_with_its_first_row(workspace):
    rows = [
        enrolled("e1", "2025-01-10", programme="Old"),
        enrolled("e2", "2025-03-10", programme="Old"),
        enrolled("e3", "2025-02-10", programme="New"),
    ]
    data = workspace(enrolments=rows, as_of="2025-03-31")
    table = measures.build(data, "starts", by="programme")
    assert figures(table[table["programme"] == "New"], "value") == {"2025-02": 1, "2025-03": 0}
    assert figures(table[table["programme"] == "Old"], "value")["2025-02"] == 0


def test_by_team_a_month_belongs_to_whoever_held_the_case(workspace):
    data = workspace(
        enrolments=[enrolled("e1", "2025-01-01", "2025-01-31")],
        contacts=[contact("e1", "2025-01-10"), contact("e1", "2025-01-25")],
        staff=[{"caseworker_id": "w1", "team": "A"}, {"caseworker_id": "w2", "team": "B"}],
        assignments=[
            {
                "enrolment_id": "e1",
                "caseworker_id": "w1",
                "start_date": "2025-01-01",
                "end_date": "2025-01-14",
            },
            {"enrolment_id": "e1", "caseworker_id": "w2", "start_date": "2025-01-15"},
        ],
        as_of="2025-01-31",
    )
    rate = measures.build(data, "contacts per client-week", by="team")
    assert rate[["team", "numerator", "denominator"]].to_numpy().tolist() == [
        ["A", 1, 2],
        ["B", 1, 17 / 7],
    ]
    exits = measures.build(data, "exits", by="team")
    assert dict(zip(exits["team"], exits["numerator"], strict=True)) == {"A": 0, "B": 1}
    late = workspace(
        enrolments=[enrolled("e1", "2025-01-01", "2025-01-31", exit_reason="Lost contact")],
        staff=[{"caseworker_id": "w1", "team": "A"}],
        assignments=[
            {
                "enrolment_id": "e1",
                "caseworker_id": "w1",
                "start_date": "2025-01-01",
                "end_date": "2025-01-30",
            }
        ],
        settings={"exits": {"disengagement": ["Lost contact"]}},
        as_of="2025-01-31",
    )
    lost = measures.build(late, "disengagement rate", by="team").set_index("team")
    assert lost.loc["A", ["numerator", "denominator", "clients"]].tolist() == [0, 1, 1]
    assert lost.loc["not assigned", ["numerator", "denominator", "clients"]].tolist() == [1, 0, 1]
    starts = measures.build(data, "starts", by="caseworker_id")
    assert starts["caseworker_id"].tolist() == ["w1"]


# --- against a count day by day


@pytest.fixture
def many(workspace):
    rng = np.random.default_rng(7)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400, 300), "D")
    end = start + pd.to_timedelta(rng.integers(0, 200, 300), "D")
    enrolments = pd.DataFrame(
        {
            "enrolment_id": [f"e{i}" for i in range(300)],
            "client_id": [f"c{i}" for i in rng.integers(0, 200, 300)],
            "programme": rng.choice(["A", "B"], 300),
            "start_date": start,
            "end_date": end.where(rng.random(300) < 0.8),
            "exit_reason": "Lost contact",
        }
    )
    contacts = pd.DataFrame(
        {
            "enrolment_id": [f"e{i}" for i in rng.integers(0, 300, 5000)],
            "contact_date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 600, 5000), "D"),
            "attended": rng.choice([True, False], 5000),
        }
    )
    data = workspace(
        enrolments=enrolments,
        contacts=contacts,
        settings={"exits": {"disengagement": ["Lost contact"]}},
        as_of="2025-04-17",
    )
    return data, enrolments, contacts


def test_open_time_agrees_with_a_count_of_every_day(many):
    data, enrolments, contacts = many
    last = pd.Timestamp(data.as_of)
    until = enrolments["end_date"].fillna(last).clip(upper=last)
    days = [
        pd.date_range(s, e) for s, e in zip(enrolments["start_date"], until, strict=True) if s <= e
    ]
    open_days = enrolments[enrolments["start_date"] <= last].assign(day=days).explode("day")
    open_days["interval"] = open_days["day"].dt.to_period("M").dt.start_time
    weeks = open_days.groupby("interval").size() / 7
    rate = measures.build(data, "contacts per client-week").set_index("interval")
    assert np.allclose(rate["denominator"].astype(float), weeks.loc[rate.index])

    kept = contacts[contacts["attended"]].merge(
        open_days[["enrolment_id", "day", "interval"]],
        left_on=["enrolment_id", "contact_date"],
        right_on=["enrolment_id", "day"],
    )
    assert rate["numerator"].sum() == len(kept)

    served = open_days.groupby(["programme", "interval"])["enrolment_id"].nunique()
    lost = measures.build(data, "disengagement rate", by="programme")
    lost = lost.set_index(["programme", "interval"])
    assert (lost["denominator"] == served.loc[lost.index]).all()

    at_end = open_days[open_days["day"].dt.is_month_end | (open_days["day"] == last)]
    caseload = measures.build(data, "caseload").set_index("interval")["value"]
    assert (caseload == at_end.groupby("interval")["client_id"].nunique()).all()


# --- the settings' own measures


def own(workspace, **measure):
    statuses = [("2025-01-10", "arrest"), ("2025-01-20", "housed"), ("2025-02-10", "arrest")]
    outcomes = [
        {"enrolment_id": "e1", "outcome": kind, "outcome_date": day, "status": "achieved"}
        for day, kind in [*statuses, ("2025-03-02", "housed"), ("2024-12-31", "arrest")]
    ]
    return workspace(
        enrolments=[enrolled("e1", "2025-01-01"), enrolled("e2", "2024-12-01")],
        outcomes=outcomes,
        settings={"measures": {"mine": {"count": "outcomes", "date": "outcome_date"} | measure}},
        as_of="2025-03-31",
    )


def test_an_own_measure_counts_rows(workspace):
    data = own(workspace, where={"outcome": "arrest"})
    counted = {"2024-12": 1, "2025-01": 1, "2025-02": 1, "2025-03": 0}
    assert figures(measures.build(data, "mine"), "numerator") == counted
    assert measures.definition(data, "mine").kind == "count"
    assert "mine" in measures.names(data)


def test_an_own_measure_is_a_share_of_rows(workspace):
    data = own(workspace, where={"outcome": "arrest"}, of={"status": ["achieved", "not achieved"]})
    shares = {"2024-12": (1, 1), "2025-01": (1, 2), "2025-02": (1, 1), "2025-03": (0, 1)}
    assert figures(measures.build(data, "mine")) == shares
    about = measures.definition(data, "mine")
    assert about.kind == "proportion"
    assert about.numerator == "those of them where outcome is arrest"


def test_an_own_measure_is_a_rate_of_the_time_open(workspace):
    data = own(workspace, where={"outcome": "arrest"}, per="client-months")
    table = measures.build(data, "mine")
    assert figures(table, "numerator") == {"2025-01": 1, "2025-02": 1, "2025-03": 0}
    assert np.allclose(table["denominator"].astype(float), np.array([62, 56, 62]) * 12 / 365.25)


def test_an_own_measure_can_choose_by_true_and_false(workspace):
    data = workspace(
        enrolments=[enrolled("e1", "2025-01-01")],
        contacts=[contact("e1", "2025-01-05", True), contact("e1", "2025-01-06", False)],
        settings={
            "measures": {
                "missed": {
                    "count": "contacts",
                    "date": "contact_date",
                    "where": {"attended": "false"},
                }
            }
        },
        as_of="2025-01-31",
    )
    assert figures(measures.build(data, "missed"), "numerator") == {"2025-01": 1}


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ({"where": {"outcom": "arrest"}}, "mine.where: outcomes has no column 'outcom'. Did you"),
        ({"where": {"value": "3"}}, "mine.where: value is no category"),
        ({"date": "status"}, "mine.date: outcomes.status holds no dates"),
        ({"count": "changes", "date": "change_date"}, "rows of changes do not belong"),
        (
            {"count": "contacts", "date": "contact_date", "where": {"attended": "no"}},
            "mine.where: attended is 'true' or 'false', not 'no'",
        ),
    ],
)
def test_an_own_measure_that_cannot_be_counted_says_why(workspace, measure, message):
    with pytest.raises(SettingsError, match=message):
        measures.names(own(workspace, **measure))


def test_an_own_measure_whose_value_never_occurs_is_not_nought(workspace):
    about = measures.definition(own(workspace, where={"outcome": "arest"}), "mine")
    assert about.why_not == (
        "measures.mine.where names 'arest', and outcomes.outcome never is. Did you mean 'arrest'?"
    )


# --- names, targets, what is not possible


def test_what_the_export_does_not_allow_is_left_out_and_explained(workspace):
    data = workspace(
        enrolments=[enrolled("e1", "2025-01-01", "2025-01-20", exit_reason="Lost Contact")],
        contacts=[contact("e1", "2025-01-05", True)],
        settings={"exits": {"disengagement": ["Lost contact"]}},
    )
    assert measures.names(data) == ["starts", "caseload", "contacts per client-week", "exits"]
    why = measures.dictionary(data).set_index("measure")["why_not"]
    assert why["referrals"] == "enrolments.referral_date is empty in every row."
    assert why["actions overdue"] == "it has no table actions."
    assert why["attendance rate"] == (
        "contacts.attended is never false: only what was kept seems to be recorded."
    )
    assert why["disengagement rate"] == (
        "exits.disengagement names 'Lost contact', and enrolments.exit_reason never is. "
        "Did you mean 'Lost Contact'?"
    )
    assert why["starts"] == ""
    with pytest.raises(DataError, match="success rate: this export does not allow the measure: it"):
        measures.build(data, "success rate")


def test_settings_choose_the_measures_and_their_order(referred, workspace):
    rows = [enrolled("e1", "2025-01-01")]
    chosen = {"reporting": {"measures": ["caseload", "referrals", "starts"]}}
    assert measures.names(workspace(enrolments=rows, settings=chosen)) == ["caseload", "starts"]


def test_a_misspelt_measure_comes_with_the_nearest_name(workspace, referred):
    with pytest.raises(SettingsError, match=r"no measure 'referals'. Did you mean 'referrals'\?"):
        measures.build(referred, "referals")
    with pytest.raises(SettingsError, match=r"reporting.measures: .* Did you mean 'caseload'\?"):
        measures.names(workspace(settings={"reporting": {"measures": ["case load"]}}))
    wrong = {"measures": {"atendance rate": {"target": 0.8}}}
    with pytest.raises(SettingsError, match=r"no `count`. Did you mean 'attendance rate'\?"):
        measures.names(workspace(settings=wrong))
    with pytest.raises(SettingsError, match=r"no 'monthly'. Did you mean 'month'\?"):
        measures.build(referred, "starts", interval="monthly")


def test_a_target_is_the_settings_own_or_the_promise_in_force(workspace):
    promises = [
        {"measure": "starts", "value": 10, "start_date": "2024-01-01", "end_date": "2024-12-31"},
        {"measure": "starts", "value": 20, "start_date": "2025-01-01"},
        {"measure": "starts", "value": 30, "start_date": "2026-01-01"},
        {"measure": "exits", "value": 5},
        {"measure": "start", "value": 5},
    ]
    settings = {"measures": {"exits": {"target": 7, "better": "down"}}}
    data = workspace(enrolments=[enrolled("e1", "2025-01-01")], targets=promises, settings=settings)
    assert measures.definition(data, "starts").target == 20
    assert measures.definition(data, "exits").target == 7
    assert measures.definition(data, "exits").better == "down"
    stray = measures.dictionary(data).iloc[-1]
    assert stray["measure"] == "start"
    assert stray["why_not"].endswith("it is no measure. Did you mean 'starts'?")


def test_every_definition_says_in_words_what_it_counts(workspace):
    table = measures.dictionary(workspace())
    assert table["meaning"].str.endswith(".").all()
    assert (table["numerator"] != "").all()
    shares = table["kind"].isin(["proportion", "rate", "mean"])
    assert (table.loc[shares, "denominator"] != "").all()


# --- what may be published


def test_a_published_table_is_protected_and_works_from_released_numbers(many):
    data, *_ = many
    table = measures.measures_table(data)
    assert is_protected(table)
    assert list(table.columns) == [
        "measure",
        "interval",
        "numerator",
        "denominator",
        "value",
        "complete",
        "note",
    ]
    rate = table[table["measure"] == "contacts per client-week"].dropna()
    assert (rate["value"] == rate["numerator"] / rate["denominator"]).all()
    assert (rate["denominator"] % 5 == 0).all()
    share = table[table["measure"] == "attendance rate"].dropna()
    assert (share["value"] == share["numerator"] / share["denominator"]).all()
    counts = table[table["measure"].isin(["starts", "caseload"])]
    assert (counts["value"].dropna() == counts["numerator"].dropna()).all()
    assert counts["value"].isna().any()
    assert (counts["note"] == "[c]").eq(counts["value"].isna()).all()


def test_a_published_table_by_group_has_the_group_and_never_a_worker(many, workspace):
    data, *_ = many
    table = measures.measures_table(data, ["caseload"], by="programme", history=3)
    assert is_protected(table)
    assert list(table.columns[:3]) == ["measure", "programme", "interval"]
    assert len(table) == 6
    rows = [{"enrolment_id": "e1", "caseworker_id": "w1", "start_date": "2025-01-01"}]
    with pytest.raises(DataError, match="caseworker_id"):
        measures.measures_table(
            workspace(enrolments=[enrolled("e1", "2025-01-01")], assignments=rows),
            ["caseload"],
            by="caseworker_id",
        )


def test_a_mean_is_published_without_its_sum(workspace):
    rows = [
        enrolled(f"e{i}", "2025-01-20", referral_date=f"2025-01-{1 + i % 9:02d}") for i in range(40)
    ]
    table = measures.measures_table(
        workspace(enrolments=rows, as_of="2025-01-31"), ["days from referral to start"]
    )
    assert figures(table, "numerator", "denominator") == {"2025-01": (None, 40)}
    exact = sum(19 - i % 9 for i in range(40)) / 40
    assert exact == 15.25
    assert table["value"].iloc[0] == 15.2  # to one decimal, among 40


def test_without_any_measure_there_is_no_table(workspace):
    with pytest.raises(DataError, match="measures: this export allows none"):
        measures.measures_table(workspace())
