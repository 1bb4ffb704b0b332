"""Making one report: a notebook run for one reader, its page, its workbook and the notebook itself.

The same parameters on the same snapshot give the same bytes, so that a hash tells whether a report
is the one that was made.
"""

import hashlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from workbench.reporting import drawing, kernels, page, workbook

PAGE, WORKBOOK, NOTEBOOK = "index.html", "tables.xlsx", "notebook.ipynb"


@dataclass(frozen=True)
class Job:
    """One report to be made: `name` is its folder, `parameters` what its notebook is given.

    `seconds`: the longest that a step of the notebook may take.
    """

    name: str
    notebook: Path
    parameters: Mapping[str, Any]
    about: page.About
    definitions: pd.DataFrame
    seconds: int


def make(job: Job, folder: Path, tell: Callable[[str], None]) -> dict[str, str]:
    """Make one report in an empty folder and return the hash of each of its files.

    `tell` hears of each step: "execute", "render". Raises ReportError, OSError.
    """
    tell("execute")
    executed = kernels.execute(job.notebook, job.parameters, job.seconds)
    tell("render")
    stem = job.notebook.stem
    drawing.draw(executed)
    folder.mkdir(mode=0o700)
    html = page.render(executed, stem, job.about)
    (folder / PAGE).write_text(html, encoding="utf-8")
    workbook.write(folder / WORKBOOK, {stem: executed}, job.about, job.definitions)
    (folder / NOTEBOOK).write_text(
        nbformat.writes(_kept(executed, job.parameters)) + "\n", encoding="utf-8"
    )
    return hashes(folder)


def hashes(folder: Path) -> dict[str, str]:
    """The hash of each file of a report, by its name."""
    return {
        each.name: hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted(folder.iterdir())
    }


def _kept(executed: nbformat.NotebookNode, given: Mapping[str, Any]) -> nbformat.NotebookNode:
    """The notebook without what differs from run to run and machine to machine: times, places.

    Nor the parameters that stand in the notebook as an example: they may name another reader.
    """
    kept = deepcopy(executed)
    kept.metadata.pop("papermill", None)
    kept.cells = [each for each in kept.cells if "parameters" not in each.metadata.get("tags", ())]
    for number, cell in enumerate(kept.cells):
        cell["id"] = f"cell-{number}"
        for name in ("execution", "papermill"):
            cell.metadata.pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            for value in given.values():
                if isinstance(value, str) and Path(value).is_absolute():
                    cell["source"] = cell["source"].replace(value, Path(value).name)
    return kept
