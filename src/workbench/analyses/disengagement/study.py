"""The question asked of an export: learn on earlier days, test on later ones, then decide."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from workbench import words
from workbench.analyses.disengagement import guards
from workbench.analyses.disengagement.cohort import (
    LOGGED,
    RULE,
    Cohort,
    as_of_days,
    cohort,
    last_known,
    wait_days,
    with_features,
)
from workbench.analyses.disengagement.columns import matrix, numbers, read, rule_order
from workbench.analyses.disengagement.evaluating import (
    BOOSTED,
    MODEL,
    Evaluation,
    evaluate,
    on_list,
)
from workbench.analyses.disengagement.evaluating import RULE as BY_RULE
from workbench.analyses.disengagement.fitting import build, chances, folds, terms
from workbench.analyses.disengagement.model import Model
from workbench.errors import DataError
from workbench.settings import Disengagement
from workbench.store import Workspace

OLDER_DAYS = 7  # a period: features must still tell something from data a week older
TEST_SHARE = 3  # the last third of the as-of dates is for the test
NOBODY = "nobody"


@dataclass(frozen=True)
class Study:
    """Who is drifting away in these records, and whether a model finds them better than the rule.

    `model`: made from all as-of dates, with the verdict of `tested`: the rule, the model and
    boosted trees on the last third of the dates, each time made from earlier dates only. `rows`:
    one row an as-of date and enrolment of those dates: features, label, chance, listed_by_rule,
    listed_by_model, listed_by_boosted; exact and about people. `learnt_from`, `tested_on`: as-of
    dates. `ages`: how well each feature tells, on the last of them and from data a week older.
    `asked`: the settings in force.
    """

    data: Workspace = field(repr=False)
    asked: Disengagement
    model: Model = field(repr=False)
    tested: Evaluation = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    people: Cohort = field(repr=False)
    learnt_from: tuple[date, ...]
    tested_on: tuple[date, ...]
    ages: pd.DataFrame = field(repr=False)

    @property
    def verdict(self) -> str:
        """Which ranking the list uses."""
        return self.model.verdict


def fit(
    data: Workspace,
    as_of_dates: Sequence[date] | None = None,
    horizon_days: int | None = None,
    *,
    seed: int = 0,
) -> Model:
    """A model of who leaves, from an export: `study` with the days and the horizon given.

    `as_of_dates`: the days to learn from, the last third of them for the test; by default as
    settings say. Raises as `study`, and DataError for a day whose outcome is not known yet.
    """
    return study(data, as_of_dates=as_of_dates, horizon_days=horizon_days, seed=seed).model


def study(
    data: Workspace,
    *,
    as_of_dates: Sequence[date] | None = None,
    horizon_days: int | None = None,
    seed: int = 0,
) -> Study:
    """Who leaves within the horizon, and whether a model finds more of them than the rule.

    What is not given is as settings say under [disengagement]. Raises DataError where no as-of
    date can be used or nobody was there, LeakageError where a guard refuses.
    """
    asked = data.settings.disengagement
    if horizon_days is not None:
        asked = asked.model_copy(update={"horizon_days": horizon_days})
    days = as_of_days(data, asked) if as_of_dates is None else _days(as_of_dates)
    if not days:
        raise DataError(words.disengagement.no_days(last_known(data, asked)))
    people = cohort(data, days, asked)
    if people.rows.empty:
        raise DataError(words.disengagement.nobody(len(days)))
    rows, features = people.rows, list(people.features)
    label = rows["label"].to_numpy(float)
    known = rows["as_of_date"]
    older = _older(data, rows, asked, features)
    model, *_ = build(rows[features], label, known, RULE, LOGGED, rows["client_id"], None)
    ages = _ages(rows, older, model)
    wait = pd.Timedelta(days=wait_days(data, asked))
    tests = _tests(known, wait)
    rows, tested = _rolling(rows, features, tests, wait, asked, model, seed)
    about = {
        **model.about,
        "horizon_days": asked.horizon_days,
        "no_contact_days": asked.no_contact_days,
        "as_of_dates": [day.isoformat() for day in days],
        "tested_on": [day.date().isoformat() for day in tests],
        "training_events": tested.training_events,
        "snapshot": data.snapshot,
    }
    learnt = tuple(day for day in days if pd.Timestamp(day) not in tests)
    return Study(
        data, asked, replace(model, verdict=tested.verdict, validation=tested, about=about), tested,
        rows, people, learnt, tuple(day.date() for day in tests), ages,
    )  # fmt: skip


def lists_of(
    rows: pd.DataFrame, asked: Disengagement
) -> "tuple[pd.Series[str], int | dict[str, int]]":
    """On whose list each row could be, and how long the lists are.

    A list for each caseworker and day, `calls_a_week` long; where nobody's caseload is known one
    for each day, a share of those there.
    """
    day = rows["as_of_date"].dt.strftime("%Y-%m-%d")
    if rows["caseworker_id"].notna().any():
        return day + " " + rows["caseworker_id"].astype("str").fillna(NOBODY), asked.calls_a_week
    sizes = (day.value_counts() * asked.list_share).round().clip(lower=1).astype(int)
    return day, {str(name): int(size) for name, size in sizes.items()}


def _days(given: Sequence[date]) -> list[date]:
    """Days as they were asked for, in order: dates, or text such as "2025-10-01"."""
    try:
        return sorted({pd.Timestamp(day).date() for day in given})
    except (ValueError, TypeError):
        raise DataError(
            f"as_of_dates: {list(given)} are not all days. Give dates, such as 2025-10-01."
        ) from None


def _tests(known: "pd.Series[Any]", wait: pd.Timedelta) -> list[pd.Timestamp]:
    """The last third of the as-of dates, as far as an earlier date's outcome was known by then."""
    days = sorted(known.unique())
    last = days[len(days) - max(1, len(days) // TEST_SHARE) :]
    return [day for day in map(pd.Timestamp, last) if days[0] + wait <= day]


def _rolling(
    rows: pd.DataFrame,
    features: list[str],
    tests: list[pd.Timestamp],
    wait: pd.Timedelta,
    asked: Disengagement,
    model: Model,
    seed: int,
) -> tuple[pd.DataFrame, Evaluation]:
    """Each test date by what was known of earlier ones by then, all of them judged together.

    Without a date to test on, each fifth of the clients by the others.
    """
    day_of = rows["as_of_date"]
    parts = [(day_of + wait <= day, day_of == day) for day in tests]
    scored, learnt = [], []
    for train, test in parts or folds(len(rows), rows["client_id"]):
        past, now = rows[train], rows[test]
        columns, _ = read(past[features], LOGGED)
        label = past["label"].to_numpy(float)
        learnt.append(int(label.sum()))
        fitted = terms(past[features], label, columns)
        boosted = _boosted(matrix(past[features], columns), label, matrix(now[features], columns))
        scored.append(now.assign(chance=chances(now[features], columns, fitted), boosted=boosted))
    tested = pd.concat(scored, ignore_index=True)
    within, k = lists_of(tested, asked)
    rule = rule_order(tested, model.rule)
    scores = {
        BY_RULE: rule,
        MODEL: tested["chance"].to_numpy(float),
        BOOSTED: tested.pop("boosted").to_numpy(float),
    }
    label = tested["label"].to_numpy(float)
    result = evaluate(
        scores, label, k, client=tested["client_id"], within=within,
        training_events=min(learnt), seed=seed,
    )  # fmt: skip
    listed = {
        "listed_by_rule": on_list(rule, k, within),
        "listed_by_model": on_list(scores[MODEL], k, within),
        "listed_by_boosted": on_list(scores[BOOSTED], k, within),
    }
    return tested.assign(**listed), result


def _boosted(train: Any, label: Any, test: Any) -> Any:
    """The chance by boosted trees: a rival that may find what straight terms cannot."""
    if label.min() == label.max() or train.shape[1] == 0:
        return np.full(len(test), label.mean())
    trees = HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=0)
    return trees.fit(train, label).predict_proba(test)[:, 1]


def _older(
    data: Workspace, rows: pd.DataFrame, asked: Disengagement, features: list[str]
) -> pd.DataFrame:
    """The features of the people of the last date, from data a week older; those there then."""
    last = rows["as_of_date"].max()
    day = (last - timedelta(days=OLDER_DAYS)).date()
    if day < data.complete_from:
        return rows.iloc[:0]
    before, _ = with_features(data, [day], asked)
    now = rows.loc[rows["as_of_date"] == last, ["enrolment_id", "label"]]
    return now.merge(before[["enrolment_id", *features]], on="enrolment_id")


def _ages(rows: pd.DataFrame, older: pd.DataFrame, model: Model) -> pd.DataFrame:
    """How well each feature tells, and from data a week older; refuses those that collapse."""
    now = rows[rows["as_of_date"] == rows["as_of_date"].max()]
    now = older[["enrolment_id"]].merge(now, on="enrolment_id")
    label = older["label"].to_numpy(float)
    return guards.refuse_collapse(numbers(now, model.columns), numbers(older, model.columns), label)
