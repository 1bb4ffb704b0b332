"""What an HMIS export does not tell plainly: lines of its loss report on columns and files."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import BooleanColumn, StringColumn, Table

from workbench.sources import hmis_codes as codes
from workbench.sources.hmis_files import PERSONAL, Files, cell, day
from workbench.sources.notes import when
from workbench.sources.rows import Note

_CLIENT = {"Sex": codes.SEXES, "VeteranStatus": codes.YES_NO}
_ENROLMENT = {
    "ReferralSource": codes.REFERRAL_SOURCES,
    "RelationshipToHoH": codes.RELATIONSHIPS,
    "DisablingCondition": codes.YES_NO,
}
NOT_LISTED = "is not in the federal list: left empty"
MOSTLY = 0.5  # share of records typed in before they happened, from which none is believed
EVEN = 0.8  # rarest to most frequent code, from which they look drawn at random
_HASH = r"^[0-9a-f]{32,64}$"
_SHORT_YEAR = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(\D|$)"


def clients(raw: Files) -> tuple[Note, ...]:
    """Personal columns dropped, dates that cannot be told, a `Sex` that looks filled at random."""
    rows = raw["Client"]
    return (*_columns("Client", raw), *_codes(rows, _CLIENT), *_sex(rows))


def enrolments(raw: Files) -> tuple[Note, ...]:
    """Who typed, how late, and what was read from the files about the day of entry."""
    rows = raw["Enrollment"]
    situation = cell(rows, "LivingSituation")
    unknown = situation.notin(codes.NOT_KNOWN) & ~situation.re_search(codes.SITUATION)
    return (
        *_columns("Enrollment", raw),
        *_codes(rows, _ENROLMENT),
        *when(rows, unknown, "LivingSituation", NOT_LISTED),
        *_typists(raw),
        *_entry_lag(rows),
        *_sides(raw),
    )


def exits(raw: Files, covered_to: date) -> tuple[Note, ...]:
    """Exits outside the period, destinations not in the list, and when exits were typed in."""
    rows = raw["Exit"]
    destination = cell(rows, "Destination")
    unknown = destination.notnull() & destination.notin(list(codes.DESTINATIONS))
    return (
        *_columns("Exit", raw),
        *_after(rows, "ExitDate", covered_to),
        *when(
            rows,
            unknown,
            "Destination",
            "is not in the federal list of destinations: the outcome is not known",
            "Have the destinations corrected; subsidy codes belong in DestinationSubsidyType.",
        ),
        *_stamps(rows, "ExitDate"),
    )


def contacts(file: str, raw: Files, rows: Table, column: str, covered_to: date) -> tuple[Note, ...]:
    """Contacts outside the period, and when they were typed in."""
    return (*_columns(file, raw), *_after(rows, column, covered_to), *_stamps(rows, column))


def supports(rows: Table, covered_to: date) -> tuple[Note, ...]:
    """Bed nights and payments outside the period."""
    return tuple(_after(rows, "DateProvided", covered_to))


def recorded_at(rows: Table, column: str) -> StringColumn:
    """When a record was typed in (DateCreated), where that is not before it happened.

    Where most records of a file would have been typed in before they happened, DateCreated is the
    time of something else (in exports seen: of the enrolment) and none of it is used.
    """
    created, early = _typed_early(rows, column)
    if _mostly(rows, early):
        return ibis.null("string")
    return early.ifelse(ibis.null("string"), created)


def _typed_early(rows: Table, column: str) -> tuple[StringColumn, BooleanColumn]:
    created = cell(rows, "DateCreated")
    return created, (day(created) < day(cell(rows, column))).fill_null(False)


def _mostly(rows: Table, early: BooleanColumn) -> bool:
    share = rows.aggregate(share=early.mean()).execute().share[0]
    return bool(share > MOSTLY)


def _stamps(rows: Table, column: str) -> Iterator[Note]:
    _created, early = _typed_early(rows, column)
    if _mostly(rows, early):
        problem = (
            f"is before {column} in most rows: it is not when they were typed in, "
            "so no entry lag is measured from this file"
        )
    else:
        problem = f"is before {column}: not used as the time of entry of these rows"
    yield from when(
        rows, early, "DateCreated", problem, "Ask the supplier where the time of entry is kept."
    )


def _after(rows: Table, column: str, covered_to: date) -> Iterator[Note]:
    yield from when(
        rows,
        day(cell(rows, column)) > ibis.literal(covered_to),
        column,
        f"is after ExportEndDate ({covered_to}), the last day that the export covers: "
        "kept, unless it is after the day of the export too",
        "Records are taken as complete up to ExportEndDate only.",
    )


def _columns(file: str, raw: Files) -> Iterator[Note]:
    """Columns that are not loaded: the personal ones, DateUpdated, and the rest by name."""
    rows = raw[file]
    for column in PERSONAL.get(file, ()):
        if column in rows.columns:
            value = cell(rows, column)
            found = rows.aggregate(n=value.count(), hashed=value.re_search(_HASH).sum()).execute()
            hashed = " (hashed)" if found.n[0] and found.hashed[0] == found.n[0] else ""
            yield Note(
                column, "noted", f"is personal or free text{hashed}: never loaded", int(found.n[0])
            )
    yield from when(
        rows,
        cell(rows, "DateUpdated").re_search(_SHORT_YEAR),
        "DateUpdated",
        "has a year of two digits, and day and month may stand either way round: not used",
        "Ask the supplier for dates as 2021-11-03.",
        show="DateUpdated",
    )
    if raw.unused[file]:
        yield Note(", ".join(raw.unused[file]), "noted", "is not used")


def _codes(rows: Table, lists: Mapping[str, Iterable[str]]) -> Iterator[Note]:
    """Codes that stand in no list: they are left empty, not guessed."""
    for column, listed in lists.items():
        code = cell(rows, column)
        unknown = code.notnull() & code.notin([*listed, *codes.NOT_KNOWN])
        yield from when(rows, unknown, column, NOT_LISTED)


def _sex(rows: Table) -> Iterator[Note]:
    """Known and not-known answers equally often: no one answers so, a generator does."""
    counts = rows.select(code=cell(rows, "Sex")).filter(_.code.notnull())
    found = counts.group_by("code").aggregate(n=_.count()).execute().set_index("code").n
    listed = [*codes.SEXES, *codes.NOT_KNOWN]
    if not set(listed) <= set(found.index):
        return
    least, most = found[listed].min(), found[listed].max()
    if least >= EVEN * most and least >= 50:
        yield Note(
            "Sex",
            "noted",
            "its five codes, three of them for not known, are equally frequent, "
            "as if filled in at random",
            int(found.sum()),
            advice="Do not compare clients by gender until the supplier has explained it.",
        )


def _typists(raw: Files) -> Iterator[Note]:
    """Who typed the records: not the caseworkers."""
    typists = _values(raw["Enrollment"], "UserID")
    listed = _values(raw["User"], "UserID") if "User" in raw else set()
    if typists:
        yield Note(
            "UserID",
            "noted",
            f"{len(typists)} people typed these records, {len(typists - listed)} of them are not "
            "in User.csv; who typed is not who held the case: no assignments are made from it",
            advice="Add [sources.assignments] with a file that says who held which case.",
        )


def _values(rows: Table, column: str) -> set[str]:
    return set(rows.select(value=cell(rows, column)).distinct().value.execute().dropna())


def _entry_lag(rows: Table) -> Iterator[Note]:
    """How long after the entry its record was made."""
    created, entered = day(cell(rows, "DateCreated")), day(cell(rows, "EntryDate"))
    lags = rows.select(lag=created.delta(entered, unit="day")).filter(_.lag.notnull())
    found = lags.aggregate(n=_.count(), late=_.lag.quantile(0.95)).execute()
    if found.n[0]:
        yield Note(
            "DateCreated",
            "noted",
            f"95 % of entries were typed in within {found.late[0]:.0f} days",
            int(found.n[0]),
        )


def _sides(raw: Files) -> Iterator[Note]:
    """What was read from the files of answers, which hold several stages of a stay."""
    if raw.others:
        yield Note(", ".join(raw.others), "noted", "files that are not used")
    for file in ("Export", "User"):
        if file in raw:
            yield Note(f"{file}.csv", "noted", "names, phones and e-mails in it are never loaded")
    for file in ("HealthAndDV", "IncomeBenefits", "Disabilities"):
        if file in raw:
            rows = raw[file]
            used = asked_at_entry(rows).count().execute()
            yield Note(
                f"{file}.csv",
                "noted",
                f"{used:,} of {rows.count().execute():,} rows were asked at entry and describe "
                "enrolments; rows of later stages, deleted ones and other columns are not used",
                int(used),
            )


def asked_at_entry(rows: Table) -> Table:
    """The answers of the day of entry (DataCollectionStage 1) that were not deleted."""
    stage, deleted = cell(rows, "DataCollectionStage"), cell(rows, "DateDeleted")
    return rows.filter((stage == "1") & deleted.isnull())
