"""People in segments and people in none: are segments found where they are, and only there?"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

import workbench as wb
from benchmarks.simulate.truths import Floats
from workbench import exposures
from workbench.analyses.segments.finding import find

SETTINGS = Path(__file__).parents[2] / "settings" / "sample.toml"
FOUND = "segments"
VALUES = np.array(list("abcdefgh"), dtype=object)
WEEKS = 12


def cloud(dice: np.random.Generator, n: int, columns: int, together: float) -> dict[str, float]:
    """One cloud of numbers, apart or going together."""
    return _claimed(pd.DataFrame(_normal(dice, n, columns, together)), dice)


def lopsided(dice: np.random.Generator, n: int, together: float) -> dict[str, float]:
    """One cloud: money with a long tail, counts with many at 0, and numbers with a few values."""
    z = _normal(dice, n, 5, together)
    frame = {
        "money": np.exp(z[:, 0]),
        "days": np.exp(1.5 * z[:, 1]),
        "visits": np.floor(np.exp(z[:, 2])),
        "missed": np.maximum(np.floor(2 * z[:, 3]), 0),
        "score": np.round(z[:, 4] + 3),
    }
    return _claimed(pd.DataFrame(frame), dice)


def long_tails(dice: np.random.Generator, n: int) -> dict[str, float]:
    """One cloud with people far out in every direction (Student's t, 3 degrees of freedom)."""
    far = np.sqrt(dice.chisquare(3, (n, 1)) / 3)
    return _claimed(pd.DataFrame(_normal(dice, n, 5, 0.3) / far), dice)


def gradient(dice: np.random.Generator, n: int, together: float) -> dict[str, float]:
    """Six answers of four levels and a number that all rise with the same need."""
    z = _normal(dice, n, 7, together)
    answers = VALUES[np.digitize(z[:, :6], [-0.8, 0.0, 0.8])]
    return _claimed(pd.DataFrame(answers).assign(number=z[:, 6]), dice)


def lumps(dice: np.random.Generator, n: int) -> dict[str, float]:
    """Columns that are each in two lumps, but not the same people in both."""
    low = dice.random((n, 3)) < 0.4
    numbers = pd.DataFrame(np.where(low, 0.0, 6.0) + dice.normal(size=(n, 3)))
    return _claimed(numbers.assign(tenure=VALUES[dice.integers(0, 3, n)]), dice)


def shuffled(dice: np.random.Generator) -> dict[str, float]:
    """Clients of the sample, with each column shuffled by itself."""
    frame = clients()
    apart = {name: dice.permutation(frame[name].to_numpy()) for name in frame}
    return _claimed(pd.DataFrame(apart), dice)


def planted(dice: np.random.Generator, n: int, wide: bool) -> dict[str, float]:
    """Four segments in four numbers and three categories, a tenth missing."""
    frame, truth = people(dice, n, wide)
    found = find(frame, seed=int(dice.integers(1000)))
    known = found.labels.notna().to_numpy()  # of somebody nothing at all may be recorded
    alike = adjusted_rand_score(truth[known], found.labels[known].astype(int))
    near = found.verdict == FOUND and alike >= 0.9
    return {
        "segments are claimed": found.verdict == FOUND,
        "as many as there are": len(found.sizes) == 4,
        "people are where they belong (adjusted Rand 0.9)": near,
    }


def people(dice: np.random.Generator, n: int, wide: bool = False) -> tuple[pd.DataFrame, Floats]:
    """People of four segments, a tenth of what is known of them missing; and their segments.

    `wide`: the numbers of two of the segments are spread twice as widely.
    """
    truth = dice.choice(4, n, p=[0.4, 0.25, 0.2, 0.15])
    means = np.array([[0, 0, 4, 4], [4, 0, 0, 4], [0, 4, 4, 0], [4, 4, 0, 0]], float)
    spread = np.array([1, 2, 1, 2])[truth] if wide else np.ones(n)
    numbers = means[truth] + spread[:, None] * dice.normal(size=(n, 4))
    usual = np.array([[0, 1, 2, 3], [1, 1, 0, 2], [2, 0, 1, 0]])
    own = dice.random((n, 3)) < 0.75
    values = np.where(own, usual[:, truth].T, dice.integers(0, 4, (n, 3)))
    frame = pd.DataFrame(numbers, columns=["age", "debt", "moves", "contacts"])
    frame[["housing", "income", "referred"]] = pd.DataFrame(VALUES[values], index=frame.index)
    return frame.mask(dice.random(frame.shape) < 0.1), truth


@cache
def clients() -> pd.DataFrame:
    """Clients of the sample: what they were like at the start, and contact in the first weeks."""
    data = wb.open(SETTINGS, scope=wb.EVERYONE)
    rows = exposures.at_landmark(data, 7 * WEEKS).people
    names = ["gender", "ethnicity", "need_score", "area", "housing_at_intake"]
    frame = exposures.case_mix(data, rows, names)
    born = data.tables.clients.select("client_id", "birth_date").to_pandas()
    entry = rows.merge(born, "left", "client_id")
    frame["age"] = ((entry["entry"] - pd.to_datetime(entry["birth_date"])).dt.days // 365).array
    frame["contacts_per_week"] = exposures.contacts_per_week(data, rows, WEEKS)
    return frame


def _normal(dice: np.random.Generator, n: int, columns: int, together: float) -> Floats:
    common = dice.normal(size=(n, 1))
    return np.sqrt(together) * common + np.sqrt(1 - together) * dice.normal(size=(n, columns))


def _claimed(frame: pd.DataFrame, dice: np.random.Generator) -> dict[str, float]:
    found = find(frame, seed=int(dice.integers(1000)))
    return {"segments are claimed": found.verdict == FOUND}


GRID = [
    *((f"one cloud, {columns} numbers, correlation {together:g}, n = {n}", cloud,
       (n, columns, together))
      for columns in (4, 6) for together in (0.0, 0.5) for n in (300,)),
    ("one cloud, 6 numbers, correlation 0.8, n = 300", cloud, (300, 6, 0.8)),
    *((f"one lopsided cloud, correlation {together:g}, n = 400", lopsided, (400, together))
      for together in (0.0, 0.5)),
    ("one cloud with long tails, n = 300", long_tails, (300,)),
    *((f"answers that rise with one need, correlation {together:g}, n = 400", gradient,
       (400, together)) for together in (0.3, 0.6)),
    ("columns in lumps, not together, n = 400", lumps, (400,)),
    ("the sample, each column shuffled", shuffled, ()),
    *((f"four segments, n = {n}", planted, (n, False)) for n in (400, 1000)),
    ("four segments, two of them wide, n = 400", planted, (400, True)),
]  # fmt: skip
