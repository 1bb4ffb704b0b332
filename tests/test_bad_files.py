"""Every bad file gets its message or its line in the loss report, word for word; never a traceback.

A test reads the three good files of `bad_files/good`, one of them replaced by a bad one (or the
bad one added). Lines of the loss report are compared in the form
"kind: column: problem [rows] first row, example -> advice".
"""

import io
import stat
import zipfile
from pathlib import Path
from typing import Any

import ibis
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st

from workbench import settings, sources
from workbench.errors import DataError

BAD = Path(__file__).parent / "bad_files"
GOOD = {table: {"file": f"good/{table}.csv"} for table in ("clients", "enrolments", "contacts")}
FIX = "Correct it where it was recorded"
DATE = f"{FIX}, or set date_format under [sources.contacts]."
AHEAD = f"Leave out what has not happened yet, or {FIX[0].lower()}{FIX[1:]}."


def read(section: str, file: str, *, folder: Path = BAD, **source: Any) -> sources.Export:
    own = {**GOOD, section: {"file": file, **source}}
    data = {"path": str(folder), "exported_on": "2024-12-31"}
    return sources.read(settings.build({"data": data, "sources": own}, BAD), ibis.duckdb.connect())


def told(export: sources.Export, source: str) -> list[str]:
    lines = export.issues[export.issues["source"] == source].to_dict("records")
    return [_sentence({k: v for k, v in line.items() if not pd.isna(v)}) for line in lines]


