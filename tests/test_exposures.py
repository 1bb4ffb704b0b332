"""What was known of each enrolment by a day of its stay, and the groups that it belongs to."""

import os
from pathlib import Path

import pandas as pd
import pytest

from workbench import EVERYONE, exposures, groups, settings
from workbench import open as open_workspace
from workbench.analyses import comparison
from workbench.errors import DataError, SettingsError

ROOT = Path(__file__).parents[1]
DATA = os.environ.get("WORKBENCH_DATA")
real = pytest.mark.skipif(not DATA, reason="WORKBENCH_DATA is not set: no real data here")
START = "2025-01-01"
OUTCOMES = {"success": ["home"], "horizon_days": 180}


def on(day):
    """A day of a stay that began on the first of January, as a date."""
    return str(pd.Timestamp(START) + pd.Timedelta(days=day))[:10]


def stay(name, **own):
    return {"enrolment_id": name, "start_date": START, **own}


def home(name, day, status="achieved"):
    return {"enrolment_id": name, "outcome": "home", "outcome_date": on(day), "status": status}


def contact(name, day, **own):
    return {"enrolment_id": name, "contact_date": on(day), "attended": True, **own}


@pytest.fixture
def charity(workspace):
    """A workspace with outcomes; without any given, one of somebody who is not compared."""

    def build(enrolments, outcomes=(), **given):
        chosen = {"outcomes": OUTCOMES} | given.pop("settings", {})
        return workspace(
            enrolments=enrolments,
            outcomes=list(outcomes) or [home("nobody", 0, "not known")],
            settings=chosen,
            **given,
        )

    return build


# --- stays ----------------------------------------------------------------------------------------


def test_a_stay_is_an_enrolment_that_started_with_its_days_counted_from_the_start(charity):
    data = charity(
        [
            stay("left", referral_date="2024-12-20", end_date=on(30), exit_reason="Lost"),
            stay("there", start_date="2024-12-30"),
            {"enrolment_id": "never", "referral_date": START},
        ],
        settings={"exits": {"disengagement": ["Lost"]}},
        as_of=on(100),
    )
    found = exposures.stays(data).set_index("enrolment_id")
    assert found.index.tolist() == ["there", "left"]  # first starts first
    assert found["followed_day"].to_dict() == {"there": 102, "left": 100}
    assert found.loc["left", "end_day"] == 30
    assert found.loc["left", ["end_kind", "exit_reason"]].tolist() == ["disengagement", "Lost"]
    assert found.loc["there", ["end_day", "end_kind", "exit_reason"]].isna().all()


def test_somebody_came_with_the_referral_or_else_with_the_start(charity):
    data = charity([stay("referred", referral_date="2024-12-20"), stay("not referred")])
    entry = exposures.stays(data).set_index("enrolment_id")["entry"].astype(str)
    assert entry.to_dict() == {"referred": "2024-12-20", "not referred": START}


def test_an_end_after_the_day_that_can_be_followed_to_is_not_known_yet(charity):
    enrolments = [
        stay("that day", end_date=on(50), exit_reason="Done"),
        stay("the day after", end_date=on(51), exit_reason="Done"),
    ]
    data = charity(enrolments, as_of=on(60), complete_to=on(50), last_day=on(60))
    found = exposures.stays(data).set_index("enrolment_id")
    assert found.loc["that day", "end_day"] == 50
    assert found.loc["the day after", ["end_day", "end_kind", "exit_reason"]].isna().all()


def test_an_end_before_the_start_ends_nothing(charity):
    found = exposures.stays(charity([stay("reversed", end_date="2024-12-01")]))
    assert found["end_day"].isna().all()
    assert found["end_kind"].isna().all()


def test_without_stays_there_is_an_empty_table(charity):
    assert exposures.stays(charity([])).empty


# --- at a landmark --------------------------------------------------------------------------------


def test_who_left_on_the_landmark_is_gone_and_who_left_the_day_after_is_not(charity):
    found = exposures.at_landmark(
        charity([stay("day 83", end_date=on(83)), stay("day 84", end_date=on(84))]), 83
    )
    assert found.day == 83
    assert found.people["enrolment_id"].tolist() == ["day 84"]
    assert found.people["end_day"].tolist() == [84]
    assert found.dropped[exposures.GONE] == 1


