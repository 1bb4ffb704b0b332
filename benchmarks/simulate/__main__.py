"""`make simulate`: every invented truth in turn; the table goes to docs/methods.md.

`python -m benchmarks.simulate 100` draws each 100 times and prints only.
"""

import os

for _each in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_each, "1")  # two processes on two cores, not four threads

import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from multiprocessing import Pool  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks.simulate import contact, groups, order  # noqa: E402
from workbench.statistics import wilson_interval  # noqa: E402

REPLICATIONS = 2000
PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"
PARTS = {
    "How often people are seen (`sweet_spot.find`)": contact.GRID,
    "Two groups side by side (`comparison.compare`)": groups.GRID,
    "The order of supports (`journeys.early_or_late`)": order.GRID,
}
Truth = tuple[str, Callable[..., dict[str, float]], Sequence[Any]]


def rates(truth: Truth, replications: int, pool: Any) -> list[tuple[str, float, float, float]]:
    """What was asked of a truth, how often it was so (0 to 1), and the 95 % interval of that."""
    _, asked, given = truth
    jobs = [(asked, given, seed) for seed in range(replications)]
    drawn = pool.starmap(_once, jobs, chunksize=20)
    rows = []
    for question in drawn[0]:
        values = np.array([each[question] for each in drawn], dtype=float)
        values = values[~np.isnan(values)]
        if len(values):
            low, high = wilson_interval(values.sum(), len(values))
            rows.append((question, float(values.mean()), float(low), float(high)))
    return rows


def _once(asked: Callable[..., dict[str, float]], given: Sequence[Any], seed: int) -> Any:
    return asked(np.random.default_rng([2025, seed]), *given)


def table(replications: int) -> str:
    """The whole table in Markdown, printed line by line as it grows."""
    cores = os.cpu_count() or 1
    lines = [
        f"{replications:,} replications a line on {datetime.now(UTC):%d %B %Y}, seeds (2025, 0) to "
        f"(2025, {replications - 1}); in brackets the 95 % interval of the rate. "
        "`make simulate` makes this table."
    ]
    with Pool(cores) as pool:
        for title, grid in PARTS.items():
            lines += ["", f"**{title}**", "", "| truth | question | rate |", "|---|---|---|"]
            for truth in grid:
                started = time.perf_counter()
                for question, rate, low, high in rates(truth, replications, pool):
                    shown = f"{100 * rate:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
                    lines.append(f"| {truth[0]} | {question} | {shown} |")
                    print(lines[-1], flush=True)
                print(f"  {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return "\n".join(lines)


if __name__ == "__main__":
    asked_for = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATIONS
    made = table(asked_for)
    if asked_for >= REPLICATIONS:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}", encoding="utf-8")
