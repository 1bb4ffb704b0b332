"""What may be published: the rule, drawn in small tables, and attacks on it."""

import inspect

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from workbench.disclosure import (
    PROFILES,
    Profile,
    differenced,
    protect,
    release,
    require_protected,
)
from workbench.errors import DataError, SettingsError
from workbench.statistics import wilson_interval

HIDING = ["rounded7", "ons10", "eva10"]


def tell(table: pd.DataFrame, *columns: str) -> list[tuple]:
    """The rows as a reader sees them: None where there is nothing to see."""
    seen = table[list(columns)].astype(object)
    return list(seen.where(seen.notna(), None).itertuples(index=False, name=None))


def draw(columns: str, *rows: tuple) -> pd.DataFrame:
    """A small table: the column names in one string, then its rows."""
    return pd.DataFrame(list(rows), columns=columns.split())


def share(succeeded: int, clients: int, profile: str = "rounded7") -> tuple:
    """One group's success as it is published: succeeded, clients, rate, note."""
    table = protect(
        draw("succeeded clients", (succeeded, clients)),
        people=["clients", "succeeded"],
        ratios={"rate": ("succeeded", "clients")},
        profile=profile,
    )
    return tell(table, "succeeded", "clients", "rate", "note")[0]


# Counts of people


@pytest.mark.parametrize(
    ("profile", "raw", "shown"),
    [
        ("rounded7", [0, 1, 7, 8, 12, 13, 17, 18], [0, None, None, 10, 10, 15, 15, 20]),
        ("ons10", [0, 1, 9, 10, 12, 13], [0, None, None, 10, 10, 15]),
        ("eva10", [0, 1, 10, 11, 14, 15, 24], [0, None, None, 10, 10, 20, 20]),
        ("exact", [0, 1, 7, 8], [0, 1, 7, 8]),
        ("public", [0, 1, 7, 8], [0, 1, 7, 8]),
    ],
)
def test_few_people_are_hidden_and_the_rest_is_rounded(profile, raw, shown):
    released = release(pd.Series(raw), profile)
    assert released.dtype == "Int64"
    assert tell(released.to_frame("n"), "n") == [(n,) for n in shown]
    protected = protect(
        pd.DataFrame({"clients": raw}), people=["clients"], profile=profile, basis="Contract 4"
    )
    assert tell(protected, "clients") == [(n,) for n in shown]


@pytest.mark.parametrize("profile", HIDING)
def test_hiding_comes_before_rounding_so_that_every_shown_count_fits_three(profile):
    raw = pd.Series(range(205))
    released = release(raw, profile)
    few = PROFILES[profile].threshold
    assert released[released > 0].min() >= 10
    assert released[(raw >= 1) & (raw <= few)].isna().all()
    fits = raw.groupby(released).count()
    assert fits[(fits.index > 0) & (fits.index <= 190)].min() >= 3


def test_a_hidden_value_is_noted_and_a_missing_one_stays_missing():
    table = draw("month clients", ("May", 6), ("June", 41), ("July", None))
    protected = protect(table, people=["clients"])
    assert tell(protected, "month", "clients", "note") == [
        ("May", None, "[c]"),
        ("June", 40, ""),
        ("July", None, ""),
    ]
    assert protected["clients"].dtype == "Int64"


def test_release_keeps_index_and_name():
    counts = pd.Series([30, 3], index=["a", "b"], name="at_risk")
    expected = pd.Series([30, pd.NA], index=["a", "b"], name="at_risk", dtype="Int64")
    pd.testing.assert_series_equal(release(counts), expected)
    assert release(np.array([12, 2])).isna().tolist() == [False, True]


# Shares


