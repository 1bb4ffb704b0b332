"""The order and timing of supports, where people are week by week, and when contacts are missed."""

from workbench.analyses.journeys.incidence import CumulativeIncidence, cumulative_incidence
from workbench.analyses.journeys.landmark import early_or_late
from workbench.analyses.journeys.missed import (
    missed_by_hour_table,
    missed_table,
    missed_told,
    missed_why_not,
)
from workbench.analyses.journeys.paths import network_table, paths_table, paths_told
from workbench.analyses.journeys.rates import EventRates, event_rates
from workbench.analyses.journeys.result import EarlyOrLate, LogRank
from workbench.analyses.journeys.states import states_table, states_told
from workbench.analyses.journeys.timing import Timing, timing, why_not
from workbench.analyses.journeys.timing_tables import (
    difference_table,
    incidence_table,
    rates_table,
    timing_table,
)

__all__ = [
    "CumulativeIncidence",
    "EarlyOrLate",
    "EventRates",
    "LogRank",
    "Timing",
    "cumulative_incidence",
    "difference_table",
    "early_or_late",
    "event_rates",
    "incidence_table",
    "missed_by_hour_table",
    "missed_table",
    "missed_told",
    "missed_why_not",
    "network_table",
    "paths_table",
    "paths_told",
    "rates_table",
    "states_table",
    "states_told",
    "timing",
    "timing_table",
    "why_not",
]
