import itertools
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from statsmodels.api import Logit

from workbench import case_mix
from workbench.analyses import comparison
from workbench.analyses.comparison import adjusting, clustering, fitting
from workbench.errors import DataError


def people(first, second, not_known=(0, 0)):
    """(successes, known) with the mark and without it, and how many are not known."""
    rows = []
    for mark, (successes, known), missing in zip((1, 0), (first, second), not_known, strict=True):
        rows += [(mark, 1)] * successes + [(mark, 0)] * (known - successes)
        rows += [(mark, None)] * missing
    return pd.DataFrame(rows, columns=["support", "success"])


def compare(frame, **more):
    return comparison.compare(frame, group="support", outcome="success", **more)


def clients(seed=5, n=600, effect=0.0, confounding=0.8, **more):
    """Severity decides who gets the support and how it comes out; the support adds `effect`."""
    dice = np.random.default_rng(seed)
    severity, age = dice.integers(1, 4, n), dice.normal(40, 10, n)
    support = dice.random(n) < expit(confounding * (severity - 2))
    chance = expit(-confounding * (severity - 2) + effect * support)
    columns = {"support": support.astype(int), "success": (dice.random(n) < chance).astype(float)}
    worker = dice.integers(0, 12, n)
    return pd.DataFrame(
        columns | {"severity": severity.astype(str), "age": age, "worker": worker} | more
    )


# --- what is compared ---------------------------------------------------------------------------


def test_the_difference_is_of_those_whose_outcome_is_known():
    found = compare(people((56, 70), (48, 80), not_known=(2, 3)))
    assert (found.n, found.known, found.successes) == ((72, 83), (70, 80), (56, 48))
    assert found.not_known == (2, 3)
    assert found.difference == pytest.approx(56 / 70 - 48 / 80)
    assert "Not known, and in none of the shares: 2 and 3 outcomes." in found.notes


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((160, 200), (120, 200), "higher"),
        ((120, 200), (160, 200), "lower"),
        ((101, 200), (100, 200), "no clear difference"),
        ((9, 9), (0, 200), "too few to tell"),
        ((10, 20), (10, 20), "too few to tell"),
    ],
)
def test_each_verdict_from_counts(first, second, verdict):
    assert compare(people(first, second)).verdict == verdict


def test_few_people_are_counted_and_not_judged():
    found = compare(people((6, 7), (2, 7)))
    assert found.verdict == "too few to tell"
    assert np.round(found.interval, 4).tolist() == [0.0582, 0.8062]
    assert found.sentence == (
        "'success' is recorded for 6 of 7 people with 'support', and for 2 of 7 without. "
        "Too few to tell."
    )


def test_the_sentence_says_the_numbers_and_that_nothing_is_adjusted():
    assert compare(people((56, 70), (48, 80))).sentence == (
        "'success' is recorded for 80% of 70 people with 'support', and for 60% of 80 without. "
        "That is 20 points higher, probably 5.2 to 33 points higher. "
        "The groups may differ in other ways: this is not adjusted."
    )


def test_true_and_false_are_marks_too():
    frame = people((56, 70), (48, 80))
    as_bool = frame.assign(support=frame["support"].astype(bool))
    assert compare(as_bool).interval == compare(frame).interval
    nullable = frame.astype({"support": "boolean", "success": "Int64"})
    assert compare(nullable).interval == compare(frame).interval


def test_people_without_a_mark_are_left_out_and_counted():
    frame = people((56, 70), (48, 80)).astype("Float64")
    frame.loc[len(frame)] = [pd.NA, 1]
    found = compare(frame)
    assert found.n == (70, 80)
    assert found.left_out["not known whether they have the group's mark"] == 1
    assert any("1 (not known whether" in each for each in found.notes)


def test_the_same_clients_twice_give_the_same_interval():
    frame = people((56, 70), (48, 80)).assign(person=range(150))
    twice = pd.concat([frame, frame], ignore_index=True)
    found = compare(twice, client="person")
    assert found.interval == compare(frame).interval
    assert found.left_out["a further row of a client who is counted"] == 150
    assert compare(twice, client=twice["person"].to_numpy()).interval == found.interval


