"""What a batch survives: processes killed at 20 moments, a full disk, and other bad days.

After each fault the same command is given again; the release must then be, file by file, what an
undisturbed run makes. `python -m benchmarks faults`, on Linux, some minutes.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from workbench.reporting import forker
from workbench.reporting.batch.workers import NAME

ROOT = Path(__file__).parents[1]
PERIOD, AUDIENCE = "2025-11", "caseworker"
RELEASE = f"{PERIOD}-{AUDIENCE}"
EPOCH = "1764547200"  # so that the same command makes the same bytes
READERS = ("W01", "W02", "W03", "W04", "W05")
KILLS = [  # who is killed, at the how-manieth step of that name in the log
    *(("runner", "load", 1), ("runner", "load", 1), ("runner", "execute", 1)),
    *(("runner", "execute", 4), ("runner", "render", 2), ("runner", "render", 5)),
    *(("runner", "move", 1), ("runner", "move", 3), ("runner", "move", 5)),
    *(("runner", "prove", 1), ("runner", "place", 1)),
    *(("worker", "execute", 2), ("worker", "execute", 4), ("worker", "render", 1)),
    *(("worker", "render", 4), ("worker", "move", 3)),
    *(("forker", "execute", 2), ("forker", "execute", 4), ("server", "render", 3)),
    ("server", "move", 2),  # forker: of kernels; server: of workers
]
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
LATER = 1.5  # seconds after the step in which the blow falls


def compare() -> None:
    """Print the table of faults, and how many were made up for."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        here = Path(folder)
        quiet = _project(here / "quiet")
        _run(quiet)
        expected = _files(quiet / "reports" / RELEASE)
        print(f"Faults: {len(expected)} files a release, compared hash by hash")
        print(f"{'killed':8} {'at':14} {'after s':>8} {'first run':>10} {'then':>18}")
        chance, survived = random.Random(20), 0
        for number, (who, step, count) in enumerate(KILLS):
            project = _project(here / f"kill{number}", home=quiet / "home" if number > 1 else None)
            delay = chance.uniform(0, LATER)
            code = _run_and_kill(project, who, step, count, delay)
            said = _completed(project, expected)
            survived += said == "equal"
            print(f"{who:8} {step + ' ' + str(count):14} {delay:8.2f} {code:10} {said:>18}")
            shutil.rmtree(project)
        print(f"{survived}/{len(KILLS)} made up for by the same command")
        left = sorted(each.name for each in Path(tempfile.gettempdir()).glob("wb-*"))
        print(f"passing files left behind: {len(left)}\n")
        for name, fault in FAULTS.items():
            print(f"{name:32} {fault(_project(here / fault.__name__, quiet / 'home'), expected)}")


# --- processes killed ---------------------------------------------------------------------------


def _run_and_kill(project: Path, who: str, step: str, count: int, delay: float) -> int:
    """Start the run, kill somebody a moment after a step, and wait until all is quiet."""
    with subprocess.Popen(
        [*_command(), "--log"], cwd=project, env=_env(project), **QUIET
    ) as running:
        seen = 0
        for line in running.stderr or ():
            words = line.split()[2:]
            seen += step in words or f"{step}," in words
            if seen == count:
                time.sleep(delay)
                _kill(running.pid, who, int(words[-1]) if words[-1].isdigit() else 0)
                seen += 1
    code = running.wait()
    _quiet(project)
    return code


def _kill(runner: int, who: str, worker: int) -> None:
    tree = psutil.Process(runner).children(recursive=True) if psutil.pid_exists(runner) else []
    named = {NAME: "worker", forker.NAME: "forker", forker.KERNEL: "kernel"}
    chosen = [each for each in tree if named.get(_name(each), "server") == who]
    if who == "server":
        chosen = [each for each in chosen if "multiprocessing.forkserver" in " ".join(_said(each))]
    if who == "runner":
        chosen = [psutil.Process(runner)]
    first = [each for each in chosen if each.pid == worker] or chosen
    if not first:
        raise SystemExit(f"there is no {who} to be killed")
    first[0].send_signal(signal.SIGKILL)


def _name(process: psutil.Process) -> str:
    """How the system lists a process; nothing for one that has just ended."""
    try:
        return process.name()
    except psutil.Error:
        return ""


