"""What counts as contact, end and success, and who held a case when."""

import datetime

import pandas as pd
import pytest

from workbench import definitions
from workbench.errors import DataError, SettingsError


def ids(table, column="enrolment_id"):
    return sorted(table.to_pandas()[column])


# --- contacts


CONTACTS = [
    {"contact_id": "visit", "channel": "face to face", "attended": True},
    {"contact_id": "missed", "channel": "face to face", "attended": False},
    {"contact_id": "not said", "channel": "phone", "attended": None},
    {"contact_id": "note", "channel": "administrative note", "attended": None},
    {"contact_id": "group", "channel": "face to face", "attended": True, "group_session": True},
    {"contact_id": "no channel", "channel": None, "attended": True},
    {"contact_id": "tomorrow", "channel": "phone", "attended": True, "contact_date": "2025-02-01"},
]


@pytest.fixture
def contacts(workspace):
    def build(**settings):
        rows = [{"enrolment_id": "e1", "contact_date": "2025-01-10"} | each for each in CONTACTS]
        return workspace(
            enrolments=[{"enrolment_id": "e1", "start_date": "2025-01-01"}],
            contacts=rows,
            settings={"contacts": settings},
            as_of="2025-01-31",
        )

    return build


def test_without_settings_everything_by_the_as_of_date_is_a_contact(contacts):
    data = contacts()
    everything = ["group", "missed", "no channel", "not said", "note", "visit"]
    assert ids(definitions.contacts(data), "contact_id") == everything
    assert ids(definitions.offered(data), "contact_id") == everything


def test_kept_is_all_that_was_not_missed(contacts):
    kept = definitions.kept(contacts())
    assert ids(kept, "contact_id") == ["group", "no channel", "not said", "note", "visit"]


def test_administrative_notes_and_group_sessions_are_left_out_where_settings_say_so(contacts):
    data = contacts(administrative=["administrative note"], group_sessions=False)
    counted = definitions.contacts(data)
    assert ids(counted, "contact_id") == ["missed", "no channel", "not said", "visit"]


def test_where_channels_are_listed_only_these_count(contacts):
    counted = definitions.contacts(contacts(channels=["phone"]))
    assert ids(counted, "contact_id") == ["not said"]


# --- enrolments and how they end


ENROLMENTS = [
    {"enrolment_id": "open", "start_date": "2025-01-05"},
    {
        "enrolment_id": "gone",
        "start_date": "2025-01-05",
        "end_date": "2025-01-20",
        "exit_reason": "Lost contact",
    },
    {
        "enrolment_id": "done",
        "start_date": "2025-01-05",
        "end_date": "2025-01-31",
        "exit_reason": "Completed",
    },
    {"enrolment_id": "moved", "start_date": "2025-01-05", "end_date": "2025-01-21"},
    {
        "enrolment_id": "other",
        "start_date": "2025-01-05",
        "end_date": "2025-01-22",
        "exit_reason": "Something new",
    },
    {
        "enrolment_id": "later",
        "start_date": "2025-01-05",
        "end_date": "2025-02-01",
        "exit_reason": "Completed",
    },
    {"enrolment_id": "waiting", "referral_date": "2025-01-30", "start_date": "2025-02-01"},
    {"enrolment_id": "unheard of", "referral_date": "2025-02-01"},
]
EXITS = {"exits": {"disengagement": ["Lost contact"], "completion": ["Completed"]}}


@pytest.fixture
def enrolled(workspace):
    return workspace(enrolments=ENROLMENTS, settings=EXITS, as_of="2025-01-31")


def test_what_happens_after_the_as_of_date_is_not_known(enrolled):
    known = definitions.enrolments(enrolled).to_pandas().set_index("enrolment_id")
    assert "unheard of" not in known.index
    assert pd.isna(known.loc["waiting", "start_date"])
    assert known.loc["later", ["end_date", "exit_reason"]].isna().all()
    assert ids(definitions.starts(enrolled)) == ["done", "gone", "later", "moved", "open", "other"]


def test_ends_say_what_the_exit_reason_means(enrolled):
    ends = definitions.ends(enrolled).to_pandas().set_index("enrolment_id")["end_kind"]
    assert ends.to_dict() == {
        "gone": "disengagement",
        "done": "completion",
        "moved": "not said",
        "other": "not said",
    }


def test_exit_reasons_that_settings_do_not_name_are_counted(enrolled):
    unnamed = definitions.unnamed_exit_reasons(enrolled)
    assert unnamed.to_dict("records") == [{"exit_reason": "Something new", "enrolments": 1}]


# --- success


def outcome(enrolment, day, status="achieved", kind="housed"):
    return {"enrolment_id": enrolment, "outcome": kind, "outcome_date": day, "status": status}


@pytest.fixture
def judged(workspace):
    def build(**more):
        names = ["on the day", "a day late", "said no", "unsure", "silent", "too early", "else"]
        rows = [{"enrolment_id": each, "start_date": "2025-01-01"} for each in names]
        rows += [{"enrolment_id": "too young", "start_date": "2025-02-02"}]
        outcomes = [
            outcome("on the day", "2025-01-31"),
            outcome("on the day", "2025-01-15", "not achieved"),
            outcome("a day late", "2025-02-01"),
            outcome("said no", "2025-01-10", "not achieved"),
            outcome("said no", "2025-01-12", "not known"),
            outcome("unsure", "2025-01-10", "not known"),
            outcome("too early", "2024-12-31"),
            outcome("else", "2025-01-10", kind="arrest"),
            outcome("silent", "2025-03-04", "not achieved"),
        ]
        settings = {"outcomes": {"success": ["housed"], "horizon_days": 30}}
        return workspace(
            **{
                "enrolments": rows,
                "outcomes": outcomes,
                "settings": settings,
                "as_of": "2025-03-03",
                **more,
            }
        )

    return build