def test_nothing_given_is_changed():
    frame = clients()
    before = frame.copy(deep=True)
    compare(frame, case_mix=["severity", "age"], cluster="worker", client=np.arange(len(frame)))
    pd.testing.assert_frame_equal(frame, before)


def test_the_same_seed_gives_the_same_answer_and_another_nearly():
    frame = clients()
    first, again, other = (compare(frame, case_mix=["severity"], seed=s) for s in (1, 1, 2))
    assert first.adjusted_interval == again.adjusted_interval
    assert first.adjusted_interval != other.adjusted_interval
    assert first.adjusted_interval == pytest.approx(other.adjusted_interval, abs=0.02)


# --- what cannot be compared --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [((0, 0), (10, 20)), ((10, 20), (0, 0)), ((0, 0), (0, 0))],
)
def test_one_group_alone_is_too_few(first, second):
    found = compare(people(first, second))
    assert found.verdict == "too few to tell"
    assert found.difference is None
    assert found.interval is None


def test_nothing_but_successes_is_no_difference():
    found = compare(people((100, 100), (100, 100)), case_mix=[])
    assert (found.difference, found.verdict) == (0, "no clear difference")
    assert (found.e_value, found.e_value_limit) == (1, 1)


def test_more_than_one_in_ten_not_known_gives_bounds_and_no_verdict():
    found = compare(people((80, 100), (60, 100), not_known=(13, 12)))
    assert found.verdict == "too much not known"
    assert found.bounds == pytest.approx((80 / 113 - 72 / 112, 93 / 113 - 60 / 112))
    assert found.adjusted_difference is None
    assert found.sentence == (
        "Too much is not known to compare. Whatever the missing ones are, the difference lies from "
        "6.5 to 29 points higher."
    )


def test_one_in_ten_not_known_is_not_yet_too_much():
    found = compare(people((72, 90), (54, 90), not_known=(10, 10)))
    assert found.verdict == "higher"


def test_groups_that_differ_in_what_is_not_known_are_not_judged():
    found = compare(people((80, 100), (60, 100), not_known=(0, 6)))
    assert found.verdict == "too much not known"
    assert compare(people((80, 100), (57, 95), not_known=(0, 5))).verdict == "higher"


def test_all_problems_are_said_at_once():
    frame = people((5, 10), (5, 10)).assign(when=pd.Timestamp("2025-01-01"))
    with pytest.raises(DataError) as refused:
        comparison.compare(frame, "suport", "success", case_mix=["when", "agee"], cluster=[1, 2])
    assert list(refused.value.problems) == [
        "group: the frame has no column 'suport'. Did you mean 'support'?",
        "case_mix: the frame has no column 'agee'. There are: support, success, when.",
        "case_mix: 'when' holds dates. Give a number, such as an age, or a word.",
        "cluster: 2 values for 20 rows. Give one for each row.",
    ]


def test_marks_and_outcomes_are_one_and_zero():
    frame = people((5, 10), (5, 10)).astype({"success": object})
    frame.loc[3, "success"] = "yes"
    frame.loc[4, "support"] = 2
    with pytest.raises(DataError) as refused:
        compare(frame)
    assert list(refused.value.problems) == [
        "support: 1 of 20 are neither 1 nor 0 nor empty, first at row 5. "
        "Give 1 for those in the group and 0 for the others.",
        "success: 1 of 20 are neither 1 nor 0 nor empty, first at row 4. "
        "Give 1 for achieved, 0 for not achieved, empty for not known.",
    ]


def test_the_group_is_no_case_mix_and_no_outcome():
    frame = people((5, 10), (5, 10))
    with pytest.raises(DataError, match=r"'support' is the group\. Leave it out"):
        compare(frame, case_mix=["support"])
    with pytest.raises(DataError, match="'support' is the group too"):
        comparison.compare(frame, "support", "support")


# --- clusters -----------------------------------------------------------------------------------


def of_workers(spread, seed=0, each=40):
    """Twelve workers: how often they give the support, and how it comes out, differ."""
    dice = np.random.default_rng(seed)
    worker = np.repeat(np.arange(12), each)
    success, support = dice.normal(0, spread, 12), dice.normal(0, spread, 12)
    marked = dice.random(len(worker)) < expit(support[worker])
    result = dice.random(len(worker)) < expit(success[worker])
    return pd.DataFrame(
        {"support": marked.astype(int), "success": result.astype(int), "worker": worker}
    )


