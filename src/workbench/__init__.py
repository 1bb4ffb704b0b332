"""A notebook workbench for performance analysts in social-service organisations.

`import workbench as wb; data = wb.open("settings/sample.toml", scope=wb.EVERYONE)` is where every
notebook starts.
"""

from importlib.metadata import version

__version__ = version("workbench")

from workbench import importing  # noqa: F401 - before anything imports jsonschema
from workbench.audiences import open_for
from workbench.store import EVERYONE, Scope, Workspace, open
from workbench.viewing import open_mine

__all__ = ["EVERYONE", "Scope", "Workspace", "__version__", "open", "open_for", "open_mine"]
