"""Who came, how far they came, who stayed, and who never took the service up."""

from workbench.analyses.cohorts.members import Engaged, members
from workbench.analyses.cohorts.retention import logrank_table, retention_table, survival_table
from workbench.analyses.cohorts.scales import scales_table
from workbench.analyses.cohorts.stages import never_started_table, stages_table
from workbench.analyses.cohorts.survival import LogRank, Survival, survival
from workbench.groups import attributes

__all__ = [
    "Engaged",
    "LogRank",
    "Survival",
    "attributes",
    "logrank_table",
    "members",
    "never_started_table",
    "retention_table",
    "scales_table",
    "stages_table",
    "survival",
    "survival_table",
]
