"""An audience's reports: one a reader, each its own, done once, gone on with after a stop."""

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from workbench import audiences
from workbench.errors import AccessError, ReportError, SettingsError
from workbench.reporting import batch, release, warm
from workbench.reporting.batch import planning, workers
from workbench.reporting.batch.record import Record
from workbench.settings import build
from workbench.words import batch as telling

WORKERS = ["amber", "blue", "=cmd()/../x"]
FOLDERS = ["amber", "blue", "cmd-x"]
PARAMETERS = (
    'settings = "own.toml"\nperiod = "2025-03"\nsource = ""\naudience = "caseworker"\nwhom = "blue"'
)
OPEN = (
    "import workbench as wb\nfrom workbench import display\n"
    "data = wb.open_for(audience, whom, settings=settings, as_of=period, source=source)\n"
)
CASES = (
    OPEN + "rows = data.tables.enrolments.select('client_id', 'start_date').order_by('client_id')\n"
    "display.Cases(rows.to_pandas(), data, 'My clients')"
)
MADE = "2025-04-01T00:00:00+00:00"


def notebook(path: Path, *code: str) -> None:
    cells = [new_markdown_cell("# My clients\n\nWho are they?"), new_code_cell(PARAMETERS)]
    cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(cells=[*cells, *map(new_code_cell, code)]), path)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an export of 12 clients held by three workers, and one notebook."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1743465600")
    monkeypatch.chdir(tmp_path)
    for each in ("export", "notebooks"):
        (tmp_path / each).mkdir()
    people = range(12)
    rows = {
        "clients": ["client_id", *(f"c-{n:03}" for n in people)],
        "enrolments": [
            "enrolment_id,client_id,programme,start_date",
            *(f"e-{n:03},c-{n:03},Homes,2025-01-{n + 1:02}" for n in people),
        ],
        "contacts": [
            "enrolment_id,contact_date",
            *(f"e-{n:03},2025-03-{n + 10}" for n in people),
        ],
        "assignments": [
            "enrolment_id,caseworker_id,start_date",
            *(f"e-{n:03},{WORKERS[n % 3]},2025-01-{n + 1:02}" for n in people),
        ],
    }
    for name, lines in rows.items():
        (tmp_path / "export" / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "own.toml").write_text(
        '[organisation]\nname = "Harbour"\n[data]\npath = "export"\n[audiences.caseworker]\n'
        "measures = []\n[reporting]\nstep_seconds = 5\n"
    )
    notebook(tmp_path / "notebooks" / "caseworker.ipynb", CASES)
    return tmp_path


def make(**further):
    asked = {"settings_file": "own.toml", "progress": False, "workers": 1} | further
    return batch.make("2025-03", "caseworker", **asked)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def test_each_reader_gets_their_own_and_the_same_command_again_makes_nothing(project):
    found = make(workers=2)
    assert found.whole
    assert found.folder == Path("reports/2025-03-caseworker")
    assert sorted(found.made) == FOLDERS
    for place, name in enumerate(FOLDERS):
        folder = found.folder / name
        assert {each.name for each in folder.iterdir()} == {
            "index.html", "tables.xlsx", "notebook.ipynb",
        }  # fmt: skip
        page = (folder / "index.html").read_text()
        for n in range(12):
            assert (f"c-{n:03}" in page) == (n % 3 == place)
    for name, content in bytes_of(found.folder).items():
        assert str(project).encode() not in content, name
    record = json.loads((found.folder / "run.json").read_text())
    assert record["reports"]["blue"]["state"] == "done"
    files = set(record["reports"]["blue"]["files"])
    assert files == {"index.html", "notebook.ipynb", "tables.xlsx"}
    assert {each.name for each in found.folder.parent.iterdir()} == {
        "2025-03-caseworker", ".2025-03-caseworker.lock",
    }  # fmt: skip
    before = bytes_of(found.folder)

    again = make()
    assert (again.made, again.whole) == ((), True)
    assert bytes_of(again.folder) == before
    assert "nothing was left to do" in telling.made(list(again.states.values()), 0)

    (again.folder / "blue" / "index.html").write_text("tampered with")
    mended = make()
    assert mended.made == ("blue",)
    assert bytes_of(mended.folder) == before

    forced = make(force=True, whom=["amber"])
    assert forced.made == ("amber",)
    assert bytes_of(forced.folder) == before


