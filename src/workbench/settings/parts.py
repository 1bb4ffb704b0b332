"""The parts of the settings that say what the records mean and how they are published."""

import difflib
from collections.abc import Iterable
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.tables import TABLES

Text = str | list[str]
Direction = Literal["up", "down"]


def nearest(name: str, names: Iterable[str]) -> str:
    """The end of a "there is no ..." sentence: ". Did you mean 'x'?", or what there is."""
    names = [str(each) for each in names]
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    if close:
        return f". Did you mean {close[0]!r}?"
    return f". There are: {', '.join(names)}." if names else "."


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
        "performance", "cohorts", "sweet_spot", "compare_my_clients", "journeys", "disengagement",
        "segments", "data_quality",
    )  # fmt: skip
    complete_from: date | None = Field(None, description="earlier records are not complete")
    start_within_days: int = Field(28, gt=0, description="a referral should lead to a start in")
    entry_within_days: int = Field(7, gt=0, description="a record should be entered in")
    step_seconds: int = Field(600, gt=0, description="the longest that a step of a notebook takes")
