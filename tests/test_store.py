"""Snapshots, consent, forgetting and scope, from files to the tables that a notebook is given."""

import json
import os
import shutil
import stat
import time

import pytest

import workbench as wb
from workbench import settings, snapshots, store
from workbench.errors import DataError, SettingsError

FILES = {
    "clients": "client_id,gender\na,F\nb,M\nc,F\nd,M\n",
    "enrolments": (
        "enrolment_id,client_id,programme,organisation,start_date\n"
        "1,a,Homes,Harbour,2025-01-06\n2,b,Homes,Harbour,2025-02-03\n"
        "3,c,Homes,Millbrook,2025-03-03\n4,d,Homes,Millbrook,2025-03-03\n"
    ),
    "contacts": (
        "enrolment_id,contact_date,recorded_at\n1,2025-01-07,2025-01-08\n2,2025-02-04,2025-02-05\n"
        "3,2025-03-04,2025-03-04\n4,2025-03-05,2025-03-06\n1,2025-06-30,2025-06-30\n"
    ),
    "assignments": (
        "enrolment_id,caseworker_id,start_date,end_date\n"
        "1,w1,2025-01-06,\n2,w1,2025-02-03,2025-05-31\n2,w2,2025-06-01,\n3,w2,2025-03-03,\n"
    ),
}
CONSENTS = (
    "client_id,purpose,organisation,given_date,withdrawn_date\n"
    "a,analysis,,2025-01-01,\nb,analysis,,2025-01-01,2025-04-01\n"
    "c,analysis,Harbour,2025-01-01,\nd,marketing,,2025-01-01,\n"
)


