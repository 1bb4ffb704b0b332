"""The synthetic charity: the same bytes for a seed, nobody's real data, and every planted truth."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

import workbench as wb
from workbench import sample, settings
from workbench.measures.own import recipes
from workbench.sample import plan
from workbench.sample.export import FILES
from workbench.tables import IN_ORDER, PARENTS, kind, with_attributes

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "data" / "sample"
SETTINGS = settings.read(ROOT / "settings" / "sample.toml")
AS_OF = pd.Timestamp("2025-11-30")
DISENGAGED = SETTINGS.exits.disengagement

Tables = dict[str, pd.DataFrame]


def load(folder: Path) -> Tables:
    """The tables of a written export, read as anyone's export is; days as timestamps."""
    data = wb.open(SETTINGS, as_of=AS_OF.date(), scope=wb.EVERYONE, source=folder)
    declared = with_attributes(SETTINGS.attributes)
    tables: Tables = {}
    for name in data.tables:
        frame = getattr(data.tables, name).to_pandas()
        for column in frame.columns:
            if kind(declared[name], column) in ("date", "moment"):
                frame[column] = pd.to_datetime(frame[column])
        tables[name] = frame
    return tables


@pytest.fixture(scope="module", autouse=True)
def _own_snapshots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load(COMMITTED)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("without")
    sample.write(folder, effects=False)
    return load(folder)


# --- the files ------------------------------------------------------------------------------------


def test_writing_again_gives_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    written = sample.write(tmp_path)
    assert sorted(each.name for each in written) == sorted(p.name for p in COMMITTED.iterdir())
    for path in written:
        assert path.read_bytes() == (COMMITTED / path.name).read_bytes(), path.name


def test_another_seed_gives_another_charity_of_the_same_shape() -> None:
    one, other = sample.make(seed=1, clients=60), sample.make(seed=2, clients=60)
    assert list(one) == list(other)
    assert all(list(one[name]) == list(other[name]) for name in one)
    assert not one["clients"].equals(other["clients"])


def test_the_charity_has_the_size_that_was_asked_for(tables: Tables) -> None:
    clean = sample.make()
    assert len(clean["clients"]) == 900
    assert 54_000 < len(clean["contacts"]) < 66_000
    assert clean["staff"]["caseworker_id"].str.startswith("W").sum() == 12
    enrolments = clean["enrolments"]
    assert set(enrolments["programme"]) == set(plan.PROGRAMMES)
    assert enrolments["organisation"].nunique() == 2
    assert 0.1 < enrolments["start_date"].isna().mean() < 0.3
    assert clean["contacts"]["contact_date"].min() < pd.Timestamp("2023-07-01")
    assert clean["contacts"]["contact_date"].max() >= pd.Timestamp(plan.EXPORT_DAY)
    assert sum(path.stat().st_size for path in COMMITTED.iterdir()) < 9_000_000


def test_clean_tables_hold_declared_columns_in_order_of_time_and_hang_together() -> None:
    clean = sample.make(seed=7, clients=300)
    declared = with_attributes(SETTINGS.attributes)
    for name, table in clean.items():
        assert set(table.columns) <= set(declared[name].columns), name
        for earlier, later in IN_ORDER.get(name, ()):
            assert not (table[earlier] > table[later]).any(), (name, earlier, later)
    for name, (key, parent) in PARENTS.items():
        assert clean[name][key].isin(clean[parent][key]).all(), name
    export = pd.Timestamp(plan.EXPORT_DAY) + pd.Timedelta(days=1)
    for name in ("contacts", "outcomes", "assessments"):
        assert clean[name]["recorded_at"].max() < export, name
    stay = clean["contacts"].merge(clean["enrolments"], on="enrolment_id")
    day = stay["contact_date"].dt.normalize()
    assert ((day >= stay["start_date"]) & ~(day > stay["end_date"])).all()


def test_settings_map_every_header_of_the_export_that_a_table_has_room_for() -> None:
    for name, source in SETTINGS.sources.items():
        file = FILES.get(name, FILES["activity"])
        assert source.file == file.name
        if file is not FILES["activity"]:
            assert source.columns == dict(file.headers), name
    fed = {**SETTINGS.sources["contacts"].columns, **SETTINGS.sources["supports"].columns}
    assert set(fed.values()) | {"Type"} == set(FILES["activity"].headers.values())
    known = SETTINGS.exits
    reasons = {*known.disengagement, *known.completion, *known.neither}
    assert reasons == set(sample.make()["enrolments"]["exit_reason"]) - {""}