def _sentence(line: dict[str, Any]) -> str:
    said = ": ".join(line[each] for each in ("kind", "column", "problem") if each in line)
    said += f" [{line['rows']}]" if "rows" in line else ""
    said += f" row {line['first_row']}" if "first_row" in line else ""
    said += f", {line['example']!r}" if "example" in line else ""
    return said + (f" -> {line['advice']}" if "advice" in line else "")


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "empty.csv": (
        "contacts",
        {},
        "empty.csv: the file is empty: there is not even a header. Export it again.",
    ),
    "header_only.csv": (
        "contacts",
        {},
        "header_only.csv: it holds no rows for contacts, which are needed. Export it again.",
    ),
    "workbook_named.csv": (
        "contacts",
        {},
        "workbook_named.csv: this is no text file, whatever its name says (it begins like a "
        "workbook, zip, parquet or PDF file). Give it its right ending, or export it as csv.",
    ),
    "no_encoding.csv": (
        "contacts",
        {},
        "no_encoding.csv: the text is neither UTF-8 nor Windows' cp1252. "
        "Export it as UTF-8, or set encoding for it.",
    ),
    "windows_1252.csv": (
        "contacts",
        {"encoding": "utf-8"},
        "windows_1252.csv: the text is not utf-8. Export it as UTF-8, or set encoding for it.",
    ),
    "semicolons.csv": (
        "contacts",
        {"encoding": "utf-9"},
        "semicolons.csv: encoding: 'utf-9' is not known. Try 'utf-8', 'cp1252' or 'utf-16'.",
    ),
    "open_quote.csv": (
        "contacts",
        {},
        "open_quote.csv: a quotation mark in row 3 is never closed, so that the rest of the file "
        "reads as one cell. Close it, or export the file again.",
    ),
    "ambiguous_dates.csv": (
        "contacts",
        {},
        "ambiguous_dates.csv: contact_date: the dates may be day/month/year or month/day/year "
        "('03/04/2024'). Set date_format to '%d/%m/%Y' or '%m/%d/%Y' under [sources.contacts].",
    ),
    "two_digit_years.csv": (
        "contacts",
        {},
        "two_digit_years.csv: contact_date: the dates have years of two digits ('05-02-24'), "
        "which are never guessed. Set date_format, for example to '%d/%m/%y', "
        "under [sources.contacts].",
    ),
    "no_dates.csv": (
        "contacts",
        {},
        "no_dates.csv: contact_date: the dates are written in no way that is known. "
        "Map another column, or set date_format under [sources.contacts].",
    ),
    "dates_in_several_ways.csv": (
        "contacts",
        {},
        "dates_in_several_ways.csv: contact_date: the dates are written in several ways. "
        "Write them in one, or set date_format under [sources.contacts].",
    ),
    "in_the_future.csv": (
        "contacts",
        {"date_format": "YYYY-MM-DD"},
        "in_the_future.csv: contact_date: the dates cannot be read as 'YYYY-MM-DD', which is no "
        "date format. Write, for example, '%d/%m/%Y' as date_format under [sources.contacts].",
    ),
    "no_date_column.csv": (
        "contacts",
        {},
        "no_date_column.csv: contact_date: no column holds it, and contacts cannot do without. "
        "Name its header under [sources.contacts.columns].",
    ),
    "headers_alike.csv": (
        "contacts",
        {},
        "headers_alike.csv: contact_date: 2 columns are named 'contact_date', and it cannot be "
        "told which is meant. Rename one of them.",
    ),
    "personal.csv": (
        "clients",
        {"columns": {"client_id": "Client ID", "gender": "Favorite color"}},
        "personal.csv: gender: there is no column 'Favorite color'. "
        "Did you mean 'Favourite colour'?",
    ),
    "two_kinds.csv": (
        "contacts",
        {"where": {"Typ": "Contact"}, "columns": {"contact_date": "Date"}},
        "two_kinds.csv: where: there is no column 'Typ'. Did you mean 'Type'?",
    ),
    "report.pdf": (
        "contacts",
        {},
        "report.pdf: files of this kind are not read. Export it as csv, xlsx or parquet.",
    ),
    "broken.xlsx": (
        "contacts",
        {},
        "broken.xlsx: this is no workbook that can be read: it is broken, locked with a password, "
        "or of another kind. Save it again as xlsx without a password, or export it as csv.",
    ),
    "broken.parquet": (
        "contacts",
        {},
        "broken.parquet: this is no parquet file, or only a part of one. Export it again.",
    ),
    "orphan.csv": (
        "contacts",
        {},
        "orphan.csv: there is no such file in bad_files. Did you mean 'orphans.csv'?",
    ),
    "no_client.csv": (
        "enrolments",
        {"values": {"enrolment_id": {"E1": "", "E2": "", "E3": ""}}},
        "no_client.csv: enrolment_id: none of the 3 rows can be used; 3 of them: is empty, first "
        "at row 2. Fill it in where it was recorded, or map another column under "
        "[sources.enrolments.columns].\n"
        "contacts.csv: enrolment_id: none of the 3 rows can be used; 3 of them: is not in "
        "enrolments, first at row 2. Export enrolments whole, or correct it where it was "
        "recorded.",
    ),
}
LOSSES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "semicolons.csv": (
        "contacts",
        {},
        ["loaded [2]", "noted: columns are separated by semicolons"],
    ),
    "windows_1252.csv": (
        "contacts",
        {},
        [
            "loaded [1]",
            "noted: text read as cp1252 -> If letters look wrong, set encoding under "
            "[sources.contacts].",
        ],
    ),
    "utf_16.csv": ("contacts", {}, ["loaded [1]", "noted: text read as UTF-16"]),
    "byte_order_mark.csv": ("contacts", {}, ["loaded [1]"]),
    "same_id.csv": (
        "contacts",
        {},
        [
            "loaded [2]",
            "set aside: contact_id: is an exact duplicate of an earlier row [2] row 4 -> "
            "Nothing is lost; remove it where it was recorded.",
            "set aside: contact_id: stands in an earlier row with other content; the first is "
            "kept [1] row 5 -> Keep the row that is right, or give the other a key of its own.",
        ],
    ),
    "no_such_day.csv": (
        "contacts",
        {},
        [
            "loaded [2]",
            f"set aside: contact_date: is not a date [2] row 3, '31/02/2024' -> {DATE}",
            "noted: contact_date: dates read as day/month/year ('%d/%m/%Y')",
        ],
    ),
    "long_ago.csv": (
        "contacts",
        {},
        [
            "loaded [1]",
            f"set aside: contact_date: lies before 1970 [1] row 3, '1899-12-30' -> {FIX}.",
        ],
    ),
    "in_the_future.csv": (
        "contacts",
        {},
        [
            "loaded [2]",
            "set aside: contact_date: lies after the day of the export (2024-12-31): booked for "
            f"the future? [2] row 3, '2052-02-05' -> {AHEAD}",
        ],
    ),
    "end_before_start.csv": (
        "enrolments",
        {},
        [
            "loaded [2]",
            f"set aside: end_date: comes before start_date [1] row 2, '2024-01-14' -> {FIX}.",
        ],
    ),
    "orphans.csv": (
        "contacts",
        {},
        [
            "loaded [1]",
            "set aside: enrolment_id: is not in enrolments [2] row 3 -> "
            "Export enrolments whole, or correct it where it was recorded.",
        ],
    ),
    "no_client.csv": (
        "enrolments",
        {},
        [
            "loaded [1]",
            "set aside: client_id: is empty [1] row 4 -> Fill it in where it was recorded, "
            "or map another column under [sources.enrolments.columns].",
            "set aside: client_id: is not in clients [1] row 3 -> "
            "Export clients whole, or correct it where it was recorded.",
        ],
    ),
    "mixed_types.csv": (
        "contacts",
        {},
        [
            "loaded [2]",
            "repaired: attended: is neither yes nor no, emptied [1] row 3, 'aaaaaaa' -> "
            "Write yes or no, or map its values under [sources.contacts.values.attended].",
            "repaired: minutes: is not a number, emptied [1] row 4, '99 aaa' -> "
            "Write it in digits without a unit, or set decimal under [sources.contacts].",
            "also: minutes: is not a number, emptied [1] row 3, 'aaaa aa aaaa' -> "
            "Write it in digits without a unit, or set decimal under [sources.contacts].",
        ],
    ),
    "thousands.csv": (
        "contacts",
        {},
        [
            "loaded [0]",
            "repaired: minutes: may have thousands marked, emptied [1] row 2, '9,999' -> "
            "Write it without a thousands separator, or set decimal under [sources.contacts].",
            "repaired: minutes: is not a number, emptied [1] row 4, '9,9' -> "
            "Write it in digits without a unit, or set decimal under [sources.contacts].",
            "repaired: minutes: read with its thousands marked [1] row 3, '9,999.9' -> "
            "Write it without a thousands separator.",
        ],
    ),
    "decimal_comma.csv": (
        "contacts",
        {"decimal": ","},
        [
            "loaded [1]",
            "repaired: minutes: may have thousands marked, emptied [1] row 2, '9.999' -> "
            "Write it without a thousands separator, or set decimal under [sources.contacts].",
            "repaired: minutes: read with its thousands marked [1] row 4, '9.999,9' -> "
            "Write it without a thousands separator.",
            "noted: columns are separated by semicolons",
        ],
    ),
    "formula.csv": (
        "contacts",
        {},
        [
            "loaded [3]",
            "noted: channel: looks like a formula, kept as text [2] row 2 -> "
            "Look at it where it was recorded; it is never run here.",
        ],
    ),
    "ragged.csv": (
        "contacts",
        {},
        [
            "loaded [3]",
            "set aside: has 2 cells where the header has 3: is a separator or a quotation mark "
            "missing or too many? [1] row 3",
            "set aside: has 5 cells where the header has 3: is a separator or a quotation mark "
            "missing or too many? [1] row 5",
        ],
    ),
    "cells_over_lines.csv": (
        "contacts",
        {},
        [
            "loaded [2]",
            f"set aside: contact_date: is not a date [1] row 3, '2024-02-30' -> {DATE}",
            "noted: channel: holds line breaks or control characters, read as spaces [1] row 2 -> "
            "Write it on one line where it was recorded.",
        ],
    ),
    "with_zone.csv": (
        "contacts",
        {},
        [
            "loaded [2]",
            "noted: contact_date: times hold a zone, and are kept as the clock showed them",
        ],
    ),
    "personal.csv": (
        "clients",
        {},
        [
            "loaded [3]",
            "noted: First Name: looks like a name and was left out",
            "noted: Surname: looks like a name and was left out",
            "noted: SSN: looks like an identity number and was left out",
            "noted: E-mail: looks like an e-mail address and was left out",
            "noted: Mobile no.: looks like a phone number and was left out",
            "noted: Post code: looks like an address and was left out",
            "noted: Case notes: looks like free text and was left out",
            "noted: Favourite colour: is not used -> "
            "Map it under [sources.clients.columns], or name it under ignore.",
        ],
    ),
    "born_1899.csv": (
        "clients",
        {},
        [
            "loaded [0]",
            "set aside: client_id: stands in an earlier row with other content; the first is "
            "kept [1] row 5 -> Keep the row that is right, or give the other a key of its own.",
            "repaired: birth_date: is not a date, emptied [1] row 4 -> "
            f"{FIX}, or set date_format under [sources.clients].",
            f"repaired: birth_date: lies before 1900, emptied [1] row 2 -> {FIX}.",
            "repaired: birth_date: lies after the day of the export (2024-12-31), emptied [1] "
            f"row 3 -> {AHEAD}",
        ],
    ),
    "unknown_status.csv": (
        "outcomes",
        {},
        [
            "loaded [1]",
            "set aside: status: is not one of: achieved, not achieved, not known [1] row 4 -> "
            "Map its values under [sources.outcomes.values.status].",
            "repaired: status: read in another letter case [1] row 3 -> "
            "Write it the same way everywhere.",
        ],
    ),
    "letter_case.csv": (
        "contacts",
        {"values": {"channel": {"F2F": "face to face", "TEL": "phone"}}},
        [
            "loaded [3]",
            "repaired: channel: read in another letter case [10] row 2, 'f2f' -> "
            "Write it the same way everywhere.",
            "noted: channel: stands in no mapping, kept as it is [1] row 14 -> "
            "Add it under [sources.contacts.values.channel].",
        ],
    ),
    "two_kinds.csv": (
        "contacts",
        {"where": {"Type": "Contact"}, "columns": {"contact_date": "Date", "channel": "What"}},
        [
            "loaded [2]",
            "set aside: Type: is none of the values that a section of [sources] takes [2] row 3",
        ],
    ),
}


