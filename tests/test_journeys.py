import dataclasses

import numpy as np
import pandas as pd
import pytest
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS

import workbench as wb
from workbench import charts, sample
from workbench.analyses import journeys
from workbench.analyses.journeys.result import difference_figures
from workbench.disclosure import require_protected
from workbench.display import Text
from workbench.errors import DataError, SettingsError

EXACT = {"disclosure": {"profile": "public", "basis": "drawn in a test"}}
EXITS = {"exits": {"disengagement": ["Lost"], "completion": ["Completed"], "neither": ["Died"]}}
ASKED = {"journeys": {"support": "advice", "event": "arrest", "competing": ["Died"]}}


def frame(*rows):
    """One row a client: support_day, outcome_day, end_day."""
    return pd.DataFrame(rows, columns=["support_day", "outcome_day", "end_day"])


def many(early, early_events, others, other_events, end=365):
    """Two groups at day 56, all followed to `end`, their events on day 100."""
    return frame(
        *[(10, 100 if n < early_events else None, end) for n in range(early)],
        *[(None, 100 if n < other_events else None, end) for n in range(others)],
    )


def nothing_matters(seed, n=300, followed=None):
    """Supports at random days up to 200 for 7 in 10, outcomes whatever happens, some leave."""
    dice = np.random.default_rng(seed)
    end = np.floor(np.minimum(dice.exponential(400, n), dice.uniform(60, 700, n)))
    end = end if followed is None else np.full(n, float(followed))
    support = np.where(dice.random(n) < 0.7, dice.integers(1, 200, n), np.nan)
    outcome = np.floor(dice.exponential(330, n)) + 1
    outcome[outcome > end] = np.nan
    support[(support > end) | (support > outcome)] = np.nan  # it ends with the stay or the outcome
    columns = {"support_day": support, "outcome_day": outcome, "end_day": end}
    return pd.DataFrame(columns)


# --- cumulative incidence -----------------------------------------------------------------------


