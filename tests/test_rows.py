"""Every row of every file ends as loaded, repaired or set aside: once, by its first reason."""

from datetime import date, datetime
from typing import Any

import ibis
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st

from workbench.errors import DataError
from workbench.settings import Attribute
from workbench.sources import Export, Note, Staged, check, dates
from workbench.tables import TABLES, with_attributes

DAY = date(2024, 12, 31)
OUTCOMES = ("loaded", "repaired", "set aside")


@pytest.fixture(scope="module")
def con() -> ibis.BaseBackend:
    return ibis.duckdb.connect()


def staged(con: Any, table: str, rows: list[tuple], columns: str, **more: Any) -> Staged:
    """Rows of text, numbered from 2, as a reader would hand them over."""
    frame = pd.DataFrame(rows, columns=columns.split(), dtype="string")
    frame["_row"] = range(2, len(frame) + 2)
    name = ibis.util.gen_name(table)
    types = {column: "int64" if column == "_row" else "string" for column in frame}
    made = con.create_table(name, ibis.memtable(frame, schema=types), temp=True)
    return Staged(table, more.pop("file", f"{table}.csv"), made, **more)


def counts(export: Export, *, by: str = "source") -> dict[str, int]:
    lines = export.issues[export.issues["kind"].isin(OUTCOMES)]
    return lines.groupby(by)["rows"].sum().astype(int).to_dict()


def line(export: Export, problem: str) -> dict[str, Any]:
    (found,) = export.issues[export.issues["problem"] == problem].to_dict("records")
    return found


# --- the sum that always holds ------------------------------------------------------------------

KEYS = st.sampled_from(["A", "B", "C", " A ", "a", "", None, "x" * 1001, "=A"])
DATES = st.sampled_from(
    ["2024-01-05", "2024-02-30", "1899-01-01", "2052-01-01", "2024-05-05 10:00", "", None, "soon"]
)
BOOLS = st.sampled_from(["yes", "NO", "1", "maybe", "", None])
NUMBERS = st.sampled_from(["1", "2.5", "1,000", "1,000,000", "-3", "1e5", "ten", "", None, "1."])
KINDS = st.sampled_from(["ph", "PH", "visit", "@x", "", None, "é "])
GOOD = ("A", "2024-01-01")


@pace(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    clients=st.lists(st.tuples(KEYS, DATES), max_size=12),
    enrolments=st.lists(st.tuples(KEYS, KEYS, KINDS, DATES, DATES), max_size=12),
    contacts=st.lists(st.tuples(KEYS, KEYS, DATES, DATES, BOOLS, NUMBERS, KINDS), max_size=25),
    aside=st.lists(st.sampled_from([None, "was deleted", "is of no kind"]), max_size=25),
)
def test_loaded_repaired_and_set_aside_are_always_all_rows(
    con, clients, enrolments, contacts, aside
):
    formats = ("%Y-%m-%d",)
    last = staged(
        con,
        "contacts",
        [(*row, said) for row, said in zip(contacts, aside + [None] * len(contacts), strict=False)],
        "contact_id enrolment_id contact_date recorded_at attended minutes channel _aside",
        date_formats=formats,
        values={"channel": {"ph": "phone", "x": ""}},
    )
    parts = [
        staged(con, "clients", [GOOD, *clients], "client_id birth_date", date_formats=formats),
        staged(
            con,
            "enrolments",
            [("A", "A", "P", "2024-01-01", None), *enrolments],
            "enrolment_id client_id programme start_date end_date",
            date_formats=formats,
        ),
        last,
    ]
    export = check(parts, TABLES, con, DAY)
    rows = {part.file: part.rows.count().execute() for part in parts if part is not last}
    rows |= {"contacts.csv": len(contacts)}
    assert counts(export) == rows
    kept = {f"{name}.csv": len(table.execute()) for name, table in export.tables.items()}
    used = export.issues[export.issues["kind"].isin(["loaded", "repaired"])]
    assert used.groupby("source")["rows"].sum().to_dict() == kept
    left = export.set_aside.execute()
    assert {**dict.fromkeys(rows, 0), **left.groupby("source").size().to_dict()} == {
        file: rows[file] - kept[file] for file in rows
    }
    assert not left.duplicated(["source", "row"]).any()


@pace(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12), min_size=1
    )
)
def test_no_text_whatever_can_stop_the_reading_of_a_number_boolean_or_category(con, cells):
    attributes = {
        kind: Attribute(kind=kind, description="whatever") for kind in ("number", "boolean")
    }
    rows = [(f"K{i}", cell, cell, cell) for i, cell in enumerate(cells)]
    part = staged(con, "clients", rows, "client_id gender number boolean")
    export = check([part], with_attributes(attributes), con, DAY)
    assert counts(export) == {"clients.csv": len(cells)}


