"""The reader of HUD HMIS CSV exports (FY2024, FY2026): no mapping is needed.

Client -> clients; Enrollment with its project and what was asked at entry -> enrolments; Exit ->
their end and the outcome "permanent housing"; Services and CurrentLivingSituation -> contacts;
bed nights and financial assistance -> supports. `UserID` is who typed a record, not a caseworker:
assignments, consents and targets come from side files. The traps that an export itself holds are
told by `hmis_notes`.
"""

from collections.abc import Mapping
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import BooleanColumn, StringColumn, Table

from workbench.settings import Settings
from workbench.sources import hmis_codes as codes
from workbench.sources import hmis_notes as notes
from workbench.sources.hmis_files import cell, day, has, period, read
from workbench.sources.rows import Note, Staged

DATES = ("%Y-%m-%d",)
OUTCOME = "permanent housing"
DELETED = "was deleted in the case-management system"
SECOND_EXIT = "is a further exit of the same enrolment; the first in the file counts"
AHEAD = "is dated after the day of the export: taken as still enrolled"
NO_PROJECT = "is not in Project.csv: the project is shown by its number"
NOT_A_RECORD_TYPE = "is not in the federal list of record types"
NOT_A_BED_NIGHT = "is not 200, the standard's code of a bed night: read as a bed night"
NOT_A_TYPE = "is not in the federal list: read as assistance of another kind"


def stage(
    settings: Settings, con: ibis.BaseBackend
) -> tuple[list[Staged], date | None, date | None]:
    """The rows of an HMIS export (a zip or a folder), on their way to our tables.

    Returns the parts, the day the export was taken (ExportDate) and the last day that it covers
    (ExportEndDate). Raises DataError for missing files and columns, and for versions of the
    standard other than FY2024 and FY2026.
    """
    raw = read(settings.data_path, con)
    exported_on, covered_to = period(raw["Export"])
    exits = _exits(raw["Exit"])
    enrolments, clients = raw["Enrollment"], raw["Client"]
    staged = [
        Staged("clients", "Client.csv", _clients(clients), DATES, notes=notes.clients(clients)),
        Staged(
            "enrolments",
            "Enrollment.csv",
            _enrolments(raw, exits, exported_on),
            DATES,
            notes=notes.enrolments(raw),
        ),
        Staged(
            "outcomes",
            "Exit.csv",
            _outcomes(exits),
            DATES,
            notes=notes.exits(raw["Exit"], covered_to),
        ),
        *_services(raw["Services"], covered_to),
    ]
    if "CurrentLivingSituation" in raw:
        staged.append(_living_situations(raw["CurrentLivingSituation"], covered_to))
    return staged, exported_on, covered_to


def _clients(rows: Table) -> Table:
    """A person a row; a code for "not known" (8, 9, 99) is left empty."""
    if has(rows, "Sex"):
        gender = _label(cell(rows, "Sex"), codes.SEXES)
    else:
        gender = _flagged(rows, codes.GENDERS, "More than one gender")
    return rows.select(
        "_row",
        client_id=cell(rows, "PersonalID"),
        birth_date=cell(rows, "DOB"),
        gender=gender,
        ethnicity=_flagged(rows, codes.RACES, "More than one race or ethnicity"),
        veteran=_yes(cell(rows, "VeteranStatus")),
        _aside=_deleted(rows),
        _aside_column=ibis.literal("DateDeleted"),
    )


def _enrolments(raw: Mapping[str, Table], exits: Table, exported_on: date) -> Table:
    """A stay with a project a row, with its end from Exit and what was asked at entry."""
    rows = raw["Enrollment"]
    own = rows.select(
        "_row",
        enrolment_id=cell(rows, "EnrollmentID"),
        client_id=cell(rows, "PersonalID"),
        project_id=cell(rows, "ProjectID"),
        referral_source=_label(cell(rows, "ReferralSource"), codes.REFERRAL_SOURCES),
        start_date=cell(rows, "EntryDate"),
        disability=_yes(cell(rows, "DisablingCondition")),
        living_situation=_label(cell(rows, "LivingSituation")[0], codes.LIVING_SITUATIONS),
        household_relation=_label(cell(rows, "RelationshipToHoH"), codes.RELATIONSHIPS),
        _aside=_deleted(rows),
        _aside_column=ibis.literal("DateDeleted"),
    )
    ends = exits.filter(_._aside.isnull()).select(
        "enrolment_id", "exit_reason", "end_recorded_at", end_date=_.outcome_date
    )
    joined = own.left_join(_projects(raw), "project_id").drop("project_id_right")
    for side in (ends, *_at_entry(raw)):
        joined = joined.left_join(side, "enrolment_id").drop("enrolment_id_right")
    ahead = (day(joined.end_date) > ibis.literal(exported_on)).fill_null(False)
    unnamed = joined.programme.isnull() & joined.project_id.notnull()
    return joined.mutate(
        programme=joined.programme.coalesce("Project " + joined.project_id),
        end_date=ahead.ifelse(None, joined.end_date),
        exit_reason=ahead.ifelse(None, joined.exit_reason),
        end_recorded_at=ahead.ifelse(None, joined.end_recorded_at),
        _repair=ibis.cases((ahead, AHEAD), (unnamed, NO_PROJECT)),
        _repair_column=ibis.cases((ahead, "ExitDate"), (unnamed, "ProjectID")),
    ).drop("project_id")


