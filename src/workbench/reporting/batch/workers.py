"""Processes that make reports, each with kernels of its own; one that dies takes one report along.

The runner alone moves reports and keeps the record: what a worker writes lies aside, and a worker
ends with its runner. Workers, and the processes that fork their kernels, are forked from one that
has imported everything; it begins to while the runner still loads.
"""

import logging
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from workbench.errors import ReportError
from workbench.reporting import forker, warm
from workbench.reporting.batch.making import Job, make

ATTEMPTS = 2
NAME = "wb-worker"  # as the system lists it
DIED = "the process that made it ended before it was done, perhaps for want of memory."
log = logging.getLogger("workbench.batch")


@dataclass(frozen=True)
class Made:
    """How the making of one report went: its folder aside and hashes, or the reason it failed."""

    job: Job
    folder: Path
    attempts: int
    hashes: Mapping[str, str] | None = None
    reason: str = ""


def warm_up() -> None:
    """Begin to import what workers need, so that it is there when they are asked for."""
    if not warm.POSSIBLE:
        return
    forkserver.set_forkserver_preload(["__main__", __name__, *forker.NEEDED])
    before = dict(os.environ)
    os.environ.update(warm.ONE_THREAD)  # what it imports must not begin threads
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def make_all(
    jobs: Sequence[Job], aside: Path, workers: int, env: Mapping[str, str]
) -> Iterator[Made]:
    """Make reports on so many processes, and give each as it is done, in no order.

    Each lies in a folder of its own under `aside`. `env`: added to the workers' environment.
    """
    crew = _Crew(env)
    pool = ThreadPoolExecutor(max_workers=max(1, min(workers, len(jobs))))
    try:
        waiting = [pool.submit(crew.make, job, aside) for job in jobs]
        for done in as_completed(waiting):
            yield done.result()
    finally:
        crew.dismiss()
        pool.shutdown(cancel_futures=True)


class _Crew:
    """The workers of a run, one a thread of the runner; a dead one is replaced."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: list[_Worker] = []
        self._env = {**os.environ, **env}
        self._over = False

    def make(self, job: Job, aside: Path) -> Made:
        """Make one report; where that fails, once more."""
        reason = ""
        for attempt in range(1, ATTEMPTS + 1):
            folder = aside / f"{job.name}.{attempt}"
            try:
                found = self._worker().make(job, folder)
            except (EOFError, OSError):
                if self._over:
                    return Made(job, folder, attempt, reason="the run was stopped.")
                if getattr(self._mine, "worker", None) is not None:
                    self._mine.worker.end()
                self._mine.worker = None
                found = DIED
            if not isinstance(found, str):
                return Made(job, folder, attempt, hashes=found)
            reason = found
            log.info("%s failed, attempt %d", job.name, attempt)
        return Made(job, folder, ATTEMPTS, reason=reason)

    def _worker(self) -> "_Worker":
        if getattr(self._mine, "worker", None) is None:
            self._mine.worker = _Worker(self._env)
            with self._lock:
                self._all.append(self._mine.worker)
        return self._mine.worker

    def dismiss(self) -> None:
        """End every worker, in the middle of a report too."""
        self._over = True
        with self._lock:
            for worker in self._all:
                worker.end()


class _Worker:
    """One process that makes reports, one after the other."""

    def __init__(self, env: Mapping[str, str]) -> None:
        warm_up()  # if it is not there any more
        how = "forkserver" if warm.POSSIBLE else "spawn"
        context: Any = multiprocessing.get_context(how)
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, dict(env)), daemon=True)
        self._process.start()
        theirs.close()

    def make(self, job: Job, folder: Path) -> dict[str, str] | str:
        """The hashes of a report's files, or why it failed. Raises EOFError when it dies."""
        self._line.send((job, folder))
        while True:
            kind, said = self._line.recv()
            if kind == "step":
                log.info("%s %s, process %d", job.name, said, self._process.pid)
            else:
                return said

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        with suppress(OSError):
            self._line.close()


def serve(line: Connection, env: dict[str, str]) -> None:
    """What a worker does: make what it is asked for, and end when its runner does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = env.get("TMPDIR")
    if warm.POSSIBLE:
        forker.called(NAME)
        warm.forker().branch_off()  # before this process has a thread
    threading.Thread(target=_end_with_runner, daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            job, folder = line.recv()
            line.send(("made", _made(job, folder, line)))


def _made(job: Job, folder: Path, line: Connection) -> dict[str, str] | str:
    try:
        return make(job, folder, lambda step: line.send(("step", step)))
    except ReportError as problem:
        return str(problem)
    except OSError as problem:
        return f"{job.name}: it could not be written: {problem.strerror}."
    except MemoryError:
        return f"{job.name}: {DIED}"
    except Exception as problem:  # a defect of ours: its message may hold values of records
        return f"{job.name}: {type(problem).__name__}, which is a defect of the workbench."


def _end_with_runner() -> None:
    runner = multiprocessing.parent_process()
    if runner is not None:
        runner.join()
        os._exit(1)
