"""Capacity: the hours there are, the hours lost, and the clients that have to share them."""

from workbench.analyses.capacity.hours import why_not
from workbench.analyses.capacity.tables import ALL, months_table, stretch_table, year_table
from workbench.analyses.capacity.telling import (
    absence_sentence,
    moved_sentence,
    stretch_sentence,
    turnover_sentence,
)

__all__ = [
    "ALL",
    "absence_sentence",
    "months_table",
    "moved_sentence",
    "stretch_sentence",
    "stretch_table",
    "turnover_sentence",
    "why_not",
    "year_table",
]