def test_incidence_is_the_share_of_all_when_everyone_was_followed():
    table = journeys.cumulative_incidence([1, 2, 3, 4, 5], [1, 2, 1, 0, 0]).table
    assert table.columns.tolist() == ["time", "cause", "incidence", "se"]
    first = table[table["cause"] == 1]
    assert first["time"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(first["incidence"], [0.2, 0.2, 0.4])
    np.testing.assert_allclose(first["se"], [np.sqrt(p * (1 - p) / 5) for p in (0.2, 0.2, 0.4)])


def test_incidence_with_one_cause_is_one_minus_survival():
    found = journeys.cumulative_incidence([1, 2, 2, 3, 5], [1, 1, 0, 0, 1])
    np.testing.assert_allclose(found.table["incidence"], [0.2, 0.4, 1.0])


def test_incidence_beside_an_end_that_rules_it_out_is_less_than_one_minus_kaplan_meier():
    time, cause = [1, 2, 3, 4, 5, 6], [2, 1, 2, 1, 0, 0]
    by_then, _ = journeys.cumulative_incidence(time, cause).at(6)
    assert by_then == pytest.approx(2 / 6)
    as_if_censored, _ = journeys.cumulative_incidence(time, [0, 1, 0, 1, 0, 0]).at(6)
    assert as_if_censored > by_then


def test_incidences_of_all_causes_and_those_still_free_add_up_to_everyone():
    dice = np.random.default_rng(4)
    time, cause = dice.integers(1, 40, 200), dice.integers(0, 4, 200)
    found = journeys.cumulative_incidence(time, cause)
    together = sum(found.at(20, each)[0] for each in (1, 2, 3))
    whole, _ = journeys.cumulative_incidence(time, np.minimum(cause, 1)).at(20)
    assert together == pytest.approx(whole)


def test_incidence_without_an_event_is_an_empty_table():
    found = journeys.cumulative_incidence([3, 4], [0, 0])
    assert found.table.empty
    assert found.at(4) == (0.0, 0.0)


def test_the_last_standard_error_is_a_number_when_nobody_is_left():
    table = journeys.cumulative_incidence([1, 2, 3], [1, 2, 1]).table
    assert np.isfinite(table["se"]).all()


def test_what_cannot_be_a_duration_or_a_cause_is_refused_all_at_once():
    with pytest.raises(DataError) as refused:
        journeys.cumulative_incidence([1, None, -3], [1, 0, 0.5])
    assert list(refused.value.problems) == [
        "duration: 1 of 3 are missing or not numbers, first at row 2. "
        "Leave those out, and say how many they are.",
        "duration: 1 of 3 are below 0, first at row 3. The event must not come before the start.",
        "cause: 1 of 3 are neither 0 (still here) nor 1, 2, ... (which event), first at row 3.",
    ]


# --- early, or not by then ----------------------------------------------------------------------


def test_groups_are_formed_at_the_close_of_the_landmark_and_only_later_outcomes_count():
    found = journeys.early_or_late(
        frame(
            (56, 57, 300),  # support on the landmark itself is early; outcome the day after counts
            (57, None, 300),  # support the day after is not by then
            (None, 200, 300),  # never is not by then
            (5, 56, 300),  # the outcome had come by then
            (5, None, 56),  # gone by then
            (5, 400, 300),  # an outcome after the end is not seen
            (200, 100, 300),  # support after the outcome does not matter
        )
    )
    assert found.n == (2, 3)
    assert found.events == (1, 2)
    assert found.dropped == {"outcome by day 56": 1, "gone by day 56": 1}


def test_when_all_are_followed_equally_long_the_difference_is_that_of_shares_with_newcombe():
    found = journeys.early_or_late(many(70, 56, 80, 48))  # Newcombe (1998), row (a)
    assert found.difference == pytest.approx(56 / 70 - 48 / 80)
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.horizon == 365 - 56
    assert found.verdict == "higher"


@pytest.mark.parametrize(
    ("groups", "verdict"),
    [
        ((100, 20, 100, 50), "lower"),
        ((100, 50, 100, 20), "higher"),
        ((100, 30, 100, 33), "no clear difference"),
        ((9, 1, 100, 50), "too few to tell"),
        ((100, 2, 100, 2), "too few to tell"),
        ((100, 0, 100, 0), "too few to tell"),
        ((100, 100, 100, 100), "no clear difference"),
    ],
)
def test_each_verdict(groups, verdict):
    found = journeys.early_or_late(many(*groups))
    assert found.verdict == verdict
    assert found.sentence


def test_who_has_no_end_was_followed_to_the_last_day_that_occurs():
    drawn = frame(*[(10, 80, None)] * 6, *[(10, None, None)] * 14, *[(None, 300, None)] * 20)
    found = journeys.early_or_late(drawn)
    assert found.horizon == 300 - 56
    assert found.incidence == pytest.approx((0.3, 1.0))


def test_an_end_that_rules_the_outcome_out_is_not_taken_for_being_lost_to_sight():
    rows = [(10, None, 100)] * 10 + [(10, 200, 300)] * 5 + [(10, None, 300)] * 5
    rows += [(None, 200, 300)] * 10 + [(None, None, 300)] * 10
    drawn = frame(*rows)
    died = drawn.assign(competing=drawn["end_day"] == 100)
    assert journeys.early_or_late(died).incidence == pytest.approx((0.25, 0.5))
    assert journeys.early_or_late(died).competing == (10, 0)
    left = journeys.early_or_late(drawn)
    assert left.incidence == pytest.approx((0.5, 0.5))


def test_the_horizon_is_a_time_to_which_both_groups_could_be_followed():
    rows = [(10, None, 56 + day) for day in range(1, 101)]
    rows += [(None, None, 56 + 3 * day) for day in range(1, 101)]
    found = journeys.early_or_late(frame(*rows))
    assert found.horizon == 91  # ten of the first group are still followed then


def test_the_logrank_test_is_that_of_the_groups():
    found = journeys.early_or_late(many(100, 20, 100, 50))
    assert found.logrank.p < 0.001
    assert journeys.early_or_late(many(20, 0, 20, 0)).logrank is None
    assert journeys.early_or_late(many(20, 10, 0, 0)).logrank is None


@pytest.mark.parametrize(
    "drawn",
    [
        frame(),
        frame(*[(None, None, None)] * 30),
        frame(*[(1, 60, 100)] * 30),
        frame(*[(1, None, 57)] * 30, *[(None, 57, 57)] * 30),
        frame(*[(1, None, 40)] * 30),
    ],
    ids=["nobody", "nothing recorded", "one group", "one day", "all gone"],
)
def test_what_tells_nothing_gets_a_verdict_and_no_warning(drawn):
    found = journeys.early_or_late(drawn)
    assert found.verdict in ("too few to tell", "higher", "lower")
    assert found.sentence
    assert journeys.event_rates(drawn.assign(outcome_days=None)).verdict == "too few to tell"


def test_what_is_not_a_day_is_refused_all_at_once():
    drawn = pd.DataFrame({"support_day": ["soon", 3], "outcome_day": [1, None]})
    with pytest.raises(DataError) as refused:
        journeys.early_or_late(drawn)
    assert list(refused.value.problems) == [
        "frame: there is no column end_day. Give support_day, outcome_day, end_day: days from the "
        "start, empty for never.",
        "support_day: 1 of 2 are not days from the start, first at row 1. Give whole numbers, "
        "empty for never.",
    ]


def test_frames_are_left_as_they_were_and_may_be_of_any_integer_type():
    drawn = many(30, 10, 30, 20).astype({"support_day": "Int64", "outcome_day": "Int64"})
    before = drawn.copy()
    assert journeys.early_or_late(drawn).n == (30, 30)
    pd.testing.assert_frame_equal(drawn, before)


def test_ever_and_never_differ_where_nothing_matters_and_the_landmark_does_not():
    found = [journeys.early_or_late(nothing_matters(seed)).verdict for seed in range(200)]
    false = sum(verdict in ("lower", "higher") for verdict in found)
    assert false / 200 <= 0.09  # 5 % and three standard errors
    fooled = 0
    for seed in range(20):
        drawn = nothing_matters(seed, followed=365)
        had, came = drawn["support_day"].notna(), drawn["outcome_day"].notna()
        fooled += came[had].mean() < came[~had].mean() - 0.1
    assert fooled == 20


# --- events that come again ---------------------------------------------------------------------


def again(early, others, end=56 + 365):
    """A row a client: days of their events, for those with early support and the others."""
    return pd.DataFrame(
        [{"support_day": 10, "end_day": end, "outcome_days": days} for days in early]
        + [{"support_day": None, "end_day": end, "outcome_days": days} for days in others]
    )


def test_rates_count_every_event_after_the_landmark_for_as_long_as_each_was_followed():
    drawn = again(
        early=[[60, 70], [20], []] * 10, others=[[60, 70, 80], [100, 56], [57, 421, 422]] * 10
    )
    found = journeys.event_rates(drawn)
    assert found.n == (30, 30)
    assert found.events == (20, 60)  # not on day 20 or 56, nor on day 422, after the end
    assert found.years == pytest.approx((30 * 365 / 365.25,) * 2)
    assert found.rates[0] == pytest.approx(20 / (30 * 365 / 365.25))
    assert found.ratio == pytest.approx(1 / 3, rel=1e-3)
    assert found.verdict == "lower"


def test_scatter_beyond_chance_widens_the_interval():
    even = journeys.event_rates(again([[100]] * 100, [[100, 101]] * 100))
    uneven = journeys.event_rates(
        again([[100] * 10] * 10 + [[]] * 90, [[100] * 20] * 10 + [[]] * 90)
    )
    assert even.model == "Poisson, robust"
    assert even.verdict == "lower"
    assert uneven.model == "negative binomial"
    assert uneven.ratio == pytest.approx(even.ratio, rel=0.01)
    assert uneven.verdict == "no clear difference"


def test_the_robust_ratio_is_that_of_a_poisson_regression():
    drawn = again([[100], [], [100, 200]] * 10, [[100], [100, 150]] * 15)
    found = journeys.event_rates(drawn)
    count = drawn["outcome_days"].map(len).to_numpy(float)
    design = np.column_stack([np.ones(60), drawn["support_day"].notna()]).astype(float)
    fitted = GLM(count, design, family=Poisson(), exposure=np.full(60, 365 / 365.25)).fit()
    assert found.model == "Poisson, robust"
    assert np.log(found.ratio) == pytest.approx(fitted.params[1])
    half = np.log(found.interval[1] / found.interval[0]) / 2
    assert half == pytest.approx(1.96 * fitted.bse[1], rel=1e-3)  # scattered less than by chance


def test_few_events_or_people_are_too_few():
    assert journeys.event_rates(again([[100]] * 9, [[100]] * 30)).verdict == "too few to tell"
    found = journeys.event_rates(again([[]] * 30, [[100]] * 30))
    assert (found.verdict, found.ratio) == ("too few to tell", None)


def test_days_of_events_that_are_no_days_are_refused():
    with pytest.raises(DataError, match="outcome_days: 1 of 2 are not days from the start"):
        journeys.event_rates(again([["then"]], [[5]]))
    with pytest.raises(DataError, match="no column outcome_days"):
        journeys.event_rates(frame())


# --- on records ---------------------------------------------------------------------------------


def day(number):
    return (pd.Timestamp("2025-01-01") + pd.Timedelta(days=number)).date().isoformat()


def stay(number, end=None, reason=None, **more):
    return {
        "enrolment_id": f"E{number}",
        "client_id": f"C{number}",
        "start_date": day(0),
        "end_date": None if end is None else day(end),
        "exit_reason": reason,
        **more,
    }


def supported(number, on=10, support="advice"):
    return {"enrolment_id": f"E{number}", "support": support, "start_date": day(on)}


def arrested(number, on, status="achieved"):
    return {
        "enrolment_id": f"E{number}",
        "outcome": "arrest",
        "outcome_date": day(on),
        "status": status,
    }


def charity(workspace, settings=EXACT, **more):
    """60 clients: half with early advice, of whom 5 are arrested on day 100; of the others 20."""
    rows = {
        "enrolments": [stay(n) for n in range(60)],
        "supports": [supported(n) for n in range(30)],
        "outcomes": [arrested(n, 100) for n in [*range(5), *range(30, 50)]],
    }
    return workspace(**(rows | more), settings=settings | EXITS | ASKED, as_of="2025-12-31")


def test_timing_is_told_from_the_records(workspace):
    found = journeys.timing(charity(workspace))
    assert found.answer.n == (30, 30)
    assert found.answer.events == (5, 20)
    assert found.answer.verdict == "lower"
    assert list(found.landmarks) == [56, 28, 84]
    assert found.rates.events == (5, 20)
    assert found.sentence.startswith("Of about 60 clients who were still with us on day 56")
    assert found.title == "'arrest' was rarer among those who had started advice by day 56"


def test_only_a_clients_first_enrolment_counts(workspace):
    rows = [stay(n) for n in range(60)]
    rows += [stay(n + 100) | {"client_id": f"C{n}", "start_date": day(50)} for n in range(20)]
    found = journeys.timing(charity(workspace, enrolments=rows))
    assert sum(found.answer.n) == 60
    assert found.left_out["a further enrolment of a client who is counted"] == 20


def test_an_event_that_was_not_achieved_did_not_happen(workspace):
    said = [arrested(n, 100, "not achieved") for n in range(60)]
    assert journeys.timing(charity(workspace, outcomes=said)).answer.events == (0, 0)


def test_exits_that_settings_call_competing_rule_the_event_out_and_others_do_not(workspace):
    rows = [stay(n, end=90, reason="Died" if n < 10 else "Lost") for n in range(20)]
    rows += [stay(n) for n in range(20, 60)]
    found = journeys.timing(charity(workspace, enrolments=rows)).answer
    assert found.competing == (10, 0)


def test_the_landmark_of_settings_is_the_answer_and_another_may_be_asked(workspace):
    found = journeys.timing(charity(workspace), landmark_days=84)
    assert list(found.landmarks) == [84, 28]
    assert found.primary == 84


def test_what_is_not_named_is_refused_or_told_beforehand(workspace):
    data = workspace(enrolments=[stay(1)], supports=[supported(1)], outcomes=[arrested(1, 5)])
    with pytest.raises(SettingsError) as refused:
        journeys.timing(data)
    assert len(refused.value.problems) == 2
    assert journeys.why_not(data).startswith("The settings name no support whose timing is asked")
    assert "no event whose timing" in journeys.why_not(data, "advice")
    assert "no support called 'advise'" in journeys.why_not(data, "advise", "arrest")
    assert journeys.why_not(data, "advice", "arrest") == ""


def test_without_supports_or_outcomes_it_cannot_be_told(workspace):
    nothing = workspace(enrolments=[stay(1)], settings=ASKED | EXITS)
    assert journeys.why_not(nothing).startswith("This export has no supports")
    half = workspace(enrolments=[stay(1)], supports=[supported(1)], settings=ASKED | EXITS)
    assert journeys.why_not(half).startswith("This export has no outcomes")


def test_published_tables_of_timing_are_protected_and_rounded(workspace):
    data = charity(workspace, settings={})
    found = journeys.timing(data)
    table = journeys.timing_table(data, found)
    for each in (
        table,
        journeys.difference_table(data, found),
        journeys.rates_table(data, found),
        journeys.incidence_table(data, found),
    ):
        require_protected(each)
    assert table["people"].tolist()[:2] == [30, 30]
    assert table["with_event"].isna().all()  # 5 of 30 are few, and give the others away
    assert table["incidence"].dropna().mul(10).round(6).mod(1).eq(0).all()  # in steps of 10 points


def test_a_group_of_fewer_than_twenty_has_no_difference_shown(workspace):
    rows = {
        "enrolments": [stay(n) for n in range(115)],
        "supports": [supported(n) for n in range(15)],
    }
    data = charity(workspace, settings={}, **rows)
    table = journeys.difference_table(data, journeys.timing(data))
    assert table["difference"].isna().all()
    assert table["compared"].tolist() == [115] * 3
    assert "too small to show percentages" in journeys.timing(data).sentences[0]


def test_a_few_events_give_neither_their_share_nor_the_difference_away(workspace):
    few = charity(workspace, settings={}, outcomes=[arrested(n, 100) for n in range(6, 36)])
    found = journeys.timing(few)
    assert found.answer.by_horizon == (24, 6)
    assert journeys.timing_table(few, found)["incidence"].isna().all()
    assert journeys.difference_table(few, found)["difference"].isna().all()
    curve = journeys.incidence_table(few, found).set_index(["group", "time"])["incidence"]
    assert curve["not by then"].dropna().index.max() == 4  # day 84: nobody yet; later a few
    assert "too small to show" in found.sentences[3]


def test_the_curve_from_exact_counts_is_the_share_of_everyone(workspace):
    data = charity(workspace)
    curve = journeys.incidence_table(data, journeys.timing(data)).set_index(["group", "time"])
    assert curve.loc[("started by then", 0), "incidence"] == 0
    assert curve.loc[("started by then", 8), "incidence"] == pytest.approx(5 / 30, abs=1e-3)
    assert curve.loc[("not by then", 8), "incidence"] == pytest.approx(20 / 30, abs=1e-3)


# --- where people are ---------------------------------------------------------------------------


def test_everyone_is_in_one_state_in_each_week(workspace):
    rows = [stay(n) for n in range(20)]  # seen on day 5, and again on day 100
    rows += [stay(n, end=30, reason="Lost") for n in range(20, 30)]
    rows += [stay(n, end=60, reason="Completed") for n in range(30, 35)]
    rows += [stay(n, end=90, reason="Died") for n in range(35, 40)]
    contacts = [
        {"enrolment_id": f"E{n}", "contact_date": day(on), "attended": True}
        for n in range(40)
        for on in (5, 100)
    ]
    data = workspace(enrolments=rows, contacts=contacts, settings=EXACT | EXITS)
    found = journeys.states_table(data, weeks=20).set_index(["week", "state"])["people"]
    assert found.groupby("week").sum().eq(40).all()
    assert found[0, "in contact"] == 40
    assert found[4, "in contact"] == 40  # day 28: the last four weeks begin on day 1
    assert found[5, "lost contact"] == 10
    assert found[5, "with us, no contact for 4 weeks"] == 30
    assert found[15, "in contact"] == 20
    assert found[20, "with us, no contact for 4 weeks"] == 20
    assert (found[20, "completed"], found[20, "left otherwise"]) == (5, 5)


def test_only_those_who_could_be_followed_for_all_weeks_are_in_it(workspace):
    rows = [stay(n) for n in range(10)] + [stay(99) | {"start_date": "2025-12-01"}]
    data = workspace(enrolments=rows, settings=EXACT)
    table = journeys.states_table(data, weeks=26)
    assert set(table["of"]) == {10}
    assert set(table["state"]) >= {"with us"}  # no contact is on record


# --- paths --------------------------------------------------------------------------------------


def test_a_path_is_programme_supports_in_order_and_end(workspace):
    rows = [stay(n, end=80, reason="Completed", programme="Home") for n in range(12)]
    rows += [stay(n, programme="Home") for n in range(12, 15)]
    given = [supported(n, on=20, support="debt") for n in range(12)]
    given += [supported(n, on=10) for n in range(12)]
    given += [supported(n, on=30) for n in range(12)]  # again: not a step of its own
    data = workspace(enrolments=rows, supports=given, settings=EXACT | EXITS)
    table = journeys.paths_table(data)
    assert table["path"].tolist() == ["Home → advice → debt → completed", "other paths"]
    assert table["people"].tolist() == [12, 3]
    assert journeys.paths_told(table).startswith("The most frequent path, taken by 10 clients")


def test_paths_of_few_are_not_shown_by_themselves(workspace):
    table = journeys.paths_table(workspace(enrolments=[stay(n) for n in range(9)], settings=EXACT))
    assert table["path"].tolist() == ["other paths"]
    assert journeys.paths_told(table).startswith("No path was taken by 10 clients or more")


def test_the_network_adds_up_from_column_to_column(workspace):
    rows = [stay(n, programme="A" if n < 20 else "B") for n in range(50)]
    given = [supported(n) for n in range(30)] + [supported(n, 20, "debt") for n in range(15)]
    data = workspace(enrolments=rows, supports=given, settings=EXACT | EXITS)
    table = journeys.network_table(data)
    assert table.groupby("step")["people"].sum().tolist() == [50, 50, 50]
    first = table[table["step"] == "Programme → First support"].set_index(["origin", "target"])
    assert first["people"].to_dict() == {
        ("A", "advice"): 20, ("B", "advice"): 10, ("B", "no support"): 20,
    }  # fmt: skip


def test_rare_supports_are_put_together(workspace):
    given = [supported(n, support=f"kind {n // 12}") for n in range(60)]
    data = workspace(enrolments=[stay(n) for n in range(60)], supports=given, settings=EXACT)
    table = journeys.network_table(data)
    places = table[table["step"] == "Programme → First support"]["target"]
    assert sorted(places) == ["kind 0", "kind 1", "kind 2", "other support"]


# --- missed contacts ----------------------------------------------------------------------------


def appointments(missed_on_friday, attended=True, clients=60, times=False):
    """One contact a client on every working day of two weeks; on Fridays a share is missed."""
    rows = []
    for n in range(clients):
        for each in range(14):
            when = pd.Timestamp("2025-03-03") + pd.Timedelta(days=each)
            if when.day_of_week > 4:
                continue
            share = missed_on_friday if when.day_of_week == 4 else 0.2
            hour = f"{9 + (n + each) % 3:02d}:30" if times else "00:00"
            rows.append(
                {
                    "enrolment_id": f"E{n}",
                    "contact_date": when.date().isoformat(),
                    "contact_at": f"{when.date().isoformat()} {hour}:00",
                    "attended": attended or (n * 7 + each * 13) % 100 >= 100 * share,
                }
            )
    return rows


def test_a_day_on_which_more_is_missed_stands_out_and_does_not_make_the_others_look_good(workspace):
    rows = appointments(0.7, attended=False)
    data = workspace(enrolments=[stay(n) for n in range(60)], contacts=rows, settings=EXACT)
    table = journeys.missed_table(data).set_index("when")
    assert table["kind"].eq("day").all()  # midnight everywhere is no time of day
    assert table.loc["Friday", "reading"] == "more"
    others = table.loc[["Monday", "Tuesday", "Wednesday", "Thursday"]]
    assert others["reading"].eq("no clear difference").all()
    rest = others["missed"].sum() / others["offered"].sum()
    assert table.loc["Friday", "difference"] == pytest.approx(table.loc["Friday", "share"] - rest)
    assert journeys.missed_told(table.reset_index()).startswith("On Friday: ")


def test_days_and_hours_are_counted_as_comparisons_together(workspace):
    rows = appointments(0.2, attended=False, times=True)
    data = workspace(enrolments=[stay(n) for n in range(60)], contacts=rows, settings=EXACT)
    table = journeys.missed_table(data)
    assert table[table["kind"] == "hour"]["when"].tolist() == ["09:00", "10:00", "11:00"]
    assert "8 comparisons were made (5 days of the week and 3 hours)" in journeys.missed_told(table)
    by_hour = journeys.missed_by_hour_table(data)
    assert len(by_hour) == 15
    assert by_hour["offered"].sum() == 600


def test_the_interval_of_a_difference_is_that_of_a_regression_clustered_by_client(workspace):
    rows = appointments(0.5, attended=False)
    data = workspace(enrolments=[stay(n) for n in range(60)], contacts=rows, settings=EXACT)
    friday = journeys.missed_table(data).set_index("when").loc["Friday"]
    drawn = pd.DataFrame(rows)
    inside = pd.to_datetime(drawn["contact_date"]).dt.day_of_week == 4
    design = np.column_stack([np.ones(len(drawn)), inside])
    missed = 1.0 - drawn["attended"].to_numpy(float)
    clients = {"groups": pd.factorize(drawn["enrolment_id"])[0], "df_correction": True}
    fitted = OLS(missed, design.astype(float)).fit(cov_type="cluster", cov_kwds=clients)
    small = (len(drawn) - 1) / (len(drawn) - 2)  # its correction for the number of columns
    half = (friday["upper"] - friday["lower"]) / 2
    assert friday["difference"] == pytest.approx(fitted.params[1])
    assert half == pytest.approx(2.0010 * fitted.bse[1] / np.sqrt(small), rel=1e-3)


def test_where_misses_are_never_recorded_it_is_said_and_nothing_is_shown(workspace):
    rows = appointments(0.2)
    data = workspace(enrolments=[stay(n) for n in range(60)], contacts=rows, settings=EXACT)
    assert journeys.missed_why_not(data).startswith("Missed contacts are never recorded")
    assert journeys.missed_table(data).empty
    assert journeys.missed_by_hour_table(data).empty


def test_an_export_that_seldom_records_a_miss_cannot_say_when(workspace):
    rows = appointments(0.2)
    rows[0] = rows[0] | {"attended": False}
    data = workspace(enrolments=[stay(n) for n in range(60)], contacts=rows, settings=EXACT)
    assert journeys.missed_why_not(data).startswith("Fewer than one in a hundred contacts")


def test_days_with_few_contacts_are_too_few(workspace):
    rows = appointments(0.5, attended=False, clients=10)
    data = workspace(enrolments=[stay(n) for n in range(10)], contacts=rows, settings=EXACT)
    assert journeys.missed_table(data)["reading"].eq("too few").all()


# --- charts -------------------------------------------------------------------------------------


def test_charts_draw_the_tables_and_say_in_words_what_they_show(workspace):
    data = charity(workspace)
    found = journeys.timing(data)
    curve = charts.incidence(journeys.incidence_table(data, found), found.title, by="group")
    assert curve.description.startswith("Curves of 'arrest' was rarer")
    bands = charts.states(journeys.states_table(data), "Where people are")
    assert "At 26 weeks: 100% with us" in bands.description
    ways = charts.flows(journeys.network_table(data), "Ways")
    assert "between Programme, First support, Second support, How it ended" in ways.description
    for chart in (curve, bands, ways):
        for width in (charts.WIDE, charts.NARROW):
            assert "<svg" in charts.draw(chart.to_dict(), width)


def test_charts_of_nobody_say_so(workspace):
    data = workspace(enrolments=[{"enrolment_id": "E1", "referral_date": "2025-01-01"}])
    assert isinstance(charts.states(journeys.states_table(data), "Where"), Text)
    assert isinstance(charts.flows(journeys.network_table(data), "Ways"), Text)
    assert journeys.paths_table(data).empty
    assert "Too few clients" in journeys.states_told(journeys.states_table(data))


def test_a_chart_with_too_many_states_is_refused(workspace):
    table = journeys.states_table(charity(workspace)).assign(week=0)
    table["state"] = [f"state {n}" for n in range(len(table))]
    with pytest.raises(DataError, match="At most 5"):
        charts.states(table)


# --- the synthetic charity ----------------------------------------------------------------------


@pytest.fixture(scope="module", params=["planted", "nothing planted"])
def synthetic(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        source = ""
        if request.param == "nothing planted":
            source = tmp_path_factory.mktemp("plain")
            sample.write(source, effects=False)
        data = wb.open("settings/sample.toml", as_of="2025-11", scope=wb.EVERYONE, source=source)
        yield data, request.param == "planted"


def test_early_support_and_fewer_arrests_are_found_where_they_were_planted(synthetic):
    data, planted = synthetic
    found = journeys.timing(data)
    assert found.answer.verdict == ("lower" if planted else "no clear difference")
    assert found.rates.verdict == found.answer.verdict
    low, high = found.rates.interval
    assert low < (0.35 if planted else 1.0) < high  # what was planted


def test_fridays_are_found_where_they_were_planted_and_nothing_else(synthetic):
    data, planted = synthetic
    table = journeys.missed_table(data).set_index("when")
    standing_out = table[table["reading"].isin(["more", "fewer"])]
    assert standing_out["reading"].to_dict() == ({"Friday": "more"} if planted else {})


def test_a_difference_does_not_give_back_how_many_of_a_small_group_had_it():
    shown = [
        difference_figures([journeys.early_or_late(many(20, n, 2000, 800))], "rounded7")
        for n in (8, 9, 10)
    ]
    columns = ["difference", "lower"]
    assert len({tuple(table[columns].iloc[0]) for table in shown}) == 1


def test_a_difference_too_coarse_to_say_which_way_is_not_told_as_none():
    found = journeys.early_or_late(many(60, 12, 2000, 200))
    told = dataclasses.replace(found, verdict="higher", difference=0.02, interval=(0.01, 0.06))
    assert "0 points" not in told.sentence
    assert "too small to show percentages" in told.sentence


def test_dates_and_times_are_no_days_from_the_start():
    people = many(20, 5, 20, 5)
    for given in (pd.Timestamp("2025-01-01"), pd.Timedelta(days=3)):
        with pytest.raises(DataError, match="support_day: 40 of 40 are not days"):
            journeys.early_or_late(people.assign(support_day=given))
    with pytest.raises(DataError, match="duration: 2 of 2 are missing or not numbers"):
        journeys.cumulative_incidence(pd.to_timedelta([1, 2], unit="D"), [1, 0])
    with pytest.raises(DataError, match="not a table"):
        journeys.cumulative_incidence(np.ones((2, 2)), [1, 0])


def test_what_cannot_be_a_landmark_or_a_competing_end_is_refused():
    people = many(20, 5, 20, 5)
    for day_of_stay in (-1, None, "56", np.nan):
        with pytest.raises(DataError, match="is no day of a stay"):
            journeys.early_or_late(people, day_of_stay)
    with pytest.raises(DataError, match="competing: some values are neither true nor false"):
        journeys.early_or_late(people.assign(competing="Died"))
    with pytest.raises(DataError, match="several columns are called end_day"):
        journeys.early_or_late(pd.concat([people, people[["end_day"]]], axis=1))
