"""What JupyterLab saves: a hook of its contents manager that takes outputs out beforehand."""

import base64
import logging
from typing import Any

import nbformat
from tornado.web import HTTPError

from workbench.desk import stripping
from workbench.words import desk as said

LOG = logging.getLogger("workbench.desk")
ENDING = ".ipynb"


def before_save(model: dict[str, Any], path: str, **_: Any) -> None:
    """Change what is about to be saved: a notebook loses outputs that may hold records.

    The `pre_save_hook` of jupyter_server. A server saves all the same when a hook fails, so
    whatever cannot be looked through is refused here: HTTPError 400, with words.
    """
    if model.get("type") == "directory" or model.get("content") is None:
        return
    if model.get("type") != "notebook" and not path.lower().endswith(ENDING):
        return
    if "chunk" in model:
        raise HTTPError(400, said.in_parts(path))
    try:
        cells = _strip(model, path)
    except Exception:  # whatever it is: the server would save the outputs as they are
        raise HTTPError(400, said.not_saved(path)) from None
    if cells:
        LOG.warning("%s", said.not_kept(path, cells))


def _strip(model: dict[str, Any], path: str) -> int:
    if model["type"] == "notebook":
        made = stripping.stripped(model["content"])
        model["content"] = made.notebook
        return made.cells
    coded = model.get("format") == "base64"
    text = base64.b64decode(model["content"]).decode() if coded else model["content"]
    own = stripping.read(text, path)
    made = stripping.stripped(own)
    if made.notebook != own:
        written = nbformat.writes(nbformat.from_dict(made.notebook))
        model["content"] = base64.b64encode(written.encode()).decode() if coded else written
    return made.cells
