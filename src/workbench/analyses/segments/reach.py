"""Does the service reach those it is meant for: clients against a population."""

from datetime import date

import numpy as np
import pandas as pd

from workbench import definitions, disclosure, exposures, groups
from workbench.analyses.segments.apart import STANDS, Apart, each_apart
from workbench.definitions import NOT_RECORDED
from workbench.errors import DataError, SettingsError
from workbench.periods import Period
from workbench.profiles import named
from workbench.published import did_you_mean, numbers
from workbench.settings import nearest
from workbench.statistics import wilson_interval
from workbench.store import Workspace
from workbench.words import segments as said


def reach_table(data: Workspace) -> pd.DataFrame:
    """How many of each group of the population the service reached, against its overall reach.

    One row a group of `populations` (the latest period that has begun by the as-of date): group,
    reading ("under-reached", "reached more than the others", "no clear difference", "too few to
    tell", "more clients than people"), share (clients of people), lower, upper (95 %), index (100:
    as the service reaches everyone), clients, people, note. Reached: with the service on some day
    of the last months that settings name, each client once. "Under-reached" and "more" stand only
    where the group's share differs from that of all the others in the interval and after correction
    for the number of groups. Protected.
    Raises SettingsError for an attribute that there is not, DataError for figures that cannot be
    used. Sources: Wilson (1927); `each_apart`.
    """
    counted, population, _ = _counted(data)
    raw = pd.DataFrame(
        {"group": list(population), "people": [int(each) for each in population.values()]}
    ).astype({"group": "str", "people": int})
    raw["clients"] = [int(counted.get(name, 0)) for name in population]
    too_many = (raw["clients"] > raw["people"]).to_numpy()
    rules = data.settings.disclosure
    table = disclosure.protect(
        raw,
        people=["clients", "people"],
        ratios={"share": ("clients", "people")},
        plain=["group"],
        within=[()],
        profile=rules.profile,
        basis=rules.basis,
    )
    count, size = numbers(table["clients"]), numbers(table["people"])
    told = ~np.isnan(numbers(table["share"])) & ~too_many
    count, size = np.where(told, count, np.nan), np.where(told, size, np.nan)
    exact_count = np.where(too_many, np.nan, raw["clients"])
    exact, released = each_apart(exact_count, raw["people"]), each_apart(count, size)
    readings = [
        said.MORE_THAN_THERE_ARE if too_many[at] else _reading(bool(told[at]), exact, released, at)
        for at in range(len(raw))
    ]
    lower, upper = wilson_interval(np.nan_to_num(count), np.nan_to_num(size))
    overall = np.nansum(count) / np.nansum(size) if np.nansum(size) else np.nan
    figures = {
        "lower": np.where(told, lower, np.nan),
        "upper": np.where(told, upper, np.nan),
        "index": np.round(100 * count / size / overall) if overall else np.full(len(raw), np.nan),
    }
    columns = {
        name: pd.Series(each, table.index, dtype="Float64") for name, each in figures.items()
    }
    shown = disclosure.extend(table, {"reading": pd.Series(readings, dtype="str"), **columns})
    order = ["group", "reading", "share", "lower", "upper", "index", "clients", "people", "note"]
    return shown[order]


def reach_about(data: Workspace) -> str:
    """Which population figures are used, and who is in none of the groups; in a sentence."""
    counted, population, figures = _counted(data)
    outside = sum(int(n) for name, n in counted.items() if name not in population)
    shown = disclosure.release([outside], data.settings.disclosure.profile).iloc[0]
    months = data.settings.segments.reach_months
    about = named(data.settings.disclosure.profile).base > 1
    return said.population(*figures, months, None if pd.isna(shown) else int(shown), about=about)


def reach_sentences(table: pd.DataFrame) -> str:
    """A `reach_table` in sentences: groups that are clearly reached less or more, or none."""
    clear = table[table["reading"].isin([said.UNDER_REACHED, said.REACHED_MORE])]
    if clear.empty:
        return said.reached_alike(len(table))
    columns = ("group", "share", "index", "reading")
    return " ".join(
        said.reach(str(group), float(share), float(index), str(reading))
        for group, share, index, reading in zip(*(clear[name] for name in columns), strict=True)
    )


def why_no_reach(data: Workspace) -> str:
    """Why no reach can be shown, in words; empty where it can."""
    if "populations" not in data:
        return said.NO_POPULATIONS
    return "" if data.settings.segments.reference else said.NO_REFERENCE


