"""How the case-management system exports the charity: its files, headers, codes and text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.sample.dice import Dice
from workbench.sample.people import particulars

MOMENTS = ("contact_date", "recorded_at", "end_recorded_at")
CODES: dict[str, dict[str, str]] = {
    "channel": {
        "face to face": "F2F",
        "phone": "TEL",
        "video": "VID",
        "text": "SMS",
        "administrative note": "ADM",
    },
    "gender": {"Female": "F", "Male": "M", "Non-binary": "NB"},
    "status": {"achieved": "Yes", "not achieved": "No", "not known": "Unknown"},
}
CONTACT_NOTES = (
    "Client upbeat, photos of the new flat.",
    "Rang 01632 960111, no answer; left a message.",
    "Meet by the library next time.",
)


@dataclass(frozen=True)
class File:
    """A file of the export: what it is called, how it is written, and its columns by our names."""

    name: str
    headers: Mapping[str, str]
    encoding: str = "utf-8"
    delimiter: str = ","


CONTACT_HEADERS = {
    "contact_id": "Activity ref",
    "enrolment_id": "Enrolment ref",
    "contact_date": "Date",
    "channel": "Channel",
    "attended": "Attended",
    "group_session": "Group",
    "minutes": "Minutes",
    "caseworker_id": "Worker",
    "recorded_at": "Recorded at",
}
SUPPORT_HEADERS = {
    "enrolment_id": "Enrolment ref",
    "support": "Service",
    "provider": "Provider",
    "start_date": "Date",
    "end_date": "Until",
}
FILES = {
    "clients": File(
        "clients.csv",
        {
            "client_id": "Client ref",
            "birth_date": "Date of birth",
            "gender": "Gender",
            "ethnicity": "Ethnic origin",
            "need_score": "Need score",
            "area": "Area",
            "housing_at_intake": "Housing at intake",
        },
        encoding="cp1252",
        delimiter=";",
    ),
    "enrolments": File(
        "enrolments.csv",
        {
            "enrolment_id": "Enrolment ref",
            "client_id": "Client ref",
            "programme": "Programme",
            "organisation": "Delivered by",
            "site": "Site",
            "referral_source": "Referred by",
            "referral_date": "Referral date",
            "eligible": "Eligible",
            "decision": "Decision",
            "decline_reason": "Reason declined",
            "start_date": "Start date",
            "end_date": "End date",
            "exit_reason": "Exit reason",
            "end_recorded_at": "Closed on system",
        },
    ),
    "activity": File(
        "activity.csv", {**CONTACT_HEADERS, **SUPPORT_HEADERS, "start_date": "Date", "type": "Type"}
    ),
    "outcomes": File(
        "outcomes.csv",
        {
            "enrolment_id": "Enrolment ref",
            "outcome": "Outcome",
            "outcome_date": "Date",
            "status": "Achieved",
            "recorded_at": "Recorded at",
            "evidenced": "Evidence seen",
        },
        encoding="utf-8-sig",
    ),
    "assessments": File(
        "assessments.csv",
        {
            "enrolment_id": "Enrolment ref",
            "scale": "Scale",
            "assessment_date": "Date",
            "score": "Score",
            "recorded_at": "Recorded at",
        },
    ),
    "assignments": File(
        "case_holders.csv",
        {
            "enrolment_id": "Enrolment ref",
            "caseworker_id": "Worker",
            "start_date": "From",
            "end_date": "To",
        },
    ),
    "staff": File(
        "staff.csv",
        {
            "caseworker_id": "Worker",
            "login": "Login",
            "team": "Team",
            "manager_id": "Manager",
            "hours_per_week": "Hours a week",
            "start_date": "From",
            "end_date": "To",
        },
    ),
    "absences": File(
        "absences.csv",
        {"caseworker_id": "Worker", "start_date": "From", "end_date": "To", "kind": "Kind"},
    ),
    "needs": File(
        "needs.csv",
        {
            "enrolment_id": "Enrolment ref",
            "need": "Need",
            "identified_date": "Identified",
            "resolved_date": "Resolved",
        },
    ),
    "actions": File(
        "action_plans.csv",
        {
            "enrolment_id": "Enrolment ref",
            "need": "Need",
            "action": "Action",
            "planned_support": "Planned service",
            "created_date": "Created",
            "due_date": "Due",
            "revised_date": "New due date",
            "done_date": "Done",
        },
    ),
    "consents": File(
        "consents.csv",
        {
            "client_id": "Client ref",
            "purpose": "Purpose",
            "given_date": "Given",
            "withdrawn_date": "Withdrawn",
        },
    ),
    "populations": File(
        "populations.csv",
        {"group": "Group", "count": "People", "period": "Year", "source": "Source"},
    ),
    "targets": File(
        "targets.csv",
        {"measure": "Measure", "value": "Target", "start_date": "From", "end_date": "To"},
    ),
    "changes": File(
        "changes.csv",
        {
            "change_date": "Date",
            "description": "What changed",
            "measure": "Measure",
            "expected": "Expected",
            "prompted_by": "Prompted by",
        },
    ),
}


def exported(tables: Mapping[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """The files of the export as tables of text, by key of `FILES`, still without flaws."""
    frames = {
        name: as_text(tables[name]).rename(columns=dict(file.headers))
        for name, file in FILES.items()
        if name in tables
    }
    frames["activity"] = activity(Dice(seed, "notes"), tables["contacts"], tables["supports"])
    private = particulars(Dice(seed, "particulars"), tables["clients"])
    frames["clients"] = pd.concat([frames["clients"], private], axis=1)
    workers = frames["staff"]["Worker"]
    frames["staff"].insert(1, "Name", "Worker " + workers.str[1:] + " Example")
    frames["staff"]["E-mail"] = workers.str.lower() + "@example.org"
    return frames


def activity(dice: Dice, contacts: pd.DataFrame, supports: pd.DataFrame) -> pd.DataFrame:
    """Contacts and services in one file, as the system keeps them, in the order of their date."""
    when = pd.concat([contacts["contact_date"], supports["start_date"]], ignore_index=True)
    order = np.argsort(when.to_numpy(), kind="stable")
    meetings = as_text(contacts).rename(columns=CONTACT_HEADERS).assign(Type="Contact")
    services = as_text(supports).rename(columns=SUPPORT_HEADERS).assign(Type="Service")
    frame = pd.concat([meetings, services], ignore_index=True).fillna("")
    frame = frame.iloc[order].reset_index(drop=True)
    frame.insert(0, "Activity ref", "A" + (frame.index + 1).astype(str).str.zfill(7))
    noted = dice.chance(0.02, len(frame)) & (frame["Type"] == "Contact").to_numpy()
    frame["Notes"] = np.where(noted, dice.pick(CONTACT_NOTES, len(frame)), "")
    first = ["Activity ref", "Enrolment ref", "Type", "Date"]
    return frame[[*first, *frame.columns.drop(first)]]


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Every column as the system prints it; what is missing is blank."""
    return pd.DataFrame({name: _text(table[name]) for name in table.columns})


def write_file(folder: Path, file: File, frame: pd.DataFrame) -> Path:
    """Write one file of the export; the same text gives the same bytes everywhere."""
    path = folder / file.name
    frame.to_csv(
        path, index=False, sep=file.delimiter, encoding=file.encoding, lineterminator="\r\n"
    )
    return path


def _text(column: pd.Series) -> np.ndarray:
    """Each distinct value is printed once; missing ones have the code -1, the last place."""
    codes, values = pd.factorize(column)
    codebook = CODES.get(str(column.name), {})
    moment = column.name in MOMENTS
    printed = [codebook.get(text, text) for text in (_printed(each, moment) for each in values)]
    return np.array([*printed, ""], dtype=object)[codes]


def _printed(value: Any, moment: bool) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "Y" if value else "N"
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return f"{pd.Timestamp(value):{'%d/%m/%Y %H:%M' if moment else '%d/%m/%Y'}}"
    if isinstance(value, (float, np.floating)):
        return f"{value:g}"
    return str(value)
