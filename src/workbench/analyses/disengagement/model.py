"""A model of who leaves: logistic terms that can be read, kept as numbers and never as code."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench import words
from workbench.analyses.disengagement.columns import Column, matrix, rule_order
from workbench.analyses.disengagement.evaluating import MODEL, RULE, Evaluation, evaluate
from workbench.analyses.disengagement.guards import refuse_later_dates
from workbench.errors import DataError
from workbench.statistics import Floats

FORMAT = 1
LIST_SHARE = 0.05


@dataclass(frozen=True)
class Model:
    """Who is likely to leave, as a sum of terms, beside the rule "longest without contact".

    `verdict`: which of the two a list should be ranked by ("use the model", "use the rule",
    "cannot tell": use the rule), as found in `validation` on people the terms were not made from.
    `terms`: one row a column of the model, its coefficient for one standard deviation. `rule`: the
    feature the rule ranks by, and the one that parts equals. `left_out`: features that could not be
    used, with the reason. `about`: people, events, as-of dates, horizon, data hash.
    """

    columns: tuple[Column, ...]
    coefficients: tuple[float, ...]
    intercept: float
    rule: tuple[str, ...]
    verdict: str
    about: Mapping[str, Any]
    left_out: Mapping[str, str] = field(default_factory=dict)
    validation: Evaluation | None = field(default=None, repr=False, compare=False)

    @property
    def training_events(self) -> int:
        """How many left among those it was made from."""
        return int(self.about["events"])

    @property
    def training_share(self) -> float:
        """The share who left among those it was made from."""
        return self.training_events / int(self.about["rows"])

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.validation is None:
            return words.disengagement.verdict_only(self.verdict)
        return self.validation.sentence

    @property
    def terms(self) -> pd.DataFrame:
        """feature, word, logged, mean, sd, coefficient (log odds for one sd), odds ratio."""
        rows = [
            {
                "feature": each.feature,
                "word": each.word,
                "logged": each.logged,
                "centre": each.centre,
                "scale": each.scale,
                "coefficient": coefficient,
                "odds_ratio": float(np.exp(coefficient)),
            }
            for each, coefficient in zip(self.columns, self.coefficients, strict=True)
        ]
        names = ["feature", "word", "logged", "centre", "scale", "coefficient", "odds_ratio"]
        return pd.DataFrame(rows, columns=names)

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to a person's log odds, against somebody like the average.

        One row a person, one column a feature; their sum and the intercept are the log odds.
        """
        each = matrix(features, self.columns) * np.asarray(self.coefficients, float)
        frame = pd.DataFrame(each, features.index, [column.feature for column in self.columns])
        return frame.T.groupby(level=0, sort=False).sum().T

    def scores(self, features: pd.DataFrame) -> "pd.Series[float]":
        """The chance of leaving within the horizon, one a person, 0 to 1.

        Raises DataError where a feature is not there.
        """
        terms = matrix(features, self.columns) @ np.asarray(self.coefficients, float)
        return pd.Series(1 / (1 + np.exp(-(self.intercept + terms))), features.index, name="chance")

    def ranks(self, features: pd.DataFrame) -> "pd.Series[float]":
        """The order of the list by the verdict: larger is earlier."""
        if self.verdict == "use the model":
            return self.scores(features)
        return pd.Series(rule_order(features, self.rule), features.index, name="rank")

    def reasons(self, features: pd.DataFrame, most: int = 3) -> pd.DataFrame:
        """Why each person is where they are, in words, the strongest first; empty where no more.

        One row a person: reason_1 ... Only what raises the chance counts. Exact: the terms of the
        model, those that say the same thing together (`words.disengagement.SUBJECTS`).
        """
        parts = self.contributions(features)
        about = pd.Series([words.disengagement.subject(str(name)) for name in parts], parts.columns)
        summed = parts.T.groupby(about, sort=False).sum().T
        values = summed.to_numpy(dtype=float)
        strongest = np.argsort(-values, axis=1, kind="stable")[:, :most]
        usual = _typical({each.feature: each for each in self.columns if not each.word})
        told = []
        for place, row in enumerate(features.to_dict("records")):
            raising = [str(summed.columns[i]) for i in strongest[place] if values[place, i] > 0]
            known = {str(name): None if pd.isna(each) else each for name, each in row.items()}
            said = [words.disengagement.reason(subject, known, usual) for subject in raising]
            told.append([*said, *[""] * (most - len(said))])
        names = [f"reason_{i + 1}" for i in range(most)]
        return pd.DataFrame(told, features.index, names)

    def evaluate(
        self,
        features: pd.DataFrame,
        label: Any,
        k: "int | Mapping[Any, int] | None" = None,
        *,
        client: "pd.Series[Any] | None" = None,
        within: "pd.Series[Any] | None" = None,
        known_until: Any = None,
        seed: int = 0,
    ) -> Evaluation:
        """Set the model against the rule on people it was not made from.

        `features`, `label`: as for `fit_frame`, of a later day. `k`: the length of the list (by
        default a twentieth of the people), of each where `within` says on whose list a person is.
        `client`: whose row it is, where a client has several. Raises DataError, LeakageError.
        """
        answer = as_label(label, features)
        refuse_later_dates(features, known_until)
        length = k if k is not None else max(1, round(LIST_SHARE * len(answer)))
        scores: dict[str, Floats] = {
            RULE: rule_order(features, self.rule),
            MODEL: np.asarray(self.scores(features), float),
        }
        client = features["client_id"] if client is None and "client_id" in features else client
        client = None if client is None else in_order("client", client, features)
        within = None if within is None else in_order("within", within, features)
        return evaluate(
            scores, answer, length, client=client, within=within,
            training_events=self.training_events, seed=seed,
        )  # fmt: skip

    def card(self) -> dict[str, Any]:
        """The model as plain numbers and words, for JSON."""
        about = {name: _plain(value) for name, value in self.about.items()}
        return {
            "format": FORMAT,
            "columns": [asdict(each) for each in self.columns],
            "coefficients": list(self.coefficients),
            "intercept": self.intercept,
            "rule": list(self.rule),
            "verdict": self.verdict,
            "left_out": dict(self.left_out),
            "about": about,
        }