def test_what_was_reached_by_the_landmark_is_no_outcome_after_it(charity):
    people = [stay("day 83"), stay("day 84"), stay("never")]
    outcomes = [home("day 83", 83), home("day 84", 84), home("never", 90, "not achieved")]
    found = exposures.at_landmark(charity(people, outcomes), 83)
    success = found.people.set_index("enrolment_id")["success"]
    assert success.to_dict() == {"day 84": 1, "never": 0}
    assert found.dropped[exposures.ACHIEVED] == 1


def test_from_the_start_itself_nobody_is_left_out_for_what_came_after(charity):
    people = [stay("gone", end_date=on(3)), stay("soon"), stay("not said")]
    data = charity(people, [home("soon", 0), home("gone", 60, "not achieved")])
    found = exposures.at_landmark(data, None)
    success = found.people.set_index("enrolment_id")["success"]
    assert (success["soon"], success["gone"]) == (1, 0)
    assert list(found.dropped) == [exposures.EARLY, exposures.TOO_NEW, exposures.AGAIN]
    assert sum(found.dropped.values()) == 0


def test_not_known_is_not_failure(charity):
    people = [stay("not said"), stay("not known"), stay("said before the landmark")]
    outcomes = [
        home("not known", 100, "not known"),
        home("said before the landmark", 20, "not achieved"),
    ]
    found = exposures.at_landmark(charity(people, outcomes), 83)
    assert found.people["success"].isna().tolist() == [True, True, True]


def test_success_is_looked_for_to_the_horizon_and_not_beyond(charity):
    people = [stay("day 180"), stay("day 181")]
    found = exposures.at_landmark(charity(people, [home("day 180", 180), home("day 181", 181)]), 83)
    assert found.people.set_index("enrolment_id")["success"].to_dict() == {
        "day 180": 1,
        "day 181": 0,
    }


def test_who_cannot_be_followed_to_the_horizon_is_too_new(charity):
    people = [stay("180 days"), stay("179 days", start_date=on(1))]
    found = exposures.at_landmark(charity(people, as_of=on(180)), 83)
    assert found.people["enrolment_id"].tolist() == ["180 days"]
    assert found.dropped[exposures.TOO_NEW] == 1


def test_the_reasons_apply_in_order_and_add_up_to_all_who_started(charity):
    people = [
        stay("early", start_date="2024-01-01", end_date="2024-01-05"),
        stay("new", start_date=on(300), end_date=on(301)),
        stay("gone", end_date=on(10)),
        stay("achieved"),
        stay("first", client_id="twice"),
        stay("second", client_id="twice", start_date=on(1)),
        stay("other"),
        {"enrolment_id": "never started", "referral_date": START},
    ]
    outcomes = [home("gone", 5), home("achieved", 40)]
    data = charity(people, outcomes, complete_from="2024-06-01")
    found = exposures.at_landmark(data, 83)
    assert found.dropped == {
        exposures.EARLY: 1,
        exposures.TOO_NEW: 1,
        exposures.GONE: 1,
        exposures.ACHIEVED: 1,
        exposures.AGAIN: 1,
    }
    assert list(found.dropped) == [
        exposures.EARLY,
        exposures.TOO_NEW,
        exposures.GONE,
        exposures.ACHIEVED,
        exposures.AGAIN,
    ]
    assert found.people["enrolment_id"].tolist() == ["first", "other"]
    assert sum(found.dropped.values()) + len(found.people) == len(exposures.stays(data))


def test_a_client_counts_with_the_first_enrolment_that_qualifies(charity):
    people = [
        stay("first", client_id="ann", end_date=on(10)),
        stay("second", client_id="ann", start_date=on(20)),
        stay("third", client_id="ann", start_date=on(30)),
    ]
    found = exposures.at_landmark(charity(people), 83)
    assert found.people["enrolment_id"].tolist() == ["second"]
    assert (found.dropped[exposures.GONE], found.dropped[exposures.AGAIN]) == (1, 1)


def test_another_outcome_can_be_asked_about_and_a_misspelt_one_is_refused(charity):
    work = {**home("e1", 100), "outcome": "work"}
    data = charity([stay("e1")], [work, home("e1", 100, "not achieved")])
    assert exposures.at_landmark(data, 83, ["work"]).people["success"].tolist() == [1]
    assert exposures.at_landmark(data, 83).people["success"].tolist() == [0]
    with pytest.raises(DataError, match=r"no outcome 'wrok'. Did you mean 'work'\?"):
        exposures.at_landmark(data, 83, ["wrok"])


