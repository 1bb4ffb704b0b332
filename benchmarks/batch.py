"""24 caseworkers' reports by `workbench run`, against papermill and nbconvert in a loop.

All on the same notebook and records. The rivals write a notebook and a page; the workbook and the
proof are ours besides. That their notebooks hold the same tables is shown first.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from benchmarks.timing import Weight, run, show
from workbench.display import tables
from workbench.reporting.batch.workers import NAME
from workbench.reporting.forker import KERNEL

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PERIOD, AUDIENCE, REPORTS = "2025-11", "caseworker", 24
TIMED = 4  # reports of a rival that are timed; its time is that of all in proportion
MANY = 1000
EVERY_SECONDS = 2.0  # looking is work: at four times a second it takes a third of a core
PLOOMBER = "WORKBENCH_PLOOMBER"  # the Python of an environment with the stack and ploomber-engine


def compare(reports: int = REPORTS, timed: int = TIMED) -> None:
    """Print the bench table: seconds, ratios, overhead a report, memory."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = _project(Path(folder), reports)
        whoms = _workers(reports)
        run(*_ours("--for", whoms[0]), environment=_env(project), folder=project)  # loads once
        alone = _alone(project, whoms) / reports
        first = _watched(project, "--workers", "1", "--force", "--for", whoms[0])
        one = _watched(project, "--workers", "1", "--force")
        ours = _watched(project, "--force")
        few, times = whoms[:timed], reports / timed
        rows = [("workbench run, a worker a core", ours.weight)]
        print(f"\n{reports} caseworkers' reports; the commands of the rivals, for each reader:")
        for name, python, at_once in (
            ("(a) papermill + nbconvert, one by one", "", 1),
            ("(b) the same, two at a time", "", 2),
            ("(c) papermill with ploomber-engine", os.environ.get(PLOOMBER, sys.executable), 1),
        ):
            if python and not _has_ploomber(python):
                print(f"  {name}: not run. ploomber-engine is not installed; name with {PLOOMBER}")
                print("  the Python of an environment that has it beside this stack")
                continue
            rows.append((name, Weight(_rival(project, few, at_once, python) * times, 0.0, "")))
            print(f"  {name}")
            for command in _papermill(project, few[0], python):
                print(f"    {' '.join(command)}")
            _same_tables(project, few)
        show("Seconds", rows, "at most 1/12 of (a), 1/6 of (b), 1/8 of (c)")
        print(f"  a rival's time is that of {timed} reports, times {times:g}; it makes no workbook")
        print(f"  the cells alone, in one warm process: {alone:.2f} s a report")
        more = (one.weight.seconds - first.weight.seconds) / max(reports - 1, 1)
        print(
            f"  one worker, each further report: overhead {more - alone:.2f} s, start-up left out"
        )
        for name, each in (("one worker", one), ("a worker a core", ours)):
            over = each.weight.seconds / reports - alone
            print(
                f"  {name}: {each.weight.seconds:.1f} s, overhead {over:.2f} s a report with "
                f"start-up (goal 0.5); peak memory {each.peak:.2f} GiB, "
                f"a worker {each.largest(NAME):.2f}, a kernel {each.largest(KERNEL):.2f}"
            )


