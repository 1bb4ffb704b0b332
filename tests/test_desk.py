"""The analyst's desk: a JupyterLab that really runs; what it saves, and what is on offer there."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import workbench as wb
from workbench import cli, marks
from workbench.desk import stripping
from workbench.words import desk as said

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def sentence(text="Kept.", mark=marks.SAMPLE):
    metadata = {} if mark is None else {"workbench": mark}
    data = {"text/markdown": text, "text/plain": text}
    return new_output("display_data", data, metadata=metadata)


def notebook(*outputs, **metadata):
    cell = new_code_cell("show()", outputs=list(outputs), execution_count=3)
    made = new_notebook(cells=[new_markdown_cell("# A question"), cell], metadata=metadata)
    return json.loads(nbformat.writes(made, split_lines=False))


def outputs(made):
    return [each for cell in made["cells"] for each in cell.get("outputs", ())]


def texts(made):
    return [each["data"]["text/plain"] for each in outputs(made) if "data" in each]


# --- what is known to be made from the sample ---------------------------------------------------


def test_the_sample_is_known_by_the_hashes_of_its_files():
    data = wb.open(ROOT / "settings/sample.toml", scope=wb.EVERYONE)
    assert marks.name_of(data.inputs) == marks.SAMPLE_INPUTS, "marks.SAMPLE_INPUTS is out of date"


def test_any_other_file_makes_it_another_export():
    known = {"clients.csv": "a", "README.md": "b"}
    name = marks.name_of(known)
    assert marks.name_of({**known, "README.md": "c"}) == name
    assert marks.name_of({**known, "own.xlsx": "c"}) != name
    assert marks.name_of({**known, "clients.csv": "c"}) != name


def test_every_notebook_of_ours_may_be_kept_as_it_is():
    for path in NOTEBOOKS:
        made = nbformat.read(path, as_version=4)
        assert stripping.stripped(made).cells == 0, f"{path.name}: make notebooks"


# --- what is taken out --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "output",
    [
        sentence(mark=None),
        sentence(mark={"data": "other"}),
        sentence(mark={"data": ["sample", "other"]}),
        new_output("stream", name="stdout", text="C0001"),
        new_output("error", ename="KeyError", evalue="C0001", traceback=["C0001"]),
        new_output("execute_result", {"text/plain": "C0001"}, metadata={"workbench": marks.SAMPLE}),
        new_output(
            "execute_result",
            {"text/html": "<table>C0001</table>", "text/plain": "C0001"},
            metadata={"workbench": marks.SAMPLE},
        ),
        sentence("C0001", mark=stripping.NOTE),
    ],
)
def test_what_is_not_known_to_be_the_samples_is_taken_out(output):
    made = stripping.stripped(notebook(output))
    assert made.cells == 1
    assert texts(made.notebook) == [said.NOT_KEPT]
    assert made.notebook["cells"][1]["execution_count"] is None
    assert "C0001" not in json.dumps(made.notebook)
    assert "1 cell" in made.notebook["metadata"]["workbench"]["not_kept"]


def test_what_the_sample_gave_stays_beside_what_goes():
    own = notebook(sentence(), sentence("C0001", mark=None))
    made = stripping.stripped(own)
    assert texts(made.notebook) == [said.NOT_KEPT, "Kept."]
    assert len(outputs(own)) == 2, "the notebook given was changed"


def test_a_notebook_of_the_sample_is_left_as_it_is():
    own = notebook(sentence())
    assert stripping.stripped(own) == stripping.Stripped(own, 0)


def test_taking_out_twice_changes_nothing_more():
    once = stripping.stripped(notebook(sentence(mark=None))).notebook
    assert stripping.stripped(once) == stripping.Stripped(once, 0)


def test_widgets_go_without_a_word_and_their_state_with_them():
    widget = sentence("HTML(value='C0001')")
    widget["data"][stripping.LIVE] = {"model_id": "abc"}
    made = stripping.stripped(notebook(widget, sentence(), widgets={"state": {"abc": "C0001"}}))
    assert made.cells == 0 and texts(made.notebook) == ["Kept."]
    assert "C0001" not in json.dumps(made.notebook)


def test_the_words_say_what_was_done_and_what_to_do():
    assert said.not_kept("cases.ipynb", 2) == (
        "cases.ipynb: the outputs of 2 cells were taken out before the notebook was saved, because "
        "it is not certain that they were made from the sample alone (what is known to be made "
        "from the sample alone is kept). Nothing else was changed; run the notebook to see them "
        "again."
    )
    assert "the outputs of 1 cell were taken out" in said.not_kept("cases.ipynb", 1)
    assert "could not be looked through" in said.not_saved("x.ipynb")
    assert "workbench strip" in said.in_parts("x.ipynb")


# --- before a commit ----------------------------------------------------------------------------


def test_the_command_takes_outputs_out_and_says_so_with_exit_code_1(tmp_path, capsys):
    path, clean = tmp_path / "own.ipynb", tmp_path / "clean.ipynb"
    path.write_text(json.dumps(notebook(sentence(mark=None))))
    clean.write_text(json.dumps(notebook(sentence())))
    before = clean.read_bytes()
    with pytest.raises(SystemExit, match="1"):
        cli.main(["strip", str(path), str(clean)])
    assert "own.ipynb: the outputs of 1 cell were taken out" in capsys.readouterr().err
    assert texts(nbformat.read(path, as_version=4)) == [said.NOT_KEPT]
    assert clean.read_bytes() == before
    with pytest.raises(SystemExit, match="0"):
        cli.main(["strip", str(path), str(clean)])


def test_the_command_says_what_is_no_notebook_and_goes_on(tmp_path, capsys):
    broken, path = tmp_path / "broken.ipynb", tmp_path / "own.ipynb"
    broken.write_text("{not json")
    path.write_text(json.dumps(notebook(sentence(mark=None))))
    with pytest.raises(SystemExit, match="1"):
        cli.main(["strip", str(broken), str(tmp_path / "none.ipynb"), str(path)])
    told = capsys.readouterr().err
    assert "broken.ipynb: this cannot be read as a notebook" in told
    assert "none.ipynb" in told
    assert texts(nbformat.read(path, as_version=4)) == [said.NOT_KEPT]


def test_every_notebook_passes_the_hook_before_a_commit():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert "workbench strip" in hooks and r"\.ipynb$" in hooks