def test_a_landmark_that_leaves_no_day_for_an_outcome_is_refused(charity):
    data = charity([stay("e1")])
    assert len(exposures.at_landmark(data, 179).people) == 1
    with pytest.raises(DataError) as problem:
        exposures.at_landmark(data, 180)
    assert str(problem.value) == (
        "landmark: outcomes count after day 180, and by horizon_days only to day 180: no day is "
        "left. Ask about an earlier day, or set horizon_days under [outcomes]."
    )


def test_without_outcomes_or_success_in_the_settings_nobody_can_be_judged(workspace):
    with pytest.raises(DataError, match="outcomes: this export has no such table"):
        exposures.at_landmark(workspace(enrolments=[stay("e1")]), 83)
    with pytest.raises(SettingsError, match=r"outcomes\.success: no outcome is named"):
        exposures.at_landmark(workspace(enrolments=[stay("e1")], outcomes=[home("e1", 9)]), 83)


def test_nobody_at_the_landmark_is_an_empty_table_with_its_columns(charity):
    found = exposures.at_landmark(charity([stay("gone", end_date=on(3))]), 83)
    assert found.people.empty
    assert found.people.columns.tolist() == [
        "enrolment_id",
        "client_id",
        "start_date",
        "entry",
        "end_day",
        "success",
        "caseworker_id",
    ]


# --- contacts -------------------------------------------------------------------------------------


def test_contacts_a_week_are_those_of_the_first_weeks_only(charity):
    days = (-1, 0, 13, 14)  # the first two weeks are days 0 to 13
    data = charity([stay("seen"), stay("not seen")], contacts=[contact("seen", d) for d in days])
    people = pd.DataFrame({"enrolment_id": ["not seen", "seen"]})
    assert exposures.contacts_per_week(data, people, 2).tolist() == [0, 1]


def test_offered_contacts_count_unless_only_those_kept_are_asked_for(charity):
    contacts = [
        contact("e1", 1),
        contact("e1", 2, attended=False),
        contact("e1", 3, attended=None),
    ]
    data = charity([stay("e1")], contacts=contacts)
    people = exposures.stays(data)
    assert exposures.contacts_per_week(data, people, 1).tolist() == [3]
    assert exposures.contacts_per_week(data, people, 1, attended_only=True).tolist() == [2]


def test_only_some_channels_can_be_asked_for_and_a_misspelt_one_is_refused(charity):
    contacts = [contact("e1", 1, channel="phone"), contact("e1", 2, channel="face to face")]
    data = charity([stay("e1")], contacts=contacts)
    people = exposures.stays(data)
    assert exposures.contacts_per_week(data, people, 1, ["phone"]).tolist() == [1]
    with pytest.raises(DataError, match=r"there is no channel 'fone'. Did you mean 'phone'\?"):
        exposures.contacts_per_week(data, people, 1, ["fone"])


def test_notes_about_a_client_are_no_contacts(charity):
    contacts = [contact("e1", 1, channel="note"), contact("e1", 2, channel="phone")]
    data = charity(
        [stay("e1")], contacts=contacts, settings={"contacts": {"administrative": ["note"]}}
    )
    assert exposures.contacts_per_week(data, exposures.stays(data), 1).tolist() == [1]


def test_what_is_asked_of_contacts_changes_nothing_in_the_table_of_people(charity):
    data = charity([stay("e1")], contacts=[contact("e1", 1)])
    people = exposures.stays(data)
    before = people.copy()
    exposures.contacts_per_week(data, people, 1)
    exposures.case_mix(data, people, ["programme"])
    pd.testing.assert_frame_equal(people, before)


def test_the_first_contact_is_the_first_kept_one_since_the_start(charity):
    contacts = [
        contact("e1", -2),
        contact("e1", 3, attended=False),
        contact("e1", 5),
        contact("e1", 9),
        contact("missed all", 3, attended=False),
    ]
    data = charity([stay("e1"), stay("missed all")], contacts=contacts)
    assert exposures.first_contact_days(data).to_dict() == {"e1": 5}


# --- supports, caseworkers ------------------------------------------------------------------------


