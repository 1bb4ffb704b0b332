"""Who the clients are: declared segments, reach, scorecard, for whom it works, found segments."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench import EVERYONE, Workspace, disclosure, exposures
from workbench import open as open_workspace
from workbench import settings as settings_room
from workbench.analyses import segments
from workbench.analyses.segments.apart import against_plan, each_apart
from workbench.errors import DataError, SettingsError
from workbench.settings import Disclosure
from workbench.words import segments as said

ROOT = Path(__file__).parents[1]
DATA = os.environ.get("WORKBENCH_DATA")
RULES = Disclosure()
EXACT = {"disclosure": {"profile": "exact", "basis": "a test"}}
DECLARED = [
    {"name": "rough", "where": {"housing": ["street", "hostel"]}},
    {"name": "young", "at_least": {"age": 16}, "at_most": {"age": 24}},
    {"name": "debts", "needs": ["debt"]},
]
ATTRIBUTES = {
    "housing": {"case_mix": True},
    "rooms": {"kind": "number"},
    "area": {},
}


def settings(**segments):
    return {
        "outcomes": {"success": ["housed"], "horizon_days": 100},
        "attributes": ATTRIBUTES,
        "segments": {"weeks": 4, **segments},
        **EXACT,
    }


@pytest.fixture
def few(workspace):
    """Six clients, and one who comes back."""

    def build(as_of="2025-12-31", tables=None, **chosen):
        start = {"A": "2025-01-06", "B": "2025-01-07", "C": "2025-01-08", "D": "2025-01-09"}
        start |= {"E": "2025-01-10", "F": "2025-12-20"}
        enrolments = [
            {"enrolment_id": k, "client_id": k, "start_date": d} for k, d in start.items()
        ]
        enrolments[3]["end_date"] = "2025-01-20"
        enrolments.append({"enrolment_id": "A2", "client_id": "A", "start_date": "2025-06-01"})
        clients = [
            {"client_id": "A", "housing": "street", "birth_date": "2005-01-01", "area": "North"},
            {"client_id": "B", "housing": "flat", "birth_date": "2001-01-06", "area": "North"},
            {"client_id": "C", "housing": "flat", "birth_date": "1980-01-01", "area": "South"},
            {"client_id": "D", "birth_date": "1980-01-01", "area": "South"},
            {"client_id": "E", "housing": "hostel", "area": "North"},
            {"client_id": "F", "housing": "flat", "birth_date": "1960-01-01", "area": "South"},
        ]
        given = {
            "needs": [
                {"enrolment_id": "C", "need": "debt", "identified_date": "2025-01-20"},
                {"enrolment_id": "E", "need": "debt", "identified_date": "2025-01-20"},
                {"enrolment_id": "B", "need": "health", "identified_date": "2025-03-20"},
            ],
            "contacts": [
                {"enrolment_id": k, "contact_date": "2025-01-1" + n} for k, n in ("A1", "B2", "C3")
            ]
            + [{"enrolment_id": "A", "contact_date": "2025-05-01"}],
            "outcomes": [
                {"enrolment_id": k, "outcome": "housed", "outcome_date": d, "status": s}
                for k, d, s in (
                    ("A", "2025-03-01", "achieved"),
                    ("B", "2025-03-01", "not achieved"),
                    ("C", "2025-03-01", "not known"),
                    ("E", "2025-01-12", "achieved"),
                )
            ],
            "populations": [
                {"group": "North", "count": 100, "period": "2025", "source": "register"},
                {"group": "South", "count": 50, "period": "2025", "source": "register"},
                {"group": "North", "count": 7, "period": "2027", "source": "register"},
            ],
        } | (tables or {})
        return workspace(
            settings=settings(**{"declared": DECLARED, **chosen}),
            as_of=as_of,
            enrolments=enrolments,
            clients=clients,
            **given,
        )

    return build


# --- who the people are -------------------------------------------------------------------------


def test_one_row_a_client_with_the_first_stay(few):
    rows = segments.people(few()).rows
    assert rows["enrolment_id"].tolist() == ["A", "B", "C", "D", "E", "F"]
    assert rows["here"].tolist() == [True, True, True, False, True, False]


def test_contact_and_needs_are_those_of_the_first_weeks_for_those_still_here(few):
    asked = segments.people(few())
    assert asked.rows["contacts_per_week"].tolist()[:3] == [0.25, 0.25, 0.25]
    assert asked.rows["contacts_per_week"].isna().tolist() == [False] * 3 + [True, False, True]
    assert asked.rows["number_of_needs"].tolist()[:3] == [0, 0, 1]  # B's need came later
    assert asked.day == 27


def test_outcomes_count_after_the_first_weeks_and_each_left_out_has_a_reason(few):
    rows = segments.people(few()).rows
    assert rows["not_judged"].tolist() == [
        "", "", "", exposures.GONE, exposures.ACHIEVED, exposures.TOO_NEW,
    ]  # fmt: skip
    assert rows["success"].tolist()[:2] == [1, 0]
    assert rows["success"].isna().tolist() == [False, False, True, True, True, True]


def test_nothing_later_than_the_first_weeks_describes_anybody(few):
    later = [{"enrolment_id": "A", "need": "debt", "identified_date": "2025-02-03"}]
    more = [{"enrolment_id": "A", "contact_date": "2025-02-03"}]  # day 28: the fifth week
    asked = segments.people(few(tables={"needs": later, "contacts": more}))
    assert not asked.needs["debt"].any()
    assert not asked.contact_known
    assert asked.rows["contacts_per_week"].dropna().eq(0).all()


def test_contact_is_left_out_where_most_people_have_none_on_record(few):
    data = few(tables={"contacts": [{"enrolment_id": "A", "contact_date": "2025-01-10"}]})
    study = segments.study(data)
    assert "contacts_per_week" not in study.made_of
    assert said.CONTACT_NOT_KNOWN in segments.remarks(data, study)


def test_an_export_without_outcomes_or_needs_says_so(workspace):
    data = workspace(enrolments=[{"enrolment_id": "A", "start_date": "2025-01-06"}])
    study = segments.study(data)
    assert segments.why_not_working(data, study.people) == said.NO_OUTCOMES
    assert said.NO_NEEDS in segments.remarks(data, study)
    assert segments.why_no_reach(data) == said.NO_POPULATIONS
    assert len(study.declared) == 0
    assert study.found.verdict == segments.NONE


def test_an_outcome_that_is_only_recorded_when_it_happens(few):
    only = [
        {
            "enrolment_id": "A",
            "outcome": "housed",
            "outcome_date": "2025-03-01",
            "status": "achieved",
        }
    ]
    asked = segments.people(few(tables={"outcomes": only}))
    assert asked.rows.loc[asked.judged, "success"].tolist() == [1, 0, 0, 0]
    assert "only ever written down when it happens" in segments.working_note(asked)
    assert segments.working_note(segments.people(few())) == ""


def test_nobody_at_all(workspace):
    assert segments.possible(workspace(enrolments=[{"enrolment_id": "A"}])) == said.NOBODY


# --- declared -----------------------------------------------------------------------------------


def test_the_first_segment_that_fits_counts_and_what_is_not_recorded_fits_none(few):
    data = few()
    labels = segments.declared(data, segments.people(data))
    assert labels.tolist() == ["rough", "young", "debts", "others", "rough", "others"]


def test_age_at_the_start_and_both_ends_are_inside(few):
    asked = segments.people(few(declared=[{"name": "24", "at_most": {"age": 24}}]))
    assert asked.traits["age"].tolist()[:2] == [20, 24]  # B turned 24 the day before the start


def test_rules_are_told_in_words(few):
    table = segments.rules_table(few(meant_for=["young"]))
    assert table["who"].tolist() == [
        "housing: street or hostel", "age 16 to 24", "needs: debt", said.OTHERS,
    ]  # fmt: skip
    assert table["meant_for"].tolist() == ["no", "yes", "no", "no"]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"where": {"hosing": "flat"}}, "no attribute 'hosing'. Did you mean 'housing'?"),
        ({"at_least": {"housing": 3}}, "'housing' is kept as words, not as a number"),
        ({"where": {"rooms": "3"}}, "'rooms' is a number. Give it under `at_least` or `at_most`"),
    ],
)
def test_rules_about_nothing_are_refused(few, declared, message):
    data = few(declared=[{"name": "x", **declared}])
    with pytest.raises(SettingsError) as problem:
        segments.declared(data, segments.people(data))
    assert message in str(problem.value)


def test_values_that_never_occur_are_refused_all_at_once(few):
    wrong = [{"name": "x", "where": {"housing": ["flatt"]}, "needs": ["dept"]}]
    data = few(declared=wrong)
    with pytest.raises(DataError) as problem:
        segments.declared(data, segments.people(data))
    assert problem.value.problems == (
        "segments.declared: 'x': no client has the housing 'flatt'. Did you mean 'flat'?",
        "segments.declared: 'x': no client has the need 'dept'. Did you mean 'debt'?",
    )


def test_needs_without_a_table_of_needs(workspace):
    data = workspace(
        enrolments=[{"enrolment_id": "A", "start_date": "2025-01-06"}],
        settings={"segments": {"declared": [{"name": "x", "needs": ["debt"]}]}},
    )
    with pytest.raises(DataError, match="this export has no table of needs"):
        segments.declared(data, segments.people(data))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"declared": [{"name": "a"}]}, "'a' has no rule, and everyone would be in it"),
        ({"declared": [{"name": "others", "needs": ["x"]}]}, "Name it otherwise"),
        ({"declared": DECLARED[:1] * 2}, "'rough' stands twice"),
        ({"declared": DECLARED, "meant_for": ["yuong"]}, r"did you mean 'young'\?\)"),
        ({"declared": DECLARED, "profile": {"rough": 0.7, "others": 0.4}}, "add up to 1.1"),
        ({"declared": [{"name": "a", "were": {}}]}, r"not a setting. Did you mean 'where'\?"),
        (
            {"declared": [{"name": "a", "at_least": {"age": 9}, "at_most": {"age": 8}}]},
            "which nobody can be",
        ),
    ],
)
def test_settings_that_declare_nonsense_are_refused(chosen, message):
    with pytest.raises(SettingsError, match=message):
        settings_room.build({"segments": chosen})


# --- scorecard ----------------------------------------------------------------------------------

CARD = {
    "points": {"housing": {"street": 10, "hostel": 6, "flat": 0}, "needs": {"debt": 5}},
    "likelihood": [[0, 4, 0.1], [5, 9, 0.4], [10, 15, 0.9]],
}


def test_points_add_up_and_are_looked_up(few):
    data = few(scorecard=CARD)
    scored = segments.scores(data, segments.people(data))
    assert scored.points.tolist()[:3] == [10, 0, 5]
    assert scored.likelihood.tolist()[:3] == [0.9, 0.1, 0.4]
    assert scored.points.tolist()[4] == 11
    assert pd.isna(scored.points.tolist()[3])  # no housing recorded: not guessed


def test_the_share_expected_is_the_mean_likelihood_of_those_scored(few):
    data = few(scorecard={**CARD, "target": 0.99, "target_group": "great need"})
    table = segments.score_table(data, segments.scores(data, segments.people(data)))
    row = table.iloc[0]
    assert (row["scored"], row["not_scored"]) == (5, 1)
    assert row["expected"] == pytest.approx((0.9 + 0.1 + 0.4 + 0.9 + 0.1) / 5)
    assert row["lower"] < row["expected"] < row["upper"] < 0.99
    assert row["reading"] == said.BELOW
    sentence = segments.score_sentence(table)
    assert "48% of 5 clients can be expected to be in great need" in sentence
    assert "below the target of 99%" in sentence
    assert "an answer is missing: 1." in sentence


@pytest.mark.parametrize(
    ("likelihood", "message"),
    [
        ([[0, 5, 0.1], [5, 15, 0.4]], "0 to 5 and 5 to 15 points overlap"),
        ([[0, 4, 0.1], [6, 15, 0.4]], "no band between 0 to 4 and 6 to 15 points"),
        ([[0, 9, 0.1]], "answers can give 0 to 15 points, and the bands go from 0 to 9"),
        ([[0, 15, 1.1]], "1.1 is not between 0 and 1"),
        ([[9, 0, 0.1]], "give whole points, from low to high"),
        ([], "a scorecard needs both"),
    ],
)
def test_tables_of_points_that_cannot_be_used_are_refused(likelihood, message):
    with pytest.raises(SettingsError, match=message):
        settings_room.build({"segments": {"scorecard": {**CARD, "likelihood": likelihood}}})


def test_answers_of_the_scorecard_must_occur(few):
    data = few(scorecard={**CARD, "points": {"housing": {"flatt": 15, "street": 0}}})
    with pytest.raises(DataError, match=r"no client has the housing 'flatt'. Did you mean 'flat'"):
        segments.scores(data, segments.people(data))


# --- reach --------------------------------------------------------------------------------------


def reached(workspace, counts, populations, by="area", **more):
    rows = [(group, n) for group, many in counts.items() for n in range(many)]
    data = workspace(
        settings={**settings(reference=by, **more), "disclosure": {"profile": "rounded7"}},
        enrolments=[
            {"enrolment_id": f"{g}{n}", "client_id": f"{g}{n}", "start_date": "2025-03-01"}
            for g, n in rows
        ],
        clients=[{"client_id": f"{g}{n}", "area": g} for g, n in rows],
        populations=[{"group": g, "count": c, "period": "2025"} for g, c in populations.items()],
    )
    return data, lambda: segments.reach_table(data)


def test_a_group_far_behind_the_others_is_under_reached(workspace):
    data, table = reached(
        workspace,
        {"North": 120, "South": 30, "West": 80},
        dict.fromkeys(["North", "South", "West"], 600),
    )
    shown = table().set_index("group")
    assert shown["reading"].to_dict() == {
        "North": said.REACHED_MORE,
        "South": said.UNDER_REACHED,
        "West": said.NO_DIFFERENCE,
    }
    assert shown.loc["South", "share"] == pytest.approx(0.05)
    assert shown.loc["South", "index"] == 39  # .05 of (230 / 1800)
    assert "Of every 100 people in South, 5 were reached: under-reached" in (
        segments.reach_sentences(table())
    )
    assert disclosure.is_protected(table())
    assert "In none of these groups" not in segments.reach_about(data)


def test_a_client_who_came_twice_is_reached_once_with_the_latest_stay(workspace):
    stays = [("A1", "2025-03-01", "first"), ("A2", "2025-06-01", "second")]
    data = workspace(
        settings=settings(reference="programme"),
        enrolments=[
            {"enrolment_id": e, "client_id": "A", "start_date": d, "programme": p}
            for e, d, p in stays
        ],
        populations=[{"group": g, "count": 10} for g in ("first", "second")],
    )
    assert segments.reach_table(data)["clients"].tolist() == [0, 1]


def test_a_group_without_any_client_is_reached_by_nobody_and_not_an_error(workspace):
    _, table = reached(
        workspace, {"North": 100, "South": 90}, {"North": 400, "South": 400, "East": 400}
    )
    assert table().set_index("group").loc["East", "reading"] == said.UNDER_REACHED


def test_small_counts_are_hidden_and_nothing_is_said_of_them(workspace):
    _, table = reached(
        workspace, {"North": 100, "South": 5, "West": 60}, {"North": 400, "South": 400, "West": 300}
    )
    row = table().set_index("group").loc["South"]
    assert pd.isna(row["clients"])
    assert row["reading"] == said.TOO_FEW


def test_more_clients_than_people_is_said_and_not_compared(workspace):
    _, table = reached(workspace, {"North": 60, "South": 50}, {"North": 40, "South": 400})
    assert table()["reading"].tolist()[0] == said.MORE_THAN_THERE_ARE


@pytest.mark.parametrize(
    ("populations", "message"),
    [
        ({"Nort": 100, "South": 50}, "no client has the area 'Nort'. Did you mean 'North'?"),
        ({"Mars": 100}, "none of its groups is a value of area, which are: North, South"),
        ({"North": 10.5}, "no whole numbers of people"),
    ],
)
def test_populations_that_do_not_fit_are_refused(workspace, populations, message):
    _, table = reached(workspace, {"North": 30, "South": 30}, populations)
    with pytest.raises(DataError) as problem:
        table()
    assert message in str(problem.value)


def test_the_latest_population_that_has_begun_counts_and_reach_is_of_the_last_months(few):
    data = few(reference="area")
    table = segments.reach_table(data).set_index("group")
    assert table["people"].to_dict() == {"North": 100, "South": 50}
    assert table["clients"].to_dict() == {"North": 3, "South": 3}
    assert "Population figures of 2025, from register." in segments.reach_about(data)
    lately = segments.reach_table(few(reference="area", reach_months=1))
    assert lately["clients"].tolist() == [3, 2]  # D had left in January
    both = [{"group": "North", "count": 1, "period": "2025"}] * 2
    with pytest.raises(DataError, match="group 'North' stands twice for 2025"):
        segments.reach_table(few(reference="area", tables={"populations": both}))
    with pytest.raises(SettingsError, match=r"no attribute 'aera'. Did you mean 'area'\?"):
        segments.reach_table(few(reference="aera"))


def test_shares_against_a_plan(few):
    data = few(meant_for=["rough", "young"], profile={"rough": 0.75, "debts": 0.2})
    labels = segments.declared(data, segments.people(data))
    table = segments.profile_table(data, pd.concat([labels] * 30, ignore_index=True))
    assert table["reading"].tolist() == [
        said.FEWER_THAN_PLANNED, said.NOT_PLANNED, said.NO_DIFFERENCE, said.NOT_PLANNED,
    ]  # fmt: skip
    assert "Of every 100 clients, 50 are of the segments" in segments.meant_for_sentence(
        data, labels
    )


# --- for whom does it work ----------------------------------------------------------------------


def drawn(sizes, chances, seed=0, unknown=0.0):
    dice = np.random.default_rng(seed)
    labels = pd.Series(np.repeat([*sizes], [*sizes.values()]), dtype="str")
    chance = labels.map(dict(zip(sizes, chances, strict=True))).to_numpy()
    success = pd.Series((dice.random(len(labels)) < chance).astype(int), dtype="Int64")
    return labels, success.mask(pd.Series(dice.random(len(labels)) < unknown))


def readings(labels, success, rules=RULES):
    table = segments.compared(labels, success, sorted(labels.unique()), rules)
    return table.set_index("segment")["reading"].to_dict()


def test_a_clear_difference_is_said():
    found = readings(*drawn({"a": 150, "b": 150, "c": 150}, (0.3, 0.5, 0.5)))
    assert found["a"] == said.LOWER
    assert set(found.values()) <= {said.LOWER, said.HIGHER, said.NO_DIFFERENCE}


def test_chance_is_not_called_a_difference(monkeypatch):
    """At most 5 % of draws may claim anything: 2 standard errors above that are allowed here."""
    monkeypatch.setattr("gc.collect", lambda *_: 0)  # statsmodels tidies up at each correction
    draws, wrong = 400, 0
    for seed in range(draws):
        sizes = {"a": 40, "b": 80, "c": 120, "d": 60, "e": 30}
        found = readings(*drawn(sizes, (0.45,) * 5, seed))
        wrong += bool({said.HIGHER, said.LOWER} & set(found.values()))
    assert wrong / draws <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / draws)


def test_too_few_people_to_tell():
    found = readings(*drawn({"a": 9, "b": 200, "c": 25}, (0.1, 0.5, 0.5)))
    assert found["a"] == found["c"] == said.TOO_FEW


def test_unknown_outcomes_give_the_two_ends_and_no_verdict():
    labels, success = drawn({"a": 100, "b": 100}, (0.4, 0.6))
    success[:20] = pd.NA
    table = segments.compared(labels, success, ["a", "b"], RULES)
    assert table["reading"].tolist() == [said.MUCH_NOT_KNOWN] * 2
    ends = segments.not_known_table(table).iloc[0]
    assert ends["if_failed"] == pytest.approx(ends["achieved"] / 100)
    assert ends["if_achieved"] - ends["if_failed"] == pytest.approx(0.2)
    assert table["share"].isna().all()
    assert table["less_others"].isna().all()


def test_what_is_shown_comes_from_released_numbers():
    labels, success = drawn({"a": 101, "b": 148, "c": 12}, (0.4, 0.5, 0.5), seed=4)
    table = segments.compared(labels, success, ["a", "b", "c"], RULES)
    assert disclosure.is_protected(table)
    shown = table.dropna(subset=["as_counted"])
    again = segments.shrunken(shown["achieved"].astype(float), shown["known"].astype(float))
    assert shown["share"].astype(float).to_numpy() == pytest.approx(again.share)
    assert shown["as_counted"].to_list() == (shown["achieved"] / shown["known"]).to_list()
    assert (shown["known"] % 5 == 0).all()
    assert table.set_index("segment").loc["c", "reading"] == said.TOO_FEW


def test_a_verdict_must_stand_in_the_numbers_that_are_shown():
    """23 and 37 of 101 each are apart (p .045); the 25 and 35 of 100 that are shown are not."""
    labels = pd.Series(["a"] * 101 + ["b"] * 101)
    success = pd.Series([1] * 23 + [0] * 78 + [1] * 37 + [0] * 64, dtype="Int64")
    assert set(readings(labels, success).values()) == {said.NO_DIFFERENCE}
    exact = Disclosure(profile="exact", basis="a test")
    assert set(readings(labels, success, exact).values()) == {said.LOWER, said.HIGHER}


def test_two_segments_are_one_comparison():
    apart = each_apart([40, 60], [100, 100])
    assert apart.p[0] == pytest.approx(apart.p[1]) == pytest.approx(0.00715, abs=1e-4)
    assert apart.difference.tolist() == pytest.approx([-0.2, 0.2])
    assert np.isnan(each_apart([40], [100]).p).all()


def test_small_segments_are_drawn_far_and_large_ones_hardly():
    found = segments.shrunken([18, 500, 480], [20, 1000, 1000])
    assert 0.5 < found.share[0] < 0.8  # 90 % as counted
    assert found.share[1:] == pytest.approx([0.5, 0.48], abs=0.01)
    assert found.lower[0] < found.share[0] < found.upper[0]
    alone = segments.shrunken([30, np.nan], [60, np.nan])
    assert alone.share[0] == 0.5
    assert np.isnan(alone.share[1])


def test_shrunken_shares_agree_with_an_average_over_every_mean_and_spread():
    """The same model on a grid of common means and spreads, with nothing worked out by hand."""
    x, n = np.array([30, 50, 10]), np.array([100, 100, 20])
    odds = np.log((x + 0.5) / (n - x + 0.5))
    variance = 1 / (x + 0.5) + 1 / (n - x + 0.5)
    mean, spread = np.meshgrid(np.linspace(-6, 6, 1201), np.linspace(0.0, 4.0, 401), indexing="ij")
    total = variance[:, None, None] + spread**2
    log = -0.5 * (np.log(total) + (odds[:, None, None] - mean) ** 2 / total).sum(axis=0)
    weight = np.exp(log - spread**2 / 2 - log.max())
    weight /= weight.sum()
    pull = variance[:, None, None] / total
    middle = pull * mean + (1 - pull) * odds[:, None, None]
    square = (1 - pull) * variance[:, None, None] + middle**2
    average = (weight * middle).sum(axis=(1, 2))
    error = np.sqrt((weight * square).sum(axis=(1, 2)) - average**2)
    found = segments.shrunken(x, n)
    assert found.share == pytest.approx(1 / (1 + np.exp(-average)), abs=1e-4)
    assert found.lower == pytest.approx(1 / (1 + np.exp(1.959964 * error - average)), abs=1e-4)
    assert found.spread == pytest.approx(float((weight * spread).sum()), abs=1e-3)


def test_the_intervals_of_shrunken_shares_hold_the_truth():
    dice, inside, all_of_them = np.random.default_rng(5), 0, 0
    for _ in range(300):
        sizes = dice.integers(20, 250, 5)
        truth = 1 / (1 + np.exp(0.2 - 0.5 * dice.normal(size=5)))
        found = segments.shrunken(dice.binomial(sizes, truth), sizes)
        inside += int(((found.lower <= truth) & (truth <= found.upper)).sum())
        all_of_them += 5
    assert 0.92 <= inside / all_of_them <= 0.98


def test_against_a_plan_is_corrected_for_the_number_of_segments():
    alone = against_plan([10], [100], [0.2])[0]
    three = against_plan([10, 20, 20], [100, 100, 100], [0.2, 0.2, 0.2])[0]
    assert three == pytest.approx(3 * alone)
    assert np.isnan(against_plan([10], [100], [np.nan])).all()


def test_one_and_the_same_answer_of_equal_segments_in_a_sentence(few):
    table = segments.compared(*drawn({"a": 100, "b": 100}, (0.5, 0.5)), ["a", "b"], RULES)
    assert segments.working_sentence(table) == (
        "No segment came out clearly better or worse than all the rest. This is adjusted for "
        "nothing."
    )


# --- found --------------------------------------------------------------------------------------


def three_kinds(workspace, people=240, **more) -> Workspace:
    """Three kinds of people, each alike in age, rooms and mostly in housing."""
    dice = np.random.default_rng(1)
    kind = np.arange(people) % 3
    ages = np.array([20, 40, 65])[kind] + dice.normal(0, 2, people)
    moved = np.where(dice.random(people) < 0.1, kind + 1, kind) % 3
    homes = np.array(["street", "hostel", "flat"])[moved]
    rooms = np.array([1.0, 3.0, 5.0])[kind] + dice.normal(0, 0.5, people)
    days = pd.Timestamp("2025-01-06") + pd.to_timedelta(np.arange(people), "D")
    births = days - pd.to_timedelta((ages * 365.25).astype(int), "D")
    ids = [f"C{n:03}" for n in range(people)]
    return workspace(
        settings={
            "attributes": {
                "housing": {"case_mix": True},
                "rooms": {"case_mix": True, "kind": "number"},
            },
            "outcomes": {"success": ["housed"], "horizon_days": 60},
            "segments": {"weeks": 1},
            **more,
        },
        as_of="2025-12-31",
        enrolments=[
            {"enrolment_id": i, "client_id": i, "start_date": str(d.date())}
            for i, d in zip(ids, days, strict=True)
        ],
        clients=[
            {"client_id": i, "housing": h, "rooms": r, "birth_date": str(b.date())}
            for i, h, r, b in zip(ids, homes, rooms, births, strict=True)
        ],
        outcomes=[
            {
                "enrolment_id": i,
                "outcome": "housed",
                "outcome_date": str((d + pd.Timedelta(days=30)).date()),
                "status": "achieved" if dice.random() < (0.2, 0.5, 0.8)[k] else "not achieved",
            }
            for i, d, k in zip(ids, days, kind, strict=True)
        ],
    )


@pytest.fixture
def kinds_of_people(workspace):
    return three_kinds(workspace)


def test_found_segments_on_a_page(kinds_of_people):
    data = kinds_of_people
    study = segments.study(data)
    assert study.found.verdict == "segments"
    assert segments.reading_key(study.found) == "found"
    assert "Among 240 people there are 3 clear segments" in segments.sentence(data, study.found)
    table = segments.found_table(data, study.found)
    assert table["segment"].tolist() == ["Segment 1", "Segment 2", "Segment 3"]
    assert table["clients"].tolist() == [80, 80, 80]
    assert (table["sure_share"] >= 0.9).all()
    traits = segments.traits_table(data, study.found)
    street = traits[traits["trait"] == "housing: street"].iloc[0]
    assert street["in_segment"] > 0.8
    assert street["in_all"] == pytest.approx(1 / 3, abs=0.05)
    assert set(traits["unit"]) == {"percent", "number"}
    names = segments.named(study.found).tolist()
    working = segments.working_table(data, study.people, study.found_names, names)
    assert {said.HIGHER, said.LOWER} <= set(working["reading"])
    for each in (table, traits, working):
        assert disclosure.is_protected(each)


def test_found_segments_keep_their_numbers_and_tell_how_many_moved(kinds_of_people):
    data = replace(kinds_of_people, as_of=date(2025, 8, 15))
    now = segments.study(data)
    study, moved = segments.with_last_period(data, now)
    assert len(moved.before) == 207  # those who had started by 31 July
    assert "Set against what was known on 31 July 2025" in moved.sentence
    assert "0 changed segment" in moved.sentence
    table = segments.moved_table(data, study.found, moved.before)
    assert (table["from_another"].dropna() == 0).all()
    assert disclosure.is_protected(table)
    same = moved.before.dropna() == study.found.labels[moved.before.dropna().index]
    assert same.all()


def test_no_last_period_is_said(few):
    data = few()
    study, moved = segments.with_last_period(data, segments.study(data))
    assert study.found.verdict == segments.NONE
    assert moved.sentence == said.NO_LAST_PERIOD
    assert segments.reading_key(study.found) == "cannot look"


def test_columns_of_settings_are_used_or_refused(few):
    data = few(using=["housing", "number_of_needs"])
    frame = segments.frame(data, segments.people(data))
    assert list(frame) == ["housing", "number_of_needs"]
    assert frame["housing"].isna().sum() == 1  # not recorded is missing, not a kind of housing
    wrong = few(using=["number_of_nedes"])
    with pytest.raises(SettingsError, match=r"Did you mean 'number_of_needs'\?"):
        segments.frame(wrong, segments.people(wrong))


def test_sizes_are_protected_and_add_up(kinds_of_people):
    study = segments.study(kinds_of_people)
    names = [*segments.named(study.found)]
    table = segments.sizes_table(kinds_of_people, study.people, study.found_names, names)
    assert disclosure.is_protected(table)
    assert table["clients"].sum() == 240
    assert table["share"].sum() == pytest.approx(1)
    assert "contacts_per_week" not in table  # none on record
    assert {"success", "success_lower", "success_upper"} <= set(table)


# --- real data ----------------------------------------------------------------------------------


@pytest.mark.skipif(not DATA, reason="WORKBENCH_DATA is not set")
def test_opioid_trials(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    chosen = settings_room.read(ROOT / "settings" / "ctn0094.toml")
    data = open_workspace(chosen, as_of="2004-05", source=f"{DATA}/ctn0094", scope=EVERYONE)
    study = segments.study(data)
    table = segments.sizes_table(data, study.people, study.declared, segments.names(data))
    assert table["clients"].tolist() == [425, 632, 309, 1126]
    working = segments.working_table(data, study.people, study.declared, segments.names(data))
    assert working["achieved"].tolist() == [187, 338, 138, 555]
    assert set(working["reading"]) == {said.NO_DIFFERENCE}
    assert segments.why_no_reach(data) == said.NO_POPULATIONS
