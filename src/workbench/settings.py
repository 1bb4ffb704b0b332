"""Settings: one TOML file says what an organisation's records mean; unknown keys are refused."""

import difflib
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from workbench.errors import SettingsError
from workbench.tables import TABLES

Text = str | list[str]
Direction = Literal["up", "down"]
READERS = ("hmis", "oulad", "ctn0094")  # readers that bring settings along
BUILT_IN = Path(__file__).parent / "sources"


class Part(BaseModel):
    """A part of the settings; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Organisation(Part):
    """Who the report is about."""

    name: str = "Our organisation"
    year_starts: int = Field(1, ge=1, le=12, description="month in which the year begins")
    programmes: tuple[str, ...] = Field((), description="in the order to show; empty: as in data")


class Data(Part):
    """Where the export lies and which reader understands it."""

    reader: Literal["files", "hmis", "oulad", "ctn0094"] = "files"
    path: str = Field(".", description="folder, zip or file; relative to the settings file")
    exported_on: date | None = Field(None, description="day the export was taken; later is future")


class Source(Part):
    """How one file (or several alike) becomes rows of one table."""

    file: Text = Field(description="name or pattern in the export: 'contacts*.csv'")
    table: str = Field("", description="the table it feeds; by default the section's own name")
    columns: dict[str, str] = Field({}, description="our column = header in the file")
    values: dict[str, dict[str, str]] = Field({}, description="column -> value in file = ours")
    constants: dict[str, str] = Field({}, description="our column = the same value for all rows")
    where: dict[str, Text] = Field({}, description="header = value(s): only these rows")
    ignore: tuple[str, ...] = Field((), description="headers known and not needed")
    date_format: Text = Field("", description="e.g. '%d/%m/%Y'; without it, detected")
    decimal: Literal[".", ","] = "."
    encoding: str = Field("", description="without it, detected")
    delimiter: str = Field("", description="without it, detected")
    sheet: str = Field("", description="of an xlsx file; by default the first")


class Outcomes(Part):
    """Which outcomes count as success, and within how many days of the start."""

    success: tuple[str, ...] = ()
    horizon_days: int = Field(180, gt=0)


class Contacts(Part):
    """What counts as a contact."""

    channels: tuple[str, ...] = Field((), description="empty: every channel")
    group_sessions: bool = True
    administrative: tuple[str, ...] = Field((), description="channels that are notes, not contact")


class Exits(Part):
    """What an exit reason means; reasons named nowhere are counted and reported."""

    disengagement: tuple[str, ...] = ()
    completion: tuple[str, ...] = ()
    neither: tuple[str, ...] = ()


class Attribute(Part):
    """A further column that this organisation records about clients or enrolments."""

    table: Literal["clients", "enrolments"] = "clients"
    kind: Literal["category", "number", "boolean"] = "category"
    description: str = ""
    compare: bool = Field(True, description="offer it for comparisons and cohorts")
    case_mix: bool = Field(False, description="adjust comparisons for it")


class Rebase(Part):
    """A confirmed new beginning of a chart's limits."""

    date: date
    reason: str
    confirmed_by: str


class Measure(Part):
    """What a measure is judged by; with `count` or `numerator` also what it is."""

    better: Direction | None = None
    target: float | None = None
    baseline: int | None = Field(None, ge=2, description="number of first points for the limits")
    rebase_at: tuple[Rebase, ...] = ()
    description: str = ""
    count: str = Field("", description="table whose rows are counted")
    date: str = Field("", description="the date column that places a row in an interval")
    where: dict[str, Text] = Field({}, description="only these rows: the numerator of a rate")
    of: dict[str, Text] | None = Field(None, description="the rows it is a share of: denominator")
    per: Literal["", "client-weeks", "client-months"] = ""

    @model_validator(mode="after")
    def _whole(self) -> "Measure":
        if self.count and self.count not in TABLES:
            raise ValueError(
                f"count: there is no table {self.count!r}{nearest(self.count, TABLES)}"
            )
        if self.count and self.date not in TABLES[self.count].columns:
            raise ValueError(
                f"date: {self.count} has no column {self.date!r}"
                f"{nearest(self.date, TABLES[self.count].columns)}"
            )
        if self.of is not None and self.per:
            raise ValueError("give `of` (a share) or `per` (a rate), not both")
        return self


