"""Who is looking decides whose records are seen, and nothing else does."""

import dataclasses
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

import workbench as wb
from workbench import display, store, viewing
from workbench import settings as settings_room
from workbench.analyses import client_summary
from workbench.errors import AccessError, WorkbenchError
from workbench.words import staff as words

DAY = date(2026, 3, 2)
YESTERDAY, TOMORROW = DAY - timedelta(1), DAY + timedelta(1)
SAMPLE = Path(__file__).parents[1] / "settings" / "sample.toml"


def staff(*rows):
    columns = ["caseworker_id", "login", "team", "manager_id", "start_date", "end_date"]
    return pd.DataFrame([dict.fromkeys(columns) | row for row in rows], columns=columns)


PEOPLE = staff(
    {"caseworker_id": "A", "login": "ann@example.org", "team": "North", "manager_id": "M"},
    {"caseworker_id": "B", "login": "bob", "team": "North", "manager_id": "M"},
    {"caseworker_id": "L", "login": "left", "team": "South", "manager_id": "N"},
    {"caseworker_id": "M", "login": "mia", "team": "North"},
    {"caseworker_id": "N", "login": "ned", "team": "South"},
    {"caseworker_id": "T", "login": "twice"},
    {"caseworker_id": "U", "login": "Twice "},
    {"caseworker_id": "E"},
).assign(end_date=[None, None, YESTERDAY, None, None, None, None, None])


def of(login, roles=None, rows=PEOPLE, day=DAY):
    return viewing.viewer_of(login, rows, roles or {}, day)


def test_a_worker_sees_the_clients_they_hold_and_exact_numbers():
    viewer = of(" Ann@Example.org")
    assert (viewer.kind, viewer.whom, viewer.workers) == ("caseworker", "A", {"A"})
    scope = viewing.scope_of(viewer, DAY)
    assert scope == wb.Scope("A", frozenset("A"), own=True, on=DAY)
    assert viewing.rules_of(viewer, settings_room.build({})).profile == "exact"


def test_a_manager_sees_the_team_protected():
    viewer = of("mia")
    assert (viewer.kind, viewer.whom, viewer.workers) == ("team", "North", {"A", "B", "M"})
    assert not viewing.scope_of(viewer, DAY).own
    assert viewing.rules_of(viewer, settings_room.build({})).profile == "ons10"


def test_a_manager_of_somebody_who_left_is_a_caseworker():
    assert of("ned").kind == "caseworker"


def test_a_stricter_protection_stays():
    own = settings_room.build({"disclosure": {"profile": "eva10"}})
    assert viewing.rules_of(of("mia"), own).profile == "eva10"
    weak = settings_room.build({"disclosure": {"profile": "exact", "basis": "a test"}})
    assert viewing.rules_of(of("mia"), weak).profile == "ons10"


def test_a_role_makes_a_service_viewer_only_while_at_work():
    roles = {"Chief": "service", "left": "service", "twice": "service"}
    assert viewing.scope_of(of("chief", roles), DAY) == wb.EVERYONE
    assert of("ann@example.org", {"ann@example.org": "service"}).kind == "service"
    for login in ("left", "twice"):
        with pytest.raises(AccessError):
            of(login, roles)


@pytest.mark.parametrize("login", ["", " ", "nobody", "left", "twice", None, "None", "nan", "E"])
def test_whoever_is_not_one_worker_at_work_is_told_the_same(login):
    with pytest.raises(AccessError) as refused:
        of(login)
    assert str(refused.value) == words.NO_ACCESS


def test_who_starts_tomorrow_or_ends_today():
    rows = staff({"caseworker_id": "A", "login": "ann", "start_date": TOMORROW})
    with pytest.raises(AccessError):
        of("ann", rows=rows)
    assert of("ann", rows=rows, day=TOMORROW).whom == "A"
    last = staff({"caseworker_id": "A", "login": "ann", "end_date": DAY})
    assert of("ann", rows=last).whom == "A"