def many(reports: int = MANY) -> None:
    """Print the memory of 1,000 reports in one run, early and late, and what is left behind."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = _project(Path(folder), reports, all_here=True)
        path = project / "notebooks" / f"{AUDIENCE}.ipynb"
        made = nbformat.read(path, as_version=4)
        tagged = next(
            i for i, c in enumerate(made.cells) if "parameters" in c.metadata.get("tags", ())
        )
        made.cells = [*made.cells[: tagged + 1], nbformat.v4.new_code_cell(
            "from workbench import display\n\ndisplay.Text(f'Nothing for {whom}.')"
        )]  # fmt: skip
        nbformat.write(made, path)
        first = _workers(reports)[0]
        run(*_ours("--for", first), environment=_env(project), folder=project)  # loads once
        seen = _watched(project, "--force")
        sockets = Path("/proc/net/unix").read_text(encoding="utf-8").count(str(project))
        print(f"\n{reports} reports in one run: {seen.weight.seconds:.0f} s")
        for name, part in (("early", (0.1, 0.3)), ("late", (0.7, 0.9))):
            gib, files = seen.between(*part)
            print(f"  {name}: {gib:.3f} GiB and {files:.0f} open files, all processes together")
        passing = len(list((project / "tmp").iterdir()))
        print(f"  left: {seen.left} processes, {sockets} sockets, {passing} passing files")


@dataclass(frozen=True)
class Process:
    """A process at one moment: its name, GiB (shared memory in parts), files it has open."""

    name: str
    gib: float
    files: int


@dataclass(frozen=True)
class Watched:
    """What a run weighed: seconds, and its processes from moment to moment."""

    weight: Weight
    moments: Sequence[Sequence[Process]]
    left: int

    @property
    def peak(self) -> float:
        """GiB of all processes together at most; what they share is counted once."""
        return max((sum(one.gib for one in each) for each in self.moments), default=0.0)

    def largest(self, name: str) -> float:
        """GiB of the largest process of a name."""
        found = [one.gib for each in self.moments for one in each if name == one.name]
        return max(found, default=0.0)

    def between(self, first: float, last: float) -> tuple[float, float]:
        """The mean of the GiB and of the open files of all, over a part of the run."""
        cut = self.moments[int(first * len(self.moments)) : int(last * len(self.moments)) or None]
        seen, count = [one for each in cut for one in each], max(len(cut), 1)
        return sum(one.gib for one in seen) / count, sum(one.files for one in seen) / count


def _watched(project: Path, *arguments: str) -> Watched:
    started = time.perf_counter()
    moments: list[list[Process]] = []
    with subprocess.Popen(
        _ours(*arguments), cwd=project, env={**os.environ, **_env(project)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(running.pid, moments, over))
        watcher.start()
        printed, said = running.communicate()
        over.set()
        watcher.join()
    if running.returncode:
        raise RuntimeError(said[-2000:])
    seconds = time.perf_counter() - started
    time.sleep(1.5)
    left = sum(1 for each in psutil.process_iter(["cwd"]) if each.info["cwd"] == str(project))
    return Watched(Weight(seconds, 0.0, printed), moments, left)


def _watch(pid: int, moments: list[list[Process]], over: threading.Event) -> None:
    while not over.wait(EVERY_SECONDS):
        found = []
        try:
            tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        except psutil.Error:
            return
        for each in tree:
            try:
                gib = each.memory_full_info().pss / 2**30
                found.append(Process(each.name(), gib, each.num_fds()))
            except psutil.Error:
                continue
        moments.append(found)


# --- the rivals ---------------------------------------------------------------------------------


def _papermill(project: Path, whom: str, ploomber: str = "") -> list[list[str]]:
    """The commands that make a notebook and a page. `ploomber`: the Python that has its engine."""
    notebook = project / "notebooks" / f"{AUDIENCE}.ipynb"
    done = project / "theirs" / f"{whom}.ipynb"
    settings = str(project / "settings" / "sample.toml")
    given = ["-p", "period", PERIOD, "-p", "whom", whom, "-p", "settings", settings]
    start = [ploomber, "-m", "papermill"] if ploomber else [str(BIN / "papermill")]
    engine = ["--engine", "embedded"] if ploomber else []  # its name for papermill
    return [
        [*start, str(notebook), str(done), *given, *engine],
        [str(BIN / "jupyter"), "nbconvert", "--to", "html", "--no-input", str(done)],
    ]


def _rival(project: Path, whoms: Sequence[str], at_once: int, ploomber: str = "") -> float:
    shutil.rmtree(project / "theirs", ignore_errors=True)
    (project / "theirs").mkdir()

    def one(whom: str) -> None:
        for command in _papermill(project, whom, ploomber):
            run(*command, environment=_env(project), folder=project)

    started = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, whoms))
    return time.perf_counter() - started


def _has_ploomber(python: str) -> bool:
    probe = [python, "-c", "import ploomber_engine"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def _same_tables(project: Path, whoms: Sequence[str]) -> None:
    """Print that a rival's notebooks hold our tables. Raises RuntimeError where they do not."""
    for whom in whoms:
        ours = project / "reports" / f"{PERIOD}-{AUDIENCE}" / whom / "notebook.ipynb"
        theirs = project / "theirs" / f"{whom}.ipynb"
        found = [
            list(tables(nbformat.read(each, as_version=4), own=True)) for each in (ours, theirs)
        ]
        if found[0] != found[1] or not found[0]:
            raise RuntimeError(f"{whom}: the rival's notebook does not hold the same tables")
    print(f"    its notebooks hold the same tables as ours: {len(whoms)} compared")