def test_workers_who_differ_widen_the_interval():
    frame = of_workers(1.0)
    plain, wide = compare(frame), compare(frame, cluster="worker")
    assert wide.design_effect > 1.3
    assert wide.interval[0] < plain.interval[0]
    assert wide.interval[1] > plain.interval[1]
    assert wide.difference == plain.difference
    assert compare(frame, cluster=frame["worker"].to_numpy()).interval == wide.interval


def test_workers_who_do_not_differ_leave_newcombes_interval():
    frame = people((56, 70), (48, 80))
    frame["worker"] = np.arange(len(frame)) % 10
    found = compare(frame, cluster="worker")
    assert found.design_effect == 1
    assert np.round(found.interval, 4).tolist() == [0.0524, 0.3339]


def test_one_worker_for_everyone_is_said():
    found = compare(people((56, 70), (48, 80)).assign(worker="W1"), cluster="worker")
    assert np.round(found.interval, 4).tolist() == [0.0524, 0.3339]
    assert any("All have the same worker" in each for each in found.notes)


def test_a_group_of_one_workers_clients_is_too_few():
    frame = people((56, 70), (48, 80))
    frame["worker"] = np.where(frame["support"] == 1, "W1", np.arange(150) % 5)
    found = compare(frame, cluster="worker")
    assert found.verdict == "too few to tell"
    assert "all clients of one of the groups had the same worker" in found.sentence


def test_the_spread_of_clusters_is_that_of_a_regression():
    """Bell and McCaffrey's variance, against the definition with whole matrices."""
    frame = of_workers(1.0, each=8)
    y, marked = frame["success"].to_numpy(float), frame["support"].to_numpy() == 1
    found = clustering.spread(y, np.ones(len(y)), marked, frame["worker"].to_numpy())
    x = np.column_stack([np.ones(len(y)), marked])
    bread = np.linalg.inv(x.T @ x)
    rest = np.eye(len(y)) - x @ bread @ x.T
    columns = []
    for worker in range(12):
        own = (frame["worker"] == worker).to_numpy()
        values, vectors = np.linalg.eigh(rest[np.ix_(own, own)])
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        columns.append(rest[:, own] @ root @ x[own] @ bread[:, 1])
    g = np.column_stack(columns)
    assert found.variance == pytest.approx(float(((g.T @ y) ** 2).sum()))
    gram = g.T @ g
    assert found.freedom == pytest.approx(np.trace(gram) ** 2 / (gram**2).sum())


def test_intervals_for_clusters_cover_the_truth_as_often_as_they_say():
    """Twelve workers who differ in success and in whom they give the support; no difference."""
    hits = np.zeros(2)
    for seed in range(300):
        frame = of_workers(0.8, seed, each=30)
        sides = [frame.loc[frame["support"] == mark, "success"] for mark in (1, 0)]
        recorded, known = [each.sum() for each in sides], [len(each) for each in sides]
        marked = frame["support"].to_numpy() == 1
        worker, values = frame["worker"].to_numpy(), frame["success"].to_numpy(float)
        off = clustering.spread(values, np.ones(len(values)), marked, worker)
        both = [
            clustering.widened_interval(recorded, known, effect, quantile)
            for effect, quantile in ((1.0, clustering.NORMAL), (off.effect, off.quantile))
        ]
        hits += [low <= 0 <= high for low, high in both]
    plain, wide = hits / 300
    assert plain < 0.92
    assert 0.93 <= wide <= 0.985


# --- adjusted -----------------------------------------------------------------------------------


def test_adjusting_takes_away_what_severity_makes_of_the_difference():
    found = compare(clients(), case_mix=["severity", "age"])
    assert found.interval[1] < 0  # the support seems bad: those worse off get it
    assert found.verdict == "no clear difference"
    assert found.adjusted_difference == pytest.approx(0, abs=0.06)
    assert found.rests_on == (found.adjusted_difference, found.adjusted_interval)
    assert found.adjusted_for == ("severity", "age")
    assert "No clear difference between people alike in severity and age" in found.sentence


