"""Signals: is this month different, or is it noise?

`xmr`, `p_chart`, `u_chart` and `c_chart` draw limits and read them by four rules; `run_chart` does
without limits and `plain` without judgement, `funnel` sets units side by side. `season`,
`interval_advised` and `changes_proposed` help to choose the right chart, `explain` and
`expected_by_chance` to read it.
"""

from workbench.analyses.signals.chance import expected_by_chance
from workbench.analyses.signals.changes import changes_proposed
from workbench.analyses.signals.charts import Chart, Phase, plain, xmr
from workbench.analyses.signals.counts import c_chart, interval_advised, p_chart, u_chart
from workbench.analyses.signals.explanation import Explanation, explain
from workbench.analyses.signals.finding import Finding
from workbench.analyses.signals.funnel import Funnel, funnel
from workbench.analyses.signals.overview import Overview, overview
from workbench.analyses.signals.questions import five_blocks, five_questions
from workbench.analyses.signals.runs import RunChart, run_chart
from workbench.analyses.signals.seasons import Season, season, year_on_year

__all__ = [
    "Chart",
    "Explanation",
    "Finding",
    "Funnel",
    "Overview",
    "Phase",
    "RunChart",
    "Season",
    "c_chart",
    "changes_proposed",
    "expected_by_chance",
    "explain",
    "five_blocks",
    "five_questions",
    "funnel",
    "interval_advised",
    "overview",
    "p_chart",
    "plain",
    "run_chart",
    "season",
    "u_chart",
    "xmr",
    "year_on_year",
]
