"""Passwords are hashed, sessions end, wrong tries wait, and logs hold no value and no client."""

import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from workbench import settings as settings_room
from workbench import store, viewing
from workbench.errors import AccessError, DataError, WorkbenchError
from workbench.staff import accounts, audit, calls, folder
from workbench.staff.attempts import FREE, MOST, Attempts
from workbench.staff.sessions import MOST_EACH, Sessions
from workbench.words import staff as words

PASSWORD = "three words together"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(accounts, "N", 2**10)  # a real hash takes a tenth of a second
    monkeypatch.setattr(accounts, "NOBODY", accounts.Account(*NOBODY[:2], 2**10, *NOBODY[3:]))
    return settings_room.build({}, tmp_path)


NOBODY = tuple(vars(accounts.NOBODY).values())


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_password_opens_its_own_login_and_no_other(settings):
    assert accounts.add(settings, " Ann@Example.org ", PASSWORD)
    accounts.add(settings, "bob", "another few words")
    assert accounts.check(settings, "ann@example.org", PASSWORD)
    assert accounts.check(settings, "ANN@example.org", PASSWORD)
    for login, password in [
        ("bob", PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
        ("ann@example.org", ""),
        ("ann@example.org", PASSWORD + " "),
        ("ann@example.org", PASSWORD + "x" * 10_000),
        ("ann@example.org", "\ud800"),
    ]:
        assert not accounts.check(settings, login, password)


def test_the_file_is_its_owners_alone_holds_no_password_and_stays_out_of_git(settings):
    accounts.add(settings, "ann", PASSWORD)
    accounts.add(settings, "bob", PASSWORD)
    file = settings.staff_folder / accounts.FILE
    assert mode(file) == 0o600 and mode(settings.staff_folder) == 0o700
    assert PASSWORD not in file.read_text()
    kept = json.loads(file.read_text())
    assert kept["ann"]["hash"] != kept["bob"]["hash"] and kept["ann"]["salt"] != kept["bob"]["salt"]
    assert (kept["ann"]["n"], kept["ann"]["r"]) == (2**10, 8)
    assert (settings.staff_folder / ".gitignore").read_text() == "*\n"
    assert sorted(each.name for each in settings.staff_folder.glob("[!.]*")) == [accounts.FILE]


def test_older_hashes_go_on_working_when_the_cost_is_raised(settings, monkeypatch):
    accounts.add(settings, "ann", PASSWORD)
    monkeypatch.setattr(accounts, "N", 2**11)
    assert accounts.check(settings, "ann", PASSWORD)


def test_a_hash_costs_what_it_should():
    assert NOBODY[2:5] == (2**15, 8, 1)


def test_an_unknown_login_takes_as_long_as_a_wrong_password(tmp_path):
    real = settings_room.build({}, tmp_path)
    accounts.add(real, "ann", PASSWORD)
    took = {}
    for login in ("ann", "nobody"):
        begun = time.process_time()
        for _ in range(3):
            accounts.check(real, login, "wrong")
        took[login] = time.process_time() - begun
    assert 0.5 < took["ann"] / took["nobody"] < 2


def test_a_new_password_replaces_the_old_one_and_changes_the_proof(settings):
    accounts.add(settings, "ann", PASSWORD)
    before = accounts.proof(settings, "ann")
    assert not accounts.add(settings, "ann", "quite another one")
    assert not accounts.check(settings, "ann", PASSWORD)
    assert before and accounts.proof(settings, "ann") not in ("", before)


def test_removing_and_listing(settings):
    accounts.add(settings, "bob", PASSWORD)
    accounts.add(settings, "ann", PASSWORD)
    assert [*accounts.listed(settings)] == ["ann", "bob"]
    accounts.remove(settings, "ann")
    assert [*accounts.listed(settings)] == ["bob"] and not accounts.proof(settings, "ann")
    with pytest.raises(WorkbenchError, match="'ann' has no password here"):
        accounts.remove(settings, "ann")


@pytest.mark.parametrize("login", ["", "  ", "x" * 255, "a\nb", "a\x00b"])
def test_a_login_that_will_not_do(settings, login):
    with pytest.raises(WorkbenchError, match="a login is a name or an e-mail address"):
        accounts.add(settings, login, PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "ann@example.org"])
def test_a_password_that_will_not_do(settings, password):
    with pytest.raises(WorkbenchError, match="12 to 256 letters and is not the login"):
        accounts.add(settings, "ann@example.org", password)


def test_a_password_that_was_made_up_is_accepted_and_never_twice_the_same(settings):
    made = {accounts.made_up() for _ in range(20)}
    assert len(made) == 20
    accounts.add(settings, "ann", next(iter(made)))


