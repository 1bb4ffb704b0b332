"""Pages of a report: self-contained HTML that opens with the network off, in print, on a phone.

A page is made from what an executed notebook shows (`display.pieces`); code is left out. Charts are
drawings, once wide and once narrow, each with the table behind it; nothing on a page runs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import mistune
import nbformat

from workbench import __version__, display, words
from workbench.charts import NARROW, draw
from workbench.disclosure import PROFILES
from workbench.display import Piece
from workbench.grid import Grid, write
from workbench.periods import Period
from workbench.store import Workspace

TEMPLATES = Path(__file__).parent / "templates"
MARKS = {  # a shape beside each reading, so that colour is never alone
    "improvement": "▲",
    "concern": "▼",
    "high": "◆",
    "low": "◆",
}


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

    @classmethod
    def of(cls, data: Workspace, period: Period, made: str) -> "About":
        """What a report of this data for a period says of itself; `made` is when, in ISO form."""
        rules = data.settings.disclosure
        return cls(
            organisation=data.settings.organisation.name,
            period=period.title,
            as_of=data.as_of,
            complete_to=data.complete_to,
            left_out=data.left_out,
            protection=PROFILES[rules.profile].description,
            basis=rules.basis,
            snapshot=data.snapshot,
            made=f"{words.day(datetime.fromisoformat(made))}, {made[11:16]} UTC",
        )

    @property
    def known(self) -> str:
        """What the report rests on, in sentences."""
        return words.known(self.as_of, self.complete_to, self.left_out)


@dataclass(frozen=True)
class Link:
    """A page of the report, as its navigation shows it."""

    name: str
    title: str
    state: str = "done"
    reason: str = ""


def title_of(notebook: nbformat.NotebookNode | Path) -> str:
    """A notebook's title: its first heading."""
    if isinstance(notebook, Path):
        notebook = nbformat.read(notebook, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := re.match(r"# (.+)", cell.source)):
            return found[1].strip()
    return "Untitled"


def render(
    notebook: nbformat.NotebookNode, name: str, about: About, links: Sequence[Link] = ()
) -> str:
    """The page of an executed notebook."""
    blocks = list(_blocks(notebook))
    title = title_of(notebook)
    return _template("page.html").render(
        title=title, name=name, about=about, links=links, blocks=blocks, version=__version__
    )


def failed(name: str, title: str, reason: str, about: About, links: Sequence[Link] = ()) -> str:
    """The page of a notebook that failed: what went wrong, in words."""
    return _template("failed.html").render(
        title=title, name=name, reason=reason, about=about, links=links, version=__version__
    )


def index(
    executed: Mapping[str, nbformat.NotebookNode],
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
        for piece in display.pieces(notebook)
        if piece.kind == "cards" and piece.grid is not None
    ]
    cards = [card for name, grid in found for card in _cards(grid, f"{name}.html")]
    return _template("index.html").render(
        title=f"{about.organisation}: {about.period}",
        name="index",
        about=about,
        links=links,
        cards=cards,
        rows=rows,
        version=__version__,
    )


def anchor(text: str) -> str:
    """The fragment by which a heading can be linked to."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _blocks(notebook: nbformat.NotebookNode) -> Iterator[dict[str, Any]]:
    """What a page shows, in order; the title is the page's own."""
    for number, piece in enumerate(display.pieces(notebook)):
        if piece.kind == "prose":
            text = piece.text if number else re.sub(r"^# .+\n*", "", piece.text)
            yield {"kind": "prose", "html": _markdown()(text)}
        elif piece.kind == "chart":
            yield _chart(piece)
        elif piece.kind == "table":
            yield {"kind": "table", "grid": piece.grid}
        elif piece.kind == "cards" and piece.grid is not None:
            yield {"kind": "cards", "cards": _cards(piece.grid, "")}


def _chart(piece: Piece) -> dict[str, Any]:
    """A chart drawn for a desk and for a phone; readers of the page hear its description."""
    wide, narrow = (_hidden_from_readers(draw(piece.chart, *size)) for size in ((), (NARROW,)))
    return {
        "kind": "chart",
        "wide": wide,
        "narrow": narrow,
        "text": piece.text,
        "grid": piece.grid,
    }


def _hidden_from_readers(svg: str) -> str:
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _cards(grid: Grid, page: str) -> list[dict[str, str]]:
    """The cards of a grid, ready to be shown; each links to its measure's chart."""
    cards = []
    for row in grid.as_dicts():
        unit, reading = str(row.get("unit") or "number"), str(row["reading"])
        shown = {name: write(row[name], unit) for name in ("now", "start", "target")}
        cards.append(
            shown
            | {
                "measure": str(row["measure"]),
                "reading": reading.replace(" ", "-"),
                "mark": MARKS.get(reading, ""),
                "said": words.READINGS.get(reading, reading),
                "sentence": str(row["sentence"]),
                "link": f"{page}#{anchor(str(row['measure']))}",
            }
        )
    return cards


class _Renderer(mistune.HTMLRenderer):
    """Markdown to HTML, with an anchor on each heading; raw HTML is shown, never run."""

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        plain = re.sub(r"<[^>]+>", "", text)
        return f'<h{level} id="{anchor(plain)}">{text}</h{level}>\n'


@cache
def _markdown() -> mistune.Markdown:
    return mistune.Markdown(_Renderer(escape=True), plugins=[mistune.plugins.table.table])


@cache
def _template(name: str) -> jinja2.Template:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    environment.filters["day"] = words.day
    return environment.get_template(name)
