"""The staff pages in a browser: asked and changed, kept in a link, by keyboard, on a phone."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pandas as pd
import pytest

import workbench as wb
from workbench import Scope
from workbench import settings as settings_room
from workbench.analyses import comparison
from workbench.audiences import OWN
from workbench.words import asking as said
from workbench.words import client_summary as in_summary

pytest.importorskip("panel")
sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

ROOT = Path(__file__).parents[1]
PAGES = ("compare_my_clients", "caseload", "client_summary")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "three words together"
EVIL, FORMULA = "<img src=x onerror=document.title='owned'>", "=cmd('calc')"
WIDTHS = {"phone": (360, 740), "desk": (1280, 900)}
PATIENCE = 60_000  # milliseconds: a page is waited for, never slept for
SERVER = """
import sys
from pathlib import Path
from workbench import settings
from workbench.staff import accounts, serving

folder, notebooks = Path(sys.argv[1]), Path(sys.argv[2])
own = settings.read(folder / "settings.toml")
accounts.N = 2**10
for login in ("ann", "bob", "mia"):
    accounts.add(own, login, "three words together")
served = serving.start(own, port=0, pages=[notebooks / f"{name}.ipynb" for name in sys.argv[3:]])
print(served.address, flush=True)
served.run()
"""
TEXT = """() => {
  const unread = ["STYLE", "SCRIPT"]
  const read = (node) => node.nodeType === 3 ? node.textContent
    : unread.includes(node.nodeName) ? "" : [node.shadowRoot, ...node.childNodes]
      .filter(Boolean).map(read).join(" ")
  return read(document.querySelector("main"))
}"""


def export(folder):
    """Ann holds 40 clients, Bob three; Mia is their manager."""
    ids, today = range(43), date.today()
    mine = [f"e{n:02}" for n in ids]
    contacts = [(each, f"2026-01-{5 + n % 20:02}") for n, each in enumerate(mine) if n % 7]
    contacts += [(each, f"2025-{month:02}-20") for month in range(1, 13) for each in mine[::2]]
    contacts += [(mine[0], "2025-01-01"), (mine[0], "2026-01-30")]
    tables = {
        "clients": {"client_id": [f"c{n:02}" for n in ids]},
        "enrolments": {
            "enrolment_id": mine,
            "client_id": [f"c{n:02}" for n in ids],
            "programme": [[FORMULA, "Support"][n % 2] for n in ids],
            "start_date": "2025-01-06",
        },
        "contacts": {
            "enrolment_id": [each for each, _ in contacts],
            "contact_date": [day for _, day in contacts],
            "attended": ["yes", "no"] * (len(contacts) // 2) + ["yes"] * (len(contacts) % 2),
        },
        "supports": {
            "enrolment_id": [*mine[::3], *mine[:3]],
            "support": ["advice"] * len(mine[::3]) + [EVIL] * 3,
            "start_date": "2025-01-10",
        },
        "outcomes": {
            "enrolment_id": mine,
            "outcome": "home",
            "outcome_date": "2025-05-05",
            "status": ["achieved" if n % 3 == 0 or n % 4 == 0 else "not achieved" for n in ids],
        },
        "actions": {
            "enrolment_id": mine[:2],
            "action": [EVIL, "see the landlord"],
            "created_date": "2025-12-01",
            "due_date": "2026-01-08",
        },
        "assignments": {
            "enrolment_id": [*mine, mine[0]],
            "caseworker_id": ["A"] * 40 + ["B"] * 3 + ["B"],
            "start_date": "2025-01-06",
            "end_date": [""] * 43 + [str(today - timedelta(1))],
        },
        "staff": {
            "caseworker_id": ["A", "B", "M"],
            "login": ["ann", "bob", "mia"],
            "team": "North",
            "manager_id": ["M", "M", ""],
        },
    }
    text = ['[data]\npath = "."\n[outcomes]\nsuccess = ["home"]\n']
    for name, columns in tables.items():
        pd.DataFrame(columns).to_csv(folder / f"{name}.csv", index=False)
        mapped = "\n".join(f'{each} = "{each}"' for each in columns)
        text.append(f'[sources.{name}]\nfile = "{name}.csv"\n[sources.{name}.columns]\n{mapped}\n')
    (folder / "settings.toml").write_text("\n".join(text))


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a server of the three pages, and the folder of its export."""
    folder = tmp_path_factory.mktemp("pages")
    export(folder)
    (folder / "server.py").write_text(SERVER)
    environment = {**os.environ, "WORKBENCH_HOME": str(folder / "home")}
    command = [sys.executable, str(folder / "server.py"), str(folder), str(ROOT / "notebooks")]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [*command, *PAGES], stdout=subprocess.PIPE, stderr=log, text=True, env=environment,
            cwd=folder,
        )  # fmt: skip
    address = process.stdout.readline().strip()
    assert address, (folder / "server.log").read_text()
    yield address, folder
    process.terminate()
    process.wait(30)
    process.stdout.close()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    with sync_api.sync_playwright() as tools:
        found = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def visitors(browser, served):
    """Signed in once each: contexts by login and width, cut off from all but the server."""
    address, _ = served
    known, elsewhere = {}, []

    def allow(route):
        here = route.request.url.startswith((address, "data:", "blob:"))
        if not here:
            elsewhere.append(route.request.url)
        (route.continue_ if here else route.abort)()

    def visitor(login="ann", width="desk"):
        if (login, width) not in known:
            size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
            context = browser.new_context(viewport=size)
            context.set_default_timeout(PATIENCE)
            context.route("**/*", allow)
            page = context.new_page()
            page.goto(f"{address}/login")
            page.fill("#login", login)
            page.fill("#password", PASSWORD)
            page.click("button")
            page.wait_for_selector("h1")
            page.close()
            known[login, width] = context
        return known[login, width]

    yield visitor
    assert not elsewhere, "something was asked for from elsewhere"