class SweetSpot(Part):
    """How often people are seen, set against how they come out."""

    weeks: int = Field(12, gt=0, description="contacts of weeks 1 to this count, outcomes after")
    channels: tuple[str, ...] = Field((), description="only these; empty: all that are contact")
    attended_only: bool = Field(False, description="count kept contacts, not those offered")
    margin: float = Field(0.02, gt=0, lt=1, description="success per weekly contact: no matter")
    bands: tuple[tuple[float, ...], ...] = Field(
        (), description="low, middle and high contacts a week: from, to; the last without end"
    )
    bands_written: date | None = Field(None, description="the day on which the bands were written")
    analysis_dates: tuple[date, ...] = Field((), description="days on which a verdict is issued")

    @model_validator(mode="after")
    def _whole(self) -> "SweetSpot":
        if not self.bands:
            return self
        if len(self.bands) != 3:
            raise ValueError(f"bands: there are {len(self.bands)}, give three: low, middle, high")
        if self.bands_written is None:
            raise ValueError("bands_written: say on which day the bands were written")
        edges = [edge for band in self.bands for edge in band]
        if [len(band) for band in self.bands] not in ([2, 2, 1], [2, 2, 2]):
            raise ValueError("bands: each goes from one number to another; only the last may not")
        if edges != sorted(edges):
            raise ValueError("bands: give them from low to high, without overlap")
        return self


class Comparison(Part):
    """Two groups of clients set side by side."""

    landmark_days: int = Field(
        56, gt=0, description="a support counts as received when it started by this day of the stay"
    )


class Journeys(Part):
    """The order and timing of supports."""

    support: str = Field("", description="the support whose timing is asked about")
    event: str = Field("", description="the outcome that is watched for, such as an arrest")
    landmark_days: int = Field(56, gt=0, description="the day by which early means early")
    further_landmarks: tuple[int, ...] = Field((28, 84), description="shown beside it")
    competing: tuple[str, ...] = Field((), description="exit reasons that rule the event out")


class Disclosure(Part):
    """How small numbers are protected before anything is published."""

    profile: Literal["rounded7", "ons10", "eva10", "exact", "public"] = "rounded7"
    basis: str = Field("", description="the legal basis; needed for 'exact' and 'public'")

    @model_validator(mode="after")
    def _stated(self) -> "Disclosure":
        if self.profile in ("exact", "public") and not self.basis.strip():
            raise ValueError(f"basis: the profile {self.profile!r} needs its reason in `basis`")
        return self


class Reporting(Part):
    """The calendar and the scope of reports."""

    interval: Literal["month", "quarter"] = "month"
    history: int = Field(24, ge=2, description="how many intervals a chart shows")
    measures: tuple[str, ...] = Field((), description="empty: every measure the data allow")
    notebooks: tuple[str, ...] = (
        "performance", "cohorts", "sweet_spot", "compare_my_clients", "journeys", "data_quality",
    )  # fmt: skip
    complete_from: date | None = Field(None, description="earlier records are not complete")
    start_within_days: int = Field(28, gt=0, description="a referral should lead to a start in")
    entry_within_days: int = Field(7, gt=0, description="a record should be entered in")


class Settings(Part):
    """Everything an organisation says about its records."""

    base: str = Field("", description="built-in settings to start from: 'hmis', 'oulad', 'ctn0094'")
    organisation: Organisation = Organisation()
    data: Data = Data()
    sources: dict[str, Source] = {}
    outcomes: Outcomes = Outcomes()
    contacts: Contacts = Contacts()
    exits: Exits = Exits()
    attributes: dict[str, Attribute] = {}
    measures: dict[str, Measure] = {}
    sweet_spot: SweetSpot = SweetSpot()
    comparison: Comparison = Comparison()
    journeys: Journeys = Journeys()
    disclosure: Disclosure = Disclosure()
    reporting: Reporting = Reporting()
    folder: Path = Field(Path(), exclude=True, description="set when read: the file's folder")

    @property
    def data_path(self) -> Path:
        """Where the export lies."""
        return (self.folder / self.data.path).resolve()

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


def nearest(name: str, names: Iterable[str]) -> str:
    """The end of a "there is no ..." sentence: ". Did you mean 'x'?", or what there is."""
    names = [str(each) for each in names]
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    if close:
        return f". Did you mean {close[0]!r}?"
    return f". There are: {', '.join(names)}." if names else "."


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
    named = settings.exits
    parts = (*named.disengagement, *named.completion, *named.neither)
    for reason in sorted({each for each in parts if parts.count(each) > 1}):
        yield f"exits: {reason!r} stands twice. An exit reason is one of the three."
    for reason in settings.journeys.competing:
        if reason not in parts:
            yield f"journeys.competing: {reason!r} is not under [exits]{nearest(reason, parts)}"
