"""The documents: commands and code run as written, show what they say, and no link is broken.

Blocks of a document run in order, in a folder that looks like a fresh clone. `text` after a block
is what it shows: its lines, in order, spaces aside; lines may be left out. An HTML comment before
a block says why it is not run, or with which exit code it ends.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from workbench import Workspace, exposures, settings
from workbench import open as open_workspace
from workbench.analyses import cohorts, comparison, disengagement, quality, sweet_spot
from workbench.store import EVERYONE
from workbench.words import number

ROOT = Path(__file__).parents[1]
DATA = os.environ.get("WORKBENCH_DATA")
DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not re.match(r"(\.|out/|reports/)", path.relative_to(ROOT).as_posix())
)
RUN = ("README.md", "docs/tutorial.md")
BLOCK = re.compile(
    r"(?:^<!-- (?P<remark>.+?) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
NOT_RUN_IN_README = {  # first words of a command: why it is not run here
    "make ": "each sets up .venv, which takes minutes; .ci/run calls make test",
    ".venv/bin/workbench serve ": "it serves until stopped; tests/test_staff_pages.py asks it",
    ".venv/bin/workbench run ": "a whole report takes a minute; the tests of the report make one",
}


@dataclass(frozen=True)
class Block:
    """A block of code: where it begins, what was remarked before it, and what it should show."""

    place: str
    language: str
    text: str
    remark: str
    shown: str

    @property
    def exit_code(self) -> int:
        code = re.fullmatch(r"exits with (\d)", self.remark)
        return int(code[1]) if code else 0


def blocks(document: str) -> list[Block]:
    text = (ROOT / document).read_text(encoding="utf-8")
    found = list(BLOCK.finditer(text))
    following = [each.group("text") if each["language"] == "text" else "" for each in found[1:]]
    return [
        Block(
            f"{document}:{text.count(chr(10), 0, each.start('language')) + 1}",
            each["language"],
            each["text"],
            each["remark"] or "",
            shown,
        )
        for each, shown in zip(found, [*following, ""], strict=True)
        if each["language"] != "text"
    ]


def to_run(block: Block) -> str:
    """The part of a block that is run; the rest has its reason."""
    if block.remark.startswith("not run: "):
        return ""
    if block.language == "sh" and block.place.startswith("README.md"):
        lines = block.text.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(tuple(NOT_RUN_IN_README)))
    return block.text


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like a fresh clone after `make`, with own settings, and no snapshot yet."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("data", "notebooks", "settings"):
        (folder / name).mkdir()
        for each in (ROOT / name).iterdir():
            (folder / name / each.name).symlink_to(each)
    own = (ROOT / "settings" / "sample.toml").read_text(encoding="utf-8")
    (folder / "settings" / "own.toml").write_text(own, encoding="utf-8")
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def run_sh(text: str, expected: int) -> str:
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text], capture_output=True, text=True, check=False
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


def run_python(text: str, names: dict[str, Any], place: str) -> str:
    """Run a block; its last expression is what it shows, as in a notebook but without an index."""
    tree = ast.parse(text)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr):
        exec(compile(tree, place, "exec"), names)
        return ""
    tree.body.pop()
    exec(compile(tree, place, "exec"), names)
    value = eval(compile(ast.Expression(last.value), place, "eval"), names)
    return value.to_string(index=False) if isinstance(value, pd.DataFrame) else str(value)


def missing(shown: str, output: str) -> list[str]:
    """Lines that should be shown, in this order, and are not."""
    lines = iter([line.split() for line in output.splitlines()])
    wanted = [line.split() for line in shown.splitlines() if line.strip()]
    return [" ".join(words) for words in wanted if not any(words == line for line in lines)]


@pytest.mark.parametrize("document", RUN)
def test_blocks_run_as_written_and_show_what_they_say(
    document: str, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(clone / "home"))
    monkeypatch.chdir(clone)
    names: dict[str, Any] = {}
    for block in blocks(document):
        text = to_run(block)
        output = ""
        if block.language == "sh" and text:
            output = run_sh(text, block.exit_code)
        elif block.language == "python" and text:
            output = run_python(text, names, block.place)
        elif block.language == "toml":
            settings.build(tomllib.loads(text))
        absent = missing(block.shown, output)
        assert not absent, f"{block.place}: not shown: {absent}\nbut:\n{output}"


@pytest.mark.parametrize("document", RUN)
def test_what_is_not_run_has_its_reason(document: str) -> None:
    found = blocks(document)
    assert {block.language for block in found} <= {"sh", "python", "toml", "bat"}
    for block in found:
        assert to_run(block) or block.remark or document == "README.md", block.place
        assert re.fullmatch(r"|exits with \d|not run: .{15,}", block.remark), block.place
    if document == "README.md":
        lines = "".join(block.text for block in found if block.language == "sh").splitlines()
        for start in NOT_RUN_IN_README:
            assert any(line.startswith(start) for line in lines), f"no longer there: {start}"


def targets(document: Path) -> Iterator[str]:
    """What a document links to: other files, and headings of its own."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.S)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r'(?:src|href)="([^"]+)"', text)


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {each.replace(" ", "-") for each in words}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target in targets(document):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = document.parent / name if name else document
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    sources = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", text))
    assert not [name for name in files if not (ROOT / name).exists()]
    named = set(re.findall(r"`(test_\w+)`", text))
    assert not [name for name in named if f"def {name}(" not in sources]


def table_in(section: str, header: str) -> list[list[str]]:
    """The rows of the table in a section of docs/real-data.md whose header begins so."""
    text = section_of(section)
    table = re.search(r"(?:^\|.*\n)+", text[text.index(f"| {header} |") :], re.M)
    assert table is not None
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in table[0].splitlines()]
    return rows[2:]


def section_of(heading: str) -> str:
    text = (ROOT / "docs" / "real-data.md").read_text(encoding="utf-8")
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


@pytest.fixture(scope="module", params=["HUD HMIS", "OULAD", "CTN-0094"])
def real(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Workspace]]:
    """A section of docs/real-data.md, and the data that it is about."""
    if not DATA:
        pytest.skip("WORKBENCH_DATA is not set: no real data here")
    own, path, as_of = {
        "HUD HMIS": ("hmis-demo", "hmis-eva-demo/export.zip", "2022-08"),
        "OULAD": ("oulad", "oulad", "2015-06-27"),
        "CTN-0094": ("ctn0094", "ctn0094", "2004-05-09"),
    }[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        chosen = settings.read(ROOT / "settings" / f"{own}.toml").with_path(Path(DATA) / path)
        yield request.param, open_workspace(chosen, as_of=as_of, scope=EVERYONE)


def test_the_counts_of_real_data_are_those_of_a_load(real: tuple[str, Workspace]) -> None:
    section, data = real
    loss = quality.loss_table(data)
    counts = loss[["rows", "loaded", "repaired", "set_aside"]].map("{:,}".format)
    found = pd.concat([loss[["table", "source"]], counts], axis=1).astype(str)
    assert sorted(table_in(section, "table")) == sorted(found.to_numpy().tolist())
    for words, day in (("from", data.complete_from), ("to", data.complete_to)):
        assert f"Complete {words}: {day.day} {day:%B %Y}" in section_of(section)


def test_the_curves_of_real_data_are_those_of_a_report(real: tuple[str, Workspace]) -> None:
    section, data = real
    curve = cohorts.survival_table(data).set_index("time")
    rows = table_in(section, "weeks since the start")
    assert len(rows) >= 4
    for week, at_risk, lost, share, interval in rows:
        point = curve.loc[int(week)]
        assert [at_risk, lost] == [f"{point[name]:,}" for name in ("at_risk", "lost")]
        assert share == f"{point['survival']:.3f}"
        ends = f"{point['lower']:.3f} to {point['upper']:.3f}"
        assert interval == (ends if week != "0" else "")


@pytest.mark.parametrize("real", ["OULAD"], indirect=True)
def test_the_reasons_to_leave_out_are_those_of_the_questions(real: tuple[str, Workspace]) -> None:
    section, data = real
    found = exposures.at_landmark(data, 7 * data.settings.sweet_spot.weeks - 1)
    dropped = [[reason, f"{count:,}"] for reason, count in found.dropped.items()]
    assert table_in(section, "left out") == dropped
    assert f"That leaves {len(found.people):,} students." in section_of(section)


def test_the_sentences_of_the_questions_are_those_of_the_notebooks(
    real: tuple[str, Workspace],
) -> None:
    section, data = real
    asked = dict(table_in(section, "question"))
    assert asked.pop("how often to see people") == sweet_spot.study(data).sentence
    assert asked
    for question, sentence in asked.items():
        group, _, who = question.partition(", ")
        answer = comparison.compare_clients(data, who=who or "everyone", group=group)
        assert sentence == answer.sentence


@pytest.mark.parametrize("real", ["OULAD", "CTN-0094"], indirect=True)
def test_the_lists_of_real_data_find_what_the_tables_say(real: tuple[str, Workspace]) -> None:
    section, data = real
    firsts = ["2013-02-01", "2013-10-01", "2014-02-01", "2014-10-01"]
    asked = {
        str(day): [(pd.Timestamp(first) + pd.Timedelta(days=day)).date() for first in firsts]
        for day in (28, 56, 84, 112)
    }
    if section == "CTN-0094":
        asked = {"28, 56, 84": list(data.settings.disengagement.as_of_dates)}
    rows = []
    for name, days in asked.items():
        study = disengagement.study(data, as_of_dates=days)
        told, n = study.tested.table.set_index("ranking"), study.tested
        row = [name, f"{n.n:,}", f"{n.events:,}", f"{n.k:,}"]
        for ranking in ("rule", "model"):
            auc, precision = told.loc[ranking, ["auc", "precision"]]
            row += [f"{auc:.3f}", number(precision, "%")]
        rows.append([*row, study.verdict])
    assert table_in(section, "as of day") == rows
    if section == "OULAD":
        tables = dict(data.tables)
        there = tables["enrolments"]
        tables["enrolments"] = there.filter(there.programme.startswith("AAA"))
        small = disengagement.study(replace(data, tables=type(data.tables)(tables)))
        assert small.verdict == "cannot tell"
        assert f"{small.tested.training_events} left to learn from" in section_of(section)


@pytest.mark.parametrize("real", ["CTN-0094"], indirect=True)
def test_the_completed_are_those_of_the_trials(real: tuple[str, Workspace]) -> None:
    section, data = real
    people = exposures.at_landmark(data, None).people
    people = people.join(exposures.case_mix(data, people, ["programme", "treatment"]))
    known = people.groupby(["programme", "treatment"])["success"].agg(["count", "sum"])
    rows = [
        [" ".join(arm), f"{n:,}", f"{done:,}", f"{done / n:.3f}"]
        for arm, n, done in known.itertuples()
    ]
    assert [row[:4] for row in table_in(section, "trial and arm")] == rows
    there = exposures.at_landmark(data, 55).people
    assert f"{len(there):,} of the {len(people):,} were still in treatment" in section_of(section)
