"""Running one notebook with papermill, on a kernel that nobody else on the machine can talk to."""

import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from workbench.errors import ReportError, WorkbenchError
from workbench.reporting import warm

KERNEL = "python3"
IPC = os.name == "posix"  # Windows has no sockets in folders
CELL_SECONDS = 600
START_SECONDS = 120
REST_SECONDS = 0.01
ONE_THREAD_EACH = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Client(AsyncKernelClient):
    """A client that does not wait for messages that a new kernel has no reason to send."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """As jupyter_client's, which listens for another 0.2 seconds when all is said."""
        channel = self.iopub_channel
        listen, heard = channel.get_msg, 0

        async def get_msg(timeout: float | None = None) -> Any:
            nonlocal heard
            message = await listen(timeout=REST_SECONDS if heard else timeout)
            heard += 1
            return message

        channel.get_msg = get_msg
        try:
            await self._async_wait_for_ready(timeout=timeout)
        finally:
            channel.get_msg = listen


def parameters(notebook: Path) -> dict[str, Any]:
    """The parameters that a notebook takes, with their defaults as they are written.

    Raises ReportError when it has no cell tagged `parameters`.
    """
    found = papermill.inspect_notebook(_read(notebook))
    if not found:
        raise ReportError(
            f"{notebook.name}: no cell of this notebook is tagged 'parameters'. "
            "Add the tag to the cell that holds the defaults."
        )
    return {name: each["default"] for name, each in found.items()}


def warm_up() -> None:
    """Begin to import what kernels need, so that it is there when they are asked for."""
    if warm.POSSIBLE and warm.used():
        warm.forker().start()


def execute(
    notebook: Path, given: Mapping[str, Any], seconds: int = CELL_SECONDS
) -> nbformat.NotebookNode:
    """Execute a notebook with these parameters and return it with its outputs; nothing is saved.

    The kernel is forked warm where that is possible (`reporting.warm`), and spoken to over sockets
    in a private folder, not over the network. `seconds`: the longest that one step may take.
    Raises ReportError that says in words which part failed, and why.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    warm.used()
    for name in ONE_THREAD_EACH:  # as many notebooks run at once as there are cores: twenty times
        os.environ.setdefault(name, "1")  # slower where each takes all of them
    with closing(ensure_event_loop()), tempfile.TemporaryDirectory(prefix="wb-") as folder:
        private = {"transport": "ipc", "ip": str(Path(folder) / "k")} if IPC else {}
        manager = {**private, "client_factory": Client}
        ended = {"shutdown_kernel": "immediate"}  # it has nothing to put away
        try:
            return papermill.execute_notebook(
                _read(notebook),
                None,
                parameters=dict(given),
                kernel_name=KERNEL,
                progress_bar=False,
                start_timeout=START_SECONDS,
                execution_timeout=seconds,
                extra_arguments=["--log-level=CRITICAL"],
                config=Config({"KernelManager": manager, "NotebookClient": ended}),
            )
        except PapermillExecutionError as problem:
            raise ReportError(_in_words(notebook.stem, problem)) from None
        except CellTimeoutError:
            raise ReportError(
                f"{notebook.stem}: a step took longer than {seconds} seconds and was stopped."
            ) from None
        except DeadKernelError:
            raise ReportError(
                f"{notebook.stem}: the process that ran it ended before it was done, "
                "perhaps for want of memory."
            ) from None


def _read(notebook: Path) -> nbformat.NotebookNode:
    """A notebook, on our own kernel whatever it was saved with."""
    found = nbformat.read(notebook, as_version=4)
    found.metadata["kernelspec"] = {"name": KERNEL, "display_name": KERNEL, "language": "python"}
    return found


def _in_words(name: str, problem: PapermillExecutionError) -> str:
    """What failed, without the traceback: values of records may stand in it."""
    if problem.ename in _written_for_readers(WorkbenchError):
        return f"{name}: {problem.evalue}"
    return (
        f"{name}: step {problem.exec_count} failed with {problem.ename}, which is a defect of the "
        "notebook or of the workbench. Open the notebook in JupyterLab with the same parameters "
        "to see it."
    )


def _written_for_readers(error: type[WorkbenchError]) -> set[str]:
    """The errors whose message is meant for a reader and holds nothing personal."""
    below = (_written_for_readers(each) for each in error.__subclasses__())
    return {error.__name__}.union(*below)
