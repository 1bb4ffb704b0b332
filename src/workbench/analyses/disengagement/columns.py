"""From what is known of people to the columns of a model, the same way at every reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import DataError
from workbench.statistics import Floats

FEWEST = 0.01  # share of people with a word, or with nothing recorded, that makes a column of it,
FEWEST_PEOPLE = 10  # and so many of them at least: a card of the model must not point at one person
MOST_WORDS = 30
NOT_KNOWN = "is not known"


@dataclass(frozen=True)
class Column:
    """One column of the model: where it comes from, and how its values are brought to one scale.

    `feature`: the column it is read from. `word`: 1 where the feature is this word, else 0; empty
    for numbers; `NOT_KNOWN`: 1 where nothing is recorded. `logged`: log(1 + value). Numbers that
    are missing read `fill`, the median of those learnt from. Then less `centre`, by `scale`.
    """

    feature: str
    word: str
    logged: bool
    fill: float
    centre: float
    scale: float

    @property
    def name(self) -> str:
        """The column as it is named: the feature, or feature: word."""
        return f"{self.feature}: {self.word}" if self.word else self.feature

    def raw(self, features: pd.DataFrame) -> Floats:
        """The values before they are brought to one scale."""
        values = features[self.feature]
        if self.word == NOT_KNOWN:
            return np.asarray(values.isna(), float)
        if self.word:
            return np.asarray(values.astype("str") == self.word, float)
        found = _numbers(features, self.feature)
        found = np.where(np.isnan(found), self.fill, found)
        with np.errstate(invalid="ignore", divide="ignore"):  # below 0 is refused by name
            return np.log1p(found) if self.logged else found

    def scaled(self, features: pd.DataFrame) -> Floats:
        """The values as the model reads them: 0 is the mean of those learnt from."""
        return (self.raw(features) - self.centre) / self.scale


def read(
    features: pd.DataFrame, logged: Sequence[str] = ()
) -> tuple[tuple[Column, ...], dict[str, str]]:
    """The columns that a model can be made of, and what is left out, with the reason.

    Numbers become one column, true and false too, words one for each that 1 in 100 people have,
    10 at least; where as many have nothing recorded that is a column of its own. Dates are left
    out. Raises DataError for numbers without end, or below 0 where they are to be logged, and for
    features without a name of their own.
    """
    _refuse_names(features)
    enough = max(FEWEST * len(features), FEWEST_PEOPLE)
    columns: list[Column] = []
    left_out: dict[str, str] = {}
    problems: list[str] = []
    missing: set[bytes] = set()  # what goes missing together is one column
    for name in features:
        values, found = features[name], []
        if values.isna().all():
            left_out[str(name)] = "is empty"
        elif pd.api.types.is_datetime64_any_dtype(values):
            left_out[str(name)] = "is a date: give the days up to the as-of date"
        elif _holds_numbers(values):
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            log = name in logged
            problems += _wrong(str(name), numbers, log)
            found = [_column(features, str(name), "", log, float(np.nanmedian(numbers)))]
        else:
            words = values.dropna().astype("str").value_counts()
            often = words.index[words >= enough]
            if len(words) > MOST_WORDS:
                left_out[str(name)] = f"has {len(words)} different words"
                continue
            found = [_column(features, str(name), word) for word in sorted(often)[1:]]
            if not found:
                left_out[str(name)] = f"has no two words that {enough:.0f} people share"
        gaps = np.asarray(values.isna(), bool)
        if found and enough <= gaps.sum() < len(gaps) and gaps.tobytes() not in missing:
            found.append(_column(features, str(name), NOT_KNOWN))
            missing.add(gaps.tobytes())
        kept = [each for each in found if each.scale > 0]
        if found and not kept:
            left_out[str(name)] = "is the same for everybody"
        columns += kept
    if problems:
        raise DataError(*problems)
    return tuple(columns), left_out


def _holds_numbers(values: "pd.Series[Any]") -> bool:
    """Whether a column holds numbers, or true and false, whatever it is kept as."""
    kinds = ("integer", "floating", "mixed-integer-float", "decimal", "boolean")
    return pd.api.types.is_numeric_dtype(values) or (
        values.dtype == object and pd.api.types.infer_dtype(values, skipna=True) in kinds
    )


def _refuse_names(features: pd.DataFrame) -> None:
    if not all(isinstance(name, str) for name in features):
        raise DataError("features: columns are named by numbers. Give each a name in words.")
    if twice := sorted(set(features.columns[features.columns.duplicated()])):
        raise DataError(f"features: {', '.join(twice)} stands there twice. Leave one out.")


def _wrong(name: str, numbers: Floats, logged: bool) -> list[str]:
    found = []
    if endless := int(np.isinf(numbers).sum()):
        found.append(f"features: {name}: {endless} values have no end. Leave them empty.")
    if logged and (below := int((numbers < 0).sum())):
        found.append(
            f"features: {name}: {below} of {len(numbers)} below 0, and a count or a number of days "
            "starts at 0. Mend them, or leave them empty."
        )
    return found


def _column(
    features: pd.DataFrame, name: str, word: str, logged: bool = False, fill: float = 0.0
) -> Column:
    plain = Column(name, word, logged, fill, 0.0, 1.0)
    values = plain.raw(features)
    spread = float(values.std()) if np.isfinite(values).all() else 0.0
    tiny = spread <= 1e-12 * max(1.0, float(np.abs(values).max(initial=0)))
    return Column(name, word, logged, fill, float(values.mean()), 0.0 if tiny else spread)


def _numbers(features: pd.DataFrame, name: str) -> Floats:
    """A feature as numbers, NaN where missing."""
    try:
        return features[name].to_numpy(dtype=float, na_value=np.nan)
    except (ValueError, TypeError):
        raise DataError(f"features: {name}: holds words, and the model reads numbers.") from None


def numbers(features: pd.DataFrame, columns: Sequence[Column]) -> dict[str, Floats]:
    """The columns of numbers as they stand, NaN where missing: for what looks at one alone."""
    return {
        each.name: each.raw(features) if each.word else _numbers(features, each.feature)
        for each in columns
        if each.feature in features
    }


def matrix(features: pd.DataFrame, columns: Sequence[Column]) -> Floats:
    """One row a person, one column a column of the model.

    Raises DataError where a feature is not there, or holds what the model cannot read.
    """
    missing = [each.feature for each in columns if each.feature not in features]
    if missing:
        raise DataError(
            f"features: there is no {', '.join(dict.fromkeys(missing))}. "
            "Give the same features that the model was made with."
        )
    _refuse_names(features)
    problems: list[str] = []
    for each in columns:
        if not each.word:
            found = _numbers(features, each.feature)
            problems += _wrong(each.feature, found, each.logged)
    if problems:
        raise DataError(*problems)
    if not columns:
        return np.zeros((len(features), 0))
    return np.column_stack([each.scaled(features) for each in columns])


def rule_order(features: pd.DataFrame, rule: Sequence[str]) -> Floats:
    """The order by the rule: a number that is larger the earlier somebody is on the list.

    `rule`: the feature with the days since the last contact, then the one that parts equals (fewer
    first). "-x": smaller first. Nothing recorded ranks last. Empty: all are equal.
    """
    ranks = np.zeros(len(features))
    if not len(features) or not rule:
        return ranks
    names = [name.removeprefix("-") for name in rule]
    if missing := [name for name in names if name not in features]:
        raise DataError(
            f"features: there is no {', '.join(missing)}, which the rule ranks by. "
            "Give the same features that the model was made with."
        )
    larger_first = [rule[0].startswith("-") * -2 + 1, *[-1] * (len(rule) - 1)]
    keys = np.column_stack(
        [sign * _numbers(features, name) for name, sign in zip(names, larger_first, strict=True)]
    )
    keys = np.where(np.isnan(keys), -np.inf, keys)
    order = np.lexsort(keys.T[::-1])
    new = np.r_[False, (keys[order][1:] != keys[order][:-1]).any(axis=1)]
    ranks[order] = np.cumsum(new)
    return ranks
