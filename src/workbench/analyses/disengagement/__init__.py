"""Who is drifting away: whom to call first, and why."""

from workbench.analyses.disengagement.caseload import caseload, possible
from workbench.analyses.disengagement.checking import (
    calibration_table,
    dates_table,
    fairness_table,
    found_table,
    reached_table,
    stayed_anyway,
    told,
)
from workbench.analyses.disengagement.evaluating import Evaluation
from workbench.analyses.disengagement.fitting import fit_frame
from workbench.analyses.disengagement.guards import LeakageError
from workbench.analyses.disengagement.model import Model, load, save
from workbench.analyses.disengagement.showing import (
    ages_table,
    bands_table,
    card_table,
    drift_table,
    terms_table,
)
from workbench.analyses.disengagement.study import Study, fit, study

__all__ = [
    "Evaluation",
    "LeakageError",
    "Model",
    "Study",
    "ages_table",
    "bands_table",
    "calibration_table",
    "card_table",
    "caseload",
    "dates_table",
    "drift_table",
    "fairness_table",
    "fit",
    "fit_frame",
    "found_table",
    "load",
    "possible",
    "reached_table",
    "save",
    "stayed_anyway",
    "study",
    "terms_table",
    "told",
]