def successes(data, by_day=None):
    rows = definitions.success(data, by_day).to_pandas().set_index("enrolment_id")["success"]
    return {name: None if pd.isna(value) else int(value) for name, value in rows.items()}


def test_success_is_achieved_within_the_horizon_and_not_known_is_not_failure(judged):
    assert successes(judged()) == {
        "on the day": 1,
        "a day late": 0,
        "said no": 0,
        "unsure": None,
        "silent": None,
        "too early": None,
        "else": None,
    }


def test_a_horizon_counts_from_the_day_it_ends(judged):
    assert "too young" in successes(judged(as_of="2025-03-04"))
    assert successes(judged(as_of="2025-01-30")) == {}


def test_success_can_be_judged_by_what_was_known_on_an_earlier_day(judged):
    assert successes(judged(), datetime.date(2025, 1, 31))["a day late"] is None


def test_success_needs_a_named_outcome_and_the_table(judged, workspace):
    with pytest.raises(SettingsError, match=r"outcomes.success: no outcome is named"):
        definitions.success(judged(settings={}))
    with pytest.raises(DataError, match="outcomes: this export has no such table"):
        definitions.success(workspace())


# --- groups and holders


STAFF = [
    {"caseworker_id": "w1", "team": "North"},
    {"caseworker_id": "w2", "team": "North"},
    {"caseworker_id": "w3", "team": "South"},
]


def held(enrolment, worker, start, end=None):
    return {
        "enrolment_id": enrolment,
        "caseworker_id": worker,
        "start_date": start,
        "end_date": end,
    }


@pytest.fixture
def holding(workspace):
    return workspace(
        enrolments=[{"enrolment_id": "e1", "start_date": "2025-01-01"}],
        staff=STAFF,
        assignments=[
            held("e1", "w1", "2025-01-01", "2025-01-10"),
            held("e1", "w2", "2025-01-08", "2025-01-15"),
            held("e1", "w1", "2025-01-12", "2025-01-13"),
            held("e1", "w3", "2025-01-15", "2025-01-20"),
            held("e1", "w1", "2025-01-25"),
            held("e1", "w3", "2025-02-02"),
        ],
        as_of="2025-01-31",
    )


def test_a_team_holds_a_case_once_however_many_of_it_do(holding):
    rows = definitions.holders(holding, "team").order_by("start_date").to_pandas().astype(str)
    assert rows[["team", "start_date", "end_date"]].to_numpy().tolist() == [
        ["North", "2025-01-01", "2025-01-15"],
        ["South", "2025-01-15", "2025-01-20"],
        ["North", "2025-01-25", "2025-01-31"],
    ]
    assert len(definitions.holders(holding, "caseworker_id").to_pandas()) == 5


def test_an_event_belongs_to_whoever_held_the_case_that_day(holding):
    contacts = holding.tables.enrolments.select("enrolment_id")
    for day, teams in {
        "2025-01-09": ["North"],
        "2025-01-15": ["North", "South"],
        "2025-01-22": ["not assigned"],
    }.items():
        events = contacts.mutate(day=pd.Timestamp(day).date())
        assert ids(definitions.with_group(holding, events, "team"), "team") == teams


def test_time_open_is_split_among_those_who_held_the_case(holding):
    spells = definitions.spells(holding, "team").to_pandas()
    days = (spells["end_date"] - spells["start_date"]).dt.days + 1
    assert days.groupby(spells["team"]).sum().to_dict() == {"North": 22, "South": 6}
    whole = definitions.spells(holding).to_pandas()
    assert str(whole["end_date"].iloc[0].date()) == "2025-01-31"


def test_groups_are_text_and_empty_is_said(workspace):
    data = workspace(
        clients=[{"client_id": "c1", "gender": "Female"}, {"client_id": "c2"}],
        enrolments=[
            {"enrolment_id": "e1", "client_id": "c1", "start_date": "2025-01-01", "eligible": True},
            {"enrolment_id": "e2", "client_id": "c2", "start_date": "2025-01-01"},
        ],
    )
    assert ids(definitions.spells(data, "gender"), "gender") == ["Female", "not recorded"]
    assert ids(definitions.spells(data, "eligible"), "eligible") == ["not recorded", "yes"]


def test_what_cannot_be_grouped_by_comes_with_the_nearest_name(workspace, holding):
    data = workspace(settings={"attributes": {"area": {}, "score": {"kind": "number"}}})
    with pytest.raises(DataError, match=r"nothing called 'gendr' .* Did you mean 'gender'\?"):
        definitions.spells(data, "gendr")
    with pytest.raises(DataError, match="assignments: this export has no such table"):
        definitions.spells(data, "team")
    names = definitions.groupings(data)
    assert names["area"] == "clients"
    assert names["programme"] == "enrolments"
    assert not {"score", "birth_date", "client_id", "team"} & set(names)
    assert definitions.groupings(holding)["team"] == "assignments"
