"""What a funder and a partner are told: referrals, claims, costs, forecasts, own and rest."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import workbench as wb
from workbench import audiences, disclosure, measures
from workbench.analyses import commission, signals
from workbench.errors import DataError
from workbench.words import commission as said

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "settings/sample.toml"
SUCCESS = {"outcomes": {"success": ["home"]}}


def no_season(values):
    return SimpleNamespace(verdict="no season")


def a_season(values):
    return SimpleNamespace(verdict="season")


def people(count, programme="Support", first="2025-01-05", days=3, **more):
    """Enrolments referred on a day each, `days` apart, and started a week later."""
    day = pd.Timestamp(first) + pd.to_timedelta(np.arange(count) * days, unit="D")
    return pd.DataFrame(
        {
            "enrolment_id": [f"{programme}-{n}" for n in range(count)],
            "programme": programme,
            "referral_date": day.date,
            "start_date": (day + pd.Timedelta(days=7)).date,
            **more,
        }
    )


def homes(enrolments, share=1.0, **more):
    chosen = enrolments.head(int(len(enrolments) * share))
    day = pd.to_datetime(chosen["start_date"]) + pd.Timedelta(days=5)
    return pd.DataFrame(
        {
            "enrolment_id": chosen["enrolment_id"],
            "outcome": "home",
            "outcome_date": day.dt.date,
            "status": "achieved",
            **more,
        }
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def funder(home):
    return wb.open_for("funder", settings=SAMPLE, as_of="2025-11")


@pytest.fixture(scope="module")
def partner(home):
    return wb.open_for("partner", "Harbour Trust", settings=SAMPLE, as_of="2025-11")


# --- the window ---------------------------------------------------------------------------------


def test_the_window_is_the_last_twelve_complete_months(workspace):
    data = workspace(as_of="2025-12-31", complete_to="2025-11-15")
    covered = commission.window(data)
    assert (covered.first, covered.last, covered.months) == (
        date(2024, 11, 1),
        date(2025, 10, 31),
        12,
    )
    assert covered.title == "November 2024 to October 2025"


def test_a_window_waits_for_what_takes_time(workspace):
    data = workspace(as_of="2025-12-31")
    assert commission.window(data).last == date(2025, 12, 31)
    assert commission.window(data, wait_days=28).last == date(2025, 11, 30)


def test_a_window_never_reaches_before_the_records(workspace):
    data = workspace(as_of="2025-12-31", complete_from="2025-10-01")
    assert commission.window(data).months == 3
    assert commission.window(workspace(complete_from="2025-12-02")) is None


# --- referrals ----------------------------------------------------------------------------------


def test_referrals_are_counted_by_programme_and_together(workspace):
    rows = pd.concat([people(60, eligible=True), people(40, "Work", eligible=True)])
    rows.loc[rows.index[:20], "eligible"] = False
    data = workspace(enrolments=rows)
    table = commission.steps_table(data).set_index("programme")
    assert table.loc[said.ALL, ["referrals", "eligible", "not_eligible", "started"]].tolist() == [
        100, 60, 40, 100,
    ]  # fmt: skip
    assert table.loc["Work", "referrals"] == 40
    assert table.loc[said.ALL, "share"] == 1.0
    disclosure.require_protected(commission.steps_table(data))


def test_a_start_after_the_days_allowed_is_no_start_in_time(workspace):
    rows = people(60)
    rows["start_date"] = rows["referral_date"] + pd.Timedelta(days=40)
    table = commission.steps_table(workspace(enrolments=rows))
    assert table["started"].tolist() == [0, 0]


def test_without_eligibility_there_is_no_column_for_it(workspace):
    table = commission.steps_table(workspace(enrolments=people(60)))
    assert "eligible" not in table
    assert commission.stages(table)["stage"].tolist() == ["referred", "started in time"]


def test_without_referral_dates_it_says_so(workspace):
    rows = people(30).drop(columns="referral_date")
    assert commission.why_no_steps(workspace(enrolments=rows)) == said.NO_REFERRALS


def test_few_referrals_are_hidden_and_so_is_what_would_give_them_away(workspace):
    rows = pd.concat([people(60), people(4, "Work"), people(30, "Play")])
    table = commission.steps_table(workspace(enrolments=rows)).set_index("programme")
    assert table.loc["Work", "referrals"] is pd.NA
    assert table.loc["Play", "referrals"] is pd.NA
    assert commission.stages(table.reset_index())["people"].tolist() == [95, 95]


# --- outcomes -----------------------------------------------------------------------------------


def test_claimed_and_evidenced_are_counted_once_an_enrolment(workspace):
    rows = people(60)
    seen = [True] * 30 + [False] * 20 + [None] * 10
    outcomes = homes(rows, evidenced=seen)
    again = homes(rows, evidenced=False)
    other = homes(rows).assign(outcome="arrest")
    data = workspace(
        settings=SUCCESS, enrolments=rows, outcomes=pd.concat([outcomes, again, other])
    )
    row = commission.claims_table(data).iloc[-1]
    assert (row["claimed"], row["evidenced"], row["share"]) == (60, 30, 0.5)


def test_an_export_that_does_not_say_what_is_evidenced_says_so(workspace):
    rows = people(60)
    data = workspace(settings=SUCCESS, enrolments=rows, outcomes=homes(rows))
    table = commission.claims_table(data)
    assert list(table) == ["programme", "claimed", "note"]
    assert commission.claims_sentence(data, table).endswith(
        "This export does not say which outcomes are evidenced."
    )


def test_claims_before_the_start_or_after_the_as_of_date_do_not_count(workspace):
    rows = people(60)
    early = homes(rows).assign(outcome_date=date(2024, 12, 31))
    late = homes(rows).assign(outcome_date=date(2026, 1, 2))
    data = workspace(settings=SUCCESS, enrolments=rows, outcomes=pd.concat([early, late]))
    assert commission.claims_table(data)["claimed"].tolist() == [0]


def test_why_there_are_no_claims(workspace):
    rows = people(30)
    assert commission.why_no_claims(workspace(enrolments=rows)) == said.NO_OUTCOMES
    data = workspace(enrolments=rows, outcomes=homes(rows))
    assert commission.why_no_claims(data) == said.NO_SUCCESS


# --- costs --------------------------------------------------------------------------------------


def test_a_cost_per_outcome_has_the_interval_of_a_poisson_count(workspace):
    rows = people(60)
    settings = SUCCESS | {"commission": {"costs": {"Support": 1000}}}
    data = workspace(settings=settings, enrolments=rows, outcomes=homes(rows))
    row = commission.cost_table(data).iloc[0]
    assert (row["cost"], row["claimed"], row["cost_per_outcome"]) == (12000, 60, 200)
    # Garwood's limits of 60 in tables of the Poisson distribution: 45.79 and 77.23
    assert row["lower"] == pytest.approx(12000 / 77.23, rel=1e-3)
    assert row["upper"] == pytest.approx(12000 / 45.79, rel=1e-3)


def test_no_cost_per_person_of_few(workspace):
    rows = people(15)
    settings = SUCCESS | {"commission": {"costs": {"Support": 1000}}}
    data = workspace(settings=settings, enrolments=rows, outcomes=homes(rows))
    table = commission.cost_table(data)
    assert table[["cost_per_outcome", "lower", "upper"]].isna().all().all()
    assert "Too few people" in commission.costs_sentence(data, table)


def test_costs_of_programmes_that_are_not_there_are_asked_about(workspace):
    rows = people(30)
    settings = SUCCESS | {"commission": {"costs": {"Suport": 1000}}}
    data = workspace(settings=settings, enrolments=rows, outcomes=homes(rows))
    assert commission.why_no_costs(data) == said.NO_SUCH_PROGRAMME
    data = workspace(settings=SUCCESS, enrolments=rows, outcomes=homes(rows))
    assert commission.why_no_costs(data) == said.NO_COSTS


# --- forecasts ----------------------------------------------------------------------------------


def test_the_prediction_is_that_of_quasi_poisson_data():
    # predint's qp_pi: λn* ± z √(n*φλ + n*²φλ/Σn); here λ = (total + ½)/seen
    made = commission.predict(299.5, 30, ahead=3, scatter=3.0)
    assert made.expected == pytest.approx(30)
    half = stats.norm.isf(0.025) * np.sqrt(3 * 3 * 10 + 9 * 3 * 10 / 30)
    assert float(made.upper - made.lower) / 2 == pytest.approx(half, rel=0.04)


def test_without_scatter_it_is_the_predictive_distribution_of_a_poisson_count():
    made = commission.predict(24, 5)
    assert made.lower == stats.nbinom.ppf(0.025, 24.5, 5 / 6)
    assert made.upper == stats.nbinom.isf(0.025, 24.5, 5 / 6)
    assert float(made.expected) == pytest.approx(4.9)


def test_a_prediction_is_whole_and_never_below_none():
    made = commission.predict([0, 3, 100], 12, scatter=4)
    assert (made.lower >= 0).all()
    assert (made.upper == np.round(made.upper)).all()
    with pytest.raises(DataError, match="at least one interval"):
        commission.predict(5, 0)


def counts(rng, mean, scatter, size):
    if scatter == 1:
        return rng.poisson(mean, size)
    return rng.negative_binomial(mean / (scatter - 1), 1 / scatter, size)


@pytest.mark.parametrize("scatter", [1.0, 1.5, 2.5])
@pytest.mark.parametrize(("mean", "ahead"), [(8, 1), (8, 3), (30, 1), (100, 1)])
def test_it_covers_what_it_says(mean, ahead, scatter):
    rng, times, seen = np.random.default_rng(4), 2000, 12
    before = counts(rng, mean, scatter, (times, seen))
    after = counts(rng, mean, scatter, (times, ahead)).sum(axis=1)
    inside = 0
    for past, to_come in zip(before, after, strict=True):
        made = commission.predict(past.sum(), seen, ahead, commission.dispersion(past))
        inside += bool(made.lower <= to_come <= made.upper)
    error = 3 * np.sqrt(0.05 * 0.95 / times)
    assert 0.93 - error <= inside / times <= 0.97 + error


def test_it_covers_what_it_says_where_there_is_a_season():
    rng, times = np.random.default_rng(5), 1000
    mean = 30 + 15 * np.sin(np.arange(12) / 12 * 2 * np.pi)
    month = np.tile(np.arange(12), 3)
    inside = 0
    for _ in range(times):
        past = rng.poisson(np.tile(mean, 3))
        made = commission.predict(past[month == 0].sum(), 3, 1, commission.dispersion(past, month))
        inside += bool(made.lower <= rng.poisson(mean[0]) <= made.upper)
    assert 0.92 <= inside / times <= 0.98


def test_scatter_is_one_for_poisson_counts_and_more_for_others():
    rng = np.random.default_rng(0)
    assert commission.dispersion(rng.poisson(20, 5000)) == pytest.approx(1, abs=0.08)
    assert commission.dispersion(counts(rng, 20, 3, 5000)) == pytest.approx(3, abs=0.3)
    assert np.isnan(commission.dispersion([5]))


def test_starts_go_on_as_in_the_last_twelve_months(workspace):
    data = workspace(enrolments=people(700, first="2023-12-30", days=1))
    made = commission.forecast(data, said.STARTS, no_season)
    ahead = made.table[made.table["expected"].notna()]
    assert ahead["interval"].dt.strftime("%Y-%m").tolist() == ["2026-01", "2026-02", "2026-03"]
    assert ahead["value"].isna().all()
    total = ahead["rests_on"].iloc[0]
    assert ahead["expected"].iloc[0] == pytest.approx((total + 0.5) / 12, abs=0.06)
    disclosure.require_protected(made.table)
    assert "January 2026 should see about" in made.sentence


def test_a_season_repeats_the_same_months_of_the_years_before(workspace):
    rows = pd.concat(
        [people(31 if month in (1, 2) else 10, f"P{year}{month}", f"{year}-{month:02}-01", 0)
         for year in (2022, 2023, 2024, 2025) for month in range(1, 13)]
    )  # fmt: skip
    rows["start_date"] = rows["referral_date"]
    data = workspace(enrolments=rows)
    made = commission.forecast(data, said.STARTS, a_season)
    assert made.seasonal
    assert made.table["rests_on"].dropna().tolist() == [95, 95, 30]  # 3 × 31, 3 × 31, 3 × 10


def test_hidden_months_make_quarters(workspace):
    data = workspace(enrolments=people(250, first="2023-12-30", days=3))
    made = commission.forecast(data, said.STARTS, no_season)
    assert made.interval == "month"
    data = workspace(enrolments=people(147, first="2023-12-30", days=5))
    made = commission.forecast(data, said.STARTS, no_season)
    assert made.interval == "quarter"
    assert "the quarter from January 2026" in made.sentence


def test_no_forecast_from_less_than_a_year(workspace):
    data = workspace(enrolments=people(100, first="2025-06-01"))
    data_short = workspace(enrolments=people(100), complete_from="2025-06-01")
    assert isinstance(commission.forecast(data, said.STARTS, no_season), str)
    assert commission.forecast(data_short, said.STARTS, no_season) == (
        "No forecast of starts: fewer than 12 months are complete."
    )


def test_no_forecast_where_anything_would_have_to_be_expected(workspace):
    waves = pd.concat(
        [people(300, "A", "2024-10-01", 0), people(300, "B", "2025-10-01", 0), people(1, "C")]
    )
    waves["start_date"] = waves["referral_date"]
    made = commission.forecast(workspace(enrolments=waves), said.STARTS, no_season)
    assert isinstance(made, str)
    assert "months have differed so much" in made


def test_what_is_not_forecast_has_its_reason(workspace):
    found, missing = commission.forecasts(workspace(enrolments=people(400, days=1)), no_season)
    assert len(missing) >= 1
    assert missing[-1].startswith("No forecast of outcomes claimed: this export has no table")
    assert all(isinstance(each, commission.Forecast) for each in found)


# --- own beside the rest ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(partner):
    return signals.overview(partner).findings


def test_every_measure_stands_beside_the_rest(partner, own):
    table = commission.beside_table(partner, audiences.others(partner), own)
    disclosure.require_protected(table)
    row = table.set_index("measure").loc["referrals"]
    assert float(row["own"]) % 5 == 0
    assert row["own_year"] > row["own"]
    assert table.set_index("measure").loc["caseload", "own_year"] is pd.NA
    when = table.set_index("measure")["interval"]
    assert when["referrals"] == "November 2025"
    assert when["start rate"] == "July to September 2025"


def test_a_year_of_single_months_adds_up_to_what_the_year_says(partner, own):
    rest = audiences.others(partner)
    table = commission.beside_table(partner, rest, own).set_index("measure")
    for name in ("referrals", "starts"):
        for side, data in (("own_year", partner), ("rest_year", rest)):
            months = measures.build(data, name)
            months = months[months["complete"]].tail(12)["numerator"].sum()
            assert abs(table.loc[name, side] - float(months)) <= 2.5, (name, side)


def test_the_rest_is_said_to_be_one_organisation_and_is_not_named(partner):
    rest = commission.rest_sentence(partner, audiences.others(partner))
    assert rest.startswith("The rest is exactly one other organisation.")
    assert "Millbrook" not in rest
    assert said.rest("Us", 3) == "The rest is 3 other organisations, taken together."
    assert "no other organisation" in said.rest("Us", 0)


# --- the sample, and words ----------------------------------------------------------------------


def test_the_funder_of_the_sample(funder):
    steps, claims = commission.steps_table(funder), commission.claims_table(funder)
    assert steps["programme"].tolist() == [
        "Settled Homes", "Fresh Start", "Steady Ground", said.ALL,
    ]  # fmt: skip
    assert claims.iloc[-1]["share"] == pytest.approx(0.8, abs=0.08)
    costs = commission.cost_table(funder).iloc[-1]
    assert costs["lower"] < costs["cost_per_outcome"] < costs["upper"]
    assert len(commission.forecasts(funder, no_season)[0]) == 2


def test_the_hashes_name_the_snapshot_and_every_file(funder):
    table = commission.frozen_table(funder)
    assert table["hash"].iloc[0] == funder.snapshot
    assert set(table["what"].iloc[1:]) == set(funder.inputs)


def test_what_is_said_of_referrals():
    assert said.steps("May 2025", 100, 80, 60, 0.6, 28) == (
        "100 referrals came in May 2025; 80 were found eligible; 60 started within 28 days "
        "(60% of referrals)."
    )
    assert said.steps("May 2025 to June 2025", pd.NA, None, pd.NA, pd.NA, 28) == (
        "Too few referrals from May 2025 to June 2025 to say more."
    )


def test_what_is_said_of_costs_claims_and_forecasts():
    assert said.cost("May 2025", 5165.2, 4303, 6256, "£") == (
        "An outcome claimed in May 2025 cost £5,165; chance alone in the number of outcomes allows "
        "anything from £4,303 to £6,256."
    )
    assert said.claimed(["home"], "May 2025", 115, (0.826, 0.747, 0.885)) == (
        "115 outcomes ('home') are claimed in May 2025. Proof was seen of 83% of them (75% to 88%)."
    )
    assert said.claimed(["home"], "May 2025", pd.NA) == (
        "Too few outcomes ('home') came in May 2025 to show how many."
    )
    row = pd.DataFrame(
        {"interval": [pd.Timestamp("2025-12-01")], "expected": 28.4, "lower": 18, "upper": 40}
    )
    assert said.forecast("starts", "month", row, False, 1.1) == (
        "If things go on as in the last 12 complete months, December 2025 should see about 28 "
        "starts (95% interval 18 to 40)."
    )
    assert "wider for it" in said.forecast("starts", "month", row, True, 1.7)


def test_what_is_said_of_the_records():
    assert said.quality(0.89, 0.11) == (
        "Over the last 12 complete months, 89% of your contacts were typed in on time and 11% of "
        "your outcomes that were due are not known."
    )
    assert "cannot be said" in said.quality(None, None)


def test_every_reading_says_what_it_cannot_tell():
    for name, text in said.READ.items():
        if name not in ("frozen", "signals"):
            assert "cannot tell you" in text, name
    for text in (said.NOT_EVIDENCED, said.NO_COSTS, said.NO_PLAN, said.NO_TARGETS):
        assert text.endswith(".")
