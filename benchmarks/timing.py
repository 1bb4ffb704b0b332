"""Running a command of its own and weighing it: seconds, and the most memory it held at once."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Weight:
    """What a run took: seconds of wall clock, GiB of memory at its peak, and what it printed."""

    seconds: float
    gib: float
    printed: str


def run(
    *command: str, environment: dict[str, str] | None = None, folder: Path | None = None
) -> Weight:
    """Run a command to its end, in a folder; RuntimeError, with what it said, when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    printed, said = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: {said[-2000:]}")
    return Weight(seconds, 0.0, printed)


def python(code: str, environment: dict[str, str] | None = None) -> Weight:
    """Run Python code in a process of its own; its peak memory is read off at its end."""
    told = "\nimport resource as _r; print(_r.getrusage(_r.RUSAGE_SELF).ru_maxrss)"
    weight = run(sys.executable, "-c", code + told, environment=environment)
    *lines, peak = weight.printed.strip().splitlines()
    return Weight(weight.seconds, int(peak) / 2**20, "\n".join(lines))


def show(title: str, rows: list[tuple[str, Weight]], goal: str) -> None:
    """Print a comparison: the first row is ours, every other one a rival."""
    ours = rows[0][1]
    print(f"\n{title}")
    print(f"  {'':44} {'seconds':>8} {'GiB':>6} {'ours / it':>10}")
    for name, weight in rows:
        memory = f"{weight.gib:.2f}" if weight.gib else "-"
        print(
            f"  {name:44} {weight.seconds:8.2f} {memory:>6} {ours.seconds / weight.seconds:10.2f}"
        )
    print(f"  goal: {goal}")


__all__ = ["Weight", "python", "run", "show"]
