"""The pages of the sample's reports as a reader meets them, in a browser with the network off.

At two widths, and some of them printed.
"""

import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from shutil import which
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from workbench.reporting import batch, kernels, run
from workbench.settings import Reporting

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SCREEN, PHONE = 1280, 360  # pixels
A4 = (595, 842)  # points
PRINTED = {"board": 2, "funder": 7, "partner": 14}  # pages at most
READERS = {
    "caseworker": "W01", "team_manager": "North", "service_manager": "", "board": "", "funder": "",
    "partner": "Harbour Trust",
}  # fmt: skip
PAGES = ["index", *Reporting().notebooks, *READERS]
CHARTS = {
    "index": 0,
    "performance": 10,
    "cohorts": 5,
    "sweet_spot": 4,
    "compare_my_clients": 2,
    "journeys": 4,
    "disengagement": 2,
    "segments": 2,
    "data_quality": 2,
    "caseworker": 1,
    "team_manager": 1,
    "service_manager": 2,
    "board": 8,
    "funder": 2,
    "partner": 2,
}  # at least

pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and which("pdfinfo")), reason=f"{CHROMIUM} or pdfinfo is missing"
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The pages of one report of the sample, and of one reader's report of each audience.

    The main report's notebooks are taken as they are kept, executed: nbval shows that they are what
    another run of them gives.
    """
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(home))
        patch.chdir(ROOT)
        with patch.context() as kept:
            kept.setattr(kernels, "execute", lambda path, *_: nbformat.read(path, as_version=4))
            run.run("2025-11", out=folder / "made", progress=False)
        found = {name: folder / "made" / f"{name}.html" for name in ["index", *_names()]}
        for audience, reader in READERS.items():
            whom = [reader] if reader else []
            made = batch.make(
                "2025-11", audience, whom=whom, out=folder / audience, progress=False, workers=1
            )
            assert made.whole, made.reasons
            found[audience] = next(folder.glob(f"{audience}/*/index.html"))
        yield found


def _names() -> list[str]:
    return list(Reporting().notebooks)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Visit:
    """A page that is open, what it asked for and what it said."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.asked, self.said = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(address, wait_until="load")

    def all(self, script: str) -> list:
        return self.page.evaluate(script)


@pytest.fixture(scope="module", params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", params=[SCREEN, PHONE])
def visit(request, paths: dict[str, Path], browser: Browser, name: str) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, offline=True)
    yield Visit(context.new_page(), paths[name].as_uri())
    context.close()


@pytest.fixture(scope="module")
def printed(paths: dict[str, Path], browser: Browser, tmp_path_factory) -> dict[str, Path]:
    """Some pages as a browser prints them on A4."""
    folder, made = tmp_path_factory.mktemp("printed"), {}
    context = browser.new_context(offline=True)
    page = context.new_page()
    for name in PRINTED:
        page.goto(paths[name].as_uri())
        made[name] = folder / f"{name}.pdf"
        page.pdf(path=made[name], format="A4", prefer_css_page_size=True)
    context.close()
    return made


def told(pdf: Path, tool: str) -> str:
    """What a tool says of a printed page."""
    written = ["-"] if tool == "pdftotext" else []
    command = [tool, str(pdf), *written]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# --- on a screen and on a phone -----------------------------------------------------------------


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(visit: Visit):
    assert visit.asked
    outside = [url for url in visit.asked if urlsplit(url).scheme not in {"file", "data"}]
    assert (outside, visit.said) == ([], [])


def test_every_chart_is_drawn_and_says_what_it_shows(visit: Visit, name: str):
    charts = visit.all(
        """[...document.querySelectorAll(".chart svg[role=img]")]
        .filter(each => each.checkVisibility())
        .map(each => ({
            said: each.getAttribute("aria-label"),
            width: each.getBoundingClientRect().width,
            height: each.getBoundingClientRect().height,
            marks: [...each.querySelectorAll("path, rect, text")]
                .filter(mark => mark.getBBox().width > 0).length,
            words: each.textContent,
        }))"""
    )
    assert len(charts) >= CHARTS[name]
    assert len(charts) == visit.page.locator("figure.chart").count()
    for chart in charts:
        assert len(chart["said"]) > 30
        assert min(chart["width"], chart["height"]) > 50, chart["said"]
        assert chart["marks"] > 5, chart["said"]
        garbled = [word for word in ("undefined", "NaN", "null") if word in chart["words"]]
        assert not garbled, chart["said"]


