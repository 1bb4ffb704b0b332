"""What a release consists of: its readers, and what each report is made from."""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import workbench
from workbench import audiences, measures, snapshots
from workbench.errors import ReportError
from workbench.periods import Period
from workbench.reporting import kernels, page
from workbench.reporting.batch.making import Job
from workbench.settings import Audience, nearest
from workbench.store import EVERYONE, Workspace

ONE = "report"  # the folder's name where there is one report for all
NEEDED = ("settings", "period", "source", "audience", "whom")
LONGEST = 60  # letters of a folder's name


@dataclass(frozen=True)
class Plan:
    """A release to be made: its jobs by name, and what all of them are made from."""

    audience: str
    period: Period
    jobs: Mapping[str, Job]
    made_from: Mapping[str, Any]

    @property
    def told(self) -> dict[str, Mapping[str, Any]]:
        """What each report's notebook is given."""
        return {name: job.parameters for name, job in self.jobs.items()}


def plan(
    data: Workspace,
    audience: str,
    period: Period,
    notebook: Path,
    told: Mapping[str, str],
    whom: Sequence[str] = (),
) -> Plan:
    """The reports of an audience, one a reader.

    `told`: parameters of all (settings, period, source ...); `whom`: only these readers.
    Raises AccessError or ReportError for a reader that there is not, ReportError for a notebook
    that does not take what a report gives it.
    """
    asked = audiences.find(data.settings, audience)
    readers = audiences.readers(data, audience)
    if whom and not asked.one_for:
        raise ReportError(f"for: {audience} is one report for all its readers. Leave --for out.")
    if unknown := [each for each in whom if each not in readers]:
        listed = [] if asked.one_for == "caseworker" else readers
        raise ReportError(
            *(f"for: {audience} has no reader {each!r}{nearest(each, listed)}" for each in unknown)
        )
    takes = kernels.parameters(notebook)
    if missing := [each for each in NEEDED if each not in takes]:
        raise ReportError(
            f"{notebook.stem}: this notebook takes no parameter {', '.join(missing)}, which an "
            "audience's report gives it. Add it to the cell tagged 'parameters'."
        )
    made = now()
    limited = data.within(EVERYONE, audiences.limited(data.settings, asked))
    definitions = measures.dictionary(limited)
    about = page.About.of(limited, period, made)
    about = replace(about, own=asked.one_for == "caseworker")
    common = {name: value for name, value in told.items() if name in takes}
    jobs = {
        name: Job(
            name=name,
            notebook=notebook,
            parameters={**common, "audience": audience, "whom": reader},
            about=replace(about, reader=reader or asked.title),
            definitions=definitions,
            seconds=data.settings.reporting.step_seconds,
        )
        for name, reader in _folders(readers).items()
        if not whom or reader in whom
    }
    made_from = _made_from(data, asked, period, notebook, common)
    made_from |= {"audience": audience, "one_for": asked.one_for, "time": made, "for": list(whom)}
    return Plan(audience, period, jobs, made_from)


def now() -> str:
    """When a report says it was made; SOURCE_DATE_EPOCH, where it is set, for the same bytes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.isoformat(timespec="seconds")


def _made_from(
    data: Workspace,
    asked: Audience,
    period: Period,
    notebook: Path,
    common: Mapping[str, Any],
) -> dict[str, Any]:
    rules = audiences.rules(data.settings, asked)
    return {
        "version": workbench.__version__,
        "code": code(),
        "period": period.name,
        "as_of": period.end.isoformat(),
        "complete_to": data.complete_to.isoformat(),
        "settings": snapshots.settings_hash(data.settings),
        "inputs": dict(data.inputs),
        "snapshot": data.snapshot,
        "notebook": hashlib.sha256(notebook.read_bytes()).hexdigest()[:16],
        "parameters": {
            name: Path(value).name if "/" in value else value for name, value in common.items()
        },
        "disclosure": rules.model_dump(),
        "left_out": dict(data.left_out),
    }


@cache
def code() -> str:
    """A name for the workbench as it is: reports of other code are not of the same release."""
    package = Path(workbench.__file__).parent
    files = sorted(each for each in package.rglob("*") if each.suffix in {".py", ".html", ".css"})
    return hashlib.sha256(b"\0".join(each.read_bytes() for each in files)).hexdigest()[:16]


def _folders(readers: Sequence[str]) -> dict[str, str]:
    """A folder's name for each reader: safe whatever their name, and none twice."""
    named: dict[str, str] = {}
    for reader in readers:
        plain = re.sub(r"[^\w-]+", "-", reader).strip("-")[:LONGEST] or ONE
        name, number = plain, 2
        while name.lower() in {each.lower() for each in named}:
            name, number = f"{plain}-{number}", number + 1
        named[name] = reader
    return named
