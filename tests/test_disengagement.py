"""Who is drifting away, on plain frames: guards, what a list finds, the model and its file."""

import dataclasses
import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from benchmarks.simulate import leaving

from workbench.analyses import disengagement
from workbench.analyses.disengagement import LeakageError, fit_frame, load, save
from workbench.analyses.disengagement.columns import read, rule_order
from workbench.analyses.disengagement.evaluating import evaluate, on_list
from workbench.analyses.disengagement.guards import area
from workbench.errors import DataError

DAY = pd.Timestamp("2025-10-01")
SECRET = "C0123"


def drawn(n=2000, seed=0, base=-3.0, rhythm=2.0):
    """People as they are known on a day, and who leaves: those out of their own rhythm."""
    dice = np.random.default_rng(seed)
    usual = np.exp(dice.normal(2, 0.8, n)).clip(1, 60)
    since = np.floor(usual * dice.exponential(1, n))
    features = pd.DataFrame(
        {
            "days_since_contact": since,
            "usual_gap": usual,
            "contacts_in_all": dice.poisson(200 / usual).astype(float),
            "need": dice.integers(1, 6, n).astype(float),
        }
    )
    odds = base + rhythm * (np.log1p(since) - np.log(usual))
    return features, (dice.random(n) < 1 / (1 + np.exp(-odds))).astype(int)


@pytest.fixture(scope="module")
def people():
    return drawn()


@pytest.fixture(scope="module")
def model(people):
    return fit_frame(*people)


def table(found):
    return found.table.set_index("ranking")


# --- the guards -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "known_until",
    [
        DAY,
        date(2025, 10, 1),
        "2025-10-01",
        pd.Series(DAY, range(2000)),
        pd.Timestamp("2025-10-01 23:59"),
    ],
    ids=["timestamp", "date", "text", "each row", "moment"],
)
def test_a_feature_dated_after_the_as_of_date_is_refused(people, known_until):
    features, label = people
    seen = pd.Series(DAY, features.index)
    seen[:7] += pd.Timedelta(days=1)
    with pytest.raises(LeakageError, match="last_seen in 7 rows of 2000: dated after the as-of"):
        fit_frame(features.assign(last_seen=seen), label, known_until)
    by_then = seen.clip(upper=DAY) + pd.Timedelta(hours=20)
    found = fit_frame(features.assign(last_seen=by_then), label, known_until)
    assert found.left_out == {"last_seen": "is a date: give the days up to the as-of date"}


@pytest.mark.parametrize("many", [list, np.array, pd.DatetimeIndex])
def test_an_as_of_date_for_each_row_may_come_as_a_list(people, many):
    features, label = people
    seen = features.assign(last_seen=pd.Timestamp("2025-10-02", tz="UTC"))
    with pytest.raises(LeakageError, match="last_seen in 1 rows"):
        fit_frame(seen, label, many([DAY] + [DAY + pd.Timedelta(days=2)] * 1999))
    with pytest.raises(DataError, match="known_until: has 6 rows, the features 2000"):
        fit_frame(seen, label, many([DAY] * 6))


def test_what_is_no_day_is_refused(people):
    features, label = people
    with pytest.raises(DataError, match=r"known_until: holds what is no day\. Give dates"):
        fit_frame(features.assign(last_seen=DAY), label, "next week")


def test_days_as_objects_are_days_too(people):
    features, label = people
    late = features.assign(last_seen=[date(2025, 10, 2)] * len(features))
    with pytest.raises(LeakageError, match="last_seen in 2000 rows"):
        fit_frame(late, label, DAY)


def test_each_row_has_an_as_of_date_of_its_own(people):
    features, label = people
    as_of = pd.Series(DAY, features.index)
    as_of[1000:] += pd.Timedelta(days=28)
    seen = pd.Series(DAY + pd.Timedelta(days=28), features.index)
    with pytest.raises(LeakageError, match="last_seen in 1000 rows"):
        fit_frame(features.assign(last_seen=seen), label, as_of)
    with pytest.raises(LeakageError, match="last_seen in 1000 rows"):
        fit_frame(features.assign(last_seen=seen, as_of_date=as_of), label)
    fit_frame(features.assign(last_seen=seen.where(as_of > DAY, DAY)), label, as_of)
    with pytest.raises(DataError, match=r"known_until: has 2000 rows, .* or another index"):
        fit_frame(features.assign(last_seen=seen), label, as_of.set_axis(range(1, 2001)))


