"""Fits the model on plain frames: guards first, then the terms, then who would have been found."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from workbench.analyses.disengagement import guards
from workbench.analyses.disengagement.columns import Column, matrix, numbers, read, rule_order
from workbench.analyses.disengagement.evaluating import (
    MODEL,
    RULE,
    Evaluation,
    evaluate,
)
from workbench.analyses.disengagement.model import LIST_SHARE, Model, as_label, in_order
from workbench.errors import DataError
from workbench.published import PERSON_COLUMNS
from workbench.settings import nearest
from workbench.statistics import Floats

PENALTY = 1.0  # C of the logistic regression, on columns of one scale
FOLDS = 5
COUNTS = ("contact", "click", "active", "visit")


def fit_frame(
    features: pd.DataFrame,
    label: Any,
    known_until: Any = None,
    *,
    rule: Sequence[str] = (),
    logged: Sequence[str] = (),
    client: "pd.Series[Any] | None" = None,
    before: pd.DataFrame | None = None,
    seed: int = 0,
) -> Model:
    """A model of who leaves, from what was known of people who were still there on a day.

    `features`: one row a person, numbers or words, of what was on record by the as-of date; ids
    and dates are no features. `label`: 1 for those who left in the days after it, 0 for the others.
    `known_until`: the as-of date, or one for each row: days in the features may not lie after it
    (see `guards.refuse_later_dates`). `rule`: the feature with the days since the last contact,
    then the one that parts equals, fewer first ("-x": smaller first); by default the first with
    "since" in its name, then the first that counts contacts, clicks, visits or active days, and
    where there is none the feature that tells best alone. `logged`: counts to be logged.
    `before`: the same features a period earlier.

    The verdict comes from people the terms were not made from: the last as-of date where
    `known_until` has several (as far apart as the horizon, or they share outcomes), else five folds
    of clients, and a list of a twentieth of them.
    Raises LeakageError where a guard refuses, DataError for input that is not as described.
    Source: ridge-penalised logistic regression (le Cessie and van Houwelingen 1992), C = 1.
    """
    model, used, answer, client = build(features, label, known_until, rule, logged, client, before)
    tested = _validated(used, answer, known_until, model.rule, logged, client, seed)
    return replace(model, verdict=tested.verdict, validation=tested)


def build(
    features: pd.DataFrame,
    label: Any,
    known_until: Any,
    rule: Sequence[str],
    logged: Sequence[str],
    client: "pd.Series[Any] | None",
    before: pd.DataFrame | None,
) -> "tuple[Model, pd.DataFrame, Floats, pd.Series[Any] | None]":
    """As `fit_frame`, for whoever tests it on later days: guards and terms, no verdict yet.

    Also the features as used, the label as 1 and 0, and whose row each is.
    """
    if not len(features):
        raise DataError("features: there is nobody in them. Choose another day, or other people.")
    guards.refuse_later_dates(features, known_until)
    if guards.holds_days(pd.Series(label)):
        label = in_order("label", label, features)
        guards.refuse_left(label, known_until)
        label = label.notna()
    answer = as_label(label, features)
    client = features["client_id"] if client is None and "client_id" in features else client
    client = None if client is None else in_order("client", client, features)
    before = None if before is None else in_order("before", before, features)
    used = features[[name for name in features if _is_feature(str(name))]]
    columns, left_out = read(used, logged)
    alone = numbers(used, columns)
    by = _rule(used, rule) or _best(alone, answer)
    guards.refuse_gone(rule_order(used, by), answer)
    guards.refuse_too_good(alone, answer)
    if before is not None:
        guards.refuse_collapse(alone, numbers(before, columns), answer)
    about = {
        "people": len(answer) if client is None else int(client.nunique()),
        "rows": len(answer),
        "events": int(answer.sum()),
        "known_until": _last(known_until),
        "data": _data_hash(used, answer),
    }
    return _fitted(used, answer, columns, by, about, left_out), used, answer, client


def terms(features: pd.DataFrame, label: Floats, columns: Sequence[Column]) -> tuple[Floats, float]:
    """Coefficients and intercept; none of them matter where nobody or everybody left."""
    share = float(np.clip(label.mean(), 1e-6, 1 - 1e-6))
    if not columns or label.min() == label.max():
        return np.zeros(len(columns)), float(np.log(share / (1 - share)))
    fitted = LogisticRegression(C=PENALTY, max_iter=2000, tol=1e-8).fit(
        matrix(features, columns), label
    )
    return fitted.coef_[0], float(fitted.intercept_[0])


def chances(
    features: pd.DataFrame, columns: Sequence[Column], fitted: tuple[Floats, float]
) -> Floats:
    """The chance of leaving by coefficients and intercept."""
    return 1 / (1 + np.exp(-(fitted[1] + matrix(features, columns) @ fitted[0])))


def _fitted(
    features: pd.DataFrame,
    label: Floats,
    columns: tuple[Column, ...],
    rule: tuple[str, ...],
    about: dict[str, Any],
    left_out: dict[str, str],
) -> Model:
    coefficients, intercept = terms(features, label, columns)
    return Model(
        columns, tuple(map(float, coefficients)), intercept, rule, "cannot tell", about, left_out
    )


def _validated(
    features: pd.DataFrame,
    label: Floats,
    known_until: Any,
    rule: tuple[str, ...],
    logged: Sequence[str],
    client: "pd.Series[Any] | None",
    seed: int,
) -> Evaluation:
    """The rule and the model on people the terms were not made from."""
    chance = np.full(len(label), np.nan)
    for train, test in _splits(label, known_until, client):
        columns, _ = read(features[train], logged)
        fitted = terms(features[train], label[train], columns)
        chance[test] = chances(features[test], columns, fitted)
    there = ~np.isnan(chance)
    learnt = int(label.sum() if there.all() else label[~there].sum())
    scores = {RULE: rule_order(features, rule)[there], MODEL: chance[there]}
    k = max(1, round(LIST_SHARE * int(there.sum())))
    return evaluate(
        scores, label[there], k, client=None if client is None else client[there],
        training_events=learnt, seed=seed,
    )  # fmt: skip


def _splits(label: Floats, known_until: Any, client: "pd.Series[Any] | None") -> Any:
    each = isinstance(known_until, pd.Series) and len(known_until) == len(label)
    if each and known_until.nunique() > 1:
        last = (known_until == known_until.max()).to_numpy()
        return [(~last, last)]
    return folds(len(label), client)


def folds(count: int, client: "pd.Series[Any] | None") -> list[tuple[Any, Any]]:
    """Rows to learn from and to test on, five times over, a client always in one of them.

    One client alone is both.
    """
    groups = np.arange(count) if client is None else pd.factorize(client, sort=True)[0]
    times = min(FOLDS, len(np.unique(groups)))
    if times < 2:
        everyone = np.ones(count, bool)
        return [(everyone, everyone)]
    parts = GroupKFold(times, shuffle=True, random_state=0).split(groups, groups=groups)
    return [(~outside, outside) for outside in (np.isin(np.arange(count), t) for _, t in parts)]


def _is_feature(name: str) -> bool:
    return name not in PERSON_COLUMNS and name not in guards.AS_OF


def _rule(features: pd.DataFrame, named: Sequence[str]) -> tuple[str, ...]:
    """The feature that the rule ranks by, and the one that parts equals; empty: there is none."""
    missing = [name for name in named if name.removeprefix("-") not in features]
    if missing:
        raise DataError(
            f"rule: there is no feature {missing[0]!r}{nearest(missing[0], map(str, features))}"
        )
    if named:
        return tuple(named)
    numeric = [str(n) for n in features if pd.api.types.is_numeric_dtype(features[n])]
    days = [name for name in numeric if "since" in name.lower()]
    parts = [n for n in numeric if n not in days and any(word in n.lower() for word in COUNTS)]
    return (*days[:1], *parts[:1]) if days else ()


def _best(alone: dict[str, Floats], label: Floats) -> tuple[str, ...]:
    """The feature that tells leavers best on its own, as a rule; empty where there is none."""
    areas = {name: guards.area(values, label) for name, values in alone.items() if ": " not in name}
    known = {name: a for name, a in areas.items() if not np.isnan(a)}
    if not known:
        return ()
    best = max(known, key=lambda name: abs(known[name] - 0.5))
    return (best if known[best] >= 0.5 else f"-{best}",)


def _last(known_until: Any) -> str | None:
    if known_until is None or isinstance(known_until, dict):
        return None
    last = known_until.max() if isinstance(known_until, pd.Series) else known_until
    return str(last)[:10]


def _data_hash(features: pd.DataFrame, label: Floats) -> str:
    rows = pd.util.hash_pandas_object(features.assign(_label=label), index=False)
    return hashlib.sha256(np.sort(rows.to_numpy()).tobytes()).hexdigest()
