"""The benchmark of the batch: its export has the workers it says, and unlike tables are told."""

import csv
from pathlib import Path

import nbformat
import pytest
from benchmarks import batch
from benchmarks.timing import Weight


def test_the_cases_are_dealt_out_to_so_many_workers(tmp_path: Path) -> None:
    project = batch._project(tmp_path, 24)
    with (project / "data/sample/case_holders.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["Worker"] for row in rows} == set(batch._workers(24))
    of_a_case = {(row["Enrolment ref"], row["Worker"]) for row in rows}
    assert len(of_a_case) == len({case for case, _ in of_a_case})
    assert any(row["To"] for row in rows)


def test_the_engine_is_asked_for_by_its_name(tmp_path: Path) -> None:
    plain, _ = batch._papermill(tmp_path, "B0001")
    engine, page = batch._papermill(tmp_path, "B0001", "other/python")
    assert "--engine" not in plain
    assert engine[:3] == ["other/python", "-m", "papermill"]
    assert engine[-2:] == ["--engine", "embedded"]
    assert page[1:4] == ["nbconvert", "--to", "html"]


def test_a_rival_without_our_tables_is_not_compared(tmp_path: Path) -> None:
    ours = tmp_path / "reports" / "2025-11-caseworker" / "B0001" / "notebook.ipynb"
    theirs = tmp_path / "theirs" / "B0001.ipynb"
    for path in (ours, theirs):
        path.parent.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(), path)
    with pytest.raises(
        RuntimeError, match="B0001: the rival's notebook does not hold the same tables"
    ):
        batch._same_tables(tmp_path, ["B0001"])


def test_a_run_is_weighed_over_a_part_of_it() -> None:
    moments = [[batch.Process("forker", gib, 10), batch.Process("other", 1.0, 2)] for gib in (1, 3)]
    seen = batch.Watched(Weight(1.0, 0.0, ""), moments, 0)
    assert seen.peak == 4.0
    assert seen.largest("forker") == 3.0
    assert seen.between(0.5, 1.0) == (4.0, 12.0)