@pytest.mark.parametrize(
    ("succeeded", "clients", "shown"),
    [
        (30, 60, (30, 60, 0.5, "")),
        (48, 50, (None, 50, None, "[c]")),  # tells about 2
        (2, 50, (None, 50, None, "[c]")),
        (43, 50, (None, 50, None, "[c]")),  # tells about 7
        (42, 50, (40, 50, 0.8, "")),
        (0, 19, (None, 20, None, "[c]")),  # none of few tells about each of them
        (0, 20, (0, 20, 0.0, "")),
        (19, 19, (None, 20, None, "[c]")),
        (20, 20, (20, 20, 1.0, "")),
        (8, 16, (10, 15, None, "[c]")),  # under 20: counts only
        (3, 6, (None, None, None, "[c]")),
        (0, 6, (None, None, None, "[c]")),
        (0, 0, (0, 0, None, "")),  # nobody there: nothing hidden, no rate
    ],
)
def test_shares(succeeded, clients, shown):
    assert share(succeeded, clients) == shown


def test_what_stands_on_a_missing_group_is_hidden():
    protected = protect(
        draw("kept offered clients", (12, None, 30), (None, 30, 30), (30, 60, None), (30, 60, 30)),
        people=["clients"],
        events={"kept": "clients", "offered": "clients"},
        ratios={"rate": ("kept", "offered")},
    )
    assert tell(protected, "kept", "offered", "rate", "note") == [
        (None, None, None, "[c]"),
        (None, 30, None, ""),
        (None, None, None, "[c]"),
        (30, 60, 0.5, ""),
    ]


def test_a_share_with_an_interval_is_a_part_of_its_whole_of_whatever_kind():
    protected = protect(
        draw("first_contacts clients", (48, 50), (40, 50)),
        people=["clients"],
        events={"first_contacts": "clients"},
        intervals={("lower", "upper"): ("first_contacts", "clients")},
    )
    assert tell(protected, "first_contacts") == [(None,), (40,)]


def test_a_share_comes_from_released_counts_whatever_was_in_the_column():
    table = draw("succeeded clients rate", (28, 61, 0.459))
    protected = protect(
        table, people=["succeeded", "clients"], ratios={"rate": ("succeeded", "clients")}
    )
    assert tell(protected, "rate") == [(30 / 60,)]
    assert protected["rate"].dtype == "Float64"


def test_an_interval_comes_from_released_counts():
    protected = protect(
        draw("succeeded clients", (64, 101), (8, 16)),
        people=["succeeded", "clients"],
        intervals={("lower", "upper"): ("succeeded", "clients")},
    )
    lower, upper = wilson_interval(65, 100)
    assert tell(protected, "lower", "upper", "note") == [(lower, upper, ""), (None, None, "[c]")]


def every_pair(largest: int = 124) -> pd.DataFrame:
    """Every possible raw pair: succeeded out of clients."""
    clients, succeeded = np.divmod(np.arange((largest + 1) ** 2), largest + 1)
    pairs = pd.DataFrame({"succeeded": succeeded, "clients": clients})
    return pairs[succeeded <= clients].reset_index(drop=True)


@pytest.mark.parametrize("profile", HIDING)
def test_at_least_three_raw_pairs_fit_whatever_is_published_about_a_share(profile):
    pairs = every_pair()
    protected = protect(
        pairs,
        people=["succeeded", "clients"],
        ratios={"rate": ("succeeded", "clients")},
        intervals={("lower", "upper"): ("succeeded", "clients")},
        profile=profile,
    )
    up_to_120 = pairs["clients"].between(1, 120)
    everything_seen = ["succeeded", "clients", "rate", "lower", "upper", "note"]
    fits = protected.groupby(everything_seen, dropna=False)["note"].transform("size")
    assert fits[up_to_120].min() >= 3
    only_the_interval = protected.dropna(subset=["lower"]).groupby(["lower", "upper"])["note"]
    assert only_the_interval.transform("size")[up_to_120].min() >= 3


def test_the_same_attack_on_raw_counts_would_succeed():
    pairs = every_pair().query("clients >= 20")
    lower, upper = wilson_interval(pairs["succeeded"], pairs["clients"])
    printed = pd.DataFrame({"lower": lower.round(3), "upper": upper.round(3)})
    assert (~printed.duplicated(keep=False)).mean() > 0.9


# Events, amounts, means


