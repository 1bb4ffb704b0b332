"""Units side by side: do teams, sites, organisations or programmes differ by more than chance?

For units that may be shown to each other, in alphabetical order; never for workers.
"""

from workbench.analyses.units.counting import GROUPINGS, MEASURES, Cases, Window, groupings, read
from workbench.analyses.units.finding import Question, Units, find
from workbench.analyses.units.tables import Counted, counted, counts_table

__all__ = [
    "GROUPINGS",
    "MEASURES",
    "Cases",
    "Counted",
    "Question",
    "Units",
    "Window",
    "counted",
    "counts_table",
    "find",
    "groupings",
    "read",
]