# --- one reason each ----------------------------------------------------------------------------


def three(con: Any, contacts: Staged, **more: Any) -> Export:
    return check(
        [
            staged(con, "clients", [("C1",), ("C2",)], "client_id"),
            staged(
                con,
                "enrolments",
                [("E1", "C1", "P"), ("E2", "C9", "P")],
                "enrolment_id client_id programme",
            ),
            contacts,
        ],
        TABLES,
        con,
        DAY,
    )


def test_a_row_counts_once_by_its_first_reason_and_is_told_again_as_also(con):
    rows = [("E1", "", "x", "maybe"), ("E1", "2024-01-01", "x", "maybe")]
    contacts = staged(con, "contacts", rows, "enrolment_id contact_date minutes attended")
    issues = three(con, contacts).issues.query("source == 'contacts.csv'")
    found = issues[["column", "kind", "rows", "first_row"]].astype(object).fillna("-")
    assert found.values.tolist() == [
        ["-", "loaded", 0, "-"],
        ["contact_date", "set aside", 1, 2],
        ["attended", "repaired", 1, 3],
        ["attended", "also", 1, 2],
        ["minutes", "also", 2, 2],
    ]


def test_a_child_of_a_row_set_aside_is_told_from_one_that_never_had_a_parent(con):
    rows = [("E1", "2024-01-01"), ("E2", "2024-01-01"), ("E3", "2024-01-01")]
    export = three(con, staged(con, "contacts", rows, "enrolment_id contact_date"))
    left = export.set_aside.execute()
    assert left[["source", "row", "column", "problem"]].values.tolist() == [
        ["contacts.csv", 3, "enrolment_id", "belongs to a row of enrolments that was set aside"],
        ["contacts.csv", 4, "enrolment_id", "is not in enrolments"],
        ["enrolments.csv", 3, "client_id", "is not in clients"],
    ]


def test_a_row_that_its_reader_set_aside_keeps_that_reason_and_its_children_know(con):
    clients = staged(
        con,
        "clients",
        [("C1", None, None), ("C2", "was deleted", "DateDeleted"), ("", "was deleted", None)],
        "client_id _aside _aside_column",
    )
    enrolments = staged(
        con,
        "enrolments",
        [("E1", "C1", "P"), ("E2", "C2", "P")],
        "enrolment_id client_id programme",
    )
    export = check([clients, enrolments], TABLES, con, DAY)
    assert line(export, "belongs to a row of clients that was set aside")["first_row"] == 3
    deleted = export.issues.query("problem == 'was deleted'")
    assert deleted[["column", "rows", "first_row"]].astype(object).fillna("-").values.tolist() == [
        ["DateDeleted", 1, 3],
        ["-", 1, 4],
    ]


def test_what_a_reader_repaired_is_counted_as_repaired(con):
    rows = [
        ("C1", None, None),
        ("C2", "lacks its %", "age_band"),
        ("C3", "lacks its %", "age_band"),
    ]
    part = staged(con, "clients", rows, "client_id _repair _repair_column")
    export = check([part], TABLES, con, DAY)
    found = line(export, "lacks its %")
    assert (found["kind"], found["column"], found["rows"], found["first_row"]) == (
        "repaired",
        "age_band",
        2,
        3,
    )


def test_the_first_usable_row_of_a_key_is_kept_over_files(con):
    first = staged(
        con,
        "enrolments",
        [("E1", "C9", "P"), ("E1", "C1", "P"), ("E1", "C1", "Q")],
        "enrolment_id client_id programme",
        file="north.csv",
    )
    second = staged(
        con,
        "enrolments",
        [("P", "C1", "E1"), ("Q", "C1", "E2")],
        "programme client_id enrolment_id",
        file="south.csv",
    )
    clients = staged(con, "clients", [("C1",)], "client_id")
    export = check([clients, first, second], TABLES, con, DAY)
    left = export.set_aside.execute()[["source", "row", "problem"]].values.tolist()
    assert left == [
        ["north.csv", 2, "is not in clients"],
        ["north.csv", 4, "stands in an earlier row with other content; the first is kept"],
        ["south.csv", 2, "is an exact duplicate of an earlier row"],
    ]
    kept = export.tables["enrolments"].execute()
    assert kept.values.tolist() == [["E1", "C1", "P"], ["E2", "C1", "Q"]]


