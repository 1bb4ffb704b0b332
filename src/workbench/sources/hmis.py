"""The reader of HUD HMIS CSV exports (FY2024, FY2026): no mapping is needed.

Client -> clients; Enrollment with its project and what was asked at entry -> enrolments; Exit ->
their end and the outcome "permanent housing"; Services and CurrentLivingSituation -> contacts;
bed nights and financial assistance -> supports. `UserID` is who typed a record, not a caseworker:
assignments, consents and targets come from side files. The traps that an export itself holds are
told by `hmis_notes`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import ibis
from ibis import _
from ibis.expr.types import BooleanValue, StringValue, Table

from workbench.settings import Settings
from workbench.sources import hmis_codes as codes
from workbench.sources import hmis_notes as notes
from workbench.sources.hmis_files import Files, cell, day, period, read
from workbench.sources.rows import Coverage, Staged

DATES = ("%Y-%m-%d",)
OUTCOME = "permanent housing"
DELETED = "was deleted in the case-management system"
SECOND_EXIT = "is a further exit of the same enrolment; the first in the file counts"
AHEAD = "is dated after the day of the export: taken as still enrolled"
NO_PROJECT = "is not in Project.csv: the project is shown by its number"
NOT_A_RECORD_TYPE = "is not in the federal list of record types"
NOT_A_BED_NIGHT = "is not 200, the standard's code of a bed night: read as a bed night"
NOT_A_TYPE = "is not in the federal list: read as assistance of another kind"


def stage(settings: Settings, con: ibis.BaseBackend) -> tuple[list[Staged], Coverage]:
    """The rows of an HMIS export (a zip or a folder), on their way to our tables.

    Returns the parts, and the day the export was taken (ExportDate) with the days that it covers
    (ExportStartDate, ExportEndDate). Raises DataError for missing files and columns, and for
    versions of the standard other than FY2024 and FY2026.
    """
    beside = [file for each in settings.sources.values() for file in _listed(each.file)]
    raw = read(settings.data_path, con, beside)
    exported_on, covered_from, covered_to = period(raw["Export"])
    exits = _exits(raw["Exit"])
    staged = [
        Staged("clients", "Client.csv", _clients(raw["Client"]), DATES, notes=notes.clients(raw)),
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
            notes=notes.exits(raw, covered_to),
        ),
        *_services(raw, covered_to),
    ]
    if "CurrentLivingSituation" in raw:
        staged.append(_living_situations(raw, covered_to))
    return [replace(each, rows=each.rows.cache()) for each in staged], Coverage(
        exported_on, covered_from, covered_to
    )


def _clients(rows: Table) -> Table:
    """A person a row; a code for "not known" (8, 9, 99) is left empty."""
    return rows.select(
        "_row",
        client_id=cell(rows, "PersonalID"),
        birth_date=cell(rows, "DOB"),
        gender=_label(cell(rows, "Sex"), codes.SEXES).coalesce(
            _flagged(rows, codes.GENDERS, "More than one gender")
        ),
        ethnicity=_flagged(rows, codes.RACES, "More than one race or ethnicity"),
        veteran=_yes(cell(rows, "VeteranStatus")),
        **_aside(rows),
    )


def _enrolments(raw: Files, exits: Table, exported_on: date) -> Table:
    """A stay with a project a row, with its end from Exit and what was asked at entry."""
    rows = raw["Enrollment"]
    own = rows.select(
        "_row",
        enrolment_id=cell(rows, "EnrollmentID"),
        client_id=cell(rows, "PersonalID"),
        project_id=cell(rows, "ProjectID"),
        referral_source=_label(cell(rows, "ReferralSource"), codes.REFERRAL_SOURCES),
        start_date=cell(rows, "EntryDate"),
        recorded_at=notes.recorded_at(rows, "EntryDate"),
        disability=_yes(cell(rows, "DisablingCondition")),
        living_situation=_label(
            cell(rows, "LivingSituation").re_extract(codes.SITUATION, 1), codes.LIVING_SITUATIONS
        ),
        household_relation=_label(cell(rows, "RelationshipToHoH"), codes.RELATIONSHIPS),
        **_aside(rows),
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


def _projects(raw: Files) -> Table:
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


def _at_entry(raw: Files) -> list[Table]:
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
    deleted = cell(rows, "DateDeleted").notnull()
    enrolment = cell(rows, "EnrollmentID")
    place = ibis.row_number().over(group_by=[enrolment, deleted], order_by="_row")
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
        enrolment_id=enrolment,
        outcome_date=cell(rows, "ExitDate"),
        status=status,
        exit_reason=reason,
        end_recorded_at=notes.recorded_at(rows, "ExitDate"),
        **_aside(rows, ((place > 0) & enrolment.notnull(), "EnrollmentID", SECOND_EXIT)),
    )


def _outcomes(exits: Table) -> Table:
    """The outcome "permanent housing" of each exit."""
    return exits.mutate(outcome=ibis.literal(OUTCOME), recorded_at=exits.end_recorded_at).drop(
        "exit_reason", "end_recorded_at"
    )


def _services(raw: Files, covered_to: date) -> list[Staged]:
    """Services.csv, each row to one of two tables; records of other kinds are set aside."""
    rows = raw["Services"]
    is_support = cell(rows, "RecordType").isin(list(codes.SUPPORT_RECORDS)).fill_null(False)
    contacts, supports = rows.filter(~is_support), rows.filter(is_support)
    about = notes.contacts("Services", raw, contacts, "DateProvided", covered_to)
    return [
        Staged("contacts", "Services.csv", _service_contacts(contacts), DATES, notes=about),
        Staged(
            "supports",
            "Services.csv",
            _supports(supports),
            DATES,
            notes=notes.supports(supports, covered_to),
        ),
    ]


def _service_contacts(rows: Table) -> Table:
    """A service or referral a row: HMIS records only contacts that took place."""
    record = cell(rows, "RecordType")
    not_used = record.cases(
        *(
            (code, f"{code} ({label}) feeds no table")
            for code, label in codes.UNUSED_RECORDS.items()
        ),
        else_=NOT_A_RECORD_TYPE,
    )
    other = record.isnull() | record.notin(list(codes.CONTACT_RECORDS))
    return rows.select(
        "_row",
        contact_id=cell(rows, "ServicesID"),
        enrolment_id=cell(rows, "EnrollmentID"),
        contact_date=cell(rows, "DateProvided"),
        channel=_label(record, codes.CONTACT_RECORDS),
        attended=ibis.literal(True),
        recorded_at=notes.recorded_at(rows, "DateProvided"),
        **_aside(rows, (other, "RecordType", not_used)),
    )


def _living_situations(raw: Files, covered_to: date) -> Staged:
    """A conversation on the street a row: a contact of its own kind."""
    rows = raw["CurrentLivingSituation"]
    contacts = rows.select(
        "_row",
        contact_id="CLS " + cell(rows, "CurrentLivingSitID"),
        enrolment_id=cell(rows, "EnrollmentID"),
        contact_date=cell(rows, "InformationDate"),
        channel=ibis.literal("Current living situation"),
        attended=ibis.literal(True),
        recorded_at=notes.recorded_at(rows, "InformationDate"),
        **_aside(rows),
    )
    return Staged(
        "contacts",
        "CurrentLivingSituation.csv",
        contacts,
        DATES,
        notes=notes.contacts("CurrentLivingSituation", raw, rows, "InformationDate", covered_to),
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
        **_aside(rows),
        _repair=ibis.cases(
            (bed_night & kind.notnull() & (kind != codes.BED_NIGHT), NOT_A_BED_NIGHT),
            (labelled.isnull(), NOT_A_TYPE),
        ),
        _repair_column=ibis.literal("TypeProvided"),
    )


def _listed(files: str | list[str]) -> list[str]:
    return [files] if isinstance(files, str) else files


def _aside(
    rows: Table, *further: tuple[BooleanValue, str, str | StringValue]
) -> dict[str, StringValue]:
    """Why the reader sets rows aside: ragged, deleted, or for a further reason."""
    reasons = [
        (rows._aside.notnull(), "", rows._aside),
        (cell(rows, "DateDeleted").notnull(), "DateDeleted", DELETED),
        *further,
    ]
    return {
        "_aside": ibis.cases(*((test, sentence) for test, _column, sentence in reasons)),
        "_aside_column": ibis.cases(*((test, column) for test, column, _sentence in reasons)),
    }


def _label(code: StringValue, labels: Mapping[str, str]) -> StringValue:
    """What a code means; empty where it means that it is not known."""
    return ibis.cases(*((code == each, label) for each, label in labels.items()))


def _yes(code: StringValue, yes: tuple[str, ...] = ("1",)) -> BooleanValue:
    return ibis.cases((code.isin(yes), True), (code == "0", False))


def _flagged(rows: Table, labels: Mapping[str, str], several: str) -> StringValue:
    """The one label whose column holds 1, or that there are several."""
    flags = [
        ((cell(rows, column) == "1").fill_null(False), label) for column, label in labels.items()
    ]
    count = sum((flag.cast("int8") for flag, _label in flags), ibis.literal(0, "int8"))
    return ibis.cases((count > 1, several), *flags, else_=None)


def _first_each(rows: Table, key: str) -> Table:
    """The first row in the file of each key."""
    place = ibis.row_number().over(group_by=key, order_by="_row")
    return rows.filter(place == 0).drop("_row")
