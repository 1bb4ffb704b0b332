"""The private folder of the staff page: what is written there is its owner's alone to read."""

import json
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.words import staff as words


def private(settings: Settings) -> Path:
    """The folder that [staff] names, made for its owner alone and kept out of git.

    Raises WorkbenchError where it cannot be made.
    """
    place = settings.staff_folder
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
        if not (ignored := place / ".gitignore").exists():
            ignored.write_text("*\n", encoding="utf-8")
    except OSError as problem:
        raise WorkbenchError(words.no_folder(settings.staff.folder, problem.strerror)) from None
    return place


def locked(file: Path) -> FileLock:
    """A lock that lets one process at a time change a file."""
    return FileLock(file.with_name(f".{file.name}.lock"), mode=0o600, timeout=10)


def write(file: Path, text: str) -> None:
    """Write a file aside, for its owner alone, and move it into place whole."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def add_line(file: Path, **entry: Any) -> None:
    """Add one line of JSON to a log, with the moment it was written (UTC)."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"when": when, **entry}, ensure_ascii=False) + "\n"
    with locked(file), os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "rb+") as log:
        end = log.seek(0, os.SEEK_END)
        log.seek(max(end - 1, 0))
        cut_off = log.read(1) not in (b"", b"\n")
        log.write(("\n" if cut_off else "").encode() + line.encode("utf-8", "replace"))


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The entries of a log, the oldest first; a line that was cut off is left out."""
    if not file.is_file():
        return
    for row in file.read_text(encoding="utf-8").split("\n"):
        try:
            yield json.loads(row)
        except ValueError:
            continue


def secret(file: Path) -> str:
    """A key that is made once, at random, and kept for its owner alone."""
    with locked(file):
        if not file.is_file():
            write(file, secrets.token_urlsafe(48))
    return file.read_text(encoding="utf-8")
