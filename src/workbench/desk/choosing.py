"""Choices above a notebook: its parameters, changed without editing code.

Where nobody can choose (a report, a check, a published notebook) nothing is shown and nothing is
done, so that outputs stay the same; a choice is a parameter given another value, as if it had been
typed into the notebook and run from there on.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import Javascript, display

from workbench import groups, snapshots
from workbench.errors import DataError
from workbench.periods import Period
from workbench.settings import nearest
from workbench.store import EVERYONE, Tables, Workspace
from workbench.store import open as open_workspace
from workbench.words import desk as said

PERIODS = {1: 24, 3: 8, 12: 3}  # how many months, quarters and years are on offer
OF_THE_WHOLE = ("targets", "populations")  # said of the whole service, not of a programme
# JupyterLab runs on from the cell that holds the choices, which is the one in use, and stays there
RUN_ON = """
const lab = window.jupyterapp, notebook = lab && lab.shell.currentWidget.content;
if (notebook) {
  const here = notebook.activeCellIndex;
  lab.commands.execute("notebook:run-all-below");
  notebook.deselectAll();
  notebook.activeCellIndex = here;
}
"""
Options = list[tuple[str, Any]]


def offer(*, settings: str, source: str = "", **parameters: Any) -> None:
    """Show a choice for each parameter, by its name in the notebook and its present value.

    On offer are `period`, `programme`, `compare_by`, `support` and `event`. Shown only where
    somebody sits in front of the notebook and widgets are installed.
    Raises as `wb.open`, and DataError for a parameter that nothing can be chosen for.
    """
    if unknown := [name for name in parameters if name not in OFFERED]:
        raise DataError(
            *(
                f"offer: {name}: there is no choice of it{nearest(name, OFFERED)}"
                for name in unknown
            )
        )
    shell = get_ipython()
    if shell is None or not live(shell) or find_spec("ipywidgets") is None:
        return
    data = open_workspace(settings, source=source, scope=EVERYONE)
    display(
        _form(shell, {name: (options(data, name, now), now) for name, now in parameters.items()})
    )


def live(shell: Any) -> bool:
    """Whether what runs now was started from a cell in front of somebody, and not by a program."""
    kernel = getattr(shell, "kernel", None)
    asked = kernel.get_parent() if kernel is not None else {}
    return "cellId" in (asked or {}).get("metadata", {})


def options(data: Workspace, name: str, now: Any) -> Options:
    """What can be chosen for a parameter, as (words, value); its present value among them."""
    found = OFFERED[name](data)
    known = [value for _, value in found]
    return found if now in known else [(str(now), now), *found]


def of_programme(data: Workspace, programme: str) -> Workspace:
    """The same data for one programme; all of it where `programme` is empty.

    Targets and populations are left out: they are said of the whole service.
    Raises DataError, with the nearest, where no enrolment is in a programme of that name.
    """
    if not programme:
        return data
    if programme not in (known := sorted(data.values("enrolments.programme"))):
        raise DataError(
            f"programme: there is no programme {programme!r}{nearest(programme, known)}"
        )
    tables = {name: data.tables[name] for name in data.tables if name not in OF_THE_WHOLE}
    tables["enrolments"] = tables["enrolments"].filter(lambda each: each.programme == programme)
    tables["clients"] = tables["clients"].semi_join(tables["enrolments"], "client_id")
    return replace(data, tables=Tables(snapshots.with_parents(tables)))


def _form(shell: Any, asked: Mapping[str, tuple[Options, Any]]) -> Any:
    """A list to choose from for each parameter; a change writes it and runs on."""
    import ipywidgets

    run_on = ipywidgets.Output()

    def chosen(name: str) -> Callable[[Mapping[str, Any]], None]:
        def write(change: Mapping[str, Any]) -> None:
            shell.user_ns[name] = change["new"]
            run_on.clear_output()
            with run_on:
                display(Javascript(RUN_ON))

        return write

    lists = []
    for name, (found, now) in asked.items():
        each = ipywidgets.Dropdown(
            options=found,
            value=now,
            description=said.CHOICES[name],
            style={"description_width": "initial"},
        )
        each.observe(chosen(name), "value")
        lists.append(each)
    row = ipywidgets.HBox(lists, layout={"flex_flow": "row wrap"})
    return ipywidgets.VBox([row, ipywidgets.HTML(said.RUNS_ON), run_on])


def _periods(data: Workspace) -> Options:
    year_starts = data.settings.organisation.year_starts
    found: Options = []
    for months, most in PERIODS.items():
        latest = Period.containing(data.complete_to, months, year_starts)
        latest = latest if latest.end <= data.complete_to else latest.previous()
        back = _back_from(latest)
        kept = (each for each in islice(back, most) if each.start >= data.complete_from)
        found += [(said.period(each.title, each.months), each.name) for each in kept]
    return found


def _back_from(period: Period) -> Any:
    while True:
        yield period
        period = period.previous()


def _programmes(data: Workspace) -> Options:
    order = data.settings.organisation.programmes
    known = sorted(
        data.values("enrolments.programme"),
        key=lambda each: (order.index(each) if each in order else len(order), each),
    )
    return [(said.ALL_PROGRAMMES, ""), *((each, each) for each in known)]


def _groups(data: Workspace) -> Options:
    return [(name.replace("_", " "), name) for name in groups.attributes(data)]


def _values(source: str) -> Callable[[Workspace], Options]:
    def found(data: Workspace) -> Options:
        there = source.split(".")[0] in data
        known = sorted(data.values(source)) if there else []
        return [(said.AS_SETTINGS, ""), *((each, each) for each in known)]

    return found


OFFERED: dict[str, Callable[[Workspace], Options]] = {
    "period": _periods,
    "programme": _programmes,
    "compare_by": _groups,
    "support": _values("supports.support"),
    "event": _values("outcomes.outcome"),
}