def test_no_label_of_a_chart_is_cut_off(visit: Visit):
    cut = visit.all(
        """[...document.querySelectorAll(".chart svg[role=img]")]
        .filter(each => each.checkVisibility())
        .flatMap(each => {
            const frame = each.getBoundingClientRect();
            return [...each.querySelectorAll("text")]
                .map(text => [text.textContent, text.getBoundingClientRect()])
                .filter(([words, box]) => words && box.width &&
                    (box.left < frame.left - 1 || box.right > frame.right + 1))
                .map(([words]) => words);
        })"""
    )
    assert not cut


def test_a_reader_never_scrolls_sideways(visit: Visit):
    width = visit.page.viewport_size["width"]
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_headings_are_in_order(visit: Visit):
    levels = visit.all(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(each => +each.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_headers(visit: Visit):
    bare = visit.all(
        """[...document.querySelectorAll("table")]
        .filter(each => !each.caption?.textContent.trim() || !each.querySelector("th[scope=col]"))
        .map(each => each.textContent.slice(0, 80))"""
    )
    assert not bare


def test_every_link_leads_somewhere(visit: Visit, paths: dict[str, Path], name: str):
    report = paths[name].parent
    links = visit.all("[...document.querySelectorAll('a[href]')].map(each => each.href)")
    assert len(links) > (1 if name in READERS else len(_names()))
    for link in links:
        target, anchor = urldefrag(link)
        path = Path(unquote(urlsplit(target).path))
        assert path.exists(), link
        assert path.parent == report, link
        assert not anchor or f'id="{anchor}"' in path.read_text(encoding="utf-8"), link


def test_a_card_leads_to_its_chart(paths: dict[str, Path], browser: Browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(paths["index"].as_uri())
    card = page.locator(".card a").first
    measure = card.inner_text()
    card.click()
    anchor = urlsplit(page.url).fragment
    assert page.locator(f"[id='{anchor}']").inner_text() == measure
    context.close()


# --- printed ------------------------------------------------------------------------------------


def test_the_board_gets_exactly_two_pages_of_a4(printed):
    facts = told(printed["board"], "pdfinfo")
    assert re.search(r"Pages:\s+2\n", facts), facts
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", facts)
    assert [round(float(each)) for each in size.groups()] == list(A4)


def test_the_boards_pages_hold_eight_measures_each_with_a_chart(paths, printed):
    html = paths["board"].read_text(encoding="utf-8")
    assert html.count('<section class="measure">') == 8
    assert html.count('<figure class="chart">') == 8
    assert html.count("<section") == html.count("</section>")
    text = told(printed["board"], "pdftotext")
    for measure in ("Referrals", "Start rate", "Attendance rate", "Days from referral to start"):
        assert measure in text
    assert "Decisions asked for" in text
    assert "whether the shorter referral form stays" in text.lower().replace("\n", " ")


def test_print_leaves_out_what_only_a_screen_can_use(printed):
    for name, pdf in printed.items():
        text = told(pdf, "pdftotext")
        assert "Table behind this chart" not in text, name
        assert "On this page" not in text, name
        assert "Skip to the report" not in text, name


def test_reports_print_on_a_few_pages_too(printed):
    for name, most in PRINTED.items():
        count = int(re.search(r"Pages:\s+(\d+)", told(printed[name], "pdfinfo")).group(1))
        assert 2 <= count <= most, name


def test_no_chart_is_cut_by_the_end_of_a_page(paths, browser):
    context = browser.new_context(offline=True)
    visited = context.new_page()
    for name in PRINTED:
        visited.goto(paths[name].as_uri())
        visited.emulate_media(media="print")
        kept = visited.evaluate(
            "[...document.querySelectorAll('.chart, .card, tr')]"
            ".every(each => getComputedStyle(each).breakInside === 'avoid')"
        )
        repeated = visited.evaluate(
            "[...document.querySelectorAll('thead')]"
            ".every(each => getComputedStyle(each).display === 'table-header-group')"
        )
        assert (kept, repeated) == (True, True), name
    context.close()


def test_a_partner_is_told_of_no_other_organisation(paths):
    html = paths["partner"].read_text(encoding="utf-8")
    assert "Millbrook Aid" not in html
    assert "exactly one other organisation" in html
