"""What importing a library costs, where that is more than it gives.

jsonschema, which altair and nbformat stand on, builds grammars of international addresses whenever
rfc3987_syntax is installed, as JupyterLab has it: half of the time in which a process of ours
starts. Nothing here checks such addresses.
"""

import sys
from importlib import import_module

NOT_NEEDED = "rfc3987_syntax"


def import_jsonschema() -> None:
    """Import jsonschema without its checks of international addresses."""
    if "jsonschema" in sys.modules or NOT_NEEDED in sys.modules:
        return
    sys.modules[NOT_NEEDED] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        import_module("jsonschema")
    finally:
        del sys.modules[NOT_NEEDED]


import_jsonschema()
