"""Where snapshots lie: the private folder, its files, and the snapshots of one export over time."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import platformdirs

from workbench.errors import DataError


def home() -> Path:
    """The private folder that holds snapshots: WORKBENCH_HOME, or the user's cache folder.

    Raises DataError when it cannot be made or written to.
    """
    place = Path(os.environ.get("WORKBENCH_HOME") or platformdirs.user_cache_path("workbench"))
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
    except OSError as problem:
        raise DataError(
            f"WORKBENCH_HOME: {place} cannot be used ({problem.strerror}). Name a folder of your "
            "own that can be written to."
        ) from None
    return place


def meta(folder: Path) -> dict[str, Any]:
    """What is known of a snapshot: tables, days, inputs, who was left out, when it was taken."""
    return json.loads((folder / "meta.json").read_text(encoding="utf-8"))


def lineage(name: str) -> list[Path]:
    """The snapshots of one export over time, oldest first."""
    return [folder for folder in folders() if meta(folder)["lineage"] == name]


def folders() -> list[Path]:
    """Every whole snapshot, oldest first."""
    whole = [each.parent for each in (home() / "snapshots").glob("*/meta.json")]
    return sorted(whole, key=lambda folder: meta(folder)["created"])


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def digest(*texts: str) -> str:
    """A short name for texts."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