def test_targets_and_logged_changes_name_measures_that_exist() -> None:
    clean = sample.make(clients=30)
    known = set(recipes(SETTINGS))
    assert set(clean["targets"]["measure"]) | set(clean["changes"]["measure"]) <= known


def test_personal_fields_are_there_and_cannot_be_anyones() -> None:
    clients = pd.read_csv(COMMITTED / "clients.csv", sep=";", encoding="cp1252", dtype=str)
    assert clients["E-mail"].str.fullmatch(r"client\.\d+@example\.org").all()
    assert clients["Phone"].str.fullmatch(r"01632 960\d{3}").all()
    assert clients["NI number"].str.fullmatch(r"QQ\d{6}C").all()
    surnames = {"Example", "Sample", "Specimen", "Placeholder", "Demo", "Invented", "Madeup"}
    assert set(clients["Last name"]) <= {*surnames, "Nobody"}
    assert clients["Notes"].str.contains("01632|@example.org|fixed address").sum() > 50
    everything = "".join(
        path.read_bytes().decode("cp1252" if path.name == "clients.csv" else "utf-8-sig")
        for path in COMMITTED.glob("*.csv")
    )
    assert set(re.findall(r"@[\w.]+\w", everything)) == {"@example.org"}
    assert set(re.findall(r"\b0\d{4} ?\d{3}", everything)) == {"01632 960"}


@pytest.mark.parametrize(
    ("file", "kind", "column", "pattern"),
    [
        ("activity.csv", "a day that does not exist", "Date", r"31/02/2025 10:00"),
        ("activity.csv", "no date", "Date", r""),
        ("activity.csv", "a date in the future", "Date", r"\d\d/\d\d/2052 .*"),
        ("activity.csv", "an enrolment that does not exist", "Enrolment ref", r"E99\d{4}"),
        ("activity.csv", "a mistyped channel", "Channel", r"F2f|Tel\.|TLE|Face 2 Face"),
        ("activity.csv", "spaces around a reference", "Enrolment ref", r" E\d+  "),
        ("activity.csv", "a formula", "Provider", r"=cmd.*"),
        ("activity.csv", "a script", "Service", r"<script>.*"),
        ("activity.csv", "an end before the start", "Until", r"01/01/2023"),
        ("clients.csv", "a birth in 1899", "Date of birth", r"31/12/1899"),
        ("enrolments.csv", "a client who does not exist", "Client ref", r"C99\d{4}"),
        ("outcomes.csv", "a mistyped code", "Achieved", r"Yess|n/k"),
    ],
)
def test_the_readme_counts_the_flaws(file: str, kind: str, column: str, pattern: str) -> None:
    counts = re.findall(
        rf"^\| `{file}` \| {kind} \| ([\d,]+) \|$",
        (COMMITTED / "README.md").read_text("utf-8"),
        re.M,
    )
    raw = pd.read_csv(
        COMMITTED / file,
        sep=";" if file == "clients.csv" else ",",
        encoding="cp1252" if file == "clients.csv" else "utf-8-sig",
        dtype=str,
        keep_default_na=False,
    )
    assert counts == [f"{raw[column].str.fullmatch(pattern).sum():,}"]
    assert counts != ["0"]


# --- the planted truths ---------------------------------------------------------------------------


def stays(tables: Tables) -> pd.DataFrame:
    """One row a started enrolment: need score, days open, result and its day from the start."""
    frame = (
        tables["enrolments"].dropna(subset="start_date").merge(tables["clients"], on="client_id")
    )
    home = tables["outcomes"].query("outcome == 'settled home'").drop_duplicates("enrolment_id")
    frame = frame.merge(home[["enrolment_id", "outcome_date", "status"]], how="left")
    frame["days"] = (frame["end_date"].fillna(AS_OF) - frame["start_date"]).dt.days
    frame["result_day"] = (frame["outcome_date"] - frame["start_date"]).dt.days
    return frame


def meetings(tables: Tables) -> pd.DataFrame:
    """One row a contact offered, with its enrolment and the day counted from the start."""
    rows = tables["contacts"]
    rows = rows[~rows["channel"].isin(SETTINGS.contacts.administrative)]
    started = tables["enrolments"].dropna(subset="start_date")
    rows = rows.merge(started, on="enrolment_id")
    return rows.assign(day=(rows["contact_date"] - rows["start_date"]).dt.days)


