"""What is planted in the synthetic charity: its dates, its people, its effects and their sizes."""

from dataclasses import dataclass

import numpy as np

FIRST_DAY = np.datetime64("2023-06-01")
LAST_PERIOD = "2025-11"
EXPORT_DAY = np.datetime64("2025-12-12")
DAYS = int((EXPORT_DAY - FIRST_DAY).astype(int))
"""The export's own day, counted from the first day; nothing recorded later is in it."""

PROGRAMMES = ("Settled Homes", "Fresh Start", "Steady Ground")
TEAMS = ("North", "South", "West")
ORGANISATIONS = {"North": "Harbour Trust", "South": "Harbour Trust", "West": "Millbrook Aid"}
SITES = {"North": "Castle Street", "South": "Dockside", "West": "Mill House"}
AREAS = ("Northside", "Southside", "Westway")

NEEDS = ("housing", "mental health", "debt", "substance use", "family")
SUPPORT_FOR = {
    "housing": "residential support",
    "mental health": "mental health support",
    "debt": "debt advice",
    "substance use": "recovery group",
    "family": "family mediation",
}

# --- who leaves, when, and how it is written down
REVIEW_DAYS = (90, 170)
"""The success outcome is looked at between these days after the start."""
HORIZON_DAYS = 180
EXPOSURE_WEEKS = 12
LEAVER, SUCCESSOR, HANDOVER = 9, 11, np.datetime64("2024-09-02")
"""One caseworker leaves, another takes over the caseload (positions in the staff list)."""
SLOW_WORKER = 1
LAG = {0: 0, 0.6: 0, 0.8: 1.5, 0.9: 3.5, 0.96: 6, 0.99: 12, 1: 30}
SLOW_LAG = {0: 1, 0.5: 9, 0.9: 25, 1: 45}
EXIT_LAG = {0: 0, 0.4: 4, 0.8: 14, 1: 45}
"""Days between an event and its record, by quantile: contacts, one slow worker's, exits."""

# --- severity: a need score of 1 to 5 at intake drives both how often and how well
NEED_SHARES = (0.16, 0.22, 0.26, 0.20, 0.16)
CONTACT_BY_NEED = (0.65, 0.82, 1.0, 1.18, 1.35)
SUCCESS_BY_NEED = (0.20, 0.10, 0.0, -0.10, -0.20)
CONTACTS_PER_WEEK = {0: 0.3, 0.2: 1.1, 0.5: 2.6, 0.8: 5.0, 1: 7.5}
"""Contacts offered per week by quantile, before the need score."""

# --- truth 1: success by contacts offered per week in weeks 1 to 12, at a need score of 3
PEAK = 2.5
SUCCESS_BY_CONTACT = {0.0: 0.12, 0.5: 0.25, PEAK: 0.75, 6.0: 0.33, 8.0: 0.20}
SUCCESS_OTHERWISE = {0.0: 0.48, 8.0: 0.48}

# --- truth 2: arrests after early mental-health support
EARLY_BY_DAY = 56
EARLY_SUPPORT, LATE_SUPPORT = 0.42, 0.22
ARRESTS_PER_YEAR = 1.4
ARRESTS_BY_NEED = (0.7, 0.85, 1.0, 1.15, 1.3)
ARREST_RATIO = 0.35
"""Arrests per day from the start of early support, against none by then."""

# --- truth 3: chance per working day of being lost, by the gap since the last kept contact
#     in multiples of the client's own usual gap
LOST_BY_GAP = {0.0: 0.0001, 2.5: 0.0003, 4.0: 0.015, 7.0: 0.05, 400.0: 0.05}
LOST_OTHERWISE = {0.0: 0.0026, 400.0: 0.0026}

# --- truth 4: attendance in one programme improves with the first logged change
CHANGED_PROGRAMME = "Fresh Start"
CHANGE_DAY = np.datetime64("2024-09-02")
ATTENDANCE = 0.80
ATTENDANCE_STEP = 0.12
NO_EFFECT_CHANGE_DAY = np.datetime64("2025-02-03")

# --- truth 5: one team records no contact from the first to the last of these days
SILENT_TEAM = "South"
SILENT_FROM, SILENT_TO = np.datetime64("2025-03-10"), np.datetime64("2025-03-23")

# --- truth 6: attendance on Fridays
FRIDAY_STEP = -0.12


@dataclass(frozen=True)
class Effects:
    """The planted effects in force; severity drives contact and outcome with or without them."""

    success_by_contact: dict[float, float]
    arrest_ratio: float
    lost_by_gap: dict[float, float]
    attendance_step: float
    friday_step: float


PLANTED = Effects(SUCCESS_BY_CONTACT, ARREST_RATIO, LOST_BY_GAP, ATTENDANCE_STEP, FRIDAY_STEP)
NOTHING_WORKS = Effects(SUCCESS_OTHERWISE, 1.0, LOST_OTHERWISE, 0.0, 0.0)