def test_adjusting_finds_what_is_there():
    frame = clients(n=1200, effect=1.0, confounding=0.5)
    found = compare(frame, case_mix=["severity", "age"])
    chances = [expit(-0.5 * (frame["severity"].astype(int) - 2) + each) for each in (1.0, 0.0)]
    truth = (chances[0] - chances[1])[frame["support"] == 1].mean()
    assert found.verdict == "higher"
    assert found.adjusted_interval[0] < truth < found.adjusted_interval[1]
    assert found.adjusted_difference == pytest.approx(truth, abs=0.06)
    assert 1 < found.e_value_limit < found.e_value


def test_the_adjusted_difference_is_that_of_the_published_formula():
    frame = clients(n=400)
    found = compare(frame, case_mix=["severity"])
    x = np.column_stack([np.ones(400), *(frame["severity"] == each for each in "12")]).astype(float)
    marked, y = frame["support"].to_numpy() == 1, frame["success"].to_numpy()
    chance = Logit(marked.astype(float), x).fit(disp=0).predict(x)
    outcome = Logit(y, np.column_stack([x, marked])).fit(disp=0)
    rest = y - outcome.predict(np.column_stack([x, np.zeros(400)]))
    weights = (chance / (1 - chance))[~marked]
    expected = rest[marked].mean() - np.average(rest[~marked], weights=weights)
    assert found.adjusted_difference == pytest.approx(expected, abs=1e-7)


def test_weighing_makes_the_groups_alike():
    balance = compare(clients(), case_mix=["severity", "age"]).balance
    assert balance.columns.tolist() == ["covariate", "before", "after"]
    assert balance["covariate"].tolist() == ["severity: 1", "severity: 2", "severity: 3", "age"]
    assert balance["before"].max() > 0.3
    assert balance["after"].max() < 0.05


def test_draws_are_fitted_as_one_by_one():
    frame = clients(n=200)
    x = case_mix.columns(frame[["severity", "age"]]).design
    counts = np.random.default_rng(0).poisson(1, (20, 200)).astype(float)
    rows = fitting.design(x, frame["success"])
    start = fitting.fit(rows, np.ones(200))
    exact = np.vstack([fitting.fit(rows, each) for each in counts])
    np.testing.assert_allclose(fitting.fit_draws(rows, counts, start), exact, atol=1e-3)


def test_rows_are_drawn_as_often_as_the_people_in_them(monkeypatch):
    times = np.array([5.0, 60.0, 35.0])
    of_row = np.repeat(np.arange(3), times.astype(int))
    spreads = []
    for many in (1000, 10):  # people are drawn, rows are drawn
        monkeypatch.setattr(adjusting, "MANY_ALIKE", many)
        counts = np.concatenate(list(adjusting._drawn(of_row, times, 2, 1)))
        assert counts.shape == (adjusting.DRAWS, 3)
        assert (counts.sum(1) == 100).all()
        assert counts.mean(0) == pytest.approx(times, abs=1)
        spreads.append(counts.std(0))
    assert spreads[0] == pytest.approx(spreads[1], rel=0.1)
    assert spreads[1] == pytest.approx(np.sqrt(times * (1 - times / 100)), rel=0.1)


def test_clusters_never_narrow_the_adjusted_interval():
    frame = clients()
    alone = compare(frame, case_mix=["severity"]).adjusted_interval
    frame["success"] = ((frame["worker"] + frame["success"] * 6) % 12 > 5).astype(float)
    plain, wide = (compare(frame, case_mix=["severity"], cluster=c) for c in (None, "worker"))
    assert wide.adjusted_interval[0] <= plain.adjusted_interval[0]
    assert wide.adjusted_interval[1] >= plain.adjusted_interval[1]
    assert alone[0] < alone[1]


def test_too_few_outcomes_for_the_case_mix_leave_it_unadjusted():
    frame = clients(n=100)
    frame["success"] = (np.arange(100) < 25).astype(float)
    found = compare(frame, case_mix=["severity", "age"])
    assert found.adjusted_difference is None
    assert found.adjusted_for == ()
    assert any("Not adjusted for case mix" in each for each in found.notes)
    assert found.balance["after"].isna().all()
    assert compare(frame, case_mix=["age"]).adjusted_difference is not None