@pytest.mark.parametrize("file", REFUSED)
def test_a_file_that_cannot_be_used_is_refused_in_these_words(file):
    section, source, message = REFUSED[file]
    with pytest.raises(DataError) as refused:
        read(section, file, **source)
    assert str(refused.value) == message


@pytest.mark.parametrize("file", LOSSES)
def test_what_became_of_each_row_is_told_in_these_words(file):
    section, source, lines = LOSSES[file]
    assert told(read(section, file, **source), file) == lines


def test_every_bad_file_has_its_message_and_there_are_enough():
    files = {each.name for each in BAD.iterdir() if each.is_file()}
    assert files <= {*REFUSED, *LOSSES, "not_a.zip"}
    assert len(files) >= 25


def test_the_problems_of_all_files_come_at_once():
    everything = {
        "clients": {"file": "empty.csv"},
        "enrolments": {"file": "good/enrolments.csv", "columns": {"site": "Place"}},
        "contacts": {"file": "none.csv"},
        "staff": {"file": "ambiguous_dates.csv"},
    }
    chosen = settings.build({"data": {"path": str(BAD)}, "sources": everything}, BAD)
    with pytest.raises(DataError) as refused:
        sources.read(chosen, ibis.duckdb.connect())
    assert [each.split(":")[0] for each in refused.value.problems] == [
        "none.csv",
        "empty.csv",
        "enrolments.csv",
    ]


