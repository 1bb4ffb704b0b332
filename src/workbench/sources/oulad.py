"""The reader of the Open University Learning Analytics Dataset (Kuzilek et al. 2017).

A student is a client, a module's presentation a programme, a registration an enrolment, a day
with clicks a contact, and unregistering the way people drift off. Days are counted from a
presentation's first day and become dates. Marks (studentAssessment) are not loaded: different
papers are not one scale read twice.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import ibis
from ibis import _
from ibis.expr.types import BooleanValue, DateValue, IntegerValue, StringValue, Table

from workbench.errors import DataError
from workbench.settings import Settings
from workbench.sources.notes import when
from workbench.sources.rows import Coverage, Note, Staged

FIRST_DAYS = {
    "2013B": "2013-02-01",
    "2013J": "2013-10-01",
    "2014B": "2014-02-01",
    "2014J": "2014-10-01",
}
KEY = ["code_module", "code_presentation", "id_student"]
FILES = {
    "courses": ("code_module", "code_presentation", "module_presentation_length"),
    "studentInfo": (
        *KEY,
        "gender",
        "region",
        "highest_education",
        "imd_band",
        "age_band",
        "num_of_prev_attempts",
        "studied_credits",
        "disability",
        "final_result",
    ),
    "studentRegistration": (*KEY, "date_registration", "date_unregistration"),
    "studentVle": (*KEY, "date"),
}
ENDINGS = (".parquet", ".csv", ".csv.gz")
FURTHER = "is a further registration of a student: one client"
NO_PERCENT = "lacks its %: read with it"
NO_DAY = "is empty although the student withdrew: taken as gone by the presentation's last day"
STAYED = "is there although the student did not withdraw: taken as gone on that day"
BEFORE = "is on or before the presentation's first day: referred, never started"
LATE = "is after the presentation's first day: started on the day of registration"
CLICKS = "is a further row of clicks of a student on a day: one contact"


def stage(settings: Settings, con: ibis.BaseBackend) -> tuple[list[Staged], Coverage]:
    """The registrations and days of clicks of the data set, on their way to our tables.

    Returns the parts, and the last day of the last presentation. Raises DataError for files,
    columns and presentations that are missing or not known.
    """
    paths = _paths(settings.data_path)
    raw = {name: _read(name, path, con) for name, path in paths.items()}
    rows = _registrations(raw)
    info, clicks = paths["studentInfo"].name, raw["studentVle"]
    days = _days(clicks, paths["studentVle"])
    staged = [
        Staged("clients", info, _clients(rows), notes=_about_clients(rows)),
        Staged(
            "enrolments",
            info,
            _enrolments(rows),
            notes=_about_enrolments(rows, raw["studentRegistration"]),
        ),
        Staged("outcomes", info, _outcomes(rows)),
        Staged(
            "contacts",
            paths["studentVle"].name,
            _contacts(days),
            notes=_about_clicks(clicks, days),
        ),
    ]
    return staged, Coverage(complete_to=rows.last_day.max().execute().date())


def _paths(folder: Path) -> dict[str, Path]:
    """Where each file lies, as Parquet, CSV or packed CSV."""
    found = {
        name: next((p for end in ENDINGS if (p := folder / f"{name}{end}").is_file()), None)
        for name in FILES
    }
    if missing := [name for name, path in found.items() if path is None]:
        raise DataError(
            *(
                f"{name}: there is no {name}.csv (or .csv.gz, .parquet) in the folder of the data. "
                "Unpack the data set there, or set path under [data]."
                for name in missing
            )
        )
    return {name: path for name, path in found.items() if path is not None}


def _read(name: str, path: Path, con: ibis.BaseBackend) -> Table:
    """A file with `_row`: the clicks lazily and as they are, all others as text."""
    try:
        if path.suffix == ".parquet":
            rows = con.read_parquet(path, file_row_number=True)
            rows = rows.mutate(_row=_.file_row_number + 2)
        else:
            rows = con.read_csv(path, all_varchar=True, header=True, nullstr=["", "?"])
            rows = rows.mutate(_row=ibis.row_number() + 2)
        if missing := [each for each in FILES[name] if each not in rows.columns]:
            raise DataError(
                f"{path.name}: there is no column {', '.join(missing)}. "
                "Take the file as it is published."
            )
        if name == "studentVle":
            return rows.select("_row", *FILES[name])
        return rows.select("_row", **{each: _[each].cast("string") for each in FILES[name]}).cache()
    except duckdb.Error:
        raise _unreadable(path) from None


def _days(clicks: Table, path: Path) -> Table:
    """A student's day with clicks a row, in one pass over the clicks."""
    try:
        return clicks.group_by([*KEY, "date"]).aggregate(_row=_._row.min()).cache()
    except duckdb.Error:
        raise _unreadable(path) from None


