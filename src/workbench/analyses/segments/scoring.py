"""A scorecard: points for answers, and how likely it is that somebody is in the target group."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure
from workbench.analyses.segments.declared import check
from workbench.analyses.segments.people import People
from workbench.profiles import named
from workbench.settings.segmenting import NEEDS, Scorecard
from workbench.statistics import wilson_interval
from workbench.store import Workspace
from workbench.words import segments as said


@dataclass(frozen=True, eq=False)
class Scored:
    """The scorecard of each of the people, in their order.

    `points` and `likelihood` (of being in the target group, 0 to 1): missing for whom an answer is
    not recorded, or has no points in settings. Nothing is guessed.
    """

    points: "pd.Series[Any]"
    likelihood: "pd.Series[Any]"


def has_scorecard(data: Workspace) -> bool:
    """Whether settings hold a scorecard."""
    return bool(data.settings.segments.scorecard.points)


def scores(data: Workspace, asked: People) -> Scored:
    """Points of each of the people, and the likelihood that settings look up for them.

    Raises as `declared.check`. Source: Schreiner (2015), the Simple Poverty Scorecard: points add
    up, and the sum is looked up in a table.
    """
    check(data)
    card = data.settings.segments.scorecard
    total = pd.Series(0.0, asked.rows.index)
    for name, points in card.points.items():
        if name == NEEDS:
            total += sum(asked.needs[need].astype(float) * n for need, n in points.items())
        else:
            total += asked.traits[name].map(points).astype(float)
    return Scored(total.astype("Int64"), _looked_up(total, card))


def score_table(data: Workspace, scored: Scored) -> pd.DataFrame:
    """What share of clients is expected to be in the target group.

    One row: group (its name), reading ("above the target", "below the target", "no clear
    difference", "no target", "too few to tell"), expected (the mean likelihood of those scored),
    lower, upper (95 %, as of so many people drawn; the table itself is taken as right), target,
    scored, not_scored (clients), note. Protected.
    Sources: Schreiner (2015), the mean likelihood; Wilson (1927).
    """
    card, rules = data.settings.segments.scorecard, data.settings.disclosure
    known = scored.likelihood.dropna()
    raw = pd.DataFrame(
        {
            "group": pd.Series([card.target_group or said.TARGET_GROUP], dtype="str"),
            "scored": len(known),
            "not_scored": len(scored.likelihood) - len(known),
            "expected": float(known.mean()) if len(known) else np.nan,
        }
    )
    table = disclosure.protect(
        raw,
        people=["scored", "not_scored"],
        estimates={"expected": "scored"},
        plain=["group"],
        profile=rules.profile,
        basis=rules.basis,
    )
    share = table["expected"].to_numpy(dtype=float, na_value=np.nan)
    size = table["scored"].to_numpy(dtype=float, na_value=0.0)
    lower, upper = wilson_interval(np.nan_to_num(share) * size, size)
    lower, upper = (np.where(np.isnan(share), np.nan, each) for each in (lower, upper))
    target = np.nan if card.target is None else card.target
    added = {
        "reading": pd.Series([_reading(lower[0], upper[0], target)], dtype="str"),
        "lower": pd.Series(lower, table.index, dtype="Float64"),
        "upper": pd.Series(upper, table.index, dtype="Float64"),
        "target": pd.Series([target], table.index, dtype="Float64"),
    }
    order = ["group", "reading", "expected", "lower", "upper", "target", "scored", "not_scored"]
    return disclosure.extend(table, added)[[*order, "note"]]


def bands_table(data: Workspace, scored: Scored) -> pd.DataFrame:
    """How many clients have so many points: points, likelihood, clients, all_scored, share, note.

    One row a band of settings. Protected.
    """
    card, rules = data.settings.segments.scorecard, data.settings.disclosure
    points = scored.points.astype(float)
    bands = sorted(card.likelihood)
    raw = pd.DataFrame(
        {
            "points": pd.Series([said.points(low, high) for low, high, _ in bands], dtype="str"),
            "likelihood": [chance for *_, chance in bands],
            "clients": [int(points.between(low, high).sum()) for low, high, _ in bands],
            "all_scored": int(points.notna().sum()),
        }
    )
    return disclosure.protect(
        raw,
        people=["clients", "all_scored"],
        ratios={"share": ("clients", "all_scored")},
        plain=["points", "likelihood"],
        within=[()],
        profile=rules.profile,
        basis=rules.basis,
    )


def score_sentence(table: pd.DataFrame) -> str:
    """The one row of `score_table` in a sentence."""
    row = table.iloc[0]
    if pd.isna(row["expected"]):
        return said.score_hidden(str(row["group"]))
    return said.score(
        str(row["group"]),
        float(row["expected"]),
        (float(row["lower"]), float(row["upper"])),
        int(row["scored"]),
        None if pd.isna(row["not_scored"]) else int(row["not_scored"]),
        None if pd.isna(row["target"]) else float(row["target"]),
        str(row["reading"]),
        about=named(str(table.attrs["disclosure"])).base > 1,
    )


def _looked_up(points: "pd.Series[Any]", card: Scorecard) -> "pd.Series[float]":
    chances = pd.Series(np.nan, points.index)
    for low, high, chance in card.likelihood:
        chances = chances.mask(points.between(low, high), chance)
    return chances


def _reading(lower: float, upper: float, target: float) -> str:
    if np.isnan(lower):
        return said.TOO_FEW
    if np.isnan(target):
        return said.NO_TARGET
    return said.ABOVE if lower > target else said.BELOW if upper < target else said.NO_DIFFERENCE
