"""What is refused: numbers nobody declared, what points at a person, tables without the mark."""

import numpy as np
import pandas as pd
import pytest

from workbench.disclosure import (
    PERSON_COLUMNS,
    PROFILES,
    extend,
    is_protected,
    protect,
    release,
    require_protected,
)
from workbench.errors import DataError


def tell(table: pd.DataFrame, *columns: str) -> list[tuple]:
    """The rows as a reader sees them: None where there is nothing to see."""
    seen = table[list(columns)].astype(object)
    return list(seen.where(seen.notna(), None).itertuples(index=False, name=None))


def draw(columns: str, *rows: tuple) -> pd.DataFrame:
    """A small table: the column names in one string, then its rows."""
    return pd.DataFrame(list(rows), columns=columns.split())


def refused(table: pd.DataFrame, **declared: object) -> list[str]:
    with pytest.raises(DataError) as caught:
        protect(table, **declared)
    return list(caught.value.problems)


# Nothing is published by forgetting


def test_numbers_that_nobody_declared_are_refused_by_name():
    table = draw("site clients complaints score", ("North", 30, 2, 0.5))
    assert refused(table, people=["clients"]) == [
        "published table: 'complaints', 'score': numbers that nobody declared. Say what they are "
        "(people, events, amounts, ratios, intervals, means, estimates; plain when they are not "
        "about people), or leave them out."
    ]
    assert is_protected(protect(table, people=["clients", "complaints"], plain=["score"]))


@pytest.mark.parametrize(
    "values",
    [
        ["2", "31"],
        ["<5", "12 %"],
        pd.Categorical([2, 31]),
        pd.Series([2, 31], dtype=object),
        pd.to_timedelta([2, 31], unit="D"),
        pd.Series([[2], [31]]),
        [2 + 0j, 31],
        [None, np.nan],
    ],
    ids=["digits", "signs", "categories", "objects", "days", "lists", "complex", "empty"],
)
def test_numbers_in_disguise_are_refused_too(values):
    table = pd.DataFrame({"site": ["A", "B"], "clients": [30, 40], "more": values})
    assert "'more': numbers that nobody declared" in refused(table, people=["clients"])[0]


def test_labels_need_no_declaration():
    table = pd.DataFrame(
        {
            "site": pd.Categorical(["North"]),
            "month": [pd.Period("2025-11", "M")],
            "day": pd.to_datetime(["2025-11-30"]),
            "year": ["2025"],
            "age_band": ["18-24"],
            "provisional": [True],
            "clients": [30],
        }
    )
    assert is_protected(protect(table, people=["clients"]))


@pytest.mark.parametrize("column", ["client_id", "Client ID", "login", "caseworker_id", "name"])
@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_that_points_at_a_person_is_published_under_any_profile(column, profile):
    message = (
        f"published table: '{column}': points at single people. "
        "Count the people per group and leave it out."
    )
    table = pd.DataFrame({column: ["a"], "clients": [30]})
    declared = {"people": ["clients"], "profile": profile, "basis": "Contract 4"}
    assert refused(table, **declared) == [message]
    assert refused(table.set_index(column), **declared) == [message]
    assert {"client_id", "enrolment_id", "contact_id", "caseworker_id"} <= PERSON_COLUMNS


def test_every_problem_is_told_at_once():
    table = draw("clients succeeded rate contacts max_days note", (30, 10, 0.3, 90, 12.5, "late"))
    assert refused(
        table,
        people=["clients", "clints"],
        events={"contacts": "persons"},
        ratios={"rate": ("succeeded", "clients"), "clients": ("clients", "clients")},
        means={"max_days": "clients"},
    ) == [
        "published table: 'clints': is not there. Did you mean 'clients'?",
        "published table: 'note': is filled in by protect(). Rename the column.",
        "published table: 'clients': declared twice. Declare it once.",
        "published table: 'persons': people behind other numbers. Add to people.",
        "published table: 'succeeded': used as a count, and not declared. "
        "Add to people, events or amounts.",
        "published table: 'max_days': a minimum or maximum is one person's. Show quartiles.",
        "published table: 'succeeded': numbers that nobody declared. Say what they are (people, "
        "events, amounts, ratios, intervals, means, estimates; plain when they are not about "
        "people), or "
        "leave them out.",
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["3", "40"], "holds str, not numbers. Convert it before."),
        ([True, False], "holds bool, not numbers. Convert it before."),
        (
            pd.Series([3, 40], dtype=object),
            "holds object, not numbers. Convert it before.",
        ),
        (
            [40, np.inf],
            "1 of 2, first at row 2 (inf), infinite. Leave empty what cannot be said.",
        ),
        (
            [-4, -1],
            "2 of 2, first at row 1 (-4), below 0. "
            "A count starts at 0; look for a code such as -1.",
        ),
        (
            [40, 2.5],
            "1 of 2, first at row 2 (2.5), not whole. Declare averages as means, time as amounts.",
        ),
    ],
)
def test_counts_that_are_not_counts_are_refused(values, message):
    table = pd.DataFrame({"clients": values})
    assert refused(table, people=["clients"]) == [f"published table: 'clients': {message}"]
    with pytest.raises(DataError) as caught:
        release(table["clients"])
    assert str(caught.value) == f"published table: 'clients': {message}"


