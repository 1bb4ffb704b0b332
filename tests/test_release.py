"""The proof: whatever is planted in a report is found, and a clean report is let through."""

import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench import charts, disclosure, display
from workbench.profiles import PROFILES
from workbench.reporting import drawing, page, release, workbook
from workbench.reporting.batch.record import Record
from workbench.reporting.release import cells, figures, identifiers, texts
from workbench.words import release as words

WORKERS = ["W-1", "W-2"]
PEOPLE = [f"C{n:04}" for n in range(40)]
MONTHS = pd.date_range("2025-01-01", periods=8, freq="MS")
NO_DEFINITIONS = pd.DataFrame({"measure": ["starts"]})


@pytest.fixture(scope="module")
def data(workspace):
    """40 clients, the first half held by W-1 of team North, the others by W-2 of team South."""
    stays = [f"E/{n}" for n in range(40)]
    held = [
        {"enrolment_id": stay, "caseworker_id": WORKERS[n // 20], "start_date": "2025-01-02"}
        for n, stay in enumerate(stays)
    ]
    return workspace(
        as_of="2025-08-31",
        enrolments=[
            {"enrolment_id": e, "client_id": c, "start_date": "2025-01-02", "organisation": "Org"}
            for e, c in zip(stays, PEOPLE, strict=True)
        ],
        contacts=[{"contact_id": "K900001", "enrolment_id": "E/1", "contact_date": "2025-02-01"}],
        assignments=held,
        staff=[
            {"caseworker_id": "W-1", "login": "ann.able", "team": "North", "manager_id": "M-1"},
            {"caseworker_id": "W-2", "login": "bob.best", "team": "South", "manager_id": "M-1"},
        ],
    )


def counted(numbers, profile="rounded7", **further):
    frame = pd.DataFrame({"site": [f"site {n}" for n in range(len(numbers))], "people": numbers})
    basis = "the reader's own" if profile == "exact" else None
    return disclosure.protect(frame, people=["people"], profile=profile, basis=basis, **further)


def drawn(numbers, profile="rounded7"):
    return charts.bars(
        counted(numbers, profile), "People by site", label="site", value="people", unit="count"
    )


def about(own=False):
    return page.About(
        "Harbour", "August 2025", date(2025, 8, 31), date(2025, 8, 31), {}, "", "", "abc", "now",
        own=own,
    )  # fmt: skip


def outputs(shown):
    if isinstance(shown, dict):
        return [nbformat.v4.new_output("display_data", shown)]
    bundle = shown._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    return [nbformat.v4.new_output("display_data", bundle)]


def report(folder: Path, whom: str, *shown, audience="caseworker", told=None):
    """Write one report as the batch does, without a kernel; returns what its notebook was given."""
    parameters = {"period": "2025-08", "audience": audience, "whom": whom}
    injected = nbformat.v4.new_code_cell(
        "\n".join(f"{name} = {value!r}" for name, value in (told or parameters).items())
    )
    injected.metadata["tags"] = ["injected-parameters"]
    made = [nbformat.v4.new_markdown_cell("# Mine\n\nHow many?"), injected]
    for each in shown:
        cell = nbformat.v4.new_code_cell("shown")
        cell.outputs = outputs(each)
        made.append(cell)
    notebook = nbformat.v4.new_notebook(cells=made)
    drawing.draw(notebook)
    own = about(own=audience == "caseworker")
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(page.render(notebook, "mine", own))
    workbook.write(folder / "tables.xlsx", {"mine": notebook}, own, NO_DEFINITIONS)
    (folder / "notebook.ipynb").write_text(nbformat.writes(notebook))
    return parameters


def rules(found):
    return {(each.rule, each.report) for each in found}


@pytest.fixture(scope="module")
def clean(tmp_path_factory, data):
    """A clean report of each worker: their list of clients, and a chart of their own numbers."""
    folder, told = tmp_path_factory.mktemp("clean"), {}
    for number, worker in enumerate(WORKERS):
        clients = pd.DataFrame({"client_id": PEOPLE[20 * number : 20 * number + 3]})
        own = replace(data, scope=replace(data.scope, own=True))
        told[worker] = report(
            folder / worker,
            worker,
            display.Cases(clients, own, "My clients"),
            drawn([number + n for n in (3, 1, 4, 15, 9, 2, 6)], "exact"),
        )
    return folder, told


@pytest.fixture
def mine(tmp_path, clean):
    """The clean reports, for a test to spoil."""
    folder, told = clean
    return shutil.copytree(folder, tmp_path / "release"), dict(told)


def scan(mine, data, audience="caseworker"):
    return release.scan(mine[0], data, audience, mine[1])


def test_clean_reports_pass(mine, data):
    assert scan(mine, data) == ()


def test_anothers_client_in_a_slice_is_found(mine, data):
    folder, told = mine
    shutil.rmtree(folder / "W-1")
    own = replace(data, scope=replace(data.scope, own=True))
    strangers = pd.DataFrame({"client_id": [PEOPLE[0], PEOPLE[30]]})
    told["W-1"] = report(folder / "W-1", "W-1", display.Cases(strangers, own, "My clients"))
    found = scan(mine, data)
    assert rules(found) == {("identifier", "W-1")}
    assert {each.where for each in found} >= {"index.html", "tables.xlsx, a cell"}
    for each in found:
        assert PEOPLE[30] not in each.sentence
        assert "W-1 was withheld: it holds somebody's id" in each.sentence


def in_page(folder, text):
    file = folder / "index.html"
    file.write_text(file.read_text().replace("</main>", f"<p>{text}</p></main>"))


def in_attribute(folder, text):
    file = folder / "index.html"
    file.write_text(file.read_text().replace("<main", f'<main data-of="{text}"', 1))


def in_comment(folder, text):
    file = folder / "index.html"
    file.write_text(file.read_text() + f"<!-- {text} -->")


def in_notebook(change):
    def plant(folder, text):
        file = folder / "notebook.ipynb"
        notebook = json.loads(file.read_text())
        change(notebook, text)
        file.write_text(json.dumps(notebook))

    return plant


def spec_of(notebook):
    return next(
        output["data"][display.CHART_TYPE]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if display.CHART_TYPE in output["data"]
    )


def in_workbook(part):
    def plant(folder, text):
        file = folder / "tables.xlsx"
        with zipfile.ZipFile(file) as book:
            held = {name: book.read(name) for name in book.namelist()}
        if part in held:
            held[part] = held[part].replace(b"Harbour", b"Harbour " + text.encode())
            assert text.encode() in held[part]
        else:
            held[part] = f"<comments>{text}</comments>".encode()
        with zipfile.ZipFile(file, "w") as book:
            for name, content in held.items():
                book.writestr(name, content)

    return plant


def in_a_file_name(folder, text):
    (folder / f"{text.replace('/', '-')}.txt").write_text("")


PLACES = {
    "page": in_page,
    "attribute": in_attribute,
    "comment": in_comment,
    "source": in_notebook(lambda n, text: n["cells"][2].update(source=f"# {text}")),
    "metadata": in_notebook(lambda n, text: n["metadata"].update(author=text)),
    "cell metadata": in_notebook(lambda n, text: n["cells"][0]["metadata"].update({text: 1})),
    "chart data": in_notebook(
        lambda n, text: spec_of(n)["datasets"]["table"][0].update(client=text)
    ),
    "chart description": in_notebook(lambda n, text: spec_of(n).update(description=text)),
    "workbook properties": in_workbook("docProps/core.xml"),
    "workbook strings": in_workbook("xl/sharedStrings.xml"),
    "workbook comments": in_workbook("xl/comments1.xml"),
    "file name": in_a_file_name,
}


PLANTED = ["C0030", "e/30", "W-2", "ann.able", "bob.best", "M-1"]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (place, text)
        for place in PLACES
        for text in PLANTED
        if "/" not in text or place != "file name"
    ],
)
def test_an_id_is_found_wherever_it_is_planted(mine, data, place, text):
    PLACES[place](mine[0] / "W-1", text)
    assert ("identifier", "W-1") in rules(scan(mine, data))


