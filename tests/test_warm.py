"""Warm kernels: forked, alike, alone, and gone when whoever asked for them is gone."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from workbench.errors import ReportError
from workbench.reporting import kernels, warm

pytestmark = pytest.mark.skipif(not warm.POSSIBLE, reason="kernels are forked on Linux only")


def notebook(folder: Path, *cells: str) -> Path:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell("x = 1", metadata={"tags": ["parameters"]})]
    made.cells += [nbformat.v4.new_code_cell(each) for each in cells]
    path = folder / "small.ipynb"
    nbformat.write(made, path)
    return path


def execute(path: Path, given: dict) -> nbformat.NotebookNode:
    """As a report does it, in a thread: another test may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(kernels.execute, path, given).result()


def shown(executed) -> list[str]:
    texts = [
        output.get("text", "") for cell in executed.cells for output in cell.get("outputs", [])
    ]
    return "".join(texts).splitlines()


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether a process ends within so many seconds; one that only waits to be seen is gone."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.1)
    return False


def test_a_kernel_is_forked_and_has_imported_everything(tmp_path):
    asks = "import os, sys; print(os.getppid()); print('workbench.charts' in sys.modules, x)"
    parent, imported = shown(execute(notebook(tmp_path, asks), {"x": 5}))
    assert imported == "True 5"
    forker = warm.forker()._process
    assert forker is not None and int(parent) == forker.pid != os.getpid()


def test_kernels_are_alone(tmp_path):
    """Other random numbers, no socket to the asking process, the folder of whoever asks."""
    asks = (
        "import os, random, numpy as np",
        "print(os.getpid(), random.random(), np.random.random())",
        "print(os.getcwd(), [os.readlink(f'/proc/self/fd/{i}') for i in range(3)])",
    )
    path = notebook(tmp_path, "\n".join(asks))
    first, second = (shown(execute(path, {})) for _ in range(2))
    assert len({*first[0].split(), *second[0].split()}) == 6
    assert first[1] == second[1]
    assert first[1].startswith(f"{os.getcwd()} [")


def test_a_kernel_that_dies_is_said_to_have_died_and_the_next_one_runs(tmp_path):
    dies = notebook(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(ReportError, match="the process that ran it ended before it was done"):
        execute(dies, {})
    assert shown(execute(notebook(tmp_path, "print(x)"), {})) == ["1"]


def test_a_forker_that_was_killed_is_started_again(tmp_path):
    path = notebook(tmp_path, "import os; print(os.getppid())")
    first = int(shown(execute(path, {}))[0])
    os.kill(first, signal.SIGKILL)
    assert gone(first)
    second = int(shown(execute(path, {}))[0])
    assert second not in (first, os.getpid())


def test_where_nothing_can_be_forked_an_ordinary_kernel_is_started(tmp_path, monkeypatch):
    monkeypatch.setattr(warm, "POSSIBLE", False)
    path = notebook(tmp_path, "import os; print(os.getppid())")
    assert shown(execute(path, {})) == [str(os.getpid())]


def test_kernels_end_with_the_forker_and_the_forker_with_whoever_asked(tmp_path):
    asks = (
        "import os, sys, time; from workbench.reporting import warm; made = warm.forker();"
        "kernel = made.fork(['-f', sys.argv[1]], os.getcwd(), dict(os.environ));"
        "print(made._process.pid, kernel.pid, flush=True); time.sleep(60)"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", asks, str(tmp_path / "kernel.json")],
        stdout=subprocess.PIPE,
        text=True,
    )
    forker, kernel = map(int, runner.stdout.readline().split())
    assert not gone(kernel, 1)
    runner.kill()
    runner.wait()
    runner.stdout.close()
    assert gone(kernel) and gone(forker)


def test_a_forked_kernel_is_asked_like_any_process(tmp_path):
    made = warm.Forker()
    kernel = made.fork(["-f", str(tmp_path / "kernel.json")], str(tmp_path), dict(os.environ))
    assert kernel.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        kernel.wait(0.1)
    kernel.terminate()
    kernel.kill()
    assert kernel.wait(10) == kernel.poll() == 1
    kernel.kill()  # of one that has ended: nothing
    made.stop()
