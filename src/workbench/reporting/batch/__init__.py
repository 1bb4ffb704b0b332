"""An audience's reports for a period, one a reader: made side by side, proved, put in place whole.

They are made in a hidden folder beside the release, where `run.json` says which are done. A run
that is stopped goes on there with the same command; what is in place is a whole release, proved.
"""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from tqdm import tqdm

from workbench import audiences, snapshots, store
from workbench.charts.style import LATER
from workbench.errors import ReportError
from workbench.periods import Period
from workbench.reporting import page, places, release, remembering, run, warm
from workbench.reporting.batch.making import Job
from workbench.reporting.batch.planning import Plan, plan
from workbench.reporting.batch.record import FILE, Record
from workbench.reporting.batch.workers import Made, make_all, warm_up
from workbench.reporting.forker import MEMORY
from workbench.settings import Settings
from workbench.store import EVERYONE, Workspace
from workbench.words import batch as telling

ASIDE = ".aside"  # where workers write, in the folder of the release under way
SCRATCH = "scratch"  # a link in there to the run's sockets and other passing files
SHARE_OF_MEMORY = 0.8
log = logging.getLogger("workbench.batch")


@dataclass(frozen=True)
class Release:
    """A release that was written: its folder, and what became of each report.

    `states`: "done", "failed" or "withheld", by report; `reasons`: why not, for those not done;
    `made`: the reports made by this run, the others were done before.
    """

    folder: Path
    states: dict[str, str]
    reasons: tuple[str, ...]
    made: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every report of it was made and passed."""
        return all(state == "done" for state in self.states.values())


def make(
    period: str,
    audience: str,
    *,
    whom: Sequence[str] = (),
    settings_file: str | Path = "",
    source: str | Path = "",
    out: str | Path = "",
    force: bool = False,
    workers: int = 0,
    progress: bool = True,
) -> Release:
    """Make the reports of an audience for a period, by default into reports/<period>-<audience>/.

    `whom`: only these readers. `force`: make again what is done. `workers`: processes, by default
    as many as there are cores. A report that fails is tried once more and then listed, one that
    does not pass the proof is withheld; the others go on.
    Raises SettingsError, DataError, AccessError or ReportError before anything is replaced.
    """
    own = run.read_settings(settings_file, source)
    wanted = Period.parse(period, own.organisation.year_starts)
    asked = audiences.find(own, audience)
    notebook = run.find([asked.notebook])[asked.notebook]
    folder = Path(out) if out else Path("reports") / f"{wanted.name}-{audience}"
    places.usable(folder)
    places.ours(folder)
    with _alone(folder), _told(folder):
        warm_up()
        places.bring_back(folder)
        log.info("load")
        data = store.open(own, as_of=wanted.end, scope=EVERYONE)
        run.covered(wanted, data)
        told = {
            "settings": str(run.written(settings_file, own)),
            "period": wanted.name,
            "source": str(Path(source).expanduser().resolve()) if source else "",
            "ledger": str(remembering.path(folder)),
        }
        planned = plan(data, audience, wanted, notebook, told, sorted(set(whom)))
        work = folder.with_name(f".{folder.name}.part")
        record, waiting = _begin(planned, folder, work, force, partly=bool(whom))
        if waiting or work.exists():  # else it is in place, and whole
            if waiting:
                _make(waiting, record, work, data, workers, progress)
            _unchanged(own, settings_file, source)
            _finish(planned, record, work, folder, data)
            snapshots.record_run(
                data.snapshot,
                wanted.name,
                folder.resolve(),
                audience=audience,
                settings=data.settings,
            )
            if not asked.one_for:
                remembering.remember(data, wanted, folder)
    states = {name: str(each["state"]) for name, each in record.reports.items()}
    reasons = tuple(each["reason"] for each in record.reports.values() if each.get("reason"))
    return Release(folder, states, reasons, tuple(job.name for job in waiting))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the release against a second run; the system lets go of it when a run is killed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0):
            yield
    except Timeout:
        raise ReportError(
            f"out: another run is making {folder} at this moment. Wait until it is done, or name "
            "another folder with --out."
        ) from None


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Tell of a disk that cannot be written to in words."""
    try:
        yield
    except OSError as problem:
        raise ReportError(
            f"out: {folder} could not be written: {problem.strerror}. What was there is as it was; "
            "the same command goes on where this run stopped."
        ) from problem


