"""Survival figures that others have published."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.analyses import cohorts

# Gehan (1965), as printed in Kalbfleisch and Prentice (1980), p. 1: weeks in remission.
MERCAPTOPURINE = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_gehan_leukaemia_trial() -> None:
    found = cohorts.survival(
        MERCAPTOPURINE + PLACEBO,
        RELAPSED + [1] * len(PLACEBO),
        by=["6-MP"] * len(MERCAPTOPURINE) + ["placebo"] * len(PLACEBO),
    )
    treated = found.table[found.table["by"] == "6-MP"]
    assert treated["time"].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert treated["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    published = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    np.testing.assert_allclose(treated["survival"], published, atol=5e-5)
    assert found.logrank is not None
    assert found.logrank.chi2 == pytest.approx(16.79294, abs=1e-5)
    assert found.logrank.p == pytest.approx(4.17e-5, rel=1e-2)


def test_gehan_interval_on_the_log_log_scale() -> None:
    # R: summary(survfit(Surv(time, cens) ~ treat, gehan, conf.type = "log-log"))
    table = cohorts.survival(MERCAPTOPURINE, RELAPSED).table.set_index("time")
    np.testing.assert_allclose(table.loc[6, ["lower", "upper"]], [0.620, 0.952], atol=1e-3)
    np.testing.assert_allclose(table.loc[23, ["lower", "upper"]], [0.188, 0.680], atol=1e-3)


def test_open_university_registrations() -> None:
    registered = _registered()
    left = registered["date_unregistration"].notna()
    length = registered["module_presentation_length"]
    days = registered["date_unregistration"].fillna(length).clip(upper=length)
    found = cohorts.survival(days, left, by=registered["disability"])
    pooled = cohorts.survival(days, left).table.set_index("time")
    assert (len(registered), pooled["events"].sum()) == (29_496, 6_975)
    published = {28: 0.933618, 56: 0.899173, 112: 0.845267, 240: 0.763722}
    for day, survival in published.items():
        assert pooled.loc[:day, "survival"].iloc[-1] == pytest.approx(survival, abs=1e-6)
    assert found.logrank is not None
    assert found.logrank.chi2 == pytest.approx(115.321245, abs=1e-6)


def _registered() -> pd.DataFrame:
    """Registrations still standing after day 0, one row each."""
    place = os.environ.get("WORKBENCH_DATA")
    if not place:
        pytest.skip("WORKBENCH_DATA is not set: the Open University data are not here")
    folder = Path(place) / "oulad"
    presentation = ["code_module", "code_presentation"]
    frame = (
        pd.read_csv(folder / "studentInfo.csv.gz")
        .merge(pd.read_csv(folder / "studentRegistration.csv.gz"), on=[*presentation, "id_student"])
        .merge(pd.read_csv(folder / "courses.csv.gz"), on=presentation)
    )
    return frame[~(frame["date_unregistration"] <= 0)]