def slopes_around_peak(tables: Tables) -> pd.DataFrame:
    """Change in success per weekly contact below and above the peak, at equal severity."""
    first_weeks = meetings(tables).query("day >= 0 and day < 84")
    weekly = first_weeks.groupby("enrolment_id").size() / plan.EXPOSURE_WEEKS
    frame = stays(tables).query("days >= 84 and result_day > 84 and status != 'not known'")
    frame = frame[frame["status"].isin(["achieved", "not achieved"])].sort_values("start_date")
    frame = frame.drop_duplicates("client_id")
    exposure = frame["enrolment_id"].map(weekly).fillna(0)
    frame = frame.assign(
        success=(frame["status"] == "achieved").astype(float),
        low=np.minimum(exposure, plan.PEAK),
        high=np.maximum(exposure - plan.PEAK, 0),
    )
    assert len(frame) > 450
    fit = smf.ols("success ~ low + high + C(need_score)", frame).fit(cov_type="HC3")
    return pd.DataFrame({"slope": fit.params, "z": fit.tvalues})


def test_truth_1_contact_has_a_sweet_spot_at_equal_severity(tables: Tables) -> None:
    found = slopes_around_peak(tables)
    assert found.loc["low", "slope"] == pytest.approx(0.25, abs=0.08)
    assert found.loc["high", "slope"] == pytest.approx(-0.12, abs=0.05)
    assert found.loc["low", "z"] > 5 and found.loc["high", "z"] < -5


def test_truth_1_severity_drives_both_contact_and_outcome(tables: Tables, without: Tables) -> None:
    for each in (tables, without):
        frame = stays(each)
        weeks = frame.set_index("enrolment_id")["days"].clip(lower=7) / 7
        weekly = meetings(each).groupby("enrolment_id").size() / weeks
        frame["weekly"] = frame["enrolment_id"].map(weekly)
        frame["success"] = frame["status"] == "achieved"
        by_need = frame[frame["days"] >= 84].groupby("need_score")[["weekly", "success"]].mean()
        assert by_need.loc["5", "weekly"] > 1.4 * by_need.loc["1", "weekly"]
        assert by_need.loc["5", "success"] < by_need.loc["1", "success"] - 0.2


def test_truth_1_is_not_there_without_effects(without: Tables) -> None:
    found = slopes_around_peak(without)
    assert found.loc[["low", "high"], "z"].abs().max() < 2.6


def arrests_after_day_56(tables: Tables) -> tuple[float, float, float]:
    """Share first arrested after day 56 with support by then and without, and the p value."""
    frame = stays(tables)
    support = tables["supports"].query("support == 'mental health support'")
    starts = support.groupby("enrolment_id")["start_date"].min()
    support_day = (frame["enrolment_id"].map(starts) - frame["start_date"]).dt.days
    arrests = tables["outcomes"].query("outcome == 'arrest'")
    first = arrests.groupby("enrolment_id")["outcome_date"].min()
    arrest_day = (frame["enrolment_id"].map(first) - frame["start_date"]).dt.days
    here = (frame["days"] > plan.EARLY_BY_DAY) & ~(arrest_day <= plan.EARLY_BY_DAY)
    early = (support_day <= plan.EARLY_BY_DAY)[here]
    arrested = arrest_day.notna()[here]
    table = pd.crosstab(early, arrested)
    return arrested[early].mean(), arrested[~early].mean(), stats.fisher_exact(table).pvalue


def test_truth_2_early_mental_health_support_lowers_arrests(
    tables: Tables, without: Tables
) -> None:
    early, others, p = arrests_after_day_56(tables)
    assert early < 0.6 * others and p < 1e-6
    early, others, p = arrests_after_day_56(without)
    assert p > 0.01


def lost_within_28_days(tables: Tables) -> tuple[float, float, int]:
    """Share lost in 28 days after a gap of over 3 own usual gaps and otherwise; how many lost."""
    kept = meetings(tables).query("attended == True").sort_values("contact_date")
    frame = tables["enrolments"].dropna(subset="start_date")
    rows = []
    for day in pd.date_range("2023-12-01", "2025-10-15", freq="28D"):
        here = frame[(frame["start_date"] <= day - pd.Timedelta(days=28))]
        here = here[~(here["end_date"] <= day)]
        known = kept[kept["contact_date"] <= day].groupby("enrolment_id")["contact_date"]
        last = here["enrolment_id"].map(known.max()).fillna(here["start_date"])
        contacts = here["enrolment_id"].map(known.size()).fillna(0)
        usual = ((last - here["start_date"]).dt.days / (contacts + 1)).clip(lower=1)
        soon = here["end_date"] <= day + pd.Timedelta(days=28)
        lost = soon & here["exit_reason"].isin(DISENGAGED)
        rows.append(pd.DataFrame({"gap": (day - last).dt.days / usual, "lost": lost}))
    seen = pd.concat(rows)
    long = seen["gap"] > 3
    return seen["lost"][long].mean(), seen["lost"][~long].mean(), int(seen["lost"].sum())