def test_events_go_by_the_people_behind_them():
    table = draw("contacts clients", (400, 6), (403, 31), (3, 31), (0, 31), (0, 12), (0, 0))
    protected = protect(table, people=["clients"], events={"contacts": "clients"})
    assert tell(protected, "contacts", "clients", "note") == [
        (None, None, "[c]"),
        (405, 30, ""),
        (None, 30, "[c]"),  # three contacts are three people's at most
        (0, 30, ""),
        (None, 10, "[c]"),  # none for any of a dozen
        (0, 0, ""),
    ]


def test_a_rate_per_time_has_no_remainder_to_hide_and_a_share_of_events_has():
    table = draw("kept offered weeks clients", (97, 100, 99.4, 31), (80, 100, 99.4, 31))
    protected = protect(
        table,
        people=["clients"],
        events={"kept": "clients", "offered": "clients"},
        amounts={"weeks": "clients"},
        ratios={"attendance": ("kept", "offered"), "per_week": ("offered", "weeks")},
    )
    assert tell(protected, "kept", "attendance", "per_week") == [(None, None, 1.0), (80, 0.8, 1.0)]
    assert protected["weeks"].dtype == "Float64"


def test_a_rate_of_many_events_is_not_shown_for_few_people():
    protected = protect(
        draw("kept offered clients", (300, 400, 19), (300, 400, 20)),
        people=["clients"],
        events={"kept": "clients", "offered": "clients"},
        ratios={"attendance": ("kept", "offered")},
    )
    assert tell(protected, "attendance") == [(None,), (0.75,)]


def test_means_are_hidden_with_few_people_and_coarse_with_some():
    table = draw(
        "clients mean_days",
        (7, 12.345),
        (8, 12.345),
        (33, 12.345),
        (640, 12.345),
        (0, None),
        (None, 12.345),
    )
    protected = protect(table, people=["clients"], means={"mean_days": "clients"})
    assert tell(protected, "mean_days", "note") == [
        (None, "[c]"),
        (12.0, ""),
        (12.3, ""),
        (12.34, ""),
        (None, ""),
        (None, "[c]"),
    ]
    exact = protect(
        table, people=["clients"], means={"mean_days": "clients"}, profile="exact", basis="s. 9"
    )
    assert tell(exact.iloc[:1], "mean_days", "note") == [(12.345, "")]


@pytest.mark.parametrize("profile", HIDING)
def test_at_least_three_sums_fit_every_mean(profile):
    n, total = np.divmod(np.arange(8 * 800, 125 * 800), 800)
    table = pd.DataFrame({"clients": n, "mean_days": total / n})
    protected = protect(table, people=["clients"], means={"mean_days": "clients"}, profile=profile)
    fits = protected.groupby(["clients", "mean_days"])["note"].transform("size")
    assert fits[(n <= 120) & (total <= 400)].min() >= 3


@pytest.mark.parametrize("profile", ["rounded7", "ons10", "eva10"])
def test_at_least_three_raw_pairs_fit_whatever_a_model_says_of_all_people(profile):
    # the worst a model can do: give back the plain share of its people
    pairs = every_pair().rename(columns={"succeeded": "behind"}).query("clients > 0")
    told = pairs.assign(fitted=pairs["behind"] / pairs["clients"]).drop(columns="behind")
    protected = protect(told, people=["clients"], estimates={"fitted": "clients"}, profile=profile)
    shown = protected.dropna(subset=["fitted"])
    assert shown["clients"].min() >= 20
    fits = shown.groupby(["clients", "fitted"])["note"].transform("size")
    assert fits[pairs.loc[shown.index, "clients"] <= 110].min() >= 3


def test_estimates_go_in_steps_and_may_be_differences():
    table = draw(
        "clients gain", (1000, -0.0449), (100, 0.123), (40, 0.123), (12, 0.5), (1000, None)
    )
    protected = protect(table, people=["clients"], estimates={"gain": "clients"})
    assert tell(protected, "gain", "note") == [
        (-0.04, ""), (0.1, ""), (0.1, ""), (None, "[c]"), (None, ""),
    ]  # fmt: skip
    exact = protect(
        table, people=["clients"], estimates={"gain": "clients"}, profile="exact", basis="told"
    )
    assert exact["gain"].iloc[0] == -0.0449


