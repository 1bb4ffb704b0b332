"""A report from the command line: what it leaves, what it refuses, what it never touches."""

import json
from pathlib import Path

import nbformat
import openpyxl
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typer.testing import CliRunner

from workbench import cli
from workbench.errors import DataError, ReportError, SettingsError
from workbench.reporting import kernels, places, run

PARAMETERS = 'settings = "own.toml"\nperiod = "2025-03"\nsource = ""'
OPEN = (
    "import workbench as wb\nfrom workbench import disclosure, display\n"
    "data = wb.open(settings, as_of=period, source=source, scope=wb.EVERYONE)\n"
)
COUNTED = (
    OPEN + "counts = data.tables.clients.group_by('gender').count().to_pandas()\n"
    "counts.columns = ['gender', 'people']\n"
    "display.Table(disclosure.protect(counts, people=['people']), title='Clients')"
)
FORMULA = "=cmd()|<script>alert(1)</script>"


def notebook(path, title, *code, parameters=PARAMETERS):
    cells = [new_markdown_cell(f"# {title}"), new_code_cell(parameters)]
    cells[1].metadata["tags"] = ["parameters"]
    made = new_notebook(cells=[*cells, *map(new_code_cell, code)])
    nbformat.write(made, path)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with an export of 40 clients, settings and two notebooks, to stand in."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    export, notebooks = tmp_path / "export", tmp_path / "notebooks"
    export.mkdir()
    notebooks.mkdir()
    genders = [FORMULA if n % 2 else "female" for n in range(40)]
    rows = {
        "clients": ["client_id,gender", *(f"secret{n},{g}" for n, g in enumerate(genders))],
        "enrolments": [
            "enrolment_id,client_id,programme,start_date",
            *(f"stay{n},secret{n},Homes,2025-01-{n % 28 + 1:02}" for n in range(40)),
        ],
        "contacts": [
            "enrolment_id,contact_date",
            *(f"stay{n},2025-03-{n % 28 + 1:02}" for n in range(40)),
        ],
    }
    for name, lines in rows.items():
        (export / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "own.toml").write_text(
        '[organisation]\nname = "Harbour"\n[data]\npath = "export"\n'
        '[reporting]\nnotebooks = ["counts", "sums"]\n'
    )
    notebook(notebooks / "counts.ipynb", "Who are they?", COUNTED)
    notebook(
        notebooks / "sums.ipynb",
        "How many?",
        OPEN + "display.Text(f'times {times}')",
        parameters=PARAMETERS + "\ntimes = 1",
    )
    return tmp_path


def made(**further):
    return run.run("2025-03", settings_file="own.toml", progress=False, **further)


def test_a_report_is_pages_a_workbook_and_a_record(project):
    report = made(parameters={"times": 7})
    assert report.whole
    assert report.folder == Path("reports/2025-03")
    names = {path.name for path in report.folder.iterdir()}
    assert names == {"index.html", "counts.html", "sums.html", "tables.xlsx", "run.json"}
    assert "times 7" in (report.folder / "sums.html").read_text()
    record = json.loads((report.folder / "run.json").read_text())
    assert record["rows"]["clients"] == {"loaded": 40, "repaired": 0, "set aside": 0}
    assert record["parameters"] == {
        "settings": "own.toml",
        "period": "2025-03",
        "source": "",
        "times": 7,
    }
    assert [entry["state"] for entry in record["notebooks"]] == ["done", "done"]
    assert set(record["inputs"]) == {"clients.csv", "enrolments.csv", "contacts.csv"}


def test_no_client_is_named_and_nothing_in_the_data_runs(project):
    folder = made().folder
    for path in folder.iterdir():
        assert b"secret" not in path.read_bytes(), path.name
        assert str(project).encode() not in path.read_bytes(), path.name
    page = (folder / "counts.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == FORMULA for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)


def test_a_notebook_that_fails_says_why_and_the_others_go_on(project):
    broken = project / "notebooks" / "broken.ipynb"
    notebook(broken, "Broken", OPEN + "data.needs('actions')", "1 / 0")
    report = made(only=["broken", "sums"])
    assert not report.whole
    page = (report.folder / "broken.html").read_text()
    assert "actions: this export has no such table" in page
    assert "broken" in (report.folder / "index.html").read_text()
    assert (report.folder / "sums.html").exists()
    assert [entry.state for entry in report.entries] == ["failed", "done"]


def test_an_error_that_may_hold_records_is_told_without_its_message(project):
    path = project / "notebooks" / "leak.ipynb"
    notebook(path, "Leak", OPEN + "raise ValueError('secret12')")
    report = made(only=["leak"])
    assert "secret12" not in report.entries[0].reason
    assert "failed with ValueError" in report.entries[0].reason
    assert "secret12" not in (report.folder / "leak.html").read_text()


def test_a_run_that_fails_leaves_the_report_that_was_there(project):
    folder = made().folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (project / "export" / "contacts.csv").write_text("enrolment_id,contact_date\n")
    with pytest.raises(DataError):
        made()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.glob("*2025*")] == ["2025-03"]