def test_truth_3_disengagement_follows_gaps_in_contact(tables: Tables, without: Tables) -> None:
    after_gap, otherwise, events = lost_within_28_days(tables)
    assert after_gap > 4 * otherwise and events > 100
    after_gap, otherwise, events = lost_within_28_days(without)
    assert 0.4 < after_gap / otherwise < 1.8 and events > 100


def attendance(rows: pd.DataFrame) -> float:
    return float(rows["attended"].dropna().astype(bool).mean())


def test_truth_4_attendance_in_one_programme_improves_with_the_first_change(
    tables: Tables, without: Tables
) -> None:
    rows, control = meetings(tables), meetings(without)
    logged = tables["changes"]["change_date"].min()
    assert logged == pd.Timestamp(plan.CHANGE_DAY)
    for programme in plan.PROGRAMMES:
        mine, same = (each[each["programme"] == programme] for each in (rows, control))
        step, nothing = (
            attendance(each[each["contact_date"] >= logged])
            - attendance(each[each["contact_date"] < logged])
            for each in (mine, same)
        )
        expected = plan.ATTENDANCE_STEP if programme == plan.CHANGED_PROGRAMME else 0
        assert step == pytest.approx(expected, abs=0.025), programme
        assert nothing == pytest.approx(0, abs=0.025), programme
    months = rows[rows["programme"] == plan.CHANGED_PROGRAMME]
    monthly = months.groupby(months["contact_date"].dt.to_period("M"))["attended"].mean()
    assert monthly["2023-08":"2024-08"].max() < monthly["2024-09":"2025-11"].min()


def test_truth_4_the_second_change_has_no_effect(tables: Tables) -> None:
    logged = tables["changes"]["change_date"].max()
    assert logged == pd.Timestamp(plan.NO_EFFECT_CHANGE_DAY)
    referred = tables["enrolments"].query("referral_date < '2025-09-01'")
    table = pd.crosstab(referred["referral_date"] >= logged, referred["start_date"].notna())
    assert stats.fisher_exact(table).pvalue > 0.05


def test_truth_5_one_team_stops_recording_for_two_weeks(tables: Tables, without: Tables) -> None:
    for each in (tables, without):
        rows = each["contacts"].merge(each["staff"][["caseworker_id", "team"]], on="caseworker_id")
        daily = pd.crosstab(rows["contact_date"], rows["team"])
        silent = daily.loc[str(plan.SILENT_FROM) : str(plan.SILENT_TO)]
        assert silent[plan.SILENT_TEAM].sum() == 0
        assert (silent.drop(columns=plan.SILENT_TEAM).sum() > 100).all()
        around = daily.loc["2025-02-24":"2025-04-06", plan.SILENT_TEAM].sum()
        assert around > 300


def friday_step(tables: Tables) -> float:
    rows = meetings(tables)
    friday = rows["contact_date"].dt.day_name() == "Friday"
    return attendance(rows[friday]) - attendance(rows[~friday])


def test_truth_6_missed_appointments_are_worse_on_fridays(tables: Tables, without: Tables) -> None:
    assert friday_step(tables) == pytest.approx(plan.FRIDAY_STEP, abs=0.02)
    assert friday_step(without) == pytest.approx(0, abs=0.02)


def test_one_slow_worker_hides_in_the_pooled_entry_lag(tables: Tables) -> None:
    rows = tables["contacts"].query("contact_date < '2025-06-01'")
    lag = (rows["recorded_at"] - rows["contact_date"]).dt.days
    by_worker = lag.groupby(rows["caseworker_id"]).quantile(0.95)
    slow = tables["staff"]["caseworker_id"].iloc[plan.SLOW_WORKER]
    assert by_worker[slow] > 25
    assert by_worker.drop(slow).max() < 10
    assert lag.quantile(0.95) < 13
