"""The extension of the Jupyter server: what it saves, and kernels that are ready at once.

Switched on by `jupyter_server_config.d/workbench.json`, which installing the package puts in its
place, so that it holds however JupyterLab is started.
"""

from typing import Any

from workbench.desk.saving import LOG, before_save
from workbench.reporting import warm


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "workbench.desk.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Have notebooks looked through before they are saved, and kernels forked warm."""
    LOG.parent = app.log
    app.contents_manager.register_pre_save_hook(before_save)
    if warm.POSSIBLE and warm.used():
        warm.forker().start()
