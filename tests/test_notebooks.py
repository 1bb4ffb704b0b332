"""What every notebook in the folder must be: executed, thin, and honest to read."""

import ast
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SPEC = "application/vnd.vegalite."


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def bundles(notebook):
    return [output.data for cell in code(notebook) for output in cell.outputs if "data" in output]


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 3


def test_every_code_cell_was_executed_in_order_without_an_error(notebook):
    counts = [cell.execution_count for cell in code(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    kinds = {output.output_type for cell in code(notebook) for output in cell.outputs}
    assert kinds <= {"display_data", "execute_result"}


def test_every_chart_carries_its_spec_its_picture_and_its_words(notebook):
    for bundle in bundles(notebook):
        if "image/svg+xml" in bundle:
            assert any(kind.startswith(SPEC) for kind in bundle)
            assert len(bundle["text/plain"]) > 20
        assert "Chart(" not in bundle.get("text/plain", ""), "a chart was shown without its spec"


def test_it_is_a_story_and_not_a_program(notebook):
    assert len(notebook.cells) <= 30
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    assert len(prose) * 2 >= len(notebook.cells)
    assert prose[0].source.startswith("# ")
    for cell in code(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            forbidden = (ast.FunctionDef, ast.ClassDef, ast.Try, ast.Lambda)
            assert not isinstance(node, forbidden), f"line {node.lineno}: {type(node).__name__}"
            if isinstance(node, ast.Import):
                assert {alias.name for alias in node.names} <= {"pandas", "workbench"}
            if isinstance(node, ast.ImportFrom):
                assert node.module.split(".")[0] == "workbench"


def test_its_parameters_are_those_that_a_report_gives(notebook):
    tagged = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    names = {node.targets[0].id for node in ast.parse(tagged[0].source).body}
    assert {"settings", "period", "source"} <= names


def test_nothing_in_it_tells_whose_machine_it_was_made_on(notebook):
    text = nbformat.writes(notebook)
    assert str(Path.home()) not in text
    assert str(FOLDER.parent) not in text
