"""Charts of protected tables: each takes a tidy table, says what columns it reads, and draws it.

Importing this sets the house style and makes charts show themselves as an interactive chart, a
drawing and a description (`style.show`), in notebooks and on code hosts, with the network off.
"""

from workbench.charts.balance import balance
from workbench.charts.curves import incidence, lags, survival
from workbench.charts.dose import dose_response, histogram
from workbench.charts.flows import flows
from workbench.charts.forecast import forecast
from workbench.charts.funnel import funnel
from workbench.charts.heat import completeness, heat, retention
from workbench.charts.rows import bars, change, stages
from workbench.charts.signals import signal, signals
from workbench.charts.small import small, smalls
from workbench.charts.states import states
from workbench.charts.style import COLOURS, NARROW, WIDE, draw, further_known

__all__ = [
    "COLOURS",
    "NARROW",
    "WIDE",
    "balance",
    "bars",
    "change",
    "completeness",
    "dose_response",
    "draw",
    "flows",
    "forecast",
    "funnel",
    "further_known",
    "heat",
    "histogram",
    "incidence",
    "lags",
    "retention",
    "signal",
    "signals",
    "small",
    "smalls",
    "stages",
    "states",
    "survival",
]
