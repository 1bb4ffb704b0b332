"""A client's own summary: exact, of one person, for whoever holds the case, and fit to be read."""

import re
from dataclasses import replace
from datetime import date

import pytest

from workbench import EVERYONE, Scope
from workbench.analyses import client_summary
from workbench.errors import AccessError
from workbench.staff import printing
from workbench.words import client_summary as said

EVIL = "<script>alert(1)</script>"


def contact(day, attended, enrolment="e1", **more):
    return {"enrolment_id": enrolment, "contact_date": day, "attended": attended, **more}


@pytest.fixture
def mine(workspace):
    """One worker's own records: c1 with contacts of each kind, c2 with none."""
    made = workspace(
        settings={
            "outcomes": {"success": ["home"]},
            "contacts": {"administrative": ["note"]},
            "exits": {"disengagement": ["Lost contact"]},
        },
        as_of="2025-12-10",
        enrolments=[
            {
                "enrolment_id": "e1", "client_id": "c1", "programme": EVIL,
                "start_date": "2024-10-01",
            },
            {
                "enrolment_id": "e3", "client_id": "c1", "programme": "Second",
                "start_date": "2025-11-01", "end_date": "2025-11-20", "exit_reason": "Lost contact",
            },
            {"enrolment_id": "e2", "client_id": "c2", "start_date": "2025-12-01"},
            {"enrolment_id": "e4", "client_id": "c4", "start_date": "2026-01-01"},
        ],
        contacts=[
            contact("2024-10-05", True, channel="phone"),
            contact("2024-11-05", False, channel="phone"),
            contact("2025-10-01", True, channel="phone"),
            contact("2025-10-02", True, channel="=cmd()"),
            contact("2025-10-03", None, channel="phone"),
            contact("2025-12-01", False, channel="phone"),
            contact("2025-12-02", True, enrolment="e3", group_session=True),
            contact("2025-12-03", True, channel="note"),
            contact("2025-12-11", True, channel="phone"),
        ],
        supports=[
            {"enrolment_id": "e1", "support": "advice", "start_date": "2025-10-01"},
            {
                "enrolment_id": "e1", "support": "=cmd()", "start_date": "2025-09-01",
                "end_date": "2025-09-30",
            },
            {"enrolment_id": "e1", "support": "later", "start_date": "2025-12-11"},
        ],
        outcomes=[
            {"enrolment_id": "e1", "outcome": name, "outcome_date": day, "status": status}
            for name, day, status in (
                ("home", "2025-11-11", "achieved"),
                ("home", "2025-10-11", "not achieved"),
                ("arrest", "2025-10-12", "achieved"),
                ("home", "2025-12-11", "achieved"),
            )
        ],
    )  # fmt: skip
    return replace(made, scope=Scope("W1", frozenset(["W1"]), own=True))


def test_appointments_are_counted_exactly_by_month_and_by_kind(mine):
    found = client_summary.summary(mine, "c1")
    assert found.sentence == (
        "4 of 7 appointments were kept; 2 were missed and for 1 it is not on record."
    )
    table = found.attendance.set_index("month")
    assert list(table.index) == ["Earlier", *MONTHS]
    assert table.loc["Earlier"].tolist() == [2, 1, 1, 0]
    assert table.loc["October 2025"].tolist() == [3, 2, 0, 1]
    assert table.loc["November 2025"].tolist() == [0, 0, 0, 0]
    assert table.loc["December 2025"].tolist() == [2, 1, 1, 0]
    assert table["offered"].sum() == 7
    assert found.kinds.to_numpy().tolist() == [["phone", 2], ["=cmd()", 1], ["group session", 1]]


MONTHS = [
    "January 2025", "February 2025", "March 2025", "April 2025", "May 2025", "June 2025",
    "July 2025", "August 2025", "September 2025", "October 2025", "November 2025", "December 2025",
]  # fmt: skip


def test_support_stays_and_what_was_achieved(mine):
    found = client_summary.summary(mine, "c1", date(2025, 12, 24))
    assert found.made == date(2025, 12, 24)
    assert found.known_to == date(2025, 12, 10)
    assert found.stays.to_numpy().tolist() == [
        [EVIL, "1 October 2024", "still with us"],
        ["Second", "1 November 2025", "20 November 2025"],
    ]
    assert found.supports.to_numpy().tolist() == [
        ["=cmd()", "1 September 2025", "30 September 2025"],
        ["advice", "1 October 2025", "still going on"],
    ]
    assert found.outcomes.to_numpy().tolist() == [["home", "11 November 2025"]]