def test_what_fails_is_tried_once_more_and_listed_and_the_others_go_on(project):
    notebook(
        project / "notebooks" / "caseworker.ipynb",
        CASES,
        "if whom[0] == 'b':\n    1 / 0\nif whom[0] == 'a':\n"
        "    import os\n    os.kill(os.getpid(), 9)",
    )
    found = make()
    assert not found.whole
    assert found.states == {"amber": "failed", "blue": "failed", "cmd-x": "done"}, found.reasons
    record = Record.read(found.folder)
    assert [record.reports[name]["attempts"] for name in ("amber", "blue")] == [2, 2]
    told = "\n".join(found.reasons)
    assert "failed with ZeroDivisionError" in told
    assert "ended before it was done" in told
    assert not (found.folder / "blue").exists()
    page = (found.folder / "index.html").read_text()
    assert "1 of 3 reports are here" in page
    assert "ZeroDivisionError" in page
    notebook(project / "notebooks" / "caseworker.ipynb", CASES)
    assert make().whole


def test_a_notebook_without_end_or_without_measure_is_stopped(project):
    notebook(
        project / "notebooks" / "caseworker.ipynb",
        CASES,
        "while whom[0] == 'b':\n    pass",
        "held = bytearray(2**36 if whom[0] == 'a' else 1)",
    )
    found = make()
    assert found.states == {"amber": "failed", "blue": "failed", "cmd-x": "done"}, found.reasons
    assert any("took longer than 5 seconds" in each for each in found.reasons)
    assert any("MemoryError" in each for each in found.reasons)