def test_a_covariate_that_is_the_group_cannot_be_adjusted_for():
    frame = clients()
    frame["flat"] = np.where(frame["support"] == 1, "own", "shared")
    found = compare(frame, case_mix=["flat"])
    assert found.verdict == "too different to compare"
    assert found.adjusted_difference is None
    assert "Too different to compare" in found.sentence


def test_groups_hardly_anybody_could_be_in_both_of_are_too_different():
    found = compare(clients(n=2000, confounding=3.0), case_mix=["severity"])
    assert found.verdict == "too different to compare"


def test_a_rare_support_is_not_refused_for_being_rare():
    dice = np.random.default_rng(0)
    frame = clients(n=4000, confounding=0.2)
    frame = frame[(frame["support"] == 0) | (dice.random(4000) < 0.06)]
    assert frame["support"].mean() < 0.07
    assert compare(frame, case_mix=["severity"]).adjusted_difference is not None


def test_every_row_the_same_leaves_nothing_to_adjust_for():
    found = compare(clients(country="here"), case_mix=["country"])
    assert found.adjusted_difference is None
    assert "Not adjusted for country: alike for everyone here." in found.notes
    assert found.balance.empty


def test_a_covariate_said_twice_counts_once():
    frame = clients()
    frame["age_in_months"], frame["again"] = frame["age"] * 12, frame["severity"]
    once = compare(frame, case_mix=["severity", "age"])
    twice = compare(frame, case_mix=["severity", "age", "age_in_months", "again", "age"])
    assert twice.adjusted_difference == pytest.approx(once.adjusted_difference, abs=1e-9)
    assert any("Left out, as other columns say the same" in each for each in twice.notes)


def test_what_is_not_recorded_is_a_category_and_nobody_is_dropped():
    frame = clients()
    frame.loc[frame.index[:60], "severity"] = None
    frame.loc[frame.index[30:80], "age"] = np.nan
    found = compare(frame, case_mix=["severity", "age"])
    assert sum(found.known) == len(frame)
    covariates = found.balance["covariate"].tolist()
    assert covariates[3:] == ["severity: not recorded", "age", "age: not recorded"]


def test_yes_and_no_and_numbers_of_any_size_can_be_adjusted_for():
    dice = np.random.default_rng(0)
    frame = clients(big=dice.normal(1e12, 1e9, 600), small=dice.normal(0, 1e-9, 600))
    frame["on_probation"] = pd.array(dice.random(600) < 0.4, dtype="boolean")
    found = compare(frame, case_mix=["big", "small", "on_probation"])
    assert np.isfinite(found.adjusted_interval).all()


def test_a_draw_without_a_rare_category_stays_finite():
    frame = clients(n=300)
    frame["ward"] = np.where(np.arange(300) % 25 == 0, "rare", "usual")
    frame.loc[frame["ward"] == "rare", "success"] = 1.0
    found = compare(frame, case_mix=["ward"])
    assert np.isfinite(found.adjusted_interval).all()


def test_intervals_of_adjusted_differences_cover_the_truth():
    """Nothing is there, severity hides it: 200 data sets of 300 clients."""
    covered = 0
    for seed in range(200):
        frame = clients(seed, n=300, confounding=0.4)
        mix = case_mix.columns(frame[["severity"]])
        marked, y = frame["support"].to_numpy() == 1, frame["success"].to_numpy()
        weighing = adjusting.weigh(mix.design, mix.traits, marked)
        _, (low, high) = adjusting.adjusted(mix.design, marked, y, weighing, None, seed)
        covered += low <= 0 <= high
    assert 0.92 <= covered / 200 <= 0.99


# --- pooled odds --------------------------------------------------------------------------------


def test_strata_that_say_nothing_are_counted():
    frame = people((30, 50), (20, 50)).assign(site="near")
    alone = people((5, 10), (0, 0)).assign(site="far")
    found = comparison.pooled_odds_ratio(
        pd.concat([frame, alone], ignore_index=True), "support", "success", strata="site"
    )
    assert found.odds_ratio == pytest.approx((30 * 30) / (20 * 20))
    assert (found.strata, found.people) == (1, 100)
    assert found.notes == ("1 strata say nothing: one group, or one result, only.",)