# Lines that add up


def test_one_hidden_cell_of_a_line_takes_the_next_smallest_with_it():
    table = draw(
        "month site clients",
        ("May", "North", 4),
        ("May", "South", 31),
        ("May", "West", 12),
        ("June", "North", 40),
        ("June", "South", 50),
        ("June", "West", 60),
    )
    by_month = protect(table, people=["clients"], within=["month"])
    assert tell(by_month, "clients") == [(None,), (30,), (None,), (40,), (50,), (60,)]
    both_ways = protect(table, people=["clients"], within=["month", "site"])
    assert tell(both_ways, "clients") == [(None,), (30,), (None,), (None,), (50,), (None,)]
    together = protect(table, people=["clients"], within=[("month", "site")])
    assert tell(together, "clients") == [(None,), (30,), (10,), (40,), (50,), (60,)]
    everything = protect(table, people=["clients"], within=[()])
    assert tell(everything, "clients") == [(None,), (30,), (None,), (40,), (50,), (60,)]


def test_zeros_go_last_and_missing_cells_hide_nothing():
    def line(*counts: int | None) -> list:
        table = pd.DataFrame({"clients": counts})
        return [n for (n,) in tell(protect(table, people=["clients"], within=[()]), "clients")]

    assert line(3, 0, 40, 12) == [None, 0, 40, None]
    assert line(3, 0) == [None, None]
    assert line(3, None, 12, 40) == [None, None, None, 40]
    assert line(3) == [None]
    assert line(12, None, 40) == [10, None, 40]
    rated = protect(
        draw("succeeded clients", (None, None), (3, 50), (30, 60), (40, 80)),
        people=["succeeded", "clients"],
        ratios={"rate": ("succeeded", "clients")},
        within=[()],
    )
    assert tell(rated, "succeeded") == [(None,), (None,), (None,), (40,)]
    assert line(3, 4, 40) == [None, None, 40]


def test_what_rests_on_a_cell_goes_with_it():
    table = draw("site succeeded clients contacts", ("A", 1, 5, 50), ("B", 15, 30, 90))
    protected = protect(
        table,
        people=["succeeded", "clients"],
        events={"contacts": "clients"},
        ratios={"rate": ("succeeded", "clients")},
        within=[()],
    )
    assert tell(protected, "succeeded", "clients", "contacts", "rate", "note") == [
        (None, None, None, None, "[c]"),
        (None, None, None, None, "[c]"),
    ]


def test_columns_that_add_up_are_a_line_too():
    table = draw("succeeded did_not not_known clients", (8, 13, 1, 22), (20, 30, 10, 60))
    counted = ["succeeded", "did_not", "not_known", "clients"]
    alone = protect(table, people=counted)
    assert tell(alone, *counted)[0] == (10, 15, None, 20)  # 10 + 15 is too many: it must be 1
    protected = protect(table, people=counted, parts=[counted[:3]])
    assert tell(protected, *counted) == [(None, 15, None, 20), (20, 30, 10, 60)]


def test_no_part_of_a_row_can_be_told_from_the_others_and_their_total():
    """Every split of up to 70 people in three; which rows look the same?"""
    parts = ["succeeded", "did_not", "not_known"]
    raw = np.array([(a, b, c) for a in range(75) for b in range(75 - a) for c in range(75 - a - b)])
    table = pd.DataFrame(raw, columns=parts).assign(clients=raw.sum(axis=1))
    protected = protect(
        table,
        people=[*parts, "clients"],
        ratios={f"{part}_rate": (part, "clients") for part in parts},
        parts=[parts],
    )
    seen = pd.MultiIndex.from_frame(protected.astype(object).fillna(-1)).factorize()[0]
    for part in parts:
        hidden = protected[part].isna() & (table[part] > 0) & (table["clients"] <= 70)
        assert table[part].groupby(seen).transform("nunique")[hidden].min() >= 2