def test_a_broken_file_lets_nobody_in_and_says_what_to_do(settings):
    accounts.add(settings, "ann", PASSWORD)
    (settings.staff_folder / accounts.FILE).write_text('{"ann": {}}')
    with pytest.raises(WorkbenchError, match="not a password file that can be read"):
        accounts.check(settings, "ann", PASSWORD)


def test_several_at_once_lose_nothing(settings):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: accounts.add(settings, f"login{n}", PASSWORD), range(12)))
    assert len(accounts.listed(settings)) == 12


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "staff").write_text("a file")
    with pytest.raises(WorkbenchError, match=r"staff\.folder: 'staff' cannot be used"):
        accounts.listed(settings_room.build({}, tmp_path))


def test_five_wrong_ones_wait_and_the_wait_grows():
    clock = Clock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(9):
        assert attempts.begin("ann", "10.0.0.1") == 0
        waits.append(attempts.wait("ann", "10.0.0.1"))
        clock.now += waits[-1]
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480]


def test_while_it_waits_nothing_is_looked_at_and_nothing_is_counted():
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(5):
        attempts.begin("ann", "10.0.0.1")
    assert [attempts.begin("ann", f"10.0.0.{n}") for n in range(100)] == [30] * 100
    clock.now += 30
    assert attempts.begin("ann", "10.0.0.1") == 0


def test_a_right_password_starts_again_and_others_are_not_concerned():
    attempts = Attempts(Clock())
    for _ in range(4):
        attempts.begin("ann", "10.0.0.1")
    attempts.passed("ann", "10.0.0.1")
    for _ in range(4):
        assert attempts.begin("ann", "10.0.0.1") == 0
    assert attempts.wait("ann", "10.0.0.1") == 0
    assert attempts.wait("bob", "10.0.0.2") == 0


@pytest.mark.parametrize("address", ["10.0.0.1", "2001:db8::{n}"])
def test_an_address_that_tries_many_logins_waits(address):
    attempts = Attempts(Clock())
    found = [attempts.begin(f"login{n}", address.format(n=n)) for n in range(FREE["address"] + 5)]
    assert found[: FREE["address"]] == [0] * FREE["address"]
    assert all(each > 0 for each in found[FREE["address"] :])


def test_memory_does_not_grow_with_wrong_tries():
    attempts = Attempts(Clock())
    for n in range(MOST):
        attempts.begin("x" * 1000 + str(n), str(n))
    assert len(attempts) == MOST


def test_a_wait_is_over_after_a_quarter_of_an_hour_and_forgotten_after_an_hour():
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(40):
        clock.now += attempts.begin("ann", "10.0.0.1")
    assert attempts.wait("ann", "10.0.0.1") <= 900
    clock.now += 3601
    attempts.begin("ann", "10.0.0.1")
    assert attempts.wait("ann", "10.0.0.1") == 0


def test_a_session_ends_when_nobody_touches_it_and_at_the_latest_after_hours():
    clock = Clock()
    sessions = Sessions(60, 3600, clock)
    key = sessions.begin("ann")
    for _ in range(50):
        clock.now += 59
        assert sessions.touch(key) and sessions.login(key) == "ann"
    clock.now += 60
    assert not sessions.touch(key) and sessions.login(key) == ""
    key = sessions.begin("ann")
    for _ in range(120):
        clock.now += 30
        sessions.touch(key)
    assert not sessions.login(key)
    sessions.begin("bob")
    assert len(sessions) == 1


def test_a_session_ends_with_signing_out_and_with_what_it_hangs_on():
    sessions = Sessions(60, 3600, Clock())
    ann, bob = sessions.begin("ann", "1"), sessions.begin("bob", "2")
    sessions.keep(lambda login, proof: (login, proof) != ("ann", "1"))
    assert (sessions.login(ann), sessions.login(bob)) == ("", "bob")
    assert sessions.end(bob) == "bob" and sessions.end(bob) == ""
    assert sessions.login("") == sessions.login(None) == sessions.login("guessed") == ""


def test_one_login_has_only_so_many_sessions():
    sessions = Sessions(60, 3600, Clock())
    keys = [sessions.begin("ann") for _ in range(MOST_EACH + 2)]
    alive = [bool(sessions.login(each)) for each in keys]
    assert alive == [False] * 2 + [True] * MOST_EACH
    assert len(set(keys)) == len(keys) and all(len(each) >= 40 for each in keys)