def test_no_stratum_with_both_results_in_both_groups_cannot_tell():
    found = comparison.pooled_odds_ratio(
        people((10, 10), (10, 10)).assign(site="a"), "support", "success", strata="site"
    )
    assert np.isnan(found.odds_ratio)
    assert found.notes[-1] == "Cannot tell: no stratum has both results in both groups."


def test_strata_have_to_be_there():
    with pytest.raises(DataError, match=r"no column 'sit'\. Did you mean 'site'"):
        comparison.pooled_odds_ratio(
            people((5, 10), (5, 10)).assign(site="a"), "support", "success", strata="sit"
        )


# --- small and strange --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "marks", "outcome"),
    list(
        itertools.product((0, 1, 2, 15, 40), (0.0, 0.5, 1.0), ("one", "zero", "mixed", "unknown"))
    ),
)
def test_anything_small_or_constant_gives_a_verdict_and_no_warning(n, marks, outcome):
    values = {"one": 1.0, "zero": 0.0, "unknown": np.nan}.get(outcome)
    frame = pd.DataFrame(
        {
            "support": (np.arange(n) < marks * n).astype(int),
            "success": np.arange(n) % 2 if values is None else np.full(n, values),
            "worker": np.arange(n) % 3,
            "same": "x",
            "age": np.arange(n, dtype=float),
        }
    )
    found = compare(frame, case_mix=["same", "age"], cluster="worker", client=np.arange(n))
    assert found.verdict in (
        "too few to tell", "too much not known", "no clear difference", "too different to compare",
    )  # fmt: skip
    assert found.sentence


def test_no_case_mix_may_be_said_in_two_ways():
    assert compare(clients(), case_mix=None).interval == compare(clients(), case_mix=()).interval


@pytest.mark.parametrize("names", [["severity"], ("severity",), np.array(["severity"]), "severity"])
def test_names_of_case_mix_may_come_in_any_row(names):
    assert compare(clients(), case_mix=names).adjusted_for == ("severity",)


def test_the_order_of_the_people_changes_nothing():
    frame = clients(n=400)
    first, second = (
        compare(each, case_mix=["severity", "age"], cluster="worker")
        for each in (frame, frame.sample(frac=1, random_state=1))
    )
    assert first.adjusted_difference == pytest.approx(second.adjusted_difference, abs=1e-9)
    assert first.adjusted_interval == pytest.approx(second.adjusted_interval, abs=1e-9)


def test_case_mix_that_says_the_outcome_leaves_nothing_to_compare():
    frame = clients(effect=1.0)
    found = compare(frame.assign(left_well=frame["success"]), case_mix=["left_well"])
    assert found.verdict == "too different to compare"
    assert found.adjusted_difference is None
    assert "already says how it came out" in found.sentence


def test_a_group_that_says_the_outcome_is_not_adjusted_to_a_certainty():
    frame = clients(confounding=0.1)
    found = compare(frame.assign(success=frame["support"]), case_mix=["severity"])
    assert found.adjusted_interval is None
    assert found.interval[0] < 1
    assert "within each group everyone alike came out the same" in " ".join(found.notes)


def test_half_and_half_are_far_apart_and_not_alike():
    frame = clients()
    found = compare(frame.assign(flat=frame["support"].astype(str)), case_mix=["flat"])
    assert found.balance["before"].min() > 1


def test_numbers_that_come_as_objects_are_numbers():
    frame = clients()
    whole = frame["age"].round()
    plain = compare(frame.assign(age=whole), case_mix=["age"])
    for kind in (Decimal, int):
        given = frame.assign(age=[kind(int(each)) for each in whole]).astype({"age": "object"})
        assert compare(given, case_mix=["age"]).adjusted_interval == plain.adjusted_interval


def test_more_case_mix_than_can_be_worked_with_is_refused_in_words():
    x = np.ones((30_000, 201))
    with pytest.raises(DataError, match="30,000 different people in 201 columns are too many"):
        fitting.design(x, np.ones(30_000))
    frame = pd.DataFrame({"area": np.arange(200_000).astype(str)})
    with pytest.raises(DataError, match="Put values together, such as workers in teams"):
        case_mix.columns(frame, whole=("area",))


def test_one_worker_for_all_rows_has_to_be_given_for_each():
    with pytest.raises(DataError, match="cluster: 1 values for 600 rows"):
        compare(clients(), cluster=3)