def test_files_of_one_table_may_have_different_columns_and_order_is_kept(con):
    first = staged(con, "clients", [("C3", "F"), ("C1", None)], "client_id gender", file="a.csv")
    second = staged(con, "clients", [("C2", "1990-02-03")], "client_id birth_date", file="b.csv")
    clients = check([first, second], TABLES, con, DAY).tables["clients"]
    assert clients.columns == ("client_id", "birth_date", "gender")
    assert clients.execute()["client_id"].tolist() == ["C3", "C1", "C2"]


def test_a_required_column_that_no_header_gives_is_an_error_of_every_file(con):
    parts = [
        staged(con, "clients", [("F",)], "gender", section="people"),
        staged(con, "contacts", [("E1",)], "enrolment_id"),
    ]
    with pytest.raises(DataError) as refused:
        check(parts, TABLES, con, DAY)
    assert refused.value.problems == (
        "clients.csv: client_id: no column holds it, and clients cannot do without. "
        "Name its header under [sources.people.columns].",
        "contacts.csv: contact_date: no column holds it, and contacts cannot do without. "
        "Name its header under [sources.contacts.columns].",
    )


# --- cells --------------------------------------------------------------------------------------


def contacts_of(con: Any, column: str, written: list[str | None], **more: Any) -> Export:
    rows = [("E1", "2024-01-01", each) for each in written]
    return three(con, staged(con, "contacts", rows, f"enrolment_id contact_date {column}", **more))


def test_numbers_are_strict_about_the_decimal_sign(con):
    written = ["1", "-2.5", "+3", ".5", "1,234.5", "1,234,567", "1,234", "1.234,5", "1e5", "1_0"]
    read = contacts_of(con, "minutes", written).tables["contacts"].minutes.execute()
    assert read.fillna(-1).tolist() == [1, -2.5, 3, 0.5, 1234.5, 1234567, -1, -1, -1, -1]
    written = ["1", "-2,5", "1.234,5", "1.234", "1,234.5"]
    read = contacts_of(con, "minutes", written, decimal=",").tables["contacts"].minutes.execute()
    assert read.fillna(-1).tolist() == [1, -2.5, 1234.5, -1, -1]


def test_yes_and_no_are_read_in_english_words_and_signs_only(con):
    written = ["yes", "Y", "TRUE", "t", "1", "no", "N", "false", "F", "0", "ja", "", None]
    read = contacts_of(con, "attended", written).tables["contacts"].attended.execute()
    assert read.tolist() == [True] * 5 + [False] * 5 + [None] * 3


def test_outer_space_of_any_kind_is_taken_off_and_is_no_repair(con):
    written = [
        " phone",
        "phone ",
        "\tphone",
        "\u00a0phone\u00a0",
        "phone\n",
        "pho ne",
        "  ",
        "\u00a0",
    ]
    export = contacts_of(con, "channel", written)
    read = export.tables["contacts"].channel.execute()
    assert read.fillna("-").tolist() == ["phone"] * 5 + ["pho ne", "-", "-"]
    assert export.issues.query("source == 'contacts.csv'")["kind"].tolist() == ["loaded"]


def test_values_are_mapped_and_what_the_mapping_leaves_out_is_kept_and_noted(con):
    values = {"channel": {"F2F": "face to face", "n/a": "", "tel": "phone", "TEL": "text"}}
    written = ["F2F", "n/a", "tel", "TEL", "face to face", "video"]
    export = contacts_of(con, "channel", written, values=values)
    read = export.tables["contacts"].channel.execute().fillna("-")
    assert read.tolist() == ["face to face", "-", "phone", "text", "face to face", "video"]
    noted = line(export, "stands in no mapping, kept as it is")
    assert (noted["rows"], noted["first_row"]) == (1, 7)


def test_mapped_booleans_are_booleans(con):
    values = {"attended": {"Attended": "true", "DNA": "false"}}
    export = contacts_of(con, "attended", ["Attended", "dna", "yes", "?"], values=values)
    assert export.tables["contacts"].attended.execute().tolist() == [True, False, True, None]


