"""Why a number is not what the last report said: each cause moves its own part, and they add up."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workbench as wb
from workbench import disclosure, snapshots
from workbench import settings as settings_room
from workbench.analyses import revisions
from workbench.words import revisions as say

OPEN = {"profile": "public", "basis": "drawn in a test"}
PARTS = ["late_entry", "edited", "definition", "happened"]
SETTINGS = {"disclosure": OPEN, "reporting": {"measures": ["attendance rate"]}}


def contacts(month, kept, missed, recorded=None, first=0):
    """So many contacts in a month, each with an id; `recorded`: the day they were typed in."""
    return [
        {
            "contact_id": f"{month}-{first + i}",
            "enrolment_id": str(i % 5),
            "contact_date": (date.fromisoformat(f"{month}-01") + timedelta(i % 28)).isoformat(),
            "channel": "phone" if i % 2 else "face to face",
            "attended": i < kept,
            "recorded_at": recorded or f"{month}-28",
        }
        for i in range(kept + missed)
    ]


EARLIER = [*contacts("2025-09", 15, 5), *contacts("2025-10", 12, 8)]
NOVEMBER = contacts("2025-11", 10, 10)


@pytest.fixture
def drawn(workspace):
    def build(rows, as_of, own=SETTINGS, **more):
        people = [{"enrolment_id": str(i), "start_date": "2025-01-01"} for i in range(5)]
        return workspace(as_of=as_of, enrolments=people, contacts=rows, settings=own, **more)

    return build


def split(drawn, after, own=SETTINGS, then=EARLIER):
    before, now = drawn(then, "2025-10-31"), drawn(after, "2025-11-30", own)
    found = revisions.between(before, now, title="October 2025")
    assert disclosure.is_protected(found.table)
    return found.table.iloc[0]


def parts(row):
    return [round(float(row[each]), 6) for each in PARTS]


def test_the_same_records_and_a_new_month_are_what_happened(drawn):
    row = split(drawn, [*EARLIER, *NOVEMBER])
    assert (row["then"], row["now"]) == (0.6, 0.5)
    assert parts(row) == [0, 0, 0, -0.1]
    assert row["sentence"] == (
        "Attendance rate: 60% in October 2025, 50% in November 2025: −10 points from what "
        "happened since."
    )


def test_rows_typed_in_since_are_late_entry(drawn):
    late = contacts("2025-10", 5, 0, recorded="2025-11-10", first=100)
    assert parts(split(drawn, [*EARLIER, *late, *NOVEMBER])) == [0.08, 0, 0, -0.18]


def test_a_row_typed_in_before_the_last_report_and_not_in_it_is_an_edit(drawn):
    back = contacts("2025-10", 5, 0, recorded="2025-10-02", first=100)
    assert parts(split(drawn, [*EARLIER, *back, *NOVEMBER])) == [0, 0.08, 0, -0.18]


def test_rows_that_say_something_else_or_are_gone_are_edits(drawn):
    turned = [{**row, "attended": True} for row in EARLIER]
    assert parts(split(drawn, [*turned, *NOVEMBER])) == [0, 0.4, 0, -0.5]
    gone = [row for row in EARLIER if row["contact_date"] < "2025-10" or row["attended"]]
    assert parts(split(drawn, [*gone, *NOVEMBER])) == [0, 0.4, 0, -0.5]


def test_a_blank_that_is_filled_in_is_late_entry(drawn):
    blank = [{**row, "attended": row["attended"] or None} for row in contacts("2025-10", 12, 8)]
    then = [*contacts("2025-09", 15, 5), *blank]
    row = split(drawn, [*EARLIER, *NOVEMBER], then=then)
    assert row["then"] == 1
    assert parts(row) == [-0.4, 0, 0, -0.1]


def test_another_rule_is_a_changed_definition(drawn):
    phone = {**SETTINGS, "contacts": {"channels": ["phone"]}}
    row = split(drawn, [*EARLIER, *NOVEMBER], phone)
    assert parts(row)[:2] == [0, 0]
    assert row["then"] + sum(parts(row)) == pytest.approx(row["now"])
    only = pd.DataFrame(EARLIER).query("contact_date >= '2025-10' and channel == 'phone'")
    assert row["definition"] == pytest.approx(float(only["attended"].mean()) - 0.6)


def test_a_changed_target_changes_no_figure(drawn):
    judged = {**SETTINGS, "measures": {"attendance rate": {"target": 0.9, "better": "up"}}}
    assert parts(split(drawn, [*EARLIER, *NOVEMBER], judged)) == [0, 0, 0, -0.1]


def test_rows_without_an_id_are_told_apart_by_what_they_say(drawn):
    def bare(rows):
        return [{k: v for k, v in row.items() if k != "contact_id"} for row in rows]

    twice = [*EARLIER, *EARLIER]
    assert parts(split(drawn, bare([*twice, *NOVEMBER]), then=bare(twice))) == [0, 0, 0, -0.1]
    late = contacts("2025-10", 5, 0, recorded="2025-11-10")
    row = split(drawn, bare([*twice, *late, *NOVEMBER]), then=bare(twice))
    assert row["late_entry"] > 0
    assert row["edited"] == 0


def test_small_numbers_are_not_split(drawn):
    small = {"reporting": {"measures": ["attendance rate"]}}
    before, now = drawn(EARLIER, "2025-10-31", small), drawn(EARLIER, "2025-10-31", small)
    row = revisions.between(before, now).table.iloc[0]
    assert row["note"] == "[c]"
    assert pd.isna(row["late_entry"])
    assert "too small to show" in row["sentence"]


def test_a_measure_that_the_last_report_did_not_know(drawn):
    own = {
        "disclosure": OPEN,
        "measures": {"calls": {"count": "contacts", "date": "contact_date"}},
        "reporting": {"measures": ["calls"]},
    }
    assert split(drawn, [*EARLIER, *NOVEMBER], own)["sentence"] == "Calls: not in the last report."


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    late=st.integers(0, 9),
    back=st.integers(0, 5),
    gone=st.sets(st.integers(0, 39), max_size=12),
    turned=st.sets(st.integers(0, 39), max_size=12),
    phone=st.booleans(),
)
def test_the_parts_add_up_always(drawn, late, back, gone, turned, phone):
    kept = [
        {**row, "attended": row["attended"] != (place in turned)}
        for place, row in enumerate(EARLIER)
        if place not in gone
    ]
    after = [
        *kept,
        *contacts("2025-10", late, 0, recorded="2025-11-10", first=100),
        *contacts("2025-10", 0, back, recorded="2025-10-02", first=200),
        *NOVEMBER,
    ]
    own = {**SETTINGS, "contacts": {"channels": ["phone"]}} if phone else SETTINGS
    row = split(drawn, after, own)
    if not row[PARTS].isna().any():
        assert row["then"] + sum(row[PARTS]) == pytest.approx(row["now"], abs=1e-5)


# --- from the register of runs ------------------------------------------------------------------


@pytest.fixture
def export(tmp_path, monkeypatch):
    """An export in a folder, and a function that writes its contacts and opens it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "clients.csv").write_text(
        "client_id\n" + "".join(f"{i}\n" for i in range(5)), encoding="utf-8"
    )
    (folder / "enrolments.csv").write_text(
        "enrolment_id,client_id,programme,start_date\n"
        + "".join(f"{i},{i},Homes,2025-01-01\n" for i in range(5)),
        encoding="utf-8",
    )

    def opened(rows, as_of, **more):
        pd.DataFrame(rows).to_csv(folder / "contacts.csv", index=False)
        own = settings_room.build({**SETTINGS, **more, "data": {"path": str(folder)}})
        return wb.open(own, as_of=as_of, scope=wb.EVERYONE)

    return opened


