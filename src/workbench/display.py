"""What a notebook shows besides charts: tables, cards and sentences, and how they are read back.

Everything shown carries its numbers with it (`TABLE_TYPE` in the notebook's output), so that the
page and the workbook are made from the executed notebook alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any

import pandas as pd
from IPython.display import display

from workbench.disclosure import require_protected
from workbench.errors import AccessError, DataError, ReportError
from workbench.grid import DOES_NOT_APPLY, FACTS, HIDDEN, MISSING, Cell, Column, Grid
from workbench.published import PEOPLE_COLUMNS, PERSON_COLUMNS
from workbench.store import Workspace

TABLE_TYPE = "application/vnd.workbench.table+json"
CARDS_TYPE = "application/vnd.workbench.cards+json"
CHART_TYPE = "application/vnd.vegalite.v5+json"
DRAWING_TYPE = "image/svg+xml"
CASES_TYPE = "application/vnd.workbench.cases+json"
CARD_COLUMNS = ("measure", "now", "start", "target", "reading", "sentence")

_CARD_LABELS = {"now": "Now", "start": "At the start", "reading": "Signal", "sentence": "In words"}


@dataclass(frozen=True, eq=False)
class Table:
    """A table for people to read: protected numbers, a title, and words for its columns.

    frame: one row per line of the table; comes from `disclosure.protect`.
    labels: what to call a column. formats: how to write one ("count", "number", "percent" of a
    share from 0 to 1, "date", "month", "text", or "unit": as the row's column `unit` says);
    guessed from the type where not given. notes: sentences under the table.

    Hidden numbers read "[c]" (confidential), missing ones "[x]" (not available).
    Raises DataError for a table that was not protected.
    """

    frame: pd.DataFrame
    title: str
    notes: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    _about_people: bool = True

    def __post_init__(self) -> None:
        if self._about_people:
            require_protected(self.frame)
        else:
            _refuse_people(self.frame, self.title)

    @classmethod
    def of_facts(
        cls,
        frame: pd.DataFrame,
        title: str,
        notes: Sequence[str] = (),
        labels: Mapping[str, str] | None = None,
        formats: Mapping[str, str] | None = None,
    ) -> "Table":
        """Show a table that holds no people: definitions, settings, rows loaded and set aside.

        Raises DataError when a column points at people or counts them.
        """
        return cls(frame, title, notes, labels or {}, formats or {}, _about_people=False)

    @property
    def grid(self) -> Grid:
        """The table as it is written out: one row of cells per row of the frame."""
        found = Grid.of(self.frame, self.title, self.notes, self.labels, self.formats)
        return found if self._about_people else replace(found, profile=FACTS)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        grid = self.grid
        return {"text/plain": grid.text, "text/html": grid.html, TABLE_TYPE: grid.json}


@dataclass(frozen=True, eq=False)
class Cards:
    """The headline of each measure, side by side: where it is, where it was, what that means.

    frame: one row per measure: `measure` (its name), `now`, `start`, `target` (numbers or NA),
    `reading` ("improvement", "concern", "high", "low", "common cause" ...), `sentence`; also
    `unit` ("percent", "count", "number" or a word such as "days") and `link`, where wanted.
    Raises DataError for a frame that was not protected or lacks a column.
    """

    frame: pd.DataFrame
    title: str = "The measures at a glance"

    def __post_init__(self) -> None:
        require_protected(self.frame)
        missing = [name for name in CARD_COLUMNS if name not in self.frame]
        if missing:
            raise DataError(
                f"cards '{self.title}': no column {', '.join(missing)}. "
                f"Cards need {', '.join(CARD_COLUMNS)}."
            )

    @property
    def grid(self) -> Grid:
        """The cards as a table: one row per measure; what is not there has its reason."""
        kinds = dict.fromkeys(
            ("now", "start", "target"), "unit" if "unit" in self.frame else "number"
        )
        grid = Grid.of(self.frame, self.title, (), _CARD_LABELS, kinds)
        few = self.frame["reading"] == "too few"
        rows = (
            tuple(map(_with_reason, grid.columns, row, repeat(hidden)))
            for row, hidden in zip(grid.rows, few, strict=True)
        )
        return replace(grid, rows=tuple(rows))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        grid = self.grid.without("unit", "link")
        return {"text/plain": grid.text, "text/html": grid.html, CARDS_TYPE: self.grid.json}


@dataclass(frozen=True, eq=False)
class Cases:
    """A list of single cases, for the one caseworker whose own clients they are.

    frame: one row per case, by the ids of the case-management system, never by name.
    labels, formats, notes: as in `Table`. Comes into that caseworker's own report and no other.
    Raises AccessError when `data` was not opened for a caseworker (`open_for`).
    """

    frame: pd.DataFrame
    data: Workspace
    title: str
    notes: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.data.scope.own:
            raise AccessError(
                f"list '{self.title}': single cases are for the caseworker who holds them. Open "
                "the data with open_for('caseworker', ...), or count people instead."
            )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        grid = Grid.of(self.frame, self.title, self.notes, self.labels, self.formats)
        return {"text/plain": grid.text, "text/html": grid.html, CASES_TYPE: grid.json}


@dataclass(frozen=True)
class Text:
    """A generated sentence or heading, in Markdown."""

    markdown: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.markdown, "text/markdown": self.markdown}


@dataclass(frozen=True, init=False)
class Stack:
    """Several things shown one under the other, each as if it stood alone in its cell."""

    items: tuple[Any, ...]

    def __init__(self, *items: Any) -> None:
        object.__setattr__(self, "items", items)

    def _ipython_display_(self) -> None:
        for item in self.items:
            display(item)


@dataclass(frozen=True)
class Piece:
    """One thing that a reader of an executed notebook meets.

    kind: "prose" (Markdown in `text`), "chart" (`chart`: its spec), "table", "cards", "cases" (a
    caseworker's own list), or "left out": something that no report may carry, as a plain frame.
    grid: the numbers of a chart, a table, cards or cases. drawing: a chart's, where it was drawn.
    """

    kind: str
    text: str = ""
    grid: Grid | None = None
    chart: Mapping[str, Any] = field(default_factory=dict)
    drawing: str = ""


def pieces(notebook: Mapping[str, Any], own: bool = False) -> Iterator[Piece]:
    """Read back what an executed notebook shows, in its order: prose, charts, tables, cards.

    Code is passed over. `own`: it is made for the caseworker whose own clients it lists; any other
    reader gets lists of cases as "left out". Raises ReportError when a cell has failed.
    """
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] == "markdown":
            yield Piece("prose", _joined(cell["source"]))
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                what = f"{output['ename']}: {output['evalue']}"
                raise ReportError(f"cell {number} failed: {what}. Run the notebook again.")
            piece = _piece(output)
            yield piece if own or piece.kind != "cases" else Piece("left out", "cases")


def tables(notebook: Mapping[str, Any], own: bool = False) -> Iterator[Grid]:
    """Every table of an executed notebook, those behind its charts among them.

    A table without a title takes the nearest heading above it.
    """
    heading = "Table"
    for piece in pieces(notebook, own):
        if piece.kind == "prose":
            titles = [line for line in piece.text.splitlines() if line.startswith("#")]
            heading = titles[-1].lstrip("# ") if titles else heading
        elif piece.grid is not None:
            grid = piece.grid.without("link") if piece.kind == "cards" else piece.grid
            yield grid if grid.title else replace(grid, title=heading)


def _piece(output: Mapping[str, Any]) -> Piece:
    data = output.get("data", {})
    if CHART_TYPE in data and "workbench" in data[CHART_TYPE].get("usermeta", {}):
        spec = data[CHART_TYPE]
        drawing = _joined(data.get(DRAWING_TYPE, ""))
        return Piece("chart", spec.get("description", ""), Grid.behind(spec), spec, drawing)
    if CARDS_TYPE in data:
        return Piece("cards", grid=Grid.from_json(data[CARDS_TYPE]))
    if CASES_TYPE in data:
        return Piece("cases", grid=Grid.from_json(data[CASES_TYPE]))
    if TABLE_TYPE in data:
        return Piece("table", grid=Grid.from_json(data[TABLE_TYPE]))
    if "text/markdown" in data:
        return Piece("prose", _joined(data["text/markdown"]))
    return Piece("left out", ", ".join(sorted(data)) or str(output["output_type"]))


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _with_reason(column: Column, cell: Cell, hidden: bool) -> Cell:
    """A cell of a card, with the mark that says why no number is in it."""
    if cell != MISSING:
        return cell
    if column.name in {"start", "target"}:
        return DOES_NOT_APPLY
    return HIDDEN if hidden and column.name == "now" else cell


def _refuse_people(frame: pd.DataFrame, title: str) -> None:
    named = [str(column) for column in frame if str(column) in PERSON_COLUMNS | PEOPLE_COLUMNS]
    if named:
        raise DataError(
            f"table '{title}': column {', '.join(named)} points at people or counts them. "
            "Leave it out, or count people and pass the counts through disclosure.protect()."
        )