def test_the_last_day_that_each_feature_uses_can_be_given_by_name(people):
    features, label = people
    features = features.assign(as_of_date=DAY)
    upto = {"days_since_contact": DAY, "need": DAY + pd.Timedelta(days=3)}
    for given in (upto, pd.Series(upto)):
        with pytest.raises(LeakageError, match="need in 2000 rows"):
            fit_frame(features, label, given)
    fine = {"days_since_contact": DAY, "need": DAY - pd.Timedelta(days=3)}
    for given in (fine, pd.Series(fine)):
        assert "as_of_date" not in set(fit_frame(features, label, given).terms["feature"])
    with pytest.raises(DataError, match="no column as_of_date to hold it against"):
        fit_frame(features.drop(columns="as_of_date"), label, upto)


def test_days_may_be_numbers(people):
    features, label = people
    with pytest.raises(LeakageError, match="last_day in 2000 rows"):
        fit_frame(features.assign(last_day=57), label, 56)
    fit_frame(features.assign(last_day=56), label, 56)


def test_an_evaluation_looks_for_later_dates_too(people, model):
    features, label = people
    late = features.assign(last_seen=DAY + pd.Timedelta(days=1))
    with pytest.raises(LeakageError, match="last_seen in 2000 rows"):
        model.evaluate(late, label, known_until=DAY)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_single_feature_that_all_but_says_who_leaves_is_refused(people, sign):
    features, label = people
    dice = np.random.default_rng(1)
    told = sign * (label + dice.normal(0, 0.45, len(label)))
    assert max(area(told, label.astype(float)), area(-told, label.astype(float))) > 0.92
    with pytest.raises(LeakageError, match=r"forms_sent \(0\.\d\d\): alone tells leavers"):
        fit_frame(features.assign(forms_sent=told), label)
    less = sign * (label + dice.normal(0, 1.2, len(label)))
    fit_frame(features.assign(forms_sent=less), label)


def test_a_word_or_a_gap_that_says_who_left_is_refused(people):
    features, label = people
    word = np.where(label == 1, "closed", "open")
    with pytest.raises(LeakageError, match="case: open"):
        fit_frame(features.assign(case=word), label)
    with pytest.raises(LeakageError, match="visit: is not known"):
        fit_frame(features.assign(visit=np.where(label == 1, np.nan, 1.0)), label)


def test_features_that_collapse_from_older_data_are_refused(people):
    features, label = people
    dice = np.random.default_rng(2)
    told = label + dice.normal(0, 0.65, len(label))
    now = features.assign(letters=told)
    with pytest.raises(LeakageError, match="letters: tells leavers well on the as-of date and not"):
        fit_frame(now, label, before=features.assign(letters=dice.normal(0, 1, len(label))))
    fit_frame(now, label, before=features.assign(letters=told + dice.normal(0, 1, len(label))))
    with pytest.raises(DataError, match="before: has 10 rows, the features 2000"):
        fit_frame(now, label, before=features[:10])


def test_people_who_had_left_are_refused_when_the_label_says_when(people):
    features, label = people
    left = pd.Series(pd.NaT, features.index).mask(label == 1, DAY + pd.Timedelta(days=10))
    found = fit_frame(features, left, DAY)
    assert found.training_events == label.sum()
    left[:3] = DAY
    with pytest.raises(LeakageError, match="label: 3 of 2000 people had left by the as-of date"):
        fit_frame(features, left, DAY)
    with pytest.raises(LeakageError, match="label: 3 of 2000"):  # the index is not what matters
        fit_frame(features.set_axis(range(5000, 7000)), left, DAY)
    as_objects = [None if pd.isna(day) else day.date() for day in left]
    with pytest.raises(LeakageError, match="label: 3 of 2000"):
        fit_frame(features, as_objects, DAY)
    with pytest.raises(DataError, match="no as-of date says which of them lie ahead"):
        fit_frame(features, left)


def test_a_cohort_of_people_who_had_left_is_refused():
    features, label = drawn(3000)
    gone = features[:500].assign(days_since_contact=900.0)
    with pytest.raises(LeakageError, match="of the 175 longest without contact 100% leave"):
        fit_frame(pd.concat([features, gone], ignore_index=True), [*label, *[1] * 500])


# --- what a list finds, by hand -------------------------------------------------------------------


def found(rule, model, label, k, **given):
    scores = {"rule": np.array(rule, float), "model": np.array(model, float)}
    return evaluate(scores, np.array(label, float), k, training_events=200, **given)


def test_a_list_of_six_people_by_hand():
    # the rule ranks a, b, c, d, e, f; a and d leave. The model has both of them in front.
    told = found([6, 5, 4, 3, 2, 1], [6, 3, 2, 5, 1, 0], [1, 0, 0, 1, 0, 0], 2)
    assert table(told)["auc"].to_dict() == {"rule": 6 / 8, "model": 1.0}
    assert table(told)["precision"].to_dict() == {"rule": 0.5, "model": 1.0}
    assert table(told)["recall"].to_dict() == {"rule": 0.5, "model": 1.0}
    assert table(told)["found"].to_dict() == {"rule": 1.0, "model": 2.0}
    assert (told.extra, told.n, told.events, told.k) == (1.0, 6, 2, 2)
    assert told.verdict == "cannot tell"  # two leavers