# --- zips ---------------------------------------------------------------------------------------


def good_zip(path: Path, **extra: bytes) -> zipfile.ZipFile:
    content = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    for file in (BAD / "good").iterdir():
        content.writestr(f"export/{file.name}", file.read_bytes())
    content.writestr("__MACOSX/export/._clients.csv", b"junk")
    content.writestr("export/.DS_Store", b"junk")
    return content


def read_zip(path: Path) -> sources.Export:
    chosen = settings.build({"data": {"path": str(path), "exported_on": "2024-12-31"}})
    return sources.read(chosen, ibis.duckdb.connect())


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as refused:
        read_zip(path)
    return str(refused.value)


def test_a_zip_with_folders_and_junk_is_read_and_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "private"))
    (tmp_path / "private").mkdir()
    good_zip(tmp_path / "export.zip").close()
    export = read_zip(tmp_path / "export.zip")
    assert [export.tables[each].count().execute() for each in GOOD] == [3, 3, 3]
    assert list((tmp_path / "private").iterdir()) == []


def test_what_is_no_zip_says_so():
    assert refusal(BAD / "not_a.zip") == (
        "not_a.zip: this is no zip file, or only a part of one. Copy or export it again."
    )


def test_a_zip_whose_names_lead_out_of_it_is_refused(tmp_path):
    with good_zip(tmp_path / "export.zip") as content:
        content.writestr("export/../../contacts.csv", b"x")
    assert refusal(tmp_path / "export.zip") == (
        "export.zip: 1 of its names lead out of it, or are links, first "
        "'export/../../contacts.csv'. Nothing was unpacked. Zip the plain files again."
    )


