"""Are those whom the service is meant for among its clients, as many as were planned."""

import numpy as np
import pandas as pd

from workbench import disclosure
from workbench.analyses.segments.apart import STANDS, against_plan
from workbench.analyses.segments.declared import names
from workbench.profiles import named
from workbench.published import numbers
from workbench.store import Workspace
from workbench.words import segments as said


def profile_table(data: Workspace, labels: "pd.Series[str]") -> pd.DataFrame:
    """The share of clients in each declared segment, against the plan of settings.

    One row a segment: segment, reading ("fewer than planned", "more than planned", "no clear
    difference", "nothing planned", "too few to tell"), share (of all clients), lower, upper (95 %),
    planned, clients, all_clients, meant_for ("yes" or "no"), note. A reading other than none stands
    only where the plan lies outside the interval and after correction. Protected.
    Sources: Wilson (1927); `against_plan`.
    """
    chosen, rules = data.settings.segments, data.settings.disclosure
    order = names(data)
    raw = pd.DataFrame({"segment": pd.Series(order, dtype="str")})
    raw["clients"] = [int((labels == name).sum()) for name in order]
    raw["all_clients"] = len(labels)
    raw["meant_for"] = pd.Series(
        ["yes" if name in chosen.meant_for else "no" for name in order], dtype="str"
    )
    table = disclosure.protect(
        raw,
        people=["clients", "all_clients"],
        ratios={"share": ("clients", "all_clients")},
        intervals={("lower", "upper"): ("clients", "all_clients")},
        plain=["segment"],
        within=[()],
        profile=rules.profile,
        basis=rules.basis,
    )
    planned = np.array([chosen.profile.get(name, np.nan) for name in order])
    exact = against_plan(raw["clients"], raw["all_clients"], planned)
    released = against_plan(numbers(table["clients"]), numbers(table["all_clients"]), planned)
    readings = [
        _against_plan(planned[at], *_row(table, at), float(max(exact[at], released[at])))
        for at in range(len(raw))
    ]
    added = {
        "planned": pd.Series(planned, table.index, dtype="Float64"),
        "reading": pd.Series(readings, table.index, dtype="str"),
    }
    shown = disclosure.extend(table, added)
    order = ["segment", "meant_for", "reading", "share", "lower", "upper", "planned"]
    return shown[[*order, "clients", "all_clients", "note"]]


def meant_for_sentence(data: Workspace, labels: "pd.Series[str]") -> str:
    """How many clients are of the segments that the service is meant for, in a sentence."""
    chosen, rules = data.settings.segments, data.settings.disclosure
    if not chosen.meant_for:
        return said.NOT_SAID_FOR_WHOM
    table = disclosure.protect(
        pd.DataFrame({"meant": [int(labels.isin(chosen.meant_for).sum())], "clients": len(labels)}),
        people=["meant", "clients"],
        ratios={"share": ("meant", "clients")},
        intervals={("lower", "upper"): ("meant", "clients")},
        profile=rules.profile,
        basis=rules.basis,
    )
    row = table.iloc[0]
    planned = [chosen.profile[name] for name in chosen.meant_for if name in chosen.profile]
    plan = sum(planned) if len(planned) == len(chosen.meant_for) else None
    if pd.isna(row["share"]):
        return said.meant_for_hidden(chosen.meant_for)
    return said.meant_for(
        chosen.meant_for,
        float(row["share"]),
        (float(row["lower"]), float(row["upper"])),
        int(row["clients"]),
        plan,
        about=named(rules.profile).base > 1,
    )


def _against_plan(planned: float, share: float, low: float, high: float, p: float) -> str:
    if np.isnan(planned):
        return said.NOT_PLANNED
    if np.isnan(share):
        return said.TOO_FEW
    if not p < STANDS or low <= planned <= high:
        return said.NO_DIFFERENCE
    return said.MORE_THAN_PLANNED if share > planned else said.FEWER_THAN_PLANNED


def _row(table: pd.DataFrame, at: int) -> tuple[float, float, float]:
    row = [numbers(table[name])[at] for name in ("share", "lower", "upper")]
    return float(row[0]), float(row[1]), float(row[2])
