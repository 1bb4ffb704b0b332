"""How many of those who leave are on a list, ranked in one way or another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench import words
from workbench.errors import DataError
from workbench.statistics import Floats, wilson_interval

RULE, MODEL, BOOSTED = "rule", "model", "boosted trees"
DRAWS = 1000
FEWEST_TRAINING_EVENTS = 100
FEWEST_TEST_EVENTS = 10  # clients who left, and who stayed: one who left ten times is one
FEW_FOUND = 10
CELLS = 60_000  # of draws times people at once: what a processor keeps close at hand


@dataclass(frozen=True)
class Evaluation:
    """What each ranking finds on a list of the same length, on people it was not made from.

    `table`: one row a ranking ("rule", "model"): auc, precision (share of the list that leaves),
    recall (share of leavers on the list), found (leavers on the list), each share with _lower and
    _upper (95 %, bootstrap over clients). `extra`: leavers that the model finds beyond the rule,
    and `extra_interval`. `n`, `events`, `k`: people, leavers, length of the list.
    """

    table: pd.DataFrame
    verdict: str
    extra: float
    extra_interval: tuple[float, float]
    n: int
    events: int
    k: int
    training_events: int
    draws: int = field(repr=False, default=DRAWS)

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return words.disengagement.verdict(
            self.verdict,
            extra=self.extra,
            interval=self.extra_interval,
            k=self.k,
            training_events=self.training_events,
            events=self.events,
            stayed=self.n - self.events,
        )


@dataclass(frozen=True)
class _Order:
    """People in the order of a ranking, within lists; equals stand together."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]  # first row of each set of equals, within a list
    list_of: NDArray[np.int64]  # the list of each set of equals
    equals: NDArray[np.int64]  # first row of each set of equals, whatever the list
    plain: NDArray[np.int64]  # people in the order of the ranking alone


def evaluate(
    scores: Mapping[str, Floats],
    label: Floats,
    k: "int | Mapping[Any, int]",
    *,
    client: "pd.Series[Any] | None" = None,
    within: "pd.Series[Any] | None" = None,
    training_events: int,
    draws: int = DRAWS,
    seed: int = 0,
) -> Evaluation:
    """Compare rankings on the same people; the first is the rule, the second may replace it.

    `scores`: larger is earlier on the list; people ranked alike share the last places of a list.
    `k`: the length of the list, or of each list where `within` says on whose list a person is.
    The model is used only if it finds more leavers than the rule, beyond chance: the lower end of
    the interval of the difference lies above 0. Intervals: percentiles of draws of clients.
    Fewer than 100 leavers to learn from, or 10 clients who left, or who stayed, to test on:
    "cannot tell".
    Raises DataError where k is no length, or client or within have another number of rows.
    Source: bootstrap by cluster (Davison and Hinkley 1997, section 3.8); of equals at the edge of a
    list the share that fits is counted (McSherry and Najork 2008).
    """
    lists, sizes = _lists(label, k, within)
    codes = _clients(label, client)
    orders = {name: _ordered(values, lists) for name, values in scores.items()}
    weights = np.ones((1, len(label)))
    plain = {name: _told(order, label, weights, sizes) for name, order in orders.items()}
    drawn: dict[str, list[Floats]] = {name: [] for name in scores}
    for some in _draws(codes, draws, seed):
        for name, order in orders.items():
            drawn[name].append(_told(order, label, some, sizes))
    told = {name: np.concatenate(parts, axis=1) for name, parts in drawn.items()}
    length = int(np.minimum(sizes, np.bincount(lists, minlength=len(sizes))).sum())
    of = {"precision": length, "recall": int(label.sum())}
    table = pd.DataFrame([_row(name, plain[name][:, 0], told[name], of) for name in scores])
    first, second = list(scores)[:2]
    extra = float(plain[second][3, 0] - plain[first][3, 0])
    interval = _interval(told[second][3] - told[first][3])
    events = int(label.sum())
    fewest = min(len(np.unique(codes[label == each])) for each in (0, 1))
    if training_events < FEWEST_TRAINING_EVENTS or fewest < FEWEST_TEST_EVENTS:
        verdict = "cannot tell"
    else:
        verdict = "use the model" if interval[0] > 0 else "use the rule"
    return Evaluation(
        table, verdict, extra, interval, len(label), events, length, training_events, draws
    )


def on_list(
    scores: Floats, k: "int | Mapping[Any, int]", within: "pd.Series[Any] | None" = None
) -> NDArray[np.bool_]:
    """Who is on the list: the first k, of each list where `within` is given.

    Of equals the first in the order given.
    """
    lists, sizes = _lists(scores, k, within)
    order = np.lexsort((-scores, lists))
    place = np.arange(len(scores)) - np.searchsorted(lists[order], lists[order])
    chosen = np.zeros(len(scores), bool)
    chosen[order] = place < sizes[lists[order]]
    return chosen