@pytest.fixture
def seen(workspace, settings, monkeypatch):
    """Ann's workspace in a process that serves, of twelve clients; what she asks is noted."""
    who = ["ann"]
    people = pd.DataFrame(
        {
            "caseworker_id": ["A", "B"],
            "login": ["ann", "chief"],
            "team": "North",
            "manager_id": None,
            "start_date": None,
            "end_date": None,
        }
    )
    monkeypatch.setattr(viewing, "_served", [])
    monkeypatch.setattr(store, "_guards", [])
    monkeypatch.setattr(viewing.snapshots, "take", lambda _: settings.folder)
    monkeypatch.setattr(viewing, "_staff", lambda _: people)
    monkeypatch.setattr(viewing, "today", lambda: date(2026, 3, 2))
    roles = settings.staff.model_copy(update={"roles": {"chief": "service"}})
    own = settings.model_copy(update={"staff": roles})
    rows = [{"enrolment_id": f"E-{n}", "client_id": f"C-{n}"} for n in range(12)]
    data = workspace(enrolments=rows)
    viewing.serving(lambda: who[0], own)
    scope = viewing.scope_of(viewing.present(), viewing.today())
    return who, own, replace(data, scope=scope)


def test_a_question_is_noted_without_values_and_without_clients(seen):
    _, own, data = seen
    audit.opened("compare_my_clients")
    question = {"group": "received <script>=cmd()</script>", "who": "C-7", "outcome": "E-3"}
    audit.asked(data, "compare_my_clients", question)
    opened, asked = audit.entries(own)
    assert (opened["login"], opened["what"], opened["scope"]) == ("ann", "opened", "caseworker")
    assert asked["question"] == {"group": question["group"], "who": "[c]", "outcome": "[c]"}
    assert asked["n"] == "10"
    noted = str([{k: v for k, v in entry.items() if k != "when"} for entry in (opened, asked)])
    assert "C-" not in noted and "E-" not in noted and "12" not in noted
    assert mode(own.staff_folder / audit.FILE) == 0o600


def test_a_few_clients_are_not_counted_in_the_log():
    assert [audit.about(n) for n in (0, 1, 9, 10, 12, 13)] == ["0", "[c]", "[c]", "10", "10", "15"]


def test_a_question_for_the_analyst_has_a_file_of_its_own(seen):
    _, own, data = seen
    assert audit.ask_analyst(data, "compare_my_clients", {"group": "x" * 999}, " Why?\n" * 1000)
    (asked,) = audit.questions(own)
    assert asked["words"].startswith("Why?") and len(asked["words"]) == 2000
    assert len(asked["question"]["group"]) == 200
    assert "Why" not in (own.staff_folder / audit.FILE).read_text()


def test_who_was_called_is_noted_once_a_click_and_only_of_ones_own(seen, workspace):
    who, own, data = seen
    calls.note(data, "E-1", "reached")
    calls.note(data, "E-1", "not reached")
    assert calls.own(data)["result"].tolist() == ["reached", "not reached"]
    assert calls.own(data)["client_id"].tolist() == ["C-1", "C-1"]
    assert not len(calls.own(workspace(enrolments=[{"enrolment_id": "other"}])))
    with pytest.raises(AccessError) as refused:
        calls.note(data, "E-99", "reached")
    assert str(refused.value) == words.NOT_ON_YOUR_LIST
    with pytest.raises(DataError, match="'reached' or 'not reached'"):
        calls.note(data, "E-1", "=cmd()")
    with pytest.raises(AccessError, match="by the service only"):
        calls.all_noted(own)
    who[0] = "chief"
    assert len(calls.all_noted(own)) == 2
    with pytest.raises(AccessError, match="not on your list"):
        calls.note(data, "E-1", "reached")
    assert mode(own.staff_folder / calls.FILE) == 0o600


def test_on_a_desk_nothing_is_written(workspace, settings, monkeypatch):
    monkeypatch.setattr(viewing, "_served", [])
    data = workspace(enrolments=[{"enrolment_id": "E-1"}])
    audit.asked(data, "page", {})
    assert not audit.ask_analyst(data, "page", {}, "Why?")
    with pytest.raises(AccessError, match="on the staff page only"):
        calls.note(data, "E-1", "reached")
    assert not len(calls.own(data)) and not len(calls.all_noted(settings))


def test_a_line_that_was_cut_off_is_left_out(tmp_path):
    file = tmp_path / "log.jsonl"
    folder.add_line(file, a=1)
    with file.open("a") as out:
        out.write('{"a": 2')
    folder.add_line(file, a="\ud800\u2028")
    assert [each["a"] for each in folder.lines(file)] == [1, "?\u2028"]


def test_keys_are_made_once(tmp_path):
    made = folder.secret(tmp_path / "key")
    assert folder.secret(tmp_path / "key") == made and len(made) >= 64
    assert mode(tmp_path / "key") == 0o600
