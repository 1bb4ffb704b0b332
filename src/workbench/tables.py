"""The tables and their columns, declared once: from here come the checks and the dictionary.

Each table is a pandera schema for Ibis tables. A column's `metadata["kind"]` says how its text is
read (`KINDS`), and `metadata["required"]` whether a row can do without it.
"""

from collections.abc import Mapping
from typing import Any

import ibis.expr.datatypes as dt
import pandas as pd
import pandera.ibis as pa

KINDS = {
    "key": "an identifier, kept as text",
    "category": "one of few values",
    "date": "a date",
    "moment": "a date with or without a time",
    "number": "a number",
    "boolean": "true, false or empty (not recorded)",
}
_TYPES = {
    "key": dt.string,
    "category": dt.string,
    "date": dt.date,
    "moment": dt.timestamp,
    "number": dt.float64,
    "boolean": dt.boolean,
}
REQUIRED_TABLES = ("clients", "enrolments", "contacts")
STATUSES = ("achieved", "not achieved", "not known")


def column(
    kind: str, description: str, *, required: bool = False, allowed: tuple[str, ...] = ()
) -> pa.Column:
    """Declare a column: its kind (see `KINDS`), what it means, what it may hold."""
    return pa.Column(
        _TYPES[kind],
        [pa.Check.isin(list(allowed))] if allowed else [],
        nullable=not required,
        required=required,
        description=description,
        metadata={"kind": kind, "required": required, "allowed": allowed},
    )


def _table(
    name: str, grain: str, key: str | None = None, **columns: pa.Column
) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        dict(columns), name=name, description=grain, metadata={"key": key}, strict=False
    )


_client = column("key", "the client, as the case-management system names them", required=True)
_enrolment = column("key", "the enrolment it belongs to", required=True)
_worker = column("key", "the caseworker", required=True)
_recorded = column("moment", "when it was typed in")

