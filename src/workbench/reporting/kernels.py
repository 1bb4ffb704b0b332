"""Running one notebook with papermill, on a kernel that nobody else on the machine can talk to."""

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench import errors
from workbench.errors import ReportError

CELL_SECONDS = 600
START_SECONDS = 120
PERSON_ERRORS = tuple(
    name for name, each in vars(errors).items() if isinstance(each, type)
)  # errors whose message is written for a reader, and holds nothing personal


def parameters(notebook: Path) -> dict[str, Any]:
    """The parameters that a notebook takes, with their defaults as they are written.

    Raises ReportError when it has no cell tagged `parameters`.
    """
    found = papermill.inspect_notebook(str(notebook))
    if not found:
        raise ReportError(
            f"{notebook.name}: no cell of this notebook is tagged 'parameters'. "
            "Add the tag to the cell that holds the defaults."
        )
    return {name: each["default"] for name, each in found.items()}


def execute(notebook: Path, given: Mapping[str, Any]) -> nbformat.NotebookNode:
    """Execute a notebook with these parameters and return it with its outputs; nothing is saved.

    The kernel is spoken to over sockets in a private folder, not over the network.
    Raises ReportError that says in words which part failed, and why.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="wb-") as folder:
        private = {"transport": "ipc", "ip": str(Path(folder) / "k")}
        try:
            return papermill.execute_notebook(
                nbformat.read(notebook, as_version=4),
                None,
                parameters=dict(given),
                kernel_name="python3",
                progress_bar=False,
                start_timeout=START_SECONDS,
                execution_timeout=CELL_SECONDS,
                config=Config({"KernelManager": private}),
            )
        except PapermillExecutionError as problem:
            raise ReportError(_in_words(notebook.stem, problem)) from None
        except CellTimeoutError:
            raise ReportError(
                f"{notebook.stem}: a step took longer than {CELL_SECONDS} seconds and was stopped."
            ) from None
        except DeadKernelError:
            raise ReportError(
                f"{notebook.stem}: the process that ran it ended before it was done, "
                "perhaps for want of memory."
            ) from None


def _in_words(name: str, problem: PapermillExecutionError) -> str:
    """What failed, without the traceback: values of records may stand in it."""
    if problem.ename in PERSON_ERRORS:
        return f"{name}: {problem.evalue}"
    return (
        f"{name}: step {problem.exec_count} failed with {problem.ename}, which is a defect of the "
        "notebook or of the workbench. Open the notebook in JupyterLab with the same parameters "
        "to see it."
    )