def test_an_interval_needs_a_part_of_a_whole():
    table = draw("starts referrals", (30, 40), (50, 40))
    assert refused(
        table,
        people=["starts", "referrals"],
        intervals={("lower", "upper"): ("starts", "referrals")},
    ) == [
        "published table: 'starts': 1 of 2, first at row 2 (50), above 'referrals'; "
        "an interval needs a part of a whole."
    ]


def test_columns_need_names_of_their_own():
    message = "each column needs a name of its own, in text."
    assert refused(pd.DataFrame([[1, 2]])) == [f"published table: '0', '1': {message}"]
    twice = pd.DataFrame([[1, 2]], columns=["n", "n"])
    assert refused(twice, people=["n"]) == [f"published table: 'n': {message}"]


# The mark


def test_a_table_without_the_mark_is_refused():
    table = draw("site clients", ("North", 30))
    assert not is_protected(table)
    with pytest.raises(DataError) as caught:
        require_protected(table)
    assert str(caught.value) == (
        "published table: not protected, or joined with another since. "
        "Pass it through disclosure.protect() as the last step."
    )


def test_the_mark_survives_reading_and_not_changing():
    table = draw("site clients", ("North", 30), ("South", 42))
    protected = protect(table, people=["clients"])
    for same in (
        protected.copy(),
        protected[["site", "clients"]],
        protected.query("clients > 30"),
        protected.sort_values("clients"),
        protected.set_index("site"),
        pd.concat([protected, protected]),
    ):
        require_protected(same)
    changed = {
        "added": (
            protected.assign(share=[0.1, 0.2]),
            "published table: 'share': numbers added or renamed after protection. Declare them in "
            "protect(), or add them by extend() when they are worked out from released ones.",
        ),
        "written over": (
            protected.assign(clients=table["clients"].to_numpy()),
            "published table: 'clients': 1 of 2, first at row 2 (42), counts that 'rounded7' does "
            "not release. Do not write over released numbers.",
        ),
        "in text": (
            protected.assign(clients=["3", "4"]),
            "published table: 'clients': holds str, not numbers. Convert it before.",
        ),
        "a person": (
            protected.rename(columns={"site": "caseworker"}),
            "published table: 'caseworker': points at single people. "
            "Count the people per group and leave it out.",
        ),
    }
    for table, message in changed.values():
        with pytest.raises(DataError) as caught:
            require_protected(table)
        assert str(caught.value) == message


def test_a_table_is_protected_once():
    protected = protect(draw("clients", (30,)), people=["clients"])
    assert refused(protected, people=["clients"]) == [
        "published table: protected before, as 'rounded7'. Protect raw counts, once; "
        "add what is worked out from them by extend()."
    ]


def test_limits_worked_out_from_released_numbers_are_added_by_extend():
    protected = protect(draw("clients", (30,), (42,)), people=["clients"])
    extended = extend(protected, {"mean": protected["clients"].mean()})
    require_protected(extended)
    assert tell(extended, "clients", "mean") == [(30, 35.0), (40, 35.0)]
    assert "mean" not in protected.columns
    with pytest.raises(DataError) as caught:
        extend(protected, {"clients": [1, 2]})
    assert str(caught.value) == (
        "published table: 'clients': there already. Released numbers are not written over."
    )
    with pytest.raises(DataError, match="points at single people"):
        extend(protected, {"name": ["A", "B"]})
    with pytest.raises(DataError, match="not protected"):
        extend(draw("clients", (30,)), {"mean": 1.0})


def test_an_estimate_needs_the_people_behind_it():
    table = draw("clients fitted", (100, 0.5))
    assert refused(table, plain=["clients"], estimates={"fitted": "clients"}) == [
        "published table: 'clients': people behind other numbers. Add to people."
    ]
