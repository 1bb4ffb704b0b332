"""The pages for the board, the funder and a partner: printed, on a screen, on a phone."""

import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, sync_playwright

import workbench as wb
from workbench.periods import Period
from workbench.reporting import drawing, kernels, page

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SETTINGS = ROOT / "settings/sample.toml"
READERS = {"board": "", "funder": "", "partner": "Harbour Trust"}
MADE = "2025-12-12T09:00:00+00:00"
A4 = (595, 842)  # points

pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and which("pdfinfo")), reason=f"{CHROMIUM} or pdfinfo is missing"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of one page each for the three readers."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(home))
        patch.chdir(ROOT)
        for name, whom in READERS.items():
            data = wb.open_for(name, whom, settings=SETTINGS, as_of="2025-11")
            about = page.About.of(data, Period.parse("2025-11", 4), MADE, whom)
            given = {"settings": str(SETTINGS), "period": "2025-11", "whom": whom}
            with ThreadPoolExecutor(1) as thread:  # this one may hold a browser's event loop
                path = ROOT / "notebooks" / f"{name}.ipynb"
                executed = thread.submit(kernels.execute, path, given).result()
            drawing.draw(executed)
            html = page.render(executed, name, about)
            (folder / f"{name}.html").write_text(html, encoding="utf-8")
        yield folder


@pytest.fixture(scope="module")
def browser(pages: Path) -> Iterator[Browser]:  # made after them: both need an event loop
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture(scope="module")
def printed(pages: Path, browser: Browser) -> dict[str, Path]:
    """Each page as a PDF, as a browser prints it on A4."""
    made = {}
    for name in READERS:
        context = browser.new_context(offline=True)
        opened = context.new_page()
        opened.goto((pages / f"{name}.html").as_uri())
        made[name] = pages / f"{name}.pdf"
        opened.pdf(path=made[name], format="A4", prefer_css_page_size=True)
        context.close()
    return made


@pytest.fixture(params=[1280, 360])
def width(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(params=READERS)
def opened(request, pages: Path, browser: Browser, width: int):
    context = browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    visited = context.new_page()
    visited.goto((pages / f"{request.param}.html").as_uri())
    yield visited
    context.close()


def told(pdf: Path, tool: str, *options: str) -> str:
    run = subprocess.run(
        [tool, *options, str(pdf), *(["-"] if tool == "pdftotext" else [])],
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def test_the_board_gets_exactly_two_pages_of_a4(printed):
    facts = told(printed["board"], "pdfinfo")
    assert re.search(r"Pages:\s+2\n", facts), facts
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", facts)
    assert [round(float(each)) for each in size.groups()] == list(A4)


def test_the_boards_pages_hold_eight_measures_each_with_a_chart(pages, printed):
    html = (pages / "board.html").read_text(encoding="utf-8")
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


def test_other_reports_print_on_a_few_pages_too(printed):
    for name, most in (("funder", 7), ("partner", 14)):
        count = int(re.search(r"Pages:\s+(\d+)", told(printed[name], "pdfinfo")).group(1))
        assert 2 <= count <= most, name


def test_no_chart_is_cut_by_the_end_of_a_page(pages, browser):
    context = browser.new_context(offline=True)
    visited = context.new_page()
    for name in READERS:
        visited.goto((pages / f"{name}.html").as_uri())
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


def test_a_reader_never_scrolls_sideways(opened, width):
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_every_chart_is_seen_once_and_says_what_it_shows(opened):
    said = opened.evaluate(
        "[...document.querySelectorAll('.chart svg[role=img]')]"
        ".filter(each => each.checkVisibility()).map(each => each.getAttribute('aria-label'))"
    )
    assert len(said) == opened.locator("figure.chart").count() > 0
    assert all(len(each) > 30 for each in said)


def test_no_label_of_a_chart_is_cut_off(opened):
    cut = opened.evaluate(
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


def test_a_partner_is_told_of_no_other_organisation(pages):
    html = (pages / "partner.html").read_text(encoding="utf-8")
    assert "Millbrook Aid" not in html
    assert "exactly one other organisation" in html


def test_headings_are_in_order(opened):
    levels = opened.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(each => +each.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
