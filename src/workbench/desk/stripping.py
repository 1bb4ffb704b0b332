"""Taking outputs out of a notebook, unless each is known to be made from the sample alone."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from workbench.display import CARDS_TYPE, CASES_TYPE, CHART_TYPE, TABLE_TYPE
from workbench.errors import DataError
from workbench.marks import KEY, SAMPLE
from workbench.words import desk as said

NOTE = {"data": "none"}  # the mark of the sentence that stands where outputs were
OURS = {CARDS_TYPE, CASES_TYPE, CHART_TYPE, TABLE_TYPE}
SENTENCE = {"text/markdown", "text/plain"}
LIVE = "application/vnd.jupyter.widget-view+json"  # of a widget that is gone with its kernel


@dataclass(frozen=True)
class Stripped:
    """A notebook as it may be kept, and from how many of its cells outputs were taken out."""

    notebook: dict[str, Any]
    cells: int


def stripped(notebook: Mapping[str, Any]) -> Stripped:
    """A notebook without the outputs that may hold records; the one given is left as it is.

    Kept are the tables, cards, charts and sentences of this package that a kernel marked as made
    while nothing but the sample was open in it. Text that was printed, errors and other objects go
    in any case, and so do widgets, which are of no use without their kernel. The first cell that
    loses outputs says so.
    """
    kept = deepcopy(dict(notebook))
    about = kept.setdefault("metadata", {})
    about.pop("widgets", None)
    noted = about.pop(KEY, None)
    cells = 0
    for cell in kept.get("cells", ()):
        shown = cell.get("outputs", ())
        before = [each for each in shown if LIVE not in each.get("data", {})]
        after = [each for each in before if _may_stay(each)]
        if len(after) < len(before):
            cells += 1
            cell["execution_count"] = cell["execution_count"] if after else None
            after = [_note(), *after] if cells == 1 and NOTE not in map(_mark, after) else after
        if shown:
            cell["outputs"] = after
    told = any(_mark(each) == NOTE for each in _outputs(kept))
    if cells:
        about[KEY] = {"not_kept": said.not_kept("notebook", cells)}
    elif told and noted:
        about[KEY] = noted
    return Stripped(kept, cells)


def strip_all(files: Iterable[Path]) -> list[str]:
    """Take outputs out of files; a sentence for each that had any, or that cannot be read."""
    told = []
    for file in files:
        try:
            cells = strip(file)
        except DataError as problem:
            told.append(str(problem))
        else:
            told += [said.not_kept(str(file), cells)] if cells else []
    return told


def strip(file: Path) -> int:
    """Take the outputs out of a file that may hold records; returns from how many cells.

    Raises DataError when the file cannot be read as a notebook.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise DataError(said.not_read(str(file))) from None
    own = read(text, str(file))
    made = stripped(own)
    if made.notebook != own:
        text = nbformat.writes(nbformat.from_dict(made.notebook))
        file.write_text(f"{text.rstrip()}\n", encoding="utf-8", newline="\n")
    return made.cells


def read(text: str, name: str) -> nbformat.NotebookNode:
    """A notebook from its text. Raises DataError when it is none."""
    try:
        return nbformat.reads(text, as_version=4)
    except (ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError):
        raise DataError(said.not_read(name)) from None


def _outputs(notebook: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in notebook.get("cells", ()):
        yield from cell.get("outputs", ())


def _mark(output: Mapping[str, Any]) -> Any:
    return output.get("metadata", {}).get(KEY)


def _may_stay(output: Mapping[str, Any]) -> bool:
    data = output.get("data", {})
    kinds = set(data)
    if _mark(output) == NOTE:
        return data == _note()["data"]
    return _mark(output) == SAMPLE and (bool(OURS & kinds) or kinds == SENTENCE)


def _note() -> nbformat.NotebookNode:
    data = {"text/markdown": said.NOT_KEPT, "text/plain": said.NOT_KEPT}
    return nbformat.v4.new_output("display_data", data, metadata={KEY: NOTE})
