"""The caseworker's and the team manager's pages, and what is said on them."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

import workbench as wb
from workbench import display, measures, words
from workbench.periods import Period
from workbench.reporting import kernels, page, workbook
from workbench.words import caseload as said

ROOT = Path(__file__).parents[1]
LACKING = ("actions", "assessments", "absences", "needs", "targets", "changes", "supports")
TODAY = date(2025, 11, 30)


@pytest.fixture(scope="module")
def lean(tmp_path_factory):
    """Settings of the sample without the sections of some tables."""
    kept, out = [], False
    for line in (ROOT / "settings" / "sample.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            out = any(re.match(rf"\[sources\.{name}[.\]]", line) for name in LACKING)
        kept += [] if out else [line]
    text = "\n".join(kept).replace('path = "../data/sample"', f'path = "{ROOT / "data/sample"}"')
    file = tmp_path_factory.mktemp("lean") / "lean.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The sample's export with text in its actions that means harm."""
    folder = tmp_path_factory.mktemp("hostile") / "export"
    shutil.copytree(ROOT / "data" / "sample", folder)
    plans = folder / "action_plans.csv"
    text = plans.read_text(encoding="utf-8")
    text = text.replace("attend a first appointment", "=cmd()").replace(
        "make a plan together", "<script>alert(1)</script>"
    )
    plans.write_text(text, encoding="utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def attacked(hostile):
    return made("caseworker", "caseworker", "W12", source=hostile)


def made(notebook, audience, whom, settings="settings/sample.toml", source=""):
    """An executed notebook and its page."""
    settings = str(ROOT / settings)
    given = {"settings": settings, "period": "2025-11", "source": source}
    given |= {"audience": audience, "whom": whom}
    with ThreadPoolExecutor(1) as thread:  # this one may hold a browser's event loop
        path = ROOT / "notebooks" / f"{notebook}.ipynb"
        executed = thread.submit(kernels.execute, path, given).result()
    data = wb.open_for(audience, whom, settings=settings, as_of="2025-11", source=source)
    about = page.About.of(data, Period.parse("2025-11", 4), "2025-12-12T10:00:00+00:00", whom)
    return executed, page.render(executed, notebook, about), data, about


def test_a_caseworkers_page_without_plans_and_assessments_says_so(lean):
    _, html, _, _ = made("caseworker", "caseworker", "W12", lean)
    for name in ("actions", "assessments"):
        assert said.NOT_THERE[name] in html
    assert "You hold the cases of 25 clients" in html
    assert not re.search(r"\bW(0\d|10|11)\b|\bM0\d\b", html)
    assert page.LEFT_OUT not in html


def test_a_team_managers_page_without_plans_and_absences_says_so(lean):
    executed, html, _, _ = made("team_manager", "team_manager", "West", lean)
    for name in ("actions", "assessments", "absences"):
        assert said.NOT_THERE[name] in html
    assert not re.search(r"\b[CE]0\d{5}\b", html)
    assert set(re.findall(r"\bW\d\d\b", html)) == {"W09", "W11", "W12"}
    assert page.LEFT_OUT not in html
    assert not [piece for piece in display.pieces(executed) if piece.kind == "cases"]


def test_hostile_text_of_a_plan_is_text_on_the_page_and_in_the_workbook(attacked, tmp_path):
    executed, html, data, about = attacked
    assert "&lt;script&gt;alert(1)&lt;/script&gt; (" in html
    assert "<script" not in html.replace("&lt;script", "")
    file = tmp_path / "own.xlsx"
    workbook.write(file, {"caseworker": executed}, about, measures.dictionary(data))
    cells = [
        cell
        for sheet in load_workbook(file).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and "cmd()" in cell.value
    ]
    assert cells and all(cell.data_type == "s" for cell in cells)


def test_a_colleague_reading_the_notebook_is_shown_no_cases(attacked):
    executed = attacked[0]
    assert [piece.kind for piece in display.pieces(executed, own=True)].count("cases") == 3
    assert not [piece for piece in display.pieces(executed) if piece.kind == "cases"]


# --- sentences ----------------------------------------------------------------------------------


def test_the_sentence_on_a_caseload():
    told = said.summary(clients=12, quiet=2, quiet_days=28, actions=1, reviews=0, fix=3)
    assert told == (
        "You hold the cases of 12 clients: 2 of them not seen for more than 28 days, "
        "1 action overdue, no reviews overdue and 3 records to fix."
    )
    told = said.summary(clients=0, quiet=0, quiet_days=28, actions=0, reviews=0, fix=2)
    assert told.endswith("nothing to list. 2 records of earlier cases can still be put right.")


@pytest.mark.parametrize(
    ("band", "offered", "seen", "days", "told"),
    [
        ("call first", 6, 23, {"next_due": date(2025, 7, 29)},
         "call first, missed 6 days ago; action 29 Jul (late)"),
        ("as usual", 2, 2, {"review_due": date(2026, 12, 1), "next_contact": date(2025, 12, 2)},
         "contact 2 Dec, review 1 Dec 2026"),
        ("", None, None, {}, "no contact yet"),
        ("as usual", 1, 1, {"next_due": None}, "nothing planned"),
        ("as usual", 1, 5, {"next_due": date(2025, 11, 30)}, "missed 1 day ago; action 30 Nov"),
    ],
)  # fmt: skip
def test_what_to_do_with_a_client_is_short(band, offered, seen, days, told):
    assert said.to_do(band, offered, seen, days, TODAY) == told


def test_too_few_says_what_could_have_been_seen():
    assert said.too_few("entered in time", None, "May 2025", "%", 4, 13, None) == (
        "Too few months to tell: 4 of the 13 that a usual range takes. With these numbers, no "
        "difference in one month could be told from chance."
    )
    assert said.too_few("waits", 3.0, "May 2025", "days", 20, None, float("nan")) == (
        "Waits stood at 3 days in May 2025. Too few clients to tell a change from chance."
    )


def test_a_team_in_one_sentence_hides_what_its_table_hides():
    kinds = {"not seen for more than 28 days": None, "without an action on a plan": 0.0}
    assert said.team_summary(55.0, kinds) == (
        "The team has 55 clients with an open case. What is too small to show is left out."
    )
    told = said.team_summary(55.0, {"without an action on a plan": 9.0})
    assert told == "The team has 55 clients with an open case: 9 without an action on a plan."
    assert said.team_summary(None, kinds) == "How many clients the team has is too small to show."
    assert said.team_summary(0.0, {}) == "The team holds no open case on this day."


def test_no_sentence_ranks_anybody_or_claims_a_cause():
    told = [
        said.LIST, said.LATE, said.FIX, said.OWN_ONLY, said.CANNOT_TELL, said.CANNOT_TELL_FLOW,
        *said.TEAM.values(), *said.TO_DO.values(), said.workers(20, 37.5),
        said.timeliness(91, 28, 7),
    ]  # fmt: skip
    for each in told:
        assert not re.search(
            r"\b(because of|due to|best|worst|bottom|league position|ranking of)\b", each
        )


def test_away():
    assert said.away(None, None) == "no"
    assert said.away(date(2025, 8, 30), None) == "left on 30 August 2025"
    day = date(2025, 12, 1)
    assert said.away(None, (day, day, False)) == "away on 1 December"
    assert said.away(None, (date(2025, 11, 20), day, True)) == "away until 1 December"


def test_every_reading_has_something_to_do():
    assert set(said.TO_DO) == {*words.READINGS, said.TOO_FEW}