def _projects(raw: Mapping[str, Table]) -> Table:
    """The name, the kind and the organisation of each project."""
    rows = raw["Project"]
    projects = _first_each(
        rows.select(
            "_row",
            project_id=cell(rows, "ProjectID"),
            organisation_id=cell(rows, "OrganizationID"),
            programme=cell(rows, "ProjectName"),
            project_type=_label(cell(rows, "ProjectType"), codes.PROJECT_TYPES),
        ),
        "project_id",
    )
    if "Organization" not in raw:
        return projects.drop("organisation_id")
    rows = raw["Organization"]
    organisations = _first_each(
        rows.select(
            "_row",
            organisation_id=cell(rows, "OrganizationID"),
            organisation=cell(rows, "OrganizationName"),
        ),
        "organisation_id",
    )
    named = projects.left_join(organisations, "organisation_id")
    return named.drop("organisation_id", "organisation_id_right")


def _at_entry(raw: Mapping[str, Table]) -> list[Table]:
    """What was asked when the client entered, one row an enrolment; yes where any answer is."""
    asked = []
    for file, column, name in (
        ("HealthAndDV", "DomesticViolenceSurvivor", "domestic_violence"),
        ("IncomeBenefits", "IncomeFromAnySource", "income_any"),
    ):
        if file in raw:
            rows = notes.asked_at_entry(raw[file])
            answers = rows.select(
                enrolment_id=cell(rows, "EnrollmentID"), answer=_yes(cell(rows, column))
            )
            asked.append(answers.group_by("enrolment_id").aggregate(**{name: _.answer.any()}))
    if "Disabilities" in raw:
        rows = notes.asked_at_entry(raw["Disabilities"])
        answers = rows.select(
            enrolment_id=cell(rows, "EnrollmentID"),
            kind=cell(rows, "DisabilityType"),
            answer=_yes(cell(rows, "DisabilityResponse"), ("1", "2", "3")),
        )
        asked.append(
            answers.group_by("enrolment_id").aggregate(
                **{name: _.answer.any(where=_.kind == k) for k, name in codes.DISABILITIES.items()}
            )
        )
    return asked


def _exits(rows: Table) -> Table:
    """An exit a row: the end of an enrolment and what it means for its outcome."""
    destination = cell(rows, "Destination")
    deleted = _deleted(rows)
    place = ibis.row_number().over(
        group_by=[cell(rows, "EnrollmentID"), deleted.isnull()], order_by="_row"
    )
    status = ibis.cases(
        (destination.isin(codes.PERMANENT_HOUSING), "achieved"),
        (destination.isnull() | destination.isin(codes.DESTINATION_NOT_KNOWN), "not known"),
        (destination.isin(list(codes.DESTINATIONS)), "not achieved"),
        else_="not known",
    )
    reason = ibis.cases(
        (destination.isnull(), codes.NO_DESTINATION),
        *((destination == code, label) for code, label in codes.DESTINATIONS.items()),
        else_=codes.NOT_A_DESTINATION,
    )
    return rows.select(
        "_row",
        enrolment_id=cell(rows, "EnrollmentID"),
        outcome_date=cell(rows, "ExitDate"),
        status=status,
        exit_reason=reason,
        end_recorded_at=notes.recorded_at(rows, "ExitDate"),
        _aside=ibis.cases((deleted.notnull(), deleted), (place > 0, SECOND_EXIT)),
        _aside_column=ibis.cases((deleted.notnull(), "DateDeleted"), (place > 0, "EnrollmentID")),
    )


def _outcomes(exits: Table) -> Table:
    """The outcome "permanent housing" of each exit."""
    return exits.mutate(outcome=ibis.literal(OUTCOME), recorded_at=exits.end_recorded_at).drop(
        "exit_reason", "end_recorded_at"
    )