def _counted(data: Workspace) -> tuple[dict[str, int], dict[str, float], tuple[str, str]]:
    """Clients reached by group, people by group, and the period and source of those."""
    reference = data.settings.segments.reference
    known = [*definitions.groupings(data), "age_band"]
    if reference not in known or reference in definitions.HELD_BY:
        raise SettingsError(
            f"segments.reference: there is no attribute {reference!r}"
            f"{nearest(reference, groups.attributes(data))}"
        )
    population, about = _population(data)
    rows = _reached(data)
    labels = groups.labelled(data, rows, reference)["group"]
    counted = {str(name): int(n) for name, n in labels.value_counts().items()}
    _refuse_misspelt(population, counted, reference)
    return counted, population, about


def _reached(data: Workspace) -> pd.DataFrame:
    """Clients with us on some day of the last months, one row each, with the latest such stay."""
    first = pd.Timestamp(data.as_of) - pd.DateOffset(months=data.settings.segments.reach_months)
    open_ = definitions.spells(data).to_pandas()
    open_ = open_[pd.to_datetime(open_["end_date"]) > first]
    entries = exposures.stays(data)[["enrolment_id", "entry"]]
    rows = open_[["enrolment_id", "client_id", "start_date"]].merge(
        entries, "inner", "enrolment_id"
    )
    rows = rows.sort_values(["start_date", "enrolment_id"])
    return rows.drop_duplicates("client_id", keep="last").reset_index(drop=True)


def _population(data: Workspace) -> tuple[dict[str, float], tuple[str, str]]:
    """People by group in the period that counts, with its name and source."""
    table = data.tables.populations.to_pandas()
    table["period"] = table["period"].astype("object").where(table["period"].notna(), "")
    period = _period(data, sorted(map(str, table["period"].unique())))
    table = table[(table["period"] == period) & table["group"].notna()]
    again = sorted(table.loc[table["group"].duplicated(), "group"].astype(str).unique())
    problems = [
        f"populations: group {name!r} stands twice for {period or 'the same period'}. Give each "
        "group one figure a period."
        for name in again
    ]
    odd = table["count"].isna() | (table["count"] < 0) | (table["count"] % 1 > 0)
    problems += [
        f"populations: {int(odd.sum())} of {len(table)} figures for {period or 'the groups'} are "
        "no whole numbers of people. Count the people of each group."
    ] * bool(odd.any())
    if problems:
        raise DataError(*problems)
    sources = sorted({str(each) for each in table["source"].dropna()})
    found = dict(zip(table["group"].astype(str), table["count"].astype(float), strict=True))
    return found, (period, ", ".join(sources))


def _period(data: Workspace, given: list[str]) -> str:
    """The latest of the periods that has begun by the as-of date; else the first of them."""
    begun = {name: _begins(name, data.settings.organisation.year_starts) for name in given}
    by_then = [name for name, day in begun.items() if day is None or day <= data.as_of]
    return max(by_then, key=lambda name: (begun[name] or date.min, name)) if by_then else given[0]


def _begins(name: str, year_starts: int) -> date | None:
    try:
        return Period.parse(name, year_starts).start
    except SettingsError:
        return None  # a name of their own, such as "census": no telling when it begins


def _refuse_misspelt(population: dict[str, float], counted: dict[str, int], by: str) -> None:
    """A group without any client may be just that; one that is nearly a client's value is not."""
    spare = [name for name in counted if name not in population and name != NOT_RECORDED]
    problems = [
        f"populations: no client has the {by} {name!r}.{hint} Write groups as the clients' values."
        for name in population
        if name not in counted and (hint := did_you_mean(name, spare))
    ]
    if counted and not population.keys() & counted.keys():
        problems.append(
            f"populations: none of its groups is a value of {by}, which are: "
            f"{', '.join(sorted(counted))}. Set `reference` under [segments] to the attribute that "
            "the groups belong to."
        )
    if problems:
        raise DataError(*problems)


def _reading(told: bool, exact: Apart, released: Apart, at: int) -> str:
    if not told or np.isnan(released.p[at]) or np.isnan(exact.p[at]):
        return said.TOO_FEW
    for each in (exact, released):
        if not each.p[at] < STANDS or each.lower[at] <= 0 <= each.upper[at]:
            return said.NO_DIFFERENCE
    return said.REACHED_MORE if released.difference[at] > 0 else said.UNDER_REACHED