@pytest.fixture
def export(tmp_path, monkeypatch):
    """An export in a folder, and a function that opens it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    folder = tmp_path / "export"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / f"{name}.csv").write_text(text)

    def opened(scope=wb.EVERYONE, **files):
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text)
        own = settings.build({"data": {"path": str(folder)}})
        return wb.open(own, as_of="2025-06-30", scope=scope)

    return opened


def ids(table, column):
    return sorted(table[column].execute())


def test_a_snapshot_is_private_and_used_again_until_an_input_changes(export, tmp_path):
    first = export()
    assert export().snapshot == first.snapshot
    home = tmp_path / "home"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "snapshots").stat().st_mode) == 0o700
    assert stat.S_IMODE(first.folder.stat().st_mode) == 0o700
    changed = export(clients=FILES["clients"].replace("d,M", "d,F"))
    assert changed.snapshot != first.snapshot
    assert changed.before.snapshot == first.snapshot
    assert first.before is None


def test_what_is_worked_out_once_is_not_another_workspaces_and_nobody_can_change_it(export):
    made = []

    @store.once
    def people(data, names=(), *, least=0):
        made.append((len(data.tables), tuple(names), least))
        return data.tables.clients.select("client_id").to_pandas()

    data = export()
    own = people(data)
    own["client_id"] = "changed"
    assert people(data)["client_id"].tolist() == ["a", "b", "c", "d"]
    assert len(made) == 1
    people(data, ["x"], least=1), people(data, ("x",), least=1), people(data, ["x"], least=2)
    assert len(made) == 3
    mine = export(scope=wb.Scope.of_caseworkers("w2", "w2"))
    assert people(mine)["client_id"].tolist() == ["b", "c"]
    with pytest.raises(DataError):
        store.once(lambda each: each.needs("staff"))(data)


def test_as_much_is_kept_of_a_workspace_as_there_is_room_for(export, monkeypatch):
    monkeypatch.setattr(store, "MOST_KNOWN", 3)
    data, same = export(), store.once(lambda _, n: n)
    assert [same(data, n) for n in range(9)] == [*range(9)]
    assert len(data.known) == 3


def test_a_load_that_dies_leaves_no_part_behind(export, tmp_path):
    with pytest.raises(DataError):
        export(contacts="enrolment_id,contact_date\n")
    assert list((tmp_path / "home" / "snapshots").iterdir()) == []


def test_files_of_a_snapshot_are_private_whatever_the_umask(export, tmp_path):
    before = os.umask(0)
    try:
        data = export()
        snapshots.record_run(data.snapshot, "2025-06", data.folder)
        snapshots.forget("a")
    finally:
        os.umask(before)
    files = [each for each in (tmp_path / "home").rglob("*") if each.is_file()]
    assert len(files) >= 8
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


def test_what_a_killed_load_left_is_swept_up_and_a_load_under_way_is_not(export, tmp_path):
    left = tmp_path / "home" / "snapshots" / ".part-killed"
    under_way = left.with_name(".part-under-way")
    for part in (left, under_way):
        part.mkdir(parents=True)
        (part / "clients.parquet").write_text("somebody")
    long_ago = time.time() - 2 * 3600
    os.utime(left, (long_ago, long_ago))
    snapshots.forget("a")
    assert not left.exists()
    assert under_way.exists()


def test_a_home_that_cannot_be_used_says_what_to_set(export, tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(DataError, match=r"WORKBENCH_HOME: .* cannot be used"):
        export()


def test_a_full_disk_is_told_in_words_and_leaves_no_part(export, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "_put", full)
    with pytest.raises(OSError, match="No space left"):  # there is room: not for us to explain
        export()
    none_left = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: none_left)
    with pytest.raises(DataError, match=r"is full\. Make room there, or set WORKBENCH_HOME"):
        export()
    assert list((tmp_path / "home" / "snapshots").iterdir()) == []


def test_clients_without_consent_to_analysis_are_in_no_table(export):
    data = export(consents=CONSENTS)
    assert ids(data.tables.clients, "client_id") == ["a", "c"]
    assert ids(data.tables.enrolments, "enrolment_id") == ["1"]  # c agreed for Harbour alone
    assert set(data.tables.contacts.enrolment_id.execute()) == {"1"}
    assert json.loads((data.folder / "meta.json").read_text())["left_out"] == {
        "no consent to analysis": 2
    }
    assert data.left_out == {"no consent to analysis": None}  # too few to say how many


def test_forgetting_erases_from_every_snapshot_and_from_loads_to_come(export):
    before = export()
    snapshots.record_run(before.snapshot, "2025-06", before.folder)
    after = export(clients=FILES["clients"].replace("d,M", "d,F"))
    forgotten = snapshots.forget("a")
    assert forgotten.snapshots == 2
    assert list(forgotten.runs["period"]) == ["2025-06"]
    assert snapshots.forget("nobody").snapshots == 0
    for data in (before, after):
        for name in ("clients", "enrolments", "contacts", "assignments"):
            rows = (data.folder / f"{name}.parquet").read_bytes()
            assert rows
        again = wb.store._workspace(data.settings, data.folder, data.as_of, wb.EVERYONE)
        assert ids(again.tables.clients, "client_id") == ["b", "c", "d"]
        assert "1" not in set(again.tables.contacts.enrolment_id.execute())
    reloaded = export()
    assert ids(reloaded.tables.clients, "client_id") == ["b", "c", "d"]
    listed = (snapshots.home() / "forgotten.json").read_text()
    assert len(json.loads(listed)[0]) == 64  # a keyed hash, not the id


def test_who_is_forgotten_while_an_export_is_loaded_is_in_no_snapshot(export, monkeypatch):
    put = snapshots._put

    def forgotten_meanwhile(aside, folder):
        monkeypatch.setattr(snapshots, "_put", put)
        snapshots.forget("a")
        put(aside, folder)

    monkeypatch.setattr(snapshots, "_put", forgotten_meanwhile)
    data = export()
    assert ids(data.tables.clients, "client_id") == ["b", "c", "d"]
    assert [each.name for each in data.folder.parent.iterdir()] == [data.snapshot]


def test_a_forgetting_that_was_stopped_half_way_can_be_done_again(export, monkeypatch):
    data = export()
    replace = type(data.folder).replace

    def stopped(part, target):
        if target.name == "contacts.parquet":
            raise KeyboardInterrupt
        return replace(part, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(type(data.folder), "replace", stopped)
        snapshots.forget("a")
    assert snapshots.forget("a").snapshots == 1
    again = wb.store._workspace(data.settings, data.folder, data.as_of, wb.EVERYONE)
    assert "1" not in set(again.tables.contacts.enrolment_id.execute())


def test_whoever_is_to_be_forgotten_is_taken_as_an_id_and_as_nothing_else(export):
    data = export()
    for odd in ("a' OR '1'='1", '"; DROP TABLE clients; --', "A"):
        assert snapshots.forget(odd).snapshots == 0
    assert ids(data.tables.clients, "client_id") == ["a", "b", "c", "d"]
    with pytest.raises(DataError, match="the client's id is empty"):
        snapshots.forget(" ")
    assert snapshots.forget(" a ").snapshots == 1  # as a file's cells are read


def test_a_caseworker_sees_those_held_on_the_day_and_nobody_elses(export):
    data = export(scope=wb.Scope.of_caseworkers("w1", "w1"))
    assert ids(data.tables.enrolments, "enrolment_id") == ["1"]  # 2 was handed over on 1 June
    assert ids(data.tables.clients, "client_id") == ["a"]
    assert set(data.tables.contacts.enrolment_id.execute()) == {"1"}
    assert ids(data.tables.assignments, "enrolment_id") == ["1"]
    other = export(scope=wb.Scope.of_caseworkers("w2", "w2"))
    assert ids(other.tables.enrolments, "enrolment_id") == ["2", "3"]


def test_a_scope_of_nobody_sees_nothing(export):
    data = export(scope=wb.Scope.of_caseworkers("a stranger"))
    for table in ("clients", "enrolments", "contacts", "assignments"):
        assert data.tables[table].count().execute() == 0


def test_without_assignments_nobodys_own_clients_can_be_told_apart(export, tmp_path):
    (tmp_path / "export" / "assignments.csv").unlink()
    with pytest.raises(DataError, match="does not say who holds which case"):
        export(scope=wb.Scope.of_caseworkers("w1", "w1"))


def test_scope_has_no_default(export):
    with pytest.raises(TypeError, match="scope"):
        wb.open("settings/sample.toml")


def test_a_table_that_is_not_there_says_what_to_do(export):
    data = export()
    with pytest.raises(DataError, match=r"actions: this export has no such table.*sources.actions"):
        data.needs("clients", "actions")
    with pytest.raises(AttributeError, match=r"no table 'contact'. Did you mean 'contacts'\?"):
        data.tables.contact  # noqa: B018
    assert "contacts" in dir(data.tables)


def test_complete_to_is_the_last_day_less_the_lag_of_old_events(export):
    assert export().complete_to.isoformat() == "2025-06-30"  # too few rows to measure a lag
    days = [f"2024-{m:02}-{d:02}" for m in range(1, 7) for d in range(1, 29)]
    rows = [f"1,{day},{day[:8]}28" for day in days]
    late = FILES["contacts"] + "\n".join(rows) + "\n"
    enrolled = FILES["enrolments"].replace(
        "1,a,Homes,Harbour,2025-01-06", "1,a,Homes,Harbour,2024-01-01"
    )
    data = export(contacts=late, enrolments=enrolled)
    assert (data.last_day - data.complete_to).days == 26  # 95 % within 26 days, of old events only


def test_an_as_of_date_is_a_day_or_a_period(export):
    own = export().settings
    assert wb.open(own, as_of="2025-Q1", scope=wb.EVERYONE).as_of.isoformat() == "2025-03-31"
    with pytest.raises(SettingsError, match="'soon' is not a period"):
        wb.open(own, as_of="soon", scope=wb.EVERYONE)


def test_nothing_at_the_path_says_so(tmp_path):
    own = settings.build({"data": {"path": str(tmp_path / "nowhere")}})
    with pytest.raises(DataError, match="there is nothing at"):
        wb.open(own, scope=wb.EVERYONE)


def test_the_settings_of_a_run_are_kept_once_and_privately(export, tmp_path):
    data = export()
    lineage = snapshots.meta(data.folder)["lineage"]
    for _ in range(2):
        snapshots.record_run(data.snapshot, "2025-05", data.folder, settings=data.settings)
    kept = list((tmp_path / "home" / "settings").iterdir())
    assert [each.stem for each in kept] == [snapshots.settings_hash(data.settings)]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    run = snapshots.last_run(lineage, data.as_of)
    assert run.folder == data.folder
    assert run.settings == data.settings.model_copy(update={"folder": run.settings.folder})
    kept[0].write_text('{"colour": "red"}')  # as an older version may have written it
    assert snapshots.last_run(lineage, data.as_of).settings is None


def test_the_last_run_is_of_the_latest_earlier_period_of_the_same_export(export):
    data = export()
    lineage = snapshots.meta(data.folder)["lineage"]
    assert snapshots.last_run(lineage, data.as_of) is None
    for period, audience in (
        ("2025-05", ""),
        ("2025-04", ""),
        ("2025-06", ""),
        ("2025-03", "board"),
    ):
        snapshots.record_run(data.snapshot, period, data.folder, audience=audience)
    snapshots.record_run("gone", "2025-05", data.folder)
    assert snapshots.last_run(lineage, data.as_of).period.name == "2025-05"
    assert snapshots.last_run(lineage, data.as_of, audience="board").period.name == "2025-03"
    assert snapshots.last_run(lineage, data.as_of, audience="funder").period.name == "2025-05"
    assert snapshots.last_run(lineage, data.as_of, again=True).period.name == "2025-06"
    assert snapshots.last_run("another export", data.as_of) is None


def test_snapshots_of_the_last_two_reported_periods_are_spared(export, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "SNAPSHOTS_KEPT", 1)
    names = []
    for number, period in enumerate(("2025-01", "2025-02", "2025-03", "")):
        data = export(contacts=FILES["contacts"] + "\n" * number)
        names.append(data.snapshot)
        if period:
            snapshots.record_run(data.snapshot, period, tmp_path)
    lineage = snapshots.meta(data.folder)["lineage"]
    assert {each.name for each in snapshots.lineage(lineage)} == set(names[1:])