def _said(process: psutil.Process) -> list[str]:
    """A process's command line; nothing of one that has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _quiet(project: Path, seconds: float = 30) -> None:
    """Wait until nothing of a run is left; what stays longer is a leak."""
    until = time.monotonic() + seconds
    while left := _left(project):
        if time.monotonic() > until:
            raise SystemExit(f"still running after {seconds} s: {left}")
        time.sleep(0.1)


def _left(project: Path) -> list[str]:
    found = []
    for each in psutil.process_iter():
        try:
            if each.cwd().startswith(str(project)) and each.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(_said(each)[:4]))
        except (psutil.Error, OSError):
            continue
    return found


def _completed(project: Path, expected: dict[str, bytes], *more: str) -> str:
    done = _run(project, *more)
    if done.returncode:
        return f"exit {done.returncode}: {done.stderr[-200:]}"
    return _same(_files(project / "reports" / RELEASE), expected)


# --- other bad days -----------------------------------------------------------------------------


def _disk_full(project: Path, expected: dict[str, bytes]) -> str:
    """A disk with room for a few reports: refused in words; with more room, the same command."""
    reports = project / "reports"
    reports.mkdir()
    if _mount(reports, "900k"):
        return "not tried: a small disk cannot be mounted here"
    try:
        first = _run(project)
        subprocess.run(["mount", "-o", "remount,size=200m", str(reports)], check=True)
        return f"exit {first.returncode}, {_last(first)!r}; then {_completed(project, expected)}"
    finally:
        subprocess.run(["umount", "-l", str(reports)], check=False)


def _read_only(project: Path, _: dict[str, bytes]) -> str:
    reports = project / "reports"
    reports.mkdir()
    if (
        _mount(reports, "10m")
        or subprocess.run(["mount", "-o", "remount,ro", str(reports)], check=False).returncode
    ):
        return "not tried: no disk can be mounted here"
    try:
        first = _run(project)
        return f"exit {first.returncode}, {_last(first)!r}"
    finally:
        subprocess.run(["umount", "-l", str(reports)], check=False)


def _endless(project: Path, expected: dict[str, bytes]) -> str:
    return _spoilt(project, expected, "while whom.endswith('3'):\n    pass")


def _greedy(project: Path, expected: dict[str, bytes]) -> str:
    return _spoilt(project, expected, "held = bytearray(2**36 if whom.endswith('3') else 1)")


def _spoilt(project: Path, expected: dict[str, bytes], code: str) -> str:
    """One reader's report cannot be made; the others are there all the same."""
    import nbformat

    path = project / "notebooks" / f"{AUDIENCE}.ipynb"
    good = path.read_text(encoding="utf-8")
    made = nbformat.reads(good, as_version=4)
    made.cells.append(nbformat.v4.new_code_cell(code))
    nbformat.write(made, path)
    first = _run(project)
    there = {name.split("/")[0] for name in _files(project / "reports" / RELEASE) if "/" in name}
    path.write_text(good, encoding="utf-8")
    return (
        f"exit {first.returncode}, {len(there)} reports, {_last(first)!r}; mended, then "
        f"with --force {_completed(project, expected, '--force')}"
    )


def _other_settings(project: Path, expected: dict[str, bytes]) -> str:
    _run_and_kill(project, "runner", "move", 2, 0)
    path = project / "settings" / "sample.toml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("horizon_days = 180", "horizon_days = 181"), encoding="utf-8")
    first = _run(project)
    path.write_text(good, encoding="utf-8")
    return f"exit {first.returncode}, {_last(first)!r}; back, then {_completed(project, expected)}"


def _at_once(project: Path, expected: dict[str, bytes]) -> str:
    with subprocess.Popen(
        [*_command(), "--log"], cwd=project, env=_env(project), **QUIET
    ) as running:
        for line in running.stderr or ():
            if "execute" in line:
                break
        second = _run(project)
        running.communicate()
    same = _same(_files(project / "reports" / RELEASE), expected)
    return f"second: exit {second.returncode}, {_last(second)!r}; first: {same}"


FAULTS = {
    "disk full": _disk_full,
    "folder read-only": _read_only,
    "notebook without end": _endless,
    "notebook that eats memory": _greedy,
    "settings changed between halves": _other_settings,
    "two runs at once": _at_once,
}


# --- the run ------------------------------------------------------------------------------------


def _project(folder: Path, home: Path | None = None) -> Path:
    """A folder to run in: settings, notebooks, the sample; snapshots kept from another, or none."""
    folder.mkdir()
    for each in ("settings", "notebooks"):
        shutil.copytree(ROOT / each, folder / each)
    (folder / "data").symlink_to(ROOT / "data")
    path = folder / "settings" / "sample.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("step_seconds = 600", "step_seconds = 20"), encoding="utf-8")
    if home is not None:
        shutil.copytree(home, folder / "home")
    return folder


def _command() -> list[str]:
    workbench = str(Path(sys.executable).parent / "workbench")
    readers = [part for each in READERS for part in ("--for", each)]
    return [workbench, "run", PERIOD, "--audience", AUDIENCE, *readers]


def _env(project: Path) -> dict[str, str]:
    return {**os.environ, "WORKBENCH_HOME": str(project / "home"), "SOURCE_DATE_EPOCH": EPOCH}


def _run(project: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*_command(), *more],
        cwd=project,
        env=_env(project),
        capture_output=True,
        text=True,
        check=False,
    )


def _last(done: "subprocess.CompletedProcess[str]") -> str:
    return (done.stderr.strip().splitlines() or [""])[-1][:160]


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def _same(found: dict[str, bytes], expected: dict[str, bytes]) -> str:
    wrong = [
        name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)
    ]
    return "equal" if not wrong else f"differs: {sorted(wrong)[:3]}"


def _mount(folder: Path, size: str) -> int:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode
