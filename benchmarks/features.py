"""Features of all OULAD registrations on 12 days: against DuckDB and pandas by hand."""

import json
import os
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.timing import Weight, python, show

ROUNDS = 3
FIRST, EVERY, DATES = "2013-03-29", 60, 12
OURS = """
import json, time
import ibis, pandas as pd
import workbench as wb
from workbench import exposures, settings
own = settings.built_in("oulad").with_path("{data}")
days = [day.date() for day in pd.date_range("{first}", freq="{every}D", periods={dates})]
ibis.duckdb  # loads the backend, as `import duckdb` does for the rivals
started = time.perf_counter()
data = wb.open(own, scope=wb.EVERYONE)
opened = time.perf_counter()
features = exposures.activity(data, days)
done = time.perf_counter()
features.to_parquet("{out}")
print(json.dumps([opened - started, done - opened, str(data.folder)]))
"""

SQL_SNAPSHOT = """
key = "enrolment_id"
people = "SELECT * FROM '{snapshot}/enrolments.parquet'"
kept = "SELECT * FROM '{snapshot}/contacts.parquet' WHERE coalesce(attended, true)"
"""
SQL_CLICKS = """
day_0 = '''CASE code_presentation WHEN '2013B' THEN DATE '2013-02-01' WHEN '2013J' THEN
    DATE '2013-10-01' WHEN '2014B' THEN DATE '2014-02-01' ELSE DATE '2014-10-01' END'''
key = "code_module, code_presentation, id_student"
people = f'''SELECT {{key}}, code_module || '-' || code_presentation || '-' || id_student
            AS enrolment_id,
        id_student::VARCHAR AS client_id, code_module || ' ' || code_presentation AS programme,
        {{day_0}} + greatest(0, coalesce(date_registration, 0))::INT AS start_date,
        {{day_0}} + coalesce(date_unregistration, module_presentation_length)::INT AS end_date,
        NULL::DATE AS end_recorded_at
    FROM '{data}/studentInfo.csv.gz' JOIN '{data}/studentRegistration.csv.gz' USING ({{key}})
    JOIN '{data}/courses.csv.gz' USING (code_module, code_presentation)
    WHERE date_unregistration IS NULL OR date_unregistration > 0'''
kept = f'''SELECT {{key}}, {{day_0}} + date::INT AS contact_date
    FROM (SELECT DISTINCT {{key}}, date FROM '{data}/studentVle.parquet')'''
"""
# Registrations are numbered, which halves the time of the gaps; nothing here comes in late, so a
# gap is the same on every day. `median` and `filter` were the fastest of several ways.
SQL = """
import json, time
import duckdb, pandas
started = time.perf_counter()
{sources}
con = duckdb.connect()
features = con.execute(f'''
WITH days AS (
    SELECT DATE '{first}' + (i * {every})::INT AS as_of_date FROM range({dates}) AS r(i)),
people AS MATERIALIZED (SELECT *, row_number() OVER () AS number FROM ({{people}})),
here AS (
    SELECT number, as_of_date, enrolment_id, client_id, programme, start_date,
        coalesce(end_date <= as_of_date, false) AS gone
    FROM people, days WHERE start_date <= as_of_date AND NOT coalesce(
        greatest(end_date, end_recorded_at::DATE) <= as_of_date, false)),
contacts AS (
    SELECT number, contact_date, contact_date - lag(contact_date) OVER (
        PARTITION BY number ORDER BY contact_date) AS gap
    FROM ({{kept}}) JOIN people USING ({{key}})),
counted AS (
    SELECT as_of_date, number, min(as_of_date - contact_date) AS last,
        count(*) FILTER (as_of_date - contact_date < 14) AS weeks_2,
        count(*) FILTER (as_of_date - contact_date < 28) AS weeks_4,
        count(*) FILTER (as_of_date - contact_date < 56) AS weeks_8,
        count(*) AS in_all,
        CASE WHEN count(*) FILTER (gap > 0) >= 3
            THEN median(gap) FILTER (gap > 0) END AS usual_gap
    FROM here JOIN contacts USING (number) WHERE contact_date <= as_of_date GROUP BY ALL)
SELECT as_of_date, enrolment_id, client_id, programme, start_date, gone,
    last IS NULL AS no_contact,
    coalesce(last, as_of_date - start_date) AS days_since_contact,
    coalesce(weeks_2, 0) AS contacts_2_weeks,
    coalesce(weeks_4, 0) AS contacts_4_weeks,
    coalesce(weeks_8, 0) AS contacts_8_weeks,
    coalesce(in_all, 0) AS contacts_in_all,
    CASE WHEN as_of_date - start_date >= 56
        THEN 2 * coalesce(weeks_4, 0) - coalesce(weeks_8, 0) END AS contact_trend,
    usual_gap, coalesce(last, as_of_date - start_date) / usual_gap AS gap_in_usual_gaps,
    as_of_date - start_date AS days_in_programme
FROM here LEFT JOIN counted USING (as_of_date, number)
ORDER BY as_of_date, enrolment_id''').df()
done = time.perf_counter()
features.to_parquet("{out}")
print(json.dumps([0, done - started, ""]))
"""