@pytest.fixture
def opened(visitors, served):
    """Opens a page for a login: its address within the server, and what to wait for."""
    address, _ = served
    with contextlib.ExitStack() as closing:

        def show(path, wait, login="ann", width="desk"):
            page = visitors(login, width).new_page()
            closing.callback(page.close)
            page.goto(f"{address}/{path}")
            page.wait_for_selector(wait)
            return page

        yield show


def ask(**parts):
    return f"compare_my_clients?{urlencode(parts)}"


def text(page):
    """All that is written on a page, also in the parts that keep their own tree."""
    return page.evaluate(TEXT)


def sentence(page):
    return " ".join(page.inner_text(".sentence").split())


def test_the_answer_is_that_of_the_function_for_the_clients_held_so_far(opened, served):
    page = opened(ask(who="everyone", group="received advice", outcome="home"), ".sentence")
    own = settings_room.read(served[1] / "settings.toml")
    own = own.model_copy(update={"disclosure": OWN})
    scope = Scope("A", frozenset(["A"]), ever=True, on=date.today())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(served[1] / "home"))
        data = wb.open(own, as_of="2025-12-31", scope=scope)
        answer = comparison.compare_clients(data, "everyone", "received advice", "home")
    assert sum(answer.comparison.known) == 40
    assert sentence(page) == answer.sentence.replace("\\", "")


def test_a_choice_changes_answer_and_address_and_the_address_keeps_it(opened):
    page = opened(ask(who="everyone", group="received advice", outcome="home"), ".sentence")
    before = sentence(page)
    page.get_by_label(said.GROUP).select_option(label="Support, or any other")
    page.wait_for_url("**programme*Support*")
    page.get_by_text("whose programme is Support").first.wait_for()
    after = sentence(page)
    assert after != before
    asked = parse_qs(urlsplit(page.url).query)
    assert asked == {"who": ["everyone"], "group": ["programme: Support"], "outcome": ["home"]}
    page.reload()
    page.wait_for_selector(".sentence")
    assert sentence(page) == after
    assert page.get_by_label(said.GROUP).input_value() == "Support, or any other"


def test_the_new_answer_is_told_to_a_screen_reader(opened):
    page = opened("compare_my_clients", ".sentence")
    page.get_by_label(said.GROUP).select_option(label="First seen within 14 days, or later")
    told = page.locator("#wb-said")
    told.filter(has_text="seen within 14 days").wait_for(state="attached")
    assert told.get_attribute("role") == "status"
    assert " ".join(told.text_content().split()) == sentence(page)


def test_it_works_by_keyboard_alone(opened, served):
    page = opened("compare_my_clients", ".sentence")
    page.get_by_label(said.WHO).focus()
    page.keyboard.press("Tab")
    page.keyboard.type("First seen within 28")
    page.get_by_text("seen within 28 days").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Is this so for the young ones?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text(said.SENT).first.wait_for()
    rows = (served[1] / "staff" / "questions.jsonl").read_text().splitlines()
    kept = json.loads(rows[-1])
    assert kept["words"] == "Is this so for the young ones?"
    assert kept["question"]["group"] == "first contact within 28 days"
    assert kept["login"] == "ann"


