"""One reporting period's report: notebooks run by papermill, pages, workbook, run.json.

Everything is written aside and moved into place when it is whole, so a run that dies leaves the
report of the run before as it was.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from tqdm import tqdm

import workbench
from workbench import measures, settings, snapshots, sources, store, words
from workbench.errors import ReportError, WorkbenchError
from workbench.periods import Period
from workbench.reporting import kernels, page, places, remembering, workbook
from workbench.settings import Settings, nearest

FOLDER = "notebooks"
GIVEN = ("settings", "period", "source")  # what every notebook of a report is told


@dataclass(frozen=True)
class Entry:
    """How one notebook of the report went: state is "done" or "failed", with the reason."""

    name: str
    title: str
    state: str
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """A report that was written: its folder and how each notebook went."""

    folder: Path
    entries: tuple[Entry, ...]

    @property
    def whole(self) -> bool:
        """Whether every notebook of it was done."""
        return all(entry.state == "done" for entry in self.entries)


def run(
    period: str,
    *,
    settings_file: str | Path = "",
    source: str | Path = "",
    only: Sequence[str] = (),
    out: str | Path = "",
    parameters: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> Report:
    """Make the report of a period, by default into reports/<period>/.

    `only`: names of notebooks, instead of those the settings list. `parameters`: values for
    further parameters of the notebooks. A notebook that fails gets a page that says why; the
    others go on. Raises SettingsError, DataError or ReportError before anything is replaced.
    """
    own = read_settings(settings_file, source)
    wanted = Period.parse(period, own.organisation.year_starts)
    notebooks = find(only or own.reporting.notebooks)
    given = _given(notebooks, dict(parameters or {}))
    folder = Path(out) if out else Path("reports") / wanted.name
    places.usable(folder)
    places.bring_back(folder)
    kernels.warm_up()
    data = store.open(own, as_of=wanted.end, scope=store.EVERYONE)
    covered(wanted, data)
    told = {
        "settings": str(written(settings_file, own)),
        "period": wanted.name,
        "source": str(Path(source).expanduser().resolve()) if source else "",
    }
    remembered = {"ledger": str(remembering.path(folder))}
    executed, entries = _execute(
        notebooks, given, told | remembered, own.reporting.step_seconds, progress
    )
    aside = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        _write(aside, executed, entries, data, wanted, told | given)
        places.put(aside, folder)
    except OSError as problem:
        raise ReportError(
            f"out: {folder} could not be written: {problem.strerror}. "
            "The report that was there is as it was."
        ) from problem
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
    snapshots.record_run(data.snapshot, wanted.name, folder.resolve(), settings=data.settings)
    if not only:
        remembering.remember(data, wanted, folder)
    return Report(folder, tuple(entries))


def read_settings(file: str | Path = "", source: str | Path = "") -> Settings:
    """The settings of a run: a file's, or for a bare export those that its reader brings along."""
    if not file and source:
        reader = sources.detect(Path(source).expanduser())
        if reader == "files":
            raise ReportError(
                f"source: {Path(source).name} is not an export of a kind that explains itself. "
                "Say with --settings how its columns map to ours; settings/sample.toml shows how."
            )
        return settings.built_in(reader).with_path(source)
    own = settings.read(file or "settings/sample.toml")
    return own.with_path(source) if source else own


def notebooks() -> dict[str, Path]:
    """The notebooks that there are, by name: those in the nearest folder `notebooks`."""
    for base in (Path.cwd(), *Path.cwd().parents, Path(workbench.__file__).parents[2]):
        if found := sorted((base / FOLDER).glob("*.ipynb")):
            return {each.stem: each for each in found}
    raise ReportError("notebooks: there is no folder 'notebooks' here or above.")


def find(names: Sequence[str]) -> dict[str, Path]:
    """Notebooks by their names. Raises ReportError, with the nearest, where there is none."""
    known = notebooks()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ReportError(
            *(f"notebook: there is no notebook {name!r}{nearest(name, known)}" for name in unknown)
        )
    return {name: known[name] for name in names}


def _given(chosen: Mapping[str, Path], parameters: dict[str, Any]) -> dict[str, Any]:
    """Refuse a parameter that no notebook takes: papermill would pass it over in silence."""
    takes = {name: set(kernels.parameters(path)) for name, path in chosen.items()}
    problems = [
        f"{name}: this notebook takes no parameter {each!r}, which a report must give it. "
        "Add it to the cell tagged 'parameters'."
        for name, known in takes.items()
        for each in GIVEN
        if each not in known
    ]
    further = set().union(*takes.values()) - set(GIVEN)
    problems += [
        f"parameter: no notebook of this report takes {name!r}{nearest(name, sorted(further))}"
        for name in parameters
        if name not in further
    ]
    if problems:
        raise ReportError(*problems)
    return parameters