def test_typed_columns_pass_and_what_does_not_fit_is_read_as_text(con):
    con.raw_sql(
        "CREATE OR REPLACE TEMP TABLE typed AS SELECT * FROM (VALUES "
        "(2, 7, TIMESTAMP '2024-01-01 09:30:00', 30, 1, 5.0::DOUBLE), "
        "(3, 7, TIMESTAMP '2024-01-02 00:00:00', NULL, 0, 6.5), "
        "(4, 8, TIMESTAMP '2031-01-02 00:00:00', 1, NULL, 'nan')) "
        "AS t(_row, enrolment_id, contact_date, minutes, attended, caseworker_id)"
    )
    enrolments = staged(
        con, "enrolments", [("7", "C1", "P"), ("8", "C1", "P")], "enrolment_id client_id programme"
    )
    clients = staged(con, "clients", [("C1",)], "client_id")
    typed = Staged("contacts", "c.parquet", con.table("typed", database=("temp", "main")))
    export = check([clients, enrolments, typed], TABLES, con, DAY)
    rows = export.tables["contacts"].to_pyarrow().to_pylist()
    assert rows == [
        {
            "enrolment_id": "7",
            "contact_date": date(2024, 1, 1),
            "contact_at": datetime(2024, 1, 1, 9, 30),
            "attended": True,
            "minutes": 30.0,
            "caseworker_id": "5",
        },
        {
            "enrolment_id": "7",
            "contact_date": date(2024, 1, 2),
            "contact_at": None,
            "attended": False,
            "minutes": None,
            "caseworker_id": "6.5",
        },
    ]
    assert counts(export)["c.parquet"] == 3


def test_a_contact_s_date_gives_its_time_of_day_unless_there_is_one_of_its_own(con):
    rows = [("E1", "2024-01-01 09:30"), ("E1", "2024-01-02 00:00"), ("E1", "2024-01-03")]
    contacts = staged(con, "contacts", rows, "enrolment_id contact_date")
    at = three(con, contacts).tables["contacts"].contact_at.to_pyarrow().to_pylist()
    assert at == [datetime(2024, 1, 1, 9, 30), None, None]
    rows = [("E1", "2024-01-01 09:30", "2024-01-01 10:00")]
    contacts = staged(con, "contacts", rows, "enrolment_id contact_date contact_at")
    at = three(con, contacts).tables["contacts"].contact_at.to_pyarrow().to_pylist()
    assert at == [datetime(2024, 1, 1, 10, 0)]


def test_plans_may_lie_ahead_and_what_was_recorded_may_not(con):
    actions = staged(
        con,
        "actions",
        [("E1", "call", "2024-01-01", "2025-06-01"), ("E1", "call", "2025-01-01", "2025-06-01")],
        "enrolment_id action created_date due_date",
    )
    export = three(
        con, staged(con, "contacts", [("E1", "2024-01-01")], "enrolment_id contact_date")
    )
    assert export.issues.query("kind == 'set aside'")["table"].tolist() == ["enrolments"]
    enrolments = staged(con, "enrolments", [("E1", "C1", "P")], "enrolment_id client_id programme")
    export = check([enrolments, actions], TABLES, con, DAY)
    assert export.set_aside.execute()["row"].tolist() == [3]
    late = line(export, "lies after the day of the export (2024-12-31): booked for the future?")
    assert late["column"] == "created_date"


def test_further_attributes_are_read_by_their_kind(con):
    declared = with_attributes({"score": Attribute(kind="number")})
    part = staged(con, "clients", [("C1", "1.5"), ("C2", "high")], "client_id score")
    export = check([part], declared, con, DAY)
    assert export.tables["clients"].score.execute().fillna(-1).tolist() == [1.5, -1]
    assert line(export, "is not a number, emptied")["rows"] == 1


# --- what the loss report may show --------------------------------------------------------------


def test_no_key_birth_date_or_rare_value_is_ever_shown(con):
    clients = staged(
        con,
        "clients",
        [("SECRET-1", "31/31/1980", "Zoroastrian"), ("SECRET-1", "01/01/1850", "Zoroastrian")],
        "client_id birth_date ethnicity",
        date_formats=("%d/%m/%Y",),
        values={"ethnicity": {"W": "White"}},
    )
    contacts = staged(
        con,
        "contacts",
        [("SECRET-9", "Ann Lee on 5 May", "Ann Lee"), ("SECRET-9", "2024-01-01", "5 min")],
        "enrolment_id contact_date minutes",
        date_formats=("%Y-%m-%d",),
    )
    enrolments = staged(con, "enrolments", [("E1", "C1", "P")], "enrolment_id client_id programme")
    export = check([clients, enrolments, contacts], TABLES, con, DAY)
    shown = export.issues["example"].dropna().tolist()
    assert shown == ["aaa aaa aa 9 aaa", "aaa aaa"]
    everything = export.issues.to_csv() + export.set_aside.execute().to_csv()
    for secret in ("SECRET", "1980", "1850", "Zoroastrian", "Ann", "Lee"):
        assert secret not in everything


