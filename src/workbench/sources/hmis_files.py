"""The files of an HMIS export: found by name, headers matched by normalised name, all text."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import ibis
from ibis.expr.types import DateColumn, StringColumn, Table

from workbench.errors import DataError

VERSIONS = ("2024", "2026")
_ALWAYS = ("DateCreated", "DateDeleted", "UserID", "ExportID")
NEEDED = {  # without these an export cannot be read
    "Export": ("ExportDate", "ExportEndDate"),
    "Client": ("PersonalID",),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    "Exit": ("EnrollmentID", "ExitDate", "Destination"),
    "Project": ("ProjectID", "ProjectName"),
    "Services": ("ServicesID", "EnrollmentID", "DateProvided", "RecordType"),
}
WELCOME = {  # used where they are there
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
