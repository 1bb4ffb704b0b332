"""What was known about each enrolment, by a day of its stay or as of a date."""

from workbench.exposures.activity import ACTIVITY, activity
from workbench.exposures.stays import (
    ACHIEVED,
    AGAIN,
    EARLY,
    GONE,
    TOO_NEW,
    Landmark,
    at_landmark,
    case_mix,
    contacts_per_week,
    first_contact_days,
    first_holder,
    stays,
    support_days,
)

__all__ = [
    "ACHIEVED",
    "ACTIVITY",
    "AGAIN",
    "EARLY",
    "GONE",
    "TOO_NEW",
    "Landmark",
    "activity",
    "at_landmark",
    "case_mix",
    "contacts_per_week",
    "first_contact_days",
    "first_holder",
    "stays",
    "support_days",
]
