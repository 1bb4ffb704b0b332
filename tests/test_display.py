"""What a notebook shows besides charts, how it is written, and how it is read back."""

import json
from datetime import date

import pandas as pd
import pytest

from workbench import display
from workbench.disclosure import extend, protect
from workbench.errors import DataError, ReportError
from workbench.grid import Grid, guess_kind, write

HOSTILE = '<script>alert("x")</script>'


def teams():
    """Three teams; of the last too few to be shown."""
    frame = pd.DataFrame({"team": ["North", HOSTILE, "Outreach"], "people": [1210, 100, 30]})
    frame["succeeded"] = [605, 50, 3]
    return protect(frame, people=["people", "succeeded"], ratios={"rate": ("succeeded", "people")})


def cards(**changes):
    frame = pd.DataFrame(
        {
            "measure": ["attendance rate", "days to start"],
            "reading": ["improvement", "common cause"],
            "sentence": ["Better than usual.", "Nothing unusual."],
            "unit": ["percent", "days"],
        }
    )
    return extend(
        protect(frame), {"now": [0.7, 16.0], "start": [0.62, 18.84], "target": [0.7, pd.NA]}
    )


def bundle(shown):
    return shown._repr_mimebundle_()


def notebook(*outputs, prose="# A title"):
    cells = [{"cell_type": "markdown", "source": prose}]
    cells += [{"cell_type": "code", "source": "secret()", "outputs": [o]} for o in outputs]
    return {"cells": cells}