@pytest.mark.parametrize(
    "parts",
    [
        {"whom": "B"}, {"who": "caseworker: B"}, {"group": "received <script>alert(1)</script>"},
        {"login": "mia"}, {"group": "received advice", "scope": "everyone"},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_link_gives_a_sentence_and_one_s_own_clients(opened, parts):
    page = opened(ask(**parts), ".sentence")
    assert page.get_by_text(said.NOT_UNDERSTOOD).is_visible()
    assert page.get_by_label(said.WHO).input_value() == said.ALL["caseworker"]
    assert said.WHOSE["caseworker"] in text(page)
    counted = re.findall(r"of (\d+) clients", sentence(page))
    assert sum(map(int, counted)) == 40


def test_names_that_mean_harm_are_text(opened):
    page = opened(ask(group=f"received {EVIL}"), ".sentence")
    assert said.too_few(10) in text(page)
    assert EVIL in page.inner_text(".asked")
    assert page.get_by_label(said.GROUP).input_value() == said.support(EVIL)
    page.get_by_label(said.GROUP).select_option(label=f"{FORMULA}, or any other")
    page.get_by_text("whose programme is =cmd('calc')").first.wait_for()
    lists = opened("caseload", ".cases")
    assert EVIL in text(lists)
    for each in (page, lists):
        assert "owned" not in each.title()


def test_a_team_sees_protected_numbers_and_no_support_of_three(opened):
    page = opened(ask(group=f"received {EVIL}", outcome="home"), ".sentence", login="mia")
    assert said.WHOSE["team"] in text(page)
    assert "Too few to tell: a number behind it is too small to be shown." in sentence(page)
    assert "[c]" in page.inner_text("table")
    assert not page.query_selector("svg")


def test_a_few_clients_of_before_are_told_to_nobody(opened):
    page = opened(ask(group="received advice", outcome="home"), ".sentence", login="bob")
    assert sentence(page) == said.CANNOT
    assert said.too_few(10) in text(page)
    assert not page.query_selector("table, svg")


def test_two_workers_at_once_see_their_own(opened):
    pages = {login: opened("caseload", ".cases", login=login) for login in ("ann", "bob")}
    seen = {login: set(re.findall(r"\bc\d\d\b", text(each))) for login, each in pages.items()}
    assert seen["bob"] == {"c40", "c41", "c42"}
    assert seen["ann"] == {f"c{n:02}" for n in range(40)}


def test_a_call_is_noted_with_one_click(opened, served):
    page = opened("caseload", ".cases")
    first = page.locator(".client").first.inner_text()
    page.get_by_role("button", name=f"Not reached {first}").click()
    page.get_by_text(said.noted(first, "not reached")).first.wait_for()
    noted = json.loads((served[1] / "staff" / "calls.jsonl").read_text().splitlines()[-1])
    assert noted["client_id"] == first
    assert (noted["login"], noted["result"]) == ("ann", "not reached")
    again = opened("caseload", ".cases")
    assert "tried, not reached" in text(again)


def test_a_manager_holds_no_list(opened):
    page = opened("caseload", "h1", login="mia")
    assert said.ONLY_HOLDERS in text(page)
    assert not re.search(r"\bc\d\d\b", text(page))


def test_from_the_list_to_the_summary_of_one_client(opened):
    page = opened("caseload", ".cases")
    page.get_by_role("link", name="c07").last.click()
    page.wait_for_selector(".sheet")
    sheet = page.inner_text(".sheet")
    assert "c07" in sheet
    assert not set(re.findall(r"\bc\d\d\b", sheet)) - {"c07"}
    assert in_summary.SIGNED in sheet


@pytest.mark.parametrize("client", ["c41", "nobody", EVIL, "c07&client=c41"])
def test_somebody_else_s_client_is_refused_as_if_there_were_none(opened, client):
    page = opened(f"client_summary?client={client}", ".links")
    shown = text(page)
    assert "There is no client of that id" in shown
    assert "c41" not in shown


def test_the_summary_prints_on_one_sheet_without_what_is_for_the_screen(opened, tmp_path):
    page = opened("client_summary?client=c08", ".sheet")
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name=in_summary.PRINT).is_visible()
    margins = dict.fromkeys(("top", "right", "bottom", "left"), "15mm")
    page.pdf(path=tmp_path / "sheet.pdf", format="A4", margin=margins)
    printed = (tmp_path / "sheet.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("path", "wait"),
    [
        ("compare_my_clients", ".sentence"),
        ("caseload", ".cases"),
        ("client_summary", ".links"),
        ("client_summary?client=c08", ".sheet"),
    ],
)
def test_everybody_can_use_it(opened, path, wait, width):
    """No serious fault, one title, nothing that scrolls sideways, targets of 44 pixels."""
    page = opened(path, wait, width=width)
    faults = axe.Axe().run(page).response["violations"]
    assert not [(each["id"], each["help"]) for each in faults if each["impact"] != "minor"]
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width][0]
    assert page.locator("h1").count() == 1
    for each in page.locator("main").locator("button, select, textarea").all():
        box = each.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44
    for each in page.locator("main").locator("a").all():
        assert each.bounding_box()["height"] >= 44