def test_equals_count_half_in_the_area_and_share_the_last_places_of_a_list():
    # scores 2, 1, 1, 1, 0; the second and the last leave; a list of two has one of three equals
    told = found([2, 1, 1, 1, 0], [0, 0, 0, 0, 0], [0, 1, 0, 0, 1], 2)
    rule = table(told).loc["rule"]
    assert rule["auc"] == (0 + 0.5 + 0.5 + 0 + 0 + 0) / 6
    assert rule["found"] == pytest.approx(1 / 3)
    assert rule["precision"] == pytest.approx(1 / 6)
    assert rule["recall"] == pytest.approx(1 / 6)
    nothing = table(told).loc["model"]
    assert (nothing["auc"], nothing["precision"]) == (0.5, pytest.approx(2 / 5))
    assert nothing["found"] == pytest.approx(4 / 5)


def test_lists_of_several_workers_are_filled_each_on_their_own():
    whose = pd.Series(["ann", "ann", "ann", "bob", "bob", "cy"])
    rule, model, left = [9, 8, 7, 3, 2, 1], [1, 2, 3, 1, 2, 3], [0, 0, 1, 1, 0, 1]
    one = found(rule, model, left, 1, within=whose)
    assert table(one)["found"].to_dict() == {"rule": 2.0, "model": 2.0}  # bob and cy; ann and cy
    assert (one.k, table(one).loc["rule", "precision"]) == (3, pytest.approx(2 / 3))
    two = found(rule, model, left, 2, within=whose)
    assert two.k == 5  # cy has one client only
    assert table(two)["found"].to_dict() == {"rule": 2.0, "model": 3.0}
    each = found(rule, model, left, {"ann": 3, "bob": 1, "cy": 1}, within=whose)
    assert table(each)["found"].to_dict() == {"rule": 3.0, "model": 2.0}
    assert table(each)["auc"].to_dict() == table(two)["auc"].to_dict()  # lists change no area
    assert table(each).loc["rule", "auc"] == pytest.approx((1 + 1 + 1) / 9 * 0 + 2 / 9)


def test_a_list_longer_than_there_are_people_holds_everyone():
    told = found([3, 2, 1], [1, 2, 3], [1, 0, 0], 10)
    assert told.k == 3
    assert table(told)["recall"].tolist() == [1.0, 1.0]
    assert table(told)["precision"].tolist() == [pytest.approx(1 / 3)] * 2


def test_who_is_on_a_list():
    whose = pd.Series(["ann", "bob", "ann", "bob", None])
    scores = np.array([1.0, 5.0, 2.0, 5.0, 0.0])
    assert on_list(scores, 2).tolist() == [False, True, False, True, False]
    assert on_list(scores, 1, whose).tolist() == [False, True, True, False, True]


def test_rows_of_one_client_are_drawn_together():
    dice = np.random.default_rng(0)
    label = (dice.random(400) < 0.3).astype(float)
    scores = {"rule": dice.normal(size=400), "model": dice.normal(size=400) + label}
    once = evaluate(scores, label, 40, training_events=200)
    four = {name: np.tile(values, 4) for name, values in scores.items()}
    who = pd.Series(np.tile(np.arange(400), 4))
    clients = evaluate(four, np.tile(label, 4), 160, client=who, training_events=200)
    rows = evaluate(four, np.tile(label, 4), 160, training_events=200)

    def width(told):
        return table(told).loc["model", "auc_upper"] - table(told).loc["model", "auc_lower"]

    assert width(clients) == pytest.approx(width(once), rel=0.15)
    assert width(rows) < 0.65 * width(once)
    assert clients.extra == pytest.approx(4 * once.extra)


def test_ten_leavers_are_ten_people():
    # one client who "leaves" on forty days is one, and no interval can come from that
    label = np.r_[np.ones(40), np.zeros(160)]
    who = pd.Series(np.r_[np.zeros(40), np.arange(1, 161)])
    one = found(label * 0, label, label, 20, client=who)
    assert one.verdict == "cannot tell"
    assert found(label * 0, label, label, 20).verdict == "use the model"


def test_a_row_without_a_client_is_a_client_of_its_own():
    label, score = np.r_[np.ones(20), np.zeros(80)], np.arange(100)
    nobody = pd.Series([None] * 100, dtype="str")
    without = found(score, -score, label, 10)
    assert without.verdict == "use the model"
    assert found(score, -score, label, 10, client=nobody).table.equals(without.table)
    some = nobody.where(np.arange(100) >= 15, "C1")
    assert found(score, -score, label, 10, client=some).verdict == "cannot tell"  # 6 who left