SUPPORTS = [
    {"enrolment_id": "later", "support": "advice", "start_date": on(20)},
    {"enrolment_id": "later", "support": "advice", "start_date": on(12)},
    {"enrolment_id": "before", "support": "advice", "start_date": on(-10)},
    {"enrolment_id": "planned", "support": "advice", "start_date": on(200)},
    {"enrolment_id": "other", "support": "group", "start_date": on(1)},
]


def test_a_support_starts_on_its_first_day_which_may_be_before_the_stay(charity):
    people = [stay(name) for name in ("later", "before", "planned", "other")]
    data = charity(people, supports=SUPPORTS, as_of=on(199))
    assert exposures.support_days(data, "advice").to_dict() == {"later": 12, "before": -10}


def test_a_support_that_does_not_occur_is_refused(charity):
    data = charity([stay("later")], supports=SUPPORTS)
    with pytest.raises(DataError, match=r"there is no support 'advise'. Did you mean 'advice'\?"):
        exposures.support_days(data, "advise")
    with pytest.raises(DataError, match="supports: this export has no such table"):
        exposures.support_days(charity([stay("e1")]), "advice")


def held(name, worker, day):
    return {"enrolment_id": name, "caseworker_id": worker, "start_date": on(day)}


def test_the_first_holder_is_who_held_the_case_first(charity):
    assignments = [
        held("e1", "zoe", 0),
        held("e1", "bob", 30),
        held("same day", "cem", 0),
        held("same day", "amy", 0),
        held("planned", "bob", 300),
    ]
    people = [stay("e1"), stay("same day"), stay("planned"), stay("nobody's")]
    data = charity(people, assignments=assignments, as_of=on(200))
    assert exposures.first_holder(data).to_dict() == {"e1": "zoe", "same day": "amy"}
    held_by = exposures.at_landmark(data, 83).people.set_index("enrolment_id")["caseworker_id"]
    assert held_by[["e1", "same day"]].tolist() == ["zoe", "amy"]
    assert held_by[["planned", "nobody's"]].isna().all()


def test_without_assignments_nobody_is_said_to_hold_a_case(charity):
    data = charity([stay("e1")])
    assert exposures.first_holder(data).empty
    assert exposures.at_landmark(data, 83).people["caseworker_id"].isna().all()


# --- case mix and groups --------------------------------------------------------------------------


ATTRIBUTES = {
    "need": {"case_mix": True},
    "score": {"kind": "number", "case_mix": True},
    "homeless": {"kind": "boolean", "case_mix": True},
    "debts": {"table": "enrolments", "kind": "number", "case_mix": True},
    "shoe": {},
}
CLIENTS = [
    {"client_id": "ann", "need": "high", "score": 3.5, "homeless": True, "gender": "F"},
    {"client_id": "bea", "gender": "M", "birth_date": "1990-01-01"},
]


@pytest.fixture
def two(charity):
    return charity(
        [stay("a", client_id="ann", debts=2), stay("b", client_id="bea")],
        clients=CLIENTS,
        settings={"attributes": ATTRIBUTES},
    )


def test_the_case_mix_is_what_settings_mark_numbers_as_numbers_and_the_rest_in_words(two):
    people = exposures.stays(two)
    mix = exposures.case_mix(two, people)
    assert mix.columns.tolist() == ["need", "score", "homeless", "debts"]
    assert mix["need"].tolist() == ["high", "not recorded"]
    assert mix["homeless"].tolist() == ["yes", "not recorded"]
    assert mix["score"].fillna(-1).tolist() == [3.5, -1]
    assert mix["debts"].fillna(-1).tolist() == [2, -1]


def test_the_case_mix_keeps_the_order_and_index_of_the_people(two):
    people = exposures.stays(two).iloc[::-1].set_axis([7, 3])
    mix = exposures.case_mix(two, people, ["need", "score"])
    assert mix.index.tolist() == [7, 3]
    assert mix["need"].tolist() == ["not recorded", "high"]
    assert mix["score"].isna().tolist() == [True, False]


def test_other_attributes_can_be_named_and_a_misspelt_one_is_refused(two):
    people = exposures.stays(two)
    mix = exposures.case_mix(two, people, ["gender", "age_band", "programme"])
    assert mix["gender"].tolist() == ["F", "M"]
    assert mix["age_band"].tolist() == ["not recorded", "35 to 49"]
    with pytest.raises(DataError, match=r"cannot be grouped by 'gendre'. Did you mean 'gender'\?"):
        exposures.case_mix(two, people, ["gendre"])


