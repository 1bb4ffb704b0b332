import dataclasses
import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from workbench import sample
from workbench.analyses import sweet_spot
from workbench.disclosure import require_protected
from workbench.errors import DataError, SettingsError


def contacts(n, seed=0):
    dice = np.random.default_rng(seed)
    return dice, dice.poisson(np.minimum(dice.gamma(1.6, 1.55, n), 8) * 12) / 12


def came_out(chance, dice):
    return (dice.random(len(chance)) < np.clip(chance, 0.02, 0.98)).astype(float)


def peaked(n=1000, seed=0):
    dice, x = contacts(n, seed)
    return x, came_out(np.where(x < 2.5, 0.15 + 0.24 * x, 0.75 - 0.12 * (x - 2.5)), dice)


# --- the verdict --------------------------------------------------------------------------------


def test_a_true_peak_is_a_sweet_spot_and_the_range_holds_it():
    found = sweet_spot.find(*peaked())
    assert found.verdict == "sweet spot"
    low, high = found.best_range
    assert low < 2.5 < high < 4.5
    assert found.two_lines.z_low > 1.96 and found.two_lines.z_high < -1.96
    assert found.p < 0.001 and found.procedure == "exploratory"
    assert found.sentence.endswith("it is not a rule for any one person.")


def test_a_curve_that_levels_off_is_no_sweet_spot_though_a_quadratic_claims_one():
    dice, x = contacts(1000, 3)
    found = sweet_spot.find(x, came_out(0.2 + 0.18 * np.minimum(x, 2.5), dice))
    assert found.u_test.z_squared < -3 and found.u_test.slope_low > 0 > found.u_test.slope_high
    assert found.verdict == "more is better"
    assert found.best_range[1] is None
    assert "beyond that these data cannot tell" in found.sentence


def test_levels_off_is_said_only_when_the_upper_slope_is_known_to_be_small():
    dice, x = contacts(20_000, 1)
    y = came_out(0.25 + 0.4 * np.minimum(x, 1), dice)
    assert sweet_spot.find(x, y).verdict == "levels off"
    assert sweet_spot.find(x[:1000], y[:1000]).verdict == "more is better"
    assert sweet_spot.find(x, y, margin=0.001).verdict == "more is better"


def test_less_is_better_where_it_falls_all_along():
    dice, x = contacts(1000, 2)
    found = sweet_spot.find(x, came_out(0.8 - 0.08 * x, dice))
    assert found.verdict == "less is better"
    assert found.best_range[0] < 0.5


def test_no_link_cannot_be_told_and_says_how_likely_a_weak_peak_would_have_shown():
    dice, x = contacts(300, 4)
    found = sweet_spot.find(x, came_out(np.full(300, 0.45), dice))
    assert (found.verdict, found.reason) == ("cannot tell", "no clear link")
    assert 0.05 < found.power < 0.6
    assert found.e_value is None


def test_lowest_in_the_middle_is_no_sweet_spot():
    dice, x = contacts(2000, 5)
    found = sweet_spot.find(x, came_out(0.3 + 0.1 * np.abs(x - 2.5), dice))
    assert found.verdict not in {"sweet spot", "levels off"}


def test_bands_that_were_registered_are_tested_one_against_the_other():
    x, y = peaked()
    found = sweet_spot.find(x, y, bands=((0, 1.25), (2, 3), (5, None)))
    assert (found.verdict, found.procedure) == ("sweet spot", "confirmatory")
    assert found.bands.n == tuple(
        int(each.sum()) for each in (x <= 1.25, (x >= 2) & (x <= 3), x >= 5)
    )
    assert max(found.bands.p_low, found.bands.p_high) < 0.05
    wrong = sweet_spot.find(x, y, bands=((0, 4), (5, 6), (7, None)))
    assert wrong.verdict != "sweet spot"


def test_a_band_of_few_people_cannot_be_tested():
    x, y = peaked(200)
    found = sweet_spot.find(x, y, bands=((0, 1.25), (2, 3), (8, None)))
    assert not found.bands.enough and np.isnan(found.bands.p_high)
    assert found.verdict != "sweet spot"


