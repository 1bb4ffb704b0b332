"""Segments found in the data: planted ones are, clouds are not, and nothing else changes them."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from benchmarks.simulate import segments as truths
from sklearn.metrics import adjusted_rand_score

from workbench.analyses.segments import cloud, inputs, mixed, stability
from workbench.analyses.segments.finding import find
from workbench.analyses.segments.matching import match
from workbench.errors import DataError


def dice(seed=0):
    return np.random.default_rng([11, seed])


@pytest.fixture(scope="module")
def given():
    frame, truth = truths.people(dice(), 400)
    return frame.set_axis([f"C{at:03}" for at in range(400)]), truth


@pytest.fixture(scope="module")
def found(given):
    return find(given[0])


# --- what is there is found, and nothing else ----------------------------------------------------


def test_four_planted_segments_are_found(given, found):
    assert found.verdict == "segments" and found.reason == ""
    assert adjusted_rand_score(given[1], found.labels) >= 0.9
    assert found.sentence.startswith("Among 400 people there are 4 clear segments.")
    assert found.labels.index.equals(given[0].index)


@pytest.mark.parametrize("seed", (1, 2))
def test_they_are_found_in_other_draws(seed):
    told = truths.planted(dice(seed), 400, wide=False)
    assert all(told.values()), told


@pytest.mark.parametrize(
    "truth",
    [each for each in truths.GRID if each[1] is not truths.planted],
    ids=lambda truth: truth[0],
)
def test_one_cloud_is_never_called_segments(truth):
    _, asked, given = truth
    assert asked(dice(), *given) == {"segments are claimed": False}


def test_the_sample_shades_from_one_client_to_the_next():
    clients = find(truths.clients())
    assert clients.verdict == "no clear segments" and clients.people > 400
    assert clients.labels.isna().all() and clients.sureness.isna().all()
    assert clients.sizes.empty and clients.descriptions.empty and clients.traits.empty
    assert clients.stability["segments"].tolist() == list(range(2, 9))
    assert not clients.stability["chosen"].any()
    assert clients.sentence.startswith("There are no clear segments in these data. ")


def test_segments_along_one_line_are_found_where_there_is_nobody_between():
    truth = dice().choice(3, 300)
    steps = pd.DataFrame(4.5 * truth[:, None] + dice(1).normal(size=(300, 3)))
    along = find(steps)
    assert len(along.sizes) == 3
    assert adjusted_rand_score(truth, along.labels) >= 0.9


def test_columns_that_few_people_have_do_no_harm_among_many():
    frame, _ = truths.people(dice(), 3000)
    seldom = np.where(np.arange(3000) % 45 == 0, "yes", "no")
    told = find(
        frame.assign(
            seldom=seldom,
            rarely=np.where(np.arange(3000) % 100 == 0, "yes", "no"),
            hardly=pd.Series(dice().normal(size=3000)).where(np.arange(3000) % 20 == 0),
        )
    )
    assert set(told.left_out) == {"rarely", "hardly"}
    assert len(told.sizes) == 4


def test_many_people_are_all_placed():
    frame, truth = truths.people(dice(), 3000)
    everyone = find(frame)
    assert everyone.people == 3000 and everyone.sizes.sum() == everyone.labels.notna().sum()
    assert adjusted_rand_score(truth[everyone.labels.notna()], everyone.labels.dropna()) >= 0.9


# --- what must not matter ------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_answer_whatever_the_order_of_rows_and_columns(given, found):
    shuffled = given[0].sample(frac=1, random_state=3)[given[0].columns[::-1]]
    again = find(shuffled)
    pd.testing.assert_series_equal(again.labels.loc[found.labels.index], found.labels)
    pd.testing.assert_series_equal(again.sureness.loc[found.labels.index], found.sureness)
    pd.testing.assert_frame_equal(again.stability, found.stability)
    pd.testing.assert_frame_equal(again.traits, found.traits)
    assert again.descriptions.tolist() == found.descriptions.tolist()


def test_another_seed_finds_the_same_people_together(given, found):
    assert adjusted_rand_score(found.labels, find(given[0], seed=5).labels) > 0.95


def test_units_do_not_matter_and_the_frame_is_left_alone(given, found):
    before = given[0].copy()
    other = find(given[0].assign(age=1000 * given[0]["age"] + 7))
    assert adjusted_rand_score(found.labels, other.labels) > 0.98
    pd.testing.assert_frame_equal(given[0], before)


# --- what is told of them ------------------------------------------------------------------------


def test_segments_are_numbered_from_the_largest(found):
    assert found.sizes.index.tolist() == [1, 2, 3, 4] and found.sizes.is_monotonic_decreasing
    assert found.labels.value_counts().sort_index().tolist() == found.sizes.tolist()


def test_how_sure_each_membership_is_says_how_often_it_is_right(given, found):
    assert found.sureness.between(0.25, 1).all()
    pairs = pd.crosstab(given[1], found.labels)
    of_segment = dict(zip(pairs.columns, pairs.to_numpy().argmax(axis=0), strict=True))
    right = found.labels.map(of_segment).to_numpy() == given[1]
    sure = found.sureness.to_numpy() > 0.95
    assert right[sure].mean() > 0.97 > right[~sure].mean()


def test_the_number_is_the_one_that_holds(found):
    table = found.stability.set_index("segments")
    assert table.index[table["chosen"]].tolist() == [4]
    assert table.loc[4, "agreement"] > 0.85 > table.loc[4, "expected"]
    assert table.loc[4, "gain"] > 1.5 * table.loc[4, "expected_gain"]
    assert table.loc[5, "weakest"] < 0.6 < table.loc[4, "weakest"]
    assert not table.loc[5, "stable"] and table.loc[4, "clearer"]


def test_traits_are_counted_in_the_segment_and_in_everyone(given, found):
    frame = given[0]
    rows = found.traits.set_index(["segment", "column", "value"])
    inside = frame[found.labels == 2]
    age = rows.loc[(2, "age", "")]
    assert age["unit"] == "mean" and age["known"] == inside["age"].count()
    assert age["in_segment"] == pytest.approx(inside["age"].mean())
    assert age["in_all"] == pytest.approx(frame["age"].mean())
    value = rows.loc[(2, "housing", "a")]
    assert value["unit"] == "share" and value["people"] == (inside["housing"] == "a").sum()
    assert value["known"] == inside["housing"].count()
    assert value["in_all"] == pytest.approx((frame["housing"] == "a").sum() / value["known_in_all"])
    for _, each in found.traits.groupby("segment"):
        assert each["difference"].abs().is_monotonic_decreasing


def test_descriptions_are_made_of_what_tells_a_segment_most_apart():
    turn = np.arange(240) % 2
    frame = pd.DataFrame(
        {
            "age": 25 + 40 * turn + dice().normal(0, 4, 240),
            "contacts_per_week": 6 - 5 * turn + dice(1).normal(0, 0.5, 240),
            "housing": np.where(turn == 1, "hostel", "flat"),
            "colour": np.array(["red", "blue", "green"])[dice(2).integers(0, 3, 240)],
        }
    )
    frame.loc[::7, "housing"] = "hostel"
    told = find(frame).descriptions
    assert len(told) == 2
    older = next(each for each in told if "older" in each)
    assert "few contacts per week (about 0.9, everyone about 3.5)" in older
    assert "housing mostly hostel" in older.casefold()
    assert all("colour" not in each for each in told)
    assert told.index.tolist() == [1, 2]


# --- what cannot be used -------------------------------------------------------------------------


def test_columns_that_cannot_be_used_are_left_out_with_a_reason(given, found):
    rows = range(400)
    age = given[0]["age"].fillna(2)
    frame = given[0].assign(
        age=age,
        client_id=[f"C{9 * at}" for at in rows],
        number=rows,
        same="x",
        nearly=["y"] * 395 + ["n"] * 5,
        empty=None,
        not_said="not recorded",
        hardly=[1.5, 2.5] * 10 + [None] * 380,
        town=[f"town {at % 200}" for at in rows],
        born=[date(1980, 1, 1 + at % 28) for at in rows],
        lists=[[at] for at in rows],
        mixed=[at if at % 2 else "a" for at in rows],
        rare=[f"v{at // 9}" for at in rows][:225] + [None] * 175,
        age_band=pd.cut(age, [-99, 0, 3, 99]).astype(str),
        age_in_days=age * 365,
        home=given[0]["housing"].map({"a": "house", "b": "house", "c": "flat", "d": "flat"}),
    )
    told = find(frame)
    assert told.left_out == {
        "age_band": "it says the same as age",
        "age_in_days": "it says the same as age",
        "born": "it holds dates; give an age or a number of days",
        "client_id": "it is different for everyone, as an id or a name is",
        "empty": "nothing is recorded in it",
        "hardly": "it is recorded for too few people",
        "home": "it says the same as housing",
        "lists": "its cells hold lists; give one value a cell",
        "mixed": "it mixes numbers, words or other things; give one kind",
        "nearly": "it is the same for nearly everyone",
        "not_said": "nothing is recorded in it",
        "number": "it is different for everyone, as an id or a name is",
        "rare": "each of its values is too rare",
        "same": "it is the same for everyone",
        "town": "it has 200 different values; put them together in groups",
    }
    assert len(told.sizes) == 4
    assert adjusted_rand_score(found.labels, told.labels) > 0.95


def test_a_column_with_five_hundred_values_is_left_out():
    frame = pd.DataFrame({"town": [f"t{at % 500}" for at in range(1000)], "age": range(1000)})
    told = find(frame.assign(age=frame["age"] % 60))
    assert told.left_out["town"].startswith("it has 500 different values")
    assert told.reason == "too few columns"


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (pd.DataFrame(), "too few people"),
        (pd.DataFrame({"a": [], "b": []}), "too few people"),
        (pd.DataFrame(dice().normal(size=(20, 4))), "too few people"),
        (pd.DataFrame(dice().normal(size=(200, 1))), "too few columns"),
        (pd.DataFrame({"a": [1.0] * 200, "b": ["x"] * 200}), "too few columns"),
        (pd.DataFrame({"a": [np.nan] * 200, "b": [None] * 200}), "too few columns"),
        (pd.DataFrame(index=range(200)), "too few columns"),
    ],
)
def test_where_it_cannot_be_told_the_answer_says_why(frame, reason):
    told = find(frame)
    assert (told.verdict, told.reason) == ("no clear segments", reason)
    assert told.labels.index.equals(frame.index) and told.labels.isna().all()
    assert told.stability.empty and "agreement" in told.stability and "chosen" in told.stability
    assert told.sentence.startswith("There are no clear segments in these data. ")


def test_people_of_whom_nothing_is_recorded_are_not_placed(given, found):
    nobody = pd.DataFrame(index=["X1", "X2"], columns=given[0].columns, dtype="object")
    told = find(pd.concat([nobody, given[0]]).infer_objects())
    assert told.labels[["X1", "X2"]].isna().all() and told.sureness[["X1", "X2"]].isna().all()
    assert told.people == 400
    assert told.labels.drop(["X1", "X2"]).tolist() == found.labels.tolist()


def test_what_is_wrong_is_refused_all_at_once():
    wrong = pd.DataFrame(np.ones((60, 3)), columns=["age", "pay", "age"], index=[0, *range(59)])
    wrong.iloc[:2, 1] = np.inf
    with pytest.raises(DataError) as refused:
        find(wrong)
    told = str(refused.value)
    assert "columns: 'age' came more than once" in told
    assert "index: 1 of 60 rows are of a client who has a row already" in told
    assert "pay: 2 of 60 are infinite" in told
    with pytest.raises(DataError, match="segments: a list was given"):
        find([1, 2, 3])


def test_bands_are_read_as_values():
    ages = pd.Series(dice().normal(45, 15, 200))
    bands = pd.cut(ages, [0, 30, 60, 100])
    read = inputs.people(pd.DataFrame({"band": bands, "other": dice(1).normal(size=200)}))
    assert read.values == {"band": ("(0, 30]", "(30, 60]", "(60, 100]")}


@pytest.mark.parametrize("kind", ["bool", "boolean", "category", "Int64", "object", "01"])
def test_truth_values_and_whole_numbers_of_any_kind_are_read(kind):
    truth = np.arange(200) % 2
    column = {
        "bool": pd.Series(truth == 1),
        "boolean": pd.Series(truth == 1, dtype="boolean").mask(np.arange(200) < 20),
        "category": pd.Series(np.where(truth == 1, "yes", "no"), dtype="category"),
        "Int64": pd.Series(truth, dtype="Int64").mask(np.arange(200) < 20),
        "object": pd.Series([True, None] * 50 + [False, True] * 50, dtype="object"),
        "01": pd.Series(truth * 1.0),
    }[kind]
    read = inputs.people(pd.DataFrame({"home": column, "age": dice().normal(size=200)}))
    assert read.values == {"home": ("no", "yes")}
    assert read.left_out == {} and (read.codes["home"] < 0).sum() == column.isna().sum()


# --- its parts -----------------------------------------------------------------------------------


def test_a_mixture_leaves_out_what_is_missing():
    truth = np.repeat([0, 1], 200)
    numbers = np.where(truth == 1, 1.0, -1.0)[:, None] + dice().normal(0, 0.3, (400, 2))
    codes = np.where(dice(1).random(400) < 0.9, truth, 1 - truth)[:, None]
    numbers[dice(2).random((400, 2)) < 0.3] = np.nan
    people = mixed.columns(numbers, codes, (2,))
    fitted = mixed.fit_to_all(people, people, 2, dice())
    means = np.sort(np.exp(fitted.log_sizes[:, 0]))
    assert means == pytest.approx([0.5, 0.5], abs=0.03)
    chances, _ = mixed.membership(fitted, people)
    assert chances.sum(axis=0) == pytest.approx(np.ones((1, 400)))
    nothing = mixed.columns(np.full((1, 2), np.nan), np.array([[-1]]), (2,))
    assert mixed.membership(fitted, nothing)[0][:, 0, 0] == pytest.approx(
        np.exp(fitted.log_sizes[:, 0])
    )


def test_a_cloud_keeps_values_gaps_and_how_columns_go_together():
    z = dice().multivariate_normal([0, 0, 0], [[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]], 4000)
    numbers = np.column_stack([z[:, 0], np.floor(np.exp(z[:, 1]))])
    codes = np.array([2, 0, 1])[np.digitize(z[:, 2], [-0.5, 0.5])][:, None]
    numbers[:400, 0] = np.nan
    codes[200:600] = -1
    drawn, values = cloud.draw(cloud.cloud(numbers, codes, (3,)), numbers, codes, dice(1))
    assert (np.isnan(drawn) == np.isnan(numbers)).all() and ((values < 0) == (codes < 0)).all()
    assert set(drawn[:, 1]) <= set(numbers[:, 1])
    assert np.bincount(values[values >= 0]) == pytest.approx(np.bincount(codes[codes >= 0]), abs=99)
    both = pd.DataFrame({"a": drawn[:, 0], "b": drawn[:, 1], "c": values[:, 0] == 2}).dropna()
    real = pd.DataFrame({"a": numbers[:, 0], "b": numbers[:, 1], "c": codes[:, 0] == 2}).dropna()
    as_found = real.astype(float).corr("spearman").to_numpy()
    assert both.astype(float).corr("spearman").to_numpy() == pytest.approx(as_found, abs=0.06)


def test_a_cloud_stands_a_column_that_does_not_vary_among_those_drawn():
    numbers = np.column_stack([dice().normal(size=100), np.zeros(100)])
    codes = np.zeros((100, 1), dtype=int)
    drawn, values = cloud.draw(cloud.cloud(numbers, codes, (2,)), numbers, codes, dice(1))
    assert (drawn[:, 1] == 0).all() and (values == 0).all() and drawn[:, 0].std() > 0.5


def test_agreement_is_the_adjusted_rand_index():
    first, second = dice().integers(0, 4, 300), dice(1).integers(0, 4, 300)
    second[:200] = first[:200]
    assert stability.agree(first, second, 4) == pytest.approx(adjusted_rand_score(first, second))
    assert stability.agree(first, (first + 1) % 4, 4) == pytest.approx(1)
    assert stability.agree(first * 0, first * 0, 4) == 0
    assert stability.found_again(first, (first + 1) % 4, 4) == pytest.approx([1] * 4)
    halves = np.where(first == 0, 0, 1)
    assert stability.found_again(np.minimum(first, 1), halves, 2) == pytest.approx([1, 1])
    assert stability.found_again(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2) == (
        pytest.approx([1 / 2, 2 / 3])
    )


# --- from one period to the next -----------------------------------------------------------------


def test_segments_keep_their_number_when_their_order_by_size_turns(given, found):
    smallest = found.labels.index[found.labels == 4]
    largest = found.labels.index[found.labels == 1]
    now = find(given[0].drop(largest[: len(largest) - 40]))
    assert now.sizes.idxmax() == 1 and found.sizes.idxmax() == 1
    matched = match(found, now)
    assert matched.same == (1, 2, 3, 4) and matched.new == matched.gone == ()
    in_both = smallest.intersection(now.labels.index)
    assert (matched.labels[in_both] == 4).mean() > 0.9
    assert matched.found.sizes.index.tolist() == [1, 2, 3, 4]
    assert matched.found.sizes[1] < matched.found.sizes[2]
    assert matched.found.labels.value_counts().sort_index().tolist() == (
        matched.found.sizes.tolist()
    )
    own = {new: old for old, new in matched.numbers.items()}
    assert matched.found.descriptions[2] == now.descriptions[own[2]]
    told = matched.found.traits
    assert told.loc[told["segment"] == 2, "in_segment"].tolist() == (
        now.traits.loc[now.traits["segment"] == own[2], "in_segment"].tolist()
    )
    assert matched.moved < 15 and matched.both == now.labels.notna().sum()


def test_a_segment_without_counterpart_gets_a_new_number(found):
    labels = found.labels.copy()
    third = labels.index[labels == 3]
    labels[third[: len(third) // 2]] = 1
    labels[third[len(third) // 2 :]] = 2
    sizes = labels.value_counts().sort_index().rename_axis("segment")
    told = {
        "descriptions": found.descriptions.drop(3),
        "traits": found.traits[found.traits["segment"] != 3],
    }
    before = replace(found, labels=labels, sizes=sizes, **told)
    matched = match(before, found)
    assert matched.same == (1, 2, 4) and matched.new == (5,) and matched.gone == ()
    assert matched.numbers == {1: 1, 2: 2, 3: 5, 4: 4}
    assert matched.sentence.startswith("Segments 1, 2 and 4 were there last period too. Segment 5")
    back = match(matched.found, before)
    assert back.gone == (5,) and back.same == (1, 2, 4) and back.new == ()
    assert back.overlap["people"].sum() == back.both == 400


def test_periods_without_segments_or_without_people_in_common_match_nothing(found):
    none = find(pd.DataFrame(dice().normal(size=(20, 4))))
    assert match(none, none).sentence == (
        "There are no clear segments, and there were none last period."
    )
    assert match(found, none).gone == (1, 2, 3, 4) and match(none, found).new == (1, 2, 3, 4)
    strangers = replace(found, labels=found.labels.rename(index=lambda who: f"other {who}"))
    matched = match(strangers, found)
    assert matched.new == (5, 6, 7, 8) and matched.both == 0 and matched.overlap.empty
    assert matched.sentence.endswith("so none could be matched.")


def test_only_what_was_found_can_be_matched(found):
    with pytest.raises(DataError, match="match: a Series was given"):
        match(found, found.labels)