ALPHABETS = st.sampled_from(["0123456789", "abcdef0123456789", "ABCXYZ-/_.", "äßéЖ", "A1-"])
IDS = ALPHABETS.flatmap(lambda letters: st.text(letters, min_size=5, max_size=12)).filter(
    lambda text: any(each.isalnum() for each in text) and text[0].isalnum() and text[-1].isalnum()
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(IDS, st.sampled_from(["{}", "see {}.", "({})", "client: {}, twice", "x={};", "'{}'"]))
def test_any_id_is_found_in_any_sentence(text, sentence):
    others = frozenset({"c0001", text.strip().lower()})
    ids = identifiers.Ids(others, frozenset(), "".join({c for c in text if not c.isalnum()}))
    said = texts.Text("here", sentence.format(text))
    assert list(identifiers.found([said], ids, frozenset())) == ["here"]
    assert not list(identifiers.found([said], ids, others))
    clean = texts.Text("here", "Nobody stands here: 1,234 people, 12.5 %, on 2025-08-31.")
    assert not list(identifiers.found([clean], ids, frozenset()))


def test_short_numbers_are_ids_only_where_they_stand_alone():
    ids = identifiers.Ids(frozenset({"186"}), frozenset(), "")
    told = [texts.Text("prose", "186 people"), texts.Text("cell", "186", cell=True)]
    assert list(identifiers.found(told, ids, frozenset())) == ["cell"]


def test_the_report_of_another_under_this_name_is_found(mine, data):
    folder, _ = mine
    shutil.rmtree(folder / "W-1")
    shutil.copytree(folder / "W-2", folder / "W-1")
    found = rules(scan(mine, data))
    assert found >= {("parameters", "W-1"), ("same figure", "W-1"), ("same figure", "W-2")}


@pytest.mark.parametrize("file", ["index.html", "tables.xlsx"])
def test_a_file_of_another_report_is_found(mine, data, file):
    folder, _ = mine
    shutil.copy(folder / "W-2" / file, folder / "W-1" / file)
    assert ("files", "W-1") in rules(scan(mine, data))


def test_a_workbook_with_other_numbers_is_found(tmp_path, data):
    for name, numbers in (("one", [20, 30, 40]), ("other", [25, 30, 40])):
        report(tmp_path / name / "report", "", drawn(numbers), audience="board")
    shutil.copy(tmp_path / "other" / "report" / "tables.xlsx", tmp_path / "one" / "report")
    told = {"report": {"period": "2025-08", "audience": "board", "whom": ""}}
    assert ("files", "report") in rules(release.scan(tmp_path / "one", data, "board", told))


def test_a_frame_beside_prose_is_found(tmp_path, data):
    bundle = {"text/markdown": "All is well.", "text/html": "<table><tr><td>41</td></tr></table>"}
    assert ("left out", "report") in rules(whole(tmp_path, data, bundle))


def test_a_number_of_a_workbook_is_no_id(tmp_path, data):
    ids = identifiers.Ids(frozenset({"12345"}), frozenset(), "")
    folder = tmp_path / "r"
    report(folder, "", drawn([12345, 30, 40], "exact"), audience="board")
    assert not list(identifiers.found(texts.of_report(folder), ids, frozenset()))


def test_a_report_that_was_there_before_is_compared_too(mine, data):
    folder, told = mine
    shutil.rmtree(folder / "W-1")
    told["W-1"] = report(
        folder / "W-1", "W-1", drawn([1 + n for n in (3, 1, 4, 15, 9, 2, 6)], "exact")
    )
    found = release.scan(folder, data, "caseworker", {"W-1": told["W-1"]})
    assert ("same figure", "W-1") in rules(found)


def test_the_last_groups_plot_in_every_file_is_found(tmp_path, data):
    told = {
        worker: report(tmp_path / worker, worker, drawn([3, 1, 4, 15, 9, 2, 6], "exact"))
        for worker in WORKERS
    }
    found = release.scan(tmp_path, data, "caseworker", told)
    assert rules(found) == {("same figure", worker) for worker in WORKERS}


def test_two_small_tables_may_be_alike_by_chance(tmp_path, data):
    told = {
        worker: report(tmp_path / worker, worker, drawn([0, 1, 0], "exact")) for worker in WORKERS
    }
    assert not release.scan(tmp_path, data, "caseworker", told)


def whole(tmp_path, data, *shown, audience="board"):
    told = {"report": report(tmp_path / "whole" / "report", "", *shown, audience=audience)}
    return release.scan(tmp_path / "whole", data, audience, told)


def test_a_protected_report_passes_and_facts_with_it(tmp_path, data):
    facts = display.Table.of_facts(pd.DataFrame({"rows": [3]}), "Rows set aside")
    assert not whole(tmp_path, data, drawn([20, 3, 40]), facts, display.Text("All is well."))


@pytest.mark.parametrize("value", [3, 7, 23])
def test_a_small_or_unrounded_number_is_found(tmp_path, data, value):
    table = display.Table(counted([20, 30, 40]), "People")
    bundle = table._repr_mimebundle_()
    bundle[display.TABLE_TYPE]["rows"][0][1] = value
    found = whole(tmp_path, data, bundle)
    assert ("small number", "report") in rules(found)


def test_a_weaker_protection_than_the_readers_is_found(tmp_path, data):
    assert ("small number", "report") in rules(whole(tmp_path, data, drawn([20, 30, 41], "exact")))


def test_a_column_of_numbers_that_nobody_declared_is_found(tmp_path, data):
    bundle = dict(outputs(drawn([20, 30, 40]))[0]["data"])
    rows = bundle[display.CHART_TYPE]["datasets"]["table"]
    rows[0]["age"] = 41
    assert ("small number", "report") in rules(whole(tmp_path, data, bundle))


@pytest.mark.parametrize(
    "plant",
    [
        lambda spec: spec["datasets"].update(clients=[{"place": 41}]),
        lambda spec: spec["datasets"].update(labels=[{"words": "one", "age": 41}]),
        lambda spec: spec["datasets"].update(names=[{"size": 1, "people": 3}]),
        lambda spec: spec["layer"][0].update(data={"values": [{"age": 41}]}),
        lambda spec: spec["layer"][0].update(data={"url": "people.csv"}),
    ],
    ids=["another dataset", "another column", "a count beside the table", "inline", "from a file"],
)
def test_rows_beside_a_charts_table_are_found(tmp_path, data, plant):
    with_people = counted([20, 30, 40])
    chart = charts.bars(with_people, "By site", label="site", value="people", unit="count")
    bundle = dict(outputs(chart)[0]["data"])
    assert not whole(tmp_path / "clean", data, bundle)
    plant(bundle[display.CHART_TYPE])
    assert ("small number", "report") in rules(whole(tmp_path / "planted", data, bundle))


def test_another_drawing_in_a_page_is_found(tmp_path, data):
    for name, numbers in (("one", [20, 30, 40]), ("other", [25, 30, 40])):
        report(tmp_path / name / "report", "", drawn(numbers), audience="board")
    one, other = (tmp_path / name / "report" / "index.html" for name in ("one", "other"))
    drawings = [figures._DRAWING.findall(each.read_text()) for each in (one, other)]
    assert len(drawings[0]) == 2
    told = {"report": {"period": "2025-08", "audience": "board", "whom": ""}}
    page_of_one = one.read_text()
    for place in (0, 1):  # for a screen, for a phone
        one.write_text(page_of_one.replace(drawings[0][place], drawings[1][place]))
        assert rules(release.scan(tmp_path / "one", data, "board", told)) == {("files", "report")}
    one.write_text(page_of_one.replace("</main>", f"{drawings[1][0]}</main>"))
    assert ("files", "report") in rules(release.scan(tmp_path / "one", data, "board", told))


def test_a_table_that_lost_its_mark_is_no_table_of_facts(tmp_path, data):
    bundle = display.Table(counted([20, 30, 40]), "People")._repr_mimebundle_()
    del bundle[display.TABLE_TYPE]["profile"]
    assert ("small number", "report") in rules(whole(tmp_path, data, bundle))


def test_facts_that_count_people_are_found(tmp_path, data):
    bundle = display.Table.of_facts(pd.DataFrame({"rows": [3]}), "Rows")._repr_mimebundle_()
    bundle[display.TABLE_TYPE]["columns"][0]["name"] = "people"
    assert ("small number", "report") in rules(whole(tmp_path, data, bundle))


def cards(now=20):
    """Two measures at a glance, of which the first counts people."""
    told = {"measure": ["one", "two"], "now": [now, 30], "start": pd.NA, "target": pd.NA}
    frame = pd.DataFrame({**told, "reading": "common cause", "sentence": "As usual."})
    return display.Cards(disclosure.protect(frame, people=["now"], profile="rounded7"))


def test_a_small_number_on_a_card_is_found(tmp_path, data):
    bundle = cards()._repr_mimebundle_()
    assert not whole(tmp_path / "clean", data, bundle)
    place = [each["name"] for each in bundle[display.CARDS_TYPE]["columns"]].index("now")
    bundle[display.CARDS_TYPE]["rows"][0][place] = 3
    assert ("small number", "report") in rules(whole(tmp_path / "planted", data, bundle))


def test_a_card_that_says_another_number_than_the_notebook_is_found(tmp_path, data):
    told = {"report": report(tmp_path / "one" / "report", "", cards(), audience="board")}
    page_of_it = tmp_path / "one" / "report" / "index.html"
    text = page_of_it.read_text()
    assert not release.scan(tmp_path / "one", data, "board", told)
    assert ">20<" in text
    page_of_it.write_text(text.replace(">20<", ">3<"))
    assert ("files", "report") in rules(release.scan(tmp_path / "one", data, "board", told))


def test_a_count_of_people_is_no_label(tmp_path, data):
    bundle = display.Table(counted([20, 30, 40]), "People")._repr_mimebundle_()
    bundle[display.TABLE_TYPE]["columns"][1]["role"] = "label"
    assert ("small number", "report") in rules(whole(tmp_path, data, bundle))


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("Quayside had 40 clients.", True),
        ("Seen by Harbour Two, Ltd.", True),
        ("The quaysides had 40 clients.", False),
        ("Headed north.", False),
        ("North", True),
        ("Told by o'brien-smith.", True),
        ("O'Brien came.", False),
        ("See *** there.", True),
        ("24 of 59 clients were seen.", False),
        ("Held by 10234.", True),
    ],
)
def test_another_readers_name_is_found_in_a_sentence(text, is_named):
    names = ["Quayside", "Harbour Two", "North", "O'Brien-Smith", "***", "24", "10234"]
    assert bool([*identifiers.naming([texts.Text("page", text)], names)]) is is_named