def test_a_worker_who_came_back_under_another_number():
    rows = staff({"caseworker_id": "A", "login": "ann"}, {"caseworker_id": "B", "login": "ann"})
    rows = rows.assign(end_date=[YESTERDAY, None])
    assert of("ann", rows=rows).whom == "B"


def test_an_export_without_staff_lets_nobody_in_but_the_service():
    nobody = store.staff(Path("nowhere"))
    with pytest.raises(AccessError):
        of("ann", rows=nobody)
    assert of("chief", {"chief": "service"}, nobody).kind == "service"


@pytest.fixture
def process(monkeypatch):
    """A process in which `serving` may be called, and which forgets it afterwards."""
    monkeypatch.setattr(viewing, "_served", [])
    monkeypatch.setattr(store, "_guards", [])
    monkeypatch.setattr(viewing, "today", lambda: DAY)
    viewing._staff.cache_clear()


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """Ann holds c1 today and held c2 until yesterday; Bob holds c2 today and c3 from tomorrow."""
    where = tmp_path_factory.mktemp("export")
    ids = ["1", "2", "3"]
    write = {
        "clients": {"client_id": [f"c{each}" for each in ids]},
        "enrolments": {
            "enrolment_id": [f"e{each}" for each in ids],
            "client_id": [f"c{each}" for each in ids],
            "programme": "Support",
            "start_date": "2025-01-06",
        },
        "contacts": {
            "enrolment_id": [f"e{each}" for each in [*ids, "1"]],
            "contact_date": ["2026-02-27"] * 3 + ["soon"],
        },
        "assignments": {
            "enrolment_id": ["e1", "e2", "e2", "e3"],
            "caseworker_id": ["A", "A", "B", "B"],
            "start_date": ["2025-01-06", "2025-01-06", str(DAY), str(TOMORROW)],
            "end_date": ["", str(YESTERDAY), "", ""],
        },
        "staff": {
            "caseworker_id": ["A", "B", "M", "L"],
            "login": ["ann", "bob", "mia", "left"],
            "team": "North",
            "manager_id": ["M", "M", "", "M"],
            "end_date": ["", "", "", str(YESTERDAY)],
        },
    }
    for name, columns in write.items():
        pd.DataFrame(columns).to_csv(where / f"{name}.csv", index=False)
    mapped = {
        name: {"file": f"{name}.csv", "columns": {each: each for each in columns}}
        for name, columns in write.items()
    }
    content = {"data": {"path": str(where)}, "sources": mapped}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield settings_room.build(content | {"staff": {"roles": {"chief": "service"}}}, where)


def clients(data):
    return sorted(data.tables.clients.client_id.to_pandas())


def test_on_a_desk_nobody_is_asked(process, export):
    assert wb.open_mine(export).scope == wb.EVERYONE
    assert not viewing.served()


@pytest.mark.parametrize(
    ("login", "seen"), [("ann", "1"), ("bob", "2"), ("mia", "12"), ("chief", "123")]
)
def test_in_a_server_the_login_alone_decides(process, export, login, seen):
    viewing.serving(lambda: login, export)
    for as_of in (None, "2025-06-30", "2026-12-31"):
        data = wb.open_mine("no such settings", as_of=as_of, source="nowhere")
        assert clients(data) == [f"c{each}" for each in seen]
        assert data.settings.disclosure.profile == ("exact" if login in ("ann", "bob") else "ons10")
        contacts = set(data.tables.contacts.enrolment_id.to_pandas())
        assert contacts == {f"e{each}" for each in seen}


def test_an_assignment_that_ended_yesterday_was_seen_yesterday(process, export, monkeypatch):
    viewing.serving(lambda: "ann", export)
    assert clients(wb.open_mine(export)) == ["c1"]
    monkeypatch.setattr(viewing, "today", lambda: YESTERDAY)
    assert clients(wb.open_mine(export)) == ["c1", "c2"]


def test_a_worker_may_count_those_they_held_before_and_list_none_of_them(process, export):
    viewing.serving(lambda: "ann", export)
    so_far = wb.open_mine(export, ever=True)
    assert clients(so_far) == ["c1", "c2"]
    assert so_far.settings.disclosure.profile == "exact"
    with pytest.raises(AccessError):
        client_summary.clients(so_far)
    with pytest.raises(AccessError):
        display.Cases(so_far.tables.clients.to_pandas(), so_far, "My clients")._repr_mimebundle_()