def output(data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


@pytest.mark.parametrize(
    ("cell", "kind", "written"),
    [
        (1234, "count", "1,234"),
        (1234567.0, "count", "1,234,567"),
        (0.617, "percent", "62%"),
        (0.042, "percent", "4.2%"),
        (0.996, "percent", "99.6%"),
        (1.0, "percent", "100%"),
        (0.0, "percent", "0%"),
        (-0.125, "percent", "−12%"),
        (16.04, "days", "16 days"),
        (3.46, "number", "3.5"),
        (0.083, "number", "0.08"),
        (0.0004, "number", "<0.001"),
        (-0.04, "number", "−0.04"),
        (True, "text", "yes"),
        ("2025-11-01", "month", "November 2025"),
        ("2025-10-01", "quarter", "quarter from October 2025"),
        ("2025-11-03", "date", "3 November 2025"),
        ("[c]", "percent", "[c]"),
    ],
)
def test_a_cell_is_written_for_readers(cell, kind, written):
    assert write(cell, kind) == written


def test_kinds_are_guessed_from_types():
    days = pd.Series(pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"]))
    assert guess_kind(days) == "month"
    assert guess_kind(days + pd.Timedelta(days=3)) == "date"
    assert guess_kind(pd.Series(pd.to_datetime(["2025-01-01", "2025-04-01"]))) == "quarter"
    assert guess_kind(pd.Series([date(2025, 1, 2)], dtype=object)) == "date"
    assert guess_kind(pd.Series([1, None], dtype="Int64")) == "count"
    assert guess_kind(pd.Series([True])) == "text"


def test_hidden_missing_and_inapplicable_cells_get_their_mark():
    table = teams().assign(reading=pd.Series([None, "concern", None], dtype="string"))
    table["target"] = pd.Series([0.5, None, 0.5], dtype="Float64")
    table = extend(teams(), {"reading": table["reading"], "target": table["target"]})
    grid = Grid.of(table, "Teams", kinds={"rate": "percent"})
    assert grid.written == [
        ["North", "1,210", "605", "50%", "[z]", "0.5"],
        [HOSTILE, "100", "50", "50%", "concern", "[x]"],
        ["Outreach", "30", "[c]", "[c]", "[z]", "0.5"],
    ]
    assert [mark[:3] for mark in grid.marks] == ["[c]", "[x]", "[z]"]


def test_a_table_is_accessible_and_escaped():
    shown = display.Table(
        teams(), "Success & teams", notes=["Since <1990>."], labels={"rate": "Success"}
    )
    html = bundle(shown)["text/html"]
    assert "<caption><span>Success &amp; teams</span></caption>" in html
    assert html.count('<th scope="col"') == 4
    assert html.count('<th scope="row"') == 3
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<p>Since &lt;1990&gt;.</p>" in html
    assert '<td style="text-align:right">1,210</td>' in html
    assert "note" not in [column.name for column in shown.grid.columns]


def test_a_table_keeps_its_numbers_for_page_and_workbook():
    shown = bundle(display.Table(teams(), "Teams", formats={"rate": "percent"}))
    kept = json.loads(json.dumps(shown[display.TABLE_TYPE]))
    assert kept["rows"][0] == ["North", 1210, 605, 0.5]
    assert kept["rows"][2][2:] == ["[c]", "[c]"]
    assert Grid.from_json(kept) == Grid.of(teams(), "Teams", kinds={"rate": "percent"})
    assert shown["text/plain"].splitlines()[1].split() == ["Team", "People", "Succeeded", "Rate"]


def test_an_unprotected_table_is_refused():
    with pytest.raises(DataError, match="not protected"):
        display.Table(pd.DataFrame({"team": ["North"], "people": [3]}), "Teams")


def test_facts_need_no_protection_but_may_not_point_at_people():
    facts = pd.DataFrame({"table": ["contacts"], "rows": [14]})
    assert display.Table.of_facts(facts, "Set aside").grid.written == [["contacts", "14"]]
    with pytest.raises(DataError, match="column client_id points at people"):
        display.Table.of_facts(facts.assign(client_id="c1"), "Set aside")
    with pytest.raises(DataError, match="column clients points at people or counts them"):
        display.Table.of_facts(facts.assign(clients=3), "Set aside")


def test_cards_are_written_in_the_unit_of_their_row():
    shown = bundle(display.Cards(cards()))
    assert shown["text/plain"].splitlines()[2].split()[-3:] == ["70%", "62%", "70%"]
    assert "18.8 days" in shown["text/html"]
    rows = Grid.from_json(shown[display.CARDS_TYPE]).as_dicts()
    assert (rows[0]["now"], rows[0]["unit"], rows[1]["target"]) == (0.7, "percent", "[z]")


def test_a_card_of_too_few_people_is_confidential_everywhere():
    few = extend(
        protect(pd.DataFrame({"measure": ["exits"], "reading": ["too few"], "sentence": ["Few."]})),
        {"now": [pd.NA], "start": [12], "target": [pd.NA]},
    )
    (row,) = display.Cards(few).grid.as_dicts()
    assert (row["now"], row["start"], row["target"]) == ("[c]", 12, "[z]")


def test_numbers_with_units_of_their_own_need_no_column_of_units():
    frame = pd.DataFrame({"by": ["need_score"], "change": [-0.042], "unit": ["points"]})
    shown = display.Table.of_facts(frame, "Parts", formats={"by": "name", "change": "unit"}).grid
    assert ">need score<" in shown.table
    assert ">−4.2 points<" in shown.table
    assert "Unit" not in shown.table
    assert [column.name for column in shown.columns] == ["by", "change", "unit"]


def test_cards_say_which_column_they_lack():
    with pytest.raises(DataError, match=r"no column sentence\. Cards need measure, now"):
        display.Cards(cards().drop(columns="sentence"))


def test_a_stack_shows_its_items_one_by_one(monkeypatch):
    seen = []
    monkeypatch.setattr(display, "display", seen.append)
    display.Stack(display.Text("one"), display.Text("two"))._ipython_display_()
    assert [text.markdown for text in seen] == ["one", "two"]


def test_an_executed_notebook_is_read_back_without_its_code():
    shown = [bundle(display.Text("A sentence.")), bundle(display.Table(teams(), "Teams"))]
    shown += [
        bundle(display.Cards(cards())),
        {"text/plain": "secret", "text/html": "<b>secret</b>"},
    ]
    found = list(display.pieces(notebook(*map(output, shown))))
    assert [piece.kind for piece in found] == ["prose", "prose", "table", "cards", "left out"]
    assert found[1].text == "A sentence."
    assert "secret" not in "".join(piece.text for piece in found)


def test_a_failed_cell_is_not_passed_over():
    error = {"output_type": "error", "ename": "DataError", "evalue": "no rows", "traceback": []}
    with pytest.raises(ReportError, match="cell 2 failed: DataError: no rows"):
        list(display.pieces(notebook(error)))


def test_a_table_without_a_title_takes_the_heading_above_it():
    read = notebook(output(bundle(display.Table(teams(), ""))), prose=["# Title\n", "## Teams"])
    assert [grid.title for grid in display.tables(read)] == ["Teams"]
