"""The files of an HMIS export: found by name, headers matched by normalised name, all text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import ibis
from ibis.expr.types import DateValue, StringValue, Table

from workbench.errors import DataError
from workbench.sources import archive, text
from workbench.sources import hmis_codes as codes

VERSIONS = ("2024", "2026")
NEEDED = {  # without these an export cannot be read
    "Export": ("ExportDate", "ExportEndDate"),
    "Client": ("PersonalID",),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    "Exit": ("EnrollmentID", "ExitDate", "Destination"),
    "Project": ("ProjectID", "ProjectName"),
    "Services": ("ServicesID", "EnrollmentID", "DateProvided", "RecordType"),
}
WELCOME = {  # read where they are there
    "Organization": ("OrganizationID", "OrganizationName"),
    "User": ("UserID",),
    "CurrentLivingSituation": ("CurrentLivingSitID", "EnrollmentID", "InformationDate"),
    "HealthAndDV": ("EnrollmentID", "DomesticViolenceSurvivor", "DataCollectionStage"),
    "IncomeBenefits": ("EnrollmentID", "IncomeFromAnySource", "DataCollectionStage"),
    "Disabilities": (
        "EnrollmentID",
        "DisabilityType",
        "DisabilityResponse",
        "DataCollectionStage",
    ),
}
ALSO = {  # columns read where they are there
    "Client": ("DOB", "VeteranStatus", "Sex", *codes.GENDERS, *codes.RACES),
    "Enrollment": (
        "ReferralSource",
        "DisablingCondition",
        "LivingSituation",
        "RelationshipToHoH",
    ),
    "Export": ("CSVVersion", "ExportStartDate"),
    "Project": ("OrganizationID", "ProjectType"),
    "Services": ("TypeProvided", "FAStartDate", "FAEndDate"),
}
EVERYWHERE = ("DateCreated", "DateUpdated", "DateDeleted", "UserID", "ExportID")
PERSONAL = {  # names, numbers and free text: counted, never loaded
    "Client": (
        "FirstName",
        "MiddleName",
        "LastName",
        "NameSuffix",
        "SSN",
        "AdditionalRaceEthnicity",
        "DifferentIdentityText",
    ),
    "Enrollment": ("SexualOrientationOther", "PreferredLanguageDifferent"),
    "Exit": ("OtherDestination",),
    "Services": ("OtherTypeProvided", "MovingOnOtherType"),
    "CurrentLivingSituation": ("VerifiedBy", "LocationDetails"),
}


@dataclass(frozen=True)
class Files:
    """The files of an export that we use, by name without ".csv".

    `rows` holds text under the standard's own names of columns (empty where a file lacks one),
    `_row`, and `_aside` (a sentence where a row cannot be cut into cells). Personal columns are
    there to be counted only. `unused` holds the headers of each file that are not read, and
    `others` the names of the files that are not.
    """

    rows: Mapping[str, Table]
    unused: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...]

    def __getitem__(self, file: str) -> Table:
        return self.rows[file]

    def __contains__(self, file: str) -> bool:
        return file in self.rows


def read(path: Path, con: ibis.BaseBackend, elsewhere: Sequence[str] = ()) -> Files:
    """The files that we use, out of a zip or a folder; their columns in any order and letter case.

    `elsewhere` are names or patterns of files that something else reads.

    Raises DataError with every file and column that is missing, and for a version of the standard
    that is neither FY2024 nor FY2026.
    """
    rows, unused = {}, {}
    problems: list[str] = []
    with archive.opened(path) as export:
        names = {PurePosixPath(each).name for each in export.files}
        known = [*(f"{file}.csv" for file in (*NEEDED, *WELCOME)), *elsewhere]
        others = tuple(sorted(each for each in names if not _matches(each, known)))
        for file in (*NEEDED, *WELCOME):
            if file in NEEDED or any(_matches(each, [f"{file}.csv"]) for each in names):
                try:
                    found = export.path(export.matching(f"{file}.csv")[0])
                    rows[file], unused[file] = _text(file, found, con)
                except DataError as problem:
                    problems += problem.problems
    if problems:
        raise DataError(*problems)
    _check_version(rows["Export"])
    return Files(rows, unused, others)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a file's name is one of these, or fits one of these patterns."""
    return any(fnmatch(name.casefold(), PurePosixPath(each).name.casefold()) for each in patterns)


def _text(file: str, path: Path, con: ibis.BaseBackend) -> tuple[Table, tuple[str, ...]]:
    head = text.head(path, delimiter=",", name=f"{file}.csv")
    headers: dict[str, str] = {}
    for header in head.headers:
        headers.setdefault(text.normal(header), header)
    needed = (NEEDED | WELCOME)[file]
    if lacking := [each for each in needed if text.normal(each) not in headers]:
        raise DataError(
            f"{file}.csv: there is no column {', '.join(lacking)}, which the HMIS CSV standard "
            "requires. Export the files again without changing their headers."
        )
    ours = (*needed, *ALSO.get(file, ()), *EVERYWHERE)
    wanted = {
        each: headers.pop(text.normal(each))
        for each in (*ours, *PERSONAL.get(file, ()))
        if text.normal(each) in headers
    }
    rows, _head = text.read(path, head, wanted, con, f"{file}.csv")
    absent = [each for each in (*ours, "_aside") if each not in rows.columns]
    rows = rows.mutate(**dict.fromkeys(absent, ibis.null("string")))
    return rows.cache(), tuple(headers.values())


def _check_version(export: Table) -> None:
    version = export.select(it=cell(export, "CSVVersion")).it.execute().dropna()
    if len(version) and not version[0].startswith(VERSIONS):
        raise DataError(
            f"Export.csv: CSVVersion: version {version[0][:20]!r} of the HMIS CSV standard has "
            f"other codes; only FY{' and FY'.join(VERSIONS)} can be read. "
            "Ask the supplier for an export in one of these."
        )


def period(export: Table) -> tuple[date, date | None, date]:
    """The day on which the export was taken, and the first and last day that it covers."""
    names = ("ExportDate", "ExportStartDate", "ExportEndDate")
    there = [name for name in names if name in export.columns]
    found = export.select(**{name: day(cell(export, name)) for name in there})
    rows = found.limit(1).to_pyarrow().to_pylist()
    days: dict[str, date | None] = dict.fromkeys(names) | (rows[0] if rows else {})
    taken, covered_to = days["ExportDate"], days["ExportEndDate"]
    if taken is None or covered_to is None:
        raise DataError(
            *(
                f"Export.csv: {column}: there is no date as 2026-03-31 in it, so that no one can "
                "tell up to when the records are complete. Export the files again."
                for column in ("ExportDate", "ExportEndDate")
                if days[column] is None
            )
        )
    return taken, days["ExportStartDate"], covered_to


def cell(rows: Table, column: str) -> StringValue:
    """A column's text, trimmed, and empty where there is none."""
    return rows[column].strip().nullif("")


def day(moment: StringValue) -> DateValue:
    """The day of a date or moment as the standard writes it (2021-11-03 ...); else empty."""
    iso = moment.re_search(r"^\d{4}-\d{2}-\d{2}")
    return iso.ifelse(moment.left(10), None).try_cast("date")
