"""The proof of a release: every report is its reader's own, and fit to be shown to them.

It reads nothing but the files that were written, whatever wrote them, and the records to compare
them with. It tells where a rule is broken, never what stands there.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import audiences
from workbench.reporting.batch.record import Record
from workbench.reporting.release import cells, figures, identifiers, texts
from workbench.reporting.release.breaches import Breach
from workbench.store import Workspace

__all__ = ["Breach", "differencing", "scan", "told_of_nobody"]

FILES = ("index.html", "run.json")  # of a release itself


def scan(
    folder: Path, data: Workspace, audience: str, told: Mapping[str, Mapping[str, Any]]
) -> tuple[Breach, ...]:
    """What is wrong with the reports of a release, one `Breach` a rule, report and place.

    `folder`: of the release, one folder a report in it; `data`: everybody's records; `told`: what
    each report's notebook was given.
    """
    asked = audiences.find(data.settings, audience)
    profile = audiences.rules(data.settings, asked).profile
    own = asked.one_for == "caseworker"
    ids, allowed = identifiers.Ids.of(data), identifiers.Allowed.of(data, asked)
    everybody = {*audiences.readers(data, audience), *(str(each["whom"]) for each in told.values())}
    shown: dict[str, list[figures.Figure]] = {}
    found = []
    for name, given in told.items():
        report = folder / name
        if not report.is_dir():
            continue
        notebook = figures.read(report)
        shown[name] = figures.of(notebook)
        said = list(dict.fromkeys(texts.of_report(report)))
        theirs = allowed.to(str(given["whom"]), asked.one_for)
        others = everybody - {"", given["whom"]}
        rules = {
            "identifier": identifiers.found(said, ids, theirs),
            "parameters": [*_parameters(notebook, given), *identifiers.naming(said, others)],
            "left out": figures.left_out(notebook, own),
            "small number": figures.small(shown[name], profile, own),
            "files": figures.differing(report, shown[name]),
        }
        found += [
            Breach(rule, name, where)
            for rule, places in rules.items()
            for where in dict.fromkeys(places)
        ]
    for report in folder.iterdir():  # those that were there before
        if report.name not in told and (report / figures.NOTEBOOK).is_file():
            shown[report.name] = figures.of(figures.read(report))
    found += [Breach("same figure", *each) for each in dict.fromkeys(figures.same(shown))]
    return tuple(found)


def told_of_nobody(
    folder: Path, data: Workspace, audience: str, told: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Whether a release's own page and record hold no id but those of the audience's readers."""
    readers = {*audiences.readers(data, audience), *(str(each["whom"]) for each in told.values())}
    about = (text for file in FILES for text in texts.of_file(folder / file))
    own = frozenset(each.strip().lower() for each in readers)
    return not any(identifiers.found(about, identifiers.Ids.of(data), own))


def differencing(folder: Path, beside: Sequence[Path]) -> tuple[Breach, ...]:
    """The reports whose numbers, set against releases that are there already, tell about a few.

    Releases for a reader's own eyes (a caseworker's, a team's own in exact numbers) are not
    compared: who holds them may see the cases themselves.
    """
    now = Record.read(folder)
    if now is None or _for_own_eyes(now):
        return ()
    mine = cells.of(_figures(folder, now), bool(now.made_from["one_for"]))
    found: dict[Breach, None] = {}
    for other in beside:
        record = Record.read(other)
        if record is None or _for_own_eyes(record) or not _comparable(now, record):
            continue
        theirs = cells.of(_figures(other, record), bool(record.made_from["one_for"]))
        same = all(now.made_from[name] == record.made_from[name] for name in ("snapshot", "period"))
        for each in cells.telling(mine, theirs, same):
            found[Breach("difference", each.report, f"{each.where}, against {other.name}")] = None
    return tuple(found)


def _for_own_eyes(record: Record) -> bool:
    about = record.made_from
    return about["disclosure"]["profile"] == "exact" and about["one_for"] in ("caseworker", "team")


def _comparable(one: Record, other: Record) -> bool:
    """Releases of one period, or of one audience."""
    return any(one.made_from[name] == other.made_from[name] for name in ("period", "audience"))


def _figures(folder: Path, record: Record) -> dict[str, list[figures.Figure]]:
    done = [name for name, each in record.reports.items() if each["state"] == "done"]
    return {
        name: figures.of(figures.read(folder / name)) for name in done if (folder / name).is_dir()
    }


def _parameters(notebook: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    """Where a report was made with other parameters than its own."""
    said: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            for line in ast.parse(cell["source"]).body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    said[line.targets[0].id] = ast.literal_eval(line.value)
    for name, value in given.items():
        if said.get(name) not in (value, Path(str(value)).name):
            yield f"{figures.NOTEBOOK}, parameters"