@pytest.mark.parametrize(("cells", "largest"), [(2, 60), (3, 24)])
def test_who_knows_the_rule_and_the_total_cannot_tell_a_hidden_cell(cells, largest):
    """Every line of two or three cells, published by the rule; which lines look the same?"""
    grids = np.meshgrid(*[np.arange(largest + 1)] * cells, indexing="ij")
    raw = np.stack([grid.ravel() for grid in grids], axis=1)
    table = pd.DataFrame(
        {"line": np.repeat(np.arange(len(raw)), cells), "clients": raw.reshape(-1)}
    )
    protected = protect(table, people=["clients"], within=["line"])
    published = protected["clients"].fillna(-1).to_numpy(int).reshape(raw.shape)
    total = release(raw.sum(axis=1)).fillna(-1).to_numpy(int)
    seen = pd.MultiIndex.from_arrays([*published.T, total]).factorize()[0]
    assert (published == -1).any()
    for cell in range(cells):
        possible = pd.Series(raw[:, cell]).groupby(seen).nunique()
        hidden = pd.Series(published[:, cell]).groupby(seen).first() == -1
        assert possible[hidden].min() >= 2


counts = st.one_of(st.integers(0, 9), st.integers(0, 60))


@settings(max_examples=60, deadline=None)
@given(st.lists(counts, min_size=9, max_size=9))
def test_both_totals_of_a_two_way_table_do_not_give_a_hidden_cell_away(cells):
    table = pd.DataFrame(
        {"row": np.repeat(list("abc"), 3), "column": np.tile(list("xyz"), 3), "clients": cells}
    )
    shown = protect(table, people=["clients"], within=["row", "column"])["clients"]
    hidden = shown.isna().to_numpy().reshape(3, 3)
    assert not (hidden.sum(axis=0) == 1).any()
    assert not (hidden.sum(axis=1) == 1).any()

    def limits(released: object) -> tuple[int, int]:
        if pd.isna(released):
            return 0, 60
        return (0, 0) if released == 0 else (max(released - 2, 8), released + 2)

    grid = np.array(cells).reshape(3, 3)
    lines = [np.eye(3)[i][:, None] * np.ones((1, 3)) for i in range(3)]
    lines += [line.T for line in lines]
    totals = release(np.concatenate([grid.sum(axis=1), grid.sum(axis=0)]))
    ends = [(1, 7) if pd.isna(total) else limits(total) for total in totals]
    above = np.array([line.ravel() for line in lines])
    for cell in np.flatnonzero(hidden.ravel() & (grid.ravel() > 0)):
        low, high = (
            sign
            * linprog(
                sign * np.eye(9)[cell],
                A_ub=np.vstack([above, -above]),
                b_ub=[end for _, end in ends] + [-end for end, _ in ends],
                bounds=[limits(value) for value in shown],
            ).fun
            for sign in (1, -1)
        )
        assert high - low >= 1


# Who may see exact numbers


def test_the_default_is_rounded7():
    assert inspect.signature(protect).parameters["profile"].default == "rounded7"
    assert not any(PROFILES[name].needs_basis for name in HIDING)
    assert all(profile.description.endswith(".") for profile in PROFILES.values())


@pytest.mark.parametrize("basis", [None, "", "  "])
@pytest.mark.parametrize("profile", ["exact", "public", Profile("mine", 5, 5, 20, "Mine.")])
def test_a_weaker_profile_needs_a_stated_basis(profile, basis):
    name = profile if isinstance(profile, str) else profile.name
    with pytest.raises(SettingsError) as caught:
        protect(draw("clients", (3,)), people=["clients"], profile=profile, basis=basis)
    assert str(caught.value) == (
        f"disclosure profile '{name}' shows small numbers and no basis is stated. State who may "
        "see them and on what legal basis, or why the records are open, as basis; or use "
        "'rounded7'."
    )


