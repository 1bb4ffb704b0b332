"""The run chart: whether a series wanders, without any limits."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from workbench.analyses.signals import notes as say
from workbench.analyses.signals.charts import missing_notes
from workbench.analyses.signals.inputs import read_plan, read_values, stop_on
from workbench.analyses.signals.rules import run_lengths, sign


@dataclass(frozen=True, eq=False)
class RunChart:
    """A measure over time around its median.

    table: one row per point: value, median. median: the centre line used. useful: points that are
    recorded and off it. signal: the longest run is longer than longest_run_max, or it is crossed
    fewer than crossings_min times, as chance would hardly do.
    """

    table: pd.DataFrame
    median: float
    useful: int
    longest_run: int
    longest_run_max: int
    crossings: int
    crossings_min: int
    signal: bool
    notes: tuple[str, ...]


def run_chart(
    values: pd.Series, center: float | None = None, exclude: Sequence[Hashable] = ()
) -> RunChart:
    """Has this measure shifted at some time, whatever its distribution?

    values: in time order, NA for a month without a value. center: a line to use in place of the
    median. exclude: labels of points that are shown but take no part.
    Raises DataError for input that cannot be charted.
    Source: Anhøj and Olesen (2014), Run charts revisited; longest run: Schilling (2012),
    crossings: Chen (2010); as in qicharts2.
    """
    problems: list[str] = []
    value = read_values(values, "values", problems)
    kept = read_plan(value.index, None, None, None, (), exclude, problems).kept
    if center is not None and not np.isfinite(center):
        problems.append(f"center: {center} is not a number. Leave it out to use the median.")
    stop_on(problems)

    seen = value.to_numpy()[kept & value.notna().to_numpy()]
    middle = np.median(seen) if seen.size else np.nan
    median = float(middle if center is None else center)
    sides = sign(seen - median, np.append(seen, median))
    sides = sides[sides != 0]
    useful, runs = sides.size, run_lengths(sides)
    longest = int(runs.max(initial=0))
    longest_max = round(np.log2(useful)) + 3 if useful else 0
    crossings = max(runs.size - 1, 0)
    crossings_min = int(stats.binom.ppf(0.05, useful - 1, 0.5)) if useful > 1 else 0
    said = missing_notes(value)
    if not kept.all():
        said.append(say.left_out(value.index[~kept]))
    if useful < say.USEFUL:
        said.append(say.few_useful(useful))
    return RunChart(
        table=pd.DataFrame({"value": value, "median": median}, index=value.index),
        median=median,
        useful=useful,
        longest_run=longest,
        longest_run_max=longest_max,
        crossings=crossings,
        crossings_min=crossings_min,
        signal=longest > longest_max or crossings < crossings_min,
        notes=tuple(said),
    )
