"""The flaws of the export: what people mistype, send twice or leave blank, and how often."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.dice import Dice

Change = Callable[[pd.DataFrame, NDArray[np.int64]], pd.DataFrame]


@dataclass(frozen=True)
class Flaw:
    """One kind of flaw in one file: the share of rows that has it, and what it does to them.

    `among` says which rows can have it: these values in these columns; "*" is anything but blank.
    """

    file: str
    kind: str
    share: float
    change: Change
    among: Mapping[str, str]


def apply(
    frames: Mapping[str, pd.DataFrame], seed: int
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The files with their flaws, and how many rows have each (file, kind, rows).

    No row has two flaws: what a reader should report can be counted.
    """
    flawed = {name: frame.copy() for name, frame in frames.items()}
    untouched = {
        name: Dice(seed, f"flaws of {name}").shuffled(len(frame)) for name, frame in frames.items()
    }
    counts = []
    for flaw in FLAWS:
        frame, order = flawed[flaw.file], untouched[flaw.file]
        possible = order[_possible(frame, flaw.among)[order]]
        rows = np.sort(possible[: int(np.ceil(flaw.share * len(possible)))])
        untouched[flaw.file] = order[~np.isin(order, rows)]
        flawed[flaw.file] = flaw.change(frame, rows)
        counts.append((flaw.file, flaw.kind, len(rows)))
    in_order = {
        name: frame.sort_index(kind="stable").reset_index(drop=True)
        for name, frame in flawed.items()
    }
    return in_order, pd.DataFrame(counts, columns=["file", "kind", "rows"])


def _possible(frame: pd.DataFrame, among: Mapping[str, str]) -> NDArray[np.bool_]:
    """Which of the system's own rows (copies come after them) a flaw can be put in."""
    own = ~frame.index.duplicated()
    for column, value in among.items():
        own &= (frame[column] != "" if value == "*" else frame[column] == value).to_numpy()
    return own[: frame.index.nunique()]


def _put(column: str, *values: str) -> Change:
    """Overwrite with these values, in turn."""

    def change(frame: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
        text = frame[column].to_numpy(dtype=object, copy=True)
        text[rows] = np.resize(np.array(values, dtype=object), len(rows))
        return frame.assign(**{column: text})

    return change


def _pad(column: str) -> Change:
    """Put spaces around the value."""

    def change(frame: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
        text = frame[column].to_numpy(dtype=object, copy=True)
        text[rows] = " " + text[rows] + "  "
        return frame.assign(**{column: text})

    return change


def _repeat(**other: str) -> Change:
    """Send the row a second time, with the same content or other values in some columns."""

    def change(frame: pd.DataFrame, rows: NDArray[np.int64]) -> pd.DataFrame:
        changes = {name.replace("_", " "): value for name, value in other.items()}
        return pd.concat([frame, frame.iloc[rows].assign(**changes)])

    return change


def _flaw(file: str, kind: str, share: float, change: Change, **among: str) -> Flaw:
    return Flaw(file, kind, share, change, {k.replace("_", " "): v for k, v in among.items()})


FLAWS = (
    _flaw("activity", "a day that does not exist", 0.0015, _put("Date", "31/02/2025 10:00")),
    _flaw("activity", "no date", 0.0015, _put("Date", "")),
    _flaw("activity", "a date in the future", 0.0008, _put("Date", "14/03/2052 11:30")),
    _flaw(
        "activity",
        "an enrolment that does not exist",
        0.002,
        _put("Enrolment ref", *(f"E99{number:04d}" for number in range(1, 41))),
    ),
    _flaw(
        "activity",
        "a mistyped channel",
        0.004,
        _put("Channel", "F2f", "Tel.", "TLE", "Face 2 Face"),
        Type="Contact",
    ),
    _flaw("activity", "spaces around a reference", 0.006, _pad("Enrolment ref")),
    _flaw("activity", "the same row twice", 0.003, _repeat()),
    _flaw(
        "activity",
        "a reference used again for another contact",
        0.001,
        _repeat(Channel="SMS", Minutes="3"),
        Type="Contact",
        Channel="F2F",
    ),
    _flaw(
        "activity",
        "an end before the start",
        0.01,
        _put("Until", "01/01/2023"),
        Type="Service",
        Until="*",
    ),
    _flaw("activity", "a formula", 0.003, _put("Provider", "=cmd|'/C calc'!A0"), Type="Service"),
    _flaw(
        "activity",
        "a script",
        0.003,
        _put("Service", '<script>alert("hello")</script>'),
        Type="Service",
    ),
    _flaw("clients", "no date of birth", 0.01, _put("Date of birth", "")),
    _flaw("clients", "a birth in 1899", 0.003, _put("Date of birth", "31/12/1899")),
    _flaw("clients", "a birth in the future", 0.002, _put("Date of birth", "01/01/2052")),
    _flaw("clients", "a code written out", 0.02, _put("Gender", "f", "Female", "m", "male")),
    _flaw("clients", "spaces around a reference", 0.01, _pad("Client ref")),
    _flaw("clients", "the same row twice", 0.005, _repeat()),
    _flaw(
        "clients",
        "a reference used again for another person",
        0.002,
        _repeat(First_name="Kim", Last_name="Nobody", Date_of_birth="02/03/1984"),
    ),
    _flaw(
        "enrolments",
        "an end before the start",
        0.01,
        _put("End date", "01/05/2023"),
        Start_date="*",
        End_date="*",
    ),
    _flaw(
        "enrolments",
        "a day that does not exist",
        0.003,
        _put("Start date", "31/02/2025"),
        Start_date="*",
    ),
    _flaw(
        "enrolments",
        "a client who does not exist",
        0.003,
        _put("Client ref", "C990001", "C990002"),
    ),
    _flaw("enrolments", "spaces around a name", 0.01, _pad("Programme")),
    _flaw("enrolments", "the same row twice", 0.005, _repeat()),
    _flaw("outcomes", "a mistyped code", 0.004, _put("Achieved", "Yess", "n/k")),
    _flaw("outcomes", "no date", 0.003, _put("Date", "")),
    _flaw("outcomes", "a date in the future", 0.003, _put("Date", "01/09/2052")),
    _flaw("outcomes", "an enrolment that does not exist", 0.003, _put("Enrolment ref", "E990001")),
    _flaw("outcomes", "the same row twice", 0.004, _repeat(), Outcome="settled home"),
    _flaw("assessments", "words for a number", 0.005, _put("Score", "n/a", "refused")),
    _flaw("assessments", "the same row twice", 0.004, _repeat()),
    _flaw("assignments", "an end before the start", 0.005, _put("To", "01/01/2023"), To="*"),
    _flaw("needs", "an enrolment that does not exist", 0.003, _put("Enrolment ref", "E990002")),
    _flaw("actions", "a day that does not exist", 0.004, _put("Due", "30/02/2025")),
    _flaw("consents", "a client who does not exist", 0.003, _put("Client ref", "C990003")),
)