TABLES: dict[str, pa.DataFrameSchema] = {
    schema.name: schema
    for schema in (
        _table(
            "clients",
            "one row a person",
            key="client_id",
            client_id=_client,
            birth_date=column("date", "date of birth"),
            age_band=column("category", "age band, where no date of birth is held"),
            gender=column("category", "gender as recorded"),
            ethnicity=column("category", "ethnicity as recorded"),
        ),
        _table(
            "enrolments",
            "one row a client in a programme",
            key="enrolment_id",
            enrolment_id=column("key", "a client's time with a programme", required=True),
            client_id=_client,
            programme=column("category", "the programme", required=True),
            organisation=column("category", "the organisation that runs it"),
            site=column("category", "where it is run"),
            referral_source=column("category", "who referred the client"),
            referral_date=column("date", "day of the referral"),
            eligible=column("boolean", "whether the client was found eligible"),
            decision=column("category", "what was decided on the referral"),
            decline_reason=column("category", "why the referral led to no start"),
            start_date=column("date", "first day; empty: referred, never started"),
            end_date=column("date", "last day; empty: still open"),
            exit_reason=column("category", "why it ended"),
            recorded_at=column("moment", "when the start was typed in"),
            end_recorded_at=column("moment", "when the end was typed in"),
        ),
        _table(
            "contacts",
            "one row a contact that was offered, kept or missed",
            key="contact_id",
            contact_id=column("key", "the contact, where the system numbers them"),
            enrolment_id=_enrolment,
            contact_date=column("date", "day of the contact", required=True),
            contact_at=column("moment", "day and time, where the time was recorded"),
            channel=column("category", "how: face to face, phone ..."),
            attended=column("boolean", "kept or missed; empty: not recorded"),
            group_session=column("boolean", "whether it was a group session"),
            minutes=column("number", "length in minutes"),
            caseworker_id=column("key", "the caseworker"),
            recorded_at=_recorded,
        ),
        _table(
            "supports",
            "one row a service received",
            enrolment_id=_enrolment,
            support=column("category", "the service", required=True),
            provider=column("category", "who gave it"),
            start_date=column("date", "first day", required=True),
            end_date=column("date", "last day; empty: still going on"),
        ),
        _table(
            "outcomes",
            "one row an outcome, known or not",
            enrolment_id=_enrolment,
            outcome=column("category", "which outcome", required=True),
            outcome_date=column("date", "day it was reached or reviewed", required=True),
            status=column("category", "how it came out", required=True, allowed=STATUSES),
            value=column("number", "a figure that belongs to it"),
            evidenced=column("boolean", "whether proof of it was seen; empty: not recorded"),
            recorded_at=_recorded,
        ),
        _table(
            "assessments",
            "one row a scale scored on a date",
            enrolment_id=_enrolment,
            scale=column("category", "the scale", required=True),
            assessment_date=column("date", "day of the assessment", required=True),
            score=column("number", "the score", required=True),
            recorded_at=_recorded,
        ),
        _table(
            "assignments",
            "one row a time in which a caseworker held a case; several may at once",
            enrolment_id=_enrolment,
            caseworker_id=_worker,
            start_date=column("date", "first day", required=True),
            end_date=column("date", "last day; empty: still holds it"),
        ),
        _table(
            "staff",
            "one row a worker",
            key="caseworker_id",
            caseworker_id=_worker,
            login=column("key", "the name they sign in with"),
            team=column("category", "the team"),
            manager_id=column("key", "their manager"),
            hours_per_week=column("number", "contracted hours a week"),
            start_date=column("date", "first day at work"),
            end_date=column("date", "last day; empty: still there"),
        ),
        _table(
            "absences",
            "one row a time away",
            caseworker_id=_worker,
            start_date=column("date", "first day away", required=True),
            end_date=column("date", "last day away", required=True),
            kind=column("category", "leave, sickness ..."),
        ),
        _table(
            "needs",
            "one row a need identified",
            enrolment_id=_enrolment,
            need=column("category", "the need", required=True),
            identified_date=column("date", "day it was identified", required=True),
            resolved_date=column("date", "day it was met; empty: not yet"),
        ),
        _table(
            "actions",
            "one row a line of an action plan",
            enrolment_id=_enrolment,
            need=column("category", "the need it answers"),
            action=column("category", "what is to be done", required=True),
            planned_support=column("category", "the service planned"),
            created_date=column("date", "day it was written"),
            due_date=column("date", "day it is due"),
            revised_date=column("date", "the new day, where it was put off"),
            done_date=column("date", "day it was done; empty: not yet"),
        ),
        _table(
            "consents",
            "one row a consent for a purpose",
            client_id=_client,
            purpose=column("category", "what it allows", required=True),
            organisation=column("category", "for which organisation; empty: all"),
            given_date=column("date", "day it was given"),
            withdrawn_date=column("date", "day it was withdrawn; empty: stands"),
        ),
        _table(
            "populations",
            "one row a group that could be reached",
            group=column("category", "the group", required=True),
            count=column("number", "how many people", required=True),
            period=column("category", "for which period"),
            source=column("category", "where the figure comes from"),
        ),
        _table(
            "targets",
            "one row a promise",
            measure=column("category", "the measure", required=True),
            value=column("number", "the value promised", required=True),
            start_date=column("date", "from this day"),
            end_date=column("date", "to this day"),
        ),
        _table(
            "changes",
            "one row a change made to the service",
            change_date=column("date", "day it took effect", required=True),
            description=column("category", "what was changed", required=True),
            measure=column("category", "the measure it should move"),
            expected=column("category", "which way", allowed=("up", "down")),
            prompted_by=column("category", "what led to it"),
        ),
    )
}