def test_intervals_hold_the_truth_in_nine_of_ten_draws_and_not_always():
    # precision at the top tenth and area of a score that is known; the 95 % interval of 200 people
    dice = np.random.default_rng(3)
    score = dice.normal(size=100_000)
    chance = 1 / (1 + np.exp(2 - score))
    area_true = area(score, (dice.random(100_000) < chance).astype(float))
    top_true = chance[score > np.quantile(score, 0.9)].mean()
    held = []
    for seed in range(120):
        some = np.random.default_rng(seed).choice(100_000, 200, replace=False)
        label = (np.random.default_rng(seed + 1000).random(200) < chance[some]).astype(float)
        scores = {"rule": score[some], "model": score[some]}
        row = table(evaluate(scores, label, 20, training_events=200, draws=200)).loc["rule"]
        held.append(
            [row[f"{what}_lower"] <= truth <= row[f"{what}_upper"]
             for what, truth in (("auc", area_true), ("precision", top_true))]
        )  # fmt: skip
    assert (np.mean(held, axis=0) >= 0.88).all()
    assert (np.mean(held, axis=0) < 1).all()


def test_where_nobody_is_found_the_interval_does_not_say_that_nobody_can_be():
    label = np.r_[np.zeros(30), np.ones(20), np.zeros(450)]
    told = table(found(np.arange(500)[::-1], np.arange(500), label, 25))
    assert told.loc["model", ["precision", "precision_lower"]].tolist() == [0, 0]
    assert 0.1 < told.loc["model", "precision_upper"] < 0.2


@pytest.mark.parametrize("k", [0, -1, 1.5, float("nan"), None, "5", {"ann": 0, "bob": 1}])
def test_a_length_that_is_none_is_refused(people, model, k):
    features, label = people
    whose = pd.Series(np.resize(["ann", "bob"], 2000)) if isinstance(k, dict) else None
    if k is None:
        assert model.evaluate(features, label).k == 100  # a twentieth
        return
    with pytest.raises(DataError, match=r"k: .* is no length of a list. Give a whole number from"):
        model.evaluate(features, label, k, within=whose)


def test_lists_are_named_in_no_error(people, model):
    features, label = people
    whose = pd.Series(np.resize([SECRET, "W2"], 2000))
    with pytest.raises(DataError, match="gives no length for 1 of 2 lists") as error:
        model.evaluate(features, label, {"W2": 3}, within=whose)
    assert SECRET not in str(error.value)
    with pytest.raises(DataError, match="k: 0 is no length") as error:
        model.evaluate(features, label, {SECRET: 0, "W2": 3}, within=whose)
    assert SECRET not in str(error.value)
    with pytest.raises(DataError, match="within does not say on whose list"):
        model.evaluate(features, label, {"W2": 3})


# --- the rule -------------------------------------------------------------------------------------


def test_the_rule_ranks_by_days_then_by_fewer_contacts():
    frame = pd.DataFrame({"since": [9, 9, 30, np.nan, 2], "seen": [4, 1, 7, 0, np.nan]})
    assert rule_order(frame, ("since", "seen")).tolist() == [2, 3, 4, 0, 1]
    assert rule_order(frame, ("since",)).tolist() == [2, 2, 3, 0, 1]
    assert rule_order(frame, ("-seen",)).tolist() == [2, 3, 1, 4, 0]
    assert rule_order(frame, ()).tolist() == [0] * 5


def test_the_rule_is_found_by_name_or_else_the_best_single_feature(people, model):
    features, label = people
    assert model.rule == ("days_since_contact", "contacts_in_all")
    named = fit_frame(features, label, rule=["usual_gap"])
    assert named.rule == ("usual_gap",)
    without = fit_frame(features.drop(columns="days_since_contact"), label)
    assert without.rule == ("-need",)  # of what is left, less need tells best, by chance
    with pytest.raises(DataError, match=r"rule: there is no feature 'needs'. Did you mean 'need'"):
        fit_frame(features, label, rule=["needs"])


# --- the model ------------------------------------------------------------------------------------


def test_a_rhythm_that_the_rule_cannot_see_is_found(people, model):
    assert model.verdict == "use the model"
    later = model.evaluate(*drawn(seed=1, n=4000))
    assert later.verdict == "use the model"
    assert later.extra_interval[0] > 0
    terms = model.terms.set_index("feature")["coefficient"]
    assert terms["days_since_contact"] > 0.3 and terms["usual_gap"] < -0.3
    assert abs(terms["need"]) < 0.3
    assert (model.terms["odds_ratio"] == np.exp(model.terms["coefficient"])).all()