def _unreadable(path: Path) -> DataError:
    return DataError(
        f"{path.name}: this cannot be read as {path.suffixes[0].removeprefix('.')}. "
        "Take the file as it is published; perhaps it was not copied whole."
    )


def _registrations(raw: Mapping[str, Table]) -> Table:
    """A registration a row, with the days of its presentation as dates."""
    lengths = _first(raw["courses"], KEY[:2]).drop("_row")
    days = _first(raw["studentRegistration"], KEY).drop("_row")
    rows = _joined(_joined(raw["studentInfo"], lengths, KEY[:2]), days, KEY).mutate(
        first_day=_.code_presentation.cases(*FIRST_DAYS.items()).cast("date"),
        registered=_.date_registration.try_cast("int32"),
        left=_.date_unregistration.try_cast("int32"),
        withdrew=(_.final_result == "Withdrawn").fill_null(False),
    )
    rows = rows.mutate(
        last_day=_after(rows.first_day, rows.module_presentation_length.try_cast("int32"))
    )
    rows = rows.cache()
    if not rows.count().execute():
        raise DataError("studentInfo: there are no registrations in it. Take it as published.")
    unknown = rows.filter(_.last_day.isnull()).select(p=_.code_module + " " + _.code_presentation)
    if names := sorted(unknown.distinct().p.execute()):
        raise DataError(
            f"studentInfo: code_presentation: first day or length of {', '.join(names[:5])} is not "
            f"known, {len(names)} in all. First days are known of {', '.join(FIRST_DAYS)}, lengths "
            "are read from courses."
        )
    return rows


def _joined(rows: Table, other: Table, key: list[str]) -> Table:
    return rows.left_join(other, key).drop(*(f"{each}_right" for each in key))


def _first(rows: Table, key: list[str]) -> Table:
    place = ibis.row_number().over(group_by=key, order_by="_row")
    return rows.filter(place == 0)


def _after(first_day: DateValue, days: IntegerValue) -> DateValue:
    return (first_day + days.as_interval("D")).cast("date")


def _clients(rows: Table) -> Table:
    """A student a row: as the first registration in the file has it."""
    rows = _first(rows, ["id_student"])
    unmarked = _unmarked(rows)
    return rows.select(
        "_row",
        "age_band",
        "region",
        client_id=rows.id_student,
        gender=rows.gender.cases(("F", "Female"), ("M", "Male"), else_=rows.gender),
        education=rows.highest_education,
        imd_band=unmarked.ifelse(rows.imd_band + "%", rows.imd_band),
        disability=rows.disability.cases(("Y", True), ("N", False)),
        _repair=unmarked.ifelse(NO_PERCENT, None),
        _repair_column=ibis.literal("imd_band"),
    )


def _enrolments(rows: Table) -> Table:
    """A registration a row: it starts on the presentation's first day, or when made later."""
    no_day, stayed = _no_day(rows), _stayed(rows)
    registered = _after(rows.first_day, rows.registered)
    late = (rows.registered > 0).fill_null(False)
    never = _never(rows)
    return rows.select(
        "_row",
        enrolment_id=_enrolment(rows),
        client_id=rows.id_student,
        programme=rows.code_module + " " + rows.code_presentation,
        referral_date=registered,
        decline_reason=never.ifelse("withdrew before the start", None),
        start_date=ibis.cases((never, None), (late, registered), else_=rows.first_day),
        end_date=_gone(rows),
        exit_reason=ibis.cases(
            (no_day, "withdrawn, day not known"),
            (stayed, rows.final_result.lower() + ", unregistered"),
            else_=rows.final_result.lower(),
        ),
        previous_attempts=rows.num_of_prev_attempts,
        credits=rows.studied_credits,
        _repair=ibis.cases((no_day, NO_DAY), (stayed, STAYED)),
        _repair_column=ibis.literal("date_unregistration"),
    )


