"""Segments as a page shows them: how large, how they came out, what they are like, how sure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench import disclosure
from workbench.analyses.segments.describing import PLAIN
from workbench.analyses.segments.finding import Found
from workbench.analyses.segments.people import CONTACT, People
from workbench.settings import Disclosure
from workbench.store import Workspace
from workbench.words import segments as said

SURE = 0.8  # likelihood from which a membership counts as sure
MOST_TRAITS = 4  # of a segment, in the table


def sizes_table(
    data: Workspace, asked: People, labels: "pd.Series[Any]", order: Sequence[str]
) -> pd.DataFrame:
    """How many clients are in each segment, how often they were seen, how it came out.

    `labels`: the segment of each of the people, in their order. One row a segment: segment,
    clients, share (of all in a segment), here (still here at the end of the first weeks),
    contacts_per_week (mean of those), known, achieved, not_known (of those judged), success
    (achieved of known), success_lower, success_upper (95 %), all_clients, note.
    Without contacts for half of those here, or without outcomes, their columns are not there.
    Protected.
    Source: Wilson (1927).
    """
    rows, judged = asked.rows, asked.judged
    table = []
    for name in order:
        mine = (labels == name).fillna(value=False).astype(bool)
        seen, came_out = rows.loc[mine & rows["here"], CONTACT], rows.loc[mine & judged, "success"]
        known = came_out.dropna()
        counts = int(mine.sum()), int((mine & rows["here"]).sum())
        mean = float(seen.mean()) if asked.contact_known and len(seen) else np.nan
        table.append(
            (name, *counts, mean, len(known), int(known.sum()), len(came_out) - len(known))
        )
    columns = ["segment", "clients", "here", CONTACT, "known", "achieved", "not_known"]
    raw = pd.DataFrame(table, columns=columns).astype({"segment": "str", CONTACT: float})
    raw["all_clients"] = int(labels.notna().sum())
    rules = data.settings.disclosure
    protected = disclosure.protect(
        raw,
        people=["clients", "here", "known", "achieved", "not_known", "all_clients"],
        ratios={"share": ("clients", "all_clients"), "success": ("achieved", "known")},
        intervals={("success_lower", "success_upper"): ("achieved", "known")},
        means={CONTACT: "here"},
        plain=["segment"],
        within=[()],
        profile=rules.profile,
        basis=rules.basis,
    )
    columns = ["segment", "clients", "share", "here", *([CONTACT] if asked.contact_known else [])]
    outcome = ["success", "success_lower", "success_upper", "known", "achieved", "not_known"]
    columns += outcome if judged.any() else []
    return protected[[*columns, "all_clients", "note"]]


def named(found: Found) -> "pd.Series[str]":
    """What each found segment is called: "Segment 1" (index: segment)."""
    index = found.descriptions.index
    return pd.Series([said.numbered(int(str(at))) for at in index], index, dtype="str")


def found_table(data: Workspace, found: Found) -> pd.DataFrame:
    """The found segments: how large, what each is like, how sure it is who belongs to it.

    One row a segment: segment, like (in words), clients, share (of all that were placed), sure
    (clients whose membership has a likelihood of 0.8 or more), sure_share, placed, note. Protected.
    Source: Vermunt and Magidson (2002), the likelihood.
    """
    table = []
    for at, name, like in zip(
        found.descriptions.index, named(found), found.descriptions, strict=True
    ):
        mine = (found.labels == at).fillna(value=False).astype(bool)
        sure = int((found.sureness[mine] >= SURE).sum())
        table.append((name, like, int(mine.sum()), sure))
    raw = pd.DataFrame(table, columns=["segment", "like", "clients", "sure"])
    raw = raw.astype({"segment": "str", "like": "str", "clients": int, "sure": int})
    raw["placed"] = int(found.labels.notna().sum())
    protected = _protected(
        raw,
        data.settings.disclosure,
        people=["clients", "sure", "placed"],
        ratios={"share": ("clients", "placed"), "sure_share": ("sure", "clients")},
        plain=["segment", "like"],
        within=[()],
    )
    order = ["segment", "like", "clients", "share", "sure", "sure_share", "placed", "note"]
    return protected[order]


def traits_table(data: Workspace, found: Found) -> pd.DataFrame:
    """What tells each found segment most apart, from released counts.

    One row a segment and trait, the largest differences first, at most four each, and none that
    is hardly one: segment (its number), trait, unit ("percent" or "number"), in_segment and in_all
    (a share, or a mean), people, known (people in the segment: who have it, of whom it is known),
    people_in_all, known_in_all, note. Protected.
    """
    traits = found.traits
    of_note = traits["difference"].abs() >= PLAIN
    traits = traits[of_note & ((traits["unit"] == "mean") | (traits["difference"] > 0))]
    traits = traits.groupby("segment", sort=False).head(MOST_TRAITS).reset_index(drop=True)
    is_mean = (traits["unit"] == "mean").to_numpy(dtype=bool)
    counts = ["people", "known", "people_in_all", "known_in_all"]
    raw = traits[counts].astype("Int64")
    raw.insert(0, "segment", pd.Series(traits["segment"].map(said.numbered), dtype="str"))
    raw.insert(
        1,
        "trait",
        [said.trait(c, v) for c, v in zip(traits["column"], traits["value"], strict=True)],
    )
    raw["trait"] = raw["trait"].astype("str")
    raw["unit"] = pd.Series(np.where(is_mean, "number", "percent"), raw.index, dtype="str")
    raw["_mean"] = traits["in_segment"].astype(float).where(is_mean)
    raw["_mean_in_all"] = traits["in_all"].astype(float).where(is_mean)
    for name in ("people", "people_in_all"):  # of a number, those of whom it is known
        raw[name] = raw[name].mask(is_mean)
    table = _protected(
        raw,
        data.settings.disclosure,
        people=counts,
        ratios={"_share": ("people", "known"), "_share_in_all": ("people_in_all", "known_in_all")},
        means={"_mean": "known", "_mean_in_all": "known_in_all"},
        plain=["segment"],
    )
    added = {
        name: table[f"_mean{end}"].where(is_mean, table[f"_share{end}"])
        for name, end in (("in_segment", ""), ("in_all", "_in_all"))
    }
    shown = disclosure.extend(table, added)
    return shown[["segment", "trait", "unit", "in_segment", "in_all", *counts, "note"]]


def moved_table(data: Workspace, found: Found, before: "pd.Series[Any]") -> pd.DataFrame:
    """How many stayed in their segment since the last period, and how many came from elsewhere.

    `before`: last period's segments, by the numbers they have now (index: client). One row a
    segment: segment (its number), people, as_before (in the same one), from_another, not_placed
    (in none last time, or not there yet), note. Protected.
    """
    last = before.reindex(found.labels.index)
    rows = []
    for at in found.descriptions.index:
        mine = (found.labels == at).fillna(value=False).astype(bool)
        was = last[mine]
        same = int((was == at).fillna(value=False).sum())
        rows.append(
            (
                said.numbered(int(at)),
                len(was),
                same,
                int(was.notna().sum()) - same,
                int(was.isna().sum()),
            )
        )
    columns = ["people", "as_before", "from_another", "not_placed"]
    raw = pd.DataFrame(rows, columns=["segment", *columns])
    return _protected(
        raw.astype({"segment": "str", **dict.fromkeys(columns, int)}),
        data.settings.disclosure,
        people=columns,
        plain=["segment"],
        within=[()],
        parts=[columns[1:]],
    )


def stability_table(found: Found) -> pd.DataFrame:
    """How alike two halves of the people were, for each number of segments tried. Facts of a model.

    One row a number: segments, agreement (0: as by chance, 1: the same), expected and
    highest_expected (in data without segments), chosen ("yes" or "no").
    """
    table = found.stability.reset_index(drop=True)
    chosen = pd.Series(
        np.where(table["chosen"].astype(bool), "yes", "no"), table.index, dtype="str"
    )
    shown = table[["segments", "agreement", "expected", "highest_expected"]]
    return shown.round(2).assign(chosen=chosen)  # further digits differ from machine to machine


def dropped_table(data: Workspace, asked: People) -> pd.DataFrame:
    """Clients of whom no outcome after the first weeks is looked for: reason, clients, note.

    One row a reason. Protected.
    """
    counts = asked.rows.loc[~asked.judged, "not_judged"].value_counts().sort_index()
    raw = pd.DataFrame({"reason": counts.index.astype("str"), "clients": counts.to_numpy()})
    return _protected(
        raw.astype({"reason": "str", "clients": int}), data.settings.disclosure, people=["clients"]
    )


def _protected(raw: pd.DataFrame, rules: Disclosure, **what: Any) -> pd.DataFrame:
    return disclosure.protect(raw, profile=rules.profile, basis=rules.basis, **what)