def test_the_rule_is_used_where_it_is_the_truth():
    dice = np.random.default_rng(5)
    features, _ = drawn(3000, seed=5)
    since = features["days_since_contact"]
    label = (dice.random(3000) < 1 / (1 + np.exp(4.2 - np.log1p(since)))).astype(int)
    assert label.sum() > 100
    assert fit_frame(features, label).verdict == "use the rule"


def test_what_each_feature_adds_sums_to_the_log_odds_exactly(model):
    features, _ = drawn(300, seed=8)
    features = features.assign(need=features["need"].mask(features["need"] == 3))
    parts = model.contributions(features)
    assert parts.columns.tolist() == ["days_since_contact", "usual_gap", "contacts_in_all", "need"]
    chance = model.scores(features)
    assert np.allclose(
        model.intercept + parts.sum(axis=1), np.log(chance / (1 - chance)), rtol=0, atol=1e-9
    )
    assert chance.between(0, 1).all() and chance.index.equals(features.index)


def test_contributions_are_against_the_average_of_those_learnt_from(people, model):
    assert np.allclose(model.contributions(people[0]).mean(), 0, atol=1e-9)
    assert model.training_share == pytest.approx(people[1].mean())


def test_reasons_are_the_largest_parts_that_raise_the_chance(model):
    features, _ = drawn(500, seed=9)
    said = model.reasons(features)
    assert said.columns.tolist() == ["reason_1", "reason_2", "reason_3"]
    parts = model.contributions(features)
    gap = parts["days_since_contact"] + parts["usual_gap"]
    first = gap > parts[["contacts_in_all", "need"]].max(axis=1).clip(lower=0)
    assert first.any() and not first.all()
    spoken = said["reason_1"].str.contains("kept appointment|usually seen every")
    assert (spoken == first).all()
    lowest = parts.assign(gap=gap)[["gap", "contacts_in_all", "need"]].max(axis=1) <= 0
    assert (said.loc[lowest, "reason_1"] == "").all() and (lowest == (said["reason_1"] == "")).all()
    row = pd.DataFrame(
        {"days_since_contact": [19.0], "usual_gap": [6.0], "contacts_in_all": [20.0], "need": 3.0}
    )
    reason = model.reasons(row)["reason_1"][0]
    assert reason == "no kept appointment for 19 days; usually seen every 6"


def test_columns_of_words_gaps_and_counts(people):
    features, label = people
    dice = np.random.default_rng(4)
    more = features.assign(
        area=dice.choice(["north", "south", "far away"], 2000, p=[0.5, 0.498, 0.002]),
        homeless=dice.random(2000) < 0.3,
        debts=pd.Series(np.resize([1, 2.5, None, 4], 2000), dtype=object),
        score=np.where(dice.random(2000) < 0.2, np.nan, dice.normal(size=2000)),
        nearly=np.where(np.arange(2000) < 3, np.nan, dice.normal(size=2000)),
    )
    found = fit_frame(more, label, logged=["contacts_in_all"])
    terms = found.terms.set_index(["feature", "word"])
    assert ("area", "south") in terms.index and ("area", "far away") not in terms.index
    assert ("score", "is not known") in terms.index and ("score", "") in terms.index
    assert ("nearly", "is not known") not in terms.index
    assert ("homeless", "") in terms.index
    assert terms.loc["debts"].index.tolist() == ["", "is not known"]  # numbers, not words
    assert terms.loc[("contacts_in_all", ""), "logged"]
    assert terms.loc[("contacts_in_all", ""), "centre"] == pytest.approx(
        np.log1p(features["contacts_in_all"]).mean()
    )
    known = more.assign(score=more["score"].fillna(more["score"].median()))
    gap = found.contributions(more)["score"] - found.contributions(known)["score"]
    assert (gap != 0).sum() == more["score"].isna().sum()  # that nothing is known is told apart


def test_what_cannot_be_used_is_left_out_with_its_reason(people):
    features, label = people
    odd = features.assign(
        empty=np.nan,
        same=3.0,
        word="yes",
        notes=[f"note {i}" for i in range(2000)],
        client_id=[SECRET] * 2000,
        seen=DAY,
    )
    found = fit_frame(odd, label)
    assert found.left_out == {
        "empty": "is empty",
        "same": "is the same for everybody",
        "word": "has no two words that 20 people share",
        "notes": "has 2000 different words",
        "seen": "is a date: give the days up to the as-of date",
    }
    assert set(found.terms["feature"]) == set(features)


def test_a_word_that_few_people_have_is_no_column():
    features = pd.DataFrame({"x": np.arange(60.0), "area": ["a"] * 30 + ["b"] * 27 + ["rare"] * 3})
    columns, _ = read(features)
    assert [each.name for each in columns] == ["x", "area: b"]


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_numbers_without_end_are_refused(people, model, value):
    features, label = people
    endless = features.assign(need=features["need"].where(features.index > 2, value))
    for asked in (lambda: fit_frame(endless, label), lambda: model.scores(endless)):
        with pytest.raises(DataError, match=r"need: 3 values have no end. Leave them empty"):
            asked()


