"""`data.explain`: definitions in words, near misses, and what the Tab key offers."""

import re

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import workbench as wb
from workbench import completing, explaining, measures
from workbench.reporting.prose import Prose
from workbench.words import explaining as said


@pytest.fixture(scope="module")
def data():
    return wb.open("settings/sample.toml", as_of="2025-11", scope=wb.EVERYONE)


def test_a_measure_is_told_with_what_counts_its_target_and_where_it_stands(data):
    text = data.explain("success rate").markdown
    about = measures.definition(data, "success rate")
    for part in (about.meaning, about.numerator, about.denominator, about.unit):
        assert part in text
    assert "`outcomes.success` = settled home" in text
    assert "`outcomes.horizon_days` = 180" in text
    assert "More of it is better." in text
    assert "Target: 50%, from the table of targets" in text
    assert "`performance`" in text and "`board`" in text
    assert 'docs/methods.md, "1. Which records count"' in text


@pytest.mark.parametrize("name", ["Success Rate", " success_rate ", "success  rate"])
def test_how_it_is_written_does_not_matter(data, name):
    assert data.explain(name) == data.explain("success rate") == data.explain["success rate"]


def test_a_target_of_the_settings_names_them(workspace):
    found = workspace(
        enrolments=[{"enrolment_id": "1", "start_date": "2025-01-01"}],
        settings={"measures": {"starts": {"target": 12, "better": "down"}}},
    ).explain("starts")
    assert "Target: 12, from the settings." in found.markdown
    assert "Less of it is better." in found.markdown


def test_a_measure_that_is_not_possible_says_why(workspace):
    found = workspace(enrolments=[{"enrolment_id": "1", "start_date": "2025-01-01"}])
    assert "does not allow it: it has no table outcomes." in found.explain("success rate").markdown


def test_a_table_a_column_an_outcome_a_setting_and_a_word(data):
    table = data.explain("staff").markdown
    assert "one row a worker" in table and "`caseworker_id`" in table and "This export has" in table
    column = data.explain("contacts.attended").markdown
    assert column == data.explain("attended").markdown
    assert "kept or missed; empty: not recorded" in column
    assert "counts as success when it is" in data.explain("settled home").markdown
    assert "does not count as success" in data.explain("arrest").markdown
    setting = data.explain("reporting.history").markdown
    assert "How many intervals a chart shows." in setting and "Here: 24." in setting
    word = data.explain("contact").markdown
    assert "`contacts.administrative` = administrative note" in word


def test_one_name_of_several_things_is_told_for_each(data):
    found = data.explain("horizon_days").markdown
    assert "`outcomes.horizon_days`" in found and "`disengagement.horizon_days`" in found


def test_a_near_miss_and_a_part_of_a_name_are_answered_with_the_nearest(data):
    assert data.explain("succes rate").markdown.startswith(
        "There is nothing called `succes rate` here. Did you mean `success rate`"
    )
    assert "`attendance rate`" in data.explain("attendance").markdown
    assert "Did you mean" not in data.explain("xyzzy").markdown
    assert data.explain().markdown == said.EMPTY


def test_everything_on_offer_is_explained(data):
    for name in data.explain.names:
        assert "There is nothing called" not in data.explain(name).markdown


def test_every_measure_word_and_setting_that_is_named_exists(data):
    names = set(data.explain.names)
    assert set(explaining._DECIDED_BY) <= set(measures.names(data))
    for places in [*explaining._DECIDED_BY.values(), *(each for _, each in said.WORDS.values())]:
        assert set(places) <= names


def test_where_files_lie_is_not_told(data):
    assert "data.path" not in data.explain.names and "folder" not in data.explain.names


def test_names_from_records_are_not_live(workspace):
    hostile = "<script>alert(1)</script>"
    found = workspace(
        enrolments=[{"enrolment_id": "1", "start_date": "2025-01-01"}],
        outcomes=[
            {
                "enrolment_id": "1",
                "outcome": hostile,
                "outcome_date": "2025-02-01",
                "status": "achieved",
            }
        ],
        settings={"outcomes": {"success": ["=cmd()", "*`x`*"]}},
    )
    for name in (hostile, "=cmd()", "*`x`*", "<img src=x onerror=y>", "`<b>`"):
        html = Prose().html(found.explain(name).markdown)
        assert not {"script", "img", "b"} & set(re.findall(r"<(\w+)", html))


def test_it_shows_as_text(data):
    bundle = data.explain("contact")._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "text/markdown"}


def test_the_explanation_of_the_word_that_is_asked_for_names_each_kind():
    assert said.heading("x", "table") == "**`x`**, a table"
    assert said.value(True) == "yes" and said.value(()) == "(empty)"
    assert said.value(("a", "b")) == "a and b" and said.value({"a": 1}) == "a"
    assert said.judged(None, None, "", "") == [
        "Neither more nor less of it is better by itself.",
        "No target is set.",
    ]


# --- the Tab key --------------------------------------------------------------------------------


@pytest.fixture
def tab(data, monkeypatch):
    shell = InteractiveShell()
    shell.Completer.use_jedi = False
    shell.user_ns.update(data=data, measures=measures)
    monkeypatch.setattr(completing, "get_ipython", lambda: shell)
    completing.offer()
    completing.offer()

    def offered(text):
        with provisionalcompleter():
            return [each.text for each in shell.Completer.completions(text, len(text))]

    yield offered
    InteractiveShell.clear_instance()


def test_the_tab_key_offers_tables(tab, data):
    assert {f".{name}" for name in data.tables} <= set(tab("data.tables."))
    assert tab('data.tables["conta') == ["contacts"]
    assert tab('data.tables["zzz') == []


def test_the_tab_key_offers_measures_wherever_they_are_written(tab, data):
    assert tab('measures.build(data, "suc') == ["success rate"]
    assert tab('data.explain("contacts per c') == ["contacts per client-week"]
    assert set(measures.names(data)) <= set(tab("measures.build(data, '"))
    assert "success rate" not in tab("suc")


def test_the_tab_key_offers_what_can_be_explained(tab):
    assert tab('data.explain["settled') == ["settled home"]
    assert tab('data.explain["reporting.hist') == ["reporting.history"]
