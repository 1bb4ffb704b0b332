"""What those who pay for a service, or deliver it for others, are told besides the measures.

Referrals and starts, outcomes claimed and evidenced, what one costs, what is to be expected, and an
organisation's own figures beside the rest. Everything returned is protected.
"""

from workbench.analyses.commission.beside import beside_table, quality_sentence, rest_sentence
from workbench.analyses.commission.claims import claims_sentence, claims_table, why_no_claims
from workbench.analyses.commission.costs import cost_table, costs_sentence, why_no_costs
from workbench.analyses.commission.forecasting import (
    Forecast,
    Prediction,
    dispersion,
    forecast,
    forecasts,
    predict,
)
from workbench.analyses.commission.frozen import frozen_table
from workbench.analyses.commission.steps import (
    stages,
    steps_sentence,
    steps_table,
    why_no_steps,
)
from workbench.analyses.commission.window import Window, window

__all__ = [
    "Forecast",
    "Prediction",
    "Window",
    "beside_table",
    "claims_sentence",
    "claims_table",
    "cost_table",
    "costs_sentence",
    "dispersion",
    "forecast",
    "forecasts",
    "frozen_table",
    "predict",
    "quality_sentence",
    "rest_sentence",
    "stages",
    "steps_sentence",
    "steps_table",
    "why_no_claims",
    "why_no_costs",
    "why_no_steps",
    "window",
]
