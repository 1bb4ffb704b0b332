"""What segments can be looked for in: numbers and categories, and why a column is left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from sklearn.preprocessing import PowerTransformer

from workbench.errors import DataError
from workbench.statistics import Floats
from workbench.words import found_segments as said

FEWEST = 50  # people in whom segments can be looked for
FEWEST_KNOWN, SHARE_KNOWN = 30, 0.1  # people of whom a column says something, at least
SMALLEST = 10  # people with a value; rarer values are taken together
SHARE_OTHER = 0.02  # of people with another value than most: fewer is "nearly the same"
MOST_VALUES = 30  # values of a category
FURTHEST = 4.0  # standard deviations: a number beyond counts as so far away
THE_SAME = 0.99  # rank correlation of two numbers that say the same
ASTRAY = 0.01  # of those not with the commonest value: so few against the rule are slips
MISSING = ("", "not recorded")
OTHER = "other"
NAMES_OF_IDS = ("id", "ref", "key", "number", "code")

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class People:
    """The people of a frame, in an order that comes from what is recorded of them alone.

    `index`: of the frame; `places`: where in it each person stands. `numbers`: as recorded, and
    `standard`: brought to the shape of a bell as far as that goes, mean 0 and spread 1 (NaN
    missing). `codes`: of the categories (-1 missing), `values` what they stand for. `left_out`:
    why a column is not used. `reason`: why segments cannot be looked for, else "".
    """

    index: "pd.Index[Any]"
    places: Codes
    numbers: pd.DataFrame
    standard: Floats
    codes: pd.DataFrame
    values: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, str]
    reason: str

    @property
    def levels(self) -> tuple[int, ...]:
        """How many values each category has."""
        return tuple(len(each) for each in self.values.values())

    def __len__(self) -> int:
        return len(self.places)


def people(frame: pd.DataFrame) -> People:
    """Read a frame, one row a person.

    Raises DataError for what is no frame, columns of one name, people who come twice, and numbers
    that are infinite.
    """
    _refuse(frame)
    left_out: dict[str, str] = {}
    numbers: dict[str, Any] = {}
    words: dict[str, Any] = {}
    for name in sorted(frame.columns, key=str):
        column = _told(frame[name])
        kind, why = _kind(str(name), column)
        if why:
            left_out[str(name)] = said.left_out(why, different=column.astype(str).nunique())
        elif kind == "number":
            numbers[str(name)] = column.astype(float)
        else:
            words[str(name)] = _values(column)
    for name, twin in [*_same_numbers(numbers), *_said_already(numbers, words)]:
        left_out[name] = said.left_out("the same as another", other=twin)
        numbers.pop(name, None)
        words.pop(name, None)
    return _ordered(frame.index, numbers, words, left_out)


def _refuse(frame: pd.DataFrame) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise DataError(said.no_frame(type(frame).__name__))
    problems = []
    if twice := sorted({str(each) for each in frame.columns[frame.columns.map(str).duplicated()]}):
        problems.append(said.twice(twice))
    if again := int(frame.index.duplicated().sum()):
        problems.append(said.people_again(again, len(frame)))
    for at, name in enumerate(frame.columns):
        if endless := _endless(frame.iloc[:, at]):
            problems.append(said.endless(str(name), endless, len(frame)))
    if problems:
        raise DataError(*problems)


def _endless(column: "pd.Series[Any]") -> int:
    if not _is_number(column):
        return 0
    return int(np.isinf(column.to_numpy(dtype=float, na_value=np.nan)).sum())


def _told(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column in which what is not recorded is missing."""
    if pd.api.types.is_numeric_dtype(column.dtype) or not _hashable(column):
        return column
    text = column.astype("object")
    empty = [isinstance(e, str) and e.strip().casefold() in MISSING for e in text]
    return text.mask(text.isna() | pd.Series(empty, index=text.index, dtype=bool), None)


def _hashable(column: "pd.Series[Any]") -> bool:
    return all(e.__hash__ is not None for e in column)


def _is_number(column: "pd.Series[Any]") -> bool:
    if column.dtype == object:
        known = column.dropna() if _hashable(column) else column
        kinds = (int, float, Decimal, np.number)
        return len(known) > 0 and all(
            isinstance(each, kinds) and not isinstance(each, bool | np.bool_) for each in known
        )
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _kind(name: str, column: "pd.Series[Any]") -> tuple[str, str]:
    """Number or category; and why the column cannot be used, or ""."""
    if not _hashable(column):
        return "", "lists"
    known = column.dropna()
    if known.empty:
        return "", "nothing recorded"
    if len(known) < max(FEWEST_KNOWN, SHARE_KNOWN * len(column)):
        return "", "too little recorded"
    kinds = {_sort_of(each) for each in known.to_numpy(dtype=object)}
    if kinds == {"time"}:
        return "", "dates"
    if len(kinds) > 1 or kinds == {"thing"}:
        return "", "of several kinds"
    counts = known.astype(str).value_counts()
    if len(counts) == 1:
        return "", "the same for everyone"
    is_number = kinds == {"number"} and len(counts) > 2
    all_differ = len(counts) == len(known)
    if all_differ and (not is_number or _counts_up(name, known)):
        return "", "all different"
    if len(known) - counts.iloc[0] < max(SMALLEST, SHARE_OTHER * len(known)):
        return "", "nearly the same for everyone"
    if is_number:
        return "number", ""
    if len(counts) > MOST_VALUES:
        return "", "too many values"
    few = int(counts[counts < SMALLEST].sum())
    return "category", "too rare values" if few > len(known) - SMALLEST else ""