def test_a_reader_whose_name_is_a_small_number_is_found_in_a_cell_of_words():
    """Users of HMIS are 16 to 59: numbers that stand in every sentence."""
    cell = texts.Text("cell", "24", cell=True)
    assert [*identifiers.naming([cell, texts.Text("label", "24")], ["24"])] == ["cell"]


def test_ids_of_several_words_are_found_among_many():
    many = frozenset(f"case no {n}" for n in range(50_000))
    ids = identifiers.Ids(many, frozenset(), "")
    for text, is_found in (("See (case no 41).", True), ("The case no longer matters.", False)):
        assert bool([*identifiers.found([texts.Text("page", text)], ids, frozenset())]) is is_found


def test_many_readers_are_looked_for_in_each_of_many_texts():
    """What a thousand reports ask for, each of nearly as many texts: a search a name never ends."""
    names = [f"B{number:04}" for number in range(20_000)]
    told = [texts.Text("page", f"{number} of 20 clients") for number in range(20_000)]
    assert [*identifiers.naming([*told, texts.Text("here", "by B0007.")], names)] == ["here"]


@pytest.mark.parametrize("file", ["index.html", "run.json"])
def test_a_releases_own_page_and_record_name_no_client(mine, data, file):
    folder, told = mine
    (folder / "index.html").write_text("<p>W-1 and W-2: done</p>")
    (folder / "run.json").write_text('{"reports": {"W-1": {"state": "done"}}}')
    assert release.told_of_nobody(folder, data, "caseworker", told)
    (folder / file).write_text("the reason: C0007 has no start")
    assert not release.told_of_nobody(folder, data, "caseworker", told)


