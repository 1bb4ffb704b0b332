"""What people were like when they came, as columns that an answer can be adjusted for."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from workbench import words
from workbench.errors import DataError
from workbench.statistics import Floats

NOT_RECORDED = "not recorded"
OTHER = "other"
SMALLEST = 10  # people in a category; smaller ones are taken together
MOST_CELLS = 40_000_000  # people times columns: above it a machine of ordinary size is at its end
TOLERANCE = 1e-9  # of a column's length: less of its own is rounding


@dataclass(frozen=True, eq=False)
class CaseMix:
    """Case mix as columns.

    `design`: a constant and the columns to adjust for, a row a person; `traits`: every value of
    every covariate ("sex: man"), for balance to be looked at in; `names`: the covariates that are
    in the design; `notes`: what was left out.
    """

    design: Floats
    traits: pd.DataFrame
    names: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many columns there are to adjust for."""
        return self.design.shape[1] - 1

    @property
    def centred(self) -> Floats:
        """The columns to adjust for, each with mean 0."""
        values = self.design[:, 1:]
        return values - values.mean(axis=0) if len(values) else values


def columns(frame: pd.DataFrame, whole: Collection[str] = ()) -> CaseMix:
    """Case-mix columns of a frame, a row a person, in its order.

    Words become a column for each value ("not recorded" where empty; values of fewer than 10
    people are put together as "other"), the most frequent left out of `design`. Numbers are
    standardised; missing ones count as the mean and have a column of their own. Columns that are
    constant, or that others say already, are left out and noted. `whole`: columns of which no
    values are put together, however few people have one (caseworkers: put together, they would be
    compared with each other).
    Raises DataError for numbers that are infinite, and for more columns than can be worked with.
    """
    found: list[_Column] = []
    for at, name in enumerate(frame.columns):
        column, smallest = frame.iloc[:, at], 1 if name in whole else SMALLEST
        is_number = name not in whole and _is_number(column)
        split = _numbers(str(name), column) if is_number else _words(str(name), column, smallest)
        found += [
            _Column(str(name), value, values, reference=not is_number and place == 0)
            for place, (value, values) in enumerate(split.items())
        ]
    varying = [each for each in found if each.values.std() > 0]
    constant = [str(name) for name in frame if all(str(name) != each.name for each in varying)]
    wanted, repeated = _independent([each for each in varying if not each.reference])
    notes = [words.comparison.no_variation(constant)] if constant else []
    notes += [words.comparison.said_already([each.label for each in repeated])] if repeated else []
    last = {OTHER: 1, NOT_RECORDED: 2}
    in_order = {str(name): place for place, name in enumerate(frame)}
    shown = sorted(varying, key=lambda e: (in_order[e.name], last.get(e.value, 0), e.value))
    traits = pd.DataFrame({each.label: each.values for each in shown}, index=frame.index)
    names = tuple(dict.fromkeys(each.name for each in wanted))
    design = np.column_stack([np.ones(len(frame)), *(each.values for each in wanted)])
    return CaseMix(design, traits, names, tuple(notes))


def independent(matrix: Floats) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which columns add something to those before them."""
    if matrix.shape[0] >= matrix.shape[1] > 0:
        all_are = apart(np.asarray(np.linalg.qr(matrix, mode="r"), np.float64), matrix)
        if all_are.all():
            return all_are
    kept, least = np.zeros(matrix.shape[1], dtype=bool), _least(matrix)
    basis = np.zeros((matrix.shape[0], 0))
    for place in range(matrix.shape[1]):
        rest = matrix[:, place] - basis @ (basis.T @ matrix[:, place])
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > least[place]:
            kept[place] = True
            basis = np.column_stack([basis, rest / size])
    return kept


def apart(r: Floats, matrix: Floats) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """By the triangle of a QR decomposition, which columns are more than rounding apart."""
    left = np.zeros(matrix.shape[1])
    left[: len(r)] = np.abs(np.diag(r))
    return left > _least(matrix)


@dataclass(frozen=True, eq=False)
class _Column:
    """One column: of which covariate, for which of its values, and whether it is measured from."""

    name: str
    value: str
    values: Floats
    reference: bool

    @property
    def label(self) -> str:
        return f"{self.name}: {self.value}" if self.value else self.name


def _is_number(column: "pd.Series[Any]") -> bool:
    if column.dtype == object:
        said = column.dropna()
        kinds = (int, float, Decimal, np.number)
        return len(said) > 0 and all(isinstance(e, kinds) and not isinstance(e, bool) for e in said)
    is_bool = pd.api.types.is_bool_dtype(column.dtype)
    return pd.api.types.is_numeric_dtype(column.dtype) and not is_bool


def _numbers(name: str, column: "pd.Series[Any]") -> dict[str, Floats]:
    """A number in standard deviations, and who has none where they are enough to tell."""
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(
            f"case mix: {name}: {int(np.isinf(values).sum())} of {len(values)} are infinite. "
            "Leave empty what is not known."
        )
    known = ~np.isnan(values)
    if not known.any():
        return {"": np.zeros(len(values))}
    size = max(float(np.abs(values[known]).max()), 1e-300)
    scaled = np.where(known, values / size, 0.0)
    mean, spread = scaled[known].mean(), scaled[known].std()
    standard = np.where(known, (scaled - mean) / spread, 0.0) if spread > 1e-12 else scaled * 0
    missing = (~known).astype(float)
    enough = missing.sum() >= SMALLEST
    return {"": standard} | ({NOT_RECORDED: missing} if enough else {})


def _words(name: str, column: "pd.Series[Any]", smallest: int) -> dict[str, Floats]:
    """A column for each value, the most frequent first, the rare ones together."""
    said = column.astype("object")
    given = said.where(said.notna() & (said != ""), NOT_RECORDED).astype(str)
    labels, values = pd.factorize(given.to_numpy(dtype=object), sort=True)
    sizes = np.bincount(labels)
    rare = int((sizes < smallest).sum())
    if rare:
        order = np.argsort(sizes, kind="stable")
        while sizes[order[:rare]].sum() < smallest and rare < len(sizes) - 1:
            rare += 1
        together = np.where(np.isin(labels, order[:rare]), OTHER, values[labels])
        labels, values = pd.factorize(together, sort=True)
        sizes = np.bincount(labels)
    if len(labels) * len(values) > MOST_CELLS:
        raise DataError(
            f"case mix: {name}: {len(values):,} different values among {len(labels):,} people "
            "are too many to work with. Put values together, such as workers in teams."
        )
    order = np.argsort(-sizes, kind="stable")
    return {str(values[place]): (labels == place).astype(float) for place in order}


def _independent(columns: list[_Column]) -> tuple[list[_Column], list[_Column]]:
    """The columns that those before them, and a constant, do not say already; and the others."""
    if not columns:
        return [], []
    matrix = np.column_stack([each.values for each in columns])
    adds = independent(matrix - matrix.mean(axis=0))
    kept = [each for each, new in zip(columns, adds, strict=True) if new]
    return kept, [each for each, new in zip(columns, adds, strict=True) if not new]


def _least(matrix: Floats) -> Floats:
    """How much of each column must be its own."""
    length = np.linalg.norm(matrix, axis=0)
    return TOLERANCE * np.maximum(length, TOLERANCE * np.sqrt(max(len(matrix), 1)))
