"""How far the records can be trusted: what came in, how complete, how late, what looks odd."""

from workbench.analyses.quality.changes import changes_since_table
from workbench.analyses.quality.files import completeness_table, loss_details_table, loss_table
from workbench.analyses.quality.fixes import fix_first_caseload, fix_first_table, unit
from workbench.analyses.quality.lateness import lag_curve_table, lag_table
from workbench.analyses.quality.patterns import patterns_table

__all__ = [
    "changes_since_table",
    "completeness_table",
    "fix_first_caseload",
    "fix_first_table",
    "lag_curve_table",
    "lag_table",
    "loss_details_table",
    "loss_table",
    "patterns_table",
    "unit",
]
