"""Learning: what became of signals and of changes, from report to report.

`signals_now` sets what is flagged beside what the last report recorded, `signals_table` shows it
with what people noted; `changes_table` reads before and after each logged change.
"""

from workbench.analyses.learning.interrupted import Effect, effect
from workbench.analyses.learning.logged import Change, changes, changes_table
from workbench.analyses.learning.remembered import signals_now, signals_table

__all__ = [
    "Change",
    "Effect",
    "changes",
    "changes_table",
    "effect",
    "signals_now",
    "signals_table",
]
