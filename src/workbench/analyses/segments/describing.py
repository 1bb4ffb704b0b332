"""What tells each segment most apart from everyone else: as a table, and in words."""

from typing import Any

import numpy as np
import pandas as pd

from workbench.analyses.segments.inputs import People
from workbench.statistics import Floats
from workbench.words import found_segments as said

MOST = 3  # traits in a description
PLAIN = 0.4  # difference from which a trait is worth a word

COLUMNS = [
    "segment", "column", "value", "unit", "people", "known", "in_segment", "people_in_all",
    "known_in_all", "in_all", "difference",
]  # fmt: skip


def traits(given: People, labels: Floats) -> pd.DataFrame:
    """One row a segment and number, or value of a category, the largest difference first.

    `labels`: the segment of each person. Counts are of people who have the value (`people`) among
    those of whom the column says something (`known`); of a number both are the latter.
    `difference` from all others: in standard deviations, or of shares as Cohen's h (1988, ch. 6).
    """
    rows = [
        {"segment": segment} | row
        for segment in range(1, int(labels.max(initial=0)) + 1)
        for row in (*_numbers(given, labels == segment), *_values(given, labels == segment))
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["far"] = table["difference"].abs()
    ordered = table.sort_values(["segment", "far"], ascending=[True, False], kind="stable")
    return ordered.drop(columns="far").reset_index(drop=True)


def descriptions(table: pd.DataFrame) -> "pd.Series[Any]":
    """Each segment in words, from the two or three traits that tell it most apart."""
    written: dict[int, str] = {}
    speaks = (table["unit"] == "mean") | (table["difference"] > 0)
    plain = table[speaks & (table["difference"].abs() >= PLAIN)]
    for segment in table["segment"].unique():
        first = plain[plain["segment"] == segment].drop_duplicates("column").head(MOST)
        written[int(segment)] = said.described(
            [
                said.number_trait(
                    row["column"], row["in_segment"], row["in_all"], row["difference"]
                )
                if row["unit"] == "mean"
                else said.value_trait(row["column"], row["value"], row["in_segment"])
                for row in first.to_dict("records")
            ]
        )
    index = pd.Index(list(written), name="segment", dtype="int64")
    return pd.Series(list(written.values()), index, name="description", dtype="str")


def _numbers(given: People, inside: Any) -> list[dict[str, Any]]:
    rows = []
    for at, name in enumerate(given.numbers.columns):
        column, shaped = given.numbers[name].to_numpy(), given.standard[:, at]
        known = ~np.isnan(column)
        here, there = known & inside, known & ~inside
        if not here.any():
            continue
        apart = shaped[here].mean() - shaped[there].mean() if there.any() else 0.0
        count, everyone = int(here.sum()), int(known.sum())
        means = column[here].mean(), column[known].mean()
        rows.append(_row(name, "", "mean", (count, count), (everyone, everyone), means, apart))
    return rows


def _values(given: People, inside: Any) -> list[dict[str, Any]]:
    rows = []
    for name, values in given.values.items():
        codes = given.codes[name].to_numpy()
        here, everyone = int(((codes >= 0) & inside).sum()), int((codes >= 0).sum())
        if not here:
            continue
        for at, value in enumerate(values):
            count, in_all = int(((codes == at) & inside).sum()), int((codes == at).sum())
            others = (in_all - count) / (everyone - here) if everyone > here else in_all / everyone
            shares = count / here, in_all / everyone
            apart = 2 * np.arcsin(np.sqrt(shares[0])) - 2 * np.arcsin(np.sqrt(others))
            rows.append(
                _row(name, value, "share", (count, here), (in_all, everyone), shares, apart)
            )
    return rows


def _row(
    name: str,
    value: str,
    unit: str,
    here: tuple[int, int],
    everyone: tuple[int, int],
    sizes: tuple[float, float],
    apart: float,
) -> dict[str, Any]:
    return {
        "column": name,
        "value": value,
        "unit": unit,
        "people": here[0],
        "known": here[1],
        "in_segment": float(sizes[0]),
        "people_in_all": everyone[0],
        "known_in_all": everyone[1],
        "in_all": float(sizes[1]),
        "difference": float(apart),
    }
