from pathlib import Path

import ibis
import pandas as pd
import pandera.errors
import pytest

from workbench import settings, tables
from workbench.tables import TABLES

GLOSSARY = Path(__file__).parents[1] / "GLOSSARY.md"


def test_the_glossary_holds_the_dictionary_as_it_is():
    begun, _, rest = GLOSSARY.read_text(encoding="utf-8").partition("<!-- dictionary: begin -->\n")
    assert begun
    assert rest.partition("\n<!-- dictionary: end -->")[0] == tables.as_markdown()


def test_every_column_says_what_it_means_and_every_date_is_a_date():
    for row in tables.dictionary().itertuples():
        assert row.meaning, f"{row.table}.{row.column}"
        assert row.column.endswith("_date") == (row.kind == tables.KINDS["date"])


def test_attributes_from_settings_are_columns_of_their_table():
    own = settings.build({"attributes": {"severity": {"table": "enrolments", "kind": "number"}}})
    declared = tables.with_attributes(own.attributes)
    assert tables.kind(declared["enrolments"], "severity") == "number"
    assert "severity" not in TABLES["enrolments"].columns


@pytest.mark.parametrize("backend", ["duckdb", "pandas"])
def test_the_declared_checks_hold_wherever_the_rows_are(backend):
    rows = pd.DataFrame(
        {
            "enrolment_id": ["e1"],
            "outcome": ["housed"],
            "outcome_date": [pd.Timestamp("2025-01-01").date()],
            "status": ["perhaps"],
        }
    )
    types = {"outcome_date": "date"}
    table = ibis.memtable(rows, schema=ibis.schema({c: types.get(c, "string") for c in rows}))
    if backend == "duckdb":
        table = ibis.duckdb.connect().create_table("outcomes", table)
    with pytest.raises(pandera.errors.SchemaErrors, match="perhaps"):
        TABLES["outcomes"].validate(table, lazy=True)