def test_nothing_that_could_harm_the_client_is_on_it(mine):
    html = printing.sheet(client_summary.summary(mine, "c1"))
    for word in ("arrest", "Lost contact", "not achieved", "risk score", "c2"):
        assert word not in html


def test_somebody_with_nothing_on_record_yet_gets_a_page_too(mine):
    found = client_summary.summary(mine, "c2")
    assert found.sentence == said.NO_CONTACTS
    html = printing.sheet(found)
    for sentence in (said.NO_CONTACTS, said.NO_SUPPORTS, said.NO_OUTCOMES):
        assert sentence in html


def test_a_client_of_somebody_else_and_one_that_there_is_not_are_refused_alike(mine):
    messages = set()
    for client in ("c4", "nobody", "", EVIL, "c1' or 1=1"):
        with pytest.raises(AccessError) as refused:
            client_summary.summary(mine, client)
        messages.add(str(refused.value))
    assert messages == {said.NOT_YOURS}


def test_it_is_for_the_caseworker_who_holds_the_case(mine):
    for scope in (EVERYONE, Scope("North", frozenset(["W1"]))):
        for refused in (client_summary.summary, lambda data, _: client_summary.clients(data)):
            with pytest.raises(AccessError, match="the caseworker who holds the case"):
                refused(replace(mine, scope=scope), "c1")


def test_without_supports_and_outcomes_in_the_export_it_says_nothing_of_them(workspace):
    made = workspace(
        as_of="2025-12-10",
        enrolments=[{"enrolment_id": "e1", "client_id": "c1", "start_date": "2025-10-01"}],
    )
    found = client_summary.summary(replace(made, scope=Scope("W", frozenset("W"), own=True)), "c1")
    assert not len(found.supports)
    assert not len(found.outcomes)
    assert said.NO_OUTCOMES in printing.sheet(found)


def test_the_sheet_says_whose_it_is_and_leaves_room_to_sign(mine):
    found = client_summary.summary(mine, "c1", date(2025, 12, 24))
    html = printing.sheet(found)
    assert "<dd>c1</dd>" in html
    assert "24 December 2025" in html
    assert "10 December 2025" in html
    for words in (said.SIGNED, said.AGREED, *said.SAYS_NOT, found.sentence):
        assert words in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert len(re.findall("<h1>", html)) == 1


def test_what_was_not_recorded_has_a_column_only_where_there_is_any(mine):
    assert said.LABELS["not_recorded"] in printing.sheet(client_summary.summary(mine, "c1"))
    assert said.LABELS["not_recorded"] not in printing.sheet(client_summary.summary(mine, "c2"))


@pytest.mark.parametrize(
    "link",
    [
        {"client": [b"c4"]},
        {"client": [b"nobody"]},
        {"client": [b"c1", b"c2"]},
        {"client": [EVIL.encode()]},
        {"client": [b"\xff"]},
        {"client": [b"c" * 500]},
        {"client": [b"c1"], "whom": [b"W2"]},
        {"whom": [b"W2"]},
    ],
    ids=str,
)
def test_a_forged_link_gives_one_s_own_list_and_one_sentence(mine, link):
    html, is_summary = printing.shown(mine, link)
    assert not is_summary
    assert "There is no client of that id among those whose cases you may see." in html
    assert re.findall(r"client=(\w+)", html) == ["c1", "c2"]
    assert "alert(1)" not in html


def test_a_link_to_one_s_own_client_gives_the_summary_and_none_the_list(mine, monkeypatch):
    monkeypatch.setattr(printing.viewing, "today", lambda: date(2026, 1, 2))
    html, is_summary = printing.shown(mine, {"client": [b"c1"]})
    assert is_summary
    assert "2 January 2026" in html
    html, is_summary = printing.shown(mine, {})
    assert not is_summary
    assert "There is no client" not in html


def test_a_team_or_the_service_is_told_that_it_is_not_for_them(mine):
    html, _ = printing.shown(replace(mine, scope=EVERYONE), {})
    assert "for the caseworker who holds the case" in html
    assert "c1" not in html


def test_the_sentence_of_the_appointments():
    assert said.kept_of(0, 0, 0) == "No appointment is on record."
    assert said.kept_of(1, 0, 0) == "1 of 1 appointment was kept."
    assert said.kept_of(0, 1, 0) == "0 of 1 appointment were kept; 1 was missed."
    assert said.kept_of(40, 10, 0) == "40 of 50 appointments were kept; 10 were missed."