def test_counts_below_zero_are_refused_when_learning_and_when_scoring(people):
    features, label = people
    model = fit_frame(features, label, logged=["contacts_in_all"])
    below = features.assign(contacts_in_all=-1.0)
    for asked in (
        lambda: fit_frame(below, label, logged=["contacts_in_all"]),
        lambda: model.scores(below),
    ):
        with pytest.raises(DataError, match="contacts_in_all: 2000 of 2000 below 0, and a count"):
            asked()


def test_features_that_are_not_there_or_are_words_are_refused(people, model):
    features, label = people
    with pytest.raises(DataError, match=r"there is no usual_gap, need. Give the same features"):
        model.scores(features.drop(columns=["usual_gap", "need"]))
    with pytest.raises(DataError, match="need: holds words, and the model reads numbers"):
        model.scores(features.assign(need="high"))
    ruled = dataclasses.replace(model, rule=("months_away",))
    with pytest.raises(DataError, match="there is no months_away, which the rule ranks by"):
        ruled.evaluate(features, label)
    with pytest.raises(DataError, match="columns are named by numbers"):
        fit_frame(features.set_axis(range(4), axis=1), label)
    with pytest.raises(DataError, match="need stands there twice"):
        fit_frame(pd.concat([features, features[["need"]]], axis=1), label)


def test_labels_that_are_none_are_refused(people, model):
    features, label = people
    for bad in ([2] * 2000, [None] * 2000, ["left"] * 2000, [0.5] * 2000):
        with pytest.raises(DataError, match="label: 2000 of 2000 are neither 1"):
            fit_frame(features, bad)
    with pytest.raises(DataError, match="label: has 3 rows, the features 2000"):
        fit_frame(features, label[:3])
    with pytest.raises(DataError, match="client: has 3 rows, the features 2000"):
        fit_frame(features, label, client=pd.Series(range(3)))
    with pytest.raises(DataError, match="within: has 3 rows, the features 2000"):
        model.evaluate(features, label, within=pd.Series(range(3)))
    with pytest.raises(DataError, match="there is nobody in them"):
        fit_frame(features[:0], label[:0])
    with pytest.raises(DataError, match="there is nobody in them"):
        model.evaluate(features[:0], label[:0])


def test_labels_in_another_order_are_refused(people, model):
    features, label = people
    turned = pd.Series(label, features.index)[::-1]
    with pytest.raises(DataError, match="label: has the same people as the features in another"):
        fit_frame(features, turned)
    with pytest.raises(DataError, match="label: has the same people as the features in another"):
        model.evaluate(features, turned)
    aligned = turned.loc[features.index]
    assert fit_frame(features, aligned).coefficients == model.coefficients


def test_true_and_false_and_numbers_are_the_same_label(people, model):
    features, label = people
    assert fit_frame(features, label.astype(bool)).coefficients == model.coefficients
    assert fit_frame(features, pd.Series(label, dtype="Int64")).intercept == model.intercept


# --- few people, and all alike --------------------------------------------------------------------


@pytest.mark.parametrize("everyone", [0, 1])
def test_where_nobody_or_everybody_leaves_nothing_can_be_told(people, everyone):
    features, _ = people
    label = np.full(2000, everyone)
    found = fit_frame(features, label)
    assert found.verdict == "cannot tell"
    assert found.terms["coefficient"].abs().sum() == 0
    assert np.allclose(found.scores(features), everyone, atol=1e-5)
    assert (found.reasons(features) == "").all(axis=None)
    told = found.evaluate(features, label)
    assert told.verdict == "cannot tell"
    assert table(told)["auc"].isna().all()
    assert "too few" in told.sentence and "nan" not in told.sentence


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_a_handful_of_clients(people, n):
    features, _ = people
    few = features[:n].assign(area=np.resize(["north", "south"], n))
    found = fit_frame(few, np.resize([1, 0], n))
    assert found.verdict == "cannot tell"
    assert found.scores(few).between(0, 1).all()
    assert len(found.reasons(few)) == n
    assert "Use the rule" in found.sentence


def test_one_client_who_comes_again_and_again_is_no_reason_to_use_a_model():
    dice = np.random.default_rng(6)
    label = (dice.random(600) < 0.4).astype(int)
    features = pd.DataFrame({"since": dice.normal(size=600), "told": label + dice.normal(size=600)})
    found = fit_frame(features, label, client=pd.Series(["C1"] * 600), rule=["since"])
    assert found.about["people"] == 1
    assert found.verdict == "cannot tell"