def _services(rows: Table, covered_to: date) -> list[Staged]:
    """Services.csv, each row to one of two tables; records of other kinds are set aside."""
    is_support = cell(rows, "RecordType").isin(list(codes.SUPPORT_RECORDS)).fill_null(False)
    contacts, supports = rows.filter(~is_support), rows.filter(is_support)
    return [
        Staged(
            table,
            "Services.csv",
            staged,
            DATES,
            notes=notes.events("Services", part, "DateProvided", covered_to),
        )
        for table, staged, part in (
            ("contacts", _service_contacts(contacts), contacts),
            ("supports", _supports(supports), supports),
        )
    ]


def _service_contacts(rows: Table) -> Table:
    """A service or referral a row: HMIS records only contacts that took place."""
    record = cell(rows, "RecordType")
    deleted = _deleted(rows)
    not_used = ibis.cases(
        (record.isin(list(codes.CONTACT_RECORDS)), None),
        *(
            (record == code, f"{code} ({label}) feeds no table")
            for code, label in codes.UNUSED_RECORDS.items()
        ),
        else_=NOT_A_RECORD_TYPE,
    )
    return rows.select(
        "_row",
        contact_id=cell(rows, "ServicesID"),
        enrolment_id=cell(rows, "EnrollmentID"),
        contact_date=cell(rows, "DateProvided"),
        channel=_label(record, codes.CONTACT_RECORDS),
        attended=ibis.literal(True),
        recorded_at=notes.recorded_at(rows, "DateProvided"),
        _aside=ibis.coalesce(deleted, not_used),
        _aside_column=deleted.notnull().ifelse("DateDeleted", "RecordType"),
    )


def _living_situations(rows: Table, covered_to: date) -> Staged:
    """A conversation on the street a row: a contact of its own kind."""
    contacts = rows.select(
        "_row",
        contact_id="CLS " + cell(rows, "CurrentLivingSitID"),
        enrolment_id=cell(rows, "EnrollmentID"),
        contact_date=cell(rows, "InformationDate"),
        channel=ibis.literal("Current living situation"),
        attended=ibis.literal(True),
        recorded_at=notes.recorded_at(rows, "InformationDate"),
        _aside=_deleted(rows),
        _aside_column=ibis.literal("DateDeleted"),
    )
    return Staged(
        "contacts",
        "CurrentLivingSituation.csv",
        contacts,
        DATES,
        notes=notes.events("CurrentLivingSituation", rows, "InformationDate", covered_to),
    )


def _supports(rows: Table) -> Table:
    """A bed night or a payment a row, with the days that the payment is for."""
    record, kind = cell(rows, "RecordType"), cell(rows, "TypeProvided")
    provided = cell(rows, "DateProvided")
    bed_night = record == codes.BED_NIGHT
    labelled = ibis.cases(
        (bed_night, codes.SUPPORT_RECORDS[codes.BED_NIGHT]),
        *(
            ((record == code) & (kind == number), label)
            for code, kinds in codes.FINANCIAL_ASSISTANCE.items()
            for number, label in kinds.items()
        ),
    )
    return rows.select(
        "_row",
        enrolment_id=cell(rows, "EnrollmentID"),
        support=labelled.coalesce(codes.OTHER_ASSISTANCE),
        start_date=cell(rows, "FAStartDate").coalesce(provided),
        end_date=cell(rows, "FAEndDate").coalesce(provided),
        _aside=_deleted(rows),
        _aside_column=ibis.literal("DateDeleted"),
        _repair=ibis.cases(
            (bed_night & kind.notnull() & (kind != codes.BED_NIGHT), NOT_A_BED_NIGHT),
            (labelled.isnull(), NOT_A_TYPE),
        ),
        _repair_column=ibis.literal("TypeProvided"),
    )


def _deleted(rows: Table) -> StringColumn:
    return cell(rows, "DateDeleted").notnull().ifelse(DELETED, None)


def _label(code: StringColumn, labels: Mapping[str, str]) -> StringColumn:
    """What a code means; empty where it means that it is not known."""
    return ibis.cases(*((code == each, label) for each, label in labels.items()))


def _yes(code: StringColumn, yes: tuple[str, ...] = ("1",)) -> BooleanColumn:
    return ibis.cases((code.isin(yes), True), (code == "0", False))


def _flagged(rows: Table, labels: Mapping[str, str], several: str) -> StringColumn:
    """The one label whose column holds 1, or that there are several."""
    flags = [
        ((cell(rows, column) == "1").fill_null(False), label)
        for column, label in labels.items()
        if has(rows, column)
    ]
    count = sum((flag.cast("int8") for flag, _label in flags), ibis.literal(0, "int8"))
    return ibis.cases((count > 1, several), *flags, else_=None)


def _first_each(rows: Table, key: str) -> Table:
    """The first row in the file of each key."""
    place = ibis.row_number().over(group_by=key, order_by="_row")
    return rows.filter(place == 0).drop("_row")
