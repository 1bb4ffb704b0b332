"""Pages of a report: whole by themselves, safe, readable by everyone."""

import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from workbench import charts, display
from workbench.disclosure import extend, protect
from workbench.errors import ReportError
from workbench.periods import Period
from workbench.reporting import page
from workbench.reporting.prose import Prose

HOSTILE = '<script>alert("x")</script>'
ABOUT = page.About(
    organisation=f"Riverside {HOSTILE}",
    period="November 2025",
    as_of=date(2025, 11, 30),
    complete_to=date(2025, 11, 9),
    left_out={"no consent to analysis": 40},
    protection="Numbers from 1 to 7 are not shown ([c]).",
    basis="",
    snapshot="4f1c0aa9be12",
    made="1 December 2025, 08:00 UTC",
)
LINKS = [
    page.Link("performance", "How are we doing?"),
    page.Link("risk", "Who leaves?", "failed", "No end dates."),
]
PROSE = """# How are we doing?

Where each measure stands.

## At a glance"""
MORE = """#### Deep

A **bold** word, <img src=x onerror=alert(1)>, [a link](javascript:alert(1)),
![a picture](https://example.org/p.png).

| a | b |
|---|---|
| 1 | 2 |

# Second title

## At a glance"""


def teams():
    frame = pd.DataFrame({"team": ["North", HOSTILE], "people": [200, 100], "succeeded": [150, 3]})
    return protect(frame, people=["people", "succeeded"], ratios={"rate": ("succeeded", "people")})


def cards():
    frame = pd.DataFrame(
        {
            "measure": ["attendance rate", "arrests", HOSTILE],
            "reading": ["improvement", "common cause", "too few"],
            "sentence": ["Better than usual.", "Nothing unusual.", "Too few."],
            "unit": ["percent", "number", "count"],
        }
    )
    numbers = {"now": [0.7, 0.5, pd.NA], "start": [0.62, 0.9, 12], "target": [0.75, pd.NA, pd.NA]}
    return extend(protect(frame), numbers)


def executed(*shown):
    """An executed notebook: text is a Markdown cell, anything else an output of a code cell."""
    cells = []
    for each in shown:
        if isinstance(each, str):
            cells.append({"cell_type": "markdown", "source": each})
            continue
        data = each if isinstance(each, dict) else each._repr_mimebundle_()
        data = data[0] if isinstance(data, tuple) else data
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        cells.append({"cell_type": "code", "source": "secret_code()", "outputs": [output]})
    return {"cells": cells}


@pytest.fixture(scope="module")
def notebook():
    chart = charts.bars(teams(), "Success by team", label="team", value="rate", unit="percent")
    table = display.Table(teams(), "Success by team", formats={"rate": "percent"})
    return executed(PROSE, display.Cards(cards()), MORE, chart, table, {"text/html": "<b>raw</b>"})


@pytest.fixture(scope="module")
def html(notebook):
    return page.render(notebook, "performance", ABOUT, LINKS)


@pytest.fixture(scope="module")
def first(notebook):
    rows = {"contacts": {"loaded": 60122, "repaired": 12, "set aside": 3}}
    return page.index({"performance": notebook}, LINKS, rows, ABOUT)