def test_need_behind_both_is_taken_out_when_it_is_recorded():
    dice = np.random.default_rng(6)
    need = dice.normal(size=1500)
    x = dice.poisson(np.clip(2.5 + 1.2 * need + dice.normal(0, 0.8, 1500), 0.1, 8) * 12) / 12
    y = came_out(0.6 - 0.1 * need**2, dice)
    bands = np.clip(np.round(need * 1.5), -3, 3).astype(int).astype(str)
    assert sweet_spot.find(x, y).verdict == "sweet spot"
    adjusted = sweet_spot.find(x, y, pd.DataFrame({"need": bands}))
    assert adjusted.verdict != "sweet spot"
    assert adjusted.adjusted_for == ("need",)


def test_a_workers_way_is_taken_out_when_the_worker_is_given():
    dice = np.random.default_rng(8)
    worker = dice.integers(0, 12, 1500)
    way = np.linspace(0.5, 6, 12)[worker]
    level = np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])[worker]
    x, y = dice.poisson(way * 12) / 12, came_out(level, dice)
    assert sweet_spot.find(x, y).verdict == "sweet spot"
    within = sweet_spot.find(x, y, cluster=[f"W{each}" for each in worker])
    assert within.verdict != "sweet spot"
    assert within.workers == 12


def test_a_client_counts_once_however_often_they_came():
    x, y = peaked(500)
    once = sweet_spot.find(x, y, client=np.arange(500))
    twice = sweet_spot.find(
        np.tile(x, 2), np.concatenate([y, 1 - y]), client=np.tile(np.arange(500), 2)
    )
    assert twice.two_lines == once.two_lines
    assert twice.n == 500 and twice.dropped["a further row of the same client"] == 500


def test_a_verdict_stands_only_if_the_unknown_could_not_turn_it():
    x, y = peaked(600, 9)
    few = np.where(np.arange(600) % 20 == 0, np.nan, y)
    assert sweet_spot.find(x, few).verdict == "sweet spot"
    many = np.where((np.arange(600) % 2 == 0) & (y == 0), np.nan, y)
    found = sweet_spot.find(x, many)
    assert (found.verdict, found.reason) == ("cannot tell", "too much not known")


def test_the_answer_does_not_change_with_the_order_of_rows_or_the_kind_of_column():
    x, y = peaked(400)
    order = np.random.default_rng(1).permutation(400)
    one = sweet_spot.find(x, y)
    other = sweet_spot.find(
        pd.Series(x[order], dtype="Float64"), pd.array(y[order].astype(int), dtype="Int64")
    )
    assert other.verdict == one.verdict
    assert other.two_lines.z_low == pytest.approx(one.two_lines.z_low)
    assert dataclasses.replace(other, curve=one.curve).best_range == pytest.approx(one.best_range)


# --- what it cannot use -------------------------------------------------------------------------

N = 200
DICE, X = contacts(N, 11)
Y = came_out(np.full(N, 0.5), DICE)


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("always the same contact", {"exposure": np.full(N, 2.0)}),
        ("too few different contacts", {"exposure": 1 + np.arange(N) % 2}),
        ("too few different contacts", {"exposure": np.where(np.arange(N) % 40, 2.0, X + 0.1)}),
        ("mostly no contact", {"exposure": np.where(np.arange(N) % 5 < 3, 0, X)}),
        ("always the same outcome", {"outcome": np.ones(N)}),
        ("always the same outcome", {"outcome": np.zeros(N)}),
        ("too few people", {"exposure": X[:29], "outcome": Y[:29]}),
        ("too few people", {"exposure": [], "outcome": []}),
        ("too few people", {"outcome": [None] * N}),
        ("too few people", {"exposure": [None] * N}),
        ("said by the case mix", {"covariates": pd.DataFrame({"a": Y, "b": Y, "c": 1})}),
        ("said by the case mix", {"covariates": pd.DataFrame({"a": X * 2})}),
        ("said by the case mix", {"covariates": pd.DataFrame(np.c_[X, X], columns=["a", "a"])}),
        ("too few people", {"covariates": pd.DataFrame(np.eye(N))}),
    ],
)
def test_what_says_nothing_gets_a_reason_and_no_number(reason, given):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sweet_spot.find(**({"exposure": X, "outcome": Y} | given))
    assert (found.verdict, found.reason) == ("cannot tell", reason)
    assert found.best_range is None and found.curve.empty and found.power is None
    assert np.isnan(found.two_lines.z_low) and found.e_value is None
    assert found.sentence.startswith("These data cannot tell how often it is best to see people.")