def test_fewer_than_a_hundred_leavers_cannot_tell(people):
    features, label = people
    few = pd.Series(label) * (np.cumsum(label) <= 99)
    assert fit_frame(features, few).verdict == "cannot tell"
    enough = pd.Series(label) * (np.cumsum(label) <= 100)
    assert fit_frame(features, enough).verdict != "cannot tell"


def test_no_feature_at_all(people):
    _, label = people
    found = fit_frame(pd.DataFrame({"same": np.ones(2000)}), label)
    assert found.rule == () and found.verdict == "use the rule"
    assert np.allclose(found.scores(pd.DataFrame({"same": [1.0]})), label.mean())


def test_an_index_that_stands_twice(people, model):
    features, label = people
    twice = features.set_axis(np.resize(np.arange(1000), 2000))
    found = fit_frame(twice, label)
    assert found.coefficients == model.coefficients
    assert found.reasons(twice).index.equals(twice.index)
    assert np.array_equal(found.contributions(twice), model.contributions(features))
    assert found.evaluate(twice, label).table.equals(model.evaluate(features, label).table)


# --- the same again -------------------------------------------------------------------------------


def test_the_same_data_give_the_same_answer(people, model):
    again = fit_frame(*people)
    assert again == model
    assert again.validation.table.equals(model.validation.table)
    other = fit_frame(*people, seed=1)
    assert other.coefficients == model.coefficients
    assert not other.validation.table.equals(model.validation.table)


def test_the_order_of_rows_does_not_matter(people):
    features, label = people
    who = pd.Series([f"C{i}" for i in range(2000)])
    plain = fit_frame(features, label, client=who)
    order = np.random.default_rng(0).permutation(2000)
    mixed = fit_frame(
        features.iloc[order].reset_index(drop=True), label[order],
        client=who.iloc[order].reset_index(drop=True),
    )  # fmt: skip
    assert np.allclose(mixed.coefficients, plain.coefficients, atol=1e-6)
    assert mixed.about["data"] == plain.about["data"]
    assert mixed.verdict == plain.verdict
    assert np.allclose(mixed.validation.table.iloc[:, 1:], plain.validation.table.iloc[:, 1:])
    assert mixed.validation.extra_interval == pytest.approx(plain.validation.extra_interval)


def test_nothing_that_is_given_is_changed(people, model):
    features, label = people
    before, kept = features.copy(), label.copy()
    model.evaluate(features, label, client=pd.Series(range(2000)))
    model.reasons(features)
    pd.testing.assert_frame_equal(features, before)
    assert (label == kept).all()


def test_the_last_day_is_the_test_where_there_are_several(people):
    features, label = people
    days = pd.Series(DAY, features.index).where(features.index < 1500, DAY + pd.Timedelta(days=28))
    found = fit_frame(features, label, days)
    assert found.validation.n == 500
    assert found.validation.training_events == label[:1500].sum()
    assert found.training_events == label.sum()
    assert found.about["known_until"] == "2025-10-29"


def test_clients_are_never_on_both_sides_of_the_test():
    # what is learnt by heart of a client (a number of its own) does not help on other clients
    dice = np.random.default_rng(7)
    own = np.repeat(dice.normal(size=100), 20)
    label = np.repeat((dice.random(100) < 0.4).astype(int), 20)
    features = pd.DataFrame(
        {f"c{i}": own**2 * (np.repeat(np.arange(100), 20) == i) for i in range(60)}
    )
    features["since"] = dice.normal(size=2000)
    who = pd.Series(np.repeat(np.arange(100), 20))
    by_row = fit_frame(features, label, rule=["since"])
    by_client = fit_frame(features, label, rule=["since"], client=who)
    assert table(by_row.validation).loc["model", "auc"] > 0.65
    assert table(by_client.validation).loc["model", "auc"] < 0.6


# --- the file -------------------------------------------------------------------------------------


def test_a_model_is_kept_as_numbers_and_read_again(people, model, tmp_path):
    features, _ = people
    place = tmp_path / "model.json"
    mark = save(model, place)
    again = load(place)
    assert again == dataclasses.replace(model, validation=None)
    assert again.scores(features).equals(model.scores(features))
    assert again.reasons(features).equals(model.reasons(features))
    assert again.sentence == "Use the model: it was tested against the rule when it was made."
    assert json.loads(place.read_text())["sha256"] == mark
    assert save(again, tmp_path / "again.json") == mark
    assert (tmp_path / "again.json").read_bytes() == place.read_bytes()