def test_a_plain_frame_in_the_notebook_is_found(tmp_path, data):
    frame = {"text/plain": "age 41", "text/html": "<table><tr><td>41</td></tr></table>"}
    assert ("left out", "report") in rules(whole(tmp_path, data, frame))


def test_a_list_of_cases_in_another_readers_notebook_is_found(tmp_path, data):
    own = replace(data, scope=replace(data.scope, own=True))
    cases = display.Cases(pd.DataFrame({"programme": ["Homes"]}), own, "Cases")
    assert rules(whole(tmp_path, data, cases)) >= {
        ("left out", "report"),
        ("small number", "report"),
    }


def test_another_organisation_is_not_named_in_a_partners_report(tmp_path, data):
    table = counted([20, 30])
    told = {}
    for name in ("Harbour", "Millbrook"):
        table = counted([20, 30]).assign(site=["Millbrook", "others"])
        told[name] = report(
            tmp_path / name, name, display.Table(table, "People"), audience="partner"
        )
    assert rules(release.scan(tmp_path, data, "partner", told)) == {("parameters", "Harbour")}


# --- differencing -------------------------------------------------------------------------------


def cell(value, profile="rounded7"):
    return {("", "People", "people", ("all",)): cells.Shown(value, PROFILES[profile], "r", "here")}


