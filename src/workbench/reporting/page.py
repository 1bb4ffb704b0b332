"""Pages of a report: self-contained HTML that opens with the network off, in print, on a phone.

A page is made from what an executed notebook shows (`display.pieces`); code is left out. Charts are
drawings, once wide and once narrow, each with the table behind it; nothing on a page runs.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from workbench import __version__, words
from workbench.disclosure import PROFILES
from workbench.display import Piece, pieces
from workbench.grid import MARKS, Grid, write
from workbench.periods import Period
from workbench.reporting.drawing import drawings
from workbench.reporting.prose import Prose, slug
from workbench.store import Workspace

TEMPLATES = Path(__file__).parent / "templates"
NOTHING = Markup("")
FLAGS = ("improvement", "concern", "high", "low")
SHORTEST_CONTENTS = 3  # headings from which a page gets a list of them
LEFT_OUT = (
    "Something that this notebook shows is not part of the report: only the workbench's charts, "
    "tables and sentences are, because only they are protected."
)


@dataclass(frozen=True)
class About:
    """What every page of a report says of itself."""

    organisation: str
    period: str
    as_of: date
    complete_to: date
    left_out: Mapping[str, int | None]
    protection: str
    basis: str
    snapshot: str
    made: str
    own: bool = False
    reader: str = ""

    @classmethod
    def of(cls, data: Workspace, period: Period, made: str, reader: str = "") -> "About":
        """What a report of this data says of itself; `made`: when, in ISO form; `reader`: whose."""
        rules = data.settings.disclosure
        return cls(
            organisation=data.settings.organisation.name,
            period=period.title,
            as_of=data.as_of,
            complete_to=min(data.complete_to, data.as_of),
            left_out=data.left_out,
            protection=PROFILES[rules.profile].description,
            basis=rules.basis,
            snapshot=data.snapshot,
            made=f"{words.day(datetime.fromisoformat(made))}, {made[11:16]} UTC",
            own=data.scope.own,
            reader=reader,
        )

    @property
    def known(self) -> str:
        """What the report rests on, in sentences."""
        return words.known(self.as_of, self.complete_to, self.left_out)


@dataclass(frozen=True)
class Link:
    """A page of the report, as its navigation shows it; state is "done" or "failed"."""

    name: str
    title: str
    state: str = "done"
    reason: str = ""


@dataclass(frozen=True)
class Block:
    """A part of a page, ready to be set: prose as `html`, a chart with its drawings, a table."""

    kind: str
    html: Markup = NOTHING
    grid: Grid | None = None
    wide: Markup = NOTHING
    narrow: Markup = NOTHING
    cards: Sequence[Mapping[str, str]] = ()


def render(notebook: Mapping[str, Any], name: str, about: About, links: Sequence[Link] = ()) -> str:
    """The page of an executed notebook: prose, charts with their tables, tables; no code.

    Raises ReportError when a cell of it has failed.
    """
    prose = Prose()
    blocks = list(_blocks(notebook, prose, about.own))
    anchors = {heading.anchor for heading in prose.headings}
    blocks = [
        replace(each, cards=cards(each.grid, "", anchors))
        if each.kind == "cards" and each.grid
        else each
        for each in blocks
    ]
    headings = [heading for heading in prose.headings if heading.level == 2]
    return _fill(
        "page.html",
        title=title_of(notebook),
        name=name,
        about=about,
        links=links,
        blocks=blocks,
        contents=headings if len(headings) >= SHORTEST_CONTENTS else [],
    )


def failed(name: str, title: str, reason: str, about: About, links: Sequence[Link] = ()) -> str:
    """The page of a notebook that failed: what went wrong, in words, and what to do."""
    reasons = reason.splitlines()
    return _fill("failed.html", title=title, name=name, reasons=reasons, about=about, links=links)


def index(
    executed: Mapping[str, Mapping[str, Any]],
    links: Sequence[Link],
    rows: Mapping[str, Mapping[str, int]],
    about: About,
) -> str:
    """The first page: the headline of each measure, the pages, and what came in.

    `rows`: loaded, repaired and set aside per table.
    """
    found = [
        (name, piece.grid)
        for name, notebook in executed.items()
        for piece in pieces(notebook)
        if piece.kind == "cards" and piece.grid is not None
    ]
    return _fill(
        "index.html",
        title=f"{about.organisation}: {about.period}",
        name="index",
        about=about,
        links=links,
        cards=[card for name, grid in found for card in cards(grid, f"{name}.html")],
        questions={name: question_of(notebook) for name, notebook in executed.items()},
        rows=rows,
    )


def release(audience: str, reports: Mapping[str, Mapping[str, Any]], about: About) -> str:
    """The first page of a release: its reports, for whoever sends them out.

    `reports`: "state" and, where it is not done, "reason" of each, by its folder.
    """
    return _fill(
        "release.html",
        title=f"Reports: {audience.replace('_', ' ')}",
        name="index",
        about=replace(about, reader="", own=False),
        links=(),
        reports=dict(sorted(reports.items())),
        states=[str(each["state"]) for each in reports.values()],
        workbook="",
    )


def title_of(notebook: Mapping[str, Any] | Path) -> str:
    """A notebook's title: its first heading. Takes a notebook or the path of one."""
    lines = (line for text in _prose_of(notebook) for line in text.splitlines())
    return next((line[2:].strip() for line in lines if line.startswith("# ")), "Untitled")


