"""The workspaces of those who look at the moment, so that a session goes on with another's work.

What is worked out of a workspace once (`store.once`) is there for every session that may see just
the same. Questions are answered one after the other: a workspace is of one thread.
"""

from collections import OrderedDict
from typing import Any

from workbench.store import Workspace

MOST_SCOPES = 32  # how many viewers' records are held at once in a process

Key = tuple[Any, ...]
_all: "OrderedDict[Key, Workspace]" = OrderedDict()


def held(data: Workspace) -> Workspace:
    """The workspace that another session opened before, where it is of just the same records.

    What may be seen was decided when `data` was opened; the same snapshot, scope, days and rules
    are the same records.
    """
    key = (data.snapshot, data.folder, data.scope, data.as_of, data.settings.model_dump_json())
    _all.setdefault(key, data)
    _all.move_to_end(key)
    while len(_all) > MOST_SCOPES:
        _all.popitem(last=False)
    return _all[key]