@pytest.mark.parametrize(
    ("message", "given"),
    [
        (r"3 of 200 are below 0, first at row 5", {"exposure": np.r_[X[:4], [-1] * 3, X[7:]]}),
        (r"outcome: 199 for 200 exposures", {"outcome": Y[1:]}),
        (r"client: 5 for 200 exposures", {"client": range(5)}),
        (r"exposure: 1 of 200 are infinite", {"exposure": np.r_[X[1:], np.inf]}),
        (r"200 of 200 values are not numbers, first at row 1", {"outcome": ["yes"] * N}),
        (r"bands: .* are not a low, a middle and a high band", {"bands": ((3, 4), (1, 2), (0, 1))}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_words(message, given):
    with pytest.raises(DataError, match=message):
        sweet_spot.find(**({"exposure": X, "outcome": Y} | given))


def test_missing_exposures_are_left_out_and_counted():
    found = sweet_spot.find(np.where(np.arange(N) < 20, np.nan, X), Y)
    assert found.n == 180 and found.dropped["contacts not recorded"] == 20


def test_a_worker_without_colleagues_or_a_constant_column_changes_nothing():
    x, y = peaked(300)
    plain = sweet_spot.find(x, y)
    found = sweet_spot.find(x, y, pd.DataFrame({"c": ["same"] * 300}), cluster=["W1"] * 300)
    assert found.two_lines == plain.two_lines and found.adjusted_for == () and found.workers == 0


# --- how often it is wrong ----------------------------------------------------------------------


def test_noise_and_plateaus_are_seldom_called_a_sweet_spot():
    claims = []
    for seed in range(150):
        dice, x = contacts(300, seed)
        y = came_out(0.25 + 0.4 * np.minimum(x, 1), dice)
        claims.append(sweet_spot.find(x, y).verdict == "sweet spot")
    assert np.mean(claims) < 0.09  # 5 % and chance; docs/methods.md has the long run


# --- on records ---------------------------------------------------------------------------------

RULES = {
    "outcomes": {"success": ["home"], "horizon_days": 60},
    "disclosure": {"profile": "public", "basis": "drawn in a test"},
    "sweet_spot": {"weeks": 4},
}


def service(count=120):
    """People seen 0 to 5 times a week; those seen about twice do best."""
    stays, seen, results = [], [], []
    for number in range(count):
        times = number % 24
        stays.append({"enrolment_id": f"E{number}", "start_date": "2025-01-01"})
        seen += [
            {"enrolment_id": f"E{number}", "contact_date": f"2025-01-{1 + k:02d}"}
            for k in range(times)
        ]
        results.append({
            "enrolment_id": f"E{number}", "outcome": "home", "outcome_date": "2025-02-15",
            "status": "achieved" if 5 < times < 12 or number % 7 == 0 else "not achieved",
        })  # fmt: skip
    return {"enrolments": stays, "contacts": seen, "outcomes": results}


def test_contacts_of_the_first_weeks_are_set_against_outcomes_after_them(workspace):
    study = sweet_spot.study(workspace(settings=RULES, **service()))
    assert study.result.n == 120
    assert study.people["contacts"].max() == 23 / 4
    assert study.verdict == "sweet spot"
    assert "at week 4" in study.sentence


def test_a_verdict_is_issued_on_its_day_and_stands_until_the_next(workspace):
    days = {"weeks": 4, "analysis_dates": [date(2025, 3, 31), date(2025, 9, 30)]}
    settings = RULES | {"sweet_spot": days}
    known = {at: sweet_spot.study(workspace(settings=settings, as_of=at, **service()))
             for at in ("2025-03-30", "2025-03-31", "2025-07-31", "2025-09-30")}  # fmt: skip
    assert known["2025-03-30"].verdict == "cannot tell"
    assert known["2025-03-30"].sentence == (
        "The first verdict is due on 31 March 2025; until then there is none."
    )
    assert known["2025-03-31"].look.startswith("This is the verdict of 31 March 2025")
    assert known["2025-07-31"].look.startswith(
        "This is not a new look: the verdict of 31 March 2025 stands."
    )
    assert known["2025-07-31"].sentence == known["2025-03-31"].sentence
    assert known["2025-09-30"].verdict_of == date(2025, 9, 30)


def test_a_curve_that_still_rises_at_its_end_has_no_range_to_shade(workspace):
    rows = service(1920)
    for number, row in enumerate(rows["outcomes"]):
        good = number % 24 > (7 * (number // 24)) % 24
        row["status"] = "achieved" if good else "not achieved"
    study = sweet_spot.study(workspace(settings=RULES, **rows))
    assert study.verdict == "more is better" and "as far as these data go" in study.sentence
    assert sweet_spot.shaded(study) is None


def test_without_registered_days_it_is_called_a_look(workspace):
    look = sweet_spot.study(workspace(settings=RULES, **service())).look
    assert look.startswith("No analysis dates are registered")


def test_who_is_not_in_the_answer_is_counted(workspace):
    rows = service()
    rows["enrolments"][0] |= {"end_date": "2025-01-10"}
    rows["enrolments"][1] |= {"start_date": "2025-12-01"}
    rows["outcomes"].pop(2)
    study = sweet_spot.study(workspace(settings=RULES, **rows))
    assert study.dropped.to_dict() == {
        "started too recently to know how it came out": 1,
        "had left by then": 1,
        "outcome not known": 1,
    }
    assert study.result.n == 117


def test_what_leaves_is_protected_and_rounded(workspace):
    settings = {key: value for key, value in RULES.items() if key != "disclosure"}
    study = sweet_spot.study(workspace(settings=settings, **service()))
    tables = [
        sweet_spot.verdict_table(study), sweet_spot.curve_table(study),
        sweet_spot.bands_table(study), sweet_spot.histogram_table(study),
        sweet_spot.dropped_table(study), sweet_spot.tests_table(study),
    ]  # fmt: skip
    for table in tables:
        require_protected(table)
        assert not {"client_id", "enrolment_id"} & set(table.columns)
    shares = tables[1][["fitted", "lower", "upper"]].astype(float).to_numpy()
    steps = shares / 0.05  # with 120 people, shares go in steps of 5 points
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)
    assert set(tables[2]["people"].dropna().astype(int) % 5) == {0}


def test_an_export_without_outcomes_says_so(workspace):
    rows = service()
    rows.pop("outcomes")
    data = workspace(settings=RULES, **rows)
    assert sweet_spot.possible(data).startswith("These records name no outcome")
    with pytest.raises(DataError, match="outcomes: this export has no such table"):
        sweet_spot.study(data)


def test_an_export_without_contacts_says_so(workspace):
    data = workspace(settings=RULES, enrolments=service()["enrolments"],
                     outcomes=service()["outcomes"])  # fmt: skip
    assert sweet_spot.possible(data) == "These records hold no contacts, so this cannot be asked."


def test_bands_in_settings_need_their_day_and_their_order():
    from workbench import settings

    for bands, message in (
        ([[0, 1], [2, 3], [5]], "bands_written: say on which day"),
        ([[0, 1], [2, 3]], "bands: there are 2, give three"),
        ([[2, 3], [0, 1], [5]], "bands: give them from low to high"),
    ):
        written = {} if "bands_written" in message else {"bands_written": date(2025, 1, 1)}
        with pytest.raises(SettingsError, match=message):
            settings.build({"sweet_spot": {"bands": bands, **written}})


@pytest.fixture(scope="module")
def planted():
    return wb.open("settings/sample.toml", as_of="2025-11", scope=wb.EVERYONE)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("without")
    sample.write(folder, effects=False)
    return wb.open("settings/sample.toml", as_of="2025-11", source=folder, scope=wb.EVERYONE)


def test_the_planted_best_of_the_sample_is_found(planted):
    study = sweet_spot.study(planted)
    assert study.verdict == "sweet spot"
    low, high = sweet_spot.shaded(study)
    assert low <= 2.5 <= high
    assert study.result.adjusted_for == ("need_score", "housing_at_intake")
    assert study.result.workers == 12
    assert sweet_spot.registered(study).endswith("The data agree.")
    kept = sweet_spot.study(planted, attended_only=True)
    assert kept.verdict == "sweet spot"


def test_none_is_claimed_where_none_was_planted(plain):
    study = sweet_spot.study(plain)
    assert study.verdict == "cannot tell"
    assert sweet_spot.shaded(study) is None
    assert sweet_spot.registered(study).endswith("The data do not bear it out.")


def test_groups_are_asked_as_one_question(planted, plain):
    study = sweet_spot.study(planted)
    groups = sweet_spot.by_group(study, "programme")
    assert set(groups.results) == {"Fresh Start", "Settled Homes", "Steady Ground"}
    assert groups.p > 0.01
    table = sweet_spot.groups_table(study, groups)
    require_protected(table)
    assert (table["verdict"] == "sweet spot").any()
    nothing = sweet_spot.by_group(sweet_spot.study(plain), "programme")
    assert not any(each.verdict == "sweet spot" for each in nothing.results.values())


def test_shapes_that_differ_are_seen(workspace):
    dice = np.random.default_rng(3)
    frame = pd.DataFrame({"contacts": dice.uniform(0, 7, 1200), "programme": ["A", "B"] * 600})
    a = frame["programme"] == "A"
    chance = np.where(a, 0.2 + 0.08 * frame["contacts"], 0.75 - 0.08 * frame["contacts"])
    study = sweet_spot.study(workspace(settings=RULES, **service()))
    people = frame.assign(
        success=pd.array(came_out(chance, dice).astype(int), dtype="Int64"),
        enrolment_id="E0", client_id="E0", entry=pd.Timestamp("2025-01-01"),
        caseworker_id=pd.NA,
    )  # fmt: skip
    from workbench.analyses.sweet_spot import groups as asked

    given = dataclasses.replace(study, people=people)
    p = asked._shapes_differ(given, people.rename(columns={"programme": "group"}), "programme")
    assert p < 1e-6


def test_caseworkers_of_few_clients_are_not_put_together():
    dice, x = contacts(400, 12)
    y = came_out(np.full(400, 0.5), dice)
    worker = np.where(np.arange(400) < 24, np.arange(400) // 3, 100 + np.arange(400) % 4)
    found = sweet_spot.find(x, y, cluster=worker)
    marks = pd.get_dummies(worker).iloc[:, 1:].astype(float)
    marks.columns = [f"worker {each}" for each in marks]
    by_hand = sweet_spot.find(x, y, marks)
    assert found.workers == 12
    assert found.two_lines.z_low == pytest.approx(by_hand.two_lines.z_low)
    assert found.two_lines.z_high == pytest.approx(by_hand.two_lines.z_high)


@pytest.mark.parametrize(
    "bands", ["low", (("a", "b"), ("c", "d"), ("e", "f")), (1, 2, 3), ((), (2, 3), (4,)),
              ((0, 1), (1, float("nan")), (2, 3)), ((0, 1, 2), (2, 3, 4), (5, 6, 7))],
)  # fmt: skip
def test_bands_that_are_none_are_refused_in_words(bands):
    with pytest.raises(DataError, match="are not a low, a middle and a high band"):
        sweet_spot.find(*peaked(100), bands=bands)


def test_bands_may_come_as_an_array():
    bands = [[0, 1.25], [2, 3], [5, 90]]
    found = [sweet_spot.find(*peaked(), bands=each).bands for each in (bands, np.array(bands))]
    assert found[0] == found[1]


def test_what_cannot_be_contact_or_outcome_is_refused_in_words():
    x, y = peaked(100)
    for exposure in (x * 1e300, pd.date_range("2025", periods=100), x * 1j, x.reshape(50, 2)):
        with pytest.raises(DataError):
            sweet_spot.find(exposure, y)
    for margin in (None, "wide", -1, float("nan")):
        with pytest.raises(DataError, match="is no share of people"):
            sweet_spot.find(x, y, margin=margin)
    assert sweet_spot.find(x * 1e-300, y).reason == "always the same contact"


def test_an_outcome_that_contact_says_without_fail_raises_no_warning():
    _, x = contacts(400, 1)
    assert sweet_spot.find(x, (x > 2).astype(int)).verdict != "sweet spot"