def question_of(notebook: Mapping[str, Any] | Path) -> str:
    """What a notebook asks: the first paragraph after its title."""
    paragraphs = (part.strip() for text in _prose_of(notebook) for part in text.split("\n\n"))
    return next((part for part in paragraphs if part and not part.startswith("#")), "")


def cards(
    grid: Grid, page: str = "", anchors: Collection[str] | None = None
) -> list[dict[str, str]]:
    """The headline of each measure, ready to be shown; each links to its measure's chart.

    `anchors`: those of the page that they stand on; a card without one has no link.
    """
    found = [_card(row, str(row.get("unit") or "number"), page) for row in grid.as_dicts()]
    for card in found:
        if anchors is not None and card["link"].removeprefix("#") not in anchors:
            card["link"] = ""
    return found


def cards_alone(grid: Grid) -> str:
    """Cards as they stand on a page, but for their links."""
    shown = [{**each, "link": ""} for each in cards(grid)]
    parts: Any = _templates().get_template("parts.html").module
    return _without_gaps(str(parts.cards(shown))).strip()


def _card(row: Mapping[str, Any], unit: str, page: str) -> dict[str, str]:
    name, reading = str(row["measure"]), str(row["reading"])
    shown = {key: write(row[key], unit) for key in ("now", "start", "target")}
    link = str(row.get("link") or f"#{slug(name)}")
    return {
        "measure": f"{name[:1].upper()}{name[1:]}",
        "now": shown["now"],
        "meaning": MARKS.get(shown["now"], ""),
        "start": "" if shown["start"] in MARKS else shown["start"],
        "target": "" if shown["target"] in MARKS else shown["target"],
        "moved": _moved(row["now"], row["start"], shown) if reading in FLAGS else "",
        "reading": reading.replace(" ", "-"),
        "said": words.READINGS.get(reading, reading),
        "sentence": str(row["sentence"]),
        "link": f"{page}{link}" if link.startswith("#") else link,
    }


def _moved(now: Any, start: Any, shown: Mapping[str, str]) -> str:
    """Which way a flagged measure went; an ordinary one went nowhere."""
    if isinstance(now, str) or isinstance(start, str):
        return ""
    if shown["now"] == shown["start"]:
        return "unchanged"
    return "up" if now > start else "down"


def _blocks(notebook: Mapping[str, Any], prose: Prose, own: bool) -> Iterator[Block]:
    """What a page shows, in order; the first title is the page's own."""
    for piece in pieces(notebook, own):
        block = _block(piece, prose)
        if block.html or block.grid:
            yield block


def _block(piece: Piece, prose: Prose) -> Block:
    if piece.kind == "prose":
        return Block("prose", html=prose.html(piece.text))
    if piece.kind == "chart":
        wide, narrow = drawings(piece.chart, piece.drawing)
        return Block("chart", grid=piece.grid, wide=wide, narrow=narrow)
    if piece.kind == "left out":
        return Block("note", html=Markup.escape(LEFT_OUT))
    return Block(piece.kind, grid=piece.grid)


def _prose_of(notebook: Mapping[str, Any] | Path) -> Iterator[str]:
    read = nbformat.read(notebook, as_version=4) if isinstance(notebook, Path) else notebook
    for cell in read["cells"]:
        if cell["cell_type"] == "markdown":
            yield cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals |= {"version": __version__}
    templates.filters["table"] = lambda grid: Markup(grid.table)  # noqa: S704 - escaped there
    templates.filters["day"] = words.day
    return templates


def _fill(template: str, **parts: Any) -> str:
    return _without_gaps(_templates().get_template(template).render(**parts))


def _without_gaps(html: str) -> str:
    return re.sub(r"\n\s*\n+", "\n", html)
