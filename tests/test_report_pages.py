"""The pages of the sample's report as a reader meets them: in a browser, with the network off."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from workbench.reporting import batch, run
from workbench.settings import Reporting

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SCREEN, PHONE = 1280, 360  # pixels
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

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The pages of one report of the sample, and of one reader's report of each audience."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(home))
        patch.chdir(ROOT)
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


@pytest.fixture(params=PAGES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[SCREEN, PHONE])
def visit(request, paths: dict[str, Path], browser: Browser, name: str) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": request.param, "height": 800}, offline=True)
    yield Visit(context.new_page(), paths[name].as_uri())
    context.close()


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
