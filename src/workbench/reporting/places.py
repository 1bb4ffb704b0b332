"""Where a report is put: checked before any work, and moved there only when it is whole."""

import os
import shutil
from pathlib import Path

from workbench.errors import ReportError


def usable(folder: Path) -> None:
    """Refuse, before any work, a place where no report can be written. Raises ReportError."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if folder.is_symlink() or not there.is_dir():
        raise ReportError(
            f"out: {folder} is, or lies in, a file or a link. Name a folder with --out."
        )
    if not os.access(there, os.W_OK):
        raise ReportError(f"out: {there} may not be written to. Name another folder with --out.")


def bring_back(folder: Path) -> None:
    """Put a report back that a run, stopped as it moved its own into place, had moved away."""
    moved = sorted(folder.parent.glob(f".{folder.name}.*.old"))
    if moved and not folder.exists():
        moved[-1].rename(folder)


def ours(folder: Path) -> None:
    """Refuse a folder that holds something else than a report. Raises ReportError."""
    if folder.exists() and not (folder / "run.json").exists() and any(folder.iterdir()):
        raise ReportError(
            f"out: {folder} holds files that are not a report of ours, and would be replaced. "
            "Name an empty folder with --out."
        )


def put(aside: Path, folder: Path) -> None:
    """Move a whole report to where it belongs, over the one that was there."""
    aside.chmod(0o755)
    if not folder.exists():
        aside.rename(folder)
        return
    ours(folder)
    # a dot after the name: "2025-11" must not take "2025-11-board" for its own
    old = folder.with_name(f".{folder.name}.{aside.name.strip('.')}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old)