@pytest.mark.parametrize(
    ("value", "profile", "low", "high"),
    [
        (20, "rounded7", 18, 22),
        (10, "rounded7", 8, 12),
        (None, "rounded7", 1, 7),
        (20, "eva10", 15, 24),
        (13, "exact", 13, 13),
        (0, "rounded7", 0, 0),
    ],
)
def test_a_released_number_stands_for_a_range(value, profile, low, high):
    shown = next(iter(cell(value, profile).values()))
    assert shown.range == (low, high)
    if value and PROFILES[profile].base > 1:
        counts = pd.Series(range(1, 200))
        kept = disclosure.release(counts, profile)
        assert list(counts[kept == value]) == list(range(low, high + 1))


@pytest.mark.parametrize(
    ("now", "then", "same", "tells"),
    [
        ((48, "exact"), (50, "exact"), False, False),  # whoever has both may see each of them
        ((48, "exact"), (60, "exact"), False, False),
        ((20, "rounded7"), (25, "rounded7"), False, False),  # 1 to 9: nothing is pinned
        ((20, "rounded7"), (26, "exact"), False, False),  # 4 to 8
        ((20, "rounded7"), (25, "exact"), False, True),  # 3 to 7
        ((None, "rounded7"), (20, "rounded7"), True, True),
        ((None, "rounded7"), (20, "rounded7"), False, False),
        ((None, "rounded7"), (8, "exact"), False, True),  # 1 to 7 fewer
        ((20, "rounded7"), (20, "rounded7"), True, False),
    ],
)
def test_two_releases_that_pin_a_few_people_are_found(now, then, same, tells):
    assert bool(list(cells.telling(cell(*now), cell(*then), same))) == tells