PANDAS_SNAPSHOT = """
people = pd.read_parquet("{snapshot}/enrolments.parquet", columns=[
    "enrolment_id", "client_id", "programme", "start_date", "end_date", "end_recorded_at"])
contacts = pd.read_parquet(
    "{snapshot}/contacts.parquet", columns=["enrolment_id", "contact_date", "attended"])
contacts = contacts[contacts["attended"].fillna(True).astype(bool)].drop(columns="attended")
contacts["contact_date"] = pd.to_datetime(contacts["contact_date"])
for name in ("start_date", "end_date"):
    people[name] = pd.to_datetime(people[name])
"""
PANDAS_CLICKS = """
key = ["code_module", "code_presentation", "id_student"]
firsts = {{"2013B": "2013-02-01", "2013J": "2013-10-01", "2014B": "2014-02-01",
    "2014J": "2014-10-01"}}
people = pd.read_csv("{data}/studentInfo.csv.gz", usecols=key)
people = people.merge(pd.read_csv("{data}/studentRegistration.csv.gz"), on=key)
people = people.merge(pd.read_csv("{data}/courses.csv.gz"), on=key[:2])
people = people[~(people["date_unregistration"] <= 0)]
day_0 = pd.to_datetime(people["code_presentation"].map(firsts))
entered = people["date_registration"].fillna(0).clip(lower=0)
last = people["date_unregistration"].fillna(people["module_presentation_length"])
people = people.assign(
    enrolment_id=people[key[0]] + "-" + people[key[1]] + "-" + people[key[2]].astype(str),
    client_id=people["id_student"].astype(str),
    programme=people[key[0]] + " " + people[key[1]],
    start_date=day_0 + pd.to_timedelta(entered, unit="D"),
    end_date=day_0 + pd.to_timedelta(last, unit="D"),
    end_recorded_at=pd.NaT, day_0=day_0)
contacts = pd.read_parquet("{data}/studentVle.parquet", columns=[*key, "date"]).drop_duplicates()
contacts = contacts.merge(people[[*key, "enrolment_id", "day_0"]], on=key)
contacts["contact_date"] = contacts["day_0"] + pd.to_timedelta(contacts["date"], unit="D")
contacts = contacts[["enrolment_id", "contact_date"]]
people = people.drop(columns=[*key, "date_registration", "date_unregistration", "day_0",
    "module_presentation_length"])
"""
# A loop over the days, nothing over people; names as categories, and the gaps worked out once.
PANDAS = """
import json, time
import pandas as pd
import pyarrow.parquet
started = time.perf_counter()
{sources}
names = pd.CategoricalDtype(people["enrolment_id"])
contacts = contacts.assign(enrolment_id=contacts["enrolment_id"].astype(names))
contacts = contacts.sort_values(["enrolment_id", "contact_date"])
before = contacts.groupby("enrolment_id", observed=True)["contact_date"].shift()
contacts["gap"] = (contacts["contact_date"] - before).dt.days
weeks = ["contacts_2_weeks", "contacts_4_weeks", "contacts_8_weeks"]
found = []
for day in pd.date_range("{first}", freq="{every}D", periods={dates}):
    gone = people["end_date"] <= day
    typed = people["end_recorded_at"].fillna(people["end_date"]) < day + pd.Timedelta(days=1)
    here = people[(people["start_date"] <= day) & ~(gone & typed)]
    here = here.drop(columns=["end_date", "end_recorded_at"]).assign(as_of_date=day, gone=gone)
    known = contacts[contacts["contact_date"] <= day]
    known = known[known["enrolment_id"].isin(here["enrolment_id"])]
    ago = (day - known["contact_date"]).dt.days
    known = known.assign(ago=ago, **dict(zip(weeks, (ago < 14, ago < 28, ago < 56))))
    each = known.groupby("enrolment_id", observed=True)
    counted = each[weeks].sum().assign(last=each["ago"].min(), contacts_in_all=each.size())
    gaps = known[known["gap"] > 0].groupby("enrolment_id", observed=True)["gap"]
    counted["usual_gap"] = gaps.median().where(gaps.size() >= 3)
    found.append(here.merge(counted, how="left", left_on="enrolment_id", right_index=True))
features = pd.concat(found).sort_values(["as_of_date", "enrolment_id"], ignore_index=True)
counts = [*weeks, "contacts_in_all"]
features[counts] = features[counts].fillna(0)
features["days_in_programme"] = (features["as_of_date"] - features["start_date"]).dt.days
features["no_contact"] = features["last"].isna()
features["days_since_contact"] = features.pop("last").fillna(features["days_in_programme"])
features["gap_in_usual_gaps"] = features["days_since_contact"] / features["usual_gap"]
trend = 2 * features["contacts_4_weeks"] - features["contacts_8_weeks"]
features["contact_trend"] = trend.where(features["days_in_programme"] >= 56)
done = time.perf_counter()
features.to_parquet("{out}")
print(json.dumps([0, done - started, ""]))
"""

