"""The staff page: signing in, what is written down of its use, and the pages' own parts.

Nothing here decides whose records are seen; `workbench.viewing` does, and `store` holds it.
"""

from typing import Any

from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.words import staff as words


def start(settings: Settings, port: int | None = None) -> Any:
    """The staff page's server. Raises WorkbenchError without the extra `staff`."""
    try:
        from workbench.staff import serving
    except ModuleNotFoundError as problem:
        if (problem.name or "").startswith("workbench"):
            raise
        raise WorkbenchError(words.NOT_INSTALLED) from None
    return serving.start(settings, port)
