"""The ways people take: from the programme over the supports they receive to how it ended."""

from typing import Any

import pandas as pd

from workbench import disclosure, words
from workbench.analyses.journeys.states import ENDED, first_stays
from workbench.store import Workspace
from workbench.words.journeys import (
    LEFT,
    NO_SECOND,
    NO_SUPPORT,
    OTHER_PATHS,
    STEPS,
    STILL_HERE,
)

FEWEST = 10
ARROW = " → "
MOST_PROGRAMMES, MOST_SUPPORTS = 4, 3
OTHER_PROGRAMMES, OTHER_SUPPORT = "other programmes", "other support"


def paths_table(data: Workspace, most: int = 12) -> pd.DataFrame:
    """The most frequent ways from a programme over supports to the end, and how many took them.

    One row a path, the most frequent first, then "other paths": path, people, share, of (everyone),
    note. A path is the programme, the supports in the order in which they first started (each
    once), and how it ended. Own rows for paths of 10 clients or more, at most `most`. Each client
    once, with the first enrolment. Protected.
    """
    people = members(data)
    path = people["programme"]
    path = path + people["supports"].map(lambda each: "".join(ARROW + name for name in each))
    path = path + ARROW + people["ended"]
    counted = path.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    own = counted[counted >= FEWEST].head(most)
    rest = int(counted.sum() - own.sum())
    rows = [*zip(own.index, own, strict=True), *([(OTHER_PATHS, rest)] if rest else [])]
    table = pd.DataFrame(rows, columns=["path", "people"]).astype({"path": "str", "people": int})
    shown = disclosure.protect(
        table.assign(of=len(people)),
        people=["people", "of"],
        ratios={"share": ("people", "of")},
        within=[()],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    return shown[["path", "people", "share", "of", "note"]]


def paths_told(table: pd.DataFrame) -> str:
    """How much of all there is the paths of `paths_table` stand for, in words."""
    own = table[table["path"] != OTHER_PATHS]
    hidden = own["people"].isna().any() or (len(table) > 0 and pd.isna(table["of"].iloc[0]))
    covered = None if hidden else float(own["people"].sum())
    people = None if hidden or table.empty else float(table["of"].iloc[0])
    return words.journeys.paths(len(own), people, covered, FEWEST)


def network_table(data: Workspace) -> pd.DataFrame:
    """How many go from one place to the next: programme, first support, second support, end.

    One row a step and pair of places: step ("Programme → First support", ...), origin, target,
    people, note. At most four programmes and three supports stand for themselves, the others
    together; without supports in the export, one step leads from the programme to the end. Each
    client once, with the first enrolment. Protected.
    """
    people = members(data)
    places = pd.DataFrame({STEPS[0]: _largest(people["programme"], MOST_PROGRAMMES)})
    if "supports" in data:
        for number, (name, none) in enumerate(((STEPS[1], NO_SUPPORT), (STEPS[2], NO_SECOND))):
            each = people["supports"].str[number].astype("str")
            places[name] = _largest(each, MOST_SUPPORTS, OTHER_SUPPORT).fillna(none)
    places[STEPS[3]] = people["ended"]
    counted = [
        places.groupby([first, second])
        .size()
        .rename_axis(["origin", "target"])
        .rename("people")
        .reset_index()
        .assign(step=f"{first}{ARROW}{second}")
        for first, second in zip(places.columns[:-1], places.columns[1:], strict=True)
    ]
    columns = ["step", "origin", "target", "people"]
    table = pd.concat(counted, ignore_index=True)[columns]
    return disclosure.protect(
        table.astype({"step": "str", "origin": "str", "target": "str", "people": int}),
        people=["people"],
        within=[("step", "origin"), ("step", "target")],
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )


def members(data: Workspace) -> pd.DataFrame:
    """Every client's first enrolment: programme, supports (in order), ended. About persons."""
    stays = first_stays(data)
    rows = data.tables.enrolments.select("enrolment_id", "programme").to_pandas()
    programme = stays["enrolment_id"].map(rows.set_index("enrolment_id")["programme"])
    over = stays["end_kind"].map(ENDED).fillna(LEFT)
    return pd.DataFrame(
        {
            "programme": programme.astype("str"),
            "supports": _supports(data, stays),
            "ended": over.where(stays["end_day"].notna(), STILL_HERE).astype("str"),
        }
    )


def _supports(data: Workspace, stays: pd.DataFrame) -> "pd.Series[Any]":
    """The supports of each enrolment in the order of their first start, each once."""
    nothing: pd.Series[Any] = pd.Series(
        [[] for _ in range(len(stays))], index=stays.index, dtype=object
    )
    if "supports" not in data:
        return nothing
    rows = data.tables.supports
    rows = rows.filter(rows.start_date <= data.as_of)
    first = rows.group_by("enrolment_id", "support").aggregate(day=rows.start_date.min())
    ordered = first.order_by("enrolment_id", "day", "support").to_pandas()
    listed = ordered.groupby("enrolment_id")["support"].agg(list)
    found = stays["enrolment_id"].map(listed).astype(object)
    return found.where(found.notna(), nothing)


def _largest(
    names: "pd.Series[str]", most: int, others: str = OTHER_PROGRAMMES
) -> "pd.Series[str]":
    """Names, those beyond the most frequent put together; one alone beyond them stays."""
    counted = names.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    large = counted[counted >= FEWEST].index
    kept = large if len(counted) == len(large) <= most + 1 else large[:most]
    return names.where(names.isin(kept) | names.isna(), others)