def _lists(
    people: Floats, k: "int | Mapping[Any, int]", within: "pd.Series[Any] | None"
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which list each person could be on, and how long each list is."""
    lengths = list(k.values()) if isinstance(k, Mapping) else [k]
    if not len(people):
        raise DataError("features: there is nobody in them. Choose another day, or other people.")
    if wrong := [each for each in lengths if not _is_length(each)]:
        raise DataError(f"k: {wrong[0]!r} is no length of a list. Give a whole number from 1.")
    if within is None:
        if isinstance(k, Mapping):
            raise DataError(
                "k: holds the length of several lists, and within does not say on whose list a "
                "person is. Give one length, or within."
            )
        return np.zeros(len(people), np.int64), np.asarray(lengths, np.int64)
    _refuse_other_rows("within", len(within), len(people))
    codes, names = pd.factorize(within.astype("str").fillna("nobody"), sort=True)
    if not isinstance(k, Mapping):
        return codes, np.full(len(names), k, np.int64)
    if unknown := sum(name not in k for name in names):
        raise DataError(f"k: gives no length for {unknown} of {len(names)} lists. Give one each.")
    return codes, np.asarray([k[name] for name in names], np.int64)


def _is_length(value: Any) -> bool:
    return bool(
        isinstance(value, int | float | np.number) and value >= 1 and float(value).is_integer()
    )


def _refuse_other_rows(name: str, rows: int, people: int) -> None:
    if rows != people:
        raise DataError(f"{name}: has {rows} rows, the features {people}. Give one for each.")


def _clients(label: Floats, client: "pd.Series[Any] | None") -> NDArray[np.int64]:
    """Whose row each is, as a number; a row of nobody known is a client of its own."""
    if client is None:
        return np.arange(len(label))
    _refuse_other_rows("client", len(client), len(label))
    codes, names = pd.factorize(client.astype("str"), sort=True)
    nobody = codes < 0
    codes[nobody] = len(names) + np.arange(nobody.sum())
    return codes


def _ordered(scores: Floats, lists: NDArray[np.int64]) -> _Order:
    rows = np.lexsort((-scores, lists))
    changes = np.r_[True, (np.diff(scores[rows]) != 0) | (np.diff(lists[rows]) != 0)]
    starts = np.flatnonzero(changes)
    plain = np.argsort(-scores, kind="stable")
    equals = np.flatnonzero(np.r_[True, np.diff(scores[plain]) != 0])
    return _Order(rows, starts, lists[rows][starts], equals, plain)


def _draws(codes: NDArray[np.int64], draws: int, seed: int) -> Any:
    """How often each row is drawn, clients drawn with replacement: blocks of (draws, rows)."""
    rng = np.random.default_rng(seed)
    people = int(codes.max()) + 1
    step = max(1, CELLS // len(codes))
    for first in range(0, draws, step):
        many = min(step, draws - first)
        drawn = rng.integers(0, people, (many, people)) + people * np.arange(many)[:, None]
        times = np.bincount(drawn.ravel(), minlength=many * people).reshape(many, people)
        yield times.astype(float)[:, codes]


def _told(
    order: _Order, label: Floats, weights: Floats, sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Area, precision, recall and leavers found, one row each, for each draw."""
    here, gone = _of_equals(order.rows, order.starts, label, weights)
    before = np.cumsum(here, axis=1) - here
    if len(sizes) > 1:
        before -= before[:, np.searchsorted(order.list_of, order.list_of)]
    left = sizes[order.list_of] - before
    share = np.clip(np.divide(left, here, out=np.ones_like(here), where=here > 0), 0, 1)
    found, length = (share * gone).sum(axis=1), (share * here).sum(axis=1)
    if len(sizes) > 1:
        here, gone = _of_equals(order.plain, order.equals, label, weights)
    stayed, events = here - gone, gone.sum(axis=1)
    others = stayed.sum(axis=1)
    later = others[:, None] - np.cumsum(stayed, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (gone * (later + stayed / 2)).sum(axis=1) / (events * others)
        return np.vstack([auc, found / length, found / events, found])


def _of_equals(
    rows: NDArray[np.int64], starts: NDArray[np.int64], label: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    """How many there are of each set of equals, and how many of them leave, for each draw."""
    here = np.take(weights, rows, axis=1)
    gone = here * label[rows]
    if len(starts) == len(rows):
        return here, gone
    return np.add.reduceat(here, starts, axis=1), np.add.reduceat(gone, starts, axis=1)


def _row(name: str, plain: Floats, drawn: Floats, of: Mapping[str, int]) -> dict[str, Any]:
    """A ranking in the table. `of`: how many are on the list, and how many leave.

    Where fewer than 10 are found, or all but fewer than 10, draws alone would promise too much (of
    nobody found they know nothing else): the interval of Wilson (1927) is taken in.
    """
    row: dict[str, Any] = {"ranking": name}
    found = float(plain[3])
    for place, what in enumerate(("auc", "precision", "recall")):
        lower, upper = _interval(drawn[place])
        if of.get(what) and min(found, of[what] - found) < FEW_FOUND:
            low, high = wilson_interval(min(found, of[what]), of[what])
            lower, upper = np.nanmin([lower, low]), np.nanmax([upper, high])
        row |= {what: plain[place], f"{what}_lower": float(lower), f"{what}_upper": float(upper)}
    return row | {"found": found}


def _interval(drawn: Floats) -> tuple[float, float]:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)