@pytest.mark.parametrize(("login", "seen"), [("bob", "2"), ("mia", "12"), ("chief", "123")])
def test_a_case_of_tomorrow_and_a_teams_of_before_are_in_nobodys_numbers(
    process, export, login, seen
):
    viewing.serving(lambda: login, export)
    assert clients(wb.open_mine(export, ever=True)) == [f"c{each}" for each in seen]


def test_in_a_server_every_other_way_to_the_records_is_refused(process, export):
    whole = wb.open(export, scope=wb.EVERYONE)
    viewing.serving(lambda: "ann", export)
    mine = wb.open_mine(export)
    other = wb.Scope("B", frozenset("B"), own=True, on=DAY)
    ways = [
        lambda: wb.open(export, scope=wb.EVERYONE),
        lambda: wb.open(export, scope=other),
        lambda: wb.open(export, scope=dataclasses.replace(mine.scope, on=None)),
        lambda: wb.open(export, scope=dataclasses.replace(mine.scope, ever=True)),
        lambda: wb.open(export, scope=dataclasses.replace(other, ever=True, own=False)),
        lambda: wb.open(export, scope=dataclasses.replace(mine.scope, caseworkers=None)),
        lambda: wb.open_for("caseworker", "A", settings=export),
        lambda: wb.open_for("board", settings=export),
        lambda: mine.within(wb.EVERYONE, mine.settings),
        lambda: mine.within(other, mine.settings),
        lambda: whole.within(other, mine.settings),
        lambda: wb.open(mine.settings.with_path("elsewhere"), scope=mine.scope),
    ]
    for number, way in enumerate(ways):
        with pytest.raises(WorkbenchError) as refused:
            way()
        assert number == len(ways) - 1 or str(refused.value) == words.NOT_YOURS
    assert clients(mine.within(mine.scope, mine.settings)) == ["c1"]


def test_a_team_cannot_take_its_protection_off(process, export):
    viewing.serving(lambda: "mia", export)
    team = wb.open_mine(export)
    exact = team.settings.model_copy(update={"disclosure": viewing.OWN})
    with pytest.raises(AccessError):
        team.within(team.scope, exact)


def test_nobody_signed_in_and_nobody_known_see_nothing(process, export):
    who = [""]
    viewing.serving(lambda: who[0], export)
    with pytest.raises(AccessError, match="not signed in"):
        wb.open_mine(export)
    for login in ("left", "nobody"):
        who[0] = login
        with pytest.raises(AccessError, match="no access"):
            wb.open_mine(export)
        assert not viewing.admitted(login)
    assert viewing.admitted("ann")


def test_the_loss_report_of_everybody_is_not_handed_out(process, export):
    whole = wb.open_mine(export)
    assert len(whole.issues)
    assert whole.set_aside.count().execute() == 1
    part = whole.within(store.Scope("nobody", frozenset()), whole.settings)
    viewing.serving(lambda: "chief", export)
    served = wb.open_mine(export)
    for each in (part, served, served.within(served.scope, served.settings)):
        assert not len(each.issues)
        assert each.set_aside.columns == whole.set_aside.columns
        assert each.set_aside.count().execute() == 0


def test_a_process_serves_once_and_there_is_no_way_back(process, export):
    viewing.serving(lambda: "ann", export)
    with pytest.raises(WorkbenchError, match="already"):
        viewing.serving(lambda: "chief", export)
    assert not [name for name in dir(store) if "unguard" in name.lower()]


def test_the_sample_shows_each_worker_their_own(process):
    settings = settings_room.read(SAMPLE)
    who = [""]
    viewing.serving(lambda: who[0], settings)
    seen = {}
    for number in (1, 2, 3):
        who[0] = f"w0{number}.example"
        seen[number] = set(clients(wb.open_mine(SAMPLE)))
    assert all(seen.values())
    assert not seen[1] & seen[2] & seen[3]