def _sort_of(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "truth"
    if isinstance(value, int | float | Decimal | np.number):
        return "number"
    if isinstance(value, str | pd.Interval):
        return "text"
    return "time" if hasattr(value, "year") or isinstance(value, pd.Timedelta) else "thing"


def _counts_up(name: str, known: "pd.Series[Any]") -> bool:
    """Whether numbers that all differ are ids: by name, or because they count people."""
    numbers = known.to_numpy(dtype=float)
    if (numbers != np.round(numbers)).any():
        return False
    last = name.casefold().replace(" ", "_").split("_")[-1]
    return last in NAMES_OF_IDS or numbers.max() - numbers.min() < 1.5 * len(numbers)


def _values(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The values of a category as text, the rare ones together; None where missing."""
    kept = column.astype("object")
    if set(kept.dropna()) <= {0, 1}:
        kept = kept.map(bool, na_action="ignore")
    text = kept.map(_word, na_action="ignore")
    counts = text.value_counts()
    rare = counts.index[counts < SMALLEST]
    return text.where(~text.isin(rare), OTHER)


def _word(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return str(value).strip() if isinstance(value, str | pd.Interval) else f"{float(value):g}"


def _same_numbers(numbers: Mapping[str, "pd.Series[Any]"]) -> Iterator[tuple[str, str]]:
    """Numbers in the same order as one before them, forwards or backwards."""
    names, gone = list(numbers), set[str]()
    ranks = pd.DataFrame({name: each.rank() for name, each in numbers.items()})
    alike = ranks.corr(min_periods=FEWEST_KNOWN).abs().to_numpy()
    for at, name in enumerate(names):
        for place, other in enumerate(names[:at]):
            if other not in gone and alike[place, at] > THE_SAME:
                gone.add(name)
                yield name, other
                break


def _said_already(
    numbers: Mapping[str, "pd.Series[Any]"], words: Mapping[str, "pd.Series[Any]"]
) -> Iterator[tuple[str, str]]:
    """Categories that another column gives away: a number cut into bands, parts of a whole."""
    gone: set[str] = set()
    for name, column in sorted(words.items(), key=lambda item: item[1].nunique()):
        others = [*numbers.items(), *((n, e) for n, e in words.items() if n not in {name, *gone})]
        for other, by in others:
            pairs = pd.DataFrame({"by": by, "said": column}).dropna()
            bands = _is_cut(pairs) if other in numbers else _is_part(pairs)
            if len(pairs) >= FEWEST_KNOWN and bands:
                gone.add(name)
                yield name, other
                break


def _is_cut(pairs: pd.DataFrame) -> bool:
    """Whether each value is one stretch of the number."""
    ordered = pairs.sort_values(["by", "said"])["said"]
    return int((ordered != ordered.shift()).sum()) == ordered.nunique()


def _is_part(pairs: pd.DataFrame) -> bool:
    """Whether all but a few with the same value here have the same value there."""
    sizes = pairs.groupby(["by", "said"]).size()
    astray = len(pairs) - int(sizes.groupby("by").max().sum())
    others = len(pairs) - int(pairs["said"].value_counts().iloc[0])
    return astray <= ASTRAY * others


def _ordered(
    index: "pd.Index[Any]",
    numbers: Mapping[str, "pd.Series[Any]"],
    words: Mapping[str, "pd.Series[Any]"],
    left_out: Mapping[str, str],
) -> People:
    raw = pd.DataFrame({name: each.to_numpy(dtype=float) for name, each in numbers.items()})
    raw = raw if len(raw.columns) else pd.DataFrame(index=range(len(index)))
    values = {name: tuple(sorted(each.dropna().unique())) for name, each in words.items()}
    codes = pd.DataFrame(
        {name: pd.Categorical(words[name], values[name]).codes.astype(int) for name in values},
        index=raw.index,
    )
    recorded = np.flatnonzero(raw.notna().any(axis=1) | (codes >= 0).any(axis=1))
    keys = [*raw.iloc[recorded].to_numpy().T, *codes.iloc[recorded].to_numpy().T]
    places = recorded[np.lexsort(keys)] if keys else recorded
    raw, codes = (each.iloc[places].reset_index(drop=True) for each in (raw, codes))
    reason = ""
    if len(places) < FEWEST or len(keys) < 2:
        few = len(index) < FEWEST or (len(keys) > 1 and len(places) < FEWEST)
        reason = "too few people" if few else "too few columns"
    standard = np.zeros((len(places), 0)) if reason or raw.empty else _standard(raw.to_numpy())
    return People(index, places, raw, standard, codes, values, dict(left_out), reason)


def _standard(numbers: Floats) -> Floats:
    """Numbers as near to a bell as a power brings them (Yeo and Johnson 2000), ends drawn in."""
    shaped = np.column_stack([_bell(each) for each in numbers.T])
    middle = np.nanmean(shaped, axis=0)
    return (shaped - middle) / np.nanstd(shaped, axis=0)


def _bell(values: Floats) -> Floats:
    known = ~np.isnan(values)
    size = stats.iqr(values[known]) or np.std(values[known])
    scaled = (values - np.median(values[known])) / size
    shaped = PowerTransformer().fit_transform(scaled[:, None])[:, 0]
    return np.clip(shaped, -FURTHEST, FURTHEST)
