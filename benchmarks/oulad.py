"""10.7 million click rows into a snapshot, and contacts per client-week: against DuckDB by hand."""

import json
import os
import tempfile
from pathlib import Path

from benchmarks.timing import Weight, python, show

ROUNDS = 3
OURS = """
import json, time
import ibis
import workbench as wb
from workbench import measures, settings
own = settings.built_in("oulad").with_path({data!r})
ibis.duckdb  # loads the backend, as `import duckdb` does for the rivals
started = time.perf_counter()
data = wb.open(own, scope=wb.EVERYONE)
loaded = time.perf_counter()
rows = measures.build(data, "contacts per client-week")
done = time.perf_counter()
print(json.dumps([
    loaded - started, done - loaded,
    float(rows["numerator"].sum()), float(rows["denominator"].sum()),
]))
"""
BY_HAND = """
import duckdb, json, time
started = time.perf_counter()
con = duckdb.connect()
info, reg = "{data}/studentInfo.csv.gz", "{data}/studentRegistration.csv.gz"
courses, clicks = "{data}/courses.csv.gz", "{data}/studentVle.parquet"
origin = '''CASE code_presentation WHEN '2013B' THEN DATE '2013-02-01' WHEN '2013J' THEN
    DATE '2013-10-01' WHEN '2014B' THEN DATE '2014-02-01' ELSE DATE '2014-10-01' END'''
con.execute(f'''CREATE TABLE enrolments AS
    SELECT code_module || '-' || code_presentation || '-' || id_student AS enrolment_id,
        final_result, {{origin}} AS origin, module_presentation_length AS length,
        date_registration AS registered, date_unregistration AS unregistered
    FROM '{{info}}' JOIN '{{reg}}' USING (code_module, code_presentation, id_student)
    JOIN '{{courses}}' USING (code_module, code_presentation)''')
con.execute(f'''COPY (SELECT * FROM enrolments) TO '{folder}/enrolments.parquet'
    (COMPRESSION zstd)''')
con.execute(f'''COPY (
    SELECT code_module || '-' || code_presentation || '-' || id_student AS enrolment_id,
        {{origin}} + date::INT AS contact_date, 'online' AS channel, TRUE AS attended
    FROM '{{clicks}}' GROUP BY code_module, code_presentation, id_student, date
) TO '{folder}/contacts.parquet' (COMPRESSION zstd)''')
{further}
loaded = time.perf_counter()
con.execute(f'''CREATE TABLE stays AS
    SELECT enrolment_id, origin + greatest(0, coalesce(registered, 0))::INT AS first,
        origin + coalesce(unregistered, length)::INT AS last
    FROM '{folder}/enrolments.parquet'
    WHERE unregistered IS NULL OR unregistered > greatest(0, coalesce(registered, 0))''')
months = '''(SELECT m::DATE AS first, (m + INTERVAL 1 MONTH - INTERVAL 1 DAY)::DATE AS last
    FROM range(DATE '2013-01-01', DATE '2015-07-01', INTERVAL 1 MONTH) AS r(m))'''
weeks = con.execute(f'''SELECT months.first, sum(
        date_diff('day', greatest(stays.first, months.first), least(stays.last, months.last)) + 1
    ) / 7 FROM stays JOIN {{months}} AS months
    ON stays.first <= months.last AND stays.last >= months.first GROUP BY 1''').fetchall()
kept = con.execute(f'''SELECT date_trunc('month', contact_date) AS month, count(*)
    FROM '{folder}/contacts.parquet' JOIN stays USING (enrolment_id)
    WHERE contact_date BETWEEN stays.first AND stays.last GROUP BY 1''').fetchall()
done = time.perf_counter()
print(json.dumps([
    loaded - started, done - loaded, float(sum(n for _, n in kept)), float(sum(n for _, n in weeks))
]))
"""

FURTHER = """
# What a load has to find out besides: the other tables, and what is wrong with the rows.
con.execute(f'''COPY (SELECT DISTINCT ON (id_student) id_student::VARCHAR AS client_id, gender,
    age_band, region, highest_education, imd_band, disability FROM '{{info}}')
    TO '{folder}/clients.parquet' (COMPRESSION zstd)''')
con.execute(f'''COPY (SELECT enrolment_id, 'pass' AS outcome, origin + coalesce(unregistered,
    length)::INT AS outcome_date, CASE WHEN final_result IN ('Pass', 'Distinction') THEN 'achieved'
    ELSE 'not achieved' END AS status FROM enrolments)
    TO '{folder}/outcomes.parquet' (COMPRESSION zstd)''')
contacts = "'{folder}/contacts.parquet'"
for question in (
    "SELECT count(*) FROM (SELECT enrolment_id FROM enrolments GROUP BY 1 HAVING count(*) > 1)",
    f"SELECT count(*) FROM '{{info}}' WHERE id_student IS NULL OR imd_band IS NULL",
    "SELECT count(*) FROM enrolments WHERE unregistered <= 0 OR registered IS NULL",
    f"SELECT count(*) FROM {{contacts}} WHERE enrolment_id IS NULL OR contact_date IS NULL",
    f"SELECT count(*) FROM {{contacts}} WHERE contact_date NOT BETWEEN '1970-01-01' AND today()",
    f"SELECT count(*) FROM {{contacts}} ANTI JOIN enrolments USING (enrolment_id)",
    f"SELECT min(contact_date), max(contact_date), count(*) FROM {{contacts}}",
):
    con.execute(question).fetchall()
"""


def compare() -> None:
    """Print both, side by side, from fresh processes; the best of three rounds each."""
    place = os.environ.get("WORKBENCH_DATA")
    if not place:
        print("\noulad: not run: set WORKBENCH_DATA to the folder that holds oulad/")
        return
    data = str(Path(place) / "oulad")
    names = ("workbench", "DuckDB by hand, two tables unchecked", "DuckDB by hand, all and checked")
    rounds: dict[str, list[tuple[Weight, list[float]]]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            further = FURTHER.format(folder=folder)
            codes = (
                OURS.format(data=data),
                BY_HAND.format(data=data, folder=folder, further=""),
                BY_HAND.format(data=data, folder=folder, further=further),
            )
            for name, code in zip(names, codes, strict=True):
                rounds[name].append(_weigh(code, {"WORKBENCH_HOME": folder}))
    best = {name: min(each, key=lambda pair: pair[0].seconds) for name, each in rounds.items()}
    show(
        "OULAD: 10,655,280 click rows loaded, and contacts per client-week for each month",
        [(name, weight) for name, (weight, _) in best.items()],
        "at most 1.3 times by hand, and 4 GiB",
    )
    for name, (_, (load, query, contacts, weeks)) in best.items():
        print(
            f"  {name}: load {load:.2f} s, query {query:.2f} s; {contacts:,.0f} contacts, "
            f"{weeks:,.0f} client-weeks"
        )


def _weigh(code: str, environment: dict[str, str]) -> tuple[Weight, list[float]]:
    """Seconds are those of the work itself: starting Python is left out on both sides."""
    whole = python(code, environment)
    told = json.loads(whole.printed.splitlines()[-1])
    return Weight(told[0] + told[1], whole.gib, ""), told