# Who a row belongs to: rows whose owner is not there are set aside (orphans).
PARENTS: dict[str, tuple[str, str]] = {
    "enrolments": ("client_id", "clients"),
    "consents": ("client_id", "clients"),
    "absences": ("caseworker_id", "staff"),
    "contacts": ("enrolment_id", "enrolments"),
    "supports": ("enrolment_id", "enrolments"),
    "outcomes": ("enrolment_id", "enrolments"),
    "assessments": ("enrolment_id", "enrolments"),
    "assignments": ("enrolment_id", "enrolments"),
    "needs": ("enrolment_id", "enrolments"),
    "actions": ("enrolment_id", "enrolments"),
}
# Days that must not come after one another, as (earlier, later).
IN_ORDER: dict[str, tuple[tuple[str, str], ...]] = {
    "enrolments": (("referral_date", "start_date"), ("start_date", "end_date")),
    "supports": (("start_date", "end_date"),),
    "assignments": (("start_date", "end_date"),),
    "staff": (("start_date", "end_date"),),
    "absences": (("start_date", "end_date"),),
    "needs": (("identified_date", "resolved_date"),),
    "consents": (("given_date", "withdrawn_date"),),
    "targets": (("start_date", "end_date"),),
}
# Days that may lie ahead of the day of the export: plans and promises.
MAY_LIE_AHEAD = {
    ("actions", "due_date"),
    ("actions", "revised_date"),
    ("staff", "end_date"),
    ("absences", "start_date"),
    ("absences", "end_date"),
    ("supports", "end_date"),
    ("targets", "start_date"),
    ("targets", "end_date"),
    ("changes", "change_date"),
}

KEYS = {
    "clients": ("client_id",),
    "enrolments": ("enrolment_id",),
    "contacts": ("enrolment_id", "contact_date", "contact_at", "channel"),
    "supports": ("enrolment_id", "support", "start_date"),
    "outcomes": ("enrolment_id", "outcome", "outcome_date"),
    "assessments": ("enrolment_id", "scale", "assessment_date"),
    "assignments": ("enrolment_id", "caseworker_id", "start_date"),
    "staff": ("caseworker_id",),
    "absences": ("caseworker_id", "start_date"),
    "needs": ("enrolment_id", "need", "identified_date"),
    "actions": ("enrolment_id", "need", "action", "created_date"),
    "consents": ("client_id", "purpose", "given_date"),
}
"""What a row is known by from one export to the next, where it has no id of its own."""


def kind(schema: pa.DataFrameSchema, name: str) -> str:
    """How the text of a column is read: a key of `KINDS`."""
    return schema.columns[name].metadata["kind"]


def row_key(name: str, *tables: Any) -> tuple[str, ...]:
    """What tells the rows of a table apart: its id, where every row of all of them has one."""
    own = TABLES[name].metadata["key"]
    if own and not any(int(each[own].isnull().sum().execute() or 0) for each in tables):
        return (own,)
    return KEYS[name]


def required_columns(schema: pa.DataFrameSchema) -> list[str]:
    """The columns without which a row cannot be loaded."""
    return [name for name, each in schema.columns.items() if each.metadata["required"]]


def with_attributes(attributes: Mapping[str, Any]) -> dict[str, pa.DataFrameSchema]:
    """`TABLES` with the further attributes that settings name, each on its own table."""
    declared = dict(TABLES)
    for name, attribute in attributes.items():
        if name not in declared[attribute.table].columns:
            extra = {name: column(attribute.kind, attribute.description)}
            declared[attribute.table] = declared[attribute.table].add_columns(extra)
    return declared


def dictionary(declared: Mapping[str, pa.DataFrameSchema] = TABLES) -> pd.DataFrame:
    """The data dictionary: one row a column: its table, kind, whether required, its meaning."""
    rows = [
        {
            "table": schema.name,
            "grain": schema.description,
            "column": name,
            "required": "yes" if each.metadata["required"] else "",
            "kind": KINDS[each.metadata["kind"]],
            "allowed": ", ".join(each.metadata["allowed"]),
            "meaning": each.description,
        }
        for schema in declared.values()
        for name, each in schema.columns.items()
    ]
    return pd.DataFrame(rows)


def as_markdown(declared: Mapping[str, pa.DataFrameSchema] = TABLES) -> str:
    """The data dictionary as a Markdown table, the required columns marked with *."""
    lines = ["| table | column | kind | meaning |", "|---|---|---|---|"]
    for row in dictionary(declared).astype(str).to_dict("records"):
        star = "*" if row["required"] else ""
        allowed = f" ({row['allowed']})" if row["allowed"] else ""
        cells = (row["table"], row["column"] + star, row["kind"], row["meaning"] + allowed)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