class Reader(HTMLParser):
    """Every element of a page, in order: (name, attributes); and its headings."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def all(self, name):
        return [attrs for tag, attrs in self.elements if tag == name]


def every_page(html, first):
    return [html, first, page.failed("risk", LINKS[1].title, LINKS[1].reason, ABOUT, LINKS)]


def test_nothing_is_fetched_and_nothing_runs(html, first):
    for text in every_page(html, first):
        read = Reader(text)
        assert not read.all("script")
        assert not read.all("img")
        assert [attrs["href"] for attrs in read.all("link")] == ["data:,"]
        assert not re.search(r"https?://|url\(|@import|@font-face|javascript:", text)
        assert not any(name.startswith("on") for _, attrs in read.elements for name in attrs)
        links = [attrs["href"] for attrs in read.all("a")]
        assert not [link for link in links if ":" in link]
        policy = next(m["content"] for m in read.all("meta") if "http-equiv" in m)
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_hostile_names_stay_text(html, first):
    for text in every_page(html, first):
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert "<img" not in text


def test_code_and_unprotected_outputs_are_left_out(html):
    assert "secret_code" not in html
    assert "<b>raw</b>" not in html
    assert page.LEFT_OUT in html.replace("&#39;", "'")


def test_headings_come_in_order_with_one_title(html, first):
    for text in every_page(html, first):
        levels = [int(tag[1]) for tag, _ in Reader(text).elements if re.fullmatch("h[1-6]", tag)]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_anchor_leads_somewhere(html, first):
    for text in every_page(html, first):
        read = Reader(text)
        ids = [attrs["id"] for _, attrs in read.elements if "id" in attrs]
        assert len(ids) == len(set(ids))
        assert "main" in ids
        named = {a["href"][1:] for a in read.all("a") if a["href"].startswith("#")}
        measures = {"attendance-rate", "arrests", "script-alert-x-script"}  # charts not shown here
        assert named <= set(ids) | measures


def test_a_chart_is_drawn_twice_and_described(html):
    drawn = [attrs for attrs in Reader(html).all("svg") if attrs.get("role") == "img"]
    assert [round(float(each["width"])) for each in drawn] == [720, 340]
    for each in drawn:
        assert each["aria-label"].startswith("Bar chart of Success by team. North: 75%")


def test_a_point_tells_its_number_without_a_script(html):
    assert "<title>North: 75%" in html


def test_the_table_behind_a_chart_is_under_it(html):
    assert html.count("Table behind this chart") == 1
    assert html.count("<caption><span>Success by team</span></caption>") == 2
    assert "<li>[c] confidential: hidden so that nobody can be recognised.</li>" in html


def test_tables_have_headers_and_scroll_by_themselves(html, first):
    for text in every_page(html, first)[:2]:
        read = Reader(text)
        boxes = [a for a in read.all("div") if a.get("class") == "scroll"]
        assert len(boxes) == len(read.all("table")) > 0
        assert all(box["tabindex"] == "0" and box["aria-label"] for box in boxes)
        assert read.all("th")


def test_the_page_says_what_it_rests_on(html, first):
    for text in every_page(html, first):
        for said in ("November 2025", "9 November 2025", "4f1c0aa9be12", "1 December 2025, 08:00"):
            assert said in text
        assert ABOUT.protection in text
    assert "Clients left out: 40 (no consent to analysis)." in first


def test_cards_give_figure_signal_start_and_target(html):
    card = html[html.index("Attendance rate") : html.index("Arrests")]
    for said in (">70%<", "Better than usual", "62%", "(up since)", "75%"):
        assert said in card
    ordinary = html[html.index("Arrests") :]
    assert "since)" not in ordinary[: ordinary.index("</li>")], "noise is no movement"
    assert "[c]<span" in html


def test_the_first_page_leads_to_the_others(first):
    links = {attrs["href"] for attrs in Reader(first).all("a")}
    assert {"performance.html", "risk.html", "tables.xlsx"} <= links
    assert "performance.html#attendance-rate" in links
    assert "Where each measure stands." in first
    assert "60,122" in first


def test_the_current_page_is_marked(html):
    current = [a["href"] for a in Reader(html).all("a") if a.get("aria-current") == "page"]
    assert current == ["performance.html"]


def test_a_failed_notebook_says_why_in_words(first):
    text = page.failed("risk", "Who leaves?", f"No end dates.\nAdd {HOSTILE}.", ABOUT)
    assert "This page could not be made." in text
    assert '<p class="warning">No end dates.</p>' in text
    assert "<script" not in text
    assert "No end dates." in first


def test_a_failed_cell_is_no_page():
    error = {"output_type": "error", "ename": "E", "evalue": "x"}
    cell = {"cell_type": "code", "source": "", "outputs": [error]}
    with pytest.raises(ReportError, match="cell 1 failed"):
        page.render({"cells": [cell]}, "x", ABOUT)


def test_about_is_taken_from_the_workspace(workspace):
    data = workspace(as_of="2025-11-30", settings={"organisation": {"name": "Riverside"}})
    about = page.About.of(data, Period.parse("2025-11"), "2025-12-01T08:00:00+00:00")
    assert (about.organisation, about.period) == ("Riverside", "November 2025")
    assert about.made == "1 December 2025, 08:00 UTC"
    assert "1 to 7" in about.protection


def test_titles_and_questions_are_read_from_the_notebook(notebook):
    assert page.title_of(notebook) == "How are we doing?"
    assert page.question_of(notebook) == "Where each measure stands."
    assert page.title_of({"cells": []}) == "Untitled"


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# Title", ""),
        ("## A *b*", '<h2 id="a-b">A <em>b</em></h2>'),
        ("a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>"),
        ("![words](http://x.org/a.png)", "<p>words</p>"),
        ("[a](data:text/html,x)", "<p>a</p>"),
        ("[a](cohorts.html#who)", '<p><a href="cohorts.html#who">a</a></p>'),
    ],
)
def test_prose_is_safe(markdown, html):
    assert Prose().html(markdown) == html
