"""Settings: one TOML file says what an organisation's records mean; unknown keys are refused."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, Field, ValidationError

from workbench.errors import SettingsError
from workbench.settings.audiences import AUDIENCES, Audience, Caseload, Commission
from workbench.settings.parts import (
    Attribute,
    Contacts,
    Data,
    Direction,
    Disclosure,
    Exits,
    Measure,
    Organisation,
    Outcomes,
    Part,
    Reporting,
    Source,
    Text,
    nearest,
)
from workbench.settings.questions import Comparison, Disengagement, Journeys, SweetSpot
from workbench.settings.segmenting import Segments
from workbench.settings.staff import Staff
from workbench.tables import TABLES

__all__ = [
    "Attribute",
    "Audience",
    "Caseload",
    "Commission",
    "Comparison",
    "Direction",
    "Disclosure",
    "Disengagement",
    "Journeys",
    "Measure",
    "Reporting",
    "Segments",
    "Settings",
    "Source",
    "Staff",
    "SweetSpot",
    "Text",
    "build",
    "built_in",
    "find",
    "nearest",
    "read",
]

READERS = ("hmis", "oulad", "ctn0094")  # readers that bring settings along
BUILT_IN = Path(__file__).parents[1] / "sources"


class Settings(Part):
    """Everything an organisation says about its records."""

    base: str = Field("", description="built-in settings to start from: 'hmis', 'oulad', 'ctn0094'")
    organisation: Organisation = Organisation()
    data: Data = Data()
    sources: dict[str, Source] = Field({})
    outcomes: Outcomes = Outcomes()
    contacts: Contacts = Contacts()
    exits: Exits = Exits()
    attributes: dict[str, Attribute] = Field({})
    measures: dict[str, Measure] = Field({})
    sweet_spot: SweetSpot = SweetSpot()
    comparison: Comparison = Comparison()
    journeys: Journeys = Journeys()
    disengagement: Disengagement = Disengagement()
    segments: Segments = Segments()
    caseload: Caseload = Caseload()
    commission: Commission = Commission()
    disclosure: Disclosure = Disclosure()
    audiences: dict[str, Audience] = Field({})
    reporting: Reporting = Reporting()
    staff: Staff = Staff()
    folder: Path = Field(Path(), exclude=True, description="set when read: the file's folder")

    @property
    def data_path(self) -> Path:
        """Where the export lies."""
        return (self.folder / self.data.path).resolve()

    @property
    def staff_folder(self) -> Path:
        """Where the staff page keeps passwords, keys and its logs."""
        return (self.folder / self.staff.folder).expanduser().resolve()

    def with_path(self, path: str | Path) -> "Settings":
        """The same settings for another export."""
        data = self.data.model_copy(update={"path": str(Path(path).expanduser().resolve())})
        return self.model_copy(update={"data": data})

    def table_of(self, source: str) -> str:
        """The table that a section of [sources] feeds."""
        return self.sources[source].table or source


def read(file: str | Path) -> Settings:
    """Read settings from a TOML file, found in this folder or in one above it, or built-in ones.

    Raises SettingsError with every problem at once; a misspelt key comes with the nearest name.
    """
    if str(file) in READERS and not Path(file).exists():
        return built_in(str(file))
    path = find(file)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingsError(
            f"{path.name}: this is not TOML that can be read: {problem}. "
            "Compare with settings/sample.toml."
        ) from None
    return build(content, path.parent, path.name)


def build(content: dict[str, Any], folder: Path = Path(), name: str = "settings") -> Settings:
    """Check settings given as a dictionary; `folder` is where relative paths start."""
    if "folder" in content:
        raise SettingsError(f"{name}: folder: is not a setting. Set `path` under [data] instead.")
    if base := content.get("base"):
        content = _merged(_built_in(base, name), content)
    if isinstance(own := content.get("audiences", {}), dict):
        content = {**content, "audiences": _merged(AUDIENCES, own)}
    try:
        settings = Settings.model_validate({**content, "folder": folder})
    except ValidationError as problem:
        raise SettingsError(*(f"{name}: {each}" for each in _problems(problem))) from None
    if problems := [f"{name}: {each}" for each in _contradictions(settings)]:
        raise SettingsError(*problems)
    return settings


def built_in(reader: str) -> Settings:
    """The settings that come with a reader that needs no mapping (one of `READERS`)."""
    return build({"base": reader}, name=f"built-in settings {reader!r}")


def find(file: str | Path) -> Path:
    """A file by its path, looked for from the working folder upwards; SettingsError if none."""
    wanted = Path(file).expanduser()
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / wanted).is_file():
            return (folder / wanted).resolve()
    beside = wanted.parent if wanted.parent.is_dir() else Path("settings")
    names = sorted(str(beside / each.name) for each in beside.glob("*.toml"))
    raise SettingsError(f"settings: there is no file {str(file)!r}{nearest(str(file), names)}")


def _built_in(base: str, name: str) -> dict[str, Any]:
    path = BUILT_IN / f"{base}.toml"
    if not path.is_file():
        names = sorted(each.stem for each in BUILT_IN.glob("*.toml"))
        raise SettingsError(
            f"{name}: base: there are no built-in settings {base!r}{nearest(base, names)}"
        )
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _problems(error: ValidationError) -> Iterator[str]:
    for each in error.errors():
        where = ".".join(str(part) for part in each["loc"])
        if each["type"] == "extra_forbidden":
            known = _known_keys(each["loc"][:-1])
            yield f"{where}: is not a setting{nearest(str(each['loc'][-1]), known)}"
        elif each["type"] == "missing":
            yield f"{where}: is missing."
        else:
            yield f"{where or 'settings'}: {each['msg'].removeprefix('Value error, ')}."


def _known_keys(place: tuple[int | str, ...]) -> list[str]:
    """The keys that settings may have at a place, e.g. ("sources", "contacts")."""
    at: Any = Settings
    for part in place:
        if isinstance(at, type) and issubclass(at, BaseModel):
            at = at.model_fields[str(part)].annotation
        else:
            at = get_args(at)[0 if isinstance(part, int) else -1]
    fields = at.model_fields if isinstance(at, type) and issubclass(at, BaseModel) else {}
    return [each for each in fields if each != "folder"]


def _contradictions(settings: Settings) -> Iterator[str]:
    for name in settings.sources:
        if (table := settings.table_of(name)) not in TABLES:
            yield f"sources.{name}: there is no table {table!r}{nearest(table, TABLES)}"
            continue
        known = [*TABLES[table].columns]
        known += [key for key, each in settings.attributes.items() if each.table == table]
        source = settings.sources[name]
        for part in ("columns", "values", "constants"):
            for key in getattr(source, part):
                if key not in known:
                    yield (
                        f"sources.{name}.{part}: {table} has no column {key!r}{nearest(key, known)}"
                        " A further attribute of clients or enrolments is declared under"
                        " [attributes]."
                    )
    for name in settings.audiences:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            yield f"audiences.{name}: an audience's name is of small letters, digits and _."
    named = settings.exits
    parts = (*named.disengagement, *named.completion, *named.neither)
    for reason in sorted({each for each in parts if parts.count(each) > 1}):
        yield f"exits: {reason!r} stands twice. An exit reason is one of the three."
    for reason in settings.journeys.competing:
        if reason not in parts:
            yield f"journeys.competing: {reason!r} is not under [exits]{nearest(reason, parts)}"