def test_without_case_mix_in_the_settings_there_are_no_columns_and_everyone_is_there(charity):
    data = charity([stay("e1"), stay("e2")])
    assert exposures.case_mix(data, exposures.stays(data)).shape == (2, 0)


def test_clients_can_be_told_apart_by_what_varies_and_may_be_compared(charity):
    people = [
        stay("a", client_id="ann", site="north", programme="Homes"),
        stay("b", client_id="bea", site="south", programme="Homes"),
    ]
    clients = [
        {"client_id": "ann", "gender": "F", "need": "high", "birth_date": "1990-01-01"},
        {"client_id": "bea", "gender": "M", "need": "low"},
    ]
    attributes = {"need": {"compare": False}}
    data = charity(people, clients=clients, settings={"attributes": attributes})
    assert groups.attributes(data) == ["site", "gender", "age_band"]


def test_what_has_more_than_thirty_values_is_not_offered_and_refused(charity):
    people = [stay(f"e{i}", site=f"site {i}") for i in range(31)]
    data = charity(people)
    assert "site" not in groups.attributes(data)
    with pytest.raises(DataError, match="site has 31 different values"):
        groups.labelled(data, exposures.stays(data), "site")


def test_teams_are_offered_where_there_are_assignments_and_staff_and_caseworkers_never(charity):
    staff = [{"caseworker_id": "amy", "team": "West"}, {"caseworker_id": "bob", "team": "East"}]
    assignments = [
        held("e1", "amy", 0),
        held("e1", "bob", 40),
        held("e2", "amy", 0),
        held("e2", "bob", 0),
    ]
    people = [stay("e1"), stay("e2"), stay("e3")]
    data = charity(people, assignments=assignments, staff=staff)
    assert groups.attributes(data) == ["team"]
    found = groups.labelled(data, exposures.stays(data), "team").set_index("enrolment_id")["group"]
    assert found.to_dict() == {"e1": "West", "e2": "East", "e3": "not recorded"}


# --- exports that others made ---------------------------------------------------------------------


@pytest.fixture
def opened(tmp_path, monkeypatch):
    def build(example, place):
        monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
        chosen = settings.read(ROOT / "settings" / f"{example}.toml").with_path(Path(DATA) / place)
        return open_workspace(chosen, scope=EVERYONE)

    return build


@real
def test_an_export_without_outcomes_tells_stays_and_says_what_is_missing(opened):
    data = opened("salesforce-pmm", "salesforce-pmm")
    assert len(exposures.stays(data)) == 73
    assert len(exposures.first_contact_days(data)) == 21
    for day in (None, 56):
        with pytest.raises(DataError) as problem:
            exposures.at_landmark(data, day)
        assert str(problem.value) == (
            "outcomes: this export has no such table, and the question needs it. "
            "Add a section [sources.outcomes] to the settings."
        )


@real
def test_an_export_without_caseworkers_tells_who_is_there_at_a_landmark(opened):
    data = opened("hmis-demo", "hmis-eva-demo/export.zip")
    started = exposures.stays(data)
    found = exposures.at_landmark(data, 56)
    assert found.people["client_id"].is_unique
    assert sum(found.dropped.values()) + len(found.people) == len(started) == 4_533
    assert found.people["caseworker_id"].isna().all()
    mix = exposures.case_mix(data, found.people)
    assert len(mix) == len(found.people)
    assert mix.select_dtypes("str").notna().all().all()


# --- what clients can be told apart by ----------------------------------------------------------


@pytest.mark.parametrize(("teams", "offered"), [(1, False), (2, True), (30, True), (31, False)])
def test_teams_are_offered_where_there_are_some_but_not_too_many(workspace, teams, offered):
    data = workspace(
        enrolments=[{"enrolment_id": f"e{n}", "start_date": "2025-01-02"} for n in range(teams)],
        assignments=[
            {"enrolment_id": f"e{n}", "caseworker_id": f"w{n}", "start_date": "2025-01-02"}
            for n in range(teams)
        ],
        staff=[{"caseworker_id": f"w{n}", "team": f"team {n}"} for n in range(teams)],
    )
    assert ("team" in groups.attributes(data)) is offered
    told = comparison.questions(data)["question"]
    assert told.str.startswith("team: ").any() == offered