def test_a_zip_with_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("export/staff.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with good_zip(tmp_path / "export.zip") as content:
        content.writestr(link, b"/etc/passwd")
    assert "lead out of it, or are links, first 'export/staff.csv'" in refusal(
        tmp_path / "export.zip"
    )


def test_a_zip_bomb_is_refused_before_it_goes_off(tmp_path):
    with good_zip(tmp_path / "export.zip") as content:
        content.writestr("export/staff.csv", bytes(64 << 20))
    assert refusal(tmp_path / "export.zip").startswith("export.zip: it would unpack to 64 MB, ")


def test_a_locked_zip_says_so(tmp_path):
    good_zip(tmp_path / "export.zip").close()
    data = bytearray((tmp_path / "export.zip").read_bytes())
    directory = data.find(b"PK\x01\x02")
    data[directory + 8] |= 1
    (tmp_path / "export.zip").write_bytes(data)
    assert refusal(tmp_path / "export.zip") == (
        "export.zip: it is locked with a password. Unpack it and give the folder instead."
    )


def test_a_damaged_zip_says_so(tmp_path):
    good_zip(tmp_path / "export.zip").close()
    data = (tmp_path / "export.zip").read_bytes()
    at = data.find(b"clients.csv") + 20
    (tmp_path / "export.zip").write_bytes(data[:at] + b"\xff\xff\xff" + data[at + 3 :])
    said = refusal(tmp_path / "export.zip")
    assert said.startswith("export.zip: export/clients.csv cannot be taken out of it (")
    assert said.endswith("). Zip the files again.")


def test_a_path_that_is_not_there_says_so(tmp_path):
    assert refusal(tmp_path / "export.zip") == (
        "export.zip: there is no such file or folder. Check path under [data], or --source."
    )


# --- large cells and workbooks ------------------------------------------------------------------


def test_a_cell_of_ten_megabytes_sets_its_row_aside(tmp_path):
    lines = ["enrolment_id,contact_date,channel", "E1,2024-01-20,phone", "E2,2024-02-05,"]
    long = "x" * (10 << 20)
    (tmp_path / "long.csv").write_text("\n".join(lines) + f"{long}\n{long},2024-02-06,phone\n")
    export = read("contacts", "long.csv", folder=tmp_path)
    assert told(export, "long.csv") == [
        "loaded [1]",
        "set aside: enrolment_id: is longer than 1,000 characters [1] row 4 -> "
        "Look for a quotation mark that is missing in the file.",
        "repaired: channel: is longer than 1,000 characters, emptied [1] row 3 -> "
        "Look for a quotation mark that is missing in the file.",
    ]


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_formulas_in_a_workbook_are_never_worked_out_here(tmp_path):
    rows = [
        ["enrolment_id", "contact_date", "minutes"],
        ["E1", pd.Timestamp("2024-01-20 09:30"), "=15*2"],
        ["E2", pd.Timestamp("2024-02-05"), 12.5],
    ]
    workbook(tmp_path / "contacts.xlsx", rows)
    export = read("contacts", "contacts.xlsx", folder=tmp_path)
    assert told(export, "contacts.xlsx") == [
        "loaded [2]",
        "noted: minutes: holds formulas; their last result is read [1] row 2 -> "
        "Copy the column and paste it as values.",
        "noted: minutes: holds formulas that were never worked out; read as empty [1] row 2 -> "
        "Open the workbook once in the program that made it and save it.",
    ]
    contacts = export.tables["contacts"].to_pandas()
    assert contacts["minutes"].isna().tolist() == [True, False]
    assert contacts["contact_at"].astype("string").tolist() == ["2024-01-20 09:30:00", pd.NA]


def test_a_sheet_that_is_not_there_comes_with_the_nearest_name(tmp_path):
    workbook(tmp_path / "contacts.xlsx", [["enrolment_id"]])
    with pytest.raises(DataError) as refused:
        read("contacts", "contacts.xlsx", folder=tmp_path, sheet="Shet")
    assert str(refused.value) == (
        "contacts.xlsx: sheet: there is no sheet 'Shet'. Did you mean 'Sheet'?"
    )


def test_an_empty_workbook_and_a_workbook_bomb_are_refused(tmp_path):
    workbook(tmp_path / "contacts.xlsx", [])
    with pytest.raises(DataError, match="there is not even a header"):
        read("contacts", "contacts.xlsx", folder=tmp_path)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as content:
        content.writestr("xl/worksheets/sheet1.xml", bytes(64 << 20))
    (tmp_path / "contacts.xlsx").write_bytes(data.getvalue())
    with pytest.raises(DataError, match="it would unpack to 64 MB"):
        read("contacts", "contacts.xlsx", folder=tmp_path)


def test_a_byte_that_is_no_letter_in_a_row_that_does_not_fit_loses_no_row(tmp_path):
    (tmp_path / "odd.csv").write_bytes(
        b"enrolment_id,contact_date\nE1,2024-01-20\nE2,2024-01-21,caf\xc3\nE3,2024-01-22\n"
    )
    assert told(read("contacts", "odd.csv", folder=tmp_path), "odd.csv")[:2] == [
        "loaded [2]",
        "set aside: has 3 cells where the header has 2: is a separator or a quotation mark "
        "missing or too many? [1] row 3",
    ]


def test_a_quotation_mark_left_open_in_the_header_is_seen(tmp_path):
    (tmp_path / "odd.csv").write_text('enrolment_id,"contact_date\nE1,2024-01-20\n')
    with pytest.raises(DataError, match=r"^odd.csv: a quotation mark in row 1 is never closed"):
        read("contacts", "odd.csv", folder=tmp_path)


@pace(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 150), st.integers(0, 9), st.binary(max_size=3)), max_size=6
    )
)
def test_whatever_the_bytes_it_is_a_message_or_every_row_is_accounted_for(tmp_path, cuts):
    data = (
        b'contact_id,enrolment_id,contact_date,channel\nK1,E1,2024-01-20,"a\nb"\n'
        b"K2,E2,2024-02-05,phone\nK3,E3,2024-03-25,\n"
    )
    for start, length, new in cuts:
        data = data[:start] + new + data[start + length :]
    (tmp_path / "odd.csv").write_bytes(data)
    try:
        export = read("contacts", "odd.csv", folder=tmp_path)
    except DataError as refused:
        assert all(each.startswith("odd.csv: ") for each in refused.problems)
    else:
        lines = export.issues.query("source == 'odd.csv' and kind != 'noted' and kind != 'also'")
        left = export.set_aside.filter(export.set_aside.source == "odd.csv").count().execute()
        assert lines["rows"].sum() == left + export.tables["contacts"].count().execute()