def _outcomes(rows: Table) -> Table:
    """The outcome "pass" of each registration, on the day it ended."""
    return rows.select(
        "_row",
        enrolment_id=_enrolment(rows),
        outcome=ibis.literal("pass"),
        outcome_date=_gone(rows),
        status=rows.final_result.cases(
            ("Pass", "achieved"),
            ("Distinction", "achieved"),
            ("Fail", "not achieved"),
            ("Withdrawn", "not achieved"),
            else_="not known",
        ),
    )


def _contacts(days: Table) -> Table:
    """A student's day with clicks a row."""
    first_day = days.code_presentation.cases(*FIRST_DAYS.items()).cast("date")
    return days.select(
        "_row",
        enrolment_id=_enrolment(days),
        contact_date=_after(first_day, days.date.try_cast("int32")),
        channel=ibis.literal("online"),
        attended=ibis.literal(True),
    )


def _enrolment(rows: Table) -> StringValue:
    return rows.code_module + "-" + rows.code_presentation + "-" + rows.id_student.cast("string")


def _gone(rows: Table) -> DateValue:
    """The day a registration ended: unregistered, or with the presentation."""
    return _after(rows.first_day, rows.left).coalesce(rows.last_day)


def _never(rows: Table) -> BooleanValue:
    return (rows.left <= 0).fill_null(False)


def _no_day(rows: Table) -> BooleanValue:
    return rows.withdrew & rows.left.isnull()


def _stayed(rows: Table) -> BooleanValue:
    return ~rows.withdrew & rows.left.notnull()


def _unmarked(rows: Table) -> BooleanValue:
    return rows.imd_band.notnull() & ~rows.imd_band.endswith("%")


def _about_clients(rows: Table) -> tuple[Note, ...]:
    several = rows.group_by("id_student").aggregate(ages=_.age_band.nunique(), _row=_._row.min())
    further = int(rows.count().execute() - several.count().execute())
    return (
        Note("id_student", "loaded", FURTHER, further),
        *when(rows, rows.imd_band.isnull(), "imd_band", "is blank in registrations: not known"),
        *when(rows, _unmarked(rows), "imd_band", "lacks its % in registrations: read with it"),
        *when(
            several,
            several.ages > 1,
            "age_band",
            "differs between a student's registrations: the first in the file counts",
        ),
    )


def _about_enrolments(rows: Table, days: Table) -> tuple[Note, ...]:
    alone = days.anti_join(rows, KEY)
    length = rows.module_presentation_length.try_cast("int32")
    day, registered = "date_unregistration", "date_registration"
    unread_day = rows.left.isnull() & rows[day].notnull()
    unread_registered = rows.registered.isnull() & rows[registered].notnull()
    return (
        *when(rows, unread_day, day, "is not a number of days: taken as empty"),
        *when(rows, unread_registered, registered, "is not a number of days: taken as empty"),
        *when(rows, _never(rows), day, BEFORE),
        *when(rows, rows.left > length, day, "is after the presentation's end: kept"),
        *when(rows, rows.registered > 0, registered, LATE),
        *when(rows, rows[registered].isnull(), registered, "is empty: day of referral not known"),
        *when(alone, ibis.literal(True), "studentRegistration", "rows have no student: not used"),
        Note("assessments, studentAssessment", "noted", "marks of different papers: not used"),
    )


def _about_clicks(clicks: Table, days: Table) -> tuple[Note, ...]:
    merged = int(clicks.count().execute() - days.count().execute())
    return (
        Note("date", "loaded", CLICKS, merged),
        Note("sum_click, id_site", "noted", "is not used: how many clicks and where"),
    )