ALONE = """
import ast, sys, time
import nbformat
from IPython.core.interactiveshell import InteractiveShell
notebook, settings, *whoms = sys.argv[1:]
cells = [c for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "code"]
shell = InteractiveShell.instance()
def once(whom):
    names = {"settings": settings, "period": PERIOD, "source": "", "audience": "caseworker",
             "whom": whom, "ledger": ""}
    for cell in cells[1:]:
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            show(shown)
def show(what):
    if hasattr(what, "_repr_mimebundle_"):
        what._repr_mimebundle_()
    for each in () if hasattr(what, "_repr_mimebundle_") else what.items:
        show(each)
once(whoms[0])
started = time.perf_counter()
for whom in whoms:
    once(whom)
print(time.perf_counter() - started)
"""


def _alone(project: Path, whoms: Sequence[str]) -> float:
    """Seconds that the cells take by themselves, charts drawn, in a process that ran one before."""
    path = project / "notebooks" / f"{AUDIENCE}.ipynb"
    settings = str(project / "settings" / "sample.toml")
    code = ALONE.replace("PERIOD", repr(PERIOD))
    done = run(
        sys.executable, "-c", code, str(path), settings, *whoms,
        environment={**_env(project), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        folder=project,
    )  # fmt: skip
    return float(done.printed.strip().splitlines()[-1])


# --- the project --------------------------------------------------------------------------------


def _ours(*arguments: str) -> list[str]:
    return [str(BIN / "workbench"), "run", PERIOD, "--audience", AUDIENCE, *arguments]


def _env(project: Path) -> dict[str, str]:
    return {
        "WORKBENCH_HOME": str(project / "home"),
        "TMPDIR": str(project / "tmp"),
        "PLOOMBER_STATS_ENABLED": "false",  # it would wait for an address it cannot reach
    }


def _workers(workers: int) -> list[str]:
    return [f"B{number:04}" for number in range(1, workers + 1)]


def _project(folder: Path, workers: int, all_here: bool = False) -> Path:
    """The sample with its cases dealt out to so many workers. `all_here`: no case is closed."""
    (folder / "tmp").mkdir()
    for each in ("settings", "notebooks"):
        shutil.copytree(ROOT / each, folder / each)
    shutil.copytree(ROOT / "data" / "sample", folder / "data" / "sample")
    sample = folder / "data" / "sample"
    names = _workers(workers)
    dealt: dict[str, str] = {}
    for row in _rows(sample / "case_holders.csv"):
        dealt.setdefault(row["Enrolment ref"], names[len(dealt) % workers])
    held = [
        {**row, "Worker": dealt[row["Enrolment ref"]], "To": "" if all_here else row["To"]}
        for row in _rows(sample / "case_holders.csv")
    ]
    _write(sample / "case_holders.csv", held)
    if all_here:  # so that there is a case for each worker
        _write(sample / "enrolments.csv", [
            {**row, "End date": "", "Exit reason": "", "Closed on system": ""}
            for row in _rows(sample / "enrolments.csv")
        ])  # fmt: skip
    staff = _rows(sample / "staff.csv")[0]
    _write(
        sample / "staff.csv", [{**staff, "Worker": name, "Login": name.lower()} for name in names]
    )
    away = _rows(sample / "absences.csv")
    _write(sample / "absences.csv", [{**row, "Worker": names[0]} for row in away[:1]])
    return folder


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _write(file: Path, rows: Sequence[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