def covered(period: Period, data: workbench.Workspace) -> None:
    """Refuse a period for which there are no records, naming the nearest that has some."""
    first, last = data.complete_from, data.last_day
    if period.start > last:
        near = Period.containing(last, period.months, period.year_starts)
    elif period.end < first:
        near = Period.containing(first, period.months, period.year_starts)
    else:
        return
    raise ReportError(
        f"period: there are no records for {period.title}; they run from {words.day(first)} to "
        f"{words.day(last)}. Did you mean {near.name!r}?"
    )


def written(file: str | Path, own: Settings) -> str | Path:
    """How a notebook finds the settings: the file, or the name of the built-in ones."""
    if file:
        return settings.find(file)
    return own.data.reader if own.base else settings.find("settings/sample.toml")


def _execute(
    chosen: Mapping[str, Path],
    given: Mapping[str, Any],
    told: Mapping[str, str],
    seconds: int,
    progress: bool,
) -> tuple[dict[str, nbformat.NotebookNode], list[Entry]]:
    """Run the notebooks, as many at once as there are cores; in the order asked for."""
    executed, entries = {}, []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        runs = pool.map(lambda path: _one(path, {**told, **given}, seconds), chosen.values())
        shown = tqdm(runs, total=len(chosen), unit="notebook", disable=not progress)
        for entry, notebook in shown:
            entries.append(entry)
            if notebook is not None:
                executed[entry.name] = notebook
    return executed, entries


def _one(
    path: Path, told: Mapping[str, Any], seconds: int
) -> tuple[Entry, nbformat.NotebookNode | None]:
    """Run one notebook with those of the parameters that it takes, and say how it went."""
    started = time.monotonic()
    notebook, state, reason = None, "done", ""
    takes = kernels.parameters(path)
    try:
        notebook = kernels.execute(path, {key: told[key] for key in told if key in takes}, seconds)
    except ReportError as problem:
        state, reason = "failed", str(problem)
    took = round(time.monotonic() - started, 2)
    return Entry(path.stem, page.title_of(path), state, took, reason), notebook


def _write(
    folder: Path,
    executed: Mapping[str, nbformat.NotebookNode],
    entries: Sequence[Entry],
    data: workbench.Workspace,
    period: Period,
    given: Mapping[str, Any],
) -> None:
    record = _record(entries, data, period, given)
    about = page.About.of(data, period, record["time"])
    links = [page.Link(each.name, each.title, each.state, each.reason) for each in entries]
    pages = {"index": page.index(executed, links, record["rows"], about)}
    for link in links:
        pages[link.name] = (
            page.render(executed[link.name], link.name, about, links)
            if link.state == "done"
            else page.failed(link.name, link.title, link.reason, about, links)
        )
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    workbook.write(folder / "tables.xlsx", executed, about, measures.dictionary(data))
    (folder / "run.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def _record(
    entries: Sequence[Entry],
    data: workbench.Workspace,
    period: Period,
    given: Mapping[str, Any],
) -> dict[str, Any]:
    """What run.json says: enough to make the same report again, and nothing about a person."""
    return {
        "version": workbench.__version__,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "period": period.name,
        "as_of": period.end.isoformat(),
        "complete_to": data.complete_to.isoformat(),
        "settings": snapshots.settings_hash(data.settings),
        "inputs": data.inputs,
        "snapshot": data.snapshot,
        "parameters": {key: _shown(key, value) for key, value in given.items()},
        "disclosure": data.settings.disclosure.model_dump(),
        "rows": rows(data.issues),
        "left_out": dict(data.left_out),
        "notebooks": [asdict(entry) for entry in entries],
    }


def rows(issues: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Rows loaded, repaired and set aside per table, out of the loss report."""
    kinds = ["loaded", "repaired", "set aside"]
    counted = issues[issues["kind"].isin(kinds)]
    table = counted.pivot_table(
        index="table", columns="kind", values="rows", aggfunc="sum", fill_value=0
    ).reindex(columns=kinds, fill_value=0)
    return {str(name): {kind: int(row[kind]) for kind in kinds} for name, row in table.iterrows()}


def _shown(key: str, value: Any) -> Any:
    """A parameter as run.json holds it: paths by their last part, no caseworker by their id."""
    named = f"{key}: {value}" if key == "caseworker" and value else value
    if isinstance(named, str) and named.strip().lower().startswith("caseworker"):
        return "one caseworker"
    return Path(value).name if isinstance(value, str) and "/" in value else value


__all__ = ["Entry", "Report", "WorkbenchError", "notebooks", "read_settings", "rows", "run"]
