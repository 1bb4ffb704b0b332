"""Charts of protected tables: each takes a tidy table, says what columns it reads, and draws it.

Importing this sets the house style and makes charts show themselves as an interactive chart, a
drawing and a description (`style.show`), in notebooks and on code hosts, with the network off.
"""

from workbench.charts.curves import lags, survival
from workbench.charts.heat import completeness, heat, retention
from workbench.charts.rows import bars, change, stages
from workbench.charts.signals import signal, signals
from workbench.charts.style import COLOURS, NARROW, WIDE, draw

__all__ = [
    "COLOURS",
    "NARROW",
    "WIDE",
    "bars",
    "change",
    "completeness",
    "draw",
    "heat",
    "lags",
    "retention",
    "signal",
    "signals",
    "stages",
    "survival",
]