def placed(folder, shown, period, audience="board", one_for="", profile="rounded7"):
    told = report(folder / "report", "", shown, audience=audience)
    made_from = {
        "period": period, "audience": audience, "one_for": one_for, "snapshot": "s",
        "disclosure": {"profile": profile},
    }  # fmt: skip
    Record(made_from, {"report": {"state": "done", "files": {}}}).write(folder)
    return told


def test_releases_beside_each_other_are_compared(tmp_path):
    placed(tmp_path / "board", display.Table(counted([20, 5, 6, 40]), "People"), "2025-08")
    exact = counted([22, 5, 6, 41], "exact")
    placed(tmp_path / "funder", display.Table(exact, "People"), "2025-08", "funder", "", "exact")
    found = release.differencing(tmp_path / "board", [tmp_path / "funder"])
    assert [(each.rule, each.report) for each in found] == [("difference", "report")]
    assert "against funder" in found[0].where
    placed(tmp_path / "team", display.Table(exact, "People"), "2025-08", "team", "team", "exact")
    assert release.differencing(tmp_path / "board", [tmp_path / "team"]) == ()
    placed(tmp_path / "later", display.Table(exact, "People"), "2025-12", "funder", "", "exact")
    assert release.differencing(tmp_path / "board", [tmp_path / "later"]) == ()


def test_every_rule_has_its_words():
    assert words.RULES.keys() == words.ADVICE.keys()
    for rule in words.RULES:
        said = release.Breach(rule, "W-1", "index.html").sentence
        assert said.startswith("W-1 was withheld: it")
        assert said.endswith(".")


def test_what_a_figure_is_survives_being_saved(tmp_path):
    told = report(tmp_path / "r", "", drawn([20, 30, 40]), audience="board")
    assert told["audience"] == "board"
    figure = figures.of(figures.read(tmp_path / "r"))[0]
    assert figure.grid.profile == "rounded7"
    assert [each.role for each in figure.grid.columns if each.name == "people"] == ["people"]
