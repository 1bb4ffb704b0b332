"""A process that has imported what notebooks need, and forks a kernel from it whenever asked.

Started by `reporting.warm`, as a program or forked from a worker that has just begun; a socket to
the asking process is its only tie. It imports and does nothing else before it forks: a kernel
inherits no thread, no connection and no record of anybody. When the asking process is gone, so are
its kernels.
"""

import ctypes
import gc
import json
import os
import random
import resource
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

NEEDED = (
    "workbench.charts",
    "workbench.analyses.caseload",
    "workbench.analyses.cohorts",
    "workbench.analyses.comparison",
    "workbench.analyses.disengagement",
    "workbench.analyses.journeys",
    "workbench.analyses.quality",
    "workbench.analyses.segments",
    "workbench.analyses.signals",
    "workbench.analyses.sweet_spot",
    "ibis.backends.duckdb",  # and what a first query, table or kernel would else import
    "ibis.backends.duckdb.converter",
    "ibis.expr.types.groupby",
    "ibis.formats.pandas",
    "narwhals._interchange.dataframe",
    "pandas.core.methods.to_dict",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pyarrow_hotfix",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
)
MEMORY = "WORKBENCH_KERNEL_BYTES"  # beyond so many bytes a kernel gets a MemoryError
LONGEST = 1_000_000  # bytes of a request: a command and an environment
PAUSE_SECONDS = 1.0
DIE_WITH_PARENT, SET_NAME = 1, 15  # of Linux's prctl
NAME, KERNEL = "wb-forker", "wb-kernel"  # as the system lists them


def serve(asking: socket.socket) -> None:
    """Answer each request, a command line with folder and environment, with the kernel's number."""
    for name in NEEDED:
        import_module(name)
    called(NAME)
    gc.freeze()  # what was imported is not looked through again in each kernel
    kernels: set[int] = set()
    asking.settimeout(PAUSE_SECONDS)
    while True:
        _forget_ended(kernels)
        try:
            request = asking.recv(LONGEST)
        except TimeoutError:
            continue
        if not request:
            break
        answer: dict[str, Any] = {"threads": len([*Path("/proc/self/task").iterdir()])}
        if answer["threads"] == 1:
            child = os.fork()
            if child == 0:
                _become_kernel(asking, **json.loads(request))
            kernels.add(child)
            answer["kernel"] = child
        asking.sendall(json.dumps(answer).encode())
    for kernel in kernels:
        for end in (os.kill, os.killpg):  # one that was just forked leads no group yet
            with suppress(OSError):
                end(kernel, signal.SIGKILL)


def _become_kernel(asking: socket.socket, command: list[str], folder: str, env: Any) -> None:
    """From here on the child is a kernel like any other; it never returns."""
    code = 1
    try:
        asking.close()
        end_with_parent()
        called(KERNEL)
        os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env, JPY_PARENT_PID=str(os.getppid()))
        nothing = os.open(os.devnull, os.O_RDWR)
        for each in range(3):
            os.dup2(nothing, each)
        if limit := int(env.get(MEMORY, 0)):
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        random.seed()
        np.random.seed()
        kernelapp = import_module("ipykernel.kernelapp")
        kernelapp.IPKernelApp.launch_instance(command)
        code = 0
    finally:
        os._exit(code)


def begin(asking: socket.socket) -> None:
    """From here on this process, just forked, is a forker; it never returns."""
    code = 1
    try:
        end_with_parent()
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for each in Path("/proc/self/fd").iterdir():
            if (number := int(each.name)) > 2 and number != asking.fileno():
                with suppress(OSError):  # the one that lists them
                    os.close(number)
        serve(asking)
        code = 0
    finally:
        os._exit(code)


def end_with_parent() -> None:
    """Have this process killed when its parent is, however that comes about."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def called(name: str) -> None:
    """Name this process in the system's list of processes."""
    ctypes.CDLL(None).prctl(SET_NAME, name.encode(), 0, 0, 0)


def _forget_ended(kernels: set[int]) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            kernels.discard(ended)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
