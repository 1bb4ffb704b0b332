"""`make simulate`: every invented truth in turn; the tables go to docs/methods.md.

`python -m benchmarks.simulate order leaving` makes the tables of these parts again;
`python -m benchmarks.simulate 20 order` draws each truth 20 times and prints only.
"""

import os

for _each in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_each, "1")  # two processes on two cores, not four threads

import re  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from multiprocessing import Pool  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks.simulate import (  # noqa: E402
    changes,
    contact,
    groups,
    leaving,
    order,
    segments,
)
from workbench.statistics import wilson_interval  # noqa: E402

PAGE = Path(__file__).parents[2] / "docs" / "methods.md"
BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"
Part = tuple[str, Sequence[Any], int]  # a title, truths, and how often each is drawn
PARTS: dict[str, Part] = {
    "contact": ("How often people are seen (`sweet_spot.find`)", contact.GRID, 2000),
    "groups": ("Two groups side by side (`comparison.compare`)", groups.GRID, 2000),
    "order": ("The order of supports (`journeys.early_or_late`)", order.GRID, 2000),
    "leaving": ("Who is drifting away (`disengagement.fit_frame`)", leaving.GRID, 200),
    "segments": ("Segments (`segments.find`)", segments.GRID, 100),
    "changes": ("Before and after a change (`learning.effect`)", changes.GRID, 2000),
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


def table(part: Part, replications: int, pool: Any) -> str:
    """The table of a part in Markdown, printed line by line as it grows."""
    title, grid, _ = part
    lines = [
        f"**{title}**",
        "",
        f"{replications:,} replications a line on {datetime.now(UTC):%d %B %Y}, seeds (2025, 0) to "
        f"(2025, {replications - 1}); in brackets the 95 % interval of the rate.",
        "",
        "| truth | question | rate |",
        "|---|---|---|",
    ]
    for truth in grid:
        started = time.perf_counter()
        for question, rate, low, high in rates(truth, replications, pool):
            shown = f"{100 * rate:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
            lines.append(f"| {truth[0]} | {question} | {shown} |")
            print(lines[-1], flush=True)
        print(f"  {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return "\n".join(lines)


def published(page: str) -> dict[str, str]:
    """The tables that a page holds, by the title of their part."""
    inside = page.partition(BEGIN)[2].partition(END)[0]
    found = [each.strip() for each in re.split(r"(?m)^(?=\*\*)", inside) if each.strip()]
    return {each.split("**")[1]: each for each in found}


def main(arguments: Sequence[str]) -> None:
    """Draw all parts, or those named, and put their tables in the place of the ones before."""
    few = next((int(each) for each in arguments if each.isdigit()), None)
    named = [each for each in arguments if not each.isdigit()] or list(PARTS)
    with Pool(os.cpu_count() or 1) as pool:
        made = {PARTS[name][0]: table(PARTS[name], few or PARTS[name][2], pool) for name in named}
    if few is None:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        whole = published(page) | made
        tables = "\n\n".join(whole[title] for title, _, _ in PARTS.values() if title in whole)
        PAGE.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