def test_a_value_that_occurs_often_may_be_shown(con):
    values = {"channel": {"F2F": "face to face"}}
    export = contacts_of(con, "channel", ["video"] * 8 + ["Ann's flat"] * 2, values=values)
    assert line(export, "stands in no mapping, kept as it is")["example"] == "video"
    export = contacts_of(con, "channel", ["video"] * 7, values=values)
    assert pd.isna(line(export, "stands in no mapping, kept as it is")["example"])


def test_notes_of_a_reader_are_lines_of_the_report(con):
    note = Note("SSN", "noted", "was left out", 3, 2, None, "Nothing.")
    part = staged(con, "clients", [("C1",)], "client_id", notes=(note, note))
    found = line(check([part], TABLES, con, DAY), "was left out")
    assert (found["rows"], found["first_row"], found["advice"]) == (6, 2, "Nothing.")


# --- dates --------------------------------------------------------------------------------------


def formats(con: Any, *written: str | None) -> tuple[str, ...]:
    rows = ibis.memtable({"text": list(written)}, schema={"text": "string"})
    return dates.detect(con.create_table(ibis.util.gen_name("texts"), rows, temp=True).text).formats


@pytest.mark.parametrize(
    ("written", "format_"),
    [
        (["2024-01-31", "2024-02-30"], "%Y-%m-%d"),
        (["31/01/2024", "01/02/2024"], "%d/%m/%Y"),
        (["01/31/2024", "01/02/2024"], "%m/%d/%Y"),
        (["31.01.2024"], "%d.%m.%Y"),
        (["31-01-2024"], "%d-%m-%Y"),
        (["2024/01/31"], "%Y/%m/%d"),
        (["20240131"], "%Y%m%d"),
        (["31 Jan 2024", "1 May 2024"], "%d %b %Y"),
        (["31 January 2024"], "%d %B %Y"),
        (["Jan 31, 2024"], "%b %d, %Y"),
        (["05/05/2024", "31/01/2024"], "%d/%m/%Y"),
        ([None, ""], "%Y-%m-%d"),
    ],
)
def test_a_day_s_format_is_found(con, written, format_):
    assert formats(con, *(each or None for each in written))[0] == format_


def test_year_month_day_is_read_next_to_another_format(con):
    assert formats(con, "2024-01-05", "2024-02-05", "31/01/2024") == ("%d/%m/%Y", "%Y-%m-%d")


def test_times_of_day_are_found_with_their_fractions_and_zones(con):
    found = formats(con, "2024-01-31T10:00:00.000+0000", "2024-01-31T10:00:00Z")
    assert set(found[:2]) == {"%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S"}
    rows = ibis.memtable(
        {"text": ["2024-01-31 23:30:00.1234567+02:00", "2024-01-31 01:00:00-0500"]}
    )
    texts = con.create_table(ibis.util.gen_name("texts"), rows, temp=True).text
    detected = dates.detect(texts)
    assert detected.zoned
    assert detected.read(texts).to_pyarrow().to_pylist() == [
        datetime(2024, 1, 31, 23, 30, 0, 123456),
        datetime(2024, 1, 31, 1, 0),
    ]


def test_a_day_that_only_late_values_decide_is_still_decided(con):
    early = [
        f"{day:02d}/01/2024 {hour:02d}:{minute:02d}"
        for day in range(1, 13)
        for hour in range(24)
        for minute in range(60)
    ]
    assert formats(con, *early, "31/12/2024 10:00")[0] == "%d/%m/%Y %H:%M"
    with pytest.raises(dates.UndecidedError, match="may be day/month/year or month/day/year"):
        formats(con, *early)


def test_a_birth_date_that_cannot_be_decided_is_not_shown(con):
    part = staged(con, "clients", [("C1", "03/04/1980")], "client_id birth_date")
    with pytest.raises(DataError) as refused:
        check([part], TABLES, con, DAY)
    assert str(refused.value) == (
        "clients.csv: birth_date: the dates may be day/month/year or month/day/year. "
        "Set date_format to '%d/%m/%Y' or '%m/%d/%Y' under [sources.clients]."
    )


def test_two_digit_years_are_read_where_they_are_stated(con):
    rows = [("E1", "05/02/24"), ("E1", "05/02/2024")]
    contacts = staged(
        con, "contacts", rows, "enrolment_id contact_date", date_formats=("%d/%m/%y",)
    )
    kept = three(con, contacts).tables["contacts"].contact_date.to_pyarrow().to_pylist()
    assert kept == [date(2024, 2, 5)]
    contacts = staged(
        con, "contacts", rows, "enrolment_id contact_date", date_formats=("%d/%m/%Y",)
    )
    assert three(con, contacts).set_aside.execute()["row"].tolist()[:1] == [2]