def test_the_profile_and_its_basis_travel_with_the_table():
    basis = "Commissioner X, contract clause 9"
    exact = protect(
        draw("succeeded clients", (2, 3)),
        people=["succeeded", "clients"],
        ratios={"rate": ("succeeded", "clients")},
        profile="exact",
        basis=basis,
    )
    assert tell(exact, "succeeded", "clients", "rate", "note") == [(2, 3, 2 / 3, "")]
    assert exact.attrs["disclosure"] == "exact"
    assert exact.attrs["basis"] == basis
    rounded = protect(draw("clients", (30,)), people=["clients"])
    assert (rounded.attrs["disclosure"], rounded.attrs["basis"]) == ("rounded7", None)


def test_an_unknown_profile_is_refused_with_the_nearest_name():
    with pytest.raises(SettingsError) as caught:
        release(np.array([3]), "rounded5")
    assert str(caught.value) == (
        "disclosure profile 'rounded5' does not exist. Did you mean 'rounded7'? "
        "There are: rounded7, ons10, eva10, exact, public."
    )


# Two releases


def test_releases_that_tell_about_few_people_when_subtracted():
    everyone = draw("month clients", ("May", 50), ("June", 61), ("July", 70), ("August", 3))
    men = draw("month clients", ("May", 47), ("June", 53), ("July", 70), ("September", 5))
    found = differenced(everyone, men, ["month"], ["clients"])
    assert list(found.columns) == ["month", "count", "first", "second", "difference"]
    assert tell(found, *found.columns) == [("May", "clients", 50, 47, -3)]


def test_released_tables_can_be_compared_and_hidden_cells_cannot():
    last, this = (
        protect(
            pd.DataFrame({"site": list("ABC"), "clients": clients, "succeeded": succeeded}),
            people=["clients", "succeeded"],
        )
        for clients, succeeded in [([50, 6, 30], [20, 30, 40]), ([54, 12, 31], [20, 24, 52])]
    )
    found = differenced(last, this, ["site"], ["clients", "succeeded"])
    assert tell(found, *found.columns) == [
        ("A", "clients", 50, 55, 5),
        ("B", "succeeded", 30, 25, -5),
    ]
    with pytest.raises(DataError) as caught:
        differenced(pd.concat([last, last]), this, ["site"], ["clients"])
    assert str(caught.value) == ("first release: 3 rows repeat a cell of 'site'. Name all keys.")


# What must hold for every table


@given(st.lists(st.tuples(st.sampled_from("abc"), counts, counts)))
def test_the_table_given_is_left_alone_and_keeps_its_rows(rows):
    table = pd.DataFrame(rows, columns=["site", "succeeded", "others"])
    table = table.astype({"site": "str", "succeeded": int, "others": int})
    table["clients"] = table.pop("others") + table["succeeded"]
    before = table.copy(deep=True)
    protected = protect(
        table,
        people=["succeeded", "clients"],
        ratios={"rate": ("succeeded", "clients")},
        intervals={("lower", "upper"): ("succeeded", "clients")},
        within=["site", ()],
    )
    pd.testing.assert_frame_equal(table, before)
    assert table.attrs == {}
    require_protected(protected)
    assert protected.index.equals(table.index)
    shown = protected.dropna(subset=["rate"])
    assert (shown["clients"] >= 20).all()
    assert shown["rate"].between(shown["lower"], shown["upper"]).all()
    cut = protected[["succeeded", "clients"]].isna().any(axis=1)
    cut |= protected["rate"].isna() & table["clients"].gt(0)
    assert protected["note"].eq("[c]").equals(cut)


def test_an_empty_table_is_published_empty():
    table = pd.DataFrame({"site": pd.Series(dtype="str"), "clients": pd.Series(dtype=int)})
    protected = protect(
        table,
        people=["clients"],
        ratios={"rate": ("clients", "clients")},
        means={},
        within=["site", ()],
    )
    require_protected(protected)
    assert list(protected.columns) == ["site", "clients", "rate", "note"]
    assert len(protected) == 0
    assert release(pd.Series(dtype=int)).empty
