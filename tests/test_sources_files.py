"""Files by mapping: what a header, a pattern, a condition, a constant or a file's kind means."""

import os
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import ibis
import openpyxl
import pandas as pd
import pytest

from workbench import settings, sources
from workbench.errors import DataError
from workbench.sources import archive, headers, text

ROOT = Path(__file__).parents[1]
DATA = os.environ.get("WORKBENCH_DATA", "")
GOOD = Path(__file__).parent / "bad_files" / "good"
ROWS = {"clients": 3, "enrolments": 3, "contacts": 3}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An export of three good files, to be added to."""
    return Path(shutil.copytree(GOOD, tmp_path / "export"))


def read(folder: Path, sections: dict[str, Any] | None = None, **more: Any) -> sources.Export:
    data = {"path": str(folder), "exported_on": "2024-12-31"}
    own = {table: {"file": f"{table}.csv"} for table in ROWS} | (sections or {})
    chosen = settings.build({"data": data, "sources": own, **more}, folder.parent)
    return sources.read(chosen, ibis.duckdb.connect())


def lines(export: sources.Export, source: str, kind: str) -> list[tuple[str, str]]:
    found = export.issues.query("source == @source and kind == @kind")
    return list(found[["column", "problem"]].fillna("").itertuples(index=False, name=None))


def rows(export: sources.Export) -> dict[str, int]:
    return {name: int(table.count().execute()) for name, table in export.tables.items()}


# --- which file, which column ---------------------------------------------------------------------


def test_files_named_after_tables_need_no_settings(folder):
    chosen = settings.build({"data": {"path": str(folder)}})
    assert rows(sources.read(chosen, ibis.duckdb.connect())) == ROWS


def test_a_folder_without_any_known_file_says_what_to_do(tmp_path):
    (tmp_path / "holiday.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"Say under \[sources\] which file feeds which table"):
        sources.read(settings.build({"data": {"path": str(tmp_path)}}), ibis.duckdb.connect())


def test_several_files_named_after_a_table_are_refused_not_passed_over(folder):
    (folder / "old").mkdir()
    shutil.copy(folder / "clients.csv", folder / "old" / "Clients.csv")
    with pytest.raises(DataError, match=r"2 files are named after clients: clients.csv, old/Cl"):
        sources.read(settings.build({"data": {"path": str(folder)}}), ibis.duckdb.connect())


def test_a_condition_that_no_row_meets_is_told_whole(folder):
    where = {"enrolments": {"file": "enrolments.csv", "where": {"programme": "Nowhere"}}}
    with pytest.raises(DataError, match="none of the 3 rows") as problem:
        read(folder, where)
    assert problem.value.problems[0].endswith("takes, first at row 2.")


def test_a_name_is_on_one_line_and_runs_one_way(folder):
    (folder / "contacts.csv").write_text(
        'enrolment_id,contact_date,channel\nE1,2024-01-20,"by\r\n\r\n# phone"\n'
        "E2,2024-02-05,\u202ephone\u202c\nE3,2024-03-05,in  person\n"
    )
    channels = read(folder).tables["contacts"].channel.execute()
    assert list(channels) == ["by # phone", "phone", "in  person"]


def test_a_number_too_large_to_hold_is_no_number(folder):
    (folder / "contacts.csv").write_text(
        f"enrolment_id,contact_date,minutes\nE1,2024-01-20,{'9' * 400}\nE2,2024-02-05,30\n"
    )
    export = read(folder)
    assert export.tables["contacts"].minutes.execute().dropna().tolist() == [30]
    assert lines(export, "contacts.csv", "repaired") == [("minutes", "is not a number, emptied")]


def test_what_a_killed_load_unpacked_is_swept_up(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / ".workbench-unpacked-killed"
    left.mkdir()
    (left / "0-clients.csv").write_text("somebody")
    os.utime(left, (0, 0))
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as content:
        content.write(folder / "clients.csv", "clients.csv")
    with archive.opened(tmp_path / "export.zip") as export:
        assert export.path("clients.csv").parent.name.startswith(".workbench-unpacked-")
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".work")] == []


def test_a_required_table_that_no_file_feeds_is_missed(folder):
    (folder / "contacts.csv").unlink()
    with pytest.raises(DataError) as refused:
        sources.read(settings.build({"data": {"path": str(folder)}}), ibis.duckdb.connect())
    assert str(refused.value) == (
        "contacts: no file feeds this table, and no report can do without. "
        "Name its file under [sources.contacts]."
    )


def test_headers_match_whatever_their_case_spaces_and_underscores(folder):
    (folder / "contacts.csv").write_text(
        "ENROLMENT ID,Contact_Date, How \u00a0contacted \nE1,2024-01-20,phone\n", "utf-8"
    )
    export = read(
        folder, {"contacts": {"file": "contacts.csv", "columns": {"channel": "how_Contacted"}}}
    )
    assert export.tables["contacts"].channel.execute().tolist() == ["phone"]


def test_a_header_that_is_mapped_elsewhere_or_ignored_is_not_taken_by_its_name(folder):
    (folder / "contacts.csv").write_text(
        "enrolment_id,contact_date,channel,minutes,Mode\nE1,2024-01-20,visit,30,phone\n"
    )
    own = {"columns": {"channel": "Mode"}, "ignore": ["minutes"]}
    export = read(folder, {"contacts": {"file": "contacts.csv", **own}})
    contacts = export.tables["contacts"]
    assert contacts.columns == ("enrolment_id", "contact_date", "channel")
    assert contacts.channel.execute().tolist() == ["phone"]
    assert lines(export, "contacts.csv", "noted") == [("channel", "is not used")]


def test_a_pattern_means_several_files_in_order_and_each_has_its_own_lines(folder):
    (folder / "2024").mkdir()
    (folder / "2024" / "Visits_b.csv").write_text("enrolment_id,contact_date\nE2,2024-05-02\n")
    (folder / "2024" / "visits_a.csv").write_text(
        "contact_date;enrolment_id\n2024-05-01;E1\n2024-05-01;E7\n"
    )
    export = read(folder, {"contacts": {"file": ["visits_*.csv", "contacts.csv"]}})
    assert export.tables["contacts"].enrolment_id.execute().tolist() == [
        "E1", "E2", "E1", "E2", "E3",
    ]  # fmt: skip
    left = export.set_aside.execute()
    assert left[["source", "row"]].values.tolist() == [["visits_a.csv", 3]]


def test_a_name_that_stands_in_two_folders_must_be_given_with_its_folder(folder):
    for name in ("north", "south"):
        (folder / name).mkdir()
        shutil.copy(folder / "contacts.csv", folder / name / "visits.csv")
    with pytest.raises(DataError) as refused:
        read(folder, {"contacts": {"file": "visits.csv"}})
    assert str(refused.value) == (
        "visits.csv: there are several in export: north/visits.csv, south/visits.csv. "
        "Give the one that is meant with its folder."
    )
    assert rows(read(folder, {"contacts": {"file": "south/visits.csv"}})) == ROWS


def test_a_file_may_lie_beside_the_export_or_the_settings(folder):
    beside = folder.parent / "holders.csv"
    beside.write_text("enrolment_id,caseworker_id,start_date\nE1,W1,2024-01-15\n")
    export = read(folder, {"assignments": {"file": "holders.csv"}})
    assert rows(export)["assignments"] == 1


def test_a_constant_is_a_column_of_all_rows(folder):
    constants = {"channel": "visit", "attended": "no"}
    own = {"file": "contacts.csv", "constants": constants, "columns": {"attended": "attended"}}
    contacts = read(folder, {"contacts": own}).tables["contacts"].execute()
    assert contacts["channel"].tolist() == ["visit"] * 3
    assert contacts["attended"].tolist() == [False] * 3


def test_a_constant_may_stand_for_a_required_column(folder):
    (folder / "enrolments.csv").write_text("enrolment_id,client_id\nE1,C1\nE2,C2\nE3,C3\n")
    own = {"file": "enrolments.csv", "constants": {"programme": "Housing"}}
    export = read(folder, {"enrolments": own})
    assert set(export.tables["enrolments"].programme.execute()) == {"Housing"}


def test_further_attributes_are_found_by_their_header(folder):
    (folder / "clients.csv").write_text("client_id,Area\nC1,north\nC2,\nC3,south\n")
    export = read(folder, attributes={"area": {"description": "where they live"}})
    assert export.tables["clients"].area.execute().fillna("-").tolist() == ["north", "-", "south"]


# --- one file for several tables ------------------------------------------------------------------


def activity(folder: Path) -> None:
    (folder / "activity.csv").write_text(
        "Type,enrolment_id,Date,What,Notes\n"
        "Contact,E1,2024-01-20,phone,private\n"
        "Service,E1,2024-01-21,food parcel,private\n"
        "Remark,E1,2024-01-22,,private\n"
        "Contact,E9,2024-01-23,phone,private\n"
        "Service,E1\n"
        ",E1,2024-01-24,,\n"
    )


def test_one_file_feeds_two_tables_and_all_its_rows_are_accounted_for(folder):
    activity(folder)
    own = {
        "contacts": {
            "file": "activity.csv",
            "where": {"type": "Contact"},
            "columns": {"contact_date": "Date", "channel": "What"},
        },
        "supports": {
            "file": "activity.csv",
            "where": {"Type": ["Service", "Gift"]},
            "columns": {"start_date": "Date", "support": "What"},
        },
    }
    export = read(folder, own)
    counted = export.issues.query("source == 'activity.csv' and kind in ['loaded', 'set aside']")
    assert counted.groupby("table")["rows"].sum().to_dict() == {"contacts": 5, "supports": 1}
    left = export.set_aside.execute()[["table", "row", "column", "problem"]].fillna("")
    nobody = "is none of the values that a section of [sources] takes"
    assert left.values.tolist() == [
        ["contacts", 4, "Type", nobody],
        ["contacts", 5, "enrolment_id", "is not in enrolments"],
        [
            "contacts",
            6,
            "",
            "has 2 cells where the header has 5: is a separator or a quotation mark missing or "
            "too many?",
        ],
        ["contacts", 7, "Type", nobody],
    ]
    assert lines(export, "activity.csv", "noted") == [
        ("Notes", "looks like free text and was left out")
    ]


def test_without_a_condition_a_file_feeds_two_tables_with_all_its_rows(folder):
    (folder / "enrolments.csv").write_text(
        "enrolment_id,client_id,programme,born\nE1,C1,P,1980-01-01\nE2,C2,P,1990-01-01\n"
    )
    own = {"clients": {"file": "enrolments.csv", "columns": {"birth_date": "born"}}}
    export = read(folder, own)
    assert rows(export) == {"clients": 2, "enrolments": 2, "contacts": 2}
    assert export.tables["clients"].columns == ("client_id", "birth_date")


# --- kinds of files -------------------------------------------------------------------------------


def test_parquet_is_read_as_it_is_typed(folder):
    ibis.duckdb.connect().raw_sql(
        "COPY (SELECT 'E' || (1 + i % 3) AS Enrolment_ID, DATE '2024-01-15' + i::INT AS "
        "contact_date, i % 2 = 0 AS attended, i AS minutes, 'Ann' AS client_name "
        f"FROM range(10) AS t(i)) TO '{folder}/visits.parquet'"
    )
    export = read(folder, {"contacts": {"file": "visits.parquet"}})
    contacts = export.tables["contacts"]
    assert contacts.count().execute() == 10
    assert contacts.minutes.execute().tolist() == list(range(10))
    assert lines(export, "visits.parquet", "noted") == [
        ("client_name", "looks like a name and was left out")
    ]
    assert "Ann" not in contacts.execute().to_csv()


def test_moments_with_a_zone_in_parquet_are_kept_in_utc_and_noted(folder):
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone = 'America/New_York'")
    con.raw_sql(
        "COPY (SELECT 'E1' AS enrolment_id, TIMESTAMPTZ '2024-01-15 23:30:00+00' AS contact_date) "
        f"TO '{folder}/visits.parquet'"
    )
    export = read(folder, {"contacts": {"file": "visits.parquet"}})
    assert export.tables["contacts"].to_pyarrow().to_pylist() == [
        {
            "enrolment_id": "E1",
            "contact_date": date(2024, 1, 15),
            "contact_at": datetime(2024, 1, 15, 23, 30),
        }
    ]
    assert lines(export, "visits.parquet", "noted") == [
        ("contact_date", "times hold a zone, and are kept in UTC")
    ]


def test_a_workbook_gives_its_values_and_the_rows_their_number_in_the_sheet(folder):
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Visits")
    for row in [
        ["Visits of 2024"],
        [],
        ["Enrolment ID", "contact date", "minutes", "attended", None],
        ["E1", datetime(2024, 1, 20), 30, True],
        [],
        ["E2", "05/02/2024", "12,5", "no"],
        ["E3", "31/02/2024", 7.5, None],
    ]:
        sheet.append(row)
    sheet.delete_rows(1, 2)
    book.save(folder / "visits.xlsx")
    own = {"file": "visits.xlsx", "sheet": "Visits", "date_format": "%d/%m/%Y", "decimal": ","}
    export = read(folder, {"contacts": own})
    contacts = export.tables["contacts"].to_pyarrow().to_pylist()
    assert [tuple(row.values()) for row in contacts] == [
        ("E1", date(2024, 1, 20), True, 30.0),
        ("E2", date(2024, 2, 5), False, 12.5),
    ]
    left = export.set_aside.execute()
    assert left[["row", "problem"]].values.tolist() == [[5, "is not a date"]]


def test_a_workbook_s_formulas_give_their_last_result(folder, tmp_path):
    book = openpyxl.Workbook()
    for row in [["enrolment_id", "contact_date", "minutes"], ["E1", "2024-01-20", "=6*7"]]:
        book.active.append(row)
    book.save(tmp_path / "plain.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(folder / "visits.xlsx", "w") as worked_out,
    ):
        for each in plain.infolist():
            data = plain.read(each).replace(b"<f>6*7</f><v></v>", b"<f>6*7</f><v>42</v>")
            worked_out.writestr(each, data.replace(b"<f>6*7</f><v />", b"<f>6*7</f><v>42</v>"))
    export = read(folder, {"contacts": {"file": "visits.xlsx"}})
    assert export.tables["contacts"].minutes.execute().tolist() == [42]
    assert lines(export, "visits.xlsx", "noted") == [
        ("minutes", "holds formulas; their last result is read")
    ]


def test_the_sheets_of_one_workbook_feed_a_table_each(folder):
    book = openpyxl.Workbook()
    for table in ROWS:
        sheet = book.create_sheet(table.title())
        for line in (folder / f"{table}.csv").read_text().splitlines():
            sheet.append(line.split(","))
    book.save(folder / "all.xlsx")
    own = {table: {"file": "all.xlsx", "sheet": table.title()} for table in ROWS}
    assert rows(read(folder, own)) == ROWS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(folder, encoding, delimiter):
    content = "enrolment_id,contact_date,channel\r\nE1,2024-01-20,café\r\n".replace(",", delimiter)
    (folder / "contacts.csv").write_bytes(content.encode(encoding))
    contacts = read(folder).tables["contacts"].execute()
    assert contacts["channel"].tolist() == ["café"]


def test_a_letter_that_only_shows_up_late_still_decides_the_encoding(folder):
    start = "enrolment_id,contact_date,channel\n" + "E1,2024-01-20,phone\n" * 60_000
    (folder / "contacts.csv").write_bytes((start + "E2,2024-01-20,café\n").encode("cp1252"))
    export = read(folder)
    assert export.tables["contacts"].channel.execute().iloc[-1] == "café"
    assert lines(export, "contacts.csv", "noted") == [("", "text read as cp1252")]


def test_rows_keep_their_number_past_ragged_ones_and_cells_over_lines(folder):
    (folder / "contacts.csv").write_text(
        "\n\nenrolment_id,contact_date,channel\n"
        'E1,2024-01-20,"by\nphone"\n'
        "E2,2024-01-21\n"
        "\n"
        "E9,2024-01-22,phone\n"
        "E1,2024-01-23,phone,,\n"
        "E8,2024-01-24,phone\n"
    )
    left = read(folder).set_aside.execute()
    assert left["row"].tolist() == [3, 4, 5, 6]


def test_single_threaded_reading_keeps_the_order_of_the_file(folder):
    many = pd.DataFrame({"enrolment_id": "E1", "contact_date": "2024-01-20"}, index=range(200_000))
    many["minutes"] = many.index
    many.to_csv(folder / "contacts.csv", index=False)
    minutes = read(folder).tables["contacts"].minutes.execute()
    assert (minutes.to_numpy() == many["minutes"].to_numpy()).all()


def test_an_optional_file_without_rows_is_a_note(folder):
    (folder / "supports.csv").write_text("enrolment_id,support,start_date\n")
    export = read(folder, {"supports": {"file": "supports.csv"}})
    assert rows(export)["supports"] == 0
    assert lines(export, "supports.csv", "noted") == [("", "holds a header and no rows")]


# --- what is left out -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Name", "a name"),
        ("Client_Name", "a name"),
        ("FirstName", "a name"),
        ("SURNAME", "a name"),
        ("Name suffix", "a name"),
        ("SSN", "an identity number"),
        ("NI number", "an identity number"),
        ("E-mail address", "an e-mail address"),
        ("Home phone", "a phone number"),
        ("Address line 1", "an address"),
        ("ZIP", "an address"),
        ("Case notes", "free text"),
        ("Programme", None),
        ("Programme name", None),
        ("Zipline visits", None),
        ("Notice given", None),
    ],
)
def test_personal_headers_are_known(header, kind):
    assert headers.personal(header) == kind


def test_a_personal_header_that_is_mapped_all_the_same_is_told(folder):
    (folder / "clients.csv").write_text("SSN\nC1\nC2\nC3\n")
    own = {"file": "clients.csv", "columns": {"client_id": "SSN"}}
    export = read(folder, {"clients": own})
    assert lines(export, "clients.csv", "noted") == [
        ("client_id", "is read from 'SSN', which looks like an identity number")
    ]


# --- archives and detection -----------------------------------------------------------------------


def test_what_is_taken_out_of_a_zip_lies_in_a_private_folder_that_goes(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as content:
        for each in folder.iterdir():
            content.write(each, f"deep/down/{each.name}")
    with archive.opened(tmp_path / "export.zip") as export:
        assert export.matching("CLIENTS.csv") == ["deep/down/clients.csv"]
        path = export.path("deep/down/clients.csv")
        assert path.read_bytes() == (folder / "clients.csv").read_bytes()
        assert os.stat(path.parent).st_mode & 0o777 == 0o700
        assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert not path.parent.exists()


def test_an_export_is_known_by_the_names_of_its_files(tmp_path):
    assert sources.detect(GOOD) == "files"
    names = ("Export", "Client", "Enrollment", "Exit", "Project", "Services")
    with zipfile.ZipFile(tmp_path / "hmis.zip", "w") as content:
        for name in names:
            content.writestr(f"export/{name.lower()}.csv", "x")
    assert sources.detect(tmp_path / "hmis.zip") == "hmis"
    for name in ("studentInfo.csv.gz", "studentRegistration.csv", "studentVle.parquet"):
        (tmp_path / name).touch()
    assert sources.detect(tmp_path) == "oulad"


def test_reading_twice_on_one_connection_does_not_clash(folder):
    con = ibis.duckdb.connect()
    chosen = settings.build({"data": {"path": str(folder)}})
    first, second = sources.read(chosen, con), sources.read(chosen, con)
    assert rows(first) == rows(second) == ROWS


def test_a_text_file_can_be_read_by_other_readers_too(folder):
    con = ibis.duckdb.connect()
    found = text.head(folder / "clients.csv")
    assert found.headers == ("client_id", "birth_date")
    table, again = text.read(folder / "clients.csv", found, {"id": "client_id"}, con)
    assert again == found
    assert table.execute()[["id", "_row"]].values.tolist() == [["C1", 2], ["C2", 3], ["C3", 4]]


# --- Salesforce's Program Management Module, as the worked example maps it ------------------------


@pytest.mark.skipif(not DATA, reason="WORKBENCH_DATA is not set: no real data here")
def test_the_worked_example_for_salesforce_loads_clients_and_leaves_volunteers_out():
    chosen = settings.read(ROOT / "settings" / "salesforce-pmm.toml")
    chosen = chosen.with_path(Path(DATA) / "salesforce-pmm")
    export = sources.read(chosen, ibis.duckdb.connect())
    assert rows(export) == {"clients": 186, "enrolments": 79, "contacts": 605, "supports": 71}
    volunteers = "is none of the values that a section of [sources] takes"
    assert lines(export, "ProgramEngagement__c.csv", "set aside") == [("Role__c", volunteers)]
    theirs = "belongs to a row of enrolments that was set aside"
    assert lines(export, "ServiceDelivery__c.csv", "set aside") == [("enrolment_id", theirs)]
    left_out = "looks like a name and was left out"  # "Name" holds the client's
    assert ("Name", left_out) in lines(export, "ProgramEngagement__c.csv", "noted")
    assert "is not used" not in set(export.issues.problem)
    stays = export.tables["enrolments"].execute()
    assert stays.programme.nunique() == 10
    assert not stays.programme.str.isdigit().any()
    assert stays.start_date.isna().sum() == 6  # applied, on the waiting list, or not typed in
    attended = export.tables["contacts"].attended.execute()
    assert (attended.sum(), (~attended.astype("boolean")).sum()) == (108, 18)
    assert set(export.tables["supports"].support.execute()) == {"subsidised lunch", "rent subsidy"}
