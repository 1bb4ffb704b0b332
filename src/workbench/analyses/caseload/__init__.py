"""The cases of one caseworker, and of one team: whom to see next, what is due, how it goes.

`cases`, `overdue`, `to_fix` are about people, for the caseworker who holds them; every `*_table` is
about a team and protected. `attributed` leaves in a workspace what happened while its own workers
held the case.
"""

from workbench.analyses.caseload.holding import attributed
from workbench.analyses.caseload.listing import cases, glance, overdue, short_days, summary, to_fix
from workbench.analyses.caseload.moving import flow_table, handovers_table
from workbench.analyses.caseload.team import (
    RECENT_DAYS,
    exceptions_table,
    team_summary,
    timeliness_table,
    workers_table,
)
from workbench.analyses.caseload.trend import Trend, flow, trend

__all__ = [
    "RECENT_DAYS",
    "Trend",
    "attributed",
    "cases",
    "exceptions_table",
    "flow",
    "flow_table",
    "glance",
    "handovers_table",
    "overdue",
    "short_days",
    "summary",
    "team_summary",
    "timeliness_table",
    "to_fix",
    "trend",
    "workers_table",
]