def test_a_file_with_words_gaps_and_what_was_left_out(people, tmp_path):
    features, label = people
    more = features.assign(
        area=np.resize(["nörth", "south"], 2000), empty=np.nan,
        need=features["need"].mask(features["need"] == 5),
    )  # fmt: skip
    model = fit_frame(more, label, pd.Timestamp(DAY), logged=["contacts_in_all"])
    save(model, tmp_path / "m.json")
    again = load(tmp_path / "m.json")
    assert again == model  # what it was tested by is not compared
    assert again.left_out == {"empty": "is empty"}
    assert again.scores(more).equals(model.scores(more))
    assert "nörth" not in model.terms["word"].tolist()  # the first word is what others are against


def test_a_changed_byte_is_refused(model, tmp_path):
    place = tmp_path / "model.json"
    save(model, place)
    whole = place.read_bytes()
    dice, refused = np.random.default_rng(0), []
    for at in dice.choice(len(whole) - 2, 60, replace=False):
        changed = bytearray(whole)
        changed[at] = ord("7") if changed[at] != ord("7") else ord("3")
        place.write_bytes(bytes(changed))
        refused.append(is_refused(place))
        if not refused[-1]:  # the last of 17 digits may be the same number
            assert load(place) == dataclasses.replace(model, validation=None)
    assert sum(refused) >= 55


def is_refused(place):
    try:
        load(place)
    except DataError as error:
        assert str(error).startswith(
            ("model.json: the content does not match", "model.json: this is no model")
        )
        return True
    return False


def test_a_changed_coefficient_is_refused_and_so_is_what_is_no_model(model, tmp_path):
    place = tmp_path / "model.json"
    save(model, place)
    card = json.loads(place.read_text())
    card["coefficients"][0] += 1e-9
    place.write_text(json.dumps(card))
    with pytest.raises(DataError, match=r"changed after it was saved. Fit the model again"):
        load(place)
    for text in ("", "[]", "{}", '{"sha256": "x"}', "\x00\xff", "null"):
        place.write_text(text)
        with pytest.raises(DataError, match=r"model\.json: this is no model"):
            load(place)
    with pytest.raises(DataError, match=r"nowhere\.json: this is no model"):
        load(tmp_path / "nowhere.json")


def test_a_file_holds_no_person(people, tmp_path):
    features, label = people
    who = [f"{SECRET}{i}" for i in range(2000)]
    model = fit_frame(features.assign(client_id=who, name=SECRET), label)
    save(model, tmp_path / "m.json")
    assert SECRET not in (tmp_path / "m.json").read_text()
    assert model.about["people"] == 2000
    assert "name" not in model.left_out


def test_the_public_names_are_there():
    assert set(disengagement.__all__) >= {
        "Evaluation", "LeakageError", "Model", "Study", "fit", "fit_frame", "load", "save", "study"
    }  # fmt: skip
    assert issubclass(LeakageError, DataError)


# --- the simulation of benchmarks/simulate/leaving.py, in small -----------------------------------


def share(asked, *given, times):
    """How often each question of a truth is answered with yes."""
    drawn_ = [asked(np.random.default_rng([7, seed]), *given) for seed in range(times)]
    return {name: float(np.mean([each[name] for each in drawn_])) for name in drawn_[0]}


def test_a_model_is_seldom_used_that_finds_no_more_than_the_rule():
    nothing = share(leaving.later, "nothing", 0.15, times=8)
    ruled = share(leaving.later, "the days since contact", 0.15, times=8)
    lists = share(leaving.lists, "nothing", 0.15, 300, times=8)
    used = [
        value
        for each in (nothing, ruled, lists)
        for name, value in each.items()
        if name.startswith("the model is used")
    ]
    assert len(used) == 7
    assert np.mean(used) < 0.04 and max(used) <= 1 / 8


def test_a_model_is_used_that_knows_the_own_rhythm():
    found = share(leaving.later, "the own rhythm", 0.15, times=10)
    assert found["the model is used, tested on 2,000"] >= 0.6
    assert found["the model is used, tested on 500"] > 0
    for n in ("500", "2,000"):
        assert found[f"the interval of those found beyond the rule holds the truth, {n}"] >= 0.8


def test_the_truths_are_what_they_say():
    dice = np.random.default_rng(0)
    frame = leaving.people(dice, 20_000)
    for truth in leaving.TRUTHS:
        for base in leaving.BASES:
            chance = leaving.chances(frame, truth, base)
            assert chance.mean() == pytest.approx(base, abs=1e-3)
    order = rule_order(frame, leaving.RULE)
    ruled = leaving.chances(frame, "the days since contact", 0.05)
    assert pd.Series(ruled).corr(pd.Series(order), method="spearman") > 0.99
    rhythm = pd.Series(leaving.chances(frame, "the own rhythm", 0.05))
    assert rhythm.corr(frame["gap_in_usual_gaps"], method="spearman") > 0.999
    assert rhythm.corr(frame["days_since_contact"], method="spearman") < 0.9