def stopped_half_way(project, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batch, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        make(whom=["amber", "blue"])


def test_a_stopped_run_goes_on_and_never_with_other_settings_or_data(project, monkeypatch):
    stopped_half_way(project, monkeypatch)
    assert not Path("reports/2025-03-caseworker").exists()
    settings = (project / "own.toml").read_text()
    (project / "own.toml").write_text(settings.replace("Harbour", "Harbor"))
    with pytest.raises(ReportError, match="from other settings"):
        make(whom=["amber", "blue"])
    (project / "own.toml").write_text(settings)
    contacts = project / "export" / "contacts.csv"
    contacts.write_text("enrolment_id,contact_date\ne-001,2025-03-09\n")
    with pytest.raises(ReportError, match="from other data"):
        make(whom=["amber", "blue"])
    assert sorted(make(force=True).made) == FOLDERS


def test_a_stopped_run_goes_on_where_it_was(project, monkeypatch):
    stopped_half_way(project, monkeypatch)
    with pytest.raises(ReportError, match="a run for other readers was stopped half way"):
        make()
    found = make(whom=["blue", "amber"])
    assert found.made == ()  # all that was left to do was the proof
    assert make().made == ("cmd-x",)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(batch, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        make(force=True)
    assert Path("reports/.2025-03-caseworker.part").exists()
    assert make().made == ()
    assert not Path("reports/.2025-03-caseworker.part").exists()


def test_two_runs_never_write_one_release(project):
    Path("reports").mkdir()
    with (
        FileLock("reports/.2025-03-caseworker.lock"),
        pytest.raises(ReportError, match="another run is making"),
    ):
        make()


def test_settings_that_change_while_reports_are_made_stop_the_release(project, monkeypatch):
    kept = batch._keep

    def changing(*given):
        kept(*given)
        Path("own.toml").write_text(Path("own.toml").read_text().replace("Harbour", "Harbor"))

    monkeypatch.setattr(batch, "_keep", changing)
    with pytest.raises(ReportError, match="changed while the reports were made"):
        make(whom=["blue"])
    assert not Path("reports/2025-03-caseworker").exists()


def test_what_does_not_pass_the_proof_is_withheld(project, monkeypatch):
    breach = release.Breach("identifier", "blue", "index.html")
    monkeypatch.setattr(release, "scan", lambda *_: (breach,))
    found = make(whom=["amber", "blue"])
    assert found.states == {"amber": "done", "blue": "withheld"}
    assert not (found.folder / "blue").exists()
    assert not found.whole
    assert "withheld" in (found.folder / "index.html").read_text()


def test_readers_and_audiences_that_are_not_there_are_refused(project):
    with pytest.raises(ReportError, match="caseworker has no reader 'bleu'"):
        make(whom=["bleu"])
    with pytest.raises(AccessError, match=r"no audience 'bord'. Did you mean 'board'\?"):
        batch.make("2025-03", "bord", settings_file="own.toml", progress=False)
    notebook(project / "notebooks" / "board.ipynb", CASES)
    with pytest.raises(ReportError, match="board is one report for all"):
        batch.make("2025-03", "board", settings_file="own.toml", progress=False, whom=["amber"])
    notebook(project / "notebooks" / "caseworker.ipynb", CASES)
    path = project / "notebooks" / "caseworker.ipynb"
    path.write_text(path.read_text().replace("audience =", "audiences ="))
    with pytest.raises(ReportError, match="takes no parameter audience"):
        make()
    Path("reports/2025-03-caseworker").mkdir(parents=True)
    Path("reports/2025-03-caseworker/mine.txt").write_text("mine")
    with pytest.raises(ReportError, match="not a report of ours"):
        make()
    assert Path("reports/2025-03-caseworker/mine.txt").read_text() == "mine"


def test_folders_are_named_safely_and_none_twice():
    readers = ["A/B", "A B", "a-b", "../../etc", "...", "", "é", "=1+1", "x" * 300]
    named = planning._folders(readers)
    assert sorted(named.values()) == sorted(readers)
    assert len({name.lower() for name in named}) == len(readers)
    for name in named:
        assert name
        assert len(name) < 80
        assert not set(name) & set("/\\.:*?<>|= ")


KILLED = """
import sys
from workbench.cli import main
if __name__ == "__main__":
    main(sys.argv[1:])
"""


@pytest.mark.skipif(not warm.POSSIBLE, reason="processes are forked on Linux only")
def test_workers_are_forked_from_a_process_without_threads_and_end_with_theirs():
    workers.warm_up()
    worker = workers._Worker({**os.environ, "ONLY_HERE": "1"})
    server = Path(f"/proc/{forkserver._forkserver._forkserver_pid}")
    seen = Path(f"/proc/{worker._process.pid}")
    deadline = time.monotonic() + 60
    children: list[str] = []
    while not children and time.monotonic() < deadline:
        time.sleep(0.1)
        children = (seen / "task" / seen.name / "children").read_text().split()
    assert len([*(server / "task").iterdir()]) == 1
    assert (seen / "comm").read_text().strip() == workers.NAME
    (child,) = children
    worker.end()
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{child}").exists()
    workers._Worker(dict(os.environ)).end()  # and there can be another


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(("who", "moment"), [("runner", "move"), ("worker", "execute")])
def test_a_killed_process_is_made_up_for_by_the_same_command(project, who, moment):
    undisturbed = bytes_of(make(out="quiet").folder)
    (project / "main.py").write_text(KILLED)
    command = [
        sys.executable, "main.py", "run", "2025-03", "--settings", "own.toml", "--out", "made",
        "--audience", "caseworker", "--workers", "1", "--log",
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        for line in running.stderr:
            if f" {moment}" in line:
                pid = running.pid if who == "runner" else int(line.split()[-1])
                os.kill(pid, signal.SIGKILL)
                break
        running.stderr.read()
    if who == "runner":
        deadline = time.monotonic() + 20
        while Path("made").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not Path("made").exists()
    code = subprocess.run([*command, "--log"], capture_output=True, text=True)
    assert code.returncode == 0, code.stderr
    made = bytes_of(Path("made"))
    assert made.keys() == undisturbed.keys()
    differing = {name for name in made if made[name] != undisturbed[name]}
    assert not differing
    time.sleep(1.5)
    assert not _left_over(str(project))


def _left_over(folder: str) -> list[str]:
    """Processes that still run in a folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(each / "cwd").startswith(folder) and int(each.name) != os.getpid():
                said = (each / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                ours = f"PPid:\t{os.getpid()}\n" in (each / "status").read_text()
                if not (ours and "multiprocessing" in said):  # what forks the workers of the tests
                    found.append(said)
        except OSError:
            continue
    return found


def test_a_board_of_too_many_measures_and_a_chosen_protection_of_ones_own_are_refused():
    many = [f"measure {n}" for n in range(9)]
    with pytest.raises(SettingsError, match="9 are too many for two pages"):
        build({"audiences": {"board": {"measures": many}}})
    with pytest.raises(SettingsError, match="there is nothing to choose"):
        build({"audiences": {"caseworker": {"disclosure": {"profile": "ons10"}}}})
    with pytest.raises(SettingsError, match="of small letters, digits and _"):
        build({"audiences": {"../board": {"title": "x", "notebook": "board"}}})


def test_an_audience_sees_what_is_its_own_and_others_are_refused(project):
    data = audiences.open_for("caseworker", "blue", settings="own.toml", as_of="2025-03")
    assert data.scope.own
    assert data.settings.disclosure.profile == "exact"
    assert len(data.values("clients.client_id")) == 4
    with pytest.raises(AccessError, match="no caseworker of that name with an open case"):
        audiences.open_for("caseworker", "bleu", settings="own.toml", as_of="2025-03")
    with pytest.raises(AccessError, match="one report for all"):
        audiences.open_for("board", "blue", settings="own.toml", as_of="2025-03")
    board = audiences.open_for("board", settings="own.toml", as_of="2025-03")
    assert board.settings.disclosure.profile == "rounded7"
    with pytest.raises(AccessError, match="only an organisation's own data"):
        audiences.others(board)