def _begin(
    planned: Plan, folder: Path, work: Path, force: bool, partly: bool
) -> tuple[Record, list[Job]]:
    """The record to go on with, in a work folder that holds what is done, and what is to do."""
    fresh = Record(planned.made_from)
    begun, placed = Record.read(work), Record.read(folder)
    if force:
        begun = None
        if placed and (not partly or placed.differs(fresh)):
            placed = None
    if begun:
        begun.refuse_other(fresh, work, "a run that was stopped half way began this release")
        if begun.made_from["for"] != fresh.made_from["for"]:
            raise ReportError(
                f"{work}: a run for other readers was stopped half way. Give its command again "
                "first, or make this one with --force."
            )
    if placed and partly:
        placed.refuse_other(fresh, folder, "the release that is there was made")
    if placed and placed.differs(fresh):
        placed = None
    record = begun or placed or fresh
    done = set(record.done(work if begun else folder))
    again = set(planned.jobs) if force else set()
    waiting = [job for name, job in planned.jobs.items() if name not in done or name in again]
    if begun is None and waiting:
        _lay_out(work, folder, sorted(done - again))
    if not partly:
        record.reports = {n: e for n, e in record.reports.items() if n in planned.jobs}
    for job in waiting:
        record.reports.pop(job.name, None)
        shutil.rmtree(work / job.name, ignore_errors=True)
    if waiting:
        _clear(work / ASIDE)
        (work / ASIDE).mkdir(parents=True, mode=0o700)
        record.write(work)
    return record, waiting


def _clear(aside: Path) -> None:
    """Remove what a run that was stopped left lying about."""
    if (aside / SCRATCH).is_symlink():
        shutil.rmtree((aside / SCRATCH).resolve(), ignore_errors=True)
    shutil.rmtree(aside, ignore_errors=True)


def _lay_out(work: Path, folder: Path, kept: Sequence[str]) -> None:
    """A new work folder, with the reports of the release in place that need not be made again."""
    _clear(work / ASIDE)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    for name in kept:
        shutil.copytree(folder / name, work / name)


def _make(
    waiting: Sequence[Job],
    record: Record,
    work: Path,
    data: Workspace,
    workers: int,
    progress: bool,
) -> None:
    """Make what is to do, and keep the record of it after each report."""
    count = workers or os.cpu_count() or 1
    env = {snapshots.PINNED: data.snapshot, LATER: "1"}
    if warm.POSSIBLE:
        env[MEMORY] = str(_memory(count))
    with tempfile.TemporaryDirectory(prefix="wb-", ignore_cleanup_errors=True) as scratch:
        (work / ASIDE / SCRATCH).symlink_to(scratch)
        results = make_all(waiting, work / ASIDE, count, env | {"TMPDIR": scratch})
        for made in tqdm(results, total=len(waiting), unit="report", disable=not progress):
            _keep(made, record, work)


def _memory(workers: int) -> int:
    """Bytes that a kernel may take, so that all of them fit into the machine's memory."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(whole * SHARE_OF_MEMORY / workers)


def _keep(made: Made, record: Record, work: Path) -> None:
    """Move a report that is whole to where it belongs, and write down that it is done."""
    name = made.job.name
    entry: dict[str, Any] = {"state": "failed", "reason": made.reason, "attempts": made.attempts}
    if made.hashes is not None:
        log.info("%s move", name)
        made.folder.rename(work / name)
        entry = {"state": "done", "files": made.hashes}
    else:
        shutil.rmtree(made.folder, ignore_errors=True)
    record.reports[name] = entry
    record.write(work)


def _unchanged(own: Settings, settings_file: str | Path, source: str | Path) -> None:
    """Refuse a release whose settings were changed while its reports were made."""
    now = run.read_settings(settings_file, source)
    if snapshots.settings_hash(now) != snapshots.settings_hash(own):
        raise ReportError(
            "settings: they were changed while the reports were made, so the reports may not be "
            "of one kind. Run it again with --force."
        )


def _finish(planned: Plan, record: Record, work: Path, folder: Path, data: Workspace) -> None:
    """Prove the release, withhold what does not pass, and put it in place."""
    log.info("prove")
    found = release.scan(work, data, planned.audience, planned.told)
    found += release.differencing(work, _beside(folder))
    for breach in found:
        entry = record.reports.get(breach.report, {})
        if entry.get("state") != "withheld":
            shutil.rmtree(work / breach.report, ignore_errors=True)
            entry = {"state": "withheld", "reason": breach.sentence}
            record.reports[breach.report] = entry
    record.proof = [
        {"rule": each.rule, "report": each.report, "where": each.where} for each in found
    ]
    _clear(work / ASIDE)
    about = next(iter(planned.jobs.values())).about
    html = page.release(planned.audience, record.reports, about)
    (work / "index.html").write_text(html, encoding="utf-8")
    record.write(work)
    if not release.told_of_nobody(work, data, planned.audience, planned.told):
        raise ReportError(telling.NAMED)
    log.info("place")
    places.put(work, folder)


def _beside(folder: Path) -> list[Path]:
    """Releases that are there already: of other audiences, and of earlier periods."""
    there = folder.absolute().parent.glob(f"*/{FILE}")
    return sorted(each.parent for each in there if each.parent.name != folder.name)
