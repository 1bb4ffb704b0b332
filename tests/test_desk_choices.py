"""The landing notebook's list, and choices above a notebook that change it without editing."""

from types import SimpleNamespace

import ipywidgets
import nbformat
import pytest

import workbench as wb
from workbench.desk import choosing, needs, questions, standing
from workbench.errors import DataError
from workbench.reporting import run as reporting
from workbench.tables import TABLES
from workbench.words import desk as said

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def data():
    return wb.open("settings/sample.toml", as_of="2025-11", scope=wb.EVERYONE)


def started(programme, number="1"):
    return {"enrolment_id": number, "start_date": "2025-01-01", "programme": programme}


# --- questions ----------------------------------------------------------------------------------


def test_every_notebook_is_a_question_but_the_landing_one(data):
    found = {each.notebook: each for each in questions.asked(data)}
    assert set(found) == set(reporting.notebooks()) - {questions.LANDING}
    assert list(found)[: len(data.settings.reporting.notebooks)] == [
        *data.settings.reporting.notebooks
    ]
    for each in found.values():
        assert each.title != "Untitled" and each.question.endswith("?")
        assert questions.answer(each) == "Yes."


def test_what_a_notebook_needs_is_said_of_every_notebook_and_names_tables():
    assert set(reporting.notebooks()) - {questions.LANDING} <= set(needs.NEEDS)
    for tables in [*needs.NEEDS.values(), *needs.MORE_WITH.values()]:
        assert set(tables) <= set(TABLES)


def test_a_table_that_is_missing_is_named_with_what_to_do(workspace):
    found = {each.notebook: each for each in questions.asked(workspace(enrolments=[started("A")]))}
    assert questions.answer(found["team_manager"]) == (
        "No: the tables assignments and staff are missing. "
        "Add [sources.assignments] and [sources.staff] to the settings."
    )
    assert questions.answer(found["compare_my_clients"]).startswith("No: the table outcomes is")
    assert questions.answer(found["disengagement"]).startswith("No. ")
    assert questions.answer(found["cohorts"]) == (
        "Yes, but for what takes outcomes, populations or assessments, which this export does not "
        "have."
    )


def test_the_list_links_to_notebooks_and_names_in_it_are_not_live():
    text = said.questions([("my note|book", f"[x](y) {HOSTILE}", "a | b\nc?", "nothing", "Yes.")])
    row = text.splitlines()[-1]
    assert "(my%20note%7Cbook.ipynb)" in row and "\\[x\\](y)" in row
    assert "\\<script\\>" in row and "a \\| b c?" in row


def test_concerns_stand_before_good_news_and_three_are_told(data, monkeypatch):
    rows = data.settings and standing.signals.overview(data).headlines
    readings = ["high", "improvement", "common cause", "concern", "concern"]
    rows = rows.head(5).assign(reading=readings, sentence=list("abcde"))
    monkeypatch.setattr(standing.signals, "overview", lambda _: SimpleNamespace(headlines=rows))
    told = standing.stands_out(data).splitlines()
    assert told[:3] == ["1. d", "2. e", "3. b"]
    assert told[-1].startswith("1 more stands out")
    rows["reading"] = "common cause"
    assert standing.stands_out(data) == said.NOTHING_STANDS_OUT


def test_how_far_the_records_go(data):
    told = standing.reach(data)
    assert "begin on 5 June 2023" in told and "complete up to 1 December 2025" in told
    assert "known on 30 November 2025" in told


# --- choices ------------------------------------------------------------------------------------


def test_periods_on_offer_are_over_and_complete(data):
    found = choosing.options(data, "period", "2025-11")
    names = [value for _, value in found]
    assert names[0] == "2025-11", "records are complete to 1 December"
    assert {"2025-11", "2025-Q2", "2024"} <= set(names)
    assert not {"2025-12", "2025-Q3", "2025", "2023-05", "2023"} & set(names)
    assert ("July to September 2025 (quarter)", "2025-Q2") in found
    assert len(names) == len(set(names))


