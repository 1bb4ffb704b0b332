"""The files of an export, be it a folder, a zip or one file: by name, and never outside it."""

import difflib
import shutil
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from workbench.errors import DataError

LARGEST = 4 << 30
RATIO = 200
ABANDONED_SECONDS = 3600  # since a load wrote its last file
_UNPACKED = ".workbench-unpacked-"
_SMALL = 1 << 20
_NAMED = 6
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Archive:
    """The files of an export by their names in it; `path` takes one out when it is needed."""

    name: str
    files: Mapping[str, Path | zipfile.ZipInfo]
    folder: Path
    zip: zipfile.ZipFile | None = None

    def matching(self, pattern: str) -> list[str]:
        """The names that a name or pattern means, whatever their letter case; sorted.

        A pattern without a folder looks in every folder. Raises DataError when there is none, or
        when a plain name stands in several folders.
        """
        wanted = pattern.replace("\\", "/").removeprefix("./").casefold()
        found = [each for each in self.files if fnmatch(_tail(each, wanted).casefold(), wanted)]
        if not found:
            raise DataError(f"{pattern}: there is no such file in {self.name}{self._hint(pattern)}")
        if len(found) > 1 and not any(each in wanted for each in "*?["):
            raise DataError(
                f"{pattern}: there are several in {self.name}: {', '.join(sorted(found))}. "
                "Give the one that is meant with its folder."
            )
        return sorted(found, key=str.casefold)

    def path(self, name: str) -> Path:
        """Where a file of the export can be read; one of a zip is taken out to a private folder."""
        found = self.files[name]
        if isinstance(found, Path):
            return found
        assert self.zip is not None
        target = self.folder / f"{[*self.files].index(name)}-{PurePosixPath(name).name}"
        if target.exists():
            return target
        try:
            with self.zip.open(found) as source, target.open("xb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as problem:
            target.unlink(missing_ok=True)
            raise DataError(
                f"{self.name}: {name} cannot be taken out of it ({problem}). Zip the files again."
            ) from None
        return target

    def _hint(self, pattern: str) -> str:
        names = sorted({PurePosixPath(each).name for each in self.files})
        close = difflib.get_close_matches(PurePosixPath(pattern).name, names, n=1, cutoff=0.5)
        if close or not names:
            return f". Did you mean {close[0]!r}?" if close else ": it holds no files at all."
        more = f" and {len(names) - _NAMED} others" if len(names) > _NAMED else ""
        return f". It holds {', '.join(names[:_NAMED])}{more}."


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The files of a folder or zip, or a single file, for as long as they are read.

    Nothing is taken out of a zip before it is asked for; the private folder for it (mode 0700) is
    removed, and those that killed loads left by a later one. Raises DataError for what is not
    there or no zip, for a zip that is encrypted, unpacks to more than 4 GiB or more than 200 times
    its size, or has names that lead out of it.
    """
    if not path.exists():
        raise DataError(
            f"{path.name}: there is no such file or folder. Check path under [data], or --source."
        )
    if path.is_dir():
        found = {
            each.relative_to(path).as_posix(): each
            for each in sorted(path.rglob("*"))
            if each.is_file() and not _junk(each.relative_to(path).parts)
        }
        yield Archive(path.name, found, path)
    elif path.suffix.lower() != ".zip":
        yield Archive(path.name, {path.name: path}, path.parent)
    else:
        sweep(Path(tempfile.gettempdir()), f"{_UNPACKED}*")
        with _zip(path) as content, tempfile.TemporaryDirectory(prefix=_UNPACKED) as folder:
            yield Archive(path.name, _members(content, path), Path(folder), content)


def sweep(folder: Path, pattern: str) -> None:
    """Remove the folders that killed loads have left: they hold clients, and nobody looks there."""
    for left in folder.glob(pattern):
        with suppress(FileNotFoundError):  # another load may be sweeping too
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise DataError(
            f"{path.name}: this is no zip file, or only a part of one. Copy or export it again."
        ) from None


def _members(content: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    found = {
        each.filename: each
        for each in content.infolist()
        if not each.is_dir() and not _junk(PurePosixPath(each.filename).parts)
    }
    outside = [name for name, each in found.items() if _leads_out(name, each)]
    locked = [name for name, each in found.items() if each.flag_bits & 1]
    if outside:
        raise DataError(
            f"{path.name}: {len(outside)} of its names lead out of it, or are links, first "
            f"{outside[0][:80]!r}. Nothing was unpacked. Zip the plain files again."
        )
    if locked:
        raise DataError(
            f"{path.name}: it is locked with a password. Unpack it and give the folder instead."
        )
    refuse_bomb(found.values(), path.name)
    return found


def refuse_bomb(members: Iterable[zipfile.ZipInfo], name: str) -> None:
    """Refuse a zip, or a workbook (a zip inside), that unpacks to far more than it seems."""
    size = packed = 0
    for each in members:
        size, packed = size + each.file_size, packed + each.compress_size
    if size > LARGEST or (size > _SMALL and size > RATIO * packed):
        raise DataError(
            f"{name}: it would unpack to {size / (1 << 20):,.0f} MB, {size // max(packed, 1):,} "
            f"times its size; up to {LARGEST >> 30} GiB and {RATIO} times are unpacked. "
            "If the files are right, unpack them and give the folder instead."
        )


def _leads_out(name: str, member: zipfile.ZipInfo) -> bool:
    plain = name.replace("\\", "/")
    parts = PurePosixPath(plain).parts
    link = stat.S_ISLNK(member.external_attr >> 16)
    return link or plain.startswith("/") or ".." in parts or ":" in (parts or ("",))[0]


def _junk(parts: tuple[str, ...]) -> bool:
    hidden = [each for each in parts if each.startswith((".", "~$")) and each.strip(".")]
    return bool(hidden) or any(each in _JUNK for each in parts)


def _tail(name: str, wanted: str) -> str:
    """As many last parts of a name as a pattern has."""
    return "/".join(PurePosixPath(name).parts[-1 - wanted.count("/") :])
