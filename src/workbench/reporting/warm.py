"""Warm kernels: forked from a process that has imported everything, instead of started from cold.

A provisioner of jupyter_client, under its entry point `workbench-warm`; set
JUPYTER_DEFAULT_PROVISIONER_NAME to that name to use it elsewhere. Where a kernel cannot be forked
(not Linux, another interpreter, a thread in the way) an ordinary one is started.
"""

import asyncio
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from workbench.reporting import forker as program

NAME = "workbench-warm"
START_SECONDS = 120
# pyarrow would keep a thread of its own, and a process with threads cannot be forked safely
ONE_THREAD = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def _can_watch() -> bool:
    """Whether a process that is not our own child can be seen to end: on Linux, if allowed."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


POSSIBLE = _can_watch()


class Forked:
    """A kernel that is the child of the forker, with what is asked of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._ends = os.pidfd_open(pid)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while it runs. How it ended is known to the forker alone: 1."""
        if self.returncode is None and select.select([self._ends], [], [], 0)[0]:
            self.returncode = 1
            os.close(self._ends)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. Raises TimeoutExpired."""
        if self.returncode is None and not select.select([self._ends], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        self.poll()
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._ends, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class Forker:
    """The process that forks kernels; started with the first request, or `start`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Start it, so that it imports while something else is done."""
        with self._lock:
            self._start()

    def branch_off(self) -> None:
        """Fork it from this process, which has imported everything and has done nothing else."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        child = os.fork()
        if child == 0:
            program.begin(theirs)
        theirs.close()
        ours.settimeout(START_SECONDS)
        self._process, self._socket = Forked(child), ours

    def _start(self) -> socket.socket:
        if self._socket is not None and self._process is not None and self._process.poll() is None:
            return self._socket
        self._end()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(START_SECONDS)
        command = [sys.executable, "-m", "workbench.reporting.forker", str(theirs.fileno())]
        self._process = subprocess.Popen(  # noqa: S603
            command, pass_fds=[theirs.fileno()], env={**os.environ, **ONE_THREAD},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        theirs.close()
        self._socket = ours
        return ours

    def fork(self, command: list[str], folder: str, env: dict[str, str]) -> Forked | None:
        """A kernel with this command line; None where it cannot be forked."""
        request = json.dumps({"command": command, "folder": folder, "env": env}).encode()
        with self._lock:
            try:
                asked = self._start()
                asked.sendall(request)
                answer = asked.recv(1000)
                return Forked(json.loads(answer)["kernel"]) if answer else None
            except (OSError, KeyError):
                self._end()
                return None

    def stop(self) -> None:
        """End it, and the kernels that still run."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
            self._process.kill()
            self._process.wait()
            self._process = None


@cache
def used() -> bool:
    """Make this the provisioner of kernels that do not ask for one; False where not installed."""
    factory = KernelProvisionerFactory.instance()
    if NAME in factory.provisioners:
        factory.default_provisioner_name = NAME
    return NAME in factory.provisioners


@cache
def forker() -> Forker:
    """The forker of this process."""
    made = Forker()
    atexit.register(made.stop)
    return made


class WarmProvisioner(LocalProvisioner):
    """Provides kernels that have imported everything before they start."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, or start an ordinary one where that is not possible."""
        forked = None
        ours = Path(cmd[0]).resolve() == Path(sys.executable).resolve()
        if POSSIBLE and ours and cmd[1:3] == ["-m", "ipykernel_launcher"]:
            folder = str(kwargs.get("cwd") or Path.cwd())
            env = dict(kwargs.get("env") or os.environ)
            # a server that asks for a kernel has others to answer while the forker imports
            forked = await asyncio.to_thread(forker().fork, cmd[3:], folder, env)
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked  # type: ignore[assignment]
        self.pid = self.pgid = forked.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info