def test_the_present_value_is_on_offer_whatever_it_is(data):
    assert choosing.options(data, "period", "1999-01")[0] == ("1999-01", "1999-01")


def test_programmes_and_groups_are_those_of_the_records(data):
    known = data.values("enrolments.programme")
    found = choosing.options(data, "programme", "")
    assert found[0] == (said.ALL_PROGRAMMES, "")
    assert {value for _, value in found[1:]} == known
    assert ("referral source", "referral_source") in choosing.options(data, "compare_by", "site")
    assert "arrest" in [value for _, value in choosing.options(data, "event", "")]


def test_one_programme_is_its_enrolments_and_their_clients_alone(data):
    one = choosing.of_programme(data, "Fresh Start")
    enrolled = one.tables.enrolments.to_pandas()
    assert set(enrolled["programme"]) == {"Fresh Start"}
    assert set(one.tables.clients.client_id.to_pandas()) == set(enrolled["client_id"])
    for name in ("contacts", "outcomes", "assignments"):
        held = set(one.tables[name].enrolment_id.to_pandas())
        assert held and held <= set(enrolled["enrolment_id"])
    assert "targets" not in one and "populations" not in one and "targets" in data
    assert choosing.of_programme(data, "") is data


def test_a_programme_that_is_not_there_is_refused_with_the_nearest(data):
    with pytest.raises(DataError, match=r"no programme 'Fresh Strat'\. Did you mean 'Fresh Start'"):
        choosing.of_programme(data, "Fresh Strat")
    with pytest.raises(
        DataError, match=r"offer: programm: there is no choice of it. Did you mean 'programme'"
    ):
        choosing.offer(settings="settings/sample.toml", programm="")


def test_nothing_is_shown_and_nothing_is_read_where_nobody_sits(monkeypatch):
    shown = []
    monkeypatch.setattr(choosing, "display", shown.append)
    monkeypatch.setattr(choosing, "open_workspace", lambda *_, **__: pytest.fail("was opened"))
    for parent in ({}, {"metadata": {}}, None):
        kernel = SimpleNamespace(get_parent=lambda parent=parent: parent)
        shell = SimpleNamespace(kernel=kernel, user_ns={})
        monkeypatch.setattr(choosing, "get_ipython", lambda shell=shell: shell)
        choosing.offer(settings="nowhere.toml", period="2025-11")
    monkeypatch.setattr(choosing, "get_ipython", lambda: None)
    choosing.offer(settings="nowhere.toml", period="2025-11")
    assert shown == []


def test_a_choice_is_written_into_the_parameter_and_the_notebook_runs_on(monkeypatch):
    shown = []
    monkeypatch.setattr(choosing, "display", shown.append)
    kernel = SimpleNamespace(get_parent=lambda: {"metadata": {"cellId": "a"}})
    shell = SimpleNamespace(kernel=kernel, user_ns={"period": "2025-11"})
    monkeypatch.setattr(choosing, "get_ipython", lambda: shell)
    choosing.offer(settings="settings/sample.toml", period="2025-11", programme="")
    (form,) = shown
    period, programme = form.children[0].children
    assert (period.description, programme.description) == ("Period", "Programme")
    assert isinstance(form.children[1], ipywidgets.HTML)
    assert form.children[1].value == said.RUNS_ON and "<" not in said.RUNS_ON
    programme.value = "Fresh Start"
    assert shell.user_ns == {"period": "2025-11", "programme": "Fresh Start"}
    assert "run-all-below" in shown[-1].data
    period.value = "2025-Q2"
    assert shell.user_ns["period"] == "2025-Q2" and len(shown) == 3


def test_the_notebooks_offer_what_they_take():
    for name, path in reporting.notebooks().items():
        cells = nbformat.read(path, as_version=4).cells
        source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        if "choosing.offer(" not in source:
            continue
        offered = source.split("choosing.offer(")[1].split(")")[0]
        for parameter in choosing.OFFERED:
            if f"{parameter}={parameter}" in offered:
                assert f"\n{parameter} = " in source, f"{name}: {parameter}"
        assert ("programme=" in offered) == ("choosing.of_programme(" in source), name