def save(model: Model, path: str | Path) -> str:
    """Write a model to a JSON file with the hash of its content; returns the hash."""
    card = model.card()
    mark = _hash(card)
    text = json.dumps({**card, "sha256": mark}, indent=1, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8")
    return mark


def load(path: str | Path) -> Model:
    """Read a model that `save` wrote.

    Raises DataError where the file is none, or its content does not match its hash.
    """
    name = Path(path).name
    try:
        card = json.loads(Path(path).read_text(encoding="utf-8"))
        mark = card.pop("sha256")
        made = card["format"]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise DataError(f"{name}: this is no model. Save one with disengagement.save().") from None
    if _hash(card) != mark:
        raise DataError(
            f"{name}: the content does not match its hash: it was changed after it was saved. "
            "Fit the model again."
        )
    if made != FORMAT:
        raise DataError(f"{name}: was saved in format {made}, this reads {FORMAT}. Fit it again.")
    return Model(
        columns=tuple(Column(**each) for each in card["columns"]),
        coefficients=tuple(card["coefficients"]),
        intercept=card["intercept"],
        rule=tuple(card["rule"]),
        verdict=card["verdict"],
        about=card["about"],
        left_out=card["left_out"],
    )


def as_label(label: Any, features: pd.DataFrame) -> Floats:
    """The label as 1 and 0. Raises DataError for other values, or another length."""
    values = in_order("label", label, features)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if wrong := int((~np.isin(numbers, (0, 1))).sum()):
        raise DataError(
            f"label: {wrong} of {len(values)} are neither 1 (left) nor 0 (stayed). Leave out those "
            "of whom it is not known, and say how many."
        )
    return numbers


def in_order(name: str, given: Any, features: pd.DataFrame) -> Any:
    """What is given of each person, with the index of the features.

    Raises DataError for another length, or the same people in another order.
    """
    if len(given) != len(features):
        raise DataError(
            f"{name}: has {len(given)} rows, the features {len(features)}. Give one for each."
        )
    if not isinstance(given, pd.Series | pd.DataFrame):
        return pd.Series(np.asarray(given), features.index)
    same = given.index.equals(features.index)
    if not same and given.index.sort_values().equals(features.index.sort_values()):
        raise DataError(
            f"{name}: has the same people as the features in another order. "
            f"Give both in one order: {name}.loc[features.index]."
        )
    return given if same else given.set_axis(features.index)


def _typical(columns: Mapping[str, Column]) -> dict[str, float]:
    """What is typical of each feature of numbers, in its own unit."""
    return {
        name: float(np.expm1(each.centre)) if each.logged else each.centre
        for name, each in columns.items()
    }


def _hash(card: Mapping[str, Any]) -> str:
    written = json.dumps(card, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