def test_the_last_report_is_found_in_the_register(export):
    october = export([*EARLIER, *contacts("2025-11", 1, 0)], "2025-10")
    assert revisions.since_last(october) is None
    assert revisions.told(None) == say.FIRST
    assert "first report" in revisions.first_line(october, None)
    snapshots.record_run(october.snapshot, "2025-10", Path("x"), settings=october.settings)
    late = contacts("2025-10", 5, 0, recorded="2025-11-10", first=100)
    november = export(
        [*EARLIER, *late, *NOVEMBER, *contacts("2025-12", 1, 0)],
        "2025-11",
        exits={"completion": ["Done"]},
    )
    found = revisions.since_last(november)
    row = found.table.iloc[0]
    assert row["then"] + sum(parts(row)) == pytest.approx(row["now"])
    assert row["late_entry"] == pytest.approx(0.08)
    assert found.period == "October 2025"
    assert found.settings_changed == "Changed in the settings since: what exit reasons mean."
    line = revisions.first_line(november, found)
    assert "revised since the last report (October 2025): attendance rate" in line
    assert "mostly late entry" in line
    assert revisions.since_last(november, again=True) is None
    snapshots.record_run(october.snapshot, "2025-11", Path("x"))
    again = revisions.since_last(november, again=True)
    assert again.again
    assert say.NOT_KEPT in again.sentence


def test_a_forgotten_client_is_told_of(export):
    october = export([*EARLIER, *contacts("2025-11", 1, 0)], "2025-10")
    snapshots.record_run(october.snapshot, "2025-10", Path("x"), settings=october.settings)
    snapshots.forget("0")
    found = revisions.since_last(export([*EARLIER, *contacts("2025-11", 9, 11)], "2025-11"))
    assert parts(found.table.iloc[0])[:3] == [0, 0, 0]
    assert say.FORGOTTEN in revisions.told(found)


def test_the_same_snapshot_twice_leaves_only_what_happened(export):
    whole = export([*EARLIER, *NOVEMBER, *contacts("2025-12", 2, 0)], "2025-11")
    snapshots.record_run(whole.snapshot, "2025-10", Path("x"), settings=whole.settings)
    row = revisions.since_last(whole).table.iloc[0]
    assert parts(row)[:3] == [0, 0, 0]
    assert row["happened"] == pytest.approx(-0.1)


def test_what_a_first_line_says():
    assert say.not_known(0.07) == "7% of outcomes not known"
    assert say.since("May 2025", False, [], 0) == (
        "no figure has been revised since the last report (May 2025)"
    )
    changed = [say.restated("starts", 5, "late_entry", "count")]
    assert say.since("May 2025", True, changed, 2) == (
        "revised since this report was last made (May 2025): starts (+5, mostly late entry) and "
        "2 others"
    )
    assert say.first_line(date(2025, 6, 30), "", "a") == "Complete to 30 June 2025; a."
    assert say.overall("May 2025", False, 0, 3).startswith("All 3 figures")
    assert say.overall("May 2025", False, 2, 3).startswith("Of 3 figures")
