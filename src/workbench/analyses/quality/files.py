"""What came in: rows loaded, repaired and set aside, and how much of each field is filled."""

import ibis
import pandas as pd

from workbench import definitions, disclosure
from workbench.store import Workspace
from workbench.tables import TABLES, required_columns, with_attributes

FATES = ("loaded", "repaired", "set aside")
DETAILS = ("set aside", "repaired", "also", "noted")
NOT_ASKED = ("staff", "absences", "populations", "targets", "changes")
EMPTY_IS_AN_ANSWER = {
    "clients": ("age_band",),
    "enrolments": ("referral_date", "start_date", "end_date"),
    "contacts": ("contact_id", "contact_at"),
    "supports": ("end_date",),
    "outcomes": ("value",),
    "assignments": ("end_date",),
    "needs": ("resolved_date",),
    "actions": ("revised_date", "done_date", "planned_support"),
    "consents": ("organisation", "withdrawn_date"),
}
EXPECTED_WHERE = {
    ("enrolments", "recorded_at"): lambda table: table.start_date.notnull(),
    ("enrolments", "exit_reason"): lambda table: table.end_date.notnull(),
    ("enrolments", "end_recorded_at"): lambda table: table.end_date.notnull(),
    ("enrolments", "decline_reason"): lambda table: ~table.eligible,
    ("contacts", "minutes"): lambda table: table.attended,
}
"""Fields that are expected in some rows only; in the others an empty cell says nothing."""


def loss_table(data: Workspace) -> pd.DataFrame:
    """What became of every row of every file.

    One row a table and file: table, source, rows, loaded, repaired, set_aside, lost (share set
    aside). Facts about files: the counts are exact.
    """
    issues = data.issues[data.issues["kind"].isin(FATES)]
    counts = issues.pivot_table(
        index=["table", "source"], columns="kind", values="rows", aggfunc="sum", fill_value=0
    ).reindex(columns=list(FATES), fill_value=0)
    table = counts.rename(columns={"set aside": "set_aside"}).astype("Int64").reset_index()
    table.columns.name = None
    table.insert(2, "rows", table[["loaded", "repaired", "set_aside"]].sum(axis=1))
    table["lost"] = (table["set_aside"] / table["rows"].where(table["rows"] > 0)).round(4)
    order = table["table"].map({name: place for place, name in enumerate(TABLES)})
    table = table.iloc[order.argsort(kind="stable")].reset_index(drop=True)
    numbers = ["rows", "loaded", "repaired", "set_aside", "lost"]
    return disclosure.protect(table, plain=[*numbers, "source"])


def loss_details_table(data: Workspace) -> pd.DataFrame:
    """What was wrong with the rows that were not simply loaded, and what to do about it.

    One row a table, file, column and problem, set-aside rows first and the most rows first: kind,
    table, source, column, problem, rows, advice. Facts about files: exact. Where the first of the
    rows is and what stands in it points at one record, so that is left to `data.issues` and
    `workbench check`.
    """
    issues = data.issues[data.issues["kind"].isin(DETAILS)].copy()
    issues["place"] = issues["kind"].map({kind: place for place, kind in enumerate(DETAILS)})
    issues = issues.sort_values(
        ["place", "rows"], ascending=[True, False], kind="stable", ignore_index=True
    )
    columns = ["table", "source", "column", "problem", "rows", "advice"]
    table = issues[["kind", *columns]].astype({"rows": "Int64"})
    return disclosure.protect(table, plain=[*columns])


def completeness_table(data: Workspace) -> pd.DataFrame:
    """How much of each field is filled, where it should be.

    One row a table and column, the emptiest first: field ("clients: gender"), table, column, rows
    (in which it is expected), missing, note, complete (share filled), state ("in use" or "never
    filled"). Left out: fields without which a row is set aside, those that may well be empty (an
    end date), and tables that are not about clients; of contacts, those that do not count as such.
    Protected; a hidden `missing` is 1 to 7.
    """
    declared = with_attributes(data.settings.attributes)
    counted = []
    for name, schema in declared.items():
        if name in data and name not in NOT_ASKED:
            rows = definitions.contacts(data) if name == "contacts" else data.tables[name]
            needless = {*required_columns(schema), *EMPTY_IS_AN_ANSWER.get(name, ())}
            counted.append(_filled(rows, name, [c for c in schema.columns if c not in needless]))
    table = pd.concat(counted, ignore_index=True)
    table = table[table["rows"] > 0]
    never = table["missing"] == table["rows"]
    table["state"] = never.map({True: "never filled", False: "in use"})
    table["order"] = (table["missing"] / table["rows"]).where(~never, -1.0)
    table = table.sort_values("order", ascending=False, kind="stable", ignore_index=True)
    protected = disclosure.protect(
        table.drop(columns="order"),
        people=["rows", "missing"],
        ratios={"empty": ("missing", "rows")},
        profile=data.settings.disclosure.profile,
        basis=data.settings.disclosure.basis,
    )
    complete = (1 - protected["empty"]).round(3)
    return disclosure.extend(protected.drop(columns="empty"), {"complete": complete})


def _filled(table: ibis.Table, name: str, columns: list[str]) -> pd.DataFrame:
    """One row a column of a table: field, table, column, rows, missing. One pass over the table."""
    counts: dict[str, ibis.Value] = {"all": table.count()}
    for column in columns:
        where = EXPECTED_WHERE.get((name, column))
        expected = where(table).fill_null(False) if where else None
        counts[f"{column} rows"] = table.count(where=expected)
        counts[f"{column} filled"] = table[column].count(where=expected)
    found = table.aggregate(**counts).to_pandas().iloc[0]
    return pd.DataFrame(
        {
            "field": [f"{name}: {column}" for column in columns],
            "table": name,
            "column": columns,
            "rows": [int(found[f"{column} rows"]) for column in columns],
            "missing": [
                int(found[f"{column} rows"] - found[f"{column} filled"]) for column in columns
            ],
        }
    )