def test_a_run_stopped_half_way_leaves_the_report_that_was_there(project, monkeypatch):
    folder = made().folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run.workbook, "write", full)
    with pytest.raises(ReportError, match="could not be written: No space left"):
        made()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.glob("*2025*")] == ["2025-03"]


def test_a_report_moved_away_by_a_run_that_died_is_brought_back(project):
    folder = made(only=["sums"]).folder
    folder.rename(folder.with_name(".2025-03.abc.old"))
    (project / "export" / "contacts.csv").write_text("enrolment_id,contact_date\n")
    with pytest.raises(DataError):
        made()
    assert (folder / "sums.html").exists()


def test_a_release_that_was_moved_away_is_not_taken_for_the_report_of_its_period(tmp_path):
    release, report = tmp_path / "2025-03-board", tmp_path / "2025-03"
    for folder in (release, tmp_path / "new"):
        folder.mkdir()
        (folder / "run.json").write_text(folder.name)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError):
        patch.setattr(places.shutil, "rmtree", lambda *_, **__: None)
        patch.setattr(Path, "chmod", lambda *_: None)
        kept = Path.rename
        patch.setattr(
            Path, "rename", lambda one, to: kept(one, to) if one == release else _stopped()
        )
        places.put(tmp_path / "new", release)
    places.bring_back(report)
    assert not report.exists()
    places.bring_back(release)
    assert (release / "run.json").read_text() == "2025-03-board"


def _stopped():
    raise OSError("stopped")


def test_a_place_where_nothing_can_be_written_is_refused_before_any_work(project):
    (project / "file").write_text("")
    (project / "link").symlink_to(project / "export")
    for out in ("file", "file/report", "link"):
        with pytest.raises(ReportError, match=f"out: {out} is, or lies in, a file or a link"):
            made(out=out)
    assert not (project / "home").exists()


def test_files_that_are_no_report_are_never_replaced(project):
    out = project / "precious"
    out.mkdir()
    (out / "thesis.txt").write_text("ten years")
    with pytest.raises(ReportError, match="holds files that are not a report of ours"):
        made(out=out)
    assert (out / "thesis.txt").read_text() == "ten years"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["2025-3"], "period: '2025-3' is not a period. Write a month as \"2025-11\", a quarter"),
        (["2026-03"], "period: there are no records for March 2026; they run from"),
        (["2026-03"], "Did you mean '2025-03'?"),
        (["2025-03", "--only", "count"], "there is no notebook 'count'. Did you mean 'counts'?"),
        (["2025-03", "--set", "time=3"], "takes 'time'. Did you mean 'times'?"),
        (["2025-03", "--set", "times"], "--set: 'times' has no '='. Write NAME=VALUE."),
        (["2025-03", "--source", "nowhere.zip"], "there is nothing at"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_name(project, arguments, message, capsys):
    command = ["run", *arguments, "--settings", "own.toml"]
    with pytest.raises(SystemExit) as stopped:
        cli.main(command)
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert not (project / "reports").exists()


def test_settings_that_are_not_there_are_refused_with_the_nearest_name(project):
    with pytest.raises(SettingsError, match=r"no file 'owm.toml'. Did you mean 'own.toml'"):
        run.run("2025-03", settings_file="owm.toml")


def test_a_notebook_must_take_what_a_report_gives(project):
    path = project / "notebooks" / "alone.ipynb"
    notebook(path, "Alone", parameters='period = "2025-03"')
    with pytest.raises(ReportError, match="takes no parameter 'settings'"):
        made(only=["alone"])
    nbformat.write(new_notebook(cells=[new_markdown_cell("# None")]), path)
    with pytest.raises(ReportError, match="no cell of this notebook is tagged 'parameters'"):
        kernels.parameters(path)


def test_the_commands_say_what_they_did(project):
    runner = CliRunner()
    result = runner.invoke(cli.app, ["run", "2025-03", "--settings", "own.toml"])
    assert result.exit_code == 0
    assert result.stdout.strip() == "reports/2025-03/index.html"
    listed = runner.invoke(cli.app, ["list"]).stdout
    assert "  counts               Who are they?" in listed
    assert "  caseworker           Caseworkers, one report for each caseworker" in listed
    result = runner.invoke(cli.app, ["check", "--settings", "own.toml"])
    assert result.exit_code == 0, result.exception
    checked = result.stdout
    assert "secret" not in checked
    assert "complete to 2025-03-28" in checked
    forgotten = runner.invoke(cli.app, ["forget", "secret3"]).stdout
    assert "2025-03" in forgotten
    assert "secret3" not in forgotten
    assert "| clients | client_id* |" in runner.invoke(cli.app, ["dictionary"]).stdout


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("who", "caseworker: W03", "one caseworker"),
        ("who", " Caseworker_id: W03", "one caseworker"),
        ("caseworker", "W03", "one caseworker"),
        ("caseworker", "", ""),
        ("who", "programme: Fresh Start", "programme: Fresh Start"),
        ("settings", "/home/somebody/own.toml", "own.toml"),
        ("landmark_days", 56, 56),
    ],
)
def test_what_a_report_was_asked_is_kept_without_naming_anybody(key, given, kept):
    assert run._shown(key, given) == kept