OPENED = "workbench, snapshot opened"
LOADED = "workbench, loaded and checked first"
RIVALS = {
    "DuckDB by hand, the snapshot's files": (SQL, SQL_SNAPSHOT),
    "pandas by hand, the snapshot's files": (PANDAS, PANDAS_SNAPSHOT),
    "DuckDB by hand, the click rows unchecked": (SQL, SQL_CLICKS),
    "pandas by hand, the click rows unchecked": (PANDAS, PANDAS_CLICKS),
}


def compare() -> None:
    """Print all, side by side, from fresh processes; the best of three rounds each."""
    place = os.environ.get("WORKBENCH_DATA")
    if not place:
        print("\nfeatures: not run: set WORKBENCH_DATA to the folder that holds oulad/")
        return
    rounds = [_round(str(Path(place) / "oulad")) for _ in range(ROUNDS)]
    best = {
        name: min((each[name] for each in rounds), key=lambda weight: weight.seconds)
        for name in rounds[0]
    }
    loaded = best.pop(LOADED)
    rows = next(iter(best.values())).printed
    show(
        f"OULAD: features on {DATES} days, 10,655,280 click rows, {rows} rows, all equal",
        list(best.items()),
        "at most 1.5 times DuckDB, 0.1 times pandas, and 4 GiB",
    )
    from_clicks = {name: weight for name, weight in best.items() if "click rows" in name}
    show(
        "The same with the load: a snapshot with all its checks is written, once for all questions",
        [(LOADED, loaded), *from_clicks.items()],
        "none: the load is compared under oulad",
    )


def _round(data: str) -> dict[str, Weight]:
    """Everything once, in turn. AssertionError when two of them give different features."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "features.parquet")
        home = {"WORKBENCH_HOME": folder}
        fixed = {"data": data, "first": FIRST, "every": EVERY, "dates": DATES, "out": out}
        found, (load, query, snapshot) = _weigh(OURS.format(**fixed), home)
        weights = {LOADED: Weight(load + query, found.gib, "")}
        found, (_, query, _) = _weigh(OURS.format(**fixed), home)
        ours = pd.read_parquet(out)
        weights = {OPENED: Weight(query, found.gib, f"{len(ours):,}")} | weights
        for name, (code, sources) in RIVALS.items():
            read = sources.format(data=data, snapshot=snapshot)
            found, (_, query, _) = _weigh(code.format(sources=read, **fixed), home)
            weights[name] = Weight(query, found.gib, "")
            _same(ours, pd.read_parquet(out))
    return weights


def _weigh(code: str, environment: dict[str, str]) -> tuple[Weight, tuple[float, float, str]]:
    """Seconds are those of the work itself: starting Python is left out on all sides."""
    whole = python(code, environment)
    load, query, snapshot = json.loads(whole.printed.splitlines()[-1])
    return whole, (load, query, snapshot)


def _same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Compare what OULAD can tell: nobody holds a case in it."""
    ours = ours.drop(columns="caseworker_id")
    assert set(theirs.columns) == set(ours.columns)
    theirs = theirs[ours.columns].astype(dict.fromkeys(ours.select_dtypes("float").columns, float))
    pd.testing.assert_frame_equal(theirs, ours, check_dtype=False, rtol=1e-9, atol=1e-9)
