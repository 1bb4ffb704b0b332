"""A report on the sample against the papermill command and jupyter nbconvert, one by one."""

import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Weight, run, show
from workbench.settings import Reporting

NOTEBOOKS = Reporting().notebooks
BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]


def compare() -> None:
    """Print both, side by side, each loading the sample anew."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        ours = run(
            *(str(BIN / "workbench"), "run", "2025-11", "--out", str(here / "report")),
            environment={"WORKBENCH_HOME": str(here / "ours")},
        )
        home = {"WORKBENCH_HOME": str(here / "theirs")}
        started = [_one(name, here, home) for name in NOTEBOOKS]
        rival = Weight(sum(each.seconds for each in started), 0.0, "")
    show(
        "Report: the sample loaded, the notebooks run, pages written (ours: also index, xlsx)",
        [("workbench run", ours), ("papermill + jupyter nbconvert, one by one", rival)],
        "well under 1",
    )


def _one(name: str, here: Path, environment: dict[str, str]) -> Weight:
    done = here / f"{name}.ipynb"
    papermill = (str(BIN / "papermill"), str(ROOT / "notebooks" / f"{name}.ipynb"), str(done))
    settings = str(ROOT / "settings" / "sample.toml")
    first = run(*papermill, "-p", "settings", settings, environment=environment)
    second = run(str(BIN / "jupyter"), "nbconvert", "--to", "html", "--no-input", str(done))
    return Weight(first.seconds + second.seconds, 0.0, "")
