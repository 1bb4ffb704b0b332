"""How often to see people: whether some contact frequency goes with the best outcomes."""

from workbench.analyses.sweet_spot.finding import SweetSpot, find
from workbench.analyses.sweet_spot.groups import Groups, by_group, groups_table
from workbench.analyses.sweet_spot.study import Study, possible, shaded, study, verdict_table
from workbench.analyses.sweet_spot.tables import (
    bands_table,
    curve_table,
    dropped_table,
    histogram_table,
    tests_table,
)
from workbench.analyses.sweet_spot.telling import how_asked, registered, shortcut, told

__all__ = [
    "Groups",
    "Study",
    "SweetSpot",
    "bands_table",
    "by_group",
    "curve_table",
    "dropped_table",
    "find",
    "groups_table",
    "histogram_table",
    "how_asked",
    "possible",
    "registered",
    "shaded",
    "shortcut",
    "study",
    "tests_table",
    "told",
    "verdict_table",
]
