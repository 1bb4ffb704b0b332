"""The workbook: every table once, accessible, numbers as numbers, text as text."""

from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest

from workbench import charts, display
from workbench.disclosure import extend, protect
from workbench.reporting import page, workbook

ABOUT = page.About(
    organisation="Riverside",
    period="November 2025",
    as_of=date(2025, 11, 30),
    complete_to=date(2025, 11, 9),
    left_out={},
    protection="Numbers from 1 to 7 are not shown ([c]).",
    basis="article 6",
    snapshot="4f1c0aa9be12",
    made="1 December 2025, 08:00 UTC",
)
DEFINITIONS = pd.DataFrame(
    {
        "measure": ["attendance rate", "=cmd|' /C calc'!A1"],
        "meaning": ["kept of offered", "-1+1"],
        "target": pd.array([0.75, pd.NA], dtype="Float64"),
        "why_not": ["", "no outcomes"],
    }
)


def months():
    frame = pd.DataFrame({"interval": pd.to_datetime(["2025-10-01", "2025-11-01"])})
    frame["kept"], frame["offered"], frame["Kept "] = [150, 3], [200, 100], ["a", "=1+1"]
    return protect(frame, people=["kept", "offered"], ratios={"value": ("kept", "offered")})


def cards():
    texts = {"measure": ["attendance rate"], "reading": ["concern"], "sentence": ["Down."]}
    frame = protect(pd.DataFrame({**texts, "unit": ["percent"], "link": ["#a"]}))
    return extend(frame, {"now": [0.7], "start": [0.8], "target": [0.75]})


def executed():
    shown = [
        display.Cards(cards()),
        charts.signal(months(), "Kept & offered", unit="percent"),
        display.Table(months().head(0), "Nothing found"),
        display.Text("A sentence."),
    ]
    bundles = (each._repr_mimebundle_() for each in shown)
    data = (each[0] if isinstance(each, tuple) else each for each in bundles)
    outputs = [{"output_type": "display_data", "data": each, "metadata": {}} for each in data]
    prose = {"cell_type": "markdown", "source": "# How are we doing?"}
    return {"cells": [prose, {"cell_type": "code", "source": "", "outputs": outputs}]}


def notebooks():
    long = "a_very_long_name_of_a_notebook_"
    return {"performance": executed(), f"{long}1": executed(), f"{long}2": executed()}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "tables.xlsx"
    workbook.write(path, notebooks(), ABOUT, DEFINITIONS)
    return path


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def cells(sheet):
    return [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]


def test_sheets_are_named_and_listed(book):
    first = ["Cover", "Contents", "Notes", "Definitions"]
    assert book.sheetnames[:7] == [*first, "performance 1", "performance 2", "performance 3"]
    assert max(map(len, book.sheetnames)) <= 31
    listed = [row[0] for row in cells(book["Contents"])[3:]]
    assert listed == book.sheetnames[3:]
    assert book["Contents"]["A5"].hyperlink.location == "'performance 1'!A1"


def test_each_sheet_holds_one_table_under_its_title(book):
    sheet = book["performance 2"]
    assert cells(sheet)[:5] == [
        ["Kept & offered"],
        ["Page of the report: How are we doing?"],
        ["This sheet holds one table."],
        ["[c] confidential: hidden so that nobody can be recognised."],
        ["Period", "Kept", "Offered", "Kept (2)", "Value"],
    ]
    assert [table.ref for table in sheet.tables.values()] == ["A5:E7"]
    assert not sheet.merged_cells.ranges


def test_numbers_dates_and_marks_are_what_they_are(book):
    october, november = book["performance 2"].iter_rows(min_row=6, max_row=7)
    assert [cell.value for cell in october] == [datetime(2025, 10, 1), 150, 200, "a", 0.75]
    assert october[0].number_format == "yyyy-mm-dd"
    assert october[4].number_format == "0.0%"
    assert [cell.value for cell in november[1:]] == ["[c]", 100, "=1+1", "[c]"]


def test_text_is_never_a_formula(book):
    for sheet in book:
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert book["Definitions"]["A6"].value == "=cmd|' /C calc'!A1"


def test_no_cell_of_a_table_is_blank(book):
    for sheet in book:
        for table in sheet.tables.values():
            assert all(cell.value not in (None, "") for row in sheet[table.ref] for cell in row)


def test_cards_come_without_their_links_and_in_their_unit(book):
    header, row = list(book["performance 1"].iter_rows(min_row=4, max_row=5))
    assert "Link" not in [cell.value for cell in header]
    assert (row[-1].value, row[-1].number_format) == (0.75, "0.0%")


def test_a_table_without_rows_says_so(book):
    assert ["The table has no rows."] in cells(book["performance 3"])


def test_the_cover_says_what_the_figures_rest_on(book):
    said = " ".join(row[0] for row in cells(book["Cover"]))
    for words in (
        "Riverside: November 2025",
        ABOUT.protection,
        "Basis: article 6.",
        "4f1c0aa9be12",
    ):
        assert words in said
    assert ["[c]", "confidential: hidden so that nobody can be recognised"] in cells(book["Notes"])


def test_it_names_nobody_and_the_same_tables_give_the_same_bytes(path, book, tmp_path):
    assert book.properties.creator in (None, "")
    assert book.properties.lastModifiedBy in (None, "")
    assert book.properties.created == datetime(2025, 11, 30)
    again = tmp_path / "again.xlsx"
    workbook.write(again, notebooks(), ABOUT, DEFINITIONS)
    assert again.read_bytes() == path.read_bytes()
