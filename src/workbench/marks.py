"""What a kernel's outputs were made from: while only the sample was opened, each output says so.

The mark is in the output's metadata, where a copy of the notebook, another name or other settings
leave it alone. Everything without it counts as made from somebody's records.
"""

from collections.abc import Mapping
from typing import Any

from IPython.core.getipython import get_ipython

from workbench.snapshots import digest

KEY = "workbench"
SAMPLE = {"data": "sample"}
SAMPLE_INPUTS = "fc4e586556733764"  # of data/sample; a test says what it must be
NO_DATA = frozenset({"README.md"})

_opened: set[str] = set()
_marked: set[int] = set()


def opened(inputs: Mapping[str, str]) -> None:
    """Note that an export was opened here, by the hashes of its files; outputs are marked then."""
    _opened.add(name_of(inputs))
    shell = get_ipython()
    if shell is None or id(shell) in _marked:
        return
    _marked.add(id(shell))
    for publisher in (shell.display_pub, shell.displayhook):
        if hasattr(publisher, "register_hook"):  # a terminal's have none, and save nothing
            publisher.register_hook(_with_mark)


def name_of(inputs: Mapping[str, str]) -> str:
    """A short name for the files of an export, whatever they are called."""
    return digest(*sorted(each for file, each in inputs.items() if file not in NO_DATA))


def _with_mark(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    if _opened == {SAMPLE_INPUTS} and "data" in content:
        content["metadata"] = {**(content.get("metadata") or {}), KEY: SAMPLE}
    return message
